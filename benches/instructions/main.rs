//! Runs one hot kernel, whose instructions `run.sh` counts; without a name, all of them.

#![allow(
    clippy::disallowed_methods,
    reason = "reads the name of the kernel and prints names"
)]

#[path = "../support/mod.rs"]
mod support;

use std::hint::black_box;

use guanxi::history::Interaction;
use guanxi::model::{
    BgNbd, Fit, FitOptions, GammaGamma, MbgNbd, ParetoNbd, PurchaseModel, PurchaseQuestion,
    PurchaseSample, SpendSample,
};
use guanxi::quantity::Span;
use guanxi::summary::{CustomerBase, SummaryColumns, SummaryPolicy, SummaryTable};

use support::Merged;

/// Simulated customers of the kernels that answer about many, and twice as many orders.
const CUSTOMERS: u64 = 50_000;

const KERNELS: [(&str, fn()); 15] = [
    ("fit_bg_nbd_cdnow", || fit_cdnow::<BgNbd>()),
    ("fit_mbg_nbd_cdnow", || fit_cdnow::<MbgNbd>()),
    ("fit_pareto_nbd_cdnow", || fit_cdnow::<ParetoNbd>()),
    ("fit_gamma_gamma_cdnow", fit_spend_cdnow),
    ("fit_bg_nbd", || fit::<BgNbd>()),
    ("fit_pareto_nbd", || fit::<ParetoNbd>()),
    ("orders_to_summaries", orders_to_summaries),
    ("observe_purchases", observe_purchases),
    ("observe_interactions", observe_interactions),
    ("merge", merge),
    ("p_alive_bg_nbd", || {
        ask(&support::bg_nbd(), PurchaseQuestion::ProbabilityAlive);
    }),
    ("p_alive_bg_nbd_unmerged", || {
        let table = customers(CUSTOMERS);
        let mut out = vec![0.0; table.len()];
        let (columns, model) = (table.columns(), support::bg_nbd());
        counted_kernel(|| model.answers(&columns, PurchaseQuestion::ProbabilityAlive, &mut out));
    }),
    ("p_alive_pareto_nbd", || {
        ask(&support::pareto_nbd(), PurchaseQuestion::ProbabilityAlive);
    }),
    ("expected_purchases_bg_nbd", || {
        let span = Span::weeks(39.0).unwrap();
        let question = PurchaseQuestion::ExpectedPurchases(span);
        ask(&support::bg_nbd(), question);
    }),
    ("value_bg_nbd", || {
        let table = customers(CUSTOMERS);
        let mut rows = Merged::of(&table.columns());
        counted_kernel(|| rows.value(&table.spend().unwrap()));
    }),
];

fn main() {
    let given: Vec<String> = std::env::args().skip(1).collect();
    if given.iter().any(|argument| argument == "--list") {
        for (name, _) in KERNELS {
            println!("{name}");
        }
        return;
    }
    let wanted = given.iter().find(|argument| !argument.starts_with('-'));
    let mut ran = 0;
    for (name, kernel) in KERNELS {
        if wanted.is_none_or(|wanted| wanted == name) {
            kernel();
            ran += 1;
        }
    }
    assert!(ran > 0, "there is no kernel {wanted:?}");
}

/// All that is counted happens in here; `run.sh` knows the name.
#[inline(never)]
fn counted_kernel<T>(kernel: impl FnOnce() -> T) {
    black_box(kernel());
}

fn customers(count: u64) -> SummaryTable {
    support::order_log(count).summarise().table
}

fn fit_cdnow<M: Fit<Sample = PurchaseSample>>() {
    let table = SummaryTable::from_summaries(support::cdnow()).unwrap();
    fit_purchases::<M>(&table.columns());
}

/// To fewer customers, so that the time under callgrind is not in the fits alone.
fn fit<M: Fit<Sample = PurchaseSample>>() {
    let table = customers(CUSTOMERS / 5);
    fit_purchases::<M>(&table.columns());
}

fn fit_purchases<M: Fit<Sample = PurchaseSample>>(customers: &SummaryColumns<'_>) {
    let sample = PurchaseSample::from_distinct(&customers.distinct());
    counted_kernel(|| M::fit_sample(&sample, &FitOptions::default()).unwrap());
}

fn fit_spend_cdnow() {
    let table = SummaryTable::from_summaries(support::cdnow()).unwrap();
    let sample = SpendSample::from_columns(&table.spend().unwrap());
    counted_kernel(|| GammaGamma::fit_sample(&sample, &FitOptions::default()).unwrap());
}

fn orders_to_summaries() {
    let log = support::order_log(CUSTOMERS).by_time();
    counted_kernel(|| log.summarise());
}

fn observe_purchases() {
    let orders = support::orders(CUSTOMERS / 10);
    counted_kernel(|| {
        let mut base = CustomerBase::new(SummaryPolicy::default());
        for order in &orders {
            base.observe_purchase(&order.customer, order.at, order.amount)
                .unwrap();
        }
        base
    });
}

fn observe_interactions() {
    let log: Vec<Interaction> = support::mixed(10_000, 500);
    counted_kernel(|| {
        let mut base = CustomerBase::new(SummaryPolicy::default());
        base.observe_all(&log).unwrap();
        base
    });
}

fn merge() {
    let table = customers(CUSTOMERS);
    let columns = table.columns();
    counted_kernel(|| columns.distinct());
}

/// About each distinct row and then each customer, into buffers that are there.
fn ask(model: &impl PurchaseModel, question: PurchaseQuestion) {
    let table = customers(CUSTOMERS);
    let mut rows = Merged::of(&table.columns());
    counted_kernel(|| rows.ask(model, question));
}
