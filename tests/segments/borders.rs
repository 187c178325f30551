//! What lies on a border, and populations at the edge of what can be told.

use guanxi::history::PreferenceObserved;
use guanxi::quantity::{Span, TimeUnit};
use guanxi::scorer::Scorer;
use guanxi::segment::{
    DiscountPrior, LifecyclePolicy, LifecycleScorer, LifecycleStage, NeedsClusterPolicy,
    NeedsClusters, RfmFrame, RfmPolicy, SegmentError, TierShares, ValueCuts, ValueTier,
};
use guanxi::summary::{CustomerBase, CustomerSummary, DedupeUnit, SummaryPolicy};

use super::support::assert_close;
use super::support::history::day;
use super::{Log, counts, open};

/// The first days of customers; a third of them are no multiple of anything.
const FIRST_DAYS: [i64; 9] = [0, 1, 2, 5, 11, 17, 23, 37, 41];

/// Customers who first came on different days, came back in between, and last came on day 50.
fn who_last_came_on_day_50(policy: SummaryPolicy) -> Log {
    let base = CustomerBase::with_rules(policy, open());
    let mut log = Log { base, next: 0 };
    for first in FIRST_DAYS {
        for n in [first, 45, 50] {
            log.buy(&format!("c-{first:02}"), n, "5");
        }
    }
    log
}

#[test]
fn those_who_last_bought_on_one_day_share_a_score_of_recency_whatever_the_unit() {
    for unit in [TimeUnit::Week, TimeUnit::Month, TimeUnit::Year] {
        for dedupe in [DedupeUnit::Second, DedupeUnit::Day] {
            let policy = SummaryPolicy::default().with_unit(unit).with_dedupe(dedupe);
            for as_of in [50, 53, 77, 400] {
                let base = who_last_came_on_day_50(policy).at(as_of);
                let frame = RfmFrame::of(RfmPolicy::default(), &base).unwrap();
                let score = |customer: &CustomerSummary| {
                    let score = frame.score(customer).unwrap();
                    score.modelled().unwrap().recency
                };
                let scores: Vec<u8> = base.iter().map(score).collect();
                assert_eq!(scores, [3; 9], "{unit:?} {dedupe:?} {as_of}");
            }
        }
    }
}

#[test]
fn the_last_day_of_a_window_belongs_to_it_whenever_the_customer_first_came() {
    for unit in [
        TimeUnit::Day,
        TimeUnit::Week,
        TimeUnit::Month,
        TimeUnit::Year,
    ] {
        let log = who_last_came_on_day_50(SummaryPolicy::default().with_unit(unit));
        for (gap, window) in [
            (Span::days(10.0).unwrap(), 30),
            (Span::weeks(1.0).unwrap(), 21),
            (Span::new(7.0 / 30.436_875, TimeUnit::Month).unwrap(), 21),
            (Span::new(49.0 / 365.25, TimeUnit::Year).unwrap(), 147),
        ] {
            let scorer = LifecycleScorer::new((), LifecyclePolicy::new(gap).unwrap());
            let stages = |as_of: i64| {
                let stage = |customer: &CustomerSummary| {
                    let found = scorer.score(customer).unwrap();
                    found.modelled().unwrap().stage
                };
                log.at(as_of).iter().map(stage).collect::<Vec<_>>()
            };
            let border = 50 + window;
            assert_eq!(stages(border), [LifecycleStage::Current; 9], "{unit:?}");
            let past = stages(border + 1);
            assert_eq!(past, [LifecycleStage::Potential; 9], "{unit:?}");
        }
    }
}

#[test]
fn a_border_of_value_is_where_the_amounts_say_and_not_where_their_sum_is_rounded() {
    // 1.11 + 1.09 is half of the whole, but in binary a hair below it.
    let values = [1.11, 0.74, 1.09, 0.76, 0.4, 0.3];
    let shares = TierShares::new([0.5, 0.8, 0.95]).unwrap();
    let cuts = ValueCuts::of(&values, shares).unwrap();
    assert_eq!(cuts.least(ValueTier::Platinum), Some(1.09));
    let values = [1.11, 0.74, 1.09, 0.76];
    // The three largest make up 2.96 of 3.70, which is .8.
    let cuts = ValueCuts::of(&values, shares).unwrap();
    assert_eq!(cuts.least(ValueTier::Gold), Some(0.76));
    assert_eq!(cuts.least(ValueTier::Iron), Some(0.74));
    // All of the value leaves nobody out who has any.
    let all = TierShares::new([0.5, 0.8, 1.0]).unwrap();
    let cuts = ValueCuts::of(&[1e15, 1.0], all).unwrap();
    assert_eq!(cuts.least(ValueTier::Iron), Some(1.0));
}

