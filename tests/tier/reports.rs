//! Reports: which rung fits, who holds the power, what each rung leaves, what is recommended.

use std::sync::Arc;

use guanxi::history::{
    AsOf, Construct, CustomerId, ExecutiveContact, GoalReview, Initiator, Interaction, Investment,
    InvestmentPurpose, JointProject, Kind, Partnership, Promise, PromiseEvent, Rank,
};
use guanxi::quantity::{Currency, Estimate, Money, QuantityError};
use guanxi::scorer::{ScoreError, Scorer};
use guanxi::summary::{CustomerSummary, LiveBase, SummaryPolicy};
use guanxi::tier::{
    Appropriateness, Attribute, AttributeValue, Attributes, ByTier, FittingCheck, FittingGate,
    FittingPolicy, GateCheck, InvestmentError, InvestmentPolicy, NetValue, NetValueBasis,
    NetValues, Party, Peer, PeerNetValues, PowerBalance, Tier, TierAdvisor, TierOutcome,
    TierPolicy, TierReport, TierScorer, TierTracker,
};

use super::support::history::{customer, eur};
use super::{answer, dated, day, event, near, open, purchase, read, share, told, value};

/// The firm's own answer.
fn own(construct: Construct, found: f64) -> (Kind, bool) {
    (answer(construct, found), true)
}

/// The customer's.
fn theirs(construct: Construct, found: f64) -> (Kind, bool) {
    (answer(construct, found), false)
}

/// A supplier and a customer who both have much at stake, as of the tenth day.
fn close(left_out: &[Construct]) -> Vec<Interaction> {
    let answers = [
        own(Construct::Importance, 0.7),
        own(Construct::Alternatives, 0.2),
        own(Construct::SwitchingCost, 0.8),
        theirs(Construct::Importance, 0.8),
        theirs(Construct::Alternatives, 0.3),
        theirs(Construct::SwitchingCost, 0.7),
    ];
    let asked = answers.into_iter().filter(|(kind, _)| match kind {
        Kind::SurveyItem(item) => !left_out.contains(&item.construct()),
        _ => true,
    });
    let reviewed = Kind::from(Partnership::GoalReview(GoalReview::new(share(0.7))));
    let bought = [1, 2, 3, 4].map(|_| (purchase("100", "60"), false));
    let all = bought.into_iter().chain(asked).chain([(reviewed, false)]);
    let told = |(n, (kind, by_firm))| {
        let interaction = event(n, day(n as u64 % 9), kind);
        if by_firm {
            interaction.initiated_by(Initiator::Firm)
        } else {
            interaction
        }
    };
    let mut log: Vec<Interaction> = all.enumerate().map(told).collect();
    log.sort_by_key(|i| (i.occurred_at(), i.id().clone()));
    log
}

fn summary(log: &[Interaction]) -> CustomerSummary {
    let mut base = LiveBase::with_rules(SummaryPolicy::default(), Arc::new(open()));
    for interaction in log {
        base.observe(interaction.clone()).unwrap();
    }
    let found = base.summary(customer().as_str(), AsOf::at(day(10)));
    found.unwrap().unwrap()
}

fn tracked(log: &[Interaction], start: Tier) -> TierTracker {
    let rules = Arc::new(open());
    let policy = TierPolicy::default();
    let mut ladder = TierTracker::with_rules(customer(), policy, SummaryPolicy::default(), rules)
        .starting_at(start)
        .unwrap();
    for interaction in log {
        ladder.observe(interaction).unwrap();
    }
    ladder
}

fn report(log: &[Interaction], start: Tier, advisor: &TierAdvisor) -> TierReport {
    let outcome = tracked(log, start).report(day(10), advisor).unwrap();
    outcome.report().unwrap().clone()
}

fn four(of: [Option<(f64, f64)>; 4]) -> NetValues {
    let [transaction, preferred, partnership, alliance] =
        of.map(|net| net.map(|(mean, sd)| Estimate::new(mean, sd, 5.0).unwrap()));
    let by_tier = ByTier {
        transaction,
        preferred,
        partnership,
        alliance,
    };
    NetValues::stated(Currency::EUR, by_tier).unwrap()
}

fn stating(of: [Option<(f64, f64)>; 4]) -> TierAdvisor {
    TierAdvisor::default().with_net_values([(customer(), four(of))])
}

