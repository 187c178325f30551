//! Metrics, segments, tiers and perceived value, as JSON.

use guanxi::metric::Reported;
use guanxi::perceived::{MonroeRatio, PerceivedValueScore, RatioInterval};
use guanxi::quantity::Estimate;
use guanxi::tier::TierOutcome;
use serde_json::{Value, json};

use crate::json::pair;
use crate::metrics::{Cohorts, LEVEL, Metrics, Row, Unit};
use crate::segments::{Grouping, Place, Segments};
use crate::support::object;
use crate::tiers::{Moves, Perceived, Tiers};

pub(crate) fn metrics_json(metrics: &Metrics) -> Value {
    let missing = metrics.missing.iter();
    let missing: Vec<Value> = missing
        .map(|measure| json!({"measure": measure, "needs": measure.needs()}))
        .collect();
    json!({
        "customers": metrics.customers,
        "not_modelled": metrics.not_modelled,
        "after": metrics.year.start(),
        "level": LEVEL.value(),
        "measures": metrics.rows.iter().map(row_json).collect::<Vec<_>>(),
        "cohorts": metrics.cohorts.as_ref().map(cohorts_json),
        "not_in_log": missing,
    })
}

fn row_json(row: &Row) -> Value {
    let found = row.found.as_ref();
    let change = found.ok().and_then(|found| found.change);
    json!({
        "name": row.name,
        "whole_log": row.whole_log,
        "value": found.ok().map(|found| found.value),
        "interval": pair(found.ok().and_then(|found| found.interval)),
        "unit": found.ok().map(|found| unit(found.unit)),
        "n": found.ok().map(|found| found.n),
        "of": found.ok().map(|found| found.of),
        "change": change.map(|change| json!({
            "value": change.difference().mean(),
            "interval": pair(Some(change.interval())),
            "clear": change.is_clear(),
        })),
        "no_value": found.err(),
    })
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Share => "share",
        Unit::Points => "points",
        Unit::Number | Unit::Index => "number",
        Unit::Minutes => "minutes",
        Unit::AmountAMonth => "amount_a_month",
    }
}

fn cohorts_json(cohorts: &Cohorts) -> Value {
    let Cohorts { rows, pooled, .. } = cohorts;
    let rows: Vec<Value> = rows
        .iter()
        .map(|(from, row)| {
            let row = row.shown();
            json!({
                "after": from,
                "joined": row.map(|(joined, _)| joined),
                "active": row.map(|(_, active)| active),
            })
        })
        .collect();
    json!({"months": cohorts.months, "rows": rows, "pooled": pooled.shown()})
}

pub(crate) fn segments_json(segments: &Segments) -> Value {
    let customers: Vec<Value> = segments
        .shown
        .iter()
        .map(|(customer, places)| {
            let places = places.iter();
            let places = places.map(|(key, place)| (*key, place_json(place, segments)));
            json!({"customer": customer, "segments": object(places)})
        })
        .collect();
    json!({
        "customers_modelled": segments.modelled,
        "not_modelled": segments.not_modelled,
        "by": segments.ways.iter().map(way_json).collect::<Vec<_>>(),
        "silhouette_of_needs": segments.silhouette,
        "customers": customers,
    })
}

fn way_json(way: &Grouping) -> Value {
    let groups = way.groups.as_ref();
    let rows = groups.ok().map(|groups| {
        let rows = groups.names.iter().zip(&groups.rows);
        let rows = rows.map(|(name, found)| {
            let found = found.shown();
            json!({
                "segment": name,
                "customers": found.map(|(customers, _)| customers),
                "value": found.and_then(|(_, value)| *value),
            })
        });
        rows.collect::<Vec<_>>()
    });
    json!({
        "by": way.key,
        "segments": rows,
        "undecided": groups.ok().and_then(|groups| number(groups.undecided.as_ref())),
        "cannot_be_told": groups.err(),
    })
}

