//! Interactions written as JSON come back the same, and nothing invalid comes in that way. The
//! defaults of every kind are asserted as numbers.
#![cfg(feature = "serde")]

mod support;

use std::fmt::Debug;

use guanxi::history::{
    Alias, AsOf, Channel, ConsentChange, ConsentRecord, ContactPerson, Customer, CustomerId,
    HistoryError, Initiator, Interaction, Kind, OtherKind, PartyKind, Purpose, Rank, Role, Tag,
    Timeline, Value,
};
use guanxi::quantity::{Currency, Fraction, Money, Valence};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde::Serialize;
use serde::de::DeserializeOwned;
use support::history::{
    any_history, any_interaction, any_kind, any_other_kind, any_value, customer, day, eur, id,
};

fn read(json: &str) -> Kind {
    match serde_json::from_str(json) {
        Ok(kind) => kind,
        Err(error) => panic!("{json} was refused: {error}"),
    }
}

/// The message without the position in the text.
fn refused<T: DeserializeOwned + Debug>(json: &str) -> String {
    match serde_json::from_str::<T>(json) {
        Ok(value) => panic!("{json} was read as {value:?}"),
        Err(error) => {
            let message = error.to_string();
            let end = message.find(" at line ").unwrap_or(message.len());
            message[..end].to_owned()
        }
    }
}

