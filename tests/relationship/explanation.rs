//! Why a relationship is worth what it is: parts that sum to the whole.

use std::collections::BTreeSet;
use std::sync::Arc;

use guanxi::dimension::{Dimension, DimensionRules, FieldRule, InformationPolicy, ReferenceFrame};
use guanxi::history::{AsOf, Consent, Feedback, ProfileAttribute, Purchase, Purpose};
use guanxi::quantity::{Currency, Fraction, HalfLife, Money};
use guanxi::relationship::{
    Aggregation, CompositionPolicy, Explanation, IndexScale, RelationshipError, RelationshipScorer,
};
use guanxi::scorer::Scorer;
use guanxi::summary::{ConsentPolicy, ConsentRule, EvidencePolicy, LiveBase, SummaryPolicy};

use super::synthetic::{end_of, instant};
use super::{Thumb, base_of, broken, day, event, granted, kept, log, near, nps, scorer, withdrawn};

/// Asserts that every part sums to its whole.
fn sums(scorer: &RelationshipScorer<Thumb>, why: &Explanation) {
    let value = why.value();
    let mut whole = 0.0;
    for dimension in Dimension::ALL {
        let Some(of) = why.dimension(dimension) else {
            assert!(value.index(dimension).is_none());
            continue;
        };
        let index = value.index(dimension).unwrap().mean();
        let moved: f64 = of.events().iter().map(|event| event.index).sum();
        near("index", of.index(), index);
        near(
            "start, rest and events",
            of.start() + of.rest() + moved,
            index,
        );
        near(
            "reference",
            of.reference(),
            scorer.frame().reference(dimension).mean(),
        );
        let sizes: Vec<f64> = of.events().iter().map(|event| event.index.abs()).collect();
        assert!(sizes.windows(2).all(|pair| pair[0] >= pair[1]));
        assert!(of.events().iter().all(|event| event.dimension == dimension));
        let Some(part) = of.part() else {
            assert!(of.events().iter().all(|event| event.composite.is_none()));
            continue;
        };
        let shares: f64 = of
            .events()
            .iter()
            .map(|event| event.composite.unwrap())
            .sum();
        let rest = of.composite_of_rest().unwrap();
        near("shares and rest", shares + rest, part);
        // On its own scale, the rest is told at the rate of the events.
        if scorer.policy().scale() == IndexScale::Native && (index - of.reference()).abs() > 1e-9 {
            let rate = part / (index - of.reference());
            near(
                "rest",
                rest,
                rate * (of.start() + of.rest() - of.reference()),
            );
            // No event moves the composite against its index.
            let along = |event: &&guanxi::relationship::EventContribution| {
                event.composite.unwrap() * event.index >= 0.0
            };
            assert!(of.events().iter().all(|event| along(&event)));
        }
    }
    let Some(why) = why.contributions() else {
        assert!(value.not_modelled().is_some());
        return;
    };
    for dimension in Dimension::ALL {
        whole += why.parts()[dimension];
    }
    let (weights, aggregation) = (scorer.policy().weights(), scorer.policy().aggregation());
    let own = aggregation.value(weights, &value.profile().means());
    let reference = aggregation.value(weights, &scorer.reference().means());
    near("parts", whole, own - reference);
    if let Some(composite) = value.composite().composite() {
        near("composite", why.value(), composite.value());
    }
}

fn explained(scorer: &RelationshipScorer<Thumb>, base: &LiveBase, as_of: AsOf) -> usize {
    let mut moved = 0;
    for customer in base.customers() {
        let why = scorer.explain(base, customer.as_str(), as_of).unwrap();
        let Some(summary) = base.summary(customer.as_str(), as_of).unwrap() else {
            // Nothing had happened yet: nothing is explained.
            assert_eq!(why.value().missing().count(), Dimension::ALL.len());
            continue;
        };
        let direct = scorer.score(&summary).unwrap();
        for dimension in Dimension::ALL {
            let (one, other) = (why.value().index(dimension), direct.index(dimension));
            assert_eq!(one.is_some(), other.is_some());
            if let (Some(one), Some(other)) = (one, other) {
                near("streamed and replayed", one.mean(), other.mean());
            }
        }
        sums(scorer, &why);
        moved += why.largest(usize::MAX).len();
    }
    moved
}

#[test]
fn every_part_sums_to_its_whole_under_every_aggregation_with_and_without_peak_and_end() {
    let (_, base) = log();
    for aggregation in Aggregation::ALL {
        let policy = CompositionPolicy::default().with_aggregation(aggregation);
        for peak_end in [0.0, 0.4] {
            let scorer = scorer(peak_end, policy);
            assert!(explained(&scorer, base, AsOf::at(end_of(2))) > 2_000);
        }
    }
}

#[test]
fn every_part_sums_to_its_whole_at_earlier_instants_and_on_percentiles() {
    let (_, base) = log();
    for scale in [IndexScale::Native, IndexScale::Percentile] {
        let scorer = scorer(1.0, CompositionPolicy::default().with_scale(scale));
        for day in [40.0, 200.0, 500.0] {
            let then = AsOf::at(instant(day));
            explained(&scorer, base, then);
            explained(&scorer, base, then.known_at(instant(day - 10.0)));
        }
    }
}

