//! Which parameters fit a log, or a table of summaries, best?
//!
//! ```text
//! cargo run --release --example fit_model -- --model mbg-nbd --log examples/data/cdnow.csv \
//!     --calibration-end 1997-09-30
//! ```
//!
//! Prints the certificate of the fit, and what the model then expects. With `--json`, one object:
//!
//! | key | content |
//! |---|---|
//! | `model`, `unit` | as asked for |
//! | `customers` | customers the likelihood is made of: the sum of the weights; for Gamma–Gamma, of those with a repeat purchase of known value |
//! | `rows` | distinct rows they were merged into |
//! | `parameters{}`, `standard_errors{}` | by name; a parameter at a boundary has the error `null` |
//! | `log_likelihood`, `aic`, `bic` | at the estimates, all constants kept |
//! | `gradient_norm` | largest component of the gradient, per customer and on the log scale |
//! | `notes[]` | what the data could not tell, in words |
//! | `seconds{read,summarise,fit}` | time taken |
//! | `holdout{predicted,actual}` | if the log goes past the calibration end: see below |
//!
//! `holdout` is about the customers of the calibration, from its end to the last day of the log:
//! `predicted` is the sum of their expected purchases, `actual` the number of their transactions.
//! For Gamma–Gamma both are money: the actual transactions at each customer's expected spend, and
//! what was spent in them.

#![allow(clippy::disallowed_methods, reason = "takes the time")]

use std::fmt::Write;
use std::process::ExitCode;
use std::time::Instant;

use csv::ByteRecord;
use guanxi::model::{
    BgNbd, Fit, FitOptions, FitReport, Fitted, GammaGamma, MbgNbd, ModelError, ParetoNbd,
    PurchaseModel, PurchasePosterior, Sample, SpendModel, SpendPosterior,
};
use guanxi::quantity::{Currency, DiscountRate, Span, TimeUnit};
use guanxi::summary::{CalibrationSplit, RfmSummary, SummaryPolicy};
use serde_json::Value;

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
mod support;

use support::{
    Arguments, Failure, ModelName, Moment, Options, SummaryColumns, SummaryRow, Table, fit_json,
    fit_text, number, object, print, read_log, rounded, run,
};

const USAGE: &str = "\
Fits a model by maximum likelihood and certifies the fit.

usage: fit_model --model NAME (--log FILE [--calibration-end DATE] | --summary FILE) [options]

  --model NAME                bg-nbd, mbg-nbd, pareto-nbd or gamma-gamma
  --log FILE                  CSV with the columns customer_id,date,amount: ISO dates or
                              date-times, a negative amount is a return; - for standard input
  --calibration-end DATE      last day to learn from (default: the last day of the log)
  --summary FILE              CSV with the columns x,t_x,T[,m][,weight]; gamma-gamma reads x and m
  --unit UNIT                 unit of the model and of t_x and T (default week)
  --dedupe UNIT               transactions of one second, minute, hour, day or week are one
                              (default day)
  --horizon LENGTH            units to expect purchases in (default 39)
  --annual-discount RATE      effective rate a year (default 0.10)
  --continuous-discount RATE  or: force of interest per unit of the model
  --json                      print one JSON object
  --help                      print this
";

const OPTIONS: Options = Options {
    valued: &[
        "model",
        "log",
        "calibration-end",
        "summary",
        "unit",
        "dedupe",
        "horizon",
        "annual-discount",
        "continuous-discount",
    ],
    flags: &["json"],
};

fn main() -> ExitCode {
    run(USAGE, OPTIONS, answer)
}

/// What was asked for.
struct Question {
    model: ModelName,
    unit: TimeUnit,
    horizon: Span,
    discount: DiscountRate,
    json: bool,
}

/// The customers, however they came.
struct Customers {
    file: String,
    rows: Vec<SummaryRow>,
    split: Option<CalibrationSplit>,
    read: f64,
    summarise: f64,
}

fn answer(arguments: &Arguments) -> Result<(), Failure> {
    let model = arguments.required_text("model")?;
    let unit = arguments.unit()?;
    let question = Question {
        model: ModelName::parse(model, &ModelName::ALL)?,
        unit,
        horizon: arguments.horizon(unit)?,
        discount: arguments.discount(unit)?,
        json: arguments.has("json"),
    };
    let customers = read(arguments, &question)?;
    let text = match question.model {
        ModelName::BgNbd => purchases::<BgNbd>(&question, &customers)?,
        ModelName::MbgNbd => purchases::<MbgNbd>(&question, &customers)?,
        ModelName::ParetoNbd => purchases::<ParetoNbd>(&question, &customers)?,
        ModelName::GammaGamma => spend(&question, &customers)?,
    };
    print(&text)
}

