//! Customers in segments: the tables of the specification, independent values, laws, and recovery of
//! what was planted.
#![cfg(feature = "simulate")]

mod support;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use guanxi::history::{
    Consent, Construct, Contact, Contract, ContractEvent, CustomerId, Direction, Interaction,
    InteractionId, Kind, Offer, OfferEvent, PreferenceObserved, Purchase, Purpose, Quote,
    QuoteEvent, Scale, SurveyItem,
};
use guanxi::metric::area_under_roc;
use guanxi::model::{
    Clv, ClvTerms, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters, RandomStream,
};
use guanxi::quantity::{
    Currency, DiscountRate, Estimate, Fraction, Money, Probability, Span, TimeUnit,
};
use guanxi::scorer::{ScoreError, Scorer};
use guanxi::segment::{
    Attribute, AttributeValue, Condition, DiscountCount, DiscountPrior, Elasticity,
    LifecyclePolicy, LifecycleScorer, LifecycleStage, MonetaryMeasure, NeedsClusters, NeedsOptions,
    PriceClass, PriceFrame, PricePolicy, RelationClass, RelationCuts, RelationInputs,
    RelationMeasure, RelationMembership, RelationPolicy, RelationScorer, RfmFrame, RfmNesting,
    RfmPolicy, Rule, RuleScorer, RuleSet, ScoreCuts, SegmentCounts, SegmentError, Segmented,
    TierShares, ValueCuts, ValueMatrixScorer, ValueQuadrant, ValueTier, ValueTierScorer,
    hellinger_distance, mid_rank_scores,
};
use guanxi::summary::{
    ConsentPolicy, ConsentRule, CustomerBase, CustomerSummary, EvidencePolicy, OfferEvidence,
    RfmSummary, SummaryPolicy,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use support::assert_close;
use support::history::{day, eur};

/// Rules under which everybody is modelled who does not object.
fn open() -> Arc<EvidencePolicy> {
    let consent = ConsentPolicy::default();
    let consent = consent.with(Purpose::Analytics, ConsentRule::UnlessWithdrawn);
    Arc::new(EvidencePolicy::default().with_consent(consent))
}

/// A log as a base; ids are counted.
struct Log {
    base: CustomerBase,
    next: u64,
}

impl Log {
    fn new(rules: Arc<EvidencePolicy>) -> Self {
        let base = CustomerBase::with_rules(SummaryPolicy::default(), rules);
        Self { base, next: 0 }
    }

    fn add(&mut self, customer: &str, at: DateTime<Utc>, kind: impl Into<Kind>) {
        let id = InteractionId::new(format!("i-{}", self.next)).unwrap();
        self.next += 1;
        let customer = CustomerId::new(customer).unwrap();
        let event = Interaction::new(id, customer, at, kind).unwrap();
        self.base.observe(&event).unwrap();
    }

    fn buy(&mut self, customer: &str, n: i64, amount: &str) {
        self.add(customer, day(n), Purchase::new(eur(amount)).unwrap());
    }

    fn at(&self, n: i64) -> Vec<CustomerSummary> {
        self.base
            .summaries(day(n))
            .collect::<Result<_, _>>()
            .unwrap()
    }

    fn of(&self, customer: &str, n: i64) -> CustomerSummary {
        let state = self.base.get(customer).unwrap();
        state
            .summary(CustomerId::new(customer).unwrap(), day(n))
            .unwrap()
    }
}

fn withdrawn(purpose: Purpose) -> Consent {
    Consent::Withdrawn { purpose }
}

fn rfm(name: &str, x: u32, t_x: f64, age: f64) -> CustomerSummary {
    let rfm = RfmSummary::new(TimeUnit::Week, x, t_x, age).unwrap();
    CustomerSummary::from_rfm(CustomerId::new(name).unwrap(), rfm)
}

fn purchases() -> MbgNbd {
    let (unit, r, alpha, a, b) = (TimeUnit::Week, 0.525, 6.183, 0.891, 1.614);
    MbgNbd::new(MbgNbdParameters {
        unit,
        r,
        alpha,
        a,
        b,
    })
    .unwrap()
}

fn spend() -> GammaGamma {
    let (currency, p, q, gamma) = (Currency::EUR, 6.25, 3.74, 15.44);
    GammaGamma::new(GammaGammaParameters {
        currency,
        p,
        q,
        gamma,
    })
    .unwrap()
}

fn clv() -> Clv<MbgNbd, GammaGamma> {
    let terms = ClvTerms::new(0.3, DiscountRate::annual(0.1).unwrap()).unwrap();
    Clv::new(purchases(), spend(), terms).unwrap()
}

// RFM

#[test]
fn tv_9a_those_who_tie_share_a_score() {
    let values = [1.0, 1.0, 1.0, 2.0, 3.0, 3.0, 5.0, 8.0, 13.0, 21.0];
    let scores = mid_rank_scores(&values, 5).unwrap();
    assert_eq!(scores, [1, 1, 1, 2, 3, 3, 4, 4, 5, 5]);
    assert_eq!(mid_rank_scores(&[7.0], 5).unwrap(), [3]);
    assert_eq!(mid_rank_scores(&[7.0; 9], 5).unwrap(), [3; 9]);
    assert!(mid_rank_scores(&[], 5).is_err());
    assert!(mid_rank_scores(&[f64::NAN], 5).is_err());
    assert!(mid_rank_scores(&[1.0], 1).is_err());
}

#[test]
fn the_most_recent_scores_highest_and_newcomers_are_held_against_the_same_population() {
    let base: Vec<_> = (0..10_u32)
        .map(|n| rfm(&format!("c-{n}"), n + 1, 40.0, 40.0 + f64::from(n)))
        .collect();
    let frame = RfmFrame::of(RfmPolicy::default(), &base).unwrap();
    let of = |customer: &CustomerSummary| frame.score(customer).unwrap().modelled().unwrap();
    assert_eq!((of(&base[0]).recency, of(&base[9]).recency), (5, 1));
    assert_eq!((of(&base[0]).frequency, of(&base[9]).frequency), (1, 5));
    // However many newcomers there are, the others' scores stay.
    let newcomer = of(&rfm("new", 50, 40.0, 40.5));
    assert_eq!(
        (newcomer.recency, newcomer.frequency, newcomer.money),
        (5, 5, None)
    );
    assert_eq!(newcomer.to_string(), "5-5-–");
    let never = Log::new(open());
    assert!(never.at(0).is_empty());
    assert!(matches!(
        RfmFrame::of(RfmPolicy::default(), never.at(0)),
        Err(SegmentError::NotIdentified { .. })
    ));
}

#[test]
fn nested_scores_rank_within_those_of_the_same_recency() {
    let mut log = Log::new(open());
    for n in 0..20_i64 {
        let name = format!("c-{n:02}");
        // Two groups of recency; the recent ones buy more and pay more.
        let recent = n >= 10;
        for order in 0..=(n % 10) + if recent { 20 } else { 0 } {
            log.buy(
                &name,
                order + if recent { 60 } else { 10 } - n % 10,
                if recent { "90" } else { "9" },
            );
        }
    }
    let base = log.at(100);
    let plain = RfmPolicy::default().with_scores(2).unwrap();
    let nested = plain.with_nesting(RfmNesting::Nested);
    let of = |policy, place: usize| {
        let frame = RfmFrame::of(policy, &base).unwrap();
        frame.score(&base[place]).unwrap().modelled().unwrap()
    };
    // The keenest of those who are long gone: few orders of all, most of its group.
    assert_eq!((of(plain, 9).recency, of(plain, 9).frequency), (1, 1));
    assert_eq!((of(nested, 9).recency, of(nested, 9).frequency), (1, 2));
    assert_eq!((of(nested, 10).recency, of(nested, 10).frequency), (2, 1));
    assert_eq!(of(plain, 19).money, Some(2));
    let mean = RfmPolicy::default().with_money(MonetaryMeasure::MeanSpend);
    assert!(RfmFrame::of(mean, &base).unwrap().currency().is_some());
}

// Relational, selective, transactional

fn estimate(mean: f64, sd: f64) -> Estimate {
    Estimate::new(mean, sd, 5.0).unwrap()
}

#[test]
fn tv_9b_memberships_of_a_customer_between_the_classes() {
    let inputs = RelationInputs {
        volume: estimate(0.70, 0.10),
        loyalty: estimate(0.55, 0.08),
    };
    let member = RelationMembership::of(&inputs, &RelationCuts::new(0.60, 0.60).unwrap());
    // By mpmath, 40 digits; the printed ones are the specification's.
    assert_close!(member.high_volume(), 0.841_344_746_068_542_9, 1e-13);
    assert_close!(member.high_loyalty(), 0.265_985_529_048_700_53, 1e-13);
    assert_close!(member.relational(), 0.223_785_527_395_386, 1e-13);
    assert_close!(member.selective(), 0.659_759_220_326_471_5, 1e-13);
    assert_close!(member.transactional(), 0.116_455_252_278_142_52, 1e-13);
    assert_eq!(member.class(), RelationClass::Selective);
}

#[test]
fn without_an_error_a_value_at_the_cut_is_high() {
    let cuts = RelationCuts::new(1.0, 0.5).unwrap();
    let class = |q, l| {
        let inputs = RelationInputs {
            volume: estimate(q, 0.0),
            loyalty: estimate(l, 0.0),
        };
        RelationMembership::of(&inputs, &cuts).class()
    };
    assert_eq!(class(1.0, 0.5), RelationClass::Relational);
    assert_eq!(class(0.9, 0.5), RelationClass::Selective);
    assert_eq!(class(0.9, 0.4), RelationClass::Transactional);
}

#[test]
fn a_stated_share_of_wallet_raises_the_volume_and_lowers_the_loyalty() {
    let mut log = Log::new(open());
    for name in ["plain", "shares", "tiny"] {
        for n in 0..10 {
            log.buy(name, 7 * n, "20");
        }
    }
    let scale = Scale::new(0.0, 100.0).unwrap();
    for (name, share) in [("shares", 25.0), ("tiny", 1.0)] {
        let said = SurveyItem::new(Construct::ShareOfWallet, share, scale).unwrap();
        log.add(name, day(64), said);
    }
    let measure = RelationMeasure::new(purchases(), spend(), RelationPolicy::default());
    let of = |name| {
        measure
            .score(&log.of(name, 70))
            .unwrap()
            .modelled()
            .unwrap()
    };
    let (plain, shares, tiny) = (of("plain"), of("shares"), of("tiny"));
    assert_close!(shares.volume.mean(), plain.volume.mean() / 0.25, 1e-12);
    assert_close!(shares.loyalty.mean(), plain.loyalty.mean() * 0.25, 1e-12);
    assert_close!(tiny.volume.mean(), plain.volume.mean() / 0.05, 1e-12); // and no further
    assert_close!(tiny.loyalty.mean(), plain.loyalty.mean() * 0.01, 1e-12);
    let scorer = RelationScorer::of(measure, log.at(70)).unwrap();
    assert_close!(scorer.cuts().volume(), shares.volume.mean(), 1e-12); // the median
}

// Price sensitivity

#[test]
fn tv_9c_the_posterior_of_a_share_of_discounts() {
    // a0, b0, k, n, pi, level; mean, sd, lower, upper, P(> pi), lift: by mpmath, 40 digits.
    let rows: [([f64; 6], [f64; 6]); 4] = [
        (
            [2.0, 6.0, 7.0, 8.0, 0.3, 0.9],
            [
                0.5625,
                0.120_316_677_734_952_73,
                0.359_565_210_217_653_9,
                0.756_272_584_233_451,
                0.984_757_474_230_229,
                1.098_612_288_668_109_7,
            ],
        ),
        (
            [0.5, 0.5, 0.0, 4.0, 0.1, 0.95],
            [
                0.1,
                0.122_474_487_139_158_9,
                0.000_115_332_788_238_274_82,
                0.444_762_617_657_639_61,
                0.343_436_396_137_913_5,
                0.0,
            ],
        ),
        (
            [3.25, 1.75, 12.0, 40.0, 0.45, 0.8],
            [
                0.338_888_888_888_888_9,
                0.069_789_000_297_565_14,
                0.250_514_206_068_356_9,
                0.430_428_042_275_673_8,
                0.061_613_218_562_547_033,
                -0.467_578_933_476_067,
            ],
        ),
        (
            [0.491_679_240, 0.840_612_894, 20.0, 22.0, 0.6, 0.9],
            [
                0.878_254_014_749_770_9,
                0.066_289_674_299_655_68,
                0.753_288_069_119_326_3,
                0.966_137_197_972_791_5,
                0.998_988_772_661_993_7,
                1.570_533_968_272_099_6,
            ],
        ),
    ];
    for ([a, b, k, n, pi, level], [mean, sd, lower, upper, above, lift]) in rows {
        let share = DiscountPrior::new(a, b).unwrap().posterior(k, n).unwrap();
        let on_offer = Fraction::new(pi).unwrap();
        let found = share.estimate(Probability::new(level).unwrap()).unwrap();
        let interval = found.stated_interval().unwrap();
        assert_close!(found.mean(), mean, 1e-13);
        assert_close!(found.sd(), sd, 1e-13);
        assert_close!(interval.lower(), lower, 1e-11);
        assert_close!(interval.upper(), upper, 1e-11);
        assert_close!(share.probability_above(on_offer), above, 1e-12);
        assert!((share.lift(on_offer).unwrap() - lift).abs() < 1e-13);
    }
}

fn counts(rows: &[(u64, u64)]) -> Vec<DiscountCount> {
    let count = |&(discounted, purchases)| DiscountCount {
        discounted,
        purchases,
    };
    rows.iter().map(count).collect()
}

#[test]
fn tv_9c_the_prior_by_moments() {
    // By mpmath: share, correlation, a0, b0; the second scatters less than chance, the third is all
    // or nothing.
    type Case<'a> = (&'a [(u64, u64)], [f64; 4]);
    let cases: [Case<'_>; 3] = [
        (
            &[
                (1, 10),
                (7, 8),
                (3, 12),
                (0, 5),
                (5, 10),
                (2, 20),
                (9, 10),
                (4, 9),
            ],
            [
                0.369_047_619_047_619_05,
                0.428_762_754_546_909_4,
                0.491_679_240_116_270_7,
                0.840_612_894_392_333_7,
            ],
        ),
        (
            &[(2, 7), (3, 9), (1, 4), (6, 20), (2, 6)],
            [
                0.304_347_826_086_956_52,
                -0.131_914_619_551_524_3,
                3_043.173_913_043_478_3,
                6_955.826_086_956_522,
            ],
        ),
        (
            &[(0, 5), (6, 6), (0, 3), (9, 9), (1, 1)],
            [
                0.666_666_666_666_666_6,
                1.463_414_634_146_341_5,
                0.006_734_006_734_006_734,
                0.003_367_003_367_003_367,
            ],
        ),
    ];
    for (rows, [share, correlation, a, b]) in cases {
        let mut rows = counts(rows);
        let found = DiscountPrior::by_moments(&rows).unwrap();
        assert_close!(found.share, share, 1e-13);
        assert_close!(found.correlation, correlation, 1e-12);
        assert_close!(found.prior.a(), a, 1e-11);
        assert_close!(found.prior.b(), b, 1e-11);
        // Who bought nothing says nothing.
        rows.push(DiscountCount {
            discounted: 0,
            purchases: 0,
        });
        assert_eq!(DiscountPrior::by_moments(&rows).unwrap(), found);
    }
    for refused in [
        &[][..],
        &[(1, 2)],
        &[(1, 1), (0, 1)],
        &[(0, 4), (0, 9)],
        &[(4, 4), (9, 9)],
        &[(3, 2), (1, 4)],
    ] {
        assert!(
            DiscountPrior::by_moments(&counts(refused)).is_err(),
            "{refused:?}"
        );
    }
}

