use super::clock::{Clock, Law};
use super::design::{Places, Timed};
use super::likelihood::{Data, Likelihood, Row, Track, gone};
use super::posterior::dropout;
use super::*;
use crate::model::{GGompertzNbd, Nbd, ParetoNbd};
use crate::quantity::Span;
use crate::summary::RfmSummary;

/// Steps with a covariate of purchase and one of dropout.
const STEPS: [(f64, f64, f64); 5] = [
    (0.0, 0.3, -1.0),
    (0.1, -1.2, 0.4),
    (0.35, 0.8, 0.4),
    (0.6, 0.0, 1.5),
    (0.95, 2.0, -0.5),
];

/// Frequency, recency, age, and the sum of the covariate of purchase.
const CUSTOMERS: [(u32, f64, f64, f64); 7] = [
    (0, 0.0, 1.0, 0.0),
    (0, 0.0, 0.0, 0.0),
    (2, 0.1, 0.9, -1.5),
    (5, 0.55, 0.95, 1.1),
    (1, 1.0, 1.0, 2.0),
    (40, 0.3, 1.0, -9.0),
    (3, 0.359_9, 0.360_1, 0.2),
];

fn data(places: Places, own: usize, effects: (usize, usize)) -> Data {
    let mut frequencies: Vec<u32> = CUSTOMERS.iter().map(|c| c.0).collect();
    frequencies.sort_unstable();
    frequencies.dedup();
    let column = |on: usize, pick: fn(&(f64, f64, f64)) -> f64| -> Vec<f64> {
        let values = STEPS.iter().map(pick);
        if on == 1 {
            values.collect()
        } else {
            Vec::new()
        }
    };
    let from = STEPS.iter().map(|s| s.0).chain([f64::INFINITY]);
    let rows = CUSTOMERS
        .iter()
        .enumerate()
        .map(|(i, &(x, recency, age, sum))| Row {
            track: 0,
            frequency: frequencies.binary_search(&x).unwrap(),
            recency,
            age,
            sums: vec![sum; effects.0],
            weight: 1.0 + i as f64,
        });
    Data {
        places,
        own,
        effects,
        rows: rows.collect(),
        tracks: vec![Track {
            from: from.collect(),
            purchase: column(effects.0, |s| s.1),
            dropout: column(effects.1, |s| s.2),
        }],
        frequencies,
    }
}

/// Central differences of fourth order against the gradient, and the value against posteriors.
fn has_its_gradient<M: Timed>(data: &Data, points: &[Vec<f64>]) {
    let mut likelihood = Likelihood::new(data);
    for x in points {
        let mut gradient = vec![0.0; x.len()];
        let value = likelihood.evaluate(x, &mut gradient);
        let mut blank = vec![0.0; x.len()];
        for i in 0..x.len() {
            let mut at = |step: f64| {
                let mut moved = x.clone();
                moved[i] += step;
                likelihood.evaluate(&moved, &mut blank)
            };
            let h = 1e-3;
            let difference = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
            let allowed = 1e-8 * (1.0 + value.abs() + difference.abs());
            assert!(
                (gradient[i] - difference).abs() < allowed,
                "{x:?} {i}: {} {difference}",
                gradient[i]
            );
        }

        let base: Vec<f64> = x[..data.own].iter().map(|x| x.exp()).collect();
        let law: Law = M::PLACES.law(&base);
        let effects = &x[data.own..];
        let names = ["z", "w"];
        let steps = STEPS.iter().map(|&(from, z, w)| (from, vec![z, w]));
        let path = CovariatePath::new(TimeUnit::Week, names, steps, Coverage::Continuing).unwrap();
        let acting = Acting {
            purchase: (0..data.effects.0).map(|_| (0, effects[0])).collect(),
            dropout: (0..data.effects.1)
                .map(|_| (1, effects[effects.len() - 1]))
                .collect(),
            path: &path,
        };
        let pieces = acting.pieces().unwrap();
        let mut expected = 0.0;
        for (i, &(frequency, recency, age, sum)) in CUSTOMERS.iter().enumerate() {
            let summary = RfmSummary::new(TimeUnit::Week, frequency, recency, age).unwrap();
            let factors = acting.of_purchases(&[sum, 0.0]);
            let posterior = TimeVaryingPosterior::new(&law, &pieces, &summary, factors);
            expected += (1.0 + i as f64) * posterior.ln_likelihood();
        }
        assert!(
            (value - expected).abs() < 1e-11 * (1.0 + expected.abs()),
            "{x:?}: {value} {expected}"
        );
    }
}

#[test]
fn the_gradient_of_the_nbd_is_that_of_its_likelihood() {
    let data = data(Nbd::PLACES, 2, (1, 0));
    has_its_gradient::<Nbd>(&data, &[vec![-0.6, -1.0, 0.5], vec![2.0, 3.0, -1.5]]);
}

