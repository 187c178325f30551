//! How much of a base's value rests on few customers (集中度).
//!
//! Gini (1912), *Variabilità e mutabilità*, in the form of sorted values; Herfindahl (1950);
//! Kaplan & Narayanan (2001), "Measuring and Managing Customer Profitability", *Journal of Cost
//! Management* 15(5), for the whale curve.

use super::MetricError;
use super::paired::check_result;
#[cfg(feature = "serde")]
use crate::quantity::stored::{read_finite, read_fraction};

/// The values in ascending order, all finite.
pub(super) fn ascending(metric: &'static str, values: &[f64]) -> Result<Vec<f64>, MetricError> {
    if values.is_empty() {
        return Err(MetricError::Empty { metric });
    }
    if let Some(&found) = values.iter().find(|v| !v.is_finite()) {
        return Err(MetricError::Domain {
            metric,
            expected: "finite values",
            found,
        });
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Ok(sorted)
}

/// The sum of the values in their order, which must be above zero.
fn total(metric: &'static str, values: &[f64]) -> Result<f64, MetricError> {
    let total: f64 = values.iter().sum();
    if total > 0.0 && total.is_finite() {
        Ok(total)
    } else {
        Err(MetricError::Domain {
            metric,
            expected: "a finite sum above 0",
            found: total,
        })
    }
}

/// The values in ascending order, none below zero, and their sum.
pub(super) fn shares(metric: &'static str, values: &[f64]) -> Result<(Vec<f64>, f64), MetricError> {
    let sorted = ascending(metric, values)?;
    if sorted[0] < 0.0 {
        return Err(MetricError::Domain {
            metric,
            expected: "values at or above 0",
            found: sorted[0],
        });
    }
    let total = total(metric, &sorted)?;
    Ok((sorted, total))
}

/// The values in descending order and their sum, which must be above zero. It is that of the order, so
/// that without losses no part of it is above the whole, not even by rounding.
pub(super) fn falling(
    metric: &'static str,
    values: &[f64],
) -> Result<(Vec<f64>, f64), MetricError> {
    let mut sorted = ascending(metric, values)?;
    sorted.reverse();
    let total = total(metric, &sorted)?;
    Ok((sorted, total))
}

/// The Gini coefficient: 0 if all are worth the same, towards 1 if one has everything.
///
/// With losses it is not defined: see [`whale_curve`].
///
/// # Errors
///
/// [`MetricError`] if there is no value, one is negative or not finite, or all are 0.
///
/// # Examples
///
/// ```
/// let values = [1.0, 2.0, 3.0, 4.0, 10.0];
/// assert!((guanxi::metric::gini(&values)? - 0.4).abs() < 1e-15);
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
pub fn gini(values: &[f64]) -> Result<f64, MetricError> {
    let (sorted, total) = shares("the Gini coefficient", values)?;
    let n = sorted.len() as f64;
    // By shares, whose products do not leave the range of numbers.
    let ranked = sorted
        .iter()
        .enumerate()
        .map(|(i, v)| (2.0 * (i as f64 + 1.0) - n - 1.0) / n * (v / total))
        .sum();
    let gini = check_result("the Gini coefficient", ranked)?;
    Ok(gini.clamp(0.0, 1.0)) // rounding of equal values only
}

/// The Gini coefficient as it is of a sample, `n/(n − 1)` times that of its values: on average that
/// of the customers the sample was drawn from, up to terms of order 1/*n*, and 1 if one has
/// everything.
///
/// # Errors
///
/// [`MetricError`] as for [`gini`], and if there is one value alone, which says nothing about how
/// values differ.
///
/// # Examples
///
/// ```
/// let values = [1.0, 2.0, 3.0, 4.0, 10.0];
/// assert!((guanxi::metric::gini_unbiased(&values)? - 0.5).abs() < 1e-15);
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
pub fn gini_unbiased(values: &[f64]) -> Result<f64, MetricError> {
    let plain = gini(values)?;
    let n = values.len() as f64;
    if values.len() < 2 {
        return Err(MetricError::Domain {
            metric: "the Gini coefficient of a sample",
            expected: "at least two values",
            found: n,
        });
    }
    Ok((plain * (n / (n - 1.0))).min(1.0)) // rounding of one who has everything
}

/// The Herfindahl–Hirschman index, the sum of squared shares: 1/*n* if all are worth the same, 1 if
/// one has everything.
///
/// # Errors
///
/// [`MetricError`] if there is no value, one is negative or not finite, or all are 0.
///
/// # Examples
///
/// ```
/// let values = [1.0, 2.0, 3.0, 4.0, 10.0];
/// assert!((guanxi::metric::herfindahl(&values)? - 0.325).abs() < 1e-15);
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
pub fn herfindahl(values: &[f64]) -> Result<f64, MetricError> {
    let (sorted, total) = shares("the Herfindahl index", values)?;
    let squares: f64 = sorted.iter().map(|v| (v / total) * (v / total)).sum();
    let equal = 1.0 / sorted.len() as f64;
    Ok(squares.clamp(equal, 1.0)) // rounding of equal values, or of one who has everything
}

/// The share of the total that the most valuable `fraction` of customers hold, above 1 if the
/// others lose money; a customer cut by the fraction counts in part.
///
/// # Errors
///
/// [`MetricError`] if there is no value, one is not finite, their sum is not above 0, or the
/// fraction is not between 0 and 1.
///
/// # Examples
///
/// ```
/// let values = [1.0, 2.0, 3.0, 4.0, 10.0];
/// assert!((guanxi::metric::top_share(&values, 0.2)? - 0.5).abs() < 1e-15);
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
pub fn top_share(values: &[f64], fraction: f64) -> Result<f64, MetricError> {
    let metric = "the share of the top";
    if !(0.0..=1.0).contains(&fraction) {
        return Err(MetricError::Domain {
            metric,
            expected: "a fraction between 0 and 1",
            found: fraction,
        });
    }
    let (sorted, total) = falling(metric, values)?;
    let mut left = fraction * sorted.len() as f64;
    let mut held = 0.0;
    for value in &sorted {
        if left <= 0.0 {
            break;
        }
        held += value * left.min(1.0);
        left -= 1.0;
    }
    check_result(metric, held / total)
}

/// A point of the cumulative value curve.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CurvePoint {
    /// Fraction of customers: the most valuable first on a [`whale_curve`], the least on a
    /// [`lorenz_curve`].
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_fraction"))]
    pub customers: f64,
    /// Their share of the total; above 1 where those who follow lose money.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_finite"))]
    pub value: f64,
}

