//! Laws of a history: order of arrival, repeats and partitions never matter, and the past stays
//! as it was known.

mod support;

use guanxi::history::{
    AsOf, ComplaintOpened, ConsentChange, ConsentRecord, Delivery, HistoryError, Initiator,
    Interaction, Kind, NpsSurvey, Payment, PaymentEvent, PreferenceObserved, Purchase, Purpose,
    Recorded, Timeline, TimelineView,
};
use guanxi::quantity::{Fraction, Valence};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use support::history::{
    any_history, any_interaction, any_kind, any_kind_numbered, customer, day, eur, id,
};

fn recorded<'a>(interactions: impl IntoIterator<Item = &'a Interaction>) -> Timeline {
    let mut timeline = Timeline::new(customer());
    for interaction in interactions {
        timeline.record(interaction.clone()).unwrap();
    }
    timeline
}

fn ids(view: &TimelineView<'_>) -> Vec<String> {
    view.iter().map(|i| i.id().to_string()).collect()
}

fn any_as_of() -> impl Strategy<Value = AsOf> {
    (990_i64..1_030, prop::option::of(990_i64..1_040)).prop_map(|(at, known)| match known {
        Some(known) => AsOf::at(day(at)).known_at(day(known)),
        None => AsOf::at(day(at)),
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_101),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Any order of arrival gives the same timeline, and the same view of it.
    #[test]
    fn any_permutation_gives_the_same_view(
        (history, shuffled) in any_history()
            .prop_flat_map(|h| (Just(h.clone()), Just(h).prop_shuffle())),
        as_of in any_as_of(),
    ) {
        let (a, b) = (recorded(&history), recorded(&shuffled));
        prop_assert_eq!(a.as_of(as_of), b.as_of(as_of));
        prop_assert_eq!(a, b);
    }

    /// Any partition, merged again in any order, gives the same timeline.
    #[test]
    fn any_sharding_gives_the_same_timeline(
        history in any_history(),
        shards in prop::collection::vec(0_usize..3, 12),
        as_of in any_as_of(),
    ) {
        let shard = |n| recorded(history.iter().zip(&shards).filter(|(_, s)| **s == n).map(|(i, _)| i));
        let (a, b, c) = (shard(0), shard(1), shard(2));
        let whole = recorded(&history);

        let mut left = a.clone(); // (a b) c
        left.merge(b.clone()).unwrap();
        left.merge(c.clone()).unwrap();
        let mut tail = b.clone(); // a (b c)
        tail.merge(c.clone()).unwrap();
        let mut right = a.clone();
        right.merge(tail).unwrap();
        let mut turned = c; // c b a
        turned.merge(b).unwrap();
        turned.merge(a).unwrap();
        for merged in [&left, &right, &turned] {
            prop_assert_eq!(merged, &whole);
        }
        prop_assert_eq!(left.as_of(as_of), whole.as_of(as_of));

        left.merge(whole.clone()).unwrap(); // with itself
        left.merge(Timeline::new(customer())).unwrap(); // with nothing
        prop_assert_eq!(left, whole);
    }

    /// What is delivered again counts once.
    #[test]
    fn recording_again_changes_nothing(history in any_history()) {
        let once = recorded(&history);
        let mut twice = once.clone();
        for interaction in &history {
            prop_assert_eq!(twice.record(interaction.clone())?, Recorded::Duplicate);
        }
        prop_assert_eq!(twice, once);
    }

    /// What is known only later leaves every earlier view as it was.
    #[test]
    fn a_view_never_changes_by_what_is_known_later(
        history in any_history(),
        at in 990_i64..1_030,
        known in 990_i64..1_040,
    ) {
        let as_of = AsOf::at(day(at)).known_at(day(known));
        let known_then = recorded(history.iter().filter(|i| as_of.knows(i.recorded_at())));
        let whole = recorded(&history);
        let (then, now) = (known_then.as_of(as_of), whole.as_of(as_of));
        prop_assert!(then.iter().eq(now.iter()));
        prop_assert_eq!(then.waiting(), now.waiting());
        prop_assert_eq!(then.superseded(), now.superseded());
        prop_assert_eq!(now.not_yet_known(), whole.len() - known_then.len());
    }

    /// What happens only later leaves the view of today as it is.
    #[test]
    fn a_view_never_changes_by_what_happens_later(
        history in any_history(),
        later in any_interaction(),
        at in 990_i64..1_000,
    ) {
        let as_of = AsOf::at(day(at));
        let mut timeline = recorded(&history);
        let before: Vec<Interaction> = timeline.as_of(as_of).iter().cloned().collect();
        let later = Interaction::new(id("later"), customer(), later.occurred_at(), later.kind().clone())?;
        timeline.record(later)?;
        prop_assert!(timeline.as_of(as_of).iter().eq(before.iter()));
    }

    /// Every interaction is in the view or counted as set aside, and the view is in order.
    #[test]
    fn a_view_loses_nothing(history in any_history(), as_of in any_as_of()) {
        let timeline = recorded(&history);
        let view = timeline.as_of(as_of);
        let aside = view.waiting() + view.not_yet_known() + view.superseded();
        prop_assert_eq!(view.len() + aside, history.len());
        prop_assert!(view.iter().is_sorted_by_key(|i| (i.occurred_at(), i.id())));
        prop_assert!(view.iter().all(|i| as_of.includes(i.occurred_at(), i.recorded_at())));
        prop_assert!(view.into_iter().eq(view.iter()));
    }

    /// Consents are a set: order, repeats and partitions do not matter.
    #[test]
    fn consents_merge_like_a_set(
        changes in prop::collection::vec((0_i64..9, 0_usize..4, any::<bool>(), 0_i64..9), 0..8),
        cut in any::<prop::sample::Index>(),
        at in 0_i64..9,
        known in 0_i64..18,
    ) {
        let changes: Vec<ConsentChange> = changes
            .into_iter()
            .map(|(n, purpose, granted, delay)| {
                let purpose = Purpose::ALL[purpose];
                let change = if granted {
                    ConsentChange::granted(purpose, day(n))
                } else {
                    ConsentChange::withdrawn(purpose, day(n))
                };
                change.recorded(day(n + delay))
            })
            .collect();
        let of = |changes: &[ConsentChange]| {
            let mut record = ConsentRecord::default();
            for change in changes {
                record.record(*change);
            }
            record
        };
        let whole = of(&changes);
        let (head, tail) = changes.split_at(cut.index(changes.len() + 1));
        let mut merged = of(tail);
        merged.merge(of(head));
        merged.merge(whole.clone());
        prop_assert_eq!(&merged, &whole);

        let as_of = AsOf::at(day(at)).known_at(day(known));
        let known_then: Vec<_> = changes.iter().copied().filter(|c| as_of.knows(c.recorded_at)).collect();
        for purpose in Purpose::ALL {
            prop_assert_eq!(whole.state(purpose, as_of), of(&known_then).state(purpose, as_of));
        }
    }

    /// A stated feeling stands; without one the kind's default does.
    #[test]
    fn what_is_stated_comes_before_the_default(kind in any_kind(), y in -1.0..=1.0, a in 0.0..=1.0) {
        let plain = Interaction::new(id("i"), customer(), day(1_000), kind.clone())?;
        prop_assert_eq!(plain.valence(), kind.default_valence());
        prop_assert_eq!(plain.arousal(), kind.default_arousal());
        prop_assert_eq!(plain.initiator(), kind.default_initiator());
        let stated = plain
            .with_valence(Valence::new(y)?)
            .with_arousal(Fraction::new(a)?)
            .initiated_by(Initiator::Third);
        prop_assert_eq!(stated.valence(), stated.stated_valence());
        prop_assert_eq!(stated.valence(), Some(Valence::new(y)?));
        prop_assert_eq!(stated.arousal(), stated.stated_arousal());
        prop_assert_eq!(stated.initiator(), Some(Initiator::Third));
    }
}

#[test]
fn the_kinds_are_numbered_from_1_to_34_without_a_gap() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    assert_eq!(Kind::ALL_NAMES.len(), 34);
    for (number, name) in (1..).zip(Kind::ALL_NAMES) {
        let tree = any_kind_numbered(number).new_tree(&mut runner).unwrap();
        let kind = proptest::strategy::ValueTree::current(&tree);
        assert_eq!((kind.number(), kind.name()), (Some(number), name));
    }
}

