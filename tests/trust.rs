//! Trust: the published values, how interactions are read, the laws it obeys for all input, and what
//! is refused.

mod support;

use chrono::{DateTime, TimeDelta, Utc};
use guanxi::dimension::{DimensionError, Opinion, TrustBelief, TrustPolicy};
use guanxi::history::{
    ComplaintOpened, ComplaintResolved, Consent, Construct, Contact, Contract, ContractEvent,
    Delivery, Direction, GoalReview, InfoDepth, InfoFlow, InfoShared, Initiator, Interaction,
    Investment, InvestmentPurpose, JointProject, Kind, Minutes, Partnership, Payment, PaymentEvent,
    ProfileAttribute, Promise, PromiseEvent, Promiser, Purpose, ReferralMade, Return,
    ReturnOutcome, ReturnReason, Scale, SurveyItem, TrustFacet,
};
use guanxi::quantity::{Currency, Fraction, HalfLife, Money, Probability, TimeUnit};
use guanxi::summary::{EvidencePolicy, TrustDirection, TrustEvidence, TrustItem, TrustSource};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use support::history::{any_fraction, any_interaction, customer, day, eur, id};
use support::reference_dimensions::{TRUST_LOGS, TRUST_SOURCES};
use support::{assert_close, assert_published};

const CF: TrustDirection = TrustDirection::CustomerInFirm;
const FC: TrustDirection = TrustDirection::FirmInCustomer;

fn event(n: i64, kind: impl Into<Kind>) -> Interaction {
    Interaction::new(id("i-1"), customer(), day(n), kind).expect("an interaction")
}

fn fraction(value: f64) -> Fraction {
    Fraction::new(value).expect("a fraction")
}

fn kept() -> Promise {
    Promise::new(PromiseEvent::Kept)
}

fn broken() -> Promise {
    Promise::new(PromiseEvent::Broken)
}

fn evidence(log: &[Interaction], as_of: i64) -> TrustEvidence {
    TrustEvidence::from_interactions(log, day(as_of), &EvidencePolicy::default())
}

fn belief(log: &[Interaction], as_of: i64) -> TrustBelief {
    TrustBelief::of(&evidence(log, as_of), CF, &TrustPolicy::default())
}

/// The history of TV 3.3a.
fn published_history() -> Vec<Interaction> {
    let resolved = ComplaintResolved::new()
        .with_quality(fraction(0.8))
        .with_latency_minutes(Minutes::new(0.0).expect("a duration"));
    let on_time = || Delivery::new(day(360)).with_promised_at(day(360));
    vec![
        event(0, kept()),
        event(0, kept()),
        event(0, kept()),
        event(180, broken()),
        event(300, resolved),
        event(360, on_time()),
        event(360, on_time()),
    ]
}

#[test]
fn tv_3_3a_holds() {
    let trust = belief(&published_history(), 360);
    let (r, s) = trust.evidence();
    assert_published!(r, "2.38496042078728");
    assert_published!(s, "1.31748021039364");
    assert_published!(trust.n_eff(), "3.70244063118092");
    assert_published!(trust.mean(), "0.59359853783980");
    assert_published!(trust.sd(), "0.189717570399");
    assert_published!(trust.opinion().uncertainty(), "0.35072701836894");
    let interval = trust.interval().expect("an interval");
    assert_eq!(interval.level(), Probability::NINETY_PERCENT);
    assert_published!(interval.lower(), "0.262642707853");
    assert_published!(interval.upper(), "0.884532654380");
    let above = trust.probability_above(0.5).expect("a probability");
    assert_published!(above.value(), "0.685513699090");
    assert!(!trust.is_broken());

    let later = belief(&published_history(), 540);
    assert_close!(later.evidence().0, r / 2.0, 1e-14);
    assert_close!(later.evidence().1, s / 2.0, 1e-14);
    assert_published!(later.mean(), "0.5692949327");
    assert_published!(later.opinion().uncertainty(), "0.5193159145");

    let estimate = trust.estimate().expect("an estimate");
    assert_eq!(estimate.stated_interval(), Some(interval));
    assert_close!(estimate.mean(), trust.mean(), 0.0);
}

#[test]
fn the_95_percent_interval_of_beta_8_2_is_that_of_tv_3_3a() {
    let mut log: Vec<_> = (0..7).map(|_| event(0, kept())).collect();
    log.push(event(0, broken().with_severity(fraction(0.5))));
    let trust = belief(&log, 0);
    assert_close!(trust.alpha(), 8.0, 1e-15);
    assert_close!(trust.beta(), 2.0, 1e-15);
    let interval = trust.interval_at(Probability::NINETY_FIVE_PERCENT);
    let interval = interval.expect("an interval");
    assert_published!(interval.lower(), "0.517503485083");
    assert_published!(interval.upper(), "0.971855026522");
}

