//! What the customer allows, since when, and as known when.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::as_of::AsOf;
use super::interaction::Interaction;
use super::kind::{Consent, Kind};
use super::purpose::Purpose;

/// Which way a consent changed.
///
/// `Granted` sorts before `Withdrawn`, so of two changes at one instant the withdrawal has the
/// last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ConsentStatus {
    /// The customer agreed.
    Granted,
    /// The customer took the consent back.
    Withdrawn,
}

/// One change of one consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ConsentChange {
    /// When it took effect.
    pub at: DateTime<Utc>,
    /// Which way.
    pub status: ConsentStatus,
    /// For what.
    pub purpose: Purpose,
    /// When it became known.
    pub recorded_at: DateTime<Utc>,
}

impl ConsentChange {
    /// A consent given at `at` and known at once.
    #[must_use]
    pub fn granted(purpose: Purpose, at: DateTime<Utc>) -> Self {
        Self {
            at,
            status: ConsentStatus::Granted,
            purpose,
            recorded_at: at,
        }
    }

    /// A consent taken back at `at` and known at once.
    #[must_use]
    pub fn withdrawn(purpose: Purpose, at: DateTime<Utc>) -> Self {
        Self {
            status: ConsentStatus::Withdrawn,
            ..Self::granted(purpose, at)
        }
    }

    /// The same change, known only at `recorded_at`.
    #[must_use]
    pub fn recorded(self, recorded_at: DateTime<Utc>) -> Self {
        Self {
            recorded_at,
            ..self
        }
    }
}

/// How a consent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ConsentState {
    /// Never asked or never answered; nothing is permitted.
    NeverGiven,
    /// Permitted.
    Granted {
        /// Since when without interruption.
        since: DateTime<Utc>,
    },
    /// Taken back; nothing is permitted.
    Withdrawn {
        /// Since when without interruption.
        since: DateTime<Utc>,
    },
}

/// Every change of a customer's consents (同意), as a set: order does not matter, repeats change
/// nothing, and two records merge.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{AsOf, ConsentChange, ConsentRecord, Purpose};
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let mut consent = ConsentRecord::default();
/// consent.record(ConsentChange::granted(Purpose::Marketing, day(1)));
/// consent.record(ConsentChange::withdrawn(Purpose::Marketing, day(9)));
///
/// assert!(consent.permits(Purpose::Marketing, AsOf::at(day(8))));
/// assert!(!consent.permits(Purpose::Marketing, AsOf::at(day(9))));
/// assert!(!consent.permits(Purpose::Analytics, AsOf::at(day(8)))); // never given
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct ConsentRecord {
    changes: BTreeSet<ConsentChange>,
}

