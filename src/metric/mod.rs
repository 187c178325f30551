//! Measures that need no fitted model (指标), one a file.

mod calibration;
mod concentration;
mod forecast;
mod journey;
mod paired;
mod probability;
mod ranking;
mod share;
mod survival;

pub use calibration::{Bins, CalibrationBin, calibration_bins};
pub use concentration::{CurvePoint, gini, herfindahl, top_share, whale_curve};
pub use forecast::ForecastScore;
pub use journey::{FunnelStep, JourneyFunnel};
pub use probability::ProbabilityScore;
pub use ranking::{RankedGroup, area_under_roc, captured_share, normalised_gini, ranked_groups};
pub use survival::{KaplanMeier, Observed, SurvivalStep};

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
}
