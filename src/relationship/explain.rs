//! Why a relationship is worth what it is, down to the events that moved it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::dimension::{ByDimension, Dimension};
use crate::history::{AsOf, CustomerId, Interaction, Kind};
use crate::model::LifetimeValue;
use crate::quantity::{Fraction, HalfLife};
use crate::scorer::{ScoreError, Scorer};
use crate::summary::{AffectItem, CustomerState, CustomerSummary, LiveBase, Moment, TrustItem};

use super::recorded::{Recorded, views};
use super::{
    Contributions, EventRef, IndexScale, RelationshipError, RelationshipScorer, RelationshipValue,
};

/// Nearer than this to its reference, a dimension's part says nothing of its slope.
const AT_REFERENCE: f64 = 1e-9;

/// How far one event moved one dimension, and with it the composite.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct EventContribution {
    /// The event.
    pub event: EventRef,
    /// The dimension it moved.
    pub dimension: Dimension,
    /// By how much it moved the index of that dimension, in the units of that index.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "crate::quantity::stored::read_finite")
    )]
    pub index: f64,
    /// By how much it moved the composite, through that dimension; `None` where the customer does
    /// not permit a composite.
    pub composite: Option<f64>,
}

/// Why one dimension stands where it does.
///
/// `index = start + rest + Σ events`, and `part = composite_of_rest + Σ events.composite`, to
/// rounding.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::stored_value::WhyRow"))]
pub struct DimensionExplanation {
    pub(super) reference: f64,
    pub(super) index: f64,
    pub(super) part: Option<f64>,
    pub(super) start: f64,
    pub(super) rest: f64,
    pub(super) events: Vec<EventContribution>,
}

impl DimensionExplanation {
    /// The mean index of the frame's customers, from 0 to 1; the prior if nobody was measured.
    #[must_use]
    pub fn reference(&self) -> f64 {
        self.reference
    }

    /// The customer's index, from 0 to 1.
    #[must_use]
    pub fn index(&self) -> f64 {
        self.index
    }

    /// What the dimension adds to the composite, against the frame's customers; `None` where the
    /// customer does not permit a composite.
    #[must_use]
    pub fn part(&self) -> Option<f64> {
        self.part
    }

    /// Where the index would stand without any evidence: the base rate of trust, the prior of
    /// feeling, 0 for value and knowledge.
    #[must_use]
    pub fn start(&self) -> f64 {
        self.start
    }

    /// What no single event tells: of knowledge, what a customer has never bought; of feeling, what
    /// peak and end take from the prior; of value, what the model makes of anything but purchases and
    /// returns.
    #[must_use]
    pub fn rest(&self) -> f64 {
        self.rest
    }

    /// Every event that moved the index, the largest move first, whichever way.
    #[must_use]
    pub fn events(&self) -> &[EventContribution] {
        &self.events
    }

    /// What the start and the rest add to the composite, against the frame's customers; with the
    /// events' shares it sums to [`part`](Self::part).
    #[must_use]
    pub fn composite_of_rest(&self) -> Option<f64> {
        let events: Option<f64> = self.events.iter().map(|event| event.composite).sum();
        Some(self.part? - events?)
    }
}

