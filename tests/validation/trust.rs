//! Trust: means, and whether intervals hold what they promise.

use guanxi::chrono::{DateTime, TimeDelta};
use guanxi::dimension::{TrustBelief, TrustPolicy};
use guanxi::history::TrustFacet;
use guanxi::quantity::HalfLife;
use guanxi::summary::{EvidencePolicy, TrustDirection, TrustEvidence, TrustItem, TrustSource};

use super::synthetic::{Story, Truth};
use super::{Against, FAIR, Sample, days, end, promises, within};

const IN_FIRM: TrustDirection = TrustDirection::CustomerInFirm;

/// The default policy, with κ of 1 or 2, without the sources that are not named.
fn policy(sources: &[TrustSource], negativity: f64) -> TrustPolicy {
    let others = TrustSource::ALL
        .into_iter()
        .filter(|source| !sources.contains(source));
    others
        .fold(TrustPolicy::default(), TrustPolicy::without)
        .with_negativity(negativity)
        .unwrap()
}

fn is_steady(truth: &Truth) -> bool {
    truth.trust_change.is_none() && truth.story != Story::PurchasesOnly
}

/// Beliefs of all customers whose trust never changed against the mean of its three sides.
fn against(half_life: HalfLife, policy: &TrustPolicy) -> Against {
    let rules = EvidencePolicy::default().with_trust(half_life);
    let mut all = Against::default();
    for (truth, log) in Sample::get().of(end(), is_steady) {
        let evidence = TrustEvidence::from_interactions(log, end(), &rules);
        let belief = TrustBelief::of(&evidence, IN_FIRM, policy);
        if belief.n_eff() >= 1.0 {
            let estimate = belief.estimate().unwrap();
            all.add(estimate, belief.interval().unwrap(), truth.trust.mean());
        }
    }
    assert!(all.customers > 1_000.0, "{all:?}");
    all
}

#[test]
fn fair_evidence_moves_trust_by_what_the_truth_says_and_not_more() {
    // Promises and survey items state their facet, whose truth is their expectation.
    let rules = EvidencePolicy::default().with_trust(HalfLife::NEVER);
    let policy = policy(&FAIR, 1.0);
    let (mut off, mut squares, mut customers) = (0.0, 0.0, 0.0);
    for (truth, log) in Sample::get().of(end(), is_steady) {
        let (mut expected, mut weight) = (1.0, 2.0); // the prior: W·a and W
        for event in &log {
            for item in TrustItem::read(event, &rules) {
                if item.direction() == IN_FIRM && FAIR.contains(&item.source()) {
                    let own = item.multiplier() * policy.weight(item.source());
                    let facet = item.facet().unwrap_or(TrustFacet::Integrity);
                    expected += own * truth.trust.of(facet);
                    weight += own;
                }
            }
        }
        if weight > 2.0 {
            let evidence = TrustEvidence::from_interactions(log, end(), &rules);
            let found = TrustBelief::of(&evidence, IN_FIRM, &policy).mean();
            let error = found - expected / weight;
            off += error;
            squares += error * error;
            customers += 1.0;
        }
    }
    assert!(customers > 1_000.0);
    let errors = off / squares.sqrt();
    within(
        "mean error of fair trust, in standard errors",
        errors,
        -3.0..=3.0,
    );
}

#[test]
fn trust_is_recovered_where_nothing_fades_and_a_breach_counts_once() {
    let fair = against(HalfLife::NEVER, &policy(&FAIR, 1.0));
    // The prior of 1/2 pulls at trust that is .7 on average.
    within("bias of fair trust", fair.bias(), -0.035..=-0.005);
    within("rmse of fair trust", fair.rmse(), 0.055..=0.080);
    // All evidence: recommendations, consents and disclosures speak only for trust, late answers and
    // complaints only against it. In this log they nearly balance.
    let all = against(HalfLife::NEVER, &policy(&TrustSource::ALL, 1.0));
    within(
        "bias of trust from all evidence",
        all.bias(),
        -0.015..=0.015,
    );
    within("rmse of trust from all evidence", all.rmse(), 0.050..=0.070);
}

#[test]
fn the_defaults_hold_steady_trust_for_lower_than_it_is() {
    // A breach counts twice on purpose, and what is old counts less than it should of a steady truth.
    let default = against(days(180.0), &TrustPolicy::default());
    within("bias of default trust", default.bias(), -0.19..=-0.13);
    within("rmse of default trust", default.rmse(), 0.14..=0.20);
    let once = against(days(180.0), &policy(&TrustSource::ALL, 1.0));
    within("bias of fading trust, κ of 1", once.bias(), -0.07..=-0.03);
    // Its order of customers is hardly worse: the bias is much the same for all.
    let never = against(HalfLife::NEVER, &policy(&TrustSource::ALL, 2.0));
    within("bias of lasting trust, κ of 2", never.bias(), -0.16..=-0.10);
}

