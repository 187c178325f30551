//! Transaction logs: `customer_id,date,amount`.

use std::ffi::OsStr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use csv::ByteRecord;
use guanxi::chrono;
use guanxi::history::Purpose;
use guanxi::quantity::{Currency, Money};
use guanxi::summary::{
    ConsentPolicy, ConsentRule, CustomerBase, EvidencePolicy, SummaryError, SummaryPolicy,
};

use super::{Failure, Moment, Table};

/// The header of a log, for messages.
const HEADER: &str = "customer_id,date,amount";

/// A log, streamed into a base of customers.
pub(crate) struct Log {
    /// What the file is called.
    pub(crate) file: String,
    /// All customers.
    pub(crate) base: CustomerBase,
    /// Rows in the file.
    pub(crate) rows: u64,
    /// Instant of the earliest event.
    pub(crate) first: DateTime<Utc>,
    /// Instant of the latest event.
    pub(crate) last: DateTime<Utc>,
}

impl Log {
    /// The end of the last day with an event.
    pub(crate) fn last_day(&self) -> Moment {
        Moment::Day(self.last.date_naive())
    }

    /// The library refused the log as a whole.
    pub(crate) fn refused(&self, reason: impl std::fmt::Display) -> Failure {
        Failure::refused(&self.file, reason)
    }
}

/// Reads a log. Columns may stand in any order and among others; a negative amount is a return.
pub(crate) fn read_log(
    path: &OsStr,
    currency: Currency,
    policy: SummaryPolicy,
) -> Result<Log, Failure> {
    read_log_table(Table::open(path)?, currency, policy)
}

/// Reads a log from an open table.
pub(crate) fn read_log_table(
    table: Table,
    currency: Currency,
    policy: SummaryPolicy,
) -> Result<Log, Failure> {
    read_log_with(table, currency, policy, |_, _, _| ())
}

/// Reads a log from an open table, and shows each row: customer, instant and amount.
pub(crate) fn read_log_with(
    mut table: Table,
    currency: Currency,
    policy: SummaryPolicy,
    mut seen: impl FnMut(&str, DateTime<Utc>, Money),
) -> Result<Log, Failure> {
    let customer = table.required_column("customer_id", HEADER)?;
    let date = table.required_column("date", HEADER)?;
    let amount = table.required_column("amount", HEADER)?;
    let mut base = CustomerBase::with_rules(policy, Arc::new(permitted()));
    let (mut first, mut last) = (DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC);
    let mut row = ByteRecord::new();
    while table.read(&mut row)? {
        let name = std::str::from_utf8(&row[customer])
            .map_err(|_| table.unexpected("customer_id", "UTF-8 text", &row[customer]))?;
        let cell = row[date].trim_ascii();
        let at = Moment::parse(cell)
            .ok_or_else(|| table.unexpected("date", Moment::EXPECTED, cell))?
            .start();
        let money = money(&table, row[amount].trim_ascii(), currency)?;
        let done = if money.is_negative() {
            base.observe_return(name, at, money.negate())
        } else {
            base.observe_purchase(name, at, money)
        };
        done.map_err(|error| match error {
            SummaryError::History(error) => table.refused("customer_id", error),
            error => table.refused("amount", error),
        })?;
        seen(name, at, money);
        first = first.min(at);
        last = last.max(at);
    }
    Ok(Log {
        file: table.file().to_owned(),
        base,
        rows: table.rows(),
        first,
        last,
    })
}

/// The usual rules on evidence, but for consent: a log of transactions has no place for it, so that
/// its customers permit an analysis is for whoever reads it to answer for.
fn permitted() -> EvidencePolicy {
    let consent = ConsentPolicy::default();
    let consent = consent.with(Purpose::Analytics, ConsentRule::UnlessWithdrawn);
    EvidencePolicy::default().with_consent(consent)
}

fn money(table: &Table, cell: &[u8], currency: Currency) -> Result<Money, Failure> {
    let expected = "an amount in plain digits such as 41.05 or -7";
    let refused = || table.unexpected("amount", expected, cell);
    let text = std::str::from_utf8(cell).map_err(|_| refused())?;
    Money::parse(text, currency).map_err(|error| match error {
        guanxi::quantity::QuantityError::AmountText { .. } => refused(),
        other => table.refused("amount", other),
    })
}
