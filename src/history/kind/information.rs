//! What firm and customer learn of each other: profile, preferences, ideas, consent.

use super::payload::{Checks, payload};
use crate::history::channel::Initiator;
use crate::history::error::HistoryError;
use crate::history::purpose::Purpose;
use crate::quantity::{Fraction, Money, Probability};

/// A side of trust: Mayer, Davis & Schoorman (1995), "An Integrative Model of Organizational
/// Trust", *Academy of Management Review* 20(3), <https://doi.org/10.5465/amr.1995.9508080335>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum TrustFacet {
    /// The other can do it (能力).
    Ability,
    /// The other means well (善意).
    Benevolence,
    /// The other keeps to principles (诚信).
    Integrity,
}

payload! {
    /// A field of the customer's profile became known (客户画像).
    ///
    /// Only one the customer disclosed shows trust, so who began it is worth stating.
    ProfileAttribute as "profile_attribute";
    plain new {
        /// Which field.
        text field: String,
    }
    optional {
        /// What it says.
        text value / with_value: String,
        /// Probability that it was right when it was recorded.
        copy reliability / with_reliability: Fraction,
    }
}

payload! {
    /// The customer showed a liking without buying: browsed, or kept a wish list (偏好).
    PreferenceObserved as "preference_observed";
    plain new {
        /// For what kind of goods.
        text category: String,
    }
    optional {
        /// How much it counts, from 0 to 10¹²; as much as one purchase, 1, if not stated. One of
        /// weight 0 says nothing.
        ///
        /// The upper end is a rule of this crate: sums of weights, and of their squares, stay
        /// finite.
        checked weight / with_weight: f64,
    }
    rule PreferenceObserved::weight_counts;
}

impl PreferenceObserved {
    fn weight_counts(&self, _: &Checks) -> Result<(), HistoryError> {
        match self.weight {
            Some(found) if !(0.0..=1e12).contains(&found) => Err(HistoryError::Domain {
                kind: "preference_observed",
                field: "weight",
                expected: "a number from 0 to 1e12",
                found,
            }),
            _ => Ok(()),
        }
    }
}

payload! {
    /// The customer told the firm how to do better, or what to make (反馈).
    #[derive(Default)]
    Feedback as "feedback";
    plain new {}
    optional {
        /// About what.
        text topic / with_topic: String,
        /// How good it is.
        copy quality / with_quality: Fraction,
        /// Whether the firm took it up.
        copy accepted / with_accepted: bool,
        /// What it is worth if it is carried out, at or above 0.
        money value / with_value: Money,
        /// The share of that value that is the customer's doing.
        copy share / with_share: Fraction,
        /// Probability that it is carried out.
        copy probability_realised / with_probability_realised: Probability,
    }
}

/// Which way information went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum InfoFlow {
    /// From the customer to the firm.
    ToFirm,
    /// From the firm to the customer.
    ToCustomer,
    /// Both ways.
    Mutual,
}

/// How deep shared information goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum InfoDepth {
    /// Daily business.
    Operational,
    /// Plans for the coming year.
    Tactical,
    /// Where the organisation is going.
    Strategic,
}

impl InfoDepth {
    /// The depth as a number in [0, 1]: 0.25, 0.5 or 1. A convention of this crate.
    #[must_use]
    pub fn level(self) -> f64 {
        match self {
            Self::Operational => 0.25,
            Self::Tactical => 0.5,
            Self::Strategic => 1.0,
        }
    }
}

payload! {
    /// One side shared information with the other (信息共享).
    InfoShared as "info_shared";
    plain new {
        /// Which way.
        copy flow: InfoFlow,
        /// How deep.
        copy depth: InfoDepth,
    }
    optional {
        /// About what.
        text topic / with_topic: String,
    }
}

impl InfoShared {
    pub(super) fn by(&self) -> Option<Initiator> {
        match self.flow {
            InfoFlow::ToFirm => Some(Initiator::Customer),
            InfoFlow::ToCustomer => Some(Initiator::Firm),
            InfoFlow::Mutual => None,
        }
    }
}

/// The customer said what data may be used for (同意).
///
/// # Examples
///
/// ```
/// use guanxi::history::{Consent, Kind, Purpose};
///
/// let taken_back = Kind::from(Consent::Withdrawn { purpose: Purpose::Marketing });
/// assert!(taken_back.default_valence().is_some_and(|v| v.value() == -0.1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
pub enum Consent {
    /// It may be used for this.
    Granted {
        /// For what.
        purpose: Purpose,
    },
    /// It may be used for this no longer.
    Withdrawn {
        /// For what.
        purpose: Purpose,
    },
    /// The customer is to be forgotten.
    ErasureRequested,
}

impl Consent {
    pub(super) fn feeling(self) -> Option<f64> {
        matches!(self, Self::Withdrawn { .. }).then_some(-0.1)
    }
}
