//! The appraisal as text.

use std::fmt::Write;

use guanxi::model::Boundary;
use guanxi::quantity::{Interval, Money};
use guanxi::summary::CalibrationSplit;

use crate::appraisal::{
    Appraisal, Holdout, Valued, WEEKS, equity_interval, horizon, unvalued, value_interval,
    whale_peak,
};
use crate::groups_text::write_groups;
use crate::interactions::Counts;
use crate::relationship_text::write_relationships;
use crate::support::{
    Columns, Compared, HoldoutCheck, counted, fit_text, grouped, rounded, shortened, significant,
};
use crate::{Events, Order};

/// A relative error of the total from which on the models are not to be trusted.
const ACCEPTED: f64 = 0.20;

/// Names shown of a list of customers.
const NAMED: usize = 5;

pub(crate) fn to_text(order: &Order, appraisal: &Appraisal) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "What the customers in {} are worth as of {}\n",
        order.file_name(),
        order.as_of.date_naive()
    );
    write_read(&mut text, order, appraisal);
    match &appraisal.valued {
        Ok(valued) => write_valued(&mut text, order, valued),
        Err(reason) => {
            let _ = writeln!(text, "\nNo model of purchases and spend: {reason}");
        }
    }
    write_relationships(&mut text, order, appraisal);
    write_groups(&mut text, order, appraisal);
    text
}

fn write_valued(text: &mut String, order: &Order, valued: &Valued) {
    let [purchases, spend] = &valued.models;
    let _ = writeln!(
        text,
        "\nPurchases: {} in {}s, fitted to everything up to {}",
        purchases.model(),
        order.unit,
        order.as_of.date_naive()
    );
    text.push_str(&fit_text(purchases));
    let _ = writeln!(text, "\nSpend: {} in {}", spend.model(), order.currency);
    text.push_str(&fit_text(spend));
    write_top(text, order, valued);
    write_equity(text, order, valued);
    write_holdout(text, order, valued);
}

fn write_read(text: &mut String, order: &Order, appraisal: &Appraisal) {
    let log = &order.log;
    let policy = log.base.policy();
    let _ = writeln!(
        text,
        "Read: {}, {} to {}",
        match &order.events {
            Events::Transactions(_) => counted(log.rows, "row", "rows"),
            Events::Interactions(_) => counted(log.rows, "line", "lines"),
        },
        log.first.date_naive(),
        log.last.date_naive()
    );
    match &order.events {
        Events::Interactions(interactions) => write_counts(text, &interactions.counts),
        Events::Transactions(_) => text.push_str(
            "  it has no place for consent: whoever runs this answers for it that its customers permit \
             an analysis\n",
        ),
    }
    let _ = writeln!(
        text,
        "  purchases {}, returns {}",
        money(appraisal.purchases),
        money(appraisal.returns)
    );
    let unseen = (order.as_of - log.last).num_days();
    if unseen > 0 {
        let _ = writeln!(
            text,
            "  caution: the log ends {unseen} days before the instant asked about; they count as \
             days on which\n  nobody bought, so be sure that it was observed until then"
        );
    }
    let _ = writeln!(
        text,
        "  rules: one transaction a {}; returns: {}; zero-value orders: {};\n  mean spend of {}",
        order.dedupe,
        policy.returns().name(),
        policy.zero_value().name(),
        policy.spend()
    );
    let counts: Vec<(String, String)> = appraisal
        .rules
        .to_string()
        .lines()
        .filter_map(|line| {
            let (count, words) = line.split_once(' ')?;
            Some((grouped(count.parse().ok()?), words.to_owned()))
        })
        .collect();
    let width = counts.iter().map(|(count, _)| count.len()).max();
    for (count, words) in &counts {
        let _ = writeln!(text, "  {count:>0$}  {words}", width.unwrap_or(0));
    }
}

/// What the lines of a log of interactions were.
fn write_counts(text: &mut String, counts: &Counts) {
    let _ = writeln!(
        text,
        "  {} kept; {}; {} passed over; {}, for which\n  {} erased",
        grouped(counts.kept),
        counted(counts.corrections, "correction", "corrections"),
        counted(counts.duplicates, "duplicate", "duplicates"),
        counted(
            counts.erasure_requests,
            "erasure request",
            "erasure requests"
        ),
        counted(counts.erased, "interaction was", "interactions were"),
    );
    for (kind, count) in &counts.unknown_kinds {
        let _ = writeln!(
            text,
            "  {} of the unknown kind {}: fed to nothing",
            counted(*count, "interaction", "interactions"),
            shortened(kind, 40)
        );
    }
}

