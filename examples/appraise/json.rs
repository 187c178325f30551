//! The appraisal as one JSON object.

use guanxi::model::FitReport;
use guanxi::quantity::{Interval, Span};
use serde_json::{Value, json};

use crate::appraisal::{
    Appraisal, Holdout, Top, Valued, equity_interval, horizon, unvalued, value_interval, whale_peak,
};
use crate::groups_json::{metrics_json, perceived_json, segments_json, tiers_json};
use crate::relationship_json::relationships_json;
use crate::support::{Compared, fit_json, object};
use crate::{Events, Order};

/// Names shown of a list of customers.
const NAMED: usize = 5;

pub(crate) fn to_json(order: &Order, appraisal: &Appraisal) -> Value {
    let cost = order.terms.cost_to_serve();
    let valued = appraisal.valued.as_ref();
    let top = valued.map_or(&[][..], |valued| &valued.top);
    let unvalued = valued.map_or(Vec::new(), |valued| unvalued(&valued.portfolio));
    let unvalued: Vec<Value> = unvalued
        .into_iter()
        .map(|(reason, names)| {
            json!({"reason": reason, "customers": names.len(), "names": head(&names)})
        })
        .collect();
    let counts = match &order.events {
        Events::Transactions(_) => None,
        Events::Interactions(log) => Some(&log.counts),
    };
    json!({
        "log": order.log.file,
        "as_of": order.as_of.date_naive().to_string(),
        "currency": order.currency,
        "unit": order.unit,
        "dedupe": order.dedupe,
        "terms": {
            "margin": order.terms.margin(),
            "annual_discount": order.terms.discount().effective_annual(),
            "cost_to_serve": cost.map(|(cost, _)| cost),
            "horizon": horizon(order).map(Span::length),
        },
        "read": {
            "rows": order.log.rows,
            "first": order.log.first,
            "last": order.log.last,
            "purchases": appraisal.purchases,
            "returns": appraisal.returns,
            "rules": appraisal.rules,
            "interactions": counts,
        },
        "no_model": valued.err(),
        "models": valued.ok().map(|valued| models_json(&valued.models)),
        "top": top.iter().map(top_json).collect::<Vec<_>>(),
        "equity": valued.ok().map(equity_json),
        "concentration": valued.ok().map(concentration_json),
        "unvalued": unvalued,
        "holdout": valued.ok().and_then(|valued| valued.holdout.as_ref()).map(holdout_json),
        "relationships": relationships_json(order, appraisal),
        "metrics": metrics_json(&appraisal.metrics),
        "segments": segments_json(&appraisal.segments),
        "tiers": tiers_json(&appraisal.tiers),
        "perceived_value": appraisal.perceived.as_ref().map(perceived_json),
    })
}

fn equity_json(valued: &Valued) -> Value {
    let (portfolio, draws) = (&valued.portfolio, valued.draws);
    json!({
        "value": portfolio.equity().value(),
        "interval": pair(equity_interval(portfolio)),
        "customers": portfolio.ranked().len(),
        "level": draws.level.value(),
        "draws": draws.count,
        "seed": draws.seed,
    })
}

fn concentration_json(valued: &Valued) -> Value {
    let portfolio = &valued.portfolio;
    let peak = whale_peak(portfolio);
    json!({
        "gini": portfolio.gini().ok(),
        "top_10_percent": portfolio.top_share(0.1).ok(),
        "top_20_percent": portfolio.top_share(0.2).ok(),
        "whale_curve_peak": peak.map(|p| json!({"customers": p.customers, "value": p.value})),
    })
}

fn top_json(top: &Top) -> Value {
    json!({
        "customer": top.customer,
        "frequency": top.rfm.frequency(),
        "silence": top.rfm.silence(),
        "probability_alive": top.value.probability_alive(),
        "expected_purchases": top.expected_purchases,
        "expected_spend": top.value.expected_spend(),
        "residual_value": top.value.value(),
        "interval": pair(value_interval(&top.value)),
    })
}

fn models_json([purchases, spend]: &[FitReport; 2]) -> Value {
    let fit = |report: &FitReport| {
        let mut pairs = vec![("model", Value::from(report.model()))];
        pairs.extend(fit_json(report));
        pairs.push(("curvature", Value::from(report.curvature())));
        pairs.push(("evaluations", Value::from(report.evaluations())));
        object(pairs)
    };
    json!({"purchases": fit(purchases), "spend": fit(spend)})
}

fn holdout_json(holdout: &Holdout) -> Value {
    let Holdout {
        split,
        models,
        check,
    } = holdout;
    let compared = |c: Compared| json!({"predicted": c.predicted, "actual": c.actual});
    let bins: Vec<Value> = check
        .bins
        .iter()
        .map(|bin| {
            json!({
                "from": bin.lower,
                "customers": bin.customers,
                "predicted": bin.predicted,
                "observed": bin.observed,
            })
        })
        .collect();
    let late = split.late_joiners();
    let names: Vec<&str> = late.iter().map(|l| l.customer().as_str()).collect();
    json!({
        "calibration_end": split.calibration_end().date_naive().to_string(),
        "end": split.holdout_end().date_naive().to_string(),
        "length": split.holdout().length(),
        "models": models_json(models),
        "customers": split.customers().len(),
        "purchases": compared(check.purchases),
        "value": compared(check.value),
        "mean_absolute_error": check.error,
        "naive": {
            "predicted": check.naive.0.predicted,
            "mean_absolute_error": check.naive.1,
        },
        "bins": bins,
        "brier": check.brier,
        "brier_of_base_rate": check.base_rate_brier,
        "late_joiners": {
            "customers": late.len(),
            "purchases": late.iter().map(|l| u64::from(l.transactions())).sum::<u64>(),
            "names": head(&names),
        },
    })
}

/// The ends of an interval.
pub(crate) fn pair(interval: Option<Interval>) -> Value {
    interval.map_or(Value::Null, |i| json!([i.lower(), i.upper()]))
}

/// The first names of a list.
fn head<'a>(names: &'a [&'a str]) -> &'a [&'a str] {
    &names[..names.len().min(NAMED)]
}
