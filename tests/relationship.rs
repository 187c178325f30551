//! The reference frame, the four scorers, the relationship they make, why it is worth what it is, and
//! what changed.
#![cfg(all(feature = "serde", feature = "simulate"))]

#[allow(dead_code, unused_imports, reason = "the tests use a part of it")]
#[path = "../examples/support/synthetic.rs"]
mod synthetic;

#[path = "relationship/change.rs"]
mod change;
#[path = "relationship/explanation.rs"]
mod explanation;
#[path = "relationship/frame.rs"]
mod frame;
#[path = "relationship/stored.rs"]
mod stored;
#[path = "relationship/value.rs"]
mod value;

use std::sync::{Arc, OnceLock};

use guanxi::chrono::{DateTime, TimeDelta, Utc};
use guanxi::dimension::{DimensionRules, EmotionalPolicy, ReferenceFrame};
use guanxi::history::{
    AsOf, Consent, CustomerId, Interaction, InteractionId, Kind, NpsSurvey, Promise, PromiseEvent,
    Purpose,
};
use guanxi::model::LifetimeValue;
use guanxi::quantity::Money;
use guanxi::relationship::{CompositionPolicy, RelationshipScorer};
use guanxi::scorer::{ScoreError, Scorer};
use guanxi::summary::{CustomerSummary, LiveBase, SummaryPolicy};
use serde_json::json;

use synthetic::{Synthetic, end_of, generate};

/// What an explanation's parts may be off by.
const EXACT: f64 = 1e-12;

/// A lifetime value that is stated, with an sd.
fn worth(value: f64, sd: f64, n_eff: f64) -> LifetimeValue {
    let interval = json!({"lower": value - sd, "upper": value + sd, "level": 0.9});
    let estimate = json!({"mean": value, "sd": sd, "n_eff": n_eff, "interval": interval});
    serde_json::from_value(json!({
        "currency": "EUR",
        "probability_alive": 1.0,
        "discounted_purchases": 1.0,
        "discounted_lifetime": null,
        "expected_spend": 1.0,
        "gross": value,
        "service_cost": 0.0,
        "n_eff": n_eff,
        "uncertainty": {
            "estimate": estimate,
            "median": value,
            "mean_of_draws": value,
            "probability_of_loss": 0.0,
            "draws": 100,
            "source": "customer",
        },
    }))
    .unwrap()
}

/// Values customers by a rule of thumb: what they bought, less as they fall silent, and less than
/// nothing for who sends it all back.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Thumb;

impl Scorer for Thumb {
    type Score = LifetimeValue;

    fn score(&self, customer: &CustomerSummary) -> Result<LifetimeValue, ScoreError> {
        let Some(rfm) = customer.rfm() else {
            return Err(ScoreError::NoPurchase {
                customer: customer.customer().clone(),
            });
        };
        let spent = customer.money().net_revenue().map_or(0.0, Money::to_f64);
        let silence = rfm.age() - rfm.recency();
        let value = 0.2 * spent * 0.98_f64.powf(silence) - 500.0;
        Ok(worth(
            value,
            0.1 * value.abs() + 1.0,
            f64::from(rfm.frequency()),
        ))
    }
}

/// The synthetic log, in a base.
fn log() -> &'static (Synthetic, LiveBase) {
    static LOG: OnceLock<(Synthetic, LiveBase)> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = generate(5, 80, 2).unwrap();
        let base = base_of(&log.interactions);
        (log, base)
    })
}

fn base_of<'a>(events: impl IntoIterator<Item = &'a Interaction>) -> LiveBase {
    let mut base = LiveBase::new(SummaryPolicy::default());
    for event in events {
        base.observe(event.clone()).unwrap();
    }
    base
}

/// The customers of the log at its end.
fn customers() -> Vec<CustomerSummary> {
    let all = log().1.summaries(AsOf::at(end_of(2)));
    all.collect::<Result<_, _>>().unwrap()
}

/// Rules in which peak and end have a weight.
fn rules(peak_end: f64) -> DimensionRules {
    let emotional = EmotionalPolicy::default().with_peak_end_weight(peak_end);
    DimensionRules::default().with_emotional(emotional.unwrap())
}

/// The frame of the log at its end.
fn frame(rules: DimensionRules) -> Arc<ReferenceFrame> {
    let frame = ReferenceFrame::of(rules, "synthetic", end_of(2), &Thumb, customers());
    Arc::new(frame.unwrap())
}

fn scorer(peak_end: f64, policy: CompositionPolicy) -> RelationshipScorer<Thumb> {
    RelationshipScorer::new(Thumb, frame(rules(peak_end)), policy).unwrap()
}

/// So many days after the epoch.
fn day(n: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(n)
}

fn event(who: &str, id: &str, n: i64, kind: impl Into<Kind>) -> Interaction {
    let (id, who) = (
        InteractionId::new(id).unwrap(),
        CustomerId::new(who).unwrap(),
    );
    Interaction::new(id, who, day(n), kind).unwrap()
}

fn granted() -> Consent {
    Consent::Granted {
        purpose: Purpose::Analytics,
    }
}

fn withdrawn() -> Consent {
    Consent::Withdrawn {
        purpose: Purpose::Analytics,
    }
}

fn kept() -> Promise {
    Promise::new(PromiseEvent::Kept)
}

fn broken() -> Promise {
    Promise::new(PromiseEvent::Broken)
}

fn nps(score: i32) -> NpsSurvey {
    NpsSurvey::new(score).unwrap()
}

/// Asserts that two numbers are one, but for rounding; NaN never is.
fn near(what: &str, found: f64, expected: f64) {
    let off = (found - expected).abs();
    assert!(
        off <= EXACT,
        "{what}: {found:?} is not {expected:?}, off by {off:e}"
    );
}
