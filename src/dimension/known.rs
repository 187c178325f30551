//! What is known of single fields of a profile and of single categories.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{CategoryPrior, DimensionError, InformationPolicy};
use crate::history::InteractionId;
use crate::quantity::{Span, TimeUnit};
use crate::summary::{PreferenceEvidence, ProfileEvidence};

/// What is known of one field that is worth knowing.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct FieldKnowledge {
    /// Which field.
    #[cfg_attr(
        feature = "serde",
        serde(with = "crate::quantity::stored::shared_text")
    )]
    pub name: Arc<str>,
    /// Its weight among the fields.
    pub weight: f64,
    /// Probability that what is recorded is right today, `q·2^(−Δ/h)`; 0 for a missing field.
    pub validity: f64,
    /// The interaction that recorded it; `None` for a missing field.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub event: Option<InteractionId>,
}

/// What is known of the customer's liking for one category.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct CategoryKnowledge {
    /// Which category; `None` for all that the prior does not list.
    #[cfg_attr(
        feature = "serde",
        serde(
            default,
            skip_serializing_if = "Option::is_none",
            with = "crate::quantity::stored::shared_text_or_none"
        )
    )]
    pub name: Option<Arc<str>>,
    /// Its share before anything was known, π₀.
    pub prior: f64,
    /// How much of it was observed.
    pub count: f64,
}

/// Whether every count is as of an instant.
pub(super) fn check_as_of(
    preferences: &PreferenceEvidence,
    as_of: DateTime<Utc>,
) -> Result<(), DimensionError> {
    let ends = [preferences.oldest(), preferences.latest()];
    match ends.into_iter().flatten().find(|&found| found != as_of) {
        Some(found) => Err(DimensionError::AsOf {
            what: "preferences",
            expected: as_of,
            found,
        }),
        None => Ok(()),
    }
}

/// Every field of the policy, with what is known of it.
pub(super) fn fields(
    profile: Option<&ProfileEvidence>,
    as_of: DateTime<Utc>,
    policy: &InformationPolicy,
) -> Result<Vec<FieldKnowledge>, DimensionError> {
    policy
        .fields()
        .iter()
        .map(|rule| {
            let known = profile.and_then(|profile| profile.field(rule.name()));
            let validity = match known {
                Some(field) => {
                    let stated = field.reliability.map(f64::from);
                    let age = Span::between(field.at, as_of, TimeUnit::Day)?;
                    stated.unwrap_or(policy.default_reliability()) * rule.half_life().decay(age)
                }
                None => 0.0,
            };
            Ok(FieldKnowledge {
                name: rule.shared_name(),
                weight: rule.weight(),
                validity,
                event: known.map(|field| field.event.clone()),
            })
        })
        .collect()
}

/// The cells of the prior with their counts, and what belongs in none of them.
pub(super) fn categories(
    preferences: Option<&PreferenceEvidence>,
    prior: &CategoryPrior,
) -> (Vec<CategoryKnowledge>, f64) {
    let mut cells: Vec<CategoryKnowledge> = prior
        .names()
        .map(|(name, share)| CategoryKnowledge {
            name: Some(Arc::clone(name)),
            prior: share,
            count: 0.0,
        })
        .collect();
    let mut unlisted = 0.0;
    for count in preferences.into_iter().flat_map(PreferenceEvidence::counts) {
        let cell = prior
            .place(count.category)
            .and_then(|place| cells.get_mut(place));
        match cell {
            Some(cell) => cell.count += count.slow,
            None => unlisted += count.slow,
        }
    }
    if prior.other() > 0.0 {
        cells.push(CategoryKnowledge {
            name: None,
            prior: prior.other(),
            count: unlisted,
        });
        unlisted = 0.0;
    }
    (cells, unlisted)
}
