//! What changed between two instants, and through what.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};

use crate::dimension::{ByDimension, Dimension};
use crate::history::{AsOf, CustomerId, Interaction, InteractionId};
use crate::model::LifetimeValue;
use crate::scorer::Scorer;
use crate::summary::{CustomerState, LiveBase, SummaryError};

use super::recorded::{Recorded, TOLD, is_told, signed, views};
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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct EventChange {
    pub(super) event: EventRef,
    pub(super) cause: Cause,
    pub(super) step: Step,
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

    /// By how much it moved each index, on the scale of the composite.
    #[must_use]
    pub fn indices(&self) -> ByDimension<f64> {
        self.step.indices
    }

    /// By how much it moved the composite; `None` where the customer does not permit one.
    #[must_use]
    pub fn composite(&self) -> Option<f64> {
        self.step.composite
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
/// Indices and composites are those of the [profiles](RelationshipValue::profile): a missing
/// dimension is stood in for by the frame's reference, so that a first piece of evidence moves it
/// from there, and evidence that may be read no longer moves it back. They are told even where too
/// little is known for a composite at one of the two instants. Where the customer does not permit a
/// composite at one of them, there is none of the change either.
///
/// An event that tells nothing but what may not be read as of the later instant, such as an answer
/// after the consent to analytics was withdrawn, moves nothing and has no step: neither its id nor its
/// kind nor its instant is told.
///
/// To take a change apart in steps is our choice; that they sum to it is an identity.
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
/// use guanxi::relationship::{Cause, CompositionPolicy, RelationshipScorer};
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
/// let change = scorer.change(&base, "c-17", AsOf::at(day(0)), AsOf::at(day(180)))?;
///
/// // Trust was 2.5/3.5. In half a year it fades to 1.75/2.75, and the broken promise does the rest.
/// assert_eq!(change.dimension(), Some(Dimension::Trust));
/// assert!((change.time().trust - (1.75 / 2.75 - 2.5 / 3.5)).abs() < 1e-12);
/// let broken = change.events().first().ok_or("one event came in between")?;
/// assert_eq!(broken.cause(), Cause::Added);
/// assert!((broken.indices().trust - (1.75 / 4.75 - 1.75 / 2.75)).abs() < 1e-12);
/// assert!((change.indices().trust - (1.75 / 4.75 - 2.5 / 3.5)).abs() < 1e-12);
/// // Promises are felt as well.
/// let moved = 0.25 * change.indices().trust + 0.20 * change.indices().emotional;
/// assert!(change.composite().is_some_and(|composite| (composite - moved).abs() < 1e-12));
/// assert_eq!(
///     change.to_string(),
///     "c-17 from 1970-01-01 to 1970-06-30: no composite; trust moved most, -0.346\n\
///      \x20 -0.078 of trust: time alone\n\
///      \x20 -0.268 of trust: promise e-3 on 1970-06-30 came in\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::stored_value::ChangeRow"))]
pub struct RelationshipChange {
    pub(super) before: RelationshipValue,
    pub(super) after: RelationshipValue,
    pub(super) start: Step,
    pub(super) end: Step,
    pub(super) time: Step,
    pub(super) events: Vec<EventChange>,
}

/// Indices and composite, or their differences.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub(super) struct Step {
    pub(super) indices: ByDimension<f64>,
    pub(super) composite: Option<f64>,
}

impl Step {
    fn from(self, earlier: Self) -> Self {
        let composites = self.composite.zip(earlier.composite);
        Self {
            indices: ByDimension::from_fn(|d| self.indices[d] - earlier.indices[d]),
            composite: composites.map(|(now, then)| now - then),
        }
    }

    /// What a reader is told of the step: how far it moved the composite, if that is told at all, and
    /// else which index it moved most and how far; `None` if it moved nothing.
    fn told(&self, composed: bool) -> Option<(Option<Dimension>, f64)> {
        match self.composite.filter(|_| composed) {
            Some(moved) => (moved.abs() > 0.0).then_some((None, moved)),
            None => most(&self.indices).map(|most| (Some(most), self.indices[most])),
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

    /// By how much each index moved in all, on the scale of the composite.
    #[must_use]
    pub fn indices(&self) -> ByDimension<f64> {
        self.end.from(self.start).indices
    }

    /// By how much the composite moved in all; `None` where the customer does not permit one at one
    /// of the instants.
    #[must_use]
    pub fn composite(&self) -> Option<f64> {
        self.end.from(self.start).composite
    }

    /// By how much time alone moved each index: evidence faded, silence grew.
    #[must_use]
    pub fn time(&self) -> ByDimension<f64> {
        self.time.indices
    }

    /// By how much time alone moved the composite; `None` where the customer does not permit one.
    #[must_use]
    pub fn composite_of_time(&self) -> Option<f64> {
        self.time.composite
    }

    /// Every event that came in between or counts no longer, in the order of the steps, but for those
    /// that tell nothing that may be read.
    #[must_use]
    pub fn events(&self) -> &[EventChange] {
        &self.events
    }

    /// The events that moved the composite most, the largest move first, whichever way; where there
    /// is no composite at one of the two instants, those that moved any one index most.
    #[must_use]
    pub fn largest(&self, count: usize) -> Vec<&EventChange> {
        let composed = self.is_composed();
        let mut events: Vec<&EventChange> = self.events.iter().collect();
        let size = |event: &EventChange| event.step.told(composed).map_or(0.0, |(_, m)| m.abs());
        events.sort_by(|a, b| size(b).total_cmp(&size(a)));
        events.truncate(count);
        events
    }

    /// The dimension whose index moved most, whichever way; of equal ones the first, and `None` where
    /// none moved.
    #[must_use]
    pub fn dimension(&self) -> Option<Dimension> {
        most(&self.indices())
    }

    /// Whether there is a composite at both instants.
    fn is_composed(&self) -> bool {
        let values = [&self.before, &self.after];
        let mut composites = values
            .into_iter()
            .map(|value| value.composite().composite());
        composites.all(|composite| composite.is_some())
    }
}

/// The dimension of the largest move; of equal ones the first, and `None` without a move.
fn most(moved: &ByDimension<f64>) -> Option<Dimension> {
    let mut most = None;
    let mut largest = 0.0;
    for (dimension, moved) in moved.iter() {
        if moved.abs() > largest {
            (most, largest) = (Some(dimension), moved.abs());
        }
    }
    most
}

impl fmt::Display for Cause {
    /// Writes `came in` or `counts no longer`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Added => "came in",
            Self::Superseded => "counts no longer",
        })
    }
}