#[test]
fn fewer_than_three_purchases_and_an_unknown_availability_decide_nothing() {
    let prior = DiscountPrior::new(2.0, 6.0).unwrap();
    let frame = PriceFrame::stated(
        PricePolicy::default(),
        prior,
        Some(Fraction::new(0.3).unwrap()),
    );
    assert_eq!(frame.judge_counts(2.0, 2.0).unwrap().class, None);
    assert_eq!(
        frame.judge_counts(7.0, 8.0).unwrap().class,
        Some(PriceClass::Sensitive)
    );
    assert_eq!(
        frame.judge_counts(1.0, 8.0).unwrap().class,
        Some(PriceClass::NotShown)
    );
    let blind = PriceFrame::stated(PricePolicy::default(), prior, None);
    let found = blind.judge_counts(7.0, 8.0).unwrap();
    assert_eq!(
        (found.class, found.lift, found.probability_above),
        (None, None, None)
    );
    assert_close!(found.share.mean(), 0.5625, 1e-15);
    // Always or never on offer: no odds to hold it against.
    for (pi, above) in [(0.0, 1.0), (1.0, 0.0)] {
        let found = frame
            .with_available(Fraction::new(pi).unwrap())
            .judge_counts(7.0, 8.0)
            .unwrap();
        assert_eq!((found.lift, found.probability_above), (None, Some(above)));
    }
}

