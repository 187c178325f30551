//! Events per second into a base of customers, and out of it as summaries.

mod support;

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{
    BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use guanxi::history::{CustomerId, Interaction, InteractionId, Kind, Purchase};
use guanxi::summary::{CustomerBase, DedupeUnit, LiveBase, SummaryPolicy};
use support::{Order, OrderLog};

const CUSTOMERS: u64 = 50_000;
const SHARDS: usize = 8;

fn base_of<'a>(orders: impl IntoIterator<Item = &'a Order>) -> CustomerBase {
    one_by_one(SummaryPolicy::default(), orders)
}

fn one_by_one<'a>(
    policy: SummaryPolicy,
    orders: impl IntoIterator<Item = &'a Order>,
) -> CustomerBase {
    let mut base = CustomerBase::new(policy);
    for order in orders {
        base.observe_purchase(&order.customer, order.at, order.amount)
            .unwrap();
    }
    base
}

/// The same base, many orders at once.
fn at_once(policy: SummaryPolicy, orders: &[Order]) -> CustomerBase {
    let mut base = CustomerBase::new(policy);
    let purchases = orders
        .iter()
        .map(|order| (order.customer.as_str(), order.at, order.amount));
    base.observe_purchases(purchases).unwrap();
    base
}

fn interactions(orders: &[Order]) -> Vec<Interaction> {
    orders
        .iter()
        .enumerate()
        .map(|(i, order)| {
            Interaction::new(
                InteractionId::new(format!("order-{i}")).unwrap(),
                CustomerId::new(&order.customer).unwrap(),
                order.at,
                Kind::Purchase(Purchase::new(order.amount).unwrap()),
            )
            .unwrap()
        })
        .collect()
}

/// Every way from a log to states, or to summaries without them: elements are events.
fn every_way(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    log: &OrderLog,
    policy: SummaryPolicy,
) {
    let orders = log.orders();
    let interactions = interactions(&orders);
    group.throughput(Throughput::Elements(orders.len() as u64));
    group.bench_function(BenchmarkId::new("observe_purchase", name), |b| {
        b.iter_with_large_drop(|| one_by_one(policy, black_box(&orders)));
    });
    group.bench_function(BenchmarkId::new("observe_purchases", name), |b| {
        b.iter_with_large_drop(|| at_once(policy, black_box(&orders)));
    });
    group.bench_function(BenchmarkId::new("observe", name), |b| {
        b.iter_with_large_drop(|| {
            let mut base = CustomerBase::new(policy);
            for interaction in black_box(&interactions) {
                base.observe(interaction).unwrap();
            }
            base
        });
    });
    group.bench_function(BenchmarkId::new("observe_all", name), |b| {
        b.iter_with_large_drop(|| {
            let mut base = CustomerBase::new(policy);
            base.observe_all(black_box(&interactions)).unwrap();
            base
        });
    });
    group.bench_function(BenchmarkId::new("order_columns", name), |b| {
        b.iter_with_large_drop(|| black_box(log).summarise_by(&policy));
    });
}

/// Many customers, in three orders of their events.
fn many_customers(c: &mut Criterion) {
    let by_customer = support::order_log(CUSTOMERS);
    let by_time = by_customer.by_time();
    let shuffled = by_customer.shuffled();
    let mut group = c.benchmark_group("many_customers");
    group.sample_size(10);
    for (name, log) in [
        ("by_time", by_time),
        ("by_customer", by_customer),
        ("shuffled", shuffled),
    ] {
        every_way(&mut group, name, &log, SummaryPolicy::default());
    }
    group.finish();
}

/// One customer who never stops.
fn hot_customer(c: &mut Criterion) {
    const EVENTS: i64 = 100_000;
    let mut group = c.benchmark_group("hot_customer");
    group.sample_size(10);
    // Ten years of days, and a period for each event.
    for (dedupe, apart) in [(DedupeUnit::Day, 3_156), (DedupeUnit::Second, 1)] {
        let policy = SummaryPolicy::default().with_dedupe(dedupe);
        let mut in_order = OrderLog::default();
        for n in 0..EVENTS {
            in_order.customer.push(7);
            in_order.at.push(n * apart);
            in_order.cents.push(12_34);
        }
        let shuffled = in_order.shuffled();
        for (order, log) in [("in_order", in_order), ("shuffled", shuffled)] {
            every_way(&mut group, &format!("{dedupe}s_{order}"), &log, policy);
        }
    }
    group.finish();
}

/// Bases of parts of a log put together: elements are events.
fn merge(c: &mut Criterion) {
    let orders = support::orders(CUSTOMERS);
    let mut group = c.benchmark_group("merge");
    group.sample_size(10);
    group.throughput(Throughput::Elements(orders.len() as u64));
    // Shards as a log split by time gives them: most customers are in several.
    let by_time: Vec<CustomerBase> = orders
        .chunks(orders.len().div_ceil(SHARDS))
        .map(base_of)
        .collect();
    group.bench_function("8_shards_by_time", |b| {
        b.iter_batched(|| by_time.clone(), merged, BatchSize::PerIteration);
    });
    // Shards as a hash of the customer gives them: every customer is in one.
    let by_customer: Vec<CustomerBase> = (0..SHARDS)
        .map(|shard| {
            base_of(orders.iter().filter(|order| {
                order.customer.bytes().map(usize::from).sum::<usize>() % SHARDS == shard
            }))
        })
        .collect();
    group.bench_function("8_shards_by_customer", |b| {
        b.iter_batched(|| by_customer.clone(), merged, BatchSize::PerIteration);
    });
    group.finish();
}

