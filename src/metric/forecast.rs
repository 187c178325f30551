//! How far forecasts of numbers lie from what happened (预测误差): purchases, value.
//!
//! Hyndman & Koehler (2006), "Another Look at Measures of Forecast Accuracy", *International Journal
//! of Forecasting* 22(4), 679–688, <https://doi.org/10.1016/j.ijforecast.2006.03.001>.

use super::MetricError;
use super::paired::{check_finite, check_lengths, check_result};
#[cfg(feature = "serde")]
use crate::quantity::stored::{StoredError, finite, not_negative};

const METRIC: &str = "the forecast score";

/// Forecasts for many customers, judged together by what happened.
///
/// The total says whether the firm can plan with them, the absolute error what they say about one
/// customer; a model can be good at one and poor at the other.
///
/// # Units
///
/// All errors are in the unit of the forecasts, predicted less actual: above 0 is too much.
///
/// # Examples
///
/// ```
/// use guanxi::metric::ForecastScore;
///
/// let predicted = [0.5, 1.5, 4.0, 2.0];
/// let purchases = [0.0, 1.0, 5.0, 4.0];
/// let score = ForecastScore::new(&predicted, &purchases)?;
/// assert_eq!((score.predicted_total(), score.actual_total()), (8.0, 10.0));
/// assert_eq!(score.relative_error(), Some(-0.2));
/// assert_eq!(score.mean_error(), -0.5);
/// assert_eq!(score.mean_absolute_error(), 1.0);
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawScore", into = "RawScore"))]
pub struct ForecastScore {
    customers: u64,
    predicted_total: f64,
    actual_total: f64,
    mean_absolute_error: f64,
    root_mean_squared_error: f64,
    correlation: Option<f64>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "ForecastScore", deny_unknown_fields)]
struct RawScore {
    customers: u64,
    predicted_total: f64,
    actual_total: f64,
    mean_absolute_error: f64,
    root_mean_squared_error: f64,
    correlation: Option<f64>,
}

#[cfg(feature = "serde")]
impl TryFrom<RawScore> for ForecastScore {
    type Error = StoredError;

    fn try_from(raw: RawScore) -> Result<Self, Self::Error> {
        let disagree = |what, expected: &str, found: f64| StoredError::Disagree {
            what,
            expected: expected.to_owned(),
            found: found.to_string(),
        };
        if raw.customers == 0 {
            return Err(disagree("customers", "at least 1", 0.0));
        }
        let score = Self {
            customers: raw.customers,
            predicted_total: finite("predicted_total", raw.predicted_total)?,
            actual_total: finite("actual_total", raw.actual_total)?,
            mean_absolute_error: not_negative("mean_absolute_error", raw.mean_absolute_error)?,
            root_mean_squared_error: not_negative(
                "root_mean_squared_error",
                raw.root_mean_squared_error,
            )?,
            correlation: raw.correlation,
        };
        finite("mean_error", score.mean_error())?;
        if let Some(found) = raw.correlation.filter(|c| !(-1.0..=1.0).contains(c)) {
            return Err(disagree("correlation", "between -1 and 1", found));
        }
        let (mean, root) = (score.mean_absolute_error, score.root_mean_squared_error);
        // Each but for rounding; totals near each other lose digits of their own size.
        let size = score.predicted_total.abs().max(score.actual_total.abs());
        if score.mean_error().abs() > mean * (1.0 + 1e-9) + 1e-9 * size / score.customers as f64 {
            return Err(disagree(
                "mean_absolute_error",
                "at least the mean error",
                mean,
            ));
        }
        if mean > root * (1.0 + 1e-9) {
            let expected = "at least the mean absolute error";
            return Err(disagree("root_mean_squared_error", expected, root));
        }
        Ok(score)
    }
}

#[cfg(feature = "serde")]
impl From<ForecastScore> for RawScore {
    fn from(score: ForecastScore) -> Self {
        Self {
            customers: score.customers,
            predicted_total: score.predicted_total,
            actual_total: score.actual_total,
            mean_absolute_error: score.mean_absolute_error,
            root_mean_squared_error: score.root_mean_squared_error,
            correlation: score.correlation,
        }
    }
}

