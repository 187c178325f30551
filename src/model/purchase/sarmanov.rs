//! Correlated Pareto/NBD: purchase and dropout rates that go together, joined by a Sarmanov
//! distribution.
//!
//! Park & Fader (2004), "Modeling Browsing Behavior at Multiple Websites", *Marketing Science* 23(3),
//! 280–303, <https://doi.org/10.1287/mksc.1040.0050>, for the Sarmanov family of gamma rates; Glady,
//! Lemmens & Croux (2015), "Unveiling the relationship between the transaction timing, spending and
//! dropout behavior of customers", *International Journal of Research in Marketing* 32(1), 78–93, for
//! correlation in a model of customers.
//!
//! The four Pareto/NBD likelihoods of which the literature makes a signed sum are one integral of a
//! positive factor here. Every answer is exact to 1e-10 relative.

use crate::numeric::special::{logistic, softplus};
use crate::numeric::stretch::Integrand;
use crate::quantity::{DiscountRate, Horizon, QuantityError, Span, TimeUnit};
use crate::summary::RfmSummary;

use super::super::parameter::{
    ParameterError, ParameterKind, Parametric, check, check_one, exactly,
};
use super::pareto_nbd::{ParetoNbd, ParetoNbdParameters, ParetoNbdPosterior, spread_purchases};
use super::{ModelError, PurchaseModel, PurchasePosterior, agree, count_the_gone, in_unit};

#[cfg(feature = "simulate")]
use super::{PosteriorDraw, SimulatedCustomer, SimulationError, observed, purchases_until};
#[cfg(feature = "simulate")]
use crate::numeric::random::RandomStream;

mod fit;
mod kernel;

use kernel::Kernel;

/// Parameters of [`CorrelatedParetoNbd`]; the first four from 1e-12 to 1e12, the dependence from −1 to
/// 1.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CorrelatedParetoNbdParameters {
    /// Unit of `alpha`, of `beta` and of every customer the model is asked about, and the time over
    /// which the kernel e^−λ of the dependence counts.
    pub unit: TimeUnit,
    /// Shape of the gamma distribution of purchase rates λ.
    pub r: f64,
    /// Rate of that distribution, in units of time.
    pub alpha: f64,
    /// Shape of the gamma distribution of dropout rates μ.
    pub s: f64,
    /// Rate of that distribution, in units of time.
    pub beta: f64,
    /// How far purchase and dropout rates go together: 0 not at all, 1 and −1 as far, in one
    /// direction and the other, as the Sarmanov family allows.
    pub dependence: f64,
}

/// The Pareto/NBD model with a correlation between how often customers buy and how soon they leave.
///
/// Rates have the density of the [`ParetoNbd`] times `1 + m (e^−λ − c₁)(e^−μ − c₂)`, with the means
/// `c₁ = (α/(α+1))^r` and `c₂ = (β/(β+1))^s` of the kernels; what each customer is like apart from the
/// other rate stays gamma. *m* lies between `−1/max(c₁c₂, (1−c₁)(1−c₂))` and `1/max(c₁(1−c₂),
/// c₂(1−c₁))`, or the density would be negative. The parameter `dependence` covers that interval
/// from −1 to 1 with 0 at 0, so that every value is valid whatever the others are; [`m`](Self::m) gives
/// the paper's number, and [`correlation`](Self::correlation) that of the rates.
///
/// The kernel counts purchases within one unit of the model, so a model in weeks is another model
/// than one in days; in a long unit the family reaches further.
///
/// Every value of this type is valid.
///
/// # Examples
///
/// ```
/// use guanxi::model::{
///     CorrelatedParetoNbd, CorrelatedParetoNbdParameters, PurchaseModel, PurchasePosterior,
/// };
/// use guanxi::quantity::TimeUnit;
/// use guanxi::summary::RfmSummary;
///
/// let with = |dependence| {
///     CorrelatedParetoNbd::new(CorrelatedParetoNbdParameters {
///         unit: TimeUnit::Week,
///         r: 3.0,
///         alpha: 6.0,
///         s: 1.4,
///         beta: 25.0,
///         dependence,
///     })
/// };
/// // Where frequent buyers leave sooner, one who buys seldom is the likelier to be there still.
/// let customer = RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?;
/// let independent = with(0.0)?.posterior(&customer)?.probability_alive();
/// let together = with(1.0)?.posterior(&customer)?.probability_alive();
/// assert!((independent - 0.7193992).abs() < 1e-6);
/// assert!((together - 0.7222363).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        try_from = "CorrelatedParetoNbdParameters",
        into = "CorrelatedParetoNbdParameters"
    )
)]
pub struct CorrelatedParetoNbd(CorrelatedParetoNbdParameters);

