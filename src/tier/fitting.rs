//! When is a closer relationship fitting (适宜层级)? When both sides matter to each other, need each
//! other, neither controls the other, and leaving would cost both.
//!
//! The rule is ours; it rests on power and dependence (Emerson 1962) and on the conditions for
//! commitment of Dwyer, Schurr & Oh (1987).

use std::fmt;

use super::chance;
use super::{
    Attribute, FittingPolicy, Interdependence, InvestmentError, Party, Power, Stake, Tier,
};
use crate::quantity::{Estimate, PolicyId, Probability};

/// A condition for a close relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum FittingGate {
    /// Both sides matter to each other (相互重要): `min(I_f, I_c)`.
    MutualImportance,
    /// Both sides need each other (相互需要): `min(Dep_f, Dep_c)`.
    MutualNeed,
    /// Neither side controls the other (互不控制): `|K|`.
    NoControl,
    /// Leaving would cost both (转换成本): `min(S_f, S_c)`.
    SwitchingCosts,
    /// The goals agree in the long term (目标一致); asked for an alliance only.
    Alignment,
}

impl FittingGate {
    /// All five, in the order in which they are reported.
    pub const ALL: [Self; 5] = [
        Self::MutualImportance,
        Self::MutualNeed,
        Self::NoControl,
        Self::SwitchingCosts,
        Self::Alignment,
    ];

    /// The name, such as `"mutual need"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MutualImportance => "mutual importance",
            Self::MutualNeed => "mutual need",
            Self::NoControl => "control of one side over the other",
            Self::SwitchingCosts => "switching cost of both sides",
            Self::Alignment => "goal alignment",
        }
    }

    /// What would bring it about.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::MutualImportance => {
                "a larger part of the business of the side it matters less to"
            }
            Self::MutualNeed => "something the side that needs less cannot have elsewhere",
            Self::NoControl => "a second source for the side that depends more",
            Self::SwitchingCosts => "investments in each other by the side that could leave",
            Self::Alignment => "goals that both sides set and review together",
        }
    }

    /// What it rests on.
    pub(super) const fn needs(self) -> &'static [Attribute] {
        use Attribute as Of;
        match self {
            Self::MutualImportance => &[Of::ImportanceToFirm, Of::ImportanceToCustomer],
            Self::MutualNeed | Self::NoControl => &[
                Of::ImportanceToFirm,
                Of::ImportanceToCustomer,
                Of::AlternativesOfFirm,
                Of::AlternativesOfCustomer,
            ],
            Self::SwitchingCosts => &[Of::SwitchingCostOfFirm, Of::SwitchingCostOfCustomer],
            Self::Alignment => &[Of::Alignment],
        }
    }

    /// Whether it is needed for a partnership, and not for an alliance alone.
    const fn for_partnership(self) -> bool {
        !matches!(self, Self::Alignment)
    }
}

impl fmt::Display for FittingGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Whether a gate lets a relationship through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum GateOutcome {
    /// It is met with the certainty that is asked for.
    Passes,
    /// It is not.
    Blocks,
    /// Something it needs was never observed, and what was observed does not settle it.
    Unknown,
}

/// One gate of the fitting rung: what is asked, what there is, and how probable it is met.
///
/// Beliefs are taken as normal and independent. A dependence is a product and not quite normal: where
/// importance and alternatives are both 0.5, so that the dependence lies on its threshold of 0.25, its
/// probability of 0.500 is above the exact one (by quadrature) by 0.014 with standard deviations of
/// 0.05, by 0.033 with 0.12 and by 0.052 with 0.20; of importances from 0.3 to 0.9 and alternatives
/// from 0.1 to 0.7, none was further off. Shown as a sentence.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "CheckRow", into = "CheckRow"))]
pub struct FittingCheck {
    gate: FittingGate,
    threshold: f64,
    certainty: f64,
    measured: Option<Estimate>,
    probability: Option<Probability>,
    /// What is known leaves no more.
    at_most: Probability,
    weaker: Option<Party>,
}

/// How a check is written down.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "FittingCheck")]
struct CheckRow {
    gate: FittingGate,
    threshold: f64,
    certainty: f64,
    measured: Option<Estimate>,
    probability: Option<Probability>,
    at_most: Probability,
    weaker: Option<Party>,
    outcome: GateOutcome,
}