#[test]
fn the_report_carries_the_ceiling_the_power_the_net_values_and_the_recommendation() {
    let advisor = stating([
        Some((8.0, 2.0)),
        Some((20.0, 4.0)),
        Some((25.0, 3.0)),
        Some((-5.0, 9.0)),
    ]);
    let found = report(&close(&[]), Tier::Preferred, &advisor);
    assert_eq!(found.current(), Some(Tier::Preferred));
    assert_eq!(found.fitting_ceiling(), Tier::Partnership);
    assert_eq!(found.fitting().possible(), Tier::Partnership); // goals were reviewed
    assert_eq!(found.power(), Some(PowerBalance::Balanced));
    assert_eq!(found.recommended(), Some(Tier::Partnership));
    assert_eq!(found.appropriateness(), Some(Appropriateness::Fitting));
    assert_eq!(
        found.net_values(),
        Some(&four([
            Some((8.0, 2.0)),
            Some((20.0, 4.0)),
            Some((25.0, 3.0)),
            Some((-5.0, 9.0)),
        ]))
    );
    // P(25 ± 3 > 20 ± 4) = Φ(1).
    let better = found.advice().probability_better().unwrap();
    near(better.value(), 0.841_344_746_068_542_9);
    for check in found.blocking_gates() {
        assert!(!check.gate().name().is_empty() && !check.passes());
    }
    let trust = found.blocking_gates().map(GateCheck::attribute);
    assert!(trust.eq([
        Attribute::ContactLevel,
        Attribute::JointValue,
        Attribute::Trust,
        Attribute::Tenure,
    ]));
    assert_eq!(
        found.unknown(),
        [Attribute::ContactLevel, Attribute::JointValue]
    );
}

#[test]
fn a_report_reads_as_lines_for_a_manager() {
    let advisor = stating([Some((8.0, 2.0)), Some((20.0, 4.0)), Some((25.0, 3.0)), None]);
    let mut log = close(&[]);
    log.extend([
        event(
            900,
            day(9),
            ExecutiveContact::new(Rank::Director, Rank::Director),
        ),
        event(901, day(9), Promise::new(PromiseEvent::Kept)),
    ]);
    let text = report(&log, Tier::Preferred, &advisor).to_string();
    let lines: Vec<&str> = text.lines().collect();
    println!("{text}");
    assert_eq!(lines, EXPECTED);
    // Nothing but a purchase.
    let text = report(
        &dated(&[(0, purchase("9", "5"))]),
        Tier::Transaction,
        &TierAdvisor::default(),
    )
    .to_string();
    println!("{text}");
    assert!(text.ends_with(LITTLE), "{text}");
}

const EXPECTED: &[&str] = &[
    "customer c-1: preferred",
    "at risk: contact level is 0.00; the rung is lost below 0.40: key persons of both sides met 1.0 \
     times, each counting by its age, and 2.0 are needed",
    "partnership is blocked: contact level is 0.00, 0.85 is needed: top executives of both sides met \
     0.0 times, each counting by its age, and 2.0 are needed",
    "partnership is blocked: no evidence of joint value, 0.30 is needed: joint projects, and the cost \
     of every purchase, would tell",
    "partnership is blocked: trust is 0.66 ± 0.23, 0.65 is needed with probability 0.80 and is reached \
     with 0.56: at this certainty it must rise to 0.84; keep promises, deliver on time and settle \
     complaints",
    "partnership is blocked: tenure in years is 0.03, 2.00 is needed: stay together for 2.0 more years",
    "fits up to partnership",
    "alliance does not fit: goal alignment must be at least 0.80, is 0.66 ± 0.13 (P 0.14): blocks; it \
     takes goals that both sides set and review together",
    "neither side controls the other (P 0.97): the customer depends by 0.48 ± 0.13, the firm by 0.48 ± \
     0.13",
    "net value a year in EUR: transaction 8 ± 2 (stated), preferred 20 ± 4 (stated), partnership 25 ± 3 \
     (stated), alliance not known",
    "recommended: partnership; it leaves more with probability 0.84",
    "the effort pays: it loses money with probability 0.00",
];
const LITTLE: &str = "\
fits up to preferred, or up to alliance by what is not known yet
whether partnership fits is not known: no evidence of switching cost of the firm: the firm's own \
answer on what leaving would cost, or its investments in this relationship alone, would tell
whether partnership fits is not known: no evidence of switching cost of the customer: the customer's \
answer on what leaving would cost would tell
whether partnership fits is not known: no evidence of importance to the firm, alternatives of the \
firm: the firm's own answer would tell
whether partnership fits is not known: no evidence of importance to the customer, alternatives of the \
customer: the customer's answer would tell
who holds the power is not known: no evidence of importance to the firm, alternatives of the firm: \
the firm's own answer would tell; no evidence of importance to the customer, alternatives of the \
customer: the customer's answer would tell
net value a year in EUR: transaction 4 ± 6 (observed), preferred not known, partnership not known, \
alliance not known
recommended: stay at transaction, the only rung up to preferred whose net value is known
the effort pays: it loses money with probability 0.24";

