//! What is each customer of a shop worth, and how far can that be trusted?
//!
//! ```text
//! cargo run --release --example appraise
//! cargo run --release --example appraise -- --log examples/data/online_retail.csv \
//!     --as-of 2011-12-09 --currency GBP --calibration-end 2011-06-09 --horizon 52
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
//! | `terms{margin,annual_discount,cost_to_serve,horizon}` | on what terms; cost per unit and horizon may be `null` |
//! | `read{rows,first,last,purchases,returns,rules{}}` | the log; amounts and counts up to `as_of` |
//! | `models{purchases{},spend{}}` | each fit, with the keys of `fit_model` and `curvature`, `evaluations` |
//! | `top[]` | the ten worth most: `customer`, `frequency`, `silence`, `probability_alive`, `expected_purchases` in 39 weeks, `expected_spend`, `residual_value`, `interval[]` |
//! | `equity{value,interval[],customers,level,draws,seed}` | the sum over all customers |
//! | `concentration{gini,top_10_percent,top_20_percent,whale_curve_peak}` | `null` where not defined |
//! | `unvalued[]` | `reason`, `customers`, and the first `names[]` |
//! | `holdout{}` | `null` without a calibration; else `calibration_end`, `end`, `length`, `models{}`, `customers`, `purchases{predicted,actual}`, `value{predicted,actual}`, `mean_absolute_error`, `naive{predicted,mean_absolute_error}`, `bins[]{from,customers,predicted,observed}`, `brier`, `brier_of_base_rate`, `late_joiners{customers,purchases,names[]}` |

#![allow(clippy::disallowed_methods, reason = "reads the log it is given")]

use std::ffi::OsStr;
use std::process::ExitCode;

use guanxi::chrono::{DateTime, Utc};
use guanxi::model::{BgNbd, ClvTerms, MbgNbd, ParetoNbd};
use guanxi::quantity::{Currency, Money, TimeUnit};
use guanxi::summary::{DedupeUnit, SummaryPolicy};

#[path = "appraise/appraisal.rs"]
mod appraisal;
#[path = "appraise/json.rs"]
mod json;
#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
mod support;
#[path = "appraise/text.rs"]
mod text;

use appraisal::{appraise, assert_published};
use json::to_json;
use support::{Arguments, Failure, Log, ModelName, Moment, Options, print, read_log, run};
use text::to_text;

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
  --horizon LENGTH        units of time that count towards the value (default: all to come)
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
        "horizon",
    ],
    flags: &["json"],
};

/// The log that comes with the crate, wherever the example is run.
const CDNOW: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/cdnow.csv");

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
