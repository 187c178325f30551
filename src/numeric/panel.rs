//! `∫ (1 + pt)^−k (1 + qt)^−c dt` over `−1 ≤ t ≤ 1`, four at a time: a silent piece of time on which
//! two clocks run evenly, seen from its middle.
//!
//! The integrand obeys `(1 + pt)(1 + qt) f′ = −[kp(1 + qt) + cq(1 + pt)] f`, so that each coefficient
//! of its series follows from the two before. About the middle odd ones integrate to 0, and all even
//! ones are positive: nothing cancels. A piece short to its customer needs a handful of terms, no
//! logarithm and no power.

use std::ops::{Add, Mul, Sub};

/// How many are done together.
pub(crate) const LANES: usize = 4;

/// One number for each of four panels.
pub(crate) type Lanes = [f64; LANES];

/// Four integrals and, relative to each, those from which its derivatives follow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Panels {
    /// The integral.
    pub(crate) whole: Lanes,
    /// Mean of `ln(1 + pt)` under the density proportional to the integrand.
    pub(crate) ln_p: Lanes,
    /// Mean of `ln(1 + qt)`.
    pub(crate) ln_q: Lanes,
    /// Mean of `k·pt/(1 + pt)`.
    pub(crate) by_p: Lanes,
    /// Mean of `c·qt/(1 + qt)`.
    pub(crate) by_q: Lanes,
}

/// Degrees at which the series may end, and how large `kp + cq + max(p, q)·(degree + 1)/2` may be
/// then.
///
/// The size of the `n`-th coefficient is at most `Π (σ + iρ)/n!` over `i < n`, with `σ = kp + cq` and
/// `ρ = max(p, q)`; by the means `((σ + (n − 1)ρ/2)^n)/n!`. Here that is 1e-15 for the first one left
/// out.
const DEGREES: [(usize, f64); 7] = [
    (4, 0.009_47),
    (6, 0.050_2),
    (8, 0.143_1),
    (10, 0.297_4),
    (12, 0.513),
    (16, 1.109),
    (20, 1.88),
];

/// `1/n`.
const INVERSE: [f64; 24] = {
    let mut inverse = [0.0; 24];
    let mut n = 1;
    while n < 24 {
        inverse[n] = 1.0 / n as f64;
        n += 1;
    }
    inverse
};

/// The degree that does for all four panels; `None` where one is too long for a series.
///
/// `p, q ≥ 0` and `k, c > 0`; what is not a number is too long.
pub(crate) fn degree(k: f64, c: f64, p: &Lanes, q: &Lanes) -> Option<usize> {
    let (mut steep, mut far) = (0.0_f64, 0.0_f64);
    for (&p, &q) in p.iter().zip(q) {
        let change = k * p + c * q;
        if change.is_nan() {
            return None;
        }
        steep = steep.max(change);
        far = far.max(p).max(q);
    }
    let fits = |&&(degree, most): &&(usize, f64)| {
        // Small numbers.
        steep + far * (degree + 1) as f64 * 0.5 <= most
    };
    DEGREES.iter().find(fits).map(|&(degree, _)| degree)
}

/// The integrals by their series up to this even degree.
pub(crate) fn panels(k: f64, c: f64, p: &Lanes, q: &Lanes, degree: usize) -> Panels {
    let &[p0, p1, p2, p3] = p;
    let &[q0, q1, q2, q3] = q;
    // Two at a time stay in the registers of any processor.
    let low = pair(k, c, Pair([p0, p1]), Pair([q0, q1]), degree);
    let high = pair(k, c, Pair([p2, p3]), Pair([q2, q3]), degree);
    let joined = |of: fn(&Series) -> Pair| -> Lanes {
        let (Pair([a, b]), Pair([c, d])) = (of(&low), of(&high));
        [a, b, c, d]
    };
    Panels {
        whole: joined(|series| series.whole),
        ln_p: joined(|series| series.ln_p),
        ln_q: joined(|series| series.ln_q),
        by_p: joined(|series| series.by_p),
        by_q: joined(|series| series.by_q),
    }
}

/// Two numbers side by side.
#[derive(Debug, Clone, Copy)]
struct Pair([f64; 2]);

/// [`Panels`] of two.
struct Series {
    whole: Pair,
    ln_p: Pair,
    ln_q: Pair,
    by_p: Pair,
    by_q: Pair,
}

impl Add for Pair {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        Self([self.0[0] + other.0[0], self.0[1] + other.0[1]])
    }
}

impl Sub for Pair {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        Self([self.0[0] - other.0[0], self.0[1] - other.0[1]])
    }
}

impl Mul for Pair {
    type Output = Self;

    #[inline]
    fn mul(self, other: Self) -> Self {
        Self([self.0[0] * other.0[0], self.0[1] * other.0[1]])
    }
}

impl Mul<f64> for Pair {
    type Output = Self;

    #[inline]
    fn mul(self, by: f64) -> Self {
        Self([self.0[0] * by, self.0[1] * by])
    }
}

/// Coefficients of the present degree and of the one before.
#[derive(Clone, Copy)]
struct Terms {
    /// Of the integrand.
    f: [Pair; 2],
    /// Of it times `ln(1 + pt)`.
    of_p: [Pair; 2],
    /// Of it times `ln(1 + qt)`.
    of_q: [Pair; 2],
    /// Of it over `1 + pt`.
    over: Pair,
}

