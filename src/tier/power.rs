//! Who holds the power in a relationship (权力): whoever depends less.
//!
//! Emerson (1962), "Power-Dependence Relations", *American Sociological Review* 27(1), 31–41,
//! <https://doi.org/10.2307/2089716>.

use super::chance;
#[cfg(feature = "serde")]
use super::investment_error::share;
use super::{Interdependence, InvestmentError, Party};
use crate::quantity::{Estimate, Probability, QuantityError};

/// Who holds the power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum PowerBalance {
    /// Neither side controls the other (力量均衡).
    Balanced,
    /// The customer depends on the firm more than the firm on the customer (企业主导).
    FirmDominant,
    /// The firm depends on the customer more than the customer on the firm (客户主导).
    CustomerDominant,
}

/// How far each side depends on the other, and what power that gives (权力与依赖).
///
/// `K = Dep_c − Dep_f`: above 0 the firm holds the power. Made by
/// [`FittingPolicy::power`](super::FittingPolicy::power).
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Estimate;
/// use guanxi::tier::{FittingPolicy, Interdependence, PowerBalance, Stake};
///
/// let policy = FittingPolicy::default();
/// let known = |mean| Estimate::new(mean, 0.0, 10.0);
/// let firm = Stake::new()
///     .with_importance(policy.importance_of_share(known(0.08)?)?)?
///     .with_alternatives(known(0.3)?)?;
/// let customer = Stake::new()
///     .with_importance(known(0.7)?)?
///     .with_alternatives(known(0.4)?)?;
/// let power = policy
///     .power(&Interdependence::new(firm, customer))?
///     .ok_or("all is known")?;
/// assert!((power.control().mean() - -0.010769231).abs() < 1e-9);
/// assert!((power.ratio().ok_or("somebody depends")? - 0.975).abs() < 1e-9);
/// assert_eq!(power.balance(), PowerBalance::Balanced);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "PowerRow", into = "PowerRow"))]
pub struct Power {
    firm: Estimate,
    customer: Estimate,
    limit: f64,
    control: Estimate,
    balanced: Probability,
    firm_holds: Probability,
    customer_holds: Probability,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "Power")]
struct PowerRow {
    dependence_of_firm: Estimate,
    dependence_of_customer: Estimate,
    control: Estimate,
    limit: f64,
    balance: PowerBalance,
}

#[cfg(feature = "serde")]
impl From<Power> for PowerRow {
    fn from(power: Power) -> Self {
        Self {
            dependence_of_firm: power.firm,
            dependence_of_customer: power.customer,
            control: power.control,
            limit: power.limit,
            balance: power.balance(),
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<PowerRow> for Power {
    type Error = InvestmentError;

    fn try_from(row: PowerRow) -> Result<Self, InvestmentError> {
        let (firm, customer) = (row.dependence_of_firm, row.dependence_of_customer);
        share("dependence of the firm", firm.mean())?;
        share("dependence of the customer", customer.mean())?;
        let limit = share("limit of control", row.limit)?;
        let power = Self::new(firm, customer, limit)?;
        let near = (power.control.mean() - row.control.mean()).abs() <= 1e-9
            && (power.control.sd() - row.control.sd()).abs() <= 1e-9;
        if near && power.balance() == row.balance {
            Ok(power)
        } else {
            Err(InvestmentError::Disagrees {
                what: "power over the other side",
            })
        }
    }
}

impl Power {
    fn new(firm: Estimate, customer: Estimate, limit: f64) -> Result<Self, QuantityError> {
        let control = chance::difference(customer, firm)?;
        let seen_from_there = chance::difference(firm, customer)?;
        Ok(Self {
            firm,
            customer,
            limit,
            control,
            balanced: Probability::new(chance::within(control, limit))?,
            firm_holds: Probability::new(chance::above(control, limit))?,
            customer_holds: Probability::new(chance::above(seen_from_there, limit))?,
        })
    }

    /// None unless both dependences are known.
    pub(super) fn of(both: &Interdependence, limit: f64) -> Result<Option<Self>, InvestmentError> {
        let firm = both.stake(Party::Firm).dependence()?;
        let customer = both.stake(Party::Customer).dependence()?;
        let (Some(firm), Some(customer)) = (firm, customer) else {
            return Ok(None);
        };
        Ok(Some(Self::new(firm, customer, limit)?))
    }

    /// How far one side depends on the other, from 0 to 1.
    #[must_use]
    #[doc(alias = "Dep")]
    pub fn dependence(&self, party: Party) -> Estimate {
        match party {
            Party::Firm => self.firm,
            Party::Customer => self.customer,
        }
    }

    /// `K`, from −1 to 1: above 0 the firm holds the power.
    #[must_use]
    #[doc(alias = "K")]
    pub fn control(&self) -> Estimate {
        self.control
    }

    /// The smaller dependence over the larger, by their means: 1 if they are equal, near 0 if one
    /// side depends alone. None where neither depends on the other.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        let (firm, customer) = (self.firm.mean(), self.customer.mean());
        let larger = firm.max(customer);
        (larger > 0.0).then(|| firm.min(customer) / larger)
    }

    /// The most probable of the three; balanced if it is as probable as another.
    #[must_use]
    pub fn balance(&self) -> PowerBalance {
        if self.balanced >= self.firm_holds && self.balanced >= self.customer_holds {
            PowerBalance::Balanced
        } else if self.firm_holds > self.customer_holds {
            PowerBalance::FirmDominant
        } else {
            PowerBalance::CustomerDominant
        }
    }

    /// How probable it is that power is distributed this way.
    #[must_use]
    pub fn probability(&self, of: PowerBalance) -> Probability {
        match of {
            PowerBalance::Balanced => self.balanced,
            PowerBalance::FirmDominant => self.firm_holds,
            PowerBalance::CustomerDominant => self.customer_holds,
        }
    }
}
