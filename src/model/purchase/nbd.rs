//! NBD: purchases at a steady rate for ever.
//!
//! Ehrenberg (1959), "The Pattern of Consumer Purchases", *Applied Statistics* 8(1), 26–41,
//! <https://doi.org/10.2307/2985810>.
//!
//! Every answer is a closed form, exact to 1e-12 relative for any valid parameters and customer.

use crate::numeric::damped::exponential_mean;
use crate::numeric::special::ln_rising;
use crate::quantity::{DiscountRate, Horizon, QuantityError, Span, TimeUnit};
use crate::summary::RfmSummary;

use super::super::fit::{Fit, FitError, FitOptions, Fitted};
use super::super::maximise::{Limit, Problem, Sought, maximise};
use super::super::parameter::{ParameterError, Parametric, exactly, parametric};
use super::super::report::Boundary;
use super::nested::Likelihood;
use super::{ModelError, PurchaseModel, PurchasePosterior, PurchaseSample, agree, gaps, in_unit};

#[cfg(feature = "simulate")]
use super::{PosteriorDraw, SimulatedCustomer, SimulationError, observed, purchases_until};
#[cfg(feature = "simulate")]
use crate::numeric::random::RandomStream;

/// Parameters of [`Nbd`]; each number from 1e-12 to 1e12.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct NbdParameters {
    /// Unit of `alpha` and of every customer the model is asked about.
    pub unit: TimeUnit,
    /// Shape of the gamma distribution of purchase rates λ.
    pub r: f64,
    /// Rate of that distribution, in units of time.
    pub alpha: f64,
}

/// The NBD model (负二项分布模型) of repeat purchases without dropout.
///
/// Purchases come at a steady rate λ that differs between customers, λ ~ Gamma(r, α), and nobody
/// ever leaves. It is nested in every model with dropout: what these add is judged against it.
///
/// Every value of this type is valid.
///
/// # Examples
///
/// Two customers who bought twice in 38.86 weeks are alike to it, however long ago the last
/// purchase was:
///
/// ```
/// use guanxi::model::{Nbd, NbdParameters, PurchaseModel, PurchasePosterior};
/// use guanxi::quantity::{Span, TimeUnit};
/// use guanxi::summary::RfmSummary;
///
/// let model = Nbd::new(NbdParameters {
///     unit: TimeUnit::Week,
///     r: 0.4,
///     alpha: 10.0,
/// })?;
/// let year = Span::weeks(52.0)?;
/// for recency in [1.0, 38.0] {
///     let customer = model.posterior(&RfmSummary::new(TimeUnit::Week, 2, recency, 38.86)?)?;
///     // (0.4 + 2) purchases in (10 + 38.86) weeks.
///     assert!((customer.expected_purchases(year) - 2.4 / 48.86 * 52.0).abs() < 1e-12);
///     assert!((customer.probability_alive() - 1.0).abs() < 1e-12);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "NbdParameters", into = "NbdParameters")
)]
pub struct Nbd(NbdParameters);

parametric!(Nbd(NbdParameters), "NBD", [unit], [r, alpha]);

impl PurchaseModel for Nbd {
    type Posterior = NbdPosterior;

    fn unit(&self) -> TimeUnit {
        self.0.unit
    }

    fn posterior(&self, customer: &RfmSummary) -> Result<NbdPosterior, QuantityError> {
        agree(self.0.unit, customer)?;
        Ok(NbdPosterior::new(&self.0, customer))
    }

    fn newcomer(&self) -> NbdPosterior {
        NbdPosterior::new(&self.0, &RfmSummary::newcomer(self.0.unit))
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
        let end = age.in_unit(p.unit);
        let (purchases, _) = purchases_until(rate, end, &mut random, |_| false)?;
        Ok(SimulatedCustomer {
            summary: observed(p.unit, &purchases, end)?,
            purchases,
            alive: true,
            rate,
            dropout_rate: 0.0,
        })
    }
}

/// What an NBD model knows of one customer, who is certain to stay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NbdPosterior {
    unit: TimeUnit,
    ln_likelihood: f64,
    /// Gamma posterior of the purchase rate.
    shape: f64,
    rate: f64,
    n_eff: f64,
}

impl NbdPosterior {
    fn new(p: &NbdParameters, customer: &RfmSummary) -> Self {
        let x = f64::from(customer.frequency());
        let age = customer.age();
        Self {
            unit: customer.unit(),
            ln_likelihood: ln_rising(p.r, x)
                - p.r * (age / p.alpha).ln_1p()
                - x * (p.alpha + age).ln(),
            shape: p.r + x,
            rate: p.alpha + age,
            n_eff: gaps(customer),
        }
    }
}

