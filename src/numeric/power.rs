//! `∫ (α + τ)^−k (β + τ)^−c dτ`: the chance to have dropped out since the last purchase, without
//! the difference of two ₂F₁ values in which it is usually written and cancels.

use super::elementary::{self, exp, exp_m1_both};
use super::gauss::{GAUSS_6, GAUSS_8, GAUSS_12, GAUSS_20};
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

/// Integrates over `lo ≤ τ ≤ hi`, for `α, β > 0` and `k, c ≥ 0`. Relative error below 1e-13; the means
/// are sums over the same nodes.
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
    let is_alpha_least = alpha <= beta;
    let (least, of_least, larger, of_larger) = if is_alpha_least {
        (alpha, k, beta, c)
    } else {
        (beta, c, alpha, k)
    };
    let start = least + lo;
    let gap = larger - least;
    let integrand = Integrand {
        start,
        larger: start + gap,
        by_larger: 1.0 / (start + gap),
        of_least,
        of_larger,
        reach: hi - lo,
        is_alpha_least,
    };
    let range = ln_one_plus((hi - lo) / start);
    let slope = |lifted: f64| 1.0 - of_least - of_larger * (lifted / (lifted + gap));

    // m + τ at w; at the end without a detour.
    let lifted_at = |w: f64| {
        if w < range {
            start * w.exp()
        } else {
            least + hi
        }
    };

    let (mut scale, mut highest) = (0.0_f64, 0.0_f64);
    let mut sums = Sums {
        all: 0.0,
        means: [0.0; 4],
        products: [0.0; 10],
    };
    let mut from = 0.0;
    let mut near = slope(start).abs();
    while from < range {
        let mut width = WIDEST.min(range - from);
        let mut far = slope(lifted_at(from + width)).abs();
        while near.max(far) * width > STEEPEST {
            width *= 0.5;
            far = slope(lifted_at(from + width)).abs();
        }
        let rise = near.max(far) * width;
        near = far;
        let panel = Panel {
            middle: from + 0.5 * width,
            half: 0.5 * width,
            scale,
        };
        let (last, most) = if rise <= 0.9 && width <= 0.5 {
            integrand.add::<3, ORDER>(&GAUSS_6, &panel, &mut sums)
        } else if rise <= 2.5 && width <= 1.0 {
            integrand.add::<4, ORDER>(&GAUSS_8, &panel, &mut sums)
        } else if rise <= 8.0 {
            integrand.add::<6, ORDER>(&GAUSS_12, &panel, &mut sums)
        } else {
            integrand.add::<10, ORDER>(&GAUSS_20, &panel, &mut sums)
        };
        highest = highest.max(most);
        // A panel rises by no more than its slopes allow: far from the largest number.
        if highest > scale + 300.0 {
            sums.shrink((scale - highest).exp());
            scale = highest;
        }
        if last < highest - NEGLIGIBLE {
            break;
        }
        from += width;
    }
    sums.moments(start.ln() + scale)
}

/// What the nodes of all panels share; `least` and `larger` of α and β.
struct Integrand {
    /// The least, and the larger, at the lower end.
    start: f64,
    larger: f64,
    by_larger: f64,
    /// The powers of both.
    of_least: f64,
    of_larger: f64,
    reach: f64,
    is_alpha_least: bool,
}

/// A part of the range of `w`.
struct Panel {
    middle: f64,
    half: f64,
    /// The logarithm that is taken off the integrand.
    scale: f64,
}

impl Integrand {
    /// Adds a panel by a rule of so many pairs of nodes: the log-integrand at its last node, and the
    /// highest.
    ///
    /// Loops over nodes, without a branch inside, become vector instructions.
    #[inline]
    fn add<const PAIRS: usize, const ORDER: u8>(
        &self,
        rule: &[(f64, f64); PAIRS],
        panel: &Panel,
        sums: &mut Sums,
    ) -> (f64, f64) {
        let at_middle = panel.middle.exp_m1();
        // e^±x − 1 about the middle.
        let mut growth = [[0.0; PAIRS]; 2];
        for (i, (node, _)) in rule.iter().enumerate() {
            (growth[0][i], growth[1][i]) = exp_m1_both(panel.half * node);
        }
        let (mut last, mut highest) = (0.0, f64::NEG_INFINITY);
        for (growth, sign) in growth.into_iter().zip([-1.0, 1.0]) {
            let mut w = [0.0; PAIRS];
            let mut ln_larger = [0.0; PAIRS];
            let mut height = [0.0; PAIRS];
            let mut part = [0.0; PAIRS];
            let mut left = [[0.0; PAIRS]; 2];
            for i in 0..PAIRS {
                // τ = lo + risen.
                let risen = self.start * (at_middle + (1.0 + at_middle) * growth[i]);
                w[i] = panel.middle + sign * (panel.half * rule[i].0);
                ln_larger[i] = elementary::ln_one_plus(risen * self.by_larger);
                height[i] = w[i] - self.of_least * w[i] - self.of_larger * ln_larger[i];
                part[i] = panel.half * rule[i].1 * exp(height[i] - panel.scale);
                if ORDER > 0 {
                    let (least, larger) = (self.start + risen, self.larger + risen);
                    let both = (self.reach - risen) / (least * larger);
                    left[0][i] = both * larger;
                    left[1][i] = both * least;
                }
            }
            last = height[PAIRS - 1]; // the outermost pair comes last
            for i in 0..PAIRS {
                highest = f64::max(highest, height[i]);
                sums.add::<ORDER>(part[i], || {
                    if self.is_alpha_least {
                        [w[i], left[0][i], ln_larger[i], left[1][i]]
                    } else {
                        [ln_larger[i], left[1][i], w[i], left[0][i]]
                    }
                });
            }
        }
        (last, highest)
    }
}

#[cfg(test)]
mod tests;
