//! What the models refuse and in which words, and what a fit says of data that cannot speak.

mod support;

use guanxi::model::{
    BgNbd, BgNbdParameters, Boundary, Fit, FitError, FitOptions, Fitted, GammaGamma, MbgNbd,
    ModelError, Note, ParameterError, Parametric, ParetoNbd, ParetoNbdParameters, PurchaseModel,
    PurchasePosterior, PurchaseSample, Ridge, Sample, SpendModel, SpendSample,
};
use guanxi::quantity::{Currency, DiscountRate, Probability, QuantityError, TimeUnit};
use guanxi::summary::{RfmSummary, SpendBasis, SpendSummary};
use support::assert_close;
use support::cdnow::{self, Weeks};
use support::models::{BG, MBG, PARETO, SPEND, bg_nbd, customer, gamma_gamma, mbg_nbd, pareto_nbd};

fn cdnow() -> Vec<RfmSummary> {
    cdnow::customers(Weeks::Exact)
}

fn options() -> FitOptions {
    FitOptions::default()
}

fn says(error: &impl std::fmt::Display, message: &str) {
    assert_eq!(error.to_string(), message);
}

fn spender(n: u32, mean: f64, currency: Currency) -> RfmSummary {
    let spend = SpendSummary::of_repeat_transactions(n, mean, currency).unwrap();
    customer(n, 1.0, 2.0).with_spend(spend).unwrap()
}

// Parameters.

#[test]
fn each_parameter_outside_its_range_is_named() {
    let good = BgNbdParameters {
        unit: TimeUnit::Week,
        r: 0.243,
        alpha: 4.414,
        a: 0.793,
        b: 2.426,
    };
    let refused = BgNbd::new(BgNbdParameters { r: -0.1, ..good }).unwrap_err();
    says(
        &refused,
        "BG/NBD parameter `r` must be a number from 1e-12 to 1e12, got -0.1",
    );
    let refused = BgNbd::new(BgNbdParameters { a: 1e300, ..good }).unwrap_err();
    says(
        &refused,
        "BG/NBD parameter `a` must be a number from 1e-12 to 1e12, got 1e300",
    );
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-13, 1e13] {
        for i in 0..4 {
            let mut values = BG;
            values[i] = bad;
            for (refused, model, names) in [
                (
                    bg_nbd(BG).with_values(&values).err(),
                    "BG/NBD",
                    BgNbd::NAMES,
                ),
                (
                    mbg_nbd(MBG).with_values(&values).err(),
                    "MBG/NBD",
                    MbgNbd::NAMES,
                ),
                (
                    pareto_nbd(PARETO).with_values(&values).err(),
                    "Pareto/NBD",
                    ParetoNbd::NAMES,
                ),
            ] {
                let Some(ParameterError::Domain {
                    model: of,
                    parameter,
                    expected,
                    found,
                }) = refused
                else {
                    panic!("{bad} was accepted as {} of {model}", names[i]);
                };
                assert_eq!((of, parameter.as_ref()), (model, names[i]));
                assert_eq!(expected, "a number from 1e-12 to 1e12");
                assert_eq!(found.to_bits(), bad.to_bits());
            }
        }
    }
    let refused = gamma_gamma(SPEND)
        .with_values(&[6.25, 0.0, 15.44])
        .unwrap_err();
    says(
        &refused,
        "Gamma–Gamma parameter `q` must be a number from 1e-12 to 1e12, got 0.0",
    );
}

#[test]
fn the_ends_of_the_range_are_parameters() {
    for value in [1e-12, 1e12] {
        assert!(bg_nbd(BG).with_values(&[value; 4]).is_ok());
        assert!(gamma_gamma(SPEND).with_values(&[value; 3]).is_ok());
    }
}

#[test]
fn the_wrong_number_of_parameters_is_refused() {
    let refused = pareto_nbd(PARETO).with_values(&[1.0; 3]).unwrap_err();
    says(&refused, "Pareto/NBD has 4 parameters, got 3");
    let refused = gamma_gamma(SPEND).with_values(&[1.0; 4]).unwrap_err();
    says(&refused, "Gamma–Gamma has 3 parameters, got 4");
}

// Answers.