fn place_json(place: &Place, segments: &Segments) -> Value {
    match place {
        Place::Relation(member) => json!({
            "class": member.class(),
            "relational": member.relational(),
            "selective": member.selective(),
            "transactional": member.transactional(),
        }),
        Place::Stage(life) => json!({"stage": life.stage, "lapsed": life.lapsed}),
        Place::Tier(cell) => json!(cell.potential),
        Place::Matrix(cell) => json!({
            "current": cell.current,
            "potential": cell.potential,
            "quadrant": cell.quadrant(),
        }),
        Place::Rfm(scores) => json!(scores),
        Place::Price(price) => json!(price),
        Place::Needs(needs) => json!({
            "segment": segments.needs_name(needs.segment),
            "distance": needs.distance,
            "clarity": needs.clarity,
        }),
    }
}

pub(crate) fn tiers_json(tiers: &Tiers) -> Value {
    let rungs = tiers.rungs.iter();
    let rungs = rungs.map(|(tier, count)| (tier.name(), json!(count.shown())));
    let gates: Vec<Value> = tiers
        .gates
        .iter()
        .map(|gate| {
            json!({
                "gate": gate.gate,
                "into": gate.gate.tier(),
                "threshold": gate.threshold,
                "known": gate.known.shown(),
                "reached": gate.passed.shown(),
                "no_evidence": gate.unknown.map(|of| json!({"of": of, "needs": of.would_tell()})),
            })
        })
        .collect();
    let moves = tiers.moves.as_ref();
    json!({
        "tracked": moves.is_some(),
        "rungs": object(rungs),
        "no_transaction": number(tiers.none_yet.as_ref()),
        "not_modelled": tiers.not_modelled,
        "moves": moves.map(|[year, ever]| json!({"year": moves_json(year), "ever": moves_json(ever)})),
        "gates": gates,
        "customers": tiers.shown.iter().map(outcome_json).collect::<Vec<_>>(),
    })
}

fn moves_json(moves: &Moves) -> Value {
    let causes = moves.causes.iter();
    let causes = causes.map(|(why, count)| (*why, json!(count.shown())));
    json!({"up": moves.up.shown(), "down": object(causes)})
}

/// 0 of no group, `null` of one that is too small.
fn number(count: Option<&Reported<u64>>) -> Option<u64> {
    count.map_or(Some(0), |count| count.shown().copied())
}

fn outcome_json(outcome: &TierOutcome) -> Value {
    match outcome {
        TierOutcome::Modelled(report) => json!({
            "customer": report.customer(),
            "tier": report.rung(),
            "since": report.since(),
            "supported": report.supported(),
            "blocking": report.blocking_gates().map(ToString::to_string).collect::<Vec<_>>(),
            "fitting_ceiling": report.fitting_ceiling(),
            "recommended": report.recommended(),
            "appropriateness": report.appropriateness(),
            "at_risk": report.failing_gates().map(ToString::to_string).collect::<Vec<_>>(),
            "report": outcome.to_string(),
        }),
        TierOutcome::NotModelled { customer, .. } => json!({
            "customer": customer,
            "tier": null,
            "report": outcome.to_string(),
        }),
    }
}

pub(crate) fn perceived_json(perceived: &Perceived) -> Value {
    let quadrants = perceived.quadrants.iter();
    let quadrants = quadrants.map(|(name, count)| (*name, json!(count.shown())));
    json!({
        "answered": perceived.answered.shown(),
        "both_sides": perceived.valued.shown(),
        "worth_it": perceived.worthwhile.shown(),
        "withheld": number(perceived.withheld.as_ref()),
        "unmapped_items": perceived.unmapped,
        "exchange": object(quadrants),
        "level": perceived.level,
        "customers": perceived.shown.iter().map(score_json).collect::<Vec<_>>(),
    })
}

fn score_json(score: &PerceivedValueScore) -> Value {
    let side = |total: Option<Estimate>| total.map(|e| json!({"mean": e.mean(), "sd": e.sd()}));
    let interval = score.ratio_interval().and_then(RatioInterval::interval);
    json!({
        "customer": score.customer(),
        "benefit": side(score.benefits().total()),
        "sacrifice": side(score.sacrifices().total()),
        "net": side(score.net()),
        "share": side(score.share()),
        "ratio": match score.ratio() {
            Some(MonroeRatio::Finite(ratio)) => json!(ratio),
            _ => Value::Null,
        },
        "ratio_interval": pair(interval),
        "exchange": score.exchange().quadrant(),
    })
}
