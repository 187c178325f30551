//! What BG/CNBD-k and MBG/CNBD-k share: customers who buy more regularly than by chance, each gap
//! between purchases made of `k` exponential phases of one rate (Erlang-k), and who may drop out
//! after a purchase with a chance `p ~ Beta(a, b)`.
//!
//! Of an open gap nobody knows how many phases have passed, but given the silence it is a finite
//! mixture: phase *j* < *k* has the weight of *j* events in a stream of phases, and given it the rate
//! is gamma again. Every answer is a sum over that mixture, exact, of one customer alone.

use crate::numeric::beta_mean::{Mixed, beta_mean};
use crate::numeric::negative_binomial::{at_least, mass, mode, next_ratio};
use crate::numeric::special::{ln_gamma, ln_rising, logistic, softplus};
use crate::quantity::{DiscountRate, Horizon, Span, TimeUnit};
use crate::summary::RfmSummary;

use super::beta_geometric::{BetaGeometricPosterior, Parameters};
use super::{ModelError, PurchasePosterior, gaps, in_unit};

#[cfg(feature = "simulate")]
use super::{DrawnFuture, PosteriorDraw};
#[cfg(feature = "simulate")]
use crate::numeric::random::RandomStream;

mod closed;
mod gap;
mod likelihood;
mod phases;
mod rates;
mod roots;
#[cfg(feature = "simulate")]
mod simulated;

pub(crate) use likelihood::{choose, fit, scale};
pub use phases::Phases;
#[cfg(feature = "simulate")]
pub(crate) use simulated::simulate;

#[cfg(feature = "simulate")]
use gap::Gap;
use rates::{Future, Question};

/// More counts than this are not summed one by one.
const MANY: f64 = 4_000.0;

/// What a BG/CNBD-k or MBG/CNBD-k model knows of one customer.
///
/// Rates and lifetimes are of purchases: a customer who is alive buys `λ/k` times per unit.
#[derive(Debug, Clone, PartialEq)]
pub struct ErlangPosterior {
    unit: TimeUnit,
    k: u32,
    ln_likelihood: f64,
    /// Log-odds of having dropped out; `−∞` where the model is certain of the contrary.
    ln_odds_dead: f64,
    /// Shape of the gamma posterior of the rate of phases right after the last purchase; each phase
    /// of the open gap adds 1.
    shape: f64,
    /// Rate of the gamma posterior if alive.
    rate: f64,
    /// The same if dropped out, right after the last purchase.
    rate_if_dead: f64,
    /// Beta posterior of the chance of dropout if alive.
    a: f64,
    b: f64,
    /// Time since the last purchase.
    silence: f64,
    /// How likely each phase of the open gap is, if alive.
    phases: Vec<f64>,
    /// `ln Σ_j Γ(shape + j)/Γ(shape)·(silence/rate)^j/j!`.
    ln_phases: f64,
    n_eff: f64,
    /// With one phase the model is a BG/NBD or MBG/NBD, which answers instead.
    plain: Option<BetaGeometricPosterior>,
}

impl ErlangPosterior {
    /// The posterior after `chances` chances to drop out, in a unit that agrees already.
    pub(crate) fn new(p: Parameters, k: Phases, chances: f64, customer: &RfmSummary) -> Self {
        let mut posterior = Self::of_phases(p, k, chances, customer);
        if k == Phases::ONE {
            let plain = BetaGeometricPosterior::new(p, chances, customer);
            posterior.ln_likelihood = plain.ln_likelihood();
            posterior.ln_odds_dead = -plain.ln_odds_alive();
            posterior.plain = Some(plain);
        }
        posterior
    }

    /// The same by the mathematics of any number of phases.
    fn of_phases(p: Parameters, k: Phases, chances: f64, customer: &RfmSummary) -> Self {
        let k = k.get();
        let x = f64::from(customer.frequency());
        let (recency, age, silence) = (customer.recency(), customer.age(), customer.silence());
        let events = x * f64::from(k);
        let shape = p.r + events;
        let rate = p.alpha + age;
        let (phases, ln_phases) = phases_by_age(k, shape, silence / rate);
        let ln_odds_dead = if chances > 0.0 {
            p.a.ln() - (p.b + (chances - 1.0)).ln()
                + shape * (silence / (p.alpha + recency)).ln_1p()
                - ln_phases
        } else {
            f64::NEG_INFINITY // dropout can only follow a purchase
        };
        let gamma = ln_rising(p.r, events) - p.r * (age / p.alpha).ln_1p() - events * rate.ln();
        let stay = ln_rising(p.b, chances) - ln_rising(p.a + p.b, chances);
        // Without the gaps their share in the density is left out: no parameter depends on it.
        let extra = f64::from(k - 1);
        let density = extra * customer.ln_gaps().unwrap_or(0.0) - x * ln_gamma(f64::from(k));
        Self {
            unit: customer.unit(),
            k,
            ln_likelihood: gamma + density + stay + ln_phases + softplus(ln_odds_dead),
            ln_odds_dead,
            shape,
            rate,
            rate_if_dead: p.alpha + recency,
            a: p.a,
            b: p.b + chances,
            silence,
            phases,
            ln_phases,
            n_eff: gaps(customer),
            plain: None,
        }
    }

