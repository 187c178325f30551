//! The fit of the correlated Pareto/NBD: inside the family, or on its bound, which is named.
//!
//! The bound of the dependence depends on the other parameters and has an edge, where a search by
//! gradients would stop short of the optimum. So the inside is searched in the weight of the Sarmanov
//! factor itself, and if its optimum lies beyond the bound, each smooth face of the bound and its
//! edge are searched by themselves.

use crate::numeric::chunks;
use crate::numeric::linear::Symmetric;
use crate::numeric::special::{ln_one_plus, normal_quantile};
use crate::numeric::stretch::Integrand;
use crate::quantity::Interval;

use super::super::super::fit::{Fit, FitError, FitOptions, Fitted};
use super::super::super::maximise::{Problem, Sought, maximise};
use super::super::super::parameter::{BOUND, ParameterKind, Parametric, exactly};
use super::super::super::report::{Boundary, FitReport, Note, ParameterEstimate};
use super::super::PurchaseSample;
use super::super::nested::LIMITS;
use super::super::pareto_nbd::ParetoNbd;
use super::super::sample::{Distinct, Rising, rising_table};
use super::kernel::{Kernel, ln_less_one};
use super::{CorrelatedParetoNbd, CorrelatedParetoNbdParameters};

/// Logarithms of r, α, s and β in scaled time, and the weight `M = m c₁ c₂`.
type Place = [f64; 5];

/// A way to move through the places: from coordinates to a place, or out of the family.
struct Course<'a> {
    /// Coordinates besides those that are logarithms of the first four parameters.
    sought: Vec<Sought>,
    starts: Vec<Vec<f64>>,
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
            match search.inside() {
                Ok(report) => report,
                Err(inside) => search.on_the_bound().ok_or(inside)?,
            }
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

/// What all searches share.
struct Search<'a> {
    sample: &'a Distinct,
    options: &'a FitOptions,
    /// The optimum without dependence, in logarithms of scaled parameters.
    start: [f64; 4],
    nested: f64,
}

impl<'a> Search<'a> {
    fn new(sample: &'a Distinct, apart: &Fitted<ParetoNbd>, options: &'a FitOptions) -> Self {
        let shift = [0.0, sample.scale.ln(), 0.0, sample.scale.ln()];
        let values = apart.model().values();
        let mut start = [0.0; 4];
        for ((start, value), shift) in start.iter_mut().zip(values).zip(shift) {
            *start = (value.ln() - shift).clamp(-BOUND, BOUND);
        }
        Self {
            sample,
            options,
            start,
            nested: apart.report().log_likelihood() - sample.offset(),
        }
    }

