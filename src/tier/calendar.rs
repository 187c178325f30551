//! The month ends on which ladders are judged.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

use super::TierError;

/// The last instant of the month that an instant lies in, at an offset from UTC.
///
/// It is a nanosecond before the next month begins, so that `(last end, this end]` is the calendar
/// month, and what happened at midnight of the first belongs to the new one.
pub(super) fn month_end(
    at: DateTime<Utc>,
    offset_seconds: i32,
) -> Result<DateTime<Utc>, TierError> {
    let outside = || TierError::Calendar { at };
    let shift = TimeDelta::seconds(i64::from(offset_seconds));
    let local = at
        .naive_utc()
        .checked_add_signed(shift)
        .ok_or_else(outside)?;
    let (year, month) = match local.month() {
        12 => (local.year() + 1, 1),
        month => (local.year(), month + 1),
    };
    NaiveDate::from_ymd_opt(year, month, 1)
        .and_then(|first| first.and_hms_opt(0, 0, 0))
        .and_then(|first| first.checked_sub_signed(shift))
        .and_then(|first| first.checked_sub_signed(TimeDelta::nanoseconds(1)))
        .map(|end| end.and_utc())
        .ok_or_else(outside)
}

/// The month end after one.
pub(super) fn next_end(
    end: DateTime<Utc>,
    offset_seconds: i32,
) -> Result<DateTime<Utc>, TierError> {
    let next = end.checked_add_signed(TimeDelta::nanoseconds(1));
    month_end(next.ok_or(TierError::Calendar { at: end })?, offset_seconds)
}

/// The date of an instant where months begin at an offset from UTC.
pub(super) fn local_date(at: DateTime<Utc>, offset_seconds: i32) -> NaiveDate {
    let shift = TimeDelta::seconds(i64::from(offset_seconds));
    let utc = at.naive_utc();
    // At the very end of the calendar there is no other date.
    utc.checked_add_signed(shift).unwrap_or(utc).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_ends_a_nanosecond_before_the_next_at_the_offset() {
        for (when, offset, end) in [
            ("2026-02-11T08:00:00Z", 0, "2026-02-28T23:59:59.999999999Z"),
            ("2028-02-29T23:59:59Z", 0, "2028-02-29T23:59:59.999999999Z"),
            (
                "2026-12-31T23:59:59.999999999Z",
                0,
                "2026-12-31T23:59:59.999999999Z",
            ),
            ("2027-01-01T00:00:00Z", 0, "2027-01-31T23:59:59.999999999Z"),
            // In Shanghai it is February already.
            (
                "2026-01-31T16:00:00Z",
                28_800,
                "2026-02-28T15:59:59.999999999Z",
            ),
            (
                "2026-01-31T15:59:59Z",
                28_800,
                "2026-01-31T15:59:59.999999999Z",
            ),
        ] {
            assert_eq!(month_end(at(when), offset), Ok(at(end)));
        }
    }

    #[test]
    fn month_ends_follow_each_other() {
        let mut end = month_end(at("2027-11-05T00:00:00Z"), 3_600).unwrap();
        for next in [
            "2027-12-31T22:59:59.999999999Z",
            "2028-01-31T22:59:59.999999999Z",
            "2028-02-29T22:59:59.999999999Z",
        ] {
            end = next_end(end, 3_600).unwrap();
            assert_eq!(end, at(next));
        }
    }

    #[test]
    fn months_outside_the_calendar_are_an_error() {
        let last = DateTime::<Utc>::MAX_UTC;
        assert_eq!(month_end(last, 0), Err(TierError::Calendar { at: last }));
        assert!(month_end(DateTime::<Utc>::MIN_UTC, -3_600).is_err());
    }
}
