//! The regularity of an Erlang-k model, a checked number of phases.

use super::super::super::parameter::ParameterError;

/// How many exponential phases make a gap between purchases, *k* from 1 to 100: the regularity
/// (规律性) of an Erlang-k model. At 1 purchases come by chance, at many like clockwork.
///
/// # Examples
///
/// ```
/// use guanxi::model::Phases;
///
/// let k = Phases::new(3)?;
/// assert_eq!(k.get(), 3);
/// // The gaps of one customer spread by 1/√k of their mean.
/// assert!((k.variation() - 0.577).abs() < 1e-3);
/// assert!(Phases::new(0).is_err());
/// # Ok::<(), guanxi::model::ParameterError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "u32", into = "u32"))]
#[doc(alias = "k")]
pub struct Phases(u32);

impl Phases {
    /// One phase: purchases come by chance.
    pub const ONE: Self = Self(1);
    /// The most that a model takes.
    pub const MOST: Self = Self(100);

    /// A number of phases.
    ///
    /// # Errors
    ///
    /// [`ParameterError::Domain`] unless `k` is from 1 to 100.
    pub fn new(k: u32) -> Result<Self, ParameterError> {
        if (Self::ONE.0..=Self::MOST.0).contains(&k) {
            Ok(Self(k))
        } else {
            Err(ParameterError::Domain {
                model: "CNBD-k",
                parameter: "k".into(),
                expected: "a whole number from 1 to 100",
                found: f64::from(k),
            })
        }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    /// Coefficient of variation of the gaps of one customer, `1/√k`.
    #[must_use]
    pub fn variation(self) -> f64 {
        1.0 / f64::from(self.0).sqrt()
    }
}

impl TryFrom<u32> for Phases {
    type Error = ParameterError;

    fn try_from(k: u32) -> Result<Self, ParameterError> {
        Self::new(k)
    }
}

impl From<Phases> for u32 {
    fn from(k: Phases) -> Self {
        k.get()
    }
}

impl std::fmt::Display for Phases {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
