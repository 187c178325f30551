//! What is each customer of a shop worth, and how far can that be trusted?
//!
//! ```text
//! cargo run --release --example appraise
//! cargo run --release --example appraise -- --log examples/data/online_retail.csv \
//!     --currency GBP --calibration-end 2011-08-31
//! ```
//!
//! Without arguments it appraises the CDNOW log that comes with the crate, and checks its figures
//! against the published ones. It reads a log of transactions, fits a model of purchases and one of
//! spend to all of it, values every customer, and then asks the honest question: had the models
//! been fitted to an earlier part of the log, what would they have said of the rest?
//!
//! With `--json` the same as one object:
//!
//! | key | content |
//! |---|---|
//! | `log`, `as_of`, `currency`, `unit`, `dedupe` | what was appraised |
//! | `terms{margin,annual_discount,cost_to_serve}` | on what terms; the cost is per unit, or `null` |
//! | `read{rows,first,last,purchases,returns,rules{}}` | the log; amounts and counts up to `as_of` |
//! | `models{purchases{},spend{}}` | each fit, with the keys of `fit_model` and `curvature`, `evaluations` |
//! | `top[]` | the ten worth most: `customer`, `frequency`, `silence`, `probability_alive`, `expected_purchases` in 39 weeks, `expected_spend`, `residual_value`, `interval[]` |
//! | `equity{value,interval[],customers,level,draws,seed}` | the sum over all customers |
//! | `concentration{gini,top_10_percent,top_20_percent,whale_curve_peak}` | `null` where not defined |
//! | `unvalued[]` | `reason`, `customers`, and the first `names[]` |
//! | `holdout{}` | `null` without a calibration; else `calibration_end`, `end`, `length`, `models{}`, `customers`, `purchases{predicted,actual}`, `value{predicted,actual}`, `mean_absolute_error`, `naive{predicted,mean_absolute_error}`, `bins[]{from,customers,predicted,observed}`, `brier`, `brier_of_base_rate`, `late_joiners{customers,purchases,names[]}` |

#![allow(clippy::disallowed_methods, reason = "reads the log it is given")]

use std::ffi::OsStr;
use std::fmt::Write;
use std::process::ExitCode;

use guanxi::chrono::{DateTime, Utc};
use guanxi::metric::CurvePoint;
use guanxi::model::{
    BgNbd, Clv, ClvTerms, Draws, Fit, FitError, FitOptions, FitReport, Fitted, GammaGamma,
    LifetimeValue, MbgNbd, ParetoNbd, PurchaseModel, PurchasePosterior,
};
use guanxi::portfolio::Portfolio;
use guanxi::quantity::{Currency, Interval, Money, Span, TimeUnit};
use guanxi::scorer::ScoreError;
use guanxi::summary::{
    CalibrationSplit, CustomerSummary, DedupeUnit, RfmSummary, RuleReport, SummaryError,
    SummaryPolicy,
};
use serde_json::{Value, json};

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
mod support;

use support::{
    Arguments, Columns, Compared, Failure, HoldoutCheck, Log, ModelName, Moment, Options, counted,
    fit_json, fit_text, grouped, object, print, read_log, rounded, run, shortened,
};

const USAGE: &str = "\
Values every customer of a transaction log, and checks the models on a holdout.

usage: appraise [--log FILE --currency CODE] [options]

  --log FILE              CSV with the columns customer_id,date,amount: ISO dates or date-times, a
                          negative amount is a return; - for standard input
                          (default: the CDNOW log that comes with the crate)
  --currency CODE         ISO 4217 code of the amounts; must be given with --log
  --as-of DATE            day of the appraisal; later events do not count (default: the last day)
  --calibration-end DATE  last day the models of the holdout check learn from; the holdout lasts
                          from there to the day of the appraisal (CDNOW: 1997-09-30)
  --model NAME            bg-nbd, mbg-nbd (default) or pareto-nbd; spend is always gamma-gamma
  --unit UNIT             unit of the purchase model (default week)
  --dedupe UNIT           transactions of one second, minute, hour, day or week are one
                          (default day)
  --margin FRACTION       margin as a fraction of spend (default 0.3)
  --cost-to-serve AMOUNT  cost of serving a customer for one unit of time (default none)
  --annual-discount RATE  effective rate a year (default 0.10)
  --json                  print one JSON object
  --help                  print this
