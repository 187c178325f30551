//! Doubts about what is read.

use std::fmt::Display;

use crate::quantity::stored::StoredError;

/// Refuses what was stored unless it holds.
pub(super) fn holds(
    is_so: bool,
    what: &'static str,
    expected: &str,
    found: impl Display,
) -> Result<(), StoredError> {
    if is_so {
        return Ok(());
    }
    Err(StoredError::Disagree {
        what,
        expected: expected.to_owned(),
        found: found.to_string(),
    })
}
