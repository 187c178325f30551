//! Models of customers under contract: published and independent values, laws, fits, refusals.

mod support;

use guanxi::model::{
    BetaDiscreteWeibull, BetaDiscreteWeibullParameters, Boundary, ContractClv, ContractTerms, Fit,
    FitError, FitOptions, GeometricRetention, GeometricRetentionParameters, KeptRetention,
    LtvConvention, ModelError, Note, Parametric, PaymentTime, RetentionModel, RetentionPosterior,
    RetentionReason, RetentionSample, Ridge, Sbg, SbgParameters, Tenure, choose_retention,
    ltv_formula,
};
use guanxi::quantity::{Currency, DiscountRate, Money, Probability, TimeUnit};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestCaseResult};
use support::models::log_uniform;
use support::reference_retention::{BDW, DISCOUNTS, RENEWALS, SBG, TIMES};
use support::{assert_close, assert_published};

const YEAR: TimeUnit = TimeUnit::Year;

fn sbg(alpha: f64, beta: f64) -> Sbg {
    let unit = YEAR;
    Sbg::new(SbgParameters { unit, alpha, beta }).expect("valid parameters")
}

fn bdw(alpha: f64, beta: f64, c: f64) -> BetaDiscreteWeibull {
    let unit = YEAR;
    BetaDiscreteWeibull::new(BetaDiscreteWeibullParameters {
        unit,
        alpha,
        beta,
        c,
    })
    .expect("valid parameters")
}

fn geometric(churn: f64) -> GeometricRetention {
    let unit = YEAR;
    GeometricRetention::new(GeometricRetentionParameters { unit, churn }).expect("a valid chance")
}

fn annual(rate: f64) -> DiscountRate {
    DiscountRate::annual(rate).expect("a rate")
}

/// Survivors of 1,000 by year, 0 to 12, from the data of the examples.
fn survivors(cohort: &str) -> Vec<f64> {
    let text = include_str!("../examples/data/retention.csv");
    let rows = text.lines().skip(1).map(|line| line.split(',').collect());
    let rows = rows.filter(|row: &Vec<&str>| row[2] == cohort);
    rows.map(|row| row[1].parse().expect("a count")).collect()
}

/// The first seven years of a cohort, which the published fits use.
fn seven_years(cohort: &str) -> RetentionSample {
    let mut sample = RetentionSample::new(YEAR);
    sample
        .add_cohort(&survivors(cohort)[..8])
        .expect("survivors");
    sample
}

fn options() -> FitOptions {
    FitOptions::default()
}

// Published and independent values.

#[test]
fn the_sbg_has_its_published_answers() {
    let model = sbg(0.668, 3.806);
    for (t, rate) in (1..).zip(["0.8506928922664", "0.8779685787358", "0.8968180413964"]) {
        assert_published!(model.retention_rate(t), rate);
    }
    assert_published!(model.survival(7), "0.4889446208937");
    let newcomer = model.newcomer();
    let lifetime = newcomer.discounted_lifetime(annual(0.1)).unwrap();
    assert_published!(lifetime, "5.922596407613");
    for (n, residual) in [
        (1, "5.414856048374"),
        (2, "5.901753167753"),
        (5, "6.897057397746"),
        (8, "7.529949530911"),
    ] {
        let posterior = model.posterior(n - 1);
        assert_published!(
            posterior.residual_before_renewal(annual(0.1)).unwrap(),
            residual
        );
    }
}

#[test]
fn the_formula_has_its_published_values_in_each_convention() {
    let margin = Money::parse("100", Currency::EUR).unwrap();
    let (r, d) = (Probability::new(0.8).unwrap(), annual(0.1));
    for (convention, value) in [
        (LtvConvention::FirstMarginNow, "366.6666667"),
        (LtvConvention::AfterFirstRenewal, "266.6666667"),
        (LtvConvention::EndOfPeriod, "333.3333333"),
    ] {
        let found = ltv_formula(margin, r, d, YEAR, convention).unwrap();
        assert_published!(found.value(), value);
    }
    let five = LtvConvention::FirstMarginNow.payments_within(r, d, YEAR, 5);
    assert_published!(100.0 * five, "292.0633836");
}

