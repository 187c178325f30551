//! What the rules of a summary did, counted.

use std::fmt;

use super::SummaryError;

/// Counts of what each rule of a [`SummaryPolicy`](super::SummaryPolicy) did to a log.
///
/// A rule that drops or joins events in silence is how two teams get two answers from one log.
/// Every event is in exactly one count of each of these sums:
///
/// ```text
/// events    = purchases + returns + returns_refused + other_money_events + other_events
/// purchases = transactions + purchases_merged + purchases_voided + zero_value_skipped
/// returns   = returns_same_period + returns_deducted + returns_money_only
///             + returns_before_purchase
/// ```
///
/// Events in periods after the instant asked about are in [`events_after`](Self::events_after)
/// alone. Reports of two sets of customers [`merge`](Self::merge) by addition.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::{Currency, Money};
/// use guanxi::summary::{PurchaseState, SummaryPolicy};
///
/// let policy = SummaryPolicy::default();
/// let usd = |text| Money::parse(text, Currency::USD);
/// let day = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>();
/// let mut customer = PurchaseState::new(&policy);
/// customer.observe_purchase(day("1997-01-01T09:00:00Z")?, usd("29.33")?)?;
/// customer.observe_purchase(day("1997-01-01T18:00:00Z")?, usd("4.00")?)?;
/// customer.observe_purchase(day("1997-01-18T12:00:00Z")?, usd("29.73")?)?;
///
/// let (_, report) = customer.summarise(day("1997-09-30T00:00:00Z")?, &policy)?;
/// assert_eq!(report.purchases, 3);
/// assert_eq!(report.transactions, 2);
/// assert_eq!(
///     report.to_string(),
///     "1 customer\n\
///      3 events up to the instant asked about\n\
///      3 purchases\n\
///      2 transactions counted\n\
///      1 purchase merged into another of its period\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[non_exhaustive]
pub struct RuleReport {
    /// Customers looked at.
    pub customers: u64,
    /// Of these, the ones without a counted transaction: they have no summary.
    pub customers_without_transaction: u64,
    /// Of these, the ones who brought back more than they had bought before: what is left over
    /// is in the money account alone. Counted where the rule deducts returns.
    pub customers_over_returned: u64,
    /// Events in the period of the instant asked about or before it.
    pub events: u64,
    /// Events in later periods, which wait.
    pub events_after: u64,
    /// Purchases.
    pub purchases: u64,
    /// Distinct periods with a purchase that stands: first and repeat transactions.
    pub transactions: u64,
    /// Purchases merged into another of the same period.
    pub purchases_merged: u64,
    /// Periods whose purchases came back in full within the period.
    pub void_periods: u64,
    /// Purchases in void periods.
    pub purchases_voided: u64,
    /// Purchases of nothing, counted like any other (they are in one of the counts above too).
    pub zero_value_counted: u64,
    /// Purchases of nothing, skipped.
    pub zero_value_skipped: u64,
    /// Honoured returns.
    pub returns: u64,
    /// Returns set against the purchases of their own period.
    pub returns_same_period: u64,
    /// Returns set against the purchases of an earlier period.
    pub returns_deducted: u64,
    /// Returns that touch the money account alone, by the rule.
    pub returns_money_only: u64,
    /// Returns before any purchase: there is nothing to set them against but the money account.
    pub returns_before_purchase: u64,
    /// Returns that were refused and feed nothing.
    pub returns_refused: u64,
    /// Other events with an amount, such as a cost to serve: they feed the money account.
    pub other_money_events: u64,
    /// Events that feed neither purchases nor money. The names of those of an unknown kind are in
    /// [`CustomerBase::unknown_kinds`](super::CustomerBase::unknown_kinds).
    pub other_events: u64,
}

impl RuleReport {
    /// Adds the counts of other customers.
    ///
    /// # Errors
    ///
    /// [`SummaryError::Overflow`] if a sum leaves 64 bits, which no log can bring about; then
    /// nothing is added.
    pub fn merge(&mut self, other: &Self) -> Result<(), SummaryError> {
        let mut sum = *self;
        for (count, more) in sum.counts_mut().into_iter().zip(other.counts()) {
            *count = count.checked_add(more).ok_or(SummaryError::Overflow {
                quantity: "count in a rule report",
                limit: u64::MAX,
            })?;
        }
        *self = sum;
        Ok(())
    }

    /// Every count with the words for it, in the order of the fields.
    ///
    /// The words fit any count but 1; [`Display`](fmt::Display) finds the words for that.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        WORDS.iter().map(|words| words.many).zip(self.counts())
    }

    fn counts(&self) -> [u64; 20] {
        let mut copy = *self;
        copy.counts_mut().map(|count| *count)
    }

    fn counts_mut(&mut self) -> [&mut u64; 20] {
        [
            &mut self.customers,
            &mut self.customers_without_transaction,
            &mut self.customers_over_returned,
            &mut self.events,
            &mut self.events_after,
            &mut self.purchases,
            &mut self.transactions,
            &mut self.purchases_merged,
            &mut self.void_periods,
            &mut self.purchases_voided,
            &mut self.zero_value_counted,
            &mut self.zero_value_skipped,
            &mut self.returns,
            &mut self.returns_same_period,
            &mut self.returns_deducted,
            &mut self.returns_money_only,
            &mut self.returns_before_purchase,
            &mut self.returns_refused,
            &mut self.other_money_events,
            &mut self.other_events,
        ]
    }
}

/// One line for each count that is not 0, in the order of the fields.
impl fmt::Display for RuleReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (words, count) in WORDS.iter().zip(self.counts()) {
            match count {
                0 => {}
                1 => writeln!(f, "1 {}", words.one)?,
                _ => writeln!(f, "{count} {}", words.many)?,
            }
        }
        Ok(())
    }
}

/// The words after a count of one and of any other number.
struct Words {
    one: &'static str,
    many: &'static str,
}

const fn words(one: &'static str, many: &'static str) -> Words {
    Words { one, many }
}

const WORDS: [Words; 20] = [
    words("customer", "customers"),
    words(
        "customer without a counted transaction",
        "customers without a counted transaction",
    ),
    words(
        "customer brought back more than was bought before",
        "customers brought back more than was bought before",
    ),
    words(
        "event up to the instant asked about",
        "events up to the instant asked about",
    ),
    words("event after it, which waits", "events after it, which wait"),
    words("purchase", "purchases"),
    words("transaction counted", "transactions counted"),
    words(
        "purchase merged into another of its period",
        "purchases merged into another of their period",
    ),
    words(
        "period void, wholly refunded within itself",
        "periods void, wholly refunded within themselves",
    ),
    words("purchase in a void period", "purchases in void periods"),
    words(
        "purchase of nothing counted like any other",
        "purchases of nothing counted like any other",
    ),
    words(
        "purchase of nothing skipped",
        "purchases of nothing skipped",
    ),
    words("return", "returns"),
    words(
        "return set against purchases of its own period",
        "returns set against purchases of their own period",
    ),
    words(
        "return set against purchases of an earlier period",
        "returns set against purchases of an earlier period",
    ),
    words(
        "return left to the money account by the rule",
        "returns left to the money account by the rule",
    ),
    words(
        "return before any purchase, in the money account alone",
        "returns before any purchase, in the money account alone",
    ),
    words("return refused", "returns refused"),
    words(
        "other event for the money account",
        "other events for the money account",
    ),
    words(
        "event that feeds neither purchases nor money",
        "events that feed neither purchases nor money",
    ),
];
