//! What is timed: from columns in memory to parameters, or to one answer a customer.

use std::hint::black_box;
use std::time::{Duration, Instant};

use guanxi::model::{
    BgNbd, Fit, FitOptions, Fitted, GammaGamma, ParetoNbd, PurchaseModel, PurchasePosterior,
    PurchaseSample, SpendModel, SpendPosterior, SpendSample,
};
use guanxi::quantity::{DiscountRate, Horizon, Span, TimeUnit};
use guanxi::summary::{DistinctSummaries, SpendColumns, SummaryColumns, SummaryTable};

use crate::support::pending::{FromColumns, FromDistinct, summarise};
use crate::support::{self, Log};

/// Repetitions of a task within one turn go on until then; `peers.py` has the same.
const TURN: Duration = Duration::from_millis(200);
/// Weeks ahead that purchases are expected for.
const SPAN: f64 = 39.0;
/// Weeks of a month, and its discount, as lifetimes counts them.
const MONTH: f64 = 4.345;
const MONTHLY: f64 = 0.01;
/// Customers of the tasks that take lifetimes minutes for all.
const PART: usize = 100_000;

/// Every task, by the name that `peers.py` asks for it.
pub(crate) const TASKS: [&str; 13] = [
    "cdnow_fit_bg_nbd",
    "cdnow_fit_pareto_nbd",
    "cdnow_fit_gamma_gamma",
    "summaries",
    "part_fit_pareto_nbd",
    "fit_bg_nbd",
    "fit_pareto_nbd",
    "fit_gamma_gamma",
    "p_alive_bg_nbd",
    "p_alive_pareto_nbd",
    "expected_purchases_bg_nbd",
    "value_by_months_bg_nbd",
    "value_bg_nbd",
];

/// What is in memory before a timer starts.
pub(crate) struct Data {
    pub(crate) log: Log,
    summaries: SummaryTable,
    cdnow: SummaryTable,
}

impl Data {
    pub(crate) fn of(customers: u64) -> Self {
        let log = support::log(customers);
        let summaries = summarise(&log);
        let cdnow = SummaryTable::from_summaries(support::cdnow()).unwrap();
        Self {
            log,
            summaries,
            cdnow,
        }
    }
}

/// What a task took and gave.
pub(crate) struct Reply {
    pub(crate) seconds: f64,
    /// With equal rows merged and buffers there beforehand, where that is another way.
    pub(crate) merged: Option<f64>,
    pub(crate) answer: Answer,
}

pub(crate) enum Answer {
    Parameters(Vec<f64>),
    /// One number a customer, or several columns one after the other.
    Columns(Vec<f64>),
}

/// Runs a task, if there is one of that name.
pub(crate) fn run(task: &str, data: &Data) -> Option<Reply> {
    let (cdnow, customers) = (data.cdnow.columns(), data.summaries.columns());
    let reply = match task {
        "cdnow_fit_bg_nbd" => fit_purchases::<BgNbd>(&cdnow),
        "cdnow_fit_pareto_nbd" => fit_purchases::<ParetoNbd>(&cdnow),
        "cdnow_fit_gamma_gamma" => fit_spend(&data.cdnow.spend()?),
        "summaries" => summaries(&data.log),
        "part_fit_pareto_nbd" => fit_purchases::<ParetoNbd>(&part(&customers)),
        "fit_bg_nbd" => fit_purchases::<BgNbd>(&customers),
        "fit_pareto_nbd" => fit_purchases::<ParetoNbd>(&customers),
        "fit_gamma_gamma" => fit_spend(&data.summaries.spend()?),
        "p_alive_bg_nbd" => ask(&customers, &support::bg_nbd(), |p| p.probability_alive()),
        "p_alive_pareto_nbd" => ask(&customers, &support::pareto_nbd(), |p| {
            p.probability_alive()
        }),
        "expected_purchases_bg_nbd" => {
            let span = Span::weeks(SPAN).ok()?;
            ask(&customers, &support::bg_nbd(), |p| {
                p.expected_purchases(span)
            })
        }
        "value_by_months_bg_nbd" => values_by_months(&data.summaries)?,
        "value_bg_nbd" => values_by_instants(&data.summaries)?,
        _ => return None,
    };
    Some(reply)
}

/// The median of the seconds of a turn, and the answer.
fn measured<T>(mut task: impl FnMut() -> T) -> (f64, T) {
    let mut seconds = Vec::new();
    let turn = Instant::now();
    loop {
        let start = Instant::now();
        let answer = black_box(task());
        seconds.push(start.elapsed().as_secs_f64());
        if turn.elapsed() >= TURN {
            seconds.sort_by(f64::total_cmp);
            return (seconds[seconds.len() / 2], answer);
        }
    }
}

/// The first customers, of whom lifetimes has an answer within minutes.
fn part<'a>(customers: &SummaryColumns<'a>) -> SummaryColumns<'a> {
    let n = customers.len().min(PART);
    SummaryColumns::new(
        customers.unit(),
        &customers.frequency()[..n],
        &customers.recency()[..n],
        &customers.age()[..n],
    )
    .unwrap()
}

