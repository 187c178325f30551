//! The integral of two powers against rigorous integration (Arb), confirmed by the difference of
//! two ₂F₁ values in up to 60 000 bits.
#![allow(
    clippy::excessive_precision,
    clippy::unreadable_literal,
    reason = "tables of reference values as they were computed, to 17 digits"
)]

use super::*;
use crate::numeric::testing::{absolute_or_relative, agrees, relative};

/// `α, β, k, c, lo, hi, ln ∫ (α + τ)^−k (β + τ)^−c dτ`.
#[rustfmt::skip]
const TWO_POWERS: &[[f64; 7]] = &[
    [10.578, 11.669, 2.553, 1.606, 30.43, 38.86, -13.7283434712304],
    [10.578, 11.669, 0.553, 1.606, 0.0, 38.86, -3.1634414916490388],
    [10.578, 11.669, 200.553, 1.606, 30.0, 38.86, -750.28374557227972],
    [10.578, 10.578, 2.553, 1.606, 30.43, 38.86, -13.689493051506452],
    [10.578, 10.578, 0.553, 0.447, 0.0, 38.86, 0.43304330079544562],
    [10.578, 10.578, 0.3, 0.7, 0.0, 100000.0, 2.2142187839601138],
    [10.578, 1e-06, 0.553, 1.606, 0.0, 38.86, 7.5685933806858755],
    [10.578, 1e-06, 2.553, 1.606, 30.43, 38.86, -13.253601960166034],
    [10.578, 1e-06, 2.553, 1.606, 1e-07, 38.86, 2.7931384230202842],
    [10.578, 1e-06, 0.553, 1.05, 0.0, 100000.0, 1.8308895225742493],
    [1e-06, 10.578, 2.553, 1.606, 0.0, 38.86, 17.227104223453714],
    [1e-06, 10.578, 0.25, 1.606, 0.0, 38.86, -1.8399408010630233],
    [1e-06, 1e-06, 3.5, 1.5, 0.0, 100000.0, 53.875747870737206],
    [1e-06, 1e-06, 0.01, 1.0, 0.0, 100000.0, 3.2461122562335569],
    [10000.0, 0.001, 5.553, 2.0, 0.0, 720.0, -44.23727300933221],
    [0.001, 10000.0, 5.553, 2.0, 0.0, 720.0, 11.514542628610205],
    [1000000.0, 0.5, 50.5, 20.0, 0.0, 100000.0, -687.45792712849996],
    [0.5, 1000000.0, 50.5, 20.0, 0.0, 100000.0, -245.90139859732838],
    [50.16, 0.5, 5000.1, 1.4, 700.0, 720.0, -33113.164152833346],
    [50.16, 100000.0, 5000.1, 1.4, 700.0, 720.0, -33120.119204463489],
    [50.16, 11.669, 5000.1, 1.606, 0.0, 720.0, -19585.03001659983],
    [50.16, 11.669, 600.1, 1.606, 100.0, 720.0, -3016.482484654165],
    [10000.0, 11.669, 5000.1, 1.606, 0.0, 100000.0, -46056.094191599468],
    [0.01, 11.669, 5000.1, 1.606, 0.0, 100000.0, 23009.243424503456],
    [1e-06, 1e-06, 5000.0, 5000.0, 0.0, 100000.0, 138132.0798287178],
    [1.0, 2.0, 1.0, 1.0, 0.0, 100000.0, -0.36652734741973865],
    [2.0, 1.0, 1.0, 1.0, 0.0, 100000.0, -0.36652734741973865],
    [1.0, 1.0, 0.5, 0.5, 0.0, 100000.0, 2.4434712262662998],
    [1.0, 1.0000000001, 0.5, 0.5, 0.0, 100000.0, 2.4434712262619569],
    [1.0, 1.0000000001, 2.5, 1.6, 3.0, 17.0, -5.4384009891055453],
    [10.578, 11.669, 2.553, 1.05, 0.02, 0.14285714285714285, -10.725263911560851],
    [10.578, 11.669, 2.553, 1.606, 38.859999999, 38.86, -36.9814170018548],
    [10.578, 1e-06, 2.553, 1.606, 38.859999999, 38.86, -36.559710375372158],
    [50.16, 11.669, 5000.1, 1.606, 719.999999999, 720.0, -33264.97146071706],
    [10.578, 1e-06, 0.553, 1.606, 0.0, 1e-09, 0.15923815993977596],
    [1e-06, 10.578, 3000.0, 1.606, 0.0, 1e-09, 41420.870734037686],
    [100.0, 0.5, 2.553, 1.606, 30.43, 38.86, -16.084442112435868],
    [100.0, 0.5, 29.553, 1.606, 38.0, 38.86, -151.73660884858412],
    [10.578, 11.669, 20.0, 30.0, 0.0, 38.86, -122.35886557694006],
    [10.578, 500.0, 1000.553, 1.606, 30.0, 38.86, -3718.5523775491757],
    [100000.0, 100000.0, 0.1, 1.05, 0.0, 100000.0, -2.1449873947381678],
    [1e-12, 1000000000000.0, 2.0, 2.0, 0.0, 100000.0, -27.631021115928548],
    [10.578, 11.669, 2.553, 5001.0, 30.43, 38.86, -18718.118902005171],
    [3.0, 1e-06, 0.0, 1.606, 0.0, 38.86, 8.8730495277874117],
    [10.578, 11.669, 2.553, 1.606, 38.86, 100038.86, -13.499289495169459],
];

