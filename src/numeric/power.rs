//! `∫ (α + τ)^−k (β + τ)^−c dτ`: the chance to have dropped out since the last purchase, without
//! the difference of two ₂F₁ values in which it is usually written and cancels.

use super::gauss::{LONG, MEDIUM, SHORT};

/// The integral's logarithm, and means under the density proportional to its integrand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PowerIntegral {
    /// Logarithm of the integral; `−∞` over an empty range.
    pub(crate) ln: f64,
    /// Mean of `ln(α + τ)`.
    pub(crate) ln_alpha: f64,
    /// Mean of `1/(α + τ)`.
    pub(crate) inverse_alpha: f64,
    /// Mean of `ln(β + τ)`.
    pub(crate) ln_beta: f64,
    /// Mean of `1/(β + τ)`.
    pub(crate) inverse_beta: f64,
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
    let ln_start = start.ln();
    let slope = |lifted: f64| {
        1.0 - k * (lifted / (lifted + alpha_gap)) - c * (lifted / (lifted + beta_gap))
    };

    // ln(α + τ) and ln(β + τ) at w; one of the two gaps is zero and needs no logarithm.
    let logs = |w: f64, lifted: f64| {
        let straight = ln_start + w;
        if alpha_gap == 0.0 {
            let ln_beta = if beta_gap == 0.0 {
                straight
            } else {
                (lifted + beta_gap).ln()
            };
            (straight, ln_beta)
        } else {
            ((lifted + alpha_gap).ln(), straight)
        }
    };

    let (ln_alpha, ln_beta) = logs(0.0, start);
    let mut scale = ln_start - k * ln_alpha - c * ln_beta;
    let mut highest = scale;
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
            let lifted = start * w.exp();
            let (ln_alpha, ln_beta) = logs(w, lifted);
            let height = ln_start + w - k * ln_alpha - c * ln_beta;
            last = height; // nodes come in pairs, the outermost last: the panel's far end
            if height > highest {
                highest = height;
                if height > scale + 300.0 {
                    let shrink = (scale - height).exp();
                    sum *= shrink;
                    sums.iter_mut().for_each(|s| *s *= shrink);
                    scale = height;
                }
            }
            let part = weight * (height - scale).exp();
            sum += part;
            sums[0] += part * ln_alpha;
            sums[1] += part / (lifted + alpha_gap);
            sums[2] += part * ln_beta;
            sums[3] += part / (lifted + beta_gap);
        });
        if last < highest - NEGLIGIBLE {
            break;
        }
        from += panel;
    }
    if sum > 0.0 {
        PowerIntegral {
            ln: scale + sum.ln(),
            ln_alpha: sums[0] / sum,
            inverse_alpha: sums[1] / sum,
            ln_beta: sums[2] / sum,
            inverse_beta: sums[3] / sum,
        }
    } else {
        PowerIntegral {
            ln: f64::NEG_INFINITY,
            ln_alpha: (alpha + lo).ln(),
            inverse_alpha: 1.0 / (alpha + lo),
            ln_beta: (beta + lo).ln(),
            inverse_beta: 1.0 / (beta + lo),
        }
    }
}

#[cfg(test)]
mod tests;
