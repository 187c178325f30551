//! ISO 8601 dates and date-times.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use guanxi::chrono;
use guanxi::summary::DedupeUnit;

/// A calendar day, or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The whole day, in UTC.
    Day(NaiveDate),
    /// An instant; without an offset it was taken as UTC.
    Instant(DateTime<Utc>),
}

impl Moment {
    /// What [`parse`](Self::parse) reads, for a message.
    pub(crate) const EXPECTED: &'static str =
        "a date such as 2010-12-01 or a date-time such as 2010-12-01T08:26:00";

    /// Reads `YYYY-MM-DD`, or that with `T` or a space and `HH:MM[:SS[.fraction]]` and, if stated,
    /// `Z` or an offset `±HH[[:]MM]`. By hand, because logs have millions of them.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        if date[4] != b'-' || date[7] != b'-' {
            return None;
        }
        let year = digits(&date[..4])?;
        let day = NaiveDate::from_ymd_opt(
            i32::try_from(year).ok()?,
            digits(&date[5..7])?,
            digits(&date[8..])?,
        )?;
        match rest.split_first() {
            None => Some(Self::Day(day)),
            Some((b'T' | b' ', time)) => {
                let (time, offset) = time_of_day(time)?;
                let local = NaiveDateTime::new(day, time);
                let instant = local.checked_sub_signed(offset)?;
                Some(Self::Instant(instant.and_utc()))
            }
            Some(_) => None,
        }
    }

    /// The instant at which it begins.
    pub(crate) fn start(self) -> DateTime<Utc> {
        match self {
            Self::Day(day) => day.and_time(NaiveTime::MIN).and_utc(),
            Self::Instant(instant) => instant,
        }
    }

    /// The last instant of it: a day lasts to its midnight.
    pub(crate) fn end(self) -> DateTime<Utc> {
        match self {
            Self::Day(day) => {
                let last = TimeDelta::days(1) - TimeDelta::nanoseconds(1);
                day.and_time(NaiveTime::MIN).and_utc() + last
            }
            Self::Instant(instant) => instant,
        }
    }
}

/// `HH:MM[:SS[.fraction]]` with what follows it, and the offset east of UTC.
fn time_of_day(text: &[u8]) -> Option<(NaiveTime, TimeDelta)> {
    let (clock, rest) = text.split_at_checked(5)?;
    if clock[2] != b':' {
        return None;
    }
    let (hour, minute) = (digits(&clock[..2])?, digits(&clock[3..])?);
    let (mut second, mut nanos, mut rest) = (0, 0, rest);
    if let Some((b':', after)) = rest.split_first() {
        let (text, after) = after.split_at_checked(2)?;
        second = digits(text)?;
        rest = after;
        if let Some((b'.', after)) = rest.split_first() {
            let length = after.iter().take_while(|b| b.is_ascii_digit()).count();
            if length == 0 {
                return None;
            }
            // What lies beyond nanoseconds is cut.
            let mut scale = 100_000_000;
            for digit in &after[..length] {
                nanos += u32::from(digit - b'0') * scale;
                scale /= 10;
            }
            rest = &after[length..];
        }
    }
    let time = NaiveTime::from_hms_nano_opt(hour, minute, second, nanos)?;
    Some((time, offset(rest)?))
}

/// `Z`, `±HH`, `±HHMM`, `±HH:MM` or nothing.
fn offset(text: &[u8]) -> Option<TimeDelta> {
    let (sign, rest) = match text.split_first() {
        None | Some((b'Z', [])) => return Some(TimeDelta::zero()),
        Some((b'+', rest)) => (1, rest),
        Some((b'-', rest)) => (-1, rest),
        Some(_) => return None,
    };
    let (hours, minutes) = match rest.len() {
        2 => (digits(rest)?, 0),
        4 => (digits(&rest[..2])?, digits(&rest[2..])?),
        5 if rest[2] == b':' => (digits(&rest[..2])?, digits(&rest[3..])?),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then(|| TimeDelta::minutes(sign * i64::from(hours * 60 + minutes)))
}

/// A number of nothing but digits.
fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0_u32, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// A dedupe unit by its name.
pub(crate) fn dedupe_named(name: &str) -> Option<DedupeUnit> {
    Some(match name {
        "second" => DedupeUnit::Second,
        "minute" => DedupeUnit::Minute,
        "hour" => DedupeUnit::Hour,
        "day" => DedupeUnit::Day,
        "week" => DedupeUnit::Week,
        _ => return None,
    })
}

/// The start of the dedupe period, in UTC, that an instant lies in; weeks start on Monday.
pub(crate) fn period_start(unit: DedupeUnit, at: DateTime<Utc>) -> DateTime<Utc> {
    /// Seconds from a Monday's midnight to the epoch.
    const THURSDAY: i64 = 3 * 86_400;
    let phase = if unit == DedupeUnit::Week {
        THURSDAY
    } else {
        0
    };
    let since = (at.timestamp() + phase).rem_euclid(unit.seconds());
    let nanos = i64::from(at.timestamp_subsec_nanos());
    at - TimeDelta::seconds(since) - TimeDelta::nanoseconds(nanos)
}
