//! Stand-ins until the states are merged.
use super::EvidencePolicy;
use crate::history::Interaction;
use chrono::{DateTime, Utc};
macro_rules! stub { ($($t:ident)*) => { $(
    /// Stub.
    #[derive(Debug, Clone, PartialEq, Default)]
    #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
    pub struct $t { at: Option<DateTime<Utc>> }
    impl $t {
        pub(super) fn observe(&mut self, i: &Interaction, _: &EvidencePolicy) { if i.kind().number().is_some_and(|n| n > 2) {self.at = self.at.max(Some(i.occurred_at()));} }
        pub(super) fn merge(&mut self, o: &Self, _: &EvidencePolicy) { self.at = self.at.max(o.at); }
        pub(super) fn faded_to(&self, _: DateTime<Utc>, _: &EvidencePolicy) -> Self { self.clone() }
        /// Stub.
        #[must_use] pub fn is_empty(&self) -> bool { self.at.is_none() }
        /// Stub.
        #[must_use] pub fn latest(&self) -> Option<DateTime<Utc>> { self.at }
    } )* } }
stub!(AdvocacyEvidence AffectEvidence EngagementEvidence Journeys TrustEvidence);
impl EngagementEvidence {
    /// Stub.
    #[must_use]
    pub fn contract_in_force(&self, _: DateTime<Utc>) -> bool {
        false
    }
}
