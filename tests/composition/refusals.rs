//! What is refused, and in which words.

use guanxi::Error;
use guanxi::dimension::{ByDimension, Dimension, FrameError, FrameId, Index};
use guanxi::quantity::{Estimate, Interval, Probability};
use guanxi::relationship::{
    Contributions, Correlation, PairwiseComparisons, Profile, RelationshipError, Weights,
    entropy_weights,
};

use crate::{four, says};

const BAD: [f64; 3] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];

fn index(mean: f64, frame: u64) -> Index {
    Index::new(
        Estimate::new(mean, 0.1, 1.0).unwrap(),
        FrameId::from_bits(frame),
    )
    .unwrap()
}

#[test]
fn indices_of_two_frames_cannot_be_brought_together() {
    let (one, other) = (index(0.4, 1), index(0.6, 0xABC));
    let message = "indices must refer to one reference frame: expected 0000000000000001, got 0000000000000abc";
    says(one.compare(&other), message);
    says(one.difference(&other), message);
    says(Profile::of_indices([one, one, one, other].into()), message);
    assert!(matches!(
        Error::from(one.compare(&other).unwrap_err()),
        Error::Frame(_)
    ));
}

#[test]
fn an_index_lies_between_0_and_1_with_its_interval() {
    let frame = FrameId::from_bits(1);
    for bad in [-1e-300, 1.0_f64.next_up(), -1.0, 60.0] {
        assert!(Index::new(Estimate::new(bad, 0.1, 1.0).unwrap(), frame).is_err());
    }
    says(
        Index::new(Estimate::new(60.0, 0.1, 1.0).unwrap(), frame),
        "index must be between 0 and 1, got 60.0",
    );
    let range = |a, b| Interval::new(a, b, Probability::new(0.9).unwrap()).unwrap();
    let with = |a, b| {
        Index::new(
            Estimate::new(0.5, 0.1, 1.0)
                .unwrap()
                .with_interval(range(a, b)),
            frame,
        )
    };
    says(
        with(-0.1, 0.9),
        "lower end of the interval of an index must be between 0 and 1, got -0.1",
    );
    says(
        with(0.1, 1.5),
        "upper end of the interval of an index must be between 0 and 1, got 1.5",
    );
    // Two sds that have no sum of squares.
    let wide = Index::new(Estimate::new(0.5, f64::MAX, 1.0).unwrap(), frame).unwrap();
    says(
        wide.difference(&wide),
        "sd of an estimate must be a finite number at or above 0, got inf",
    );
}

#[test]
fn the_id_of_a_frame_is_16_lower_case_digits() {
    for bad in [
        "",
        "1",
        "000000000000000G",
        "00000000000000AB",
        "+000000000000001",
        "00000000000000001",
        "０００００",
    ] {
        assert!(
            matches!(bad.parse::<FrameId>(), Err(FrameError::Id { .. })),
            "{bad}"
        );
    }
    says(
        "00000000000000AB".parse::<FrameId>(),
        "frame id must be 16 hexadecimal digits in lower case, got \"00000000000000AB\"",
    );
}

#[test]
fn weights_are_shares_of_one_whole() {
    says(
        Weights::new(four([0.5, 0.3, 0.2, 0.1])),
        "weights must sum to 1 within 1e-9, got 1.1",
    );
    says(
        Weights::new(four([0.5, 0.75, -0.25, 0.0])),
        "weight of the emotional dimension must be between 0 and 1, got -0.25",
    );
    assert!(Weights::new(four([0.4, 0.25, 0.2, 0.15 + 2e-9])).is_err());
    assert!(Weights::new(four([0.4, 0.25, 0.2, 0.15 + 5e-10])).is_ok());
    for bad in BAD {
        assert!(Weights::new(four([0.5, bad, 0.25, 0.25])).is_err());
        assert!(Weights::of_importance(four([0.5, 0.5, 0.25, bad])).is_err());
    }
    says(
        Weights::of_importance(four([0.0; 4])),
        "importances must have a finite sum above 0, got 0.0",
    );
    says(
        Weights::of_importance(four([f64::MAX, f64::MAX, 0.0, 0.0])),
        "importances must have a finite sum above 0, got inf",
    );
    says(
        Weights::of_importance(four([1.0, 2.0, 3.0, -1.0])),
        "importance of the information dimension must be a finite number at or above 0, got -1.0",
    );
}

