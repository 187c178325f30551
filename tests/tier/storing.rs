//! What of the ladder is stored is read back as it was, and doubted.

use std::fmt::Debug;

use guanxi::history::{Consent, Kind, Purpose};
use guanxi::scorer::Scorer;
use guanxi::summary::{CustomerState, SummaryPolicy};
use guanxi::tier::{
    Attributes, Climb, Gate, GateCheck, Ladder, Tier, TierAdvisor, TierMove, TierOutcome,
    TierPolicy, TierReport, TierScorer, TierTracker, YearlyValue,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::ladders::{Dice, customers, moving};
use super::support::history::customer;
use super::{day, event, purchase};

#[track_caller]
fn same<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).expect(&text), value);
}

#[track_caller]
fn refused<T: Serialize + DeserializeOwned + Debug>(value: &T, place: &str, bad: &Value) {
    let mut row = serde_json::to_value(value).unwrap();
    if let Some(found) = row.pointer_mut(place) {
        *found = bad.clone();
    } else {
        let (parent, key) = place.rsplit_once('/').unwrap();
        let parent = row.pointer_mut(parent).unwrap_or_else(|| panic!("{place}"));
        parent[key] = bad.clone();
    }
    let read = serde_json::from_value::<T>(row);
    assert!(read.is_err(), "{place} = {bad}: {read:?}");
}

/// A customer who climbed, followed through its 12 years.
fn followed() -> TierTracker {
    let (_, log) = customers(1, 1, |dice: &mut Dice| moving(dice, 144)).remove(0);
    let mut ladder = super::ladders::fresh(Tier::NoTransaction, &TierPolicy::default().into());
    for interaction in &log {
        ladder.observe(interaction).unwrap();
    }
    assert!(ladder.moves().len() > 2, "{:?}", ladder.moves());
    ladder
}

fn report_of(ladder: &TierTracker) -> TierReport {
    let mut ladder = ladder.clone();
    let last = ladder.standing().until().unwrap() - chrono::TimeDelta::nanoseconds(1);
    let outcome = ladder.report(last, &TierAdvisor::default()).unwrap();
    outcome.report().unwrap().clone()
}

#[test]
fn reports_are_read_as_they_were_written_and_what_contradicts_itself_is_refused() {
    let found = report_of(&followed());
    same(&found);
    same(&TierOutcome::Modelled(Box::new(found.clone())));
    let written = serde_json::to_value(&found).unwrap();
    for key in [
        "standing",
        "next_gates",
        "own_gates",
        "fitting",
        "advice",
        "attributes",
    ] {
        assert!(written.get(key).is_some(), "{key}");
    }
    let other = |tier: Tier| {
        if tier == Tier::Alliance {
            json!("transaction")
        } else {
            json!("alliance")
        }
    };
    refused(&found, "/advice/current", &other(found.rung()));
    refused(&found, "/standing/tier", &other(found.rung()));
    refused(&found, "/demote_at", &json!(1.5));
    refused(&found, "/as_of", &json!("2050-01-01T00:00:00Z"));
    refused(&found, "/mood", &json!("good"));
    refused(&found, "/own_gates/0/gate", &json!("first_transaction"));
    refused(&found, "/next_gates", &json!([]));
    refused(&found, "/next_gates/0/probability", &json!(0.123));
    refused(&found, "/next_gates/0/aim", &json!("hold"));
    refused(&found, "/own_gates/0/aim", &json!("reach"));
    refused(&found, "/own_gates/0/needed", &json!(0.3));
    let policy = TierPolicy::default();
    refused(&policy, "/promote_at", &json!(0.2));
    refused(&policy, "/demote_at", &json!(0.8));
    let eager = policy.with_demotion(0.1, 3).unwrap();
    same(&eager.with_promotion(0.15, 2).unwrap());
    refused(
        &found,
        "/attributes/known/alignment",
        &json!({"observed": {"value": 0.3, "n_eff": 1.0}}),
    );
    refused(&found, "/fitting/ceiling", &json!("alliance"));
    refused(&found, "/fitting/unknown", &json!([]));
    let twice = written.pointer("/next_gates/0").unwrap().clone();
    refused(&found, "/next_gates/1", &twice);
}

#[test]
fn an_untracked_report_supports_the_highest_rung_only() {
    let mut state = CustomerState::with_rules(SummaryPolicy::default(), super::open().into());
    state
        .observe(&event(0, day(0), purchase("9", "5")))
        .unwrap();
    let scorer = TierScorer::new(TierPolicy::default());
    let outcome = scorer
        .score(&state.summary(customer(), day(9)).unwrap())
        .unwrap();
    same(&outcome);
    let found = outcome.report().unwrap();
    assert_eq!(found.supported(), Tier::Transaction);
    refused(found, "/supported", &json!("no_transaction"));
    refused(found, "/supported", &json!("partnership"));
}

