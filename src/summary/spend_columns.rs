//! The mean spend of many customers, as columns.

use crate::quantity::Currency;

use super::{ColumnError, SpendBasis, SpendSummary, SummaryColumns, SummaryError};

/// How many transactions each of many customers made and their mean value, one customer a row:
/// what a [`SpendSummary`] is for one.
///
/// 0 transactions say that a customer's spend is not known, and their mean is 0. Every value of
/// this type is valid.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Currency;
/// use guanxi::summary::{SpendBasis, SpendColumns};
///
/// let spend = SpendColumns::new(
///     Currency::USD,
///     SpendBasis::RepeatTransactions,
///     &[2, 0],
///     &[22.35, 0.0],
/// )?;
/// assert_eq!(spend.get(0).map(|spend| spend.mean()), Some(22.35));
/// assert_eq!(spend.get(1), None); // a customer whose spend is not known
/// assert_eq!(spend.len(), 2);
/// # Ok::<(), guanxi::summary::ColumnError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpendColumns<'a> {
    currency: Currency,
    basis: SpendBasis,
    transactions: &'a [u32],
    mean: &'a [f64],
}

impl<'a> SpendColumns<'a> {
    /// Columns of equal length, one customer a row.
    ///
    /// # Units
    ///
    /// - `transactions`: how many transactions the mean covers, 0 if none is known.
    /// - `mean`: major units of `currency` per transaction, from 0 to 1e18; 0 without
    ///   transactions.
    ///
    /// # Errors
    ///
    /// - [`ColumnError::Length`] if `mean` has not as many rows as `transactions`.
    /// - [`ColumnError::Row`] with the first row whose mean is outside its range, or not 0
    ///   although it covers nothing.
    /// - [`ColumnError::TooManyRows`] beyond 4,294,967,295.
    pub fn new(
        currency: Currency,
        basis: SpendBasis,
        transactions: &'a [u32],
        mean: &'a [f64],
    ) -> Result<Self, ColumnError> {
        ColumnError::check_length("mean", transactions.len(), mean.len())?;
        SummaryColumns::check_rows(transactions.len())?;
        for (row, (&n, &mean)) in transactions.iter().zip(mean).enumerate() {
            let checked = if n > 0 {
                SpendSummary::new(n, mean, currency, basis).map(|_| ())
            } else if mean == 0.0 {
                Ok(())
            } else {
                Err(SummaryError::Domain {
                    quantity: "mean spend of no transactions",
                    expected: "0",
                    found: mean,
                })
            };
            checked.map_err(|reason| ColumnError::of_row(row, reason))?;
        }
        Ok(Self {
            currency,
            basis,
            transactions,
            mean,
        })
    }

    /// Columns that were checked.
    pub(super) fn of_valid(
        currency: Currency,
        basis: SpendBasis,
        transactions: &'a [u32],
        mean: &'a [f64],
    ) -> Self {
        Self {
            currency,
            basis,
            transactions,
            mean,
        }
    }

    /// Number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.transactions.len()
    }

    /// Whether there is no customer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.transactions.is_empty()
    }

    /// Currency of the means.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Which transactions the means are taken over.
    #[must_use]
    pub fn basis(&self) -> SpendBasis {
        self.basis
    }

    /// Transactions that each mean covers; 0 where none is known.
    #[must_use]
    pub fn transactions(&self) -> &'a [u32] {
        self.transactions
    }

    /// Mean value of each customer's transactions, in major units of
    /// [`currency`](Self::currency).
    #[must_use]
    pub fn mean(&self) -> &'a [f64] {
        self.mean
    }

    /// The spend of a row, counted from 0, if there is such a row and its spend is known: what
    /// [`RfmSummary::spend`](super::RfmSummary::spend) is for one customer.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<SpendSummary> {
        let (&n, &mean) = (self.transactions.get(row)?, self.mean.get(row)?);
        self.spend(n, mean)
    }

    /// The spend of each row, `None` where it is not known; as many as there are rows.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<SpendSummary>> + use<'a> {
        let columns = *self;
        self.transactions
            .iter()
            .zip(self.mean)
            .map(move |(&n, &mean)| columns.spend(n, mean))
    }

    /// So many rows from one on, all of which there are.
    pub(crate) fn part(&self, start: usize, length: usize) -> Self {
        let rows = start..start + length;
        Self {
            transactions: &self.transactions[rows.clone()],
            mean: &self.mean[rows],
            ..*self
        }
    }

    fn spend(&self, n: u32, mean: f64) -> Option<SpendSummary> {
        // Refused only for 0 transactions: the rest was checked.
        SpendSummary::new(n, mean, self.currency, self.basis).ok()
    }
}
