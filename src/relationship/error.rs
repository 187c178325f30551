//! Why dimensions could not be composed.

use chrono::{DateTime, Utc};

use super::Contradiction;
use crate::dimension::{Dimension, FrameError};
use crate::quantity::QuantityError;
use crate::scorer::ScoreError;
use crate::summary::SummaryError;

/// Why weights, a profile or a composition of dimensions were refused.
///
/// The message says what was wanted and what came instead.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::ByDimension;
/// use guanxi::relationship::Weights;
///
/// let shares = ByDimension { economic: 0.5, trust: 0.3, emotional: 0.2, information: 0.1 };
/// let message = match Weights::new(shares) {
///     Ok(_) => String::new(),
///     Err(error) => error.to_string(),
/// };
/// assert_eq!(message, "weights must sum to 1 within 1e-9, got 1.1");
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RelationshipError {
    /// Nothing is recorded of a customer.
    #[error("customer {customer:?} is not recorded")]
    UnknownCustomer {
        /// Who was asked about.
        customer: String,
    },
    /// A change from a later to an earlier instant.
    #[error("a change must end at {from} or later, got {to}")]
    Order {
        /// Where it begins.
        from: DateTime<Utc>,
        /// Where it was to end.
        to: DateTime<Utc>,
    },
    /// A change to an instant at which less was known.
    #[error("a change must end with what was known at {from} or later, got {to}")]
    Knowledge {
        /// What was known where it begins; the latest instant there is, if all that is recorded.
        from: DateTime<Utc>,
        /// What was to be known where it ends.
        to: DateTime<Utc>,
    },
    /// A least coverage that is no share.
    #[error("least coverage must be between 0 and 1, got {found:?}")]
    Coverage {
        /// The number that came.
        found: f64,
    },
    /// A level of an interval that is no level.
    #[error("level of an interval must be above 0 and below 1, got {found:?}")]
    Level {
        /// The number that came.
        found: f64,
    },
    /// A customer could not be judged.
    #[error(transparent)]
    Score(#[from] ScoreError),
    /// A customer's events could not be summarised.
    #[error(transparent)]
    Summary(#[from] SummaryError),
    /// A number that belongs to a dimension is outside its range.
    #[error("{quantity} of the {dimension} dimension must be {expected}, got {found:?}")]
    Domain {
        /// What the number is.
        quantity: &'static str,
        /// The dimension it belongs to.
        dimension: Dimension,
        /// The range it may have.
        expected: &'static str,
        /// The number that came.
        found: f64,
    },
    /// A number in a row of the input is outside its range.
    #[error("{quantity} in row {row}, counted from 0, must be {expected}, got {found:?}")]
    Row {
        /// What the number is.
        quantity: &'static str,
        /// Place of the row, counted from 0.
        row: usize,
        /// The range it may have.
        expected: &'static str,
        /// The number that came.
        found: f64,
    },
    /// Weights that are not shares of one whole.
    #[error("weights must sum to 1 within 1e-9, got {found:?}")]
    WeightSum {
        /// Their sum.
        found: f64,
    },
    /// Importances that are all 0, or too large to add.
    #[error("importances must have a finite sum above 0, got {found:?}")]
    ImportanceSum {
        /// Their sum.
        found: f64,
    },
    /// A dimension without a weight. No weight is not a weight of 0.
    #[error("each dimension needs a weight, got none for the {dimension} dimension")]
    MissingWeight {
        /// The dimension.
        dimension: Dimension,
    },
    /// A dimension with two weights.
    #[error("each dimension needs one weight, got two for the {dimension} dimension")]
    RepeatedWeight {
        /// The dimension.
        dimension: Dimension,
    },
    /// A correlation is outside its range, or differs from its mirror image.
    #[error("correlation of {row} with {column} must be {expected}, got {found:?}")]
    Correlation {
        /// The dimension of the row.
        row: Dimension,
        /// The dimension of the column.
        column: Dimension,
        /// What it may be.
        expected: &'static str,
        /// The number that came.
        found: f64,
    },
    /// Correlations that no four quantities have together.
    #[error("correlations must have no eigenvalue below 0, got {found:?}")]
    Indefinite {
        /// The smallest eigenvalue.
        found: f64,
    },
    /// A matrix of comparisons with too few or too many rows.
    #[error("comparisons in pairs need from 3 to 8 rows, got {found}")]
    ComparisonSize {
        /// How many came.
        found: usize,
    },
    /// A matrix of comparisons that is not square.
    #[error("row {row}, counted from 0, must hold {expected} comparisons, got {found}")]
    ComparisonRow {
        /// Place of the row, counted from 0.
        row: usize,
        /// How many rows there are.
        expected: usize,
        /// How many comparisons the row holds.
        found: usize,
    },
    /// A comparison is outside its scale, or is not the reciprocal of its mirror image.
    #[error("row {row} over row {column}, counted from 0, must be {expected}, got {found:?}")]
    Comparison {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
        /// What it may be.
        expected: &'static str,
        /// The number that came.
        found: f64,
    },
    /// As many comparisons as no matrix has above its diagonal.
    #[error("{rows} rows have {expected} comparisons above the diagonal, got {found}")]
    ComparisonCount {
        /// How many rows there are.
        rows: usize,
        /// How many comparisons they have.
        expected: usize,
        /// How many came.
        found: usize,
    },
    /// Comparisons that contradict each other too much to mean anything.
    #[error("consistency ratio must be at most {limit}, got {found:?}; {worst}")]
    Inconsistent {
        /// The ratio from which on comparisons are refused.
        limit: f64,
        /// The ratio of these.
        found: f64,
        /// The three that contradict each other most.
        worst: Contradiction,
    },
    /// Priorities of another number of things than there are dimensions.
    #[error("weights of the dimensions need 4 rows of comparisons, got {found}")]
    NotFour {
        /// How many rows there are.
        found: usize,
    },
    /// Too little data.
    #[error("{what} needs at least {needed} rows, got {found}")]
    TooFewRows {
        /// What was asked for.
        what: &'static str,
        /// The fewest.
        needed: usize,
        /// How many there are.
        found: usize,
    },
    /// Nobody to judge.
    #[error("{what} needs at least one {of}, got none")]
    Empty {
        /// What was asked for.
        what: &'static str,
        /// What is missing.
        of: &'static str,
    },
    /// Too much to hold.
    #[error("{what} may be at most {limit}, got {found}")]
    TooMany {
        /// What was asked for.
        what: &'static str,
        /// The most.
        limit: usize,
        /// How many it would be.
        found: usize,
    },
    /// Data for which the answer does not exist.
    #[error("{what} has no value: {why}")]
    Undefined {
        /// What was asked for.
        what: &'static str,
        /// Why there is none.
        why: &'static str,
    },
    /// A dimension that has the same value everywhere, or everywhere 0, and so tells nothing.
    #[error("{what} has no value: every index of the {dimension} dimension is {is}")]
    Uninformative {
        /// What was asked for.
        what: &'static str,
        /// What its indices are.
        is: &'static str,
        /// The dimension.
        dimension: Dimension,
    },
    /// Dimensions that move together, so that their weights cannot be told apart.
    #[error(
        "{what} needs dimensions that can be told apart: the correlations of their indices must \
         have no eigenvalue below {limit:e}, got {found:e}"
    )]
    NotIdentified {
        /// What was asked for.
        what: &'static str,
        /// The smallest eigenvalue that is accepted.
        limit: f64,
        /// The smallest eigenvalue there is.
        found: f64,
    },
    /// A number of folds that the rows cannot be divided into.
    #[error("folds must be from 2 to {rows}, the number of rows, got {found}")]
    Folds {
        /// The number of rows.
        rows: usize,
        /// The number that came.
        found: usize,
    },
    /// A function that gives no number for some profile.
    #[error("value of {of} must be a finite number, got {found:?}")]
    Value {
        /// Whose value it is.
        of: &'static str,
        /// What the function gave.
        found: f64,
    },
    /// Indices that refer to different populations.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A number left its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

/// The number itself, negative zero made zero, if it lies in the range; `NaN` never does.
pub(super) fn checked(
    quantity: &'static str,
    dimension: Dimension,
    expected: &'static str,
    range: impl std::ops::RangeBounds<f64>,
    found: f64,
) -> Result<f64, RelationshipError> {
    if range.contains(&found) {
        return Ok(found + 0.0); // −0 + 0 is +0; every other number stays
    }
    Err(RelationshipError::Domain {
        quantity,
        dimension,
        expected,
        found,
    })
}
