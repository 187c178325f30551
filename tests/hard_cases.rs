//! Answers where formulas overflow, cancel or are singular, against values computed apart from this
//! crate: a + b < 1, a = 1, s = 1, α = β, β = 1e-6, a = 1e-6, b = 1e4, 5000 purchases, one day of
//! history, P(alive) below 1e-300, δ = 1e-4, finite horizons, whole distributions.

mod support;

use guanxi::model::{PurchaseModel, PurchasePosterior};
use guanxi::quantity::{DiscountRate, Horizon, Span, TimeUnit};
use guanxi::summary::RfmSummary;
use support::assert_close;
use support::models::{bg_nbd, customer, force, mbg_nbd, pareto_nbd, weeks};
use support::reference::{ANSWERS, DISTRIBUTIONS, Model, NAMES};

fn posterior(model: Model, seen: &RfmSummary) -> Box<dyn PurchasePosterior> {
    match model {
        Model::Bg(p) => Box::new(bg_nbd(p).posterior(seen).unwrap()),
        Model::Mbg(p) => Box::new(mbg_nbd(p).posterior(seen).unwrap()),
        Model::Pareto(p) => Box::new(pareto_nbd(p).posterior(seen).unwrap()),
    }
}

fn answers(posterior: &dyn PurchasePosterior) -> [f64; 12] {
    let (usual, tiny, horizon) = (
        force(1.15_f64.ln() / 52.0),
        force(1e-4),
        Horizon::Finite(weeks(39.0)),
    );
    [
        posterior.ln_likelihood(),
        posterior.ln_odds_alive(),
        posterior.probability_alive(),
        posterior.probability_active(weeks(39.0)),
        posterior.expected_purchases(weeks(39.0)),
        posterior.residual_transactions(usual).unwrap(),
        posterior.residual_lifetime(usual).unwrap(),
        posterior.residual_transactions(tiny).unwrap(),
        posterior.residual_lifetime(tiny).unwrap(),
        posterior.discounted_purchases(usual, horizon).unwrap(),
        posterior.discounted_lifetime(usual, horizon).unwrap(),
        posterior.mean_rate(),
    ]
}

/// Whether a number agrees to 1e-11: logarithms absolutely where they pass through zero, and what is
/// below the normal range of `f64` to the digits that are left there.
fn agrees(name: &str, found: f64, expected: f64) -> bool {
    let error = (found - expected).abs();
    let floor = if name.starts_with("log") { 1.0 } else { 0.0 };
    error <= (1e-11 * expected.abs().max(floor)).max(1e-315)
        || (found.is_infinite() && expected.is_infinite() && found > 0.0)
}

