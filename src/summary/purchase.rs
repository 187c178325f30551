//! Purchases and returns of one customer, kept by period: exact, order-free and mergeable.
//!
//! A plain counter of transactions cannot be merged, for two shards may hold orders of one day;
//! the set of days can.

use chrono::{DateTime, Utc};

use crate::numeric::product::LnProduct;
use crate::quantity::{Currency, Money, QuantityError};

use super::periods::Grid;
use super::spend::LARGEST_MEAN;
use super::tally::{Tallies, Tally, split_after};
use super::{
    ReturnRule, RfmSummary, RuleReport, SpendBasis, SpendSummary, SummaryError, SummaryPolicy,
    ZeroValueRule,
};

/// Billionths of a currency unit in one unit.
const NANO: f64 = 1e9;

/// The largest amount of money in billionths.
const LARGEST_AMOUNT: i128 = 1_000_000_000_000_000_000_000_000_000;

/// The purchases and returns of one customer: what an [`RfmSummary`] is made from.
///
/// Observing the same events in any order, or in shards that are [merged](Self::merge), leads to
/// equal states: sums are of integers and periods are a set. Each event must be observed exactly
/// once; a [`Timeline`](crate::history::Timeline) sees to that where a source repeats itself.
///
/// The state keeps 32 bytes for each period with a purchase and each with a return. The rules for
/// returns and orders of nothing apply when it is [asked](Self::summarise), so one state answers
/// under several policies.
///
/// # Examples
///
/// The example of [`ReturnRule`]: 50 on the 1st, 30 on the 8th, and 10 brought back on the 20th.
///
/// ```
/// use guanxi::quantity::{Currency, Money};
/// use guanxi::summary::{PurchaseState, ReturnRule, SummaryPolicy};
///
/// let eur = |text| Money::parse(text, Currency::EUR);
/// let march = |day: u32| format!("2026-03-{day:02}T12:00:00Z").parse::<chrono::DateTime<chrono::Utc>>();
/// let policy = SummaryPolicy::default();
/// let mut customer = PurchaseState::new(&policy);
/// customer.observe_return(march(20)?, eur("10")?)?; // late events are welcome
/// customer.observe_purchase(march(8)?, eur("30")?)?;
/// customer.observe_purchase(march(1)?, eur("50")?)?;
///
/// let (rfm, report) = customer.summarise(march(29)?, &policy)?;
/// let rfm = rfm.ok_or("two purchases")?;
/// assert_eq!((rfm.frequency(), rfm.recency(), rfm.age()), (1, 1.0, 4.0)); // weeks
/// assert_eq!(rfm.spend().map(|spend| spend.mean()), Some(20.0));
/// assert_eq!(report.returns_deducted, 1);
///
/// let as_placed = policy.with_returns(ReturnRule::Ignore);
/// let (rfm, _) = customer.summarise(march(29)?, &as_placed)?;
/// assert_eq!(rfm.and_then(|r| r.spend().map(|spend| spend.mean())), Some(30.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        try_from = "super::stored::PurchaseRow",
        into = "super::stored::PurchaseRow"
    )
)]
pub struct PurchaseState {
    grid: Grid,
    currency: Option<Currency>,
    purchases: Tallies,
    returns: Tallies,
}

/// The transactions up to some period, as the models see them.
#[derive(Debug, Clone, Copy)]
struct Transactions {
    first: i64,
    last: i64,
    /// Spend of the first period and of all, in billionths.
    first_spend: i128,
    all_spend: i128,
    /// Product of the gaps between transactions, in periods.
    gaps: LnProduct,
}

impl PurchaseState {
    /// A customer without events, with the policy's dedupe periods.
    #[must_use]
    pub fn new(policy: &SummaryPolicy) -> Self {
        Self {
            grid: policy.grid(),
            currency: None,
            purchases: Tallies::default(),
            returns: Tallies::default(),
        }
    }

