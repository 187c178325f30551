//! Feeling, peak and end, journeys, advocacy and engagement: worked examples, laws and refusals.

mod support;

use guanxi::dimension::{
    Advocacy, AffectFilter, CalibrationError, DimensionError, EmotionalPolicy, Feeling,
    InstrumentFit, LoyaltyClass, LoyaltyPosition, PairedAnswer,
};
use guanxi::history::{
    CesSurvey, Channel, ComplaintOpened, ComplaintResolved, Construct, Contact, Contract,
    ContractEvent, CostToServe, CsatSurvey, Direction, EpisodeId, ExecutiveContact, Interaction,
    Kind, Minutes, NpsSurvey, Purchase, QualitativeNote, Quote, QuoteEvent, Rank, ReferralMade,
    RelationshipChange, RelationshipEvent, Review, Scale, ServiceRequest, SurveyItem,
};
use guanxi::metric::{FunnelStep, JourneyFunnel, MetricError};
use guanxi::quantity::{Estimate, Fraction, HalfLife, Probability, Span, TimeUnit, Valence};
use guanxi::summary::{
    AdvocacyEvidence, AffectEvidence, AffectItem, Calibration, EngagementEvidence, EvidencePolicy,
    Instrument, Instruments, Journeys,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use support::assert_published;
use support::history::{any_history, customer, day, eur, id};

fn event(name: &str, n: i64, kind: impl Into<Kind>) -> Interaction {
    Interaction::new(id(name), customer(), day(n), kind).unwrap()
}

fn felt(name: &str, n: i64, valence: f64, arousal: f64) -> Interaction {
    event(name, n, Contact::new(Direction::Inbound))
        .with_valence(Valence::new(valence).unwrap())
        .with_arousal(Fraction::new(arousal).unwrap())
}

fn in_episode(interaction: Interaction, episode: &str) -> Interaction {
    interaction.in_episode(EpisodeId::new(episode).unwrap())
}

/// The three readings of TV 4.5a.
fn worked_example() -> [Interaction; 3] {
    let sentiment = Review::new().with_sentiment(Valence::new(0.7).unwrap());
    [
        event("a", 0, NpsSurvey::new(9).unwrap()),
        event("b", 90, CsatSurvey::new(2).unwrap()),
        event("c", 170, sentiment),
    ]
}

fn rules() -> EvidencePolicy {
    EvidencePolicy::default()
}

fn feeling(log: &[Interaction], n: i64) -> Feeling {
    let evidence = AffectEvidence::from_interactions(log, day(n), &rules());
    Feeling::of(&evidence, &EmotionalPolicy::default()).unwrap()
}

#[test]
fn the_discounted_estimate_reaches_its_worked_example() {
    // TV 4.5a.
    let log = worked_example();
    let weight =
        |of: &Interaction| AffectEvidence::from_interactions([of], day(180), &rules()).weight();
    assert_published!(weight(&log[0]), "2.5");
    assert_published!(weight(&log[1]), "4.16666666667");
    assert_published!(weight(&log[2]), "3.08624904096");
    let evidence = AffectEvidence::from_interactions(&log, day(180), &rules());
    assert_published!(evidence.weighted_valence(), "1.57704099534");
    let feeling = feeling(&log, 180);
    assert_published!(feeling.precision(), "16.0029157076");
    assert_published!(feeling.valence().mean(), ".137602486670");
    assert_published!(feeling.valence().sd(), ".249977224147");
    assert_published!(feeling.valence().n_eff(), "2.87057091278");
    assert_published!(feeling.index().mean(), ".568801243335");
    assert_published!(feeling.index().sd(), ".124988612074");
    assert_published!(feeling.dispersion().unwrap(), "1.11635814220");
}

#[test]
fn the_filter_reaches_its_worked_example() {
    // TV 4.5a.
    let log = worked_example();
    let policy = EmotionalPolicy::default();
    let filter = AffectFilter::from_interactions(&log, day(180), &rules(), &policy).unwrap();
    let then = filter.at(day(170)).unwrap();
    assert_published!(then.mean(), ".191030982746");
    assert_published!(then.sd() * then.sd(), ".0916140234");
    let now = filter.at(day(180)).unwrap();
    assert_published!(now.mean(), ".184283284959");
    assert_published!(now.sd(), ".318396816968");
    assert_eq!(filter.latest(), Some(day(170)));
}

#[test]
fn peak_and_end_reach_their_worked_example() {
    // TV 4.5b.
    let log = [
        felt("a", 0, 0.6, 0.5),
        felt("b", 90, -0.5, 0.9),
        felt("c", 170, 0.7, 0.3),
    ];
    let evidence = AffectEvidence::from_interactions(&log, day(180), &rules());
    let told = evidence.peak_end();
    assert_eq!(told.peak().unwrap().id(), &id("b"));
    assert_eq!(told.end().unwrap().id(), &id("c"));
    assert_published!(told.value().unwrap(), ".1");
    assert_published!(feeling(&log, 180).peak_end().unwrap(), ".1");
}

#[test]
fn readings_that_scatter_widen_the_uncertainty_and_agreement_does_not_narrow_it() {
    let answers = |scores: [i32; 4]| {
        let log = (0..)
            .zip(scores)
            .map(|(n, score)| event(&format!("s-{n}"), n, NpsSurvey::new(score).unwrap()));
        feeling(&log.collect::<Vec<_>>(), 4)
    };
    let (torn, sure) = (answers([0, 10, 0, 10]), answers([9, 9, 9, 9]));
    let plain = |feeling: Feeling| feeling.precision().sqrt().recip();
    assert!(torn.dispersion().unwrap() > 5.0 && sure.dispersion().unwrap() < 1.0);
    let excess = torn.valence().sd() / plain(torn);
    assert!((excess * excess - torn.dispersion().unwrap()).abs() < 1e-9);
    assert!((sure.valence().sd() - plain(sure)).abs() < 1e-15);
    assert!(
        torn.reaches_beyond_scale() == (torn.valence().mean() - 1.645 * torn.valence().sd() < -1.0)
    );
}

#[test]
fn an_interval_that_would_leave_the_scale_is_cut_and_says_so() {
    let unsure = EmotionalPolicy::default().with_prior_variance(1.0).unwrap();
    let prior = Feeling::prior(&unsure).unwrap();
    let range = prior.valence().stated_interval().unwrap();
    assert!(prior.reaches_beyond_scale());
    assert_eq!((range.lower(), range.upper()), (-1.0, 1.0));
    let known = Feeling::prior(&EmotionalPolicy::default()).unwrap();
    let range = known.valence().stated_interval().unwrap();
    assert!(!known.reaches_beyond_scale());
    assert!((range.upper() - (0.1 + 1.644_853_626_951_472_7 * 0.4)).abs() < 1e-12);
    let index = known.index().stated_interval().unwrap();
    assert!((index.upper() - f64::midpoint(range.upper(), 1.0)).abs() < 1e-12);
}

#[test]
fn peak_and_end_enter_the_index_by_their_weight_alone() {
    let log = [felt("a", 0, -0.8, 0.9), felt("b", 1, 0.4, 0.3)];
    let evidence = AffectEvidence::from_interactions(&log, day(1), &rules());
    let of = |weight: f64| {
        let policy = EmotionalPolicy::default()
            .with_peak_end_weight(weight)
            .unwrap();
        Feeling::of(&evidence, &policy).unwrap()
    };
    let (plain, half, told) = (of(0.0), of(0.5), of(1.0));
    assert!((told.index().mean() - 0.4).abs() < 1e-12); // (−0.8 + 0.4)/2 is −0.2
    let middle = f64::midpoint(plain.index().mean(), told.index().mean());
    assert!((half.index().mean() - middle).abs() < 1e-12);
    assert_eq!(plain.valence(), told.valence());
    assert_eq!(plain.index().sd().to_bits(), told.index().sd().to_bits());
    let untold = EmotionalPolicy::default()
        .with_peak_end_weight(1.0)
        .unwrap();
    let prior = Feeling::prior(&untold).unwrap();
    assert!((prior.index().mean() - 0.55).abs() < 1e-12 && prior.peak_end().is_none());
}

#[test]
fn each_instrument_reads_what_it_measures() {
    let scale = Scale::new(1.0, 5.0).unwrap();
    let item = |construct| SurveyItem::new(construct, 4.0, scale).unwrap();
    let bad = Valence::new(-0.9).unwrap();
    let note = QualitativeNote::new(vec!["price".to_owned()]);
    let stars = Review::new().with_stars(4.5).unwrap().with_sentiment(bad);
    for (kind, expected) in [
        (
            Kind::from(NpsSurvey::new(3).unwrap()),
            Some((Instrument::Nps, -0.6, 10.0)),
        ),
        (
            CsatSurvey::new(4).unwrap().into(),
            Some((Instrument::Csat, 0.5, 1.0 / 0.12)),
        ),
        (
            CesSurvey::new(7).unwrap().with_reversed(true).into(),
            Some((Instrument::Ces, -1.0, 5.0)),
        ),
        (
            item(Construct::Affect).into(),
            Some((Instrument::AffectItem, 0.5, 1.0 / 0.12)),
        ),
        (item(Construct::Trust).into(), None),
        (stars.into(), Some((Instrument::Stars, 0.75, 1.0 / 0.12))),
        (
            Review::new().with_sentiment(bad).into(),
            Some((Instrument::Sentiment, -0.9, 1.0 / 0.30)),
        ),
        (Review::new().into(), None),
        (
            note.clone().with_valence(bad).into(),
            Some((Instrument::Note, -0.9, 0.5 / 0.40)),
        ),
        (note.into(), None),
        (Purchase::new(eur("9")).unwrap().into(), None),
        (Contact::new(Direction::Inbound).into(), None),
        (Quote::new(QuoteEvent::Lost).into(), None),
        (ComplaintOpened::new().into(), None),
        (
            ReferralMade::new().into(),
            Some((Instrument::Behaviour, 0.8, 1.2)),
        ),
        (
            RelationshipChange::new(RelationshipEvent::Ended).into(),
            Some((Instrument::Behaviour, -0.5, 1.2)),
        ),
    ] {
        let found = AffectItem::of(&event("a", 0, kind.clone()), &rules());
        let found = found.map(|i| (i.instrument(), i.valence().value(), i.weight()));
        match (found, expected) {
            (Some((instrument, y, weight)), Some((expected, y_expected, w_expected))) => {
                assert_eq!(instrument, expected, "{kind:?}");
                assert!((y - y_expected).abs() < 1e-12, "{kind:?}: {y}");
                assert!(
                    (weight - w_expected).abs() < 1e-12 * w_expected,
                    "{kind:?}: {weight}"
                );
            }
            (found, expected) => assert_eq!(found.is_some(), expected.is_some(), "{kind:?}"),
        }
    }
}

#[test]
fn a_stated_valence_is_read_of_any_known_kind_but_an_answer_stands() {
    let bad = Valence::new(-0.9).unwrap();
    let read = |kind: Kind, policy: &EvidencePolicy| {
        AffectItem::of(&event("a", 0, kind).with_valence(bad), policy).map(|i| i.valence().value())
    };
    let bought = Kind::from(Purchase::new(eur("9")).unwrap());
    assert_eq!(read(bought.clone(), &rules()), Some(-0.9));
    assert_eq!(
        read(Quote::new(QuoteEvent::Won).into(), &rules()),
        Some(-0.9)
    );
    let answered = read(NpsSurvey::new(9).unwrap().into(), &rules());
    assert!(answered.is_some_and(|y| (y - 0.6).abs() < 1e-12));
    let counted = rules().with_purchase_feeling(true);
    let plain = AffectItem::of(&event("a", 0, bought), &counted).unwrap();
    assert!((plain.valence().value() - 0.1).abs() < 1e-12);
    assert!((plain.weight() - 0.4).abs() < 1e-12);
    let unmoved = felt("a", 0, 0.9, 0.0);
    assert_eq!(AffectItem::of(&unmoved, &rules()), None);
}

#[test]
fn a_calibration_changes_what_an_instrument_reads() {
    let polite = Calibration::new(-0.1, 0.5, 0.2).unwrap();
    let policy = rules().with_instruments(Instruments::default().with(Instrument::Nps, polite));
    let item = AffectItem::of(&event("a", 0, NpsSurvey::new(10).unwrap()), &policy).unwrap();
    assert!((item.valence().value() - 0.4).abs() < 1e-12);
    assert!((item.weight() - 5.0).abs() < 1e-12);
}

#[test]
fn a_log_of_purchases_alone_tells_nothing_of_feeling() {
    let log: Vec<_> = (0..9)
        .map(|n| event(&format!("o-{n}"), n, Purchase::new(eur("41")).unwrap()))
        .collect();
    let evidence = AffectEvidence::from_interactions(&log, day(9), &rules());
    assert!(evidence.is_empty() && evidence.peak_end().is_empty());
    let feeling = feeling(&log, 9);
    assert!(feeling.valence().is_prior_only() && feeling.dispersion().is_none());
}

/// A complaint with a request for service on the way, and its resolution.
fn claim() -> Vec<Interaction> {
    let minutes = |n| Minutes::new(n).unwrap();
    let request = ServiceRequest::new()
        .with_ease(2)
        .unwrap()
        .with_minutes(minutes(30.0))
        .with_hand_overs(2);
    let opened = ComplaintOpened::new().with_severity(Fraction::new(0.8).unwrap());
    let resolved = ComplaintResolved::new().with_quality(Fraction::new(1.0).unwrap());
    [
        event("1", 0, request).through(Channel::Phone),
        event("2", 1, opened).through(Channel::Email),
        event(
            "3",
            2,
            Contact::new(Direction::Outbound).with_minutes(minutes(12.5)),
        )
        .through(Channel::Phone),
        event("4", 5, resolved),
        event("5", 6, CesSurvey::new(6).unwrap()).through(Channel::Email),
    ]
    .into_iter()
    .map(|step| in_episode(step, "claim"))
    .collect()
}

#[test]
fn a_journey_tells_what_it_was_like() {
    let journeys = Journeys::from_interactions(&claim(), day(9), &rules());
    let journey = journeys.get("claim").unwrap();
    assert_eq!(journey.steps().len(), 5);
    assert_eq!(journey.last_step().unwrap().kind(), "ces_survey");
    // −0.05, −0.7, –, 0.6 and 2/3.
    let mean = (-0.05 - 0.7 + 0.6 + 2.0 / 3.0) / 4.0;
    assert!((journey.mean_valence().unwrap() - mean).abs() < 1e-12);
    let told = journey.peak_end(HalfLife::NEVER);
    assert_eq!(told.peak().unwrap().id(), &id("5")); // 2/3 in full, before −0.7 at 0.8
    let effort = journey.effort();
    assert!((effort.rated - (5.0 + 1.0) / 6.0).abs() < 1e-12);
    assert_eq!(
        (effort.ratings, effort.hand_overs, effort.channels),
        (2, 2, 2)
    );
    assert!((effort.minutes - 42.5).abs() < 1e-12);
    let took = journey.time_to_resolution().unwrap().unwrap();
    assert!((took.in_unit(TimeUnit::Day) - 4.0).abs() < 1e-12);
    let way = [
        "service_request",
        "complaint_opened",
        "complaint_resolved",
        "purchase",
    ];
    assert_eq!(journey.completed(&way, |step| Some(step.kind())), 3);
}

#[test]
fn a_complaint_that_is_not_settled_has_no_time_to_resolution() {
    let time = |log: &[Interaction]| {
        let journeys = Journeys::from_interactions(log, day(99), &rules());
        journeys.get("e").unwrap().time_to_resolution().unwrap()
    };
    let step = |name, n, kind: Kind| in_episode(event(name, n, kind), "e");
    let opened = || Kind::from(ComplaintOpened::new());
    let resolved = || Kind::from(ComplaintResolved::new());
    let open = step("a", 1, opened());
    assert_eq!(time(std::slice::from_ref(&open)), None);
    assert_eq!(time(&[open.clone(), step("b", 0, resolved())]), None);
    assert_eq!(
        time(&[
            open.clone(),
            step("b", 2, opened()),
            step("c", 3, resolved())
        ]),
        None
    );
    let settled = [
        open.clone(),
        step("b", 2, opened()),
        step("c", 3, resolved()),
        step("d", 8, resolved()),
    ];
    assert_eq!(time(&settled).map(|s| s.in_unit(TimeUnit::Day)), Some(7.0));
    // Of one instant, whatever the ids.
    assert_eq!(
        time(&[step("z", 1, opened()), step("a", 1, resolved())]).map(Span::length),
        Some(0.0)
    );
    assert_eq!(time(&[step("q", 1, ServiceRequest::new().into())]), None);
}

#[test]
fn journeys_of_one_step_or_of_neutral_ones_have_the_peak_and_end_of_the_domain() {
    let of = |log: &[Interaction]| {
        let journeys = Journeys::from_interactions(log, day(99), &rules());
        journeys.get("e").unwrap().peak_end(HalfLife::NEVER)
    };
    let single = of(&[in_episode(felt("a", 1, -0.4, 0.5), "e")]);
    assert_eq!((single.peak(), single.value()), (single.end(), Some(-0.4)));
    let neutral = of(&[
        in_episode(felt("a", 1, 0.0, 0.5), "e"),
        in_episode(felt("b", 2, 0.0, 0.9), "e"),
    ]);
    assert_eq!((neutral.peak(), neutral.value()), (None, Some(0.0)));
    let untold = of(&[in_episode(
        event("a", 1, Purchase::new(eur("1")).unwrap()),
        "e",
    )]);
    assert_eq!(untold.value(), None);
}

#[test]
fn a_funnel_counts_who_comes_how_far_with_wilson_intervals() {
    // 200 ask for a price, 164 buy, none of them after a delivery. TV 8b.
    let mut log = Vec::new();
    for n in 0..200 {
        let name = |step| format!("{n}-{step}");
        let episode = format!("deal-{n}");
        let mut steps = vec![event(&name(0), 1, Quote::new(QuoteEvent::Requested))];
        if n < 164 {
            steps.push(event(&name(1), 2, Purchase::new(eur("9")).unwrap()));
        }
        log.extend(steps.into_iter().map(|step| in_episode(step, &episode)));
    }
    let journeys = Journeys::from_interactions(&log, day(9), &rules());
    assert_eq!(journeys.len(), 200);
    let all = || journeys.iter().map(|(_, journey)| journey);
    let level = Probability::NINETY_FIVE_PERCENT;
    let funnel =
        JourneyFunnel::of(&["quote", "purchase", "delivery", "review"], all(), level).unwrap();
    let reached: Vec<_> = funnel.steps().iter().map(FunnelStep::reached).collect();
    assert_eq!((funnel.journeys(), reached), (200, vec![200, 164, 0, 0]));
    let bought = funnel.steps()[1].retention().unwrap();
    let range = bought.stated_interval().unwrap();
    assert_published!(bought.mean(), ".82");
    assert_published!(range.lower(), ".760885249713");
    assert_published!(range.upper(), ".867053741406");
    assert_eq!(funnel.steps()[3].retention(), None);
    assert_eq!(funnel.worst_step().unwrap().name(), "delivery");

    let mapped = JourneyFunnel::of_named(
        &["asked", "bought"],
        all(),
        |step| match step.kind() {
            "quote" => Some("asked"),
            "purchase" => Some("bought"),
            _ => None,
        },
        level,
    );
    assert_eq!(mapped.unwrap().steps()[1].reached(), 164);
    let backward = JourneyFunnel::of(&["purchase", "quote"], all(), level).unwrap();
    assert_eq!(backward.steps()[1].reached(), 0);

    let none: [&str; 0] = [];
    assert!(matches!(
        JourneyFunnel::of(&none, all(), level),
        Err(MetricError::Empty { .. })
    ));
    let certain = Probability::new(1.0).unwrap();
    assert!(JourneyFunnel::of(&["quote"], [], certain).is_err());
    assert_eq!(
        JourneyFunnel::of(&["quote"], [], level).unwrap().steps()[0].retention(),
        None
    );
}

#[test]
fn engagement_counts_contacts_and_keeps_the_last_step_of_the_contract() {
    let minutes = |n| Minutes::new(n).unwrap();
    let call = |direction, rank| {
        Contact::new(direction)
            .with_minutes(minutes(10.0))
            .with_rank_theirs(rank)
            .with_response_minutes(minutes(90.0))
    };
    let log = [
        event("a", 0, call(Direction::Inbound, Rank::KeyPerson)).through(Channel::Phone),
        event("b", 90, call(Direction::Outbound, Rank::Operational)).through(Channel::Web),
        event(
            "c",
            180,
            ExecutiveContact::new(Rank::Director, Rank::TopExecutive),
        )
        .through(Channel::Phone),
        event(
            "d",
            10,
            Contract::new(ContractEvent::Signed).with_term(Span::days(100.0).unwrap()),
        ),
        event("e", 50, Contract::new(ContractEvent::Renewed)),
        event("f", 60, RelationshipChange::new(RelationshipEvent::Ended)),
    ];
    let of = |log: &[Interaction], n| EngagementEvidence::from_interactions(log, day(n), &rules());
    let dealt = of(&log, 180);
    assert_eq!(dealt.contacts().inbound, 1);
    assert_eq!(
        (dealt.contacts().outbound, dealt.contacts().unstated),
        (1, 1)
    );
    assert!((dealt.intensity() - 1.75).abs() < 1e-12);
    assert_eq!(
        (
            dealt.contacts_through(Channel::Phone),
            dealt.contacts_through(Channel::Mail)
        ),
        (2, 0)
    );
    assert_eq!(
        (dealt.minutes(), dealt.response_minutes()),
        ((20.0, 2), (180.0, 2))
    );
    assert_eq!(dealt.mean_response_minutes(), Some(90.0));
    assert_eq!(dealt.highest_rank(), Some(Rank::TopExecutive));
    assert!((dealt.mean_rank().unwrap() - 1.75 / 3.0).abs() < 1e-12);
    assert!(dealt.has_ended() && dealt.contract_in_force(day(180)));
    assert!(!dealt.contract_in_force(day(49))); // its last step was still to come
    let before = of(&log[..4], 49);
    assert!(before.contract_in_force(day(109)) && !before.contract_in_force(day(110)));
    for event_after in [ContractEvent::Cancelled, ContractEvent::Expired] {
        let mut log = log.to_vec();
        log.push(event("z", 50, Contract::new(event_after)));
        assert!(!of(&log, 180).contract_in_force(day(180)));
    }
    let mut won = log.to_vec();
    won.push(event(
        "g",
        61,
        RelationshipChange::new(RelationshipEvent::WonBack),
    ));
    assert!(!of(&won, 180).has_ended());
    assert_eq!(of(&[], 180), EngagementEvidence::EMPTY);
    assert_eq!(EngagementEvidence::EMPTY.mean_rank(), None);
}

#[test]
fn an_event_of_a_kind_without_arousal_has_that_of_the_rules() {
    let cost = CostToServe::new(eur("5")).unwrap();
    let angry = event("a", 0, cost).with_valence(Valence::new(-0.5).unwrap());
    let arousal = |rules: &EvidencePolicy| {
        let item = AffectItem::of(&angry, rules);
        item.map(|item| item.arousal().value())
    };
    assert_eq!(arousal(&rules()), Some(0.2));
    let strong = Fraction::new(0.9).unwrap();
    assert_eq!(arousal(&rules().with_unstated_arousal(strong)), Some(0.9));
    let none = Fraction::new(0.0).unwrap();
    assert_eq!(arousal(&rules().with_unstated_arousal(none)), None); // it weighs nothing
}

#[test]
fn contracts_are_told_apart_by_their_names_and_nothing_else() {
    let step = |id: &str, n, of: Option<&str>, what, term: Option<f64>| {
        let mut step = Contract::new(what);
        if let Some(name) = of {
            step = step.with_name(name);
        }
        if let Some(days) = term {
            step = step.with_term(Span::days(days).unwrap());
        }
        event(id, n, step)
    };
    let (signed, cancelled) = (ContractEvent::Signed, ContractEvent::Cancelled);
    let of = |log: &[Interaction]| EngagementEvidence::from_interactions(log, day(50), &rules());

    // One is cancelled; the other binds on.
    let log = [
        step("a", 0, Some("lease"), signed, Some(100.0)),
        step("b", 1, Some("service"), signed, None),
        step("c", 9, Some("service"), cancelled, None),
    ];
    let two = of(&log);
    let names: Vec<_> = two.contracts().iter().map(|step| step.name()).collect();
    assert_eq!(names, [Some("lease"), Some("service")]);
    assert!(two.contract_in_force(day(99)) && !two.contract_in_force(day(100)));
    let last = |name| two.contract(name).map(|step| (step.at(), step.event()));
    assert_eq!(last(Some("service")), Some((day(9), cancelled)));
    assert_eq!(last(None), None);
    let backwards: Vec<_> = log.iter().rev().cloned().collect();
    assert_eq!(of(&backwards), two);

    // Without names they are one: what came last stands, its term included.
    let log = [
        step("a", 0, None, signed, Some(100.0)),
        in_episode(step("b", 1, None, signed, Some(8.0)), "an episode"),
    ];
    let one = of(&log);
    assert_eq!(one.contracts().len(), 1);
    assert!(one.contract_in_force(day(8)) && !one.contract_in_force(day(9)));
    let named = step("c", 2, Some("lease"), cancelled, None);
    let both = [log[0].clone(), named];
    assert!(of(&both).contract_in_force(day(99))); // a name of its own ends nothing else
}

#[test]
fn advocacy_is_the_mean_of_its_beta_distribution_and_ambassadors_do_and_say() {
    let referral = |n: i64| event(&format!("r-{n}"), n, ReferralMade::new());
    let said = |n, score| event(&format!("s-{n}"), n, NpsSurvey::new(score).unwrap());
    let of = |log: &[Interaction], purchases| {
        let evidence = AdvocacyEvidence::from_interactions(log, day(99), &rules());
        Advocacy::of(&evidence, purchases, &EmotionalPolicy::default()).unwrap()
    };
    let nothing = of(&[], 0);
    assert!((nothing.rate().mean() - 0.1).abs() < 1e-15 && nothing.rate().is_prior_only());
    // Quantiles of Beta(1, 9): 1 − (1 − p)^(1/9).
    let range = nothing.rate().stated_interval().unwrap();
    assert!((range.lower() - (1.0 - 0.95_f64.powf(1.0 / 9.0))).abs() < 1e-12);
    assert!((range.upper() - (1.0 - 0.05_f64.powf(1.0 / 9.0))).abs() < 1e-12);
    assert_eq!(
        (nothing.is_promoter(), nothing.is_brand_ambassador()),
        (None, false)
    );

    let log = [referral(1), said(5, 9), said(2, 3), referral(7)];
    let strong = of(&log, 12);
    assert!((strong.rate().mean() - 3.0 / (3.0 + 9.0 + 10.0)).abs() < 1e-15);
    assert_eq!(
        (strong.is_promoter(), strong.is_brand_ambassador()),
        (Some(true), true)
    );
    assert!((of(&log, 1).rate().mean() - 3.0 / 12.0).abs() < 1e-15);
    assert!(!of(&[said(1, 10)], 3).is_brand_ambassador());
    assert_eq!(of(&[said(1, 8)], 3).is_promoter(), Some(false));
}

#[test]
fn who_is_a_promoter_and_when_scatter_is_believed_are_rules() {
    let policy = EmotionalPolicy::default();
    assert_eq!((policy.promoter_from(), policy.dispersion_from()), (9, 3.0));
    let strict = policy.with_promoter_from(10).unwrap();
    let early = policy.with_dispersion_from(2.0).unwrap();
    assert!(policy.with_promoter_from(11).is_err() && policy.with_dispersion_from(0.5).is_err());
    assert!(policy.with_dispersion_from(f64::NAN).is_err());
    assert_ne!(strict.id(), policy.id());
    assert_ne!(early.id(), policy.id());

    let said = [event("s", 1, NpsSurvey::new(9).unwrap())];
    let shown = AdvocacyEvidence::from_interactions(&said, day(1), &rules());
    let promoter = |policy| Advocacy::of(&shown, 1, policy).unwrap().is_promoter();
    assert_eq!(
        (promoter(&policy), promoter(&strict)),
        (Some(true), Some(false))
    );

    // Two answers at the ends of the scale scatter far more than surveys should.
    let torn = [0, 10].map(|n| event(&format!("s-{n}"), 1, NpsSurvey::new(n).unwrap()));
    let felt = AffectEvidence::from_interactions(&torn, day(1), &rules());
    let sd = |policy| Feeling::of(&felt, policy).unwrap().valence().sd();
    let dispersion = Feeling::of(&felt, &policy).unwrap().dispersion().unwrap();
    assert!(dispersion > 2.0);
    assert!((sd(&early) - sd(&policy) * dispersion.sqrt()).abs() < 1e-12);
}

#[test]
fn loyalty_is_attitude_against_behaviour() {
    let policy = EmotionalPolicy::default();
    let stands = |mean, sd, active| {
        let attitude = Estimate::new(mean, sd, 3.0).unwrap();
        LoyaltyPosition::of(attitude, Probability::new(active).unwrap(), &policy).unwrap()
    };
    for (mean, active, class) in [
        (0.5, 0.5, LoyaltyClass::Loyal),
        (0.7, 0.49, LoyaltyClass::Latent),
        (0.49, 0.9, LoyaltyClass::Spurious),
        (0.1, 0.1, LoyaltyClass::NoLoyalty),
    ] {
        let found = stands(mean, 0.1, active);
        assert_eq!(found.class(), class);
        let all: f64 = LoyaltyClass::ALL
            .iter()
            .map(|class| found.probability(*class))
            .sum();
        assert!((all - 1.0).abs() < 1e-15);
        assert!(found.probability(class) >= 0.5);
    }
    assert_published!(
        stands(0.6, 0.05, 1.0)
            .probability_of_high_attitude()
            .value(),
        ".977249868051821" // Φ(2)
    );
    let sure = stands(0.5, 0.0, 1.0).probability_of_high_attitude();
    assert_eq!(sure, Probability::new(1.0).unwrap());
}

fn valence(y: f64) -> Valence {
    Valence::new(y).unwrap()
}

fn paired(instrument: f64, reference: f64) -> PairedAnswer {
    PairedAnswer {
        instrument: valence(instrument),
        reference: valence(reference),
    }
}

/// y* = 0.1 + 0.6y with residuals that cancel in pairs, and answers 0.2 apart.
fn calibrated() -> InstrumentFit {
    let pairs: Vec<_> = (-10..=10)
        .flat_map(|n| [-0.1, 0.1].map(|off| (f64::from(n) / 20.0, off)))
        .map(|(y, off)| paired(y, 0.1 + 0.6 * y + off))
        .collect();
    let repeats: Vec<_> = (0..15)
        .map(|n| f64::from(n) / 20.0)
        .map(|y| [valence(y), valence(y + 0.2)])
        .collect();
    InstrumentFit::of(&pairs, &repeats).unwrap()
}

#[test]
fn an_instrument_is_calibrated_against_a_reference() {
    let fit = calibrated();
    assert!((fit.slope().mean() - 0.6).abs() < 1e-12);
    assert!((fit.intercept().mean() - 0.1).abs() < 1e-12);
    // 42 residuals of 0.1, 40 degrees of freedom; Σy² = 2·(2·385)/400.
    let noise = 42.0 * 0.01 / 40.0;
    assert!((fit.slope().sd() - (noise / 3.85_f64).sqrt()).abs() < 1e-12);
    assert!((fit.intercept().sd() - (noise / 42.0_f64).sqrt()).abs() < 1e-12);
    // Two answers 0.2 apart have a variance of 0.02.
    assert!((fit.noise_variance().mean() - 0.36 * 0.02).abs() < 1e-12);
    let error = 0.36 * 0.02 * (2.0_f64 / 15.0).sqrt();
    assert!((fit.noise_variance().sd() - error).abs() < 1e-12);
    assert!((fit.reliability() - (1.0 - 0.02 / (3.85 / 41.0))).abs() < 1e-12);
    assert_eq!((fit.pairs(), fit.repeats()), (42, 15));
    assert!((fit.calibration().read(-1.0) + 0.5).abs() < 1e-12);
}

#[test]
fn answers_that_tell_nothing_of_an_instrument_are_refused() {
    let ys: Vec<f64> = (0..12).map(|n| f64::from(n) / 12.0).collect();
    let pairs = |of: fn(f64) -> PairedAnswer| ys.iter().map(|y| of(*y)).collect::<Vec<_>>();
    let good = pairs(|y| paired(y, 0.5 * y));
    let repeats = [[valence(0.1), valence(0.2)]; 10];
    assert!(InstrumentFit::of(&good, &repeats).is_ok());
    let of = |pairs: &[PairedAnswer]| InstrumentFit::of(pairs, &repeats).unwrap_err();
    assert!(matches!(
        of(&good[..9]),
        CalibrationError::NotIdentified {
            needed: 10,
            found: 9,
            ..
        }
    ));
    let reversed = of(&pairs(|y| paired(y, -0.5 * y)));
    assert!(
        matches!(reversed, CalibrationError::Reversed { found } if (found + 0.5).abs() < 1e-12)
    );
    let alike = of(&pairs(|y| paired(0.3, y)));
    assert!(matches!(alike, CalibrationError::Constant { .. }));
    let steep = of(&pairs(|y| paired(0.5 * y, y)));
    assert!(matches!(steep, CalibrationError::Calibration(_)));
    assert_eq!(
        InstrumentFit::of(&good, &[[valence(0.1)]; 50])
            .unwrap_err()
            .to_string(),
        "a calibration needs at least 10 repeated answers beyond the first of each customer, got 0"
    );
    let exact = InstrumentFit::of(&good, &[[valence(0.1); 2]; 10]);
    assert!(matches!(exact, Err(CalibrationError::Calibration(_))));
}

#[test]
fn a_policy_refuses_what_is_out_of_range() {
    let policy = EmotionalPolicy::default();
    for bad in [f64::NAN, f64::INFINITY, -1.1] {
        assert!(policy.with_prior_mean(bad).is_err());
        assert!(policy.with_prior_variance(bad).is_err());
        assert!(policy.with_peak_end_weight(bad).is_err());
        assert!(policy.with_advocacy_prior(bad, 9.0).is_err());
        assert!(policy.with_advocacy_prior(1.0, bad).is_err());
        assert!(policy.with_attitude_reference(bad).is_err());
        assert!(policy.with_activity_reference(bad).is_err());
    }
    assert!(policy.with_level(Probability::new(1.0).unwrap()).is_err());
    let refused = policy.with_prior_variance(0.0).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "prior variance of feeling must be between 1e-6 and 1e6, got 0.0"
    );
    let changed = [
        policy.with_prior_mean(0.0),
        policy.with_prior_variance(0.1),
        policy.with_peak_end_weight(0.1),
        policy.with_level(Probability::NINETY_FIVE_PERCENT),
        policy.with_advocacy_prior(2.0, 9.0),
        policy.with_advocacy_prior(1.0, 8.0),
        policy.with_attitude_reference(0.6),
        policy.with_activity_reference(0.6),
    ];
    let mut ids: Vec<_> = changed.into_iter().map(|p| p.unwrap().id()).collect();
    ids.push(policy.id());
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 9);
}

