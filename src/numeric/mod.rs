//! Private mathematics; it knows no customers.

pub(crate) mod beta_mean;
pub(crate) mod damped;
pub(crate) mod gauss;
pub(crate) mod linear;
pub(crate) mod minimise;
pub(crate) mod power;
#[cfg(feature = "simulate")]
pub(crate) mod random;
pub(crate) mod special;
pub(crate) mod spread;
#[allow(dead_code, reason = "the models that ask for it follow")]
pub(crate) mod stretch;
#[cfg(test)]
pub(crate) mod testing;
