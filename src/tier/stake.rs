//! What each side has at stake in a relationship: how much it matters, how well the other can be
//! replaced, what leaving would cost.

use super::chance;
use super::{Attribute, InvestmentError};
use crate::quantity::Estimate;

/// One of the two sides of a relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Party {
    /// The firm (企业).
    Firm,
    /// The customer (客户).
    Customer,
}

impl Party {
    /// The name, such as `"firm"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Firm => "firm",
            Self::Customer => "customer",
        }
    }
}

/// What one side has at stake (利害), each number from 0 to 1.
///
/// | | firm | customer |
/// |---|---|---|
/// | importance *I* | its share of our contribution, [saturating](super::FittingPolicy::importance_of_share) | the share of its need that we serve |
/// | alternatives *Alt* | how well this customer could be replaced | how well we could be replaced |
/// | switching cost *S* | exit cost over annual value *s*, as [s/(s + 1)](super::FittingPolicy::switching_cost_of) | the same |
///
/// What is not known is left out, and so is what rests on no evidence (`n_eff` of 0): neither is 0.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Estimate;
/// use guanxi::tier::Stake;
///
/// let known = |mean| Estimate::new(mean, 0.0, 10.0);
/// let customer = Stake::new()
///     .with_importance(known(0.7)?)?
///     .with_alternatives(known(0.4)?)?;
/// let dependence = customer.dependence()?.ok_or("both are known")?;
/// assert!((dependence.mean() - 0.42).abs() < 1e-12);
/// assert!(customer.switching_cost().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "StakeRow", into = "StakeRow"))]
pub struct Stake {
    importance: Option<Estimate>,
    alternatives: Option<Estimate>,
    switching_cost: Option<Estimate>,
}

#[cfg(feature = "serde")]
#[derive(Default, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename = "Stake")]
struct StakeRow {
    importance: Option<Estimate>,
    alternatives: Option<Estimate>,
    switching_cost: Option<Estimate>,
}

