//! Maximum likelihood with a certificate: the one search behind every fit.

use crate::numeric::linear::Symmetric;
use crate::numeric::minimise::{Limits, Minimum, free_gradient, minimise};
use crate::numeric::special::normal_quantile;
use crate::quantity::Interval;

use super::fit::{FitError, FitOptions};
use super::report::{Boundary, FitReport, Note, ParameterEstimate};

/// A log-likelihood in the logarithms of scaled parameters: it writes its gradient and returns its
/// value, both summed over customers.
pub(crate) type LogLikelihood<'a> = &'a mut dyn FnMut(&[f64], &mut [f64]) -> f64;

/// A limit of the model: the parameters concerned and where they go, on the log scale.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) boundary: Boundary,
    /// Direction of each parameter; those with 0 keep their value and their standard error.
    pub(crate) towards: &'static [f64],
}

/// What to maximise.
pub(crate) struct Problem<'a> {
    pub(crate) model: &'static str,
    pub(crate) names: &'static [&'static str],
    /// Unit or currency of the parameters, in words.
    pub(crate) scale: String,
    pub(crate) customers: f64,
    pub(crate) rows: usize,
    /// Starts, in logarithms of the scaled parameters.
    pub(crate) starts: Vec<Vec<f64>>,
    /// What turns the logarithm of a scaled parameter into that of the parameter.
    pub(crate) shift: Vec<f64>,
    /// What turns the scaled log-likelihood into that of the data as given.
    pub(crate) offset: f64,
    /// Scaled log-likelihood of the best nested model.
    pub(crate) nested: Option<f64>,
    pub(crate) limits: &'static [Limit],
    pub(crate) notes: Vec<Note>,
    pub(crate) likelihood: LogLikelihood<'a>,
}

/// Scaled parameters stay within `e^±` this: 1e-8 to 1e8.
const BOUND: f64 = 18.420_680_743_952_367;
/// The searches end here; Newton steps take the best of them further.
const SEARCH: f64 = 1e-7;
/// A gradient per customer above this is not a maximum.
const SETTLED: f64 = 1e-6;
/// Step of the central differences of the gradient.
const STEP: f64 = 1e-4;
/// Information about a combination of parameters below which its standard error exceeds a factor
/// of e^30 and means nothing.
const NO_INFORMATION: f64 = 1e-3;
/// This close to the end of the box a parameter has run to a limit.
const EDGE: f64 = 0.01;
/// How far towards a limit, on the log scale, the likelihood must be flat.
const FAR: f64 = 5.0;
/// A limit is as good as the optimum if it loses no more log-likelihood than this.
const NO_LOSS: f64 = 1e-2;

