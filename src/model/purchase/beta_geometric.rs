//! What BG/NBD and MBG/NBD share: customers who may drop out after a purchase, each with a chance
//! `p ~ Beta(a, b)`.
//!
//! The two differ in how many chances a customer with *x* repeat purchases has had to drop out:
//! *x* in the BG/NBD, *x* + 1 in the MBG/NBD, where the first purchase counts as well.

mod likelihood;

pub(super) use likelihood::Likelihood;

use crate::numeric::beta_mean::{Mixed, beta_mean};
use crate::numeric::damped::{DampedPower, damped_power_until, exponential_mean};
use crate::numeric::special::{incomplete_beta, ln_rising, logistic, softplus};
use crate::quantity::{DiscountRate, Horizon, Span, TimeUnit};
use crate::summary::RfmSummary;

use super::super::fit::{FitError, FitOptions, Fitted};
use super::super::maximise::{Coarse, Problem, Sought, maximise};
use super::super::parameter::Parametric;
use super::nested::{LIMITS, nested};
use super::sample::Distinct;
use super::{ModelError, PurchasePosterior, gaps, in_unit};

#[cfg(feature = "simulate")]
use super::{PosteriorDraw, SimulatedCustomer, SimulationError, observed, purchases_until};
#[cfg(feature = "simulate")]
use crate::numeric::random::RandomStream;

/// Parameters of the family, in the order of its models.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Parameters {
    pub(crate) r: f64,
    pub(crate) alpha: f64,
    pub(crate) a: f64,
    pub(crate) b: f64,
}

/// What a BG/NBD or MBG/NBD model knows of one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BetaGeometricPosterior {
    unit: TimeUnit,
    ln_likelihood: f64,
    /// Log-odds of having dropped out; `−∞` where the model is certain of the contrary.
    ln_odds_dead: f64,
    /// Gamma posterior of the rate if alive.
    shape: f64,
    rate: f64,
    /// Rate parameter of the gamma posterior if dropped out, right after the last purchase.
    rate_if_dead: f64,
    /// Beta posterior of the chance of dropout if alive.
    a: f64,
    b: f64,
    n_eff: f64,
}

impl BetaGeometricPosterior {
    /// The posterior after `chances` chances to drop out, in a unit that agrees already.
    pub(crate) fn new(p: Parameters, chances: f64, customer: &RfmSummary) -> Self {
        let x = f64::from(customer.frequency());
        let (recency, age) = (customer.recency(), customer.age());
        let shape = p.r + x;
        let ln_odds_dead = if chances > 0.0 {
            p.a.ln() - (p.b + (chances - 1.0)).ln()
                + shape * (customer.silence() / (p.alpha + recency)).ln_1p()
        } else {
            f64::NEG_INFINITY // dropout can only follow a purchase
        };
        let rate = ln_rising(p.r, x) - p.r * (age / p.alpha).ln_1p() - x * (p.alpha + age).ln();
        let stay = ln_rising(p.b, chances) - ln_rising(p.a + p.b, chances);
        Self {
            unit: customer.unit(),
            ln_likelihood: rate + stay + softplus(ln_odds_dead),
            ln_odds_dead,
            shape,
            rate: p.alpha + age,
            rate_if_dead: p.alpha + recency,
            a: p.a,
            b: p.b + chances,
            n_eff: gaps(customer),
        }
    }

    /// Expected purchases within `t` of a customer alive now (`G`).
    fn purchases_if_alive(&self, t: f64) -> f64 {
        let tau = t / self.rate;
        if tau == 0.0 {
            return 0.0;
        }
        if let Some(sum) = self.purchases_by_series(tau) {
            return sum;
        }
        let inside = |p: f64| -(-self.shape * (p * tau).ln_1p()).exp_m1() / p;
        beta_mean(
            self.a,
            self.b,
            Mixed {
                at_zero: self.shape * tau,
                at_one: inside(1.0),
                power: self.shape + 1.0,
                inside,
            },
        )
    }

    /// The same by the series of a ₂F₁ that is regular at `a = 1`, where it converges fast and
    /// does not cancel.
    fn purchases_by_series(&self, tau: f64) -> Option<f64> {
        let (a, z) = (self.a, tau / (1.0 + tau));
        let c = a + (self.b - 1.0);
        let start = c - self.shape;
        if a > 20.0 || start < -5.0 || z > 0.95 || c.abs() > 1e3 * self.shape || z < 1e-4 {
            return None;
        }
        let ln_left = -tau.ln_1p();
        let excess = a - 1.0;
        let mut term = start * z;
        let mut sum = 0.0;
        let mut n = 1.0;
        // The terms fall as zⁿ once n has passed the parameters.
        loop {
            sum += term;
            let (next, below) = (start + n, c + n);
            if below == 0.0 {
                return None;
            }
            let factor = next * (a + n - 1.0) * z / (below * (n + 1.0));
            term *= factor;
            n += 1.0;
            if term.abs() <= 1e-17 * sum.abs() && factor.abs() < 1.0 {
                break;
            }
        }
        Some(c * -exponential_mean(-excess, ln_left) - (excess * ln_left).exp() * sum)
    }

