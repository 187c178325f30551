//! Logs of several customers with interactions of every kind, as badly delivered as logs can be.

use chrono::{DateTime, TimeDelta, Utc};
use guanxi::history::{
    Channel, Consent, CustomerId, EpisodeId, Initiator, Interaction, InteractionId, Kind,
    PreferenceObserved,
};
use guanxi::quantity::HalfLife;
use guanxi::summary::{ConsentPolicy, ConsentRule, EvidencePolicy, SummaryPolicy};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::Union;

use super::kinds::{any_fraction, any_kind_numbered, any_other_kind, any_valence, state};

/// The customers of a log.
pub const CUSTOMERS: [&str; 3] = ["c-2", "c-10", "客户"];

/// One of [`CUSTOMERS`].
pub fn customer_of(place: usize) -> CustomerId {
    CustomerId::new(CUSTOMERS[place]).unwrap()
}

/// The instant so many hours into a log, after everything that payloads tell of.
pub fn hour(n: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(1_000) + TimeDelta::hours(n)
}

/// How many hours logs go on: most of a year.
pub const HOURS: i64 = 8_000;

/// An instant in a log, before it or after it.
pub fn any_hour() -> impl Strategy<Value = DateTime<Utc>> + Clone {
    (-200..HOURS + 500).prop_map(hour)
}

/// Any of the 34 kinds and those that are none of them, each as often as any other.
fn any_kind_once() -> impl Strategy<Value = Kind> {
    let known = (1..=34).map(|number| any_kind_numbered(number).boxed());
    Union::new(known.chain([any_other_kind().boxed()]))
}

/// When an interaction took place: often at the same instant as another.
fn any_time() -> impl Strategy<Value = i64> + Clone {
    prop_oneof![3 => 0..HOURS, 1 => (0..8_i64).prop_map(|n| n * 1_000)]
}

fn any_template() -> impl Strategy<Value = (usize, Interaction, Option<Index>)> {
    (
        (0..CUSTOMERS.len(), any_time(), any_kind_once()),
        of((-2_000_i64..2_000).prop_map(TimeDelta::hours)),
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
        of(0..3_u8),
        prop::option::weighted(0.15, any::<Index>()),
    )
        .prop_map(
            |(what, delay, by, channel, valence, arousal, episode, corrects)| {
                let (customer, n, kind) = what;
                let id = InteractionId::new("template").unwrap();
                let i = Interaction::new(id, customer_of(customer), hour(n), kind).unwrap();
                let i = state(i, delay.map(|delay| hour(n) + delay), Interaction::recorded);
                let i = state(i, by, Interaction::initiated_by);
                let i = state(i, channel, Interaction::through);
                let i = state(i, valence, Interaction::with_valence);
                let i = state(i, arousal, Interaction::with_arousal);
                let episode = episode.map(|n| EpisodeId::new(format!("e-{n}")).unwrap());
                (
                    customer,
                    state(i, episode, Interaction::in_episode),
                    corrects,
                )
            },
        )
}

/// The same interaction under another id and of another customer, correcting nothing.
pub fn renamed(i: &Interaction, id: InteractionId, customer: CustomerId) -> Interaction {
    let copy = Interaction::new(id, customer, i.occurred_at(), i.kind().clone()).unwrap();
    let copy = state(copy, Some(i.recorded_at()), Interaction::recorded);
    // The kind's default stays where nothing was stated.
    let stated = i
        .initiator()
        .filter(|by| Some(*by) != i.kind().default_initiator());
    let copy = state(copy, stated, Interaction::initiated_by);
    let copy = state(copy, i.channel(), Interaction::through);
    let copy = state(copy, i.stated_valence(), Interaction::with_valence);
    let copy = state(copy, i.stated_arousal(), Interaction::with_arousal);
    state(copy, i.episode().cloned(), Interaction::in_episode)
}

/// The same interaction of another customer.
pub fn of_customer(i: &Interaction, customer: &CustomerId) -> Interaction {
    let copy = renamed(i, i.id().clone(), customer.clone());
    state(copy, i.corrects().cloned(), Interaction::correcting)
}

/// Whether it asks for erasure.
pub fn asks_for_erasure(i: &Interaction) -> bool {
    matches!(i.kind(), Kind::Consent(Consent::ErasureRequested))
}

