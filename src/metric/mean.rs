//! Means of what a sample says (均值).
//!
//! Student (1908), "The Probable Error of a Mean", *Biometrika* 6(1), 1–25; Welch (1947), "The
//! Generalization of 'Student's' Problem when Several Different Population Variances are Involved",
//! *Biometrika* 34(1–2), 28–35, for the change.

use super::infer::{ANY, Level, student_tail};
use super::paired::{check_finite, check_result};
use super::{Change, MetricError};
#[cfg(feature = "serde")]
use crate::quantity::stored::{StoredError, finite, not_negative};
use crate::quantity::{Estimate, Probability};

const METRIC: &str = "the mean of a sample";

/// The mean of some values and how much they differ.
///
/// # Examples
///
/// ```
/// use guanxi::metric::SampleMean;
/// use guanxi::quantity::Probability;
///
/// let mean = SampleMean::of(&[7.0, 6.0, 5.0, 7.0, 4.0, 6.0, 7.0, 3.0])?;
/// assert_eq!(mean.value(), Some(5.625));
/// let estimate = mean.estimate(Probability::NINETY_FIVE_PERCENT)?.expect("two values differ");
/// assert!((estimate.sd() - 0.532_430_411).abs() < 1e-9); // the standard error
/// let range = estimate.stated_interval().expect("stated");
/// assert!((range.lower() - 4.366_002_137).abs() < 1e-9);
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawMean", into = "RawMean"))]
pub struct SampleMean {
    count: u64,
    mean: f64,
    /// The sum of squared distances from the mean.
    squares: f64,
}

impl SampleMean {
    /// The mean of values in any unit; of none there is nothing to say.
    ///
    /// # Errors
    ///
    /// [`MetricError::Row`] for the first that is not finite; [`MetricError::Domain`] if their sum
    /// or the sum of their squares is not finite.
    pub fn of(values: &[f64]) -> Result<Self, MetricError> {
        check_finite(METRIC, "value", values)?;
        Self::weighted(values.iter().map(|&value| (value, 1)))
    }

    /// The mean of finite values that occur so often.
    pub(super) fn weighted(
        values: impl Iterator<Item = (f64, u64)> + Clone,
    ) -> Result<Self, MetricError> {
        let (count, sum) = values.clone().fold((0_u64, 0.0), |(count, sum), (v, n)| {
            (count.saturating_add(n), sum + v * n as f64)
        });
        if count == 0 {
            let (mean, squares) = (0.0, 0.0);
            return Ok(Self {
                count,
                mean,
                squares,
            });
        }
        let mean = check_result(METRIC, sum / count as f64)?;
        let square = |(v, n): (f64, u64)| (v - mean) * (v - mean) * n as f64;
        let squares = check_result(METRIC, values.map(square).sum())?;
        Ok(Self {
            count,
            mean,
            squares,
        })
    }

    /// How many values there are.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Their mean; `None` of none.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// The standard deviation of the values, with *n* − 1 below; `None` below two values.
    #[must_use]
    pub fn sd(&self) -> Option<f64> {
        (self.count > 1).then(|| (self.squares / (self.count as f64 - 1.0)).sqrt())
    }

    /// The standard error of the mean; `None` below two values.
    #[must_use]
    pub fn standard_error(&self) -> Option<f64> {
        self.sd().map(|sd| sd / (self.count as f64).sqrt())
    }

    /// The mean with its standard error and Student's interval; `None` below two values, which do
    /// not tell how much they differ. The `n_eff` is how many values there are.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1, or an end is not finite.
    pub fn estimate(&self, level: Probability) -> Result<Option<Estimate>, MetricError> {
        self.within(METRIC, level, ANY)
    }

    /// The same, cut at the ends of the scale that the values are on.
    pub(super) fn within(
        &self,
        metric: &'static str,
        level: Probability,
        scale: (f64, f64),
    ) -> Result<Option<Estimate>, MetricError> {
        let at = Level::new(metric, level)?;
        let Some(error) = self.standard_error() else {
            return Ok(None);
        };
        let n = self.count as f64;
        at.reaching((self.mean, error, n), at.t(n - 1.0), scale)
            .map(Some)
    }

    /// The change from this mean to that of a later sample, with Welch's *t* and its interval;
    /// `None` if either has fewer than two values, or neither has values that differ.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1, or an end is not finite.
    pub fn change(&self, later: &Self, level: Probability) -> Result<Option<Change>, MetricError> {
        let at = Level::new("the change of a mean", level)?;
        let (Some(before), Some(after)) = (self.standard_error(), later.standard_error()) else {
            return Ok(None);
        };
        let error = before.hypot(after);
        if error <= 0.0 {
            return Ok(None);
        }
        // Shares of the variance, so that no fourth power leaves the range of numbers.
        let share = |part: f64, n: u64| (part / error).powi(4) / (n as f64 - 1.0);
        let df = 1.0 / (share(before, self.count) + share(after, later.count));
        let difference = later.mean - self.mean;
        let t = check_result("the change of a mean", difference / error)?;
        let n = self.count as f64 + later.count as f64;
        let estimate = at.reaching((difference, error, n), at.t(df), ANY)?;
        let reach = at.t(df) * error;
        let interval = at.interval(difference - reach, difference + reach)?;
        Ok(Some(Change::new(
            estimate,
            interval,
            Some((t, student_tail(df, t))),
        )))
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "SampleMean", deny_unknown_fields)]
struct RawMean {
    count: u64,
    mean: f64,
    squares: f64,
}

#[cfg(feature = "serde")]
impl From<SampleMean> for RawMean {
    fn from(mean: SampleMean) -> Self {
        Self {
            count: mean.count,
            mean: mean.mean,
            squares: mean.squares,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<RawMean> for SampleMean {
    type Error = StoredError;

    fn try_from(raw: RawMean) -> Result<Self, StoredError> {
        let mean = Self {
            count: raw.count,
            mean: finite("mean", raw.mean)?,
            squares: not_negative("squares", raw.squares)?,
        };
        let is_not_zero = |number: f64| number.abs() > 0.0;
        if (raw.count == 0 && is_not_zero(mean.mean))
            || (raw.count < 2 && is_not_zero(mean.squares))
        {
            return Err(StoredError::Disagree {
                what: "squares",
                expected: "0 below two values".to_owned(),
                found: mean.squares.to_string(),
            });
        }
        Ok(mean)
    }
}
