//! BG/BB: purchases at some of a row of opportunities, such as yearly appeals, until an unseen
//! dropout.
//!
//! Fader, Hardie & Shang (2010), "Customer-Base Analysis in a Discrete-Time Noncontractual
//! Setting", *Marketing Science* 29(6), 1086–1108, <https://doi.org/10.1287/mksc.1100.0580>.
//! Equation numbers are theirs.
//!
//! Every sum is of positive terms: neither differences of beta functions nor a ₂F₁ occur. Answers
//! are exact to 1e-11 relative for any valid parameters and customer, over spans of up to a hundred
//! thousand opportunities, and to 1e-9 beyond.

use crate::numeric::beta_mean::{Mixed, beta_mean};
use crate::numeric::gauss::LONG;
use crate::numeric::product::LnProduct;
use crate::numeric::special::{ln_rising, logistic};
use crate::quantity::{DiscountRate, Horizon, QuantityError, Span, TimeUnit};
use crate::summary::RfmSummary;

use super::super::parameter::{ParameterError, Parametric, parametric};
use super::{ModelError, PurchaseModel, PurchasePosterior, agree, gaps, in_unit};

#[cfg(feature = "simulate")]
use super::{DrawnFuture, PosteriorDraw, SimulatedCustomer, SimulationError, observed};
#[cfg(feature = "simulate")]
use crate::numeric::random::RandomStream;

mod fit;

/// Parameters of [`BgBb`]; each number from 1e-12 to 1e12.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct BgBbParameters {
    /// Time from one opportunity to the next.
    pub unit: TimeUnit,
    /// First shape of the beta distribution of the chance *p* to buy at an opportunity.
    pub alpha: f64,
    /// Second shape of that distribution.
    pub beta: f64,
    /// First shape of the beta distribution of the chance *θ* to drop out before an opportunity.
    pub gamma: f64,
    /// Second shape of that distribution.
    pub delta: f64,
}

/// The BG/BB model of purchases at discrete opportunities and dropout between them.
///
/// At each opportunity a customer first drops out with chance θ, and one who has not buys with
/// chance *p*. Chances differ between customers: p ~ Beta(α, β), θ ~ Beta(γ, δ).
///
/// The model's unit is the time between opportunities. A summary counts in whole opportunities
/// after the first purchase: of `age` = *n* opportunities the customer took `frequency` = *x*, the
/// last of them number `recency` = *tₓ*. A span or horizon holds as many opportunities as whole
/// units, where a billionth less than a whole counts as whole. Purchases fall on their opportunity,
/// the first of them one unit from now, and are discounted from there.
///
/// P(alive) is the probability of being a customer still **at the next opportunity**, (*n* + 1), as
/// in the paper; a lifetime counts opportunities.
///
/// Every value of this type is valid.
///
/// # Examples
///
/// ```
/// use guanxi::model::{BgBb, BgBbParameters, PurchaseModel, PurchasePosterior};
/// use guanxi::quantity::{Span, TimeUnit};
/// use guanxi::summary::RfmSummary;
///
/// // The paper's estimates from a charity's donors, asked once a year.
/// let model = BgBb::new(BgBbParameters {
///     unit: TimeUnit::Year,
///     alpha: 1.204,
///     beta: 0.750,
///     gamma: 0.657,
///     delta: 2.783,
/// })?;
/// // Gave in four of six years, the last time in the fifth.
/// let donor = model.posterior(&RfmSummary::new(TimeUnit::Year, 4, 5.0, 6.0)?)?;
/// assert!((donor.probability_alive() - 0.6967010676851).abs() < 1e-12);
/// assert!((donor.expected_purchases(Span::years(5.0)?) - 2.0296230314778).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "BgBbParameters", into = "BgBbParameters")
)]
pub struct BgBb(BgBbParameters);

parametric!(
    BgBb(BgBbParameters),
    "BG/BB",
    [unit],
    [alpha, beta, gamma, delta]
);

