//! The ladder of relationships: attributes, gates, moves, reports, and ladders whose rungs are known.
#![cfg(feature = "serde")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of months and of customers are small"
)]

mod support;

#[path = "tier/ladders.rs"]
mod ladders;
#[path = "tier/reports.rs"]
mod reports;
#[path = "tier/storing.rs"]
mod storing;
#[path = "tier/tracking.rs"]
mod tracking;

use chrono::{DateTime, Days, Utc};
use guanxi::history::{
    Construct, Contact, Contract, ContractEvent, Direction, ExecutiveContact, GoalHorizon,
    GoalReview, InfoDepth, InfoFlow, InfoShared, Initiator, Interaction, InteractionId, Investment,
    InvestmentPurpose, JointProject, Kind, Partnership, Promise, PromiseEvent, Purchase, Quote,
    QuoteEvent, Rank, RelationshipChange, RelationshipEvent, Scale, SurveyItem,
};
use guanxi::quantity::{Currency, Estimate, Fraction, HalfLife, Money, Probability};
use guanxi::scorer::ScoreError;
use guanxi::summary::{
    CustomerState, EvidencePolicy, PartnershipEvidence, PartnershipMeasure, SummaryPolicy,
};
use guanxi::tier::{
    Attribute, AttributeValue, Attributes, Climb, Gate, GateAim, Ladder, LadderStep, MoveCause,
    Tier, TierError, TierPolicy, UnstatedTerms,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use support::history::{customer, eur};
use support::log::duty;

/// From no transaction to an alliance.
const TIERS: [Tier; 5] = [
    Tier::NoTransaction,
    Tier::Transaction,
    Tier::Preferred,
    Tier::Partnership,
    Tier::Alliance,
];

/// So many days after the epoch.
pub(crate) fn day(n: u64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Days::new(n)
}

/// An event with an id of its own.
pub(crate) fn event(n: usize, at: DateTime<Utc>, kind: impl Into<Kind>) -> Interaction {
    let id = InteractionId::new(format!("i-{n:06}")).unwrap();
    Interaction::new(id, customer(), at, kind).unwrap()
}

/// Rules under which everything may be read.
pub(crate) fn open() -> EvidencePolicy {
    EvidencePolicy::default().with_consent(duty())
}

fn near(found: f64, expected: f64) {
    let error = (found - expected).abs();
    assert!(
        error <= 1e-9 * expected.abs().max(1e-3),
        "{found} is not {expected}"
    );
}

fn share(value: f64) -> Fraction {
    Fraction::new(value).unwrap()
}

fn chance(p: f64) -> Probability {
    Probability::new(p).unwrap()
}

fn purchase(amount: &str, cost: &str) -> Kind {
    Purchase::new(eur(amount))
        .unwrap()
        .with_cost(eur(cost))
        .unwrap()
        .into()
}

fn answer(construct: Construct, value: f64) -> Kind {
    SurveyItem::new(construct, value, Scale::new(0.0, 1.0).unwrap())
        .unwrap()
        .into()
}

/// What a log tells as of a day, under rules that permit everything.
fn read(log: &[Interaction], n: u64, policy: &TierPolicy) -> Result<Attributes, ScoreError> {
    let mut state = CustomerState::with_rules(SummaryPolicy::default(), open().into());
    for interaction in log {
        state.observe(interaction).unwrap();
    }
    Attributes::of(&state.summary(customer(), day(n)).unwrap(), policy)
}

fn told(log: &[(u64, Kind)], n: u64) -> Attributes {
    read(&dated(log), n, &TierPolicy::default()).unwrap()
}

fn dated(log: &[(u64, Kind)]) -> Vec<Interaction> {
    let events = log.iter().enumerate();
    events
        .map(|(n, (at, kind))| event(n, day(*at), kind.clone()))
        .collect()
}

fn value(known: &Attributes, attribute: Attribute) -> AttributeValue {
    known
        .get(attribute)
        .unwrap_or_else(|| panic!("{attribute} is not known"))
}

#[test]
fn the_probability_of_a_gate_is_that_of_the_normal_distribution() {
    let x = AttributeValue::Normal(Estimate::new(0.62, 0.08, 1.0).unwrap());
    near(x.probability_at_least(0.5).value(), 0.933_192_798_731_141_9);
    near(x.probability_at_least(0.6).value(), 0.598_706_325_682_923_7);
}

#[test]
fn what_was_observed_passes_or_not_and_outcomes_follow_the_beta_distribution() {
    let seen = AttributeValue::Observed {
        value: 0.75,
        n_eff: 3.0,
    };
    // 0.85 − 0.10 in binary is not 0.75, and still a director meets it.
    for (threshold, p) in [
        (0.85 - 0.10, 1.0),
        (0.75, 1.0),
        (0.75 + 1e-9, 0.0),
        (0.0, 1.0),
    ] {
        near(seen.probability_at_least(threshold).value(), p);
    }
    let sure = AttributeValue::Normal(Estimate::new(0.5, 0.0, 9.0).unwrap());
    near(sure.probability_at_least(0.5).value(), 1.0);
    near(sure.probability_at_least(0.51).value(), 0.0);
    // P(X > x) of Beta(2, 1) is 1 − x², of Beta(1, 3) it is (1 − x)³.
    let won = AttributeValue::Beta {
        alpha: 2.0,
        beta: 1.0,
        n_eff: 1.0,
    };
    near(won.probability_at_least(0.5).value(), 0.75);
    let lost = AttributeValue::Beta {
        alpha: 1.0,
        beta: 3.0,
        n_eff: 2.0,
    };
    near(lost.probability_at_least(0.4).value(), 0.216);
    near(lost.probability_at_least(0.0).value(), 1.0);
    near(lost.probability_at_least(1.0).value(), 0.0);
    near(won.mean(), 2.0 / 3.0);
    near(won.sd(), (2.0_f64 / 9.0 / 4.0).sqrt());
}

fn climb(ladder: &mut Ladder, up: Option<f64>, down: Option<f64>) -> LadderStep {
    let policy = TierPolicy::default();
    let climb = Climb {
        critical: None,
        up: up.map(chance),
        down: down.map(chance),
    };
    ladder.step(climb, &policy)
}

#[test]
fn three_failing_month_ends_in_a_row_lead_down() {
    let mut ladder = Ladder::at(Tier::Partnership);
    let tiers: Vec<u8> = [0.15, 0.25, 0.18, 0.15, 0.10]
        .map(|p| {
            climb(&mut ladder, None, Some(p));
            ladder.tier().number()
        })
        .to_vec();
    assert_eq!(tiers, [3, 3, 3, 3, 2]);
    assert_eq!((ladder.up(), ladder.down()), (0, 0));
}

#[test]
fn two_passing_month_ends_in_a_row_lead_up() {
    let mut ladder = Ladder::at(Tier::Transaction);
    let tiers: Vec<u8> = [0.85, 0.79, 0.82, 0.90]
        .map(|p| {
            climb(&mut ladder, Some(p), None);
            ladder.tier().number()
        })
        .to_vec();
    assert_eq!(tiers, [1, 1, 1, 2]);
    // Just at the limits counts.
    let mut ladder = Ladder::at(Tier::Preferred);
    for _ in 0..2 {
        climb(&mut ladder, Some(0.80), None);
    }
    assert_eq!(ladder.tier(), Tier::Partnership);
    for _ in 0..3 {
        climb(&mut ladder, None, Some(0.20));
    }
    assert_eq!(ladder.tier(), Tier::Preferred);
}

#[test]
fn a_critical_event_leads_down_at_once_and_never_below_a_transaction() {
    let policy = TierPolicy::default();
    let critical = Climb {
        critical: Some(MoveCause::ContractCancelled),
        up: Some(chance(0.99)),
        down: None,
    };
    let mut ladder = Ladder::at(Tier::Preferred);
    climb(&mut ladder, Some(0.9), Some(0.1));
    assert_eq!((ladder.up(), ladder.down()), (1, 1));
    let step = ladder.step(critical, &policy);
    let (from, to, cause) = (
        Tier::Preferred,
        Tier::Transaction,
        MoveCause::ContractCancelled,
    );
    assert_eq!(step, LadderStep::Moved { from, to, cause });
    assert_eq!((ladder.up(), ladder.down()), (0, 0));
    for tier in [Tier::Transaction, Tier::NoTransaction] {
        let mut ladder = Ladder::at(tier);
        climb(&mut ladder, Some(0.9), None);
        assert_eq!(ladder.step(critical, &policy), LadderStep::Stayed);
        assert_eq!((ladder.tier(), ladder.up()), (tier, 0)); // the count begins anew
    }
}

#[test]
fn an_unknown_gate_bars_the_way_up_and_is_no_reason_to_go_down() {
    let mut ladder = Ladder::at(Tier::Preferred);
    for _ in 0..100 {
        assert_eq!(climb(&mut ladder, None, None), LadderStep::Stayed);
    }
    climb(&mut ladder, Some(0.9), None);
    climb(&mut ladder, None, None); // unknown in between: not in a row
    climb(&mut ladder, Some(0.9), None);
    assert_eq!(ladder.tier(), Tier::Preferred);
}

#[test]
fn a_move_down_goes_before_one_up_and_the_ends_of_the_ladder_hold() {
    let mut ladder = Ladder::at(Tier::Preferred);
    let policy = TierPolicy::default().with_promotion(0.8, 3).unwrap();
    let both = Climb {
        critical: None,
        up: Some(chance(1.0)),
        down: Some(chance(0.0)),
    };
    for _ in 0..3 {
        ladder.step(both, &policy);
    }
    assert_eq!(ladder.tier(), Tier::Transaction);
    let mut top = Ladder::at(Tier::Alliance);
    let mut bottom = Ladder::at(Tier::Transaction);
    for _ in 0..9 {
        climb(&mut top, Some(1.0), Some(1.0));
        climb(&mut bottom, Some(0.0), Some(0.0));
    }
    assert_eq!(
        (top.tier(), bottom.tier()),
        (Tier::Alliance, Tier::Transaction)
    );
    assert_eq!((top.up(), bottom.down()), (0, 0));
}

/// The ladder as the definition writes it, with plain numbers.
fn by_definition(months: &[(bool, f64, f64)], mut tier: u8) -> Vec<u8> {
    let (mut up, mut down) = (0, 0);
    months
        .iter()
        .map(|&(critical, p_up, p_down)| {
            if critical {
                tier = (tier - 1).max(1);
                (up, down) = (0, 0);
                return tier;
            }
            up = if tier < 4 && p_up >= 0.80 { up + 1 } else { 0 };
            down = if tier > 1 && p_down <= 0.20 {
                down + 1
            } else {
                0
            };
            if down >= 3 {
                (tier, up, down) = (tier - 1, 0, 0);
            } else if up >= 2 {
                (tier, up, down) = (tier + 1, 0, 0);
            }
            tier
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        rng_seed: RngSeed::Fixed(20_260_110),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever happens, the ladder is where the definition puts it.
    #[test]
    fn the_ladder_is_its_definition(
        start in 1_u8..=4,
        months in prop::collection::vec(
            (prop::bool::weighted(0.05), prop_oneof![0.0..=1.0, Just(0.8), 0.8..=1.0],
             prop_oneof![0.0..=1.0, Just(0.2), 0.0..=0.2]), 0..60),
    ) {
        let policy = TierPolicy::default();
        let mut ladder = Ladder::at(TIERS[usize::from(start)]);
        let found: Vec<u8> = months.iter().map(|&(critical, up, down)| {
            let critical = critical.then_some(MoveCause::TieDissolved);
            ladder.step(Climb { critical, up: Some(chance(up)), down: Some(chance(down)) }, &policy);
            ladder.tier().number()
        }).collect();
        prop_assert_eq!(found, by_definition(&months, start));
    }

    /// The more is asked for, the less probable it is; and never outside 0 to 1.
    #[test]
    fn higher_thresholds_are_less_probable(
        mean in 0.0..=1.0, sd in 0.0..0.5, alpha in 0.01..50.0, beta in 0.01..50.0,
        a in -0.2..=1.2, b in -0.2..=1.2,
    ) {
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        for x in [
            AttributeValue::Observed { value: mean, n_eff: 1.0 },
            AttributeValue::Normal(Estimate::new(mean, sd, 1.0).unwrap()),
            AttributeValue::Beta { alpha, beta, n_eff: 1.0 },
        ] {
            prop_assert!(x.probability_at_least(high).value() <= x.probability_at_least(low).value() + 1e-12);
        }
    }
}

#[test]
fn contacts_make_a_rank_when_both_sides_met_there_twice() {
    let met = |ours, theirs| Kind::from(ExecutiveContact::new(ours, theirs));
    let (top, director, key) = (Rank::TopExecutive, Rank::Director, Rank::KeyPerson);
    let log = [
        (0, met(top, director)),
        (0, met(director, top)),
        (0, met(top, top)),
        (0, met(key, top)),
    ];
    let level = |n| value(&told(&log, n), Attribute::ContactLevel).mean();
    near(level(0), 0.75); // 3 at director or above, 1 at the top
    near(level(213), 0.75); // 3·2^(−213/365.25) = 2.0024
    near(level(214), 0.5); // 1.9986, and 4 of them at key person or above
    near(level(365), 0.5); // 4·2^(−365/365.25) = 2.0009
    near(level(366), 0.0); // and never again without a contact
    let strict = TierPolicy::default().with_contacts_needed(4.0).unwrap();
    near(
        value(
            &read(&dated(&log), 0, &strict).unwrap(),
            Attribute::ContactLevel,
        )
        .mean(),
        0.5,
    );
    // A contact tells a rank if both are stated.
    let call = Contact::new(Direction::Inbound).with_rank_theirs(top);
    assert_eq!(
        told(&[(0, call.clone().into())], 0).get(Attribute::ContactLevel),
        None
    );
    let call = call.with_rank_ours(key);
    let twice = [(0, Kind::from(call.clone())), (0, call.into())];
    near(value(&told(&twice, 0), Attribute::ContactLevel).mean(), 0.5);
}

#[test]
fn breadth_is_persons_over_persons_and_three() {
    let with = |person: &str| Kind::from(Contact::new(Direction::Inbound).with_person(person));
    let log = [(0, with("ann")), (4, with("bo")), (9, with("ann"))];
    let known = told(&log, 9);
    assert_eq!((known.persons(), known.breadth()), (2, Some(0.4)));
    assert_eq!(told(&[(0, purchase("9", "5"))], 9).breadth(), None);
}

#[test]
fn sharing_counts_the_way_that_shares_less_and_fades_to_nothing() {
    let shared = |flow, depth| Kind::from(InfoShared::new(flow, depth));
    let log = [
        (0, shared(InfoFlow::Mutual, InfoDepth::Tactical)),
        (0, shared(InfoFlow::Mutual, InfoDepth::Strategic)),
        (0, shared(InfoFlow::ToFirm, InfoDepth::Strategic)),
    ];
    let sharing = value(&told(&log, 0), Attribute::InformationSharing);
    near(sharing.mean(), 1.5 / 3.0); // to the customer: .5 + 1 of 2, and one of nothing
    near(sharing.sd(), (0.25_f64 / 4.0).sqrt());
    near(sharing.n_eff(), 2.0);
    // Two years on, half a share is left of two.
    let years = value(
        &read(&dated(&log), 731, &TierPolicy::default()).unwrap(),
        Attribute::InformationSharing,
    );
    let left = 2.0 * (-731.0_f64 / 365.25).exp2();
    near(years.mean(), 0.75 * left / (left + 1.0));
    // What only one side shares is not shared both ways; what nobody recorded is unknown.
    let one = told(&[(0, shared(InfoFlow::ToFirm, InfoDepth::Strategic))], 0);
    near(value(&one, Attribute::InformationSharing).mean(), 0.0);
    assert_eq!(
        told(&[(0, purchase("9", "5"))], 0).get(Attribute::InformationSharing),
        None
    );
}

#[test]
fn preference_is_won_where_a_rival_was_no_dearer() {
    let quote = |event, gap: Option<f64>| {
        let quote = Quote::new(event);
        Kind::from(match gap {
            Some(gap) => quote.with_price_gap(gap).unwrap(),
            None => quote,
        })
    };
    let (won, lost) = (QuoteEvent::Won, QuoteEvent::Lost);
    let log = [
        (0, quote(won, Some(0.0))),
        (0, quote(won, Some(0.1))),
        (0, quote(won, None)),
        (0, quote(lost, Some(0.2))),
        (0, quote(won, Some(-0.1))),
        (0, quote(QuoteEvent::Issued, Some(0.0))),
    ];
    let AttributeValue::Beta { alpha, beta, n_eff } = value(&told(&log, 0), Attribute::Preference)
    else {
        panic!("quotes make a beta distribution");
    };
    near(alpha, 4.0);
    near(beta, 2.0);
    near(n_eff, 4.0);
    let strict = TierPolicy::default().with_unstated_terms(UnstatedTerms::Ignored);
    near(
        value(
            &read(&dated(&log), 0, &strict).unwrap(),
            Attribute::Preference,
        )
        .mean(),
        3.0 / 5.0,
    );
    // The share of wallet, where that is surer: (6 + .9/.0225)/(12 + 1/.0225).
    let mut both = log.to_vec();
    both.push((0, answer(Construct::ShareOfWallet, 0.9)));
    near(
        value(&told(&both, 0), Attribute::Preference).mean(),
        (6.0 + 40.0) / (12.0 + 1.0 / 0.0225),
    );
    // Only what was decided tells.
    assert_eq!(
        told(&[(0, quote(QuoteEvent::Requested, None))], 0).get(Attribute::Preference),
        None
    );
    // What has faded to a tenth of one quote tells nothing: 4·2^(−1944/365.25) = .0999.
    let faint = |n| told(&log, n).get(Attribute::Preference);
    assert!(faint(1_943).is_some() && faint(1_944).is_none());
}

#[test]
fn alignment_is_the_lesser_of_near_and_long_term() {
    let review = |alignment, horizon: Option<GoalHorizon>| {
        let review = GoalReview::new(share(alignment));
        let review = match horizon {
            Some(reach) => review.with_horizon(reach),
            None => review,
        };
        Kind::from(Partnership::GoalReview(review))
    };
    let per = 1.0 / 0.0225;
    let mean = |known: &Attributes| value(known, Attribute::Alignment).mean();
    let near_term = (0, review(0.9, Some(GoalHorizon::NearTerm)));
    let long_term = (0, review(0.6, Some(GoalHorizon::LongTerm)));
    let unstated = (0, review(0.8, None));
    near(
        mean(&told(std::slice::from_ref(&near_term), 0)),
        (6.0 + 0.9 * per) / (12.0 + per),
    );
    near(
        mean(&told(&[near_term.clone(), long_term.clone()], 0)),
        (6.0 + 0.6 * per) / (12.0 + per),
    );
    let all = told(&[near_term, long_term, unstated], 0);
    near(mean(&all), (6.0 + 1.4 * per) / (12.0 + 2.0 * per));
    near(
        value(&all, Attribute::Alignment).sd(),
        (12.0 + 2.0 * per).sqrt().recip(),
    );
    // As it fades, it widens and drifts to one half, never to 0.
    let old = told(&[(0, review(1.0, None))], 1_000);
    let left = (-1_000.0_f64 / 365.25).exp2();
    near(mean(&old), (6.0 + left * per) / (12.0 + left * per));
}

#[test]
fn joint_value_is_the_share_of_what_is_created_together() {
    let project = |value: &str, part| {
        let project = JointProject::new(eur(value), share(part)).unwrap();
        Kind::from(Partnership::JointProject(project))
    };
    let log = [(0, purchase("400", "100")), (0, project("400", 0.5))];
    // In the first year: 300 of margin, and 200·ln 2/(1 − ½) a year.
    let joint = 200.0 * std::f64::consts::LN_2 / 0.5;
    let known = told(&log, 0);
    near(
        value(&known, Attribute::JointValue).mean(),
        joint / (joint + 300.0),
    );
    let yearly = known.yearly().unwrap();
    assert!((yearly.value.to_f64() - (300.0 + joint)).abs() <= 0.005); // to the cent
    assert!(yearly.cost.is_zero());
    // Two years on: 150 of margin a year; a quarter of 200 over (1 − ¼)/ln 2 years.
    let log = [(0, purchase("400", "100")), (0, project("400", 0.5))];
    let n = 731;
    let years = 731.0_f64 / 365.25;
    let left = (-years).exp2();
    let joint = 200.0 * left * std::f64::consts::LN_2 / (1.0 - left);
    near(
        value(&told(&log, n), Attribute::JointValue).mean(),
        joint / (joint + 300.0 / years),
    );
    // Without forgetting: 200 in all, over the years.
    let never = TierPolicy::default().with_value_half_life(HalfLife::NEVER);
    let found = read(&dated(&log), n, &never).unwrap();
    near(value(&found, Attribute::JointValue).mean(), 200.0 / 500.0);
    // A loss on purchases creates nothing; without a cost, nothing is known, unless assumed.
    let loss = told(&[(0, purchase("100", "400")), (0, project("400", 0.5))], 0);
    near(value(&loss, Attribute::JointValue).mean(), 1.0);
    let bare = [
        (0, Purchase::new(eur("400")).unwrap().into()),
        (0, project("400", 0.5)),
    ];
    assert_eq!(told(&bare, 0).get(Attribute::JointValue), None);
    let assumed = TierPolicy::default().with_assumed_margin(share(0.75));
    let found = read(&dated(&bare), 0, &assumed).unwrap();
    near(
        value(&found, Attribute::JointValue).mean(),
        400.0 * std::f64::consts::LN_2 / (400.0 * std::f64::consts::LN_2 + 300.0),
    );
    assert_eq!(
        told(&[(0, purchase("9", "5"))], 0).get(Attribute::JointValue),
        None
    );
}

#[test]
fn amounts_of_two_currencies_are_an_error() {
    let dollars = Money::parse("400", Currency::USD).unwrap();
    let project = JointProject::new(dollars, share(0.5)).unwrap();
    let log = dated(&[
        (0, purchase("400", "100")),
        (0, Partnership::JointProject(project).into()),
    ]);
    let refused = read(&log, 0, &TierPolicy::default());
    assert!(
        matches!(refused, Err(ScoreError::Quantity(_))),
        "{refused:?}"
    );
}

#[test]
fn switching_costs_are_answers_of_either_side_or_what_the_firm_invested() {
    let cost = answer(Construct::SwitchingCost, 0.8);
    let ours = event(1, day(0), cost.clone()).initiated_by(Initiator::Firm);
    let third = event(2, day(0), cost.clone()).initiated_by(Initiator::Third);
    let expected = (6.0 + 0.8 / 0.0225) / (12.0 + 1.0 / 0.0225);
    let policy = TierPolicy::default();
    let known = read(&[event(0, day(0), cost), ours, third], 0, &policy).unwrap();
    for side in [
        Attribute::SwitchingCostOfFirm,
        Attribute::SwitchingCostOfCustomer,
    ] {
        near(value(&known, side).mean(), expected);
        near(value(&known, side).n_eff(), 1.0);
    }
    // Both must reach it: the product of both.
    let one = value(&known, Attribute::SwitchingCostOfFirm)
        .probability_at_least(0.5)
        .value();
    let gate = Gate::PartnershipSwitchingCost
        .check(&known, &policy, 0.0)
        .unwrap();
    near(gate.probability().unwrap().value(), one * one);
    // 300 invested in this relationship alone, against 300 of margin a year.
    let made = Investment::new(eur("300")).unwrap();
    let made = |purpose| (0, Kind::from(made.clone().with_purpose(purpose)));
    let alone = told(
        &[
            (0, purchase("400", "100")),
            made(InvestmentPurpose::RelationshipSpecific),
        ],
        0,
    );
    near(value(&alone, Attribute::SwitchingCostOfFirm).mean(), 0.5);
    let gate = Gate::PartnershipSwitchingCost
        .check(&alone, &policy, 0.0)
        .unwrap();
    assert_eq!(
        (gate.probability(), gate.attribute()),
        (None, Attribute::SwitchingCostOfCustomer)
    );
    let gift = told(
        &[
            (0, purchase("400", "100")),
            made(InvestmentPurpose::PreSaleGift),
        ],
        0,
    );
    assert_eq!(gift.get(Attribute::SwitchingCostOfFirm), None);
}

#[test]
fn importance_and_alternatives_are_answers_of_either_side() {
    let log = [
        event(0, day(0), answer(Construct::Importance, 0.9)),
        event(1, day(0), answer(Construct::Importance, 0.2)).initiated_by(Initiator::Firm),
        event(2, day(0), answer(Construct::Alternatives, 0.4)),
        event(3, day(0), answer(Construct::Alternatives, 0.6)).initiated_by(Initiator::Firm),
    ];
    let policy = TierPolicy::default();
    let known = read(&log, 0, &policy).unwrap();
    let shrunk = |x: f64| (6.0 + x / 0.0225) / (12.0 + 1.0 / 0.0225);
    for (attribute, x) in [
        (Attribute::ImportanceToCustomer, 0.9),
        (Attribute::ImportanceToFirm, 0.2),
        (Attribute::AlternativesOfCustomer, 0.4),
        (Attribute::AlternativesOfFirm, 0.6),
    ] {
        near(value(&known, attribute).mean(), shrunk(x));
    }
    // The share of its need that the firm serves comes before an opinion.
    let mut log = log.to_vec();
    log.push(event(4, day(0), answer(Construct::ShareOfWallet, 0.5)));
    near(
        value(
            &read(&log, 0, &policy).unwrap(),
            Attribute::ImportanceToCustomer,
        )
        .mean(),
        0.5,
    );
}

#[test]
fn a_tie_holds_until_it_is_dissolved_and_an_alliance_until_the_end() {
    let equity = |x| Kind::from(Partnership::EquityTie { fraction: share(x) });
    let alliance = Kind::from(Partnership::AllianceAgreement { form: None });
    let ended = Kind::from(RelationshipChange::new(RelationshipEvent::Ended));
    let tie = |log: &[(u64, Kind)]| told(log, 9).get(Attribute::Tie).map(AttributeValue::mean);
    assert_eq!(tie(&[(0, purchase("9", "5"))]), None);
    assert_eq!(tie(&[(0, equity(0.1))]), Some(1.0));
    assert_eq!(tie(&[(0, equity(0.1)), (1, equity(0.0))]), Some(0.0));
    assert_eq!(
        tie(&[(0, equity(0.1)), (1, equity(0.0)), (2, equity(0.2))]),
        Some(1.0)
    );
    assert_eq!(tie(&[(0, alliance.clone())]), Some(1.0));
    assert_eq!(tie(&[(0, alliance.clone()), (1, ended.clone())]), Some(0.0));
    assert_eq!(tie(&[(0, ended), (1, alliance)]), Some(1.0));
}

#[test]
fn tenure_begins_with_the_first_purchase_or_contract() {
    let signed = |event| Kind::from(Contract::new(event));
    let years = |log: &[(u64, Kind)], n| {
        told(log, n)
            .get(Attribute::Tenure)
            .map(AttributeValue::mean)
    };
    assert_eq!(years(&[(0, signed(ContractEvent::Cancelled))], 9), None);
    near(years(&[(0, purchase("9", "5"))], 1_461).unwrap(), 4.0);
    near(
        years(
            &[
                (0, signed(ContractEvent::Signed)),
                (1_000, purchase("9", "5")),
            ],
            1_461,
        )
        .unwrap(),
        4.0,
    );
    let known = told(&[(0, signed(ContractEvent::Renewed))], 9);
    near(value(&known, Attribute::Transaction).mean(), 1.0);
}

#[test]
fn trust_is_the_belief_of_the_customer_in_the_firm() {
    let kept = Kind::from(Promise::new(PromiseEvent::Kept));
    let known = told(&[(0, kept.clone()), (0, kept.clone()), (0, kept)], 0);
    let AttributeValue::Beta { alpha, beta, n_eff } = value(&known, Attribute::Trust) else {
        panic!("trust is a beta distribution");
    };
    near(alpha, 4.0);
    near(beta, 1.0);
    near(n_eff, 3.0);
    // P(X > .65) of Beta(4, 1).
    let gate = Gate::PartnershipTrust
        .check(&known, &TierPolicy::default(), 0.0)
        .unwrap();
    near(gate.probability().unwrap().value(), 1.0 - 0.65_f64.powi(4));
    assert!(!known.trust_broken());
    let broken = Kind::from(Promise::new(PromiseEvent::Broken));
    assert!(told(&[(0, broken.clone()), (0, broken)], 0).trust_broken());
}

/// One attribute, of which a normal belief is known.
fn believed(of: &[(Attribute, f64, f64)]) -> Attributes {
    let mut all = Attributes::default();
    for &(attribute, mean, sd) in of {
        let value = AttributeValue::Normal(Estimate::new(mean, sd, 3.0).unwrap());
        all = all.with(attribute, value).unwrap();
    }
    all
}

#[test]
fn a_gate_of_the_rung_says_when_the_rung_is_lost() {
    let policy = TierPolicy::default();
    let held = |trust| {
        let known = believed(&[(Attribute::Trust, trust, 0.08)]);
        Gate::PartnershipTrust
            .check_to_hold(&known, &policy)
            .unwrap()
    };
    let check = held(0.45);
    assert_eq!(check.aim(), GateAim::Hold);
    near(check.needed(), policy.demote_at());
    assert_eq!(
        check.to_string(),
        "trust is 0.45 ± 0.08; the rung is lost if 0.55 is no more probable than 0.20, and it is 0.11: \
         at this certainty it must rise above 0.48; keep promises, deliver on time and settle \
         complaints"
    );
    // θ + Φ⁻¹(.20)·.08 = .482_670.
    assert!(!held(0.482_6).passes() && held(0.482_7).passes());
    assert_eq!(
        held(0.6).to_string(),
        "trust is 0.60 ± 0.08; the rung is lost if 0.55 is no more probable than 0.20, and it is 0.73"
    );
    // Without evidence no rung is lost, and none is reached.
    let nobody = Attributes::default();
    let gate = Gate::PartnershipTrust;
    assert!(gate.check_to_hold(&nobody, &policy).unwrap().passes());
    assert!(!gate.check(&nobody, &policy, 0.0).unwrap().passes());
    // What ended is there no longer.
    let over = AttributeValue::Observed {
        value: 0.0,
        n_eff: 1.0,
    };
    let over = nobody.with(Attribute::Tie, over).unwrap();
    let tie = Gate::AllianceTie.check_to_hold(&over, &policy).unwrap();
    assert_eq!(
        tie.to_string(),
        "there is no longer an equity tie or alliance: agree on an alliance, or take a stake"
    );
}

#[test]
fn a_gate_on_both_sides_says_what_one_needs_given_the_other() {
    let policy = TierPolicy::default();
    let both = |firm, customer| {
        let known = believed(&[
            (Attribute::SwitchingCostOfFirm, firm, 0.1),
            (Attribute::SwitchingCostOfCustomer, customer, 0.1),
        ]);
        let gate = Gate::PartnershipSwitchingCost;
        gate.check(&known, &policy, 0.0).unwrap()
    };
    assert_eq!(
        both(0.6, 0.6).to_string(),
        "switching cost of the firm is 0.60 ± 0.10, 0.50 is needed with probability 0.80 and both \
         sides reach it with 0.71: at this certainty it must rise to 0.67; invest in what is of use in \
         this relationship alone"
    );
    // θ + Φ⁻¹(.80/Φ(1))·.1 = .665_325.
    assert!(!both(0.665, 0.6).passes() && both(0.666, 0.6).passes());
    let check = both(0.7, 0.4);
    assert_eq!(check.attribute(), Attribute::SwitchingCostOfCustomer);
    let (other, value) = check.other().unwrap();
    assert_eq!(other, Attribute::SwitchingCostOfFirm);
    near(value.mean(), 0.7);
    // Reached with .69: the other side cannot make up for that, however certain.
    assert_eq!(
        both(0.55, 0.55).to_string(),
        "switching cost of the firm is 0.55 ± 0.10, 0.50 is needed with probability 0.80 and both \
         sides reach it with 0.48: switching cost of the customer must rise too; invest in what is of \
         use in this relationship alone"
    );
}

#[test]
fn what_leads_down_is_less_probable_than_what_leads_up() {
    let rules = TierPolicy::default();
    for refused in [
        rules.clone().with_promotion(0.2, 2),
        rules.clone().with_demotion(0.8, 3),
    ] {
        assert!(matches!(refused, Err(TierError::Domain { .. })));
    }
    let eager = rules.with_demotion(0.1, 3).unwrap();
    assert!(eager.with_promotion(0.15, 2).is_ok());
}

#[test]
fn policies_refuse_what_is_no_rule_and_know_their_content() {
    let rules = TierPolicy::default();
    let bad = f64::NAN;
    assert!(matches!(
        rules.clone().with_threshold(Gate::AllianceTrust, bad),
        Err(TierError::Threshold { .. })
    ));
    assert!(
        rules
            .clone()
            .with_threshold(Gate::PartnershipTenure, 7.0)
            .is_ok()
    );
    for refused in [
        rules.clone().with_promotion(1.0, 2),
        rules.clone().with_promotion(0.8, 0),
        rules.clone().with_demotion(bad, 3),
        rules.clone().with_demotion(0.2, 1_201),
        rules.clone().with_band(1.1),
        rules.clone().with_contacts_needed(0.0),
        rules.clone().with_half_breadth(-1.0),
        rules.clone().with_answer_sd(0.0),
        rules.clone().with_sharing_prior(bad),
        rules.clone().with_least_evidence(-0.1),
    ] {
        assert!(
            matches!(refused, Err(TierError::Domain { .. })),
            "{refused:?}"
        );
    }
    assert_eq!(
        rules.clone().without(Gate::FirstTransaction),
        Err(TierError::LastGate {
            gate: Gate::FirstTransaction
        })
    );
    let mut changed = vec![
        rules.clone(),
        rules.clone().with_promotion(0.81, 2).unwrap(),
        rules.clone().with_promotion(0.8, 3).unwrap(),
        rules.clone().with_demotion(0.19, 3).unwrap(),
        rules.clone().with_demotion(0.2, 2).unwrap(),
        rules.clone().with_band(0.05).unwrap(),
        rules.clone().with_contacts_needed(3.0).unwrap(),
        rules.clone().with_half_breadth(2.0).unwrap(),
        rules.clone().with_answer_sd(0.2).unwrap(),
        rules.clone().with_sharing_prior(2.0).unwrap(),
        rules.clone().with_least_evidence(0.2).unwrap(),
        rules.clone().with_value_half_life(HalfLife::NEVER),
        rules.clone().with_unstated_terms(UnstatedTerms::Ignored),
        rules.clone().with_assumed_margin(share(0.3)),
        rules
            .clone()
            .with_trust(rules.trust().clone().with_negativity(3.0).unwrap()),
        rules.clone().without(Gate::AllianceTie).unwrap(),
    ];
    for gate in Gate::ALL {
        let other = gate.default_threshold() * 0.9;
        changed.push(rules.clone().with_threshold(gate, other).unwrap());
    }
    let mut ids: Vec<_> = changed.iter().map(TierPolicy::id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), changed.len());
    for policy in changed {
        let text = serde_json::to_string(&policy).unwrap();
        assert_eq!(serde_json::from_str::<TierPolicy>(&text).unwrap(), policy);
    }
    assert_eq!(serde_json::from_str::<TierPolicy>("{}").unwrap(), rules);
    for refused in [
        r#"{"promote_at": 1.5}"#,
        r#"{"thresholds": {"alliance_trust": 2.0}}"#,
        r#"{"thresholds": {"first_transaction": null}}"#,
        r#"{"unknown": 1}"#,
    ] {
        assert!(
            serde_json::from_str::<TierPolicy>(refused).is_err(),
            "{refused}"
        );
    }
}

#[test]
fn attributes_from_elsewhere_are_checked() {
    let with = |attribute, value| Attributes::default().with(attribute, value);
    for (attribute, bad) in [
        (
            Attribute::ContactLevel,
            AttributeValue::Observed {
                value: 1.1,
                n_eff: 1.0,
            },
        ),
        (
            Attribute::Tenure,
            AttributeValue::Observed {
                value: f64::NAN,
                n_eff: 1.0,
            },
        ),
        (
            Attribute::Tie,
            AttributeValue::Observed {
                value: 1.0,
                n_eff: -1.0,
            },
        ),
        (
            Attribute::Trust,
            AttributeValue::Beta {
                alpha: 0.0,
                beta: 1.0,
                n_eff: 1.0,
            },
        ),
        (
            Attribute::Trust,
            AttributeValue::Beta {
                alpha: 1.0,
                beta: f64::INFINITY,
                n_eff: 1.0,
            },
        ),
    ] {
        assert!(matches!(
            with(attribute, bad),
            Err(TierError::Domain { .. })
        ));
    }
    assert!(
        with(
            Attribute::Tenure,
            AttributeValue::Observed {
                value: 12.0,
                n_eff: 1.0
            }
        )
        .is_ok()
    );
}

#[test]
fn stored_evidence_of_partnership_is_doubted() {
    let signed = Contract::new(ContractEvent::Signed);
    let met = ExecutiveContact::new(Rank::Director, Rank::Director).with_person("ann");
    let tie = Partnership::EquityTie {
        fraction: share(0.2),
    };
    let project = JointProject::new(eur("9"), share(0.5)).unwrap();
    let log = dated(&[
        (0, signed.into()),
        (1, met.into()),
        (2, tie.into()),
        (3, Partnership::JointProject(project).into()),
    ]);
    let state = PartnershipEvidence::from_interactions(&log, day(9), &open());
    let written = serde_json::to_value(&state).unwrap();
    assert_eq!(
        serde_json::from_value::<PartnershipEvidence>(written.clone()).unwrap(),
        state
    );
    assert_eq!(
        state
            .score(PartnershipMeasure::MetDirector)
            .map(|s| s.weight > 0.9),
        Some(true)
    );
    let refuse = |pointer: &str, bad: serde_json::Value| {
        let mut row = written.clone();
        *row.pointer_mut(pointer)
            .unwrap_or_else(|| panic!("{pointer}")) = bad;
        assert!(
            serde_json::from_value::<PartnershipEvidence>(row).is_err(),
            "{pointer}"
        );
    };
    refuse("/scores/0/weight", (-1.0).into());
    refuse("/scores/0/sum", 7.0.into());
    refuse("/persons/0/person", "".into());
    let step = written.pointer("/steps/1").unwrap().clone();
    refuse("/steps/0", step);
    let nothing: PartnershipEvidence = serde_json::from_str("{}").unwrap();
    assert_eq!(nothing, PartnershipEvidence::EMPTY);
    assert_eq!(size_of::<PartnershipEvidence>(), 8);
}
