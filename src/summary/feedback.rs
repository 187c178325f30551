//! What a customer told the firm (反馈): how much, how good, and which ideas were taken up.

use chrono::{DateTime, Utc};

use crate::history::{Interaction, InteractionId, Kind};
use crate::quantity::{Fraction, Money, Probability};

use super::EvidencePolicy;
use super::dated::{Dated, DatedList};
use super::decay::Decayed;

/// What one interaction says of feedback.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FeedbackItem {
    /// How good it was, if that was stated.
    pub quality: Option<Fraction>,
    /// The idea, if the firm took it up and said what it is worth.
    pub idea: Option<AcceptedIdea>,
}

impl FeedbackItem {
    /// What an interaction says of feedback; `None` for every kind but [`Kind::Feedback`].
    #[must_use]
    pub fn reading(interaction: &Interaction) -> Option<Self> {
        let Kind::Feedback(feedback) = interaction.kind() else {
            return None;
        };
        let taken_up = feedback.accepted() == Some(true);
        let idea = feedback
            .value()
            .filter(|_| taken_up)
            .map(|value| AcceptedIdea {
                at: interaction.occurred_at(),
                event: interaction.id().clone(),
                value,
                share: feedback.share(),
                probability_realised: feedback.probability_realised(),
            });
        Some(Self {
            quality: feedback.quality(),
            idea,
        })
    }
}

/// An idea of the customer's that the firm took up.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct AcceptedIdea {
    /// When it was told.
    pub at: DateTime<Utc>,
    /// The interaction that told it.
    pub event: InteractionId,
    /// What it is worth if it is carried out, at or above 0.
    pub value: Money,
    /// The share of that value that is the customer's doing, if stated.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub share: Option<Fraction>,
    /// Probability that it is carried out, if stated.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub probability_realised: Option<Probability>,
}

impl Dated for AcceptedIdea {
    fn at(&self) -> DateTime<Utc> {
        self.at
    }

    fn id(&self) -> &InteractionId {
        &self.event
    }

    fn outranks(&self, other: &Self) -> bool {
        let content = |idea: &Self| {
            (
                idea.value.currency(),
                idea.value.amount(),
                idea.share.map(|share| share.value().to_bits()),
                idea.probability_realised.map(|p| p.value().to_bits()),
            )
        };
        content(self) > content(other)
    }
}

fn fade(policy: &EvidencePolicy) -> impl Fn(f64) -> [f64; 3] {
    let half_life = policy.feedback();
    move |seconds| [half_life.fade(seconds); 3]
}

/// What a customer told the firm: fading counts, and the ideas that were taken up.
///
/// Feedback without a stated quality is counted by itself: what it is taken to be worth is decided
/// when it is [judged](crate::dimension::InformationPolicy). Ideas do not fade; what they are worth
/// is money, and a part of the [engagement value](crate::relationship::EngagementValue).
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{CustomerId, Feedback, Interaction, InteractionId};
/// use guanxi::quantity::{Currency, Fraction, Money};
/// use guanxi::summary::{EvidencePolicy, FeedbackEvidence};
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let customer = CustomerId::new("c-1")?;
/// let idea = Feedback::new()
///     .with_quality(Fraction::new(0.8)?)
///     .with_accepted(true)
///     .with_value(Money::parse("1000", Currency::EUR)?)?;
/// let log = [
///     Interaction::new(InteractionId::new("f-1")?, customer.clone(), day(0), idea)?,
///     Interaction::new(InteractionId::new("f-2")?, customer, day(365), Feedback::new())?,
/// ];
/// let told = FeedbackEvidence::from_interactions(&log, day(365), &EvidencePolicy::default());
/// assert_eq!((told.quality(), told.unrated()), (0.4, 1.0)); // a year counts half
/// assert_eq!(told.ideas().len(), 1);
/// # Ok::<(), guanxi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "FeedbackRow", into = "FeedbackRow")
)]
pub struct FeedbackEvidence {
    /// Sum of stated qualities, count of them, count of those without.
    counts: Decayed<3>,
    /// Sorted by instant and id.
    ideas: DatedList<AcceptedIdea>,
}

impl FeedbackEvidence {
    /// Nothing told; nothing allocated.
    pub const EMPTY: Self = Self {
        counts: Decayed::EMPTY,
        ideas: DatedList::EMPTY,
    };

