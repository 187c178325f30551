//! Maximum likelihood with a certificate: the one search behind every fit.

mod identify;
mod objective;
mod ridge;

use std::borrow::Cow;

use crate::numeric::linear::Symmetric;
use crate::numeric::special::normal_quantile;
use crate::quantity::{Interval, Probability};

use super::fit::{FitError, FitOptions};
use super::parameter::{BOUND, ParameterKind};
use super::report::{Boundary, FitReport, Note, ParameterEstimate};

use identify::{Known, identify};
use objective::{Objective, Search};
use ridge::Pull;

/// A log-likelihood on the scale of the search, where a positive parameter is the logarithm of the
/// scaled one; all sums are over customers.
pub(crate) trait LogLikelihood {
    /// Returns the value and writes the gradient.
    fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> f64;

    /// Whether it has a Hessian of its own.
    fn is_curved(&self) -> bool {
        false
    }

    /// As [`evaluate`](Self::evaluate), with the Hessian in the same pass; NaN if there is none.
    fn curved(&mut self, _: &[f64], _: &mut [f64], _: &mut Symmetric) -> f64 {
        f64::NAN
    }
}

impl<F: FnMut(&[f64], &mut [f64]) -> f64> LogLikelihood for F {
    fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        self(x, gradient)
    }
}

/// A part of the customers on which the search begins, because a step there costs little.
pub(crate) struct Coarse<'a> {
    pub(crate) likelihood: &'a mut dyn LogLikelihood,
    pub(crate) customers: f64,
}

/// A limit of the model: the parameters concerned and where they go, on the scale of the search.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit<'a> {
    pub(crate) boundary: Boundary,
    /// Direction of each parameter; those with 0, and those past the end, keep their standard
    /// error.
    pub(crate) towards: &'a [f64],
}

impl Limit<'_> {
    /// Direction of the parameter in this place.
    fn of(&self, parameter: usize) -> f64 {
        self.towards.get(parameter).copied().unwrap_or(0.0)
    }

    /// Whether all its parameters have gone this way rather than the other.
    fn has_on_its_side(&self, x: &[f64]) -> bool {
        let mut ways = x.iter().zip(self.towards);
        ways.all(|(x, &towards)| towards == 0.0 || x * towards > 0.0)
    }

    /// How far each of `n` parameters goes.
    fn directions(&self, n: usize) -> Vec<f64> {
        (0..n).map(|i| self.of(i)).collect()
    }
}

/// A parameter to be found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sought {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: ParameterKind,
    /// What turns its place on the scale of the search, where times and money are scaled, into that
    /// of the parameter as given.
    pub(crate) shift: f64,
}

impl Sought {
    /// A positive parameter that is `e^shift` times its scaled self.
    pub(crate) fn positive(name: &'static str, shift: f64) -> Self {
        Self {
            name: name.into(),
            kind: ParameterKind::Positive,
            shift,
        }
    }

    /// Positive parameters with their shifts.
    pub(crate) fn all_positive(names: &[&'static str], shifts: &[f64]) -> Vec<Self> {
        let pairs = names.iter().zip(shifts);
        pairs
            .map(|(name, &shift)| Self::positive(name, shift))
            .collect()
    }

    fn value(&self, x: f64) -> f64 {
        self.kind.value_at(x + self.shift)
    }
}

/// What to maximise.
pub(crate) struct Problem<'a> {
    pub(crate) model: &'static str,
    pub(crate) parameters: Vec<Sought>,
    /// Unit or currency of the parameters, in words.
    pub(crate) scale: String,
    pub(crate) customers: f64,
    pub(crate) rows: usize,
    /// Starts, on the scale of the search.
    pub(crate) starts: Vec<Vec<f64>>,
    /// What turns the scaled log-likelihood into that of the data as given.
    pub(crate) offset: f64,
    /// Scaled log-likelihood of the best nested model.
    pub(crate) nested: Option<f64>,
    pub(crate) limits: Vec<Limit<'a>>,
    pub(crate) notes: Vec<Note>,
    pub(crate) likelihood: &'a mut dyn LogLikelihood,
    /// Where all starts are tried first, if the whole is large, the smallest part first: each search
    /// begins where that of the part before ended.
    pub(crate) coarse: Vec<Coarse<'a>>,
}

