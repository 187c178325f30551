//! What customers do for the firm among others: referrals, influence, community, programme.

use rust_decimal::Decimal;

use super::payload::{Checks, payload};
use crate::history::channel::Initiator;
use crate::history::error::HistoryError;
use crate::history::id::CustomerId;
use crate::quantity::{Fraction, Money, Probability};

payload! {
    /// The customer recommended the firm to somebody (推荐).
    #[derive(Default)]
    ReferralMade as "referral_made";
    plain new {}
    optional {
        /// To whom, if known.
        item prospect / with_prospect: CustomerId,
    }
}

payload! {
    /// Somebody the customer had recommended the firm to became a customer: another one, or the
    /// [interaction](crate::history::Interaction::new) is refused.
    ReferralConverted as "referral_converted";
    plain new {
        /// The new customer.
        item newcomer: CustomerId,
    }
    optional {
        /// Probability that the newcomer would have come anyway.
        copy probability_anyway / with_probability_anyway: Probability,
        /// What the reward for the referral cost, at or above 0.
        money reward_cost / with_reward_cost: Money,
        /// What marketing to the newcomer cost, at or above 0.
        money marketing_cost / with_marketing_cost: Money,
        /// What was saved on winning the newcomer, at or above 0.
        money acquisition_saving / with_acquisition_saving: Money,
    }
}

payload! {
    /// Margin earned from others was attributed to the customer's influence (影响力).
    InfluenceAttributed as "influence_attributed";
    fallible new {
        /// The margin, at or above 0.
        money margin: Money,
        /// The share of it that is the customer's doing.
        copy share: Fraction,
        /// How many steps away: 1 for those influenced directly.
        checked depth: u32,
    }
    rule InfluenceAttributed::depth_counts_from_one;
}

impl InfluenceAttributed {
    fn depth_counts_from_one(&self, _: &Checks) -> Result<(), HistoryError> {
        if self.depth >= 1 {
            return Ok(());
        }
        Err(HistoryError::Domain {
            kind: "influence_attributed",
            field: "depth",
            expected: "a whole number at or above 1",
            found: f64::from(self.depth),
        })
    }
}

/// What happened in a loyalty programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum LoyaltyEvent {
    /// The customer joined it.
    Enrolled,
    /// The customer earned points.
    PointsEarned,
    /// The customer spent points.
    PointsRedeemed,
    /// The customer lost points to time.
    PointsExpired,
    /// The customer's status changed.
    StatusChanged,
}

payload! {
    /// Something happened in a loyalty programme (会员计划).
    Loyalty as "loyalty";
    plain new {
        /// What.
        copy event: LoyaltyEvent,
    }
    optional {
        /// How many points, at or above 0.
        decimal points / with_points: Decimal,
        /// What those points cost the firm, or will, at or above 0.
        money cost / with_cost: Money,
        /// The status reached.
        text status / with_status: String,
    }
}

impl Loyalty {
    pub(super) fn by(&self) -> Initiator {
        match self.event {
            LoyaltyEvent::Enrolled | LoyaltyEvent::PointsEarned | LoyaltyEvent::PointsRedeemed => {
                Initiator::Customer
            }
            LoyaltyEvent::PointsExpired | LoyaltyEvent::StatusChanged => Initiator::Firm,
        }
    }

    pub(super) fn feeling(&self) -> f64 {
        match self.event {
            LoyaltyEvent::PointsExpired => -0.1,
            LoyaltyEvent::Enrolled
            | LoyaltyEvent::PointsEarned
            | LoyaltyEvent::PointsRedeemed
            | LoyaltyEvent::StatusChanged => 0.15,
        }
    }
}

/// What a customer did in a community.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum CommunityEvent {
    /// Joined it.
    Joined,
    /// Wrote something.
    Posted,
    /// Took part in an event.
    Attended,
}

payload! {
    /// The customer took part in a community (社群).
    Community as "community";
    plain new {
        /// How.
        copy event: CommunityEvent,
    }
    optional {
        /// Which community.
        text name / with_name: String,
        /// About what.
        text topic / with_topic: String,
    }
}
