//! Volume and loyalty from models, and the frozen cuts that tell high from low.

use std::borrow::Borrow;

use super::error::checked;
use super::outcome::{if_modelled, unreadable};
use super::{RelationCuts, RelationInputs, RelationMembership, SegmentError, Segmented};
use crate::history::Construct;
use crate::model::{PurchaseModel, PurchasePosterior, SpendModel, SpendPosterior};
use crate::quantity::{Estimate, Fingerprint, PolicyId, Span, TimeUnit};
use crate::scorer::{ScoreError, Scorer};
use crate::summary::CustomerSummary;

/// How volume and loyalty are judged (关系类型规则).
///
/// | rule | default | why |
/// |---|---|---|
/// | horizon | 1 year | our choice |
/// | least share of wallet that a volume is divided by | 0.05 | our choice: a share of 1 % would make a giant of anybody |
/// | observations that the model's population counts for | 2 | our choice: with none of their own, a chance of one half is as unsure as any number from 0 to 1 |
///
/// Validated against nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "PolicyRow", into = "PolicyRow"))]
pub struct RelationPolicy {
    horizon: Span,
    least_share: f64,
    prior_observations: f64,
}

impl Default for RelationPolicy {
    fn default() -> Self {
        Self {
            horizon: Span::years(1.0).unwrap_or(Span::zero(TimeUnit::Year)),
            least_share: 0.05,
            prior_observations: 2.0,
        }
    }
}

impl RelationPolicy {
    /// The same rules over another horizon.
    #[must_use]
    pub fn with_horizon(self, horizon: Span) -> Self {
        Self { horizon, ..self }
    }

    /// The same rules with another least share of wallet.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless it lies between 1e-6 and 1.
    pub fn with_least_share(self, share: f64) -> Result<Self, SegmentError> {
        let (what, range) = ("least share of wallet", "between 1e-6 and 1");
        Ok(Self {
            least_share: checked(what, range, 1e-6..=1.0, share)?,
            ..self
        })
    }

    /// The same rules with another number of observations that the model's population counts for.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless it lies between 1e-6 and 1e6.
    pub fn with_prior_observations(self, observations: f64) -> Result<Self, SegmentError> {
        let (what, range) = ("prior observations", "between 1e-6 and 1e6");
        Ok(Self {
            prior_observations: checked(what, range, 1e-6..=1e6, observations)?,
            ..self
        })
    }

    /// Over which time demand is expected.
    #[must_use]
    pub fn horizon(&self) -> Span {
        self.horizon
    }

    /// The least share of wallet that a volume is divided by.
    #[must_use]
    pub fn least_share(&self) -> f64 {
        self.least_share
    }

    /// How many observations the model's population counts for.
    #[must_use]
    pub fn prior_observations(&self) -> f64 {
        self.prior_observations
    }

    /// The name these rules have by their content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        let horizon = self.horizon.in_unit(TimeUnit::Second);
        let print = Fingerprint::of("relation").number(horizon);
        print
            .number(self.least_share)
            .number(self.prior_observations)
            .id()
    }
}

/// What is not stated is as in the default policy.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename = "RelationPolicy")]
struct PolicyRow {
    horizon: Span,
    least_share: f64,
    prior_observations: f64,
}

#[cfg(feature = "serde")]
impl Default for PolicyRow {
    fn default() -> Self {
        RelationPolicy::default().into()
    }
}

