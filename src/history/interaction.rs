//! One thing that happened: when, through what, of which kind, and how it felt.

use chrono::{DateTime, Utc};

use super::channel::{Channel, Initiator};
use super::error::HistoryError;
use super::id::{CustomerId, EpisodeId, InteractionId};
use super::kind::Kind;
use crate::quantity::{Fraction, Valence};

/// One thing that happened between the firm and a customer (互动).
///
/// The instant it occurred and the instant it was recorded are two facts: a history can be asked
/// what was known at a time, not only what is known now.
///
/// Serialised, it is one flat object; what was not stated is left out:
/// `{"id": "s-1", "customer": "c-17", "occurred_at": "1970-01-01T00:00:00Z",
/// "kind": {"nps_survey": {"score": 9}}}`.
///
/// # Examples
///
/// ```
/// use chrono::DateTime;
/// use guanxi::history::{Channel, CustomerId, Initiator, Interaction, InteractionId, NpsSurvey};
///
/// let answer = Interaction::new(
///     InteractionId::new("s-1")?,
///     CustomerId::new("c-17")?,
///     DateTime::UNIX_EPOCH,
///     NpsSurvey::new(9)?,
/// )?
/// .through(Channel::Email);
///
/// assert_eq!(answer.initiator(), Some(Initiator::Customer)); // the kind's default
/// assert!(answer.valence().is_some_and(|v| (v.value() - 0.6).abs() < 1e-12)); // (9 − 7.5)/2.5
/// # Ok::<(), guanxi::history::HistoryError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Record"))]
pub struct Interaction {
    id: InteractionId,
    customer: CustomerId,
    occurred_at: DateTime<Utc>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    recorded_at: Option<DateTime<Utc>>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    initiator: Option<Initiator>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    channel: Option<Channel>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    valence: Option<Valence>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    arousal: Option<Fraction>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    episode: Option<EpisodeId>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    corrects: Option<InteractionId>,
    kind: Kind,
}

impl Interaction {
    /// Something that happened at `occurred_at`, known at once.
    ///
    /// # Errors
    ///
    /// [`HistoryError::AfterOccurrence`] if the payload tells of a delivery or a payment later than
    /// `occurred_at`: an earlier view of the history would then look into the future.
    pub fn new(
        id: InteractionId,
        customer: CustomerId,
        occurred_at: DateTime<Utc>,
        kind: impl Into<Kind>,
    ) -> Result<Self, HistoryError> {
        let kind = kind.into();
        if let Some((field, found)) = kind.latest_told() {
            if found > occurred_at {
                return Err(HistoryError::AfterOccurrence {
                    id,
                    kind: kind.known_name().unwrap_or("other"),
                    field,
                    limit: occurred_at,
                    found,
                });
            }
        }
        Ok(Self {
            id,
            customer,
            occurred_at,
            recorded_at: None,
            initiator: None,
            channel: None,
            valence: None,
            arousal: None,
            episode: None,
            corrects: None,
            kind,
        })
    }

    /// States when it became known, where that is not when it occurred.
    ///
    /// It may be earlier than the occurrence: a renewal that falls due next month is known today.
    #[must_use]
    pub fn recorded(mut self, at: DateTime<Utc>) -> Self {
        self.recorded_at = (at != self.occurred_at).then_some(at);
        self
    }

    /// States who began it, instead of the kind's default.
    #[must_use]
    pub fn initiated_by(mut self, initiator: Initiator) -> Self {
        self.initiator = Some(initiator);
        self
    }

    /// States through what it took place.
    #[must_use]
    pub fn through(mut self, channel: Channel) -> Self {
        self.channel = Some(channel);
        self
    }

    /// States how it felt to the customer, from −1 to 1, instead of the kind's default.
    #[must_use]
    pub fn with_valence(mut self, valence: Valence) -> Self {
        self.valence = Some(valence);
        self
    }

