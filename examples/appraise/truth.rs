//! What must be found in the shipped log of interactions, of which the truth is known.

use guanxi::chrono::Days;
use guanxi::dimension::{Dimension, TrustBelief, TrustPolicy};
use guanxi::history::AsOf;
use guanxi::relationship::{CompositeOutcome, RelationshipValue, Standing};
use guanxi::summary::TrustDirection;
use serde_json::Value;

use crate::appraisal::Appraisal;
use crate::support::Moment;
use crate::{Events, Order};

const TRUTH: &str = include_str!("../data/b2b_truth.jsonl");

/// The first day of the log.
const START: &[u8] = b"2022-01-01";

/// The day from which promises are broken, as the truth has it.
const BREACH: u64 = 438;

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

/// Mean trust as of a day of the log.
fn belief(order: &Order, customer: &str, day: u64) -> Option<f64> {
    let Events::Interactions(log) = &order.events else {
        return None;
    };
    let start = Moment::parse(START)?.start();
    let summary = log.live.summary(customer, AsOf::at(start + Days::new(day)));
    let summary = summary.ok()??;
    let direction = TrustDirection::CustomerInFirm;
    let belief = TrustBelief::of(summary.trust().ok()??, direction, &TrustPolicy::default());
    Some(belief.mean())
}

/// What follows from the stories of some customers.
pub(crate) fn assert_truth(order: &Order, appraisal: &Appraisal) {
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

    // The firm breaks its promises to one from some day on: trust is broken, and nobody's fell as far.
    let broken = named("broken_promises");
    let trust = find("broken_promises").and_then(|value| value.trust().native());
    assert!(trust.is_some_and(TrustBelief::is_broken), "trust is broken");
    let fell = |value: &RelationshipValue| {
        let before = belief(order, value.customer().as_str(), BREACH)?;
        Some(before - value.trust().native()?.mean())
    };
    let falls = everyone
        .iter()
        .filter_map(|value| Some((fell(value)?, value.customer().as_str())));
    let furthest = falls.max_by(|a, b| a.0.total_cmp(&b.0));
    assert_eq!(
        furthest.map(|(_, name)| name),
        Some(broken.as_str()),
        "whose trust fell furthest"
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