fn evidence(log: &[(i64, Kind)]) -> OfferEvidence {
    let events: Vec<Interaction> = log
        .iter()
        .enumerate()
        .map(|(n, (at, kind))| {
            let id = InteractionId::new(format!("i-{n}")).unwrap();
            Interaction::new(id, support::history::customer(), day(*at), kind.clone()).unwrap()
        })
        .collect();
    OfferEvidence::from_interactions(&events, day(400), &EvidencePolicy::default())
}

#[test]
fn an_elasticity_is_the_ridge_slope_within_categories() {
    let rows = [
        ("a", 10, 1),
        ("a", 8, 2),
        ("a", 9, 1),
        ("a", 6, 4),
        ("b", 100, 3),
        ("b", 80, 5),
        ("b", 120, 2),
    ];
    let log: Vec<(i64, Kind)> = rows
        .iter()
        .map(|&(category, price, quantity)| {
            let order = Purchase::new(eur(&(price * quantity).to_string())).unwrap();
            let order = order
                .with_category(category)
                .with_quantity(quantity.into())
                .unwrap();
            (0, order.into())
        })
        .collect();
    let found = evidence(&log).price_variation();
    // By mpmath.
    assert_close!(found.price_squares, 0.228_196_834_362_800_66, 1e-12);
    assert_close!(found.products, -0.612_970_546_735_506_9, 1e-12);
    assert_close!(found.quantity_squares, 1.742_890_280_644_238_5, 1e-12);
    let elasticity = Elasticity::of(&found, 0.25).unwrap().unwrap().estimate();
    assert_close!(elasticity.mean(), -1.281_837_316_117_520_6, 1e-12);
    assert_close!(elasticity.sd(), 0.502_623_150_913_008_1, 1e-12);
    // One price, or one purchase a category, tells none.
    let still: Vec<_> = log.iter().take(1).cycle().take(5).cloned().collect();
    assert_eq!(
        Elasticity::of(&evidence(&still).price_variation(), 0.25).unwrap(),
        None
    );
    assert_eq!(
        Elasticity::of(&evidence(&log[3..5]).price_variation(), 0.25).unwrap(),
        None
    );
}

