//! Anything a record may hold, kept as it came.

use std::fmt;

use super::error::HistoryError;

/// A finite `f64`, so that what is kept verbatim can be compared and written down again.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct FiniteNumber(f64);

impl FiniteNumber {
    /// Checks a number.
    ///
    /// # Errors
    ///
    /// [`HistoryError::NotFinite`] if it is infinite or not a number.
    pub fn new(number: f64) -> Result<Self, HistoryError> {
        if number.is_finite() {
            Ok(Self(number))
        } else {
            Err(HistoryError::NotFinite { found: number })
        }
    }

    /// The number.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0
    }
}

/// The payload of an unknown kind, kept verbatim.
///
/// Whole numbers compare by their value, whichever of the two variants holds them, and maps by
/// their entries, in whatever order: a program in between may have sorted them.
#[derive(Debug, Clone)]
pub enum Value {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A whole number too large for [`Value::Integer`].
    Unsigned(u64),
    /// A number with a fraction.
    Float(FiniteNumber),
    /// Text.
    Text(String),
    /// Values in order.
    List(Vec<Value>),
    /// Named values, in the order they came.
    Map(Vec<(String, Value)>),
}

impl Value {
    fn whole(&self) -> Option<i128> {
        match *self {
            Self::Integer(number) => Some(number.into()),
            Self::Unsigned(number) => Some(number.into()),
            _ => None,
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            (Self::Map(a), Self::Map(b)) => a.len() == b.len() && by_name(a) == by_name(b),
            _ => self.whole().is_some() && self.whole() == other.whole(),
        }
    }
}

/// The entries of a map in the order of their names.
fn by_name(entries: &[(String, Value)]) -> Vec<&(String, Value)> {
    let mut entries: Vec<_> = entries.iter().collect();
    entries.sort_by_key(|(name, _)| name);
    entries
}

impl fmt::Display for FiniteNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(feature = "serde")]
mod serde_impls {
    use super::{FiniteNumber, Value};
    use serde::de::{Error, MapAccess, SeqAccess, Visitor};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::fmt;

    impl Serialize for FiniteNumber {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_f64(self.0)
        }
    }

    impl<'de> Deserialize<'de> for FiniteNumber {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Self::new(f64::deserialize(deserializer)?).map_err(Error::custom)
        }
    }

    impl Serialize for Value {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self {
                Self::Null => serializer.serialize_unit(),
                Self::Bool(value) => serializer.serialize_bool(*value),
                Self::Integer(value) => serializer.serialize_i64(*value),
                Self::Unsigned(value) => serializer.serialize_u64(*value),
                Self::Float(value) => value.serialize(serializer),
                Self::Text(value) => serializer.serialize_str(value),
                Self::List(values) => serializer.collect_seq(values),
                Self::Map(entries) => serializer.collect_map(entries.iter().map(|(k, v)| (k, v))),
            }
        }
    }

    struct AnyValue;

    impl<'de> Visitor<'de> for AnyValue {
        type Value = Value;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("null, a truth value, a finite number, text, a list or a map by text")
        }

        fn visit_unit<E: Error>(self) -> Result<Value, E> {
            Ok(Value::Null)
        }

        fn visit_none<E: Error>(self) -> Result<Value, E> {
            Ok(Value::Null)
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
            Value::deserialize(deserializer)
        }

        fn visit_newtype_struct<D: Deserializer<'de>>(
            self,
            deserializer: D,
        ) -> Result<Value, D::Error> {
            Value::deserialize(deserializer)
        }

        fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
            Ok(Value::Bool(value))
        }

        fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
            Ok(Value::Integer(value))
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
            Ok(i64::try_from(value).map_or(Value::Unsigned(value), Value::Integer))
        }

        fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
            FiniteNumber::new(value)
                .map(Value::Float)
                .map_err(E::custom)
        }

        fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
            Ok(Value::Text(value.to_owned()))
        }

        fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
            Ok(Value::Text(value))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
            let mut values = Vec::new();
            while let Some(value) = seq.next_element()? {
                values.push(value);
            }
            Ok(Value::List(values))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
            let mut entries = Vec::new();
            while let Some(entry) = map.next_entry()? {
                entries.push(entry);
            }
            Ok(Value::Map(entries))
        }
    }

    impl<'de> Deserialize<'de> for Value {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(AnyValue)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_compare_by_value() {
        assert_eq!(Value::Integer(5), Value::Unsigned(5));
        assert_ne!(Value::Integer(-1), Value::Unsigned(u64::MAX));
        assert_ne!(Value::Null, Value::Bool(false));
        assert_ne!(Value::Integer(5), Value::Text("5".to_owned()));
    }

    #[test]
    fn maps_compare_by_their_entries_in_any_order() {
        let map = |names: &[&str]| {
            let entry = |name: &&str| ((*name).to_owned(), Value::Text((*name).to_owned()));
            Value::Map(names.iter().map(entry).collect())
        };
        assert_eq!(map(&["b", "a"]), map(&["a", "b"]));
        assert_ne!(map(&["a"]), map(&["a", "b"]));
        assert_ne!(map(&["a", "c"]), map(&["a", "b"]));
    }

    #[test]
    fn only_finite_numbers_are_kept() {
        assert!(FiniteNumber::new(f64::NAN).is_err());
        assert_eq!(
            FiniteNumber::new(f64::INFINITY),
            Err(HistoryError::NotFinite {
                found: f64::INFINITY
            })
        );
        assert_eq!(FiniteNumber::new(1.5).unwrap().to_string(), "1.5");
    }
}