    fn first_four(&self) -> Vec<Sought> {
        let ln_scale = self.sample.scale.ln();
        let names = &CorrelatedParetoNbd::NAMES[..4];
        Sought::all_positive(names, &[0.0, ln_scale, 0.0, ln_scale])
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
            at: &at,
        })
    }

    /// The inside of the family, by the weight of the factor.
    fn inside(&self) -> Result<FitReport, FitError> {
        let (o1, o2) = self.odds(&self.start);
        // A weight of a size that the family has near the start.
        let unit = (-o1.max(o2)).exp().min(1.0);
        let mut sought = self.first_four();
        sought.push(Sought {
            name: CorrelatedParetoNbd::NAMES[4].into(),
            kind: ParameterKind::Effect,
            shift: 0.0,
        });
        let at = |x: &[f64]| {
            let weight = unit * x[4];
            let (o1, o2) = self.odds(x);
            let is_inside =
                weight * o1.max(o2).exp() < 1.0 && -weight * (o1 + o2).max(0.0).exp() < 1.0;
            (is_inside && o1.max(o2) < FARTHEST).then_some([x[0], x[1], x[2], x[3], weight])
        };
        let start = |w: f64| [self.start.as_slice(), &[w]].concat();
        let report = self.follow(&Course {
            sought,
            starts: vec![start(0.0), start(0.4), start(-0.4)],
            at: &at,
        })?;
        // From the weight to the dependence.
        let dependence = |x: &[f64]| {
            let (o1, o2) = self.odds(x);
            let weight = unit * x[4];
            let (near, far) = if weight > 0.0 {
                (-o1.max(o2), -(o1 + o2).max(0.0))
            } else {
                (-(o1 + o2).max(0.0), -o1.max(o2))
            };
            // The inverse of the Möbius map of `Kernel::new`.
            let (share, ratio) = (weight.abs() * (-near).exp(), (near - far).exp());
            (share * (1.0 + ratio) / (2.0 - share * (1.0 - ratio))).copysign(weight)
        };
        self.embed(report, |x| {
            let mut place = x[..4].to_vec();
            place.push(ParameterKind::Dependence.to_search(dependence(x)));
            place
        })
    }

    /// The best optimum of a face or edge of the bound, if one of them has any.
    fn on_the_bound(&self) -> Option<FitReport> {
        type Face<'f> = (f64, &'f dyn Fn(f64, f64) -> Option<f64>);
        let inverse = |ln: f64| (-ln).exp();
        let faces: [Face<'_>; 4] = [
            (1.0, &|o1, o2| (o1 >= o2).then(|| inverse(o1))),
            (1.0, &|o1, o2| (o2 >= o1).then(|| inverse(o2))),
            (-1.0, &|o1, o2| (o1 + o2 <= 0.0).then_some(-1.0)),
            (-1.0, &|o1, o2| (o1 + o2 >= 0.0).then(|| -inverse(o1 + o2))),
        ];
        let mut best: Option<FitReport> = None;
        let mut consider = |report: Result<FitReport, FitError>| {
            if let Ok(report) = report {
                let is_better = |b: &FitReport| report.log_likelihood > b.log_likelihood;
                if best.as_ref().is_none_or(is_better) {
                    best = Some(report);
                }
            }
        };
        for (end, weight) in faces {
            let at = |x: &[f64]| {
                let (o1, o2) = self.odds(x);
                let weight = weight(o1, o2).filter(|_| o1.max(o2) < FARTHEST)?;
                Some([x[0], x[1], x[2], x[3], weight])
            };
            let report = self.follow(&Course {
                sought: self.first_four(),
                starts: self.starts_of(&at),
                at: &at,
            });
            let end = ParameterKind::Dependence.to_search(end);
            consider(report.and_then(|report| self.embed(report, |x| [x, &[end]].concat())));
        }
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
        let report = self.follow(&Course {
            sought: self.first_four()[..3].to_vec(),
            starts: vec![self.start[..3].to_vec()],
            at: &at,
        });
        let end = ParameterKind::Dependence.to_search(1.0);
        consider(
            report.and_then(|report| {
                self.embed(report, |x| [on_edge(x).as_slice(), &[end]].concat())
            }),
        );
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
        let mut likelihood = Likelihood::new(self.sample);
        let at = course.at;
        maximise(
            Problem {
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
                likelihood: &mut |x: &[f64], gradient: &mut [f64]| {
                    gradient.fill(0.0);
                    let Some(place) = at(x) else {
                        return f64::NEG_INFINITY;
                    };
                    let (value, by_place) = likelihood.evaluate(&place);
                    for (i, g) in gradient.iter_mut().enumerate() {
                        *g = along(at, x, i, &place)
                            .iter()
                            .zip(by_place)
                            .map(|(slope, by)| slope * by)
                            .sum();
                    }
                    value
                },
                coarse: Vec::new(),
            },
            self.options,
        )
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
        let ln_scale = self.sample.scale.ln();
        let shift = [0.0, ln_scale, 0.0, ln_scale, 0.0];
        let x: Vec<f64> = report
            .parameters
            .iter()
            .zip(shift)
            .map(|(p, shift)| p.kind.to_search(p.value) - shift)
            .collect();
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

/// The log-likelihood of a sample with its working space.
struct Likelihood<'a> {
    sample: &'a Distinct,
    rising: Vec<Rising>,
}

/// The parameters, in scaled time, in which the kernel counts over a shorter span.
struct Values {
    r: f64,
    alpha: f64,
    s: f64,
    beta: f64,
    weight: f64,
    /// One unit of the model.
    one: f64,
}

/// The Sarmanov factor at some rates, and its slopes in r, α, s, β and the weight.
struct Factor {
    value: f64,
    by: [f64; 5],
}

impl Values {
    /// The mean over Gamma(shape, α + τ) and Gamma(`s_now`, β + τ).
    fn factor(&self, shape: f64, s_now: f64, tau: f64) -> Factor {
        let one = self.one;
        let part = |now: f64, start: f64, from: f64| {
            let (then, at) = (ln_one_plus(one / from), ln_one_plus(one / (from + tau)));
            let later = from + tau;
            let y = start * then - now * at;
            let by_rate = now * one / (later * (later + one)) - start * one / (from * (from + one));
            (y.exp_m1(), then - at, by_rate)
        };
        let (d1, by_r, by_alpha) = part(shape, self.r, self.alpha);
        let (d2, by_s, by_beta) = part(s_now, self.s, self.beta);
        let (of_purchases, of_dropout) =
            (self.weight * d2 * (1.0 + d1), self.weight * d1 * (1.0 + d2));
        Factor {
            value: (1.0 + self.weight * d1 * d2).max(f64::MIN_POSITIVE),
            by: [
                of_purchases * by_r,
                of_purchases * by_alpha,
                of_dropout * by_s,
                of_dropout * by_beta,
                d1 * d2,
            ],
        }
    }

