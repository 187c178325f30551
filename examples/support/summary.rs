//! Summary files: `x,t_x,T[,m][,litt][,weight]`, of opportunities `x,t_x,n[,weight]`.

use csv::ByteRecord;
use guanxi::quantity::{Currency, Span, TimeUnit};
use guanxi::summary::{RfmSummary, SpendSummary};

use super::{Failure, Family, ModelName, Table};

/// The header of a summary file for a model, for messages.
pub(crate) fn summary_header(model: ModelName) -> &'static str {
    match model.family() {
        Family::Spend => "x,t_x,T,m[,weight]",
        Family::Opportunities => "x,t_x,n[,weight]",
        _ if model.has_phases() => "x,t_x,T[,m][,litt][,weight]",
        _ => "x,t_x,T[,m][,weight]",
    }
}

/// One customer of a summary file, or several equal ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SummaryRow {
    /// What is known of the customer.
    pub(crate) rfm: RfmSummary,
    /// How many customers the row stands for.
    pub(crate) weight: f64,
}

/// Where the columns of a summary file are, and how a model reads them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SummaryColumns {
    unit: TimeUnit,
    family: Family,
    x: usize,
    times: Option<(usize, usize)>,
    m: Option<usize>,
    litt: Option<usize>,
    weight: Option<usize>,
}

impl SummaryColumns {
    /// Finds the columns: a purchase model needs `x`, `t_x` and `T`, one of opportunities `n` in its
    /// place, a spend model `x` and `m`. The sum of the logarithms of the gaps, `litt`, is for models
    /// of regularity.
    pub(crate) fn find(table: &Table, model: ModelName, unit: TimeUnit) -> Result<Self, Failure> {
        let (family, header) = (model.family(), summary_header(model));
        let spend = family == Family::Spend;
        let times = if spend {
            table.column("t_x")?.zip(table.column("T")?)
        } else {
            let t_x = table.required_column("t_x", header)?;
            Some((t_x, table.required_column(age_column(family), header)?))
        };
        let m = match family {
            Family::Spend => Some(table.required_column("m", header)?),
            Family::Opportunities => None,
            _ => table.column("m")?,
        };
        let litt = if model.has_phases() {
            table.column("litt")?
        } else {
            None
        };
        // The header of a spend model's file may lack more than its own column.
        let any = if spend {
            "x,t_x,T[,m][,weight]"
        } else {
            header
        };
        Ok(Self {
            unit,
            family,
            x: table.required_column("x", any)?,
            times,
            m,
            litt,
            weight: table.column("weight")?,
        })
    }

    /// Reads the row that the table read last.
    pub(crate) fn read(&self, table: &Table, row: &ByteRecord) -> Result<SummaryRow, Failure> {
        let x = frequency(table, &row[self.x])?;
        let mut rfm = match self.times {
            Some((t_x, age)) => self.customer(table, x, &row[t_x], &row[age])?,
            // A spend model reads no times.
            None => RfmSummary::new(self.unit, x, f64::from(x.min(1)), 1.0)
                .map_err(|error| table.refused("x", error))?,
        };
        if let Some(m) = self.m {
            if let Some(spend) = self.spend(table, x, &row[m])? {
                rfm = rfm
                    .with_spend(spend)
                    .map_err(|error| table.refused("m", error))?;
            }
        }
        if let Some(litt) = self.litt {
            let cell = row[litt].trim_ascii();
            if !cell.is_empty() {
                let expected = "an empty cell or a finite number";
                let sum = number(table, "litt", cell, expected, |_| true)?;
                rfm = rfm
                    .with_ln_gaps(sum)
                    .map_err(|error| table.refused("litt", error))?;
            }
        }
        let weight = match self.weight {
            None => 1.0,
            Some(weight) => {
                let expected = "a finite number above 0";
                let weight = &row[weight];
                number(table, "weight", weight, expected, |w| w > 0.0)?
            }
        };
        Ok(SummaryRow { rfm, weight })
    }

    fn customer(
        &self,
        table: &Table,
        x: u32,
        t_x: &[u8],
        age: &[u8],
    ) -> Result<RfmSummary, Failure> {
        let name = age_column(self.family);
        let opportunities = self.family == Family::Opportunities;
        let (expected, accepted): (_, fn(f64) -> bool) = if opportunities {
            ("a whole number from 0 to 1000000", |n| {
                n.fract() == 0.0 && (0.0..=1e6).contains(&n)
            })
        } else {
            ("a finite number at or above 0", |number| number >= 0.0)
        };
        let recency = number(table, "t_x", t_x, expected, accepted)?;
        let age = number(table, name, age, expected, accepted)?;
        if recency > age {
            let expected = format!("a number from 0 to {name} = {age}");
            return Err(table.unexpected("t_x", &expected, t_x));
        }
        if opportunities && f64::from(x) > recency && recency > 0.0 {
            let expected = format!("a number from x = {x} on, of opportunities");
            return Err(table.unexpected("t_x", &expected, t_x));
        }
        if (recency > 0.0) != (x > 0) {
            let expected = if x == 0 {
                "0, because x = 0".to_owned()
            } else {
                format!("a number above 0, because x = {x}")
            };
            return Err(table.unexpected("t_x", &expected, t_x));
        }
        RfmSummary::new(self.unit, x, recency, age).map_err(|error| {
            // What is left are numbers beyond any clock.
            let column = if Span::new(age, self.unit).is_err() {
                name
            } else {
                "t_x"
            };
            table.refused(column, error)
        })
    }

    /// The mean spend; none for a customer without a repeat purchase, whatever the cell says.
    fn spend(&self, table: &Table, x: u32, cell: &[u8]) -> Result<Option<SpendSummary>, Failure> {
        if cell.trim_ascii().is_empty() {
            return Ok(None);
        }
        if self.family != Family::Spend {
            number(table, "m", cell, "an empty cell or a finite number", |_| {
                true
            })?;
            return Ok(None);
        }
        let expected = "an empty cell or a finite number at or above 0";
        let mean = number(table, "m", cell, expected, |m| m >= 0.0)?;
        if x == 0 {
            return Ok(None);
        }
        // No file says in which currency: the models only need it to be one.
        SpendSummary::of_repeat_transactions(x, mean, Currency::XXX)
            .map(Some)
            .map_err(|error| table.refused("m", error))
    }
}

/// The column of how long, or how often, a customer could buy.
fn age_column(family: Family) -> &'static str {
    if family == Family::Opportunities {
        "n"
    } else {
        "T"
    }
}

/// A count of repeat transactions; `2.0` is one, too.
fn frequency(table: &Table, cell: &[u8]) -> Result<u32, Failure> {
    let expected = "a whole number from 0 to 4294967295";
    let whole = |x: f64| x.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&x);
    let x = number(table, "x", cell, expected, whole)?;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number in range"
    )]
    Ok(x as u32)
}

/// A finite number that is accepted.
pub(crate) fn number(
    table: &Table,
    column: &str,
    cell: &[u8],
    expected: &str,
    accepted: impl FnOnce(f64) -> bool,
) -> Result<f64, Failure> {
    std::str::from_utf8(cell.trim_ascii())
        .ok()
        .and_then(|text| text.parse::<f64>().ok())
        .filter(|number| number.is_finite() && accepted(*number))
        .ok_or_else(|| table.unexpected(column, expected, cell.trim_ascii()))
}
