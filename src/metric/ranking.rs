//! Whether those who were forecast to be worth most were (排序能力).
//!
//! Hand & Till (2001), "A Simple Generalisation of the Area Under the ROC Curve", *Machine
//! Learning* 45, 171–186, for ties; Gini (1912), *Variabilità e mutabilità*.

use super::MetricError;
use super::paired::{check_finite, check_lengths, check_range, check_result, place};
#[cfg(feature = "serde")]
use crate::quantity::stored::{StoredError, finite, share};

/// A forecast and what happened.
type Row = (f64, f64);

/// The rows by forecast, the lowest first; equal forecasts by outcome, so that sums are the same
/// for any order of the input.
fn ascending(
    metric: &'static str,
    predicted: &[f64],
    actual: &[f64],
) -> Result<Vec<Row>, MetricError> {
    check_lengths(metric, predicted, actual)?;
    check_finite(metric, "predicted", predicted)?;
    check_finite(metric, "actual", actual)?;
    let zeroed = |v: &f64| v + 0.0; // −0 + 0 is +0
    let mut rows: Vec<Row> = predicted
        .iter()
        .map(zeroed)
        .zip(actual.iter().map(zeroed))
        .collect();
    rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    Ok(rows)
}

/// The runs of equal forecasts, in order.
fn ties(rows: &[Row]) -> impl Iterator<Item = &[Row]> {
    rows.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq())
}

/// `Σ (2i − n − 1)·v` over values in order, those that tie at their mean rank: the Gini coefficient
/// but for the factor that all orders share.
fn ordered_sum(n: usize, runs: impl Iterator<Item = (usize, f64)>) -> f64 {
    let mut before = 0_usize;
    let mut sum = 0.0;
    for (count, total) in runs {
        // Mean rank before + (count + 1)/2.
        sum += ((2 * before + count) as f64 - n as f64) * total;
        before += count;
    }
    sum
}

/// The Gini coefficient of outcomes ranked by forecast over that of outcomes ranked by themselves:
/// 1 for a perfect ranking, about 0 for a random one, −1 for the reverse. Equal forecasts share
/// their rank.
///
/// # Errors
///
/// - [`MetricError::Length`] if there are not as many outcomes as forecasts.
/// - [`MetricError::Empty`] without a customer.
/// - [`MetricError::Row`] for the first number that is not finite, or the first outcome below 0.
/// - [`MetricError::Domain`] if all outcomes are equal, so that there is no order to find, or
///   their sum is not finite.
///
/// # Examples
///
/// ```
/// use guanxi::metric::normalised_gini;
///
/// let spent = [0.0, 10.0, 20.0, 70.0];
/// assert_eq!(normalised_gini(&[0.1, 0.2, 0.3, 0.4], &spent)?, 1.0);
/// // The second and the third change places.
/// let close = normalised_gini(&[0.1, 0.3, 0.2, 0.4], &spent)?;
/// assert!((close - 20.0 / 22.0).abs() < 1e-15);
/// assert_eq!(normalised_gini(&[0.5, 0.5, 0.5, 0.5], &spent)?, 0.0);
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
pub fn normalised_gini(predicted: &[f64], actual: &[f64]) -> Result<f64, MetricError> {
    let metric = "the normalised Gini coefficient";
    let rows = ascending(metric, predicted, actual)?;
    let range = 0.0..=f64::MAX;
    check_range(metric, "actual", "at or above 0", range, actual)?;
    // As shares of the largest, so that no product leaves the range of numbers.
    let largest = actual.iter().copied().fold(0.0, f64::max);
    let n = rows.len();
    if actual.iter().all(|&v| v >= largest) {
        return Err(MetricError::Domain {
            metric,
            expected: "outcomes that differ",
            found: largest,
        });
    }
    let share = |run: &[Row]| run.iter().map(|row| row.1 / largest).sum::<f64>();
    let found = ordered_sum(n, ties(&rows).map(|run| (run.len(), share(run))));
    let mut sorted: Vec<f64> = actual.iter().map(|v| v / largest).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let best = ordered_sum(n, sorted.into_iter().map(|v| (1, v)));
    if best > 0.0 {
        Ok((found / best).clamp(-1.0, 1.0)) // rounding of a perfect order only
    } else {
        Err(MetricError::Domain {
            metric,
            expected: "outcomes that differ by more than rounding",
            found: best,
        })
    }
}

