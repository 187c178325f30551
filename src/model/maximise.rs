//! Maximum likelihood with a certificate: the one search behind every fit.

use std::borrow::Cow;

use crate::numeric::linear::{Symmetric, complement};
use crate::numeric::minimise::{Limits, Minimum, Point, minimise};
use crate::numeric::newton::descend;
use crate::numeric::special::normal_quantile;
use crate::quantity::{Interval, Probability};

use super::fit::{FitError, FitOptions};
use super::parameter::{BOUND, ParameterError, ParameterKind};
use super::report::{Boundary, FitReport, Note, ParameterEstimate};

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

/// The searches end where no component of the gradient per customer exceeds this; Newton steps take the
/// best of them further.
const SEARCH: f64 = 1e-7;
/// A search that knows its Hessian ends as soon as less than this part of a standard error is left in
/// any direction: what Newton steps then add, no statistic could tell.
const NEAR: f64 = 1e-3;
/// The same ends of a search of a part, which is a start and no more.
const COARSE_SEARCH: f64 = 1e-4;
const COARSE_NEAR: f64 = 0.1;
/// A gradient per customer above this is not a maximum.
pub(crate) const SETTLED: f64 = 1e-6;
/// Step of the central differences of the gradient.
const STEP: f64 = 1e-4;
/// Information about a combination of parameters below which its standard error exceeds a factor
/// of e^30 and means nothing.
const NO_INFORMATION: f64 = 1e-3;
/// A coarse search that went further than this from its start follows a limit that the whole may not
/// have.
const ASTRAY: f64 = 3.0;
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
        parameters,
        scale,
        customers,
        rows,
        mut starts,
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
    if let Some(start) = warm_start(&parameters, options) {
        starts = vec![start];
    } else {
        for part in coarse {
            starts = part.ends(starts, &pull, customers, options);
        }
    }
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
        evaluations: objective.evaluations,
        level,
        notes,
        covariance: known.covariance,
    })
}

impl<'a> Coarse<'a> {
    /// The part of a likelihood and its customers.
    pub(crate) fn of<L: LogLikelihood>((likelihood, customers): &'a mut (L, f64)) -> Self {
        Self {
            likelihood,
            customers: *customers,
        }
    }

    /// Where the starts lead on this part of so many customers in all.
    fn ends(
        self,
        starts: Vec<Vec<f64>>,
        pull: &Pull,
        all: f64,
        options: &FitOptions,
    ) -> Vec<Vec<f64>> {
        let mut part = Objective {
            likelihood: self.likelihood,
            pull,
            // The ridge counts as much beside a part as beside the whole.
            ridge: self.customers / all,
            customers: self.customers,
            evaluations: 0,
        };
        let search = part.search_until(&starts, options.iterations, COARSE_SEARCH, COARSE_NEAR);
        let ends = search.ends.into_iter().zip(starts);
        // A part that says nothing about a parameter lets it run off.
        let lead = ends.filter(|(end, _)| !end.joined && end.point.value.is_finite());
        let lead = lead.map(|(end, start)| {
            let mut ways = end.point.x.iter().zip(&start);
            if ways.any(|(x, from)| (x - from).abs() > ASTRAY) {
                start
            } else {
                end.point.x
            }
        });
        lead.collect()
    }
}

/// What is minimised: the log-likelihood per customer with the ridge, turned over.
struct Objective<'a> {
    likelihood: &'a mut dyn LogLikelihood,
    pull: &'a Pull,
    /// How much of the ridge counts.
    ridge: f64,
    customers: f64,
    evaluations: u32,
}

/// Where the searches from all starts ended.
struct Search {
    best: Minimum,
    ends: Vec<Minimum>,
    /// The Hessian at the best, if the model has one of its own.
    hessian: Option<Symmetric>,
}

