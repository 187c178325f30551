//! Published numbers, each with the id of its test value (TV): to 1e-9 relative or to the digits
//! printed, whichever is coarser.
#![allow(clippy::unreadable_literal, reason = "numbers as they are printed")]

mod support;

use guanxi::model::{
    Fit, FitOptions, Fitted, Note, Parametric, PurchaseModel, PurchasePosterior, SpendModel,
    SpendPosterior,
};
use guanxi::quantity::Currency;
use guanxi::summary::{RfmSummary, SpendSummary};
use support::cdnow::{self, Weeks};
use support::models::{
    BG, MBG, PARETO, SPEND, bg_nbd, customer, fifteen_percent, gamma_gamma, mbg_nbd, pareto_nbd,
    weeks,
};
use support::{assert_close, assert_published};

/// One row of TV 2.8; an empty text where nothing was published.
struct Row {
    customer: (u32, f64, f64),
    ll: &'static str,
    alive: &'static str,
    expected: &'static str,
    active: &'static str,
    dert: &'static str,
    delt: &'static str,
}

fn reproduces(model: &impl PurchaseModel, rows: &[Row]) {
    for row in rows {
        let (x, t_x, age) = row.customer;
        let posterior = model.posterior(&customer(x, t_x, age)).unwrap();
        let delta = fifteen_percent();
        for (name, found, text) in [
            ("ll", posterior.ln_likelihood(), row.ll),
            ("P(alive)", posterior.probability_alive(), row.alive),
            (
                "E[X(39)]",
                posterior.expected_purchases(weeks(39.0)),
                row.expected,
            ),
            (
                "P(active)",
                posterior.probability_active(weeks(39.0)),
                row.active,
            ),
            (
                "DERT",
                posterior.residual_transactions(delta).unwrap(),
                row.dert,
            ),
            (
                "DELT",
                posterior.residual_lifetime(delta).unwrap(),
                row.delt,
            ),
        ] {
            if !text.is_empty() {
                assert_published!(found, text, "{name} of {:?}", row.customer);
            }
        }
    }
}

#[test]
fn tv_2_8_bg_nbd_answers_as_published() {
    let rows = [
        Row {
            customer: (2, 30.43, 38.86),
            ll: "-9.45860630706627",
            alive: "0.726578570080673",
            expected: "1.22602817476714",
            active: "0.554627137917",
            dert: "5.16955392843754",
            delt: "120.405085342949",
        },
        Row {
            customer: (0, 0.0, 38.86),
            ll: "-0.554713276438158",
            alive: "1",
            expected: "0.195098052011263",
            active: "0.144550540783",
            dert: "1.01874619464693",
            delt: "309.221844538",
        },
        Row {
            customer: (29, 38.0, 38.86),
            ll: "-44.4420685250791",
            alive: "0.955221721241626",
            expected: "19.4522938431578",
            active: "0.955221714631",
            dert: "70.407851941301",
            delt: "105.967801605",
        },
    ];
    reproduces(&bg_nbd(BG), &rows);
    assert_close!(
        bg_nbd(BG)
            .posterior(&customer(0, 0.0, 38.86))
            .unwrap()
            .probability_alive(),
        1.0,
        1e-15
    );
}

#[test]
fn tv_2_8_mbg_nbd_answers_as_published() {
    let rows = [
        Row {
            customer: (2, 30.43, 38.86),
            ll: "-9.48555131453393",
            alive: "0.706202265118487",
            expected: "1.26296062326737",
            active: "0.559994090822",
            dert: "4.92467578602252",
            delt: "105.767620403",
        },
        Row {
            customer: (0, 0.0, 38.86),
            ll: "-0.539837463531014",
            alive: "0.389735080918763",
            expected: "0.154012746675147",
            active: "0.108829398777",
            dert: "0.724823222947194",
            delt: "99.763179799",
        },
    ];
    reproduces(&mbg_nbd(MBG), &rows);
}

#[test]
fn tv_2_8_pareto_nbd_answers_as_published() {
    let rows = [
        Row {
            customer: (2, 30.43, 38.86),
            ll: "-9.55428324515041",
            alive: "0.869167559153011",
            expected: "1.4551231932576",
            active: "0.591937276394",
            dert: "6.50173053756423",
            delt: "125.903859896632",
        },
        Row {
            customer: (0, 0.0, 38.86),
            ll: "-0.52104629408089",
            alive: "0.295286604616894",
            expected: "0.107081468215309",
            active: "0.0692851840543",
            dert: "0.478457669514608",
            delt: "42.7739426139",
        },
        Row {
            customer: (200, 30.0, 38.86),
            ll: "112.396865117539",
            alive: "1.90668067014741e-15",
            expected: "2.50756711899076e-13",
            active: "",
            dert: "1.12042236616649e-12",
            delt: "",
        },
    ];
    reproduces(&pareto_nbd(PARETO), &rows);
}

