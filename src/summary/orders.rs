//! A log of orders in columns, made into summaries without a state for each customer.

mod clock;
mod rows;
mod summariser;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::quantity::{Currency, Money};

use super::{ColumnError, RuleReport, SummaryError, SummaryPolicy, SummaryTable};

pub use clock::TimestampUnit;

use clock::Periods;
use rows::{Packing, Row, Wide, bits, by_customer};
use summariser::{Rules, Summariser};

/// Decimal places of a billionth.
const NANO_DECIMALS: u32 = 9;

/// A log of orders in memory, one order a row (订单的列式数据): the way from a large table of
/// purchases to the summaries that models are fitted to.
///
/// The slices are checked once and read in place, wherever they come from: a data frame, an Arrow
/// array, three vectors. [`summarise`](Self::summarise) gives what a
/// [`CustomerBase`](super::CustomerBase) gives for the same orders, to the last bit, in a fraction of
/// its time and memory. A base also takes events one at a time, returns and events of other kinds,
/// and keeps what it needs for the next ones.
///
/// # Cost
///
/// At two orders a customer 23 to 40 ns an order on one core, from ten thousand customers to ten million,
/// whether sorted by time, by customer or not at all; twice as much where customers' numbers are hashes.
/// A third of it is the system's work to hand out memory. A customer with very many orders
/// takes no more time an order than others, but for sorting them if they are not in order of time.
///
/// The result takes 40 bytes a customer. Where numbers are too sparse to tell how many customers there
/// are, it takes up to twice that while it grows. Beside it `summarise` sets aside 8 bytes an order, or 24
/// where the numbers of customers, periods and amounts together take more than 63 bits, as hashes do. It
/// needs as much again, and at most 16 bytes more, for each order of the largest part that a log is split
/// into. That is little in a long log, but all of a short one, of one customer's, or of one whose numbers
/// lie in one bunch far from a few others. A million customers with two orders each peak at 57 bytes a
/// customer, and at 93 to 138 with hashes for numbers (`cargo bench --bench memory`).
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Currency;
/// use guanxi::summary::{OrderColumns, SummaryPolicy, TimestampUnit};
///
/// let customer = [4, 18, 4, 4, 21];
/// let day = [0, 3, 17, 213, 328].map(|day| (9_862 + day) * 86_400); // since 1997-01-01
/// let cents = [29_33, 14_96, 29_73, 14_96, 25_30];
/// let orders = OrderColumns::new(Currency::USD, TimestampUnit::Second, &customer, &day, &cents)?;
///
/// let end_of_september = "1997-09-30T00:00:00Z".parse::<chrono::DateTime<chrono::Utc>>()?;
/// let found = orders.summarise(end_of_september, &SummaryPolicy::default())?;
/// assert_eq!(found.customers, [4, 18]); // 21 is yet to come
/// let columns = found.table.columns();
/// assert_eq!(columns.frequency(), [2, 0]);
/// assert_eq!(columns.recency(), [213.0 / 7.0, 0.0]);
/// assert_eq!(columns.age(), [272.0 / 7.0, 269.0 / 7.0]);
/// let spend = found.table.spend().ok_or("a repeat")?;
/// assert_eq!((spend.transactions(), spend.mean()[0]), ([2, 0].as_slice(), 22.345));
/// assert_eq!(found.report.events_after, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct OrderColumns<'a> {
    currency: Currency,
    decimals: u32,
    unit: TimestampUnit,
    customer: &'a [u64],
    at: &'a [i64],
    amount: &'a [i64],
    /// The earliest and the latest instant.
    lasted: (i64, i64),
    largest_amount: i64,
}

/// What a log of orders comes to as of an instant: the answer of [`OrderColumns::summarise`].
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "StoredSummaries"))]
#[non_exhaustive]
pub struct OrderSummaries {
    /// The customers with a transaction up to then, in ascending order: row *i* of the table is
    /// customer *i* of these.
    pub customers: Vec<u64>,
    /// Their summaries.
    pub table: SummaryTable,
    /// What the rules did to all orders, those of customers without a transaction included.
    pub report: RuleReport,
}

/// Summaries of orders as they are read, before they are checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "OrderSummaries")]
struct StoredSummaries {
    customers: Vec<u64>,
    table: SummaryTable,
    report: RuleReport,
}