impl PurchasePosterior for NbdPosterior {
    fn unit(&self) -> TimeUnit {
        self.unit
    }

    fn ln_likelihood(&self) -> f64 {
        self.ln_likelihood
    }

    fn ln_odds_alive(&self) -> f64 {
        f64::INFINITY
    }

    fn probability_active(&self, span: Span) -> f64 {
        let t = span.in_unit(self.unit);
        -(-self.shape * (t / self.rate).ln_1p()).exp_m1()
    }

    fn expected_purchases(&self, span: Span) -> f64 {
        self.mean_rate() * span.in_unit(self.unit)
    }

    fn purchase_probabilities(&self, span: Span, probabilities: &mut [f64]) {
        let t = span.in_unit(self.unit);
        let ln_share = -(self.rate / t).ln_1p();
        let mut ln_term = -self.shape * (t / self.rate).ln_1p();
        for (n, probability) in probabilities.iter_mut().enumerate() {
            *probability = ln_term.exp();
            let n = n as f64;
            ln_term += ((self.shape + n) / (n + 1.0)).ln() + ln_share;
        }
    }

    fn discounted_purchases(
        &self,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64, ModelError> {
        let lifetime = lifetime(self.unit, "residual transactions", rate, horizon)?;
        Ok(self.mean_rate() * lifetime)
    }

    fn discounted_lifetime(&self, rate: DiscountRate, horizon: Horizon) -> Result<f64, ModelError> {
        lifetime(self.unit, "residual lifetimes", rate, horizon)
    }

    fn mean_rate(&self) -> f64 {
        self.shape / self.rate
    }

    fn n_eff(&self) -> f64 {
        self.n_eff
    }

    #[cfg(feature = "simulate")]
    fn draw_alive(&self, random: &mut RandomStream) -> PosteriorDraw {
        PosteriorDraw {
            alive: true,
            rate: random.gamma(self.shape, self.rate),
            dropout_rate: 0.0,
        }
    }

    /// Nobody drops out: one with the rate of a customer who stays.
    #[cfg(feature = "simulate")]
    fn draw_gone(&self, random: &mut RandomStream) -> PosteriorDraw {
        PosteriorDraw {
            alive: false,
            ..self.draw_alive(random)
        }
    }
}

/// Discounted time up to the horizon, all of it as a customer.
fn lifetime(
    unit: TimeUnit,
    answer: &'static str,
    rate: DiscountRate,
    horizon: Horizon,
) -> Result<f64, ModelError> {
    let (delta, horizon) = (rate.per(unit), in_unit(horizon, unit));
    if horizon.is_finite() {
        Ok(exponential_mean(delta, horizon))
    } else if delta > 0.0 {
        Ok(1.0 / delta)
    } else {
        Err(ModelError::Undefined {
            answer,
            condition: "the discount rate is above 0, or with a horizon",
            found: delta,
        })
    }
}

impl Fit for Nbd {
    type Sample = PurchaseSample;

    fn scale(&self) -> String {
        self.0.unit.to_string()
    }

    fn fit_sample(sample: &PurchaseSample, options: &FitOptions) -> Result<Fitted<Self>, FitError> {
        let sample = sample.distinct(Self::MODEL)?;
        let mut likelihood = Likelihood::new(&sample);
        let [ln_r, ln_alpha] = likelihood.start();
        let starts = [0.0, -1.0, 2.0];
        let report = maximise(
            Problem {
                model: Self::MODEL,
                parameters: Sought::all_positive(Self::NAMES, &[0.0, sample.scale.ln()]),
                scale: sample.unit.to_string(),
                customers: sample.customers,
                rows: sample.rows.len(),
                starts: starts
                    .iter()
                    .map(|more| vec![ln_r + more, ln_alpha + more])
                    .collect(),
                offset: sample.offset(),
                nested: None,
                limits: vec![Limit {
                    boundary: Boundary::HomogeneousRates,
                    towards: &[1.0, 1.0],
                }],
                notes: Vec::new(),
                likelihood: &mut likelihood,
                coarse: Vec::new(),
            },
            options,
        )?;
        let [r, alpha] = exactly(Self::MODEL, &report.values())?;
        let unit = sample.unit;
        let model = Self::new(NbdParameters { unit, r, alpha })?;
        Ok(Fitted { model, report })
    }
}
