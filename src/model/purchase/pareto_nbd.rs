//! Pareto/NBD: purchases at a steady rate until a dropout at any time, seen by nobody.
//!
//! Schmittlein, Morrison & Colombo (1987), "Counting Your Customers: Who Are They and What Will
//! They Do Next?", *Management Science* 33(1), 1–24, <https://doi.org/10.1287/mnsc.33.1.1>; the
//! notation of Fader & Hardie (2005), "A note on deriving the Pareto/NBD model and related
//! expressions".
//!
//! The paper's difference of two ₂F₁ values is one positive integral here, which neither cancels
//! nor overflows. Every answer is exact to 1e-11 relative for any valid parameters and customer.

mod if_alive;
mod likelihood;
mod odds;

pub(super) use likelihood::Likelihood;

use crate::numeric::gauss::LONG;
use crate::numeric::linear::Symmetric;
use crate::numeric::minimise::{Limits, Minimum};
use crate::numeric::newton::descend;
#[cfg(feature = "simulate")]
use crate::numeric::power::ln_power_integral;
use crate::numeric::power::power_integral;
#[cfg(feature = "simulate")]
use crate::numeric::special::ln_one_plus;
use crate::numeric::special::{ln_rising, logistic, softplus};
use crate::quantity::{DiscountRate, Horizon, QuantityError, Span, TimeUnit};
use crate::summary::{RfmSummary, SummaryColumns};

use super::super::fit::{Fit, FitError, FitOptions, Fitted};
use super::super::maximise::{Coarse, LogLikelihood, Problem, Sought, maximise};
use super::super::parameter::{ParameterError, Parametric, exactly, parametric};
use if_alive::ParetoNbdIfAlive;
use odds::{Purchases, Times};

use super::answers::{AnswersError, IfAlive, PurchaseQuestion, Separable, by_parts};
use super::nested::{LIMITS, Nested, nested as without_dropout};
use super::sample::Distinct;
use super::{
    ModelError, PurchaseModel, PurchasePosterior, PurchaseSample, agree, count_the_gone, gaps,
};

#[cfg(feature = "simulate")]
use super::{PosteriorDraw, SimulatedCustomer, SimulationError, observed, purchases_until};
#[cfg(feature = "simulate")]
use crate::numeric::random::RandomStream;

/// Parameters of [`ParetoNbd`]; each number from 1e-12 to 1e12.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ParetoNbdParameters {
    /// Unit of `alpha`, of `beta` and of every customer the model is asked about.
    pub unit: TimeUnit,
    /// Shape of the gamma distribution of purchase rates λ.
    pub r: f64,
    /// Rate of that distribution, in units of time.
    pub alpha: f64,
    /// Shape of the gamma distribution of dropout rates μ.
    pub s: f64,
    /// Rate of that distribution, in units of time.
    pub beta: f64,
}

/// The Pareto/NBD model of repeat purchases and dropout.
///
/// Purchases come at a steady rate λ for a lifetime that ends at a steady rate μ. Rates differ
/// between customers: λ ~ Gamma(r, α), μ ~ Gamma(s, β).
///
/// Every value of this type is valid.
///
/// # Examples
///
/// ```
/// use guanxi::model::{ParetoNbd, ParetoNbdParameters, PurchaseModel, PurchasePosterior};
/// use guanxi::quantity::{Span, TimeUnit};
/// use guanxi::summary::RfmSummary;
///
/// // Rounded estimates from the CDNOW sample, weeks.
/// let model = ParetoNbd::new(ParetoNbdParameters {
///     unit: TimeUnit::Week,
///     r: 0.553,
///     alpha: 10.578,
///     s: 0.606,
///     beta: 11.669,
/// })?;
/// // Two repeat purchases, the last in week 30.43 of 38.86.
/// let customer = model.posterior(&RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?)?;
/// assert!((customer.probability_alive() - 0.869167559153011).abs() < 1e-12);
/// assert!((customer.expected_purchases(Span::weeks(39.0)?) - 1.4551231932576).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "ParetoNbdParameters", into = "ParetoNbdParameters")
)]
pub struct ParetoNbd(ParetoNbdParameters);

parametric!(
    ParetoNbd(ParetoNbdParameters),
    "Pareto/NBD",
    [unit],
    [r, alpha, s, beta]
);

impl PurchaseModel for ParetoNbd {
    type Posterior = ParetoNbdPosterior;