#[test]
fn on_percentiles_no_event_moves_the_composite_against_its_index() {
    let (_, base) = log();
    let policy = CompositionPolicy::default().with_scale(IndexScale::Percentile);
    let scorer = scorer(0.0, policy);
    for customer in base.customers() {
        let why = scorer
            .explain(base, customer.as_str(), AsOf::at(end_of(2)))
            .unwrap();
        for event in why.largest(usize::MAX) {
            let Some(composite) = event.composite else {
                continue;
            };
            assert!(composite * event.index >= 0.0, "{event:?}");
            assert!(composite.abs() <= 1.0, "{event:?}");
        }
    }
}

#[test]
fn the_largest_are_the_largest_and_each_event_is_in_the_log() {
    let (log, base) = log();
    let scorer = scorer(0.2, CompositionPolicy::default());
    let ids: BTreeSet<_> = log
        .interactions
        .iter()
        .map(|event| event.id().clone())
        .collect();
    for customer in base.customers() {
        let why = scorer
            .explain(base, customer.as_str(), AsOf::at(end_of(2)))
            .unwrap();
        let all = why.largest(usize::MAX);
        let three = why.largest(3);
        assert_eq!(three[..], all[..three.len()]);
        assert!(all.iter().all(|event| ids.contains(&event.event.id)));
        let composed = why.value().composite().composite().is_some();
        let size = |place: usize| {
            let event = all[place];
            event
                .composite
                .filter(|_| composed)
                .unwrap_or(event.index)
                .abs()
        };
        assert!((1..all.len()).all(|place| size(place - 1) >= size(place)));
    }
}

#[test]
fn peak_and_end_add_to_the_events_that_were_them() {
    let log = [
        event("c-1", "e-1", 0, granted()),
        event("c-1", "e-2", 0, nps(0)),  // −1: the peak
        event("c-1", "e-3", 10, nps(8)), // 0.2
        event("c-1", "e-4", 20, nps(9)), // 0.6: the end
    ];
    let base = base_of(&log);
    let scorer = scorer(1.0, CompositionPolicy::default());
    let why = scorer.explain(&base, "c-1", AsOf::at(day(20))).unwrap();
    let felt = why.dimension(Dimension::Emotional).unwrap();
    near("index", felt.index(), 0.5 + (-1.0 + 0.6) / 4.0);
    near("start", felt.start(), 0.55);
    near("rest", felt.rest(), -0.05);
    let moved: Vec<_> = felt
        .events()
        .iter()
        .map(|e| (e.event.id.as_str(), e.index))
        .collect();
    assert_eq!(moved.len(), 2);
    assert_eq!((moved[0].0, moved[1].0), ("e-2", "e-4"));
    near("peak", moved[0].1, -0.25);
    near("end", moved[1].1, 0.15);
}

#[test]
fn who_takes_consent_back_has_their_trust_explained_and_nothing_composed() {
    let log = [
        event("c-1", "e-1", 0, granted()),
        event("c-1", "e-2", 1, kept()),
        event("c-1", "e-3", 2, nps(9)),
        event("c-1", "e-4", 3, withdrawn()),
    ];
    let base = base_of(&log);
    let scorer = scorer(0.0, CompositionPolicy::default());
    let why = scorer.explain(&base, "c-1", AsOf::at(day(3))).unwrap();
    assert_eq!(why.contributions(), None);
    assert!(why.dimension(Dimension::Emotional).is_none());
    let trust = why.dimension(Dimension::Trust).unwrap();
    assert_eq!((trust.part(), trust.composite_of_rest()), (None, None));
    assert_eq!(trust.events().len(), 3); // given, kept, taken back
    assert_eq!(
        why.largest(1)[0].event.id.as_str(),
        trust.events()[0].event.id.as_str()
    );
}

#[test]
fn where_even_service_needs_consent_purchases_are_explained_once_it_is_given() {
    let asked = ConsentPolicy::default().with(Purpose::Service, ConsentRule::Granted);
    let rules = EvidencePolicy::default().with_consent(asked);
    let mut base = LiveBase::with_rules(SummaryPolicy::default(), Arc::new(rules));
    let bought = Purchase::new(Money::parse("9000", Currency::EUR).unwrap()).unwrap();
    let service = Consent::Granted {
        purpose: Purpose::Service,
    };
    for event in [
        event("c", "1", 0, service),
        event("c", "2", 1, granted()),
        event("c", "3", 1, bought.clone().with_category("tea")),
        event("c", "4", 9, bought),
    ] {
        base.observe(event).unwrap();
    }
    let typical = Money::parse("900", Currency::EUR).unwrap();
    let frame =
        ReferenceFrame::stated(DimensionRules::default(), "stated", day(9), Some(typical)).unwrap();
    let policy = CompositionPolicy::default();
    let scorer = RelationshipScorer::new(Thumb, Arc::new(frame), policy).unwrap();
    let why = scorer.explain(&base, "c", AsOf::at(day(9))).unwrap();
    sums(&scorer, &why);
    assert_eq!(
        why.dimension(Dimension::Economic).unwrap().events().len(),
        2
    );
}