#[test]
fn what_a_purchase_does_not_say_is_no_full_price() {
    let order = || Purchase::new(eur("8")).unwrap();
    let found = evidence(&[
        (0, order().into()),
        (0, order().with_discount(eur("2")).unwrap().into()),
        (0, order().with_discount(eur("0")).unwrap().into()),
        (35, order().with_list_price(eur("10")).unwrap().into()),
        (35, order().with_list_price(eur("8")).unwrap().into()),
        (35, Offer::new(OfferEvent::Shown).into()),
        (
            35,
            Offer::new(OfferEvent::Accepted).with_promotion(true).into(),
        ),
    ]);
    assert_eq!((found.discounted(), found.priced()), (2, 4));
    let (discounted, priced) = found.discounted_faded();
    let left = 0.5_f64.powf(400.0 / 365.0) + 0.5;
    assert_close!(discounted, left, 1e-12);
    assert_close!(priced, 2.0 * left, 1e-12);
    assert_eq!((found.shown().unstated, found.accepted().promotion), (1, 1));
    assert_eq!(found.shown_faded(), (0.0, 0.0)); // it was not said whether it was a promotion
    assert_eq!(evidence(&[(0, order().into())]), OfferEvidence::EMPTY);
    assert_eq!(size_of::<OfferEvidence>(), 8);
}

/// A year of a shop: on each occasion a customer sees an offer, a promotion three times of ten. A
/// hunter comes nine times of ten for one and seldom else; the others do not care.
fn shop(seed: u64, customers: u64) -> (Log, Vec<bool>) {
    let mut log = Log::new(open());
    let mut hunters = Vec::new();
    for number in 0..customers {
        let mut random = RandomStream::new(seed, number);
        let hunter = number % 4 == 0;
        let appetite = 0.2 + 0.3 * random.uniform();
        let keen = if hunter { 0.75 } else { appetite };
        let else_ = if hunter { 0.035 } else { appetite };
        hunters.push(hunter);
        let name = format!("c-{number:04}");
        for week in 0..40 {
            let at = day(7 * week);
            let promotion = random.uniform() < 0.3;
            log.add(
                &name,
                at,
                Offer::new(OfferEvent::Shown).with_promotion(promotion),
            );
            if random.uniform() < if promotion { keen } else { else_ } {
                let order = Purchase::new(eur(if promotion { "8" } else { "10" })).unwrap();
                let order = order.with_list_price(eur("10")).unwrap();
                log.add(&name, at + TimeDelta::hours(1), order);
            }
        }
    }
    (log, hunters)
}

#[test]
fn discount_hunters_are_recovered() {
    for seed in 1..=5 {
        let (log, hunters) = shop(seed, 400);
        let base = log.at(300);
        let frame = PriceFrame::of(PricePolicy::default(), &base).unwrap();
        let found: Vec<_> = frame
            .scores(&base)
            .map(|score| score.unwrap().modelled().unwrap())
            .collect();
        assert!((frame.available().unwrap().value() - 0.3).abs() < 0.02);
        let by = |what: &dyn Fn(usize) -> f64| {
            let predicted: Vec<f64> = (0..found.len()).map(what).collect();
            area_under_roc(&predicted, &hunters).unwrap()
        };
        let above = by(&|n| found[n].probability_above.unwrap());
        let lift = by(&|n| found[n].lift.unwrap());
        assert!(above > 0.9 && lift > 0.9, "seed {seed}: {above} {lift}");
        let sensitive = |n: usize| found[n].class == Some(PriceClass::Sensitive);
        let right = (0..found.len())
            .filter(|&n| sensitive(n) && hunters[n])
            .count();
        let wrong = (0..found.len())
            .filter(|&n| sensitive(n) && !hunters[n])
            .count();
        assert!(
            right >= 85 && wrong <= 40,
            "seed {seed}: {right} of 100, {wrong} of 300"
        );
    }
}

// Lifecycle

fn stages() -> LifecycleScorer<()> {
    LifecycleScorer::new((), LifecyclePolicy::new(Span::days(10.0).unwrap()).unwrap())
}

