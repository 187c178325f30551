//! Weights from how far each index differs between customers (熵权法).
//!
//! Shannon (1948), "A Mathematical Theory of Communication", *Bell System Technical Journal* 27(3),
//! 379–423, <https://doi.org/10.1002/j.1538-7305.1948.tb01338.x>, for the entropy.

use super::error::RelationshipError;
use super::weights::{WeightSource, Weights};
use crate::dimension::{ByDimension, Dimension};

const WHAT: &str = "the entropy method";

/// Weights in proportion to how unevenly each index is spread over a base: `1 − e`, where `e` is
/// the entropy of the shares that the customers have in the sum of the index, from 0 to 1.
///
/// **A warning.** These weights reward dispersion, not importance: an index that hardly differs
/// between customers gets next to nothing however much it matters, and one that is noise gets a
/// lot. They change with every base, and with any shift of a scale. They are here because they are
/// in common use; [`Weights::equal`] is as far from importance and easier to defend.
///
/// One row a customer, each number from 0 to 1. An index that is the same for all gets 0.
///
/// # Errors
///
/// [`RelationshipError::TooFewRows`] below 2 rows: one customer has no dispersion;
/// [`RelationshipError::Row`] for a number not within [0, 1];
/// [`RelationshipError::Uninformative`] if an index is 0 for all, so that there are no shares;
/// [`RelationshipError::Undefined`] if no index differs between customers.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::ByDimension;
/// use guanxi::relationship::entropy_weights;
///
/// let rows = [[0.62, 0.74, 0.55, 0.40], [0.20, 0.70, 0.50, 0.35], [0.90, 0.60, 0.45, 0.10],
///     [0.35, 0.80, 0.60, 0.55], [0.50, 0.65, 0.52, 0.20]];
/// let weights = entropy_weights(&rows.map(ByDimension::from))?.shares();
/// assert!((weights.economic - 0.441185856).abs() < 1e-9);
/// assert!((weights.trust - 0.0198063869).abs() < 1e-9); // hardly differs, so hardly counts
/// # Ok::<(), guanxi::relationship::RelationshipError>(())
/// ```
pub fn entropy_weights(rows: &[ByDimension<f64>]) -> Result<Weights, RelationshipError> {
    if rows.len() < 2 {
        return Err(RelationshipError::TooFewRows {
            what: WHAT,
            needed: 2,
            found: rows.len(),
        });
    }
    for (row, indices) in rows.iter().enumerate() {
        check_row(row, indices)?;
    }
    let mut dispersions = ByDimension::default();
    for dimension in Dimension::ALL {
        let column = || rows.iter().map(|r| r[dimension]);
        if column().all(|x| x <= 0.0) {
            return Err(RelationshipError::Uninformative {
                what: WHAT,
                is: "0",
                dimension,
            });
        }
        *dispersions.get_mut(dimension) = dispersion(column, rows.len() as f64);
    }
    if dispersions.iter().all(|(_, d)| *d <= 0.0) {
        return Err(RelationshipError::Undefined {
            what: WHAT,
            why: "no index differs between rows",
        });
    }
    Weights::in_proportion(dispersions, WeightSource::Entropy { rows: rows.len() })
}

/// Refuses a row with a number that is no index.
pub(super) fn check_row(row: usize, indices: &ByDimension<f64>) -> Result<(), RelationshipError> {
    for (dimension, &found) in indices.iter() {
        if !(0.0..=1.0).contains(&found) {
            return Err(RelationshipError::Row {
                quantity: match dimension {
                    Dimension::Economic => "economic index",
                    Dimension::Trust => "trust index",
                    Dimension::Emotional => "emotional index",
                    Dimension::Information => "information index",
                },
                row,
                expected: "between 0 and 1",
                found,
            });
        }
    }
    Ok(())
}

/// `1 − e` of a column, times `ln n`: the divergence of the shares from equal ones, up to a factor
/// that all columns have in common.
///
/// It is summed as `(1 + δ) ln(1 + δ) − δ` over the relative distances δ from the mean. The terms
/// are positive, where `1 − e` would lose its digits when the shares are nearly equal.
fn dispersion<I: Iterator<Item = f64>>(column: impl Fn() -> I, n: f64) -> f64 {
    let first = column().next();
    if column().all(|x| Some(x) == first) {
        return 0.0; // the mean of equal numbers need not be that number
    }
    let mean = column().sum::<f64>() / n;
    column().map(|x| excess((x - mean) / mean)).sum::<f64>() / n
}

/// `(1 + δ) ln(1 + δ) − δ` for δ ≥ −1.
fn excess(delta: f64) -> f64 {
    if delta.abs() < 0.01 {
        // Σ (−δ)ᵏ/(k(k − 1)) from k = 2; eight terms leave less than 10⁻¹⁶ of the first.
        let series = |k: i32| (-delta).powi(k) / f64::from(k * (k - 1));
        return (2..10).rev().map(series).sum();
    }
    if delta <= -1.0 {
        return 1.0; // a share of 0
    }
    (1.0 + delta) * delta.ln_1p() - delta
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_meets_the_formula_where_they_change_over() {
        for delta in [-0.0099, 0.0099, -0.01, 0.01] {
            let formula = (1.0 + delta) * f64::ln_1p(delta) - delta;
            assert!((excess(delta) - formula).abs() < 1e-15 * delta.abs());
        }
        assert!((excess(-1.0 + 1e-12) - 1.0).abs() < 1e-10);
        assert!((excess(-1.0) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn indices_that_hardly_differ_keep_their_digits() {
        // Two columns whose relative distances are as 1 to 2 have weights as 1 to 4, however small.
        for step in [1e-3, 1e-6, 1e-9] {
            let rows = [
                ByDimension::from([0.5, 0.5, 0.5, 0.5]),
                ByDimension::from([0.5 + step, 0.5 + 2.0 * step, 0.5, 0.5]),
            ];
            let w = entropy_weights(&rows).unwrap().shares();
            assert!((w.trust / w.economic - 4.0).abs() < 10.0 * step + 1e-6);
            assert!(w.emotional.to_bits() == 0 && w.information.to_bits() == 0);
        }
    }
}
