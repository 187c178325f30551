//! Which models take covariates that change with time, and which covariates act on what.

use super::super::super::fit::Fit;
use super::super::super::maximise::Limit;
use super::super::super::parameter::ParameterError;
use super::super::super::report::Boundary;
use super::super::nested::LIMITS;
use super::super::{
    GGompertzNbd, GGompertzNbdParameters, Nbd, NbdParameters, ParetoNbd, ParetoNbdParameters,
    PurchaseModel, PurchaseSample, ggompertz_nbd,
};
use super::TimeVaryingError;
use super::clock::Law;
use crate::quantity::TimeUnit;

/// Where a model's parameters are among its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Places {
    pub(super) b: Option<usize>,
    /// `s` and `β`.
    pub(super) dropout: Option<(usize, usize)>,
}

impl Places {
    /// The law with these parameters; `r` and `α` come first.
    pub(super) fn law(self, values: &[f64]) -> Law {
        let b = self.b.map_or(0.0, |b| values[b]);
        let (s, beta) = match self.dropout {
            Some((s, beta)) if b > 0.0 => (values[s], values[beta] / b),
            Some((s, beta)) => (values[s], values[beta]),
            None => (1.0, f64::INFINITY),
        };
        Law {
            r: values[0],
            alpha: values[1],
            b,
            s,
            beta,
        }
    }
}

/// What the fit asks of a base model.
pub(crate) trait Timed: Sized {
    const PLACES: Places;
    /// The power of time in each parameter.
    const TIME: &'static [f64];
    const LIMITS: &'static [Limit<'static>];

    /// The model with these parameters.
    fn build(unit: TimeUnit, values: &[f64]) -> Result<Self, ParameterError>;
}

/// A purchase model that can have covariates that change with time. Only this crate implements it.
#[allow(
    private_bounds,
    reason = "what a likelihood asks of a model stays inside"
)]
pub trait TimeVaryingModel: Fit<Sample = PurchaseSample> + PurchaseModel + Timed {
    /// What the model is called with covariates, such as
    /// `"Pareto/NBD with time-varying covariates"`.
    const TIME_VARYING: &'static str;
}

impl Timed for Nbd {
    const PLACES: Places = Places {
        b: None,
        dropout: None,
    };
    const TIME: &'static [f64] = &[0.0, 1.0];
    const LIMITS: &'static [Limit<'static>] = &[Limit {
        boundary: Boundary::HomogeneousRates,
        towards: &[1.0, 1.0],
    }];

    fn build(unit: TimeUnit, values: &[f64]) -> Result<Self, ParameterError> {
        let [r, alpha] = exactly::<Self, 2>(values)?;
        Self::new(NbdParameters { unit, r, alpha })
    }
}

impl TimeVaryingModel for Nbd {
    const TIME_VARYING: &'static str = "NBD with time-varying covariates";
}

impl Timed for ParetoNbd {
    const PLACES: Places = Places {
        b: None,
        dropout: Some((2, 3)),
    };
    const TIME: &'static [f64] = &[0.0, 1.0, 0.0, 1.0];
    const LIMITS: &'static [Limit<'static>] = LIMITS;

    fn build(unit: TimeUnit, values: &[f64]) -> Result<Self, ParameterError> {
        let [r, alpha, s, beta] = exactly::<Self, 4>(values)?;
        Self::new(ParetoNbdParameters {
            unit,
            r,
            alpha,
            s,
            beta,
        })
    }
}

impl TimeVaryingModel for ParetoNbd {
    const TIME_VARYING: &'static str = "Pareto/NBD with time-varying covariates";
}

impl Timed for GGompertzNbd {
    const PLACES: Places = Places {
        b: Some(2),
        dropout: Some((3, 4)),
    };
    const TIME: &'static [f64] = &[0.0, 1.0, -1.0, 0.0, 0.0];
    const LIMITS: &'static [Limit<'static>] = ggompertz_nbd::LIMITS;

    fn build(unit: TimeUnit, values: &[f64]) -> Result<Self, ParameterError> {
        let [r, alpha, b, s, beta] = exactly::<Self, 5>(values)?;
        Self::new(GGompertzNbdParameters {
            unit,
            r,
            alpha,
            b,
            s,
            beta,
        })
    }
}

impl TimeVaryingModel for GGompertzNbd {
    const TIME_VARYING: &'static str = "GGompertz/NBD with time-varying covariates";
}

fn exactly<M: Fit, const N: usize>(values: &[f64]) -> Result<[f64; N], ParameterError> {
    super::super::super::parameter::exactly(M::MODEL, values)
}

