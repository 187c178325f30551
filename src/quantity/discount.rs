//! Discounting (折现): money later is worth less than money now.
//!
//! A rate is given by the year, as rates are quoted, and asked for in the unit of a model. A
//! weekly model discounted at an annual rate *per week* is an error that has been published more
//! than once; here it cannot be written down.

use super::error::checked;
use super::{QuantityError, TimeUnit};

/// The smallest rate accepted above 0, by the year. A billion years of it change nothing that can be
/// seen, and the reciprocals of smaller ones leave the range in which answers are exact.
const MIN_ANNUAL: f64 = 1e-15;

/// The largest force of interest accepted, by the year: e^709 − 1 is still finite, e^710 − 1 is not.
const MAX_ANNUAL_FORCE: f64 = 709.0;

/// A discount rate (折现率): what waiting costs.
///
/// # Units
///
/// Made from an effective rate by the year of 365.25 days, or from a continuous rate (force of
/// interest) by any unit; given back by any unit. A rate of 0.10 is ten percent. It is 0, which
/// discounts nothing, or at least 1e-15 a year.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::{DiscountRate, TimeUnit};
///
/// let rate = DiscountRate::annual(0.15)?;
/// let weekly = rate.per(TimeUnit::Week); // ln(1.15) / 52.178571…
/// assert!((weekly - 0.0026785314).abs() < 1e-10);
/// assert_eq!(rate.effective_annual(), 0.15);
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Rate", into = "Rate"))]
pub struct DiscountRate(Rate);

/// The rate as it was given, so that the number asked back is the same to the last bit.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        rename = "DiscountRate",
        rename_all = "snake_case",
        deny_unknown_fields
    )
)]
enum Rate {
    /// Effective rate by the year.
    Annual(f64),
    /// Force of interest by the unit.
    Continuous { rate: f64, unit: TimeUnit },
}

#[cfg(feature = "serde")]
impl TryFrom<Rate> for DiscountRate {
    type Error = QuantityError;

    fn try_from(rate: Rate) -> Result<Self, Self::Error> {
        match rate {
            Rate::Annual(rate) => Self::annual(rate),
            Rate::Continuous { rate, unit } => Self::continuous(rate, unit),
        }
    }
}

#[cfg(feature = "serde")]
impl From<DiscountRate> for Rate {
    fn from(rate: DiscountRate) -> Self {
        rate.0
    }
}

impl DiscountRate {
    /// No discounting: money later is worth as much as money now.
    pub const ZERO: Self = Self(Rate::Annual(0.0));

    /// An effective rate by the year of 365.25 days: 0.10 makes 1.10 a year from now worth 1 now.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] unless the rate is 0 or a finite number at or above 1e-15.
    pub fn annual(rate: f64) -> Result<Self, QuantityError> {
        if rate == 0.0 {
            return Ok(Self::ZERO);
        }
        checked(
            "discount rate",
            "0 or a finite number at or above 1e-15",
            MIN_ANNUAL..=f64::MAX,
            rate,
        )
        .map(|rate| Self(Rate::Annual(rate)))
    }

    /// A continuous rate δ (force of interest) by a unit: an amount a time *t* from now is worth
    /// e^(−δt) of it now.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] unless the rate is 0 or from 1e-15 to 709 by the year, beyond which
    /// the effective annual rate is no longer finite.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::quantity::{DiscountRate, TimeUnit};
    ///
    /// let rate = DiscountRate::continuous(0.0027, TimeUnit::Week)?; // 15 % a year
    /// assert_eq!(rate.per(TimeUnit::Week), 0.0027);
    /// assert!((rate.effective_annual() - 0.1512889524).abs() < 1e-9);
    /// # Ok::<(), guanxi::quantity::QuantityError>(())
    /// ```
    pub fn continuous(rate: f64, unit: TimeUnit) -> Result<Self, QuantityError> {
        if rate == 0.0 {
            return Ok(Self::ZERO); // no discounting is the same in every unit
        }
        let by_year = unit.per_year();
        checked(
            "continuous discount rate",
            "0 or a number from 1e-15 to 709 by the year",
            MIN_ANNUAL / by_year..=MAX_ANNUAL_FORCE / by_year,
            rate,
        )
        .map(|rate| Self(Rate::Continuous { rate, unit }))
    }

    /// The continuous rate δ by a unit; exactly the number given, if it was given by that unit.
    #[must_use]
    #[doc(alias = "delta")]
    pub fn per(self, unit: TimeUnit) -> f64 {
        match self.0 {
            Rate::Annual(rate) => rate.ln_1p() / unit.per_year(),
            Rate::Continuous { rate, unit: given } if given == unit => rate,
            Rate::Continuous { rate, unit: given } => rate * given.per(unit),
        }
    }