/// The longest history: it bounds the time of one answer.
const LONGEST: f64 = 1e6;
/// Opportunities that are summed one by one; a longer row is integrated from there.
const ONE_BY_ONE: f64 = 1e5;
/// Opportunities whose discounted sum is taken one by one; a longer row has a closed form for each θ.
const FEW: f64 = 2e3;

/// What happened at the opportunities: *x*, *tₓ*, *n*.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Seen {
    x: f64,
    recency: f64,
    n: f64,
}

impl Seen {
    /// The counts, or what is wrong with them.
    fn new(frequency: u32, recency: f64, age: f64) -> Result<Self, QuantityError> {
        let x = f64::from(frequency);
        let whole = |quantity, found: f64| {
            // Written so that NaN fails it.
            if found.fract() == 0.0 && (0.0..=LONGEST).contains(&found) {
                Ok(found)
            } else {
                Err(QuantityError::Domain {
                    quantity,
                    expected: "a whole number of opportunities, at most 1000000",
                    found,
                })
            }
        };
        let recency = whole("recency of a customer of BG/BB", recency)?;
        let n = whole("age of a customer of BG/BB", age)?;
        if x > recency {
            return Err(QuantityError::Domain {
                quantity: "frequency of a customer of BG/BB",
                expected: "at most one purchase at each opportunity up to the last",
                found: x,
            });
        }
        Ok(Self { x, recency, n })
    }

    /// Opportunities since the last purchase.
    fn silence(self) -> f64 {
        self.n - self.recency
    }
}

/// `(b + l)/(a + b + l)`, the chance that something of chance Beta(a, b) fails once more after `l`
/// failures.
fn fails(a: f64, b: f64, l: f64) -> f64 {
    (b + l) / (a + b + l)
}

/// The logarithm of the chance that something of chance Beta(a, b) fails `n` times.
fn ln_fails(a: f64, b: f64, n: f64) -> f64 {
    let mut product = LnProduct::ONE;
    for l in 0..whole(n) {
        product.multiply(1.0 / fails(a, b, f64::from(l)), 1.0);
    }
    -product.ln()
}

/// A count of at most a million as an integer.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole numbers from 0 to 1e6"
)]
fn whole(n: f64) -> u32 {
    n as u32
}

/// Chances of one customer's dropout after the last purchase: `u_i` for dropout after `i` more
/// opportunities, relative to dropout right away.
fn silent_for(p: &BgBbParameters, seen: Seen, l: f64) -> f64 {
    let m = seen.recency + l;
    (p.beta + (m - seen.x)) / (p.alpha + p.beta + m)
        * ((p.delta + m) / (p.gamma + p.delta + 1.0 + m))
}

impl PurchaseModel for BgBb {
    type Posterior = BgBbPosterior;

    fn unit(&self) -> TimeUnit {
        self.0.unit
    }

    /// What the model knows of this customer.
    ///
    /// # Errors
    ///
    /// - [`QuantityError::UnitMismatch`] if the summary is in another unit.
    /// - [`QuantityError::Domain`] if recency or age are not whole numbers of opportunities up to a
    ///   million, or there are more purchases than opportunities up to the last.
    fn posterior(&self, customer: &RfmSummary) -> Result<BgBbPosterior, QuantityError> {
        agree(self.0.unit, customer)?;
        let seen = Seen::new(customer.frequency(), customer.recency(), customer.age())?;
        Ok(BgBbPosterior::new(&self.0, seen, gaps(customer)))
    }

    fn newcomer(&self) -> BgBbPosterior {
        let seen = Seen {
            x: 0.0,
            recency: 0.0,
            n: 0.0,
        };
        BgBbPosterior::new(&self.0, seen, 0.0)
    }