#[test]
fn a_filter_takes_readings_in_the_order_of_time() {
    let half_life = HalfLife::new(Span::days(90.0).unwrap()).unwrap();
    let mut filter = AffectFilter::new(&EmotionalPolicy::default(), half_life);
    let prior = filter.at(day(-99)).unwrap();
    assert!(prior.is_prior_only() && (prior.sd() - 0.4).abs() < 1e-15);
    filter.observe(day(5), 0.5, 0.1).unwrap();
    filter.observe(day(5), -0.5, 0.1).unwrap();
    let kept = filter;
    assert_eq!(
        filter.observe(day(4), 0.5, 0.1),
        Err(DimensionError::OutOfOrder {
            last: day(5),
            found: day(4)
        })
    );
    assert!(filter.at(day(4)).is_err());
    for (valence, noise) in [
        (1.1, 0.1),
        (f64::NAN, 0.1),
        (0.0, 0.0),
        (0.0, f64::INFINITY),
    ] {
        assert!(matches!(
            filter.observe(day(6), valence, noise),
            Err(DimensionError::Domain { .. })
        ));
    }
    assert_eq!(filter, kept); // what is refused changes nothing
    // Without forgetting, two readings of the same noise weigh the same: a conjugate normal.
    let mut still = AffectFilter::new(&EmotionalPolicy::default(), HalfLife::NEVER);
    still.observe(day(0), 0.5, 0.1).unwrap();
    still.observe(day(900), -0.5, 0.1).unwrap();
    let now = still.at(day(9_000)).unwrap();
    assert!((now.mean() - 0.1 / 0.16 / (1.0 / 0.16 + 20.0)).abs() < 1e-12);
    assert!((now.sd() - (1.0 / 0.16 + 20.0_f64).sqrt().recip()).abs() < 1e-12);
    assert!((now.n_eff() - 2.0).abs() < 1e-12);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        rng_seed: RngSeed::Fixed(20_260_105),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Histories of all kinds lead to the same states in any order, and to numbers on their scales.
    #[test]
    fn any_history_leads_to_a_feeling_on_the_scale(log in any_history(), wait in 0_i64..900) {
        let as_of = day(1_020 + wait);
        let backward: Vec<_> = log.iter().rev().collect();
        let policy = EmotionalPolicy::default().with_peak_end_weight(0.3).unwrap();
        let evidence = AffectEvidence::from_interactions(&log, as_of, &rules());
        let again = AffectEvidence::from_interactions(backward.iter().copied(), as_of, &rules());
        let (one, other) = (Feeling::of(&evidence, &policy).unwrap(), Feeling::of(&again, &policy).unwrap());
        prop_assert_eq!(evidence.peak_end(), again.peak_end());
        prop_assert!((one.valence().mean() - other.valence().mean()).abs() < 1e-12);
        prop_assert!((one.valence().sd() - other.valence().sd()).abs() < 1e-9);
        prop_assert!((-1.0..=1.0).contains(&one.valence().mean()));
        prop_assert!((0.0..=1.0).contains(&one.index().mean()));
        prop_assert!(one.valence().sd() > 0.0 && one.valence().sd().is_finite());
        prop_assert_eq!(one.valence().is_prior_only(), evidence.is_empty());
        prop_assert_eq!(
            Journeys::from_interactions(&log, as_of, &rules()),
            Journeys::from_interactions(backward.iter().copied(), as_of, &rules())
        );
        prop_assert_eq!(
            AdvocacyEvidence::from_interactions(&log, as_of, &rules()),
            AdvocacyEvidence::from_interactions(backward.iter().copied(), as_of, &rules())
        );
        let filter = AffectFilter::from_interactions(&log, as_of, &rules(), &policy).unwrap();
        let filtered = filter.at(as_of).unwrap();
        prop_assert!((-1.0..=1.0).contains(&filtered.mean()));
        prop_assert!(filtered.sd() > 0.0 && filtered.sd() <= 0.4 + 1e-12);
    }

    /// Silence leads back to the prior, and never past it.
    #[test]
    fn silence_returns_to_the_prior(log in any_history(), wait in 0_i64..2_000) {
        let distance = |n: i64| {
            let feeling = feeling(&log, 1_020 + n);
            (feeling.valence().mean() - 0.1).abs()
        };
        prop_assert!(distance(wait) <= distance(0) + 1e-15);
        prop_assert!(distance(20_000) < 1e-12);
        let gone = feeling(&log, 1_000_000);
        prop_assert!((gone.valence().mean() - 0.1).abs() < 1e-15);
        prop_assert!((gone.valence().sd() - 0.4).abs() < 1e-12);
    }

    /// A happier answer never makes a sadder customer.
    #[test]
    fn a_higher_nps_never_lowers_the_feeling(
        log in any_history(),
        low in 0..=10_i32,
        high in 0..=10_i32,
        n in 990_i64..1_020,
    ) {
        let with = |score: i32| {
            let mut log = log.clone();
            log.push(event("asked", n, NpsSurvey::new(score).unwrap()));
            feeling(&log, 1_020).valence().mean()
        };
        let (low, high) = (low.min(high), low.max(high));
        prop_assert!(with(low) <= with(high));
        prop_assert!(low == high || with(low) < with(high));
    }

    /// What comes after an instant does not change what was so then.
    #[test]
    fn the_state_as_of_an_instant_is_stable(log in any_history(), n in 995_i64..1_020) {
        let known: Vec<_> = log.iter().filter(|i| i.occurred_at() <= day(n)).collect();
        let known = || known.iter().copied();
        prop_assert_eq!(
            AffectEvidence::from_interactions(&log, day(n), &rules()),
            AffectEvidence::from_interactions(known(), day(n), &rules())
        );
        prop_assert_eq!(
            EngagementEvidence::from_interactions(&log, day(n), &rules()),
            EngagementEvidence::from_interactions(known(), day(n), &rules())
        );
        prop_assert_eq!(
            Journeys::from_interactions(&log, day(n), &rules()),
            Journeys::from_interactions(known(), day(n), &rules())
        );
    }
}

