//! The Erlang-k models: reference values, what they share with the models of one phase, laws for all
//! input, fits of known and of simulated customers, and regularity.

#![allow(clippy::disallowed_methods, reason = "reads the log of the examples")]

mod support;

#[path = "support/reference_erlang.rs"]
#[allow(
    unreachable_pub,
    clippy::approx_constant,
    reason = "a table as it was made"
)]
mod reference_erlang;

use guanxi::chrono::{Datelike, NaiveDate};
use guanxi::model::{
    BgCnbd, BgCnbdParameters, BgNbd, Fit, FitError, FitOptions, Fitted, MbgCnbd, MbgCnbdParameters,
    MbgNbd, ModelError, Note, Parametric, Phases, PurchaseModel, PurchasePosterior, PurchaseSample,
    Regularity, RegularityError, Ridge, Sample,
};
use guanxi::quantity::{DiscountRate, Horizon, QuantityError, TimeUnit};
use guanxi::summary::RfmSummary;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use reference_erlang::{ANSWERS, DISTRIBUTIONS, Kind, NAMES};
use std::collections::BTreeMap;
use support::assert_close;
use support::models::{
    Ask, any_customer, bg_nbd, extreme, extreme_customer, fifteen_percent, force, log_uniform,
    mbg_nbd, plausible, weeks,
};

fn phases(k: u32) -> Phases {
    Phases::new(k).expect("from 1 to 100")
}

fn bg_cnbd(k: u32, [r, alpha, a, b]: [f64; 4]) -> BgCnbd {
    BgCnbd::new(BgCnbdParameters {
        unit: TimeUnit::Week,
        k: phases(k),
        r,
        alpha,
        a,
        b,
    })
    .expect("valid parameters")
}

fn mbg_cnbd(k: u32, [r, alpha, a, b]: [f64; 4]) -> MbgCnbd {
    MbgCnbd::new(MbgCnbdParameters {
        unit: TimeUnit::Week,
        k: phases(k),
        r,
        alpha,
        a,
        b,
    })
    .expect("valid parameters")
}

fn model(kind: Kind, k: u32, p: [f64; 4]) -> Box<dyn Ask> {
    match kind {
        Kind::Bg => Box::new(bg_cnbd(k, p)),
        Kind::Mbg => Box::new(mbg_cnbd(k, p)),
    }
}

fn customer(x: u32, t_x: f64, age: f64, ln_gaps: f64) -> RfmSummary {
    let customer = RfmSummary::new(TimeUnit::Week, x, t_x, age).expect("a customer");
    if x > 0 {
        customer.with_ln_gaps(ln_gaps).expect("possible gaps")
    } else {
        customer
    }
}

/// Whether a number agrees with its reference; the worst of all is shown.
fn check(wrong: &mut Vec<String>, case: &str, found: f64, exact: f64, within: f64) {
    let error = (found - exact).abs();
    // A log-likelihood passes through zero; what is near the smallest number has lost its digits.
    let floor = if case.starts_with("log") {
        1e-14
    } else {
        1e-300
    };
    if found.total_cmp(&exact).is_ne() && (error.is_nan() || error > within * exact.abs() + floor) {
        wrong.push(format!(
            "{case}: {found:?}, expected {exact:?} ({:.1e})",
            error / exact.abs()
        ));
    }
}

