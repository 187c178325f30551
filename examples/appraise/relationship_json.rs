//! The four dimensions of the customers shown, as JSON.

use guanxi::dimension::{ByDimension, Dimension, Feeling, Index, Knowledge, TrustBelief};
use guanxi::model::LifetimeValue;
use guanxi::relationship::{
    EventContribution, EventRef, RelationshipChange, RelationshipValue, Standing,
};
use guanxi::summary::Withheld;
use serde_json::{Value, json};

use crate::appraisal::{Appraisal, value_interval};
use crate::dimensions::{EVENTS, Relationships, Shown};
use crate::json::pair;
use crate::relationship_text::{census, largest_changes, no_composite, not_modelled_of};
use crate::support::object;
use crate::{Events, Order};

pub(crate) fn relationships_json(order: &Order, appraisal: &Appraisal) -> Value {
    let relationships = &appraisal.relationships;
    let Relationships {
        frame,
        policy,
        evidence,
        shown,
        everyone,
    } = relationships;
    let rules = frame.rules();
    let no_model = appraisal.valued.as_ref().err().map(String::as_str);
    let census = match order.events {
        Events::Transactions(_) => Value::Null,
        Events::Interactions(_) => {
            let [composed, too_little, not_modelled] = census(everyone);
            json!({"composed": composed, "too_little": too_little, "not_modelled": not_modelled})
        }
    };
    let not_modelled: Vec<Value> = not_modelled_of(everyone)
        .map(|(value, reason)| json!({"customer": value.customer(), "reason": reason}))
        .collect();
    let customers: Vec<Value> = shown
        .iter()
        .map(|shown| shown_json(order, shown, no_model))
        .collect();
    let mut weights = vec![("source", json!(policy.weights().source().name()))];
    weights.extend(Dimension::ALL.map(|d| (d.name(), json!(policy.weights().get(d)))));
    json!({
        "frame": {
            "id": frame.id(),
            "label": frame.label(),
            "taken_at": frame.taken_at(),
            "customers": frame.customers(),
            "median_value": frame.median_value().map(|(value, _)| value),
        },
        "policies": {
            "composition": policy.id(),
            "dimensions": rules.id(),
            "trust": rules.trust().id(),
            "emotional": rules.emotional().id(),
            "information": rules.information().id(),
            "categories": rules.categories().id(),
            "evidence": evidence,
        },
        "weights": object(weights),
        "aggregation": policy.aggregation().name(),
        "least_coverage": policy.least_coverage(),
        "level": policy.level().value(),
        "census": census,
        "not_modelled": not_modelled,
        "customers": customers,
    })
}

fn shown_json(order: &Order, shown: &Shown, no_model: Option<&str>) -> Value {
    let value = shown.explanation.value();
    let composite = value.composite().composite();
    let largest: Vec<Value> = shown
        .explanation
        .largest(EVENTS)
        .into_iter()
        .map(|moved| largest_json(moved, composite.is_some()))
        .collect();
    json!({
        "customer": value.customer(),
        "composite": composite.map(|composite| json!({
            "value": composite.value(),
            "interval": pair(value.interval()),
            "arithmetic": composite.arithmetic(),
            "geometric": composite.geometric(),
            "sd": composite.sd(),
            "sd_fully_correlated": composite.sd_fully_correlated(),
            "imbalance": composite.imbalance(),
        })),
        "no_composite": no_composite(value),
        "coverage": value.coverage(),
        "loss_making": value.is_loss_making(),
        "trust_broken": value.trust().native().map(TrustBelief::is_broken),
        "dimensions": dimensions_json(value, no_model),
        "withheld": value.withheld().iter().map(Withheld::to_string).collect::<Vec<_>>(),
        "largest": largest,
        "change": shown.change.as_ref().map(|change| change_json(order, change)),
    })
}

fn dimensions_json(value: &RelationshipValue, no_model: Option<&str>) -> Value {
    let index = |dimension| value.index(dimension);
    json!({
        "economic": standing(value.economic(), index(Dimension::Economic), no_model, economic),
        "trust": standing(value.trust(), index(Dimension::Trust), no_model, trust),
        "emotional": standing(value.emotional(), index(Dimension::Emotional), no_model, emotional),
        "information":
            standing(value.information(), index(Dimension::Information), no_model, information),
    })
}

fn standing<N>(
    standing: &Standing<N>,
    index: Option<Index>,
    no_model: Option<&str>,
    say: impl FnOnce(&N) -> Value,
) -> Value {
    let (name, reason) = match standing {
        Standing::Measured(_) => ("measured", None),
        Standing::Unreadable(reason) => ("withheld", Some(reason.to_string())),
        Standing::NoModel => ("no_model", no_model.map(str::to_owned)),
        _ => ("no_evidence", None),
    };
    json!({
        "standing": name,
        "reason": reason,
        "index": index.map(Index::mean),
        "sd": index.map(|index| index.estimate().sd()),
        "n_eff": index.map(|index| index.estimate().n_eff()),
        "native": standing.native().map(say),
    })
}

fn economic(value: &LifetimeValue) -> Value {
    json!({
        "value": value.value(),
        "interval": pair(value_interval(value)),
        "probability_alive": value.probability_alive(),
    })
}

fn trust(belief: &TrustBelief) -> Value {
    json!({
        "mean": belief.mean(),
        "interval": pair(belief.interval().ok()),
        "alpha": belief.alpha(),
        "beta": belief.beta(),
        "weakest_facet": belief.weakest_facet(),
    })
}

fn emotional(feeling: &Feeling) -> Value {
    json!({"valence": feeling.valence().mean(), "sd": feeling.valence().sd()})
}

fn information(knowledge: &Knowledge) -> Value {
    json!({
        "profile": knowledge.profile().mean(),
        "gain_bits": knowledge.gain_bits(),
        "feedback": knowledge.feedback(),
    })
}

fn largest_json(moved: &EventContribution, composed: bool) -> Value {
    let mut pairs = event(&moved.event);
    pairs.push(("dimension", json!(moved.dimension.name())));
    pairs.push(("index", json!(moved.index)));
    pairs.push(("composite", json!(moved.composite.filter(|_| composed))));
    object(pairs)
}

fn change_json(order: &Order, change: &RelationshipChange) -> Value {
    let both = [change.before(), change.after()]
        .iter()
        .all(|value| value.composite().composite().is_some());
    let events: Vec<Value> = largest_changes(change)
        .into_iter()
        .map(|changed| {
            let mut pairs = event(changed.event());
            pairs.push(("cause", json!(changed.cause())));
            pairs.push(("indices", indices(changed.indices())));
            pairs.push(("composite", json!(changed.composite().filter(|_| both))));
            object(pairs)
        })
        .collect();
    json!({
        "since": order.changed_since.map(|since| since.date_naive().to_string()),
        "dimension": change.dimension().map(Dimension::name),
        "indices": indices(change.indices()),
        "time": indices(change.time()),
        "composite": change.composite().filter(|_| both),
        "composite_of_time": change.composite_of_time().filter(|_| both),
        "events": events,
    })
}

/// An event by its name, instant and kind.
fn event(event: &EventRef) -> Vec<(&'static str, Value)> {
    vec![
        ("event", json!(event.id)),
        ("at", json!(event.at)),
        ("kind", json!(event.kind)),
    ]
}

fn indices(indices: ByDimension<f64>) -> Value {
    object(Dimension::ALL.map(|d| (d.name(), json!(indices[d]))))
}
