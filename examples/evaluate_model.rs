//! What does a model with known parameters say of every customer in a table of summaries?
//!
//! ```text
//! cargo run --release --example evaluate_model -- --model pareto-nbd \
//!     --parameters r=0.55,alpha=10.58,s=0.61,beta=11.67 --unit week --summary FILE \
//!     --horizon 39 --annual-discount 0.10
//! ```
//!
//! Prints CSV: the columns of the input as they are, then the answers. Numbers have 17 significant
//! digits. Customers are answered one batch at a time, however many there are, and nothing is
//! printed before the last row has turned out well: until then the answers are kept in a temporary
//! file.
//!
//! | models | columns read | answers |
//! |---|---|---|
//! | `bg-nbd`, `mbg-nbd`, `pareto-nbd`, `nbd`, `ggompertz-nbd`, `correlated-pareto-nbd` | `x,t_x,T` | `log_likelihood`, `probability_alive`, `probability_active` and `expected_purchases` within the horizon, `residual_transactions` (DERT) |
//! | `bg-cnbd`, `mbg-cnbd`, with `--k` | `x,t_x,T[,litt]` | the same; where `litt` is missing or empty and x > 1, the part of the density that has no parameter in it is left out of `log_likelihood` |
//! | `bg-bb` | `x,t_x,n` | the same, the horizon in opportunities |
//! | `gamma-gamma` | `x,m` | `log_likelihood`, `expected_spend` |
//! | `sbg`, `bdw`, `geometric` | `period` | `survival`, `retention_rate`, `residual_lifetime` |
//!
//! `x` counts repeat purchases, `t_x` and `T` are the times of the last one and of the end of
//! observation since the first purchase, `m` is the mean spend of the repeat purchases, and `litt` the
//! sum of the logarithms of the gaps between purchases. For `bg-bb` `t_x` is the last of `n`
//! opportunities at which the customer bought, 0 if there was none; the opportunities are one unit
//! apart.
//!
//! Of the models of retention, `survival` is the probability that a new customer makes the first
//! `period` renewals, `RetentionModel::survival`: 1 in period 0. `retention_rate` is the share of
//! those who made all renewals before that makes number `period`, `RetentionModel::retention_rate`;
//! an empty cell in period 0, which no renewal opens. `residual_lifetime` is of a customer who has
//! made `period` renewals, just before the next: the expected discounted number of payments at the
//! renewals to come, the next one included and not discounted,
//! `RetentionPosterior::residual_before_renewal`. That is the DERL of Fader & Hardie (2010), just
//! before renewal `period` + 1.
//!
//! The parameters of `bg-nbd`, `mbg-nbd`, `pareto-nbd`, `nbd` and `ggompertz-nbd` may go with effects
//! of covariates, such as `purchase.member=0.4,dropout.member=-0.3`: these are columns of the table
//! then, and effects are by unit of the column, as `fit_model` gives them without `--standardise`.
//!
//! A row with an answer that does not exist, such as the residual purchases without discount where
//! their sum is infinite, is an error. A mean spend of 0 has the log-likelihood `-inf`.

#![allow(clippy::disallowed_methods, reason = "takes the time")]

use std::process::ExitCode;

use csv::ByteRecord;
use guanxi::model::{
    Covariate, CovariateModel, CovariateParameters, GammaGamma, ParameterError, Phases,
    PurchasePosterior, RetentionModel, RetentionPosterior, SpendModel, SpendPosterior,
    WithCovariates,
};

#[path = "evaluate_model/batches.rs"]
mod batches;
#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
mod support;

use batches::{Columns, NoAnswer, evaluate};
use support::{
    Arguments, Build, Context, CovariateColumns, Failure, ModelName, Options, Parameters,
    PeriodColumn, Purchases, SummaryColumns, SummaryRow, Table, dropout_link, run, summary_header,
    with_model,
};

const USAGE: &str = "\
Answers a table of customers under a model with known parameters, as CSV.

