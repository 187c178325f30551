//! Covariates of purchase models: what a model says of itself, and the rest that all share.

use crate::numeric::chunks::INTEGRAL;
use crate::quantity::TimeUnit;

use super::super::covariates::rows::{Block, Measure, Rows};
use super::super::covariates::{CovariateModel, CovariateRole, DropoutLink};
use super::super::fit::{Fit, FitError, FitOptions, Fitted};
use super::super::maximise::{Limit, LogLikelihood};
use super::super::parameter::{ParameterError, Parametric, exactly};
use super::super::report::Boundary;
use super::beta_geometric;
use super::nested::{LIMITS, Likelihood as Steady};
use super::sample::Distinct;
use super::{
    BgNbd, BgNbdParameters, GGompertzNbd, GGompertzNbdParameters, MbgNbd, MbgNbdParameters, Nbd,
    NbdParameters, ParetoNbd, ParetoNbdParameters, PurchaseSample,
};
use super::{ggompertz_nbd, pareto_nbd};

/// A purchase model whose customers may differ by covariates.
pub(crate) trait PurchaseRows: Fit<Sample = PurchaseSample> {
    /// The power of time in each parameter.
    const TIME: &'static [f64];

    /// How long a customer takes, in those of some ten nanoseconds.
    const COST: usize = 1;

    /// Limits of the model.
    const LIMITS: &'static [Limit<'static>];

    /// The model with these parameters.
    fn build(unit: TimeUnit, values: &[f64]) -> Result<Self, ParameterError>;

    /// The log-likelihood of any block in the logarithms of scaled parameters, with its gradient.
    fn likelihood<'a>(first: &'a Distinct) -> impl FnMut(&'a Distinct, &[f64], &mut [f64]) -> f64;
}

impl<M: PurchaseRows> Rows<M> for PurchaseSample {
    type Block = Distinct;

    const COST: usize = M::COST;

    fn merge(&mut self, other: &Self) -> Result<(), FitError> {
        self.merge(other)
    }

    fn fit_plain(&self, options: &FitOptions) -> Result<Fitted<M>, FitError> {
        M::fit_sample(self, options)
    }

    fn measure(&self) -> Result<Measure, FitError> {
        let all = self.distinct(M::MODEL)?;
        Ok(Measure {
            unit: all.unit.to_string(),
            kind: all.unit.to_string(),
            scale: all.scale,
            shifts: M::TIME.iter().map(|power| power * all.scale.ln()).collect(),
            offset: all.offset(),
            limits: M::LIMITS,
        })
    }

    fn model(&self, values: &[f64]) -> Result<M, FitError> {
        let unit = self
            .unit()
            .ok_or(FitError::NoRepeatPurchase { model: M::MODEL })?;
        Ok(M::build(unit, values)?)
    }

    fn block(&self, measure: &Measure) -> Option<Block<Distinct>> {
        self.part(measure.scale).map(|part| Block {
            customers: part.customers,
            rows: part.rows.len(),
            data: part,
        })
    }

    fn likelihood<'a>(first: &'a Distinct) -> impl FnMut(&'a Distinct, &[f64], &mut [f64]) -> f64 {
        M::likelihood(first)
    }
}

/// How covariates move the parameters of the BG/NBD family: r, α, a, b.
fn by_chance(role: CovariateRole, link: DropoutLink) -> Option<Vec<f64>> {
    match (role, link) {
        (CovariateRole::Purchase, _) => Some(vec![0.0, -1.0, 0.0, 0.0]),
        (CovariateRole::Dropout, DropoutLink::MeanDropout) => Some(vec![0.0, 0.0, 1.0, 0.0]),
        (CovariateRole::Dropout, DropoutLink::Common) => Some(vec![0.0, 0.0, 1.0, 1.0]),
        _ => None,
    }
}

impl CovariateModel for BgNbd {
    const WITH_COVARIATES: &'static str = "BG/NBD with covariates";

    fn slopes(role: CovariateRole, link: DropoutLink) -> Option<Vec<f64>> {
        by_chance(role, link)
    }
}

impl PurchaseRows for BgNbd {
    const TIME: &'static [f64] = &[0.0, 1.0, 0.0, 0.0];
    const LIMITS: &'static [Limit<'static>] = LIMITS;

    fn build(unit: TimeUnit, values: &[f64]) -> Result<Self, ParameterError> {
        let [r, alpha, a, b] = exactly(Self::MODEL, values)?;
        Self::new(BgNbdParameters {
            unit,
            r,
            alpha,
            a,
            b,
        })
    }

    fn likelihood<'a>(first: &'a Distinct) -> impl FnMut(&'a Distinct, &[f64], &mut [f64]) -> f64 {
        let mut likelihood = beta_geometric::Likelihood::new(first, 0);
        move |block, x, gradient| likelihood.on(block).evaluate(x, gradient)
    }
}