impl fmt::Display for RelationshipChange {
    /// Writes from when to when, how far the composite moved and which dimension moved most; then
    /// what time alone did, and the three events that did most: to the composite where there is one
    /// at both instants, and else to the index that they moved most. What rounds to nothing is left
    /// out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.customer())?;
        if let (Some(from), Some(to)) = (self.before.as_of(), self.after.as_of()) {
            write!(f, " from {} to {}", from.date_naive(), to.date_naive())?;
        }
        let [then, now] = [&self.before, &self.after].map(|value| value.composite().composite());
        match (then, now) {
            (Some(then), Some(now)) => {
                let (then, now) = (then.value(), now.value());
                write!(f, ": composite {then:.2} to {now:.2}")?;
            }
            (None, Some(now)) => write!(f, ": composite from none to {:.2}", now.value())?,
            (Some(then), None) => write!(f, ": composite from {:.2} to none", then.value())?,
            (None, None) => write!(f, ": no composite")?,
        }
        let indices = self.indices();
        match self.dimension().map(|most| (most, indices[most])) {
            Some((most, moved)) if is_told(moved) => {
                writeln!(f, "; {most} moved most, {}", signed(moved))?;
            }
            _ => writeln!(f, "; nothing moved")?,
        }
        let composed = self.is_composed();
        let told = |step: &Step| {
            let (dimension, moved) = step.told(composed).filter(|(_, moved)| is_told(*moved))?;
            let of = dimension.map_or(String::new(), |dimension| format!(" of {dimension}"));
            Some(format!("{}{of}", signed(moved)))
        };
        if let Some(moved) = told(&self.time) {
            writeln!(f, "  {moved}: time alone")?;
        }
        for change in self.largest(TOLD) {
            let (event, cause) = (&change.event, change.cause);
            if let Some(moved) = told(&change.step) {
                writeln!(f, "  {moved}: {event} {cause}")?;
            }
        }
        Ok(())
    }
}

impl RelationshipChange {
    fn forget_composites(&mut self) {
        let events = self.events.iter_mut().map(|event| &mut event.step);
        let whole = [&mut self.start, &mut self.end, &mut self.time];
        for step in whole.into_iter().chain(events) {
            step.composite = None;
        }
    }
}

