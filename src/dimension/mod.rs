//! Dimensions of what a relationship is worth beside money, judged from evidence.

mod error;
mod logistic_ridge;
mod opinion;
mod trust;
mod trust_learning;
mod trust_policy;

pub use error::DimensionError;
pub use opinion::Opinion;
pub use trust::TrustBelief;
pub use trust_learning::{LearnedSource, LearnedTrustWeights, SourceVerdict, TrustLearning};
pub use trust_policy::TrustPolicy;
