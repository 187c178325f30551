//! The discounted future of a customer as a mean over the rate of phases.
//!
//! Given the rate `λ`, each phase is worth `φ = λ/(λ + δ)` of the one before, and under a horizon `h` the
//! *n*th counts with the chance that a Poisson count of mean `μ = (λ + δ)h` reaches it. Where few
//! phases pass, purchases are summed one by one, with the chance of dropout averaged exactly; where
//! many do, the sum has a closed form for every chance `p`:
//!
//! - without end, `φ^(k−j)/(1 − qφ^k)` purchases;
//! - up to a horizon that is many gaps away, a stream without phases up to the horizon and a rest that
//!   does not depend on it, written as a power series that has no pole where `p` and `δ` vanish.
//!
//! The mean over `λ` is a trapezoid rule in `ln λ`.

use crate::numeric::beta_mean::{Mixed, beta_mean};
use crate::numeric::damped::exponential_mean;
use crate::numeric::negative_binomial::poisson_mass;
use crate::numeric::special::ln_gamma;

use super::ErlangPosterior;

/// What of the future is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Future {
    Purchases,
    Lifetime,
}

/// Discount and horizon, with time in units in which the rate of phases is `λ`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Question {
    pub(super) k: u32,
    pub(super) delta: f64,
    pub(super) horizon: f64,
}

/// Terms below this share of a sum are left out.
const NEGLIGIBLE: f64 = 1e-17;
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

/// The open gap of a customer whose rate is known: its rate, and how likely each phase is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gap {
    k: u32,
    lambda: f64,
    phases: Vec<f64>,
}

impl Gap {
    pub(super) fn new(k: u32) -> Self {
        Self {
            k,
            lambda: 0.0,
            phases: vec![0.0; k as usize],
        }
    }

    /// Sets the rate, after a silence in which `passed` phases would be expected; the logarithm of
    /// `Σ_{j<k} passed^j/j!`.
    pub(super) fn open(&mut self, lambda: f64, passed: f64) -> f64 {
        self.lambda = lambda;
        let last = self.k - 1;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "never negative; a count beyond the last phase is cut to it"
        )]
        let likeliest = (passed.min(f64::from(last)) as u32).min(last);
        let at = likeliest as usize;
        let mut sum = 1.0;
        let mut weight = 1.0;
        self.phases[at] = 1.0;
        for (j, phase) in (1_u32..).zip(&mut self.phases).skip(at + 1) {
            weight *= passed / f64::from(j - 1);
            *phase = weight;
            sum += weight;
        }
        weight = 1.0;
        for j in (0..likeliest).rev() {
            weight *= f64::from(j + 1) / passed;
            self.phases[j as usize] = weight;
            sum += weight;
        }
        for phase in &mut self.phases {
            *phase /= sum;
        }
        let top = f64::from(likeliest);
        let ln_top = if likeliest > 0 {
            top * passed.ln() - ln_gamma(top + 1.0)
        } else {
            0.0
        };
        ln_top + sum.ln()
    }
}

/// The chances that a Poisson count reaches 1, 2, …, for one mean after another.
#[derive(Debug, Default)]
struct Reached(Vec<f64>);

impl Reached {
    fn fill(&mut self, mu: f64, least: f64) {
        let most = mu.max(least);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and counts are only summed up to MANY phases"
        )]
        let (last, start) = ((most + 10.0 * most.sqrt() + 50.0) as usize, mu as usize);
        self.0.clear();
        self.0.resize(last + 1, 0.0);
        let top = poisson_mass(start as f64, mu);
        let mut term = top;
        for n in start..=last {
            self.0[n] = term;
            term *= mu / (n as f64 + 1.0);
        }
        term = top;
        for n in (0..start).rev() {
            term *= (n as f64 + 1.0) / mu;
            self.0[n] = term;
        }
        let mut sum = 0.0;
        for chance in self.0.iter_mut().rev() {
            sum += *chance;
            *chance = sum.min(1.0);
        }
    }

    /// The chance of at least `n`, from 1 upwards.
    fn at_least(&self) -> &[f64] {
        &self.0[1..]
    }
}

impl Question {
    /// Whether so many phases pass before the horizon that their order no longer shows in it.
    fn is_far(&self, lambda: f64) -> bool {
        let k = f64::from(self.k);
        (lambda + self.delta) * self.horizon > (5.0 * k * k).max(1_000.0)
    }

    /// A lifetime without end before the horizon, discounted.
    fn longest(&self) -> f64 {
        if self.horizon.is_infinite() {
            1.0 / self.delta
        } else {
            exponential_mean(self.delta, self.horizon)
        }
    }