#[cfg(feature = "serde")]
impl TryFrom<StoredSummaries> for OrderSummaries {
    type Error = ColumnError;

    fn try_from(stored: StoredSummaries) -> Result<Self, ColumnError> {
        let StoredSummaries {
            customers,
            table,
            report,
        } = stored;
        ColumnError::check_length("customers", table.len(), customers.len())?;
        let refused = |expected, found| Err(ColumnError::Stored { expected, found });
        let mut pairs = customers.iter().zip(customers.iter().skip(1));
        if let Some((one, next)) = pairs.find(|(one, next)| one >= next) {
            return refused(
                "customers in ascending order, each once",
                format!("{one} and then {next}"),
            );
        }
        let made: u64 = table
            .columns()
            .frequency()
            .iter()
            .map(|&x| u64::from(x) + 1)
            .sum();
        let without = report.customers_without_transaction;
        let counted = report.customers.checked_sub(without);
        if counted != Some(customers.len() as u64) || report.transactions != made {
            return refused(
                "a report on the customers and transactions of its table",
                format!(
                    "{} customers, {without} of them without a transaction, and {} transactions beside \
                     {} customers with {made}",
                    report.customers,
                    report.transactions,
                    customers.len()
                ),
            );
        }
        Ok(Self {
            customers,
            table,
            report,
        })
    }
}

impl<'a> OrderColumns<'a> {
    /// Columns of equal length, one order a row, in any order.
    ///
    /// # Units
    ///
    /// - `customer`: any numbers that tell customers apart, such as ids, places in a table of names,
    ///   or hashes of 64 bits.
    /// - `at`: `unit`s since 1970-01-01T00:00:00Z.
    /// - `amount`: minor units of `currency` (cents of EUR, whole JPY), at or above 0 and at most 10¹⁸
    ///   major units. A log with returns goes to a [`CustomerBase`](super::CustomerBase).
    ///
    /// # Errors
    ///
    /// - [`ColumnError::NoMinorUnits`] if the currency has none, as gold (XAU), or none that is known.
    /// - [`ColumnError::Length`] if `at` or `amount` has not as many rows as `customer`.
    /// - [`ColumnError::TooManyRows`] beyond 4,294,967,295 orders.
    /// - [`ColumnError::Row`] with the first row whose instant is outside chrono's calendar, and
    ///   then the first whose amount is below 0 or too large. No others are named: set aside beforehand
    ///   what may be wrong in many rows.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::quantity::Currency;
    /// use guanxi::summary::{OrderColumns, TimestampUnit};
    ///
    /// let unit = TimestampUnit::Millisecond;
    /// let refused = OrderColumns::new(Currency::EUR, unit, &[7, 7], &[0, 60_000], &[41_00, -9_50]);
    /// assert_eq!(
    ///     refused.map_err(|error| error.to_string()).err(),
    ///     Some("amount of row 1: amount of the purchase must be at or above 0, got -9.50 EUR".into())
    /// );
    /// ```
    pub fn new(
        currency: Currency,
        unit: TimestampUnit,
        customer: &'a [u64],
        at: &'a [i64],
        amount: &'a [i64],
    ) -> Result<Self, ColumnError> {
        let decimals = currency
            .minor_units()
            .ok_or(ColumnError::NoMinorUnits { currency })?;
        ColumnError::check_length("at", customer.len(), at.len())?;
        ColumnError::check_length("amount", customer.len(), amount.len())?;
        let limit = u32::MAX as usize;
        if customer.len() > limit {
            let found = customer.len();
            return Err(ColumnError::TooManyRows { limit, found });
        }
        let (first, last) = unit.calendar();
        let lasted = check("at", at, first, last, |found| SummaryError::Domain {
            quantity: "timestamp",
            expected: "an instant of the calendar, which ends in the year 262142",
            found: found as f64,
        })?;
        let most = Money::LARGEST.saturating_mul(10_i64.saturating_pow(decimals));
        let (_, largest_amount) = check("amount", amount, 0, most, |found| {
            match Money::new(Decimal::new(found, decimals), currency) {
                Ok(found) => SummaryError::NegativeAmount {
                    field: "purchase",
                    found,
                },
                Err(too_large) => SummaryError::Quantity(too_large),
            }
        })?;
        Ok(Self {
            currency,
            decimals,
            unit,
            customer,
            at,
            amount,
            lasted,
            largest_amount,
        })
    }