#[test]
fn tv_3_2a_holds_and_a_chain_of_referrers_does_not_depend_on_its_grouping() {
    let of = |b, d, u| Opinion::new(b, d, u, 0.5).expect("an opinion");
    let (a, b, c) = (of(0.6, 0.1, 0.3), of(0.7, 0.1, 0.2), of(0.9, 0.05, 0.05));
    let through = a.transfer(b);
    assert_close!(through.belief(), 0.42, 1e-14);
    assert_close!(through.disbelief(), 0.06, 1e-14);
    assert_close!(through.uncertainty(), 0.52, 1e-14);
    assert_close!(through.expectation(), 0.68, 1e-14);

    let chain = Opinion::through([a, b, c]).expect("three referrers");
    let grouped = a.transfer(b.transfer(c));
    assert_close!(chain.belief(), grouped.belief(), 1e-14);
    assert_close!(chain.uncertainty(), grouped.uncertainty(), 1e-14);
    assert!(chain.uncertainty() > through.uncertainty());
    assert_eq!(Opinion::through([a]), Some(a));
    assert_eq!(Opinion::through([]), None);
}

/// A number of days, to the millisecond.
fn milliseconds(days: f64) -> TimeDelta {
    let minutes = Minutes::new(days * 1_440.0).and_then(Minutes::to_span);
    let seconds = minutes.expect("a duration").in_unit(TimeUnit::Second);
    let whole = std::time::Duration::from_secs_f64((seconds * 1e3).round() / 1e3);
    TimeDelta::from_std(whole).expect("a duration")
}

/// The interaction that a row of a reference log stands for, on its day.
fn logged(name: &str, direction: TrustDirection, row: [f64; 5]) -> Interaction {
    let [n, quality, late, _, multiplier] = row;
    let on = |days: f64| DateTime::UNIX_EPOCH + milliseconds(days);
    let at = on(n);
    let is_kept = quality > 0.0;
    let promised = |by| {
        let promise = if is_kept { kept() } else { broken() };
        Kind::from(
            promise
                .with_promiser(by)
                .with_severity(fraction(multiplier)),
        )
    };
    let survey = |facet| {
        let scale = Scale::new(0.0, 1.0).expect("a scale");
        let answer = SurveyItem::new(Construct::Trust, quality, scale).expect("an answer");
        Kind::from(answer.with_facet(facet))
    };
    let kind = match name {
        "promise" => promised(Promiser::Firm),
        "commitment" => promised(Promiser::Customer),
        "delivery" => Delivery::new(at)
            .with_promised_at(on(n - late))
            .with_defect(!is_kept)
            .into(),
        "complaint opened" => ComplaintOpened::new()
            .with_severity(fraction(multiplier))
            .into(),
        "complaint resolved" => ComplaintResolved::new()
            .with_quality(fraction(quality))
            .with_latency_minutes(Minutes::new(late * 1_440.0).expect("a duration"))
            .into(),
        "contract renewal" if is_kept => Contract::new(ContractEvent::Renewed).into(),
        "contract renewal" => Contract::new(ContractEvent::Cancelled).into(),
        "referral" => ReferralMade::new().into(),
        "consent" if is_kept => Consent::Granted {
            purpose: Purpose::Sharing,
        }
        .into(),
        "consent" => Consent::Withdrawn {
            purpose: Purpose::Sharing,
        }
        .into(),
        "disclosure" => ProfileAttribute::new("size".to_owned()).into(),
        "late reply" => Contact::new(Direction::Inbound)
            .with_promised_minutes(Minutes::new(5.0).expect("a duration"))
            .with_response_minutes(Minutes::new(6.0).expect("a duration"))
            .into(),
        "survey ability" => survey(TrustFacet::Ability),
        "survey benevolence" => survey(TrustFacet::Benevolence),
        "survey integrity" => survey(TrustFacet::Integrity),
        "payment" if is_kept => Payment::new(PaymentEvent::Received)
            .with_due_at(on(n - late))
            .into(),
        "payment" => Payment::new(PaymentEvent::Defaulted).into(),
        "dispute" => Payment::new(PaymentEvent::Disputed).into(),
        "strategic information" if direction == CF => {
            InfoShared::new(InfoFlow::ToFirm, InfoDepth::Strategic).into()
        }
        "strategic information" => {
            InfoShared::new(InfoFlow::ToCustomer, InfoDepth::Strategic).into()
        }
        // A refund and a defect are one return here; the other half is left out by the policy.
        "refund" | "return for defect" => {
            let returned = Return::new(eur("5")).expect("a return");
            let is_defect = name == "return for defect";
            let reason = if is_defect {
                ReturnReason::Defect
            } else {
                ReturnReason::ChangedMind
            };
            let refused = is_defect || !is_kept;
            let outcome = if refused {
                ReturnOutcome::Refused
            } else {
                ReturnOutcome::Honoured
            };
            returned.with_reason(reason).with_outcome(outcome).into()
        }
        other => panic!("{other}"),
    };
    let interaction = Interaction::new(id("i-1"), customer(), at, kind).expect("an interaction");
    if name == "disclosure" {
        interaction.initiated_by(Initiator::Customer)
    } else {
        interaction
    }
}