usage: evaluate_model --model NAME --parameters NAME=VALUE,… --summary FILE [options]

  --model NAME                bg-nbd, mbg-nbd, pareto-nbd, nbd, ggompertz-nbd, bg-cnbd, mbg-cnbd,
                              correlated-pareto-nbd, bg-bb, sbg, bdw, geometric or gamma-gamma
  --parameters NAME=VALUE,…   r,alpha,a,b for bg-nbd, mbg-nbd, bg-cnbd and mbg-cnbd;
                              r,alpha,s,beta for pareto-nbd, and dependence for
                              correlated-pareto-nbd; r,alpha for nbd; r,alpha,b,s,beta for
                              ggompertz-nbd; alpha,beta,gamma,delta for bg-bb; alpha,beta for sbg,
                              and c for bdw; churn for geometric; p,q,gamma for gamma-gamma.
                              bg-nbd, mbg-nbd, pareto-nbd, nbd and ggompertz-nbd also take effects
                              of columns of the table, purchase.NAME and dropout.NAME
  --k N                       phases of a gap for bg-cnbd and mbg-cnbd, 1 to 100
  --dropout-link LINK         what effects on dropout move in bg-nbd and mbg-nbd: mean (default)
                              moves a, and so the mean; common moves a and b alike
  --summary FILE              CSV with the columns x,t_x,T (bg-cnbd and mbg-cnbd: x,t_x,T[,litt];
                              bg-bb: x,t_x,n; gamma-gamma: x,m; sbg, bdw and geometric: period)
                              and any others; - for standard input
  --unit UNIT                 unit of the parameters, of t_x and of T; one opportunity of bg-bb or
                              one period of sbg, bdw and geometric (default week)
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
        "k",
        "dropout-link",
        "summary",
        "unit",
        "horizon",
        "annual-discount",
        "continuous-discount",
    ],
    flags: &["seconds"],
};

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

/// What a model of retention is asked about each period.
const RETENTION: [&str; 3] = ["survival", "retention_rate", "residual_lifetime"];

fn main() -> ExitCode {
    run(USAGE, OPTIONS, answer)
}

/// What was asked for, and the model's numbers.
struct Question<'a> {
    arguments: &'a Arguments,
    name: ModelName,
    parameters: Parameters,
    context: Context,
}

impl Question<'_> {
    fn model<M: Build>(&self) -> Result<M, Failure> {
        M::build(self.context, &self.parameters.values)
            .map_err(|error: ParameterError| Failure::refused("--parameters", error))
    }
}

fn answer(arguments: &Arguments) -> Result<(), Failure> {
    let name = ModelName::parse(arguments.required_text("model")?, ModelName::ALL)?;
    let text = arguments.required_text("parameters")?;
    let k = arguments.phases(name)?;
    if name.has_phases() && k.is_none() {
        let expected = "the number of phases of a gap";
        return Err(Failure::unexpected("--k", expected, "none"));
    }
    let question = Question {
        arguments,
        name,
        parameters: Parameters::parse(name, text)?,
        context: Context {
            k: k.unwrap_or(Phases::ONE),
            ..Context::new(arguments.unit()?)
        },
    };
    let link = dropout_link(arguments, name)?;
    if !question.parameters.effects.is_empty() {
        return with_model!(covariates name, M => {
            let model = WithCovariates::new(CovariateParameters {
                base: question.model::<M>()?,
                covariates: covariates(&question)?,
                effects: question.parameters.effects.clone(),
                dropout_link: link,
            });
            let model = model.map_err(|error| Failure::refused("--parameters", error))?;
            with_covariates(&question, &model)
        }, _ => Ok(())); // no other model has effects
    }
    if arguments.raw("dropout-link").is_some() {
        let expected = "effects of covariates among --parameters to go with it";
        return Err(Failure::unexpected("--dropout-link", expected, "none"));
    }
    with_model!(purchases name, M => purchases(&question, &question.model::<M>()?), _ => {
        with_model!(retention name, M => retention(&question, &question.model::<M>()?), _ => {
            spend(&question, &question.model::<GammaGamma>()?)
        })
    })
}

impl Columns for SummaryColumns {
    type Row = SummaryRow;

    fn read(&self, table: &Table, row: &ByteRecord) -> Result<SummaryRow, Failure> {
        self.read(table, row)
    }
}