#[test]
fn stages_follow_contract_purchases_contacts_and_consent() {
    let mut log = Log::new(open());
    log.buy("recent", 70, "5");
    log.buy("gone", 69, "5");
    log.buy("bound", 0, "5");
    let signed = Contract::new(ContractEvent::Signed).with_term(Span::days(150.0).unwrap());
    log.add("bound", day(1), signed);
    log.add("ended", day(0), Contract::new(ContractEvent::Signed));
    log.add("ended", day(1), Contract::new(ContractEvent::Cancelled));
    log.add("talks", day(10), Contact::new(Direction::Inbound));
    log.add("quoted", day(10), Quote::new(QuoteEvent::Issued));
    log.add("cold", day(9), Contact::new(Direction::Outbound));
    log.buy("no", 99, "5");
    log.add("no", day(99), withdrawn(Purpose::Marketing));
    log.add("erase", day(99), Consent::ErasureRequested);
    log.buy("private", 99, "5");
    log.add("private", day(99), withdrawn(Purpose::Analytics));
    let scorer = stages();
    let of = |name| scorer.score(&log.of(name, 100)).unwrap();
    for (name, stage, lapsed) in [
        ("recent", LifecycleStage::Current, false), // 30 days: three typical times, to the day
        ("gone", LifecycleStage::Potential, true),
        ("bound", LifecycleStage::Current, false),
        ("ended", LifecycleStage::Potential, true),
        ("talks", LifecycleStage::Target, false), // 90 days, to the day
        ("quoted", LifecycleStage::Target, false),
        ("cold", LifecycleStage::Potential, false),
        ("no", LifecycleStage::Excluded, false),
        ("erase", LifecycleStage::Excluded, false),
    ] {
        let found = of(name).modelled().unwrap();
        assert_eq!((found.stage, found.lapsed), (stage, lapsed), "{name}");
    }
    assert!(of("private").withheld().is_some());
    let counts = SegmentCounts::of(scorer.scores(&log.at(100)), |found| Some(found.stage));
    assert_eq!(counts.in_segment(&LifecycleStage::Excluded), 2);
    assert_eq!(
        (counts.not_modelled(), counts.failed(), counts.total()),
        (1, 0, 10)
    );
}

#[test]
fn a_model_that_thinks_somebody_alive_makes_a_customer() {
    let policy = LifecyclePolicy::new(Span::days(1.0).unwrap()).unwrap();
    let customer = rfm("c", 9, 50.0, 52.0); // two weeks of silence
    let blind = LifecycleScorer::new((), policy)
        .score(&customer)
        .unwrap()
        .modelled()
        .unwrap();
    assert_eq!(
        (blind.stage, blind.probability_alive),
        (LifecycleStage::Potential, None)
    );
    let seen = LifecycleScorer::new(purchases(), policy)
        .score(&customer)
        .unwrap()
        .modelled()
        .unwrap();
    assert_eq!(seen.stage, LifecycleStage::Current);
    assert!(seen.probability_alive.unwrap() > 0.5);
}

#[test]
fn the_typical_time_is_the_median_of_the_customers_mean_times() {
    let base = [
        rfm("a", 2, 4.0, 9.0),
        rfm("b", 1, 6.0, 9.0),
        rfm("c", 3, 30.0, 40.0),
        rfm("d", 0, 0.0, 9.0),
    ];
    let policy = LifecyclePolicy::of(&base).unwrap();
    assert_close!(policy.typical_gap().in_unit(TimeUnit::Day), 42.0, 1e-12);
    assert_close!(policy.active_window().in_unit(TimeUnit::Day), 126.0, 1e-12);
    assert!(LifecyclePolicy::of(&base[3..]).is_err());
    assert!(policy.with_gaps(0.0).is_err());
}

// Value

#[test]
fn the_one_who_crosses_a_border_belongs_above_it_and_equals_share_a_tier() {
    let tier = |values: &[f64]| {
        let cuts = ValueCuts::of(values, TierShares::default()).unwrap();
        values
            .iter()
            .map(|&v| cuts.tier(v).name())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        tier(&[50.0, 30.0, 15.0, 5.0]),
        ["platinum", "gold", "iron", "lead"]
    );
    assert_eq!(
        tier(&[49.0, 31.0, 15.0, 5.0]),
        ["platinum", "platinum", "iron", "lead"]
    );
    assert_eq!(tier(&[1.0, 1.0, 1.0]), ["platinum"; 3]);
    assert_eq!(tier(&[9.0, 0.0, -4.0]), ["platinum", "lead", "loss_making"]);
    for refused in [
        &[][..],
        &[0.0, -1.0],
        &[f64::NAN],
        &[f64::INFINITY],
        &[f64::MAX, f64::MAX],
    ] {
        assert!(
            ValueCuts::of(refused, TierShares::default()).is_err(),
            "{refused:?}"
        );
    }
    assert!(TierShares::new([0.5, 0.5, 0.9]).is_err());
    assert!(TierShares::new([0.5, 0.8, 1.1]).is_err());
}

#[test]
fn current_and_potential_value_make_a_matrix() {
    let mut log = Log::new(open());
    for n in 0..20 {
        log.buy("star", 7 * n, "90");
        log.buy("faded", n, "200");
        log.buy("small", 7 * n, "1");
    }
    for n in 126..133 {
        log.buy("rising", n, "90");
    }
    log.buy("private", 130, "500");
    log.add("private", day(131), withdrawn(Purpose::Analytics));
    let base = log.at(134);
    let scorer = ValueMatrixScorer::of(clv(), TierShares::default(), &base).unwrap();
    let of = |name| scorer.score(&log.of(name, 134)).unwrap();
    let quadrant = |name| of(name).modelled().unwrap().quadrant();
    assert_eq!(quadrant("star"), ValueQuadrant::Keep);
    assert_eq!(quadrant("faded"), ValueQuadrant::Maintain);
    assert_eq!(quadrant("small"), ValueQuadrant::Economise);
    assert_eq!(quadrant("rising"), ValueQuadrant::Develop);
    assert!(of("private").withheld().is_some());
    let tiers = ValueTierScorer::of(clv(), TierShares::default(), &base).unwrap();
    assert_eq!(
        tiers.score(&log.of("star", 134)).unwrap().modelled(),
        Some(ValueTier::Platinum)
    );
    assert_eq!(tiers.currency(), Currency::EUR);
    let dollars = ValueTierScorer::new(clv(), *tiers.cuts(), Currency::USD);
    assert!(matches!(
        dollars.score(&log.of("star", 134)),
        Err(ScoreError::Quantity(_))
    ));
}

