//! Laws of composition for all input.

use guanxi::dimension::{ByDimension, Dimension};
use guanxi::relationship::{
    Aggregation, Contributions, Correlation, PairwiseComparisons, Weights, entropy_weights,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::{four, profile, weights};

/// An index: anywhere, and often at the ends.
fn index() -> impl Strategy<Value = f64> {
    prop_oneof![8 => 0.0..=1.0_f64, 1 => Just(0.0), 1 => Just(1.0), 1 => 0.0..=2e-3_f64]
}

fn indices() -> impl Strategy<Value = [f64; 4]> {
    [index(), index(), index(), index()]
}

/// Indices at or above the floor, where the means have their textbook order.
fn above_the_floor() -> impl Strategy<Value = [f64; 4]> {
    [(); 4].map(|()| 1e-3..=1.0_f64)
}

fn some_weights() -> impl Strategy<Value = Weights> {
    let importance = || prop_oneof![6 => 0.01..10.0_f64, 1 => Just(0.0)];
    [importance(), importance(), importance(), importance()]
        .prop_filter("some importance", |i| i.iter().sum::<f64>() > 0.0)
        .prop_map(weights)
}

fn sds() -> impl Strategy<Value = [f64; 4]> {
    [(); 4].map(|()| 0.0..0.3_f64)
}

/// Comparisons that follow from priorities, and are so free of contradiction.
fn consistent(priorities: &[f64]) -> PairwiseComparisons {
    let row = |a: &f64| priorities.iter().map(|b| a / b).collect();
    PairwiseComparisons::new(priorities.iter().map(row).collect()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_101),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// A customer who is better in one dimension is nowhere valued less.
    #[test]
    fn no_value_falls_as_an_index_rises(w in some_weights(), d in indices(), j in 0..4_usize, up in index()) {
        let mut better = d;
        better[j] = d[j].max(up);
        for a in Aggregation::ALL {
            let (low, high) = (a.value(&w, &four(d)), a.value(&w, &four(better)));
            prop_assert!(high >= low - 4e-16, "{a:?} {low} {high}");
        }
    }

    #[test]
    fn the_less_is_made_up_for_the_lower_the_value(w in some_weights(), d in above_the_floor()) {
        let values = Aggregation::ALL.map(|a| a.value(&w, &four(d)));
        prop_assert!(values.windows(2).all(|v| v[1] <= v[0] + 1e-15), "{values:?}");
        prop_assert!(values.iter().all(|v| (0.0..=1.0).contains(v)));
    }

    #[test]
    fn equal_indices_are_their_own_composite(w in some_weights(), d in 1e-3..=1.0_f64) {
        for a in Aggregation::ALL {
            prop_assert!((a.value(&w, &four([d; 4])) - d).abs() <= 1e-15);
        }
    }

    #[test]
    fn imbalance_is_the_gap_of_the_means_and_never_negative(w in some_weights(), d in indices()) {
        let whole = Aggregation::Harmonic.compose(&w, &profile(d, [0.0; 4]), &Correlation::default());
        prop_assert!(whole.imbalance() >= 0.0);
        if whole.floored().next().is_none() {
            let gap = whole.arithmetic() - whole.geometric();
            prop_assert!((whole.imbalance() - gap).abs() <= 1e-15);
        }
    }

    /// The worst case is worst.
    #[test]
    fn full_correlation_gives_the_largest_sd(w in some_weights(), d in indices(), s in sds(), rho in 0.0..=1.0_f64) {
        let customer = profile(d, s);
        for a in Aggregation::ALL {
            let some = a.compose(&w, &customer, &Correlation::equal(rho).unwrap());
            let full = a.compose(&w, &customer, &Correlation::equal(1.0).unwrap());
            let worst = some.sd_fully_correlated();
            prop_assert!(some.sd() <= worst * (1.0 + 1e-14), "{a:?}");
            prop_assert!((full.sd() - worst).abs() <= 1e-14 * worst.max(1e-300));
            prop_assert!(some.sd().is_finite() && some.sd() >= 0.0);
        }
    }

    /// The sd is what moving each index a little does to the value.
    #[test]
    fn the_sd_is_the_slope_times_the_sd_of_the_index(w in some_weights(), d in [(); 4].map(|()| 0.05..0.95_f64), j in 0..4_usize) {
        let mut s = [0.0; 4];
        s[j] = 0.1;
        for a in [Aggregation::Arithmetic, Aggregation::Geometric, Aggregation::Harmonic] {
            let h = 1e-6;
            let (mut up, mut down) = (d, d);
            up[j] += h;
            down[j] -= h;
            let slope = (a.value(&w, &four(up)) - a.value(&w, &four(down))) / (2.0 * h);
            let found = a.compose(&w, &profile(d, s), &Correlation::default()).sd();
            prop_assert!((found - 0.1 * slope).abs() <= 1e-8, "{a:?} {found} {slope}");
        }
    }

    #[test]
    fn contributions_sum_to_the_whole(w in some_weights(), d in indices(), rho in indices()) {
        for a in Aggregation::ALL {
            let why = Contributions::of_composite(a, &w, &profile(d, [0.0; 4]), &profile(rho, [0.0; 4]));
            let parts: f64 = why.parts().into_array().iter().sum();
            prop_assert!((parts - why.total()).abs() <= 1e-12, "{a:?}");
            prop_assert!((why.value() - a.value(&w, &four(d))).abs() <= 1e-15);
            prop_assert!((why.reference() - a.value(&w, &four(rho))).abs() <= 1e-15);
        }
    }

    #[test]
    fn contributions_to_a_sum_are_its_terms(w in some_weights(), d in indices(), rho in indices()) {
        let (customer, base) = (profile(d, [0.0; 4]), profile(rho, [0.0; 4]));
        let why = Contributions::of_composite(Aggregation::Arithmetic, &w, &customer, &base);
        for j in Dimension::ALL {
            let term = w.get(j) * (d[j.place()] - rho[j.place()]);
            prop_assert!((why.parts()[j] - term).abs() <= 1e-15);
        }
    }

    /// A dimension that changes nothing adds nothing; two that may be exchanged add the same.
    #[test]
    fn contributions_know_dummies_and_equals(d in indices(), rho in indices(), same in index(), base in index(), exponent in 0.3..3.0_f64) {
        // Any function that ignores information and does not tell economic from trust.
        let value = |x: &ByDimension<f64>| (x.economic * x.trust).powf(exponent) + (x.economic + x.trust).sin() * x.emotional;
        let (mut customer, mut reference) = (four(d), four(rho));
        (customer.economic, customer.trust) = (same, same);
        (reference.economic, reference.trust) = (base, base);
        let parts = Contributions::of(value, &customer, &reference).unwrap().parts();
        prop_assert!(parts.information.abs() <= 1e-15);
        prop_assert!((parts.economic - parts.trust).abs() <= 1e-14);
        let why = Contributions::of(value, &four(d), &four(rho)).unwrap();
        let sum: f64 = why.parts().into_array().iter().sum();
        prop_assert!((sum - why.total()).abs() <= 1e-12);
    }

    /// What explains two values explains their sum.
    #[test]
    fn contributions_add_up_over_values(w in some_weights(), d in indices(), rho in indices()) {
        let one = |x: &ByDimension<f64>| Aggregation::Geometric.value(&w, x);
        let other = |x: &ByDimension<f64>| Aggregation::Weakest.value(&w, x);
        let of = |f: &dyn Fn(&ByDimension<f64>) -> f64| Contributions::of(f, &four(d), &four(rho)).unwrap().parts();
        let both = of(&|x| 2.0 * one(x) - 3.0 * other(x));
        for j in Dimension::ALL {
            let sum = 2.0 * of(&one)[j] - 3.0 * of(&other)[j];
            prop_assert!((both[j] - sum).abs() <= 1e-14);
        }
    }

    #[test]
    fn weights_do_not_depend_on_the_scale_of_importances(i in [(); 4].map(|()| 0.0..10.0_f64), scale in 1e-6..1e6_f64) {
        prop_assume!(i.iter().sum::<f64>() > 0.0);
        let (one, other) = (weights(i).shares(), weights(i.map(|x| x * scale)).shares());
        for j in Dimension::ALL {
            prop_assert!((one[j] - other[j]).abs() <= 1e-15);
        }
        let sum: f64 = one.into_array().iter().sum();
        prop_assert!((sum - 1.0).abs() <= 1e-15);
    }

    #[test]
    fn the_names_of_the_dimensions_do_not_matter_to_the_value(i in [(); 4].map(|()| 0.1..10.0_f64), d in indices(), turn in 0..4_usize) {
        let turned = |mut x: [f64; 4]| { x.rotate_left(turn); x };
        for a in Aggregation::ALL {
            let (one, other) = (a.value(&weights(i), &four(d)), a.value(&weights(turned(i)), &four(turned(d))));
            prop_assert!((one - other).abs() <= 1e-14, "{a:?}");
        }
    }

    #[test]
    fn a_dimension_without_weight_does_not_matter(d in indices(), other in index()) {
        let mut changed = d;
        changed[2] = other;
        let w = weights([1.0, 2.0, 0.0, 1.0]);
        for a in Aggregation::ALL {
            prop_assert!((a.value(&w, &four(d)) - a.value(&w, &four(changed))).abs() <= 1e-15);
        }
    }

    #[test]
    fn comparisons_that_follow_from_priorities_give_them_back(p in prop::collection::vec(1.0..8.9_f64, 3..=8)) {
        let comparisons = consistent(&p);
        let priorities = comparisons.priorities().unwrap();
        let total: f64 = p.iter().sum();
        for (found, wanted) in priorities.weights().iter().zip(&p) {
            prop_assert!((found - wanted / total).abs() <= 1e-14);
        }
        prop_assert!(priorities.consistency().ratio() <= 1e-13);
        prop_assert!(comparisons.consistency() == priorities.consistency());
    }

    /// However much comparisons contradict each other, the iteration ends at an eigenvector.
    #[test]
    fn any_comparisons_have_an_eigenvector(logs in prop::collection::vec(-1.0..=1.0_f64, 28), size in 3..=8_usize, extreme in any::<bool>()) {
        let times = |x: &f64| if extreme { 100_f64.powf(x.signum()) } else { 9_f64.powf(*x) };
        let upper: Vec<f64> = logs.iter().take(size * (size - 1) / 2).map(times).collect();
        let comparisons = PairwiseComparisons::from_upper(size, &upper).unwrap();
        let consistency = comparisons.consistency();
        prop_assert!(consistency.lambda_max() >= size as f64 - 1e-12);
        match comparisons.priorities() {
            Ok(priorities) => {
                prop_assert!(consistency.ratio() <= 0.10);
                let w = priorities.weights();
                for (row, weight) in comparisons.rows().iter().zip(w) {
                    let product: f64 = row.iter().zip(w).map(|(a, v)| a * v).sum();
                    prop_assert!((product - consistency.lambda_max() * weight).abs() <= 1e-13);
                }
            }
            Err(_) => prop_assert!(consistency.ratio() > 0.10),
        }
    }

    /// Shares of a sum have no unit and no order.
    #[test]
    fn entropy_weights_ignore_scale_and_order(rows in prop::collection::vec([(); 4].map(|()| 0.01..1.0_f64), 2..30), scale in 0.1..1.0_f64, j in 0..4_usize) {
        let of = |rows: &[[f64; 4]]| entropy_weights(&rows.iter().copied().map(four).collect::<Vec<_>>()).unwrap().shares();
        let one = of(&rows);
        let mut other: Vec<[f64; 4]> = rows.iter().rev().copied().collect();
        for row in &mut other {
            row[j] *= scale;
        }
        let other = of(&other);
        for d in Dimension::ALL {
            prop_assert!((one[d] - other[d]).abs() <= 1e-12);
        }
    }

    /// One direction for all errors is a correlation; so is independence, and all between.
    #[test]
    fn correlations_of_common_causes_are_accepted(loadings in [(); 4].map(|()| -1.0..=1.0_f64)) {
        let cell = |i: usize, j: usize| if i == j { 1.0 } else { loadings[i] * loadings[j] };
        let rows = std::array::from_fn(|i| std::array::from_fn(|j| cell(i, j)));
        prop_assert!(Correlation::new(rows).is_ok());
    }
}