#[test]
fn each_convention_is_a_contract_on_its_terms() {
    let margin = Money::parse("100", Currency::EUR).unwrap();
    let (r, d) = (Probability::new(0.8).unwrap(), annual(0.1));
    let terms = ContractTerms::new(margin, d);
    let start = ContractClv::new(geometric(0.2), terms);
    let end = ContractClv::new(geometric(0.2), terms.paid(PaymentTime::EndOfPeriod));
    let cases = [
        (LtvConvention::FirstMarginNow, start.newcomer()),
        (LtvConvention::AfterFirstRenewal, start.after_renewal(0)),
        (LtvConvention::EndOfPeriod, end.newcomer()),
    ];
    for (convention, value) in cases {
        let formula = ltv_formula(margin, r, d, YEAR, convention).unwrap();
        assert_close!(value.unwrap().value(), formula.value(), 1e-14);
    }
    let five = ContractClv::new(geometric(0.2), terms.within(5)).newcomer();
    let formula = LtvConvention::FirstMarginNow.payments_within(r, d, YEAR, 5);
    assert_close!(five.unwrap().payments(), formula, 1e-14);
    // Just before a renewal, payment at the end of the period is a year away.
    let [now, later] = [start, end].map(|clv| clv.before_renewal(3).unwrap().value());
    assert_close!(now, 1.1 * later, 1e-14);
    let [paid, owed] = [start, end].map(|clv| clv.after_renewal(3).unwrap().value());
    assert_close!(owed - paid, 100.0 / 1.1 - paid * (1.0 - 1.0 / 1.1), 1e-13);
}

#[test]
fn the_models_agree_with_independent_values() {
    fn agrees<M: RetentionModel + std::fmt::Debug>(
        model: &M,
        at: [[f64; 3]; 5],
        discounted: [[f64; 5]; 2],
    ) {
        let newcomer = model.newcomer();
        for (t, [survival, retention, loss]) in TIMES.into_iter().zip(at) {
            assert_close!(model.survival(t), survival, 1e-13, "{model:?} {t}");
            assert_close!(model.retention_rate(t), retention, 1e-13, "{model:?} {t}");
            assert_close!(newcomer.loss_probability(t), loss, 1e-12, "{model:?} {t}");
        }
        for (rate, values) in DISCOUNTS.map(annual).into_iter().zip(discounted) {
            let lifetime = newcomer.discounted_lifetime(rate).unwrap();
            assert_close!(lifetime, values[0], 1e-12, "{model:?} {rate:?}");
            for (n, value) in RENEWALS.into_iter().zip(&values[1..]) {
                let found = model
                    .posterior(n - 1)
                    .residual_before_renewal(rate)
                    .unwrap();
                assert_close!(found, *value, 1e-12, "{model:?} {rate:?} {n}");
            }
        }
    }
    for case in SBG {
        let [alpha, beta] = case.beta;
        agrees(&sbg(alpha, beta), case.at, case.discounted);
        agrees(&bdw(alpha, beta, 1.0), case.at, case.discounted);
    }
    for case in BDW {
        let [alpha, beta] = case.beta;
        agrees(&bdw(alpha, beta, case.c), case.at, case.discounted);
    }
}

// Fits.

#[test]
fn the_survivor_curves_give_the_published_fits() {
    for (cohort, sbg_values, sbg_ll, bdw_values, bdw_ll, forecasts) in [
        (
            "high_end",
            ["0.66809", "3.80609"],
            "-1611.15815",
            ["0.21425", "1.42657", "1.72356"],
            "-1605.31421",
            [".37800", ".40393"],
        ),
        (
            "regular",
            ["0.70408", "1.18204"],
            "-1680.26519",
            ["0.45561", "0.77933", "1.28345"],
            "-1679.60283",
            [".17004", ".17733"],
        ),
    ] {
        let sample = seven_years(cohort);
        let first = Sbg::fit_sample(&sample, &options()).unwrap();
        for (found, text) in first.model().values().into_iter().zip(sbg_values) {
            assert_published!(found, text, "{cohort}");
        }
        assert_published!(first.report().log_likelihood(), sbg_ll);
        let second = BetaDiscreteWeibull::fit_sample(&sample, &options()).unwrap();
        for (found, text) in second.model().values().into_iter().zip(bdw_values) {
            assert_published!(found, text, "{cohort}");
        }
        assert_published!(second.report().log_likelihood(), bdw_ll);
        assert_published!(first.model().survival(12), forecasts[0]);
        assert_published!(second.model().survival(12), forecasts[1]);
        let nested = second.report().nested_log_likelihood().unwrap();
        assert_close!(nested, first.report().log_likelihood(), 1e-9);
    }
}

