//! Why a relationship is worth what it is, down to the events that moved it.

use chrono::{DateTime, Utc};

use crate::dimension::{ByDimension, Dimension};
use crate::history::{AsOf, CustomerId, Interaction, InteractionId, Kind};
use crate::model::LifetimeValue;
use crate::quantity::{Fraction, HalfLife};
use crate::scorer::{ScoreError, Scorer};
use crate::summary::{AffectItem, CustomerState, CustomerSummary, LiveBase, Moment, TrustItem};

use super::recorded::{Recorded, views};
use super::{Contributions, EventRef, RelationshipError, RelationshipScorer, RelationshipValue};

/// How far one event moved one dimension, and with it the composite.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct EventContribution {
    /// The event.
    pub event: EventRef,
    /// The dimension it moved.
    pub dimension: Dimension,
    /// By how much it moved the index of that dimension.
    pub index: f64,
    /// By how much it moved the composite, through that dimension.
    pub composite: f64,
}

/// Why one dimension stands where it does.
///
/// `index = start + rest + Σ events`, to rounding.
#[derive(Debug, Clone, PartialEq)]
pub struct DimensionExplanation {
    reference: f64,
    index: f64,
    part: f64,
    start: f64,
    rest: f64,
    events: Vec<EventContribution>,
}

impl DimensionExplanation {
    /// Where the frame's customers stand.
    #[must_use]
    pub fn reference(&self) -> f64 {
        self.reference
    }

    /// Where the customer stands.
    #[must_use]
    pub fn index(&self) -> f64 {
        self.index
    }

    /// What the dimension adds to the composite, against the frame's customers.
    #[must_use]
    pub fn part(&self) -> f64 {
        self.part
    }

    /// Where the index would stand without any evidence: the base rate of trust, the prior of
    /// feeling, 0 for value and knowledge.
    #[must_use]
    pub fn start(&self) -> f64 {
        self.start
    }

    /// What no single event tells, such as what a customer has never bought.
    #[must_use]
    pub fn rest(&self) -> f64 {
        self.rest
    }

    /// Every event that moved the index, the largest move first, whichever way.
    #[must_use]
    pub fn events(&self) -> &[EventContribution] {
        &self.events
    }

    /// What the start and the rest add to the composite; with the events' shares it sums to
    /// [`part`](Self::part).
    #[must_use]
    pub fn composite_of_rest(&self) -> f64 {
        self.part - self.events.iter().map(|e| e.composite).sum::<f64>()
    }
}

/// Why a relationship is worth what it is (价值解释): from the composite to the dimensions, and from
/// each dimension to the events.
///
/// The dimensions' parts are exact Shapley values against the frame's customers. Below them, trust,
/// feeling and knowledge are split by what each event adds to the evidence: exact, because an index
/// is linear in the evidence given its total (knowledge: in proportion). The economic index is not,
/// so its events are added one after another in the order in which they occurred, each at what the
/// index rises or falls through it. An event's share of the composite is its share of its dimension.
///
/// What a sum is split into is a matter of arithmetic and says nothing of causes: that a complaint
/// lowers the index by 0.1 does not say what would be the case had there been none.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    value: RelationshipValue,
    contributions: Contributions,
    dimensions: ByDimension<Option<DimensionExplanation>>,
}

impl Explanation {
    /// What is explained.
    #[must_use]
    pub fn value(&self) -> &RelationshipValue {
        &self.value
    }

    /// What each dimension adds to the composite, against the frame's customers.
    #[must_use]
    pub fn contributions(&self) -> &Contributions {
        &self.contributions
    }

    /// Why a dimension stands where it does; `None` where it was not measured.
    #[must_use]
    pub fn dimension(&self, dimension: Dimension) -> Option<&DimensionExplanation> {
        self.dimensions.get(dimension).as_ref()
    }

