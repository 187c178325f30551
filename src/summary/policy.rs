//! The rules by which a log becomes a summary, declared in one value.

use crate::quantity::{QuantityError, TimeUnit};

use super::periods::Grid;
use super::{DedupeUnit, SpendBasis, SummaryError};

/// What a return (退货) does to frequency, recency and spend.
///
/// Whatever the rule, every honoured return lowers the net revenue of the customer's
/// [`MoneyAccount`](super::MoneyAccount). The rule decides how much of it the purchase and spend
/// models see. As an example take days, an order of 50 on the 1st, one of 30 on the 8th, and
/// three cases:
///
/// | | `Deduct` | `SameDayOnly` | `Ignore` |
/// |---|---|---|---|
/// | 30 back on the 8th | the 8th is void: *x* = 0 | the 8th is void: *x* = 0 | *x* = 1, spend 30 |
/// | 10 back on the 8th | *x* = 1, spend 20 | *x* = 1, spend 20 | *x* = 1, spend 30 |
/// | 10 back on the 20th | *x* = 1, spend 20 | *x* = 1, spend 30 | *x* = 1, spend 30 |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ReturnRule {
    /// A period whose purchases came back in full within that period is void: it is no
    /// transaction. What a return takes back beyond its own period's purchases lowers the spend
    /// of the latest purchase period at or before it, down to 0, then of the one before that;
    /// what is left after the first purchase stays with the money account. Frequency keeps what
    /// was bought on one day and brought back on another.
    ///
    /// Amounts of one period are set against each other as sums. So an exchange, an old purchase
    /// brought back and a new one of no higher price taken home, leaves no transaction.
    #[default]
    Deduct,
    /// Within one period as [`Deduct`](Self::Deduct). A return in a later period touches the
    /// money account alone.
    SameDayOnly,
    /// Returns touch the money account alone. Frequency and spend are those of the orders as
    /// they were placed, even of an order cancelled the same minute.
    Ignore,
}

impl ReturnRule {
    /// The rule's name, such as `"deduct"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Deduct => "deduct",
            Self::SameDayOnly => "same day only",
            Self::Ignore => "ignore",
        }
    }
}

/// Whether an order of nothing, such as a free sample, is a transaction.
///
/// The published CDNOW figures count them (there are eight).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ZeroValueRule {
    /// It is a transaction like any other: an order on the 1st and a free one on the 8th are one
    /// repeat, with a spend of 0. The customer came, whatever the price.
    #[default]
    Count,
    /// It is no transaction: the same customer has no repeat. Someone with free orders alone
    /// has no summary and is counted as a customer without a transaction.
    Skip,
}

impl ZeroValueRule {
    /// The rule's name: `"count"` or `"skip"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Skip => "skip",
        }
    }
}

/// The rules by which purchases and returns become a summary.
///
/// The defaults are a model in weeks, orders of one day in UTC merged, returns deducted,
/// zero-value orders counted, and a mean spend over repeat transactions.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::TimeUnit;
/// use guanxi::summary::{DedupeUnit, SpendBasis, SummaryPolicy, ZeroValueRule};
///
/// let shop_in_shanghai = SummaryPolicy::default()
///     .with_unit(TimeUnit::Month)
///     .with_zero_value(ZeroValueRule::Skip)
///     .with_spend(SpendBasis::AllTransactions)
///     .with_utc_offset_seconds(8 * 3600)?;
/// assert_eq!(shop_in_shanghai.dedupe(), DedupeUnit::Day);
/// assert_eq!(shop_in_shanghai.utc_offset_seconds(), 28_800);
/// # Ok::<(), guanxi::summary::SummaryError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "PolicyRow", into = "PolicyRow"))]
pub struct SummaryPolicy {
    grid: Grid,
    unit: TimeUnit,
    returns: ReturnRule,
    zero_value: ZeroValueRule,
    spend: SpendBasis,
}

impl Default for SummaryPolicy {
    fn default() -> Self {
        Self {
            grid: Grid::default(),
            unit: TimeUnit::Week,
            returns: ReturnRule::default(),
            zero_value: ZeroValueRule::default(),
            spend: SpendBasis::default(),
        }
    }
}

impl SummaryPolicy {
    /// The same rules for a model in another unit of time.
    #[must_use]
    pub fn with_unit(self, unit: TimeUnit) -> Self {
        Self { unit, ..self }
    }

