//! Percentiles without a shape (百分位数).
//!
//! Hyndman & Fan (1996), "Sample Quantiles in Statistical Packages", *The American Statistician*
//! 50(4), 361–365, definition 7. David & Nagaraja (2003), *Order Statistics*, 3rd edition, section
//! 7.1, for the interval.

use super::infer::Level;
use super::paired::check_finite;
use super::window::answers;
use super::{Answers, Measure, MetricError, Window};
use crate::history::{Interaction, Kind, Minutes};
use crate::numeric::beta::Beta;
use crate::numeric::spread::quantile;
#[cfg(feature = "serde")]
use crate::quantity::stored::{StoredError, agree, finite, share};
use crate::quantity::{Interval, Probability};

const METRIC: &str = "a percentile";

/// A percentile of a sample, with the interval between two of its values.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "RawPercentile", into = "RawPercentile")
)]
pub struct Percentile {
    value: f64,
    interval: Option<Interval>,
    coverage: Option<f64>,
}

impl Percentile {
    /// The percentile of the sample, in the unit of its values.
    #[must_use]
    pub const fn value(&self) -> f64 {
        self.value
    }

    /// The interval of the percentile of all, whatever their distribution; `None` if the sample is
    /// too small for the level, as of the 99th percentile of a hundred values.
    #[must_use]
    pub const fn interval(&self) -> Option<Interval> {
        self.interval
    }

