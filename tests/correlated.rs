//! Correlated Pareto/NBD: independent values, laws, fits and refusals.

mod support;

use guanxi::model::{
    Boundary, CorrelatedParetoNbd, CorrelatedParetoNbdParameters, Fit, FitError, FitOptions,
    ParameterError, Parametric, PurchaseModel, PurchasePosterior,
};
use guanxi::quantity::{Horizon, TimeUnit};
use guanxi::summary::RfmSummary;
use proptest::prelude::*;
use support::models::{
    PARETO, customer, extreme_customer, fifteen_percent, force, log_uniform, pareto_nbd, weeks,
};
use support::reference_sarmanov;
use support::{assert_close, cdnow};

fn correlated([r, alpha, s, beta]: [f64; 4], dependence: f64) -> CorrelatedParetoNbd {
    CorrelatedParetoNbd::new(CorrelatedParetoNbdParameters {
        unit: TimeUnit::Week,
        r,
        alpha,
        s,
        beta,
        dependence,
    })
    .unwrap()
}

fn answers(posterior: &dyn PurchasePosterior) -> [f64; 12] {
    let (usual, small) = (fifteen_percent(), force(1e-4));
    let (span, horizon) = (weeks(39.0), Horizon::Finite(weeks(39.0)));
    [
        posterior.ln_likelihood(),
        posterior.ln_odds_alive(),
        posterior.probability_alive(),
        posterior.probability_active(span),
        posterior.expected_purchases(span),
        posterior.residual_transactions(usual).unwrap(),
        posterior.residual_lifetime(usual).unwrap(),
        posterior.residual_transactions(small).unwrap(),
        posterior.residual_lifetime(small).unwrap(),
        posterior.discounted_purchases(usual, horizon).unwrap(),
        posterior.discounted_lifetime(usual, horizon).unwrap(),
        posterior.mean_rate(),
    ]
}

#[test]
fn every_answer_agrees_with_its_reference() {
    for &(values, dependence, m, (x, t_x, age), expected) in reference_sarmanov::ANSWERS {
        let model = correlated(values, dependence);
        assert!(
            (model.m() - m).abs() <= 1e-12 * m.abs(),
            "{}: {m}",
            model.m()
        );
        let found = answers(&model.posterior(&customer(x, t_x, age)).unwrap());
        for ((name, found), expected) in reference_sarmanov::NAMES.iter().zip(found).zip(expected) {
            let floor: f64 = if name.starts_with("log") { 1.0 } else { 0.0 };
            assert!(
                (found - expected).abs() <= 1e-11 * expected.abs().max(floor)
                    || (found.is_infinite() && expected.is_infinite()),
                "{name} of {:?} under {values:?}, {dependence}: {found:?}, expected {expected:?}, off by {:.1e}",
                (x, t_x, age),
                found / expected - 1.0
            );
        }
    }
}

#[test]
fn without_dependence_every_answer_is_that_of_the_pareto_nbd() {
    for (x, t_x, age) in [
        (0, 0.0, 38.86),
        (2, 30.43, 38.86),
        (50, 3.0, 38.86),
        (4, 9.0, 9.0),
    ] {
        let seen = customer(x, t_x, age);
        let plain = answers(&pareto_nbd(PARETO).posterior(&seen).unwrap());
        let joint = answers(&correlated(PARETO, 0.0).posterior(&seen).unwrap());
        for (joint, plain) in joint.into_iter().zip(plain) {
            assert_close!(joint, plain, 1e-12);
        }
    }
    assert!(correlated(PARETO, 0.0).m().abs() < 1e-300);
    assert!(correlated(PARETO, 0.5).correlation() > 0.0);
    assert!(correlated(PARETO, -0.5).correlation() < 0.0);
}