#[test]
fn the_integral_agrees_with_its_table() {
    agrees(
        TWO_POWERS.iter().map(|&[alpha, beta, k, c, lo, hi, ln]| {
            let found = power_integral((alpha, k), (beta, c), lo, hi).ln;
            // The table's integrand does not begin at 1.
            let start = k * (alpha + lo).ln() + c * (beta + lo).ln();
            ([alpha, beta, k, c, lo, hi], found - start, ln)
        }),
        absolute_or_relative(1e-13),
    );
}

/// The means under the integrand are slopes of the logarithm of the integral: in `k` and `c` those
/// of the logarithms, and in `α` and `β` what leads to `(hi − τ)/(α + τ)`.
#[test]
fn the_means_are_the_slopes_of_the_logarithm() {
    let slope = |f: &dyn Fn(f64) -> f64, at: f64| {
        let h = 1e-3 * at;
        (8.0 * (f(at + h) - f(at - h)) - (f(at + 2.0 * h) - f(at - 2.0 * h))) / (12.0 * h)
    };
    let (lo, hi) = (30.43, 38.86);
    // Mean of (hi − τ)/(α + τ) from that of 1/(α + τ), which the slope of ∫ (α + τ)^−k … has.
    let left = |alpha: f64, k: f64, slope: f64| {
        let inverse = 1.0 / (alpha + lo) - slope / k;
        (alpha + hi) * inverse - 1.0
    };
    for [alpha, beta, k, c] in [
        [10.578, 11.669, 2.553, 1.606],
        [4.0, 0.3, 0.553, 1.606],
        [0.3, 4.0, 12.0, 1.1],
        [5.0, 5.0, 2.0, 3.0],
    ] {
        let ln = |alpha, k, beta, c| power_integral((alpha, k), (beta, c), lo, hi).ln;
        let means = power_integral((alpha, k), (beta, c), lo, hi);
        let at = [alpha, beta, k, c];
        let by_alpha = slope(&|alpha| ln(alpha, k, beta, c), alpha);
        let by_beta = slope(&|beta| ln(alpha, k, beta, c), beta);
        agrees(
            [
                (at, means.ln_alpha, -slope(&|k| ln(alpha, k, beta, c), k)),
                (at, means.ln_beta, -slope(&|c| ln(alpha, k, beta, c), c)),
                (at, means.left_alpha, left(alpha, k, by_alpha)),
                (at, means.left_beta, left(beta, c, by_beta)),
            ],
            relative(1e-8),
        );
    }
}

/// With `α = β = 1`, an elementary integral: `m = (2^(1 − k − c) − 1)/(1 − k − c)` over `0 ≤ τ ≤ 1`.
#[test]
fn large_exponents_cost_no_digits() {
    for exponent in [1e3, 1e6, 1e9, 1e12_f64] {
        let rest: f64 = exponent - 1.0;
        let exact = -(-rest * 2_f64.ln()).exp_m1() / rest;
        let found = power_integral((1.0, 0.5 * exponent), (1.0, 0.5 * exponent), 0.0, 1.0).ln;
        agrees([([exponent], found.exp(), exact)], relative(1e-13));
    }
    // (1 + τ/10¹²)^(−10¹²) = e^−τ but for a part in 10¹².
    let found = power_integral((1e12, 1e12), (1e12, 1.0), 0.0, 3.0).ln;
    agrees([([1e12], found.exp(), -(-3_f64).exp_m1())], relative(1e-11));
}

#[test]
fn an_empty_range_has_no_integral() {
    let nothing = power_integral((10.578, 2.553), (11.669, 1.606), 38.86, 38.86);
    assert!(nothing.ln.is_infinite() && nothing.ln < 0.0);
    assert!(nothing.left_alpha == 0.0 && nothing.left_beta == 0.0);
}

#[test]
fn the_logarithm_alone_and_with_all_moments_has_the_same_bits() {
    for &[alpha, beta, k, c, lo, hi, _] in TWO_POWERS {
        let all = power_moments((alpha, k), (beta, c), lo, hi).first;
        assert_eq!(all, power_integral((alpha, k), (beta, c), lo, hi));
        let alone = ln_power_integral((alpha, k), (beta, c), lo, hi);
        assert_eq!(alone.to_bits(), all.ln.to_bits());
    }
}
