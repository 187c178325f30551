//! What is written is read as it was, and nothing that no log leads to is read.

use std::sync::Arc;

use guanxi::history::Interaction;
use guanxi::perceived::{
    ComponentWeights, IntervalRule, ItemTable, MonroeRatio, PerceivedValue, PerceivedValuePolicy,
    PerceivedValueScore, SocialExchange, Taxonomy, ValueGap, WeightTable,
};
use guanxi::summary::{CustomerState, EvidencePolicy, ExchangeEvidence, SummaryPolicy};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

use super::score::{gave, got, log, open, scored, weighed, worked};
use super::support::alike::difference;
use super::support::assert_close;
use super::support::history::{any_history, customer, day};
use super::support::stored::{each_refused, round_trip};
use super::{WEIGHTS, estimate, value};

fn rich() -> PerceivedValueScore {
    let rival = [got("", 8.0), gave("", 3.0)].map(|item| (400, item.with_about("north")));
    scored(worked(400).chain(worked(100)).chain(rival), weighed())
}

/// Numbers whose last digit a format got wrong; those that are whole it gets right.
fn nudge(stored: &mut Value) {
    match stored {
        Value::Array(items) => items.iter_mut().for_each(nudge),
        Value::Object(fields) => fields.values_mut().for_each(nudge),
        Value::Number(number) => match number.as_f64() {
            Some(fraction) if fraction.fract().abs() > 0.0 => {
                *stored = json!(f64::from_bits(fraction.to_bits() + 1));
            }
            _ => {}
        },
        _ => {}
    }
}

#[test]
fn a_last_digit_that_a_format_gets_wrong_is_no_reason_to_refuse_a_score() {
    let score = rich();
    let mut stored = serde_json::to_value(&score).unwrap();
    nudge(&mut stored);
    let read: PerceivedValueScore = serde_json::from_value(stored).unwrap();
    assert_ne!(read, score);
    let (read, written) = (read.net().unwrap(), score.net().unwrap());
    assert_close!(read.mean(), written.mean(), 1e-12);
}

#[test]
fn everything_is_read_as_it_was_written() {
    round_trip(&rich());
    round_trip(&PerceivedValuePolicy::default());
    let table = WeightTable::default()
        .with_segment("s", ComponentWeights::new(WEIGHTS).unwrap())
        .unwrap()
        .with_member(customer(), "s")
        .unwrap();
    round_trip(&weighed().with_weights(table.clone()));
    round_trip(&table);
    round_trip(&ItemTable::default());
    round_trip(&Taxonomy::perceived_value_scale());
    round_trip(&value(6.9, 4.6, (0.5, 0.4)));
    for ratio in [
        MonroeRatio::Finite(1.5),
        MonroeRatio::Unbounded,
        MonroeRatio::Undefined,
    ] {
        round_trip(&ratio);
    }
    round_trip(&rich().ratio_interval());
    round_trip(&ValueGap::new(estimate(2.0, 0.1), estimate(1.0, 0.1)).unwrap());
    round_trip(&SocialExchange::new(
        estimate(2.3, 0.1),
        estimate(1.5, 0.1),
        estimate(3.2, 0.1),
    ));
}

#[test]
fn what_no_constructor_makes_is_each_refused() {
    each_refused(
        &ComponentWeights::new(WEIGHTS).unwrap(),
        &[("/time", json!(-0.1)), ("/time", json!(1e13))],
    );
    let nothing = json!({
        "product": 0.0, "service": 0.0, "personnel": 0.0, "image": 0.0,
        "monetary": 1.0, "time": 0.0, "energy": 0.0, "psychic": 0.0,
    });
    assert!(serde_json::from_value::<ComponentWeights>(nothing).is_err());
    each_refused(
        &value(6.9, 4.6, (0.5, 0.4)),
        &[
            ("/benefit/mean", json!(-1.0)),
            ("/sacrifice/sd", json!(-1.0)),
            ("/sacrifice/mean", json!(1e90)),
        ],
    );
    each_refused(&MonroeRatio::Finite(1.5), &[("/finite", json!(-1.5))]);
    each_refused(
        &PerceivedValuePolicy::default(),
        &[
            ("/answer_sd", json!(0.0)),
            ("/least_coverage", json!(1.5)),
            ("/level", json!(1.0)),
            ("/interval/fieller_above", json!(-0.2)),
            ("/switching_points", json!(-1.0)),
            (
                "/taxonomies/1",
                serde_json::to_value(Taxonomy::consumption_values()).unwrap(),
            ),
            ("/taxonomies/0/kinds", json!([])),
            ("/taxonomies/0/kinds/0/facets", json!([])),
        ],
    );
    let table = json!({"customers": {"c-1": {"segment": "nobody"}}});
    assert!(serde_json::from_value::<WeightTable>(table).is_err());
    assert!(serde_json::from_value::<PerceivedValuePolicy>(json!({"mood": 1})).is_err());
    let sparse: PerceivedValuePolicy = serde_json::from_value(json!({"answer_sd": 2.0})).unwrap();
    assert_eq!(
        sparse,
        PerceivedValuePolicy::default().with_answer_sd(2.0).unwrap()
    );
    let rich = serde_json::to_value(rich()).unwrap();
    each_refused(
        &self::rich(),
        &[
            ("/benefits/components/coverage", json!(1.1)),
            ("/benefits/components/total/mean", json!(-6.9)),
            ("/components/product/sd", json!(-1.0)),
            ("/level", json!(0.0)),
            ("/interval/fieller_above", json!(-1.0)),
            ("/policy", json!("none")),
            ("/weights_of", json!("nobody")),
            ("/components/product/mean", json!(10.5)),
            ("/parts/0/known", json!(99)),
            ("/parts/0/benefit/mean", json!(11.0)),
            ("/exchange/outcome/mean", json!(9.0)), // not benefit less sacrifice
            ("/exchange/outcome", Value::Null),
            (
                "/exchange/alternative_level",
                rich["exchange"]["outcome"].clone(),
            ),
        ],
    );
    let far = [got("", 9.0), gave("", 1.0)].map(|item| (400, item.with_about("east")));
    let near = [got("", 8.0), gave("", 3.0)].map(|item| (400, item.with_about("north")));
    let two = scored(worked(400).chain(far).chain(near), weighed());
    round_trip(&two);
    let stored = serde_json::to_value(&two).unwrap();
    let best = stored["exchange"]["alternatives"].clone();
    each_refused(
        &two,
        &[("/exchange/alternatives", json!([best[1], best[0]]))],
    );
    for blank in [
        serde_json::from_value::<ItemTable>(
            json!({"benefits": {" ": "product"}, "sacrifices": {}}),
        )
        .err(),
        serde_json::from_value::<ItemTable>(json!({"benefits": {}, "sacrifices": {"": "time"}}))
            .err(),
    ] {
        assert!(blank.unwrap().to_string().contains("a name of an item"));
    }
    let weights = serde_json::to_value(ComponentWeights::new(WEIGHTS).unwrap()).unwrap();
    assert!(serde_json::from_value::<WeightTable>(json!({"segments": {" ": weights}})).is_err());
    assert!(serde_json::from_value::<IntervalRule>(json!({"fieller_above": -0.1})).is_err());
    round_trip(&IntervalRule::default());
    assert!(PerceivedValue::certain(1.0, 1.0).is_ok());
    assert!(IntervalRule::fieller_above(0.0).is_ok());
}