#[test]
fn an_infinite_sum_is_an_error_that_names_its_condition() {
    let bg = bg_nbd(BG).newcomer();
    says(
        &bg.residual_transactions(DiscountRate::ZERO).unwrap_err(),
        "residual transactions exist only if a > 1, or with a discount rate or a horizon, got 0.793",
    );
    says(
        &bg.residual_lifetime(DiscountRate::ZERO).unwrap_err(),
        "residual lifetimes exist only if a > 1, or with a discount rate or a horizon, got 0.793",
    );
    let seldom = bg_nbd([0.5, 5.0, 3.0, 4.0]).newcomer();
    says(
        &seldom.residual_lifetime(DiscountRate::ZERO).unwrap_err(),
        "residual lifetimes exist only if r + x > 1, or with a discount rate or a horizon, got 0.5",
    );
    let pareto = pareto_nbd(PARETO).newcomer();
    says(
        &pareto
            .residual_transactions(DiscountRate::ZERO)
            .unwrap_err(),
        "residual transactions exist only if s > 1, or with a discount rate or a horizon, got 0.606",
    );
    assert!(
        mbg_nbd(MBG)
            .newcomer()
            .residual_lifetime(DiscountRate::ZERO)
            .is_err()
    );
}

#[test]
fn a_mean_spend_that_does_not_exist_is_an_error() {
    let model = gamma_gamma([6.25, 0.9, 15.44]);
    says(
        &model.posterior(None).unwrap_err(),
        "mean amounts to spend exist only if p·n + q > 1 after n transactions, got 0.9",
    );
    let seen = SpendSummary::of_repeat_transactions(1, 20.0, Currency::USD).unwrap();
    assert!(model.posterior(Some(&seen)).is_ok());
}

#[test]
fn a_customer_in_another_unit_is_refused() {
    let days = RfmSummary::new(TimeUnit::Day, 2, 213.0, 272.0).unwrap();
    let refused = bg_nbd(BG).posterior(&days).unwrap_err();
    assert_eq!(
        refused,
        QuantityError::UnitMismatch {
            expected: TimeUnit::Week,
            found: TimeUnit::Day
        }
    );
    assert_eq!(mbg_nbd(MBG).posterior(&days).unwrap_err(), refused);
    assert_eq!(pareto_nbd(PARETO).posterior(&days).unwrap_err(), refused);
    // Asked in its own unit, the customer is welcome.
    assert!(bg_nbd(BG).posterior(&days.in_unit(TimeUnit::Week)).is_ok());
}

#[test]
fn spend_in_another_currency_is_refused() {
    let euros = SpendSummary::of_repeat_transactions(2, 22.35, Currency::EUR).unwrap();
    assert_eq!(
        gamma_gamma(SPEND).posterior(Some(&euros)).unwrap_err(),
        ModelError::Quantity(QuantityError::CurrencyMismatch {
            expected: Currency::USD,
            found: Currency::EUR
        })
    );
}

#[cfg(feature = "simulate")]
#[test]
fn a_simulated_customer_who_never_stops_is_refused() {
    use guanxi::model::SimulationError;
    use guanxi::quantity::Span;

    // A billion purchases a week, and no dropout.
    let model = bg_nbd([1e9, 1.0, 1e-12, 1e12]);
    let refused = model.simulate(1, 0, Span::weeks(1.0).unwrap()).unwrap_err();
    let SimulationError::TooManyPurchases { limit, rate } = refused else {
        panic!("{refused:?}");
    };
    says(
        &refused,
        &format!("a simulated customer may make {limit} purchases, got more at a rate of {rate}"),
    );
    assert_eq!(limit, 10_000_000);
    assert_close!(rate, 1e9, 1e-3);
}

#[cfg(feature = "simulate")]
#[test]
fn a_mean_of_no_simulated_transactions_is_refused() {
    says(
        &gamma_gamma(SPEND).simulate(1, 0, 0).unwrap_err(),
        "number of transactions behind a mean spend must be at least 1, got 0.0",
    );
    assert!(gamma_gamma(SPEND).simulate(1, 0, 1).is_ok());
}

// Samples and options.

