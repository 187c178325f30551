//! What BG/NBD and MBG/NBD share: customers who may drop out after a purchase, each with a chance
//! `p ~ Beta(a, b)`.
//!
//! The two differ in how many chances a customer with *x* repeat purchases has had to drop out:
//! *x* in the BG/NBD, *x* + 1 in the MBG/NBD, where the first purchase counts as well.

mod if_alive;
mod likelihood;

pub(crate) use if_alive::BetaGeometricIfAlive;
pub(super) use likelihood::Likelihood;

use crate::numeric::elementary;
use crate::numeric::special::{incomplete_beta, ln_rising, logistic, softplus};
use crate::quantity::{DiscountRate, Horizon, Span, TimeUnit};
use crate::summary::RfmSummary;

use super::super::fit::{FitError, FitOptions, Fitted};
use super::super::maximise::{Coarse, Problem, Sought, maximise};
use super::super::parameter::Parametric;
use super::answers::IfAlive;
use super::nested::{LIMITS, nested};
use super::sample::Distinct;
use super::{ModelError, PurchasePosterior, gaps};

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

/// What customers of one frequency have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Chances {
    /// How many chances to drop out they have had.
    number: f64,
    /// Shape of the gamma posterior of the rate, `r + x`.
    shape: f64,
    /// Log-odds against the last chance: `ln(a/(b + chances − 1))`.
    ln_odds: f64,
}

impl Chances {
    pub(crate) fn new(p: Parameters, frequency: u32, chances: f64) -> Self {
        Self {
            number: chances,
            shape: p.r + f64::from(frequency),
            ln_odds: if chances > 0.0 {
                (p.a / (p.b + (chances - 1.0))).ln()
            } else {
                f64::NEG_INFINITY // dropout can only follow a purchase
            },
        }
    }

    /// Log-odds of having dropped out after this [silence](ln_silence); `−∞` where the model is
    /// certain of the contrary.
    pub(crate) fn ln_odds_dead(&self, ln_silence: f64) -> f64 {
        // Without a chance the first term is −∞, and so is the sum: no branch.
        self.ln_odds + self.shape * ln_silence
    }
}

/// `ln((α + T)/(α + t_x))`: how long a silence is beside what came before it.
pub(super) fn ln_silence(alpha: f64, recency: f64, age: f64) -> f64 {
    elementary::ln_one_plus((age - recency) / (alpha + recency))
}

/// What a BG/NBD or MBG/NBD model knows of one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BetaGeometricPosterior {
    ln_likelihood: f64,
    /// Log-odds of having dropped out; `−∞` where the model is certain of the contrary.
    ln_odds_dead: f64,
    if_alive: BetaGeometricIfAlive,
    /// Rate parameter of the gamma posterior if dropped out, right after the last purchase.
    rate_if_dead: f64,
    n_eff: f64,
}

impl BetaGeometricPosterior {
    /// The posterior after `chances` chances to drop out, in a unit that agrees already.
    pub(crate) fn new(p: Parameters, chances: f64, customer: &RfmSummary) -> Self {
        let x = f64::from(customer.frequency());
        let (recency, age) = (customer.recency(), customer.age());
        let had = Chances::new(p, customer.frequency(), chances);
        let ln_odds_dead = had.ln_odds_dead(ln_silence(p.alpha, recency, age));
        let rate = ln_rising(p.r, x) - p.r * (age / p.alpha).ln_1p() - x * (p.alpha + age).ln();
        let stay = ln_rising(p.b, chances) - ln_rising(p.a + p.b, chances);
        Self {
            ln_likelihood: rate + stay + softplus(ln_odds_dead),
            ln_odds_dead,
            if_alive: BetaGeometricIfAlive::new(p, customer.unit(), &had, age),
            rate_if_dead: p.alpha + recency,
            n_eff: gaps(customer),
        }
    }
}

impl PurchasePosterior for BetaGeometricPosterior {
    fn unit(&self) -> TimeUnit {
        self.if_alive.unit
    }

    fn ln_likelihood(&self) -> f64 {
        self.ln_likelihood
    }

    fn ln_odds_alive(&self) -> f64 {
        -self.ln_odds_dead
    }

    fn probability_active(&self, span: Span) -> f64 {
        self.probability_alive() * self.if_alive.probability_active(span)
    }

    fn expected_purchases(&self, span: Span) -> f64 {
        self.probability_alive() * self.if_alive.expected_purchases(span)
    }

    fn purchase_probabilities(&self, span: Span, probabilities: &mut [f64]) {
        let count = probabilities.len();
        if count == 0 {
            return;
        }
        let alive = self.probability_alive();
        let BetaGeometricIfAlive {
            unit,
            shape,
            rate,
            a,
            b,
        } = self.if_alive;
        let t = span.in_unit(unit);
        let share = t / (rate + t);
        let (ln_share, ln_rest) = (share.ln(), -(t / rate).ln_1p());
        // Purchases made if nobody dropped out: negative binomial, from its tail downwards.
        let mut ln_made = vec![0.0; count];
        let mut ln_term = shape * ln_rest;
        for (n, made) in ln_made.iter_mut().enumerate() {
            *made = ln_term;
            let n = n as f64;
            ln_term += ((shape + n) / (n + 1.0)).ln() + ln_share;
        }
        // As many purchases as there are places or more: what the others leave, or where that would
        // cancel, the tail of the distribution itself.
        let rest = 1.0 - ln_made.iter().map(|ln| ln.exp()).sum::<f64>();
        let mut at_least = if rest > 1e-3 {
            rest
        } else {
            incomplete_beta(count as f64, shape, share, rate / (rate + t)).0
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
                stayed * a / (a + b + (k - 1.0))
            };
            if n > 0 {
                stayed *= (b + (k - 1.0)) / (a + b + (k - 1.0));
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
        let if_alive = self.if_alive.discounted_purchases(rate, horizon)?;
        Ok(self.probability_alive() * if_alive)
    }

    fn discounted_lifetime(&self, rate: DiscountRate, horizon: Horizon) -> Result<f64, ModelError> {
        let if_alive = self.if_alive.discounted_lifetime(rate, horizon)?;
        Ok(self.probability_alive() * if_alive)
    }

    fn mean_rate(&self) -> f64 {
        let dead = logistic(self.ln_odds_dead);
        let BetaGeometricIfAlive { shape, rate, .. } = self.if_alive;
        shape * (self.probability_alive() / rate + dead / self.rate_if_dead)
    }

    fn n_eff(&self) -> f64 {
        self.n_eff
    }

    #[cfg(feature = "simulate")]
    fn draw_alive(&self, random: &mut RandomStream) -> PosteriorDraw {
        let BetaGeometricIfAlive {
            shape, rate, a, b, ..
        } = self.if_alive;
        let rate = random.gamma(shape, rate);
        PosteriorDraw {
            alive: true,
            rate,
            dropout_rate: rate * random.beta(a, b),
        }
    }

    #[cfg(feature = "simulate")]
    fn draw_gone(&self, random: &mut RandomStream) -> PosteriorDraw {
        let BetaGeometricIfAlive { shape, a, b, .. } = self.if_alive;
        let rate = random.gamma(shape, self.rate_if_dead);
        PosteriorDraw {
            alive: false,
            rate,
            // The last of the chances was taken.
            dropout_rate: rate * random.beta(a + 1.0, b - 1.0),
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
    let parts = sample.coarse();
    let coarse = parts
        .iter()
        .map(|part| (Likelihood::new(part, first), part.customers));
    let mut coarse: Vec<_> = coarse.collect();
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
            coarse: coarse.iter_mut().map(Coarse::of).collect(),
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
