//! Summaries of the orders of one customer after the other.

use crate::history::CustomerId;
use crate::quantity::{Currency, TimeUnit};

use super::super::periods::Grid;
use super::super::purchase::mean_spend;
use super::super::{
    RuleReport, SpendBasis, SpendSummary, SummaryError, SummaryTable, ZeroValueRule,
};
use super::OrderSummaries;
use super::rows::{Packing, Row};

/// What is asked about each customer, and how their rows are to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) grid: Grid,
    pub(super) unit: TimeUnit,
    pub(super) zero_value: ZeroValueRule,
    pub(super) basis: SpendBasis,
    /// Billionths in a minor unit.
    pub(super) nano: i128,
    /// The period of the instant asked about, and what stands for all after it.
    pub(super) end: i64,
    pub(super) after: u64,
    pub(super) packing: Packing,
    /// The least customer's number, from which those of the rows count.
    pub(super) lowest: u64,
}

/// Makes summaries of the orders of one customer after the other.
#[derive(Debug)]
pub(super) struct Summariser {
    rules: Rules,
    without_transaction: u64,
    events_after: u64,
    /// Orders of nothing up to the instant.
    of_nothing: u64,
    transactions: u64,
    found: Found,
}

/// The summaries made so far, in columns.
#[derive(Debug)]
struct Found {
    customers: Vec<u64>,
    frequency: Vec<u32>,
    recency: Vec<f64>,
    age: Vec<f64>,
    transactions: Vec<u32>,
    mean: Vec<f64>,
}

impl Found {
    fn with_room(customers: usize) -> Self {
        Self {
            customers: Vec::with_capacity(customers),
            frequency: Vec::with_capacity(customers),
            recency: Vec::with_capacity(customers),
            age: Vec::with_capacity(customers),
            transactions: Vec::with_capacity(customers),
            mean: Vec::with_capacity(customers),
        }
    }

    /// Without the room that was not needed.
    fn fitted(mut self) -> Self {
        self.customers.shrink_to_fit();
        self.frequency.shrink_to_fit();
        self.recency.shrink_to_fit();
        self.age.shrink_to_fit();
        self.transactions.shrink_to_fit();
        self.mean.shrink_to_fit();
        self
    }
}

/// The transactions of one customer: how many there are, fewer than 2³², and their spend in minor
/// units, which 2³² amounts below 2⁶³ make up.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    made: u32,
    first: u64,
    last: u64,
    first_spend: i128,
    all_spend: i128,
}

impl Summariser {
    /// With room for all customers of so many orders if their numbers, which are up to `range` above
    /// the lowest, tell that there are not more than orders. Otherwise it grows with them.
    pub(super) fn new(rules: Rules, orders: usize, range: u64) -> Self {
        let customers = match usize::try_from(range) {
            Ok(range) if range < orders => range + 1,
            _ => 0,
        };
        Self {
            rules,
            without_transaction: 0,
            events_after: 0,
            of_nothing: 0,
            transactions: 0,
            found: Found::with_room(customers),
        }
    }

    /// Takes in all orders of a customer in order of time; customers come in order of number.
    pub(super) fn take<R: Row>(&mut self, customer: u64, rows: &[R]) -> Result<(), SummaryError> {
        let customer = self.rules.lowest + customer;
        let seen = self.seen(rows);
        if seen.made == 0 {
            self.without_transaction += 1;
            return Ok(());
        }
        let (covered, spend) = match self.rules.basis {
            SpendBasis::RepeatTransactions => (seen.made - 1, seen.all_spend - seen.first_spend),
            SpendBasis::AllTransactions => (seen.made, seen.all_spend),
        };
        let mean = if covered > 0 {
            let mean = mean_spend(spend * self.rules.nano, covered);
            SpendSummary::check_mean(mean).map_err(|error| named(customer, error))?;
            mean
        } else {
            0.0
        };
        let span = |from: u64, to: i64| self.rules.grid.span(signed(from), to, self.rules.unit);
        let age = span(seen.first, self.rules.end);
        let recency = if seen.made > 1 {
            span(seen.first, signed(seen.last))
        } else {
            0.0
        };
        self.transactions += u64::from(seen.made);
        let found = &mut self.found;
        found.customers.push(customer);
        found.frequency.push(seen.made - 1);
        found.recency.push(recency);
        found.age.push(age);
        found.transactions.push(covered);
        found.mean.push(mean);
        Ok(())
    }

    fn seen<R: Row>(&mut self, rows: &[R]) -> Seen {
        let packing = self.rules.packing;
        let mut seen = Seen::default();
        let mut rows = rows.iter().peekable();
        while let Some(first) = rows.next() {
            let period = first.period(packing);
            if period == self.rules.after {
                self.events_after += 1 + rows.len() as u64;
                break;
            }
            let mut spend = i128::from(first.amount(packing));
            let (mut events, mut of_nothing) = (1, u64::from(spend == 0));
            while let Some(order) = rows.next_if(|row| row.period(packing) == period) {
                let amount = order.amount(packing);
                spend += i128::from(amount);
                events += 1;
                of_nothing += u64::from(amount == 0);
            }
            self.of_nothing += of_nothing;
            if self.rules.zero_value == ZeroValueRule::Skip && events == of_nothing {
                continue; // as though there had been no purchase
            }
            if seen.made == 0 {
                (seen.first, seen.first_spend) = (period, spend);
            }
            seen.made += 1;
            seen.last = period;
            seen.all_spend += spend;
        }
        seen
    }

    /// The answer for a log of so many orders.
    pub(super) fn finish(self, orders: usize, currency: Currency) -> OrderSummaries {
        let found = self.found.fitted();
        let (counted, skipped) = match self.rules.zero_value {
            ZeroValueRule::Count => (self.of_nothing, 0),
            ZeroValueRule::Skip => (0, self.of_nothing),
        };
        let purchases = orders as u64 - self.events_after;
        let report = RuleReport {
            customers: found.customers.len() as u64 + self.without_transaction,
            customers_without_transaction: self.without_transaction,
            events: purchases,
            events_after: self.events_after,
            purchases,
            transactions: self.transactions,
            purchases_merged: purchases - skipped - self.transactions,
            zero_value_counted: counted,
            zero_value_skipped: skipped,
            ..RuleReport::default()
        };
        let is_known = found.transactions.iter().any(|&covered| covered > 0);
        let spend = (currency, self.rules.basis, found.transactions, found.mean);
        let spend = is_known.then_some(spend);
        OrderSummaries {
            customers: found.customers,
            table: SummaryTable::of_valid(
                self.rules.unit,
                found.frequency,
                found.recency,
                found.age,
                spend,
            ),
            report,
        }
    }
}

/// A number of periods; the calendar has fewer than 2⁴⁴.
#[allow(clippy::cast_possible_wrap, reason = "far below 2^63")]
fn signed(periods: u64) -> i64 {
    periods as i64
}

#[cold]
fn named(customer: u64, error: SummaryError) -> SummaryError {
    match CustomerId::new(customer.to_string()) {
        Ok(name) => error.of_customer(&name),
        Err(unnamed) => SummaryError::History(unnamed),
    }
}
