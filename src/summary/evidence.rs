//! All evidence about one customer beyond purchases and money, and what of it may be read.

use chrono::{DateTime, Utc};

use crate::history::{AsOf, ConsentRecord, ConsentState, Interaction, Kind, Purpose};

use super::{
    AdvocacyEvidence, AffectEvidence, AffectItem, EngagementEvidence, EvidenceKind, EvidencePolicy,
    FeedbackEvidence, Journeys, LaterEvidence, NetworkEvidence, PreferenceEvidence,
    ProfileEvidence, TrustEvidence, Unreadable, Withheld,
};

/// Defines [`Evidence`] from the list of its states.
macro_rules! states {
    ($( $field:ident: $type:ty = $kind:ident, $is_empty:literal; )*) => {
        /// One state for each kind of evidence, and what the customer consented to.
        #[derive(Debug, Clone, PartialEq, Default)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
        pub(super) struct Evidence {
            $(
                #[cfg_attr(feature = "serde", serde(skip_serializing_if = $is_empty))]
                pub(super) $field: $type,
            )*
            #[cfg_attr(feature = "serde", serde(skip_serializing_if = "no_changes"))]
            pub(super) consent: ConsentRecord,
        }

        impl Evidence {
            /// Takes in the evidence of other events.
            pub(super) fn merge(&mut self, other: &Self, policy: &EvidencePolicy) {
                $( self.$field.merge(&other.$field, policy); )*
                self.consent.merge(other.consent.clone());
            }

            /// The instant of the latest evidence that fades.
            pub(super) fn latest(&self) -> Option<DateTime<Utc>> {
                [$( self.$field.latest(), )*].into_iter().flatten().max()
            }

            pub(super) fn is_empty(&self) -> bool {
                $( self.$field.is_empty() && )* no_changes(&self.consent)
            }

            /// Whether there is evidence of a kind.
            fn holds(&self, kind: EvidenceKind) -> bool {
                match kind {
                    $( EvidenceKind::$kind => !self.$field.is_empty(), )*
                    EvidenceKind::Economic | EvidenceKind::Composite => false, // kept elsewhere
                }
            }

            /// The evidence that is of a later instant.
            fn later(&self, as_of: DateTime<Utc>) -> Vec<LaterEvidence> {
                let latest = [$( (EvidenceKind::$kind, self.$field.latest()), )*];
                let latest = latest.into_iter().filter_map(|(what, at)| Some((what, at?)));
                latest
                    .filter(|&(_, latest)| latest > as_of)
                    .map(|(what, latest)| LaterEvidence { what, latest, as_of })
                    .collect()
            }

            /// Forgets all evidence of a kind.
            fn drop_kind(&mut self, kind: EvidenceKind) {
                match kind {
                    $( EvidenceKind::$kind => self.$field = <$type>::default(), )*
                    EvidenceKind::Economic | EvidenceKind::Composite => {}
                }
            }

            /// The states of some kinds as of an instant; the others stay empty.
            fn faded_to(
                &self,
                as_of: DateTime<Utc>,
                policy: &EvidencePolicy,
                reads: impl Fn(EvidenceKind) -> bool,
            ) -> Self {
                Self {
                    $(
                        $field: if reads(EvidenceKind::$kind) {
                            self.$field.faded_to(as_of, policy)
                        } else {
                            <$type>::default()
                        },
                    )*
                    consent: self.consent.up_to(as_of),
                }
            }
        }
    };
}

states! {
    trust: TrustEvidence = Trust, "TrustEvidence::is_empty";
    affect: AffectEvidence = Affect, "AffectEvidence::is_empty";
    preferences: PreferenceEvidence = Preferences, "PreferenceEvidence::is_empty";
    profile: ProfileEvidence = Profile, "ProfileEvidence::is_empty";
    feedback: FeedbackEvidence = Feedback, "FeedbackEvidence::is_empty";
    engagement: EngagementEvidence = Engagement, "EngagementEvidence::is_empty";
    advocacy: AdvocacyEvidence = Advocacy, "AdvocacyEvidence::is_empty";
    network: NetworkEvidence = Network, "NetworkEvidence::is_empty";
    journeys: Journeys = Journeys, "Journeys::is_empty";
}

fn no_changes(consent: &ConsentRecord) -> bool {
    consent.changes().next().is_none()
}

impl Evidence {
    /// The first evidence of a customer, if an interaction tells any.
    pub(super) fn first(interaction: &Interaction, policy: &EvidencePolicy) -> Option<Box<Self>> {
        // Most customers of most logs only buy: nothing is set aside to find that out.
        let says_nothing = match interaction.kind() {
            Kind::Purchase(purchase) => purchase.category().is_none(),
            Kind::Quote(_) | Kind::CostToServe(_) | Kind::Offer(_) | Kind::Other(_) => true,
            _ => false,
        };
        let is_felt = || AffectItem::of(interaction, policy).is_some();
        if says_nothing && interaction.episode().is_none() && !is_felt() {
            return None;
        }
        let mut evidence = Box::<Self>::default();
        evidence.observe(interaction, policy);
        Some(evidence).filter(|evidence| !evidence.is_empty())
    }

