//! Dedupe periods: the one place where an instant is rounded.

use chrono::{DateTime, Utc};

use crate::quantity::TimeUnit;

use super::SummaryError;

/// How long a dedupe period is: orders of one period are one transaction.
///
/// A shopper who pays at two tills on one afternoon came once. The period is the only rounding
/// the crate does to time, so it is declared: a log with times of day and a model in weeks still
/// keeps every day when the period is a [`Day`](Self::Day). A shorter period keeps more of the
/// times and counts more transactions; in simulated data, whose times are exact, days merge
/// purchases that a model would count, and fits come out visibly shifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum DedupeUnit {
    /// One second; what comes nearest to no merging at all.
    Second,
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// 24 hours from midnight at the policy's offset from UTC.
    #[default]
    Day,
    /// Seven days from Monday's midnight at the policy's offset from UTC.
    Week,
}

impl DedupeUnit {
    /// The unit in words, such as `"day"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// Length of one period in seconds.
    #[must_use]
    pub fn seconds(self) -> i64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
            Self::Week => 604_800,
        }
    }

    /// Seconds from the first boundary of such a period before the epoch to the epoch, a
    /// Thursday: weeks start on Monday.
    fn phase(self) -> i64 {
        match self {
            Self::Week => 3 * 86_400,
            Self::Second | Self::Minute | Self::Hour | Self::Day => 0,
        }
    }
}

impl std::fmt::Display for DedupeUnit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Seconds from the epoch within which every instant lies, rounded up.
#[cfg(any(test, feature = "serde"))]
const FARTHEST: i64 = 10_000_000_000_000;

/// A ruler of equal periods laid over time: which period an instant lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    unit: DedupeUnit,
    utc_offset_seconds: i32,
}

impl Grid {
    /// The largest offset from UTC, exclusive: one day.
    const OFFSET_LIMIT: i32 = 86_400;

    pub(super) fn new(unit: DedupeUnit, utc_offset_seconds: i32) -> Result<Self, SummaryError> {
        if (1 - Self::OFFSET_LIMIT..Self::OFFSET_LIMIT).contains(&utc_offset_seconds) {
            return Ok(Self {
                unit,
                utc_offset_seconds,
            });
        }
        Err(SummaryError::Domain {
            quantity: "offset from UTC",
            expected: "less than a day (86400 seconds) either way",
            found: f64::from(utc_offset_seconds),
        })
    }

    pub(super) fn unit(self) -> DedupeUnit {
        self.unit
    }

    pub(super) fn utc_offset_seconds(self) -> i32 {
        self.utc_offset_seconds
    }

    /// The same ruler with periods of another length.
    pub(super) fn with_unit(self, unit: DedupeUnit) -> Self {
        Self { unit, ..self }
    }

    /// Periods since the epoch at the offset; negative before it.
    pub(super) fn index(self, at: DateTime<Utc>) -> i64 {
        // chrono's instants stay within 8.3e12 seconds of the epoch: no sum here can overflow.
        let local = at.timestamp() + self.shift();
        local.div_euclid(self.unit.seconds())
    }

    /// Seconds that are added to an instant before it is divided by the length of a period.
    pub(super) fn shift(self) -> i64 {
        i64::from(self.utc_offset_seconds) + self.unit.phase()
    }

    /// The instant at which a period begins; none outside the calendar.
    pub(super) fn start(self, index: i64) -> Option<DateTime<Utc>> {
        let local = index.checked_mul(self.unit.seconds())?;
        DateTime::from_timestamp(local.checked_sub(self.shift())?, 0)
    }

    /// Whether an instant could lie in that period; only for such is there a span.
    #[cfg(any(test, feature = "serde"))]
    pub(super) fn is_reachable(self, index: i64) -> bool {
        let farthest = FARTHEST / self.unit.seconds();
        (-farthest..=farthest).contains(&index)
    }