#[test]
fn each_dimension_has_one_weight() {
    let all = Dimension::ALL.map(|d| (d, 0.25));
    says(
        Weights::from_pairs(all.into_iter().take(3)),
        "each dimension needs a weight, got none for the information dimension",
    );
    says(
        Weights::from_pairs(all.into_iter().chain([(Dimension::Trust, 0.25)])),
        "each dimension needs one weight, got two for the trust dimension",
    );
}

#[test]
fn a_profile_holds_indices() {
    says(
        Profile::stated(four([0.5, 1.5, 0.5, 0.5]), four([0.1; 4])),
        "index of the trust dimension must be between 0 and 1, got 1.5",
    );
    says(
        Profile::stated(four([0.5; 4]), four([0.1, 0.1, 2e6, 0.1])),
        "sd of the index of the emotional dimension must be from 0 to 1e6, got 2000000.0",
    );
    says(
        Profile::stated(four([0.5; 4]), four([-0.1, 0.1, 0.1, 0.1])),
        "sd of an estimate must be a finite number at or above 0, got -0.1",
    );
    for bad in BAD {
        assert!(Profile::stated(four([0.5, 0.5, 0.5, bad]), four([0.1; 4])).is_err());
    }
}

#[test]
fn correlations_are_symmetric_and_possible() {
    let with = |i: usize, j: usize, value: f64| {
        let mut rows: [[f64; 4]; 4] = Correlation::default().into();
        rows[i][j] = value;
        Correlation::new(rows)
    };
    says(
        with(1, 1, 0.9),
        "correlation of trust with trust must be 1, got 0.9",
    );
    says(
        with(0, 2, 1.5),
        "correlation of economic with emotional must be between -1 and 1, got 1.5",
    );
    says(
        with(0, 2, 0.5),
        "correlation of emotional with economic must be equal to its mirror image, got 0.0",
    );
    for bad in BAD {
        assert!(with(2, 1, bad).is_err() && with(3, 3, bad).is_err());
        assert!(Correlation::equal(bad).is_err());
    }
    assert!(Correlation::equal(-1.0 / 3.0).is_ok());
    let refused = Correlation::equal(-0.5).unwrap_err();
    let RelationshipError::Indefinite { found } = refused else {
        panic!("{refused}");
    };
    assert!((found + 0.5).abs() < 1e-12); // 1 + 3ρ
    assert!(
        refused
            .to_string()
            .starts_with("correlations must have no eigenvalue below 0, got -0.")
    );
}

#[test]
fn comparisons_are_reciprocal_and_on_their_scale() {
    let of = |rows: &[&[f64]]| PairwiseComparisons::new(rows.iter().map(|r| r.to_vec()).collect());
    says(
        of(&[&[1.0, 2.0], &[0.5, 1.0]]),
        "comparisons in pairs need from 3 to 8 rows, got 2",
    );
    says(
        PairwiseComparisons::new(vec![vec![1.0; 9]; 9]),
        "comparisons in pairs need from 3 to 8 rows, got 9",
    );
    says(
        of(&[&[1.0, 2.0, 3.0], &[0.5, 1.0], &[1.0, 1.0, 1.0]]),
        "row 1, counted from 0, must hold 3 comparisons, got 2",
    );
    says(
        of(&[&[2.0, 1.0, 1.0], &[1.0, 1.0, 1.0], &[1.0, 1.0, 1.0]]),
        "row 0 over row 0, counted from 0, must be 1, got 2.0",
    );
    says(
        of(&[&[1.0, 1.0, 200.0], &[1.0, 1.0, 1.0], &[0.005, 1.0, 1.0]]),
        "row 0 over row 2, counted from 0, must be a number from 0.01 to 100, got 200.0",
    );
    says(
        of(&[&[1.0, 3.0, 1.0], &[0.33, 1.0, 1.0], &[1.0, 1.0, 1.0]]),
        "row 1 over row 0, counted from 0, must be the reciprocal of its mirror image, got 0.33",
    );
    says(
        PairwiseComparisons::from_upper(4, &[1.0; 5]),
        "4 rows have 6 comparisons above the diagonal, got 5",
    );
    for bad in BAD.into_iter().chain([0.0, -2.0, 1e-320]) {
        let refused = PairwiseComparisons::from_upper(3, &[1.0, bad, 1.0]).unwrap_err();
        assert!(
            matches!(
                refused,
                RelationshipError::Comparison {
                    row: 0,
                    column: 2,
                    ..
                }
            ),
            "{refused}"
        );
    }
    assert!(PairwiseComparisons::from_upper(3, &[100.0, 0.01, 1.0]).is_ok());
    assert!(PairwiseComparisons::from_upper(usize::MAX, &[]).is_err());
}