#[test]
fn the_default_weights_are_those_of_the_evidence_table() {
    let policy = TrustPolicy::default();
    for (name, [weight, split @ ..]) in TRUST_SOURCES {
        let stated = TRUST_SOURCES.iter().position(|(other, _)| other == name);
        let is_of_firm = stated >= Some(15);
        let direction = if is_of_firm { FC } else { CF };
        let event = logged(name, direction, [0.0, 1.0, 0.0, 1.0, 1.0]);
        let item = TrustItem::read(&event, &EvidencePolicy::default()).next();
        let item = item.expect(name);
        assert_eq!(item.direction(), direction, "{name}");
        assert_close!(policy.weight(item.source()), *weight, 0.0, "{name}");
        if item.facet().is_none() {
            for (found, expected) in policy.split(item.source()).into_iter().zip(split) {
                assert_close!(found, *expected, 0.0, "{name}");
            }
        }
    }
}

#[test]
fn logs_come_to_what_was_computed_apart() {
    let all = TrustPolicy::default();
    // A return for a defect also says what became of the refund, which has a row of its own here.
    let defect_alone = all.clone().without(TrustSource::Refund);
    let facets = [
        TrustFacet::Ability,
        TrustFacet::Benevolence,
        TrustFacet::Integrity,
    ];
    for (number, log) in TRUST_LOGS.iter().enumerate() {
        let is_of = |name: &str| log.events.iter().any(|(other, _)| *other == name);
        let direction = if is_of("payment") { FC } else { CF };
        for (day_of_state, expected) in log.at.iter().map(|at| (at[0], &at[1..])) {
            let case = (number, day_of_state);
            let as_of = DateTime::UNIX_EPOCH + milliseconds(day_of_state);
            let belief = |events: &[Interaction], policy: &TrustPolicy| {
                let rules = EvidencePolicy::default();
                let evidence = TrustEvidence::from_interactions(events, as_of, &rules);
                TrustBelief::of(&evidence, direction, policy)
            };
            let mut sums = [0.0; 6];
            let mut events = Vec::new();
            for (name, row) in log.events {
                let event = logged(name, direction, *row);
                let is_defect = *name == "return for defect";
                let policy = if is_defect { &defect_alone } else { &all };
                let alone = belief(std::slice::from_ref(&event), policy);
                for (place, facet) in facets.into_iter().enumerate() {
                    let (r, s) = alone.facet_evidence(facet);
                    sums[2 * place] += r;
                    sums[2 * place + 1] += s;
                }
                events.push(event);
            }
            for (found, expected) in sums.into_iter().zip(expected) {
                assert_close!(found, *expected, 1e-12, "{case:?}");
            }
            if !is_of("return for defect") {
                let trust = belief(&events, &all);
                assert_close!(trust.mean(), expected[6], 1e-13, "{case:?}");
                assert_close!(trust.sd(), expected[7], 1e-13, "{case:?}");
                let uncertainty = trust.opinion().uncertainty();
                assert_close!(uncertainty, expected[8], 1e-13, "{case:?}");
            }
        }
    }
}

#[test]
fn without_evidence_trust_is_the_prior() {
    let policy = TrustPolicy::default();
    let none = TrustBelief::of(&TrustEvidence::EMPTY, CF, &policy);
    assert_eq!(none, TrustBelief::prior(CF, &policy));
    assert_close!(none.mean(), 0.5, 0.0);
    assert_close!(none.n_eff(), 0.0, 0.0);
    assert_close!(none.opinion().uncertainty(), 1.0, 0.0);
    assert_eq!(none.weakest_facet(), None);
    assert!(none.estimate().expect("an estimate").is_prior_only());
    // Uniform.
    let interval = none.interval().expect("an interval");
    assert_close!(interval.lower(), 0.05, 1e-14);
    assert_close!(interval.upper(), 0.95, 1e-14);
    assert!(!none.is_broken());
    // Interactions that say nothing of trust leave no trace.
    let log = [event(3, Promise::new(PromiseEvent::Made))];
    assert!(evidence(&log, 5).is_empty());
    assert_eq!(evidence(&log, 5).latest(), None);
}