    /// *k*, as a number to compute with.
    fn k(&self) -> f64 {
        f64::from(self.k)
    }

    /// Phases passed in the open gap, with the shape of the rate and the probability of each, the
    /// last first.
    fn by_phase(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        let phases = self.phases.iter().enumerate().rev();
        phases.map(|(j, &weight)| (j as f64, self.shape + j as f64, weight))
    }

    /// How many phases have passed in the open gap, on average.
    fn mean_phase(&self) -> f64 {
        self.by_phase().map(|(j, _, weight)| j * weight).sum()
    }

    /// The chance of at least `n` phases more than those of the last purchase within `tau`, for `n`
    /// from *k* upwards, if alive.
    fn at_least(&self, n: f64, tau: f64) -> f64 {
        self.by_phase()
            .map(|(j, shape, weight)| weight * at_least(n - j, shape, tau))
            .sum()
    }

    /// The chance of the next purchase within `tau`, if alive: one tail, and from phase to phase what
    /// it gains.
    fn active_if_alive(&self, tau: f64) -> f64 {
        if tau == 0.0 {
            return 0.0;
        }
        let mut tail = at_least(self.k(), self.shape, tau);
        let mut sum = 0.0;
        let mut missing = self.k();
        for (j, weight) in self.phases.iter().enumerate() {
            if j > 0 {
                missing -= 1.0;
                tail += (1.0 + tau) * mass(missing, self.shape + j as f64, tau);
            }
            sum += weight * tail;
        }
        sum.min(1.0)
    }

    /// Expected purchases within `tau`, in units of `rate`, if alive.
    fn purchases_if_alive(&self, tau: f64) -> f64 {
        if tau == 0.0 {
            return 0.0;
        }
        let largest = self.shape + self.k();
        let spread = 18.0 * (largest * tau * (1.0 + tau)).sqrt() + 45.0 * tau;
        if spread <= MANY {
            self.purchases_by_count(tau)
        } else {
            self.purchases_by_roots(tau)
        }
    }

    /// The same as a sum over the number of phases: each count by the purchases it holds, less those
    /// that a customer who dropped out before does not make.
    fn purchases_by_count(&self, tau: f64) -> f64 {
        let k = self.k as usize;
        // Expected purchases of a customer with time for this many.
        let mut purchases = vec![0.0];
        let mut chance = 1.0;
        let mut of = |count: usize| {
            let made = count / k;
            while purchases.len() <= made {
                let m = purchases.len() as f64;
                purchases.push(purchases[purchases.len() - 1] + chance);
                chance *= (self.b + (m - 1.0)) / (self.a + self.b + (m - 1.0));
            }
            purchases[made]
        };
        let mut total = 0.0;
        for (phase, (_, shape, weight)) in (0..k).rev().zip(self.by_phase()) {
            let first = k - phase;
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "never negative, and far below 2⁵³ where counts are summed"
            )]
            let start = (mode(shape, tau) as usize).max(first);
            let top = weight * mass(start as f64, shape, tau);
            let (mut i, mut term) = (start, top);
            loop {
                let part = term * of(i + phase);
                total += part;
                let ratio = next_ratio(i as f64, shape, tau);
                // The smallest numbers stay as they are when multiplied.
                if ratio < 1.0 && part <= 1e-17 * total * (1.0 - ratio) || part < f64::MIN_POSITIVE
                {
                    break;
                }
                term *= ratio;
                i += 1;
            }
            (i, term) = (start, top);
            while i > first {
                i -= 1;
                term /= next_ratio(i as f64, shape, tau);
                let part = term * of(i + phase);
                total += part;
                if part <= 1e-17 * total {
                    break;
                }
            }
        }
        total
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

    /// How many phases pass before dropout or the next purchases, with the discount and the horizon in
    /// units of `rate`.
    fn question(&self, delta: f64, horizon: f64) -> Question {
        Question {
            k: self.k,
            delta: delta * self.rate,
            horizon: horizon / self.rate,
        }
    }
}

/// How likely each phase is after a silence that is this `share` of the rate, and the logarithm of
/// the sum of weights `Γ(shape + j)/Γ(shape)·share^j/j!`.
fn phases_by_age(k: u32, shape: f64, share: f64) -> (Vec<f64>, f64) {
    normalised(k, |j| (shape + j) / (j + 1.0) * share)
}

