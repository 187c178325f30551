//! What changed between two instants, and through what.

use crate::dimension::{ByDimension, Dimension};
use crate::history::{AsOf, CustomerId, Interaction};
use crate::model::LifetimeValue;
use crate::scorer::Scorer;
use crate::summary::{CustomerState, LiveBase, SummaryError};

use super::recorded::{Recorded, views};
use super::{EventRef, RelationshipError, RelationshipScorer, RelationshipValue};

/// Why an event moved a relationship between two instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Cause {
    /// It came in between.
    Added,
    /// It was known before and counts no longer: a correction took its place.
    Superseded,
}

/// What one event changed.
#[derive(Debug, Clone, PartialEq)]
pub struct EventChange {
    event: EventRef,
    cause: Cause,
    indices: ByDimension<f64>,
    composite: f64,
}

impl EventChange {
    /// The event.
    #[must_use]
    pub fn event(&self) -> &EventRef {
        &self.event
    }

    /// Why it counts now, or no longer.
    #[must_use]
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// By how much it moved each index.
    #[must_use]
    pub fn indices(&self) -> ByDimension<f64> {
        self.indices
    }

    /// By how much it moved the composite.
    #[must_use]
    pub fn composite(&self) -> f64 {
        self.composite
    }
}

/// What changed in one relationship between two instants (变化): which dimension, through which
/// events, by how much.
///
/// The change is taken apart in steps that happen one after another. First the time passes, with
/// nothing new: evidence fades and silence grows. Then, at the later instant, what was corrected is
/// taken out and what came in between is added, event by event in the order in which they occurred.
/// Each step's share is what it changes, so that all of them sum to the whole change exactly. The
/// order matters to the shares (a second complaint does less than the first), which is why it is the
/// order of the events and not that of their arrival.
///
/// Composites are those of the profiles, a missing dimension stood in for by the frame's reference,
/// even where coverage or consent [withholds](super::CompositeOutcome) the composite itself at one of
/// the two instants; the values before and after say so.
#[derive(Debug, Clone, PartialEq)]
pub struct RelationshipChange {
    before: RelationshipValue,
    after: RelationshipValue,
    start: Step,
    end: Step,
    time: Step,
    events: Vec<EventChange>,
}

/// Indices and composite, or their differences.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    indices: ByDimension<f64>,
    composite: f64,
}

impl Step {
    fn from(self, earlier: Self) -> Self {
        Self {
            indices: ByDimension::from_fn(|d| self.indices[d] - earlier.indices[d]),
            composite: self.composite - earlier.composite,
        }
    }
}

impl RelationshipChange {
    /// The relationship at the earlier instant.
    #[must_use]
    pub fn before(&self) -> &RelationshipValue {
        &self.before
    }

    /// The relationship at the later instant.
    #[must_use]
    pub fn after(&self) -> &RelationshipValue {
        &self.after
    }

    /// Whose relationship it is.
    #[must_use]
    pub fn customer(&self) -> &CustomerId {
        self.after.customer()
    }

    /// By how much each index moved in all.
    #[must_use]
    pub fn indices(&self) -> ByDimension<f64> {
        self.end.from(self.start).indices
    }

    /// By how much the composite moved in all.
    #[must_use]
    pub fn composite(&self) -> f64 {
        self.end.from(self.start).composite
    }

    /// By how much time alone moved each index: evidence faded, silence grew.
    #[must_use]
    pub fn time(&self) -> ByDimension<f64> {
        self.time.indices
    }

    /// By how much time alone moved the composite.
    #[must_use]
    pub fn composite_of_time(&self) -> f64 {
        self.time.composite
    }

    /// Every event that came in between or counts no longer, in the order of the steps.
    #[must_use]
    pub fn events(&self) -> &[EventChange] {
        &self.events
    }

    /// The events that moved the composite most, the largest move first, whichever way.
    #[must_use]
    pub fn largest(&self, count: usize) -> Vec<&EventChange> {
        let mut events: Vec<&EventChange> = self.events.iter().collect();
        events.sort_by(|a, b| b.composite.abs().total_cmp(&a.composite.abs()));
        events.truncate(count);
        events
    }

    /// The dimension that moved most, whichever way.
    #[must_use]
    pub fn dimension(&self) -> Dimension {
        let moved = self.indices();
        let mut most = Dimension::Economic;
        for dimension in Dimension::ALL {
            if moved[dimension].abs() > moved[most].abs() {
                most = dimension;
            }
        }
        most
    }
}

impl<V: Scorer<Score = LifetimeValue>> RelationshipScorer<V> {
    /// What changed in a relationship from one instant to another, and through which events.
    ///
    /// Each event that came in between is one scoring more; where lifetime values are drawn, few
    /// draws will do here.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::Order`] if the second instant is before the first;
    /// [`RelationshipError::UnknownCustomer`] if nothing is recorded of the customer;
    /// [`RelationshipError::Score`] and [`RelationshipError::Summary`] as for a single score.
    pub fn change(
        &self,
        base: &LiveBase,
        customer: &str,
        from: AsOf,
        to: AsOf,
    ) -> Result<RelationshipChange, RelationshipError> {
        if to.instant() < from.instant() {
            return Err(RelationshipError::Order {
                from: from.instant(),
                to: to.instant(),
            });
        }
        let (id, known) = views(base, customer, from)?;
        let (_, later) = views(base, customer, to)?;
        let score = |state: &CustomerState, as_of: AsOf| -> Result<_, RelationshipError> {
            Ok(self.score(&state.summary(id.clone(), as_of.instant())?)?)
        };
        let state = replayed(base, &known)?;
        let before = score(&state, from)?;
        let start = self.step(&before);
        let mut last = self.step(&score(&state, to)?);
        let time = last.from(start);
        let mut events = Vec::new();
        let mut add = |interaction: &Interaction, cause, now: Step, last: Step| {
            let Step { indices, composite } = now.from(last);
            events.push(EventChange {
                event: EventRef::of(interaction),
                cause,
                indices,
                composite,
            });
        };

        let stays = |i: &&Interaction| later.iter().any(|l| l.id() == i.id());
        let gone: Vec<&Interaction> = known.iter().copied().filter(|i| !stays(i)).collect();
        let mut left = known.clone();
        for interaction in gone {
            left.retain(|i| i.id() != interaction.id());
            let now = self.step(&score(&replayed(base, &left)?, to)?);
            add(interaction, Cause::Superseded, now, last);
            last = now;
        }
        let mut state = replayed(base, &left)?;
        let was = |i: &&Interaction| known.iter().any(|k| k.id() == i.id());
        for interaction in later.iter().copied().filter(|i| !was(i)) {
            state.observe(interaction)?;
            let now = self.step(&score(&state, to)?);
            add(interaction, Cause::Added, now, last);
            last = now;
        }
        Ok(RelationshipChange {
            before,
            after: score(&state, to)?,
            start,
            end: last,
            time,
            events,
        })
    }

    /// The indices of a profile and what they come to.
    fn step(&self, value: &RelationshipValue) -> Step {
        let indices = value.profile().means();
        let (weights, aggregation) = (self.policy().weights(), self.policy().aggregation());
        Step {
            indices,
            composite: aggregation.value(weights, &indices),
        }
    }
}

/// The state that some interactions lead to.
fn replayed(base: &LiveBase, events: &Recorded<'_>) -> Result<CustomerState, SummaryError> {
    let mut state = CustomerState::with_rules(*base.policy(), std::sync::Arc::clone(base.rules()));
    for interaction in events {
        state.observe(interaction)?;
    }
    Ok(state)
}