/// Finds the maximum and certifies it, or says what is wrong. The parameters are in the report.
pub(crate) fn maximise(problem: Problem<'_>, options: &FitOptions) -> Result<FitReport, FitError> {
    let Problem {
        model,
        names,
        scale,
        customers,
        rows,
        starts,
        shift,
        offset,
        nested,
        limits,
        mut notes,
        likelihood,
    } = problem;
    let n = names.len();
    let ridge = match &options.ridge {
        Some(ridge) => {
            let centre = ridge.centre(model, &scale)?;
            let scaled: Vec<f64> = centre.iter().zip(&shift).map(|(c, s)| c.ln() - s).collect();
            Some((ridge.strength(), scaled))
        }
        None => {
            if customers < options.minimum_customers {
                return Err(FitError::TooFewCustomers {
                    model,
                    needed: options.minimum_customers,
                    found: customers,
                });
            }
            None
        }
    };
    let penalty = |x: &[f64]| {
        ridge.as_ref().map_or(0.0, |(strength, centre)| {
            strength
                * x.iter()
                    .zip(centre)
                    .map(|(x, c)| (x - c) * (x - c))
                    .sum::<f64>()
        })
    };
    let mut objective = |x: &[f64], gradient: &mut [f64]| {
        let mut value = likelihood(x, gradient) - penalty(x);
        if let Some((strength, centre)) = &ridge {
            for i in 0..n {
                gradient[i] -= 2.0 * strength * (x[i] - centre[i]);
            }
        }
        gradient.iter_mut().for_each(|g| *g = -*g / customers);
        value = -value / customers;
        if value.is_nan() { f64::INFINITY } else { value }
    };

    // Every start is searched; the best is polished.
    let search = Limits {
        bound: BOUND,
        step: 3.0,
        gradient: SEARCH,
        iterations: options.iterations,
    };
    let ends: Vec<Minimum> = starts
        .iter()
        .map(|start| minimise(&mut objective, start, search))
        .collect();
    let mut evaluations: u32 = ends.iter().map(|end| end.evaluations).sum();
    let Some(mut best) = ends
        .iter()
        .min_by(|a, b| a.value.total_cmp(&b.value))
        .cloned()
    else {
        return Err(FitError::NotConverged {
            model,
            iterations: 0,
            gradient_norm: f64::INFINITY,
            log_likelihood: f64::NEG_INFINITY,
            parameters: Vec::new(),
        });
    };
    let hessian = information(&mut objective, &best.x, &mut evaluations);
    polish(&mut objective, &mut best, &hessian, &mut evaluations);

    let ln_values = |x: &[f64]| -> Vec<f64> { x.iter().zip(&shift).map(|(x, s)| x + s).collect() };
    let values: Vec<f64> = ln_values(&best.x).into_iter().map(f64::exp).collect();
    let log_likelihood = offset - customers * best.value + penalty(&best.x);
    let gradient_norm = free_gradient(&best.x, &best.gradient, BOUND);
    let below_nested = nested.is_some_and(|nested| {
        ridge.is_none() && -customers * best.value < nested - 1e-6 * nested.abs().max(1.0)
    });
    if gradient_norm.is_nan() || gradient_norm > SETTLED || below_nested {
        return Err(FitError::NotConverged {
            model,
            iterations: best.iterations,
            gradient_norm,
            log_likelihood,
            parameters: values,
        });
    }

    // A flat direction is a limit with a name, or the parameters are not identified.
    let mut keep = vec![true; n];
    let mut free = hessian.clone();
    let mut curvature = free.smallest_eigenvalue();
    loop {
        let at_edge = (0..n).any(|i| keep[i] && best.x[i].abs() > BOUND - EDGE);
        if !at_edge && curvature * customers >= NO_INFORMATION {
            break;
        }
        let mut beside = vec![0.0; n];
        let limit = limits.iter().find(|limit| {
            let moving = || (0..n).filter(|&i| limit.towards[i] != 0.0);
            if moving().any(|i| !keep[i]) {
                return false;
            }
            // Flat over a factor of e^5: ahead, or behind as far as the box ends before that.
            let ahead = moving()
                .map(|i| (BOUND.copysign(limit.towards[i]) - best.x[i]) / limit.towards[i])
                .fold(FAR, f64::min);
            [ahead, ahead - FAR].iter().all(|&way| {
                let moved: Vec<f64> = (0..n).map(|i| best.x[i] + way * limit.towards[i]).collect();
                evaluations += 1;
                (objective(&moved, &mut beside) - best.value) * customers < NO_LOSS
            })
        });
        let Some(limit) = limit else {
            return Err(FitError::NotIdentified {
                model,
                curvature,
                log_likelihood,
                parameters: values,
            });
        };
        // Two ways may lead to one boundary, such as a → 0 and b → ∞.
        let note = Note::AtBoundary(limit.boundary);
        if !notes.contains(&note) {
            notes.push(note);
        }
        for (keep, towards) in keep.iter_mut().zip(limit.towards) {
            *keep &= *towards == 0.0;
        }
        free = hessian.part(&keep);
        if free.size() == 0 {
            curvature = 0.0;
            break;
        }
        curvature = free.smallest_eigenvalue();
    }
    let Some(factor) = free.scaled(customers).cholesky() else {
        return Err(FitError::NotIdentified {
            model,
            curvature,
            log_likelihood,
            parameters: values,
        });
    };
    let covariance = factor.inverse();

    let mut ln_covariance = Symmetric::zeros(n);
    let kept: Vec<usize> = (0..n).filter(|&i| keep[i]).collect();
    for (a, &i) in kept.iter().enumerate() {
        for (b, &j) in kept.iter().enumerate() {
            ln_covariance.set(i, j, covariance.at(a, b));
        }
    }
    if let Some((strength, _)) = &ridge {
        notes.push(Note::Ridge {
            strength: *strength,
            penalty: penalty(&best.x),
        });
    }
    let worst = ends.iter().map(|end| end.value).fold(best.value, f64::max);
    let below = customers * (worst - best.value);
    if below > NO_LOSS {
        notes.push(Note::LowerOptimum { below });
    }
    let z = normal_quantile(0.5 + 0.5 * options.level.value());
    let parameters = names
        .iter()
        .zip(&values)
        .enumerate()
        .map(|(i, (&name, &value))| {
            let ln_error = ln_covariance.at(i, i).sqrt();
            let interval = if keep[i] {
                Some(Interval::new(
                    value * (-z * ln_error).exp(),
                    value * (z * ln_error).exp(),
                    options.level,
                )?)
            } else {
                None
            };
            Ok(ParameterEstimate {
                name,
                value,
                standard_error: keep[i].then_some(value * ln_error),
                interval,
            })
        })
        .collect::<Result<Vec<_>, FitError>>()?;
    Ok(FitReport {
        model,
        parameters,
        log_likelihood,
        customers,
        rows,
        gradient_norm,
        curvature,
        iterations: best.iterations,
        evaluations,
        level: options.level,
        notes,
        ln_covariance,
    })
}