";

const OPTIONS: Options = Options {
    valued: &[
        "log",
        "currency",
        "as-of",
        "calibration-end",
        "model",
        "unit",
        "dedupe",
        "margin",
        "cost-to-serve",
        "annual-discount",
    ],
    flags: &["json"],
};

/// The log that comes with the crate, wherever the example is run.
const CDNOW: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/cdnow.csv");

/// Its calibration ends half way, as in the literature.
const CDNOW_CALIBRATION_END: &[u8] = b"1997-09-30";

/// Weeks ahead that the table of customers looks.
const WEEKS: f64 = 39.0;

/// Customers shown in the table, and names shown of those not valued.
const SHOWN: usize = 10;
const NAMED: usize = 5;

fn main() -> ExitCode {
    run(USAGE, OPTIONS, |arguments| {
        let order = Order::new(arguments)?;
        let appraisal = match order.model {
            ModelName::BgNbd => appraise::<BgNbd>(&order)?,
            ModelName::ParetoNbd => appraise::<ParetoNbd>(&order)?,
            _ => appraise::<MbgNbd>(&order)?,
        };
        if order.published {
            assert_published(order.model, &appraisal);
        }
        if arguments.has("json") {
            print(&format!("{:#}\n", to_json(&order, &appraisal)))
        } else {
            print(&to_text(&order, &appraisal))
        }
    })
}

/// What is to be appraised, and on what terms.
struct Order {
    log: Log,
    currency: Currency,
    unit: TimeUnit,
    dedupe: DedupeUnit,
    model: ModelName,
    terms: ClvTerms,
    as_of: DateTime<Utc>,
    calibration_end: Option<DateTime<Utc>>,
    /// Whether the figures are those that were published.
    published: bool,
}

impl Order {
    fn new(arguments: &Arguments) -> Result<Self, Failure> {
        let model = match arguments.text("model")? {
            Some(name) => ModelName::parse(name, &ModelName::PURCHASES)?,
            None => ModelName::MbgNbd,
        };
        let (unit, dedupe) = (arguments.unit()?, arguments.dedupe()?);
        let given = arguments.raw("log");
        let currency = match arguments.parsed("currency", Currency::new)? {
            Some(currency) => currency,
            None if given.is_none() => Currency::USD,
            None => {
                let expected = "the currency of the amounts, such as EUR, to go with --log";
                return Err(Failure::unexpected("--currency", expected, "none"));
            }
        };
        let terms = terms(arguments, currency, unit)?;
        let (as_of, stated) = (
            arguments.moment("as-of")?,
            arguments.moment("calibration-end")?,
        );
        let policy = SummaryPolicy::default().with_unit(unit).with_dedupe(dedupe);
        let log = read_log(given.unwrap_or(OsStr::new(CDNOW)), currency, policy)?;
        let last_day = log.last_day();
        let end = as_of.unwrap_or(last_day).end();
        if end < log.first {
            return Err(Failure::unexpected(
                "--as-of",
                format!("a day from the log's first, {}, on", log.first.date_naive()),
                end.date_naive().to_string(),
            ));
        }
        let usual = if given.is_none() {
            Moment::parse(CDNOW_CALIBRATION_END).filter(|usual| usual.end() < end)
        } else {
            None
        };
        let calibration_end = stated.or(usual).map(Moment::end);
        Ok(Self {
            published: given.is_none()
                && stated.is_none()
                && end == last_day.end()
                && unit == TimeUnit::Week
                && dedupe == DedupeUnit::Day,
            log,
            currency,
            unit,
            dedupe,
            model,
            terms,
            as_of: end,
            calibration_end,
        })
    }
}

