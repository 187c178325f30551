//! Weights from comparisons in pairs (层次分析法): the analytic hierarchy process.
//!
//! Saaty (1977), "A Scaling Method for Priorities in Hierarchical Structures", *Journal of
//! Mathematical Psychology* 15(3), 234–281, <https://doi.org/10.1016/0022-2496(77)90033-5>; Saaty
//! (1980), *The Analytic Hierarchy Process*, for the mean consistency index of random comparisons.

use std::fmt;

use super::RelationshipError;
use super::weights::{WeightSource, Weights};
use crate::dimension::ByDimension;

/// The fewest and the most things compared.
const SIZES: std::ops::RangeInclusive<usize> = 3..=8;

/// The scale of comparisons: from a ninth to nine times as important.
const SCALE: f64 = 9.0;

/// How far a product of reciprocals may miss 1: a third has no end as a decimal.
const RECIPROCAL_WITHIN: f64 = 1e-9;

/// The power iteration is at rest when no priority moves by more.
const AT_REST: f64 = 1e-15;

/// More steps than any matrix of this scale needs. Each step brings two positive vectors closer by
/// (1 − 1/81)/(1 + 1/81) or better in Hilbert's metric (Birkhoff 1957), and 0.9757²⁰⁰⁰ is below
/// 10⁻²¹; so the end of the loop is rest as well.
const STEPS: usize = 2000;

/// The mean consistency index of random comparisons of 3 to 8 things, Saaty (1980).
const RANDOM_INDEX: [f64; 6] = [0.58, 0.90, 1.12, 1.24, 1.32, 1.41];

/// How many times as important each of 3 to 8 things is as each other, on Saaty's scale from 1/9
/// to 9.
///
/// Row *i*, column *j* is how many times as important *i* is as *j*. For the four dimensions the
/// rows are those of [`Dimension::ALL`](crate::dimension::Dimension::ALL).
///
/// # Examples
///
/// ```
/// use guanxi::relationship::PairwiseComparisons;
///
/// // Economic is twice as important as trust, three times as emotional, four times as information…
/// let comparisons = PairwiseComparisons::from_upper(4, &[2.0, 3.0, 4.0, 2.0, 2.0, 2.0])?;
/// let priorities = comparisons.priorities()?;
/// assert!((priorities.weights()[0] - 0.4716652791).abs() < 1e-10);
/// assert!((priorities.consistency().ratio() - 0.0169701054).abs() < 1e-10);
/// # Ok::<(), guanxi::relationship::RelationshipError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "Vec<Vec<f64>>", into = "Vec<Vec<f64>>")
)]
pub struct PairwiseComparisons(Vec<Vec<f64>>);

impl TryFrom<Vec<Vec<f64>>> for PairwiseComparisons {
    type Error = RelationshipError;

    fn try_from(rows: Vec<Vec<f64>>) -> Result<Self, Self::Error> {
        Self::new(rows)
    }
}

impl From<PairwiseComparisons> for Vec<Vec<f64>> {
    fn from(comparisons: PairwiseComparisons) -> Self {
        comparisons.0
    }
}

impl PairwiseComparisons {
    /// The consistency ratio above which comparisons are refused: *established* (Saaty 1980).
    pub const LIMIT: f64 = 0.10;

    /// The whole matrix, row by row.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::ComparisonSize`] unless there are 3 to 8 rows;
    /// [`RelationshipError::ComparisonRow`] if one is not as long as there are rows;
    /// [`RelationshipError::Comparison`] if a number is not from 1/9 to 9, the diagonal is not 1,
    /// or a number is not the reciprocal of its mirror image within 1e-9.
    pub fn new(rows: Vec<Vec<f64>>) -> Result<Self, RelationshipError> {
        let size = rows.len();
        if !SIZES.contains(&size) {
            return Err(RelationshipError::ComparisonSize { found: size });
        }
        for (row, cells) in rows.iter().enumerate() {
            if cells.len() != size {
                return Err(RelationshipError::ComparisonRow {
                    row,
                    expected: size,
                    found: cells.len(),
                });
            }
        }
        let range = (1.0 - RECIPROCAL_WITHIN) / SCALE..=SCALE * (1.0 + RECIPROCAL_WITHIN);
        for (row, cells) in rows.iter().enumerate() {
            for (column, &found) in cells.iter().enumerate() {
                let refused = |expected| RelationshipError::Comparison {
                    row,
                    column,
                    expected,
                    found,
                };
                if row == column && !(1.0..=1.0).contains(&found) {
                    return Err(refused("1"));
                }
                if !range.contains(&found) {
                    return Err(refused("a number from 1/9 to 9"));
                }
                if column < row && (found * rows[column][row] - 1.0).abs() > RECIPROCAL_WITHIN {
                    return Err(refused("the reciprocal of its mirror image"));
                }
            }
        }
        Ok(Self(rows))
    }

    /// The matrix from what stands above its diagonal, row by row; the reciprocals are filled in.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); [`RelationshipError::ComparisonCount`] unless there are
    /// *n*(*n* − 1)/2 numbers.
    pub fn from_upper(size: usize, upper: &[f64]) -> Result<Self, RelationshipError> {
        if !SIZES.contains(&size) {
            return Err(RelationshipError::ComparisonSize { found: size });
        }
        let expected = size * (size - 1) / 2;
        if upper.len() != expected {
            return Err(RelationshipError::ComparisonCount {
                rows: size,
                expected,
                found: upper.len(),
            });
        }
        let mut rows = vec![vec![1.0; size]; size];
        let pairs = (0..size).flat_map(|i| (i + 1..size).map(move |j| (i, j)));
        for ((i, j), &times) in pairs.zip(upper) {
            rows[i][j] = times;
            // Of what is no comparison, so that `new` refuses the number that was given.
            rows[j][i] = if times > 0.0 { 1.0 / times } else { times };
        }
        Self::new(rows)
    }