    /// The contributions that moved the composite most, over all dimensions, the largest first.
    #[must_use]
    pub fn largest(&self, count: usize) -> Vec<&EventContribution> {
        let measured = self.dimensions.iter().filter_map(|(_, d)| d.as_ref());
        let mut events: Vec<&EventContribution> =
            measured.flat_map(DimensionExplanation::events).collect();
        events.sort_by(|a, b| b.composite.abs().total_cmp(&a.composite.abs()));
        events.truncate(count);
        events
    }
}

/// The events of one dimension by what they add to its index, and where it starts without them.
struct Split {
    start: f64,
    rest: f64,
    events: Vec<(EventRef, f64)>,
}

impl<V: Scorer<Score = LifetimeValue>> RelationshipScorer<V> {
    /// Why a relationship is worth what it is as of an instant.
    ///
    /// Each purchase and return is one valuation more.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::UnknownCustomer`] if nothing is recorded of the customer;
    /// [`RelationshipError::Score`] and [`RelationshipError::Summary`] as for a single score.
    pub fn explain(
        &self,
        base: &LiveBase,
        customer: &str,
        as_of: AsOf,
    ) -> Result<Explanation, RelationshipError> {
        let (id, events) = views(base, customer, as_of)?;
        let mut state = replayed(base);
        for interaction in &events {
            state.observe(interaction)?;
        }
        let summary = state.summary(id.clone(), as_of.instant())?;
        let value = self.score(&summary)?;
        let contributions = self.contributions(&value);
        let at = as_of.instant();
        let economic = match value.economic().measured() {
            Some(_) => Some(self.split_economic(base, &id, &events, at)?),
            None => None,
        };
        let splits = ByDimension {
            economic,
            trust: self.split_trust(base, &value, &events, at)?,
            emotional: self.split_feeling(base, &value, &summary, &events),
            information: self.split_knowledge(base, &value, &events),
        };
        let parts = contributions.parts();
        let dimensions = ByDimension::from_fn(|dimension| {
            let split = splits.get(dimension).as_ref()?;
            let index = value.index(dimension)?.mean();
            Some(self.explained(dimension, split, index, parts[dimension]))
        });
        Ok(Explanation {
            value,
            contributions,
            dimensions,
        })
    }

    /// A dimension's split with what it means to the composite.
    fn explained(
        &self,
        dimension: Dimension,
        split: &Split,
        index: f64,
        part: f64,
    ) -> DimensionExplanation {
        let reference = self.frame().reference(dimension).mean();
        let distance = index - reference;
        // At the reference a dimension adds nothing; what its events add and take away there is
        // told at the rate of its weight.
        let rate = if distance.abs() > 1e-9 {
            part / distance
        } else {
            self.policy().weights().get(dimension)
        };
        let mut events: Vec<EventContribution> = split
            .events
            .iter()
            .map(|(event, moved)| EventContribution {
                event: event.clone(),
                dimension,
                index: *moved,
                composite: rate * moved,
            })
            .collect();
        events.sort_by(|a, b| b.index.abs().total_cmp(&a.index.abs()));
        DimensionExplanation {
            reference,
            index,
            part,
            start: split.start,
            rest: split.rest,
            events,
        }
    }

    /// Purchases and returns, each at what the index rises or falls when it is added to those
    /// before.
    fn split_economic(
        &self,
        base: &LiveBase,
        customer: &CustomerId,
        events: &Recorded<'_>,
        at: DateTime<Utc>,
    ) -> Result<Split, RelationshipError> {
        let mut split = Split {
            start: 0.0,
            rest: 0.0,
            events: Vec::new(),
        };
        let Some(economic) = self.economic() else {
            return Ok(split);
        };
        let mut state = replayed(base);
        let mut last = 0.0;
        for interaction in events {
            if !matches!(interaction.kind(), Kind::Purchase(_) | Kind::Return(_)) {
                continue;
            }
            state.observe(interaction)?;
            let now = match economic.score(&state.summary(customer.clone(), at)?) {
                Ok(score) => score.index().mean(),
                Err(ScoreError::NoPurchase { .. }) => 0.0,
                Err(error) => return Err(error.into()),
            };
            split.events.push((EventRef::of(interaction), now - last));
            last = now;
        }
        Ok(split)
    }

