//! What of the ladder is written down, and the doubts about it when it is read.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::calendar::month_end;
use super::error::checked;
use super::{
    Attribute, AttributeValue, Attributes, FittingCeiling, Gate, GateAim, GateCheck,
    InvestmentAdvice, MoveCause, Tier, TierError, TierMove, TierPolicy, TierReport, TierStanding,
    TierTracker, YearlyValue,
};
use crate::history::{CustomerId, InteractionId, Rank};
use crate::quantity::{PolicyId, Probability};
use crate::summary::CustomerState;

/// How far probabilities may be off, which other platforms compute with other last bits.
const ROUNDING: f64 = 1e-9;

/// Refuses what is not so.
fn holds(is_so: bool, expected: &'static str, found: &impl Debug) -> Result<(), TierError> {
    if is_so {
        return Ok(());
    }
    Err(TierError::Stored {
        expected,
        found: format!("{found:?}"),
    })
}

/// How attributes are written down; what was never observed is left out.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "Attributes")]
pub(super) struct AttributesRow {
    known: BTreeMap<Attribute, AttributeValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contacts: Option<[f64; Rank::ALL.len()]>,
    persons: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    breadth: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    yearly: Option<YearlyValue>,
    trust_broken: bool,
}

impl From<Attributes> for AttributesRow {
    fn from(all: Attributes) -> Self {
        Self {
            known: all.known().collect(),
            contacts: all.contacts,
            persons: all.persons,
            breadth: all.breadth,
            yearly: all.yearly,
            trust_broken: all.trust_broken,
        }
    }
}

impl TryFrom<AttributesRow> for Attributes {
    type Error = TierError;

    fn try_from(row: AttributesRow) -> Result<Self, TierError> {
        let mut all = Self::default();
        for (attribute, value) in row.known {
            all = all.with(attribute, value)?;
        }
        if let Some(contacts) = row.contacts {
            for met in contacts {
                checked("contacts", "at least 0", 0.0..=1e15, met)?;
            }
            let falls = contacts.windows(2).all(|two| two[0] >= two[1]);
            holds(falls, "no more contacts at a higher rank", &contacts)?;
        }
        let breadth = row
            .breadth
            .map(|b| checked("breadth", "between 0 and 1", 0.0..=1.0, b));
        let told = row.breadth.is_some() == (row.persons > 0);
        holds(
            told,
            "a breadth exactly where persons were met",
            &row.persons,
        )?;
        let trusted = !row.trust_broken || all.get(Attribute::Trust).is_some();
        holds(
            trusted,
            "evidence of trust that is broken",
            &row.trust_broken,
        )?;
        if let Some(yearly) = row.yearly {
            yearly.net()?;
        }
        all.contacts = row.contacts;
        all.persons = row.persons;
        all.breadth = breadth.transpose()?;
        all.yearly = row.yearly;
        all.trust_broken = row.trust_broken;
        Ok(all)
    }
}

/// How the state of a gate is written down.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "GateCheck")]
pub(super) struct GateRow {
    gate: Gate,
    aim: GateAim,
    attribute: Attribute,
    value: Option<AttributeValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    other: Option<AttributeValue>,
    threshold: f64,
    probability: Option<Probability>,
    needed: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contacts: Option<(Rank, f64)>,
    contacts_needed: f64,
}

impl From<GateCheck> for GateRow {
    fn from(check: GateCheck) -> Self {
        Self {
            gate: check.gate,
            aim: check.aim,
            attribute: check.attribute,
            value: check.value,
            other: check.other.map(|(_, value)| value),
            threshold: check.threshold,
            probability: check.probability,
            needed: check.needed,
            contacts: check.contacts,
            contacts_needed: check.contacts_needed,
        }
    }
}

impl TryFrom<GateRow> for GateCheck {
    type Error = TierError;

