//! What is each customer of a shop worth, and how far can that be trusted?
//!
//! ```text
//! cargo run --release --example appraise
//! cargo run --release --example appraise -- --log examples/data/online_retail.csv \
//!     --as-of 2011-12-09 --currency GBP --calibration-end 2011-06-09 --horizon 52
//! cargo run --release --example appraise -- --interactions examples/data/b2b_interactions.jsonl \
//!     --changed-since 2023-06-30
//! ```
//!
//! Without arguments it appraises the CDNOW log that comes with the crate, and checks its figures
//! against the published ones. It reads a log of transactions, fits a model of purchases and one of
//! spend to all of it, values every customer, and then asks the honest question: had the models
//! been fitted to an earlier part of the log, what would they have said of the rest?
//!
//! Then it judges the relationship in four dimensions: economic, trust, emotional and information.
//! A log of transactions tells of the first alone, and has no place for consent: whoever runs this
//! answers for it that its customers permit an analysis. A log of interactions of every kind, one
//! `Interaction` a line, tells of all four; the one that comes with the crate is made up, and what is
//! printed of it is checked against the truth it was made from.
//!
//! Last come the measures that the log supports, the segments of customers, and the rungs on which
//! relationships stand, beside what the log cannot tell and what would.
//!
//! With `--json` the same as one object:
//!
//! | key | content |
//! |---|---|
//! | `log`, `as_of`, `currency`, `unit`, `dedupe` | what was appraised |
//! | `terms{margin,annual_discount,cost_to_serve,horizon}` | on what terms; cost per unit and horizon may be `null` |
//! | `read{rows,first,last,purchases,returns,rules{},interactions{}}` | the log; amounts and counts up to `as_of`; `interactions` is `null` for transactions, else the whole log's `lines`, `kept`, `corrections`, `duplicates`, `erasure_requests`, `erased`, `unknown_kinds{}` |
//! | `no_model` | why no model could be fitted to a log of interactions; then `models`, `equity`, `concentration`, `holdout` are `null`, and `top`, `unvalued` empty |
//! | `models{purchases{},spend{}}` | each fit, with the keys of `fit_model` and `curvature`, `evaluations` |
//! | `top[]` | the ten worth most: `customer`, `frequency`, `silence`, `probability_alive`, `expected_purchases` in 39 weeks, `expected_spend`, `residual_value`, `interval[]` |
//! | `equity{value,interval[],customers,level,draws,seed}` | the sum over all customers |
//! | `concentration{gini,top_10_percent,top_20_percent,whale_curve_peak}` | `null` where not defined |
//! | `unvalued[]` | `reason`, `customers`, and the first `names[]` |
//! | `holdout{}` | `null` without a calibration; else `calibration_end`, `end`, `length`, `models{}`, `customers`, `purchases{predicted,actual}`, `value{predicted,actual}`, `mean_absolute_error`, `naive{predicted,mean_absolute_error}`, `bins[]{from,customers,predicted,observed}`, `brier`, `brier_of_base_rate`, `late_joiners{customers,purchases,names[]}` |
//! | `relationships{}` | the four dimensions, see below |
//! | `metrics{}`, `segments{}`, `tiers{}`, `perceived_value{}` | see the last table; `perceived_value` is `null` of a log without an answer on it |
//!
//! | key of `relationships` | content |
//! |---|---|
//! | `frame{id,label,taken_at,customers,median_value}` | what indices refer to |
//! | `policies{composition,dimensions,trust,emotional,information,categories,evidence}` | ids of the rules |
//! | `weights{source,economic,trust,emotional,information}`, `aggregation`, `least_coverage`, `level` | how dimensions are composed |
//! | `census{composed,too_little,not_modelled}` | customers by what became of their composite; `null` for transactions |
//! | `not_modelled[]` | `customer`, `reason`: who does not permit a composite |
//! | `customers[]` | those shown: `customer`, `composite{value,interval[],arithmetic,geometric,sd,sd_fully_correlated,imbalance}` or `null`, `no_composite` (why, else `null`), `coverage`, `loss_making`, `trust_broken` (`null` if not known), `dimensions{}`, `withheld[]`, `largest[]`, `change{}` |
//! | `dimensions{economic,trust,emotional,information}` | each `standing` (`measured`, `no_evidence`, `withheld`, `no_model`), `reason`, `index`, `sd`, `n_eff`, `native{}` |
//! | `native{}` | economic `value`, `interval[]`, `probability_alive`; trust `mean`, `interval[]`, `alpha`, `beta`, `weakest_facet`; emotional `valence`, `sd`; information `profile`, `gain_bits`, `feedback` |
//! | `largest[]` | the three events that moved the composite most: `event`, `at`, `kind`, `dimension`, `index`, `composite` (`null` where there is none) |
//! | `change{since,dimension,indices{},time{},composite,composite_of_time,events[]}` | `null` unless asked for; `events[]` the three that did most: `event`, `at`, `kind`, `cause`, `indices{}`, `composite` |
//!
//! What a group of fewer than `--smallest-group` customers would tell is `null`. Of a group that is
//! large enough it is said how many in it do what few do, such as `reached` of `known`; and of any
//! number, how many do not permit it (`not_modelled`).
//!
//! | key | content |
//! |---|---|
//! | `metrics{customers,not_modelled,after,level}` | how many were asked, how many do not permit it, the instant after which events count, the level of intervals |
//! | `metrics.measures[]` | `name`, `value`, `interval[]`, `unit`, `n`, `of` (what there are `n` of), `change{value,interval[],clear}` on the year before, `whole_log`, `no_value` (why there is none, else `null`) |
//! | `metrics.cohorts{months,rows[],pooled[]}` | months of a period; rows `after`, `joined`, `active[]`: shares by periods since; pooled: joined and shares |
//! | `metrics.not_in_log[]` | `measure`, `needs` |
//! | `segments{customers_modelled,not_modelled,silhouette_of_needs}` | |
//! | `segments.by[]` | `by` (`relation`, `value_tier`, `value_matrix`, `lifecycle`, `rfm`, `price`, `needs`), `segments[]` with `segment`, `customers`, share of the `value` to come; `undecided`, `cannot_be_told` (why, else `null`) |
//! | `segments.customers[]` | those shown: `customer`, `segments{}` by the names of `by` |
//! | `tiers{tracked,rungs{},no_transaction,not_modelled,moves{year,ever}}` | rungs up to the highest that anybody is on; moves `up`, and `down{}` by cause |
//! | `tiers.gates[]` | `gate`, `into`, `threshold`, of how many it is `known`, by how many `reached`; `no_evidence{of,needs}`, `null` unless known of nobody |
//! | `tiers.customers[]` | `customer`, `tier`, `since`, `supported` by the evidence, `fitting_ceiling`, `recommended`, `appropriateness`, `blocking[]`, `at_risk[]`, `report` in lines |
//! | `perceived_value{answered,both_sides,worth_it,withheld,unmapped_items[],exchange{},level,customers[]}` | customers: `customer`, `benefit{}`, `sacrifice{}`, `net{}`, `share{}` (each `mean`, `sd`), `ratio`, `ratio_interval[]`, `exchange` |

