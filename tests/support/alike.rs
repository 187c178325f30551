//! Comparison of whole states, field by field, through what they are written as.

use serde::Serialize;
use serde_json::{Number, Value};

/// Below this a difference is rounding, whatever it is a difference of: sums of terms that cancel
/// have no digits of their own.
const FLOOR: f64 = 1e-11;

/// Where two values differ by more than 1e-9 relative in a number with a fraction, or at all in
/// anything else; `None` if nowhere.
pub fn difference(ours: &impl Serialize, theirs: &impl Serialize) -> Option<String> {
    let ours = serde_json::to_value(ours).expect("can be written");
    let theirs = serde_json::to_value(theirs).expect("can be written");
    differ("", &ours, &theirs)
}

fn differ(place: &str, ours: &Value, theirs: &Value) -> Option<String> {
    let same = match (ours, theirs) {
        (Value::Number(a), Value::Number(b)) => close(a, b),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            return pairs.find_map(|(n, (a, b))| differ(&format!("{place}/{n}"), a, b));
        }
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
            return a.iter().find_map(|(key, a)| {
                differ(
                    &format!("{place}/{key}"),
                    a,
                    b.get(key).unwrap_or(&Value::Null),
                )
            });
        }
        _ => ours == theirs,
    };
    (!same).then(|| format!("{place}: {ours} and {theirs}"))
}

fn close(a: &Number, b: &Number) -> bool {
    if !(a.is_f64() || b.is_f64()) {
        return a == b;
    }
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= FLOOR + 1e-9 * a.abs().max(b.abs()),
        _ => false,
    }
}