#[test]
fn the_model_with_the_lower_aic_is_the_better_forecast() {
    for (cohort, kept) in [
        ("high_end", KeptRetention::BetaDiscreteWeibull),
        ("regular", KeptRetention::Sbg),
    ] {
        let choice = choose_retention(&seven_years(cohort), &options()).unwrap();
        assert_eq!(choice.kept(), kept, "{}", choice.reason());
        let actual = survivors(cohort)[12] / 1000.0;
        let off = |survival: f64| (survival - actual).abs();
        let always_sbg = off(choice.sbg().model().survival(12));
        let always_bdw = off(choice.bdw().unwrap().model().survival(12));
        let found = off(choice.model().survival(12));
        assert!(
            found <= always_sbg.min(always_bdw) + 1e-12,
            "{cohort}: {found}"
        );
    }
}

#[test]
fn a_bdw_that_cannot_be_fitted_leaves_the_sbg() {
    let mut sample = RetentionSample::new(YEAR);
    sample.add_cohort(&[1000.0, 631.0, 468.0]).unwrap();
    let choice = choose_retention(&sample, &options()).unwrap();
    assert_eq!(choice.kept(), KeptRetention::Sbg);
    assert!(choice.bdw().is_none());
    assert!(matches!(
        choice.reason(),
        RetentionReason::BdwNotFitted(FitError::TooFewPeriods {
            needed: 3,
            found: 2,
            ..
        })
    ));
    // Two rates of retention are fitted exactly.
    assert_close!(choice.model().survival(2), 0.468, 1e-6);
}

#[test]
fn a_richer_model_is_never_below_a_poorer_one() {
    let samples: [&[f64]; 5] = [
        &[1000.0, 869.0, 743.0, 653.0, 593.0, 551.0, 517.0, 491.0],
        &[1000.0, 900.0, 700.0, 400.0, 100.0, 3.0],
        &[1000.0, 800.0, 640.0, 512.0, 409.6, 327.68],
        &[100.0, 70.0, 70.0, 70.0, 70.0],
        &[100.0, 99.0, 60.0, 59.0, 20.0],
    ];
    for survivors in samples {
        let mut sample = RetentionSample::new(YEAR);
        sample.add_cohort(survivors).unwrap();
        let one = GeometricRetention::fit_sample(&sample, &options()).unwrap();
        let two = Sbg::fit_sample(&sample, &options()).unwrap();
        let three = BetaDiscreteWeibull::fit_sample(&sample, &options()).unwrap();
        let [one, two, three] = [one.report(), two.report(), three.report()]
            .map(|report| (report.log_likelihood(), report.nested_log_likelihood()));
        let allowed = 1e-6 * one.0.abs();
        assert_close!(two.1.unwrap(), one.0, 1e-12);
        assert!(two.0 >= one.0 - allowed, "{survivors:?}");
        assert!(three.0 >= two.0 - allowed, "{survivors:?}");
    }
}

#[test]
fn limits_are_named() {
    let fit = |survivors: &[f64]| {
        let mut sample = RetentionSample::new(YEAR);
        sample.add_cohort(survivors).unwrap();
        sample
    };
    // Retention that falls: no mixture of constant chances does that.
    let falling = fit(&[1000.0, 900.0, 700.0, 400.0, 100.0]);
    let found = Sbg::fit_sample(&falling, &options()).unwrap();
    assert_eq!(found.report().boundary(), Some(Boundary::HomogeneousChurn));
    let average = GeometricRetention::fit_sample(&falling, &options()).unwrap();
    assert!(average.report().notes().is_empty());
    assert_close!(found.model().survival(3), average.model().survival(3), 1e-4);
    let own = BetaDiscreteWeibull::fit_sample(&falling, &options()).unwrap();
    assert_eq!(own.report().boundary(), Some(Boundary::HomogeneousChurn));
    assert!(own.model().parameters().c > 1.5);
    // Some leave at once and nobody later.
    let at_once = fit(&[1000.0, 700.0, 700.0, 700.0, 700.0]);
    let found = Sbg::fit_sample(&at_once, &options()).unwrap();
    assert_eq!(found.report().boundary(), Some(Boundary::PolarisedChurn));
    assert_close!(found.model().survival(4), 0.7, 1e-3);
    let found = BetaDiscreteWeibull::fit_sample(&at_once, &options()).unwrap();
    assert_eq!(found.report().boundary(), Some(Boundary::PolarisedChurn));
    assert_close!(found.model().survival(4), 0.7, 1e-3);
}