#[test]
fn a_recommendation_says_what_it_does_not_rest_on() {
    let log = close(&[]);
    let text = |of, start| report(&log, start, &stating(of)).to_string();
    let net = |mean| Some((mean, 1.0));
    let found = text(
        [net(8.0), net(20.0), net(25.0), net(90.0)],
        Tier::Partnership,
    );
    let stays = "\nrecommended: stay at partnership, though alliance would leave more, as that is not \
                 shown to fit\n";
    assert!(found.contains(stays), "{found}");
    // What leaves less is no reason to say so, nor is a lower rung.
    let found = text(
        [net(8.0), net(20.0), net(25.0), net(25.0)],
        Tier::Partnership,
    );
    assert!(
        found.contains("\nrecommended: stay at partnership\n"),
        "{found}"
    );
    let found = text([None, net(20.4), None, None], Tier::Preferred);
    let only = "transaction not known, preferred 20 ± 1 (stated), partnership not known, alliance not \
                known\nrecommended: stay at preferred, the only rung up to partnership whose net value is \
                known\n";
    assert!(found.contains(only), "{found}");
    // Nothing below 0 is shown where it rounds to 0.
    let found = text([None, Some((-0.3, 1.0)), None, None], Tier::Preferred);
    assert!(found.contains("preferred 0 ± 1 (stated)"), "{found}");
    let found = text([net(30.0), net(-9.0), None, None], Tier::Preferred);
    assert!(
        found.contains("\nthe effort is extravagant: it loses"),
        "{found}"
    );
}

#[test]
fn what_is_unknown_is_named_where_it_would_settle_something() {
    let answer = |construct| {
        report(
            &close(&[construct]),
            Tier::Preferred,
            &TierAdvisor::default(),
        )
    };
    let found = answer(Construct::SwitchingCost);
    assert_eq!(
        found.fitting().undecided(),
        [
            Attribute::SwitchingCostOfFirm,
            Attribute::SwitchingCostOfCustomer
        ]
    );
    // The goals agree too little for an alliance, whatever else there is to know.
    let found = report(&close(&[]), Tier::Preferred, &TierAdvisor::default());
    assert!(found.fitting().undecided().is_empty());
    // All but goals is known: these are asked for an alliance.
    let mut log = close(&[]);
    log.retain(|i| !matches!(i.kind(), Kind::Partnership(_)));
    let found = report(&log, Tier::Preferred, &TierAdvisor::default());
    assert_eq!(found.fitting().undecided(), [Attribute::Alignment]);
    assert!(found.to_string().contains(
        "whether alliance fits is not known: no evidence of goal alignment: a review of goals would tell"
    ));
    // A partnership is out of the question: nothing is asked.
    let mut log = close(&[Construct::Alternatives]);
    log.push(event(902, day(9), answer_of_nothing()));
    let found = report(&log, Tier::Preferred, &TierAdvisor::default());
    assert_eq!(found.fitting().possible(), Tier::Preferred);
    assert!(found.fitting().undecided().is_empty() && !found.fitting().unknown().is_empty());
    let text = found.to_string();
    assert!(!text.contains("fits is not known"), "{text}");
    assert!(
        text.contains(
            "\nwho holds the power is not known: no evidence of alternatives of the firm: the firm's \
             own answer would tell; no evidence of alternatives of the customer: the customer's answer \
             would tell\n"
        ),
        "{text}"
    );
}

