//! One step of a journey.

use std::borrow::Cow;
use std::cmp::Ordering;

use chrono::{DateTime, Utc};

use super::dated::Dated;
use super::{AffectItem, EvidencePolicy};
use crate::history::{Channel, Interaction, InteractionId, Kind, Minutes};
use crate::quantity::{Fraction, Valence};

/// What a step does to the complaint that a journey is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ComplaintStep {
    /// It opens one.
    Opens,
    /// It resolves one.
    Resolves,
}

/// One step of a journey: what of an interaction bears on how the way went.
#[derive(Debug, Clone, PartialEq)]
pub struct JourneyStep {
    pub(super) at: DateTime<Utc>,
    pub(super) id: InteractionId,
    pub(super) kind: Cow<'static, str>,
    pub(super) channel: Option<Channel>,
    pub(super) feeling: Option<(Valence, Fraction)>,
    pub(super) ease: Option<u8>,
    pub(super) minutes: Option<f64>,
    pub(super) hand_overs: u32,
    pub(super) complaint: Option<ComplaintStep>,
}

impl JourneyStep {
    pub(super) fn of(interaction: &Interaction, policy: &EvidencePolicy) -> Self {
        let kind = interaction.kind();
        let name = match Kind::ALL_NAMES.iter().find(|name| **name == kind.name()) {
            Some(name) => Cow::Borrowed(*name),
            None => Cow::Owned(kind.name().to_owned()),
        };
        let (mut ease, mut minutes, mut hand_overs, mut complaint) = (None, None, 0, None);
        match kind {
            Kind::CesSurvey(survey) => ease = Some(survey.ease()),
            Kind::ServiceRequest(request) => {
                ease = request.ease();
                minutes = request.minutes();
                hand_overs = request.hand_overs().unwrap_or(0);
            }
            Kind::Contact(contact) => minutes = contact.minutes(),
            Kind::ComplaintOpened(_) => complaint = Some(ComplaintStep::Opens),
            Kind::ComplaintResolved(_) => complaint = Some(ComplaintStep::Resolves),
            _ => {}
        }
        Self {
            at: interaction.occurred_at(),
            id: interaction.id().clone(),
            kind: name,
            channel: interaction.channel(),
            feeling: AffectItem::of(interaction, policy)
                .map(|item| (item.valence(), item.arousal())),
            ease: ease.and_then(|ease| u8::try_from(ease).ok()),
            minutes: minutes.map(Minutes::value),
            hand_overs,
            complaint,
        }
    }

    /// When it was.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The interaction.
    #[must_use]
    pub fn id(&self) -> &InteractionId {
        &self.id
    }

    /// The [name of its kind](Kind::name).
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Through what it took place, if stated.
    #[must_use]
    pub fn channel(&self) -> Option<Channel> {
        self.channel
    }

    /// How it felt, if it [tells](AffectItem).
    #[must_use]
    pub fn valence(&self) -> Option<Valence> {
        self.feeling.map(|(valence, _)| valence)
    }

    /// How strongly, if it tells how it felt.
    #[must_use]
    pub fn arousal(&self) -> Option<Fraction> {
        self.feeling.map(|(_, arousal)| arousal)
    }

    /// How easy the customer found it, from 1 (very hard) to 7 (very easy), if stated.
    #[must_use]
    pub fn ease(&self) -> Option<u8> {
        self.ease
    }

    /// How many minutes it took, if stated.
    #[must_use]
    pub fn minutes(&self) -> Option<f64> {
        self.minutes
    }

    /// How often the customer was handed to someone else.
    #[must_use]
    pub fn hand_overs(&self) -> u32 {
        self.hand_overs
    }

    /// What it does to the complaint the journey is about.
    #[must_use]
    pub fn complaint(&self) -> Option<ComplaintStep> {
        self.complaint
    }

    /// An order of different facts told under one id.
    fn facts(&self, other: &Self) -> Ordering {
        let plain = |step: &Self| (step.channel, step.ease, step.hand_overs, step.complaint);
        let numbers = |step: &Self| {
            let feeling = step.feeling.map(|(y, a)| (y.value() + 1.0, a.value()));
            // Bits of numbers at or above 0 stand in their order.
            let bits = |(y, a): (f64, f64)| (y.to_bits(), a.to_bits());
            (feeling.map(bits), step.minutes.map(f64::to_bits))
        };
        let by_kind = self.kind.cmp(&other.kind);
        by_kind
            .then_with(|| plain(self).cmp(&plain(other)))
            .then_with(|| numbers(self).cmp(&numbers(other)))
    }
}

impl Dated for JourneyStep {
    fn at(&self) -> DateTime<Utc> {
        self.at
    }

    fn id(&self) -> &InteractionId {
        &self.id
    }

    fn outranks(&self, other: &Self) -> bool {
        self.facts(other).is_gt()
    }
}
