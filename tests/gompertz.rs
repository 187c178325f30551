//! The NBD and the GGompertz/NBD: published and independent values, their limits, laws for all
//! input, and fits.

mod support;

use guanxi::model::{
    Boundary, Fit, FitError, FitOptions, GGompertzNbd, GGompertzNbdParameters, ModelError, Nbd,
    NbdParameters, Parametric, ParetoNbd, PurchaseModel, PurchasePosterior,
};
use guanxi::quantity::{DiscountRate, Horizon, TimeUnit};
use guanxi::summary::RfmSummary;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use support::cdnow::{self, Weeks};
use support::models::{
    PARETO, any_customer, customer, extreme_customer, fifteen_percent, force, log_uniform,
    pareto_nbd, weeks,
};
use support::reference_ggompertz::{ANSWERS, DISTRIBUTIONS, NAMES};
use support::{assert_close, assert_published};

fn nbd([r, alpha]: [f64; 2]) -> Nbd {
    let unit = TimeUnit::Week;
    Nbd::new(NbdParameters { unit, r, alpha }).expect("valid parameters")
}

fn ggompertz_nbd([r, alpha, b, s, beta]: [f64; 5]) -> GGompertzNbd {
    let unit = TimeUnit::Week;
    GGompertzNbd::new(GGompertzNbdParameters {
        unit,
        r,
        alpha,
        b,
        s,
        beta,
    })
    .expect("valid parameters")
}

/// The parameters of the published values, weeks.
const GOMPERTZ: [f64; 5] = [0.553, 10.578, 0.02, 0.606, 0.25];

