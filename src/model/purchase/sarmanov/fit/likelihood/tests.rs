use super::*;
use crate::model::{
    CorrelatedParetoNbd, CorrelatedParetoNbdParameters, PurchaseModel, PurchasePosterior,
};
use crate::quantity::TimeUnit;
use crate::summary::RfmSummary;

#[test]
fn rows_agree_with_the_posterior_and_slopes_with_differences() {
    let one = 1.0 / 40.0;
    let place = [-0.6, 0.4_f64.ln(), -0.4, 0.3_f64.ln()];
    let (shape, s) = (f64::exp(place[0]), f64::exp(place[2]));
    for dependence in [-0.9, 0.2, 1.0] {
        let model = CorrelatedParetoNbd::new(CorrelatedParetoNbdParameters {
            unit: TimeUnit::Week,
            r: shape,
            alpha: 0.4 / one,
            s,
            beta: 0.3 / one,
            dependence,
        })
        .unwrap();
        let kernel = model.kernel();
        let weight = kernel.sign * kernel.ln_weight.exp();
        for (n, recency, age) in [
            (0_u32, 0.0, 1.0),
            (0, 0.0, 0.0),
            (2, 0.7, 0.9),
            (30, 0.2, 1.0),
            (3, 0.5, 0.5),
        ] {
            let rise = |r: f64| {
                let mut table = Vec::new();
                rising_table(r, 0, &[n], &mut table);
                table[0]
            };
            let at = |p: [f64; 5]| {
                let values = Values {
                    r: p[0].exp(),
                    alpha: p[1].exp(),
                    s: p[2].exp(),
                    beta: p[3].exp(),
                    weight: p[4],
                    one,
                };
                values.row(f64::from(n), rise(p[0].exp()), recency, age)
            };
            let here = [place[0], place[1], place[2], place[3], weight];
            let (ln, slopes) = at(here);
            let seen = RfmSummary::new(TimeUnit::Week, n, recency / one, age / one).unwrap();
            let expected =
                model.posterior(&seen).unwrap().ln_likelihood() - f64::from(n) * one.ln();
            assert!(
                (ln - expected).abs() < 1e-11 * expected.abs().max(1.0),
                "{ln} {expected}"
            );
            let units = [shape, 0.4, s, 0.3, 1.0];
            for (i, (slope, unit)) in slopes.into_iter().zip(units).enumerate() {
                let beside = |step: f64| {
                    let mut moved = here;
                    moved[i] += step;
                    at(moved).0
                };
                let difference = (beside(1e-5) - beside(-1e-5)) / 2e-5;
                assert!(
                    (slope * unit - difference).abs() < 1e-7,
                    "{i}: {} {difference}",
                    slope * unit
                );
            }
        }
    }
}

#[test]
fn beyond_the_bound_the_likelihood_goes_on_until_the_mean_of_the_factor_is_negative() {
    let row = |weight: f64| {
        let values = Values {
            r: 0.55,
            alpha: 0.4,
            s: 0.67,
            beta: 0.3,
            weight,
            one: 1.0 / 40.0,
        };
        let mut table = Vec::new();
        rising_table(values.r, 0, &[30], &mut table);
        values.row(30.0, table[0], 0.9, 1.0).0
    };
    // One who buys often and is there still: less likely where those who do leave sooner.
    let at_bound = {
        let odds = |shape: f64, rate: f64| -> f64 {
            let c = (rate / (rate + 1.0 / 40.0)).powf(shape);
            (1.0 - c) / c
        };
        1.0 / odds(0.55, 0.4).max(odds(0.67, 0.3))
    };
    let inside = [0.0, 0.5 * at_bound, at_bound].map(row);
    assert!(inside.is_sorted_by(|a, b| a > b), "{inside:?}");
    assert!(row(1.2 * at_bound) < inside[2]);
    assert!(row(1e6).is_nan());
}
