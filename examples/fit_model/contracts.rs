//! Models of retention: the fit, and how long a new customer is expected to stay.

use std::fmt::Write;
use std::time::Instant;

use guanxi::model::{Fit, FitOptions, RetentionModel, RetentionPosterior, RetentionSample};

use crate::Question;
use crate::answers::Printed;
use crate::customers::check_summary;
use crate::support::{Arguments, Failure, Table, read_cohorts, rounded};

/// Reads the cohorts and fits the model.
pub(crate) fn contracts<M: Fit<Sample = RetentionSample> + RetentionModel>(
    arguments: &Arguments,
    question: &Question,
) -> Result<String, Failure> {
    if arguments.raw("log").is_some() {
        let expected = format!("--summary for {}", question.model);
        return Err(Failure::unexpected("--log", expected, "--log"));
    }
    let path = arguments.required_raw("summary")?;
    check_summary(arguments)?;
    let start = Instant::now();
    let mut table = Table::open(path)?;
    let sample = read_cohorts(&mut table, question.unit)?;
    let read = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let fitted = M::fit_sample(&sample, &FitOptions::default())
        .map_err(|error| Failure::refused(table.file(), error))?;
    let printed = Printed {
        question,
        report: fitted.report(),
        k: None,
        covariates: &[],
        times: [read, 0.0, start.elapsed().as_secs_f64()],
    };
    if question.json {
        return Ok(printed.json(None));
    }
    let mut text = printed.heading();
    let model = fitted.model();
    let _ = writeln!(text, "\nA new customer");
    let shares = (1..=3).map(|t| format!("{} %", rounded(model.retention_rate(t) * 100.0, 1)));
    let _ = writeln!(
        text,
        "  makes renewals 1, 2 and 3, if all before, in {} of cases",
        shares.collect::<Vec<_>>().join(", ")
    );
    let percent = question.discount.effective_annual() * 100.0;
    let _ = match model.newcomer().discounted_lifetime(question.discount) {
        Ok(lifetime) => writeln!(
            text,
            "  discounted expected lifetime (DEL) at {percent:.3} % a year: {} {}s",
            rounded(lifetime, 3),
            question.unit
        ),
        Err(error) => writeln!(text, "  no discounted expected lifetime: {error}"),
    };
    Ok(text)
}
