//! The mathematics of phases apart from the models: with one phase it is that of the BG/NBD.
#![allow(
    clippy::excessive_precision,
    clippy::unreadable_literal,
    reason = "a case as it was found"
)]

use super::*;
use crate::numeric::testing::{agrees, relative};

fn posterior(p: [f64; 4], k: u32, chances: f64, (x, t_x, age): (u32, f64, f64)) -> ErlangPosterior {
    let [r, alpha, a, b] = p;
    let customer = RfmSummary::new(TimeUnit::Week, x, t_x, age).unwrap();
    let k = Phases::new(k).unwrap();
    let parameters = Parameters { r, alpha, a, b };
    ErlangPosterior::of_phases(parameters, k, f64::from(x) + chances, &customer)
}

const PARAMETERS: [[f64; 4]; 4] = [
    [0.243, 4.414, 0.793, 2.426],
    [0.8, 5.0, 1.4, 2.4],
    [30.0, 400.0, 0.1, 4.0],
    [1e-6, 4.0, 0.01, 20.0],
];
const CUSTOMERS: [(u32, f64, f64); 4] = [
    (2, 30.43, 38.86),
    (0, 0.0, 38.86),
    (29, 38.0, 38.86),
    (5000, 700.0, 720.0),
];

/// Every customer under every set of parameters, and the same as a BG/NBD or MBG/NBD customer.
fn pairs() -> impl Iterator<Item = (ErlangPosterior, BetaGeometricPosterior)> {
    PARAMETERS.into_iter().flat_map(|p| {
        CUSTOMERS.into_iter().flat_map(move |c| {
            [0.0, 1.0].map(|first| {
                let [r, alpha, a, b] = p;
                let customer = RfmSummary::new(TimeUnit::Week, c.0, c.1, c.2).unwrap();
                let plain = BetaGeometricPosterior::new(
                    Parameters { r, alpha, a, b },
                    f64::from(c.0) + first,
                    &customer,
                );
                (posterior(p, 1, first, c), plain)
            })
        })
    })
}

#[test]
fn one_phase_by_the_general_mathematics_is_the_bg_nbd() {
    let weeks = |t: f64| Span::weeks(t).unwrap();
    let force = |d: f64| DiscountRate::continuous(d, TimeUnit::Week).unwrap();
    for (i, (erlang, plain)) in pairs().enumerate() {
        let mut cases = vec![
            ("ll", erlang.ln_likelihood(), plain.ln_likelihood()),
            (
                "alive",
                erlang.probability_alive(),
                plain.probability_alive(),
            ),
            ("rate", erlang.mean_rate(), plain.mean_rate()),
        ];
        for t in [1e-3, 1.0, 39.0, 4000.0, 1e7] {
            let span = weeks(t);
            cases.push((
                "active",
                erlang.probability_active(span),
                plain.probability_active(span),
            ));
            cases.push((
                "expected",
                erlang.expected_purchases(span),
                plain.expected_purchases(span),
            ));
            for delta in [1e-9, 2.7e-3, 0.5] {
                let rate = force(delta);
                let until = Horizon::Finite(span);
                cases.push((
                    "discounted purchases",
                    erlang.discounted_purchases(rate, until).unwrap(),
                    plain.discounted_purchases(rate, until).unwrap(),
                ));
                cases.push((
                    "discounted lifetime",
                    erlang.discounted_lifetime(rate, until).unwrap(),
                    plain.discounted_lifetime(rate, until).unwrap(),
                ));
            }
            cases.push((
                "lifetime",
                erlang
                    .discounted_lifetime(DiscountRate::ZERO, Horizon::Finite(span))
                    .unwrap(),
                plain
                    .discounted_lifetime(DiscountRate::ZERO, Horizon::Finite(span))
                    .unwrap(),
            ));
        }
        for delta in [1e-9, 2.7e-3, 0.5] {
            let rate = force(delta);
            cases.push((
                "DERT",
                erlang.residual_transactions(rate).unwrap(),
                plain.residual_transactions(rate).unwrap(),
            ));
            cases.push((
                "DELT",
                erlang.residual_lifetime(rate).unwrap(),
                plain.residual_lifetime(rate).unwrap(),
            ));
        }
        for (j, (name, found, exact)) in cases.into_iter().enumerate() {
            let error = (found - exact).abs() / exact.abs();
            assert!(
                error <= 5e-11 || found.total_cmp(&exact).is_eq(),
                "{i}.{j} {name}: {found:?} {exact:?} off by {error:.1e} for {erlang:?}"
            );
        }
    }
}

/// Sums over counts and sums over roots are two ways to one number.
#[test]
fn purchases_by_roots_are_those_by_count() {
    for k in [2, 3, 7, 40, 100] {
        for p in PARAMETERS {
            for c in CUSTOMERS {
                let customer = posterior(p, k, 1.0, c);
                let by_count: [f64; 3] = [30.0, 60.0, 120.0]
                    .map(|events| customer.purchases_by_count(events / customer.shape.max(1.0)));
                agrees(
                    [30.0, 60.0, 120.0]
                        .into_iter()
                        .zip(by_count)
                        .filter_map(|(events, exact)| {
                            let tau = events / customer.shape.max(1.0);
                            // Where purchases are few the roots cancel, and are not asked.
                            (events > 1.2 * f64::from(k)).then(|| {
                                (
                                    [f64::from(k), events],
                                    customer.purchases_by_roots(tau),
                                    exact,
                                )
                            })
                        })
                        .chain([([0.0, 0.0], 1.0, 1.0)]),
                    relative(1e-10),
                );
            }
        }
    }
}

/// Where nearly everybody leaves at once, a chance of dropout may round to more than 1.
#[test]
fn a_dropout_that_is_nearly_sure_is_answered() {
    let p = [
        1019.7361518651362,
        1.0,
        73.80283298560978,
        1.042269887335519e-8,
    ];
    let customer = posterior(p, 22, 0.0, (0, 0.0, 1.0));
    let until = Horizon::Finite(Span::weeks(935.6131204736807).unwrap());
    let rate = DiscountRate::continuous(1.0, TimeUnit::Week).unwrap();
    let found = customer.discounted_lifetime(rate, until).unwrap();
    // Until the first purchase, without horizon.
    let first = customer.residual_lifetime(rate).unwrap();
    assert!((found / first - 1.0).abs() < 1e-12, "{found} {first}");
}
