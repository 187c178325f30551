//! Laws for all input.

use guanxi::history::{AsOf, Interaction};
use guanxi::metric::{
    Answers, Ces, CohortTriangle, ContractHistory, CostTrend, Csat, Diversity, Measure,
    MetricError, Nps, NpsMethod, Percentiles, Periods, PricePremium, Share, SmallGroups, Window,
    channel_diversity, gini_estimate, gini_unbiased, herfindahl_estimate, referral_rate,
    repurchase_rate, response_minutes, stated_share_of_wallet, stickiness, top_share_estimate,
};
use guanxi::quantity::{Interval, Probability, Span};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::support::log::{any_hour, any_log, hour};

fn any_level() -> impl Strategy<Value = Probability> {
    (0.01..0.999_f64).prop_map(|level| Probability::new(level).unwrap())
}

fn within(range: Interval, lowest: f64, highest: f64) -> bool {
    lowest <= range.lower() && range.lower() <= range.upper() && range.upper() <= highest
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_305),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Every interval of the score lies on the scale and holds the estimate; promoters and
    /// detractors that change places turn it round.
    #[test]
    fn the_score_and_its_mirror_agree(p in 0..500_u64, o in 0..500_u64, d in 0..500_u64, level in any_level()) {
        for method in [NpsMethod::AdjustedWald, NpsMethod::Wald, NpsMethod::Dirichlet] {
            let found = Nps::new(p, o, d).estimate(method, level).unwrap();
            prop_assert_eq!(found.is_some(), p + o + d > 0);
            let mirrored = Nps::new(d, o, p).estimate(method, level).unwrap();
            if let (Some(found), Some(mirrored)) = (found, mirrored) {
                let [range, other] = [found, mirrored].map(|e| e.stated_interval().unwrap());
                prop_assert!(within(range, -100.0, 100.0));
                prop_assert!(method == NpsMethod::Dirichlet || range.contains(found.mean()));
                prop_assert!((found.mean() + mirrored.mean()).abs() < 1e-10);
                prop_assert!((range.lower() + other.upper()).abs() < 1e-8);
            }
        }
    }

    /// A share and its complement have intervals that mirror each other, and a change turned round
    /// is the other change.
    #[test]
    fn shares_and_their_complements_agree(a in 0..200_u64, b in 0..200_u64, c in 0..200_u64, d in 0..200_u64, level in any_level()) {
        let (one, two) = (Share::new(a, a + b).unwrap(), Share::new(c, c + d).unwrap());
        if let Some(found) = one.estimate(level).unwrap() {
            let range = found.stated_interval().unwrap();
            prop_assert!(within(range, 0.0, 1.0) && range.contains(found.mean()));
            let other = one.complement().estimate(level).unwrap().unwrap().stated_interval().unwrap();
            prop_assert!((range.lower() - (1.0 - other.upper())).abs() < 1e-12);
        }
        if let Some(change) = one.change(two, level).unwrap() {
            let back = two.change(one, level).unwrap().unwrap();
            prop_assert!((change.interval().lower() + back.interval().upper()).abs() < 1e-12);
            prop_assert!(within(change.interval(), -1.0, 1.0));
            prop_assert!(change.interval().contains(change.difference().mean()));
        }
    }

    /// More respondents alike never widen an interval.
    #[test]
    fn more_of_the_same_is_more_certain(counts in prop::array::uniform5(0..40_u32), level in any_level()) {
        let (few, many) = (Csat::new(counts), Csat::new(counts.map(|n| 4 * n)));
        if let Some(few) = few.share().estimate(level).unwrap() {
            let many = many.share().estimate(level).unwrap().unwrap();
            let [few, many] = [few, many].map(|e| e.stated_interval().unwrap().width());
            prop_assert!(many <= few);
        }
    }

    /// The effort stays on its scale, and has an interval from two answers on.
    #[test]
    fn the_effort_stays_on_its_scale(counts in prop::array::uniform7(0..9_u32), level in any_level()) {
        let ces = Ces::new(counts);
        let found = ces.estimate(level).unwrap();
        prop_assert_eq!(found.is_some(), counts.iter().sum::<u32>() > 1);
        if let Some(found) = found {
            let range = found.stated_interval().unwrap();
            prop_assert!(within(range, 1.0, 7.0) && range.contains(found.mean()));
        }
    }

    /// Concentration lies in its range, and money has no unit.
    #[test]
    fn concentration_has_no_unit(values in prop::collection::vec(0.0..100.0_f64, 3..30), level in any_level()) {
        let scaled: Vec<f64> = values.iter().map(|v| v * 1024.0).collect();
        for of in [gini_estimate, herfindahl_estimate, |v: &[f64], l| top_share_estimate(v, 0.3, l)] {
            let (found, other) = (of(&values, level), of(&scaled, level));
            let (Ok(found), Ok(other)) = (found, other) else { continue };
            let range = found.stated_interval().unwrap();
            prop_assert!(within(range, 0.0, 1.0));
            prop_assert!((found.mean() - other.mean()).abs() < 1e-12);
            prop_assert!((found.sd() - other.sd()).abs() < 1e-9);
        }
    }

    /// The jackknife of one pass is that of its definition.
    #[test]
    fn the_jackknife_of_one_pass_is_that_of_its_definition(values in prop::collection::vec(0.1..100.0_f64, 4..25)) {
        let level = Probability::NINETY_PERCENT;
        let without: Vec<f64> = (0..values.len()).map(|i| {
            let mut rest = values.clone();
            rest.remove(i);
            gini_unbiased(&rest).unwrap()
        }).collect();
        let n = values.len() as f64;
        let mean = without.iter().sum::<f64>() / n;
        let variance = without.iter().map(|v| (v - mean).powi(2)).sum::<f64>() * (n - 1.0) / n;
        let found = gini_estimate(&values, level).unwrap().sd();
        prop_assert!((found - variance.sqrt()).abs() < 1e-9, "{} {}", found, variance.sqrt());
    }

    /// An interval of a percentile is between values of the sample, covers at least the level, and
    /// turns round with the values.
    #[test]
    fn percentiles_turn_round_with_the_values(values in prop::collection::vec(-1e3..1e3_f64, 1..200), share in 0.0..1.0_f64, level in any_level()) {
        let share = Probability::new(share).unwrap();
        let found = Percentiles::new(&values).unwrap().percentile(share, level).unwrap().unwrap();
        let turned: Vec<f64> = values.iter().map(|v| -v).collect();
        let other = Percentiles::new(&turned).unwrap();
        let other = other.percentile(share.complement(), level).unwrap().unwrap();
        prop_assert!((found.value() + other.value()).abs() < 1e-9);
        prop_assert_eq!(found.interval().is_some(), found.coverage().is_some());
        if let (Some(range), Some(covers)) = (found.interval(), found.coverage()) {
            prop_assert!(covers >= level.value() - 1e-12);
            let low = range.lower();
            prop_assert!(values.iter().any(|v| v.to_bits() == low.to_bits() || (*v - low).abs() <= 0.0));
        }
    }

    /// Diversity lies between one channel and all of them.
    #[test]
    fn diversity_lies_between_one_and_all(counts in prop::collection::vec(0..50_u64, 1..12), level in any_level()) {
        let found = Diversity::new(&counts).effective_number(level).unwrap();
        prop_assert_eq!(found.is_some(), counts.iter().any(|&n| n > 0));
        if let Some(found) = found {
            let all = counts.len() as f64;
            let range = found.stated_interval().unwrap();
            prop_assert!(within(range, 1.0, all + 1e-9));
            prop_assert!(found.mean() >= 1.0 && found.mean() <= all + 1e-9);
        }
    }

    /// What a table does not show cannot be had from what it does: its hidden groups are none, or at
    /// least two with at least `k` customers, or all of a total that is hidden as well.
    #[test]
    fn a_total_gives_no_small_group_away(sizes in prop::collection::vec(0..60_u64, 0..12), k in 2..30_u64) {
        let table = SmallGroups::fewer_than(k).unwrap().table(sizes.iter().map(|&n| (n, n)));
        let hidden: Vec<u64> = sizes.iter().zip(table.groups())
            .filter(|(_, group)| group.shown().is_none()).map(|(&n, _)| n).collect();
        prop_assert!(sizes.iter().zip(table.groups()).all(|(&n, group)| n >= k || group.shown().is_none()));
        let together: u64 = hidden.iter().sum();
        let is_safe = hidden.is_empty() || (hidden.len() >= 2 && together >= k);
        prop_assert!(is_safe || table.total().shown().is_none());
        if let Some(&total) = table.total().shown() {
            prop_assert!(total >= k && total == sizes.iter().sum::<u64>());
        }
        // Nothing is hidden without a small group.
        prop_assert!(sizes.iter().any(|&n| n < k) || hidden.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_306),
        failure_persistence: None,
        cases: 64,
        ..ProptestConfig::default()
    })]

    /// A measure is had from a log if and only if the list of what it supports names it, in any
    /// order of the log.
    #[test]
    fn what_a_log_supports_is_what_it_answers(mut log in any_log(60), at in any_hour()) {
        // Each interaction once.
        log.sort_by(|a, b| a.id().cmp(b.id()));
        log.dedup_by(|a, b| a.id() == b.id());
        let window = Window::new(hour(-1_000), AsOf::at(at)).unwrap();
        let periods = Periods::every(&window, Span::days(1.0).unwrap()).unwrap();
        // Only whole periods count, so the log is cut at the end of the last.
        let end = *periods.edges().last().unwrap();
        let window = Window::new(hour(-1_000), AsOf::at(end)).unwrap();
        let periods = Periods::every(&window, Span::days(1.0).unwrap()).unwrap();
        let supported = Measure::supported(&log, AsOf::at(end));
        let turned: Vec<_> = log.iter().rev().collect();
        let which = Answers::default();
        let says = |measure: Measure, error: Option<MetricError>| {
            let is_there = !matches!(error, Some(MetricError::NotInLog { .. }));
            assert_eq!(is_there, supported.contains(&measure), "{measure:?} {error:?}");
        };
        macro_rules! same {
            ($measure:ident, |$log:ident| $found:expr) => {{
                let $log = log.iter();
                let first = $found;
                let $log = turned.iter().copied();
                assert_eq!(first.as_ref().ok(), $found.as_ref().ok());
                says(Measure::$measure, first.err());
            }};
        }
        same!(NetPromoterScore, |log| Nps::from_interactions(log, &window, which));
        same!(Satisfaction, |log| Csat::from_interactions(log, &window, which));
        same!(Effort, |log| Ces::from_interactions(log, &window, which));
        same!(Retention, |log| ContractHistory::from_interactions(log, &window));
        same!(Repurchase, |log| repurchase_rate(log, &window));
        same!(Cohorts, |log| CohortTriangle::from_interactions(log, &periods));
        same!(ShareOfWallet, |log| stated_share_of_wallet(log, &window, which));
        same!(PricePremium, |log| PricePremium::from_interactions(log, &window));
        same!(CostToServe, |log| CostTrend::from_interactions(log, &periods));
        same!(Referral, |log| referral_rate(log, &window));
        same!(Stickiness, |log| stickiness(log, &periods));
        same!(ResponseTime, |log| response_minutes(log, &window));
        same!(ChannelDiversity, |log| channel_diversity(log, &window));
        if let Ok(contracts) = ContractHistory::from_interactions(&log, &window) {
            says(Measure::Renewal, contracts.renewal().err());
            prop_assert!(contracts.observed(guanxi::quantity::TimeUnit::Day).is_ok());
        }
    }

    /// A long log can be read some customers at a time.
    #[test]
    fn parts_of_the_customers_make_the_triangle_of_all(log in any_log(60)) {
        let window = Window::new(hour(-1_000), AsOf::at(hour(1_000))).unwrap();
        let periods = Periods::every(&window, Span::days(10.0).unwrap()).unwrap();
        let of = |first: bool| {
            let is_first = |i: &&Interaction| i.customer().as_str().bytes().last() < Some(b'1');
            let some = log.iter().filter(|i| is_first(i) == first);
            CohortTriangle::from_interactions(some, &periods).ok()
        };
        let all = CohortTriangle::from_interactions(&log, &periods).ok();
        let merged = match (of(true), of(false)) {
            (Some(mut one), Some(other)) => {
                one.merge(&other).unwrap();
                Some(one)
            }
            (one, other) => one.or(other),
        };
        prop_assert_eq!(merged, all);
    }

    /// The customers a measure rests on are those of whom an interaction feeds it.
    #[test]
    fn a_log_supports_what_one_of_its_interactions_feeds(log in any_log(30)) {
        let supported = Measure::supported(&log, AsOf::at(hour(100_000)));
        for measure in Measure::ALL.into_iter().filter(|m| *m != Measure::CoderAgreement) {
            let fed = log.iter().any(|i| measure.is_fed_by(i));
            prop_assert_eq!(fed, supported.contains(&measure), "{:?}", measure);
        }
    }
}
