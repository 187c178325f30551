//! What each scorer makes of a customer's evidence, and of whom it may make nothing.

use guanxi::history::{
    Consent, Construct, Contact, Contract, ContractEvent, Direction, Offer, OfferEvent,
    PreferenceObserved, Purchase, Purpose, Scale, SurveyItem,
};
use guanxi::metric::SmallGroups;
use guanxi::model::{PurchaseModel, PurchasePosterior, SpendModel, SpendPosterior};
use guanxi::quantity::{Currency, Estimate, Fraction, Money, Probability, Span, TimeUnit};
use guanxi::scorer::{ScoreError, Scorer};
use guanxi::segment::{
    Condition, DiscountPrior, Elasticity, LifecyclePolicy, LifecycleScorer, LifecycleStage,
    NeedsClusterPolicy, NeedsClusters, PriceClass, PriceFrame, PricePolicy, RelationClass,
    RelationInputs, RelationMeasure, RelationPolicy, RelationScorer, RfmFrame, RfmNesting,
    RfmPolicy, Rule, RuleAttribute, RuleSet, ScoreCuts, SegmentCounts, SegmentError, Segmented,
    TierShares, ValueCuts, ValueMatrixScorer, ValueTier, ValueTierScorer, hellinger_distance,
};
use guanxi::summary::CustomerSummary;

use super::support::assert_close;
use super::support::history::{day, eur};
use super::{Log, clv, needy, open, purchases, rfm, spend, stages, withdrawn};

fn usd(text: &str) -> Purchase {
    Purchase::new(Money::parse(text, Currency::USD).unwrap()).unwrap()
}

// RFM

#[test]
fn a_cell_in_which_the_population_has_nobody_is_scored_against_all_of_it() {
    // Two groups of recency; of those long gone nobody's money is known.
    let mut log = Log::new(open());
    for n in 0..10 {
        log.buy(&format!("late-{n}"), 90, &(10 * (n + 1)).to_string());
        log.buy(&format!("late-{n}"), 95, "1");
    }
    let mut base = log.at(100);
    base.extend((0..10).map(|n| rfm(&format!("gone-{n}"), 1, 1.0, 60.0)));
    let policy = RfmPolicy::default().with_scores(2).unwrap();
    let policy = policy.with_nesting(RfmNesting::Nested);
    let frame = RfmFrame::of(policy, &base).unwrap();
    let mut newcomers = Log::new(open());
    for (name, amount) in [("poor", "5"), ("rich", "500")] {
        newcomers.buy(name, 0, amount);
        newcomers.buy(name, 1, "1");
    }
    let money = |name| {
        let score = frame.score(&newcomers.of(name, 1000)).unwrap();
        let score = score.modelled().unwrap();
        (score.recency, score.money)
    };
    assert_eq!((money("poor"), money("rich")), ((1, Some(1)), (1, Some(2))));
}

#[test]
fn two_currencies_are_not_ranked_together() {
    let mut log = Log::new(open());
    for n in 0..5 {
        log.buy("a", 7 * n, "20");
    }
    log.add("b", day(0), usd("20"));
    log.add("b", day(9), usd("20"));
    let both = log.at(30);
    let (a, b) = (log.of("a", 30), log.of("b", 30));
    let refused = RfmFrame::of(RfmPolicy::default(), &both).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "customers must be in one currency: expected EUR, got USD of b"
    );
    let frame = RfmFrame::of(RfmPolicy::default(), [&a]).unwrap();
    assert!(matches!(frame.score(&b), Err(ScoreError::Quantity(_))));
    let tiers = ValueTierScorer::of(clv(), TierShares::default(), &both);
    assert!(matches!(tiers, Err(SegmentError::Score(_))), "{tiers:?}");
    let matrix = ValueMatrixScorer::of(clv(), TierShares::default(), &both);
    assert!(matches!(matrix, Err(SegmentError::Score(_))), "{matrix:?}");
    let matrix = ValueMatrixScorer::of(clv(), TierShares::default(), [&a]).unwrap();
    assert!(matches!(matrix.score(&b), Err(ScoreError::Quantity(_))));
}

