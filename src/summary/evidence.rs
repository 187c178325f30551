//! All evidence about one customer beyond purchases and money, and what of it is withheld.

use chrono::{DateTime, Utc};

use crate::history::{AsOf, ConsentRecord, ConsentState, Interaction, Kind, Purpose};

use super::unknown::UnknownKinds;
use super::{
    AdvocacyEvidence, AffectEvidence, AffectItem, EngagementEvidence, EvidenceKind, EvidencePolicy,
    ExchangeEvidence, FeedbackEvidence, Journeys, LaterEvidence, NetworkEvidence, OfferEvidence,
    PartnershipEvidence, PreferenceEvidence, ProfileEvidence, TrustEvidence, Withheld,
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
            #[cfg_attr(feature = "serde", serde(skip_serializing_if = "UnknownKinds::is_empty"))]
            pub(super) unknown: UnknownKinds,
        }

        $(
            impl $type {
                /// What some interactions of one customer show as of an instant, in any order; those
                /// that occurred later are left out.
                ///
                /// Each counts as it stands: duplicates and corrections are settled by a
                /// [`Timeline`](crate::history::Timeline), whose views can be given here.
                #[must_use]
                pub fn from_interactions<'a>(
                    interactions: impl IntoIterator<Item = &'a Interaction>,
                    as_of: DateTime<Utc>,
                    policy: &EvidencePolicy,
                ) -> Self {
                    let mut state = Self::EMPTY;
                    for interaction in interactions {
                        if interaction.occurred_at() <= as_of {
                            state.observe(interaction, policy);
                        }
                    }
                    state.faded_to(as_of, policy)
                }
            }
        )*

        impl Evidence {
            /// Takes in the evidence of other events.
            pub(super) fn merge(&mut self, other: &Self, policy: &EvidencePolicy) {
                $( self.$field.merge(&other.$field, policy); )*
                self.consent.merge(other.consent.clone());
                self.unknown.merge(&other.unknown);
            }

            /// The instant of the latest evidence that fades.
            pub(super) fn latest(&self) -> Option<DateTime<Utc>> {
                [$( self.$field.latest(), )*].into_iter().flatten().max()
            }

            pub(super) fn is_empty(&self) -> bool {
                $( self.$field.is_empty() && )* no_changes(&self.consent) && self.unknown.is_empty()
            }

            /// Whether there is evidence of a kind.
            pub(super) fn holds(&self, kind: EvidenceKind) -> bool {
                match kind {
                    $( EvidenceKind::$kind => !self.$field.is_empty(), )*
                    EvidenceKind::Economic | EvidenceKind::Composite => false, // kept elsewhere
                }
            }

            /// The evidence that is of a later instant.
            pub(super) fn later(&self, as_of: DateTime<Utc>) -> Vec<LaterEvidence> {
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
            pub(super) fn faded_to(
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
                    unknown: UnknownKinds::default(),
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
    offers: OfferEvidence = Offers, "OfferEvidence::is_empty";
    partnership: PartnershipEvidence = Partnership, "PartnershipEvidence::is_empty";
    exchange: ExchangeEvidence = Exchange, "ExchangeEvidence::is_empty";
}

fn no_changes(consent: &ConsentRecord) -> bool {
    consent.changes().next().is_none()
}

impl Evidence {
    /// The first evidence of a customer, if an interaction tells any.
    pub(super) fn first(interaction: &Interaction, policy: &EvidencePolicy) -> Option<Box<Self>> {
        // Most customers of most logs only buy: nothing is set aside to find that out.
        let says_nothing = match interaction.kind() {
            Kind::Purchase(purchase) => {
                purchase.category().is_none() && !OfferEvidence::reads(purchase)
            }
            Kind::CostToServe(_) => true,
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
            Kind::Purchase(_) => {
                self.preferences.observe(interaction, policy);
                self.offers.observe(interaction, policy);
            }
            Kind::PreferenceObserved(_) => self.preferences.observe(interaction, policy),
            Kind::Offer(_) => self.offers.observe(interaction, policy),
            Kind::SurveyItem(_) => {
                self.trust.observe(interaction, policy);
                self.partnership.observe(interaction, policy);
                self.exchange.observe(interaction, policy);
            }
            Kind::Return(_)
            | Kind::ComplaintOpened(_)
            | Kind::ComplaintResolved(_)
            | Kind::Promise(_)
            | Kind::Delivery(_)
            | Kind::Payment(_) => self.trust.observe(interaction, policy),
            Kind::InfoShared(_) | Kind::Investment(_) | Kind::Partnership(_) => {
                self.trust.observe(interaction, policy);
                self.partnership.observe(interaction, policy);
            }
            Kind::Contact(_) | Kind::Contract(_) => {
                self.trust.observe(interaction, policy);
                self.engagement.observe(interaction, policy);
                self.partnership.observe(interaction, policy);
            }
            Kind::ExecutiveContact(_) | Kind::Relationship(_) | Kind::Quote(_) => {
                self.engagement.observe(interaction, policy);
                self.partnership.observe(interaction, policy);
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
            Kind::ServiceRequest(_)
            | Kind::CsatSurvey(_)
            | Kind::CesSurvey(_)
            | Kind::Review(_)
            | Kind::QualitativeNote(_)
            | Kind::Loyalty(_)
            | Kind::CostToServe(_)
            | Kind::Concession(_)
            | Kind::Community(_) => {}
            Kind::Other(other) => self.unknown.count(other.name()),
        }
    }

    /// Reads something of what [`observe`](Self::observe) will need, so that it is at hand.
    pub(super) fn touch(&self, interaction: &Interaction) -> usize {
        let felt = || self.affect.touch();
        match interaction.kind() {
            Kind::Purchase(purchase) if purchase.category().is_none() => 0,
            Kind::Quote(_) | Kind::CostToServe(_) | Kind::Offer(_) | Kind::Other(_) => 0,
            Kind::Purchase(_) | Kind::PreferenceObserved(_) => self.preferences.touch(),
            Kind::Contact(_) | Kind::ExecutiveContact(_) => self.engagement.touch(),
            Kind::NpsSurvey(_)
            | Kind::CsatSurvey(_)
            | Kind::CesSurvey(_)
            | Kind::Review(_)
            | Kind::QualitativeNote(_)
            | Kind::ServiceRequest(_)
            | Kind::Loyalty(_)
            | Kind::Community(_)
            | Kind::Feedback(_) => felt(),
            _ => felt() + self.trust.touch(),
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

    pub(super) fn since(self, purpose: Purpose) -> Option<DateTime<Utc>> {
        let place = Purpose::ALL.iter().position(|&other| other == purpose)?;
        self.0.get(place).copied().flatten()
    }

    pub(super) fn is_any(self) -> bool {
        self != Self::default()
    }
}
