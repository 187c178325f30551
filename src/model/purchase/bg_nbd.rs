//! BG/NBD: purchases at a steady rate until a dropout that can follow any repeat purchase.
//!
//! Fader, Hardie & Lee (2005), "'Counting Your Customers' the Easy Way", *Marketing Science*
//! 24(2), 275–284, <https://doi.org/10.1287/mksc.1040.0098>.
//!
//! The log-likelihood and P(alive) are exact to rounding, expected purchases and discounted
//! answers to 1e-10 relative, for any valid parameters and customer.
//!
//! A customer without a repeat purchase has had no chance to drop out, so that P(alive) is 1 however
//! long the silence: do not value one-time buyers with this model, but with
//! [`MbgNbd`](super::MbgNbd).

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

/// Parameters of [`BgNbd`]; each number from 1e-12 to 1e12.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct BgNbdParameters {
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

/// The BG/NBD model of repeat purchases and dropout.
///
/// Purchases come at a steady rate λ until the customer drops out, which happens with chance *p*
/// after each *repeat* purchase. Rates and chances differ between customers:
/// λ ~ Gamma(r, α), *p* ~ Beta(a, b).
///
/// Every value of this type is valid.
///
/// # Examples
///
/// ```
/// use guanxi::model::{BgNbd, BgNbdParameters, PurchaseModel, PurchasePosterior};
/// use guanxi::quantity::{Span, TimeUnit};
/// use guanxi::summary::RfmSummary;
///
/// // Rounded estimates from the CDNOW sample, weeks.
/// let model = BgNbd::new(BgNbdParameters {
///     unit: TimeUnit::Week,
///     r: 0.243,
///     alpha: 4.414,
///     a: 0.793,
///     b: 2.426,
/// })?;
/// // Two repeat purchases, the last in week 30.43 of 38.86.
/// let customer = model.posterior(&RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?)?;
/// assert!((customer.probability_alive() - 0.726578570080673).abs() < 1e-12);
/// assert!((customer.expected_purchases(Span::weeks(39.0)?) - 1.22602817476714).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "BgNbdParameters", into = "BgNbdParameters")
)]
pub struct BgNbd(BgNbdParameters);

parametric!(BgNbd(BgNbdParameters), "BG/NBD", [unit], [r, alpha, a, b]);

impl BgNbd {
    fn family(&self) -> Parameters {
        let BgNbdParameters { r, alpha, a, b, .. } = self.0;
        Parameters { r, alpha, a, b }
    }
}

impl PurchaseModel for BgNbd {
    type Posterior = BetaGeometricPosterior;

    fn unit(&self) -> TimeUnit {
        self.0.unit
    }

    fn posterior(&self, customer: &RfmSummary) -> Result<Self::Posterior, QuantityError> {
        super::agree(self.0.unit, customer)?;
        let chances = f64::from(customer.frequency());
        Ok(BetaGeometricPosterior::new(
            self.family(),
            chances,
            customer,
        ))
    }

    fn newcomer(&self) -> Self::Posterior {
        let customer = RfmSummary::newcomer(self.0.unit);
        BetaGeometricPosterior::new(self.family(), 0.0, &customer)
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
        simulate(self.family(), self.0.unit, false, (seed, customer), age)
    }
}

impl Separable for BgNbd {
    const SURE_OF_FIRST: bool = true;

    type Count = Chances;
    type Times = f64;
    type IfAlive = BetaGeometricIfAlive;

    fn count(&self, frequency: u32) -> Chances {
        Chances::new(self.family(), frequency, f64::from(frequency))
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

impl Fit for BgNbd {
    type Sample = PurchaseSample;

    fn scale(&self) -> String {
        self.0.unit.to_string()
    }

    fn fit_sample(sample: &PurchaseSample, options: &FitOptions) -> Result<Fitted<Self>, FitError> {
        let sample = sample.distinct(Self::MODEL)?;
        let unit = sample.unit;
        fit(&sample, 0, options, |Parameters { r, alpha, a, b }| {
            Ok(Self::new(BgNbdParameters {
                unit,
                r,
                alpha,
                a,
                b,
            })?)
        })
    }
}
