//! Lengths of time in a stated unit: what models are fitted in and asked about.
//!
//! A length is an `f64` with its unit beside it. A month is a twelfth of the Gregorian mean year
//! (30.436875 days) and a year 365.25 days; both are lengths here, not steps in a calendar. The
//! two conventions differ by 20 parts in a million, so a year holds 12.00025 months.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::QuantityError;
use super::error::{NON_NEGATIVE, checked};

const SECONDS_PER_DAY: f64 = 86_400.0;

/// The longest time of all in seconds, 3·10¹³ years: nothing real comes near it, and what is
/// computed of spans stays exact up to it.
const LONGEST_SECONDS: f64 = 1e21;

/// The unit a model counts time in (时间单位).
///
/// A rate by the week and a rate by the day are different numbers, so a model carries its unit
/// and refuses data in another.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::TimeUnit;
///
/// assert_eq!(TimeUnit::Day.per(TimeUnit::Week), 7.0);
/// assert_eq!(TimeUnit::Day.per_year(), 365.25);
/// assert_eq!("weeks".parse(), Ok(TimeUnit::Week));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum TimeUnit {
    /// The SI second.
    Second,
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30.436875 days, a twelfth of the Gregorian mean year.
    Month,
    /// 365.25 days.
    Year,
}

impl TimeUnit {
    /// How many seconds one unit lasts.
    #[must_use]
    pub const fn seconds(self) -> f64 {
        match self {
            Self::Second => 1.0,
            Self::Minute => 60.0,
            Self::Hour => 3_600.0,
            Self::Day => SECONDS_PER_DAY,
            Self::Week => 7.0 * SECONDS_PER_DAY,
            Self::Month => 30.436_875 * SECONDS_PER_DAY,
            Self::Year => 365.25 * SECONDS_PER_DAY,
        }
    }

    /// How many of this unit one year of 365.25 days holds.
    #[must_use]
    pub fn per_year(self) -> f64 {
        self.per(Self::Year)
    }

    /// How many of this unit one `other` holds.
    #[must_use]
    pub fn per(self, other: Self) -> f64 {
        other.seconds() / self.seconds()
    }

    /// How many of this unit the longest time of all holds.
    pub(crate) fn most(self) -> f64 {
        LONGEST_SECONDS / self.seconds()
    }

    fn name(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for TimeUnit {
    type Err = QuantityError;

    /// Reads the English name in lower case, singular or plural.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_suffix('s').unwrap_or(text) {
            "second" => Ok(Self::Second),
            "minute" => Ok(Self::Minute),
            "hour" => Ok(Self::Hour),
            "day" => Ok(Self::Day),
            "week" => Ok(Self::Week),
            "month" => Ok(Self::Month),
            "year" => Ok(Self::Year),
            _ => Err(QuantityError::UnitName {
                found: text.to_owned(),
            }),
        }
    }
}

/// A length of time in a stated unit.
///
/// It is at or above 0 and at most 1e21 seconds, about 3e13 years, up to which every answer of
/// this crate is exact. Two spans are equal when both length and unit are: one week is not `==` to
/// seven days, though as long.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::{Span, TimeUnit};
///
/// let holdout = Span::weeks(39.0)?;
/// assert_eq!(holdout.in_unit(TimeUnit::Day), 273.0);
/// assert!(Span::weeks(-1.0).is_err());
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawSpan", into = "RawSpan"))]
pub struct Span {
    length: f64,
    unit: TimeUnit,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Span", deny_unknown_fields)]
struct RawSpan {
    length: f64,
    unit: TimeUnit,
}

#[cfg(feature = "serde")]
impl TryFrom<RawSpan> for Span {
    type Error = QuantityError;

    fn try_from(raw: RawSpan) -> Result<Self, Self::Error> {
        Self::new(raw.length, raw.unit)
    }
}

#[cfg(feature = "serde")]
impl From<Span> for RawSpan {
    fn from(span: Span) -> Self {
        Self {
            length: span.length,
            unit: span.unit,
        }
    }
}

impl Span {
    /// A length of time in a unit.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] unless the length is a number from 0 to 1e21 seconds, in any unit.
    pub fn new(length: f64, unit: TimeUnit) -> Result<Self, QuantityError> {
        // Written so that NaN fails it.
        if (0.0..=unit.most()).contains(&length) {
            Ok(Self {
                length: length + 0.0, // −0 becomes 0
                unit,
            })
        } else {
            Err(QuantityError::Domain {
                quantity: "span",
                expected: "a length of time from 0 to 1e21 seconds",
                found: length,
            })
        }
    }