fn read(arguments: &Arguments, question: &Question) -> Result<Customers, Failure> {
    let dedupe = arguments.dedupe()?;
    let calibration_end = arguments.moment("calibration-end")?;
    match (arguments.raw("log"), arguments.raw("summary")) {
        (Some(_), Some(_)) => Err(Failure::unexpected(
            "--log",
            "either --log or --summary",
            "both",
        )),
        (None, None) => Err(Failure::unexpected(
            "--log",
            "--log or --summary",
            "neither",
        )),
        (Some(log), None) => {
            let policy = SummaryPolicy::default()
                .with_unit(question.unit)
                .with_dedupe(dedupe);
            let start = Instant::now();
            // The models need the amounts to be of one currency; which one changes no parameter.
            let log = read_log(log, Currency::XXX, policy)?;
            let read = start.elapsed().as_secs_f64();
            summarise(&log, calibration_end, read)
        }
        (None, Some(summary)) => {
            for option in ["calibration-end", "dedupe"] {
                if arguments.raw(option).is_some() {
                    let place = format!("--{option}");
                    return Err(Failure::unexpected(
                        place,
                        "a --log to go with it",
                        "--summary",
                    ));
                }
            }
            let start = Instant::now();
            let mut table = Table::open(summary)?;
            let columns = SummaryColumns::find(&table, question.model, question.unit)?;
            let (mut rows, mut row) = (Vec::new(), ByteRecord::new());
            while table.read(&mut row)? {
                rows.push(columns.read(&table, &row)?);
            }
            Ok(Customers {
                file: table.file().to_owned(),
                rows,
                split: None,
                read: start.elapsed().as_secs_f64(),
                summarise: 0.0,
            })
        }
    }
}

/// Summaries as of the end of the calibration, and what came after it.
fn summarise(
    log: &support::Log,
    calibration_end: Option<Moment>,
    read: f64,
) -> Result<Customers, Failure> {
    let start = Instant::now();
    let observed = log.last_day().end();
    let end = calibration_end.map_or(observed, Moment::end);
    let refused = |error| log.refused(error);
    let after = log.base.report(end).map_err(refused)?.events_after;
    let split = if after > 0 {
        Some(log.base.split(end, observed).map_err(refused)?)
    } else {
        None
    };
    let rfm: Vec<RfmSummary> = if let Some(split) = &split {
        split.calibrations().collect()
    } else {
        let summaries = log.base.rfm_summaries(end);
        summaries.collect::<Result<_, _>>().map_err(refused)?
    };
    if rfm.is_empty() {
        let expected = "purchases up to the end of the calibration";
        return Err(Failure::unexpected(&log.file, expected, "none"));
    }
    let rows = rfm.into_iter().map(|rfm| SummaryRow { rfm, weight: 1.0 });
    Ok(Customers {
        file: log.file.clone(),
        rows: rows.collect(),
        split,
        read,
        summarise: start.elapsed().as_secs_f64(),
    })
}

/// The fit, and the seconds that went into merging equal rows and into the search.
fn fit<M: Fit<Sample: Sample>>(customers: &Customers) -> Result<(Fitted<M>, f64, f64), Failure> {
    let refused = |error| Failure::refused(&customers.file, error);
    let start = Instant::now();
    let mut sample = M::Sample::default();
    for row in &customers.rows {
        sample.add(&row.rfm, row.weight).map_err(refused)?;
    }
    let merged = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let fitted = M::fit_sample(&sample, &FitOptions::default()).map_err(refused)?;
    Ok((fitted, merged, start.elapsed().as_secs_f64()))
}

/// What the holdout shows, if there is one.
struct Holdout {
    predicted: f64,
    actual: f64,
}

