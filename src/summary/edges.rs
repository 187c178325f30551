//! Edges between customers (客户网络): what of the network of one the consent of another hides.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::history::{AsOf, ConsentRecord, ConsentState, CustomerId, Purpose};

use super::evidence::Revoked;
use super::{
    ConsentRule, CustomerBase, CustomerState, CustomerSummary, EvidencePolicy, SummaryError,
};

/// Whether a newcomer may not be shown to be one: the consent to sharing was withdrawn, now or as
/// of the instant, under any rule but duty.
///
/// Silence of the newcomer hides nothing: whether a network is read at all is for the consent of the
/// customer whose network it is. A contract of the newcomer's does not bring the edge back, for no
/// contract needs it.
pub(super) fn is_parted(
    rules: &EvidencePolicy,
    consent: &ConsentRecord,
    as_of: AsOf,
    revoked: Revoked,
) -> bool {
    let stands = consent.state(Purpose::Sharing, as_of);
    rules.consent().rule(Purpose::Sharing) != ConsentRule::Duty
        && (revoked.since(Purpose::Sharing).is_some()
            || matches!(stands, ConsentState::Withdrawn { .. }))
}

impl CustomerBase {
    /// The summary of one customer as of an instant; `None` if there is no such customer.
    ///
    /// Unlike [`CustomerState::summary`], which knows nothing of other customers, it leaves out the
    /// newcomers who withdrew their consent to sharing.
    ///
    /// # Errors
    ///
    /// As [`CustomerState::summary`].
    pub fn summary(
        &self,
        customer: &str,
        as_of: DateTime<Utc>,
    ) -> Result<Option<CustomerSummary>, SummaryError> {
        let Some(state) = self.get(customer) else {
            return Ok(None);
        };
        self.summary_of(&CustomerId::new(customer)?, state, as_of)
            .map(Some)
    }

    pub(super) fn summary_of(
        &self,
        customer: &CustomerId,
        state: &CustomerState,
        as_of: DateTime<Utc>,
    ) -> Result<CustomerSummary, SummaryError> {
        let mut summary = state.summary(customer.clone(), as_of)?;
        summary.hide_newcomers(|edge| {
            let newcomer = self.get(edge.newcomer.as_str());
            newcomer.is_some_and(|newcomer| self.has_parted(newcomer, as_of))
        });
        Ok(summary)
    }

    fn has_parted(&self, newcomer: &CustomerState, as_of: DateTime<Utc>) -> bool {
        newcomer.consent().is_some_and(|consent| {
            is_parted(self.rules(), consent, AsOf::at(as_of), Revoked::default())
        })
    }

    /// Forgets who brought those that withdrew their consent to sharing.
    pub(super) fn drop_parted(&mut self, as_of: DateTime<Utc>) {
        let parted = self
            .iter()
            .filter(|(_, state)| self.has_parted(state, as_of));
        let parted: BTreeSet<CustomerId> = parted.map(|(id, _)| id.clone()).collect();
        if !parted.is_empty() {
            for state in self.states_mut() {
                state.drop_newcomers(|edge| parted.contains(&edge.newcomer));
            }
        }
    }

    /// Forgets who brought a customer; says whether anybody had.
    pub(super) fn drop_newcomer(&mut self, newcomer: &str) -> bool {
        let of = |state: &mut CustomerState| {
            state.drop_newcomers(|edge| edge.newcomer.as_str() == newcomer)
        };
        self.states_mut().map(of).sum::<usize>() > 0
    }
}
