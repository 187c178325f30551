//! Inferred numbers with their uncertainty.

use super::error::{FINITE, NON_NEGATIVE, checked};
use super::{Probability, QuantityError};
use crate::numeric::special::normal_quantile;

/// A range that holds the true value with a stated probability.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::{Interval, Probability};
///
/// let range = Interval::new(2.0, 5.0, Probability::new(0.9)?)?;
/// assert_eq!(range.width(), 3.0);
/// assert!(range.contains(5.0) && !range.contains(5.1));
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "RawInterval", into = "RawInterval")
)]
pub struct Interval {
    lower: f64,
    upper: f64,
    level: Probability,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Interval", deny_unknown_fields)]
struct RawInterval {
    lower: f64,
    upper: f64,
    level: Probability,
}

#[cfg(feature = "serde")]
impl TryFrom<RawInterval> for Interval {
    type Error = QuantityError;

    fn try_from(raw: RawInterval) -> Result<Self, Self::Error> {
        Self::new(raw.lower, raw.upper, raw.level)
    }
}

#[cfg(feature = "serde")]
impl From<Interval> for RawInterval {
    fn from(interval: Interval) -> Self {
        Self {
            lower: interval.lower,
            upper: interval.upper,
            level: interval.level,
        }
    }
}

impl Interval {
    /// An interval from `lower` to `upper`, both included, that holds the true value with
    /// probability `level`.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] if an end is not finite, `upper` is below `lower`, the two are so
    /// far apart that their difference is not finite, or the level is 0 or 1.
    pub fn new(lower: f64, upper: f64, level: Probability) -> Result<Self, QuantityError> {
        let lower = checked("lower end of an interval", "a finite number", FINITE, lower)?;
        let upper = checked("upper end of an interval", "a finite number", FINITE, upper)?;
        checked(
            "width of an interval",
            "finite and at or above 0, with the lower end first",
            NON_NEGATIVE,
            upper - lower,
        )?;
        check_level(level)?;
        Ok(Self {
            lower,
            upper,
            level,
        })
    }

    /// The lower end.
    #[must_use]
    pub const fn lower(self) -> f64 {
        self.lower
    }

    /// The upper end.
    #[must_use]
    pub const fn upper(self) -> f64 {
        self.upper
    }

    /// The probability that the interval holds the true value.
    #[must_use]
    pub const fn level(self) -> Probability {
        self.level
    }

    /// Whether a number lies within, ends included; `NaN` does not.
    #[must_use]
    pub fn contains(self, value: f64) -> bool {
        (self.lower..=self.upper).contains(&value)
    }

    /// The distance between the ends.
    #[must_use]
    pub fn width(self) -> f64 {
        self.upper - self.lower
    }
}

/// An interval holds the true value with some probability, and without certainty.
fn check_level(level: Probability) -> Result<(), QuantityError> {
    if level.value() > 0.0 && level.value() < 1.0 {
        Ok(())
    } else {
        Err(QuantityError::Domain {
            quantity: "level of an interval",
            expected: "above 0 and below 1",
            found: level.value(),
        })
    }
}

/// A number that was inferred, with how sure it is and how much evidence it rests on.
///
/// Whatever cannot be observed is given as an estimate rather than a bare number. Without any
/// evidence it is the prior, with an `n_eff` of 0; it is never a plain zero.
///
/// # Units
///
/// `mean` and `sd` are in the unit of what is estimated; `n_eff` counts observations, each
/// weighted by how much of it still counts.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Estimate;
///
/// let satisfaction = Estimate::new(0.62, 0.05, 14.5)?;
/// assert_eq!(satisfaction.mean(), 0.62);
/// assert!(!satisfaction.is_prior_only());
/// assert!(Estimate::new(0.62, -0.05, 14.5).is_err());
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "RawEstimate", into = "RawEstimate")
)]
pub struct Estimate {
    mean: f64,
    sd: f64,
    n_eff: f64,
    interval: Option<Interval>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Estimate", deny_unknown_fields)]
struct RawEstimate {
    mean: f64,
    sd: f64,
    n_eff: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    interval: Option<Interval>,
}

#[cfg(feature = "serde")]
impl TryFrom<RawEstimate> for Estimate {
    type Error = QuantityError;

    fn try_from(raw: RawEstimate) -> Result<Self, Self::Error> {
        Ok(Self {
            interval: raw.interval,
            ..Self::new(raw.mean, raw.sd, raw.n_eff)?
        })
    }
}

#[cfg(feature = "serde")]
impl From<Estimate> for RawEstimate {
    fn from(estimate: Estimate) -> Self {
        Self {
            mean: estimate.mean,
            sd: estimate.sd,
            n_eff: estimate.n_eff,
            interval: estimate.interval,
        }
    }
}

impl Estimate {
    /// What is believed of a number from 0 to 1 of which nothing is known: the uniform distribution,
    /// mean 1/2 and sd 1/√12.
    pub const ANYTHING_FROM_0_TO_1: Self = Self {
        mean: 0.5,
        sd: 0.288_675_134_594_812_9,
        n_eff: 0.0,
        interval: None,
    };