/// What one interaction says: direction, source, multiplier, outcome.
fn says(interaction: &Interaction) -> Vec<(TrustDirection, TrustSource, f64, f64)> {
    TrustItem::read(interaction, &EvidencePolicy::default())
        .map(|i| (i.direction(), i.source(), i.multiplier(), i.outcome()))
        .collect()
}

#[track_caller]
fn assert_says(kind: impl Into<Kind>, expected: &[(TrustDirection, TrustSource, f64, f64)]) {
    let interaction = event(400, kind);
    let found = says(&interaction);
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!((found.0, found.1), (expected.0, expected.1));
        assert!(
            (found.2 - expected.2).abs() < 1e-15,
            "{found:?} {expected:?}"
        );
        assert!(
            (found.3 - expected.3).abs() < 1e-15,
            "{found:?} {expected:?}"
        );
    }
}

#[test]
fn promises_and_deliveries_are_read_as_the_table_says() {
    use TrustSource::{Commitment, Delivery as Delivered, Promise as Promised};
    assert_says(kept(), &[(CF, Promised, 1.0, 1.0)]);
    assert_says(
        broken().with_severity(fraction(0.3)),
        &[(CF, Promised, 0.3, 0.0)],
    );
    assert_says(broken().with_severity(fraction(0.0)), &[]);
    assert_says(
        kept().with_promiser(Promiser::Customer),
        &[(FC, Commitment, 1.0, 1.0)],
    );

    let promised = Delivery::new(day(106)).with_promised_at(day(100));
    assert_says(promised.clone(), &[(CF, Delivered, 1.0, 0.25)]); // twice three days
    assert_says(
        Delivery::new(day(99)).with_promised_at(day(100)),
        &[(CF, Delivered, 1.0, 1.0)],
    );
    assert_says(promised.with_defect(true), &[(CF, Delivered, 1.0, 0.0)]);
    assert_says(
        Delivery::new(day(99)).with_defect(true),
        &[(CF, Delivered, 1.0, 0.0)],
    );
    assert_says(Delivery::new(day(99)).with_defect(false), &[]);
    assert_says(Delivery::new(day(99)), &[]);
}

#[test]
fn complaints_returns_and_answers_are_read_as_the_table_says() {
    use TrustSource::{Complaint, DefectReturn, LateReply, Refund, Resolution};
    assert_says(
        ComplaintOpened::new().with_severity(fraction(0.4)),
        &[(CF, Complaint, 0.4, 0.0)],
    );
    assert_says(ComplaintOpened::new(), &[(CF, Complaint, 1.0, 0.0)]);

    let well = ComplaintResolved::new().with_quality(fraction(0.8));
    let week = Minutes::new(7.0 * 1_440.0).expect("a duration");
    assert_says(well.clone(), &[(CF, Resolution, 1.0, 0.8)]);
    assert_says(
        well.with_latency_minutes(week),
        &[(CF, Resolution, 1.0, 0.4)],
    );
    assert_says(ComplaintResolved::new().with_latency_minutes(week), &[]);

    let returned = Return::new(eur("5")).expect("a return");
    assert_says(returned.clone(), &[(CF, Refund, 1.0, 1.0)]);
    assert_says(
        returned
            .with_reason(ReturnReason::Defect)
            .with_outcome(ReturnOutcome::Refused),
        &[(CF, DefectReturn, 1.0, 0.0), (CF, Refund, 1.0, 0.0)],
    );

    let minutes = |n| Minutes::new(n).expect("a duration");
    let asked = Contact::new(Direction::Inbound).with_promised_minutes(minutes(60.0));
    assert_says(
        asked.clone().with_response_minutes(minutes(60.1)),
        &[(CF, LateReply, 1.0, 0.0)],
    );
    assert_says(asked.clone().with_response_minutes(minutes(60.0)), &[]);
    assert_says(asked, &[]);
}