#[test]
fn comparisons_that_contradict_each_other_name_the_worst_three() {
    let circle = PairwiseComparisons::from_upper(4, &[2.0, 2.0, 2.0, 5.0, 0.5, 4.0]).unwrap();
    let refused = circle.priorities().unwrap_err();
    let RelationshipError::Inconsistent {
        limit,
        found,
        worst,
    } = refused
    else {
        panic!("{refused}");
    };
    assert!(limit <= 0.10 && found > 0.10);
    assert_eq!(worst.rows, [1, 2, 3]);
    assert!((worst.implied() - 20.0).abs() < 1e-12);
    let words = refused.to_string();
    assert!(
        words.starts_with("consistency ratio must be at most 0.1, got 0."),
        "{words}"
    );
    assert!(
        words.ends_with("row 1 over 2 is 5 and 2 over 3 is 4, so 1 over 3 would be 20, but is 0.5"),
        "{words}"
    );
    assert!(circle.weights().is_err());
    assert!(circle.consistency().ratio() > 0.10); // readable all the same
}

#[test]
fn only_four_priorities_are_weights_of_the_dimensions() {
    let three = PairwiseComparisons::from_upper(3, &[2.0, 4.0, 2.0]).unwrap();
    assert_eq!(three.priorities().unwrap().weights().len(), 3);
    says(
        three.weights(),
        "weights of the dimensions need 4 rows of comparisons, got 3",
    );
}

#[test]
fn entropy_weights_need_indices_that_differ() {
    says(
        entropy_weights(&[]),
        "the entropy method needs at least 2 rows, got 0",
    );
    says(
        entropy_weights(&[four([0.5; 4])]),
        "the entropy method needs at least 2 rows, got 1",
    );
    says(
        entropy_weights(&[four([0.3; 4]), four([0.3; 4]), four([0.3; 4])]),
        "the entropy method has no value: no index differs between rows",
    );
    says(
        entropy_weights(&[four([0.3, 0.4, 0.0, 0.1]), four([0.5, 0.2, 0.0, 0.1])]),
        "the entropy method has no value: every index of the emotional dimension is 0",
    );
    says(
        entropy_weights(&[four([0.3; 4]), four([0.3, 0.3, 0.3, 1.2])]),
        "information index in row 1, counted from 0, must be between 0 and 1, got 1.2",
    );
    // The mean of three times 0.1 is not 0.1 in floating point.
    assert!(entropy_weights(&[four([0.1; 4]); 3]).is_err());
    // One that is the same for all has no weight, but not for want of shares.
    let one = entropy_weights(&[four([0.3, 0.4, 0.1, 0.1]), four([0.5, 0.4, 0.1, 0.1])]).unwrap();
    assert_eq!(one.shares(), four([1.0, 0.0, 0.0, 0.0]));
}

#[test]
fn a_value_without_a_number_has_no_contributions() {
    let (customer, half) = (four([0.6; 4]), four([0.5; 4]));
    let of = |f: &dyn Fn(&ByDimension<f64>) -> f64| Contributions::of(f, &customer, &half);
    says(
        of(&|_| f64::NAN),
        "value of the reference must be a finite number, got NaN",
    );
    says(
        of(&|d| {
            if d.trust > 0.55 && d.economic < 0.55 {
                f64::INFINITY
            } else {
                1.0
            }
        }),
        "value of a mixture of the customer and the reference must be a finite number, got inf",
    );
    says(
        of(&|d| {
            if d.into_array().iter().sum::<f64>() > 2.35 {
                f64::NEG_INFINITY
            } else {
                0.0
            }
        }),
        "value of the customer must be a finite number, got -inf",
    );
    let huge = |d: &ByDimension<f64>| {
        if d.economic > 0.55 {
            f64::MAX
        } else {
            f64::MIN
        }
    };
    says(
        of(&huge),
        "value of a contribution must be a finite number, got inf",
    );
    let refused = of(&|_| f64::NAN).unwrap_err();
    assert!(matches!(Error::from(refused), Error::Relationship(_)));
}
