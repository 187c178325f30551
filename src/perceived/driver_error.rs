//! Why answers allow no analysis of drivers or paths.

use crate::quantity::QuantityError;

/// Why answers, correlations or a diagram cannot be analysed. Rows are counted from 0.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DriverError {
    /// Nothing where something is needed.
    #[error("{what} must not be empty")]
    Empty {
        /// What has nothing in it.
        what: &'static str,
    },
    /// Two columns, or two answers to one question, of the same name.
    #[error("{what} must have different names, got {name:?} twice")]
    Repeated {
        /// What must differ.
        what: &'static str,
        /// The name that came twice.
        name: String,
    },
    /// A name that nothing has.
    #[error("{what} must be one of {known:?}, got {found:?}")]
    Unknown {
        /// What was named.
        what: &'static str,
        /// The names there are.
        known: Vec<String>,
        /// The name that came.
        found: String,
    },
    /// A row that is longer or shorter than there are columns.
    #[error("row {row} must have one answer a column: expected {expected}, got {found}")]
    Length {
        /// Place of the row.
        row: usize,
        /// How many columns there are.
        expected: usize,
        /// How many answers came.
        found: usize,
    },
    /// An answer that is no number; one that is missing is `None`.
    #[error("answer of {column:?} in row {row} must be a finite number, got {found}")]
    NotFinite {
        /// The column.
        column: String,
        /// Place of the row.
        row: usize,
        /// What came.
        found: f64,
    },
    /// A number outside its range.
    #[error("{quantity} of {name:?} must be {expected}, got {found}")]
    Domain {
        /// Which number.
        quantity: &'static str,
        /// Whose.
        name: String,
        /// What it may be.
        expected: &'static str,
        /// What came.
        found: f64,
    },
    /// Too few respondents who answered everything that is asked for.
    #[error(
        "{what} needs {needed} respondents who answered all of it, got {found}; {left_out} more \
         left out an answer"
    )]
    TooFew {
        /// What was asked for.
        what: &'static str,
        /// The fewest.
        needed: usize,
        /// How many there are.
        found: usize,
        /// How many were left out for an answer they did not give.
        left_out: usize,
    },
    /// Correlations that come without the number of respondents that an interval rests on.
    #[error("{what} needs the number of respondents behind the correlations, got none")]
    NoRespondents {
        /// What was asked for.
        what: &'static str,
    },
    /// A column in which all answers are the same: nothing varies with it.
    #[error("answers of {column:?} must differ, got {found} from all {respondents} respondents")]
    Constant {
        /// The column.
        column: String,
        /// What all answered.
        found: f64,
        /// How many.
        respondents: usize,
    },
    /// A column that others determine, so that its part cannot be told from theirs.
    #[error(
        "{column:?} must not be a combination of {with:?}: the share of its variance that they do \
         not explain must be at least {limit:e}, got {found:e}"
    )]
    Collinear {
        /// The column.
        column: String,
        /// The columns that determine it.
        with: Vec<String>,
        /// The smallest share of variance of its own that is accepted.
        limit: f64,
        /// The share there is.
        found: f64,
    },
    /// More components than all orderings can be averaged over.
    #[error(
        "importance over all orderings is computed for at most {limit} components, got {found}: \
         each further one doubles the work; group components that mean the same"
    )]
    TooManyComponents {
        /// The most.
        limit: usize,
        /// How many came.
        found: usize,
    },
    /// A cell of a correlation matrix outside its range or unlike its mirror image.
    #[error("correlation of {row:?} and {column:?} must be {expected}, got {found}")]
    Correlation {
        /// The row.
        row: String,
        /// The column.
        column: String,
        /// What it may be.
        expected: &'static str,
        /// What came.
        found: f64,
    },
    /// Correlations that no quantities can have together.
    #[error("correlations must have no eigenvalue below 0, got {found:e}")]
    Indefinite {
        /// The smallest eigenvalue.
        found: f64,
    },
    /// Too few samples drawn for an interval of its level, or too many of them without an answer.
    #[error("an interval of level {level} needs {needed} replications, got {found} of {of}")]
    TooFewReplications {
        /// The level.
        level: f64,
        /// The fewest.
        needed: usize,
        /// How many had an answer.
        found: usize,
        /// How many were asked for.
        of: usize,
    },
    /// Arrows that lead back to where they began.
    #[error("a diagram must lead nowhere back to itself, got a circle through {through:?}")]
    Circle {
        /// The variables on it.
        through: Vec<String>,
    },
    /// An arrow that a diagram does not have.
    #[error("the diagram has no arrow from {from:?} to {to:?}")]
    NoArrow {
        /// Where it would begin.
        from: String,
        /// Where it would end.
        to: String,
    },
    /// A number left its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

/// A name to keep.
pub(super) fn owned(name: impl AsRef<str>) -> String {
    name.as_ref().to_owned()
}

/// Refuses a blank name and the second of two equal ones.
pub(super) fn check_names(what: &'static str, names: &[String]) -> Result<(), DriverError> {
    if names.is_empty() {
        return Err(DriverError::Empty { what });
    }
    for (place, name) in names.iter().enumerate() {
        if name.trim().is_empty() {
            return Err(DriverError::Empty { what: "a name" });
        }
        if names.iter().take(place).any(|other| other == name) {
            let name = name.clone();
            return Err(DriverError::Repeated { what, name });
        }
    }
    Ok(())
}

/// The place of a name.
pub(super) fn place_of(
    what: &'static str,
    names: &[String],
    name: &str,
) -> Result<usize, DriverError> {
    let place = names.iter().position(|known| known == name);
    place.ok_or_else(|| DriverError::Unknown {
        what,
        known: names.to_vec(),
        found: name.to_owned(),
    })
}