    /// A simulated customer, observed for as many opportunities as `age` holds whole units, at most
    /// a million.
    #[cfg(feature = "simulate")]
    fn simulate(
        &self,
        seed: u64,
        customer: u64,
        age: Span,
    ) -> Result<SimulatedCustomer, SimulationError> {
        let p = &self.0;
        let mut random = RandomStream::new(seed, customer);
        let chance = random.beta(p.alpha, p.beta);
        let dropout = random.beta(p.gamma, p.delta);
        let n = opportunities(age.in_unit(p.unit)).min(LONGEST);
        let (mut purchases, mut alive) = (Vec::new(), true);
        for opportunity in 1..=whole(n) {
            if random.uniform() < dropout {
                alive = false;
                break;
            }
            if random.uniform() < chance {
                purchases.push(f64::from(opportunity));
            }
        }
        Ok(SimulatedCustomer {
            summary: observed(p.unit, &purchases, n)?,
            purchases,
            alive,
            rate: chance,
            dropout_rate: dropout,
        })
    }
}

/// Whole opportunities in a length of time.
fn opportunities(length: f64) -> f64 {
    (length + 1e-9 * length.max(1.0)).floor()
}

/// What a BG/BB model knows of one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BgBbPosterior {
    unit: TimeUnit,
    ln_likelihood: f64,
    /// Log-odds of being a customer at the next opportunity.
    ln_odds_alive: f64,
    /// Beta posterior of the chance to buy if so.
    a: f64,
    b: f64,
    /// Beta posterior of the chance to drop out before the one after if so.
    gamma: f64,
    delta: f64,
    mean_rate: f64,
    n_eff: f64,
    /// What draws need of a customer who dropped out.
    #[cfg(feature = "simulate")]
    dead: (BgBbParameters, Seen),
}

impl BgBbPosterior {
    fn new(p: &BgBbParameters, seen: Seen, n_eff: f64) -> Self {
        let Seen { x, recency, n } = seen;
        let all = p.gamma + p.delta;
        // Equation (7), over what was seen up to the last purchase.
        let bought = ln_rising(p.alpha, x) - ln_rising(p.alpha + p.beta, x)
            + ln_fails(p.alpha + x, p.beta, recency - x);
        let stayed = ln_fails(p.gamma, p.delta, recency);
        let rate_after = |more: f64| (p.alpha + x) / (p.alpha + p.beta + recency + more);
        let (mut u, mut ln_u, mut sum, mut sum_of_rates) = (1.0, LnProduct::ONE, 0.0, 0.0);
        for l in 0..whole(seen.silence()) {
            let l = f64::from(l);
            sum += u;
            sum_of_rates += u * rate_after(l);
            let ratio = silent_for(p, seen, l);
            u *= ratio;
            ln_u.multiply(1.0 / ratio, 1.0);
        }
        let alive = u * (all + n);
        let weight = p.gamma * sum + alive;
        Self {
            unit: p.unit,
            ln_likelihood: bought + stayed + (weight / (all + recency)).ln(),
            ln_odds_alive: -ln_u.ln() + ((p.delta + n) / p.gamma).ln() - (sum + u).ln(),
            a: p.alpha + x,
            b: p.beta + (n - x),
            gamma: p.gamma,
            delta: p.delta + n + 1.0,
            mean_rate: (p.gamma * sum_of_rates + alive * rate_after(seen.silence())) / weight,
            n_eff,
            #[cfg(feature = "simulate")]
            dead: (*p, seen),
        }
    }

    /// Expected discounted opportunities as a customer among the next `m`, if a customer at the
    /// first of them.
    fn opportunities_if_alive(&self, delta: f64, m: f64) -> f64 {
        if m == 0.0 {
            return 0.0;
        }
        if m <= FEW {
            let (mut sum, mut term) = (0.0, (-delta).exp());
            for j in 0..whole(m) {
                sum += term;
                term *= fails(self.gamma, self.delta, f64::from(j)) * (-delta).exp();
            }
            return sum;
        }
        let inside = |theta: f64| geometric(delta - (-theta).ln_1p(), m);
        (-delta).exp()
            * beta_mean(
                self.gamma,
                self.delta,
                Mixed {
                    at_zero: geometric(delta, m),
                    at_one: 1.0,
                    power: if m.is_finite() { m } else { 1.0 },
                    inside,
                },
            )
    }

