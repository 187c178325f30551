//! Quantities written as JSON come back the same, and nothing invalid comes in that way.
#![cfg(feature = "serde")]

use guanxi::quantity::{
    Currency, DiscountRate, Estimate, Fraction, HalfLife, Horizon, Interval, Money, Probability,
    Span, TimeUnit, Valence,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

/// Asserts that a value is written as this JSON and read back from it.
fn round_trips<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, json: &str) {
    assert_eq!(serde_json::to_string(value).unwrap(), json);
    assert_eq!(serde_json::from_str::<T>(json).unwrap(), *value);
    // A reader that goes through a tree of values sees the same.
    let tree: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::from_value::<T>(tree).unwrap(), *value);
}

/// Asserts that each text is refused, and gives the last message.
fn refuses<T: DeserializeOwned + Debug>(texts: &[&str]) -> String {
    let mut message = String::new();
    for text in texts {
        message = match serde_json::from_str::<T>(text) {
            Ok(value) => panic!("{text} was read as {value:?}"),
            Err(error) => error.to_string(),
        };
    }
    message
}

#[test]
fn a_currency_is_its_code() {
    round_trips(&Currency::EUR, r#""EUR""#);
    round_trips(&Currency::new("QQQ").unwrap(), r#""QQQ""#);
    let message = refuses::<Currency>(&[r#""""#, r#""EURO""#, "978", "null", r#""eur""#]);
    assert!(message.contains(r#"three upper-case ASCII letters, got "eur""#));
}

#[test]
fn money_is_text_with_its_minor_units() {
    let money = |text: &str, code: &str| Money::parse(text, Currency::new(code).unwrap()).unwrap();
    round_trips(
        &money("41", "EUR"),
        r#"{"amount":"41.00","currency":"EUR"}"#,
    );
    round_trips(&money("41", "JPY"), r#"{"amount":"41","currency":"JPY"}"#);
    round_trips(
        &money("-0.000000001", "KWD"),
        r#"{"amount":"-0.000000001","currency":"KWD"}"#,
    );
    round_trips(
        &money("1000000000000000000", "XAU"),
        r#"{"amount":"1000000000000000000","currency":"XAU"}"#,
    );
}

#[test]
fn money_refuses_numbers_excess_digits_and_unknown_fields() {
    let message = refuses::<Money>(&[
        r#"{"amount":41,"currency":"EUR"}"#,
        r#"{"amount":"41.00"}"#,
        r#"{"currency":"EUR"}"#,
        r#"{"amount":"41.00","currency":"EUR","rate":"1.1"}"#,
        r#"{"amount":"41,00","currency":"EUR"}"#,
        r#"{"amount":"4.1e1","currency":"EUR"}"#,
        r#"{"amount":"NaN","currency":"EUR"}"#,
        r#"{"amount":"","currency":"EUR"}"#,
        r#"{"amount":null,"currency":"EUR"}"#,
        r#"{"amount":"0.0000000001","currency":"EUR"}"#,
        r#"{"amount":"1.0000000000000000000000000000000000000001","currency":"EUR"}"#,
        r#"{"amount":"1000000000000000000.01","currency":"EUR"}"#,
        r#"{"amount":"41.00","currency":"euro"}"#,
        r#"{"amount":41.5,"currency":"EUR"}"#,
    ]);
    assert!(message.contains("expected a string"), "{message}");
}

#[test]
fn time_is_written_with_its_unit() {
    round_trips(&TimeUnit::Week, r#""week""#);
    round_trips(
        &Span::weeks(39.0).unwrap(),
        r#"{"length":39.0,"unit":"week"}"#,
    );
    round_trips(
        &Horizon::Finite(Span::years(1.0).unwrap()),
        r#"{"finite":{"length":1.0,"unit":"year"}}"#,
    );
    round_trips(&Horizon::Infinite, r#""infinite""#);
    refuses::<TimeUnit>(&[r#""weeks""#, r#""Week""#, "7"]);
    let message = refuses::<Span>(&[
        r#"{"length":1.0}"#,
        r#"{"length":null,"unit":"day"}"#,
        r#"{"length":3.2e13,"unit":"year"}"#,
        r#"{"length":1.0,"unit":"day","from":"now"}"#,
        "7.0",
        r#"{"length":-1.0,"unit":"day"}"#,
    ]);
    assert!(message.contains("from 0 to 1e21 seconds"), "{message}");
    refuses::<Horizon>(&[
        r#"{"finite":{"length":-1.0,"unit":"year"}}"#,
        r#"{"finite":{"length":1.0,"unit":"year","x":1}}"#,
        r#""endless""#,
        "null",
    ]);
}

#[test]
fn a_discount_rate_is_written_as_it_was_given() {
    round_trips(&DiscountRate::annual(0.15).unwrap(), r#"{"annual":0.15}"#);
    round_trips(
        &DiscountRate::continuous(0.0027, TimeUnit::Week).unwrap(),
        r#"{"continuous":{"rate":0.0027,"unit":"week"}}"#,
    );
    round_trips(&DiscountRate::ZERO, r#"{"annual":0.0}"#);
    let message = refuses::<DiscountRate>(&[
        "0.15",
        r#"{"weekly":0.15}"#,
        r#"{"annual":null}"#,
        r#"{"continuous":{"rate":0.0027}}"#,
        r#"{"continuous":{"rate":-0.0027,"unit":"week"}}"#,
        r#"{"continuous":{"rate":0.0027,"unit":"week","per":"year"}}"#,
        r#"{"annual":-0.15}"#,
        r#"{"continuous":{"rate":1e-318,"unit":"week"}}"#,
        r#"{"annual":1e-318}"#,
    ]);
    assert!(
        message.contains("discount rate must be 0 or a finite number at or above 1e-15"),
        "{message}"
    );
}

#[test]
fn a_half_life_is_a_span_or_never() {
    round_trips(
        &HalfLife::new(Span::days(90.0).unwrap()).unwrap(),
        r#"{"span":{"length":90.0,"unit":"day"}}"#,
    );
    round_trips(&HalfLife::NEVER, r#""never""#);
    refuses::<HalfLife>(&[
        r#"{"span":{"length":0.0,"unit":"day"}}"#,
        r#"{"span":{"length":-1.0,"unit":"day"}}"#,
        r#"{"span":{"length":1.0,"unit":"day","half":true}}"#,
        "null",
        "90.0",
    ]);
}

#[test]
fn bounded_numbers_are_plain_numbers_within_their_bounds() {
    round_trips(&Probability::new(0.25).unwrap(), "0.25");
    round_trips(&Fraction::new(1.0).unwrap(), "1.0");
    round_trips(&Valence::new(-0.5).unwrap(), "-0.5");
    refuses::<Probability>(&["-0.1", "1.1", "null", r#""0.5""#]);
    refuses::<Fraction>(&["-0.1", "1.1", "null", "40"]);
    refuses::<Valence>(&["-1.1", "1.1", "null", "[0.5]"]);
    // Negative zero comes in as zero.
    let zero: Probability = serde_json::from_str("-0.0").unwrap();
    assert_eq!(serde_json::to_string(&zero).unwrap(), "0.0");
}

#[test]
fn estimates_come_with_or_without_an_interval() {
    let estimate = Estimate::new(0.5, 0.125, 3.0).unwrap();
    round_trips(&estimate, r#"{"mean":0.5,"sd":0.125,"n_eff":3.0}"#);
    let interval = Interval::new(0.25, 0.75, Probability::new(0.9).unwrap()).unwrap();
    round_trips(&interval, r#"{"lower":0.25,"upper":0.75,"level":0.9}"#);
    round_trips(
        &estimate.with_interval(interval),
        r#"{"mean":0.5,"sd":0.125,"n_eff":3.0,"interval":{"lower":0.25,"upper":0.75,"level":0.9}}"#,
    );
    refuses::<Estimate>(&[
        r#"{"mean":0.5,"sd":-0.1,"n_eff":3.0}"#,
        r#"{"mean":0.5,"sd":0.1,"n_eff":-3.0}"#,
        r#"{"mean":null,"sd":0.1,"n_eff":3.0}"#,
        r#"{"mean":0.5,"sd":0.1}"#,
        r#"{"mean":0.5,"sd":0.1,"n_eff":3.0,"median":0.5}"#,
        r#"{"mean":0.5,"sd":0.1,"n_eff":3.0,"interval":{"lower":1.0,"upper":0.0,"level":0.9}}"#,
    ]);
    refuses::<Interval>(&[
        r#"{"lower":0.25,"upper":0.75,"level":1.0}"#,
        r#"{"lower":0.25,"upper":0.75,"level":0.0}"#,
        r#"{"lower":0.25,"upper":0.75}"#,
        r#"{"lower":0.25,"upper":0.75,"level":0.9,"width":0.5}"#,
    ]);
}