    /// A number of days of 24 hours.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn days(length: f64) -> Result<Self, QuantityError> {
        Self::new(length, TimeUnit::Day)
    }

    /// A number of weeks.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn weeks(length: f64) -> Result<Self, QuantityError> {
        Self::new(length, TimeUnit::Week)
    }

    /// A number of months of 30.436875 days.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn months(length: f64) -> Result<Self, QuantityError> {
        Self::new(length, TimeUnit::Month)
    }

    /// A number of years of 365.25 days.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn years(length: f64) -> Result<Self, QuantityError> {
        Self::new(length, TimeUnit::Year)
    }

    /// No time at all, in a unit.
    #[must_use]
    pub const fn zero(unit: TimeUnit) -> Self {
        Self { length: 0.0, unit }
    }

    /// The time from one instant to a later one, with its fraction of a unit.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] if the end is before the start.
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::DateTime;
    /// use guanxi::quantity::{Span, TimeUnit};
    ///
    /// let start = DateTime::from_timestamp(0, 0).unwrap_or_default();
    /// let end = DateTime::from_timestamp(302_400, 0).unwrap_or_default();
    /// assert_eq!(Span::between(start, end, TimeUnit::Week)?.length(), 0.5);
    /// assert!(Span::between(end, start, TimeUnit::Week).is_err());
    /// # Ok::<(), guanxi::quantity::QuantityError>(())
    /// ```
    pub fn between(
        start: DateTime<Utc>,
        end: DateTime<Utc>,
        unit: TimeUnit,
    ) -> Result<Self, QuantityError> {
        let time = end.signed_duration_since(start);
        let seconds = time.num_seconds() as f64 + f64::from(time.subsec_nanos()) * 1e-9;
        let length = checked(
            "span between two instants",
            "at or above 0, with the end at or after the start",
            NON_NEGATIVE,
            seconds / unit.seconds(),
        )?;
        Ok(Self { length, unit })
    }

    /// The number of units.
    #[must_use]
    pub const fn length(self) -> f64 {
        self.length
    }

    /// The unit.
    #[must_use]
    pub const fn unit(self) -> TimeUnit {
        self.unit
    }

    /// The same time counted in another unit; the length itself, to the last bit, if the unit is
    /// the same.
    #[must_use]
    pub fn in_unit(self, unit: TimeUnit) -> f64 {
        if unit == self.unit {
            self.length
        } else {
            self.length * self.unit.seconds() / unit.seconds()
        }
    }
}

impl fmt::Display for Span {
    /// Writes, for example, `39 weeks` or `1 day`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.length.to_bits() == 1.0_f64.to_bits() {
            ""
        } else {
            "s"
        };
        fmt::Display::fmt(&self.length, f)?;
        write!(f, " {}{plural}", self.unit.name())
    }
}

/// How far ahead a forecast looks.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::{Horizon, Span};
///
/// let ahead = Horizon::from(Span::years(1.0)?);
/// assert_ne!(ahead, Horizon::Infinite);
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Horizon {
    /// Up to a length of time from now.
    Finite(Span),
    /// Without end; a sum over it needs discounting, or a model in which every customer leaves
    /// soon enough.
    Infinite,
}

