//! The four dimensions of the customers shown, as text.

use std::fmt::Write;

use guanxi::dimension::{ByDimension, Dimension, Feeling, Index, Knowledge, TrustBelief};
use guanxi::model::LifetimeValue;
use guanxi::quantity::Interval;
use guanxi::relationship::{CompositeOutcome, RelationshipChange, RelationshipValue, Standing};

use crate::appraisal::{Appraisal, value_interval};
use crate::dimensions::{EVENTS, Relationships, Shown};
use crate::support::{Columns, counted, grouped, rounded, shortened};
use crate::{Events, Order};

/// Customers named who do not permit a composite.
const NAMED: usize = 10;

pub(crate) fn write_relationships(text: &mut String, order: &Order, appraisal: &Appraisal) {
    let relationships = &appraisal.relationships;
    let _ = writeln!(
        text,
        "\nThe four dimensions of {}",
        match (&order.customer, &order.events) {
            (Some(name), _) => shortened(name, 40),
            (None, Events::Transactions(_)) => format!(
                "the {} worth most",
                counted(relationships.shown.len() as u64, "customer", "customers")
            ),
            (None, Events::Interactions(_)) => format!(
                "the {} with the highest composite",
                counted(relationships.shown.len() as u64, "customer", "customers")
            ),
        }
    );
    write_rules(text, relationships);
    if order.customer.is_none() {
        write_census(text, order, relationships);
    }
    let no_model = appraisal.valued.as_ref().err();
    let no_model = no_model.map_or("no median value to compare with", String::as_str);
    for shown in &relationships.shown {
        write_shown(text, order, shown, no_model);
    }
    text.push_str(
        "\n  ± is one sd. An event's share is what it adds to the evidence, to a purchase what the index \
         rises\n  when it is added to those before it; it says nothing of causes.\n",
    );
}

/// What the numbers refer to.
fn write_rules(text: &mut String, relationships: &Relationships) {
    let (frame, policy) = (&relationships.frame, &relationships.policy);
    let median = frame
        .median_value()
        .map_or("none".to_owned(), |(v, currency)| {
            format!("{} {currency}", rounded(v, 2))
        });
    let _ = writeln!(
        text,
        "  frame {}: {} as of {}, median value {median}",
        frame.id(),
        counted(frame.customers(), "customer", "customers"),
        frame.taken_at().date_naive(),
    );
    let _ = writeln!(
        text,
        "  rules: composition {}, dimensions {}, evidence {}",
        policy.id(),
        frame.rules().id(),
        relationships.evidence
    );
    let weights = Dimension::ALL.map(|d| format!("{d} {:.2}", policy.weights().get(d)));
    let _ = writeln!(
        text,
        "  weights ({}): {};\n  {} mean, the geometric beside it; intervals of {} %; no composite below a \
         coverage of {:.2}",
        policy.weights().source(),
        weights.join(", "),
        policy.aggregation().name(),
        policy.level().value() * 100.0,
        policy.least_coverage()
    );
}

/// How many have a composite, and why the others have none.
fn write_census(text: &mut String, order: &Order, relationships: &Relationships) {
    if matches!(order.events, Events::Transactions(_)) {
        text.push_str("  a log of transactions tells of the economic dimension alone\n");
        return;
    }
    let [composed, too_little, not_modelled] = census(&relationships.everyone);
    let _ = writeln!(
        text,
        "  of {} customers {} have a composite; of {} too little is known; {} not modelled",
        grouped(relationships.everyone.len() as u64),
        grouped(composed),
        grouped(too_little),
        counted(not_modelled, "is", "are"),
    );
    for (value, reason) in not_modelled_of(&relationships.everyone).take(NAMED) {
        let _ = writeln!(
            text,
            "    {}: {reason}",
            shortened(value.customer().as_str(), 40)
        );
    }
}

/// How many have a composite, of how many too little is known, and how many do not permit it.
pub(crate) fn census(everyone: &[RelationshipValue]) -> [u64; 3] {
    let mut counts = [0; 3];
    for value in everyone {
        let place = match value.composite() {
            CompositeOutcome::Composed(_) => 0,
            CompositeOutcome::NotModelled(_) => 2,
            _ => 1,
        };
        counts[place] += 1;
    }
    counts
}