fn round_trip<T: Serialize + DeserializeOwned>(value: &T) -> [T; 2] {
    let text = serde_json::to_string(value).unwrap();
    let tree = serde_json::to_value(value).unwrap();
    [
        serde_json::from_str(&text).unwrap(),
        serde_json::from_value(tree).unwrap(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        rng_seed: RngSeed::Fixed(20_260_101),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Every known kind comes back as it was.
    #[test]
    fn every_kind_round_trips(kind in any_kind()) {
        for back in round_trip(&kind) {
            prop_assert_eq!(&back, &kind);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_101),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// An unknown kind comes back as it was, and is written again letter for letter.
    #[test]
    fn an_unknown_kind_is_kept_verbatim(kind in any_other_kind(), value in any_value()) {
        let text = serde_json::to_string(&kind).unwrap();
        let back: Kind = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&back, &kind);
        prop_assert_eq!(serde_json::to_string(&back).unwrap(), text);

        let text = serde_json::to_string(&value).unwrap();
        let back: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(serde_json::to_string(&back).unwrap(), text);
        prop_assert_eq!(back, value);
    }

    /// Interactions and timelines come back as they were.
    #[test]
    fn interactions_and_timelines_round_trip(one in any_interaction(), history in any_history()) {
        for back in round_trip(&one) {
            prop_assert_eq!(&back, &one);
        }
        let mut timeline = Timeline::new(customer());
        for interaction in history {
            timeline.record(interaction)?;
        }
        for back in round_trip(&timeline) {
            prop_assert_eq!(&back, &timeline);
        }
    }
}

#[test]
fn an_interaction_is_one_flat_object() {
    let json = r#"{"id":"i-1","customer":"c-1","occurred_at":"1970-01-02T00:00:00Z","recorded_at":"1970-01-03T00:00:00Z","initiator":"firm","channel":"in_person","valence":-0.5,"arousal":0.25,"episode":"e","corrects":"i-0","kind":{"purchase":{"amount":{"amount":"41.00","currency":"EUR"},"category":"tea"}}}"#;
    let interaction: Interaction = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&interaction).unwrap(), json);
    assert_eq!(interaction.recorded_at(), day(2));
    assert_eq!(interaction.initiator(), Some(Initiator::Firm));
    assert_eq!(interaction.channel(), Some(Channel::InPerson));
    assert_eq!(interaction.corrects(), Some(&id("i-0")));
    assert_eq!(
        interaction.episode().map(ToString::to_string),
        Some("e".to_owned())
    );
    let Kind::Purchase(purchase) = interaction.kind() else {
        panic!("not a purchase");
    };
    assert_eq!(purchase.amount(), eur("41.00"));

    let least = r#"{"id":"i","customer":"c","occurred_at":"1970-01-02T00:00:00Z","kind":{"community":{"event":"joined"}}}"#;
    let interaction: Interaction = serde_json::from_str(least).unwrap();
    assert_eq!(serde_json::to_string(&interaction).unwrap(), least);

    for (old, new, message) in [
        (
            r#""id":"i""#,
            r#""id":" i""#,
            "interaction id must be 1 to 256 bytes of text without control characters or surrounding white space, got \" i\"",
        ),
        (r#""id":"i","#, "", "missing field `id`"),
        (r#""customer":"c","#, "", "missing field `customer`"),
        (
            "1970-01-02T00:00:00Z",
            "yesterday",
            r#"invalid value: string "yesterday", expected an instant such as "2024-03-01T00:00:00Z""#,
        ),
        (
            r#""id":"i""#,
            r#""id":"i","valnce":1"#,
            "unknown field `valnce`, expected one of `id`, `customer`, `occurred_at`, `recorded_at`, `initiator`, `channel`, `valence`, `arousal`, `episode`, `corrects`, `kind`",
        ),
        (
            r#""id":"i""#,
            r#""id":"i","valence":1.5"#,
            "valence must be between -1 and 1, got 1.5",
        ),
        (
            r#"{"community":{"event":"joined"}}"#,
            r#"{"delivery":{"delivered_at":"1970-01-03T00:00:00Z"}}"#,
            "interaction i: delivered_at of delivery must not be after it occurred at 1970-01-02 00:00:00 UTC, got 1970-01-03 00:00:00 UTC",
        ),
    ] {
        let json = least.replacen(old, new, 1);
        assert_eq!(refused::<Interaction>(&json), message);
    }
}

#[test]
fn an_unknown_name_is_another_kind_and_a_malformed_known_one_is_none() {
    let text = r#"{"moved_house":{"b":[1,-1,1.5,18446744073709551615,null,true,"x"],"a":{}}}"#;
    let kind = read(text);
    assert_eq!((kind.name(), kind.number()), ("moved_house", None));
    assert_eq!(kind.default_valence(), None);
    assert_eq!(kind.default_arousal(), None);
    assert_eq!(kind.default_initiator(), None);
    assert_eq!(serde_json::to_string(&kind).unwrap(), text);

    let other = |payload| Kind::from(OtherKind::new("moved_house", payload).unwrap());
    assert_eq!(read(r#""moved_house""#), other(Value::Null));
    assert_eq!(read(r#"{"moved_house":null}"#), other(Value::Null));
    assert_eq!(
        read(r#""service_request""#),
        read(r#"{"service_request":{}}"#)
    );
    assert_eq!(
        OtherKind::new("purchase", Value::Null),
        Err(HistoryError::KnownKind { name: "purchase" })
    );

    for (json, message) in [
        (r#""purchase""#, "purchase: missing field amount"),
        (r#"{"purchase":{}}"#, "purchase: missing field amount"),
        (
            r#"{"purchase":null}"#,
            "invalid type: null, expected the fields of purchase",
        ),
        (
            r#"{"nps_survey":{"score":9.5}}"#,
            "nps_survey: score: invalid type: floating point `9.5`, expected i32",
        ),
        (
            r#"{"quote":{"event":"sold"}}"#,
            "quote: event: unknown variant `sold`, expected one of `requested`, `issued`, `won`, `lost`",
        ),
        (r#"{"consent":{"granted":{}}}"#, "missing field `purpose`"),
        (
            r#"{"nps_survey":{"score":9},"csat_survey":{"score":5}}"#,
            "invalid length 2, expected a map from the name of one kind to its payload",
        ),
        (
            "{}",
            "invalid length 0, expected a map from the name of one kind to its payload",
        ),
        (
            "9",
            "invalid type: integer `9`, expected a map from the name of one kind to its payload",
        ),
    ] {
        assert_eq!(refused::<Kind>(json), message);
    }
}

/// For each kind: a payload that lacks what it needs, and what is then missing.
#[test]
fn a_payload_that_lacks_what_it_needs_is_refused_by_the_name_of_the_field() {
    let money = r#""amount":{"amount":"1","currency":"EUR"}"#;
    for (kind, payload, field) in [
        ("purchase", "", "amount"),
        ("return", r#""reason":"defect""#, "amount"),
        ("quote", "", "event"),
        ("contact", r#""minutes":3"#, "direction"),
        ("nps_survey", "", "score"),
        ("csat_survey", "", "score"),
        ("ces_survey", r#""reversed":true"#, "score"),
        ("survey_item", r#""construct":"trust","value":3"#, "scale"),
        ("qualitative_note", r#""coder":"a""#, "themes"),
        ("referral_converted", "", "newcomer"),
        ("influence_attributed", r#""share":1,"depth":1"#, "margin"),
        ("loyalty", r#""points":"1""#, "event"),
        ("profile_attribute", r#""value":"x""#, "field"),
        ("preference_observed", "", "category"),
        ("info_shared", r#""depth":"tactical""#, "flow"),
        ("contract", "", "event"),
        ("cost_to_serve", "", "amount"),
        ("concession", "", "amount"),
        ("investment", r#""purpose":"other""#, "amount"),
        ("promise", "", "event"),
        ("delivery", r#""defect":true"#, "delivered_at"),
        ("payment", money, "event"),
        (
            "executive_contact",
            r#""rank_ours":"director""#,
            "rank_theirs",
        ),
        ("community", "", "event"),
        ("offer", "", "event"),
        ("relationship", r#""cause":"price""#, "event"),
    ] {
        let json = format!(r#"{{"{kind}":{{{payload}}}}}"#);
        assert_eq!(
            refused::<Kind>(&json),
            format!("{kind}: missing field {field}")
        );
    }
    for kind in [
        "service_request",
        "complaint_opened",
        "complaint_resolved",
        "review",
        "referral_made",
        "feedback",
    ] {
        assert_eq!(read(&format!(r#"{{"{kind}":{{}}}}"#)).name(), kind); // nothing is needed
    }
}

#[test]
fn every_payload_refuses_a_field_it_does_not_know() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for number in 1..=34 {
        let tree = support::history::any_kind_numbered(number).new_tree(&mut runner);
        let kind = proptest::strategy::ValueTree::current(&tree.unwrap());
        let text = serde_json::to_string(&kind).unwrap();
        if number == 30 || number == 31 {
            continue; // steps of their own, below
        }
        let text = text.replace("{}", r#"{"surprise":1}"#);
        let json = match text.strip_suffix(r#"{"surprise":1}}"#) {
            Some(_) => text,
            None => format!(r#"{},"surprise":1}}}}"#, &text[..text.len() - 2]),
        };
        let message = refused::<Kind>(&json);
        assert!(
            message.contains(": unknown field \"surprise\", expected "),
            "{json}: {message}"
        );
    }
    for (json, message) in [
        (
            r#"{"consent":{"granted":{"purpose":"service","surprise":1}}}"#,
            "unknown field `surprise`, expected `purpose`",
        ),
        (
            r#"{"consent":{"erasure_requested":{"purpose":"service"}}}"#,
            "invalid type: map, expected unit",
        ),
        (
            r#"{"partnership":{"equity_tie":{"fraction":0.5,"surprise":1}}}"#,
            "unknown field `surprise`, expected `fraction`",
        ),
        (
            r#"{"partnership":{"alliance_agreement":{"surprise":1}}}"#,
            "unknown field `surprise`, expected `form`",
        ),
        (
            r#"{"nps_survey":{"score":9,"score":9}}"#,
            "nps_survey: duplicate field score",
        ),
        (
            r#"{"nps_survey":[9]}"#,
            "invalid type: sequence, expected the fields of nps_survey",
        ),
    ] {
        assert_eq!(refused::<Kind>(json), message);
    }
    let whole = serde_json::from_str::<Kind>(r#"{"complaint_opened":{"severity":2}}"#);
    assert_eq!(
        whole.unwrap_err().to_string(),
        "complaint_opened: severity: fraction must be between 0 and 1, got 2.0 at line 1 column 34"
    );
}

/// For each amount of a payload: below 0, in another currency, and as a number.
#[test]
fn an_amount_is_at_or_above_0_in_one_currency_and_written_as_text() {
    let eur = |amount: &str| format!(r#"{{"amount":"{amount}","currency":"EUR"}}"#);
    let (one, minus) = (eur("1.00"), eur("-0.01"));
    let usd = r#"{"amount":"1.00","currency":"USD"}"#;

    let amounts: &[(&str, &str, &[&str])] = &[
        (
            "purchase",
            r#""amount":ONE"#,
            &["amount", "cost", "list_price", "discount"],
        ),
        ("return", r#""amount":ONE"#, &["amount"]),
        ("quote", r#""event":"won""#, &["amount"]),
        ("contact", r#""direction":"inbound""#, &["cost"]),
        ("service_request", r#""topic":"x""#, &["cost"]),
        ("complaint_resolved", r#""quality":1"#, &["cost"]),
        (
            "referral_converted",
            r#""newcomer":"n""#,
            &["reward_cost", "marketing_cost", "acquisition_saving"],
        ),
        (
            "influence_attributed",
            r#""share":1,"depth":1,"margin":ONE"#,
            &["margin"],
        ),
        ("loyalty", r#""event":"enrolled""#, &["cost"]),
        ("feedback", r#""topic":"x""#, &["value"]),
        ("contract", r#""event":"signed""#, &["value"]),
        ("cost_to_serve", r#""amount":ONE"#, &["amount"]),
        ("concession", r#""amount":ONE"#, &["amount"]),
        ("investment", r#""amount":ONE"#, &["amount"]),
        ("payment", r#""event":"due""#, &["amount"]),
        ("offer", r#""event":"shown""#, &["cost"]),
    ];
    for (kind, needed, fields) in amounts {
        for field in *fields {
            let stated = format!(r#""{field}":ONE"#);
            let without = needed
                .replace(&format!(",{stated}"), "")
                .replace(&stated, "");
            let comma = if without.is_empty() { "" } else { "," };
            let json = |amount: &str| {
                let body = format!(r#"{{"{kind}":{{{without}{comma}"{field}":{amount}}}}}"#);
                body.replace("ONE", &one)
            };
            read(&json(&one));
            assert_eq!(
                refused::<Kind>(&json(&minus)),
                format!("{kind}: {field} must be an amount at or above 0, got -0.01 EUR")
            );
            let number = json(r#"{"amount":1.5,"currency":"EUR"}"#);
            assert!(refused::<Kind>(&number).contains("floating point `1.5`"));
        }
    }
    for field in ["cost", "list_price", "discount"] {
        let json = format!(r#"{{"purchase":{{"amount":{one},"{field}":{usd}}}}}"#);
        assert_eq!(
            refused::<Kind>(&json),
            format!("purchase: {field} must be in EUR like the other amounts, got USD")
        );
    }
    let json = format!(
        r#"{{"referral_converted":{{"newcomer":"n","reward_cost":{usd},"acquisition_saving":{one}}}}}"#
    );
    assert_eq!(
        refused::<Kind>(&json),
        "referral_converted: acquisition_saving must be in USD like the other amounts, got EUR"
    );
    let json = format!(r#"{{"partnership":{{"joint_project":{{"value":{minus},"share":0.5}}}}}}"#);
    assert_eq!(
        refused::<Kind>(&json),
        "joint_project: value must be an amount at or above 0, got -0.01 EUR"
    );
}

/// The lines of JSON in the documentation of [`Kind`].
fn documented() -> Vec<&'static str> {
    let text = include_str!("../src/history/kind/kinds.md");
    let lines = text.lines().skip_while(|line| *line != "```json").skip(1);
    lines.take_while(|line| *line != "```").collect()
}

#[test]
fn the_documentation_shows_every_kind_as_it_is_written() {
    let lines = documented();
    assert_eq!(lines.len(), 34);
    for ((line, name), number) in lines.into_iter().zip(Kind::ALL_NAMES).zip(1..) {
        let kind = read(line);
        assert_eq!((kind.name(), kind.number()), (name, Some(number)));
        assert_eq!(serde_json::to_string(&kind).unwrap(), line);
    }
}

#[test]
fn a_value_in_another_form_is_answered_with_the_form_it_has() {
    let instant = r#"written as "2024-03-01T00:00:00Z": "#;
    let money = r#"written as {"amount":"12.50","currency":"EUR"}: "#;
    for (json, form) in [
        (r#"{"payment":{"event":"due","due_at":"1 March"}}"#, instant),
        (r#"{"delivery":{"delivered_at":20240301}}"#, instant),
        (r#"{"purchase":{"amount":12.5}}"#, money),
        (r#"{"offer":{"event":"shown","cost":"12.50 EUR"}}"#, money),
        (
            r#"{"loyalty":{"event":"enrolled","points":[]}}"#,
            r#"written as "12.5": "#,
        ),
        (
            r#"{"contract":{"event":"signed","term":"a year"}}"#,
            r#"written as {"length":12.0,"unit":"month"}: "#,
        ),
    ] {
        let message = refused::<Kind>(json);
        assert!(message.contains(form), "{message}");
    }
    // The forms that are shown can be read.
    read(r#"{"payment":{"event":"due","due_at":"2024-03-01T00:00:00Z"}}"#);
    read(r#"{"purchase":{"amount":{"amount":"12.50","currency":"EUR"},"quantity":"12.5"}}"#);
    read(r#"{"contract":{"event":"signed","term":{"length":12.0,"unit":"month"}}}"#);
    for field in ["occurred_at", "recorded_at"] {
        let json = format!(r#"{{"id":"i","customer":"c","{field}":5}}"#);
        assert!(refused::<Interaction>(&json).ends_with(r#"such as "2024-03-01T00:00:00Z""#));
    }
}

/// A payload outside another range, and the message.
const OUT_OF_RANGE: &str = r#"
{"purchase":{"amount":{"amount":"1","currency":"EUR"},"quantity":"-1"}} => purchase: quantity must be at or above 0, got -1
{"quote":{"event":"lost","price_gap":-1.5}} => quote: price_gap must be a finite fraction at or above -1, got -1.5
{"contact":{"direction":"inbound","minutes":-2}} => contact: minutes: duration in minutes must be a length of time from 0 to 1e21 seconds, got -2.0
{"contact":{"direction":"inbound","response_minutes":-2}} => contact: response_minutes: duration in minutes must be a length of time from 0 to 1e21 seconds, got -2.0
{"service_request":{"ease":8}} => service_request: ease must be a whole number from 1 to 7, got 8
{"service_request":{"hand_overs":-1}} => service_request: hand_overs: invalid value: integer `-1`, expected u32
{"complaint_opened":{"severity":1.1}} => complaint_opened: severity: fraction must be between 0 and 1, got 1.1
{"complaint_resolved":{"quality":-0.1}} => complaint_resolved: quality: fraction must be between 0 and 1, got -0.1
{"complaint_resolved":{"latency_minutes":-1}} => complaint_resolved: latency_minutes: duration in minutes must be a length of time from 0 to 1e21 seconds, got -1.0
{"nps_survey":{"score":11}} => nps_survey: score must be a whole number from 0 to 10, got 11
{"nps_survey":{"score":-1}} => nps_survey: score must be a whole number from 0 to 10, got -1
{"csat_survey":{"score":0}} => csat_survey: score must be a whole number from 1 to 5, got 0
{"csat_survey":{"score":6}} => csat_survey: score must be a whole number from 1 to 5, got 6
{"ces_survey":{"score":0}} => ces_survey: score must be a whole number from 1 to 7, got 0
{"ces_survey":{"score":8}} => ces_survey: score must be a whole number from 1 to 7, got 8
{"survey_item":{"construct":"trust","value":6,"scale":{"lowest":1,"highest":5}}} => survey_item: value must be from 1.0 to 5.0, got 6.0
{"survey_item":{"construct":"trust","value":1,"scale":{"lowest":1,"highest":1}}} => survey_item: scale: a scale must rise between two finite numbers, got 1.0 to 1.0
{"review":{"stars":5.5}} => review: stars must be from 1.0 to 5.0, got 5.5
{"review":{"stars":0}} => review: stars must be from 1.0 to 5.0, got 0.0
{"review":{"sentiment":-1.5}} => review: sentiment: valence must be between -1 and 1, got -1.5
{"review":{"reach":-1}} => review: reach: invalid value: integer `-1`, expected u64
{"qualitative_note":{"themes":[],"valence":2}} => qualitative_note: valence: valence must be between -1 and 1, got 2.0
{"referral_converted":{"newcomer":"n","probability_anyway":2}} => referral_converted: probability_anyway: probability must be between 0 and 1, got 2.0
{"referral_made":{"prospect":""}} => referral_made: prospect: customer id must be 1 to 256 bytes of text without control characters or surrounding white space, got ""
{"influence_attributed":{"margin":{"amount":"1","currency":"EUR"},"share":1,"depth":0}} => influence_attributed: depth must be a whole number at or above 1, got 0.0
{"influence_attributed":{"margin":{"amount":"1","currency":"EUR"},"share":1.5,"depth":1}} => influence_attributed: share: fraction must be between 0 and 1, got 1.5
{"loyalty":{"event":"points_earned","points":"-5"}} => loyalty: points must be at or above 0, got -5
{"profile_attribute":{"field":"f","reliability":1.5}} => profile_attribute: reliability: fraction must be between 0 and 1, got 1.5
{"preference_observed":{"category":"c","weight":-1}} => preference_observed: weight must be a number from 0 to 1e12, got -1.0
{"preference_observed":{"category":"c","weight":1000000000000.1}} => preference_observed: weight must be a number from 0 to 1e12, got 1000000000000.1
{"preference_observed":{"category":"c","weight":1e300}} => preference_observed: weight must be a number from 0 to 1e12, got 1e300
{"feedback":{"quality":1.5}} => feedback: quality: fraction must be between 0 and 1, got 1.5
{"feedback":{"probability_realised":1.5}} => feedback: probability_realised: probability must be between 0 and 1, got 1.5
{"contract":{"event":"signed","term":{"length":-1,"unit":"month"}}} => contract: term, written as {"length":12.0,"unit":"month"}: span must be a length of time from 0 to 1e21 seconds, got -1.0
{"promise":{"event":"broken","severity":2}} => promise: severity: fraction must be between 0 and 1, got 2.0
{"delivery":{"delivered_at":"1970-01-01T00:00:00Z","ordered_at":"1970-01-02T00:00:00Z"}} => delivery: delivered_at must not be before ordered_at at 1970-01-02 00:00:00 UTC, got 1970-01-01 00:00:00 UTC
{"payment":{"event":"due","paid_at":"1970-01-02T00:00:00Z"}} => payment: paid_at belongs to the event received alone, got the event due
{"partnership":{"goal_review":{"alignment":1.5}}} => goal_review: alignment: fraction must be between 0 and 1, got 1.5
{"partnership":{"equity_tie":{"fraction":-0.5}}} => fraction must be between 0 and 1, got -0.5
"#;

#[test]
fn a_payload_outside_its_range_is_refused() {
    for line in OUT_OF_RANGE.trim().lines() {
        let (json, message) = line.split_once(" => ").unwrap();
        assert_eq!(refused::<Kind>(json), message);
    }
}

/// Each kind, and each payload that changes its defaults: number, who begins it (customer, firm,
/// third party or anyone), valence, arousal, and how it is written.
const DEFAULTS: &str = r#"
1 C 0.1 0.2 {"purchase":{"amount":{"amount":"1","currency":"EUR"}}}
2 C -0.2 0.4 {"return":{"amount":{"amount":"1","currency":"EUR"}}}
3 C 0 0.2 {"quote":{"event":"requested"}}
3 F 0 0.2 {"quote":{"event":"issued"}}
3 C 0 0.2 {"quote":{"event":"won"}}
3 C -0.1 0.2 {"quote":{"event":"lost"}}
4 C 0 0.2 {"contact":{"direction":"inbound"}}
4 F 0 0.2 {"contact":{"direction":"outbound"}}
5 C -0.05 0.3 {"service_request":{}}
6 C -0.3 0.8 {"complaint_opened":{"severity":0}}
6 C -0.5 0.8 {"complaint_opened":{"severity":0.4}}
6 C -0.8 0.8 {"complaint_opened":{"severity":1}}
6 C - 0.8 {"complaint_opened":{}}
7 F -0.6 0.7 {"complaint_resolved":{"quality":0}}
7 F 0 0.7 {"complaint_resolved":{"quality":0.5}}
7 F 0.6 0.7 {"complaint_resolved":{"quality":1}}
7 F - 0.7 {"complaint_resolved":{}}
8 C -1 1 {"nps_survey":{"score":0}}
8 C -0.2 1 {"nps_survey":{"score":6}}
8 C -0.066666666666667 1 {"nps_survey":{"score":7}}
8 C 0.2 1 {"nps_survey":{"score":8}}
8 C 0.6 1 {"nps_survey":{"score":9}}
8 C 1 1 {"nps_survey":{"score":10}}
9 C -1 1 {"csat_survey":{"score":1}}
9 C -0.5 1 {"csat_survey":{"score":2}}
9 C 1 1 {"csat_survey":{"score":5}}
10 C -1 1 {"ces_survey":{"score":1}}
10 C 0.333333333333333 1 {"ces_survey":{"score":5}}
10 C 1 1 {"ces_survey":{"score":7}}
10 C -1 1 {"ces_survey":{"score":7,"reversed":true}}
11 C - 1 {"survey_item":{"construct":"trust","value":4,"scale":{"lowest":1,"highest":5}}}
11 C 0.5 1 {"survey_item":{"construct":"affect","value":4,"scale":{"lowest":1,"highest":5}}}
12 C 0.5 1 {"review":{"stars":4}}
12 C 0.7 1 {"review":{"sentiment":0.7}}
12 C -1 1 {"review":{"stars":1,"sentiment":0.7}}
12 C - 1 {"review":{}}
13 F -0.3 0.5 {"qualitative_note":{"themes":["price"],"valence":-0.3}}
13 F - 0.5 {"qualitative_note":{"themes":[]}}
14 C 0.8 0.6 {"referral_made":{}}
15 T 0.3 0.3 {"referral_converted":{"newcomer":"n"}}
16 T 0 0 {"influence_attributed":{"margin":{"amount":"1","currency":"EUR"},"share":1,"depth":1}}
17 C 0.15 0.3 {"loyalty":{"event":"enrolled"}}
17 C 0.15 0.3 {"loyalty":{"event":"points_earned"}}
17 C 0.15 0.3 {"loyalty":{"event":"points_redeemed"}}
17 F -0.1 0.3 {"loyalty":{"event":"points_expired"}}
17 F 0.15 0.3 {"loyalty":{"event":"status_changed"}}
18 - 0 0.1 {"profile_attribute":{"field":"size"}}
19 C 0 0.1 {"preference_observed":{"category":"tea"}}
20 C 0.1 0.4 {"feedback":{}}
21 C 0.05 0.2 {"info_shared":{"flow":"to_firm","depth":"strategic"}}
21 F 0.05 0.2 {"info_shared":{"flow":"to_customer","depth":"tactical"}}
21 - 0.05 0.2 {"info_shared":{"flow":"mutual","depth":"operational"}}
22 C 0.3 0.5 {"contract":{"event":"signed"}}
22 C 0.3 0.5 {"contract":{"event":"renewed"}}
22 C -0.6 0.5 {"contract":{"event":"cancelled"}}
22 C -0.1 0.5 {"contract":{"event":"expired"}}
23 F - - {"cost_to_serve":{"amount":{"amount":"1","currency":"EUR"}}}
24 F 0.1 0.3 {"concession":{"amount":{"amount":"1","currency":"EUR"}}}
25 F 0.15 0.3 {"investment":{"amount":{"amount":"1","currency":"EUR"}}}
26 F - 0.7 {"promise":{"event":"made"}}
26 F 0.2 0.7 {"promise":{"event":"kept"}}
26 F -0.7 0.7 {"promise":{"event":"broken"}}
26 C - 0.7 {"promise":{"event":"kept","by":"customer"}}
27 F - 0.4 {"delivery":{"delivered_at":"1970-01-02T00:00:00Z"}}
27 F 0.1 0.4 {"delivery":{"delivered_at":"1970-01-02T00:00:00Z","promised_at":"1970-01-02T00:00:00Z"}}
27 F 0.1 0.4 {"delivery":{"delivered_at":"1970-01-02T00:00:00Z","promised_at":"1970-01-03T00:00:00Z"}}
27 F -0.3 0.4 {"delivery":{"delivered_at":"1970-01-02T00:00:00Z","promised_at":"1970-01-01T00:00:00Z"}}
27 F -0.5 0.4 {"delivery":{"delivered_at":"1970-01-02T00:00:00Z","defect":true}}
28 C - - {"payment":{"event":"due"}}
28 C - - {"payment":{"event":"received"}}
28 C - - {"payment":{"event":"defaulted"}}
28 C - - {"payment":{"event":"disputed"}}
29 - 0.1 0.4 {"executive_contact":{"rank_ours":"director","rank_theirs":"top_executive"}}
30 - 0.2 0.4 {"partnership":{"goal_review":{"alignment":0.5}}}
30 - 0.2 0.4 {"partnership":{"joint_project":{"value":{"amount":"1","currency":"EUR"},"share":0.5}}}
30 - 0.2 0.4 {"partnership":{"equity_tie":{"fraction":0.1}}}
30 - - 0.4 {"partnership":{"equity_tie":{"fraction":0}}}
30 - 0.2 0.4 {"partnership":{"alliance_agreement":{"form":"formal"}}}
31 C - 0.2 {"consent":{"granted":{"purpose":"analytics"}}}
31 C -0.1 0.2 {"consent":{"withdrawn":{"purpose":"analytics"}}}
31 C - 0.2 {"consent":"erasure_requested"}
32 C 0.2 0.4 {"community":{"event":"joined"}}
32 C 0.2 0.4 {"community":{"event":"posted"}}
32 C 0.2 0.4 {"community":{"event":"attended"}}
33 F 0 0.1 {"offer":{"event":"shown"}}
33 F 0 0.1 {"offer":{"event":"accepted"}}
33 F 0 0.1 {"offer":{"event":"ignored"}}
34 - -0.5 0.6 {"relationship":{"event":"ended"}}
34 - 0.4 0.6 {"relationship":{"event":"won_back"}}
"#;

#[test]
fn the_defaults_of_every_kind_are_the_table() {
    let mut seen = std::collections::BTreeSet::new();
    for line in DEFAULTS.trim().lines() {
        let [number, by, valence, arousal, json] =
            <[&str; 5]>::try_from(line.splitn(5, ' ').collect::<Vec<_>>()).unwrap();
        let kind = read(json);
        assert_eq!(kind.number(), number.parse().ok(), "{line}");
        seen.extend(kind.number());
        let initiator = match by {
            "C" => Some(Initiator::Customer),
            "F" => Some(Initiator::Firm),
            "T" => Some(Initiator::Third),
            _ => None,
        };
        assert_eq!(kind.default_initiator(), initiator, "{line}");
        for (found, expected) in [
            (kind.default_valence().map(Valence::value), valence),
            (kind.default_arousal().map(Fraction::value), arousal),
        ] {
            let near = match (found, expected.parse::<f64>().ok()) {
                (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
                (found, expected) => found == expected,
            };
            assert!(near, "{line}: {found:?}");
        }
    }
    assert!(seen.into_iter().eq(1..=34));
}

#[test]
fn customers_consents_and_questions_round_trip() {
    let mut consent = ConsentRecord::default();
    consent.record(ConsentChange::granted(Purpose::Service, day(1)));
    let contact = ContactPerson {
        key: "k".to_owned(),
        rank: Rank::TopExecutive,
    };
    let tag = Tag {
        label: "wholesale".to_owned(),
        confidence: Fraction::new(0.5).unwrap(),
        source: "rule 7".to_owned(),
        at: day(2),
    };
    let customer = Customer::new(customer(), Role::Demander, PartyKind::Organisation)
        .with_contact(contact)
        .unwrap()
        .with_alias(Channel::Web, "w-9")
        .with_tag(tag)
        .with_consent(consent);
    let [back, _] = round_trip(&customer);
    assert_eq!(back, customer);
    let alias = Alias {
        channel: Channel::Web,
        external_id: "w-9".to_owned(),
    };
    assert!(back.aliases().eq([&alias]));
    assert_eq!(back.consent().changes().count(), 1);

    let least = r#"{"id":"c","role":"supplier","kind":"person"}"#;
    let person: Customer = serde_json::from_str(least).unwrap();
    assert_eq!(
        (person.role(), person.kind()),
        (Role::Supplier, PartyKind::Person)
    );
    assert_eq!(person.id(), &CustomerId::new("c").unwrap());
    let contacts = least.replace('}', r#","contacts":[{"key":"k","rank":"none"}]}"#);
    assert_eq!(
        refused::<Customer>(&contacts),
        "customer c: only an organisation has contact persons, got the person \"k\""
    );

    for as_of in [AsOf::at(day(3)), AsOf::at(day(3)).known_at(day(2))] {
        assert_eq!(round_trip(&as_of), [as_of, as_of]);
    }
}

#[test]
fn a_timeline_is_checked_when_it_is_read() {
    let bought = r#"{"id":"i","customer":"c","occurred_at":"1970-01-02T00:00:00Z","kind":{"purchase":{"amount":{"amount":"1","currency":"EUR"}}}}"#;
    let json = |all: &str| format!(r#"{{"customer":"c","interactions":[{all}]}}"#);
    let twice: Timeline = serde_json::from_str(&json(&format!("{bought},{bought}"))).unwrap();
    assert_eq!(twice.len(), 1);
    let other = bought.replace("\"1\"", "\"2\"");
    assert_eq!(
        refused::<Timeline>(&json(&format!("{bought},{other}"))),
        "interaction i is already recorded with other content"
    );
    assert_eq!(
        refused::<Timeline>(&json(&bought.replace("\"c\"", "\"d\""))),
        "interaction i belongs to customer c here, got one of customer d"
    );
    let amount = Money::parse("1", Currency::EUR).unwrap();
    assert!(matches!(
        twice.get(&id("i")).map(Interaction::kind),
        Some(Kind::Purchase(p)) if p.amount() == amount
    ));
}