/// How often the interval holds trust that is uniform over customers and constant.
fn coverage(half_life: HalfLife, negativity: f64, count: u32, gap: u32) -> f64 {
    let rules = EvidencePolicy::default().with_trust(half_life);
    let policy = TrustPolicy::default().with_negativity(negativity).unwrap();
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(i64::from((count - 1) * gap));
    let mut all = Against::default();
    for customer in 0..3_000 {
        let (truth, log) = promises(customer, count, gap, None);
        let evidence = TrustEvidence::from_interactions(&log, now, &rules);
        let belief = TrustBelief::of(&evidence, IN_FIRM, &policy);
        all.add(
            belief.estimate().unwrap(),
            belief.interval().unwrap(),
            truth,
        );
    }
    all.coverage()
}

/// How often promises are made: few and rarely, every other week, weekly.
const PACES: [(u32, u32); 3] = [(8, 90), (52, 14), (104, 7)];

#[test]
fn ninety_percent_intervals_hold_constant_trust_ninety_percent_of_the_time_if_nothing_fades() {
    for (count, gap) in PACES {
        let found = coverage(HalfLife::NEVER, 1.0, count, gap);
        within(
            "coverage of trust, nothing fades, κ of 1",
            found,
            0.87..=0.93,
        );
    }
}

#[test]
fn fading_makes_the_interval_of_constant_trust_cautious() {
    // The sum of faded weights is more than they are worth: Σd instead of (Σd)²/Σd².
    for (count, gap) in PACES {
        let found = coverage(days(180.0), 1.0, count, gap);
        within(
            "coverage of trust, half-life of 180 days, κ of 1",
            found,
            0.915..=0.985,
        );
    }
}

#[test]
fn a_breach_that_counts_twice_makes_the_interval_one_of_caution_and_not_of_trust() {
    for ((count, gap), range) in PACES
        .into_iter()
        .zip([0.80..=0.90, 0.56..=0.70, 0.33..=0.47])
    {
        let found = coverage(days(180.0), 2.0, count, gap);
        within(
            "coverage of trust, half-life of 180 days, κ of 2",
            found,
            range,
        );
    }
}

/// What a perception comes to that counts a breach κ times, of a firm that keeps a share of its
/// promises: p/(p + κ(1 − p)).
fn perceived(kept: f64, negativity: f64) -> f64 {
    kept / (kept + negativity * (1.0 - kept))
}

/// Beliefs from so many weekly promises, nothing fading, against the perception they should come to.
fn against_perception(negativity: f64, count: u32) -> Against {
    let rules = EvidencePolicy::default().with_trust(HalfLife::NEVER);
    let policy = TrustPolicy::default().with_negativity(negativity).unwrap();
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(i64::from((count - 1) * 7));
    let mut all = Against::default();
    for customer in 0..1_500 {
        let (kept, log) = promises(customer, count, 7, None);
        let evidence = TrustEvidence::from_interactions(&log, now, &rules);
        let belief = TrustBelief::of(&evidence, IN_FIRM, &policy);
        let truth = perceived(kept, negativity);
        all.add(
            belief.estimate().unwrap(),
            belief.interval().unwrap(),
            truth,
        );
    }
    all
}

#[test]
fn a_breach_that_counts_twice_makes_trust_converge_to_a_perception_that_counts_it_twice() {
    let errors: Vec<f64> = [8, 32, 128, 512]
        .into_iter()
        .map(|count| against_perception(2.0, count).rmse())
        .collect();
    // The error halves with four times the promises: it goes to 0, and no bias is left.
    for pair in errors.windows(2) {
        within(
            "rmse with four times the promises",
            pair[1] / pair[0],
            0.40..=0.62,
        );
    }
    let last = against_perception(2.0, 512);
    within(
        "rmse of perception, 512 promises",
        last.rmse(),
        0.015..=0.030,
    );
    within(
        "bias of perception, 512 promises",
        last.bias(),
        -0.003..=0.003,
    );
}

#[test]
fn a_breach_that_counts_twice_makes_the_interval_of_that_perception_somewhat_too_narrow() {
    // The sd of what a share p leads to is sqrt(κ/(p + κ(1 − p))) times that of the belief: from 1 for
    // a firm that keeps nothing to √2 for one that keeps everything.
    for count in [8, 32, 128] {
        let found = against_perception(2.0, count).coverage();
        within(
            "coverage of perception, nothing fades, κ of 2",
            found,
            0.79..=0.88,
        );
    }
}
