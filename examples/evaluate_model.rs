//! What does a model with known parameters say of every customer in a table of summaries?
//!
//! ```text
//! cargo run --release --example evaluate_model -- --model pareto-nbd \
//!     --parameters r=0.55,alpha=10.58,s=0.61,beta=11.67 --unit week --summary FILE \
//!     --horizon 39 --annual-discount 0.10
//! ```
//!
//! Prints CSV: the columns of the input as they are, then `log_likelihood`, `probability_alive`,
//! `probability_active` and `expected_purchases` within the horizon, and `residual_transactions`
//! (DERT); for Gamma–Gamma `log_likelihood` and `expected_spend`. Numbers have 17 significant
//! digits. Customers are answered one batch at a time, however many there are, and nothing is
//! printed before the last row has turned out well: until then the answers are kept in a temporary
//! file.
//!
//! A row with an answer that does not exist, such as the residual purchases without discount where
//! their sum is infinite, is an error. A mean spend of 0 has the log-likelihood `-inf`.

#![allow(clippy::disallowed_methods, reason = "takes the time")]

use std::fmt::Write as _;
use std::io::{Seek, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use csv::{ByteRecord, WriterBuilder};
use guanxi::model::{
    BgNbd, BgNbdParameters, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters, ModelError,
    ParameterError, ParetoNbd, ParetoNbdParameters, PurchaseModel, PurchasePosterior, SpendModel,
    SpendPosterior,
};
use guanxi::quantity::Currency;
use guanxi::summary::RfmSummary;

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
mod support;

use support::{
    Arguments, Failure, ModelName, Options, SummaryColumns, SummaryRow, Table, copy_out, note,
    parse_parameters, run,
};

const USAGE: &str = "\
Answers a table of customers under a model with known parameters, as CSV.

usage: evaluate_model --model NAME --parameters NAME=VALUE,… --summary FILE [options]

  --model NAME                bg-nbd, mbg-nbd, pareto-nbd or gamma-gamma
  --parameters NAME=VALUE,…   r,alpha,a,b for bg-nbd and mbg-nbd; r,alpha,s,beta for pareto-nbd;
                              p,q,gamma for gamma-gamma
  --summary FILE              CSV with the columns x,t_x,T (gamma-gamma: x,m) and any others;
                              - for standard input
  --unit UNIT                 unit of the parameters, of t_x and of T (default week)
  --horizon LENGTH            units to expect purchases in (default 39)
  --annual-discount RATE      effective rate a year (default 0.10)
  --continuous-discount RATE  or: force of interest per unit of the model
  --seconds                   print the time taken to standard error
  --help                      print this
";

const OPTIONS: Options = Options {
    valued: &[
        "model",
        "parameters",
        "summary",
        "unit",
        "horizon",
        "annual-discount",
        "continuous-discount",
    ],
    flags: &["seconds"],
};

/// Rows that are read, answered and written together.
const BATCH: usize = 1024;

/// Bytes of answers that are kept in memory; more go to a temporary file.
const IN_MEMORY: usize = 16 << 20;

/// What a purchase model is asked about each customer.
const PURCHASES: [&str; 5] = [
    "log_likelihood",
    "probability_alive",
    "probability_active",
    "expected_purchases",
    "residual_transactions",
];

/// What a spend model is asked about each customer.
const SPEND: [&str; 2] = ["log_likelihood", "expected_spend"];

fn main() -> ExitCode {
    run(USAGE, OPTIONS, answer)
}

fn answer(arguments: &Arguments) -> Result<(), Failure> {
    let model = arguments.required_text("model")?;
    let name = ModelName::parse(model, &ModelName::ALL)?;
    let text = arguments.required_text("parameters")?;
    let unit = arguments.unit()?;
    let refused = |error: ParameterError| Failure::refused("--parameters", error);
    match name {
        ModelName::BgNbd => {
            let [r, alpha, a, b] = parse_parameters(name, text)?;
            let parameters = BgNbdParameters {
                unit,
                r,
                alpha,
                a,
                b,
            };
            purchases(arguments, name, &BgNbd::new(parameters).map_err(refused)?)
        }
        ModelName::MbgNbd => {
            let [r, alpha, a, b] = parse_parameters(name, text)?;
            let parameters = MbgNbdParameters {
                unit,
                r,
                alpha,
                a,
                b,
            };
            purchases(arguments, name, &MbgNbd::new(parameters).map_err(refused)?)
        }
        ModelName::ParetoNbd => {
            let [r, alpha, s, beta] = parse_parameters(name, text)?;
            let parameters = ParetoNbdParameters {
                unit,
                r,
                alpha,
                s,
                beta,
            };
            purchases(
                arguments,
                name,
                &ParetoNbd::new(parameters).map_err(refused)?,
            )
        }
        ModelName::GammaGamma => {
            let [p, q, gamma] = parse_parameters(name, text)?;
            let currency = Currency::XXX; // the table does not say which
            let parameters = GammaGammaParameters {
                currency,
                p,
                q,
                gamma,
            };
            spend(
                arguments,
                name,
                &GammaGamma::new(parameters).map_err(refused)?,
            )
        }
    }
}

/// An answer that does not exist: its column, and why.
type NoAnswer = (&'static str, ModelError);

fn purchases<M: PurchaseModel>(
    arguments: &Arguments,
    name: ModelName,
    model: &M,
) -> Result<(), Failure> {
    let horizon = arguments.horizon(model.unit())?;
    let discount = arguments.discount(model.unit())?;
    let [likelihood, .., residual] = PURCHASES;
    evaluate(arguments, name, PURCHASES, |customer| {
        let posterior = model
            .posterior(customer)
            .map_err(|error| (likelihood, error.into()))?;
        Ok([
            posterior.ln_likelihood(),
            posterior.probability_alive(),
            posterior.probability_active(horizon),
            posterior.expected_purchases(horizon),
            posterior
                .residual_transactions(discount)
                .map_err(|error| (residual, error))?,
        ])
    })
}

fn spend(arguments: &Arguments, name: ModelName, model: &GammaGamma) -> Result<(), Failure> {
    // Not used, but a mistake in them is one all the same.
    let unit = arguments.unit()?;
    arguments.horizon(unit)?;
    arguments.discount(unit)?;
    let [_, expected] = SPEND;
    evaluate(arguments, name, SPEND, |customer| {
        let posterior = model
            .posterior(customer.spend())
            .map_err(|error| (expected, error))?;
        Ok([posterior.ln_likelihood(), posterior.expected_spend()])
    })
}

/// Reads, answers and writes every row.
fn evaluate<const N: usize>(
    arguments: &Arguments,
    model: ModelName,
    names: [&'static str; N],
    mut answer: impl FnMut(&RfmSummary) -> Result<[f64; N], NoAnswer>,
) -> Result<(), Failure> {
    let path = arguments.required_raw("summary")?;
    let [mut reading, mut answering, mut writing] = [Duration::ZERO; 3];
    let clock = Instant::now();
    let mut table = Table::open(path)?;
    let columns = SummaryColumns::find(&table, model, arguments.unit()?)?;
    for name in names {
        if table.column(name)?.is_some() {
            let expected = "no column with the name of an answer";
            return Err(Failure::unexpected(
                table.place(table.line(), name),
                expected,
                "one",
            ));
        }
    }
    reading += clock.elapsed();

    let mut writer = WriterBuilder::new()
        .buffer_capacity(1 << 16)
        .from_writer(tempfile::spooled_tempfile(IN_MEMORY));
    let failed = |error: csv::Error| Failure::Output(error.into());
    let header = table.header().iter().chain(names.map(str::as_bytes));
    writer.write_record(header).map_err(failed)?;

    let mut records = vec![ByteRecord::new(); BATCH];
    let mut customers: Vec<(SummaryRow, u64)> = Vec::with_capacity(BATCH);
    let mut answers: Vec<[f64; N]> = Vec::with_capacity(BATCH);
    let mut digits = String::new();
    loop {
        let clock = Instant::now();
        customers.clear();
        for record in &mut records {
            if !table.read(record)? {
                break;
            }
            customers.push((columns.read(&table, record)?, table.line()));
        }
        reading += clock.elapsed();

        let clock = Instant::now();
        answers.clear();
        for (customer, line) in &customers {
            answers.push(
                answer(&customer.rfm).map_err(|(column, error)| {
                    Failure::refused(table.place(*line, column), error)
                })?,
            );
        }
        answering += clock.elapsed();

        let clock = Instant::now();
        for (record, answers) in records.iter().zip(&answers) {
            for cell in record {
                writer.write_field(cell).map_err(failed)?;
            }
            for number in answers {
                digits.clear();
                let _ = write!(digits, "{number:.16e}");
                writer.write_field(&digits).map_err(failed)?;
            }
            writer.write_record(None::<&[u8]>).map_err(failed)?;
        }
        writing += clock.elapsed();
        if customers.len() < BATCH {
            break;
        }
    }

    let clock = Instant::now();
    let mut answers = writer
        .into_inner()
        .map_err(|error| Failure::Output(error.into_error()))?;
    answers
        .flush()
        .and_then(|()| answers.rewind())
        .map_err(Failure::Output)?;
    copy_out(answers)?;
    writing += clock.elapsed();
    if arguments.has("seconds") {
        let [read, evaluate, write] = [reading, answering, writing].map(|time| time.as_secs_f64());
        note(&format!(
            "seconds: read {read:.3}, evaluate {evaluate:.3}, write {write:.3}"
        ));
    }
    Ok(())
}