/// The customer would lose nothing by leaving.
fn answer_of_nothing() -> Kind {
    answer(Construct::SwitchingCost, 0.0)
}

#[test]
fn nothing_is_at_risk_where_no_rung_is_below() {
    // Said to be on the first rung, with no purchase on record.
    let met = [event(
        0,
        day(1),
        ExecutiveContact::new(Rank::Director, Rank::Director),
    )];
    let found = report(&met, Tier::Transaction, &TierAdvisor::default());
    assert!(found.own_gates().iter().any(|check| !check.passes()));
    assert_eq!(found.failing_gates().count(), 0);
    assert!(!found.to_string().contains("at risk"));
    // Who never bought has no transaction to miss.
    let found = report(&met, Tier::NoTransaction, &TierAdvisor::default());
    let text = found.to_string();
    assert!(
        text.contains("transaction is blocked: there is no transaction yet: sell once"),
        "{text}"
    );
}

#[test]
fn what_was_never_observed_bars_a_step_up_and_is_no_reason_for_one_down() {
    let none = [
        Construct::Importance,
        Construct::Alternatives,
        Construct::SwitchingCost,
    ];
    let rising = [
        Some((1.0, 0.1)),
        Some((2.0, 0.1)),
        Some((3.0, 0.1)),
        Some((4.0, 0.1)),
    ];
    let advisor = stating(rising);
    for (left_out, ceiling, possible) in [
        (&none[..], Tier::Preferred, Tier::Partnership),
        (&none[..1], Tier::Preferred, Tier::Partnership),
        (&none[1..2], Tier::Preferred, Tier::Partnership),
        (&none[2..], Tier::Preferred, Tier::Partnership),
        (&[], Tier::Partnership, Tier::Partnership),
    ] {
        let log = close(left_out);
        for (start, recommended, next) in [
            (Tier::Transaction, ceiling, Tier::Preferred),
            (Tier::Preferred, ceiling, ceiling),
            (Tier::Partnership, Tier::Partnership, Tier::Partnership),
            // The goals agree too little for an alliance: that is known.
            (Tier::Alliance, Tier::Partnership, Tier::Partnership),
        ] {
            let found = report(&log, start, &advisor);
            assert_eq!(
                (found.fitting_ceiling(), found.fitting().possible()),
                (ceiling, possible)
            );
            assert_eq!(
                found.recommended(),
                Some(recommended),
                "{start} {left_out:?}"
            );
            assert_eq!(found.advice().next(), next, "{start} {left_out:?}");
        }
    }
    let found = report(&close(&none), Tier::Partnership, &advisor);
    assert_eq!(found.power(), None);
    let unknown = found.unknown();
    for input in [
        Attribute::SwitchingCostOfFirm,
        Attribute::SwitchingCostOfCustomer,
        Attribute::ImportanceToFirm,
        Attribute::ImportanceToCustomer,
        Attribute::AlternativesOfFirm,
        Attribute::AlternativesOfCustomer,
    ] {
        assert!(unknown.contains(&input), "{input}");
        assert!(found.fitting().unknown().contains(&input), "{input}");
    }
    assert!(!unknown.contains(&Attribute::Alignment));
}

#[test]
fn what_was_observed_of_both_sides_is_what_the_fitting_rung_rests_on() {
    let known = read(&close(&[]), 10, &TierPolicy::default()).unwrap();
    let both = FittingPolicy::default()
        .interdependence(&known, None)
        .unwrap();
    let estimate = |attribute| value(&known, attribute).estimate().unwrap();
    let (firm, theirs) = (both.stake(Party::Firm), both.stake(Party::Customer));
    for (found, attribute) in [
        (firm.importance(), Attribute::ImportanceToFirm),
        (firm.alternatives(), Attribute::AlternativesOfFirm),
        (firm.switching_cost(), Attribute::SwitchingCostOfFirm),
        (theirs.importance(), Attribute::ImportanceToCustomer),
        (theirs.alternatives(), Attribute::AlternativesOfCustomer),
        (theirs.switching_cost(), Attribute::SwitchingCostOfCustomer),
        (both.alignment(), Attribute::Alignment),
    ] {
        assert_eq!(found, Some(estimate(attribute)), "{attribute}");
    }
    // One answer of 0.7 with an error of 0.15, against a mean of ½ and a variance of 1/12.
    let weight = firm.importance().unwrap().n_eff();
    assert!(weight > 0.9 && weight < 1.0);
    let precision = 12.0 + weight / 0.0225;
    near(
        firm.importance().unwrap().mean(),
        (6.0 + 0.7 * weight / 0.0225) / precision,
    );
    assert!(both.unknown().is_empty());
    assert_eq!(
        FittingPolicy::default()
            .interdependence(&Attributes::default(), None)
            .unwrap()
            .unknown()
            .len(),
        7
    );
}

