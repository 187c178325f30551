//! The gates into each rung, and how they stand.

use std::fmt;

use super::{Attribute, AttributeValue, Attributes, Tier, TierPolicy};
use crate::history::Rank;
use crate::quantity::Probability;

/// Defines [`Gate`] from one table: variant, serialised name, rung, attributes, default threshold.
macro_rules! gates {
    ($( $(#[$doc:meta])* $gate:ident $name:literal: $tier:ident, [$($attribute:ident),+], $threshold:literal; )*) => {
        /// A condition of a rung (关口): an attribute must probably reach a threshold.
        ///
        /// Thresholds are cumulative: the gates of lower rungs are implied. That closer
        /// relationships meet higher up, share more and are bound more is established (Dwyer,
        /// Schurr & Oh 1987; Webster 1992); every number is our choice, with its default in the
        /// [policy](TierPolicy), and validated on simulated customers only.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
        #[non_exhaustive]
        pub enum Gate {
            $( $(#[$doc])* $gate, )*
        }

        impl Gate {
            /// Every gate, those of the lowest rung first.
            pub const ALL: [Self; [$($threshold),*].len()] = [$(Self::$gate),*];

            /// The rung it leads into.
            #[must_use]
            pub fn tier(self) -> Tier {
                match self {
                    $( Self::$gate => Tier::$tier, )*
                }
            }

            /// What it asks about; of two attributes, both must reach the threshold.
            #[must_use]
            pub fn attributes(self) -> &'static [Attribute] {
                match self {
                    $( Self::$gate => &[$(Attribute::$attribute),+], )*
                }
            }

            /// The threshold, unless a policy states another.
            #[must_use]
            #[doc(alias = "theta_up")]
            pub fn default_threshold(self) -> f64 {
                match self {
                    $( Self::$gate => $threshold, )*
                }
            }

            pub(super) fn key(self) -> &'static str {
                match self {
                    $( Self::$gate => $name, )*
                }
            }
        }
    };
}

gates! {
    /// At least one transaction.
    FirstTransaction "first_transaction": Transaction, [Transaction], 1.0;
    /// Key persons of both sides meet.
    PreferredContact "preferred_contact": Preferred, [ContactLevel], 0.50;
    /// Information beyond daily business is shared.
    PreferredSharing "preferred_sharing": Preferred, [InformationSharing], 0.30;
    /// The customer takes the firm's offer as often as not, at terms no better than a rival's.
    PreferredPreference "preferred_preference": Preferred, [Preference], 0.50;
    /// Top executives of both sides meet.
    PartnershipContact "partnership_contact": Partnership, [ContactLevel], 0.85;
    /// Goals agree.
    PartnershipAlignment "partnership_alignment": Partnership, [Alignment], 0.50;
    /// A part of the value is created together.
    PartnershipJointValue "partnership_joint_value": Partnership, [JointValue], 0.30;
    /// Leaving would cost both sides.
    PartnershipSwitchingCost "partnership_switching_cost": Partnership, [SwitchingCostOfFirm, SwitchingCostOfCustomer], 0.50;
    /// The customer trusts the firm.
    PartnershipTrust "partnership_trust": Partnership, [Trust], 0.65;
    /// They have dealt with each other for two years.
    PartnershipTenure "partnership_tenure": Partnership, [Tenure], 2.0;
    /// Goals agree near- and long-term.
    AllianceAlignment "alliance_alignment": Alliance, [Alignment], 0.80;
    /// Half of the value is created together.
    AllianceJointValue "alliance_joint_value": Alliance, [JointValue], 0.50;
    /// An equity tie or an alliance agreement is in force.
    AllianceTie "alliance_tie": Alliance, [Tie], 1.0;
    /// The customer trusts the firm deeply.
    AllianceTrust "alliance_trust": Alliance, [Trust], 0.75;
}

impl Gate {
    /// The gates into a rung.
    pub fn into_tier(tier: Tier) -> impl Iterator<Item = Self> {
        Self::ALL
            .into_iter()
            .filter(move |gate| gate.tier() == tier)
    }

    /// Its place in [`ALL`](Self::ALL).
    pub(super) fn place(self) -> usize {
        Self::ALL
            .iter()
            .position(|&other| other == self)
            .unwrap_or(0)
    }

    /// The attribute it is named for.
    pub(super) fn attribute(self) -> Attribute {
        self.attributes()
            .first()
            .copied()
            .unwrap_or(Attribute::Transaction)
    }

    /// What it asks about, in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PartnershipSwitchingCost => "switching cost of both sides",
            gate => gate.attribute().name(),
        }
    }

    /// How it stands on the way up: with what probability the attribute reaches the threshold of the
    /// policy, less a band. None if the policy leaves it out.
    ///
    /// Of two attributes, whose errors are taken as independent, both must reach it, and the one
    /// that is less likely to is shown.
    #[must_use]
    pub fn check(
        self,
        attributes: &Attributes,
        policy: &TierPolicy,
        band: f64,
    ) -> Option<GateCheck> {
        self.stands(attributes, policy, band, GateAim::Reach)
    }

    /// How it stands for a relationship on its rung, which is held as long as the threshold, less the
    /// [band](TierPolicy::band), is more probable than [`demote_at`](TierPolicy::demote_at). None if
    /// the policy leaves it out.
    #[must_use]
    pub fn check_to_hold(self, attributes: &Attributes, policy: &TierPolicy) -> Option<GateCheck> {
        self.stands(attributes, policy, policy.band(), GateAim::Hold)
    }

    fn stands(
        self,
        attributes: &Attributes,
        policy: &TierPolicy,
        band: f64,
        aim: GateAim,
    ) -> Option<GateCheck> {
        let required = policy.threshold(self)?;
        let threshold = required - band;
        let mut shown: Option<(Attribute, AttributeValue, f64)> = None;
        let mut other = None;
        let (mut all, mut missing) = (1.0, None);
        for &attribute in self.attributes() {
            let Some(value) = attributes.get(attribute) else {
                missing = missing.or(Some(attribute));
                continue;
            };
            let reached = value.probability_at_least(threshold).value();
            all *= reached;
            if shown.is_none_or(|(.., least)| reached < least) {
                other = shown.map(|(attribute, value, _)| (attribute, value));
                shown = Some((attribute, value, reached));
            } else {
                other = Some((attribute, value));
            }
        }
        let known = shown.filter(|_| missing.is_none());
        Some(GateCheck {
            gate: self,
            aim,
            attribute: missing.or(shown.map(|(attribute, ..)| attribute))?,
            value: known.map(|(_, value, _)| value),
            other: other.filter(|_| known.is_some()),
            threshold,
            probability: known.and_then(|_| Probability::new(all).ok()),
            needed: match aim {
                GateAim::Reach => policy.promote_at(),
                GateAim::Hold => policy.demote_at(),
            },
            contacts: contacts(self, attributes, threshold),
            contacts_needed: policy.contacts_needed(),
        })
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (into {})", self.name(), self.tier())
    }
}

