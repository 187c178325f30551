//! The laws of states: order, sharding, fading.

use super::*;
use crate::history::{
    ComplaintOpened, ComplaintResolved, CustomerId, Delivery, InfoDepth, InfoFlow, InfoShared,
    InteractionId, Kind, Payment, PaymentEvent, Promise, PromiseEvent, Promiser, ReferralMade,
};
use crate::quantity::Fraction;
use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn days(n: i64) -> DateTime<Utc> {
    at(86_400 * n)
}

fn event(at: DateTime<Utc>, kind: impl Into<Kind>) -> Interaction {
    let id = InteractionId::new("i-1").unwrap();
    Interaction::new(id, CustomerId::new("c-1").unwrap(), at, kind).unwrap()
}

fn state(log: &[Interaction]) -> TrustEvidence {
    let mut state = TrustEvidence::EMPTY;
    for interaction in log {
        state.observe(interaction, &EvidencePolicy::default());
    }
    state
}

fn merged(one: &TrustEvidence, other: &TrustEvidence) -> TrustEvidence {
    let mut merged = one.clone();
    merged.merge(other, &EvidencePolicy::default());
    merged
}

#[test]
fn an_empty_state_has_allocated_nothing_and_a_tally_takes_24_bytes() {
    assert_eq!(TrustEvidence::EMPTY.tallies.capacity(), 0);
    assert_eq!(size_of::<TrustTally>(), 24);
    assert_eq!(TrustEvidence::default(), TrustEvidence::EMPTY);
}

#[test]
fn places_are_those_in_the_list_of_all_sources() {
    for (place, source) in TrustSource::ALL.into_iter().enumerate() {
        assert_eq!(source.place(), place);
        assert!(source.can_build() || source.can_break());
        assert!(!source.directions().is_empty());
    }
}

/// Evidence for and against the customer's trust under the weights of the table and κ = 2.
fn weighed(state: &TrustEvidence) -> (f64, f64) {
    let weights = [
        (TrustSource::Promise, 1.0),
        (TrustSource::Resolution, 1.0),
        (TrustSource::Delivery, 0.5),
    ];
    weights.iter().fold((0.0, 0.0), |(r, s), (source, weight)| {
        let (kept, broken) = state.counts(TrustDirection::CustomerInFirm, *source);
        (r + weight * kept, s + 2.0 * weight * broken)
    })
}

#[test]
fn shards_merge_into_the_whole_as_in_tv_11_1a() {
    let quality = Fraction::new(0.8).unwrap();
    let kept = || event(days(0), Promise::new(PromiseEvent::Kept));
    let delivered = || {
        event(
            days(360),
            Delivery::new(days(359)).with_promised_at(days(359)),
        )
    };
    let early = [
        kept(),
        kept(),
        kept(),
        event(days(180), Promise::new(PromiseEvent::Broken)),
    ];
    let late = [
        event(days(300), ComplaintResolved::new().with_quality(quality)),
        delivered(),
        delivered(),
    ];
    let (a, b) = (state(&early), state(&late));
    let near = |(r, s): (f64, f64), expected: (f64, f64)| {
        assert!((r - expected.0).abs() < 1e-11, "{r} {}", expected.0);
        assert!((s - expected.1).abs() < 1e-11, "{s} {}", expected.1);
    };
    near(weighed(&a), (1.5, 2.0));
    near(weighed(&b), (1.634_960_420_787, 0.317_480_210_394));
    for both in [
        merged(&a, &b),
        merged(&b, &a),
        state(&[early.to_vec(), late.to_vec()].concat()),
    ] {
        assert_eq!(both.latest(), Some(days(360)));
        near(weighed(&both), (2.384_960_420_787_28, 1.317_480_210_393_64));
    }
}

