//! Covariates that change with time (时变协变量): seasons, campaigns, prices, a customer's own log.
//!
//! Purchases come at the rate `λ·e^(γ'z(u))`, dropout at `μ·e^(η'w(u))`, with `z` and `w` constant
//! between given instants. With the clocks `A(u) = ∫ e^(γ'z)` and `B(u) = ∫ e^(η'w)`, for the
//! GGompertz/NBD `∫ e^(η'w)·b·e^(bv) dv`, both from the first purchase, the likelihood is
//!
//! ```text
//! L = Γ(r+x)/Γ(r) α^r β^s ∏ e^(γ'z(t_j)) · [ (α+A(T))^−(r+x) (β+B(T))^−s
//!       + s ∫_{t_x}^T B′(u) (α+A(u))^−(r+x) (β+B(u))^−(s+1) du ]
//! ```
//!
//! Without covariates this is the plain model. The idea of two clocks is that of Bachmann, Meierer &
//! Näf (2021), "The Role of Time-Varying Contextual Factors in Latent Attrition Models for Customer
//! Base Analysis", *Marketing Science* 40(4), 783–809, <https://doi.org/10.1287/mksc.2020.1254>.

mod builders;
mod calendar;
mod clock;
mod counts;
mod customer;
mod design;
mod error;
mod fit;
mod likelihood;
mod path;
mod posterior;
#[cfg(feature = "simulate")]
mod simulate;
mod steady;

pub use builders::Season;
pub use calendar::CalendarCovariates;
pub use customer::{TimedCustomer, TimedSample};
pub use design::{TimeVaryingDesign, TimeVaryingEffect, TimeVaryingModel, TimeVaryingParameters};
pub use error::TimeVaryingError;
pub use path::{CovariatePath, Coverage};
pub use posterior::TimeVaryingPosterior;
#[cfg(feature = "simulate")]
pub use simulate::SimulatedTimedCustomer;
pub use steady::SteadyPosterior;

use std::borrow::Cow;

use crate::quantity::{QuantityError, TimeUnit};

use super::super::fit::{FitError, Ridge};
use super::super::parameter::{ParameterError, ParameterKind, Parametric, check_one};
use clock::Acting;

/// A purchase model with covariates that change with time.
///
/// Its parameters are those of the base, which hold where all covariates are 0, and one effect for
/// each covariate that acts: an effect of 0.1 on purchase makes purchases `e^0.1` = 1.105 times as
/// frequent for each unit of the covariate, one on dropout the risk of it.
///
/// Every value of this type is valid.
///
/// # Examples
///
/// What a campaign in the next month would bring of one customer:
///
/// ```
/// use guanxi::model::{
///     CovariatePath, Coverage, ParetoNbd, ParetoNbdParameters, TimeVarying, TimeVaryingEffect,
///     TimeVaryingParameters, TimedCustomer,
/// };
/// use guanxi::quantity::{Span, TimeUnit};
///
/// let model = TimeVarying::new(TimeVaryingParameters {
///     base: ParetoNbd::new(ParetoNbdParameters {
///         unit: TimeUnit::Week,
///         r: 0.553,
///         alpha: 10.578,
///         s: 0.606,
///         beta: 11.669,
///     })?,
///     purchase: vec![TimeVaryingEffect::new("campaign", 0.7)],
///     dropout: vec![],
/// })?;
/// let campaign = |steps: [(f64, f64); 3], coverage| {
///     let steps = steps.map(|(from, on)| (from, vec![on]));
///     CovariatePath::new(TimeUnit::Week, ["campaign"], steps, coverage)
/// };
/// let past = campaign([(0.0, 0.0), (8.0, 1.0), (12.0, 0.0)], Coverage::Continuing)?;
/// let customer = TimedCustomer::from_purchases(&[9.0, 30.43], Span::weeks(38.86)?, past)?;
/// let month = Span::weeks(4.0)?;
/// let without = model.posterior(&customer)?.expected_purchases(month)?;
///
/// let planned = campaign([(0.0, 0.0), (1.0, 1.0), (3.0, 0.0)], Coverage::Continuing)?;
/// let with = model.posterior(&customer.with_future(&planned)?)?.expected_purchases(month)?;
/// assert!((without - 0.1610).abs() < 1e-3, "{without}");
/// assert!((with - 0.2427).abs() < 1e-3, "{with}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        try_from = "TimeVaryingParameters<M>",
        into = "TimeVaryingParameters<M>",
        bound(
            serialize = "M: Clone + serde::Serialize",
            deserialize = "M: TimeVaryingModel + serde::Deserialize<'de>"
        )
    )
)]
pub struct TimeVarying<M>(TimeVaryingParameters<M>);

