//! The relationship itself: who meets whom, what is done together, and its end.

use super::payload::payload;
use crate::history::error::HistoryError;
use crate::history::rank::Rank;
use crate::quantity::{Fraction, Money};

payload! {
    /// Leaders of both sides met (高层互访).
    ExecutiveContact as "executive_contact";
    plain new {
        /// Rank of our person.
        copy rank_ours: Rank,
        /// Rank of theirs.
        copy rank_theirs: Rank,
    }
    optional {
        /// Key of their [contact person](crate::history::ContactPerson).
        text person / with_person: String,
    }
}

/// How far goals reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum GoalHorizon {
    /// The coming year.
    NearTerm,
    /// Beyond it.
    LongTerm,
}

payload! {
    /// Both sides compared their goals.
    GoalReview as "goal_review";
    plain new {
        /// How far they agree.
        copy alignment: Fraction,
    }
    optional {
        /// How far the goals reach.
        copy horizon / with_horizon: GoalHorizon,
    }
}

payload! {
    /// Both sides created value together.
    JointProject as "joint_project";
    fallible new {
        /// The value created in all, at or above 0.
        money value: Money,
        /// The firm's share of it.
        copy share: Fraction,
    }
}

/// How firmly an alliance is agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum AgreementForm {
    /// In a contract.
    Formal,
    /// By word.
    Informal,
}

/// A step of a partnership or an alliance (合作伙伴, 战略联盟).
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum Partnership {
    /// Both sides compared their goals.
    GoalReview(GoalReview),
    /// Both sides created value together.
    JointProject(JointProject),
    /// One side owns a part of the other, or both own a joint firm.
    EquityTie {
        /// The part that is owned from now on; 0 dissolves the tie.
        fraction: Fraction,
    },
    /// Both sides agreed on an alliance.
    AllianceAgreement {
        /// How firmly.
        form: Option<AgreementForm>,
    },
}

impl Partnership {
    /// A tie that is dissolved says nothing about feeling; every other step pleases.
    pub(super) fn feeling(&self) -> Option<f64> {
        match self {
            Self::EquityTie { fraction } if fraction.value() <= 0.0 => None,
            _ => Some(0.2),
        }
    }
}

/// Which way a relationship turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum RelationshipEvent {
    /// It ended.
    Ended,
    /// It was won back.
    WonBack,
}

payload! {
    /// The relationship ended, or was won back (关系终止, 赢回).
    RelationshipChange as "relationship";
    plain new {
        /// Which of the two.
        copy event: RelationshipEvent,
    }
    optional {
        /// Why.
        text cause / with_cause: String,
    }
}

impl RelationshipChange {
    pub(super) fn feeling(&self) -> f64 {
        match self.event {
            RelationshipEvent::Ended => -0.5,
            RelationshipEvent::WonBack => 0.4,
        }
    }
}