#[test]
fn a_weight_must_be_positive_and_finite() {
    for weight in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let seen = spender(2, 20.0, Currency::USD);
        let refused = PurchaseSample::default().add(&seen, weight).unwrap_err();
        assert!(matches!(refused, FitError::Weight { .. }));
        assert!(SpendSample::default().add(&seen, weight).is_err());
    }
    says(
        &PurchaseSample::default()
            .add(&customer(0, 0.0, 1.0), -1.0)
            .unwrap_err(),
        "the weight of a row must be a number above 0 and at most 1e15, got -1",
    );
}

#[test]
fn a_sample_is_in_one_unit_and_one_currency() {
    let mut sample = PurchaseSample::default();
    sample.add(&customer(0, 0.0, 1.0), 1.0).unwrap();
    let days = RfmSummary::new(TimeUnit::Day, 0, 0.0, 1.0).unwrap();
    says(
        &sample.add(&days, 1.0).unwrap_err(),
        "a sample is in one unit of time, week, got a customer in day",
    );
    assert_eq!(sample.len(), 1);
    let mut sample = SpendSample::default();
    sample.add(&spender(2, 20.0, Currency::USD), 1.0).unwrap();
    says(
        &sample
            .add(&spender(2, 20.0, Currency::EUR), 1.0)
            .unwrap_err(),
        "a sample is in one currency, USD, got a customer in EUR",
    );
    assert_eq!(sample.len(), 1);
}

#[test]
fn a_sample_takes_mean_spends_over_one_kind_of_transactions() {
    let of_all = |mean| {
        let spend = SpendSummary::of_all_transactions(2, mean, Currency::USD).unwrap();
        customer(2, 1.0, 2.0).with_spend(spend).unwrap()
    };
    let of_repeat = |mean| spender(2, mean, Currency::USD);
    let mut sample = SpendSample::default();
    assert_eq!(sample.basis(), None);
    sample.add(&of_repeat(20.0), 1.0).unwrap();
    sample.add(&customer(1, 1.0, 2.0), 1.0).unwrap(); // without a mean, and welcome
    for mean in [20.0, 0.0] {
        says(
            &sample.add(&of_all(mean), 1.0).unwrap_err(),
            "a sample takes mean spends over repeat transactions, \
             got a customer's over all transactions",
        );
    }
    assert_eq!(sample.len(), 1);
    assert_eq!(sample.basis(), Some(SpendBasis::RepeatTransactions));
    let mixed = [of_all(20.0), of_repeat(20.0)];
    assert_eq!(
        GammaGamma::fit(&mixed, &options()).unwrap_err(),
        FitError::SpendBasisMismatch {
            expected: SpendBasis::AllTransactions,
            found: SpendBasis::RepeatTransactions,
        }
    );
}

#[test]
fn a_fit_to_means_over_all_transactions_says_so() {
    let of_all: Vec<_> = cdnow()
        .iter()
        .filter_map(|c| {
            let spend = c.spend()?;
            let (n, mean) = (spend.transactions(), spend.mean());
            let spend = SpendSummary::of_all_transactions(n, mean, spend.currency()).ok()?;
            c.with_spend(spend).ok()
        })
        .collect();
    let note = Note::SpendBasis(SpendBasis::AllTransactions);
    says(&note, "mean spends are over all transactions");
    let notes = |customers: &[RfmSummary]| {
        let fitted = GammaGamma::fit(customers, &options()).unwrap();
        fitted.report().notes().to_vec()
    };
    assert!(notes(&of_all).contains(&note));
    assert!(
        !notes(&cdnow())
            .iter()
            .any(|n| matches!(n, Note::SpendBasis(_)))
    );
}

#[test]
fn the_strength_of_a_ridge_must_be_positive_and_finite() {
    for strength in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(Ridge::towards(&bg_nbd(BG), strength).is_err());
    }
    says(
        &Ridge::towards(&bg_nbd(BG), -1.0).unwrap_err(),
        "the strength of a ridge must be positive and finite, got -1",
    );
}

#[test]
fn a_ridge_pulls_only_the_model_it_was_made_for() {
    let ridge = Ridge::towards(&bg_nbd(BG), 1.0).unwrap();
    let options = options().with_ridge(ridge);
    says(
        &MbgNbd::fit(&cdnow(), &options).unwrap_err(),
        "the ridge is centred on a BG/NBD (week) model, expected MBG/NBD (week)",
    );
    let days: Vec<_> = cdnow().iter().map(|c| c.in_unit(TimeUnit::Day)).collect();
    says(
        &BgNbd::fit(&days, &options).unwrap_err(),
        "the ridge is centred on a BG/NBD (week) model, expected BG/NBD (day)",
    );
}