#[test]
fn an_event_that_was_corrected_explains_nothing() {
    let wrong = event("c-1", "e-2", 1, broken());
    let right = event("c-1", "e-3", 1, kept()).correcting(wrong.id().clone());
    let base = base_of(&[event("c-1", "e-1", 0, granted()), wrong, right]);
    let scorer = scorer(0.0, CompositionPolicy::default());
    let why = scorer.explain(&base, "c-1", AsOf::at(day(1))).unwrap();
    let trust = why.dimension(Dimension::Trust).unwrap();
    assert!(
        trust
            .events()
            .iter()
            .all(|event| event.event.id.as_str() != "e-2")
    );
}

#[test]
fn joined_identities_are_explained_as_one() {
    // Both identities numbered their events alike.
    let log = [
        event("shop", "e-1", 0, granted()),
        event("shop", "e-2", 1, kept()),
        event("web", "e-1", 1, nps(9)),
        event("web", "e-2", 2, broken()),
        event("web", "e-3", 2, nps(2)),
    ];
    let mut base = base_of(&log);
    let id = |name| guanxi::history::CustomerId::new(name).unwrap();
    base.join(&id("web"), &id("shop")).unwrap();
    for peak_end in [0.0, 0.5] {
        let scorer = scorer(peak_end, CompositionPolicy::default());
        for name in ["web", "shop"] {
            let why = scorer.explain(&base, name, AsOf::at(day(5))).unwrap();
            assert_eq!(why.value().customer().as_str(), "shop");
            assert_eq!(why.dimension(Dimension::Trust).unwrap().events().len(), 3);
            assert_eq!(
                why.dimension(Dimension::Emotional).unwrap().events().len(),
                4
            );
            sums(&scorer, &why);
        }
        explained(&scorer, &base, AsOf::at(day(5)));
    }
}

#[test]
fn events_of_joined_identities_that_share_an_id_are_told_apart() {
    let told = |quality| Feedback::new().with_quality(Fraction::new(quality).unwrap());
    let mut base = base_of(&[
        event("shop", "0", 0, granted()),
        event("shop", "1", 1, told(0.9)),
        event("web", "2", 2, ProfileAttribute::new("city".to_owned())),
        event("web", "1", 4, told(0.5)),
        event("shop", "2", 5, nps(9)),
    ]);
    let id = |name| guanxi::history::CustomerId::new(name).unwrap();
    base.join(&id("web"), &id("shop")).unwrap();
    let rules = DimensionRules::default();
    let city = FieldRule::new("city", 1.0, HalfLife::NEVER).unwrap();
    let fields = InformationPolicy::default().with_fields([city]);
    let rules = rules.with_information(fields.unwrap());
    let frame = ReferenceFrame::stated(rules, "shop", day(9), None).unwrap();
    let scorer =
        RelationshipScorer::without_value(Arc::new(frame), CompositionPolicy::default()).unwrap();
    let why = scorer.explain(&base, "shop", AsOf::at(day(9))).unwrap();
    let why = why.dimension(Dimension::Information).unwrap();
    let mut named: Vec<_> = why
        .events()
        .iter()
        .map(|e| (e.event.id.as_str(), e.event.at, e.event.kind.as_str()))
        .collect();
    named.sort_unstable();
    assert_eq!(
        named,
        [
            ("1", day(1), "feedback"),
            ("1", day(4), "feedback"),
            ("2", day(2), "profile_attribute")
        ]
    );
    // What was said better adds more.
    let of = |n| why.events().iter().find(|e| e.event.at == day(n)).unwrap();
    assert!(of(1).index > 1.5 * of(4).index);
}

#[test]
fn a_peak_is_one_events_even_where_two_identities_share_id_and_instant() {
    let mut base = base_of(&[
        event("shop", "0", 0, granted()),
        event("shop", "1", 1, nps(9)),
        event("web", "1", 1, nps(0)),
        event("web", "2", 2, nps(6)),
    ]);
    let id = |name| guanxi::history::CustomerId::new(name).unwrap();
    base.join(&id("web"), &id("shop")).unwrap();
    let scorer = scorer(0.5, CompositionPolicy::default());
    let why = scorer.explain(&base, "shop", AsOf::at(day(5))).unwrap();
    sums(&scorer, &why);
}

#[test]
fn a_customer_nobody_knows_is_not_explained() {
    let (_, base) = log();
    let scorer = scorer(0.0, CompositionPolicy::default());
    let refused = scorer
        .explain(base, "nobody", AsOf::at(day(0)))
        .unwrap_err();
    assert!(matches!(refused, RelationshipError::UnknownCustomer { .. }));
    assert_eq!(refused.to_string(), "customer \"nobody\" is not recorded");
}
