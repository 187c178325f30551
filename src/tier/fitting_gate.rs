//! The gates of the fitting rung: what each asks of both sides, and how a relationship stands at it.

use std::fmt;

use super::chance;
use super::{Attribute, FittingPolicy, InvestmentError, Party, Power, PowerBalance};
use crate::quantity::{Estimate, Probability};

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
    pub(super) const fn for_partnership(self) -> bool {
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
        use crate::quantity::near::near;

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

/// Refuses a stored field that the others do not lead to.
#[cfg(feature = "serde")]
pub(super) fn agrees(what: &'static str, is_so: bool) -> Result<(), InvestmentError> {
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

/// The gate on how well goals agree.
pub(super) fn alignment(
    measured: Option<Estimate>,
    policy: &FittingPolicy,
) -> Result<FittingCheck, InvestmentError> {
    let threshold = policy.least_alignment();
    let chance = |measured| Probability::new(chance::at_least(measured, threshold));
    let probability = measured.map(chance).transpose()?;
    Ok(FittingCheck {
        gate: FittingGate::Alignment,
        threshold,
        certainty: policy.certainty(),
        measured,
        probability,
        at_most: probability.map_or_else(|| Probability::new(1.0), Ok)?,
        weaker: None,
    })
}

/// A gate that both sides must pass, the firm's number first: independent, so that the probabilities
/// multiply.
pub(super) fn mutual(
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
pub(super) fn control(
    power: Option<&Power>,
    policy: &FittingPolicy,
) -> Result<FittingCheck, InvestmentError> {
    let probability = power.map(|power| power.probability(PowerBalance::Balanced));
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
