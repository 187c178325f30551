//! How long customers stay, from those who left and those who are still there (留存).
//!
//! Kaplan & Meier (1958), "Nonparametric Estimation from Incomplete Observations", *Journal of the
//! American Statistical Association* 53(282), 457–481,
//! <https://doi.org/10.1080/01621459.1958.10501452>. Greenwood (1926), *The Natural Duration of
//! Cancer*, for the standard error. Kalbfleisch & Prentice (1980), *The Statistical Analysis of
//! Failure Time Data*, for the interval on the log–log scale and for late entry.

use super::MetricError;
use crate::numeric::twofold::Twofold;
use crate::quantity::{Estimate, Probability};

mod observed;
mod step;
#[cfg(feature = "serde")]
mod stored;

pub use observed::Observed;
pub use step::SurvivalStep;

const METRIC: &str = "the Kaplan–Meier curve";

/// The Kaplan–Meier curve (生存曲线): the share of customers who stay beyond each time.
///
/// It assumes no shape. Those who leave at a time leave before those last seen at the same time.
/// Where the last customer observed has not left, the curve ends: it is never extrapolated.
///
/// Where every customer entered late, the curve starts at the first entry and speaks of those who
/// got that far.
///
/// Standard errors take a weight as a count of customers who are alike; they do not hold for
/// weights that undo an unequal chance of being drawn.
///
/// # Examples
///
/// ```
/// use guanxi::metric::{KaplanMeier, Observed};
/// use guanxi::quantity::Probability;
///
/// // Months until a subscription was cancelled, or so far.
/// let cancelled = [1.0, 2.0, 3.0, 5.0].map(Observed::event_at);
/// let running = [2.0, 4.0, 6.0, 6.0].map(Observed::censored_at);
/// let curve = KaplanMeier::new(cancelled.into_iter().chain(running))?;
///
/// assert_eq!(curve.survival(4.5), Some(0.6));
/// assert_eq!(curve.survival(6.1), None); // nobody was observed that long
/// assert_eq!(curve.retention(2.0, 5.0), Some(0.4 / 0.75));
/// assert_eq!(curve.median(), Some(5.0));
/// let mean = curve.restricted_mean(6.0)?;
/// assert!((mean.mean() - 4.225).abs() < 1e-12); // months of the first six
///
/// let fifth = curve.steps()[3];
/// assert_eq!((fifth.time(), fifth.at_risk(), fifth.events()), (5.0, 3.0, 1.0));
/// let range = fifth.interval(Probability::NINETY_FIVE_PERCENT)?.expect("some are left");
/// assert!((range.lower() - 0.066_029_774).abs() < 1e-9);
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "stored::RawCurve", into = "stored::RawCurve")
)]
#[doc(alias = "product-limit")]
pub struct KaplanMeier {
    start: f64,
    end: f64,
    customers: f64,
    steps: Vec<SurvivalStep>,
}

impl KaplanMeier {
    /// The curve of these customers, in any order.
    ///
    /// # Errors
    ///
    /// - [`MetricError::Empty`] without a row.
    /// - [`MetricError::Row`] for the first row that is out of range.
    /// - [`MetricError::Gap`] if at some time everybody observed has left or is out of sight, and
    ///   others enter later: what happened between is not known.
    /// - [`MetricError::Domain`] if the weights have no finite sum, or are all so close to 0 that
    ///   a standard error is not finite.
    pub fn new(rows: impl IntoIterator<Item = Observed>) -> Result<Self, MetricError> {
        let mut sorted = Vec::new();
        let mut total = Twofold::ZERO;
        for (row, observed) in rows.into_iter().enumerate() {
            if let Some((field, expected, found)) = observed.fault() {
                return Err(MetricError::Row {
                    metric: METRIC,
                    row,
                    field,
                    expected,
                    found,
                });
            }
            total = total.plus(observed.weight);
            sorted.push(observed);
        }
        // Whole rows, so that sums are the same for any order of the input.
        sorted.sort_unstable_by(|a, b| {
            let by_time = a.time.total_cmp(&b.time).then(a.event.cmp(&b.event));
            by_time.then(a.weight.total_cmp(&b.weight))
        });
        let mut entries: Vec<(f64, f64)> = sorted
            .iter()
            .filter(|row| row.entry > 0.0)
            .map(|row| (row.entry, row.weight))
            .collect();
        entries.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let Some(last) = sorted.last() else {
            return Err(MetricError::Empty { metric: METRIC });
        };
        let customers = total.value();
        if !customers.is_finite() {
            return Err(MetricError::Domain {
                metric: METRIC,
                expected: "weights with a finite sum",
                found: f64::INFINITY,
            });
        }
        let start = match entries.first() {
            Some(&(first, _)) if entries.len() == sorted.len() => first,
            _ => 0.0,
        };
        Ok(Self {
            start,
            end: last.time + 0.0, // −0 + 0 is +0
            customers,
            steps: curve(risk_sets(&sorted, &entries)?)?,
        })
    }