impl CorrelatedParetoNbd {
    /// A model with known parameters, from a paper or an earlier fit.
    ///
    /// # Errors
    ///
    /// [`ParameterError`], naming the first parameter outside its range.
    pub fn new(p: CorrelatedParetoNbdParameters) -> Result<Self, ParameterError> {
        let positive = &Self::NAMES[..4];
        check(Self::MODEL, positive, &[p.r, p.alpha, p.s, p.beta])?;
        check_one(
            Self::MODEL,
            Self::NAMES[4],
            ParameterKind::Dependence,
            p.dependence,
        )?;
        Ok(Self(p))
    }

    /// The parameters.
    #[must_use]
    pub fn parameters(&self) -> CorrelatedParetoNbdParameters {
        self.0
    }

    /// The weight *m* of the Sarmanov factor.
    #[must_use]
    pub fn m(&self) -> f64 {
        let kernel = self.kernel();
        if self.0.dependence == 0.0 {
            0.0
        } else {
            (kernel.ln_weight - kernel.purchases.ln_mean - kernel.dropout.ln_mean)
                .exp()
                .copysign(self.0.dependence)
        }
    }

    /// Pearson's correlation of the purchase rates λ and the dropout rates μ of new customers.
    #[must_use]
    pub fn correlation(&self) -> f64 {
        let p = &self.0;
        let kernel = self.kernel();
        // Cov(λ, e^−λ) = −(r/α) c₁/(α+1), in standard deviations √r/α; the same for μ.
        let (by_rate, by_dropout) = (-p.r.sqrt() / (p.alpha + 1.0), -p.s.sqrt() / (p.beta + 1.0));
        kernel.ln_weight.exp() * kernel.sign * by_rate * by_dropout
    }

    /// The model with the same rates, each apart from the other.
    fn apart(&self) -> ParetoNbdParameters {
        let CorrelatedParetoNbdParameters {
            unit,
            r,
            alpha,
            s,
            beta,
            ..
        } = self.0;
        ParetoNbdParameters {
            unit,
            r,
            alpha,
            s,
            beta,
        }
    }

    fn kernel(&self) -> Kernel {
        let p = &self.0;
        Kernel::new((p.r, p.alpha), (p.s, p.beta), p.dependence)
    }
}

impl TryFrom<CorrelatedParetoNbdParameters> for CorrelatedParetoNbd {
    type Error = ParameterError;

    fn try_from(parameters: CorrelatedParetoNbdParameters) -> Result<Self, ParameterError> {
        Self::new(parameters)
    }
}

impl From<CorrelatedParetoNbd> for CorrelatedParetoNbdParameters {
    fn from(model: CorrelatedParetoNbd) -> Self {
        model.0
    }
}

impl Parametric for CorrelatedParetoNbd {
    const MODEL: &'static str = "correlated Pareto/NBD";
    const NAMES: &'static [&'static str] = &["r", "alpha", "s", "beta", "dependence"];

    fn kinds(&self) -> Vec<ParameterKind> {
        let mut kinds = vec![ParameterKind::Positive; 4];
        kinds.push(ParameterKind::Dependence);
        kinds
    }

    fn values(&self) -> Vec<f64> {
        let p = &self.0;
        vec![p.r, p.alpha, p.s, p.beta, p.dependence]
    }

    fn with_values(&self, values: &[f64]) -> Result<Self, ParameterError> {
        let [r, alpha, s, beta, dependence] = exactly(Self::MODEL, values)?;
        Self::new(CorrelatedParetoNbdParameters {
            unit: self.0.unit,
            r,
            alpha,
            s,
            beta,
            dependence,
        })
    }
}

impl PurchaseModel for CorrelatedParetoNbd {
    type Posterior = CorrelatedParetoNbdPosterior;

    fn unit(&self) -> TimeUnit {
        self.0.unit
    }

    fn posterior(&self, customer: &RfmSummary) -> Result<Self::Posterior, QuantityError> {
        agree(self.0.unit, customer)?;
        Ok(CorrelatedParetoNbdPosterior::new(self, customer))
    }