fn any_event() -> impl Strategy<Value = Interaction> {
    let share = || (0.0..=1.0).prop_map(|f| Fraction::new(f).unwrap());
    let kind = prop_oneof![
        (
            select(vec![PromiseEvent::Kept, PromiseEvent::Broken]),
            select(vec![Promiser::Firm, Promiser::Customer]),
            prop::option::of(select(vec![TrustFacet::Ability, TrustFacet::Integrity])),
            share(),
        )
            .prop_map(|(event, by, facet, severity)| {
                let promise = Promise::new(event)
                    .with_promiser(by)
                    .with_severity(severity);
                Kind::from(match facet {
                    Some(facet) => promise.with_facet(facet),
                    None => promise,
                })
            }),
        share().prop_map(|severity| ComplaintOpened::new().with_severity(severity).into()),
        share().prop_map(|quality| ComplaintResolved::new().with_quality(quality).into()),
        Just(ReferralMade::new().into()),
        Just(InfoShared::new(InfoFlow::Mutual, InfoDepth::Strategic).into()),
        Just(Payment::new(PaymentEvent::Disputed).into()),
    ];
    // Seconds over three years, so that events meet at no instant, and days, so that they do.
    let instant = prop_oneof![0_i64..100_000_000, (0_i64..4).prop_map(|n| n * 86_400)];
    (instant, kind).prop_map(|(seconds, kind)| event(at(seconds), kind))
}

fn any_log() -> impl Strategy<Value = Vec<Interaction>> {
    prop::collection::vec(any_event(), 0..12)
}

/// The two states agree to 1e-12.
fn same(one: &TrustEvidence, other: &TrustEvidence) -> Result<(), TestCaseError> {
    prop_assert_eq!(one.at, other.at);
    prop_assert_eq!(one.tallies.len(), other.tallies.len());
    for (a, b) in one.tallies.iter().zip(&other.tallies) {
        prop_assert_eq!(a.key, b.key);
        prop_assert!((a.kept - b.kept).abs() <= 1e-12 * a.kept, "{:?} {:?}", a, b);
        prop_assert!(
            (a.broken - b.broken).abs() <= 1e-12 * a.broken,
            "{:?} {:?}",
            a,
            b
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_105),
        failure_persistence: None,
        cases: 2_000,
        ..ProptestConfig::default()
    })]

    /// However a log is ordered and divided, its shards merge into what the whole leads to; merging
    /// is associative and commutative, with the empty state as its identity.
    #[test]
    fn any_order_and_any_sharding_lead_to_one_state(
        (log, shuffled) in any_log().prop_flat_map(|log| (Just(log.clone()), Just(log).prop_shuffle())),
        (first, second) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
    ) {
        let whole = state(&log);
        same(&whole, &state(&shuffled))?;
        let n = shuffled.len() + 1;
        let (from, to) = (first.index(n).min(second.index(n)), first.index(n).max(second.index(n)));
        let [a, b, c] = [&shuffled[..from], &shuffled[from..to], &shuffled[to..]].map(state);
        same(&whole, &merged(&merged(&a, &b), &c))?;
        same(&whole, &merged(&a, &merged(&b, &c)))?;
        same(&merged(&a, &b), &merged(&b, &a))?;
        prop_assert_eq!(&merged(&whole, &TrustEvidence::EMPTY), &whole);
        prop_assert_eq!(&merged(&TrustEvidence::EMPTY, &whole), &whole);
    }

    /// To fade in two steps is to fade in one, and fading goes before merging or after it.
    #[test]
    fn fading_composes(one in any_log(), other in any_log(), (a, b) in (0_i64..90_000_000, 0_i64..90_000_000)) {
        let policy = EvidencePolicy::default();
        let (then, later) = (at(100_000_000 + a), at(100_000_000 + a + b));
        let (one, other) = (state(&one), state(&other));
        let at_once = one.faded_to(later, &policy);
        same(&one.faded_to(then, &policy).faded_to(later, &policy), &at_once)?;
        let faded = merged(&one.faded_to(then, &policy), &other).faded_to(later, &policy);
        same(&faded, &merged(&at_once, &other.faded_to(later, &policy)))?;
        // An earlier instant than the latest event changes nothing.
        prop_assert_eq!(&one.faded_to(at(-1), &policy), &one);
    }
}
