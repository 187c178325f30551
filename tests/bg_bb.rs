//! BG/BB: the published donors, independent values, laws and refusals.
#![allow(clippy::disallowed_methods, reason = "reads the data of the examples")]

mod support;

use guanxi::model::{
    BgBb, BgBbParameters, BgBbPosterior, Boundary, Fit, FitError, FitOptions, Parametric,
    PurchaseModel, PurchasePosterior, PurchaseSample, Sample,
};
use guanxi::quantity::{DiscountRate, Horizon, QuantityError, Span, TimeUnit};
use guanxi::summary::RfmSummary;
use proptest::prelude::*;
use support::models::log_uniform;
use support::reference_bg_bb;
use support::{assert_close, assert_published};

const DONORS: [f64; 4] = [1.204, 0.750, 0.657, 2.783];

fn bg_bb([alpha, beta, gamma, delta]: [f64; 4]) -> BgBb {
    BgBb::new(BgBbParameters {
        unit: TimeUnit::Year,
        alpha,
        beta,
        gamma,
        delta,
    })
    .unwrap()
}

fn donor(x: u32, t_x: u32, n: u32) -> RfmSummary {
    RfmSummary::new(TimeUnit::Year, x, f64::from(t_x), f64::from(n)).unwrap()
}

fn about(values: [f64; 4], x: u32, t_x: u32, n: u32) -> BgBbPosterior {
    bg_bb(values).posterior(&donor(x, t_x, n)).unwrap()
}

fn years(n: f64) -> Span {
    Span::years(n).unwrap()
}

/// Discounted by `1 + d` from one opportunity to the next.
fn discrete(d: f64) -> DiscountRate {
    DiscountRate::continuous(d.ln_1p(), TimeUnit::Year).unwrap()
}

fn donations() -> PurchaseSample {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/donations.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let mut sample = PurchaseSample::default();
    for line in text.lines().skip(1) {
        let cells: Vec<u32> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        let [x, t_x, n, weight] = cells[..] else {
            unreachable!("four columns")
        };
        sample.add(&donor(x, t_x, n), f64::from(weight)).unwrap();
    }
    sample
}

#[test]
fn answers_about_donors_are_the_published_ones() {
    // TV 2.10a: log-likelihood, P(alive), gifts in five years, DERT at d = 0.1.
    let rows = [
        (
            6,
            6,
            [
                "-2.1822484476183",
                "0.93040254237288",
                "3.7521156075998",
                "5.9086783195554",
            ],
        ),
        (
            4,
            5,
            [
                "-5.0956756388634",
                "0.6967010676851",
                "2.0296230314778",
                "3.1961674045098",
            ],
        ),
        (
            0,
            0,
            [
                "-1.1672624726739",
                "0.10801658416867",
                "0.072802877475043",
                "0.11464699618176",
            ],
        ),
    ];
    for (x, t_x, [ln, alive, expected, residual]) in rows {
        let posterior = about(DONORS, x, t_x, 6);
        assert_published!(posterior.ln_likelihood(), ln);
        assert_published!(posterior.probability_alive(), alive);
        assert_published!(posterior.expected_purchases(years(5.0)), expected);
        assert_published!(
            posterior.residual_transactions(discrete(0.1)).unwrap(),
            residual
        );
    }
    let newcomer = bg_bb(DONORS).newcomer();
    assert_published!(newcomer.expected_purchases(years(6.0)), "2.219631393487299");
}

#[test]
fn every_answer_agrees_with_its_reference() {
    for &(values, (x, t_x, n), answers) in reference_bg_bb::ANSWERS {
        let posterior = about(values, x, t_x, n);
        let (five, d, small) = (years(5.0), discrete(0.1), discrete(0.001));
        let within = Horizon::Finite(five);
        let found = [
            posterior.ln_likelihood(),
            posterior.probability_alive(),
            posterior.probability_active(five),
            posterior.expected_purchases(five),
            posterior.residual_transactions(d).unwrap(),
            posterior.residual_lifetime(d).unwrap(),
            posterior.residual_transactions(small).unwrap(),
            posterior.residual_lifetime(small).unwrap(),
            posterior.discounted_purchases(d, within).unwrap(),
            posterior.discounted_lifetime(d, within).unwrap(),
            posterior.mean_rate(),
        ];
        for ((name, found), expected) in reference_bg_bb::NAMES.iter().zip(found).zip(answers) {
            assert!(
                (found - expected).abs() <= 1e-11 * expected.abs(),
                "{name} of {:?} under {values:?}: {found:?}, expected {expected:?}",
                (x, t_x, n)
            );
        }
    }
    for &(values, (x, t_x, n), expected) in reference_bg_bb::DISTRIBUTIONS {
        let mut found = [0.0; 6];
        about(values, x, t_x, n).purchase_probabilities(years(5.0), &mut found);
        for (found, expected) in found.into_iter().zip(expected) {
            assert_close!(found, expected, 1e-11, "{values:?}");
        }
    }
}

