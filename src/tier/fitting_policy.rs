//! The rules by which a close relationship is found fitting.

use super::investment_error::{certainty, checked, share};
use super::{
    Attribute, AttributeValue, Attributes, FittingCeiling, Interdependence, InvestmentError, Power,
    Stake,
};
use crate::quantity::{Estimate, Fingerprint, PolicyId};

/// When a partnership or an alliance is fitting (适宜层级规则).
///
/// | rule | default | standing |
/// |---|---|---|
/// | least mutual importance | 0.30 | our choice |
/// | least mutual need | 0.25 | our choice |
/// | most control, \|K\| | 0.40 | our choice |
/// | least switching cost of both | 0.50 | our choice |
/// | least alignment for an alliance | 0.80 | our choice |
/// | certainty of each | 0.5 | our choice |
/// | share of contribution that makes half the importance | 0.05 | our choice |
///
/// That power lies with whoever depends less, and that closeness asks for need on both sides, is
/// established (Emerson 1962; Dwyer, Schurr & Oh 1987); no number here is. There were no public data
/// on ladders of relationships at hand; only `examples/brokerage.rs` holds the rules against simulated
/// relationships.
///
/// # Examples
///
/// ```
/// use guanxi::tier::FittingPolicy;
///
/// let ours = FittingPolicy::default().with_most_control(0.3)?;
/// assert_eq!(ours.most_control(), 0.3);
/// assert_ne!(ours.id(), FittingPolicy::default().id());
/// # Ok::<(), guanxi::tier::InvestmentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "PolicyRow", into = "PolicyRow"))]
pub struct FittingPolicy {
    least_importance: f64,
    least_need: f64,
    most_control: f64,
    least_switching_cost: f64,
    least_alignment: f64,
    certainty: f64,
    half_share: f64,
}

impl Default for FittingPolicy {
    fn default() -> Self {
        Self {
            least_importance: 0.30,
            least_need: 0.25,
            most_control: 0.40,
            least_switching_cost: 0.50,
            least_alignment: 0.80,
            certainty: 0.5,
            half_share: 0.05,
        }
    }
}

/// `x/(x + half)`, with its uncertainty to first order.
fn saturating(x: Estimate, half: f64) -> Result<Estimate, InvestmentError> {
    let whole = x.mean() + half;
    let slope = half / whole / whole;
    Ok(Estimate::new(x.mean() / whole, slope * x.sd(), x.n_eff())?)
}

impl FittingPolicy {
    /// The same rules with another least mutual importance, `min(I_f, I_c)`.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] unless it lies between 0 and 1.
    pub fn with_least_importance(mut self, least: f64) -> Result<Self, InvestmentError> {
        self.least_importance = share("least mutual importance", least)?;
        Ok(self)
    }

    /// The same rules with another least mutual need, `min(Dep_f, Dep_c)`.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] unless it lies between 0 and 1.
    pub fn with_least_need(mut self, least: f64) -> Result<Self, InvestmentError> {
        self.least_need = share("least mutual need", least)?;
        Ok(self)
    }

    /// The same rules with another most control, `|K|`.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] unless it lies between 0 and 1.
    pub fn with_most_control(mut self, most: f64) -> Result<Self, InvestmentError> {
        self.most_control = share("most control", most)?;
        Ok(self)
    }

    /// The same rules with another least switching cost of both sides, `min(S_f, S_c)`.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] unless it lies between 0 and 1.
    pub fn with_least_switching_cost(mut self, least: f64) -> Result<Self, InvestmentError> {
        self.least_switching_cost = share("least switching cost", least)?;
        Ok(self)
    }

    /// The same rules with another least alignment of goals for an alliance.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] unless it lies between 0 and 1.
    pub fn with_least_alignment(mut self, least: f64) -> Result<Self, InvestmentError> {
        self.least_alignment = share("least alignment", least)?;
        Ok(self)
    }

