//! Seconds to fit each model: to CDNOW, and as the number of customers grows.

mod support;

use std::cell::LazyCell;
use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group,
    criterion_main,
};
use guanxi::model::{
    BgNbd, Fit, FitOptions, GammaGamma, MbgNbd, ParetoNbd, PurchaseSample, Sample, SpendSample,
};
use guanxi::summary::RfmSummary;

fn sample<S: Sample>(customers: &[RfmSummary]) -> S {
    let mut sample = S::default();
    for customer in customers {
        sample.add(customer, 1.0).unwrap();
    }
    sample
}

/// Targets: BG/NBD below 2 ms, Pareto/NBD below 60 ms.
fn cdnow(c: &mut Criterion) {
    let customers = support::cdnow();
    let options = FitOptions::default();
    let mut group = c.benchmark_group("fit_cdnow");
    group.throughput(Throughput::Elements(customers.len() as u64));
    group.bench_function("bg_nbd", |b| {
        b.iter(|| BgNbd::fit(black_box(&customers), &options).unwrap());
    });
    group.bench_function("mbg_nbd", |b| {
        b.iter(|| MbgNbd::fit(black_box(&customers), &options).unwrap());
    });
    group.bench_function("pareto_nbd", |b| {
        b.iter(|| ParetoNbd::fit(black_box(&customers), &options).unwrap());
    });
    group.bench_function("gamma_gamma", |b| {
        b.iter(|| GammaGamma::fit(black_box(&customers), &options).unwrap());
    });
    group.bench_function("purchase_sample", |b| {
        b.iter(|| sample::<PurchaseSample>(black_box(&customers)));
    });
    group.bench_function("spend_sample", |b| {
        b.iter(|| sample::<SpendSample>(black_box(&customers)));
    });
    group.finish();
}

/// One fit of a sample made beforehand; the data are made only if the bench is asked for.
fn grow<M: Fit<Sample: Sample>>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    count: u64,
    customers: impl Fn(u64) -> Vec<RfmSummary>,
) {
    let data = LazyCell::new(|| sample::<M::Sample>(&customers(count)));
    group.throughput(Throughput::Elements(count));
    group.bench_function(BenchmarkId::new(name, count), |b| {
        let sample = &*data;
        b.iter(|| M::fit_sample(black_box(sample), &FitOptions::default()).unwrap());
    });
}

/// Growth of the search where times are whole days, so that many customers are equal.
fn growth(c: &mut Criterion) {
    let mut group = c.benchmark_group("fit");
    few_samples(&mut group);
    for count in [1_000, 10_000, 100_000, 1_000_000] {
        grow::<BgNbd>(&mut group, "bg_nbd", count, |n| {
            support::customers(&support::bg_nbd(), n)
        });
        grow::<MbgNbd>(&mut group, "mbg_nbd", count, |n| {
            support::customers(&support::mbg_nbd(), n)
        });
        grow::<ParetoNbd>(&mut group, "pareto_nbd", count, |n| {
            support::customers(&support::pareto_nbd(), n)
        });
        grow::<GammaGamma>(&mut group, "gamma_gamma", count, |n| {
            support::spenders(&support::gamma_gamma(), n)
        });
    }
    group.finish();
}

/// The same where no two customers are equal: the worst case.
fn growth_of_distinct(c: &mut Criterion) {
    let mut group = c.benchmark_group("fit_instants");
    few_samples(&mut group);
    for count in [1_000, 10_000, 100_000] {
        grow::<MbgNbd>(&mut group, "mbg_nbd", count, |n| {
            support::customers_to_the_instant(&support::mbg_nbd(), n)
        });
        grow::<ParetoNbd>(&mut group, "pareto_nbd", count, |n| {
            support::customers_to_the_instant(&support::pareto_nbd(), n)
        });
    }
    group.finish();
}

/// From summaries to the sample that a search runs over.
fn sampling(c: &mut Criterion) {
    let mut group = c.benchmark_group("sample");
    group.sample_size(10);
    for count in [10_000, 1_000_000] {
        let customers = LazyCell::new(|| support::customers(&support::mbg_nbd(), count));
        let spenders = LazyCell::new(|| support::spenders(&support::gamma_gamma(), count));
        group.throughput(Throughput::Elements(count));
        group.bench_function(BenchmarkId::new("purchase", count), |b| {
            let customers = &*customers;
            b.iter(|| sample::<PurchaseSample>(black_box(customers)));
        });
        group.bench_function(BenchmarkId::new("spend", count), |b| {
            let spenders = &*spenders;
            b.iter(|| sample::<SpendSample>(black_box(spenders)));
        });
    }
    group.finish();
}

fn few_samples(group: &mut BenchmarkGroup<'_, WallTime>) {
    group.sampling_mode(SamplingMode::Flat);
    group.sample_size(10);
    group.warm_up_time(Duration::from_millis(1));
    group.measurement_time(Duration::from_millis(200));
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = cdnow, growth, growth_of_distinct, sampling
}
criterion_main!(benches);