    /// Time from the start of one period to the start of another, in a model's unit.
    ///
    /// Both lengths are whole seconds below 2⁵³, so this is the one division that rounds: whole
    /// days in weeks are `days as f64 / 7.0` to the last bit.
    pub(super) fn span(self, from: i64, to: i64, unit: TimeUnit) -> f64 {
        ((to - from) * self.unit.seconds()) as f64 / unit.seconds()
    }

    /// An error unless both rulers are the same.
    pub(super) fn check_same(self, came: Self) -> Result<(), SummaryError> {
        if self.unit != came.unit {
            return Err(SummaryError::DedupeMismatch {
                expected: self.unit,
                found: came.unit,
            });
        }
        if self.utc_offset_seconds != came.utc_offset_seconds {
            return Err(SummaryError::UtcOffsetMismatch {
                expected: self.utc_offset_seconds,
                found: came.utc_offset_seconds,
            });
        }
        Ok(())
    }
}

impl Default for Grid {
    fn default() -> Self {
        Self {
            unit: DedupeUnit::Day,
            utc_offset_seconds: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(unit: DedupeUnit, offset: i32, at: &str) -> i64 {
        let at: DateTime<Utc> = at.parse().expect("a test's instant");
        Grid::new(unit, offset).expect("a test's offset").index(at)
    }

    #[test]
    fn days_start_at_midnight_of_the_offset() {
        assert_eq!(index(DedupeUnit::Day, 0, "1970-01-01T23:59:59.9Z"), 0);
        assert_eq!(index(DedupeUnit::Day, 0, "1969-12-31T23:59:59.9Z"), -1);
        // In Shanghai, UTC+8, it is already the second day of the year.
        assert_eq!(index(DedupeUnit::Day, 28_800, "1970-01-01T16:00:00Z"), 1);
        assert_eq!(index(DedupeUnit::Day, -1, "1970-01-01T00:00:00Z"), -1);
    }

    #[test]
    fn a_period_begins_where_its_index_does() {
        for unit in [DedupeUnit::Second, DedupeUnit::Day, DedupeUnit::Week] {
            for offset in [-86_399, 0, 28_800] {
                let grid = Grid::new(unit, offset).unwrap();
                for period in [-1_000, -1, 0, 1, 1_500] {
                    let start = grid.start(period).unwrap();
                    assert_eq!(grid.index(start), period);
                    assert_eq!(
                        grid.index(start - chrono::TimeDelta::seconds(1)),
                        period - 1
                    );
                }
                assert_eq!(grid.start(i64::MAX), None);
            }
        }
    }

    #[test]
    fn weeks_start_on_monday() {
        // 1970-01-05 was a Monday.
        assert_eq!(index(DedupeUnit::Week, 0, "1970-01-04T23:59:59Z"), 0);
        assert_eq!(index(DedupeUnit::Week, 0, "1970-01-05T00:00:00Z"), 1);
        assert_eq!(index(DedupeUnit::Week, 0, "1969-12-29T00:00:00Z"), 0);
        assert_eq!(index(DedupeUnit::Week, 0, "1969-12-28T23:59:59Z"), -1);
    }

    #[test]
    fn whole_days_in_weeks_are_days_over_seven() {
        let grid = Grid::default();
        for days in 0..4_000_i32 {
            let weeks = grid.span(-17, i64::from(days) - 17, TimeUnit::Week);
            assert_eq!(weeks.to_bits(), (f64::from(days) / 7.0).to_bits());
        }
    }

    #[test]
    fn the_farthest_instants_have_a_period_and_a_finite_span() {
        for unit in [DedupeUnit::Second, DedupeUnit::Day, DedupeUnit::Week] {
            let grid = Grid::new(unit, -86_399).expect("in range");
            let (from, to) = (
                grid.index(DateTime::<Utc>::MIN_UTC),
                grid.index(DateTime::<Utc>::MAX_UTC),
            );
            assert!(grid.is_reachable(from) && grid.is_reachable(to));
            assert!(grid.span(from, to, TimeUnit::Second) > 1e13);
            let farthest = FARTHEST / unit.seconds();
            assert!(!grid.is_reachable(farthest + 1));
            assert!(grid.span(-farthest, farthest, TimeUnit::Second) <= 2e13);
        }
    }
}
