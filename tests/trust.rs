//! Trust: the published values, the laws it obeys for all input, what is refused, and learning.

mod support;

use chrono::{DateTime, TimeDelta, Utc};
use guanxi::dimension::{
    DimensionError, LearnedTrustWeights, Opinion, SourceVerdict, TrustBelief, TrustLearning,
    TrustPolicy,
};
use guanxi::history::{
    ComplaintOpened, ComplaintResolved, Consent, Construct, Contact, Contract, ContractEvent,
    Delivery, Direction, GoalReview, InfoDepth, InfoFlow, InfoShared, Initiator, Interaction,
    Investment, InvestmentPurpose, JointProject, Kind, Minutes, Partnership, Payment, PaymentEvent,
    ProfileAttribute, Promise, PromiseEvent, Promiser, Purpose, ReferralMade, Return,
    ReturnOutcome, ReturnReason, Scale, SurveyItem, TrustFacet,
};
use guanxi::quantity::{Currency, Fraction, HalfLife, Money, Probability};
use guanxi::summary::{EvidencePolicy, TrustDirection, TrustEvidence, TrustItem, TrustSource};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use support::history::{any_fraction, any_interaction, customer, day, eur, id};
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

/// Uniform numbers in [0, 1) from a seed (SplitMix64).
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, n: u32) -> u32 {
        (self.uniform() * f64::from(n)) as u32
    }
}

/// Customers with promises, deliveries, complaints and recommendations, who renew with a chance
/// that rests on their net evidence by the planted coefficients.
fn renewals(customers: usize, planted: [f64; 4], seed: u64) -> Vec<(TrustEvidence, bool)> {
    let mut random = Random(seed);
    (0..customers)
        .map(|_| {
            let mut log = Vec::new();
            let reliability = random.uniform();
            for _ in 0..random.below(5) {
                let is_kept = random.uniform() < reliability;
                let promise = if is_kept { kept() } else { broken() };
                log.push(event(i64::from(random.below(300)), promise));
            }
            for _ in 0..random.below(7) {
                let late = i64::from(random.below(9)).max(4) - 4;
                let delivery = Delivery::new(day(50 + late)).with_promised_at(day(50));
                log.push(event(60 + i64::from(random.below(240)), delivery));
            }
            for _ in 0..random.below(3) {
                let severity = fraction(random.uniform());
                let complaint = ComplaintOpened::new().with_severity(severity);
                log.push(event(i64::from(random.below(300)), complaint));
            }
            for _ in 0..random.below(3) {
                log.push(event(i64::from(random.below(300)), ReferralMade::new()));
            }
            let evidence = evidence(&log, 300);
            let sources = [
                TrustSource::Promise,
                TrustSource::Delivery,
                TrustSource::Complaint,
                TrustSource::Referral,
            ];
            let mut logit = 0.2;
            for (source, coefficient) in sources.into_iter().zip(planted) {
                let (kept, broken) = evidence.counts(CF, source);
                logit += coefficient * (kept - 2.0 * broken);
            }
            let renewed = random.uniform() < 1.0 / (1.0 + (-logit).exp());
            (evidence, renewed)
        })
        .collect()
}

fn learn(customers: &[(TrustEvidence, bool)]) -> Result<LearnedTrustWeights, DimensionError> {
    let pairs = customers
        .iter()
        .map(|(evidence, renewed)| (evidence, *renewed));
    TrustLearning::new(TrustPolicy::default()).learn(pairs)
}

