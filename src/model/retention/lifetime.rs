//! Sums over a survivor function that falls first fast and then ever more slowly: exact where terms
//! are few, and by an integral where they are many.
//!
//! `S(t) = B(α, β + t^c)/B(α, β)`. Its tail falls as `t^(−αc)`, so that a direct sum would not end.
//! Gregory's formula turns the sum into an integral of the same function, and the asymptotic power
//! ends the integral.

use crate::numeric::damped::{damped_power, damped_power_until};
use crate::numeric::decline::beta_decline;
use crate::numeric::gauss::LONG;
use crate::numeric::special::digamma_rising;

/// Beyond this `t^c` is as good as infinite beside α and β, and only its logarithm is used.
const LN_FAR: f64 = 230.258_509_299_404_57; // 1e100
/// `t^c − n^c` up to here enters as it is.
const FAR: f64 = 1e110;
/// Terms per time that the integrand may change its scale: from here on it is smooth over a step.
const SMOOTH: f64 = 40.0;
/// The fewest terms that are added one by one.
const FEW: f64 = 200.0;
/// The largest decrease, per step, of the logarithm of the terms that are integrated.
const SLOW: f64 = 0.05;
/// Parts this far below the rest, as a logarithm, are left out.
const NEGLIGIBLE: f64 = 42.0;
/// The largest logarithm of an answer.
const LARGEST: f64 = 700.0;

/// Coefficients of Gregory's formula, less their signs.
const GREGORY: [f64; 9] = [
    1.0 / 2.0,
    1.0 / 12.0,
    1.0 / 24.0,
    19.0 / 720.0,
    3.0 / 160.0,
    863.0 / 60_480.0,
    275.0 / 24_192.0,
    33_953.0 / 3_628_800.0,
    8_183.0 / 1_036_800.0,
];

/// The survivor function of a customer who has made `made` renewals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Survivors {
    pub(super) alpha: f64,
    pub(super) beta: f64,
    pub(super) c: f64,
    /// Renewals made, a whole number.
    pub(super) made: f64,
}

impl Survivors {
    /// `ln S(n) − ln S(n + k)`, at or above 0, for any `k ≥ 0`.
    pub(super) fn fall(&self, k: f64) -> f64 {
        if k == 0.0 {
            return 0.0;
        }
        self.fall_to((self.made + k).ln(), (k / self.made).ln_1p())
    }

    /// The same to a time given by its logarithm and that of its ratio to `n`, if `n > 0`.
    fn fall_to(&self, ln_time: f64, ln_ratio: f64) -> f64 {
        let Self { alpha, beta, c, .. } = *self;
        let (base, rise) = if self.made == 0.0 {
            (beta, (c * ln_time).exp())
        } else {
            let ln_now = c * self.made.ln();
            if ln_now > LN_FAR {
                return alpha * (c * ln_ratio);
            }
            let now = self.made.powf(c);
            (beta + now, now * (c * ln_ratio).exp_m1())
        };
        if rise <= FAR {
            beta_decline(alpha, base, rise)
        } else {
            // Beyond, the logarithm of the survivors falls by α for each unit of that of t^c.
            let rest = c * ln_time - FAR.ln() - (base / FAR).ln_1p();
            beta_decline(alpha, base, FAR) + alpha * rest
        }
    }

    /// How fast the logarithm of the survivors falls with that of time: from 0 to `αc`, rising.
    fn exponent(&self, ln_time: f64) -> f64 {
        let ln_power = self.c * ln_time;
        if ln_power > LN_FAR {
            return self.alpha * self.c;
        }
        let power = ln_power.exp();
        self.c * (power * digamma_rising(self.beta + power, self.alpha))
    }

    /// `ln t` from which on the survivors fall as a power of time, to rounding.
    fn ln_power_law(&self) -> f64 {
        let ln = 1e14_f64.ln() + self.alpha.ln_1p() + (self.alpha + 2.0 * self.beta).ln_1p();
        ln / self.c
    }

    /// `Σ_{k=1}^{m} S(n + k | n) e^(−δ(k−1))`, or for ever if `m` is infinite: then `δ > 0` or
    /// `αc > 1`. `None` if it is beyond e^700.
    pub(super) fn discounted_renewals(&self, delta: f64, m: f64) -> Option<f64> {
        let term = |k: f64| (-self.fall(k) - delta * (k - 1.0)).exp();
        let smooth_from = FEW + SMOOTH * self.c.min(60.0);
        let mut sum = 0.0;
        let mut k = 1.0;
        let mut until_check = 0;
        loop {
            if k > m {
                return Some(sum);
            }
            if until_check == 0 {
                until_check = 16;
                let time = self.made + k;
                let exponent = self.exponent(time.ln());
                let is_slow = delta + exponent / time <= SLOW;
                if time >= smooth_from && is_slow && m - k > 64.0 {
                    break;
                }
                // What is left falls at least as fast as the discount, and as the power of time.
                let by_power = if exponent > 1.0 {
                    time / (exponent - 1.0)
                } else {
                    f64::INFINITY
                };
                let left = 1.0 + by_power.min(1.0 / delta.exp_m1());
                if term(k) * left <= 1e-17 * sum || term(k) == 0.0 {
                    return Some(sum);
                }
            }
            until_check -= 1;
            sum += term(k);
            k += 1.0;
        }
        let ends = gregory(|i| term(k + i))
            - if m.is_infinite() {
                0.0
            } else {
                gregory(|i| term(m + 1.0 + i))
            };
        let integral = Tail {
            survivors: self,
            delta,
            from: k,
        }
        .integral(m + 1.0)?;
        Some(sum + (ends + integral))
    }
}