    /// A sum over phases to come: the customer stays through `m` purchases with chance `stays(m)`,
    /// asked for `m` = 0, 1, … in turn.
    fn summed(
        &self,
        what: Future,
        gap: &Gap,
        reached: &mut Reached,
        mut stays: impl FnMut(usize) -> f64,
    ) -> f64 {
        let k = self.k as usize;
        let lambda = gap.lambda;
        if lambda == 0.0 {
            return match what {
                Future::Purchases => 0.0,
                Future::Lifetime => self.longest(),
            };
        }
        let mu = (lambda + self.delta) * self.horizon;
        if mu == 0.0 {
            return 0.0;
        }
        reached.fill(mu, f64::from(self.k));
        let phi = lambda / (lambda + self.delta);
        let mut sum = 0.0;
        let mut stayed = stays(0);
        match what {
            Future::Purchases => {
                let mut worth = 1.0;
                for (block, chances) in reached.at_least().chunks(k).enumerate() {
                    if block > 0 {
                        stayed = stays(block);
                    }
                    // The first phase to come ends the gap if the last has been reached.
                    let mut part = 0.0;
                    for (chance, phase) in chances.iter().zip(gap.phases.iter().rev()) {
                        worth *= phi;
                        part += worth * chance * phase;
                    }
                    sum += stayed * part;
                    if stayed * worth * chances[0] <= NEGLIGIBLE * sum * (1.0 - phi) {
                        break;
                    }
                }
                sum
            }
            Future::Lifetime => {
                let mut worth = 1.0 / (lambda + self.delta);
                for (block, chances) in reached.at_least().chunks(k).enumerate() {
                    let next = stays(block + 1);
                    // After i phases of the block those within i of the last have bought again.
                    let mut bought = 0.0;
                    let mut part = 0.0;
                    for (chance, phase) in chances.iter().zip(gap.phases.iter().rev()) {
                        part += worth * chance * (stayed * (1.0 - bought) + next * bought);
                        bought = (bought + phase).min(1.0);
                        worth *= phi;
                    }
                    sum += part;
                    stayed = next;
                    if stayed * worth * chances[0] <= NEGLIGIBLE * sum * (1.0 - phi) {
                        break;
                    }
                }
                sum
            }
        }
    }

    /// The future of a customer whose rate and chance of dropout are known.
    #[cfg(feature = "simulate")]
    pub(super) fn known(&self, what: Future, gap: &Gap, p: f64) -> f64 {
        if self.horizon == 0.0 {
            return 0.0;
        }
        if self.horizon.is_infinite() || self.is_far(gap.lambda) {
            let series = Series::new(self.k);
            return Closed::new(self, what, gap, &series).at(self, what, p);
        }
        let mut stays = 1.0 / (1.0 - p);
        self.summed(what, gap, &mut Reached::default(), |m| {
            stays = if m == 0 { 1.0 } else { stays * (1.0 - p) };
            stays
        })
    }
}

/// Coefficients of `1/(e^t − 1) − e^(−jt/k)/(k(e^(t/k) − 1))` in powers of `t`, for every phase.
struct Series(Vec<[f64; TERMS]>);