#[test]
fn answers_agree_with_reference_values() {
    let mut wrong = Vec::new();
    for &(kind, k, p, (x, t_x, age), ln_gaps, exact) in ANSWERS {
        let posterior = model(kind, k, p).about(&customer(x, t_x, age, ln_gaps));
        let (day, slow) = (fifteen_percent(), force(1e-4));
        let until = Horizon::Finite(weeks(39.0));
        let found = [
            posterior.ln_likelihood(),
            posterior.ln_odds_alive(),
            posterior.probability_alive(),
            posterior.probability_active(weeks(39.0)),
            posterior.expected_purchases(weeks(39.0)),
            posterior.residual_transactions(day).expect("discounted"),
            posterior.residual_lifetime(day).expect("discounted"),
            posterior.residual_transactions(slow).expect("discounted"),
            posterior.residual_lifetime(slow).expect("discounted"),
            posterior
                .discounted_purchases(day, until)
                .expect("discounted"),
            posterior
                .discounted_lifetime(day, until)
                .expect("discounted"),
            posterior.mean_rate(),
        ];
        for ((name, found), exact) in NAMES.iter().zip(found).zip(exact) {
            let case = format!("{name} of {kind:?}-{k} {p:?} ({x}, {t_x}, {age})");
            check(&mut wrong, &case, found, exact, 1e-10);
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn distributions_agree_with_reference_values() {
    let mut wrong = Vec::new();
    for &(kind, k, p, (x, t_x, age), ln_gaps, exact) in DISTRIBUTIONS {
        let posterior = model(kind, k, p).about(&customer(x, t_x, age, ln_gaps));
        let mut found = [0.0; 13];
        posterior.purchase_probabilities(weeks(39.0), &mut found);
        for (n, (found, exact)) in found.into_iter().zip(exact).enumerate() {
            let case = format!("P({n}) of {kind:?}-{k} {p:?} ({x}, {t_x}, {age})");
            check(&mut wrong, &case, found, exact, 1e-10);
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Every answer about a customer.
fn answers(posterior: &dyn PurchasePosterior, t: f64, delta: f64) -> Vec<f64> {
    let (rate, until) = (force(delta), Horizon::Finite(weeks(t)));
    let mut all = vec![
        posterior.ln_likelihood(),
        posterior.ln_odds_alive(),
        posterior.probability_alive(),
        posterior.probability_active(weeks(t)),
        posterior.expected_purchases(weeks(t)),
        posterior.residual_transactions(rate).expect("discounted"),
        posterior.residual_lifetime(rate).expect("discounted"),
        posterior
            .discounted_purchases(rate, until)
            .expect("discounted"),
        posterior
            .discounted_lifetime(rate, until)
            .expect("discounted"),
        posterior.mean_rate(),
        posterior.n_eff(),
    ];
    let mut probabilities = [0.0; 6];
    posterior.purchase_probabilities(weeks(t), &mut probabilities);
    all.extend(probabilities);
    all
}

/// The phases of the models, as often few as many.
fn any_k() -> impl Strategy<Value = u32> {
    log_uniform(1.0, 100.999).prop_map(|k| {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 1 to 100"
        )]
        {
            k as u32
        }
    })
}

fn both(k: u32, p: [f64; 4]) -> [Box<dyn Ask>; 2] {
    [model(Kind::Bg, k, p), model(Kind::Mbg, k, p)]
}

/// Whether one number is at least another, but for rounding.
fn at_least(high: f64, low: f64) -> bool {
    high >= low - 1e-10 * low.abs() - 1e-300
}

/// Every customer of the CDNOW log with the gaps, calibration to 1997-09-30.
fn cdnow() -> Vec<RfmSummary> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/cdnow.csv");
    let log = std::fs::read_to_string(path).expect("the log is shipped with the crate");
    let day = |text: &str| {
        let date: NaiveDate = text.parse().expect("a date");
        date.num_days_from_ce()
    };
    let end = day("1997-09-30");
    let mut orders: BTreeMap<u32, Vec<i32>> = BTreeMap::new();
    for line in log.lines().skip(1) {
        let mut fields = line.split(',');
        let number = fields
            .next()
            .expect("a customer")
            .parse()
            .expect("a number");
        let date = day(fields.next().expect("a date"));
        if date <= end {
            orders.entry(number).or_default().push(date);
        }
    }
    let customer = |days: &mut Vec<i32>| {
        days.sort_unstable();
        days.dedup();
        let weeks = |from: i32, to: i32| f64::from(to - from) / 7.0;
        let (first, last) = (days[0], days[days.len() - 1]);
        let x = u32::try_from(days.len() - 1).expect("few orders");
        let ln_gaps = days.windows(2).map(|w| weeks(w[0], w[1]).ln()).sum();
        customer(x, weeks(first, last), weeks(first, end), ln_gaps)
    };
    orders.values_mut().map(customer).collect()
}

fn fixed(cases: u32) -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_101),
        failure_persistence: None,
        cases,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(fixed(200))]

    #[test]
    fn one_phase_is_the_model_of_purchases_by_chance(p in plausible(), c in any_customer(), t in log_uniform(0.1, 100.0), delta in log_uniform(1e-4, 1.0)) {
        let plain: [Box<dyn Ask>; 2] = [Box::new(bg_nbd(p)), Box::new(mbg_nbd(p))];
        for (erlang, plain) in both(1, p).iter().zip(&plain) {
            let (found, own) = (erlang.about(&c), plain.about(&c));
            for (found, own) in answers(&*found, t, delta).into_iter().zip(answers(&*own, t, delta)) {
                prop_assert!(found.total_cmp(&own).is_eq() || (found - own).abs() <= 1e-12 * own.abs(), "{found} {own}");
            }
        }
    }

    /// The distribution of the count sums to 1, has the expected purchases as its mean, and its
    /// chance of none is 1 − P(active).
    #[test]
    fn the_distribution_agrees_with_the_answers_it_implies(p in plausible(), c in any_customer(), k in any_k(), t in log_uniform(0.1, 60.0)) {
        for model in both(k, p) {
            let posterior = model.about(&c);
            let mut probabilities = vec![0.0; 2500];
            posterior.purchase_probabilities(weeks(t), &mut probabilities);
            prop_assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
            let active = posterior.probability_active(weeks(t));
            prop_assert!((1.0 - probabilities[0] - active).abs() <= 1e-12, "{model:?}");
            let total: f64 = probabilities.iter().sum();
            prop_assert!((total - 1.0).abs() < 1e-10, "{model:?}: {total}");
            let mean: f64 = probabilities.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
            let expected = posterior.expected_purchases(weeks(t));
            prop_assert!((mean - expected).abs() <= 1e-8 * expected.max(1e-3), "{model:?}: {mean} {expected}");
        }
    }

    /// "No purchase until T + t" is the same history observed longer.
    #[test]
    fn p_active_is_what_a_longer_silence_loses(p in plausible(), c in any_customer(), k in any_k(), t in log_uniform(0.01, 200.0)) {
        let longer = RfmSummary::new(c.unit(), c.frequency(), c.recency(), c.age() + t).unwrap();
        for model in both(k, p) {
            let (now, then) = (model.about(&c), model.about(&longer));
            let lost = -(then.ln_likelihood() - now.ln_likelihood()).exp_m1();
            let rounding = f64::from(c.frequency() * k) * (c.age() + t + p[1]).ln().abs();
            let within = 1e-10 + 1e-14 * (now.ln_likelihood().abs() + rounding);
            let found = now.probability_active(weeks(t));
            prop_assert!((found - lost).abs() <= within, "{model:?}: {found} {lost}");
        }
    }

    /// The horizon recedes and the finite answers become the infinite ones; without discount they are
    /// the plain ones.
    #[test]
    fn finite_horizons_lead_to_the_infinite_one(p in plausible(), c in any_customer(), k in any_k(), t in log_uniform(0.1, 60.0), delta in log_uniform(1e-3, 1.0)) {
        for model in both(k, p) {
            let posterior = model.about(&c);
            let far = Horizon::Finite(weeks(60.0 / delta));
            let rate = force(delta);
            let dert = posterior.residual_transactions(rate).unwrap();
            let delt = posterior.residual_lifetime(rate).unwrap();
            let found = posterior.discounted_purchases(rate, far).unwrap();
            prop_assert!((found - dert).abs() <= 1e-10 * dert, "{model:?}: {found} {dert}");
            let found = posterior.discounted_lifetime(rate, far).unwrap();
            prop_assert!((found - delt).abs() <= 1e-10 * delt, "{model:?}: {found} {delt}");
            // So small a discount takes nothing away.
            let found = posterior.discounted_purchases(force(1e-13), Horizon::Finite(weeks(t))).unwrap();
            let plain = posterior.expected_purchases(weeks(t));
            prop_assert!((found - plain).abs() <= 1e-10 * plain, "{model:?}: {found} {plain}");
        }
    }

    /// With time seven times finer α is seven times larger and the answers the same.
    #[test]
    fn no_answer_depends_on_the_unit_of_time(p in plausible(), c in any_customer(), k in any_k(), t in log_uniform(0.1, 100.0)) {
        let [r, alpha, a, b] = p;
        let days = BgCnbdParameters { unit: TimeUnit::Day, k: phases(k), r, alpha: 7.0 * alpha, a, b };
        let daily = BgCnbd::new(days).unwrap().posterior(&c.in_unit(TimeUnit::Day)).unwrap();
        let weekly = bg_cnbd(k, p).posterior(&c).unwrap();
        let (w, d) = (answers(&weekly, t, 0.01), answers(&daily, t, 0.01));
        for (i, (w, d)) in w.into_iter().zip(d).enumerate().skip(2) {
            let factor = match i {
                6 | 8 => 7.0,
                9 => 1.0 / 7.0,
                _ => 1.0,
            };
            prop_assert!((factor * w - d).abs() <= 1e-9 * d, "{i}: {w} {d}");
        }
    }
}

