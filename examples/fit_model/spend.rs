//! The model of spend: the fit, and what a purchase is expected to be worth.

use std::fmt::Write;
use std::time::Instant;

use guanxi::model::{Fit, FitOptions, GammaGamma, Sample, SpendModel, SpendPosterior, SpendSample};

use crate::Question;
use crate::answers::{Holdout, Printed};
use crate::customers::Customers;
use crate::support::{Failure, rounded};

/// Fits the model to the mean spends of the customers.
pub(crate) fn spend(question: &Question, customers: &Customers) -> Result<String, Failure> {
    let refused = |error| Failure::refused(&customers.file, error);
    let start = Instant::now();
    let mut sample = SpendSample::default();
    for row in &customers.rows {
        sample.add(&row.rfm, row.weight).map_err(refused)?;
    }
    let merged = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let fitted = GammaGamma::fit_sample(&sample, &FitOptions::default()).map_err(refused)?;
    let seconds = start.elapsed().as_secs_f64();
    let model = fitted.model();
    let holdout = match &customers.split {
        None => None,
        Some(split) => {
            let mut holdout = Holdout {
                predicted: 0.0,
                actual: 0.0,
            };
            for customer in split.customers() {
                let transactions = f64::from(customer.holdout_transactions());
                if transactions > 0.0 {
                    let posterior = model
                        .posterior(customer.calibration().spend())
                        .map_err(|error| Failure::refused(&customers.file, error))?;
                    holdout.predicted += transactions * posterior.expected_spend();
                    holdout.actual += customer.holdout_spend().to_f64();
                }
            }
            Some(holdout)
        }
    };
    let times = [customers.read, customers.summarise + merged, seconds];
    let printed = Printed {
        question,
        report: fitted.report(),
        k: None,
        covariates: &[],
        times,
    };
    if question.json {
        return Ok(printed.json(holdout.as_ref()));
    }
    let mut text = printed.heading();
    match model.posterior(None) {
        Ok(newcomer) => {
            let spend = rounded(newcomer.expected_spend(), 2);
            let _ = writeln!(
                text,
                "\nA new customer is expected to spend {spend} a purchase"
            );
        }
        Err(error) => {
            let _ = writeln!(text, "\nNo expected spend of a new customer: {error}");
        }
    }
    if let Some(holdout) = holdout {
        let _ = writeln!(
            text,
            "\nHoldout: the purchases made in it\n  value predicted {}, actual {}",
            rounded(holdout.predicted, 2),
            rounded(holdout.actual, 2)
        );
    }
    Ok(text)
}
