//! Masses and tails of counts: the negative binomial distribution, a Poisson count whose mean is
//! `τ` times a gamma variate of shape `r`, and the Poisson distribution itself.
//!
//! Masses come from the saddle point, tails are sums of positive terms, so that neither has a
//! difference of large logarithms in it: Loader (2000), "Fast and Accurate Computation of Binomial
//! Probabilities".

use super::special::{incomplete_beta, stirling_remainder};

/// Terms below this share of a sum are left out.
const NEGLIGIBLE: f64 = 1e-18;
/// Beyond this `τ` the terms of a tail fall too slowly to be summed.
const FLAT: f64 = 200.0;

/// `x ln(x/m) − x + m`, from `x`, `m` and their difference, for `x ≥ 0` and `m > 0`.
fn deviance(x: f64, m: f64, difference: f64) -> f64 {
    if x == 0.0 {
        return m;
    }
    if difference.abs() < 0.1 * (x + m) {
        let v = difference / (x + m);
        let mut sum = difference * v;
        let mut power = 2.0 * x * v;
        for i in 1..200_u32 {
            power *= v * v;
            let next = sum + power / f64::from(2 * i + 1);
            if next.to_bits() == sum.to_bits() {
                break;
            }
            sum = next;
        }
        sum
    } else {
        x * (x / m).ln() - difference
    }
}

/// The chance of exactly `n` events, for a whole `n ≥ 0`, `r > 0` and `τ > 0`.
pub(crate) fn mass(n: f64, r: f64, tau: f64) -> f64 {
    if n == 0.0 {
        return (-r * tau.ln_1p()).exp();
    }
    let (all, rest) = (n + r, 1.0 / (1.0 + tau));
    let difference = (n - r * tau) * rest;
    let apart = deviance(n, all * (tau * rest), difference) + deviance(r, all * rest, -difference);
    let remainder = stirling_remainder(all) - stirling_remainder(n) - stirling_remainder(r);
    let front = r / all * (all / (std::f64::consts::TAU * n * r)).sqrt();
    front * (remainder - apart).exp()
}

/// The chance of exactly `n` events of a Poisson count with mean `mu > 0`.
pub(crate) fn poisson_mass(n: f64, mu: f64) -> f64 {
    if n == 0.0 {
        return (-mu).exp();
    }
    let apart = deviance(n, mu, n - mu) + stirling_remainder(n);
    (-apart).exp() / (std::f64::consts::TAU * n).sqrt()
}

/// The chance of one event more, relative to that of `n`.
pub(crate) fn next_ratio(n: f64, r: f64, tau: f64) -> f64 {
    (r + n) / (n + 1.0) * (tau / (1.0 + tau))
}

/// The most likely count.
pub(crate) fn mode(r: f64, tau: f64) -> f64 {
    ((r - 1.0) * tau).floor().max(0.0)
}

/// The chance of `n` events or more, for a whole `n ≥ 0`.
#[allow(clippy::float_cmp, reason = "whole numbers, exactly")]
pub(crate) fn at_least(n: f64, r: f64, tau: f64) -> f64 {
    if n == 0.0 {
        return 1.0;
    }
    let any = -(-r * tau.ln_1p()).exp_m1();
    if n == 1.0 {
        return any;
    }
    if n <= mode(r, tau) {
        // Fewer: downwards from n − 1, where the terms fall.
        let (mut i, mut term, mut sum) = (n - 1.0, mass(n - 1.0, r, tau), 0.0);
        while term > NEGLIGIBLE * sum {
            sum += term;
            if i == 0.0 {
                break;
            }
            i -= 1.0;
            term /= next_ratio(i, r, tau);
        }
        return (1.0 - sum).max(0.0);
    }
    if tau <= FLAT {
        let (mut i, mut term, mut sum) = (n, mass(n, r, tau), 0.0);
        loop {
            sum += term;
            let ratio = next_ratio(i, r, tau);
            term *= ratio;
            i += 1.0;
            // The smallest numbers stay as they are when multiplied.
            if ratio < 1.0 && term <= NEGLIGIBLE * sum * (1.0 - ratio) || term < f64::MIN_POSITIVE {
                return sum;
            }
        }
    }
    if n > (r + 1.0) * tau {
        return incomplete_beta(n, r, tau / (1.0 + tau), 1.0 / (1.0 + tau)).0;
    }
    // The terms are nearly equal for long: any event, less a few.
    let (mut term, mut few) = (mass(1.0, r, tau), 0.0);
    let mut i = 1.0;
    while i < n {
        few += term;
        term *= next_ratio(i, r, tau);
        i += 1.0;
    }
    (any - few).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::testing::{agrees, relative};

    /// Sums of 60 digits (mpmath 1.3).
    #[test]
    fn masses_and_tails_agree_with_reference_values() {
        let cases: [([f64; 3], f64, f64); 8] = REFERENCE;
        agrees(
            cases.map(|([n, r, tau], exact, _)| ([n, r, tau], mass(n, r, tau), exact)),
            relative(1e-12),
        );
        agrees(
            cases.map(|([n, r, tau], _, exact)| ([n, r, tau], at_least(n, r, tau), exact)),
            relative(1e-12),
        );
    }

    #[test]
    fn poisson_masses_sum_to_one() {
        agrees(
            [1e-3, 0.7, 12.0, 900.0].map(|mu| {
                let sum = (0..2000).map(|n| poisson_mass(f64::from(n), mu)).sum();
                ([mu], sum, 1.0)
            }),
            relative(1e-13),
        );
    }

    #[allow(
        clippy::excessive_precision,
        clippy::unreadable_literal,
        reason = "reference values as they were computed, to 17 digits"
    )]
    #[rustfmt::skip]
    const REFERENCE: [([f64; 3], f64, f64); 8] = [
        ([3.0, 0.7, 2.5], 0.081194710390971609, 0.24961228436056298),
        ([40.0, 2.0, 0.001], 3.9314486049031359e-119, 3.9354760383873929e-119),
        ([100.0, 1e-12, 5.0], 1.2074673472454547e-22, 6.916992517705399e-22),
        ([7.0, 1e-12, 1000000.0], 1.4285614285951921e-13, 1.1365517557886432e-11),
        ([5000.0, 1000000000000.0, 5e-09], 0.0056418017905595181, 0.50188063401971344),
        ([60.0, 3.5, 10000.0], 8.9576950266989611e-11, 0.9999999984622259),
        ([900.0, 250.0, 3.0], 0.00021461069079031651, 0.0045762507115372849),
        ([2000.0, 0.4, 300.0], 6.1866396099148551e-7, 0.00017243496555859914),
    ];
}
