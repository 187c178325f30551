//! How journeys are written down, and the doubts they are read with.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

use super::{Journey, Journeys};
use crate::history::{Channel, EpisodeId, InteractionId, Kind, Minutes};
use crate::quantity::{Fraction, Valence};
use crate::summary::SummaryError;
use crate::summary::dated::DatedList;
use crate::summary::journey_step::{ComplaintStep, JourneyStep};

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "JourneyStep")]
struct StepRow<'a> {
    at: DateTime<Utc>,
    id: InteractionId,
    kind: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel: Option<Channel>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    valence: Option<Valence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    arousal: Option<Fraction>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ease: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    minutes: Option<Minutes>,
    #[serde(default)]
    hand_overs: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    complaint: Option<ComplaintStep>,
}

fn refused(expected: &'static str, found: String) -> SummaryError {
    SummaryError::StoredState { expected, found }
}

/// What a kind says of complaints, which a stored step must say too.
fn complaint_of(kind: &str) -> Option<ComplaintStep> {
    match kind {
        "complaint_opened" => Some(ComplaintStep::Opens),
        "complaint_resolved" => Some(ComplaintStep::Resolves),
        _ => None,
    }
}

impl StepRow<'_> {
    fn into_step(self) -> Result<JourneyStep, SummaryError> {
        let feeling = match (self.valence, self.arousal) {
            (Some(valence), Some(arousal)) => Some((valence, arousal)),
            (None, None) => None,
            found => {
                let found = format!("{found:?}");
                return Err(refused("valence and arousal, or neither", found));
            }
        };
        if let Some(ease) = self.ease.filter(|ease| !(1..=7).contains(ease)) {
            return Err(refused("an ease from 1 to 7", ease.to_string()));
        }
        if self.complaint != complaint_of(&self.kind) {
            let found = format!("{:?} in a {}", self.complaint, self.kind);
            return Err(refused("what its kind says of a complaint", found));
        }
        let known = Kind::ALL_NAMES.iter().find(|name| **name == self.kind);
        Ok(JourneyStep {
            at: self.at,
            id: self.id,
            kind: match known {
                Some(name) => Cow::Borrowed(*name),
                None => Cow::Owned(self.kind.into_owned()),
            },
            channel: self.channel,
            feeling,
            ease: self.ease,
            minutes: self.minutes.map(Minutes::value),
            hand_overs: self.hand_overs,
            complaint: self.complaint,
        })
    }
}

impl Serialize for JourneyStep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let row = StepRow {
            at: self.at,
            id: self.id.clone(),
            kind: Cow::Borrowed(&self.kind),
            channel: self.channel,
            valence: self.valence(),
            arousal: self.arousal(),
            ease: self.ease,
            minutes: self.minutes.and_then(|minutes| Minutes::new(minutes).ok()),
            hand_overs: self.hand_overs,
            complaint: self.complaint,
        };
        row.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JourneyStep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let row = StepRow::deserialize(deserializer)?;
        row.into_step().map_err(D::Error::custom)
    }
}

impl Serialize for Journey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let settled = self.0.clone().into_sorted();
        settled.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Journey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let steps = Vec::<JourneyStep>::deserialize(deserializer)?;
        let expected = "at least one step, sorted by instant and id, each once";
        let found = format!("{} steps in another order", steps.len());
        match DatedList::from_stored(steps) {
            Some(steps) if !steps.is_empty() => Ok(Self(steps)),
            _ => Err(D::Error::custom(refused(expected, found))),
        }
    }
}

#[derive(serde::Serialize)]
#[serde(rename = "Journey")]
struct Written<'a> {
    episode: &'a EpisodeId,
    steps: &'a Journey,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "Journey")]
struct Read {
    episode: EpisodeId,
    steps: Journey,
}

impl Serialize for Journeys {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            self.iter()
                .map(|(episode, steps)| Written { episode, steps }),
        )
    }
}

impl<'de> Deserialize<'de> for Journeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut journeys = BTreeMap::new();
        for Read { episode, steps } in Vec::<Read>::deserialize(deserializer)? {
            if journeys.insert(episode.clone(), steps).is_some() {
                let found = format!("a second of {episode}");
                return Err(D::Error::custom(refused("each episode once", found)));
            }
        }
        Ok(Self(journeys))
    }
}
