//! Opinions of subjective logic: belief, disbelief and what is not known.
//!
//! Jøsang (2016), *Subjective Logic*, Springer, <https://doi.org/10.1007/978-3-319-42337-1>.

use super::DimensionError;
use super::error::checked;

/// An opinion (主观意见) on whether someone can be trusted: how much speaks for it, how much against
/// it, and how much is not known.
///
/// Belief, disbelief and uncertainty lie in [0, 1] and sum to 1. The base rate is what is expected
/// of someone of whom nothing is known.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::Opinion;
///
/// // What a newcomer may think of the firm, through a customer who recommends it.
/// let of_customer = Opinion::new(0.6, 0.1, 0.3, 0.5)?;
/// let of_firm = Opinion::new(0.7, 0.1, 0.2, 0.5)?;
/// let through = of_customer.transfer(of_firm);
/// assert!((through.belief() - 0.42).abs() < 1e-15);
/// assert!((through.uncertainty() - 0.52).abs() < 1e-15);
/// assert!((through.expectation() - 0.68).abs() < 1e-15);
///
/// assert!(Opinion::new(0.6, 0.1, 0.2, 0.5).is_err()); // sums to 0.9
/// # Ok::<(), guanxi::dimension::DimensionError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawOpinion", into = "RawOpinion"))]
pub struct Opinion {
    belief: f64,
    disbelief: f64,
    uncertainty: f64,
    base_rate: f64,
}

impl Opinion {
    /// An opinion from its parts.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless each lies in [0, 1] and the first three sum to 1, but for
    /// rounding (1e-9).
    pub fn new(
        belief: f64,
        disbelief: f64,
        uncertainty: f64,
        base_rate: f64,
    ) -> Result<Self, DimensionError> {
        let part = |quantity, found| checked(quantity, "between 0 and 1", 0.0..=1.0, found);
        let opinion = Self {
            belief: part("belief", belief)?,
            disbelief: part("disbelief", disbelief)?,
            uncertainty: part("uncertainty", uncertainty)?,
            base_rate: part("base rate of an opinion", base_rate)?,
        };
        checked(
            "sum of belief, disbelief and uncertainty",
            "1",
            1.0 - 1e-9..=1.0 + 1e-9,
            belief + disbelief + uncertainty,
        )?;
        Ok(opinion)
    }

    /// The opinion that evidence leads to: `positive` and `negative` at or above 0, `prior_weight`
    /// above 0.
    pub(super) fn of_evidence(
        positive: f64,
        negative: f64,
        prior_weight: f64,
        base_rate: f64,
    ) -> Self {
        let all = prior_weight + positive + negative;
        Self {
            belief: positive / all,
            disbelief: negative / all,
            uncertainty: prior_weight / all,
            base_rate,
        }
    }

    /// What speaks for trust.
    #[must_use]
    pub fn belief(self) -> f64 {
        self.belief
    }

    /// What speaks against it.
    #[must_use]
    pub fn disbelief(self) -> f64 {
        self.disbelief
    }

    /// What is not known; 1 without any evidence.
    #[must_use]
    pub fn uncertainty(self) -> f64 {
        self.uncertainty
    }

    /// What is expected of someone of whom nothing is known.
    #[must_use]
    pub fn base_rate(self) -> f64 {
        self.base_rate
    }

    /// The expected trust: belief, and the base rate for what is not known.
    #[must_use]
    pub fn expectation(self) -> f64 {
        (self.belief + self.base_rate * self.uncertainty).min(1.0)
    }

    /// What someone with this opinion of a referrer may think of a third party of whom the referrer
    /// thinks `theirs` (信任传递): trust discounting.
    ///
    /// Only what is believed of the referrer carries over; all else about the third party is not
    /// known. The base rate is that of the third party.
    #[must_use]
    pub fn transfer(self, theirs: Self) -> Self {
        Self {
            belief: self.belief * theirs.belief,
            disbelief: self.belief * theirs.disbelief,
            uncertainty: self.disbelief + self.uncertainty + self.belief * theirs.uncertainty,
            base_rate: theirs.base_rate,
        }
    }

    /// The opinion that comes through a chain: of the first referrer, of whom the first recommends,
    /// and so on; the last is that of the third party. `None` for an empty chain.
    ///
    /// The grouping does not matter; every link makes the outcome less certain.
    pub fn through(chain: impl IntoIterator<Item = Self>) -> Option<Self> {
        chain.into_iter().reduce(Self::transfer)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Opinion", deny_unknown_fields)]
struct RawOpinion {
    belief: f64,
    disbelief: f64,
    uncertainty: f64,
    base_rate: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<RawOpinion> for Opinion {
    type Error = DimensionError;

    fn try_from(raw: RawOpinion) -> Result<Self, DimensionError> {
        Self::new(raw.belief, raw.disbelief, raw.uncertainty, raw.base_rate)
    }
}

#[cfg(feature = "serde")]
impl From<Opinion> for RawOpinion {
    fn from(opinion: Opinion) -> Self {
        Self {
            belief: opinion.belief,
            disbelief: opinion.disbelief,
            uncertainty: opinion.uncertainty,
            base_rate: opinion.base_rate,
        }
    }
}
