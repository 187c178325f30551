//! What is known of a customer's perceived value.

use chrono::{DateTime, Utc};

use super::error::checked;
use super::exchange::difference;
use super::{
    ByComponent, ExchangeQuadrant, IntervalRule, MonroeRatio, PerceivedError, PerceivedValue,
    PerceivedValuePolicy, RatioInterval, SocialExchange, WeightsOf,
};
use crate::history::CustomerId;
use crate::quantity::near::near_estimates;
use crate::quantity::{Estimate, Interval, PolicyId, Probability};

/// What is known of benefits, or of sacrifices, as a whole.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum SideEvidence {
    /// The weighted sum of the components that were answered, in proportion for those that were not.
    Components {
        /// The sum, in points.
        total: Estimate,
        /// The share of the weights that lies on components that were answered, from 0 to 1.
        coverage: f64,
    },
    /// Too few components were answered, but one item on the whole was.
    Overall {
        /// The answer, in points.
        total: Estimate,
    },
    /// Too few components were answered.
    TooLittle {
        /// The share of the weights that lies on components that were answered.
        coverage: f64,
        /// The least that is accepted.
        needed: f64,
    },
    /// Nothing was answered: no evidence.
    NoEvidence,
}

impl SideEvidence {
    /// The whole, if enough is known.
    #[must_use]
    pub const fn total(self) -> Option<Estimate> {
        match self {
            Self::Components { total, .. } | Self::Overall { total } => Some(total),
            Self::TooLittle { .. } | Self::NoEvidence => None,
        }
    }
}

/// One kind of value of a taxonomy, as far as it is known.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct ValuePart {
    /// The taxonomy.
    pub taxonomy: String,
    /// The kind of value.
    pub kind: String,
    /// Weighted mean of the benefits that were answered, in points; `None` without any.
    pub benefit: Option<Estimate>,
    /// Weighted mean of the sacrifices that were answered, in points; `None` without any.
    pub sacrifice: Option<Estimate>,
    /// How many of its facets were answered and have a weight.
    pub known: usize,
    /// How many facets it has.
    pub facets: usize,
}

impl ValuePart {
    /// Benefit and sacrifice together; `None` unless both are known.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Domain`] if one is so small that it has no ratio.
    pub fn value(&self) -> Result<Option<PerceivedValue>, PerceivedError> {
        match (self.benefit, self.sacrifice) {
            (Some(benefit), Some(sacrifice)) => PerceivedValue::new(benefit, sacrifice).map(Some),
            _ => Ok(None),
        }
    }
}

/// What a customer said a rival has to offer.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Alternative {
    /// The rival.
    pub name: String,
    /// Benefit less sacrifice, in points.
    pub outcome: Estimate,
    /// What it would cost to switch to it, in points; `None` if nothing was said of that, which is
    /// not the same as nothing.
    pub switching_cost: Option<Estimate>,
}

impl Alternative {
    /// Outcome less switching cost; `None` where the latter is not known.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Quantity`] if the difference is too large to be a number.
    pub fn net(&self) -> Result<Option<Estimate>, PerceivedError> {
        match self.switching_cost {
            Some(cost) => difference(self.outcome, cost).map(Some),
            None => Ok(None),
        }
    }
}

/// What is known of the exchange with a customer; each `None` means no evidence.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct ExchangeStanding {
    /// Benefit less sacrifice by the latest answers, in points.
    pub outcome: Option<Estimate>,
    /// The decayed mean of outcomes before, those heard of rivals included.
    pub comparison_level: Option<Estimate>,
    /// What rivals have to offer, the best outcome first.
    pub alternatives: Vec<Alternative>,
    /// The best of the alternatives net of switching cost, of those whose switching cost is known.
    pub alternative_level: Option<Estimate>,
}

impl ExchangeStanding {
    /// Outcome less comparison level (满意); `None` unless both are known.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Quantity`] if the difference is too large to be a number.
    pub fn satisfaction(&self) -> Result<Option<Estimate>, PerceivedError> {
        match (self.outcome, self.comparison_level) {
            (Some(outcome), Some(level)) => difference(outcome, level).map(Some),
            _ => Ok(None),
        }
    }

    /// Outcome less the best alternative net of switching cost (依赖); `None` unless both are known.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Quantity`] if the difference is too large to be a number.
    pub fn dependence(&self) -> Result<Option<Estimate>, PerceivedError> {
        match (self.outcome, self.alternative_level) {
            (Some(outcome), Some(level)) => difference(outcome, level).map(Some),
            _ => Ok(None),
        }
    }