#[test]
fn importance_to_the_firm_is_of_the_share_where_the_whole_is_stated() {
    let log = close(&[]);
    let known = read(&log, 10, &TierPolicy::default()).unwrap();
    // 400 less 240 in a first year that is not over, and no cost to serve.
    let yearly = known.yearly().unwrap();
    assert_eq!((yearly.value, yearly.cost), (eur("160"), eur("0")));
    let advisor = TierAdvisor::default()
        .with_contribution(eur("2000"))
        .unwrap();
    let of_all = advisor.share(&known).unwrap().unwrap();
    near(of_all.mean(), 0.08);
    near(of_all.sd(), 0.0);
    near(of_all.n_eff(), 4.0);
    let found = report(&log, Tier::Preferred, &advisor);
    let power = found.fitting().power().unwrap();
    let alone = 1.0 - value(&known, Attribute::AlternativesOfFirm).mean();
    near(power.dependence(Party::Firm).mean(), 0.08 / 0.13 * alone); // TV 10.3a
    // Without a whole it is the answer; without money, too.
    assert_eq!(TierAdvisor::default().share(&known).unwrap(), None);
    assert_eq!(advisor.share(&Attributes::default()).unwrap(), None);
    // Who costs more than it brings has a share of 0, which is known.
    let losing = told(&[(0, purchase("5", "9"))], 10);
    let none = advisor.share(&losing).unwrap().unwrap();
    assert_eq!((none.mean(), none.n_eff()), (0.0, 1.0));

    for refused in [Money::zero(Currency::EUR), eur("-1")] {
        assert!(matches!(
            TierAdvisor::default().with_contribution(refused),
            Err(InvestmentError::Domain { .. })
        ));
    }
    // Alone more than all together, or in another currency.
    let scored = |all: Money| {
        let advisor = TierAdvisor::default().with_contribution(all).unwrap();
        let scorer = TierScorer::new(TierPolicy::default()).with_advisor(advisor);
        scorer.score(&summary(&log))
    };
    assert!(scored(eur("160")).is_ok());
    let error = scored(eur("100")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "customer c-1: must contribute at most what all together do, 100.00 EUR a year, got 160.00 \
         EUR of attribute \"contribution a year\""
    );
    let hundred = TierAdvisor::default()
        .with_contribution(eur("100"))
        .unwrap();
    assert_eq!(
        hundred.share(&known),
        Err(InvestmentError::Contribution {
            own: eur("160"),
            all: eur("100"),
        })
    );
    let dollars = Money::parse("2000", Currency::USD).unwrap();
    assert!(matches!(
        scored(dollars),
        Err(ScoreError::Quantity(QuantityError::CurrencyMismatch { .. }))
    ));
}

