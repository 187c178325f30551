//! Which parameters fit a log, or a table of summaries, best?
//!
//! ```text
//! cargo run --release --example fit_model -- --model mbg-nbd --log examples/data/cdnow.csv \
//!     --calibration-end 1997-09-30
//! cargo run --release --example fit_model -- --model bg-bb --unit year \
//!     --summary examples/data/donations.csv
//! ```
//!
//! | models | from a log | from a summary with the columns |
//! |---|---|---|
//! | `bg-nbd`, `mbg-nbd`, `pareto-nbd`, `nbd`, `ggompertz-nbd`, `correlated-pareto-nbd` | yes | `x,t_x,T[,weight]` |
//! | `bg-cnbd`, `mbg-cnbd` | yes | `x,t_x,T[,litt][,weight]` |
//! | `bg-bb` | no | `x,t_x,n[,weight]` |
//! | `gamma-gamma` | yes | `x,m[,weight]` |
//! | `sbg`, `bdw`, `geometric` | no | `period,survivors[,cohort]` |
//!
//! `x` counts repeat purchases, `t_x` and `T` are the times of the last one and of the end of
//! observation since the first purchase, `m` is the mean spend of the repeat purchases, and `weight`
//! how many customers a row stands for. `litt` is the sum of the logarithms of the gaps between
//! purchases: without `--k`, *k* from 1 to 12 is chosen by likelihood, which takes the gaps of every
//! customer with more than one repeat purchase; a log has them. For `bg-bb` `t_x` is the last of `n`
//! opportunities at which the customer bought, 0 if there was none. Survivors are of a cohort at the
//! ends of periods 0, 1, 2 and so on: all of it first, and then how many were left after each renewal.
//! Cohorts may be of different ages.
//!
//! Columns that `--covariates` names act on purchase rates and on dropout, each by an effect of its
//! own (for `nbd`, which has no dropout, on purchase rates); `--purchase-covariates` and
//! `--dropout-covariates` name columns that act on one of the two, and all three may be combined.
//! Effects are by unit of the column, or with `--standardise` by its standard deviation, from the
//! mean. `bg-nbd`, `mbg-nbd`, `pareto-nbd`, `nbd` and `ggompertz-nbd` take covariates.
//!
//! `--covariate-log` has covariates that change with time, for `pareto-nbd`, `nbd` and `ggompertz-nbd`
//! and customers of a `--log`: rows `customer_id,from,NAME…`, each with the values from that date or
//! instant on. The rows of one customer ascend, the first is not later than the first purchase, and
//! the last holds from then on, without end. A purchase counts as made when its dedupe period begins.
//! Which columns act on what is said by the same options; unless any is given, all act on both.
//! Forecasts, those of the holdout among them, are made under the values after the end of the
//! calibration.
//!
//! Prints the certificate of the fit, and what the model then expects. With `--json`, one object:
//!
//! | key | content |
//! |---|---|
//! | `model`, `unit` | as asked for |
//! | `k` | phases of a gap, of `bg-cnbd` and `mbg-cnbd` only |
//! | `customers` | customers the likelihood is made of: the sum of the weights; for Gamma–Gamma, of those with a repeat purchase of known value; for cohorts, their sizes |
//! | `rows` | distinct rows they were merged into |
//! | `parameters{}`, `standard_errors{}` | by name, effects of covariates as `purchase.NAME` and `dropout.NAME`; a parameter at a boundary has the error `null` |
//! | `log_likelihood`, `aic`, `bic` | at the estimates, all constants kept |
//! | `gradient_norm` | largest component of the gradient, per customer and on the log scale |
//! | `notes[]` | what the data could not tell, in words |
//! | `covariates{}` | with `--standardise`: `mean` and `deviation` of each covariate |
//! | `seconds{read,summarise,fit}` | time taken |
//! | `holdout{predicted,actual}` | if the log goes past the calibration end: see below |
//!
//! `holdout` is about the customers of the calibration, from its end to the last day of the log:
//! `predicted` is the sum of their expected purchases, `actual` the number of their transactions.
//! For Gamma–Gamma both are money: the actual transactions at each customer's expected spend, and
//! what was spent in them.

#![allow(clippy::disallowed_methods, reason = "takes the time")]

use std::process::ExitCode;

use guanxi::model::Phases;
use guanxi::quantity::{DiscountRate, Span, TimeUnit};