#![allow(clippy::disallowed_methods, reason = "reads the log it is given")]

use std::ffi::OsStr;
use std::process::ExitCode;

use guanxi::chrono::{DateTime, Utc};
use guanxi::metric::SmallGroups;
use guanxi::model::{BgNbd, ClvTerms, MbgNbd, ParetoNbd};
use guanxi::quantity::{Currency, Money, TimeUnit};
use guanxi::summary::{DedupeUnit, SummaryPolicy};

#[path = "appraise/appraisal.rs"]
mod appraisal;
#[path = "appraise/dimensions.rs"]
mod dimensions;
#[path = "appraise/groups_json.rs"]
mod groups_json;
#[path = "appraise/groups_text.rs"]
mod groups_text;
#[path = "appraise/interactions.rs"]
mod interactions;
#[path = "appraise/json.rs"]
mod json;
#[path = "appraise/measures.rs"]
mod measures;
#[path = "appraise/metrics.rs"]
mod metrics;
#[path = "appraise/relationship_json.rs"]
mod relationship_json;
#[path = "appraise/relationship_text.rs"]
mod relationship_text;
#[path = "appraise/segments.rs"]
mod segments;
#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
mod support;
#[path = "appraise/text.rs"]
mod text;
#[path = "appraise/tiers.rs"]
mod tiers;
#[path = "appraise/truth.rs"]
mod truth;

