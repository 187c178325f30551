//! Trust written down and read again, and what is refused when read.
#![cfg(feature = "serde")]

mod support;

use guanxi::dimension::{TrustBelief, TrustPolicy};
use guanxi::history::{
    ComplaintOpened, Interaction, Kind, Payment, PaymentEvent, Promise, PromiseEvent, ReferralMade,
    TrustFacet,
};
use guanxi::quantity::Probability;
use guanxi::summary::{EvidencePolicy, TrustDirection, TrustEvidence, TrustSource};
use support::assert_close;
use support::history::{customer, day, id};
use support::reference_dimensions::TRUST;
use support::stored::{refused, round_trip};

const CF: TrustDirection = TrustDirection::CustomerInFirm;

fn event(n: i64, kind: impl Into<Kind>) -> Interaction {
    Interaction::new(id("i-1"), customer(), day(n), kind).expect("an interaction")
}

fn kept() -> Promise {
    Promise::new(PromiseEvent::Kept)
}

fn evidence(log: &[Interaction], as_of: i64) -> TrustEvidence {
    TrustEvidence::from_interactions(log, day(as_of), &EvidencePolicy::default())
}

fn belief(log: &[Interaction], as_of: i64) -> TrustBelief {
    TrustBelief::of(&evidence(log, as_of), CF, &TrustPolicy::default())
}

fn history() -> Vec<Interaction> {
    vec![
        event(0, kept()),
        event(180, Promise::new(PromiseEvent::Broken)),
        event(300, ReferralMade::new()),
    ]
}
use serde_json::json;

/// A belief of evidence `r` and `s` under a prior of weight `W` and base rate `a`.
fn belief_of([r, s, prior_weight, base_rate]: [f64; 4]) -> TrustBelief {
    let mut json = serde_json::to_value(TrustBelief::prior(CF, &TrustPolicy::default()))
        .expect("can be written");
    json["positive"] = json!([r, 0.0, 0.0]);
    json["negative"] = json!([0.0, s, 0.0]);
    json["prior_weight"] = json!(prior_weight);
    json["base_rate"] = json!(base_rate);
    serde_json::from_value(json).expect("a belief")
}

#[test]
fn beliefs_agree_with_those_computed_apart() {
    for row in TRUST {
        let &[
            r,
            s,
            w,
            a,
            mean,
            sd,
            low,
            lower,
            upper,
            high,
            above,
            below,
            b,
            d,
            u,
        ] = row;
        let trust = belief_of([r, s, w, a]);
        assert_close!(trust.mean(), mean, 1e-14, "{row:?}");
        assert_close!(trust.sd(), sd, 1e-13, "{row:?}");
        // Where a parameter is next to 0, a rounding of the chance moves a quantile far.
        let smallest = trust.alpha().min(trust.beta());
        let within = if smallest < 0.01 { 1e-10 } else { 1e-13 };
        let at = |level| {
            let level = Probability::new(level).expect("a level");
            trust.interval_at(level).expect("an interval")
        };
        assert_close!(at(0.95).lower(), low, within, "{row:?}");
        assert_close!(at(0.90).lower(), lower, within, "{row:?}");
        assert_close!(at(0.90).upper(), upper, within, "{row:?}");
        assert_close!(at(0.95).upper(), high, within, "{row:?}");
        let chance = |p: Result<Probability, _>| p.expect("a probability").value();
        assert_close!(
            chance(trust.probability_above(0.5)),
            above,
            1e-11,
            "{row:?}"
        );
        assert_close!(
            chance(trust.probability_below(0.4)),
            below,
            1e-11,
            "{row:?}"
        );
        let opinion = trust.opinion();
        assert_close!(opinion.belief(), b, 1e-14, "{row:?}");
        assert_close!(opinion.disbelief(), d, 1e-14, "{row:?}");
        assert_close!(opinion.uncertainty(), u, 1e-14, "{row:?}");
    }
}