impl ConsentRecord {
    /// Reads the consents out of interactions; those of other kinds are passed over.
    ///
    /// Give it a [`TimelineView`](super::TimelineView) to have corrections applied.
    #[must_use]
    pub fn from_interactions<'a>(interactions: impl IntoIterator<Item = &'a Interaction>) -> Self {
        let mut record = Self::default();
        for interaction in interactions {
            record.observe(interaction);
        }
        record
    }

    /// Adds one change.
    pub fn record(&mut self, change: ConsentChange) {
        self.changes.insert(change);
    }

    /// Adds what one interaction says about consent; a request for erasure withdraws every purpose.
    pub fn observe(&mut self, interaction: &Interaction) {
        let Kind::Consent(consent) = interaction.kind() else {
            return;
        };
        let at = interaction.occurred_at();
        let known = interaction.recorded_at();
        match *consent {
            Consent::Granted { purpose } => {
                self.record(ConsentChange::granted(purpose, at).recorded(known));
            }
            Consent::Withdrawn { purpose } => {
                self.record(ConsentChange::withdrawn(purpose, at).recorded(known));
            }
            Consent::ErasureRequested => {
                for purpose in Purpose::ALL {
                    self.record(ConsentChange::withdrawn(purpose, at).recorded(known));
                }
            }
        }
    }

    /// Takes over every change of another record.
    pub fn merge(&mut self, other: Self) {
        self.changes.extend(other.changes);
    }

    /// The changes up to an instant.
    pub(crate) fn up_to(&self, at: DateTime<Utc>) -> Self {
        let changes = self.changes.iter().filter(|change| change.at <= at);
        Self {
            changes: changes.copied().collect(),
        }
    }

    /// Every change, in the order of the instants at which they took effect.
    pub fn changes(&self) -> impl Iterator<Item = &ConsentChange> {
        self.changes.iter()
    }

    /// How the consent for a purpose stood. Of two changes at one instant a withdrawal wins.
    #[must_use]
    pub fn state(&self, purpose: Purpose, as_of: AsOf) -> ConsentState {
        self.changes
            .iter()
            .filter(|c| c.purpose == purpose && as_of.includes(c.at, c.recorded_at))
            .fold(ConsentState::NeverGiven, |state, change| {
                let since = change.at;
                match (state, change.status) {
                    (ConsentState::Granted { .. }, ConsentStatus::Granted)
                    | (ConsentState::Withdrawn { .. }, ConsentStatus::Withdrawn) => state,
                    (_, ConsentStatus::Granted) => ConsentState::Granted { since },
                    (_, ConsentStatus::Withdrawn) => ConsentState::Withdrawn { since },
                }
            })
    }

    /// Whether data may be used for a purpose. Silence is not consent.
    #[must_use]
    pub fn permits(&self, purpose: Purpose, as_of: AsOf) -> bool {
        matches!(self.state(purpose, as_of), ConsentState::Granted { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{CustomerId, InteractionId};
    use chrono::Days;

    fn day(n: u64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Days::new(n)
    }

    #[test]
    fn a_withdrawal_wins_at_its_own_instant() {
        let mut record = ConsentRecord::default();
        record.record(ConsentChange::withdrawn(Purpose::Sharing, day(3)));
        record.record(ConsentChange::granted(Purpose::Sharing, day(3)));
        assert_eq!(
            record.state(Purpose::Sharing, AsOf::at(day(3))),
            ConsentState::Withdrawn { since: day(3) }
        );
    }

    #[test]
    fn since_is_the_start_of_an_unbroken_state() {
        let mut record = ConsentRecord::default();
        for n in [5, 2, 4] {
            record.record(ConsentChange::granted(Purpose::Service, day(n)));
        }
        assert_eq!(
            record.state(Purpose::Service, AsOf::at(day(9))),
            ConsentState::Granted { since: day(2) }
        );
        record.record(ConsentChange::withdrawn(Purpose::Service, day(3)));
        assert_eq!(
            record.state(Purpose::Service, AsOf::at(day(9))),
            ConsentState::Granted { since: day(4) }
        );
        assert_eq!(
            record.state(Purpose::Service, AsOf::at(day(1))),
            ConsentState::NeverGiven
        );
    }

    #[test]
    fn a_withdrawal_not_yet_known_does_not_count() {
        let mut record = ConsentRecord::default();
        record.record(ConsentChange::granted(Purpose::Analytics, day(1)));
        record.record(ConsentChange::withdrawn(Purpose::Analytics, day(2)).recorded(day(8)));
        let now = AsOf::at(day(5));
        assert!(!record.permits(Purpose::Analytics, now));
        assert!(record.permits(Purpose::Analytics, now.known_at(day(5))));
    }

    #[test]
    fn a_request_for_erasure_withdraws_everything() {
        let customer = CustomerId::new("c").unwrap();
        let said = |id: &str, n, consent: Consent| {
            let id = InteractionId::new(id).unwrap();
            Interaction::new(id, customer.clone(), day(n), consent).unwrap()
        };
        let grant = |purpose| Consent::Granted { purpose };
        let record = ConsentRecord::from_interactions(&[
            said("a", 1, grant(Purpose::Service)),
            said("b", 1, grant(Purpose::Marketing)),
            said("c", 4, Consent::ErasureRequested),
        ]);
        assert!(record.permits(Purpose::Marketing, AsOf::at(day(3))));
        for purpose in Purpose::ALL {
            let state = record.state(purpose, AsOf::at(day(4)));
            assert_eq!(state, ConsentState::Withdrawn { since: day(4) });
        }
        assert_eq!(record.changes().count(), 6);
    }
}
