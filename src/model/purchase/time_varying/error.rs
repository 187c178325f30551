//! What can be wrong with covariates that change with time.

use chrono::{DateTime, Utc};

use crate::quantity::{QuantityError, TimeUnit};
use crate::summary::SummaryError;

use super::super::super::parameter::ParameterError;
use super::super::ModelError;

/// Why covariates over time, customers or questions about them were refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeVaryingError {
    /// A covariate without a name, or two of one name.
    #[error("each covariate needs a name of its own, got {found:?}")]
    Name {
        /// The name that came empty or twice.
        found: String,
    },
    /// No step at all, so that the covariates have no value at any time.
    #[error("covariates over time need at least one step, got none")]
    NoStep,
    /// Too few or too many values in a step.
    #[error("step {step} must have {expected} values, got {found}")]
    Count {
        /// Which step, counted from 1.
        step: usize,
        /// How many covariates there are.
        expected: usize,
        /// How many values were given.
        found: usize,
    },
    /// A value that is no number.
    #[error("covariate `{covariate}` of step {step} must be from -1e12 to 1e12, got {found}")]
    Value {
        /// The covariate.
        covariate: String,
        /// Which step, counted from 1.
        step: usize,
        /// What was given.
        found: f64,
    },
    /// Steps that do not follow each other.
    #[error("step {step} must begin at a number of {unit}s after {before}, got {found}")]
    Order {
        /// Which step, counted from 1.
        step: usize,
        /// Unit of the times.
        unit: TimeUnit,
        /// Where the step before begins, or the last one if the end does not follow.
        before: f64,
        /// What was given.
        found: f64,
    },
    /// Instants that do not follow each other.
    #[error("{what} {number} must be after {before}, got {found}")]
    InstantOrder {
        /// What the instants are of.
        what: &'static str,
        /// Which one, counted from 1.
        number: usize,
        /// The instant before.
        before: DateTime<Utc>,
        /// What was given.
        found: DateTime<Utc>,
    },
    /// A time at which the covariates are not known. They are never extended silently.
    #[error(
        "covariates{} must be known up to {needed} {unit}s after the first purchase, \
         got them from {from} to {until}",
        row.map(|row| format!(" of row {row}")).unwrap_or_default()
    )]
    Uncovered {
        /// Which row of the sample, counted from 1.
        row: Option<usize>,
        /// Unit of the times.
        unit: TimeUnit,
        /// The time in question.
        needed: f64,
        /// Where the covariates begin.
        from: f64,
        /// Where they end.
        until: f64,
    },
    /// An instant at which the covariates of a calendar are not known.
    #[error("covariates must be known at {needed}, got them from {from} until {}",
        until.map_or_else(|| "ever after".to_owned(), |until| until.to_string()))]
    UncoveredInstant {
        /// The instant in question.
        needed: DateTime<Utc>,
        /// Where the calendar begins.
        from: DateTime<Utc>,
        /// Where it ends, if it does.
        until: Option<DateTime<Utc>>,
    },
    /// A covariate that nobody has.
    #[error("there is no covariate `{covariate}`, got {}", known.join(", "))]
    Unknown {
        /// The covariate that was named.
        covariate: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A customer with other covariates than those before.
    #[error(
        "the covariates of row {row} must be those of the rows before, {}, got {}",
        expected.join(", "),
        found.join(", ")
    )]
    Names {
        /// Which row of the sample, counted from 1.
        row: usize,
        /// Names before.
        expected: Vec<String>,
        /// Names of this one.
        found: Vec<String>,
    },
    /// A covariate that acts twice on the same.
    #[error("covariate `{covariate}` may act once on each of purchase and dropout, got it twice")]
    DuplicateEffect {
        /// The covariate.
        covariate: String,
    },
    /// Covariates of dropout in a model without dropout.
    #[error("nobody drops out in {model}, got a covariate `{covariate}` of dropout")]
    NoDropout {
        /// The model.
        model: &'static str,
        /// The covariate.
        covariate: String,
    },
    /// A design without covariates: the plain model is meant.
    #[error("a model with time-varying covariates needs at least one, got none")]
    NoEffect,
    /// A covariate that does not change while it is observed has no effect that could be told.
    #[error(
        "covariate `{covariate}` must differ between customers or times, got one value for all"
    )]
    Constant {
        /// The covariate.
        covariate: String,
    },
    /// Effects that together speed up or slow down a clock beyond all reason.
    #[error(
        "the sum of effects times covariates on {on} must be from -100 to 100, \
         got {found} from {from} on"
    )]
    Predictor {
        /// Purchase or dropout.
        on: &'static str,
        /// From which time since the first purchase on.
        from: f64,
        /// The sum.
        found: f64,
    },
    /// A purchase at a time when none can be.
    #[error("purchase {number} must be {expected}, got {found}")]
    Purchase {
        /// Which repeat purchase, counted from 1.
        number: usize,
        /// What is accepted.
        expected: &'static str,
        /// What was given.
        found: f64,
    },
    /// Purchases that are not those of the summary.
    #[error("{what} must be {expected}, as the summary has it, got {found}")]
    Contradiction {
        /// What differs.
        what: &'static str,
        /// What the summary says.
        expected: f64,
        /// What was given.
        found: f64,
    },
    /// A builder's number out of range.
    #[error("{what} must be {expected}, got {found}")]
    Builder {
        /// Which number.
        what: &'static str,
        /// What is accepted.
        expected: &'static str,
        /// What was given.
        found: i64,
    },
    /// A parameter outside its range.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// An answer that is infinite.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A number outside its range, or in another unit.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// Purchases that make no summary.
    #[error(transparent)]
    Summary(#[from] SummaryError),
    /// A customer who could not be simulated.
    #[cfg(feature = "simulate")]
    #[error(transparent)]
    Simulation(#[from] super::super::SimulationError),
}

impl TimeVaryingError {
    /// The same error, with the row of a table that it came from, counted from 1, where the error
    /// says one.
    #[must_use]
    pub fn in_row(mut self, number: usize) -> Self {
        if let Self::Uncovered { row, .. } = &mut self {
            *row = Some(number);
        }
        self
    }
}
