//! Laws of the evidence of feeling, journeys, advocacy and engagement, for any log and sharding.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

use super::{
    AdvocacyEvidence, AffectEvidence, AffectItem, EngagementEvidence, EvidencePolicy, Journeys,
};
use crate::dimension::{EmotionalPolicy, Feeling};
use crate::history::{
    CesSurvey, Channel, ComplaintOpened, ComplaintResolved, Contact, Contract, ContractEvent,
    CustomerId, Direction, EpisodeId, ExecutiveContact, Interaction, InteractionId, Kind, Minutes,
    NpsSurvey, Purchase, Rank, ReferralMade, RelationshipChange, RelationshipEvent, Review,
    ServiceRequest,
};
use crate::quantity::{Currency, Fraction, HalfLife, Money, Span, Valence};

fn kind() -> impl Strategy<Value = Kind> {
    let share = || (0.0..=1.0).prop_map(|x| Fraction::new(x).unwrap());
    let minutes = || (0.0..500.0).prop_map(|x| Minutes::new(x).unwrap());
    prop_oneof![
        (0..=10).prop_map(|s| NpsSurvey::new(s).unwrap().into()),
        (1..=7).prop_map(|s| CesSurvey::new(s).unwrap().into()),
        (1.0..=5.0).prop_map(|s| Review::new().with_stars(s).unwrap().into()),
        share().prop_map(|s| ComplaintOpened::new().with_severity(s).into()),
        share().prop_map(|q| ComplaintResolved::new().with_quality(q).into()),
        Just(ReferralMade::new().into()),
        Just(Purchase::new(Money::zero(Currency::EUR)).unwrap().into()),
        (minutes(), any::<bool>(), select(Rank::ALL.to_vec())).prop_map(|(m, inbound, rank)| {
            let direction = if inbound {
                Direction::Inbound
            } else {
                Direction::Outbound
            };
            let contact = Contact::new(direction)
                .with_minutes(m)
                .with_response_minutes(m);
            contact.with_rank_theirs(rank).into()
        }),
        select(Rank::ALL.to_vec())
            .prop_map(|rank| ExecutiveContact::new(Rank::TopExecutive, rank).into()),
        (1..=7, 0_u32..4).prop_map(|(ease, hand_overs)| {
            let request = ServiceRequest::new().with_hand_overs(hand_overs);
            request.with_ease(ease).unwrap().into()
        }),
        (
            select(vec![
                ContractEvent::Signed,
                ContractEvent::Cancelled,
                ContractEvent::Renewed
            ]),
            of(1.0..900.0)
        )
            .prop_map(|(event, days)| {
                let contract = Contract::new(event);
                match days {
                    Some(days) => contract.with_term(Span::days(days).unwrap()).into(),
                    None => contract.into(),
                }
            }),
        select(vec![RelationshipEvent::Ended, RelationshipEvent::WonBack])
            .prop_map(|event| RelationshipChange::new(event).into()),
    ]
}

/// Up to forty interactions with ids of their own, many of them at one instant.
fn log() -> impl Strategy<Value = Vec<Interaction>> {
    let event = (
        kind(),
        0_i64..60,
        of(-1.0..=1.0),
        of(0.0..=1.0),
        of(0_u32..4),
        of(select(vec![Channel::Web, Channel::Phone, Channel::Store])),
    );
    prop::collection::vec(event, 0..40).prop_map(|events| {
        let mut log = Vec::new();
        for (n, (kind, week, valence, arousal, episode, channel)) in events.into_iter().enumerate()
        {
            // Ids in an order that has nothing to do with that of the list.
            let id = InteractionId::new(format!("i-{:02}", (n * 17) % 41)).unwrap();
            let customer = CustomerId::new("c-1").unwrap();
            let mut i = Interaction::new(id, customer, instant(week * 7), kind).unwrap();
            if let Some(y) = valence {
                i = i.with_valence(Valence::new(y).unwrap());
            }
            if let Some(a) = arousal {
                i = i.with_arousal(Fraction::new(a).unwrap());
            }
            if let Some(e) = episode {
                i = i.in_episode(EpisodeId::new(format!("e-{e}")).unwrap());
            }
            if let Some(c) = channel {
                i = i.through(c);
            }
            log.push(i);
        }
        log
    })
}

