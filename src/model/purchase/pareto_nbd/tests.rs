//! The log-likelihood of a sample and its gradient against values computed apart from this crate:
//! differences of 70-digit log-likelihoods, and Fisher's identity with posterior means by quadrature
//! over the mixing densities (mpmath 1.3); the two agree.
#![allow(
    clippy::excessive_precision,
    clippy::unreadable_literal,
    reason = "reference values as they were computed, to 17 digits"
)]

use super::super::super::fit::Sample;
use super::super::super::maximise::{LogLikelihood, hessian_agrees};
use super::super::PurchaseSample;
use super::*;
use crate::numeric::testing::{absolute_or_relative, agrees};
use crate::quantity::TimeUnit;

/// Parameters, a customer, the log-likelihood and its slopes in the parameters.
type Row = ([f64; 4], (u32, f64, f64), f64, [f64; 4]);

/// Pareto/NBD.
#[rustfmt::skip]
const PARETO: &[Row] = &[
    ([0.553, 10.578, 0.606, 11.669], (2, 30.43, 38.86), -9.5542832451504057,
        [0.92370252617196338, -0.00010216960848441702, -1.2366132650461444, 0.036905809806099569]),
    ([0.553, 10.578, 0.606, 11.669], (0, 0.0, 38.86), -0.52104629408089037,
        [-0.85489523085227069, 0.026363674593273, 0.35662606926660925, -0.012899181084054924]),
    ([0.553, 10.578, 1.0, 11.669], (1, 0.5, 38.86), -4.0060678074918963,
        [1.3243611561813919, -0.044967951075353371, 0.48785114656128589, -0.02958108070046882]),
    ([0.553, 10.578, 0.606, 10.578], (2, 30.43, 38.86), -9.5971501866800905,
        [0.92401867246430681, -0.00011964004884719725, -1.3074657741736566, 0.041848519795616602]),
    ([0.553, 10.578, 0.606, 1e-06], (2, 30.43, 38.86), -19.208850354993772,
        [0.92808965566990459, -0.00034471813009835727, -17.170085755100527, 605999.97896216577]),
    ([0.553, 10.578, 0.606, 1e-06], (0, 0.0, 38.86), -0.000067249428254711036,
        [-0.0001021198751143442, 4.28861271087636e-6, 0.00091618761319385614, -40.702249961328888]),
    ([0.553, 10.578, 0.05, 11.669], (29, 38.0, 38.86), -44.772954883265009,
        [3.5506527877727914, -0.54550716626406828, -1.4431179715982193, 0.0032728596160467917]),
    ([20.0, 10.578, 0.606, 11.669], (3, 0.02, 0.14285714285714285), 1.7463080800237838,
        [0.12970237656912133, -0.25472800468166977, -0.00020350127167992676, 0.000010891967345179611]),
    ([0.553, 100.0, 0.606, 0.5], (2, 30.43, 38.86), -12.688330731570548,
        [2.128885028324826, -0.012948398012682654, -4.1060773122902936, 1.1920666899804023]),
    ([0.553, 10.578, 0.606, 11.669], (5000, 700.0, 720.0), 4742.6302976814173,
        [6.0331154481105436, -6.9836182672879841, -2.4607117936301635, 0.049676254022076023]),
    ([0.553, 10.578, 0.606, 11.669], (10, 38.86, 38.86), -27.160066203964819,
        [2.4897536449951688, -0.1611809688526185, -1.4656116760603883, 0.039939357782848394]),
    ([0.553, 10.578, 0.606, 11.669], (600, 100.0, 720.0), 405.93206664270397,
        [5.7718237815594385, -5.3697372878747628, -0.61008564029627715, 0.037574333356340391]),
];

fn sample_of(customers: &[(u32, f64, f64)]) -> Distinct {
    let mut sample = PurchaseSample::default();
    for &(x, t_x, age) in customers {
        let customer = RfmSummary::new(TimeUnit::Week, x, t_x, age).unwrap();
        sample.add(&customer, 1.0).unwrap();
    }
    sample.distinct("").unwrap()
}

/// The same from the sums over a sample, which a start of its own in scaled time goes through.
fn evaluate(parameters: [f64; 4], customers: &[(u32, f64, f64)]) -> (f64, [f64; 4]) {
    let sample = sample_of(customers);
    let scale = sample.scale.ln();
    let [r, alpha, third, fourth] = parameters.map(f64::ln);
    let x = [r, alpha - scale, third, fourth - scale];
    let mut slopes = [0.0; 4];
    let scaled = Likelihood::new(&sample).evaluate(&x, &mut slopes);
    (scaled + sample.offset(), slopes)
}

/// Slopes are compared in the logarithms of the parameters, as the search sees them.
fn compare(table: &[Row]) {
    // A customer who came back, because a sample of none is refused; what this one adds is taken
    // off again.
    let companion = (2, 30.43, 38.86);
    for &(parameters, customer, ll, slopes) in table {
        let (mut found_ll, mut found) = evaluate(parameters, &[customer, companion]);
        let (less_ll, less) = evaluate(parameters, &[companion, companion]);
        found_ll -= 0.5 * less_ll;
        let size = less.iter().fold(1.0, |size: f64, l| size.max(l.abs()));
        for (found, less) in found.iter_mut().zip(less) {
            *found -= 0.5 * less;
        }
        agrees([(parameters, found_ll, ll)], absolute_or_relative(1e-12));
        agrees(
            (0..4).map(|i| {
                (
                    parameters,
                    found[i] / size,
                    slopes[i] * parameters[i] / size,
                )
            }),
            absolute_or_relative(1e-11),
        );
    }
}

#[test]
fn the_gradient_of_the_pareto_nbd_agrees_with_its_table() {
    compare(PARETO);
}

/// The reported slopes are those of the reported value, for many customers at once: differences of
/// fourth order.
#[test]
fn the_gradient_is_the_slope_of_the_sum() {
    let customers = [
        (0, 0.0, 3.0),
        (1, 0.4, 38.86),
        (2, 30.43, 38.86),
        (17, 38.0, 38.0),
        (40, 20.0, 39.0),
    ];
    for parameters in [[0.553, 10.578, 0.606, 11.669], [0.9, 4.0, 1.7, 60.0]] {
        let (_, slopes) = evaluate(parameters, &customers);
        agrees(
            (0..4).map(|i| {
                let at = |steps: f64| {
                    let mut moved = parameters;
                    moved[i] *= (1e-3 * steps).exp();
                    evaluate(moved, &customers).0
                };
                let slope = (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / 12e-3;
                (parameters, slopes[i], slope)
            }),
            absolute_or_relative(1e-8),
        );
    }
}

/// Rounding of the differences aside: fourth order.
#[test]
fn the_hessian_is_the_slope_of_the_gradient() {
    let customers = [
        (0, 0.0, 3.0),
        (0, 0.0, 30.0),
        (1, 0.4, 38.86),
        (2, 30.43, 38.86),
        (17, 38.0, 38.0),
        (40, 20.0, 39.0),
    ];
    let sample = sample_of(&customers);
    for parameters in [
        [0.553, 10.578, 0.606, 11.669],
        [0.9, 4.0, 1.7, 60.0],
        [3.0, 90.0, 0.2, 0.5],
    ] {
        let [r, alpha, s, beta] = parameters;
        let x = [r, alpha / sample.scale, s, beta / sample.scale];
        hessian_agrees(&mut Likelihood::new(&sample), &x.map(f64::ln));
    }
}