    /// The discrete rate by a unit, e^δ − 1: what one period's wait costs when it is charged at the
    /// end of the period.
    #[must_use]
    pub fn discrete_per(self, unit: TimeUnit) -> f64 {
        match self.0 {
            Rate::Annual(rate) if unit == TimeUnit::Year => rate,
            _ => self.per(unit).exp_m1(),
        }
    }

    /// The effective rate by the year of 365.25 days; exactly the number given to
    /// [`annual`](Self::annual).
    #[must_use]
    pub fn effective_annual(self) -> f64 {
        self.discrete_per(TimeUnit::Year)
    }

    /// Whether there is no discounting.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self == Self::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-14 * b.abs(), "{a} against {b}");
    }

    #[test]
    fn rates_that_are_no_rate_are_refused() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e-300] {
            assert!(DiscountRate::annual(bad).is_err());
            assert!(DiscountRate::continuous(bad, TimeUnit::Week).is_err());
        }
        assert!(DiscountRate::continuous(1.0, TimeUnit::Second).is_err());
        assert!(DiscountRate::continuous(709.0, TimeUnit::Year).is_ok());
        assert_eq!(
            DiscountRate::continuous(710.0, TimeUnit::Year)
                .unwrap_err()
                .to_string(),
            "continuous discount rate must be 0 or a number from 1e-15 to 709 by the year, got 710.0"
        );
    }

    #[test]
    fn rates_next_to_nothing_are_refused_and_nothing_is_not() {
        assert_eq!(
            DiscountRate::annual(1e-318).unwrap_err().to_string(),
            "discount rate must be 0 or a finite number at or above 1e-15, got 1e-318"
        );
        assert_eq!(
            DiscountRate::continuous(1e-17, TimeUnit::Week)
                .unwrap_err()
                .to_string(),
            "continuous discount rate must be 0 or a number from 1e-15 to 709 by the year, got 1e-17"
        );
        assert!(DiscountRate::annual(9.9e-16).is_err());
        assert!(DiscountRate::annual(1e-15).is_ok());
        assert!(DiscountRate::continuous(1e-15, TimeUnit::Year).is_ok());
        assert!(DiscountRate::continuous(2e-17, TimeUnit::Week).is_ok());
        assert_eq!(DiscountRate::annual(0.0), Ok(DiscountRate::ZERO));
    }

    #[test]
    fn the_extreme_rates_stay_finite_in_every_unit() {
        let extremes = [
            DiscountRate::annual(f64::MAX),
            DiscountRate::annual(1e-15),
            DiscountRate::continuous(1e-15, TimeUnit::Year),
            DiscountRate::continuous(709.0, TimeUnit::Year),
            DiscountRate::continuous(709.0 / TimeUnit::Second.per_year(), TimeUnit::Second),
        ];
        for rate in extremes {
            let rate = rate.unwrap();
            for unit in [TimeUnit::Second, TimeUnit::Week, TimeUnit::Year] {
                assert!(rate.per(unit).is_finite() && rate.per(unit) >= 0.0);
                assert!(rate.discrete_per(unit).is_finite());
            }
        }
    }

    #[test]
    fn annual_and_continuous_forms_agree() {
        let annual = DiscountRate::annual(0.1).unwrap();
        let weekly = DiscountRate::continuous(annual.per(TimeUnit::Week), TimeUnit::Week).unwrap();
        close(weekly.effective_annual(), 0.1);
        close(annual.per(TimeUnit::Year), 1.1_f64.ln());
        close(weekly.per(TimeUnit::Day), annual.per(TimeUnit::Day));
        close(
            annual.discrete_per(TimeUnit::Week),
            1.1_f64.powf(7.0 / 365.25) - 1.0,
        );
    }

    #[test]
    fn a_continuous_rate_by_another_unit_is_not_the_same_number() {
        let weekly = DiscountRate::continuous(0.07, TimeUnit::Week).unwrap();
        close(weekly.per(TimeUnit::Day), 0.01);
    }

    #[test]
    fn zero_is_zero_however_it_is_made() {
        assert_eq!(DiscountRate::annual(-0.0), Ok(DiscountRate::ZERO));
        assert_eq!(
            DiscountRate::continuous(0.0, TimeUnit::Day),
            Ok(DiscountRate::ZERO)
        );
        assert!(DiscountRate::ZERO.is_zero());
        assert!(DiscountRate::ZERO.per(TimeUnit::Week) <= 0.0);
        assert!(!DiscountRate::annual(1e-15).unwrap().is_zero());
    }
}
