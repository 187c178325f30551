//! Mean spend of one customer, with the transactions it was taken over.
//!
//! Fader, Hardie & Lee (2005), "RFM and CLV: Using Iso-Value Curves for Customer Base Analysis",
//! *Journal of Marketing Research* 42(4), 415–430, <https://doi.org/10.1509/jmkr.2005.42.4.415>,
//! leave a customer's first purchase out of the mean. Packages differ in whether they do, and two
//! means that look alike then give two lifetime values; here the constructor's name says which.

use crate::quantity::Currency;

use super::SummaryError;

/// The largest mean spend, that of the largest amount of money.
pub(super) const LARGEST_MEAN: f64 = 1e18;

/// Which transactions a mean spend is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum SpendBasis {
    /// All but the first one, as the Gamma–Gamma literature does: the first purchase is what made
    /// the person a customer, and it is often unlike those that follow.
    #[default]
    RepeatTransactions,
    /// All of them, the first included.
    AllTransactions,
}

impl SpendBasis {
    /// The basis in words: `"repeat transactions"` or `"all transactions"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RepeatTransactions => "repeat transactions",
            Self::AllTransactions => "all transactions",
        }
    }
}

impl std::fmt::Display for SpendBasis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Mean spend per transaction (*m̄*) and how many transactions stand behind it.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Currency;
/// use guanxi::summary::{SpendBasis, SpendSummary};
///
/// // Orders of 30, 20 and 24.70 USD, the first of them the one that made the customer.
/// let repeat = SpendSummary::of_repeat_transactions(2, 22.35, Currency::USD)?;
/// let all = SpendSummary::of_all_transactions(3, 24.90, Currency::USD)?;
/// assert_eq!(repeat.mean(), 22.35);
/// assert_eq!(all.basis(), SpendBasis::AllTransactions);
/// # Ok::<(), guanxi::summary::SummaryError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "SpendRow", into = "SpendRow"))]
pub struct SpendSummary {
    transactions: u32,
    mean: f64,
    currency: Currency,
    basis: SpendBasis,
}

impl SpendSummary {
    /// A mean over the repeat transactions, the first transaction left out.
    ///
    /// # Units
    ///
    /// - `transactions`: how many repeat transactions the mean covers, at least 1.
    /// - `mean`: major units of `currency` per transaction, from 0 to 1e18 as an amount of
    ///   [`Money`](crate::quantity::Money) is. A mean of 0 is a fact about the customer (free
    ///   orders), though no spend model can use it.
    ///
    /// # Errors
    ///
    /// [`SummaryError::Domain`] if a number lies outside its range.
    pub fn of_repeat_transactions(
        transactions: u32,
        mean: f64,
        currency: Currency,
    ) -> Result<Self, SummaryError> {
        Self::new(transactions, mean, currency, SpendBasis::RepeatTransactions)
    }

    /// A mean over all transactions, the first included; otherwise as
    /// [`of_repeat_transactions`](Self::of_repeat_transactions).
    ///
    /// # Errors
    ///
    /// [`SummaryError::Domain`] if a number lies outside its range.
    pub fn of_all_transactions(
        transactions: u32,
        mean: f64,
        currency: Currency,
    ) -> Result<Self, SummaryError> {
        Self::new(transactions, mean, currency, SpendBasis::AllTransactions)
    }

    pub(super) fn new(
        transactions: u32,
        mean: f64,
        currency: Currency,
        basis: SpendBasis,
    ) -> Result<Self, SummaryError> {
        if transactions == 0 {
            return Err(SummaryError::Domain {
                quantity: "number of transactions behind a mean spend",
                expected: "at least 1",
                found: 0.0,
            });
        }
        Self::check_mean(mean)?;
        Ok(Self {
            transactions,
            mean: mean + 0.0, // a negative zero becomes a plain one
            currency,
            basis,
        })
    }

    /// An error for what cannot be a mean spend.
    pub(super) fn check_mean(mean: f64) -> Result<(), SummaryError> {
        // Written so that NaN fails it.
        if (0.0..=LARGEST_MEAN).contains(&mean) {
            return Ok(());
        }
        Err(SummaryError::Domain {
            quantity: "mean spend",
            expected: "a number from 0 to 1e18",
            found: mean,
        })
    }

    /// Transactions the mean is taken over, at least 1.
    #[must_use]
    pub fn transactions(&self) -> u32 {
        self.transactions
    }

    /// Mean spend per transaction in major units of [`currency`](Self::currency), from 0 to 1e18.
    #[doc(alias = "m")]
    #[doc(alias = "mean_spend")]
    #[doc(alias = "monetary_value")]
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Currency of the mean.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Which transactions the mean is taken over.
    #[must_use]
    pub fn basis(&self) -> SpendBasis {
        self.basis
    }
}

/// How a spend summary is written down.
#[cfg(feature = "serde")]
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "SpendSummary")]
struct SpendRow {
    basis: SpendBasis,
    transactions: u32,
    mean: f64,
    currency: Currency,
}

#[cfg(feature = "serde")]
impl TryFrom<SpendRow> for SpendSummary {
    type Error = SummaryError;

    fn try_from(row: SpendRow) -> Result<Self, SummaryError> {
        Self::new(row.transactions, row.mean, row.currency, row.basis)
    }
}

#[cfg(feature = "serde")]
impl From<SpendSummary> for SpendRow {
    fn from(spend: SpendSummary) -> Self {
        Self {
            basis: spend.basis,
            transactions: spend.transactions,
            mean: spend.mean,
            currency: spend.currency,
        }
    }
}