    fn newcomer(&self) -> Self::Posterior {
        CorrelatedParetoNbdPosterior::new(self, &RfmSummary::newcomer(self.0.unit))
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
        let (rate, dropout_rate) = self
            .kernel()
            .draw((p.r, p.alpha), (p.s, p.beta), &mut random);
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

/// What a correlated Pareto/NBD model knows of one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CorrelatedParetoNbdPosterior {
    /// The same customer without the dependence.
    apart: ParetoNbdPosterior,
    kernel: Kernel,
    ln_likelihood: f64,
    ln_odds_dead: f64,
    /// Mean of the Sarmanov factor if alive.
    factor: f64,
    mean_rate: f64,
}

impl CorrelatedParetoNbdPosterior {
    fn new(model: &CorrelatedParetoNbd, customer: &RfmSummary) -> Self {
        let p = model.apart();
        let apart = ParetoNbdPosterior::new(&p, customer);
        let kernel = model.kernel();
        let (purchases, dropout) = apart.rates_if_alive();
        let (shape, s) = (purchases.0, p.s + 1.0);
        let factor = kernel.mean(purchases, dropout);
        // Over the instants at which a customer who dropped out may have done so.
        let (alpha, beta) = (p.alpha + customer.recency(), p.beta + customer.recency());
        let integrand = Integrand {
            alpha,
            k: shape,
            beta,
            c: s,
            b: 0.0,
            delta: 0.0,
            grow: false,
        };
        let (mut all, mut joint, mut rate) = (0.0, 0.0, 0.0);
        integrand.visit(customer.silence(), |node| {
            let (alpha, beta) = (alpha + node.time, beta + node.time);
            all += node.part;
            joint += node.part * kernel.mean((shape, alpha), (s, beta));
            rate += node.part * (shape / alpha) * kernel.mean((shape + 1.0, alpha), (s, beta));
        });
        let plain_odds = -apart.ln_odds_alive();
        let (ln_odds_dead, rate_if_dead) = if joint > 0.0 {
            (plain_odds + (joint / all).ln() - factor.ln(), rate / joint)
        } else {
            (f64::NEG_INFINITY, 0.0)
        };
        let alive_rate = purchases.0 / purchases.1
            * kernel.mean((purchases.0 + 1.0, purchases.1), dropout)
            / factor;
        Self {
            ln_likelihood: apart.ln_likelihood() - softplus(plain_odds)
                + factor.ln()
                + softplus(ln_odds_dead),
            ln_odds_dead,
            factor,
            mean_rate: logistic(-ln_odds_dead) * alive_rate + logistic(ln_odds_dead) * rate_if_dead,
            apart,
            kernel,
        }
    }

    /// `∫₀^H e^(−δt) E[λ^n e^(−μt)] dt` relative to the means without dependence, if alive: the
    /// discounted lifetime, weighted by the rate to the power of `more`, 0 or 1.
    fn lifetime_if_alive(&self, delta: f64, horizon: f64, more: f64) -> f64 {
        let ((shape, rate), (s, beta)) = self.apart.rates_if_alive();
        let integrand = Integrand {
            alpha: f64::INFINITY,
            k: 0.0,
            beta,
            c: s,
            b: 0.0,
            delta,
            grow: false,
        };
        let mut sum = 0.0;
        let ln_unit = integrand.visit(horizon, |node| {
            let dropout = (s, beta + node.time);
            sum += node.part * self.kernel.mean((shape + more, rate), dropout);
        });
        ln_unit.exp() * sum / self.factor
    }

    /// The lifetime, or the condition under which an infinite one without discount exists.
    fn discounted(
        &self,
        answer: &'static str,
        (rate, horizon): (DiscountRate, Horizon),
        more: f64,
    ) -> Result<f64, ModelError> {
        let unit = self.apart.unit();
        let (delta, horizon) = (rate.per(unit), in_unit(horizon, unit));
        let s = self.apart.rates_if_alive().1.0;
        if horizon.is_infinite() && delta == 0.0 && s <= 1.0 {
            return Err(ModelError::Undefined {
                answer,
                condition: "s > 1, or with a discount rate or a horizon",
                found: s,
            });
        }
        Ok(self.probability_alive() * self.lifetime_if_alive(delta, horizon, more))
    }
}

impl PurchasePosterior for CorrelatedParetoNbdPosterior {
    fn unit(&self) -> TimeUnit {
        self.apart.unit()
    }

    fn ln_likelihood(&self) -> f64 {
        self.ln_likelihood
    }

    fn ln_odds_alive(&self) -> f64 {
        -self.ln_odds_dead
    }

