//! The costs of one customer by period, and what else was observed: exact, order-free, mergeable.

use crate::quantity::{Currency, Money};

use super::SummaryError;
use super::purchase::{checked, one_currency};
use super::tally::{Count, Tallies, Tally};

/// What an entry of the ledger is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub(super) enum Line {
    /// Cost of the goods of a purchase; the purchase itself is not here.
    CostOfGoods,
    CostToServe,
    Concessions,
    PointsCost,
    /// Cost of points booked before and owed no longer: it lowers the account.
    PointsReleased,
    BadDebt,
    Acquisition,
    /// A return that was refused: counted, with an amount of 0.
    ReturnRefused,
    /// An event that feeds neither purchases nor money: counted, with an amount of 0.
    Other,
}

impl Line {
    /// All of them; the place of each is its code in a key.
    const ALL: [Self; 9] = [
        Self::CostOfGoods,
        Self::CostToServe,
        Self::Concessions,
        Self::PointsCost,
        Self::PointsReleased,
        Self::BadDebt,
        Self::Acquisition,
        Self::ReturnRefused,
        Self::Other,
    ];

    /// Which amount it holds, for errors.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::CostOfGoods => "cost of the purchase",
            Self::CostToServe => "cost to serve",
            Self::Concessions => "concession",
            Self::PointsCost => "cost of points",
            Self::PointsReleased => "cost of expired points",
            Self::BadDebt => "debt given up",
            Self::Acquisition => "cost of acquisition",
            Self::ReturnRefused => "refused return",
            Self::Other => "other event",
        }
    }

    /// Whether its entries carry amounts of money.
    pub(super) fn is_money(self) -> bool {
        !matches!(self, Self::ReturnRefused | Self::Other)
    }
}

/// Room for the codes in a key. Periods stay far below 2⁵⁹, so no key can overflow.
const CODES: i64 = Line::Other as i64 + 1;

/// Key of a line in a period: keys sort by period first.
pub(super) fn key(period: i64, line: Line) -> i64 {
    period * CODES + line as i64
}

/// The last key of a period.
pub(super) fn last_key(period: i64) -> i64 {
    key(period, Line::Other)
}

/// Period and line of a key.
pub(super) fn parts(key: i64) -> (i64, Line) {
    let code = usize::try_from(key.rem_euclid(CODES)).unwrap_or(0); // below 9, so it fits
    (key.div_euclid(CODES), Line::ALL[code])
}

/// Entries by period and line. An empty ledger has allocated nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Ledger {
    currency: Option<Currency>,
    /// What has an amount.
    entries: Tallies,
    /// What is only counted: most events of most kinds.
    counts: Tallies<Count>,
}

impl Ledger {
    /// Currency of the entries with money; `None` before the first.
    pub(super) fn currency(&self) -> Option<Currency> {
        self.currency
    }

    pub(super) fn has_no_money(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.counts.is_empty()
    }

    /// Every entry in order of period and line; what is only counted has an amount of nothing.
    #[cfg(feature = "serde")]
    pub(super) fn all(&self) -> Vec<Tally> {
        let counted = self.counts.sorted();
        let counted = counted.iter().map(|count| Tally {
            key: count.key,
            events: count.events,
            of_nothing: count.events,
            amount: 0,
        });
        let mut all: Vec<Tally> = counted.collect();
        all.extend(self.entries.sorted().iter());
        all.sort_unstable_by_key(|entry| entry.key);
        all
    }

    /// Enters an amount at or above 0.
    pub(super) fn enter(
        &mut self,
        period: i64,
        line: Line,
        amount: Money,
    ) -> Result<(), SummaryError> {
        let currency = checked(self.currency, line.words(), amount)?;
        self.entries
            .record(Tally::one(key(period, line), amount.nano_units()))?;
        self.currency = Some(currency);
        Ok(())
    }

    /// Counts an event without an amount.
    pub(super) fn count(&mut self, period: i64, line: Line) -> Result<(), SummaryError> {
        self.counts.record(Count {
            key: key(period, line),
            events: 1,
        })
    }

    pub(super) fn merged(&self, other: &Self) -> Result<Self, SummaryError> {
        Ok(Self {
            currency: one_currency(self.currency, "merged state", other.currency)?,
            entries: self.entries.merged(&other.entries)?,
            counts: self.counts.merged(&other.counts)?,
        })
    }

    pub(super) fn entries(&self) -> &Tallies {
        &self.entries
    }

    pub(super) fn counts(&self) -> &Tallies<Count> {
        &self.counts
    }

    /// A ledger that was stored, its tallies checked already.
    #[cfg(feature = "serde")]
    pub(super) fn from_stored(all: Tallies, currency: Option<Currency>) -> Self {
        let (entries, counts) = all.part(|key| !parts(key).1.is_money());
        Self {
            currency: currency.filter(|_| !entries.is_empty()),
            entries,
            counts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tally::split_after;
    use super::*;

    #[test]
    fn keys_sort_by_period_and_come_apart_again() {
        let mut last = i64::MIN;
        for period in [-10_000_000_000_000, -1, 0, 1, 10_000_000_000_000] {
            for line in Line::ALL {
                let key = key(period, line);
                assert!(key > last);
                assert_eq!(parts(key), (period, line));
                last = key;
            }
        }
    }

    #[test]
    fn a_period_ends_after_its_last_line() {
        let mut ledger = Ledger::default();
        for period in [-1, 0, 1] {
            for line in Line::ALL {
                assert!(ledger.count(period, line).is_ok());
            }
        }
        let counts = ledger.counts().sorted();
        let (up_to, after) = split_after(&counts, last_key(-1));
        assert_eq!((up_to.len(), after.len()), (9, 18));
    }
}