fn write_top(text: &mut String, order: &Order, valued: &Valued) {
    let draws = valued.draws;
    let _ = writeln!(
        text,
        "\nThe {} worth most, of {}; amounts in {}",
        counted(valued.top.len() as u64, "customer", "customers"),
        grouped(valued.portfolio.ranked().len() as u64),
        order.currency
    );
    let silent = format!("{}s silent", order.unit);
    let ahead = format!("in {WEEKS} weeks");
    let level = format!("{} % interval", draws.level.value() * 100.0);
    let headings = [
        "customer", "repeats", &silent, "P(alive)", &ahead, "spend", "value", &level,
    ];
    let mut columns = Columns::new(1, headings);
    let largest = valued.top.first().map_or(0.0, |top| top.value.value());
    let decimals = if largest < 1e3 { 2 } else { 0 };
    for top in &valued.top {
        columns.row([
            shortened(&top.customer, 16),
            grouped(u64::from(top.rfm.frequency())),
            rounded(top.rfm.silence(), 1),
            rounded(top.value.probability_alive(), 3),
            rounded(top.expected_purchases, 1),
            rounded(top.value.expected_spend(), 2),
            rounded(top.value.value(), decimals),
            interval(value_interval(&top.value), decimals),
        ]);
    }
    text.push_str(&columns.text());
    let _ = writeln!(
        text,
        "  value: residual value, the margin on all purchases {}, discounted; spend: expected in one\n  \
         purchase, before margin. Intervals: {} draws (seed {}) of what this customer may be like,\n  \
         given the history, and of what the models' parameters may be; where one begins at 0, the\n  \
         customer has left in at least that tail of them. What chance then does to the purchases\n  \
         comes on top.",
        match horizon(order) {
            Some(span) => format!("of {} {}s", span.length(), span.unit()),
            None => "to come".to_owned(),
        },
        grouped(draws.count as u64),
        draws.seed
    );
}

fn write_equity(text: &mut String, order: &Order, valued: &Valued) {
    let portfolio = &valued.portfolio;
    let _ = writeln!(
        text,
        "\nCustomer equity: {} {} ({} % interval {})",
        rounded(portfolio.equity().value(), 0),
        order.currency,
        valued.draws.level.value() * 100.0,
        interval(equity_interval(portfolio), 0),
    );
    let cost = match order.terms.cost_to_serve() {
        Some((cost, unit)) => format!("{cost} a {unit} to serve"),
        None => "no cost to serve".to_owned(),
    };
    let _ = writeln!(
        text,
        "  {}, margin {} % of spend, {cost}, {:.2} % discount a year, {}",
        counted(portfolio.ranked().len() as u64, "customer", "customers"),
        rounded(order.terms.margin() * 100.0, 1),
        order.terms.discount().effective_annual() * 100.0,
        match horizon(order) {
            Some(span) => format!("{} {}s", span.length(), span.unit()),
            None => "no horizon".to_owned(),
        }
    );
    text.push_str(
        "  these customers only, nobody yet to come; the interval takes the models to be right, which \
         the\n  holdout check below examines where there is one\n",
    );
    if horizon(order).is_none() && valued.models[0].boundary() == Some(Boundary::NoDropout) {
        text.push_str(
            "  caution: these data show no dropout, so the value counts every customer's purchases for \
             ever.\n  It rests on the discount alone. --horizon LENGTH limits it to a time one can vouch \
             for.\n",
        );
    }
    if let Some(peak) = whale_peak(portfolio) {
        let _ = writeln!(
            text,
            "  the best {:.1} % of customers hold {:.1} % of it; the others lose money",
            peak.customers * 100.0,
            peak.value * 100.0
        );
    } else {
        match (
            portfolio.gini(),
            portfolio.top_share(0.1),
            portfolio.top_share(0.2),
        ) {
            (Ok(gini), Ok(ten), Ok(twenty)) => {
                let _ = writeln!(
                    text,
                    "  Gini coefficient {gini:.3}; the best 10 % of customers hold {:.1} %, \
                     the best 20 % {:.1} %",
                    ten * 100.0,
                    twenty * 100.0
                );
            }
            (Err(error), _, _) | (_, Err(error), _) | (_, _, Err(error)) => {
                let _ = writeln!(text, "  concentration: {error}");
            }
        }
    }
    for (reason, names) in unvalued(portfolio) {
        let count = counted(names.len() as u64, "customer", "customers");
        let _ = writeln!(
            text,
            "  not valued: {count}, {reason}\n    {}",
            first(&names)
        );
    }
}

