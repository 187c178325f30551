//! Metrics, segments, tiers and perceived value, as text.

use std::collections::BTreeSet;
use std::fmt::Write;

use guanxi::chrono::TimeDelta;
use guanxi::metric::Reported;
use guanxi::perceived::{MonroeRatio, PerceivedValueScore, RatioInterval};
use guanxi::quantity::{Estimate, Interval};
use guanxi::segment::ValueTier;
use guanxi::tier::{Attribute, Gate, TierOutcome};

use crate::Order;
use crate::appraisal::Appraisal;
use crate::metrics::{Cohorts, Found, LEVEL, Metrics, Unit, few};
use crate::segments::{Groups, Place, Segments};
use crate::support::{Columns, counted, grouped, rounded, shortened, wrapped};
use crate::tiers::{Moves, Perceived, Tiers};

/// Characters of a line.
const WIDTH: usize = 100;

/// Customers of whom every reason for their rung is given.
const EXPLAINED: usize = 2;

/// What is written where no customer may be looked at.
const NOBODY: &str = "  nobody permits it\n";

/// What is written where a group is too small.
const HIDDEN: &str = "*";

pub(crate) fn write_groups(text: &mut String, order: &Order, appraisal: &Appraisal) {
    let start = text.len();
    write_metrics(text, order, &appraisal.metrics);
    write_segments(text, order, &appraisal.segments);
    write_tiers(text, order, &appraisal.tiers);
    write_perceived(text, appraisal.perceived.as_ref());
    let written = text.get(start..).unwrap_or_default();
    let legend = legend(order);
    if written.contains(&format!(" {HIDDEN}")) && !written.contains(&legend) {
        text.push_str(&legend);
    }
}

/// What it means that a group is hidden.
fn legend(order: &Order) -> String {
    format!(
        "  {HIDDEN} a group of fewer than {}, or one that would tell of such a group (--smallest-group)\n",
        order.small.smallest()
    )
}

/// How many it is about, and how many it is not.
fn of_whom(modelled: u64, not_modelled: u64) -> String {
    let mut text = counted(modelled, "customer", "customers");
    if not_modelled > 0 {
        let permit = if not_modelled == 1 { "does" } else { "do" };
        let _ = write!(text, " ({} {permit} not permit it)", grouped(not_modelled));
    }
    text
}

fn write_metrics(text: &mut String, order: &Order, metrics: &Metrics) {
    let start = metrics.year.start() + TimeDelta::nanoseconds(1);
    let _ = writeln!(
        text,
        "\nMetrics of {}, from {} to {}; of answers the last of each",
        of_whom(metrics.customers, metrics.not_modelled),
        start.date_naive(),
        order.as_of.date_naive()
    );
    if metrics.customers == 0 {
        text.push_str(NOBODY);
        return;
    }
    let level = format!("{} % interval", LEVEL.value() * 100.0);
    let found = || {
        metrics
            .rows
            .iter()
            .filter_map(|row| Some((row, row.found.as_ref().ok()?)))
    };
    let changes = found().any(|(_, found)| found.change.is_some());
    let change_since = if changes { "on the year before" } else { "" };
    let headings = ["", "value", &level, "n", change_since];
    let mut columns = Columns::new(1, headings);
    for (row, found) in found() {
        let whole = if row.whole_log { ", whole log" } else { "" };
        columns.row([
            format!("{}{whole}", row.name),
            amount(found.unit, found.value, order),
            range(found.unit, found.interval),
            format!("{} {}", grouped(found.n), found.of),
            change(found),
        ]);
    }
    text.push_str(&columns.text());
    if found().next().is_some() {
        text.push_str(
            "  interval: 95 of 100 such hold the value of all customers like these, if those in the log are \
             a random part
  of them; where only some answer, they may miss it. Of value: as if that of \
             each were known exactly
",
        );
    }
    if changes {
        text.push_str("  a change is clear if its interval leaves out 0; taken as if other customers had been asked\n");
    }
    if let Some(cohorts) = &metrics.cohorts {
        write_cohorts(text, order, cohorts);
    }
    let few = few(order.small);
    let (small, unknown): (Vec<_>, Vec<_>) = metrics
        .rows
        .iter()
        .filter_map(|row| Some((row.name.as_str(), row.found.as_ref().err()?.clone())))
        .partition(|(_, why)| *why == few);
    if !small.is_empty() {
        let names: Vec<&str> = small.iter().map(|(name, _)| *name).collect();
        let words = format!("{few}: {}", names.join("; "));
        text.push_str(&wrapped(&words, 2, WIDTH));
    }
    let unknown = unknown.into_iter();
    let missing = metrics.missing.iter();
    let missing = missing.map(|m| (m.name(), format!("needs {}", m.needs())));
    write_unknown(text, unknown.chain(missing));
}