    fn unit(&self) -> TimeUnit {
        self.0.unit
    }

    fn posterior(&self, customer: &RfmSummary) -> Result<ParetoNbdPosterior, QuantityError> {
        agree(self.0.unit, customer)?;
        Ok(ParetoNbdPosterior::new(&self.0, customer))
    }

    fn newcomer(&self) -> ParetoNbdPosterior {
        ParetoNbdPosterior::new(&self.0, &RfmSummary::newcomer(self.0.unit))
    }

    fn answers(
        &self,
        columns: &SummaryColumns<'_>,
        question: PurchaseQuestion,
        out: &mut [f64],
    ) -> Result<(), AnswersError> {
        by_parts(self, columns, question, out)
    }

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
        let dropout_rate = random.gamma(p.s, p.beta);
        let end = age.in_unit(p.unit);
        let lifetime = random.exponential() / dropout_rate;
        let (purchases, _) = purchases_until(rate, end.min(lifetime), &mut random, |_| false)?;
        Ok(SimulatedCustomer {
            summary: observed(p.unit, &purchases, end)?,
            purchases,
            alive: lifetime > end,
            rate,
            dropout_rate,
        })
    }
}

impl Separable for ParetoNbd {
    type Count = Purchases;
    type Times = Times;
    type IfAlive = ParetoNbdIfAlive;

    fn count(&self, frequency: u32) -> Purchases {
        Purchases::new(&self.0, frequency)
    }

    fn if_alive(&self, had: &Purchases, age: f64) -> ParetoNbdIfAlive {
        ParetoNbdIfAlive::new(&self.0, had.shape, age)
    }

    fn times(&self, recency: f64, age: f64) -> Times {
        Times::new(&self.0, recency, age)
    }

    fn ln_odds_dead(&self, had: &Purchases, times: &Times) -> f64 {
        had.ln_odds_dead(&self.0, times)
    }
}

/// What a Pareto/NBD model knows of one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParetoNbdPosterior {
    ln_likelihood: f64,
    /// Log-odds of having dropped out; `−∞` right after a purchase.
    ln_odds_dead: f64,
    if_alive: ParetoNbdIfAlive,
    /// What is known of a customer who dropped out: α, β, and when that may have been.
    dead: (f64, f64, f64, f64),
    n_eff: f64,
}

impl ParetoNbdPosterior {
    pub(super) fn new(p: &ParetoNbdParameters, customer: &RfmSummary) -> Self {
        let x = f64::from(customer.frequency());
        let (recency, age) = (customer.recency(), customer.age());
        let times = Times::new(p, recency, age);
        let had = Purchases::at(p, customer.frequency(), &times);
        let ln_odds_dead = had.ln_odds_dead(p, &times);
        let rate = ln_rising(p.r, x) - p.r * (age / p.alpha).ln_1p() - x * (p.alpha + age).ln();
        let stay = -p.s * (age / p.beta).ln_1p();
        Self {
            ln_likelihood: rate + stay + softplus(ln_odds_dead),
            ln_odds_dead,
            if_alive: ParetoNbdIfAlive::new(p, had.shape, age),
            dead: (p.alpha, p.beta, recency, age),
            n_eff: gaps(customer),
        }
    }

    /// Mean purchase rate if dropped out.
    fn rate_if_dead(&self) -> f64 {
        let (alpha, beta, recency, age) = self.dead;
        let ParetoNbdIfAlive { shape, s, .. } = self.if_alive;
        let dead = power_integral((alpha, shape), (beta, s + 1.0), recency, age);
        shape / (alpha + age) * (1.0 + dead.left_alpha)
    }

    /// Gamma posteriors, by shape and rate, of the purchase and the dropout rate if alive.
    pub(super) fn rates_if_alive(&self) -> ((f64, f64), (f64, f64)) {
        let ParetoNbdIfAlive {
            shape,
            rate,
            s,
            beta,
            ..
        } = self.if_alive;
        ((shape, rate), (s, beta))
    }
}

#[cfg(feature = "simulate")]
impl ParetoNbdPosterior {
    /// Gamma posteriors of the rates of a customer who dropped out right after the last purchase,
    /// and how long after that it may have been.
    pub(super) fn rates_if_gone(&self) -> ((f64, f64), (f64, f64), f64) {
        let (alpha, beta, recency, age) = self.dead;
        (
            (self.if_alive.shape, alpha + recency),
            (self.if_alive.s + 1.0, beta + recency),
            age - recency,
        )
    }