/// What a gate is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum GateAim {
    /// The way into its rung: the threshold must be at least as probable as is needed.
    Reach,
    /// Its rung, which is held: the threshold, less the band, must be more probable than what leads
    /// down.
    Hold,
}

/// How a gate stands (关口检查): what is known of its attribute, and with what probability that
/// reaches the threshold.
///
/// Printed, it says in a sentence where it stands, what is needed and what would bring it there.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Estimate;
/// use guanxi::tier::{Attribute, AttributeValue, Attributes, Gate, TierPolicy};
///
/// let policy = TierPolicy::default().with_threshold(Gate::PartnershipAlignment, 0.6)?;
/// let agreed = AttributeValue::Normal(Estimate::new(0.62, 0.08, 3.0)?);
/// let known = Attributes::default().with(Attribute::Alignment, agreed)?;
/// let gate = Gate::PartnershipAlignment.check(&known, &policy, 0.0).ok_or("a gate of the policy")?;
/// assert!(gate.probability().is_some_and(|p| (p.value() - 0.598_706_326).abs() < 1e-9));
/// assert!(!gate.passes());
/// assert_eq!(
///     gate.to_string(),
///     "goal alignment is 0.62 ± 0.08, 0.60 is needed with probability 0.80 and is reached with \
///      0.60: at this certainty it must rise to 0.67; review goals with the customer"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "super::stored::GateRow", into = "super::stored::GateRow")
)]
pub struct GateCheck {
    pub(super) gate: Gate,
    pub(super) aim: GateAim,
    pub(super) attribute: Attribute,
    pub(super) value: Option<AttributeValue>,
    /// Of two attributes, the one that is likelier to reach the threshold.
    pub(super) other: Option<(Attribute, AttributeValue)>,
    pub(super) threshold: f64,
    pub(super) probability: Option<Probability>,
    pub(super) needed: f64,
    /// Of a gate on contacts: the rank it asks for, and how often both sides met there.
    pub(super) contacts: Option<(Rank, f64)>,
    pub(super) contacts_needed: f64,
}