fn terms(arguments: &Arguments, currency: Currency, unit: TimeUnit) -> Result<ClvTerms, Failure> {
    let margin = arguments.number("margin")?.unwrap_or(0.3);
    let terms = ClvTerms::new(margin, arguments.discount(unit)?)
        .map_err(|error| Failure::refused("--margin", error))?;
    match arguments.parsed("cost-to-serve", |text| Money::parse(text, currency))? {
        None => Ok(terms),
        Some(cost) => terms
            .with_cost_to_serve(cost, unit)
            .map_err(|error| Failure::refused("--cost-to-serve", error)),
    }
}

/// Everything that is printed.
struct Appraisal {
    rules: RuleReport,
    purchases: Money,
    returns: Money,
    models: [FitReport; 2],
    top: Vec<Top>,
    portfolio: Portfolio,
    draws: Draws,
    holdout: Option<Holdout>,
}

/// A customer of the table.
struct Top {
    customer: String,
    rfm: RfmSummary,
    value: LifetimeValue,
    expected_purchases: f64,
}

/// The holdout check with the models that were fitted for it.
struct Holdout {
    split: CalibrationSplit,
    models: [FitReport; 2],
    check: HoldoutCheck,
}

fn appraise<P: Fit + PurchaseModel>(order: &Order) -> Result<Appraisal, Failure> {
    let log = &order.log;
    let summaries = log
        .base
        .summaries(order.as_of)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| log.refused(error))?;
    let (bought, returned) =
        totals(&summaries, order.currency).map_err(|error| log.refused(error))?;
    let rfm = summaries.iter().filter_map(CustomerSummary::rfm);
    let (purchases, spend) = fit::<P>(rfm).map_err(|error| log.refused(error))?;
    let draws = Draws::default();
    let clv =
        Clv::fitted(&purchases, &spend, order.terms, draws).map_err(|error| log.refused(error))?;
    let portfolio = Portfolio::appraise(&clv, &summaries).map_err(|error| log.refused(error))?;
    if portfolio.ranked().is_empty() {
        let (_, error) = &portfolio.unvalued()[0];
        return Err(log.refused(format!("no customer can be valued: {}", reason(error))));
    }
    Ok(Appraisal {
        rules: log
            .base
            .report(order.as_of)
            .map_err(|error| log.refused(error))?,
        purchases: bought,
        returns: returned,
        top: top(purchases.model(), &portfolio, &summaries).map_err(|error| log.refused(error))?,
        models: [purchases.report().clone(), spend.report().clone()],
        portfolio,
        draws,
        holdout: holdout::<P>(order)?,
    })
}

/// Sums of purchases and returns, exact.
fn totals(
    summaries: &[CustomerSummary],
    currency: Currency,
) -> Result<(Money, Money), SummaryError> {
    let (mut bought, mut returned) = (Money::zero(currency), Money::zero(currency));
    for money in summaries.iter().map(CustomerSummary::money) {
        if money.currency().is_some() {
            bought = bought.checked_add(money.purchases()?)?;
            returned = returned.checked_add(money.returns()?)?;
        }
    }
    Ok((bought, returned))
}

/// A purchase model and a spend model fitted to the same customers.
fn fit<'a, P: Fit>(
    customers: impl Iterator<Item = &'a RfmSummary> + Clone,
) -> Result<(Fitted<P>, Fitted<GammaGamma>), FitError> {
    let options = FitOptions::default();
    Ok((
        P::fit(customers.clone(), &options)?,
        GammaGamma::fit(customers, &options)?,
    ))
}

