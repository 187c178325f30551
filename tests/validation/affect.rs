//! Feeling: means, and whether intervals hold what they promise.

use guanxi::dimension::{AffectFilter, EmotionalPolicy, Feeling};
use guanxi::history::Interaction;
use guanxi::quantity::HalfLife;
use guanxi::summary::{AffectEvidence, EvidencePolicy};

use super::synthetic::{Story, Truth, instant};
use super::{Against, Sample, days, told, within};

/// Instants at which feelings are asked for, in days.
const ASKED: [f64; 3] = [700.0, 1_000.0, 1_400.0];

/// Whether feeling moves as an Ornstein–Uhlenbeck process with a half-life of 90 days, or stays.
#[derive(Clone, Copy, PartialEq)]
enum Truly {
    Constant,
    Moving,
}

impl Truly {
    fn of(self, truth: &Truth) -> bool {
        let moves = truth.feeling.half_life_days.is_some();
        truth.story == Story::Ordinary && moves == (self == Self::Moving)
    }
}

/// Both estimators against the truth at all instants: discounted evidence, and the filter.
fn against(truly: Truly, half_life: HalfLife, all_events: bool) -> (Against, Against) {
    let rules = EvidencePolicy::default().with_affect(half_life);
    let policy = EmotionalPolicy::default();
    let (mut discounted, mut filtered) = (Against::default(), Against::default());
    for day in ASKED {
        let at = instant(day);
        for (truth, mut log) in Sample::get().of(at, |truth| truly.of(truth)) {
            log.retain(|event: &&Interaction| all_events || told(event, &rules));
            let evidence = AffectEvidence::from_interactions(log.iter().copied(), at, &rules);
            let felt = Feeling::of(&evidence, &policy).unwrap().valence();
            if felt.is_prior_only() {
                continue;
            }
            let truth = truth.feeling.at(day);
            discounted.add(felt, felt.stated_interval().unwrap(), truth);
            let filter = AffectFilter::from_interactions(log, at, &rules, &policy).unwrap();
            let felt = filter.at(at).unwrap();
            filtered.add(felt, felt.normal_interval(policy.level()).unwrap(), truth);
        }
    }
    assert!(discounted.customers > 1_800.0, "{discounted:?}");
    (discounted, filtered)
}

#[test]
fn constant_feeling_is_recovered_if_nothing_fades_and_held_with_the_stated_chance() {
    let (discounted, filtered) = against(Truly::Constant, HalfLife::NEVER, false);
    within("bias of constant feeling", discounted.bias(), -0.02..=0.02);
    within("rmse of constant feeling", discounted.rmse(), 0.10..=0.14);
    within(
        "coverage, constant, filter that never forgets",
        filtered.coverage(),
        0.87..=0.93,
    );
    // The same posterior, but that readings which scatter more than their instruments should widen
    // it, and those that scatter less do not narrow it: a little too cautious.
    within(
        "coverage, constant, never fading",
        discounted.coverage(),
        0.90..=0.945,
    );
    assert!(discounted.coverage() >= filtered.coverage());
}

#[test]
fn the_default_half_life_is_cautious_where_feeling_is_constant() {
    let (discounted, filtered) = against(Truly::Constant, days(90.0), false);
    within(
        "bias of constant feeling, 90 days",
        discounted.bias(),
        -0.03..=0.01,
    );
    within(
        "rmse of constant feeling, 90 days",
        discounted.rmse(),
        0.23..=0.27,
    );
    within(
        "coverage, constant, 90 days",
        discounted.coverage(),
        0.92..=0.965,
    );
    within(
        "coverage, constant, filter of 90 days",
        filtered.coverage(),
        0.93..=0.98,
    );
}

#[test]
fn the_filter_holds_moving_feeling_with_the_stated_chance() {
    let (discounted, filtered) = against(Truly::Moving, days(90.0), false);
    within(
        "coverage, moving, filter of 90 days",
        filtered.coverage(),
        0.87..=0.93,
    );
    within(
        "bias of moving feeling, filter",
        filtered.bias(),
        -0.03..=0.03,
    );
    within(
        "rmse of moving feeling, filter",
        filtered.rmse(),
        0.31..=0.37,
    );
    assert!(filtered.rmse() < discounted.rmse());
    // The shortfall of the default estimator, which takes the truth for constant.
    within(
        "coverage, moving, 90 days",
        discounted.coverage(),
        0.72..=0.82,
    );
    within(
        "rmse of moving feeling, 90 days",
        discounted.rmse(),
        0.32..=0.38,
    );
}

#[test]
fn evidence_that_fades_twice_as_fast_as_feeling_moves_makes_up_for_most_of_the_shortfall() {
    let (discounted, _) = against(Truly::Moving, days(45.0), false);
    within(
        "coverage, moving, 45 days",
        discounted.coverage(),
        0.82..=0.90,
    );
    let (discounted, _) = against(Truly::Moving, days(22.5), false);
    within(
        "coverage, moving, 22.5 days",
        discounted.coverage(),
        0.87..=0.94,
    );
    let (constant, _) = against(Truly::Constant, days(45.0), false);
    within(
        "coverage, constant, 45 days",
        constant.coverage(),
        0.92..=0.97,
    );
}

#[test]
fn events_that_tell_of_nobodys_feeling_bias_it_and_cost_coverage() {
    // Complaints, promises and the like at the valence of their kind: no feeling was drawn for them.
    let (asked, _) = against(Truly::Constant, days(90.0), false);
    let (all, _) = against(Truly::Constant, days(90.0), true);
    within("bias with default valences", all.bias(), -0.09..=-0.02);
    within(
        "coverage with default valences",
        all.coverage(),
        0.80..=0.90,
    );
    assert!(all.rmse() > asked.rmse());
}