/// A log of up to this many interactions: each with an id of its own, of any of three customers, in
/// no order of time, some recorded late and some beforehand, some of them corrections of others of
/// their customer or of something that never came.
pub fn any_log(most: usize) -> impl Strategy<Value = Vec<Interaction>> {
    prop::collection::vec(any_template(), 0..=most).prop_map(|templates| {
        let mut log: Vec<Interaction> = Vec::new();
        for (n, (customer, template, corrects)) in templates.into_iter().enumerate() {
            let id = InteractionId::new(format!("i-{n}")).unwrap();
            let own = customer_of(customer);
            let target = corrects.map(|place| {
                let earlier: Vec<&Interaction> =
                    log.iter().filter(|i| i.customer() == &own).collect();
                match place.index(earlier.len() + 1) {
                    found if found < earlier.len() => earlier[found].id().clone(),
                    _ => InteractionId::new(format!("never-{customer}")).unwrap(),
                }
            });
            let i = renamed(&template, id, own);
            log.push(state(i, target, Interaction::correcting));
        }
        log
    })
}

/// A log and the same in another order.
pub fn any_log_twice(most: usize) -> impl Strategy<Value = (Vec<Interaction>, Vec<Interaction>)> {
    any_log(most).prop_flat_map(|log| (Just(log.clone()), Just(log).prop_shuffle()))
}

/// How many events a long log has of its first customer and of each of the others.
const LONG: [usize; 3] = [340, 80, 80];

/// A log of 500 interactions, most of them of one customer: many newcomers, many categories, long
/// journeys and a few of everything else, in no order of time. The ids of a customer are its own, and
/// those of another the same ones. Nothing is corrected and no erasure asked for.
pub fn any_long_log() -> impl Strategy<Value = Vec<Interaction>> {
    let category = (0..400_u16).prop_map(|n| PreferenceObserved::new(format!("k-{n}")).into());
    let kind = prop_oneof![
        8 => any_kind_numbered(15),
        6 => category,
        2 => any_kind_numbered(16),
        2 => any_kind_numbered(20),
        3 => any_kind_once().prop_filter("no erasure", |kind| {
            *kind != Kind::from(Consent::ErasureRequested)
        }),
    ];
    let template = (any_time(), kind, prop::bool::weighted(0.7));
    let count: usize = LONG.iter().sum();
    let log = prop::collection::vec(template, count).prop_map(|templates| {
        let whose = LONG.into_iter().enumerate();
        let whose = whose.flat_map(|(who, count)| (0..count).map(move |n| (who, n)));
        let events = whose.zip(templates);
        let event = |((who, n), (hours, kind, on_the_way))| {
            let id = InteractionId::new(format!("i-{n}")).unwrap();
            let i = Interaction::new(id, customer_of(who), hour(hours), kind).unwrap();
            let way = EpisodeId::new("e").unwrap();
            state(i, Some(way).filter(|_| on_the_way), Interaction::in_episode)
        };
        events.map(event).collect::<Vec<_>>()
    });
    log.prop_shuffle()
}

/// A log without requests for erasure.
pub fn any_kept_log(most: usize) -> impl Strategy<Value = Vec<Interaction>> {
    any_log(most).prop_map(|mut log| {
        log.retain(|i| !asks_for_erasure(i));
        log
    })
}

/// Consents that leave everything readable.
pub fn duty() -> ConsentPolicy {
    guanxi::history::Purpose::ALL
        .into_iter()
        .fold(ConsentPolicy::default(), |consent, purpose| {
            consent.with(purpose, ConsentRule::Duty)
        })
}

/// Rules of evidence: the default ones, without forgetting, or those under which everything may be
/// read.
pub fn any_rules() -> impl Strategy<Value = EvidencePolicy> {
    let default = EvidencePolicy::default();
    let open = default.clone().with_consent(duty());
    let never = open
        .clone()
        .with_purchase_feeling(true)
        .with_trust(HalfLife::NEVER)
        .with_affect(HalfLife::NEVER)
        .with_preference_fast(HalfLife::NEVER)
        .with_engagement(HalfLife::NEVER)
        .with_partnership(HalfLife::NEVER)
        .with_feedback(HalfLife::NEVER)
        .with_outcomes(HalfLife::NEVER);
    select(vec![default, open.clone(), open, never])
}

/// The rules of summaries that all logs are read by.
pub fn summaries() -> SummaryPolicy {
    SummaryPolicy::default()
}