impl From<Span> for Horizon {
    fn from(span: Span) -> Self {
        Self::Finite(span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    const ALL: [TimeUnit; 7] = [
        TimeUnit::Second,
        TimeUnit::Minute,
        TimeUnit::Hour,
        TimeUnit::Day,
        TimeUnit::Week,
        TimeUnit::Month,
        TimeUnit::Year,
    ];

    #[test]
    fn units_are_ordered_by_their_length() {
        assert!(ALL.is_sorted());
        assert!(ALL.map(TimeUnit::seconds).is_sorted());
    }

    #[test]
    fn a_month_and_a_year_have_their_stated_lengths() {
        assert_eq!(TimeUnit::Month.seconds().to_bits(), 2_629_746_f64.to_bits());
        assert_eq!(TimeUnit::Year.seconds().to_bits(), 31_557_600_f64.to_bits());
        assert!((TimeUnit::Week.per_year() - 52.178_571_428_571_43).abs() < 1e-12);
        assert!((TimeUnit::Month.per_year() - 12.000_246_411_630_63).abs() < 1e-12);
    }

    #[test]
    fn names_are_read_in_singular_and_plural_only() {
        for unit in ALL {
            assert_eq!(unit.to_string().parse(), Ok(unit));
            assert_eq!(format!("{unit}s").parse(), Ok(unit));
        }
        for bad in ["", "s", "Week", "weekss", " week", "fortnight", "d"] {
            assert_eq!(
                bad.parse::<TimeUnit>(),
                Err(QuantityError::UnitName {
                    found: bad.to_owned()
                })
            );
        }
        assert_eq!(format!("{:>6}", TimeUnit::Day), "   day");
    }

    #[test]
    fn spans_that_are_no_length_of_time_are_refused() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e-300] {
            assert!(Span::days(bad).is_err());
        }
        assert!(Span::new(1e21, TimeUnit::Second).is_ok());
        assert!(Span::new(1e21_f64.next_up(), TimeUnit::Second).is_err());
        assert!(Span::years(3.1e13).is_ok());
        assert_eq!(
            Span::years(3.2e13).unwrap_err().to_string(),
            "span must be a length of time from 0 to 1e21 seconds, got 32000000000000.0"
        );
        assert_eq!(
            Span::weeks(f64::MAX).unwrap_err().to_string(),
            "span must be a length of time from 0 to 1e21 seconds, got 1.7976931348623157e308"
        );
        assert!(Span::days(-0.0).is_ok_and(|s| s.length().is_sign_positive()));
    }

    #[test]
    fn the_longest_span_of_each_unit_is_as_long_in_all_others() {
        for from in ALL {
            let longest = Span::new(from.most(), from).unwrap();
            for to in ALL {
                let off = longest.in_unit(to) / to.most() - 1.0;
                assert!(off.abs() < 1e-15, "{from} in {to}");
            }
        }
    }

    #[test]
    fn whole_multiples_convert_exactly() {
        let same = |a: f64, b: f64| assert_eq!(a.to_bits(), b.to_bits());
        same(Span::days(7.0).unwrap().in_unit(TimeUnit::Week), 1.0);
        same(Span::weeks(3.0).unwrap().in_unit(TimeUnit::Day), 21.0);
        same(Span::years(2.0).unwrap().in_unit(TimeUnit::Day), 730.5);
        same(
            Span::months(1.0).unwrap().in_unit(TimeUnit::Day),
            30.436_875,
        );
        same(Span::days(0.1).unwrap().in_unit(TimeUnit::Day), 0.1);
        same(Span::zero(TimeUnit::Week).in_unit(TimeUnit::Year), 0.0);
    }

    #[test]
    fn instants_far_apart_and_close_together_are_measured() {
        let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        let all = Span::between(first, last, TimeUnit::Year).unwrap();
        assert!((520_000.0..530_000.0).contains(&all.length()));
        let refused = Span::between(last, first, TimeUnit::Year);
        assert!(matches!(
            refused,
            Err(QuantityError::Domain { found, .. }) if found < -520_000.0
        ));
        let nano = first + TimeDelta::nanoseconds(1);
        let tick = Span::between(first, nano, TimeUnit::Second).unwrap();
        assert!((tick.length() - 1e-9).abs() < 1e-24);
        assert!(Span::between(nano, first, TimeUnit::Second).is_err());
        assert_eq!(
            Span::between(first, first, TimeUnit::Day),
            Ok(Span::zero(TimeUnit::Day))
        );
    }

    #[test]
    fn a_span_is_shown_with_its_unit() {
        assert_eq!(Span::weeks(39.0).unwrap().to_string(), "39 weeks");
        assert_eq!(Span::days(1.0).unwrap().to_string(), "1 day");
        assert_eq!(format!("{:.1}", Span::years(0.25).unwrap()), "0.2 years");
    }
}
