//! What the firm puts in: costs, concessions, investments, and promises it must keep.

use super::information::TrustFacet;
use super::payload::payload;
use crate::history::channel::Initiator;
use crate::history::error::HistoryError;
use crate::quantity::{Fraction, Money};

payload! {
    /// Serving the customer cost money.
    CostToServe as "cost_to_serve";
    fallible new {
        /// How much, at or above 0.
        money amount: Money,
    }
    optional {
        /// For what.
        text activity / with_activity: String,
    }
}

payload! {
    /// The firm gave something up for the relationship (让利).
    Concession as "concession";
    fallible new {
        /// What it was worth, at or above 0.
        money amount: Money,
    }
    optional {
        /// What for.
        text reason / with_reason: String,
    }
}

/// What an investment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum InvestmentPurpose {
    /// Something of use in this relationship alone.
    RelationshipSpecific,
    /// A gift before any sale.
    PreSaleGift,
    /// A service before any sale.
    PreSaleService,
    /// Winning the customer: a cost of acquisition.
    Acquisition,
    /// Anything else.
    Other,
}

payload! {
    /// The firm invested in the relationship (关系投资).
    Investment as "investment";
    fallible new {
        /// How much, at or above 0.
        money amount: Money,
    }
    optional {
        /// What for.
        copy purpose / with_purpose: InvestmentPurpose,
    }
}

/// What became of a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum PromiseEvent {
    /// It was given.
    Made,
    /// It was kept.
    Kept,
    /// It was broken.
    Broken,
}

/// Who gave a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Promiser {
    /// The firm: keeping it earns the customer's trust.
    #[default]
    Firm,
    /// The customer, who agreed to a volume or a term: keeping it earns the firm's trust.
    Customer,
}

payload! {
    /// A promise (承诺) and what became of it; the firm's, unless stated otherwise.
    Promise as "promise";
    plain new {
        /// What became of it.
        copy event: PromiseEvent,
    }
    chosen {
        /// Who gave it.
        by / with_promiser: Promiser,
    }
    optional {
        /// Which side of trust it touches.
        copy facet / with_facet: TrustFacet,
        /// How much hangs on it.
        copy severity / with_severity: Fraction,
    }
}

impl Promise {
    pub(super) fn initiator(&self) -> Initiator {
        match self.by {
            Promiser::Firm => Initiator::Firm,
            Promiser::Customer => Initiator::Customer,
        }
    }

    /// Only what the firm did with its promise pleases or hurts the customer.
    pub(super) fn feeling(&self) -> Option<f64> {
        match (self.by, self.event) {
            (Promiser::Firm, PromiseEvent::Kept) => Some(0.2),
            (Promiser::Firm, PromiseEvent::Broken) => Some(-0.7),
            _ => None,
        }
    }
}
