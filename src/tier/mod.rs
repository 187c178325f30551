//! Relationship tier (关系层级): how close a customer relationship is, what keeps it from the next
//! rung, and what it may lose.
//!
//! Four rungs lead from a mere transaction to an alliance ([`Tier`]). Each has [gates](Gate):
//! conditions on [attributes](Attribute) that are read from what happened, each with its
//! uncertainty, so that a gate is passed with a probability. A [`TierTracker`] judges a customer at
//! every month end and moves it up or down by one rung at a time ([`Ladder`]); a [`TierScorer`]
//! [reports](TierReport) on any customer, as a manager reads it.
//!
//! Which rung fits is another question. The rungs are not ranked from bad to good: a close
//! relationship fits where both sides matter to each other, need each other, neither controls the
//! other and leaving would cost both ([`FittingPolicy`]); it pays where it leaves more than a lower
//! rung would ([`InvestmentPolicy`]). Both rest on the same attributes as the gates, and on what the
//! caller knows besides ([`TierAdvisor`]): the firm's contribution, net values, peers. How
//! relationships move between rungs is counted by [`TierMigration`].
//!
//! ```text
//! events in order ─► TierTracker: at month ends ─► Ladder ─► TierStanding ──┬─► moves ─► TierCounts ─► TierMigration
//!                                     ▲                                     │                     └─► StationarityTest
//!                    ┌─► GateCheck ───┴─────────────────────────────────────┤
//! CustomerSummary ─► Attributes ─► Interdependence ─► FittingCeiling, Power ┼─► TierReport
//!                    └─► YearlyValue ─► NetValues ─► InvestmentAdvice ──────┘
//!                                           ▲
//! TierAdvisor: contribution, peers, stated ─┘
//! ```
//!
//! Where the rung comes from the way that led to it, a summary is not enough: the scorer holds the
//! standings that trackers found. What was never observed is unknown, never a number: it blocks a move
//! up and is no reason to move down, on the ladder and in the advice.
//!
//! # What is established and what is chosen
//!
//! That relationships develop by stages, and what marks them, is established (Dwyer, Schurr & Oh
//! 1987; Webster 1992). The number of rungs, every threshold, the two probabilities, the numbers of
//! month ends and how attributes are measured are our choice; there are no public data on ladders.
//! They were validated on simulated customers whose true rung is known and stays for two to five
//! years (`tests/tier/ladders.rs`):
//!
//! - Of the months after the first 30, the rung was within one of the truth in 99.9 % and the same
//!   in 55 %: evidence of the old rung fades by half in a year, so the ladder lags behind a change.
//! - With those 30 months it was within one in 94 % where records begin in the middle of a
//!   relationship, as partners are not known for partners before two years, and in 99 % where records
//!   and relationships begin together (the same, after those months, in 45 %).
//! - A relationship that stays as it is was on its true rung in 99.9 % of months from the fourth year
//!   on, and never turned back (160 customers, 12 years each).
//!
//! These customers behave as the gates expect; real ones may not, and agreement with the judgement
//! of people who know them has not been measured.
//!
//! How much hangs on each threshold: shares of those months (30 other customers) within one rung of
//! the truth, and exact, if it is lower or higher by 0.1 (tenure: by half a year). By default they are
//! 1.000 and 0.565.
//!
//! | gate | default | within one, lower | higher | exact, lower | higher |
//! |---|---|---|---|---|---|
//! | contact level (into preferred) | 0.50 | 1.000 | 0.997 | 0.565 | 0.574 |
//! | information sharing (into preferred) | 0.30 | 1.000 | 0.994 | 0.585 | 0.555 |
//! | preference (into preferred) | 0.50 | 1.000 | 0.996 | 0.572 | 0.556 |
//! | contact level (into partnership) | 0.85 | 1.000 | 1.000 | 0.565 | 0.565 |
//! | goal alignment (into partnership) | 0.50 | 1.000 | 1.000 | 0.568 | 0.556 |
//! | joint value (into partnership) | 0.30 | 1.000 | 1.000 | 0.556 | 0.581 |
//! | switching cost of both sides (into partnership) | 0.50 | 1.000 | 0.989 | 0.566 | 0.522 |
//! | trust (into partnership) | 0.65 | 1.000 | 1.000 | 0.565 | 0.559 |
//! | tenure in years (into partnership) | 2.00 | 1.000 | 0.997 | 0.565 | 0.556 |
//! | goal alignment (into alliance) | 0.80 | 1.000 | 1.000 | 0.622 | 0.473 |
//! | joint value (into alliance) | 0.50 | 1.000 | 1.000 | 0.565 | 0.558 |
//! | trust (into alliance) | 0.75 | 1.000 | 1.000 | 0.565 | 0.563 |
//!
//! An equity tie or an alliance, and a first transaction, are there or not.

mod advisor;
mod attribute;
mod by_tier;
mod calendar;
mod chance;
mod concession;
mod error;
mod fitting;
mod fitting_gate;
mod fitting_policy;
mod gate;
mod investment;
mod investment_error;
mod investment_policy;
mod ladder;
mod net_value;
mod peers;
mod policy;
mod power;
mod reading;
mod report;
mod report_text;
mod rung;
mod scorer;
mod stake;
mod standing;
mod stationarity;
#[cfg(feature = "serde")]
mod stored;
mod tier_counts;
mod tier_migration;
mod track;
mod words;

pub use advisor::TierAdvisor;
pub use attribute::{Attribute, AttributeValue, Attributes, YearlyValue};
pub use by_tier::ByTier;
pub use concession::{ConcessionMargin, LoyaltyConcession};
pub use error::TierError;
pub use fitting::FittingCeiling;
pub use fitting_gate::{FittingCheck, FittingGate, GateOutcome};
pub use fitting_policy::FittingPolicy;
pub use gate::{Gate, GateAim, GateCheck};
pub use investment::{Appropriateness, InvestmentAdvice};
pub use investment_error::InvestmentError;
pub use investment_policy::InvestmentPolicy;
pub use ladder::{Climb, Ladder, LadderStep};
pub use net_value::{NetValue, NetValueBasis, NetValues};
pub use peers::{Peer, PeerNetValues};
pub use policy::{TierPolicy, UnstatedTerms};
pub use power::{Power, PowerBalance};
pub use report::{TierOutcome, TierReport};
pub use rung::Tier;
pub use scorer::TierScorer;
pub use stake::{Interdependence, Party, Stake};
pub use standing::{MoveCause, TierMove, TierStanding};
pub use stationarity::{ChiSquareResult, StationarityTest};
pub use tier_counts::{TierCounts, TierState};
#[cfg(feature = "simulate")]
pub use tier_migration::MigrationUncertainty;
pub use tier_migration::TierMigration;
pub use track::TierTracker;
