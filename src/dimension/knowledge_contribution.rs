//! What the index of information rests on: field by field, category by category, event by event.

use std::collections::BTreeMap;

use super::{CategoryKnowledge, InformationPolicy, Knowledge};
use crate::history::{Interaction, InteractionId, Kind};
use crate::quantity::{HalfLife, Span, TimeUnit};
use crate::summary::{EvidencePolicy, FeedbackItem, PreferenceItem};

/// One thing that the index of information rests on.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum KnowledgeSource {
    /// A field of the profile.
    Field {
        /// Which field.
        name: String,
    },
    /// A category that the prior lists.
    Category {
        /// Which category.
        name: String,
    },
    /// All categories that the prior does not list.
    OtherCategories,
    /// Feedback.
    Feedback,
}

/// What one thing adds to the index of information.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct KnowledgeContribution {
    /// What it is.
    pub source: KnowledgeSource,
    /// The interaction that told it; `None` for what no one interaction tells, such as that
    /// something was *not* bought.
    pub event: Option<InteractionId>,
    /// What it adds to the index, at or above 0.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "crate::quantity::stored::read_not_negative")
    )]
    pub amount: f64,
}

impl KnowledgeSource {
    fn of(cell: &CategoryKnowledge) -> Self {
        cell.name
            .as_ref()
            .map_or(Self::OtherCategories, |name| Self::Category {
                name: name.to_string(),
            })
    }
}

/// What one thing adds, with the interaction that told it.
type Told<'a> = (KnowledgeContribution, Option<&'a Interaction>);

/// Splits an amount over events by their weights; without one, no event is named.
fn split<'a>(
    source: &KnowledgeSource,
    amount: f64,
    events: &[(&'a Interaction, f64)],
    into: &mut Vec<Told<'a>>,
) {
    let of_all: f64 = events.iter().map(|(_, weight)| weight).sum();
    let mut add = |event: Option<&'a Interaction>, amount| {
        if amount > 0.0 {
            let part = KnowledgeContribution {
                source: source.clone(),
                event: event.map(|event| event.id().clone()),
                amount,
            };
            into.push((part, event));
        }
    };
    if of_all > 0.0 {
        for &(event, weight) in events {
            add(Some(event), amount * (weight / of_all));
        }
    } else {
        add(None, amount);
    }
}

impl Knowledge {
    /// What each category adds to the index, in the order of [`categories`](Self::categories).
    fn of_categories(&self) -> impl Iterator<Item = (&CategoryKnowledge, f64)> {
        let [_, of_preferences, _] = self.shares;
        let gain: f64 = self.gains.iter().sum();
        let cells = self.parts.categories.iter().zip(&self.gains);
        cells.map(move |(cell, part)| {
            let share = if gain > 0.0 { part / gain } else { 0.0 };
            (cell, of_preferences * share)
        })
    }

    /// What the fields of the profile add to the index.
    fn of_fields(&self) -> impl Iterator<Item = KnowledgeContribution> {
        let of_all: f64 = self.parts.fields.iter().map(|field| field.weight).sum();
        let weight = self.parts.weights.profile() / of_all;
        let fields = self.parts.fields.iter().map(move |field| {
            let amount = weight * field.weight * field.validity;
            KnowledgeContribution {
                source: KnowledgeSource::Field {
                    name: field.name.to_string(),
                },
                event: field.event.clone(),
                amount,
            }
        });
        fields.filter(|part| part.amount > 0.0)
    }

    /// What each field, each category and all feedback add to the index: above 0 each, and together
    /// the index. What adds nothing is left out.
    ///
    /// A field adds its share of what is worth knowing times its validity. The part of preferences
    /// is split in proportion to `π·ln(π/π₀) − π + π₀`, which is at or above 0 for every category
    /// and sums to the gain: that a customer never buys what everybody buys is knowledge too.
    #[must_use]
    pub fn contributions(&self) -> Vec<KnowledgeContribution> {
        let [_, _, of_feedback] = self.shares;
        let mut parts: Vec<Told<'_>> = self.of_fields().map(|part| (part, None)).collect();
        for (cell, amount) in self.of_categories() {
            split(&KnowledgeSource::of(cell), amount, &[], &mut parts);
        }
        split(&KnowledgeSource::Feedback, of_feedback, &[], &mut parts);
        parts.into_iter().map(|(part, _)| part).collect()
    }

