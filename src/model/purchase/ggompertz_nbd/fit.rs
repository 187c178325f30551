//! The fit of the GGompertz/NBD: from the best Pareto/NBD, which it holds as its limit, upwards.

use crate::numeric::chunks;
use crate::numeric::minimise::{Limits, Minimum, minimise};
use crate::numeric::special::{ln_one_plus, logistic, softplus};
use crate::numeric::stretch::Integrand;

use super::super::super::fit::{Fit, FitError, FitOptions, Fitted};
use super::super::super::maximise::{Limit, Problem, Sought, maximise};
use super::super::super::parameter::{Parametric, exactly};
use super::super::super::report::{Boundary, FitReport};
use super::super::PurchaseSample;
use super::super::pareto_nbd;
use super::super::sample::{Distinct, DistinctRow, Rising, rising_table};
use super::{GGompertzNbd, GGompertzNbdParameters, clock, ln_risen};

/// Limits of r, α, b, s and β, of which a dropout that is nobody's comes first.
pub(in super::super) const LIMITS: &[Limit] = &[
    Limit {
        boundary: Boundary::NoDropout,
        towards: &[0.0, 0.0, 0.0, -1.0, 0.0],
    },
    Limit {
        boundary: Boundary::NoDropout,
        towards: &[0.0, 0.0, 0.0, 0.0, 1.0],
    },
    Limit {
        boundary: Boundary::NoDropout,
        towards: &[0.0, 0.0, -1.0, 0.0, 0.0],
    },
    Limit {
        boundary: Boundary::ParetoNbd,
        towards: &[0.0, 0.0, -1.0, 0.0, -1.0],
    },
    Limit {
        boundary: Boundary::HomogeneousDropout,
        towards: &[0.0, 0.0, 0.0, 1.0, 1.0],
    },
    Limit {
        boundary: Boundary::HomogeneousDropout,
        towards: &[0.0, 0.0, 1.0, -1.0, 0.0],
    },
    Limit {
        boundary: Boundary::HomogeneousRates,
        towards: &[1.0, 1.0],
    },
];

impl Fit for GGompertzNbd {
    type Sample = PurchaseSample;

    fn scale(&self) -> String {
        self.0.unit.to_string()
    }

    fn fit_sample(sample: &PurchaseSample, options: &FitOptions) -> Result<Fitted<Self>, FitError> {
        let sample = sample.distinct(Self::MODEL)?;
        let steady = pareto_nbd::nested(&sample);
        let ln_scale = sample.scale.ln();
        let mut likelihood = Likelihood::new(&sample);
        let starts = starts(&sample, &mut likelihood, steady);
        let mut report = maximise(
            Problem {
                model: Self::MODEL,
                parameters: Sought::all_positive(
                    Self::NAMES,
                    &[0.0, ln_scale, -ln_scale, 0.0, 0.0],
                ),
                scale: sample.unit.to_string(),
                customers: sample.customers,
                rows: sample.rows.len(),
                starts,
                offset: sample.offset(),
                nested: Some(steady.1),
                limits: LIMITS.to_vec(),
                notes: Vec::new(),
                likelihood: &mut |x: &[f64], gradient: &mut [f64]| likelihood.evaluate(x, gradient),
                coarse: Vec::new(),
            },
            options,
        )?;
        if report.boundary() == Some(Boundary::ParetoNbd) {
            lift(&mut report, &mut likelihood, ln_scale);
        }
        let [r, alpha, b, s, beta] = exactly(Self::MODEL, &report.values())?;
        let unit = sample.unit;
        let model = Self::new(GGompertzNbdParameters {
            unit,
            r,
            alpha,
            b,
            s,
            beta,
        })?;
        Ok(Fitted { model, report })
    }
}

/// At the Pareto/NBD any small `b` is as good as another: one that is a valid parameter in the unit
/// of the sample, with its `β`.
fn lift(report: &mut FitReport, likelihood: &mut Likelihood<'_>, ln_scale: f64) {
    /// A little more than the least that a parameter may be.
    const LEAST: f64 = 2e-12;
    let [r, alpha, b, s, beta] = report.parameters.as_mut_slice() else {
        return;
    };
    let least = b.value.min(beta.value);
    if least >= LEAST {
        return;
    }
    let up = LEAST / least;
    let place = |b: f64, beta: f64| {
        let [r, alpha, s] = [&r, &alpha, &s].map(|p| p.value.ln());
        vec![r, alpha - ln_scale, b.ln() + ln_scale, s, beta.ln()]
    };
    let mut gradient = [0.0; 5];
    let before = likelihood.evaluate(&place(b.value, beta.value), &mut gradient);
    b.value *= up;
    beta.value *= up;
    let after = likelihood.evaluate(&place(b.value, beta.value), &mut gradient);
    report.log_likelihood += after - before;
}