#[test]
fn who_took_back_the_consent_is_in_no_population_and_in_no_segment() {
    let mut log = Log::new(open());
    for (number, name) in ["a", "b", "c", "private"].into_iter().enumerate() {
        for n in 0..=i64::try_from(number).unwrap() {
            let order = Purchase::new(eur("8")).unwrap();
            let order = order.with_list_price(eur(if n == 1 { "10" } else { "8" }));
            log.add(name, day(7 * n), order.unwrap());
        }
    }
    let others: Vec<_> = ["a", "b", "c"].map(|name| log.of(name, 40)).into();
    log.add("private", day(41), withdrawn(Purpose::Analytics));
    let base = log.at(40);
    let private = log.of("private", 40);
    assert_eq!(base.len(), 4);

    let frame = RfmFrame::of(RfmPolicy::default(), &base).unwrap();
    let without = RfmFrame::of(RfmPolicy::default(), &others).unwrap();
    assert_eq!((frame.customers(), frame.not_modelled()), (3, 1));
    assert_eq!((without.customers(), without.not_modelled()), (3, 0));
    for customer in &others {
        assert_eq!(frame.score(customer), without.score(customer));
    }
    assert!(frame.score(&private).unwrap().withheld().is_some());

    let measure = RelationMeasure::new(purchases(), spend(), RelationPolicy::default());
    let relation = RelationScorer::of(measure.clone(), &base).unwrap();
    let without = RelationScorer::of(measure, &others).unwrap();
    assert_eq!(relation.cuts(), without.cuts());
    assert!(relation.score(&private).unwrap().withheld().is_some());

    let prices = PriceFrame::of(PricePolicy::default(), &base).unwrap();
    let without = PriceFrame::of(PricePolicy::default(), &others).unwrap();
    assert_eq!((prices.customers(), prices.not_modelled()), (3, 1));
    assert_eq!(prices.prior(), without.prior());
    assert!(prices.score(&private).unwrap().withheld().is_some());
}

// Relational, selective, transactional

#[test]
fn volume_and_loyalty_are_what_the_models_expect_within_the_horizon() {
    let customer = rfm("c", 9, 40.0, 52.0);
    let half = Span::new(26.0, TimeUnit::Week).unwrap();
    for (policy, horizon) in [
        (RelationPolicy::default(), Span::years(1.0).unwrap()),
        (RelationPolicy::default().with_horizon(half), half),
    ] {
        let policy = policy.with_prior_observations(3.0).unwrap();
        let measure = RelationMeasure::new(purchases(), spend(), policy);
        let found = measure.score(&customer).unwrap().modelled().unwrap();
        let known = purchases().posterior(customer.rfm().unwrap()).unwrap();
        let worth = spend().posterior(None).unwrap().expected_spend();
        let volume = known.expected_purchases(horizon) * worth;
        let active = known.probability_active(horizon);
        let n = known.n_eff();
        assert_close!(found.volume.mean(), volume, 1e-14);
        assert_close!(found.volume.sd(), volume / (n + 3.0).sqrt(), 1e-14);
        assert_close!(found.loyalty.mean(), active, 1e-14);
        let sd = (active * (1.0 - active) / (n + 4.0)).sqrt();
        assert_close!(found.loyalty.sd(), sd, 1e-14);
        assert_eq!((found.volume.n_eff(), found.loyalty.n_eff()), (n, n));
    }
}

/// Demand and loyalty as somebody stated them, for a customer's name.
struct Stated;

impl Scorer for Stated {
    type Score = Segmented<RelationInputs>;

    fn score(&self, customer: &CustomerSummary) -> Result<Self::Score, ScoreError> {
        let (volume, loyalty) = match customer.customer().as_str() {
            "a" => (100.0, 0.9),
            "b" => (50.0, 0.2),
            "c" => (20.0, 0.6),
            _ => (10.0, 0.1),
        };
        Ok(Segmented::Modelled(RelationInputs {
            volume: Estimate::new(volume, 0.0, 1.0)?,
            loyalty: Estimate::new(loyalty, 0.0, 1.0)?,
        }))
    }
}

