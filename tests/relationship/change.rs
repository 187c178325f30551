//! What changed, and through what.

use guanxi::chrono::TimeDelta;
use guanxi::dimension::{ByDimension, Dimension};
use guanxi::history::{
    AsOf, Consent, CustomerId, Interaction, OtherKind, Purpose, ReferralConverted, Value,
};
use guanxi::relationship::{
    Aggregation, Cause, CompositeOutcome, CompositionPolicy, EventChange, RelationshipChange,
    RelationshipError, RelationshipScorer, Weights,
};
use guanxi::summary::LiveBase;

use super::synthetic::{Story, end_of, instant};
use super::{Thumb, base_of, broken, day, event, granted, kept, log, near, nps, scorer, withdrawn};

/// Asserts that the steps lead from before to after.
fn sums(scorer: &RelationshipScorer<Thumb>, change: &RelationshipChange) {
    let (before, after) = (
        change.before().profile().means(),
        change.after().profile().means(),
    );
    for dimension in Dimension::ALL {
        let events: f64 = change.events().iter().map(|e| e.indices()[dimension]).sum();
        let moved = after[dimension] - before[dimension];
        near("index", change.indices()[dimension], moved);
        near("time and events", change.time()[dimension] + events, moved);
    }
    let events: Option<f64> = change.events().iter().map(EventChange::composite).sum();
    let permitted =
        change.before().not_modelled().is_none() && change.after().not_modelled().is_none();
    assert_eq!(change.composite().is_some(), permitted);
    assert_eq!(
        (events.is_some(), change.composite_of_time().is_some()),
        (permitted || change.events().is_empty(), permitted)
    );
    if let (Some(moved), Some(time), Some(events)) =
        (change.composite(), change.composite_of_time(), events)
    {
        let (weights, aggregation) = (scorer.policy().weights(), scorer.policy().aggregation());
        let whole = aggregation.value(weights, &after) - aggregation.value(weights, &before);
        near("composite", moved, whole);
        near("composite of time and events", time + events, whole);
    }
}

#[test]
fn time_and_events_sum_to_the_change_of_every_index_and_the_composite() {
    let (_, base) = log();
    for aggregation in [
        Aggregation::Arithmetic,
        Aggregation::Geometric,
        Aggregation::Weakest,
    ] {
        let policy = CompositionPolicy::default().with_aggregation(aggregation);
        let scorer = scorer(0.3, policy);
        let mut events = 0;
        for customer in base.customers() {
            let (from, to) = (AsOf::at(instant(400.0)), AsOf::at(instant(460.0)));
            let change = scorer.change(base, customer.as_str(), from, to).unwrap();
            assert_eq!(change.customer(), customer);
            sums(&scorer, &change);
            assert!(change.events().iter().all(|e| e.cause() == Cause::Added));
            events += change.events().len();
        }
        assert!(events > 300, "{events}");
    }
}

#[test]
fn from_what_was_known_then_to_what_is_known_now_sums_as_well() {
    let (log, base) = log();
    let scorer = scorer(0.0, CompositionPolicy::default());
    let mut superseded = 0;
    for correction in log
        .interactions
        .iter()
        .filter(|event| event.corrects().is_some())
    {
        let customer = correction.customer().as_str();
        if base.customer(customer).is_none() {
            continue; // erased since
        }
        let known = correction.recorded_at();
        let before = known - TimeDelta::seconds(1);
        let (then, now) = (
            AsOf::at(before).known_at(before),
            AsOf::at(known).known_at(known),
        );
        let change = scorer.change(base, customer, then, now).unwrap();
        sums(&scorer, &change);
        let gone = change
            .events()
            .iter()
            .filter(|e| e.cause() == Cause::Superseded);
        superseded += gone.count();
        let ids = |cause| {
            let those = change.events().iter().filter(move |e| e.cause() == cause);
            those.map(|e| e.event().id.clone()).collect::<Vec<_>>()
        };
        assert!(ids(Cause::Superseded).contains(correction.corrects().unwrap()));
        assert!(ids(Cause::Added).contains(correction.id()));
    }
    assert!(superseded > 3, "{superseded}");
}

