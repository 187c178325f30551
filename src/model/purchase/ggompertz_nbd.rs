//! GGompertz/NBD: purchases at a steady rate until a dropout that grows more likely, or whose
//! survivors grow more loyal, with the time since the first purchase.
//!
//! Bemmaor & Glady (2012), "Modeling Purchasing Behavior with Sudden 'Death': A Flexible Customer
//! Lifetime Model", *Management Science* 58(5), 1012–1021, <https://doi.org/10.1287/mnsc.1110.1461>;
//! expected purchases as corrected by Adler (2022), "Comment on 'Modeling Purchasing Behavior with
//! Sudden "Death": A Flexible Customer Lifetime Model'", *Management Science* 68(3), 1929–1930.
//!
//! Survival from now on is written as a ratio, `(1 + (e^(bv) − 1)/c)^−s`, in which nothing cancels
//! or overflows. Every answer is exact to 1e-11 relative for any valid parameters and customer
//! with `bT` below 1e5; beyond, exponents of that size leave fewer digits.

mod fit;

pub(super) use fit::{LIMITS, Likelihood};

use crate::numeric::gauss::LONG;
use crate::numeric::special::{ln_rising, logistic, softplus};
use crate::numeric::stretch::Integrand;
use crate::quantity::{DiscountRate, Horizon, QuantityError, Span, TimeUnit};
use crate::summary::RfmSummary;

use super::super::parameter::{ParameterError, Parametric, parametric};
use super::{ModelError, PurchaseModel, PurchasePosterior, agree, gaps, in_unit};

#[cfg(feature = "simulate")]
use super::{
    DrawnFuture, PosteriorDraw, SimulatedCustomer, SimulationError, observed, purchases_until,
};
#[cfg(feature = "simulate")]
use crate::numeric::damped::{damped_power, damped_power_until};
#[cfg(feature = "simulate")]
use crate::numeric::random::RandomStream;

/// Parameters of [`GGompertzNbd`]; each number from 1e-12 to 1e12.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct GGompertzNbdParameters {
    /// Unit of `alpha`, of `1/b` and of every customer the model is asked about.
    pub unit: TimeUnit,
    /// Shape of the gamma distribution of purchase rates λ.
    pub r: f64,
    /// Rate of that distribution, in units of time.
    pub alpha: f64,
    /// Rate at which a customer's own dropout rate `η·b·e^(bt)` grows, per unit of time.
    pub b: f64,
    /// Shape of the gamma distribution of propensities to drop out η.
    pub s: f64,
    /// Rate of that distribution, a pure number.
    pub beta: f64,
}

/// The GGompertz/NBD model (伽马–贡珀茨模型) of repeat purchases and dropout.
///
/// Purchases come at a steady rate λ for a lifetime with the survival `exp(−η(e^(bt) − 1))`.
/// Customers differ: λ ~ Gamma(r, α), η ~ Gamma(s, β). As `b → 0` with `β/b` fixed this is the
/// Pareto/NBD with its β at `β/b`.
///
/// Every value of this type is valid.
///
/// # Examples
///
/// ```
/// use guanxi::model::{
///     GGompertzNbd, GGompertzNbdParameters, PurchaseModel, PurchasePosterior,
/// };
/// use guanxi::quantity::{Span, TimeUnit};
/// use guanxi::summary::RfmSummary;
///
/// let model = GGompertzNbd::new(GGompertzNbdParameters {
///     unit: TimeUnit::Week,
///     r: 0.553,
///     alpha: 10.578,
///     b: 0.02,
///     s: 0.606,
///     beta: 0.25,
/// })?;
/// // Two repeat purchases, the last in week 30.43 of 38.86.
/// let customer = model.posterior(&RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?)?;
/// assert!((customer.probability_alive() - 0.8138411116569).abs() < 1e-12);
/// assert!((customer.expected_purchases(Span::weeks(39.0)?) - 1.2033078628135).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "GGompertzNbdParameters", into = "GGompertzNbdParameters")
)]
pub struct GGompertzNbd(GGompertzNbdParameters);