#[test]
fn the_patterns_of_six_years_have_probability_one() {
    let choose = |n: u32, k: u32| (0..k).fold(1.0, |c, i| c * f64::from(n - i) / f64::from(i + 1));
    let mut sum = about(DONORS, 0, 0, 6).ln_likelihood().exp();
    let mut mean = 0.0;
    for t_x in 1..=6 {
        for x in 1..=t_x {
            let chance = choose(t_x - 1, x - 1) * about(DONORS, x, t_x, 6).ln_likelihood().exp();
            sum += chance;
            mean += f64::from(x) * chance;
        }
    }
    assert_close!(sum, 1.0, 1e-13);
    assert_close!(
        mean,
        bg_bb(DONORS).newcomer().expected_purchases(years(6.0)),
        1e-13
    );
}

#[test]
fn the_fit_of_the_donors_is_the_published_one() {
    let fitted = BgBb::fit_sample(&donations(), &FitOptions::default()).unwrap();
    let report = fitted.report();
    assert_published!(report.customers(), "11104");
    assert!(
        (report.log_likelihood() + 33_225.581_27).abs() < 1e-4,
        "{}",
        report.log_likelihood()
    );
    let values = fitted.model().values();
    for (found, published) in values.iter().zip([1.203_52, 0.749_72, 0.656_72, 2.783_44]) {
        assert_close!(*found, published, 1e-5);
    }
    assert_eq!(report.boundary(), None);
    assert!(report.nested_log_likelihood().unwrap() < report.log_likelihood() - 1000.0);
}

#[test]
fn donors_who_never_drop_out_show_as_a_boundary() {
    let mut sample = PurchaseSample::default();
    // Every pattern of four years as likely as a fair coin has it.
    for pattern in 0..16_u32 {
        let last = 32 - pattern.leading_zeros();
        sample
            .add(&donor(pattern.count_ones(), last, 4), 100.0)
            .unwrap();
    }
    let fitted = BgBb::fit_sample(&sample, &FitOptions::default()).unwrap();
    assert_eq!(fitted.report().boundary(), Some(Boundary::NoDropout));
}

#[test]
fn a_summary_that_is_not_in_whole_opportunities_is_refused() {
    let refused = |x, t_x, n| {
        let customer = RfmSummary::new(TimeUnit::Year, x, t_x, n).unwrap();
        let asked = bg_bb(DONORS).posterior(&customer).unwrap_err();
        let mut sample = PurchaseSample::default();
        sample.add(&donor(1, 2, 3), 50.0).unwrap();
        sample.add(&customer, 50.0).unwrap();
        let fitted = BgBb::fit_sample(&sample, &FitOptions::default()).unwrap_err();
        assert_eq!(fitted, FitError::Quantity(asked.clone()));
        asked.to_string()
    };
    assert_eq!(
        refused(1, 1.5, 6.0),
        "recency of a customer of BG/BB must be a whole number of opportunities, at most 1000000, got 1.5"
    );
    assert_eq!(
        refused(1, 1.0, 6.25),
        "age of a customer of BG/BB must be a whole number of opportunities, at most 1000000, got 6.25"
    );
    assert_eq!(
        refused(3, 2.0, 6.0),
        "frequency of a customer of BG/BB must be at most one purchase at each opportunity up to the last, got 3.0"
    );
    let weekly = RfmSummary::new(TimeUnit::Week, 1, 1.0, 2.0).unwrap();
    assert!(matches!(
        bg_bb(DONORS).posterior(&weekly),
        Err(QuantityError::UnitMismatch { .. })
    ));
}

#[test]
fn an_infinite_sum_is_an_error_that_names_the_condition() {
    let error = about(DONORS, 4, 5, 6)
        .residual_transactions(DiscountRate::ZERO)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "residual transactions exist only if gamma > 1, or with a discount rate or a horizon, got 0.657"
    );
    let finite = about([1.2, 0.75, 2.5, 2.8], 4, 5, 6);
    let forever = finite.residual_lifetime(DiscountRate::ZERO).unwrap();
    let nearly = finite.residual_lifetime(discrete(1e-9)).unwrap();
    assert_close!(nearly, forever, 1e-6);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        rng_seed: proptest::test_runner::RngSeed::Fixed(20_260_101),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Every answer is finite, every probability one, and answers agree with one another.
    #[test]
    fn answers_are_total_and_consistent(
        values in std::array::from_fn::<_, 4, _>(|_| log_uniform(1e-6, 1e6)),
        x in 0_u32..60,
        more in 0_u32..60,
        silence in 0_u32..300,
        span in 0_u32..40,
    ) {
        let (x, t_x) = if x == 0 { (0, 0) } else { (x, x + more) };
        let n = t_x + silence;
        let posterior = about(values, x, t_x, n);
        let alive = posterior.probability_alive();
        prop_assert!((0.0..=1.0).contains(&alive));
        let span_years = years(f64::from(span));
        let active = posterior.probability_active(span_years);
        prop_assert!((0.0..=alive).contains(&active));
        // No purchase is the same history observed longer.
        let silent = about(values, x, t_x, n + span).ln_likelihood() - posterior.ln_likelihood();
        let size = posterior.ln_likelihood().abs().max(1.0);
        prop_assert!((-silent.exp_m1() - active).abs() <= 1e-11 * size, "{silent} {active}");
        let mut probabilities = vec![0.0; span as usize + 2];
        posterior.purchase_probabilities(span_years, &mut probabilities);
        let sum: f64 = probabilities.iter().sum();
        prop_assert!((sum - 1.0).abs() < 1e-10, "{sum}");
        prop_assert!((1.0 - probabilities[0] - active).abs() < 1e-10);
        let mean: f64 = (0_u32..).zip(&probabilities).map(|(k, p)| f64::from(k) * p).sum();
        let expected = posterior.expected_purchases(span_years);
        prop_assert!((mean - expected).abs() <= 1e-10 * expected.max(1e-3), "{mean} {expected}");
        prop_assert!(active <= expected * (1.0 + 1e-12));
        let within = Horizon::Finite(span_years);
        for d in [0.0, 0.1] {
            let purchases = posterior.discounted_purchases(discrete(d), within).unwrap();
            let lifetime = posterior.discounted_lifetime(discrete(d), within).unwrap();
            prop_assert!(purchases <= lifetime * (1.0 + 1e-12));
            prop_assert!(lifetime <= f64::from(span) + 1e-9);
            if d > 0.0 {
                let forever = posterior.residual_lifetime(discrete(d)).unwrap();
                prop_assert!(lifetime <= forever * (1.0 + 1e-10) && forever <= 1.0 / d + 1e-9);
            } else if expected > 1e-300 {
                assert_close!(purchases, expected, 1e-12);
            }
        }
        prop_assert!((0.0..=1.0).contains(&posterior.mean_rate()));
    }
}

