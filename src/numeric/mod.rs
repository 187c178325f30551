//! Private mathematics; it knows no customers.

pub(crate) mod beta;
pub(crate) mod beta_mean;
pub(crate) mod chunks;
pub(crate) mod damped;
pub(crate) mod decline;
pub(crate) mod dirichlet;
pub(crate) mod elementary;
pub(crate) mod gamma;
pub(crate) mod gauss;
pub(crate) mod linear;
pub(crate) mod minimise;
pub(crate) mod negative_binomial;
pub(crate) mod newton;
pub(crate) mod order;
pub(crate) mod panel;
pub(crate) mod power;
pub(crate) mod product;
#[cfg(feature = "simulate")]
pub(crate) mod random;
pub(crate) mod special;
pub(crate) mod spread;
pub(crate) mod stretch;
pub(crate) mod student;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod twofold;