/// The lowest rank that reaches a threshold, and how often both sides met there.
fn contacts(gate: Gate, attributes: &Attributes, threshold: f64) -> Option<(Rank, f64)> {
    if gate.attribute() != Attribute::ContactLevel {
        return None;
    }
    let reaches = |rank: &Rank| rank.level() >= threshold - 1e-12;
    let place = Rank::ALL.iter().position(reaches)?;
    let met = attributes.contacts?;
    Some((*Rank::ALL.get(place)?, *met.get(place)?))
}

impl GateCheck {
    /// Which gate.
    #[must_use]
    pub fn gate(&self) -> Gate {
        self.gate
    }

    /// Whether it is about the way into its rung, or about holding it.
    #[must_use]
    pub fn aim(&self) -> GateAim {
        self.aim
    }

    /// The attribute that decides: of two, the one that is unknown or less likely to reach the
    /// threshold.
    #[must_use]
    pub fn attribute(&self) -> Attribute {
        self.attribute
    }

    /// What is known of it; `None` where there is no evidence.
    #[must_use]
    pub fn value(&self) -> Option<AttributeValue> {
        self.value
    }

    /// Of a gate on two attributes that are both known, the other one, and what is known of it.
    #[must_use]
    pub fn other(&self) -> Option<(Attribute, AttributeValue)> {
        self.other
    }

    /// The threshold, less the band where one was asked for.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// The probability that the threshold is reached, of two attributes by both; `None` where there
    /// is no evidence.
    #[must_use]
    pub fn probability(&self) -> Option<Probability> {
        self.probability
    }

    /// The probability that is needed: to move up, at least this; to hold the rung, more than this.
    #[must_use]
    pub fn needed(&self) -> f64 {
        self.needed
    }

    /// Whether the threshold is probable enough, to move up or to hold the rung. Without evidence
    /// nothing moves: no way up is open, and no rung is lost.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self.aim {
            GateAim::Reach => self.probability.is_some_and(|p| p.value() >= self.needed),
            GateAim::Hold => self.probability.is_none_or(|p| p.value() > self.needed),
        }
    }

    /// How probable it must be that the shown attribute alone reaches the threshold, given the other
    /// one; 1 or more where it cannot make up for that.
    pub(super) fn needed_alone(&self) -> f64 {
        let Some((_, other)) = self.other else {
            return self.needed;
        };
        let reached = other.probability_at_least(self.threshold).value();
        if reached > 0.0 {
            self.needed / reached
        } else {
            1.0
        }
    }
}