proptest! {
    #![proptest_config(fixed(5000))]

    /// Whatever the parameters and the customer, every answer is a number in its range, and more
    /// time brings more.
    #[test]
    fn no_valid_input_gives_nan_or_infinity(p in extreme(), c in extreme_customer(), k in any_k(), t in log_uniform(1e-6, 1e4), delta in log_uniform(1e-6, 1.0), bg in any::<bool>()) {
        let kind = if bg { Kind::Bg } else { Kind::Mbg };
        let posterior = model(kind, k, p).about(&c);
        prop_assert!(posterior.ln_likelihood().is_finite());
        prop_assert!(!posterior.ln_odds_alive().is_nan());
        let alive = posterior.probability_alive();
        let (active, later) = (posterior.probability_active(weeks(t)), posterior.probability_active(weeks(2.0 * t)));
        let (expected, more) = (posterior.expected_purchases(weeks(t)), posterior.expected_purchases(weeks(2.0 * t)));
        prop_assert!((0.0..=1.0).contains(&alive) && (0.0..=1.0).contains(&active));
        prop_assert!(at_least(alive, active) && at_least(later, active), "{alive} {active} {later}");
        prop_assert!(expected.is_finite() && at_least(expected, active), "{expected} {active}");
        prop_assert!(more.is_finite() && at_least(more, expected), "{more} {expected}");
        let rate = force(delta);
        let until = |t: f64| Horizon::Finite(weeks(t));
        let (dert, delt) = (posterior.residual_transactions(rate).unwrap(), posterior.residual_lifetime(rate).unwrap());
        let (near, far) = (posterior.discounted_purchases(rate, until(t)).unwrap(), posterior.discounted_purchases(rate, until(2.0 * t)).unwrap());
        prop_assert!(dert.is_finite() && at_least(dert, far) && at_least(far, near), "{dert} {far} {near}");
        prop_assert!(at_least(expected, near) && at_least(near, expected * (-delta * t).exp()), "{expected} {near}");
        prop_assert!(at_least(alive / delta, delt), "{alive} {delt}");
        let (near, far) = (posterior.discounted_lifetime(rate, until(t)).unwrap(), posterior.discounted_lifetime(rate, until(2.0 * t)).unwrap());
        prop_assert!(at_least(delt, far) && at_least(far, near), "{delt} {far} {near}");
        prop_assert!(at_least(alive * t, near) && near >= 0.0, "{near}");
        let mean = posterior.mean_rate();
        prop_assert!(mean.is_finite() && mean > 0.0);
        let mut probabilities = [0.0; 8];
        posterior.purchase_probabilities(weeks(t), &mut probabilities);
        let total: f64 = probabilities.iter().sum();
        prop_assert!(probabilities.iter().all(|p| *p >= 0.0) && total <= 1.0 + 1e-9, "{probabilities:?}");
        prop_assert!((1.0 - probabilities[0] - active).abs() < 1e-10);
    }
}