#[test]
fn contracts_consent_and_disclosure_are_read_as_the_table_says() {
    assert_says(
        Contract::new(ContractEvent::Renewed),
        &[(CF, TrustSource::Contract, 1.0, 1.0)],
    );
    let cancelled = event(400, Contract::new(ContractEvent::Cancelled));
    assert_eq!(says(&cancelled), [(CF, TrustSource::Contract, 1.0, 0.0)]);
    assert_eq!(says(&cancelled.initiated_by(Initiator::Firm)), []);
    assert_says(Contract::new(ContractEvent::Signed), &[]);
    assert_says(Contract::new(ContractEvent::Expired), &[]);
    assert_says(
        ReferralMade::new(),
        &[(CF, TrustSource::Referral, 1.0, 1.0)],
    );

    let purpose = Purpose::Analytics;
    assert_says(
        Consent::Granted { purpose },
        &[(CF, TrustSource::Consent, 1.0, 1.0)],
    );
    assert_says(
        Consent::Withdrawn { purpose },
        &[(CF, TrustSource::Consent, 1.0, 0.0)],
    );
    assert_says(Consent::ErasureRequested, &[]);

    let field = event(400, ProfileAttribute::new("birthday".to_owned()));
    assert_eq!(says(&field), []); // who told it is not stated
    assert_eq!(
        says(&field.clone().initiated_by(Initiator::Customer)),
        [(CF, TrustSource::Disclosure, 1.0, 1.0)]
    );
    assert_eq!(says(&field.initiated_by(Initiator::Firm)), []);

    let scale = Scale::new(1.0, 5.0).expect("a scale");
    let answer = |construct| SurveyItem::new(construct, 4.0, scale).expect("an answer");
    assert_says(
        answer(Construct::Trust),
        &[(CF, TrustSource::Survey, 1.0, 0.75)],
    );
    assert_says(answer(Construct::Affect), &[]);
}

#[test]
fn payments_and_partnerships_are_read_as_the_table_says() {
    use TrustSource::{Alliance, Dispute, Information, Payment as Paid};
    let received = |paid: i64| {
        let payment = Payment::new(PaymentEvent::Received).with_paid_at(day(paid));
        payment.expect("a payment").with_due_at(day(100))
    };
    assert_says(received(100), &[(FC, Paid, 1.0, 1.0)]);
    assert_says(received(115), &[(FC, Paid, 1.0, 0.5)]);
    // Paid when the interaction occurred, on day 400.
    let late = Payment::new(PaymentEvent::Received).with_due_at(day(370));
    assert_says(late, &[(FC, Paid, 1.0, 0.25)]);
    assert_says(Payment::new(PaymentEvent::Received), &[]);
    assert_says(Payment::new(PaymentEvent::Due), &[]);
    assert_says(
        Payment::new(PaymentEvent::Defaulted),
        &[(FC, Paid, 1.0, 0.0)],
    );
    assert_says(
        Payment::new(PaymentEvent::Disputed),
        &[(FC, Dispute, 1.0, 0.0)],
    );

    let shared = |flow| InfoShared::new(flow, InfoDepth::Strategic);
    assert_says(shared(InfoFlow::ToFirm), &[(CF, Information, 1.0, 1.0)]);
    assert_says(shared(InfoFlow::ToCustomer), &[(FC, Information, 1.0, 1.0)]);
    assert_says(
        shared(InfoFlow::Mutual),
        &[(CF, Information, 1.0, 1.0), (FC, Information, 1.0, 1.0)],
    );
    assert_says(InfoShared::new(InfoFlow::Mutual, InfoDepth::Tactical), &[]);

    let invested = Investment::new(eur("5")).expect("an investment");
    assert_says(invested.clone(), &[(CF, TrustSource::Investment, 1.0, 1.0)]);
    assert_says(invested.with_purpose(InvestmentPurpose::Acquisition), &[]);
    let both = |source, outcome| [(CF, source, 1.0, outcome), (FC, source, 1.0, outcome)];
    assert_says(
        Partnership::GoalReview(GoalReview::new(fraction(0.7))),
        &both(TrustSource::GoalReview, 0.7),
    );
    let project = JointProject::new(eur("9"), fraction(0.5)).expect("a project");
    assert_says(
        Partnership::JointProject(project),
        &both(TrustSource::JointProject, 1.0),
    );
    assert_says(
        Partnership::AllianceAgreement { form: None },
        &both(Alliance, 1.0),
    );
    let fraction = fraction(0.0);
    assert_says(Partnership::EquityTie { fraction }, &[]);
}

#[test]
fn a_stated_side_takes_the_whole_weight_and_the_weakest_is_the_one_that_was_hurt() {
    let log = [
        event(0, kept().with_facet(TrustFacet::Integrity)),
        event(0, broken().with_facet(TrustFacet::Ability)),
        event(0, kept()),
    ];
    let trust = belief(&log, 0);
    for (facet, r, s) in [
        (TrustFacet::Ability, 0.2, 2.0),
        (TrustFacet::Benevolence, 0.2, 0.0),
        (TrustFacet::Integrity, 1.6, 0.0),
    ] {
        let (for_it, against) = trust.facet_evidence(facet);
        assert!((for_it - r).abs() < 1e-15 && (against - s).abs() < 1e-15);
        let estimate = trust.facet(facet).expect("an estimate");
        assert_close!(estimate.mean(), (r + 1.0) / (r + s + 2.0), 1e-14);
        assert_close!(estimate.n_eff(), r + s, 1e-14);
    }
    assert_eq!(trust.weakest_facet(), Some(TrustFacet::Ability));
    // A side nothing is known of is not the weakest.
    let only_ability = [event(0, kept().with_facet(TrustFacet::Ability))];
    let weakest = belief(&only_ability, 0).weakest_facet();
    assert_eq!(weakest, Some(TrustFacet::Ability));
}