#[test]
fn a_discount_that_one_of_thousands_took_leads_to_a_prior() {
    let mut rows = vec![(0, 5); 20_000];
    rows.push((5, 5));
    let found = DiscountPrior::by_moments(&counts(&rows)).unwrap();
    assert_close!(found.share, 1.0 / 20_001.0, 1e-12);
    let (a, b) = (found.prior.a(), found.prior.b());
    assert_close!(a / (a + b), found.share, 1e-9); // the mean is that of the population
    assert!((1e-6..1.1e-6).contains(&a), "{a}");
    let hunter = found.prior.posterior(5.0, 5.0).unwrap();
    assert!(hunter.mean() > 0.99);
    // The other way round, where hardly anybody ever paid the full price.
    let mirrored: Vec<(u64, u64)> = rows.iter().map(|&(k, n)| (n - k, n)).collect();
    let other = DiscountPrior::by_moments(&counts(&mirrored)).unwrap();
    assert_close!(other.prior.b(), a, 1e-9);
}

#[test]
fn a_refusal_of_moments_says_what_there_is_too_little_of() {
    let refused = |rows: &[(u64, u64)]| {
        let refused = DiscountPrior::by_moments(&counts(rows)).unwrap_err();
        refused.to_string()
    };
    let once: Vec<(u64, u64)> = (0..500).map(|n| (n % 2, 1)).collect();
    assert_eq!(
        refused(&once),
        "moments of discounts need at least 1 customers who bought twice, got 0"
    );
    assert_eq!(
        refused(&[(1, 2), (0, 0)]),
        "moments of discounts need at least 2 customers who bought, got 1"
    );
}

/// Customers of whom one in a thousand or fewer have likes of their own, and all the others one.
fn nearly_all_alike(rare: u64, customers: u64) -> Vec<CustomerSummary> {
    let mut log = Log::new(open());
    for number in 0..customers {
        let name = format!("c-{number:06}");
        let weight = 0.01 * (1 + number % 1000) as f64;
        for (category, weight) in [
            ("coffee", 1.0),
            ("tea", if number < rare { weight } else { 0.0 }),
        ] {
            if weight > 0.0 {
                let seen = PreferenceObserved::new(category.into());
                log.add(&name, day(0), seen.with_weight(weight).unwrap());
            }
        }
    }
    log.at(0)
}

#[test]
fn as_many_segments_are_looked_for_as_were_asked_for_where_nearly_all_are_alike() {
    let base = nearly_all_alike(60, 60_000);
    let policy = NeedsClusterPolicy::default().with_samples(1).unwrap();
    let policy = policy.with_sample(48).unwrap();
    for seed in 0..5 {
        let found = NeedsClusters::fit(&base, &policy.with_seed(seed)).unwrap();
        let made = found.segments().len() as u64 + found.dissolved();
        assert_eq!(made, 4, "seed {seed}");
    }
    // Without a least size nothing is dissolved.
    let any = policy.with_least_customers(1).unwrap();
    let found = NeedsClusters::fit(&base, &any).unwrap();
    assert_eq!((found.segments().len(), found.dissolved()), (4, 0));
}

#[test]
fn a_sample_too_small_for_the_segments_is_refused() {
    let policy = NeedsClusterPolicy::default();
    let refused = policy.with_sample(47).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "sample of customers must be at least 40 and two a segment, and at most 5000, got 47.0"
    );
    assert!(policy.with_sample(48).unwrap().with_segments(5).is_err());
    for refused in [
        policy.with_sample(5001),
        policy.with_segments(0),
        policy.with_segments(101),
        policy.with_samples(0),
        policy.with_samples(101),
        policy.with_least_customers(0),
    ] {
        assert!(matches!(refused, Err(SegmentError::Domain { .. })));
    }
    let changed = [
        policy,
        policy.with_segments(5).unwrap(),
        policy.with_least_customers(11).unwrap(),
        policy.with_sample(999).unwrap(),
        policy.with_samples(6).unwrap(),
        policy.with_seed(1),
    ];
    for (n, one) in changed.iter().enumerate() {
        for other in &changed[..n] {
            assert_ne!(one.id(), other.id());
        }
    }
}
