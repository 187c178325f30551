//! The log-likelihood of a sample against the posteriors of its customers, and its gradient against
//! differences.

use super::*;
use crate::model::fit::Sample;
use crate::model::purchase::erlang::ErlangPosterior;
use crate::numeric::testing::{absolute_or_relative, agrees};
use crate::summary::RfmSummary;

const CUSTOMERS: [(u32, f64, f64); 6] = [
    (0, 0.0, 3.0),
    (1, 0.4, 38.86),
    (2, 30.43, 38.86),
    (17, 38.0, 38.0),
    (40, 20.0, 39.0),
    (5000, 700.0, 720.0),
];
const PARAMETERS: [[f64; 4]; 3] = [
    [0.243, 4.414, 0.793, 2.426],
    [0.9, 14.0, 0.1, 0.2],
    [1e6, 2e5, 3.0, 1e4],
];

fn customers() -> impl Iterator<Item = RfmSummary> {
    CUSTOMERS
        .into_iter()
        .map(|(x, t_x, age)| RfmSummary::new(TimeUnit::Week, x, t_x, age).unwrap())
}

fn sample() -> Distinct {
    let mut sample = PurchaseSample::default();
    for customer in customers() {
        sample.add(&customer, 1.0).unwrap();
    }
    sample.distinct("").unwrap()
}

fn evaluate(sample: &Distinct, k: u32, p: [f64; 4], first: u32) -> (f64, [f64; 4]) {
    let [r, alpha, a, b] = p.map(f64::ln);
    let mut slopes = [0.0; 4];
    let x = [r, alpha - sample.scale.ln(), a, b];
    let k = Phases::new(k).unwrap();
    let value = Likelihood::new(sample, k, first).evaluate(&x, &mut slopes);
    (value, slopes)
}

/// What a fit sums is what the posterior says of each customer.
#[test]
fn the_sum_is_that_of_the_posteriors() {
    let sample = sample();
    for k in [1, 2, 7, 100] {
        for (p, first) in PARAMETERS.into_iter().flat_map(|p| [(p, 0), (p, 1)]) {
            let [r, alpha, a, b] = p;
            let parameters = Parameters { r, alpha, a, b };
            let phases = Phases::new(k).unwrap();
            let sum: f64 = customers()
                .map(|c| {
                    let chances = f64::from(c.frequency() + first);
                    let posterior = ErlangPosterior::of_phases(parameters, phases, chances, &c);
                    let own = f64::from(k - 1) * c.ln_gaps().unwrap_or(0.0);
                    crate::model::PurchasePosterior::ln_likelihood(&posterior) - own
                })
                .sum();
            let (found, _) = evaluate(&sample, k, p, first);
            let k = f64::from(k);
            let constant = k * sample.offset() - sample.purchases * ln_gamma(k);
            agrees(
                [([k, f64::from(first)], found + constant, sum)],
                absolute_or_relative(1e-12),
            );
        }
    }
}

/// Differences of fourth order.
#[test]
fn the_gradient_is_the_slope_of_the_sum() {
    let sample = sample();
    for k in [1, 2, 5, 12, 100] {
        for (p, first) in PARAMETERS.into_iter().flat_map(|p| [(p, 0), (p, 1)]) {
            let (value, slopes) = evaluate(&sample, k, p, first);
            agrees(
                (0..4).map(|i| {
                    let at = |steps: f64| {
                        let mut moved = p;
                        moved[i] *= (1e-3 * steps).exp();
                        evaluate(&sample, k, moved, first).0
                    };
                    let slope = (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / 12e-3;
                    // The value's rounding is in the differences.
                    let size = 1.0 + 1e-4 * value.abs();
                    ([f64::from(k), i as f64], slopes[i] / size, slope / size)
                }),
                absolute_or_relative(1e-7),
            );
        }
    }
}
