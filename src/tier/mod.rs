//! Relationship tier (关系层级): how close a customer relationship is, and what keeps it from the
//! next rung.
mod attribute;
mod calendar;
mod error;
mod gate;
mod ladder;
mod policy;
mod reading;
mod report;
mod rung;
mod scorer;
mod standing;
mod track;
mod words;

pub use attribute::{Attribute, AttributeValue, Attributes, YearlyValue};
pub use error::TierError;
pub use gate::{Gate, GateCheck};
pub use ladder::{Climb, Ladder, LadderStep};
pub use policy::{TierPolicy, UnstatedTerms};
pub use report::{TierOutcome, TierReport};
pub use rung::Tier;
pub use scorer::TierScorer;
pub use standing::{MoveCause, TierMove, TierStanding};
pub use track::TierTracker;