fn purchases<M: Fit<Sample: Sample> + PurchaseModel>(
    question: &Question,
    customers: &Customers,
) -> Result<String, Failure> {
    let (fitted, merged, seconds) = fit::<M>(customers)?;
    let model = fitted.model();
    let refused = |error: ModelError| Failure::refused(&customers.file, error);
    let holdout = match &customers.split {
        None => None,
        Some(split) => {
            let mut predicted = 0.0;
            for customer in split.customers() {
                let customer = customer.calibration();
                let posterior = model.posterior(customer).map_err(|e| refused(e.into()))?;
                predicted += posterior.expected_purchases(split.holdout());
            }
            Some(Holdout {
                predicted,
                actual: split.holdout_transactions() as f64,
            })
        }
    };
    let times = [customers.read, customers.summarise + merged, seconds];
    if question.json {
        return Ok(json(question, fitted.report(), holdout.as_ref(), times));
    }
    let mut text = heading(question, &fitted, times);
    let (mut alive, mut expected) = (0.0, 0.0);
    let mut residual: Result<f64, ModelError> = Ok(0.0);
    for row in &customers.rows {
        let posterior = model.posterior(&row.rfm).map_err(|e| refused(e.into()))?;
        alive += row.weight * posterior.probability_alive();
        expected += row.weight * posterior.expected_purchases(question.horizon);
        residual = residual.and_then(|sum| {
            Ok(sum + row.weight * posterior.residual_transactions(question.discount)?)
        });
    }
    let (length, unit) = (question.horizon.length(), question.unit);
    let _ = writeln!(text, "\nThese customers from now on");
    let _ = writeln!(
        text,
        "  still customers (sum of P(alive)): {}",
        rounded(alive, 1)
    );
    let _ = writeln!(
        text,
        "  purchases expected in {length} {unit}s: {}",
        rounded(expected, 1)
    );
    match residual {
        Ok(sum) => {
            let _ = writeln!(
                text,
                "  discounted residual purchases (DERT) at {:.3} % a year: {}",
                question.discount.effective_annual() * 100.0,
                rounded(sum, 1)
            );
        }
        Err(error) => {
            let _ = writeln!(text, "  no discounted residual purchases: {error}");
        }
    }
    if let (Some(holdout), Some(split)) = (&holdout, &customers.split) {
        let _ = writeln!(
            text,
            "\nHoldout: {} {unit}s to {}\n  purchases predicted {}, actual {}",
            rounded(split.holdout().length(), 2),
            split.holdout_end().date_naive(),
            rounded(holdout.predicted, 1),
            rounded(holdout.actual, 0)
        );
    }
    Ok(text)
}

fn spend(question: &Question, customers: &Customers) -> Result<String, Failure> {
    let (fitted, merged, seconds) = fit::<GammaGamma>(customers)?;
    let model = fitted.model();
    let holdout = match &customers.split {
        None => None,
        Some(split) => {
            let mut holdout = Holdout {
                predicted: 0.0,
                actual: 0.0,
            };
            for customer in split.customers() {
                let transactions = f64::from(customer.holdout_transactions());
                if transactions > 0.0 {
                    let posterior = model
                        .posterior(customer.calibration().spend())
                        .map_err(|error| Failure::refused(&customers.file, error))?;
                    holdout.predicted += transactions * posterior.expected_spend();
                    holdout.actual += customer.holdout_spend().to_f64();
                }
            }
            Some(holdout)
        }
    };
    let times = [customers.read, customers.summarise + merged, seconds];
    if question.json {
        return Ok(json(question, fitted.report(), holdout.as_ref(), times));
    }
    let mut text = heading(question, &fitted, times);
    match model.posterior(None) {
        Ok(newcomer) => {
            let spend = rounded(newcomer.expected_spend(), 2);
            let _ = writeln!(
                text,
                "\nA new customer is expected to spend {spend} a purchase"
            );
        }
        Err(error) => {
            let _ = writeln!(text, "\nNo expected spend of a new customer: {error}");
        }
    }
    if let Some(holdout) = holdout {
        let _ = writeln!(
            text,
            "\nHoldout: the purchases made in it\n  value predicted {}, actual {}",
            rounded(holdout.predicted, 2),
            rounded(holdout.actual, 2)
        );
    }
    Ok(text)
}

fn heading<M: Fit>(question: &Question, fitted: &Fitted<M>, times: [f64; 3]) -> String {
    let [read, summarise, fit] = times.map(|seconds| seconds * 1e3);
    format!(
        "{} in {}\n{}  read {read:.1} ms, summarise {summarise:.1} ms, fit {fit:.1} ms\n",
        question.model.title(),
        match question.model {
            ModelName::GammaGamma => "the currency of the amounts".to_owned(),
            _ => format!("{}s", question.unit),
        },
        fit_text(fitted.report())
    )
}

fn json(
    question: &Question,
    report: &FitReport,
    holdout: Option<&Holdout>,
    [read, summarise, fit]: [f64; 3],
) -> String {
    let mut pairs = vec![
        ("model", Value::from(question.model.name())),
        ("unit", Value::from(question.unit.to_string())),
    ];
    pairs.extend(fit_json(report));
    let seconds = [("read", read), ("summarise", summarise), ("fit", fit)];
    let seconds = seconds.map(|(name, value)| (name, Value::from(value)));
    pairs.push(("seconds", object(seconds)));
    if let Some(Holdout { predicted, actual }) = holdout {
        let pair = [
            ("predicted", Value::from(*predicted)),
            ("actual", number(*actual)),
        ];
        pairs.push(("holdout", object(pair)));
    }
    format!("{:#}\n", object(pairs))
}
