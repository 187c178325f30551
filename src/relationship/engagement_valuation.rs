//! How a customer's engagement is valued, event by event, and how sure each amount is.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::engagement_value::{Own, Spread};
use super::referral::finite;
use super::{EngagementItem, EngagementPart, EngagementTerms, EngagementValue};
use crate::history::{CustomerId, InteractionId};
use crate::model::LifetimeValue;
use crate::quantity::{Currency, Estimate, Money, Probability, QuantityError, Span, TimeUnit};
use crate::summary::{
    AcceptedIdea, Conversion, FeedbackEvidence, Influence, NetworkEvidence, Unreadable,
};

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
    /// come anyway. It matters only under [`Attribution::Shared`](super::Attribution::Shared).
    pub brought: Option<Probability>,
}

/// What a newcomer is worth whom a customer brought, in major units of the terms' currency, and how
/// sure that is.
///
/// A bare number says nothing of its uncertainty, which then is not known and not 0: the referral
/// value has no standard deviation either. An [`Estimate`] states it, and may state 0. A
/// [`LifetimeValue`] has one where it was made with draws, and its currency is checked.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Estimate;
/// use guanxi::relationship::NewcomerWorth;
///
/// assert_eq!(NewcomerWorth::from(120.0).sd(), None);
/// assert_eq!(NewcomerWorth::from(Estimate::new(120.0, 45.0, 3.0)?).sd(), Some(45.0));
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NewcomerWorth {
    amount: f64,
    sd: Option<f64>,
    currency: Option<Currency>,
}

impl NewcomerWorth {
    /// That of a newcomer who was counted before: nothing, for sure.
    const COUNTED: Self = Self {
        amount: 0.0,
        sd: Some(0.0),
        currency: None,
    };

    /// The expected worth.
    #[must_use]
    pub fn amount(&self) -> f64 {
        self.amount
    }

    /// Its standard deviation; `None` where it is not known.
    #[must_use]
    pub fn sd(&self) -> Option<f64> {
        self.sd
    }
}

impl From<f64> for NewcomerWorth {
    fn from(amount: f64) -> Self {
        Self {
            amount,
            sd: None,
            currency: None,
        }
    }
}

impl From<Estimate> for NewcomerWorth {
    fn from(worth: Estimate) -> Self {
        Self {
            amount: worth.mean(),
            sd: Some(worth.sd()),
            currency: None,
        }
    }
}

impl From<&LifetimeValue> for NewcomerWorth {
    fn from(value: &LifetimeValue) -> Self {
        Self {
            amount: value.value(),
            sd: value.uncertainty().map(|draws| draws.estimate().sd()),
            currency: Some(value.currency()),
        }
    }
}

/// An expected amount, and its standard deviation where it is known.
type Amount = (f64, Option<f64>);

/// Values events as of an instant.
struct Valuation<'a> {
    terms: &'a EngagementTerms,
    as_of: DateTime<Utc>,
    assumed: usize,
}

impl Valuation<'_> {
    fn same_currency(&self, found: Currency) -> Result<(), QuantityError> {
        let expected = self.terms.currency();
        if expected == found {
            Ok(())
        } else {
            Err(QuantityError::CurrencyMismatch { expected, found })
        }
    }

    fn amount(&self, money: Money) -> Result<f64, QuantityError> {
        self.same_currency(money.currency())?;
        Ok(money.to_f64())
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

    /// Whether the newcomer had come anyway is a toss of known odds, and independent of what the
    /// newcomer is worth: `p(1 − p)·(φμ − c)² + (1 − p)·φ²σ²`.
    fn referral(
        &mut self,
        item: &Conversion,
        worth: NewcomerWorth,
    ) -> Result<Amount, QuantityError> {
        if let Some(found) = worth.currency {
            self.same_currency(found)?;
        }
        let mean = finite("worth of a newcomer", worth.amount)?;
        let mut assumed = false;
        let default = self.terms.probability_anyway();
        let anyway = Self::stated_or(item.probability_anyway, default, &mut assumed);
        self.assumed += usize::from(assumed);
        let (share, _) = self.terms.shares();
        let costs =
            self.amount_or_none(item.reward_cost)? + self.amount_or_none(item.marketing_cost)?;
        let saving = self.amount_or_none(item.acquisition_saving)?;
        let won = share * mean - costs;
        let of_toss = (anyway * (1.0 - anyway)).sqrt() * won;
        let counts = (1.0 - anyway).sqrt() * share;
        let of_worth = if counts > 0.0 {
            worth.sd.map(|sd| counts * sd)
        } else {
            Some(0.0)
        };
        let sd = of_worth.map(|of_worth| of_toss.hypot(of_worth));
        Ok((saving + (1.0 - anyway) * won, sd))
    }

    /// Attributed, and so as recorded: nothing is inferred.
    fn influence(&self, item: &Influence) -> Result<Amount, QuantityError> {
        let steps = f64::from(item.depth.saturating_sub(1));
        let kept = self.terms.influence_decay().powf(steps);
        let amount = self.amount(item.margin)? * item.share.value() * kept;
        Ok((amount, Some(0.0)))
    }

    /// Whether the idea is carried out is a toss of known odds.
    fn knowledge(&mut self, idea: &AcceptedIdea) -> Result<Amount, QuantityError> {
        let mut assumed = false;
        let share = Self::stated_or(idea.share, self.terms.idea_share(), &mut assumed);
        let default = self.terms.idea_realised();
        let realised = Self::stated_or(idea.probability_realised, default, &mut assumed);
        self.assumed += usize::from(assumed);
        let value = self.amount(idea.value)? * share;
        let sd = value * (realised * (1.0 - realised)).sqrt();
        Ok((value * realised, Some(sd)))
    }
}