fn answers(posterior: &dyn PurchasePosterior) -> [f64; 12] {
    let (usual, tiny, horizon) = (fifteen_percent(), force(1e-4), Horizon::Finite(weeks(39.0)));
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

/// How far a number is off: relative, absolute below 1 for a logarithm, and nothing below the normal
/// range of `f64`.
fn error(name: &str, found: f64, expected: f64) -> f64 {
    if found.to_bits() == expected.to_bits() || (found - expected).abs() <= 1e-315 {
        return 0.0;
    }
    let floor = if name.starts_with("log") { 1.0 } else { 0.0 };
    (found - expected).abs() / expected.abs().max(floor)
}

#[test]
fn every_answer_agrees_with_its_reference() {
    let mut wrong = Vec::new();
    for &(parameters, (x, t_x, age), values) in ANSWERS {
        let posterior = ggompertz_nbd(parameters)
            .posterior(&customer(x, t_x, age))
            .unwrap();
        for ((name, found), expected) in NAMES.into_iter().zip(answers(&posterior)).zip(values) {
            let off = error(name, found, expected);
            if off.is_nan() || off > 1e-11 {
                wrong.push(format!(
                    "{name} of {x}, {t_x}, {age} under {parameters:?}: {found:?}, expected {expected:?}, off by {off:.1e}"
                ));
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
fn whole_distributions_agree_with_their_references() {
    for &(parameters, (x, t_x, age), expected) in DISTRIBUTIONS {
        let mut found = expected;
        ggompertz_nbd(parameters)
            .posterior(&customer(x, t_x, age))
            .unwrap()
            .purchase_probabilities(weeks(39.0), &mut found);
        for (n, (found, expected)) in found.into_iter().zip(expected).enumerate() {
            let off = error("", found, expected);
            assert!(
                off <= 1e-11,
                "P({n}) of {x}, {t_x}, {age} under {parameters:?}: {found:?}, expected {expected:?}, off by {off:.1e}"
            );
        }
    }
}

/// Published values: log-likelihood, P(alive), expected purchases in 39 weeks, residual
/// transactions.
#[test]
fn the_published_values_hold() {
    for ((x, t_x, age), texts) in [
        (
            (2, 30.43, 38.86),
            [
                "-9.6552327679375",
                "0.8138411116569",
                "1.2033078628135",
                "2.4363571639304",
            ],
        ),
        (
            (0, 0.0, 38.86),
            [
                "-0.5083414142424",
                "0.24678592256062",
                "0.079037251412091",
                "0.16002801913466",
            ],
        ),
    ] {
        let posterior = ggompertz_nbd(GOMPERTZ)
            .posterior(&customer(x, t_x, age))
            .unwrap();
        let found = answers(&posterior);
        for (i, text) in [0, 2, 4, 5].into_iter().zip(texts) {
            assert_published!(found[i], text, "{} of {x}, {t_x}, {age}", NAMES[i]);
        }
    }
    let newcomer = ggompertz_nbd(GOMPERTZ).newcomer();
    assert_published!(newcomer.expected_purchases(weeks(39.0)), "1.1574582196023");

    let ln_likelihood = |parameters, (x, t_x, age)| {
        let posterior = ggompertz_nbd(parameters).posterior(&customer(x, t_x, age));
        posterior.unwrap().ln_likelihood()
    };
    let seen = (2, 30.43, 38.86);
    assert_published!(
        ln_likelihood([0.553, 10.578, 1e-6, 0.606, 11.669e-6], seen),
        "-9.5542893241911"
    );
    assert_published!(
        ln_likelihood([0.553, 10.578, 1.0, 0.606, 0.25], (2, 990.0, 1000.0)),
        "-617.26905947956"
    );
    assert_published!(
        ln_likelihood([0.553, 10.578, 0.02, 0.606, 50.0], (300, 30.43, 38.86)),
        "287.272600711713"
    );
}

/// Parameters, customer, span, answers.
type NbdAnswers = ([f64; 2], (u32, f64), f64, [f64; 9]);

/// Parameters r and α; frequency and age; span; log-likelihood, P(active), expected purchases, and
/// the probabilities of 0, 1, 2, 5, 20 and 60 purchases, with 40 digits (mpmath); the likelihood also
/// as an integral over λ.
#[rustfmt::skip]
#[allow(clippy::excessive_precision, clippy::unreadable_literal, reason = "as they were computed")]
const NBD: [NbdAnswers; 8] = [
    ([0.4, 10.0], (2, 38.86), 39.0, [-8.9922862160463504, 0.75543774346473047, 1.9156774457634056, 0.24456225653526953, 0.26053980436718903, 0.19660583917077888, 0.043580458634257445, 1.2487999812806276e-6, 4.2860635820006818e-20]),
    ([0.4, 10.0], (0, 38.86), 39.0, [-0.63454958913421949, 0.20920319593388014, 0.31927957429390094, 0.79079680406611986, 0.14041008585740348, 0.043628446891726781, 0.0022833977152542551, 5.1797934528876625e-9, 2.0927473427656504e-23]),
    ([0.4, 10.0], (0, 0.0), 39.0, [0.0, 0.47043220277209281, 1.56, 0.52956779722790719, 0.16859709462766025, 0.093932667006839281, 0.028340911843777114, 4.0932802770206855e-4, 2.302929249093899e-8]),
    ([0.385, 12.072], (29, 38.86), 39.0, [-46.192369127615666, 0.99999994451797245, 22.500883530982486, 5.5482027545749113e-8, 7.070145865525249e-7, 4.6580910592644459e-6, 2.1484497693869549e-4, 0.062983985833043168, 1.0613299298726841e-6]),
    ([1e-6, 1e-6], (1, 1.0), 39.0, [-13.815525373475332, 0.97500006784688241, 39.0, 0.024999932153117594, 0.024374957614849563, 0.023765594963130287, 0.022027380096749797, 0.015067197789169234, 0.0054728954647262249]),
    ([1e6, 1e7], (3, 38.86), 39.0, [-10.793756386483546, 0.97975786467072678, 3.8999965446134276, 0.020242135329273217, 0.078943949959554515, 0.15394011960616973, 0.15219208380673875, 5.5139749959694682e-9, 7.0892757374422323e-49]),
    ([0.4, 10.0], (5000, 200.0), 39.0, [10848.481028581622, 1.0, 928.64571428571429, 0.0, 0.0, 0.0, 0.0, 0.0, 8.6157585171454793e-279]),
    ([0.4, 10.0], (5000, 200.0), 1e-3, [10848.481028581622, 0.023530117932368596, 0.023811428571428571, 0.9764698820676314, 0.023251032129804068, 2.7687418653721188e-4, 6.2411236093152507e-11, 1.4311408260920509e-51, 6.7547431089816552e-180]),
];

#[test]
fn the_nbd_agrees_with_its_references() {
    for (parameters, (x, age), span, expected) in NBD {
        // Recency makes no difference.
        for recency in [1e-9, 0.3 * age, age] {
            let recency = if x == 0 { 0.0 } else { recency };
            let posterior = nbd(parameters)
                .posterior(&customer(x, recency, age))
                .unwrap();
            let mut probabilities = [0.0; 61];
            posterior.purchase_probabilities(weeks(span), &mut probabilities);
            let mut found = vec![
                posterior.ln_likelihood(),
                posterior.probability_active(weeks(span)),
                posterior.expected_purchases(weeks(span)),
            ];
            found.extend([0, 1, 2, 5, 20, 60].map(|n: usize| probabilities[n]));
            for (i, (found, expected)) in found.into_iter().zip(expected).enumerate() {
                let name = if i == 0 { "log" } else { "" };
                let off = error(name, found, expected);
                // An exponent of thousands leaves eleven digits.
                assert!(
                    off <= 1e-11,
                    "{i} of {parameters:?}: {found:?} {expected:?}"
                );
            }
        }
    }
}

#[test]
fn without_dropout_nobody_is_gone_and_every_future_is_a_closed_form() {
    let posterior = nbd([0.4, 10.0])
        .posterior(&customer(2, 1.0, 38.86))
        .unwrap();
    assert!(posterior.ln_odds_alive().is_infinite() && posterior.ln_odds_alive() > 0.0);
    assert_close!(posterior.probability_alive(), 1.0, 0.0);
    let (rate, delta) = (2.4 / 48.86, 0.01);
    assert_close!(posterior.mean_rate(), rate, 1e-15);
    assert_close!(
        posterior.residual_transactions(force(delta)).unwrap(),
        rate / delta,
        1e-15
    );
    assert_close!(
        posterior.residual_lifetime(force(delta)).unwrap(),
        1.0 / delta,
        1e-15
    );
    let year = Horizon::Finite(weeks(52.0));
    let discounted = -(-delta * 52.0_f64).exp_m1() / delta;
    assert_close!(
        posterior.discounted_lifetime(force(delta), year).unwrap(),
        discounted,
        1e-14
    );
    assert_close!(
        posterior
            .discounted_purchases(DiscountRate::ZERO, year)
            .unwrap(),
        posterior.expected_purchases(weeks(52.0)),
        1e-15
    );
    let refused = posterior
        .residual_transactions(DiscountRate::ZERO)
        .unwrap_err();
    assert!(matches!(refused, ModelError::Undefined { .. }));
    assert_eq!(
        refused.to_string(),
        "residual transactions exist only if the discount rate is above 0, or with a horizon, got 0"
    );
    assert!(posterior.residual_lifetime(DiscountRate::ZERO).is_err());
    assert_close!(posterior.n_eff(), 3.0, 0.0);
}

/// The answers that two models can share, as logarithms where they are probabilities.
fn shared(posterior: &dyn PurchasePosterior) -> Vec<f64> {
    let mut all = answers(posterior).to_vec();
    all.swap_remove(1); // the odds of a certainty
    let mut probabilities = [0.0; 20];
    posterior.purchase_probabilities(weeks(39.0), &mut probabilities);
    all.extend(probabilities);
    all
}

const SEEN: [(u32, f64, f64); 6] = [
    (0, 0.0, 0.0),
    (0, 0.0, 38.86),
    (1, 0.5, 38.86),
    (2, 30.43, 38.86),
    (5, 38.86, 38.86),
    (29, 38.0, 38.86),
];

/// The largest difference of the answers of two models, relative to what is above 1e-3.
fn apart<A: PurchaseModel, B: PurchaseModel>(a: &A, b: &B) -> f64 {
    let mut largest = 0.0_f64;
    for (x, t_x, age) in SEEN {
        let seen = customer(x, t_x, age);
        let (a, b) = (a.posterior(&seen).unwrap(), b.posterior(&seen).unwrap());
        for (a, b) in shared(&a).into_iter().zip(shared(&b)) {
            largest = largest.max((a - b).abs() / b.abs().max(1e-3));
        }
    }
    largest
}

#[test]
fn as_dropout_gains_no_speed_the_model_becomes_the_pareto_nbd() {
    let [r, alpha, s, beta] = PARETO;
    let pareto = pareto_nbd(PARETO);
    let apart = |b: f64| apart(&ggompertz_nbd([r, alpha, b, s, b * beta]), &pareto);
    // DERT at a tiny discount looks decades ahead.
    assert!(apart(1e-8) < 1e-4, "{}", apart(1e-8));
    for b in [1e-7, 1e-8, 1e-9] {
        let ratio = apart(b) / apart(0.1 * b);
        assert!(
            (9.0..11.0).contains(&ratio),
            "not in proportion to b: {ratio}"
        );
    }
    assert!(apart(1e-12) < 1e-8, "{}", apart(1e-12));
    let near = |answer: &dyn Fn(&dyn PurchasePosterior) -> f64| {
        let seen = customer(2, 30.43, 38.86);
        let gompertz = ggompertz_nbd([r, alpha, 1e-8, s, 1e-8 * beta]);
        let found = answer(&gompertz.posterior(&seen).unwrap());
        assert_close!(found, answer(&pareto.posterior(&seen).unwrap()), 1e-6);
    };
    near(&|p| p.ln_likelihood());
    near(&|p| p.probability_alive());
    near(&|p| p.expected_purchases(weeks(39.0)));
    near(&|p| p.residual_transactions(fifteen_percent()).unwrap());
}

#[test]
fn without_dropout_the_pareto_nbd_and_the_ggompertz_nbd_become_the_nbd() {
    let [r, alpha, s, beta] = PARETO;
    let plain = nbd([r, alpha]);
    assert!(apart(&pareto_nbd([r, alpha, 1e-12, beta]), &plain) < 1e-8);
    assert!(apart(&pareto_nbd([r, alpha, s, 1e12]), &plain) < 1e-7);
    // Hardly any dropout, but one that gains speed for ever: only the near future compares.
    let seen = customer(2, 30.43, 38.86);
    let expected = plain.posterior(&seen).unwrap();
    for parameters in [[r, alpha, 0.02, 1e-12, 0.25], [r, alpha, 1e-12, s, 1.0]] {
        let found = ggompertz_nbd(parameters).posterior(&seen).unwrap();
        assert_close!(found.ln_likelihood(), expected.ln_likelihood(), 1e-9);
        assert_close!(
            found.expected_purchases(weeks(39.0)),
            expected.expected_purchases(weeks(39.0)),
            1e-9
        );
        assert_close!(
            found.probability_active(weeks(39.0)),
            expected.probability_active(weeks(39.0)),
            1e-9
        );
    }
}

#[test]
fn just_after_a_purchase_a_customer_is_one_for_certain() {
    let model = ggompertz_nbd(GOMPERTZ);
    for (x, t_x, age) in [(0, 0.0, 0.0), (3, 38.86, 38.86)] {
        let posterior = model.posterior(&customer(x, t_x, age)).unwrap();
        assert!(posterior.ln_odds_alive().is_infinite() && posterior.ln_odds_alive() > 0.0);
        assert_close!(posterior.probability_alive(), 1.0, 0.0);
        assert_close!(posterior.n_eff(), f64::from(x), 0.0);
        let mut now = [0.5; 3];
        posterior.purchase_probabilities(weeks(0.0), &mut now);
        assert_eq!(now.map(f64::to_bits), [1.0, 0.0, 0.0].map(f64::to_bits));
    }
    let newcomer = model.newcomer();
    assert_close!(newcomer.ln_likelihood() + 1.0, 1.0, 0.0);
    assert_eq!(newcomer, model.posterior(&customer(0, 0.0, 0.0)).unwrap());
    // Never bought again, and hardly seen yet.
    let silent = model.posterior(&customer(0, 0.0, 1e-6)).unwrap();
    assert!((1.0 - 1e-6..1.0).contains(&silent.probability_alive()));
}

#[test]
fn a_lifetime_without_discount_is_finite() {
    // With β = 1 survival is e^(−sbt).
    let newcomer = ggompertz_nbd([0.5, 5.0, 0.02, 0.6, 1.0]).newcomer();
    let lifetime = 1.0 / (0.6 * 0.02);
    assert_close!(
        newcomer.residual_lifetime(DiscountRate::ZERO).unwrap(),
        lifetime,
        1e-12
    );
    assert_close!(
        newcomer.residual_transactions(DiscountRate::ZERO).unwrap(),
        0.1 * lifetime,
        1e-12
    );
    let smallest = ggompertz_nbd([1e12, 1e-12, 1e-12, 1e-12, 1e12]).newcomer();
    assert!(
        smallest
            .residual_transactions(DiscountRate::ZERO)
            .unwrap()
            .is_finite()
    );
}

#[test]
fn what_is_no_parameter_is_refused() {
    for bad in [0.0, -1.0, 1e-13, 1e13, f64::NAN, f64::INFINITY] {
        for (i, name) in GGompertzNbd::NAMES.iter().enumerate() {
            let mut values = GOMPERTZ;
            values[i] = bad;
            let refused = ggompertz_nbd(GOMPERTZ).with_values(&values).unwrap_err();
            assert_eq!(
                refused.to_string(),
                format!(
                    "GGompertz/NBD parameter `{name}` must be a number from 1e-12 to 1e12, got {bad:?}"
                )
            );
        }
        assert!(nbd([0.4, 10.0]).with_values(&[bad, 10.0]).is_err());
        assert!(nbd([0.4, 10.0]).with_values(&[0.4, bad]).is_err());
    }
    let refused = ggompertz_nbd(GOMPERTZ).with_values(&[1.0; 4]).unwrap_err();
    assert_eq!(refused.to_string(), "GGompertz/NBD has 5 parameters, got 4");
    let daily = RfmSummary::new(TimeUnit::Day, 1, 1.0, 2.0).unwrap();
    assert!(ggompertz_nbd(GOMPERTZ).posterior(&daily).is_err());
    assert!(nbd([0.4, 10.0]).posterior(&daily).is_err());
}

#[test]
fn samples_without_an_answer_are_refused() {
    let few = [customer(2, 12.0, 30.0); 4];
    assert!(matches!(
        GGompertzNbd::fit(&few, &FitOptions::default()),
        Err(FitError::TooFewCustomers {
            model: "GGompertz/NBD",
            ..
        })
    ));
    assert!(matches!(
        Nbd::fit(&few, &FitOptions::default()),
        Err(FitError::TooFewCustomers { model: "NBD", .. })
    ));
    let idle = [customer(0, 0.0, 30.0); 40];
    assert!(matches!(
        GGompertzNbd::fit(&idle, &FitOptions::default()),
        Err(FitError::NoRepeatPurchase {
            model: "GGompertz/NBD"
        })
    ));
    assert!(matches!(
        Nbd::fit(&idle, &FitOptions::default()),
        Err(FitError::NoRepeatPurchase { model: "NBD" })
    ));
}

#[test]
fn on_cdnow_dropout_gains_no_speed() {
    let customers = cdnow::customers(Weeks::Exact);
    let options = FitOptions::default();
    let pareto = ParetoNbd::fit(&customers, &options).unwrap();
    let fitted = GGompertzNbd::fit(&customers, &options).unwrap();
    let (report, p) = (fitted.report(), fitted.model().parameters());
    assert_eq!(report.boundary(), Some(Boundary::ParetoNbd));
    assert_eq!(
        report.notes()[0].to_string(),
        "the estimates ran to a boundary: dropout at a steady rate: the Pareto/NBD model"
    );
    let floor = pareto.report().log_likelihood();
    assert!((report.log_likelihood() - floor).abs() < 1e-4);
    assert!((report.nested_log_likelihood().unwrap() - floor).abs() < 1e-6);
    let steady = pareto.model().parameters();
    for (found, expected) in [
        (p.r, steady.r),
        (p.alpha, steady.alpha),
        (p.s, steady.s),
        (p.beta / p.b, steady.beta),
    ] {
        assert_close!(found, expected, 1e-4);
    }
    // b and β have run away, the others keep their errors.
    let errors: Vec<_> = report
        .parameters()
        .iter()
        .map(guanxi::model::ParameterEstimate::standard_error)
        .collect();
    let steady = pareto.report().parameters();
    for (i, j) in [(0, 0), (1, 1), (3, 2)] {
        assert_close!(
            errors[i].unwrap(),
            steady[j].standard_error().unwrap(),
            1e-3
        );
    }
    assert_eq!((errors[2], errors[4]), (None, None));
    assert!(apart(fitted.model(), pareto.model()) < 1e-3);
}

#[test]
fn the_nbd_of_cdnow_is_the_floor_under_the_pareto_nbd() {
    let customers = cdnow::customers(Weeks::Exact);
    let fitted = Nbd::fit(&customers, &FitOptions::default()).unwrap();
    let pareto = ParetoNbd::fit(&customers, &FitOptions::default()).unwrap();
    let report = fitted.report();
    assert!(report.gradient_norm() < 1e-9 && report.curvature() > 0.0);
    assert!(report.notes().is_empty());
    let floor = pareto.report().nested_log_likelihood().unwrap();
    assert!((report.log_likelihood() - floor).abs() < 1e-3);
    // The likelihood is its customers'.
    let sum: f64 = customers
        .iter()
        .map(|c| fitted.model().posterior(c).unwrap().ln_likelihood())
        .sum();
    assert_close!(report.log_likelihood(), sum, 1e-12);
}

#[test]
fn no_fit_depends_on_the_unit_of_time() {
    let customers = cdnow::customers(Weeks::Exact);
    let options = FitOptions::default();
    let weekly = GGompertzNbd::fit(&customers, &options).unwrap();
    let plain = Nbd::fit(&customers, &options).unwrap();
    for unit in [TimeUnit::Second, TimeUnit::Day, TimeUnit::Year] {
        let changed: Vec<_> = customers.iter().map(|c| c.in_unit(unit)).collect();
        let k = unit.per(TimeUnit::Week);
        let other = GGompertzNbd::fit(&changed, &options).unwrap();
        assert_eq!(other.report().boundary(), Some(Boundary::ParetoNbd));
        let (p, q) = (weekly.model().parameters(), other.model().parameters());
        for (found, expected) in [
            (q.r, p.r),
            (q.alpha, k * p.alpha),
            (q.s, p.s),
            (q.beta / q.b, k * p.beta / p.b),
        ] {
            // In seconds the smallest b is a step away from the limit.
            assert_close!(found, expected, 1e-4);
        }
        let purchases = customers
            .iter()
            .map(|c| f64::from(c.frequency()))
            .sum::<f64>();
        let shifted = other.report().log_likelihood() + purchases * k.ln();
        assert!(
            (shifted - weekly.report().log_likelihood()).abs() < 1e-3,
            "{shifted}"
        );

        let (p, q) = (
            plain.model().parameters(),
            Nbd::fit(&changed, &options).unwrap().model().parameters(),
        );
        assert_close!(q.r, p.r, 1e-8);
        assert_close!(q.alpha, k * p.alpha, 1e-8);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_103),
        failure_persistence: None,
        cases: 200,
        ..ProptestConfig::default()
    })]

    /// "No purchase until T + t" is the same history observed longer.
    #[test]
    fn p_active_is_what_a_longer_silence_loses(p in plausible(), c in any_customer(), t in log_uniform(0.01, 200.0)) {
        let longer = customer(c.frequency(), c.recency(), c.age() + t);
        let model = ggompertz_nbd(p);
        let (now, then) = (model.posterior(&c).unwrap(), model.posterior(&longer).unwrap());
        let lost = -(then.ln_likelihood() - now.ln_likelihood()).exp_m1();
        let within = 1e-10 + 1e-14 * now.ln_likelihood().abs();
        let found = now.probability_active(weeks(t));
        prop_assert!((found - lost).abs() <= within, "{found} {lost}");
    }

    /// The distribution sums to 1, has the expected purchases as its mean, and its chance of none
    /// is 1 − P(active); asking for fewer changes none.
    #[test]
    fn the_distribution_agrees_with_the_answers_it_implies(p in plausible(), c in any_customer(), t in log_uniform(0.1, 60.0)) {
        let posterior = ggompertz_nbd(p).posterior(&c).unwrap();
        let mut probabilities = vec![0.0; 4000];
        posterior.purchase_probabilities(weeks(t), &mut probabilities);
        prop_assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
        let active = posterior.probability_active(weeks(t));
        prop_assert!((1.0 - probabilities[0] - active).abs() < 1e-11);
        let total: f64 = probabilities.iter().sum();
        let mean: f64 = probabilities.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
        prop_assert!((total - 1.0).abs() < 1e-9, "{total}");
        let expected = posterior.expected_purchases(weeks(t));
        prop_assert!((mean - expected).abs() < 1e-8 * expected.max(1.0), "{mean} {expected}");
        let mut few = [0.0; 5];
        posterior.purchase_probabilities(weeks(t), &mut few);
        for (few, many) in few.iter().zip(probabilities) {
            prop_assert!((few - many).abs() <= 1e-11 * many, "{few} {many}");
        }
    }

    /// In another unit of time α and 1/b are longer in proportion, and the answers the same.
    #[test]
    fn no_answer_depends_on_the_unit_of_time(p in plausible(), c in any_customer(), t in log_uniform(0.1, 100.0)) {
        let [r, alpha, b, s, beta] = p;
        let weekly = ggompertz_nbd(p).posterior(&c).unwrap();
        let unit = TimeUnit::Day;
        let daily = GGompertzNbd::new(GGompertzNbdParameters { unit, r, alpha: 7.0 * alpha, b: b / 7.0, s, beta }).unwrap();
        let daily = daily.posterior(&c.in_unit(unit)).unwrap();
        for (found, expected) in [
            (daily.probability_active(weeks(t)), weekly.probability_active(weeks(t))),
            (daily.expected_purchases(weeks(t)), weekly.expected_purchases(weeks(t))),
            (daily.residual_transactions(fifteen_percent()).unwrap(), weekly.residual_transactions(fifteen_percent()).unwrap()),
            (daily.residual_lifetime(fifteen_percent()).unwrap(), 7.0 * weekly.residual_lifetime(fifteen_percent()).unwrap()),
        ] {
            prop_assert!((found - expected).abs() <= 1e-11 * expected, "{found} {expected}");
        }
    }
}

/// Five parameters such as data give.
fn plausible() -> impl Strategy<Value = [f64; 5]> {
    [
        log_uniform(0.1, 10.0),
        log_uniform(1.0, 100.0),
        log_uniform(1e-3, 1.0),
        log_uniform(0.1, 10.0),
        log_uniform(1e-2, 1e3),
    ]
}

/// Whether one number is at least another, but for rounding.
fn at_least(high: f64, low: f64) -> bool {
    high >= low - 1e-11 * low.abs()
}

/// What holds of any posterior: finite answers in their ranges that grow with the span.
fn holds(posterior: &dyn PurchasePosterior, t: f64, delta: f64) -> Result<(), TestCaseError> {
    prop_assert!(posterior.ln_likelihood().is_finite());
    prop_assert!(!posterior.ln_odds_alive().is_nan());
    let alive = posterior.probability_alive();
    prop_assert!((0.0..=1.0).contains(&alive));
    let mut before = (0.0, 0.0, 0.0);
    for span in [0.0, 0.01 * t, t, 10.0 * t] {
        let active = posterior.probability_active(weeks(span));
        let expected = posterior.expected_purchases(weeks(span));
        let horizon = Horizon::Finite(weeks(span));
        let lifetime = posterior
            .discounted_lifetime(force(delta), horizon)
            .unwrap();
        prop_assert!(
            (0.0..=1.0).contains(&active) && at_least(alive, active),
            "{alive} {active}"
        );
        // Markov: the chance of any purchase is at most their expected number.
        prop_assert!(
            expected.is_finite() && at_least(expected, active),
            "{expected} {active}"
        );
        prop_assert!(
            at_least(alive * span, lifetime),
            "{alive} {span} {lifetime}"
        );
        prop_assert!(
            at_least(active, before.0)
                && at_least(expected, before.1)
                && at_least(lifetime, before.2),
            "{before:?} {active} {expected} {lifetime}"
        );
        before = (active, expected, lifetime);
    }
    let (dert, delt) = (
        posterior.residual_transactions(force(delta)).unwrap(),
        posterior.residual_lifetime(force(delta)).unwrap(),
    );
    prop_assert!(dert.is_finite() && dert >= 0.0, "{dert}");
    prop_assert!(
        at_least(delt, before.2) && at_least(alive / delta, delt),
        "{delt}"
    );
    let rate = posterior.mean_rate();
    prop_assert!(rate.is_finite() && rate > 0.0, "{rate}");
    let mut probabilities = [0.0; 8];
    posterior.purchase_probabilities(weeks(t), &mut probabilities);
    let total: f64 = probabilities.iter().sum();
    prop_assert!(
        probabilities.iter().all(|p| *p >= 0.0) && total <= 1.0 + 1e-9,
        "{probabilities:?}"
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_104),
        failure_persistence: None,
        cases: 5000,
        ..ProptestConfig::default()
    })]

    /// Whatever the parameters and the customer, every answer is a number in its range.
    #[test]
    fn no_valid_input_gives_nan_or_infinity(
        p in std::array::from_fn::<_, 5, _>(|_| log_uniform(1e-12, 1e12)),
        c in extreme_customer(),
        t in log_uniform(1e-6, 1e4),
        delta in log_uniform(1e-6, 1.0),
    ) {
        let gompertz = ggompertz_nbd(p).posterior(&c).unwrap();
        holds(&gompertz, t, delta)?;
        for forever in [
            gompertz.residual_transactions(DiscountRate::ZERO).unwrap(),
            gompertz.residual_lifetime(DiscountRate::ZERO).unwrap(),
        ] {
            prop_assert!(forever.is_finite() && forever >= 0.0, "{forever}");
        }
        holds(&nbd([p[0], p[1]]).posterior(&c).unwrap(), t, delta)?;
    }
}

