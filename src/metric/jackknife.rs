//! Concentration with its uncertainty, by leaving out one customer at a time (刀切法).
//!
//! Efron & Stein (1981), "The Jackknife Estimate of Variance", *Annals of Statistics* 9(3), 586–596;
//! Karagiannis & Kovačević (2000), "A Method to Calculate the Jackknife Variance Estimator for the
//! Gini Coefficient", *Oxford Bulletin of Economics and Statistics* 62(1), 119–122, for doing so in
//! one pass.
//!
//! The base is taken as drawn from many customers like it. A few who are far larger than the rest
//! make every interval of concentration too narrow, as what is even larger may not have been drawn.

use super::MetricError;
use super::concentration::{ascending, gini_unbiased, herfindahl, shares, top_share, total};
use super::infer::{ANY, Level};
use crate::quantity::{Estimate, Probability};

/// The spread of a measure by its values with one customer left out each, or `None` if one of them
/// has none.
fn spread(left_out: &[f64]) -> Option<f64> {
    let n = left_out.len() as f64;
    let mean = left_out.iter().sum::<f64>() / n;
    let squares: f64 = left_out.iter().map(|v| (v - mean) * (v - mean)).sum();
    let sd = (squares * ((n - 1.0) / n)).sqrt();
    sd.is_finite().then_some(sd)
}

/// What is said where the measure cannot do without one of the customers.
fn too_few(metric: &'static str, found: usize) -> MetricError {
    MetricError::Domain {
        metric,
        expected: "at least three values, of which two are above 0",
        found: found as f64,
    }
}

/// The [Gini coefficient of the sample](super::gini_unbiased) with its jackknife standard error and
/// Student's interval, cut at 0 and 1.
///
/// # Errors
///
/// [`MetricError`] as for [`gini`](super::gini), if there are fewer than three values or only one is
/// above 0, and if the level is 0 or 1.
///
/// # Examples
///
/// ```
/// use guanxi::metric::gini_estimate;
/// use guanxi::quantity::Probability;
///
/// let values = [1.0, 2.0, 3.0, 4.0, 10.0];
/// let gini = gini_estimate(&values, Probability::NINETY_FIVE_PERCENT)?;
/// assert!((gini.mean() - 0.5).abs() < 1e-15);
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
pub fn gini_estimate(values: &[f64], level: Probability) -> Result<Estimate, MetricError> {
    let metric = "the Gini coefficient of a sample";
    let at = Level::new(metric, level)?;
    let value = gini_unbiased(values)?;
    let (sorted, total) = shares(metric, values)?;
    let n = sorted.len();
    if n < 3 {
        return Err(too_few(metric, n));
    }
    let ranked: f64 = (1..=n).zip(&sorted).map(|(i, v)| i as f64 * v).sum();
    let mut above = total;
    let mut left_out = Vec::with_capacity(n);
    for (i, v) in (1..=n).zip(&sorted) {
        above -= v; // of those ranked above, who move down by one
        let (ranked, total) = (ranked - i as f64 * v - above, total - v);
        let m = n as f64 - 1.0;
        left_out.push((2.0 * ranked / total - (m + 1.0)) / (m - 1.0));
    }
    let sd = match sorted.get(n - 2) {
        Some(&second) if second > 0.0 => spread(&left_out),
        _ => None,
    };
    let sd = sd.ok_or_else(|| too_few(metric, n))?;
    let n = n as f64;
    at.reaching((value, sd, n), at.t(n - 1.0), (0.0, 1.0))
}

/// The [Herfindahl–Hirschman index](super::herfindahl) with its jackknife standard error and
/// Student's interval, cut at 1/*n* and 1.
///
/// The index of a part of a base is larger because it is a part; what is left out is therefore the
/// index times the number of customers, `1 + cv²`.
///
/// # Errors
///
/// [`MetricError`] as for [`herfindahl`](super::herfindahl), if there are fewer than three values or
/// only one is above 0, and if the level is 0 or 1.
pub fn herfindahl_estimate(values: &[f64], level: Probability) -> Result<Estimate, MetricError> {
    let metric = "the Herfindahl index";
    let at = Level::new(metric, level)?;
    let value = herfindahl(values)?;
    let (sorted, total) = shares(metric, values)?;
    let n = sorted.len();
    let m = n as f64 - 1.0;
    let left_out: Vec<f64> = sorted
        .iter()
        .map(|v| {
            // As shares of the sum, so that no square leaves the range of numbers.
            let (share, rest) = (v / total, 1.0 - v / total);
            m * ((value - share * share) / (rest * rest))
        })
        .collect();
    let is_enough = n >= 3 && sorted.get(n - 2).is_some_and(|&second| second > 0.0);
    let sd = if is_enough { spread(&left_out) } else { None };
    let n = n as f64;
    let sd = sd.ok_or_else(|| too_few(metric, sorted.len()))? / n;
    at.reaching((value, sd, n), at.t(n - 1.0), (1.0 / n, 1.0))
}

/// The [share of the top](super::top_share) with its jackknife standard error and Student's
/// interval: a point of the [whale curve](super::whale_curve), and 1 less a point of the
/// [Lorenz curve](super::lorenz_curve). With losses it may lie above 1, and is cut nowhere; without,
/// at 0 and 1.
///
/// # Errors
///
/// [`MetricError`] as for [`top_share`](super::top_share), if there are fewer than three values or
/// the others do not sum to more than 0 without one of them, and if the level is 0 or 1.
pub fn top_share_estimate(
    values: &[f64],
    fraction: f64,
    level: Probability,
) -> Result<Estimate, MetricError> {
    let metric = "the share of the top";
    let at = Level::new(metric, level)?;
    let value = top_share(values, fraction)?;
    let mut falling = ascending(metric, values)?;
    falling.reverse();
    let total = total(metric, &falling)?;
    let n = falling.len();
    let mut sums = vec![0.0];
    let mut sum = 0.0;
    for v in &falling {
        sum += v;
        sums.push(sum);
    }
    // Of those left, so many count in full and the next in part.
    let left = fraction * (n as f64 - 1.0);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to the number of values"
    )]
    let whole = left.floor() as usize;
    let part = left - whole as f64;
    let without = |(rank, v): (usize, &f64)| {
        let rest = total - v;
        let shift = usize::from(rank <= whole);
        let next = falling.get(whole + shift).copied().unwrap_or_default();
        let full = if rank < whole {
            sums.get(whole + 1)? - v
        } else {
            *sums.get(whole)?
        };
        (rest > 0.0).then_some((full + part * next) / rest)
    };
    let left_out: Option<Vec<f64>> = falling.iter().enumerate().map(without).collect();
    let sd = left_out.filter(|_| n >= 3).and_then(|all| spread(&all));
    let sd = sd.ok_or(MetricError::Domain {
        metric,
        expected: "at least three values with a sum above 0 without any one of them",
        found: n as f64,
    })?;
    let range = if falling.last().is_some_and(|&least| least < 0.0) {
        ANY
    } else {
        (0.0, 1.0)
    };
    let n = n as f64;
    at.reaching((value, sd, n), at.t(n - 1.0), range)
}