    /// The time between the last purchase and the dropout of a customer who dropped out: its
    /// quantile at `share`, above 0 and at most 1.
    ///
    /// Newton's method on the logarithm of the distribution against the logarithm of the time,
    /// where it is concave with a slope between 1 and 0: it begins above and then climbs.
    pub(super) fn time_to_dropout(&self, share: f64) -> f64 {
        let (alpha, beta, recency, age) = self.dead;
        let ParetoNbdIfAlive { shape, s, .. } = self.if_alive;
        let dropout_shape = s + 1.0;
        let ln_integral = |time: f64| {
            let until = recency + time;
            ln_power_integral((alpha, shape), (beta, dropout_shape), recency, until)
        };
        let target = ln_integral(age - recency) + share.ln();
        let mut ln_time = (age - recency).ln() + share.ln();
        for _ in 0..50 {
            let time = ln_time.exp();
            let ln = ln_integral(time);
            let ln_density = -shape * ln_one_plus(time / (alpha + recency))
                - dropout_shape * ln_one_plus(time / (beta + recency));
            let slope = (ln_density + ln_time - ln).exp();
            // The integrand is at most 1: the time is no less than the integral.
            let next = (ln_time - (ln - target) / slope).max(target);
            let step = (next - ln_time).abs();
            ln_time = next;
            if step < 1e-12 {
                break;
            }
        }
        ln_time.exp().min(age - recency)
    }
}

impl PurchasePosterior for ParetoNbdPosterior {
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
        if probabilities.is_empty() {
            return;
        }
        let t = span.in_unit(self.if_alive.unit);
        let (purchases, dropout) = self.rates_if_alive();
        spread_purchases(purchases, dropout, t, probabilities, |_, _, _| 1.0);
        count_the_gone(self, span, probabilities);
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
        self.probability_alive() * (self.if_alive.shape / self.if_alive.rate)
            + logistic(self.ln_odds_dead) * self.rate_if_dead()
    }

    fn n_eff(&self) -> f64 {
        self.n_eff
    }

    #[cfg(feature = "simulate")]
    fn draw_alive(&self, random: &mut RandomStream) -> PosteriorDraw {
        let ((shape, rate), (s, beta)) = self.rates_if_alive();
        PosteriorDraw {
            alive: true,
            rate: random.gamma(shape, rate),
            dropout_rate: random.gamma(s, beta),
        }
    }

    #[cfg(feature = "simulate")]
    fn draw_gone(&self, random: &mut RandomStream) -> PosteriorDraw {
        let (alpha, beta, recency, _) = self.dead;
        let dropout = recency + self.time_to_dropout(1.0 - random.uniform());
        PosteriorDraw {
            alive: false,
            rate: random.gamma(self.if_alive.shape, alpha + dropout),
            dropout_rate: random.gamma(self.if_alive.s + 1.0, beta + dropout),
        }
    }
}

/// Fills in the probabilities of 1, 2, … purchases within `t` of a customer alive now, whose purchase
/// and dropout rates have gamma distributions; that of none is left to the caller.
///
/// `factor(n, τ, left)` weighs the chance of `n` purchases in a lifetime τ, with dropout at its end or
/// without.
pub(super) fn spread_purchases(
    (shape, rate): (f64, f64),
    (s, beta): (f64, f64),
    t: f64,
    probabilities: &mut [f64],
    factor: impl Fn(f64, f64, bool) -> f64,
) {
    let count = probabilities.len();
    probabilities.fill(0.0);
    if t <= 0.0 {
        return;
    }
    // ln Γ(r′ + n)/(Γ(r′) n!), then each way to have made n purchases: alive throughout, or
    // dropped out at τ.
    let mut ln_ways = vec![0.0; count];
    let mut ln_way = 0.0;
    for (n, way) in ln_ways.iter_mut().enumerate() {
        *way = ln_way;
        ln_way += ((shape + n as f64) / (n as f64 + 1.0)).ln();
    }
    let mut add = |tau: f64, left: bool, ln_weight: f64| {
        let ln_none = ln_weight - shape * (tau / rate).ln_1p();
        let ln_share = (tau / (rate + tau)).ln();
        for (n, (sum, way)) in probabilities.iter_mut().zip(&ln_ways).enumerate().skip(1) {
            let n = n as f64;
            *sum += (way + ln_none + n * ln_share).exp() * factor(n, tau, left);
        }
    };
    add(t, false, -s * (t / beta).ln_1p());
    // τ = m (e^w − 1). A term in n peaks within a relative width of 1/√n, so panels grow in
    // proportion to w.
    let least = rate.min(beta);
    let range = (t / least).ln_1p();
    let growth = (4.0 / (count as f64).sqrt()).min(1.0);
    let (mut from, mut width) = (0.0, 1.0 / (shape + s + 2.0));
    while from < range {
        let panel = f64::min(width, 0.75).min(range - from);
        LONG.visit(from, panel, |w, weight| {
            let tau = least * w.exp_m1();
            let ln_dropout = (s / beta).ln() - (s + 1.0) * (tau / beta).ln_1p();
            add(tau, true, ln_dropout + weight.ln() + least.ln() + w);
        });
        from += panel;
        width = growth * from;
    }
}