#[test]
fn one_average_rate_where_retention_rises_is_warned_of() {
    for cohort in ["high_end", "regular"] {
        let sample = seven_years(cohort);
        let rise = sample.retention_rises().unwrap();
        assert!(rise.later > rise.first && rise.z > 5.0, "{rise:?}");
        let fitted = GeometricRetention::fit_sample(&sample, &options()).unwrap();
        let z = rise.z;
        assert_eq!(fitted.report().notes(), [Note::RetentionRises { z }]);
        // And so it is: the model of differing customers values those who stayed higher.
        let heterogeneous = Sbg::fit_sample(&sample, &options()).unwrap();
        let [low, high] = [
            fitted
                .model()
                .posterior(4)
                .residual_before_renewal(annual(0.1)),
            heterogeneous
                .model()
                .posterior(4)
                .residual_before_renewal(annual(0.1)),
        ];
        assert!(low.unwrap() < high.unwrap());
    }
}

#[test]
fn cohorts_rows_and_weights_that_say_the_same_fit_the_same() {
    let mut whole = RetentionSample::new(YEAR);
    whole.add_cohort(&[400.0, 300.0, 260.0, 240.0]).unwrap();
    whole.add_cohort(&[200.0, 160.0, 140.0]).unwrap();
    let mut single = RetentionSample::new(YEAR);
    for (period, lost) in [(1, 140), (2, 60), (3, 20)] {
        for _ in 0..lost {
            single.add_lost(period, 1.0).unwrap();
        }
    }
    single.add_surviving(2, 140.0).unwrap();
    for _ in 0..480 {
        single.add(Tenure::current(3), 0.5).unwrap();
    }
    assert_eq!(single, whole);
    assert_eq!(single.len(), 5);
    assert_eq!(single.retention_rate(3), Some(240.0 / 260.0));
    assert_eq!(
        (single.retention_rate(0), single.retention_rate(4)),
        (None, None)
    );

    // Ten times the customers: the same estimates, ten times the log-likelihood.
    let mut more = RetentionSample::new(YEAR);
    more.add_cohort(&[4000.0, 3000.0, 2600.0, 2400.0]).unwrap();
    more.add_cohort(&[2000.0, 1600.0, 1400.0]).unwrap();
    let [one, ten] = [whole, more].map(|s| Sbg::fit_sample(&s, &options()).unwrap());
    assert_close!(
        ten.report().log_likelihood(),
        10.0 * one.report().log_likelihood(),
        1e-10
    );
    for (a, b) in one.model().values().into_iter().zip(ten.model().values()) {
        assert_close!(a, b, 1e-6);
    }
}

#[test]
fn the_log_likelihood_of_a_fit_is_that_of_its_customers() {
    let sample = seven_years("regular");
    let fitted = BetaDiscreteWeibull::fit_sample(&sample, &options()).unwrap();
    let model = fitted.model();
    let curve = survivors("regular");
    let mut sum = curve[7] * model.ln_likelihood(Tenure::current(7));
    for made in 0..7_u32 {
        let left = curve[made as usize] - curve[made as usize + 1];
        sum += left * model.ln_likelihood(Tenure::ended_after(made));
    }
    assert_close!(sum, fitted.report().log_likelihood(), 1e-12);
}

#[test]
fn a_ridge_lends_what_a_small_sample_lacks() {
    let group = sbg(0.7, 1.2);
    let mut sample = RetentionSample::new(YEAR);
    sample.add_surviving(1, 4.0).unwrap();
    let refused = Sbg::fit_sample(&sample, &options()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "fitting sBG needs 30 customers, got 4; a ridge lifts this limit"
    );
    let ridge = Ridge::towards(&group, 1.0).unwrap();
    let fitted = Sbg::fit_sample(&sample, &options().with_ridge(ridge)).unwrap();
    let [alpha, beta] = fitted.model().values()[..] else {
        unreachable!("sBG has two parameters");
    };
    assert!(alpha < 0.7 && beta > 1.2, "{alpha} {beta}");
}

// Refusals.

#[test]
fn samples_refuse_what_cannot_be() {
    let mut sample = RetentionSample::new(YEAR);
    let mut says = |survivors: &[f64], message: &str| {
        let error = sample.add_cohort(survivors).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(sample.is_empty());
    };
    says(
        &[],
        "survivors of a cohort must be a positive, finite size of the cohort first, got 0.0 at place 0",
    );
    says(
        &[f64::INFINITY, 3.0],
        "survivors of a cohort must be a positive, finite size of the cohort first, got inf at place 0",
    );
    says(
        &[10.0, 8.0, 9.0],
        "survivors of a cohort must be no more than before, got 9.0 at place 2",
    );
    says(
        &[10.0, 8.0, -1.0],
        "survivors of a cohort must be at or above 0, got -1.0 at place 2",
    );
    assert!(sample.add_cohort(&[10.0, f64::NAN]).is_err());
    for weight in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let refused = sample.add_surviving(1, weight).unwrap_err();
        assert!(matches!(refused, FitError::Weight { .. }));
    }
    assert_eq!(
        sample.add_lost(0, 1.0).unwrap_err().to_string(),
        "period of a loss must be at least 1, got 0"
    );
    assert_eq!(
        sample
            .add_surviving(1_000_000, 1.0)
            .unwrap_err()
            .to_string(),
        "number of renewals of a customer must be below 1000000, got 1000000"
    );
    assert!(sample.is_empty());
}