/// Who does not permit a composite, and why there is none.
pub(crate) fn not_modelled_of(
    everyone: &[RelationshipValue],
) -> impl Iterator<Item = (&RelationshipValue, String)> {
    everyone.iter().filter_map(|value| match value.composite() {
        CompositeOutcome::NotModelled(withheld) => Some((value, withheld.to_string())),
        _ => None,
    })
}

/// Why there is no composite, if there is none.
pub(crate) fn no_composite(value: &RelationshipValue) -> Option<String> {
    match value.composite() {
        CompositeOutcome::Composed(_) => None,
        none => Some(none.to_string()),
    }
}

fn write_shown(text: &mut String, order: &Order, shown: &Shown, no_model: &str) {
    let value = shown.explanation.value();
    let _ = write!(text, "\n  {}: ", shortened(value.customer().as_str(), 40));
    match (value.composite().composite(), no_composite(value)) {
        (Some(composite), _) => {
            let _ = writeln!(
                text,
                "composite {:.3} ({}), geometric {:.3}, coverage {:.2}",
                composite.arithmetic(),
                value
                    .interval()
                    .map_or("no interval".to_owned(), |i| ends(i, 3)),
                composite.geometric(),
                value.coverage()
            );
        }
        (None, reason) => {
            let _ = writeln!(text, "{}", reason.unwrap_or_default());
        }
    }
    if value.is_loss_making() == Some(true) {
        text.push_str("    expected to cost more than it brings\n");
    }
    if value.trust().native().is_some_and(TrustBelief::is_broken) {
        text.push_str("    trust is broken\n");
    }
    let mut columns = Columns::new(1, ["", "index", "sd", "n"]);
    for dimension in Dimension::ALL {
        columns.row(row(value, dimension));
    }
    let native = [
        native(value.economic(), no_model, |v| economic(v, order)),
        native(value.trust(), no_model, trust),
        native(value.emotional(), no_model, emotional),
        native(value.information(), no_model, information),
    ];
    let table = columns.text();
    let heading = table.lines().next().map(str::len).unwrap_or_default();
    for (line, native) in table.lines().skip(1).zip(native) {
        let _ = writeln!(text, "  {line:heading$}  {native}");
    }
    for withheld in value.withheld() {
        let _ = writeln!(text, "    withheld: {withheld}");
    }
    write_largest(text, shown);
    if let Some(change) = &shown.change {
        write_change(text, order, change);
    }
}

/// The name and index of a dimension; what was not measured has none.
fn row(value: &RelationshipValue, dimension: Dimension) -> [String; 4] {
    let measured = |of: fn(Index) -> f64, decimals| {
        let index = value.index(dimension);
        index.map_or("–".to_owned(), |index| rounded(of(index), decimals))
    };
    [
        dimension.to_string(),
        measured(Index::mean, 3),
        index_sd(value, dimension),
        measured(|index| index.estimate().n_eff(), 1),
    ]
}

fn index_sd(value: &RelationshipValue, dimension: Dimension) -> String {
    let index = value.index(dimension);
    index.map_or("–".to_owned(), |i| {
        format!("± {}", rounded(i.estimate().sd(), 3))
    })
}

/// What a dimension says in its own unit, or why it says nothing.
fn native<N>(standing: &Standing<N>, no_model: &str, say: impl FnOnce(&N) -> String) -> String {
    match (standing, standing.native()) {
        (_, Some(native)) => say(native),
        (Standing::Unreadable(reason), _) => format!("withheld: {reason}"),
        (Standing::NoModel, _) => format!("no model: {no_model}"),
        _ => "no evidence".to_owned(),
    }
}

fn economic(value: &LifetimeValue, order: &Order) -> String {
    format!(
        "{} {} to come ({}), P(alive) {:.2}",
        rounded(value.value(), 2),
        order.currency,
        value_interval(value).map_or("no interval".to_owned(), |i| ends(i, 2)),
        value.probability_alive()
    )
}

fn trust(belief: &TrustBelief) -> String {
    let weakest = belief.weakest_facet().map_or(String::new(), |facet| {
        format!(", weakest in {}", format!("{facet:?}").to_lowercase())
    });
    let interval = belief.interval();
    format!(
        "mean of Beta({}, {}) ({}){weakest}",
        rounded(belief.alpha(), 1),
        rounded(belief.beta(), 1),
        interval.map_or("no interval".to_owned(), |i| ends(i, 2)),
    )
}