/// What a sum from 0 on has beyond the integral from 0 on.
fn gregory(f: impl Fn(f64) -> f64) -> f64 {
    let mut values = [0.0; GREGORY.len()];
    let mut at = 0.0;
    for value in &mut values {
        *value = f(at);
        at += 1.0;
    }
    let mut sum = 0.0;
    for (order, coefficient) in GREGORY.iter().enumerate() {
        sum += coefficient * values[0];
        for i in 0..GREGORY.len() - 1 - order {
            values[i] -= values[i + 1];
        }
    }
    sum
}

/// The integral of discounted survivors over a long time.
struct Tail<'a> {
    survivors: &'a Survivors,
    delta: f64,
    /// Where it begins, after `made`.
    from: f64,
}

impl Tail<'_> {
    /// Time since `from`, and the logarithm of time since the start, at `e^u` times the latter.
    fn place(&self, u: f64) -> (f64, f64) {
        let start = self.survivors.made + self.from;
        (start * u.exp_m1(), start.ln() + u)
    }

    /// Logarithm of the integrand in `u`.
    fn ln(&self, u: f64) -> f64 {
        let (since, ln_time) = self.place(u);
        let k = self.from + since;
        let fall = if u < 30.0 {
            self.survivors.fall(k)
        } else {
            let made = self.survivors.made;
            // For a newcomer there is no ratio, and none is used.
            self.survivors
                .fall_to(ln_time, ln_time - made.max(1.0).ln())
        };
        let discount = if self.delta == 0.0 {
            0.0
        } else {
            self.delta * (k - 1.0)
        };
        ln_time - fall - discount
    }

    /// Its derivative, which falls throughout.
    fn slope(&self, u: f64) -> f64 {
        let (_, ln_time) = self.place(u);
        let discount = if self.delta == 0.0 {
            0.0
        } else {
            self.delta * ln_time.exp()
        };
        1.0 - self.survivors.exponent(ln_time) - discount
    }

    /// The integral to `until` after `made`, which may be infinite; `None` if it is too large.
    fn integral(&self, until: f64) -> Option<f64> {
        let start = self.survivors.made + self.from;
        let end = ((until - self.from) / start).ln_1p();
        let power_law = self.survivors.ln_power_law() - start.ln();
        let (mut u, peak) = self.first(end.min(power_law.max(0.0)));
        if peak > LARGEST {
            return None;
        }
        let widest = (1.2 / self.survivors.c).min(if self.delta > 0.0 { 0.75 } else { f64::MAX });
        let mut sum = 0.0_f64;
        while u < end {
            let slope = self.slope(u);
            let ln = self.ln(u);
            // Falling, and ever faster: the rest is less than this.
            if slope < 0.0 && ln - (-slope).ln() < sum.ln() - NEGLIGIBLE {
                break;
            }
            if u >= power_law {
                let total = self.power_tail(u, ln, end) + sum;
                return (total.ln() <= LARGEST).then_some(total);
            }
            let mut width = widest
                .min(end - u)
                .min((power_law - u).max(1e-9 * (1.0 + u)));
            while slope.abs().max(self.slope(u + width).abs()) * width > 12.0 {
                width *= 0.5;
            }
            LONG.visit(u, width, |u, weight| sum += weight * self.ln(u).exp());
            u += width;
        }
        (sum.ln() <= LARGEST).then_some(sum)
    }

    /// Where to begin, because nothing before it matters, and the largest value of the logarithm up
    /// to `end`.
    fn first(&self, end: f64) -> (f64, f64) {
        let bisect = |mut low: f64, mut high: f64, is_low: &dyn Fn(f64) -> bool| {
            for _ in 0..60 {
                let middle = 0.5 * (low + high);
                if is_low(middle) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            low
        };
        if self.slope(0.0) <= 0.0 {
            return (0.0, self.ln(0.0));
        }
        let top = bisect(0.0, end, &|u| self.slope(u) > 0.0);
        let peak = self.ln(top);
        let negligible = |u: f64| self.ln(u) < peak - NEGLIGIBLE - 8.0;
        if negligible(0.0) {
            (bisect(0.0, top, &negligible), peak)
        } else {
            (0.0, peak)
        }
    }

    /// The integral from `u` on, where the survivors fall as a power of time.
    fn power_tail(&self, u: f64, ln: f64, end: f64) -> f64 {
        let exponent = self.survivors.alpha * self.survivors.c;
        let damping = if self.delta == 0.0 {
            0.0
        } else {
            self.delta * self.place(u).1.exp()
        };
        let rest = if end.is_infinite() {
            damped_power(exponent, damping)
        } else {
            damped_power_until(exponent, damping, end - u)
        };
        ln.exp() * rest
    }
}

#[cfg(test)]
mod tests;
