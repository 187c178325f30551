//! A model with covariates: from a customer's covariates to the plain model of such customers.

use std::borrow::Cow;

use super::super::fit::{Fit, FitError, Fitted, Ridge};
use super::super::parameter::{ParameterError, ParameterKind, Parametric, check_one};
use super::super::report::Note;
use super::design::{check_names, check_values, effect_name, places};
use super::standard::mapped;
use super::{Covariate, CovariateError, CovariateModel, CovariateRole, DropoutLink, slopes};

/// The effect of a covariate.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CovariateEffect {
    /// What it acts on.
    pub on: CovariateRole,
    /// Name of the covariate.
    pub covariate: String,
    /// The coefficient γ of the covariate, standardised by its [`Covariate`]; from −1000 to 1000.
    pub size: f64,
}

impl CovariateEffect {
    /// An effect of this size.
    #[must_use]
    pub fn new(on: CovariateRole, covariate: impl Into<String>, size: f64) -> Self {
        Self {
            on,
            covariate: covariate.into(),
            size,
        }
    }

    fn name(&self) -> String {
        effect_name(self.on, &self.covariate)
    }
}

/// Parameters of [`WithCovariates`].
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CovariateParameters<M> {
    /// The model of a customer whose standardised covariates are all 0.
    pub base: M,
    /// The covariates, in the order of a customer's values.
    pub covariates: Vec<Covariate>,
    /// The effects.
    pub effects: Vec<CovariateEffect>,
    /// How covariates move a chance of dropout.
    pub dropout_link: DropoutLink,
}

/// A model with static covariates (静态协变量): [`of`](Self::of) a customer's covariates it gives the
/// plain model of such customers.
///
/// With linear predictors `γ·z` (an intercept is in the base) purchasing has `α = α₀·exp(−γ₁·z)`;
/// dropout `β = β₀·exp(−γ₂·z)` in models with a rate of dropout, and as the [`DropoutLink`] says in
/// those with a chance; the Gamma–Gamma has `γ = γ₀·exp(γ·z)`. A positive effect always means more:
/// purchases, dropout, spend.
///
/// Every value of this type is valid.
///
/// # Examples
///
/// Customers who came through a campaign buy more often and leave less:
///
/// ```
/// use guanxi::model::{
///     BgNbd, BgNbdParameters, Covariate, CovariateEffect, CovariateParameters, CovariateRole,
///     DropoutLink, PurchaseModel, PurchasePosterior, WithCovariates,
/// };
/// use guanxi::quantity::TimeUnit;
/// use guanxi::summary::RfmSummary;
///
/// let model = WithCovariates::new(CovariateParameters {
///     base: BgNbd::new(BgNbdParameters {
///         unit: TimeUnit::Week,
///         r: 0.243,
///         alpha: 4.414,
///         a: 0.793,
///         b: 2.426,
///     })?,
///     covariates: vec![Covariate::new("campaign")?],
///     effects: vec![
///         CovariateEffect::new(CovariateRole::Purchase, "campaign", 0.4),
///         CovariateEffect::new(CovariateRole::Dropout, "campaign", -0.3),
///     ],
///     dropout_link: DropoutLink::MeanDropout,
/// })?;
/// let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?;
/// let campaign = model.of(&[1.0])?.posterior(&rfm)?;
/// let other = model.of(&[0.0])?.posterior(&rfm)?;
/// assert!((campaign.probability_alive() - 0.7787451944892).abs() < 1e-12);
/// assert!((other.probability_alive() - 0.726578570080673).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Lifetime value follows customer by customer:
///
/// ```
/// use guanxi::model::{
///     Clv, ClvTerms, Covariate, CovariateEffect, CovariateParameters, CovariateRole, DropoutLink,
///     GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters, WithCovariates,
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
///     covariates: vec![Covariate::new("age")?.standardised(41.0, 12.0)?],
///     effects: vec![CovariateEffect::new(CovariateRole::Purchase, "age", 0.2)],
///     dropout_link: DropoutLink::default(),
/// })?;
/// let spend = GammaGamma::new(GammaGammaParameters {
///     currency: Currency::EUR,
///     p: 6.25,
///     q: 3.74,
///     gamma: 15.44,
/// })?;
/// let terms = ClvTerms::new(0.3, DiscountRate::annual(0.1)?)?;
/// let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.0, 38.0)?;
/// let value_at = |age: f64| -> Result<String, Box<dyn std::error::Error>> {
///     let clv = Clv::new(purchases.of(&[age])?, spend, terms)?;
///     Ok(clv.value(&rfm)?.money()?.to_string())
/// };
/// assert_eq!(value_at(41.0)?, "64.04 EUR");
/// assert_eq!(value_at(65.0)?, "64.98 EUR");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        try_from = "CovariateParameters<M>",
        into = "CovariateParameters<M>",
        bound(
            serialize = "M: CovariateModel + serde::Serialize",
            deserialize = "M: CovariateModel + serde::Deserialize<'de>"
        )
    )
)]
pub struct WithCovariates<M> {
    parameters: CovariateParameters<M>,
    /// Of each effect: the place of its covariate, and how it moves each parameter of the base.
    links: Vec<(usize, Vec<f64>)>,
}