#[test]
fn a_dependence_beyond_its_ends_is_refused() {
    for found in [-1.001, 1.5, f64::NAN] {
        let refused = CorrelatedParetoNbd::new(CorrelatedParetoNbdParameters {
            dependence: found,
            ..correlated(PARETO, 0.0).parameters()
        });
        let Err(ParameterError::Domain {
            parameter,
            expected,
            ..
        }) = refused
        else {
            panic!("{found} was taken")
        };
        assert_eq!(
            (parameter.as_ref(), expected),
            ("dependence", "a number from -1 to 1")
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        rng_seed: proptest::test_runner::RngSeed::Fixed(20_260_101),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever the parameters and the customer, answers are numbers in their ranges.
    #[test]
    fn answers_are_total(
        values in std::array::from_fn::<_, 4, _>(|_| log_uniform(1e-3, 1e3)),
        dependence in -1.0..=1.0_f64,
        seen in extreme_customer(),
        span in log_uniform(1e-3, 1e3),
    ) {
        let posterior = correlated(values, dependence).posterior(&seen).unwrap();
        let alive = posterior.probability_alive();
        prop_assert!((0.0..=1.0).contains(&alive));
        prop_assert!(posterior.ln_likelihood().is_finite());
        let active = posterior.probability_active(weeks(span));
        prop_assert!((0.0..=alive).contains(&active));
        let expected = posterior.expected_purchases(weeks(span));
        prop_assert!(expected.is_finite() && active <= expected * (1.0 + 1e-9));
        prop_assert!(posterior.mean_rate() > 0.0 && posterior.mean_rate().is_finite());
        let dert = posterior.residual_transactions(fifteen_percent()).unwrap();
        prop_assert!(dert.is_finite() && dert >= 0.0);
    }

}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 60,
        rng_seed: proptest::test_runner::RngSeed::Fixed(20_260_101),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// No purchase is the same history observed longer, and probabilities make the expectation.
    #[test]
    fn answers_agree_with_one_another(
        values in support::models::plausible(),
        dependence in -1.0..=1.0_f64,
        seen in support::models::any_customer(),
        span in 0.1..10.0_f64,
    ) {
        let model = correlated(values, dependence);
        let posterior = model.posterior(&seen).unwrap();
        let longer = customer(seen.frequency(), seen.recency(), seen.age() + span);
        let silent = model.posterior(&longer).unwrap().ln_likelihood() - posterior.ln_likelihood();
        let active = posterior.probability_active(weeks(span));
        let size = posterior.ln_likelihood().abs().max(1.0);
        prop_assert!((-silent.exp_m1() - active).abs() <= 1e-10 * size, "{silent} {active}");
        let mut probabilities = vec![0.0; 300];
        posterior.purchase_probabilities(weeks(span), &mut probabilities);
        let sum: f64 = probabilities.iter().sum();
        let mean: f64 = (0_u32..).zip(&probabilities).map(|(k, p)| f64::from(k) * p).sum();
        let expected = posterior.expected_purchases(weeks(span));
        prop_assume!(expected < 10.0);
        prop_assert!((sum - 1.0).abs() < 1e-8, "{sum}");
        prop_assert!((mean - expected).abs() <= 1e-7 * expected.max(1e-3), "{mean} {expected}");
    }
}

/// The log-likelihood of a sample, customer by customer.
fn log_likelihood(model: &impl PurchaseModel, customers: &[RfmSummary]) -> f64 {
    let ln = |customer| model.posterior(customer).unwrap().ln_likelihood();
    customers.iter().map(ln).sum()
}

/// No model beside this one describes the customers better, in any direction of the five.
#[track_caller]
fn assert_best(model: &CorrelatedParetoNbd, customers: &[RfmSummary]) {
    let (values, best) = (model.values(), log_likelihood(model, customers));
    for i in 0..64_u32 {
        let mut beside = values.clone();
        for (j, value) in beside.iter_mut().enumerate() {
            let step = 0.02 * (f64::from(i * 7 + 3) * (j as f64 + 0.7) * 1.618).sin();
            *value *= if j == 4 { 1.0 - step.abs() } else { step.exp() };
        }
        let other = model.with_values(&beside).unwrap();
        assert!(log_likelihood(&other, customers) < best, "{beside:?}");
    }
}

#[test]
fn cdnow_lies_on_the_edge_of_the_family_and_above_the_pareto_nbd() {
    let customers = cdnow::customers(cdnow::Weeks::Exact);
    let fitted = CorrelatedParetoNbd::fit(&customers, &FitOptions::default()).unwrap();
    let (model, report) = (fitted.model(), fitted.report());
    assert_eq!(report.boundary(), Some(Boundary::StrongestDependence));
    assert_close!(report.log_likelihood(), -9_591.665_759, 1e-9);
    assert_close!(
        report.nested_log_likelihood().unwrap(),
        -9_594.976_179,
        1e-9
    );
    assert_close!(
        log_likelihood(model, &customers),
        report.log_likelihood(),
        1e-12
    );
    assert_best(model, &customers);
    // What the data tell of the other answers is told all the same.
    let newcomer = fitted
        .answer(|model| Ok::<_, FitError>(model.newcomer().expected_purchases(weeks(39.0))))
        .unwrap();
    assert!(newcomer.sd() > 0.02 && newcomer.sd() < 0.1, "{newcomer:?}");
}

#[cfg(feature = "simulate")]
mod simulated {
    use super::*;
    use guanxi::model::RandomStream;

    const TRUTH: [f64; 4] = [2.0, 1.0, 1.5, 4.0];

    /// Rates as spread as these tell 2000 customers' dependence to about 0.2, so that a truth of 0.2
    /// is four errors inside the family.
    const SPREAD: [f64; 4] = [0.6, 0.3, 0.7, 1.4];
    const DEPENDENCE: f64 = 0.2;

    fn sample(seed: u64) -> Vec<RfmSummary> {
        let truth = correlated(SPREAD, DEPENDENCE);
        let age = |i: u64| weeks(30.0 - (i % 20) as f64 / 2.0);
        (0..2000)
            .map(|i| truth.simulate(seed, i, age(i)).unwrap().summary)
            .collect()
    }

    /// At least 36 of 40 fits end inside the family, the others at its bound. Of those inside all but
    /// 2 estimates of every parameter lie within 3 of their own standard errors of the truth on the
    /// scale of the search (the logarithm, and atanh of the dependence), and the mean within 3 of its
    /// standard errors.
    #[test]
    fn fits_recover_the_parameters_or_name_the_bound() {
        let truth = correlated(SPREAD, DEPENDENCE).values();
        let search = |i: usize, v: f64| if i == 4 { v.atanh() } else { v.ln() };
        let mut inside = Vec::new();
        for seed in 101..141 {
            let fitted = CorrelatedParetoNbd::fit(&sample(seed), &FitOptions::default()).unwrap();
            let report = fitted.report();
            assert!(report.log_likelihood() >= report.nested_log_likelihood().unwrap());
            if report.boundary().is_some() {
                assert_eq!(report.boundary(), Some(Boundary::StrongestDependence));
            } else {
                inside.push(fitted);
            }
        }
        assert!(
            inside.len() >= 36,
            "{} of 40 inside the family",
            inside.len()
        );
        let n = inside.len() as f64;
        for (i, (name, truth)) in CorrelatedParetoNbd::NAMES.iter().zip(truth).enumerate() {
            let away: Vec<(f64, f64)> = inside
                .iter()
                .map(|fitted| {
                    let estimate = fitted.report().parameters()[i].value();
                    let variance = fitted.report().covariance(i, i).unwrap();
                    (search(i, estimate) - search(i, truth), variance.sqrt())
                })
                .collect();
            let within = away.iter().filter(|(off, e)| off.abs() <= 3.0 * e).count();
            assert!(
                within + 2 >= inside.len(),
                "{name}: {within} of {n} within 3 standard errors"
            );
            let mean = away.iter().map(|(off, _)| off).sum::<f64>() / n;
            let squares: f64 = away.iter().map(|(off, _)| (off - mean).powi(2)).sum();
            let spread = (squares / (n - 1.0)).sqrt();
            assert!(
                mean.abs() <= 3.0 * spread / n.sqrt(),
                "{name}: mean {mean}, spread {spread}"
            );
        }
    }

    /// Customers whose likelihood rises beyond the bound, on three of its smooth faces.
    #[test]
    fn a_fit_on_the_bound_is_the_best_of_the_family() {
        for (rates, end) in [
            ([3.0, 6.0, 1.4, 25.0], -1.0),
            ([2.0, 1.0, 2.0, 4.0], -1.0),
            ([0.553, 10.58, 0.606, 11.67], 1.0),
        ] {
            let truth = correlated(rates, -1.0);
            let age = |i: u64| weeks(27.0 + (i as f64 * 0.618).fract() * 12.0);
            let customers = (0..1500).map(|i| truth.simulate(3, i, age(i)).unwrap().summary);
            let customers: Vec<RfmSummary> = customers.collect();
            let fitted = CorrelatedParetoNbd::fit(&customers, &FitOptions::default()).unwrap();
            assert_eq!(
                fitted.report().boundary(),
                Some(Boundary::StrongestDependence)
            );
            assert_eq!(
                fitted.model().parameters().dependence.to_bits(),
                f64::to_bits(end)
            );
            assert_best(fitted.model(), &customers);
        }
    }

    #[test]
    fn simulated_rates_have_the_stated_correlation() {
        let model = correlated(TRUTH, 0.9);
        let n = 60_000_u32;
        let [mut x, mut y, mut xx, mut yy, mut xy] = [0.0; 5];
        for i in 0..n {
            let customer = model.simulate(5, u64::from(i), weeks(0.1)).unwrap();
            let (a, b) = (customer.rate, customer.dropout_rate);
            (x, y, xx, yy, xy) = (x + a, y + b, xx + a * a, yy + b * b, xy + a * b);
        }
        let n = f64::from(n);
        let [x, y, xx, yy, xy] = [x, y, xx, yy, xy].map(|sum| sum / n);
        let correlation = (xy - x * y) / ((xx - x * x) * (yy - y * y)).sqrt();
        assert!(
            (correlation - model.correlation()).abs() < 0.02,
            "{correlation}"
        );
        // The margins stay gamma.
        assert!((x - 2.0).abs() < 4.0 * 2.0_f64.sqrt() / n.sqrt());
        assert!((y - 1.5 / 4.0).abs() < 4.0 * (1.5_f64.sqrt() / 4.0) / n.sqrt());
    }

    #[test]
    fn draws_agree_with_the_exact_answers() {
        let draws = 100_000_u32;
        for dependence in [-1.0, 0.6, 1.0] {
            let model = correlated(TRUTH, dependence);
            let posterior = model.posterior(&customer(4, 12.0, 15.0)).unwrap();
            let mut random = RandomStream::new(3, 1);
            let (mut alive, mut rate, mut square) = (0.0, 0.0, 0.0);
            let (mut bought, mut bought_square) = (0.0, 0.0);
            for _ in 0..draws {
                let draw = posterior.draw(&mut random);
                alive += f64::from(u8::from(draw.alive));
                rate += draw.rate;
                square += draw.rate * draw.rate;
                let horizon = Horizon::Finite(weeks(39.0));
                let future = posterior
                    .drawn_future(&draw, fifteen_percent(), horizon)
                    .purchases;
                bought += future;
                bought_square += future * future;
            }
            let n = f64::from(draws);
            let agrees = |sum: f64, square: f64, exact: f64| {
                let error = ((square / n - (sum / n).powi(2)) / n).sqrt();
                (sum / n - exact).abs() < 4.0 * error
            };
            assert!(
                agrees(alive, alive, posterior.probability_alive()),
                "{dependence}"
            );
            assert!(agrees(rate, square, posterior.mean_rate()), "{dependence}");
            let horizon = Horizon::Finite(weeks(39.0));
            let exact = posterior
                .discounted_purchases(fifteen_percent(), horizon)
                .unwrap();
            assert!(agrees(bought, bought_square, exact), "{dependence}");
        }
    }
}
