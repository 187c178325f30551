//! What every interval is made with: the level, its quantiles, and the check of the result.

use super::MetricError;
use crate::numeric::special::normal_quantile;
use crate::numeric::student::{two_sided_quantile, two_sided_tail};
use crate::quantity::{Estimate, Interval, Probability};

/// A level of confidence above 0 and below 1, and the measure it is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    metric: &'static str,
    level: Probability,
}

impl Level {
    pub(super) fn new(metric: &'static str, level: Probability) -> Result<Self, MetricError> {
        if level.value() > 0.0 && level.value() < 1.0 {
            Ok(Self { metric, level })
        } else {
            Err(MetricError::Domain {
                metric,
                expected: "a level above 0 and below 1",
                found: level.value(),
            })
        }
    }

    /// The probability that is left outside of the interval.
    pub(super) fn outside(self) -> f64 {
        self.level.complement().value()
    }

    /// How many standard deviations a normal interval reaches to either side.
    pub(super) fn z(self) -> f64 {
        // From the lower tail, which keeps its digits as the level nears 1.
        -normal_quantile(self.outside() / 2.0)
    }

    /// How many standard errors Student's interval reaches to either side, for `df` above 0.
    pub(super) fn t(self, df: f64) -> f64 {
        two_sided_quantile(df, self.outside())
    }

    pub(super) fn interval(self, lower: f64, upper: f64) -> Result<Interval, MetricError> {
        Interval::new(lower, upper, self.level).map_err(|_| self.refused(lower, upper))
    }

    /// An estimate with the interval from `lower` to `upper`.
    pub(super) fn estimate(
        self,
        (mean, sd, n): (f64, f64, f64),
        (lower, upper): (f64, f64),
    ) -> Result<Estimate, MetricError> {
        let estimate = Estimate::new(mean, sd, n).map_err(|_| self.refused(mean, sd))?;
        Ok(estimate.with_interval(self.interval(lower, upper)?))
    }

    /// An estimate that reaches so many standard deviations to either side, cut at the ends of the
    /// range that the quantity has; the mean lies outside of it by rounding at most.
    pub(super) fn reaching(
        self,
        (mean, sd, n): (f64, f64, f64),
        times: f64,
        (lowest, highest): (f64, f64),
    ) -> Result<Estimate, MetricError> {
        let mean = match mean {
            low if low < lowest => lowest,
            high if high > highest => highest,
            mean => mean, // what is no number stays none, and is refused
        };
        let reach = times * sd;
        let ends = ((mean - reach).max(lowest), (mean + reach).min(highest));
        self.estimate((mean, sd, n), ends)
    }

    fn refused(self, a: f64, b: f64) -> MetricError {
        MetricError::Domain {
            metric: self.metric,
            expected: "numbers whose estimate and interval are finite",
            found: if a.is_finite() { b } else { a },
        }
    }
}

/// The range of a quantity that has no ends.
pub(super) const ANY: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

/// The probability that a normal variate is at least `|z|` standard deviations from its mean.
pub(super) fn normal_tail(z: f64) -> f64 {
    libm::erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// The same for Student's *t*.
pub(super) fn student_tail(df: f64, t: f64) -> f64 {
    two_sided_tail(df, t)
}
