use super::*;
use crate::model::Sample;
use crate::numeric::testing::{absolute_or_relative, agrees};
use crate::quantity::TimeUnit;
use crate::summary::RfmSummary;

/// A sample of all kinds of customers.
fn sample() -> PurchaseSample {
    let mut sample = PurchaseSample::default();
    for (x, t_x, age, weight) in [
        (0, 0.0, 38.86, 3.0),
        (0, 0.0, 0.0, 1.0),
        (1, 0.5, 38.86, 2.0),
        (2, 30.43, 38.86, 1.0),
        (5, 20.0, 20.0, 1.0),
        (29, 38.0, 38.86, 1.0),
        (400, 5.0, 30.0, 1.0),
    ] {
        let customer = RfmSummary::new(TimeUnit::Week, x, t_x, age).unwrap();
        sample.add(&customer, weight).unwrap();
    }
    sample
}

#[test]
fn the_gradient_is_that_of_the_log_likelihood() {
    let sample = sample().distinct("GGompertz/NBD").unwrap();
    let mut likelihood = Likelihood::new(&sample);
    let mut nothing = [0.0; 5];
    let mut cases = Vec::new();
    for x in [
        [-0.6, -1.3, -0.25, -0.5, -1.4],
        [-0.6, -1.3, -9.0, -0.5, -10.2],
        [1.0, 1.0, 3.0, -3.0, 8.0],
        [0.0, 0.0, 6.0, -5.0, 3.0],
        [-2.0, 3.0, 0.0, 8.0, 8.0],
        [0.0, -3.0, 12.0, -11.0, 2.0],
    ] {
        let mut gradient = [0.0; 5];
        likelihood.evaluate(&x, &mut gradient);
        for (i, slope) in gradient.into_iter().enumerate() {
            let mut beside = |step: f64| {
                let mut moved = x;
                moved[i] += step;
                likelihood.evaluate(&moved, &mut nothing)
            };
            // Differences of fourth order.
            let step = 1e-3;
            let near = beside(step) - beside(-step);
            let far = beside(2.0 * step) - beside(-2.0 * step);
            let difference = (8.0 * near - far) / (12.0 * step);
            let [r, alpha, b, s, beta] = x;
            cases.push(([r, alpha, b, s, beta, i as f64], slope, difference));
        }
    }
    agrees(cases, absolute_or_relative(1e-8));
}

#[test]
fn the_log_likelihood_is_that_of_the_posteriors() {
    use crate::model::{PurchaseModel, PurchasePosterior};
    let (r, alpha, b, s, beta) = (0.553, 10.578, 0.02, 0.606, 0.25);
    let model = GGompertzNbd::new(GGompertzNbdParameters {
        unit: TimeUnit::Week,
        r,
        alpha,
        b,
        s,
        beta,
    })
    .unwrap();
    let customer = RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86).unwrap();
    let mut sample = PurchaseSample::default();
    sample.add(&customer, 1.0).unwrap();
    let sample = sample.distinct("GGompertz/NBD").unwrap();
    let x = [r, alpha / sample.scale, b * sample.scale, s, beta].map(f64::ln);
    let found = Likelihood::new(&sample).evaluate(&x, &mut [0.0; 5]) + sample.offset();
    let expected = model.posterior(&customer).unwrap().ln_likelihood();
    agrees([([b], found, expected)], absolute_or_relative(1e-13));
}
