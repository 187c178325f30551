//! Synthetic ladders: customers whose rung is known in every month, and how well it is recovered.
//!
//! A customer has a true rung for two to five years at a time, then one above or below it. What
//! happens in a month depends on the true rung alone, with noise: contacts at a rank, what is
//! shared, quotes, reviews of goals, joint projects, answers, promises. So the ladder has to find
//! out, and may lag: evidence of the old rung fades by half in a year.

use std::sync::Arc;

use chrono::{DateTime, Months, TimeDelta, Utc};
use guanxi::history::{
    Construct, ExecutiveContact, GoalReview, InfoDepth, InfoFlow, InfoShared, Initiator,
    Interaction, JointProject, Kind, Partnership, Promise, PromiseEvent, Purchase, Quote,
    QuoteEvent, Rank,
};
use guanxi::quantity::{Currency, Money};
use guanxi::summary::SummaryPolicy;
use guanxi::tier::{Attribute, Gate, Tier, TierPolicy, TierTracker};

use super::support::history::{customer, eur};
use super::{answer, event, open, share};

/// A generator of the same numbers on every platform (`SplitMix64`).
pub(super) struct Dice(u64);

impl Dice {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// About the standard normal distribution: mean 0, variance 1.
    fn noise(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    /// A number around a mean, within 0 and 1.
    fn around(&mut self, mean: f64, sd: f64) -> f64 {
        (mean + sd * self.noise()).clamp(0.0, 1.0)
    }
}

/// What is typical of rungs 1 to 4.
fn typical(rung: usize, of: [f64; 4]) -> f64 {
    of[rung - 1]
}

fn month(n: u32) -> DateTime<Utc> {
    "2010-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + Months::new(n)
}

/// The true rung of every month: for 24 to 60 months each, then one above or below. It begins
/// anywhere, as if the record began in the middle of the relationship.
pub(super) fn moving(dice: &mut Dice, months: usize) -> Vec<usize> {
    let first = 1 + (dice.uniform() * 4.0) as usize;
    from_rung(first, dice, months)
}

/// The same of a relationship that begins when its record does: nobody is a partner from the first
/// month.
fn growing(dice: &mut Dice, months: usize) -> Vec<usize> {
    let first = 1 + (dice.uniform() * 2.0) as usize;
    from_rung(first, dice, months)
}

fn from_rung(mut rung: usize, dice: &mut Dice, months: usize) -> Vec<usize> {
    let mut truth = Vec::new();
    while truth.len() < months {
        let stays = 24 + (dice.uniform() * 37.0) as usize;
        truth.extend(std::iter::repeat_n(rung, stays));
        let up = rung == 1 || (rung < 4 && dice.chance(0.5));
        rung = if up { rung + 1 } else { rung - 1 };
    }
    truth.truncate(months);
    truth
}

fn met(dice: &mut Dice, rung: usize) -> Kind {
    let typical = [
        Rank::Operational,
        Rank::KeyPerson,
        Rank::TopExecutive,
        Rank::TopExecutive,
    ][rung - 1];
    let lower = if rung > 2 {
        Rank::Director
    } else {
        Rank::Operational
    };
    let rank = if dice.chance(0.2) { lower } else { typical };
    ExecutiveContact::new(rank, rank).into()
}

fn shared(dice: &mut Dice, rung: usize) -> Kind {
    let strategic = dice.chance(typical(rung, [0.0, 0.05, 0.4, 0.7]));
    let tactical = dice.chance(typical(rung, [0.05, 0.9, 1.0, 1.0]));
    let depth = match (strategic, tactical) {
        (true, _) => InfoDepth::Strategic,
        (_, true) => InfoDepth::Tactical,
        _ => InfoDepth::Operational,
    };
    InfoShared::new(InfoFlow::Mutual, depth).into()
}

fn quote(dice: &mut Dice, rung: usize) -> Kind {
    let won = dice.chance(typical(rung, [0.25, 0.75, 0.85, 0.95]));
    let event = if won {
        QuoteEvent::Won
    } else {
        QuoteEvent::Lost
    };
    Quote::new(event).with_price_gap(0.02).unwrap().into()
}

/// What happens in a month of a rung, in order of time.
fn events(
    dice: &mut Dice,
    n: u32,
    (before, rung): (usize, usize),
) -> Vec<(DateTime<Utc>, Kind, bool)> {
    let mut all: Vec<(f64, Kind, bool)> = Vec::new();
    let mut add = |dice: &mut Dice, kind: Kind, by_firm: bool| {
        all.push((1.0 + 26.0 * dice.uniform(), kind, by_firm));
    };
    let bought = Purchase::new(eur("1000"))
        .unwrap()
        .with_cost(eur("700"))
        .unwrap();
    add(dice, bought.into(), false);
    for _ in 0..2 {
        if dice.chance(0.8) {
            let kind = met(dice, rung);
            add(dice, kind, false);
        }
        let kept = dice.chance(typical(rung, [0.7, 0.85, 0.95, 0.98]));
        let event = if kept {
            PromiseEvent::Kept
        } else {
            PromiseEvent::Broken
        };
        add(dice, Promise::new(event).into(), true);
    }
    if dice.chance(0.8) {
        let kind = shared(dice, rung);
        add(dice, kind, false);
    }
    if dice.chance(0.7) {
        let kind = quote(dice, rung);
        add(dice, kind, false);
    }
    if n % 3 == 0 {
        let agreed = dice.around(typical(rung, [0.2, 0.3, 0.7, 0.95]), 0.1);
        add(
            dice,
            Partnership::GoalReview(GoalReview::new(share(agreed))).into(),
            false,
        );
        // Margin is 900 a quarter; its share of all value is .05, .15, .45 and .65 in the end.
        let joint =
            typical(rung, [0.0, 50.0, 740.0, 1_700.0]) * (1.0 + 0.2 * dice.noise()).max(0.1);
        let value = Money::from_estimate(2.0 * joint, Currency::EUR).unwrap();
        let project = JointProject::new(value, share(0.5)).unwrap();
        add(dice, Partnership::JointProject(project).into(), false);
    }
    if n % 4 == 0 {
        for by_firm in [false, true] {
            let cost = dice.around(typical(rung, [0.15, 0.3, 0.7, 0.8]), 0.1);
            add(dice, answer(Construct::SwitchingCost, cost), by_firm);
        }
    }
    if rung == 4 && before != 4 {
        add(
            dice,
            Partnership::EquityTie {
                fraction: share(0.2),
            }
            .into(),
            false,
        );
    }
    if before == 4 && rung != 4 {
        add(
            dice,
            Partnership::EquityTie {
                fraction: share(0.0),
            }
            .into(),
            false,
        );
    }
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let at = |days: f64| month(n) + TimeDelta::seconds((days * 86_400.0) as i64);
    all.into_iter()
        .map(|(days, kind, by)| (at(days), kind, by))
        .collect()
}

fn log(dice: &mut Dice, truth: &[usize]) -> Vec<Interaction> {
    let mut log: Vec<Interaction> = Vec::new();
    let mut before = 0;
    for (n, &rung) in truth.iter().enumerate() {
        for (at, kind, by_firm) in events(dice, n as u32, (before, rung)) {
            let i = event(log.len(), at, kind);
            log.push(if by_firm {
                i.initiated_by(Initiator::Firm)
            } else {
                i
            });
        }
        before = rung;
    }
    log
}

/// A ladder before any event.
pub(super) fn fresh(start: Tier, policy: &Arc<TierPolicy>) -> TierTracker {
    let rules = Arc::new(open());
    let policy = Arc::clone(policy);
    TierTracker::with_rules(customer(), policy, SummaryPolicy::default(), rules)
        .starting_at(start)
        .unwrap()
}

/// The rung that the ladder found at every month end.
fn found(log: &[Interaction], months: usize, start: Tier, policy: &Arc<TierPolicy>) -> Vec<usize> {
    let mut ladder = fresh(start, policy);
    for i in log {
        ladder.observe(i).unwrap();
    }
    ladder.advance_to(month(months as u32)).unwrap();
    let ends = (1..=months as u32).map(month);
    ends.map(|end| usize::from(ladder.tier_at(end).number()))
        .collect()
}

/// Customers, each with its true rungs and its log.
pub(super) fn customers(
    seed: u64,
    n: u64,
    truth: impl Fn(&mut Dice) -> Vec<usize>,
) -> Vec<(Vec<usize>, Vec<Interaction>)> {
    (0..n)
        .map(|n| {
            let mut dice = Dice(seed ^ (n << 32));
            let truth = truth(&mut dice);
            let log = log(&mut dice, &truth);
            (truth, log)
        })
        .collect()
}

const MONTHS: usize = 144;
/// Nobody is taken for a partner before two years of record are over: where a record begins in the
/// middle of a partnership, those months tell of tenure, not of the ladder.
const BEGINNING: usize = 30;

/// How the ladder did: shares of months, and moves back a year.
#[derive(Debug, Clone, Copy)]
struct Recovery {
    within_one: f64,
    /// With the months of the beginning.
    within_one_of_all: f64,
    exact: f64,
    moves_per_year: f64,
}

fn recovery(customers: &[(Vec<usize>, Vec<Interaction>)], policy: TierPolicy) -> Recovery {
    let policy = Arc::new(policy);
    let (mut months, mut within, mut exact, mut moves) = (0, 0, 0, 0);
    let (mut all, mut within_all) = (0_usize, 0_usize);
    for (truth, log) in customers {
        let found = found(log, truth.len(), Tier::NoTransaction, &policy);
        for (n, (found, truth)) in found.iter().zip(truth).enumerate() {
            all += 1;
            within_all += usize::from(found.abs_diff(*truth) <= 1);
            if n < BEGINNING {
                continue;
            }
            months += 1;
            within += usize::from(found.abs_diff(*truth) <= 1);
            exact += usize::from(found == truth);
        }
        let later = found.windows(2).skip(BEGINNING);
        moves += later.filter(|pair| pair[0] != pair[1]).count();
    }
    let share = |n: usize| n as f64 / f64::from(months);
    Recovery {
        within_one: share(within),
        within_one_of_all: within_all as f64 / all as f64,
        exact: share(exact),
        moves_per_year: 12.0 * share(moves),
    }
}

#[test]
fn the_rung_is_within_one_of_the_truth_in_99_percent_of_later_months_and_92_percent_of_all() {
    for seed in [1, 2, 3] {
        let customers = customers(seed, 60, |dice| moving(dice, MONTHS));
        let found = recovery(&customers, TierPolicy::default());
        println!("seed {seed}: {found:?}");
        assert!(found.within_one >= 0.995, "seed {seed}: {found:?}");
        assert!(found.within_one_of_all >= 0.92, "seed {seed}: {found:?}");
        assert!(found.exact >= 0.5, "seed {seed}: {found:?}");
    }
}

#[test]
fn of_relationships_seen_from_their_beginning_every_month_counts() {
    for seed in [1, 2, 3] {
        let customers = customers(seed, 60, |dice| growing(dice, MONTHS));
        let found = recovery(&customers, TierPolicy::default());
        println!("from the beginning, seed {seed}: {found:?}");
        assert!(found.within_one_of_all >= 0.985, "seed {seed}: {found:?}");
    }
}

#[test]
fn a_steady_relationship_turns_back_less_than_once_in_three_years() {
    let policy = Arc::new(TierPolicy::default());
    for rung in 1..=4 {
        let (mut turns, mut years, mut right) = (0, 0.0, 0.0);
        for (truth, log) in customers(70 + rung as u64, 40, |_| vec![rung; 15 * 12]) {
            let found = found(&log, truth.len(), Tier::NoTransaction, &policy);
            let steady: Vec<usize> = found.into_iter().skip(36).collect();
            right +=
                steady.iter().filter(|found| **found == rung).count() as f64 / steady.len() as f64;
            let steps = steady.windows(2).filter(|pair| pair[0] != pair[1]);
            let ups: Vec<bool> = steps.map(|pair| pair[1] > pair[0]).collect();
            turns += ups.windows(2).filter(|pair| pair[0] != pair[1]).count();
            years += steady.len() as f64 / 12.0;
        }
        let rate = turns as f64 / years * 3.0;
        println!(
            "rung {rung}: {rate:.3} in three years, right {:.3}",
            right / 40.0
        );
        assert!(rate < 1.0, "rung {rung}: {rate}");
        assert!(right / 40.0 >= 0.995, "rung {rung}: {right}");
    }
}

/// Whether an event is evidence of an attribute; of trust, several kinds are.
fn tells(i: &Interaction, attribute: Attribute) -> bool {
    let by_firm = i.initiator() == Some(Initiator::Firm);
    match i.kind() {
        Kind::ExecutiveContact(_) => attribute == Attribute::ContactLevel,
        Kind::InfoShared(_) => attribute == Attribute::InformationSharing,
        Kind::Quote(_) => attribute == Attribute::Preference,
        Kind::Partnership(Partnership::GoalReview(_)) => attribute == Attribute::Alignment,
        Kind::Partnership(Partnership::JointProject(_)) => attribute == Attribute::JointValue,
        Kind::Partnership(Partnership::EquityTie { .. }) => attribute == Attribute::Tie,
        Kind::SurveyItem(_) if by_firm => attribute == Attribute::SwitchingCostOfFirm,
        Kind::SurveyItem(_) => attribute == Attribute::SwitchingCostOfCustomer,
        _ => false,
    }
}

#[test]
fn a_rung_whose_attribute_was_never_observed_is_not_reached_and_not_lost_for_it() {
    let policy = Arc::new(TierPolicy::default());
    let (truth, log) = customers(5, 1, |_| vec![4; 10 * 12]).remove(0);
    let climbed =
        |log: &[Interaction], start| *found(log, truth.len(), start, &policy).last().unwrap();
    assert_eq!(climbed(&log, Tier::NoTransaction), 4);
    for (attribute, highest) in [
        (Attribute::ContactLevel, 1),
        (Attribute::InformationSharing, 1),
        (Attribute::Preference, 1),
        (Attribute::Alignment, 2),
        (Attribute::JointValue, 2),
        (Attribute::SwitchingCostOfFirm, 2),
        (Attribute::SwitchingCostOfCustomer, 2),
        (Attribute::Tie, 3),
    ] {
        let mut without = log.clone();
        without.retain(|i| !tells(i, attribute));
        assert!(without.len() < log.len(), "{attribute}");
        assert_eq!(
            climbed(&without, Tier::NoTransaction),
            highest,
            "{attribute}"
        );
        assert_eq!(climbed(&without, Tier::Alliance), 4, "{attribute}");
    }
}

/// Prints what a threshold ± 0.1 (tenure: ± half a year) changes, for the table in the docs.
#[test]
fn every_threshold_may_be_off_by_a_tenth() {
    let customers = customers(9, 30, |dice| moving(dice, MONTHS));
    let default = recovery(&customers, TierPolicy::default());
    println!(
        "| (default) | {:.3} {:.3} {:.3} |",
        default.within_one, default.exact, default.moves_per_year
    );
    for gate in Gate::ALL {
        if matches!(gate, Gate::FirstTransaction | Gate::AllianceTie) {
            continue; // there or not
        }
        let step = if gate == Gate::PartnershipTenure {
            0.5
        } else {
            0.1
        };
        let [lower, higher] = [-step, step].map(|by| {
            let threshold = gate.default_threshold() + by;
            recovery(
                &customers,
                TierPolicy::default()
                    .with_threshold(gate, threshold)
                    .unwrap(),
            )
        });
        println!(
            "| {gate} | {:.2} | {:.3} | {:.3} | {:.3} | {:.3} |",
            gate.default_threshold(),
            lower.within_one,
            higher.within_one,
            lower.exact,
            higher.exact,
        );
        for other in [lower, higher] {
            assert!(other.within_one >= 0.98, "{gate}: {other:?}");
        }
    }
}
