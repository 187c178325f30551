//! `∫ (α + τ)^−k (β + τ)^−c dτ`: the chance to have dropped out since the last purchase, without
//! the difference of two ₂F₁ values in which it is usually written and cancels.

use super::gauss::{LONG, MEDIUM, SHORT};

/// The logarithm of `∫ ((α + τ)/(α + lo))^−k ((β + τ)/(β + lo))^−c dτ`, and means under the density
/// proportional to its integrand.
///
/// The integrand begins at 1, so that large exponents cost no digits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PowerIntegral {
    /// Logarithm of the integral; `−∞` over an empty range.
    pub(crate) ln: f64,
    /// Mean of `ln((α + τ)/(α + lo))`.
    pub(crate) ln_alpha: f64,
    /// Mean of `(hi − τ)/(α + τ)`.
    pub(crate) left_alpha: f64,
    /// Mean of `ln((β + τ)/(β + lo))`.
    pub(crate) ln_beta: f64,
    /// Mean of `(hi − τ)/(β + τ)`.
    pub(crate) left_beta: f64,
}

/// Where the integrand has fallen this far (in logarithm) below its maximum, the rest is nothing.
const NEGLIGIBLE: f64 = 46.0;
/// The widest panel; nearest complex singularity of the integrand in `w`: distance π.
const WIDEST: f64 = 1.5;
/// The change of the log-integrand that one panel may span.
const STEEPEST: f64 = 16.0;

/// Integrates over `lo ≤ τ ≤ hi`, for `α, β > 0` and `k, c ≥ 0`. Relative error below 1e-13.
///
/// With `m = min(α, β)` and `m + τ = (m + lo)·e^w` the integrand is log-concave in `w`: its slope
/// is steepest at an end of a panel, and panels are as wide as the slopes at their ends allow.
pub(crate) fn power_integral(
    (alpha, k): (f64, f64),
    (beta, c): (f64, f64),
    lo: f64,
    hi: f64,
) -> PowerIntegral {
    let least = alpha.min(beta);
    let start = least + lo;
    let (alpha_gap, beta_gap) = (alpha - least, beta - least);
    let range = ((hi - lo) / start).ln_1p();
    let slope = |lifted: f64| {
        1.0 - k * (lifted / (lifted + alpha_gap)) - c * (lifted / (lifted + beta_gap))
    };

    // The two logarithms at w, where τ = lo + risen; one of the two gaps is zero and needs none.
    let logs = |w: f64, risen: f64| {
        if alpha_gap == 0.0 {
            let ln_beta = if beta_gap == 0.0 {
                w
            } else {
                (risen / (start + beta_gap)).ln_1p()
            };
            (w, ln_beta)
        } else {
            ((risen / (start + alpha_gap)).ln_1p(), w)
        }
    };

    let (mut scale, mut highest) = (0.0_f64, 0.0_f64);
    let (mut sum, mut sums) = (0.0, [0.0; 4]);
    let mut from = 0.0;
    let mut near = slope(start).abs();
    while from < range {
        let mut panel = WIDEST.min(range - from);
        let mut far = slope(start * (from + panel).exp()).abs();
        while near.max(far) * panel > STEEPEST {
            panel *= 0.5;
            far = slope(start * (from + panel).exp()).abs();
        }
        let rise = near.max(far) * panel;
        near = far;
        let rule = if rise <= 2.0 && panel <= 0.75 {
            SHORT
        } else if rise <= 8.0 {
            MEDIUM
        } else {
            LONG
        };
        let mut last = f64::NEG_INFINITY;
        rule.visit(from, panel, |w, weight| {
            let risen = start * w.exp_m1();
            let (ln_alpha, ln_beta) = logs(w, risen);
            let height = w - k * ln_alpha - c * ln_beta;
            last = height; // nodes come in pairs, the outermost last: the panel's far end
            if height > highest {
                highest = height;
                if height > scale + 300.0 {
                    let shrink = (scale - height).exp();
                    sum *= shrink;
                    sums = sums.map(|s| s * shrink);
                    scale = height;
                }
            }
            let part = weight * (height - scale).exp();
            sum += part;
            let (lifted, left) = (start + risen, part * (hi - lo - risen));
            sums[0] += part * ln_alpha;
            sums[1] += left / (lifted + alpha_gap);
            sums[2] += part * ln_beta;
            sums[3] += left / (lifted + beta_gap);
        });
        if last < highest - NEGLIGIBLE {
            break;
        }
        from += panel;
    }
    if sum > 0.0 {
        PowerIntegral {
            ln: start.ln() + scale + sum.ln(),
            ln_alpha: sums[0] / sum,
            left_alpha: sums[1] / sum,
            ln_beta: sums[2] / sum,
            left_beta: sums[3] / sum,
        }
    } else {
        PowerIntegral {
            ln: f64::NEG_INFINITY,
            ln_alpha: 0.0,
            left_alpha: 0.0,
            ln_beta: 0.0,
            left_beta: 0.0,
        }
    }
}

#[cfg(test)]
mod tests;