fn rules() -> EvidencePolicy {
    EvidencePolicy::default()
}

#[test]
fn answers_that_no_log_leads_to_are_each_refused() {
    let answers = [
        (10, got("product", 8.0)),
        (30, got("product", 6.0)),
        (20, got("product", 7.0).with_about("north")),
    ];
    let state = ExchangeEvidence::from_interactions(&log(answers), day(40), &rules());
    round_trip(&state);
    round_trip(&ExchangeEvidence::EMPTY);
    let items = serde_json::to_value(&state).unwrap()["items"].clone();
    let reversed = json!([items[1], items[0]]);
    each_refused(
        &state,
        &[
            ("/items", reversed),
            ("/items", json!([items[0], items[0]])),
            ("/items/0/construct", json!("trust")),
            ("/items/0/construct", json!("hope")),
            ("/items/0/latest/value", json!(11.0)),
            ("/items/0/latest/scale/highest", json!(-1.0)),
            ("/items/0/past/weight", json!(-0.5)),
            ("/items/0/past/weight", json!(1e300)),
            ("/items/0/past/sum", json!(1.5)),
            ("/items/0/past/sum", json!(-0.1)),
            ("/items/0/past/squared_weight", json!(1.5)),
            ("/items/1/past", Value::Null),
            ("/items/1/past/at", json!("1970-01-02T00:00:00Z")),
        ],
    );
    let mut unknown = serde_json::to_value(&state).unwrap();
    unknown["mood"] = json!(1);
    assert!(serde_json::from_value::<ExchangeEvidence>(unknown).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        rng_seed: RngSeed::Fixed(20_260_502),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn answers_are_read_as_they_were_written(log in any_history(), wait in 0_i64..40_000) {
        round_trip(&ExchangeEvidence::from_interactions(&log, day(1_020 + wait), &rules()));
    }

    /// In any order, and in any two parts: the same state.
    #[test]
    fn the_order_of_answers_and_their_sharding_do_not_matter(
        answers in prop::collection::vec((0_i64..6, 0_usize..3, 0_usize..2, 0.0..=10.0_f64), 0..24),
        split in prop::collection::vec(any::<bool>(), 24),
    ) {
        let answers = answers.into_iter().map(|(at, item, about, points)| {
            let answer = got(["product", "service", ""][item], points);
            (at * 200, if about == 1 { answer.with_about("north") } else { answer })
        });
        let log = log(answers);
        let of = |log: &mut dyn Iterator<Item = &Interaction>| {
            let mut state = CustomerState::with_rules(SummaryPolicy::default(), Arc::new(open()));
            for interaction in log {
                state.observe(interaction).unwrap();
            }
            state
        };
        let said = |state: &CustomerState| {
            let summary = state.summary(customer(), day(2_000)).unwrap();
            summary.exchange().unwrap().cloned()
        };
        let whole = said(&of(&mut log.iter()));
        let at_once = ExchangeEvidence::from_interactions(&log, day(2_000), &open());
        prop_assert_eq!(whole.clone().unwrap_or_default(), at_once);
        prop_assert_eq!(difference(&whole, &said(&of(&mut log.iter().rev()))), None);
        let part = |which| {
            let part = log.iter().zip(&split).filter(|(_, s)| **s == which);
            of(&mut part.map(|(interaction, _)| interaction))
        };
        let (mut one, mut other) = (part(true), part(false));
        let first = one.clone();
        one.merge(&other).unwrap();
        other.merge(&first).unwrap();
        for merged in [one, other] {
            prop_assert_eq!(difference(&whole, &said(&merged)), None);
        }
    }
}
