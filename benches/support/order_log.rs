//! A simulated log of orders in columns, of the base that the crate's speed is measured on.

use guanxi::chrono::DateTime;
use guanxi::model::PurchaseModel;
use guanxi::quantity::{Currency, Money, Span};
use guanxi::summary::{OrderColumns, OrderSummaries, SummaryPolicy, TimestampUnit};

use super::{FIRST_DAY, LAST_DAY, Order, age_in_days, bg_nbd, gamma_gamma, midnight, shuffled};

/// Orders in columns: customer, second and cents.
#[derive(Debug, Clone, Default)]
pub(crate) struct OrderLog {
    pub(crate) customer: Vec<u64>,
    pub(crate) at: Vec<i64>,
    pub(crate) cents: Vec<i64>,
}

/// The orders of this many BG/NBD customers with Gamma–Gamma spend, who came in the first 84 of 272
/// days: the first ones included, one a day, and one customer after the other.
pub(crate) fn order_log(customers: u64) -> OrderLog {
    let (model, spend) = (bg_nbd(), gamma_gamma());
    let first = midnight(FIRST_DAY).timestamp();
    let mut log = OrderLog::default();
    for customer in 0..customers {
        let age = age_in_days(customer);
        let joined = first + i64::from(272 - age) * 86_400;
        let span = Span::weeks(f64::from(age) / 7.0).unwrap();
        let repeats = model.simulate(7, customer, span).unwrap().purchases;
        let mut days = vec![0];
        days.extend(
            repeats
                .iter()
                .map(|weeks| ((weeks * 7.0).ceil() as u32).min(age)),
        );
        days.dedup();
        let amounts = spend.simulate_amounts(8, customer, days.len() as u32);
        for (day, amount) in days.into_iter().zip(amounts.unwrap()) {
            log.customer.push(customer);
            log.at.push(joined + i64::from(day) * 86_400);
            log.cents.push((amount * 100.0).ceil() as i64);
        }
    }
    log
}

impl OrderLog {
    /// The customers as of the last day, in weeks.
    pub(crate) fn summarise(&self) -> OrderSummaries {
        self.summarise_by(&SummaryPolicy::default())
    }

    /// The same by other rules.
    pub(crate) fn summarise_by(&self, policy: &SummaryPolicy) -> OrderSummaries {
        let (customer, at, cents) = (&self.customer, &self.at, &self.cents);
        OrderColumns::new(Currency::USD, TimestampUnit::Second, customer, at, cents)
            .unwrap()
            .summarise(midnight(LAST_DAY), policy)
            .unwrap()
    }

    fn rows(&self) -> Vec<(i64, u64, i64)> {
        let columns = self.at.iter().zip(&self.customer).zip(&self.cents);
        columns
            .map(|((&at, &customer), &cents)| (at, customer, cents))
            .collect()
    }

    fn of_rows(rows: &[(i64, u64, i64)]) -> Self {
        Self {
            customer: rows.iter().map(|row| row.1).collect(),
            at: rows.iter().map(|row| row.0).collect(),
            cents: rows.iter().map(|row| row.2).collect(),
        }
    }

    /// The same orders in order of time; on one day their customers come in no order.
    pub(crate) fn by_time(&self) -> Self {
        let mut rows = self.rows();
        rows.sort_unstable_by_key(|&(at, customer, _)| (at, hash(customer)));
        Self::of_rows(&rows)
    }

    /// The same orders in an order that has nothing to do with time.
    pub(crate) fn shuffled(&self) -> Self {
        Self::of_rows(&shuffled(&self.rows()))
    }

    /// The same orders of customers whose numbers are hashes.
    pub(crate) fn hashed(&self) -> Self {
        Self {
            customer: self
                .customer
                .iter()
                .map(|&customer| hash(customer))
                .collect(),
            ..self.clone()
        }
    }

    /// The same orders one by one, as a base takes them.
    pub(crate) fn orders(&self) -> Vec<Order> {
        let order = |&(at, customer, cents): &(i64, u64, i64)| Order {
            customer: format!("customer-{customer}"),
            at: DateTime::from_timestamp(at, 0).unwrap(),
            amount: Money::from_estimate(cents as f64 / 100.0, Currency::USD).unwrap(),
        };
        self.rows().iter().map(order).collect()
    }
}

/// A number of 64 bits that looks random.
fn hash(customer: u64) -> u64 {
    let x = (customer + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (x ^ (x >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}