impl Objective<'_> {
    fn at(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        self.evaluations += 1;
        let value = self.likelihood.evaluate(x, gradient);
        self.turned(x, value, gradient)
    }

    /// Value, gradient and Hessian, if the model has one of its own.
    fn curved(&mut self, x: &[f64], gradient: &mut [f64], hessian: &mut Symmetric) -> f64 {
        self.evaluations += 1;
        let value = self.likelihood.curved(x, gradient, hessian);
        hessian.scale(-1.0 / self.customers);
        let stiffness = 2.0 * self.ridge * self.pull.strength().unwrap_or(0.0) / self.customers;
        for i in 0..x.len() {
            hessian.set(i, i, hessian.at(i, i) + stiffness);
        }
        self.turned(x, value, gradient)
    }

    fn turned(&self, x: &[f64], value: f64, gradient: &mut [f64]) -> f64 {
        self.pull.add_gradient(x, self.ridge, gradient);
        for g in gradient.iter_mut() {
            *g = -*g / self.customers;
        }
        (self.ridge * self.pull.penalty(x) - value) / self.customers
    }

    fn point(&mut self, x: Vec<f64>) -> Point {
        Point::at(&mut |x, gradient| self.at(x, gradient), x)
    }

    /// Searches from every start; a search that comes near the end of an earlier one stops there. The
    /// best end, and all of them.
    fn search(&mut self, starts: &[Vec<f64>], options: &FitOptions) -> Search {
        self.search_until(starts, options.iterations, SEARCH, NEAR)
    }

    /// The end of a search with the last digits, and the Hessian: that of the model, or the observed
    /// information.
    fn finished(&mut self, end: Point, hessian: Option<Symmetric>) -> (Point, Symmetric) {
        if let Some(hessian) = hessian {
            return (end, hessian);
        }
        let hessian = self.information(&end.x);
        (self.polish(end, &hessian), hessian)
    }

    fn search_until(
        &mut self,
        starts: &[Vec<f64>],
        iterations: u32,
        gradient: f64,
        near: f64,
    ) -> Search {
        let limits = Limits {
            bound: BOUND,
            step: 3.0,
            gradient,
            iterations,
        };
        let mut found = Search {
            best: Minimum {
                point: Point {
                    x: Vec::new(),
                    value: f64::INFINITY,
                    gradient: vec![f64::NAN],
                },
                iterations: 0,
                joined: false,
            },
            ends: Vec::with_capacity(starts.len()),
            hessian: None,
        };
        let is_curved = self.likelihood.is_curved();
        for start in starts {
            let (end, hessian) = if is_curved {
                let near = near * near / self.customers;
                let mut f = |x: &[f64], g: &mut [f64], h: &mut Symmetric| self.curved(x, g, h);
                let (end, hessian) = descend(&mut f, start, limits, near, &found.ends);
                (end, Some(hessian))
            } else {
                let mut f = |x: &[f64], g: &mut [f64]| self.at(x, g);
                (minimise(&mut f, start, limits, &found.ends), None)
            };
            if !end.joined && end.point.value < found.best.point.value {
                found.best.clone_from(&end);
                found.hessian = hessian;
            }
            found.ends.push(end);
        }
        found
    }

    /// The observed information per customer: central differences of the exact gradient.
    fn information(&mut self, x: &[f64]) -> Symmetric {
        let n = x.len();
        let mut beside = |i: usize, step: f64| {
            let mut moved = x.to_vec();
            moved[i] += step;
            self.point(moved).gradient
        };
        let rows: Vec<Vec<f64>> = (0..n)
            .map(|i| {
                let (ahead, behind) = (beside(i, STEP), beside(i, -STEP));
                let differences = ahead.iter().zip(&behind).map(|(a, b)| a - b);
                differences.map(|d| d / (2.0 * STEP)).collect()
            })
            .collect();
        let mut hessian = Symmetric::zeros(n);
        for (i, row) in rows.iter().enumerate() {
            for (j, cell) in row.iter().enumerate().take(i + 1) {
                hessian.set(i, j, 0.5 * (cell + rows[j][i]));
            }
        }
        hessian
    }

    /// Newton steps with a fixed Hessian, as long as each shrinks the gradient.
    fn polish(&mut self, mut point: Point, hessian: &Symmetric) -> Point {
        let Some(factor) = hessian.cholesky() else {
            return point;
        };
        for _ in 0..4 {
            let step = factor.solve(&point.gradient);
            if step.iter().any(|s| s.abs() > 0.1) {
                break; // far from quadratic: a limit of the model
            }
            let moved = point.x.iter().zip(&step);
            let moved = moved.map(|(x, s)| (x - s).clamp(-BOUND, BOUND)).collect();
            let next = self.point(moved);
            // The value may rise by its own rounding.
            if next.free_gradient(BOUND) >= point.free_gradient(BOUND)
                || next.value > point.value + 1e-13 * point.value.abs()
            {
                break;
            }
            point = next;
        }
        point
    }
}

/// The start that the options give, on the scale of the search, if it is one of such parameters.
fn warm_start(parameters: &[Sought], options: &FitOptions) -> Option<Vec<f64>> {
    let start = options.start.as_ref();
    let start = start.filter(|start| start.len() == parameters.len())?;
    let pairs = start.iter().zip(parameters);
    let places = pairs.map(|(&value, sought)| sought.kind.to_search(value) - sought.shift);
    Some(places.map(|x| x.clamp(-BOUND, BOUND)).collect())
}

/// The ridge of the options, if there is one, in scaled parameters.
struct Pull(Option<(f64, Vec<f64>)>);

