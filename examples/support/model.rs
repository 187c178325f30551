//! The models by name: one line of a table for each.

use std::fmt;

use guanxi::model::{
    BetaDiscreteWeibull, BetaDiscreteWeibullParameters, BgBb, BgBbParameters, BgCnbd,
    BgCnbdParameters, BgNbd, BgNbdParameters, CorrelatedParetoNbd, CorrelatedParetoNbdParameters,
    Fit, FitError, FitOptions, Fitted, GGompertzNbd, GGompertzNbdParameters, GammaGamma,
    GammaGammaParameters, GeometricRetention, GeometricRetentionParameters, MbgCnbd,
    MbgCnbdParameters, MbgNbd, MbgNbdParameters, Nbd, NbdParameters, ParameterError, Parametric,
    ParetoNbd, ParetoNbdParameters, Phases, PurchaseModel, PurchaseSample, Sbg, SbgParameters,
};
use guanxi::quantity::{Currency, TimeUnit};

use super::{Failure, quoted};

/// What belongs to a model besides its numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context {
    /// Unit of time, of a model that has one.
    pub(crate) unit: TimeUnit,
    /// Regularity, of a model that has one.
    pub(crate) k: Phases,
    /// Currency, of a model of spend: no table says which.
    pub(crate) currency: Currency,
}

impl Context {
    /// A model in this unit, with gaps by chance.
    pub(crate) fn new(unit: TimeUnit) -> Self {
        Self {
            unit,
            k: Phases::ONE,
            currency: Currency::XXX,
        }
    }
}

/// What a model is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// When customers buy.
    Purchases,
    /// At which of a row of opportunities they buy.
    Opportunities,
    /// How much they spend.
    Spend,
    /// How long they renew.
    Retention,
}

/// A model that is made from its numbers.
pub(crate) trait Build: Parametric {
    /// The model with these parameters, in its own order.
    fn build(context: Context, values: &[f64]) -> Result<Self, ParameterError>;
}

/// The table: the model, its parameters with what belongs to them, its name and its family.
macro_rules! models {
    ($($model:ident $parameters:ident [$($context:ident)*] [$($parameter:ident)*] $name:literal $family:ident;)+) => {
        /// A model that an example can be asked for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum ModelName {
            $($model,)+
        }

        impl ModelName {
            /// Every model.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$model,)+];

            /// The name on the command line.
            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Self::$model => $name,)+
                }
            }

            /// The name in the literature.
            pub(crate) fn title(self) -> &'static str {
                match self {
                    $(Self::$model => $model::MODEL,)+
                }
            }

            /// The names of its parameters.
            pub(crate) fn parameter_names(self) -> &'static [&'static str] {
                match self {
                    $(Self::$model => $model::NAMES,)+
                }
            }

            /// What it is about.
            pub(crate) fn family(self) -> Family {
                match self {
                    $(Self::$model => Family::$family,)+
                }
            }
        }

        $(impl Build for $model {
            fn build(context: Context, values: &[f64]) -> Result<Self, ParameterError> {
                // A half is in the range of every parameter.
                let any = $parameters { $($context: context.$context,)* $($parameter: 0.5,)* };
                Self::new(any)?.with_values(values)
            }
        })+
    };
}

models! {
    BgNbd BgNbdParameters [unit] [r alpha a b] "bg-nbd" Purchases;
    MbgNbd MbgNbdParameters [unit] [r alpha a b] "mbg-nbd" Purchases;
    ParetoNbd ParetoNbdParameters [unit] [r alpha s beta] "pareto-nbd" Purchases;
    Nbd NbdParameters [unit] [r alpha] "nbd" Purchases;
    GGompertzNbd GGompertzNbdParameters [unit] [r alpha b s beta] "ggompertz-nbd" Purchases;
    BgCnbd BgCnbdParameters [unit k] [r alpha a b] "bg-cnbd" Purchases;
    MbgCnbd MbgCnbdParameters [unit k] [r alpha a b] "mbg-cnbd" Purchases;
    CorrelatedParetoNbd CorrelatedParetoNbdParameters [unit] [r alpha s beta dependence] "correlated-pareto-nbd" Purchases;
    BgBb BgBbParameters [unit] [alpha beta gamma delta] "bg-bb" Opportunities;
    Sbg SbgParameters [unit] [alpha beta] "sbg" Retention;
    BetaDiscreteWeibull BetaDiscreteWeibullParameters [unit] [alpha beta c] "bdw" Retention;
    GeometricRetention GeometricRetentionParameters [unit] [churn] "geometric" Retention;
    GammaGamma GammaGammaParameters [currency] [p q gamma] "gamma-gamma" Spend;
}