/// What is the same for every degree.
struct Course {
    p: Pair,
    q: Pair,
    sum: Pair,
    product: Pair,
    change: Pair,
    exponents: f64,
}

impl Course {
    /// From degree `n` to the next.
    #[inline]
    fn next(&self, terms: &Terms, n: usize) -> Terms {
        let at = n as f64;
        let inverse = INVERSE[n + 1];
        let lead = (self.sum * at + self.change) * inverse;
        let lag = self.product * ((at - 1.0 + self.exponents) * inverse);
        let [f, before] = terms.f;
        let low = self.product * before;
        let new = Pair([0.0; 2]) - (lead * f + lag * before);
        let also = |[now, before]: [Pair; 2], rise: Pair| {
            [
                (rise * f + low) * inverse - (lead * now + lag * before),
                now,
            ]
        };
        Terms {
            f: [new, f],
            of_p: also(terms.of_p, self.p),
            of_q: also(terms.of_q, self.q),
            over: new - self.p * terms.over,
        }
    }
}

fn pair(k: f64, c: f64, p: Pair, q: Pair, degree: usize) -> Series {
    let (zero, one) = (Pair([0.0; 2]), Pair([1.0; 2]));
    let course = Course {
        p,
        q,
        sum: p + q,
        product: p * q,
        change: p * k + q * c,
        exponents: k + c,
    };
    let mut terms = Terms {
        f: [one, zero],
        of_p: [zero; 2],
        of_q: [zero; 2],
        over: one,
    };
    let mut whole = one;
    let (mut ln_p, mut ln_q, mut risen, mut edge) = (zero, zero, zero, zero);
    for n in (0..degree).step_by(2) {
        let odd = course.next(&terms, n);
        terms = course.next(&odd, n + 1);
        let weight = INVERSE[n + 3];
        risen = risen + odd.over * weight;
        whole = whole + terms.f[0] * weight;
        ln_p = ln_p + terms.of_p[0] * weight;
        ln_q = ln_q + terms.of_q[0] * weight;
        edge = edge + terms.f[0] * (weight * (n + 2) as f64);
    }
    let mean = Pair([1.0 / whole.0[0], 1.0 / whole.0[1]]);
    let by_p = p * k * risen * mean;
    Series {
        whole: whole * 2.0,
        ln_p: ln_p * mean,
        ln_q: ln_q * mean,
        by_p,
        // By parts: what the integral of the whole lacks of the values at both ends.
        by_q: zero - edge * mean - by_p,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same by a rule of twenty nodes on each quarter.
    fn by_rule(k: f64, c: f64, p: f64, q: f64) -> [f64; 5] {
        let mut sums = [0.0; 5];
        for from in [-1.0, -0.5, 0.0, 0.5] {
            crate::numeric::gauss::LONG.visit(from, 0.5, |t, weight| {
                let f = weight * (-k * (p * t).ln_1p() - c * (q * t).ln_1p()).exp();
                let values = [
                    1.0,
                    (p * t).ln_1p(),
                    (q * t).ln_1p(),
                    k * p * t / (1.0 + p * t),
                    c * q * t / (1.0 + q * t),
                ];
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum += f * value;
                }
            });
        }
        let whole = sums[0];
        [
            whole,
            sums[1] / whole,
            sums[2] / whole,
            sums[3] / whole,
            sums[4] / whole,
        ]
    }

    #[test]
    fn the_series_is_the_integral_wherever_it_is_used() {
        let mut worst = 0.0_f64;
        let mut used = [0; 21];
        for k in [0.01, 0.3, 1.0, 6.0, 40.0, 3e5] {
            for c in [1.000_001, 1.6, 9.0, 2e4] {
                for p in [0.0, 1e-9, 3e-6, 1e-4, 2e-3, 0.01, 0.03, 0.08, 0.15] {
                    let q = [0.0, 0.3 * p, 3.0 * p, 0.2 * p];
                    let p = [p, 0.7 * p, p, 1.3 * p];
                    let Some(degree) = degree(k, c, &p, &q) else {
                        continue;
                    };
                    used[degree] += 1;
                    let found = panels(k, c, &p, &q, degree);
                    for i in 0..LANES {
                        let exact = by_rule(k, c, p[i], q[i]);
                        worst = worst.max((found.whole[i] / exact[0] - 1.0).abs());
                        for (a, b) in [
                            (found.ln_p[i], exact[1]),
                            (found.ln_q[i], exact[2]),
                            (found.by_p[i], exact[3]),
                            (found.by_q[i], exact[4]),
                        ] {
                            worst = worst.max((a - b).abs());
                        }
                    }
                }
            }
        }
        assert!(worst < 3e-15, "{worst:e}");
        assert!(
            DEGREES.iter().all(|&(degree, _)| used[degree] > 0),
            "{used:?}"
        );
    }

    #[test]
    fn a_panel_without_measure_is_too_long() {
        assert_eq!(degree(f64::INFINITY, 1.0, &[0.0; 4], &[0.0; 4]), None);
        assert_eq!(degree(1.0, 1.0, &[f64::NAN; 4], &[0.0; 4]), None);
        assert_eq!(degree(1.0, 1.0, &[1.0; 4], &[0.0; 4]), None);
    }
}