    /// The matrix, row by row.
    #[must_use]
    pub fn rows(&self) -> &[Vec<f64>] {
        &self.0
    }

    /// How many things are compared.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.len()
    }

    /// How far the comparisons contradict each other, whether or not they are accepted.
    #[must_use]
    pub fn consistency(&self) -> Consistency {
        Consistency {
            size: self.size(),
            lambda_max: self.principal().1,
            worst: self.worst(),
        }
    }

    /// The priority of each thing: the principal eigenvector of the matrix.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::Inconsistent`] if the consistency ratio is above
    /// [`LIMIT`](Self::LIMIT), with the three comparisons to think over first.
    pub fn priorities(&self) -> Result<Priorities, RelationshipError> {
        let (weights, lambda_max) = self.principal();
        let consistency = Consistency {
            size: self.size(),
            lambda_max,
            worst: self.worst(),
        };
        if consistency.ratio() > Self::LIMIT {
            return Err(RelationshipError::Inconsistent {
                limit: Self::LIMIT,
                found: consistency.ratio(),
                worst: consistency.worst,
            });
        }
        Ok(Priorities {
            weights,
            consistency,
        })
    }

    /// The weights of the four dimensions, if it is they that are compared.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::NotFour`] if other than 4 things are compared;
    /// [`RelationshipError::Inconsistent`] as [`priorities`](Self::priorities).
    pub fn weights(&self) -> Result<Weights, RelationshipError> {
        let Priorities {
            weights,
            consistency,
        } = self.priorities()?;
        let four: [f64; 4] = weights
            .try_into()
            .map_err(|w: Vec<f64>| RelationshipError::NotFour { found: w.len() })?;
        let source = WeightSource::Ahp {
            consistency_ratio: consistency.ratio(),
        };
        Weights::in_proportion(ByDimension::from(four), source)
    }

    /// The eigenvector of the largest eigenvalue, with sum 1, and that eigenvalue.
    fn principal(&self) -> (Vec<f64>, f64) {
        let product = |w: &[f64]| -> Vec<f64> {
            let dot = |row: &Vec<f64>| row.iter().zip(w).map(|(a, v)| a * v).sum();
            self.0.iter().map(dot).collect()
        };
        let shares = |v: &[f64]| -> Vec<f64> {
            let total: f64 = v.iter().sum();
            v.iter().map(|x| x / total).collect()
        };
        // Geometric means of the rows: the answer already, where nothing is contradicted.
        let size = self.size() as f64;
        let mean = |row: &Vec<f64>| (row.iter().map(|a| a.ln()).sum::<f64>() / size).exp();
        let mut weights = shares(&self.0.iter().map(mean).collect::<Vec<_>>());
        for _ in 0..STEPS {
            let next = shares(&product(&weights));
            let moved = weights.iter().zip(&next).map(|(a, b)| (a - b).abs());
            let largest = moved.fold(0.0, f64::max);
            weights = next;
            if largest <= AT_REST {
                break;
            }
        }
        let lambda: f64 = product(&weights).iter().sum();
        (weights, lambda)
    }

    /// The three comparisons whose product around the circle is farthest from 1.
    fn worst(&self) -> Contradiction {
        let at = |i: usize, j: usize| self.0[i][j];
        let gap = |c: &Contradiction| {
            let [ij, jk, ik] = c.comparisons;
            (ij * jk / ik).ln().abs()
        };
        let triple = |i, j, k| Contradiction {
            rows: [i, j, k],
            comparisons: [at(i, j), at(j, k), at(i, k)],
        };
        let size = self.size();
        let mut worst = triple(0, 1, 2);
        for i in 0..size {
            for j in i + 1..size {
                for k in j + 1..size {
                    let next = triple(i, j, k);
                    if gap(&next) > gap(&worst) {
                        worst = next;
                    }
                }
            }
        }
        worst
    }
}

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
    size: usize,
    lambda_max: f64,
    worst: Contradiction,
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
    weights: Vec<f64>,
    consistency: Consistency,
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
    use super::{Consistency, Contradiction, PairwiseComparisons, Priorities, SIZES};
    use crate::quantity::stored::{StoredError, agree};

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
            agree("a size from 3 to 8", &true, &possible)?;
            // λmax ≥ n but for rounding, and at most n·9: no row sum is larger.
            let n = raw.size as f64;
            let reached = (n - 1e-9..=10.0 * n).contains(&raw.lambda_max);
            agree("an eigenvalue at or above the size", &true, &reached)?;
            let [i, j, k] = raw.worst.rows;
            agree("rows in order", &true, &(i < j && j < k && k < raw.size))?;
            let on_scale = raw
                .worst
                .comparisons
                .iter()
                .all(|c| (0.11..=9.1).contains(c));
            agree("comparisons from 1/9 to 9", &true, &on_scale)?;
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
            agree("priorities", &raw.consistency.size, &raw.weights.len())?;
            let shares = raw.weights.iter().all(|w| (0.0..=1.0).contains(w));
            agree("priorities from 0 to 1", &true, &shares)?;
            let whole = (raw.weights.iter().sum::<f64>() - 1.0).abs() <= 1e-9;
            agree("priorities that sum to 1", &true, &whole)?;
            let accepted = raw.consistency.ratio() <= PairwiseComparisons::LIMIT;
            agree("acceptance of the consistency ratio", &true, &accepted)?;
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
