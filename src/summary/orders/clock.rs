//! Timestamps as whole numbers, and the dedupe period that each lies in.

use chrono::{DateTime, Utc};

use crate::summary::periods::Grid;

/// What a whole number counts that stands for an instant, from 1970-01-01T00:00:00Z on; negative
/// before.
///
/// Columns of time come in all of these: seconds from a database, milliseconds from a browser,
/// microseconds and nanoseconds from data frames.
///
/// # Examples
///
/// ```
/// use guanxi::summary::TimestampUnit;
///
/// assert_eq!(TimestampUnit::Millisecond.per_second(), 1_000);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum TimestampUnit {
    /// Seconds.
    Second,
    /// Thousandths of a second.
    Millisecond,
    /// Millionths of a second.
    Microsecond,
    /// Billionths of a second: 64 bits reach from the year 1677 to 2262.
    Nanosecond,
}

impl TimestampUnit {
    /// The unit in words, such as `"millisecond"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Millisecond => "millisecond",
            Self::Microsecond => "microsecond",
            Self::Nanosecond => "nanosecond",
        }
    }

    /// How many there are in a second.
    #[must_use]
    pub fn per_second(self) -> u32 {
        match self {
            Self::Second => 1,
            Self::Millisecond => 1_000,
            Self::Microsecond => 1_000_000,
            Self::Nanosecond => 1_000_000_000,
        }
    }

    /// The first and the last timestamp of the calendar.
    pub(super) fn calendar(self) -> (i64, i64) {
        let per_second = i64::from(self.per_second());
        let first = DateTime::<Utc>::MIN_UTC.timestamp();
        let last = DateTime::<Utc>::MAX_UTC.timestamp();
        (
            first.saturating_mul(per_second),
            last.saturating_mul(per_second)
                .saturating_add(per_second - 1),
        )
    }
}

impl std::fmt::Display for TimestampUnit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// The dedupe periods of timestamps, counted from that of the earliest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Periods {
    /// Index of the first period on its grid.
    first: i64,
    earliest: i64,
    /// From the start of the first period to the earliest timestamp.
    lead: u64,
    /// Length of a period in the timestamps' unit.
    length: u64,
    /// The largest number that is not above 2⁶⁴ ÷ `length` and fits 64 bits.
    reciprocal: u64,
}

impl Periods {
    /// Of timestamps within the calendar, none before `earliest`.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a period has a length above 0 of less than 2^50, and an instant's number 2^44"
    )]
    pub(super) fn new(grid: Grid, unit: TimestampUnit, earliest: i64) -> Self {
        let per_second = i128::from(unit.per_second());
        let length = i128::from(grid.unit().seconds()) * per_second;
        let local = i128::from(earliest) + i128::from(grid.shift()) * per_second;
        Self {
            first: local.div_euclid(length) as i64,
            earliest,
            lead: local.rem_euclid(length) as u64,
            length: length as u64,
            reciprocal: u64::MAX / length as u64,
        }
    }

    /// Index of the first period on its grid.
    pub(super) fn first(self) -> i64 {
        self.first
    }

    /// Periods from the first to that of a timestamp.
    ///
    /// A product with the reciprocal takes a fraction of the time of a division, which the compiler
    /// replaces only by lengths it knows.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the upper half of a product of two numbers of 64 bits"
    )]
    pub(super) fn of(self, at: i64) -> u64 {
        let since = at.abs_diff(self.earliest);
        // At most 1 too small, as the reciprocal is.
        let quotient = ((u128::from(since) * u128::from(self.reciprocal)) >> 64) as u64;
        let rest = since - quotient * self.length + self.lead;
        quotient + u64::from(rest >= self.length) + u64::from(rest >= 2 * self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::DedupeUnit;

    #[test]
    fn a_timestamp_lies_in_the_period_of_its_instant() {
        let dedupe = [
            DedupeUnit::Second,
            DedupeUnit::Minute,
            DedupeUnit::Hour,
            DedupeUnit::Day,
            DedupeUnit::Week,
        ];
        for unit in [
            TimestampUnit::Second,
            TimestampUnit::Millisecond,
            TimestampUnit::Microsecond,
            TimestampUnit::Nanosecond,
        ] {
            let per_second = i64::from(unit.per_second());
            let (first, last) = unit.calendar();
            let day = 86_400 * per_second;
            let near = [-1, 0, 1, day - 1, day, 4 * day, 11 * day + 7, -3 * day];
            let mut instants: Vec<i64> = near.to_vec();
            instants.extend(near.map(|at| first.saturating_add(at.abs())));
            instants.extend(near.map(|at| last.saturating_sub(at.abs())));
            for (period, offset) in dedupe
                .into_iter()
                .flat_map(|p| [-86_399, 0, 28_800].map(|o| (p, o)))
            {
                let grid = Grid::new(period, offset).unwrap();
                for &earliest in &instants {
                    let periods = Periods::new(grid, unit, earliest);
                    for &at in instants.iter().filter(|&&at| at >= earliest) {
                        let seconds = at.div_euclid(per_second);
                        let instant = DateTime::from_timestamp(seconds, 0).unwrap();
                        let expected = grid.index(instant).abs_diff(periods.first());
                        assert_eq!(
                            periods.of(at),
                            expected,
                            "{unit} {period} {offset} {earliest} {at}"
                        );
                    }
                }
            }
        }
    }
}
