//! Why customers could not be put into segments.

use crate::history::CustomerId;
use crate::quantity::{Currency, QuantityError};
use crate::scorer::ScoreError;

use super::Region;

/// Why a segmentation was refused, or could not be taken of a population.
///
/// # Examples
///
/// ```
/// use guanxi::segment::ScoreCuts;
///
/// let refused = ScoreCuts::of(&[], 5).unwrap_err();
/// assert_eq!(refused.to_string(), "cut points need at least 1 customer, got 0");
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SegmentError {
    /// A number lies outside its range.
    #[error("{quantity} must be {expected}, got {found:?}")]
    Domain {
        /// What the number stands for.
        quantity: &'static str,
        /// The range it must lie in.
        expected: &'static str,
        /// What came.
        found: f64,
    },
    /// Too few customers to learn from.
    #[error("{what} need at least {needed} {of}, got {found}")]
    NotIdentified {
        /// What was to be learned.
        what: &'static str,
        /// The fewest it can be learned from.
        needed: usize,
        /// Of what.
        of: &'static str,
        /// How many there were.
        found: usize,
    },
    /// Customers of one population are in two currencies.
    #[error("customers must be in one currency: expected {expected}, got {found} of {customer}")]
    Currency {
        /// Whose amounts are in another one.
        customer: CustomerId,
        /// The currency of those before.
        expected: Currency,
        /// The currency that came.
        found: Currency,
    },
    /// Something that must be named once was named again.
    #[error("{what} must be named once, got {found:?} again")]
    NamedTwice {
        /// What it is.
        what: &'static str,
        /// The name that came twice.
        found: String,
    },
    /// A name that is blank, or that nothing has.
    #[error("{what} must have a name, and one that is known, got {found:?}")]
    NotNamed {
        /// What it is.
        what: &'static str,
        /// The name that came.
        found: String,
    },
    /// A rule names an attribute that was not declared, or asks it what it cannot answer.
    #[error("rule {rule:?}: attribute {attribute:?} must be {expected}, got {found}")]
    Condition {
        /// The rule.
        rule: String,
        /// The attribute it names.
        attribute: String,
        /// What the condition may be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// A customer has a value that the attribute cannot have.
    #[error("{expected}, got {found} of attribute {attribute:?}")]
    Value {
        /// The attribute.
        attribute: String,
        /// What it can be.
        expected: Region,
        /// What came.
        found: String,
    },
    /// Two rules claim the same customers.
    #[error("rules must not overlap: {first:?} and {second:?} both hold where {region}")]
    Overlap {
        /// The first rule.
        first: String,
        /// The second.
        second: String,
        /// Where both hold.
        region: Region,
    },
    /// No rule claims some customers.
    #[error("rules must cover everybody: none holds where {region}")]
    Uncovered {
        /// Where none holds.
        region: Region,
    },
    /// The rules cut the attributes into more regions than can be checked.
    #[error("rules may leave at most {limit} regions to check, got more after rule {rule:?}")]
    TooFine {
        /// The most that are looked at.
        limit: usize,
        /// The rule at which there were more.
        rule: String,
    },
    /// A frame whose content is not what its id says.
    #[error("a frame must have the content of its id {expected}, got that of {found}")]
    Content {
        /// The id that was stored.
        expected: crate::quantity::PolicyId,
        /// The id of what was stored with it.
        found: crate::quantity::PolicyId,
    },
    /// A customer of the population cannot be judged.
    #[error(transparent)]
    Score(#[from] ScoreError),
    /// A number outside the range of its quantity.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

/// A name that must not be blank.
pub(super) fn named(what: &'static str, name: &str) -> Result<(), SegmentError> {
    if name.trim().is_empty() {
        return Err(SegmentError::NotNamed {
            what,
            found: name.to_owned(),
        });
    }
    Ok(())
}

/// A number that must lie in a range; written so that NaN fails it.
pub(super) fn checked(
    quantity: &'static str,
    expected: &'static str,
    range: std::ops::RangeInclusive<f64>,
    found: f64,
) -> Result<f64, SegmentError> {
    if range.contains(&found) {
        Ok(found + 0.0)
    } else {
        Err(SegmentError::Domain {
            quantity,
            expected,
            found,
        })
    }
}