/// Where the search begins: beside the steady model, and where coarse searches of a part of the
/// sample see more.
fn starts(
    sample: &Distinct,
    likelihood: &mut Likelihood<'_>,
    (steady, steady_ln_likelihood): ([f64; 4], f64),
) -> Vec<Vec<f64>> {
    /// How many rows the coarse searches look at.
    const ROWS: usize = 1000;
    let part = sample.thinned(ROWS);
    let mut coarse = Likelihood::new(&part);
    let mut objective = |x: &[f64], gradient: &mut [f64]| {
        let value = coarse.evaluate(x, gradient);
        for g in gradient.iter_mut() {
            *g = -*g / part.customers;
        }
        -value / part.customers
    };
    let limits = Limits {
        bound: 15.0,
        step: 3.0,
        gradient: 1e-4,
        iterations: 40,
    };
    let mut ends: Vec<Minimum> = Vec::new();
    for start in gaining(steady, sample.mean_age()) {
        let end = minimise(&mut objective, &start, limits, &ends);
        ends.push(end);
    }
    let [ln_r, ln_alpha, ln_s, ln_beta] = steady;
    let ln_b = (0.01 / sample.mean_age()).ln();
    let mut starts = vec![vec![ln_r, ln_alpha, ln_b, ln_s, ln_beta + ln_b]];
    let mut highest = steady_ln_likelihood;
    for Minimum { point, .. } in ends {
        let value = likelihood.evaluate(&point.x, &mut [0.0; 5]);
        if value > highest {
            highest = value;
            starts.truncate(1);
            starts.push(point.x);
        }
    }
    starts
}

/// Dropout that gains speed the more in the course of a relationship of mean age, by the end of
/// which as many stay as in the steady model.
fn gaining([ln_r, ln_alpha, ln_s, ln_beta]: [f64; 4], life: f64) -> [Vec<f64>; 3] {
    // −ln of the share that stays.
    let left = ln_s.exp() * (life / ln_beta.exp()).ln_1p();
    [(1.5, 0.5), (4.0, 0.5), (10.0, 0.3)].map(|(pace, begins): (f64, f64)| {
        let beta = (begins * pace).exp_m1();
        let s = left / (pace.exp_m1() / beta).ln_1p();
        let [ln_b, ln_s] = [pace / life, s].map(|v| v.ln().clamp(-15.0, 15.0));
        vec![ln_r, ln_alpha, ln_b, ln_s, beta.ln()]
    })
}

/// The log-likelihood of a sample with its working space.
pub(in super::super) struct Likelihood<'a> {
    sample: &'a Distinct,
    rising: Vec<Rising>,
    /// At each distinct time *t*.
    times: Vec<Time>,
}

/// What the rows share that refer to one time *t*.
#[derive(Debug, Clone, Copy)]
struct Time {
    /// `ln(1 + t/α)`.
    ln_alpha: f64,
    /// `α/(α + t)`.
    alpha_share: f64,
    /// `t/(α + t)`.
    alpha_rest: f64,
    /// Dropout's clock.
    clock: f64,
    /// `ln((β + e^bt − 1)/β)`, of which `t/clock` is the slope in `ln b`.
    ln_beta: f64,
    by_b: f64,
    /// `β/(β + e^bt − 1)`, the slope of `ln clock` in `ln β`.
    beta_share: f64,
    /// `(e^bt − 1)/(β + e^bt − 1)`.
    beta_rest: f64,
    /// The slope of `ln clock` in `ln b`.
    clock_by_b: f64,
}

impl Time {
    fn new(t: f64, [alpha, b, beta]: [f64; 3]) -> Self {
        let u = t / alpha;
        let clock = clock(t, b, beta);
        // e^bt/(β + e^bt − 1).
        let raced = 1.0 / (b * clock);
        Self {
            ln_alpha: ln_one_plus(u),
            alpha_share: 1.0 / (1.0 + u),
            alpha_rest: u / (1.0 + u),
            clock,
            ln_beta: ln_risen(b, beta / b, t),
            by_b: t / clock,
            beta_share: beta * (-b * t).exp() * raced,
            beta_rest: -(-b * t).exp_m1() * raced,
            clock_by_b: b * t * ((1.0 - beta) * (-b * t).exp() * raced) - 1.0,
        }
    }
}

impl<'a> Likelihood<'a> {
    pub(in super::super) fn new(sample: &'a Distinct) -> Self {
        Self {
            sample,
            rising: Vec::with_capacity(sample.frequencies.len()),
            times: Vec::with_capacity(sample.times.len()),
        }
    }

    /// The same of another sample, in the same working space.
    pub(in super::super) fn on(&mut self, sample: &'a Distinct) -> &mut Self {
        self.sample = sample;
        self
    }