parametric!(
    GGompertzNbd(GGompertzNbdParameters),
    "GGompertz/NBD",
    [unit],
    [r, alpha, b, s, beta]
);

impl PurchaseModel for GGompertzNbd {
    type Posterior = GGompertzNbdPosterior;

    fn unit(&self) -> TimeUnit {
        self.0.unit
    }

    fn posterior(&self, customer: &RfmSummary) -> Result<GGompertzNbdPosterior, QuantityError> {
        agree(self.0.unit, customer)?;
        Ok(GGompertzNbdPosterior::new(&self.0, customer))
    }

    fn newcomer(&self) -> GGompertzNbdPosterior {
        GGompertzNbdPosterior::new(&self.0, &RfmSummary::newcomer(self.0.unit))
    }

    /// The [`dropout_rate`](SimulatedCustomer::dropout_rate) is that at the end of the observation,
    /// or of the lifetime if that was before.
    #[cfg(feature = "simulate")]
    fn simulate(
        &self,
        seed: u64,
        customer: u64,
        age: Span,
    ) -> Result<SimulatedCustomer, SimulationError> {
        let p = &self.0;
        let mut random = RandomStream::new(seed, customer);
        let rate = random.gamma(p.r, p.alpha);
        let propensity = random.gamma(p.s, p.beta);
        let end = age.in_unit(p.unit);
        let lifetime = (random.exponential() / propensity).ln_1p() / p.b;
        let seen = end.min(lifetime);
        let (purchases, _) = purchases_until(rate, seen, &mut random, |_| false)?;
        Ok(SimulatedCustomer {
            summary: observed(p.unit, &purchases, end)?,
            purchases,
            alive: lifetime > end,
            rate,
            dropout_rate: propensity * p.b * (p.b * seen).exp(),
        })
    }
}

/// Dropout as it looks at some time to a customer who is still one.
///
/// With `E(v) = (e^(bv) − 1)/b` that customer stays for a further `v` with chance
/// `(1 + E(v)/clock)^−s`: the Pareto/NBD's law, read on a clock that races. The present rate of
/// dropout has the distribution Gamma(s, clock).
#[derive(Debug, Clone, Copy, PartialEq)]
struct Dropout {
    b: f64,
    s: f64,
    /// `(β + e^(bt) − 1)/(b·e^(bt))` at the time *t*.
    clock: f64,
}

impl Dropout {
    fn at(t: f64, p: &GGompertzNbdParameters) -> Self {
        Self {
            b: p.b,
            s: p.s,
            clock: clock(t, p.b, p.beta),
        }
    }

    /// The clock a time `v` later.
    fn clock_after(&self, v: f64) -> f64 {
        let raced = -self.b * v;
        raced.exp() * self.clock - raced.exp_m1() / self.b
    }

    /// `ln(1 + E(v)/clock)`.
    fn ln_risen(&self, v: f64) -> f64 {
        ln_risen(self.b, self.clock, v)
    }

    /// What is integrated over the time from here: `(1 + v/α)^−k (1 + E(v)/clock)^−c e^(−δv)`, with
    /// the density of dropout in place of the chance to stay if `gone`, but for its constant.
    fn integrand(&self, (alpha, k): (f64, f64), delta: f64, gone: bool) -> Integrand {
        Integrand {
            alpha,
            k,
            beta: self.clock,
            c: if gone { self.s + 1.0 } else { self.s },
            b: self.b,
            delta,
            grow: gone,
        }
    }
}

/// `(β + e^(bt) − 1)/(b·e^(bt))`.
fn clock(t: f64, b: f64, beta: f64) -> f64 {
    ((-b * t).exp() * beta - (-b * t).exp_m1()) / b
}

