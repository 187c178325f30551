//! Models of how long customers under contract stay (客户留存), one a file.
//!
//! A contract runs for one period, such as a month or a year, and is renewed or not at its end: the
//! firm sees who leaves. Periods are whole numbers.

mod bdw;
mod choice;
mod contract;
mod convention;
mod covariates;
#[cfg(feature = "simulate")]
mod draws;
mod geometric;
mod lifetime;
mod sample;
mod sbg;

pub use bdw::{BetaDiscreteWeibull, BetaDiscreteWeibullParameters, BetaDiscreteWeibullPosterior};
pub use choice::{KeptRetention, RetentionChoice, RetentionReason, choose_retention};
pub use contract::{ContractClv, ContractTerms, ContractValue, PaymentTime};
pub use convention::{LtvConvention, ltv_formula};
pub use geometric::{
    GeometricRetention, GeometricRetentionParameters, GeometricRetentionPosterior,
};
pub use sample::{RetentionRise, RetentionSample, Tenure};
pub use sbg::{Sbg, SbgParameters, SbgPosterior};

use crate::quantity::{DiscountRate, TimeUnit};

use super::purchase::ModelError;

#[cfg(feature = "simulate")]
use crate::numeric::random::RandomStream;
#[cfg(all(feature = "simulate", feature = "serde"))]
use crate::quantity::stored::read_fraction;

/// A model of renewals: it turns the renewals that a customer has made into a posterior that answers
/// every question about the customer's future.
///
/// Customers differ in θ, which sets the chance of leaving, and a customer who stays is more and
/// more likely to be one with a small θ.
///
/// # Examples
///
/// ```
/// use guanxi::model::{RetentionModel, RetentionPosterior, Sbg, SbgParameters};
/// use guanxi::quantity::{DiscountRate, TimeUnit};
///
/// /// Works with any retention model.
/// fn renewals_to_come<M: RetentionModel>(model: &M, made: u32) -> Result<f64, guanxi::Error> {
///     let rate = DiscountRate::annual(0.1)?;
///     Ok(model.posterior(made).residual_before_renewal(rate)?)
/// }
///
/// let model = Sbg::new(SbgParameters { unit: TimeUnit::Year, alpha: 0.668, beta: 3.806 })?;
/// assert!((renewals_to_come(&model, 0)? - 5.414856048374).abs() < 1e-11);
/// assert!((renewals_to_come(&model, 4)? - 6.897057397746).abs() < 1e-11);
/// # Ok::<(), guanxi::Error>(())
/// ```
pub trait RetentionModel {
    /// What the model knows of a customer after some renewals.
    type Posterior: RetentionPosterior;

    /// How long one contract runs: the period of every rate and lifetime.
    fn unit(&self) -> TimeUnit;

    /// What the model knows of a customer who has made this many renewals.
    fn posterior(&self, renewals: u32) -> Self::Posterior;

    /// What the model knows of a customer in the first period.
    fn newcomer(&self) -> Self::Posterior {
        self.posterior(0)
    }

    /// The survivor function *S(t)* (留存曲线): the probability that a newcomer makes the first `t`
    /// renewals, from 0 to 1.
    #[doc(alias = "S(t)")]
    fn survival(&self, t: u32) -> f64 {
        self.newcomer().survival(t)
    }

    /// The retention rate `r_t` (留存率): of those who made the first `t − 1` renewals, the share that
    /// makes the next; 1 for `t = 0`.
    #[doc(alias = "r_t")]
    fn retention_rate(&self, t: u32) -> f64 {
        self.newcomer().retention_rate(t)
    }

    /// Log-likelihood of what was seen of one customer: of renewals made, and of the one that was
    /// not, if the contract has ended.
    #[doc(alias = "ll")]
    fn ln_likelihood(&self, customer: Tenure) -> f64 {
        let posterior = self.posterior(customer.renewals());
        let made = posterior.ln_likelihood();
        if customer.has_ended() {
            made + posterior.ln_churn_rate(1)
        } else {
            made
        }
    }