    /// Calls `visit(i, chance, ln_none)` for every number `i` of opportunities, of the next `m`, at
    /// which someone may be a customer who is at the first: how likely, and the logarithm of the
    /// chance to buy at none of them.
    ///
    /// One by one up to a hundred thousand; a longer row is an integral from there.
    fn visit_lives(&self, m: f64, mut visit: impl FnMut(f64, f64, f64)) {
        if m == 0.0 {
            return;
        }
        let (mut stays, mut ln_none) = (1.0, LnProduct::ONE);
        let few = m.min(ONE_BY_ONE);
        for i in 1..=whole(few) {
            let before = f64::from(i) - 1.0;
            ln_none.multiply(1.0 / fails(self.a, self.b, before), 1.0);
            let i = before + 1.0;
            if i < m {
                let leaves = self.gamma / (self.gamma + self.delta + before);
                visit(i, stays * leaves, -ln_none.ln());
                stays *= fails(self.gamma, self.delta, before);
            } else {
                visit(i, stays, -ln_none.ln());
            }
        }
        if m > few {
            // Γ(δ + i)/Γ(γ + δ + i) against its value at 0, without what both would have in common.
            let ln_fails = |a: f64, b: f64, i: f64| ln_rising(b, a) - ln_rising(b + i, a);
            let ln_stays = |i: f64| ln_fails(self.gamma, self.delta, i - 1.0);
            let ln_none = |i: f64| ln_fails(self.a, self.b, i);
            let (mut from, end) = ((few + 0.5).ln(), (m - 0.5).ln());
            while from < end {
                let panel = f64::min(0.25, end - from);
                LONG.visit(from, panel, |w, weight| {
                    let i = w.exp();
                    let leaves = self.gamma / (self.gamma + self.delta + i - 1.0);
                    visit(i, weight * i * leaves * ln_stays(i).exp(), ln_none(i));
                });
                from += panel;
            }
            visit(m, ln_stays(m).exp(), ln_none(m));
        }
    }

    /// The sum, or the condition under which an infinite one without discount exists.
    fn lifetime(
        &self,
        answer: &'static str,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64, ModelError> {
        let (delta, m) = (
            rate.per(self.unit),
            opportunities(in_unit(horizon, self.unit)),
        );
        let if_alive = if delta == 0.0 && m.is_infinite() {
            if self.gamma <= 1.0 {
                return Err(ModelError::Undefined {
                    answer,
                    condition: "gamma > 1, or with a discount rate or a horizon",
                    found: self.gamma,
                });
            }
            (self.gamma + self.delta - 1.0) / (self.gamma - 1.0)
        } else {
            self.opportunities_if_alive(delta, m)
        };
        Ok(self.probability_alive() * if_alive)
    }

    /// Chance to buy at an opportunity, if a customer at it.
    fn rate_if_alive(&self) -> f64 {
        self.a / (self.a + self.b)
    }
}

/// `Σ_{j<m} e^(−sj)` for `s ≥ 0`.
fn geometric(s: f64, m: f64) -> f64 {
    if s == 0.0 {
        m
    } else {
        (-m * s).exp_m1() / (-s).exp_m1()
    }
}

impl PurchasePosterior for BgBbPosterior {
    fn unit(&self) -> TimeUnit {
        self.unit
    }

    fn ln_likelihood(&self) -> f64 {
        self.ln_likelihood
    }

    fn ln_odds_alive(&self) -> f64 {
        self.ln_odds_alive
    }