#[test]
fn who_is_not_modelled_is_read_as_such() {
    let mut ladder = TierTracker::new(customer(), TierPolicy::default(), SummaryPolicy::default());
    let withdrawn = Consent::Withdrawn {
        purpose: Purpose::Analytics,
    };
    for (n, kind) in [purchase("9", "5"), Kind::from(withdrawn)]
        .into_iter()
        .enumerate()
    {
        ladder.observe(&event(n, day(n as u64), kind)).unwrap();
    }
    same(&ladder);
    let outcome = ladder.report(day(3), &TierAdvisor::default()).unwrap();
    assert!(outcome.report().is_none());
    same(&outcome);
    refused(&outcome, "/not_modelled/why", &json!("a whim"));
}

#[test]
fn gates_and_attributes_are_doubted_when_they_are_read() {
    let found = report_of(&followed());
    let all: &Attributes = found.attributes();
    same(all);
    refused(all, "/known/tenure/observed/value", &json!(-1.0));
    refused(all, "/known/trust/beta/alpha", &json!(0.0));
    refused(
        all,
        "/known/mood",
        &json!({"observed": {"value": 0.3, "n_eff": 1.0}}),
    );
    refused(all, "/contacts", &json!([0.0, 1.0, 0.0, 0.0, 0.0]));
    refused(all, "/persons", &json!(3));
    refused(all, "/breadth", &json!(0.5));
    refused(all, "/yearly/value_sd", &json!(-1.0));
    refused(
        all,
        "/yearly/cost",
        &json!({"amount": "1", "currency": "USD"}),
    );
    let nobody = Attributes::default();
    same(&nobody);
    refused(&nobody, "/trust_broken", &json!(true));
    let yearly: YearlyValue = all.yearly().unwrap();
    same(&yearly);

    let policy = TierPolicy::default();
    for gate in Gate::ALL {
        same(&gate.check(all, &policy, 0.0).unwrap());
        same(&gate.check_to_hold(all, &policy).unwrap());
        same(&gate.check(&nobody, &policy, 0.0).unwrap());
    }
    let agreed: GateCheck = Gate::PartnershipAlignment.check(all, &policy, 0.0).unwrap();
    refused(&agreed, "/attribute", &json!("trust"));
    refused(&agreed, "/threshold", &json!(1e9));
    refused(&agreed, "/needed", &json!(1.0));
    refused(&agreed, "/probability", &json!(null));
    refused(&agreed, "/value", &json!(null));
    refused(&agreed, "/contacts", &json!(["director", 2.0]));
    refused(&agreed, "/contacts_needed", &json!(0.0));
    let both: GateCheck = Gate::PartnershipSwitchingCost
        .check(all, &policy, 0.0)
        .unwrap();
    refused(&both, "/probability", &json!(1.0)); // more than that of one side
    let alone = both.value().unwrap().probability_at_least(both.threshold());
    refused(&both, "/probability", &json!(alone.value() / 2.0)); // not that of the two
    refused(&both, "/other", &json!(null));
    let sure = json!({"observed": {"value": 0.0, "n_eff": 1.0}});
    refused(&both, "/other", &sure);
    refused(&agreed, "/other", &sure);
    refused(&agreed, "/aim", &json!("hope"));
}

#[test]
fn ladders_and_their_steps_are_doubted_when_they_are_read() {
    let mut ladder = Ladder::at(Tier::Preferred);
    let up = guanxi::quantity::Probability::new(0.9).ok();
    let climb = Climb {
        up,
        ..Climb::default()
    };
    same(&climb);
    same(&ladder.step(climb, &TierPolicy::default()));
    same(&ladder);
    same(&ladder.step(climb, &TierPolicy::default())); // it moved
    same(&ladder);
    refused(&Ladder::at(Tier::Alliance), "/up", &json!(1));
    refused(&Ladder::at(Tier::Transaction), "/down", &json!(1));
    refused(&ladder, "/step", &json!(1));
}

#[test]
fn trackers_are_doubted_when_they_are_read() {
    let found = followed();
    same(&found);
    let last: TierMove = *found.moves().last().unwrap();
    let n = found.moves().len() - 1;
    refused(&found, "/moves", &json!([]));
    refused(
        &found,
        &format!("/moves/{n}/at"),
        &json!("2020-01-15T00:00:00Z"),
    );
    refused(&found, &format!("/moves/{n}/to"), &json!(last.from));
    refused(&found, "/moves/0/cause", &json!("gate_lost"));
    refused(&found, "/start", &json!("alliance"));
    refused(&found, "/last", &json!(null));
    refused(&found, "/last/0", &json!("2030-01-01T00:00:00Z"));
    refused(&found, "/last/0", &json!("2010-01-01T00:00:00Z"));
    refused(&found, "/standing/up", &json!(2));
    refused(&found, "/standing/utc_offset_seconds", &json!(3_600));
    refused(&found, "/standing/since", &json!(null));
    refused(&found, "/policy/promote_at", &json!(1.5));
    refused(&found, "/customer", &json!(""));
    refused(&found, "/mood", &json!("good"));
    let fresh = TierTracker::new(customer(), TierPolicy::default(), SummaryPolicy::default());
    same(&fresh);
    refused(
        &fresh,
        "/standing/as_of",
        &json!("2026-01-31T23:59:59.999999999Z"),
    );
}
