//! The mean of a smooth function of `p ~ Beta(a, b)`, for any `a, b > 0`.

/// A positive function of `p` on `[0, 1]` that rises or falls throughout, with its values at both
/// ends.
pub(crate) struct Mixed<F> {
    /// Value at `p = 0`.
    pub(crate) at_zero: f64,
    /// Value at `p = 1`.
    pub(crate) at_one: f64,
    /// It falls no faster than `(1 + pτ)^−power`, for some `τ`.
    pub(crate) power: f64,
    /// The function for `0 < p < 1`.
    pub(crate) inside: F,
}

/// What is left out on either side, relative to the mean.
const NEGLIGIBLE: f64 = 1e-16;
/// No function bends closer to an end than this.
const NEAREST: f64 = 1e-300;

/// `E[f(p)]` by the trapezoid rule in `y = logit p`, over the whole line: nodes are summed one by
/// one from the mode outwards until `f` has its end value and the weights fall as `e^−a|y|` or
/// `e^−b|y|`, so that the rest is a geometric series. Nothing is subtracted, and the rule
/// converges for `a` or `b` near zero as well. Relative error below 1e-11.
pub(crate) fn beta_mean<F: FnMut(f64) -> f64>(a: f64, b: f64, mut f: Mixed<F>) -> f64 {
    let all = a + b;
    // Error about e^−33: the singularities are at ±iπ, and the integrand grows on the way to them
    // the more, the larger its exponents; in the limit it is smooth up to ±iπ/2 only.
    let step = (0.48 - 0.0125 * (all + f.power))
        .max(0.3)
        .min(0.4 * (1.0 / a + 1.0 / b).sqrt());
    // Weight, p and 1 − p at this distance from the mode. The one that is small there leads: what
    // the other loses is no difference of large numbers.
    let (small, large) = if a <= b { (a, b) } else { (b, a) };
    let node = |distance: f64| {
        let d = if a <= b { distance } else { -distance };
        let rise = small / all * d.exp_m1();
        let weight = (small * d - all * rise.ln_1p()).exp();
        let below = 1.0 / (1.0 + rise);
        let (leading, other) = (small / all * d.exp() * below, large / all * below);
        if a <= b {
            (weight, leading, other)
        } else {
            (weight, other, leading)
        }
    };
    let mut sum = (f.inside)(a / all);
    let mut weights = 1.0;
    for (direction, exponent, end) in [(step, b, f.at_one), (-step, a, f.at_zero)] {
        let tail = 1.0 / (exponent * step).exp_m1();
        let mut distance = 0.0;
        loop {
            distance += direction;
            let (weight, p, q) = node(distance);
            let value = (f.inside)(p);
            sum += weight * value;
            weights += weight;
            let (sum_with_tail, weights_with_tail) =
                (sum + weight * tail * end, weights + weight * tail);
            // How far the series, which goes on from the last weight, is from what is left out.
            let of_value = weight * (value - end).abs();
            let to_end = p.min(q);
            let of_weight = weight * all * to_end * tail.max(1.0);
            let matters = of_value > NEGLIGIBLE * sum_with_tail
                || of_weight * end > NEGLIGIBLE * sum_with_tail
                || of_weight > NEGLIGIBLE * weights_with_tail;
            // A value may differ from that at the end by its rounding for ever.
            if !matters || to_end < NEAREST {
                (sum, weights) = (sum_with_tail, weights_with_tail);
                break;
            }
        }
    }
    sum / weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::testing::{agrees, relative};

    fn mean(a: f64, b: f64, [at_zero, at_one]: [f64; 2], inside: impl FnMut(f64) -> f64) -> f64 {
        let power = 1.0;
        beta_mean(
            a,
            b,
            Mixed {
                at_zero,
                at_one,
                power,
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
            relative(1e-14),
        );
    }
}
