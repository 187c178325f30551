//! What is written is read as it was, and what is wrong with it is refused.

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// A value is read from JSON as it was written.
#[track_caller]
pub fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).expect("can be written");
    let read: T = serde_json::from_str(&text).expect(&text);
    assert_eq!(&read, value, "{text}");
}

/// A value is refused with one part of it, by its JSON pointer, replaced.
#[track_caller]
pub fn refused<T: Serialize + DeserializeOwned + Debug>(value: &T, place: &str, change: &Value) {
    let mut stored = serde_json::to_value(value).expect("can be written");
    *stored.pointer_mut(place).expect(place) = change.clone();
    let read = serde_json::from_value::<T>(stored);
    assert!(read.is_err(), "{place} = {change}: {read:?}");
}

/// A value is refused with each of some changes, and with a field that it does not have.
#[track_caller]
pub fn each_refused<T: Serialize + DeserializeOwned + Debug>(value: &T, changes: &[(&str, Value)]) {
    for (place, change) in changes {
        refused(value, place, change);
    }
    if let Value::Object(mut fields) = serde_json::to_value(value).expect("can be written") {
        fields.insert("mood".to_owned(), json!(1));
        assert!(serde_json::from_value::<T>(Value::Object(fields)).is_err());
    }
}
