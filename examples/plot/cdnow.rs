//! The CDNOW log that comes with the crate, cut at the usual day.

use std::ffi::OsStr;
use std::fmt::Display;

use guanxi::chrono::{DateTime, Utc};
use guanxi::model::{Fit, FitOptions, Sample};
use guanxi::quantity::Currency;
use guanxi::summary::{CalibrationSplit, CustomerBase, RfmSummary, SummaryPolicy};

use crate::support::{Failure, Moment, read_log};

/// Wherever the example is run.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/cdnow.csv");

/// The log, in weeks, with 39 to learn from and 39 to be judged by.
pub(crate) struct Cdnow {
    pub(crate) base: CustomerBase,
    pub(crate) calibration_end: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    pub(crate) split: CalibrationSplit,
    calibrations: Vec<RfmSummary>,
}

impl Cdnow {
    /// Where the data came from, for captions.
    pub(crate) const SOURCE: &'static str = "Data: CDNOW, 2,357 customers who first bought in January to March 1997 \
         (Fader & Hardie 2001); models fitted to the 39 weeks to 30 September 1997.";

    /// Reads the log.
    pub(crate) fn read() -> Result<Self, Failure> {
        let log = read_log(OsStr::new(FILE), Currency::USD, SummaryPolicy::default())?;
        let last = Moment::parse(b"1997-09-30").map_or(log.last, Moment::end);
        let end = log.last_day().end();
        let split = log.base.split(last, end).map_err(Self::refused)?;
        let calibrations: Vec<RfmSummary> = split.calibrations().collect();
        let repeats: u32 = calibrations.iter().map(RfmSummary::frequency).sum();
        assert_eq!(
            (calibrations.len(), repeats),
            (2_357, 2_457),
            "the log of the literature"
        );
        Ok(Self {
            base: log.base,
            calibration_end: last,
            end,
            split,
            calibrations,
        })
    }

    /// A model fitted to the calibration.
    pub(crate) fn fit<M: Fit<Sample: Sample>>(&self) -> Result<M, Failure> {
        let fitted = M::fit(&self.calibrations, &FitOptions::default()).map_err(Self::refused)?;
        Ok(fitted.into_model())
    }

    /// The library refused something of the log.
    pub(crate) fn refused(reason: impl Display) -> Failure {
        Failure::refused("cdnow.csv", reason)
    }
}
