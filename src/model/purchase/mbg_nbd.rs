//! MBG/NBD: as the BG/NBD, but the first purchase may be the last as well.
//!
//! Batislam, Denizel & Filiztekin (2007), "Empirical validation and comparison of models for
//! customer base analysis", *International Journal of Research in Marketing* 24(3), 201–209,
//! <https://doi.org/10.1016/j.ijresmar.2006.12.005>; Hoppe & Wagner (2007), "Customer base analysis:
//! the case for a central variant of the Betageometric/NBD model", *Marketing JRM* 3(2), 75–90.
//!
//! The log-likelihood and P(alive) are exact to rounding, expected purchases and discounted
//! answers to 1e-10 relative, for any valid parameters and customer.

use crate::quantity::{QuantityError, TimeUnit};
use crate::summary::{RfmSummary, SummaryColumns};

use super::super::fit::{Fit, FitError, FitOptions, Fitted};
use super::super::parameter::{ParameterError, Parametric, parametric};
use super::answers::{Separable, by_parts};
use super::beta_geometric::{
    BetaGeometricIfAlive, BetaGeometricPosterior, Chances, Parameters, fit, ln_silence,
};
use super::{AnswersError, PurchaseModel, PurchaseQuestion, PurchaseSample};

#[cfg(feature = "simulate")]
use super::beta_geometric::simulate;
#[cfg(feature = "simulate")]
use super::{SimulatedCustomer, SimulationError};
#[cfg(feature = "simulate")]
use crate::quantity::Span;

/// Parameters of [`MbgNbd`]; each number from 1e-12 to 1e12.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct MbgNbdParameters {
    /// Unit of `alpha` and of every customer the model is asked about.
    pub unit: TimeUnit,
    /// Shape of the gamma distribution of purchase rates λ.
    pub r: f64,
    /// Rate of that distribution, in units of time.
    pub alpha: f64,
    /// First shape of the beta distribution of dropout chances *p*.
    pub a: f64,
    /// Second shape of that distribution.
    pub b: f64,
}

/// The MBG/NBD model of repeat purchases and dropout: the default of this crate.
///
/// Purchases come at a steady rate λ until the customer drops out, which happens with chance *p*
/// after each purchase, the first included. Rates and chances differ between customers:
/// λ ~ Gamma(r, α), *p* ~ Beta(a, b).
///
/// Every value of this type is valid.
///
/// # Examples
///
/// ```
/// use guanxi::model::{MbgNbd, MbgNbdParameters, PurchaseModel, PurchasePosterior};
/// use guanxi::quantity::{Span, TimeUnit};
/// use guanxi::summary::RfmSummary;
///
/// // Rounded estimates from the CDNOW sample, weeks.
/// let model = MbgNbd::new(MbgNbdParameters {
///     unit: TimeUnit::Week,
///     r: 0.525,
///     alpha: 6.183,
///     a: 0.891,
///     b: 1.614,
/// })?;
/// // Two repeat purchases, the last in week 30.43 of 38.86.
/// let customer = model.posterior(&RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?)?;
/// assert!((customer.probability_alive() - 0.706202265118487).abs() < 1e-12);
/// assert!((customer.expected_purchases(Span::weeks(39.0)?) - 1.26296062326737).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "MbgNbdParameters", into = "MbgNbdParameters")
)]
pub struct MbgNbd(MbgNbdParameters);

parametric!(
    MbgNbd(MbgNbdParameters),
    "MBG/NBD",
    [unit],
    [r, alpha, a, b]
);

impl MbgNbd {
    fn family(&self) -> Parameters {
        let MbgNbdParameters { r, alpha, a, b, .. } = self.0;
        Parameters { r, alpha, a, b }
    }
}

impl PurchaseModel for MbgNbd {
    type Posterior = BetaGeometricPosterior;

    fn unit(&self) -> TimeUnit {
        self.0.unit
    }

    fn posterior(&self, customer: &RfmSummary) -> Result<Self::Posterior, QuantityError> {
        super::agree(self.0.unit, customer)?;
        let chances = f64::from(customer.frequency()) + 1.0;
        Ok(BetaGeometricPosterior::new(
            self.family(),
            chances,
            customer,
        ))
    }

    fn newcomer(&self) -> Self::Posterior {
        let customer = RfmSummary::newcomer(self.0.unit);
        BetaGeometricPosterior::new(self.family(), 1.0, &customer)
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
        simulate(self.family(), self.0.unit, true, (seed, customer), age)
    }
}

impl Separable for MbgNbd {
    type Count = Chances;
    type Times = f64;
    type IfAlive = BetaGeometricIfAlive;

    fn count(&self, frequency: u32) -> Chances {
        Chances::new(self.family(), frequency, f64::from(frequency) + 1.0)
    }

    fn if_alive(&self, had: &Chances, age: f64) -> BetaGeometricIfAlive {
        BetaGeometricIfAlive::new(self.family(), self.0.unit, had, age)
    }

    fn times(&self, recency: f64, age: f64) -> f64 {
        ln_silence(self.0.alpha, recency, age)
    }

    fn ln_odds_dead(&self, had: &Chances, &ln_silence: &f64) -> f64 {
        had.ln_odds_dead(ln_silence)
    }
}

impl Fit for MbgNbd {
    type Sample = PurchaseSample;

    fn scale(&self) -> String {
        self.0.unit.to_string()
    }

    fn fit_sample(sample: &PurchaseSample, options: &FitOptions) -> Result<Fitted<Self>, FitError> {
        let sample = sample.distinct(Self::MODEL)?;
        let unit = sample.unit;
        fit(&sample, 1, options, |Parameters { r, alpha, a, b }| {
            Ok(Self::new(MbgNbdParameters {
                unit,
                r,
                alpha,
                a,
                b,
            })?)
        })
    }
}
