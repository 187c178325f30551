//! The linear algebra of covariates: constants that standardise them, effects that follow from
//! others, and certificates in other coordinates.

use crate::numeric::linear::complement;

use super::super::fit::FitError;
use super::super::maximise::estimate;
use super::super::parameter::Parametric;
use super::super::report::FitReport;
use super::{Covariate, CovariateError};

/// Spread of a covariate, in its largest value, below which it is a constant but for rounding.
const CONSTANT: f64 = 1e-13;
/// Share of the variance of an effect's predictor, left by those before, below which it follows
/// from them.
const FOLLOWS: f64 = 1e-10;

/// The covariate with its mean and standard deviation over weighted values.
pub(super) fn standardised(
    covariate: &Covariate,
    values: &[(f64, f64)],
) -> Result<Covariate, CovariateError> {
    let largest = values.iter().fold(0.0, |m: f64, (_, z)| m.max(z.abs()));
    let constant = || CovariateError::Constant {
        covariate: covariate.name.clone(),
    };
    if largest == 0.0 {
        return Err(constant());
    }
    // In units of the largest value, in which no square leaves the range of numbers.
    let total: f64 = values.iter().map(|(w, _)| w).sum();
    let mean_of = |of: &dyn Fn(f64) -> f64| {
        values.iter().map(|(w, z)| w * of(z / largest)).sum::<f64>() / total
    };
    let first = mean_of(&|z| z);
    let mean = first + mean_of(&|z| z - first);
    let deviation = mean_of(&|z| (z - mean) * (z - mean)).sqrt();
    // Written so that NaN fails it.
    if !(deviation > CONSTANT) {
        return Err(constant());
    }
    covariate
        .clone()
        .standardised(mean * largest, (deviation * largest).max(1e-300))
}

/// Which effect, if any, follows from those before: effects as predictors with the cells
/// `slopes·u`, by Cholesky's method on their products.
pub(super) fn following(
    slopes: &[Vec<f64>],
    predictors: &[f64],
    weights: impl Iterator<Item = f64> + Clone,
) -> Option<usize> {
    let n = slopes.len();
    if n == 0 {
        return None;
    }
    let mut products = vec![vec![0.0; n]; n];
    for (row, weight) in predictors.chunks_exact(n).zip(weights) {
        for i in 0..n {
            for j in 0..=i {
                products[i][j] += weight * row[i] * row[j];
            }
        }
    }
    let mut factor = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let common: f64 = slopes[i].iter().zip(&slopes[j]).map(|(a, b)| a * b).sum();
            let known: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
            let whole = common * products[i][j];
            let rest = whole - known;
            if i == j {
                // Written so that NaN follows as well.
                if !(rest > FOLLOWS * whole) {
                    return Some(i);
                }
                factor[i][i] = rest.sqrt();
            } else {
                factor[i][j] = rest / factor[j][j];
            }
        }
    }
    None
}

/// The certificate of a model whose parameters, on the scale of the search, are linear in those that
/// were fitted: row by row of the matrix.
pub(in super::super) fn mapped<M: Parametric>(
    report: &FitReport,
    rows: &[Vec<f64>],
    model: &M,
) -> Result<FitReport, FitError> {
    let covariance = report.covariance.seen_along(rows);
    let untold = untold(report);
    let mut parameters = Vec::with_capacity(rows.len());
    let named = model
        .names()
        .into_iter()
        .zip(model.kinds())
        .zip(model.values());
    for (i, ((name, kind), value)) in named.enumerate() {
        let mut sources = rows[i].iter().zip(&report.parameters);
        let is_known = sources.all(|(&share, p)| share == 0.0 || p.standard_error.is_some())
            || untold
                .iter()
                .all(|direction| is_across(&rows[i], direction));
        let variance = is_known.then(|| covariance.at(i, i));
        parameters.push(estimate(name, kind, value, variance, report.level)?);
    }
    Ok(FitReport {
        model: M::MODEL.into(),
        parameters,
        covariance,
        ..report.clone()
    })
}

/// The directions that the covariance leaves out, because a boundary lies there.
fn untold(report: &FitReport) -> Vec<Vec<f64>> {
    let n = report.parameters.len();
    let column = |i: usize| -> Option<Vec<f64>> {
        let column: Vec<f64> = (0..n).map(|j| report.covariance.at(i, j)).collect();
        let length = length(&column);
        (length > 0.0).then(|| column.iter().map(|c| c / length).collect())
    };
    let told: Vec<Vec<f64>> = (0..n).filter_map(column).collect();
    complement(&told.iter().map(Vec::as_slice).collect::<Vec<_>>(), n)
}

fn length(vector: &[f64]) -> f64 {
    vector.iter().map(|v| v * v).sum::<f64>().sqrt()
}

/// Whether a vector is at right angles to a direction, but for rounding.
fn is_across(vector: &[f64], direction: &[f64]) -> bool {
    let along: f64 = vector.iter().zip(direction).map(|(v, d)| v * d).sum();
    along.abs() <= 1e-6 * length(vector)
}