#[test]
fn the_current_rung_leaves_what_was_observed_and_others_what_peers_leave() {
    let log = close(&[]);
    let known = read(&log, 10, &TierPolicy::default()).unwrap();
    // Four purchases that leave 160 a year: of a compound Poisson sum, 160·√(1 + 1²)/√4.
    let yearly = known.yearly().unwrap();
    let sd = 160.0 * 2.0_f64.sqrt() / 2.0;
    near(yearly.value_sd, sd);
    near(yearly.n_eff, 4.0);
    let alike = TierPolicy::default().with_amount_spread(0.0).unwrap();
    let alike = read(&log, 10, &alike).unwrap();
    near(alike.yearly().unwrap().value_sd, 80.0);

    let at = |tier, found: &TierReport| found.advice().net_value(tier).copied();
    let observed = NetValue::of_customer(Estimate::new(160.0, yearly.value_sd, 4.0).unwrap());
    let alone = report(&log, Tier::Preferred, &TierAdvisor::default());
    assert_eq!(at(Tier::Preferred, &alone), Some(observed.unwrap()));
    assert_eq!(
        alone.advice().unknown(),
        [Tier::Transaction, Tier::Partnership, Tier::Alliance]
    );
    assert_eq!(alone.recommended(), Some(Tier::Preferred)); // of the one that is known
    // P(N < 0) of 160 ± 113.
    near(
        alone.advice().probability_of_loss().unwrap().value(),
        0.078_649_603_525_142_6,
    );

    let peer = |tier, net_value| Peer {
        tier,
        value_tier: 1,
        net_value,
    };
    let peers = [
        peer(Tier::Partnership, 280.0),
        peer(Tier::Partnership, 320.0),
        peer(Tier::Transaction, 50.0),
        peer(Tier::Preferred, 70.0),
    ];
    let peers = PeerNetValues::fit(Currency::EUR, peers).unwrap();
    let advisor = TierAdvisor::default().with_peers(peers.clone(), [(customer(), 1)]);
    let found = report(&log, Tier::Preferred, &advisor);
    assert_eq!(at(Tier::Preferred, &found), at(Tier::Preferred, &alone));
    let partners = at(Tier::Partnership, &found).unwrap();
    near(partners.estimate().mean(), 300.0);
    assert_eq!(partners.basis(), NetValueBasis::Peers);
    assert_eq!(at(Tier::Alliance, &found), None);
    assert_eq!(found.recommended(), Some(Tier::Partnership));
    // Before the first purchase nothing is observed, and peers tell of the first rung.
    let stranger = [event(
        0,
        day(1),
        ExecutiveContact::new(Rank::Director, Rank::Director),
    )];
    let found = report(&stranger, Tier::NoTransaction, &advisor);
    assert_eq!(
        at(Tier::Transaction, &found).map(|n| n.basis()),
        Some(NetValueBasis::Peers)
    );
    assert_eq!(found.advice().next(), Tier::Transaction);
    // Of a customer without a value tier, peers tell nothing.
    let other = CustomerId::new("other").unwrap();
    let advisor = TierAdvisor::default().with_peers(peers, [(other, 1)]);
    assert_eq!(report(&log, Tier::Preferred, &advisor), alone);
    // What is stated takes the place of all that.
    let stated =
        advisor.with_net_values([(customer(), four([Some((3.0, 1.0)), None, None, None]))]);
    let found = report(&log, Tier::Transaction, &stated);
    near(
        at(Tier::Transaction, &found).unwrap().estimate().mean(),
        3.0,
    );
    assert_eq!(report(&log, Tier::Preferred, &stated).recommended(), None);

    // Stated in another currency than what was observed.
    let stated = NetValues::stated(Currency::USD, ByTier::default()).unwrap();
    let advisor = TierAdvisor::default().with_net_values([(customer(), stated)]);
    let scorer = TierScorer::new(TierPolicy::default()).with_advisor(advisor);
    assert!(matches!(
        scorer.score(&summary(&log)),
        Err(ScoreError::Quantity(QuantityError::CurrencyMismatch {
            expected: Currency::USD,
            found: Currency::EUR,
        }))
    ));

    let dollars = PeerNetValues::fit(Currency::USD, [1.0, 2.0].map(|n| peer(Tier::Preferred, n)));
    let advisor = TierAdvisor::default().with_peers(dollars.unwrap(), [(customer(), 1)]);
    let refused = tracked(&log, Tier::Preferred).report(day(10), &advisor);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "amounts must be in one currency: expected USD, got EUR"
    );
}

#[test]
fn joint_projects_are_a_value_whose_size_is_uncertain() {
    let project = |amount| {
        let project = JointProject::new(eur(amount), share(0.5)).unwrap();
        Kind::from(Partnership::JointProject(project))
    };
    let log = [
        (10, purchase("100", "60")),
        (10, project("200")),
        (10, project("100")),
    ];
    let known = told(&log, 10);
    // Of this instant, half of 200 and half of 100, over the exposure of a year.
    let exposure = 0.5 / std::f64::consts::LN_2;
    let yearly = known.yearly().unwrap();
    near(
        yearly.value_sd,
        (40.0_f64.powi(2) * 2.0 + (100.0_f64.powi(2) + 50.0_f64.powi(2)) / exposure.powi(2)).sqrt(),
    );
    near(yearly.n_eff, 3.0);
    near(yearly.net().unwrap().mean(), yearly.value.to_f64());
}