#[test]
fn data_that_cannot_speak_are_refused() {
    let fit = |cohorts: &[&[f64]]| {
        let mut sample = RetentionSample::new(YEAR);
        for survivors in cohorts {
            sample.add_cohort(survivors).unwrap();
        }
        let one = GeometricRetention::fit_sample(&sample, &options()).err();
        let two = Sbg::fit_sample(&sample, &options()).err();
        let three = BetaDiscreteWeibull::fit_sample(&sample, &options()).err();
        [one, two, three].map(|error| error.map_or_else(String::new, |error| error.to_string()))
    };
    assert_eq!(
        fit(&[&[100.0, 100.0, 100.0, 100.0]]),
        ["geometric retention", "sBG", "BdW"]
            .map(|model| format!("fitting {model} needs customers who left, got none"))
    );
    assert_eq!(
        fit(&[&[100.0, 0.0]])[1],
        "fitting sBG needs customers who renewed, got none"
    );
    assert_eq!(
        fit(&[&[100.0, 60.0]]),
        [
            "",
            "fitting sBG needs customers at 2 renewals, the longest history has 1; \
             a ridge lifts this limit",
            "fitting BdW needs customers at 3 renewals, the longest history has 1; \
             a ridge lifts this limit",
        ]
    );
    assert_eq!(
        fit(&[])[1],
        "fitting sBG needs 1 customers, got 0; a ridge lifts this limit"
    );
}

#[test]
fn each_parameter_outside_its_range_is_named() {
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-13, 1e13] {
        assert!(sbg(1.0, 1.0).with_values(&[bad, 1.0]).is_err());
        assert!(bdw(1.0, 1.0, 1.0).with_values(&[1.0, 1.0, bad]).is_err());
        assert!(geometric(0.5).with_values(&[bad]).is_err());
    }
    assert_eq!(
        geometric(0.5).with_values(&[1.0]).unwrap_err().to_string(),
        "geometric retention parameter `churn` must be a number from 1e-12 to 1 - 1e-12, got 1.0"
    );
}

#[test]
fn an_infinite_lifetime_is_an_error_that_names_the_condition() {
    let says = |found: Result<f64, ModelError>, message: &str| {
        assert_eq!(found.unwrap_err().to_string(), message);
    };
    says(
        sbg(1.0, 5.0).newcomer().expected_lifetime(),
        "residual lifetimes exist only if alpha > 1, or with a discount rate or a horizon, got 1",
    );
    says(
        bdw(0.5, 5.0, 1.5).posterior(3).expected_lifetime(),
        "residual lifetimes exist only if alpha·c > 1, or with a discount rate or a horizon, got 0.75",
    );
    assert_close!(
        sbg(1.5, 5.0).newcomer().expected_lifetime().unwrap(),
        11.0,
        1e-14
    );
    assert_close!(
        geometric(0.25).newcomer().expected_lifetime().unwrap(),
        4.0,
        1e-14
    );
    assert!(bdw(0.5, 5.0, 2.5).newcomer().expected_lifetime().unwrap() > 1.0);
    let certain = Probability::new(1.0).unwrap();
    let found = LtvConvention::EndOfPeriod.payments(certain, DiscountRate::ZERO, YEAR);
    says(
        found,
        "lifetime values exist only if retention is below 1, or with a discount rate, got 1",
    );
}

// Laws.

fn wide() -> impl Strategy<Value = f64> {
    log_uniform(1e-12, 1e12)
}

fn rates() -> impl Strategy<Value = DiscountRate> {
    prop_oneof![
        log_uniform(1e-15, 1e3).prop_map(annual),
        Just(DiscountRate::ZERO)
    ]
}