    fn probability_active(&self, span: Span) -> f64 {
        let mut active = 0.0;
        self.visit_lives(
            opportunities(span.in_unit(self.unit)),
            |_, chance, ln_none| {
                active += chance * -ln_none.exp_m1();
            },
        );
        // Rounding may lift a certain purchase above 1.
        self.probability_alive() * active.min(1.0)
    }

    fn expected_purchases(&self, span: Span) -> f64 {
        let m = opportunities(span.in_unit(self.unit));
        self.probability_alive() * self.rate_if_alive() * self.opportunities_if_alive(0.0, m)
    }

    fn purchase_probabilities(&self, span: Span, probabilities: &mut [f64]) {
        if probabilities.is_empty() {
            return;
        }
        probabilities.fill(0.0);
        let m = opportunities(span.in_unit(self.unit));
        if m == 0.0 {
            probabilities[0] = 1.0;
            return;
        }
        self.visit_lives(m, |i, chance, ln_none| {
            // Beta-binomial in i opportunities, from none upwards.
            let mut ln = chance.ln() + ln_none;
            for (k, probability) in probabilities.iter_mut().enumerate() {
                let k = k as f64;
                if i < k {
                    break;
                }
                *probability += ln.exp();
                ln += ((i - k) / (k + 1.0) * ((self.a + k) / (self.b + (i - k - 1.0)))).ln();
            }
        });
        let alive = self.probability_alive();
        for probability in probabilities.iter_mut() {
            *probability *= alive;
        }
        probabilities[0] += logistic(-self.ln_odds_alive);
    }

    fn discounted_purchases(
        &self,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64, ModelError> {
        let lifetime = self.lifetime("residual transactions", rate, horizon)?;
        Ok(self.rate_if_alive() * lifetime)
    }

    fn discounted_lifetime(&self, rate: DiscountRate, horizon: Horizon) -> Result<f64, ModelError> {
        self.lifetime("residual lifetimes", rate, horizon)
    }

    fn mean_rate(&self) -> f64 {
        self.mean_rate
    }

    fn n_eff(&self) -> f64 {
        self.n_eff
    }

    #[cfg(feature = "simulate")]
    fn draw_alive(&self, random: &mut RandomStream) -> PosteriorDraw {
        PosteriorDraw {
            alive: true,
            rate: random.beta(self.a, self.b),
            dropout_rate: random.beta(self.gamma, self.delta),
        }
    }

    #[cfg(feature = "simulate")]
    fn draw_gone(&self, random: &mut RandomStream) -> PosteriorDraw {
        let (p, seen) = self.dead;
        // After how many opportunities of silence; all of them means: before the next one.
        let silence = whole(seen.silence());
        let mut chances = Vec::new();
        let mut u = 1.0;
        for l in 0..=silence {
            chances.push(u);
            u *= silent_for(&p, seen, f64::from(l));
        }
        let mut left = random.uniform() * chances.iter().sum::<f64>();
        let mut after = 0.0;
        for (l, chance) in chances.iter().enumerate() {
            after = l as f64;
            left -= chance;
            if left < 0.0 {
                break;
            }
        }
        let m = seen.recency + after;
        PosteriorDraw {
            alive: false,
            rate: random.beta(p.alpha + seen.x, p.beta + (m - seen.x)),
            dropout_rate: random.beta(p.gamma + 1.0, p.delta + m),
        }
    }

    #[cfg(feature = "simulate")]
    fn drawn_future(
        &self,
        draw: &PosteriorDraw,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> DrawnFuture {
        if !draw.alive {
            return DrawnFuture::default();
        }
        let (delta, m) = (
            rate.per(self.unit),
            opportunities(in_unit(horizon, self.unit)),
        );
        let lifetime = if m == 0.0 {
            0.0
        } else {
            (-delta).exp() * geometric(delta - (-draw.dropout_rate).ln_1p(), m)
        };
        DrawnFuture {
            purchases: draw.rate * lifetime,
            lifetime,
        }
    }
}

#[cfg(test)]
mod tests;