    /// Purchases and time as a customer between now and the horizon, discounted, if alive.
    fn discounted_if_alive(&self, delta: f64, horizon: f64, power: f64) -> f64 {
        // Given p, the stream thins out as (1 + pτ)^−power; times in units of `self.rate`.
        let delta = delta * self.rate;
        let horizon = horizon / self.rate;
        if horizon == 0.0 {
            return 0.0;
        }
        let forever = horizon
            .is_infinite()
            .then(|| DampedPower::new(power, delta, f64::INFINITY));
        let inside = |p: f64| {
            let z = delta / p;
            let time = match &forever {
                Some(forever) => forever.at(z),
                None => damped_power_until(power, z, (p * horizon).ln_1p()),
            };
            time / p
        };
        beta_mean(
            self.a,
            self.b,
            Mixed {
                at_zero: exponential_mean(delta, horizon),
                at_one: inside(1.0),
                power: power.abs(),
                inside,
            },
        )
    }

    /// `E[1/p]` given alive, or the condition under which it exists.
    fn mean_chances(&self, answer: &'static str) -> Result<f64, ModelError> {
        if self.a > 1.0 {
            Ok((self.a + (self.b - 1.0)) / (self.a - 1.0))
        } else {
            Err(ModelError::Undefined {
                answer,
                condition: "a > 1, or with a discount rate or a horizon",
                found: self.a,
            })
        }
    }
}

impl PurchasePosterior for BetaGeometricPosterior {
    fn unit(&self) -> TimeUnit {
        self.unit
    }

    fn ln_likelihood(&self) -> f64 {
        self.ln_likelihood
    }

    fn ln_odds_alive(&self) -> f64 {
        -self.ln_odds_dead
    }

    fn probability_active(&self, span: Span) -> f64 {
        let tau = span.in_unit(self.unit) / self.rate;
        self.probability_alive() * -(-self.shape * tau.ln_1p()).exp_m1()
    }

    fn expected_purchases(&self, span: Span) -> f64 {
        self.probability_alive() * self.purchases_if_alive(span.in_unit(self.unit))
    }

    fn purchase_probabilities(&self, span: Span, probabilities: &mut [f64]) {
        let count = probabilities.len();
        if count == 0 {
            return;
        }
        let alive = self.probability_alive();
        let t = span.in_unit(self.unit);
        let share = t / (self.rate + t);
        let (ln_share, ln_rest) = (share.ln(), -(t / self.rate).ln_1p());
        // Purchases made if nobody dropped out: negative binomial, from its tail downwards.
        let mut ln_made = vec![0.0; count];
        let mut ln_term = self.shape * ln_rest;
        for (n, made) in ln_made.iter_mut().enumerate() {
            *made = ln_term;
            let n = n as f64;
            ln_term += ((self.shape + n) / (n + 1.0)).ln() + ln_share;
        }
        // As many purchases as there are places or more: what the others leave, or where that would
        // cancel, the tail of the distribution itself.
        let rest = 1.0 - ln_made.iter().map(|ln| ln.exp()).sum::<f64>();
        let mut at_least = if rest > 1e-3 {
            rest
        } else {
            incomplete_beta(count as f64, self.shape, share, self.rate / (self.rate + t)).0
        };
        for n in (0..count).rev() {
            let made = ln_made[n].exp();
            at_least += made; // n purchases or more without dropout
            probabilities[n] = at_least;
        }
        // `stayed`: through n chances; the nth may have been the last.
        let mut stayed = 1.0;
        for n in 0..count {
            let made = ln_made[n].exp();
            let k = n as f64;
            let left = if n == 0 {
                0.0
            } else {
                stayed * self.a / (self.a + self.b + (k - 1.0))
            };
            if n > 0 {
                stayed *= (self.b + (k - 1.0)) / (self.a + self.b + (k - 1.0));
            }
            probabilities[n] = alive * (stayed * made + left * probabilities[n]);
        }
        probabilities[0] += logistic(self.ln_odds_dead);
    }