impl Series {
    fn new(k: u32) -> Self {
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
struct Closed {
    lambda: f64,
    mu: f64,
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
    fn new(question: &Question, what: Future, gap: &Gap, series: &Series) -> Self {
        let (delta, lambda, k) = (question.delta, gap.lambda, f64::from(gap.k));
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
    fn at(&self, question: &Question, what: Future, p: f64) -> f64 {
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

impl ErlangPosterior {
    /// What is to come of a customer who is alive, in units of the posterior's rate.
    pub(super) fn future(&self, what: Future, question: &Question) -> f64 {
        if question.horizon == 0.0 {
            return 0.0;
        }
        let mut mean = RateMean::new(self, what, question);
        mean.collect();
        mean.finish()
    }

    /// The place on the scale of `ln λ` that most of the posterior lies around.
    fn centre(&self) -> f64 {
        (self.shape + self.mean_phase()).ln()
    }
}

/// A mean over the rate of phases, one node after another.
struct RateMean<'a> {
    posterior: &'a ErlangPosterior,
    what: Future,
    question: &'a Question,
    step: f64,
    centre: f64,
    /// Logarithm of the sum over phases at the centre.
    ln_centre: f64,
    share: f64,
    gap: Gap,
    series: Series,
    reached: Reached,
    /// Chances to stay through 0, 1, … purchases.
    stays: Vec<f64>,
    closed: Vec<(f64, Closed)>,
    /// Sums of the weights, and of least and most that each node can add.
    weights: f64,
    least: f64,
    most: f64,
    summed: f64,
}

/// One node: its weight, and the least and the most that it adds.
struct Node {
    weight: f64,
    least: f64,
    most: f64,
}

impl<'a> RateMean<'a> {
    fn new(posterior: &'a ErlangPosterior, what: Future, question: &'a Question) -> Self {
        let k = posterior.k();
        let mut step = (0.6 / (posterior.shape + k).sqrt()).min(0.25);
        if question.horizon.is_finite() {
            step = step.min(0.6 / k); // gaps of equal length show as steps
        }
        let centre = posterior.centre();
        let share = posterior.silence / posterior.rate;
        let mut gap = Gap::new(posterior.k);
        let ln_centre = gap.open(centre.exp(), share * centre.exp());
        Self {
            posterior,
            what,
            question,
            step,
            centre,
            ln_centre,
            share,
            gap,
            series: Series::new(posterior.k),
            reached: Reached::default(),
            stays: vec![1.0],
            closed: Vec::new(),
            weights: 0.0,
            least: 0.0,
            most: 0.0,
            summed: 0.0,
        }
    }

    /// Adds the node `y` beside the centre.
    fn add(&mut self, y: f64) -> Node {
        let lambda = (self.centre + y).exp();
        let ln_phases = self.gap.open(lambda, lambda * self.share);
        let shape = self.posterior.shape;
        let fall = self.centre.exp() * y.exp_m1();
        let weight = (shape * y - fall + ln_phases - self.ln_centre).exp();
        let (what, question) = (self.what, self.question);
        let (least, most) =
            if lambda > 0.0 && (question.horizon.is_infinite() || question.is_far(lambda)) {
                let closed = Closed::new(question, what, &self.gap, &self.series);
                let ends = (
                    closed.at(question, what, 1.0),
                    closed.at(question, what, 0.0),
                );
                if weight > 0.0 {
                    self.closed.push((weight, closed));
                }
                ends
            } else {
                let (a, b) = (self.posterior.a, self.posterior.b);
                let stays = &mut self.stays;
                let value = question.summed(what, &self.gap, &mut self.reached, |m| {
                    while stays.len() <= m {
                        let before = stays.len() as f64 - 1.0;
                        stays.push(stays[stays.len() - 1] * ((b + before) / (a + b + before)));
                    }
                    stays[m]
                });
                self.summed += weight * value;
                (value, value)
            };
        let node = Node {
            weight,
            least: weight * least,
            most: weight * most,
        };
        self.weights += weight;
        self.least += node.least;
        self.most += node.most;
        node
    }

    /// Whether the node is nothing beside those before.
    fn is_nothing(&self, node: &Node) -> bool {
        node.weight <= NEGLIGIBLE * self.weights
            && node.least <= NEGLIGIBLE * self.least
            && node.most <= NEGLIGIBLE * self.most
    }

    /// Visits nodes from the centre upwards and downwards until nothing is left.
    fn collect(&mut self) {
        /// Far more than any question takes.
        const LIMIT: u32 = 1_000_000;
        for i in 0..LIMIT {
            let node = self.add(self.step * f64::from(i));
            if self.most > 0.0 && self.is_nothing(&node) || node.weight < 1e-290 {
                break;
            }
        }
        let shape = self.posterior.shape;
        let longest = self.question.longest();
        for i in 1..LIMIT {
            let y = -self.step * f64::from(i);
            let node = self.add(y);
            let is_settled = match self.what {
                Future::Purchases => {
                    node.most <= f64::MIN_POSITIVE.max(NEGLIGIBLE * self.most)
                        && node.least <= f64::MIN_POSITIVE.max(NEGLIGIBLE * self.least)
                }
                Future::Lifetime => node.least >= node.weight * longest * (1.0 - 1e-15),
            };
            let is_flat = (self.centre + y).exp() < 1e-17;
            // Weights of a small shape fall slowly: as a geometric series.
            if self.is_nothing(&node) || self.is_analytic() && is_settled && is_flat {
                if self.what == Future::Lifetime {
                    self.summed += node.weight * longest / (shape * self.step).exp_m1();
                }
                break;
            }
            if self.is_analytic() && self.what == Future::Purchases && is_settled {
                break;
            }
        }
    }

    /// Whether the sum of the weights is known better than it can be summed.
    fn is_analytic(&self) -> bool {
        self.posterior.shape < 3.0
    }

    fn finish(self) -> f64 {
        let Self {
            posterior,
            what,
            question,
            closed,
            ..
        } = &self;
        let all = if self.is_analytic() {
            let shape = posterior.shape;
            let ln = ln_gamma(shape) + posterior.ln_phases - shape * self.centre
                + self.centre.exp()
                - self.ln_centre;
            ln.exp() / self.step
        } else {
            self.weights
        };
        if closed.is_empty() {
            return self.summed / all;
        }
        let over_rates = |p: f64| {
            let nodes = closed.iter();
            nodes
                .map(|(weight, closed)| weight * closed.at(question, *what, p))
                .sum::<f64>()
        };
        let at_zero = over_rates(0.0);
        // So small a chance of dropout makes no difference.
        let reach = closed.iter().fold(1.0, |reach: f64, (_, closed)| {
            reach.max(closed.mu.min(closed.lambda / question.delta))
        });
        let inside = |p: f64| {
            if p < 1e-18 / reach {
                at_zero
            } else {
                over_rates(p.min(1.0)) // rounding may have lifted it above
            }
        };
        let mean = beta_mean(
            posterior.a,
            posterior.b,
            Mixed {
                at_zero,
                at_one: over_rates(1.0),
                power: posterior.shape + posterior.k(),
                inside,
            },
        );
        (self.summed + mean) / all
    }
}