    /// A simulated customer for whom `periods` renewals come up.
    ///
    /// `customer` numbers the stream, so that the same seed and number give the same customer
    /// whoever else is simulated.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::model::{RetentionModel, Sbg, SbgParameters};
    /// use guanxi::quantity::TimeUnit;
    ///
    /// let model = Sbg::new(SbgParameters { unit: TimeUnit::Year, alpha: 0.668, beta: 3.806 })?;
    /// let kept = (0..1000).filter(|&i| !model.simulate(7, i, 7).tenure.has_ended()).count();
    /// assert_eq!(kept, 502);
    /// assert!((model.survival(7) - 0.4889446208937).abs() < 1e-12);
    /// # Ok::<(), guanxi::Error>(())
    /// ```
    #[cfg(feature = "simulate")]
    fn simulate(&self, seed: u64, customer: u64, periods: u32) -> SimulatedTenure {
        let mut random = RandomStream::new(seed, customer);
        let newcomer = self.newcomer();
        let theta = newcomer.draw(&mut random);
        let renewals = newcomer.draw_renewals(theta, periods, &mut random);
        let tenure = if renewals < periods {
            Tenure::ended_after(renewals)
        } else {
            Tenure::current(periods)
        };
        SimulatedTenure { tenure, theta }
    }
}

/// Every answer about a customer who is under contract, after the renewals made so far. None can fail
/// but where a sum is infinite.
///
/// Renewals to come are counted from 1, the next; what is asked of number 0, of which nothing is
/// open, is certain. Lifetimes and discounted sums are in periods of the model.
///
/// # Before or after a renewal
///
/// How many payments a customer is worth depends on the moment (Fader & Hardie 2010): with *n*
/// renewals made, *d* the discount rate per period, and one payment at each renewal,
///
/// ```text
/// residual_before_renewal   Σ_{k≥0} S(n+1+k | n) / (1+d)^k     the next renewal is due now
/// residual_after_renewal    Σ_{k≥1} S(n+k | n)   / (1+d)^k     the last was just made and paid
/// discounted_lifetime       Σ_{k≥0} S(n+k | n)   / (1+d)^k     the period just begun counts too
/// ```
///
/// The first is (1 + d) times the second, and the third is the second and 1. For a newcomer the
/// third is the discounted expected lifetime, DEL.
pub trait RetentionPosterior {
    /// How long one contract runs.
    fn unit(&self) -> TimeUnit;

    /// Renewals made so far.
    fn renewals(&self) -> u32;

    /// Log-likelihood of having made them, `ln S(n)`.
    #[doc(alias = "ll")]
    fn ln_likelihood(&self) -> f64;

    /// Logarithm of the probability of making the next `periods` renewals.
    fn ln_survival(&self, periods: u32) -> f64;

    /// Logarithm of [`churn_rate`](Self::churn_rate): exact where that is too small for an `f64`;
    /// `−∞` for `period = 0`.
    fn ln_churn_rate(&self, period: u32) -> f64;

    /// Posterior mean of θ.
    #[doc(alias = "theta")]
    fn mean_theta(&self) -> f64;

    /// Discounted expected residual lifetime (DERL) just before the next renewal: the expected
    /// payments from that renewal on, it included and not discounted.
    ///
    /// # Errors
    ///
    /// [`ModelError::Undefined`] without discount, if the model's mean lifetime is infinite.
    #[doc(alias = "DERL")]
    fn residual_before_renewal(&self, rate: DiscountRate) -> Result<f64, ModelError>;

    /// [`residual_before_renewal`](Self::residual_before_renewal), the next `payments` payments
    /// only.
    fn residual_before_renewal_within(&self, rate: DiscountRate, payments: u32) -> f64;

