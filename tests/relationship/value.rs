//! What a relationship is worth, and when there is no saying.

use std::sync::Arc;

use guanxi::dimension::{
    Advocacy, ByDimension, Dimension, EmotionalDimension, InformationDimension, LoyaltyPosition,
    ReferenceFrame, TrustDimension,
};
use guanxi::history::{AsOf, Consent, ConsentState, Interaction, Purchase, Purpose};
use guanxi::quantity::{Currency, Money, Probability};
use guanxi::relationship::{
    Aggregation, CompositeOutcome, CompositionPolicy, IndexScale, RelationshipScorer,
    RelationshipValue, Shortfall, Standing, Unvalued, Weights,
};
use guanxi::scorer::Scorer;
use guanxi::summary::{AdvocacyEvidence, CustomerSummary, EvidenceKind, Unreadable};

use super::synthetic::{Story, end_of};
use super::{
    Thumb, base_of, broken, customers, day, event, frame, granted, kept, log, near, nps, rules,
    scorer, withdrawn,
};

/// The value of the customer with a story.
fn of_story(
    scorer: &RelationshipScorer<Thumb>,
    which: impl Fn(Story) -> bool,
) -> RelationshipValue {
    let (log, base) = log();
    let truth = log.truths.iter().find(|truth| which(truth.story)).unwrap();
    let summary = base
        .summary(truth.customer.as_str(), AsOf::at(end_of(2)))
        .unwrap();
    scorer.score(&summary.unwrap()).unwrap()
}

#[test]
fn each_index_is_that_of_its_scorer_and_what_is_missing_is_the_reference() {
    let frame = frame(rules(0.0));
    let policy = CompositionPolicy::default();
    let scorer = RelationshipScorer::new(Thumb, Arc::clone(&frame), policy).unwrap();
    let trust = TrustDimension::new(Arc::clone(&frame));
    let emotional = EmotionalDimension::new(Arc::clone(&frame));
    let information = InformationDimension::new(Arc::clone(&frame));
    let (mut whole, mut partial) = (0, 0);
    for customer in customers() {
        let value = scorer.score(&customer).unwrap();
        assert_eq!(
            (value.customer(), value.frame()),
            (customer.customer(), frame.id())
        );
        assert_eq!(
            (value.as_of(), value.policy()),
            (customer.as_of(), policy.id())
        );
        if let Some(score) = value.trust().measured() {
            assert_eq!(*score, trust.score(&customer).unwrap());
        }
        if let Some(score) = value.emotional().measured() {
            assert_eq!(*score, emotional.score(&customer).unwrap());
        }
        if let Some(score) = value.information().measured() {
            assert_eq!(*score, information.score(&customer).unwrap());
        }
        let weights = policy.weights();
        let mut coverage = 0.0;
        for dimension in Dimension::ALL {
            let composed = value.profile().get(dimension);
            match value.index(dimension) {
                Some(index) => {
                    assert_eq!(composed, index.estimate());
                    if index.estimate().n_eff() >= 1.0 {
                        coverage += weights.get(dimension);
                    }
                }
                None => assert_eq!(composed, frame.reference(dimension)),
            }
        }
        near("coverage", value.coverage(), coverage);
        match value.composite() {
            CompositeOutcome::Composed(composite) => {
                let means = value.profile().means();
                near(
                    "composite",
                    composite.value(),
                    Aggregation::default().value(weights, &means),
                );
                assert!(value.interval().unwrap().contains(composite.value()));
                assert!(coverage >= 0.5);
                whole += 1;
            }
            CompositeOutcome::TooLittle {
                coverage: found,
                needed,
                short,
            } => {
                near("coverage", *found, coverage);
                let mut uncovered = 0.0;
                for (dimension, shortfall) in short.iter() {
                    let known = value.profile().get(dimension).n_eff();
                    assert_eq!(shortfall.is_some(), known < 1.0, "{dimension}");
                    let Some(shortfall) = shortfall else { continue };
                    assert_eq!((shortfall.found, shortfall.needed), (known, 1.0));
                    uncovered += shortfall.weight;
                }
                near("coverage", 1.0 - uncovered, coverage);
                assert!(*needed > coverage && value.interval().is_none());
                partial += 1;
            }
            other => assert!(value.interval().is_none(), "{other:?}"),
        }
    }
    assert!(whole > 30 && partial > 0, "{whole} {partial}");
}

#[test]
fn who_only_buys_has_an_economic_dimension_and_no_composite() {
    let value = of_story(&scorer(0.0, CompositionPolicy::default()), |s| {
        s == Story::PurchasesOnly
    });
    assert!(value.economic().measured().is_some());
    assert!(matches!(value.trust(), Standing::NoEvidence));
    assert!(matches!(value.emotional(), Standing::NoEvidence));
    let missing: Vec<_> = value.missing().collect();
    assert!(missing.contains(&Dimension::Trust) && missing.contains(&Dimension::Emotional));
    assert!(matches!(
        value.composite(),
        CompositeOutcome::TooLittle { .. }
    ));
}