impl<M: TimeVaryingModel> TimeVarying<M> {
    /// A model with known parameters and effects.
    ///
    /// # Errors
    ///
    /// - [`TimeVaryingError::NoEffect`], [`Name`](TimeVaryingError::Name),
    ///   [`DuplicateEffect`](TimeVaryingError::DuplicateEffect) or
    ///   [`NoDropout`](TimeVaryingError::NoDropout) if the effects are none of the base's.
    /// - [`TimeVaryingError::Parameter`] if an effect is not a number from −1000 to 1000.
    pub fn new(parameters: TimeVaryingParameters<M>) -> Result<Self, TimeVaryingError> {
        parameters.design().check::<M>()?;
        for (name, effect) in parameters.named_effects() {
            check_one(Self::MODEL, name, ParameterKind::Effect, effect)?;
        }
        Ok(Self(parameters))
    }

    /// The parameters.
    #[must_use]
    pub fn parameters(&self) -> &TimeVaryingParameters<M> {
        &self.0
    }

    /// The plain model of customers whose covariates are all 0.
    #[must_use]
    pub fn base(&self) -> &M {
        &self.0.base
    }

    /// Unit of the parameters and of the customers.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.0.base.unit()
    }

    /// What the model knows of this customer.
    ///
    /// # Errors
    ///
    /// - [`TimeVaryingError::Quantity`] if the customer is in another unit.
    /// - [`TimeVaryingError::Unknown`] if the customer lacks a covariate that acts.
    /// - [`TimeVaryingError::Predictor`] if effects times covariates add up to more than 100 in size:
    ///   a rate `e^100` times another is no rate.
    pub fn posterior(
        &self,
        customer: &TimedCustomer,
    ) -> Result<TimeVaryingPosterior, TimeVaryingError> {
        let acting = self.acting(customer.path())?;
        let law = M::PLACES.law(&self.0.base.values());
        let ln_factors = acting.of_purchases(customer.covariate_sums());
        Ok(TimeVaryingPosterior::new(
            &law,
            &acting.pieces()?,
            customer.summary(),
            ln_factors,
        ))
    }

    /// A ridge around these parameters.
    ///
    /// # Errors
    ///
    /// [`FitError::Option`] if `strength` is not positive and finite.
    pub fn ridge(&self, strength: f64) -> Result<Ridge, FitError> {
        Ridge::around(self, self.unit().to_string(), strength)
    }

    /// The effects by the places of their covariates in a path of the model's unit.
    fn acting<'a>(&self, path: &'a CovariatePath) -> Result<Acting<'a>, TimeVaryingError> {
        if path.unit() != self.unit() {
            return Err(TimeVaryingError::Quantity(QuantityError::UnitMismatch {
                expected: self.unit(),
                found: path.unit(),
            }));
        }
        let find = |effects: &[TimeVaryingEffect]| -> Result<Vec<(usize, f64)>, TimeVaryingError> {
            let places = effects.iter().map(|effect| {
                let place = design::place(path.names(), &effect.covariate)?;
                Ok((place, effect.size))
            });
            places.collect()
        };
        Ok(Acting {
            purchase: find(&self.0.purchase)?,
            dropout: find(&self.0.dropout)?,
            path,
        })
    }
}

impl<M: TimeVaryingModel> Parametric for TimeVarying<M> {
    const MODEL: &'static str = M::TIME_VARYING;
    const NAMES: &'static [&'static str] = M::NAMES;

    fn names(&self) -> Vec<Cow<'static, str>> {
        let base = M::NAMES.iter().copied().map(Cow::Borrowed);
        let effects = self.0.named_effects();
        base.chain(effects.map(|(name, _)| Cow::Owned(name)))
            .collect()
    }

    fn kinds(&self) -> Vec<ParameterKind> {
        let mut kinds = self.0.base.kinds();
        let effects = self.0.purchase.len() + self.0.dropout.len();
        kinds.resize(kinds.len() + effects, ParameterKind::Effect);
        kinds
    }

    fn values(&self) -> Vec<f64> {
        let mut values = self.0.base.values();
        values.extend(self.0.named_effects().map(|(_, effect)| effect));
        values
    }

    fn with_values(&self, values: &[f64]) -> Result<Self, ParameterError> {
        let own = M::NAMES.len();
        let expected = own + self.0.purchase.len() + self.0.dropout.len();
        if values.len() != expected {
            return Err(ParameterError::Count {
                model: Self::MODEL,
                expected,
                found: values.len(),
            });
        }
        let mut parameters = self.0.clone();
        parameters.base = parameters.base.with_values(&values[..own])?;
        let effects = parameters
            .purchase
            .iter_mut()
            .chain(&mut parameters.dropout);
        for (effect, &value) in effects.zip(&values[own..]) {
            effect.size = value;
        }
        for (name, effect) in parameters.named_effects() {
            check_one(Self::MODEL, name, ParameterKind::Effect, effect)?;
        }
        Ok(Self(parameters))
    }
}

impl<M: TimeVaryingModel> TryFrom<TimeVaryingParameters<M>> for TimeVarying<M> {
    type Error = TimeVaryingError;

    fn try_from(parameters: TimeVaryingParameters<M>) -> Result<Self, TimeVaryingError> {
        Self::new(parameters)
    }
}

impl<M> From<TimeVarying<M>> for TimeVaryingParameters<M> {
    fn from(model: TimeVarying<M>) -> Self {
        model.0
    }
}

#[cfg(test)]
mod tests;
