//! Shares with their uncertainty (比率).
//!
//! Wilson (1927), "Probable Inference, the Law of Succession, and Statistical Inference", *Journal
//! of the American Statistical Association* 22(158), 209–212,
//! <https://doi.org/10.1080/01621459.1927.10502953>. Newcombe (1998), "Interval Estimation for the
//! Difference Between Independent Proportions", *Statistics in Medicine* 17(8), 873–890, method 10.

use super::infer::Level;
use super::{Change, MetricError};
use crate::quantity::{Estimate, Interval, Probability};

const METRIC: &str = "a share";

/// So many of so many: retention, churn, repurchase, renewal, satisfaction, referral.
///
/// The answer is `None` where there is nobody to ask about; that is not a share of 0.
///
/// # Examples
///
/// ```
/// use guanxi::metric::Share;
/// use guanxi::quantity::Probability;
///
/// let satisfied = Share::new(164, 200)?;
/// assert_eq!(satisfied.value(), Some(0.82));
/// let range = satisfied.estimate(Probability::NINETY_FIVE_PERCENT)?;
/// let range = range.and_then(|share| share.stated_interval()).expect("there are answers");
/// assert!((range.lower() - 0.760_885_249_713).abs() < 1e-12);
/// assert!((range.upper() - 0.867_053_741_406).abs() < 1e-12);
///
/// assert_eq!(Share::new(0, 0)?.value(), None); // nobody was asked
/// assert!(Share::new(3, 2).is_err());
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawShare", into = "RawShare"))]
pub struct Share {
    count: u64,
    of: u64,
}

impl Share {
    /// Nobody, of whom nothing can be said.
    pub const NOBODY: Self = Self { count: 0, of: 0 };

    /// `count` of `of`.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if `count` is above `of`.
    pub fn new(count: u64, of: u64) -> Result<Self, MetricError> {
        if count <= of {
            Ok(Self { count, of })
        } else {
            Err(MetricError::Domain {
                metric: METRIC,
                expected: "at most as many counted as there are",
                found: count as f64,
            })
        }
    }

    /// The share of the rows that hold.
    pub(super) fn holding(rows: impl IntoIterator<Item = bool>) -> Self {
        let add = |share: Self, holds| Self {
            count: share.count + u64::from(holds),
            of: share.of + 1,
        };
        rows.into_iter().fold(Self::NOBODY, add)
    }

    /// How many were counted.
    #[must_use]
    pub const fn count(self) -> u64 {
        self.count
    }

    /// Of how many.
    #[must_use]
    pub const fn of(self) -> u64 {
        self.of
    }

    /// The share, from 0 to 1; `None` of nobody.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        (self.of > 0).then(|| self.count as f64 / self.of as f64)
    }

    /// The share of those not counted: churn (流失率) where this is retention.
    #[must_use]
    pub const fn complement(self) -> Self {
        Self {
            count: self.of - self.count,
            of: self.of,
        }
    }

    /// The share with its binomial standard error and Wilson's interval, which never leaves 0 to 1;
    /// `None` of nobody. The `n_eff` is how many there are.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1.
    pub fn estimate(self, level: Probability) -> Result<Option<Estimate>, MetricError> {
        proportion(METRIC, self, level)
    }

    /// The change from this share to a later one of other customers, with Newcombe's interval of
    /// the difference, which is the test: the change is clear if it leaves out 0. `None` if either
    /// is of nobody.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1.
    pub fn change(self, later: Self, level: Probability) -> Result<Option<Change>, MetricError> {
        let (before, after) = (self.estimate(level)?, later.estimate(level)?);
        let (Some(before), Some(after)) = (before, after) else {
            return Ok(None);
        };
        let (Some(low), Some(high)) = (before.stated_interval(), after.stated_interval()) else {
            return Ok(None); // both are stated above
        };
        let difference = after.mean() - before.mean();
        let down = (after.mean() - high.lower()).hypot(low.upper() - before.mean());
        let up = (high.upper() - after.mean()).hypot(before.mean() - low.lower());
        let ends = ((difference - down).max(-1.0), (difference + up).min(1.0));
        let at = Level::new("the change of a share", level)?;
        let sd = before.sd().hypot(after.sd());
        let estimate = at.estimate((difference, sd, before.n_eff() + after.n_eff()), ends)?;
        Ok(Some(Change::new(
            estimate,
            at.interval(ends.0, ends.1)?,
            None,
        )))
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Share", deny_unknown_fields)]
struct RawShare {
    count: u64,
    of: u64,
}

#[cfg(feature = "serde")]
impl From<Share> for RawShare {
    fn from(Share { count, of }: Share) -> Self {
        Self { count, of }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<RawShare> for Share {
    type Error = MetricError;

    fn try_from(raw: RawShare) -> Result<Self, MetricError> {
        Self::new(raw.count, raw.of)
    }
}

/// A share with its standard error and Wilson's interval; `None` of nobody.
pub(super) fn proportion(
    metric: &'static str,
    share: Share,
    level: Probability,
) -> Result<Option<Estimate>, MetricError> {
    let at = Level::new(metric, level)?;
    let Some(value) = share.value() else {
        return Ok(None);
    };
    let of = share.of as f64;
    let sd = (value * (1.0 - value) / of).sqrt();
    let range = wilson(at, share.count as f64, of)?;
    at.estimate((value, sd, of), (range.lower(), range.upper()))
        .map(Some)
}

/// Wilson's interval of the share that `count` is of `of`, for `0 ≤ count ≤ of` and `of` above 0.
pub(super) fn wilson(at: Level, count: f64, of: f64) -> Result<Interval, MetricError> {
    let z = at.z();
    let square = z * z;
    let others = of - count;
    let root = (square + 4.0 * count * (others / of)).sqrt();
    // The two ends as roots of one quadratic, each in the form that does not cancel: the distance
    // of the upper end from 1 is the lower end for those not counted.
    let end = |count: f64| {
        let large = 2.0 * count + square + z * root;
        2.0 * count * (count / of) / large
    };
    let (lower, upper) = (end(count), 1.0 - end(others));
    at.interval(lower, upper.max(lower))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() < 1e-12,
            "{found}, expected {expected}"
        );
    }

    #[test]
    fn the_worked_examples_are_reached() {
        // TV 8b.
        for (count, of, lower, upper) in [
            (164.0, 200.0, 0.760_885_249_713, 0.867_053_741_406),
            (870.0, 1000.0, 0.847_731_973_346, 0.889_436_225_375),
            (0.0, 20.0, 0.0, 0.161_125_158_053),
            (10.0, 10.0, 0.722_467_200_137, 1.0),
        ] {
            let at = Level::new("a share", Probability::NINETY_FIVE_PERCENT).unwrap();
            let range = wilson(at, count, of).unwrap();
            close(range.lower(), lower);
            close(range.upper(), upper);
        }
    }

    #[test]
    fn a_certain_interval_is_refused() {
        for level in [0.0, 1.0] {
            let level = Probability::new(level).unwrap();
            assert!(Share { count: 1, of: 2 }.estimate(level).is_err());
            assert!(Share::NOBODY.estimate(level).is_err()); // even where nobody was asked
        }
    }
}
