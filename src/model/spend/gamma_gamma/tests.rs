//! Answers and gradient against values computed apart from this crate: the integral over ν by a
//! trapezoid rule on the log scale, and the closed form at 70 digits; slopes by differences of the
//! latter and by Fisher's identity (mpmath 1.3).
#![allow(
    clippy::excessive_precision,
    clippy::unreadable_literal,
    reason = "reference values as they were computed, to 17 digits"
)]

use super::super::super::fit::Sample;
use super::super::super::maximise::hessian_agrees;
use super::*;
use crate::numeric::testing::{absolute_or_relative, agrees, relative};
use crate::quantity::TimeUnit;
use crate::summary::RfmSummary;

/// Parameters, transactions and their mean; then the log-likelihood, the expected spend, and the
/// slopes of the log-likelihood in the parameters.
type Row = ([f64; 3], u32, f64, f64, f64, [f64; 3]);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    ([6.25, 3.74, 15.44], 2, 22.35, -3.5513167597317047, 24.663713910761155,
        [-0.051048041707967313, 0.21718031993514277, -0.027808602035664595]),
    ([6.25, 3.74, 15.44], 1, 35.0, -4.1821180260330145, 35.066740823136818,
        [0.13481039634015997, -0.11260194713178008, 0.04417088173297779]),
    ([6.25, 3.74, 15.44], 5, 100.0, -7.1189997588946888, 94.77787584583701,
        [0.42178795380377861, -1.1468342649447442, 0.17434422946862042]),
    ([0.001, 3.74, 15.44], 1, 22.35, -13.360961110307962, 0.013786939073330901,
        [1001.2301393105375, -0.89477675119866159, 0.14323353630027958]),
    ([0.001, 1.0001, 15.44], 1, 0.01, -2.3105752313150708, 14.045454545454686,
        [992.65738505200064, 0.00099603428941355354, -0.000022800442678203129]),
    ([6.25, 1.0001, 15.44], 3, 10000000.0, -27.66775295697988, 9999951.8135903275,
        [0.16001403687415785, -10.945067083178548, 0.064772657725848324]),
    ([6.25, 3.74, 1000000.0], 2, 22.35, -119.9521559392719, 410123.3185695538,
        [-19.488808200517719, 1.576849253897911, -0.000012499274104447531]),
    ([6.25, 3.74, 1000000.0], 4, 10000000.0, -19.863961175372525, 9237563.0857966834,
        [0.46942608994650464, -1.5522597722382286, 3.0390243902439026e-6]),
    ([6.25, 3.74, 15.44], 5000, 35.2189781, -4.0068717909842289, 35.218978100000193,
        [0.15999298626252352, -0.17150543448881835, 0.064761161108598161]),
    ([6.25, 3.74, 15.44], 5000, 10000000.0, -60.784533716701074, 9999123.2799588132,
        [0.59837222395714677, -12.727928321716814, 0.24222735419981161]),
    ([6.25, 3.74, 15.44], 5000, 0.01, -8373.2716825405986, 0.013086852544768875,
        [-1344.9550605637706, 7.7262268286720516, -477.35159842659336]),
    ([0.001, 1.0001, 1000000.0], 5000, 0.01, -43.302901335742901, 200.0059998800024,
        [-48517.597095772713, 2.2831369853277207, -4.9997000099995001e-6]),
    ([0.001, 1.0001, 1000000.0], 5000, 10000000.0, -25.329409675547266, 10000000.0,
        [999.99066165812174, -8.5366113001325234, 9.9998000039999199e-7]),
    ([6.25, 0.4, 15.44], 3, 50.0, -6.3282921084526837, 56.969696969696969,
        [-0.22889260337350055, 3.1157033766731871, -0.089845198484681451]),
    ([500.0, 30.0, 2.5], 40, 55.0, -4.2841043188216576, 54.982774976284388,
        [0.0145278041706554, -0.26053429272571594, 2.905788876276958]),
    ([1.0, 10000.0, 1000000.0], 12, 98.0, -4.2714247885803302, 100.0075916491859,
        [0.26419551735901711, 0.000024031451915913604, -2.3971809152436734e-7]),
    ([0.1, 2.0, 0.001], 7, 300.0, -34.644726258634045, 123.5294705882353,
        [14.117643725490989, -14.18344954499134, 1999.9987142863265]),
];

