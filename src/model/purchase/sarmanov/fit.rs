//! The fit of the correlated Pareto/NBD: inside the family, or on its bound, which is named.
//!
//! The bound of the dependence depends on the other parameters and has an edge, where a search by
//! gradients would stop short of the optimum. So the search goes by the weight of the Sarmanov factor
//! itself, in which the likelihood is smooth up to the bound and on beyond it: a wall there would be crept
//! along for thousands of evaluations. If the optimum lies beyond the bound, each smooth face of the
//! bound and its edge are searched by themselves.

mod likelihood;

use crate::numeric::linear::Symmetric;
use crate::numeric::special::{ln_one_plus, normal_quantile};
use crate::quantity::Interval;

use super::super::super::fit::{Fit, FitError, FitOptions, Fitted};
use super::super::super::maximise::{Coarse, LogLikelihood, Problem, Sought, maximise, optima};
use super::super::super::parameter::{BOUND, ParameterKind, Parametric, exactly};
use super::super::super::report::{Boundary, FitReport, Note, ParameterEstimate};
use super::super::PurchaseSample;
use super::super::nested::LIMITS;
use super::super::pareto_nbd::ParetoNbd;
use super::super::sample::Distinct;
use super::kernel::{Kernel, ln_less_one};
use super::{CorrelatedParetoNbd, CorrelatedParetoNbdParameters};

use likelihood::Likelihood;

/// Logarithms of r, α, s and β in scaled time, and the weight `M = m c₁ c₂`.
type Place = [f64; 5];

/// A way to move through the places: from coordinates to a place, or out of the family.
struct Course<'a> {
    /// The coordinates.
    sought: Vec<Sought>,
    starts: Vec<Vec<f64>>,
    /// The parts of the sample on which the starts are tried. None where the course has an end: a part's
    /// search may stop there, and that of the whole would begin where it cannot move.
    parts: &'a [Distinct],
    at: &'a dyn Fn(&[f64]) -> Option<Place>,
}

/// Odds beyond this are none that rates have, and their products overflow.
const FARTHEST: f64 = 200.0;

impl Fit for CorrelatedParetoNbd {
    type Sample = PurchaseSample;

    fn scale(&self) -> String {
        self.0.unit.to_string()
    }

    /// Fits the model to merged rows, starting from the Pareto/NBD, below which it cannot end.
    ///
    /// Where the likelihood rises up to the bound of the dependence, the fit is the best one on the
    /// bound, with [`Boundary::StrongestDependence`].
    ///
    /// # Errors
    ///
    /// Any [`FitError`]; a search that did not settle says what it reached.
    fn fit_sample(sample: &PurchaseSample, options: &FitOptions) -> Result<Fitted<Self>, FitError> {
        let distinct = sample.distinct(Self::MODEL)?;
        let mut plain = options.clone();
        plain.minimum_customers = if plain.ridge.take().is_some() {
            0.0
        } else {
            plain.minimum_customers
        };
        let apart = ParetoNbd::fit_sample(sample, &plain)?;
        let search = Search::new(&distinct, &apart, options);
        let report = if options.ridge.is_some() {
            search.by_dependence()?
        } else {
            search.by_weight()?
        };
        let [r, alpha, s, beta, dependence] = exactly(Self::MODEL, &report.values())?;
        let model = Self::new(CorrelatedParetoNbdParameters {
            unit: distinct.unit,
            r,
            alpha,
            s,
            beta,
            dependence,
        })?;
        Ok(Fitted { model, report })
    }
}

/// The likelihood along a course.
struct Along<'a> {
    likelihood: Likelihood<'a>,
    at: &'a dyn Fn(&[f64]) -> Option<Place>,
}

impl LogLikelihood for Along<'_> {
    fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        gradient.fill(0.0);
        let Some(place) = (self.at)(x) else {
            return f64::NEG_INFINITY;
        };
        let (value, by_place) = self.likelihood.evaluate(&place);
        for (i, g) in gradient.iter_mut().enumerate() {
            let slopes = along(self.at, x, i, &place);
            *g = slopes.iter().zip(by_place).map(|(a, b)| a * b).sum();
        }
        value
    }
}

