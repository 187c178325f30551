//! What is timed: from columns in memory to parameters, or to one answer a customer.

use std::hint::black_box;
use std::time::{Duration, Instant};

use guanxi::model::{
    BgNbd, Fit, FitOptions, Fitted, GammaGamma, ParameterEstimate, ParetoNbd, PurchaseModel,
    PurchaseQuestion, PurchaseSample, SpendSample,
};
use guanxi::quantity::Span;
use guanxi::summary::{SpendColumns, SummaryColumns, SummaryTable};

use crate::support::{self, Merged, OrderLog};

/// Repetitions of a task within one turn go on until then; `peers.py` has the same.
const TURN: Duration = Duration::from_millis(200);
/// Weeks ahead that purchases are expected for.
const SPAN: f64 = 39.0;
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
    pub(crate) log: OrderLog,
    summaries: SummaryTable,
    cdnow: SummaryTable,
}

impl Data {
    pub(crate) fn of(customers: u64) -> Self {
        let log = support::order_log(customers).by_time();
        let summaries = log.summarise().table;
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
    let spend = data.summaries.spend()?;
    let bg_nbd = support::bg_nbd();
    let alive = PurchaseQuestion::ProbabilityAlive;
    let ahead = PurchaseQuestion::ExpectedPurchases(Span::weeks(SPAN).ok()?);
    let reply = match task {
        "cdnow_fit_bg_nbd" => fit_purchases::<BgNbd>(&cdnow),
        "cdnow_fit_pareto_nbd" => fit_purchases::<ParetoNbd>(&cdnow),
        "cdnow_fit_gamma_gamma" => fit_spend(&data.cdnow.spend()?),
        "summaries" => summaries(&data.log),
        "part_fit_pareto_nbd" => fit_purchases::<ParetoNbd>(&part(&customers)),
        "fit_bg_nbd" => fit_purchases::<BgNbd>(&customers),
        "fit_pareto_nbd" => fit_purchases::<ParetoNbd>(&customers),
        "fit_gamma_gamma" => fit_spend(&spend),
        "p_alive_bg_nbd" => question(&customers, &bg_nbd, alive),
        "p_alive_pareto_nbd" => question(&customers, &support::pareto_nbd(), alive),
        "expected_purchases_bg_nbd" => question(&customers, &bg_nbd, ahead),
        "value_by_months_bg_nbd" => ask(&customers, |rows| {
            rows.value_by_months(&spend);
        }),
        "value_bg_nbd" => ask(&customers, |rows| {
            rows.value(&spend);
        }),
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

fn summaries(log: &OrderLog) -> Reply {
    let (seconds, summaries) = measured(|| black_box(log).summarise());
    let table = summaries.table;
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
        answer: Answer::Parameters(parameters.map(ParameterEstimate::value).collect()),
    }
}

/// One question about customers: each asked about, or merged rows, whichever is quicker.
fn question(
    customers: &SummaryColumns<'_>,
    model: &impl PurchaseModel,
    question: PurchaseQuestion,
) -> Reply {
    let (unmerged, by_customer) = measured(|| {
        let mut answers = vec![0.0; customers.len()];
        model
            .answers(black_box(customers), question, &mut answers)
            .unwrap();
        answers
    });
    let reply = ask(customers, |rows| rows.ask(model, question));
    let same = matches!(&reply.answer, Answer::Columns(merged) if *merged == by_customer);
    assert!(same, "merged rows, another answer");
    Reply {
        seconds: reply.seconds.min(unmerged),
        ..reply
    }
}

/// Answers about customers by their merged rows.
fn ask(customers: &SummaryColumns<'_>, ask: impl Fn(&mut Merged)) -> Reply {
    let (seconds, answers) = measured(|| {
        let mut merged = Merged::of(black_box(customers));
        ask(&mut merged);
        merged.into_answers()
    });
    let mut rows = Merged::of(customers);
    let (merged, ()) = measured(|| ask(black_box(&mut rows)));
    assert!(answers == rows.into_answers(), "asked again, it differs");
    Reply {
        seconds,
        merged: Some(merged),
        answer: Answer::Columns(answers),
    }
}