/// What cannot be told, and why.
fn write_unknown<'a>(text: &mut String, unknown: impl Iterator<Item = (&'a str, String)>) {
    let unknown: Vec<(&str, String)> = unknown
        .map(|(name, why)| (name.strip_prefix("the ").unwrap_or(name), why))
        .collect();
    let Some(longest) = unknown.iter().map(|(name, _)| name.chars().count()).max() else {
        return;
    };
    text.push_str("  this log cannot tell\n");
    for (name, why) in &unknown {
        let lines = wrapped(why, longest + 6, WIDTH);
        let _ = write!(text, "    {name:longest$}  {}", lines.trim_start());
    }
}

fn amount(unit: Unit, value: f64, order: &Order) -> String {
    match unit {
        Unit::Share => format!("{} %", rounded(value * 100.0, 1)),
        Unit::Points => format!("{value:+.1}"),
        Unit::Number => rounded(value, 2),
        Unit::Index => rounded(value, 4),
        Unit::Minutes => format!("{} min", rounded(value, 0)),
        Unit::AmountAMonth => format!("{value:+.2} {}", order.currency),
    }
}

/// A number without its unit.
fn plain(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Share => rounded(value * 100.0, 1),
        Unit::Points => rounded(value, 1),
        Unit::Number | Unit::AmountAMonth => rounded(value, 2),
        Unit::Index => rounded(value, 4),
        Unit::Minutes => rounded(value, 0),
    }
}

fn range(unit: Unit, interval: Option<Interval>) -> String {
    interval.map_or("–".to_owned(), |i| {
        format!("{} to {}", plain(unit, i.lower()), plain(unit, i.upper()))
    })
}

/// By how much it changed, and whether clearly.
fn change(found: &Found) -> String {
    found.change.map_or(String::new(), |change| {
        let scale = if found.unit == Unit::Share {
            100.0
        } else {
            1.0
        };
        let decimals = if found.unit == Unit::Number { 2 } else { 1 };
        format!(
            "{:+.decimals$} ({})",
            change.difference().mean() * scale,
            range(found.unit, Some(change.interval()))
        )
    })
}

fn write_cohorts(text: &mut String, order: &Order, cohorts: &Cohorts) {
    let Cohorts {
        months,
        rows,
        pooled,
    } = cohorts;
    let _ = writeln!(
        text,
        "  Buying again: per cent of those who joined, by periods of {} since",
        counted(u64::from(*months), "month", "months")
    );
    let cells = |name: String, (joined, active): &(u64, Vec<f64>)| {
        let active = active.iter().map(|share| rounded(share * 100.0, 0));
        [name, grouped(*joined)].into_iter().chain(active).collect()
    };
    let mut lines: Vec<Vec<String>> = Vec::new();
    for (before, row) in rows {
        let from = *before + TimeDelta::nanoseconds(1);
        if let Some(row) = row.shown() {
            lines.push(cells(format!("from {}", from.date_naive()), row));
        }
    }
    lines.extend(pooled.shown().map(|all| cells("all".to_owned(), all)));
    let mut headings = vec!["joined".to_owned(), "customers".to_owned()];
    headings.extend((1..rows.len()).map(|age| age.to_string()));
    text.push_str(&Columns::of(1, headings, lines).text());
    let hidden = rows.iter().filter(|(_, row)| row.shown().is_none()).count() as u64;
    if hidden > 0 {
        let _ = writeln!(
            text,
            "  {} not shown: fewer than {} joined, or it would tell of such a one",
            counted(hidden, "period is", "periods are"),
            order.small.smallest()
        );
    }
}

