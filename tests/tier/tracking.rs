//! Ladders followed month by month: the grid, replay, what is refused, consent, reports.

use std::sync::Arc;

use chrono::{DateTime, Months, TimeDelta, Utc};
use guanxi::history::{
    AsOf, Consent, Construct, Contract, ContractEvent, CustomerId, ExecutiveContact, Interaction,
    InteractionId, Kind, Partnership, Promise, PromiseEvent, Purpose, Rank, Timeline,
};
use guanxi::quantity::TimeUnit;
use guanxi::scorer::{ScoreError, Scorer};
use guanxi::summary::{CustomerSummary, EvidencePolicy, LiveBase, RfmSummary, SummaryPolicy};
use guanxi::tier::{
    Attribute, Gate, GateCheck, MoveCause, Tier, TierAdvisor, TierError, TierMove, TierOutcome,
    TierPolicy, TierReport, TierScorer, TierStanding, TierTracker,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::support::history::customer;
use super::support::log::{any_kept_log, any_rules, customer_of, hour, renamed, summaries};
use super::{answer, event, open, purchase, share};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn tracker() -> TierTracker {
    let rules = Arc::new(open());
    TierTracker::with_rules(
        customer(),
        TierPolicy::default(),
        SummaryPolicy::default(),
        rules,
    )
}

fn following(log: &[(&str, Kind)], start: Tier, until: &str) -> TierTracker {
    let mut ladder = tracker().starting_at(start).unwrap();
    for (n, (when, kind)) in log.iter().enumerate() {
        ladder.observe(&event(n, at(when), kind.clone())).unwrap();
    }
    ladder.advance_to(at(until)).unwrap();
    ladder
}

fn moves(ladder: &TierTracker) -> Vec<(String, u8, MoveCause)> {
    let told = |made: &TierMove| {
        (
            made.at.date_naive().to_string(),
            made.to.number(),
            made.cause,
        )
    };
    ladder.moves().iter().map(told).collect()
}

#[test]
fn a_contract_cancelled_in_a_month_leads_down_one_rung_at_its_end() {
    let cancelled = || Kind::from(Contract::new(ContractEvent::Cancelled));
    let log = [
        ("2026-01-05T00:00:00Z", purchase("9", "5")),
        ("2026-02-28T23:59:59Z", cancelled()),
        // Two in one month are one reason, and at midnight it is the next month.
        ("2026-04-01T00:00:00Z", cancelled()),
        ("2026-04-09T00:00:00Z", cancelled()),
    ];
    let ladder = following(&log, Tier::Alliance, "2026-12-31T00:00:00Z");
    let cause = MoveCause::ContractCancelled;
    assert_eq!(
        moves(&ladder),
        [
            ("2026-02-28".to_owned(), 3, cause),
            ("2026-04-30".to_owned(), 2, cause)
        ]
    );
    assert_eq!(ladder.tier_at(at("2026-02-28T23:00:00Z")), Tier::Alliance);
    assert_eq!(
        ladder.tier_at(at("2026-03-01T00:00:00Z")),
        Tier::Partnership
    );
    assert_eq!(
        ladder.standing().since(),
        Some(at("2026-04-30T23:59:59.999999999Z"))
    );
}

#[test]
fn a_dissolved_tie_is_critical_where_there_was_one() {
    let tie = |x| Kind::from(Partnership::EquityTie { fraction: share(x) });
    let log = [
        ("2026-01-05T00:00:00Z", tie(0.0)), // nothing to dissolve
        ("2026-02-05T00:00:00Z", tie(0.2)),
        ("2026-03-05T00:00:00Z", tie(0.0)),
        ("2026-04-05T00:00:00Z", tie(0.0)), // it is dissolved already
    ];
    let ladder = following(&log, Tier::Partnership, "2026-06-15T00:00:00Z");
    assert_eq!(
        moves(&ladder),
        [("2026-03-31".to_owned(), 2, MoveCause::TieDissolved)]
    );
}

#[test]
fn only_the_onset_of_broken_trust_is_critical() {
    let broken = || Kind::from(Promise::new(PromiseEvent::Broken));
    let log = [
        ("2026-01-05T00:00:00Z", purchase("9", "5")),
        ("2026-02-05T00:00:00Z", broken()),
        ("2026-02-06T00:00:00Z", broken()),
        ("2026-03-05T00:00:00Z", broken()),
    ];
    // The gates of a preferred customer do not ask for trust: only its onset leads down.
    let ladder = following(&log, Tier::Preferred, "2026-06-15T00:00:00Z");
    assert_eq!(
        moves(&ladder),
        [("2026-02-28".to_owned(), 1, MoveCause::TrustBroken)]
    );
    // Those of a partnership do: down at once, and the rung below does not ask.
    let ladder = following(&log, Tier::Alliance, "2026-12-15T00:00:00Z");
    let found = moves(&ladder);
    assert_eq!(
        found.first(),
        Some(&("2026-02-28".to_owned(), 3, MoveCause::TrustBroken))
    );
    assert_eq!(
        found.get(1),
        Some(&("2026-05-31".to_owned(), 2, MoveCause::GateLost))
    );
    assert_eq!(found.len(), 2);
}

#[test]
fn without_evidence_nobody_moves_down_and_nobody_beyond_the_first_rung() {
    let log = [("2016-01-05T00:00:00Z", purchase("9", "5"))];
    for start in Tier::ALL {
        let ladder = following(&log, start, "2026-01-01T00:00:00Z");
        assert_eq!(ladder.standing().tier(), start.max(Tier::Transaction));
        assert_eq!(ladder.standing().months(), 120);
    }
}

#[test]
fn contacts_that_stop_are_known_to_have_stopped_and_lead_down() {
    let met = || Kind::from(ExecutiveContact::new(Rank::KeyPerson, Rank::KeyPerson));
    let log = [
        ("2020-01-05T00:00:00Z", met()),
        ("2020-01-06T00:00:00Z", met()),
    ];
    let ladder = following(&log, Tier::Preferred, "2020-06-15T00:00:00Z");
    // At the first month end they count less than 2 already: three in a row.
    assert_eq!(
        moves(&ladder),
        [("2020-03-31".to_owned(), 1, MoveCause::GateLost)]
    );
}

#[test]
fn months_end_at_the_offset_of_the_rules() {
    let shanghai = SummaryPolicy::default()
        .with_utc_offset_seconds(28_800)
        .unwrap();
    let mut ladder = TierTracker::with_rules(
        customer(),
        TierPolicy::default(),
        shanghai,
        Arc::new(open()),
    );
    ladder
        .observe(&event(0, at("2026-01-31T16:00:00Z"), purchase("9", "5")))
        .unwrap();
    let end = at("2026-02-28T15:59:59.999999999Z"); // there it was February already
    ladder.advance_to(end - TimeDelta::nanoseconds(1)).unwrap();
    assert_eq!(ladder.standing().as_of(), None);
    ladder.advance_to(end).unwrap();
    assert_eq!(ladder.standing().as_of(), Some(end));
    assert_eq!(
        ladder.standing().until(),
        Some(at("2026-03-31T15:59:59.999999999Z"))
    );
}

#[test]
fn a_standing_says_whether_it_was_judged_and_dates_are_those_of_the_place() {
    let new_york = SummaryPolicy::default()
        .with_utc_offset_seconds(-18_000)
        .unwrap();
    let mut ladder = TierTracker::with_rules(
        customer(),
        TierPolicy::default(),
        new_york,
        Arc::new(open()),
    );
    assert_eq!(
        ladder.standing().to_string(),
        "no transaction, not judged yet"
    );
    ladder
        .observe(&event(0, at("2026-01-05T00:00:00Z"), purchase("9", "5")))
        .unwrap();
    // There it is still the last day of the second month.
    let end = at("2026-03-01T04:59:59.999999999Z");
    let outcome = ladder.report(end, &TierAdvisor::default()).unwrap();
    assert_eq!(ladder.standing().since(), Some(end));
    let text = outcome.to_string();
    assert!(
        text.starts_with("customer c-1: transaction since 2026-02-28\n"),
        "{text}"
    );
    assert_eq!(
        ladder.standing().to_string(),
        "transaction since 2026-02-28"
    );
    let withdrawn = Consent::Withdrawn {
        purpose: Purpose::Analytics,
    };
    let later = event(1, at("2026-03-05T00:00:00Z"), Kind::from(withdrawn));
    ladder.observe(&later).unwrap();
    ladder.advance_to(at("2026-05-05T00:00:00Z")).unwrap();
    assert_eq!(
        ladder.standing().to_string(),
        "transaction since 2026-02-28, not judged since 2026-02-28"
    );
}

#[test]
fn what_comes_late_or_corrects_is_refused_and_can_be_replayed() {
    let mut ladder = tracker();
    let bought = |n, when| event(n, at(when), purchase("9", "5"));
    ladder.observe(&bought(3, "2026-01-05T00:00:00Z")).unwrap();
    let before = ladder.clone();
    for (n, when) in [
        (4, "2026-01-04T23:59:59Z"),
        (2, "2026-01-05T00:00:00Z"),
        (3, "2026-01-05T00:00:00Z"),
    ] {
        let refused = ladder.observe(&bought(n, when));
        assert!(
            matches!(refused, Err(TierError::Late { after, .. }) if after == at("2026-01-05T00:00:00Z"))
        );
    }
    let corrects =
        bought(7, "2026-01-07T00:00:00Z").correcting(InteractionId::new("i-000003").unwrap());
    assert!(matches!(
        ladder.observe(&corrects),
        Err(TierError::Correction { .. })
    ));
    let other = Interaction::new(
        InteractionId::new("x").unwrap(),
        CustomerId::new("other").unwrap(),
        at("2026-01-07T00:00:00Z"),
        purchase("9", "5"),
    );
    assert!(matches!(
        ladder.observe(&other.unwrap()),
        Err(TierError::OtherCustomer { .. })
    ));
    assert_eq!(ladder, before);
    ladder.advance_to(at("2026-02-01T00:00:00Z")).unwrap();
    let refused = ladder.observe(&bought(9, "2026-01-31T23:00:00Z"));
    assert!(matches!(refused, Err(TierError::Late { .. })));
    assert!(matches!(
        ladder.advance_to(at("2026-01-31T00:00:00Z")),
        Err(TierError::Backwards { .. })
    ));
    assert!(matches!(
        ladder.starting_at(Tier::Preferred),
        Err(TierError::Begun { .. })
    ));

    // The timeline holds the correction in the place of what it corrects.
    let mut timeline = Timeline::new(customer());
    timeline.record(bought(3, "2026-01-05T00:00:00Z")).unwrap();
    timeline.record(corrects).unwrap();
    let view = timeline.as_of(AsOf::at(at("2026-03-01T00:00:00Z")));
    let replayed = tracker().replay(&view).unwrap();
    assert_eq!(replayed.standing().tier(), Tier::Transaction);
    assert_eq!(
        moves(&replayed),
        [("2026-02-28".to_owned(), 1, MoveCause::GatesPassed)]
    );
}

#[test]
fn a_customer_who_does_not_consent_is_not_modelled_and_stands_where_it_stood() {
    let said = |granted| {
        let purpose = Purpose::Analytics;
        Kind::from(if granted {
            Consent::Granted { purpose }
        } else {
            Consent::Withdrawn { purpose }
        })
    };
    let cancelled = || Kind::from(Contract::new(ContractEvent::Cancelled));
    let log = [
        ("2026-01-05T00:00:00Z", purchase("9", "5")),
        ("2026-02-05T00:00:00Z", said(true)),
        ("2026-03-05T00:00:00Z", said(false)),
        ("2026-04-05T00:00:00Z", cancelled()),
        ("2026-05-05T00:00:00Z", said(true)),
    ];
    let mut ladder = TierTracker::new(customer(), TierPolicy::default(), SummaryPolicy::default())
        .starting_at(Tier::Partnership)
        .unwrap();
    let mut standings: Vec<TierStanding> = Vec::new();
    let mut outcomes: Vec<bool> = Vec::new();
    for (n, (when, kind)) in log.iter().enumerate() {
        let interaction = event(n, at(when), kind.clone());
        ladder.observe(&interaction).unwrap();
        standings.push(*ladder.standing());
        outcomes.push(
            ladder
                .report(at(when), &TierAdvisor::default())
                .unwrap()
                .report()
                .is_some(),
        );
    }
    assert_eq!(outcomes, [false, true, false, false, true]);
    // March and April went by without a judgement.
    let last = standings.last().unwrap();
    assert_eq!(last.as_of(), Some(at("2026-04-30T23:59:59.999999999Z")));
    assert_eq!(last.judged(), Some(at("2026-02-28T23:59:59.999999999Z")));
    assert_eq!((last.months(), last.tier()), (1, Tier::Partnership));
    // What was critical counts when the customer is judged again.
    ladder.advance_to(at("2026-06-01T00:00:00Z")).unwrap();
    assert_eq!(
        moves(&ladder),
        [("2026-05-31".to_owned(), 2, MoveCause::ContractCancelled)]
    );
    let silent = TierTracker::new(customer(), TierPolicy::default(), SummaryPolicy::default())
        .replay(&Timeline::new(customer()).as_of(AsOf::at(at("2026-01-01T00:00:00Z"))))
        .unwrap()
        .report(at("2026-01-02T00:00:00Z"), &TierAdvisor::default())
        .unwrap();
    assert!(matches!(silent, TierOutcome::NotModelled { .. }));
    assert_eq!(
        silent.to_string(),
        format!(
            "customer {} is not modelled: what is known of the customer as a whole may not be read: it needs \
         consent to analytics, which was never given",
            customer()
        )
    );
}

#[test]
fn the_report_says_which_gates_block_and_what_would_open_them() {
    let met = |ours, theirs| Kind::from(ExecutiveContact::new(ours, theirs));
    let director = || met(Rank::Director, Rank::Director);
    let log = [
        ("2026-01-05T00:00:00Z", purchase("400", "100")),
        (
            "2026-01-05T00:00:00Z",
            answer(Construct::SwitchingCost, 0.9),
        ),
        ("2026-01-06T00:00:00Z", director()),
        ("2026-01-07T00:00:00Z", director()),
        (
            "2026-01-31T00:00:00Z",
            Kind::from(Promise::new(PromiseEvent::Kept)),
        ),
        ("2026-01-31T00:00:00Z", director()),
    ];
    let mut ladder = following(&log, Tier::Preferred, "2026-01-31T12:00:00Z");
    let outcome = ladder
        .report(at("2026-01-31T12:00:00Z"), &TierAdvisor::default())
        .unwrap();
    let report = outcome.report().unwrap();
    assert_eq!(
        (report.current(), report.supported()),
        (Some(Tier::Preferred), Tier::Transaction)
    );
    let blocking: Vec<Gate> = report.blocking_gates().map(GateCheck::gate).collect();
    assert_eq!(
        blocking,
        [
            Gate::PartnershipContact,
            Gate::PartnershipAlignment,
            Gate::PartnershipJointValue,
            Gate::PartnershipSwitchingCost,
            Gate::PartnershipTrust,
            Gate::PartnershipTenure,
        ]
    );
    let sentences: Vec<String> = report.blocking_gates().map(ToString::to_string).collect();
    assert_eq!(
        sentences,
        [
            "contact level is 0.75, 0.85 is needed: top executives of both sides met 0.0 times, each \
         counting by its age, and 2.0 are needed",
            "no evidence of goal alignment, 0.50 is needed: a review of goals would tell",
            "no evidence of joint value, 0.30 is needed: joint projects, and the cost of every \
         purchase, would tell",
            "no evidence of switching cost of the firm, 0.50 is needed: the firm's own answer on what \
         leaving would cost, or its investments in this relationship alone, would tell",
            "trust is 0.67 ± 0.24, 0.65 is needed with probability 0.80 and is reached with 0.58: at \
         this certainty it must rise to 0.85; keep promises, deliver on time and settle complaints",
            "tenure in years is 0.07, 2.00 is needed: stay together for 1.9 more years",
        ]
    );
    let text = outcome.to_string();
    assert!(
        text.contains(": preferred\npartnership is blocked: contact level is 0.75"),
        "{text}"
    );
    assert_eq!(report.failing_gates().count(), 0);
    assert_eq!(report.attributes().get(Attribute::Tie), None);

    // A scorer that holds the standing says the same; of another month it refuses to.
    let mut base = LiveBase::with_rules(SummaryPolicy::default(), Arc::new(open()));
    for (n, (when, kind)) in log.iter().enumerate() {
        base.observe(event(n, at(when), kind.clone())).unwrap();
    }
    let scorer =
        TierScorer::new(TierPolicy::default()).with_standings([(customer(), *ladder.standing())]);
    let summary = |when| {
        base.summary(customer().as_str(), AsOf::at(at(when)))
            .unwrap()
            .unwrap()
    };
    assert_eq!(
        scorer.score(&summary("2026-01-31T12:00:00Z")).unwrap(),
        outcome
    );
    ladder.advance_to(at("2026-03-01T00:00:00Z")).unwrap();
    let scorer = scorer.with_standings([(customer(), *ladder.standing())]);
    assert!(scorer.score(&summary("2026-03-15T00:00:00Z")).is_ok());
    for stale in ["2026-02-28T12:00:00Z", "2026-03-31T23:59:59.999999999Z"] {
        let refused = scorer.score(&summary(stale));
        assert!(
            matches!(refused, Err(ScoreError::Standing { .. })),
            "{refused:?}"
        );
    }
    let tiers: Vec<Box<dyn Scorer<Score = TierOutcome>>> = vec![Box::new(scorer)];
    let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.0, 39.0).unwrap();
    let handmade = CustomerSummary::from_rfm(CustomerId::new("handmade").unwrap(), rfm);
    let outcome = tiers[0].score(&handmade).unwrap();
    assert_eq!(outcome.report().and_then(TierReport::current), None);
}