#[test]
fn planted_weights_are_recovered_and_beat_the_table_and_the_base_rate() {
    // Deliveries count most here, promises little: not as in the table.
    let planted = [0.15, 0.9, 0.5, 0.3];
    let learned = learn(&renewals(4_000, planted, 7)).expect("weights");
    let mut weights = Vec::new();
    for (source, planted) in [
        (TrustSource::Promise, planted[0]),
        (TrustSource::Referral, planted[3]),
        (TrustSource::Complaint, planted[2]),
        (TrustSource::Delivery, planted[1]),
    ] {
        let found = learned
            .sources()
            .iter()
            .find(|found| found.source() == source);
        let found = found.expect("it was asked for");
        assert_eq!(found.verdict(), SourceVerdict::Learned);
        let error = found.standard_error().expect("a standard error");
        let coefficient = found.coefficient().expect("a coefficient");
        assert!((coefficient - planted).abs() < 3.5 * error, "{found:?}");
        assert!((found.weight() - learned.policy().weight(source)).abs() < 1e-15);
        weights.push(found.weight());
    }
    assert!(weights.is_sorted(), "{weights:?}");
    // The sum of the table's weights is kept.
    assert_close!(weights.iter().sum::<f64>(), 1.0 + 0.5 + 0.5 + 0.5, 1e-12);
    assert!(learned.log_score() < learned.log_score_of_table());
    assert!(learned.log_score_of_table() < learned.log_score_of_base_rate());
    assert!(learned.is_better(), "{learned:?}");
    // A source nobody has evidence from keeps its weight.
    let quiet = learned
        .sources()
        .iter()
        .find(|s| s.source() == TrustSource::Survey);
    let quiet = quiet.expect("it is in the table");
    assert_eq!(
        (quiet.verdict(), quiet.customers()),
        (SourceVerdict::TooLittle, 0)
    );
    assert_eq!(quiet.coefficient(), None);
    assert_close!(quiet.weight(), 2.0, 0.0);
}

#[test]
fn noise_brings_no_gain() {
    for seed in 0..6 {
        let learned = learn(&renewals(800, [0.0; 4], seed)).expect("weights");
        assert!(!learned.is_better(), "{learned:?}");
        let gain = learned.gain_over_base_rate();
        assert!(gain.mean() < 0.01, "{gain:?}");
    }
}

#[test]
fn a_source_whose_sign_contradicts_the_table_is_reported_and_keeps_its_weight() {
    let learned = learn(&renewals(3_000, [0.6, 0.4, 0.5, -0.9], 11)).expect("weights");
    let referral = learned
        .sources()
        .iter()
        .find(|s| s.source() == TrustSource::Referral);
    let referral = referral.expect("it was asked for");
    assert_eq!(referral.verdict(), SourceVerdict::Contradicts);
    assert!(referral.coefficient().is_some_and(|c| c < -0.5));
    assert_close!(referral.weight(), referral.table_weight(), 0.0);
}

#[test]
fn the_table_is_found_again_where_it_is_true() {
    let learned = learn(&renewals(4_000, [0.8, 0.4, 0.4, 0.4], 5)).expect("weights");
    let promise = learned.policy().weight(TrustSource::Promise);
    assert!((0.75..1.3).contains(&promise), "{promise}");
    // Nothing was to be gained over a table that is right.
    let gain = learned.gain_over_table();
    assert!(gain.mean().abs() < 3.0 * gain.sd() + 1e-3, "{gain:?}");
    assert!(learned.gain_over_base_rate().mean() > 0.01);
}

#[test]
fn too_little_to_learn_from_is_refused() {
    let few = renewals(30, [0.0; 4], 3);
    assert!(matches!(
        learn(&few),
        Err(DimensionError::NotIdentified { needed: 20, .. })
    ));
    assert!(matches!(
        learn(&[]),
        Err(DimensionError::NotIdentified { found: 0, .. })
    ));
    let silent: Vec<_> = (0..100)
        .map(|n| (TrustEvidence::EMPTY, n % 2 == 0))
        .collect();
    assert!(matches!(
        learn(&silent),
        Err(DimensionError::NotIdentified {
            what: "customers with evidence from one source",
            found: 0,
            ..
        })
    ));
    let learning = || TrustLearning::new(TrustPolicy::default());
    assert!(learning().with_ridge(0.0).is_err());
    // The other direction has no evidence here.
    let other = learning().of_direction(FC);
    let many = renewals(200, [0.1; 4], 3);
    let pairs = many.iter().map(|(evidence, renewed)| (evidence, *renewed));
    assert!(matches!(
        other.learn(pairs),
        Err(DimensionError::NotIdentified { .. })
    ));
}

#[cfg(feature = "serde")]
mod stored {
    use super::*;
    use serde::{Serialize, de::DeserializeOwned};
    use serde_json::{Value, json};

    fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
        let text = serde_json::to_string(value).expect("can be written");
        let read: T = serde_json::from_str(&text).expect(&text);
        assert_eq!(&read, value, "{text}");
    }

    #[track_caller]
    fn refused<T: Serialize + DeserializeOwned + std::fmt::Debug>(
        value: &T,
        place: &str,
        change: Value,
    ) {
        let mut json = serde_json::to_value(value).expect("can be written");
        *json.pointer_mut(place).expect(place) = change.clone();
        let read = serde_json::from_value::<T>(json);
        assert!(read.is_err(), "{place} = {change}: {read:?}");
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut log = published_history();
        log.push(event(200, kept().with_facet(TrustFacet::Benevolence)));
        log.push(event(200, Payment::new(PaymentEvent::Disputed)));
        round_trip(&evidence(&log, 360));
        round_trip(&TrustEvidence::EMPTY);
        round_trip(&belief(&log, 360));
        round_trip(&belief(&log, 360).opinion());
        let third = 1.0 / 3.0;
        let policy = TrustPolicy::default()
            .without(TrustSource::Referral)
            .with_split(TrustSource::Promise, [0.1 + 1e-10, 0.2, 0.7])
            .and_then(|p| p.with_split(TrustSource::Delivery, [third, third, third]))
            .and_then(|p| p.with_weight(TrustSource::Payment, 1.0 / 7.0))
            .expect("rules");
        round_trip(&policy);
        let text = serde_json::to_string(&policy).expect("can be written");
        let read: TrustPolicy = serde_json::from_str(&text).expect("rules");
        assert_eq!(read.id(), policy.id());
        let empty: TrustPolicy = serde_json::from_str("{}").expect("the defaults");
        assert_eq!(empty, TrustPolicy::default());
    }

    #[test]
    fn evidence_that_no_log_leads_to_is_refused() {
        let log = [
            event(0, kept()),
            event(0, ComplaintOpened::new()),
            event(0, ReferralMade::new()),
        ];
        let good = evidence(&log, 9);
        refused(&good, "/tallies/0/kept", json!(-1.0));
        refused(&good, "/tallies/0/kept", json!(1e300));
        refused(&good, "/tallies/0/kept", json!(null));
        refused(&good, "/tallies/0/source", json!("rumour"));
        refused(&good, "/tallies/0/source", json!("referral")); // twice, and out of order
        refused(&good, "/tallies/0/direction", json!("firm_in_customer"));
        refused(&good, "/tallies/1/kept", json!(0.5)); // a complaint never builds trust
        refused(&good, "/tallies/2/broken", json!(0.5));
        refused(&good, "/as_of", json!(null));
        refused(&good, "/tallies", json!([]));
        let mut json = serde_json::to_value(&good).expect("can be written");
        json["tallies"][2]["facet"] = json!("ability"); // nobody states a side of a referral
        assert!(serde_json::from_value::<TrustEvidence>(json.clone()).is_err());
        json["tallies"][2]["facet"] = json!(null);
        assert!(serde_json::from_value::<TrustEvidence>(json.clone()).is_ok());
        json["weight"] = json!(1.0);
        assert!(serde_json::from_value::<TrustEvidence>(json).is_err());
    }

    #[test]
    fn rules_beliefs_and_opinions_are_checked_when_they_are_read() {
        let policy = TrustPolicy::default();
        refused(&policy, "/sources/0/weight", json!(-1.0));
        refused(&policy, "/sources/0/split", json!([0.5, 0.5, 0.5]));
        refused(&policy, "/sources/0/source", json!("delivery")); // stated twice
        refused(&policy, "/negativity", json!(0.5));
        refused(&policy, "/prior_weight", json!(0.0));
        refused(&policy, "/base_rate", json!(1.0));
        refused(&policy, "/collapse_below", json!(0.0));
        refused(&policy, "/collapse_certainty", json!(1.5));
        refused(&policy, "/interval_level", json!(1.0));
        let trust = belief(&published_history(), 360);
        refused(&trust, "/positive/0", json!(-1.0));
        refused(&trust, "/negative/2", json!(1e300));
        refused(&trust, "/base_rate", json!(0.0));
        refused(&trust, "/interval_level", json!(0.0));
        refused(&trust.opinion(), "/belief", json!(0.9));
        refused(&trust.opinion(), "/base_rate", json!(-0.1));
    }
}