/// What all searches share.
struct Search<'a> {
    sample: &'a Distinct,
    /// On which starts are tried.
    parts: Vec<Distinct>,
    options: &'a FitOptions,
    /// The optimum without dependence, in logarithms of scaled parameters.
    start: [f64; 4],
    nested: f64,
    /// The largest weight that the family has at the start: the unit of the search by weight.
    one_weight: f64,
}

impl<'a> Search<'a> {
    fn new(sample: &'a Distinct, apart: &Fitted<ParetoNbd>, options: &'a FitOptions) -> Self {
        let shift = [0.0, sample.scale.ln(), 0.0, sample.scale.ln()];
        let values = apart.model().values();
        let mut start = [0.0; 4];
        for ((start, value), shift) in start.iter_mut().zip(values).zip(shift) {
            *start = (value.ln() - shift).clamp(-BOUND, BOUND);
        }
        let mut search = Self {
            sample,
            parts: sample.coarse(),
            options,
            start,
            nested: apart.report().log_likelihood() - sample.offset(),
            one_weight: 1.0,
        };
        let (o1, o2) = search.odds(&start);
        search.one_weight = (-o1.max(o2)).exp().min(1.0);
        search
    }

    fn first_four(&self) -> Vec<Sought> {
        Sought::all_positive(&CorrelatedParetoNbd::NAMES[..4], &self.shift())
    }

    /// What turns a place on the scale of the search into that of the parameters as given.
    fn shift(&self) -> [f64; 5] {
        let ln_scale = self.sample.scale.ln();
        [0.0, ln_scale, 0.0, ln_scale, 0.0]
    }

    /// The coordinates of parameters as given, the fifth of which is the weight in units.
    fn place_of(&self, values: &[f64]) -> Vec<f64> {
        let shift = self.shift();
        let place = values.iter().zip(shift).enumerate();
        place
            .map(|(i, (value, shift))| if i < 4 { value.ln() - shift } else { *value })
            .collect()
    }

    /// `ln (1 − c)/c` of both kernels.
    fn odds(&self, x: &[f64]) -> (f64, f64) {
        let one = 1.0 / self.sample.scale;
        let odds = |shape: f64, rate: f64| {
            let y = shape.exp() * ln_one_plus(one / rate.exp());
            y + ln_less_one(y)
        };
        (odds(x[0], x[1]), odds(x[2], x[3]))
    }

    /// The whole family, by its dependence.
    fn by_dependence(&self) -> Result<FitReport, FitError> {
        let mut sought = self.first_four();
        sought.push(Sought {
            name: CorrelatedParetoNbd::NAMES[4].into(),
            kind: ParameterKind::Dependence,
            shift: 0.0,
        });
        let at = |x: &[f64]| {
            let dependence = ParameterKind::Dependence.value_at(x[4]);
            let scale = self.sample.scale;
            let kernel = Kernel::new(
                (x[0].exp(), x[1].exp() * scale),
                (x[2].exp(), x[3].exp() * scale),
                dependence,
            );
            let weight = kernel.sign * kernel.ln_weight.exp();
            let (o1, o2) = self.odds(x);
            (o1.max(o2) < FARTHEST).then_some([x[0], x[1], x[2], x[3], weight])
        };
        let start = |u: f64| [self.start.as_slice(), &[u]].concat();
        self.follow(&Course {
            sought,
            starts: vec![start(0.0), start(0.5), start(-0.5)],
            parts: &self.parts,
            at: &at,
        })
    }

