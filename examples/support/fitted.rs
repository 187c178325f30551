//! The certificate of a fit, as text and as JSON.

use std::fmt::Write;

use guanxi::model::FitReport;

use serde_json::Value;

use super::{Columns, number, object, rounded, significant};

/// Estimates with their errors, then what certifies them, indented by two spaces.
pub(crate) fn fit_text(report: &FitReport) -> String {
    let level = format!(
        "{} % interval",
        significant(report.level().value() * 100.0, 2)
    );
    let mut columns = Columns::new(1, ["parameter", "estimate", "s.e.", &level]);
    for parameter in report.parameters() {
        columns.row([
            parameter.name().to_owned(),
            significant(parameter.value(), 7),
            match parameter.standard_error() {
                Some(error) => significant(error, 4),
                None => "none".to_owned(),
            },
            match parameter.interval() {
                Some(interval) => format!(
                    "{} to {}",
                    significant(interval.lower(), 4),
                    significant(interval.upper(), 4)
                ),
                None => "at a boundary".to_owned(),
            },
        ]);
    }
    let mut text = columns.text();
    let _ = writeln!(
        text,
        "  log-likelihood {:.4}, AIC {:.2}, BIC {:.2}",
        report.log_likelihood(),
        report.aic(),
        report.bic()
    );
    let _ = writeln!(
        text,
        "  {} customers in {} distinct rows; {} evaluations of the likelihood",
        rounded(report.customers(), decimals(report.customers())),
        rounded(report.rows() as f64, 0),
        report.evaluations()
    );
    let _ = writeln!(
        text,
        "  gradient per customer {:.1e} (0 at an optimum), smallest curvature {:.2e} (above 0)",
        report.gradient_norm(),
        report.curvature()
    );
    for note in report.notes() {
        let _ = writeln!(text, "  note: {note}");
    }
    text
}

/// Weights may add up to a fraction of a customer.
fn decimals(customers: f64) -> usize {
    if customers.fract() == 0.0 { 0 } else { 2 }
}

/// The certificate as pairs for a JSON object.
pub(crate) fn fit_json(report: &FitReport) -> Vec<(&'static str, Value)> {
    let parameters = report.parameters();
    let values = parameters
        .iter()
        .map(|p| (p.name(), Value::from(p.value())));
    let errors = parameters
        .iter()
        .map(|p| (p.name(), Value::from(p.standard_error())));
    let notes: Vec<String> = report.notes().iter().map(ToString::to_string).collect();
    vec![
        ("customers", number(report.customers())),
        ("rows", Value::from(report.rows())),
        ("parameters", object(values)),
        ("standard_errors", object(errors)),
        ("log_likelihood", Value::from(report.log_likelihood())),
        ("aic", Value::from(report.aic())),
        ("bic", Value::from(report.bic())),
        ("gradient_norm", Value::from(report.gradient_norm())),
        ("notes", Value::from(notes)),
    ]
}
