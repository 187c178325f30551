//! Laws that the purchase and spend models obey for all input.

mod support;

use guanxi::model::{
    BgNbd, Fit, FitOptions, GammaGamma, MbgNbd, Parametric, ParetoNbd, PurchaseModel,
    PurchasePosterior, PurchaseSample, Sample, SpendModel, SpendPosterior,
};
use guanxi::quantity::{Currency, DiscountRate, Horizon, Span, TimeUnit};
use guanxi::summary::{RfmSummary, SpendSummary};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use support::assert_close;
use support::cdnow::{self, Weeks};
use support::models::{
    Ask, any_customer, customer, each_model, extreme, extreme_customer, force, gamma_gamma,
    log_uniform, pareto_nbd, plausible, weeks,
};

/// Whether two numbers agree, relative above 1 and absolute below.
fn near(found: f64, expected: f64, within: f64) -> bool {
    (found - expected).abs() <= within * expected.abs().max(1.0)
}

/// Whether one number is at least another, but for rounding.
fn at_least(high: f64, low: f64) -> bool {
    high >= low - 1e-11 * low.abs()
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_101),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// While nothing but silence passes, P(alive) can only fall.
    #[test]
    fn silence_never_raises_p_alive(p in plausible(), c in any_customer(), wait in 0.0..100.0_f64) {
        let later = customer(c.frequency(), c.recency(), c.age() + wait);
        for model in each_model(p) {
            let (before, after) = (model.about(&c), model.about(&later));
            prop_assert!(after.ln_odds_alive() <= before.ln_odds_alive() + 1e-12, "{model:?}");
            prop_assert!(after.probability_alive() <= before.probability_alive() + 1e-15);
        }
    }

    /// "No purchase until T + t" is the same history observed longer.
    #[test]
    fn p_active_is_what_a_longer_silence_loses(p in plausible(), c in any_customer(), t in log_uniform(0.01, 200.0)) {
        let longer = customer(c.frequency(), c.recency(), c.age() + t);
        for model in each_model(p) {
            let (now, then) = (model.about(&c), model.about(&longer));
            let lost = -(then.ln_likelihood() - now.ln_likelihood()).exp_m1();
            // What is left of the difference has the rounding of the log-likelihoods.
            let within = 1e-9 + 1e-14 * now.ln_likelihood().abs();
            let found = now.probability_active(weeks(t));
            prop_assert!((found - lost).abs() <= within, "{model:?}: {found} {lost}");
        }
    }

    /// The distribution of the count sums to 1, has the expected purchases as its mean, and its
    /// chance of none is 1 − P(active).
    #[test]
    fn the_distribution_agrees_with_the_answers_it_implies(p in plausible(), c in any_customer(), t in log_uniform(0.1, 60.0)) {
        for model in each_model(p) {
            let posterior = model.about(&c);
            let mut probabilities = vec![0.0; 4000];
            posterior.purchase_probabilities(weeks(t), &mut probabilities);
            prop_assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
            let active = posterior.probability_active(weeks(t));
            prop_assert!(near(1.0 - probabilities[0], active, 1e-11), "{model:?}");
            let total: f64 = probabilities.iter().sum();
            let mean: f64 = probabilities.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
            prop_assert!(near(total, 1.0, 1e-9), "{model:?}: {total}");
            let expected = posterior.expected_purchases(weeks(t));
            prop_assert!(near(mean, expected, 1e-8), "{model:?}: {mean} {expected}");
        }
    }

    /// Asking for fewer probabilities changes none of them.
    #[test]
    fn a_probability_does_not_depend_on_how_many_are_asked_for(p in plausible(), c in any_customer(), t in 0.1..60.0_f64) {
        for model in each_model(p) {
            let posterior = model.about(&c);
            let (mut few, mut many) = ([0.0; 3], [0.0; 80]);
            posterior.purchase_probabilities(weeks(t), &mut few);
            posterior.purchase_probabilities(weeks(t), &mut many);
            for (few, many) in few.iter().zip(many) {
                prop_assert!((few - many).abs() <= 1e-11 * many, "{model:?}: {few} {many}");
            }
        }
    }

    /// More time brings more purchases, none in no time; discount takes away.
    #[test]
    fn purchases_grow_with_the_horizon_and_shrink_with_the_discount(p in plausible(), c in any_customer(), t in 0.1..100.0_f64, more in 1.0..3.0_f64, delta in log_uniform(1e-4, 1.0)) {
        for model in each_model(p) {
            let posterior = model.about(&c);
            let (short, long) = (weeks(t), weeks(t * more));
            prop_assert!(posterior.expected_purchases(weeks(0.0)) == 0.0);
            prop_assert!(posterior.probability_active(weeks(0.0)) == 0.0);
            prop_assert!(at_least(posterior.expected_purchases(long), posterior.expected_purchases(short)));
            let within = |delta: f64, span: Span| {
                let rate = if delta > 0.0 { force(delta) } else { DiscountRate::ZERO };
                let horizon = Horizon::Finite(span);
                (
                    posterior.discounted_purchases(rate, horizon).unwrap(),
                    posterior.discounted_lifetime(rate, horizon).unwrap(),
                )
            };
            let (plain, discounted, later) = (within(0.0, short), within(delta, short), within(delta, long));
            prop_assert!(near(plain.0, posterior.expected_purchases(short), 1e-10));
            prop_assert!(at_least(plain.0, discounted.0) && at_least(plain.1, discounted.1));
            prop_assert!(at_least(later.0, discounted.0) && at_least(later.1, discounted.1));
            // A lifetime within the horizon is no longer than the horizon.
            prop_assert!(at_least(t, plain.1));
            prop_assert!(within(delta, weeks(0.0)) == (0.0, 0.0));
        }
    }

    /// The horizon recedes and the finite answers become the infinite ones, which fall as the
    /// discount rises.
    #[test]
    fn finite_horizons_lead_to_the_infinite_one(p in plausible(), c in any_customer(), delta in log_uniform(1e-3, 1.0)) {
        for model in each_model(p) {
            let posterior = model.about(&c);
            let far = Horizon::Finite(weeks(60.0 / delta));
            let dert = posterior.residual_transactions(force(delta)).unwrap();
            let delt = posterior.residual_lifetime(force(delta)).unwrap();
            let found = posterior.discounted_purchases(force(delta), far).unwrap();
            prop_assert!((found - dert).abs() <= 1e-10 * dert, "{model:?}: {found} {dert}");
            let found = posterior.discounted_lifetime(force(delta), far).unwrap();
            prop_assert!((found - delt).abs() <= 1e-10 * delt, "{model:?}: {found} {delt}");
            prop_assert!(dert >= posterior.residual_transactions(force(1.1 * delta)).unwrap());
            prop_assert!(delt >= posterior.residual_lifetime(force(1.1 * delta)).unwrap());
            // A customer is worth no more than one who never leaves.
            prop_assert!(at_least(posterior.probability_alive() / delta, delt));
        }
    }

    /// Whatever the parameters and the customer, every answer is a number in its range.
    #[test]
    fn no_valid_input_gives_nan_or_infinity(p in extreme(), c in extreme_customer(), t in log_uniform(1e-6, 1e4), delta in log_uniform(1e-6, 1.0)) {
        for model in each_model(p) {
            let posterior = model.about(&c);
            prop_assert!(posterior.ln_likelihood().is_finite(), "{model:?}");
            prop_assert!(!posterior.ln_odds_alive().is_nan());
            let alive = posterior.probability_alive();
            let active = posterior.probability_active(weeks(t));
            let expected = posterior.expected_purchases(weeks(t));
            prop_assert!((0.0..=1.0).contains(&alive));
            prop_assert!((0.0..=1.0).contains(&active) && at_least(alive, active), "{model:?}: {alive} {active}");
            // Markov: the chance of any purchase is at most their expected number.
            prop_assert!(expected.is_finite() && at_least(expected, active), "{model:?}: {expected} {active}");
            let (dert, delt) = (
                posterior.residual_transactions(force(delta)).unwrap(),
                posterior.residual_lifetime(force(delta)).unwrap(),
            );
            prop_assert!(dert.is_finite() && dert >= 0.0, "{model:?}: {dert}");
            prop_assert!(delt >= 0.0 && at_least(alive / delta, delt), "{model:?}: {delt}");
            let rate = posterior.mean_rate();
            prop_assert!(rate.is_finite() && rate > 0.0, "{model:?}: {rate}");
            let mut probabilities = [0.0; 8];
            posterior.purchase_probabilities(weeks(t), &mut probabilities);
            let total: f64 = probabilities.iter().sum();
            prop_assert!(probabilities.iter().all(|p| *p >= 0.0) && total <= 1.0 + 1e-9, "{model:?}: {probabilities:?}");
        }
    }

    /// A newcomer is a customer of whom nothing has been seen yet.
    #[test]
    fn a_newcomer_is_a_customer_without_history(p in extreme(), t in log_uniform(0.1, 100.0)) {
        let unseen = customer(0, 0.0, 0.0);
        for model in each_model(p) {
            let (new, seen) = (model.about_newcomer(), model.about(&unseen));
            prop_assert!(new.ln_likelihood().abs() < 1e-12 && new.n_eff() == 0.0);
            prop_assert!(seen.n_eff() == 0.0);
            for (new, seen) in [
                (new.probability_alive(), seen.probability_alive()),
                (new.expected_purchases(weeks(t)), seen.expected_purchases(weeks(t))),
                (new.probability_active(weeks(t)), seen.probability_active(weeks(t))),
                (new.mean_rate(), seen.mean_rate()),
            ] {
                prop_assert!(new.to_bits() == seen.to_bits());
            }
        }
    }

    /// With time k times finer, α (and β) are k times larger and the answers the same.
    #[test]
    fn no_answer_depends_on_the_unit_of_time(p in plausible(), c in any_customer(), t in log_uniform(0.1, 100.0)) {
        let daily = c.in_unit(TimeUnit::Day);
        let [r, alpha, third, fourth] = p;
        let days = |length: f64| Span::days(length).unwrap();
        let in_days: [Box<dyn Ask>; 3] = [
            Box::new(guanxi::model::BgNbd::new(guanxi::model::BgNbdParameters { unit: TimeUnit::Day, r, alpha: 7.0 * alpha, a: third, b: fourth }).unwrap()),
            Box::new(guanxi::model::MbgNbd::new(guanxi::model::MbgNbdParameters { unit: TimeUnit::Day, r, alpha: 7.0 * alpha, a: third, b: fourth }).unwrap()),
            Box::new(guanxi::model::ParetoNbd::new(guanxi::model::ParetoNbdParameters { unit: TimeUnit::Day, r, alpha: 7.0 * alpha, s: third, beta: 7.0 * fourth }).unwrap()),
        ];
        for (weekly_model, daily_model) in each_model(p).iter().zip(&in_days) {
            let (w, d) = (weekly_model.about(&c), daily_model.about(&daily));
            let rate = DiscountRate::annual(0.1).unwrap();
            for (w, d) in [
                (w.probability_alive(), d.probability_alive()),
                (w.expected_purchases(weeks(t)), d.expected_purchases(days(7.0 * t))),
                (w.probability_active(weeks(t)), d.probability_active(days(7.0 * t))),
                (w.residual_transactions(rate).unwrap(), d.residual_transactions(rate).unwrap()),
                (7.0 * w.residual_lifetime(rate).unwrap(), d.residual_lifetime(rate).unwrap()),
                (w.mean_rate(), 7.0 * d.mean_rate()),
            ] {
                prop_assert!((w - d).abs() <= 1e-9 * w, "{w} {d}");
            }
            // The density of x purchase instants has the unit of time^-x.
            let shift = f64::from(c.frequency()) * 7.0_f64.ln();
            prop_assert!(near(d.ln_likelihood(), w.ln_likelihood() - shift, 1e-11));
        }
    }

    /// The expected spend lies between the customer's own mean and the population's, nearer to the
    /// former the more is known, and scales with the currency.
    #[test]
    fn spend_is_shrunk_towards_the_population(p in log_uniform(0.3, 30.0), q in log_uniform(1.1, 30.0), gamma in log_uniform(0.1, 1e4), n in 1_u32..200, mean in log_uniform(0.01, 1e6)) {
        let model = gamma_gamma([p, q, gamma]);
        let seen = |n: u32| SpendSummary::of_repeat_transactions(n, mean, Currency::USD).unwrap();
        let expected = |n: u32| model.posterior(Some(&seen(n))).unwrap().expected_spend();
        let population = model.posterior(None).unwrap().expected_spend();
        let found = expected(n);
        prop_assert!(at_least(found, population.min(mean)) && at_least(population.max(mean), found));
        prop_assert!(at_least((found - mean).abs() * (1.0 + 1e-9) + 1e-9 * mean, (expected(n + 1) - mean).abs()));
        let cents = gamma_gamma([p, q, gamma * 100.0]);
        let seen = SpendSummary::of_repeat_transactions(n, mean * 100.0, Currency::USD).unwrap();
        prop_assert!(near(cents.posterior(Some(&seen)).unwrap().expected_spend() / found, 100.0, 1e-12));
    }

    /// Any valid spend gives a number.
    #[test]
    fn no_valid_spend_gives_nan_or_infinity(p in log_uniform(1e-6, 1e6), q in log_uniform(1.000_001, 1e6), gamma in log_uniform(1e-6, 1e6), n in 1_u32..5000, mean in log_uniform(1e-6, 1e12)) {
        let model = gamma_gamma([p, q, gamma]);
        let seen = SpendSummary::of_repeat_transactions(n, mean, Currency::USD).unwrap();
        let posterior = model.posterior(Some(&seen)).unwrap();
        prop_assert!(posterior.ln_likelihood().is_finite());
        prop_assert!(posterior.expected_spend().is_finite() && posterior.expected_spend() > 0.0);
    }
}

