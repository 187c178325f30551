//! When customers joined and when they came back: what happened, period by period, beside what a
//! model expects.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::quantity::{Span, TimeUnit};

use super::periods::Grid;
use super::{CustomerBase, SummaryError};

/// First and repeat transactions of a base over time (购买活动), counted by dedupe period.
///
/// The customers are those of the [`CalibrationSplit`](super::CalibrationSplit) at the same
/// instants: with a transaction in the calibration, as it was known at its end. Whoever joins later
/// is not among them, so that no model has to know how many will.
///
/// Made by [`CustomerBase::activity`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    grid: Grid,
    unit: TimeUnit,
    calibration_end: i64,
    end: i64,
    /// Customers by the period of their first transaction.
    joined: BTreeMap<i64, u64>,
    /// Repeat transactions by period.
    repeats: BTreeMap<i64, u64>,
}

impl CustomerBase {
    /// When the customers of a calibration joined, and when they came back up to an instant.
    ///
    /// With `end` at the end of the calibration there is no holdout.
    ///
    /// # Errors
    ///
    /// [`SummaryError::HoldoutOrder`] if `end` lies in a period before the calibration's last;
    /// [`SummaryError::Customer`] around what
    /// [`PurchaseState::summarise`](super::PurchaseState::summarise) refuses.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::quantity::{Currency, Money};
    /// use guanxi::summary::{CustomerBase, SummaryPolicy};
    ///
    /// let noon = |day: &str| format!("{day}T12:00:00Z").parse::<chrono::DateTime<chrono::Utc>>();
    /// let ten = Money::parse("10", Currency::USD)?;
    /// let mut base = CustomerBase::new(SummaryPolicy::default());
    /// base.observe_purchase("early", noon("1997-02-01")?, ten)?;
    /// base.observe_purchase("early", noon("1997-08-02")?, ten)?;
    /// base.observe_purchase("early", noon("1997-11-02")?, ten)?;
    /// base.observe_purchase("late", noon("1997-12-24")?, ten)?;
    ///
    /// let activity = base.activity(noon("1997-09-30")?, noon("1998-06-30")?)?;
    /// assert_eq!(activity.customers(), 1);
    /// assert_eq!(activity.repeats_until(noon("1997-09-30")?), 1);
    /// assert_eq!(activity.repeats_until(noon("1998-06-30")?), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn activity(
        &self,
        calibration_end: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Result<Activity, SummaryError> {
        let grid = self.policy().grid();
        let (from, to) = (grid.index(calibration_end), grid.index(end));
        if from > to {
            return Err(SummaryError::HoldoutOrder {
                period: grid.unit(),
                calibration_end,
                found: end,
            });
        }
        let mut activity = Activity {
            grid,
            unit: self.policy().unit(),
            calibration_end: from,
            end: to,
            joined: BTreeMap::new(),
            repeats: BTreeMap::new(),
        };
        for (id, state) in self.iter() {
            let purchases = state.purchases();
            let mut first = None;
            let mut periods = Vec::new();
            let mut visit = |period: i64| {
                periods.push(period);
                first = Some(period); // the latest comes first
            };
            let calibration = purchases.for_each_transaction(from, state.policy(), |period, _| {
                visit(period);
                Ok(())
            });
            calibration.map_err(|error| error.of_customer(id))?;
            let Some(first) = first else {
                continue; // joined later, or never bought
            };
            periods.pop();
            if to > from {
                let holdout = purchases.for_each_transaction(to, state.policy(), |period, _| {
                    if period > from {
                        periods.push(period);
                    }
                    Ok(())
                });
                holdout.map_err(|error| error.of_customer(id))?;
            }
            *activity.joined.entry(first).or_default() += 1;
            for period in periods {
                *activity.repeats.entry(period).or_default() += 1;
            }
        }
        Ok(activity)
    }
}

/// One stretch of time of an [`Activity`], as dedupe periods after one and up to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    after: i64,
    until: i64,
}

impl Activity {
    /// How many customers there are.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.joined.values().sum()
    }

    /// Unit of the base's policy, the unit of the model to come.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }

    /// Repeat transactions up to and including the dedupe period of an instant; none after the end
    /// are known.
    #[must_use]
    pub fn repeats_until(&self, at: DateTime<Utc>) -> u64 {
        self.repeats_to(self.grid.index(at))
    }

    fn repeats_to(&self, period: i64) -> u64 {
        self.repeats.range(..=period).map(|(_, count)| count).sum()
    }

    /// The time from the first transaction of all to the end in stretches of this length; the last
    /// may be shorter. Nothing without a customer.
    pub(crate) fn stretches(&self, length: Span) -> Result<Vec<Stretch>, SummaryError> {
        let seconds = length.in_unit(TimeUnit::Second);
        let periods = seconds / self.grid.unit().seconds() as f64;
        let whole = periods.round();
        // Lengths in months or years may round; no further than this.
        if !(1.0..=1e12).contains(&whole) || (periods - whole).abs() > 1e-9 * whole {
            return Err(SummaryError::Domain {
                quantity: "length of a tracking period",
                expected: "a whole number of the policy's dedupe periods",
                found: periods,
            });
        }
        #[allow(clippy::cast_possible_truncation, reason = "from 1 to 1e12")]
        let step = whole as i64;
        let Some((&first, _)) = self.joined.first_key_value() else {
            return Ok(Vec::new());
        };
        let mut stretches = Vec::new();
        let mut after = first - 1;
        while after < self.end {
            let until = (after + step).min(self.end);
            stretches.push(Stretch { after, until });
            after = until;
        }
        Ok(stretches)
    }

    /// Repeat transactions within a stretch.
    pub(crate) fn repeats_in(&self, stretch: Stretch) -> u64 {
        let within = self.repeats.range(stretch.after + 1..=stretch.until);
        within.map(|(_, count)| count).sum()
    }

    /// At the end of a stretch: how many customers had which age, and that age in dedupe periods,
    /// which tells equal ages.
    pub(crate) fn ages(&self, stretch: Stretch) -> impl Iterator<Item = (i64, f64, u64)> {
        let joined = self.joined.range(..=stretch.until);
        joined.map(move |(&first, &customers)| {
            let age = self.grid.span(first, stretch.until, self.unit);
            (stretch.until - first, age, customers)
        })
    }

    /// When a stretch begins, and when the next one would.
    pub(crate) fn instants(
        &self,
        stretch: Stretch,
    ) -> Result<(DateTime<Utc>, DateTime<Utc>), SummaryError> {
        let instant = |period: i64| {
            self.grid.start(period).ok_or(SummaryError::Domain {
                quantity: "year of a tracking period",
                expected: "one of the calendar",
                found: period as f64,
            })
        };
        Ok((instant(stretch.after + 1)?, instant(stretch.until + 1)?))
    }

    /// Whether all of a stretch lies after the calibration.
    pub(crate) fn is_holdout(&self, stretch: Stretch) -> bool {
        stretch.after >= self.calibration_end
    }

    /// Whether all of a stretch lies in the calibration.
    pub(crate) fn is_calibration(&self, stretch: Stretch) -> bool {
        stretch.until <= self.calibration_end
    }
}