// Fits.

fn sample_of(customers: &[RfmSummary]) -> PurchaseSample {
    let mut sample = PurchaseSample::default();
    for customer in customers {
        sample.add(customer, 1.0).expect("the same unit");
    }
    sample
}

#[test]
fn one_phase_fits_as_the_model_of_purchases_by_chance() {
    let customers = cdnow();
    let (sample, options) = (sample_of(&customers), FitOptions::default());
    let erlang = BgCnbd::fit_with_k(&sample, Phases::ONE, &options).unwrap();
    let plain = BgNbd::fit_sample(&sample, &options).unwrap();
    assert_close!(
        erlang.report().log_likelihood(),
        plain.report().log_likelihood(),
        1e-13
    );
    for (found, own) in erlang
        .model()
        .values()
        .into_iter()
        .zip(plain.model().values())
    {
        assert_close!(found, own, 1e-8);
    }
    let nested = |report: &guanxi::model::FitReport| report.nested_log_likelihood().unwrap();
    assert_close!(nested(erlang.report()), nested(plain.report()), 1e-9);
    let erlang = MbgCnbd::fit_with_k(&sample, Phases::ONE, &options).unwrap();
    let plain = MbgNbd::fit_sample(&sample, &options).unwrap();
    assert_close!(
        erlang.report().log_likelihood(),
        plain.report().log_likelihood(),
        1e-13
    );
}