#[cfg(feature = "simulate")]
mod simulated {
    use super::*;
    use guanxi::model::{FitReport, RandomStream};

    fn sample(truth: &BgBb, seed: u64, customers: u64) -> PurchaseSample {
        let mut sample = PurchaseSample::default();
        for i in 0..customers {
            let age = years(f64::from(u8::try_from(4 + i % 9).unwrap()));
            sample
                .add(&truth.simulate(seed, i, age).unwrap().summary, 1.0)
                .unwrap();
        }
        sample
    }

    #[test]
    fn fits_recover_the_parameters_of_simulated_donors() {
        let truth = bg_bb(DONORS);
        let reports: Vec<FitReport> = (101..141)
            .map(|seed| {
                let sample = sample(&truth, seed, 5000);
                BgBb::fit_sample(&sample, &FitOptions::default())
                    .unwrap()
                    .report()
                    .clone()
            })
            .collect();
        for (i, value) in DONORS.into_iter().enumerate() {
            let within = reports.iter().filter(|report| {
                let estimate = &report.parameters()[i];
                let error = estimate.standard_error().unwrap() / estimate.value();
                (estimate.value() / value).ln().abs() <= 3.0 * error
            });
            let within = within.count();
            assert!(within >= 38, "{}: {within} of 40", BgBb::NAMES[i]);
        }
    }

    #[test]
    fn draws_agree_with_the_exact_answers() {
        let draws = 200_000_u32;
        for (x, t_x, n) in [(4, 5, 6), (0, 0, 6), (1, 1, 3)] {
            let posterior = about(DONORS, x, t_x, n);
            let mut random = RandomStream::new(3, u64::from(x));
            let (mut alive, mut rate, mut purchases, mut square) = (0.0, 0.0, 0.0, 0.0);
            let horizon = Horizon::Finite(years(5.0));
            for _ in 0..draws {
                let draw = posterior.draw(&mut random);
                alive += f64::from(u8::from(draw.alive));
                rate += draw.rate;
                let future = posterior
                    .drawn_future(&draw, DiscountRate::ZERO, horizon)
                    .purchases;
                purchases += future;
                square += future * future;
            }
            let n = f64::from(draws);
            let spread = (square / n - (purchases / n).powi(2)).sqrt() / n.sqrt();
            let expected = posterior.expected_purchases(years(5.0));
            assert!((purchases / n - expected).abs() < 4.0 * spread);
            assert!((alive / n - posterior.probability_alive()).abs() < 4.0 * (0.25 / n).sqrt());
            assert!((rate / n - posterior.mean_rate()).abs() < 4.0 * (0.09 / n).sqrt());
        }
    }

    #[test]
    fn simulated_donors_give_as_often_as_expected() {
        let truth = bg_bb(DONORS);
        let (mut gifts, mut alive) = (0.0, 0.0);
        for i in 0..40_000 {
            let donor = truth.simulate(11, i, years(6.0)).unwrap();
            gifts += f64::from(donor.summary.frequency());
            alive += f64::from(u8::from(donor.alive));
        }
        let expected = truth.newcomer().expected_purchases(years(6.0));
        assert!((gifts / 40_000.0 - expected).abs() < 4.0 * 2.1 / 200.0);
        // Equation (8) of survival: of Beta(γ, δ) chances, nobody takes one in six years.
        let stays: f64 = (0..6)
            .map(|l| (2.783 + f64::from(l)) / (0.657 + 2.783 + f64::from(l)))
            .product();
        assert!((alive / 40_000.0 - stays).abs() < 4.0 * 0.5 / 200.0);
    }
}
