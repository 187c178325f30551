//! Why a dimension could not be judged, or its rules were refused.

use crate::quantity::QuantityError;
use crate::summary::TrustDirection;

/// Why a dimension could not be judged, or its rules were refused.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::TrustPolicy;
///
/// let refused = TrustPolicy::default().with_negativity(0.5).unwrap_err();
/// assert_eq!(
///     refused.to_string(),
///     "negativity of trust must be between 1 and 1000, got 0.5"
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
    /// Something that must be stated once was stated again.
    #[error("{what} must be stated once, got {found:?} again")]
    StatedTwice {
        /// What it is.
        what: &'static str,
        /// Which one came twice.
        found: String,
    },
    /// A checked quantity refused a number.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

/// The number itself if it lies in the range, with negative zero made zero; `NaN` never does.
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
