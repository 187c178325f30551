//! Least squares on four indices without negative coefficients.

use super::OutcomeRow;
use crate::dimension::Dimension;
use crate::numeric::linear::Symmetric;

/// An sd of an index up to this is rounding: the index does not differ.
const CONSTANT: f64 = 1e-12;

/// A subset whose correlations have a smaller eigenvalue is left out: others do as well.
const SINGULAR: f64 = 1e-10;

/// Means of rows, and sums of products of the distances from them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moments {
    rows: f64,
    index_means: [f64; 4],
    outcome_mean: f64,
    largest_outcome: f64,
    gram: [[f64; 4]; 4],
    cross: [f64; 4],
    outcome_square: f64,
}

impl Moments {
    /// The moments of some rows, at least one; in two passes, so that large means cost no digits.
    pub(super) fn of<'a>(rows: impl Iterator<Item = &'a OutcomeRow> + Clone) -> Self {
        let mut m = Self {
            rows: 0.0,
            index_means: [0.0; 4],
            outcome_mean: 0.0,
            largest_outcome: 0.0,
            gram: [[0.0; 4]; 4],
            cross: [0.0; 4],
            outcome_square: 0.0,
        };
        for row in rows.clone() {
            m.rows += 1.0;
            m.outcome_mean += row.outcome;
            m.largest_outcome = m.largest_outcome.max(row.outcome.abs());
            for (mean, d) in m.index_means.iter_mut().zip(row.indices.into_array()) {
                *mean += d;
            }
        }
        let n = m.rows.max(1.0);
        m.outcome_mean /= n;
        m.index_means = m.index_means.map(|sum| sum / n);
        for row in rows {
            let d = row.indices.into_array();
            let x: [f64; 4] = std::array::from_fn(|j| d[j] - m.index_means[j]);
            let y = row.outcome - m.outcome_mean;
            for j in 0..4 {
                for k in 0..4 {
                    m.gram[j][k] += x[j] * x[k];
                }
                m.cross[j] += x[j] * y;
            }
            m.outcome_square += y * y;
        }
        m
    }

    /// Whether an index differs between rows.
    pub(super) fn varies(&self, dimension: Dimension) -> bool {
        let j = dimension.place();
        self.gram[j][j] > self.rows * CONSTANT * CONSTANT
    }

    /// Whether the outcome differs between rows.
    pub(super) fn outcome_varies(&self) -> bool {
        let rounding = CONSTANT * self.largest_outcome;
        self.outcome_square > self.rows * rounding * rounding
    }

    /// The correlation of two indices that vary.
    fn correlation(&self, j: usize, k: usize) -> f64 {
        self.gram[j][k] / (self.gram[j][j].sqrt() * self.gram[k][k].sqrt())
    }

    /// The correlations of some of the indices.
    fn correlations(&self, places: &[usize]) -> Symmetric {
        let mut matrix = Symmetric::zeros(places.len());
        for (row, &j) in places.iter().enumerate() {
            matrix.set(row, row, 1.0);
            for (column, &k) in places.iter().enumerate().take(row) {
                matrix.set(row, column, self.correlation(j, k));
            }
        }
        matrix
    }

    /// The smallest eigenvalue of the correlations of all four indices, which must vary.
    pub(super) fn smallest_eigenvalue(&self) -> f64 {
        self.correlations(&[0, 1, 2, 3]).smallest_eigenvalue()
    }

    /// The coefficients at or above 0 with the least squared error; all 0 if none lowers it.
    pub(super) fn non_negative(&self) -> [f64; 4] {
        let mut best = ([0.0; 4], 0.0);
        if !self.outcome_varies() {
            return best.0;
        }
        for subset in 1_usize..16 {
            let inside = |d: &Dimension| subset & (1 << d.place()) > 0;
            let dimensions: Vec<Dimension> = Dimension::ALL.into_iter().filter(inside).collect();
            if !dimensions.iter().all(|d| self.varies(*d)) {
                continue;
            }
            let places: Vec<usize> = dimensions.iter().map(|d| d.place()).collect();
            let correlations = self.correlations(&places);
            if correlations.smallest_eigenvalue() < SINGULAR {
                continue;
            }
            let Some(factor) = correlations.cholesky() else {
                continue;
            };
            let scaled: Vec<f64> = places
                .iter()
                .map(|&j| self.cross[j] / self.gram[j][j].sqrt())
                .collect();
            let solution = factor.solve(&scaled);
            let explained: f64 = solution.iter().zip(&scaled).map(|(b, c)| b * c).sum();
            if solution.iter().all(|b| *b > 0.0) && explained > best.1 {
                let mut coefficients = [0.0; 4];
                for (&j, b) in places.iter().zip(&solution) {
                    coefficients[j] = b / self.gram[j][j].sqrt();
                }
                best = (coefficients, explained);
            }
        }
        best.0
    }

    /// The coefficients in proportion to weights, on the scale that has the least squared error.
    pub(super) fn in_proportion(&self, weights: [f64; 4]) -> [f64; 4] {
        let along: f64 = weights.iter().zip(self.cross).map(|(w, c)| w * c).sum();
        let row = |j: usize| -> f64 { weights.iter().zip(self.gram[j]).map(|(w, g)| w * g).sum() };
        let square: f64 = (0..4).map(|j| weights[j] * row(j)).sum();
        if square <= self.rows * CONSTANT * CONSTANT || along <= 0.0 {
            return [0.0; 4];
        }
        weights.map(|w| w * along / square)
    }

    /// The intercept that goes with coefficients.
    pub(super) fn intercept(&self, coefficients: &[f64; 4]) -> f64 {
        let along = coefficients.iter().zip(self.index_means);
        self.outcome_mean - along.map(|(b, mean)| b * mean).sum::<f64>()
    }

    /// The forecast for a row.
    pub(super) fn forecast(&self, coefficients: &[f64; 4], row: &OutcomeRow) -> f64 {
        let d = row.indices.into_array();
        let moved = (0..4).map(|j| coefficients[j] * (d[j] - self.index_means[j]));
        self.outcome_mean + moved.sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dimension::ByDimension;

    /// Numbers without a pattern, from 0 to 1.
    fn noise(seed: u64) -> impl Iterator<Item = f64> {
        let mut state = seed;
        std::iter::repeat_with(move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            f64::from((state >> 40) as u32) / f64::from(1_u32 << 24)
        })
    }

    fn rows(seed: u64, truth: [f64; 4]) -> Vec<OutcomeRow> {
        let mut draws = noise(seed);
        let mut draw = move || draws.next().unwrap();
        (0..60)
            .map(|_| {
                let common = draw();
                let d: [f64; 4] = std::array::from_fn(|_| 0.5 * (common + draw()));
                let sum: f64 = d.iter().zip(truth).map(|(d, b)| d * b).sum();
                OutcomeRow {
                    indices: ByDimension::from(d),
                    outcome: sum + draw() - 0.5,
                }
            })
            .collect()
    }

    #[test]
    fn the_solution_meets_the_conditions_of_kuhn_and_tucker() {
        let mut at_a_bound = 0;
        for seed in 0..200 {
            let rows = rows(seed, [0.4, -0.3, 0.1, -0.1]);
            let m = Moments::of(rows.iter());
            let b = m.non_negative();
            for j in 0..4 {
                let fitted: f64 = (0..4).map(|k| m.gram[j][k] * b[k]).sum();
                let gradient = m.cross[j] - fitted; // of half the squared error, downhill
                assert!(b[j] >= 0.0);
                if b[j] > 0.0 {
                    assert!(gradient.abs() < 1e-12);
                } else {
                    at_a_bound += 1;
                    assert!(gradient < 1e-12);
                }
            }
        }
        assert!(at_a_bound > 200, "{at_a_bound}");
    }

    #[test]
    fn no_step_to_other_coefficients_lowers_the_error() {
        for seed in 0..50 {
            let rows = rows(seed, [0.2, 0.0, -0.2, 0.1]);
            let m = Moments::of(rows.iter());
            let error = |b: &[f64; 4]| -> f64 {
                rows.iter()
                    .map(|r| (r.outcome - m.forecast(b, r)).powi(2))
                    .sum()
            };
            let best = m.non_negative();
            let mut draws = noise(seed + 1000);
            for _ in 0..100 {
                let other = best.map(|b| (b + 0.2 * (draws.next().unwrap() - 0.5)).max(0.0));
                assert!(error(&best) <= error(&other) + 1e-12);
            }
        }
    }

    #[test]
    fn indices_that_move_together_share_one_coefficient_between_them() {
        let mut rows = rows(3, [0.5, 0.0, 0.0, 0.0]);
        for row in &mut rows {
            row.indices.trust = row.indices.economic;
            row.indices.information = 0.25;
        }
        let b = Moments::of(rows.iter()).non_negative();
        assert!(b.iter().all(|b| b.is_finite()) && b.iter().sum::<f64>() > 0.0);
        assert!(b[0].min(b[1]).to_bits() == 0 && b[3].to_bits() == 0);
    }
}
