//! Models of how much a customer spends on a purchase, one a file.

mod gamma_gamma;
mod likelihood;
mod sample;
mod transactions;

pub use gamma_gamma::{GammaGamma, GammaGammaParameters, GammaGammaPosterior};
pub use sample::SpendSample;
pub use transactions::TransactionSpendSample;

use crate::numeric::chunks::{self, Grain};
use crate::quantity::{Currency, QuantityError};
use crate::summary::{ColumnError, SpendColumns, SpendSummary};

use super::purchase::{AnswersError, ModelError};

#[cfg(feature = "simulate")]
use crate::numeric::random::RandomStream;

/// A model of spend per transaction.
///
/// Models are shared by threads that answer for many customers, so they are [`Sync`].
pub trait SpendModel: Sync {
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

    /// The [expected spend](SpendPosterior::expected_spend) of many customers: `out[i]` becomes
    /// that of row *i*, to the last bit what its posterior answers.
    ///
    /// # Errors
    ///
    /// - [`AnswersError::Column`] unless `out` has as many places as there are rows.
    /// - [`AnswersError::Quantity`] if the columns are in another currency.
    /// - [`AnswersError::Row`] with the first row whose mean spend is infinite under the model.
    ///
    /// What `out` holds is then of no use.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::model::{GammaGamma, GammaGammaParameters, SpendModel};
    /// use guanxi::quantity::Currency;
    /// use guanxi::summary::{SpendBasis, SpendColumns};
    ///
    /// let model = GammaGamma::new(GammaGammaParameters {
    ///     currency: Currency::USD,
    ///     p: 6.25,
    ///     q: 3.74,
    ///     gamma: 15.44,
    /// })?;
    /// let repeat = SpendBasis::RepeatTransactions;
    /// let spend = SpendColumns::new(Currency::USD, repeat, &[2, 0], &[22.35, 0.0])?;
    /// let mut expected = [0.0; 2];
    /// model.answers(&spend, &mut expected)?;
    /// assert!((expected[0] - 24.6637139107612).abs() < 1e-12);
    /// assert!((expected[1] - 35.2189781022).abs() < 1e-9); // only the population speaks
    /// # Ok::<(), guanxi::Error>(())
    /// ```
    fn answers(&self, columns: &SpendColumns<'_>, out: &mut [f64]) -> Result<(), AnswersError> {
        check(self.currency(), columns, out.len())?;
        in_chunks(columns, out, |columns, out| {
            for (row, (spend, answer)) in columns.iter().zip(out).enumerate() {
                *answer = self
                    .posterior(spend.as_ref())
                    .map_err(|reason| AnswersError::Row { row, reason })?
                    .expected_spend();
            }
            Ok(())
        })
    }
}

/// Answers large columns in parts that threads may share.
fn in_chunks(
    columns: &SpendColumns<'_>,
    out: &mut [f64],
    work: impl Fn(&SpendColumns<'_>, &mut [f64]) -> Result<(), AnswersError> + Sync,
) -> Result<(), AnswersError> {
    chunks::for_each_mut(out, Grain::rows(8_192), |start, out| {
        let part = columns.part(start, out.len());
        work(&part, out).map_err(|error| error.after(start))
    })
}

/// Whether columns can be asked: in the model's currency, with as many places as rows.
pub(crate) fn check(
    currency: Currency,
    columns: &SpendColumns<'_>,
    places: usize,
) -> Result<(), AnswersError> {
    ColumnError::check_length("out", columns.len(), places)?;
    if columns.currency() == currency {
        Ok(())
    } else {
        Err(AnswersError::Quantity(QuantityError::CurrencyMismatch {
            expected: currency,
            found: columns.currency(),
        }))
    }
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