    /// The time from which customers were observed: 0 unless all entered late.
    #[must_use]
    pub const fn start(&self) -> f64 {
        self.start
    }

    /// The last time at which a customer was observed.
    #[must_use]
    pub const fn end(&self) -> f64 {
        self.end
    }

    /// How many customers there are, each with its weight.
    #[must_use]
    pub const fn customers(&self) -> f64 {
        self.customers
    }

    /// The times at which customers left, in order.
    #[must_use]
    pub fn steps(&self) -> &[SurvivalStep] {
        &self.steps
    }

    /// The last step at or before a time; `None` before the first.
    #[must_use]
    pub fn last_step(&self, time: f64) -> Option<&SurvivalStep> {
        self.steps_until(time).last()
    }

    /// The share of customers who stay beyond a time, from 0 to 1; `None` before the start, and
    /// after the end unless all have left by then.
    #[must_use]
    pub fn survival(&self, time: f64) -> Option<f64> {
        (time >= self.start && (time <= self.end || self.has_reached_zero()))
            .then(|| self.last_step(time).map_or(1.0, SurvivalStep::survival))
    }

    /// The share of those who stayed beyond `from` who also stay beyond `to`: the retention (留存率)
    /// between the two. From the start it has the [interval](SurvivalStep::interval) of the step; from
    /// later on it comes without one: restart the curve, with entries at `from`.
    ///
    /// `None` unless `from` is at or before `to`, the curve covers both, and somebody stayed beyond
    /// `from`.
    #[must_use]
    pub fn retention(&self, from: f64, to: f64) -> Option<f64> {
        let (before, after) = (self.survival(from)?, self.survival(to)?);
        (from <= to && before > 0.0).then(|| after / before)
    }

    /// The first time beyond which at most this share of customers stays; `None` if the curve does
    /// not come down to it.
    #[must_use]
    #[doc(alias = "quantile")]
    pub fn time_until(&self, share: Probability) -> Option<f64> {
        if share.value() >= 1.0 {
            return Some(self.start);
        }
        self.first_at(share.value())
    }

    /// The time by which half of the customers have left; `None` if more than half stay to the end.
    ///
    /// It comes without an interval; the times at which the ends of the steps'
    /// [intervals](SurvivalStep::interval) pass one half are one (Brookmeyer & Crowley 1982,
    /// <https://doi.org/10.2307/2530286>).
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        self.first_at(0.5)
    }

    /// The time of the first step at or below a share.
    fn first_at(&self, share: f64) -> Option<f64> {
        let above = self.steps.partition_point(|step| step.survival > share);
        self.steps.get(above).map(SurvivalStep::time)
    }

    /// The mean time a customer stays between the start and `to`, with its standard error: the area
    /// under the curve.
    ///
    /// Unlike the plain mean it needs no guess of what comes after the end. The `n_eff` is the
    /// number of customers; an interval is that of
    /// [`Estimate::normal_interval`](crate::quantity::Estimate::normal_interval).
    ///
    /// # Errors
    ///
    /// - [`MetricError::Time`] if `to` lies before the start, or after the end unless all have left
    ///   by then, or is not finite.
    /// - [`MetricError::Domain`] if the times are so large that the variance is not finite.
    #[doc(alias = "RMST")]
    pub fn restricted_mean(&self, to: f64) -> Result<Estimate, MetricError> {
        let metric = "the restricted mean";
        if self.survival(to).is_none() || !to.is_finite() {
            return Err(MetricError::Time {
                metric,
                from: self.start,
                to: self.end,
                found: to,
            });
        }
        let mut area = Twofold::ZERO; // from a time to `to`
        let mut variance = Twofold::ZERO;
        let mut right = to;
        for step in self.steps_until(to).iter().rev() {
            area = area.plus(step.survival * (right - step.time));
            right = step.time;
            if step.remaining > 0.0 {
                let share = step.events / step.at_risk() * (area.value() / step.remaining);
                variance = variance.plus(share * area.value());
            }
        }
        let mean = area.plus(right - self.start).value();
        let spread = variance.value().sqrt();
        Estimate::new(mean, spread, self.customers).map_err(|_| MetricError::Domain {
            metric,
            expected: "times with a finite variance",
            found: to,
        })
    }

    /// The steps at or before a time.
    fn steps_until(&self, time: f64) -> &[SurvivalStep] {
        &self.steps[..self.steps.partition_point(|step| step.time <= time)]
    }

    fn has_reached_zero(&self) -> bool {
        self.steps.last().is_some_and(|step| step.remaining <= 0.0)
    }
}

