//! A customer's covariates as a step function of the time since the first purchase.

use std::sync::Arc;

use crate::quantity::{QuantityError, Span, TimeUnit};

use super::TimeVaryingError;

/// How far covariates are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Coverage<T> {
    /// Up to here; questions beyond are errors.
    Until(T),
    /// The last values hold for ever.
    Continuing,
}

/// One customer's covariates over time (时变协变量路径): constant on each of a row of steps.
///
/// Times are in a model's unit since the customer's first purchase. A step begins at its time
/// inclusive: a purchase at that very time belongs to it. Cloning is cheap, so that customers share.
///
/// Every value of this type is valid: it covers the first purchase, its steps ascend strictly, and
/// every value is a number.
///
/// # Examples
///
/// A newsletter every day in the first four weeks, then one a week, for ever:
///
/// ```
/// use guanxi::model::{Coverage, CovariatePath};
/// use guanxi::quantity::TimeUnit;
///
/// let path = CovariatePath::new(
///     TimeUnit::Week,
///     ["newsletters"],
///     [(0.0, vec![7.0]), (4.0, vec![1.0])],
///     Coverage::Continuing,
/// )?;
/// assert_eq!(path.at(3.9), Some(&[7.0][..]));
/// assert_eq!(path.at(4.0), Some(&[1.0][..]));
/// # Ok::<(), guanxi::model::TimeVaryingError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawPath", into = "RawPath"))]
pub struct CovariatePath {
    unit: TimeUnit,
    names: Arc<[String]>,
    steps: Arc<Steps>,
}

/// The steps of a path, the first from 0.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Steps {
    /// Where each step begins.
    pub(super) from: Vec<f64>,
    /// Values of all covariates, step after step.
    pub(super) values: Vec<f64>,
    /// Where the last step ends; infinite if it does not.
    pub(super) until: f64,
}

impl CovariatePath {
    /// A path from its steps: when each begins, in `unit`s since the first purchase, and the values
    /// of the named covariates from then on.
    ///
    /// The first step begins at or before 0; what lies before the first purchase is of no account.
    ///
    /// # Errors
    ///
    /// - [`TimeVaryingError::Name`], [`NoStep`](TimeVaryingError::NoStep),
    ///   [`Count`](TimeVaryingError::Count), [`Value`](TimeVaryingError::Value) or
    ///   [`Order`](TimeVaryingError::Order) if the steps are no step function.
    /// - [`TimeVaryingError::Uncovered`] if they begin after the first purchase.
    pub fn new(
        unit: TimeUnit,
        names: impl IntoIterator<Item = impl Into<String>>,
        steps: impl IntoIterator<Item = (f64, Vec<f64>)>,
        coverage: Coverage<Span>,
    ) -> Result<Self, TimeVaryingError> {
        let names = named(names)?;
        let until = match coverage {
            Coverage::Until(end) => end.in_unit(unit),
            Coverage::Continuing => f64::INFINITY,
        };
        let mut from: Vec<f64> = Vec::new();
        let mut values = Vec::new();
        for (i, (start, row)) in steps.into_iter().enumerate() {
            check_row(&names, i + 1, &row)?;
            let before = from.last().copied().unwrap_or(f64::NEG_INFINITY);
            // Written so that NaN fails it.
            if !(start > before && start.is_finite()) {
                return Err(TimeVaryingError::Order {
                    step: i + 1,
                    unit,
                    before,
                    found: start,
                });
            }
            from.push(start);
            values.extend(row);
        }
        let (Some(&first), Some(&last)) = (from.first(), from.last()) else {
            return Err(TimeVaryingError::NoStep);
        };
        if first > 0.0 {
            return Err(TimeVaryingError::Uncovered {
                row: None,
                unit,
                needed: 0.0,
                from: first,
                until,
            });
        }
        if last > 0.0 && last >= until {
            return Err(TimeVaryingError::Order {
                step: from.len() + 1,
                unit,
                before: last,
                found: until,
            });
        }
        Ok(Self::begun(unit, names, from, values, until))
    }

    /// From valid steps, leaving out what lies before the first purchase.
    pub(super) fn begun(
        unit: TimeUnit,
        names: Arc<[String]>,
        mut from: Vec<f64>,
        mut values: Vec<f64>,
        until: f64,
    ) -> Self {
        let before = from.partition_point(|&from| from <= 0.0).saturating_sub(1);
        from.drain(..before);
        values.drain(..before * names.len());
        if let Some(first) = from.first_mut() {
            *first = 0.0;
        }
        Self {
            unit,
            names,
            steps: Arc::new(Steps {
                from,
                values,
                until,
            }),
        }
    }

    /// Unit of the times.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }

    /// Names of the covariates.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of steps from the first purchase on.
    #[must_use]
    pub fn len(&self) -> usize {
        self.steps.from.len()
    }