/// `ln(1 + (e^(bv) − 1)/(b·clock))`.
fn ln_risen(b: f64, clock: f64, v: f64) -> f64 {
    /// Beyond this the 1 makes no difference.
    const LARGE: f64 = 300.0;
    let raced = b * v;
    if raced < LARGE {
        (raced.exp_m1() / (b * clock)).ln_1p()
    } else {
        raced - (b * clock).ln()
    }
}

/// What a GGompertz/NBD model knows of one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GGompertzNbdPosterior {
    unit: TimeUnit,
    ln_likelihood: f64,
    /// Log-odds of having dropped out; `−∞` right after a purchase.
    ln_odds_dead: f64,
    /// Gamma posterior of the purchase rate if alive.
    shape: f64,
    rate: f64,
    /// Dropout from now on if alive.
    dropout: Dropout,
    /// Mean purchase rate if dropped out.
    rate_if_dead: f64,
    /// What draws need of a customer who dropped out: gamma rate and dropout at the last purchase,
    /// and the time since.
    #[cfg(feature = "simulate")]
    dead: (f64, Dropout, f64),
    n_eff: f64,
}

impl GGompertzNbdPosterior {
    fn new(p: &GGompertzNbdParameters, customer: &RfmSummary) -> Self {
        let x = f64::from(customer.frequency());
        let (recency, age, silence) = (customer.recency(), customer.age(), customer.silence());
        let shape = p.r + x;
        let (first, last) = (Dropout::at(0.0, p), Dropout::at(recency, p));
        let since = p.alpha + recency;
        let dead = last.integrand((since, shape), 0.0, true).stretch(silence);
        let gone = (p.s / last.clock).ln() + dead.ln;
        let ln_odds_dead = gone + shape * (silence / since).ln_1p() + p.s * last.ln_risen(silence);
        // Each way from the time to which its terms belong, so that none cancel.
        let until = |t: f64| {
            ln_rising(p.r, x)
                - p.r * (t / p.alpha).ln_1p()
                - x * (p.alpha + t).ln()
                - p.s * first.ln_risen(t)
        };
        let ln_likelihood = if ln_odds_dead <= 0.0 {
            until(age) + softplus(ln_odds_dead)
        } else {
            until(recency) + gone + softplus(-ln_odds_dead)
        };
        Self {
            unit: customer.unit(),
            ln_likelihood,
            ln_odds_dead,
            shape,
            rate: p.alpha + age,
            dropout: Dropout::at(age, p),
            rate_if_dead: shape / since * dead.alpha_share,
            #[cfg(feature = "simulate")]
            dead: (since, last, silence),
            n_eff: gaps(customer),
        }
    }

    /// Discounted time as a customer from now to the horizon.
    fn lifetime(&self, delta: f64, horizon: f64) -> f64 {
        let always = (f64::INFINITY, 0.0);
        let stay = self.dropout.integrand(always, delta, false);
        self.probability_alive() * stay.ln_stretch(horizon).exp()
    }
}

#[cfg(feature = "simulate")]
impl GGompertzNbdPosterior {
    /// The time between the last purchase and the dropout of a customer who dropped out: its
    /// quantile at `share`, above 0 and at most 1.
    ///
    /// Newton's method on the logarithm of the distribution against the logarithm of the time,
    /// halving the bracket where it would leave it.
    fn time_to_dropout(&self, share: f64) -> f64 {
        let (since, dropout, silence) = self.dead;
        let law = dropout.integrand((since, self.shape), 0.0, true);
        let target = law.ln_stretch(silence) + share.ln();
        // The distribution is least where its density only rises: 1e-300 of the silence is no time.
        let mut below = silence.ln() - 700.0;
        let mut above = silence.ln();
        let mut ln_time = (above + share.ln()).max(0.5 * (below + above));
        for _ in 0..200 {
            let time = ln_time.exp();
            let ln = law.ln_stretch(time);
            if ln < target {
                below = ln_time;
            } else {
                above = ln_time;
            }
            let ln_density = dropout.b * time
                - (dropout.s + 1.0) * dropout.ln_risen(time)
                - self.shape * (time / since).ln_1p();
            let slope = (ln_density + ln_time - ln).exp();
            let newton = ln_time - (ln - target) / slope;
            let next = if newton > below && newton < above {
                newton
            } else {
                0.5 * (below + above)
            };
            let step = (next - ln_time).abs();
            ln_time = next;
            if step < 1e-12 {
                break;
            }
        }
        ln_time.exp().min(silence)
    }
}

