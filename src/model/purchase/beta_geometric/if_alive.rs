//! What a customer of the BG/NBD family will do if alive: it does not depend on recency.

use crate::numeric::beta_mean::{Mixed, beta_mean};
use crate::numeric::damped::{DampedPower, damped_power_until, exponential_mean};
use crate::numeric::gauss::{LONG, MEDIUM, SHORT};
use crate::quantity::{DiscountRate, Horizon, Span, TimeUnit};

use super::super::answers::IfAlive;
use super::super::{ModelError, in_unit};
use super::{Chances, Parameters};

/// Discounts beyond this exponent leave nothing.
const NEGLIGIBLE: f64 = 46.0;

/// The future of customers of one frequency and age, if they are alive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BetaGeometricIfAlive {
    pub(super) unit: TimeUnit,
    /// Gamma posterior of the rate.
    pub(super) shape: f64,
    pub(super) rate: f64,
    /// Beta posterior of the chance of dropout.
    pub(super) a: f64,
    pub(super) b: f64,
}

impl BetaGeometricIfAlive {
    pub(crate) fn new(p: Parameters, unit: TimeUnit, had: &Chances, age: f64) -> Self {
        Self {
            unit,
            shape: had.shape,
            rate: p.alpha + age,
            a: p.a,
            b: p.b + had.number,
        }
    }

    /// Expected purchases within `t` of a customer alive now (`G`).
    fn purchases_if_alive(&self, t: f64) -> f64 {
        let tau = t / self.rate;
        if tau == 0.0 {
            return 0.0;
        }
        if let Some(sum) = self.purchases_by_series(self.shape, tau) {
            return sum;
        }
        let inside = |p: f64| -(-self.shape * (p * tau).ln_1p()).exp_m1() / p;
        beta_mean(
            self.a,
            self.b,
            Mixed {
                at_zero: self.shape * tau,
                at_one: inside(1.0),
                power: self.shape + 1.0,
                inside,
            },
        )
    }

    /// `E[(1 − (1 + pτ)^−k)/p]`, the purchases for a shape of `k`, by the series of a ₂F₁ that is
    /// regular at `a = 1`, where it converges fast and does not cancel.
    fn purchases_by_series(&self, k: f64, tau: f64) -> Option<f64> {
        let (a, z) = (self.a, tau / (1.0 + tau));
        let c = a + (self.b - 1.0);
        let start = c - k;
        if a > 20.0 || start < -5.0 || z > 0.95 || c.abs() > 1e3 * k || z < 1e-4 {
            return None;
        }
        let ln_left = -tau.ln_1p();
        let excess = a - 1.0;
        let mut term = start * z;
        let mut sum = 0.0;
        let mut n = 1.0;
        // The terms fall as zⁿ once n has passed the parameters.
        loop {
            sum += term;
            let (next, below) = (start + n, c + n);
            if below == 0.0 {
                return None;
            }
            let factor = next * (a + n - 1.0) * z / (below * (n + 1.0));
            term *= factor;
            n += 1.0;
            if term.abs() <= 1e-17 * sum.abs() && factor.abs() < 1.0 {
                break;
            }
        }
        Some(c * -exponential_mean(-excess, ln_left) - (excess * ln_left).exp() * sum)
    }

    /// Purchases and time as a customer between now and the horizon, discounted, if alive:
    /// `E[∫ e^(−δτ) (1 + pτ)^−(k+1) dτ]`, times in units of `self.rate`.
    fn discounted_if_alive(&self, delta: f64, horizon: f64, k: f64) -> f64 {
        let delta = delta * self.rate;
        let horizon = horizon / self.rate;
        if horizon == 0.0 {
            return 0.0;
        }
        self.discounted_by_parts(delta, horizon, k)
            .unwrap_or_else(|| self.discounted_by_mixing(delta, horizon, k))
    }

    /// The same as a mean over p, given which the stream thins out as a power.
    fn discounted_by_mixing(&self, delta: f64, horizon: f64, k: f64) -> f64 {
        let power = k + 1.0;
        let forever = horizon
            .is_infinite()
            .then(|| DampedPower::new(power, delta, f64::INFINITY));
        let inside = |p: f64| {
            let z = delta / p;
            let time = match &forever {
                Some(forever) => forever.at(z),
                None => damped_power_until(power, z, (p * horizon).ln_1p()),
            };
            time / p
        };
        beta_mean(
            self.a,
            self.b,
            Mixed {
                at_zero: exponential_mean(delta, horizon),
                at_one: inside(1.0),
                power: power.abs(),
                inside,
            },
        )
    }

