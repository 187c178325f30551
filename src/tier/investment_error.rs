//! Why no advice on a rung could be given.

use super::Tier;
use crate::history::CustomerId;
use crate::model::MigrationError;
use crate::quantity::{Money, QuantityError};
use crate::scorer::ScoreError;

/// Why the fitting rung, its net value, a concession or the migration between rungs could not be
/// computed.
///
/// # Examples
///
/// ```
/// use guanxi::tier::FittingPolicy;
///
/// let message = match FittingPolicy::default().with_least_need(1.5) {
///     Ok(_) => String::new(),
///     Err(error) => error.to_string(),
/// };
/// assert_eq!(message, "least mutual need must be between 0 and 1, got 1.5");
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvestmentError {
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
    /// Two numbers that must rise were given the other way round.
    #[error("{upper} must be at least {lower}, {least:?}, got {found:?}")]
    Order {
        /// What must not be lower.
        upper: &'static str,
        /// What it is held against.
        lower: &'static str,
        /// The value it is held against.
        least: f64,
        /// What came.
        found: f64,
    },
    /// A customer who alone contributes more than all together are stated to.
    #[error("a customer must contribute at most what all together do, {all} a year, got {own}")]
    Contribution {
        /// What the customer leaves a year.
        own: Money,
        /// What all together are stated to leave.
        all: Money,
    },
    /// A count beyond what counts may be.
    #[error("{what} must be at most {limit}, got {found}")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// The most.
        limit: u64,
        /// What came.
        found: u64,
    },
    /// A rung was needed, and "no transaction yet" is none.
    #[error("{what} needs a rung, transaction or higher, got {found}")]
    NoRung {
        /// What was asked for.
        what: &'static str,
        /// What came.
        found: Tier,
    },
    /// Too little data for an answer.
    #[error("{what} needs {needed}, got {found}")]
    NotIdentified {
        /// What was asked for.
        what: &'static str,
        /// The least that it takes.
        needed: &'static str,
        /// What there is.
        found: u64,
    },
    /// Tables of counts by periods of different length.
    #[error("counts must be of one period: expected {expected}, got {found}")]
    Periods {
        /// The period of the first.
        expected: crate::quantity::TimeUnit,
        /// What came.
        found: crate::quantity::TimeUnit,
    },
    /// A sum without end, or a ratio of nothing to nothing.
    #[error("{what} has no value: {why}")]
    Undefined {
        /// What was asked for.
        what: &'static str,
        /// Why there is none.
        why: &'static str,
    },
    /// A stored answer that its inputs do not lead to.
    #[error("{what} must be what the stored inputs lead to, got something else")]
    Disagrees {
        /// What was read.
        what: &'static str,
    },
    /// A chain of migration was refused.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// A checked quantity refused a number.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

impl InvestmentError {
    /// The same, of the customer whom a scorer judged.
    pub(super) fn of(self, customer: &CustomerId) -> ScoreError {
        match self {
            Self::Quantity(error) => ScoreError::Quantity(error),
            Self::Domain {
                quantity,
                expected,
                found,
            } => ScoreError::Quantity(QuantityError::Domain {
                quantity,
                expected,
                found,
            }),
            Self::Contribution { own, all } => ScoreError::Attribute {
                customer: customer.clone(),
                attribute: "contribution a year".to_owned(),
                expected: format!("must contribute at most what all together do, {all} a year"),
                found: own.to_string(),
            },
            // Nothing else comes of checked parts.
            _ => ScoreError::Inconsistent {
                customer: customer.clone(),
            },
        }
    }
}

/// The number itself, negative zero made zero, if it lies in the range; `NaN` never does.
pub(super) fn checked(
    quantity: &'static str,
    expected: &'static str,
    range: impl std::ops::RangeBounds<f64>,
    found: f64,
) -> Result<f64, InvestmentError> {
    if range.contains(&found) {
        Ok(found + 0.0)
    } else {
        Err(InvestmentError::Domain {
            quantity,
            expected,
            found,
        })
    }
}

/// A number from 0 to 1.
pub(super) fn share(quantity: &'static str, found: f64) -> Result<f64, InvestmentError> {
    checked(quantity, "between 0 and 1", 0.0..=1.0, found)
}

/// A probability that a rule asks for: above 0, as a chance of nothing is always reached.
pub(super) fn certainty(quantity: &'static str, found: f64) -> Result<f64, InvestmentError> {
    checked(
        quantity,
        "above 0 and at most 1",
        f64::MIN_POSITIVE..=1.0,
        found,
    )
}
