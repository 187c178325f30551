//! Laws of all evidence together, over logs of every kind: order, repeats, sharding and later
//! knowledge never matter, and one customer's erasure is nobody else's business.
#![cfg(feature = "serde")]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use guanxi::dimension::{EmotionalPolicy, Feeling, TrustBelief, TrustPolicy};
use guanxi::history::{
    AsOf, CustomerId, Interaction, InteractionId, Kind, NpsSurvey, Promise, PromiseEvent,
    TrustFacet,
};
use guanxi::quantity::Fraction;
use guanxi::summary::{
    AdvocacyEvidence, AffectEvidence, CustomerBase, CustomerState, CustomerSummary,
    EngagementEvidence, EvidencePolicy, ExchangeEvidence, FeedbackEvidence, Journeys, LiveBase,
    NetworkEvidence, Observed, OfferEvidence, PartnershipEvidence, PreferenceEvidence,
    ProfileEvidence, SummaryError, TrustDirection, TrustEvidence,
};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use support::alike::difference;
use support::log::{
    CUSTOMERS, any_hour, any_kept_log, any_log, any_log_twice, any_long_log, any_rules,
    asks_for_erasure, customer_of, duty, hour, of_customer, renamed, summaries,
};

/// How many logs each law is tried on, and how many interactions one has at most.
const CASES: u32 = 10_000;
const EVENTS: usize = 24;

/// How many long logs there are.
const LONG_CASES: u32 = 60;

fn streamed<'a>(
    rules: &EvidencePolicy,
    log: impl IntoIterator<Item = &'a Interaction>,
) -> CustomerBase {
    let mut base = CustomerBase::with_rules(summaries(), Arc::new(rules.clone()));
    for interaction in log {
        base.observe(interaction).expect("one currency");
    }
    base
}

fn live<'a>(rules: &EvidencePolicy, log: impl IntoIterator<Item = &'a Interaction>) -> LiveBase {
    let mut base = LiveBase::with_rules(summaries(), Arc::new(rules.clone()));
    for interaction in log {
        base.observe(interaction.clone()).expect("one currency");
    }
    base
}

fn open() -> EvidencePolicy {
    EvidencePolicy::default().with_consent(duty())
}

type Answers = Vec<Result<CustomerSummary, SummaryError>>;

fn answers(base: &LiveBase, as_of: AsOf) -> Answers {
    base.summaries(as_of).collect()
}

fn written(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("can be written")
}

/// An instant after every event of every log.
fn end() -> DateTime<Utc> {
    hour(20_000)
}

macro_rules! prop_assert_alike {
    ($ours:expr, $theirs:expr) => {
        prop_assert_eq!(difference($ours, $theirs), None)
    };
}

/// The state of one customer.
fn state<'a>(
    rules: &EvidencePolicy,
    log: impl IntoIterator<Item = &'a Interaction>,
) -> CustomerState {
    let mut state = CustomerState::with_rules(summaries(), Arc::new(rules.clone()));
    for interaction in log {
        state.observe(interaction).expect("one currency");
    }
    state
}

