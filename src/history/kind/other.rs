//! A kind this version does not know.

use super::Kind;
use crate::history::error::HistoryError;
use crate::history::value::Value;

/// An unknown kind with its payload, kept verbatim; it feeds nothing.
///
/// # Examples
///
/// ```
/// use guanxi::history::{Kind, OtherKind, Value};
///
/// let moved = Kind::from(OtherKind::new("moved_house", Value::Null)?);
/// assert_eq!(moved.name(), "moved_house");
/// assert_eq!(moved.number(), None);
/// assert!(OtherKind::new("purchase", Value::Null).is_err()); // that one is known
/// # Ok::<(), guanxi::history::HistoryError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct OtherKind {
    name: String,
    payload: Value,
}

impl OtherKind {
    /// A kind of another name than every known one.
    ///
    /// # Errors
    ///
    /// [`HistoryError::KnownKind`] if the name is one of [`Kind::ALL_NAMES`].
    pub fn new(name: impl Into<String>, payload: Value) -> Result<Self, HistoryError> {
        let name = name.into();
        match Kind::ALL_NAMES.into_iter().find(|known| *known == name) {
            Some(name) => Err(HistoryError::KnownKind { name }),
            None => Ok(Self { name, payload }),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whatever came with it.
    #[must_use]
    pub fn payload(&self) -> &Value {
        &self.payload
    }
}
