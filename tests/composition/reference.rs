//! Answers computed apart from this crate, in 60 digits.

use guanxi::relationship::{
    Aggregation, Contributions, Correlation, PairwiseComparisons, Weights, entropy_weights,
};

use crate::support::assert_close;
use crate::support::reference_dimensions::{COMPOSITIONS, CONTRIBUTIONS, DISPERSIONS, JUDGEMENTS};
use crate::{four, profile};

#[test]
fn compositions_agree_with_the_table() {
    for case in COMPOSITIONS {
        let [d, w, sds] = case.given;
        let weights = Weights::new(four(w)).unwrap();
        let correlation = Correlation::equal(case.correlation).unwrap();
        let compose = |a: Aggregation| a.compose(&weights, &profile(d, sds), &correlation);
        let wholes = Aggregation::ALL.map(compose);
        let [arithmetic, geometric, _, floored_harmonic, weakest] = case.values;
        let values = [arithmetic, geometric, floored_harmonic, weakest];
        for (whole, value) in wholes.iter().zip(values) {
            assert_close!(
                whole.value(),
                value,
                1e-13,
                "{:?} {case:?}",
                whole.aggregation()
            );
        }
        for (whole, (some, full)) in wholes.iter().zip(case.sds[0].iter().zip(case.sds[1])) {
            assert_close!(
                whole.sd(),
                *some,
                1e-13,
                "{:?} {case:?}",
                whole.aggregation()
            );
            assert_close!(whole.sd_fully_correlated(), full, 1e-13, "{case:?}");
        }
    }
}

#[test]
fn contributions_agree_with_the_table() {
    for case in CONTRIBUTIONS {
        let [d, rho, w] = case.given;
        let weights = Weights::new(four(w)).unwrap();
        for (aggregation, phi) in Aggregation::ALL.into_iter().zip(case.phi) {
            let (customer, base) = (profile(d, [0.0; 4]), profile(rho, [0.0; 4]));
            let why = Contributions::of_composite(aggregation, &weights, &customer, &base);
            for (part, wanted) in why.parts().into_array().into_iter().zip(phi) {
                let error = (part - wanted).abs();
                assert!(
                    error <= 1e-14,
                    "{aggregation:?} {part} {wanted} {error:e} {case:?}"
                );
            }
        }
    }
}

#[test]
fn judgements_agree_with_the_table_and_two_are_refused() {
    let mut refused = 0;
    for case in JUDGEMENTS {
        let comparisons = PairwiseComparisons::from_upper(case.n, case.upper).unwrap();
        let [lambda_max, ratio] = case.consistency;
        let consistency = comparisons.consistency();
        assert_close!(consistency.lambda_max(), lambda_max, 1e-13, "{case:?}");
        // The ratio is a difference of two numbers near n.
        assert!((consistency.ratio() - ratio).abs() <= 1e-13, "{case:?}");
        let Ok(priorities) = comparisons.priorities() else {
            assert!(ratio > 0.10);
            refused += 1;
            continue;
        };
        for (found, wanted) in priorities.weights().iter().zip(case.weights) {
            assert_close!(*found, *wanted, 1e-13, "{case:?}");
        }
    }
    assert_eq!(refused, 2);
}

#[test]
fn entropy_weights_agree_with_the_table() {
    for case in DISPERSIONS {
        let rows: Vec<_> = case.rows.iter().copied().map(four).collect();
        let weights = entropy_weights(&rows).unwrap().shares().into_array();
        for (found, wanted) in weights.into_iter().zip(case.weights) {
            assert_close!(found, wanted, 1e-12, "{case:?}");
        }
    }
}