/// Why a relationship is worth what it is (价值解释): from the composite to the dimensions, and from
/// each dimension to the events.
///
/// The dimensions' parts are exact Shapley values against the frame's customers. Below them, trust,
/// feeling and knowledge are split by what each event adds to the evidence: exact, because an index
/// is linear in the evidence given its total (knowledge: in proportion). The economic index is not,
/// so its events are added one after another in the order in which they occurred, each at what the
/// index rises or falls through it.
///
/// An event's share of the composite is what it moves the index by, times how far the dimension's
/// part goes for its distance from the reference: for the arithmetic mean that is the weight. On the
/// [percentile scale](IndexScale::Percentile) the distance is one of shares of customers, and an
/// index is translated at the mean slope over all that the events moved it through; the curve beyond
/// that is in [`composite_of_rest`](DimensionExplanation::composite_of_rest).
///
/// The Shapley values are *established*, and that the evidence splits by events is an identity; to
/// add purchases in their order, and to pass a part on in proportion, is our choice.
///
/// What a sum is split into is a matter of arithmetic and says nothing of causes: that a complaint
/// lowers the index by 0.1 does not say what would be the case had there been none.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use chrono::{DateTime, Days};
/// use guanxi::dimension::{Dimension, DimensionRules, ReferenceFrame};
/// use guanxi::history::{
///     AsOf, Consent, CustomerId, Interaction, InteractionId, Kind, Promise, PromiseEvent, Purpose,
/// };
/// use guanxi::relationship::{CompositionPolicy, RelationshipScorer};
/// use guanxi::summary::{LiveBase, SummaryPolicy};
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let mut base = LiveBase::new(SummaryPolicy::default());
/// let log: [(&str, u64, Kind); 3] = [
///     ("e-1", 0, Consent::Granted { purpose: Purpose::Analytics }.into()),
///     ("e-2", 0, Promise::new(PromiseEvent::Kept).into()),
///     ("e-3", 180, Promise::new(PromiseEvent::Broken).into()),
/// ];
/// for (id, n, kind) in log {
///     let who = CustomerId::new("c-17")?;
///     base.observe(Interaction::new(InteractionId::new(id)?, who, day(n), kind)?)?;
/// }
/// let frame = ReferenceFrame::stated(DimensionRules::default(), "shop", day(180), None)?;
/// let scorer = RelationshipScorer::without_value(Arc::new(frame), CompositionPolicy::default())?;
/// let why = scorer.explain(&base, "c-17", AsOf::at(day(180)))?;
///
/// // r = (1 + .5)/2 of what is half a year old, s = 2: a mean of 1.75/4.75.
/// let trust = why.dimension(Dimension::Trust).ok_or("promises were made")?;
/// assert!((trust.index() - 1.75 / 4.75).abs() < 1e-12);
/// assert_eq!((trust.start(), trust.rest()), (0.5, 0.0));
/// let broken = trust.events().first().ok_or("the largest move")?;
/// assert_eq!(broken.event.kind, "promise");
/// assert!((broken.index - -1.0 / 4.75).abs() < 1e-12); // −.5·2/(2 + .75 + 2)
/// assert!(broken.composite.is_some_and(|moved| (moved - 0.25 * -1.0 / 4.75).abs() < 1e-12));
/// let sum: f64 = trust.events().iter().map(|event| event.index).sum();
/// assert!((trust.start() + sum - trust.index()).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "super::stored_value::ExplanationRow")
)]
pub struct Explanation {
    pub(super) value: RelationshipValue,
    pub(super) contributions: Option<Contributions>,
    pub(super) dimensions: ByDimension<Option<DimensionExplanation>>,
}

impl Explanation {
    /// What is explained.
    #[must_use]
    pub fn value(&self) -> &RelationshipValue {
        &self.value
    }

    /// What each dimension adds to the composite, against the frame's customers; `None` where the
    /// customer does not permit a composite. Where there is none because too little is known, it is
    /// that of the [profile](RelationshipValue::profile) all the same.
    #[must_use]
    pub fn contributions(&self) -> Option<&Contributions> {
        self.contributions.as_ref()
    }

    /// Why a dimension stands where it does; `None` where it was not measured.
    #[must_use]
    pub fn dimension(&self, dimension: Dimension) -> Option<&DimensionExplanation> {
        self.dimensions.get(dimension).as_ref()
    }