/// Customers of CDNOW buy by chance.
#[test]
fn cdnow_customers_buy_by_chance() {
    let customers = cdnow();
    let options = FitOptions::default();
    let bg = BgCnbd::fit(&customers, &options).unwrap();
    let mbg = MbgCnbd::fit(&customers, &options).unwrap();
    for (k, notes) in [
        (bg.model().parameters().k, bg.report().notes()),
        (mbg.model().parameters().k, mbg.report().notes()),
    ] {
        assert_eq!(k, Phases::ONE);
        let Note::ChosenPhases { k, behind } = &notes[0] else {
            panic!("{notes:?}");
        };
        assert_eq!((*k, behind.len()), (Phases::ONE, 11));
        assert!(behind.windows(2).all(|w| w[0].1 < w[1].1));
    }
    assert_close!(bg.report().log_likelihood(), -9_582.429_206_7, 1e-9);
    assert_eq!(
        bg.report().notes()[0].to_string(),
        "k = 1 is the likeliest of 12, 272.898 above k = 2"
    );
    let regularity = Regularity::of(&customers).unwrap();
    assert!((regularity.k() - 1.041_988_9).abs() < 1e-6);
    assert!((regularity.standard_error() - 0.032_764_4).abs() < 1e-6);
    assert!(2.0 * regularity.gain() < 3.84); // χ² at 5 %
    assert_eq!(regularity.phases(), Phases::ONE);
}

/// The report's log-likelihood is the sum of what the model says of each customer, with the gaps
/// and without.
#[test]
fn a_fit_reports_the_likelihood_that_its_model_gives() {
    let known = cdnow();
    let unknown: Vec<_> = known
        .iter()
        .map(|c| RfmSummary::new(c.unit(), c.frequency(), c.recency(), c.age()).unwrap())
        .collect();
    let (k, options) = (phases(2), FitOptions::default());
    for (customers, is_known) in [(&known, true), (&unknown, false)] {
        let fitted = MbgCnbd::fit_with_k(&sample_of(customers), k, &options).unwrap();
        let ll: f64 = customers
            .iter()
            .map(|c| fitted.model().posterior(c).unwrap().ln_likelihood())
            .sum();
        let one: f64 = customers
            .iter()
            .filter(|c| c.frequency() == 1)
            .filter_map(RfmSummary::ln_gaps)
            .sum();
        let left_out = fitted.report().notes().contains(&Note::GapsUnknown { k });
        assert_eq!(left_out, !is_known);
        // Of one gap the posterior knows the length; the fit leaves out all or none.
        let ll = if left_out { ll - one } else { ll };
        assert_close!(fitted.report().log_likelihood(), ll, 1e-12);
    }
}

fn parameters_agree<M: Fit>(found: &Fitted<M>, own: &Fitted<M>, time: f64) {
    for (i, (found, own)) in found
        .model()
        .values()
        .into_iter()
        .zip(own.model().values())
        .enumerate()
    {
        let factor = if i == 1 { time } else { 1.0 };
        assert_close!(found, own * factor, 1e-8, "{}", M::NAMES[i]);
    }
}

#[test]
fn no_fit_depends_on_the_unit_of_time_or_the_order_of_customers_or_equal_rows() {
    let customers = cdnow();
    let (k, options) = (phases(2), FitOptions::default());
    let fit = |sample: &PurchaseSample| MbgCnbd::fit_with_k(sample, k, &options).unwrap();
    let own = fit(&sample_of(&customers));
    for unit in [TimeUnit::Second, TimeUnit::Day, TimeUnit::Year] {
        let changed: Vec<_> = customers.iter().map(|c| c.in_unit(unit)).collect();
        let found = fit(&sample_of(&changed));
        parameters_agree(&found, &own, unit.per(TimeUnit::Week));
        // The density of the purchases has the unit of time^-1 each.
        let purchases: f64 = customers.iter().map(|c| f64::from(c.frequency())).sum();
        let shift = purchases * unit.per(TimeUnit::Week).ln();
        assert_close!(
            found.report().log_likelihood(),
            own.report().log_likelihood() - shift,
            1e-12
        );
    }
    let reversed: Vec<_> = customers.iter().rev().copied().collect();
    parameters_agree(&fit(&sample_of(&reversed)), &own, 1.0);
    let mut weighted = PurchaseSample::default();
    for customer in &customers {
        weighted.add(customer, 3.0).unwrap();
    }
    let weighted = fit(&weighted);
    parameters_agree(&weighted, &own, 1.0);
    assert_close!(
        weighted.report().log_likelihood(),
        3.0 * own.report().log_likelihood(),
        1e-12
    );
    // The models without dropout are nested.
    let nested = own.report().nested_log_likelihood().unwrap();
    assert!(nested < own.report().log_likelihood());
}

