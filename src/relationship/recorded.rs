//! What is recorded of one customer, as of an instant and under all of its identities.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::history::{AsOf, CustomerId, Interaction, InteractionId};
use crate::summary::LiveBase;

use super::RelationshipError;

/// Interactions in the order of their instants, and of their ids where those are equal.
pub(super) type Recorded<'a> = Vec<&'a Interaction>;

/// The customer's name and everything that counts as of an instant.
pub(super) fn views<'a>(
    base: &'a LiveBase,
    customer: &str,
    as_of: AsOf,
) -> Result<(CustomerId, Recorded<'a>), RelationshipError> {
    let mut events = Vec::new();
    let mut known = false;
    for timeline in base.timelines(customer) {
        known = true;
        events.extend(timeline.as_of(as_of).iter());
    }
    let id = base.customer(customer).filter(|_| known);
    let Some(id) = id else {
        return Err(RelationshipError::UnknownCustomer {
            customer: customer.to_owned(),
        });
    };
    events.sort_by_key(|i| (i.occurred_at(), i.id()));
    Ok((id.clone(), events))
}

/// Names an event in an explanation: which, when, and of what kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct EventRef {
    /// Its id.
    pub id: InteractionId,
    /// When it occurred.
    pub at: DateTime<Utc>,
    /// The name of its kind, such as `"complaint_opened"`.
    pub kind: String,
}

impl EventRef {
    pub(super) fn of(interaction: &Interaction) -> Self {
        Self {
            id: interaction.id().clone(),
            at: interaction.occurred_at(),
            kind: interaction.kind().name().to_owned(),
        }
    }
}

impl fmt::Display for EventRef {
    /// Writes, for example, `complaint_opened e-3 on 2024-02-11`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} on {}", self.kind, self.id, self.at.date_naive())
    }
}

/// How many events a reader is told of.
pub(super) const TOLD: usize = 3;

/// Whether a move is more than nothing to three decimals.
pub(super) fn is_told(moved: f64) -> bool {
    moved.abs() >= 5e-4
}

/// A move with its sign, to three decimals; what rounds to nothing has none.
pub(super) fn signed(moved: f64) -> String {
    if is_told(moved) {
        return format!("{moved:+.3}");
    }
    "±0.000".to_owned()
}