fn bought(name: &str, n: i64, amount: &str) -> Interaction {
    let purchase = Purchase::new(eur(amount)).unwrap();
    Interaction::new(id(name), customer(), day(n), purchase).unwrap()
}

#[test]
fn equal_instants_stand_in_order_of_id() {
    let history = [
        bought("b", 1, "1"),
        bought("a", 1, "1"),
        bought("c", 0, "1"),
    ];
    assert_eq!(
        ids(&recorded(&history).as_of(AsOf::at(day(1)))),
        ["c", "a", "b"]
    );
}

#[test]
fn a_correction_of_a_correction_stands_alone() {
    let history = [
        bought("c", 1, "3").recorded(day(5)).correcting(id("b")),
        bought("a", 1, "1"),
        bought("b", 1, "2").recorded(day(3)).correcting(id("a")),
    ];
    let timeline = recorded(&history);
    let now = AsOf::at(day(9));
    assert_eq!(ids(&timeline.as_of(now)), ["c"]);
    assert_eq!(timeline.as_of(now).superseded(), 2);
    assert_eq!(ids(&timeline.as_of(now.known_at(day(4)))), ["b"]);
    assert_eq!(ids(&timeline.as_of(now.known_at(day(2)))), ["a"]);
    assert_eq!(timeline.get(&id("a")), Some(&history[1]));
}