impl PurchasePosterior for GGompertzNbdPosterior {
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
        // The next purchase comes before the dropout: ∫ r′/α′ (1+v/α′)^−(r′+1) S(v) dv.
        let next = (self.rate, self.shape + 1.0);
        let first = self.dropout.integrand(next, 0.0, false);
        let ln = (self.shape / self.rate).ln() + first.ln_stretch(span.in_unit(self.unit));
        // Rounding may lift a certain purchase above 1.
        self.probability_alive() * ln.exp().min(1.0)
    }

    fn expected_purchases(&self, span: Span) -> f64 {
        self.shape / self.rate * self.lifetime(0.0, span.in_unit(self.unit))
    }

    fn purchase_probabilities(&self, span: Span, probabilities: &mut [f64]) {
        if probabilities.is_empty() {
            return;
        }
        let t = span.in_unit(self.unit);
        if t == 0.0 {
            probabilities.fill(0.0);
            probabilities[0] = 1.0;
            return;
        }
        made_before_dropout((self.shape, self.rate), &self.dropout, t, probabilities);
        let alive = self.probability_alive();
        for probability in probabilities.iter_mut() {
            *probability *= alive;
        }
        // No purchase: dead already, or alive and not active.
        let idle = (alive - self.probability_active(span)).max(0.0);
        probabilities[0] = logistic(self.ln_odds_dead) + idle;
    }

    /// Finite even without discount and horizon, for survival falls exponentially in the end.
    fn discounted_purchases(
        &self,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64, ModelError> {
        let lifetime = self.discounted_lifetime(rate, horizon)?;
        Ok(self.shape / self.rate * lifetime)
    }

    /// Finite even without discount and horizon, for survival falls exponentially in the end.
    fn discounted_lifetime(&self, rate: DiscountRate, horizon: Horizon) -> Result<f64, ModelError> {
        Ok(self.lifetime(rate.per(self.unit), in_unit(horizon, self.unit)))
    }

    fn mean_rate(&self) -> f64 {
        self.probability_alive() * (self.shape / self.rate)
            + logistic(self.ln_odds_dead) * self.rate_if_dead
    }

    fn n_eff(&self) -> f64 {
        self.n_eff
    }

    /// The dropout rate is the present one.
    #[cfg(feature = "simulate")]
    fn draw_alive(&self, random: &mut RandomStream) -> PosteriorDraw {
        PosteriorDraw {
            alive: true,
            rate: random.gamma(self.shape, self.rate),
            dropout_rate: random.gamma(self.dropout.s, self.dropout.clock),
        }
    }

    /// The dropout rate is that at the end of the lifetime.
    #[cfg(feature = "simulate")]
    fn draw_gone(&self, random: &mut RandomStream) -> PosteriorDraw {
        let (since, dropout, _) = self.dead;
        let time = self.time_to_dropout(1.0 - random.uniform());
        let clock = dropout.clock_after(time);
        PosteriorDraw {
            alive: false,
            rate: random.gamma(self.shape, since + time),
            dropout_rate: random.gamma(dropout.s + 1.0, clock),
        }
    }

    /// The rate of dropout grows by `e^(bt)`, so that the lifetime is
    /// `∫ e^(−δt − h(e^(bt) − 1)/b) dt`.
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
        let (b, horizon) = (self.dropout.b, in_unit(horizon, self.unit));
        // In s = e^(bt) − 1.
        let (nu, z) = (1.0 + rate.per(self.unit) / b, draw.dropout_rate / b);
        let lifetime = if horizon.is_infinite() {
            damped_power(nu, z) / b
        } else {
            damped_power_until(nu, z, b * horizon) / b
        };
        DrawnFuture {
            purchases: draw.rate * lifetime,
            lifetime,
        }
    }
}