#[test]
fn a_correction_takes_one_event_out_and_puts_another_in() {
    let at = |n| day(n) + TimeDelta::hours(1);
    let wrong = event("c-1", "e-2", 10, broken());
    let right = event("c-1", "e-3", 10, kept())
        .correcting(wrong.id().clone())
        .recorded(at(40));
    let base = base_of(&[event("c-1", "e-1", 0, granted()), wrong, right]);
    let scorer = scorer(0.0, CompositionPolicy::default());
    let (from, to) = (
        AsOf::at(day(30)).known_at(at(30)),
        AsOf::at(day(50)).known_at(at(50)),
    );
    let change = scorer.change(&base, "c-1", from, to).unwrap();
    let told: Vec<_> = change
        .events()
        .iter()
        .map(|e| (e.event().id.as_str(), e.cause()))
        .collect();
    assert_eq!(told, [("e-2", Cause::Superseded), ("e-3", Cause::Added)]);
    assert!(
        change
            .events()
            .iter()
            .all(|event| event.indices().trust > 0.0)
    );
    assert_eq!(change.dimension(), Some(Dimension::Trust));
    sums(&scorer, &change);
}

#[test]
fn a_change_does_not_depend_on_the_order_in_which_events_arrive() {
    let (log, base) = log();
    let mut reversed: Vec<&Interaction> = log.interactions.iter().collect();
    reversed.reverse();
    let backwards = base_of(reversed);
    let scorer = scorer(0.2, CompositionPolicy::default());
    let (from, to) = (AsOf::at(instant(300.0)), AsOf::at(instant(340.0)));
    for customer in backwards.customers() {
        let change = |base| scorer.change(base, customer.as_str(), from, to).unwrap();
        // An erased customer is known again by what came before the request, if that is read later.
        if base.customer(customer.as_str()).is_some() {
            assert_eq!(change(&backwards), change(base));
        }
    }
}

#[test]
fn no_time_and_no_event_is_no_change() {
    let (_, base) = log();
    let scorer = scorer(0.0, CompositionPolicy::default());
    let now = AsOf::at(end_of(2));
    for customer in base.customers() {
        let change = scorer.change(base, customer.as_str(), now, now).unwrap();
        assert!(change.events().is_empty());
        assert!(
            change
                .indices()
                .into_array()
                .iter()
                .all(|moved| moved.abs() <= 0.0)
        );
        assert!(change.composite().is_none_or(|moved| moved.abs() <= 0.0));
        assert_eq!(change.before(), change.after());
    }
}

#[test]
fn neither_time_nor_knowledge_goes_backwards() {
    let (_, base) = log();
    let scorer = scorer(0.0, CompositionPolicy::default());
    let customer = base.customers().next().unwrap().as_str();
    let (early, late) = (AsOf::at(instant(10.0)), AsOf::at(instant(20.0)));
    let refused = scorer.change(base, customer, late, early).unwrap_err();
    assert!(
        matches!(refused, RelationshipError::Order { .. }),
        "{refused}"
    );
    let known = late.known_at(instant(15.0));
    let refused = scorer.change(base, customer, early, known).unwrap_err();
    assert!(
        matches!(refused, RelationshipError::Knowledge { .. }),
        "{refused}"
    );
    let more = early.known_at(instant(16.0));
    let refused = scorer.change(base, customer, more, known).unwrap_err();
    assert!(
        matches!(refused, RelationshipError::Knowledge { .. }),
        "{refused}"
    );
    assert!(
        scorer
            .change(base, customer, early.known_at(instant(12.0)), known)
            .is_ok()
    );
    let refused = scorer.change(base, "nobody", early, late).unwrap_err();
    assert!(matches!(refused, RelationshipError::UnknownCustomer { .. }));
}