impl Pull {
    /// Without a ridge the sample must be large enough to speak for itself.
    fn new(
        model: &'static str,
        scale: &str,
        parameters: &[Sought],
        customers: f64,
        options: &FitOptions,
    ) -> Result<Self, FitError> {
        if let Some(ridge) = &options.ridge {
            let centre = ridge.centre(model, scale)?;
            // A ridge that was stored is known by its model's name only.
            if centre.len() != parameters.len() {
                return Err(FitError::Parameter(ParameterError::Count {
                    model,
                    expected: parameters.len(),
                    found: centre.len(),
                }));
            }
            let centre = centre.iter().zip(parameters);
            let scaled = centre.map(|(&c, p)| p.kind.to_search(c) - p.shift);
            let scaled = scaled.collect();
            Ok(Self(Some((ridge.strength(), scaled))))
        } else if customers < options.minimum_customers {
            Err(FitError::TooFewCustomers {
                model,
                needed: options.minimum_customers,
                found: customers,
            })
        } else {
            Ok(Self(None))
        }
    }

    fn is_on(&self) -> bool {
        self.0.is_some()
    }

    fn strength(&self) -> Option<f64> {
        self.0.as_ref().map(|(strength, _)| *strength)
    }

    /// What the ridge takes off the log-likelihood.
    fn penalty(&self, x: &[f64]) -> f64 {
        self.0.as_ref().map_or(0.0, |(strength, centre)| {
            let squares = x.iter().zip(centre).map(|(x, c)| (x - c) * (x - c));
            strength * squares.sum::<f64>()
        })
    }

    /// Adds this part of its gradient.
    fn add_gradient(&self, x: &[f64], part: f64, gradient: &mut [f64]) {
        if let Some((strength, centre)) = &self.0 {
            for ((g, x), c) in gradient.iter_mut().zip(x).zip(centre) {
                *g -= 2.0 * part * strength * (x - c);
            }
        }
    }
}

/// What the data tell of the parameters at the optimum.
struct Known {
    /// Parameters that have not run to a limit.
    free: Vec<bool>,
    /// Covariance on the scale of the search. Along a limit there is none; across it there is, so that
    /// what stays identified there, such as `r/α` as both grow, keeps its variance.
    covariance: Symmetric,
    /// Smallest eigenvalue of the information across the limits, per customer.
    curvature: f64,
    boundaries: Vec<Boundary>,
}

/// Tells a limit of the model, which has a name, from parameters that the data do not identify: an
/// error with the curvature.
fn identify(
    objective: &mut Objective<'_>,
    point: &Point,
    hessian: &Symmetric,
    customers: f64,
    limits: &[Limit<'_>],
) -> Result<Known, f64> {
    let n = point.x.len();
    let mut reached: Vec<&Limit<'_>> = Vec::new();
    let mut free = vec![true; n];
    loop {
        let directions: Vec<Vec<f64>> = reached.iter().map(|limit| limit.directions(n)).collect();
        let directions: Vec<&[f64]> = directions.iter().map(Vec::as_slice).collect();
        let across = complement(&directions, n);
        let information = hessian.seen_along(&across);
        let curvature = if across.is_empty() {
            0.0
        } else {
            information.smallest_eigenvalue()
        };
        let is_at_edge = (0..n).any(|i| free[i] && point.x[i].abs() > BOUND - EDGE);
        if across.is_empty() || (!is_at_edge && curvature * customers >= NO_INFORMATION) {
            let factor = information.scaled(customers).cholesky().ok_or(curvature)?;
            let mut boundaries: Vec<Boundary> = reached.iter().map(|l| l.boundary).collect();
            // Two ways may lead to one boundary, such as a → 0 and b → ∞.
            boundaries.dedup();
            return Ok(Known {
                free,
                covariance: factor.inverse().spread_over(&across, n),
                curvature,
                boundaries,
            });
        }
        // First a limit of parameters that are all free still, then one that takes at least one
        // more: two limits may share a parameter.
        let mut towards = |shared: bool| {
            limits.iter().find(|limit| {
                let mut moving = (0..n).filter(|&i| limit.of(i) != 0.0);
                let is_open = if shared {
                    moving.any(|i| free[i])
                } else {
                    moving.all(|i| free[i])
                };
                is_open && is_flat_towards(objective, point, limit, customers)
            })
        };
        let next = towards(false).or_else(|| towards(true));
        let limit = next.ok_or(curvature)?;
        for (i, free) in free.iter_mut().enumerate() {
            *free &= limit.of(i) == 0.0;
        }
        reached.push(limit);
    }
}

/// Whether the likelihood is flat over a factor of e^5 towards the limit: ahead, or behind as far as
/// the box ends before that.
fn is_flat_towards(
    objective: &mut Objective<'_>,
    point: &Point,
    limit: &Limit<'_>,
    customers: f64,
) -> bool {
    let ahead = point
        .x
        .iter()
        .zip(limit.towards)
        .filter(|&(_, &d)| d != 0.0)
        .map(|(x, &d)| (BOUND.copysign(d) - x) / d)
        .fold(FAR, f64::min);
    [ahead, ahead - FAR].iter().all(|way| {
        let moved = point.x.iter().enumerate();
        let moved = moved.map(|(i, x)| x + way * limit.of(i)).collect();
        let moved = objective.point(moved);
        (moved.value - point.value) * customers < NO_LOSS
    })
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
