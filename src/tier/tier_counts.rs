//! How many relationships went from each rung to each other in a period.

use chrono::{DateTime, TimeDelta, Utc};

use super::calendar::{month_end, next_end};
use super::{InvestmentError, Tier, TierTracker};
use crate::quantity::TimeUnit;

/// Up to this a count is exact as a floating-point number.
const MOST: u64 = 1_000_000_000_000_000;

/// Where a relationship is after a period: on a rung, or lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum TierState {
    /// On this rung.
    At(Tier),
    /// Lost for good (流失): who comes back begins anew.
    Lost,
}

/// How many relationships went from each rung to each other, or were lost, in one period: the evidence
/// for their [migration](super::TierMigration) (层级迁移).
///
/// Counts of several groups of customers or periods add up ([`merge`](Self::merge)), in any order.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::TimeUnit;
/// use guanxi::tier::{Tier, TierCounts};
///
/// let mut counts = TierCounts::new(TimeUnit::Month);
/// // One customer, month by month, then lost.
/// counts.observe_path(&[Tier::NoTransaction, Tier::Transaction, Tier::Transaction, Tier::Preferred], true)?;
/// assert_eq!(counts.table()[0], [1, 1, 0, 0, 0]); // stayed once, rose once
/// assert_eq!(counts.table()[1], [0, 0, 0, 0, 1]); // lost
/// # Ok::<(), guanxi::tier::InvestmentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "CountsRow", into = "CountsRow"))]
pub struct TierCounts {
    period: TimeUnit,
    table: [[u64; 5]; 4],
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "TierCounts")]
struct CountsRow {
    period: TimeUnit,
    table: [[u64; 5]; 4],
}