/// The effect of a covariate: a covariate one higher makes what it acts on `e^size` times as
/// frequent.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct TimeVaryingEffect {
    /// Name of the covariate.
    pub covariate: String,
    /// The effect, from −1000 to 1000.
    pub size: f64,
}

impl TimeVaryingEffect {
    /// The effect of a covariate.
    #[must_use]
    pub fn new(covariate: impl Into<String>, size: f64) -> Self {
        Self {
            covariate: covariate.into(),
            size,
        }
    }
}

/// Parameters of [`TimeVarying`](super::TimeVarying).
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct TimeVaryingParameters<M> {
    /// The plain model of customers whose covariates are all 0.
    pub base: M,
    /// Effects on the rate of purchases.
    pub purchase: Vec<TimeVaryingEffect>,
    /// Effects on the rate of dropout.
    pub dropout: Vec<TimeVaryingEffect>,
}

impl<M> TimeVaryingParameters<M> {
    /// Effects by their full names, such as `purchase.campaign`.
    pub(super) fn named_effects(&self) -> impl Iterator<Item = (String, f64)> {
        let purchase = self.purchase.iter().map(|e| ("purchase", e));
        let dropout = self.dropout.iter().map(|e| ("dropout", e));
        let both = purchase.chain(dropout);
        both.map(|(on, effect)| (format!("{on}.{}", effect.covariate), effect.size))
    }

    /// Which covariates act.
    pub(super) fn design(&self) -> TimeVaryingDesign {
        let names = |effects: &[TimeVaryingEffect]| {
            let names = effects.iter().map(|effect| effect.covariate.clone());
            names.collect()
        };
        TimeVaryingDesign {
            purchase: names(&self.purchase),
            dropout: names(&self.dropout),
        }
    }
}

/// Which covariates act on purchasing and which on dropout, for a fit.
///
/// # Examples
///
/// ```
/// use guanxi::model::TimeVaryingDesign;
///
/// let design = TimeVaryingDesign::default()
///     .on_purchase(["month 12", "campaign"])
///     .on_dropout(["campaign"]);
/// assert_eq!(design.purchase(), ["month 12", "campaign"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct TimeVaryingDesign {
    purchase: Vec<String>,
    dropout: Vec<String>,
}

impl TimeVaryingDesign {
    /// With these covariates acting on purchasing too.
    #[must_use]
    pub fn on_purchase(mut self, covariates: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.purchase.extend(covariates.into_iter().map(Into::into));
        self
    }

    /// With these covariates acting on dropout too.
    #[must_use]
    pub fn on_dropout(mut self, covariates: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.dropout.extend(covariates.into_iter().map(Into::into));
        self
    }

    /// Covariates of purchasing.
    #[must_use]
    pub fn purchase(&self) -> &[String] {
        &self.purchase
    }

    /// Covariates of dropout.
    #[must_use]
    pub fn dropout(&self) -> &[String] {
        &self.dropout
    }

    /// The model of this design with no effects.
    pub(super) fn without_effect<M>(&self, base: M) -> TimeVaryingParameters<M> {
        let none = |names: &[String]| {
            let effects = names.iter().map(|name| TimeVaryingEffect::new(name, 0.0));
            effects.collect()
        };
        TimeVaryingParameters {
            base,
            purchase: none(&self.purchase),
            dropout: none(&self.dropout),
        }
    }

    /// Whether a model can have these effects.
    pub(super) fn check<M: TimeVaryingModel>(&self) -> Result<(), TimeVaryingError> {
        if let (None, Some(covariate)) = (M::PLACES.dropout, self.dropout.first()) {
            return Err(TimeVaryingError::NoDropout {
                model: M::MODEL,
                covariate: covariate.clone(),
            });
        }
        if self.purchase.is_empty() && self.dropout.is_empty() {
            return Err(TimeVaryingError::NoEffect);
        }
        for names in [&self.purchase, &self.dropout] {
            for (i, name) in names.iter().enumerate() {
                if name.is_empty() {
                    return Err(TimeVaryingError::Name {
                        found: name.clone(),
                    });
                }
                if names[..i].contains(name) {
                    return Err(TimeVaryingError::DuplicateEffect {
                        covariate: name.clone(),
                    });
                }
            }
        }
        Ok(())
    }
}

/// The place of a covariate among names.
pub(super) fn place(names: &[String], covariate: &str) -> Result<usize, TimeVaryingError> {
    let place = names.iter().position(|name| name == covariate);
    place.ok_or_else(|| TimeVaryingError::Unknown {
        covariate: covariate.to_owned(),
        known: names.to_vec(),
    })
}