/// Who was there at a time at which customers left.
#[derive(Debug, Clone, Copy)]
struct RiskSet {
    time: f64,
    remaining: f64,
    events: f64,
}

/// The risk set of each time with an event, in order, from rows sorted by time and late entries
/// sorted by theirs.
///
/// From the end backwards, where each set is a sum of those who are observed for longer.
fn risk_sets(rows: &[Observed], entries: &[(f64, f64)]) -> Result<Vec<RiskSet>, MetricError> {
    let mut sets = Vec::new();
    let (mut rows, mut entered) = (rows, entries.len());
    // Those who are at risk at the time and observed on past it: how many rows, and their weight.
    let (mut count, mut later) = (0_usize, Twofold::ZERO);
    while let Some(&Observed { time, .. }) = rows.last() {
        let (before, group) = rows.split_at(rows.partition_point(|row| row.time < time));
        let here = entries[..entered].partition_point(|&(entry, _)| entry < time);
        for &(_, weight) in &entries[here..entered] {
            later = later.plus(-weight);
        }
        count -= entered - here; // each of these rows ends later than it enters
        entered = here;
        if count == 0 {
            later = Twofold::ZERO; // whatever rounding left
        }
        let mut events = Twofold::ZERO;
        let mut remaining = later;
        let mut censored = 0_usize;
        for row in group {
            if row.event {
                events = events.plus(row.weight);
            } else {
                remaining = remaining.plus(row.weight);
                censored += 1;
            }
        }
        if let (0, Some(&(next, _))) = (count, entries.get(here)) {
            if censored == 0 || next > time {
                return Err(MetricError::Gap {
                    metric: METRIC,
                    time,
                });
            }
        }
        if censored < group.len() {
            sets.push(RiskSet {
                time: time + 0.0, // −0 + 0 is +0
                remaining: remaining.value(),
                events: events.value(),
            });
        }
        count += group.len();
        later = group.iter().fold(later, |sum, row| sum.plus(row.weight));
        rows = before;
    }
    sets.reverse();
    Ok(sets)
}

/// The product of the shares who did not leave, and Greenwood's sum.
fn curve(sets: Vec<RiskSet>) -> Result<Vec<SurvivalStep>, MetricError> {
    let mut survival = Twofold::ONE;
    let mut greenwood = Twofold::ZERO;
    sets.into_iter()
        .map(|set| {
            let RiskSet {
                time,
                remaining,
                events,
            } = set;
            let at_risk = remaining + events;
            survival = survival.times(remaining).over(at_risk);
            let standard_error = if remaining > 0.0 {
                greenwood = greenwood.plus(events / at_risk / remaining);
                if !greenwood.value().is_finite() {
                    return Err(MetricError::Domain {
                        metric: METRIC,
                        expected: "weights that are not all next to 0",
                        found: at_risk,
                    });
                }
                Some(survival.value() * greenwood.value().sqrt())
            } else {
                None
            };
            Ok(SurvivalStep {
                time,
                remaining,
                events,
                survival: survival.value(),
                standard_error,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
