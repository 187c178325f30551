//! Columns of customers that own their numbers, as a log or a base gives them.

use crate::quantity::{Currency, QuantityError, TimeUnit};

use super::{
    ColumnError, RfmSummary, SpendBasis, SpendColumns, SpendSummary, SummaryColumns, SummaryError,
};

/// Summaries of many customers in columns of their own, with the spend if any is known.
///
/// It takes 20 bytes a customer and 12 for the spend, and keeps no
/// [gaps](RfmSummary::with_ln_gaps): a regularity is taken from summaries. Every value of this type
/// is valid.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::{Currency, TimeUnit};
/// use guanxi::summary::{RfmSummary, SpendSummary, SummaryTable};
///
/// let buyer = RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?
///     .with_spend(SpendSummary::of_repeat_transactions(2, 22.35, Currency::USD)?)?;
/// let silent = RfmSummary::new(TimeUnit::Week, 0, 0.0, 38.86)?;
/// let table = SummaryTable::from_summaries([buyer, silent])?;
/// assert_eq!(table.columns().frequency(), [2, 0]);
/// assert_eq!(table.spend().map(|spend| spend.mean()), Some([22.35, 0.0].as_slice()));
/// assert_eq!(table.get(0), Some(buyer));
/// # Ok::<(), guanxi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "StoredTable"))]
pub struct SummaryTable {
    unit: TimeUnit,
    frequency: Vec<u32>,
    recency: Vec<f64>,
    age: Vec<f64>,
    spend: Option<SpendTable>,
}

#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
struct SpendTable {
    currency: Currency,
    basis: SpendBasis,
    transactions: Vec<u32>,
    mean: Vec<f64>,
}

impl SummaryTable {
    /// A table of columns without spend, under the rules of [`SummaryColumns::new`].
    ///
    /// # Errors
    ///
    /// As [`SummaryColumns::new`].
    pub fn new(
        unit: TimeUnit,
        frequency: Vec<u32>,
        recency: Vec<f64>,
        age: Vec<f64>,
    ) -> Result<Self, ColumnError> {
        SummaryColumns::new(unit, &frequency, &recency, &age)?;
        Ok(Self {
            unit,
            frequency,
            recency,
            age,
            spend: None,
        })
    }

    /// The same customers with their spend, under the rules of [`SpendColumns::new`].
    ///
    /// # Errors
    ///
    /// - As [`SpendColumns::new`]; [`ColumnError::Length`] as well if there is not a row a customer.
    /// - [`ColumnError::Row`] with the first row whose mean covers more transactions than the
    ///   customer made: the repeat ones, or one more with the first.
    pub fn with_spend(
        mut self,
        currency: Currency,
        basis: SpendBasis,
        transactions: Vec<u32>,
        mean: Vec<f64>,
    ) -> Result<Self, ColumnError> {
        ColumnError::check_length("transactions", self.len(), transactions.len())?;
        let spend = SpendColumns::new(currency, basis, &transactions, &mean)?;
        for (row, (customer, spend)) in self.columns().iter().zip(spend.iter()).enumerate() {
            if let Some(spend) = spend {
                customer
                    .with_spend(spend)
                    .map_err(|reason| ColumnError::of_row(row, reason))?;
            }
        }
        self.spend = Some(SpendTable {
            currency,
            basis,
            transactions,
            mean,
        });
        Ok(self)
    }

    /// A table of summaries, in their order, with spend columns if any of them has one.
    ///
    /// # Errors
    ///
    /// - [`ColumnError::Row`] with the first summary that is in another unit than the first, or
    ///   whose spend is in another currency or of another basis than the first spend.
    /// - [`ColumnError::Empty`] without a summary: nothing tells the unit. [`new`](Self::new) makes
    ///   a table without customers.
    pub fn from_summaries(
        customers: impl IntoIterator<Item = RfmSummary>,
    ) -> Result<Self, ColumnError> {
        let mut customers = customers.into_iter();
        let first = customers.next().ok_or(ColumnError::Empty)?;
        let mut table = Self {
            unit: first.unit(),
            frequency: Vec::with_capacity(customers.size_hint().0.saturating_add(1)),
            recency: Vec::with_capacity(customers.size_hint().0.saturating_add(1)),
            age: Vec::with_capacity(customers.size_hint().0.saturating_add(1)),
            spend: None,
        };
        for customer in std::iter::once(first).chain(customers) {
            let row = table.len();
            table
                .push(&customer)
                .map_err(|reason| ColumnError::of_row(row, reason))?;
        }
        // How many there are is all that can be wrong now.
        SummaryColumns::check_rows(table.len())?;
        Ok(table)
    }

