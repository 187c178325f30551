//! Why an example could not do its job, in one line.

use std::fmt;
use std::io;

/// What was wrong, where, and what was expected instead.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A file, a cell or an option is not as it must be.
    Unexpected {
        /// Where: a file, its line and column, or an option.
        place: String,
        /// What would have been right.
        expected: String,
        /// What came.
        found: String,
    },
    /// The library refused, in its own words.
    Refused {
        /// Where: a file, its line and column, or an option.
        place: String,
        /// What the library said.
        reason: String,
    },
    /// The answer could not be written.
    Output(io::Error),
}

impl Failure {
    /// Something else was expected.
    pub(crate) fn unexpected(
        place: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Unexpected {
            place: place.into(),
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// The library refused.
    pub(crate) fn refused(place: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self::Refused {
            place: place.into(),
            reason: reason.to_string(),
        }
    }

    /// The exit status: 2 for bad input, 1 where the answer could not be written.
    pub(crate) fn status(&self) -> u8 {
        match self {
            Self::Unexpected { .. } | Self::Refused { .. } => 2,
            Self::Output(_) => 1,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = match self {
            Self::Unexpected {
                place,
                expected,
                found,
            } => format!("{place}: expected {expected}, got {found}"),
            Self::Refused { place, reason } => format!("{place}: {reason}"),
            Self::Output(error) => format!("the answer could not be written: {error}"),
        };
        // One line, whatever a file is called.
        for c in line.chars() {
            if c.is_control() {
                write!(f, "{}", c.escape_default())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        Ok(())
    }
}

/// A cell or an argument as a message shows it: quoted, and not longer than a line holds.
pub(crate) fn quoted(text: &[u8]) -> String {
    /// The most characters that are shown.
    const SHOWN: usize = 60;
    let text = String::from_utf8_lossy(text);
    if text.chars().count() > SHOWN {
        let start: String = text.chars().take(SHOWN).collect();
        format!("{start:?}…")
    } else {
        format!("{text:?}")
    }
}
