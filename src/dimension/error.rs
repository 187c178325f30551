//! Why a dimension could not be judged.

use chrono::{DateTime, Utc};

use crate::quantity::QuantityError;
use crate::summary::{SummaryError, TrustDirection};

/// Why a dimension could not be judged, or a policy of one was refused.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::InformationPolicy;
///
/// let refused = InformationPolicy::default().with_prior_strength(0.0).unwrap_err();
/// assert_eq!(
///     refused.to_string(),
///     "strength of the category prior must be between 1e-6 and 1e12, got 0.0"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DimensionError {
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
    /// Something that must be stated once was stated again.
    #[error("{what} must be stated once, got {found:?} again")]
    StatedTwice {
        /// What it is.
        what: &'static str,
        /// Which one came twice.
        found: String,
    },
    /// Trust of the customer met trust of the firm.
    #[error("trust must be of one direction: expected {}, got {}", expected.name(), found.name())]
    Directions {
        /// The direction of the left-hand side.
        expected: TrustDirection,
        /// The direction that came.
        found: TrustDirection,
    },
    /// Too little to learn from.
    #[error("learning needs {needed} {what}, got {found}")]
    NotIdentified {
        /// What there is too little of.
        what: &'static str,
        /// The least that is accepted.
        needed: usize,
        /// How much there is.
        found: usize,
    },
    /// A search that did not settle.
    #[error("the search for {what} did not settle within {iterations} steps")]
    NotSettled {
        /// What was sought.
        what: &'static str,
        /// Steps after which it gave up.
        iterations: u32,
    },
    /// An instant before the last one that was taken in, where only the order of time makes sense.
    #[error("instants must come in the order of time: expected {last} or later, got {found}")]
    OutOfOrder {
        /// The last instant that was taken in.
        last: DateTime<Utc>,
        /// What came.
        found: DateTime<Utc>,
    },
    /// Nothing came where something is needed.
    #[error("needed {expected}, got none")]
    Empty {
        /// What there must be.
        expected: &'static str,
    },
    /// Rows of a table differ in length.
    #[error("{what} must have {expected} numbers, got {found}")]
    Shape {
        /// Which row.
        what: &'static str,
        /// How many it must have.
        expected: usize,
        /// How many came.
        found: usize,
    },
    /// Evidence of another instant than the one it is judged as of.
    #[error("{what} must be as of {expected}, got the state as of {found}")]
    AsOf {
        /// Which evidence.
        what: &'static str,
        /// The instant that was asked for.
        expected: DateTime<Utc>,
        /// The instant of the evidence.
        found: DateTime<Utc>,
    },
    /// What is known of a customer makes no summary.
    #[error(transparent)]
    Summary(#[from] SummaryError),
    /// A checked quantity refused a number.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

/// The number itself if it lies in the range; `NaN` never does.
pub(super) fn checked(
    quantity: &'static str,
    expected: &'static str,
    range: impl std::ops::RangeBounds<f64>,
    found: f64,
) -> Result<f64, DimensionError> {
    if range.contains(&found) {
        Ok(found + 0.0) // −0 + 0 is +0; every other number stays
    } else {
        Err(DimensionError::Domain {
            quantity,
            expected,
            found,
        })
    }
}
