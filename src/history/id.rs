//! Names of customers, interactions and episodes: cheap to copy, checked once.

use std::borrow::Borrow;
use std::fmt;

use smol_str::SmolStr;

use super::error::HistoryError;

/// The most bytes an id may have.
const LONGEST: usize = 256;

/// Refuses text that cannot name anything.
pub(crate) fn check_name(what: &'static str, text: &str) -> Result<(), HistoryError> {
    let named = !text.is_empty() && text.len() <= LONGEST;
    if named && text.trim() == text && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(HistoryError::Identifier {
        what,
        longest: LONGEST,
        found: text.to_owned(),
    })
}

fn check(what: &'static str, text: &str) -> Result<SmolStr, HistoryError> {
    check_name(what, text).map(|()| SmolStr::new(text))
}

macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $what:literal) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(SmolStr);

        impl $name {
            #[doc = concat!("Checks the text of a ", $what, ".")]
            ///
            /// # Errors
            ///
            /// [`HistoryError::Identifier`] if the text is empty, longer than 256 bytes, holds a
            /// control character, or begins or ends with white space.
            pub fn new(text: impl AsRef<str>) -> Result<Self, HistoryError> {
                check($what, text.as_ref()).map(Self)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?})", stringify!($name), &*self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = HistoryError;

            fn from_str(text: &str) -> Result<Self, HistoryError> {
                Self::new(text)
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                struct Text;

                impl serde::de::Visitor<'_> for Text {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!("the text of a ", $what))
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        $name::new(text).map_err(E::custom)
                    }
                }

                d.deserialize_str(Text)
            }
        }
    };
}

id! {
    /// Names one customer; the same everywhere the customer is met.
    ///
    /// Any text of 1 to 256 bytes without control characters or surrounding white space. Nothing
    /// is trimmed: `"a"` and `"a "` would silently become one customer.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::history::CustomerId;
    ///
    /// assert_eq!(CustomerId::new("c-17")?.as_str().len(), 4);
    /// assert!(CustomerId::new(" c-17").is_err());
    /// # Ok::<(), guanxi::history::HistoryError>(())
    /// ```
    CustomerId, "customer id"
}

id! {
    /// Names one interaction, so that it counts once however often it is delivered.
    ///
    /// It also breaks ties: interactions of one instant stand in the order of their ids.
    InteractionId, "interaction id"
}

id! {
    /// Names an episode: the interactions that share it are one journey (客户旅程).
    EpisodeId, "episode id"
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn an_id_is_refused_when_it_could_not_be_told_from_another() {
        let long = "x".repeat(257);
        for text in ["", " ", "a ", "\ta", "a\nb", "\u{3000}a", &long] {
            assert_eq!(
                CustomerId::new(text),
                Err(HistoryError::Identifier {
                    what: "customer id",
                    longest: 256,
                    found: text.to_owned(),
                })
            );
        }
        assert!(InteractionId::new("x".repeat(256)).is_ok());
        assert!(EpisodeId::new("旅程 1").is_ok());
    }

    #[test]
    fn the_message_shows_what_came() {
        let error = CustomerId::new("a\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "customer id must be 1 to 256 bytes of text without control characters or surrounding \
             white space, got \"a\\n\""
        );
    }

    #[test]
    fn a_map_by_id_is_read_by_text() {
        let map = BTreeMap::from([(CustomerId::new("a").unwrap(), 1)]);
        assert_eq!(map.get("a"), Some(&1));
        assert_eq!("a".parse::<CustomerId>(), CustomerId::new("a"));
    }
}