#[test]
fn stated_demand_is_cut_at_the_median_as_well() {
    let base = ["a", "b", "c", "d"].map(|name| rfm(name, 1, 2.0, 9.0));
    let scorer = RelationScorer::of(Stated, &base).unwrap();
    assert_close!(scorer.cuts().volume(), 35.0, 1e-15); // between 20 and 50
    assert_close!(scorer.cuts().loyalty(), 0.4, 1e-15);
    let class = |customer| {
        let member = scorer.score(customer).unwrap();
        member.modelled().unwrap().class()
    };
    let classes = base.each_ref().map(class);
    assert_eq!(
        classes,
        [
            RelationClass::Relational,
            RelationClass::Selective,
            RelationClass::Selective,
            RelationClass::Transactional
        ]
    );
}

#[test]
fn a_share_of_wallet_of_a_rival_changes_neither_volume_nor_loyalty() {
    let mut log = Log::new(open());
    for name in ["plain", "rival"] {
        for n in 0..10 {
            log.buy(name, 7 * n, "20");
        }
    }
    let scale = Scale::new(0.0, 100.0).unwrap();
    let said = SurveyItem::new(Construct::ShareOfWallet, 75.0, scale).unwrap();
    log.add("rival", day(64), said.with_about("north"));
    let measure = RelationMeasure::new(purchases(), spend(), RelationPolicy::default());
    let of = |name| measure.score(&log.of(name, 70)).unwrap();
    assert_eq!(of("plain"), of("rival"));
}

// Price sensitivity

fn hunters() -> Log {
    let mut log = Log::new(open());
    let full = || {
        Purchase::new(eur("10"))
            .unwrap()
            .with_list_price(eur("10"))
            .unwrap()
    };
    let cheap = || {
        Purchase::new(eur("8"))
            .unwrap()
            .with_list_price(eur("10"))
            .unwrap()
    };
    for n in 0..4 {
        log.add("keen", day(n), cheap());
        log.add(
            "keen",
            day(n),
            Offer::new(OfferEvent::Shown).with_promotion(n == 0),
        );
    }
    log.add("keen", day(4), full());
    log.add("keen", day(4), Offer::new(OfferEvent::Shown)); // of what kind was not said
    for (price, quantity) in [(10, 1_u32), (8, 2), (5, 4), (4, 6)] {
        let order = Purchase::new(eur(&(price * i64::from(quantity)).to_string())).unwrap();
        let order = order
            .with_category("tea")
            .with_quantity(quantity.into())
            .unwrap();
        log.add("keen", day(5), order);
    }
    log.add("never", day(0), Contact::new(Direction::Inbound));
    log
}

#[test]
fn how_often_a_discount_was_on_offer_is_drawn_to_what_is_usual() {
    let log = hunters();
    let prior = DiscountPrior::new(2.0, 6.0).unwrap();
    let usual = Fraction::new(0.3).unwrap();
    let policy = PricePolicy::default().with_prior_occasions(6.0).unwrap();
    let judge = |frame: &PriceFrame, name| {
        let judged = frame.score(&log.of(name, 5)).unwrap();
        judged.modelled().unwrap()
    };
    let frame = PriceFrame::stated(policy, prior, Some(usual));
    let keen = judge(&frame, "keen");
    // One promotion of four occasions, and six usual ones.
    assert_close!(
        keen.available.unwrap().value(),
        (1.0 + 6.0 * 0.3) / 10.0,
        1e-14
    );
    assert_close!(keen.share.mean(), (2.0 + 4.0) / (8.0 + 5.0), 1e-14);
    assert_eq!(
        (keen.share.n_eff(), keen.class),
        (5.0, Some(PriceClass::Sensitive))
    );
    let summary = log.of("keen", 5);
    let prices = summary.offers().unwrap().unwrap().price_variation();
    assert_eq!(keen.elasticity, Elasticity::of(&prices, 0.25).unwrap());
    assert!(keen.elasticity.unwrap().estimate().mean() < -0.5);
    // Without anything usual the customer's own occasions stand alone.
    let blind = PriceFrame::stated(policy, prior, None);
    assert_close!(
        judge(&blind, "keen").available.unwrap().value(),
        0.25,
        1e-15
    );
    // Of whom nothing is known the population speaks.
    let never = judge(&frame, "never");
    assert_close!(never.share.mean(), 0.25, 1e-15);
    assert_eq!((never.share.n_eff(), never.class), (0.0, None));
    assert_close!(never.available.unwrap().value(), 0.3, 1e-15);
    assert_eq!(never.elasticity, None);
    assert_eq!(judge(&blind, "never").available, None);
}

