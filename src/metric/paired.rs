//! Forecasts beside what happened, one row a customer.

use super::MetricError;

/// Refuses columns that are empty or differ in length.
pub(super) fn check_lengths<A, B>(
    metric: &'static str,
    predicted: &[A],
    actual: &[B],
) -> Result<(), MetricError> {
    if predicted.len() != actual.len() {
        return Err(MetricError::Length {
            metric,
            expected: predicted.len(),
            found: actual.len(),
        });
    }
    if predicted.is_empty() {
        return Err(MetricError::Empty { metric });
    }
    Ok(())
}

/// Refuses the first number outside the range; `NaN` is in none.
pub(super) fn check_range(
    metric: &'static str,
    field: &'static str,
    expected: &'static str,
    range: std::ops::RangeInclusive<f64>,
    column: &[f64],
) -> Result<(), MetricError> {
    match column.iter().position(|found| !range.contains(found)) {
        None => Ok(()),
        Some(row) => Err(MetricError::Row {
            metric,
            row,
            field,
            expected,
            found: column[row],
        }),
    }
}

/// Refuses the first forecast that is no probability.
pub(super) fn check_probabilities(
    metric: &'static str,
    predicted: &[f64],
) -> Result<(), MetricError> {
    check_range(metric, "predicted", "between 0 and 1", 0.0..=1.0, predicted)
}

/// Refuses the first number that is not finite.
pub(super) fn check_finite(
    metric: &'static str,
    field: &'static str,
    column: &[f64],
) -> Result<(), MetricError> {
    check_range(
        metric,
        field,
        "a finite number",
        f64::MIN..=f64::MAX,
        column,
    )
}

/// Refuses a result that left the range of numbers.
pub(super) fn check_result(metric: &'static str, found: f64) -> Result<f64, MetricError> {
    if found.is_finite() {
        Ok(found)
    } else {
        Err(MetricError::Domain {
            metric,
            expected: "numbers with finite sums and differences",
            found,
        })
    }
}

/// Where part `k` of so many equal parts of `n` rows begins.
pub(super) fn place(n: usize, k: u16, parts: u16) -> usize {
    let (k, parts) = (usize::from(k), usize::from(parts));
    n / parts * k + n % parts * k / parts // the plain product may be too large
}