    /// The same as `e^(−δh)·G(h) + δ∫₀^h e^(−δτ) G(τ) dτ`, all of it positive, where `G` has a
    /// series that is good to the last digits.
    ///
    /// In `w = ln(1 + τ)` the integrand is smooth within π of the real line.
    fn discounted_by_parts(&self, delta: f64, horizon: f64, k: f64) -> Option<f64> {
        // The series loses the digits of `c/k`, and some for a large `a`.
        if horizon.is_infinite() || self.a > 10.0 || (self.a + (self.b - 1.0)).abs() > 100.0 * k {
            return None;
        }
        let whole = self.purchases_by_series(k, horizon)?;
        let range = horizon.ln_1p();
        let (mut from, mut sum) = (0.0, Some(0.0));
        while from < range {
            let slope = delta * f64::exp(from) + 1.0;
            let panel = (8.0 / slope).min(1.0).min(range - from);
            let rise = slope * panel;
            let rule = if rise <= 1.0 && panel <= 0.35 {
                SHORT
            } else if rise <= 4.5 {
                MEDIUM
            } else {
                LONG
            };
            rule.visit(from, panel, |w, weight| {
                let tau = w.exp_m1();
                let purchases = self.purchases_by_series(k, tau);
                sum = sum
                    .zip(purchases)
                    .map(|(sum, g)| sum + weight * (w - delta * tau).exp() * g);
            });
            sum?;
            from += panel;
            if delta * from.exp_m1() > NEGLIGIBLE {
                break;
            }
        }
        Some(((-delta * horizon).exp() * whole + delta * sum?) / k)
    }

    /// `E[1/p]` given alive, or the condition under which it exists.
    fn mean_chances(&self, answer: &'static str) -> Result<f64, ModelError> {
        if self.a > 1.0 {
            Ok((self.a + (self.b - 1.0)) / (self.a - 1.0))
        } else {
            Err(ModelError::Undefined {
                answer,
                condition: "a > 1, or with a discount rate or a horizon",
                found: self.a,
            })
        }
    }
}

impl IfAlive for BetaGeometricIfAlive {
    fn probability_active(&self, span: Span) -> f64 {
        let tau = span.in_unit(self.unit) / self.rate;
        -(-self.shape * tau.ln_1p()).exp_m1()
    }

    fn expected_purchases(&self, span: Span) -> f64 {
        self.purchases_if_alive(span.in_unit(self.unit))
    }

    fn discounted_purchases(
        &self,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64, ModelError> {
        let (delta, horizon) = (rate.per(self.unit), in_unit(horizon, self.unit));
        if horizon.is_infinite() && delta == 0.0 {
            return self.mean_chances("residual transactions");
        }
        if delta == 0.0 {
            return Ok(self.purchases_if_alive(horizon));
        }
        Ok(self.shape * self.discounted_if_alive(delta, horizon, self.shape))
    }

    fn discounted_lifetime(&self, rate: DiscountRate, horizon: Horizon) -> Result<f64, ModelError> {
        let (delta, horizon) = (rate.per(self.unit), in_unit(horizon, self.unit));
        if horizon.is_infinite() && delta == 0.0 {
            let chances = self.mean_chances("residual lifetimes")?;
            if self.shape <= 1.0 {
                return Err(ModelError::Undefined {
                    answer: "residual lifetimes",
                    condition: "r + x > 1, or with a discount rate or a horizon",
                    found: self.shape,
                });
            }
            return Ok(chances * self.rate / (self.shape - 1.0));
        }
        Ok(self.rate * self.discounted_if_alive(delta, horizon, self.shape - 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::testing::{agrees, relative};

    #[test]
    fn by_parts_and_by_mixing_the_discounted_purchases_are_the_same() {
        let mut cases = Vec::new();
        for (a, b) in [
            (0.793, 2.426),
            (1.0, 1.0),
            (0.05, 0.2),
            (3.0, 40.0),
            (9.5, 0.5),
        ] {
            for shape in [0.243, 1.0, 2.243, 9.5] {
                for (delta, horizon) in [(1e-3, 0.1), (0.08, 1.2), (0.6, 8.0), (9.0, 6.0)] {
                    let customer = BetaGeometricIfAlive {
                        unit: TimeUnit::Week,
                        shape,
                        rate: 1.0,
                        a,
                        b,
                    };
                    if let Some(found) = customer.discounted_by_parts(delta, horizon, shape) {
                        let mixed = customer.discounted_by_mixing(delta, horizon, shape);
                        cases.push(([a, b, shape, delta, horizon], found, mixed));
                    }
                }
            }
        }
        assert!(cases.len() > 60, "{} of 80 go by parts", cases.len());
        agrees(cases, relative(1e-12));
    }
}
