//! `∫ (1 + s)^−ν e^−zs ds`, the scaled exponential integral: what a stream that thins out as a
//! power is worth under continuous discounting, up to a horizon or for ever.

use super::gauss::{LONG, MEDIUM, SHORT};

/// Step of the double-exponential rule. Error about `e^(−π²/STEP)` = 1e-17.
const STEP: f64 = 0.25;
/// Where the rule starts: `e^(u − e^−u)` is 1e-20 here.
const FIRST: f64 = -3.75;
/// From here on the continued fraction needs few steps.
const FAST: f64 = 2.0;
/// Exponents beyond this add nothing.
const NEGLIGIBLE: f64 = 46.0;

/// `∫₀^∞ (1 + s)^−ν e^−zs ds = e^z E_ν(z)` for `z > 0` and any real `ν`, or `z = 0` and `ν > 1`.
/// Relative error below 1e-13.
pub(crate) fn damped_power(nu: f64, z: f64) -> f64 {
    DampedPower::new(nu, z, z).at(z)
}

/// The same for one `ν` and many `z`, which share everything but the damping.
pub(crate) struct DampedPower {
    nu: f64,
    /// Places `s`, ascending, and the integrand there without its damping, by the weight of the
    /// rule: so many of these,
    few: [(f64, f64); FEW],
    count: usize,
    /// or these, if there are more, as a least damping below about 1e-10 needs.
    many: Vec<(f64, f64)>,
}

/// How many nodes are kept without memory of their own.
const FEW: usize = 128;

impl DampedPower {
    /// For `z` from `least`, which is positive, or 0 where `ν > 1`, to `most`.
    pub(crate) fn new(nu: f64, least: f64, most: f64) -> Self {
        let (mut few, mut count, mut many) = ([(0.0, 0.0); FEW], 0, Vec::new());
        if least > 0.0 && (least < FAST || nu < 0.0) {
            // s = σ·exp(u − e^−u), a trapezoid rule in u; σ is where the integrand starts to fall
            // at the largest z in question.
            let largest = if nu < 0.0 { most } else { most.min(FAST) };
            let sigma = 1.0 / (largest + nu.abs() + 1.0);
            let mut highest = f64::NEG_INFINITY;
            for j in 0..4_000_u32 {
                let u = FIRST + STEP * f64::from(j);
                let e = (-u).exp();
                let s = sigma * (u - e).exp();
                let thinned = -nu * s.ln_1p();
                let node = (s, STEP * s * (1.0 + e) * thinned.exp());
                if let Some(place) = few.get_mut(count) {
                    *place = node;
                } else {
                    if many.is_empty() {
                        many.extend(few);
                    }
                    many.push(node);
                }
                count += 1;
                // Past its peak the integrand only falls; for ν < 0 that peak is at s = −ν/z − 1.
                let height = u + thinned - least * s;
                highest = highest.max(height);
                if height < highest - NEGLIGIBLE && least * (1.0 + s) > -nu {
                    break;
                }
            }
        }
        Self {
            nu,
            few,
            count,
            many,
        }
    }

    /// The integral at one `z`.
    pub(crate) fn at(&self, z: f64) -> f64 {
        if z == 0.0 {
            return 1.0 / (self.nu - 1.0);
        }
        if z >= FAST && self.nu >= 0.0 {
            return continued_fraction(self.nu, z);
        }
        let mut sum = 0.0;
        let nodes = self.few.get(..self.count).unwrap_or(&self.many);
        for &(s, weight) in nodes {
            let part = weight * (-z * s).exp();
            sum += part;
            if part < 1e-18 * sum && z * (1.0 + s) > -self.nu {
                break;
            }
        }
        sum
    }
}

/// Lentz's method on the fraction 8.19.17 of the NIST *Digital Library of Mathematical Functions*
/// in its even, faster form.
fn continued_fraction(nu: f64, z: f64) -> f64 {
    let mut b = z + nu;
    let mut c = f64::INFINITY;
    let mut d = 1.0 / b;
    let mut h = d;
    for n in 1..1_000_u32 {
        let n = f64::from(n);
        let a = -n * (nu + n - 1.0);
        b += 2.0;
        d = 1.0 / (a * d + b);
        c = b + a / c;
        let step = c * d;
        h *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h
}

/// `∫₀^(e^U − 1) (1 + s)^−ν e^−zs ds` for `U ≥ 0`, `z ≥ 0` and any real `ν`, both finite.
/// Relative error below 1e-13.
pub(crate) fn damped_power_until(nu: f64, z: f64, upper: f64) -> f64 {
    if z == 0.0 {
        return exponential_mean(nu - 1.0, upper);
    }
    // With s = e^y − 1 the logarithm of the integrand is −z·(e^y − 1) − (ν − 1)·y.
    let mut sum = 0.0;
    let mut highest = 0.0_f64;
    let mut from = 0.0;
    while from < upper {
        let slope = z * from.exp() + (nu - 1.0).abs();
        let panel = (8.0 / (slope + 1.0)).min(0.75).min(upper - from);
        let rise = slope * panel;
        let rule = if rise <= 1.5 && panel <= 0.5 {
            SHORT
        } else if rise <= 6.0 {
            MEDIUM
        } else {
            LONG
        };
        let mut last = 0.0;
        rule.visit(from, panel, |y, weight| {
            last = -z * y.exp_m1() - (nu - 1.0) * y;
            sum += weight * last.exp();
        });
        highest = highest.max(last);
        from += panel;
        if last < highest - NEGLIGIBLE && z * from.exp() > 1.0 - nu {
            break;
        }
    }
    sum
}

/// `∫₀^U e^(−ky) dy`, with its limit `U` at `k = 0`.
pub(crate) fn exponential_mean(k: f64, upper: f64) -> f64 {
    if k == 0.0 {
        upper
    } else {
        -(-k * upper).exp_m1() / k
    }
}

#[cfg(test)]
mod tests;