    /// The whole family, by the weight of the factor: the optimum inside, or the best on the bound.
    fn by_weight(&self) -> Result<FitReport, FitError> {
        let start = |weight: f64| [self.start.as_slice(), &[weight]].concat();
        let at = |x: &[f64]| self.at_weight(x);
        let mut course = Course {
            sought: self.first_four(),
            starts: vec![start(0.0), start(0.4), start(-0.4)],
            parts: &self.parts,
            at: &at,
        };
        course.sought.push(Sought {
            name: CorrelatedParetoNbd::NAMES[4].into(),
            kind: ParameterKind::Effect,
            shift: 0.0,
        });
        let optima = self.with_problem(&course, |problem| optima(problem, self.options))?;
        let is_inside = |x: &[f64]| self.dependence(x).is_some();
        let is_highest = optima.first().is_some_and(|x| is_inside(x));
        course.starts = optima.into_iter().filter(|x| is_inside(x)).collect();
        course.parts = &[];
        match self.inside(&course) {
            Ok(Some(report)) if is_highest => Ok(report),
            Ok(inside) => inside.map(Ok).into_iter().fold(self.on_the_bound(), higher),
            Err(unsettled) => match self.on_the_bound() {
                Ok(best) if !is_above(&unsettled, &best) => Ok(best),
                _ => Err(unsettled),
            },
        }
    }

    /// The highest of the optima inside the family on which a search by weight starts; none if there are
    /// none.
    fn inside(&self, course: &Course<'_>) -> Result<Option<FitReport>, FitError> {
        if course.starts.is_empty() {
            return Ok(None);
        }
        let cold = FitOptions {
            start: None,
            ..self.options.clone()
        };
        let report = self.with_problem(course, |problem| maximise(problem, &cold))?;
        let Some(dependence) = self.dependence(&self.place_of(&report.values())) else {
            return Ok(None); // the last steps led out
        };
        let end = 1.0_f64.copysign(dependence);
        let place = |x: &[f64]| {
            let dependence = self.dependence(x).unwrap_or(end);
            let dependence = ParameterKind::Dependence.to_search(dependence);
            vec![x[0], x[1], x[2], x[3], dependence]
        };
        self.embed(report, place).map(Some)
    }

    /// The place of coordinates whose last is the weight in units.
    fn at_weight(&self, x: &[f64]) -> Option<Place> {
        let (o1, o2) = self.odds(x);
        (o1.max(o2) < FARTHEST).then_some([x[0], x[1], x[2], x[3], self.one_weight * x[4]])
    }

    /// The dependence that gives the factor the weight of such coordinates; none if it is beyond the bound.
    fn dependence(&self, x: &[f64]) -> Option<f64> {
        let weight = self.one_weight * x[4];
        let (o1, o2) = self.odds(x);
        let (near, far) = if weight > 0.0 {
            (-o1.max(o2), -(o1 + o2).max(0.0))
        } else {
            (-(o1 + o2).max(0.0), -o1.max(o2))
        };
        // The inverse of the Möbius map of `Kernel::new`.
        let (share, ratio) = (weight.abs() * (-near).exp(), (near - far).exp());
        let size = share * (1.0 + ratio) / (2.0 - share * (1.0 - ratio));
        (share < 1.0).then(|| size.copysign(weight))
    }

