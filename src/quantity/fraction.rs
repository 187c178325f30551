//! Shares of a whole.

use super::QuantityError;
use super::error::checked;

/// A share of a whole or a level of intensity, from 0 to 1: a share of wallet, a margin, an
/// arousal (唤醒度).
///
/// It is not a chance; that is a [`Probability`](super::Probability). Nor a percentage: 12 % is
/// 0.12.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Fraction;
///
/// let share_of_wallet = Fraction::new(0.4)?;
/// assert_eq!(share_of_wallet.value(), 0.4);
/// assert!(Fraction::new(40.0).is_err());
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "f64", into = "f64"))]
pub struct Fraction(f64);

impl Fraction {
    /// A checked share.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] unless the number lies between 0 and 1, both included.
    pub fn new(value: f64) -> Result<Self, QuantityError> {
        checked("fraction", "between 0 and 1", 0.0..=1.0, value).map(Self)
    }

    /// The number, from 0 to 1.
    #[must_use]
    pub const fn value(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Fraction {
    type Error = QuantityError;

    fn try_from(value: f64) -> Result<Self, Self::Error> {
        Self::new(value)
    }
}

impl From<Fraction> for f64 {
    fn from(fraction: Fraction) -> Self {
        fraction.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_belong_to_the_range_and_nothing_beyond() {
        for good in [0.0, -0.0, 0.5, 1.0] {
            assert!(Fraction::new(good).is_ok_and(|f| f.value().is_sign_positive()));
        }
        for bad in [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            -f64::from_bits(1),
            1.0_f64.next_up(),
        ] {
            assert!(Fraction::new(bad).is_err());
        }
    }
}
