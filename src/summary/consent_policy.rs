//! What may be read of a customer: rules for each purpose, and what was withheld by them.

use chrono::{DateTime, Utc};

use crate::history::{ConsentState, Purpose};
use crate::quantity::Fingerprint;

/// When data may be used for a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ConsentRule {
    /// Only where the customer agreed; silence is not consent.
    Granted,
    /// Unless the customer objected; and after that as long as a contract is in force.
    UnlessWithdrawn,
    /// Whatever the customer said, because a contract or the law demands it. Erasure is another
    /// matter: [`CustomerBase::forget`](super::CustomerBase::forget).
    Duty,
}

impl ConsentRule {
    fn name(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::UnlessWithdrawn => "unless_withdrawn",
            Self::Duty => "duty",
        }
    }
}

/// Which rule each purpose follows (同意规则).
///
/// By default what serving a customer needs (money and trust) is read unless the customer objected
/// and no contract is in force; everything else needs consent. Which of them is lawful is for the
/// firm to say, so each can be changed.
///
/// # Examples
///
/// ```
/// use guanxi::history::{ConsentState, Purpose};
/// use guanxi::summary::{ConsentPolicy, ConsentRule};
///
/// let strict = ConsentPolicy::default();
/// assert!(strict.permits(Purpose::Service, ConsentState::NeverGiven, false));
/// assert!(!strict.permits(Purpose::Analytics, ConsentState::NeverGiven, false));
///
/// let panel = strict.with(Purpose::Analytics, ConsentRule::UnlessWithdrawn);
/// assert!(panel.permits(Purpose::Analytics, ConsentState::NeverGiven, false));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct ConsentPolicy {
    service: ConsentRule,
    analytics: ConsentRule,
    marketing: ConsentRule,
    sharing: ConsentRule,
}

impl Default for ConsentPolicy {
    fn default() -> Self {
        Self {
            service: ConsentRule::UnlessWithdrawn,
            analytics: ConsentRule::Granted,
            marketing: ConsentRule::Granted,
            sharing: ConsentRule::Granted,
        }
    }
}

impl ConsentPolicy {
    /// The rule of a purpose.
    #[must_use]
    pub fn rule(&self, purpose: Purpose) -> ConsentRule {
        match purpose {
            Purpose::Service => self.service,
            Purpose::Analytics => self.analytics,
            Purpose::Marketing => self.marketing,
            Purpose::Sharing => self.sharing,
        }
    }

    /// The same rules but for one purpose.
    #[must_use]
    pub fn with(mut self, purpose: Purpose, rule: ConsentRule) -> Self {
        let place = match purpose {
            Purpose::Service => &mut self.service,
            Purpose::Analytics => &mut self.analytics,
            Purpose::Marketing => &mut self.marketing,
            Purpose::Sharing => &mut self.sharing,
        };
        *place = rule;
        self
    }

    /// Whether data may be used for a purpose, as the consent for it stands.
    #[must_use]
    pub fn permits(
        &self,
        purpose: Purpose,
        consent: ConsentState,
        contract_in_force: bool,
    ) -> bool {
        match self.rule(purpose) {
            ConsentRule::Granted => matches!(consent, ConsentState::Granted { .. }),
            ConsentRule::UnlessWithdrawn => {
                contract_in_force || !matches!(consent, ConsentState::Withdrawn { .. })
            }
            ConsentRule::Duty => true,
        }
    }

    pub(super) fn fingerprint(self, fingerprint: Fingerprint) -> Fingerprint {
        Purpose::ALL
            .into_iter()
            .fold(fingerprint, |print, purpose| {
                print.text(self.rule(purpose).name())
            })
    }
}

/// What is known of a customer beyond who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum EvidenceKind {
    /// Purchases, returns and costs.
    Economic,
    /// Promises, deliveries, complaints and what else builds trust.
    Trust,
    /// How the customer feels.
    Affect,
    /// What the customer likes.
    Preferences,
    /// What the customer is.
    Profile,
    /// What the customer told the firm.
    Feedback,
    /// Contacts and contracts.
    Engagement,
    /// Recommendations.
    Advocacy,
    /// Whom the customer brought and moved.
    Network,
    /// Episodes, step by step.
    Journeys,
    /// Answers to prices and offers.
    Offers,
    /// How close the relationship is.
    Partnership,
    /// Perceived benefits and sacrifices, and alternatives.
    Exchange,
    /// All of it together, in a composite measure or a segment.
    Composite,
}

impl EvidenceKind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::Economic,
        Self::Trust,
        Self::Affect,
        Self::Preferences,
        Self::Profile,
        Self::Feedback,
        Self::Engagement,
        Self::Advocacy,
        Self::Network,
        Self::Journeys,
        Self::Offers,
        Self::Partnership,
        Self::Exchange,
        Self::Composite,
    ];

    /// What reading it is for.
    #[must_use]
    pub fn purpose(self) -> Purpose {
        match self {
            Self::Economic | Self::Trust | Self::Engagement => Purpose::Service,
            Self::Affect
            | Self::Preferences
            | Self::Profile
            | Self::Feedback
            | Self::Advocacy
            | Self::Journeys
            | Self::Offers
            | Self::Partnership
            | Self::Exchange
            | Self::Composite => Purpose::Analytics,
            Self::Network => Purpose::Sharing,
        }
    }

    /// It in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Economic => "purchases and costs",
            Self::Trust => "evidence of trust",
            Self::Affect => "evidence of feeling",
            Self::Preferences => "preferences",
            Self::Profile => "the profile",
            Self::Feedback => "feedback",
            Self::Engagement => "contacts and contracts",
            Self::Advocacy => "recommendations",
            Self::Network => "referred customers and influence",
            Self::Journeys => "journeys",
            Self::Offers => "answers to prices and offers",
            Self::Partnership => "evidence of partnership",
            Self::Exchange => "perceived benefits and sacrifices",
            Self::Composite => "what is known of the customer as a whole",
        }
    }
}

/// Evidence that there is and that may not be read: it reaches no summary, and no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[error("{} may not be read: it needs consent to {}, which {}", what.name(), purpose.name(), in_words(*.consent))]
pub struct Withheld {
    /// What was withheld.
    pub what: EvidenceKind,
    /// The purpose that reading it is for.
    pub purpose: Purpose,
    /// How the consent for that purpose stood.
    pub consent: ConsentState,
}

fn in_words(consent: ConsentState) -> String {
    match consent {
        ConsentState::NeverGiven => "was never given".to_owned(),
        ConsentState::Withdrawn { since } => format!("was withdrawn at {since}"),
        ConsentState::Granted { since } => format!("was given at {since}"),
    }
}

/// Evidence that there is of a later instant than a summary was asked for. Sums cannot be taken
/// apart: the events themselves, in a [`Timeline`](crate::history::Timeline), can be asked about
/// any instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[error("{} can be asked as of {latest} or later, got {as_of}", what.name())]
pub struct LaterEvidence {
    /// What it is evidence of.
    pub what: EvidenceKind,
    /// The instant of the latest that went in.
    pub latest: DateTime<Utc>,
    /// The instant that was asked for.
    pub as_of: DateTime<Utc>,
}

/// Why evidence that there is cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Unreadable {
    /// The customer does not permit it.
    #[error(transparent)]
    Withheld(#[from] Withheld),
    /// It is of a later instant.
    #[error(transparent)]
    Later(#[from] LaterEvidence),
}
