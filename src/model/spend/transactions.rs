//! Customers as the likelihood of single amounts sees them: how many, what mean, how uneven.

use crate::quantity::{Currency, Money, QuantityError};
use crate::summary::SpendBasis;

use super::super::fit::{FitError, check_weight};
use super::sample::{SpendRow, SpendSample};

/// The largest amount, that of [`Money`].
const LARGEST: f64 = 1e18;

/// Customers for a spend model with every amount they spent (逐笔消费), where a
/// [`SpendSample`] has their means alone.
///
/// How uneven a customer's own orders are tells the shape `p` of the Gamma–Gamma, which means tell
/// only by how means of few and of many orders differ. Fit it with
/// [`GammaGamma::fit_transactions`](super::GammaGamma::fit_transactions).
///
/// An amount of 0, a free order, cannot come from the model: it is left out and counted. Customers
/// who say nothing about spend are counted, not lost.
///
/// # Examples
///
/// ```
/// use guanxi::model::TransactionSpendSample;
/// use guanxi::quantity::{Currency, Money};
/// use guanxi::summary::SpendBasis;
///
/// let mut sample = TransactionSpendSample::new(Currency::EUR, SpendBasis::RepeatTransactions);
/// sample.add(&[20.0, 24.7, 0.0], 1.0)?; // one order was free
/// sample.add_money(&[Money::parse("31.00", Currency::EUR)?], 1.0)?;
/// sample.add(&[], 5.0)?; // five customers without a repeat order
/// assert_eq!((sample.len(), sample.free_transactions(), sample.without_spend()), (2, 1.0, 5.0));
/// assert_eq!(
///     sample.add(&[-3.0], 1.0).map_err(|error| error.to_string()),
///     Err("an amount must be a number from 0 to 1e18, got -3".to_owned())
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TransactionSpendSample {
    currency: Currency,
    means: SpendSample,
    /// `Σ ln(z/m̄)` over all amounts, at most 0.
    unevenness: f64,
    /// `Σ ln z` over all amounts.
    ln_amounts: f64,
    free: f64,
}

impl TransactionSpendSample {
    /// An empty sample of amounts in major units of `currency`, over these transactions of each
    /// customer.
    #[must_use]
    pub fn new(currency: Currency, basis: SpendBasis) -> Self {
        Self {
            currency,
            means: SpendSample::of(currency, basis),
            unevenness: 0.0,
            ln_amounts: 0.0,
            free: 0.0,
        }
    }

    /// Adds `weight` customers who spent these amounts, in major units of the currency.
    ///
    /// # Errors
    ///
    /// - [`FitError::Weight`] unless the weight is above 0 and at most 1e15.
    /// - [`FitError::Amount`] if an amount is not a number from 0 to 1e18.
    /// - [`FitError::Quantity`] beyond 4,294,967,295 amounts above 0.
    ///
    /// Nothing is added then.
    pub fn add(&mut self, amounts: &[f64], weight: f64) -> Result<(), FitError> {
        check_weight(weight)?;
        // Written so that NaN fails it.
        if let Some(&found) = amounts.iter().find(|a| !(0.0..=LARGEST).contains(*a)) {
            return Err(FitError::Amount { found });
        }
        let mut paid: Vec<f64> = amounts.iter().copied().filter(|&a| a > 0.0).collect();
        let transactions = count(paid.len())?;
        self.free += weight * (amounts.len() - paid.len()) as f64;
        // In ascending order, so that the order of the amounts changes no bit.
        paid.sort_unstable_by(f64::total_cmp);
        if paid.is_empty() {
            if amounts.is_empty() {
                self.means.add_without_spend(weight);
            } else {
                self.means.add_free(weight);
            }
            return Ok(());
        }
        let mean = paid.iter().sum::<f64>() / paid.len() as f64;
        self.means.add_row(SpendRow {
            transactions,
            mean,
            weight,
        });
        // Close to the mean the logarithm of a ratio needs the difference.
        let ln_ratio = |z: f64| ((z - mean) / mean).ln_1p();
        self.unevenness += weight * paid.iter().map(|&z| ln_ratio(z)).sum::<f64>();
        self.ln_amounts += weight * paid.iter().map(|z| z.ln()).sum::<f64>();
        Ok(())
    }

    /// Adds `weight` customers who spent these amounts.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add), and [`FitError::CurrencyMismatch`] if an amount is in another
    /// currency.
    pub fn add_money(&mut self, amounts: &[Money], weight: f64) -> Result<(), FitError> {
        let expected = self.currency;
        if let Some(other) = amounts.iter().find(|a| a.currency() != expected) {
            return Err(FitError::CurrencyMismatch {
                expected,
                found: other.currency(),
            });
        }
        let amounts: Vec<f64> = amounts.iter().map(|a| a.to_f64()).collect();
        self.add(&amounts, weight)
    }

    /// Number of rows that say something about spend.
    #[must_use]
    pub fn len(&self) -> usize {
        self.means.len()
    }

    /// Whether no row says anything about spend.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.means.is_empty()
    }

    /// Customers without any amount (by weight).
    #[must_use]
    pub fn without_spend(&self) -> f64 {
        self.means.without_spend()
    }

    /// Customers who were given everything for free (by weight).
    #[must_use]
    pub fn non_positive(&self) -> f64 {
        self.means.non_positive()
    }

    /// Amounts of 0 that were left out (by weight).
    #[must_use]
    pub fn free_transactions(&self) -> f64 {
        self.free
    }

    /// The means of the customers.
    pub(super) fn means(&self) -> &SpendSample {
        &self.means
    }

    /// `Σ ln(z/m̄)` and `Σ ln z` over all amounts.
    pub(super) fn ln_sums(&self) -> (f64, f64) {
        (self.unevenness, self.ln_amounts)
    }

    /// Adds the customers of another sample.
    pub(crate) fn merge(&mut self, other: &Self) -> Result<(), FitError> {
        self.means.merge(&other.means)?;
        self.unevenness += other.unevenness;
        self.ln_amounts += other.ln_amounts;
        self.free += other.free;
        Ok(())
    }
}

/// A customer's number of transactions.
fn count(found: usize) -> Result<u32, QuantityError> {
    u32::try_from(found).map_err(|_| QuantityError::Domain {
        quantity: "a customer's number of transactions",
        expected: "at most 4294967295",
        found: found as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_transactions_than_can_be_counted_are_refused() {
        assert_eq!(count(7), Ok(7));
        #[cfg(target_pointer_width = "64")]
        assert_eq!(
            count(1 << 32).map_err(|error| error.to_string()),
            Err(
                "a customer's number of transactions must be at most 4294967295, got 4294967296.0"
                    .to_owned()
            )
        );
    }
}