#[test]
fn trust_collapses_when_it_is_surely_low() {
    let breaches: Vec<_> = (0..4).map(|_| event(0, broken())).collect();
    // Beta(1, 1 + 2n): P(trust < 0.4) = 1 − 0.6^(1 + 2n), which reaches 0.8 at n = 2.
    assert!(!belief(&breaches[..1], 0).is_broken());
    assert!(belief(&breaches[..2], 0).is_broken());
    let below = belief(&breaches[..2], 0).probability_below(0.4);
    assert_close!(
        below.expect("a probability").value(),
        1.0 - 0.6_f64.powi(5),
        1e-14
    );
    assert!(!belief(&breaches[..2], 1_000).is_broken()); // it heals by being forgotten
}

#[test]
fn perceived_risk_is_the_doubt_times_the_stake() {
    let trust = belief(&published_history(), 360);
    let risk = trust.perceived_risk(eur("1000")).expect("an amount");
    assert_eq!(risk.to_string(), "314.49 EUR"); // 1 − 0.6855137
    let nothing = Money::zero(Currency::EUR);
    assert_eq!(trust.perceived_risk(nothing), Ok(nothing));
}

#[test]
fn a_decline_is_as_likely_as_not_between_equal_beliefs_and_refused_between_directions() {
    let trust = belief(&published_history(), 360);
    let same = trust.probability_declined_since(&trust);
    assert_close!(same.expect("a probability").value(), 0.5, 1e-15);
    let mut log = published_history();
    log.extend((0..5).map(|_| event(360, broken())));
    let hurt = belief(&log, 360);
    let declined = hurt
        .probability_declined_since(&trust)
        .expect("a probability");
    let z = (trust.mean() - hurt.mean()) / trust.sd().hypot(hurt.sd());
    assert!(z > 1.0);
    let normal = 0.5 * libm_erfc(-z / std::f64::consts::SQRT_2);
    assert_close!(declined.value(), normal, 1e-7);
    let other = TrustBelief::prior(FC, &TrustPolicy::default());
    assert_eq!(
        trust.probability_declined_since(&other),
        Err(DimensionError::Directions {
            expected: CF,
            found: FC
        })
    );
}

/// Abramowitz & Stegun 7.1.26, to 1.5e-7.
fn libm_erfc(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
    let sum = [
        0.254_829_592,
        -0.284_496_736,
        1.421_413_741,
        -1.453_152_027,
        1.061_405_429,
    ]
    .iter()
    .rev()
    .fold(0.0, |sum, c| (sum + c) * t);
    let tail = sum * (-x * x).exp();
    if x < 0.0 { 2.0 - tail } else { tail }
}

#[test]
fn no_forgetting_keeps_everything() {
    let rules = EvidencePolicy::default().with_trust(HalfLife::NEVER);
    let log = [event(0, kept()), event(5_000, kept())];
    let evidence = TrustEvidence::from_interactions(&log, day(90_000), &rules);
    assert_eq!(evidence.counts(CF, TrustSource::Promise), (2.0, 0.0));
    assert_eq!(evidence.latest(), Some(day(90_000)));
    // What occurs later is left out.
    let early = TrustEvidence::from_interactions(&log, day(4_999), &rules);
    assert_eq!(early.counts(CF, TrustSource::Promise), (1.0, 0.0));
}

fn as_of() -> DateTime<Utc> {
    day(1_030) + TimeDelta::milliseconds(7)
}