fn emotional(feeling: &Feeling) -> String {
    let valence = feeling.valence();
    format!(
        "valence {:+.2} ± {:.2}, from −1 to 1",
        valence.mean(),
        valence.sd()
    )
}

fn information(knowledge: &Knowledge) -> String {
    format!(
        "profile {:.2}, preferences {:.2} bits, feedback {:.1}",
        knowledge.profile().mean(),
        knowledge.gain_bits(),
        knowledge.feedback()
    )
}

/// The events that moved it most.
fn write_largest(text: &mut String, shown: &Shown) {
    let composed = shown.explanation.value().composite().composite().is_some();
    let largest = shown.explanation.largest(EVENTS);
    if largest.is_empty() {
        return;
    }
    let mut columns = Columns::new(4, ["moved most by", "", "", "", "index", "composite"]);
    for moved in largest {
        columns.row([
            shortened(moved.event.id.as_str(), 24),
            moved.event.at.date_naive().to_string(),
            moved.event.kind.clone(),
            moved.dimension.to_string(),
            format!("{:+.4}", moved.index),
            amount(moved.composite.filter(|_| composed)),
        ]);
    }
    push_indented(text, &columns.text());
}

/// What changed, and through what.
fn write_change(text: &mut String, order: &Order, change: &RelationshipChange) {
    let since = order.changed_since.unwrap_or(order.as_of).date_naive();
    let composed = [change.before(), change.after()].map(|v| v.composite().composite());
    let composite = match composed {
        [Some(before), Some(after)] => format!(
            "composite {:.3} to {:.3}{}",
            before.value(),
            after.value(),
            change
                .composite_of_time()
                .map_or(String::new(), |time| format!(", {time:+.3} by time alone"))
        ),
        [None, Some(after)] => format!("composite from none to {:.3}", after.value()),
        [Some(before), None] => format!("composite from {:.3} to none", before.value()),
        [None, None] => "no composite".to_owned(),
    };
    let _ = writeln!(
        text,
        "    since {since}: {composite}; {}",
        change.dimension().map_or_else(
            || "nothing moved".to_owned(),
            |most| format!("the {most} dimension moved most"),
        )
    );
    let of = |indices: ByDimension<f64>| {
        Dimension::ALL
            .map(|d| format!("{d} {:+.3}", indices[d]))
            .join(", ")
    };
    let _ = writeln!(text, "      in all {}", of(change.indices()));
    let _ = writeln!(text, "      time alone {}", of(change.time()));
    let both = composed.iter().all(Option::is_some);
    let mut columns = Columns::new(4, ["did most", "", "", "", "index", "composite"]);
    let largest = largest_changes(change);
    for event in &largest {
        let indices = event.indices();
        let most = most(&indices);
        columns.row([
            shortened(event.event().id.as_str(), 24),
            event.event().at.date_naive().to_string(),
            event.event().kind.clone(),
            most.to_string(),
            format!("{:+.4}", indices[most]),
            amount(event.composite().filter(|_| both)),
        ]);
    }
    if !largest.is_empty() {
        push_indented(text, &columns.text());
    }
}

/// The events that did most and did anything.
pub(crate) fn largest_changes(
    change: &RelationshipChange,
) -> Vec<&guanxi::relationship::EventChange> {
    let mut largest = change.largest(EVENTS);
    largest.retain(|event| event.indices().iter().any(|(_, moved)| moved.abs() > 0.0));
    largest
}

/// The dimension that moved most.
fn most(indices: &ByDimension<f64>) -> Dimension {
    let mut most = Dimension::Economic;
    for dimension in Dimension::ALL {
        if indices[dimension].abs() > indices[most].abs() {
            most = dimension;
        }
    }
    most
}

/// A share of the composite, where there is one.
fn amount(composite: Option<f64>) -> String {
    composite.map_or("–".to_owned(), |composite| format!("{composite:+.4}"))
}

fn ends(interval: Interval, decimals: usize) -> String {
    format!(
        "{} % {} to {}",
        interval.level().value() * 100.0,
        rounded(interval.lower(), decimals),
        rounded(interval.upper(), decimals)
    )
}

fn push_indented(text: &mut String, lines: &str) {
    for line in lines.lines() {
        let _ = writeln!(text, "  {line}");
    }
}
