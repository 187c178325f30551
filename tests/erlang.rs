//! The Erlang-k models: reference values, what they share with the models of one phase, laws for all
//! input, fits of known and of simulated customers, and regularity.

mod support;

#[path = "support/reference_erlang.rs"]
#[allow(unreachable_pub, reason = "a table as it was made")]
mod reference_erlang;

use guanxi::model::{
    BgCnbd, BgCnbdParameters, MbgCnbd, MbgCnbdParameters, Phases, PurchaseModel, PurchasePosterior,
};
use guanxi::quantity::{Horizon, TimeUnit};
use guanxi::summary::RfmSummary;
use reference_erlang::{ANSWERS, DISTRIBUTIONS, Kind, NAMES};
use support::models::{Ask, fifteen_percent, force, weeks};

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
fn check(wrong: &mut Vec<String>, case: String, found: f64, exact: f64, within: f64) {
    let error = (found - exact).abs();
    // A log-likelihood passes through zero; what is near the smallest number has lost its digits.
    let floor = if case.starts_with("log") {
        1e-14
    } else {
        1e-300
    };
    if found.total_cmp(&exact).is_ne() && !(error <= within * exact.abs() + floor) {
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
            check(&mut wrong, case, found, exact, 1e-10);
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
            check(&mut wrong, case, found, exact, 1e-10);
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