    /// Whether nothing was observed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.purchases.is_empty() && self.returns.is_empty()
    }

    /// Currency of the amounts; `None` before the first.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// Takes in a purchase of an amount at or above 0.
    ///
    /// # Errors
    ///
    /// [`SummaryError::NegativeAmount`], [`SummaryError::CurrencyMismatch`] if earlier amounts
    /// are in another currency, or [`SummaryError::Overflow`] beyond 2³² − 1 purchases in one
    /// period. The state is then as it was.
    pub fn observe_purchase(
        &mut self,
        at: DateTime<Utc>,
        amount: Money,
    ) -> Result<(), SummaryError> {
        let currency = checked(self.currency, "purchase", amount)?;
        self.purchases
            .record(Tally::one(self.grid.index(at), amount.nano_units()))?;
        self.currency = Some(currency);
        Ok(())
    }

    /// Takes in an honoured return of an amount at or above 0.
    ///
    /// # Errors
    ///
    /// As [`observe_purchase`](Self::observe_purchase).
    pub fn observe_return(&mut self, at: DateTime<Utc>, amount: Money) -> Result<(), SummaryError> {
        let currency = checked(self.currency, "return", amount)?;
        self.returns
            .record(Tally::one(self.grid.index(at), amount.nano_units()))?;
        self.currency = Some(currency);
        Ok(())
    }

    /// Takes in all events of another state, which must be other events of the same customer (or
    /// of one whose identity turned out to be the same).
    ///
    /// Associative and commutative; an empty state changes nothing.
    ///
    /// # Errors
    ///
    /// [`SummaryError::DedupeMismatch`] or [`SummaryError::UtcOffsetMismatch`] if the other state
    /// has other periods, and otherwise as [`observe_purchase`](Self::observe_purchase). The
    /// state is then as it was.
    pub fn merge(&mut self, other: &Self) -> Result<(), SummaryError> {
        *self = self.merged(other)?;
        Ok(())
    }

    pub(super) fn merged(&self, other: &Self) -> Result<Self, SummaryError> {
        self.grid.check_same(other.grid)?;
        Ok(Self {
            grid: self.grid,
            currency: one_currency(self.currency, "merged state", other.currency)?,
            purchases: self.purchases.merged(&other.purchases)?,
            returns: self.returns.merged(&other.returns)?,
        })
    }

    /// Frequency, recency, age and mean spend as of an instant, and what the policy's rules did.
    ///
    /// The whole period of `as_of` counts, later ones wait; the age is the time between the
    /// starts of the first transaction's period and the one of `as_of`. Without a transaction up
    /// to then there is no summary. A transaction period that was paid back on a later day keeps
    /// its place in the count, and its spend of 0 in the mean.
    ///
    /// # Errors
    ///
    /// [`SummaryError::DedupeMismatch`] or [`SummaryError::UtcOffsetMismatch`] if the policy has
    /// other periods than the state, [`SummaryError::Overflow`] beyond 2³² − 1 repeats or if the
    /// spends do not fit in 128 bits, [`SummaryError::Domain`] if the mean spend is above 1e18, as
    /// only many orders of such a size in one period can make it.
    pub fn summarise(
        &self,
        as_of: DateTime<Utc>,
        policy: &SummaryPolicy,
    ) -> Result<(Option<RfmSummary>, RuleReport), SummaryError> {
        self.grid.check_same(policy.grid())?;
        let end = self.grid.index(as_of);
        let mut seen: Option<Transactions> = None;
        let report = self.for_each_transaction(end, policy, |period, spend| {
            seen = Some(match seen {
                None => Transactions {
                    first: period,
                    last: period,
                    first_spend: spend,
                    all_spend: spend,
                    gaps: LnProduct::ONE,
                },
                Some(later) => Transactions {
                    first: period,
                    first_spend: spend,
                    all_spend: add(later.all_spend, spend)?,
                    gaps: later.gaps.times((later.first - period) as f64),
                    ..later
                },
            });
            Ok(())
        })?;
        let rfm = match seen {
            Some(seen) => Some(self.rfm(&seen, report.transactions, end, policy)?),
            None => None,
        };
        Ok((rfm, report))
    }

    fn rfm(
        &self,
        seen: &Transactions,
        transactions: u64,
        end: i64,
        policy: &SummaryPolicy,
    ) -> Result<RfmSummary, SummaryError> {
        let made = count(transactions)?;
        let unit = policy.unit();
        let rfm = RfmSummary::new(
            unit,
            made - 1, // there is a first
            self.grid.span(seen.first, seen.last, unit),
            self.grid.span(seen.first, end, unit),
        )?;
        let gap = self.grid.span(0, 1, unit);
        let rfm = rfm.with_ln_gaps(seen.gaps.ln() + f64::from(made - 1) * gap.ln())?;
        let (covered, spend) = match policy.spend() {
            SpendBasis::RepeatTransactions => (made - 1, seen.all_spend - seen.first_spend),
            SpendBasis::AllTransactions => (made, seen.all_spend),
        };
        match self.currency {
            Some(currency) if covered > 0 => {
                let mean = mean_spend(spend, covered);
                rfm.with_spend(SpendSummary::new(covered, mean, currency, policy.spend())?)
            }
            _ => Ok(rfm),
        }
    }

    /// Visits the transactions up to a period from the latest to the first, each with its spend
    /// after returns, and counts what the rules did on the way.
    ///
    /// Backwards, because a return lowers the latest purchases before it: what is still to be
    /// set against purchases is then one number.
    pub(super) fn for_each_transaction(
        &self,
        end: i64,
        policy: &SummaryPolicy,
        mut visit: impl FnMut(i64, i128) -> Result<(), SummaryError>,
    ) -> Result<RuleReport, SummaryError> {
        let deducts = policy.returns() == ReturnRule::Deduct;
        let (purchases, returns) = (self.purchases.sorted(), self.returns.sorted());
        let (purchases, purchases_after) = split_after(&purchases, end);
        let (returns, returns_after) = split_after(&returns, end);
        let mut report = RuleReport {
            customers: 1,
            purchases: events(purchases),
            returns: events(returns),
            events_after: events(purchases_after) + events(returns_after),
            ..RuleReport::default()
        };
        report.events = report.purchases + report.returns;

        let mut returns = returns.iter().rev().peekable();
        let mut pending = 0_i128; // returned, not yet set against purchases
        for bought in purchases.iter().rev() {
            let standing = match policy.zero_value() {
                ZeroValueRule::Count => {
                    report.zero_value_counted += u64::from(bought.of_nothing);
                    bought.events
                }
                ZeroValueRule::Skip => {
                    report.zero_value_skipped += u64::from(bought.of_nothing);
                    bought.events - bought.of_nothing
                }
            };
            if standing == 0 {
                continue; // as though there had been no purchase
            }
            while let Some(later) = returns.next_if(|back| {
                back.key > bought.key || bought.amount == 0 && back.key == bought.key
            }) {
                if deducts {
                    report.returns_deducted += u64::from(later.events);
                    pending = add(pending, later.amount)?;
                } else {
                    report.returns_money_only += u64::from(later.events);
                }
            }
            let mut spend = bought.amount;
            if let Some(back) = returns.next_if(|back| back.key == bought.key) {
                if policy.returns() == ReturnRule::Ignore {
                    report.returns_money_only += u64::from(back.events);
                } else {
                    report.returns_same_period += u64::from(back.events);
                    if back.amount >= bought.amount {
                        report.void_periods += 1;
                        report.purchases_voided += u64::from(standing);
                        if deducts {
                            pending = add(pending, back.amount - bought.amount)?;
                        }
                        continue;
                    }
                    spend -= back.amount;
                }
            }
            let deducted = pending.min(spend);
            pending -= deducted;
            report.transactions += 1;
            report.purchases_merged += u64::from(standing) - 1;
            visit(bought.key, spend - deducted)?;
        }
        for early in returns {
            report.returns_before_purchase += u64::from(early.events);
            if deducts {
                pending = add(pending, early.amount)?;
            }
        }
        report.customers_over_returned = u64::from(pending > 0);
        report.customers_without_transaction = u64::from(report.transactions == 0);
        Ok(report)
    }

    /// A state of parts that fit each other.
    #[cfg(feature = "serde")]
    pub(super) fn from_parts(
        grid: Grid,
        currency: Option<Currency>,
        purchases: Tallies,
        returns: Tallies,
    ) -> Self {
        Self {
            grid,
            currency,
            purchases,
            returns,
        }
    }

    pub(super) fn grid(&self) -> Grid {
        self.grid
    }

    pub(super) fn purchases(&self) -> &Tallies {
        &self.purchases
    }

    pub(super) fn returns(&self) -> &Tallies {
        &self.returns
    }
}

