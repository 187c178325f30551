//! One customer of a live base: what was recorded, and the state that it leads to.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::Observed;
use crate::history::{AsOf, Interaction, InteractionId, Recorded, Timeline};
use crate::summary::{CustomerState, SummaryError};

/// How many events at most a customer has for each that came since the first late one: the state
/// is made anew before there are more, so that an event costs constant time in the long run.
const EVENTS_A_LATE_ONE: usize = 8;

/// One customer of a live base: what was recorded, and the state it leads to.
#[derive(Debug, Clone)]
pub(super) struct Live {
    pub(super) timeline: Timeline,
    pub(super) state: CustomerState,
    /// The instant and the id of the last event that was recorded, corrected or not.
    last: (DateTime<Utc>, InteractionId),
    /// Events since the first late one; while there is none, the state is that of a replay to the
    /// last bit.
    unsettled: usize,
}

/// What was recorded leads to everything else.
impl PartialEq for Live {
    fn eq(&self, other: &Self) -> bool {
        self.timeline == other.timeline
    }
}

/// The state that all standing events of a timeline lead to.
fn replayed(timeline: &Timeline, anew: CustomerState) -> Result<CustomerState, SummaryError> {
    anew.with_view(&timeline.as_of(AsOf::at(DateTime::<Utc>::MAX_UTC)))
}

impl Live {
    /// A customer of whom this was recorded; `None` if nothing was.
    pub(super) fn of(
        timeline: Timeline,
        anew: CustomerState,
    ) -> Result<Option<Self>, SummaryError> {
        let places = timeline.interactions().map(|i| (i.occurred_at(), i.id()));
        let Some((at, id)) = places.max() else {
            return Ok(None);
        };
        Ok(Some(Self {
            last: (at, id.clone()),
            state: replayed(&timeline, anew)?,
            timeline,
            unsettled: 0,
        }))
    }

    /// Takes in one interaction, however often it is delivered; an error changes nothing.
    pub(super) fn take(
        &mut self,
        interaction: Interaction,
        anew: impl Fn() -> CustomerState,
    ) -> Result<Observed, SummaryError> {
        let place = (interaction.occurred_at(), interaction.id().clone());
        let (_, id) = &place;
        if interaction.corrects().is_some() || self.timeline.is_corrected(id) {
            if self.timeline.record(interaction)? == Recorded::Duplicate {
                return Ok(Observed::Duplicate);
            }
            match replayed(&self.timeline, anew()) {
                Ok(state) => self.state = state,
                Err(error) => {
                    self.timeline.take_back(id);
                    return Err(error);
                }
            }
            self.unsettled = 0;
            self.last = place.max(self.last.clone());
            return Ok(Observed::Replayed);
        }
        if self.timeline.get(id).is_some() {
            self.timeline.record(interaction)?;
            return Ok(Observed::Duplicate);
        }
        self.state.observe(&interaction)?;
        self.timeline.record(interaction)?;
        let in_order = place > self.last;
        if in_order {
            self.last = place;
        }
        if !in_order || self.unsettled > 0 {
            self.unsettled += 1;
            if self.unsettled >= self.timeline.len() / EVENTS_A_LATE_ONE {
                if let Ok(state) = replayed(&self.timeline, anew()) {
                    self.state = state;
                    self.unsettled = 0;
                }
            }
        }
        Ok(Observed::Added)
    }

    /// The state as of an instant; `None` if nothing counts by then.
    pub(super) fn state_as_of(
        &self,
        as_of: AsOf,
        anew: impl FnOnce() -> CustomerState,
    ) -> Result<Option<Cow<'_, CustomerState>>, SummaryError> {
        let (last, _) = self.last;
        if as_of.knowledge().is_none() && as_of.instant() >= last && self.unsettled == 0 {
            return Ok(Some(Cow::Borrowed(&self.state)));
        }
        let view = self.timeline.as_of(as_of);
        if view.is_empty() {
            return Ok(None);
        }
        anew().with_view(&view).map(Cow::Owned).map(Some)
    }

    /// As though an interaction had not been recorded; `None` if there was no other.
    pub(super) fn without(
        mut self,
        id: &InteractionId,
        anew: CustomerState,
    ) -> Result<Option<Self>, SummaryError> {
        self.timeline.take_back(id);
        Self::of(self.timeline, anew)
    }
}
