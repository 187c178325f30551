//! Probabilities (概率).

use super::QuantityError;
use super::error::checked;

/// A probability, from 0 to 1.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Probability;
///
/// let alive = Probability::new(0.75)?;
/// assert_eq!(alive.complement().value(), 0.25);
/// assert!(Probability::new(75.0).is_err()); // not a percentage
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "f64", into = "f64"))]
pub struct Probability(f64);

impl Probability {
    /// 0: it does not happen.
    pub const ZERO: Self = Self(0.0);

    /// 0.90, the usual level of an interval for what is drawn from a posterior.
    pub const NINETY_PERCENT: Self = Self(0.90);

    /// 0.95, the usual level of a confidence interval.
    pub const NINETY_FIVE_PERCENT: Self = Self(0.95);

    /// 0.99, the usual level of an alarm that should rarely be false.
    pub const NINETY_NINE_PERCENT: Self = Self(0.99);

    /// A checked probability.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] unless the number lies between 0 and 1, both included.
    pub fn new(value: f64) -> Result<Self, QuantityError> {
        checked("probability", "between 0 and 1", 0.0..=1.0, value).map(Self)
    }

    /// The number, from 0 to 1.
    #[must_use]
    pub const fn value(self) -> f64 {
        self.0
    }

    /// The probability that it does not happen.
    #[must_use]
    pub fn complement(self) -> Self {
        Self(1.0 - self.0)
    }
}

impl TryFrom<f64> for Probability {
    type Error = QuantityError;

    fn try_from(value: f64) -> Result<Self, Self::Error> {
        Self::new(value)
    }
}

impl From<Probability> for f64 {
    fn from(probability: Probability) -> Self {
        probability.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_belong_to_the_range_and_nothing_beyond() {
        for good in [0.0, -0.0, f64::from_bits(1), 0.5, 1.0] {
            assert!(Probability::new(good).is_ok_and(|p| p.value().is_sign_positive()));
        }
        for bad in [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            -f64::from_bits(1),
            1.0_f64.next_up(),
        ] {
            assert!(Probability::new(bad).is_err());
        }
    }

    #[test]
    fn the_complement_of_certainty_is_impossibility() {
        let one = Probability::new(1.0).unwrap();
        assert_eq!(one.complement(), Probability::new(0.0).unwrap());
        assert_eq!(one.complement().complement(), one);
        assert!(one.complement() < one);
    }
}
