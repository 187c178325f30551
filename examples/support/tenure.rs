//! Files of customers under contract: `period,survivors[,cohort]`.

use std::collections::HashMap;

use csv::ByteRecord;
use guanxi::model::RetentionSample;
use guanxi::quantity::TimeUnit;

use super::summary::number;
use super::{Failure, Table};

/// The header of such a file, for messages.
const HEADER: &str = "period,survivors[,cohort]";

/// Where the column of the period is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PeriodColumn(usize);

impl PeriodColumn {
    /// Finds the column.
    pub(crate) fn find(table: &Table) -> Result<Self, Failure> {
        Ok(Self(table.required_column("period", HEADER)?))
    }

    /// The period of the row that the table read last.
    pub(crate) fn read(self, table: &Table, row: &ByteRecord) -> Result<u32, Failure> {
        let most = RetentionSample::MOST_PERIODS - 1;
        let expected = format!("a whole number from 0 to {most}");
        let whole = |t: f64| t.fract() == 0.0 && (0.0..=f64::from(most)).contains(&t);
        let period = number(table, "period", &row[self.0], &expected, whole)?;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number in range"
        )]
        Ok(period as u32)
    }
}

/// Reads the survivors of every cohort, period by period from 0; rows of several cohorts may
/// alternate.
pub(crate) fn read_cohorts(table: &mut Table, unit: TimeUnit) -> Result<RetentionSample, Failure> {
    let period = PeriodColumn::find(table)?;
    let count = table.required_column("survivors", HEADER)?;
    let cohort = table.column("cohort")?;
    let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut cohorts: Vec<Vec<f64>> = Vec::new();
    let mut row = ByteRecord::new();
    while table.read(&mut row)? {
        let name = cohort.map_or(&b""[..], |cohort| row[cohort].trim_ascii());
        let place = *places.entry(name.to_vec()).or_insert_with(|| {
            cohorts.push(Vec::new());
            cohorts.len() - 1
        });
        let survivors = &mut cohorts[place];
        if period.read(table, &row)? as usize != survivors.len() {
            let expected = format!("{}, the next period of its cohort", survivors.len());
            return Err(table.unexpected("period", &expected, row[period.0].trim_ascii()));
        }
        let (expected, accepted): (String, Box<dyn Fn(f64) -> bool>) = match survivors.last() {
            None => (
                "a finite number above 0, the size of the cohort".to_owned(),
                Box::new(|n| n > 0.0),
            ),
            Some(&before) => (
                format!("a number from 0 to {before}, the survivors before"),
                Box::new(move |n| (0.0..=before).contains(&n)),
            ),
        };
        survivors.push(number(
            table,
            "survivors",
            &row[count],
            &expected,
            accepted,
        )?);
    }
    let mut sample = RetentionSample::new(unit);
    for survivors in &cohorts {
        sample
            .add_cohort(survivors)
            .map_err(|error| Failure::refused(table.file(), error))?;
    }
    Ok(sample)
}