#[cfg(feature = "serde")]
#[test]
fn a_fit_comes_back_from_json_to_the_last_bit() {
    use guanxi::model::Fitted;
    let customers = cdnow::customers(Weeks::Exact);
    let fitted = GGompertzNbd::fit(&customers, &FitOptions::default()).unwrap();
    let text = serde_json::to_string(&fitted).unwrap();
    assert!(text.contains("pareto_nbd"));
    assert_eq!(
        serde_json::from_str::<Fitted<GGompertzNbd>>(&text).unwrap(),
        fitted
    );
    let plain = Nbd::fit(&customers, &FitOptions::default()).unwrap();
    let text = serde_json::to_string(&plain).unwrap();
    assert_eq!(serde_json::from_str::<Fitted<Nbd>>(&text).unwrap(), plain);
    let model = ggompertz_nbd(GOMPERTZ);
    let json = r#"{"unit":"week","r":0.553,"alpha":10.578,"b":0.02,"s":0.606,"beta":0.25}"#;
    assert_eq!(serde_json::to_string(&model).unwrap(), json);
    assert_eq!(serde_json::from_str::<GGompertzNbd>(json).unwrap(), model);
    let refused = serde_json::from_str::<GGompertzNbd>(&json.replace("0.02", "-0.02")).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "GGompertz/NBD parameter `b` must be a number from 1e-12 to 1e12, got -0.02"
    );
    let refused =
        serde_json::from_str::<Nbd>(r#"{"unit":"week","r":0.0,"alpha":10.0}"#).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "NBD parameter `r` must be a number from 1e-12 to 1e12, got 0.0"
    );
}

