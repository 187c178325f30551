//! What a rung is advised by, beyond the customer's own record: rules, the firm's contribution, net
//! values.

use std::collections::BTreeMap;

use super::{
    Attributes, ByTier, FittingCeiling, FittingPolicy, InvestmentAdvice, InvestmentError,
    InvestmentPolicy, NetValue, NetValues, PeerNetValues, Tier,
};
use crate::history::CustomerId;
use crate::quantity::{Estimate, Money, QuantityError};

/// What a rung is advised by (层级建议依据), beyond what the customer's summary tells.
///
/// | part | by default | with it |
/// |---|---|---|
/// | [`FittingPolicy`], [`InvestmentPolicy`] | their defaults | |
/// | the firm's [contribution](Self::with_contribution) a year | not known: importance to the firm is what the firm answered | it is that of the customer's share |
/// | [net values](Self::with_net_values) of a customer | not stated | they are the net values, whatever was observed |
/// | [peers](Self::with_peers) and the customers' value tiers | not known: the net value of other rungs is unknown | it is that of peers |
///
/// The net value of the current rung is what was [observed](Attributes::yearly), unless stated. What
/// is unknown stays so: no part has a number for a customer of whom nothing is known.
///
/// # Examples
///
/// ```
/// use guanxi::history::CustomerId;
/// use guanxi::quantity::{Currency, Estimate, TimeUnit};
/// use guanxi::scorer::Scorer;
/// use guanxi::summary::{CustomerSummary, RfmSummary};
/// use guanxi::tier::{
///     Appropriateness, ByTier, NetValues, Tier, TierAdvisor, TierPolicy, TierScorer,
/// };
///
/// let who = CustomerId::new("c-17")?;
/// let net = |mean| Estimate::new(mean, 2.0, 5.0).map(Some);
/// let by_tier = ByTier { transaction: net(8.0)?, preferred: net(20.0)?, partnership: net(25.0)?, alliance: None };
/// let stated = NetValues::stated(Currency::EUR, by_tier)?;
/// let scorer = TierScorer::new(TierPolicy::default())
///     .with_advisor(TierAdvisor::default().with_net_values([(who.clone(), stated)]));
///
/// let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.0, 39.0)?;
/// let outcome = scorer.score(&CustomerSummary::from_rfm(who, rfm))?;
/// let report = outcome.report().ok_or("modelled")?;
/// // Nothing shows that a partnership fits, so the best rung is the one below.
/// assert_eq!(report.fitting_ceiling(), Tier::Preferred);
/// assert_eq!(report.recommended(), Some(Tier::Preferred));
/// assert_eq!(report.appropriateness(), Some(Appropriateness::Fitting));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TierAdvisor {
    fitting: FittingPolicy,
    investment: InvestmentPolicy,
    contribution: Option<Money>,
    stated: BTreeMap<CustomerId, NetValues>,
    peers: Option<PeerNetValues>,
    value_tiers: BTreeMap<CustomerId, u8>,
}

impl TierAdvisor {
    /// Advice by these rules.
    #[must_use]
    pub fn new(fitting: FittingPolicy, investment: InvestmentPolicy) -> Self {
        Self {
            fitting,
            investment,
            ..Self::default()
        }
    }

    /// The same, knowing what all customers together contribute to the firm in a year, `V − C`: so
    /// the importance of a customer to the firm comes of its share.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] unless it is above 0.
    pub fn with_contribution(mut self, a_year: Money) -> Result<Self, InvestmentError> {
        if !a_year.is_positive() {
            return Err(InvestmentError::Domain {
                quantity: "contribution of all customers a year",
                expected: "above 0",
                found: a_year.to_f64(),
            });
        }
        self.contribution = Some(a_year);
        Ok(self)
    }

    /// The same with net values that are stated of customers; a later statement takes the place of an
    /// earlier one. They are taken as they are, with rungs left unknown too.
    #[must_use]
    pub fn with_net_values(
        mut self,
        stated: impl IntoIterator<Item = (CustomerId, NetValues)>,
    ) -> Self {
        self.stated.extend(stated);
        self
    }

    /// The same with what peers leave at each rung, and the value tier that each customer belongs to,
    /// by the numbering of the peers. Of a customer without one, peers tell nothing.
    #[must_use]
    pub fn with_peers(
        mut self,
        peers: PeerNetValues,
        value_tiers: impl IntoIterator<Item = (CustomerId, u8)>,
    ) -> Self {
        self.peers = Some(peers);
        self.value_tiers.extend(value_tiers);
        self
    }

