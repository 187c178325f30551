//! Valence (效价): how good or bad an experience was.

use super::QuantityError;
use super::error::checked;

/// How an experience felt to the customer, from −1 (as bad as can be) over 0 (neutral) to 1 (as
/// good as can be).
///
/// The pleasant–unpleasant axis of the circumplex model of affect: Russell (1980), *Journal of
/// Personality and Social Psychology* 39(6), 1161–1178, <https://doi.org/10.1037/h0077714>.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Valence;
///
/// let complaint = Valence::new(-0.6)?;
/// assert_eq!(complaint.value(), -0.6);
/// assert!(complaint < Valence::new(0.0)?);
/// assert!(Valence::new(-6.0).is_err());
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "f64", into = "f64"))]
pub struct Valence(f64);

impl Valence {
    /// A checked valence.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] unless the number lies between −1 and 1, both included.
    pub fn new(value: f64) -> Result<Self, QuantityError> {
        checked("valence", "between -1 and 1", -1.0..=1.0, value).map(Self)
    }

    /// The number, from −1 to 1.
    #[must_use]
    pub const fn value(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Valence {
    type Error = QuantityError;

    fn try_from(value: f64) -> Result<Self, Self::Error> {
        Self::new(value)
    }
}

impl From<Valence> for f64 {
    fn from(valence: Valence) -> Self {
        valence.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_belong_to_the_range_and_nothing_beyond() {
        for good in [-1.0, -0.5, 0.0, 1.0] {
            assert!(Valence::new(good).is_ok());
        }
        assert!(Valence::new(-0.0).is_ok_and(|v| v.value().is_sign_positive()));
        for bad in [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            (-1.0_f64).next_down(),
            1.0_f64.next_up(),
        ] {
            assert!(Valence::new(bad).is_err());
        }
    }
}