    /// One customer's log-likelihood, and its slopes in r, α, s, β and the weight.
    fn row(&self, n: f64, rise: Rising, recency: f64, age: f64) -> (f64, [f64; 5]) {
        let Self {
            r, alpha, s, beta, ..
        } = *self;
        let shape = r + n;
        let ln_both = rise.ln - n * alpha.ln();
        let (age_alpha, age_beta) = (ln_one_plus(age / alpha), ln_one_plus(age / beta));
        let now = self.factor(shape, s, age);
        let alive = -shape * age_alpha - s * age_beta + now.value.ln();
        let mut by_alive = now.by.map(|by| by / now.value);
        by_alive[0] -= age_alpha;
        by_alive[1] += shape / alpha * (age / (alpha + age));
        by_alive[2] -= age_beta;
        by_alive[3] += s / beta * (age / (beta + age));

        let (from_alpha, from_beta) = (ln_one_plus(recency / alpha), ln_one_plus(recency / beta));
        let integrand = Integrand {
            alpha: alpha + recency,
            k: shape,
            beta: beta + recency,
            c: s + 1.0,
            b: 0.0,
            delta: 0.0,
            grow: false,
        };
        let (mut sum, mut sums) = (0.0, [0.0; 5]);
        let ln_unit = integrand.visit(age - recency, |node| {
            let tau = recency + node.time;
            let factor = self.factor(shape, s + 1.0, tau);
            let part = node.part * factor.value;
            sum += part;
            sums[0] += node.part * factor.by[0] - part * node.ln_alpha;
            sums[1] += node.part * factor.by[1] + part * (shape / alpha) * (tau / (alpha + tau));
            sums[2] += node.part * factor.by[2] - part * node.ln_beta;
            sums[3] += node.part * factor.by[3] + part * ((s + 1.0) / beta) * (tau / (beta + tau));
            sums[4] += node.part * factor.by[4];
        });
        let (mut ln, mut slopes) = (alive, by_alive);
        if sum > 0.0 {
            let dead =
                (s / beta).ln() - shape * from_alpha - (s + 1.0) * from_beta + ln_unit + sum.ln();
            let mut by_dead = sums.map(|by| by / sum);
            by_dead[0] -= from_alpha;
            by_dead[2] += 1.0 / s - from_beta;
            by_dead[3] -= 1.0 / beta;
            let share = crate::numeric::special::logistic(dead - alive);
            ln = alive + crate::numeric::special::softplus(dead - alive);
            for ((slope, alive), dead) in slopes.iter_mut().zip(by_alive).zip(by_dead) {
                *slope = alive + share * (dead - alive);
            }
        }
        slopes[0] += rise.slope;
        slopes[1] -= n / alpha;
        (ln_both + ln, slopes)
    }
}

impl<'a> Likelihood<'a> {
    fn new(sample: &'a Distinct) -> Self {
        Self {
            sample,
            rising: Vec::with_capacity(sample.frequencies.len()),
        }
    }

    /// The log-likelihood and its gradient at a place.
    fn evaluate(&mut self, place: &Place) -> (f64, [f64; 5]) {
        let sample = self.sample;
        let values = Values {
            r: place[0].exp(),
            alpha: place[1].exp(),
            s: place[2].exp(),
            beta: place[3].exp(),
            weight: place[4],
            one: 1.0 / sample.scale,
        };
        rising_table(values.r, 0, &sample.frequencies, &mut self.rising);
        let rising = &self.rising;
        let [value, mut gradient @ ..] = chunks::sums_of_integrals(&sample.rows, |rows| {
            let mut sums = [0.0; 6];
            for row in rows {
                let (ln, [r, alpha, s, beta, weight]) = values.row(
                    f64::from(sample.frequencies[row.frequency()]),
                    rising[row.frequency()],
                    sample.times[row.recency()],
                    sample.times[row.age()],
                );
                for (sum, of_row) in sums.iter_mut().zip([ln, r, alpha, s, beta, weight]) {
                    *sum += row.weight * of_row;
                }
            }
            sums
        });
        let units = [values.r, values.alpha, values.s, values.beta, 1.0];
        for (g, unit) in gradient.iter_mut().zip(units) {
            *g *= unit;
        }
        (value, gradient)
    }
}

#[cfg(test)]
mod tests;
