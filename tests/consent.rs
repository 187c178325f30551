//! Consent: what may be read of a customer for each purpose, as the customer's word stands.

mod support;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use guanxi::dimension::{DimensionRules, ReferenceFrame};
use guanxi::history::{
    AsOf, Consent, ConsentState, Construct, Contact, Contract, ContractEvent, CustomerId,
    Direction, EpisodeId, Feedback, InfluenceAttributed, Interaction, InteractionId, Kind,
    NpsSurvey, ProfileAttribute, Promise, PromiseEvent, Purchase, Purpose, ReferralConverted,
    ReferralMade, Scale, SurveyItem,
};
use guanxi::quantity::{Fraction, Span};
use guanxi::relationship::{CompositeOutcome, CompositionPolicy, RelationshipScorer};
use guanxi::scorer::Scorer;
use guanxi::summary::{
    ConsentPolicy, ConsentRule, CustomerBase, CustomerState, CustomerSummary, EvidenceKind,
    EvidencePolicy, LaterEvidence, LiveBase, Observed, SummaryPolicy, Unreadable, Withheld,
};
use support::history::{customer, day, eur};

/// What a summary can be asked for, in the order of [`EvidenceKind::ALL`].
fn readable(summary: &CustomerSummary) -> [bool; 14] {
    let read = |kind| match kind {
        EvidenceKind::Economic => {
            let shown = summary.rfm().is_some() && summary.money().orders() > 0;
            assert_eq!(shown, summary.economic().is_ok());
            shown
        }
        EvidenceKind::Trust => shown(summary.trust()),
        EvidenceKind::Affect => shown(summary.affect()),
        EvidenceKind::Preferences => shown(summary.preferences()),
        EvidenceKind::Profile => shown(summary.profile()),
        EvidenceKind::Feedback => shown(summary.feedback()),
        EvidenceKind::Engagement => shown(summary.engagement()),
        EvidenceKind::Advocacy => shown(summary.advocacy()),
        EvidenceKind::Network => shown(summary.network()),
        EvidenceKind::Journeys => shown(summary.journeys()),
        EvidenceKind::Offers => shown(summary.offers()),
        EvidenceKind::Partnership => shown(summary.partnership()),
        EvidenceKind::Exchange => shown(summary.exchange()),
        EvidenceKind::Composite => summary.modelled().is_ok(),
        other => panic!("{other:?} is not asked for here"),
    };
    EvidenceKind::ALL.map(read)
}

/// Whether there is evidence that can be read; there is some of every kind.
fn shown<T>(answer: Result<Option<&T>, Unreadable>) -> bool {
    match answer {
        Ok(state) => {
            assert!(state.is_some());
            true
        }
        Err(Unreadable::Withheld(_)) => false,
        Err(other) => panic!("{other}"),
    }
}

fn event(id: &str, n: i64, kind: impl Into<Kind>) -> Interaction {
    Interaction::new(InteractionId::new(id).unwrap(), customer(), day(n), kind).unwrap()
}

/// Evidence of every kind, on day 0.
fn everything() -> Vec<Interaction> {
    let episode = EpisodeId::new("e-1").unwrap();
    let bought = Purchase::new(eur("41"))
        .unwrap()
        .with_category("secret tea")
        .with_list_price(eur("50"))
        .unwrap();
    let moved = InfluenceAttributed::new(eur("9"), Fraction::new(0.5).unwrap(), 1);
    let scale = Scale::new(0.0, 10.0).unwrap();
    let benefit = SurveyItem::new(Construct::PerceivedBenefit, 7.0, scale);
    let idea = Feedback::new().with_accepted(true).with_value(eur("5"));
    let called = Contact::new(Direction::Inbound).with_person("secret person");
    vec![
        event("bought", 0, bought),
        event("kept", 0, Promise::new(PromiseEvent::Kept)),
        event("answer", 0, NpsSurvey::new(9).unwrap()),
        event("told", 0, ProfileAttribute::new("secret field".to_owned())),
        event("idea", 0, idea.unwrap()),
        event("call", 0, called).in_episode(episode),
        event("referred", 0, ReferralMade::new()),
        event("moved", 0, moved.unwrap()),
        event("felt", 0, benefit.unwrap()),
    ]
}

