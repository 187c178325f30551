//! How much each dimension counts, and who says so.

use std::fmt;

use super::error::checked;
#[cfg(feature = "serde")]
use super::stored::holds;
use super::{Profile, RelationshipError, Shortfall};
use crate::dimension::{ByDimension, Dimension};
#[cfg(feature = "serde")]
use crate::quantity::stored::{StoredError, agree};

/// Shares may miss 1 by this much: they were written with so many digits.
const SUM_WITHIN: f64 = 1e-9;

/// What the sum of four shares misses 1 by from rounding alone.
const ROUNDING: f64 = 1e-15;

/// Where weights come from, so that whoever reads a composite can judge them.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum WeightSource {
    /// The defaults of this crate: our choice.
    Default,
    /// The same weight for each: the benchmark that any others have to beat (Dawes 1979).
    Equal,
    /// Stated by whoever uses them.
    Stated,
    /// Comparisons of the dimensions in pairs (层次分析法).
    Ahp {
        /// How far the comparisons contradict each other, at most 0.10.
        consistency_ratio: f64,
    },
    /// The dispersion of the indices over a base (熵权法): a statement on data, not on importance.
    Entropy {
        /// How many customers.
        rows: usize,
    },
    /// A regression of an outcome on the indices.
    Learned {
        /// How many customers with an outcome.
        rows: usize,
        /// In how many parts they were judged, each by weights learned from the others.
        folds: usize,
        /// Whether they forecast the outcome better than equal weights do, beyond chance.
        beats_equal: bool,
    },
}

impl WeightSource {
    /// The name of the source, such as `"stated"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Equal => "equal",
            Self::Stated => "stated",
            Self::Ahp { .. } => "comparisons in pairs",
            Self::Entropy { .. } => "entropy",
            Self::Learned { .. } => "learned",
        }
    }
}

impl fmt::Display for WeightSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default | Self::Equal | Self::Stated => f.write_str(self.name()),
            Self::Ahp { consistency_ratio } => write!(
                f,
                "comparisons in pairs, consistency ratio {consistency_ratio:.3}"
            ),
            Self::Entropy { rows } => write!(f, "entropy of {rows} customers"),
            Self::Learned {
                rows,
                folds,
                beats_equal,
            } => {
                let judged = if *beats_equal { "" } else { "no " };
                write!(
                    f,
                    "learned from {rows} customers in {folds} folds, {judged}better than equal weights"
                )
            }
        }
    }
}