/// Two states agree but for rounding.
fn assert_same(one: &TrustEvidence, other: &TrustEvidence) -> Result<(), TestCaseError> {
    prop_assert_eq!(one.latest(), other.latest());
    prop_assert_eq!(one.tallies().len(), other.tallies().len());
    for (a, b) in one.tallies().iter().zip(other.tallies()) {
        prop_assert_eq!(
            (a.direction(), a.source(), a.facet()),
            (b.direction(), b.source(), b.facet())
        );
        for (a, b) in [(a.kept(), b.kept()), (a.broken(), b.broken())] {
            prop_assert!((a - b).abs() <= 1e-12 * a.max(b), "{a} {b}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_104),
        failure_persistence: None,
        cases: 2_000,
        ..ProptestConfig::default()
    })]

    /// The order in which interactions come does not matter.
    #[test]
    fn any_order_leads_to_the_same_evidence(
        (log, shuffled) in prop::collection::vec(any_interaction(), 0..24)
            .prop_flat_map(|log| (Just(log.clone()), Just(log).prop_shuffle())),
    ) {
        let rules = EvidencePolicy::default();
        let one = TrustEvidence::from_interactions(&log, as_of(), &rules);
        let other = TrustEvidence::from_interactions(&shuffled, as_of(), &rules);
        assert_same(&one, &other)?;
    }

    /// What each piece of evidence moved sums to the mean less the base rate, in both directions
    /// and under any rules.
    #[test]
    fn contributions_sum_to_the_mean_less_the_base_rate(
        log in prop::collection::vec(any_interaction(), 0..24),
        (kappa, prior, base) in (1.0..5.0_f64, 0.1..9.0_f64, 0.01..0.99_f64),
        weights in prop::collection::vec(0.01..5.0_f64, TrustSource::ALL.len()),
    ) {
        let rules = EvidencePolicy::default();
        let mut policy = TrustPolicy::default()
            .with_negativity(kappa).and_then(|p| p.with_prior_weight(prior))
            .and_then(|p| p.with_base_rate(base)).expect("rules");
        for (source, weight) in TrustSource::ALL.into_iter().zip(weights) {
            policy = policy.with_weight(source, weight).expect("a weight");
        }
        let evidence = TrustEvidence::from_interactions(&log, as_of(), &rules);
        for direction in TrustDirection::ALL {
            let trust = TrustBelief::of(&evidence, direction, &policy);
            let mut sum = 0.0;
            for interaction in &log {
                let age = (as_of() - interaction.occurred_at()).num_milliseconds() as f64;
                let left = (-age / (180.0 * 86_400_000.0)).exp2();
                for item in TrustItem::read(interaction, &rules) {
                    sum += trust.contribution(&item, fraction(left), &policy);
                }
            }
            prop_assert!((base + sum - trust.mean()).abs() < 1e-12, "{sum} {}", trust.mean());
        }
    }

    /// Opinion, sides and interval say the same as the pooled belief.
    #[test]
    fn a_belief_agrees_with_itself(log in prop::collection::vec(any_interaction(), 0..24)) {
        let policy = TrustPolicy::default().with_base_rate(0.3).expect("a rate");
        let evidence =
            TrustEvidence::from_interactions(&log, as_of(), &EvidencePolicy::default());
        for direction in TrustDirection::ALL {
            let trust = TrustBelief::of(&evidence, direction, &policy);
            let opinion = trust.opinion();
            prop_assert!((opinion.expectation() - trust.mean()).abs() < 1e-14);
            let whole = opinion.belief() + opinion.disbelief() + opinion.uncertainty();
            prop_assert!((whole - 1.0).abs() < 1e-14);
            let (r, s) = trust.evidence();
            let facets = [TrustFacet::Ability, TrustFacet::Benevolence, TrustFacet::Integrity];
            let sums = facets.map(|facet| trust.facet_evidence(facet));
            let both = sums.iter().fold((0.0, 0.0), |sum, e| (sum.0 + e.0, sum.1 + e.1));
            prop_assert!((both.0 - r).abs() < 1e-12 && (both.1 - s).abs() < 1e-12);
            let interval = trust.interval().expect("an interval");
            for (end, chance) in [(interval.lower(), 0.05), (interval.upper(), 0.95)] {
                let below = trust.probability_below(end).expect("a probability").value();
                prop_assert!((below - chance).abs() < 1e-12, "{below} {chance}");
            }
            prop_assert!(interval.contains(trust.mean()));
        }
    }

    /// A kept promise never lowers trust and a broken one never raises it, whatever came before
    /// and however little hangs on it.
    #[test]
    fn promises_move_trust_the_way_they_turn_out(
        mut log in prop::collection::vec(any_interaction(), 0..16),
        (at, severity) in (980_i64..1_030, any_fraction()),
    ) {
        let rules = EvidencePolicy::default();
        let trust = |log: &[Interaction]| {
            let evidence = TrustEvidence::from_interactions(log, as_of(), &rules);
            TrustBelief::of(&evidence, CF, &TrustPolicy::default()).mean()
        };
        let before = trust(&log);
        log.push(event(at, kept().with_severity(severity)));
        let after_kept = trust(&log);
        prop_assert!(after_kept >= before - 1e-15);
        log.pop();
        log.push(event(at, broken().with_severity(severity)));
        prop_assert!(trust(&log) <= before + 1e-15);
    }

    /// Silence leads back to the prior, and never away from it.
    #[test]
    fn silence_leads_back_to_the_prior(
        log in prop::collection::vec(any_interaction(), 0..16),
        wait in 0_i64..400,
    ) {
        let at = |n| TrustEvidence::from_interactions(&log, day(n), &EvidencePolicy::default());
        let policy = TrustPolicy::default();
        for direction in TrustDirection::ALL {
            let belief = |n| TrustBelief::of(&at(n), direction, &policy);
            let (now, then) = (belief(1_030), belief(1_030 + wait));
            prop_assert!((then.mean() - 0.5).abs() <= (now.mean() - 0.5).abs() + 1e-15);
            prop_assert!(then.opinion().uncertainty() >= now.opinion().uncertainty() - 1e-15);
            let forgotten = belief(40_000);
            prop_assert!((forgotten.mean() - 0.5).abs() < 1e-12 && forgotten.n_eff() < 1e-12);
        }
    }
}

