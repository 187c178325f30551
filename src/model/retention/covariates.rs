//! Covariates of the sBG: they move θ ~ Beta(α, β) as they do a chance of dropout.

use super::super::covariates::rows::{Block, Measure, Rows};
use super::super::covariates::{CovariateModel, CovariateRole, DropoutLink};
use super::super::fit::{Fit, FitError, FitOptions, Fitted};
use super::super::parameter::{Parametric, exactly};
use super::sample::Period;
use super::sbg::{LIMITS, evaluate};
use super::{RetentionSample, Sbg, SbgParameters};

impl CovariateModel for Sbg {
    const WITH_COVARIATES: &'static str = "sBG with covariates";

    fn slopes(role: CovariateRole, link: DropoutLink) -> Option<Vec<f64>> {
        match (role, link) {
            (CovariateRole::Dropout, DropoutLink::MeanDropout) => Some(vec![1.0, 0.0]),
            (CovariateRole::Dropout, DropoutLink::Common) => Some(vec![1.0, 1.0]),
            _ => None,
        }
    }
}

impl Rows<Sbg> for RetentionSample {
    type Block = Vec<Period>;

    fn merge(&mut self, other: &Self) -> Result<(), FitError> {
        self.merge(other)
    }

    fn fit_plain(&self, options: &FitOptions) -> Result<Fitted<Sbg>, FitError> {
        Sbg::fit_sample(self, options)
    }

    fn measure(&self) -> Result<Measure, FitError> {
        Ok(Measure {
            unit: self.unit().to_string(),
            kind: self.unit().to_string(),
            scale: 1.0,
            shifts: vec![0.0, 0.0],
            offset: 0.0,
            limits: LIMITS,
        })
    }

    fn model(&self, values: &[f64]) -> Result<Sbg, FitError> {
        let [alpha, beta] = exactly(Sbg::MODEL, values)?;
        let unit = self.unit();
        Ok(Sbg::new(SbgParameters { unit, alpha, beta })?)
    }

    fn block(&self, _: &Measure) -> Option<Block<Vec<Period>>> {
        let periods = self.periods();
        (!periods.is_empty()).then(|| Block {
            customers: self.customers(),
            rows: self.len(),
            data: periods,
        })
    }

    fn likelihood<'a>(
        _: &'a Vec<Period>,
    ) -> impl FnMut(&'a Vec<Period>, &[f64], &mut [f64]) -> f64 {
        |periods: &Vec<Period>, x: &[f64], gradient: &mut [f64]| evaluate(periods, x, gradient)
    }
}