impl EngagementValue {
    /// What a customer is worth as of an instant. `newcomer` tells what a customer who was brought
    /// is worth as of that instant: the newcomer's lifetime value, say. Of whom it tells nothing,
    /// nothing is counted but [how many](Self::unvalued_newcomers) they were.
    ///
    /// An [`EngagementScorer`](super::EngagementScorer) makes the same of a summary.
    ///
    /// # Errors
    ///
    /// - [`QuantityError::CurrencyMismatch`] for an amount in another currency than the terms'.
    /// - [`QuantityError::Domain`] if `newcomer` tells no finite number, or a sum is none.
    pub fn of(
        evidence: &EngagementInputs<'_>,
        as_of: DateTime<Utc>,
        terms: &EngagementTerms,
        newcomer: impl FnMut(&CustomerId) -> Option<NewcomerWorth>,
    ) -> Result<Self, QuantityError> {
        Self::of_read(evidence, as_of, terms, newcomer, Vec::new())
    }

    /// The same, with what there is and could not be read.
    pub(super) fn of_read(
        evidence: &EngagementInputs<'_>,
        as_of: DateTime<Utc>,
        terms: &EngagementTerms,
        mut newcomer: impl FnMut(&CustomerId) -> Option<NewcomerWorth>,
        unreadable: Vec<Unreadable>,
    ) -> Result<Self, QuantityError> {
        let mut valuation = Valuation {
            terms,
            as_of,
            assumed: 0,
        };
        let mut items = Vec::new();
        let mut add = |part, event: &InteractionId, (amount, sd): Amount, factor: f64| {
            items.push(EngagementItem {
                part,
                event: event.clone(),
                amount: amount * factor,
                sd: sd.map(|sd| sd * factor),
            });
        };
        let mut counted = BTreeSet::new();
        let mut unvalued = BTreeSet::new();
        if let Some(network) = evidence.network {
            for item in network.conversions() {
                let Some(worth) = newcomer(&item.newcomer) else {
                    unvalued.insert(&item.newcomer);
                    continue;
                };
                let is_first = counted.insert(&item.newcomer);
                let worth = if is_first {
                    worth
                } else {
                    NewcomerWorth::COUNTED
                };
                let amount = valuation.referral(item, worth)?;
                let factor = valuation.factor(item.at);
                add(EngagementPart::Referral, &item.event, amount, factor);
            }
            for item in network.influence() {
                let amount = valuation.influence(item)?;
                let factor = valuation.factor(item.at);
                add(EngagementPart::Influence, &item.event, amount, factor);
            }
        }
        for idea in evidence.feedback.map_or(&[][..], FeedbackEvidence::ideas) {
            let amount = valuation.knowledge(idea)?;
            let factor = valuation.factor(idea.at);
            add(EngagementPart::Knowledge, &idea.event, amount, factor);
        }
        Self {
            terms: terms.id(),
            currency: terms.currency(),
            attribution: terms.attribution(),
            level: terms.level(),
            lifetime: own(evidence, terms)?,
            items,
            unvalued_newcomers: unvalued.len(),
            assumed: valuation.assumed,
            unreadable,
        }
        .checked()
    }
}

/// The customer's own lifetime value, less what is attributed to whoever brought the customer.
fn own(
    evidence: &EngagementInputs<'_>,
    terms: &EngagementTerms,
) -> Result<Option<Own>, QuantityError> {
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
    let left = 1.0 - due;
    let spread = match lifetime.uncertainty() {
        Some(draws) => {
            let estimate = draws.estimate();
            let range = match estimate.stated_interval() {
                Some(range) => range,
                None => estimate.normal_interval(terms.level())?,
            };
            Some(Spread {
                sd: estimate.sd() * left,
                median: draws.median() * left,
                lower: range.lower() * left,
                upper: range.upper() * left,
                level: range.level(),
            })
        }
        None => None,
    };
    Ok(Some(Own {
        amount: lifetime.value() * left,
        n_eff: lifetime.n_eff(),
        spread,
    }))
}
