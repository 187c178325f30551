//! The four dimensions (四维度) of what a relationship is worth, each judged on a scale from 0 to 1.
//!
//! A dimension has a value in its own unit (money, trust, feeling, bits) and an [`Index`] in [0, 1]
//! that refers to a frozen population. Indices of different populations are numbers on different
//! scales: they have no order, and comparing them is an error.

mod advocacy;
mod by_dimension;
mod calibration;
mod category_prior;
mod economic;
mod emotional;
mod emotional_policy;
mod error;
mod forecast;
mod forecast_affect;
mod forecast_trust;
mod frame;
mod frame_error;
mod index;
mod information;
mod information_policy;
mod kalman;
mod kind;
mod knowledge_contribution;
mod logistic_ridge;
mod needs;
#[cfg(feature = "simulate")]
mod needs_change;
mod opinion;
mod population;
mod rules;
mod score;
mod scorers;
mod trust;
mod trust_learning;
mod trust_policy;
mod voi;
mod voi_finite;

pub use advocacy::{Advocacy, LoyaltyClass, LoyaltyPosition};
pub use by_dimension::ByDimension;
pub use calibration::{CalibrationError, InstrumentFit, PairedAnswer};
pub use category_prior::CategoryPrior;
pub use economic::EconomicDimension;
pub use emotional::Feeling;
pub use emotional_policy::EmotionalPolicy;
pub use error::DimensionError;
pub use forecast::{ForecastChoice, ForecastRow, half_lives};
pub use forecast_affect::{AffectCandidate, AffectModel};
pub use forecast_trust::TrustCandidate;
pub use frame::ReferenceFrame;
pub use frame_error::FrameError;
pub use index::{FrameId, Index};
pub use information::{CategoryKnowledge, FieldKnowledge, Knowledge};
pub use information_policy::{FieldRule, InformationPolicy, KnowledgeWeights};
pub use kalman::AffectFilter;
pub use kind::Dimension;
pub use knowledge_contribution::{KnowledgeContribution, KnowledgeSource};
pub use needs::{Silence, jensen_shannon, silence};
#[cfg(feature = "simulate")]
pub use needs_change::{NeedsChange, NeedsOptions, needs_change};
pub use opinion::Opinion;
pub use population::IndexPopulation;
pub use rules::DimensionRules;
pub use score::DimensionScore;
pub use scorers::{EmotionalDimension, InformationDimension, TrustDimension};
pub use trust::TrustBelief;
pub use trust_learning::{LearnedSource, LearnedTrustWeights, SourceVerdict, TrustLearning};
pub use trust_policy::TrustPolicy;
pub use voi::{BetaDecision, LinearAction};
pub use voi_finite::{FiniteDecision, ValueOfAsking};