#[test]
fn what_is_written_is_read_again() {
    let mut log = history();
    log.push(event(200, kept().with_facet(TrustFacet::Benevolence)));
    log.push(event(200, Payment::new(PaymentEvent::Disputed)));
    round_trip(&evidence(&log, 360));
    round_trip(&TrustEvidence::EMPTY);
    round_trip(&belief(&log, 360));
    round_trip(&belief(&log, 360).opinion());
    let third = 1.0 / 3.0;
    let policy = TrustPolicy::default()
        .without(TrustSource::Referral)
        .with_split(TrustSource::Promise, [0.1 + 1e-10, 0.2, 0.7])
        .and_then(|p| p.with_split(TrustSource::Delivery, [third, third, third]))
        .and_then(|p| p.with_weight(TrustSource::Payment, 1.0 / 7.0))
        .expect("rules");
    round_trip(&policy);
    let text = serde_json::to_string(&policy).expect("can be written");
    let read: TrustPolicy = serde_json::from_str(&text).expect("rules");
    assert_eq!(read.id(), policy.id());
    let empty: TrustPolicy = serde_json::from_str("{}").expect("the defaults");
    assert_eq!(empty, TrustPolicy::default());
}

#[test]
fn evidence_that_no_log_leads_to_is_refused() {
    let log = [
        event(0, kept()),
        event(0, ComplaintOpened::new()),
        event(0, ReferralMade::new()),
    ];
    let good = evidence(&log, 9);
    refused(&good, "/tallies/0/kept", &json!(-1.0));
    refused(&good, "/tallies/0/kept", &json!(1e300));
    refused(&good, "/tallies/0/kept", &json!(null));
    refused(&good, "/tallies/0/source", &json!("rumour"));
    refused(&good, "/tallies/0/source", &json!("referral")); // twice, and out of order
    refused(&good, "/tallies/0/direction", &json!("firm_in_customer"));
    refused(&good, "/tallies/1/kept", &json!(0.5)); // a complaint never builds trust
    refused(&good, "/tallies/2/broken", &json!(0.5));
    refused(&good, "/as_of", &json!(null));
    refused(&good, "/tallies", &json!([]));
    let mut json = serde_json::to_value(&good).expect("can be written");
    json["tallies"][2]["facet"] = json!("ability"); // nobody states a side of a referral
    assert!(serde_json::from_value::<TrustEvidence>(json.clone()).is_err());
    json["tallies"][2]["facet"] = json!(null);
    assert!(serde_json::from_value::<TrustEvidence>(json.clone()).is_ok());
    json["weight"] = json!(1.0);
    assert!(serde_json::from_value::<TrustEvidence>(json).is_err());
}

#[test]
fn rules_beliefs_and_opinions_are_checked_when_they_are_read() {
    let policy = TrustPolicy::default();
    refused(&policy, "/sources/0/weight", &json!(-1.0));
    refused(&policy, "/sources/0/split", &json!([0.5, 0.5, 0.5]));
    refused(&policy, "/sources/0/source", &json!("delivery")); // stated twice
    refused(&policy, "/negativity", &json!(0.5));
    refused(&policy, "/prior_weight", &json!(0.0));
    refused(&policy, "/base_rate", &json!(1.0));
    refused(&policy, "/collapse_below", &json!(0.0));
    refused(&policy, "/collapse_certainty", &json!(1.5));
    refused(&policy, "/interval_level", &json!(1.0));
    let trust = belief(&history(), 360);
    refused(&trust, "/positive/0", &json!(-1.0));
    refused(&trust, "/negative/2", &json!(1e300));
    refused(&trust, "/base_rate", &json!(0.0));
    refused(&trust, "/interval_level", &json!(0.0));
    refused(&trust.opinion(), "/belief", &json!(0.9));
    refused(&trust.opinion(), "/base_rate", &json!(-0.1));
}
