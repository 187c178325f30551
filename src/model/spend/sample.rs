//! Customers as the likelihood of a spend model sees them: how many transactions, what mean.

use crate::numeric::order;
use crate::quantity::Currency;
use crate::summary::{RfmSummary, SpendBasis, SpendColumns};

use super::super::fit::{FitError, Sample, check_weight};
#[cfg(feature = "simulate")]
use super::super::resample::Resample;

/// Customers for a spend model: transactions, their mean value and a weight.
///
/// All means are in one currency and over one [`SpendBasis`]: a mean with the first purchase and one
/// without are different numbers of the same customer, so a sample of both is refused with
/// [`FitError::SpendBasisMismatch`].
///
/// Customers who say nothing about spend are counted, not lost: those without a transaction of
/// known value, and those whose mean is not above zero.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SpendSample {
    currency: Option<Currency>,
    basis: Option<SpendBasis>,
    rows: Vec<SpendRow>,
    without_spend: f64,
    non_positive: f64,
}

/// One customer, or several equal ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SpendRow {
    pub(crate) transactions: u32,
    pub(crate) mean: f64,
    pub(crate) weight: f64,
}

impl SpendRow {
    /// Sorts by value: bit patterns of positive numbers are in their order.
    fn key(&self) -> (u32, u64) {
        (self.transactions, self.mean.to_bits())
    }
}

impl SpendSample {
    /// An empty sample whose currency and basis are known.
    pub(super) fn of(currency: Currency, basis: SpendBasis) -> Self {
        Self {
            currency: Some(currency),
            basis: Some(basis),
            ..Self::default()
        }
    }

    /// The customers of columns: the way for a large base.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::model::SpendSample;
    /// use guanxi::quantity::Currency;
    /// use guanxi::summary::{SpendBasis, SpendColumns};
    ///
    /// let basis = SpendBasis::RepeatTransactions;
    /// let columns = SpendColumns::new(Currency::EUR, basis, &[2, 0, 5], &[22.35, 0.0, 40.0])?;
    /// let sample = SpendSample::from_columns(&columns);
    /// assert_eq!(sample.len(), 2);
    /// assert_eq!(sample.without_spend(), 1.0);
    /// # Ok::<(), guanxi::summary::ColumnError>(())
    /// ```
    #[must_use]
    pub fn from_columns(columns: &SpendColumns<'_>) -> Self {
        let mut sample = Self::of(columns.currency(), columns.basis());
        sample.rows.reserve(columns.len());
        for (&transactions, &mean) in columns.transactions().iter().zip(columns.mean()) {
            if transactions == 0 {
                sample.without_spend += 1.0;
            } else {
                sample.add_row(SpendRow {
                    transactions,
                    mean,
                    weight: 1.0,
                });
            }
        }
        sample
    }

    /// Number of rows that say something about spend.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row says anything about spend.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Customers without a transaction of known value (by weight).
    #[must_use]
    pub fn without_spend(&self) -> f64 {
        self.without_spend
    }

    /// Customers whose mean spend is not above zero (by weight).
    #[must_use]
    pub fn non_positive(&self) -> f64 {
        self.non_positive
    }

    /// The currency of the amounts, if there are any.
    pub(crate) fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// Which transactions the means are taken over, if there are any.
    #[must_use]
    pub fn basis(&self) -> Option<SpendBasis> {
        self.basis
    }

    /// Adds the customers of another sample.
    pub(crate) fn merge(&mut self, other: &Self) -> Result<(), FitError> {
        self.measured(other.currency, other.basis)?;
        self.rows.extend_from_slice(&other.rows);
        self.without_spend += other.without_spend;
        self.non_positive += other.non_positive;
        Ok(())
    }

    /// Adds customers who say nothing about spend.
    pub(super) fn add_without_spend(&mut self, weight: f64) {
        self.without_spend += weight;
    }

    /// Adds customers who spent nothing.
    pub(super) fn add_free(&mut self, weight: f64) {
        self.non_positive += weight;
    }

    /// Adds a row, or counts it where its mean is not above zero.
    pub(super) fn add_row(&mut self, row: SpendRow) {
        if row.mean > 0.0 {
            self.rows.push(row);
        } else {
            self.non_positive += row.weight;
        }
    }

    /// Refuses another currency or basis than that of the customers before.
    pub(super) fn measured(
        &mut self,
        currency: Option<Currency>,
        basis: Option<SpendBasis>,
    ) -> Result<(), FitError> {
        if let Some(found) = currency {
            let expected = *self.currency.get_or_insert(found);
            if expected != found {
                return Err(FitError::CurrencyMismatch { expected, found });
            }
        }
        if let Some(found) = basis {
            let expected = *self.basis.get_or_insert(found);
            if expected != found {
                return Err(FitError::SpendBasisMismatch { expected, found });
            }
        }
        Ok(())
    }

    /// Rows in ascending order with equal ones merged.
    pub(crate) fn distinct(&self) -> Vec<SpendRow> {
        let mut rows: Vec<SpendRow> = Vec::with_capacity(self.rows.len());
        let key = |place: usize| self.rows[place].key();
        let lead = |(transactions, mean)| order::lead(transactions, mean);
        order::ascending(self.rows.len(), key, lead, |key, place| {
            let row = self.rows[place];
            match rows.last_mut() {
                Some(kept) if kept.key() == key => kept.weight += row.weight,
                _ => rows.push(row),
            }
        });
        rows
    }
}

impl Sample for SpendSample {
    fn add(&mut self, customer: &RfmSummary, weight: f64) -> Result<(), FitError> {
        check_weight(weight)?;
        let Some(spend) = customer.spend() else {
            self.without_spend += weight;
            return Ok(());
        };
        self.measured(Some(spend.currency()), Some(spend.basis()))?;
        self.add_row(SpendRow {
            transactions: spend.transactions(),
            mean: spend.mean(),
            weight,
        });
        Ok(())
    }
}

/// Customers who say nothing about spend are drawn like all others: the last two weights are those
/// [without spend](SpendSample::without_spend) and those
/// [not above zero](SpendSample::non_positive).
#[cfg(feature = "simulate")]
impl Resample for SpendSample {
    fn sorted(&self) -> Self {
        Self {
            rows: self.distinct(),
            ..self.clone()
        }
    }

    fn weights(&self) -> Vec<f64> {
        let rows = self.rows.iter().map(|row| row.weight);
        rows.chain([self.without_spend, self.non_positive])
            .collect()
    }

    fn reweighted(&self, weights: &[f64]) -> Self {
        let rows = self.rows.iter().zip(weights);
        let rows = rows.filter(|&(_, &weight)| weight > 0.0);
        let beyond = |place: usize| weights.get(self.rows.len() + place).copied().unwrap_or(0.0);
        Self {
            rows: rows
                .map(|(&row, &weight)| SpendRow { weight, ..row })
                .collect(),
            without_spend: beyond(0),
            non_positive: beyond(1),
            ..*self
        }
    }
}