#[test]
fn the_gradient_of_the_pareto_nbd_is_that_of_its_likelihood() {
    let points = [
        vec![-0.6, -1.0, -0.5, -1.2, 0.5, -0.7],
        vec![1.0, -3.0, 0.7, 2.0, -0.8, 1.1],
        vec![-2.0, 1.0, 2.0, 4.0, 0.0, 0.0],
        vec![0.5, 3.0, -3.0, -6.0, 1.5, -2.0],
    ];
    has_its_gradient::<ParetoNbd>(&data(ParetoNbd::PLACES, 4, (1, 1)), &points);
    let only_dropout: Vec<Vec<f64>> = points.iter().map(|x| [&x[..4], &x[5..]].concat()).collect();
    has_its_gradient::<ParetoNbd>(&data(ParetoNbd::PLACES, 4, (0, 1)), &only_dropout);
}

#[test]
fn the_gradient_of_the_ggompertz_nbd_is_that_of_its_likelihood() {
    let points = [
        vec![-0.6, -1.0, 0.3, -0.5, -1.2, 0.5, -0.7],
        vec![1.0, -3.0, 2.5, 0.7, 2.0, -0.8, 1.1],
        vec![-2.0, 1.0, -6.0, 1.0, -5.0, 0.2, 0.3],
        vec![0.5, 3.0, 4.0, -1.0, 6.0, 1.5, -2.0],
    ];
    has_its_gradient::<GGompertzNbd>(&data(GGompertzNbd::PLACES, 5, (1, 1)), &points);
}

#[test]
fn even_clocks_have_the_likelihood_of_clocks_that_do_not_race() {
    let ranges = [-4.0, -1.0, 0.4, 3.0, 9.0];
    let mut worst = 0.0_f64;
    let mut compare = |data: &Data, x: &[f64]| {
        let (mut slopes, mut expected) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        let value = Likelihood::new(data).evaluate(x, &mut slopes);
        let known = Likelihood::racing(data).evaluate(x, &mut expected);
        worst = worst.max((value / known - 1.0).abs());
        for (slope, expected) in slopes.iter().zip(&expected) {
            worst = worst.max((slope - expected).abs() / (known.abs() + expected.abs()));
        }
    };
    for r in ranges {
        for alpha in ranges {
            for z in [-2.0, 0.0, 0.5] {
                compare(&data(Nbd::PLACES, 2, (1, 0)), &[r, alpha, z]);
                for (s, beta) in [(-3.0, -2.0), (-0.5, 0.5), (1.0, 6.0), (8.0, 9.0)] {
                    for w in [-1.0, 0.0, 3.0] {
                        let x = [r, alpha, s, beta, z, w];
                        compare(&data(ParetoNbd::PLACES, 4, (1, 1)), &x);
                    }
                }
            }
        }
    }
    assert!(worst < 1e-12, "{worst:e}");
}

#[test]
fn a_week_in_the_past_of_a_path_is_left_out() {
    let steps = [(-9.0, vec![1.0]), (-2.0, vec![2.0]), (3.0, vec![4.0])];
    let until = Coverage::Until(Span::weeks(9.0).unwrap());
    let path = CovariatePath::new(TimeUnit::Week, ["z"], steps, until).unwrap();
    let steps: Vec<(f64, &[f64])> = path.steps().collect();
    assert_eq!(steps, [(0.0, &[2.0][..]), (3.0, &[4.0][..])]);
    assert_eq!(path.at(9.0), Some(&[4.0][..]));
    assert_eq!((path.at(9.1), path.at(-0.1)), (None, None));
    assert_eq!(path.coverage(), until);
}

#[test]
fn short_pieces_are_integrated_as_exactly_as_long_ones() {
    let mut worst = 0.0_f64;
    for b in [0.0, 0.01, 0.3, 1.0] {
        for (shape, s) in [(0.3, 0.2), (3.0, 1.0), (40.0, 5.0)] {
            for (alpha, beta) in [(1.0, 1.0), (0.2, 5.0), (30.0, 0.4), (7.0, 200.0)] {
                for len in [1e-3, 0.02, 0.1, 0.3, 0.7, 1.0, 3.0] {
                    let law = Law {
                        r: 1.0,
                        alpha: 1.0,
                        b,
                        s,
                        beta: 1.0,
                    };
                    let clock = Clock { alpha, beta };
                    let found = gone(&law, shape, clock, len);
                    let exact = dropout(&law, shape, clock).stretch(len);
                    worst = worst.max((found.ln - exact.ln).abs());
                    for (a, b) in [
                        (found.ln_alpha, exact.ln_alpha),
                        (found.alpha_share, exact.alpha_share),
                        (found.alpha_risen, exact.alpha_risen),
                        (found.ln_beta, exact.ln_beta),
                        (found.beta_share, exact.beta_share),
                        (found.beta_risen, exact.beta_risen),
                        (found.time, exact.time),
                    ] {
                        worst = worst.max((a / b - 1.0).abs());
                    }
                    if b > 0.0 {
                        worst = worst.max((found.by_b / exact.by_b - 1.0).abs());
                    }
                }
            }
        }
    }
    assert!(worst < 1e-11, "{worst:e}");
}