#[test]
fn a_consent_taken_back_hides_what_was_felt_before_and_what_taking_it_back_did() {
    let log = [
        event("c-1", "e-1", 0, granted()),
        event("c-1", "e-2", 1, kept()),
        event("c-1", "e-3", 2, nps(10)),
        event("c-1", "e-4", 20, withdrawn()),
        event("c-1", "e-5", 21, broken()),
    ];
    let base = base_of(&log);
    let policy = CompositionPolicy::default()
        .with_least_coverage(0.2)
        .unwrap();
    let scorer = scorer(0.0, policy);
    let change = scorer
        .change(&base, "c-1", AsOf::at(day(10)), AsOf::at(day(30)))
        .unwrap();
    sums(&scorer, &change);
    for value in [change.before(), change.after()] {
        assert!(matches!(
            value.composite(),
            CompositeOutcome::NotModelled(_)
        ));
        assert!(value.emotional().measured().is_none());
    }
    assert_eq!(
        (change.composite(), change.composite_of_time()),
        (None, None)
    );
    // No step tells the index that is withheld, by how far it is from that of the frame's customers.
    near("feeling", change.indices().emotional, 0.0);
    for event in change.events() {
        near("feeling of an event", event.indices().emotional, 0.0);
        assert_eq!(event.composite(), None);
    }
    // Where there is no composite, the largest are those that moved any index most.
    let most = |event: &EventChange| {
        event
            .indices()
            .into_array()
            .into_iter()
            .map(f64::abs)
            .fold(0.0, f64::max)
    };
    let largest = change.largest(2);
    assert!(most(largest[0]) >= most(largest[1]));
    // As it was known before the withdrawal, it is told.
    let then = |n| AsOf::at(day(n)).known_at(day(19));
    let change = scorer.change(&base, "c-1", then(1), then(19)).unwrap();
    assert!(change.indices().emotional > 0.0 && change.composite().is_some());
}

#[test]
fn a_customer_of_the_log_who_takes_consent_back_is_told_of_without_a_composite() {
    let (log, base) = log();
    let scorer = scorer(0.0, CompositionPolicy::default());
    let stories = log.truths.iter().filter_map(|truth| match truth.story {
        Story::AnalyticsWithdrawn { day } => Some((truth, day)),
        _ => None,
    });
    for (truth, day) in stories {
        let (from, to) = (AsOf::at(instant(day - 5.0)), AsOf::at(instant(day + 5.0)));
        let change = scorer
            .change(base, truth.customer.as_str(), from, to)
            .unwrap();
        sums(&scorer, &change);
        assert!(change.before().not_modelled().is_some());
        assert!(change.after().not_modelled().is_some() && change.composite().is_none());
    }
}

#[test]
fn joined_identities_change_as_one() {
    let log = [
        event("shop", "e-1", 0, granted()),
        event("shop", "e-2", 1, kept()),
        event("web", "e-2", 15, broken()), // the same id, of another identity
        event("web", "e-3", 16, nps(2)),
    ];
    let mut base = base_of(&log);
    let id = |name| CustomerId::new(name).unwrap();
    base.join(&id("web"), &id("shop")).unwrap();
    let scorer = scorer(0.0, CompositionPolicy::default());
    let change = scorer
        .change(&base, "web", AsOf::at(day(10)), AsOf::at(day(20)))
        .unwrap();
    assert_eq!(
        (change.customer().as_str(), change.events().len()),
        ("shop", 2)
    );
    assert!(change.events()[0].indices().trust < 0.0);
    sums(&scorer, &change);
}

/// Somebody became a customer through another.
fn brought(newcomer: &str) -> ReferralConverted {
    ReferralConverted::new(CustomerId::new(newcomer).unwrap())
}

#[test]
fn what_may_not_be_read_is_not_even_named() {
    let log = [
        event("c-1", "e-1", 0, granted()),
        event("c-1", "secret-1", 12, nps(9)),
        event("c-1", "secret-2", 13, brought("c-2")),
        event("c-1", "e-2", 14, kept()), // felt, but a matter of trust as well
        event("c-1", "e-3", 20, withdrawn()),
    ];
    let scorer = scorer(0.0, CompositionPolicy::default());
    let (from, to) = (AsOf::at(day(10)), AsOf::at(day(30)));
    let change = |base: &LiveBase| scorer.change(base, "c-1", from, to).unwrap();
    let ids = |change: &RelationshipChange| {
        let events = change.events().iter();
        events.map(|e| e.event().id.to_string()).collect::<Vec<_>>()
    };
    let told = change(&base_of(&log));
    sums(&scorer, &told);
    assert_eq!(ids(&told), ["e-2", "e-3"]);
    for text in [told.to_string(), serde_json::to_string(&told).unwrap()] {
        for hidden in ["secret", "nps_survey", "referral_converted"] {
            assert!(!text.contains(hidden), "{text}");
        }
    }
    assert!(!told.to_string().contains("economic"), "{told}");

    // What may be read is named.
    let purpose = Purpose::Sharing;
    let sharing = event("c-1", "e-0", 0, Consent::Granted { purpose });
    let agreed = base_of(log[..4].iter().chain([&sharing]));
    assert_eq!(ids(&change(&agreed)), ["secret-1", "secret-2", "e-2"]);
    // A newcomer who does not want to be shown is not, nor that there was one.
    let agreed = base_of(log.iter().chain([&sharing]));
    assert_eq!(ids(&change(&agreed)), ["secret-2", "e-2", "e-3"]);
    let parted = event("c-2", "e-1", 15, Consent::Withdrawn { purpose });
    let parted = base_of(log.iter().chain([&sharing, &parted]));
    assert_eq!(ids(&change(&parted)), ["e-2", "e-3"]);
}

