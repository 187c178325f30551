//! Reading an instant, with an error that says how one is written.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// An instant as it is written.
pub(super) const INSTANT: &str = r#""2024-03-01T00:00:00Z""#;

/// An instant, as chrono writes it.
struct Instant(DateTime<Utc>);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Instant;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an instant such as {INSTANT}")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Instant, E> {
                let instant = text.parse().map(Instant);
                instant.map_err(|_| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
        }

        from.deserialize_str(Text)
    }
}

/// Reads an instant.
pub(super) fn read<'de, D: Deserializer<'de>>(from: D) -> Result<DateTime<Utc>, D::Error> {
    Instant::deserialize(from).map(|instant| instant.0)
}

/// Reads an instant that may be missing.
pub(super) fn read_or_none<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<DateTime<Utc>>, D::Error> {
    let instant = Option::<Instant>::deserialize(from)?;
    Ok(instant.map(|instant| instant.0))
}