#[test]
fn purchases_and_occasions_fade_where_that_is_asked_for() {
    let log = hunters();
    let prior = DiscountPrior::new(2.0, 6.0).unwrap();
    let usual = Fraction::new(0.3).unwrap();
    let policy = PricePolicy::default().with_fading(true);
    let frame = PriceFrame::stated(policy, prior, Some(usual));
    let as_of = 3 * 365;
    let keen = frame
        .score(&log.of("keen", as_of))
        .unwrap()
        .modelled()
        .unwrap();
    let left = |n: i64| 0.5_f64.powf((as_of - n) as f64 / 365.0);
    let bought: f64 = (0..5).map(left).sum();
    let shown: f64 = (0..4).map(left).sum();
    assert_close!(keen.share.n_eff(), bought, 1e-12);
    assert_close!(keen.share.mean(), (2.0 + shown) / (8.0 + bought), 1e-12);
    let available = (left(0) + 10.0 * 0.3) / (shown + 10.0);
    assert_close!(keen.available.unwrap().value(), available, 1e-12);
    assert_eq!(keen.class, None); // less than three are left
}

#[test]
fn three_purchases_are_enough_to_tell() {
    let prior = DiscountPrior::new(2.0, 6.0).unwrap();
    let usual = Some(Fraction::new(0.1).unwrap());
    let frame = PriceFrame::stated(PricePolicy::default(), prior, usual);
    let class = |n: f64| frame.judge_counts(n, n).unwrap().class;
    assert_eq!(class(3.0), Some(PriceClass::Sensitive));
    assert_eq!(class(2.999), None);
}

// Lifecycle

#[test]
fn a_contact_in_either_direction_makes_a_target_and_what_was_only_shown_does_not() {
    let mut log = Log::new(open());
    for direction in [Direction::Inbound, Direction::Outbound] {
        for (when, at) in [("in", 10), ("out", 9)] {
            log.add(
                &format!("{direction:?}-{when}"),
                day(at),
                Contact::new(direction),
            );
        }
    }
    log.add("shown", day(99), Offer::new(OfferEvent::Shown));
    let scorer = stages();
    let stage = |name: &str| {
        let found = scorer.score(&log.of(name, 100)).unwrap();
        found.modelled().unwrap().stage
    };
    for direction in ["Inbound", "Outbound"] {
        assert_eq!(stage(&format!("{direction}-in")), LifecycleStage::Target);
        assert_eq!(
            stage(&format!("{direction}-out")),
            LifecycleStage::Potential
        );
    }
    assert_eq!(stage("shown"), LifecycleStage::Potential);
}

#[test]
fn a_contract_whose_term_ran_out_makes_no_customer() {
    let mut log = Log::new(open());
    let signed = Contract::new(ContractEvent::Signed).with_term(Span::days(30.0).unwrap());
    log.add("c", day(0), signed);
    let scorer = stages();
    let at = |n| {
        let found = scorer.score(&log.of("c", n)).unwrap().modelled().unwrap();
        (found.stage, found.lapsed, found.contract_in_force)
    };
    assert_eq!(at(29), (LifecycleStage::Current, false, true));
    assert_eq!(at(30), (LifecycleStage::Potential, true, false));
}

