//! Customers per second for each answer about a customer: every eighth customer of CDNOW.

mod support;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use guanxi::history::CustomerId;
use guanxi::model::{
    BgNbd, Clv, ClvTerms, CorrelatedParetoNbd, CorrelatedParetoNbdParameters, Draws, Fit,
    FitOptions, Fitted, GGompertzNbd, GGompertzNbdParameters, GammaGamma, MbgCnbd,
    MbgCnbdParameters, MbgNbd, Nbd, NbdParameters, ParetoNbd, Phases, PurchaseModel,
    PurchasePosterior, SpendModel, SpendPosterior,
};
use guanxi::quantity::{DiscountRate, Horizon, Span, TimeUnit};
use guanxi::scorer::Scorer;
use guanxi::summary::{CustomerSummary, RfmSummary};

fn every_eighth() -> Vec<RfmSummary> {
    support::cdnow().into_iter().step_by(8).collect()
}

/// Every answer of a purchase model. `posterior` includes the log-likelihood and P(alive); the
/// others begin with a posterior that is there already.
fn answers<M: PurchaseModel>(c: &mut Criterion, name: &str, model: &M) {
    let customers = every_eighth();
    let posteriors: Vec<M::Posterior> = customers
        .iter()
        .map(|customer| model.posterior(customer).unwrap())
        .collect();
    let span = Span::weeks(39.0).unwrap();
    let rate = DiscountRate::annual(0.15).unwrap();
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Elements(customers.len() as u64));
    group.bench_function("posterior", |b| {
        b.iter(|| {
            black_box(&customers)
                .iter()
                .map(|customer| model.posterior(customer).unwrap().ln_likelihood())
                .sum::<f64>()
        });
    });
    let mut answer = |name: &str, of: &dyn Fn(&M::Posterior) -> f64| {
        group.bench_function(name, |b| {
            b.iter(|| black_box(&posteriors).iter().map(of).sum::<f64>());
        });
    };
    answer("probability_alive", &|p| p.probability_alive());
    answer("probability_active", &|p| p.probability_active(span));
    answer("expected_purchases", &|p| p.expected_purchases(span));
    answer("residual_transactions", &|p| {
        p.residual_transactions(rate).unwrap()
    });
    answer("residual_lifetime", &|p| p.residual_lifetime(rate).unwrap());
    answer("discounted_purchases", &|p| {
        p.discounted_purchases(rate, Horizon::Finite(span)).unwrap()
    });
    answer("mean_rate", &|p| p.mean_rate());
    answer("purchase_probabilities_20", &|p| {
        let mut probabilities = [0.0; 20];
        p.purchase_probabilities(span, &mut probabilities);
        probabilities[19]
    });
    group.finish();
}

fn bg_nbd(c: &mut Criterion) {
    answers(c, "score_bg_nbd", &support::bg_nbd());
}

fn mbg_nbd(c: &mut Criterion) {
    answers(c, "score_mbg_nbd", &support::mbg_nbd());
}

fn pareto_nbd(c: &mut Criterion) {
    answers(c, "score_pareto_nbd", &support::pareto_nbd());
}

/// The models that have no closed form for what lies ahead, and the one that has nothing else.
fn further(c: &mut Criterion) {
    let unit = TimeUnit::Week;
    let nbd = Nbd::new(NbdParameters {
        unit,
        r: 0.385,
        alpha: 12.072,
    });
    answers(c, "score_nbd", &nbd.unwrap());
    let ggompertz = GGompertzNbd::new(GGompertzNbdParameters {
        unit,
        r: 0.553,
        alpha: 10.578,
        b: 0.02,
        s: 0.606,
        beta: 0.25,
    });
    answers(c, "score_ggompertz_nbd", &ggompertz.unwrap());
    let regular = MbgCnbd::new(MbgCnbdParameters {
        unit,
        k: Phases::new(2).unwrap(),
        r: 0.525,
        alpha: 3.1,
        a: 0.891,
        b: 1.614,
    });
    answers(c, "score_mbg_cnbd_2", &regular.unwrap());
    let correlated = CorrelatedParetoNbd::new(CorrelatedParetoNbdParameters {
        unit,
        r: 0.529,
        alpha: 9.847,
        s: 0.494,
        beta: 9.172,
        dependence: 1.0,
    });
    answers(c, "score_correlated_pareto_nbd", &correlated.unwrap());
}

fn gamma_gamma(c: &mut Criterion) {
    let model = support::gamma_gamma();
    let customers = every_eighth();
    let mut group = c.benchmark_group("score_gamma_gamma");
    group.throughput(Throughput::Elements(customers.len() as u64));
    group.bench_function("expected_spend", |b| {
        b.iter(|| {
            black_box(&customers)
                .iter()
                .map(|rfm| model.posterior(rfm.spend()).unwrap().expected_spend())
                .sum::<f64>()
        });
    });
    group.finish();
}

/// Lifetime value without draws, and with draws of the customer and of the parameters.
fn lifetime_value(c: &mut Criterion) {
    let all = support::cdnow();
    let options = FitOptions::default();
    let spend = GammaGamma::fit(&all, &options).unwrap();
    let customers: Vec<CustomerSummary> = every_eighth()
        .into_iter()
        .enumerate()
        .map(|(i, rfm)| CustomerSummary::from_rfm(CustomerId::new(format!("c-{i}")).unwrap(), rfm))
        .collect();
    values(
        c,
        "bg_nbd",
        &BgNbd::fit(&all, &options).unwrap(),
        &spend,
        &customers,
    );
    values(
        c,
        "mbg_nbd",
        &MbgNbd::fit(&all, &options).unwrap(),
        &spend,
        &customers,
    );
    values(
        c,
        "pareto_nbd",
        &ParetoNbd::fit(&all, &options).unwrap(),
        &spend,
        &customers,
    );
}

fn values<M: PurchaseModel + Fit>(
    c: &mut Criterion,
    name: &str,
    purchases: &Fitted<M>,
    spend: &Fitted<GammaGamma>,
    customers: &[CustomerSummary],
) {
    let terms = ClvTerms::new(0.30, DiscountRate::annual(0.15).unwrap()).unwrap();
    let mut group = c.benchmark_group(format!("score_clv_{name}"));
    group.sample_size(10);
    group.throughput(Throughput::Elements(customers.len() as u64));
    let clv = Clv::new(purchases.model().clone(), *spend.model(), terms).unwrap();
    group.bench_function("no_draws", |b| b.iter(|| total(&clv, customers)));
    for count in [100, 1_000] {
        let draws = Draws {
            count,
            ..Draws::default()
        };
        let clv = Clv::fitted(purchases, spend, terms, draws).unwrap();
        group.bench_function(format!("{count}_draws"), |b| {
            b.iter(|| total(&clv, customers));
        });
    }
    group.finish();
}

fn total<P: PurchaseModel, S: SpendModel>(clv: &Clv<P, S>, customers: &[CustomerSummary]) -> f64 {
    clv.scores(black_box(customers))
        .map(|value| value.unwrap().value())
        .sum()
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = bg_nbd, mbg_nbd, pareto_nbd, further, gamma_gamma, lifetime_value
}
criterion_main!(benches);