#[test]
fn broken_trust_bars_a_partnership_whatever_the_gates_ask() {
    let policy = TierPolicy::default();
    let policy = Gate::ALL
        .into_iter()
        .filter(|&gate| gate != Gate::PartnershipTenure)
        .fold(policy, |policy, gate| {
            if gate.tier() == Tier::Partnership {
                policy.without(gate).unwrap()
            } else {
                policy
            }
        });
    let policy = policy.with_threshold(Gate::PartnershipTenure, 0.0).unwrap();
    let broken = || Kind::from(Promise::new(PromiseEvent::Broken));
    let mut ladder = TierTracker::with_rules(
        customer(),
        policy,
        SummaryPolicy::default(),
        Arc::new(open()),
    )
    .starting_at(Tier::Preferred)
    .unwrap();
    for (n, (when, kind)) in [
        ("2026-01-05T00:00:00Z", purchase("9", "5")),
        ("2026-01-06T00:00:00Z", broken()),
        ("2026-01-07T00:00:00Z", broken()),
    ]
    .into_iter()
    .enumerate()
    {
        ladder.observe(&event(n, at(when), kind)).unwrap();
    }
    let outcome = ladder
        .report(at("2026-01-08T00:00:00Z"), &TierAdvisor::default())
        .unwrap();
    assert!(
        outcome
            .to_string()
            .contains("\npartnership is blocked: trust has collapsed\n"),
        "{outcome}"
    );
    ladder.advance_to(at("2026-02-01T00:00:00Z")).unwrap();
    assert_eq!(ladder.standing().tier(), Tier::Transaction);
}

