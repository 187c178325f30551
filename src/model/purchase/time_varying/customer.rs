//! Customers with their covariates over time, and samples of them.

use chrono::{DateTime, Utc};

use crate::quantity::{QuantityError, Span, TimeUnit};
use crate::summary::RfmSummary;

use super::super::super::fit::{FitError, check_weight};
use super::calendar::{check_after, units_between};
use super::{CalendarCovariates, CovariatePath, TimeVaryingError};

/// A customer whose covariates change with time (时变协变量客户): the RFM summary, the path of the
/// covariates, and their sum over the repeat purchases.
///
/// Of the times of the purchases no more than that sum and the last one count. What the path says
/// beyond the end of observation is the future that forecasts are made under.
///
/// # Examples
///
/// ```
/// use guanxi::model::{CovariatePath, Coverage, TimedCustomer};
/// use guanxi::quantity::{Span, TimeUnit};
///
/// let path = CovariatePath::new(
///     TimeUnit::Week,
///     ["campaign"],
///     [(0.0, vec![0.0]), (10.0, vec![1.0]), (12.0, vec![0.0])],
///     Coverage::Continuing,
/// )?;
/// // Came back in weeks 5, 10 and 11.5, two of them in the campaign.
/// let customer = TimedCustomer::from_purchases(&[5.0, 10.0, 11.5], Span::weeks(20.0)?, path)?;
/// assert_eq!(customer.summary().frequency(), 3);
/// assert_eq!(customer.covariate_sums(), [2.0]);
/// # Ok::<(), guanxi::model::TimeVaryingError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "RawCustomer", into = "RawCustomer")
)]
pub struct TimedCustomer {
    summary: RfmSummary,
    path: CovariatePath,
    sums: Vec<f64>,
}

impl TimedCustomer {
    /// A customer from a summary and the times of the repeat purchases, ascending, in the unit of
    /// the summary.
    ///
    /// # Errors
    ///
    /// - [`TimeVaryingError::Quantity`] if the path is in another unit than the summary.
    /// - [`TimeVaryingError::Uncovered`] if it ends before the observation.
    /// - [`TimeVaryingError::Purchase`] or [`Contradiction`](TimeVaryingError::Contradiction) if the
    ///   purchases do not ascend, or are not those of the summary.
    pub fn new(
        summary: RfmSummary,
        purchases: &[f64],
        path: CovariatePath,
    ) -> Result<Self, TimeVaryingError> {
        check_path(&summary, &path)?;
        let mut before = 0.0;
        for (i, &time) in purchases.iter().enumerate() {
            // Written so that NaN fails it.
            if !(time >= before && time > 0.0 && time <= summary.age()) {
                return Err(TimeVaryingError::Purchase {
                    number: i + 1,
                    expected: "after the first, not before the one before it, and observed",
                    found: time,
                });
            }
            before = time;
        }
        check_alike(
            "number of purchases",
            f64::from(summary.frequency()),
            purchases.len() as f64,
        )?;
        check_alike("time of the last purchase", summary.recency(), before)?;
        let mut counts = Vec::new();
        for &time in purchases {
            let place = path.place(time);
            counts.resize(place + 1, 0);
            counts[place] += 1;
        }
        Ok(Self::counted(summary, &counts, path))
    }

    /// A customer from the times of the repeat purchases, ascending, in the unit of the path, with
    /// the whole time observed.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new), and [`TimeVaryingError::Summary`] if the times make no summary.
    pub fn from_purchases(
        purchases: &[f64],
        age: Span,
        path: CovariatePath,
    ) -> Result<Self, TimeVaryingError> {
        let unit = path.unit();
        let last = purchases.last().copied().unwrap_or(0.0);
        let frequency = u32::try_from(purchases.len()).map_err(|_| TimeVaryingError::Purchase {
            number: purchases.len(),
            expected: "one of 4294967295 at most",
            found: last,
        })?;
        let summary = RfmSummary::new(unit, frequency, last, age.in_unit(unit))?;
        Self::new(summary, purchases, path)
    }

