//! Whether chances that were forecast came true as often as they said (概率校准).
//!
//! Murphy & Winkler (1977), "Reliability of Subjective Probability Forecasts of Precipitation and
//! Temperature", *Applied Statistics* 26(1), 41–47, <https://doi.org/10.2307/2346866>.

use super::MetricError;
use super::infer::Level;
use super::paired::{check_lengths, check_probabilities, place};
use super::share::wilson;
#[cfg(feature = "serde")]
use crate::quantity::stored::{StoredError, share};
use crate::quantity::{Interval, Probability};

/// How forecasts are grouped to be compared with what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Bins {
    /// So many parts of the range from 0 to 1; those without a customer are left out.
    EqualWidth(u16),
    /// So many groups of about as many customers each. Equal forecasts stay together, so that
    /// there are fewer groups where many forecasts are equal.
    EqualCount(u16),
}

/// Customers with much the same forecast, and what happened to them.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawBin", into = "RawBin"))]
pub struct CalibrationBin {
    lower: f64,
    upper: f64,
    customers: u64,
    happened: u64,
    predicted: f64,
    chance_sd: f64,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "CalibrationBin", deny_unknown_fields)]
struct RawBin {
    lower: f64,
    upper: f64,
    customers: u64,
    happened: u64,
    predicted: f64,
    chance_sd: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<RawBin> for CalibrationBin {
    type Error = StoredError;

    fn try_from(raw: RawBin) -> Result<Self, Self::Error> {
        let bin = Self {
            lower: share("lower", raw.lower)?,
            upper: share("upper", raw.upper)?,
            customers: raw.customers,
            happened: raw.happened,
            predicted: share("predicted", raw.predicted)?,
            chance_sd: share("chance_sd", raw.chance_sd)?,
        };
        let disagree = |what, expected: &str, found: String| StoredError::Disagree {
            what,
            expected: expected.to_owned(),
            found,
        };
        if raw.customers == 0 {
            return Err(disagree("customers", "at least 1", "0".to_owned()));
        }
        if raw.happened > raw.customers {
            let found = raw.happened.to_string();
            return Err(disagree("happened", "at most all customers", found));
        }
        let slack = 1e-9; // of a mean that rounds
        if !(raw.lower - slack..=raw.upper + slack).contains(&raw.predicted) {
            let found = raw.predicted.to_string();
            return Err(disagree("predicted", "between lower and upper", found));
        }
        Ok(bin)
    }
}

#[cfg(feature = "serde")]
impl From<CalibrationBin> for RawBin {
    fn from(bin: CalibrationBin) -> Self {
        Self {
            lower: bin.lower,
            upper: bin.upper,
            customers: bin.customers,
            happened: bin.happened,
            predicted: bin.predicted,
            chance_sd: bin.chance_sd,
        }
    }
}

impl CalibrationBin {
    /// The lower end: of the part for bins of equal width, else the lowest forecast.
    #[must_use]
    pub const fn lower(&self) -> f64 {
        self.lower
    }

    /// The upper end: of the part for bins of equal width, else the highest forecast.
    #[must_use]
    pub const fn upper(&self) -> f64 {
        self.upper
    }

    /// How many customers are in it, at least 1.
    #[must_use]
    pub const fn customers(&self) -> u64 {
        self.customers
    }

    /// Their mean forecast, from 0 to 1.
    #[must_use]
    pub const fn predicted(&self) -> f64 {
        self.predicted
    }

    /// The share of them to whom it happened, from 0 to 1.
    #[must_use]
    pub fn observed(&self) -> f64 {
        self.happened as f64 / self.customers as f64
    }

    /// The standard deviation that chance alone gives the observed share if every forecast is
    /// right.
    #[must_use]
    pub const fn chance_sd(&self) -> f64 {
        self.chance_sd
    }

    /// Wilson's interval of the observed share.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1.
    pub fn observed_interval(&self, level: Probability) -> Result<Interval, MetricError> {
        let (count, of) = (self.happened as f64, self.customers as f64);
        let at = Level::new("the interval of an observed share", level)?;
        wilson(at, count, of)
    }

    /// The bin of customers who are not none.
    fn of(rows: &[(f64, bool)], lower: f64, upper: f64) -> Self {
        let n = rows.len() as f64;
        let variance: f64 = rows.iter().map(|(p, _)| p * (1.0 - p)).sum();
        Self {
            lower,
            upper,
            customers: rows.len() as u64,
            happened: rows.iter().filter(|(_, happened)| *happened).count() as u64,
            predicted: (rows.iter().map(|(p, _)| p).sum::<f64>() / n).min(1.0), // rounding only
            chance_sd: variance.sqrt() / n,
        }
    }
}

/// Forecast chances in groups from low to high, each with how often it happened: well calibrated
/// forecasts and observed shares differ by chance alone.
///
/// # Errors
///
/// - [`MetricError::Length`] if there are not as many outcomes as forecasts.
/// - [`MetricError::Empty`] without a customer.
/// - [`MetricError::Row`] for the first forecast that is not between 0 and 1.
/// - [`MetricError::Domain`] if there are to be no bins.
///
/// # Examples
///
/// ```
/// use guanxi::metric::{Bins, calibration_bins};
///
/// let predicted = [0.05, 0.07, 0.31, 0.33, 0.38, 1.0];
/// let bought = [false, false, false, true, false, true];
/// let bins = calibration_bins(&predicted, &bought, Bins::EqualWidth(10))?;
/// assert_eq!(bins.len(), 3); // seven of the tenths are empty
/// assert_eq!((bins[1].lower(), bins[1].upper()), (0.3, 0.4));
/// assert!((bins[1].predicted() - 0.34).abs() < 1e-15);
/// assert_eq!(bins[1].observed(), 1.0 / 3.0);
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[doc(alias = "reliability diagram")]
pub fn calibration_bins(
    predicted: &[f64],
    happened: &[bool],
    bins: Bins,
) -> Result<Vec<CalibrationBin>, MetricError> {
    let metric = "calibration";
    check_lengths(metric, predicted, happened)?;
    check_probabilities(metric, predicted)?;
    let (Bins::EqualWidth(count) | Bins::EqualCount(count)) = bins;
    if count == 0 {
        return Err(MetricError::Domain {
            metric,
            expected: "at least one bin",
            found: 0.0,
        });
    }
    let pairs = predicted.iter().copied().zip(happened.iter().copied());
    let mut rows: Vec<(f64, bool)> = pairs.collect();
    rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut rest = rows.as_slice();
    let mut found = Vec::new();
    for bin in 0..count {
        let is_last = bin + 1 == count;
        let end = |bin: u16| f64::from(bin) / f64::from(count);
        let size = match bins {
            _ if is_last => rest.len(),
            Bins::EqualWidth(_) => rest.partition_point(|row| row.0 < end(bin + 1)),
            Bins::EqualCount(_) => {
                // Up to this customer of all, and on to the last with the same forecast.
                let taken = rows.len() - rest.len();
                let until = place(rows.len(), bin + 1, count);
                match until.checked_sub(taken + 1).and_then(|i| rest.get(i)) {
                    Some(last) => rest.partition_point(|row| row.0 <= last.0),
                    None => 0,
                }
            }
        };
        let (here, later) = rest.split_at(size);
        rest = later;
        if let (Some(first), Some(last)) = (here.first(), here.last()) {
            found.push(match bins {
                Bins::EqualWidth(_) => CalibrationBin::of(here, end(bin), end(bin + 1)),
                Bins::EqualCount(_) => CalibrationBin::of(here, first.0, last.0),
            });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