    /// Never: a path has at least one step.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.from.is_empty()
    }

    /// The steps: when each begins, and its values.
    pub fn steps(&self) -> impl Iterator<Item = (f64, &[f64])> {
        let steps = self.steps.from.iter().enumerate();
        steps.map(|(i, &from)| (from, self.row(i)))
    }

    /// How far the covariates are known.
    #[must_use]
    pub fn coverage(&self) -> Coverage<Span> {
        match Span::new(self.steps.until, self.unit) {
            Ok(end) => Coverage::Until(end),
            Err(_) => Coverage::Continuing,
        }
    }

    /// The values at a time since the first purchase; `None` where they are not known.
    #[must_use]
    pub fn at(&self, time: f64) -> Option<&[f64]> {
        ((0.0..=self.steps.until).contains(&time) && time < f64::INFINITY)
            .then(|| self.row(self.place(time)))
    }

    /// The same path up to `now`, and `future` from there on, whose own time 0 is now: what if the
    /// next months went otherwise?
    ///
    /// # Errors
    ///
    /// - [`TimeVaryingError::Uncovered`] if this path ends before `now`.
    /// - [`TimeVaryingError::Quantity`] if the future is in another unit.
    /// - [`TimeVaryingError::Unknown`] if it has other covariates, or in another order.
    pub fn then(&self, now: Span, future: &Self) -> Result<Self, TimeVaryingError> {
        if future.unit != self.unit {
            return Err(TimeVaryingError::Quantity(QuantityError::UnitMismatch {
                expected: self.unit,
                found: future.unit,
            }));
        }
        let mut pairs = self.names.iter().zip(future.names.iter());
        if self.names.len() != future.names.len() || pairs.any(|(a, b)| a != b) {
            return Err(TimeVaryingError::Unknown {
                covariate: self.names.join(", "),
                known: future.names.to_vec(),
            });
        }
        let now = now.in_unit(self.unit);
        self.check_covers(now)?;
        let kept = self.steps.from.partition_point(|&from| from < now);
        let mut from = self.steps.from[..kept].to_vec();
        let mut values = self.steps.values[..kept * self.names.len()].to_vec();
        let mut last = from.last().copied().unwrap_or(f64::NEG_INFINITY);
        for (start, row) in future.steps() {
            let start = now + start;
            // A step too short for the digits of the time is none.
            if start > last {
                from.push(start);
                values.extend_from_slice(row);
                last = start;
            }
        }
        let until = now + future.steps.until;
        let names = Arc::clone(&self.names);
        Ok(Self::begun(self.unit, names, from, values, until))
    }

    /// Refuses a time beyond the end.
    pub(super) fn check_covers(&self, needed: f64) -> Result<(), TimeVaryingError> {
        if needed <= self.steps.until {
            Ok(())
        } else {
            Err(TimeVaryingError::Uncovered {
                row: None,
                unit: self.unit,
                needed,
                from: 0.0,
                until: self.steps.until,
            })
        }
    }

    /// The step that a covered time belongs to.
    pub(super) fn place(&self, time: f64) -> usize {
        let after = self.steps.from.partition_point(|&from| from <= time);
        after.saturating_sub(1)
    }

    /// The values of a step.
    pub(super) fn row(&self, step: usize) -> &[f64] {
        let width = self.names.len();
        &self.steps.values[step * width..(step + 1) * width]
    }

    /// The shared steps.
    pub(super) fn shared(&self) -> &Arc<Steps> {
        &self.steps
    }
}

/// Names that are there and differ.
pub(super) fn named(
    names: impl IntoIterator<Item = impl Into<String>>,
) -> Result<Arc<[String]>, TimeVaryingError> {
    let names: Vec<String> = names.into_iter().map(Into::into).collect();
    for (i, name) in names.iter().enumerate() {
        if name.is_empty() || names[..i].contains(name) {
            return Err(TimeVaryingError::Name {
                found: name.clone(),
            });
        }
    }
    Ok(names.into())
}

/// Whether a row has a number for each covariate.
pub(super) fn check_row(
    names: &[String],
    step: usize,
    row: &[f64],
) -> Result<(), TimeVaryingError> {
    if row.len() != names.len() {
        return Err(TimeVaryingError::Count {
            step,
            expected: names.len(),
            found: row.len(),
        });
    }
    for (covariate, &found) in names.iter().zip(row) {
        // Written so that NaN fails it.
        if !(-1e12..=1e12).contains(&found) {
            return Err(TimeVaryingError::Value {
                covariate: covariate.clone(),
                step,
                found,
            });
        }
    }
    Ok(())
}

/// How a path is written down.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "CovariatePath", deny_unknown_fields)]
struct RawPath {
    unit: TimeUnit,
    names: Vec<String>,
    steps: Vec<(f64, Vec<f64>)>,
    coverage: Coverage<Span>,
}

#[cfg(feature = "serde")]
impl TryFrom<RawPath> for CovariatePath {
    type Error = TimeVaryingError;

    fn try_from(raw: RawPath) -> Result<Self, TimeVaryingError> {
        Self::new(raw.unit, raw.names, raw.steps, raw.coverage)
    }
}

#[cfg(feature = "serde")]
impl From<CovariatePath> for RawPath {
    fn from(path: CovariatePath) -> Self {
        Self {
            unit: path.unit,
            names: path.names.to_vec(),
            steps: path
                .steps()
                .map(|(from, row)| (from, row.to_vec()))
                .collect(),
            coverage: path.coverage(),
        }
    }
}