#[cfg(feature = "serde")]
impl From<RelationPolicy> for PolicyRow {
    fn from(policy: RelationPolicy) -> Self {
        Self {
            horizon: policy.horizon,
            least_share: policy.least_share,
            prior_observations: policy.prior_observations,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<PolicyRow> for RelationPolicy {
    type Error = SegmentError;

    fn try_from(row: PolicyRow) -> Result<Self, SegmentError> {
        let policy = Self::default().with_horizon(row.horizon);
        let policy = policy.with_least_share(row.least_share)?;
        policy.with_prior_observations(row.prior_observations)
    }
}

/// Judges how much demand a customer has and how loyal it may be, by a purchase and a spend model.
///
/// - Volume: purchases expected over the horizon times the expected spend, in major units of the
///   spend model's currency; divided by the share of wallet that the customer stated last, so that
///   what others serve counts. Without a stated share only what is served here counts. The share is
///   read as the place of the answer on its scale, so the scale must be one of shares, such as 0 to
///   100: a 4 of 1 to 5 would be read as three quarters.
/// - Loyalty: the probability of a purchase within the horizon, times the stated share of wallet if
///   there is one.
///
/// The errors are of first order and our choice: the count is as unsure as a rate that was seen in
/// `n` gaps and the policy's prior observations `c`, `sd = q/√(n + c)`; the loyalty as a share seen
/// in as many, `√(p(1 − p)/(n + c + 1))`. The error of the mean spend, which is small beside that of
/// the count, is left out.
///
/// Where demand is stated, judge it by a scorer of your own with the same score.
#[derive(Debug, Clone, PartialEq)]
pub struct RelationMeasure<P, S> {
    purchases: P,
    spend: S,
    policy: RelationPolicy,
}

impl<P: PurchaseModel, S: SpendModel> RelationMeasure<P, S> {
    /// A measure by two models.
    pub fn new(purchases: P, spend: S, policy: RelationPolicy) -> Self {
        Self {
            purchases,
            spend,
            policy,
        }
    }

    /// The rules.
    pub fn policy(&self) -> &RelationPolicy {
        &self.policy
    }

    fn inputs(&self, customer: &CustomerSummary) -> Result<RelationInputs, ScoreError> {
        customer
            .economic()
            .map_err(|why| unreadable(customer, why))?;
        let Some(rfm) = customer.rfm() else {
            return Err(ScoreError::NoPurchase {
                customer: customer.customer().clone(),
            });
        };
        let said = customer
            .exchange()
            .map_err(|why| unreadable(customer, why))?;
        let share = said.and_then(|said| {
            let items = said.of(Construct::ShareOfWallet, None);
            let last = items.max_by_key(|item| (item.latest().at(), item.latest().id()))?;
            Some(last.latest().share())
        });
        let posterior = self.purchases.posterior(rfm)?;
        let spend = self.spend.posterior(rfm.spend())?;
        let RelationPolicy {
            horizon,
            least_share,
            prior_observations,
        } = self.policy;
        let served = posterior.expected_purchases(horizon) * spend.expected_spend();
        let volume = served / share.map_or(1.0, |share| share.max(least_share));
        let active = posterior.probability_active(horizon);
        let (n, known) = (posterior.n_eff(), share.unwrap_or(1.0));
        let strength = n + prior_observations;
        let spread = (active * (1.0 - active) / (strength + 1.0)).max(0.0).sqrt();
        Ok(RelationInputs {
            volume: Estimate::new(volume, volume / strength.sqrt(), n)?,
            loyalty: Estimate::new(active * known, spread * known, n)?,
        })
    }
}

impl<P: PurchaseModel, S: SpendModel> Scorer for RelationMeasure<P, S> {
    type Score = Segmented<RelationInputs>;

    /// # Errors
    ///
    /// [`ScoreError::NoPurchase`] of a customer who has not bought; [`ScoreError::Unreadable`] if
    /// purchases or answers may not be read; [`ScoreError::Undefined`] and [`ScoreError::Quantity`]
    /// as the models.
    fn score(&self, customer: &CustomerSummary) -> Result<Self::Score, ScoreError> {
        if_modelled(customer, || self.inputs(customer))
    }
}

/// Tells relational, selective and transactional customers apart, by cuts that were frozen
/// (关系类型).
///
/// # Examples
///
/// ```
/// use guanxi::history::CustomerId;
/// use guanxi::model::{GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters};
/// use guanxi::quantity::{Currency, TimeUnit};
/// use guanxi::scorer::Scorer;
/// use guanxi::segment::{RelationClass, RelationMeasure, RelationPolicy, RelationScorer};
/// use guanxi::summary::{CustomerSummary, RfmSummary};
///
/// let purchases = MbgNbd::new(MbgNbdParameters {
///     unit: TimeUnit::Week, r: 0.525, alpha: 6.183, a: 0.891, b: 1.614,
/// })?;
/// let spend = GammaGamma::new(GammaGammaParameters {
///     currency: Currency::EUR, p: 6.25, q: 3.74, gamma: 15.44,
/// })?;
/// let customer = |name, x, t_x| {
///     let rfm = RfmSummary::new(TimeUnit::Week, x, t_x, 52.0)?;
///     Ok::<_, guanxi::Error>(CustomerSummary::from_rfm(CustomerId::new(name)?, rfm))
/// };
/// let base = [customer("once", 0, 0.0)?, customer("twice", 1, 20.0)?, customer("often", 20, 51.0)?];
/// let measure = RelationMeasure::new(purchases, spend, RelationPolicy::default());
/// let scorer = RelationScorer::of(measure, &base)?;
/// let often = scorer.score(&base[2])?.modelled().ok_or("permitted")?;
/// assert_eq!(often.class(), RelationClass::Relational);
/// assert!(often.relational() > 0.7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RelationScorer<M> {
    measure: M,
    cuts: RelationCuts,
}

/// The median: the mean of the middle two if they are even in number.
pub(super) fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_unstable_by(f64::total_cmp);
    let upper = *numbers.get(numbers.len() / 2)?;
    if numbers.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *numbers.get(numbers.len() / 2 - 1)?;
    Some(lower + (upper - lower) / 2.0)
}

impl<M: Scorer<Score = Segmented<RelationInputs>>> RelationScorer<M> {
    /// A scorer with stated cuts.
    pub fn new(measure: M, cuts: RelationCuts) -> Self {
        Self { measure, cuts }
    }

