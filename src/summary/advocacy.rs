//! Evidence of advocacy (口碑): recommendations made, and the last answer to whether one would.

use chrono::{DateTime, Utc};

use super::EvidencePolicy;
#[cfg(feature = "serde")]
use super::SummaryError;
use crate::history::{Interaction, InteractionId, Kind};

/// The last answer to "would you recommend us?" (净推荐值), from 0 to 10.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct LastNps {
    at: DateTime<Utc>,
    id: InteractionId,
    score: i32,
}

impl LastNps {
    /// When it was given.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// In which interaction.
    #[must_use]
    pub fn id(&self) -> &InteractionId {
        &self.id
    }

    /// The answer, from 0 to 10.
    #[must_use]
    pub fn score(&self) -> i32 {
        self.score
    }
}

/// What was observed of a customer's advocacy.
///
/// Counts recommendations without fading them, and keeps the last answer (of one instant the one
/// with the larger id). Takes events in any order, in constant time and memory, and merges exactly.
///
/// # Examples
///
/// ```
/// use chrono::DateTime;
/// use guanxi::history::{CustomerId, Interaction, InteractionId, ReferralMade};
/// use guanxi::summary::{AdvocacyEvidence, EvidencePolicy};
///
/// let (id, who, at) = (InteractionId::new("r")?, CustomerId::new("c")?, DateTime::UNIX_EPOCH);
/// let told = Interaction::new(id, who, at, ReferralMade::new())?;
/// let advocacy = AdvocacyEvidence::from_interactions([&told], at, &EvidencePolicy::default());
/// assert_eq!((advocacy.referrals(), advocacy.last_nps()), (1, None));
/// # Ok::<(), guanxi::history::HistoryError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "AdvocacyRow", into = "AdvocacyRow")
)]
pub struct AdvocacyEvidence {
    referrals: u64,
    latest: Option<DateTime<Utc>>,
    nps: Option<LastNps>,
}

impl AdvocacyEvidence {
    /// Nothing observed.
    pub const EMPTY: Self = Self {
        referrals: 0,
        latest: None,
        nps: None,
    };

    pub(super) fn observe(&mut self, interaction: &Interaction, _: &EvidencePolicy) {
        match interaction.kind() {
            Kind::ReferralMade(_) => self.referrals = self.referrals.saturating_add(1),
            Kind::NpsSurvey(survey) => {
                let answer = LastNps {
                    at: interaction.occurred_at(),
                    id: interaction.id().clone(),
                    score: survey.score(),
                };
                // An answer is larger than none, and then by instant and id.
                self.nps = self.nps.take().max(Some(answer));
            }
            _ => return,
        }
        self.latest = self.latest.max(Some(interaction.occurred_at()));
    }

    pub(super) fn merge(&mut self, other: &Self, _: &EvidencePolicy) {
        // No log is as long as these counts can be.
        self.referrals = self.referrals.saturating_add(other.referrals);
        self.latest = self.latest.max(other.latest);
        self.nps = self.nps.take().max(other.nps.clone());
    }

    /// Advocacy does not fade.
    pub(super) fn faded_to(&self, _: DateTime<Utc>, _: &EvidencePolicy) -> Self {
        self.clone()
    }

    /// Whether nothing was observed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.latest.is_none()
    }

    /// The instant of the last recommendation or answer; `None` without any.
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.latest
    }

    /// How often the customer recommended the firm.
    #[must_use]
    pub fn referrals(&self) -> u64 {
        self.referrals
    }

    /// The last answer to whether the customer would; `None` if never asked.
    #[must_use]
    pub fn last_nps(&self) -> Option<&LastNps> {
        self.nps.as_ref()
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "AdvocacyEvidence")]
struct AdvocacyRow {
    referrals: u64,
    latest: Option<DateTime<Utc>>,
    nps: Option<LastNps>,
}

#[cfg(feature = "serde")]
impl From<AdvocacyEvidence> for AdvocacyRow {
    fn from(evidence: AdvocacyEvidence) -> Self {
        Self {
            referrals: evidence.referrals,
            latest: evidence.latest,
            nps: evidence.nps,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<AdvocacyRow> for AdvocacyEvidence {
    type Error = SummaryError;

    fn try_from(row: AdvocacyRow) -> Result<Self, SummaryError> {
        let refuse = |expected, found| Err(SummaryError::StoredState { expected, found });
        let answered = row.nps.as_ref().map(LastNps::at);
        if let Some(found) = row.nps.as_ref().map(LastNps::score) {
            if !(0..=10).contains(&found) {
                return refuse("an answer from 0 to 10", found.to_string());
            }
        }
        let holds = match row.referrals {
            0 => row.latest == answered,
            _ => row.latest.is_some() && row.latest >= answered,
        };
        if !holds {
            return refuse(
                "the instant of the last referral or answer",
                format!("{:?} after {} referrals", row.latest, row.referrals),
            );
        }
        Ok(Self {
            referrals: row.referrals,
            latest: row.latest,
            nps: row.nps,
        })
    }
}
