//! Customers under contract as a likelihood sees them: how often each renewed, and whether the
//! contract then ended.

use std::collections::BTreeMap;

use crate::quantity::TimeUnit;
#[cfg(feature = "serde")]
use crate::quantity::stored::{read_finite, read_fraction};

use super::super::fit::{FitError, check_weight};
#[cfg(feature = "simulate")]
use super::super::resample::Resample;

/// How long a customer has stayed (合约期限): the renewals made so far, and whether the contract then
/// ended.
///
/// # Examples
///
/// ```
/// use guanxi::model::Tenure;
///
/// let customer = Tenure::current(3); // in the fourth period
/// let lost = Tenure::ended_after(3); // left at the end of it
/// assert_eq!(customer.renewals(), lost.renewals());
/// assert!(lost.has_ended() && !customer.has_ended());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Tenure {
    renewals: u32,
    ended: bool,
}

impl Tenure {
    /// A customer still, after this many renewals.
    #[must_use]
    pub const fn current(renewals: u32) -> Self {
        Self {
            renewals,
            ended: false,
        }
    }

    /// A customer no longer: after this many renewals, the next was not made.
    #[must_use]
    pub const fn ended_after(renewals: u32) -> Self {
        Self {
            renewals,
            ended: true,
        }
    }

    /// Renewals made.
    #[must_use]
    pub const fn renewals(self) -> u32 {
        self.renewals
    }

    /// Whether the next renewal was not made; if not, it has not come up yet.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        self.ended
    }
}

/// Customers for a retention model, each with a tenure and a weight; equal ones are merged.
///
/// Cohorts may be of different ages: what a customer says is the renewals that came up, whenever the
/// first contract began.
///
/// # Examples
///
/// Two cohorts, the second a year younger, and one customer more:
///
/// ```
/// use guanxi::model::RetentionSample;
/// use guanxi::quantity::TimeUnit;
///
/// let mut sample = RetentionSample::new(TimeUnit::Year);
/// sample.add_cohort(&[1000.0, 869.0, 743.0, 653.0])?;
/// sample.add_cohort(&[500.0, 430.0, 372.0])?;
/// sample.add_lost(2, 1.0)?; // made one renewal, but not the second
/// assert_eq!(sample.customers(), 1501.0);
/// assert_eq!(sample.retention_rate(1), Some(1300.0 / 1501.0));
/// let refused = sample.add_cohort(&[500.0, 510.0]);
/// assert_eq!(
///     refused.map_err(|error| error.to_string()),
///     Err("survivors of a cohort must be no more than before, got 510.0 at place 1".to_owned())
/// );
/// # Ok::<(), guanxi::model::FitError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RetentionSample {
    unit: TimeUnit,
    rows: BTreeMap<Tenure, f64>,
}

/// How much retention rises with the age of a customer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct RetentionRise {
    /// Share of the customers who made the first renewal.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_fraction"))]
    pub first: f64,
    /// Share who made each of the later renewals that came up for them.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_fraction"))]
    pub later: f64,
    /// Trend of retention against age, in standard errors (Cochran–Armitage).
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_finite"))]
    pub z: f64,
}

impl RetentionSample {
    /// The most periods that a history may hold.
    pub const MOST_PERIODS: u32 = 1_000_000;

    /// No customers yet; a contract runs for one `unit`.
    #[must_use]
    pub const fn new(unit: TimeUnit) -> Self {
        Self {
            unit,
            rows: BTreeMap::new(),
        }
    }

    /// How long one contract runs.
    #[must_use]
    pub const fn unit(&self) -> TimeUnit {
        self.unit
    }

    /// Number of distinct tenures.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Number of customers (the sum of the weights).
    #[must_use]
    pub fn customers(&self) -> f64 {
        // The sum of nothing is −0.
        self.rows.values().sum::<f64>() + 0.0
    }