    /// The same, split further by the events that the evidence came from; together still the
    /// index.
    ///
    /// What a category adds is split over its events by what each of them still counts, and
    /// feedback by what each still counts times its quality. A category that adds by *not* being
    /// bought has no event. `interactions` and the two policies must be those of the evidence;
    /// what is later than [`as_of`](Self::as_of) is left out.
    #[must_use]
    pub fn contributions_by_event<'a>(
        &self,
        interactions: impl IntoIterator<Item = &'a Interaction>,
        evidence: &EvidencePolicy,
        policy: &InformationPolicy,
    ) -> Vec<KnowledgeContribution> {
        let parts = self.told(interactions, evidence, policy);
        parts.into_iter().map(|(part, _)| part).collect()
    }

    /// The same with the interactions themselves: those of joined identities may share an id.
    pub(crate) fn told<'a>(
        &self,
        interactions: impl IntoIterator<Item = &'a Interaction>,
        evidence: &EvidencePolicy,
        policy: &InformationPolicy,
    ) -> Vec<Told<'a>> {
        let left = |interaction: &Interaction, half_life: HalfLife| {
            Span::between(interaction.occurred_at(), self.as_of(), TimeUnit::Second)
                .ok()
                .map(|age| half_life.decay(age))
        };
        let listed: BTreeMap<&str, usize> = (self.parts.categories.iter().enumerate())
            .filter_map(|(place, cell)| Some((cell.name.as_deref()?, place)))
            .collect();
        let others = self.parts.categories.iter().position(|c| c.name.is_none());
        let mut by_cell = vec![Vec::new(); self.parts.categories.len()];
        let mut of_feedback = Vec::new();
        let mut of_fields: BTreeMap<&str, &Interaction> = BTreeMap::new();
        for interaction in interactions {
            if let Some(item) = PreferenceItem::reading(interaction) {
                let place = listed.get(item.category).copied().or(others);
                let events = place.and_then(|place| by_cell.get_mut(place));
                let left = left(interaction, evidence.preference_slow());
                if let (Some(events), Some(left)) = (events, left) {
                    events.push((interaction, left * item.weight));
                }
            } else if let Some(item) = FeedbackItem::reading(interaction) {
                let quality = item.quality.map(f64::from);
                let quality = quality.unwrap_or(policy.default_feedback_quality());
                if let Some(left) = left(interaction, evidence.feedback()) {
                    of_feedback.push((interaction, left * quality));
                }
            } else if let Kind::ProfileAttribute(field) = interaction.kind() {
                if interaction.occurred_at() <= self.as_of() {
                    let last = of_fields.entry(field.field()).or_insert(interaction);
                    let place = |i: &Interaction| (i.occurred_at(), i.id().clone());
                    if place(interaction) > place(last) {
                        *last = interaction;
                    }
                }
            }
        }
        let of_field = |part: &KnowledgeContribution| match &part.source {
            KnowledgeSource::Field { name } => of_fields.get(name.as_str()).copied(),
            _ => None,
        };
        let fields = self.of_fields().map(|part| {
            let event = of_field(&part).filter(|event| part.event.as_ref() == Some(event.id()));
            (part, event)
        });
        let mut parts: Vec<Told<'a>> = fields.collect();
        for ((cell, amount), events) in self.of_categories().zip(&by_cell) {
            split(&KnowledgeSource::of(cell), amount, events, &mut parts);
        }
        let [_, _, amount] = self.shares;
        split(&KnowledgeSource::Feedback, amount, &of_feedback, &mut parts);
        parts
    }
}