impl CovariateModel for MbgNbd {
    const WITH_COVARIATES: &'static str = "MBG/NBD with covariates";

    fn slopes(role: CovariateRole, link: DropoutLink) -> Option<Vec<f64>> {
        by_chance(role, link)
    }
}

impl PurchaseRows for MbgNbd {
    const TIME: &'static [f64] = BgNbd::TIME;
    const LIMITS: &'static [Limit<'static>] = LIMITS;

    fn build(unit: TimeUnit, values: &[f64]) -> Result<Self, ParameterError> {
        let [r, alpha, a, b] = exactly(Self::MODEL, values)?;
        Self::new(MbgNbdParameters {
            unit,
            r,
            alpha,
            a,
            b,
        })
    }

    fn likelihood<'a>(first: &'a Distinct) -> impl FnMut(&'a Distinct, &[f64], &mut [f64]) -> f64 {
        let mut likelihood = beta_geometric::Likelihood::new(first, 1);
        move |block, x, gradient| likelihood.on(block).evaluate(x, gradient)
    }
}

impl CovariateModel for ParetoNbd {
    const WITH_COVARIATES: &'static str = "Pareto/NBD with covariates";

    fn slopes(role: CovariateRole, _: DropoutLink) -> Option<Vec<f64>> {
        match role {
            CovariateRole::Purchase => Some(vec![0.0, -1.0, 0.0, 0.0]),
            CovariateRole::Dropout => Some(vec![0.0, 0.0, 0.0, -1.0]),
            _ => None,
        }
    }
}

impl PurchaseRows for ParetoNbd {
    const TIME: &'static [f64] = &[0.0, 1.0, 0.0, 1.0];
    const LIMITS: &'static [Limit<'static>] = LIMITS;

    fn build(unit: TimeUnit, values: &[f64]) -> Result<Self, ParameterError> {
        let [r, alpha, s, beta] = exactly(Self::MODEL, values)?;
        Self::new(ParetoNbdParameters {
            unit,
            r,
            alpha,
            s,
            beta,
        })
    }

    fn likelihood<'a>(first: &'a Distinct) -> impl FnMut(&'a Distinct, &[f64], &mut [f64]) -> f64 {
        let mut likelihood = pareto_nbd::Likelihood::new(first);
        move |block, x, gradient| likelihood.on(block).evaluate(x, gradient)
    }
}

impl CovariateModel for GGompertzNbd {
    const WITH_COVARIATES: &'static str = "GGompertz/NBD with covariates";

    fn slopes(role: CovariateRole, _: DropoutLink) -> Option<Vec<f64>> {
        match role {
            CovariateRole::Purchase => Some(vec![0.0, -1.0, 0.0, 0.0, 0.0]),
            CovariateRole::Dropout => Some(vec![0.0, 0.0, 0.0, 0.0, -1.0]),
            _ => None,
        }
    }
}

impl PurchaseRows for GGompertzNbd {
    const COST: usize = INTEGRAL;
    const TIME: &'static [f64] = &[0.0, 1.0, -1.0, 0.0, 0.0];
    const LIMITS: &'static [Limit<'static>] = ggompertz_nbd::LIMITS;

    fn build(unit: TimeUnit, values: &[f64]) -> Result<Self, ParameterError> {
        let [r, alpha, b, s, beta] = exactly(Self::MODEL, values)?;
        Self::new(GGompertzNbdParameters {
            unit,
            r,
            alpha,
            b,
            s,
            beta,
        })
    }

    fn likelihood<'a>(first: &'a Distinct) -> impl FnMut(&'a Distinct, &[f64], &mut [f64]) -> f64 {
        let mut likelihood = ggompertz_nbd::Likelihood::new(first);
        move |block, x, gradient| likelihood.on(block).evaluate(x, gradient)
    }
}

impl CovariateModel for Nbd {
    const WITH_COVARIATES: &'static str = "NBD with covariates";

    fn slopes(role: CovariateRole, _: DropoutLink) -> Option<Vec<f64>> {
        (role == CovariateRole::Purchase).then(|| vec![0.0, -1.0])
    }
}

impl PurchaseRows for Nbd {
    const TIME: &'static [f64] = &[0.0, 1.0];
    const LIMITS: &'static [Limit<'static>] = &[Limit {
        boundary: Boundary::HomogeneousRates,
        towards: &[1.0, 1.0],
    }];

    fn build(unit: TimeUnit, values: &[f64]) -> Result<Self, ParameterError> {
        let [r, alpha] = exactly(Self::MODEL, values)?;
        Self::new(NbdParameters { unit, r, alpha })
    }

    fn likelihood<'a>(_: &'a Distinct) -> impl FnMut(&'a Distinct, &[f64], &mut [f64]) -> f64 {
        |block, x: &[f64], gradient: &mut [f64]| Steady::new(block).evaluate(x, gradient)
    }
}