/// Every answer of one customer is finite, a probability where it should be, and in order.
fn is_sound<M: RetentionModel>(model: &M, made: u32, t: u32, rate: DiscountRate) -> TestCaseResult {
    let customer = model.posterior(made);
    for tenure in [Tenure::current(made), Tenure::ended_after(made)] {
        let ln = model.ln_likelihood(tenure);
        prop_assert!(ln.is_finite() && ln <= 0.0, "{ln}");
    }
    let mut last = 1.0;
    for period in [0, 1, 2, t.max(3), t.max(3) + 1] {
        let survival = customer.survival(period);
        prop_assert!((0.0..=last).contains(&survival), "S({period}) = {survival}");
        last = survival;
        for share in [
            customer.churn_rate(period),
            customer.retention_rate(period),
            customer.loss_probability(period),
            customer.mean_theta(),
        ] {
            prop_assert!((0.0..=1.0).contains(&share), "{share}");
        }
        let both = customer.churn_rate(period) + customer.retention_rate(period);
        prop_assert!((both - 1.0).abs() < 1e-14);
    }
    let mut before = 0.0;
    for payments in [0, 1, 2, t.max(2), 2 * t.max(2)] {
        let within = customer.residual_before_renewal_within(rate, payments);
        prop_assert!(
            (0.0..=f64::from(payments) * (1.0 + 1e-9)).contains(&within),
            "{within} of {payments}"
        );
        prop_assert!(within >= before * (1.0 - 1e-9), "{within} {before}");
        before = within;
    }
    match customer.residual_before_renewal(rate) {
        Ok(all) => {
            prop_assert!(
                all.is_finite() && all >= before * (1.0 - 1e-9),
                "{all} {before}"
            );
            let lifetime = customer.discounted_lifetime(rate).unwrap();
            prop_assert!(lifetime.is_finite() && lifetime >= 1.0);
        }
        Err(ModelError::Undefined { .. }) => prop_assert!(rate.is_zero()),
        Err(other) => prop_assert!(false, "{other}"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_103),
        failure_persistence: None,
        cases: 512,
        ..ProptestConfig::default()
    })]

    /// No parameters, history or question give anything but a finite answer.
    #[test]
    fn every_answer_is_finite(
        alpha in wide(), beta in wide(), c in wide(), made in log_uniform(1.0, 1e6),
        t in log_uniform(1.0, 1e6), rate in rates(),
    ) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
        let (made, t) = (made as u32 - 1, t as u32);
        is_sound(&sbg(alpha, beta), made, t, rate)?;
        is_sound(&bdw(alpha, beta, c), made, t, rate)?;
        is_sound(&geometric(alpha.clamp(1e-12, 0.5)), made, t, rate)?;
    }

    /// Those who leave and those who stay are all.
    #[test]
    fn losses_and_survivors_are_everybody(
        alpha in log_uniform(0.01, 100.0), beta in log_uniform(0.01, 100.0),
        c in log_uniform(0.2, 5.0), made in 0..20_u32,
    ) {
        for customer in [bdw(alpha, beta, c).posterior(made), bdw(alpha, beta, 1.0).posterior(made)] {
            let lost: f64 = (1..=30).map(|t| customer.loss_probability(t)).sum();
            prop_assert!((lost + customer.survival(30) - 1.0).abs() < 1e-13);
        }
        let customer = sbg(alpha, beta).posterior(made);
        let lost: f64 = (1..=30).map(|t| customer.loss_probability(t)).sum();
        prop_assert!((lost + customer.survival(30) - 1.0).abs() < 1e-13);
    }

    /// The sum of what is conditional is what was asked at the start.
    #[test]
    fn survival_is_a_chain(
        alpha in wide(), beta in wide(), c in log_uniform(1e-3, 1e3), a in 0..1000_u32, b in 0..1000_u32,
    ) {
        let model = bdw(alpha, beta, c);
        let (whole, first) = (model.newcomer().ln_survival(a + b), model.newcomer().ln_survival(a));
        let second = model.posterior(a).ln_survival(b);
        prop_assert!((first + second - whole).abs() <= 1e-12 * whole.abs(), "{first} {second} {whole}");
    }

    /// With c = 1 the BdW is the sBG, though both are computed in different ways.
    #[test]
    fn a_bdw_without_ageing_is_the_sbg(
        alpha in log_uniform(1e-3, 1e3), beta in log_uniform(1e-3, 1e6), made in 0..2000_u32,
        rate in prop_oneof![log_uniform(1e-12, 10.0).prop_map(annual), Just(DiscountRate::ZERO)],
        payments in 1..100_000_u32,
    ) {
        let (one, two) = (sbg(alpha, beta).posterior(made), bdw(alpha, beta, 1.0).posterior(made));
        assert_close!(one.ln_survival(payments), two.ln_survival(payments), 1e-12);
        assert_close!(one.churn_rate(payments), two.churn_rate(payments), 1e-10);
        assert_close!(
            one.residual_before_renewal_within(rate, payments),
            two.residual_before_renewal_within(rate, payments),
            1e-10,
            "{alpha} {beta} {made} {rate:?} {payments}"
        );
        match (one.residual_before_renewal(rate), two.residual_before_renewal(rate)) {
            (Ok(one), Ok(two)) => assert_close!(one, two, 1e-10, "{alpha} {beta} {made} {rate:?}"),
            (one, two) => prop_assert!(one.is_err() && two.is_err()),
        }
    }

    /// Money later is worth less the higher the rate, and more payments are worth more.
    #[test]
    fn lifetimes_fall_with_the_discount(
        alpha in log_uniform(1e-2, 1e2), beta in log_uniform(1e-2, 1e4), c in log_uniform(0.1, 10.0),
        made in 0..100_u32, d in log_uniform(1e-9, 10.0), more in 1.01..10.0_f64,
    ) {
        let customer = bdw(alpha, beta, c).posterior(made);
        let [low, high] = [d, d * more].map(|d| customer.residual_before_renewal(annual(d)).unwrap());
        prop_assert!(high <= low * (1.0 + 1e-12), "{low} {high}");
        let part = customer.residual_before_renewal_within(annual(d), 50);
        prop_assert!(part <= low * (1.0 + 1e-12));
    }

    /// Where customers hardly differ, the sBG is one chance for all.
    #[test]
    fn without_differences_the_sbg_is_geometric(churn in 0.01..0.9_f64, t in 1..50_u32) {
        let (all, one) = (sbg(1e10 * churn, 1e10 * (1.0 - churn)), geometric(churn));
        assert_close!(all.survival(t), one.survival(t), 1e-5);
        let [a, b] = [
            all.newcomer().discounted_lifetime(annual(0.1)).unwrap(),
            one.newcomer().discounted_lifetime(annual(0.1)).unwrap(),
        ];
        assert_close!(a, b, 1e-8);
    }
}