#[test]
fn a_dimension_without_a_weight_does_not_fall_short() {
    let shares = ByDimension {
        economic: 0.0,
        trust: 0.5,
        emotional: 0.0,
        information: 0.5,
    };
    let policy = CompositionPolicy::default()
        .with_weights(Weights::new(shares).unwrap())
        .with_least_coverage(0.9)
        .unwrap();
    let base = base_of(&[
        event("c-1", "e-1", 0, granted()),
        event("c-1", "e-2", 1, kept()),
    ]);
    let summary = base.summary("c-1", AsOf::at(day(1))).unwrap().unwrap();
    let value = scorer(0.0, policy).score(&summary).unwrap();
    let short: Vec<_> = value.composite().short().collect();
    let missing = Shortfall {
        weight: 0.5,
        needed: 1.0,
        found: 0.0,
    };
    assert_eq!(short, [(Dimension::Information, missing)]);
    assert_eq!(
        value.composite().to_string(),
        "no composite: coverage 0.50 is below 0.90, too little is known of information (weight 0.50: \
         0 of 1 observations)"
    );
}

#[test]
fn who_bought_once_is_valued_and_covers_nothing() {
    let ten = Purchase::new(Money::parse("9000.00", Currency::EUR).unwrap()).unwrap();
    let base = base_of(&[event("c-1", "e-1", 0, ten)]);
    let scorer = scorer(0.0, CompositionPolicy::default());
    let value = |n| {
        let summary = base.summary("c-1", AsOf::at(day(n))).unwrap().unwrap();
        scorer.score(&summary).unwrap()
    };
    let (soon, late) = (value(1), value(400));
    let index = |value: &RelationshipValue| value.index(Dimension::Economic).unwrap();
    assert!(index(&soon).mean() > index(&late).mean(), "silence tells");
    assert!(soon.economic().native().is_some() && index(&soon).estimate().is_prior_only());
    near("coverage", soon.coverage(), 0.0);
}

#[test]
fn who_costs_more_than_they_bring_is_flagged_and_has_an_index_of_0() {
    let scorer = scorer(0.0, CompositionPolicy::default());
    let values: Vec<_> = customers()
        .iter()
        .map(|c| scorer.score(c).unwrap())
        .collect();
    let loss: Vec<_> = values
        .iter()
        .filter(|v| v.is_loss_making() == Some(true))
        .collect();
    assert!(!loss.is_empty() && loss.len() < values.len());
    for value in loss {
        near(
            "index",
            value.index(Dimension::Economic).unwrap().mean(),
            0.0,
        );
        assert!(value.economic().native().unwrap().value() < 0.0);
    }
    let prospect = of_story(&scorer, |s| s == Story::Prospect);
    assert_eq!(prospect.is_loss_making(), None);
    assert!(matches!(prospect.economic(), Standing::NoEvidence));
}

#[test]
fn who_takes_consent_back_is_not_modelled_and_the_report_says_what_was_withheld() {
    let scorer = scorer(0.0, CompositionPolicy::default());
    let value = of_story(&scorer, |s| matches!(s, Story::AnalyticsWithdrawn { .. }));
    let CompositeOutcome::NotModelled(withheld) = value.composite() else {
        panic!("{:?}", value.composite());
    };
    assert!(matches!(withheld.consent, ConsentState::Withdrawn { .. }));
    assert_eq!(value.not_modelled(), Some(*withheld));
    assert!(matches!(
        value.emotional(),
        Standing::Unreadable(Unreadable::Withheld(w)) if w.what == EvidenceKind::Affect
    ));
    assert!(value.trust().measured().is_some(), "trust is for service");
    assert!(
        value
            .withheld()
            .iter()
            .any(|w| w.what == EvidenceKind::Affect)
    );
    assert_eq!(
        (scorer.contributions(&value), value.interval()),
        (None, None)
    );
}

#[test]
fn a_consent_that_was_taken_back_outweighs_too_little_evidence_and_one_never_given_does_not() {
    let log = [
        event("gave", "e-1", 0, granted()),
        event("gave", "e-2", 1, kept()),
        event("took", "e-1", 0, granted()),
        event("took", "e-2", 1, kept()),
        event("took", "e-3", 2, withdrawn()),
        event("never", "e-2", 1, kept()),
    ];
    let base = base_of(&log);
    let scorer = scorer(0.0, CompositionPolicy::default());
    let outcome = |who| {
        let summary = base.summary(who, AsOf::at(day(2))).unwrap().unwrap();
        *scorer.score(&summary).unwrap().composite()
    };
    assert!(matches!(
        outcome("gave"),
        CompositeOutcome::TooLittle { .. }
    ));
    assert!(matches!(outcome("took"), CompositeOutcome::NotModelled(_)));
    assert!(matches!(
        outcome("never"),
        CompositeOutcome::TooLittle { .. }
    ));
}