    /// States how much it moved the customer, from 0 to 1, instead of the kind's default.
    #[must_use]
    pub fn with_arousal(mut self, arousal: Fraction) -> Self {
        self.arousal = Some(arousal);
        self
    }

    /// Makes it a step of an episode.
    #[must_use]
    pub fn in_episode(mut self, episode: EpisodeId) -> Self {
        self.episode = Some(episode);
        self
    }

    /// Makes it the corrected version of an interaction recorded before, or still to come.
    ///
    /// A correction replaces the whole interaction, its instant and kind included. One that leads
    /// back to itself is refused when it is [recorded](super::Timeline::record).
    #[must_use]
    pub fn correcting(mut self, id: InteractionId) -> Self {
        self.corrects = Some(id);
        self
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &InteractionId {
        &self.id
    }

    /// Whose it is.
    #[must_use]
    pub fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// When it happened.
    #[must_use]
    pub fn occurred_at(&self) -> DateTime<Utc> {
        self.occurred_at
    }

    /// When it became known; when it occurred, unless stated.
    #[must_use]
    pub fn recorded_at(&self) -> DateTime<Utc> {
        self.recorded_at.unwrap_or(self.occurred_at)
    }

    /// Who began it: as stated, else the kind's default; `None` where anyone may and none is
    /// stated.
    #[must_use]
    pub fn initiator(&self) -> Option<Initiator> {
        self.initiator.or_else(|| self.kind.default_initiator())
    }

    /// Through what it took place, if stated.
    #[must_use]
    pub fn channel(&self) -> Option<Channel> {
        self.channel
    }

    /// How it felt, if stated.
    #[must_use]
    pub fn stated_valence(&self) -> Option<Valence> {
        self.valence
    }

    /// How it felt: as stated, else the [kind's default](Kind::default_valence); `None` where the
    /// kind says nothing about feeling.
    #[must_use]
    pub fn valence(&self) -> Option<Valence> {
        self.valence.or_else(|| self.kind.default_valence())
    }

    /// How much it moved the customer, if stated.
    #[must_use]
    pub fn stated_arousal(&self) -> Option<Fraction> {
        self.arousal
    }

    /// How much it moved the customer: as stated, else the
    /// [kind's default](Kind::default_arousal).
    #[must_use]
    pub fn arousal(&self) -> Option<Fraction> {
        self.arousal.or_else(|| self.kind.default_arousal())
    }

    /// The episode it is a step of.
    #[must_use]
    pub fn episode(&self) -> Option<&EpisodeId> {
        self.episode.as_ref()
    }

    /// The interaction it replaces.
    #[must_use]
    pub fn corrects(&self) -> Option<&InteractionId> {
        self.corrects.as_ref()
    }

    /// What kind of thing happened, with its facts.
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.kind
    }
}

/// The flat object an interaction is read from.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "an interaction")]
struct Record {
    id: InteractionId,
    customer: CustomerId,
    #[serde(deserialize_with = "super::instant::read")]
    occurred_at: DateTime<Utc>,
    #[serde(default, deserialize_with = "super::instant::read_or_none")]
    recorded_at: Option<DateTime<Utc>>,
    initiator: Option<Initiator>,
    channel: Option<Channel>,
    valence: Option<Valence>,
    arousal: Option<Fraction>,
    episode: Option<EpisodeId>,
    corrects: Option<InteractionId>,
    kind: Kind,
}

#[cfg(feature = "serde")]
impl TryFrom<Record> for Interaction {
    type Error = HistoryError;

    fn try_from(record: Record) -> Result<Self, HistoryError> {
        let Record {
            id,
            customer,
            occurred_at,
            recorded_at,
            kind,
            ..
        } = record;
        let interaction = Self::new(id, customer, occurred_at, kind)?;
        Ok(Self {
            initiator: record.initiator,
            channel: record.channel,
            valence: record.valence,
            arousal: record.arousal,
            episode: record.episode,
            corrects: record.corrects,
            ..interaction.recorded(recorded_at.unwrap_or(occurred_at))
        })
    }
}