    /// An estimate from its mean, its standard deviation and the evidence behind it.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] if one of them is not finite, or `sd` or `n_eff` is negative.
    pub fn new(mean: f64, sd: f64, n_eff: f64) -> Result<Self, QuantityError> {
        let at_least_zero = "a finite number at or above 0";
        Ok(Self {
            mean: checked("mean of an estimate", "a finite number", FINITE, mean)?,
            sd: checked("sd of an estimate", at_least_zero, NON_NEGATIVE, sd)?,
            n_eff: checked("n_eff of an estimate", at_least_zero, NON_NEGATIVE, n_eff)?,
            interval: None,
        })
    }

    /// The same estimate with an interval of its own, for where the normal one does not fit: a
    /// skewed posterior, or a share near 0.
    #[must_use]
    pub const fn with_interval(mut self, interval: Interval) -> Self {
        self.interval = Some(interval);
        self
    }

    /// The expected value.
    #[must_use]
    pub const fn mean(self) -> f64 {
        self.mean
    }

    /// The standard deviation of the belief about the value.
    #[must_use]
    #[doc(alias = "standard_deviation")]
    pub const fn sd(self) -> f64 {
        self.sd
    }

    /// How many full observations the evidence is worth; 0 means the prior alone.
    #[must_use]
    pub const fn n_eff(self) -> f64 {
        self.n_eff
    }

    /// The interval that came with the estimate, if one did.
    #[must_use]
    pub const fn stated_interval(self) -> Option<Interval> {
        self.interval
    }

    /// The interval that holds the value with probability `level` if the belief is normal.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] if the level is 0 or 1, or an end is not finite.
    pub fn normal_interval(self, level: Probability) -> Result<Interval, QuantityError> {
        check_level(level)?;
        // From the lower tail, which keeps its digits as the level nears 1.
        let reach = -normal_quantile(level.complement().value() / 2.0) * self.sd;
        Interval::new(self.mean - reach, self.mean + reach, level)
    }

    /// Whether nothing was observed, so that this is what was believed beforehand.
    #[must_use]
    pub fn is_prior_only(self) -> bool {
        self.n_eff <= 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(value: f64) -> Probability {
        Probability::new(value).unwrap()
    }

    #[test]
    fn estimates_are_finite_and_not_negative_in_spread_or_evidence() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(Estimate::new(bad, 1.0, 1.0).is_err());
            assert!(Estimate::new(0.0, bad, 1.0).is_err());
            assert!(Estimate::new(0.0, 1.0, bad).is_err());
        }
        assert!(Estimate::new(-1.0, -1e-300, 1.0).is_err());
        assert!(Estimate::new(-1.0, 0.0, -1e-300).is_err());
        assert!(Estimate::new(-1.0, -0.0, -0.0).is_ok_and(Estimate::is_prior_only));
    }

    #[test]
    fn intervals_have_ordered_finite_ends_and_a_level_within_0_and_1() {
        assert!(Interval::new(1.0, 1.0, level(0.5)).is_ok());
        assert!(Interval::new(1.0, 1.0_f64.next_down(), level(0.5)).is_err());
        assert!(Interval::new(f64::MIN, f64::MAX, level(0.5)).is_err());
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(Interval::new(bad, 1.0, level(0.5)).is_err());
            assert!(Interval::new(1.0, bad, level(0.5)).is_err());
        }
        assert!(Interval::new(0.0, 1.0, level(0.0)).is_err());
        assert!(Interval::new(0.0, 1.0, level(1.0)).is_err());
        let range = Interval::new(0.0, 1.0, level(0.5)).unwrap();
        assert!(range.contains(0.0) && range.contains(1.0) && !range.contains(f64::NAN));
    }

    #[test]
    fn a_stated_interval_is_kept() {
        let range = Interval::new(0.0, 1.0, level(0.5)).unwrap();
        let estimate = Estimate::new(0.4, 0.1, 3.0).unwrap();
        assert_eq!(estimate.stated_interval(), None);
        assert_eq!(estimate.with_interval(range).stated_interval(), Some(range));
    }

    #[test]
    fn the_normal_interval_reaches_1_96_standard_deviations_at_95_percent() {
        let estimate = Estimate::new(10.0, 2.0, 5.0).unwrap();
        let range = estimate.normal_interval(level(0.95)).unwrap();
        let z = 1.959_963_984_540_054;
        assert!((range.lower() - (10.0 - 2.0 * z)).abs() < 1e-12);
        assert!((range.upper() - (10.0 + 2.0 * z)).abs() < 1e-12);
        assert_eq!(range.level(), level(0.95));
    }

    #[test]
    fn a_normal_interval_without_a_proper_level_or_finite_ends_is_an_error() {
        let estimate = Estimate::new(0.0, f64::MAX, 1.0).unwrap();
        assert!(estimate.normal_interval(level(0.95)).is_err());
        let sure = Estimate::new(1.0, 0.0, 1.0).unwrap();
        assert!(sure.normal_interval(level(0.0)).is_err());
        assert!(sure.normal_interval(level(1.0)).is_err());
    }
}