fn write_segments(text: &mut String, order: &Order, segments: &Segments) {
    let _ = writeln!(
        text,
        "\nSegments of {}; value: their share of what is to come",
        of_whom(segments.modelled, segments.not_modelled)
    );
    if segments.modelled == 0 {
        text.push_str(NOBODY);
        return;
    }
    let mut columns = Columns::new(2, ["by", "segment", "customers", "share", "value"]);
    let mut hidden = false;
    for way in &segments.ways {
        if let Ok(groups) = &way.groups {
            hidden |= rows_of(&mut columns, way.name, groups);
        }
    }
    text.push_str(&columns.text());
    if hidden {
        text.push_str(&legend(order));
    }
    if let Some(silhouette) = segments.silhouette {
        let _ = writeln!(
            text,
            "  needs: silhouette {silhouette:.2}; below 0.25 the segments are hardly apart, above 0.5 clearly"
        );
    }
    text.push_str(
        "  Cuts are our choice: relationship, the medians of demand and of the chance to buy within a year; \
         value,\n  platinum brings half of it, gold the next 30 %, iron 15 %; recent, frequent, the upper two \
         fifths\n",
    );
    let mut shown: Vec<(&str, &str)> = vec![
        ("relation", "relationship"),
        ("lifecycle", "stage"),
        ("value_matrix", "value now → to come"),
        ("needs", "needs"),
        ("rfm", "RFM, of 5"),
        ("price", "at a discount"),
    ];
    shown.retain(|(key, _)| {
        segments
            .ways
            .iter()
            .any(|w| w.key == *key && w.groups.is_ok())
    });
    let headings = std::iter::once("customer").chain(shown.iter().map(|(_, heading)| *heading));
    let rows = segments.shown.iter().map(|(customer, places)| {
        let words = shown.iter().map(|(key, _)| {
            let place = places.get(key);
            place.map_or("–".to_owned(), |place| word(place, segments))
        });
        std::iter::once(shortened(customer, 16))
            .chain(words)
            .collect()
    });
    let columns = Columns::of(
        1 + shown.len(),
        headings.map(str::to_owned).collect(),
        rows.collect(),
    );
    text.push_str(&columns.text());
    let unknown = segments.ways.iter().filter_map(|way| {
        let why = way.groups.as_ref().err()?;
        Some((way.name, why.clone()))
    });
    write_unknown(text, unknown);
}

/// The groups of one way; whether some are hidden.
fn rows_of(columns: &mut Columns, name: &str, groups: &Groups) -> bool {
    let mut by = name.to_owned();
    for (group, found) in groups.names.iter().zip(&groups.rows) {
        if let Reported::Shown((count, value)) = found {
            columns.row([
                std::mem::take(&mut by),
                group.clone(),
                grouped(*count),
                format!(
                    "{} %",
                    rounded(*count as f64 / groups.customers as f64 * 100.0, 0)
                ),
                value.map_or("–".to_owned(), |v| format!("{} %", rounded(v * 100.0, 0))),
            ]);
        }
    }
    let rest = |by, what: &str, count: String| {
        let none = String::new;
        [by, what.to_owned(), count, none(), none()]
    };
    let mut hidden = groups.rows.iter().any(|group| group.shown().is_none());
    if hidden {
        let what = if by.is_empty() {
            "the others"
        } else {
            "each of them"
        };
        columns.row(rest(std::mem::take(&mut by), what, HIDDEN.to_owned()));
    }
    if let Some(undecided) = &groups.undecided {
        hidden |= undecided.shown().is_none();
        columns.row(rest(by, "too little is known", reported(undecided)));
    }
    hidden
}

/// The place of one customer.
fn word(place: &Place, segments: &Segments) -> String {
    match place {
        Place::Relation(member) => {
            let class = member.class();
            let probability = member.probability(class);
            format!("{class} {probability:.2}")
        }
        Place::Stage(life) => life.to_string(),
        Place::Tier(cell) | Place::Matrix(cell) => {
            let name = |tier: ValueTier| tier.name().replace('_', " ");
            format!("{} → {}", name(cell.current), name(cell.potential))
        }
        Place::Rfm(scores) => scores.to_string(),
        Place::Price(price) => format!("{} %", rounded(price.share.mean() * 100.0, 0)),
        Place::Needs(needs) => segments.needs_name(needs.segment).to_owned(),
    }
}