/// The customers worth most, with what they are expected to buy.
fn top<P: PurchaseModel>(
    model: &P,
    portfolio: &Portfolio,
    summaries: &[CustomerSummary],
) -> Result<Vec<Top>, ScoreError> {
    let span = Span::weeks(WEEKS)?;
    let mut top = Vec::new();
    for valued in portfolio.ranked().iter().take(SHOWN) {
        let summary = summaries
            .iter()
            .find(|summary| summary.customer() == valued.customer());
        // Everyone in the portfolio has a summary.
        if let Some(rfm) = summary.and_then(CustomerSummary::rfm) {
            top.push(Top {
                customer: valued.customer().to_string(),
                rfm: *rfm,
                value: valued.value().clone(),
                expected_purchases: model.posterior(rfm)?.expected_purchases(span),
            });
        }
    }
    Ok(top)
}

fn holdout<P: Fit + PurchaseModel>(order: &Order) -> Result<Option<Holdout>, Failure> {
    let Some(calibration_end) = order.calibration_end else {
        return Ok(None);
    };
    let refused = |error: String| Failure::refused("holdout check", error);
    let split = order
        .log
        .base
        .split(calibration_end, order.as_of)
        .map_err(|error| Failure::refused("--calibration-end", error))?;
    let calibrations: Vec<RfmSummary> = split.calibrations().collect();
    let (purchases, spend) =
        fit::<P>(calibrations.iter()).map_err(|error| refused(error.to_string()))?;
    let check = HoldoutCheck::new(&split, purchases.model(), spend.model())
        .map_err(|error| refused(error.to_string()))?;
    Ok(Some(Holdout {
        split,
        models: [purchases.report().clone(), spend.report().clone()],
        check,
    }))
}

/// The figures that the literature and other programs report for the CDNOW log.
fn assert_published(model: ModelName, appraisal: &Appraisal) {
    let near = |what: &str, found: f64, published: f64, tolerance: f64| {
        assert!(
            (found - published).abs() <= tolerance,
            "{what}: {found} is not the published {published}"
        );
    };
    let (log_likelihood, predicted) = match model {
        ModelName::BgNbd => (-9_582.429_206_7, 1_653.0),
        ModelName::ParetoNbd => (-9_594.976_178_9, 1_666.0),
        _ => (-9_582.135_715_6, 1_577.0),
    };
    let holdout = appraisal.holdout.as_ref();
    assert!(holdout.is_some(), "the log goes past the calibration");
    if let Some(Holdout {
        split,
        models: [purchases, spend],
        check,
    }) = holdout
    {
        let repeats: u32 = split.calibrations().map(|c| c.frequency()).sum();
        assert_eq!(split.customers().len(), 2_357, "customers");
        assert_eq!(repeats, 2_457, "repeat purchases in the calibration");
        assert_eq!(split.holdout_transactions(), 1_882, "holdout purchases");
        near(
            "log-likelihood",
            purchases.log_likelihood(),
            log_likelihood,
            1e-6,
        );
        near(
            "log-likelihood",
            spend.log_likelihood(),
            -4_055.917_694_8,
            1e-6,
        );
        near(
            "purchases predicted",
            check.purchases.predicted,
            predicted,
            1.0,
        );
        near("naive purchases", check.naive.0.predicted, 2_930.0, 1.0);
        near(
            "Brier score of the base rate",
            check.base_rate_brier,
            0.206,
            1e-3,
        );
        assert!(check.brier < 0.165, "Brier score");
    }
}

/// Why customers could not be valued, without their names.
fn reason(error: &ScoreError) -> String {
    match error {
        ScoreError::NoPurchase { .. } => "no purchase that stands up to then".to_owned(),
        other => other.to_string(),
    }
}

/// Customers who could not be valued, by reason.
fn unvalued(portfolio: &Portfolio) -> Vec<(String, Vec<&str>)> {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for (customer, error) in portfolio.unvalued() {
        let reason = reason(error);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(customer.as_str()),
            None => reasons.push((reason, vec![customer.as_str()])),
        }
    }
    reasons
}

