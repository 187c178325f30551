//! Tiers of relationships (关系层级): which rung fits, what it leaves, and how relationships move
//! between rungs.
//!
//! The rungs are not ranked from bad to good. A close relationship fits where both sides matter to
//! each other, need each other, neither controls the other and leaving would cost both
//! ([`FittingPolicy`]); it pays where it leaves more than a lower rung would ([`InvestmentPolicy`]).

mod by_tier;
mod chance;
mod concession;
mod fitting;
mod fitting_policy;
mod investment;
mod investment_error;
mod investment_policy;
mod net_value;
mod peers;
mod power;
mod rung;
mod stake;
mod stationarity;
mod tier_counts;
mod tier_migration;

pub use by_tier::ByTier;
pub use concession::{ConcessionMargin, LoyaltyConcession};
pub use fitting::{FittingCeiling, FittingCheck, FittingGate, GateOutcome};
pub use fitting_policy::FittingPolicy;
pub use investment::{Appropriateness, InvestmentAdvice};
pub use investment_error::InvestmentError;
pub use investment_policy::InvestmentPolicy;
pub use net_value::{NetValue, NetValueBasis, NetValues};
pub use peers::{Peer, PeerNetValues};
pub use power::{Power, PowerBalance};
pub use rung::Tier;
pub use stake::{FittingInput, Interdependence, Party, Stake};
pub use stationarity::{ChiSquareResult, StationarityTest};
pub use tier_counts::{TierCounts, TierState};
#[cfg(feature = "simulate")]
pub use tier_migration::MigrationUncertainty;
pub use tier_migration::TierMigration;
