//! Shares with their uncertainty.
//!
//! Wilson (1927), "Probable Inference, the Law of Succession, and Statistical Inference", *Journal
//! of the American Statistical Association* 22(158), 209–212,
//! <https://doi.org/10.1080/01621459.1927.10502953>.

use super::MetricError;
use crate::numeric::special::normal_quantile;
use crate::quantity::{Interval, Probability};

/// Wilson's interval of the share that `count` is of `of`, for `0 ≤ count ≤ of` and `of` above 0.
pub(super) fn wilson(
    metric: &'static str,
    count: f64,
    of: f64,
    level: Probability,
) -> Result<Interval, MetricError> {
    let refused = MetricError::Domain {
        metric,
        expected: "a level above 0 and below 1",
        found: level.value(),
    };
    if !(level.value() > 0.0 && level.value() < 1.0) {
        return Err(refused);
    }
    // From the lower tail, which keeps its digits as the level nears 1.
    let z = -normal_quantile(level.complement().value() / 2.0);
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
    Interval::new(lower, upper.max(lower), level).map_err(|_| refused)
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
            let level = Probability::NINETY_FIVE_PERCENT;
            let range = wilson("a share", count, of, level).unwrap();
            close(range.lower(), lower);
            close(range.upper(), upper);
        }
    }

    #[test]
    fn a_certain_interval_is_refused() {
        for level in [0.0, 1.0] {
            let level = Probability::new(level).unwrap();
            assert!(wilson("a share", 1.0, 2.0, level).is_err());
        }
    }
}
