//! How a relationship is taken apart, down to the events that moved it.

use chrono::{DateTime, Utc};

use crate::dimension::{ByDimension, Dimension};
use crate::history::{AsOf, CustomerId, Interaction, Kind};
use crate::model::LifetimeValue;
use crate::quantity::{Fraction, HalfLife, Span, TimeUnit};
use crate::scorer::{ScoreError, Scorer};
use crate::summary::{AffectItem, CustomerState, CustomerSummary, LiveBase, Moment, TrustItem};

use super::recorded::{Recorded, views};
use super::{
    DimensionExplanation, EventContribution, EventRef, Explanation, IndexScale, RelationshipError,
    RelationshipScorer, RelationshipValue,
};

/// Nearer than this to its reference, a dimension's part says nothing of its slope.
const AT_REFERENCE: f64 = 1e-9;

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
            emotional: self.split_feeling(base, &value, &summary, &events)?,
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
            let now = match economic.score(&state.summary_of_purchases(customer, at)?) {
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
            let left = left(interaction, base.rules().trust(), at)?;
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
    ) -> Result<Option<Split>, RelationshipError> {
        let evidence = summary.affect().ok().flatten();
        let judged = value.emotional().native().zip(evidence);
        let (Some((feeling, evidence)), Some(at)) = (judged, summary.as_of()) else {
            return Ok(None);
        };
        let moments = evidence.peak_end();
        let policy = self.frame().rules().emotional();
        // The index is (x + 1)/2 of x = (1 − ω)m + ω(peak + end)/2.
        let told = policy.peak_end_weight();
        // Each moment is one event's, even where those of joined identities share an id.
        let is_it = |event: &Interaction, item: &AffectItem, moment: &Moment| {
            let place = moment.at() == event.occurred_at() && moment.id() == event.id();
            place && (moment.valence(), moment.arousal()) == (item.valence(), item.arousal())
        };
        let mut moments = [moments.peak(), moments.end()];
        let mut moved = Vec::new();
        for interaction in events {
            let Some(item) = AffectItem::of(interaction, base.rules()) else {
                continue;
            };
            let left = left(interaction, base.rules().affect(), at)?.value();
            let of_mean = feeling.contribution(&item, left, policy);
            let mut sum = (1.0 - told) * of_mean / 2.0;
            for place in &mut moments {
                if let Some(moment) = place.take_if(|moment| is_it(interaction, &item, moment)) {
                    sum += told * moment.valence().value() / 4.0;
                }
            }
            if sum.abs() > 0.0 {
                moved.push((EventRef::of(interaction), sum));
            }
        }
        Ok(Some(Split {
            start: f64::midpoint(policy.prior_mean(), 1.0),
            rest: -told * policy.prior_mean() / 2.0,
            events: moved,
        }))
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
        for (part, event) in knowledge.told(told, base.rules(), policy) {
            match event {
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
fn left(
    interaction: &Interaction,
    half_life: HalfLife,
    at: DateTime<Utc>,
) -> Result<Fraction, ScoreError> {
    let age = Span::between(interaction.occurred_at(), at, TimeUnit::Second)?;
    Ok(Fraction::new(half_life.decay(age))?)
}