    fn try_from(row: GateRow) -> Result<Self, TierError> {
        let asked = row.gate.attributes();
        holds(
            asked.contains(&row.attribute),
            "an attribute of its gate",
            &row.attribute,
        )?;
        // The band may lead below 0.
        checked(
            "threshold of a gate",
            "between -1 and 100",
            -1.0..=100.0,
            row.threshold,
        )?;
        let chance = f64::MIN_POSITIVE..1.0;
        checked(
            "probability to move",
            "above 0 and below 1",
            chance,
            row.needed,
        )?;
        let contacts = 0.01..=1_000.0;
        let quantity = "contacts that make a rank";
        checked(
            quantity,
            "between 0.01 and 1000",
            contacts,
            row.contacts_needed,
        )?;
        if let Some((_, met)) = row.contacts {
            checked("contacts", "at least 0", 0.0..=1e15, met)?;
            let told = row.gate.attribute() == Attribute::ContactLevel;
            holds(told, "contacts at a gate on contacts", &row.gate)?;
        }
        let mut others = asked.iter().copied().filter(|&of| of != row.attribute);
        let other = others.next().zip(row.other);
        let told = row.other.is_some() == (row.value.is_some() && asked.len() > 1);
        holds(told, "the other attribute where there are two", &row.other)?;
        let reached = |(of, value): (Attribute, AttributeValue)| {
            value.check(of)?;
            Ok::<f64, TierError>(value.probability_at_least(row.threshold).value())
        };
        let follows = match (row.value, row.probability) {
            (None, None) => true,
            (Some(value), Some(p)) => {
                let shown = reached((row.attribute, value))?;
                let likelier = other.map_or(Ok(1.0), reached)?;
                shown <= likelier + ROUNDING && (shown * likelier - p.value()).abs() <= ROUNDING
            }
            _ => false,
        };
        holds(
            follows,
            "the probability that its value leads to",
            &row.probability,
        )?;
        Ok(Self {
            gate: row.gate,
            aim: row.aim,
            attribute: row.attribute,
            value: row.value,
            other,
            threshold: row.threshold,
            probability: row.probability,
            needed: row.needed,
            contacts: row.contacts,
            contacts_needed: row.contacts_needed,
        })
    }
}

/// How a report is written down.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "TierReport")]
pub(super) struct ReportRow {
    customer: CustomerId,
    as_of: Option<DateTime<Utc>>,
    standing: Option<TierStanding>,
    supported: Tier,
    next_gates: Vec<GateCheck>,
    own_gates: Vec<GateCheck>,
    fitting: FittingCeiling,
    advice: InvestmentAdvice,
    attributes: Attributes,
    demote_at: f64,
    policy: PolicyId,
}

impl From<TierReport> for ReportRow {
    fn from(report: TierReport) -> Self {
        Self {
            customer: report.customer,
            as_of: report.as_of,
            standing: report.standing,
            supported: report.supported,
            next_gates: report.next,
            own_gates: report.held,
            fitting: report.fitting,
            advice: report.advice,
            attributes: report.attributes,
            demote_at: report.demote_at,
            policy: report.policy,
        }
    }
}

/// Refuses gates of another rung, gates told twice, and values that the attributes do not have.
fn gates(
    (tier, aim): (Option<Tier>, GateAim),
    found: &[GateCheck],
    all: &Attributes,
) -> Result<(), TierError> {
    let places: Vec<usize> = found.iter().map(|check| check.gate.place()).collect();
    let rises = places.windows(2).all(|two| two[0] < two[1]);
    holds(rises, "each gate once and in its order", &places)?;
    for check in found {
        let of_rung = Some(check.gate.tier()) == tier;
        holds(of_rung, "gates of the rung it is about", &check.gate)?;
        holds(check.aim == aim, "gates to reach or to hold", &check.aim)?;
        let known = all.get(check.attribute);
        let both = check
            .other
            .is_none_or(|(of, value)| all.get(of) == Some(value));
        // Of two attributes, one may be known where the other is not.
        let same =
            check.value == known || (check.value.is_none() && check.gate.attributes().len() > 1);
        holds(
            same && both,
            "gates with the values of its attributes",
            &check.value,
        )?;
    }
    Ok(())
}

impl TryFrom<ReportRow> for TierReport {
    type Error = TierError;

