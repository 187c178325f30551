//! The customers to learn from: a log up to the end of the calibration, or a table of summaries.

use std::time::Instant;

use csv::ByteRecord;
use guanxi::quantity::Currency;
use guanxi::summary::{CalibrationSplit, RfmSummary, SummaryPolicy};

use crate::Question;
use crate::support::{
    Arguments, CovariateColumns, Effects, Failure, Family, Log, Moment, NAMING, SummaryColumns,
    SummaryRow, Table, read_log, summary_header,
};

/// The customers, however they came.
pub(crate) struct Customers {
    /// What the file is called.
    pub(crate) file: String,
    /// The customers that the fit learns from.
    pub(crate) rows: Vec<SummaryRow>,
    /// The covariates of each, if there are any.
    pub(crate) covariates: Vec<Vec<f64>>,
    /// What came after the calibration.
    pub(crate) split: Option<CalibrationSplit>,
    /// Seconds taken.
    pub(crate) read: f64,
    /// Seconds taken.
    pub(crate) summarise: f64,
}

/// Reads the log or the summaries that were given.
pub(crate) fn read(arguments: &Arguments, question: &Question) -> Result<Customers, Failure> {
    let dedupe = arguments.dedupe()?;
    let calibration_end = arguments.moment("calibration-end")?;
    match (arguments.raw("log"), arguments.raw("summary")) {
        (Some(_), Some(_)) => Err(Failure::unexpected(
            "--log",
            "either --log or --summary",
            "both",
        )),
        (None, None) => Err(Failure::unexpected(
            "--log",
            "--log or --summary",
            "neither",
        )),
        (Some(log), None) => {
            check_log(arguments, question)?;
            let policy = SummaryPolicy::default()
                .with_unit(question.unit)
                .with_dedupe(dedupe);
            let start = Instant::now();
            // The models need the amounts to be of one currency; which one changes no parameter.
            let log = read_log(log, Currency::XXX, policy)?;
            let read = start.elapsed().as_secs_f64();
            summarise(&log, calibration_end, read)
        }
        (None, Some(summary)) => {
            check_summary(arguments)?;
            let start = Instant::now();
            let mut table = Table::open(summary)?;
            let columns = SummaryColumns::find(&table, question.model, question.unit)?;
            let names = question.effects.as_ref().map(Effects::names);
            let covariates = match &names {
                None => None,
                Some(names) => {
                    let header = summary_header(question.model);
                    Some(CovariateColumns::find(&table, names, header)?)
                }
            };
            let (mut rows, mut values, mut row) = (Vec::new(), Vec::new(), ByteRecord::new());
            while table.read(&mut row)? {
                rows.push(columns.read(&table, &row)?);
                if let Some(covariates) = &covariates {
                    values.push(covariates.read(&table, &row)?);
                }
            }
            Ok(Customers {
                file: table.file().to_owned(),
                rows,
                covariates: values,
                split: None,
                read: start.elapsed().as_secs_f64(),
                summarise: 0.0,
            })
        }
    }
}

/// Summaries as of the end of the calibration, and what came after it.
pub(crate) fn summarise(
    log: &Log,
    calibration_end: Option<Moment>,
    read: f64,
) -> Result<Customers, Failure> {
    let start = Instant::now();
    let observed = log.last_day().end();
    let end = calibration_end.map_or(observed, Moment::end);
    let refused = |error| log.refused(error);
    let after = log.base.report(end).map_err(refused)?.events_after;
    let split = if after > 0 {
        Some(log.base.split(end, observed).map_err(refused)?)
    } else {
        None
    };
    let rfm: Vec<RfmSummary> = if let Some(split) = &split {
        split.calibrations().collect()
    } else {
        let summaries = log.base.rfm_summaries(end);
        summaries.collect::<Result<_, _>>().map_err(refused)?
    };
    if rfm.is_empty() {
        let expected = "purchases up to the end of the calibration";
        return Err(Failure::unexpected(&log.file, expected, "none"));
    }
    let rows = rfm.into_iter().map(|rfm| SummaryRow { rfm, weight: 1.0 });
    Ok(Customers {
        file: log.file.clone(),
        rows: rows.collect(),
        covariates: Vec::new(),
        split,
        read,
        summarise: start.elapsed().as_secs_f64(),
    })
}

/// Whether a log can be what the model is fitted to.
pub(crate) fn check_log(arguments: &Arguments, question: &Question) -> Result<(), Failure> {
    if matches!(
        question.model.family(),
        Family::Opportunities | Family::Retention
    ) {
        let expected = format!("--summary for {}", question.model);
        return Err(Failure::unexpected("--log", expected, "--log"));
    }
    if arguments.raw("covariate-log").is_some() {
        return Ok(());
    }
    match NAMING.iter().find(|name| arguments.raw(name).is_some()) {
        Some(option) => Err(Failure::unexpected(
            format!("--{option}"),
            "a --summary with these columns",
            "--log",
        )),
        None => Ok(()),
    }
}

/// Whether an option was given that only a log can be read with.
pub(crate) fn check_summary(arguments: &Arguments) -> Result<(), Failure> {
    for option in ["calibration-end", "dedupe", "covariate-log"] {
        if arguments.raw(option).is_some() {
            let place = format!("--{option}");
            return Err(Failure::unexpected(
                place,
                "a --log to go with it",
                "--summary",
            ));
        }
    }
    Ok(())
}
