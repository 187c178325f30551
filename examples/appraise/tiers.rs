//! How close the relationships are, and what customers perceive to get and to give up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use guanxi::chrono::{DateTime, Months, Utc};
use guanxi::history::{AsOf, CustomerId};
use guanxi::metric::{Reported, SmallGroups};
use guanxi::perceived::{
    ExchangeQuadrant, PerceivedValuePolicy, PerceivedValueScore, PerceivedValueScorer,
};
use guanxi::scorer::{ScoreError, Scorer};
use guanxi::summary::{CustomerSummary, LiveBase};
use guanxi::tier::{
    Attribute, Attributes, Gate, Tier, TierError, TierMove, TierOutcome, TierPolicy, TierScorer,
    TierStanding, TierTracker,
};

use crate::support::Failure;
use crate::{Events, Order};

/// Where the relationships stand on the ladder.
pub(crate) struct Tiers {
    /// Customers on each rung up to the highest that anybody is on.
    pub(crate) rungs: Vec<(Tier, Reported<u64>)>,
    /// Customers without a transaction, if there are any.
    pub(crate) none_yet: Option<Reported<u64>>,
    /// Customers who do not permit it.
    pub(crate) not_modelled: u64,
    /// Moves of the year up to the instant asked about, and all of them, if they were followed.
    pub(crate) moves: Option<[Moves; 2]>,
    /// Every gate, those of the lowest rung first.
    pub(crate) gates: Vec<GateTally>,
    /// The customers shown.
    pub(crate) shown: Vec<TierOutcome>,
}

/// Moves from one rung to another.
pub(crate) struct Moves {
    /// Whether there is any.
    pub(crate) any: bool,
    pub(crate) up: Reported<u64>,
    pub(crate) down: Reported<u64>,
    /// Why relationships moved down, and how often.
    pub(crate) causes: BTreeMap<&'static str, Reported<u64>>,
}

/// How many moves, of how many customers.
#[derive(Debug, Default, Clone, Copy)]
struct Moved {
    moves: u64,
    customers: u64,
}

/// Where each customer stands.
type Standings = Vec<(CustomerId, TierStanding)>;

/// Moves up, whose cause is `None`, and down by cause.
type Tally = BTreeMap<Option<&'static str>, Moved>;

/// How a gate stands over all customers.
pub(crate) struct GateTally {
    pub(crate) gate: Gate,
    pub(crate) threshold: f64,
    /// Of so many customers there is evidence, and so many pass.
    pub(crate) known: Reported<u64>,
    pub(crate) passed: Reported<u64>,
    /// Of what there is evidence of nobody, if so.
    pub(crate) unknown: Option<Attribute>,
}

/// Follows everybody along the ladder, and reports on the customers shown.
pub(crate) fn climb(
    order: &Order,
    summaries: &[CustomerSummary],
    shown: &[String],
) -> Result<Tiers, Failure> {
    let refused = |error: &dyn std::fmt::Display| order.log.refused(error);
    let policy = Arc::new(TierPolicy::default());
    let mut scorer = TierScorer::new(Arc::clone(&policy));
    let moves = match &order.events {
        Events::Transactions(_) => None,
        Events::Interactions(log) => {
            let followed = follow(&log.live, order.as_of, &policy, summaries);
            let (standings, moves) = followed.map_err(|error| refused(&error))?;
            scorer = scorer.with_standings(standings);
            Some(moves.map(|tally| Moves::new(&tally, order.small)))
        }
    };
    let mut rungs = [0; Tier::ALL.len()];
    let mut gates: Vec<(Gate, u64, u64)> = Tier::RUNGS
        .into_iter()
        .flat_map(|tier| policy.gates(tier))
        .map(|gate| (gate, 0, 0))
        .collect();
    let mut not_modelled = 0;
    let mut outcomes = BTreeMap::new();
    for customer in summaries {
        let outcome = scorer.score(customer).map_err(|error| refused(&error))?;
        match outcome.report() {
            None => not_modelled += 1,
            Some(report) => {
                rungs[usize::from(report.rung().number())] += 1;
                for (gate, known, passed) in &mut gates {
                    let check = gate.check(report.attributes(), &policy, 0.0);
                    let is_known = check.is_some_and(|check| check.probability().is_some());
                    *known += u64::from(is_known);
                    *passed += u64::from(check.is_some_and(|check| check.passes()));
                }
            }
        }
        let name = customer.customer().as_str();
        if shown.iter().any(|shown| shown == name) {
            outcomes.insert(name, outcome);
        }
    }
    // Nobody on the highest rungs, or below the first, is no group.
    let lowest = usize::from(rungs[0] == 0);
    let highest = rungs.iter().rposition(|&count| count > 0).unwrap_or(0);
    let occupied = rungs.get(lowest..=highest).unwrap_or_default();
    let table = order.small.table(occupied.iter().map(|&n| (n, n)));
    let rungs = Tier::ALL.into_iter().skip(lowest);
    let mut rungs: Vec<_> = rungs.zip(table.groups().iter().copied()).collect();
    let below = rungs
        .first()
        .is_some_and(|rung| rung.0 == Tier::NoTransaction);
    let none_yet = below.then(|| rungs.remove(0).1);
    let hidden = none_yet.is_some_and(|count| count.shown().is_none());
    Ok(Tiers {
        rungs,
        none_yet,
        not_modelled,
        moves,
        gates: gates
            .into_iter()
            .map(|gate| tally(gate, hidden, order.small, &policy))
            .collect(),
        shown: shown
            .iter()
            .filter_map(|name| outcomes.remove(name.as_str()))
            .collect(),
    })
}

