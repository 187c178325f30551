//! Measures that need no fitted model (指标), one a file.

mod concentration;

pub use concentration::{CurvePoint, gini, herfindahl, top_share, whale_curve};

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
}
