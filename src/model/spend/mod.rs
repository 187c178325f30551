//! Models of how much a customer spends on a purchase, one a file.

mod gamma_gamma;
mod likelihood;
mod sample;
mod transactions;

pub use gamma_gamma::{GammaGamma, GammaGammaParameters, GammaGammaPosterior};
pub use sample::SpendSample;
pub use transactions::TransactionSpendSample;

use crate::quantity::Currency;
use crate::summary::SpendSummary;

use super::purchase::ModelError;

#[cfg(feature = "simulate")]
use crate::numeric::random::RandomStream;

/// A model of spend per transaction.
pub trait SpendModel {
    /// What the model knows of a customer after seeing past spend.
    type Posterior: SpendPosterior;

    /// Currency of the model's parameters and of the summaries it reads.
    fn currency(&self) -> Currency;

    /// What the model knows of a customer: `None` for one without a transaction of known value,
    /// about whom only the population speaks.
    ///
    /// # Errors
    ///
    /// - [`ModelError::Quantity`] if the summary is in another currency.
    /// - [`ModelError::Undefined`] if the customer's mean spend is infinite under the model.
    fn posterior(&self, spend: Option<&SpendSummary>) -> Result<Self::Posterior, ModelError>;
}

/// Every answer about one customer's spend; none can fail.
pub trait SpendPosterior {
    /// Log-likelihood of the mean that was seen; 0 without one, and `−∞` for a mean of 0, which a
    /// model of positive amounts cannot give.
    #[doc(alias = "ll")]
    fn ln_likelihood(&self) -> f64;

    /// Expected value of a future transaction, in major units of the model's currency.
    fn expected_spend(&self) -> f64;

    /// Transactions of known value behind the answer: 0 if only the population speaks.
    fn n_eff(&self) -> f64;

    /// A draw of the customer's mean spend.
    #[cfg(feature = "simulate")]
    fn draw(&self, random: &mut RandomStream) -> f64;
}