use appraisal::{appraise, assert_published};
use dimensions::{Rows, row};
use interactions::InteractionLog;
use json::to_json;
use support::{
    Arguments, Failure, Log, ModelName, Moment, Options, Table, print, quoted, read_log_with, run,
};
use text::to_text;
use truth::assert_truth;

const USAGE: &str = "\
Values every customer of a log, checks the models on a holdout, judges the relationships in four
dimensions, and prints the metrics, segments and tiers that the log supports.

usage: appraise [--log FILE --currency CODE | --interactions FILE] [options]

  --log FILE              CSV with the columns customer_id,date,amount: ISO dates or date-times, a
                          negative amount is a return; - for standard input
                          (default: the CDNOW log that comes with the crate)
  --interactions FILE     JSON Lines, one interaction of any kind a line; - for standard input
  --currency CODE         ISO 4217 code of the amounts; must be given with --log, and may be with
                          --interactions, whose amounts say it
  --as-of DATE            day of the appraisal; later events do not count (default: the last day)
  --calibration-end DATE  last day the models of the holdout check learn from; the holdout lasts
                          from there to the day of the appraisal (CDNOW: 1997-09-30)
  --customer ID           show the four dimensions of this customer (default: of the ten with the
                          highest composite; those without one follow by their value)
  --changed-since DATE    say what changed for each customer shown since the end of that day
  --model NAME            bg-nbd, mbg-nbd (default) or pareto-nbd; spend is always gamma-gamma
  --unit UNIT             unit of the purchase model (default week)
  --dedupe UNIT           transactions of one second, minute, hour, day or week are one
                          (default day)
  --margin FRACTION       margin as a fraction of spend (default 0.3)
  --cost-to-serve AMOUNT  cost of serving a customer for one unit of time (default none)
  --annual-discount RATE  effective rate a year (default 0.10)
  --horizon LENGTH        units of time that count towards the value (default: all to come)
  --smallest-group NUMBER groups of fewer customers are not shown, at least 2 (default 10)
  --json                  print one JSON object
  --help                  print this
";

const OPTIONS: Options = Options {
    valued: &[
        "log",
        "interactions",
        "currency",
        "as-of",
        "calibration-end",
        "customer",
        "changed-since",
        "model",
        "unit",
        "dedupe",
        "margin",
        "cost-to-serve",
        "annual-discount",
        "horizon",
        "smallest-group",
    ],
    flags: &["json"],
};

/// The log that comes with the crate, wherever the example is run.
const CDNOW: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/cdnow.csv");

/// The log of interactions that comes with the crate.
const B2B: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/examples/data/b2b_interactions.jsonl"
);

/// Its calibration ends half way, as in the literature.
const CDNOW_CALIBRATION_END: &[u8] = b"1997-09-30";