    /// A draw of θ from the posterior.
    #[cfg(feature = "simulate")]
    fn draw(&self, random: &mut RandomStream) -> f64;

    /// How many of the next `periods` renewals a customer with this θ makes: one draw.
    #[cfg(feature = "simulate")]
    fn draw_renewals(&self, theta: f64, periods: u32, random: &mut RandomStream) -> u32;

    /// The probability of making the next `periods` renewals, from 0 to 1; 1 for none.
    #[doc(alias = "S(t)")]
    fn survival(&self, periods: u32) -> f64 {
        self.ln_survival(periods).exp()
    }

    /// The churn rate (流失率) at a renewal to come: the probability that it is not made if those
    /// before it are; 0 for `period = 0`.
    fn churn_rate(&self, period: u32) -> f64 {
        self.ln_churn_rate(period).exp()
    }

    /// The retention rate (留存率) at a renewal to come: the probability that it is made if those
    /// before it are; 1 for `period = 0`.
    #[doc(alias = "r_t")]
    fn retention_rate(&self, period: u32) -> f64 {
        1.0 - self.churn_rate(period)
    }

    /// The probability of making the next renewal (续约概率).
    fn renewal_probability(&self) -> f64 {
        self.retention_rate(1)
    }

    /// The probability of leaving at the end of this period, after making every renewal before; 0
    /// for `period = 0`.
    #[doc(alias = "P(T = t)")]
    fn loss_probability(&self, period: u32) -> f64 {
        if period == 0 {
            0.0
        } else {
            (self.ln_survival(period - 1) + self.ln_churn_rate(period)).exp()
        }
    }

    /// Discounted expected residual lifetime just after the last renewal, or just after the contract
    /// was made: the expected payments at the renewals to come, each discounted to now.
    ///
    /// # Errors
    ///
    /// As for [`residual_before_renewal`](Self::residual_before_renewal).
    #[doc(alias = "DERL")]
    fn residual_after_renewal(&self, rate: DiscountRate) -> Result<f64, ModelError> {
        let wait = 1.0 + rate.discrete_per(self.unit());
        Ok(self.residual_before_renewal(rate)? / wait)
    }

    /// [`residual_after_renewal`](Self::residual_after_renewal), the next `payments` payments only.
    fn residual_after_renewal_within(&self, rate: DiscountRate, payments: u32) -> f64 {
        let wait = 1.0 + rate.discrete_per(self.unit());
        self.residual_before_renewal_within(rate, payments) / wait
    }

    /// Discounted expected lifetime (DEL) from the start of the current period, which counts in
    /// full.
    ///
    /// # Errors
    ///
    /// As for [`residual_before_renewal`](Self::residual_before_renewal).
    #[doc(alias = "DEL")]
    fn discounted_lifetime(&self, rate: DiscountRate) -> Result<f64, ModelError> {
        Ok(1.0 + self.residual_after_renewal(rate)?)
    }

    /// [`discounted_lifetime`](Self::discounted_lifetime) over `periods` periods, the current one
    /// included.
    fn discounted_lifetime_within(&self, rate: DiscountRate, periods: u32) -> f64 {
        match periods.checked_sub(1) {
            None => 0.0,
            Some(more) => 1.0 + self.residual_after_renewal_within(rate, more),
        }
    }

    /// Expected periods under contract from the start of the current one, not discounted.
    ///
    /// # Errors
    ///
    /// [`ModelError::Undefined`] if it is infinite: some customers stay so long.
    fn expected_lifetime(&self) -> Result<f64, ModelError> {
        self.discounted_lifetime(DiscountRate::ZERO)
    }
}

/// A customer made by a retention model, with the truth that no data show.
#[cfg(feature = "simulate")]
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct SimulatedTenure {
    /// What observation would report.
    pub tenure: Tenure,
    /// The customer's θ, from 0 to 1.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_fraction"))]
    pub theta: f64,
}