/// `probabilities[n]` becomes, for *n* above 0, the chance of a customer who is alive to make *n*
/// purchases within `t`, at rates Gamma(shape, rate), before dropping out.
fn made_before_dropout(
    (shape, rate): (f64, f64),
    dropout: &Dropout,
    t: f64,
    probabilities: &mut [f64],
) {
    /// Where the integrand is this far (in logarithm) below its maximum, no answer can show it.
    const NOTHING: f64 = 800.0;
    /// The change of the logarithm of the density of dropout that one panel may span.
    const STEEPEST: f64 = 8.0;
    // ln Γ(r′ + n)/(Γ(r′) n!), then each way to have made n purchases: alive throughout, or
    // dropped out at τ.
    let mut ln_ways = vec![0.0; probabilities.len()];
    let mut ln_way = 0.0;
    for (n, way) in ln_ways.iter_mut().enumerate() {
        *way = ln_way;
        ln_way += ((shape + n as f64) / (n as f64 + 1.0)).ln();
    }
    probabilities.fill(0.0);
    let mut add = |tau: f64, ln_weight: f64| {
        let ln_none = ln_weight - shape * (tau / rate).ln_1p();
        let ln_share = -(rate / tau).ln_1p();
        for (n, (sum, way)) in probabilities.iter_mut().zip(&ln_ways).enumerate().skip(1) {
            *sum += (way + ln_none + n as f64 * ln_share).exp();
        }
    };
    let &Dropout { b, s, clock } = dropout;
    add(t, -s * dropout.ln_risen(t));
    // It leaves at the rate s/clock then; the slope of the logarithm only rises or only falls.
    let ln_density = |tau: f64| (s / dropout.clock_after(tau)).ln() - s * dropout.ln_risen(tau);
    let slope = |tau: f64| {
        let gaining = (b * clock - 1.0) * (-b * tau).exp();
        (gaining - s) / dropout.clock_after(tau)
    };
    // τ = m (e^w − 1). A term in n peaks within a relative width of 1/√n, so panels grow in
    // proportion to w; the density of dropout changes over times of 1/b until it falls steadily.
    let least = rate.min(clock);
    let growth = (4.0 / (ln_ways.len() as f64).sqrt()).min(1.0);
    let steady = (40.0 + (b * clock).ln().max(0.0)) / b;
    let (mut from, mut width) = (0.0, 1.0 / (shape + s + 2.0));
    let mut highest = f64::NEG_INFINITY;
    loop {
        let tau = least * f64::exp_m1(from);
        let left = t - tau;
        if left <= 0.0 {
            break;
        }
        let widest = if tau < steady {
            0.75 / b
        } else {
            f64::INFINITY
        };
        let mut to = (least * (from + width.min(0.75)).exp_m1())
            .min(tau + widest)
            .min(t);
        let steep = |to: f64| slope(tau).abs().max(slope(to).abs()) * (to - tau);
        while steep(to) > STEEPEST {
            to = tau + 0.5 * (to - tau);
        }
        let end = if to < t {
            (to / least).ln_1p()
        } else {
            (t / least).ln_1p()
        };
        LONG.visit(from, end - from, |w, weight| {
            let tau = least * w.exp_m1();
            add(tau, ln_density(tau) + weight.ln() + least.ln() + w);
        });
        let height = ln_density(to) + to.ln();
        highest = highest.max(height);
        if to >= t || end <= from || (height < highest - NOTHING && slope(to) < 0.0) {
            break;
        }
        from = end;
        width = growth * from;
    }
}