// Fits.

#[test]
fn fewer_than_thirty_customers_are_refused() {
    let few = &cdnow()[..29];
    says(
        &BgNbd::fit(few, &options()).unwrap_err(),
        "fitting BG/NBD needs 30 customers, got 29; a ridge lifts this limit",
    );
    assert!(MbgNbd::fit(few, &options()).is_err());
    assert!(ParetoNbd::fit(few, &options()).is_err());
    let none: [RfmSummary; 0] = [];
    says(
        &BgNbd::fit(&none, &options()).unwrap_err(),
        "fitting BG/NBD needs 1 customers, got 0; a ridge lifts this limit",
    );
}

#[test]
fn thirty_customers_are_enough() {
    let few = &cdnow()[..30];
    assert!(BgNbd::fit(few, &options()).is_ok());
    assert!(MbgNbd::fit(few, &options()).is_ok());
    assert!(ParetoNbd::fit(few, &options()).is_ok());
}

#[test]
fn data_in_which_nobody_came_back_are_refused() {
    for age in [0.0, 38.86] {
        let customers = vec![customer(0, 0.0, age); 100];
        says(
            &BgNbd::fit(&customers, &options()).unwrap_err(),
            "fitting BG/NBD needs customers with a repeat purchase, got none",
        );
        assert!(MbgNbd::fit(&customers, &options()).is_err());
        assert!(ParetoNbd::fit(&customers, &options()).is_err());
        says(
            &GammaGamma::fit(&customers, &options()).unwrap_err(),
            "fitting Gamma–Gamma needs customers with a repeat purchase, got none",
        );
    }
}

#[test]
fn a_search_cut_short_says_what_it_reached() {
    let hasty = options().with_iterations(1);
    for refused in [
        BgNbd::fit(&cdnow(), &hasty).unwrap_err(),
        MbgNbd::fit(&cdnow(), &hasty).unwrap_err(),
        ParetoNbd::fit(&cdnow(), &hasty).unwrap_err(),
        GammaGamma::fit(&cdnow(), &hasty).unwrap_err(),
    ] {
        let FitError::NotConverged {
            model,
            iterations,
            gradient_norm,
            log_likelihood,
            parameters,
        } = &refused
        else {
            panic!("{refused:?}");
        };
        assert_eq!(*iterations, 1);
        assert!(*gradient_norm > 1e-6 && gradient_norm.is_finite());
        assert!(parameters.iter().all(|p| *p > 0.0 && p.is_finite()));
        says(
            &refused,
            &format!(
                "the search for {model} did not settle in 1 iterations: \
                 gradient {gradient_norm:e} at log-likelihood {log_likelihood}"
            ),
        );
    }
}

#[test]
fn data_that_leave_a_parameter_undetermined_are_an_error() {
    // Means as 1/u³ for even u, to the hundred millions: no scale of spend can be told.
    let customers: Vec<_> = (1..500)
        .map(|i| spender(2, (f64::from(i) / 500.0).powi(-3), Currency::USD))
        .collect();
    let refused = GammaGamma::fit(&customers, &options()).unwrap_err();
    let FitError::NotIdentified {
        model,
        curvature,
        log_likelihood,
        parameters,
    } = &refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!((*model, parameters.len()), ("Gamma–Gamma", 3));
    says(
        &refused,
        &format!(
            "the data do not identify the parameters of Gamma–Gamma: \
             curvature {curvature:e} at log-likelihood {log_likelihood}"
        ),
    );
}

#[test]
fn an_estimate_beyond_the_range_of_parameters_is_refused() {
    // As if CDNOW had lasted a hundred billion times longer.
    let slow: Vec<_> = cdnow()
        .iter()
        .map(|c| customer(c.frequency(), c.recency() * 1e13, c.age() * 1e13))
        .collect();
    let refused = BgNbd::fit(&slow, &options()).unwrap_err();
    let FitError::Parameter(ParameterError::Domain { parameter, .. }) = &refused else {
        panic!("{refused:?}");
    };
    assert_eq!(*parameter, "alpha");
    assert!(
        refused
            .to_string()
            .starts_with("BG/NBD parameter `alpha` must be a number from")
    );
}