fn granted(purpose: Purpose, n: i64) -> Interaction {
    let id = format!("yes-{}-{n}", purpose.name());
    event(&id, n, Consent::Granted { purpose })
}

fn withdrawn(purpose: Purpose, n: i64) -> Interaction {
    let id = format!("no-{}-{n}", purpose.name());
    event(&id, n, Consent::Withdrawn { purpose })
}

fn rules(consent: ConsentPolicy) -> Arc<EvidencePolicy> {
    Arc::new(EvidencePolicy::default().with_consent(consent))
}

fn state(consent: ConsentPolicy, more: &[Interaction]) -> CustomerState {
    let mut state = CustomerState::with_rules(SummaryPolicy::default(), rules(consent));
    for interaction in everything().iter().chain(more) {
        state.observe(interaction).unwrap();
    }
    state
}

/// The summary on day 10.
fn summary(consent: ConsentPolicy, more: &[Interaction]) -> CustomerSummary {
    state(consent, more).summary(customer(), day(10)).unwrap()
}

/// What is said of one purpose.
fn said(purpose: Purpose) -> [(&'static str, Vec<Interaction>, ConsentState); 5] {
    [
        ("nothing", vec![], ConsentState::NeverGiven),
        (
            "yes",
            vec![granted(purpose, 1)],
            ConsentState::Granted { since: day(1) },
        ),
        (
            "no",
            vec![withdrawn(purpose, 2)],
            ConsentState::Withdrawn { since: day(2) },
        ),
        (
            "yes and no",
            vec![granted(purpose, 1), withdrawn(purpose, 2)],
            ConsentState::Withdrawn { since: day(2) },
        ),
        (
            "yes, no and yes again",
            vec![
                granted(purpose, 1),
                withdrawn(purpose, 2),
                granted(purpose, 3),
            ],
            ConsentState::Granted { since: day(3) },
        ),
    ]
}

/// Whether each rule shows what is said above, without a contract and with one.
const SHOWN: [(ConsentRule, [bool; 5], [bool; 5]); 3] = [
    (
        ConsentRule::Granted,
        [false, true, false, false, true],
        [false, true, false, false, true],
    ),
    (
        ConsentRule::UnlessWithdrawn,
        [true, true, false, false, true],
        [true; 5],
    ),
    (ConsentRule::Duty, [true; 5], [true; 5]),
];

fn open() -> ConsentPolicy {
    let open = |rules: ConsentPolicy, purpose| rules.with(purpose, ConsentRule::Duty);
    Purpose::ALL
        .into_iter()
        .fold(ConsentPolicy::default(), open)
}

#[test]
fn each_rule_shows_what_the_table_says_and_nothing_of_another_purpose() {
    let signed = Contract::new(ContractEvent::Signed).with_term(Span::days(30.0).unwrap());
    let signed = event("signed", 0, signed);
    for purpose in Purpose::ALL {
        for (rule, alone, bound) in SHOWN {
            for (in_force, expected) in [(false, alone), (true, bound)] {
                for ((words, mut more, stands), expected) in said(purpose).into_iter().zip(expected)
                {
                    if in_force {
                        more.push(signed.clone());
                    }
                    let summary = summary(open().with(purpose, rule), &more);
                    let case = format!("{purpose:?} {rule:?} {words}, contract {in_force}");
                    let seen = EvidenceKind::ALL.map(|k| expected || k.purpose() != purpose);
                    assert_eq!(readable(&summary), seen, "{case}");

                    // What is not shown is named, once, with the reason.
                    let hidden = |k: &EvidenceKind| !expected && k.purpose() == purpose;
                    let named: Vec<Withheld> = EvidenceKind::ALL
                        .into_iter()
                        .filter(|k| hidden(k) && *k != EvidenceKind::Composite)
                        .map(|what| Withheld {
                            what,
                            purpose,
                            consent: stands,
                        })
                        .collect();
                    assert_eq!(summary.withheld(), named, "{case}");
                    let whole = Withheld {
                        what: EvidenceKind::Composite,
                        purpose,
                        consent: stands,
                    };
                    let composite = hidden(&EvidenceKind::Composite).then_some(whole);
                    assert_eq!(summary.modelled().err(), composite, "{case}");
                    let refused = summary.trust().err();
                    if let Some(Unreadable::Withheld(refused)) = refused {
                        assert_eq!((refused.purpose, refused.consent), (purpose, stands));
                    }
                }
            }
        }
    }
}

#[test]
fn by_default_service_needs_no_consent_and_everything_else_does() {
    let served = |k: EvidenceKind| k.purpose() == Purpose::Service;
    let silent = summary(ConsentPolicy::default(), &[]);
    assert_eq!(readable(&silent), EvidenceKind::ALL.map(served));
    let modelled = summary(ConsentPolicy::default(), &[granted(Purpose::Analytics, 1)]);
    let expected = EvidenceKind::ALL.map(|k| k.purpose() != Purpose::Sharing);
    assert_eq!(readable(&modelled), expected);
    // Marketing is about what to do: it opens nothing.
    let wooed = summary(ConsentPolicy::default(), &[granted(Purpose::Marketing, 1)]);
    assert_eq!(readable(&wooed), readable(&silent));
    assert_eq!(
        silent.affect().unwrap_err().to_string(),
        "evidence of feeling may not be read: it needs consent to analytics, which was never given"
    );
}

#[test]
fn a_withdrawal_counts_from_its_instant_and_a_contract_until_its_end() {
    let term = Span::days(5.0).unwrap();
    let signed = event(
        "signed",
        0,
        Contract::new(ContractEvent::Signed).with_term(term),
    );
    let log = [withdrawn(Purpose::Service, 2), signed];
    let mut base = LiveBase::new(SummaryPolicy::default());
    for interaction in everything().iter().chain(&log) {
        base.observe(interaction.clone()).unwrap();
    }
    let trust = |as_of: DateTime<Utc>| {
        let summary = base.summary("c-1", AsOf::at(as_of)).unwrap().unwrap();
        summary.economic().is_ok() && summary.trust().is_ok()
    };
    assert!(trust(day(1)) && trust(day(2)) && trust(day(4)));
    assert!(!trust(day(5)) && !trust(day(9)));

    // Cancelled, it protects nothing from then on.
    let cancelled = event("cancelled", 3, Contract::new(ContractEvent::Cancelled));
    base.observe(cancelled).unwrap();
    let trust = |n| {
        let summary = base.summary("c-1", AsOf::at(day(n))).unwrap().unwrap();
        summary.trust().is_ok()
    };
    assert!(trust(2) && !trust(3));
}

#[test]
fn a_withdrawal_that_was_not_known_then_changes_no_answer_of_then() {
    let mut base = LiveBase::new(SummaryPolicy::default());
    for interaction in everything() {
        base.observe(interaction).unwrap();
    }
    base.observe(granted(Purpose::Analytics, 1)).unwrap();
    base.observe(withdrawn(Purpose::Analytics, 2).recorded(day(8)))
        .unwrap();
    let modelled = |as_of| {
        let summary = base.summary("c-1", as_of).unwrap().unwrap();
        assert_eq!(summary.affect().is_ok(), summary.modelled().is_ok());
        summary.modelled().is_ok()
    };
    assert!(modelled(AsOf::at(day(5)).known_at(day(7))));
    assert!(!modelled(AsOf::at(day(5)).known_at(day(8))));
    assert!(!modelled(AsOf::at(day(5))));
    // What may not be read now is not read by asking about yesterday, until it is allowed again.
    assert!(!modelled(AsOf::at(day(1))));
    base.observe(granted(Purpose::Analytics, 9)).unwrap();
    let modelled = |as_of| {
        base.summary("c-1", as_of)
            .unwrap()
            .unwrap()
            .modelled()
            .is_ok()
    };
    assert!(modelled(AsOf::at(day(1))) && !modelled(AsOf::at(day(5))));
    assert!(modelled(AsOf::at(day(9))));
}

#[test]
fn service_withdrawn_since_hides_the_purchases_of_before() {
    let mut base = LiveBase::new(SummaryPolicy::default());
    let bought = Purchase::new(eur("41")).unwrap();
    base.observe(event("bought", 0, bought)).unwrap();
    let shown = |base: &LiveBase| {
        base.summary("c-1", AsOf::at(day(1)))
            .unwrap()
            .unwrap()
            .economic()
            .is_ok()
    };
    assert!(shown(&base));
    base.observe(withdrawn(Purpose::Service, 5)).unwrap();
    assert!(!shown(&base));
}

#[test]
fn what_is_withheld_of_one_instant_is_dropped_for_good() {
    let said = [
        granted(Purpose::Analytics, 1),
        withdrawn(Purpose::Analytics, 2),
    ];
    let mut state = state(ConsentPolicy::default(), &said);
    let dropped: Vec<_> = state
        .drop_withheld(day(10))
        .iter()
        .map(|w| w.what)
        .collect();
    let gone = |k: &EvidenceKind| !matches!(k.purpose(), Purpose::Service);
    let stored = |k: &EvidenceKind| *k != EvidenceKind::Composite && gone(k);
    let expected: Vec<_> = EvidenceKind::ALL.into_iter().filter(stored).collect();
    assert_eq!(dropped, expected);
    assert!(state.drop_withheld(day(10)).is_empty());

    // Consent given again opens what comes then, not what was.
    state.observe(&granted(Purpose::Analytics, 11)).unwrap();
    let after = state.summary(customer(), day(12)).unwrap();
    assert_eq!(after.preferences(), Ok(None));
    assert_eq!(after.profile(), Ok(None));
    assert!(after.trust().is_ok_and(|trust| trust.is_some()));
    assert!(after.rfm().is_some() && after.withheld().is_empty());

    let mut base = CustomerBase::new(SummaryPolicy::default());
    for interaction in everything() {
        base.observe(&interaction).unwrap();
    }
    assert_eq!(base.drop_withheld(day(10)), expected.len());
    assert_eq!(base.drop_withheld(day(10)), 0);
}

#[test]
fn accounts_stay_when_service_is_withdrawn_and_are_not_shown() {
    let mut state = state(ConsentPolicy::default(), &[withdrawn(Purpose::Service, 2)]);
    let dropped = state.drop_withheld(day(10));
    assert!(dropped.iter().all(|w| w.what != EvidenceKind::Economic));
    assert!(dropped.iter().any(|w| w.what == EvidenceKind::Trust));
    let hidden = state.summary(customer(), day(10)).unwrap();
    assert!(hidden.rfm().is_none() && hidden.money().currency().is_none());
    assert!(hidden.economic().is_err());
    assert_eq!(state.money(day(10)).unwrap().orders(), 1);
}

#[test]
fn a_state_whose_evidence_was_all_dropped_is_that_of_one_who_only_bought() {
    let liked = event("liked", 0, NpsSurvey::new(9).unwrap());
    let mut state = CustomerState::new(SummaryPolicy::default());
    state.observe(&liked).unwrap();
    assert_eq!(state.latest_evidence(), Some(day(0)));
    assert_eq!(state.drop_withheld(day(1)).len(), 2); // feeling and the answer itself
    assert_eq!(state.latest_evidence(), None);
    let summary = state.summary(customer(), day(1)).unwrap();
    assert_eq!((summary.consent(), summary.withheld().len()), (None, 0));
}

#[cfg(feature = "serde")]
#[test]
fn nothing_withheld_is_in_what_is_written_of_a_summary() {
    let written = |more: &[Interaction]| {
        let summary = summary(ConsentPolicy::default(), more);
        let text = serde_json::to_string(&summary).unwrap();
        assert_eq!(
            serde_json::from_str::<CustomerSummary>(&text).unwrap(),
            summary
        );
        text
    };
    let all = written(&[granted(Purpose::Analytics, 1), granted(Purpose::Sharing, 1)]);
    let of_analytics = [
        "secret tea",
        "secret field",
        "secret person",
        "\"idea\"",
        "\"answer\"",
        "e-1",
        "affect\":{",
    ];
    for secret in of_analytics
        .iter()
        .chain(&["\"margin\"", "\"41\"", "\"promise\""])
    {
        assert!(all.contains(secret), "{secret} in {all}");
    }
    let silent = written(&[]);
    for secret in of_analytics.iter().chain(&["\"margin\""]) {
        assert!(!silent.contains(secret), "{secret} in {silent}");
    }
    let nothing = written(&[withdrawn(Purpose::Service, 2)]);
    for secret in of_analytics
        .iter()
        .chain(&["\"margin\"", "\"41\"", "\"promise\"", "EUR"])
    {
        assert!(!nothing.contains(secret), "{secret} in {nothing}");
    }
}

#[test]
fn evidence_of_a_later_instant_is_named_kind_by_kind() {
    let later = event("later", 20, ProfileAttribute::new("city".to_owned()));
    let state = state(open(), std::slice::from_ref(&later));
    assert_eq!(state.latest_evidence(), Some(day(20)));
    let then = state.summary(customer(), day(10)).unwrap();
    let what = EvidenceKind::Profile;
    let expected = LaterEvidence {
        what,
        latest: day(20),
        as_of: day(10),
    };
    assert_eq!(then.profile(), Err(Unreadable::Later(expected)));
    assert_eq!(
        expected.to_string(),
        "the profile can be asked as of 1970-01-21 00:00:00 UTC or later, got 1970-01-11 00:00:00 UTC"
    );
    assert!(then.affect().is_ok() && then.withheld().is_empty());
    assert!(
        state
            .summary(customer(), day(20))
            .unwrap()
            .profile()
            .is_ok()
    );

    // What may not be read is withheld before it is later.
    let closed = self::state(ConsentPolicy::default(), &[later]);
    let then = closed.summary(customer(), day(10)).unwrap();
    assert!(matches!(then.profile(), Err(Unreadable::Withheld(_))));
}

#[test]
fn a_summary_tells_no_word_that_was_given_later_but_heeds_what_was_taken_back() {
    let said = [
        granted(Purpose::Analytics, 1),
        withdrawn(Purpose::Analytics, 12),
    ];
    let mut state = state(ConsentPolicy::default(), &said);
    let summary = state.summary(customer(), day(10)).unwrap();
    assert!(summary.modelled().is_err() && summary.preferences().is_err());
    assert_eq!(summary.consent().map(|c| c.changes().count()), Some(1));
    state.observe(&granted(Purpose::Analytics, 14)).unwrap();
    let summary = state.summary(customer(), day(10)).unwrap();
    assert!(summary.modelled().is_ok() && summary.preferences().is_ok());
}

#[test]
fn whoever_was_never_asked_is_read_by_the_rule_whatever_else_is_known() {
    let asked = ConsentPolicy::default().with(Purpose::Service, ConsentRule::Granted);
    let bought = Purchase::new(eur("41")).unwrap();
    for purchase in [bought.clone(), bought.with_category("tea")] {
        for (policy, shown) in [(asked, false), (ConsentPolicy::default(), true)] {
            let mut state = CustomerState::with_rules(SummaryPolicy::default(), rules(policy));
            state.observe(&event("b", 0, purchase.clone())).unwrap();
            let summary = state.summary(customer(), day(1)).unwrap();
            assert_eq!(summary.economic().is_ok(), shown);
            assert_eq!(summary.rfm().is_some(), shown);
            assert_eq!(summary.money().orders(), u64::from(shown));
        }
    }
}

#[test]
fn erasure_leaves_nothing_to_consent_to() {
    let mut base = LiveBase::new(SummaryPolicy::default());
    for interaction in everything() {
        base.observe(interaction).unwrap();
    }
    base.observe(granted(Purpose::Analytics, 1)).unwrap();
    base.observe(event("forget", 3, Consent::ErasureRequested))
        .unwrap();
    assert_eq!(base.summary("c-1", AsOf::at(day(10))), Ok(None));
    // Whoever comes back has to be asked again.
    base.observe(event("back", 5, NpsSurvey::new(3).unwrap()))
        .unwrap();
    let summary = base.summary("c-1", AsOf::at(day(10))).unwrap().unwrap();
    let consent = summary.modelled().unwrap_err().consent;
    assert_eq!(consent, ConsentState::NeverGiven);
    assert!(summary.affect().is_err() && summary.rfm().is_none());

    // A state by itself counts the request as a withdrawal of everything.
    let asked = event("forget", 3, Consent::ErasureRequested);
    let state = self::state(
        ConsentPolicy::default(),
        &[granted(Purpose::Analytics, 1), asked],
    );
    let summary = state.summary(customer(), day(10)).unwrap();
    assert_eq!(readable(&summary), [false; 14]);
}

#[test]
fn without_consent_to_analytics_there_is_no_composite() {
    let frame = ReferenceFrame::stated(DimensionRules::default(), "shop", day(0), None).unwrap();
    // Trust alone is enough to compose, so that what stands in the way is consent.
    let policy = CompositionPolicy::default()
        .with_least_coverage(0.2)
        .unwrap();
    let scorer = RelationshipScorer::without_value(Arc::new(frame), policy).unwrap();
    let composite = |more: &[Interaction]| {
        let value = scorer
            .score(&summary(ConsentPolicy::default(), more))
            .unwrap();
        (value.trust().measured().is_some(), *value.composite())
    };
    let consent = ConsentState::Withdrawn { since: day(2) };
    let said = [
        granted(Purpose::Analytics, 1),
        withdrawn(Purpose::Analytics, 2),
    ];
    let (trust, outcome) = composite(&said);
    assert!(trust);
    assert_eq!(
        outcome,
        CompositeOutcome::NotModelled(Withheld {
            what: EvidenceKind::Composite,
            purpose: Purpose::Analytics,
            consent,
        })
    );
    let (_, outcome) = composite(&said[..1]);
    assert!(!matches!(outcome, CompositeOutcome::NotModelled(_)));
}

#[test]
fn a_customer_of_whom_only_purchases_are_known_is_not_modelled_either() {
    let mut state = CustomerState::new(SummaryPolicy::default());
    state
        .observe(&event("b", 0, Purchase::new(eur("3")).unwrap()))
        .unwrap();
    let id: CustomerId = customer();
    let summary = state.summary(id, day(1)).unwrap();
    assert!(summary.rfm().is_some() && summary.economic().is_ok());
    assert_eq!(
        summary.modelled().unwrap_err().consent,
        ConsentState::NeverGiven
    );
    assert!(summary.withheld().is_empty());
}

/// Who brought whom: "c-1" brought "n-1" on day 3 and "n-2" on day 4.
fn referrals() -> Vec<Interaction> {
    let newcomer = |name| ReferralConverted::new(CustomerId::new(name).unwrap());
    vec![
        granted(Purpose::Sharing, 0),
        event("r-1", 3, newcomer("n-1")),
        event("r-2", 4, newcomer("n-2")),
    ]
}

fn of_newcomer(id: &str, n: i64, kind: impl Into<Kind>) -> Interaction {
    let newcomer = CustomerId::new("n-1").unwrap();
    Interaction::new(support::history::id(id), newcomer, day(n), kind).unwrap()
}

fn taken_back(n: i64) -> Interaction {
    let purpose = Purpose::Sharing;
    of_newcomer(&format!("w-{n}"), n, Consent::Withdrawn { purpose })
}

/// Whom a summary shows to have come through the customer, and how many it hides.
fn brought(summary: &CustomerSummary) -> (Vec<String>, u64) {
    let network = summary.network().unwrap();
    let edges = network.map_or(&[][..], |network| network.conversions());
    let names = edges.iter().map(|edge| edge.newcomer.to_string());
    (names.collect(), summary.hidden_newcomers())
}

fn shown_in(base: &LiveBase, as_of: impl Into<AsOf>) -> (Vec<String>, u64) {
    brought(&base.summary("c-1", as_of.into()).unwrap().unwrap())
}

fn names<const N: usize>(of: [&str; N], hidden: u64) -> (Vec<String>, u64) {
    (of.map(str::to_owned).to_vec(), hidden)
}

#[test]
fn a_newcomer_who_withdrew_sharing_is_not_shown_by_whoever_brought_them() {
    let sharing = Consent::Granted {
        purpose: Purpose::Sharing,
    };
    let mut live = LiveBase::new(SummaryPolicy::default());
    let mut sums = CustomerBase::new(SummaryPolicy::default());
    for interaction in referrals()
        .into_iter()
        .chain([of_newcomer("g", 5, sharing)])
    {
        sums.observe(&interaction).unwrap();
        live.observe(interaction).unwrap();
    }
    let summed = |base: &CustomerBase, n| {
        let one = base.summary("c-1", day(n)).unwrap().unwrap();
        let all = base.summaries(day(n)).map(Result::unwrap);
        let of_all: Vec<_> = all.filter(|s| s.customer().as_str() == "c-1").collect();
        assert_eq!(of_all, std::slice::from_ref(&one));
        brought(&one)
    };
    // Silence of a newcomer hides nothing: "n-2" never said a word.
    assert_eq!(shown_in(&live, day(9)), names(["n-1", "n-2"], 0));
    assert_eq!(summed(&sums, 9), names(["n-1", "n-2"], 0));

    sums.observe(&taken_back(8)).unwrap();
    live.observe(taken_back(8)).unwrap();
    for n in [9, 6] {
        // Of the past neither, as for everything that was withdrawn since; unless it was not known.
        assert_eq!(summed(&sums, n), names(["n-2"], 1));
        assert_eq!(shown_in(&live, day(n)), names(["n-2"], 1));
    }
    let unknown = AsOf::at(day(7)).known_at(day(7));
    assert_eq!(shown_in(&live, unknown), names(["n-1", "n-2"], 0));

    // The newcomer agrees again; the sums have forgotten.
    live.observe(of_newcomer("again", 10, sharing)).unwrap();
    assert_eq!(shown_in(&live, day(11)), names(["n-1", "n-2"], 0));
    assert_eq!(sums.drop_withheld(day(9)), 1); // what it felt like; edges are no whole state
    sums.observe(&of_newcomer("again", 10, sharing)).unwrap();
    assert_eq!(summed(&sums, 11), names(["n-2"], 0));
}

#[test]
fn under_duty_the_word_of_a_newcomer_hides_nothing() {
    let duty = ConsentPolicy::default().with(Purpose::Sharing, ConsentRule::Duty);
    let mut live = LiveBase::with_rules(SummaryPolicy::default(), rules(duty));
    for interaction in referrals().into_iter().chain([taken_back(8)]) {
        live.observe(interaction).unwrap();
    }
    assert_eq!(shown_in(&live, day(9)), names(["n-1", "n-2"], 0));
}

#[test]
fn an_identity_that_was_joined_speaks_for_the_newcomer() {
    let mut live = LiveBase::new(SummaryPolicy::default());
    for interaction in referrals() {
        live.observe(interaction).unwrap();
    }
    let other = CustomerId::new("web-7").unwrap();
    let purpose = Purpose::Sharing;
    let withdrawn = Consent::Withdrawn { purpose };
    let said = Interaction::new(support::history::id("w"), other.clone(), day(5), withdrawn);
    live.observe(said.unwrap()).unwrap();
    live.observe(of_newcomer("b", 6, NpsSurvey::new(9).unwrap()))
        .unwrap();
    assert_eq!(shown_in(&live, day(9)).1, 0);
    live.join(&other, &CustomerId::new("n-1").unwrap()).unwrap();
    assert_eq!(shown_in(&live, day(9)), names(["n-2"], 1));
}

#[test]
fn an_erased_newcomer_is_named_by_no_summary() {
    let newcomer = CustomerId::new("n-1").unwrap();
    let mut live = LiveBase::new(SummaryPolicy::default());
    let mut sums = CustomerBase::new(SummaryPolicy::default());
    for interaction in referrals() {
        sums.observe(&interaction).unwrap();
        live.observe(interaction).unwrap();
    }
    // Even one of whom nothing else is known.
    assert!(!live.erase(&newcomer, day(5)));
    assert!(sums.forget("n-1") && !sums.forget("n-1"));
    for n in [9, 3] {
        assert!(!shown_in(&live, day(n)).0.contains(&"n-1".to_owned()));
    }
    assert_eq!(shown_in(&live, day(9)), names(["n-2"], 1));
    let kept = sums.summary("c-1", day(9)).unwrap().unwrap();
    assert_eq!(brought(&kept), names(["n-2"], 0));
    // In the events of the one who brought them the name stays.
    let event_of = live.timeline("c-1").unwrap();
    assert!(event_of.get(&support::history::id("r-1")).is_some());
    // Whoever comes back is a new customer.
    let anew = event("r-3", 8, ReferralConverted::new(newcomer));
    live.observe(anew).unwrap();
    assert_eq!(shown_in(&live, day(9)), names(["n-2", "n-1"], 1));

    // With its only edge gone there is no network.
    assert!(sums.forget("n-2"));
    assert_eq!(
        sums.summary("c-1", day(9)).unwrap().unwrap().network(),
        Ok(None)
    );
}

#[test]
fn what_is_withheld_of_a_stream_is_dropped_with_its_events() {
    let mut base = LiveBase::new(SummaryPolicy::default());
    for interaction in everything() {
        base.observe(interaction).unwrap();
    }
    // A corrected answer goes with its correction.
    let mistyped = event("mistyped", 1, NpsSurvey::new(1).unwrap());
    let correct = event("correct", 1, NpsSurvey::new(10).unwrap());
    let correct = correct.correcting(mistyped.id().clone());
    // One that became something else stays with what it became.
    let wrong = event("wrong", 1, NpsSurvey::new(2).unwrap());
    let right = event("right", 1, Promise::new(PromiseEvent::Broken));
    let right = right.correcting(wrong.id().clone());
    let late = event("late", 12, NpsSurvey::new(3).unwrap());
    for interaction in [&mistyped, &correct, &wrong, &right, &late] {
        base.observe(interaction.clone()).unwrap();
    }
    base.observe(granted(Purpose::Analytics, 1)).unwrap();
    base.observe(withdrawn(Purpose::Analytics, 2)).unwrap();
    let trust = |base: &LiveBase| {
        let summary = base.summary("c-1", AsOf::at(day(10))).unwrap().unwrap();
        summary.trust().unwrap().cloned()
    };
    let trusted = trust(&base);

    assert_eq!(base.drop_withheld(day(10)), Ok(7));
    assert_eq!(base.drop_withheld(day(10)), Ok(0));
    let recorded = |base: &LiveBase, id: &str| {
        let timeline = base.timeline("c-1").unwrap();
        timeline.get(&support::history::id(id)).is_some()
    };
    for gone in [
        "answer", "told", "idea", "moved", "felt", "mistyped", "correct",
    ] {
        assert!(!recorded(&base, gone), "{gone}");
    }
    for kept in [
        "bought", "kept", "call", "referred", "wrong", "right", "late",
    ] {
        assert!(recorded(&base, kept), "{kept}");
    }
    assert_eq!(trust(&base), trusted);

    // Consent given again opens what else the events that stayed tell, and what comes then.
    base.observe(granted(Purpose::Analytics, 11)).unwrap();
    for interaction in [&everything()[2], &mistyped, &correct] {
        assert_eq!(base.observe(interaction.clone()), Ok(Observed::Dropped));
    }
    let after = base.summary("c-1", AsOf::at(day(12))).unwrap().unwrap();
    assert_eq!((after.profile(), after.feedback()), (Ok(None), Ok(None)));
    assert!(after.preferences().unwrap().is_some());
    let answered = after.advocacy().unwrap().unwrap().last_nps();
    assert_eq!(answered.map(guanxi::summary::LastNps::score), Some(3));

    #[cfg(feature = "serde")]
    {
        let text = serde_json::to_string(&base).unwrap();
        let mut read: LiveBase = serde_json::from_str(&text).unwrap();
        assert_eq!(read, base);
        assert_eq!(read.observe(mistyped), Ok(Observed::Dropped));
    }
    // An erasure forgets the names of what was dropped as well.
    let id = customer();
    assert!(base.erase(&id, day(20)));
    assert_eq!(base.observe(correct), Ok(Observed::Erased));
}

#[test]
fn a_customer_of_whom_nothing_may_be_read_is_dropped_whole() {
    let mut base = LiveBase::new(SummaryPolicy::default());
    base.observe(event("answer", 3, NpsSurvey::new(9).unwrap()))
        .unwrap();
    assert_eq!(base.drop_withheld(day(2)), Ok(0)); // it was not known yet
    assert_eq!(base.drop_withheld(day(3)), Ok(1));
    assert!(base.is_empty());
}