#[test]
fn refusals_name_what_is_wrong() {
    let customers = cdnow();
    let unknown: Vec<_> = customers
        .iter()
        .map(|c| RfmSummary::new(c.unit(), c.frequency(), c.recency(), c.age()).unwrap())
        .collect();
    let options = FitOptions::default();
    let error = MbgCnbd::fit(&unknown, &options).map(|f| f.report().log_likelihood());
    assert_eq!(
        error,
        Err(FitError::GapsUnknown {
            model: "MBG/CNBD-k"
        })
    );
    let few = MbgCnbd::fit(&customers[..20], &options);
    assert!(
        matches!(few, Err(FitError::TooFewCustomers { .. })),
        "{few:?}"
    );
    let none: Vec<_> = customers.iter().filter(|c| c.frequency() == 0).collect();
    let none = BgCnbd::fit(none, &options);
    assert!(
        matches!(none, Err(FitError::NoRepeatPurchase { model: "BG/CNBD-k" })),
        "{none:?}"
    );
    for k in [0, 101] {
        assert_eq!(
            Phases::new(k).map_err(|e| e.to_string()),
            Err(format!(
                "CNBD-k parameter `k` must be a whole number from 1 to 100, got {k}.0"
            ))
        );
    }
    let mut parameters = bg_cnbd(3, [0.8, 5.0, 0.8, 2.4]).parameters();
    parameters.a = f64::NAN;
    assert!(BgCnbd::new(parameters).is_err());
    let model = bg_cnbd(3, [0.8, 5.0, 0.8, 2.4]);
    assert!(model.with_values(&[1.0; 3]).is_err());
    assert_eq!(
        model.with_values(&[1.0; 4]).map(|m| m.parameters().k),
        Ok(phases(3))
    );
    let days = RfmSummary::newcomer(TimeUnit::Day);
    assert!(matches!(
        model.posterior(&days),
        Err(QuantityError::UnitMismatch { .. })
    ));
    // A sum without end, and one that ends.
    let newcomer = model.newcomer();
    for answer in [
        newcomer.residual_transactions(DiscountRate::ZERO),
        newcomer.residual_lifetime(DiscountRate::ZERO),
    ] {
        assert!(
            matches!(answer, Err(ModelError::Undefined { found, .. }) if found < 1.0),
            "{answer:?}"
        );
    }
    let ends = bg_cnbd(3, [1.5, 5.0, 1.8, 2.4]).newcomer();
    assert_close!(
        ends.residual_transactions(DiscountRate::ZERO).unwrap(),
        3.2 / 0.8,
        1e-14
    );
    // Of the k/p phases to come each takes α/(r − 1).
    assert_close!(
        ends.residual_lifetime(DiscountRate::ZERO).unwrap(),
        3.0 * 4.0 * 10.0,
        1e-13
    );
}

/// A ridge is centred on a model of one *k*, and pulls no other.
#[test]
fn a_ridge_belongs_to_its_k() {
    let customers = cdnow();
    let centre = mbg_cnbd(2, [0.7, 5.0, 0.9, 1.6]);
    let options = FitOptions::default().with_ridge(Ridge::towards(&centre, 1.0).unwrap());
    let sample = sample_of(&customers[..200]);
    let other = MbgCnbd::fit_with_k(&sample, phases(3), &options);
    assert!(
        matches!(other, Err(FitError::RidgeCentre { .. })),
        "{other:?}"
    );
    let fitted = MbgCnbd::fit_sample(&sample, &options).unwrap();
    assert_eq!(fitted.model().parameters().k, phases(2));
    assert_eq!(
        fitted.report().notes()[0].to_string(),
        "k = 2 is the likeliest of 1"
    );
}

#[cfg(feature = "serde")]
#[test]
fn a_fit_and_its_choice_are_stored_and_read_back() {
    let fitted = MbgCnbd::fit(&cdnow(), &FitOptions::default()).unwrap();
    let stored = serde_json::to_string(&fitted).unwrap();
    assert_eq!(
        serde_json::from_str::<Fitted<MbgCnbd>>(&stored).unwrap(),
        fitted
    );
    for k in ["0", "101", "1.5"] {
        let wrong = stored.replacen("\"k\":1,", &format!("\"k\":{k},"), 1);
        assert!(wrong != stored && serde_json::from_str::<Fitted<MbgCnbd>>(&wrong).is_err());
    }
}

// Regularity.

