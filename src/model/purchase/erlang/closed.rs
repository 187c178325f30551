//! The discounted future at one rate of phases in closed form, for any chance of dropout.
//!
//! Without end, purchases are worth `φ^(k−j)/(1 − qφ^k)`, and a lifetime
//! `(1 − pφ^(k−j)/(1 − qφ^k))/δ`, written without that difference. Up to a horizon that is many gaps
//! away the sum splits into the term of a stream without phases, `ρ^(j+1)φ/kq·(1 − e^−μη)/η` with
//! `η = 1 − ρφ` and `ρ^k = q`, and a rest that no longer knows the horizon. Both have a pole at
//! `η = 0` that cancels: the rest is taken from its power series in `t = k·ln(1/ρφ)`.

use crate::numeric::damped::exponential_mean;

use super::gap::Gap;
use super::rates::{Future, Question};

/// Below this `t = k·ln(1/ρφ)` the rest is taken from its series.
const NEAR: f64 = 0.5;
/// Terms of that series, which fall as `(t/2π)^n`.
const TERMS: usize = 15;
/// `B_n/n!`, the Bernoulli numbers.
const BERNOULLI: [f64; TERMS + 1] = [
    1.0,
    -0.5,
    1.0 / 12.0,
    0.0,
    -1.0 / 720.0,
    0.0,
    1.0 / 30_240.0,
    0.0,
    -1.0 / 1_209_600.0,
    0.0,
    1.0 / 47_900_160.0,
    0.0,
    -691.0 / 1_307_674_368_000.0,
    0.0,
    1.0 / 74_724_249_600.0,
    0.0,
];

/// Coefficients of `1/(e^t − 1) − e^(−jt/k)/(k(e^(t/k) − 1))` in powers of `t`, for every phase.
pub(super) struct Series(Vec<[f64; TERMS]>);

impl Series {
    pub(super) fn new(k: u32) -> Self {
        let inverse = 1.0 / f64::from(k);
        let of = |j: u32| {
            let x = -f64::from(j) * inverse;
            let mut powers = [1.0; TERMS + 1]; // x^i/i!
            for i in 1..=TERMS {
                powers[i] = powers[i - 1] * x / i as f64;
            }
            let mut coefficients = [0.0; TERMS];
            for (n, coefficient) in (1..).zip(&mut coefficients) {
                let mut of_phase = 0.0;
                let mut scale = 1.0;
                for i in 0..=n {
                    of_phase += BERNOULLI[i] * scale * powers[n - i];
                    scale *= inverse;
                }
                *coefficient = BERNOULLI[n] - of_phase;
            }
            coefficients
        };
        Self((0..k).map(of).collect())
    }
}

/// The future at one rate in closed form, for any chance of dropout.
pub(super) struct Closed {
    pub(super) lambda: f64,
    /// Phases expected before the horizon, those lost to the discount included.
    pub(super) mu: f64,
    /// `k·ln(1/φ)`.
    t: f64,
    /// `φ^k` and `1 − φ^k`.
    kept: f64,
    lost: f64,
    /// Mean of `φ^(k−j)` for purchases; of `(1 − φ^(k−j))/δ` for lifetimes.
    first: f64,
    /// `(1 − φ^k)/δ`.
    gap: f64,
    /// Weights of the phases, for purchases by `φ^−j`.
    phases: Vec<f64>,
    /// Series of the rest; for lifetimes that of its change with `φ^−j`, by `δ`, and its own.
    rest: [f64; TERMS],
    own: [f64; TERMS],
    /// `t/δ`.
    by_delta: f64,
}

impl Closed {
    pub(super) fn new(question: &Question, what: Future, gap: &Gap, series: &Series) -> Self {
        let (delta, lambda, k) = (question.delta, gap.lambda, f64::from(question.k));
        let ln = (delta / lambda).ln_1p(); // −ln φ
        // (1 − φ^n)/δ and (φ^−n − 1)/δ, with their limits.
        let fallen = |n: f64| {
            if delta > 0.0 {
                -(-n * ln).exp_m1() / delta
            } else {
                n / lambda
            }
        };
        let risen = |n: f64| {
            if delta > 0.0 {
                (n * ln).exp_m1() / delta
            } else {
                n / lambda
            }
        };
        let mut closed = Self {
            lambda,
            mu: (lambda + delta) * question.horizon,
            t: k * ln,
            kept: (-k * ln).exp(),
            lost: -(-k * ln).exp_m1(),
            first: 0.0,
            gap: fallen(k),
            phases: gap.phases.clone(),
            rest: [0.0; TERMS],
            own: [0.0; TERMS],
            by_delta: if delta > 0.0 {
                k * ln / delta
            } else {
                k / lambda
            },
        };
        let is_near = closed.t <= NEAR && question.horizon.is_finite();
        for (j, weight) in closed.phases.iter_mut().enumerate() {
            let phase = j as f64;
            let of_rest = match what {
                Future::Purchases => {
                    closed.first += *weight * (-(k - phase) * ln).exp();
                    (phase * ln).exp()
                }
                Future::Lifetime => {
                    closed.first += *weight * fallen(k - phase);
                    risen(phase)
                }
            };
            if is_near {
                for (n, coefficient) in series.0[j].iter().enumerate() {
                    closed.own[n] += *weight * coefficient;
                    closed.rest[n] += *weight * of_rest * coefficient;
                }
                if what == Future::Purchases {
                    *weight *= of_rest;
                }
            }
        }
        closed
    }

    /// The future of a customer with this chance of dropout, `0 ≤ p ≤ 1`.
    pub(super) fn at(&self, question: &Question, what: Future, p: f64) -> f64 {
        let q = 1.0 - p;
        let of_dropout = -(-p).ln_1p();
        let t = self.t + of_dropout;
        if question.horizon.is_infinite() || t > NEAR {
            let ends = self.lost + p * self.kept;
            return match what {
                Future::Purchases => self.first / ends,
                Future::Lifetime => (q * self.gap + p * self.first) / ends,
            };
        }
        let k = f64::from(question.k);
        let lost = -(-t / k).exp_m1();
        // (1 − e^(−μ·lost))/lost: events that count before the horizon.
        let events = exponential_mean(lost, self.mu);
        let polynomial = |x: f64| self.phases.iter().rev().fold(0.0, |sum, c| sum * x + c);
        match what {
            Future::Purchases => {
                let ratio = (-t / k).exp();
                let stream = ratio * polynomial(ratio) * events / k;
                let rest = self.rest.iter().rev().fold(0.0, |sum, c| sum * t + c);
                (stream + rest) / q
            }
            Future::Lifetime => {
                let ratio = (-of_dropout / k).exp();
                let drop = -(-of_dropout / k).exp_m1();
                let share = if drop > 0.0 { p / (k * drop) } else { 1.0 };
                let stream =
                    share * ratio * polynomial(ratio) * events / (self.lambda + question.delta);
                // The series at t less that at δ = 0, each power by t − t₀ = t₀-free differences.
                let (mut rest, mut power) = (0.0, 1.0);
                let (mut difference, mut before) = (0.0, 1.0); // (tⁿ − t₀ⁿ)/(t − t₀), t₀ⁿ
                for (by_phase, own) in self.rest.iter().zip(&self.own) {
                    rest += by_phase * power + own * difference * self.by_delta;
                    difference = difference * t + before;
                    before *= of_dropout;
                    power *= t;
                }
                (stream - p * rest) / q
            }
        }
    }
}
