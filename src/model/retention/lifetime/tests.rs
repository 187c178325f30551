use super::*;
use crate::numeric::decline::geometric_sum;
use crate::numeric::testing::{agrees, relative};

#[test]
fn sums_agree_with_30_digits() {
    agrees(
        SUMS.iter()
            .map(|&([alpha, beta, c, made], delta, m, exact)| {
                let survivors = Survivors {
                    alpha,
                    beta,
                    c,
                    made,
                };
                let found = survivors.discounted_renewals(delta, m);
                ([alpha, beta, c, made, delta], found.unwrap(), exact)
            }),
        relative(1e-11),
    );
}

#[test]
fn the_integral_and_the_plain_sum_agree() {
    for (alpha, beta, c) in [
        (0.5, 2.0, 0.7),
        (3.0, 1e5, 1.8),
        (40.0, 900.0, 1.0),
        (0.01, 0.3, 6.0),
    ] {
        for (made, delta) in [(0.0, 0.0), (3.0, 1e-4), (700.0, 0.02)] {
            let survivors = Survivors {
                alpha,
                beta,
                c,
                made,
            };
            let (mut sum, mut k) = (0.0, 1.0);
            while k <= 20_000.0 {
                sum += (-survivors.fall(k) - delta * (k - 1.0)).exp();
                k += 1.0;
            }
            let found = survivors.discounted_renewals(delta, 20_000.0).unwrap();
            assert!(
                (found / sum - 1.0).abs() < 1e-11,
                "{survivors:?} {delta}: {found} {sum}"
            );
        }
    }
}

#[test]
fn gregorys_formula_sums_a_geometric_series() {
    let x = 0.05_f64;
    let found = gregory(|i| (-x * i).exp()) + 1.0 / x;
    let exact = geometric_sum(x, f64::INFINITY);
    assert!((found / exact - 1.0).abs() < 1e-14, "{found} {exact}");
}

#[test]
fn beyond_the_largest_number_there_is_no_answer() {
    let survivors = Survivors {
        alpha: 200.0,
        beta: 1e12,
        c: 0.01,
        made: 0.0,
    };
    assert_eq!(survivors.discounted_renewals(0.0, f64::INFINITY), None);
    assert!(
        survivors
            .discounted_renewals(1e-23, f64::INFINITY)
            .is_some()
    );
    assert!(survivors.discounted_renewals(0.0, 4e9).is_some());
}

#[test]
fn a_fall_that_is_far_is_a_power_of_time() {
    // t^c is 2^3000, which no number holds: S(2) = B(α, ∞)/B(α, β) in the limit, by α·c·ln 2.
    let survivors = Survivors {
        alpha: 1e-6,
        beta: 1.0,
        c: 3000.0,
        made: 1.0,
    };
    // ln Γ(2 + α) − ln Γ(2) is α·ψ(2) to first order.
    let exact = 1e-6 * (3000.0 * 2_f64.ln() - 0.422_784_335_098_467_1);
    assert!((survivors.fall(1.0) / exact - 1.0).abs() < 1e-6);
    // From there on, one more doubling of time costs α·c·ln 2.
    let far = Survivors {
        made: 2.0,
        ..survivors
    };
    assert!((far.fall(2.0) / (3e-3 * 2_f64.ln()) - 1.0).abs() < 1e-14);
}

/// `([α, β, c, n], δ, m, value)`.
#[rustfmt::skip]
#[allow(
    clippy::excessive_precision,
    clippy::unreadable_literal,
    reason = "a table of values as they were computed"
)]
const SUMS: &[([f64; 4], f64, f64, f64)] = &[
    ([0.21425, 1.42657, 1.72356, 0.0], 0.09531017980432493, f64::INFINITY, 5.6024483204092458),
    ([0.21425, 1.42657, 1.72356, 5.0], 0.09531017980432493, f64::INFINITY, 7.8529898398900421),
    ([0.5, 2.0, 0.7, 0.0], 1e-06, f64::INFINITY, 14610.881237833054),
    ([0.5, 2.0, 0.7, 3.0], 1e-12, f64::INFINITY, 172895756.48089884),
    ([3.0, 5.0, 1.5, 0.0], 0.0, f64::INFINITY, 1.2715495934195156),
    ([2.0, 1.0, 0.6, 10.0], 0.0, f64::INFINITY, 80.116782517989737),
    ([1.2, 10.0, 1.0, 0.0], 0.0, f64::INFINITY, 50.000000000000012),
    ([50.0, 500.0, 2.0, 0.0], 0.0, f64::INFINITY, 2.3910103875462377),
    ([0.001, 1.0, 900.0, 0.0], 0.001, f64::INFINITY, 9.5558710454411349),
    ([0.8, 1000000.0, 3.0, 0.0], 0.0001, f64::INFINITY, 142.75727973982003),
    ([5.0, 100000000.0, 2.5, 100.0], 0.0, f64::INFINITY, 687.11248792102678),
    ([0.5, 2.0, 0.7, 0.0], 0.0, 3000.0, 364.22658333206924),
    ([0.3, 1e-06, 1.2, 7.0], 0.01, 2000.0, 45.974915830849854),
    ([2000.0, 10000000.0, 0.5, 0.0], 0.0, f64::INFINITY, 50085097.270565221),
    ([0.7, 0.2, 1.3, 1000000.0], 1e-05, f64::INFINITY, 92268.117202322415),
];
