//! Interactions and histories, valid by construction.

use chrono::{DateTime, TimeDelta, Utc};
use guanxi::history::{Channel, CustomerId, EpisodeId, Initiator, Interaction, InteractionId};
use guanxi::quantity::{Currency, Money};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

pub use super::kinds::*;

/// The instant `n` days after the epoch.
pub fn day(n: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(n)
}

/// An id, for tests that write it out.
pub fn id(text: &str) -> InteractionId {
    InteractionId::new(text).unwrap()
}

/// The one customer of most tests.
pub fn customer() -> CustomerId {
    CustomerId::new("c-1").unwrap()
}

/// An amount in euros, for tests that write it out.
pub fn eur(text: &str) -> Money {
    Money::parse(text, Currency::EUR).unwrap()
}

/// An interaction of any kind, of the customer [`customer`], after everything its payload tells of.
pub fn any_interaction() -> impl Strategy<Value = Interaction> {
    let kind = prop_oneof![9 => any_kind(), 1 => any_other_kind()];
    (
        (any_interaction_id(), 1_000_i64..1_020, kind),
        of(-5_i64..15),
        of(select(vec![
            Initiator::Customer,
            Initiator::Firm,
            Initiator::Third,
        ])),
        of(select(vec![
            Channel::Store,
            Channel::InPerson,
            Channel::Other,
        ])),
        of(any_valence()),
        of(any_fraction()),
        of("e-[0-3]"),
    )
        .prop_map(|(what, delay, by, channel, valence, arousal, episode)| {
            let (id, n, kind) = what;
            let i = Interaction::new(id, customer(), day(n), kind).unwrap();
            let i = state(i, delay.map(|d| day(n + d)), Interaction::recorded);
            let i = state(i, by, Interaction::initiated_by);
            let i = state(i, channel, Interaction::through);
            let i = state(i, valence, Interaction::with_valence);
            let i = state(i, arousal, Interaction::with_arousal);
            let episode = episode.map(|text| EpisodeId::new(text).unwrap());
            state(i, episode, Interaction::in_episode)
        })
}

/// Up to a dozen interactions of one customer with ids of their own, some of which correct others.
///
/// A correction points to an id that comes earlier in the list, or to one that never comes.
pub fn any_history() -> impl Strategy<Value = Vec<Interaction>> {
    let step = (any_interaction(), of(any::<prop::sample::Index>()));
    prop::collection::vec(step, 0..12).prop_map(|steps| {
        let mut history: Vec<Interaction> = Vec::new();
        for (n, (template, target)) in steps.into_iter().enumerate() {
            let own = id(&format!("i-{n}"));
            let occurred = template.occurred_at();
            let kind = template.kind().clone();
            let i = Interaction::new(own, customer(), occurred, kind).unwrap();
            let i = i.recorded(template.recorded_at());
            let target = target.map(|at| at.index(2 * n + 1));
            let target = target.filter(|at| *at < n || *at == 2 * n);
            let target = target.map(|at| {
                let found: Option<&Interaction> = history.get(at);
                found.map_or_else(|| id("never-recorded"), |i| i.id().clone())
            });
            history.push(state(i, target, Interaction::correcting));
        }
        history
    })
}
