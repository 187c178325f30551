//! Customer engagement value (客户契合价值): the money view of a relationship.
//!
//! Kumar, Aksoy, Donkers, Venkatesan, Wiesel & Tillmanns (2010), "Undervalued or Overvalued
//! Customers: Capturing Total Customer Engagement Value", *Journal of Service Research* 13(3),
//! 297–310, <https://doi.org/10.1177/1094670510375602>.

use chrono::{DateTime, Utc};

use super::referral::finite;
use super::{Attribution, EngagementTerms};
use crate::history::{CustomerId, InteractionId};
use crate::model::LifetimeValue;
use crate::quantity::{Currency, Money, Probability, QuantityError, Span, TimeUnit};
use crate::summary::{AcceptedIdea, Conversion, FeedbackEvidence, Influence, NetworkEvidence};

/// What a customer's engagement value is made from. What is `None` is not there, or may not be
/// read: without consent to sharing there is no network.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct EngagementInputs<'a> {
    /// What the customer's own purchases will be worth.
    pub lifetime: Option<&'a LifetimeValue>,
    /// Whom the customer brought and moved.
    pub network: Option<&'a NetworkEvidence>,
    /// What the customer told the firm.
    pub feedback: Option<&'a FeedbackEvidence>,
    /// Where the customer was brought by another: the probability that the customer would have
    /// come anyway. It matters only under [`Attribution::Shared`].
    pub brought: Option<Probability>,
}

/// A part of the engagement value that events tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum EngagementPart {
    /// Customer referral value, CRV (推荐价值).
    Referral,
    /// Customer influence value, CIV (影响价值).
    Influence,
    /// Customer knowledge value, CKV (知识价值).
    Knowledge,
}

/// What one event adds to the engagement value.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct EngagementItem {
    /// To which part.
    pub part: EngagementPart,
    /// The interaction.
    pub event: InteractionId,
    /// How much, in major units; below 0 for a referral that cost more than it brought.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "crate::quantity::stored::read_finite")
    )]
    pub amount: f64,
}