/// Buying more often before the same silence first raises what a customer is worth and then lowers
/// it, so that no score that rises with frequency can be a value (iso-value curves).
#[test]
fn value_is_not_monotone_in_frequency() {
    let model = pareto_nbd(support::models::PARETO);
    let worth: Vec<f64> = (1..30)
        .map(|x| {
            let posterior = model.posterior(&customer(x, 15.0, 38.86)).unwrap();
            posterior.residual_transactions(force(0.00269)).unwrap()
        })
        .collect();
    let best = worth.iter().copied().fold(0.0, f64::max);
    assert!(worth[0] < 0.8 * best && worth[28] < 0.01 * best);
    // It rises to its peak and falls from there.
    let peak = worth
        .iter()
        .position(|w| w.total_cmp(&best).is_eq())
        .unwrap();
    assert!(worth[..=peak].windows(2).all(|w| w[0] < w[1]));
    assert!(worth[peak..].windows(2).all(|w| w[0] > w[1]));
}

// Equivariance of the fits, on CDNOW.

fn refits<M: Fit<Sample = PurchaseSample> + PurchaseModel>(
    reference: &M,
    customers: &[RfmSummary],
    time: f64,
    scaled: &[usize],
) {
    let fitted = M::fit(customers, &FitOptions::default()).unwrap();
    for (i, (found, own)) in fitted
        .model()
        .values()
        .into_iter()
        .zip(reference.values())
        .enumerate()
    {
        let factor = if scaled.contains(&i) { time } else { 1.0 };
        assert_close!(found, own * factor, 1e-8, "{} {}", M::MODEL, M::NAMES[i]);
    }
}

