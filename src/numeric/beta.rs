//! The beta distribution: its two tails and its quantiles, for parameters from 1e-6 to 1e9.
//!
//! The density is written around its mean (Loader 2000, "Fast and Accurate Computation of Binomial
//! Probabilities"), and the fraction uses the distance to the mean (Didonato & Morris 1992,
//! *Transactions on Mathematical Software* 18(3), 360–373, equation (9),
//! <https://doi.org/10.1145/131766.131776>): nothing large cancels where the parameters are large.

use super::special::stirling_remainder;

/// Where both parameters are above this, far beyond what anyone can observe, the normal
/// distribution stands in: off by at most 1e-6, and no long fraction.
const NORMAL: f64 = 1e11;

/// The beta distribution with parameters `a, b > 0`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Beta {
    a: f64,
    b: f64,
    /// Logarithm of what `x^a y^b / B(a, b)` has besides the distance of `x` from the mean.
    ln_height: f64,
}

/// `b·x − a·y`, with all its digits.
fn difference(b: f64, x: f64, a: f64, y: f64) -> f64 {
    let product = a * y;
    let lost = a.mul_add(y, -product);
    b.mul_add(x, -product) - lost
}

/// `ln(1 + u) − u`, for `u > −1`, where `1 + u` is given as well.
fn ln_excess(u: f64, one_plus_u: f64) -> f64 {
    if u.abs() > 0.5 {
        return one_plus_u.ln() - u;
    }
    // ln(1 + u) = 2·artanh s, of which the first term is u − u·s.
    let s = u / (2.0 + u);
    let square = s * s;
    let series = (1..=18_u32)
        .rev()
        .fold(0.0, |sum, k| sum * square + 1.0 / f64::from(2 * k + 1));
    s * (2.0 * square * series - u)
}