impl<M: CovariateModel> WithCovariates<M> {
    /// A model with known parameters, from a paper or an earlier fit.
    ///
    /// # Errors
    ///
    /// [`CovariateError`] if names are there twice, an effect's covariate or role is not there, or an
    /// effect is not a number from −1000 to 1000.
    pub fn new(parameters: CovariateParameters<M>) -> Result<Self, CovariateError> {
        let CovariateParameters {
            covariates,
            effects,
            dropout_link,
            ..
        } = &parameters;
        check_names(covariates)?;
        let roles: Vec<_> = effects
            .iter()
            .map(|e| (e.on, e.covariate.as_str()))
            .collect();
        let mut links = Vec::with_capacity(effects.len());
        for (place, effect) in places(&roles, covariates)?.into_iter().zip(effects) {
            let kind = ParameterKind::Effect;
            check_one(M::WITH_COVARIATES, effect.name(), kind, effect.size)?;
            links.push((place, slopes::<M>(effect.on, *dropout_link)?));
        }
        Ok(Self { parameters, links })
    }

    /// The parameters.
    #[must_use]
    pub fn parameters(&self) -> &CovariateParameters<M> {
        &self.parameters
    }

    /// The model of a customer whose standardised covariates are all 0.
    #[must_use]
    pub fn base(&self) -> &M {
        &self.parameters.base
    }

    /// The covariates, in the order of a customer's values.
    #[must_use]
    pub fn covariates(&self) -> &[Covariate] {
        &self.parameters.covariates
    }

    /// The plain model of customers with these covariates, as they are: standardisation is the
    /// model's own business.
    ///
    /// # Errors
    ///
    /// [`CovariateError`] unless there is one number for each covariate, and the parameters that they
    /// lead to are numbers from 1e-12 to 1e12.
    pub fn of(&self, z: &[f64]) -> Result<M, CovariateError> {
        check_values(self.covariates(), z, None)?;
        let mut values = self.base().values();
        for (p, value) in values.iter_mut().enumerate() {
            let links = self.links.iter().zip(&self.parameters.effects);
            let moves = links.map(|((place, slopes), effect)| {
                if slopes[p] == 0.0 {
                    return 0.0;
                }
                let v = self.covariates()[*place].standard(z[*place]);
                slopes[p] * effect.size * v
            });
            *value *= moves.sum::<f64>().exp();
        }
        Ok(self.base().with_values(&values)?)
    }

    /// A pull towards these parameters for another fit, which takes the same constants: see
    /// [`Standardise::As`](super::Standardise::As).
    ///
    /// # Errors
    ///
    /// [`FitError::Option`] if `strength` is not positive and finite.
    pub fn ridge(&self, strength: f64) -> Result<Ridge, FitError>
    where
        M: Fit,
    {
        let scale = self.scale_in(&self.base().scale());
        Ridge::around(self, scale, strength)
    }

    /// The covariates whose effects are not per unit of their own, if there are any.
    pub(super) fn standards(&self) -> Option<Note> {
        let covariates = self.parameters.covariates.iter();
        let is_used = |covariate: &&Covariate| {
            let mut effects = self.parameters.effects.iter();
            effects.any(|effect| effect.covariate == covariate.name())
        };
        let standardised: Vec<(String, f64)> = covariates
            .filter(is_used)
            .map(|covariate| (covariate.name().to_owned(), covariate.scale()))
            .filter(|(_, scale)| (scale - 1.0).abs() > f64::EPSILON)
            .collect();
        (!standardised.is_empty()).then_some(Note::Standardised(standardised))
    }