/// The mean spend of transactions that come to so many billionths, in major units.
pub(super) fn mean_spend(spend: i128, transactions: u32) -> f64 {
    let divisor = f64::from(transactions) * NANO;
    // One rounding for sums below 2⁵³ billionths, two above.
    if let Ok(spend) = i64::try_from(spend) {
        return spend as f64 / divisor; // nearly always: 64 bits convert in one instruction
    }
    let mean = spend as f64 / divisor;
    // Orders of the largest amount are not above it, though their mean may round up.
    if spend <= i128::from(transactions) * LARGEST_AMOUNT {
        mean.min(LARGEST_MEAN)
    } else {
        mean
    }
}

/// A count of transactions as the models hold it.
pub(super) fn count(transactions: u64) -> Result<u32, SummaryError> {
    u32::try_from(transactions).map_err(|_| SummaryError::Overflow {
        quantity: "transactions of one customer",
        limit: u64::from(u32::MAX),
    })
}

/// Events in all these periods; a sum of fewer than 2³² counts below 2³².
pub(super) fn events(tallies: &[Tally]) -> u64 {
    tallies.iter().map(|tally| u64::from(tally.events)).sum()
}

/// An exact sum of amounts in billionths.
pub(super) fn add(sum: i128, amount: i128) -> Result<i128, SummaryError> {
    sum.checked_add(amount).ok_or(TOO_LARGE)
}