fn main() -> ExitCode {
    run(USAGE, OPTIONS, |arguments| {
        let order = Order::new(arguments)?;
        let appraisal = match order.model {
            ModelName::BgNbd => appraise::<BgNbd>(&order)?,
            ModelName::ParetoNbd => appraise::<ParetoNbd>(&order)?,
            _ => appraise::<MbgNbd>(&order)?,
        };
        if let (true, Ok(valued)) = (order.published, &appraisal.valued) {
            assert_published(order.model, valued);
        }
        if order.synthetic {
            assert_truth(&order, &appraisal);
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
    /// Purchases and money; of a log of interactions those up to the instant asked about.
    log: Log,
    events: Events,
    currency: Currency,
    unit: TimeUnit,
    dedupe: DedupeUnit,
    model: ModelName,
    terms: ClvTerms,
    as_of: DateTime<Utc>,
    calibration_end: Option<DateTime<Utc>>,
    /// The one customer to show.
    customer: Option<String>,
    changed_since: Option<DateTime<Utc>>,
    /// Which groups of customers are too small to be shown.
    small: SmallGroups,
    /// Whether the figures are those that were published.
    published: bool,
    /// Whether it is the log of which the truth is known, as of its end.
    synthetic: bool,
}

/// What happened, event by event.
enum Events {
    /// The rows of a log of transactions, by customer.
    Transactions(Rows),
    /// A log of interactions.
    Interactions(Box<InteractionLog>),
}

impl Order {
    fn new(arguments: &Arguments) -> Result<Self, Failure> {
        let model = match arguments.text("model")? {
            Some(name) => ModelName::parse(name, &ModelName::PURCHASES)?,
            None => ModelName::MbgNbd,
        };
        let (unit, dedupe) = (arguments.unit()?, arguments.dedupe()?);
        let given = arguments.parsed("currency", Currency::new)?;
        let (as_of, stated) = (
            arguments.moment("as-of")?,
            arguments.moment("calibration-end")?,
        );
        let changed_since = arguments.moment("changed-since")?;
        let policy = SummaryPolicy::default().with_unit(unit).with_dedupe(dedupe);
        let Read {
            events,
            log,
            currency,
        } = Read::new(arguments, given, policy, as_of)?;
        let terms = terms(arguments, currency, unit)?;
        let last_day = log.last_day();
        let end = as_of.unwrap_or(last_day).end();
        if end < log.first {
            return Err(Failure::unexpected(
                "--as-of",
                format!("a day from the log's first, {}, on", log.first.date_naive()),
                end.date_naive().to_string(),
            ));
        }
        let changed_since = changed_since.map(Moment::end);
        if let Some(since) = changed_since.filter(|&since| since >= end) {
            return Err(Failure::unexpected(
                "--changed-since",
                format!("a day before that of the appraisal, {}", end.date_naive()),
                since.date_naive().to_string(),
            ));
        }
        let interactions = arguments.raw("interactions");
        let cdnow = arguments.raw("log").is_none() && interactions.is_none();
        let usual = if cdnow {
            Moment::parse(CDNOW_CALIBRATION_END).filter(|usual| usual.end() < end)
        } else {
            None
        };
        let calibration_end = stated.or(usual).map(Moment::end);
        let whole = end == last_day.end() && unit == TimeUnit::Week && dedupe == DedupeUnit::Day;
        let order = Self {
            published: cdnow && stated.is_none() && whole,
            synthetic: interactions.is_some_and(is_b2b) && whole,
            log,
            events,
            currency,
            unit,
            dedupe,
            model,
            terms,
            as_of: end,
            calibration_end,
            customer: arguments.text("customer")?.map(str::to_owned),
            changed_since,
            small: smallest_group(arguments)?,
        };
        order.check_customer()?;
        Ok(order)
    }

    /// The file without its folders.
    fn file_name(&self) -> &str {
        let name = &self.log.file;
        name.rsplit(['/', '\\']).next().unwrap_or(name)
    }

    /// The one customer to show must be in the log.
    fn check_customer(&self) -> Result<(), Failure> {
        let Some(name) = &self.customer else {
            return Ok(());
        };
        let known = match &self.events {
            Events::Transactions(rows) => rows.contains_key(name),
            Events::Interactions(log) => log.live.customer(name).is_some(),
        };
        if known {
            return Ok(());
        }
        let expected = format!("a customer of {}", self.log.file);
        let found = quoted(name.as_bytes());
        Err(Failure::unexpected("--customer", expected, found))
    }
}

/// What was read, and in which currency.
struct Read {
    events: Events,
    log: Log,
    currency: Currency,
}

impl Read {
    fn new(
        arguments: &Arguments,
        currency: Option<Currency>,
        policy: SummaryPolicy,
        as_of: Option<Moment>,
    ) -> Result<Self, Failure> {
        let given = arguments.raw("log");
        if let Some(path) = arguments.raw("interactions") {
            if given.is_some() {
                let expected = "one log";
                return Err(Failure::unexpected(
                    "--interactions",
                    expected,
                    "--log as well",
                ));
            }
            return Self::interactions(path, currency, policy, as_of);
        }
        let currency = match currency {
            Some(currency) => currency,
            None if given.is_none() => Currency::USD,
            None => {
                let expected = "the currency of the amounts, such as EUR, to go with --log";
                return Err(Failure::unexpected("--currency", expected, "none"));
            }
        };
        let table = Table::open(given.unwrap_or(OsStr::new(CDNOW)))?;
        let mut rows = Rows::new();
        let mut number = 0;
        let log = read_log_with(table, currency, policy, |name, at, amount| {
            number += 1;
            row(&mut rows, name, (number, at, amount));
        })?;
        let events = Events::Transactions(rows);
        Ok(Self {
            events,
            log,
            currency,
        })
    }

    fn interactions(
        path: &OsStr,
        currency: Option<Currency>,
        policy: SummaryPolicy,
        as_of: Option<Moment>,
    ) -> Result<Self, Failure> {
        let interactions = InteractionLog::read(path, policy)?;
        let found = interactions.currency()?;
        if let (Some(expected), Some(given)) = (found, currency) {
            if expected != given {
                let words = format!("{expected}, the currency of the amounts");
                return Err(Failure::unexpected("--currency", words, given.code()));
            }
        }
        let end = as_of.unwrap_or(interactions.last_day()).end();
        Ok(Self {
            log: interactions.as_of(end)?,
            // A log without amounts is in no currency.
            currency: found.or(currency).unwrap_or(Currency::XXX),
            events: Events::Interactions(Box::new(interactions)),
        })
    }
}

/// Whether a path leads to the log of interactions that comes with the crate.
fn is_b2b(path: &OsStr) -> bool {
    let shipped = std::fs::canonicalize(B2B);
    shipped.is_ok_and(|shipped| std::fs::canonicalize(path).is_ok_and(|path| path == shipped))
}

fn smallest_group(arguments: &Arguments) -> Result<SmallGroups, Failure> {
    let Some(text) = arguments.text("smallest-group")? else {
        return Ok(SmallGroups::default());
    };
    let rule = text.parse().ok().map(SmallGroups::fewer_than);
    rule.and_then(Result::ok).ok_or_else(|| {
        let expected = "a whole number of at least 2";
        Failure::unexpected("--smallest-group", expected, quoted(text.as_bytes()))
    })
}

fn terms(arguments: &Arguments, currency: Currency, unit: TimeUnit) -> Result<ClvTerms, Failure> {
    let margin = arguments.number("margin")?.unwrap_or(0.3);
    let terms = ClvTerms::new(margin, arguments.discount(unit)?)
        .map_err(|error| Failure::refused("--margin", error))?;
    let terms = match arguments.number("horizon")? {
        None => terms,
        Some(_) => terms.until(arguments.horizon(unit)?),
    };
    match arguments.parsed("cost-to-serve", |text| Money::parse(text, currency))? {
        None => Ok(terms),
        Some(cost) => terms
            .with_cost_to_serve(cost, unit)
            .map_err(|error| Failure::refused("--cost-to-serve", error)),
    }
}
