//! The log-likelihood of the Pareto/NBD over a whole sample, with gradient and Hessian in one pass.
//!
//! A customer has dropped out by now with a likelihood that is an integral over the time of dropout;
//! its derivatives are means and covariances under the density proportional to the integrand, from
//! the nodes at which that is known already.

use crate::numeric::chunks;
use crate::numeric::linear::Symmetric;
use crate::numeric::power::{PowerIntegral, power_integral, power_moments};
use crate::numeric::special::{ln_one_plus, logistic, softplus};

use super::super::super::maximise::LogLikelihood;
use super::super::sample::{Distinct, DistinctRow, Rising, rising_table};

/// The log-likelihood of a sample with its working space.
pub(crate) struct Likelihood<'a> {
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
    /// The same for β.
    ln_beta: f64,
    beta_share: f64,
    beta_rest: f64,
}

impl Time {
    fn new(t: f64, alpha: f64, beta: f64) -> Self {
        let (u, v) = (t / alpha, t / beta);
        Self {
            ln_alpha: ln_one_plus(u),
            alpha_share: 1.0 / (1.0 + u),
            alpha_rest: u / (1.0 + u),
            ln_beta: ln_one_plus(v),
            beta_share: 1.0 / (1.0 + v),
            beta_rest: v / (1.0 + v),
        }
    }
}

impl<'a> Likelihood<'a> {
    pub(crate) fn new(sample: &'a Distinct) -> Self {
        Self {
            sample,
            rising: Vec::with_capacity(sample.frequencies.len()),
            times: Vec::with_capacity(sample.times.len()),
        }
    }

    /// The same of another sample, in the same working space.
    pub(crate) fn on(&mut self, sample: &'a Distinct) -> &mut Self {
        self.sample = sample;
        self
    }

    /// Value, slopes and, if asked for, Hessian, row by row up to the diagonal: in `r`, `ln α`, `s` and
    /// `ln β`.
    fn pass<const CURVED: bool>(&mut self, x: &[f64]) -> [f64; NUMBERS] {
        let sample = self.sample;
        let at = Values {
            r: x[0].exp(),
            ln_alpha: x[1],
            alpha: x[1].exp(),
            s: x[2].exp(),
            ln_s: x[2],
            ln_beta: x[3],
            beta: x[3].exp(),
        };
        rising_table(at.r, 0, &sample.frequencies, &mut self.rising);
        self.times.clear();
        self.times.extend(
            sample
                .times
                .iter()
                .map(|&t| Time::new(t, at.alpha, at.beta)),
        );
        chunks::sums(&sample.rows, |rows| {
            let mut sums = [0.0; NUMBERS];
            for row in rows {
                let of_row = self.row::<CURVED>(&at, row);
                let wanted = if CURVED { NUMBERS } else { 5 };
                for (sum, number) in sums.iter_mut().zip(of_row).take(wanted) {
                    *sum += row.weight * number;
                }
            }
            sums
        })
    }

    /// One row's part of the sums.
    fn row<const CURVED: bool>(&self, at: &Values, row: &DistinctRow) -> [f64; NUMBERS] {
        let sample = self.sample;
        let &Values {
            r, alpha, s, beta, ..
        } = at;
        let n = f64::from(sample.frequencies[row.frequency()]);
        let rise = self.rising[row.frequency()];
        let (now, last) = (self.times[row.age()], self.times[row.recency()]);
        let (recency, age) = (sample.times[row.recency()], sample.times[row.age()]);
        let shape = r + n;
        let mut sums = [0.0; NUMBERS];
        sums[0] = rise.ln - n * at.ln_alpha - shape * now.ln_alpha - s * now.ln_beta;
        sums[1] = rise.slope - now.ln_alpha;
        sums[2] = r * now.alpha_rest - n * now.alpha_share;
        sums[3] = -now.ln_beta;
        sums[4] = s * now.beta_rest;
        if CURVED {
            sums[5] = rise.curve;
            sums[6] = now.alpha_rest;
            sums[7] = -shape * now.alpha_share * now.alpha_rest;
            sums[13] = now.beta_rest;
            sums[14] = -s * now.beta_share * now.beta_rest;
        }
        if recency >= age {
            return sums;
        }
        let powers = ((alpha, shape), (beta, s + 1.0));
        let (integral, products) = if CURVED {
            let moments = power_moments(powers.0, powers.1, recency, age);
            (moments.first, moments.products)
        } else {
            let integral = power_integral(powers.0, powers.1, recency, age);
            (integral, [0.0; 10])
        };
        let since_alpha = now.ln_alpha - last.ln_alpha;
        let since_beta = now.ln_beta - last.ln_beta;
        let z = at.ln_s - at.ln_beta - now.ln_beta
            + shape * since_alpha
            + (s + 1.0) * since_beta
            + integral.ln;
        let dead = logistic(z);
        // How the log-odds of having dropped out move with r, ln α, s and ln β.
        let slopes = [
            since_alpha - integral.ln_alpha,
            -shape * now.alpha_share * integral.left_alpha,
            1.0 / s + since_beta - integral.ln_beta,
            -now.beta_share * (1.0 + (s + 1.0) * integral.left_beta),
        ];
        sums[0] += softplus(z);
        for (sum, slope) in sums[1..5].iter_mut().zip(slopes) {
            *sum += dead * slope;
        }
        if CURVED {
            let unsure = dead * logistic(-z);
            let curves = odds_curves(&integral, &products, shape, s, now);
            let mut cells = sums[5..].iter_mut().zip(curves);
            for (i, slope) in slopes.iter().enumerate() {
                for (other, (cell, curve)) in slopes[..=i].iter().zip(&mut cells) {
                    *cell += dead * curve + unsure * slope * other;
                }
            }
        }
        sums
    }
}