/// Of how many there is evidence, if they are enough, and how many of them pass; unless that would
/// tell how many have no transaction, which is `hidden`.
fn tally(
    (gate, known, passed): (Gate, u64, u64),
    hidden: bool,
    small: SmallGroups,
    policy: &TierPolicy,
) -> GateTally {
    let nobody = || gate.check(&Attributes::default(), policy, 0.0);
    let gives_away = hidden && gate == Gate::FirstTransaction;
    GateTally {
        gate,
        threshold: policy.threshold(gate).unwrap_or(gate.default_threshold()),
        known: small.report(known, known),
        passed: small.report(if gives_away { 0 } else { known }, passed),
        unknown: (known == 0)
            .then(|| nobody().map(|check| check.attribute()))
            .flatten(),
    }
}

/// Where each customer who permits it stands, one month end after another, and how they moved in the
/// year up to an instant, and ever.
fn follow(
    live: &LiveBase,
    as_of: DateTime<Utc>,
    policy: &Arc<TierPolicy>,
    summaries: &[CustomerSummary],
) -> Result<(Standings, [Tally; 2]), TierError> {
    let year = as_of.checked_sub_months(Months::new(12));
    let permit = summaries.iter().filter(|c| c.modelled().is_ok());
    let (mut standings, mut moves) = (Standings::new(), <[Tally; 2]>::default());
    for customer in permit.map(CustomerSummary::customer) {
        for timeline in live.timelines(customer.as_str()) {
            let (policy, rules) = (Arc::clone(policy), Arc::clone(live.rules()));
            let tracker = TierTracker::with_rules(customer.clone(), policy, *live.policy(), rules);
            let tracker = tracker.replay(&timeline.as_of(AsOf::at(as_of)))?;
            let lately = |made: &&TierMove| year.is_some_and(|year| made.at > year);
            count(&mut moves[0], tracker.moves().iter().filter(lately));
            count(&mut moves[1], tracker.moves());
            standings.push((customer.clone(), *tracker.standing()));
        }
    }
    Ok((standings, moves))
}

/// Adds the moves of one customer. A first transaction is no move of a relationship.
fn count<'a>(all: &mut Tally, moves: impl IntoIterator<Item = &'a TierMove>) {
    let mut own = BTreeMap::<_, u64>::new();
    for made in moves {
        if made.to < made.from {
            *own.entry(Some(made.cause.name())).or_default() += 1;
        } else if made.from > Tier::NoTransaction {
            *own.entry(None).or_default() += 1;
        }
    }
    for (cause, moves) in own {
        let moved = all.entry(cause).or_default();
        moved.moves += moves;
        moved.customers += 1;
    }
}

