//! Ready-made covariates of the calendar: seasons and campaigns.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

use super::calendar::check_after;
use super::{CalendarCovariates, Coverage, TimeVaryingError};

/// How a season is told by covariates, all in UTC.
///
/// The time of the year that has no covariate of its own is what the model's parameters describe;
/// an effect is the logarithm of the ratio to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Season {
    /// `month 2` to `month 12`, each 1 in its calendar month and 0 else, against January.
    Months,
    /// `week 2` to `week 52`, each 1 in its ISO week and 0 else, against week 1. The rare week 53
    /// counts as week 52.
    Weeks,
    /// `cos 1`, `sin 1`, `cos 2` …: waves of one, two … periods in a calendar year, by steps of
    /// `days` (from 1 to 366), each with the value in its middle. Few effects for a smooth season.
    Harmonics {
        /// How many waves, from 1 to 26.
        count: u8,
        /// Length of a step in days.
        days: u16,
    },
}

/// The most steps that a season may have: a day each for a thousand years.
const MOST_STEPS: i64 = 366_000;

impl CalendarCovariates {
    /// The season between two instants (季节).
    ///
    /// # Errors
    ///
    /// - [`TimeVaryingError::InstantOrder`] if the end does not follow the start.
    /// - [`TimeVaryingError::Builder`] if the waves, the days of a step or the steps are too few or
    ///   too many.
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::DateTime;
    /// use guanxi::model::{CalendarCovariates, Season};
    ///
    /// let day = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    /// let (from, until) = (day(1_704_067_200), day(1_767_225_600)); // 2024-01-01, 2026-01-01
    ///
    /// let months = CalendarCovariates::season(Season::Months, from, until)?;
    /// assert_eq!(months.names().len(), 11);
    /// let christmas = months.at(day(1_735_084_800)).ok_or("covered")?; // 2024-12-25
    /// assert_eq!(christmas[10], 1.0); // month 12
    ///
    /// // Two effects instead of eleven, by the week.
    /// let wave = Season::Harmonics { count: 1, days: 7 };
    /// let wave = CalendarCovariates::season(wave, from, until)?;
    /// assert_eq!(wave.names(), ["cos 1", "sin 1"]);
    /// let january = wave.at(from).ok_or("covered")?;
    /// assert!((january[0] - 0.998194).abs() < 1e-6); // in the middle of its first week
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn season(
        season: Season,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Self, TimeVaryingError> {
        check_after("end", 1, Some(&from), until)?;
        match season {
            Season::Months => indicators("month", 12, from, until, month),
            Season::Weeks => indicators("week", 52, from, until, iso_week),
            Season::Harmonics { count, days } => harmonics(count, days, from, until),
        }
    }

    /// A covariate that is 1 during each window, its start included and its end not, and 0 else
    /// (促销活动).
    ///
    /// # Errors
    ///
    /// [`TimeVaryingError::InstantOrder`] if a window ends before it starts or starts before the one
    /// before has ended, or if the end does not follow the start or the last change.
    ///
    /// # Examples
    ///
    /// Beside a season, so that a campaign before Christmas is not credited with Christmas:
    ///
    /// ```
    /// use chrono::DateTime;
    /// use guanxi::model::{CalendarCovariates, Coverage, Season};
    ///
    /// let day = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    /// let (from, until) = (day(1_704_067_200), day(1_767_225_600)); // 2024-01-01, 2026-01-01
    /// let windows = [(day(1_731_888_000), day(1_733_097_600))]; // 2024-11-18 to 12-02
    /// let campaign =
    ///     CalendarCovariates::campaign("campaign", &windows, from, Coverage::Until(until))?;
    /// let both = CalendarCovariates::season(Season::Months, from, until)?.with(&campaign)?;
    /// let row = both.at(day(1_732_500_000)).ok_or("covered")?;
    /// assert_eq!((row[9], row[11]), (1.0, 1.0)); // month 11, campaign
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn campaign(
        name: impl Into<String>,
        windows: &[(DateTime<Utc>, DateTime<Utc>)],
        from: DateTime<Utc>,
        coverage: Coverage<DateTime<Utc>>,
    ) -> Result<Self, TimeVaryingError> {
        let mut steps = vec![(from, vec![0.0])];
        let mut before: Option<DateTime<Utc>> = None;
        for (i, &(start, end)) in windows.iter().enumerate() {
            if let Some(before) = before {
                if start < before {
                    return Err(TimeVaryingError::InstantOrder {
                        what: "start of window",
                        number: i + 1,
                        before,
                        found: start,
                    });
                }
            }
            check_after("end of window", i + 1, Some(&start), end)?;
            before = Some(end);
            set(&mut steps, start, 1.0);
            set(&mut steps, end, 0.0);
        }
        if let Coverage::Until(until) = coverage {
            // A window may run beyond what is asked for.
            check_after("end", 1, Some(&from), until)?;
            steps.retain(|&(start, _)| start < until);
        }
        Self::new([name], steps, coverage)
    }
}

/// Sets the value from an instant on; what happens before the first step is the first step's.
fn set(steps: &mut Vec<(DateTime<Utc>, Vec<f64>)>, at: DateTime<Utc>, value: f64) {
    match steps.last_mut() {
        Some((last, row)) if at <= *last => row[0] = value,
        _ => steps.push((at, vec![value])),
    }
}

/// Number of the month, from 1, and when the next one begins.
fn month(at: DateTime<Utc>) -> (u32, Option<DateTime<Utc>>) {
    let (year, month) = (at.year(), at.month());
    let (year, next) = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    (month, midnight(NaiveDate::from_ymd_opt(year, next, 1)))
}

/// Number of the ISO week, from 1 to 52, and when the next one begins.
fn iso_week(at: DateTime<Utc>) -> (u32, Option<DateTime<Utc>>) {
    let day = at.date_naive();
    let left = TimeDelta::days(7 - i64::from(day.weekday().num_days_from_monday()));
    let next = midnight(day.checked_add_signed(left));
    (day.iso_week().week().min(52), next)
}

fn midnight(day: Option<NaiveDate>) -> Option<DateTime<Utc>> {
    Some(day?.and_hms_opt(0, 0, 0)?.and_utc())
}

/// One covariate for each part of the year but the first.
fn indicators(
    part: &str,
    parts: u32,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    of: impl Fn(DateTime<Utc>) -> (u32, Option<DateTime<Utc>>),
) -> Result<CalendarCovariates, TimeVaryingError> {
    check_steps(until.signed_duration_since(from).num_weeks())?;
    let names = (2..=parts).map(|n| format!("{part} {n}"));
    let mut steps: Vec<(DateTime<Utc>, Vec<f64>)> = Vec::new();
    let mut at = Some(from);
    while let Some(start) = at.filter(|&start| start < until) {
        let (number, next) = of(start);
        let row: Vec<f64> = (2..=parts)
            .map(|n| if n == number { 1.0 } else { 0.0 })
            .collect();
        // Weeks 52 and 53 are one step.
        if steps.last().is_none_or(|(_, last)| *last != row) {
            steps.push((start, row));
        }
        at = next;
    }
    CalendarCovariates::new(names, steps, Coverage::Until(until))
}

fn harmonics(
    count: u8,
    days: u16,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<CalendarCovariates, TimeVaryingError> {
    for (what, most, found) in [
        ("number of waves", 26, i64::from(count)),
        ("days of a step", 366, i64::from(days)),
    ] {
        if !(1..=most).contains(&found) {
            return Err(TimeVaryingError::Builder {
                what,
                expected: if most == 26 {
                    "from 1 to 26"
                } else {
                    "from 1 to 366"
                },
                found,
            });
        }
    }
    check_steps(until.signed_duration_since(from).num_days() / i64::from(days))?;
    let step = TimeDelta::days(i64::from(days));
    let waves = 1..=count;
    let names = waves
        .clone()
        .flat_map(|n| [format!("cos {n}"), format!("sin {n}")]);
    let mut steps = Vec::new();
    let mut at = Some(from);
    while let Some(start) = at.filter(|&start| start < until) {
        let share = share_of_year(start + step / 2);
        let row: Vec<f64> = waves
            .clone()
            .flat_map(|n| {
                let turn = std::f64::consts::TAU * f64::from(n) * share;
                [turn.cos(), turn.sin()]
            })
            .collect();
        steps.push((start, row));
        at = start.checked_add_signed(step);
    }
    CalendarCovariates::new(names, steps, Coverage::Until(until))
}

/// How much of its calendar year has passed at an instant.
fn share_of_year(at: DateTime<Utc>) -> f64 {
    let first = |year| midnight(NaiveDate::from_ymd_opt(year, 1, 1));
    match (first(at.year()), first(at.year() + 1)) {
        (Some(start), Some(end)) => {
            let passed = at.signed_duration_since(start).num_seconds() as f64;
            passed / end.signed_duration_since(start).num_seconds() as f64
        }
        _ => 0.0,
    }
}

fn check_steps(found: i64) -> Result<(), TimeVaryingError> {
    if found <= MOST_STEPS {
        Ok(())
    } else {
        Err(TimeVaryingError::Builder {
            what: "number of steps",
            expected: "at most 366000",
            found,
        })
    }
}
