//! Why indices cannot be brought together.

use chrono::{DateTime, Utc};

use super::{Dimension, DimensionError, FrameId};
use crate::history::CustomerId;
use crate::quantity::{Currency, QuantityError};
use crate::scorer::ScoreError;

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
    /// A median value that no index can be made of.
    #[error("median of the positive values must be a finite number above 0, got {found:?}")]
    Median {
        /// The number that came.
        found: f64,
    },
    /// A frame without a median cannot say how a value compares.
    #[error("an economic index needs a frame with a median value, got frame {frame} without")]
    NoMedian {
        /// The frame.
        frame: FrameId,
    },
    /// A frame in which nobody was measured in a dimension has no percentiles.
    #[error("a percentile needs customers measured in the {dimension} dimension, got none")]
    Nobody {
        /// The dimension.
        dimension: Dimension,
    },
    /// The values of a population came in two currencies.
    #[error(
        "values of a frame must be in one currency: expected {expected}, got {found} from customer \
         {customer}"
    )]
    Currency {
        /// Whose value it was.
        customer: CustomerId,
        /// The currency of the first value, or of the model that gives values.
        expected: Currency,
        /// The currency that came.
        found: Currency,
    },
    /// A customer was summarised as of another instant than the frame is taken at.
    #[error("a frame taken at {expected} needs customers as of then, got {customer} as of {found}")]
    TakenAt {
        /// Whose summary it was.
        customer: CustomerId,
        /// The instant the frame was to be taken at.
        expected: DateTime<Utc>,
        /// The instant of the summary.
        found: DateTime<Utc>,
    },
    /// A stored frame that says something else than its id.
    #[error("a frame must have the content its id {expected} stands for, got that of {found}")]
    Content {
        /// The id it was stored with.
        expected: FrameId,
        /// The id of its content.
        found: FrameId,
    },
    /// A rule of the frame leads to no prior.
    #[error(transparent)]
    Dimension(#[from] DimensionError),
    /// A customer of the population could not be judged.
    #[error(transparent)]
    Score(#[from] ScoreError),
    /// A number left its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}