/// What a customer is worth beyond the customer's own purchases as well: CEV = CLV + CRV + CIV +
/// CKV, in major units of one currency.
///
/// | part | what | how |
/// |---|---|---|
/// | [lifetime](Self::lifetime) | CLV: own purchases to come | as given |
/// | [referral](Self::referral) | CRV: newcomers brought | `(1 − p)·(φA − a − M) + ACQ`, each |
/// | [influence](Self::influence) | CIV: margin from others moved | `margin·share·β^(depth − 1)`, each |
/// | [knowledge](Self::knowledge) | CKV: ideas taken up | `value·share·P(realised)`, each |
///
/// *A* is what a newcomer is worth as of today, *p* the chance that the newcomer had come anyway,
/// *a* the reward, *M* the marketing, *ACQ* what was saved on winning the newcomer; a cost or saving
/// that is not stated counts 0.
///
/// **Time.** What has happened counts at its face value, whenever that was: nothing is compounded.
/// What lies ahead is discounted to today; so is *A*, by whoever states it.
///
/// **Double counting.** A newcomer's margin is in the newcomer's own lifetime value as well. Under
/// [`Attribution::Person`] both count it, each judged as a person, and values must not be added; what
/// a firm's customers are worth together is the sum of their lifetime values less what its
/// programmes cost. Under [`Attribution::Shared`] the referrer counts `φ·(1 − p)·A` and the newcomer's
/// lifetime value is lowered by as much, so that sums are what they should be. Attributed influence
/// is margin of the past, which no lifetime value holds.
///
/// A part that nothing is known of is `None`, not 0. There is no standard deviation: how sure the
/// lifetime value is, [`LifetimeValue`] tells; about the rest nothing is known.
///
/// # Examples
///
/// ```
/// use chrono::DateTime;
/// use guanxi::history::{CustomerId, InfluenceAttributed, Interaction, InteractionId, ReferralConverted};
/// use guanxi::quantity::{Currency, DiscountRate, Fraction, Money, Probability};
/// use guanxi::relationship::{EngagementInputs, EngagementTerms, EngagementValue};
/// use guanxi::summary::{EvidencePolicy, NetworkEvidence};
///
/// let (at, eur) = (DateTime::UNIX_EPOCH, |text| Money::parse(text, Currency::EUR));
/// let event = |id: &str, kind: guanxi::history::Kind| {
///     Interaction::new(InteractionId::new(id)?, CustomerId::new("c-1")?, at, kind)
/// };
/// let brought = ReferralConverted::new(CustomerId::new("c-2")?)
///     .with_probability_anyway(Probability::new(0.25)?)
///     .with_reward_cost(eur("20")?)?;
/// let moved = InfluenceAttributed::new(eur("100")?, Fraction::new(0.35)?, 2)?;
/// let log = [event("r-1", brought.into())?, event("i-1", moved.into())?];
/// let network = NetworkEvidence::from_interactions(&log, at, &EvidencePolicy::default());
///
/// let terms = EngagementTerms::new(Currency::EUR, DiscountRate::annual(0.1)?);
/// let evidence = EngagementInputs { network: Some(&network), ..EngagementInputs::default() };
/// let worth = |_: &CustomerId| Some(120.0);
/// let value = EngagementValue::of(&evidence, at, &terms, worth)?;
/// assert_eq!(value.referral(), Some(75.0)); // 0.75·(120 − 20)
/// assert_eq!(value.influence(), Some(17.5)); // 100·0.35·0.5
/// assert_eq!((value.lifetime(), value.total()), (None, Some(92.5)));
/// # Ok::<(), guanxi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "ValueRow", into = "ValueRow"))]
pub struct EngagementValue {
    currency: Currency,
    attribution: Attribution,
    lifetime: Option<f64>,
    items: Vec<EngagementItem>,
    unvalued_newcomers: usize,
    assumed: usize,
}

/// Values events as of an instant.
struct Valuation<'a> {
    terms: &'a EngagementTerms,
    as_of: DateTime<Utc>,
    assumed: usize,
}

impl Valuation<'_> {
    fn amount(&self, money: Money) -> Result<f64, QuantityError> {
        let (expected, found) = (self.terms.currency(), money.currency());
        if expected == found {
            Ok(money.to_f64())
        } else {
            Err(QuantityError::CurrencyMismatch { expected, found })
        }
    }

    fn amount_or_none(&self, money: Option<Money>) -> Result<f64, QuantityError> {
        money.map_or(Ok(0.0), |money| self.amount(money))
    }

    /// 1 for what has happened; what lies ahead is discounted.
    fn factor(&self, at: DateTime<Utc>) -> f64 {
        let unit = TimeUnit::Year;
        let ahead = Span::between(self.as_of, at, unit).map_or(0.0, Span::length);
        (-self.terms.discount().per(unit) * ahead).exp()
    }

    /// What is stated, or else assumed, of which account is kept.
    fn stated_or<T: Into<f64>>(stated: Option<T>, assumed: f64, count: &mut bool) -> f64 {
        stated.map_or_else(
            || {
                *count = true;
                assumed
            },
            Into::into,
        )
    }

    fn referral(&mut self, item: &Conversion, worth: f64) -> Result<f64, QuantityError> {
        let worth = finite("worth of a newcomer", worth)?;
        let mut assumed = false;
        let default = self.terms.probability_anyway();
        let anyway = Self::stated_or(item.probability_anyway, default, &mut assumed);
        self.assumed += usize::from(assumed);
        let (share, _) = self.terms.shares();
        let costs =
            self.amount_or_none(item.reward_cost)? + self.amount_or_none(item.marketing_cost)?;
        let saving = self.amount_or_none(item.acquisition_saving)?;
        Ok(saving + (1.0 - anyway) * (share * worth - costs))
    }

    fn influence(&self, item: &Influence) -> Result<f64, QuantityError> {
        let steps = f64::from(item.depth.saturating_sub(1));
        let kept = self.terms.influence_decay().powf(steps);
        Ok(self.amount(item.margin)? * item.share.value() * kept)
    }

    fn knowledge(&mut self, idea: &AcceptedIdea) -> Result<f64, QuantityError> {
        let mut assumed = false;
        let share = Self::stated_or(idea.share, self.terms.idea_share(), &mut assumed);
        let default = self.terms.idea_realised();
        let realised = Self::stated_or(idea.probability_realised, default, &mut assumed);
        self.assumed += usize::from(assumed);
        Ok(self.amount(idea.value)? * share * realised)
    }
}

