//! JSON objects whose keys keep their order.

use serde_json::{Map, Value};

/// A number, written as an integer if it is a whole one that JSON readers keep exactly.
pub(crate) fn number(value: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        #[allow(clippy::cast_possible_truncation, reason = "a whole number below 2⁵³")]
        let whole = value as i64;
        return Value::from(whole);
    }
    Value::from(value)
}

/// An object of these pairs.
pub(crate) fn object<K: Into<String>>(pairs: impl IntoIterator<Item = (K, Value)>) -> Value {
    let pairs = pairs.into_iter().map(|(key, value)| (key.into(), value));
    Value::Object(pairs.collect::<Map<_, _>>())
}