    /// Takes in one interaction; kinds other than [`Kind::Feedback`] change nothing.
    pub(super) fn observe(&mut self, interaction: &Interaction, policy: &EvidencePolicy) {
        let Some(item) = FeedbackItem::reading(interaction) else {
            return;
        };
        let amounts = match item.quality {
            Some(quality) => [quality.value(), 1.0, 0.0],
            None => [0.0, 0.0, 1.0],
        };
        self.counts
            .add(interaction.occurred_at(), amounts, fade(policy));
        if let Some(idea) = item.idea {
            self.ideas.insert(idea);
        }
    }

    /// Takes in what another state observed of other events. Associative and commutative; exact
    /// for ideas, and but for the last digits for the counts.
    pub(super) fn merge(&mut self, other: &Self, policy: &EvidencePolicy) {
        self.counts.merge(&other.counts, fade(policy));
        self.ideas.merge(&other.ideas);
    }

    /// The state as of an instant that is not before the latest event.
    pub(super) fn faded_to(&self, as_of: DateTime<Utc>, policy: &EvidencePolicy) -> Self {
        Self {
            counts: self.counts.faded_to(as_of, fade(policy)),
            ideas: self.ideas.clone().settled(),
        }
    }

    /// Whether nothing was told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The instant the counts are as of: that of the latest event, or a later one that they were
    /// faded to.
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.counts.latest()
    }

    /// Fading sum of the qualities that were stated.
    #[must_use]
    pub fn quality(&self) -> f64 {
        let [quality, _, _] = self.counts.sums();
        quality
    }

    /// Fading count of the feedback whose quality was stated.
    #[must_use]
    pub fn rated(&self) -> f64 {
        let [_, rated, _] = self.counts.sums();
        rated
    }

    /// Fading count of the feedback whose quality was not stated.
    #[must_use]
    pub fn unrated(&self) -> f64 {
        let [_, _, unrated] = self.counts.sums();
        unrated
    }

    /// The ideas that were taken up and valued, in the order in which they were told.
    #[must_use]
    pub fn ideas(&self) -> &[AcceptedIdea] {
        self.ideas.as_slice()
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "FeedbackEvidence")]
struct FeedbackRow {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<DateTime<Utc>>,
    #[serde(default)]
    quality: f64,
    #[serde(default)]
    rated: f64,
    #[serde(default)]
    unrated: f64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ideas: Vec<AcceptedIdea>,
}

#[cfg(feature = "serde")]
impl From<FeedbackEvidence> for FeedbackRow {
    fn from(state: FeedbackEvidence) -> Self {
        let [quality, rated, unrated] = state.counts.sums();
        Self {
            at: state.latest(),
            quality,
            rated,
            unrated,
            ideas: state.ideas.into_sorted(),
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<FeedbackRow> for FeedbackEvidence {
    type Error = super::SummaryError;

    fn try_from(row: FeedbackRow) -> Result<Self, Self::Error> {
        let refused = |expected, found: &dyn ToString| super::SummaryError::StoredState {
            expected,
            found: found.to_string(),
        };
        for count in [row.quality, row.rated, row.unrated] {
            if !(0.0..=1e100).contains(&count) {
                return Err(refused("counts from 0 to 1e100", &count));
            }
        }
        // Every quality is at most 1; sums of the same weights round differently.
        if row.quality > row.rated * (1.0 + 1e-9) {
            return Err(refused("a quality of at most 1 an item", &row.quality));
        }
        if let Some(idea) = row.ideas.iter().find(|idea| idea.value.is_negative()) {
            return Err(refused("ideas worth 0 or more", &idea.value));
        }
        let counted = row.rated + row.unrated > 0.0;
        let counts = match row.at {
            Some(at) => Decayed::from_stored(at, [row.quality, row.rated, row.unrated]),
            None if counted || !row.ideas.is_empty() => {
                return Err(refused("an instant where something was told", &"none"));
            }
            None => Decayed::EMPTY,
        };
        let Some(ideas) = DatedList::from_stored(row.ideas) else {
            return Err(refused(
                "ideas in the order of their instants and ids, each once",
                &"others",
            ));
        };
        match (row.at, ideas.latest()) {
            (Some(at), Some(last)) if last > at => {
                Err(refused("ideas up to the instant of the state", &last))
            }
            _ => Ok(Self { counts, ideas }),
        }
    }
}