// Needs

/// Customers of three kinds with some noise, each with so many observations.
fn needy(customers: u64, seed: u64) -> (Vec<CustomerSummary>, Vec<usize>) {
    let kinds = [
        [8.0, 1.0, 1.0, 0.5],
        [1.0, 7.0, 0.5, 2.0],
        [0.5, 1.0, 4.0, 5.0],
    ];
    let mut log = Log::new(open());
    let mut truth = Vec::new();
    for number in 0..customers {
        let mut random = RandomStream::new(seed, number);
        let kind = usize::try_from(number % 3).unwrap();
        truth.push(kind);
        for (category, weight) in ["coffee", "tea", "cups", "books"]
            .into_iter()
            .zip(kinds[kind])
        {
            let noisy = weight * (0.5 + random.uniform());
            let seen = PreferenceObserved::new(category.into())
                .with_weight(noisy)
                .unwrap();
            log.add(&format!("c-{number:06}"), day(0), seen);
        }
    }
    (log.at(0), truth)
}

/// How many customers are with the majority of their kind, and the segments that the kinds went to.
fn agreement(clusters: &NeedsClusters, base: &[CustomerSummary], truth: &[usize]) -> usize {
    let mut table = [[0_usize; 8]; 3];
    for (customer, kind) in base.iter().zip(truth) {
        let found = clusters
            .score(customer)
            .unwrap()
            .modelled()
            .unwrap()
            .unwrap();
        table[*kind][found.segment] += 1;
    }
    table.iter().map(|row| row.iter().max().unwrap()).sum()
}

#[test]
fn planted_needs_are_recovered_whatever_the_order() {
    let (mut base, mut truth) = needy(300, 4);
    let options = NeedsOptions {
        segments: 3,
        ..NeedsOptions::default()
    };
    let clusters = NeedsClusters::fit(&base, &options).unwrap();
    assert_eq!(agreement(&clusters, &base, &truth), 300);
    assert!(
        clusters.silhouette().unwrap() > 0.5,
        "{:?}",
        clusters.silhouette()
    );
    assert_eq!(
        clusters
            .segments()
            .iter()
            .map(guanxi::segment::NeedsSegment::customers)
            .sum::<u64>(),
        300
    );
    assert_close!(
        clusters.shares(0).map(|(_, share)| share).sum::<f64>(),
        1.0,
        1e-12
    );
    base.reverse();
    truth.reverse();
    assert_eq!(NeedsClusters::fit(&base, &options).unwrap(), clusters);
    // Three is what the silhouette finds.
    let silhouette = |segments| {
        let options = NeedsOptions {
            segments,
            ..options
        };
        NeedsClusters::fit(&base, &options)
            .unwrap()
            .silhouette()
            .unwrap()
    };
    assert!(silhouette(3) > silhouette(2) && silhouette(3) > silhouette(4));
}

#[test]
fn a_hundred_thousand_customers_are_drawn_from() {
    let (base, truth) = needy(100_000, 9);
    let options = NeedsOptions {
        segments: 3,
        sample: 400,
        ..NeedsOptions::default()
    };
    let clusters = NeedsClusters::fit(&base, &options).unwrap();
    assert!(agreement(&clusters, &base, &truth) > 99_500);
    let sizes: Vec<u64> = clusters
        .segments()
        .iter()
        .map(guanxi::segment::NeedsSegment::customers)
        .collect();
    assert_eq!(sizes.iter().sum::<u64>(), 100_000);
    assert!(
        sizes.iter().all(|size| size.abs_diff(33_333) < 500),
        "{sizes:?}"
    );
}

#[test]
fn no_segment_is_below_the_least_size() {
    let mut log = Log::new(open());
    for number in 0..40 {
        let likes = match number {
            0..3 => "rare",
            3..20 => "tea",
            _ => "coffee",
        };
        let seen = PreferenceObserved::new(likes.into());
        log.add(&format!("c-{number:02}"), day(0), seen);
    }
    log.buy("plain", 0, "5");
    log.add("private", day(0), PreferenceObserved::new("tea".into()));
    log.add("private", day(0), withdrawn(Purpose::Analytics));
    let options = NeedsOptions {
        segments: 3,
        ..NeedsOptions::default()
    };
    let clusters = NeedsClusters::fit(log.at(0), &options).unwrap();
    assert_eq!((clusters.segments().len(), clusters.dissolved()), (2, 1));
    assert!(clusters.segments().iter().all(|s| s.customers() >= 10));
    assert_eq!((clusters.unknown(), clusters.not_modelled()), (1, 1));
    let plain = clusters.score(&log.of("plain", 0)).unwrap();
    assert_eq!(plain, Segmented::Modelled(None));
    let four = NeedsOptions {
        segments: 4,
        ..options
    };
    assert!(matches!(
        NeedsClusters::fit(log.at(0), &four),
        Err(SegmentError::NotIdentified { .. })
    ));
    let one = NeedsOptions {
        segments: 1,
        ..options
    };
    let one = NeedsClusters::fit(log.at(0), &one).unwrap();
    assert_eq!(
        (one.silhouette(), one.segments()[0].customers()),
        (None, 40)
    );
}

#[test]
fn the_hellinger_distance_is_that_of_the_definition() {
    let apart = hellinger_distance(&[0.36, 0.48, 0.16], &[0.30, 0.50, 0.20]).unwrap();
    assert_close!(apart, 0.050_823_997_681_031_91, 1e-13); // by mpmath
    assert!(hellinger_distance(&[1.0], &[1.0, 2.0]).is_err());
    assert!(hellinger_distance(&[0.0], &[1.0]).is_err());
    assert!(hellinger_distance(&[-1.0, 2.0], &[1.0, 2.0]).is_err());
}

// Rules

fn spending() -> [Attribute; 2] {
    [
        Attribute::number("spend", 0.0, 1000.0).unwrap(),
        Attribute::levels("member", ["yes", "no"])
            .unwrap()
            .or_not_known(),
    ]
}

