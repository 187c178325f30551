//! Purchase models: the fit, and what it expects of the customers.

use std::fmt::Write;
use std::time::Instant;

use guanxi::model::{
    CovariateData, CovariateModel, CovariateSample, FitOptions, FitReport, Phases,
    PurchasePosterior, PurchaseSample, Sample, WithCovariates,
};
use guanxi::quantity::{DiscountRate, Span};

use crate::Question;
use crate::answers::{Checked, Holdout, Printed};
use crate::customers::Customers;
use crate::support::{Effects, Failure, Purchases, rounded};

/// What one customer may be asked, with reasons in words.
pub(crate) trait Asked {
    /// P(alive).
    fn alive(&self) -> f64;

    /// Purchases expected within a span.
    fn expected(&self, span: Span) -> Result<f64, String>;

    /// DERT.
    fn residual(&self, discount: DiscountRate) -> Result<f64, String>;
}

impl<P: PurchasePosterior> Asked for P {
    fn alive(&self) -> f64 {
        self.probability_alive()
    }

    fn expected(&self, span: Span) -> Result<f64, String> {
        Ok(self.expected_purchases(span))
    }

    fn residual(&self, discount: DiscountRate) -> Result<f64, String> {
        let residual = self.residual_transactions(discount);
        residual.map_err(|error| error.to_string())
    }
}

/// Fits a model to customers who are alike but for chance.
pub(crate) fn plain<M: Purchases>(
    question: &Question,
    customers: &Customers,
) -> Result<String, Failure> {
    let refused = |error| Failure::refused(&customers.file, error);
    let start = Instant::now();
    let mut sample = PurchaseSample::default();
    for row in &customers.rows {
        sample.add(&row.rfm, row.weight).map_err(refused)?;
    }
    let merged = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let fitted = M::fit_with(&sample, question.k, &FitOptions::default()).map_err(refused)?;
    let fit = Fit {
        report: fitted.report(),
        k: fitted.model().phases(),
        covariates: &[],
        merged,
        seconds: start.elapsed().as_secs_f64(),
    };
    answered(question, customers, &fit, |i| {
        let posterior = fitted.model().posterior(&customers.rows[i].rfm);
        posterior.map_err(|error| Failure::refused(&customers.file, error))
    })
}

/// Fits a model to customers who also differ by their covariates.
pub(crate) fn with_covariates<M: Purchases + CovariateModel>(
    question: &Question,
    customers: &Customers,
    effects: &Effects,
) -> Result<String, Failure>
where
    PurchaseSample: CovariateData<M>,
{
    let refused = |error| Failure::refused(&customers.file, error);
    let start = Instant::now();
    let mut sample = CovariateSample::<PurchaseSample>::new(effects.names())
        .map_err(|error| Failure::refused("--covariates", error))?;
    for (row, z) in customers.rows.iter().zip(&customers.covariates) {
        sample.add(&row.rfm, z, row.weight).map_err(refused)?;
    }
    let merged = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let fitted = WithCovariates::<M>::fit(&sample, &effects.design(), &FitOptions::default())
        .map_err(refused)?;
    let standard: Vec<_> = fitted
        .model()
        .covariates()
        .iter()
        .filter(|_| effects.standardise)
        .map(|c| (c.name().to_owned(), c.centre(), c.scale()))
        .collect();
    let fit = Fit {
        report: fitted.report(),
        k: None,
        covariates: &standard,
        merged,
        seconds: start.elapsed().as_secs_f64(),
    };
    answered(question, customers, &fit, |i| {
        let model = fitted.model().of(&customers.covariates[i]);
        let model = model.map_err(|error| Failure::refused(&customers.file, error))?;
        let posterior = model.posterior(&customers.rows[i].rfm);
        posterior.map_err(|error| Failure::refused(&customers.file, error))
    })
}

/// A fit, whatever the model.
pub(crate) struct Fit<'a> {
    /// Its certificate.
    pub(crate) report: &'a FitReport,
    /// Phases of a gap.
    pub(crate) k: Option<Phases>,
    /// Covariates by name, mean and standard deviation, if effects are by the latter.
    pub(crate) covariates: &'a [(String, f64, f64)],
    /// Seconds that went into merging equal rows.
    pub(crate) merged: f64,
    /// Seconds that went into the search.
    pub(crate) seconds: f64,
}

/// The answer in words or as JSON; `posterior` is that of the customer in a row.
pub(crate) fn answered<P: Asked>(
    question: &Question,
    customers: &Customers,
    fit: &Fit,
    posterior: impl Fn(usize) -> Result<P, Failure>,
) -> Result<String, Failure> {
    let refused = |error: String| Failure::refused(&customers.file, error);
    let holdout = match &customers.split {
        None => None,
        Some(split) => {
            let mut predicted = 0.0;
            for i in 0..split.customers().len() {
                let expected = posterior(i)?.expected(split.holdout());
                predicted += expected.map_err(refused)?;
            }
            Some(Holdout {
                predicted,
                actual: split.holdout_transactions() as f64,
            })
        }
    };
    let times = [
        customers.read,
        customers.summarise + fit.merged,
        fit.seconds,
    ];
    let printed = Printed {
        question,
        report: fit.report,
        k: fit.k,
        covariates: fit.covariates,
        times,
    };
    if question.json {
        return Ok(printed.json(holdout.as_ref()));
    }
    let mut text = printed.heading();
    let (mut alive, mut expected) = (0.0, 0.0);
    let mut residual: Result<f64, String> = Ok(0.0);
    for (i, row) in customers.rows.iter().enumerate() {
        let posterior = posterior(i)?;
        alive += row.weight * posterior.alive();
        let purchases = posterior.expected(question.horizon).map_err(refused)?;
        expected += row.weight * purchases;
        residual =
            residual.and_then(|sum| Ok(sum + row.weight * posterior.residual(question.discount)?));
    }
    let (length, unit) = (question.horizon.length(), question.unit);
    let _ = writeln!(text, "\nThese customers from now on");
    let _ = writeln!(
        text,
        "  still customers (sum of P(alive)): {}",
        rounded(alive, 1)
    );
    let _ = writeln!(
        text,
        "  purchases expected in {length} {unit}s: {}",
        rounded(expected, 1)
    );
    match residual {
        Ok(sum) => {
            let _ = writeln!(
                text,
                "  discounted residual purchases (DERT) at {:.3} % a year: {}",
                question.discount.effective_annual() * 100.0,
                rounded(sum, 1)
            );
        }
        Err(error) => {
            let _ = writeln!(text, "  no discounted residual purchases: {error}");
        }
    }
    if let Some(checked) = customers.split.as_ref().zip(holdout.as_ref()) {
        text.push_str(&Checked::purchases(checked, unit));
    }
    Ok(text)
}