    /// Number of orders.
    #[must_use]
    pub fn len(&self) -> usize {
        self.customer.len()
    }

    /// Whether there is no order.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.customer.is_empty()
    }

    /// Currency of the amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Frequency, recency, age and mean spend of each customer with a transaction as of an instant,
    /// and what the policy's rules did.
    ///
    /// As for [`PurchaseState::summarise`](super::PurchaseState::summarise) the whole period of
    /// `as_of` counts and later ones wait, and times are in the policy's unit, weeks by default. The
    /// rule on returns has nothing to do here.
    ///
    /// # Errors
    ///
    /// [`SummaryError::Customer`], naming the customer, around [`SummaryError::Domain`] if a mean
    /// spend is above 1e18, as only many orders of such a size in one period can make it.
    pub fn summarise(
        &self,
        as_of: DateTime<Utc>,
        policy: &SummaryPolicy,
    ) -> Result<OrderSummaries, SummaryError> {
        let (lowest, highest) = range(self.customer).unwrap_or((0, 0));
        let (earliest, latest) = self.lasted;
        let grid = policy.grid();
        let periods = Periods::new(grid, self.unit, earliest);
        // All later periods wait alike.
        let end = grid.index(as_of) - periods.first();
        let after = u64::try_from(end + 1).unwrap_or(0);
        let packing = Packing {
            period: bits(periods.of(latest).min(after)),
            amount: bits(self.largest_amount.unsigned_abs()),
        };
        let rules = Rules {
            grid,
            unit: policy.unit(),
            zero_value: policy.zero_value(),
            basis: policy.spend(),
            nano: 10_i128.pow(NANO_DECIMALS.saturating_sub(self.decimals)),
            end,
            after,
            packing,
            lowest,
        };
        let range = highest - lowest;
        if bits(range) + packing.period + packing.amount < u64::BITS {
            self.visit::<u64>(periods, range, rules)
        } else {
            self.visit::<Wide>(periods, range, rules)
        }
    }

    /// Summarises customers with numbers up to `range` above the lowest.
    fn visit<R: Row>(
        &self,
        periods: Periods,
        range: u64,
        rules: Rules,
    ) -> Result<OrderSummaries, SummaryError> {
        let mut summariser = Summariser::new(rules, self.len(), range);
        let customers = self.customer.iter().map(|customer| customer - rules.lowest);
        let orders = customers.clone().zip(self.at.iter().zip(self.amount));
        let orders = orders.map(|(customer, (&at, &amount))| {
            let period = periods.of(at).min(rules.after);
            let row = R::new(rules.packing, customer, period, amount.unsigned_abs());
            (customer, row)
        });
        by_customer(customers, orders, range, rules.packing, |customer, rows| {
            summariser.take(customer, rows)
        })?;
        Ok(summariser.finish(self.len(), self.currency))
    }
}

/// The least and the largest of some numbers, if there are any.
fn range<T: Copy + Ord>(numbers: &[T]) -> Option<(T, T)> {
    /// Found side by side, so that none waits for the one before it.
    const LANES: usize = 4;
    let first = *numbers.first()?;
    let within = |(low, high): (T, T), number: T| (low.min(number), high.max(number));
    let mut lanes = [(first, first); LANES];
    let several = numbers.chunks_exact(LANES);
    let rest = several.remainder();
    for some in several {
        for (lane, &number) in lanes.iter_mut().zip(some) {
            *lane = within(*lane, number);
        }
    }
    let ends = lanes.into_iter().flat_map(|(low, high)| [low, high]);
    Some(
        ends.chain(rest.iter().copied())
            .fold((first, first), within),
    )
}

/// The least and the largest of some numbers, or an error with the first that is outside a range; 0 if
/// there are none.
fn check(
    column: &'static str,
    numbers: &[i64],
    first: i64,
    last: i64,
    reason: impl Fn(i64) -> SummaryError,
) -> Result<(i64, i64), ColumnError> {
    let allowed = first..=last;
    let (low, high) = range(numbers).unwrap_or((0, 0));
    if allowed.contains(&low) && allowed.contains(&high) {
        return Ok((low, high));
    }
    let refused = |number: &i64| !allowed.contains(number);
    let row = numbers.iter().position(refused).unwrap_or(0);
    Err(ColumnError::Row {
        row,
        column,
        reason: reason(numbers.get(row).copied().unwrap_or(low)),
    })
}
