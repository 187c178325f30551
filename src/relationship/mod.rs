//! The four dimensions composed to what a relationship is worth (关系价值), in ways that can be
//! explained.
//!
//! Everything here works on numbers from 0 to 1, one a dimension: how important each is
//! ([`Weights`]: stated, by comparison in pairs, by entropy or learned), how they are brought
//! together ([`Aggregation`]), how much each adds ([`Contributions`]), and how far the order of
//! customers rests on the weights (`RankStability`, with the feature `simulate`).
//!
//! Composing is a choice, not a measurement. The source for all of it is OECD & JRC (2008),
//! *Handbook on Constructing Composite Indicators*, <https://doi.org/10.1787/9789264043466-en>.

mod aggregation;
mod ahp;
mod correlation;
mod entropy;
mod error;
mod learned;
mod profile;
#[cfg(feature = "simulate")]
mod rank;
mod shapley;
#[cfg(feature = "serde")]
mod stored;
mod weights;

pub use aggregation::{Aggregation, Composite};
pub use ahp::{Consistency, Contradiction, PairwiseComparisons, Priorities};
pub use correlation::Correlation;
pub use entropy::entropy_weights;
pub use error::RelationshipError;
pub use learned::{LearnedWeights, OutOfSample, OutcomeRow};
pub use profile::Profile;
#[cfg(feature = "simulate")]
pub use rank::{RankInterval, RankOptions, RankStability};
pub use shapley::Contributions;
pub use weights::{WeightSource, Weights};