#[test]
fn a_correction_of_what_may_not_be_read_is_not_named_either() {
    let at = |n| day(n) + TimeDelta::hours(1);
    let wrong = event("c-1", "secret-1", 10, nps(2));
    let right = event("c-1", "secret-2", 10, nps(9))
        .correcting(wrong.id().clone())
        .recorded(at(40));
    let mut log = vec![event("c-1", "e-1", 0, granted()), wrong, right];
    let scorer = scorer(0.0, CompositionPolicy::default());
    let (from, to) = (
        AsOf::at(day(30)).known_at(at(30)),
        AsOf::at(day(50)).known_at(at(50)),
    );
    let change = |log: &[Interaction]| {
        let base = base_of(log);
        scorer.change(&base, "c-1", from, to).unwrap()
    };
    assert_eq!(change(&log).events().len(), 2);
    log.push(event("c-1", "e-2", 45, withdrawn()));
    let told = change(&log);
    sums(&scorer, &told);
    let ids: Vec<_> = told
        .events()
        .iter()
        .map(|e| e.event().id.as_str())
        .collect();
    assert_eq!(ids, ["e-2"]);
}

#[test]
fn a_change_through_which_nothing_moved_names_no_dimension_and_no_event() {
    let shown = || OtherKind::new("moved_house", Value::Null).unwrap();
    let log = [
        event("c-1", "e-1", 0, shown()),
        event("c-1", "e-2", 5, shown()),
    ];
    let scorer = scorer(0.0, CompositionPolicy::default());
    let (from, to) = (AsOf::at(day(1)), AsOf::at(day(9)));
    let change = scorer.change(&base_of(&log), "c-1", from, to).unwrap();
    assert_eq!((change.events().len(), change.dimension()), (1, None));
    assert_eq!(
        change.to_string(),
        "c-1 from 1970-01-02 to 1970-01-10: no composite; nothing moved\n"
    );
}

#[test]
fn where_too_little_is_known_for_a_composite_the_largest_are_those_that_moved_an_index_most() {
    // Feeling has a small weight here and trust a large one, but there is no composite to move.
    let weights = Weights::new(ByDimension {
        economic: 0.7,
        trust: 0.28,
        emotional: 0.01,
        information: 0.01,
    });
    let policy = CompositionPolicy::default().with_weights(weights.unwrap());
    let scorer = scorer(0.0, policy);
    let log = [
        event("c-1", "e-1", 0, granted()),
        event("c-1", "e-2", 11, kept()),
        event("c-1", "e-3", 12, nps(0)),
    ];
    let (from, to) = (AsOf::at(day(10)), AsOf::at(day(20)));
    let base = base_of(&log);
    let change = scorer.change(&base, "c-1", from, to).unwrap();
    assert!(change.composite().is_some() && change.after().composite().composite().is_none());
    let [promise, answer] = [0, 1].map(|place| &change.events()[place]);
    assert!(answer.composite().unwrap().abs() < promise.composite().unwrap().abs());
    assert_eq!(change.largest(1), [answer]);
    let lines: Vec<f64> = change
        .to_string()
        .lines()
        .filter(|line| line.contains("came in"))
        .map(|line| {
            line.trim()
                .split(' ')
                .next()
                .unwrap()
                .parse::<f64>()
                .unwrap()
        })
        .collect();
    assert!(lines.is_sorted_by(|a, b| a.abs() >= b.abs()), "{change}");

    let why = scorer.explain(&base, "c-1", to).unwrap();
    assert!(why.value().composite().composite().is_none());
    let largest = why.largest(usize::MAX);
    let sizes = largest.iter().map(|event| event.index.abs());
    assert!(sizes.is_sorted_by(|a, b| a >= b), "{why}");
    let shares = largest.iter().map(|event| event.composite.unwrap().abs());
    assert!(!shares.is_sorted_by(|a, b| a >= b), "{why}");
}