    /// The contributions that moved the composite most, over all dimensions, the largest first,
    /// whichever way; where the customer does not permit a composite, those that moved an index most.
    /// Equal ones stand in the order of [`Dimension::ALL`], and then of time.
    #[must_use]
    pub fn largest(&self, count: usize) -> Vec<&EventContribution> {
        let measured = self.dimensions.iter().filter_map(|(_, d)| d.as_ref());
        let mut events: Vec<&EventContribution> =
            measured.flat_map(DimensionExplanation::events).collect();
        let size = |event: &EventContribution| event.composite.unwrap_or(event.index).abs();
        events.sort_by(|a, b| size(b).total_cmp(&size(a)));
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
    /// Events of all identities that were joined to the customer count; of an instant before the first
    /// of them, no dimension is explained. What the customer does not
    /// permit to be read is in no part of the answer, whatever else was recorded.
    ///
    /// Each purchase and return is one valuation more; where values are drawn, few draws will do,
    /// for only the expected values are told.
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
        let revoked = base.revoked(customer, as_of);
        let summary = state.summary_under(id.clone(), as_of.instant(), revoked)?;
        let value = self.score(&summary)?;
        let contributions = self.contributions(&value);
        let at = as_of.instant();
        let economic = match value.index(Dimension::Economic) {
            Some(index) => Some(self.split_economic(base, &id, &events, at, index.mean())?),
            None => None,
        };
        let splits = ByDimension {
            economic,
            trust: self.split_trust(base, &value, &events, at)?,
            emotional: self.split_feeling(base, &value, &summary, &events),
            information: self.split_knowledge(base, &value, &events),
        };
        let dimensions = ByDimension::from_fn(|dimension| {
            let split = splits.get(dimension).as_ref()?;
            let part = contributions.as_ref().map(|why| why.parts()[dimension]);
            self.explained(dimension, split, &value, part)
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
        value: &RelationshipValue,
        part: Option<f64>,
    ) -> Option<DimensionExplanation> {
        let index = value.index(dimension)?.mean();
        let composed = value.profile().get(dimension).mean();
        let distance = composed - self.reference().get(dimension).mean();
        // At the reference a dimension adds nothing; what its events add and take away there is
        // told at the rate of its weight.
        let rate = part.map(|part| {
            let slope = if distance.abs() > AT_REFERENCE {
                part / distance
            } else {
                self.policy().weights().get(dimension)
            };
            slope * self.scale_of(dimension, split)
        });
        let mut events: Vec<EventContribution> = split
            .events
            .iter()
            .map(|(event, moved)| EventContribution {
                event: event.clone(),
                dimension,
                index: *moved,
                composite: rate.map(|rate| rate * moved),
            })
            .collect();
        events.sort_by(|a, b| b.index.abs().total_cmp(&a.index.abs()));
        Some(DimensionExplanation {
            reference: self.frame().reference(dimension).mean(),
            index,
            part,
            start: split.start,
            rest: split.rest,
            events,
        })
    }

    /// How far the scale of the composite goes for a unit of the index: 1, or on the percentile
    /// scale the mean slope over all that the events moved the index through.
    fn scale_of(&self, dimension: Dimension, split: &Split) -> f64 {
        if self.policy().scale() == IndexScale::Native {
            return 1.0;
        }
        let moved = split.events.iter().map(|(_, moved)| moved);
        let down = split.start + moved.clone().copied().map(|m| m.min(0.0)).sum::<f64>();
        let up = split.start + moved.copied().map(|m| m.max(0.0)).sum::<f64>();
        let population = self.frame().population(dimension);
        match (population.share_below(down), population.share_below(up)) {
            (Some(low), Some(high)) if up > down => (high - low) / (up - down),
            _ => 0.0, // no event moved it
        }
    }

    /// Purchases and returns, each at what the index rises or falls when it is added to those
    /// before; the rest is what the model makes of other events.
    fn split_economic(
        &self,
        base: &LiveBase,
        customer: &CustomerId,
        events: &Recorded<'_>,
        at: DateTime<Utc>,
        index: f64,
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
            if (now - last).abs() > 0.0 {
                split.events.push((EventRef::of(interaction), now - last));
            }
            last = now;
        }
        split.rest = index - last;
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
        let of_moment = |event: &Interaction, moment: Option<&Moment>| match moment {
            Some(moment) if moment.at() == event.occurred_at() && moment.id() == event.id() => {
                told * moment.valence().value() / 4.0
            }
            _ => 0.0,
        };
        let mut moved = Vec::new();
        for interaction in events {
            let Some(item) = AffectItem::of(interaction, base.rules()) else {
                continue;
            };
            let left = left(interaction, base.rules().affect(), at);
            let of_mean = feeling.contribution(&item, left, policy);
            let sum = (1.0 - told) * of_mean / 2.0
                + of_moment(interaction, moments.peak())
                + of_moment(interaction, moments.end());
            if sum.abs() > 0.0 {
                moved.push((EventRef::of(interaction), sum));
            }
        }
        Some(Split {
            start: f64::midpoint(policy.prior_mean(), 1.0),
            rest: -told * policy.prior_mean() / 2.0,
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
        let by_id: BTreeMap<_, _> = told.clone().map(|event| (event.id(), event)).collect();
        let mut split = Split {
            start: 0.0,
            rest: 0.0,
            events: Vec::new(),
        };
        for part in knowledge.contributions_by_event(told, base.rules(), policy) {
            match part.event.as_ref().and_then(|id| by_id.get(id)) {
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
