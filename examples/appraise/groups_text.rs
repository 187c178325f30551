//! Metrics, segments, tiers and perceived value, as text.

use std::fmt::Write;

use guanxi::chrono::TimeDelta;
use guanxi::metric::Reported;
use guanxi::perceived::{MonroeRatio, PerceivedValueScore, RatioInterval};
use guanxi::quantity::{Estimate, Interval};
use guanxi::tier::{Tier, TierOutcome};

use crate::Order;
use crate::appraisal::Appraisal;
use crate::metrics::{Cohorts, Found, LEVEL, Metrics, Unit};
use crate::segments::{Groups, Place, Segments};
use crate::support::{Columns, counted, grouped, rounded, shortened, wrapped};
use crate::tiers::{Moves, Perceived, Tiers};

/// Characters of a line.
const WIDTH: usize = 100;

/// What is written where a group is too small.
const HIDDEN: &str = "*";

pub(crate) fn write_groups(text: &mut String, order: &Order, appraisal: &Appraisal) {
    write_metrics(text, order, &appraisal.metrics);
    write_segments(text, order, &appraisal.segments);
    write_tiers(text, order, &appraisal.tiers);
    write_perceived(text, appraisal.perceived.as_ref());
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
        "\nMetrics of {}, from {} to {}",
        of_whom(metrics.customers, metrics.not_modelled),
        start.date_naive(),
        order.as_of.date_naive()
    );
    let level = format!("{} % interval", LEVEL.value() * 100.0);
    let mut columns = Columns::new(1, ["measure", "value", &level, "n", "on the year before"]);
    for row in &metrics.rows {
        let name = format!(
            "{}{}",
            row.name,
            if row.whole_log { " (whole log)" } else { "" }
        );
        if let Ok(found) = &row.found {
            columns.row([
                name,
                amount(found.unit, found.value, order),
                range(found.unit, found.interval),
                format!("{} {}", grouped(found.n), found.of),
                change(found),
            ]);
        }
    }
    text.push_str(&columns.text());
    if metrics.rows.iter().any(|row| row.found.is_ok()) {
        text.push_str(
            "  An interval is where the value may lie among very many customers like these. It takes each \
             as one\n  drawn by chance: where few answer, and others than most, it is too narrow.\n",
        );
    }
    if let Some(cohorts) = &metrics.cohorts {
        write_cohorts(text, order, cohorts);
    }
    let unknown = metrics.rows.iter().filter_map(|row| {
        let why = row.found.as_ref().err()?;
        Some((row.name.as_str(), why.clone()))
    });
    let missing = metrics.missing.iter();
    let missing = missing.map(|m| (m.name(), format!("needs {}", m.needs())));
    write_unknown(text, unknown.chain(missing));
}

/// What cannot be told, and why.
fn write_unknown<'a>(text: &mut String, unknown: impl Iterator<Item = (&'a str, String)>) {
    let mut columns = Columns::new(2, ["this log cannot tell", ""]);
    let mut any = false;
    for (name, why) in unknown {
        any = true;
        let name = name.strip_prefix("the ").unwrap_or(name);
        columns.row([name.to_owned(), why]);
    }
    if any {
        text.push_str(&columns.text());
    }
}

fn amount(unit: Unit, value: f64, order: &Order) -> String {
    match unit {
        Unit::Share => format!("{} %", rounded(value * 100.0, 1)),
        Unit::Points => format!("{value:+.1}"),
        Unit::Number => rounded(value, 2),
        Unit::Minutes => format!("{} min", rounded(value, 0)),
        Unit::AmountAMonth => format!("{value:+.2} {} a month", order.currency),
    }
}

/// A number without its unit.
fn plain(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Share => rounded(value * 100.0, 1),
        Unit::Points => rounded(value, 1),
        Unit::Number | Unit::AmountAMonth => rounded(value, 2),
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
            "{:+.decimals$} ({}){}",
            change.difference().mean() * scale,
            range(found.unit, Some(change.interval())),
            if change.is_clear() { "" } else { " unclear" }
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
        "\nSegments of {}; value: their share of the value to come",
        of_whom(segments.modelled, segments.not_modelled)
    );
    let mut columns = Columns::new(2, ["by", "segment", "customers", "share", "value"]);
    for way in &segments.ways {
        if let Ok(groups) = &way.groups {
            rows_of(&mut columns, way.name, groups);
        }
    }
    text.push_str(&columns.text());
    write_hidden(text, order);
    if let Some(silhouette) = segments.silhouette {
        let _ = writeln!(
            text,
            "  needs are told apart with a silhouette of {silhouette:.2}: below 0.25 hardly, above 0.5 \
             clearly"
        );
    }
    text.push_str(
        "  relationship: cut at the medians of demand and of the probability to buy within a year; recent, \
         frequent:\n  the upper two fifths; value: half of it platinum, the next 30 % gold, 15 % iron. All \
         cuts are our choice.\n",
    );
    let mut columns = Columns::new(
        5,
        [
            "customer",
            "relationship",
            "stage",
            "value",
            "needs",
            "RFM",
            "at a discount",
        ],
    );
    for (customer, places) in &segments.shown {
        let of = |key| {
            places
                .get(key)
                .map_or("–".to_owned(), |place| word(place, segments))
        };
        columns.row([
            shortened(customer, 16),
            of("relation"),
            of("lifecycle"),
            of("value_matrix"),
            of("needs"),
            of("rfm"),
            of("price"),
        ]);
    }
    text.push_str(&columns.text());
    let unknown = segments.ways.iter().filter_map(|way| {
        let why = way.groups.as_ref().err()?;
        Some((way.name, why.clone()))
    });
    write_unknown(text, unknown);
}

