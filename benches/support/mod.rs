//! Data of the benches: CDNOW as shipped with the examples, and simulated customers under fixed
//! seeds. All of it is made before a timer starts.

#![allow(dead_code, reason = "each bench uses a part of this")]
#![allow(clippy::disallowed_methods, reason = "reads the CDNOW log")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "days and places of simulated data, all small and at or above 0"
)]

mod base;
mod mixed;
mod order_log;
mod timed;

use std::time::Duration;

use criterion::Criterion;
use guanxi::chrono::{DateTime, TimeDelta, Utc};
use guanxi::model::{
    BgNbd, BgNbdParameters, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters, ParetoNbd,
    ParetoNbdParameters, PurchaseModel, PurchaseSample, RandomStream, Sample,
};
use guanxi::quantity::{Currency, Money, Span, TimeUnit};
use guanxi::summary::{CustomerBase, RfmSummary, SpendSummary, SummaryPolicy};

#[allow(unused_imports, reason = "each bench uses a part of this")]
pub(crate) use base::Merged;
#[allow(unused_imports, reason = "each bench uses a part of this")]
pub(crate) use mixed::mixed;
#[allow(unused_imports, reason = "each bench uses a part of this")]
pub(crate) use order_log::{OrderLog, order_log};
#[allow(unused_imports, reason = "each bench uses a part of this")]
pub(crate) use timed::{timed, timed_design};

/// Short measurements: all benches together take some ten minutes.
pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1_500))
        .sample_size(20)
        .nresamples(10_000)
}

/// Maximum-likelihood estimates from CDNOW, in weeks and US dollars.
pub(crate) fn bg_nbd() -> BgNbd {
    BgNbd::new(BgNbdParameters {
        unit: TimeUnit::Week,
        r: 0.243,
        alpha: 4.414,
        a: 0.793,
        b: 2.426,
    })
    .unwrap()
}

/// As [`bg_nbd`].
pub(crate) fn mbg_nbd() -> MbgNbd {
    MbgNbd::new(MbgNbdParameters {
        unit: TimeUnit::Week,
        r: 0.525,
        alpha: 6.183,
        a: 0.891,
        b: 1.614,
    })
    .unwrap()
}

/// As [`bg_nbd`].
pub(crate) fn pareto_nbd() -> ParetoNbd {
    ParetoNbd::new(ParetoNbdParameters {
        unit: TimeUnit::Week,
        r: 0.553,
        alpha: 10.578,
        s: 0.606,
        beta: 11.669,
    })
    .unwrap()
}

/// As [`bg_nbd`].
pub(crate) fn gamma_gamma() -> GammaGamma {
    GammaGamma::new(GammaGammaParameters {
        currency: Currency::USD,
        p: 6.25,
        q: 3.74,
        gamma: 15.44,
    })
    .unwrap()
}

/// Midnight at the start of a day, `YYYY-MM-DD`.
pub(crate) fn midnight(day: &str) -> DateTime<Utc> {
    format!("{day}T00:00:00Z").parse().unwrap()
}

/// The CDNOW log, summarised in weeks as of the end of September 1997: 2,357 customers.
pub(crate) fn cdnow() -> Vec<RfmSummary> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/cdnow.csv");
    let mut base = CustomerBase::new(SummaryPolicy::default());
    for order in csv::Reader::from_path(path).unwrap().records() {
        let order = order.unwrap();
        let amount = Money::parse(&order[2], Currency::USD).unwrap();
        base.observe_purchase(&order[0], midnight(&order[1]), amount)
            .unwrap();
    }
    base.rfm_summaries(midnight("1997-09-30"))
        .collect::<Result<_, _>>()
        .unwrap()
}

/// The donors of the published cohort, in years.
pub(crate) fn donors() -> PurchaseSample {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/donations.csv");
    let mut sample = PurchaseSample::default();
    for row in csv::Reader::from_path(path).unwrap().records() {
        let row = row.unwrap();
        let number = |i: usize| row[i].parse::<f64>().unwrap();
        let x = row[0].parse().unwrap();
        let donor = RfmSummary::new(TimeUnit::Year, x, number(1), number(2)).unwrap();
        sample.add(&donor, number(3)).unwrap();
    }
    sample
}