    fn try_from(row: ReportRow) -> Result<Self, TierError> {
        let chance = f64::MIN_POSITIVE..1.0;
        checked(
            "probability to move down",
            "above 0 and below 1",
            chance,
            row.demote_at,
        )?;
        let tier = row
            .standing
            .map_or(row.supported, |standing| standing.tier());
        let next = (tier.above(), GateAim::Reach);
        gates(next, &row.next_gates, &row.attributes)?;
        gates((Some(tier), GateAim::Hold), &row.own_gates, &row.attributes)?;
        for check in &row.own_gates {
            let same = (check.needed - row.demote_at).abs() <= ROUNDING;
            holds(same, "gates held by its own probability", &check.needed)?;
        }
        holds(
            tier.above().is_none() || !row.next_gates.is_empty(),
            "gates into the next rung",
            &row.next_gates,
        )?;
        let (advice, fitting) = (&row.advice, &row.fitting);
        holds(
            advice.current() == tier,
            "advice on its rung",
            &advice.current(),
        )?;
        let ceiling = fitting.for_one_at(tier);
        holds(
            advice.ceiling() == ceiling,
            "advice up to its ceiling",
            &advice.ceiling(),
        )?;
        if let (Some(standing), Some(as_of)) = (row.standing, row.as_of) {
            let within = standing.as_of().is_none_or(|from| from <= as_of)
                && standing.until().is_none_or(|until| as_of < until);
            holds(within, "a standing of its month", &standing.as_of())?;
        }
        let report = Self {
            customer: row.customer,
            as_of: row.as_of,
            standing: row.standing,
            supported: row.supported,
            next: row.next_gates,
            held: row.own_gates,
            fitting: row.fitting,
            advice: row.advice,
            attributes: row.attributes,
            demote_at: row.demote_at,
            policy: row.policy,
        };
        // The supported rung is the highest whose gates, and those below, are passed.
        let blocked = report.is_barred() || report.blocking_gates().next().is_some();
        let is_highest = report.standing.is_some() || tier.above().is_none() || blocked;
        holds(
            is_highest,
            "the highest rung that is supported",
            &report.supported,
        )?;
        Ok(report)
    }
}

/// How a tracker is written down.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "TierTracker")]
pub(super) struct TrackerRow {
    customer: CustomerId,
    policy: TierPolicy,
    state: CustomerState,
    last: Option<(DateTime<Utc>, InteractionId)>,
    start: Tier,
    standing: TierStanding,
    moves: Vec<TierMove>,
}

impl From<TierTracker> for TrackerRow {
    fn from(tracker: TierTracker) -> Self {
        Self {
            customer: tracker.customer,
            policy: TierPolicy::clone(&tracker.policy),
            state: tracker.state,
            last: tracker.last,
            start: tracker.start,
            standing: tracker.standing,
            moves: tracker.moves,
        }
    }
}

/// Whether a move goes one rung, in the direction of its cause.
fn is_step(made: &TierMove) -> bool {
    match made.cause {
        MoveCause::GatesPassed => made.from.above() == Some(made.to),
        _ => made.from.below() == Some(made.to),
    }
}

impl TryFrom<TrackerRow> for TierTracker {
    type Error = TierError;

    fn try_from(row: TrackerRow) -> Result<Self, TierError> {
        let standing = &row.standing;
        let offset = row.state.policy().utc_offset_seconds();
        let same = standing.utc_offset_seconds == offset;
        holds(
            same,
            "months at the offset of its state",
            &standing.utc_offset_seconds,
        )?;
        holds(
            standing.ladder().up() < row.policy.promote_after()
                && standing.ladder().down() < row.policy.demote_after(),
            "no more months of waiting than its rules ask for",
            &standing.ladder(),
        )?;
        let mut tier = row.start;
        let mut since = None;
        for made in &row.moves {
            holds(
                is_step(made) && made.from == tier,
                "moves from rung to rung",
                made,
            )?;
            let later = since < Some(made.at) && month_end(made.at, offset)? == made.at;
            holds(later, "moves at month ends, in their order", &made.at)?;
            tier = made.to;
            since = Some(made.at);
        }
        holds(
            tier == standing.tier(),
            "the rung its moves lead to",
            &standing.tier(),
        )?;
        holds(
            since == standing.since(),
            "the month end of its last move",
            &standing.since(),
        )?;
        let seen = row.state.latest_evidence();
        let last = row.last.as_ref().map(|(at, _)| *at);
        holds(
            seen <= last,
            "no evidence after its last interaction",
            &seen,
        )?;
        let judged_up_to = standing.until().is_none_or(|until| last <= Some(until));
        holds(
            judged_up_to,
            "every month end before its last interaction",
            &last,
        )?;
        let begun = last.is_some() || (standing.as_of().is_none() && row.state.is_empty());
        holds(
            begun,
            "an interaction before the first month end",
            &standing.as_of(),
        )?;
        Ok(Self {
            customer: row.customer,
            policy: Arc::new(row.policy),
            state: row.state,
            last: row.last,
            start: row.start,
            standing: row.standing,
            moves: row.moves,
        })
    }
}