/// A gradient per customer above this is not a maximum.
pub(crate) const SETTLED: f64 = 1e-6;
/// A limit is as good as the optimum if it loses no more log-likelihood than this.
const NO_LOSS: f64 = 1e-2;

/// Where the searches from all starts end, on the scale of the search, the highest first; searches that
/// meet count once. What is found is not certified.
pub(crate) fn optima(
    problem: Problem<'_>,
    options: &FitOptions,
) -> Result<Vec<Vec<f64>>, FitError> {
    let (parameters, customers) = (&problem.parameters, problem.customers);
    let pull = Pull::new(
        problem.model,
        &problem.scale,
        parameters,
        customers,
        options,
    )?;
    let starts = (problem.starts, problem.coarse);
    let (starts, _) = begun(starts, parameters, &pull, customers, options);
    let mut objective = Objective {
        likelihood: problem.likelihood,
        pull: &pull,
        ridge: 1.0,
        customers,
        evaluations: 0,
    };
    let mut ends = objective.search(&starts, options).ends;
    ends.retain(|end| !end.joined && end.point.value.is_finite());
    ends.sort_by(|a, b| a.point.value.total_cmp(&b.point.value));
    Ok(ends.into_iter().map(|end| end.point.x).collect())
}

/// Finds the maximum and certifies it, or says what is wrong. The parameters are in the report.
pub(crate) fn maximise(problem: Problem<'_>, options: &FitOptions) -> Result<FitReport, FitError> {
    let Problem {
        model,
        parameters,
        scale,
        customers,
        rows,
        starts,
        offset,
        nested,
        limits,
        mut notes,
        likelihood,
        coarse,
    } = problem;
    let level = options.level;
    options.check_level()?;
    let pull = Pull::new(model, &scale, &parameters, customers, options)?;
    let (starts, of_parts) = begun((starts, coarse), &parameters, &pull, customers, options);
    let mut objective = Objective {
        likelihood,
        pull: &pull,
        ridge: 1.0,
        customers,
        evaluations: 0,
    };

    let Search {
        best,
        ends,
        hessian,
    } = objective.search(&starts, options);
    if !best.point.value.is_finite() {
        return Err(FitError::NotConverged {
            model,
            iterations: 0,
            gradient_norm: f64::INFINITY,
            log_likelihood: f64::NEG_INFINITY,
            parameters: Vec::new(),
        });
    }
    let (point, hessian) = objective.finished(best.point, hessian);

    let pairs = point.x.iter().zip(&parameters);
    let values: Vec<f64> = pairs.map(|(&x, parameter)| parameter.value(x)).collect();
    let penalty = pull.penalty(&point.x);
    let log_likelihood = offset - customers * point.value + penalty;
    let gradient_norm = point.free_gradient(BOUND);
    let is_below_nested = nested.is_some_and(|nested| {
        !pull.is_on() && -customers * point.value < nested - 1e-6 * nested.abs().max(1.0)
    });
    if gradient_norm.is_nan() || gradient_norm > SETTLED || is_below_nested {
        return Err(FitError::NotConverged {
            model,
            iterations: best.iterations,
            gradient_norm,
            log_likelihood,
            parameters: values,
        });
    }
    let known = identify(&mut objective, &point, &hessian, customers, &limits);
    let known = known.map_err(|curvature| FitError::NotIdentified {
        model,
        curvature,
        log_likelihood,
        parameters: values.clone(),
    })?;

    notes.extend(known.boundaries.iter().map(|&b| Note::AtBoundary(b)));
    if let Some(strength) = pull.strength() {
        notes.push(Note::Ridge { strength, penalty });
    }
    let worst = ends.iter().filter(|end| !end.joined);
    let worst = worst.fold(point.value, |worst, end| end.point.value.max(worst));
    let below = customers * (worst - point.value);
    if below > NO_LOSS {
        notes.push(Note::LowerOptimum { below });
    }
    Ok(FitReport {
        model: model.into(),
        scale,
        parameters: estimates(&parameters, &values, &known, level)?,
        log_likelihood,
        nested_log_likelihood: nested.map(|nested| nested + offset),
        customers,
        rows,
        gradient_norm,
        curvature: known.curvature,
        iterations: best.iterations,
        evaluations: of_parts + objective.evaluations,
        level,
        notes,
        covariance: known.covariance,
    })
}

