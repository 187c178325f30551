//! One error for callers who use every stage.

use crate::dimension::FrameError;
use crate::dimension::{CalibrationError, DimensionError};
use crate::history::HistoryError;
use crate::metric::MetricError;
use crate::model::{
    AnswersError, ChoiceError, ComparisonError, CovariateError, FitError, HoldoutError,
    MigrationError, ModelError, ParameterError, RegularityError, TimeVaryingError, TrackingError,
};
use crate::perceived::{DriverError, PerceivedError};
use crate::quantity::QuantityError;
use crate::relationship::RelationshipError;
use crate::scorer::ScoreError;
use crate::segment::SegmentError;
use crate::summary::{ColumnError, SummaryError};
use crate::tier::{InvestmentError, TierError};

/// Any error of the crate, for `?` across its stages. Each function returns its own stage's error;
/// only this one knows them all.
///
/// # Examples
///
/// ```
/// use guanxi::Error;
/// use guanxi::quantity::{DiscountRate, TimeUnit};
/// use guanxi::summary::RfmSummary;
///
/// fn read(x: u32, t_x: f64, age: f64, rate: f64) -> Result<(RfmSummary, DiscountRate), Error> {
///     Ok((RfmSummary::new(TimeUnit::Week, x, t_x, age)?, DiscountRate::annual(rate)?))
/// }
///
/// assert!(matches!(read(1, 40.0, 39.0, 0.1), Err(Error::Summary(_))));
/// assert!(matches!(read(1, 30.0, 39.0, -0.1), Err(Error::Quantity(_))));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A number, amount or unit out of its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// An interaction that cannot have happened.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// A history that cannot be reduced.
    #[error(transparent)]
    Summary(#[from] SummaryError),
    /// Columns of customers that cannot be read, filled or joined.
    #[error(transparent)]
    Column(#[from] ColumnError),
    /// Numbers that a measure has no value for.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// Numbers that are no parameters of a model.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// Covariates that fit no sample, design or model.
    #[error(transparent)]
    Covariate(#[from] CovariateError),
    /// Covariates that change with time, and do not cover what is asked.
    #[error(transparent)]
    TimeVarying(#[from] TimeVaryingError),
    /// Numbers that are no migration of customers.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// Gaps that tell no regularity.
    #[error(transparent)]
    Regularity(#[from] RegularityError),
    /// Models that cannot be compared.
    #[error(transparent)]
    Comparison(#[from] ComparisonError),
    /// Customers that no model can be chosen for.
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    /// A model that cannot be held against what happened.
    #[error(transparent)]
    Holdout(#[from] HoldoutError),
    /// A model that cannot be tracked.
    #[error(transparent)]
    Tracking(#[from] TrackingError),
    /// A fit that cannot be repeated on other customers.
    #[cfg(feature = "simulate")]
    #[error(transparent)]
    Bootstrap(#[from] crate::model::BootstrapError),
    /// Data that a model cannot be fitted to.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// An answer that a model does not have.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A question about many customers that has no answer.
    #[error(transparent)]
    Answers(#[from] AnswersError),
    /// Rules or evidence that a dimension cannot be judged by.
    #[error(transparent)]
    Dimension(#[from] DimensionError),
    /// Answers that an instrument cannot be calibrated by.
    #[error(transparent)]
    Calibration(#[from] CalibrationError),
    /// A customer who cannot be scored.
    #[error(transparent)]
    Score(#[from] ScoreError),
    /// Indices that refer to different populations.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// Dimensions that cannot be composed, or weights that are none.
    #[error(transparent)]
    Relationship(#[from] RelationshipError),
    /// Answers that tell no drivers or paths.
    #[error(transparent)]
    Driver(#[from] DriverError),
    /// A rung, an investment or a migration between rungs that cannot be judged.
    #[error(transparent)]
    Investment(#[from] InvestmentError),
    /// Customers who cannot be put into segments, or rules that make none.
    #[error(transparent)]
    Segment(#[from] SegmentError),
    /// A relationship that cannot be placed on the ladder.
    #[error(transparent)]
    Tier(#[from] TierError),
    /// Rules or numbers that perceived value cannot be judged by.
    #[error(transparent)]
    Perceived(#[from] PerceivedError),
}
