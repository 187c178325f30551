//! Weights from comparisons in pairs (层次分析法): the analytic hierarchy process.
//!
//! Saaty (1977), "A Scaling Method for Priorities in Hierarchical Structures", *Journal of
//! Mathematical Psychology* 15(3), 234–281, <https://doi.org/10.1016/0022-2496(77)90033-5>; Saaty
//! (1980), *The Analytic Hierarchy Process*, for the mean consistency index of random comparisons.

mod priorities;

pub use priorities::{Consistency, Contradiction, Priorities};

use super::RelationshipError;
use super::weights::{WeightSource, Weights};
use crate::dimension::ByDimension;

/// The fewest and the most things compared.
const SIZES: std::ops::RangeInclusive<usize> = 3..=8;

/// The largest comparison. Saaty's own scale ends at 9.
const LARGEST: f64 = 100.0;

/// How far a product of reciprocals may miss 1: a third has no end as a decimal.
const RECIPROCAL_WITHIN: f64 = 1e-9;

/// The power iteration is at rest when no priority moves by more.
const AT_REST: f64 = 1e-15;

/// More steps than any matrix needs. Each brings two positive vectors closer by the factor
/// (1 − 10⁻⁴)/(1 + 10⁻⁴) or better in Hilbert's metric, whatever the comparisons up to 100 (Birkhoff
/// 1957, <https://doi.org/10.1090/S0002-9947-1957-0087058-6>), and that to the 300,000th is below
/// 10⁻²⁶: so the end of the loop is rest as well. Comparisons that are accepted need some dozens.
const STEPS: usize = 300_000;

/// The comparisons that are on the scale, but for rounding.
fn scale() -> std::ops::RangeInclusive<f64> {
    (1.0 - RECIPROCAL_WITHIN) / LARGEST..=LARGEST * (1.0 + RECIPROCAL_WITHIN)
}

/// How many times as important each of 3 to 8 things is as each other.
///
/// Saaty's scale goes from 1/9 to 9, and the consistency of random comparisons, which the
/// consistency ratio refers to, is *established* for it alone; numbers from 0.01 to 100 are taken.
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
    /// [`RelationshipError::Comparison`] if a number is not from 0.01 to 100, the diagonal is not 1,
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
                if !scale().contains(&found) {
                    return Err(refused("a number from 0.01 to 100"));
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
