//! The mean of a smooth function of `p ~ Beta(a, b)`, for any `a, b > 0`.

/// A function of `p` on `[0, 1]` with its values at both ends.
pub(crate) struct Mixed<F> {
    /// Value at `p = 0`.
    pub(crate) at_zero: f64,
    /// Value at `p = 1`.
    pub(crate) at_one: f64,
    /// The scale of `p` at which the function first leaves its value at 0.
    pub(crate) bend: f64,
    /// The function for `0 < p < 1`.
    pub(crate) inside: F,
}

/// Below this the weight of a node relative to the largest, in logarithm, adds nothing to any value
/// that it is summed with.
const NEGLIGIBLE: f64 = -120.0;

/// `E[f(p)]` by the trapezoid rule in `y = logit p`, over the whole line: beyond either end of the
/// nodes that are summed one by one `f` has its end value and the weights fall as `e^−a|y|` or
/// `e^−b|y|`, so that the rest is a geometric series. Nothing is subtracted, and the rule
/// converges for `a` or `b` near zero as well. Relative error below 1e-11 for a function that is
/// positive and falls.
pub(crate) fn beta_mean<F: FnMut(f64) -> f64>(a: f64, b: f64, mut f: Mixed<F>) -> f64 {
    let all = a + b;
    let centre = (a / b).ln();
    let spread = (1.0 / a + 1.0 / b).sqrt();
    let step = (0.4 * spread).min(0.3);
    let (low, high) = if a > 5.0 && b > 5.0 {
        (
            -42.0 / (1.0 + a) - 12.0 * spread,
            42.0 / (1.0 + b) + 12.0 * spread,
        )
    } else {
        let margin = 8.0 * spread.min(1.0);
        (
            (-centre).min(0.0).min(f.bend.ln() - centre) - 42.0 / (1.0 + a) - margin,
            (-centre).max(0.0) + 42.0 / (1.0 + b) + margin,
        )
    };
    let nodes = ((high - low) / step).ceil();
    let (mut sum, mut weights) = (0.0, 0.0);
    let mut k = 0.0;
    while k <= nodes {
        // The distance from the mode in y. Of p and 1 − p the one that is small there leads: what
        // the other loses is no difference of large numbers.
        let d = low + step * k;
        let (ln_weight, p) = if a <= b {
            let rise = a / all * d.exp_m1();
            (a * d - all * rise.ln_1p(), a / all * d.exp() / (1.0 + rise))
        } else {
            let rise = b / all * (-d).exp_m1();
            (-b * d - all * rise.ln_1p(), a / all / (1.0 + rise))
        };
        if ln_weight >= NEGLIGIBLE {
            let weight = ln_weight.exp();
            sum += weight * (f.inside)(p);
            weights += weight;
            if k == 0.0 {
                let beyond = weight / (a * step).exp_m1();
                sum += beyond * f.at_zero;
                weights += beyond;
            }
            if k == nodes {
                let beyond = weight / (b * step).exp_m1();
                sum += beyond * f.at_one;
                weights += beyond;
            }
        }
        k += 1.0;
    }
    sum / weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::testing::{agrees, relative};

    fn mean(a: f64, b: f64, [at_zero, at_one]: [f64; 2], inside: impl FnMut(f64) -> f64) -> f64 {
        let bend = 1.0;
        beta_mean(
            a,
            b,
            Mixed {
                at_zero,
                at_one,
                bend,
                inside,
            },
        )
    }

    #[test]
    fn the_moments_are_those_of_the_beta_distribution() {
        let sizes = [
            1e-12, 1e-6, 0.02, 0.31, 1.0, 2.5, 4.99, 5.01, 42.0, 1e3, 1e6,
        ];
        let pairs = || {
            sizes
                .iter()
                .flat_map(|&a| sizes.iter().map(move |&b| (a, b)))
        };
        // Squares bend more, and rise, so that they are harder than anything the models ask for.
        agrees(
            pairs().map(|(a, b)| {
                let exact = a / (a + b) * ((a + 1.0) / (a + b + 1.0));
                ([a, b], mean(a, b, [0.0, 1.0], |p| p * p), exact)
            }),
            relative(5e-11),
        );
        // 1 − p has few digits where p is close to 1.
        agrees(
            pairs().filter(|&(a, _)| a <= 1e3).map(|(a, b)| {
                let exact = b / (a + b) * ((b + 1.0) / (a + b + 1.0));
                (
                    [a, b],
                    mean(a, b, [1.0, 0.0], |p| (1.0 - p) * (1.0 - p)),
                    exact,
                )
            }),
            relative(5e-11),
        );
    }

    #[test]
    fn the_mean_over_the_uniform_distribution_is_the_plain_integral() {
        agrees(
            [
                (
                    [1.0],
                    mean(1.0, 1.0, [1.0, 0.5], |p| 1.0 / (1.0 + p)),
                    2_f64.ln(),
                ),
                (
                    [2.0],
                    mean(1.0, 1.0, [1.0, 1_f64.exp()], f64::exp),
                    1_f64.exp_m1(),
                ),
            ],
            relative(1e-12),
        );
    }

    #[test]
    fn a_constant_is_its_own_mean() {
        agrees(
            [([3.0, 0.2], mean(3.0, 0.2, [7.0, 7.0], |_| 7.0), 7.0)],
            relative(1e-15),
        );
    }
}