fn instant(day: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(day)
}

fn policies() -> impl Strategy<Value = EvidencePolicy> {
    (of(1.0..900.0), any::<bool>()).prop_map(|(days, bought)| {
        let half_life = days.map_or(HalfLife::NEVER, |days| {
            HalfLife::new(Span::days(days).unwrap()).unwrap()
        });
        let policy = EvidencePolicy::default().with_affect(half_life);
        policy
            .with_engagement(half_life)
            .with_purchase_feeling(bought)
    })
}

/// All four states of one customer.
#[derive(Debug, Clone, Default, PartialEq)]
struct States {
    affect: AffectEvidence,
    journeys: Journeys,
    advocacy: AdvocacyEvidence,
    engagement: EngagementEvidence,
}

impl States {
    fn of<'a>(log: impl IntoIterator<Item = &'a Interaction>, policy: &EvidencePolicy) -> Self {
        let mut states = Self::default();
        for i in log {
            states.affect.observe(i, policy);
            states.journeys.observe(i, policy);
            states.advocacy.observe(i, policy);
            states.engagement.observe(i, policy);
        }
        states
    }

    fn merge(&mut self, other: &Self, policy: &EvidencePolicy) {
        self.affect.merge(&other.affect, policy);
        self.journeys.merge(&other.journeys, policy);
        self.advocacy.merge(&other.advocacy, policy);
        self.engagement.merge(&other.engagement, policy);
    }

    fn faded_to(&self, as_of: DateTime<Utc>, policy: &EvidencePolicy) -> Self {
        Self {
            affect: self.affect.faded_to(as_of, policy),
            journeys: self.journeys.faded_to(as_of, policy),
            advocacy: self.advocacy.faded_to(as_of, policy),
            engagement: self.engagement.faded_to(as_of, policy),
        }
    }

    /// Everything that must agree to rounding, each number with the size it is rounded at.
    fn sums(&self) -> Vec<(f64, f64)> {
        let (affect, engagement) = (&self.affect, &self.engagement);
        let (weight, by) = (affect.weight(), engagement.intensity_by_direction());
        let (minutes, answers) = (engagement.minutes().0, engagement.response_minutes().0);
        vec![
            (weight, weight),
            (affect.weighted_valence(), weight),
            (affect.weighted_square(), weight),
            (affect.squared_weight(), affect.squared_weight()),
            (by.inbound, by.inbound),
            (by.outbound, by.outbound),
            (by.unstated, by.unstated),
            (minutes, minutes),
            (answers, answers),
        ]
    }

    fn agrees(&self, other: &Self) -> Result<(), TestCaseError> {
        let (ours, theirs) = (&self.engagement, &other.engagement);
        prop_assert_eq!(self.affect.peak_end(), other.affect.peak_end());
        prop_assert_eq!(self.affect.latest(), other.affect.latest());
        prop_assert_eq!(&self.journeys, &other.journeys);
        prop_assert_eq!(&self.advocacy, &other.advocacy);
        prop_assert_eq!(ours.contacts(), theirs.contacts());
        prop_assert!(ours.channels().eq(theirs.channels()));
        prop_assert_eq!(ours.minutes().1, theirs.minutes().1);
        prop_assert_eq!(ours.highest_rank(), theirs.highest_rank());
        prop_assert_eq!(ours.mean_rank(), theirs.mean_rank());
        prop_assert_eq!(ours.contracts(), theirs.contracts());
        prop_assert_eq!(ours.relationship(), theirs.relationship());
        prop_assert_eq!(ours.latest(), theirs.latest());
        for ((found, size), (expected, _)) in self.sums().into_iter().zip(other.sums()) {
            let within = 1e-9 * size + 1e-300;
            prop_assert!((found - expected).abs() <= within, "{found} {expected}");
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        rng_seed: RngSeed::Fixed(20_260_104),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Batch, stream, permutation and sharding lead to one state; merging has an identity.
    #[test]
    fn order_and_sharding_change_nothing(
        log in log(),
        order in any::<u64>(),
        cut in any::<prop::sample::Index>(),
        policy in policies(),
    ) {
        let all = States::of(&log, &policy);
        let mut permuted: Vec<&Interaction> = log.iter().collect();
        permuted.sort_by_key(|i| {
            let print = i.id().as_str().bytes().fold(order, |h, b| {
                (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
            });
            print.rotate_left(17)
        });
        States::of(permuted.iter().copied(), &policy).agrees(&all)?;

        let cut = cut.index(log.len() + 1);
        let (left, right) = permuted.split_at(cut);
        let (left, right) = (
            States::of(left.iter().copied(), &policy),
            States::of(right.iter().copied(), &policy),
        );
        let mut merged = left.clone();
        merged.merge(&right, &policy);
        merged.agrees(&all)?;
        let mut other_way = right;
        other_way.merge(&left, &policy);
        other_way.agrees(&all)?;

        let mut same = all.clone();
        same.merge(&States::default(), &policy);
        prop_assert_eq!(&same, &all);
        let mut same = States::default();
        same.merge(&all, &policy);
        prop_assert_eq!(&same, &all);
    }

    /// Merging three shards does not depend on which two come first.
    #[test]
    fn merging_is_associative(log in log(), policy in policies()) {
        let shard = |of: usize| {
            let part = log.iter().enumerate().filter(move |(n, _)| n % 3 == of);
            States::of(part.map(|(_, i)| i), &policy)
        };
        let (a, b, c) = (shard(0), shard(1), shard(2));
        let mut left = a.clone();
        left.merge(&b, &policy);
        left.merge(&c, &policy);
        let mut right = b;
        right.merge(&c, &policy);
        let mut whole = a;
        whole.merge(&right, &policy);
        whole.agrees(&left)?;
    }

    /// Fading in two steps is fading in one, and fading before a merge is fading after it.
    #[test]
    fn fading_composes(log in log(), policy in policies(), first in 60_i64..900, second in 0_i64..900) {
        let (soon, late) = (instant(7 * first), instant(7 * (first + second)));
        let all = States::of(&log, &policy);
        let once = all.faded_to(late, &policy);
        all.faded_to(soon, &policy).faded_to(late, &policy).agrees(&once)?;
        let half = log.len() / 2;
        let mut merged = States::of(&log[..half], &policy).faded_to(soon, &policy);
        merged.merge(&States::of(&log[half..], &policy), &policy);
        let at = merged.faded_to(late, &policy);
        for ((found, size), (expected, _)) in at.sums().into_iter().zip(once.sums()) {
            prop_assert!((found - expected).abs() <= 1e-9 * size + 1e-300);
        }
    }

    /// The contributions of the readings add up to the distance of the feeling from its prior.
    #[test]
    fn contributions_add_up_to_the_feeling(log in log(), policy in policies(), wait in 0_i64..400) {
        let rules = EmotionalPolicy::default().with_prior_mean(-0.3).unwrap();
        let as_of = instant(60 * 7 + wait);
        let evidence = AffectEvidence::from_interactions(&log, as_of, &policy);
        let feeling = Feeling::of(&evidence, &rules).unwrap();
        let parts: f64 = log
            .iter()
            .filter_map(|i| Some((i.occurred_at(), AffectItem::of(i, &policy)?)))
            .map(|(at, item)| {
                let seconds = (as_of - at).as_seconds_f64();
                feeling.contribution(&item, policy.affect().fade(seconds), &rules)
            })
            .sum();
        let found = rules.prior_mean() + parts;
        prop_assert!((found - feeling.valence().mean()).abs() <= 1e-12, "{found} {feeling:?}");
    }

    /// Sharding a shard twice counts the steps of journeys once.
    #[test]
    fn a_step_told_twice_counts_once(log in log(), policy in policies()) {
        let all = States::of(&log, &policy).journeys;
        let mut twice = all.clone();
        twice.merge(&all, &policy);
        prop_assert_eq!(twice, all);
    }
}