impl Moves {
    fn new(tally: &Tally, small: SmallGroups) -> Self {
        let up = tally.get(&None).copied().unwrap_or_default();
        let down = || {
            tally
                .iter()
                .filter_map(|(why, moved)| Some(((*why)?, moved)))
        };
        let moves = down().map(|(_, moved)| moved.moves).sum();
        let table = small.table(down().map(|(_, moved)| (moved.customers, moved.moves)));
        let causes = down().map(|(why, _)| why);
        Self {
            any: !tally.is_empty(),
            up: small.report(up.customers, up.moves),
            down: table.total().map(|_| moves),
            causes: causes.zip(table.groups().iter().copied()).collect(),
        }
    }
}

/// What customers perceive to get and to give up, by their own answers.
pub(crate) struct Perceived {
    /// Customers with an answer on either.
    pub(crate) answered: Reported<u64>,
    /// Customers of whom both sides are known well enough.
    pub(crate) valued: Reported<u64>,
    /// Of these, to whom the benefit is worth the sacrifice.
    pub(crate) worthwhile: Reported<u64>,
    /// Customers whose answers may not be read, if there are any.
    pub(crate) withheld: Option<Reported<u64>>,
    /// Items that are of no component in the table of the default policy.
    pub(crate) unmapped: BTreeSet<String>,
    /// Where they stand in the exchange, as far as that is known.
    pub(crate) quadrants: BTreeMap<&'static str, Reported<u64>>,
    pub(crate) level: f64,
    /// The customers shown of whom both sides are known.
    pub(crate) shown: Vec<PerceivedValueScore>,
}

const QUADRANTS: [ExchangeQuadrant; 4] = [
    ExchangeQuadrant::StableHappy,
    ExchangeQuadrant::HappyButFree,
    ExchangeQuadrant::Hostage,
    ExchangeQuadrant::Leaving,
];

/// Judges what everybody perceives; `None` of a log that holds no answer on it.
pub(crate) fn perceive(
    order: &Order,
    summaries: &[CustomerSummary],
    shown: &[String],
) -> Result<Option<Perceived>, Failure> {
    let scorer = PerceivedValueScorer::new(PerceivedValuePolicy::default());
    let (mut answered, mut valued, mut worthwhile, mut withheld) = (0, 0, 0, 0);
    let (mut quadrants, mut unmapped) = ([0; 4], BTreeSet::new());
    let mut scores = BTreeMap::new();
    for customer in summaries {
        let score = match scorer.score(customer) {
            Ok(score) => score,
            Err(ScoreError::Unreadable { .. }) => {
                withheld += 1;
                continue;
            }
            Err(error) => return Err(order.log.refused(error)),
        };
        let components = score.components().iter();
        let any = components.filter(|(_, answer)| answer.is_some()).count() > 0
            || score.value().is_some()
            || !score.unmapped().is_empty();
        unmapped.extend(score.unmapped().iter().cloned());
        answered += u64::from(any);
        if let Some(net) = score.net() {
            valued += 1;
            worthwhile += u64::from(net.mean() > 0.0);
        }
        if let Some(quadrant) = score.exchange().quadrant() {
            let place = QUADRANTS.iter().position(|other| *other == quadrant);
            if let Some(count) = place.and_then(|place| quadrants.get_mut(place)) {
                *count += 1;
            }
        }
        let name = customer.customer().as_str();
        if score.value().is_some() && shown.iter().any(|shown| shown == name) {
            scores.insert(name, score);
        }
    }
    if answered == 0 {
        return Ok(None);
    }
    let placed: u64 = quadrants.iter().sum();
    let rows = quadrants.map(|count| (count, count));
    let table = order.small.table(rows);
    let groups = table.groups().iter().copied();
    let count = |customers| order.small.report(customers, customers);
    Ok(Some(Perceived {
        answered: count(answered),
        // That it is nobody is said of those who answered.
        valued: match valued {
            0 => order.small.report(answered, 0),
            _ => count(valued),
        },
        worthwhile: order.small.report(valued, worthwhile),
        withheld: (withheld > 0).then(|| count(withheld)),
        unmapped,
        quadrants: QUADRANTS
            .iter()
            .map(|quadrant| quadrant.name())
            .zip(groups)
            .filter(|_| placed > 0)
            .collect(),
        level: scorer.policy().level().value(),
        shown: shown
            .iter()
            .filter_map(|name| scores.remove(name.as_str()))
            .collect(),
    }))
}