#[test]
fn tv_2_8a_a_newcomer_is_expected_to_buy_as_often_as_published() {
    let t = weeks(39.0);
    assert_published!(
        bg_nbd(BG).newcomer().expected_purchases(t),
        "1.19672319332082"
    );
    assert_published!(
        mbg_nbd(MBG).newcomer().expected_purchases(t),
        "1.18295366559717"
    );
    assert_published!(
        pareto_nbd(PARETO).newcomer().expected_purchases(t),
        "1.21300284428102"
    );
}

#[test]
fn tv_2_8a_a_newcomers_purchases_are_distributed_as_published() {
    let mut probabilities = [0.0; 4];
    bg_nbd(BG)
        .newcomer()
        .purchase_probabilities(weeks(39.0), &mut probabilities);
    let published = [
        "0.573786352096",
        "0.199395280836",
        "0.0854297595391",
        "0.045860353848",
    ];
    for (found, text) in probabilities.into_iter().zip(published) {
        assert_published!(found, text);
    }
}

/// Slopes of the log-likelihood in the parameters, by differences of fourth order.
fn slopes<M: PurchaseModel + Parametric>(model: &M, customer: &RfmSummary) -> Vec<f64> {
    let values = model.values();
    (0..values.len())
        .map(|i| {
            let step = 1e-3 * values[i];
            let ll = |steps: f64| {
                let mut moved = values.clone();
                moved[i] += steps * step;
                let model = model.with_values(&moved).unwrap();
                model.posterior(customer).unwrap().ln_likelihood()
            };
            (8.0 * (ll(1.0) - ll(-1.0)) - (ll(2.0) - ll(-2.0))) / (12.0 * step)
        })
        .collect()
}

#[test]
fn tv_2_8b_the_log_likelihood_has_the_published_slopes() {
    let seen = customer(2, 30.43, 38.86);
    for (found, text) in [
        (
            slopes(&bg_nbd(BG), &seen),
            [
                "2.69620339",
                "-2.09140606e-4",
                "-0.202884742",
                "0.0766004878",
            ],
        ),
        (
            slopes(&mbg_nbd(MBG), &seen),
            ["0.63556468", "0.02506064", "-0.57674456", "0.29105765"],
        ),
        (
            slopes(&bg_nbd(BG), &customer(0, 0.0, 38.86)),
            ["-2.28277068", "0.04943673", "0.0000000000", "0.0000000000"],
        ),
    ] {
        for (found, text) in found.into_iter().zip(text) {
            assert_published!(found, text);
        }
    }
}

#[test]
fn tv_2_8c_hard_cases_of_the_expected_purchases_are_exact() {
    // r, α, a, b of a customer who cannot have dropped out, and the horizon.
    for (parameters, t, text) in [
        ([0.11, 3.24, 0.31, 0.5], 30.0, "0.56458861553278"),
        ([2.243, 43.274, 1.0, 4.426], 39.0, "1.62514953634328"),
        ([200.243, 43.274, 0.793, 202.426], 39.0, "137.889565515879"),
        ([0.5, 10.0, 1000.0, 1e5], 39.0, "1.89528671264507"),
        ([50.0, 10.0, 0.02, 0.02], 39.0, "89.1155645593091"),
        ([0.243, 4.414, 0.793, 2.426], 4000.0, "11.0993441857131"),
    ] {
        let found = bg_nbd(parameters).newcomer().expected_purchases(weeks(t));
        assert_published!(found, text, "{parameters:?} over {t}");
    }
}

#[test]
fn tv_2_8d_six_hundred_purchases_do_not_overflow() {
    let model = bg_nbd([0.10, 50.16, 0.40, 0.81]);
    let loyal = model.posterior(&customer(600, 700.0, 720.0)).unwrap();
    assert_published!(-loyal.ln_odds_alive(), "8.47678852");
    assert_published!(loyal.expected_purchases(weeks(30.0)), "0.00482964853842");
    let lost = model.posterior(&customer(600, 100.0, 720.0)).unwrap();
    assert_published!(-lost.ln_odds_alive(), "973.7887219");
    assert!(lost.probability_alive() <= 0.0);
    assert!(lost.expected_purchases(weeks(30.0)) <= 0.0);
    assert!(lost.ln_likelihood().is_finite());
}

#[test]
fn tv_2_8f_buying_more_often_before_a_silence_first_helps_and_then_hurts() {
    let model = pareto_nbd(PARETO);
    for (x, alive, dert) in [
        (1, "0.54075905", "2.46065"),
        (2, "0.43634089", "3.26401"),
        (3, "0.33068515", "3.44258"),
        (5, "0.15744042", "2.56164"),
        (8, "0.03660647", "0.91738"),
    ] {
        let posterior = model.posterior(&customer(x, 15.0, 38.86)).unwrap();
        assert_published!(posterior.probability_alive(), alive);
        assert_published!(
            posterior.residual_transactions(fifteen_percent()).unwrap(),
            dert
        );
    }
}

