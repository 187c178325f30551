//! The mean of a smooth function of `p ~ Beta(a, b)`, for any `a, b > 0`.

use super::special::ln_beta;

/// A function of `p` on `[0, 1]` with the two values that its chord needs.
pub(crate) struct Mixed<F> {
    /// Value at `p = 0`.
    pub(crate) at_zero: f64,
    /// Value at `p = 1`.
    pub(crate) at_one: f64,
    /// The scale of `p` at which the function first bends away from a straight line.
    pub(crate) bend: f64,
    /// The function for `0 < p < 1`.
    pub(crate) inside: F,
}

/// Below this the weight of a node, in logarithm, adds nothing to any value that it is summed with.
const NEGLIGIBLE: f64 = -120.0;

/// `E[f(p)]` by the trapezoid rule in `y = logit p`, applied to what remains of `f` when its chord,
/// whose mean is known, is taken off: that remainder vanishes at both ends, so the rule converges
/// for `a` or `b` near zero as well. Relative error below 1e-11.
pub(crate) fn beta_mean<F: FnMut(f64) -> f64>(a: f64, b: f64, mut f: Mixed<F>) -> f64 {
    let centre = (a / b).ln();
    let spread = (1.0 / a + 1.0 / b).sqrt();
    let step = (0.4 * spread).min(0.3);
    let (low, high) = if a > 5.0 && b > 5.0 {
        (
            centre - 42.0 / (1.0 + a) - 12.0 * spread,
            centre + 42.0 / (1.0 + b) + 12.0 * spread,
        )
    } else {
        let margin = 8.0 * spread.min(1.0);
        (
            centre.min(0.0).min(f.bend.ln()) - 42.0 / (1.0 + a) - margin,
            centre.max(0.0) + 42.0 / (1.0 + b) + margin,
        )
    };
    let normaliser = ln_beta(a, b);
    let nodes = ((high - low) / step).ceil();
    let mut sum = 0.0;
    let mut k = 0.0;
    while k <= nodes {
        let y = low + step * k;
        k += 1.0;
        let e = (-y.abs()).exp();
        let (near, far) = (-e.ln_1p(), -y.abs() - e.ln_1p());
        let (ln_p, ln_q) = if y > 0.0 { (near, far) } else { (far, near) };
        let ln_weight = a * ln_p + b * ln_q - normaliser;
        if ln_weight < NEGLIGIBLE {
            continue;
        }
        let (major, minor) = (1.0 / (1.0 + e), e / (1.0 + e));
        let (p, q) = if y > 0.0 {
            (major, minor)
        } else {
            (minor, major)
        };
        sum += ln_weight.exp() * ((f.inside)(p) - f.at_zero * q - f.at_one * p);
    }
    f.at_zero * (b / (a + b)) + f.at_one * (a / (a + b)) + step * sum
}
