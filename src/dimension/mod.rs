//! The dimensions of what a relationship is worth.

mod category_prior;
mod error;
mod information;
mod information_policy;
mod knowledge_contribution;
mod needs;
#[cfg(feature = "simulate")]
mod needs_change;
mod voi;
mod voi_finite;

pub use category_prior::CategoryPrior;
pub use error::DimensionError;
pub use information::{CategoryKnowledge, FieldKnowledge, Knowledge};
pub use information_policy::{FieldRule, InformationPolicy, KnowledgeWeights};
pub use knowledge_contribution::{KnowledgeContribution, KnowledgeSource};
pub use needs::{Silence, jensen_shannon, silence};
#[cfg(feature = "simulate")]
pub use needs_change::{NeedsChange, NeedsOptions, needs_change};
pub use voi::{BetaDecision, LinearAction};
pub use voi_finite::{FiniteDecision, ValueOfAsking};
