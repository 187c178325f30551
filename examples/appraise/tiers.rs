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
    Attribute, Attributes, Gate, MoveCause, Tier, TierError, TierOutcome, TierPolicy, TierReport,
    TierScorer, TierStanding, TierTracker,
};

use crate::support::Failure;
use crate::{Events, Order};

/// Where the relationships stand on the ladder.
pub(crate) struct Tiers {
    /// Whether they were followed from month end to month end.
    pub(crate) tracked: bool,
    /// Customers on each rung up to the highest that anybody is on.
    pub(crate) rungs: Vec<(Tier, Reported<u64>)>,
    /// Customers without a transaction.
    pub(crate) none_yet: u64,
    /// Customers who do not permit it.
    pub(crate) not_modelled: u64,
    /// Moves of the year up to the instant asked about, and all of them.
    pub(crate) moves: Reported<[Moves; 2]>,
    /// Every gate, those of the lowest rung first.
    pub(crate) gates: Vec<GateTally>,
    /// The customers shown.
    pub(crate) shown: Vec<TierOutcome>,
}

/// Moves from one rung to another.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    pub(crate) up: u64,
    /// Why relationships moved down, and how often.
    pub(crate) down: BTreeMap<&'static str, u64>,
}

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
    let mut moves: [Moves; 2] = Default::default();
    let mut scorer = TierScorer::new(Arc::clone(&policy));
    let tracked = match &order.events {
        Events::Transactions(_) => false,
        Events::Interactions(log) => {
            let standings = follow(&log.live, order.as_of, &policy, &mut moves);
            scorer = scorer.with_standings(standings.map_err(|error| refused(&error))?);
            true
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
                rungs[usize::from(tier(report).number())] += 1;
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
    let customers = rungs.iter().sum();
    let small = order.small;
    let [none_yet, ref rungs @ ..] = rungs;
    // Nobody on the highest rungs is no group.
    let occupied = rungs.iter().rposition(|&count| count > 0);
    let rungs = &rungs[..occupied.map_or(0, |highest| highest + 1)];
    let table = small.table(rungs.iter().map(|&count| (count, count)));
    let rungs = Tier::RUNGS.into_iter().zip(table.groups().iter().copied());
    Ok(Tiers {
        tracked,
        rungs: rungs.collect(),
        none_yet,
        not_modelled,
        moves: small.report(customers, moves),
        gates: gates
            .into_iter()
            .map(|gate| tally(gate, customers, small, &policy))
            .collect(),
        shown: shown
            .iter()
            .filter_map(|name| outcomes.remove(name.as_str()))
            .collect(),
    })
}

/// The rung: the one it stands on, or that its evidence supports.
pub(crate) fn tier(report: &TierReport) -> Tier {
    report.current().unwrap_or(report.supported())
}

/// A share of all customers, of whom there are enough or not.
fn tally(
    (gate, known, passed): (Gate, u64, u64),
    customers: u64,
    small: SmallGroups,
    policy: &TierPolicy,
) -> GateTally {
    let nobody = || gate.check(&Attributes::default(), policy, 0.0);
    GateTally {
        gate,
        threshold: policy.threshold(gate).unwrap_or(gate.default_threshold()),
        known: small.report(customers, known),
        passed: small.report(customers, passed),
        unknown: (known == 0)
            .then(|| nobody().map(|check| check.attribute()))
            .flatten(),
    }
}

/// Where each customer stands, one month end after another, and how they moved.
fn follow(
    live: &LiveBase,
    as_of: DateTime<Utc>,
    policy: &Arc<TierPolicy>,
    [lately, ever]: &mut [Moves; 2],
) -> Result<Vec<(CustomerId, TierStanding)>, TierError> {
    let year = as_of.checked_sub_months(Months::new(12));
    let mut standings = Vec::with_capacity(live.len());
    for customer in live.customers() {
        for timeline in live.timelines(customer.as_str()) {
            let (policy, rules) = (Arc::clone(policy), Arc::clone(live.rules()));
            let tracker = TierTracker::with_rules(customer.clone(), policy, *live.policy(), rules);
            let tracker = tracker.replay(&timeline.as_of(AsOf::at(as_of)))?;
            for made in tracker.moves() {
                ever.count(made.from, made.to, made.cause);
                if year.is_some_and(|year| made.at > year) {
                    lately.count(made.from, made.to, made.cause);
                }
            }
            standings.push((customer.clone(), *tracker.standing()));
        }
    }
    Ok(standings)
}

impl Moves {
    /// Whether there is any.
    pub(crate) fn any(&self) -> bool {
        self.up > 0 || !self.down.is_empty()
    }

    /// A first transaction is no move of a relationship.
    fn count(&mut self, from: Tier, to: Tier, cause: MoveCause) {
        if to < from {
            *self.down.entry(cause.name()).or_default() += 1;
        } else if from > Tier::NoTransaction {
            self.up += 1;
        }
    }
}

/// What customers perceive to get and to give up, by their own answers.
pub(crate) struct Perceived {
    /// Customers with an answer on either.
    pub(crate) answered: u64,
    /// Customers of whom both sides are known well enough.
    pub(crate) valued: Reported<u64>,
    /// Of these, to whom the benefit is worth the sacrifice.
    pub(crate) worthwhile: Reported<u64>,
    /// Customers whose answers may not be read.
    pub(crate) withheld: u64,
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
    Ok(Some(Perceived {
        answered,
        valued: order.small.report(answered, valued),
        worthwhile: order.small.report(valued, worthwhile),
        withheld,
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