#[test]
fn the_uncertainty_of_an_answer_that_does_not_exist_is_refused() {
    let fitted = BgNbd::fit(&cdnow(), &options()).unwrap();
    let refused = fitted
        .answer(|model| model.newcomer().residual_transactions(DiscountRate::ZERO))
        .unwrap_err();
    assert!(matches!(
        refused,
        FitError::Model(ModelError::Undefined { .. })
    ));
    assert!(
        refused
            .to_string()
            .starts_with("residual transactions exist only if a > 1")
    );
    let refused = fitted
        .answer(|_| Ok::<_, ModelError>(f64::NAN))
        .unwrap_err();
    assert!(matches!(refused, FitError::Quantity(_)), "{refused:?}");
}

/// Nothing that a fit reports is NaN or infinite, and a parameter has a standard error unless it
/// ran to a boundary.
fn is_sound<M: Parametric>(fitted: &Fitted<M>) {
    let report = fitted.report();
    assert!(report.log_likelihood().is_finite());
    assert!(report.gradient_norm() <= 1e-6);
    assert!(report.curvature().is_finite());
    for parameter in report.parameters() {
        assert!(parameter.value().is_finite());
        match parameter.standard_error() {
            Some(error) => assert!(error.is_finite() && error > 0.0, "{parameter:?}"),
            None => assert!(report.boundary().is_some(), "{parameter:?}"),
        }
        assert_eq!(
            parameter.standard_error().is_some(),
            parameter.interval().is_some()
        );
    }
    let mut notes = report.notes().to_vec();
    let count = notes.len();
    notes.dedup();
    assert_eq!(notes.len(), count, "{notes:?}");
}

#[test]
fn a_customer_a_hundred_times_older_moves_the_estimates_a_little() {
    fn moves_little<M: Fit<Sample = PurchaseSample>>() {
        let customers = cdnow();
        let before = M::fit(&customers, &options()).unwrap();
        let mut after = customers;
        after.push(customer(3, 1000.0, 3886.0));
        let after = M::fit(&after, &options()).unwrap();
        is_sound(&after);
        assert_eq!(after.report().boundary(), None);
        for (old, new) in before
            .report()
            .parameters()
            .iter()
            .zip(after.report().parameters())
        {
            // Less than the data themselves leave open.
            let moved = (new.value() - old.value()).abs();
            assert!(
                moved < 0.5 * old.standard_error().unwrap(),
                "{old:?} {new:?}"
            );
        }
    }
    moves_little::<BgNbd>();
    moves_little::<MbgNbd>();
    moves_little::<ParetoNbd>();
}

#[cfg(feature = "simulate")]
mod boundaries {
    use super::*;
    use guanxi::model::PurchaseModel;
    use guanxi::quantity::Span;

    fn simulated(model: &impl PurchaseModel, count: u64) -> Vec<RfmSummary> {
        let age = Span::weeks(52.0).unwrap();
        (0..count)
            .map(|i| model.simulate(7, i, age).unwrap().summary)
            .collect()
    }

    fn runs_to<M: Fit<Sample = PurchaseSample>>(customers: &[RfmSummary], boundary: Boundary) {
        let fitted = M::fit(customers, &options()).unwrap();
        is_sound(&fitted);
        let notes = fitted.report().notes();
        assert!(
            notes.contains(&Note::AtBoundary(boundary)),
            "{}: {notes:?}",
            M::MODEL
        );
    }

    #[test]
    fn customers_who_never_leave_end_at_no_dropout() {
        let customers = simulated(&bg_nbd([0.8, 6.0, 1e-9, 50.0]), 1000);
        runs_to::<BgNbd>(&customers, Boundary::NoDropout);
        runs_to::<ParetoNbd>(&customers, Boundary::NoDropout);
        // A few more than an NBD expects did not come back: to a model with a chance to drop out right
        // at the start they left there, and nobody after.
        runs_to::<MbgNbd>(&customers, Boundary::PolarisedDropout);
        let mbg = MbgNbd::fit(&customers, &options()).unwrap();
        let gained = mbg.report().log_likelihood() - mbg.report().nested_log_likelihood().unwrap();
        assert!((gained - 0.868).abs() < 1e-3, "{gained}");
        let report = BgNbd::fit(&customers, &options()).unwrap();
        assert_eq!(report.report().boundary(), Some(Boundary::NoDropout));
        assert_eq!(
            report.report().notes()[0].to_string(),
            "the estimates ran to a boundary: no dropout"
        );
        // What remains is the NBD, whose parameters are found again.
        let [r, alpha, ..] = report.report().parameters() else {
            panic!("{report:?}");
        };
        for (found, truth) in [(r, 0.8), (alpha, 6.0)] {
            let error = found.standard_error().unwrap();
            assert!((found.value() - truth).abs() < 3.0 * error, "{found:?}");
        }
    }