    /// The whole exchange; `None` unless outcome and both levels are known.
    #[must_use]
    pub fn exchange(&self) -> Option<SocialExchange> {
        Some(SocialExchange::new(
            self.outcome?,
            self.comparison_level?,
            self.alternative_level?,
        ))
    }

    /// Where the customer stands, by the means alone; `None` unless outcome and both levels are
    /// known. How likely it is so is told by [`satisfaction`](Self::satisfaction) and
    /// [`dependence`](Self::dependence).
    #[must_use]
    pub fn quadrant(&self) -> Option<ExchangeQuadrant> {
        self.exchange().map(|exchange| exchange.quadrant())
    }
}

/// A customer's perceived value with its parts, as of an instant (感知价值评分).
///
/// Made by [`PerceivedValueScorer`](super::PerceivedValueScorer). What nothing is known of is `None`
/// or says so; it is never 0.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Known", into = "Known"))]
pub struct PerceivedValueScore {
    known: Known,
    value: Option<PerceivedValue>,
    net: Option<Estimate>,
    share: Option<Estimate>,
    ratio_interval: Option<RatioInterval>,
    share_interval: Option<Interval>,
}

/// All of a score that does not follow from the rest.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(deny_unknown_fields, rename = "PerceivedValueScore")
)]
pub(super) struct Known {
    pub(super) customer: CustomerId,
    pub(super) as_of: Option<DateTime<Utc>>,
    pub(super) policy: PolicyId,
    pub(super) weights_of: WeightsOf,
    pub(super) level: Probability,
    pub(super) interval: IntervalRule,
    pub(super) components: ByComponent<Option<Estimate>>,
    pub(super) benefits: SideEvidence,
    pub(super) sacrifices: SideEvidence,
    pub(super) parts: Vec<ValuePart>,
    pub(super) exchange: ExchangeStanding,
    pub(super) unmapped: Vec<String>,
}

#[cfg(feature = "serde")]
impl From<PerceivedValueScore> for Known {
    fn from(score: PerceivedValueScore) -> Self {
        score.known
    }
}

/// The best of some alternatives net of switching cost, of those whose switching cost is known.
pub(super) fn best_net(alternatives: &[Alternative]) -> Result<Option<Estimate>, PerceivedError> {
    let mut best: Option<Estimate> = None;
    for alternative in alternatives {
        if let Some(net) = alternative.net()? {
            if best.is_none_or(|best| net.mean() > best.mean()) {
                best = Some(net);
            }
        }
    }
    Ok(best)
}

/// Refuses what is stated unless it is what follows from the rest.
fn same(
    quantity: &'static str,
    stated: Option<Estimate>,
    follows: Option<Estimate>,
) -> Result<(), PerceivedError> {
    if near_estimates(stated, follows) {
        return Ok(());
    }
    Err(PerceivedError::Domain {
        quantity,
        expected: "what follows from the rest of the score",
        found: stated.map_or(0.0, Estimate::mean),
    })
}

impl Known {
    /// Refuses what no answers lead to.
    fn check(&self) -> Result<(), PerceivedError> {
        let share = |what, share| checked(what, "between 0 and 1", 0.0..=1.0, share);
        for side in [self.benefits, self.sacrifices] {
            match side {
                SideEvidence::Components { coverage, .. } => {
                    share("coverage", coverage)?;
                }
                SideEvidence::TooLittle { coverage, needed } => {
                    share("coverage", coverage)?;
                    share("coverage that is needed", needed)?;
                }
                SideEvidence::Overall { .. } | SideEvidence::NoEvidence => {}
            }
        }
        let most = PerceivedValuePolicy::POINTS * (1.0 + 1e-9); // a weighted mean may round
        let components = self.components.iter().filter_map(|(_, estimate)| *estimate);
        let parts = self.parts.iter();
        let parts = parts.flat_map(|part| part.benefit.into_iter().chain(part.sacrifice));
        for estimate in components.chain(parts) {
            let expected = "between 0 and 10";
            checked(
                "points of a component",
                expected,
                0.0..=most,
                estimate.mean(),
            )?;
        }
        for part in &self.parts {
            let (known, facets) = (part.known as f64, part.facets as f64);
            let expected = "at most those there are";
            checked("facets that are known", expected, 0.0..=facets, known)?;
        }
        let mut best = f64::MAX;
        for alternative in &self.exchange.alternatives {
            let (mean, expected) = (alternative.outcome.mean(), "the best one first");
            best = checked("outcome of an alternative", expected, f64::MIN..=best, mean)?;
        }
        Ok(())
    }
}