    /// Adds the customers of another sample.
    pub(super) fn merge(&mut self, other: &Self) -> Result<(), FitError> {
        if self.unit != other.unit {
            return Err(FitError::UnitMismatch {
                expected: self.unit,
                found: other.unit,
            });
        }
        for (&tenure, weight) in &other.rows {
            *self.rows.entry(tenure).or_insert(0.0) += weight;
        }
        Ok(())
    }

    /// Adds `weight` customers with this tenure.
    ///
    /// # Errors
    ///
    /// - [`FitError::Weight`] unless the weight is above 0 and at most 1e15.
    /// - [`FitError::Periods`] for a history longer than [`MOST_PERIODS`](Self::MOST_PERIODS).
    pub fn add(&mut self, tenure: Tenure, weight: f64) -> Result<(), FitError> {
        check_weight(weight)?;
        if tenure.renewals >= Self::MOST_PERIODS {
            return Err(FitError::Periods {
                quantity: "number of renewals of a customer",
                expected: "below 1000000",
                found: tenure.renewals.into(),
            });
        }
        *self.rows.entry(tenure).or_insert(0.0) += weight;
        Ok(())
    }

    /// Adds `weight` customers who left at the end of this period, counted from 1: they made one
    /// renewal less.
    ///
    /// # Errors
    ///
    /// As for [`add`](Self::add); [`FitError::Periods`] for period 0.
    pub fn add_lost(&mut self, period: u32, weight: f64) -> Result<(), FitError> {
        let renewals = period.checked_sub(1).ok_or(FitError::Periods {
            quantity: "period of a loss",
            expected: "at least 1",
            found: 0,
        })?;
        self.add(Tenure::ended_after(renewals), weight)
    }

    /// Adds `weight` customers who have made this many renewals and are customers still.
    ///
    /// # Errors
    ///
    /// As for [`add`](Self::add).
    pub fn add_surviving(&mut self, renewals: u32, weight: f64) -> Result<(), FitError> {
        self.add(Tenure::current(renewals), weight)
    }

    /// Adds a cohort (同期群): its size, and how many of it were left after each renewal that has
    /// come up for it. Fractions, such as shares of a cohort times its size, are welcome.
    ///
    /// # Errors
    ///
    /// - [`FitError::Survivors`], naming the first number that is not from 0 to the one before, or a
    ///   size that is not above 0; nothing is added then.
    /// - [`FitError::Periods`] for more than [`MOST_PERIODS`](Self::MOST_PERIODS) of them.
    pub fn add_cohort(&mut self, survivors: &[f64]) -> Result<(), FitError> {
        let size = survivors.first().copied().unwrap_or(0.0);
        if !(size > 0.0 && size.is_finite()) {
            return Err(FitError::Survivors {
                index: 0,
                expected: "a positive, finite size of the cohort first",
                found: size,
            });
        }
        let pairs = || survivors.iter().zip(survivors.iter().skip(1)).enumerate();
        for (index, (&before, &found)) in pairs() {
            let expected = if found <= before {
                "at or above 0"
            } else {
                "no more than before"
            };
            // Written so that NaN fails it.
            if !(0.0..=before).contains(&found) {
                return Err(FitError::Survivors {
                    index: index + 1,
                    expected,
                    found,
                });
            }
        }
        let most = Self::MOST_PERIODS as usize;
        if survivors.len() > most {
            return Err(FitError::Periods {
                quantity: "number of survivors of a cohort",
                expected: "at most 1000000",
                found: survivors.len() as u64,
            });
        }
        let (mut period, mut last) = (1, size);
        for (_, (&before, &after)) in pairs() {
            if after < before {
                self.add_lost(period, before - after)?;
            }
            (period, last) = (period + 1, after);
        }
        if last > 0.0 {
            self.add_surviving(period - 1, last)?;
        }
        Ok(())
    }