/// Days since the first purchase of a simulated customer, who came in one of the 84 days before
/// the last 27 weeks, as the customers of CDNOW did.
fn age_in_days(customer: u64) -> u32 {
    27 * 7 + (customer * 37 % 84) as u32
}

/// Simulated customers as a log of whole days shows them: the orders of one day are one.
pub(crate) fn customers(model: &impl PurchaseModel, count: u64) -> Vec<RfmSummary> {
    (0..count)
        .map(|customer| {
            let age = age_in_days(customer);
            let age_in_weeks = f64::from(age) / 7.0;
            let simulated = model
                .simulate(7, customer, Span::weeks(age_in_weeks).unwrap())
                .unwrap();
            let mut days: Vec<u32> = simulated
                .purchases
                .iter()
                .map(|weeks| ((weeks * 7.0).ceil() as u32).min(age))
                .collect();
            days.dedup();
            let recency = f64::from(days.last().copied().unwrap_or(0)) / 7.0;
            RfmSummary::new(TimeUnit::Week, days.len() as u32, recency, age_in_weeks).unwrap()
        })
        .collect()
}

/// Simulated customers whose times are known to the instant, so that no two are equal.
pub(crate) fn customers_to_the_instant(model: &impl PurchaseModel, count: u64) -> Vec<RfmSummary> {
    (0..count)
        .map(|customer| {
            let age = (f64::from(age_in_days(customer)) + fraction(customer)) / 7.0;
            model
                .simulate(7, customer, Span::weeks(age).unwrap())
                .unwrap()
                .summary
        })
        .collect()
}

/// A part of a day that no two customers share.
fn fraction(customer: u64) -> f64 {
    (customer as f64 * 0.618_033_988_749_895).fract()
}

/// Simulated customers who bought 1 to 8 times for a mean of whole cents over their purchases.
pub(crate) fn spenders(model: &GammaGamma, count: u64) -> Vec<RfmSummary> {
    (0..count)
        .map(|customer| {
            let transactions = 1 + (customer % 64).trailing_ones();
            let mean = model.simulate(7, customer, transactions).unwrap().mean();
            let total = (mean * f64::from(transactions) * 100.0).ceil() / 100.0;
            let mean = total / f64::from(transactions);
            let spend =
                SpendSummary::of_repeat_transactions(transactions, mean, Currency::USD).unwrap();
            RfmSummary::new(TimeUnit::Week, transactions, 20.0, 39.0)
                .unwrap()
                .with_spend(spend)
                .unwrap()
        })
        .collect()
}

/// One order of a simulated log.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) customer: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) amount: Money,
}

/// The first day of the simulated log.
pub(crate) const FIRST_DAY: &str = "2025-01-01";
/// The day its summaries are as of.
pub(crate) const LAST_DAY: &str = "2025-09-30";

/// The orders of this many simulated customers in the order of time, first ones included.
pub(crate) fn orders(customers: u64) -> Vec<Order> {
    let model = mbg_nbd();
    let first = midnight(FIRST_DAY);
    let mut orders = Vec::new();
    for customer in 0..customers {
        let age = f64::from(age_in_days(customer)) + fraction(customer);
        let joined = 272.0 - age;
        let age = Span::weeks(age / 7.0).unwrap();
        let repeats = model.simulate(7, customer, age).unwrap().purchases;
        let days = std::iter::once(joined).chain(repeats.iter().map(|weeks| joined + weeks * 7.0));
        let mut random = RandomStream::new(8, customer);
        orders.extend(days.map(|day| Order {
            customer: format!("customer-{customer}"),
            at: first + TimeDelta::milliseconds((day * 86_400_000.0) as i64),
            amount: Money::from_estimate(33.0 * random.exponential(), Currency::USD).unwrap(),
        }));
    }
    orders.sort_by(|a, b| (a.at, &a.customer).cmp(&(b.at, &b.customer)));
    orders
}

/// The same values in an order that has nothing to do with time.
pub(crate) fn shuffled<T: Clone>(values: &[T]) -> Vec<T> {
    let mut random = RandomStream::new(9, 0);
    let mut values = values.to_vec();
    for i in (1..values.len()).rev() {
        // Below i + 1.
        let j = (random.uniform() * (i as f64 + 1.0)) as usize;
        values.swap(i, j.min(i));
    }
    values
}