    #[test]
    fn customers_of_one_dropout_rate_end_at_homogeneous_dropout() {
        let customers = simulated(&pareto_nbd([0.8, 6.0, 1e9, 2e10]), 1000);
        runs_to::<ParetoNbd>(&customers, Boundary::HomogeneousDropout);
    }

    #[test]
    fn customers_of_one_purchase_rate_end_at_homogeneous_rates() {
        // Counts that vary less than chance would have them: at no dispersion of rates at all.
        let customers: Vec<_> = (0..400)
            .map(|i| customer(9 + i % 3, 38.0 + f64::from(i % 7) / 10.0, 40.0))
            .collect();
        runs_to::<BgNbd>(&customers, Boundary::HomogeneousRates);
        runs_to::<MbgNbd>(&customers, Boundary::HomogeneousRates);
        runs_to::<ParetoNbd>(&customers, Boundary::HomogeneousRates);
    }

    #[test]
    fn spend_of_single_orders_is_identified_by_its_tails() {
        let model = gamma_gamma(SPEND);
        let customers: Vec<_> = (0..500)
            .map(|i| {
                let spend = model.simulate(3, i, 1).unwrap();
                customer(1, 1.0, 2.0).with_spend(spend).unwrap()
            })
            .collect();
        let fitted = GammaGamma::fit(&customers, &options()).unwrap();
        is_sound(&fitted);
        assert_eq!(fitted.report().boundary(), None);
    }
}

#[test]
fn identical_customers_end_at_a_named_boundary() {
    fn ends<M: Fit<Sample = PurchaseSample>>(customers: &[RfmSummary]) {
        let fitted = M::fit(customers, &options()).unwrap();
        is_sound(&fitted);
        assert!(fitted.report().boundary().is_some());
    }
    for seen in [customer(1, 10.0, 30.0), customer(3, 30.0, 30.0)] {
        ends::<BgNbd>(&[seen; 100]);
        ends::<MbgNbd>(&[seen; 100]);
        ends::<ParetoNbd>(&[seen; 100]);
    }
}

#[test]
fn equal_mean_spends_have_no_best_model() {
    // The likelihood grows without bound as the spread goes to nothing.
    let equal: Vec<_> = (0..500)
        .map(|i| spender(1 + i % 5, 20.0, Currency::USD))
        .collect();
    let single: Vec<_> = (0..500).map(|_| spender(1, 20.0, Currency::USD)).collect();
    for customers in [equal, single] {
        let refused = GammaGamma::fit(&customers, &options()).unwrap_err();
        let (FitError::NotConverged {
            log_likelihood,
            parameters,
            ..
        }
        | FitError::NotIdentified {
            log_likelihood,
            parameters,
            ..
        }) = &refused
        else {
            panic!("{refused:?}");
        };
        assert!(log_likelihood.is_finite());
        assert!(parameters.iter().all(|p| p.is_finite()));
    }
}

#[test]
fn orders_as_different_as_customers_end_at_homogeneous_spend() {
    // Means of fifty orders that spread as widely as these would need orders of one customer to
    // differ even more: customers need not differ at all.
    let customers: Vec<_> = (0..500_u32)
        .map(|i| spender(50, 5.0 * f64::from(1 + i % 7), Currency::USD))
        .collect();
    let fitted = GammaGamma::fit(&customers, &options()).unwrap();
    is_sound(&fitted);
    assert_eq!(fitted.report().boundary(), Some(Boundary::HomogeneousSpend));
}