type Objective<'a> = dyn FnMut(&[f64], &mut [f64]) -> f64 + 'a;

/// The observed information per customer: central differences of the exact gradient.
fn information(objective: &mut Objective<'_>, x: &[f64], evaluations: &mut u32) -> Symmetric {
    let n = x.len();
    let mut rows = vec![vec![0.0; n]; n];
    let (mut ahead, mut behind) = (vec![0.0; n], vec![0.0; n]);
    let mut beside = x.to_vec();
    for (i, row) in rows.iter_mut().enumerate() {
        beside[i] = x[i] + STEP;
        objective(&beside, &mut ahead);
        beside[i] = x[i] - STEP;
        objective(&beside, &mut behind);
        beside[i] = x[i];
        *evaluations += 2;
        for j in 0..n {
            row[j] = (ahead[j] - behind[j]) / (2.0 * STEP);
        }
    }
    let mut hessian = Symmetric::zeros(n);
    for i in 0..n {
        for j in 0..=i {
            hessian.set(i, j, 0.5 * (rows[i][j] + rows[j][i]));
        }
    }
    hessian
}

/// Newton steps with a fixed Hessian, as long as each shrinks the gradient.
fn polish(
    objective: &mut Objective<'_>,
    best: &mut Minimum,
    hessian: &Symmetric,
    evaluations: &mut u32,
) {
    let Some(factor) = hessian.cholesky() else {
        return;
    };
    let mut gradient = vec![0.0; best.x.len()];
    for _ in 0..4 {
        let step = factor.solve(&best.gradient);
        if step.iter().any(|s| s.abs() > 0.1) {
            return; // far from quadratic: a limit of the model
        }
        let moved: Vec<f64> = best
            .x
            .iter()
            .zip(&step)
            .map(|(x, s)| (x - s).clamp(-BOUND, BOUND))
            .collect();
        let value = objective(&moved, &mut gradient);
        *evaluations += 1;
        let (old, new) = (
            free_gradient(&best.x, &best.gradient, BOUND),
            free_gradient(&moved, &gradient, BOUND),
        );
        // The value may rise by its own rounding.
        if new >= old || value > best.value + 1e-13 * best.value.abs() {
            return;
        }
        best.x = moved;
        best.value = value;
        best.gradient.copy_from_slice(&gradient);
    }
}
