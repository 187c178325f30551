//! The difference of two shares of a Dirichlet distribution.

use super::beta::Beta;

/// The distribution of `p − q`, where `(p, rest, q)` has a Dirichlet distribution.
///
/// `s = p + q` has the distribution Beta(a + c, b), and `p/s` independently of it Beta(a, c), so
/// that a tail of `s·(2·p/s − 1)` is one integral over `s`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NetShare {
    sum: Beta,
    part: Beta,
    mirrored_part: Beta,
    /// Where the sum lies but for 1e-18, and the distance of the upper end from 1.
    from: f64,
    to: (f64, f64),
    mean: f64,
    sd: f64,
}

/// What is left out of the sum on either side.
const NEGLIGIBLE: f64 = 1e-18;

impl NetShare {
    /// Of parameters from 1e-6 to 1e9: of `p`, of the rest and of `q`.
    pub(crate) fn new(a: f64, b: f64, c: f64) -> Self {
        let sum = Beta::new(a + c, b);
        let n = a + b + c;
        let mean = (a - c) / n;
        let variance = (a + c) / n * (b / n) + 4.0 * (a / n) * (c / n);
        Self {
            sum,
            part: Beta::new(a, c),
            mirrored_part: Beta::new(c, a),
            from: sum.quantile(NEGLIGIBLE).0,
            to: sum.upper_quantile(NEGLIGIBLE),
            mean,
            sd: (variance / (n + 1.0)).sqrt(),
        }
    }

    /// The `t` with `P(p − q ≤ t) = tail`, for `0 < tail < 1`.
    pub(crate) fn lower_quantile(&self, tail: f64) -> f64 {
        self.root(|t| tail - self.below(t))
    }

    /// The `t` with `P(p − q > t) = tail`.
    pub(crate) fn upper_quantile(&self, tail: f64) -> f64 {
        self.root(|t| self.above(t) - tail)
    }

    fn above(&self, t: f64) -> f64 {
        if t >= 0.0 {
            self.beyond(t, &self.part)
        } else {
            1.0 - self.beyond(-t, &self.mirrored_part)
        }
    }

    fn below(&self, t: f64) -> f64 {
        if t <= 0.0 {
            self.beyond(-t, &self.mirrored_part)
        } else {
            1.0 - self.beyond(t, &self.part)
        }
    }

    /// `P(s·(2r − 1) > t)` for `t ≥ 0`, where `r` has this distribution.
    ///
    /// Takahasi & Mori (1974), "Double Exponential Formulas for Numerical Integration",
    /// *Publications of the Research Institute for Mathematical Sciences* 9(3), 721–741: the ends,
    /// at which the integrand may rise without bound, need no care.
    fn beyond(&self, t: f64, part: &Beta) -> f64 {
        const STEPS: i32 = 150;
        let from = self.from.max(t);
        let (to, short) = self.to;
        let width = if t > self.from {
            (1.0 - t) - short
        } else {
            to - from
        };
        if width <= 0.0 {
            return 0.0;
        }
        let step = 4.2 / f64::from(STEPS); // to e^−104 of the ends, of which the root may count
        let mut sum = 0.0;
        for n in -STEPS..=STEPS {
            let u = step * f64::from(n);
            let q = (-std::f64::consts::PI * u.sinh().abs()).exp();
            let weight = std::f64::consts::PI * u.cosh() * q / ((1.0 + q) * (1.0 + q));
            let (near, far) = (width * (q / (1.0 + q)), width / (1.0 + q));
            let (left, right) = if n < 0 { (near, far) } else { (far, near) };
            let (s, rest) = (from + left, short + right);
            if s <= 0.0 || rest <= 0.0 {
                continue;
            }
            // r must be above (1 + t/s)/2, and 1 − r below (s − t)/2s.
            let over = 0.5 * ((from - t) + left) / s;
            let reached = part.tails(1.0 - over, over).1;
            sum += weight * self.sum.density(s, rest) * reached;
        }
        (sum * step * width).min(1.0)
    }

