//! Covariates of the calendar, the same for all customers, and one customer's own log of them.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::quantity::TimeUnit;

use super::path::{check_row, named};
use super::{CovariatePath, Coverage, TimeVaryingError};

/// Covariates as a step function of the calendar (日历协变量): seasons, campaigns, prices that are the
/// same for all customers, or one customer's own log.
///
/// A step begins at its instant inclusive. Each customer reads it from the first purchase on, by
/// [`path`](Self::path).
///
/// # Examples
///
/// A price list, beside a campaign:
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use guanxi::model::{CalendarCovariates, Coverage};
/// use guanxi::quantity::TimeUnit;
///
/// let opened = DateTime::from_timestamp(1_704_067_200, 0).unwrap_or_default(); // 2024-01-01
/// let week = |n: i64| opened + TimeDelta::weeks(n);
/// let price = CalendarCovariates::new(
///     ["price"],
///     [(week(0), vec![9.5]), (week(30), vec![11.0])],
///     Coverage::Continuing,
/// )?;
/// let campaign = CalendarCovariates::campaign(
///     "campaign",
///     &[(week(20), week(22))],
///     opened,
///     Coverage::Until(week(104)),
/// )?;
/// let both = price.with(&campaign)?;
/// assert_eq!(both.at(week(21)), Some(&[9.5, 1.0][..]));
///
/// // A customer who came in week 10 was 10 weeks old when the campaign began.
/// let path = both.path(week(10), TimeUnit::Week)?;
/// assert_eq!(path.at(10.0), Some(&[9.5, 1.0][..]));
/// # Ok::<(), guanxi::model::TimeVaryingError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "RawCalendar", into = "RawCalendar")
)]
pub struct CalendarCovariates {
    names: Arc<[String]>,
    from: Vec<DateTime<Utc>>,
    /// Values of all covariates, step after step.
    values: Vec<f64>,
    until: Option<DateTime<Utc>>,
}

impl CalendarCovariates {
    /// Covariates from a table of when each step begins and its values.
    ///
    /// # Errors
    ///
    /// [`TimeVaryingError::Name`], [`NoStep`](TimeVaryingError::NoStep),
    /// [`Count`](TimeVaryingError::Count), [`Value`](TimeVaryingError::Value) or
    /// [`InstantOrder`](TimeVaryingError::InstantOrder) if the steps are no step function.
    pub fn new(
        names: impl IntoIterator<Item = impl Into<String>>,
        steps: impl IntoIterator<Item = (DateTime<Utc>, Vec<f64>)>,
        coverage: Coverage<DateTime<Utc>>,
    ) -> Result<Self, TimeVaryingError> {
        let names = named(names)?;
        let mut from: Vec<DateTime<Utc>> = Vec::new();
        let mut values = Vec::new();
        for (i, (start, row)) in steps.into_iter().enumerate() {
            check_row(&names, i + 1, &row)?;
            check_after("step", i + 1, from.last(), start)?;
            from.push(start);
            values.extend(row);
        }
        if from.is_empty() {
            return Err(TimeVaryingError::NoStep);
        }
        let until = match coverage {
            Coverage::Until(end) => {
                check_after("end after step", from.len(), from.last(), end)?;
                Some(end)
            }
            Coverage::Continuing => None,
        };
        Ok(Self {
            names,
            from,
            values,
            until,
        })
    }

    /// Names of the covariates.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How far the covariates are known.
    #[must_use]
    pub fn coverage(&self) -> Coverage<DateTime<Utc>> {
        self.until.map_or(Coverage::Continuing, Coverage::Until)
    }

    /// The steps: when each begins, and its values.
    pub fn steps(&self) -> impl Iterator<Item = (DateTime<Utc>, &[f64])> {
        let steps = self.from.iter().enumerate();
        steps.map(|(i, &from)| (from, self.row(i)))
    }

    /// The values at an instant; `None` where they are not known.
    #[must_use]
    pub fn at(&self, instant: DateTime<Utc>) -> Option<&[f64]> {
        let after = self.from.partition_point(|&from| from <= instant);
        let known = after > 0 && self.until.is_none_or(|until| instant <= until);
        known.then(|| self.row(after - 1))
    }

    fn row(&self, step: usize) -> &[f64] {
        let width = self.names.len();
        &self.values[step * width..(step + 1) * width]
    }