/// Does something with the type of a model, `M => …`, if it is one of those that can; else `_ => …`.
macro_rules! with_model {
    (purchases $($rest:tt)*) => {
        $crate::support::with_model!(@ [
            BgNbd MbgNbd ParetoNbd Nbd GGompertzNbd BgCnbd MbgCnbd CorrelatedParetoNbd BgBb
        ] $($rest)*)
    };
    (covariates $($rest:tt)*) => {
        $crate::support::with_model!(@ [BgNbd MbgNbd ParetoNbd Nbd GGompertzNbd] $($rest)*)
    };
    (timed $($rest:tt)*) => {
        $crate::support::with_model!(@ [ParetoNbd Nbd GGompertzNbd] $($rest)*)
    };
    (retention $($rest:tt)*) => {
        $crate::support::with_model!(@ [Sbg BetaDiscreteWeibull GeometricRetention] $($rest)*)
    };
    (@ [$($model:ident)*] $name:expr, $m:ident => $do:expr, _ => $else:expr) => {
        match $name {
            $($crate::support::ModelName::$model => {
                type $m = guanxi::model::$model;
                $do
            })*
            _ => $else,
        }
    };
}
pub(crate) use with_model;

impl ModelName {
    /// The models of purchases that an appraisal takes.
    pub(crate) const PURCHASES: [Self; 3] = [Self::BgNbd, Self::MbgNbd, Self::ParetoNbd];

    /// The model of `--model` among those that are offered.
    pub(crate) fn parse(text: &str, offered: &[Self]) -> Result<Self, Failure> {
        let found = offered.iter().find(|model| model.name() == text);
        found.copied().ok_or_else(|| {
            Failure::unexpected(
                "--model",
                format!("one of {}", Self::listed(offered)),
                quoted(text.as_bytes()),
            )
        })
    }

    /// Their names, for a message.
    pub(crate) fn listed(models: &[Self]) -> String {
        let names: Vec<&str> = models.iter().map(|model| model.name()).collect();
        names.join(", ")
    }

    /// Whether the gaps of its customers are made of *k* phases.
    pub(crate) fn has_phases(self) -> bool {
        matches!(self, Self::BgCnbd | Self::MbgCnbd)
    }

    /// Whether covariates of single customers may act on it.
    pub(crate) fn takes_covariates(self) -> bool {
        with_model!(covariates self, _M => true, _ => false)
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A purchase model as the examples fit it.
pub(crate) trait Purchases: Build + PurchaseModel + Fit<Sample = PurchaseSample> {
    /// Fits the model, with a known *k* if it has one and it is given.
    fn fit_with(
        sample: &PurchaseSample,
        k: Option<Phases>,
        options: &FitOptions,
    ) -> Result<Fitted<Self>, FitError> {
        let _ = k; // none of its own
        Self::fit_sample(sample, options)
    }

    /// Its *k*, if it has one.
    fn phases(&self) -> Option<Phases> {
        None
    }
}

macro_rules! purchases {
    ($($model:ident)* ; regular $($regular:ident)*) => {
        $(impl Purchases for $model {})*
        $(impl Purchases for $regular {
            fn fit_with(
                sample: &PurchaseSample,
                k: Option<Phases>,
                options: &FitOptions,
            ) -> Result<Fitted<Self>, FitError> {
                match k {
                    Some(k) => Self::fit_with_k(sample, k, options),
                    None => Self::fit_sample(sample, options),
                }
            }

            fn phases(&self) -> Option<Phases> {
                Some(self.parameters().k)
            }
        })*
    };
}

purchases! {
    BgNbd MbgNbd ParetoNbd Nbd GGompertzNbd CorrelatedParetoNbd BgBb;
    regular BgCnbd MbgCnbd
}