/// A fit against published estimates, log-likelihood and standard errors.
fn fits<M: Parametric>(
    fitted: &Fitted<M>,
    estimates: &[f64],
    relative: f64,
    (ll, within): (f64, f64),
    errors: &[f64],
) {
    let report = fitted.report();
    assert!(
        (report.log_likelihood() - ll).abs() <= within,
        "{}",
        report.log_likelihood()
    );
    assert_eq!(report.parameters().len(), estimates.len());
    for (found, &expected) in report.parameters().iter().zip(estimates) {
        assert_close!(found.value(), expected, relative, "{}", found.name());
    }
    for (found, &expected) in report.parameters().iter().zip(errors) {
        let error = found.standard_error().unwrap();
        assert_close!(error, expected, 0.02, "standard error of {}", found.name());
    }
    assert_eq!(report.boundary(), None);
    assert!(report.gradient_norm() < 1e-9, "{}", report.gradient_norm());
    assert!(report.curvature() > 0.0);
}

#[test]
fn tv_2_9_the_sample_holds_what_was_published_of_it() {
    let customers = cdnow::customers(Weeks::Exact);
    assert_eq!(customers.len(), 2357);
    assert_eq!(
        customers.iter().map(RfmSummary::frequency).sum::<u32>(),
        2457
    );
    assert_eq!(customers.iter().filter(|c| c.frequency() > 0).count(), 946);
}

#[test]
fn tv_2_9_models_fitted_to_whole_days_reach_the_published_optimum() {
    let customers = cdnow::customers(Weeks::Exact);
    let options = FitOptions::default();
    fits(
        &guanxi::model::BgNbd::fit(&customers, &options).unwrap(),
        &[0.242594522, 4.41360202, 0.792922017, 2.42590678],
        1e-5,
        (-9582.4292067, 1e-6),
        &[],
    );
    fits(
        &guanxi::model::MbgNbd::fit(&customers, &options).unwrap(),
        &[0.524843159, 6.18308528, 0.891359391, 1.61400224],
        1e-5,
        (-9582.1357156, 1e-6),
        &[],
    );
    fits(
        &guanxi::model::ParetoNbd::fit(&customers, &options).unwrap(),
        &[0.553277047, 10.5776835, 0.606239987, 11.6687352],
        1e-5,
        (-9594.9761789, 1e-6),
        &[],
    );
    fits(
        &guanxi::model::GammaGamma::fit(&customers, &options).unwrap(),
        &[6.24957227, 3.74422467, 15.443521],
        1e-5,
        (-4055.9176948, 1e-6),
        &[],
    );
}

#[test]
fn tv_2_9_models_fitted_to_rounded_weeks_reach_the_published_optimum() {
    let customers = cdnow::customers(Weeks::Rounded);
    let options = FitOptions::default();
    let bg = guanxi::model::BgNbd::fit(&customers, &options).unwrap();
    assert_eq!(bg.report().rows(), 1016);
    fits(
        &bg,
        &[0.242593, 4.413531, 0.792886, 2.425754],
        1e-3,
        (-9582.42556, 1e-4),
        &[0.01256, 0.3782, 0.1857, 0.7053],
    );
    fits(
        &guanxi::model::MbgNbd::fit(&customers, &options).unwrap(),
        &[0.524838, 6.182992, 0.891356, 1.613999],
        1e-3,
        (-9582.13268, 1e-4),
        &[0.0833, 0.6956, 0.1548, 0.5375],
    );
    fits(
        &guanxi::model::ParetoNbd::fit(&customers, &options).unwrap(),
        &[0.553276, 10.577613, 0.606213, 11.667891],
        1e-3,
        (-9594.97393, 1e-4),
        &[0.0476, 0.8427, 0.1873, 6.211],
    );
    // TV 2.11a.
    let spend = guanxi::model::GammaGamma::fit(&customers, &options).unwrap();
    assert_published!(spend.report().customers(), "946");
    fits(
        &spend,
        &[6.2488, 3.7446, 15.4477],
        1e-4,
        (-4055.92324, 1e-4),
        &[],
    );
}

