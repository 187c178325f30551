//! Judges what a customer perceives to get and to give up, from what the customer answered.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::delivered::weighted_sum;
use super::exchange::difference;
use super::score::{Known, best_net};
use super::{
    Alternative, ByComponent, Component, ComponentWeights, ExchangeStanding, PerceivedError,
    PerceivedValuePolicy, PerceivedValueScore, SideEvidence, ValueFacet, ValuePart,
};
use crate::history::Construct;
use crate::quantity::{Estimate, PolicyId};
use crate::scorer::{ScoreError, Scorer};
use crate::summary::{CustomerSummary, ExchangeEvidence, ExchangeItem, PastAnswers};

/// An answer that has faded below this counts no more: 20 half-lives.
const LEAST_WEIGHT: f64 = 1e-6;

/// A faded mean of shares, in points; `None` if next to nothing is left of it.
fn points(weight: f64, sum: f64, sd: f64) -> Result<Option<Estimate>, PerceivedError> {
    if weight < LEAST_WEIGHT {
        return Ok(None);
    }
    // A mean of shares is one, but for rounding.
    let mean = PerceivedValuePolicy::POINTS * (sum / weight).min(1.0);
    Ok(Some(Estimate::new(mean, sd, weight)?))
}

/// Judges what a customer perceives to get and to give up (感知价值).
///
/// Reads the answers to survey items on [perceived benefits](Construct::PerceivedBenefit) and
/// [sacrifices](Construct::PerceivedSacrifice), by the component that each is about; those about
/// [rivals](crate::history::SurveyItem::about) tell the alternatives, with
/// [switching cost](Construct::SwitchingCost). An item without a name asks for the whole, and stands
/// in where too few components were answered.
///
/// # Examples
///
/// ```
/// use chrono::DateTime;
/// use guanxi::history::{
///     Consent, Construct, CustomerId, Interaction, InteractionId, Kind, Purpose, Scale, SurveyItem,
/// };
/// use guanxi::perceived::{MonroeRatio, PerceivedValuePolicy, PerceivedValueScorer};
/// use guanxi::scorer::Scorer;
/// use guanxi::summary::{CustomerBase, SummaryPolicy};
///
/// let (who, at) = (CustomerId::new("c-1")?, DateTime::UNIX_EPOCH);
/// let ten = Scale::new(0.0, 10.0)?;
/// let on = |construct, item: &str, value| {
///     Ok::<Kind, guanxi::history::HistoryError>(
///         SurveyItem::new(construct, value, ten)?.with_item(item).into(),
///     )
/// };
/// let log = [
///     Consent::Granted { purpose: Purpose::Analytics }.into(),
///     on(Construct::PerceivedBenefit, "product", 8.0)?,
///     on(Construct::PerceivedBenefit, "service", 6.0)?,
///     on(Construct::PerceivedSacrifice, "price", 4.0)?,
///     on(Construct::PerceivedSacrifice, "time", 3.0)?,
/// ];
/// let mut base = CustomerBase::new(SummaryPolicy::default());
/// for (n, kind) in log.into_iter().enumerate() {
///     let id = InteractionId::new(format!("i-{n}"))?;
///     base.observe(&Interaction::new(id, who.clone(), at, kind)?)?;
/// }
/// let scorer = PerceivedValueScorer::new(PerceivedValuePolicy::default());
/// for customer in base.summaries(at) {
///     let score = scorer.score(&customer?)?;
///     assert_eq!(score.ratio(), Some(MonroeRatio::Finite(2.0))); // 7 over 3.5 points
///     assert!(score.exchange().comparison_level.is_none()); // no evidence of earlier outcomes
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PerceivedValueScorer {
    policy: PerceivedValuePolicy,
    id: PolicyId,
}

impl PerceivedValueScorer {
    /// A scorer by some rules.
    #[must_use]
    pub fn new(policy: PerceivedValuePolicy) -> Self {
        let id = policy.id();
        Self { policy, id }
    }

    /// The rules.
    #[must_use]
    pub fn policy(&self) -> &PerceivedValuePolicy {
        &self.policy
    }

    fn judge(
        &self,
        customer: &CustomerSummary,
        said: &Said,
    ) -> Result<PerceivedValueScore, PerceivedError> {
        let policy = &self.policy;
        let (weights, weights_of) = policy.weights().of(customer.customer());
        let ours = said.offer(None, weights)?;
        let outcome = ours.outcome()?;
        let alternatives = said.alternatives(weights)?;
        let alternative_level = best_net(&alternatives)?;
        let parts = said.parts(&ours.components, weights)?;
        PerceivedValueScore::try_from(Known {
            customer: customer.customer().clone(),
            as_of: customer.as_of(),
            policy: self.id,
            weights_of,
            level: policy.level(),
            interval: policy.interval(),
            components: ours.components,
            benefits: ours.benefits,
            sacrifices: ours.sacrifices,
            parts,
            exchange: ExchangeStanding {
                outcome,
                comparison_level: said.comparison_level(weights)?,
                alternatives,
                alternative_level,
            },
            unmapped: said.unmapped(),
        })
    }
}