impl<V: Scorer<Score = LifetimeValue>> RelationshipScorer<V> {
    /// What changed in a relationship from one instant to another, and through which events.
    ///
    /// What was known may only grow: from what was [known](AsOf::known_at) in May one can go to what
    /// was known in June or is known now, not back.
    ///
    /// Each event that came in between is one scoring more; where lifetime values are drawn, few
    /// draws will do here.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::Order`] if the second instant is before the first, and
    /// [`RelationshipError::Knowledge`] if less is known then;
    /// [`RelationshipError::UnknownCustomer`] if nothing is recorded of the customer;
    /// [`RelationshipError::Score`] and [`RelationshipError::Summary`] as for a single score.
    pub fn change(
        &self,
        base: &LiveBase,
        customer: &str,
        from: AsOf,
        to: AsOf,
    ) -> Result<RelationshipChange, RelationshipError> {
        in_order(from, to)?;
        let (id, known) = views(base, customer, from)?;
        let (_, later) = views(base, customer, to)?;
        let revoked = base.revoked(customer, to);
        let unreadable = base.unreadable(customer, to);
        let score = |state: &CustomerState, as_of: AsOf| -> Result<_, RelationshipError> {
            Ok(self.score(&state.summary_under(id.clone(), as_of.instant(), revoked)?)?)
        };
        let mut state = replayed(base, &known)?;
        let before = score(&state, from)?;

        // What may not be read moves nothing, and is seen to where no step tells of it.
        let stay: BTreeSet<_> = later.iter().map(|event| key(event)).collect();
        let old: BTreeSet<_> = known.iter().map(|event| key(event)).collect();
        let stays = |event: &&Interaction| stay.contains(&key(event));
        let mut left = known.clone();
        left.retain(|event| stays(event) || !unreadable(event));
        if left.len() < known.len() {
            state = replayed(base, &left)?;
        }
        let came = later.iter().copied();
        let came = came.filter(|event| !old.contains(&key(event)));
        let (unread, came): (Recorded<'_>, Recorded<'_>) =
            came.partition(|event| unreadable(event));
        for event in &unread {
            state.observe(event)?;
        }

        let mut after = score(&state, to)?;
        let time = self.step(&after).from(self.step(&before));
        let mut events = Vec::new();
        let mut moved = |event: &Interaction, cause, then: Step, now: Step| {
            events.push(EventChange {
                event: EventRef::of(event),
                cause,
                step: now.from(then),
            });
        };

        let gone: Recorded<'_> = left.iter().copied().filter(|event| !stays(event)).collect();
        for gone in gone {
            left.retain(|event| key(event) != key(gone));
            state = replayed(base, &left)?;
            for event in &unread {
                state.observe(event)?;
            }
            let now = score(&state, to)?;
            moved(gone, Cause::Superseded, self.step(&after), self.step(&now));
            after = now;
        }
        for new in came {
            state.observe(new)?;
            let now = score(&state, to)?;
            moved(new, Cause::Added, self.step(&after), self.step(&now));
            after = now;
        }

        let mut change = RelationshipChange {
            start: self.step(&before),
            end: self.step(&after),
            time,
            events,
            before,
            after,
        };
        if change.before.not_modelled().is_some() || change.after.not_modelled().is_some() {
            change.forget_composites();
        }
        Ok(change)
    }

    /// The indices of a profile and what they come to.
    fn step(&self, value: &RelationshipValue) -> Step {
        let indices = value.profile().means();
        let (weights, aggregation) = (self.policy().weights(), self.policy().aggregation());
        Step {
            indices,
            composite: Some(aggregation.value(weights, &indices)),
        }
    }
}

/// Names an event among those of all identities of a customer.
fn key(event: &Interaction) -> (&CustomerId, &InteractionId) {
    (event.customer(), event.id())
}

/// Whether neither time nor knowledge goes backwards.
fn in_order(from: AsOf, to: AsOf) -> Result<(), RelationshipError> {
    if to.instant() < from.instant() {
        return Err(RelationshipError::Order {
            from: from.instant(),
            to: to.instant(),
        });
    }
    let known = |as_of: AsOf| as_of.knowledge().unwrap_or(DateTime::<Utc>::MAX_UTC);
    if known(to) < known(from) {
        return Err(RelationshipError::Knowledge {
            from: known(from),
            to: known(to),
        });
    }
    Ok(())
}

/// The state that some interactions lead to.
fn replayed(base: &LiveBase, events: &Recorded<'_>) -> Result<CustomerState, SummaryError> {
    let mut state = CustomerState::with_rules(*base.policy(), std::sync::Arc::clone(base.rules()));
    for interaction in events {
        state.observe(interaction)?;
    }
    Ok(state)
}
