//! How engagement is written down, and the doubts it is read with.

use chrono::{DateTime, Utc};

use super::{ByDirection, ContractStep, EngagementEvidence, RelationshipTurn, quarters};
use crate::history::{Channel, Rank};
use crate::summary::SummaryError;
use crate::summary::decay::Decayed;

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelRow {
    channel: Channel,
    contacts: u64,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "EngagementEvidence")]
pub(super) struct EngagementRow {
    at: Option<DateTime<Utc>>,
    intensity: ByDirection<f64>,
    contacts: ByDirection<u64>,
    channels: Vec<ChannelRow>,
    timed: u64,
    minutes: f64,
    highest_rank: Option<Rank>,
    ranked: u64,
    rank_quarters: u64,
    answered: u64,
    response_minutes: f64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    contracts: Vec<ContractStep>,
    relationship: Option<RelationshipTurn>,
}

impl From<EngagementEvidence> for EngagementRow {
    fn from(evidence: EngagementEvidence) -> Self {
        let channels = evidence.channels();
        Self {
            at: evidence.faded.latest(),
            intensity: evidence.intensity_by_direction(),
            contacts: evidence.contacts(),
            channels: channels
                .map(|(channel, contacts)| ChannelRow { channel, contacts })
                .collect(),
            timed: evidence.timed,
            minutes: evidence.minutes,
            highest_rank: evidence.highest_rank,
            ranked: evidence.ranked,
            rank_quarters: evidence.rank_quarters,
            answered: evidence.answered,
            response_minutes: evidence.response_minutes,
            contracts: evidence.contracts,
            relationship: evidence.relationship,
        }
    }
}

/// A sum of minutes must be one that as many contacts can make up.
fn minutes(count: u64, sum: f64) -> bool {
    // A duration is at most 1e21 seconds.
    (0.0..=count as f64 * 1e20).contains(&sum)
}

impl EngagementRow {
    /// The rule that a stored state broke, if it broke one, and what was found.
    fn fault(&self) -> Option<(&'static str, String)> {
        let ByDirection {
            inbound,
            outbound,
            unstated,
        } = self.contacts;
        let counts = [inbound, outbound, unstated];
        let all = counts.iter().try_fold(0_u64, |sum, n| sum.checked_add(*n));
        let Some(all) = all.filter(|all| *all <= 1 << 53) else {
            return Some(("at most 2^53 contacts", format!("{counts:?}")));
        };
        if self.at.is_some() != (all > 0) {
            let found = format!("{all} as of {:?}", self.at);
            return Some(("an instant exactly where there are contacts", found));
        }
        let faded = self.intensity;
        let faded = [faded.inbound, faded.outbound, faded.unstated];
        let weighs =
            |(faded, count): (f64, u64)| (0.0..=count as f64 * (1.0 + 1e-9)).contains(&faded);
        if !faded.into_iter().zip(counts).all(weighs) {
            let found = format!("{faded:?} of {counts:?}");
            return Some(("an intensity from 0 to the number of contacts", found));
        }
        let through = self.channels.iter().map(|row| row.contacts);
        let through = through.fold(0_u64, u64::saturating_add);
        let sorted = self
            .channels
            .iter()
            .zip(self.channels.iter().skip(1))
            .all(|(row, next)| row.channel < next.channel);
        let used = self.channels.iter().all(|row| row.contacts > 0);
        if !(sorted && used && through <= all) {
            let found = format!("{} channels of {through} contacts", self.channels.len());
            return Some(("sorted channels of at most all contacts", found));
        }
        let detailed = [self.timed, self.ranked, self.answered];
        if detailed.iter().any(|count| *count > all) {
            let found = format!("{detailed:?} of {all}");
            return Some(("at most one duration, rank and answer a contact", found));
        }
        if !(minutes(self.timed, self.minutes) && minutes(self.answered, self.response_minutes)) {
            let found = format!("{} and {}", self.minutes, self.response_minutes);
            return Some(("minutes that its contacts can make up", found));
        }
        let names = self.contracts.iter().map(ContractStep::name);
        if !names.is_sorted_by(|name, next| name < next) {
            let found = format!("{} contracts in another order", self.contracts.len());
            return Some(("contracts in the order of their names, each once", found));
        }
        // One contact met the highest rank and no contact a higher one.
        let highest = self.highest_rank.map_or(0, quarters);
        let possible = highest..=highest.saturating_mul(self.ranked);
        let ranks = self.highest_rank.is_some() == (self.ranked > 0);
        if !(ranks && possible.contains(&self.rank_quarters)) {
            let found = format!("{} quarters of {}", self.rank_quarters, self.ranked);
            return Some(("ranks that its contacts can make up", found));
        }
        None
    }
}

impl TryFrom<EngagementRow> for EngagementEvidence {
    type Error = SummaryError;

    fn try_from(row: EngagementRow) -> Result<Self, SummaryError> {
        if let Some((expected, found)) = row.fault() {
            return Err(SummaryError::StoredState { expected, found });
        }
        let (faded, contacts) = (row.intensity, row.contacts);
        let sums = [faded.inbound, faded.outbound, faded.unstated];
        Ok(Self {
            faded: row
                .at
                .map_or(Decayed::EMPTY, |at| Decayed::from_stored(at, sums)),
            contacts: [contacts.inbound, contacts.outbound, contacts.unstated],
            channels: row
                .channels
                .into_iter()
                .map(|row| (row.channel, row.contacts))
                .collect(),
            timed: row.timed,
            minutes: row.minutes,
            highest_rank: row.highest_rank,
            ranked: row.ranked,
            rank_quarters: row.rank_quarters,
            answered: row.answered,
            response_minutes: row.response_minutes,
            contracts: row.contracts,
            relationship: row.relationship,
        })
    }
}