#[test]
fn every_rule_of_the_lifecycle_is_heeded_and_named() {
    let base = LifecyclePolicy::new(Span::days(1.0).unwrap()).unwrap();
    let customer = rfm("c", 9, 50.0, 52.0);
    let stage = |policy| {
        let scorer = LifecycleScorer::new(purchases(), policy);
        scorer.score(&customer).unwrap().modelled().unwrap()
    };
    let alive = stage(base).probability_alive.unwrap();
    let above = Probability::new(alive + 1e-6).unwrap();
    let at = Probability::new(alive).unwrap();
    assert_eq!(
        stage(base.with_alive(above)).stage,
        LifecycleStage::Potential
    );
    assert_eq!(stage(base.with_alive(at)).stage, LifecycleStage::Current);

    let mut log = Log::new(open());
    log.add("talks", day(10), Contact::new(Direction::Inbound));
    log.add("quiet", day(10), Contact::new(Direction::Inbound));
    log.add("quiet", day(11), withdrawn(Purpose::Sharing));
    let stage = |policy: LifecyclePolicy, name| {
        let scorer = LifecycleScorer::new((), policy);
        scorer
            .score(&log.of(name, 40))
            .unwrap()
            .modelled()
            .unwrap()
            .stage
    };
    let week = base.with_target_window(Span::weeks(1.0).unwrap());
    assert_eq!(stage(base, "talks"), LifecycleStage::Target);
    assert_eq!(stage(week, "talks"), LifecycleStage::Potential);
    let sharing = base.with_contact_purpose(Purpose::Sharing);
    assert_eq!(stage(base, "quiet"), LifecycleStage::Target);
    assert_eq!(stage(sharing, "quiet"), LifecycleStage::Excluded);

    let all = [
        base,
        base.with_gaps(2.0).unwrap(),
        base.with_alive(above),
        week,
        sharing,
        LifecyclePolicy::new(Span::days(2.0).unwrap()).unwrap(),
    ];
    for (n, one) in all.iter().enumerate() {
        for other in &all[..n] {
            assert_ne!(one.id(), other.id());
        }
    }
}

#[test]
fn purchases_that_may_not_be_read_tell_no_typical_time_in_silence() {
    let mut log = Log::new(open());
    for name in ["a", "b"] {
        log.buy(name, 0, "5");
        log.buy(name, 30, "5");
    }
    log.add("b", day(31), withdrawn(Purpose::Service));
    let base = log.at(40);
    let found = LifecyclePolicy::of(&base);
    assert!(matches!(found, Err(SegmentError::Score(_))), "{found:?}");
    assert!(matches!(
        RfmFrame::of(RfmPolicy::default(), &base),
        Err(SegmentError::Score(_))
    ));
    assert!(LifecyclePolicy::of([log.of("a", 40)]).is_ok());
}

// Needs

#[test]
fn a_category_that_nobody_bought_is_as_far_from_every_segment() {
    let (base, _) = needy(90, 3);
    let policy = NeedsClusterPolicy::default().with_segments(3).unwrap();
    let clusters = NeedsClusters::fit(&base, &policy).unwrap();
    let mut log = Log::new(open());
    let likes = |category: &str, weight| {
        let seen = PreferenceObserved::new(category.into());
        seen.with_weight(weight).unwrap()
    };
    log.add("strange", day(0), likes("wine", 1.0));
    log.add("half", day(0), likes("wine", 1.0));
    log.add("half", day(0), likes("coffee", 1.0));
    let of = |name| {
        let found = clusters.score(&log.of(name, 0)).unwrap();
        found.modelled().unwrap().unwrap()
    };
    let strange = of("strange");
    assert_close!(strange.distance, 1.0, 1e-12);
    assert!(strange.clarity.unwrap().abs() < 1e-12);
    assert_close!(strange.n_eff, 1.0, 1e-12);
    // The distances by hand, of the shares of the medoids.
    let half = of("half");
    let names = ["coffee", "tea", "cups", "books", "wine"];
    let mut apart: Vec<f64> = (0..3)
        .map(|segment| {
            let share = |name: &str| {
                let mut shares = clusters.shares(segment);
                shares
                    .find(|(known, _)| *known == name)
                    .map_or(0.0, |(_, share)| share)
            };
            let medoid = names.map(share);
            hellinger_distance(&[1.0, 0.0, 0.0, 0.0, 1.0], &medoid).unwrap()
        })
        .collect();
    assert_close!(half.distance, apart[half.segment], 1e-12);
    apart.sort_by(f64::total_cmp);
    assert_close!(half.distance, apart[0], 1e-12);
    assert_close!(half.clarity.unwrap(), 1.0 - apart[0] / apart[1], 1e-12);
}