#[test]
fn regularity_refuses_what_cannot_tell_it() {
    let known = customer(2, 10.0, 20.0, 4.0_f64.ln() + 6.0_f64.ln());
    let once = customer(1, 3.0, 20.0, 3.0_f64.ln());
    let unknown = RfmSummary::new(TimeUnit::Week, 2, 10.0, 20.0).unwrap();
    let equal = customer(3, 9.0, 20.0, 3.0 * 3.0_f64.ln());
    assert_eq!(
        Regularity::of(&[once, once]),
        Err(RegularityError::NoTwoGaps)
    );
    assert_eq!(
        Regularity::of(&[known, unknown, unknown]),
        Err(RegularityError::GapsUnknown { customers: 2.0 })
    );
    assert_eq!(
        Regularity::of(&[equal, equal, once]),
        Err(RegularityError::AllGapsEqual { gaps: 6.0 })
    );
    let mut sample = PurchaseSample::default();
    sample.add(&known, 4.0).unwrap();
    sample.add(&once, 1.0).unwrap();
    let of_sample = Regularity::of_sample(&sample).unwrap();
    let of_four = Regularity::of(&[known, known, known, known, once]).unwrap();
    assert_close!(of_sample.k(), of_four.k(), 1e-12);
    assert_close!(of_sample.standard_error(), of_four.standard_error(), 1e-12);
    assert_close!(of_sample.gaps(), 8.0, 0.0);
    let estimate = of_sample.estimate().unwrap();
    assert_close!(estimate.n_eff(), 4.0, 0.0);
}

#[cfg(feature = "simulate")]
mod simulated {
    use super::*;
    use guanxi::model::{PosteriorDraw, RandomStream};

    const TRUTH: [f64; 4] = [0.8, 2.0, 0.9, 3.0];

    fn simulated<M: PurchaseModel>(model: &M, seed: u64, customers: u64) -> Vec<RfmSummary> {
        (0..customers)
            .map(|i| {
                let age = weeks(104.0 - (i % 84) as f64 / 7.0);
                model.simulate(seed, i, age).unwrap().summary
            })
            .collect()
    }

    /// Fits the model of its own *k* to 40 samples and asserts, of every parameter, that in at least
    /// 38 of them (95 %) the estimate lies within 3 of its own standard errors of the truth, on the
    /// log scale, that the mean of the logarithms lies within 3 of its standard errors of it, and that
    /// the standard errors are 0.7 to 1.4 times the spread.
    fn recovers<M: Parametric + PurchaseModel>(
        truth: &M,
        fit: impl Fn(&PurchaseSample) -> Fitted<M>,
    ) {
        let runs: Vec<Fitted<M>> = (101..141)
            .map(|seed| fit(&sample_of(&simulated(truth, seed, 2000))))
            .collect();
        let n = runs.len() as f64;
        for (i, value) in truth.values().into_iter().enumerate() {
            let name = M::NAMES[i];
            // How far off each is on the log scale, and the error it states there.
            let away: Vec<(f64, f64)> = runs
                .iter()
                .map(|run| {
                    let estimate = &run.report().parameters()[i];
                    let error = estimate.standard_error().unwrap() / estimate.value();
                    ((estimate.value() / value).ln(), error)
                })
                .collect();
            let within = away.iter().filter(|(off, e)| off.abs() <= 3.0 * e).count();
            assert!(
                within >= 38,
                "{name}: {within} of 40 within 3 standard errors"
            );
            let mean = away.iter().map(|(off, _)| off).sum::<f64>() / n;
            let squares: f64 = away.iter().map(|(off, _)| (off - mean).powi(2)).sum();
            let spread = (squares / (n - 1.0)).sqrt();
            assert!(
                mean.abs() <= 3.0 * spread / n.sqrt(),
                "{name}: mean {mean}, spread {spread}"
            );
            let reported = away.iter().map(|(_, e)| e * e).sum::<f64>() / n;
            let ratio = reported.sqrt() / spread;
            assert!(
                (0.7..1.4).contains(&ratio),
                "{name}: standard errors {ratio} of the spread"
            );
        }
    }

    #[test]
    fn bg_cnbd_2_recovers_the_parameters_of_simulated_customers() {
        recovers(&bg_cnbd(2, TRUTH), |sample| {
            BgCnbd::fit_with_k(sample, phases(2), &FitOptions::default()).unwrap()
        });
    }

    #[test]
    fn mbg_cnbd_3_recovers_the_parameters_of_simulated_customers() {
        recovers(&mbg_cnbd(3, TRUTH), |sample| {
            MbgCnbd::fit_with_k(sample, phases(3), &FitOptions::default()).unwrap()
        });
    }

