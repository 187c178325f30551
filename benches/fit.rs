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
    BetaDiscreteWeibull, BgBb, BgCnbd, BgNbd, CorrelatedParetoNbd, CovariateDesign,
    CovariateSample, Fit, FitOptions, GGompertzNbd, GammaGamma, MbgCnbd, MbgNbd, Nbd, ParetoNbd,
    Phases, PurchaseSample, RetentionSample, Sample, Sbg, SpendSample, TimeVarying, WithCovariates,
};
use guanxi::quantity::TimeUnit;
use guanxi::summary::RfmSummary;

fn sample<S: Sample>(customers: &[RfmSummary]) -> S {
    let mut sample = S::default();
    for customer in customers {
        sample.add(customer, 1.0).unwrap();
    }
    sample
}

/// Targets: BG/NBD below 1 ms, Pareto/NBD below 6 ms.
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
    group.bench_function("nbd", |b| {
        b.iter(|| Nbd::fit(black_box(&customers), &options).unwrap());
    });
    let merged: PurchaseSample = sample(&customers);
    let two = Phases::new(2).unwrap();
    group.bench_function("bg_cnbd_2", |b| {
        b.iter(|| BgCnbd::fit_with_k(black_box(&merged), two, &options).unwrap());
    });
    group.bench_function("mbg_cnbd_2", |b| {
        b.iter(|| MbgCnbd::fit_with_k(black_box(&merged), two, &options).unwrap());
    });
    group.sample_size(10);
    group.bench_function("ggompertz_nbd", |b| {
        b.iter(|| GGompertzNbd::fit(black_box(&customers), &options).unwrap());
    });
    group.bench_function("correlated_pareto_nbd", |b| {
        b.iter(|| CorrelatedParetoNbd::fit(black_box(&customers), &options).unwrap());
    });
    // The two months of acquisition as a covariate of both processes.
    let mut cohorts = CovariateSample::<PurchaseSample>::new(["late"]).unwrap();
    for customer in &customers {
        let late = f64::from(u8::from(customer.age() < 33.0));
        cohorts.add(customer, &[late], 1.0).unwrap();
    }
    let design = CovariateDesign::default()
        .on_purchase(["late"])
        .on_dropout(["late"]);
    group.bench_function("mbg_nbd_with_covariates", |b| {
        b.iter(|| WithCovariates::<MbgNbd>::fit(black_box(&cohorts), &design, &options).unwrap());
    });
    group.bench_function("purchase_sample", |b| {
        b.iter(|| sample::<PurchaseSample>(black_box(&customers)));
    });
    group.bench_function("spend_sample", |b| {
        b.iter(|| sample::<SpendSample>(black_box(&customers)));
    });
    group.finish();
}

/// Models of occasions and contracts, on the cohorts of their papers.
fn published(c: &mut Criterion) {
    let options = FitOptions::default();
    let mut group = c.benchmark_group("fit_published");
    let donors = support::donors();
    group.bench_function("bg_bb", |b| {
        b.iter(|| BgBb::fit_sample(black_box(&donors), &options).unwrap());
    });
    let mut survivors = RetentionSample::new(TimeUnit::Year);
    let highend = [1000.0, 869.0, 743.0, 653.0, 593.0, 551.0, 517.0, 491.0];
    survivors.add_cohort(&highend).unwrap();
    group.bench_function("sbg", |b| {
        b.iter(|| Sbg::fit_sample(black_box(&survivors), &options).unwrap());
    });
    group.bench_function("bdw", |b| {
        b.iter(|| BetaDiscreteWeibull::fit_sample(black_box(&survivors), &options).unwrap());
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

/// Covariates that change every week: 600 customers of two years, three effects on purchasing and
/// three on dropout.
fn time_varying(c: &mut Criterion) {
    let mut group = c.benchmark_group("fit_time_varying");
    few_samples(&mut group);
    let design = support::timed_design();
    for customers in [600, 2_400] {
        let sample = LazyCell::new(|| support::timed(customers, 104));
        group.throughput(Throughput::Elements(customers));
        group.bench_function(BenchmarkId::new("pareto_nbd", customers), |b| {
            let (sample, options) = (&*sample, FitOptions::default());
            b.iter(|| TimeVarying::<ParetoNbd>::fit(black_box(sample), &design, &options).unwrap());
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
    targets = cdnow, published, growth, growth_of_distinct, sampling, time_varying
}
criterion_main!(benches);
