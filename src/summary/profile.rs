//! What is known of a customer's profile (客户画像): which field, since when, from whom.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::history::{Initiator, Interaction, InteractionId, Kind};
use crate::quantity::Fraction;

use super::EvidencePolicy;

/// What one interaction says of one field.
///
/// The value itself is kept nowhere: what counts is that it is known, how surely and how long.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct ProfileField {
    /// Which field.
    #[cfg_attr(
        feature = "serde",
        serde(with = "crate::quantity::stored::shared_text")
    )]
    pub name: Arc<str>,
    /// When it was recorded last.
    pub at: DateTime<Utc>,
    /// The interaction that recorded it.
    pub event: InteractionId,
    /// Probability that it was right when it was recorded, if that was stated.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub reliability: Option<Fraction>,
    /// Whether the customer is stated to have disclosed it; else the firm found it.
    pub disclosed: bool,
}

impl ProfileField {
    /// What an interaction says of the profile; `None` if it says nothing.
    #[must_use]
    pub fn reading(interaction: &Interaction) -> Option<Self> {
        let Kind::ProfileAttribute(attribute) = interaction.kind() else {
            return None;
        };
        Some(Self {
            name: Arc::from(attribute.field()),
            at: interaction.occurred_at(),
            event: interaction.id().clone(),
            reliability: attribute.reliability(),
            disclosed: interaction.initiator() == Some(Initiator::Customer),
        })
    }

    /// Whether this is the later word on a field. The content decides only between two versions of
    /// one interaction.
    fn is_after(&self, other: &Self) -> bool {
        let bits = |field: &Self| field.reliability.map(|r| r.value().to_bits());
        (self.at, &self.event, bits(self), self.disclosed)
            > (other.at, &other.event, bits(other), other.disclosed)
    }
}

/// What is known of a customer's profile: of each field the latest record.
///
/// The last writer wins, by instant and then by interaction id, so that any order of events and
/// any sharding leads to the same state, equal to the last bit. Nothing fades here; how far an old
/// field is still to be believed is decided when it is
/// [judged](crate::dimension::Knowledge).
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{CustomerId, Interaction, InteractionId, ProfileAttribute};
/// use guanxi::quantity::Fraction;
/// use guanxi::summary::{EvidencePolicy, ProfileEvidence};
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let told = |id: &str, n, field: &str| {
///     let field = ProfileAttribute::new(field.into()).with_reliability(Fraction::new(0.9)?);
///     Ok::<_, guanxi::Error>(Interaction::new(
///         InteractionId::new(id)?, CustomerId::new("c-1")?, day(n), field,
///     )?)
/// };
/// let log = [told("p-2", 40, "need")?, told("p-1", 3, "need")?, told("p-3", 90, "budget")?];
/// let known = ProfileEvidence::from_interactions(&log, day(60), &EvidencePolicy::default());
/// assert_eq!(known.fields().len(), 1); // the budget is not known yet on day 60
/// assert_eq!(known.field("need").map(|field| field.at), Some(day(40)));
/// # Ok::<(), guanxi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "ProfileRow", into = "ProfileRow"))]
pub struct ProfileEvidence {
    /// Sorted by name.
    fields: Vec<ProfileField>,
}

impl ProfileEvidence {
    /// Nothing known; nothing allocated.
    pub const EMPTY: Self = Self { fields: Vec::new() };

    /// Takes in one interaction; kinds other than [`Kind::ProfileAttribute`] change nothing.
    pub(super) fn observe(&mut self, interaction: &Interaction, _policy: &EvidencePolicy) {
        if let Some(field) = ProfileField::reading(interaction) {
            self.take(field);
        }
    }

    fn take(&mut self, field: ProfileField) {
        match self.place(&field.name) {
            Err(place) => self.fields.insert(place, field),
            Ok(place) => {
                if let Some(known) = self.fields.get_mut(place) {
                    if field.is_after(known) {
                        *known = field;
                    }
                }
            }
        }
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.fields
            .binary_search_by(|field| (*field.name).cmp(name))
    }

    /// Takes in what another state knows. Associative, commutative and exact.
    pub(super) fn merge(&mut self, other: &Self, _policy: &EvidencePolicy) {
        for field in &other.fields {
            self.take(field.clone());
        }
    }

    /// The state as of an instant that is not before the latest record: the same, since nothing
    /// fades here.
    pub(super) fn faded_to(&self, _as_of: DateTime<Utc>, _policy: &EvidencePolicy) -> Self {
        self.clone()
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// When the latest record was made.
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.fields.iter().map(|field| field.at).max()
    }

    /// The latest record of every field that is known, in the order of their names.
    #[must_use]
    pub fn fields(&self) -> &[ProfileField] {
        &self.fields
    }

    /// The latest record of one field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&ProfileField> {
        self.place(name)
            .ok()
            .and_then(|place| self.fields.get(place))
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "ProfileEvidence")]
struct ProfileRow {
    fields: Vec<ProfileField>,
}

#[cfg(feature = "serde")]
impl From<ProfileEvidence> for ProfileRow {
    fn from(state: ProfileEvidence) -> Self {
        Self {
            fields: state.fields,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<ProfileRow> for ProfileEvidence {
    type Error = super::SummaryError;

    fn try_from(row: ProfileRow) -> Result<Self, Self::Error> {
        match row.fields.windows(2).find(|pair| {
            let [before, after] = pair else { return false };
            before.name >= after.name
        }) {
            Some(pair) => Err(super::SummaryError::StoredState {
                expected: "fields in the order of their names, each once",
                found: pair
                    .iter()
                    .map(|field| format!("{:?}", field.name))
                    .collect::<Vec<_>>()
                    .join(" before "),
            }),
            None => Ok(Self { fields: row.fields }),
        }
    }
}