    /// The same rules with another probability that each must be met with.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] unless it is above 0 and at most 1.
    pub fn with_certainty(mut self, probability: f64) -> Result<Self, InvestmentError> {
        self.certainty = certainty("certainty of a fitting gate", probability)?;
        Ok(self)
    }

    /// The same rules with another share of our contribution that makes half the importance, *s₅₀*.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] unless it lies between 1e-9 and 1.
    pub fn with_half_share(mut self, share: f64) -> Result<Self, InvestmentError> {
        let range = 1e-9..=1.0;
        self.half_share = checked(
            "share of half importance",
            "between 1e-9 and 1",
            range,
            share,
        )?;
        Ok(self)
    }

    /// The least mutual importance.
    #[must_use]
    pub fn least_importance(&self) -> f64 {
        self.least_importance
    }

    /// The least mutual need.
    #[must_use]
    pub fn least_need(&self) -> f64 {
        self.least_need
    }

    /// The most control of one side over the other.
    #[must_use]
    pub fn most_control(&self) -> f64 {
        self.most_control
    }

    /// The least switching cost of both sides.
    #[must_use]
    pub fn least_switching_cost(&self) -> f64 {
        self.least_switching_cost
    }

    /// The least alignment of goals for an alliance.
    #[must_use]
    pub fn least_alignment(&self) -> f64 {
        self.least_alignment
    }

    /// The probability that each rule must be met with.
    #[must_use]
    pub fn certainty(&self) -> f64 {
        self.certainty
    }

    /// The share of our contribution that makes half the importance.
    #[must_use]
    #[doc(alias = "s50")]
    pub fn half_share(&self) -> f64 {
        self.half_share
    }

