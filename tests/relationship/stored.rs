//! Values, explanations and changes as they are kept.

use guanxi::history::AsOf;
use guanxi::relationship::{CompositionPolicy, Explanation, RelationshipChange, RelationshipValue};
use guanxi::scorer::Scorer;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::synthetic::{end_of, instant};
use super::{customers, log, scorer};

/// Asserts that what is written is read as it was.
fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    let read: Result<T, _> = serde_json::from_str(&text);
    assert!(
        read.as_ref().is_ok_and(|read| read == value),
        "{read:?} {text}"
    );
}

/// Asserts that a value is refused once it was changed at a place.
fn refuses<T: DeserializeOwned>(whole: &Value, place: &str, with: &Value) {
    let mut other = whole.clone();
    let Some(slot) = other.pointer_mut(place) else {
        panic!("{place} is not in {whole}");
    };
    assert!(*slot != *with, "{place} is {with} already");
    *slot = with.clone();
    assert!(
        serde_json::from_value::<T>(other).is_err(),
        "{place} as {with}"
    );
}

#[test]
fn values_explanations_and_changes_are_read_as_they_were_written() {
    let (_, base) = log();
    let scorer = scorer(0.3, CompositionPolicy::default());
    for customer in customers() {
        round_trip(&scorer.score(&customer).unwrap());
        let who = customer.customer().as_str();
        round_trip(&scorer.explain(base, who, AsOf::at(end_of(2))).unwrap());
        let (from, to) = (AsOf::at(instant(400.0)), AsOf::at(instant(440.0)));
        round_trip(&scorer.change(base, who, from, to).unwrap());
    }
}

/// A customer of whom everything is known, as JSON.
fn known() -> (RelationshipValue, Value) {
    let scorer = scorer(0.0, CompositionPolicy::default());
    let values = customers();
    let mut values = values.iter().map(|c| scorer.score(c).unwrap());
    let value = values.find(|v| v.missing().next().is_none() && v.interval().is_some());
    let value = value.unwrap();
    let written = serde_json::to_value(&value).unwrap();
    (value, written)
}

#[test]
fn a_value_that_contradicts_itself_is_refused() {
    let (_, whole) = known();
    let other_frame = json!("0123456789abcdef");
    for (place, with) in [
        ("/frame", other_frame.clone()),
        ("/trust/measured/index/frame", other_frame),
        ("/trust/measured/index/estimate/mean", json!(0.123)),
        ("/emotional/measured/index/estimate/mean", json!(0.123)),
        ("/information/measured/index/estimate/mean", json!(0.123)),
        ("/economic/measured/index/estimate/mean", json!(0.0)),
        ("/trust", json!("no_evidence")),
        ("/profile/trust/n_eff", json!(0.5)),
        ("/coverage", json!(1.5)),
        ("/interval", Value::Null),
        ("/interval/upper", json!(0.0)),
        (
            "/composite",
            json!({"too_little": {"coverage": 0.2, "needed": 0.5}}),
        ),
    ] {
        refuses::<RelationshipValue>(&whole, place, &with);
    }
    let mut more = whole;
    more["more"] = json!(1);
    assert!(serde_json::from_value::<RelationshipValue>(more).is_err());
}

#[test]
fn what_fell_short_must_be_what_the_profile_shows() {
    let scorer = scorer(0.0, CompositionPolicy::default());
    let values = customers();
    let mut values = values.iter().map(|c| scorer.score(c).unwrap());
    let value = values.find(|v| v.composite().short().next().is_some());
    let value = value.unwrap();
    let (dimension, _) = value.composite().short().next().unwrap();
    let whole = serde_json::to_value(&value).unwrap();
    let place = |what: &str| format!("/composite/too_little/short/{dimension}{what}");
    for (place, with) in [
        (place(""), Value::Null),
        (place("/weight"), json!(0.01)),
        (place("/needed"), json!(2.0)),
        (place("/found"), json!(0.999)),
    ] {
        refuses::<RelationshipValue>(&whole, &place, &with);
    }
}

#[test]
fn an_explanation_whose_parts_do_not_sum_is_refused() {
    let (value, _) = known();
    let scorer = scorer(0.0, CompositionPolicy::default());
    let who = value.customer().as_str();
    let why = scorer.explain(&log().1, who, AsOf::at(end_of(2))).unwrap();
    let whole = serde_json::to_value(&why).unwrap();
    for (place, with) in [
        ("/dimensions/trust/events/0/index", json!(0.9)),
        ("/dimensions/trust/events/0/dimension", json!("emotional")),
        ("/dimensions/trust/events/0/composite", Value::Null),
        ("/dimensions/trust/start", json!(0.4)),
        ("/dimensions/trust/rest", json!(0.4)),
        ("/dimensions/trust/part", json!(0.9)),
        ("/dimensions/trust", Value::Null),
        ("/contributions", Value::Null),
        ("/contributions/parts/trust", json!(0.9)),
    ] {
        refuses::<Explanation>(&whole, place, &with);
    }
}

#[test]
fn a_change_whose_steps_do_not_sum_is_refused() {
    let (value, _) = known();
    let scorer = scorer(0.0, CompositionPolicy::default());
    let who = value.customer().as_str();
    let (from, to) = (AsOf::at(instant(300.0)), AsOf::at(instant(700.0)));
    let change = scorer.change(&log().1, who, from, to).unwrap();
    assert!(change.composite().is_some());
    let whole = serde_json::to_value(&change).unwrap();
    for (place, with) in [
        ("/time/indices/trust", json!(0.9)),
        ("/time/composite", Value::Null),
        ("/events/0/step/indices/trust", json!(0.9)),
        ("/events/0/step/composite", json!(0.9)),
        ("/start/indices/trust", json!(0.9)),
        ("/end/indices/trust", json!(0.9)),
        ("/before/customer", json!("another")),
        ("/before/policy", json!("0123456789abcdef")),
        ("/before/as_of", json!("2100-01-01T00:00:00Z")),
        ("/events", json!([])),
    ] {
        refuses::<RelationshipChange>(&whole, place, &with);
    }
}
