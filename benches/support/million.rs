//! The base of the table in the README: BG/NBD customers with Gamma–Gamma spend, who came in the
//! first 84 of 272 days, as a log in columns with one order a customer and day.

use guanxi::model::PurchaseModel;
use guanxi::quantity::Span;

use super::{FIRST_DAY, age_in_days, bg_nbd, gamma_gamma, midnight};

/// Orders in the order of time, and of customers within a day; as of
/// [`LAST_DAY`](super::LAST_DAY).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Log {
    pub(crate) customer: Vec<u64>,
    /// Seconds since 1970, at midnight in UTC.
    pub(crate) at: Vec<i64>,
    /// Hundredths of a US dollar.
    pub(crate) cents: Vec<i64>,
}

/// The log of this many customers: about two orders each, 0.8 s for a million.
pub(crate) fn log(customers: u64) -> Log {
    let (purchases, spend) = (bg_nbd(), gamma_gamma());
    let first = midnight(FIRST_DAY).timestamp();
    let mut orders: Vec<(i64, u64, i64)> = Vec::new();
    for customer in 0..customers {
        let age = age_in_days(customer);
        let weeks = Span::weeks(f64::from(age) / 7.0).unwrap();
        let simulated = purchases.simulate(7, customer, weeks).unwrap();
        let repeats = simulated.purchases.iter();
        let mut days = vec![0];
        days.extend(repeats.map(|weeks| ((weeks * 7.0).ceil() as u32).min(age)));
        days.dedup();
        let amounts = spend.simulate_amounts(8, customer, days.len() as u32);
        orders.extend(days.iter().zip(amounts.unwrap()).map(|(day, amount)| {
            let at = first + i64::from(272 - age + day) * 86_400;
            (at, customer, (amount * 100.0).ceil() as i64)
        }));
    }
    orders.sort_unstable();
    Log {
        customer: orders.iter().map(|order| order.1).collect(),
        at: orders.iter().map(|order| order.0).collect(),
        cents: orders.iter().map(|order| order.2).collect(),
    }
}