// Policies

#[test]
fn every_rule_has_a_range_and_changes_the_id() {
    let price = PricePolicy::default();
    let half = Probability::new(0.5).unwrap();
    let prices = [
        price,
        price.with_threshold(half),
        price.with_least_purchases(4.0).unwrap(),
        price.with_level(half).unwrap(),
        price.with_prior_occasions(5.0).unwrap(),
        price.with_fading(true),
        price.with_ridge(1.0).unwrap(),
    ]
    .map(|policy| policy.id());
    let relation = RelationPolicy::default();
    let relations = [
        relation,
        relation.with_horizon(Span::years(2.0).unwrap()),
        relation.with_least_share(0.1).unwrap(),
        relation.with_prior_observations(1.0).unwrap(),
    ]
    .map(|policy| policy.id());
    let rfm = RfmPolicy::default();
    let rfms = [
        rfm,
        rfm.with_nesting(RfmNesting::Nested),
        rfm.with_money(guanxi::segment::MonetaryMeasure::MeanSpend),
        rfm.with_scores(4).unwrap(),
    ]
    .map(|policy| policy.id());
    for ids in [&prices[..], &relations, &rfms] {
        for (n, one) in ids.iter().enumerate() {
            assert!(!ids[..n].contains(one));
        }
    }
    for number in [f64::NAN, -1.0, f64::INFINITY] {
        assert!(price.with_least_purchases(number).is_err());
        assert!(price.with_prior_occasions(number).is_err());
        assert!(price.with_ridge(number).is_err());
        assert!(relation.with_least_share(number).is_err());
        assert!(relation.with_prior_observations(number).is_err());
    }
    assert!(price.with_level(Probability::new(1.0).unwrap()).is_err());
    assert!(rfm.with_scores(1).is_err() && rfm.with_scores(11).is_err());
}

#[test]
fn agreement_to_something_else_is_none_to_analytics() {
    let mut log = Log::new(std::sync::Arc::new(
        guanxi::summary::EvidencePolicy::default(),
    ));
    log.buy("c", 0, "5");
    let purpose = Purpose::Marketing;
    log.add("c", day(0), Consent::Granted { purpose });
    let scorer = stages();
    assert!(scorer.score(&log.of("c", 1)).unwrap().withheld().is_some());
}

// Rules and counts

#[test]
fn a_blank_name_is_refused() {
    let number = |name| RuleAttribute::number(name, 0.0, 9.0).unwrap();
    let rule = |name: &str| Rule::new(name).with(Condition::at_least("x", 0.0));
    for refused in [
        RuleSet::new(&[number("x"), number(" ")], [rule("all")]),
        RuleSet::new(&[number("x")], [rule("")]),
        RuleSet::with_rest(&[number("x")], [rule("all")], "  "),
    ] {
        assert!(
            matches!(refused, Err(SegmentError::NotNamed { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn what_is_not_finite_has_no_score_and_no_tier() {
    let scores = ScoreCuts::of(&[1.0, 2.0, 3.0], 3).unwrap();
    let tiers = ValueCuts::of(&[1.0, 2.0, 3.0], TierShares::default()).unwrap();
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(scores.score(number).is_err() && tiers.tier(number).is_err());
    }
    assert_eq!(scores.score(2.0), Ok(2));
    assert_eq!(tiers.tier(-1.0), Ok(ValueTier::LossMaking));
}

#[test]
fn a_report_of_counts_shows_no_small_segment() {
    let names = [("often", 40), ("seldom", 25), ("new", 4)];
    let scores = names.into_iter().flat_map(|(name, many)| {
        std::iter::repeat_n(Segmented::Modelled(name), many).map(Ok::<_, ScoreError>)
    });
    let counts = SegmentCounts::of(scores, |name| Some(*name));
    let report = counts.reported(SmallGroups::default());
    let shown: Vec<_> = report.groups().iter().map(|group| group.shown()).collect();
    // In the order of names; the second smallest would tell the smallest.
    assert_eq!(shown, [None, Some(&(&"often", 40)), None]);
    assert_eq!(report.total().shown(), Some(&69));
}