#[cfg(feature = "serde")]
impl From<Stake> for StakeRow {
    fn from(stake: Stake) -> Self {
        Self {
            importance: stake.importance,
            alternatives: stake.alternatives,
            switching_cost: stake.switching_cost,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<StakeRow> for Stake {
    type Error = InvestmentError;

    fn try_from(row: StakeRow) -> Result<Self, InvestmentError> {
        let checked = |quantity, given: Option<Estimate>| {
            given.map(|given| unit(quantity, given)).transpose()
        };
        Ok(Self {
            importance: checked("importance", row.importance)?,
            alternatives: checked("alternatives", row.alternatives)?,
            switching_cost: checked("switching cost", row.switching_cost)?,
        })
    }
}

/// An estimate of something from 0 to 1.
pub(super) fn unit(quantity: &'static str, given: Estimate) -> Result<Estimate, InvestmentError> {
    let between = 0.0..=1.0;
    for number in [given.mean(), given.sd()] {
        if !between.contains(&number) {
            return Err(InvestmentError::Domain {
                quantity,
                expected: "an estimate with mean and sd between 0 and 1",
                found: number,
            });
        }
    }
    Ok(given)
}

/// What rests on evidence.
fn evidence(given: Option<Estimate>) -> Option<Estimate> {
    given.filter(|given| !given.is_prior_only())
}

impl Stake {
    /// Nothing known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with how much the relationship matters to this side, *I*.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] unless mean and sd lie between 0 and 1.
    pub fn with_importance(self, importance: Estimate) -> Result<Self, InvestmentError> {
        Ok(Self {
            importance: Some(unit("importance", importance)?),
            ..self
        })
    }

    /// The same with how well this side could replace the other, *Alt*: 0 not at all, 1 perfectly.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] unless mean and sd lie between 0 and 1.
    pub fn with_alternatives(self, alternatives: Estimate) -> Result<Self, InvestmentError> {
        Ok(Self {
            alternatives: Some(unit("alternatives", alternatives)?),
            ..self
        })
    }

    /// The same with what it would cost this side to leave, *S*.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] unless mean and sd lie between 0 and 1.
    pub fn with_switching_cost(self, cost: Estimate) -> Result<Self, InvestmentError> {
        Ok(Self {
            switching_cost: Some(unit("switching cost", cost)?),
            ..self
        })
    }

    /// How much the relationship matters to this side; none without evidence.
    #[must_use]
    #[doc(alias = "I")]
    pub fn importance(&self) -> Option<Estimate> {
        evidence(self.importance)
    }

    /// How well this side could replace the other; none without evidence.
    #[must_use]
    #[doc(alias = "Alt")]
    pub fn alternatives(&self) -> Option<Estimate> {
        evidence(self.alternatives)
    }

    /// What it would cost this side to leave; none without evidence.
    #[must_use]
    #[doc(alias = "S")]
    pub fn switching_cost(&self) -> Option<Estimate> {
        evidence(self.switching_cost)
    }

    /// How far this side depends on the other (依赖), `Dep = I (1 − Alt)`: what matters and cannot be
    /// had elsewhere (Emerson 1962, *American Sociological Review* 27(1), 31–41,
    /// <https://doi.org/10.2307/2089716>). None without evidence of both.
    ///
    /// Mean and sd are those of the product of independent numbers.
    ///
    /// # Errors
    ///
    /// None for what was checked when it came in.
    #[doc(alias = "Dep")]
    pub fn dependence(&self) -> Result<Option<Estimate>, InvestmentError> {
        let (Some(importance), Some(alternatives)) = (self.importance(), self.alternatives())
        else {
            return Ok(None);
        };
        let alone = 1.0 - alternatives.mean();
        let alone = Estimate::new(alone, alternatives.sd(), alternatives.n_eff())?;
        Ok(Some(chance::product(importance, alone)?))
    }
}

/// What both sides have at stake, and how far their goals agree: the inputs to the fitting rung.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "InterdependenceRow", into = "InterdependenceRow")
)]
pub struct Interdependence {
    firm: Stake,
    customer: Stake,
    alignment: Option<Estimate>,
}

#[cfg(feature = "serde")]
#[derive(Default, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename = "Interdependence")]
struct InterdependenceRow {
    firm: Stake,
    customer: Stake,
    alignment: Option<Estimate>,
}

#[cfg(feature = "serde")]
impl From<Interdependence> for InterdependenceRow {
    fn from(both: Interdependence) -> Self {
        Self {
            firm: both.firm,
            customer: both.customer,
            alignment: both.alignment,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<InterdependenceRow> for Interdependence {
    type Error = InvestmentError;

    fn try_from(row: InterdependenceRow) -> Result<Self, InvestmentError> {
        let both = Self::new(row.firm, row.customer);
        match row.alignment {
            Some(alignment) => both.with_alignment(alignment),
            None => Ok(both),
        }
    }
}

impl Interdependence {
    /// What both sides have at stake; of the agreement of their goals nothing is known yet.
    #[must_use]
    pub fn new(firm: Stake, customer: Stake) -> Self {
        Self {
            firm,
            customer,
            alignment: None,
        }
    }

    /// The same with how far the goals of both agree (目标一致), from 0 to 1.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] unless mean and sd lie between 0 and 1.
    pub fn with_alignment(self, alignment: Estimate) -> Result<Self, InvestmentError> {
        Ok(Self {
            alignment: Some(unit("alignment", alignment)?),
            ..self
        })
    }

    /// What one side has at stake.
    #[must_use]
    pub fn stake(&self, party: Party) -> &Stake {
        match party {
            Party::Firm => &self.firm,
            Party::Customer => &self.customer,
        }
    }

    /// How far the goals agree; none without evidence.
    #[must_use]
    pub fn alignment(&self) -> Option<Estimate> {
        evidence(self.alignment)
    }

    /// The relationship as the other side sees it.
    #[must_use]
    pub fn swapped(self) -> Self {
        Self {
            firm: self.customer,
            customer: self.firm,
            ..self
        }
    }

    /// What there is no evidence of (未知), in the order of [`Attribute::ALL`].
    #[must_use]
    pub fn unknown(&self) -> Vec<Attribute> {
        let known = |attribute| match attribute {
            Attribute::Alignment => self.alignment(),
            Attribute::SwitchingCostOfFirm => self.firm.switching_cost(),
            Attribute::SwitchingCostOfCustomer => self.customer.switching_cost(),
            Attribute::ImportanceToFirm => self.firm.importance(),
            Attribute::ImportanceToCustomer => self.customer.importance(),
            Attribute::AlternativesOfFirm => self.firm.alternatives(),
            _ => self.customer.alternatives(),
        };
        INPUTS
            .into_iter()
            .filter(|&attribute| known(attribute).is_none())
            .collect()
    }
}

/// What the fitting rung rests on, in the order of [`Attribute::ALL`].
pub(super) const INPUTS: [Attribute; 7] = [
    Attribute::Alignment,
    Attribute::SwitchingCostOfFirm,
    Attribute::SwitchingCostOfCustomer,
    Attribute::ImportanceToFirm,
    Attribute::ImportanceToCustomer,
    Attribute::AlternativesOfFirm,
    Attribute::AlternativesOfCustomer,
];