impl Fit for ParetoNbd {
    type Sample = PurchaseSample;

    fn scale(&self) -> String {
        self.0.unit.to_string()
    }

    fn fit_sample(sample: &PurchaseSample, options: &FitOptions) -> Result<Fitted<Self>, FitError> {
        let sample = sample.distinct(Self::MODEL)?;
        let base = without_dropout(&sample);
        let ln_scale = sample.scale.ln();
        let parts = sample.coarse();
        let coarse = parts
            .iter()
            .map(|part| (Likelihood::new(part), part.customers));
        let mut coarse: Vec<_> = coarse.collect();
        let report = maximise(
            Problem {
                model: Self::MODEL,
                parameters: Sought::all_positive(Self::NAMES, &[0.0, ln_scale, 0.0, ln_scale]),
                scale: sample.unit.to_string(),
                customers: sample.customers,
                rows: sample.rows.len(),
                starts: starts(&base, sample.mean_age()),
                offset: sample.offset(),
                nested: Some(base.log_likelihood),
                limits: LIMITS.to_vec(),
                notes: Vec::new(),
                likelihood: &mut Likelihood::new(&sample),
                coarse: coarse.iter_mut().map(Coarse::of).collect(),
            },
            options,
        )?;
        let [r, alpha, s, beta] = exactly(Self::MODEL, &report.values())?;
        let unit = sample.unit;
        let model = Self::new(ParetoNbdParameters {
            unit,
            r,
            alpha,
            s,
            beta,
        })?;
        Ok(Fitted { model, report })
    }
}

/// Starts above the model without dropout, where many leave early, few do, or all at one rate.
fn starts(base: &Nested, life: f64) -> Vec<Vec<f64>> {
    let start = |(more, s, beta): (f64, f64, f64)| {
        vec![
            base.ln_r + more,
            base.ln_alpha + more,
            s.ln(),
            life.ln() + beta.ln(),
        ]
    };
    [(0.7, 0.6, 0.3), (0.2, 0.2, 0.1), (0.0, 2.0, 2.0)]
        .map(start)
        .to_vec()
}

/// The best Pareto/NBD of a sample in scaled time, the logarithms of its parameters and its scaled
/// log-likelihood: where the search of a model begins in which it is nested.
pub(super) fn nested(sample: &Distinct) -> ([f64; 4], f64) {
    let limits = Limits {
        bound: 15.0,
        step: 3.0,
        gradient: 1e-8,
        iterations: 200,
    };
    let mut likelihood = Likelihood::new(sample);
    let mut objective = |x: &[f64], gradient: &mut [f64], hessian: &mut Symmetric| {
        let value = likelihood.curved(x, gradient, hessian);
        for g in gradient.iter_mut() {
            *g = -*g / sample.customers;
        }
        hessian.scale(-1.0 / sample.customers);
        -value / sample.customers
    };
    let mut ends: Vec<Minimum> = Vec::new();
    for start in starts(&without_dropout(sample), sample.mean_age()) {
        let (end, _) = descend(&mut objective, &start, limits, 0.0, &ends);
        ends.push(end);
    }
    let mut best = ([0.0; 4], f64::NEG_INFINITY);
    for Minimum { point, joined, .. } in &ends {
        let ln_likelihood = -point.value * sample.customers;
        if let (false, true, &[r, alpha, s, beta]) =
            (*joined, ln_likelihood > best.1, point.x.as_slice())
        {
            best = ([r, alpha, s, beta], ln_likelihood);
        }
    }
    best
}

#[cfg(test)]
mod tests;