/// Value, gradient and the ten cells of the Hessian, row by row up to the diagonal.
const NUMBERS: usize = 15;

/// The parameters at which a pass is made.
struct Values {
    r: f64,
    ln_alpha: f64,
    alpha: f64,
    s: f64,
    ln_s: f64,
    ln_beta: f64,
    beta: f64,
}

/// Second derivatives of the log-odds of having dropped out in `r`, `ln α`, `s` and `ln β`: those of
/// the logarithm of an integral are means of second derivatives and covariances of first ones.
///
/// With `now` the time T, `α/(α + τ) = α/(α + T)·(1 + left)`.
fn odds_curves(
    integral: &PowerIntegral,
    products: &[f64; 10],
    shape: f64,
    s: f64,
    now: Time,
) -> [f64; 10] {
    let (a, b) = (now.alpha_share, now.beta_share);
    let c = s + 1.0;
    let means = [
        integral.ln_alpha,
        integral.left_alpha,
        integral.ln_beta,
        integral.left_beta,
    ];
    let (va, vb) = (integral.left_alpha, integral.left_beta);
    let covariance = |i: usize, j: usize| products[i * (i + 1) / 2 + j] - means[i] * means[j];
    // Means of α/(α + τ) and of its product with τ/(α + τ), less their values at T.
    let curve =
        |share: f64, left: f64, square: f64| share * left - share * share * (2.0 * left + square);
    let alpha_curve = curve(a, va, products[2]);
    let beta_curve = curve(b, vb, products[9]);
    // Slopes of the log-integrand: −ln(α + τ), −shape·α/(α + τ), −ln(β + τ), −c·β/(β + τ).
    let (ka, kb) = (shape * a, c * b);
    [
        covariance(0, 0),
        -a * va + ka * covariance(1, 0),
        -shape * alpha_curve + ka * ka * covariance(1, 1),
        covariance(2, 0),
        ka * covariance(2, 1),
        covariance(2, 2) - 1.0 / (s * s),
        kb * covariance(3, 0),
        ka * kb * covariance(3, 1),
        -b * vb + kb * covariance(3, 2),
        -b * (1.0 - b) - c * beta_curve + kb * kb * covariance(3, 3),
    ]
}

impl LogLikelihood for Likelihood<'_> {
    fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        let sums = self.pass::<false>(x);
        let units = [x[0].exp(), 1.0, x[2].exp(), 1.0];
        for ((g, slope), unit) in gradient.iter_mut().zip(&sums[1..]).zip(units) {
            *g = unit * slope;
        }
        sums[0]
    }

    fn is_curved(&self) -> bool {
        true
    }

    fn curved(&mut self, x: &[f64], gradient: &mut [f64], hessian: &mut Symmetric) -> f64 {
        let sums = self.pass::<true>(x);
        let units = [x[0].exp(), 1.0, x[2].exp(), 1.0];
        hessian.fill(&sums[5..]);
        for (i, unit) in units.iter().enumerate() {
            gradient[i] = unit * sums[1 + i];
            for (j, other) in units.iter().enumerate().take(i + 1) {
                hessian.set(i, j, unit * other * hessian.at(i, j));
            }
        }
        // In the logarithm of r and of s.
        for i in [0, 2] {
            hessian.set(i, i, hessian.at(i, i) + gradient[i]);
        }
        sums[0]
    }
}