#[cfg(feature = "serde")]
mod stored {
    use super::*;
    use serde::Serialize;
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
        let text = serde_json::to_string(value).unwrap();
        assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
    }

    /// Refuses a state in which one number, by its JSON pointer, was replaced.
    fn refused<T: Serialize + DeserializeOwned>(value: &T, changes: &[(&str, Value)]) {
        let stored = serde_json::to_value(value).unwrap();
        for (place, replaced) in changes {
            let mut corrupt = stored.clone();
            *corrupt.pointer_mut(place).unwrap() = replaced.clone();
            let read = serde_json::from_value::<T>(corrupt);
            assert!(read.is_err(), "{place} as {replaced}");
        }
        let mut unknown = stored;
        if let Some(fields) = unknown.as_object_mut() {
            fields.insert("mood".to_owned(), json!(1));
            assert!(serde_json::from_value::<T>(unknown).is_err());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 300,
            rng_seed: RngSeed::Fixed(20_260_106),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn every_state_is_read_as_it_was_written(log in any_history(), wait in 0_i64..40_000) {
            let as_of = day(1_020 + wait);
            let affect = AffectEvidence::from_interactions(&log, as_of, &rules());
            round_trip(&affect);
            round_trip(&Feeling::of(&affect, &EmotionalPolicy::default()).unwrap());
            round_trip(&Journeys::from_interactions(&log, as_of, &rules()));
            round_trip(&AdvocacyEvidence::from_interactions(&log, as_of, &rules()));
            round_trip(&EngagementEvidence::from_interactions(&log, as_of, &rules()));
        }
    }

    #[test]
    fn a_corrupt_state_of_feeling_is_refused() {
        let log = worked_example();
        let state = AffectEvidence::from_interactions(&log, day(180), &rules());
        let late = json!(day(181));
        refused(
            &state,
            &[
                ("/at", Value::Null),
                ("/at", json!(day(169))),
                ("/weight", json!(-1.0)),
                ("/weight", json!(1.0)),
                ("/weighted_valence", json!(99.0)),
                ("/weighted_square", json!(0.001)),
                ("/weighted_square", json!(99.0)),
                ("/squared_weight", json!(999.0)),
                ("/squared_weight", json!(0.0)),
                ("/moments", json!({"peak": null, "end": null})),
                ("/moments/end", Value::Null),
                ("/moments/peak", Value::Null),
                ("/moments/peak/at", late),
                ("/moments/peak/valence", json!(0.0)),
                ("/moments/peak/valence", json!(1.5)),
            ],
        );
        let empty = serde_json::to_value(AffectEvidence::EMPTY).unwrap();
        let mut corrupt = empty;
        corrupt["weight"] = json!(1.0);
        assert!(serde_json::from_value::<AffectEvidence>(corrupt).is_err());
    }

    #[test]
    fn a_corrupt_state_of_journeys_is_refused() {
        let state = Journeys::from_interactions(&claim(), day(9), &rules());
        let stored = serde_json::to_value(&state).unwrap();
        let step = |n: usize| stored[0]["steps"][n].clone();
        refused(
            &state,
            &[
                ("/0/steps", json!([])),
                ("/0/steps/1", step(0)),
                ("/0/steps", json!([step(1), step(0)])),
                ("/0/steps/0/ease", json!(8)),
                ("/0/steps/0/minutes", json!(-1.0)),
                ("/0/steps/0/arousal", json!(2.0)),
                ("/0/steps/1/complaint", json!("resolves")),
                ("/0/steps/1/valence", Value::Null),
            ],
        );
        let twice = json!([stored[0], stored[0]]);
        assert!(serde_json::from_value::<Journeys>(twice).is_err());
    }

    #[test]
    fn corrupt_states_of_advocacy_and_engagement_are_refused() {
        let log = [
            event("a", 1, ReferralMade::new()),
            event("b", 2, NpsSurvey::new(9).unwrap()),
            event(
                "c",
                3,
                ExecutiveContact::new(Rank::Director, Rank::Director),
            )
            .through(Channel::Web),
            event(
                "d",
                4,
                Contact::new(Direction::Inbound).with_minutes(Minutes::new(5.0).unwrap()),
            ),
            event("e", 5, Contract::new(ContractEvent::Signed)),
        ];
        refused(
            &AdvocacyEvidence::from_interactions(&log, day(9), &rules()),
            &[
                ("/latest", Value::Null),
                ("/latest", json!(day(1))),
                ("/nps/score", json!(11)),
                ("/referrals", json!(0.5)),
            ],
        );
        refused(
            &EngagementEvidence::from_interactions(&log, day(9), &rules()),
            &[
                ("/at", Value::Null),
                ("/contacts/inbound", json!(0)),
                ("/contacts/inbound", json!(u64::MAX)),
                ("/intensity/inbound", json!(1.5)),
                ("/intensity/inbound", json!(-0.1)),
                ("/channels/0/contacts", json!(0)),
                ("/channels/0/contacts", json!(3)),
                ("/timed", json!(3)),
                ("/timed", json!(0)),
                ("/minutes", json!(-1.0)),
                ("/highest_rank", Value::Null),
                ("/highest_rank", json!("operational")),
                ("/ranked", json!(0)),
                ("/rank_quarters", json!(4)),
                ("/answered", json!(9)),
                ("/response_minutes", json!(1.0)),
            ],
        );
    }

    #[test]
    fn every_judgement_is_read_as_it_was_written_and_refused_where_it_is_none() {
        let log = worked_example();
        let item = AffectItem::of(&log[0], &rules()).unwrap();
        round_trip(&item);
        refused(&item, &[("/weight", json!(0.0)), ("/weight", json!(1e9))]);

        let policy = EmotionalPolicy::default();
        let filter = AffectFilter::from_interactions(&log, day(180), &rules(), &policy).unwrap();
        round_trip(&filter);
        round_trip(&AffectFilter::new(&policy, HalfLife::NEVER));
        refused(
            &filter,
            &[
                ("/last", Value::Null),
                ("/mean", json!(1.1)),
                ("/variance", json!(0.2)),
                ("/variance", json!(0.0)),
                ("/observations", json!(0.5)),
                ("/prior_variance", json!(0.0)),
            ],
        );

        let evidence = AdvocacyEvidence::from_interactions(&log, day(180), &rules());
        let advocacy = Advocacy::of(&evidence, 3, &policy).unwrap();
        round_trip(&advocacy);
        refused(&advocacy, &[("/rate/mean", json!(1.5))]);

        let active = Probability::new(0.9).unwrap();
        let attitude = Estimate::new(0.6, 0.1, 3.0).unwrap();
        let stands = LoyaltyPosition::of(attitude, active, &policy).unwrap();
        round_trip(&stands);
        refused(
            &stands,
            &[
                ("/high_attitude", json!(0.4)),
                ("/class", json!("spurious")),
            ],
        );

        let fit = calibrated();
        round_trip(&fit);
        refused(
            &fit,
            &[
                ("/pairs", json!(9)),
                ("/repeats", json!(0)),
                ("/reliability", json!(1.1)),
                ("/slope/mean", json!(1.5)),
            ],
        );

        let journeys = Journeys::from_interactions(&claim(), day(9), &rules());
        let all = journeys.iter().map(|(_, journey)| journey);
        let way = ["service_request", "purchase"];
        let funnel = JourneyFunnel::of(&way, all, Probability::NINETY_PERCENT).unwrap();
        round_trip(&funnel);
        round_trip(&journeys.get("claim").unwrap().effort());
        refused(
            &funnel,
            &[
                ("/steps", json!([])),
                ("/steps/0/reached", json!(2)),
                ("/steps/1/reached", json!(2)),
                ("/level", json!(0.0)),
            ],
        );
    }

    #[test]
    fn a_policy_is_read_with_defaults_and_refused_where_it_is_none() {
        let policy = EmotionalPolicy::default()
            .with_peak_end_weight(0.25)
            .unwrap();
        round_trip(&policy);
        let read: EmotionalPolicy =
            serde_json::from_value(json!({"peak_end_weight": 0.25})).unwrap();
        assert_eq!(read, policy);
        refused(
            &policy,
            &[
                ("/prior_mean", json!(2.0)),
                ("/prior_variance", json!(0.0)),
                ("/level", json!(1.0)),
                ("/advocacy_prior", json!([0.0, 9.0])),
            ],
        );
        let feeling = feeling(&worked_example(), 180);
        refused(
            &feeling,
            &[
                ("/valence/mean", json!(1.5)),
                ("/index/mean", json!(-0.1)),
                ("/precision", json!(0.0)),
                ("/dispersion", json!(-1.0)),
                ("/peak_end", json!(2.0)),
            ],
        );
    }
}
