//! Indices, weights and their composition: published values, laws, refusals.

#[path = "composition/laws.rs"]
mod laws;
#[path = "composition/learning.rs"]
mod learning;
#[cfg(feature = "simulate")]
#[path = "composition/ranks.rs"]
mod ranks;
#[path = "composition/reference.rs"]
mod reference;
#[path = "composition/refusals.rs"]
mod refusals;
#[cfg(feature = "serde")]
#[path = "composition/stored.rs"]
mod stored;
mod support;
#[path = "composition/values.rs"]
mod values;

use guanxi::dimension::ByDimension;
use guanxi::relationship::{Profile, Weights};

/// The indices of the test values.
const INDICES: [f64; 4] = [0.62, 0.74, 0.55, 0.40];
/// Their sds.
const SDS: [f64; 4] = [0.08, 0.05, 0.10, 0.06];

fn four(numbers: [f64; 4]) -> ByDimension<f64> {
    ByDimension::from(numbers)
}

fn weights(shares: [f64; 4]) -> Weights {
    Weights::of_importance(four(shares)).unwrap()
}

fn profile(means: [f64; 4], sds: [f64; 4]) -> Profile {
    Profile::stated(four(means), four(sds)).unwrap()
}

/// An error in words.
fn says<T: std::fmt::Debug>(result: Result<T, impl std::fmt::Display>, message: &str) {
    assert_eq!(result.unwrap_err().to_string(), message);
}