    /// The best optimum of the faces and the edge of the bound.
    fn on_the_bound(&self) -> Result<FitReport, FitError> {
        type Face<'f> = (f64, &'f dyn Fn(f64, f64) -> Option<f64>);
        let inverse = |ln: f64| (-ln).exp();
        let faces: [Face<'_>; 4] = [
            (1.0, &|o1, o2| (o1 >= o2).then(|| inverse(o1))),
            (1.0, &|o1, o2| (o2 >= o1).then(|| inverse(o2))),
            (-1.0, &|o1, o2| (o1 + o2 <= 0.0).then_some(-1.0)),
            (-1.0, &|o1, o2| (o1 + o2 >= 0.0).then(|| -inverse(o1 + o2))),
        ];
        // The edge on which both kernels have the same mean: β follows from the others.
        let one = 1.0 / self.sample.scale;
        let on_edge = |x: &[f64]| {
            let y = x[0].exp() * ln_one_plus(one / x[1].exp()) / x[2].exp();
            vec![x[0], x[1], x[2], one.ln() - y.exp_m1().ln()]
        };
        let at = |x: &[f64]| {
            let place = on_edge(x);
            let (o1, _) = self.odds(&place);
            (o1 < FARTHEST && place[3].abs() < BOUND)
                .then(|| [place[0], place[1], place[2], place[3], inverse(o1)])
        };
        let edge = self.follow(&Course {
            sought: self.first_four()[..3].to_vec(),
            starts: vec![self.start[..3].to_vec()],
            parts: &[],
            at: &at,
        });
        let end = ParameterKind::Dependence.to_search(1.0);
        let place = |x: &[f64]| [on_edge(x).as_slice(), &[end]].concat();
        let mut best = edge.and_then(|report| self.embed(report, place));
        for (end, weight) in faces {
            let at = |x: &[f64]| {
                let (o1, o2) = self.odds(x);
                let weight = weight(o1, o2).filter(|_| o1.max(o2) < FARTHEST)?;
                Some([x[0], x[1], x[2], x[3], weight])
            };
            let face = self.follow(&Course {
                sought: self.first_four(),
                starts: self.starts_of(&at),
                parts: &[],
                at: &at,
            });
            let end = ParameterKind::Dependence.to_search(end);
            let face = face.and_then(|report| self.embed(report, |x| [x, &[end]].concat()));
            best = higher(best, face);
        }
        best
    }

    /// Places near the start that lie on a face.
    fn starts_of(&self, at: &dyn Fn(&[f64]) -> Option<Place>) -> Vec<Vec<f64>> {
        let mut starts = Vec::new();
        // Moving β and s alters which of the kernels is the wider.
        for (by_s, by_beta) in [(0.0, 0.0), (0.0, 0.5), (0.0, -0.5), (0.7, 0.0), (-0.7, 0.0)] {
            let mut start = self.start.to_vec();
            start[2] += by_s;
            start[3] += by_beta;
            if at(&start).is_some() {
                starts.push(start);
            }
        }
        starts
    }

    /// Maximises the likelihood along a course.
    fn follow(&self, course: &Course<'_>) -> Result<FitReport, FitError> {
        self.with_problem(course, |problem| maximise(problem, self.options))
    }

    /// What comes of the problem that a course poses.
    fn with_problem<T>(&self, course: &Course<'_>, solve: impl FnOnce(Problem<'_>) -> T) -> T {
        let at = course.at;
        let along = |sample| Along {
            likelihood: Likelihood::new(sample),
            at,
        };
        let parts = course.parts.iter();
        let mut coarse: Vec<_> = parts.map(|part| (along(part), part.customers)).collect();
        solve(Problem {
            model: CorrelatedParetoNbd::MODEL,
            parameters: course.sought.clone(),
            scale: self.sample.unit.to_string(),
            customers: self.sample.customers,
            rows: self.sample.rows.len(),
            starts: course.starts.clone(),
            offset: self.sample.offset(),
            nested: Some(self.nested),
            limits: LIMITS.to_vec(),
            notes: Vec::new(),
            likelihood: &mut along(self.sample),
            coarse: coarse.iter_mut().map(Coarse::of).collect(),
        })
    }

    /// A report on the model's own five parameters from one on the coordinates of a course.
    fn embed(
        &self,
        report: FitReport,
        place: impl Fn(&[f64]) -> Vec<f64>,
    ) -> Result<FitReport, FitError> {
        /// Step of the differences of the map.
        const STEP: f64 = 1e-5;
        let sought: Vec<Sought> = self.first_four();
        let shift = self.shift();
        let x = self.place_of(&report.values());
        let centre = place(&x);
        let slopes: Vec<Vec<f64>> = (0..x.len())
            .map(|i| {
                let beside = |step: f64| {
                    let mut moved = x.clone();
                    moved[i] += step;
                    place(&moved)
                };
                let (ahead, behind) = (beside(STEP), beside(-STEP));
                let pairs = ahead.iter().zip(&behind);
                pairs.map(|(a, b)| (a - b) / (2.0 * STEP)).collect()
            })
            .collect();
        let mut covariance = Symmetric::zeros(5);
        for i in 0..5 {
            for j in 0..=i {
                let sum = (0..x.len())
                    .flat_map(|k| (0..x.len()).map(move |l| (k, l)))
                    .map(|(k, l)| slopes[k][i] * report.covariance.at(k, l) * slopes[l][j])
                    .sum();
                covariance.set(i, j, sum);
            }
        }
        let is_on_bound = centre[4].abs() >= BOUND;
        let ran_off = |i: usize| {
            let free = |p: &ParameterEstimate| p.standard_error.is_some();
            i < x.len() && !report.parameters.get(i).is_none_or(free)
        };
        let z = -normal_quantile(0.5 * report.level.complement().value());
        let estimate = |i: usize| {
            let (name, kind) = match sought.get(i) {
                Some(sought) => (sought.name.clone(), sought.kind),
                None => (
                    CorrelatedParetoNbd::NAMES[4].into(),
                    ParameterKind::Dependence,
                ),
            };
            let here = centre[i] + shift[i];
            let value = if i == 4 && is_on_bound {
                1.0_f64.copysign(here)
            } else {
                kind.value_at(here)
            };
            let (mut standard_error, mut interval) = (None, None);
            if !(ran_off(i) || i == 4 && is_on_bound) {
                let error = covariance.at(i, i).sqrt();
                standard_error = Some(kind.slope(value).abs() * error);
                let [lower, upper] = [here - z * error, here + z * error];
                let [lower, upper] = [lower, upper].map(|x| kind.value_at(x));
                interval = Some(Interval::new(
                    lower.min(value),
                    upper.max(value),
                    report.level,
                )?);
            }
            Ok(ParameterEstimate {
                name,
                kind,
                value,
                standard_error,
                interval,
            })
        };
        let parameters = (0..5).map(estimate).collect::<Result<_, FitError>>()?;
        let mut notes = report.notes;
        if is_on_bound {
            notes.insert(0, Note::AtBoundary(Boundary::StrongestDependence));
        }
        Ok(FitReport {
            parameters,
            notes,
            covariance,
            ..report
        })
    }
}