    /// A scorer whose cuts are the medians of a population (our choice), which is not kept.
    /// Customers who have not bought are no part of it, nor those who do not permit it.
    ///
    /// # Errors
    ///
    /// [`SegmentError::NotIdentified`] if nobody is left; [`SegmentError::Score`] if somebody cannot
    /// be measured for another reason.
    pub fn of<C: Borrow<CustomerSummary>>(
        measure: M,
        customers: impl IntoIterator<Item = C>,
    ) -> Result<Self, SegmentError> {
        let (mut volumes, mut loyalties) = (Vec::new(), Vec::new());
        for customer in customers {
            match measure.score(customer.borrow()) {
                Ok(Segmented::Modelled(inputs)) => {
                    volumes.push(inputs.volume.mean());
                    loyalties.push(inputs.loyalty.mean());
                }
                Ok(Segmented::NotModelled(_)) | Err(ScoreError::NoPurchase { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        match (median(volumes), median(loyalties)) {
            (Some(volume), Some(loyalty)) => {
                Ok(Self::new(measure, RelationCuts::new(volume, loyalty)?))
            }
            _ => Err(SegmentError::NotIdentified {
                what: "cuts of volume and loyalty",
                needed: 1,
                of: "customer",
                found: 0,
            }),
        }
    }

    /// The cuts: what is to be kept for later.
    pub fn cuts(&self) -> &RelationCuts {
        &self.cuts
    }

    /// What it measures by.
    pub fn measure(&self) -> &M {
        &self.measure
    }
}

impl<M: Scorer<Score = Segmented<RelationInputs>>> Scorer for RelationScorer<M> {
    type Score = Segmented<RelationMembership>;

    /// # Errors
    ///
    /// Those of the measure.
    fn score(&self, customer: &CustomerSummary) -> Result<Self::Score, ScoreError> {
        Ok(match self.measure.score(customer)? {
            Segmented::Modelled(inputs) => {
                Segmented::Modelled(RelationMembership::of(&inputs, &self.cuts))
            }
            Segmented::NotModelled(withheld) => Segmented::NotModelled(withheld),
        })
    }
}