#[test]
fn advocacy_and_loyalty_are_read_off_the_same_answer_as_the_feeling() {
    let scorer = scorer(0.0, CompositionPolicy::default());
    let policy = *scorer.frame().rules().emotional();
    let (mut advocates, mut ambassadors, mut classes) = (0, 0, 0);
    for customer in customers() {
        let value = scorer.score(&customer).unwrap();
        let Some(feeling) = value.emotional().native() else {
            assert_eq!(value.loyalty(), None);
            continue;
        };
        assert_eq!(*feeling.rules(), policy);
        let shown = customer.advocacy().unwrap();
        let empty = AdvocacyEvidence::EMPTY;
        let purchases = customer.money().orders();
        let expected = match shown {
            None if purchases == 0 => None,
            _ => Some(Advocacy::of(shown.unwrap_or(&empty), purchases, &policy).unwrap()),
        };
        assert_eq!(feeling.advocacy(), expected);
        advocates += usize::from(expected.is_some());
        ambassadors += usize::from(expected.is_some_and(|a| a.is_brand_ambassador()));
        let active = value
            .economic()
            .native()
            .map(guanxi::model::LifetimeValue::probability_alive);
        let expected = active.map(|active| {
            let active = Probability::new(active).unwrap();
            LoyaltyPosition::of(feeling.index(), active, &policy).unwrap()
        });
        assert_eq!(value.loyalty(), expected);
        classes += usize::from(expected.is_some());
    }
    assert!(
        advocates > 30 && ambassadors > 0 && classes > 30,
        "{advocates} {ambassadors} {classes}"
    );
}

#[test]
fn of_purchases_that_may_not_be_read_no_advocacy_is_told() {
    let service = Purpose::Service;
    let bought = Purchase::new(Money::parse("9.00", Currency::EUR).unwrap()).unwrap();
    let mut log = vec![
        event("c-1", "e-1", 0, granted()),
        event("c-1", "e-2", 1, nps(9)),
        event("c-1", "e-3", 1, bought),
    ];
    let scorer = scorer(0.0, CompositionPolicy::default());
    let advocacy = |log: &[Interaction]| {
        let summary = base_of(log).summary("c-1", AsOf::at(day(2)));
        let value = scorer.score(&summary.unwrap().unwrap()).unwrap();
        value.emotional().native().unwrap().advocacy()
    };
    assert_eq!(advocacy(&log).unwrap().is_promoter(), Some(true));
    let withdrawn = Consent::Withdrawn { purpose: service };
    log.push(event("c-1", "e-4", 2, withdrawn));
    assert_eq!(advocacy(&log), None);
}

#[test]
fn percentiles_are_composed_where_the_policy_says_so() {
    let policy = CompositionPolicy::default().with_scale(IndexScale::Percentile);
    let scorer = scorer(0.0, policy);
    let frame = Arc::clone(scorer.frame());
    for customer in customers() {
        let value = scorer.score(&customer).unwrap();
        for dimension in Dimension::ALL {
            let composed = value.profile().get(dimension);
            match value.index(dimension) {
                Some(index) => {
                    let share = frame.percentile(dimension, &index).unwrap();
                    assert_eq!(composed, share.estimate());
                }
                None => near("reference", composed.mean(), 0.5),
            }
        }
    }
}

#[test]
fn without_a_model_of_value_three_dimensions_stand() {
    let all = customers();
    let frame = ReferenceFrame::without_value(rules(0.0), "no values", end_of(2), &all).unwrap();
    let policy = CompositionPolicy::default();
    let scorer: RelationshipScorer<Unvalued> =
        RelationshipScorer::without_value(Arc::new(frame), policy).unwrap();
    assert!(scorer.economic().is_none());
    let value = |customer: &CustomerSummary| scorer.score(customer).unwrap();
    assert!(
        all.iter()
            .all(|c| matches!(value(c).economic(), Standing::NoModel))
    );
    assert!(
        all.iter()
            .any(|c| (value(c).coverage() - 0.6).abs() < 1e-12)
    );
    assert!(
        all.iter()
            .any(|c| value(c).composite().composite().is_some())
    );
}

#[test]
fn the_interval_ends_where_composites_do() {
    let base = base_of(&[
        event("c-1", "e-1", 0, granted()),
        event("c-1", "e-2", 0, broken()),
        event("c-1", "e-3", 0, nps(0)),
    ]);
    let policy = CompositionPolicy::default()
        .with_aggregation(Aggregation::Weakest)
        .with_least_coverage(0.0)
        .unwrap();
    let summary = base.summary("c-1", AsOf::at(day(0))).unwrap().unwrap();
    let value = scorer(0.0, policy).score(&summary).unwrap();
    let range = value.interval().unwrap();
    assert!(range.lower() >= 0.0 && range.upper() <= 1.0);
}