/// Where the search of all customers begins, and after how many evaluations: at the start of the options,
/// or where the starts lead on the parts.
fn begun(
    (mut starts, coarse): (Vec<Vec<f64>>, Vec<Coarse<'_>>),
    parameters: &[Sought],
    pull: &Pull,
    customers: f64,
    options: &FitOptions,
) -> (Vec<Vec<f64>>, u32) {
    let mut of_parts = 0;
    if let Some(start) = warm_start(parameters, options) {
        return (vec![start], of_parts);
    }
    for part in coarse {
        let (ends, evaluations) = part.ends(starts, pull, customers, options);
        starts = ends;
        of_parts += evaluations;
    }
    (starts, of_parts)
}

/// The start that the options give, on the scale of the search, if it is one of such parameters.
fn warm_start(parameters: &[Sought], options: &FitOptions) -> Option<Vec<f64>> {
    let start = options.start.as_ref();
    let start = start.filter(|start| start.len() == parameters.len())?;
    let pairs = start.iter().zip(parameters);
    let places = pairs.map(|(&value, sought)| sought.kind.to_search(value) - sought.shift);
    Some(places.map(|x| x.clamp(-BOUND, BOUND)).collect())
}

/// The estimates with their standard errors and Wald intervals on the scale of the search.
fn estimates(
    parameters: &[Sought],
    values: &[f64],
    known: &Known,
    level: Probability,
) -> Result<Vec<ParameterEstimate>, FitError> {
    let estimate = |(i, parameter): (usize, &Sought)| {
        let variance = known.free[i].then(|| known.covariance.at(i, i));
        let name = parameter.name.clone();
        estimate(name, parameter.kind, values[i], variance, level)
    };
    parameters.iter().enumerate().map(estimate).collect()
}

/// An estimate with its variance on the scale of the search, if it has one.
pub(crate) fn estimate(
    name: Cow<'static, str>,
    kind: ParameterKind,
    value: f64,
    variance: Option<f64>,
    level: Probability,
) -> Result<ParameterEstimate, FitError> {
    let z = -normal_quantile(0.5 * level.complement().value());
    let (mut standard_error, mut interval) = (None, None);
    if let Some(variance) = variance {
        let error = variance.sqrt();
        standard_error = Some(kind.slope(value).abs() * error);
        interval = Some(match kind {
            ParameterKind::Positive => {
                let reach = (z * error).exp();
                Interval::new(value / reach, value * reach, level)?
            }
            ParameterKind::Effect | ParameterKind::Dependence | ParameterKind::Probability => {
                let (x, reach) = (kind.to_search(value), z * error);
                let [lower, upper] = [x - reach, x + reach].map(|x| kind.value_at(x));
                Interval::new(lower, upper, level)?
            }
        });
    }
    Ok(ParameterEstimate {
        name,
        kind,
        value,
        standard_error,
        interval,
    })
}

/// Asserts that the Hessian is what differences of fourth order say of the gradient.
#[cfg(test)]
#[track_caller]
pub(crate) fn hessian_agrees(likelihood: &mut dyn LogLikelihood, x: &[f64]) {
    use crate::numeric::testing::{absolute_or_relative, agrees};

    let n = x.len();
    let mut hessian = Symmetric::zeros(n);
    let mut gradient = vec![0.0; n];
    let value = likelihood.curved(x, &mut gradient, &mut hessian);
    let mut alone = vec![0.0; n];
    let other = likelihood.evaluate(x, &mut alone);
    assert_eq!((value, &gradient), (other, &alone));
    for i in 0..n {
        let mut at = |steps: f64| {
            let (mut moved, mut slopes) = (x.to_vec(), vec![0.0; n]);
            moved[i] += 1e-3 * steps;
            likelihood.evaluate(&moved, &mut slopes);
            slopes
        };
        let [further, ahead, behind, back] = [2.0, 1.0, -1.0, -2.0].map(&mut at);
        agrees(
            (0..n).map(|j| {
                let slope = (8.0 * (ahead[j] - behind[j]) - (further[j] - back[j])) / 12e-3;
                ([i as f64, j as f64], hessian.at(i, j), slope)
            }),
            absolute_or_relative(1e-8),
        );
    }
}
