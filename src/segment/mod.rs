//! Customers in segments (客户分群): by recency, frequency and money, by relationship, by price, by
//! stage of life, by value, by needs, and by rules of one's own.
//!
//! | what | type | from |
//! |---|---|---|
//! | RFM scores | [`RfmFrame`] | ranks within a frozen population, independent or nested |
//! | relational, selective, transactional | [`RelationScorer`] | volume of demand and potential loyalty, as probabilities |
//! | price sensitivity | [`PriceFrame`] | purchases at a discount against how often one is on offer; elasticity |
//! | lifecycle stage | [`LifecycleScorer`] | contract, P(alive), recent purchases, contacts, consent |
//! | value tier and matrix | [`ValueTierScorer`], [`ValueMatrixScorer`] | shares of the positive value, now and to come |
//! | needs | [`NeedsClusters`] | k-medoids on shares of categories |
//! | rules of one's own | [`RuleScorer`] | intervals and levels, checked for overlap and coverage |
//!
//! Each judges one customer and is a [`Scorer`](crate::scorer::Scorer). What it knows of the
//! population (cut points, medians, priors, medoids) was frozen when it was taken, so a segment
//! changes with its customer and not with the others. Who does not permit analytics is
//! [not modelled](Segmented::NotModelled): in no segment, in no population, and
//! [counted](SegmentCounts).
//!
//! Thresholds are our choice unless said otherwise, and validated against synthetic customers only.

mod cuts;
mod discount_prior;
mod elasticity;
mod error;
mod lifecycle;
mod lifecycle_policy;
#[cfg(feature = "simulate")]
mod medoids;
mod needs_cluster;
mod needs_shares;
mod outcome;
mod price_policy;
mod price_sensitivity;
mod region;
mod relation_scorer;
mod relational;
mod rfm_policy;
mod rfm_score;
mod rule_scorer;
mod rules;
mod value_matrix;
mod value_tier;

pub use cuts::{ScoreCuts, mid_rank_scores};
pub use discount_prior::{DiscountCount, DiscountMoments, DiscountPrior, DiscountShare};
pub use elasticity::Elasticity;
pub use error::SegmentError;
pub use lifecycle::{LifeSign, Lifecycle, LifecycleScorer, LifecycleStage};
pub use lifecycle_policy::LifecyclePolicy;
#[cfg(feature = "simulate")]
pub use needs_cluster::NeedsClusterPolicy;
pub use needs_cluster::{NeedsAssignment, NeedsClusters, NeedsSegment};
pub use needs_shares::hellinger_distance;
pub use outcome::{SegmentCounts, Segmented};
pub use price_policy::PricePolicy;
pub use price_sensitivity::{PriceClass, PriceFrame, PriceSensitivity};
pub use region::Region;
pub use relation_scorer::{RelationMeasure, RelationPolicy, RelationScorer};
pub use relational::{RelationClass, RelationCuts, RelationInputs, RelationMembership};
pub use rfm_policy::{MonetaryMeasure, RfmNesting, RfmPolicy};
pub use rfm_score::{RfmFrame, RfmScores};
pub use rule_scorer::RuleScorer;
pub use rules::{Condition, Rule, RuleAttribute, RuleCheck, RuleOverlap, RuleSet, RuleValue};
pub use value_matrix::{ValueCell, ValueMatrixScorer, ValueQuadrant, ValueTierScorer};
pub use value_tier::{TierShares, ValueCuts, ValueTier};