#[test]
fn open_and_closed_ends_meet_without_overlap_or_gap() {
    let attributes = [Attribute::any_number("spend")];
    let check = |one: Condition, other: Condition| {
        let rules = [Rule::new("low").with(one), Rule::new("high").with(other)];
        RuleSet::check(&attributes, &rules).unwrap()
    };
    let (below, at_most) = (
        Condition::below("spend", 5.0),
        Condition::at_most("spend", 5.0),
    );
    let (above, at_least) = (
        Condition::above("spend", 5.0),
        Condition::at_least("spend", 5.0),
    );
    assert!(check(below.clone(), at_least.clone()).is_partition());
    assert!(check(at_most.clone(), above.clone()).is_partition());
    let gap = check(below, above);
    assert!(gap.overlaps.is_empty());
    assert_eq!(
        gap.uncovered[0].to_string(),
        "spend is at least 5 and at most 5"
    );
    let both = check(at_most, at_least);
    assert!(both.uncovered.is_empty());
    assert_eq!(
        both.overlaps[0].region.to_string(),
        "spend is at least 5 and at most 5"
    );
}

#[test]
fn what_is_not_known_is_a_value_that_rules_must_cover() {
    let attributes = spending();
    let rules = [
        Rule::new("members").with(Condition::one_of("member", ["yes"])),
        Rule::new("guests").with(Condition::one_of("member", ["no"])),
    ];
    let refused = RuleSet::new(&attributes, rules.clone()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "rules must cover everybody: none holds where member is not known"
    );
    let unknown = Rule::new("strangers").with(Condition::not_known("member"));
    let rules = RuleSet::new(&attributes, rules.into_iter().chain([unknown])).unwrap();
    let of = |member: Option<&str>, spend: f64| {
        rules.segment(|name| match name {
            "spend" => Some(AttributeValue::from(spend)),
            _ => member.map(AttributeValue::from),
        })
    };
    assert_eq!(&**of(None, 1.0).unwrap(), "strangers");
    assert_eq!(&**of(Some("yes"), 1000.0).unwrap(), "members");
    assert_eq!(
        of(Some("maybe"), 1.0).unwrap_err().to_string(),
        "member is \"no\" or \"yes\" or not known, got \"maybe\" of attribute \"member\""
    );
    assert!(of(None, 1000.5).is_err() && of(None, f64::NAN).is_err());
}

#[test]
fn rules_that_say_nothing_sensible_are_refused() {
    let attributes = spending();
    let refused = |rule: Rule| {
        RuleSet::check(&attributes, &[rule])
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(Rule::new("r").with(Condition::at_least("spent", 1.0))),
        "rule \"r\": attribute \"spent\" must be declared, got a name that is not"
    );
    assert_eq!(
        refused(Rule::new("r").with(Condition::at_least("spend", f64::NAN))),
        "rule \"r\": attribute \"spend\" must be compared with finite numbers, got NaN"
    );
    assert_eq!(
        refused(Rule::new("r").with(Condition::one_of("member", ["perhaps"]))),
        "rule \"r\": attribute \"member\" must be one of its levels, got \"perhaps\""
    );
    let never = Rule::new("r").with(Condition::above("spend", 5.0));
    assert!(refused(never.with(Condition::below("spend", 4.0))).ends_with("it never does"));
    assert!(matches!(
        RuleSet::check(&attributes, &[Rule::new("r"), Rule::new("r")]),
        Err(SegmentError::NamedTwice { .. })
    ));
    assert!(Attribute::number("a", 2.0, 1.0).is_err());
    assert!(Attribute::levels("a", ["x", "x"]).is_err());
}

#[test]
fn rules_judge_those_who_permit_it() {
    let rules = [
        Rule::new("small").with(Condition::below("spend", 100.0)),
        Rule::new("large").with(Condition::at_least("spend", 100.0)),
    ];
    let rules = RuleSet::new(&[Attribute::number("spend", 0.0, 1e6).unwrap()], rules).unwrap();
    let scorer = RuleScorer::new(rules, |customer: &CustomerSummary, _: &str| {
        let spent = customer.money().net_revenue().ok().map(Money::to_f64);
        Ok(spent.map(AttributeValue::from))
    });
    let mut log = Log::new(open());
    log.buy("a", 0, "99.99");
    log.buy("b", 0, "100");
    log.buy("c", 0, "100");
    log.add("c", day(1), withdrawn(Purpose::Analytics));
    log.add("d", day(1), Contact::new(Direction::Inbound)); // of whom no spend is known
    let counts = SegmentCounts::of(scorer.scores(&log.at(2)), |name| Some(name.to_string()));
    let found: Vec<_> = counts
        .segments()
        .map(|(name, n)| (name.as_str(), n))
        .collect();
    assert_eq!(found, [("large", 1), ("small", 1)]);
    assert_eq!((counts.not_modelled(), counts.failed()), (1, 1));
}

