//! How a beta function declines as one argument grows: the logarithm of `B(a, b)/B(a, b + t)`.

use super::gauss::SHORTEST;
use super::special::{ASYMPTOTIC, STIRLING};

/// `ln B(a, b) − ln B(a, b + t)`, what is lost of `E[(1 − p)^t]` for `p ~ Beta(a, b)`: for
/// `a, b > 0` and `t ≥ 0`, each from 1e-12, and up to 1e12, 1e100 and 1e110.
///
/// It equals `∫₀^t ψ(b + s + a) − ψ(b + s) ds`. The recurrence lifts `b` to where Stirling's formula
/// holds; what comes of that is arranged so that no part is more than a few times the sum. Relative
/// error below 1e-14.
pub(crate) fn beta_decline(a: f64, b: f64, t: f64) -> f64 {
    let (mut sum, mut low) = (0.0, b);
    while low < ASYMPTOTIC {
        sum += (a / low * (t / (low + t + a))).ln_1p();
        low += 1.0;
    }
    let high = low + t;
    let step = (a / low * (t / (high + a))).ln_1p();
    // ∫ ln(1 + a/x) dx from low to high, and half the difference of the ends.
    let integral = t * (a / high).ln_1p() - low * step + a * (t / (low + a)).ln_1p();
    sum + integral + 0.5 * step + tail_decline(low, a.min(t), a.max(t))
}

/// The second difference of what Stirling's formula leaves out, over both steps from `low`.
fn tail_decline(low: f64, small: f64, large: f64) -> f64 {
    // z^−m − (z + small)^−m for the powers of the series, times z^m.
    let across = |z: f64, more: f64, of: &dyn Fn(f64) -> f64| {
        let ln = (small / z).ln_1p();
        let mut power = z.powf(-more);
        let mut total = 0.0;
        for (k, coefficient) in STIRLING.iter().enumerate() {
            let m = (2 * k + 1) as f64;
            let fall = -(-(m + more) * ln).exp_m1();
            power /= if k == 0 { z } else { z * z };
            total += of(m) * coefficient * power * fall;
        }
        total
    };
    if large > 0.1 * low {
        across(low, 0.0, &|_| 1.0) - across(low + large, 0.0, &|_| 1.0)
    } else {
        let mut sum = 0.0;
        SHORTEST.visit(low, large, |z, weight| {
            sum += weight * across(z, 1.0, &|m| m);
        });
        sum
    }
}

/// `ln(1 − e^−x)` for `x > 0`.
pub(crate) fn ln_loss(x: f64) -> f64 {
    if x < std::f64::consts::LN_2 {
        (-(-x).exp_m1()).ln()
    } else {
        (-(-x).exp()).ln_1p()
    }
}

/// `Σ_{k=0}^{m−1} e^−kx` for `x ≥ 0`, or for ever if `m` is infinite and `x > 0`.
pub(crate) fn geometric_sum(x: f64, m: f64) -> f64 {
    if x == 0.0 {
        m
    } else if m == 0.0 {
        0.0
    } else {
        (-m * x).exp_m1() / (-x).exp_m1()
    }
}

#[cfg(test)]
mod tests;
