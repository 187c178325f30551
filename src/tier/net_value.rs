//! What a relationship leaves at each rung: the value it creates less what it costs to keep.

use super::investment_error::checked;
use super::{ByTier, InvestmentError, PeerNetValues, Tier, chance};
use crate::quantity::{Currency, Estimate, Probability};

/// The largest amount, that of [`Money`](crate::quantity::Money).
const MOST: f64 = 1e18;

/// An estimate of an amount.
pub(super) fn amount(given: Estimate) -> Result<Estimate, InvestmentError> {
    let expected = "an estimate with mean and sd at most 1e18 in size";
    for number in [given.mean(), given.sd()] {
        checked("net value a year", expected, -MOST..=MOST, number)?;
    }
    Ok(given)
}

/// Where a net value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum NetValueBasis {
    /// Observed of this customer.
    Observed,
    /// Stated of this customer by the caller.
    Stated,
    /// The mean of peers of the rung and the value tier, shrunk to that of the rung.
    Peers,
    /// The mean of the rung: it has no peers of the value tier.
    OtherPeers,
}

/// The net value of one relationship at one rung (净价值), by the year: `N = V − C`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "NetValueRow", into = "NetValueRow")
)]
pub struct NetValue {
    estimate: Estimate,
    basis: NetValueBasis,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "NetValue")]
struct NetValueRow {
    estimate: Estimate,
    basis: NetValueBasis,
}

#[cfg(feature = "serde")]
impl From<NetValue> for NetValueRow {
    fn from(net: NetValue) -> Self {
        Self {
            estimate: net.estimate,
            basis: net.basis,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<NetValueRow> for NetValue {
    type Error = InvestmentError;

    fn try_from(row: NetValueRow) -> Result<Self, InvestmentError> {
        Ok(Self {
            estimate: amount(row.estimate)?,
            basis: row.basis,
        })
    }
}

impl NetValue {
    /// A net value that was observed of the customer, by the year and in major units.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] beyond 1e18.
    pub fn of_customer(net: Estimate) -> Result<Self, InvestmentError> {
        Self::with_basis(net, NetValueBasis::Observed)
    }

    /// The same from value created, *V*, and the cost to keep the relationship, *C*, whose errors are
    /// independent.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] beyond 1e18.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::quantity::Estimate;
    /// use guanxi::tier::NetValue;
    ///
    /// let (value, cost) = (Estimate::new(30.0, 8.0, 3.0)?, Estimate::new(28.0, 3.0, 3.0)?);
    /// let net = NetValue::from_value_and_cost(value, cost)?;
    /// assert_eq!(net.estimate().mean(), 2.0);
    /// assert!((net.probability_of_loss()?.value() - 0.407460546).abs() < 1e-9);
    /// # Ok::<(), guanxi::tier::InvestmentError>(())
    /// ```
    pub fn from_value_and_cost(value: Estimate, cost: Estimate) -> Result<Self, InvestmentError> {
        Self::of_customer(chance::difference(amount(value)?, amount(cost)?)?)
    }

    pub(super) fn with_basis(net: Estimate, basis: NetValueBasis) -> Result<Self, InvestmentError> {
        Ok(Self {
            estimate: amount(net)?,
            basis,
        })
    }

    /// The net value, by the year and in major units.
    #[must_use]
    #[doc(alias = "N")]
    pub fn estimate(&self) -> Estimate {
        self.estimate
    }

    /// Where it comes from.
    #[must_use]
    pub fn basis(&self) -> NetValueBasis {
        self.basis
    }

    /// P(V < C): that more goes in than comes out.
    ///
    /// # Errors
    ///
    /// None for what was checked when it came in.
    pub fn probability_of_loss(&self) -> Result<Probability, InvestmentError> {
        let gain = chance::at_least(self.estimate, 0.0);
        // From its own tail, which keeps its digits.
        let loss = if self.estimate.sd() > 0.0 {
            let mirrored = Estimate::new(
                -self.estimate.mean(),
                self.estimate.sd(),
                self.estimate.n_eff(),
            )?;
            chance::at_least(mirrored, 0.0)
        } else {
            1.0 - gain
        };
        Ok(Probability::new(loss)?)
    }

    /// The probability that it is above another; their errors are independent.
    ///
    /// # Errors
    ///
    /// None for what was checked when it came in.
    pub fn probability_above(&self, other: &Self) -> Result<Probability, InvestmentError> {
        let more = chance::difference(self.estimate, other.estimate)?;
        Ok(Probability::new(chance::above(more, 0.0))?)
    }
}

/// The net value of one relationship at every rung it might be kept at, by the year and in one
/// currency. A rung of which nothing is known has none.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct NetValues {
    /// Currency of every amount.
    pub currency: Currency,
    /// The net value at each rung; none where nothing is known.
    pub by_tier: ByTier<Option<NetValue>>,
}

impl NetValues {
    /// Net values that the caller knows or assumes of the customer.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] beyond 1e18.
    pub fn stated(
        currency: Currency,
        by_tier: ByTier<Option<Estimate>>,
    ) -> Result<Self, InvestmentError> {
        let by_tier = ByTier::try_from_fn(|tier| {
            let stated = by_tier.get(tier).copied().flatten();
            let known = stated.map(|net| NetValue::with_basis(net, NetValueBasis::Stated));
            known.transpose()
        })?;
        Ok(Self { currency, by_tier })
    }

    /// What was observed of the customer at the current rung, and what peers leave at the others: as
    /// one customer of them would, with the spread from customer to customer. Where nothing was
    /// observed, or the estimate rests on no evidence, peers stand for the current rung too.
    ///
    /// # Errors
    ///
    /// - [`InvestmentError::Domain`] for an amount beyond 1e18.
    /// - [`InvestmentError::NoRung`] for a net value observed at [`Tier::NoTransaction`].
    pub fn of_customer(
        current: Tier,
        observed: Option<Estimate>,
        value_tier: u8,
        peers: &PeerNetValues,
    ) -> Result<Self, InvestmentError> {
        let observed = observed.filter(|observed| !observed.is_prior_only());
        if observed.is_some() && current == Tier::NoTransaction {
            return Err(InvestmentError::NoRung {
                what: "an observed net value",
                found: current,
            });
        }
        let by_tier = ByTier::try_from_fn(|tier| match observed {
            Some(net) if tier == current => NetValue::of_customer(net).map(Some),
            _ => peers.one_customer(tier, value_tier),
        })?;
        Ok(Self {
            currency: peers.currency(),
            by_tier,
        })
    }

    /// The net value at one rung; none where nothing is known.
    #[must_use]
    pub fn at(&self, tier: Tier) -> Option<&NetValue> {
        self.by_tier.get(tier).and_then(Option::as_ref)
    }

    /// The rungs of which nothing is known.
    #[must_use]
    pub fn unknown(&self) -> Vec<Tier> {
        let mut rungs = self.by_tier.iter().filter(|(_, net)| net.is_none());
        rungs.by_ref().map(|(tier, _)| tier).collect()
    }
}