#[cfg(feature = "serde")]
impl From<TierCounts> for CountsRow {
    fn from(counts: TierCounts) -> Self {
        Self {
            period: counts.period,
            table: counts.table,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<CountsRow> for TierCounts {
    type Error = InvestmentError;

    fn try_from(row: CountsRow) -> Result<Self, InvestmentError> {
        Self::from_table(row.period, row.table)
    }
}

/// The sum of two counts, if it is exact.
fn sum(one: u64, other: u64) -> Result<u64, InvestmentError> {
    match one.checked_add(other) {
        Some(sum) if sum <= MOST => Ok(sum),
        found => Err(InvestmentError::TooMany {
            what: "the moves from one rung to another",
            limit: MOST,
            found: found.unwrap_or(u64::MAX),
        }),
    }
}

impl TierCounts {
    /// Nothing counted yet, of moves over this period.
    #[must_use]
    pub fn new(period: TimeUnit) -> Self {
        Self {
            period,
            table: [[0; 5]; 4],
        }
    }

    /// Counts from each rung (row) to each rung and to the lost (column), from the lowest up.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::TooMany`] for a count above 1e15.
    pub fn from_table(period: TimeUnit, table: [[u64; 5]; 4]) -> Result<Self, InvestmentError> {
        for count in table.into_iter().flatten() {
            sum(count, 0)?;
        }
        Ok(Self { period, table })
    }

    /// Counts one relationship over one period.
    ///
    /// # Errors
    ///
    /// - [`InvestmentError::NoRung`] from or to [`Tier::NoTransaction`]: before the first transaction there is
    ///   no relationship, and after it there is always one or it is lost.
    /// - [`InvestmentError::TooMany`] beyond 1e15.
    pub fn observe(&mut self, from: Tier, to: TierState) -> Result<(), InvestmentError> {
        let column = match to {
            TierState::At(to) => place(to)?,
            TierState::Lost => 4,
        };
        let row = self.table.get_mut(place(from)?);
        if let Some(cell) = row.and_then(|row| row.get_mut(column)) {
            *cell = sum(*cell, 1)?;
        }
        Ok(())
    }

    /// Counts one relationship over its rungs at the end of each period, and whether it was lost in
    /// the period after the last. [`Tier::NoTransaction`] at the beginning is passed over, as the relationship
    /// had not begun. Either all of it is counted or, on an error, none.
    ///
    /// # Errors
    ///
    /// As [`observe`](Self::observe).
    pub fn observe_path(&mut self, rungs: &[Tier], lost: bool) -> Result<(), InvestmentError> {
        let mut counted = *self;
        let mut rungs = rungs
            .iter()
            .copied()
            .skip_while(|tier| *tier == Tier::NoTransaction);
        let Some(mut from) = rungs.next() else {
            return Ok(());
        };
        for to in rungs {
            counted.observe(from, TierState::At(to))?;
            from = to;
        }
        if lost {
            counted.observe(from, TierState::Lost)?;
        }
        *self = counted;
        Ok(())
    }

    /// Counts the moves of a customer followed along the ladder over the months that end after one
    /// instant and up to another, as far as they were passed: one move a month, from the rung at the
    /// month end before it; nothing before the first rung. Windows that follow each other count each
    /// month once.
    ///
    /// A ladder ends with its lowest rung and loses nobody, so who was lost (流失), and when, is for the
    /// caller to say: the month of it counts as the loss, and none after it. Who comes back begins
    /// anew, in a window that begins when they do.
    ///
    /// A month end at which the customer [was not judged](TierTracker) for lack of consent counts as
    /// one at which they stood where they stood: leave out whom it may not be counted of. One who
    /// [stood on a rung](TierTracker::starting_at) when the record began is taken to have stood there
    /// before: let the window begin no earlier than the record.
    ///
    /// # Errors
    ///
    /// - [`InvestmentError::Periods`] unless these are counts by month.
    /// - [`InvestmentError::Undefined`] for a window that begins outside of the calendar.
    /// - [`InvestmentError::TooMany`] beyond 1e15, and then none is counted.
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::{DateTime, Utc};
    /// use guanxi::history::{CustomerId, Interaction, InteractionId, Purchase, Purpose};
    /// use guanxi::history::{Consent, Kind};
    /// use guanxi::quantity::{Currency, Money, TimeUnit};
    /// use guanxi::summary::SummaryPolicy;
    /// use guanxi::tier::{TierCounts, TierPolicy, TierTracker};
    ///
    /// let who = CustomerId::new("c-17")?;
    /// let at = |text: &str| text.parse::<DateTime<Utc>>();
    /// let agreed = Kind::from(Consent::Granted { purpose: Purpose::Analytics });
    /// let bought = Kind::from(Purchase::new(Money::parse("410", Currency::EUR)?)?);
    /// let mut ladder = TierTracker::new(who.clone(), TierPolicy::default(), SummaryPolicy::default());
    /// for (id, kind) in [("1", agreed), ("2", bought)] {
    ///     let id = InteractionId::new(id)?;
    ///     ladder.observe(&Interaction::new(id, who.clone(), at("2026-01-05T09:00:00Z")?, kind)?)?;
    /// }
    /// ladder.advance_to(at("2026-06-01T00:00:00Z")?)?; // on the first rung from the end of February
    /// let mut counts = TierCounts::new(TimeUnit::Month);
    /// counts.observe_moves(&ladder, at("2026-01-01T00:00:00Z")?, at("2026-06-01T00:00:00Z")?, None)?;
    /// assert_eq!(counts.table()[0], [3, 0, 0, 0, 0]); // March, April and May
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn observe_moves(
        &mut self,
        tracker: &TierTracker,
        after: DateTime<Utc>,
        until: DateTime<Utc>,
        lost: Option<DateTime<Utc>>,
    ) -> Result<(), InvestmentError> {
        if self.period != TimeUnit::Month {
            return Err(InvestmentError::Periods {
                expected: self.period,
                found: TimeUnit::Month,
            });
        }
        let standing = tracker.standing();
        let Some(last) = standing.as_of().map(|passed| passed.min(until)) else {
            return Ok(()); // no month has ended
        };
        // Before the first move there is nothing to count of those who began without a rung.
        let begun = tracker.tier_at(DateTime::<Utc>::MIN_UTC) != Tier::NoTransaction;
        let after = match tracker.moves().first() {
            _ if begun => after,
            Some(first) => after.max(first.at),
            None => return Ok(()),
        };
        if lost.is_some_and(|lost| lost <= after) {
            return Ok(()); // before the window, or before the first rung
        }
        let offset = standing.utc_offset_seconds;
        let next = after.checked_add_signed(TimeDelta::nanoseconds(1));
        let Some(mut end) = next.and_then(|next| month_end(next, offset).ok()) else {
            return Err(InvestmentError::Undefined {
                what: "the moves of a window",
                why: "it begins outside of the calendar",
            });
        };
        let mut rungs = vec![tracker.tier_at(after)];
        while end <= last {
            if lost.is_some_and(|lost| lost <= end) {
                return self.observe_path(&rungs, true);
            }
            rungs.push(tracker.tier_at(end));
            let Ok(next) = next_end(end, offset) else {
                break; // the last month of the calendar
            };
            end = next;
        }
        self.observe_path(&rungs, false)
    }

    /// Adds the counts of other customers or of another period as long.
    ///
    /// # Errors
    ///
    /// - [`InvestmentError::Periods`] for counts over periods of another length.
    /// - [`InvestmentError::TooMany`] beyond 1e15.
    pub fn merge(&mut self, other: &Self) -> Result<(), InvestmentError> {
        if self.period != other.period {
            return Err(InvestmentError::Periods {
                expected: self.period,
                found: other.period,
            });
        }
        let mut merged = *self;
        let cells = merged.table.iter_mut().flatten();
        for (cell, more) in cells.zip(other.table.iter().flatten()) {
            *cell = sum(*cell, *more)?;
        }
        *self = merged;
        Ok(())
    }

    /// Time over which moves are counted.
    #[must_use]
    pub fn period(&self) -> TimeUnit {
        self.period
    }

    /// The counts from each rung (row) to each rung and to the lost (column).
    #[must_use]
    pub fn table(&self) -> &[[u64; 5]; 4] {
        &self.table
    }

    /// How many relationships were seen to begin a period at a rung.
    #[must_use]
    pub fn seen(&self, tier: Tier) -> u64 {
        let row = tier.place().and_then(|place| self.table.get(place));
        row.map_or(0, |row| row.iter().sum())
    }
}

/// The place of what must be a rung.
fn place(tier: Tier) -> Result<usize, InvestmentError> {
    tier.place().ok_or(InvestmentError::NoRung {
        what: "a move between rungs",
        found: tier,
    })
}