impl Scorer for PerceivedValueScorer {
    type Score = PerceivedValueScore;

    /// # Errors
    ///
    /// [`ScoreError::Unreadable`] for a customer who does not consent to analytics: over a base, set
    /// those apart rather than stop at the first. [`ScoreError::Quantity`] and
    /// [`ScoreError::Undefined`] for answers so far apart that their sums leave the range of numbers.
    fn score(&self, customer: &CustomerSummary) -> Result<PerceivedValueScore, ScoreError> {
        let evidence = match customer.exchange() {
            Ok(evidence) => evidence.unwrap_or(&ExchangeEvidence::EMPTY),
            Err(reason) => {
                return Err(ScoreError::Unreadable {
                    customer: customer.customer().clone(),
                    reason,
                });
            }
        };
        let said = Said {
            evidence,
            // Without an instant there is no evidence, and so no age.
            as_of: customer.as_of().unwrap_or(DateTime::UNIX_EPOCH),
            policy: &self.policy,
        };
        self.judge(customer, &said).map_err(|error| match error {
            PerceivedError::Quantity(error) => ScoreError::Quantity(error),
            PerceivedError::Domain {
                expected, found, ..
            } => ScoreError::Undefined {
                answer: "perceived values",
                condition: expected,
                found,
            },
            // The policy has seen to these.
            PerceivedError::NoWeight { .. }
            | PerceivedError::StatedTwice { .. }
            | PerceivedError::Unknown { .. }
            | PerceivedError::Empty { .. } => ScoreError::Inconsistent {
                customer: customer.customer().clone(),
            },
        })
    }
}

/// What one party has to offer.
struct Offer {
    components: ByComponent<Option<Estimate>>,
    benefits: SideEvidence,
    sacrifices: SideEvidence,
}

impl Offer {
    fn outcome(&self) -> Result<Option<Estimate>, PerceivedError> {
        match (self.benefits.total(), self.sacrifices.total()) {
            (Some(benefit), Some(sacrifice)) => {
                let n_eff = benefit.n_eff() + sacrifice.n_eff();
                let net = difference(benefit, sacrifice)?;
                Ok(Some(Estimate::new(net.mean(), net.sd(), n_eff)?))
            }
            _ => Ok(None),
        }
    }
}

/// What a customer said, read by some rules as of an instant.
struct Said<'a> {
    evidence: &'a ExchangeEvidence,
    as_of: DateTime<Utc>,
    policy: &'a PerceivedValuePolicy,
}

/// The construct of one side.
const fn construct(is_benefit: bool) -> Construct {
    if is_benefit {
        Construct::PerceivedBenefit
    } else {
        Construct::PerceivedSacrifice
    }
}

impl<'a> Said<'a> {
    /// The latest answers to some items, each with the precision that its age has left it.
    fn latest(
        &self,
        items: impl Iterator<Item = &'a ExchangeItem>,
    ) -> Result<Option<Estimate>, PerceivedError> {
        let (mut weight, mut sum) = (0.0, 0.0);
        for item in items {
            let age = (self.as_of - item.latest().at()).num_milliseconds();
            let left = self.policy.answer_half_life().fade(age as f64 / 1000.0);
            weight += left;
            sum += left * item.latest().share();
        }
        let sd = self.policy.answer_sd() / weight.sqrt();
        points(weight, sum, sd)
    }

    /// The decayed mean of what was answered to some items before.
    fn past(
        &self,
        items: impl Iterator<Item = &'a ExchangeItem>,
    ) -> Result<Option<Estimate>, PerceivedError> {
        let mut all = (0.0, 0.0, 0.0);
        for PastAnswers {
            weight,
            sum,
            squared_weight,
        } in items.filter_map(ExchangeItem::past)
        {
            all = (all.0 + weight, all.1 + sum, all.2 + squared_weight);
        }
        let (weight, sum, squared_weight) = all;
        let sd = self.policy.answer_sd() * squared_weight.sqrt() / weight;
        points(weight, sum, sd)
    }