/// Weights that begin at 1 and change by this ratio after each, divided by their sum; and the
/// logarithm of it.
fn normalised(k: u32, ratio: impl Fn(f64) -> f64) -> (Vec<f64>, f64) {
    /// Far from the largest number, with room for a factor of 1e12.
    const FULL: f64 = 1e250;
    let mut weights = Vec::with_capacity(k as usize);
    let (mut weight, mut sum, mut ln_scale) = (1.0, 0.0, 0.0);
    for j in 0..k {
        weights.push(weight);
        sum += weight;
        weight *= ratio(f64::from(j));
        if weight > FULL {
            for w in &mut weights {
                *w /= FULL;
            }
            (weight, sum) = (weight / FULL, sum / FULL);
            ln_scale += FULL.ln();
        }
    }
    for w in &mut weights {
        *w /= sum;
    }
    (weights, sum.ln() + ln_scale)
}

impl PurchasePosterior for ErlangPosterior {
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
        if let Some(plain) = &self.plain {
            return plain.probability_active(span);
        }
        let tau = span.in_unit(self.unit) / self.rate;
        self.probability_alive() * self.active_if_alive(tau)
    }

    fn expected_purchases(&self, span: Span) -> f64 {
        if let Some(plain) = &self.plain {
            return plain.expected_purchases(span);
        }
        let tau = span.in_unit(self.unit) / self.rate;
        self.probability_alive() * self.purchases_if_alive(tau)
    }

    fn purchase_probabilities(&self, span: Span, probabilities: &mut [f64]) {
        if let Some(plain) = &self.plain {
            return plain.purchase_probabilities(span, probabilities);
        }
        let count = probabilities.len();
        if count == 0 {
            return;
        }
        let tau = span.in_unit(self.unit) / self.rate;
        let k = self.k as usize;
        // Purchases made if nobody dropped out: blocks of k phases.
        let mut made = vec![0.0; count];
        let mut more = 0.0;
        if tau > 0.0 {
            for (phase, (_, shape, weight)) in (0..k).rev().zip(self.by_phase()) {
                let last = count * k - 1 - phase;
                each_mass(last, shape, tau, |n, mass| {
                    made[(n + phase) / k] += weight * mass;
                });
            }
            more = self.at_least((count * k) as f64, tau);
        } else {
            made[0] = 1.0;
        }
        let alive = self.probability_alive();
        for n in (0..count).rev() {
            more += made[n]; // n purchases or more without dropout
            probabilities[n] = more.min(1.0);
        }
        // `stayed`: through n chances; the nth may have been the last.
        let mut stayed = 1.0;
        for n in 0..count {
            let mut left = 0.0;
            if n > 0 {
                let before = n as f64 - 1.0;
                let all = self.a + self.b + before;
                left = stayed * self.a / all;
                stayed *= (self.b + before) / all;
            }
            probabilities[n] = alive * (stayed * made[n] + left * probabilities[n]);
        }
        probabilities[0] = (probabilities[0] + logistic(self.ln_odds_dead)).min(1.0);
    }

    fn discounted_purchases(
        &self,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64, ModelError> {
        if let Some(plain) = &self.plain {
            return plain.discounted_purchases(rate, horizon);
        }
        let (delta, horizon) = (rate.per(self.unit), in_unit(horizon, self.unit));
        let alive = self.probability_alive();
        if horizon.is_infinite() && delta == 0.0 {
            return Ok(alive * self.mean_chances("residual transactions")?);
        }
        if delta == 0.0 {
            return Ok(alive * self.purchases_if_alive(horizon / self.rate));
        }
        Ok(alive * self.future(Future::Purchases, &self.question(delta, horizon)))
    }

    fn discounted_lifetime(&self, rate: DiscountRate, horizon: Horizon) -> Result<f64, ModelError> {
        if let Some(plain) = &self.plain {
            return plain.discounted_lifetime(rate, horizon);
        }
        let (delta, horizon) = (rate.per(self.unit), in_unit(horizon, self.unit));
        let alive = self.probability_alive();
        if horizon.is_infinite() && delta == 0.0 {
            let chances = self.mean_chances("residual lifetimes")?;
            if self.shape <= 1.0 {
                return Err(ModelError::Undefined {
                    answer: "residual lifetimes",
                    condition: "r + kx > 1, or with a discount rate or a horizon",
                    found: self.shape,
                });
            }
            // Of all phases to come, those of the open gap have passed already.
            let left = |(j, shape, weight): (f64, f64, f64)| {
                weight * (self.k() * chances - j) * self.rate / (shape - 1.0)
            };
            return Ok(alive * self.by_phase().map(left).sum::<f64>());
        }
        let lifetime = self.future(Future::Lifetime, &self.question(delta, horizon));
        Ok(alive * self.rate * lifetime)
    }

    fn mean_rate(&self) -> f64 {
        if let Some(plain) = &self.plain {
            return plain.mean_rate();
        }
        let dead = logistic(self.ln_odds_dead) * (self.shape / self.rate_if_dead);
        let alive = self.probability_alive() * ((self.shape + self.mean_phase()) / self.rate);
        (alive + dead) / self.k()
    }

    fn n_eff(&self) -> f64 {
        self.n_eff
    }

    #[cfg(feature = "simulate")]
    fn draw_alive(&self, random: &mut RandomStream) -> PosteriorDraw {
        if let Some(plain) = &self.plain {
            return plain.draw_alive(random);
        }
        let mut left = random.uniform();
        let mut shape = self.shape;
        for (j, weight) in self.phases.iter().enumerate() {
            shape = self.shape + j as f64;
            left -= weight;
            if left < 0.0 {
                break;
            }
        }
        let rate = random.gamma(shape, self.rate) / self.k();
        PosteriorDraw {
            alive: true,
            rate,
            dropout_rate: rate * random.beta(self.a, self.b),
        }
    }

    #[cfg(feature = "simulate")]
    fn draw_gone(&self, random: &mut RandomStream) -> PosteriorDraw {
        if let Some(plain) = &self.plain {
            return plain.draw_gone(random);
        }
        let rate = random.gamma(self.shape, self.rate_if_dead) / self.k();
        PosteriorDraw {
            alive: false,
            rate,
            // The last of the chances was taken.
            dropout_rate: rate * random.beta(self.a + 1.0, self.b - 1.0),
        }
    }

    #[cfg(feature = "simulate")]
    fn drawn_future(
        &self,
        draw: &PosteriorDraw,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> DrawnFuture {
        if let Some(plain) = &self.plain {
            return plain.drawn_future(draw, rate, horizon);
        }
        if !draw.alive {
            return DrawnFuture::default();
        }
        let (delta, horizon) = (rate.per(self.unit), in_unit(horizon, self.unit));
        // In units of the posterior's rate, as the question.
        let phases = draw.rate * self.k() * self.rate;
        let chance = (draw.dropout_rate / draw.rate).min(1.0);
        let mut gap = Gap::new(self.k);
        gap.open(phases, phases * (self.silence / self.rate));
        let question = self.question(delta, horizon);
        let known = |what| question.known(what, &gap, chance);
        DrawnFuture {
            purchases: known(Future::Purchases),
            lifetime: self.rate * known(Future::Lifetime),
        }
    }
}

/// Visits the chance of every count from 0 to `last`, from the likeliest of them downwards and
/// upwards, so that nothing that matters is lost to underflow.
fn each_mass(last: usize, shape: f64, tau: f64, mut visit: impl FnMut(usize, f64)) {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never negative; a count beyond the last is cut to it"
    )]
    let start = (mode(shape, tau) as usize).min(last);
    let top = mass(start as f64, shape, tau);
    let mut term = top;
    for n in start..=last {
        visit(n, term);
        term *= next_ratio(n as f64, shape, tau);
    }
    term = top;
    for n in (0..start).rev() {
        term /= next_ratio(n as f64, shape, tau);
        visit(n, term);
    }
}

impl ErlangPosterior {
    /// Expected purchases by the whole distribution at once: what a customer with chance `p` buys
    /// is a sum over the *k*th roots of unity, averaged over `p`.
    fn purchases_by_roots(&self, tau: f64) -> f64 {
        let roots = roots::Roots::new(self.k, self.shape, tau, &self.phases);
        // A customer who leaves nearly surely buys at most a few times.
        let mut few = [0.0; roots::FEW];
        for (m, tail) in (1_u32..).zip(&mut few) {
            *tail = self.at_least(f64::from(m) * self.k(), tau);
        }
        let at_zero = roots.purchases(0.0);
        // So small a chance of dropout makes no difference.
        let nothing = 1e-18 / (1.0 + (self.shape + self.k()) * tau);
        let inside = |p: f64| {
            if p < nothing {
                at_zero
            } else if p > 1.0 - roots::SURE {
                few.iter().rev().fold(0.0, |sum, c| sum * (1.0 - p) + c)
            } else {
                roots.purchases(p)
            }
        };
        beta_mean(
            self.a,
            self.b,
            Mixed {
                at_zero,
                at_one: few[0],
                power: self.shape + self.k(),
                inside,
            },
        )
    }
}

#[cfg(test)]
mod tests;
