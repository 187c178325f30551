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

/// BG/NBD.
#[rustfmt::skip]
const BG: &[Row] = &[
    ([0.243, 4.414, 0.793, 2.426], (2, 30.43, 38.86), -9.4586063070662712,
        [2.6962033865081653, -0.00020914060556919265, -0.20288474174037493, 0.076600487826641212]),
    ([0.243, 4.414, 0.793, 2.426], (0, 0.0, 38.86), -0.55471327643815845,
        [-2.2827706849306933, 0.049436725872266624, 0.0, 0.0]),
    ([0.243, 4.414, 0.31, 0.11], (2, 30.43, 38.86), -10.498702315749053,
        [2.7046197348513949, -0.00069624791105694063, -2.0778702133768781, 6.6253121406338217]),
    ([0.243, 4.414, 20.0, 2.426], (29, 38.0, 38.86), -69.222386177271993,
        [5.4376429493692075, -0.62813487659070566, -0.81554170404724235, 1.9049970807241512]),
    ([0.243, 4.414, 0.793, 10000.0], (2, 30.43, 38.86), -9.2870129670098896,
        [2.6369888097337256, 0.0032179814385650279, -0.000037432470100040327, 2.9688909269605884e-9]),
    ([0.243, 4.414, 1e-06, 2.426], (1, 0.5, 38.86), -5.7369533584150549,
        [1.8324690503549058, 0.02632678091251827, 5.7464110506572387, -2.3686772673772622e-6]),
    ([50.0, 4.414, 0.793, 2.426], (10, 38.86, 38.86), -113.10007017851486,
        [-2.0987722769750472, 9.9410801770005024, -1.4557393336526661, 0.26954654483122087]),
    ([0.243, 4.414, 0.793, 2.426], (5000, 700.0, 720.0), 4780.4805637783233,
        [7.7956507125242786, -7.043391422014978, -6.250927665399716, 0.33920874764707799]),
    ([0.1, 50.16, 0.4, 0.81], (600, 100.0, 720.0), 217.03208667843701,
        [15.72353432658109, -3.9944102154936915, -4.1745518941618754, 0.66346001535001115]),
];

/// MBG/NBD.
#[rustfmt::skip]
const MBG: &[Row] = &[
    ([0.525, 6.183, 0.891, 1.614], (2, 30.43, 38.86), -9.4855513145339315,
        [0.63556467979375943, 0.025060636437180702, -0.57674456334518041, 0.29105765112059176]),
    ([0.525, 6.183, 0.891, 1.614], (0, 0.0, 38.86), -0.53983746353101459,
        [-0.77394137939378601, 0.028549929779084969, 0.28571974896380032, -0.15773004729042508]),
    ([0.525, 6.183, 0.31, 0.11], (1, 0.5, 38.86), -5.2681326767714596,
        [1.5155070561355979, -0.11155538139794645, -0.38598788738448865, 6.1528044640053166]),
    ([0.525, 6.183, 1e-06, 1.614], (29, 38.0, 38.86), -42.334967365829905,
        [3.2275502396850701, -0.5705745219957228, -3.2419910099610683, 8.1466697740648246e-7]),
    ([0.525, 6.183, 0.891, 10000.0], (2, 30.43, 38.86), -8.8802670850162559,
        [0.57471675522049672, 0.028850752825641124, -0.00013125782182960145, 1.1695405427639415e-8]),
    ([0.525, 6.183, 0.891, 1.614], (5000, 700.0, 720.0), 4768.8902456179108,
        [5.6242846338132311, -6.9961509036268701, -6.6898540753532932, 0.56723038411932736]),
    ([0.525, 6.183, 20.0, 1.614], (0, 0.0, 0.0), 0.0,
        [0.0, 0.0, 0.0, 0.0]),
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
fn evaluate(parameters: [f64; 4], customers: &[(u32, f64, f64)], first: u32) -> (f64, [f64; 4]) {
    let sample = sample_of(customers);
    let scale = sample.scale.ln();
    let [r, alpha, third, fourth] = parameters.map(f64::ln);
    let x = [r, alpha - scale, third, fourth];
    let mut slopes = [0.0; 4];
    let scaled = Likelihood::new(&sample, first).evaluate(&x, &mut slopes);
    (scaled + sample.offset(), slopes)
}

/// Slopes are compared in the logarithms of the parameters, as the search sees them.
fn compare(table: &[Row], first: u32) {
    // A customer who came back, because a sample of none is refused; what this one adds is taken
    // off again.
    let companion = (2, 30.43, 38.86);
    for &(parameters, customer, ll, slopes) in table {
        let (mut found_ll, mut found) = evaluate(parameters, &[customer, companion], first);
        let (less_ll, less) = evaluate(parameters, &[companion, companion], first);
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
fn the_gradient_of_the_bg_nbd_agrees_with_its_table() {
    compare(BG, 0);
}

#[test]
fn the_gradient_of_the_mbg_nbd_agrees_with_its_table() {
    compare(MBG, 1);
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
    for parameters in [[0.243, 4.414, 0.793, 2.426], [0.9, 14.0, 0.1, 0.2]] {
        let (_, slopes) = evaluate(parameters, &customers, 1);
        agrees(
            (0..4).map(|i| {
                let at = |steps: f64| {
                    let mut moved = parameters;
                    moved[i] *= (1e-3 * steps).exp();
                    evaluate(moved, &customers, 1).0
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
    for first in [0, 1] {
        for parameters in [
            [0.243, 4.414, 0.793, 2.426],
            [0.9, 14.0, 0.1, 0.2],
            [2.5, 1.0, 30.0, 9.0],
        ] {
            let x = [
                parameters[0],
                parameters[1] / sample.scale,
                parameters[2],
                parameters[3],
            ];
            let mut likelihood = Likelihood::new(&sample, first);
            hessian_agrees(&mut likelihood, &x.map(f64::ln));
        }
    }
}
