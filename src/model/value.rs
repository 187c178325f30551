//! Lifetime value of one customer, with everything that it is made of.

use crate::quantity::{Currency, Estimate, Money, QuantityError};

/// What a customer is expected to be worth from now to the horizon (客户终身价值, residual lifetime
/// value), in major units of one currency.
///
/// `value = gross − service_cost`, with `gross = margin × spend × discounted purchases` and
/// `service_cost = cost per unit of time × discounted lifetime`. What the customer was worth so
/// far, and what it cost to win the customer, are not in it.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct LifetimeValue {
    pub(crate) currency: Currency,
    pub(crate) probability_alive: f64,
    pub(crate) discounted_purchases: f64,
    pub(crate) discounted_lifetime: Option<f64>,
    pub(crate) expected_spend: f64,
    pub(crate) gross: f64,
    pub(crate) service_cost: f64,
    pub(crate) n_eff: f64,
    pub(crate) uncertainty: Option<ValueUncertainty>,
}

impl LifetimeValue {
    /// Currency of every amount.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Expected value in major units; negative where serving the customer costs more than the
    /// margin brings.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.gross - self.service_cost
    }

    /// The value as money, rounded half to even to minor units.
    ///
    /// # Errors
    ///
    /// [`QuantityError`] if it is beyond what [`Money`] holds.
    pub fn money(&self) -> Result<Money, QuantityError> {
        Money::from_estimate(self.value(), self.currency)
    }

    /// Probability of being a customer still, from 0 to 1.
    #[must_use]
    pub fn probability_alive(&self) -> f64 {
        self.probability_alive
    }

    /// Expected discounted purchases to the horizon.
    #[must_use]
    pub fn discounted_purchases(&self) -> f64 {
        self.discounted_purchases
    }

    /// Expected discounted time as a customer to the horizon, in the purchase model's unit; `None`
    /// without a cost to serve, which alone depends on it.
    #[must_use]
    pub fn discounted_lifetime(&self) -> Option<f64> {
        self.discounted_lifetime
    }

    /// Expected value of one purchase, in major units and before the margin.
    #[must_use]
    pub fn expected_spend(&self) -> f64 {
        self.expected_spend
    }

    /// Expected discounted margin before the cost to serve.
    #[must_use]
    pub fn gross(&self) -> f64 {
        self.gross
    }

    /// Expected discounted cost to serve.
    #[must_use]
    pub fn service_cost(&self) -> f64 {
        self.service_cost
    }

    /// How many gaps between purchases the customer has shown: 0 if only the prior speaks.
    #[must_use]
    pub fn n_eff(&self) -> f64 {
        self.n_eff
    }

    /// What is not known about the value; `None` unless the scorer was asked for draws.
    #[must_use]
    pub fn uncertainty(&self) -> Option<&ValueUncertainty> {
        self.uncertainty.as_ref()
    }
}

/// Whose uncertainty a value's interval holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum UncertaintySource {
    /// What this customer is like; the models' parameters are taken as known.
    Customer,
    /// What this customer is like, and what the models' parameters are.
    CustomerAndParameters,
}

/// Uncertainty of a customer's value, from draws of what the customer may be like.
///
/// It is about the customer's *expected* value given purchase rate, dropout and mean spend; how
/// many purchases chance then lets happen comes on top.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ValueUncertainty {
    pub(crate) estimate: Estimate,
    pub(crate) median: f64,
    pub(crate) mean_of_draws: f64,
    pub(crate) probability_of_loss: f64,
    pub(crate) draws: usize,
    pub(crate) source: UncertaintySource,
}

impl ValueUncertainty {
    /// Expected value at the models' estimates, with the standard deviation of the draws and the
    /// interval between their quantiles. A customer who has probably left may have both ends of it
    /// at 0 and still an expected value above it. Where the model's own variance of spend is
    /// infinite (`p·n + q ≤ 2` in the Gamma–Gamma), trust the interval, not the deviation.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        self.estimate
    }

    /// Median of the draws, in major units.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.median
    }

    /// Mean of the draws, in major units. Without parameter uncertainty it differs from the
    /// expected value by chance only; with it, by what that uncertainty adds.
    #[must_use]
    pub fn mean_of_draws(&self) -> f64 {
        self.mean_of_draws
    }

    /// Share of the draws below 0.
    #[must_use]
    pub fn probability_of_loss(&self) -> f64 {
        self.probability_of_loss
    }

    /// How many draws there were.
    #[must_use]
    pub fn draws(&self) -> usize {
        self.draws
    }

    /// Whose uncertainty this is.
    #[must_use]
    pub fn source(&self) -> UncertaintySource {
        self.source
    }
}