fn fits_agree_after(change: impl Fn(&[RfmSummary]) -> Vec<RfmSummary>, time: f64) {
    let customers = cdnow::customers(Weeks::Exact);
    let changed = change(&customers);
    let options = FitOptions::default();
    refits(
        BgNbd::fit(&customers, &options).unwrap().model(),
        &changed,
        time,
        &[1],
    );
    refits(
        MbgNbd::fit(&customers, &options).unwrap().model(),
        &changed,
        time,
        &[1],
    );
    refits(
        ParetoNbd::fit(&customers, &options).unwrap().model(),
        &changed,
        time,
        &[1, 3],
    );
}

#[test]
fn no_fit_depends_on_the_unit_of_time() {
    use TimeUnit::{Day, Hour, Minute, Month, Second, Week, Year};
    for unit in [Second, Minute, Hour, Day, Month, Year] {
        fits_agree_after(
            |customers| customers.iter().map(|c| c.in_unit(unit)).collect(),
            unit.per(Week),
        );
    }
}

#[test]
fn no_fit_depends_on_the_order_of_customers() {
    fits_agree_after(|customers| customers.iter().rev().copied().collect(), 1.0);
}

#[test]
fn a_row_of_weight_n_is_n_equal_rows() {
    fn agrees<M: Fit<Sample = PurchaseSample>>() {
        let customers = cdnow::customers(Weeks::Exact);
        let tripled: Vec<_> = customers.iter().flat_map(|c| [*c; 3]).collect();
        let mut weighted = PurchaseSample::default();
        for customer in &customers {
            weighted.add(customer, 3.0).unwrap();
        }
        let options = FitOptions::default();
        let rows = M::fit(&tripled, &options).unwrap();
        let weights = M::fit_sample(&weighted, &options).unwrap();
        assert_close!(
            weights.report().log_likelihood(),
            rows.report().log_likelihood(),
            1e-13
        );
        assert_eq!(weights.report().rows(), rows.report().rows());
        assert_close!(weights.report().customers(), 3.0 * 2357.0, 0.0);
        let once = M::fit(&customers, &options).unwrap();
        for ((w, r), o) in weights
            .report()
            .parameters()
            .iter()
            .zip(rows.report().parameters())
            .zip(once.report().parameters())
        {
            assert_close!(w.value(), r.value(), 1e-9);
            assert_close!(w.value(), o.value(), 1e-8);
            // Three times the data, the root of a third of the variance.
            let third = o.standard_error().unwrap() / 3_f64.sqrt();
            assert_close!(w.standard_error().unwrap(), third, 1e-6);
        }
    }
    agrees::<BgNbd>();
    agrees::<MbgNbd>();
    agrees::<ParetoNbd>();
}

