//! Why indices cannot be brought together.

use super::FrameId;
use crate::quantity::QuantityError;

/// Why indices, or a name of their frame, were refused.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::FrameId;
///
/// let message = match "today".parse::<FrameId>() {
///     Ok(_) => String::new(),
///     Err(error) => error.to_string(),
/// };
/// assert_eq!(message, "frame id must be 16 hexadecimal digits in lower case, got \"today\"");
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// Indices of different reference frames met in one operation.
    #[error("indices must refer to one reference frame: expected {expected}, got {found}")]
    Mismatch {
        /// The frame of the left-hand side.
        expected: FrameId,
        /// The frame that came.
        found: FrameId,
    },
    /// A text is not the id of a frame.
    #[error("frame id must be 16 hexadecimal digits in lower case, got {found:?}")]
    Id {
        /// The text that came.
        found: String,
    },
    /// A number left its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}
