//! Ratios of two sums over customers (比值).
//!
//! Cochran (1977), *Sampling Techniques*, 3rd edition, chapter 6, for the variance of a ratio by
//! linearisation.

use super::infer::Level;
use super::paired::check_result;
use super::{MetricError, Share};
#[cfg(feature = "serde")]
use crate::quantity::stored::{StoredError, not_negative, share};
use crate::quantity::{Estimate, Probability};

const METRIC: &str = "the ratio of two sums";

/// One sum over another, where both are of the same customers: what we sell them of all they buy,
/// or the periods they were active of those they were there.
///
/// The interval takes customers, not money or periods, as what was drawn: customers who are large
/// or alike within themselves widen it as they should.
///
/// # Examples
///
/// ```
/// use guanxi::metric::SampleRatio;
///
/// // Spent with us, spent in all.
/// let wallet = SampleRatio::of_parts(&[(30.0, 100.0), (50.0, 50.0), (0.0, 50.0)])?;
/// assert_eq!(wallet.value(), Some(0.4));
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawRatio", into = "RawRatio"))]
pub struct SampleRatio {
    customers: u64,
    left_out: u64,
    ratio: f64,
    standard_error: f64,
}

impl SampleRatio {
    /// The sum of parts over the sum of wholes, each row a part and its whole, with
    /// `0 ≤ part ≤ whole`; from 0 to 1.
    ///
    /// # Errors
    ///
    /// [`MetricError::Row`] for the first part that is not between 0 and its whole, or whole that
    /// is not finite and at or above 0; [`MetricError::Domain`] if the sum of the wholes is not
    /// finite. Without a row, or if all wholes are 0, there is no [`value`](Self::value).
    pub fn of_parts(rows: &[(f64, f64)]) -> Result<Self, MetricError> {
        for (row, &(part, whole)) in rows.iter().enumerate() {
            let (field, expected, found) = if !(0.0..=f64::MAX).contains(&whole) {
                ("whole", "finite and at or above 0", whole)
            } else if !(0.0..=whole).contains(&part) {
                ("part", "between 0 and its whole", part)
            } else {
                continue;
            };
            return Err(MetricError::Row {
                metric: METRIC,
                row,
                field,
                expected,
                found,
            });
        }
        let whole = check_result(METRIC, rows.iter().map(|row| row.1).sum())?;
        if whole <= 0.0 {
            return Ok(Self {
                customers: 0,
                left_out: rows.len() as u64,
                ratio: 0.0,
                standard_error: 0.0,
            });
        }
        // Rows of which nothing could be a part say nothing.
        let all = rows.len() as u64;
        let rows = || rows.iter().filter(|row| row.1 > 0.0);
        let customers = rows().count() as u64;
        let n = customers as f64;
        let ratio = (rows().map(|row| row.0).sum::<f64>() / whole).min(1.0);
        // As shares of the sum, so that no square leaves the range of numbers.
        let square = |row: &(f64, f64)| (row.0 / whole - ratio * (row.1 / whole)).powi(2);
        let squares: f64 = rows().map(square).sum();
        let correction = if n > 1.0 { n / (n - 1.0) } else { 0.0 };
        Ok(Self {
            customers,
            left_out: all - customers,
            ratio,
            standard_error: (squares * correction).sqrt(),
        })
    }

    /// How many customers have a whole above 0.
    #[must_use]
    pub const fn customers(&self) -> u64 {
        self.customers
    }

    /// How many rows have a whole of 0, and say nothing.
    #[must_use]
    pub const fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The ratio, from 0 to 1; `None` without customers.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        (self.customers > 0).then_some(self.ratio)
    }

    /// The ratio with its standard error and Student's interval, cut at 0 and 1; `None` below two
    /// customers. The `n_eff` is how many there are. Where every customer has the same ratio, such as
    /// all of it, the interval has no width: it says nothing of those who were not seen.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1.
    pub fn estimate(&self, level: Probability) -> Result<Option<Estimate>, MetricError> {
        let at = Level::new(METRIC, level)?;
        if self.customers < 2 {
            return Ok(None);
        }
        let n = self.customers as f64;
        at.reaching(
            (self.ratio, self.standard_error, n),
            at.t(n - 1.0),
            (0.0, 1.0),
        )
        .map(Some)
    }
}

impl SampleRatio {
    /// The ratio of counts, one share a customer.
    pub(super) fn of_shares(shares: impl IntoIterator<Item = Share>) -> Result<Self, MetricError> {
        let parts = shares
            .into_iter()
            .map(|s| (s.count() as f64, s.of() as f64));
        Self::of_parts(&parts.collect::<Vec<_>>())
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "SampleRatio", deny_unknown_fields)]
struct RawRatio {
    customers: u64,
    left_out: u64,
    ratio: f64,
    standard_error: f64,
}

#[cfg(feature = "serde")]
impl From<SampleRatio> for RawRatio {
    fn from(ratio: SampleRatio) -> Self {
        Self {
            customers: ratio.customers,
            left_out: ratio.left_out,
            ratio: ratio.ratio,
            standard_error: ratio.standard_error,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<RawRatio> for SampleRatio {
    type Error = StoredError;

    fn try_from(raw: RawRatio) -> Result<Self, StoredError> {
        Ok(Self {
            customers: raw.customers,
            left_out: raw.left_out,
            ratio: share("ratio", raw.ratio)?,
            standard_error: not_negative("standard_error", raw.standard_error)?,
        })
    }
}