fn joined(left: &CustomerState, right: &CustomerState) -> CustomerState {
    let mut both = left.clone();
    both.merge(right).expect("one currency");
    both
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: CASES,
        rng_seed: RngSeed::Fixed(20_260_101),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Stream, permutation and sharding: the same base.
    #[test]
    fn order_and_sharding_do_not_matter(
        (log, shuffled) in any_log_twice(EVENTS),
        shards in prop::collection::vec(0_usize..3, EVENTS),
        rules in any_rules(),
        at in any_hour(),
    ) {
        let whole = streamed(&rules, &log);
        prop_assert_alike!(&whole, &streamed(&rules, &shuffled));
        let shard = |n| {
            let of_shard = shuffled.iter().zip(&shards).filter(|(_, shard)| **shard == n);
            streamed(&rules, of_shard.map(|(i, _)| i))
        };
        let mut at_once = streamed(&rules, []);
        at_once.observe_all(&log)?;
        prop_assert_eq!(&at_once, &whole);
        let mut merged = shard(0);
        merged.merge(shard(1))?;
        merged.merge(shard(2))?;
        prop_assert_alike!(&whole, &merged);
        for as_of in [at, end()] {
            let summaries: Vec<_> = whole.summaries(as_of).collect::<Result<_, _>>()?;
            let others: Vec<_> = merged.summaries(as_of).collect::<Result<_, _>>()?;
            prop_assert_alike!(&summaries, &others);
        }
    }

    /// What is streamed is what each state would read out of the whole log at once.
    #[test]
    fn a_stream_is_a_batch(log in any_log(EVENTS), at in any_hour()) {
        let rules = open();
        let base = live(&rules, log.iter().filter(|i| !asks_for_erasure(i)));
        for customer in base.customers() {
            let Some(summary) = base.summary(customer.as_str(), AsOf::at(at))? else { continue };
            let timeline = base.timeline(customer.as_str()).expect("known");
            let view = timeline.as_of(AsOf::at(at));
            macro_rules! assert_batch {
                ($($reader:ident: $state:ident),*) => {$(
                    let batch = $state::from_interactions(&view, at, &rules);
                    let batch = Some(batch).filter(|batch| !batch.is_empty());
                    prop_assert_eq!(summary.$reader().ok(), Some(batch.as_ref()));
                )*};
            }
            assert_batch!(
                trust: TrustEvidence, affect: AffectEvidence, preferences: PreferenceEvidence,
                profile: ProfileEvidence, feedback: FeedbackEvidence,
                engagement: EngagementEvidence, advocacy: AdvocacyEvidence,
                network: NetworkEvidence, journeys: Journeys, offers: OfferEvidence,
                partnership: PartnershipEvidence, exchange: ExchangeEvidence
            );
        }
    }

    /// Merging is associative and commutative, and an empty state changes nothing.
    #[test]
    fn states_merge_as_sets_do(
        log in any_log(EVENTS),
        shards in prop::collection::vec(0_usize..3, EVENTS),
        rules in any_rules(),
    ) {
        let [a, b, c] = [0, 1, 2].map(|n| {
            state(&rules, log.iter().zip(&shards).filter(|(_, s)| **s == n).map(|(i, _)| i))
        });
        let left = joined(&joined(&a, &b), &c);
        prop_assert_alike!(&left, &joined(&a, &joined(&b, &c)));
        prop_assert_alike!(&left, &joined(&joined(&c, &b), &a));
        prop_assert_alike!(&left, &state(&rules, &log));
        let empty = state(&rules, []);
        prop_assert_eq!(&joined(&left, &empty), &left);
        prop_assert_eq!(&joined(&empty, &left), &left);
        let bases = |n: usize| streamed(&rules, log.iter().skip(n).step_by(2));
        let merged = |mut one: CustomerBase, other| one.merge(other).map(|()| one);
        prop_assert_alike!(&merged(bases(0), bases(1))?, &merged(bases(1), bases(0))?);
        let nobody = streamed(&rules, []);
        prop_assert_eq!(merged(bases(0), nobody.clone())?, bases(0));
        prop_assert_eq!(merged(nobody, bases(0))?, bases(0));
    }

    /// Fading twice is fading once for as long; and every sum is what its own age left of it.
    #[test]
    fn fading_composes(log in any_log(EVENTS), a in 0_i64..9_600, b in 0_i64..9_600) {
        let rules = open();
        let state = state(&rules, &log);
        let Some(latest) = state.latest_evidence() else { return Ok(()) };
        let at = |instant| state.summary(customer_of(0), instant);
        let (now, then, last) = (at(latest)?, at(latest + TimeDelta::hours(a))?, at(latest + TimeDelta::hours(a + b))?);
        let alike = |found: f64, from: f64, left: f64| (found - from * left).abs() <= 1e-9 * from.abs();
        let left_of = |days: f64| (-(b as f64) / 24.0 / days).exp2();
        if let (Some(then), Some(last)) = (then.preferences()?, last.preferences()?) {
            prop_assert_eq!(then.counts().count(), last.counts().count());
            for (then, last) in then.counts().zip(last.counts()) {
                prop_assert_eq!(then.category, last.category);
                prop_assert!(alike(last.slow, then.slow, left_of(365.0)));
                prop_assert!(alike(last.fast, then.fast, left_of(30.0)));
            }
        }
        if let (Some(then), Some(last)) = (then.feedback()?, last.feedback()?) {
            prop_assert!(alike(last.quality(), then.quality(), left_of(365.0)));
            prop_assert!(alike(last.rated(), then.rated(), left_of(365.0)));
            prop_assert!(alike(last.unrated(), then.unrated(), left_of(365.0)));
            prop_assert_eq!(last.ideas(), then.ideas());
        }
        let left = (-(a as f64) / 24.0 / 180.0).exp2();
        if let (Some(now), Some(then)) = (now.trust()?, then.trust()?) {
            for (now, then) in now.tallies().iter().zip(then.tallies()) {
                prop_assert!(alike(then.kept(), now.kept(), left));
                prop_assert!(alike(then.broken(), now.broken(), left));
            }
        }
        let left = (-(a as f64) / 24.0 / 90.0).exp2();
        if let (Some(now), Some(then)) = (now.affect()?, then.affect()?) {
            prop_assert!(alike(then.weight(), now.weight(), left));
            prop_assert!(alike(then.weighted_valence(), now.weighted_valence(), left));
            prop_assert!(alike(then.weighted_square(), now.weighted_square(), left));
            prop_assert!(alike(then.squared_weight(), now.squared_weight(), left * left));
            prop_assert_eq!(then.peak_end(), now.peak_end());
        }
        if let (Some(now), Some(then)) = (now.engagement()?, then.engagement()?) {
            prop_assert!(alike(then.intensity(), now.intensity(), left));
            prop_assert_eq!(then.contacts(), now.contacts());
        }
    }

    /// What occurs after an instant, and what is recorded after another, changes no answer as of
    /// both: not in the last bit.
    #[test]
    fn the_past_stays_as_it_was_known(
        log in any_kept_log(EVENTS), rules in any_rules(), at in any_hour(), known in of(any_hour()),
    ) {
        let as_of = match known {
            Some(known) => AsOf::at(at).known_at(known),
            None => AsOf::at(at),
        };
        let early = |i: &&Interaction| match known {
            Some(known) => i.recorded_at() <= known,
            // Whoever asks with all that is known wants corrections to be heeded, and must heed
            // consents.
            None => {
                i.occurred_at() <= at
                    || i.corrects().is_some()
                    || matches!(i.kind(), Kind::Consent(_))
            }
        };
        let mut base = live(&rules, log.iter().filter(early));
        let before = answers(&base, as_of);
        for later in log.iter().filter(|i| !early(i)) {
            base.observe(later.clone())?;
            prop_assert_eq!(&answers(&base, as_of), &before);
        }
        for answer in before {
            let answer = answer?;
            let again = base.summary(answer.customer().as_str(), as_of)?;
            prop_assert_eq!(written(&again), written(&Some(answer)));
        }
    }

    /// A live base is what was recorded: any order of arrival gives the same one, with the same
    /// answers to the last bit, and reading the log again changes nothing.
    #[test]
    fn order_and_repeats_do_not_matter_to_a_live_base(
        (log, shuffled) in any_log_twice(EVENTS),
        rules in any_rules(),
        at in any_hour(),
        known in any_hour(),
    ) {
        let (mut base, other) = (live(&rules, &log), live(&rules, &shuffled));
        let questions = [AsOf::at(end()), AsOf::at(at), AsOf::at(at).known_at(known)];
        let before = base.clone();
        let told = questions.map(|as_of| answers(&base, as_of));
        prop_assert_eq!(&base, &other);
        prop_assert_eq!(&told, &questions.map(|as_of| answers(&other, as_of)));
        for again in &shuffled {
            let observed = base.observe(again.clone())?;
            prop_assert!(matches!(observed, Observed::Duplicate | Observed::Erased));
        }
        prop_assert_eq!(&base, &before);
        prop_assert_eq!(&told, &questions.map(|as_of| answers(&base, as_of)));
        prop_assert_eq!(written(&base), written(&before));
        let read: LiveBase = serde_json::from_str(&written(&base)).expect("as it was written");
        prop_assert_eq!(&told, &questions.map(|as_of| answers(&read, as_of)));
        prop_assert_eq!(read, base);
    }

    /// Erasing one customer leaves the others as they are to the last bit, and a log that is read
    /// again does not bring the customer back.
    #[test]
    fn erasure_touches_nobody_else(
        log in any_kept_log(EVENTS), rules in any_rules(), who in 0..CUSTOMERS.len(),
    ) {
        let name = CUSTOMERS[who];
        let others = |i: &&Interaction| i.customer().as_str() != name;
        let mut base = live(&rules, &log);
        let known = base.customer(name).is_some();
        let as_of = AsOf::at(end());
        let before: BTreeMap<_, _> = answers(&base, as_of)
            .into_iter()
            .filter_map(Result::ok)
            .map(|summary| (summary.customer().clone(), written(&summary)))
            .collect();
        prop_assert_eq!(base.erase(&customer_of(who), end()), known);
        prop_assert!(!base.erase(&customer_of(who), end()));
        for round in 0..2 {
            prop_assert_eq!(base.summary(name, as_of)?, None);
            let mention = format!("\"customer\":\"{name}\"");
            prop_assert!(base.timeline(name).is_none() && !written(&base).contains(&mention));
            for customer in CUSTOMERS.iter().filter(|customer| **customer != name) {
                let summary = base.summary(customer, as_of)?;
                prop_assert_eq!(summary.map(|s| written(&s)), before.get(*customer).cloned());
            }
            if round == 0 {
                for again in &log {
                    let observed = base.observe(again.clone())?;
                    let erased = again.customer().as_str() == name;
                    prop_assert_eq!(observed == Observed::Erased, erased);
                }
            }
        }
        let mut forgetful = streamed(&rules, &log);
        prop_assert_eq!(forgetful.forget(name), known);
        prop_assert_eq!(written(&forgetful), written(&streamed(&rules, log.iter().filter(others))));
    }

    /// Joined identities are answered as one customer with all their events; split again, as though
    /// they had never been joined.
    #[test]
    fn joined_identities_are_one_customer(
        log in any_kept_log(EVENTS), rules in any_rules(), at in any_hour(), known in of(any_hour()),
    ) {
        let [head, one, other] = [0, 1, 2].map(customer_of);
        // A correction is of one identity's interaction, which ids of their own see to.
        let together: Vec<_> = log.iter().map(|i| of_customer(i, &head)).collect();
        let (apart, whole) = (live(&rules, &log), live(&rules, &together));
        let mut base = apart.clone();
        base.join(&other, &one)?;
        base.join(&one, &head)?;
        prop_assert_eq!(base.len(), usize::from(!log.is_empty()));
        let as_of = match known {
            Some(known) => AsOf::at(at).known_at(known),
            None => AsOf::at(at),
        };
        for as_of in [as_of, AsOf::at(end())] {
            let expected = whole.summary(head.as_str(), as_of)?;
            for name in CUSTOMERS {
                prop_assert_alike!(&base.summary(name, as_of)?, &expected);
            }
        }
        let read: LiveBase = serde_json::from_str(&written(&base)).expect("as it was written");
        prop_assert_eq!(&read, &base);
        prop_assert!(base.split(&one) && base.split(&other) && !base.split(&head));
        prop_assert_eq!(&base, &apart);
        prop_assert_eq!(answers(&base, as_of), answers(&apart, as_of));
    }

    /// Every state is read as it was written, to the last bit, and goes on as it would have.
    #[test]
    fn states_of_any_log_are_read_as_they_were_written(
        log in any_log(EVENTS), more in any_log(3), rules in any_rules(), at in any_hour(),
    ) {
        let mut base = streamed(&rules, &log);
        let mut read: CustomerBase = serde_json::from_str(&written(&base)).expect("as it was written");
        prop_assert_eq!(&read, &base);
        for summary in base.summaries(at).chain(base.summaries(end())) {
            let summary = summary?;
            let read: CustomerSummary = serde_json::from_str(&written(&summary)).expect("as it was written");
            prop_assert_eq!(read, summary);
        }
        for interaction in &more {
            base.observe(interaction)?;
            read.observe(interaction)?;
        }
        base.drop_withheld(at);
        read.drop_withheld(at);
        prop_assert_eq!(&read, &base);
        let again: CustomerBase = serde_json::from_str(&written(&base)).expect("as it was written");
        prop_assert_eq!(again, base);
    }

    /// While nothing happens, trust and feeling only go back to what is believed of anybody.
    #[test]
    fn silence_only_leads_back_to_the_prior(
        log in any_log(EVENTS), waits in prop::collection::vec(0_i64..9_000, 1..4),
    ) {
        let rules = open();
        let state = state(&rules, &log);
        let (by_trust, by_feeling) = (TrustPolicy::default(), EmotionalPolicy::default());
        let Some(mut at) = state.latest_evidence() else { return Ok(()) };
        let nears = |prior: f64, before: f64, after: f64| {
            let (far, near) = (before - prior, after - prior);
            near.abs() <= far.abs() + 1e-15 && near * far >= -1e-30
        };
        for wait in waits {
            let before = state.summary(customer_of(0), at)?;
            at += TimeDelta::hours(wait);
            let after = state.summary(customer_of(0), at)?;
            if let (Some(before), Some(after)) = (before.trust()?, after.trust()?) {
                for direction in TrustDirection::ALL {
                    let of = |trust| TrustBelief::of(trust, direction, &by_trust);
                    let prior = TrustBelief::prior(direction, &by_trust);
                    prop_assert!(nears(prior.mean(), of(before).mean(), of(after).mean()));
                    prop_assert!(of(after).n_eff() <= of(before).n_eff());
                }
            }
            if let (Some(before), Some(after)) = (before.affect()?, after.affect()?) {
                let of = |felt| Feeling::of(felt, &by_feeling);
                let (before, after) = (of(before)?, of(after)?);
                let prior = Feeling::prior(&by_feeling)?.valence().mean();
                prop_assert!(nears(prior, before.valence().mean(), after.valence().mean()));
                prop_assert!(after.precision() <= before.precision());
            }
        }
    }

    /// A kept promise never lowers trust and a broken one never raises it; a better answer never
    /// lowers what is read of feeling.
    #[test]
    fn better_news_is_never_worse(
        log in any_log(EVENTS),
        n in 0..8_000_i64,
        severity in of(0.0..=1.0_f64),
        facet in of(select(vec![TrustFacet::Ability, TrustFacet::Benevolence, TrustFacet::Integrity])),
        scores in (0_i32..=10, 0_i32..=10),
    ) {
        let rules = open();
        let new = |kind: Kind| {
            let id = InteractionId::new("new").unwrap();
            Interaction::new(id, customer_of(0), hour(n), kind)
        };
        let told = |interaction: Option<Interaction>| -> Result<_, Box<dyn std::error::Error>> {
            let mut base = streamed(&rules, log.iter());
            if let Some(interaction) = interaction {
                base.observe(&interaction)?;
            }
            let Some(state) = base.get(CUSTOMERS[0]) else { return Ok(None) };
            let summary = state.summary(customer_of(0), end())?;
            let (by_trust, by_feeling) = (TrustPolicy::default(), EmotionalPolicy::default());
            let direction = TrustDirection::CustomerInFirm;
            let trust = match summary.trust()? {
                Some(trust) => TrustBelief::of(trust, direction, &by_trust),
                None => TrustBelief::prior(direction, &by_trust),
            };
            let felt = match summary.affect()? {
                Some(felt) => Feeling::of(felt, &by_feeling)?,
                None => Feeling::prior(&by_feeling)?,
            };
            Ok(Some((trust.mean(), felt.valence().mean())))
        };
        let promise = |event| -> Result<_, Box<dyn std::error::Error>> {
            let mut promise = Promise::new(event);
            if let Some(severity) = severity {
                promise = promise.with_severity(Fraction::new(severity)?);
            }
            if let Some(facet) = facet {
                promise = promise.with_facet(facet);
            }
            Ok(Some(new(promise.into())?))
        };
        let told = |i| told(i).map_err(|error| TestCaseError::fail(error.to_string()));
        let promise = |e| promise(e).map_err(|error| TestCaseError::fail(error.to_string()));
        if let Some((before, _)) = told(None)? {
            let kept = told(promise(PromiseEvent::Kept)?)?.expect("known").0;
            let broken = told(promise(PromiseEvent::Broken)?)?.expect("known").0;
            prop_assert!(broken <= before + 1e-15 && before <= kept + 1e-15);
        }
        let answered = |score: i32| -> Result<f64, TestCaseError> {
            Ok(told(Some(new(NpsSurvey::new(score)?.into())?))?.expect("known").1)
        };
        let (low, high) = (scores.0.min(scores.1), scores.0.max(scores.1));
        prop_assert!(answered(low)? <= answered(high)? + 1e-15);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: LONG_CASES,
        rng_seed: RngSeed::Fixed(20_260_102),
        failure_persistence: None,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    })]

    /// The same of logs so long that late events wait, that categories are held in another way and
    /// that a log is read in several blocks; and of identities that share their ids.
    #[test]
    fn long_logs_keep_the_laws_of_short_ones(
        (log, shuffled) in any_long_log().prop_flat_map(|log| (Just(log.clone()), Just(log).prop_shuffle())),
        rules in any_rules(),
        at in any_hour(),
    ) {
        let open = rules.clone().with_consent(duty());
        let head = state(&open, log.iter().filter(|i| *i.customer() == customer_of(0)))
            .summary(customer_of(0), end())?;
        let newcomers = head.network()?.map_or(0, |network| network.conversions().len());
        let categories = head.preferences()?.map_or(0, |liked| liked.counts().count());
        prop_assert!(newcomers > 80 && categories > 64, "{} {}", newcomers, categories);

        let in_time = {
            let mut log = log.clone();
            log.sort_by_key(|i| (i.occurred_at(), i.id().clone()));
            log
        };
        let whole = streamed(&rules, &in_time);
        prop_assert_alike!(&whole, &streamed(&rules, &shuffled));
        prop_assert_alike!(&whole, &streamed(&rules, in_time.iter().rev()));
        let mut at_once = streamed(&rules, []);
        at_once.observe_all(&shuffled)?;
        prop_assert_eq!(&at_once, &streamed(&rules, &shuffled));
        let shard = |n: usize| streamed(&rules, shuffled.iter().skip(n).step_by(3));
        let mut merged = shard(2);
        merged.merge(shard(0))?;
        merged.merge(shard(1))?;
        prop_assert_alike!(&whole, &merged);
        let read: CustomerBase = serde_json::from_str(&written(&merged)).expect("as it was written");
        prop_assert_eq!(&read, &merged);

        let (mut base, other) = (live(&rules, &log), live(&rules, &shuffled));
        prop_assert_eq!(answers(&base, AsOf::at(at)), answers(&other, AsOf::at(at)));
        let [one, other] = [1, 2].map(customer_of);
        base.join(&one, &customer_of(0))?;
        base.join(&other, &customer_of(0))?;
        let joined = base.summary(CUSTOMERS[0], AsOf::at(end()))?.expect("known");
        let together = state(&rules, &shuffled).summary(customer_of(0), end())?;
        prop_assert_alike!(&joined, &together);
    }
}

#[test]
fn a_customer_without_history_takes_less_than_a_kilobyte() {
    // The state, its name beside it and once more in the table of places; nothing else is set
    // aside before there is something to keep.
    let held = size_of::<CustomerState>() + 2 * size_of::<CustomerId>() + size_of::<u32>();
    assert!(held <= 256, "{held} bytes");
}

#[test]
fn copies_of_an_interaction_keep_what_is_said_of_it() {
    let id = InteractionId::new("i").unwrap();
    let who = CustomerId::new("c").unwrap();
    let kept = Promise::new(PromiseEvent::Kept);
    let i = Interaction::new(id.clone(), who.clone(), hour(3), kept).unwrap();
    let i = i
        .recorded(hour(5))
        .correcting(InteractionId::new("j").unwrap());
    assert_eq!(of_customer(&i, &who), i);
    assert_ne!(renamed(&i, id, who), i);
}