    /// How much a customer with this share of our contribution matters to us, `I_f = share/(share +
    /// s₅₀)`; the uncertainty to first order (delta method).
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] unless mean and sd lie between 0 and 1.
    pub fn importance_of_share(&self, share: Estimate) -> Result<Estimate, InvestmentError> {
        saturating(
            super::stake::unit("share of contribution", share)?,
            self.half_share,
        )
    }

    /// Switching cost from the cost to leave over the annual value of the relationship, `s/(s + 1)`;
    /// the uncertainty to first order (delta method). The cost has procedural, financial and
    /// relational parts: Burnham, Frels & Mahajan (2003),
    /// <https://doi.org/10.1177/0092070302250897>.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] unless mean and sd of the ratio lie between 0 and 1e9.
    pub fn switching_cost_of(&self, ratio: Estimate) -> Result<Estimate, InvestmentError> {
        for number in [ratio.mean(), ratio.sd()] {
            let quantity = "cost to leave over annual value";
            let expected = "an estimate with mean and sd between 0 and 1e9";
            checked(quantity, expected, 0.0..=1e9, number)?;
        }
        let cost = saturating(ratio, 1.0)?;
        Ok(cost)
    }

    /// What both sides have at stake, as far as it was observed: importance, alternatives and
    /// switching cost of either side, and how far goals agree. What was not observed is left out.
    ///
    /// Where the customer's share of the firm's contribution is known, the
    /// [importance](Self::importance_of_share) to the firm is that of the share; else it is what the
    /// firm answered.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] unless mean and sd of the share lie between 0 and 1.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::quantity::Estimate;
    /// use guanxi::tier::{Attribute, AttributeValue, Attributes, FittingPolicy, Party};
    ///
    /// let observed = AttributeValue::Observed { value: 0.6, n_eff: 2.0 };
    /// let known = Attributes::default().with(Attribute::SwitchingCostOfFirm, observed)?;
    /// let share = Estimate::new(0.08, 0.0, 24.0)?;
    /// let both = FittingPolicy::default().interdependence(&known, Some(share))?;
    /// let firm = both.stake(Party::Firm);
    /// assert!(firm.importance().is_some_and(|i| (i.mean() - 0.615_384_615).abs() < 1e-9));
    /// assert!(firm.switching_cost().is_some_and(|s| s.mean() == 0.6));
    /// assert_eq!(both.unknown().len(), 5); // not 0
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn interdependence(
        &self,
        observed: &Attributes,
        share: Option<Estimate>,
    ) -> Result<Interdependence, InvestmentError> {
        let known = |attribute| observed.get(attribute).map(AttributeValue::estimate);
        let stake = |importance: Option<Estimate>, alternatives, cost| {
            let mut stake = Stake::new();
            if let Some(importance) = importance {
                stake = stake.with_importance(importance)?;
            }
            if let Some(alternatives) = known(alternatives).transpose()? {
                stake = stake.with_alternatives(alternatives)?;
            }
            match known(cost).transpose()? {
                Some(cost) => stake.with_switching_cost(cost),
                None => Ok(stake),
            }
        };
        let of_share = share.map(|share| self.importance_of_share(share));
        let of_firm = match of_share.transpose()? {
            Some(importance) => Some(importance),
            None => known(Attribute::ImportanceToFirm).transpose()?,
        };
        let both = Interdependence::new(
            stake(
                of_firm,
                Attribute::AlternativesOfFirm,
                Attribute::SwitchingCostOfFirm,
            )?,
            stake(
                known(Attribute::ImportanceToCustomer).transpose()?,
                Attribute::AlternativesOfCustomer,
                Attribute::SwitchingCostOfCustomer,
            )?,
        );
        match known(Attribute::Alignment).transpose()? {
            Some(alignment) => both.with_alignment(alignment),
            None => Ok(both),
        }
    }

    /// How far each side depends on the other; none unless importance and alternatives of both are
    /// known.
    ///
    /// # Errors
    ///
    /// None for what was checked when it came in.
    pub fn power(&self, both: &Interdependence) -> Result<Option<Power>, InvestmentError> {
        Power::of(both, self.most_control)
    }

    /// The highest rung that fits, with every gate.
    ///
    /// # Errors
    ///
    /// None for what was checked when it came in.
    pub fn ceiling(&self, both: &Interdependence) -> Result<FittingCeiling, InvestmentError> {
        FittingCeiling::of(both, self)
    }

    /// The name these rules have by their content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        Fingerprint::of("fitting")
            .number(self.least_importance)
            .number(self.least_need)
            .number(self.most_control)
            .number(self.least_switching_cost)
            .number(self.least_alignment)
            .number(self.certainty)
            .number(self.half_share)
            .id()
    }
}

/// How the rules are written down; what is left out is the default, and what is stated is checked.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename = "FittingPolicy")]
struct PolicyRow {
    least_importance: f64,
    least_need: f64,
    most_control: f64,
    least_switching_cost: f64,
    least_alignment: f64,
    certainty: f64,
    half_share: f64,
}

#[cfg(feature = "serde")]
impl Default for PolicyRow {
    fn default() -> Self {
        Self::from(FittingPolicy::default())
    }
}

#[cfg(feature = "serde")]
impl From<FittingPolicy> for PolicyRow {
    fn from(policy: FittingPolicy) -> Self {
        Self {
            least_importance: policy.least_importance,
            least_need: policy.least_need,
            most_control: policy.most_control,
            least_switching_cost: policy.least_switching_cost,
            least_alignment: policy.least_alignment,
            certainty: policy.certainty,
            half_share: policy.half_share,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<PolicyRow> for FittingPolicy {
    type Error = InvestmentError;

    fn try_from(row: PolicyRow) -> Result<Self, InvestmentError> {
        Self::default()
            .with_least_importance(row.least_importance)?
            .with_least_need(row.least_need)?
            .with_most_control(row.most_control)?
            .with_least_switching_cost(row.least_switching_cost)?
            .with_least_alignment(row.least_alignment)?
            .with_certainty(row.certainty)?
            .with_half_share(row.half_share)
    }
}