#[test]
fn standings_are_doubted_when_they_are_read() {
    let log = [("2026-01-05T00:00:00Z", purchase("9", "5"))];
    let standing = *following(&log, Tier::NoTransaction, "2026-04-15T00:00:00Z").standing();
    let written = serde_json::to_value(standing).unwrap();
    assert_eq!(
        serde_json::from_value::<TierStanding>(written.clone()).unwrap(),
        standing
    );
    for (field, bad) in [
        ("up", serde_json::json!(9)),
        ("months", 0.into()),
        ("as_of", "2026-01-31T00:00:00Z".into()),
        ("since", "2027-01-31T00:00:00Z".into()),
        ("utc_offset_seconds", 90_000.into()),
        ("down", 1.into()),
    ] {
        let mut row = written.clone();
        row[field] = bad;
        assert!(
            serde_json::from_value::<TierStanding>(row).is_err(),
            "{field}"
        );
    }
}

/// A log of one customer whose interactions correct nothing, in order of time.
fn streamable(log: &[Interaction]) -> Vec<Interaction> {
    let own = log.iter().filter(|i| i.customer() == &customer_of(0));
    let mut own: Vec<_> = own
        .map(|i| renamed(i, i.id().clone(), customer_of(0)))
        .collect();
    own.sort_by_key(|i| (i.occurred_at(), i.id().clone()));
    own
}