    /// The items on one side of one party, by component; `None` for what has no name.
    fn on(
        &self,
        component: Option<Component>,
        is_benefit: bool,
        of: impl Fn(Option<&str>) -> bool + 'a,
    ) -> impl Iterator<Item = &'a ExchangeItem> {
        let policy: &'a PerceivedValuePolicy = self.policy;
        let (items, table) = (self.evidence.items().iter(), policy.items());
        items.filter(move |item| {
            item.construct() == construct(is_benefit)
                && of(item.about())
                && match item.item() {
                    Some(name) => {
                        component.is_some() && table.component(name, is_benefit) == component
                    }
                    None => component.is_none(),
                }
        })
    }

    /// The whole of one side.
    fn side(
        &self,
        components: &ByComponent<Option<Estimate>>,
        overall: Option<Estimate>,
        weights: &ComponentWeights,
        is_benefit: bool,
    ) -> Result<SideEvidence, PerceivedError> {
        let answered = components
            .iter()
            .filter(|(c, _)| c.is_benefit() == is_benefit);
        let known: Vec<(f64, Estimate)> = answered
            .filter_map(|(c, estimate)| Some((weights.get(c), (*estimate)?)))
            .collect();
        let whole = weights.sum(is_benefit);
        let weight: f64 = known.iter().map(|(weight, _)| weight).sum();
        let coverage = (weight / whole).clamp(0.0, 1.0); // beyond by rounding alone
        let needed = self.policy.least_coverage();
        // Shares of a half may sum to less by rounding.
        if weight > 0.0 && coverage >= needed - 1e-12 {
            let parts = known
                .into_iter()
                .map(|(w, part)| (w * (whole / weight), part));
            let total = weighted_sum(parts)?;
            return Ok(SideEvidence::Components { total, coverage });
        }
        if let Some(overall) = overall {
            let total = weighted_sum(std::iter::once((whole, overall)))?;
            return Ok(SideEvidence::Overall { total });
        }
        Ok(if known.is_empty() {
            SideEvidence::NoEvidence
        } else {
            SideEvidence::TooLittle { coverage, needed }
        })
    }

    /// What the firm, or a rival, has to offer by the latest answers.
    fn offer(
        &self,
        about: Option<&'a str>,
        weights: &ComponentWeights,
    ) -> Result<Offer, PerceivedError> {
        let of = move |found: Option<&str>| found == about;
        let components = ByComponent::try_from_fn(|component| {
            self.latest(self.on(Some(component), component.is_benefit(), of))
        })?;
        let side = |is_benefit| {
            let overall = self.latest(self.on(None, is_benefit, of))?;
            self.side(&components, overall, weights, is_benefit)
        };
        Ok(Offer {
            benefits: side(true)?,
            sacrifices: side(false)?,
            components,
        })
    }

    /// What one party offered before: the decayed mean, and how many outcomes' worth is left of it;
    /// `None` unless enough is left of both sides.
    fn outcome_before(
        &self,
        about: Option<&'a str>,
        weights: &ComponentWeights,
    ) -> Result<Option<(f64, Estimate)>, PerceivedError> {
        let of = move |found: Option<&str>| found == about;
        let components = ByComponent::try_from_fn(|component| {
            self.past(self.on(Some(component), component.is_benefit(), of))
        })?;
        let side = |is_benefit| {
            let overall = self.past(self.on(None, is_benefit, of))?;
            self.side(&components, overall, weights, is_benefit)
        };
        let offer = Offer {
            benefits: side(true)?,
            sacrifices: side(false)?,
            components,
        };
        // Answers that were given together tell one outcome, however many they are.
        let left = |is_benefit| match if is_benefit {
            offer.benefits
        } else {
            offer.sacrifices
        } {
            SideEvidence::Components { .. } => {
                let known = offer.components.iter().filter(|(component, estimate)| {
                    component.is_benefit() == is_benefit && estimate.is_some()
                });
                let (mut whole, mut sum) = (0.0, 0.0);
                for (component, _) in known {
                    let left = mean_left(self.on(Some(component), is_benefit, of));
                    whole += weights.get(component);
                    sum += weights.get(component) * left;
                }
                sum / whole // of what has a weight: else there is no such evidence
            }
            _ => mean_left(self.on(None, is_benefit, of)),
        };
        let left = f64::midpoint(left(true), left(false));
        Ok(offer.outcome()?.map(|outcome| (left, outcome)))
    }

    /// The decayed mean of outcomes before, those heard of rivals included: of each party's own,
    /// weighed by how many outcomes' worth is left. A party of whom one side alone is known has had
    /// no outcome.
    fn comparison_level(
        &self,
        weights: &ComponentWeights,
    ) -> Result<Option<Estimate>, PerceivedError> {
        let parties = self.evidence.items().iter().map(ExchangeItem::about);
        let parties: BTreeSet<Option<&'a str>> = parties.collect();
        let mut before = Vec::with_capacity(parties.len());
        for about in parties {
            before.extend(self.outcome_before(about, weights)?);
        }
        weighted_mean(&before)
    }

    /// What it would cost to switch to a rival: what was said of that rival, or else of any.
    fn switching_cost(&self, rival: &'a str) -> Result<Option<Estimate>, PerceivedError> {
        let cost = |about| self.latest(self.evidence.of(Construct::SwitchingCost, about));
        let Some(cost) = (match cost(Some(rival))? {
            None => cost(None)?,
            stated => stated,
        }) else {
            return Ok(None);
        };
        let worth = self.policy.switching_points() / PerceivedValuePolicy::POINTS;
        let cost = Estimate::new(cost.mean() * worth, cost.sd() * worth, cost.n_eff())?;
        Ok(Some(cost))
    }

    /// What rivals have to offer, the best outcome first.
    fn alternatives(&self, weights: &ComponentWeights) -> Result<Vec<Alternative>, PerceivedError> {
        let rivals: BTreeSet<&'a str> = self
            .evidence
            .items()
            .iter()
            .filter_map(ExchangeItem::about)
            .collect();
        let mut alternatives = Vec::with_capacity(rivals.len());
        for name in rivals {
            if let Some(outcome) = self.offer(Some(name), weights)?.outcome()? {
                alternatives.push(Alternative {
                    name: name.to_owned(),
                    outcome,
                    switching_cost: self.switching_cost(name)?,
                });
            }
        }
        alternatives.sort_by(|a, b| b.outcome.mean().total_cmp(&a.outcome.mean()));
        Ok(alternatives)
    }

    /// Every kind of value of the taxonomies.
    fn parts(
        &self,
        components: &ByComponent<Option<Estimate>>,
        weights: &ComponentWeights,
    ) -> Result<Vec<ValuePart>, PerceivedError> {
        let mut parts = Vec::new();
        for taxonomy in self.policy.taxonomies() {
            for kind in taxonomy.kinds() {
                let (mut benefits, mut sacrifices) = (Vec::new(), Vec::new());
                for facet in kind.facets() {
                    let (component, estimate) = self.facet(facet, components)?;
                    let Some((component, estimate)) = component.zip(estimate) else {
                        continue;
                    };
                    let weight = weights.get(component);
                    if weight <= 0.0 {
                        continue;
                    }
                    if component.is_benefit() {
                        benefits.push((weight, estimate));
                    } else {
                        sacrifices.push((weight, estimate));
                    }
                }
                parts.push(ValuePart {
                    taxonomy: taxonomy.name().to_owned(),
                    kind: kind.name().to_owned(),
                    known: benefits.len() + sacrifices.len(),
                    facets: kind.facets().len(),
                    benefit: weighted_mean(&benefits)?,
                    sacrifice: weighted_mean(&sacrifices)?,
                });
            }
        }
        Ok(parts)
    }

    /// What a facet is about, and what was answered.
    fn facet(
        &self,
        facet: &ValueFacet,
        components: &ByComponent<Option<Estimate>>,
    ) -> Result<(Option<Component>, Option<Estimate>), PerceivedError> {
        let (name, is_benefit) = match facet {
            ValueFacet::Component(component) => {
                return Ok((Some(*component), *components.get(*component)));
            }
            ValueFacet::BenefitItem(name) => (name, true),
            ValueFacet::SacrificeItem(name) => (name, false),
        };
        let item = self.evidence.get(construct(is_benefit), None, Some(name));
        let component = self.policy.items().component(name, is_benefit);
        Ok((component, self.latest(item.into_iter())?))
    }

    /// Names of items that the table does not know.
    fn unmapped(&self) -> Vec<String> {
        let mut unknown = BTreeSet::new();
        for item in self.evidence.items() {
            let is_benefit = item.construct() == Construct::PerceivedBenefit;
            if !is_benefit && item.construct() != Construct::PerceivedSacrifice {
                continue;
            }
            if let Some(name) = item.item() {
                if self.policy.items().component(name, is_benefit).is_none() {
                    unknown.insert(name.to_owned());
                }
            }
        }
        unknown.into_iter().collect()
    }
}

/// How many answers' worth is left of those before to the mean item; 0 without any.
fn mean_left<'a>(items: impl Iterator<Item = &'a ExchangeItem>) -> f64 {
    let (mut weight, mut many) = (0.0, 0.0);
    for past in items.filter_map(ExchangeItem::past) {
        weight += past.weight;
        many += 1.0;
    }
    if many > 0.0 { weight / many } else { 0.0 }
}

/// The mean of estimates by weights above 0; `None` without any.
fn weighted_mean(parts: &[(f64, Estimate)]) -> Result<Option<Estimate>, PerceivedError> {
    let whole: f64 = parts.iter().map(|(weight, _)| weight).sum();
    if parts.is_empty() {
        return Ok(None);
    }
    let shares = parts.iter().map(|(weight, part)| (weight / whole, *part));
    weighted_sum(shares).map(Some)
}