#[test]
fn no_fit_of_spend_depends_on_the_unit_of_money() {
    let customers = cdnow::customers(Weeks::Exact);
    let options = FitOptions::default();
    let own = GammaGamma::fit(&customers, &options)
        .unwrap()
        .into_model()
        .values();
    for factor in [0.01, 100.0, 1e6] {
        let scaled: Vec<_> = customers
            .iter()
            .map(|c| match c.spend() {
                Some(spend) => {
                    let (n, mean) = (spend.transactions(), spend.mean() * factor);
                    let spend = SpendSummary::of_repeat_transactions(n, mean, spend.currency());
                    c.with_spend(spend.unwrap()).unwrap()
                }
                None => *c,
            })
            .collect();
        let found = GammaGamma::fit(&scaled, &options)
            .unwrap()
            .into_model()
            .values();
        assert_close!(found[0], own[0], 1e-8);
        assert_close!(found[1], own[1], 1e-8);
        assert_close!(found[2], own[2] * factor, 1e-8);
    }
}

/// The report's log-likelihood is the sum of what the model says of each customer.
#[test]
fn a_fit_reports_the_likelihood_that_its_model_gives() {
    fn agrees<M: Fit<Sample = PurchaseSample> + PurchaseModel>() {
        let customers = cdnow::customers(Weeks::Exact);
        let fitted = M::fit(&customers, &FitOptions::default()).unwrap();
        let ll: f64 = customers
            .iter()
            .map(|c| fitted.model().posterior(c).unwrap().ln_likelihood())
            .sum();
        let report = fitted.report();
        assert_close!(report.log_likelihood(), ll, 1e-13);
        assert_close!(report.aic(), 8.0 - 2.0 * ll, 1e-13);
        assert_close!(report.bic(), 4.0 * 2357_f64.ln() - 2.0 * ll, 1e-13);
    }
    agrees::<BgNbd>();
    agrees::<MbgNbd>();
    agrees::<ParetoNbd>();
}