    /// With which probability such an interval holds the percentile, at least, from the level to 1:
    /// between two values of a sample there is not every level.
    #[must_use]
    pub const fn coverage(&self) -> Option<f64> {
        self.coverage
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Percentile", deny_unknown_fields)]
struct RawPercentile {
    value: f64,
    interval: Option<Interval>,
    coverage: Option<f64>,
}

#[cfg(feature = "serde")]
impl From<Percentile> for RawPercentile {
    fn from(percentile: Percentile) -> Self {
        Self {
            value: percentile.value,
            interval: percentile.interval,
            coverage: percentile.coverage,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<RawPercentile> for Percentile {
    type Error = StoredError;

    fn try_from(raw: RawPercentile) -> Result<Self, StoredError> {
        agree(
            "whether there is a coverage",
            &raw.interval.is_some(),
            &raw.coverage.is_some(),
        )?;
        Ok(Self {
            value: finite("value", raw.value)?,
            interval: raw.interval,
            coverage: raw.coverage.map(|p| share("coverage", p)).transpose()?,
        })
    }
}

/// Values in order, of which any percentile can be asked.
///
/// # Examples
///
/// ```
/// use guanxi::metric::Percentiles;
/// use guanxi::quantity::Probability;
///
/// let minutes: Vec<f64> = (1..=100).map(f64::from).collect();
/// let times = Percentiles::new(&minutes)?;
/// let level = Probability::NINETY_FIVE_PERCENT;
/// let p90 = times.percentile(Probability::new(0.9)?, level)?.expect("there are values");
/// assert!((p90.value() - 90.1).abs() < 1e-12);
/// let range = p90.interval().expect("a hundred are enough");
/// assert_eq!((range.lower(), range.upper()), (84.0, 96.0));
/// assert!(p90.coverage() > Some(0.95));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Vec<f64>", into = "Vec<f64>"))]
pub struct Percentiles {
    sorted: Vec<f64>,
}

impl Percentiles {
    /// The values, in any order; of none there is nothing to say.
    ///
    /// # Errors
    ///
    /// [`MetricError::Row`] for the first that is not finite.
    pub fn new(values: &[f64]) -> Result<Self, MetricError> {
        check_finite(METRIC, "value", values)?;
        let mut sorted: Vec<f64> = values.iter().map(|v| v + 0.0).collect(); // −0 + 0 is +0
        sorted.sort_unstable_by(f64::total_cmp);
        Ok(Self { sorted })
    }

    /// How many values there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.sorted.len()
    }

    /// The value below which this share of the values lies, linear between values; with the interval
    /// from order statistics, which needs no distribution: at most half of what the level leaves out
    /// is beyond either end. `None` of no values.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1.
    pub fn percentile(
        &self,
        share: Probability,
        level: Probability,
    ) -> Result<Option<Percentile>, MetricError> {
        let at = Level::new(METRIC, level)?;
        if self.sorted.is_empty() {
            return Ok(None);
        }
        let value = quantile(&self.sorted, share.value());
        let ranks = ranks(self.sorted.len(), share, at.outside() / 2.0);
        let ends = ranks.and_then(|(lower, upper, coverage)| {
            Some((
                *self.sorted.get(lower - 1)?,
                *self.sorted.get(upper - 1)?,
                coverage,
            ))
        });
        let Some((lower, upper, coverage)) = ends else {
            return Ok(Some(Percentile {
                value,
                interval: None,
                coverage: None,
            }));
        };
        Ok(Some(Percentile {
            value,
            interval: Some(at.interval(lower, upper)?),
            coverage: Some(coverage),
        }))
    }

    /// The median, as [`percentile`](Self::percentile) of one half.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1.
    pub fn median(&self, level: Probability) -> Result<Option<Percentile>, MetricError> {
        let half = Probability::new(0.5).map_err(|_| MetricError::Empty { metric: METRIC })?;
        self.percentile(half, level)
    }
}

impl TryFrom<Vec<f64>> for Percentiles {
    type Error = MetricError;

    fn try_from(values: Vec<f64>) -> Result<Self, MetricError> {
        Self::new(&values)
    }
}

impl From<Percentiles> for Vec<f64> {
    fn from(percentiles: Percentiles) -> Self {
        percentiles.sorted
    }
}

/// The ranks, from 1, of the values between which the percentile lies with at most `tail` beyond
/// either end, and with which probability it does: `P(lower ≤ B < upper)` for the number `B` of
/// values at or below it, which is binomial.
fn ranks(n: usize, share: Probability, tail: f64) -> Option<(usize, usize, f64)> {
    let (p, q) = (share.value(), share.complement().value());
    if p <= 0.0 || q <= 0.0 {
        return None;
    }
    // P(B < k) and P(B ≥ k).
    let tails = |k: usize| match k {
        0 => (0.0, 1.0),
        k if k > n => (1.0, 0.0),
        k => {
            let (reached, missed) = Beta::new(k as f64, (n - k + 1) as f64).tails(p, q);
            (missed, reached)
        }
    };
    // The largest lower rank k with P(B < k) ≤ tail, by halving.
    let (mut lower, mut beyond) = (0, n + 1);
    while beyond - lower > 1 {
        let k = lower + (beyond - lower) / 2;
        if tails(k).0 <= tail {
            lower = k;
        } else {
            beyond = k;
        }
    }
    // The smallest upper rank k with P(B ≥ k) ≤ tail.
    let (mut below, mut upper) = (0, n + 1);
    while upper - below > 1 {
        let k = below + (upper - below) / 2;
        if tails(k).1 <= tail {
            upper = k;
        } else {
            below = k;
        }
    }
    let coverage = 1.0 - tails(lower).0 - tails(upper).1;
    (lower >= 1 && upper <= n && lower < upper).then_some((lower, upper, coverage))
}

/// How long customers waited for an answer (响应时间), in minutes: the `response_minutes` of the
/// contacts in a window, each of which counts.
///
/// # Errors
///
/// [`MetricError::NotInLog`] if no contact up to the end of the window has one.
pub fn response_minutes<'a>(
    log: impl IntoIterator<Item = &'a Interaction>,
    window: &Window,
) -> Result<Percentiles, MetricError> {
    let minutes = |i: &Interaction| match i.kind() {
        Kind::Contact(contact) => contact.response_minutes().map(Minutes::value),
        _ => None,
    };
    let every = Answers::Every;
    let minutes = answers(log, window, every, Measure::ResponseTime, minutes)?;
    Percentiles::new(&minutes)
}
