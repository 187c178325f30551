//! A million customers, from columns in memory to the end: the rows of the README's table that are about
//! so many, a bench each.

#![allow(
    clippy::disallowed_methods,
    reason = "a variable asks for the largest base"
)]

mod support;

use std::cell::LazyCell;
use std::env;
use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use guanxi::model::{
    BgNbd, Fit, FitOptions, GammaGamma, MbgCnbd, ParetoNbd, Phases, PurchaseModel,
    PurchaseQuestion, PurchaseSample, SpendSample,
};
use guanxi::quantity::Span;
use guanxi::summary::{SummaryColumns, SummaryTable};
use support::Merged;

const CUSTOMERS: u64 = 1_000_000;

fn fit<M: Fit<Sample = PurchaseSample>>(customers: &SummaryColumns<'_>) -> Vec<f64> {
    let sample = PurchaseSample::from_distinct(&customers.distinct());
    reached::<M>(&sample)
}

fn reached<M: Fit>(sample: &M::Sample) -> Vec<f64> {
    let fitted = M::fit_sample(sample, &FitOptions::default()).unwrap();
    vec![fitted.report().log_likelihood()]
}

/// Merges the rows and asks about them.
fn asked(customers: &SummaryColumns<'_>, ask: impl Fn(&mut Merged)) -> Vec<f64> {
    let mut merged = Merged::of(customers);
    ask(&mut merged);
    merged.into_answers()
}

/// A task on a table of customers.
type Task<'a> = (&'a str, &'a dyn Fn(&SummaryTable) -> Vec<f64>);

/// Times tasks; elements are customers. The table is made if one of them is asked for.
fn bench(
    c: &mut Criterion,
    group: &str,
    (customers, table): (u64, impl Fn() -> SummaryTable),
    tasks: &[Task<'_>],
) {
    let table = LazyCell::new(table);
    let mut group = few_samples(c, group);
    group.throughput(Throughput::Elements(customers));
    for (name, task) in tasks {
        group.bench_function(*name, |b| {
            let table = &*table;
            b.iter_with_large_drop(|| task(black_box(table)));
        });
    }
    group.finish();
}

fn few_samples<'a>(c: &'a mut Criterion, group: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = c.benchmark_group(group);
    group.sampling_mode(SamplingMode::Flat);
    group.sample_size(10);
    group.warm_up_time(Duration::from_millis(1));
    group
}

/// What depends on when customers bought.
const PURCHASES: [Task<'static>; 6] = [
    ("merge", &|of| asked(&of.columns(), |_| ())),
    ("fit_bg_nbd", &|of| fit::<BgNbd>(&of.columns())),
    ("fit_pareto_nbd", &|of| fit::<ParetoNbd>(&of.columns())),
    ("p_alive_bg_nbd", &|of| {
        // Quicker than finding out who is alike.
        let mut answers = vec![0.0; of.len()];
        let alive = PurchaseQuestion::ProbabilityAlive;
        let asked = support::bg_nbd().answers(&of.columns(), alive, &mut answers);
        asked.map(|()| answers).unwrap()
    }),
    ("p_alive_pareto_nbd", &|of| {
        let alive = PurchaseQuestion::ProbabilityAlive;
        asked(&of.columns(), |rows| {
            rows.ask(&support::pareto_nbd(), alive);
        })
    }),
    ("expected_purchases_bg_nbd", &|of| {
        let ahead = PurchaseQuestion::ExpectedPurchases(Span::weeks(39.0).unwrap());
        asked(&of.columns(), |rows| rows.ask(&support::bg_nbd(), ahead))
    }),
];

/// A model that takes long, so that threads show.
const REGULAR: Task<'static> = ("fit_mbg_cnbd_2", &|of| {
    let sample = PurchaseSample::from_distinct(&of.columns().distinct());
    let two = Phases::new(2).unwrap();
    let fitted = MbgCnbd::fit_with_k(&sample, two, &FitOptions::default()).unwrap();
    vec![fitted.report().log_likelihood()]
});

/// What depends on spend as well.
const SPEND: [Task<'static>; 3] = [
    ("fit_gamma_gamma", &|of| {
        reached::<GammaGamma>(&SpendSample::from_columns(&of.spend().unwrap()))
    }),
    ("value_bg_nbd", &|of| {
        asked(&of.columns(), |rows| {
            rows.value(&of.spend().unwrap());
        })
    }),
    ("value_by_months_bg_nbd", &|of| {
        asked(&of.columns(), |rows| {
            rows.value_by_months(&of.spend().unwrap());
        })
    }),
];

/// Every purchase on a whole day: about 106,000 of the rows are distinct.
fn days(c: &mut Criterion) {
    let table = || support::order_log(CUSTOMERS).summarise().table;
    bench(
        c,
        "million",
        (CUSTOMERS, table),
        &[&PURCHASES[..], &SPEND].concat(),
    );
}

/// The same customers to the instant: no two rows are equal.
fn instants(c: &mut Criterion) {
    let table = || {
        let customers = support::customers_to_the_instant(&support::bg_nbd(), CUSTOMERS);
        SummaryTable::from_summaries(customers).unwrap()
    };
    bench(
        c,
        "million_instants",
        (CUSTOMERS, table),
        &[&PURCHASES[..], &[REGULAR]].concat(),
    );
}

/// What a customer costs in bases of ten thousand to ten million; the largest if the variable
/// `GUANXI_TEN_MILLION` is set, for it takes a minute to simulate.
fn growth(c: &mut Criterion) {
    let most = env::var_os("GUANXI_TEN_MILLION").map_or(CUSTOMERS, |_| 10 * CUSTOMERS);
    for customers in [10_000, 100_000, CUSTOMERS, 10 * CUSTOMERS] {
        if customers <= most {
            let table = || support::order_log(customers).by_time().summarise().table;
            bench(
                c,
                &format!("of_{customers}"),
                (customers, table),
                &PURCHASES,
            );
        }
    }
}

/// From the log, in the order of time, to the summaries; elements are customers.
fn ingest(c: &mut Criterion) {
    let log = LazyCell::new(|| support::order_log(CUSTOMERS).by_time());
    let mut group = few_samples(c, "million");
    group.throughput(Throughput::Elements(CUSTOMERS));
    group.bench_function("log_to_summaries", |b| {
        let log = &*log;
        b.iter_with_large_drop(|| black_box(log).summarise());
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = ingest, days, instants, growth
}
criterion_main!(benches);
