//! Choosing rules by how well they foretell: the same as asking the estimates one instant after
//! another, whatever the order; and what is refused.
#![cfg(all(feature = "serde", feature = "simulate"))]

#[allow(dead_code, unused_imports, reason = "the tests use a part of it")]
#[path = "../examples/support/synthetic.rs"]
mod synthetic;

use std::collections::BTreeMap;

use guanxi::chrono::{DateTime, TimeDelta};
use guanxi::dimension::{
    AffectCandidate, AffectFilter, AffectModel, DimensionError, EmotionalPolicy, Feeling,
    ForecastChoice, TrustBelief, TrustCandidate, TrustPolicy, half_lives,
};
use guanxi::history::{
    ComplaintOpened, Contact, CustomerId, Direction, Interaction, InteractionId, Kind, NpsSurvey,
    Promise, PromiseEvent, ReferralMade,
};
use guanxi::quantity::{HalfLife, Span, Valence};
use guanxi::summary::{
    AffectEvidence, AffectItem, EvidencePolicy, TrustDirection, TrustEvidence, TrustItem,
};

const IN_FIRM: TrustDirection = TrustDirection::CustomerInFirm;

fn days(length: f64) -> HalfLife {
    HalfLife::new(Span::days(length).unwrap()).unwrap()
}

fn event(who: &str, n: i64, kind: impl Into<Kind>) -> Interaction {
    let (id, who) = (format!("e-{n}"), CustomerId::new(who).unwrap());
    let at = DateTime::UNIX_EPOCH + TimeDelta::days(n);
    Interaction::new(InteractionId::new(id).unwrap(), who, at, kind).unwrap()
}

fn kept() -> Promise {
    Promise::new(PromiseEvent::Kept)
}

fn broken() -> Promise {
    Promise::new(PromiseEvent::Broken)
}

/// Logs in which no two interactions of a customer are of one instant.
fn histories() -> Vec<Vec<Interaction>> {
    let log = synthetic::generate(3, 12, 2).unwrap();
    let mut by: BTreeMap<CustomerId, BTreeMap<_, Interaction>> = BTreeMap::new();
    for event in log.interactions {
        let of = by.entry(event.customer().clone()).or_default();
        of.insert(event.occurred_at(), event);
    }
    by.into_values()
        .map(|log| log.into_values().collect())
        .collect()
}

#[test]
fn trust_is_foretold_by_the_belief_just_before() {
    let all = histories();
    let policy = TrustPolicy::default();
    for candidate in TrustCandidate::grid(&[days(60.0), HalfLife::NEVER], &[1.0, 2.5]) {
        let rules = EvidencePolicy::default().with_trust(candidate.half_life);
        let own = policy
            .clone()
            .with_negativity(candidate.negativity)
            .unwrap();
        let (mut sum, mut weight, mut count) = (0.0, 0.0, 0);
        for log in &all {
            for (place, event) in log.iter().enumerate() {
                let at = event.occurred_at();
                let before = TrustEvidence::from_interactions(&log[..place], at, &rules);
                let p = TrustBelief::of(&before, IN_FIRM, &own).mean();
                for item in TrustItem::read(event, &rules) {
                    let both = item.source().can_build() && item.source().can_break();
                    if item.direction() == IN_FIRM && both {
                        let w = item.multiplier() * policy.weight(item.source());
                        let o = item.outcome();
                        sum += w * (o * p.ln() + (1.0 - o) * (1.0 - p).ln());
                        weight += w;
                        count += 1;
                    }
                }
            }
        }
        assert!(count > 100, "{count}");
        let rules = EvidencePolicy::default();
        let choice = ForecastChoice::of_trust(&all, IN_FIRM, &[candidate], &rules, &policy);
        let choice = choice.unwrap();
        let found = choice.best().log_score();
        assert!(
            (found - sum / weight).abs() < 1e-9,
            "{found} {}",
            sum / weight
        );
        assert_eq!(choice.forecasts(), count);
    }
}

