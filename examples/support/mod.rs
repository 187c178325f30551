//! What the command-line examples share: arguments, input files, failures, text and JSON.
//!
//! The library does none of this itself: it reads no file and prints nothing. These are the few
//! hundred lines that a program around it needs.

mod arguments;
mod calendar;
mod covariates;
mod failure;
mod fitted;
mod holdout;
mod json;
mod lines;
mod log;
mod model;
mod moment;
mod output;
mod parameters;
mod summary;
mod table;
mod tenure;
mod text;

pub(crate) use arguments::{Arguments, Options};
pub(crate) use calendar::CovariateLog;
pub(crate) use covariates::{CovariateColumns, Effects, NAMING, dropout_link};
pub(crate) use failure::{Failure, quoted};
pub(crate) use fitted::{fit_json, fit_text};
pub(crate) use holdout::{Compared, HoldoutCheck};
pub(crate) use json::{number, object};
pub(crate) use lines::Lines;
pub(crate) use log::{Log, read_log, read_log_table, read_log_with};
pub(crate) use model::{Build, Context, Family, ModelName, Purchases, with_model};
pub(crate) use moment::{Moment, dedupe_named, period_start};
pub(crate) use output::{copy_out, note, print, run};
pub(crate) use parameters::Parameters;
pub(crate) use summary::{SummaryColumns, SummaryRow, summary_header};
pub(crate) use table::Table;
pub(crate) use tenure::{PeriodColumn, read_cohorts};
pub(crate) use text::{Columns, counted, grouped, rounded, shortened, significant, wrapped};