    /// The same rules with dedupe periods of another length.
    #[must_use]
    pub fn with_dedupe(self, dedupe: DedupeUnit) -> Self {
        Self {
            grid: self.grid.with_unit(dedupe),
            ..self
        }
    }

    /// The same rules with days (hours, weeks) that begin at another offset from UTC, in seconds
    /// east of it. The offset is fixed: it knows no summer time.
    ///
    /// # Errors
    ///
    /// [`SummaryError::Domain`] if the offset is a day (86400 seconds) or more either way.
    pub fn with_utc_offset_seconds(self, seconds: i32) -> Result<Self, SummaryError> {
        Ok(Self {
            grid: Grid::new(self.grid.unit(), seconds)?,
            ..self
        })
    }

    /// The same rules but for returns.
    #[must_use]
    pub fn with_returns(self, returns: ReturnRule) -> Self {
        Self { returns, ..self }
    }

    /// The same rules but for orders of nothing.
    #[must_use]
    pub fn with_zero_value(self, zero_value: ZeroValueRule) -> Self {
        Self { zero_value, ..self }
    }

    /// The same rules with a mean spend over other transactions.
    #[must_use]
    pub fn with_spend(self, spend: SpendBasis) -> Self {
        Self { spend, ..self }
    }

    /// Unit of the summary's spans, the unit of the model to come.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }

    /// Length of a dedupe period.
    #[must_use]
    pub fn dedupe(&self) -> DedupeUnit {
        self.grid.unit()
    }

    /// Seconds east of UTC at which dedupe periods begin.
    #[must_use]
    pub fn utc_offset_seconds(&self) -> i32 {
        self.grid.utc_offset_seconds()
    }

    /// What a return does.
    #[must_use]
    pub fn returns(&self) -> ReturnRule {
        self.returns
    }

    /// What an order of nothing is.
    #[must_use]
    pub fn zero_value(&self) -> ZeroValueRule {
        self.zero_value
    }

    /// Which transactions the mean spend is taken over.
    #[must_use]
    pub fn spend(&self) -> SpendBasis {
        self.spend
    }

    pub(super) fn grid(&self) -> Grid {
        self.grid
    }

    /// An error that names the first rule in which two policies differ.
    pub(super) fn check_same(&self, came: &Self) -> Result<(), SummaryError> {
        self.grid.check_same(came.grid)?;
        if self.unit != came.unit {
            return Err(SummaryError::Quantity(QuantityError::UnitMismatch {
                expected: self.unit,
                found: came.unit,
            }));
        }
        let rules = [
            ("return", self.returns.name(), came.returns.name()),
            ("zero-value", self.zero_value.name(), came.zero_value.name()),
            ("mean-spend", self.spend.name(), came.spend.name()),
        ];
        for (rule, expected, found) in rules {
            if expected != found {
                return Err(SummaryError::RuleMismatch {
                    rule,
                    expected,
                    found,
                });
            }
        }
        Ok(())
    }
}

/// How a policy is written down; what is left out has its default.
#[cfg(feature = "serde")]
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename = "SummaryPolicy")]
struct PolicyRow {
    unit: TimeUnit,
    dedupe: DedupeUnit,
    utc_offset_seconds: i32,
    returns: ReturnRule,
    zero_value: ZeroValueRule,
    spend: SpendBasis,
}

#[cfg(feature = "serde")]
impl Default for PolicyRow {
    fn default() -> Self {
        Self::from(SummaryPolicy::default())
    }
}

#[cfg(feature = "serde")]
impl TryFrom<PolicyRow> for SummaryPolicy {
    type Error = SummaryError;

    fn try_from(row: PolicyRow) -> Result<Self, SummaryError> {
        Ok(Self {
            grid: Grid::new(row.dedupe, row.utc_offset_seconds)?,
            unit: row.unit,
            returns: row.returns,
            zero_value: row.zero_value,
            spend: row.spend,
        })
    }
}

#[cfg(feature = "serde")]
impl From<SummaryPolicy> for PolicyRow {
    fn from(policy: SummaryPolicy) -> Self {
        Self {
            unit: policy.unit,
            dedupe: policy.dedupe(),
            utc_offset_seconds: policy.utc_offset_seconds(),
            returns: policy.returns,
            zero_value: policy.zero_value,
            spend: policy.spend,
        }
    }
}
