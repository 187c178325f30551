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
use crate::numeric::special::ln_gamma;

use super::ErlangPosterior;
use super::closed::{Closed, Series};
use super::gap::{Gap, Reached};

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
