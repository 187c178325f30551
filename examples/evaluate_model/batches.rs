//! Rows in, rows out, one batch at a time.

use std::fmt::Write as _;
use std::io::{Seek, Write};
use std::time::{Duration, Instant};

use csv::{ByteRecord, WriterBuilder};

use crate::support::{Arguments, Failure, Table, copy_out, note};

/// Rows that are read, answered and written together.
const BATCH: usize = 1024;

/// Bytes of answers that are kept in memory; more go to a temporary file.
const IN_MEMORY: usize = 16 << 20;

/// Why there is no answer: the column, and what the library says.
pub(crate) type NoAnswer = (&'static str, String);

/// How rows are read.
pub(crate) trait Columns {
    /// What a row says.
    type Row;

    /// Reads the row that the table read last.
    fn read(&self, table: &Table, row: &ByteRecord) -> Result<Self::Row, Failure>;
}

/// Reads, answers and writes every row; an answer that is none is an empty cell.
pub(crate) fn evaluate<C: Columns, const N: usize>(
    arguments: &Arguments,
    find: impl FnOnce(&Table) -> Result<C, Failure>,
    names: [&'static str; N],
    mut answer: impl FnMut(&C::Row) -> Result<[Option<f64>; N], NoAnswer>,
) -> Result<(), Failure> {
    let path = arguments.required_raw("summary")?;
    let [mut reading, mut answering, mut writing] = [Duration::ZERO; 3];
    let clock = Instant::now();
    let mut table = Table::open(path)?;
    let columns = find(&table)?;
    for name in names {
        if table.column(name)?.is_some() {
            let expected = "no column with the name of an answer";
            return Err(Failure::unexpected(
                table.place(table.line(), name),
                expected,
                "one",
            ));
        }
    }
    reading += clock.elapsed();

    let mut writer = WriterBuilder::new()
        .buffer_capacity(1 << 16)
        .from_writer(tempfile::spooled_tempfile(IN_MEMORY));
    let failed = |error: csv::Error| Failure::Output(error.into());
    let header = table.header().iter().chain(names.map(str::as_bytes));
    writer.write_record(header).map_err(failed)?;

    let mut records = vec![ByteRecord::new(); BATCH];
    let mut customers: Vec<(C::Row, u64)> = Vec::with_capacity(BATCH);
    let mut answers: Vec<[Option<f64>; N]> = Vec::with_capacity(BATCH);
    let mut digits = String::new();
    loop {
        let clock = Instant::now();
        customers.clear();
        for record in &mut records {
            if !table.read(record)? {
                break;
            }
            customers.push((columns.read(&table, record)?, table.line()));
        }
        reading += clock.elapsed();

        let clock = Instant::now();
        answers.clear();
        for (customer, line) in &customers {
            answers.push(
                answer(customer).map_err(|(column, error)| {
                    Failure::refused(table.place(*line, column), error)
                })?,
            );
        }
        answering += clock.elapsed();

        let clock = Instant::now();
        for (record, answers) in records.iter().zip(&answers) {
            for cell in record {
                writer.write_field(cell).map_err(failed)?;
            }
            for number in answers {
                digits.clear();
                if let Some(number) = number {
                    let _ = write!(digits, "{number:.16e}");
                }
                writer.write_field(&digits).map_err(failed)?;
            }
            writer.write_record(None::<&[u8]>).map_err(failed)?;
        }
        writing += clock.elapsed();
        if customers.len() < BATCH {
            break;
        }
    }

    let clock = Instant::now();
    let mut answers = writer
        .into_inner()
        .map_err(|error| Failure::Output(error.into_error()))?;
    answers
        .flush()
        .and_then(|()| answers.rewind())
        .map_err(Failure::Output)?;
    copy_out(answers)?;
    writing += clock.elapsed();
    if arguments.has("seconds") {
        let [read, evaluate, write] = [reading, answering, writing].map(|time| time.as_secs_f64());
        note(&format!(
            "seconds: read {read:.3}, evaluate {evaluate:.3}, write {write:.3}"
        ));
    }
    Ok(())
}