/// The area under the receiver operating characteristic: the chance that a customer to whom it
/// happened was ranked above one to whom it did not, from 0 to 1; equal forecasts count half.
///
/// # Errors
///
/// - [`MetricError::Length`] if there are not as many outcomes as forecasts.
/// - [`MetricError::Empty`] without a customer.
/// - [`MetricError::Row`] for the first forecast that is not finite.
/// - [`MetricError::Domain`] if it happened to all or to none.
///
/// # Examples
///
/// ```
/// use guanxi::metric::area_under_roc;
///
/// let predicted = [0.9, 0.4, 0.4, 0.1];
/// let bought = [true, true, false, false];
/// assert_eq!(area_under_roc(&predicted, &bought)?, 3.5 / 4.0);
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[doc(alias = "AUC")]
pub fn area_under_roc(predicted: &[f64], happened: &[bool]) -> Result<f64, MetricError> {
    let metric = "the area under the ROC curve";
    let outcomes: Vec<f64> = happened.iter().map(|&h| f64::from(u8::from(h))).collect();
    let rows = ascending(metric, predicted, &outcomes)?;
    let positive: f64 = outcomes.iter().sum();
    let negative = rows.len() as f64 - positive;
    if positive <= 0.0 || negative <= 0.0 {
        return Err(MetricError::Domain {
            metric,
            expected: "some to whom it happened and some to whom it did not",
            found: positive,
        });
    }
    let total = |run: &[Row]| run.iter().map(|row| row.1).sum::<f64>();
    // Σ (2i − n − 1) over those to whom it happened is 2U − n₁n₀.
    let sum = ordered_sum(rows.len(), ties(&rows).map(|run| (run.len(), total(run))));
    Ok(0.5 + 0.5 * sum / (positive * negative))
}

/// The share of the actual total held by the `fraction` of customers who were forecast to be worth
/// most; a customer cut by the fraction counts in part, and those with equal forecasts count alike.
///
/// # Errors
///
/// - [`MetricError::Length`] if there are not as many outcomes as forecasts.
/// - [`MetricError::Empty`] without a customer.
/// - [`MetricError::Row`] for the first number that is not finite.
/// - [`MetricError::Domain`] if the fraction is not between 0 and 1, or the sum of the outcomes is
///   not finite and above 0.
///
/// # Examples
///
/// ```
/// use guanxi::metric::captured_share;
///
/// let predicted = [5.0, 1.0, 1.0, 1.0, 2.0];
/// let spent = [50.0, 0.0, 30.0, 0.0, 20.0];
/// assert_eq!(captured_share(&predicted, &spent, 0.2)?, 0.5);
/// assert_eq!(captured_share(&predicted, &spent, 0.6)?, 0.8); // the third is any of three
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
pub fn captured_share(
    predicted: &[f64],
    actual: &[f64],
    fraction: f64,
) -> Result<f64, MetricError> {
    let metric = "the captured share";
    if !(0.0..=1.0).contains(&fraction) {
        return Err(MetricError::Domain {
            metric,
            expected: "a fraction between 0 and 1",
            found: fraction,
        });
    }
    let rows = ascending(metric, predicted, actual)?;
    let total: f64 = rows.iter().rev().map(|row| row.1).sum();
    if !(total > 0.0 && total.is_finite()) {
        return Err(MetricError::Domain {
            metric,
            expected: "a finite sum above 0",
            found: total,
        });
    }
    let mut left = fraction * rows.len() as f64;
    let mut held = 0.0;
    for run in rows.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()).rev() {
        let count = run.len() as f64;
        held += run.iter().map(|row| row.1).sum::<f64>() * (left / count).min(1.0);
        left -= count;
        if left <= 0.0 {
            break;
        }
    }
    check_result(metric, held / total)
}

/// Customers with neighbouring forecasts, and what they turned out to be worth.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawGroup", into = "RawGroup"))]
pub struct RankedGroup {
    customers: u64,
    predicted: f64,
    actual: f64,
    cumulative_customers: f64,
    cumulative_share: Option<f64>,
    lift: Option<f64>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "RankedGroup", deny_unknown_fields)]
struct RawGroup {
    customers: u64,
    predicted: f64,
    actual: f64,
    cumulative_customers: f64,
    cumulative_share: Option<f64>,
    lift: Option<f64>,
}

#[cfg(feature = "serde")]
impl TryFrom<RawGroup> for RankedGroup {
    type Error = StoredError;

    fn try_from(raw: RawGroup) -> Result<Self, Self::Error> {
        if raw.customers == 0 {
            return Err(StoredError::Disagree {
                what: "customers",
                expected: "at least 1".to_owned(),
                found: "0".to_owned(),
            });
        }
        let optional = |what, number: Option<f64>| number.map(|v| finite(what, v)).transpose();
        Ok(Self {
            customers: raw.customers,
            predicted: finite("predicted", raw.predicted)?,
            actual: finite("actual", raw.actual)?,
            cumulative_customers: share("cumulative_customers", raw.cumulative_customers)?,
            cumulative_share: optional("cumulative_share", raw.cumulative_share)?,
            lift: optional("lift", raw.lift)?,
        })
    }
}

