//! `∫ e^(bv − δv) (1 + v/α)^−k (1 + E(v)/β)^−c dv` with `E(v) = (e^bv − 1)/b`: the lifetime over a
//! stretch of time on which both clocks, that of purchases and that of dropout, run by one law.
//!
//! With `b = 0` the dropout clock is linear (Pareto/NBD), with `b > 0` it races (Gompertz). A time
//! that consists of several stretches is a sum of such integrals, each begun anew.

use self::course::Course;

/// What is integrated from `v = 0`, where it is 1.
///
/// `α, β > 0` and either may be infinite, which makes its factor 1; `k, c, b, δ ≥ 0`, finite, and
/// `b` either 0 or no less than 1e-100. With `grow` and `b > 0`, `β` is finite and `c ≥ 1`, so that the
/// race is made up for in the end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Integrand {
    /// Where the clock of purchases stands.
    pub(crate) alpha: f64,
    /// Exponent of `1 + v/α`.
    pub(crate) k: f64,
    /// Where the clock of dropout stands.
    pub(crate) beta: f64,
    /// Exponent of `1 + E/β`.
    pub(crate) c: f64,
    /// The rate at which the clock of dropout gains speed.
    pub(crate) b: f64,
    /// The rate of discount.
    pub(crate) delta: f64,
    /// Whether the factor `e^bv`, the speed of the dropout clock, is there.
    pub(crate) grow: bool,
}

/// The logarithm of the integral, and means under the density proportional to its integrand.
///
/// They make the derivatives of the logarithm: `−ln_alpha` in `k`, `k·alpha_risen/α` in `α`, the
/// same in `c` and `β`, `−time` in `δ`, and `time − c·by_b` in `b`, the first only with `grow`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stretch {
    /// Logarithm of the integral; `−∞` over no time.
    pub(crate) ln: f64,
    /// Mean of `ln(1 + v/α)`.
    pub(crate) ln_alpha: f64,
    /// Mean of `α/(α + v)`.
    pub(crate) alpha_share: f64,
    /// Mean of `v/(α + v)`.
    pub(crate) alpha_risen: f64,
    /// Mean of `ln(1 + E/β)`.
    pub(crate) ln_beta: f64,
    /// Mean of `β/(β + E)`.
    pub(crate) beta_share: f64,
    /// Mean of `E/(β + E)`.
    pub(crate) beta_risen: f64,
    /// Mean of `v`. Infinite too where it is finite but beyond reach: for ever without damping,
    /// and all exponents together between 2 and 2.01.
    pub(crate) time: f64,
    /// Mean of `(∂E/∂b)/(β + E)`; infinite where `time` is, unless `β` is infinite.
    pub(crate) by_b: f64,
}

/// One node of the rule by which the integral is summed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    /// The time `v`.
    pub(crate) time: f64,
    /// What the node contributes, in the unit that [`Integrand::visit`] returns.
    pub(crate) part: f64,
    /// `ln(1 + v/α)`.
    pub(crate) ln_alpha: f64,
    /// `ln(1 + E/β)`.
    pub(crate) ln_beta: f64,
    /// `E/β`, infinite where it is beyond the largest number.
    pub(crate) grown: f64,
}

impl Integrand {
    /// The integral over `0 ≤ v ≤ len` with its means. `len` may be infinite; an integral that
    /// then diverges is `+∞`. Relative error below 1e-12, of the means below 1e-11, but for
    /// the rounding of exponents beyond 10⁴ that nearly cancel.
    pub(crate) fn stretch(&self, len: f64) -> Stretch {
        let course = Course::new(*self, len);
        let mut sum = 0.0;
        let mut sums = [0.0; 8];
        let unit = course.walk(|node| {
            let parts = [
                node.ln_alpha,
                1.0 / (1.0 + node.time / self.alpha),
                1.0 / (1.0 + self.alpha / node.time),
                node.ln_beta,
                1.0 / (1.0 + node.grown),
                1.0 / (1.0 + 1.0 / node.grown),
                node.time,
                course.by_b(node),
            ];
            sum += node.part;
            for (sum, value) in sums.iter_mut().zip(parts) {
                *sum += node.part * value;
            }
        });
        if course.diverges() {
            return Stretch::without_end();
        }
        if sum > 0.0 {
            let [
                ln_alpha,
                alpha_share,
                alpha_risen,
                ln_beta,
                beta_share,
                beta_risen,
                time,
                by_b,
            ] = sums.map(|s| s / sum);
            let heavy = course.is_heavy();
            let or_infinite = |mean: f64| if heavy { f64::INFINITY } else { mean };
            Stretch {
                ln: unit + sum.ln(),
                ln_alpha,
                alpha_share,
                alpha_risen,
                ln_beta,
                beta_share,
                beta_risen,
                time: or_infinite(time),
                by_b: if self.beta.is_finite() {
                    or_infinite(by_b)
                } else {
                    0.0
                },
            }
        } else {
            Stretch::over_no_time()
        }
    }

    /// The logarithm of the integral alone.
    pub(crate) fn ln_stretch(&self, len: f64) -> f64 {
        let course = Course::new(*self, len);
        if course.diverges() {
            return f64::INFINITY;
        }
        let mut sum = 0.0;
        let unit = course.walk(|node| sum += node.part);
        unit + sum.ln()
    }

    /// Calls `visit` for every node of the rule and returns the logarithm `u` of the unit of their
    /// parts: the integral is `e^u·Σ part`, and the mean of a function that is as smooth as the
    /// integrand is `Σ part·f / Σ part`. No nodes where it diverges.
    pub(crate) fn visit(&self, len: f64, visit: impl FnMut(Node)) -> f64 {
        Course::new(*self, len).walk(visit)
    }
}

impl Stretch {
    fn over_no_time() -> Self {
        Self {
            ln: f64::NEG_INFINITY,
            ln_alpha: 0.0,
            alpha_share: 1.0,
            alpha_risen: 0.0,
            ln_beta: 0.0,
            beta_share: 1.0,
            beta_risen: 0.0,
            time: 0.0,
            by_b: 0.0,
        }
    }

    /// All weight lies at infinity.
    fn without_end() -> Self {
        Self {
            ln: f64::INFINITY,
            ln_alpha: f64::INFINITY,
            alpha_share: 0.0,
            alpha_risen: 1.0,
            ln_beta: f64::INFINITY,
            beta_share: 0.0,
            beta_risen: 1.0,
            time: f64::INFINITY,
            by_b: f64::INFINITY,
        }
    }
}

mod course;

#[cfg(test)]
mod tests;
