//! Whom a customer brought and moved (客户网络): conversions of referrals, and influence.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::history::{CustomerId, Interaction, InteractionId, Kind};
use crate::quantity::{Currency, Fraction, Money, Probability};

use super::EvidencePolicy;
use super::dated::{Dated, DatedList};

/// What one interaction says of a customer's network.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum NetworkItem {
    /// Somebody the customer recommended the firm to became a customer.
    Converted(Conversion),
    /// Margin from others was attributed to the customer.
    Influenced(Influence),
}

impl NetworkItem {
    /// What an interaction says of the network; `None` for every kind but
    /// [`Kind::ReferralConverted`] and [`Kind::InfluenceAttributed`].
    #[must_use]
    pub fn reading(interaction: &Interaction) -> Option<Self> {
        let (at, event) = (interaction.occurred_at(), interaction.id().clone());
        match interaction.kind() {
            Kind::ReferralConverted(converted) => Some(Self::Converted(Conversion {
                at,
                event,
                newcomer: converted.newcomer().clone(),
                probability_anyway: converted.probability_anyway(),
                reward_cost: converted.reward_cost(),
                marketing_cost: converted.marketing_cost(),
                acquisition_saving: converted.acquisition_saving(),
            })),
            Kind::InfluenceAttributed(influence) => Some(Self::Influenced(Influence {
                at,
                event,
                margin: influence.margin(),
                share: influence.share(),
                depth: influence.depth(),
            })),
            _ => None,
        }
    }
}

/// A newcomer whom the customer had recommended the firm to.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Conversion {
    /// When the newcomer became a customer.
    pub at: DateTime<Utc>,
    /// The interaction that told it.
    pub event: InteractionId,
    /// The new customer.
    pub newcomer: CustomerId,
    /// Probability that the newcomer would have come anyway, if stated.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub probability_anyway: Option<Probability>,
    /// What the reward cost, at or above 0, if stated.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub reward_cost: Option<Money>,
    /// What marketing to the newcomer cost, at or above 0, if stated.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub marketing_cost: Option<Money>,
    /// What was saved on winning the newcomer, at or above 0, if stated.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub acquisition_saving: Option<Money>,
}

impl Conversion {
    fn amounts(&self) -> [Option<Money>; 3] {
        [
            self.reward_cost,
            self.marketing_cost,
            self.acquisition_saving,
        ]
    }
}

/// An amount as something with an order.
fn rank(amount: Money) -> (Currency, Decimal) {
    (amount.currency(), amount.amount())
}

impl Dated for Conversion {
    fn at(&self) -> DateTime<Utc> {
        self.at
    }

    fn id(&self) -> &InteractionId {
        &self.event
    }

    fn outranks(&self, other: &Self) -> bool {
        let content = |item: &Self| {
            (
                item.newcomer.clone(),
                item.probability_anyway.map(|p| p.value().to_bits()),
                item.amounts().map(|amount| amount.map(rank)),
            )
        };
        content(self) > content(other)
    }
}

/// Margin from others that was attributed to the customer.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Influence {
    /// When it was attributed.
    pub at: DateTime<Utc>,
    /// The interaction that told it.
    pub event: InteractionId,
    /// The margin, at or above 0.
    pub margin: Money,
    /// The share of it that is the customer's doing.
    pub share: Fraction,
    /// How many steps away it was earned: 1 for those influenced directly.
    pub depth: u32,
}

impl Dated for Influence {
    fn at(&self) -> DateTime<Utc> {
        self.at
    }

    fn id(&self) -> &InteractionId {
        &self.event
    }

    fn outranks(&self, other: &Self) -> bool {
        let content = |item: &Self| (rank(item.margin), item.share.value().to_bits(), item.depth);
        content(self) > content(other)
    }
}