    fn split_trust(
        &self,
        base: &LiveBase,
        value: &RelationshipValue,
        events: &Recorded<'_>,
        at: DateTime<Utc>,
    ) -> Result<Option<Split>, RelationshipError> {
        let Some(belief) = value.trust().native() else {
            return Ok(None);
        };
        let policy = self.frame().rules().trust();
        let mut moved = Vec::new();
        for interaction in events {
            let left = Fraction::new(left(interaction, base.rules().trust(), at))
                .map_err(ScoreError::from)?;
            let items = TrustItem::read(interaction, base.rules());
            let sum: f64 = items
                .map(|item| belief.contribution(&item, left, policy))
                .sum();
            if sum.abs() > 0.0 {
                moved.push((EventRef::of(interaction), sum));
            }
        }
        Ok(Some(Split {
            start: policy.base_rate(),
            rest: 0.0,
            events: moved,
        }))
    }

    fn split_feeling(
        &self,
        base: &LiveBase,
        value: &RelationshipValue,
        summary: &CustomerSummary,
        events: &Recorded<'_>,
    ) -> Option<Split> {
        let feeling = value.emotional().native()?;
        let (at, moments) = (summary.as_of()?, summary.affect().ok()??.peak_end());
        let policy = self.frame().rules().emotional();
        // The index is (x + 1)/2 of x = (1 − ω)m + ω(peak + end)/2.
        let told = policy.peak_end_weight();
        let of_moment = |id: &InteractionId, moment: Option<&Moment>| match moment {
            Some(moment) if moment.id() == id => told * moment.valence().value() / 4.0,
            _ => 0.0,
        };
        let mut moved = Vec::new();
        for interaction in events {
            let Some(item) = AffectItem::of(interaction, base.rules()) else {
                continue;
            };
            let left = left(interaction, base.rules().affect(), at);
            let of_mean = feeling.contribution(&item, left, policy);
            let id = interaction.id();
            let sum = (1.0 - told) * of_mean / 2.0
                + of_moment(id, moments.peak())
                + of_moment(id, moments.end());
            if sum.abs() > 0.0 {
                moved.push((EventRef::of(interaction), sum));
            }
        }
        Some(Split {
            start: f64::midpoint((1.0 - told) * policy.prior_mean(), 1.0),
            rest: 0.0,
            events: moved,
        })
    }

    fn split_knowledge(
        &self,
        base: &LiveBase,
        value: &RelationshipValue,
        events: &Recorded<'_>,
    ) -> Option<Split> {
        let knowledge = value.information().native()?;
        let policy = self.frame().rules().information();
        let told = events.iter().copied();
        let mut split = Split {
            start: 0.0,
            rest: 0.0,
            events: Vec::new(),
        };
        for part in knowledge.contributions_by_event(told, base.rules(), policy) {
            let event = part.event.as_ref();
            let of = event.and_then(|id| events.iter().find(|i| i.id() == id));
            match of {
                Some(interaction) => split.events.push((EventRef::of(interaction), part.amount)),
                None => split.rest += part.amount,
            }
        }
        Some(split)
    }
}

/// A state without events, by the rules of a base.
fn replayed(base: &LiveBase) -> CustomerState {
    CustomerState::with_rules(*base.policy(), std::sync::Arc::clone(base.rules()))
}

/// What its age left of an event.
fn left(interaction: &Interaction, half_life: HalfLife, at: DateTime<Utc>) -> f64 {
    let age = at.signed_duration_since(interaction.occurred_at());
    half_life.fade(age.num_seconds() as f64 + f64::from(age.subsec_nanos()) * 1e-9)
}
