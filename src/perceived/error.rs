//! Why what a customer perceives could not be judged.

use crate::quantity::QuantityError;

/// Why perceived value could not be computed, or rules of it were refused.
///
/// # Examples
///
/// ```
/// use guanxi::perceived::PerceivedValue;
///
/// let refused = PerceivedValue::certain(-1.0, 4.0).unwrap_err();
/// assert_eq!(refused.to_string(), "perceived benefit must be 0 or between 1e-80 and 1e80, got -1.0");
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PerceivedError {
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
    /// Weights of which none is above 0: what they weigh has no sum.
    #[error("{what} must have a sum above 0, got {found:?}")]
    NoWeight {
        /// Which weights.
        what: &'static str,
        /// Their sum.
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
    /// A name that nothing has.
    #[error("{what} must be one that was stated before, got {found:?}")]
    Unknown {
        /// What it should name.
        what: &'static str,
        /// The name that came.
        found: String,
    },
    /// Nothing came where something is needed.
    #[error("needed {expected}, got none")]
    Empty {
        /// What there must be.
        expected: &'static str,
    },
    /// A checked quantity refused a number.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

/// A name that must not be blank.
pub(super) fn named(expected: &'static str, name: &str) -> Result<(), PerceivedError> {
    if name.trim().is_empty() {
        return Err(PerceivedError::Empty { expected });
    }
    Ok(())
}

/// The number itself if it lies in the range; `NaN` never does.
pub(super) fn checked(
    quantity: &'static str,
    expected: &'static str,
    range: impl std::ops::RangeBounds<f64>,
    found: f64,
) -> Result<f64, PerceivedError> {
    if range.contains(&found) {
        Ok(found + 0.0) // −0 + 0 is +0; every other number stays
    } else {
        Err(PerceivedError::Domain {
            quantity,
            expected,
            found,
        })
    }
}
