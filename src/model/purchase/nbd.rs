//! NBD: purchases at a steady rate for ever.
//!
//! Ehrenberg (1959), "The Pattern of Consumer Purchases", *Applied Statistics* 8(1), 26–41,
//! <https://doi.org/10.2307/2985810>.
//!
//! Every answer is a closed form, exact to 1e-12 relative for any valid parameters and customer.

use crate::quantity::TimeUnit;

use super::super::parameter::{ParameterError, Parametric, parametric};

/// Parameters of [`Nbd`]; each number from 1e-12 to 1e12.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct NbdParameters {
    /// Unit of `alpha` and of every customer the model is asked about.
    pub unit: TimeUnit,
    /// Shape of the gamma distribution of purchase rates λ.
    pub r: f64,
    /// Rate of that distribution, in units of time.
    pub alpha: f64,
}

/// The NBD model (负二项分布模型) of repeat purchases without dropout.
///
/// Purchases come at a steady rate λ that differs between customers, λ ~ Gamma(r, α), and nobody
/// ever leaves. It is nested in every model with dropout: what these add is judged against it.
///
/// Every value of this type is valid.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "NbdParameters", into = "NbdParameters")
)]
pub struct Nbd(NbdParameters);

parametric!(Nbd(NbdParameters), "NBD", [unit], [r, alpha]);
