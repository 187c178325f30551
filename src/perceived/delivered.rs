//! Delivered value (让渡价值): what is got less what is given up.
//!
//! - Kotler, *Marketing Management*: total customer value less total customer cost.
//! - Zeithaml (1988), "Consumer Perceptions of Price, Quality, and Value", *Journal of Marketing*
//!   52(3), 2–22, <https://doi.org/10.1177/002224298805200302>: an overall assessment of what is
//!   received and what is given.

use super::ratio::reach;
use super::{ByComponent, Component, ComponentWeights, PerceivedError};
use crate::numeric::special::logistic;
use crate::quantity::{Estimate, Interval, Probability};

/// Smallest and largest amount above 0: ratios and squares of such are finite.
const AMOUNTS: std::ops::RangeInclusive<f64> = 1e-80..=1e80;

/// An amount of benefit or sacrifice, or the sd of one.
pub(super) fn checked_amount(what: &'static str, found: f64) -> Result<f64, PerceivedError> {
    if found == 0.0 || AMOUNTS.contains(&found) {
        return Ok(found + 0.0); // no −0
    }
    Err(PerceivedError::Domain {
        quantity: what,
        expected: "0 or between 1e-80 and 1e80",
        found,
    })
}

/// What a customer perceives to get and to give up, on one scale: points or money.
///
/// From it come the net value `B − C` (Kotler), the [ratio](Self::ratio) `B/C` (Monroe) and the
/// share `B/(B + C)` from 0 to 1, which is the index of this crate: unlike the ratio it is bounded.
/// The errors of benefit and sacrifice are taken as independent.
///
/// # Examples
///
/// ```
/// use guanxi::perceived::{IntervalRule, PerceivedValue};
/// use guanxi::quantity::{Estimate, Probability};
///
/// let value = PerceivedValue::new(Estimate::new(6.9, 0.5, 4.0)?, Estimate::new(4.6, 0.4, 4.0)?)?;
/// assert!((value.net()?.mean() - 2.3).abs() < 1e-12);
/// assert!(value.share()?.is_some_and(|share| (share.mean() - 0.6).abs() < 1e-12));
/// let ratio = value.ratio_interval(Probability::NINETY_FIVE_PERCENT, IntervalRule::default())?;
/// let ratio = ratio.and_then(|interval| interval.interval()).ok_or("a sacrifice above 0")?;
/// assert!((ratio.lower() - 1.2016).abs() < 1e-4 && (ratio.upper() - 1.8726).abs() < 1e-4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawValue", into = "RawValue"))]
pub struct PerceivedValue {
    benefit: Estimate,
    sacrifice: Estimate,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "PerceivedValue", deny_unknown_fields)]
struct RawValue {
    benefit: Estimate,
    sacrifice: Estimate,
}

#[cfg(feature = "serde")]
impl TryFrom<RawValue> for PerceivedValue {
    type Error = PerceivedError;

    fn try_from(raw: RawValue) -> Result<Self, PerceivedError> {
        Self::new(raw.benefit, raw.sacrifice)
    }
}

#[cfg(feature = "serde")]
impl From<PerceivedValue> for RawValue {
    fn from(value: PerceivedValue) -> Self {
        Self {
            benefit: value.benefit,
            sacrifice: value.sacrifice,
        }
    }
}

impl PerceivedValue {
    /// Benefit and sacrifice with their uncertainty.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Domain`] unless means and standard deviations are 0 or between 1e-80 and
    /// 1e80.
    pub fn new(benefit: Estimate, sacrifice: Estimate) -> Result<Self, PerceivedError> {
        checked_amount("perceived benefit", benefit.mean())?;
        checked_amount("perceived sacrifice", sacrifice.mean())?;
        checked_amount("sd of the perceived benefit", benefit.sd())?;
        checked_amount("sd of the perceived sacrifice", sacrifice.sd())?;
        Ok(Self { benefit, sacrifice })
    }

    /// Benefit and sacrifice that are known for certain, such as amounts that were agreed.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Domain`] unless each is 0 or between 1e-80 and 1e80.
    pub fn certain(benefit: f64, sacrifice: f64) -> Result<Self, PerceivedError> {
        let benefit = checked_amount("perceived benefit", benefit)?;
        let sacrifice = checked_amount("perceived sacrifice", sacrifice)?;
        Self::new(
            Estimate::new(benefit, 0.0, 1.0)?,
            Estimate::new(sacrifice, 0.0, 1.0)?,
        )
    }