#[test]
fn feeling_is_foretold_by_the_estimate_just_before() {
    let all = histories();
    let policy = EmotionalPolicy::default();
    for half_life in [days(40.0), HalfLife::NEVER] {
        let rules = EvidencePolicy::default().with_affect(half_life);
        let (mut sums, mut count) = ([0.0; 2], 0.0);
        for log in &all {
            for (place, event) in log.iter().enumerate() {
                let Some(item) = AffectItem::of(event, &rules) else {
                    continue;
                };
                let behaviour = item.instrument() == guanxi::summary::Instrument::Behaviour;
                if behaviour && event.stated_valence().is_none() {
                    continue;
                }
                let at = event.occurred_at();
                let before = &log[..place];
                let felt = AffectEvidence::from_interactions(before, at, &rules);
                let felt = Feeling::of(&felt, &policy).unwrap().valence();
                let filter = AffectFilter::from_interactions(before, at, &rules, &policy);
                let filtered = filter.unwrap().at(at).unwrap();
                for (sum, felt) in sums.iter_mut().zip([felt, filtered]) {
                    let variance = felt.sd().powi(2) + 1.0 / item.weight();
                    let off = item.valence().value() - felt.mean();
                    *sum -= 0.5 * ((std::f64::consts::TAU * variance).ln() + off * off / variance);
                }
                count += 1.0;
            }
        }
        assert!(count > 60.0, "{count}");
        let models = [AffectModel::Discounted, AffectModel::Filtered];
        let candidates = AffectCandidate::grid(&[half_life], &models);
        let rules = EvidencePolicy::default();
        let choice = ForecastChoice::of_affect(&all, &candidates, &rules, &policy).unwrap();
        for (row, sum) in choice.rows().iter().zip(sums) {
            assert!(
                (row.log_score() - sum / count).abs() < 1e-9,
                "{row:?} {}",
                sum / count
            );
        }
    }
}

#[test]
fn the_order_in_which_events_are_given_does_not_matter() {
    let forwards = histories();
    let backwards: Vec<Vec<Interaction>> = forwards
        .iter()
        .map(|log| log.iter().rev().cloned().collect())
        .collect();
    let (rules, policy) = (EvidencePolicy::default(), TrustPolicy::default());
    let grid = TrustCandidate::grid(&half_lives(Span::days(30.0).unwrap(), 3).unwrap(), &[1.0]);
    let of = |all| ForecastChoice::of_trust(all, IN_FIRM, &grid, &rules, &policy).unwrap();
    assert_eq!(of(&forwards), of(&backwards));
}

#[test]
fn the_distance_to_the_best_has_the_error_of_a_ratio_over_customers() {
    // "a" has two forecasts, "b" one: of a half-life of a day nothing is left after a hundred.
    let all = [
        vec![event("a", 0, kept()), event("a", 100, kept())],
        vec![event("b", 0, broken())],
    ];
    let grid = TrustCandidate::grid(&[days(0.01), HalfLife::NEVER], &[1.0]);
    let (rules, policy) = (EvidencePolicy::default(), TrustPolicy::default());
    let choice = ForecastChoice::of_trust(&all, IN_FIRM, &grid, &rules, &policy).unwrap();
    assert_eq!((choice.customers(), choice.forecasts()), (2, 3));
    let gain = (2.0_f64 / 3.0).ln() - 0.5_f64.ln(); // of the second promise to "a"
    let behind = choice.rows()[0].behind();
    assert!((behind.mean() - gain / 3.0).abs() < 1e-12);
    let (a, b) = (gain - 2.0 * gain / 3.0, -gain / 3.0);
    let error = ((a * a + b * b) * 2.0).sqrt() / 3.0;
    assert!((behind.sd() - error).abs() < 1e-12);
    let best = choice.best();
    assert_eq!(best.candidate().half_life, HalfLife::NEVER);
    assert!(best.behind().mean() <= 0.0 && best.behind().sd() <= 0.0);
    assert_eq!(
        choice.rivals(1.645).count(),
        2,
        "a difference of one customer is chance"
    );
    assert_eq!(choice.rivals(0.5).count(), 1);
}

#[test]
fn of_equal_candidates_the_first_is_best_and_both_are_rivals() {
    let all = [vec![event("a", 0, kept())], vec![event("b", 0, kept())]];
    let grid = TrustCandidate::grid(&[days(10.0), HalfLife::NEVER], &[1.0]);
    let (rules, policy) = (EvidencePolicy::default(), TrustPolicy::default());
    let choice = ForecastChoice::of_trust(&all, IN_FIRM, &grid, &rules, &policy).unwrap();
    assert_eq!(choice.best().candidate().half_life, days(10.0));
    assert_eq!(choice.rivals(0.0).count(), 2);
}

