//! When is a closer relationship fitting (适宜层级)? When both sides matter to each other, need each
//! other, neither controls the other, and leaving would cost both.
//!
//! The rule is ours; it rests on power and dependence (Emerson 1962) and on the conditions for
//! commitment of Dwyer, Schurr & Oh (1987).

#[cfg(feature = "serde")]
use super::fitting_gate::agrees;
use super::fitting_gate::{alignment, control, mutual};
use super::{
    Attribute, FittingCheck, FittingGate, FittingPolicy, GateOutcome, Interdependence,
    InvestmentError, Party, Power, Stake, Tier,
};
#[cfg(feature = "serde")]
use crate::quantity::near::near_estimates;
use crate::quantity::{Estimate, PolicyId};

/// The highest rung that fits a relationship (适宜层级上限), with every gate it was held against.
///
/// All four gates of partnership passed: [`Tier::Partnership`], and [`Tier::Alliance`] if the goals
/// agree too; else [`Tier::Preferred`]. A gate that is not known does not pass, and
/// [`possible`](Self::possible) tells how far the ceiling would rise if every such gate did.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Estimate;
/// use guanxi::tier::{FittingGate, FittingPolicy, GateOutcome, Interdependence, Stake, Tier};
///
/// let seen = |mean| Estimate::new(mean, 0.05, 10.0);
/// let side = |importance, alternatives, cost| {
///     Stake::new()
///         .with_importance(seen(importance)?)?
///         .with_alternatives(seen(alternatives)?)?
///         .with_switching_cost(seen(cost)?)
/// };
/// let (firm, customer) = (side(0.62, 0.3, 0.6)?, side(0.7, 0.4, 0.4)?);
/// let fitting = FittingPolicy::default().ceiling(&Interdependence::new(firm, customer))?;
/// assert_eq!((fitting.ceiling(), fitting.possible()), (Tier::Preferred, Tier::Preferred));
/// let blocked: Vec<String> = fitting
///     .checks()
///     .iter()
///     .filter(|check| check.outcome() == GateOutcome::Blocks)
///     .map(ToString::to_string)
///     .collect();
/// assert_eq!(
///     blocked,
///     ["switching cost of both sides must be at least 0.50, is 0.40 ± 0.05 (P 0.02), held back by \
///       the customer: blocks; it takes investments in each other by the side that could leave"]
/// );
/// // What the goals are was never asked.
/// let alignment = fitting.check(FittingGate::Alignment);
/// assert_eq!(alignment.map(|check| check.outcome()), Some(GateOutcome::Unknown));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "CeilingRow", into = "CeilingRow"))]
pub struct FittingCeiling {
    checks: [FittingCheck; 5],
    power: Option<Power>,
    unknown: Vec<Attribute>,
    policy: PolicyId,
}

/// How a ceiling is written down.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "FittingCeiling")]
struct CeilingRow {
    ceiling: Tier,
    possible: Tier,
    power: Option<Power>,
    checks: [FittingCheck; 5],
    unknown: Vec<Attribute>,
    policy: PolicyId,
}