impl EngagementValue {
    /// What a customer is worth as of an instant. `newcomer` tells what a customer who was brought
    /// is worth as of that instant, in major units of the terms' currency: the newcomer's lifetime
    /// value, say. Of whom it tells nothing, nothing is counted but
    /// [how many](Self::unvalued_newcomers) they were.
    ///
    /// # Errors
    ///
    /// - [`QuantityError::CurrencyMismatch`] for an amount in another currency than the terms'.
    /// - [`QuantityError::Domain`] if `newcomer` tells no finite number, or a sum is none.
    pub fn of(
        evidence: &EngagementInputs<'_>,
        as_of: DateTime<Utc>,
        terms: &EngagementTerms,
        mut newcomer: impl FnMut(&CustomerId) -> Option<f64>,
    ) -> Result<Self, QuantityError> {
        let mut valuation = Valuation {
            terms,
            as_of,
            assumed: 0,
        };
        let mut items = Vec::new();
        let mut add = |part, event: &InteractionId, amount| {
            items.push(EngagementItem {
                part,
                event: event.clone(),
                amount,
            });
        };
        let mut unvalued = 0;
        if let Some(network) = evidence.network {
            for item in network.conversions() {
                let Some(worth) = newcomer(&item.newcomer) else {
                    unvalued += 1;
                    continue;
                };
                let amount = valuation.referral(item, worth)? * valuation.factor(item.at);
                add(EngagementPart::Referral, &item.event, amount);
            }
            for item in network.influence() {
                let amount = valuation.influence(item)? * valuation.factor(item.at);
                add(EngagementPart::Influence, &item.event, amount);
            }
        }
        for idea in evidence.feedback.map_or(&[][..], FeedbackEvidence::ideas) {
            let amount = valuation.knowledge(idea)? * valuation.factor(idea.at);
            add(EngagementPart::Knowledge, &idea.event, amount);
        }
        Self {
            currency: terms.currency(),
            attribution: terms.attribution(),
            lifetime: own(evidence, terms)?,
            items,
            unvalued_newcomers: unvalued,
            assumed: valuation.assumed,
        }
        .summed()
    }

    /// Itself, if its sums are numbers.
    fn summed(self) -> Result<Self, QuantityError> {
        finite("engagement value", self.total().unwrap_or(0.0))?;
        Ok(self)
    }

    fn part(&self, part: EngagementPart) -> Option<f64> {
        let amounts = self.items.iter().filter(|item| item.part == part);
        amounts
            .map(|item| item.amount)
            .fold(None, |sum, amount| Some(sum.unwrap_or(0.0) + amount))
    }

    /// Currency of every amount.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Whose newcomers' margins are: whether values of several customers may be added.
    #[must_use]
    pub fn attribution(&self) -> Attribution {
        self.attribution
    }

    /// CLV: what the customer's own purchases will be worth, less what is attributed to whoever
    /// brought the customer.
    #[must_use]
    #[doc(alias = "CLV")]
    pub fn lifetime(&self) -> Option<f64> {
        self.lifetime
    }

    /// CRV: what the newcomers are worth that the customer brought; `None` without one whose worth
    /// is known.
    #[must_use]
    #[doc(alias = "CRV")]
    pub fn referral(&self) -> Option<f64> {
        self.part(EngagementPart::Referral)
    }