    fn discounted_purchases(
        &self,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64, ModelError> {
        let (delta, horizon) = (rate.per(self.unit), in_unit(horizon, self.unit));
        let alive = self.probability_alive();
        if horizon.is_infinite() && delta == 0.0 {
            return Ok(alive * self.mean_chances("residual transactions")?);
        }
        if delta == 0.0 {
            return Ok(alive * self.purchases_if_alive(horizon));
        }
        Ok(alive * self.shape * self.discounted_if_alive(delta, horizon, self.shape + 1.0))
    }

    fn discounted_lifetime(&self, rate: DiscountRate, horizon: Horizon) -> Result<f64, ModelError> {
        let (delta, horizon) = (rate.per(self.unit), in_unit(horizon, self.unit));
        let alive = self.probability_alive();
        if horizon.is_infinite() && delta == 0.0 {
            let chances = self.mean_chances("residual lifetimes")?;
            if self.shape <= 1.0 {
                return Err(ModelError::Undefined {
                    answer: "residual lifetimes",
                    condition: "r + x > 1, or with a discount rate or a horizon",
                    found: self.shape,
                });
            }
            return Ok(alive * chances * self.rate / (self.shape - 1.0));
        }
        Ok(alive * self.rate * self.discounted_if_alive(delta, horizon, self.shape))
    }

    fn mean_rate(&self) -> f64 {
        let dead = logistic(self.ln_odds_dead);
        self.shape * (self.probability_alive() / self.rate + dead / self.rate_if_dead)
    }

    fn n_eff(&self) -> f64 {
        self.n_eff
    }

    #[cfg(feature = "simulate")]
    fn draw_alive(&self, random: &mut RandomStream) -> PosteriorDraw {
        let rate = random.gamma(self.shape, self.rate);
        PosteriorDraw {
            alive: true,
            rate,
            dropout_rate: rate * random.beta(self.a, self.b),
        }
    }

    #[cfg(feature = "simulate")]
    fn draw_gone(&self, random: &mut RandomStream) -> PosteriorDraw {
        let rate = random.gamma(self.shape, self.rate_if_dead);
        PosteriorDraw {
            alive: false,
            rate,
            // The last of the chances was taken.
            dropout_rate: rate * random.beta(self.a + 1.0, self.b - 1.0),
        }
    }
}

/// A customer of the family, observed until `age`; `first` if the first purchase counts as a
/// chance to drop out.
#[cfg(feature = "simulate")]
pub(crate) fn simulate(
    p: Parameters,
    unit: TimeUnit,
    first: bool,
    (seed, customer): (u64, u64),
    age: Span,
) -> Result<SimulatedCustomer, SimulationError> {
    let mut random = RandomStream::new(seed, customer);
    let rate = random.gamma(p.r, p.alpha);
    let chance = random.beta(p.a, p.b);
    let end = age.in_unit(unit);
    let (purchases, gone) = if first && random.uniform() < chance {
        (Vec::new(), true)
    } else {
        purchases_until(rate, end, &mut random, |random| random.uniform() < chance)?
    };
    Ok(SimulatedCustomer {
        summary: observed(unit, &purchases, end)?,
        purchases,
        alive: !gone,
        rate,
        dropout_rate: rate * chance,
    })
}

/// Fits a model of the family; `first` is 1 if the first purchase is a chance to drop out, else 0.
pub(crate) fn fit<M: Parametric>(
    sample: &Distinct,
    first: u32,
    options: &FitOptions,
    build: impl FnOnce(Parameters) -> Result<M, FitError>,
) -> Result<Fitted<M>, FitError> {
    let base = nested(sample);
    let starts = [(0.0, 0.8, 2.5), (0.7, 0.2, 1.0), (-0.4, 3.0, 12.0)];
    let part = sample.coarse();
    let report = maximise(
        Problem {
            model: M::MODEL,
            parameters: Sought::all_positive(M::NAMES, &[0.0, sample.scale.ln(), 0.0, 0.0]),
            scale: sample.unit.to_string(),
            customers: sample.customers,
            rows: sample.rows.len(),
            starts: starts
                .iter()
                .map(|&(more, a, b): &(f64, f64, f64)| {
                    vec![base.ln_r + more, base.ln_alpha + more, a.ln(), b.ln()]
                })
                .collect(),
            offset: sample.offset(),
            nested: Some(base.log_likelihood),
            limits: LIMITS.to_vec(),
            notes: Vec::new(),
            likelihood: &mut Likelihood::new(sample, first),
            coarse: Some(Coarse {
                likelihood: &mut Likelihood::new(&part, first),
                customers: part.customers,
            }),
        },
        options,
    )?;
    let value = |i: usize| report.parameters()[i].value();
    let model = build(Parameters {
        r: value(0),
        alpha: value(1),
        a: value(2),
        b: value(3),
    })?;
    Ok(Fitted { model, report })
}

#[cfg(test)]
mod tests;