    fn probability_active(&self, span: Span) -> f64 {
        let ((shape, rate), (s, beta)) = self.apart.rates_if_alive();
        let integrand = Integrand {
            alpha: rate,
            k: shape + 1.0,
            beta,
            c: s,
            b: 0.0,
            delta: 0.0,
            grow: false,
        };
        let mut sum = 0.0;
        let ln_unit = integrand.visit(span.in_unit(self.unit()), |node| {
            let first = (shape + 1.0, rate + node.time);
            sum += node.part * self.kernel.mean(first, (s, beta + node.time));
        });
        let active = ((shape / rate).ln() + ln_unit).exp() * sum / self.factor;
        // Rounding may lift a certain purchase above 1.
        self.probability_alive() * active.min(1.0)
    }

    fn expected_purchases(&self, span: Span) -> f64 {
        let (shape, rate) = self.apart.rates_if_alive().0;
        let lifetime = self.lifetime_if_alive(0.0, span.in_unit(self.unit()), 1.0);
        self.probability_alive() * (shape / rate) * lifetime
    }

    fn purchase_probabilities(&self, span: Span, probabilities: &mut [f64]) {
        if probabilities.is_empty() {
            return;
        }
        let t = span.in_unit(self.unit());
        let ((shape, rate), (s, beta)) = self.apart.rates_if_alive();
        spread_purchases(
            (shape, rate),
            (s, beta),
            t,
            probabilities,
            |n, tau, left| {
                let dropout = (if left { s + 1.0 } else { s }, beta + tau);
                self.kernel.mean((shape + n, rate + tau), dropout) / self.factor
            },
        );
        count_the_gone(self, span, probabilities);
    }

    fn discounted_purchases(
        &self,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64, ModelError> {
        let lifetime = self.discounted("residual transactions", (rate, horizon), 1.0)?;
        let (shape, rate) = self.apart.rates_if_alive().0;
        Ok(shape / rate * lifetime)
    }

    fn discounted_lifetime(&self, rate: DiscountRate, horizon: Horizon) -> Result<f64, ModelError> {
        self.discounted("residual lifetimes", (rate, horizon), 0.0)
    }

    fn mean_rate(&self) -> f64 {
        self.mean_rate
    }

    fn n_eff(&self) -> f64 {
        self.apart.n_eff()
    }

    #[cfg(feature = "simulate")]
    fn draw_alive(&self, random: &mut RandomStream) -> PosteriorDraw {
        let (purchases, dropout) = self.apart.rates_if_alive();
        let (rate, dropout_rate) = self.kernel.draw(purchases, dropout, random);
        PosteriorDraw {
            alive: true,
            rate,
            dropout_rate,
        }
    }

    #[cfg(feature = "simulate")]
    fn draw_gone(&self, random: &mut RandomStream) -> PosteriorDraw {
        /// As for rates: a bound that is rarely met.
        const TRIES: u32 = 100_000;
        let (purchases, dropout, most) = self.apart.rates_if_gone();
        let factor = |time: f64| {
            let (shape, alpha) = purchases;
            let (s, beta) = dropout;
            self.kernel.mean((shape, alpha + time), (s, beta + time))
        };
        // Both parts of the factor rise with the time of dropout: it is largest at an end, or
        // bounded by the parts at different ends.
        let end = |ends: (f64, f64)| {
            let (shape, alpha) = purchases;
            let (s, beta) = dropout;
            self.kernel
                .mean((shape, alpha + ends.0), (s, beta + ends.1))
        };
        let highest = [(0.0, 0.0), (most, most), (0.0, most), (most, 0.0)];
        let highest = highest.into_iter().map(end).fold(1.0, f64::max);
        let mut time = self.apart.time_to_dropout(1.0 - random.uniform());
        for _ in 0..TRIES {
            if random.uniform() * highest < factor(time) {
                break;
            }
            time = self.apart.time_to_dropout(1.0 - random.uniform());
        }
        let ((shape, alpha), (s, beta)) = (purchases, dropout);
        let (rate, dropout_rate) =
            self.kernel
                .draw((shape, alpha + time), (s, beta + time), random);
        PosteriorDraw {
            alive: false,
            rate,
            dropout_rate,
        }
    }
}

impl From<CorrelatedParetoNbd> for ParetoNbdParameters {
    /// The same model without the dependence.
    fn from(model: CorrelatedParetoNbd) -> Self {
        model.apart()
    }
}

impl From<ParetoNbd> for CorrelatedParetoNbd {
    /// The same model, with a dependence of 0.
    fn from(model: ParetoNbd) -> Self {
        let ParetoNbdParameters {
            unit,
            r,
            alpha,
            s,
            beta,
        } = model.parameters();
        Self(CorrelatedParetoNbdParameters {
            unit,
            r,
            alpha,
            s,
            beta,
            dependence: 0.0,
        })
    }
}