    /// CIV: margin from others that is due to the customer's influence; `None` if none was
    /// attributed.
    #[must_use]
    #[doc(alias = "CIV")]
    pub fn influence(&self) -> Option<f64> {
        self.part(EngagementPart::Influence)
    }

    /// CKV: what the customer's ideas are worth that the firm took up; `None` without one.
    #[must_use]
    #[doc(alias = "CKV")]
    pub fn knowledge(&self) -> Option<f64> {
        self.part(EngagementPart::Knowledge)
    }

    /// CEV: the sum of the parts that are known; `None` if none is.
    #[must_use]
    #[doc(alias = "CEV")]
    pub fn total(&self) -> Option<f64> {
        let parts = [
            self.lifetime,
            self.referral(),
            self.influence(),
            self.knowledge(),
        ];
        parts
            .into_iter()
            .flatten()
            .fold(None, |sum, part| Some(sum.unwrap_or(0.0) + part))
    }

    /// The total as money, rounded half to even to minor units; `None` if no part is known.
    ///
    /// # Errors
    ///
    /// [`QuantityError`] if it is beyond what [`Money`] holds.
    pub fn money(&self) -> Result<Option<Money>, QuantityError> {
        self.total()
            .map(|total| Money::from_estimate(total, self.currency))
            .transpose()
    }

    /// What each event adds: referrals, influence and ideas, each in the order in which they
    /// happened. With the lifetime value they sum to the total.
    #[must_use]
    pub fn items(&self) -> &[EngagementItem] {
        &self.items
    }

    /// How many newcomers the customer brought whose worth is not known, and who count nothing.
    #[must_use]
    pub fn unvalued_newcomers(&self) -> usize {
        self.unvalued_newcomers
    }

    /// How many of the [items](Self::items) rest on a share or a chance that was not stated, and for
    /// which the terms stood in.
    #[must_use]
    pub fn assumed(&self) -> usize {
        self.assumed
    }
}

/// The customer's own lifetime value, less what is attributed to whoever brought the customer.
fn own(
    evidence: &EngagementInputs<'_>,
    terms: &EngagementTerms,
) -> Result<Option<f64>, QuantityError> {
    let Some(lifetime) = evidence.lifetime else {
        return Ok(None);
    };
    let (expected, found) = (terms.currency(), lifetime.currency());
    if expected != found {
        return Err(QuantityError::CurrencyMismatch { expected, found });
    }
    let (_, taken) = terms.shares();
    let due = evidence
        .brought
        .map_or(0.0, |anyway| taken * (1.0 - anyway.value()));
    Ok(Some(lifetime.value() * (1.0 - due)))
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "EngagementValue")]
struct ValueRow {
    currency: Currency,
    attribution: Attribution,
    lifetime: Option<f64>,
    items: Vec<EngagementItem>,
    unvalued_newcomers: usize,
    assumed: usize,
}

#[cfg(feature = "serde")]
impl From<EngagementValue> for ValueRow {
    fn from(value: EngagementValue) -> Self {
        Self {
            currency: value.currency,
            attribution: value.attribution,
            lifetime: value.lifetime,
            items: value.items,
            unvalued_newcomers: value.unvalued_newcomers,
            assumed: value.assumed,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<ValueRow> for EngagementValue {
    type Error = QuantityError;

    fn try_from(row: ValueRow) -> Result<Self, QuantityError> {
        if row.assumed > row.items.len() {
            return Err(QuantityError::Domain {
                quantity: "number of items that rest on an assumption",
                expected: "at most the number of items",
                found: row.assumed as f64,
            });
        }
        if let Some(lifetime) = row.lifetime {
            finite("lifetime value", lifetime)?;
        }
        Self {
            currency: row.currency,
            attribution: row.attribution,
            lifetime: row.lifetime,
            items: row.items,
            unvalued_newcomers: row.unvalued_newcomers,
            assumed: row.assumed,
        }
        .summed()
    }
}
