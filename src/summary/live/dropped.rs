//! Events that tell nothing but what may not be read any more, taken out of what was recorded.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::LiveBase;
use super::one::Live;
use crate::history::{AsOf, CustomerId, HistoryError, Interaction, InteractionId, Kind, Timeline};
use crate::summary::evidence::Evidence;
use crate::summary::ledger::Line;
use crate::summary::money::Feed;
use crate::summary::{EvidenceKind, EvidencePolicy, SummaryError};

/// The names and instants of the events that were dropped of each identity.
pub(super) type Dropped = BTreeMap<CustomerId, BTreeMap<InteractionId, DateTime<Utc>>>;

/// Whether an event tells something, and nothing but evidence of these kinds: no money, and nothing
/// of consent.
fn tells_only(interaction: &Interaction, kinds: &[EvidenceKind], rules: &EvidencePolicy) -> bool {
    let counts = matches!(Feed::of(interaction.kind()), Feed::Count(Line::Other));
    if !counts || matches!(interaction.kind(), Kind::Consent(_)) {
        return false;
    }
    let mut evidence = Evidence::default();
    evidence.observe(interaction, rules);
    let told = EvidenceKind::ALL.into_iter();
    let mut told = told.filter(|&kind| evidence.holds(kind)).peekable();
    told.peek().is_some() && told.all(|kind| kinds.contains(&kind))
}

/// What of a timeline is to go: only whole chains of corrections, for half of one would say what was
/// wrong.
fn to_drop(
    timeline: &Timeline,
    drops: impl Fn(&Interaction) -> bool,
) -> BTreeMap<InteractionId, DateTime<Utc>> {
    let dropped = timeline.interactions().filter(|i| drops(i));
    let mut dropped: BTreeMap<_, _> = dropped.map(|i| (i.id().clone(), i.occurred_at())).collect();
    loop {
        let mut torn = BTreeSet::new();
        for interaction in timeline.interactions() {
            if let Some(corrected) = interaction.corrects() {
                let id = interaction.id();
                if dropped.contains_key(id) != dropped.contains_key(corrected) {
                    torn.extend([id.clone(), corrected.clone()]);
                }
            }
        }
        if torn.is_empty() {
            return dropped;
        }
        dropped.retain(|id, _| !torn.contains(id));
    }
}

/// A timeline without some of its events.
fn without(
    timeline: &Timeline,
    dropped: &BTreeMap<InteractionId, DateTime<Utc>>,
) -> Result<Timeline, HistoryError> {
    let mut kept = Timeline::new(timeline.customer().clone());
    let stays = |i: &&Interaction| !dropped.contains_key(i.id());
    for interaction in timeline.interactions().filter(stays) {
        kept.record(interaction.clone())?;
    }
    Ok(kept)
}

impl LiveBase {
    /// Removes, of every customer, the events up to an instant that tell nothing but evidence that
    /// may not be read as of it, such as answers and profile fields after a consent was withdrawn;
    /// says how many events were dropped.
    ///
    /// Events that tell something else too stay as they are: a purchase is still in the accounts
    /// and a complaint still tells of trust, and what they tell of preferences or of feeling is
    /// withheld until the customer agrees again. (A [`CustomerBase`](crate::summary::CustomerBase)
    /// keeps no events, and drops the sums instead.) Events of which one corrects another go
    /// together or stay. Only the names and instants of dropped events are kept, so that one that
    /// is delivered again is not taken in again. A customer of whom nothing else was recorded is
    /// gone.
    ///
    /// # Cost
    ///
    /// That of a [`summary`](Self::summary) of every customer, and a replay of those who have
    /// something to drop.
    ///
    /// # Errors
    ///
    /// As [`summary`](Self::summary), naming the customer; the base is then as it was.
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::DateTime;
    /// use guanxi::history::{AsOf, CustomerId, Interaction, InteractionId, NpsSurvey, Promise, PromiseEvent};
    /// use guanxi::summary::{LiveBase, Observed, SummaryPolicy};
    ///
    /// let (who, at) = (CustomerId::new("c-17")?, DateTime::UNIX_EPOCH);
    /// let answer = Interaction::new(InteractionId::new("s-1")?, who.clone(), at, NpsSurvey::new(9)?)?;
    /// let kept = Promise::new(PromiseEvent::Kept);
    /// let mut base = LiveBase::new(SummaryPolicy::default());
    /// base.observe(answer.clone())?;
    /// base.observe(Interaction::new(InteractionId::new("p-1")?, who, at, kept)?)?;
    ///
    /// assert_eq!(base.drop_withheld(at)?, 1); // nobody asked whether answers may be read
    /// assert_eq!(base.observe(answer)?, Observed::Dropped);
    /// let left = base.summary("c-17", AsOf::at(at))?.ok_or("known")?;
    /// assert!(left.trust()?.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn drop_withheld(&mut self, as_of: DateTime<Utc>) -> Result<usize, SummaryError> {
        let mut changes = Vec::new();
        for head in self.customers() {
            let Some(summary) = self.summary(head.as_str(), AsOf::at(as_of))? else {
                continue;
            };
            let withheld: Vec<_> = summary.withheld().iter().map(|w| w.what).collect();
            for live in self.known(head.as_str()) {
                let dropped = to_drop(&live.timeline, |interaction| {
                    interaction.occurred_at() <= as_of
                        && tells_only(interaction, &withheld, &self.rules)
                });
                if !dropped.is_empty() {
                    let identity = live.timeline.customer();
                    let kept = without(&live.timeline, &dropped)
                        .map_err(SummaryError::from)
                        .and_then(|kept| Live::of(kept, self.anew()))
                        .map_err(|error| error.of_customer(identity))?;
                    changes.push((identity.clone(), kept, dropped));
                }
            }
        }
        let mut count = 0;
        for (identity, kept, dropped) in changes {
            count += dropped.len();
            self.customers.remove(&identity);
            if let Some(live) = kept {
                self.customers.insert(identity.clone(), live);
            }
            self.dropped.entry(identity).or_default().extend(dropped);
        }
        Ok(count)
    }

    /// Whether an event was dropped before.
    pub(super) fn was_dropped(&self, interaction: &Interaction) -> bool {
        let dropped = self.dropped.get(interaction.customer());
        dropped.is_some_and(|dropped| dropped.contains_key(interaction.id()))
    }

    /// Forgets the names of events that were dropped of an identity, up to an instant.
    pub(super) fn forget_dropped(&mut self, identity: &CustomerId, at: DateTime<Utc>) {
        if let Some(dropped) = self.dropped.get_mut(identity) {
            dropped.retain(|_, dropped_at| *dropped_at > at);
            if dropped.is_empty() {
                self.dropped.remove(identity);
            }
        }
    }
}