#[test]
fn an_investment_of_the_firm_is_a_switching_cost_without_an_answer() {
    let amount = Investment::new(eur("100"))
        .unwrap()
        .with_purpose(InvestmentPurpose::RelationshipSpecific);
    let known = told(&[(10, purchase("160", "60")), (10, amount.into())], 10);
    let both = FittingPolicy::default()
        .interdependence(&known, None)
        .unwrap();
    let cost = both.stake(Party::Firm).switching_cost().unwrap();
    near(cost.mean(), 0.5);
    near(cost.sd(), 0.0);
}

#[test]
fn rungs_above_what_fits_go_down_one_at_a_time_and_extravagance_is_named() {
    // The customer could leave at no cost: that is known, and a partnership does not fit.
    let mut log = close(&[Construct::SwitchingCost]);
    log.push(event(902, day(9), answer(Construct::SwitchingCost, 0.1)));
    let advisor = stating([
        Some((30.0, 2.0)),
        Some((20.0, 4.0)),
        None,
        Some((-5.0, 2.0)),
    ]);
    let found = report(&log, Tier::Alliance, &advisor);
    let fitting = found.fitting();
    assert_eq!(
        (fitting.ceiling(), fitting.possible()),
        (Tier::Preferred, Tier::Preferred)
    );
    let limits: Vec<FittingGate> = fitting.limits().map(FittingCheck::gate).collect();
    assert_eq!(limits, [FittingGate::SwitchingCosts]);
    assert_eq!(found.advice().ceiling(), Tier::Preferred);
    assert_eq!(
        (found.recommended(), found.advice().next()),
        (Some(Tier::Transaction), Tier::Partnership)
    );
    assert_eq!(found.appropriateness(), Some(Appropriateness::Extravagant));
    // The same without a net value at all: what does not fit goes down all the same.
    let bare = report(&log, Tier::Alliance, &stating([None; 4]));
    assert_eq!(
        (bare.recommended(), bare.advice().next()),
        (None, Tier::Partnership)
    );
    assert_eq!(bare.appropriateness(), None);
    let text = bare.to_string();
    assert!(
        text.ends_with(
            "no rung is recommended: too few net values are known, and partnership is the next \
             step, as alliance does not fit"
        ),
        "{text}"
    );
}

#[test]
fn the_rules_of_advice_are_those_of_the_advisor_and_are_named() {
    let strict = FittingPolicy::default().with_least_importance(0.9).unwrap();
    let careful = InvestmentPolicy::default()
        .with_certainties(0.01, 0.02)
        .unwrap();
    let advisor = TierAdvisor::new(strict, careful);
    let log = close(&[]);
    let found = report(&log, Tier::Preferred, &advisor);
    assert_eq!(found.fitting_ceiling(), Tier::Preferred);
    assert_eq!(found.fitting().policy(), strict.id());
    assert_eq!(found.advice().policy(), careful.id());
    // A loss of 0.08 is extravagant by these.
    assert_eq!(found.appropriateness(), Some(Appropriateness::Extravagant));
    // An untracked customer is advised on the rung that the evidence supports.
    let scorer = TierScorer::new(TierPolicy::default()).with_advisor(advisor);
    let outcome: TierOutcome = scorer.score(&summary(&log)).unwrap();
    let report = outcome.report().unwrap();
    assert_eq!((report.current(), report.rung()), (None, Tier::Transaction));
    assert_eq!(report.advice().current(), Tier::Transaction);
}

#[test]
fn attributes_that_no_rung_can_be_judged_by_are_refused() {
    let normal = |mean, sd| AttributeValue::Normal(Estimate::new(mean, sd, 2.0).unwrap());
    for bad in [normal(1.2, 0.1), normal(-0.1, 0.1), normal(0.5, 1.5)] {
        assert!(
            Attributes::default()
                .with(Attribute::ImportanceToFirm, bad)
                .is_err()
        );
    }
    assert!(
        Attributes::default()
            .with(Attribute::Tenure, normal(7.0, 1.5))
            .is_ok()
    );
}