/// Whom a customer brought and moved, edge by edge.
///
/// Nothing fades and nothing is summed, so that any order of events and any sharding leads to the
/// same state, equal to the last bit, and an edge that may no longer be shown can be left out.
/// Reading it needs the customer's consent to sharing. A newcomer who withdrew that consent is in no
/// summary that a base gives of the customer, nor is one who was erased:
/// [`hidden_newcomers`](super::CustomerSummary::hidden_newcomers) counts them. A state by itself
/// knows nothing of other customers and shows whom it was told of.
///
/// # Examples
///
/// ```
/// use chrono::DateTime;
/// use guanxi::history::{CustomerId, Interaction, InteractionId, ReferralConverted};
/// use guanxi::quantity::Probability;
/// use guanxi::summary::{EvidencePolicy, NetworkEvidence};
///
/// let brought = ReferralConverted::new(CustomerId::new("c-2")?)
///     .with_probability_anyway(Probability::new(0.25)?);
/// let at = DateTime::UNIX_EPOCH;
/// let log = [Interaction::new(InteractionId::new("r-1")?, CustomerId::new("c-1")?, at, brought)?];
/// let network = NetworkEvidence::from_interactions(&log, at, &EvidencePolicy::default());
/// assert_eq!(network.conversions()[0].newcomer.as_str(), "c-2");
/// # Ok::<(), guanxi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "NetworkRow", into = "NetworkRow"))]
pub struct NetworkEvidence {
    conversions: DatedList<Conversion>,
    influence: DatedList<Influence>,
}

impl NetworkEvidence {
    /// Nobody; nothing allocated.
    pub const EMPTY: Self = Self {
        conversions: DatedList::EMPTY,
        influence: DatedList::EMPTY,
    };

    /// Takes in one interaction; those that [say nothing](NetworkItem::reading) of the network
    /// change nothing.
    pub(super) fn observe(&mut self, interaction: &Interaction, _policy: &EvidencePolicy) {
        match NetworkItem::reading(interaction) {
            Some(NetworkItem::Converted(item)) => self.conversions.insert(item),
            Some(NetworkItem::Influenced(item)) => self.influence.insert(item),
            None => {}
        }
    }

    /// Takes in what another state knows. Associative, commutative and exact.
    pub(super) fn merge(&mut self, other: &Self, _policy: &EvidencePolicy) {
        self.conversions.merge(&other.conversions);
        self.influence.merge(&other.influence);
    }

    /// The state as of an instant that is not before the latest event: the same, since nothing
    /// fades here.
    pub(super) fn faded_to(&self, _as_of: DateTime<Utc>, _policy: &EvidencePolicy) -> Self {
        Self {
            conversions: self.conversions.clone().settled(),
            influence: self.influence.clone().settled(),
        }
    }

    /// Takes out newcomers; says how many.
    pub(super) fn drop_newcomers(&mut self, drops: impl Fn(&Conversion) -> bool) -> usize {
        let mut dropped = 0;
        if !self.conversions.is_empty() {
            self.conversions.retain(|conversion| {
                let drops = drops(conversion);
                dropped += usize::from(drops);
                !drops
            });
        }
        dropped
    }

    /// Whether nobody was brought or moved.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.conversions.is_empty() && self.influence.is_empty()
    }

    /// When the latest event happened.
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.conversions.latest().max(self.influence.latest())
    }

    /// The newcomers whom the customer brought, in the order in which they came.
    #[must_use]
    pub fn conversions(&self) -> &[Conversion] {
        self.conversions.as_slice()
    }

    /// The margin from others attributed to the customer, in the order in which it was.
    #[must_use]
    pub fn influence(&self) -> &[Influence] {
        self.influence.as_slice()
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "NetworkEvidence")]
struct NetworkRow {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    conversions: Vec<Conversion>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    influence: Vec<Influence>,
}

#[cfg(feature = "serde")]
impl From<NetworkEvidence> for NetworkRow {
    fn from(state: NetworkEvidence) -> Self {
        Self {
            conversions: state.conversions.into_sorted(),
            influence: state.influence.into_sorted(),
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<NetworkRow> for NetworkEvidence {
    type Error = super::SummaryError;

    fn try_from(row: NetworkRow) -> Result<Self, Self::Error> {
        let refused = |expected, found: &dyn ToString| super::SummaryError::StoredState {
            expected,
            found: found.to_string(),
        };
        let conversions = row.conversions.iter().flat_map(Conversion::amounts);
        let margins = row.influence.iter().map(|item| Some(item.margin));
        if let Some(found) = conversions
            .chain(margins)
            .flatten()
            .find(|a| a.is_negative())
        {
            return Err(refused("amounts at or above 0", &found));
        }
        if let Some(item) = row.influence.iter().find(|item| item.depth == 0) {
            return Err(refused("depths at or above 1", &item.depth));
        }
        let conversions = DatedList::from_stored(row.conversions);
        let (Some(conversions), Some(influence)) =
            (conversions, DatedList::from_stored(row.influence))
        else {
            return Err(refused(
                "edges in the order of their instants and ids, each once",
                &"others",
            ));
        };
        Ok(Self {
            conversions,
            influence,
        })
    }
}
