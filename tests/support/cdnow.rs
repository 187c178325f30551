//! The CDNOW sample as summaries.
//!
//! Calibration to 1997-09-30; orders of one day are one transaction, and the first is left out of
//! the mean spend.

use guanxi::chrono::NaiveDate;
use guanxi::quantity::{Currency, TimeUnit};
use guanxi::summary::{RfmSummary, SpendSummary};
use std::collections::BTreeMap;

/// How weeks are counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Weeks {
    /// Whole days divided by 7.
    Exact,
    /// The same, rounded to two decimals, as in the table that was published; mean spend too.
    Rounded,
}

/// Every customer of the log, in order of their number.
pub fn customers(weeks: Weeks) -> Vec<RfmSummary> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/cdnow.csv");
    let log = std::fs::read_to_string(path).expect("the log is shipped with the crate");
    let end = day("1997-09-30");
    let mut orders: BTreeMap<u32, BTreeMap<i64, f64>> = BTreeMap::new();
    for line in log.lines().skip(1) {
        let mut fields = line.split(',');
        let mut field = || fields.next().expect("three fields");
        let (customer, date, amount) = (field(), day(field()), field());
        if date <= end {
            let customer = customer.parse().expect("a number");
            let amount: f64 = amount.parse().expect("an amount");
            *orders.entry(customer).or_default().entry(date).or_default() += amount;
        }
    }
    orders
        .values()
        .map(|days| summary(days, end, weeks))
        .collect()
}

fn day(text: &str) -> i64 {
    let date: NaiveDate = text.parse().expect("a date");
    i64::from(guanxi::chrono::Datelike::num_days_from_ce(&date))
}

fn summary(days: &BTreeMap<i64, f64>, end: i64, weeks: Weeks) -> RfmSummary {
    let first = *days.keys().next().expect("an order");
    let last = *days.keys().next_back().expect("an order");
    let span = |from: i64, to: i64| {
        let exact = (to - from) as f64 / 7.0;
        match weeks {
            Weeks::Exact => exact,
            Weeks::Rounded => (exact * 100.0).round() / 100.0,
        }
    };
    let frequency = u32::try_from(days.len() - 1).expect("few orders");
    let customer = RfmSummary::new(
        TimeUnit::Week,
        frequency,
        span(first, last),
        span(first, end),
    )
    .expect("a valid summary");
    if frequency == 0 {
        return customer;
    }
    let exact = days.values().skip(1).sum::<f64>() / f64::from(frequency);
    let mean = match weeks {
        Weeks::Exact => exact,
        // Half a cent goes up; the sum of cents is exact to far less than the 1e-6 added.
        Weeks::Rounded => (exact * 100.0 + 1e-6).round() / 100.0,
    };
    let spend = SpendSummary::of_repeat_transactions(frequency, mean, Currency::USD);
    customer
        .with_spend(spend.expect("a valid mean"))
        .expect("as many orders as there are")
}
