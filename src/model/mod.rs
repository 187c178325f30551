//! Statistical models (统计模型): when customers buy, how long they stay, what they spend.
//!
//! | question | capability | models |
//! |---|---|---|
//! | when will they buy, are they still customers? | [`PurchaseModel`] | [`MbgNbd`] (the default), [`BgNbd`], [`ParetoNbd`], [`GGompertzNbd`], [`CorrelatedParetoNbd`], [`MbgCnbd`], [`BgCnbd`], [`Nbd`], [`BgBb`] |
//! | how long will they renew? | [`RetentionModel`] | [`Sbg`], [`BetaDiscreteWeibull`], [`GeometricRetention`] |
//! | where do they go from here? | states and transitions | [`Migration`] |
//! | how much will they spend? | [`SpendModel`] | [`GammaGamma`] |
//! | what are they worth? | [`Scorer`](crate::scorer::Scorer) | [`Clv`] over a purchase and a spend model, [`ContractClv`] over a retention model |
//! | what do known differences change? | covariates | [`WithCovariates`] of seven of them, [`TimeVarying`] of three |
//!
//! A model is made of known parameters (`BgNbd::new`) or fitted ([`Fit`]); both lead to the same
//! type. What it knows of one customer is a posterior, computed once, that answers every question.

#[cfg(feature = "simulate")]
mod bootstrap;
mod choice;
mod clv;
mod comparison;
mod covariates;
mod fit;
mod holdout;
mod maximise;
mod migration;
mod parameter;
mod purchase;
mod report;
#[cfg(feature = "simulate")]
mod resample;
mod retention;
mod spend;
#[cfg(feature = "serde")]
mod stored;
mod text;
mod thinned;
mod tracking;
mod value;

pub use choice::{
    Candidate, Choice, ChoiceError, Contract, Evidence, FittedModel, Opportunities, Setting,
    Verdict,
};
pub use clv::{Clv, ClvTerms, Draws};
pub use comparison::{
    ComparisonError, ComparisonRow, ComparisonTable, LikelihoodRatio, Nesting, Nests, NullLaw,
    likelihood_ratio,
};
pub use covariates::{
    Covariate, CovariateClv, CovariateData, CovariateDesign, CovariateEffect, CovariateError,
    CovariateModel, CovariateParameters, CovariateRole, CovariateSample, CustomerModel,
    DropoutLink, Standardise, WithCovariates,
};
pub use fit::{Fit, FitError, FitOptions, Fitted, Ridge, Sample};
pub use holdout::{Holdout, HoldoutError, HoldoutValue};
pub use migration::{ContactPolicy, Migration, MigrationCounts, MigrationError, MigrationValue};
pub use parameter::{ParameterError, ParameterKind, Parametric};
pub use purchase::{
    AnswersError, BetaGeometricPosterior, BgBb, BgBbParameters, BgBbPosterior, BgCnbd,
    BgCnbdParameters, BgNbd, BgNbdParameters, CalendarCovariates, CorrelatedParetoNbd,
    CorrelatedParetoNbdParameters, CorrelatedParetoNbdPosterior, CovariatePath, Coverage,
    ErlangPosterior, GGompertzNbd, GGompertzNbdParameters, GGompertzNbdPosterior, MbgCnbd,
    MbgCnbdParameters, MbgNbd, MbgNbdParameters, ModelError, Nbd, NbdParameters, NbdPosterior,
    ParetoNbd, ParetoNbdParameters, ParetoNbdPosterior, Phases, PurchaseModel, PurchasePosterior,
    PurchaseQuestion, PurchaseSample, Regularity, RegularityError, Season, SteadyPosterior,
    TimeVarying, TimeVaryingDesign, TimeVaryingEffect, TimeVaryingError, TimeVaryingModel,
    TimeVaryingParameters, TimeVaryingPosterior, TimedCustomer, TimedSample,
};
pub use report::{Boundary, FitReport, Note, ParameterEstimate};
pub use retention::{
    BetaDiscreteWeibull, BetaDiscreteWeibullParameters, BetaDiscreteWeibullPosterior, ContractClv,
    ContractTerms, ContractValue, GeometricRetention, GeometricRetentionParameters,
    GeometricRetentionPosterior, KeptRetention, LtvConvention, PaymentTime, RetentionChoice,
    RetentionModel, RetentionPosterior, RetentionReason, RetentionRise, RetentionSample, Sbg,
    SbgParameters, SbgPosterior, Tenure, choose_retention, ltv_formula,
};
pub use spend::{
    GammaGamma, GammaGammaParameters, GammaGammaPosterior, SpendModel, SpendPosterior, SpendSample,
    TransactionSpendSample,
};
pub use tracking::{Tracked, Tracking, TrackingError, TrackingPeriod};
pub use value::{LifetimeValue, UncertaintySource, ValueUncertainty};

#[cfg(feature = "simulate")]
pub use {
    crate::numeric::random::RandomStream,
    bootstrap::{
        Bootstrap, BootstrapError, BootstrapReport, BootstrapSummary, Progress, ReplicationError,
        Replications, SimulatedRatio,
    },
    purchase::{
        DrawnFuture, PosteriorDraw, SimulatedCustomer, SimulatedTimedCustomer, SimulationError,
    },
    resample::Resample,
    retention::SimulatedTenure,
};
