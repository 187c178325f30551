//! How to fit: levels, limits of the search, and a pull towards what is known already.

use std::borrow::Cow;

use crate::quantity::Probability;

use super::super::parameter::{ParameterKind, Parametric};
use super::{Fit, FitError};

/// A pull of the parameters towards known ones, for samples too small to speak for themselves.
///
/// Takes `strength · ‖ln θ − ln θ₀‖²` off the log-likelihood; the effect of a covariate counts as it
/// is instead of by its logarithm.
///
/// # Examples
///
/// A new shop with four customers borrows what a larger base has shown.
///
/// ```
/// use guanxi::model::{Fit, FitOptions, MbgNbd, MbgNbdParameters, Ridge};
/// use guanxi::quantity::TimeUnit;
/// use guanxi::summary::RfmSummary;
///
/// let group = MbgNbd::new(MbgNbdParameters {
///     unit: TimeUnit::Week,
///     r: 0.525,
///     alpha: 6.183,
///     a: 0.891,
///     b: 1.614,
/// })?;
/// let mut shop = Vec::new();
/// for (x, t_x, age) in [(0, 0.0, 20.0), (0, 0.0, 12.0), (1, 3.0, 15.0), (4, 9.0, 10.0)] {
///     shop.push(RfmSummary::new(TimeUnit::Week, x, t_x, age)?);
/// }
/// let options = FitOptions::default().with_ridge(Ridge::towards(&group, 1.0)?);
/// let fitted = MbgNbd::fit(&shop, &options)?;
/// assert!((fitted.model().parameters().r - 0.7011714).abs() < 1e-6); // 0.525 in the group
/// assert_eq!(
///     fitted.report().notes()[0].to_string(),
///     "a ridge of strength 1 took 0.164 off the log-likelihood: AIC and BIC are only indicative"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "crate::model::stored::RawRidge"))]
pub struct Ridge {
    pub(in crate::model) strength: f64,
    pub(in crate::model) model: Cow<'static, str>,
    pub(in crate::model) scale: String,
    pub(in crate::model) centre: Vec<f64>,
    /// Kinds of the centre's parameters; none if all are positive.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub(in crate::model) kinds: Vec<ParameterKind>,
}

/// What a ridge on the effects of covariates alone is known by.
const EFFECTS: &str = "zero-effects";

impl Ridge {
    /// A ridge around the parameters of `model`, for example one fitted to a larger base.
    ///
    /// # Errors
    ///
    /// [`FitError::Option`] if `strength` is not positive and finite.
    pub fn towards<M: Fit>(model: &M, strength: f64) -> Result<Self, FitError> {
        Self::around(model, model.scale(), strength)
    }

    /// A ridge around the parameters of a model with this unit or currency.
    pub(in crate::model) fn around<M: Parametric>(
        model: &M,
        scale: String,
        strength: f64,
    ) -> Result<Self, FitError> {
        Self::check_strength(strength)?;
        let mut kinds = model.kinds();
        if kinds.iter().all(|&kind| kind == ParameterKind::Positive) {
            kinds.clear();
        }
        Ok(Self {
            strength,
            model: M::MODEL.into(),
            scale,
            centre: model.values(),
            kinds,
        })
    }

    /// A ridge that pulls the effects of covariates, and nothing else, towards 0: for more
    /// covariates than the customers can tell apart. Effects count as they are given, so that a
    /// ridge treats standardised covariates alike.
    ///
    /// A fit without covariates refuses it. The limit of 30 customers stays, for the other
    /// parameters are free.
    ///
    /// # Errors
    ///
    /// [`FitError::Option`] if `strength` is not positive and finite.
    pub fn on_effects(strength: f64) -> Result<Self, FitError> {
        Self::check_strength(strength)?;
        Ok(Self {
            strength,
            model: EFFECTS.into(),
            scale: "any unit".to_owned(),
            centre: Vec::new(),
            kinds: Vec::new(),
        })
    }

    /// Whether it is on the effects of covariates alone.
    pub(in crate::model) fn is_on_effects(&self) -> bool {
        self.model == EFFECTS
    }

    pub(in crate::model) fn check_strength(strength: f64) -> Result<(), FitError> {
        if strength > 0.0 && strength.is_finite() {
            Ok(())
        } else {
            Err(FitError::Option {
                option: "the strength of a ridge",
                expected: "positive and finite",
                found: strength,
            })
        }
    }

    pub(crate) fn strength(&self) -> f64 {
        self.strength
    }

    /// The centre, if the ridge was made for this model in this unit or currency.
    pub(crate) fn centre(&self, model: &'static str, scale: &str) -> Result<&[f64], FitError> {
        if self.model == model && self.scale == scale {
            Ok(&self.centre)
        } else {
            Err(FitError::RidgeCentre {
                expected: format!("{model} ({scale})"),
                found: format!("{} ({})", self.model, self.scale),
            })
        }
    }
}

/// How to fit. The default suits any sample of at least 30 customers.
///
/// # Examples
///
/// Fewer are refused, for their parameters would mean nothing; a [`Ridge`] says what else is known.
///
/// ```
/// use guanxi::model::{Fit, FitOptions, MbgNbd};
/// use guanxi::quantity::{Probability, TimeUnit};
/// use guanxi::summary::RfmSummary;
///
/// let options = FitOptions::default().with_level(Probability::NINETY_PERCENT);
/// let four = [RfmSummary::new(TimeUnit::Week, 2, 12.0, 30.0)?; 4];
/// let refused = MbgNbd::fit(&four, &options).map(|fitted| fitted.into_model());
/// assert_eq!(
///     refused.map_err(|error| error.to_string()),
///     Err("fitting MBG/NBD needs 30 customers, got 4; a ridge lifts this limit".to_owned())
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "crate::model::stored::RawOptions")
)]
pub struct FitOptions {
    pub(crate) level: Probability,
    pub(crate) iterations: u32,
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) minimum_customers: f64,
    pub(crate) ridge: Option<Ridge>,
    /// Parameters to search from instead of the model's own starts: the estimates from data that
    /// differ little. What ends the search is certified all the same.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) start: Option<Vec<f64>>,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self {
            level: Probability::NINETY_FIVE_PERCENT,
            iterations: 500,
            minimum_customers: 30.0,
            ridge: None,
            start: None,
        }
    }
}

impl FitOptions {
    /// Level of the parameters' intervals; 0.95 unless set.
    #[must_use]
    pub fn with_level(mut self, level: Probability) -> Self {
        self.level = level;
        self
    }

    /// Steps that each search may take; 500 unless set.
    #[must_use]
    pub fn with_iterations(mut self, iterations: u32) -> Self {
        self.iterations = iterations;
        self
    }

    /// A ridge, which also lifts the limit of 30 customers.
    #[must_use]
    pub fn with_ridge(mut self, ridge: Ridge) -> Self {
        self.ridge = Some(ridge);
        self
    }

    /// Whether intervals can have this level.
    pub(in crate::model) fn check_level(&self) -> Result<(), FitError> {
        let found = self.level.value();
        if found > 0.0 && found < 1.0 {
            Ok(())
        } else {
            Err(FitError::Option {
                option: "the level of intervals",
                expected: "between 0 and 1, both excluded",
                found,
            })
        }
    }
}