fn rows_of(columns: &mut Columns, name: &str, groups: &Groups) {
    let all = groups.table.total().shown().copied().unwrap_or(0);
    let mut name = name.to_owned();
    for (group, found) in groups.names.iter().zip(groups.table.groups()) {
        let by = std::mem::take(&mut name);
        columns.row(match found {
            Reported::Shown((count, value)) => [
                by,
                group.clone(),
                grouped(*count),
                format!("{} %", rounded(*count as f64 / all as f64 * 100.0, 0)),
                value.map_or("–".to_owned(), |v| format!("{} %", rounded(v * 100.0, 0))),
            ],
            Reported::Suppressed { .. } => {
                let hidden = || HIDDEN.to_owned();
                [by, group.clone(), hidden(), hidden(), hidden()]
            }
        });
    }
    if groups.undecided > 0 {
        columns.row([
            name,
            "too little is known".to_owned(),
            grouped(groups.undecided),
            String::new(),
            String::new(),
        ]);
    }
}

fn write_hidden(text: &mut String, order: &Order) {
    if text
        .lines()
        .rev()
        .take(40)
        .any(|line| line.ends_with(HIDDEN))
    {
        let _ = writeln!(
            text,
            "  * fewer than {} customers, or it would tell of such a group (--smallest-group)",
            order.small.smallest()
        );
    }
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
        Place::Tier(cell) | Place::Matrix(cell) => cell.to_string().replace('_', " "),
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
    for (tier, count) in Tier::ALL.iter().zip(tiers.rungs.groups()) {
        columns.row([format!("{} {}", tier.name(), tier.term()), reported(count)]);
    }
    if tiers.not_modelled > 0 {
        let permit = "not permitted".to_owned();
        columns.row([permit, grouped(tiers.not_modelled)]);
    }
    text.push_str(&columns.text());
    if let (Some([lately, ever]), true) = (tiers.moves.shown(), tiers.tracked) {
        let _ = writeln!(
            text,
            "  moves beyond the first purchase, judged at every month end: {}; in the last year {}",
            moved(ever),
            moved(lately)
        );
    }
    write_gates(text, tiers);
    if !tiers.tracked {
        text.push_str(
            "  A log of transactions tells of the first rung alone: that somebody buys. Whether a customer is \
             close\n  is not known, which is not the same as not close.\n",
        );
        return;
    }
    for outcome in &tiers.shown {
        write_outcome(text, outcome);
    }
}

fn moved(moves: &Moves) -> String {
    let down: u64 = moves.down.values().sum();
    let mut text = format!("{} up, {} down", grouped(moves.up), grouped(down));
    if down > 0 {
        let causes = moves.down.iter();
        let causes: Vec<String> = causes.map(|(why, n)| format!("{n}: {why}")).collect();
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
            format!("{}, {:.2}", gate.gate.name(), gate.threshold),
            reported(&gate.known),
            reported(&gate.passed),
        ]);
    }
    text.push_str(&columns.text());
    for gate in &tiers.gates {
        if let Some(unknown) = &gate.unknown {
            let words = format!("{}: {unknown}", gate.gate.tier().name());
            text.push_str(&wrapped(&words, 2, WIDTH));
        }
    }
}

/// What is said of one customer, who leads the line.
fn write_outcome(text: &mut String, outcome: &TierOutcome) {
    let words = outcome.to_string();
    let words = words.strip_prefix("customer ").unwrap_or(&words);
    let mut parts = words.split("; ");
    text.push_str(&wrapped(parts.next().unwrap_or_default(), 2, WIDTH));
    for part in parts {
        text.push_str(&wrapped(part, 4, WIDTH));
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
    let _ = writeln!(
        text,
        "\nPerceived value: what customers say they get and give up, from 0 to 10\n  of {} who answered, \
         both sides are known of {}; to {} of these it is worth it",
        counted(perceived.answered, "customer", "customers"),
        reported(&perceived.valued),
        reported(&perceived.worthwhile)
    );
    if perceived.withheld > 0 {
        let _ = writeln!(
            text,
            "  {} not permit it",
            counted(perceived.withheld, "customer does", "customers do")
        );
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