// Simulation.

#[cfg(feature = "simulate")]
mod simulated {
    use super::*;
    use guanxi::model::RandomStream;

    /// 3,000 customers in three cohorts of different age.
    fn sample<M: RetentionModel>(model: &M, seed: u64) -> RetentionSample {
        let mut sample = RetentionSample::new(YEAR);
        for (number, age) in (0..3000_u64).zip([12, 9, 6].into_iter().cycle()) {
            let customer = model.simulate(seed, number, age);
            sample.add(customer.tenure, 1.0).unwrap();
        }
        sample
    }

    fn recovers<M: Fit<Sample = RetentionSample> + RetentionModel>(truth: &M) {
        let runs: Vec<guanxi::model::Fitted<M>> = (1..=40)
            .map(|seed| M::fit_sample(&sample(truth, seed), &FitOptions::default()).unwrap())
            .collect();
        let kinds = truth.kinds();
        for (i, value) in truth.values().into_iter().enumerate() {
            let name = format!("{} of {}", M::NAMES[i], M::MODEL);
            let search = |value: f64| match kinds[i] {
                guanxi::model::ParameterKind::Probability => (value / (1.0 - value)).ln(),
                _ => value.ln(),
            };
            let errors: Vec<f64> = runs
                .iter()
                .map(|run| {
                    let variance = run.report().covariance(i, i).unwrap();
                    let found = run.report().parameters()[i].value();
                    (search(found) - search(value)) / variance.sqrt()
                })
                .collect();
            let within = errors.iter().filter(|error| error.abs() <= 3.0).count();
            assert!(within >= 38, "{name}: {within} of 40 within 3 s.e.");
            let mean = errors.iter().sum::<f64>() / 40.0;
            let spread = (errors.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / 39.0).sqrt();
            assert!(
                mean.abs() <= 3.0 * spread / 40_f64.sqrt(),
                "{name}: {mean} {spread}"
            );
            assert!((0.7..1.4).contains(&spread), "{name}: spread {spread}");
        }
    }

    #[test]
    fn fits_recover_the_parameters_of_simulated_cohorts() {
        recovers(&sbg(0.668, 3.806));
        recovers(&bdw(0.5, 2.0, 1.4));
        recovers(&geometric(0.2));
    }