// Laws

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_101),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// A higher value never scores lower, and the cut points say what the ranks say.
    #[test]
    fn scores_are_monotone_and_are_those_of_the_ranks(
        values in prop::collection::vec((-20_i32..20).prop_map(|n| f64::from(n) / 2.0), 1..40),
        scores in 2_u8..11,
        (one, other) in (-12.0..12.0_f64, -12.0..12.0_f64),
    ) {
        let cuts = ScoreCuts::of(&values, scores)?;
        let (low, high) = if one < other { (one, other) } else { (other, one) };
        prop_assert!(cuts.score(low) <= cuts.score(high));
        for &value in values.iter().chain([&one]) {
            let less = values.iter().filter(|&&v| v < value).count();
            let up_to = values.iter().filter(|&&v| v <= value).count();
            let many = usize::from(scores);
            let expected = (1 + many * (less + up_to) / (2 * values.len())).min(many);
            prop_assert_eq!(usize::from(cuts.score(value)), expected);
        }
    }

    /// Memberships are probabilities that sum to 1, and rise with what they are made of.
    #[test]
    fn memberships_sum_to_1(q in -5.0..5.0_f64, l in -5.0..5.0_f64, sq in 0.0..2.0_f64, sl in 0.0..2.0_f64, more in 0.0..2.0_f64) {
        let cuts = RelationCuts::new(0.5, 0.25)?;
        let of = |q| RelationMembership::of(&RelationInputs { volume: estimate(q, sq), loyalty: estimate(l, sl) }, &cuts);
        let (member, larger) = (of(q), of(q + more));
        let each = [member.relational(), member.selective(), member.transactional()];
        prop_assert!(each.iter().all(|p| (0.0..=1.0).contains(p)));
        prop_assert!((each.iter().sum::<f64>() - 1.0).abs() < 1e-14);
        prop_assert!(larger.relational() >= member.relational() - 1e-15);
        prop_assert!(larger.transactional() <= member.transactional() + 1e-15);
    }

    /// Tiers part customers by value, and each holds at least the share it was cut at.
    #[test]
    fn value_tiers_are_a_partition(values in prop::collection::vec((-50_i32..200).prop_map(f64::from), 1..60)) {
        prop_assume!(values.iter().any(|v| *v > 0.0));
        let cuts = ValueCuts::of(&values, TierShares::default())?;
        let tiers: Vec<ValueTier> = values.iter().map(|&v| cuts.tier(v)).collect();
        for (a, ours) in values.iter().zip(&tiers) {
            for (b, theirs) in values.iter().zip(&tiers) {
                prop_assert!(a > b || ours <= theirs);
            }
            prop_assert_eq!(*a < 0.0, *ours == ValueTier::LossMaking);
        }
        let total: f64 = values.iter().filter(|v| **v > 0.0).sum();
        for (tier, share) in [(ValueTier::Platinum, 0.5), (ValueTier::Gold, 0.8), (ValueTier::Iron, 0.95)] {
            let held: f64 = values.iter().zip(&tiers).filter(|(_, t)| **t >= tier).map(|(v, _)| v).sum();
            prop_assert!(held >= share * total - 1e-9);
        }
    }

    /// More discounts never make a customer less sensitive, and more that are on offer never more.
    #[test]
    fn sensitivity_is_monotone(a in 0.1..20.0_f64, b in 0.1..20.0_f64, n in 1_u32..60, share in 0.0..1.0_f64, pi in 0.01..0.95_f64) {
        let prior = DiscountPrior::new(a, b)?;
        let k = (share * f64::from(n - 1)).floor();
        let frame = |pi| PriceFrame::stated(PricePolicy::default(), prior, Some(Fraction::new(pi).unwrap()));
        let few = frame(pi).judge_counts(k, f64::from(n))?;
        let many = frame(pi).judge_counts(k + 1.0, f64::from(n))?;
        let rarer = frame(pi + 0.04).judge_counts(k, f64::from(n))?;
        prop_assert!(many.probability_above >= few.probability_above);
        prop_assert!(many.lift > few.lift);
        prop_assert!(rarer.probability_above <= few.probability_above);
        let interval = few.share.stated_interval().unwrap();
        prop_assert!((0.0..=1.0).contains(&interval.lower()) && (0.0..=1.0).contains(&interval.upper()));
    }

    /// What a check calls a partition is one: exactly one rule holds of every point; and where it
    /// finds fault there is a point that shows it.
    #[test]
    fn a_check_of_rules_is_exact(
        rules in prop::collection::vec((0_i32..5, 0_i32..5, 0_i32..5, 0_i32..5, 0_usize..4), 1..5),
    ) {
        let attributes = [
            Attribute::number("x", 0.0, 4.0)?,
            Attribute::number("y", 0.0, 4.0)?,
            Attribute::levels("z", ["a", "b"])?.or_not_known(),
        ];
        let made: Vec<Rule> = rules.iter().enumerate().map(|(n, &(x0, x1, y0, y1, z))| {
            let rule = Rule::new(&format!("r-{n}"))
                .with(Condition::at_least("x", f64::from(x0.min(x1))))
                .with(Condition::at_most("x", f64::from(x0.max(x1))))
                .with(Condition::at_least("y", f64::from(y0.min(y1))))
                .with(Condition::at_most("y", f64::from(y0.max(y1))));
            match z {
                0 => rule,
                1 => rule.with(Condition::one_of("z", ["a"])),
                2 => rule.with(Condition::one_of("z", ["a", "b"])),
                _ => rule.with(Condition::not_known("z")),
            }
        }).collect();
        let check = RuleSet::check(&attributes, &made)?;
        let (mut most, mut least) = (0, usize::MAX);
        // Every corner and every middle of an edge or a field.
        for x in 0..9 { for y in 0..9 { for z in [Some("a"), Some("b"), None] {
            let (x, y) = (f64::from(x) / 2.0, f64::from(y) / 2.0);
            let holding = rules.iter().filter(|&&(x0, x1, y0, y1, levels)| {
                let within = |v: f64, a: i32, b: i32| v >= f64::from(a.min(b)) && v <= f64::from(a.max(b));
                let level = match levels { 0 => true, 1 => z == Some("a"), 2 => z.is_some(), _ => z.is_none() };
                within(x, x0, x1) && within(y, y0, y1) && level
            }).count();
            most = most.max(holding);
            least = least.min(holding);
        }}}
        prop_assert_eq!(most > 1, !check.overlaps.is_empty());
        prop_assert_eq!(least == 0, !check.uncovered.is_empty());
        prop_assert_eq!(RuleSet::new(&attributes, made).is_ok(), check.is_partition());
    }

    /// A distance: 0 to itself, the same both ways, no detour shorter, at most 1.
    #[test]
    fn the_hellinger_distance_is_a_distance(rows in prop::collection::vec(prop::collection::vec(0.001..10.0_f64, 4), 3)) {
        let apart = |i: usize, j: usize| hellinger_distance(&rows[i], &rows[j]).unwrap();
        prop_assert!(apart(0, 0) == 0.0);
        prop_assert!((apart(0, 1) - apart(1, 0)).abs() < 1e-15);
        prop_assert!(apart(0, 2) <= apart(0, 1) + apart(1, 2) + 1e-12);
        prop_assert!(apart(0, 1) <= 1.0);
    }
}