fn summaries(log: &Log) -> Reply {
    let (seconds, table) = measured(|| summarise(black_box(log)));
    let (rows, spend) = (table.columns(), table.spend().unwrap());
    let frequency = rows.frequency().iter().map(|x| f64::from(*x));
    let numbers = frequency.chain(rows.recency().iter().copied());
    let numbers = numbers.chain(rows.age().iter().copied());
    let answer = Answer::Columns(numbers.chain(spend.mean().iter().copied()).collect());
    Reply {
        seconds,
        merged: None,
        answer,
    }
}

fn fit_purchases<M: Fit<Sample = PurchaseSample>>(customers: &SummaryColumns<'_>) -> Reply {
    let sample = || PurchaseSample::from_distinct(&black_box(customers).distinct());
    fitted::<M>(sample)
}

fn fit_spend(spend: &SpendColumns<'_>) -> Reply {
    fitted::<GammaGamma>(|| SpendSample::from_columns(black_box(spend)))
}

fn fitted<M: Fit>(sample: impl Fn() -> M::Sample) -> Reply {
    let options = FitOptions::default();
    let fit = |sample: &M::Sample| -> Fitted<M> { M::fit_sample(sample, &options).unwrap() };
    let (seconds, model) = measured(|| fit(&sample()));
    let sample = sample();
    let (merged, _) = measured(|| fit(black_box(&sample)));
    let parameters = model.report().parameters().iter();
    Reply {
        seconds,
        merged: Some(merged),
        answer: Answer::Parameters(parameters.map(|parameter| parameter.value()).collect()),
    }
}

/// Asks about the distinct rows, hands each customer the answer of its row, and finishes.
fn answers(
    customers: &SummaryColumns<'_>,
    ask: impl Fn(&SummaryColumns<'_>, &mut [f64]),
    finish: impl Fn(&mut [f64]),
) -> Reply {
    let answer = |distinct: &DistinctSummaries, by_row: &mut [f64], all: &mut [f64]| {
        ask(&distinct.columns(), by_row);
        distinct.gather(by_row, all).unwrap();
        finish(all);
    };
    let (seconds, answers) = measured(|| {
        let distinct = black_box(customers).distinct();
        let mut by_row = vec![0.0; distinct.len()];
        let mut all = vec![0.0; customers.len()];
        answer(&distinct, &mut by_row, &mut all);
        all
    });
    let distinct = customers.distinct();
    let mut by_row = vec![0.0; distinct.len()];
    let mut again = vec![0.0; customers.len()];
    let (merged, ()) = measured(|| answer(black_box(&distinct), &mut by_row, &mut again));
    Reply {
        seconds,
        merged: Some(merged),
        answer: Answer::Columns(answers),
    }
}

/// An answer of a purchase model about each customer.
fn ask<M: PurchaseModel>(
    customers: &SummaryColumns<'_>,
    model: &M,
    of: impl Fn(&M::Posterior) -> f64,
) -> Reply {
    answers(customers, |rows, out| about(rows, model, &of, out), |_| ())
}

fn about<M: PurchaseModel>(
    rows: &SummaryColumns<'_>,
    model: &M,
    of: impl Fn(&M::Posterior) -> f64,
    out: &mut [f64],
) {
    for (row, out) in rows.iter().zip(out) {
        *out = of(&model.posterior(&row).unwrap());
    }
}

/// Purchases of the coming year, each month's discounted from its end, times the expected spend.
fn values_by_months(summaries: &SummaryTable) -> Option<Reply> {
    values(summaries, |rows, out| {
        let mut until = vec![0.0; rows.len()];
        let mut before = vec![0.0; rows.len()];
        out.fill(0.0);
        for month in 1..=12 {
            let span = Span::weeks(MONTH * f64::from(month)).unwrap();
            about(
                rows,
                &support::bg_nbd(),
                |p| p.expected_purchases(span),
                &mut until,
            );
            let discount = (1.0 + MONTHLY).powi(-month);
            for ((out, until), before) in out.iter_mut().zip(&until).zip(&mut before) {
                *out += discount * (until - *before);
                *before = *until;
            }
        }
    })
}

/// The same where each purchase is discounted from its own instant.
fn values_by_instants(summaries: &SummaryTable) -> Option<Reply> {
    let rate = DiscountRate::continuous(MONTHLY.ln_1p() / MONTH, TimeUnit::Week).unwrap();
    let year = Horizon::Finite(Span::weeks(12.0 * MONTH).unwrap());
    let discounted =
        |p: &<BgNbd as PurchaseModel>::Posterior| p.discounted_purchases(rate, year).unwrap();
    values(summaries, |rows, out| {
        about(rows, &support::bg_nbd(), discounted, out)
    })
}

fn values(
    summaries: &SummaryTable,
    purchases: impl Fn(&SummaryColumns<'_>, &mut [f64]),
) -> Option<Reply> {
    let model = support::gamma_gamma();
    let spend = summaries.spend()?;
    let times_spend = |out: &mut [f64]| {
        for (spend, out) in spend.iter().zip(out) {
            *out *= model.posterior(spend.as_ref()).unwrap().expected_spend();
        }
    };
    Some(answers(&summaries.columns(), purchases, times_spend))
}