#[test]
fn a_correction_stands_before_what_it_corrects_arrives() {
    let correction = bought("b", 1, "2").correcting(id("a"));
    let mut timeline = recorded([&correction]);
    assert_eq!(ids(&timeline.as_of(AsOf::at(day(1)))), ["b"]);
    timeline.record(bought("a", 1, "1")).unwrap();
    let view = timeline.as_of(AsOf::at(day(1)));
    assert_eq!((ids(&view), view.superseded()), (vec!["b".to_owned()], 1));
}

#[test]
fn of_two_corrections_the_one_recorded_last_stands() {
    let first = bought("z", 1, "2").recorded(day(3)).correcting(id("a"));
    let last = bought("b", 1, "3").recorded(day(4)).correcting(id("a"));
    for original in [None, Some(bought("a", 1, "1"))] {
        let timeline = recorded([&first, &last].into_iter().chain(&original));
        assert_eq!(ids(&timeline.as_of(AsOf::at(day(1)))), ["b"]);
        let then = AsOf::at(day(1)).known_at(day(3));
        assert_eq!(ids(&timeline.as_of(then)), ["z"]);
    }
    let tied = bought("y", 1, "4").recorded(day(4)).correcting(id("a"));
    let timeline = recorded([&tied, &first, &last]);
    assert_eq!(ids(&timeline.as_of(AsOf::at(day(1)))), ["y"]);
}

#[test]
fn a_correction_may_move_an_event_into_the_future() {
    let history = [
        bought("a", 1, "1"),
        bought("b", 8, "1").recorded(day(2)).correcting(id("a")),
    ];
    let timeline = recorded(&history);
    let view = timeline.as_of(AsOf::at(day(5)));
    assert!(view.is_empty());
    assert_eq!(
        (view.waiting(), view.superseded(), view.not_yet_known()),
        (1, 1, 0)
    );
    assert_eq!(
        (view.customer(), view.as_of()),
        (&customer(), AsOf::at(day(5)))
    );
}

