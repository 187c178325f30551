//! What a fit with covariates asks of a sample: the plain fit, and one likelihood for each set of
//! customers who share their covariates.

use super::super::fit::{FitError, FitOptions, Fitted};
use super::super::maximise::Limit;

/// A sample of customers of a model, of which parts can be looked at under different parameters.
pub(crate) trait Rows<M>: Clone {
    /// Customers with equal covariates, as the likelihood sees them.
    type Block: Sync;

    /// How long a row takes, in rows of some ten nanoseconds.
    const COST: usize = 1;

    /// Adds the customers of another sample.
    fn merge(&mut self, other: &Self) -> Result<(), FitError>;

    /// Fits the plain model.
    fn fit_plain(&self, options: &FitOptions) -> Result<Fitted<M>, FitError>;

    /// The scales of the whole sample, or why there is nothing to fit.
    fn measure(&self) -> Result<Measure, FitError>;

    /// The plain model in the unit or currency of the sample.
    fn model(&self, values: &[f64]) -> Result<M, FitError>;

    /// The customers of this part; `None` if none says anything.
    fn block(&self, measure: &Measure) -> Option<Block<Self::Block>>;

    /// The log-likelihood of a block at the search's place of the base's parameters, with its
    /// gradient there, in one working space for several; `first` is any block.
    fn likelihood<'a>(
        first: &'a Self::Block,
    ) -> impl FnMut(&'a Self::Block, &[f64], &mut [f64]) -> f64;
}

/// What the parts of a sample share.
pub(crate) struct Measure {
    /// Unit or currency of the parameters, in words.
    pub(crate) unit: String,
    /// What the likelihood is a density of, in words, where that is more than the unit.
    pub(crate) kind: String,
    /// What times or money are divided by.
    pub(crate) scale: f64,
    /// What turns the search's place of each parameter of the base into its logarithm.
    pub(crate) shifts: Vec<f64>,
    /// What turns the scaled log-likelihood into that of the data as given.
    pub(crate) offset: f64,
    /// Limits of the base.
    pub(crate) limits: &'static [Limit<'static>],
}

/// Customers with equal covariates.
pub(crate) struct Block<B> {
    /// How many say something (by weight).
    pub(crate) customers: f64,
    /// Distinct rows of them.
    pub(crate) rows: usize,
    pub(crate) data: B,
}
