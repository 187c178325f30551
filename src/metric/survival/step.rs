//! One step of a survival curve, and how sure it is.

use crate::metric::MetricError;
use crate::metric::infer::Level;
use crate::quantity::{Interval, Probability};

/// A time at which customers left.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "super::stored::RawStep", into = "super::stored::RawStep")
)]
pub struct SurvivalStep {
    pub(super) time: f64,
    pub(super) remaining: f64,
    pub(super) events: f64,
    pub(super) survival: f64,
    pub(super) standard_error: Option<f64>,
}

impl SurvivalStep {
    /// When they left.
    #[must_use]
    pub const fn time(&self) -> f64 {
        self.time
    }

    /// How many customers were there to leave at this time.
    #[must_use]
    pub fn at_risk(&self) -> f64 {
        self.remaining + self.events
    }

    /// How many left.
    #[must_use]
    pub const fn events(&self) -> f64 {
        self.events
    }

    /// How many were there and did not leave, those last seen at this very time included.
    #[must_use]
    pub const fn remaining(&self) -> f64 {
        self.remaining
    }

    /// The share of customers who stay beyond this time, from 0 to 1.
    #[must_use]
    pub const fn survival(&self) -> f64 {
        self.survival
    }

    /// Greenwood's standard error of the survival; `None` once nobody is left, where it has none.
    #[must_use]
    pub const fn standard_error(&self) -> Option<f64> {
        self.standard_error
    }

    /// The interval of the survival on the log–log scale, which never leaves 0 to 1; `None` once
    /// nobody is left, and where those who left are too few beside the others to tell the survival
    /// from 1.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1.
    pub fn interval(&self, level: Probability) -> Result<Option<Interval>, MetricError> {
        let at = Level::new("the interval of a survival", level)?;
        let survival = self.survival;
        let (Some(error), true) = (self.standard_error, 0.0 < survival && survival < 1.0) else {
            return Ok(None);
        };
        let ln = survival.ln();
        let reach = at.z() * (error / survival) / -ln;
        let lower = (ln * reach.exp()).exp().min(survival);
        let upper = (ln * (-reach).exp()).exp().max(survival);
        at.interval(lower, upper).map(Some)
    }
}