    /// A customer from a summary and the number of repeat purchases in each
    /// [step](CovariatePath::steps) of the path.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new): the counts add up to the frequency, and the last step with any is
    /// that of the recency.
    pub fn from_counts(
        summary: RfmSummary,
        counts: &[u32],
        path: CovariatePath,
    ) -> Result<Self, TimeVaryingError> {
        check_path(&summary, &path)?;
        let total: f64 = counts.iter().map(|&n| f64::from(n)).sum();
        check_alike("sum of the counts", f64::from(summary.frequency()), total)?;
        let used = counts.iter().rposition(|&n| n > 0).map_or(0, |i| i + 1);
        if used > 0 {
            check_alike(
                "last step with a purchase, from 0",
                path.place(summary.recency()) as f64,
                (used - 1) as f64,
            )?;
        }
        Ok(Self::counted(summary, &counts[..used], path))
    }

    /// A customer from instants: the first purchase, the repeat purchases in their order, and the
    /// end of observation.
    ///
    /// # Errors
    ///
    /// - [`TimeVaryingError::InstantOrder`] if the instants do not ascend strictly.
    /// - [`TimeVaryingError::UncoveredInstant`] or [`Uncovered`](TimeVaryingError::Uncovered) if the
    ///   calendar does not cover them.
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::{DateTime, TimeDelta};
    /// use guanxi::model::{CalendarCovariates, Coverage, TimedCustomer};
    /// use guanxi::quantity::TimeUnit;
    ///
    /// let opened = DateTime::from_timestamp(1_704_067_200, 0).unwrap_or_default(); // 2024-01-01
    /// let week = |n: i64| opened + TimeDelta::weeks(n);
    /// let campaign = CalendarCovariates::campaign(
    ///     "campaign",
    ///     &[(week(20), week(22))],
    ///     opened,
    ///     Coverage::Until(week(104)),
    /// )?;
    /// let customer = TimedCustomer::from_instants(
    ///     week(3),
    ///     &[week(20), week(22)], // the first instant of the campaign, and the first after it
    ///     week(52),
    ///     &campaign,
    ///     TimeUnit::Week,
    /// )?;
    /// assert_eq!(customer.covariate_sums(), [1.0]);
    /// assert_eq!(customer.summary().recency(), 19.0);
    /// # Ok::<(), guanxi::model::TimeVaryingError>(())
    /// ```
    pub fn from_instants(
        first: DateTime<Utc>,
        repeats: &[DateTime<Utc>],
        end: DateTime<Utc>,
        calendar: &CalendarCovariates,
        unit: TimeUnit,
    ) -> Result<Self, TimeVaryingError> {
        let path = calendar.path(first, unit)?;
        let mut before = first;
        let mut purchases = Vec::with_capacity(repeats.len());
        for (i, &repeat) in repeats.iter().enumerate() {
            check_after("repeat purchase", i + 1, Some(&before), repeat)?;
            before = repeat;
            purchases.push(units_between(first, repeat, unit));
        }
        Self::from_purchases(&purchases, Span::between(first, end, unit)?, path)
    }

    /// A customer who has just made the first purchase.
    #[must_use]
    pub fn newcomer(path: CovariatePath) -> Self {
        let summary = RfmSummary::newcomer(path.unit());
        Self::counted(summary, &[], path)
    }

    fn counted(summary: RfmSummary, counts: &[u32], path: CovariatePath) -> Self {
        let mut sums = vec![0.0; path.names().len()];
        for (place, &count) in counts.iter().enumerate().filter(|&(_, &n)| n > 0) {
            for (sum, value) in sums.iter_mut().zip(path.row(place)) {
                *sum += f64::from(count) * value;
            }
        }
        Self {
            summary,
            path,
            sums,
        }
    }

    /// The summary.
    #[must_use]
    pub fn summary(&self) -> &RfmSummary {
        &self.summary
    }

