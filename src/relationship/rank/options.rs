//! How weights are drawn.

use crate::quantity::QuantityError;
use crate::relationship::RelationshipError;

/// How weights are drawn: how near to the stated ones, how often, and from which seed.
///
/// # Examples
///
/// ```
/// use guanxi::relationship::RankOptions;
///
/// let options = RankOptions::new(7).with_draws(500)?.with_concentration(200.0)?;
/// assert_eq!((options.seed(), options.draws()), (7, 500));
/// assert!(options.with_concentration(0.0).is_err());
/// # Ok::<(), guanxi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "RawRankOptions", into = "RawRankOptions")
)]
pub struct RankOptions {
    pub(super) seed: u64,
    pub(super) draws: usize,
    pub(super) concentration: f64,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "RankOptions", deny_unknown_fields)]
struct RawRankOptions {
    seed: u64,
    draws: usize,
    concentration: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<RawRankOptions> for RankOptions {
    type Error = RelationshipError;

    fn try_from(raw: RawRankOptions) -> Result<Self, Self::Error> {
        Self::new(raw.seed)
            .with_draws(raw.draws)?
            .with_concentration(raw.concentration)
    }
}

#[cfg(feature = "serde")]
impl From<RankOptions> for RawRankOptions {
    fn from(options: RankOptions) -> Self {
        Self {
            seed: options.seed,
            draws: options.draws,
            concentration: options.concentration,
        }
    }
}

impl RankOptions {
    /// 1000 draws at a concentration of 50, both our choice, from a seed.
    ///
    /// At 50 a weight of 0.40 has an sd of 0.07 and one of 0.15 an sd of 0.05. With a thousand draws
    /// the standard error of a chance is at most 0.016.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            draws: 1000,
            concentration: 50.0,
        }
    }

    /// The same with another number of draws.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::TooMany`] above a million; [`RelationshipError::Empty`] for none.
    pub const fn with_draws(self, draws: usize) -> Result<Self, RelationshipError> {
        const MOST: usize = 1_000_000;
        if draws == 0 {
            return Err(RelationshipError::Empty {
                what: "rank stability",
                of: "draw of weights",
            });
        }
        if draws > MOST {
            return Err(RelationshipError::TooMany {
                what: "draws of weights",
                limit: MOST,
                found: draws,
            });
        }
        Ok(Self { draws, ..self })
    }

    /// The same with another concentration: weights are drawn from a Dirichlet distribution with
    /// parameters concentration × weight, so the larger, the nearer to the stated ones.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::Quantity`] unless it is from 0.1 to 10⁹.
    pub fn with_concentration(self, concentration: f64) -> Result<Self, RelationshipError> {
        if !(0.1..=1e9).contains(&concentration) {
            return Err(RelationshipError::Quantity(QuantityError::Domain {
                quantity: "concentration",
                expected: "a number from 0.1 to 1e9",
                found: concentration,
            }));
        }
        Ok(Self {
            concentration,
            ..self
        })
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// How often weights are drawn.
    #[must_use]
    pub const fn draws(&self) -> usize {
        self.draws
    }

    /// How near to the stated weights they are drawn.
    #[must_use]
    pub const fn concentration(&self) -> f64 {
        self.concentration
    }
}
