//! `∫ (α + τ)^−k (β + τ)^−c dτ`: the chance to have dropped out since the last purchase, without
//! the difference of two ₂F₁ values in which it is usually written and cancels.

use super::gauss::{LONG, MEDIUM, SHORT, SHORTEST};
use super::special::ln_one_plus;

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

/// Integrates over `lo ≤ τ ≤ hi`, for `α, β > 0` and `k, c ≥ 0`. Relative error below 1e-13,
/// of the means below 2e-13.
///
/// With `m = min(α, β)` and `m + τ = (m + lo)·e^w` the integrand is log-concave in `w`: its slope
/// is steepest at an end of a panel, and panels are as wide as the slopes at their ends allow.
pub(crate) fn power_integral(
    purchases: (f64, f64),
    dropout: (f64, f64),
    lo: f64,
    hi: f64,
) -> PowerIntegral {
    integrate(purchases, dropout, lo, hi)
}

/// The logarithm alone, to the same last bit: what only the means need is not computed.
pub(crate) fn ln_power_integral(
    purchases: (f64, f64),
    dropout: (f64, f64),
    lo: f64,
    hi: f64,
) -> f64 {
    integrate(purchases, dropout, lo, hi).ln
}

#[inline(always)]
#[allow(
    clippy::inline_always,
    reason = "where only the logarithm is asked for, the compiler leaves the rest out"
)]
fn integrate((alpha, k): (f64, f64), (beta, c): (f64, f64), lo: f64, hi: f64) -> PowerIntegral {
    let least = alpha.min(beta);
    let start = least + lo;
    let (alpha_gap, beta_gap) = (alpha - least, beta - least);
    let range = ln_one_plus((hi - lo) / start);
    let slope = |lifted: f64| {
        1.0 - k * (lifted / (lifted + alpha_gap)) - c * (lifted / (lifted + beta_gap))
    };

    // m + τ at w; at the end without a detour.
    let lifted_at = |w: f64| {
        if w < range {
            start * w.exp()
        } else {
            least + hi
        }
    };
    // One of the two gaps is zero; the larger of α and β needs a logarithm.
    let is_alpha_least = alpha_gap == 0.0;
    let of_larger = 1.0 / (start + alpha_gap + beta_gap);

    let (mut scale, mut highest) = (0.0_f64, 0.0_f64);
    let (mut sum, mut sums) = (0.0, [0.0; 4]);
    let mut from = 0.0;
    let mut near = slope(start).abs();
    while from < range {
        let mut panel = WIDEST.min(range - from);
        let mut far = slope(lifted_at(from + panel)).abs();
        while near.max(far) * panel > STEEPEST {
            panel *= 0.5;
            far = slope(lifted_at(from + panel)).abs();
        }
        let rise = near.max(far) * panel;
        near = far;
        let rule = if rise <= 0.9 && panel <= 0.5 {
            SHORTEST
        } else if rise <= 2.5 && panel <= 1.0 {
            SHORT
        } else if rise <= 8.0 {
            MEDIUM
        } else {
            LONG
        };
        let mut last = 0.0;
        let middle = from + 0.5 * panel;
        let at_middle = middle.exp_m1();
        // The outermost pair comes last: the panel's far end.
        rule.visit_pairs(panel, |offset, weight| {
            let growth = offset.exp_m1();
            let behind = (middle - offset, -growth / (1.0 + growth));
            for (w, growth) in [behind, (middle + offset, growth)] {
                // τ = lo + risen.
                let risen = start * (at_middle + (1.0 + at_middle) * growth);
                let ln_larger = ln_one_plus(risen * of_larger);
                let (ln_alpha, ln_beta) = if is_alpha_least {
                    (w, ln_larger)
                } else {
                    (ln_larger, w)
                };
                last = w - k * ln_alpha - c * ln_beta;
                highest = highest.max(last);
                let part = weight * (last - scale).exp();
                let (by_alpha, by_beta) = (start + risen + alpha_gap, start + risen + beta_gap);
                let left = part * (hi - lo - risen) / (by_alpha * by_beta);
                sum += part;
                sums[0] += part * ln_alpha;
                sums[1] += left * by_beta;
                sums[2] += part * ln_beta;
                sums[3] += left * by_alpha;
            }
        });
        // A panel rises by no more than its slopes allow: far from the largest number.
        if highest > scale + 300.0 {
            let shrink = (scale - highest).exp();
            sum *= shrink;
            sums = sums.map(|s| s * shrink);
            scale = highest;
        }
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