    /// The rules by which a close relationship fits.
    #[must_use]
    pub fn fitting(&self) -> &FittingPolicy {
        &self.fitting
    }

    /// The rules by which an investment is called fitting.
    #[must_use]
    pub fn investment(&self) -> &InvestmentPolicy {
        &self.investment
    }

    /// What all customers together contribute in a year, if stated.
    #[must_use]
    pub fn contribution(&self) -> Option<Money> {
        self.contribution
    }

    /// The customer's share of the firm's contribution: what it leaves a year, or 0 if that is less,
    /// over what all customers leave. None unless both are known. It was observed: its sd is 0.
    ///
    /// # Errors
    ///
    /// - [`InvestmentError::Contribution`] if the customer alone contributes more than all together
    ///   are stated to.
    /// - [`InvestmentError::Quantity`] for amounts of two currencies.
    pub fn share(&self, observed: &Attributes) -> Result<Option<Estimate>, InvestmentError> {
        let (Some(all), Some(yearly)) = (self.contribution, observed.yearly()) else {
            return Ok(None);
        };
        in_one_currency(all, yearly.value)?;
        let own = yearly.net()?;
        if own.mean() > all.to_f64() {
            let own = yearly.value.checked_sub(yearly.cost)?;
            return Err(InvestmentError::Contribution { own, all });
        }
        let share = Estimate::new(own.mean().max(0.0) / all.to_f64(), 0.0, own.n_eff())?;
        super::stake::unit("share of the firm's contribution", share).map(Some)
    }

    /// How close a relationship fits, by what was observed of it.
    ///
    /// # Errors
    ///
    /// As [`share`](Self::share).
    pub fn ceiling(&self, observed: &Attributes) -> Result<FittingCeiling, InvestmentError> {
        let share = self.share(observed)?;
        let both = self.fitting.interdependence(observed, share)?;
        self.fitting.ceiling(&both)
    }

    /// The net value of a relationship at each rung: stated, or else observed at the current rung and
    /// by peers at the others. None where nothing is known.
    ///
    /// # Errors
    ///
    /// - [`InvestmentError::Quantity`] if peers, or net values that are stated of the customer, are in
    ///   another currency than the customer's money.
    /// - [`InvestmentError::Domain`] for an amount beyond 1e18.
    pub fn net_values(
        &self,
        customer: &CustomerId,
        current: Tier,
        observed: &Attributes,
    ) -> Result<Option<NetValues>, InvestmentError> {
        if let Some(stated) = self.stated.get(customer) {
            if let Some(yearly) = observed.yearly() {
                in_one_currency(Money::zero(stated.currency), yearly.value)?;
            }
            return Ok(Some(*stated));
        }
        let yearly = observed.yearly().filter(|_| current != Tier::NoTransaction);
        let net = match yearly {
            Some(yearly) => Some(yearly.net()?).filter(|net| !net.is_prior_only()),
            None => None,
        };
        if let (Some(peers), Some(&value_tier)) = (&self.peers, self.value_tiers.get(customer)) {
            if let Some(yearly) = yearly {
                in_one_currency(Money::zero(peers.currency()), yearly.value)?;
            }
            return NetValues::of_customer(current, net, value_tier, peers).map(Some);
        }
        let (Some(net), Some(yearly)) = (net, yearly) else {
            return Ok(None);
        };
        let mut by_tier = ByTier::default();
        if let Some(here) = by_tier.get_mut(current) {
            *here = Some(NetValue::of_customer(net)?);
        }
        Ok(Some(NetValues {
            currency: yearly.value.currency(),
            by_tier,
        }))
    }

    /// The advice on a relationship that stands on a rung: the ceiling is the highest rung shown to
    /// fit, or the rung it stands on as long as what is known does not rule that out. So what was
    /// never observed bars a step up, and is no reason for one down.
    ///
    /// # Errors
    ///
    /// As [`net_values`](Self::net_values).
    pub fn advise(
        &self,
        customer: &CustomerId,
        current: Tier,
        observed: &Attributes,
        fitting: &FittingCeiling,
    ) -> Result<InvestmentAdvice, InvestmentError> {
        let net_values = self.net_values(customer, current, observed)?;
        let ceiling = fitting.for_one_at(current);
        InvestmentAdvice::of(current, ceiling, net_values.as_ref(), self.investment)
    }
}

/// Refuses an amount of another currency.
fn in_one_currency(expected: Money, found: Money) -> Result<(), QuantityError> {
    let (expected, found) = (expected.currency(), found.currency());
    if expected == found {
        Ok(())
    } else {
        Err(QuantityError::CurrencyMismatch { expected, found })
    }
}