    #[test]
    fn draws_agree_with_exact_answers() {
        fn agrees<M: RetentionModel>(model: &M, made: u32) {
            let customer = model.posterior(made);
            let mut random = RandomStream::new(11, u64::from(made));
            let (mut thetas, mut kept, mut renewals) = (0.0, 0.0, 0.0);
            let count = 20_000;
            for _ in 0..count {
                let theta = customer.draw(&mut random);
                let more = customer.draw_renewals(theta, 8, &mut random);
                thetas += theta;
                kept += f64::from(u32::from(more == 8));
                renewals += f64::from(more);
            }
            let n = f64::from(count);
            assert!((thetas / n - customer.mean_theta()).abs() < 0.006);
            assert!((kept / n - customer.survival(8)).abs() < 0.011);
            let expected = customer.residual_before_renewal_within(DiscountRate::ZERO, 8);
            assert!(
                (renewals / n - expected).abs() < 0.08,
                "{} {expected}",
                renewals / n
            );
        }
        for made in [0, 5] {
            agrees(&sbg(0.668, 3.806), made);
            agrees(&bdw(0.5, 2.0, 1.4), made);
            agrees(&geometric(0.2), made);
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_customer() {
        let model = bdw(0.5, 2.0, 1.4);
        assert_eq!(model.simulate(3, 8, 12), model.simulate(3, 8, 12));
        let all: Vec<_> = (0..50).map(|i| model.simulate(3, i, 12).theta).collect();
        assert!(all.windows(2).all(|pair| (pair[0] - pair[1]).abs() > 0.0));
    }
}

// Storage.

#[cfg(feature = "serde")]
mod stored {
    use super::*;
    use guanxi::model::{ContractValue, FitReport};

    #[test]
    fn fits_come_back_to_the_last_bit() {
        fn returns<M>(sample: &RetentionSample)
        where
            M: Fit<Sample = RetentionSample>
                + PartialEq
                + std::fmt::Debug
                + serde::Serialize
                + serde::de::DeserializeOwned,
        {
            let fitted = M::fit_sample(sample, &FitOptions::default()).unwrap();
            let text = serde_json::to_string(&fitted).unwrap();
            assert_eq!(
                serde_json::from_str::<guanxi::model::Fitted<M>>(&text).unwrap(),
                fitted
            );
            let text = serde_json::to_string(fitted.report()).unwrap();
            let report: FitReport = serde_json::from_str(&text).unwrap();
            assert_eq!(&report, fitted.report());
        }
        let sample = seven_years("high_end");
        returns::<GeometricRetention>(&sample);
        returns::<Sbg>(&sample);
        returns::<BetaDiscreteWeibull>(&sample);
        let mut falling = RetentionSample::new(YEAR);
        falling
            .add_cohort(&[1000.0, 900.0, 700.0, 400.0, 100.0])
            .unwrap();
        returns::<Sbg>(&falling);
    }

    #[test]
    fn models_are_their_parameters_and_invalid_ones_are_refused() {
        let text = serde_json::to_string(&bdw(0.5, 2.0, 1.4)).unwrap();
        assert_eq!(text, r#"{"unit":"year","alpha":0.5,"beta":2.0,"c":1.4}"#);
        let read: BetaDiscreteWeibull = serde_json::from_str(&text).unwrap();
        assert_eq!(read, bdw(0.5, 2.0, 1.4));
        assert!(serde_json::from_str::<BetaDiscreteWeibull>(&text.replace("1.4", "-1.4")).is_err());
        assert!(serde_json::from_str::<Sbg>(r#"{"unit":"year","alpha":0.5,"beta":0.0}"#).is_err());
        let text = r#"{"unit":"month","churn":1.5}"#;
        assert!(serde_json::from_str::<GeometricRetention>(text).is_err());
        let text = r#"{"renewals":3,"ended":true}"#;
        let tenure: Tenure = serde_json::from_str(text).unwrap();
        assert_eq!(tenure, Tenure::ended_after(3));
        assert_eq!(serde_json::to_string(&tenure).unwrap(), text);
    }

    #[test]
    fn terms_and_values_come_back() {
        let margin = Money::parse("-2.50", Currency::EUR).unwrap();
        let terms = ContractTerms::new(margin, annual(0.1))
            .paid(PaymentTime::EndOfPeriod)
            .within(3);
        let text = serde_json::to_string(&terms).unwrap();
        assert_eq!(serde_json::from_str::<ContractTerms>(&text).unwrap(), terms);
        let value = ContractClv::new(sbg(0.7, 1.2), terms).newcomer().unwrap();
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<ContractValue>(&text).unwrap(), value);
        let wrong = text.replace("\"payments\":", "\"payments\":-");
        assert!(serde_json::from_str::<ContractValue>(&wrong).is_err());
    }
}