fn reported(count: &Reported<u64>) -> String {
    count.shown().map_or(HIDDEN.to_owned(), |n| grouped(*n))
}

fn write_tiers(text: &mut String, order: &Order, tiers: &Tiers) {
    let _ = writeln!(
        text,
        "\nTiers: how close the relationships are, as of {}",
        order.as_of.date_naive()
    );
    let mut columns = Columns::new(1, ["rung", "customers"]);
    for (tier, count) in &tiers.rungs {
        columns.row([tier.name().to_owned(), reported(count)]);
    }
    if let Some(count) = &tiers.none_yet {
        columns.row(["no transaction yet".to_owned(), reported(count)]);
    }
    if tiers.not_modelled > 0 {
        columns.row(["not permitted".to_owned(), grouped(tiers.not_modelled)]);
    }
    text.push_str(&columns.text());
    let nobody = tiers.rungs.is_empty() && tiers.none_yet.is_none();
    if let Some([lately, ever]) = tiers.moves.as_ref().filter(|_| !nobody) {
        let words = if ever.any {
            format!("{}; in the last year {}", moved(ever), moved(lately))
        } else {
            "none".to_owned()
        };
        let words = format!("moves beyond the first purchase, judged at month ends: {words}");
        text.push_str(&wrapped(&words, 2, WIDTH));
    }
    if nobody {
        text.push_str(NOBODY);
        return;
    }
    write_gates(text, tiers);
    if tiers.moves.is_none() {
        text.push_str(
            "  So a log of transactions tells of the first rung alone: somebody buys. Whether a customer is \
             closer\n  than that is not known, which is not the same as not closer.\n",
        );
        return;
    }
    write_shown(text, &tiers.shown);
}

/// Where each customer shown stands and what is advised, and the reasons for the first few.
fn write_shown(text: &mut String, shown: &[TierOutcome]) {
    let headings = [
        "customer",
        "rung",
        "since",
        "fits up to",
        "advised",
        "investment",
    ];
    let mut columns = Columns::new(6, headings);
    for report in shown.iter().filter_map(TierOutcome::report) {
        let none = || "–".to_owned();
        columns.row([
            shortened(report.customer().as_str(), 16),
            report.rung().name().to_owned(),
            report
                .since()
                .map_or_else(none, |at| at.date_naive().to_string()),
            report.fitting_ceiling().name().to_owned(),
            report
                .recommended()
                .map_or_else(none, |tier| tier.name().to_owned()),
            report
                .appropriateness()
                .map_or_else(none, |how| format!("{how:?}").to_lowercase()),
        ]);
    }
    if shown.iter().any(|outcome| outcome.report().is_some()) {
        text.push_str(&columns.text());
    }
    for outcome in shown.iter().take(EXPLAINED) {
        write_outcome(text, outcome);
    }
    if shown.len() > EXPLAINED {
        text.push_str("  the reasons of the others: --customer ID, or --json\n");
    }
}

fn moved(moves: &Moves) -> String {
    let mut text = format!("{} up, {} down", reported(&moves.up), reported(&moves.down));
    let causes = moves.causes.iter();
    let causes: Vec<String> = causes
        .filter_map(|(why, n)| Some(format!("{}: {why}", grouped(*n.shown()?))))
        .collect();
    if !causes.is_empty() {
        let _ = write!(text, " ({})", causes.join("; "));
    }
    text
}

/// What is known of the gates, and what of none.
fn write_gates(text: &mut String, tiers: &Tiers) {
    let mut columns = Columns::new(2, ["to be", "asks for", "known of", "reached by"]);
    for gate in tiers.gates.iter().filter(|gate| gate.unknown.is_none()) {
        columns.row([
            gate.gate.tier().name().to_owned(),
            match gate.gate {
                Gate::FirstTransaction | Gate::AllianceTie => gate.gate.name().to_owned(),
                _ => format!("{}, {:.2}", gate.gate.name(), gate.threshold),
            },
            reported(&gate.known),
            reported(&gate.passed),
        ]);
    }
    text.push_str(&columns.text());
    let unknown: BTreeSet<Attribute> = tiers.gates.iter().filter_map(|gate| gate.unknown).collect();
    let unknown = unknown.iter();
    write_unknown(
        text,
        unknown.map(|of| (of.name(), of.would_tell().to_owned())),
    );
}