impl ForecastScore {
    /// Compares forecasts with what happened, customer by customer.
    ///
    /// # Errors
    ///
    /// - [`MetricError::Length`] if there are not as many outcomes as forecasts.
    /// - [`MetricError::Empty`] without a customer.
    /// - [`MetricError::Row`] for the first number that is not finite.
    /// - [`MetricError::Domain`] if a sum or a difference is not finite.
    pub fn new(predicted: &[f64], actual: &[f64]) -> Result<Self, MetricError> {
        check_lengths(METRIC, predicted, actual)?;
        check_finite(METRIC, "predicted", predicted)?;
        check_finite(METRIC, "actual", actual)?;
        let n = predicted.len() as f64;
        let errors = || predicted.iter().zip(actual).map(|(p, a)| (p - a).abs());
        let largest = check_result(METRIC, errors().fold(0.0, f64::max))?;
        // In units of the largest error, so that no square leaves the range of numbers.
        let root_mean_squared_error = if largest > 0.0 {
            largest * (errors().map(|e| (e / largest).powi(2)).sum::<f64>() / n).sqrt()
        } else {
            0.0
        };
        let predicted_total = check_result(METRIC, predicted.iter().sum())?;
        let actual_total = check_result(METRIC, actual.iter().sum())?;
        check_result(METRIC, predicted_total - actual_total)?;
        Ok(Self {
            customers: predicted.len() as u64,
            predicted_total,
            actual_total,
            mean_absolute_error: check_result(METRIC, errors().sum())? / n,
            root_mean_squared_error,
            correlation: correlation(predicted, actual)?,
        })
    }

    /// How many customers were forecast.
    #[must_use]
    pub const fn customers(&self) -> u64 {
        self.customers
    }

    /// The sum of the forecasts.
    #[must_use]
    pub const fn predicted_total(&self) -> f64 {
        self.predicted_total
    }

    /// The sum of what happened.
    #[must_use]
    pub const fn actual_total(&self) -> f64 {
        self.actual_total
    }

    /// By which share of the actual total the forecast of it is off, 0.1 for a tenth too much;
    /// `None` unless the actual total is above 0.
    #[must_use]
    pub fn relative_error(&self) -> Option<f64> {
        let share = (self.predicted_total - self.actual_total) / self.actual_total;
        (self.actual_total > 0.0 && share.is_finite()).then_some(share)
    }

    /// The mean of predicted less actual.
    #[must_use]
    #[doc(alias = "bias")]
    pub fn mean_error(&self) -> f64 {
        (self.predicted_total - self.actual_total) / self.customers as f64
    }

    /// The mean distance of a forecast from what happened, at or above 0.
    #[must_use]
    #[doc(alias = "MAE")]
    pub const fn mean_absolute_error(&self) -> f64 {
        self.mean_absolute_error
    }

    /// The root of the mean squared error, which large errors dominate; at least the mean absolute
    /// error.
    #[must_use]
    #[doc(alias = "RMSE")]
    pub const fn root_mean_squared_error(&self) -> f64 {
        self.root_mean_squared_error
    }

    /// Pearson's correlation of forecasts and outcomes, from −1 to 1; `None` if either is the same
    /// for all.
    #[must_use]
    pub const fn correlation(&self) -> Option<f64> {
        self.correlation
    }
}

/// Pearson's correlation; none where a column does not vary.
fn correlation(predicted: &[f64], actual: &[f64]) -> Result<Option<f64>, MetricError> {
    let (Some(p), Some(a)) = (standardised(predicted)?, standardised(actual)?) else {
        return Ok(None);
    };
    let product: f64 = p.iter().zip(&a).map(|(p, a)| p * a).sum();
    Ok(Some(product.clamp(-1.0, 1.0))) // rounding of a perfect one only
}