    /// `B = Σ wₖbₖ` and `C = Σ vₖcₖ` of the eight components, their errors independent.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Domain`] unless every component's mean and standard deviation, and both
    /// sums, are 0 or between 1e-80 and 1e80.
    pub fn of_components(
        components: &ByComponent<Estimate>,
        weights: &ComponentWeights,
    ) -> Result<Self, PerceivedError> {
        for (component, estimate) in components.iter() {
            let (mean, sd) = match component {
                Component::Benefit(_) => ("benefit", "sd of a benefit"),
                Component::Sacrifice(_) => ("sacrifice", "sd of a sacrifice"),
            };
            checked_amount(mean, estimate.mean())?;
            checked_amount(sd, estimate.sd())?;
        }
        let side = |benefits: bool| {
            let parts = components
                .iter()
                .filter(|(component, _)| component.is_benefit() == benefits)
                .map(|(component, estimate)| (weights.get(component), *estimate));
            weighted_sum(parts)
        };
        Self::new(side(true)?, side(false)?)
    }

    /// What is got.
    #[must_use]
    #[doc(alias = "B")]
    pub fn benefit(&self) -> Estimate {
        self.benefit
    }

    /// What is given up.
    #[must_use]
    #[doc(alias = "C")]
    pub fn sacrifice(&self) -> Estimate {
        self.sacrifice
    }

    /// Delivered value, `B − C` (让渡价值), in the unit of the scale.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Quantity`], which no valid value leads to.
    pub fn net(&self) -> Result<Estimate, PerceivedError> {
        Ok(Estimate::new(
            self.benefit.mean() - self.sacrifice.mean(),
            self.benefit.sd().hypot(self.sacrifice.sd()),
            self.n_eff(),
        )?)
    }

    /// The index `B/(B + C)`, from 0 to 1, one half where benefit and sacrifice are equal; `None`
    /// where both are 0.
    ///
    /// Its sd is by the delta method: `√((C·s_B)² + (B·s_C)²)/(B + C)²`. That the share is the index
    /// is our choice: it orders customers as the ratio does, and is bounded.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Quantity`], which no valid value leads to.
    pub fn share(&self) -> Result<Option<Estimate>, PerceivedError> {
        let (benefit, sacrifice) = (self.benefit.mean(), self.sacrifice.mean());
        let whole = benefit + sacrifice;
        if whole <= 0.0 {
            return Ok(None);
        }
        let (got, given) = (benefit / whole, sacrifice / whole);
        let sd = (given * (self.benefit.sd() / whole)).hypot(got * (self.sacrifice.sd() / whole));
        Ok(Some(Estimate::new(got, sd, self.n_eff())?))
    }

    /// The interval of the share that goes with the
    /// [log-normal interval](Self::log_normal_interval) of the ratio: `r/(1 + r)` of its ends, so
    /// always from 0 to 1; `None` where benefit or sacrifice is 0.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Quantity`] if the level is 0 or 1.
    pub fn share_interval(&self, level: Probability) -> Result<Option<Interval>, PerceivedError> {
        let z = reach(level)?;
        let (Some(ratio), Some(sd)) = (self.ratio().finite(), self.sd_ln_ratio()) else {
            return Ok(None);
        };
        let middle = ratio.ln();
        let (lower, upper) = (logistic(middle - z * sd), logistic(middle + z * sd));
        Ok(Some(Interval::new(lower, upper, level)?))
    }

    /// How many answers it rests on, those on benefits and on sacrifices together.
    #[must_use]
    pub fn n_eff(&self) -> f64 {
        self.benefit.n_eff() + self.sacrifice.n_eff()
    }
}

/// A weighted sum of estimates with independent errors; the evidence of what has a weight adds up.
pub(super) fn weighted_sum(
    parts: impl Iterator<Item = (f64, Estimate)>,
) -> Result<Estimate, PerceivedError> {
    let (mut mean, mut sd, mut n_eff) = (0.0, 0.0_f64, 0.0);
    for (weight, part) in parts.filter(|(weight, _)| *weight > 0.0) {
        mean += weight * part.mean();
        sd = sd.hypot(weight * part.sd());
        n_eff += part.n_eff();
    }
    Ok(Estimate::new(mean, sd, n_eff)?)
}