/// What `x^a y^b / B(a, b)` is divided by for the lower tail, for `x` up to about the mean.
///
/// Lentz's method on the even part of the fraction 8.17.22 of the NIST *Digital Library of
/// Mathematical Functions*.
fn fraction(a: f64, b: f64, x: f64, y: f64) -> f64 {
    // How far the mean is above x, times a + b.
    let below = difference(a, y, b, x);
    let mut h = a * (below + 1.0) / (a + 1.0);
    let (mut c, mut d) = (h, 0.0);
    // The number of steps grows with the root of the larger parameter.
    for m in 1..1_000_000_u32 {
        let m = f64::from(m);
        let w = m * (b - m) * x;
        let at = a + 2.0 * m - 1.0;
        let numerator = (a + m - 1.0) / at * ((a + b + m - 1.0) / at) * (w * x);
        let denominator =
            m + w / at + (a + m) / (a + 2.0 * m + 1.0) * (below + 1.0 + m * (1.0 + y));
        d = 1.0 / (denominator + numerator * d);
        c = denominator + numerator / c;
        let step = c * d;
        h *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h
}

impl Beta {
    pub(crate) fn new(a: f64, b: f64) -> Self {
        let n = a + b;
        let spread = (a / n * b / std::f64::consts::TAU).ln();
        let rest = stirling_remainder(n) - stirling_remainder(a) - stirling_remainder(b);
        Self {
            a,
            b,
            ln_height: 0.5 * spread + rest,
        }
    }

    fn mirrored(self) -> Self {
        Self {
            a: self.b,
            b: self.a,
            ..self
        }
    }

    /// `ln(x^a y^b / B(a, b))`, for `0 < x < 1` and `y = 1 − x`.
    fn ln_front(&self, x: f64, y: f64) -> f64 {
        let Self { a, b, ln_height } = *self;
        let n = a + b;
        // x·n − a, and of y·n − b the same with the other sign.
        let above = difference(b, x, a, y);
        let (u, v) = (above / a, -above / b);
        ln_height + a * ln_excess(u, x / a * n) + b * ln_excess(v, y / b * n)
    }

    /// The density at `x`, for `0 < x < 1` and `y = 1 − x`.
    pub(crate) fn density(&self, x: f64, y: f64) -> f64 {
        self.ln_front(x, y).exp() / (x * y)
    }

    /// `P(X ≤ x)` and `P(X > x)`, for `0 ≤ x ≤ 1` and `y = 1 − x`: each with its own digits where
    /// it is small.
    pub(crate) fn tails(&self, x: f64, y: f64) -> (f64, f64) {
        let Self { a, b, .. } = *self;
        if x <= 0.0 {
            return (0.0, 1.0);
        }
        if y <= 0.0 {
            return (1.0, 0.0);
        }
        if a.min(b) > NORMAL {
            let sd = (2.0 * a / (a + b) * b).sqrt();
            let z = difference(b, x, a, y) / sd;
            return (0.5 * libm::erfc(-z), 0.5 * libm::erfc(z));
        }
        let front = self.ln_front(x, y);
        if x * (a + b + 2.0) <= a + 1.0 {
            let below = (front.exp() / fraction(a, b, x, y)).min(1.0);
            (below, 1.0 - below)
        } else {
            let above = (front.exp() / fraction(b, a, y, x)).min(1.0);
            (1.0 - above, above)
        }
    }

    /// The `x` with `P(X ≤ x) = p`, and `1 − x`, for `0 ≤ p ≤ 1`.
    ///
    /// Each to 1e-13 of itself, also where it is tiny (1e-9 for parameters below 0.01, where a
    /// rounding of `p` moves it as far); below the smallest normal number it is 0.
    pub(crate) fn quantile(&self, p: f64) -> (f64, f64) {
        let q = 1.0 - p;
        if p <= 0.0 {
            return (0.0, 1.0);
        }
        if q <= 0.0 {
            return (1.0, 0.0);
        }
        if self.tails(0.5, 0.5).0 >= p {
            let x = self.lower_half_quantile(p, q);
            (x, 1.0 - x)
        } else {
            let y = self.mirrored().lower_half_quantile(q, p);
            (1.0 - y, y)
        }
    }

    /// The `x` with `P(X > x) = q`, and `1 − x`, for `0 ≤ q ≤ 1`.
    pub(crate) fn upper_quantile(&self, q: f64) -> (f64, f64) {
        let (y, x) = self.mirrored().quantile(q);
        (x, y)
    }

    /// The `x` in `[0, ½]` with `P(X ≤ x) = p` and `P(X > x) = q`.
    ///
    /// Newton's method for the logarithm of the smaller tail in `ln x`, within a bracket that is
    /// halved, in `ln x`, whenever a step leaves it or the steps do not shrink.
    fn lower_half_quantile(&self, p: f64, q: f64) -> f64 {
        let (mut low, mut high) = (f64::MIN_POSITIVE, 0.5);
        if self.tails(low, 1.0).0 >= p {
            return 0.0;
        }
        let mut x = high;
        let mut last = f64::INFINITY;
        for _ in 0..400 {
            let y = 1.0 - x;
            let (below, above) = self.tails(x, y);
            let (miss, tail) = if p <= q {
                ((below / p).ln(), below)
            } else {
                ((q / above).ln(), above)
            };
            if miss < 0.0 {
                low = low.max(x);
            } else {
                high = high.min(x);
            }
            let slope = self.ln_front(x, y).exp() / (y * tail);
            let step = -miss / slope;
            let next = x * step.exp();
            // Written so that NaN fails it.
            let is_good = next >= low && next <= high && step.abs() <= 0.5 * last;
            if is_good {
                if step.abs() <= 4.0 * f64::EPSILON {
                    return next;
                }
                last = step.abs();
                x = next;
                continue;
            }
            let reach = (high / low).ln();
            if reach <= 4.0 * f64::EPSILON {
                return x;
            }
            x = if reach > 1.0 {
                low.sqrt() * high.sqrt()
            } else {
                low + 0.5 * (high - low)
            };
            last = reach;
        }
        x
    }
}

#[cfg(test)]
mod tests;