/// What is said of one customer, a line for each thing that matters.
fn write_outcome(text: &mut String, outcome: &TierOutcome) {
    let words = outcome.to_string();
    let words = words.strip_prefix("customer ").unwrap_or(&words);
    for (number, line) in words.lines().enumerate() {
        let (first, rest) = if number == 0 { (2, 4) } else { (4, 6) };
        let wrapped = wrapped(line, rest, WIDTH);
        let _ = write!(text, "{}{}", " ".repeat(first), wrapped.trim_start());
    }
}

fn write_perceived(text: &mut String, perceived: Option<&Perceived>) {
    let Some(perceived) = perceived else {
        text.push_str(
            "\nPerceived value: not in this log; it needs survey_item answers on perceived_benefit and \
             perceived_sacrifice\n",
        );
        return;
    };
    text.push_str("\nPerceived value: what customers say they get and give up, from 0 to 10\n");
    let answered = match perceived.answered.shown() {
        Some(&customers) => counted(customers, "customer", "customers"),
        None => format!("{HIDDEN} customers"),
    };
    let _ = if perceived.valued.shown() == Some(&0) {
        writeln!(
            text,
            "  {answered} answered, nobody on enough of both sides to weigh them"
        )
    } else {
        writeln!(
            text,
            "  {answered} answered; of {} both sides are known, and to {} of these it is worth it",
            reported(&perceived.valued),
            reported(&perceived.worthwhile)
        )
    };
    if let Some(withheld) = &perceived.withheld {
        let _ = writeln!(text, "  not permitted by {}", reported(withheld));
    }
    if !perceived.unmapped.is_empty() {
        let items: Vec<&str> = perceived.unmapped.iter().map(String::as_str).collect();
        let words = format!(
            "left out, since the table of components does not know them: answers on {}",
            items.join(", ")
        );
        text.push_str(&wrapped(&words, 2, WIDTH));
    }
    let groups: Vec<String> = perceived
        .quadrants
        .iter()
        .map(|(name, count)| format!("{name} {}", reported(count)))
        .collect();
    if !groups.is_empty() {
        let _ = writeln!(
            text,
            "  against what they are used to and what rivals offer: {}",
            groups.join(", ")
        );
    }
    if perceived.shown.is_empty() {
        return;
    }
    let ratio = format!("ratio, {} % interval", perceived.level * 100.0);
    let mut columns = Columns::new(
        1,
        [
            "customer",
            "benefit",
            "sacrifice",
            "net",
            &ratio,
            "exchange",
        ],
    );
    for score in &perceived.shown {
        columns.row(perceived_row(score));
    }
    text.push_str(&columns.text());
}

fn perceived_row(score: &PerceivedValueScore) -> [String; 6] {
    let side = |total: Option<Estimate>| {
        total.map_or("–".to_owned(), |e| {
            format!("{:.1} ± {:.1}", e.mean(), e.sd())
        })
    };
    let ratio = match score.ratio() {
        Some(MonroeRatio::Finite(ratio)) => {
            let interval = score.ratio_interval().and_then(RatioInterval::interval);
            let ends = interval.map_or("no upper end".to_owned(), |i| {
                format!("{:.2} to {:.2}", i.lower(), i.upper())
            });
            format!("{ratio:.2} ({ends})")
        }
        Some(MonroeRatio::Unbounded) => "unbounded".to_owned(),
        _ => "–".to_owned(),
    };
    let quadrant = score.exchange().quadrant();
    [
        shortened(score.customer().as_str(), 16),
        side(score.benefits().total()),
        side(score.sacrifices().total()),
        score.net().map_or("–".to_owned(), |net| {
            format!("{:+.1} ± {:.1}", net.mean(), net.sd())
        }),
        ratio,
        quadrant.map_or("–".to_owned(), |quadrant| quadrant.name().to_owned()),
    ]
}
