//! What a Pareto/NBD customer will do if alive: it does not depend on recency.

use crate::numeric::damped::{damped_power, damped_power_until, exponential_mean};
use crate::numeric::power::ln_power_integral;
use crate::quantity::{DiscountRate, Horizon, Span, TimeUnit};

use super::super::answers::IfAlive;
use super::super::{ModelError, in_unit};
use super::ParetoNbdParameters;

/// The future of customers of one frequency and age, if they are alive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ParetoNbdIfAlive {
    pub(super) unit: TimeUnit,
    /// Gamma posterior of the purchase rate.
    pub(super) shape: f64,
    pub(super) rate: f64,
    /// Gamma posterior of the dropout rate.
    pub(super) s: f64,
    pub(super) beta: f64,
}

impl ParetoNbdIfAlive {
    pub(super) fn new(p: &ParetoNbdParameters, shape: f64, age: f64) -> Self {
        Self {
            unit: p.unit,
            shape,
            rate: p.alpha + age,
            s: p.s,
            beta: p.beta + age,
        }
    }

    /// `∫₀^H e^(−δt) (1 + t/β)^−s dt`: discounted time as a customer if alive.
    fn lifetime_if_alive(&self, delta: f64, horizon: f64) -> f64 {
        let z = delta * self.beta;
        let time = if horizon.is_infinite() {
            damped_power(self.s, z)
        } else {
            damped_power_until(self.s, z, (horizon / self.beta).ln_1p())
        };
        self.beta * time
    }

    /// The lifetime, or the condition under which an infinite one without discount exists.
    fn lifetime(
        &self,
        answer: &'static str,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64, ModelError> {
        let (delta, horizon) = (rate.per(self.unit), in_unit(horizon, self.unit));
        if horizon.is_infinite() && delta == 0.0 && self.s <= 1.0 {
            return Err(ModelError::Undefined {
                answer,
                condition: "s > 1, or with a discount rate or a horizon",
                found: self.s,
            });
        }
        Ok(self.lifetime_if_alive(delta, horizon))
    }
}

impl IfAlive for ParetoNbdIfAlive {
    fn probability_active(&self, span: Span) -> f64 {
        // The next purchase comes before the dropout: ∫ r′/α′ (1+τ/α′)^−(r′+1) (1+τ/β′)^−s dτ.
        let t = span.in_unit(self.unit);
        let (rates, dropout) = ((self.rate, self.shape + 1.0), (self.beta, self.s));
        let ln = (self.shape / self.rate).ln() + ln_power_integral(rates, dropout, 0.0, t);
        // Rounding may lift a certain purchase above 1.
        ln.exp().min(1.0)
    }

    fn expected_purchases(&self, span: Span) -> f64 {
        let reach = (span.in_unit(self.unit) / self.beta).ln_1p();
        self.shape * (self.beta / self.rate) * exponential_mean(self.s - 1.0, reach)
    }

    fn discounted_purchases(
        &self,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64, ModelError> {
        let lifetime = self.lifetime("residual transactions", rate, horizon)?;
        Ok(self.shape / self.rate * lifetime)
    }

    fn discounted_lifetime(&self, rate: DiscountRate, horizon: Horizon) -> Result<f64, ModelError> {
        self.lifetime("residual lifetimes", rate, horizon)
    }
}
