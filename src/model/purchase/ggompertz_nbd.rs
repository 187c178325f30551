//! GGompertz/NBD: purchases at a steady rate until a dropout that grows more likely, or whose
//! survivors grow more loyal, with the time since the first purchase.
//!
//! Bemmaor & Glady (2012), "Modeling Purchasing Behavior with Sudden 'Death': A Flexible Customer
//! Lifetime Model", *Management Science* 58(5), 1012–1021, <https://doi.org/10.1287/mnsc.1110.1461>;
//! expected purchases as corrected by Adler (2022), "Comment on 'Modeling Purchasing Behavior with
//! Sudden "Death": A Flexible Customer Lifetime Model'", *Management Science* 68(3), 1929–1930.

use crate::quantity::TimeUnit;

use super::super::parameter::{ParameterError, Parametric, parametric};

/// Parameters of [`GGompertzNbd`]; each number from 1e-12 to 1e12.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct GGompertzNbdParameters {
    /// Unit of `alpha`, of `1/b` and of every customer the model is asked about.
    pub unit: TimeUnit,
    /// Shape of the gamma distribution of purchase rates λ.
    pub r: f64,
    /// Rate of that distribution, in units of time.
    pub alpha: f64,
    /// Rate at which a customer's own dropout rate `η·b·e^(bt)` grows, per unit of time.
    pub b: f64,
    /// Shape of the gamma distribution of propensities to drop out η.
    pub s: f64,
    /// Rate of that distribution, a pure number.
    pub beta: f64,
}

/// The GGompertz/NBD model of repeat purchases and dropout.
///
/// Purchases come at a steady rate λ for a lifetime with the survival `exp(−η(e^(bt) − 1))`.
/// Customers differ: λ ~ Gamma(r, α), η ~ Gamma(s, β). As `b → 0` with `β/b` fixed this is the
/// Pareto/NBD with its β at `β/b`.
///
/// Every value of this type is valid.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "GGompertzNbdParameters", into = "GGompertzNbdParameters")
)]
pub struct GGompertzNbd(GGompertzNbdParameters);

parametric!(
    GGompertzNbd(GGompertzNbdParameters),
    "GGompertz/NBD",
    [unit],
    [r, alpha, b, s, beta]
);
