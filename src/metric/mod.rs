//! Measures that need no fitted model (指标), one a file.
//!
//! # Two ways to each
//!
//! A measure of the working day (satisfaction, retention, response, spread) is had from counts or
//! values, and from the interactions of a log over a [`Window`], as of an instant and as known then.
//! A log that cannot tell says so: [`MetricError::NotInLog`] names what it would need, and
//! [`Measure::supported`] lists what it can tell.
//!
//! | measure | interval | change |
//! |---|---|---|
//! | [`Nps`] | adjusted Wald, plain Wald, Dirichlet | two-sample *z* |
//! | [`Csat`] and every [`Share`]: [`ContractHistory`], [`repurchase_rate`], [`referral_rate`] | Wilson | Newcombe |
//! | [`Ces`] and every [`SampleMean`]: [`stated_share_of_wallet`], [`PricePremium`] | Student | Welch |
//! | [`share_of_wallet`], [`stickiness`] ([`SampleRatio`]) | Student, of customers | |
//! | [`CohortTriangle`] | Wilson in each cell, `None` where not observable yet | |
//! | [`KaplanMeier`] | Greenwood on the log–log scale | |
//! | [`gini_estimate`], [`herfindahl_estimate`], [`top_share_estimate`] | jackknife | |
//! | [`Percentiles`], [`response_minutes`] | order statistics, of any distribution | |
//! | [`Diversity`], [`channel_diversity`] | Hutcheson | Hutcheson |
//! | [`CostTrend`] | Student, of the slope | its *p* |
//! | [`CoderAgreement`] | Fleiss, Cohen & Everitt | |
//!
//! The level of every interval is an argument; .95 is usual. What a report may show of small groups
//! is for [`SmallGroups`] to say.

mod calibration;
mod change;
mod cohort;
mod concentration;
mod contracts;
mod cost_trend;
mod csat;
mod diversity;
mod forecast;
mod infer;
mod jackknife;
mod journey;
mod kappa;
mod mean;
mod measure;
mod nps;
mod of_summaries;
mod paired;
mod percentile;
mod premium;
mod probability;
mod ranking;
mod rate;
mod ratio;
mod referral;
mod repurchase;
mod share;
mod stickiness;
mod suppression;
mod survival;
mod wallet;
mod window;

pub use calibration::{Bins, CalibrationBin, calibration_bins};
pub use change::Change;
pub use cohort::CohortTriangle;
pub use concentration::{
    CurvePoint, gini, gini_unbiased, herfindahl, lorenz_curve, top_share, whale_curve,
};
pub use contracts::ContractHistory;
pub use cost_trend::CostTrend;
pub use csat::{Ces, Csat};
pub use diversity::{Diversity, channel_diversity};
pub use forecast::ForecastScore;
pub use jackknife::{gini_estimate, herfindahl_estimate, top_share_estimate};
pub use journey::{FunnelStep, JourneyFunnel};
pub use kappa::{CoderAgreement, coder_agreement};
pub use mean::SampleMean;
pub use measure::Measure;
pub use nps::{Nps, NpsMethod};
pub use of_summaries::OfSummaries;
pub use percentile::{Percentile, Percentiles, response_minutes};
pub use premium::PricePremium;
pub use probability::ProbabilityScore;
pub use ranking::{RankedGroup, area_under_roc, captured_share, normalised_gini, ranked_groups};
pub use ratio::SampleRatio;
pub use referral::{referral_rate, referral_rate_of_summaries};
pub use repurchase::{repurchase_rate, repurchase_rate_of_summaries};
pub use share::Share;
pub use stickiness::{stickiness, stickiness_by_customer};
pub use suppression::{Reported, ReportedTable, SmallGroups};
pub use survival::{KaplanMeier, Observed, SurvivalStep};
pub use wallet::{share_of_wallet, stated_share_of_wallet};
pub use window::{Answers, Periods, Window};

use chrono::{DateTime, Utc};

use crate::quantity::QuantityError;

/// Why a measure has no value for these numbers.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MetricError {
    /// No numbers at all.
    #[error("{metric} needs at least one value, got none")]
    Empty {
        /// The measure.
        metric: &'static str,
    },
    /// A number, or their sum, lies outside the range of the measure.
    #[error("{metric} needs {expected}, got {found}")]
    Domain {
        /// The measure.
        metric: &'static str,
        /// What it accepts.
        expected: &'static str,
        /// What came.
        found: f64,
    },
    /// Two columns that belong together differ in length.
    #[error("{metric} needs as many outcomes as forecasts: expected {expected}, got {found}")]
    Length {
        /// The measure.
        metric: &'static str,
        /// How many forecasts there are.
        expected: usize,
        /// How many outcomes came.
        found: usize,
    },
    /// A table whose rows are not as long as they must be.
    #[error("{metric} needs {expected} cells in row {row}, counted from 0, got {found}")]
    Shape {
        /// The measure.
        metric: &'static str,
        /// Place of the row, counted from 0.
        row: usize,
        /// How many cells it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// A row of the input lies outside the range of the measure.
    #[error("{metric} needs {field} to be {expected}, got {found} in row {row}, counted from 0")]
    Row {
        /// The measure.
        metric: &'static str,
        /// Place of the row in the input, counted from 0.
        row: usize,
        /// The field of the row.
        field: &'static str,
        /// What it accepts.
        expected: &'static str,
        /// What came.
        found: f64,
    },
    /// A question about a time for which nothing was observed.
    #[error("{metric} needs a time from {from} to {to}, got {found}")]
    Time {
        /// The measure.
        metric: &'static str,
        /// The earliest time it answers for.
        from: f64,
        /// The latest.
        to: f64,
        /// What came.
        found: f64,
    },
    /// Everybody seen so far had left when others entered later.
    #[error(
        "{metric} needs somebody who is observed on past each time until the last, got nobody past \
         {time} while others enter later; count those who enter later from their entry, on their own"
    )]
    Gap {
        /// The measure.
        metric: &'static str,
        /// The time past which nobody was observed.
        time: f64,
    },
    /// Forecasts of 0 or 1 did not come true: their score is infinite.
    #[error("{metric} needs forecasts of 0 and 1 to come true, got {wrong} that did not")]
    CertainButWrong {
        /// The measure.
        metric: &'static str,
        /// How many there are.
        wrong: u64,
    },
    /// The log holds nothing that the measure is of: it is unknown, not 0.
    #[error("{metric} is not in this log: it needs {needs}")]
    NotInLog {
        /// The measure.
        metric: &'static str,
        /// What the log would have to hold.
        needs: &'static str,
    },
    /// A window that ends before it begins.
    #[error("a window needs to start before it ends, got a start at {start} and an end at {end}")]
    Window {
        /// The instant before it.
        start: DateTime<Utc>,
        /// Its last instant.
        end: DateTime<Utc>,
    },
    /// A window in which no period is over, or too many.
    #[error("a window needs from 1 to 100000 periods that are over by its end, got {found}")]
    Periods {
        /// How many there are, as far as they were counted.
        found: usize,
    },
    /// More than the measure takes.
    #[error("{metric} takes at most {limit} {what}, got {found}")]
    TooMany {
        /// The measure.
        metric: &'static str,
        /// What is counted.
        what: &'static str,
        /// The most it takes.
        limit: u64,
        /// How many came.
        found: u64,
    },
    /// Amounts that cannot be added.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}