/// The cumulative value of customers from the most valuable to the least, as shares of the total.
/// With losses it rises above 1 and falls back, which gave it the name whale curve.
///
/// # Errors
///
/// [`MetricError`] if there is no value, one is not finite, or their sum is not above 0.
///
/// # Examples
///
/// ```
/// let curve = guanxi::metric::whale_curve(&[10.0, 3.0, 2.0, 1.0, -2.0])?;
/// assert!((curve[3].value - 1.1428571).abs() < 1e-7);
/// assert!((curve[4].value - 1.0).abs() < 1e-15);
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
pub fn whale_curve(values: &[f64]) -> Result<Vec<CurvePoint>, MetricError> {
    let metric = "the whale curve";
    let (sorted, total) = falling(metric, values)?;
    let n = sorted.len() as f64;
    let mut sum = 0.0;
    let point = |(i, value): (usize, &f64)| {
        sum += value;
        Ok(CurvePoint {
            customers: (i as f64 + 1.0) / n,
            value: check_result(metric, sum / total)?,
        })
    };
    sorted.iter().enumerate().map(point).collect()
}

/// The Lorenz curve: the cumulative value of customers from the least valuable to the most, as shares
/// of the total. The area between it and the diagonal is half of the [`gini`] coefficient.
///
/// With losses it is not defined: see [`whale_curve`].
///
/// # Errors
///
/// [`MetricError`] if there is no value, one is negative or not finite, or all are 0.
///
/// # Examples
///
/// ```
/// let curve = guanxi::metric::lorenz_curve(&[1.0, 2.0, 3.0, 4.0, 10.0])?;
/// assert!((curve[3].value - 0.5).abs() < 1e-15); // the lower four fifths have half
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
pub fn lorenz_curve(values: &[f64]) -> Result<Vec<CurvePoint>, MetricError> {
    let (sorted, total) = shares("the Lorenz curve", values)?;
    let n = sorted.len() as f64;
    let mut sum = 0.0;
    let point = |(i, value): (usize, &f64)| {
        sum += value;
        CurvePoint {
            customers: (i as f64 + 1.0) / n,
            value: (sum / total).min(1.0),
        }
    };
    Ok(sorted.iter().enumerate().map(point).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whale_curve_of_the_worked_example_is_reached() {
        let curve = whale_curve(&[3.0, 10.0, -2.0, 1.0, 2.0]).unwrap();
        let wanted = [0.714_285_7, 0.928_571_4, 1.071_428_6, 1.142_857_1, 1.0];
        for (point, wanted) in curve.iter().zip(wanted) {
            assert!((point.value - wanted).abs() < 1e-7);
        }
    }

    #[test]
    fn losses_have_no_gini_coefficient() {
        let error = gini(&[10.0, -2.0]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the Gini coefficient needs values at or above 0, got -2"
        );
    }

    #[test]
    fn nothing_has_no_concentration() {
        assert!(gini(&[]).is_err());
        assert!(herfindahl(&[0.0, 0.0]).is_err());
        assert!(top_share(&[1.0], 1.5).is_err());
        assert!(whale_curve(&[f64::NAN]).is_err());
    }

    #[test]
    fn a_cut_customer_counts_in_part() {
        let share = top_share(&[1.0, 2.0, 3.0, 4.0, 10.0], 0.3).unwrap();
        assert!((share - 0.6).abs() < 1e-15);
    }
}