#[test]
fn what_cannot_be_recorded_is_named_and_changes_nothing() {
    let mut timeline = recorded(&[bought("a", 1, "1"), bought("b", 1, "1").correcting(id("c"))]);
    let before = timeline.clone();
    let stranger = guanxi::history::CustomerId::new("c-2").unwrap();
    let other = Interaction::new(id("x"), stranger.clone(), day(1), ComplaintOpened::new());
    for (interaction, message) in [
        (
            bought("a", 1, "2"),
            "interaction a is already recorded with other content",
        ),
        (
            other.unwrap(),
            "interaction x belongs to customer c-1 here, got one of customer c-2",
        ),
        (
            bought("s", 1, "1").correcting(id("s")),
            "interaction s corrects itself, directly or through other corrections",
        ),
        (
            bought("c", 1, "1").correcting(id("b")),
            "interaction c corrects itself, directly or through other corrections",
        ),
    ] {
        assert_eq!(
            timeline.record(interaction).unwrap_err().to_string(),
            message
        );
        assert_eq!(timeline, before);
    }

    let conflict = recorded(&[bought("0", 1, "1"), bought("a", 2, "1")]);
    let cycle = recorded(&[bought("0", 1, "1"), bought("c", 1, "1").correcting(id("b"))]);
    for shard in [conflict, cycle, Timeline::new(stranger)] {
        assert!(timeline.merge(shard).is_err());
        assert_eq!(timeline, before);
    }
}

#[test]
fn a_payload_cannot_tell_of_what_comes_after_it() {
    let refused = |kind: Kind| {
        let error = Interaction::new(id("i"), customer(), day(1), kind).unwrap_err();
        assert!(matches!(error, HistoryError::AfterOccurrence { .. }));
        error.to_string()
    };
    assert_eq!(
        refused(Delivery::new(day(2)).into()),
        "interaction i: delivered_at of delivery must not be after it occurred at \
         1970-01-02 00:00:00 UTC, got 1970-01-03 00:00:00 UTC"
    );
    let paid = Payment::new(PaymentEvent::Received)
        .with_paid_at(day(3))
        .unwrap();
    assert!(
        refused(paid.into()).starts_with("interaction i: paid_at of payment must not be after")
    );
    let due = Payment::new(PaymentEvent::Due).with_due_at(day(30));
    assert!(Interaction::new(id("i"), customer(), day(1), due).is_ok());
}

#[test]
fn an_interaction_keeps_what_is_said_of_it() {
    let answer = Interaction::new(id("i"), customer(), day(1), NpsSurvey::new(3).unwrap()).unwrap();
    assert_eq!(answer.recorded_at(), day(1));
    assert_eq!(answer.clone().recorded(day(1)), answer);
    let early = answer.clone().recorded(day(0));
    assert_eq!((early.occurred_at(), early.recorded_at()), (day(1), day(0)));
    assert_eq!(
        (answer.id().as_str(), answer.customer().as_str()),
        ("i", "c-1")
    );
    assert!(
        answer.channel().is_none() && answer.episode().is_none() && answer.corrects().is_none()
    );
}

#[test]
fn a_preference_weighs_what_was_said_or_is_refused() {
    let weighing = |weight| PreferenceObserved::new("tea".to_owned()).with_weight(weight);
    for weight in [0.0, 1e-300, 1.0, 1e12] {
        assert_eq!(weighing(weight).map(|seen| seen.weight()), Ok(Some(weight)));
    }
    for found in [-0.1, 1e12_f64.next_up(), 1e300, f64::INFINITY, f64::NAN] {
        let refused = weighing(found).unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!("preference_observed: weight must be a number from 0 to 1e12, got {found:?}")
        );
    }
}