    /// The log-likelihood and its gradient in the logarithms of the parameters.
    pub(in super::super) fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        let sample = self.sample;
        let (r, alpha, b, beta) = (x[0].exp(), x[1].exp(), x[2].exp(), x[4].exp());
        rising_table(r, 0, &sample.frequencies, &mut self.rising);
        self.times.clear();
        let times = sample.times.iter();
        self.times
            .extend(times.map(|&t| Time::new(t, [alpha, b, beta])));
        let part = |rows: &[DistinctRow]| self.part(x, rows);
        let [value, slopes @ ..] = chunks::sums_of_integrals(&sample.rows, part);
        gradient.copy_from_slice(&slopes);
        value
    }

    /// What some rows add to the log-likelihood and to its gradient.
    fn part(&self, x: &[f64], rows: &[DistinctRow]) -> [f64; 6] {
        let sample = self.sample;
        let ln_alpha = x[1];
        let (r, alpha, b, s) = (x[0].exp(), ln_alpha.exp(), x[2].exp(), x[3].exp());
        let mut sums = [0.0; 6];
        for row in rows {
            let n = f64::from(sample.frequencies[row.frequency()]);
            let rise = self.rising[row.frequency()];
            let (now, last) = (self.times[row.age()], self.times[row.recency()]);
            let (recency, age) = (sample.times[row.recency()], sample.times[row.age()]);
            let shape = r + n;
            let mut ln = rise.ln - n * ln_alpha - shape * now.ln_alpha - s * now.ln_beta;
            let (mut by_r, mut by_s) = (rise.slope - now.ln_alpha, -now.ln_beta);
            let mut by_alpha = r * now.alpha_rest - n * now.alpha_share;
            let mut by_beta = s * now.beta_rest;
            let mut by_b = -s * now.by_b;
            if recency < age {
                let law = Integrand {
                    alpha: alpha + recency,
                    k: shape,
                    beta: last.clock,
                    c: s + 1.0,
                    b,
                    delta: 0.0,
                    grow: true,
                };
                let gone = Gone::new(&law, age - recency);
                let since_alpha = now.ln_alpha - last.ln_alpha;
                let since_beta = now.ln_beta - last.ln_beta;
                let z = x[3] - last.clock.ln() + shape * since_alpha + s * since_beta + gone.ln;
                let dead = logistic(z);
                ln += softplus(z);
                by_r += dead * (since_alpha - gone.ln_alpha);
                by_s += dead * (1.0 / s + since_beta - gone.ln_beta);
                // Of the clock, and of the integral in it.
                let of_clock = s * gone.beta_risen - gone.beta_share;
                by_alpha += dead
                    * shape
                    * (last.alpha_rest - now.alpha_rest + last.alpha_share * gone.alpha_risen);
                by_beta +=
                    dead * (s * (last.beta_rest - now.beta_rest) + last.beta_share * of_clock);
                by_b += dead
                    * (s * (now.by_b - last.by_b)
                        + last.clock_by_b * of_clock
                        + (s + 1.0) * (gone.beta_risen + (b - 1.0 / last.clock) * gone.time_share)
                        - s * b * gone.time);
            }
            let of_row = [ln, r * by_r, by_alpha, by_b, s * by_s, by_beta];
            for (sum, of_row) in sums.iter_mut().zip(of_row) {
                *sum += row.weight * of_row;
            }
        }
        sums
    }
}

/// The logarithm of the integral over the time of dropout, and means under the density
/// proportional to its integrand: those of a [`Stretch`](crate::numeric::stretch::Stretch) that
/// the gradient needs, and one in whose place the others would cancel where `b` is large.
struct Gone {
    ln: f64,
    /// Mean of `ln(1 + v/α)`.
    ln_alpha: f64,
    /// Mean of `v/(α + v)`.
    alpha_risen: f64,
    /// Mean of `ln(1 + E/β)`.
    ln_beta: f64,
    /// Mean of `E/(β + E)`.
    beta_risen: f64,
    /// Mean of `β/(β + E)`.
    beta_share: f64,
    /// Mean of `v`.
    time: f64,
    /// Mean of `v·β/(β + E)`.
    time_share: f64,
}

impl Gone {
    fn new(law: &Integrand, len: f64) -> Self {
        let mut sum = 0.0;
        let mut sums = [0.0; 7];
        let unit = law.visit(len, |node| {
            let share = 1.0 / (1.0 + node.grown);
            let means = [
                node.ln_alpha,
                node.time / (law.alpha + node.time),
                node.ln_beta,
                1.0 / (1.0 + 1.0 / node.grown),
                share,
                node.time,
                node.time * share,
            ];
            sum += node.part;
            for (sum, mean) in sums.iter_mut().zip(means) {
                *sum += node.part * mean;
            }
        });
        // A length that is no more than rounding may have no parts.
        let per = if sum > 0.0 { 1.0 / sum } else { 0.0 };
        let [
            ln_alpha,
            alpha_risen,
            ln_beta,
            beta_risen,
            beta_share,
            time,
            time_share,
        ] = sums.map(|s| s * per);
        Self {
            ln: unit + sum.ln(),
            ln_alpha,
            alpha_risen,
            ln_beta,
            beta_risen,
            beta_share,
            time,
            time_share,
        }
    }
}

#[cfg(test)]
mod tests;
