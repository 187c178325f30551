//! What must be found in the shipped log of interactions, of which the truth is known.

use guanxi::dimension::{Dimension, TrustBelief};
use guanxi::relationship::{CompositeOutcome, RelationshipValue, Standing};
use serde_json::Value;

use crate::appraisal::Appraisal;

const TRUTH: &str = include_str!("../data/b2b_truth.jsonl");

/// The customer with a story.
fn named(story: &str) -> String {
    let rows = TRUTH
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let tells = |row: &Value| row["story"] == story || row["story"].get(story).is_some();
    let name = rows
        .filter(tells)
        .find_map(|row| row["customer"].as_str().map(str::to_owned));
    assert!(name.is_some(), "no customer has the story {story}");
    name.unwrap_or_default()
}

/// What follows from the stories of some customers.
pub(crate) fn assert_truth(appraisal: &Appraisal) {
    let everyone = &appraisal.relationships.everyone;
    let find = |story| {
        let name = named(story);
        everyone
            .iter()
            .find(|value| value.customer().as_str() == name)
    };
    let no_evidence = |value: &RelationshipValue, dimension| match dimension {
        Dimension::Economic => matches!(value.economic(), Standing::NoEvidence),
        Dimension::Trust => matches!(value.trust(), Standing::NoEvidence),
        Dimension::Emotional => matches!(value.emotional(), Standing::NoEvidence),
        Dimension::Information => matches!(value.information(), Standing::NoEvidence),
    };

    assert_eq!(everyone.len(), 39, "everyone but the erased customer");
    assert!(find("erased").is_none(), "who asked to be forgotten is");

    // The firm breaks its promises to one, so that trust is lowest and broken.
    let trust = |value: &RelationshipValue| value.trust().native().map(TrustBelief::mean);
    let least = everyone.iter().filter_map(trust).fold(1.0, f64::min);
    let broken = find("broken_promises").and_then(|value| value.trust().native());
    assert_eq!(
        broken.map(TrustBelief::mean),
        Some(least),
        "the lowest trust"
    );
    assert!(
        broken.is_some_and(TrustBelief::is_broken),
        "trust is broken"
    );

    // The ambassador is among those shown.
    let ambassador = named("ambassador");
    let shown = &appraisal.relationships.shown;
    let names = shown
        .iter()
        .map(|shown| shown.explanation.value().customer());
    let alone = shown.len() == 1; // one was asked for
    assert!(
        alone || names.into_iter().any(|name| name.as_str() == ambassador),
        "the ambassador is among the ten highest"
    );

    // Who never permitted analytics, or does no longer, is not modelled.
    for story in ["no_analytics", "analytics_withdrawn"] {
        let outcome = find(story).map(RelationshipValue::composite);
        assert!(
            matches!(outcome, Some(CompositeOutcome::NotModelled(_))),
            "{story}"
        );
    }

    // Purchases alone tell of one dimension, the prospect bought nothing.
    let purchases = find("purchases_only");
    for dimension in [Dimension::Trust, Dimension::Emotional] {
        assert!(
            purchases.is_some_and(|value| no_evidence(value, dimension)),
            "{dimension}"
        );
    }
    assert!(
        purchases.is_some_and(|value| value.missing().count() >= 3),
        "three are missing"
    );
    let prospect = find("prospect");
    let bought = prospect.is_some_and(|value| !no_evidence(value, Dimension::Economic));
    assert!(
        !bought || appraisal.valued.is_err(),
        "the prospect has no value"
    );
}