#[test]
fn rules_outside_their_ranges_are_refused_by_name() {
    let policy = TrustPolicy::default;
    let source = TrustSource::Promise;
    let chance = |p| Probability::new(p).expect("a probability");
    for (refused, quantity) in [
        (
            policy().with_weight(source, 0.0),
            "weight of a source of trust",
        ),
        (
            policy().with_weight(source, -1.0),
            "weight of a source of trust",
        ),
        (
            policy().with_weight(source, f64::NAN),
            "weight of a source of trust",
        ),
        (
            policy().with_weight(source, f64::INFINITY),
            "weight of a source of trust",
        ),
        (
            policy().with_split(source, [0.5, 0.6, 0.0]),
            "sum of a split over ability, benevolence and integrity",
        ),
        (
            policy().with_split(source, [1.5, -0.5, 0.0]),
            "part of a split over ability, benevolence and integrity",
        ),
        (
            policy().with_split(source, [f64::NAN, 0.5, 0.5]),
            "part of a split over ability, benevolence and integrity",
        ),
        (policy().with_negativity(0.99), "negativity of trust"),
        (policy().with_negativity(f64::NAN), "negativity of trust"),
        (policy().with_prior_weight(0.0), "prior weight of trust"),
        (policy().with_base_rate(1.0), "base rate of trust"),
        (policy().with_base_rate(0.0), "base rate of trust"),
        (
            policy().with_collapse(0.0, chance(0.8)),
            "trust below which it is broken",
        ),
        (
            policy().with_collapse(1.0, chance(0.8)),
            "trust below which it is broken",
        ),
        (
            policy().with_interval_level(chance(1.0)),
            "level of an interval",
        ),
        (
            policy().with_interval_level(chance(0.0)),
            "level of an interval",
        ),
    ] {
        match refused {
            Err(DimensionError::Domain {
                quantity: named, ..
            }) => assert_eq!(named, quantity),
            other => panic!("{quantity}: {other:?}"),
        }
    }
    let trust = belief(&published_history(), 360);
    for level in [-0.1, 1.1, f64::NAN] {
        assert!(trust.probability_above(level).is_err());
        assert!(trust.probability_below(level).is_err());
    }
    for (b, d, u) in [
        (0.5, 0.5, 0.5),
        (-0.1, 0.6, 0.5),
        (f64::NAN, 0.5, 0.5),
        (0.3, 0.3, 0.3),
    ] {
        assert!(matches!(
            Opinion::new(b, d, u, 0.5),
            Err(DimensionError::Domain { .. })
        ));
    }
    assert!(Opinion::new(0.5, 0.25, 0.25, 1.5).is_err());
}

#[test]
fn every_rule_of_the_policy_changes_its_id_and_its_belief() {
    let policy = TrustPolicy::default();
    let mut ids = vec![policy.id()];
    for source in TrustSource::ALL {
        let heavier = policy.clone().with_weight(source, 7.0).expect("a weight");
        let split = policy.clone().with_split(source, [0.25, 0.25, 0.5]);
        ids.extend([heavier.id(), split.expect("a split").id()]);
        assert_eq!(policy.clone().without(source).weight(source).to_bits(), 0);
    }
    let chance = |p| Probability::new(p).expect("a probability");
    for changed in [
        policy.clone().with_negativity(1.0),
        policy.clone().with_prior_weight(3.0),
        policy.clone().with_base_rate(0.6),
        policy.clone().with_collapse(0.3, chance(0.8)),
        policy.clone().with_collapse(0.4, chance(0.9)),
        policy.clone().with_interval_level(chance(0.95)),
    ] {
        ids.push(changed.expect("rules").id());
    }
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);

    let log = [event(0, broken())];
    let gentle = policy.clone().with_negativity(1.0).expect("rules");
    let trust = TrustBelief::of(&evidence(&log, 0), CF, &gentle);
    assert_close!(trust.mean(), 1.0 / 3.0, 1e-15);
    let deaf = policy.without(TrustSource::Promise);
    let trust = TrustBelief::of(&evidence(&log, 0), CF, &deaf);
    assert_close!(trust.n_eff(), 0.0, 0.0);
}