impl Columns for (SummaryColumns, CovariateColumns) {
    type Row = (SummaryRow, Vec<f64>);

    fn read(&self, table: &Table, row: &ByteRecord) -> Result<Self::Row, Failure> {
        Ok((self.0.read(table, row)?, self.1.read(table, row)?))
    }
}

impl Columns for PeriodColumn {
    type Row = u32;

    fn read(&self, table: &Table, row: &ByteRecord) -> Result<u32, Failure> {
        (*self).read(table, row)
    }
}

fn purchases<M: Purchases>(question: &Question, model: &M) -> Result<(), Failure> {
    let ask = asked(question)?;
    let find = |table: &Table| SummaryColumns::find(table, question.name, question.context.unit);
    evaluate(question.arguments, find, PURCHASES, |row| {
        let posterior = model
            .posterior(&row.rfm)
            .map_err(|e| (PURCHASES[0], e.to_string()))?;
        ask(&posterior)
    })
}

fn with_covariates<M: Purchases + CovariateModel>(
    question: &Question,
    model: &WithCovariates<M>,
) -> Result<(), Failure> {
    let ask = asked(question)?;
    let header = summary_header(question.name);
    let find = |table: &Table| {
        let columns = SummaryColumns::find(table, question.name, question.context.unit)?;
        let names = question.parameters.covariates();
        Ok((columns, CovariateColumns::find(table, &names, header)?))
    };
    evaluate(question.arguments, find, PURCHASES, |(row, z)| {
        let model = model.of(z).map_err(|e| (PURCHASES[0], e.to_string()))?;
        let posterior = model
            .posterior(&row.rfm)
            .map_err(|e| (PURCHASES[0], e.to_string()))?;
        ask(&posterior)
    })
}

fn covariates(question: &Question) -> Result<Vec<Covariate>, Failure> {
    let names = question.parameters.covariates().into_iter();
    let covariates = names.map(Covariate::new).collect::<Result<_, _>>();
    covariates.map_err(|error| Failure::refused("--parameters", error))
}

/// The answers about one customer.
type Answered = Result<[Option<f64>; 5], NoAnswer>;

/// The questions to a posterior.
fn asked<P: PurchasePosterior>(question: &Question) -> Result<impl Fn(&P) -> Answered, Failure> {
    let unit = question.context.unit;
    let horizon = question.arguments.horizon(unit)?;
    let discount = question.arguments.discount(unit)?;
    let [.., residual] = PURCHASES;
    Ok(move |posterior: &P| {
        let transactions = posterior.residual_transactions(discount);
        let answers = [
            posterior.ln_likelihood(),
            posterior.probability_alive(),
            posterior.probability_active(horizon),
            posterior.expected_purchases(horizon),
            transactions.map_err(|error| (residual, error.to_string()))?,
        ];
        Ok(answers.map(Some))
    })
}

fn retention<M: RetentionModel>(question: &Question, model: &M) -> Result<(), Failure> {
    // Not used, but a mistake in it is one all the same.
    question.arguments.horizon(question.context.unit)?;
    let discount = question.arguments.discount(question.context.unit)?;
    let [.., residual] = RETENTION;
    evaluate(
        question.arguments,
        PeriodColumn::find,
        RETENTION,
        |&period| {
            let lifetime = model.posterior(period).residual_before_renewal(discount);
            Ok([
                Some(model.survival(period)),
                (period > 0).then(|| model.retention_rate(period)),
                Some(lifetime.map_err(|error| (residual, error.to_string()))?),
            ])
        },
    )
}

fn spend(question: &Question, model: &GammaGamma) -> Result<(), Failure> {
    // Not used, but a mistake in them is one all the same.
    let unit = question.context.unit;
    question.arguments.horizon(unit)?;
    question.arguments.discount(unit)?;
    let find = |table: &Table| SummaryColumns::find(table, question.name, unit);
    let [_, expected] = SPEND;
    evaluate(question.arguments, find, SPEND, |row| {
        let posterior = model
            .posterior(row.rfm.spend())
            .map_err(|error| (expected, error.to_string()))?;
        Ok([posterior.ln_likelihood(), posterior.expected_spend()].map(Some))
    })
}
