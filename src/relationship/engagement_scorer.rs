//! The money view through the one scoring trait.

use std::collections::BTreeMap;

use super::{EngagementInputs, EngagementTerms, EngagementValue, NewcomerWorth, Unvalued};
use crate::history::CustomerId;
use crate::model::LifetimeValue;
use crate::quantity::Probability;
use crate::scorer::{ScoreError, Scorer};
use crate::summary::{CustomerSummary, Unreadable};

/// Judges what customers are worth in money, engagement included (客户契合价值评分): any model of
/// lifetime value, the terms, and what is known of other customers.
///
/// What newcomers are worth is stated beforehand, [by customer](Self::with_newcomers): a score
/// depends on one summary and on what the scorer was made with, and on nothing else. Score the base
/// with the model of lifetime value first, and hand that over.
///
/// A customer who has not bought has no lifetime value, and what may not be read is in no part: the
/// answer names it ([`unreadable`](EngagementValue::unreadable)). Without any evidence there is no
/// total, rather than one of 0.
///
/// # Examples
///
/// ```
/// use chrono::DateTime;
/// use guanxi::history::{
///     AsOf, Consent, CustomerId, Interaction, InteractionId, Kind, Purpose, ReferralConverted,
/// };
/// use guanxi::quantity::{Currency, DiscountRate, Estimate, Probability};
/// use guanxi::relationship::{EngagementScorer, EngagementTerms};
/// use guanxi::scorer::Scorer;
/// use guanxi::summary::{LiveBase, SummaryPolicy};
///
/// let now = DateTime::UNIX_EPOCH;
/// let newcomer = CustomerId::new("c-2")?;
/// let brought = ReferralConverted::new(newcomer.clone())
///     .with_probability_anyway(Probability::new(0.2)?);
/// let mut base = LiveBase::new(SummaryPolicy::default());
/// let log: [(&str, Kind); 2] = [
///     ("e-1", Consent::Granted { purpose: Purpose::Sharing }.into()),
///     ("e-2", brought.into()),
/// ];
/// for (id, kind) in log {
///     let who = CustomerId::new("c-1")?;
///     base.observe(Interaction::new(InteractionId::new(id)?, who, now, kind)?)?;
/// }
/// let customer = base.summary("c-1", AsOf::at(now))?.ok_or("known")?;
///
/// let terms = EngagementTerms::new(Currency::EUR, DiscountRate::annual(0.1)?);
/// let worth = Estimate::new(100.0, 30.0, 4.0)?;
/// let scorer = EngagementScorer::without_value(terms).with_newcomers([(newcomer, worth)]);
/// let value = scorer.score(&customer)?;
/// assert_eq!((value.lifetime(), value.referral()), (None, Some(80.0)));
/// let sd = value.estimate().ok_or("the newcomer's worth has an sd")?.sd();
/// assert!((sd - (0.16 * 100.0_f64.powi(2) + 0.8 * 30.0_f64.powi(2)).sqrt()).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct EngagementScorer<V> {
    value: Option<V>,
    terms: EngagementTerms,
    newcomers: BTreeMap<CustomerId, NewcomerWorth>,
    brought: BTreeMap<CustomerId, Probability>,
}

impl EngagementScorer<Unvalued> {
    /// A scorer without a model of lifetime value: what customers bring beyond their own purchases.
    #[must_use]
    pub fn without_value(terms: EngagementTerms) -> Self {
        Self::of(None, terms)
    }
}

impl<V: Scorer<Score = LifetimeValue>> EngagementScorer<V> {
    /// A scorer with a model of lifetime value. Where that makes draws, the engagement value has an
    /// interval.
    #[must_use]
    pub fn new(value: V, terms: EngagementTerms) -> Self {
        Self::of(Some(value), terms)
    }

    fn of(value: Option<V>, terms: EngagementTerms) -> Self {
        Self {
            value,
            terms,
            newcomers: BTreeMap::new(),
            brought: BTreeMap::new(),
        }
    }

    /// The same, with what customers are worth who were brought by others; of one customer the last
    /// statement holds. Whoever is not named counts as
    /// [unvalued](EngagementValue::unvalued_newcomers).
    #[must_use]
    pub fn with_newcomers<W: Into<NewcomerWorth>>(
        mut self,
        worth: impl IntoIterator<Item = (CustomerId, W)>,
    ) -> Self {
        let worth = worth.into_iter().map(|(who, worth)| (who, worth.into()));
        self.newcomers.extend(worth);
        self
    }

    /// The same, with who was brought by another and the probability that they would have come
    /// anyway: it matters under [`Attribution::Shared`](super::Attribution::Shared) alone.
    ///
    /// What a newcomer gives up here is to be what one referrer counts: name only those whose referral
    /// may be read, or sums over customers fall short of what they are worth.
    #[must_use]
    pub fn with_brought(
        mut self,
        anyway: impl IntoIterator<Item = (CustomerId, Probability)>,
    ) -> Self {
        self.brought.extend(anyway);
        self
    }

    /// The model of lifetime value, if there is one.
    pub fn value(&self) -> Option<&V> {
        self.value.as_ref()
    }

    /// The terms.
    pub fn terms(&self) -> &EngagementTerms {
        &self.terms
    }
}

impl<V: Scorer<Score = LifetimeValue>> Scorer for EngagementScorer<V> {
    type Score = EngagementValue;

    fn score(&self, customer: &CustomerSummary) -> Result<EngagementValue, ScoreError> {
        let mut unreadable: Vec<Unreadable> = Vec::new();
        let lifetime = match self.value.as_ref().map(|value| value.score(customer)) {
            Some(Ok(value)) => Some(value),
            Some(Err(ScoreError::Unreadable { reason, .. })) => {
                unreadable.push(reason);
                None
            }
            Some(Err(ScoreError::NoPurchase { .. })) | None => None,
            Some(Err(error)) => return Err(error),
        };
        let network = customer.network().unwrap_or_else(|reason| {
            unreadable.push(reason);
            None
        });
        let feedback = customer.feedback().unwrap_or_else(|reason| {
            unreadable.push(reason);
            None
        });
        let evidence = EngagementInputs {
            lifetime: lifetime.as_ref(),
            network,
            feedback,
            brought: self.brought.get(customer.customer()).copied(),
        };
        let newcomer = |who: &CustomerId| self.newcomers.get(who).copied();
        let as_of = customer.as_of().unwrap_or_default(); // without an instant there are no events
        let value = EngagementValue::of_read(&evidence, as_of, &self.terms, newcomer, unreadable)?;
        Ok(value)
    }
}