    /// Takes in one interaction: each kind goes to the states that it can tell something.
    pub(super) fn observe(&mut self, interaction: &Interaction, policy: &EvidencePolicy) {
        self.affect.observe(interaction, policy);
        self.journeys.observe(interaction, policy);
        match interaction.kind() {
            Kind::Purchase(_) | Kind::PreferenceObserved(_) => {
                self.preferences.observe(interaction, policy);
            }
            Kind::Return(_)
            | Kind::ComplaintOpened(_)
            | Kind::ComplaintResolved(_)
            | Kind::SurveyItem(_)
            | Kind::InfoShared(_)
            | Kind::Investment(_)
            | Kind::Promise(_)
            | Kind::Delivery(_)
            | Kind::Payment(_)
            | Kind::Partnership(_) => self.trust.observe(interaction, policy),
            Kind::Contact(_) | Kind::Contract(_) => {
                self.trust.observe(interaction, policy);
                self.engagement.observe(interaction, policy);
            }
            Kind::ExecutiveContact(_) | Kind::Relationship(_) => {
                self.engagement.observe(interaction, policy);
            }
            Kind::NpsSurvey(_) => self.advocacy.observe(interaction, policy),
            Kind::ReferralMade(_) => {
                self.trust.observe(interaction, policy);
                self.advocacy.observe(interaction, policy);
            }
            Kind::ReferralConverted(_) | Kind::InfluenceAttributed(_) => {
                self.network.observe(interaction, policy);
            }
            Kind::ProfileAttribute(_) => {
                self.trust.observe(interaction, policy);
                self.profile.observe(interaction, policy);
            }
            Kind::Feedback(_) => self.feedback.observe(interaction, policy),
            Kind::Consent(_) => {
                self.trust.observe(interaction, policy);
                self.consent.observe(interaction);
            }
            Kind::Quote(_)
            | Kind::ServiceRequest(_)
            | Kind::CsatSurvey(_)
            | Kind::CesSurvey(_)
            | Kind::Review(_)
            | Kind::QualitativeNote(_)
            | Kind::Loyalty(_)
            | Kind::CostToServe(_)
            | Kind::Concession(_)
            | Kind::Community(_)
            | Kind::Offer(_)
            | Kind::Other(_) => {}
        }
    }

    /// Reads something of what [`observe`](Self::observe) will need, so that it is at hand.
    pub(super) fn touch(&self, interaction: &Interaction) -> usize {
        let felt = usize::from(self.affect.is_empty());
        match interaction.kind() {
            Kind::Purchase(_) | Kind::PreferenceObserved(_) => felt + self.preferences.touch(),
            Kind::Contact(_) | Kind::ExecutiveContact(_) => {
                felt + usize::from(self.engagement.is_empty())
            }
            _ => {
                let tally = self.trust.tallies().first();
                felt + tally.map_or(0, |tally| usize::from(tally.kept() > 0.0))
            }
        }
    }

    /// How the consent for a purpose stood, and whether a contract was in force. A withdrawal that
    /// came since counts: what may not be read now is not read of the past either.
    pub(super) fn standing(
        &self,
        purpose: Purpose,
        as_of: DateTime<Utc>,
        revoked: Revoked,
    ) -> (ConsentState, bool) {
        let consent = match revoked.since(purpose) {
            Some(since) => ConsentState::Withdrawn { since },
            None => self.consent.state(purpose, AsOf::at(as_of)),
        };
        (consent, self.engagement.contract_in_force(as_of))
    }

    /// What there is and may not be read as of an instant; `economic` says whether there are
    /// purchases or costs.
    pub(super) fn withheld(
        &self,
        economic: bool,
        as_of: DateTime<Utc>,
        revoked: Revoked,
        policy: &EvidencePolicy,
    ) -> Vec<Withheld> {
        let consents = Purpose::ALL.map(|purpose| {
            let (consent, in_force) = self.standing(purpose, as_of, revoked);
            let permits = policy.consent().permits(purpose, consent, in_force);
            (purpose, consent, permits)
        });
        EvidenceKind::ALL
            .into_iter()
            .filter(|&kind| self.holds(kind) || (kind == EvidenceKind::Economic && economic))
            .filter_map(|what| {
                let stands = |&&(purpose, ..): &&(Purpose, _, _)| purpose == what.purpose();
                match consents.iter().find(stands) {
                    Some(&(purpose, consent, false)) => Some(Withheld {
                        what,
                        purpose,
                        consent,
                    }),
                    _ => None,
                }
            })
            .collect()
    }

    /// Forgets what may not be read.
    pub(super) fn drop_withheld(&mut self, withheld: &[Withheld]) {
        for withheld in withheld {
            self.drop_kind(withheld.what);
        }
    }
}

/// Which purposes are withdrawn now, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Revoked([Option<DateTime<Utc>>; 4]);

impl Revoked {
    /// What a record says last, of what was known.
    pub(super) fn of(consent: &ConsentRecord, known_at: Option<DateTime<Utc>>) -> Self {
        let now = AsOf::at(DateTime::<Utc>::MAX_UTC);
        let now = known_at.map_or(now, |known_at| now.known_at(known_at));
        Self(
            Purpose::ALL.map(|purpose| match consent.state(purpose, now) {
                ConsentState::Withdrawn { since } => Some(since),
                _ => None,
            }),
        )
    }

    fn since(self, purpose: Purpose) -> Option<DateTime<Utc>> {
        let place = Purpose::ALL.iter().position(|&other| other == purpose)?;
        self.0.get(place).copied().flatten()
    }

    pub(super) fn is_any(self) -> bool {
        self != Self::default()
    }
}

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
        }
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