#[test]
fn every_answer_agrees_with_its_reference() {
    let mut wrong = Vec::new();
    for case in ANSWERS {
        let (x, t_x, age) = case.customer;
        let found = answers(posterior(case.model, &customer(x, t_x, age)).as_ref());
        for ((name, found), expected) in NAMES.into_iter().zip(found).zip(case.values) {
            if !agrees(name, found, expected) {
                let (model, customer) = (case.model, case.customer);
                wrong.push(format!("{name} of {customer:?} under {model:?}: {found:?}, expected {expected:?}, off by {:.1e}", (found/expected-1.0).abs()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn an_odds_that_underflows_as_a_probability_keeps_its_digits() {
    // Below 1e-300 the probability is 0, and the log-odds are what is left.
    let certain: Vec<_> = ANSWERS
        .iter()
        .filter(|case| case.values[1] < -700.0)
        .collect();
    assert!(certain.len() >= 20, "{}", certain.len());
    for case in certain {
        let (x, t_x, age) = case.customer;
        let posterior = posterior(case.model, &customer(x, t_x, age));
        assert_close!(posterior.ln_odds_alive(), case.values[1], 1e-12);
        assert!(posterior.probability_alive() < 1e-300);
    }
}

#[test]
fn whole_distributions_agree_with_their_references() {
    for &(model, (x, t_x, age), expected) in DISTRIBUTIONS {
        let mut probabilities = [0.0; 61];
        posterior(model, &customer(x, t_x, age))
            .purchase_probabilities(weeks(39.0), &mut probabilities);
        for (n, expected) in [0, 1, 2, 5, 20, 60].into_iter().zip(expected) {
            let found = probabilities[n];
            assert!(
                agrees("", found, expected),
                "P({n}) of {x}, {t_x}, {age} under {model:?}: {found:?}, expected {expected:?}"
            );
        }
    }
}

/// Computed with 50 digits, as the mean over the beta distribution by a trapezoid rule of step 1/16
/// in `logit p` (mpmath). The mean is small beside the value at `p = 0`, from which the usual form
/// subtracts nearly all.
#[test]
fn a_horizon_far_beyond_the_scale_of_rates_loses_no_digits() {
    for (parameters, t, expected) in [
        ([0.243, 1.0, 1.0, 1.0], 1e9, 16.976_141_945_668_034),
        ([0.243, 1e-6, 1.0, 2.0], 1e6, 45.727_478_355_281_38),
        ([5.0, 1e-3, 0.5, 0.7], 1e7, 308_534.870_950_081_1),
    ] {
        let found = bg_nbd(parameters).newcomer().expected_purchases(weeks(t));
        assert_close!(found, expected, 1e-10);
    }
}

#[test]
fn the_expected_purchases_pass_smoothly_through_a_of_one() {
    let at = |a: f64| {
        bg_nbd([0.243, 4.414, a, 2.426])
            .newcomer()
            .expected_purchases(weeks(39.0))
    };
    let (below, exact, above) = (at(1.0 - 1e-7), at(1.0), at(1.0 + 1e-7));
    assert!(above < exact && exact < below);
    assert_close!(0.5 * (below + above), exact, 1e-12);
}

#[test]
fn the_expected_purchases_pass_smoothly_through_s_of_one() {
    let at = |s: f64| {
        pareto_nbd([0.553, 10.578, s, 11.669])
            .newcomer()
            .expected_purchases(weeks(39.0))
    };
    let (below, exact, above) = (at(1.0 - 1e-7), at(1.0), at(1.0 + 1e-7));
    assert!(above < exact && exact < below);
    assert_close!(0.5 * (below + above), exact, 1e-12);
}

#[test]
fn without_discount_a_lifetime_of_finite_mean_has_it() {
    // E[1/p] = (a + b − 1)/(a − 1) purchases; β·r/(α·(s − 1)) of them, β/(s − 1) time.
    let bg = bg_nbd([0.5, 5.0, 3.0, 4.0]).newcomer();
    assert_close!(
        bg.residual_transactions(DiscountRate::ZERO).unwrap(),
        3.0,
        1e-12
    );
    let pareto = pareto_nbd([0.5, 5.0, 3.0, 4.0]).newcomer();
    assert_close!(
        pareto.residual_transactions(DiscountRate::ZERO).unwrap(),
        0.2,
        1e-12
    );
    assert_close!(
        pareto.residual_lifetime(DiscountRate::ZERO).unwrap(),
        2.0,
        1e-12
    );
    // E[1/λ]·E[1/p] = α/(r − 1)·(a + b − 1)/(a − 1).
    let steady = bg_nbd([2.0, 5.0, 3.0, 4.0]).newcomer();
    assert_close!(
        steady.residual_lifetime(DiscountRate::ZERO).unwrap(),
        15.0,
        1e-12
    );
}

#[test]
fn an_acquisition_at_the_end_of_observation_says_nothing() {
    let seen = customer(0, 0.0, 0.0);
    for model in [
        Model::Bg(support::models::BG),
        Model::Mbg(support::models::MBG),
        Model::Pareto(support::models::PARETO),
    ] {
        assert!(
            posterior(model, &seen).ln_likelihood().abs() < 1e-15,
            "{model:?}"
        );
    }
    assert_close!(
        bg_nbd(support::models::BG).newcomer().ln_odds_alive(),
        f64::INFINITY,
        0.0
    );
}

#[test]
fn a_span_may_be_in_any_unit() {
    let posterior = bg_nbd(support::models::BG)
        .posterior(&customer(2, 30.43, 38.86))
        .unwrap();
    assert_close!(
        posterior.expected_purchases(Span::days(273.0).unwrap()),
        posterior.expected_purchases(weeks(39.0)),
        1e-14
    );
}

#[test]
fn the_smallest_discount_still_has_an_answer() {
    let posterior = bg_nbd([0.5, 1e-12, 3.0, 4.0]).newcomer();
    let hardly = DiscountRate::continuous(1e-15, TimeUnit::Year).unwrap();
    let found = posterior.residual_transactions(hardly).unwrap();
    // Without discount: (a + b − 1)/(a − 1).
    assert_close!(found, 3.0, 1e-10);
}

/// Found by proptest: a tail of the negative binomial distribution, for rates that hardly differ,
/// lost nine digits and lifted the sum above 1.
#[test]
fn rates_that_hardly_differ_leave_the_distribution_its_digits() {
    let model = bg_nbd([
        809_607_639.119_617_8,
        598_894_825_554.701_2,
        310_194.499_848_045_06,
        1.0,
    ]);
    let mut probabilities = [0.0; 8];
    model
        .posterior(&customer(0, 0.0, 1.0))
        .unwrap()
        .purchase_probabilities(weeks(4_836.833_296_737_264), &mut probabilities);
    // Eight purchases or more have a chance of 1e-35.
    assert_close!(probabilities.iter().sum::<f64>(), 1.0, 1e-13);
}

/// Found by proptest: where nearly all of the distribution lies beyond the places asked for, its tail
/// lost eight digits to rates that hardly differ.
#[test]
fn a_tail_that_is_nearly_everything_keeps_its_digits() {
    let mut probabilities = [0.0; 8];
    bg_nbd([5_164_364_193.666_732, 1.0, 202.015_006_564_587_05, 1.0])
        .posterior(&customer(0, 0.0, 3_126.800_008_137_518))
        .unwrap()
        .purchase_probabilities(weeks(8.191_387_202_125_186e-6), &mut probabilities);
    let total: f64 = probabilities.iter().sum();
    // Eight purchases or more: 202/203 drop out after each, so a chance of about 1e-13.
    assert_close!(total, 1.0, 1e-12);
}
