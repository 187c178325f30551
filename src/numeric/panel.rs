//! `∫ (1 + pt)^−k (1 + qt)^−c dt` over `−1 ≤ t ≤ 1`, four at a time: a silent piece of time on which
//! two clocks run evenly, seen from its middle.
//!
//! The integrand obeys `(1 + pt)(1 + qt) f′ = −[kp(1 + qt) + cq(1 + pt)] f`, so that each coefficient
//! of its series follows from the two before. About the middle odd ones integrate to 0, and all even
//! ones are positive: nothing cancels. A piece short to its customer needs a handful of terms, no
//! logarithm and no power.

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
    let zero = [0.0; LANES];
    let each = |f: &dyn Fn(usize) -> f64| -> Lanes { std::array::from_fn(f) };
    let sum = each(&|i| p[i] + q[i]);
    let both = each(&|i| p[i] * q[i]);
    let change = each(&|i| k * p[i] + c * q[i]);
    // Coefficients of the integrand, of it times ln(1 + pt), of it times ln(1 + qt), each with the
    // one before; of it over 1 + pt.
    let (mut a, mut before_a) = ([1.0; LANES], zero);
    let (mut d, mut before_d) = (zero, zero);
    let (mut e, mut before_e) = (zero, zero);
    let mut over = [1.0; LANES];
    let mut whole = [1.0; LANES];
    let (mut with_p, mut with_q, mut risen, mut edge) = (zero, zero, zero, zero);
    for n in 0..degree {
        let (at, next) = (n as f64, INVERSE[n + 1]);
        let (lead, lag) = (at, at - 1.0 + k + c);
        let even = n % 2 == 1; // the coefficient found is one of an even degree
        let weight = INVERSE[n + 2];
        for i in 0..LANES {
            let first = sum[i] * lead + change[i];
            let second = both[i] * lag;
            let low = both[i] * before_a[i];
            let new_a = -(first * a[i] + second * before_a[i]) * next;
            let new_d = (p[i] * a[i] + low - first * d[i] - second * before_d[i]) * next;
            let new_e = (q[i] * a[i] + low - first * e[i] - second * before_e[i]) * next;
            if even {
                risen[i] += weight * over[i];
                whole[i] += weight * new_a;
                with_p[i] += weight * new_d;
                with_q[i] += weight * new_e;
                edge[i] += weight * (at + 1.0) * new_a;
            }
            over[i] = new_a - p[i] * over[i];
            (before_a[i], a[i]) = (a[i], new_a);
            (before_d[i], d[i]) = (d[i], new_d);
            (before_e[i], e[i]) = (e[i], new_e);
        }
    }
    let mean = each(&|i| 1.0 / whole[i]);
    let by_p = each(&|i| k * p[i] * risen[i] * mean[i]);
    Panels {
        whole: each(&|i| 2.0 * whole[i]),
        ln_p: each(&|i| with_p[i] * mean[i]),
        ln_q: each(&|i| with_q[i] * mean[i]),
        by_p,
        // By parts: what the integral of the whole lacks of the values at both ends.
        by_q: each(&|i| -edge[i] * mean[i] - by_p[i]),
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
        assert!(DEGREES.iter().all(|&(degree, _)| used[degree] > 0), "{used:?}");
    }

    #[test]
    fn a_panel_without_measure_is_too_long() {
        assert_eq!(degree(f64::INFINITY, 1.0, &[0.0; 4], &[0.0; 4]), None);
        assert_eq!(degree(1.0, 1.0, &[f64::NAN; 4], &[0.0; 4]), None);
        assert_eq!(degree(1.0, 1.0, &[1.0; 4], &[0.0; 4]), None);
    }
}