/// Whether parameters that the data do not tell apart have a higher likelihood than the best that was
/// found.
fn is_above(unsettled: &FitError, best: &FitReport) -> bool {
    match unsettled {
        FitError::NotIdentified { log_likelihood, .. } => *log_likelihood > best.log_likelihood,
        _ => false,
    }
}

/// The fit with the higher likelihood; the first where both are equal or neither is one.
fn higher(
    best: Result<FitReport, FitError>,
    other: Result<FitReport, FitError>,
) -> Result<FitReport, FitError> {
    match (best, other) {
        (Ok(best), Ok(other)) if other.log_likelihood <= best.log_likelihood => Ok(best),
        (best, Err(_)) => best,
        (_, other) => other,
    }
}

/// How a place changes with one coordinate; known without a difference where the place has it.
fn along(at: &dyn Fn(&[f64]) -> Option<Place>, x: &[f64], i: usize, place: &Place) -> [f64; 5] {
    const STEP: f64 = 1e-5;
    let beside = |step: f64| {
        let mut moved = x.to_vec();
        moved[i] += step;
        at(&moved)
    };
    let (mut slopes, pairs) = match (beside(STEP), beside(-STEP)) {
        (Some(ahead), Some(behind)) => ([0.0; 5], Some((ahead, behind, 2.0 * STEP))),
        (Some(ahead), None) => ([0.0; 5], Some((ahead, *place, STEP))),
        (None, Some(behind)) => ([0.0; 5], Some((*place, behind, STEP))),
        (None, None) => ([0.0; 5], None),
    };
    if let Some((ahead, behind, width)) = pairs {
        for (slope, (a, b)) in slopes.iter_mut().zip(ahead.iter().zip(behind)) {
            *slope = (a - b) / width;
        }
    }
    slopes
}