    /// These covariates beside others, known where both are.
    ///
    /// # Errors
    ///
    /// - [`TimeVaryingError::Name`] if both have a covariate of one name.
    /// - [`TimeVaryingError::InstantOrder`] if one ends before the other begins.
    pub fn with(&self, other: &Self) -> Result<Self, TimeVaryingError> {
        let names: Vec<String> = self
            .names
            .iter()
            .chain(other.names.iter())
            .cloned()
            .collect();
        let start = self.from.first().max(other.from.first()).copied();
        let Some(start) = start else {
            return Err(TimeVaryingError::NoStep);
        };
        let coverage = match (self.until, other.until) {
            (Some(a), Some(b)) => Coverage::Until(a.min(b)),
            (Some(end), None) | (None, Some(end)) => Coverage::Until(end),
            (None, None) => Coverage::Continuing,
        };
        let mut instants: Vec<DateTime<Utc>> =
            self.from.iter().chain(&other.from).copied().collect();
        instants.retain(|&instant| {
            let before_end = match coverage {
                Coverage::Until(end) => instant < end,
                Coverage::Continuing => true,
            };
            instant >= start && (before_end || instant == start)
        });
        instants.sort_unstable();
        instants.dedup();
        let rows = instants.into_iter().filter_map(|instant| {
            let mut row = self.at(instant)?.to_vec();
            row.extend_from_slice(other.at(instant)?);
            Some((instant, row))
        });
        Self::new(names, rows, coverage)
    }

    /// What a customer sees of them from the first purchase on.
    ///
    /// # Errors
    ///
    /// [`TimeVaryingError::UncoveredInstant`] if they are not known at the first purchase.
    pub fn path(
        &self,
        first_purchase: DateTime<Utc>,
        unit: TimeUnit,
    ) -> Result<CovariatePath, TimeVaryingError> {
        if self.at(first_purchase).is_none() {
            return Err(TimeVaryingError::UncoveredInstant {
                needed: first_purchase,
                from: self.from.first().copied().unwrap_or_default(),
                until: self.until,
            });
        }
        let first = self.from.partition_point(|&from| from <= first_purchase) - 1;
        let mut from: Vec<f64> = Vec::with_capacity(self.from.len() - first);
        from.push(0.0);
        let later = self.from[first + 1..].iter();
        from.extend(later.map(|&instant| units_between(first_purchase, instant, unit)));
        let until = self.until.map_or(f64::INFINITY, |until| {
            units_between(first_purchase, until, unit)
        });
        let values = self.values[first * self.names.len()..].to_vec();
        let names = Arc::clone(&self.names);
        Ok(CovariatePath::begun(unit, names, from, values, until))
    }
}

/// The time from one instant to a later one, counted as [`Span::between`](crate::quantity::Span)
/// does.
pub(super) fn units_between(start: DateTime<Utc>, end: DateTime<Utc>, unit: TimeUnit) -> f64 {
    let time = end.signed_duration_since(start);
    let seconds = time.num_seconds() as f64 + f64::from(time.subsec_nanos()) * 1e-9;
    seconds / unit.seconds()
}

/// Refuses an instant that does not come after the one before.
pub(super) fn check_after(
    what: &'static str,
    number: usize,
    before: Option<&DateTime<Utc>>,
    found: DateTime<Utc>,
) -> Result<(), TimeVaryingError> {
    match before {
        Some(&before) if found <= before => Err(TimeVaryingError::InstantOrder {
            what,
            number,
            before,
            found,
        }),
        _ => Ok(()),
    }
}

/// How a calendar is written down.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "CalendarCovariates", deny_unknown_fields)]
struct RawCalendar {
    names: Vec<String>,
    steps: Vec<(DateTime<Utc>, Vec<f64>)>,
    coverage: Coverage<DateTime<Utc>>,
}

#[cfg(feature = "serde")]
impl TryFrom<RawCalendar> for CalendarCovariates {
    type Error = TimeVaryingError;

    fn try_from(raw: RawCalendar) -> Result<Self, TimeVaryingError> {
        Self::new(raw.names, raw.steps, raw.coverage)
    }
}

#[cfg(feature = "serde")]
impl From<CalendarCovariates> for RawCalendar {
    fn from(calendar: CalendarCovariates) -> Self {
        Self {
            names: calendar.names.to_vec(),
            steps: calendar
                .steps()
                .map(|(from, row)| (from, row.to_vec()))
                .collect(),
            coverage: calendar.coverage(),
        }
    }
}