#[cfg(feature = "serde")]
impl From<RankedGroup> for RawGroup {
    fn from(group: RankedGroup) -> Self {
        Self {
            customers: group.customers,
            predicted: group.predicted,
            actual: group.actual,
            cumulative_customers: group.cumulative_customers,
            cumulative_share: group.cumulative_share,
            lift: group.lift,
        }
    }
}

impl RankedGroup {
    /// How many customers are in it, at least 1.
    #[must_use]
    pub const fn customers(&self) -> u64 {
        self.customers
    }

    /// The sum of their forecasts.
    #[must_use]
    pub const fn predicted(&self) -> f64 {
        self.predicted
    }

    /// The sum of what happened.
    #[must_use]
    pub const fn actual(&self) -> f64 {
        self.actual
    }

    /// By which share of the actual sum the forecast of it is off, 0.1 for a tenth too much; `None`
    /// unless the actual sum is above 0.
    #[must_use]
    pub fn relative_error(&self) -> Option<f64> {
        let share = (self.predicted - self.actual) / self.actual;
        (self.actual > 0.0 && share.is_finite()).then_some(share)
    }

    /// The share of all customers in this group and those above it, up to 1.
    #[must_use]
    pub const fn cumulative_customers(&self) -> f64 {
        self.cumulative_customers
    }

    /// Their share of the actual total; `None` unless that is above 0.
    #[must_use]
    pub const fn cumulative_share(&self) -> Option<f64> {
        self.cumulative_share
    }

    /// How many times the mean customer one of this group was worth; `None` unless the actual total
    /// is above 0.
    #[must_use]
    pub const fn lift(&self) -> Option<f64> {
        self.lift
    }
}

/// Customers in groups of equal size by forecast, the highest first: with ten groups, the decile
/// table (十分位表).
///
/// Sizes differ by one at most. Where the border runs through equal forecasts, each side gets the
/// mean outcome of those who tie, so that the order of the input does not matter.
///
/// # Errors
///
/// - [`MetricError::Length`] if there are not as many outcomes as forecasts.
/// - [`MetricError::Empty`] without a customer.
/// - [`MetricError::Row`] for the first number that is not finite.
/// - [`MetricError::Domain`] if there are to be no groups, or more than customers, or a sum is not
///   finite.
///
/// # Examples
///
/// ```
/// use guanxi::metric::ranked_groups;
///
/// let predicted = [4.0, 3.0, 0.5, 0.5, 0.5, 1.5];
/// let spent = [5.0, 1.0, 0.0, 3.0, 0.0, 1.0];
/// let thirds = ranked_groups(&predicted, &spent, 3)?;
/// assert_eq!((thirds[0].predicted(), thirds[0].actual()), (7.0, 6.0));
/// assert_eq!(thirds[0].cumulative_share(), Some(0.6));
/// assert_eq!(thirds[1].actual(), 2.0); // 1 and the mean of those who tie
/// assert!((thirds[0].lift().unwrap_or(0.0) - 1.8).abs() < 1e-15);
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[doc(alias = "decile_table")]
#[doc(alias = "gains")]
pub fn ranked_groups(
    predicted: &[f64],
    actual: &[f64],
    groups: u16,
) -> Result<Vec<RankedGroup>, MetricError> {
    let metric = "the table of ranked groups";
    let mut rows = ascending(metric, predicted, actual)?;
    let n = rows.len();
    if groups == 0 || usize::from(groups) > n {
        return Err(MetricError::Domain {
            metric,
            expected: "at least one group, and a customer in each",
            found: f64::from(groups),
        });
    }
    for run in rows.chunk_by_mut(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let mean = run.iter().map(|row| row.1).sum::<f64>() / run.len() as f64;
        let is_tie = run.iter().any(|row| row.1.total_cmp(&run[0].1).is_ne());
        if is_tie {
            for row in run {
                row.1 = mean;
            }
        }
    }
    rows.reverse();
    let total = check_result(metric, rows.iter().map(|row| row.1).sum())?;
    let mut sum = 0.0;
    (0..groups)
        .map(|group| {
            let (start, end) = (place(n, group, groups), place(n, group + 1, groups));
            let members = &rows[start..end];
            let actual = check_result(metric, members.iter().map(|row| row.1).sum())?;
            sum += actual;
            let size = (end - start) as f64;
            let of_total = |value: f64| -> Result<Option<f64>, MetricError> {
                (total > 0.0)
                    .then(|| check_result(metric, value / total))
                    .transpose()
            };
            Ok(RankedGroup {
                customers: (end - start) as u64,
                predicted: check_result(metric, members.iter().map(|row| row.0).sum())?,
                actual,
                cumulative_customers: end as f64 / n as f64,
                cumulative_share: of_total(check_result(metric, sum)?)?,
                lift: of_total(actual * (n as f64 / size))?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