#[path = "fit_model/answers.rs"]
mod answers;
#[path = "fit_model/contracts.rs"]
mod contracts;
#[path = "fit_model/customers.rs"]
mod customers;
#[path = "fit_model/purchases.rs"]
mod purchases;
#[path = "fit_model/spend.rs"]
mod spend;
#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
mod support;
#[path = "fit_model/timed.rs"]
mod timed;

use support::{Arguments, Effects, Failure, ModelName, Options, print, run, with_model};

const USAGE: &str = "\
Fits a model by maximum likelihood and certifies the fit.

usage: fit_model --model NAME (--log FILE [--calibration-end DATE] | --summary FILE) [options]

  --model NAME                bg-nbd, mbg-nbd, pareto-nbd, nbd, ggompertz-nbd, bg-cnbd, mbg-cnbd,
                              correlated-pareto-nbd, bg-bb, sbg, bdw, geometric or gamma-gamma
  --k N                       phases of a gap for bg-cnbd and mbg-cnbd, 1 to 100 (default: chosen by
                              likelihood from 1 to 12)
  --log FILE                  CSV with the columns customer_id,date,amount: ISO dates or
                              date-times, a negative amount is a return; - for standard input;
                              not for bg-bb, sbg, bdw and geometric
  --calibration-end DATE      last day to learn from (default: the last day of the log)
  --summary FILE              CSV with the columns x,t_x,T[,m][,weight]; gamma-gamma reads x and m;
                              bg-cnbd and mbg-cnbd x,t_x,T[,litt][,weight];
                              bg-bb x,t_x,n[,weight]; sbg, bdw and geometric
                              period,survivors[,cohort]; - for standard input
  --covariates NAMES          columns of the summary, separated by commas, that act on purchases
                              and dropout of bg-nbd, mbg-nbd, pareto-nbd, nbd or ggompertz-nbd
  --purchase-covariates NAMES columns that act on purchases
  --dropout-covariates NAMES  columns that act on dropout
  --dropout-link LINK         what effects on dropout move in bg-nbd and mbg-nbd: mean (default)
                              moves a, and so the mean; common moves a and b alike
  --covariate-log FILE        covariates that change with time, to go with --log, for pareto-nbd, nbd
                              and ggompertz-nbd: CSV with the columns customer_id,from,NAME…, the
                              rows of one customer ascending; the last holds from then on. All
                              columns act on purchases and dropout unless the options above name
                              which do
  --standardise               effects by standard deviation of a covariate, from its mean
  --unit UNIT                 unit of the model and of t_x and T; one opportunity of bg-bb or one
                              period of sbg, bdw and geometric (default week)
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
        "k",
        "log",
        "calibration-end",
        "summary",
        "covariates",
        "covariate-log",
        "purchase-covariates",
        "dropout-covariates",
        "dropout-link",
        "unit",
        "dedupe",
        "horizon",
        "annual-discount",
        "continuous-discount",
    ],
    flags: &["standardise", "json"],
};

fn main() -> ExitCode {
    run(USAGE, OPTIONS, answer)
}

/// What was asked for.
struct Question {
    model: ModelName,
    k: Option<Phases>,
    effects: Option<Effects>,
    unit: TimeUnit,
    horizon: Span,
    discount: DiscountRate,
    json: bool,
}

fn answer(arguments: &Arguments) -> Result<(), Failure> {
    let model = ModelName::parse(arguments.required_text("model")?, ModelName::ALL)?;
    let unit = arguments.unit()?;
    let question = Question {
        model,
        k: arguments.phases(model)?,
        effects: Effects::read(arguments, model)?,
        unit,
        horizon: arguments.horizon(unit)?,
        discount: arguments.discount(unit)?,
        json: arguments.has("json"),
    };
    print(&answered(arguments, &question)?)
}

fn answered(arguments: &Arguments, question: &Question) -> Result<String, Failure> {
    let model = question.model;
    with_model!(retention model, M => return contracts::contracts::<M>(arguments, question), _ => {});
    if arguments.raw("covariate-log").is_some() {
        return with_model!(
            timed model,
            M => timed::timed::<M>(arguments, question),
            _ => Err(Failure::unexpected(
                "--covariate-log",
                "it with pareto-nbd, nbd or ggompertz-nbd only",
                model.name(),
            ))
        );
    }
    let customers = customers::read(arguments, question)?;
    if let Some(effects) = &question.effects {
        return with_model!(
            covariates model,
            M => purchases::with_covariates::<M>(question, &customers, effects),
            _ => spend::spend(question, &customers)
        );
    }
    with_model!(
        purchases model,
        M => purchases::plain::<M>(question, &customers),
        _ => spend::spend(question, &customers)
    )
}
