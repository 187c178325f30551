//! What a model makes up: customers whose truth is known, and draws of what a customer may be like.

use crate::numeric::random::RandomStream;
use crate::quantity::TimeUnit;
#[cfg(feature = "serde")]
use crate::quantity::stored::{
    StoredError, agree as alike, not_negative, positive, read_not_negative,
};
use crate::summary::{RfmSummary, SummaryError};

/// Why a customer could not be simulated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SimulationError {
    /// A customer who never stops buying.
    #[error("a simulated customer may make {limit} purchases, got more at a rate of {rate}")]
    TooManyPurchases {
        /// The most that one customer may make.
        limit: usize,
        /// The rate that was drawn, per unit of the model.
        rate: f64,
    },
    /// What was drawn is no valid summary.
    #[error(transparent)]
    Summary(#[from] SummaryError),
}

/// What one draw of a customer is expected to do from now to a horizon.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DrawnFuture {
    /// Discounted purchases.
    pub purchases: f64,
    /// Discounted time as a customer, in the model's unit.
    pub lifetime: f64,
}

/// One draw of what a customer may be like, given the customer's history.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct PosteriorDraw {
    /// Whether still a customer.
    pub alive: bool,
    /// Purchase rate while a customer, per unit of the model.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_not_negative"))]
    pub rate: f64,
    /// Rate at which the customer drops out, per unit of the model: `λp` in the BG/NBD family,
    /// `μ` in the Pareto/NBD, 0 in the NBD. In the GGompertz/NBD, where it changes with time, the
    /// present rate, or that at which the customer dropped out.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_not_negative"))]
    pub dropout_rate: f64,
}

/// A customer made by a model, with the truth that no data show.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawSimulated"))]
pub struct SimulatedCustomer {
    /// Times of the repeat purchases since the first, ascending, in the model's unit.
    pub purchases: Vec<f64>,
    /// What observation would report.
    pub summary: RfmSummary,
    /// Whether still a customer at the end of observation.
    pub alive: bool,
    /// Purchase rate while a customer, per unit of the model.
    pub rate: f64,
    /// Rate at which the customer drops out, per unit of the model.
    pub dropout_rate: f64,
}

#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(rename = "SimulatedCustomer", deny_unknown_fields)]
struct RawSimulated {
    purchases: Vec<f64>,
    summary: RfmSummary,
    alive: bool,
    rate: f64,
    dropout_rate: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<RawSimulated> for SimulatedCustomer {
    type Error = StoredError;

    fn try_from(raw: RawSimulated) -> Result<Self, StoredError> {
        not_negative("rate", raw.rate)?;
        not_negative("dropout_rate", raw.dropout_rate)?;
        let mut before = 0.0;
        for &time in &raw.purchases {
            positive("time of a purchase", time)?;
            if time < before {
                return Err(StoredError::Disagree {
                    what: "time of a purchase",
                    expected: format!("at or after the one before, {before}"),
                    found: time.to_string(),
                });
            }
            before = time;
        }
        let frequency = u64::from(raw.summary.frequency());
        alike(
            "number of purchases",
            &frequency,
            &(raw.purchases.len() as u64),
        )?;
        alike("last purchase", &raw.summary.recency(), &before)?;
        Ok(Self {
            purchases: raw.purchases,
            summary: raw.summary,
            alive: raw.alive,
            rate: raw.rate,
            dropout_rate: raw.dropout_rate,
        })
    }
}

/// The purchases of a simulated customer up to `end`, and whether one of them was the last: a
/// Poisson stream until `stops` says so after a purchase.
pub(super) fn purchases_until(
    rate: f64,
    end: f64,
    random: &mut RandomStream,
    stops: impl FnMut(&mut RandomStream) -> bool,
) -> Result<(Vec<f64>, bool), SimulationError> {
    let gap = |random: &mut RandomStream| random.exponential() / rate;
    purchases_by_gaps(rate, gap, end, random, stops)
}

/// The same for any stream of gaps with this mean `rate`.
pub(super) fn purchases_by_gaps(
    rate: f64,
    mut gap: impl FnMut(&mut RandomStream) -> f64,
    end: f64,
    random: &mut RandomStream,
    mut stops: impl FnMut(&mut RandomStream) -> bool,
) -> Result<(Vec<f64>, bool), SimulationError> {
    /// It bounds the memory of a rate without bound.
    const LIMIT: usize = 10_000_000;
    let mut purchases = Vec::new();
    let mut time = 0.0;
    while purchases.len() < LIMIT {
        time += gap(random);
        // A rate that rounds to 0 leaves the time infinite or NaN: no purchase either way.
        if time.is_nan() || time > end {
            return Ok((purchases, false));
        }
        // Two purchases at the first instant are one; an exact 0 would say "no repeat".
        if time > 0.0 {
            purchases.push(time);
        }
        if stops(random) {
            return Ok((purchases, true));
        }
    }
    Err(SimulationError::TooManyPurchases { limit: LIMIT, rate })
}

/// What observation reports of a simulated customer.
pub(super) fn observed(
    unit: TimeUnit,
    purchases: &[f64],
    age: f64,
) -> Result<RfmSummary, SummaryError> {
    let last = purchases.last().copied().unwrap_or(0.0);
    // Never saturates: a simulated customer makes ten million purchases at most.
    let frequency = u32::try_from(purchases.len()).unwrap_or(u32::MAX);
    let summary = RfmSummary::new(unit, frequency, last, age)?;
    let mut before = 0.0;
    let mut ln_gaps = 0.0;
    for &time in purchases {
        ln_gaps += f64::ln(time - before);
        before = time;
    }
    // Of two purchases at one instant the gap has no logarithm.
    Ok(summary.with_ln_gaps(ln_gaps).unwrap_or(summary))
}