/// An exact difference of amounts in billionths.
pub(super) fn subtract(sum: i128, amount: i128) -> Result<i128, SummaryError> {
    sum.checked_sub(amount).ok_or(TOO_LARGE)
}

const TOO_LARGE: SummaryError = SummaryError::Quantity(QuantityError::Overflow {
    operation: "sum of a customer's amounts",
});

/// The currency of an amount that may be observed.
pub(super) fn checked(
    currency: Option<Currency>,
    field: &'static str,
    amount: Money,
) -> Result<Currency, SummaryError> {
    if amount.is_negative() {
        return Err(SummaryError::NegativeAmount {
            field,
            found: amount,
        });
    }
    match currency {
        Some(expected) if expected != amount.currency() => Err(SummaryError::CurrencyMismatch {
            field,
            expected,
            found: amount.currency(),
        }),
        _ => Ok(amount.currency()),
    }
}

/// The one currency of two states.
pub(super) fn one_currency(
    ours: Option<Currency>,
    field: &'static str,
    theirs: Option<Currency>,
) -> Result<Option<Currency>, SummaryError> {
    match (ours, theirs) {
        (Some(expected), Some(found)) if expected != found => Err(SummaryError::CurrencyMismatch {
            field,
            expected,
            found,
        }),
        (ours, theirs) => Ok(ours.or(theirs)),
    }
}