    /// Where a falling function crosses 0, on `[−1, 1]`: the regula falsi of Illinois (Dowell &
    /// Jarratt 1971, *BIT* 11, 168–174).
    fn root(&self, f: impl Fn(f64) -> f64) -> f64 {
        let around = |side: f64| (self.mean + side * 3.0 * self.sd).clamp(-1.0, 1.0);
        let (mut low, mut high) = (around(-1.0), around(1.0));
        let (mut f_low, mut f_high) = (f(low), f(high));
        if f_low < 0.0 {
            (low, f_low) = (-1.0, 1.0);
        }
        if f_high > 0.0 {
            (high, f_high) = (1.0, -1.0);
        }
        for _ in 0..200 {
            let mut t = (low * f_high - high * f_low) / (f_high - f_low);
            if !(low < t && t < high) {
                t = low + 0.5 * (high - low);
            }
            if high - low <= 1e-14 || f_low <= 0.0 || f_high >= 0.0 {
                return if f_low <= 0.0 {
                    low
                } else if f_high >= 0.0 {
                    high
                } else {
                    t
                };
            }
            let value = f(t);
            if value >= 0.0 {
                (low, f_low) = (t, value);
                f_high *= 0.5;
            } else {
                (high, f_high) = (t, value);
                f_low *= 0.5;
            }
        }
        low + 0.5 * (high - low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::testing::{absolute_or_relative, agrees};

    #[test]
    fn quantiles_agree_with_the_other_order_of_integration_in_25_digits() {
        // Counts with ½ more of each, the 2.5 % and the 97.5 % quantile.
        let cases = [
            (
                [100.5, 70.5, 30.5],
                0.245_054_189_820_191,
                0.445_396_237_427_808,
            ),
            (
                [10.5, 0.5, 0.5],
                0.529_655_515_305_619,
                0.996_591_757_119_746,
            ),
            (
                [0.5, 0.5, 1.5],
                -0.976_324_342_556_668,
                0.586_406_285_676_007,
            ),
            (
                [3.5, 2.5, 4.5],
                -0.576_071_883_984_975,
                0.413_068_633_600_848,
            ),
            (
                [1.5, 500.5, 2.5],
                -0.010_494_657_186_428_1,
                0.005_721_583_619_589_34,
            ),
            (
                [700.5, 100.5, 900.5],
                -0.163_148_686_309_943,
                -0.071_684_620_320_390_2,
            ),
        ];
        let found = |[a, b, c]: [f64; 3]| NetShare::new(a, b, c);
        let lower = |(abc, lower, _)| (abc, found(abc).lower_quantile(0.025), lower);
        agrees(cases.map(lower), absolute_or_relative(1e-12));
        let upper = |(abc, _, upper)| (abc, found(abc).upper_quantile(0.025), upper);
        agrees(cases.map(upper), absolute_or_relative(1e-12));
        let mirrored = |([a, b, c], lower, _): ([f64; 3], f64, f64)| {
            ([a, b, c], -found([c, b, a]).upper_quantile(0.025), lower)
        };
        agrees(cases.map(mirrored), absolute_or_relative(1e-12));
    }

    #[test]
    fn many_observations_are_nearly_normal() {
        for n in [1e4, 1e6, 1e8] {
            let net = NetShare::new(0.5 * n, 0.3 * n, 0.2 * n);
            let sd = ((0.7 - 0.09) / n).sqrt();
            let [low, high] = [net.lower_quantile(0.025), net.upper_quantile(0.025)];
            assert!(
                (low - (0.3 - 1.959_964 * sd)).abs() < 0.01 * sd + 1.0 / n,
                "{n}"
            );
            assert!(
                (high - (0.3 + 1.959_964 * sd)).abs() < 0.01 * sd + 1.0 / n,
                "{n}"
            );
        }
    }

    #[test]
    fn quantiles_rise_with_their_level_and_stay_within_the_range() {
        for [a, b, c] in [
            [0.5, 0.5, 0.5],
            [0.5, 1e6, 0.5],
            [1e6, 0.5, 0.5],
            [0.5, 0.5, 3.5],
        ] {
            let net = NetShare::new(a, b, c);
            let mut last = -1.0;
            for tail in [1e-9, 1e-3, 0.1, 0.5, 0.9, 0.999, 1.0 - 1e-9] {
                let t = net.lower_quantile(tail);
                assert!(
                    (last..=1.0).contains(&t),
                    "{a} {b} {c} {tail}: {t} after {last}"
                );
                last = t;
            }
        }
    }
}
