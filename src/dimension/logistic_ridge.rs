//! A logistic regression with a small ridge: enough to learn weights from outcomes.
//!
//! le Cessie & van Houwelingen (1992), "Ridge Estimators in Logistic Regression", *Applied
//! Statistics* 41(1), 191–201.

use super::DimensionError;
use crate::numeric::linear::Symmetric;
use crate::numeric::special::{logistic, softplus};

/// Steps of Newton's method; a concave function of this kind needs about ten.
const STEPS: u32 = 200;
/// A gradient per row below this is a maximum.
const SETTLED: f64 = 1e-11;

/// A fitted regression `logit P = intercept + Σ coefficient·x`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LogisticRidge {
    pub(super) intercept: f64,
    pub(super) coefficients: Vec<f64>,
    pub(super) standard_errors: Vec<f64>,
}

/// Mean and standard deviation of each column; a constant one has a deviation of 0.
fn moments(rows: &[&[f64]], columns: usize) -> Vec<(f64, f64)> {
    let n = rows.len() as f64;
    (0..columns)
        .map(|k| {
            let mean = rows.iter().map(|row| row[k]).sum::<f64>() / n;
            let squares = rows.iter().map(|row| (row[k] - mean).powi(2));
            let sd = (squares.sum::<f64>() / n).sqrt();
            // A column that is constant but for rounding tells nothing.
            let is_constant = sd <= 1e-12 * mean.abs();
            (mean, if is_constant { 0.0 } else { sd })
        })
        .collect()
}

impl LogisticRidge {
    /// Fits outcomes to rows of equal length: coefficients of columns scaled to a standard
    /// deviation of 1 are drawn to 0 by a penalty of `ridge/2` times their squares. A constant
    /// column has a coefficient of 0 and an infinite standard error.
    pub(super) fn fit(
        rows: &[&[f64]],
        outcomes: &[bool],
        ridge: f64,
    ) -> Result<Self, DimensionError> {
        let columns = rows.first().map_or(0, |row| row.len());
        let moments = moments(rows, columns);
        let live: Vec<usize> = (0..columns).filter(|&k| moments[k].1 > 0.0).collect();
        let size = live.len() + 1;
        let scaled: Vec<Vec<f64>> = rows
            .iter()
            .map(|row| {
                let cells = live.iter().map(|&k| (row[k] - moments[k].0) / moments[k].1);
                std::iter::once(1.0).chain(cells).collect()
            })
            .collect();
        let value = |point: &[f64]| {
            let fit: f64 = scaled
                .iter()
                .zip(outcomes)
                .map(|(row, &happened)| {
                    let z = dot(row, point);
                    -softplus(if happened { -z } else { z })
                })
                .sum();
            fit - 0.5 * ridge * point.iter().skip(1).map(|c| c * c).sum::<f64>()
        };
        let mut point = vec![0.0; size];
        let mut height = value(&point);
        for _ in 0..STEPS {
            let (gradient, information) = slopes(&scaled, outcomes, ridge, &point);
            let Some(factor) = information.cholesky() else {
                break;
            };
            let steepest = gradient.iter().fold(0.0_f64, |most, g| most.max(g.abs()));
            if steepest <= SETTLED * rows.len() as f64 {
                let inverse = factor.inverse();
                let mut coefficients = vec![0.0; columns];
                let mut standard_errors = vec![f64::INFINITY; columns];
                let mut intercept = point[0];
                for (place, &k) in live.iter().enumerate() {
                    let (mean, sd) = moments[k];
                    coefficients[k] = point[place + 1] / sd;
                    standard_errors[k] = inverse.at(place + 1, place + 1).sqrt() / sd;
                    intercept -= coefficients[k] * mean;
                }
                return Ok(Self {
                    intercept,
                    coefficients,
                    standard_errors,
                });
            }
            let step = factor.solve(&gradient);
            let mut length = 1.0;
            loop {
                let moved = point.iter().zip(&step).map(|(p, s)| p + length * s);
                let next: Vec<f64> = moved.collect();
                let reached = value(&next);
                if reached >= height - 1e-12 * height.abs() {
                    (point, height) = (next, reached);
                    break;
                }
                length *= 0.5;
                if length < 1e-10 {
                    break;
                }
            }
        }
        Err(DimensionError::NotSettled {
            what: "weights of trust",
            iterations: STEPS,
        })
    }

    /// The logit of the chance for a row.
    pub(super) fn logit(&self, row: &[f64]) -> f64 {
        self.intercept + dot(&self.coefficients, row)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The gradient of the penalised log-likelihood and its information.
fn slopes(
    rows: &[Vec<f64>],
    outcomes: &[bool],
    ridge: f64,
    point: &[f64],
) -> (Vec<f64>, Symmetric) {
    let size = point.len();
    let mut gradient: Vec<f64> = point.iter().map(|c| -ridge * c).collect();
    gradient[0] = 0.0;
    let mut information = Symmetric::zeros(size);
    for k in 1..size {
        information.set(k, k, ridge);
    }
    for (row, &happened) in rows.iter().zip(outcomes) {
        let chance = logistic(dot(row, point));
        let weight = chance * (1.0 - chance);
        let miss = if happened { 1.0 - chance } else { -chance };
        for i in 0..size {
            gradient[i] += miss * row[i];
            for j in 0..=i {
                let sum = information.at(i, j) + weight * row[i] * row[j];
                information.set(i, j, sum);
            }
        }
    }
    (gradient, information)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_two_by_two_gives_its_log_odds() {
        // 30 of 40 with, 20 of 60 without.
        let cells = [(1.0, 30, 10), (0.0, 20, 40)];
        let mut rows: Vec<[f64; 2]> = Vec::new();
        let mut outcomes = Vec::new();
        for (x, yes, no) in cells {
            for happened in std::iter::repeat_n(true, yes).chain(std::iter::repeat_n(false, no)) {
                rows.push([x, 7.0]); // the second column is constant
                outcomes.push(happened);
            }
        }
        let rows: Vec<&[f64]> = rows.iter().map(|row| &row[..]).collect();
        let fit = LogisticRidge::fit(&rows, &outcomes, 1e-12).unwrap();
        assert!((fit.intercept - 0.5_f64.ln()).abs() < 1e-9);
        assert!((fit.coefficients[0] - 6.0_f64.ln()).abs() < 1e-9);
        let error = (1.0_f64 / 30.0 + 0.1 + 0.05 + 0.025).sqrt();
        assert!((fit.standard_errors[0] - error).abs() < 1e-9);
        assert_eq!(fit.coefficients[1].to_bits(), 0.0_f64.to_bits());
        assert!(fit.standard_errors[1].is_infinite());
    }

    #[test]
    fn perfect_separation_is_held_by_the_ridge() {
        let rows: Vec<[f64; 1]> = (0..40).map(|n| [f64::from(n)]).collect();
        let outcomes: Vec<bool> = (0..40).map(|n| n >= 20).collect();
        let rows: Vec<&[f64]> = rows.iter().map(|row| &row[..]).collect();
        let fit = LogisticRidge::fit(&rows, &outcomes, 1.0).unwrap();
        assert!((0.05..5.0).contains(&fit.coefficients[0]));
    }
}
