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
mod change;
mod correlation;
mod engagement_scorer;
mod engagement_terms;
mod engagement_valuation;
mod engagement_value;
mod entropy;
mod error;
mod explain;
mod explanation;
mod learned;
mod outcome;
mod policy;
mod profile;
#[cfg(feature = "simulate")]
mod rank;
mod recorded;
mod referral;
mod scorer;
mod shapley;
mod standing;
#[cfg(feature = "serde")]
mod stored;
#[cfg(feature = "serde")]
mod stored_value;
mod value;
mod weights;

pub use aggregation::{Aggregation, Composite};
pub use ahp::{Consistency, Contradiction, PairwiseComparisons, Priorities};
pub use change::{Cause, EventChange, RelationshipChange};
pub use correlation::Correlation;
pub use engagement_scorer::EngagementScorer;
pub use engagement_terms::{Attribution, EngagementTerms};
pub use engagement_valuation::{EngagementInputs, NewcomerWorth};
pub use engagement_value::{EngagementItem, EngagementPart, EngagementValue};
pub use entropy::entropy_weights;
pub use error::RelationshipError;
pub use explanation::{DimensionExplanation, EventContribution, Explanation};
pub use learned::{LearnedWeights, OutOfSample, OutcomeRow};
pub use outcome::{CompositeOutcome, Shortfall};
pub use policy::{CompositionPolicy, IndexScale};
pub use profile::Profile;
#[cfg(feature = "simulate")]
pub use rank::{RankInterval, RankOptions, RankStability};
pub use recorded::EventRef;
pub use referral::{ReferralFlow, ReferredCustomer, referral_value, word_of_mouth_multiplier};
pub use scorer::{RelationshipScorer, Unvalued};
pub use shapley::Contributions;
pub use standing::Standing;
pub use value::RelationshipValue;
pub use weights::{WeightSource, Weights};