    fn finds<M: Fit<Sample = PurchaseSample> + PurchaseModel>(
        truth: &M,
        k: u32,
        of: impl Fn(&M) -> Phases,
    ) {
        for seed in 1..=10 {
            let customers = simulated(truth, seed, 2000);
            let fitted = M::fit(&customers, &FitOptions::default()).unwrap();
            assert_eq!(of(fitted.model()), phases(k), "seed {seed}");
            let regularity = Regularity::of(&customers).unwrap();
            assert!(
                (regularity.k() - f64::from(k)).abs() <= 4.0 * regularity.standard_error(),
                "{regularity:?}"
            );
            assert_eq!(regularity.phases(), phases(k));
        }
    }

    #[test]
    fn k_of_simulated_customers_is_found() {
        finds(&bg_cnbd(2, TRUTH), 2, |m| m.parameters().k);
        finds(&mbg_cnbd(3, TRUTH), 3, |m| m.parameters().k);
    }

    /// What customers simulated on do in the 39 weeks after is what was forecast of them, within 4
    /// standard errors.
    #[test]
    fn what_is_forecast_of_simulated_customers_happens() {
        for model in [mbg_cnbd(2, TRUTH), mbg_cnbd(6, TRUTH)] {
            let mut sums = [(0.0, 0.0, 0.0); 4];
            for i in 0..10_000 {
                let before = model.simulate(5, i, weeks(39.0)).unwrap();
                let after = model.simulate(5, i, weeks(78.0)).unwrap();
                assert!(after.purchases.starts_with(&before.purchases));
                let bought = after.purchases.len() - before.purchases.len();
                let posterior = model.posterior(&before.summary).unwrap();
                let mut chances = [0.0; 3];
                posterior.purchase_probabilities(weeks(39.0), &mut chances);
                let outcome = |n: usize| f64::from(u8::from(bought == n));
                for ((actual, expected, squares), (a, e)) in sums.iter_mut().zip([
                    (bought as f64, posterior.expected_purchases(weeks(39.0))),
                    (
                        f64::from(u8::from(before.alive)),
                        posterior.probability_alive(),
                    ),
                    (1.0 - outcome(0), posterior.probability_active(weeks(39.0))),
                    (outcome(2), chances[2]),
                ]) {
                    *actual += a;
                    *expected += e;
                    *squares += (a - e) * (a - e);
                }
            }
            for (i, (actual, expected, squares)) in sums.into_iter().enumerate() {
                let error: f64 = f64::sqrt(squares);
                assert!(
                    (actual - expected).abs() <= 4.0 * error,
                    "{i}: {actual} {expected} ± {error}"
                );
            }
        }
    }

    /// What the draws expect on average is what the posterior says exactly, within 4 standard errors.
    #[test]
    fn draws_agree_with_the_exact_answers() {
        for (k, x, t_x, age) in [
            (2, 2, 30.43, 38.86),
            (3, 0, 0.0, 38.86),
            (7, 9, 38.0, 38.86),
        ] {
            let model = mbg_cnbd(k, TRUTH);
            let seen = RfmSummary::new(TimeUnit::Week, x, t_x, age).unwrap();
            let posterior = model.posterior(&seen).unwrap();
            let mut random = RandomStream::new(3, 0);
            let draws: Vec<PosteriorDraw> =
                (0..20_000).map(|_| posterior.draw(&mut random)).collect();
            let rate = fifteen_percent();
            for horizon in [
                Horizon::Infinite,
                Horizon::Finite(weeks(39.0)),
                Horizon::Finite(weeks(5000.0)),
            ] {
                let exact = [
                    posterior.probability_alive(),
                    posterior.mean_rate(),
                    posterior.discounted_purchases(rate, horizon).unwrap(),
                    posterior.discounted_lifetime(rate, horizon).unwrap(),
                ];
                for (i, exact) in exact.into_iter().enumerate() {
                    let (mut sum, mut squares) = (0.0, 0.0);
                    for draw in &draws {
                        let future = posterior.drawn_future(draw, rate, horizon);
                        let value = match i {
                            0 => f64::from(u8::from(draw.alive)),
                            1 => draw.rate,
                            2 => future.purchases,
                            _ => future.lifetime,
                        };
                        sum += value;
                        squares += value * value;
                    }
                    let n = draws.len() as f64;
                    let mean: f64 = sum / n;
                    let error = ((squares / n - mean * mean).max(0.0) / n).sqrt();
                    assert!(
                        (mean - exact).abs() <= 4.0 * error,
                        "{i} of {k}: {mean} ± {error}, exactly {exact}"
                    );
                }
            }
        }
    }
}