/// The distances from the mean, scaled to a length of 1; none where all are equal.
fn standardised(column: &[f64]) -> Result<Option<Vec<f64>>, MetricError> {
    let lowest = column.iter().copied().fold(f64::MAX, f64::min);
    if column.iter().all(|&v| v <= lowest) {
        return Ok(None);
    }
    // What all have in common must not cost digits.
    let offsets = column.iter().map(|v| check_result(METRIC, v - lowest));
    let mut offsets = offsets.collect::<Result<Vec<_>, _>>()?;
    let mean = check_result(METRIC, offsets.iter().sum())? / column.len() as f64;
    let largest = offsets
        .iter()
        .fold(0.0, |l: f64, v| l.max((v - mean).abs()));
    for offset in &mut offsets {
        *offset = (*offset - mean) / largest;
    }
    let length = offsets.iter().map(|v| v * v).sum::<f64>().sqrt();
    for offset in &mut offsets {
        *offset /= length;
    }
    Ok(Some(offsets))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        let within = 1e-13 * expected.abs();
        assert!(
            (found - expected).abs() <= within,
            "{found}, expected {expected}"
        );
    }

    #[test]
    fn the_score_agrees_with_the_definitions_in_exact_arithmetic() {
        let predicted = [0.5, 1.5, 4.0, 2.0];
        let score = ForecastScore::new(&predicted, &[0.0, 1.0, 5.0, 4.0]).unwrap();
        assert_eq!(score.customers(), 4);
        close(score.root_mean_squared_error(), 1.375_f64.sqrt());
        // Deviations (−1.5, −.5, 2, 0) and (−2.5, −1.5, 2.5, 1.5): 9.5/√(6.5 · 17).
        close(score.correlation().unwrap(), 9.5 / 110.5_f64.sqrt());
    }

    #[test]
    fn forecasts_that_are_right_have_no_error_and_a_correlation_of_one() {
        let truth = [0.1, 0.7, 1e9, 3.3];
        let score = ForecastScore::new(&truth, &truth).unwrap();
        assert!(score.root_mean_squared_error() <= 0.0 && score.mean_absolute_error() <= 0.0);
        assert_eq!(score.relative_error(), Some(0.0));
        close(score.correlation().unwrap(), 1.0);
    }

    #[test]
    fn one_forecast_for_all_has_no_correlation_whatever_rounding_says() {
        let score = ForecastScore::new(&[0.1; 7], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]).unwrap();
        assert_eq!(score.correlation(), None);
        let alone = ForecastScore::new(&[1.0], &[2.0]).unwrap();
        assert_eq!(alone.correlation(), None);
    }

    #[test]
    fn a_large_common_level_does_not_blur_the_correlation() {
        let low = ForecastScore::new(&[1.0, 2.0, 4.0], &[2.0, 1.0, 8.0]).unwrap();
        let lift = 2_f64.powi(40);
        let high = ForecastScore::new(
            &[1.0 + lift, 2.0 + lift, 4.0 + lift],
            &[2.0 - lift, 1.0 - lift, 8.0 - lift],
        )
        .unwrap();
        close(high.correlation().unwrap(), low.correlation().unwrap());
    }

    #[test]
    fn huge_numbers_have_finite_scores_or_an_error() {
        let score = ForecastScore::new(&[1e300, -1e300], &[-1e300, 1e300]).unwrap();
        close(score.root_mean_squared_error(), 2e300);
        close(score.correlation().unwrap(), -1.0);
        let error = ForecastScore::new(&[f64::MAX], &[-f64::MAX]).unwrap_err();
        assert!(matches!(error, MetricError::Domain { .. }));
    }

    #[test]
    fn a_total_of_nothing_has_no_relative_error() {
        let score = ForecastScore::new(&[0.5, 0.5], &[0.0, 0.0]).unwrap();
        assert_eq!(score.relative_error(), None);
    }

    #[test]
    fn errors_name_what_is_wrong_and_where() {
        let message = |p: &[f64], a: &[f64]| ForecastScore::new(p, a).unwrap_err().to_string();
        assert_eq!(
            message(&[], &[]),
            "the forecast score needs at least one value, got none"
        );
        assert_eq!(
            message(&[1.0, 2.0], &[1.0]),
            "the forecast score needs as many outcomes as forecasts: expected 2, got 1"
        );
        assert_eq!(
            message(&[1.0, f64::NAN], &[1.0, 1.0]),
            "the forecast score needs predicted to be a finite number, got NaN in row 1, counted from 0"
        );
        assert_eq!(
            message(&[1.0, 1.0], &[f64::INFINITY, 1.0]),
            "the forecast score needs actual to be a finite number, got inf in row 0, counted from 0"
        );
    }
}