#[cfg(feature = "serde")]
impl From<FittingCheck> for CheckRow {
    fn from(check: FittingCheck) -> Self {
        Self {
            gate: check.gate,
            threshold: check.threshold,
            certainty: check.certainty,
            measured: check.measured,
            probability: check.probability,
            at_most: check.at_most,
            weaker: check.weaker,
            outcome: check.outcome(),
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<CheckRow> for FittingCheck {
    type Error = InvestmentError;

    fn try_from(row: CheckRow) -> Result<Self, InvestmentError> {
        use super::investment_error::{certainty, share};

        let check = Self {
            gate: row.gate,
            threshold: share("threshold of a gate", row.threshold)?,
            certainty: certainty("certainty of a fitting gate", row.certainty)?,
            measured: row.measured,
            probability: row.probability,
            at_most: row.at_most,
            weaker: row.weaker,
        };
        let together = row.measured.is_some() == row.probability.is_some();
        agrees("measured of a fitting gate", together)?;
        let most = row.at_most.value();
        let bounded = row.probability.is_none_or(|p| near(p.value(), most));
        agrees("at_most of a fitting gate", bounded)?;
        agrees("outcome of a fitting gate", check.outcome() == row.outcome)?;
        Ok(check)
    }
}

/// Whether two numbers are one, but for what writing and reading may do to their last bits.
#[cfg(feature = "serde")]
fn near(x: f64, y: f64) -> bool {
    (x - y).abs() <= 1e-9 * x.abs().max(y.abs()).max(1.0)
}

/// Refuses a stored field that the others do not lead to.
#[cfg(feature = "serde")]
fn agrees(what: &'static str, is_so: bool) -> Result<(), InvestmentError> {
    if is_so {
        Ok(())
    } else {
        Err(InvestmentError::Disagrees { what })
    }
}

impl FittingCheck {
    /// Which gate.
    #[must_use]
    pub fn gate(&self) -> FittingGate {
        self.gate
    }

    /// The least that is asked for; of control, the most.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// What the gate looks at, as a number that the threshold is held against: the expected lower of
    /// the two sides with its sd (Clark 1961), which lies below both means where both are uncertain;
    /// of control, `K` with its sign. None without evidence.
    #[must_use]
    pub fn measured(&self) -> Option<Estimate> {
        self.measured
    }

    /// How probable it is that the gate is met; none without evidence.
    #[must_use]
    pub fn probability(&self) -> Option<Probability> {
        self.probability
    }

    /// The most it can be, given what is known: where one side alone falls short, the other cannot
    /// make up for it.
    #[must_use]
    pub fn at_most(&self) -> Probability {
        self.at_most
    }

    /// The side that holds the gate back, being the lower of the two known; of control, the side that
    /// depends more. None where both are alike or one is unknown.
    #[must_use]
    pub fn weaker(&self) -> Option<Party> {
        self.weaker
    }

    /// Whether it passes.
    #[must_use]
    pub fn outcome(&self) -> GateOutcome {
        match self.probability {
            Some(p) if p.value() >= self.certainty => GateOutcome::Passes,
            Some(_) => GateOutcome::Blocks,
            None if self.at_most.value() < self.certainty => GateOutcome::Blocks,
            None => GateOutcome::Unknown,
        }
    }
}

impl fmt::Display for FittingCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = match self.gate {
            FittingGate::NoControl => "at most",
            _ => "at least",
        };
        write!(f, "{} must be {bound} {:.2}", self.gate, self.threshold)?;
        match (self.measured, self.probability) {
            (Some(measured), Some(p)) => {
                let (mean, sd) = (measured.mean(), measured.sd());
                write!(f, ", is {mean:.2} ± {sd:.2} (P {:.2})", p.value())?;
                match (self.weaker, self.gate, self.outcome()) {
                    (Some(party), FittingGate::NoControl, GateOutcome::Blocks) => {
                        write!(f, ", and the {} depends more", party.name())?;
                    }
                    (Some(party), _, GateOutcome::Blocks) => {
                        write!(f, ", held back by the {}", party.name())?;
                    }
                    _ => {}
                }
            }
            _ => write!(f, ", no evidence of all it needs")?,
        }
        match self.outcome() {
            GateOutcome::Passes => write!(f, ": passes"),
            GateOutcome::Blocks => write!(f, ": blocks; it takes {}", self.gate.remedy()),
            GateOutcome::Unknown => write!(f, ": unknown"),
        }
    }
}

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
            fitting.checks.map(|check| check.gate) == FittingGate::ALL,
        )?;
        // What a gate measures is known exactly where all that it needs is.
        let open = |gate: FittingGate| gate.needs().iter().any(|n| fitting.unknown.contains(n));
        let known = |check: &FittingCheck| check.measured.is_none() == open(check.gate);
        let rises = fitting.unknown.windows(2).all(|two| two[0] < two[1]);
        agrees(
            "unknown of a fitting ceiling",
            rises && fitting.checks.iter().all(known),
        )?;
        // The power is worked out anew, and may differ in its last bits.
        let measured = fitting.check(FittingGate::NoControl);
        let same = match (
            measured.and_then(FittingCheck::measured),
            fitting.power.map(|power| power.control()),
        ) {
            (Some(measured), Some(control)) => {
                near(measured.mean(), control.mean())
                    && near(measured.sd(), control.sd())
                    && near(measured.n_eff(), control.n_eff())
            }
            (measured, control) => measured.is_none() && control.is_none(),
        };
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
        let alignment = both.alignment();
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
                one(FittingCheck {
                    gate: FittingGate::Alignment,
                    threshold: policy.least_alignment(),
                    certainty,
                    measured: alignment,
                    probability: None,
                    at_most: Probability::new(1.0)?,
                    weaker: None,
                })?,
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
        let of_next = move |check: &&FittingCheck| check.gate.for_partnership() == needed;
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
            check.gate.for_partnership() == for_partnership
                && check.outcome() == GateOutcome::Unknown
        });
        let needed: Vec<Attribute> = open.flat_map(|check| check.gate.needs()).copied().collect();
        let mut missing = self.unknown.clone();
        missing.retain(|attribute| needed.contains(attribute));
        missing
    }

    fn highest(&self, through: impl Fn(GateOutcome) -> bool) -> Tier {
        let mut checks = self.checks.iter();
        if !checks.all(|c| !c.gate.for_partnership() || through(c.outcome())) {
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
        self.checks.iter().find(|check| check.gate == gate)
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

/// A gate on one number.
fn one(open: FittingCheck) -> Result<FittingCheck, InvestmentError> {
    let Some(measured) = open.measured else {
        return Ok(open);
    };
    let p = Probability::new(chance::at_least(measured, open.threshold))?;
    Ok(FittingCheck {
        probability: Some(p),
        at_most: p,
        ..open
    })
}

/// A gate that both sides must pass, the firm's number first: independent, so that the probabilities
/// multiply.
fn mutual(
    gate: FittingGate,
    threshold: f64,
    certainty: f64,
    sides: [Option<Estimate>; 2],
) -> Result<FittingCheck, InvestmentError> {
    let chances = sides.map(|side| side.map(|side| chance::at_least(side, threshold)));
    let at_most: f64 = chances.iter().flatten().product();
    let at_most = Probability::new(at_most)?;
    let mut check = FittingCheck {
        gate,
        threshold,
        certainty,
        measured: None,
        probability: None,
        at_most,
        weaker: None,
    };
    if let [Some(firm), Some(customer)] = sides {
        check.measured = Some(chance::lower(firm, customer)?);
        check.probability = Some(at_most);
        check.weaker = which(firm.mean(), customer.mean());
    }
    Ok(check)
}

/// The side with the lower number.
fn which(firm: f64, customer: f64) -> Option<Party> {
    if firm < customer {
        Some(Party::Firm)
    } else if customer < firm {
        Some(Party::Customer)
    } else {
        None
    }
}

/// The gate on control.
fn control(power: Option<&Power>, policy: &FittingPolicy) -> Result<FittingCheck, InvestmentError> {
    let probability = power.map(|power| power.probability(super::PowerBalance::Balanced));
    Ok(FittingCheck {
        gate: FittingGate::NoControl,
        threshold: policy.most_control(),
        certainty: policy.certainty(),
        measured: power.map(Power::control),
        probability,
        at_most: probability.map_or_else(|| Probability::new(1.0), Ok)?,
        // K above 0: the customer depends more.
        weaker: power.and_then(|power| which(-power.control().mean(), 0.0).map(other)),
    })
}

/// The other side.
fn other(party: Party) -> Party {
    match party {
        Party::Firm => Party::Customer,
        Party::Customer => Party::Firm,
    }
}
