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

/// The same with the means of all products of two: of the integral's second derivatives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PowerMoments {
    pub(crate) first: PowerIntegral,
    /// Means of the products of `ln_alpha`, `left_alpha`, `ln_beta` and `left_beta`, row by row up to
    /// the diagonal.
    pub(crate) products: [f64; 10],
}

/// Where the integrand has fallen this far (in logarithm) below its maximum, the rest is nothing.
const NEGLIGIBLE: f64 = 46.0;
/// The widest panel; nearest complex singularity of the integrand in `w`: distance π.
const WIDEST: f64 = 1.5;
/// The change of the log-integrand that one panel may span.
const STEEPEST: f64 = 16.0;

/// Integrates over `lo ≤ τ ≤ hi`, for `α, β > 0` and `k, c ≥ 0`. Relative error below 1e-13,
/// of the means below 2e-13.
pub(crate) fn power_integral(
    alpha: (f64, f64),
    beta: (f64, f64),
    lo: f64,
    hi: f64,
) -> PowerIntegral {
    integrate::<1>(alpha, beta, lo, hi).first
}

/// The logarithm of the same integral alone, to the same bits.
pub(crate) fn ln_power_integral(alpha: (f64, f64), beta: (f64, f64), lo: f64, hi: f64) -> f64 {
    integrate::<0>(alpha, beta, lo, hi).first.ln
}

/// The same integral with the means of products.
pub(crate) fn power_moments(alpha: (f64, f64), beta: (f64, f64), lo: f64, hi: f64) -> PowerMoments {
    integrate::<2>(alpha, beta, lo, hi)
}

/// Sums over the nodes of the rules.
struct Sums {
    all: f64,
    means: [f64; 4],
    products: [f64; 10],
}

impl Sums {
    fn add<const ORDER: u8>(&mut self, part: f64, of: impl FnOnce() -> [f64; 4]) {
        self.all += part;
        if ORDER == 0 {
            return;
        }
        let of = of();
        let parts = of.map(|value| part * value);
        for (mean, part) in self.means.iter_mut().zip(parts) {
            *mean += part;
        }
        if ORDER < 2 {
            return;
        }
        let mut cells = self.products.iter_mut();
        for (i, part) in parts.into_iter().enumerate() {
            for (value, cell) in of[..=i].iter().zip(&mut cells) {
                *cell += part * value;
            }
        }
    }

    fn shrink(&mut self, factor: f64) {
        self.all *= factor;
        self.means.iter_mut().for_each(|s| *s *= factor);
        self.products.iter_mut().for_each(|s| *s *= factor);
    }

    fn moments(&self, ln_unit: f64) -> PowerMoments {
        let by = if self.all > 0.0 { 1.0 / self.all } else { 0.0 };
        let [ln_alpha, left_alpha, ln_beta, left_beta] = self.means.map(|sum| sum * by);
        PowerMoments {
            first: PowerIntegral {
                ln: ln_unit + self.all.ln(), // −∞ over an empty range
                ln_alpha,
                left_alpha,
                ln_beta,
                left_beta,
            },
            products: self.products.map(|sum| sum * by),
        }
    }
}

/// With `m = min(α, β)` and `m + τ = (m + lo)·e^w` the integrand is log-concave in `w`: its slope
/// is steepest at an end of a panel, and panels are as wide as the slopes at their ends allow.
fn integrate<const ORDER: u8>(
    (alpha, k): (f64, f64),
    (beta, c): (f64, f64),
    lo: f64,
    hi: f64,
) -> PowerMoments {
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
    let mut sums = Sums {
        all: 0.0,
        means: [0.0; 4],
        products: [0.0; 10],
    };
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
                sums.add::<ORDER>(weight * (last - scale).exp(), || {
                    let (by_alpha, by_beta) = (start + risen + alpha_gap, start + risen + beta_gap);
                    let left = (hi - lo - risen) / (by_alpha * by_beta);
                    [ln_alpha, left * by_beta, ln_beta, left * by_alpha]
                });
            }
        });
        // A panel rises by no more than its slopes allow: far from the largest number.
        if highest > scale + 300.0 {
            sums.shrink((scale - highest).exp());
            scale = highest;
        }
        if last < highest - NEGLIGIBLE {
            break;
        }
        from += panel;
    }
    sums.moments(start.ln() + scale)
}

#[cfg(test)]
mod tests;
