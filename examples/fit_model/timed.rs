//! Purchase models whose customers' covariates change with time.

use std::collections::HashMap;
use std::time::Instant;

use guanxi::chrono::{DateTime, Utc};
use guanxi::history::CustomerId;
use guanxi::model::{
    FitOptions, TimeVarying, TimeVaryingDesign, TimeVaryingModel, TimeVaryingPosterior,
    TimedCustomer, TimedSample,
};
use guanxi::quantity::{Currency, DiscountRate, Horizon, Span};
use guanxi::summary::{CustomerState, SplitCustomer, SummaryPolicy};

use crate::Question;
use crate::customers::{Customers, summarise};
use crate::purchases::{Asked, Fit, answered};
use crate::support::{
    Arguments, CovariateLog, Effects, Failure, Log, ModelName, Table, period_start, read_log_with,
};

/// A posterior as the answers ask it.
struct Timed(TimeVaryingPosterior);

impl Asked for Timed {
    fn alive(&self) -> f64 {
        self.0.probability_alive()
    }

    fn expected(&self, span: Span) -> Result<f64, String> {
        self.0
            .expected_purchases(span)
            .map_err(|error| error.to_string())
    }

    fn residual(&self, discount: DiscountRate) -> Result<f64, String> {
        self.0
            .discounted_purchases(discount, Horizon::Infinite)
            .map_err(|error| error.to_string())
    }
}

/// Reads both logs and fits the model.
pub(crate) fn timed<M: TimeVaryingModel>(
    arguments: &Arguments,
    question: &Question,
) -> Result<String, Failure> {
    let path = arguments.required_raw("log")?;
    if arguments.raw("summary").is_some() {
        return Err(Failure::unexpected(
            "--log",
            "either --log or --summary",
            "both",
        ));
    }
    if question.effects.as_ref().is_some_and(|e| e.standardise) {
        let expected = "effects by unit with --covariate-log";
        return Err(Failure::unexpected("--standardise", expected, "it"));
    }
    let calibration_end = arguments.moment("calibration-end")?;
    let policy = SummaryPolicy::default()
        .with_unit(question.unit)
        .with_dedupe(arguments.dedupe()?);
    let start = Instant::now();
    let mut purchases: HashMap<String, Vec<DateTime<Utc>>> = HashMap::new();
    let log = read_log_with(
        Table::open(path)?,
        Currency::XXX,
        policy,
        |name, at, amount| {
            if !amount.is_negative() {
                purchases.entry(name.to_owned()).or_default().push(at);
            }
        },
    )?;
    let covariates = arguments.required_raw("covariate-log")?;
    let named = question.effects.as_ref().map(Effects::names);
    let covariates = CovariateLog::read(Table::open(covariates)?, named)?;
    let read = start.elapsed().as_secs_f64();
    let customers = summarise(&log, calibration_end, read)?;
    let start = Instant::now();
    let timed = timed_customers(&log, &policy, &mut purchases, &covariates, &customers)?;
    let mut sample = TimedSample::default();
    for customer in &timed {
        let added = sample.add(customer.clone(), 1.0);
        added.map_err(|error| Failure::refused(&customers.file, error))?;
    }
    let design = match &question.effects {
        Some(effects) => TimeVaryingDesign::default()
            .on_purchase(effects.purchase.iter().cloned())
            .on_dropout(effects.dropout.iter().cloned()),
        None if question.model == ModelName::Nbd => {
            TimeVaryingDesign::default().on_purchase(covariates.names.iter().cloned())
        }
        None => TimeVaryingDesign::default()
            .on_purchase(covariates.names.iter().cloned())
            .on_dropout(covariates.names.iter().cloned()),
    };
    let merged = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let fitted = TimeVarying::<M>::fit(&sample, &design, &FitOptions::default())
        .map_err(|error| Failure::refused(&covariates.file, error))?;
    let fit = Fit {
        report: fitted.report(),
        k: None,
        covariates: &[],
        merged,
        seconds: start.elapsed().as_secs_f64(),
    };
    answered(question, &customers, &fit, |i| {
        let posterior = fitted.model().posterior(&timed[i]);
        posterior
            .map(Timed)
            .map_err(|error| Failure::refused(&covariates.file, error))
    })
}

/// The customers in the order of their rows, with what they bought when under which covariates.
fn timed_customers(
    log: &Log,
    policy: &SummaryPolicy,
    purchases: &mut HashMap<String, Vec<DateTime<Utc>>>,
    covariates: &CovariateLog,
    customers: &Customers,
) -> Result<Vec<TimedCustomer>, Failure> {
    let mut timed = Vec::with_capacity(customers.rows.len());
    let names: Vec<&CustomerId> = if let Some(split) = &customers.split {
        let customers = split.customers().iter();
        customers.map(SplitCustomer::customer).collect()
    } else {
        let all = log.base.iter().map(|(id, _)| id); // in order of id, as the rows are
        all.filter(|id| has_bought(log, policy, id.as_str()))
            .collect()
    };
    for (id, row) in names.into_iter().zip(&customers.rows) {
        let name = id.as_str();
        let Some(state) = log.base.get(name).zip(purchases.get_mut(name)) else {
            continue; // who has a row has bought
        };
        let (state, instants) = state;
        let (first, times) = transactions(log, policy, state, instants, row.rfm.frequency())?;
        let refused = |error| {
            let place = format!("{}, customer {name}", covariates.file);
            Failure::refused(place, error)
        };
        let path = covariates.of(name)?.path(first, policy.unit());
        let customer = TimedCustomer::new(row.rfm, &times, path.map_err(refused)?);
        timed.push(customer.map_err(refused)?);
    }
    Ok(timed)
}

/// Whether the customer has a transaction, up to the end of the log.
fn has_bought(log: &Log, policy: &SummaryPolicy, name: &str) -> bool {
    let end = log.last_day().end();
    let state = log.base.get(name);
    state.is_some_and(|state| {
        let seen = state.purchases().summarise(end, policy);
        seen.is_ok_and(|(seen, _)| seen.is_some())
    })
}

/// When the dedupe period of the first transaction begins, and the times of the repeats: what the
/// summary has been at the end of each period with a purchase tells which of them stand.
fn transactions(
    log: &Log,
    policy: &SummaryPolicy,
    state: &CustomerState,
    instants: &mut Vec<DateTime<Utc>>,
    repeats: u32,
) -> Result<(DateTime<Utc>, Vec<f64>), Failure> {
    for at in instants.iter_mut() {
        *at = period_start(policy.dedupe(), *at);
    }
    instants.sort_unstable();
    instants.dedup();
    let (mut first, mut times) = (DateTime::<Utc>::MIN_UTC, Vec::new());
    let mut made = None;
    for &at in instants.iter() {
        if made == Some(repeats) {
            break;
        }
        let (seen, _) = state
            .purchases()
            .summarise(at, policy)
            .map_err(|error| log.refused(error))?;
        let Some(seen) = seen else { continue };
        if made.is_none() {
            first = at;
        } else if made < Some(seen.frequency()) {
            times.push(seen.recency());
        }
        made = Some(seen.frequency());
    }
    Ok((first, times))
}
