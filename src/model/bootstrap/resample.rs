//! Drawing customers with replacement.

use crate::numeric::random::RandomStream;

use super::BootstrapError;

/// Above this, whole numbers of customers are no longer exact.
const MOST: f64 = 9_007_199_254_740_992.0;

/// Weights as whole numbers of customers.
pub(super) fn whole(weights: &[f64]) -> Result<Vec<u64>, BootstrapError> {
    let customers: f64 = weights.iter().sum();
    // Written so that NaN fails it.
    if !(0.0..=MOST).contains(&customers) {
        return Err(BootstrapError::TooManyCustomers {
            limit: MOST,
            found: customers,
        });
    }
    let one = |&weight: &f64| {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number from 0 to 2⁵³"
        )]
        if weight >= 0.0 && weight.fract() == 0.0 {
            Ok(weight as u64)
        } else {
            Err(BootstrapError::FractionalWeight { found: weight })
        }
    };
    weights.iter().map(one).collect()
}

/// How often each row comes up if as many customers as there are get drawn with replacement: one
/// multinomial draw, row by row.
pub(super) fn drawn_counts(weights: &[u64], random: &mut RandomStream) -> Vec<f64> {
    let mut customers: u64 = weights.iter().sum();
    let mut draws = customers;
    let count = |&weight: &u64| {
        let drawn = if weight >= customers {
            draws
        } else {
            random.binomial(draws, weight as f64 / customers as f64)
        };
        customers -= weight;
        draws -= drawn;
        drawn as f64
    };
    weights.iter().map(count).collect()
}