/// How much each dimension counts (权重): four shares of one whole, and where they come from.
///
/// The default, 0.40 economic, 0.25 trust, 0.20 emotional and 0.15 information, is our choice. It
/// was validated against nothing: no public data has all four dimensions and a later outcome. Where
/// an outcome is known, learn the weights ([`LearnedWeights`](super::LearnedWeights)) or use equal
/// ones, which are hard to beat:
/// Dawes (1979), "The Robust Beauty of Improper Linear Models in Decision Making", *American
/// Psychologist* 34(7), 571–582, <https://doi.org/10.1037/0003-066X.34.7.571>.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::{ByDimension, Dimension};
/// use guanxi::relationship::Weights;
///
/// // Marks that somebody gave, made shares of one whole.
/// let marks = ByDimension { economic: 5.0, trust: 10.0, emotional: 5.0, information: 0.0 };
/// let weights = Weights::of_importance(marks)?;
/// assert_eq!(weights.get(Dimension::Trust), 0.5);
/// assert_eq!(weights.source().name(), "stated");
/// assert_eq!(Weights::default().get(Dimension::Economic), 0.40);
/// # Ok::<(), guanxi::relationship::RelationshipError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawWeights", into = "RawWeights"))]
pub struct Weights {
    shares: ByDimension<f64>,
    source: WeightSource,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Weights", deny_unknown_fields)]
struct RawWeights {
    shares: ByDimension<f64>,
    source: WeightSource,
}

/// Why stored weights were refused.
#[cfg(feature = "serde")]
#[derive(Debug, thiserror::Error)]
enum RawWeightsError {
    #[error(transparent)]
    Weights(#[from] RelationshipError),
    #[error(transparent)]
    Stored(#[from] StoredError),
}

#[cfg(feature = "serde")]
impl TryFrom<RawWeights> for Weights {
    type Error = RawWeightsError;

    fn try_from(raw: RawWeights) -> Result<Self, Self::Error> {
        let weights = Self {
            source: raw.source,
            ..Self::new(raw.shares)?
        };
        match raw.source {
            WeightSource::Default => {
                agree("default weights", &Self::default().shares, &weights.shares)?;
            }
            WeightSource::Equal => {
                agree("equal weights", &Self::equal().shares, &weights.shares)?;
            }
            WeightSource::Ahp {
                consistency_ratio: cr,
            } => {
                let accepted = (0.0..=super::PairwiseComparisons::LIMIT).contains(&cr);
                holds(accepted, "consistency ratio", "from 0 to 0.1", cr)?;
            }
            WeightSource::Entropy { rows } => {
                holds(rows >= 2, "rows of entropy weights", "at least 2", rows)?;
            }
            WeightSource::Learned { rows, folds, .. } => {
                let enough = rows >= super::LearnedWeights::FEWEST_ROWS;
                holds(enough, "rows of learned weights", "at least 20", rows)?;
                let divides = (2..=rows).contains(&folds);
                holds(divides, "folds", "from 2 to the number of rows", folds)?;
            }
            WeightSource::Stated => {}
        }
        Ok(weights)
    }
}

#[cfg(feature = "serde")]
impl From<Weights> for RawWeights {
    fn from(weights: Weights) -> Self {
        Self {
            shares: weights.shares,
            source: weights.source,
        }
    }
}

impl Default for Weights {
    /// 0.40 economic, 0.25 trust, 0.20 emotional, 0.15 information: our choice.
    fn default() -> Self {
        Self {
            shares: ByDimension {
                economic: 0.40,
                trust: 0.25,
                emotional: 0.20,
                information: 0.15,
            },
            source: WeightSource::Default,
        }
    }
}

impl Weights {
    /// A dimension is covered from so many observations on, as [`n_eff`](crate::quantity::Estimate::n_eff)
    /// counts them: one in full. Our choice.
    pub const OBSERVED: f64 = 1.0;

    /// The same weight for each dimension.
    #[must_use]
    pub const fn equal() -> Self {
        Self {
            shares: ByDimension {
                economic: 0.25,
                trust: 0.25,
                emotional: 0.25,
                information: 0.25,
            },
            source: WeightSource::Equal,
        }
    }

    /// Stated weights, which must sum to 1 within 1e-9. What they miss is shared out in proportion.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::Domain`] if a weight is not within [0, 1];
    /// [`RelationshipError::WeightSum`] if they are not shares of one whole.
    pub fn new(shares: ByDimension<f64>) -> Result<Self, RelationshipError> {
        let unit = "between 0 and 1";
        let mut kept = shares;
        for (dimension, share) in shares.iter() {
            *kept.get_mut(dimension) = checked("weight", dimension, unit, 0.0..=1.0, *share)?;
        }
        let found = sum(kept);
        if (found - 1.0).abs() > SUM_WITHIN {
            return Err(RelationshipError::WeightSum { found });
        }
        Ok(Self::whole(kept, WeightSource::Stated))
    }

    /// Stated weights from pairs, in any order: a map, or lines of a file.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); [`RelationshipError::MissingWeight`] if a dimension has none, which is
    /// not the same as 0; [`RelationshipError::RepeatedWeight`] if one has two.
    pub fn from_pairs(
        pairs: impl IntoIterator<Item = (Dimension, f64)>,
    ) -> Result<Self, RelationshipError> {
        let mut given: ByDimension<Option<f64>> = ByDimension::default();
        for (dimension, weight) in pairs {
            if given.get_mut(dimension).replace(weight).is_some() {
                return Err(RelationshipError::RepeatedWeight { dimension });
            }
        }
        let of = |dimension: Dimension| {
            given[dimension].ok_or(RelationshipError::MissingWeight { dimension })
        };
        Self::new(ByDimension {
            economic: of(Dimension::Economic)?,
            trust: of(Dimension::Trust)?,
            emotional: of(Dimension::Emotional)?,
            information: of(Dimension::Information)?,
        })
    }

    /// Weights in proportion to importances on any scale: marks, points, votes.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::Domain`] if one is negative or not finite;
    /// [`RelationshipError::ImportanceSum`] if all are 0, or so large that they have no sum.
    pub fn of_importance(importances: ByDimension<f64>) -> Result<Self, RelationshipError> {
        Self::in_proportion(importances, WeightSource::Stated)
    }

    /// Weights in proportion to four numbers at or above 0.
    pub(super) fn in_proportion(
        importances: ByDimension<f64>,
        source: WeightSource,
    ) -> Result<Self, RelationshipError> {
        let expected = "a finite number at or above 0";
        for (dimension, importance) in importances.iter() {
            checked(
                "importance",
                dimension,
                expected,
                0.0..=f64::MAX,
                *importance,
            )?;
        }
        let found = sum(importances);
        if !(f64::MIN_POSITIVE..=f64::MAX).contains(&found) {
            return Err(RelationshipError::ImportanceSum { found });
        }
        let shares = importances.map(|i| i / found + 0.0); // no −0
        Ok(Self::whole(shares, source))
    }

    /// The shares as parts of exactly one whole, as far as rounding allows. Shares that are so
    /// already stay bit for bit, so that weights can be stored and read again.
    fn whole(shares: ByDimension<f64>, source: WeightSource) -> Self {
        let total = sum(shares);
        let shares = if (total - 1.0).abs() <= ROUNDING {
            shares
        } else {
            shares.map(|share| share / total)
        };
        Self { shares, source }
    }

    /// The weight of a dimension, from 0 to 1.
    #[must_use]
    pub const fn get(&self, dimension: Dimension) -> f64 {
        *self.shares.get(dimension)
    }

    /// The four weights; they sum to 1.
    #[must_use]
    pub const fn shares(&self) -> ByDimension<f64> {
        self.shares
    }

    /// Where they come from.
    #[must_use]
    pub const fn source(&self) -> WeightSource {
        self.source
    }

    /// How much of the weight lies on dimensions that were observed (覆盖率), from 0 to 1: those
    /// with the evidence of one full observation or more.
    #[must_use]
    pub fn coverage(&self, profile: &Profile) -> f64 {
        let observed = profile.iter().filter(|(_, i)| i.n_eff() >= Self::OBSERVED);
        let covered: f64 = observed.map(|(d, _)| self.get(d)).sum();
        covered.min(1.0) + 0.0 // above by rounding alone; the sum of nothing is −0
    }

    /// The dimensions with a weight that a profile does not cover, and by how much each falls short.
    #[must_use]
    pub fn shortfalls(&self, profile: &Profile) -> ByDimension<Option<Shortfall>> {
        ByDimension::from_fn(|dimension| {
            let (weight, found) = (self.get(dimension), profile.get(dimension).n_eff());
            let short = weight > 0.0 && found < Self::OBSERVED;
            short.then_some(Shortfall {
                weight,
                needed: Self::OBSERVED,
                found,
            })
        })
    }
}

/// The sum of the four, in their order.
fn sum(four: ByDimension<f64>) -> f64 {
    four.into_array().iter().sum()
}
