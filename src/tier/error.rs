//! Why a relationship could not be placed on the ladder.

use std::ops::RangeBounds;

use chrono::{DateTime, Utc};

use super::{Gate, Tier};
use crate::history::{CustomerId, InteractionId};
use crate::quantity::QuantityError;
use crate::scorer::ScoreError;
use crate::summary::SummaryError;

/// Why rules of tiers were refused, or an event could not be followed.
///
/// # Examples
///
/// ```
/// use guanxi::tier::{Gate, TierPolicy};
///
/// let refused = TierPolicy::default().with_threshold(Gate::PartnershipTrust, 1.5);
/// assert_eq!(
///     refused.map_err(|error| error.to_string()),
///     Err("threshold of trust (into partnership) must be between 0 and 1, got 1.5".to_owned()),
/// );
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TierError {
    /// A number outside its range.
    #[error("{quantity} must be {expected}, got {found:?}")]
    Domain {
        /// What the number is.
        quantity: &'static str,
        /// The range it may have.
        expected: &'static str,
        /// The number that came.
        found: f64,
    },
    /// A threshold outside its range.
    #[error("threshold of {gate} must be {expected}, got {found:?}")]
    Threshold {
        /// The gate.
        gate: Gate,
        /// The range it may have.
        expected: &'static str,
        /// The number that came.
        found: f64,
    },
    /// A rung that nothing would guard.
    #[error("at least one gate must guard each rung, and {gate} is the last one")]
    LastGate {
        /// The gate that was to go.
        gate: Gate,
    },
    /// An event that came after a later one, or after the month it belongs to was judged. The
    /// events themselves, in a [`Timeline`](crate::history::Timeline), can be replayed:
    /// [`TierTracker::replay`](super::TierTracker::replay).
    #[error(
        "interaction {id} of {at} must come after everything up to {after}, in the order of their ids within an instant: replay the timeline"
    )]
    Late {
        /// The interaction.
        id: InteractionId,
        /// When it occurred.
        at: DateTime<Utc>,
        /// What was taken in or judged already.
        after: DateTime<Utc>,
    },
    /// An interaction that corrects another cannot be followed, for what it corrects is in sums
    /// already; a timeline that holds both can be replayed.
    #[error("interaction {id} corrects {corrects}, which is in the sums: replay the timeline")]
    Correction {
        /// The interaction.
        id: InteractionId,
        /// What it corrects.
        corrects: InteractionId,
    },
    /// An interaction of another customer.
    #[error("interaction {id} must be of customer {expected}, got {found}")]
    OtherCustomer {
        /// The interaction.
        id: InteractionId,
        /// Whose ladder it is.
        expected: CustomerId,
        /// Whose it is.
        found: CustomerId,
    },
    /// A rung to begin at, for a ladder that has begun.
    #[error("a ladder can begin at {tier} before its first event only, and took in one of {last}")]
    Begun {
        /// The rung.
        tier: Tier,
        /// The last event so far.
        last: DateTime<Utc>,
    },
    /// An instant before the last month that was judged.
    #[error("the ladder was judged as of {judged}, and cannot go back to {found}")]
    Backwards {
        /// The last month end.
        judged: DateTime<Utc>,
        /// The instant that was asked for.
        found: DateTime<Utc>,
    },
    /// An instant whose month ends outside the calendar.
    #[error("the month of {at} must end within the calendar")]
    Calendar {
        /// The instant.
        at: DateTime<Utc>,
    },
    /// Something stored that no ladder leads to: a standing, a tracker, a report.
    #[error("what is stored of a ladder must have {expected}, got {found}")]
    Stored {
        /// The rule.
        expected: &'static str,
        /// What was found.
        found: String,
    },
    /// The events could not be summarised.
    #[error(transparent)]
    Summary(#[from] SummaryError),
    /// The customer could not be judged.
    #[error(transparent)]
    Score(#[from] ScoreError),
    /// A number that is none.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

/// The number, if it lies within the range; `NaN` lies in none.
pub(super) fn checked(
    quantity: &'static str,
    expected: &'static str,
    range: impl RangeBounds<f64>,
    found: f64,
) -> Result<f64, TierError> {
    if range.contains(&found) {
        Ok(found + 0.0)
    } else {
        Err(TierError::Domain {
            quantity,
            expected,
            found,
        })
    }
}