#[cfg(feature = "simulate")]
mod simulated {
    use super::*;
    use guanxi::model::{PosteriorDraw, RandomStream, Sample};

    /// Where dropout gains speed and differs between customers.
    const TRUTH: [f64; 5] = [1.0, 5.0, 0.2, 0.3, 10.0];

    fn sample<M: PurchaseModel>(model: &M, seed: u64, customers: u64) -> Vec<RfmSummary> {
        let age = |i: u64| weeks(52.0 - (i % 84) as f64 / 7.0);
        (0..customers)
            .map(|i| model.simulate(seed, i, age(i)).unwrap().summary)
            .collect()
    }

    /// Of 40 samples, in at least 38 each estimate lies within 3 of its standard errors of the
    /// truth, on the log scale; the mean of the logarithms lies within 3 of its own.
    fn recovers<M: Fit<Sample: Sample> + PurchaseModel + Sync>(truth: &M, customers: u64) {
        const SEEDS: u64 = 40;
        let errors = |seed: u64| -> Vec<(f64, f64)> {
            let fitted = M::fit(&sample(truth, seed, customers), &FitOptions::default()).unwrap();
            let parameters = fitted.report().parameters().iter().zip(truth.values());
            parameters
                .map(|(p, value)| {
                    (
                        (p.value() / value).ln(),
                        p.standard_error().unwrap() / p.value(),
                    )
                })
                .collect()
        };
        #[allow(
            clippy::disallowed_methods,
            reason = "the library has no threads, its tests may"
        )]
        let runs: Vec<_> = std::thread::scope(|scope| {
            let halves = [0, 1].map(|half| {
                let errors = &errors;
                scope.spawn(move || {
                    (0..SEEDS / 2)
                        .map(|i| errors(101 + 2 * i + half))
                        .collect::<Vec<_>>()
                })
            });
            halves
                .into_iter()
                .flat_map(|half| half.join().unwrap())
                .collect()
        });
        for (i, name) in M::NAMES.iter().enumerate() {
            let of = |run: &Vec<(f64, f64)>| run[i];
            let within = runs
                .iter()
                .map(of)
                .filter(|(off, error)| off.abs() <= 3.0 * error)
                .count();
            assert!(
                within >= 38,
                "{name}: {within} of {SEEDS} within 3 standard errors"
            );
            let n = SEEDS as f64;
            let mean = runs.iter().map(|run| run[i].0).sum::<f64>() / n;
            let spread = (runs
                .iter()
                .map(|run| (run[i].0 - mean).powi(2))
                .sum::<f64>()
                / (n - 1.0))
                .sqrt();
            let stated = (runs.iter().map(|run| run[i].1.powi(2)).sum::<f64>() / n).sqrt();
            assert!(
                mean.abs() <= 3.0 * spread / n.sqrt() + 0.1 * spread,
                "{name}: mean {mean}, spread {spread}"
            );
            assert!(
                (0.6..1.6).contains(&(stated / spread)),
                "{name}: {stated} {spread}"
            );
        }
    }

    #[test]
    fn the_ggompertz_nbd_recovers_the_parameters_of_simulated_customers() {
        recovers(&ggompertz_nbd(TRUTH), 1000);
    }

    #[test]
    fn the_nbd_recovers_the_parameters_of_simulated_customers() {
        recovers(&nbd([0.4, 10.0]), 2000);
    }

    /// As many simulated customers are alive, and buy as much later, as was expected of them.
    fn forecasts_hold<M: PurchaseModel>(model: &M) {
        let mut sums = [(0.0, 0.0, 0.0); 6];
        for i in 0..20_000 {
            let before = model.simulate(5, i, weeks(39.0)).unwrap();
            let after = model.simulate(5, i, weeks(78.0)).unwrap();
            // The same customer, observed for longer.
            assert!(after.purchases.starts_with(&before.purchases));
            let bought = after.purchases.len() - before.purchases.len();
            let posterior = model.posterior(&before.summary).unwrap();
            let mut chances = [0.0; 4];
            posterior.purchase_probabilities(weeks(39.0), &mut chances);
            let outcome = |holds: bool| f64::from(u8::from(holds));
            for ((actual, expected, squares), (a, e)) in sums.iter_mut().zip([
                (bought as f64, posterior.expected_purchases(weeks(39.0))),
                (
                    outcome(bought > 0),
                    posterior.probability_active(weeks(39.0)),
                ),
                (outcome(bought == 1), chances[1]),
                (outcome(bought == 3), chances[3]),
                (outcome(before.alive), posterior.probability_alive()),
                (before.rate, posterior.mean_rate()),
            ]) {
                *actual += a;
                *expected += e;
                *squares += (a - e) * (a - e);
            }
        }
        for (i, (actual, expected, squares)) in sums.into_iter().enumerate() {
            assert!(
                (actual - expected).abs() <= 4.0 * squares.sqrt() + 1e-9,
                "{i}: {actual} happened, {expected} were expected"
            );
        }
    }

    #[test]
    fn what_is_forecast_of_simulated_customers_happens() {
        forecasts_hold(&ggompertz_nbd(GOMPERTZ));
        forecasts_hold(&ggompertz_nbd(TRUTH));
        forecasts_hold(&nbd([0.4, 10.0]));
    }

    /// What the draws say on average is what the posterior says exactly, within 4 standard errors.
    fn draws_agree<M: PurchaseModel>(model: &M, seen: &RfmSummary) {
        let posterior = model.posterior(seen).unwrap();
        let mut random = RandomStream::new(3, 0);
        let draws: Vec<PosteriorDraw> = (0..20_000).map(|_| posterior.draw(&mut random)).collect();
        let (rate, year) = (fifteen_percent(), Horizon::Finite(weeks(52.0)));
        let future = |draw: &PosteriorDraw, horizon| posterior.drawn_future(draw, rate, horizon);
        let of = |exact: f64, value: &dyn Fn(&PosteriorDraw) -> f64| {
            let n = draws.len() as f64;
            let mean = draws.iter().map(value).sum::<f64>() / n;
            let variance = draws.iter().map(|d| (value(d) - mean).powi(2)).sum::<f64>() / n;
            let error = (variance / n).sqrt();
            assert!(
                (mean - exact).abs() <= 4.0 * error + 1e-9 * exact,
                "{seen:?}: {mean} ± {error}, exactly {exact}"
            );
        };
        of(posterior.probability_alive(), &|d| {
            f64::from(u8::from(d.alive))
        });
        of(posterior.mean_rate(), &|d| d.rate);
        of(posterior.discounted_lifetime(rate, year).unwrap(), &|d| {
            future(d, year).lifetime
        });
        of(posterior.discounted_purchases(rate, year).unwrap(), &|d| {
            future(d, year).purchases
        });
        let ever = Horizon::Infinite;
        of(posterior.discounted_lifetime(rate, ever).unwrap(), &|d| {
            future(d, ever).lifetime
        });
        of(posterior.discounted_purchases(rate, ever).unwrap(), &|d| {
            future(d, ever).purchases
        });
    }

    #[test]
    fn posterior_draws_agree_with_the_exact_answers() {
        for (x, t_x, age) in SEEN {
            draws_agree(&ggompertz_nbd(GOMPERTZ), &customer(x, t_x, age));
            draws_agree(&ggompertz_nbd(TRUTH), &customer(x, t_x, age));
            draws_agree(&nbd([0.4, 10.0]), &customer(x, t_x, age));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(20_260_105),
            failure_persistence: None,
            cases: 500,
            ..ProptestConfig::default()
        })]

        /// Draws of any posterior are finite, and so is what they are expected to do.
        #[test]
        fn every_draw_is_finite(
            p in std::array::from_fn::<_, 5, _>(|_| log_uniform(1e-12, 1e12)),
            c in extreme_customer(),
            seed in 0..1000_u64,
        ) {
            let posterior = ggompertz_nbd(p).posterior(&c).unwrap();
            let mut random = RandomStream::new(seed, 0);
            let (alive, gone) = (posterior.draw_alive(&mut random), posterior.draw_gone(&mut random));
            for draw in [alive, gone] {
                prop_assert!(draw.rate.is_finite() && draw.rate > 0.0, "{draw:?}");
                prop_assert!(draw.dropout_rate.is_finite() && draw.dropout_rate > 0.0, "{draw:?}");
            }
            for rate in [DiscountRate::ZERO, force(1e-3)] {
                for horizon in [Horizon::Infinite, Horizon::Finite(weeks(52.0))] {
                    let future = posterior.drawn_future(&alive, rate, horizon);
                    prop_assert!(future.lifetime.is_finite() && future.lifetime >= 0.0, "{future:?}");
                    prop_assert!(future.purchases.is_finite(), "{future:?}");
                }
            }
        }
    }
}
