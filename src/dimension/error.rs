//! Why a dimension could not be judged, or a policy for it made.

use chrono::{DateTime, Utc};

use crate::quantity::QuantityError;

/// Why a policy of a dimension was refused, or a judgement by it.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::EmotionalPolicy;
///
/// let message = match EmotionalPolicy::default().with_prior_mean(-2.0) {
///     Ok(_) => String::new(),
///     Err(error) => error.to_string(),
/// };
/// assert_eq!(message, "prior mean of feeling must be between -1 and 1, got -2.0");
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
    /// An instant before the last one that was taken in, where only the order of time makes sense.
    #[error("instants must come in the order of time: expected {last} or later, got {found}")]
    OutOfOrder {
        /// The last instant that was taken in.
        last: DateTime<Utc>,
        /// What came.
        found: DateTime<Utc>,
    },
    /// A checked quantity refused a number.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}
