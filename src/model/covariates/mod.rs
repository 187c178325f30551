//! Static covariates (静态协变量): customers whose parameters follow from what is known of them.
//!
//! Fader & Hardie (2007), "Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD
//! models". A model with covariates is a function from a customer's covariates to the plain model of
//! such customers, which then gives every answer.

mod clv;
mod design;
mod error;
mod fit;
mod model;
mod ridge;
pub(super) mod rows;
mod sample;
mod standard;
#[cfg(test)]
mod tests;

pub use clv::{CovariateClv, CustomerModel};
pub use design::{Covariate, CovariateDesign, CovariateRole, DropoutLink, Standardise};
pub use error::CovariateError;
pub use model::{CovariateEffect, CovariateParameters, WithCovariates};
pub use sample::CovariateSample;
pub(super) use standard::mapped;

use super::parameter::Parametric;
use super::report::Note;

/// A model whose parameters may follow from covariates: what a linear predictor does to each.
pub trait CovariateModel: Parametric {
    /// What the model is called with covariates, such as `"BG/NBD with covariates"`.
    const WITH_COVARIATES: &'static str;

    /// How the logarithm of each parameter of [`NAMES`](Parametric::NAMES) moves with the linear
    /// predictor `γ·z` of what covariates act on; `None` if they cannot act on that.
    ///
    /// [`CovariateRole::Both`] is not asked for: it is the sum of the other two.
    fn slopes(role: CovariateRole, link: DropoutLink) -> Option<Vec<f64>>;

    /// What a fit with covariates should say of its base; nothing, for most models.
    fn note(&self) -> Option<Note> {
        None
    }
}

/// A sample that `M` can be fitted to with covariates: a
/// [`PurchaseSample`](super::PurchaseSample) for a purchase model, a
/// [`RetentionSample`](super::RetentionSample) for the sBG, for the Gamma–Gamma a
/// [`SpendSample`](super::SpendSample) or a
/// [`TransactionSpendSample`](super::TransactionSpendSample). Only this crate implements it.
#[allow(
    private_bounds,
    reason = "what a likelihood asks of a sample stays inside"
)]
pub trait CovariateData<M>: rows::Rows<M> {}

#[allow(
    private_bounds,
    reason = "what a likelihood asks of a sample stays inside"
)]
impl<M, S: rows::Rows<M>> CovariateData<M> for S {}

/// How the logarithm of each parameter moves with the linear predictor of a role.
fn slopes<M: CovariateModel>(
    role: CovariateRole,
    link: DropoutLink,
) -> Result<Vec<f64>, CovariateError> {
    let refused = || CovariateError::Role {
        model: M::MODEL,
        role,
    };
    if role != CovariateRole::Both {
        return M::slopes(role, link).ok_or_else(refused);
    }
    let purchase = M::slopes(CovariateRole::Purchase, link).ok_or_else(refused)?;
    let dropout = M::slopes(CovariateRole::Dropout, link).ok_or_else(refused)?;
    Ok(purchase.iter().zip(&dropout).map(|(p, d)| p + d).collect())
}
