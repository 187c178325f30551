//! Logs of covariates that change with time: `customer_id,from,z1,z2…`.

use std::collections::HashMap;

use csv::ByteRecord;
use guanxi::chrono::{DateTime, Utc};
use guanxi::model::{CalendarCovariates, Coverage};

use super::{CovariateColumns, Failure, Moment, Table, quoted};

/// The header of such a log, for messages.
const HEADER: &str = "customer_id,from,NAME…";

/// When each step of a customer begins, and its values.
type Steps = Vec<(DateTime<Utc>, Vec<f64>)>;

/// The covariates of every customer, as steps of the calendar.
pub(crate) struct CovariateLog {
    /// What the file is called.
    pub(crate) file: String,
    /// Names of the covariates.
    pub(crate) names: Vec<String>,
    customers: HashMap<String, CalendarCovariates>,
}

impl CovariateLog {
    /// Reads the columns that are named, or all; the rows of one customer ascend, and the last of
    /// them holds from then on.
    pub(crate) fn read(mut table: Table, named: Option<Vec<String>>) -> Result<Self, Failure> {
        let customer = table.required_column("customer_id", HEADER)?;
        let from = table.required_column("from", HEADER)?;
        let names = match named {
            Some(names) => names,
            None => others(&table, [customer, from])?,
        };
        let columns = CovariateColumns::find(&table, &names, HEADER)?;
        let mut customers: HashMap<String, Steps> = HashMap::new();
        let mut row = ByteRecord::new();
        while table.read(&mut row)? {
            let name = std::str::from_utf8(&row[customer])
                .map_err(|_| table.unexpected("customer_id", "UTF-8 text", &row[customer]))?;
            let cell = row[from].trim_ascii();
            let at = Moment::parse(cell)
                .ok_or_else(|| table.unexpected("from", Moment::EXPECTED, cell))?
                .start();
            let values = columns.read(&table, &row)?;
            let steps = customers.entry(name.to_owned()).or_default();
            if let Some((before, _)) = steps.last().filter(|(before, _)| *before >= at) {
                let expected = format!("an instant after the customer's row before, {before}");
                return Err(table.unexpected("from", &expected, cell));
            }
            steps.push((at, values));
        }
        let file = table.file().to_owned();
        let calendar = |(customer, steps)| {
            CalendarCovariates::new(&names, steps, Coverage::Continuing)
                .map(|calendar| (customer, calendar))
                .map_err(|error| Failure::refused(&file, error))
        };
        let customers = customers.into_iter().map(calendar);
        Ok(Self {
            customers: customers.collect::<Result<_, Failure>>()?,
            file,
            names,
        })
    }

    /// The covariates of a customer.
    pub(crate) fn of(&self, customer: &str) -> Result<&CalendarCovariates, Failure> {
        self.customers.get(customer).ok_or_else(|| {
            let expected = format!("rows of the customer {}", quoted(customer.as_bytes()));
            Failure::unexpected(&self.file, expected, "none")
        })
    }
}

/// The names of all columns but these.
fn others(table: &Table, known: [usize; 2]) -> Result<Vec<String>, Failure> {
    let columns = table.header().iter().enumerate();
    let names: Vec<String> = columns
        .filter(|(place, _)| !known.contains(place))
        .map(|(_, name)| String::from_utf8_lossy(name.trim_ascii()).into_owned())
        .collect();
    if names.is_empty() {
        let expected = "columns of covariates beside customer_id and from";
        return Err(Failure::unexpected(table.file(), expected, "none"));
    }
    Ok(names)
}