fn fresh(rules: &EvidencePolicy, start: Tier) -> TierTracker {
    TierTracker::with_rules(
        customer_of(0),
        TierPolicy::default(),
        summaries(),
        Arc::new(rules.clone()),
    )
    .starting_at(start)
    .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_500,
        rng_seed: RngSeed::Fixed(20_260_111),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// A replay is a stream, to the last bit, however often the stream was asked on the way.
    #[test]
    fn a_replay_is_a_stream(
        log in any_kept_log(40), rules in any_rules(), start in 0_usize..5,
        asked in prop::collection::vec(any::<bool>(), 40),
    ) {
        let log = streamable(&log);
        let end = hour(9_000);
        let mut timeline = Timeline::new(customer_of(0));
        let mut streamed = fresh(&rules, Tier::ALL[start]);
        for (i, asked) in log.iter().zip(asked) {
            timeline.record(i.clone())?;
            streamed.observe(i)?;
            if asked {
                streamed.report(i.occurred_at(), &TierAdvisor::default())?;
            }
        }
        streamed.advance_to(end)?;
        let replayed = fresh(&rules, Tier::ALL[start]).replay(&timeline.as_of(AsOf::at(end)))?;
        prop_assert_eq!(&streamed, &replayed);
        let written = |ladder: &TierTracker| serde_json::to_string(&(ladder.state(), ladder.standing(), ladder.moves()));
        prop_assert_eq!(written(&streamed).unwrap(), written(&replayed).unwrap());
    }

    /// Cut at any instant, a stream is the replay of what had happened by then; and stored there and
    /// read back, it goes on as if it never had been.
    #[test]
    fn a_stream_is_a_replay_at_any_cut_and_goes_on_from_what_was_stored(
        log in any_kept_log(40), rules in any_rules(), start in 0_usize..5, cut in 0_i64..9_000,
    ) {
        let log = streamable(&log);
        let (cut, end) = (hour(cut), hour(9_000));
        let mut timeline = Timeline::new(customer_of(0));
        for i in &log {
            timeline.record(i.clone())?;
        }
        let replay = |at| fresh(&rules, Tier::ALL[start]).replay(&timeline.as_of(AsOf::at(at)));
        let before = log.partition_point(|i| i.occurred_at() <= cut);
        let mut streamed = fresh(&rules, Tier::ALL[start]);
        for i in &log[..before] {
            streamed.observe(i)?;
        }
        streamed.advance_to(cut)?;
        prop_assert_eq!(&streamed, &replay(cut)?);
        let text = serde_json::to_string(&streamed).unwrap();
        let mut read: TierTracker = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&read, &streamed);
        for i in &log[before..] {
            read.observe(i)?;
        }
        read.advance_to(end)?;
        prop_assert_eq!(&read, &replay(end)?);
        // The report is that of a ladder never stored, and is itself read as it was written.
        let told = replay(end)?.report(end, &TierAdvisor::default())?;
        prop_assert_eq!(&read.report(end, &TierAdvisor::default())?, &told);
        let text = serde_json::to_string(&told).unwrap();
        prop_assert_eq!(&serde_json::from_str::<TierOutcome>(&text).unwrap(), &told);
    }

    /// What comes later changes no earlier rung.
    #[test]
    fn the_past_of_a_ladder_stays(log in any_kept_log(40), start in 0_usize..5, at in 0_i64..9_000) {
        let log = streamable(&log);
        let mut timeline = Timeline::new(customer_of(0));
        for i in &log {
            timeline.record(i.clone())?;
        }
        let replay = |instant| fresh(&open(), Tier::ALL[start]).replay(&timeline.as_of(AsOf::at(instant)));
        let (then, now) = (replay(hour(at))?, replay(hour(9_000))?);
        let early: Vec<TierMove> = now.moves().iter().copied().filter(|made| made.at <= hour(at)).collect();
        prop_assert_eq!(then.moves(), &early[..]);
        prop_assert_eq!(then.standing().tier(), now.tier_at(hour(at)));
    }

    /// Nobody moves down without evidence: a gate of the rung was known and improbable at each of
    /// three month ends, or something critical had happened.
    #[test]
    fn every_move_down_has_its_evidence(log in any_kept_log(40)) {
        let log = streamable(&log);
        let mut timeline = Timeline::new(customer_of(0));
        for i in &log {
            timeline.record(i.clone())?;
        }
        let ladder = fresh(&open(), Tier::Alliance).replay(&timeline.as_of(AsOf::at(hour(9_000))))?;
        for made in ladder.moves() {
            if made.cause != MoveCause::GateLost {
                continue;
            }
            for months in 0..3 {
                let end = made.at + TimeDelta::nanoseconds(1) - Months::new(months) - TimeDelta::nanoseconds(1);
                let mut then = fresh(&open(), made.from).replay(&timeline.as_of(AsOf::at(end)))?;
                let known = then.report(end, &TierAdvisor::default())?.report().map(|r| r.attributes().clone()).unwrap_or_default();
                let policy = TierPolicy::default();
                let failing = policy.gates(made.from).filter_map(|g| g.check_to_hold(&known, &policy)).any(|check| !check.passes());
                prop_assert!(failing, "{:?} without evidence as of {}", made, end);
            }
        }
    }
}
