//! What comparisons in pairs say, and how far they can be believed.

use std::fmt;

/// The mean consistency index of random comparisons of 3 to 8 things, Saaty (1980).
const RANDOM_INDEX: [f64; 6] = [0.58, 0.90, 1.12, 1.24, 1.32, 1.41];

/// Three comparisons that contradict each other: the first two imply another third.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Contradiction {
    /// The three rows *i* < *j* < *k*, counted from 0.
    pub rows: [usize; 3],
    /// How many times as important *i* is as *j*, *j* as *k*, and *i* as *k*.
    pub comparisons: [f64; 3],
}

impl Contradiction {
    /// What the first two say of the third: their product.
    #[must_use]
    pub fn implied(&self) -> f64 {
        self.comparisons[0] * self.comparisons[1]
    }
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([i, j, k], [ij, jk, ik]) = (self.rows, self.comparisons);
        let implied = self.implied();
        write!(
            f,
            "row {i} over {j} is {ij} and {j} over {k} is {jk}, so {i} over {k} would be \
             {implied}, but is {ik}"
        )
    }
}

/// How far comparisons contradict each other (一致性).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "stored::RawConsistency", into = "stored::RawConsistency")
)]
pub struct Consistency {
    pub(super) size: usize,
    pub(super) lambda_max: f64,
    pub(super) worst: Contradiction,
}

impl Consistency {
    /// How many things are compared.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// The largest eigenvalue (最大特征值): the number of things if nothing is contradicted, and
    /// more otherwise.
    #[must_use]
    #[doc(alias = "λmax")]
    pub const fn lambda_max(&self) -> f64 {
        self.lambda_max
    }

    /// The consistency index, (λmax − n)/(n − 1); 0 if nothing is contradicted.
    #[must_use]
    #[doc(alias = "CI")]
    pub fn index(&self) -> f64 {
        let size = self.size as f64;
        ((self.lambda_max - size) / (size - 1.0)).max(0.0) // below 0 by rounding alone
    }

    /// The consistency ratio (一致性比率): the index as a share of that of random comparisons.
    #[must_use]
    #[doc(alias = "CR")]
    pub fn ratio(&self) -> f64 {
        // The size is 3 to 8; another has no entry and cannot be.
        let entry = RANDOM_INDEX.get(self.size.saturating_sub(3));
        entry.map_or(f64::MAX, |random| self.index() / random)
    }

    /// The three comparisons that contradict each other most; where none do, the first three.
    #[must_use]
    pub const fn worst(&self) -> Contradiction {
        self.worst
    }
}

/// How important each of the compared things is, and how far the comparisons can be believed.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "stored::RawPriorities", into = "stored::RawPriorities")
)]
pub struct Priorities {
    pub(super) weights: Vec<f64>,
    pub(super) consistency: Consistency,
}

impl Priorities {
    /// The priority of each row; they sum to 1.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// How far the comparisons contradict each other.
    #[must_use]
    pub const fn consistency(&self) -> Consistency {
        self.consistency
    }
}

/// What is written, and the doubts about it when it is read.
#[cfg(feature = "serde")]
mod stored {
    use super::super::{LARGEST, PairwiseComparisons, SIZES, scale};
    use super::{Consistency, Contradiction, Priorities};
    use crate::quantity::stored::{StoredError, agree, share};
    use crate::relationship::stored::holds;

    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(rename = "Consistency", deny_unknown_fields)]
    pub(super) struct RawConsistency {
        size: usize,
        lambda_max: f64,
        worst: Contradiction,
    }

    impl TryFrom<RawConsistency> for Consistency {
        type Error = StoredError;

        fn try_from(raw: RawConsistency) -> Result<Self, StoredError> {
            let possible = SIZES.contains(&raw.size);
            holds(
                possible,
                "number of things compared",
                "from 3 to 8",
                raw.size,
            )?;
            // λmax ≥ n but for rounding, and at most 100 n: no row has a larger sum.
            let n = raw.size as f64;
            let reached = (n - 1e-9..=LARGEST * n * (1.0 + 1e-8)).contains(&raw.lambda_max);
            let (what, expected) = (
                "largest eigenvalue",
                "from the number of things to 100 times that",
            );
            holds(reached, what, expected, raw.lambda_max)?;
            let Contradiction { rows, comparisons } = raw.worst;
            let in_order = rows[0] < rows[1] && rows[1] < rows[2] && rows[2] < raw.size;
            let shown = format!("{rows:?}");
            holds(in_order, "rows of a contradiction", "three in order", shown)?;
            let on_scale = comparisons.iter().all(|c| scale().contains(c));
            let shown = format!("{comparisons:?}");
            holds(on_scale, "comparisons", "from 0.01 to 100", shown)?;
            Ok(Self {
                size: raw.size,
                lambda_max: raw.lambda_max,
                worst: raw.worst,
            })
        }
    }

    impl From<Consistency> for RawConsistency {
        fn from(consistency: Consistency) -> Self {
            Self {
                size: consistency.size,
                lambda_max: consistency.lambda_max,
                worst: consistency.worst,
            }
        }
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(rename = "Priorities", deny_unknown_fields)]
    pub(super) struct RawPriorities {
        weights: Vec<f64>,
        consistency: Consistency,
    }

    impl TryFrom<RawPriorities> for Priorities {
        type Error = StoredError;

        fn try_from(raw: RawPriorities) -> Result<Self, StoredError> {
            agree(
                "number of priorities",
                &raw.consistency.size,
                &raw.weights.len(),
            )?;
            for weight in &raw.weights {
                share("priority", *weight)?;
            }
            let sum: f64 = raw.weights.iter().sum();
            holds((sum - 1.0).abs() <= 1e-9, "sum of priorities", "1", sum)?;
            let ratio = raw.consistency.ratio();
            let accepted = ratio <= PairwiseComparisons::LIMIT;
            holds(accepted, "consistency ratio", "at most 0.1", ratio)?;
            Ok(Self {
                weights: raw.weights,
                consistency: raw.consistency,
            })
        }
    }

    impl From<Priorities> for RawPriorities {
        fn from(priorities: Priorities) -> Self {
            Self {
                weights: priorities.weights,
                consistency: priorities.consistency,
            }
        }
    }
}
