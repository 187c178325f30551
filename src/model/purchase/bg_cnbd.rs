//! BG/CNBD-k: the BG/NBD for customers who buy more regularly than by chance.
//!
//! Platzer & Reutterer (2016), "Ticking Away the Moments: Timing Regularity Helps to Better Predict
//! Customer Activity", *Marketing Science* 35(5), 779–799,
//! <https://doi.org/10.1287/mksc.2015.0963>.
//!
//! Their conditional expectation is an approximation that is scaled to the customers at hand; here
//! the phase of the open gap is a finite mixture, every answer is a sum over it, exact, and that of
//! one customer depends on no other. The log-likelihood and P(alive) are exact to rounding, all
//! else to 1e-10 relative.
//!
//! As in the BG/NBD, a customer without a repeat purchase has had no chance to drop out: do not
//! value one-time buyers with this model, but with [`MbgCnbd`](super::MbgCnbd).

use crate::quantity::{QuantityError, TimeUnit};
use crate::summary::RfmSummary;

use super::super::fit::{Fit, FitError, FitOptions, Fitted};
use super::super::parameter::{ParameterError, Parametric, parametric};
use super::beta_geometric::Parameters;
use super::erlang::{ErlangPosterior, Phases, choose, fit, scale};
use super::{PurchaseModel, PurchaseSample};

#[cfg(feature = "simulate")]
use super::erlang::simulate;
#[cfg(feature = "simulate")]
use super::{SimulatedCustomer, SimulationError};
#[cfg(feature = "simulate")]
use crate::quantity::Span;

/// Parameters of [`BgCnbd`]; each number but `k` from 1e-12 to 1e12.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct BgCnbdParameters {
    /// Unit of `alpha` and of every customer the model is asked about.
    pub unit: TimeUnit,
    /// Regularity: phases that make a gap between purchases.
    pub k: Phases,
    /// Shape of the gamma distribution of rates of phases λ, of which *k* make a purchase.
    pub r: f64,
    /// Rate of that distribution, in units of time.
    pub alpha: f64,
    /// First shape of the beta distribution of dropout chances *p*.
    pub a: f64,
    /// Second shape of that distribution.
    pub b: f64,
}

/// The BG/CNBD-k model of regular repeat purchases and dropout (规律购买).
///
/// Gaps between purchases are sums of *k* exponential phases of rate λ, until the customer drops
/// out, which happens with chance *p* after each *repeat* purchase. Rates and chances differ between
/// customers, λ ~ Gamma(r, α), *p* ~ Beta(a, b); *k* is one for all, and 1 makes it a
/// [`BgNbd`](super::BgNbd). A regular customer who is overdue has more likely gone than one who buys
/// by chance, and one who is not due yet less likely.
///
/// *k* is a part of the model and no parameter that is searched for:
/// [`Parametric::values`] are r, α, a and b. [`Fit::fit_sample`] tries 1 to 12 and takes the
/// likeliest, for which it needs the gaps of every repeat buyer
/// ([`RfmSummary::with_ln_gaps`]); [`fit_with_k`](Self::fit_with_k) takes one that is known.
///
/// Every value of this type is valid.
///
/// # Examples
///
/// ```
/// use guanxi::model::{BgCnbd, BgCnbdParameters, Phases, PurchaseModel, PurchasePosterior};
/// use guanxi::quantity::{Span, TimeUnit};
/// use guanxi::summary::RfmSummary;
///
/// let model = BgCnbd::new(BgCnbdParameters {
///     unit: TimeUnit::Week,
///     k: Phases::new(3)?,
///     r: 0.8,
///     alpha: 5.0,
///     a: 0.8,
///     b: 2.4,
/// })?;
/// // Two repeat purchases, the last in week 30.43 of 38.86.
/// let customer = model.posterior(&RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?)?;
/// assert!((customer.probability_alive() - 0.76591318241714582).abs() < 1e-12);
/// assert!((customer.expected_purchases(Span::weeks(39.0)?) - 1.5308553059803743).abs() < 1e-11);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "BgCnbdParameters", into = "BgCnbdParameters")
)]
pub struct BgCnbd(BgCnbdParameters);

parametric!(
    BgCnbd(BgCnbdParameters),
    "BG/CNBD-k",
    [unit, k],
    [r, alpha, a, b]
);

impl BgCnbd {
    fn family(&self) -> Parameters {
        let BgCnbdParameters { r, alpha, a, b, .. } = self.0;
        Parameters { r, alpha, a, b }
    }

    /// Fits the model with a known *k*, also to customers whose gaps are not known.
    ///
    /// Without them their share in the density, in which there is no parameter, is left out of the
    /// log-likelihood and a [`Note`](super::super::Note) says so: it can then not be compared with
    /// that of another *k*.
    ///
    /// # Errors
    ///
    /// Any [`FitError`], as [`Fit::fit_sample`].
    pub fn fit_with_k(
        sample: &PurchaseSample,
        k: Phases,
        options: &FitOptions,
    ) -> Result<Fitted<Self>, FitError> {
        let sample = sample.distinct(Self::MODEL)?;
        let unit = sample.unit;
        let build = |Parameters { r, alpha, a, b }| {
            let parameters = BgCnbdParameters {
                unit,
                k,
                r,
                alpha,
                a,
                b,
            };
            Ok(Self::new(parameters)?)
        };
        fit(&sample, k, 0, options, build)
    }
}

impl PurchaseModel for BgCnbd {
    type Posterior = ErlangPosterior;

    fn unit(&self) -> TimeUnit {
        self.0.unit
    }

    fn posterior(&self, customer: &RfmSummary) -> Result<Self::Posterior, QuantityError> {
        super::agree(self.0.unit, customer)?;
        let chances = f64::from(customer.frequency());
        let (family, k) = (self.family(), self.0.k);
        Ok(ErlangPosterior::new(family, k, chances, customer))
    }

    fn newcomer(&self) -> Self::Posterior {
        let customer = RfmSummary::newcomer(self.0.unit);
        ErlangPosterior::new(self.family(), self.0.k, 0.0, &customer)
    }

    #[cfg(feature = "simulate")]
    fn simulate(
        &self,
        seed: u64,
        customer: u64,
        age: Span,
    ) -> Result<SimulatedCustomer, SimulationError> {
        let kind = (self.0.k, self.0.unit);
        simulate(self.family(), kind, false, (seed, customer), age)
    }
}

impl Fit for BgCnbd {
    type Sample = PurchaseSample;

    fn scale(&self) -> String {
        scale(self.0.unit, self.0.k)
    }

    /// Fits the model with each *k* from 1 to 12 and returns the likeliest.
    ///
    /// # Errors
    ///
    /// [`FitError::GapsUnknown`] unless the gaps of every repeat buyer are known; any other
    /// [`FitError`] if no *k* could be fitted.
    fn fit_sample(sample: &PurchaseSample, options: &FitOptions) -> Result<Fitted<Self>, FitError> {
        choose(sample, Self::MODEL, |k| {
            Self::fit_with_k(sample, k, options)
        })
    }
}