#[test]
fn customers_who_say_nothing_about_spend_are_counted() {
    let mut customers: Vec<_> = cdnow();
    let without = customers.iter().filter(|c| c.spend().is_none()).count();
    customers.push(spender(2, 0.0, Currency::USD));
    let fitted = GammaGamma::fit(&customers, &options()).unwrap();
    let notes = fitted.report().notes();
    let expected = Note::WithoutSpend {
        customers: without as f64,
    };
    says(
        &expected,
        "1411 customers have no mean spend of their own to fit",
    );
    assert!(notes.contains(&expected), "{notes:?}");
    let expected = Note::NonPositiveSpend { customers: 1.0 };
    says(&expected, "1 repeat customers have no positive mean spend");
    assert!(notes.contains(&expected), "{notes:?}");
}

#[test]
fn a_ridge_fits_ten_customers_and_says_so() {
    let few = &cdnow()[..10];
    assert!(BgNbd::fit(few, &options()).is_err());
    let ridge = Ridge::towards(&bg_nbd(BG), 1.0).unwrap();
    let fitted = BgNbd::fit(few, &options().with_ridge(ridge)).unwrap();
    is_sound(&fitted);
    let Some(Note::Ridge { strength, penalty }) = fitted
        .report()
        .notes()
        .iter()
        .find(|note| matches!(note, Note::Ridge { .. }))
    else {
        panic!("{:?}", fitted.report().notes());
    };
    assert_close!(*strength, 1.0, 0.0);
    // The penalty is what it says, and the log-likelihood is without it.
    let pull: f64 = fitted
        .model()
        .values()
        .iter()
        .zip(BG)
        .map(|(found, centre)| (found / centre).ln().powi(2))
        .sum();
    assert_close!(*penalty, pull, 1e-9);
    let ll: f64 = few
        .iter()
        .map(|c| fitted.model().posterior(c).unwrap().ln_likelihood())
        .sum();
    assert_close!(fitted.report().log_likelihood(), ll, 1e-12);
}

#[test]
fn a_strong_ridge_keeps_the_centre_and_a_weak_one_the_data() {
    let customers = cdnow();
    let free = BgNbd::fit(&customers, &options()).unwrap();
    let far = bg_nbd([1.0, 1.0, 1.0, 1.0]);
    let pulled = |strength: f64| {
        let ridge = Ridge::towards(&far, strength).unwrap();
        BgNbd::fit(&customers, &options().with_ridge(ridge)).unwrap()
    };
    for (found, centre) in pulled(1e9).model().values().iter().zip(far.values()) {
        assert_close!(*found, centre, 1e-4);
    }
    for (found, own) in pulled(1e-6)
        .model()
        .values()
        .iter()
        .zip(free.model().values())
    {
        assert_close!(*found, own, 1e-4);
    }
}

#[test]
fn intervals_widen_with_their_level_and_hold_the_estimate() {
    let customers = cdnow();
    let wide = BgNbd::fit(&customers, &options()).unwrap();
    let narrow = options().with_level(Probability::new(0.5).unwrap());
    let narrow = BgNbd::fit(&customers, &narrow).unwrap();
    for (wide, narrow) in wide
        .report()
        .parameters()
        .iter()
        .zip(narrow.report().parameters())
    {
        let (w, n) = (wide.interval().unwrap(), narrow.interval().unwrap());
        assert!(w.lower() < n.lower() && n.upper() < w.upper());
        assert!(n.contains(wide.value()));
        // Symmetric about the estimate on the log scale, 1.96 standard errors to each side.
        let error = wide.standard_error().unwrap() / wide.value();
        assert_close!(
            (w.upper() / wide.value()).ln(),
            1.959_963_984_540_054 * error,
            1e-9
        );
        assert_close!(
            (w.lower() / wide.value()).ln(),
            -1.959_963_984_540_054 * error,
            1e-9
        );
    }
}

#[test]
fn a_model_never_asks_for_a_parameter_in_another_order() {
    let p = ParetoNbdParameters {
        unit: TimeUnit::Week,
        r: 1.0,
        alpha: 2.0,
        s: 3.0,
        beta: 4.0,
    };
    let values = ParetoNbd::new(p).unwrap().values();
    assert_eq!(values, [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(ParetoNbd::NAMES, ["r", "alpha", "s", "beta"]);
    assert_eq!(MbgNbd::NAMES, ["r", "alpha", "a", "b"]);
    assert_eq!(GammaGamma::NAMES, ["p", "q", "gamma"]);
}