impl TryFrom<Known> for PerceivedValueScore {
    type Error = PerceivedError;

    fn try_from(known: Known) -> Result<Self, PerceivedError> {
        let rule = known.interval.checked()?;
        known.check()?;
        let value = match (known.benefits.total(), known.sacrifices.total()) {
            (Some(benefit), Some(sacrifice)) => Some(PerceivedValue::new(benefit, sacrifice)?),
            _ => None,
        };
        let mut score = Self {
            known,
            value,
            net: None,
            share: None,
            ratio_interval: None,
            share_interval: None,
        };
        if let Some(value) = value {
            let level = score.known.level;
            score.net = Some(value.net()?);
            score.share = value.share()?;
            score.ratio_interval = value.ratio_interval(level, rule)?;
            score.share_interval = value.share_interval(level)?;
        }
        let exchange = &score.known.exchange;
        same("outcome of the exchange", exchange.outcome, score.net)?;
        let best = best_net(&exchange.alternatives)?;
        same("best alternative", exchange.alternative_level, best)?;
        let net = score.net;
        let exchange = &mut score.known.exchange;
        (exchange.outcome, exchange.alternative_level) = (net, best);
        Ok(score)
    }
}

impl PerceivedValueScore {
    /// Who.
    #[must_use]
    pub fn customer(&self) -> &CustomerId {
        &self.known.customer
    }

    /// The instant it is of.
    #[must_use]
    pub fn as_of(&self) -> Option<DateTime<Utc>> {
        self.known.as_of
    }

    /// The rules it was made by.
    #[must_use]
    pub fn policy(&self) -> PolicyId {
        self.known.policy
    }

    /// Whose weights were used.
    #[must_use]
    pub fn weights_of(&self) -> &WeightsOf {
        &self.known.weights_of
    }

    /// Each component by the latest answers, in points from 0 to 10; `None` means no evidence.
    #[must_use]
    pub fn components(&self) -> &ByComponent<Option<Estimate>> {
        &self.known.components
    }

    /// What is known of the benefits as a whole.
    #[must_use]
    pub fn benefits(&self) -> SideEvidence {
        self.known.benefits
    }

    /// What is known of the sacrifices as a whole.
    #[must_use]
    pub fn sacrifices(&self) -> SideEvidence {
        self.known.sacrifices
    }

    /// Benefit and sacrifice; `None` unless enough is known of both.
    #[must_use]
    pub fn value(&self) -> Option<PerceivedValue> {
        self.value
    }

    /// Benefit less sacrifice, in points (让渡价值); `None` unless enough is known of both.
    #[must_use]
    pub fn net(&self) -> Option<Estimate> {
        self.net
    }

    /// Benefit over sacrifice (感知价值比率); `None` unless enough is known of both.
    #[must_use]
    pub fn ratio(&self) -> Option<MonroeRatio> {
        self.value.map(|value| value.ratio())
    }

    /// The index, benefit over benefit and sacrifice together, from 0 to 1; `None` unless enough is
    /// known of both and one is above 0.
    #[must_use]
    pub fn share(&self) -> Option<Estimate> {
        self.share
    }

    /// The interval of the ratio, of the policy's level and by its rule; `None` without a ratio that
    /// is uncertain.
    #[must_use]
    pub fn ratio_interval(&self) -> Option<RatioInterval> {
        self.ratio_interval
    }

    /// The interval of the share, of the policy's level; `None` where benefit or sacrifice is 0 or
    /// not known.
    #[must_use]
    pub fn share_interval(&self) -> Option<Interval> {
        self.share_interval
    }

    /// Level of the intervals.
    #[must_use]
    pub fn level(&self) -> Probability {
        self.known.level
    }

    /// Every kind of value of the policy's taxonomies.
    #[must_use]
    pub fn parts(&self) -> &[ValuePart] {
        &self.known.parts
    }

    /// One kind of value of a taxonomy.
    #[must_use]
    pub fn part(&self, taxonomy: &str, kind: &str) -> Option<&ValuePart> {
        let wanted = |part: &&ValuePart| part.taxonomy == taxonomy && part.kind == kind;
        self.known.parts.iter().find(wanted)
    }

    /// Outcome, comparison levels and alternatives.
    #[must_use]
    pub fn exchange(&self) -> &ExchangeStanding {
        &self.known.exchange
    }

    /// Names of items on benefits and sacrifices that the policy's table does not know, so that they
    /// count to no component; in their order, each once.
    #[must_use]
    pub fn unmapped(&self) -> &[String] {
        &self.known.unmapped
    }
}
