//! What is known of a customer beyond purchases and money, as of an instant and as far as it may be
//! read.

use chrono::{DateTime, Utc};

use crate::history::ConsentRecord;

use super::evidence::{Evidence, Revoked};
use super::{
    AdvocacyEvidence, AffectEvidence, Conversion, EngagementEvidence, EvidenceKind, EvidencePolicy,
    ExchangeEvidence, FeedbackEvidence, Journeys, LaterEvidence, NetworkEvidence, OfferEvidence,
    PartnershipEvidence, PreferenceEvidence, ProfileEvidence, TrustEvidence, Unreadable, Withheld,
};

/// The evidence about a customer as of an instant, less what may not be read.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub(super) struct EvidenceSummary {
    evidence: Evidence,
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Vec::is_empty")
    )]
    withheld: Vec<Withheld>,
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Vec::is_empty")
    )]
    later: Vec<LaterEvidence>,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_zero"))]
    hidden_newcomers: u64,
}

#[cfg(feature = "serde")]
#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over the field as it is"
)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// One state of a summary: why it cannot be read, or the state unless it is empty.
macro_rules! readers {
    ($( $name:ident: $type:ty = $kind:ident; )*) => {
        impl EvidenceSummary {
            $(
                pub(super) fn $name(&self) -> Result<Option<&$type>, Unreadable> {
                    self.read(EvidenceKind::$kind)?;
                    Ok(Some(&self.evidence.$name).filter(|state| !state.is_empty()))
                }
            )*
        }
    };
}

readers! {
    trust: TrustEvidence = Trust;
    affect: AffectEvidence = Affect;
    preferences: PreferenceEvidence = Preferences;
    profile: ProfileEvidence = Profile;
    feedback: FeedbackEvidence = Feedback;
    engagement: EngagementEvidence = Engagement;
    advocacy: AdvocacyEvidence = Advocacy;
    network: NetworkEvidence = Network;
    journeys: Journeys = Journeys;
    offers: OfferEvidence = Offers;
    partnership: PartnershipEvidence = Partnership;
    exchange: ExchangeEvidence = Exchange;
}

impl EvidenceSummary {
    pub(super) fn of(
        evidence: &Evidence,
        economic: bool,
        as_of: DateTime<Utc>,
        revoked: Revoked,
        policy: &EvidencePolicy,
    ) -> Self {
        let withheld = evidence.withheld(economic, as_of, revoked, policy);
        let later = evidence.later(as_of);
        let evidence = evidence.faded_to(as_of, policy, |kind| {
            !withheld.iter().any(|withheld| withheld.what == kind)
                && !later.iter().any(|later| later.what == kind)
        });
        Self {
            evidence,
            withheld,
            later,
            hidden_newcomers: 0,
        }
    }

    /// Takes newcomers out of what is shown, and counts them.
    pub(super) fn hide_newcomers(&mut self, hides: impl Fn(&Conversion) -> bool) {
        self.hidden_newcomers += self.evidence.network.drop_newcomers(hides) as u64;
    }

    pub(super) fn hidden_newcomers(&self) -> u64 {
        self.hidden_newcomers
    }

    /// An error if evidence of a kind cannot be read.
    pub(super) fn read(&self, kind: EvidenceKind) -> Result<(), Unreadable> {
        self.permitted(kind)?;
        match self.later.iter().find(|later| later.what == kind) {
            Some(&later) => Err(later.into()),
            None => Ok(()),
        }
    }

    /// An error if evidence of a kind may not be read.
    pub(super) fn permitted(&self, kind: EvidenceKind) -> Result<(), Withheld> {
        match self.withheld.iter().find(|withheld| withheld.what == kind) {
            Some(&withheld) => Err(withheld),
            None => Ok(()),
        }
    }

    pub(super) fn withheld(&self) -> &[Withheld] {
        &self.withheld
    }

    /// The rule that a stored summary as of an instant broke, if it broke one.
    #[cfg(feature = "serde")]
    pub(super) fn fault(
        &self,
        as_of: Option<DateTime<Utc>>,
        economic: bool,
    ) -> Option<&'static str> {
        let Some(as_of) = as_of else {
            return Some("an instant where there is evidence");
        };
        let holds =
            |kind| self.evidence.holds(kind) || (kind == EvidenceKind::Economic && economic);
        let withheld = self.withheld.iter().map(|withheld| withheld.what);
        let later = self.later.iter().map(|later| later.what);
        if withheld.clone().chain(later.clone()).any(holds) {
            return Some("nothing of what cannot be read");
        }
        if !self.evidence.unknown.is_empty() {
            return Some("no count of unknown kinds");
        }
        if self.hidden_newcomers > 0 && self.read(EvidenceKind::Network).is_err() {
            return Some("nobody hidden of a network that cannot be read");
        }
        if !(withheld.is_sorted_by(|a, b| a < b) && later.is_sorted_by(|a, b| a < b)) {
            return Some("kinds of evidence in their order, each once");
        }
        if self.withheld.iter().any(|w| w.purpose != w.what.purpose()) {
            return Some("the purpose that reading what was withheld is for");
        }
        if self
            .later
            .iter()
            .any(|l| l.as_of != as_of || l.latest <= as_of)
        {
            return Some("evidence of a later instant than that of the summary");
        }
        let changes = self.evidence.consent.changes().map(|change| change.at);
        if self
            .evidence
            .latest()
            .into_iter()
            .chain(changes)
            .any(|at| at > as_of)
        {
            return Some("evidence up to the instant of the summary");
        }
        None
    }

    pub(super) fn consent(&self) -> &ConsentRecord {
        &self.evidence.consent
    }
}