    /// Share of the customers for whom this renewal, counted from 1, came up and who made it, over
    /// all cohorts; `None` if it came up for nobody.
    #[must_use]
    pub fn retention_rate(&self, renewal: u32) -> Option<f64> {
        let (mut kept, mut due) = (0.0, 0.0);
        for (tenure, weight) in &self.rows {
            if tenure.renewals >= renewal {
                kept += weight;
            }
            if tenure.renewals + u32::from(tenure.ended) >= renewal {
                due += weight;
            }
        }
        (renewal > 0 && due > 0.0).then(|| kept / due)
    }

    /// Whether retention rises with the age of a customer by more than chance (5 %, one-sided).
    ///
    /// It does where customers differ: those who stay are more and more the loyal ones. One average
    /// rate of retention then undervalues them (Fader & Hardie 2010), so a [`GeometricRetention`]
    /// fitted to the sample carries a note.
    ///
    /// [`GeometricRetention`]: super::GeometricRetention
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::model::RetentionSample;
    /// use guanxi::quantity::TimeUnit;
    ///
    /// let mut sample = RetentionSample::new(TimeUnit::Year);
    /// sample.add_cohort(&[1000.0, 631.0, 468.0, 382.0, 326.0, 289.0, 262.0, 241.0])?;
    /// let rise = sample.retention_rises().ok_or("it rises")?;
    /// assert_eq!(rise.first, 0.631);
    /// assert!((rise.later - 0.834606).abs() < 1e-6);
    /// assert!(rise.z > 10.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn retention_rises(&self) -> Option<RetentionRise> {
        /// 95 % quantile of the standard normal distribution.
        const RISE: f64 = 1.644_853_626_951_472_7;
        let periods = self.periods();
        let (mut kept, mut due, mut ages, mut squares) = (0.0, 0.0, 0.0, 0.0);
        for (age, period) in periods.iter().enumerate() {
            let (age, all) = (age as f64, period.kept + period.lost);
            kept += period.kept;
            due += all;
            ages += all * age;
            squares += all * age * age;
        }
        let share = kept / due;
        let variance = share * (1.0 - share) * (squares - ages * ages / due);
        let score: f64 = periods
            .iter()
            .enumerate()
            .map(|(age, p)| age as f64 * (p.kept - share * (p.kept + p.lost)))
            .sum();
        let z = score / variance.sqrt();
        let first = periods.first()?;
        // Nothing to compare gives NaN, which fails this.
        (z > RISE).then(|| RetentionRise {
            first: first.kept / (first.kept + first.lost),
            later: (kept - first.kept) / (due - first.kept - first.lost),
            z,
        })
    }

    /// What became of each renewal, from the first to the last that came up.
    pub(super) fn periods(&self) -> Vec<Period> {
        let came_up = |tenure: &Tenure| (tenure.renewals + u32::from(tenure.ended)) as usize;
        let longest = self.rows.keys().map(came_up).max().unwrap_or(0);
        let nothing = Period {
            kept: 0.0,
            lost: 0.0,
        };
        let mut periods = vec![nothing; longest];
        for (tenure, weight) in &self.rows {
            let made = tenure.renewals as usize;
            if tenure.ended {
                periods[made].lost += weight;
            }
            if made > 0 {
                periods[made - 1].kept += weight;
            }
        }
        // Who made a renewal has made all before it.
        let mut kept = 0.0;
        for period in periods.iter_mut().rev() {
            kept += period.kept;
            period.kept = kept;
        }
        periods
    }
}

#[cfg(feature = "simulate")]
impl Resample for RetentionSample {
    fn sorted(&self) -> Self {
        self.clone()
    }

    fn weights(&self) -> Vec<f64> {
        self.rows.values().copied().collect()
    }

    fn reweighted(&self, weights: &[f64]) -> Self {
        let rows = self.rows.keys().zip(weights);
        let rows = rows.filter(|&(_, &weight)| weight > 0.0);
        Self {
            unit: self.unit,
            rows: rows.map(|(&tenure, &weight)| (tenure, weight)).collect(),
        }
    }
}

/// What became of one renewal of all customers for whom it came up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Period {
    /// Who made it.
    pub(crate) kept: f64,
    /// Who did not.
    pub(crate) lost: f64,
}