/// The highest point of the whale curve, if anyone loses money.
fn whale_peak(portfolio: &Portfolio) -> Option<CurvePoint> {
    let losses = portfolio.values().iter().any(|&value| value < 0.0);
    let curve = portfolio.whale_curve().ok().filter(|_| losses)?;
    curve.into_iter().max_by(|a, b| a.value.total_cmp(&b.value))
}

fn equity_interval(portfolio: &Portfolio) -> Option<Interval> {
    portfolio.equity().estimate()?.stated_interval()
}

fn value_interval(value: &LifetimeValue) -> Option<Interval> {
    value.uncertainty()?.estimate().stated_interval()
}

// What follows prints.

fn to_text(order: &Order, appraisal: &Appraisal) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "What the customers in {} are worth as of {}\n",
        file_name(order),
        order.as_of.date_naive()
    );
    write_read(&mut text, order, appraisal);
    let [purchases, spend] = &appraisal.models;
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
    write_top(&mut text, order, appraisal);
    write_equity(&mut text, order, appraisal);
    write_holdout(&mut text, order, appraisal);
    text
}

/// The file without its folders.
fn file_name(order: &Order) -> &str {
    let name = &order.log.file;
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

fn write_read(text: &mut String, order: &Order, appraisal: &Appraisal) {
    let log = &order.log;
    let policy = log.base.policy();
    let _ = writeln!(
        text,
        "Read: {} rows, {} to {}",
        grouped(log.rows),
        log.first.date_naive(),
        log.last.date_naive()
    );
    let _ = writeln!(
        text,
        "  purchases {}, returns {}",
        money(appraisal.purchases),
        money(appraisal.returns)
    );
    let _ = writeln!(
        text,
        "  rules: one transaction a {}, returns: {}, zero-value orders: {}, mean spend of {}",
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

fn write_top(text: &mut String, order: &Order, appraisal: &Appraisal) {
    let draws = appraisal.draws;
    let _ = writeln!(
        text,
        "\nThe {} worth most, of {}; amounts in {}",
        counted(appraisal.top.len() as u64, "customer", "customers"),
        grouped(appraisal.portfolio.ranked().len() as u64),
        order.currency
    );
    let silent = format!("{}s silent", order.unit);
    let ahead = format!("in {WEEKS} weeks");
    let level = format!("{} % interval", draws.level.value() * 100.0);
    let headings = [
        "customer", "repeats", &silent, "P(alive)", &ahead, "spend", "value", &level,
    ];
    let mut columns = Columns::new(1, headings);
    for top in &appraisal.top {
        columns.row([
            shortened(&top.customer, 16),
            grouped(u64::from(top.rfm.frequency())),
            rounded(top.rfm.silence(), 1),
            rounded(top.value.probability_alive(), 3),
            rounded(top.expected_purchases, 1),
            rounded(top.value.expected_spend(), 2),
            rounded(top.value.value(), 2),
            interval(value_interval(&top.value)),
        ]);
    }
    text.push_str(&columns.text());
    let _ = writeln!(
        text,
        "  value: margin on all purchases to come, discounted; spend: expected in one purchase, \
         before\n  margin. Intervals: {} draws (seed {}) of what this customer may be like, given \
         the history,\n  and of what the models' parameters may be. What chance then does to the \
         purchases comes on top.",
        grouped(draws.count as u64),
        draws.seed
    );
}

fn write_equity(text: &mut String, order: &Order, appraisal: &Appraisal) {
    let portfolio = &appraisal.portfolio;
    let _ = writeln!(
        text,
        "\nCustomer equity: {} {} ({} % interval {})",
        rounded(portfolio.equity().value(), 0),
        order.currency,
        appraisal.draws.level.value() * 100.0,
        rough_interval(equity_interval(portfolio)),
    );
    let cost = match order.terms.cost_to_serve() {
        Some((cost, unit)) => format!("{cost} a {unit} to serve"),
        None => "no cost to serve".to_owned(),
    };
    let _ = writeln!(
        text,
        "  {}, margin {} % of spend, {cost}, {:.2} % discount a year, no horizon",
        counted(portfolio.ranked().len() as u64, "customer", "customers"),
        rounded(order.terms.margin() * 100.0, 1),
        order.terms.discount().effective_annual() * 100.0,
    );
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

fn write_holdout(text: &mut String, order: &Order, appraisal: &Appraisal) {
    let Some(Holdout {
        split,
        models,
        check,
    }) = &appraisal.holdout
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
            .map(|p| format!("{} {}", p.name(), support::significant(p.value(), 5)))
            .collect();
        let _ = writeln!(
            text,
            "  {}: {}; log-likelihood {:.4}",
            report.model(),
            parameters.join(", "),
            report.log_likelihood()
        );
    }
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
    write_bins(text, check);
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
    let _ = writeln!(
        text,
        "  Read it as a check of levels: of totals and of how often what is called likely happens. \
         It does\n  not show that customers are ranked better than by how recently they bought."
    );
}

fn write_bins(text: &mut String, check: &HoldoutCheck) {
    let _ = writeln!(
        text,
        "  P(active), the probability of at least one purchase:"
    );
    let headings = ["predicted", "customers", "mean", "observed", "by chance ±"];
    let mut columns = Columns::new(1, headings);
    for bin in &check.bins {
        columns.row([
            format!("{:.1} to {:.1}", bin.lower, bin.lower + 0.1),
            rounded(bin.customers, 0),
            rounded(bin.predicted, 3),
            rounded(bin.observed, 3),
            rounded(2.0 * bin.chance(), 3),
        ]);
    }
    text.push_str(&columns.text());
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

fn interval(interval: Option<Interval>) -> String {
    interval.map_or("none".to_owned(), |i| {
        format!("{} to {}", rounded(i.lower(), 2), rounded(i.upper(), 2))
    })
}

fn rough_interval(interval: Option<Interval>) -> String {
    interval.map_or("none".to_owned(), |i| {
        format!("{} to {}", rounded(i.lower(), 0), rounded(i.upper(), 0))
    })
}

/// The first names of a list.
fn first(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|n| shortened(n, 16)).collect();
    let more = if names.len() > NAMED { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

fn to_json(order: &Order, appraisal: &Appraisal) -> Value {
    let portfolio = &appraisal.portfolio;
    let cost = order.terms.cost_to_serve();
    let peak = whale_peak(portfolio);
    let unvalued: Vec<Value> = unvalued(portfolio)
        .into_iter()
        .map(|(reason, names)| {
            json!({"reason": reason, "customers": names.len(), "names": head(&names)})
        })
        .collect();
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
        },
        "read": {
            "rows": order.log.rows,
            "first": order.log.first,
            "last": order.log.last,
            "purchases": appraisal.purchases,
            "returns": appraisal.returns,
            "rules": appraisal.rules,
        },
        "models": models_json(&appraisal.models),
        "top": appraisal.top.iter().map(top_json).collect::<Vec<_>>(),
        "equity": {
            "value": portfolio.equity().value(),
            "interval": pair(equity_interval(portfolio)),
            "customers": portfolio.ranked().len(),
            "level": appraisal.draws.level.value(),
            "draws": appraisal.draws.count,
            "seed": appraisal.draws.seed,
        },
        "concentration": {
            "gini": portfolio.gini().ok(),
            "top_10_percent": portfolio.top_share(0.1).ok(),
            "top_20_percent": portfolio.top_share(0.2).ok(),
            "whale_curve_peak": peak.map(|p| json!({"customers": p.customers, "value": p.value})),
        },
        "unvalued": unvalued,
        "holdout": appraisal.holdout.as_ref().map(holdout_json),
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

fn pair(interval: Option<Interval>) -> Value {
    interval.map_or(Value::Null, |i| json!([i.lower(), i.upper()]))
}

/// The first names of a list.
fn head<'a>(names: &'a [&'a str]) -> &'a [&'a str] {
    &names[..names.len().min(NAMED)]
}