#[test]
fn what_happens_only_one_way_moves_the_belief_and_is_not_foretold() {
    let with = |more: Option<Kind>| {
        let mut all = Vec::new();
        for who in ["a", "b"] {
            let mut log = vec![event(who, 5, kept())];
            log.extend(more.clone().map(|kind| event(who, 1, kind)));
            all.push(log);
        }
        let grid = TrustCandidate::grid(&[HalfLife::NEVER], &[1.0]);
        let (rules, policy) = (EvidencePolicy::default(), TrustPolicy::default());
        let choice = ForecastChoice::of_trust(&all, IN_FIRM, &grid, &rules, &policy).unwrap();
        assert_eq!(choice.forecasts(), 2);
        choice.best().log_score()
    };
    let (alone, praised) = (with(None), with(Some(ReferralMade::new().into())));
    let complained = with(Some(ComplaintOpened::new().into()));
    assert!((alone - 0.5_f64.ln()).abs() < 1e-12);
    assert!((praised - (1.5_f64 / 2.5).ln()).abs() < 1e-12);
    assert!((complained - (1.0_f64 / 2.5).ln()).abs() < 1e-12);
}

#[test]
fn a_feeling_that_nobody_stated_is_not_foretold() {
    let call = || Contact::new(Direction::Inbound);
    let stated = |who| event(who, 3, call()).with_valence(Valence::new(0.5).unwrap());
    let nps = || NpsSurvey::new(9).unwrap();
    let all = [
        vec![event("a", 0, kept()), event("a", 1, nps()), stated("a")],
        vec![
            event("b", 0, kept()),
            event("b", 1, nps()),
            event("b", 2, call()),
        ],
    ];
    let grid = AffectCandidate::grid(&[days(90.0)], &[AffectModel::Discounted]);
    let (rules, policy) = (EvidencePolicy::default(), EmotionalPolicy::default());
    let choice = ForecastChoice::of_affect(&all, &grid, &rules, &policy).unwrap();
    assert_eq!(choice.forecasts(), 3); // two answers and one call that was rated
}

#[test]
fn too_little_is_refused_and_says_what_is_missing() {
    let (rules, policy) = (EvidencePolicy::default(), TrustPolicy::default());
    let of = |all: &[Vec<Interaction>], grid: &[TrustCandidate]| {
        ForecastChoice::of_trust(all, IN_FIRM, grid, &rules, &policy).unwrap_err()
    };
    let two = [vec![event("a", 0, kept())], vec![event("b", 0, kept())]];
    let never = TrustCandidate {
        half_life: HalfLife::NEVER,
        negativity: 1.0,
    };
    assert_eq!(of(&two, &[]).to_string(), "needed a candidate, got none");
    assert_eq!(
        of(&two[..1], &[never]).to_string(),
        "learning needs 2 customers with evidence to foretell, got 1"
    );
    for negativity in [0.5, f64::NAN, f64::INFINITY] {
        let found = of(
            &two,
            &[TrustCandidate {
                negativity,
                ..never
            }],
        );
        assert!(matches!(found, DimensionError::Domain { .. }), "{found}");
    }
    let grid = AffectCandidate::grid(&[HalfLife::NEVER], &[AffectModel::Filtered]);
    let none = ForecastChoice::of_affect(&two, &grid, &rules, &EmotionalPolicy::default());
    assert!(matches!(
        none,
        Err(DimensionError::NotIdentified { found: 0, .. })
    ));
}

#[test]
fn a_grid_ends_with_never_and_refuses_what_is_no_half_life() {
    let grid = half_lives(Span::weeks(1.0).unwrap(), 3).unwrap();
    assert_eq!(grid.len(), 4);
    assert_eq!(grid[2].span(), Some(Span::weeks(4.0).unwrap()));
    assert_eq!(
        half_lives(Span::weeks(1.0).unwrap(), 0).unwrap(),
        [HalfLife::NEVER]
    );
    assert!(half_lives(Span::zero(guanxi::quantity::TimeUnit::Day), 1).is_err());
    assert!(half_lives(Span::days(1.0).unwrap(), 5_000).is_err());
}

#[test]
fn a_candidate_is_read_as_it_was_written_and_doubted() {
    let candidate = TrustCandidate {
        half_life: days(180.0),
        negativity: 1.5,
    };
    let text = serde_json::to_string(&candidate).unwrap();
    assert_eq!(
        serde_json::from_str::<TrustCandidate>(&text).unwrap(),
        candidate
    );
    assert!(serde_json::from_str::<TrustCandidate>(&text.replace("1.5", "0.5")).is_err());
    let affect = AffectCandidate {
        model: AffectModel::Filtered,
        half_life: HalfLife::NEVER,
    };
    let text = serde_json::to_string(&affect).unwrap();
    assert_eq!(
        serde_json::from_str::<AffectCandidate>(&text).unwrap(),
        affect
    );
}
