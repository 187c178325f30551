//! Numbers on the way in, for what is read into plain fields, and the refusal of what disagrees.

use serde::de::{Deserialize, Deserializer, Error as _};

use super::error::{FINITE, NON_NEGATIVE, checked};
use super::{Fraction, QuantityError};

/// Why numbers that are each valid are refused together.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum StoredError {
    /// Two parts of what was stored say different things.
    #[error("{what} must be {expected}, got {found}")]
    Disagree {
        /// What is wrong.
        what: &'static str,
        /// What the rest calls for.
        expected: String,
        /// What came.
        found: String,
    },
    /// A number outside its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

/// Refuses `found` unless it is `expected`.
pub(crate) fn agree<T: PartialEq + std::fmt::Debug>(
    what: &'static str,
    expected: &T,
    found: &T,
) -> Result<(), StoredError> {
    if expected == found {
        Ok(())
    } else {
        Err(StoredError::Disagree {
            what,
            expected: format!("{expected:?}"),
            found: format!("{found:?}"),
        })
    }
}

/// A number that must be finite.
pub(crate) fn finite(what: &'static str, number: f64) -> Result<f64, QuantityError> {
    checked(what, "a finite number", FINITE, number)
}

/// A number that must be finite and at or above 0.
pub(crate) fn not_negative(what: &'static str, number: f64) -> Result<f64, QuantityError> {
    checked(what, "a finite number at or above 0", NON_NEGATIVE, number)
}

/// A number that must be finite and above 0.
pub(crate) fn positive(what: &'static str, number: f64) -> Result<f64, QuantityError> {
    let range = f64::from_bits(1)..=f64::MAX;
    checked(what, "a finite number above 0", range, number)
}

/// A number that must lie between 0 and 1.
pub(crate) fn share(what: &'static str, number: f64) -> Result<f64, QuantityError> {
    checked(what, "between 0 and 1", 0.0..=1.0, number)
}

/// A number that is written as text, so that it is read back to the last bit whatever the format
/// does to binary fractions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Exact(pub(crate) f64);

impl serde::Serialize for Exact {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{:?}", self.0))
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Text;

        impl serde::de::Visitor<'_> for Text {
            type Value = Exact;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the text of a number, such as \"0.1\"")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Exact, E> {
                text.parse().map(Exact).map_err(E::custom)
            }
        }

        from.deserialize_str(Text)
    }
}

/// Reads a finite number.
pub(crate) fn read_finite<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    finite("number", f64::deserialize(d)?).map_err(D::Error::custom)
}

/// Reads a finite number at or above 0.
pub(crate) fn read_not_negative<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    not_negative("number", f64::deserialize(d)?).map_err(D::Error::custom)
}

/// Reads a number between 0 and 1.
pub(crate) fn read_fraction<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    Fraction::deserialize(d).map(f64::from)
}

/// A shared text, written as a text.
pub(crate) mod shared_text {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(text: &Arc<str>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(text)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<str>, D::Error> {
        String::deserialize(from).map(Arc::from)
    }
}

/// A shared text that may be missing.
pub(crate) mod shared_text_or_none {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[allow(clippy::ref_option, reason = "serde hands over the field as it is")]
    pub(crate) fn serialize<S: Serializer>(
        text: &Option<Arc<str>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        text.as_deref().serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Arc<str>>, D::Error> {
        Ok(Option::<String>::deserialize(from)?.map(Arc::from))
    }
}
