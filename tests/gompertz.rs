//! The NBD and the GGompertz/NBD: published and independent values, their limits, laws for all
//! input, and fits.

mod support;

use guanxi::model::{
    Fit, FitOptions, GGompertzNbd, GGompertzNbdParameters, Nbd, NbdParameters, PurchaseModel,
    PurchasePosterior,
};
use guanxi::quantity::{DiscountRate, Horizon, Span, TimeUnit};
use guanxi::summary::RfmSummary;
use support::models::{PARETO, customer, fifteen_percent, force, pareto_nbd, weeks};
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
    let mut worst = 0.0_f64;
    for &(parameters, (x, t_x, age), values) in ANSWERS {
        let posterior = ggompertz_nbd(parameters)
            .posterior(&customer(x, t_x, age))
            .unwrap();
        for ((name, found), expected) in NAMES.into_iter().zip(answers(&posterior)).zip(values) {
            let off = error(name, found, expected);
            worst = worst.max(off);
            if off.is_nan() || off > 1e-11 {
                wrong.push(format!(
                    "{name} of {x}, {t_x}, {age} under {parameters:?}: {found:?}, expected {expected:?}, off by {off:.1e}"
                ));
            }
        }
    }
    println!("worst {worst:e}");
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn whole_distributions_agree_with_their_references() {
    let mut worst = 0.0_f64;
    for &(parameters, (x, t_x, age), expected) in DISTRIBUTIONS {
        let mut found = expected;
        ggompertz_nbd(parameters)
            .posterior(&customer(x, t_x, age))
            .unwrap()
            .purchase_probabilities(weeks(39.0), &mut found);
        for (n, (found, expected)) in found.into_iter().zip(expected).enumerate() {
            let off = error("", found, expected);
            worst = worst.max(off);
            assert!(
                off <= 1e-11,
                "P({n}) of {x}, {t_x}, {age} under {parameters:?}: {found:?}, expected {expected:?}, off by {off:.1e}"
            );
        }
    }
    println!("worst {worst:e}");
}

#[test]
fn on_cdnow_the_dropout_is_steady() {
    let customers = support::cdnow::customers(support::cdnow::Weeks::Exact);
    let start = std::time::Instant::now();
    let pareto = guanxi::model::ParetoNbd::fit(&customers, &FitOptions::default()).unwrap();
    println!("{:?}", start.elapsed());
    let start = std::time::Instant::now();
    let fitted = GGompertzNbd::fit(&customers, &FitOptions::default());
    println!("{:?}", start.elapsed());
    println!("{:?}", pareto.report());
    println!("{:#?}", fitted);
}

#[test]
fn explore() {
    let args: Vec<f64> = std::env::var("P")
        .unwrap()
        .split(' ')
        .map(|x| x.parse().unwrap())
        .collect();
    let truth = ggompertz_nbd([args[0], args[1], args[2], args[3], args[4]]);
    let n = args[5] as u64;
    for seed in 0..args[6] as u64 {
        let customers: Vec<_> = (0..n)
            .map(|i| {
                truth
                    .simulate(seed, i, weeks(104.0 - (i % 84) as f64 / 7.0))
                    .unwrap()
                    .summary
            })
            .collect();
        let at: f64 = customers
            .iter()
            .map(|c| truth.posterior(c).unwrap().ln_likelihood())
            .sum();
        println!("truth {at}");
        let start = std::time::Instant::now();
        let fitted = GGompertzNbd::fit(&customers, &FitOptions::default());
        let time = start.elapsed();
        match fitted {
            Ok(f) => {
                let r = f.report();
                println!(
                    "{seed} {time:?} it {} ev {} ll {:.4} nested +{:.4} grad {:.1e} curv {:.1e} {:?}",
                    r.iterations(),
                    r.evaluations(),
                    r.log_likelihood(),
                    r.log_likelihood() - r.nested_log_likelihood().unwrap(),
                    r.gradient_norm(),
                    r.curvature(),
                    r.notes()
                );
                for p in r.parameters() {
                    print!(
                        "  {} {:.4e} ({:.2})",
                        p.name(),
                        p.value(),
                        p.standard_error().unwrap_or(f64::NAN) / p.value()
                    );
                }
                println!();
            }
            Err(e) => println!("{seed} {time:?} {e} {e:?}"),
        }
    }
}