    /// The covariates.
    #[must_use]
    pub fn path(&self) -> &CovariatePath {
        &self.path
    }

    /// Sum of each covariate over the repeat purchases.
    #[must_use]
    pub fn covariate_sums(&self) -> &[f64] {
        &self.sums
    }

    /// The same customer with another future, whose time 0 is the end of observation.
    ///
    /// # Errors
    ///
    /// As for [`CovariatePath::then`].
    pub fn with_future(&self, future: &CovariatePath) -> Result<Self, TimeVaryingError> {
        let age = Span::new(self.summary.age(), self.summary.unit())?;
        Ok(Self {
            summary: self.summary,
            path: self.path.then(age, future)?,
            sums: self.sums.clone(),
        })
    }
}

/// Whether a path is one for the customer.
fn check_path(summary: &RfmSummary, path: &CovariatePath) -> Result<(), TimeVaryingError> {
    if path.unit() == summary.unit() {
        path.check_covers(summary.age())
    } else {
        Err(TimeVaryingError::Quantity(QuantityError::UnitMismatch {
            expected: summary.unit(),
            found: path.unit(),
        }))
    }
}

/// Refuses what contradicts the summary.
fn check_alike(what: &'static str, expected: f64, found: f64) -> Result<(), TimeVaryingError> {
    if expected.to_bits() == found.to_bits() {
        Ok(())
    } else {
        Err(TimeVaryingError::Contradiction {
            what,
            expected,
            found,
        })
    }
}

/// Customers whose covariates change with time, for a fit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TimedSample {
    rows: Vec<(TimedCustomer, f64)>,
}

impl TimedSample {
    /// Adds `weight` customers like this one.
    ///
    /// # Errors
    ///
    /// - [`FitError::Weight`] unless the weight is above 0 and at most 1e15.
    /// - [`FitError::UnitMismatch`] if the customer is in another unit than those before.
    pub fn add(&mut self, customer: TimedCustomer, weight: f64) -> Result<(), FitError> {
        check_weight(weight)?;
        let found = customer.summary.unit();
        match self.rows.first() {
            Some((first, _)) if first.summary.unit() != found => Err(FitError::UnitMismatch {
                expected: first.summary.unit(),
                found,
            }),
            _ => {
                self.rows.push((customer, weight));
                Ok(())
            }
        }
    }

    /// Number of rows added.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The customers with their weights.
    pub fn rows(&self) -> impl Iterator<Item = (&TimedCustomer, f64)> {
        self.rows
            .iter()
            .map(|(customer, weight)| (customer, *weight))
    }
}

/// How a customer is written down.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "TimedCustomer", deny_unknown_fields)]
struct RawCustomer {
    summary: RfmSummary,
    covariate_sums: Vec<f64>,
    path: CovariatePath,
}

#[cfg(feature = "serde")]
impl TryFrom<RawCustomer> for TimedCustomer {
    type Error = TimeVaryingError;

    fn try_from(raw: RawCustomer) -> Result<Self, TimeVaryingError> {
        check_path(&raw.summary, &raw.path)?;
        let sums = raw.covariate_sums;
        check_alike(
            "number of sums of covariates",
            raw.path.names().len() as f64,
            sums.len() as f64,
        )?;
        for &sum in &sums {
            crate::quantity::stored::finite("sum of a covariate", sum)?;
        }
        if raw.summary.frequency() == 0 {
            for &sum in &sums {
                check_alike("sum over no repeat purchases", 0.0, sum + 0.0)?;
            }
        }
        Ok(Self {
            summary: raw.summary,
            path: raw.path,
            sums,
        })
    }
}

#[cfg(feature = "serde")]
impl From<TimedCustomer> for RawCustomer {
    fn from(customer: TimedCustomer) -> Self {
        Self {
            summary: customer.summary,
            covariate_sums: customer.sums,
            path: customer.path,
        }
    }
}