    /// What the parameters refer to: a unit, and constants of standardisation.
    pub(super) fn scale_in(&self, unit: &str) -> String {
        use std::fmt::Write as _;

        let mut scale = unit.to_owned();
        for ((place, _), effect) in self.links.iter().zip(&self.parameters.effects) {
            let Covariate {
                centre, scale: by, ..
            } = &self.covariates()[*place];
            // Writing to a string cannot fail.
            let _ = write!(scale, ", {} of (z - {centre:?})/{by:?}", effect.name());
        }
        scale
    }
}

impl<M: CovariateModel> Parametric for WithCovariates<M> {
    const MODEL: &'static str = M::WITH_COVARIATES;
    const NAMES: &'static [&'static str] = M::NAMES;

    fn names(&self) -> Vec<Cow<'static, str>> {
        let mut names = self.base().names();
        names.extend(self.parameters.effects.iter().map(|e| e.name().into()));
        names
    }

    fn kinds(&self) -> Vec<ParameterKind> {
        let mut kinds = self.base().kinds();
        kinds.extend(self.links.iter().map(|_| ParameterKind::Effect));
        kinds
    }

    fn values(&self) -> Vec<f64> {
        let mut values = self.base().values();
        values.extend(self.parameters.effects.iter().map(|e| e.size));
        values
    }

    fn with_values(&self, values: &[f64]) -> Result<Self, ParameterError> {
        let own = self.base().values().len();
        let expected = own + self.links.len();
        if values.len() != expected {
            return Err(ParameterError::Count {
                model: Self::MODEL,
                expected,
                found: values.len(),
            });
        }
        let mut moved = self.clone();
        moved.parameters.base = self.base().with_values(&values[..own])?;
        for (effect, &size) in moved.parameters.effects.iter_mut().zip(&values[own..]) {
            check_one(Self::MODEL, effect.name(), ParameterKind::Effect, size)?;
            effect.size = size;
        }
        Ok(moved)
    }
}

impl<M: CovariateModel> TryFrom<CovariateParameters<M>> for WithCovariates<M> {
    type Error = CovariateError;

    fn try_from(parameters: CovariateParameters<M>) -> Result<Self, CovariateError> {
        Self::new(parameters)
    }
}

impl<M> From<WithCovariates<M>> for CovariateParameters<M> {
    fn from(model: WithCovariates<M>) -> Self {
        model.parameters
    }
}

impl<M: CovariateModel> Fitted<WithCovariates<M>> {
    /// The plain model of customers with these covariates, with what the fit does not know of its
    /// parameters: for [`answer`](Fitted::answer), or for lifetime values by
    /// [`Clv::fitted`](super::super::Clv::fitted).
    ///
    /// Its likelihood is that of all customers fitted, so that AIC and BIC are not its own: a note
    /// says so.
    ///
    /// # Errors
    ///
    /// [`FitError::Covariate`] as [`WithCovariates::of`].
    pub fn of(&self, z: &[f64]) -> Result<Fitted<M>, FitError> {
        let model = self.model.of(z)?;
        let own = model.values().len();
        // On the scale of the search the plain parameters are linear in those of the fit.
        let covariates = self.model.covariates();
        let mut rows = vec![vec![0.0; own + self.model.links.len()]; own];
        for (p, row) in rows.iter_mut().enumerate() {
            row[p] = 1.0;
            for (cell, (place, slopes)) in row[own..].iter_mut().zip(&self.model.links) {
                if slopes[p] != 0.0 {
                    *cell = slopes[p] * covariates[*place].standard(z[*place]);
                }
            }
        }
        let mut report = mapped(&self.report, &rows, &model)?;
        // An effect without bound is nothing to customers whose covariate is at its zero.
        if report.parameters.iter().all(|p| p.standard_error.is_some()) {
            report
                .notes
                .retain(|note| !matches!(note, Note::AtBoundary(_)));
        }
        report.notes.push(Note::AtCovariates {
            parameters: self.report.parameters.len(),
        });
        Ok(Fitted { model, report })
    }
}