fn merged(shards: Vec<CustomerBase>) -> CustomerBase {
    let mut base = CustomerBase::new(SummaryPolicy::default());
    for shard in shards {
        base.merge(shard).unwrap();
    }
    base
}

/// A million interactions of all kinds, from which evidence of every kind is made: elements are
/// events.
fn evidence(c: &mut Criterion) {
    const EVENTS: u64 = 1_000_000;
    let log = support::mixed(EVENTS, CUSTOMERS);
    let mut group = c.benchmark_group("evidence");
    group.sample_size(10);
    group.throughput(Throughput::Elements(EVENTS));
    group.bench_function("mixed_in_order", |b| {
        b.iter_with_large_drop(|| evidence_of(black_box(&log)));
    });
    group.bench_function("mixed_one_by_one", |b| {
        b.iter_with_large_drop(|| {
            let mut base = CustomerBase::new(SummaryPolicy::default());
            for interaction in black_box(&log) {
                base.observe(interaction).unwrap();
            }
            base
        });
    });
    // Keeps the events too, for corrections, erasure and answers as known at any instant.
    group.bench_function("mixed_live", |b| {
        let live = |log: Vec<Interaction>| {
            let mut base = LiveBase::new(SummaryPolicy::default());
            for interaction in log {
                base.observe(interaction).unwrap();
            }
            base
        };
        b.iter_batched(|| log.clone(), live, BatchSize::PerIteration);
    });
    let shuffled = support::shuffled(&log);
    drop(log);
    group.bench_function("mixed_shuffled", |b| {
        b.iter_with_large_drop(|| evidence_of(black_box(&shuffled)));
    });
    let base = evidence_of(&shuffled);
    drop(shuffled);
    let end = support::midnight("2026-01-01");
    group.throughput(Throughput::Elements(base.len() as u64));
    group.bench_function("summaries", |b| {
        b.iter(|| black_box(&base).summaries(end).flatten().count());
    });
    group.finish();
}

fn evidence_of(log: &[Interaction]) -> CustomerBase {
    let mut base = CustomerBase::new(SummaryPolicy::default());
    base.observe_all(log).unwrap();
    base
}

/// From a base to what models read: elements are customers.
fn summarise(c: &mut Criterion) {
    let base = base_of(&support::orders(CUSTOMERS));
    let middle = support::midnight("2025-06-30");
    let end = support::midnight(support::LAST_DAY);
    let mut group = c.benchmark_group("summaries");
    group.sample_size(10);
    group.throughput(Throughput::Elements(base.len() as u64));
    group.bench_function("rfm", |b| {
        b.iter(|| {
            black_box(&base)
                .rfm_summaries(end)
                .map(|rfm| rfm.unwrap().age())
                .sum::<f64>()
        });
    });
    group.bench_function("with_money", |b| {
        b.iter(|| {
            black_box(&base)
                .summaries(end)
                .filter(|summary| summary.as_ref().unwrap().rfm().is_some())
                .count()
        });
    });
    group.bench_function("report", |b| b.iter(|| black_box(&base).report(end)));
    group.bench_function("split", |b| b.iter(|| black_box(&base).split(middle, end)));
    group.finish();
}

/// A log in memory to summaries with spend, a million customers: elements are orders.
fn order_columns(c: &mut Criterion) {
    const CUSTOMERS: u64 = 1_000_000;
    let by_customer = support::order_log(CUSTOMERS);
    let by_time = by_customer.by_time();
    let shuffled = by_customer.shuffled();
    let hashed = by_time.hashed();
    let mut group = c.benchmark_group("order_columns");
    group.sample_size(10);
    group.throughput(Throughput::Elements(by_time.at.len() as u64));
    for (name, log) in [
        ("by_time", by_time),
        ("by_customer", by_customer),
        ("shuffled", shuffled),
        ("by_time_hashed_customers", hashed),
    ] {
        group.bench_function(name, |b| {
            b.iter_with_large_drop(|| black_box(&log).summarise());
        });
    }
    group.finish();
}

/// What a customer costs as their number grows: elements are customers.
fn growth(c: &mut Criterion) {
    let mut group = c.benchmark_group("growth");
    group.sample_size(10);
    for customers in [10_000, 100_000, 1_000_000] {
        let log = support::order_log(customers).by_time();
        group.throughput(Throughput::Elements(customers));
        group.bench_with_input(
            BenchmarkId::new("order_columns", customers),
            &log,
            |b, log| {
                b.iter_with_large_drop(|| black_box(log).summarise());
            },
        );
        let orders = log.orders();
        drop(log);
        group.bench_with_input(BenchmarkId::new("base", customers), &orders, |b, orders| {
            b.iter_with_large_drop(|| at_once(SummaryPolicy::default(), black_box(orders)));
        });
        let base = base_of(&orders);
        let end = support::midnight(support::LAST_DAY);
        group.bench_with_input(
            BenchmarkId::new("base_table", customers),
            &base,
            |b, base| {
                b.iter_with_large_drop(|| black_box(base).table(end));
            },
        );
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = many_customers, hot_customer, merge, evidence, summarise, order_columns, growth
}
criterion_main!(benches);
