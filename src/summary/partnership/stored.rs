//! How the evidence of partnership is written down, and the doubts it is read with.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use smol_str::SmolStr;

use super::{
    DatedList, Decayed, Known, PartnershipEvidence, PartnershipMeasure, PartnershipStep, Row,
};
use crate::summary::SummaryError;

/// No log holds more observations.
const MOST: f64 = 1e15;

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ScoreRow {
    measure: PartnershipMeasure,
    at: DateTime<Utc>,
    weight: f64,
    sum: f64,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonRow {
    #[serde(with = "crate::quantity::stored::shared_text")]
    person: Arc<str>,
    last: DateTime<Utc>,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "PartnershipEvidence")]
pub(super) struct PartnershipRow {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scores: Vec<ScoreRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    persons: Vec<PersonRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    steps: Vec<PartnershipStep>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_contract: Option<DateTime<Utc>>,
}

impl From<PartnershipEvidence> for PartnershipRow {
    fn from(state: PartnershipEvidence) -> Self {
        let known = state.0.map(|known| *known).unwrap_or_default();
        let scores = known.rows.into_iter().filter_map(|row| {
            let [weight, sum] = row.sums.sums();
            Some(ScoreRow {
                measure: row.measure,
                at: row.sums.latest()?,
                weight,
                sum,
            })
        });
        let persons = known.persons.into_iter().map(|(person, last)| PersonRow {
            person: person.into(),
            last,
        });
        Self {
            scores: scores.collect(),
            persons: persons.collect(),
            steps: known.steps.into_sorted(),
            first_contract: known.first_contract,
        }
    }
}

impl PartnershipRow {
    /// The rule that a stored state broke, if it broke one, and what was found.
    fn fault(&self) -> Option<(&'static str, String)> {
        if !self.scores.is_sorted_by(|a, b| a.measure < b.measure) {
            let found = "others".to_owned();
            return Some(("measures in their order, each once", found));
        }
        for row in &self.scores {
            // A score is at most 1; sums that faded together round apart.
            let most = row.weight * (1.0 + 1e-9) + f64::MIN_POSITIVE;
            if !((0.0..=MOST).contains(&row.weight) && (0.0..=most).contains(&row.sum)) {
                let found = format!("{} of {}", row.sum, row.weight);
                return Some(("scores from 0 to the number of observations", found));
            }
        }
        if !self.persons.is_sorted_by(|a, b| a.person < b.person) {
            let found = "others".to_owned();
            return Some(("persons in the order of their names, each once", found));
        }
        if self.persons.iter().any(|row| row.person.is_empty()) {
            return Some(("persons with a name", "one without".to_owned()));
        }
        let mut amounts = self.steps.iter().filter_map(|step| step.event.amount());
        let negative = amounts.find(|amount| amount.is_negative());
        negative.map(|amount| ("amounts at or above 0", amount.to_string()))
    }
}

impl TryFrom<PartnershipRow> for PartnershipEvidence {
    type Error = SummaryError;

    fn try_from(row: PartnershipRow) -> Result<Self, SummaryError> {
        if let Some((expected, found)) = row.fault() {
            return Err(SummaryError::StoredState { expected, found });
        }
        let rows = row.scores.into_iter().map(|row| Row {
            measure: row.measure,
            sums: Decayed::from_stored(row.at, [row.weight, row.sum]),
        });
        let persons = row.persons.into_iter();
        let Some(steps) = DatedList::from_stored(row.steps) else {
            return Err(SummaryError::StoredState {
                expected: "steps in the order of their instants and ids, each once",
                found: "others".to_owned(),
            });
        };
        let known = Known {
            rows: rows.collect(),
            persons: persons
                .map(|row| (SmolStr::from(row.person), row.last))
                .collect(),
            steps,
            first_contract: row.first_contract,
        };
        let known = Some(known).filter(|known| known.latest().is_some());
        Ok(Self(known.map(Box::new)))
    }
}