fn write_holdout(text: &mut String, order: &Order, valued: &Valued) {
    let Some(Holdout {
        split,
        models,
        check,
    }) = &valued.holdout
    else {
        let _ = writeln!(
            text,
            "\nHoldout check: none. With --calibration-end DATE the models are fitted up to that \
             day and\njudged by what came after it."
        );
        return;
    };
    let _ = writeln!(
        text,
        "\nHoldout check: the same models, fitted to {} up to {} only,\nasked about the {} {}s \
         from then to {}",
        counted(split.customers().len() as u64, "customer", "customers"),
        split.calibration_end().date_naive(),
        rounded(split.holdout().length(), 2),
        order.unit,
        split.holdout_end().date_naive()
    );
    for report in models {
        let parameters: Vec<String> = report
            .parameters()
            .iter()
            .map(|p| format!("{} {}", p.name(), significant(p.value(), 5)))
            .collect();
        let _ = writeln!(
            text,
            "  {}: {}; log-likelihood {:.4}",
            report.model(),
            parameters.join(", "),
            report.log_likelihood()
        );
    }
    write_totals(text, order, check);
    write_bins(text, check);
    write_late(text, split);
    for (name, compared) in [("number", check.purchases), ("value", check.value)] {
        if compared
            .relative_error()
            .is_some_and(|e| e.abs() > ACCEPTED)
        {
            let _ = writeln!(
                text,
                "  The {name} of purchases is off by more than {} %: find out why before using these \
                 values.\n  A season that the calibration had not seen is enough; the models know \
                 of none.",
                ACCEPTED * 100.0
            );
        }
    }
    let _ = writeln!(
        text,
        "  Read it as a check of levels: of totals and of how often what is called likely happens. \
         It does\n  not show that customers are ranked better than by how recently they bought."
    );
}

/// Predicted and actual totals.
fn write_totals(text: &mut String, order: &Order, check: &HoldoutCheck) {
    let mut columns = Columns::new(1, ["", "predicted", "actual", "error"]);
    let value = format!("their value, {}", order.currency);
    for (name, Compared { predicted, actual }, error) in [
        (
            "purchases",
            check.purchases,
            check.purchases.relative_error(),
        ),
        (value.as_str(), check.value, check.value.relative_error()),
        (
            "purchases at each one's pace so far",
            check.naive.0,
            check.naive.0.relative_error(),
        ),
    ] {
        columns.row([
            name.to_owned(),
            rounded(predicted, 0),
            rounded(actual, 0),
            error.map_or("none".to_owned(), |error| {
                format!("{:+.1} %", error * 100.0)
            }),
        ]);
    }
    text.push_str(&columns.text());
    let _ = writeln!(
        text,
        "  mean absolute error of one customer's purchases {:.3}; at the pace so far {:.3}",
        check.error, check.naive.1
    );
    if check.without_spend > 0 {
        let _ = writeln!(
            text,
            "  the value leaves out {} without an expected spend",
            counted(check.without_spend as u64, "customer", "customers")
        );
    }
}

/// Customers no model knew of.
fn write_late(text: &mut String, split: &CalibrationSplit) {
    let late = split.late_joiners();
    if late.is_empty() {
        let _ = writeln!(text, "  no customer joined in the holdout");
    } else {
        let names: Vec<&str> = late.iter().map(|l| l.customer().as_str()).collect();
        let purchases = late.iter().map(|l| u64::from(l.transactions())).sum();
        let _ = writeln!(
            text,
            "  {} joined in the holdout and made {}; no model knew of them:\n    {}",
            counted(late.len() as u64, "customer", "customers"),
            counted(purchases, "purchase", "purchases"),
            first(&names)
        );
    }
}

fn write_bins(text: &mut String, check: &HoldoutCheck) {
    let _ = writeln!(
        text,
        "  P(active), the probability of at least one purchase:"
    );
    let headings = [
        "predicted",
        "customers",
        "mean",
        "observed",
        "error",
        "± 2 sd",
        "",
    ];
    let mut columns = Columns::new(1, headings);
    let mut beyond = 0;
    for bin in &check.bins {
        let (error, chance) = (bin.predicted - bin.observed, 2.0 * bin.chance());
        let mark = if error.abs() > chance { "beyond" } else { "" };
        beyond += usize::from(!mark.is_empty());
        columns.row([
            format!("{:.1} to {:.1}", bin.lower, bin.lower + 0.1),
            rounded(bin.customers, 0),
            rounded(bin.predicted, 3),
            rounded(bin.observed, 3),
            format!("{error:+.3}"),
            rounded(chance, 3),
            mark.to_owned(),
        ]);
    }
    text.push_str(&columns.text());
    let _ = writeln!(
        text,
        "  in {beyond} of {} rows the error is beyond two standard deviations of what chance does",
        check.bins.len()
    );
    let _ = writeln!(
        text,
        "  Brier score {:.3}; of the base rate, known with hindsight, {:.3} (lower is better)",
        check.brier, check.base_rate_brier
    );
}

fn money(amount: Money) -> String {
    let text = amount.to_string();
    let decimals = text
        .split_once(' ')
        .and_then(|(number, _)| number.split_once('.'))
        .map_or(0, |(_, decimals)| decimals.len());
    format!(
        "{} {}",
        rounded(amount.to_f64(), decimals),
        amount.currency()
    )
}

fn interval(interval: Option<Interval>, decimals: usize) -> String {
    interval.map_or("none".to_owned(), |i| {
        let (lower, upper) = (rounded(i.lower(), decimals), rounded(i.upper(), decimals));
        format!("{lower} to {upper}")
    })
}

/// The first names of a list.
fn first(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|n| shortened(n, 16)).collect();
    let more = if names.len() > NAMED { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}