#[cfg(feature = "serde")]
impl From<FittingCeiling> for CeilingRow {
    fn from(fitting: FittingCeiling) -> Self {
        Self {
            ceiling: fitting.ceiling(),
            possible: fitting.possible(),
            power: fitting.power,
            checks: fitting.checks,
            unknown: fitting.unknown,
            policy: fitting.policy,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<CeilingRow> for FittingCeiling {
    type Error = InvestmentError;

    fn try_from(row: CeilingRow) -> Result<Self, InvestmentError> {
        let fitting = Self {
            checks: row.checks,
            power: row.power,
            unknown: row.unknown,
            policy: row.policy,
        };
        agrees(
            "checks of a fitting ceiling",
            fitting.checks.map(|check| check.gate()) == FittingGate::ALL,
        )?;
        // What a gate measures is known exactly where all that it needs is.
        let open = |gate: FittingGate| gate.needs().iter().any(|n| fitting.unknown.contains(n));
        let known = |check: &FittingCheck| check.measured().is_none() == open(check.gate());
        let rises = fitting.unknown.windows(2).all(|two| two[0] < two[1]);
        agrees(
            "unknown of a fitting ceiling",
            rises && fitting.checks.iter().all(known),
        )?;
        // The power is worked out anew, and may differ in its last bits.
        let measured = fitting.check(FittingGate::NoControl);
        let same = near_estimates(
            measured.and_then(FittingCheck::measured),
            fitting.power.map(|power| power.control()),
        );
        agrees("power of a fitting ceiling", same)?;
        agrees("ceiling that fits", fitting.ceiling() == row.ceiling)?;
        agrees("possible ceiling", fitting.possible() == row.possible)?;
        Ok(fitting)
    }
}

impl FittingCeiling {
    pub(super) fn of(
        both: &Interdependence,
        policy: &FittingPolicy,
    ) -> Result<Self, InvestmentError> {
        let power = policy.power(both)?;
        let sides = |of: fn(&Stake) -> Option<Estimate>| {
            [Party::Firm, Party::Customer].map(|party| of(both.stake(party)))
        };
        let needs = [
            both.stake(Party::Firm).dependence()?,
            both.stake(Party::Customer).dependence()?,
        ];
        let certainty = policy.certainty();
        let least = |gate, threshold, sides| mutual(gate, threshold, certainty, sides);
        Ok(Self {
            checks: [
                least(
                    FittingGate::MutualImportance,
                    policy.least_importance(),
                    sides(Stake::importance),
                )?,
                least(FittingGate::MutualNeed, policy.least_need(), needs)?,
                control(power.as_ref(), policy)?,
                least(
                    FittingGate::SwitchingCosts,
                    policy.least_switching_cost(),
                    sides(Stake::switching_cost),
                )?,
                alignment(both.alignment(), policy)?,
            ],
            power,
            unknown: both.unknown(),
            policy: policy.id(),
        })
    }

    /// The highest rung that is shown to fit.
    #[must_use]
    pub fn ceiling(&self) -> Tier {
        self.highest(|outcome| outcome == GateOutcome::Passes)
    }

    /// The highest rung that what is known does not rule out: at or above the
    /// [`ceiling`](Self::ceiling), and the same where nothing that matters is unknown.
    #[must_use]
    pub fn possible(&self) -> Tier {
        self.highest(|outcome| outcome != GateOutcome::Blocks)
    }

    /// The highest rung for a relationship on this one: the [`ceiling`](Self::ceiling), or the rung it
    /// stands on as long as what is known does not rule that out.
    #[must_use]
    pub fn for_one_at(&self, current: Tier) -> Tier {
        self.ceiling().max(current.min(self.possible()))
    }

    /// The gates that are known to keep the relationship from the rung above the ceiling; those that
    /// are not known are not among them.
    pub fn limits(&self) -> impl Iterator<Item = &FittingCheck> {
        let blocks = |check: &&FittingCheck| check.outcome() == GateOutcome::Blocks;
        let needed = self.ceiling() < Tier::Partnership;
        let of_next = move |check: &&FittingCheck| check.gate().for_partnership() == needed;
        self.checks.iter().filter(blocks).filter(of_next)
    }

    /// What there is no evidence of that would settle whether the rung above the
    /// [`ceiling`](Self::ceiling) fits; nothing where that is settled.
    #[must_use]
    pub fn undecided(&self) -> Vec<Attribute> {
        if self.possible() == self.ceiling() {
            return Vec::new();
        }
        let for_partnership = self.ceiling() < Tier::Partnership;
        let open = self.checks.iter().filter(|check| {
            check.gate().for_partnership() == for_partnership
                && check.outcome() == GateOutcome::Unknown
        });
        let needed: Vec<Attribute> = open
            .flat_map(|check| check.gate().needs())
            .copied()
            .collect();
        let mut missing = self.unknown.clone();
        missing.retain(|attribute| needed.contains(attribute));
        missing
    }

    fn highest(&self, through: impl Fn(GateOutcome) -> bool) -> Tier {
        let mut checks = self.checks.iter();
        if !checks.all(|c| !c.gate().for_partnership() || through(c.outcome())) {
            Tier::Preferred
        } else if self.checks.iter().all(|check| through(check.outcome())) {
            Tier::Alliance
        } else {
            Tier::Partnership
        }
    }

    /// Every gate, in the order of [`FittingGate::ALL`], passed or not.
    #[must_use]
    pub fn checks(&self) -> &[FittingCheck] {
        &self.checks
    }

    /// One gate.
    #[must_use]
    pub fn check(&self, gate: FittingGate) -> Option<&FittingCheck> {
        self.checks.iter().find(|check| check.gate() == gate)
    }

    /// Who holds the power; none unless importance and alternatives of both sides are known.
    #[must_use]
    pub fn power(&self) -> Option<&Power> {
        self.power.as_ref()
    }

    /// What there is no evidence of, whether it would [settle](Self::undecided) anything or not.
    #[must_use]
    pub fn unknown(&self) -> &[Attribute] {
        &self.unknown
    }

    /// The name of the rules it was found by.
    #[must_use]
    pub fn policy(&self) -> PolicyId {
        self.policy
    }
}
