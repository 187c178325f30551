//! Lifetime value of customers with covariates.

use crate::scorer::ScoreError;

use super::super::clv::{Clv, ClvTerms, Draws};
use super::super::parameter::ParameterError;
use super::super::purchase::PurchaseModel;
use super::super::spend::SpendModel;
use super::{CovariateError, CovariateModel, WithCovariates};

#[cfg(feature = "simulate")]
use {
    super::super::{fit::FitError, fit::Fitted, parameter::Parametric},
    crate::quantity::QuantityError,
};

/// A model that has a plain one for every customer: a model [with covariates](WithCovariates), or
/// a plain one, which is the same for all.
pub trait CustomerModel: Clone {
    /// The plain model.
    type Plain;

    /// The model of customers with these covariates; a plain model takes any.
    ///
    /// # Errors
    ///
    /// [`CovariateError`] as [`WithCovariates::of`].
    fn of(&self, z: &[f64]) -> Result<Self::Plain, CovariateError>;
}

impl<M: CovariateModel> CustomerModel for M {
    type Plain = M;

    fn of(&self, _: &[f64]) -> Result<M, CovariateError> {
        Ok(self.clone())
    }
}

impl<M: CovariateModel> CustomerModel for WithCovariates<M> {
    type Plain = M;

    fn of(&self, z: &[f64]) -> Result<M, CovariateError> {
        self.of(z)
    }
}

/// Customer lifetime value (客户终身价值) where purchases, spend or both depend on covariates: from a
/// customer's covariates to the [`Clv`] of such customers.
///
/// Both models read the same values; where they were fitted to other covariates, ask each
/// [`of`](WithCovariates::of) its own and join the two by [`Clv::new`]. A whole base is valued by
/// [`Portfolio::appraise_with_covariates`](crate::portfolio::Portfolio::appraise_with_covariates).
///
/// # Examples
///
/// ```
/// use guanxi::model::{
///     ClvTerms, Covariate, CovariateClv, CovariateEffect, CovariateParameters, CovariateRole,
///     DropoutLink, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters, WithCovariates,
/// };
/// use guanxi::quantity::{Currency, DiscountRate, TimeUnit};
/// use guanxi::summary::RfmSummary;
///
/// let purchases = WithCovariates::new(CovariateParameters {
///     base: MbgNbd::new(MbgNbdParameters {
///         unit: TimeUnit::Week,
///         r: 0.525,
///         alpha: 6.183,
///         a: 0.891,
///         b: 1.614,
///     })?,
///     covariates: vec![Covariate::new("member")?],
///     effects: vec![CovariateEffect::new(CovariateRole::Dropout, "member", -0.5)],
///     dropout_link: DropoutLink::MeanDropout,
/// })?;
/// let spend = GammaGamma::new(GammaGammaParameters {
///     currency: Currency::EUR,
///     p: 6.25,
///     q: 3.74,
///     gamma: 15.44,
/// })?; // the same for all
/// let clv = CovariateClv::new(purchases, spend, ClvTerms::new(0.3, DiscountRate::annual(0.1)?)?);
/// let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.0, 38.0)?;
/// assert_eq!(clv.of(&[0.0])?.value(&rfm)?.money()?.to_string(), "64.04 EUR");
/// assert_eq!(clv.of(&[1.0])?.value(&rfm)?.money()?.to_string(), "109.47 EUR");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CovariateClv<P, S> {
    purchases: P,
    spend: S,
    terms: ClvTerms,
    draws: Option<Draws>,
    /// One pair of models a draw, or none if the parameters are taken as known.
    models: Vec<(P, S)>,
}

impl<P: CustomerModel, S: CustomerModel> CovariateClv<P, S>
where
    P::Plain: PurchaseModel,
    S::Plain: SpendModel,
{
    /// Lifetime value under two models whose parameters are taken as known.
    #[must_use]
    pub fn new(purchases: P, spend: S, terms: ClvTerms) -> Self {
        Self {
            purchases,
            spend,
            terms,
            draws: None,
            models: Vec::new(),
        }
    }

    /// Lifetime value of customers with these covariates.
    ///
    /// # Errors
    ///
    /// [`ScoreError::Covariates`] as [`WithCovariates::of`]; [`ScoreError::Quantity`] if the cost
    /// to serve is in another currency than the spend model.
    pub fn of(&self, z: &[f64]) -> Result<Clv<P::Plain, S::Plain>, ScoreError> {
        let clv = Clv::new(self.purchases.of(z)?, self.spend.of(z)?, self.terms)?;
        let Some(draws) = self.draws else {
            return Ok(clv);
        };
        let models = self.models.iter();
        let models = models.map(|(purchases, spend)| Ok((purchases.of(z)?, spend.of(z)?)));
        let models = models.collect::<Result<Vec<_>, CovariateError>>()?;
        Ok(clv.with_models(draws, models))
    }

    /// How draws are made, if they are.
    #[must_use]
    pub fn draws(&self) -> Option<Draws> {
        self.draws
    }

    /// The same with draws of what each customer may be like; the parameters are taken as known.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] unless there are 10 to a million draws, and the level of their
    /// interval lies between 0 and 1, both excluded.
    #[cfg(feature = "simulate")]
    pub fn with_draws(mut self, draws: Draws) -> Result<Self, QuantityError> {
        draws.check()?;
        self.draws = Some(draws);
        self.models.clear();
        Ok(self)
    }

    /// Lifetime value under two fitted models, with draws of what each customer may be like and of
    /// what the parameters may be, effects included: draw *i* of every customer is made under the
    /// same parameters.
    ///
    /// # Errors
    ///
    /// - [`FitError::Quantity`] if the draws are out of range.
    /// - [`FitError::Parameter`] if the parameters cannot be drawn.
    #[cfg(feature = "simulate")]
    pub fn fitted(
        purchases: &Fitted<P>,
        spend: &Fitted<S>,
        terms: ClvTerms,
        draws: Draws,
    ) -> Result<Self, FitError>
    where
        P: Parametric,
        S: Parametric,
    {
        let clv = Self::new(purchases.model().clone(), spend.model().clone(), terms);
        let mut clv = clv.with_draws(draws)?;
        // Two streams of parameters that share no number.
        let purchases = purchases.parameter_draws(draws.seed, draws.count)?;
        let spend = spend.parameter_draws(!draws.seed, draws.count)?;
        clv.models = purchases.into_iter().zip(spend).collect();
        Ok(clv)
    }
}

impl From<CovariateError> for ScoreError {
    fn from(error: CovariateError) -> Self {
        let (what, expected, found) = match error {
            CovariateError::Count { expected, found } => (
                "number of covariates".to_owned(),
                expected.len().to_string(),
                found.to_string(),
            ),
            CovariateError::Value {
                covariate, found, ..
            } => (
                format!("covariate `{covariate}`"),
                "a number from -1e300 to 1e300".to_owned(),
                found.to_string(),
            ),
            CovariateError::Parameter(ParameterError::Domain {
                model,
                parameter,
                expected,
                found,
            }) => (
                format!("{model} parameter `{parameter}` at a customer's covariates"),
                expected.to_owned(),
                found.to_string(),
            ),
            other => (
                "covariates".to_owned(),
                "those of the model".to_owned(),
                other.to_string(),
            ),
        };
        Self::Covariates {
            what,
            expected,
            found,
        }
    }
}