fn model([p, q, gamma]: [f64; 3]) -> GammaGamma {
    let currency = Currency::USD;
    GammaGamma::new(GammaGammaParameters {
        currency,
        p,
        q,
        gamma,
    })
    .unwrap()
}

fn spend(n: u32, mean: f64) -> SpendSummary {
    SpendSummary::of_repeat_transactions(n, mean, Currency::USD).unwrap()
}

#[test]
fn every_answer_agrees_with_its_table() {
    for &(parameters, n, mean, ll, expected, _) in TABLE {
        let posterior = model(parameters).posterior(Some(&spend(n, mean))).unwrap();
        agrees(
            [(parameters, posterior.expected_spend(), expected)],
            relative(1e-13),
        );
        agrees(
            [(parameters, posterior.ln_likelihood(), ll)],
            absolute_or_relative(1e-11),
        );
    }
}

/// Slopes are compared in the logarithms of the parameters, as the search sees them.
#[test]
fn the_gradient_agrees_with_its_table() {
    for &(parameters, n, mean, ll, _, slopes) in TABLE {
        let customer = RfmSummary::new(TimeUnit::Week, n, 1.0, 2.0).unwrap();
        let mut sample = SpendSample::default();
        sample
            .add(&customer.with_spend(spend(n, mean)).unwrap(), 1.0)
            .unwrap();
        let [p, q, gamma] = parameters.map(f64::ln);
        let mut found = [0.0; 3];
        // In units of ten dollars.
        let scaled = Likelihood::new(&sample.distinct(), None, 10.0)
            .of(&[p, q, gamma - 10_f64.ln()], &mut found);
        agrees(
            [(parameters, scaled - mean.ln(), ll)],
            absolute_or_relative(1e-11),
        );
        let size = slopes
            .iter()
            .zip(parameters)
            .fold(1.0, |size: f64, (s, p)| size.max((s * p).abs()));
        agrees(
            (0..3).map(|i| {
                (
                    parameters,
                    found[i] / size,
                    slopes[i] * parameters[i] / size,
                )
            }),
            absolute_or_relative(1e-10),
        );
    }
}

/// Rounding of the differences aside: fourth order; for means, and for single amounts.
#[test]
fn the_hessian_is_the_slope_of_the_gradient() {
    let row = |transactions, mean| SpendRow {
        transactions,
        mean,
        weight: 1.5,
    };
    let rows = [
        row(1, 35.0),
        row(1, 900.0),
        row(2, 22.35),
        row(5, 100.0),
        row(40, 0.5),
    ];
    for parameters in [[6.25, 3.74, 15.44], [0.3, 1.2, 200.0], [80.0, 30.0, 0.5]] {
        let [p, q, gamma] = parameters;
        let x = [p, q, gamma / 10.0].map(f64::ln);
        for unevenness in [None, Some(-3.0)] {
            hessian_agrees(&mut Likelihood::new(&rows, unevenness, 10.0), &x);
        }
    }
}

#[test]
fn a_customer_of_a_population_without_a_mean_has_one() {
    // q = 0.4: p·n + q must exceed 1.
    let model = model([6.25, 0.4, 15.44]);
    agrees(
        [(
            [3.0, 50.0],
            model
                .posterior(Some(&spend(3, 50.0)))
                .unwrap()
                .expected_spend(),
            56.969696969696969,
        )],
        relative(1e-14),
    );
    assert!(model.posterior(None).is_err());
}