    /// A table of valid columns of one length.
    pub(super) fn of_valid(
        unit: TimeUnit,
        frequency: Vec<u32>,
        recency: Vec<f64>,
        age: Vec<f64>,
        spend: Option<(Currency, SpendBasis, Vec<u32>, Vec<f64>)>,
    ) -> Self {
        Self {
            unit,
            frequency,
            recency,
            age,
            spend: spend.map(|(currency, basis, transactions, mean)| SpendTable {
                currency,
                basis,
                transactions,
                mean,
            }),
        }
    }

    /// Adds a customer, unless in another unit, currency or of another basis.
    pub(super) fn push(&mut self, customer: &RfmSummary) -> Result<(), SummaryError> {
        let row = self.len();
        if customer.unit() != self.unit {
            return Err(SummaryError::Quantity(QuantityError::UnitMismatch {
                expected: self.unit,
                found: customer.unit(),
            }));
        }
        if let Some(spend) = customer.spend() {
            let columns = self.spend.get_or_insert_with(|| SpendTable {
                currency: spend.currency(),
                basis: spend.basis(),
                transactions: vec![0; row],
                mean: vec![0.0; row],
            });
            if spend.currency() != columns.currency {
                return Err(SummaryError::CurrencyMismatch {
                    field: "mean spend",
                    expected: columns.currency,
                    found: spend.currency(),
                });
            }
            if spend.basis() != columns.basis {
                return Err(SummaryError::RuleMismatch {
                    rule: "mean spend",
                    expected: columns.basis.name(),
                    found: spend.basis().name(),
                });
            }
        }
        if let Some(columns) = &mut self.spend {
            let spend = customer.spend();
            columns
                .transactions
                .push(spend.map_or(0, SpendSummary::transactions));
            columns.mean.push(spend.map_or(0.0, SpendSummary::mean));
        }
        self.frequency.push(customer.frequency());
        self.recency.push(customer.recency());
        self.age.push(customer.age());
        Ok(())
    }

    /// Number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.frequency.len()
    }

    /// Whether there is no customer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frequency.is_empty()
    }

    /// Unit of recency and age.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }

    /// What the purchase models read.
    #[must_use]
    pub fn columns(&self) -> SummaryColumns<'_> {
        SummaryColumns::of_valid(self.unit, &self.frequency, &self.recency, &self.age)
    }

    /// What the spend models read, if any customer's spend is known.
    #[must_use]
    pub fn spend(&self) -> Option<SpendColumns<'_>> {
        self.spend.as_ref().map(|spend| {
            SpendColumns::of_valid(
                spend.currency,
                spend.basis,
                &spend.transactions,
                &spend.mean,
            )
        })
    }

    /// The customer of a row, counted from 0, with the spend, if there is such a row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<RfmSummary> {
        let customer = self.columns().get(row)?;
        match self.spend().and_then(|spend| spend.get(row)) {
            // That the mean covers no more than was bought was checked.
            Some(spend) => customer.with_spend(spend).ok(),
            None => Some(customer),
        }
    }
}

/// A table as it is read, before it is checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "SummaryTable")]
struct StoredTable {
    unit: TimeUnit,
    frequency: Vec<u32>,
    recency: Vec<f64>,
    age: Vec<f64>,
    #[serde(default)]
    spend: Option<SpendTable>,
}

#[cfg(feature = "serde")]
impl TryFrom<StoredTable> for SummaryTable {
    type Error = ColumnError;

    fn try_from(stored: StoredTable) -> Result<Self, ColumnError> {
        let table = Self::new(stored.unit, stored.frequency, stored.recency, stored.age)?;
        match stored.spend {
            Some(spend) => {
                table.with_spend(spend.currency, spend.basis, spend.transactions, spend.mean)
            }
            None => Ok(table),
        }
    }
}