#[test]
fn tv_2_9_the_fitted_bg_nbd_predicts_how_many_customers_bought_how_often() {
    let customers = cdnow::customers(Weeks::Rounded);
    let model = guanxi::model::BgNbd::fit(&customers, &FitOptions::default()).unwrap();
    let newcomer = model.model().newcomer();
    let (mut expected, mut actual) = ([0.0; 8], [0.0; 8]);
    for customer in &customers {
        let mut probabilities = [0.0; 7];
        newcomer.purchase_probabilities(weeks(customer.age()), &mut probabilities);
        let mut rest = 1.0;
        for (sum, p) in expected.iter_mut().zip(probabilities) {
            *sum += p;
            rest -= p;
        }
        expected[7] += rest;
        actual[customer.frequency().min(7) as usize] += 1.0;
    }
    let published = [
        "1407.68", "460.32", "192.46", "101.16", "59.85", "38.12", "25.55", "71.85",
    ];
    for (found, text) in expected.into_iter().zip(published) {
        assert_published!(found, text);
    }
    for (found, count) in actual
        .into_iter()
        .zip([1411.0, 439.0, 214.0, 100.0, 62.0, 38.0, 29.0, 64.0])
    {
        assert_close!(found, count, 0.0);
    }
    let chi_squared: f64 = expected
        .iter()
        .zip(actual)
        .map(|(e, a)| (a - e) * (a - e) / e)
        .sum();
    assert_published!(chi_squared, "4.82");
}

fn spend(transactions: u32, mean: f64) -> SpendSummary {
    SpendSummary::of_repeat_transactions(transactions, mean, Currency::USD).unwrap()
}

#[test]
fn tv_2_11a_gamma_gamma_answers_as_published() {
    let model = gamma_gamma(SPEND);
    let expected = |seen: Option<&SpendSummary>| model.posterior(seen).unwrap().expected_spend();
    assert_published!(expected(None), "35.2189781022");
    assert_published!(expected(Some(&spend(2, 22.35))), "24.6637139107612");
    assert_published!(expected(Some(&spend(1, 35.0))), "35.0667408231");
    assert_published!(expected(Some(&spend(5, 100.0))), "94.7778758458");
    let seen = model.posterior(Some(&spend(2, 22.35))).unwrap();
    assert_published!(seen.ln_likelihood(), "-3.55131675973");
}

#[test]
fn tv_2_11a_frequency_and_spend_are_correlated_as_published() {
    let fitted =
        guanxi::model::GammaGamma::fit(&cdnow::customers(Weeks::Exact), &FitOptions::default());
    let notes = fitted.unwrap().report().notes().to_vec();
    let correlation = notes.iter().find_map(|note| match note {
        Note::SpendCorrelation { correlation } => Some(*correlation),
        _ => None,
    });
    assert_published!(correlation.unwrap(), "0.114");
}

#[test]
fn tv_2_12a_a_customers_residual_value_is_as_published() {
    let seen = customer(2, 30.43, 38.86);
    let delta = fifteen_percent();
    let spend = gamma_gamma(SPEND)
        .posterior(Some(&spend(2, 22.35)))
        .unwrap();
    let pareto = pareto_nbd(PARETO).posterior(&seen).unwrap();
    let gross = 0.30 * spend.expected_spend() * pareto.residual_transactions(delta).unwrap();
    assert_published!(gross, "48.10704657");
    let cost = 0.05 * pareto.residual_lifetime(delta).unwrap();
    assert_published!(gross - cost, "41.81185358");
    let bg = bg_nbd(BG).posterior(&seen).unwrap();
    let gross = 0.30 * spend.expected_spend() * bg.residual_transactions(delta).unwrap();
    assert_published!(gross, "38.2501197412");
}

#[test]
fn tv_2_12a_the_sample_is_worth_in_all_what_was_published() {
    let (purchases, amounts) = (pareto_nbd(PARETO), gamma_gamma(SPEND));
    let mut sums = [0.0; 4];
    for customer in &cdnow::customers(Weeks::Rounded) {
        let posterior = purchases.posterior(customer).unwrap();
        let dert = posterior.residual_transactions(fifteen_percent()).unwrap();
        let spend = amounts
            .posterior(customer.spend())
            .unwrap()
            .expected_spend();
        sums[0] += posterior.probability_alive();
        sums[1] += posterior.expected_purchases(weeks(39.0));
        sums[2] += dert;
        sums[3] += 0.30 * spend * dert;
    }
    for (found, expected) in sums
        .into_iter()
        .zip([1052.23769, 1665.69789, 7208.23396, 78514.51])
    {
        assert_close!(found, expected, 1e-6);
    }
}

#[test]
fn tv_2_12b_covariates_that_move_the_parameters_move_the_answers_as_published() {
    // α·exp(−γ₁·z) and a·exp(γ₂·z) with z = 1, γ₁ = 0.4, γ₂ = −0.3.
    let [r, alpha, a, b] = BG;
    let model = bg_nbd([r, alpha * (-0.4_f64).exp(), a * (-0.3_f64).exp(), b]);
    let posterior = model.posterior(&customer(2, 30.43, 38.86)).unwrap();
    assert_published!(posterior.ln_likelihood(), "-9.432498032654");
    assert_published!(posterior.probability_alive(), "0.7787451944892");
}
