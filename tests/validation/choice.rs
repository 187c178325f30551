//! Half-lives and κ, chosen by how well they foretell.

use guanxi::dimension::{
    AffectCandidate, AffectModel, EmotionalPolicy, ForecastChoice, TrustCandidate, TrustPolicy,
    half_lives,
};
use guanxi::history::Interaction;
use guanxi::quantity::{HalfLife, Span, TimeUnit};
use guanxi::summary::{EvidencePolicy, TrustDirection, TrustItem, TrustSource};

use super::synthetic::{Story, Truth};
use super::{FAIR, Sample, end, promises, told, within};

/// Beyond this many standard errors a candidate is worse than the best.
const BEYOND_CHANCE: f64 = 1.645;

/// 22.5 days to 4 years by doubling, and never.
fn grid() -> Vec<HalfLife> {
    half_lives(Span::days(22.5).unwrap(), 7).unwrap()
}

/// A half-life in days; infinite for never.
fn length(half_life: HalfLife) -> f64 {
    let span = half_life.span();
    span.map_or(f64::INFINITY, |span| span.in_unit(TimeUnit::Day))
}

fn of_affect(
    which: impl Fn(&Truth) -> bool,
    models: &[AffectModel],
) -> ForecastChoice<AffectCandidate> {
    let rules = EvidencePolicy::default();
    let histories = Sample::get()
        .of(end(), |truth| {
            truth.story == Story::Ordinary && which(truth)
        })
        .into_iter()
        .map(|(_, log)| {
            log.into_iter()
                .filter(|event| told(event, &rules))
                .collect::<Vec<_>>()
        });
    let candidates = AffectCandidate::grid(&grid(), models);
    ForecastChoice::of_affect(histories, &candidates, &rules, &EmotionalPolicy::default()).unwrap()
}

fn best_of(choice: &ForecastChoice<AffectCandidate>) -> f64 {
    let best = choice.best().candidate();
    println!(
        "{} forecasts of {} customers",
        choice.forecasts(),
        choice.customers()
    );
    length(best.half_life)
}

#[test]
fn the_filter_finds_the_half_life_of_moving_feeling() {
    let moving = |truth: &Truth| truth.feeling.half_life_days == Some(90.0);
    let choice = of_affect(moving, &[AffectModel::Filtered]);
    within(
        "half-life of moving feeling, filter",
        best_of(&choice),
        45.0..=180.0,
    );
    // It is told apart from the default's double and half, and from never.
    let rivals: Vec<_> = choice.rivals(BEYOND_CHANCE).collect();
    assert_eq!(rivals.len(), 1, "{rivals:?}");
}

#[test]
fn fading_evidence_foretells_moving_feeling_best_when_it_fades_within_a_factor_of_two() {
    let moving = |truth: &Truth| truth.feeling.half_life_days == Some(90.0);
    let both = of_affect(moving, &[AffectModel::Discounted, AffectModel::Filtered]);
    let discounted = of_affect(moving, &[AffectModel::Discounted]);
    within(
        "half-life of moving feeling, fading",
        best_of(&discounted),
        45.0..=180.0,
    );
    // The filter is the process that drew the feelings, and yet the best fading is not far behind.
    assert_eq!(both.best().candidate().model, AffectModel::Filtered);
    let gap = both.best().log_score() - discounted.best().log_score();
    within("nats by which the filter foretells better", gap, 0.0..=0.01);
}

#[test]
fn constant_feeling_is_foretold_best_by_never_forgetting() {
    let steady = |truth: &Truth| truth.feeling.half_life_days.is_none();
    for model in [AffectModel::Discounted, AffectModel::Filtered] {
        let choice = of_affect(steady, &[model]);
        assert_eq!(choice.best().candidate().half_life, HalfLife::NEVER);
        // The default is behind by far more than chance.
        let default = choice
            .rows()
            .iter()
            .find(|row| length(row.candidate().half_life) < 100.0);
        let behind = default.unwrap().behind();
        assert!(behind.mean() > 5.0 * behind.sd(), "{behind:?}");
    }
}

fn of_trust(which: impl Fn(&Truth) -> bool) -> ForecastChoice<TrustCandidate> {
    let rules = EvidencePolicy::default();
    let policy = TrustSource::ALL
        .into_iter()
        .filter(|source| !FAIR.contains(source))
        .fold(TrustPolicy::default(), TrustPolicy::without);
    let fair = |event: &&Interaction| {
        TrustItem::read(event, &rules).any(|item| FAIR.contains(&item.source()))
    };
    let histories = Sample::get()
        .of(end(), which)
        .into_iter()
        .map(|(_, log)| log.into_iter().filter(fair).collect::<Vec<_>>());
    let candidates = TrustCandidate::grid(&grid(), &[1.0, 1.5, 2.0]);
    let direction = TrustDirection::CustomerInFirm;
    ForecastChoice::of_trust(histories, direction, &candidates, &rules, &policy).unwrap()
}

#[test]
fn steady_trust_is_foretold_best_by_never_forgetting_and_counting_a_breach_once() {
    let choice = of_trust(|truth| truth.trust_change.is_none());
    let best = choice.best().candidate();
    assert_eq!(
        (best.half_life, best.negativity.to_bits()),
        (HalfLife::NEVER, 1.0_f64.to_bits())
    );
}

#[test]
fn trust_that_falls_is_foretold_best_by_forgetting_and_counting_a_breach_more_than_once() {
    let choice = of_trust(|truth| truth.trust_change.is_some());
    let best = choice.best().candidate();
    within(
        "half-life where trust falls once",
        length(best.half_life),
        45.0..=360.0,
    );
    within("κ where trust falls once", best.negativity, 1.5..=2.0);
    let never = choice.rows().last().unwrap();
    assert_eq!(never.candidate().half_life, HalfLife::NEVER);
    assert!(never.behind().mean() > 3.0 * never.behind().sd());
}

/// The half-life that foretells promises best.
fn of_promises(count: u32, gap: u32, half_life: Option<f64>) -> ForecastChoice<TrustCandidate> {
    let histories: Vec<Vec<Interaction>> = (0..1_500)
        .map(|customer| promises(customer, count, gap, half_life).1)
        .collect();
    ForecastChoice::of_trust(
        &histories,
        TrustDirection::CustomerInFirm,
        &TrustCandidate::grid(&grid(), &[1.0]),
        &EvidencePolicy::default(),
        &TrustPolicy::default(),
    )
    .unwrap()
}

#[test]
fn trust_that_is_drawn_anew_is_foretold_best_by_evidence_that_fades_faster_than_it() {
    // Half of the customers' trust was drawn anew after 180 days. Who has much evidence can afford to
    // forget sooner than the truth moves: what fades best is not how long the truth lasts.
    let best = |count, gap| {
        length(
            of_promises(count, gap, Some(180.0))
                .best()
                .candidate()
                .half_life,
        )
    };
    within("half-life, monthly evidence", best(24, 30), 90.0..=360.0);
    within(
        "half-life, evidence every other week",
        best(52, 14),
        45.0..=90.0,
    );
    within("half-life, weekly evidence", best(104, 7), 22.5..=90.0);
    let constant = of_promises(52, 14, None);
    assert_eq!(constant.best().candidate().half_life, HalfLife::NEVER);
}
