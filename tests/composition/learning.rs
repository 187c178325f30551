//! Learned weights find what was planted, and do not boast.

use guanxi::dimension::{ByDimension, Dimension};
use guanxi::relationship::{LearnedWeights, OutcomeRow, RelationshipError, WeightSource, Weights};

use crate::support::assert_close;
use crate::{four, says};

/// Numbers without a pattern, from 0 to 1.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Customers whose indices share a cause, with an outcome from them and a number from 0 to 1.
fn customers(
    seed: u64,
    rows: usize,
    outcome: impl Fn(&ByDimension<f64>, f64) -> f64,
) -> Vec<OutcomeRow> {
    let mut noise = Noise(seed);
    (0..rows)
        .map(|_| {
            let cause = noise.next();
            let indices = ByDimension::from_fn(|_| 0.3 * cause + 0.7 * noise.next());
            OutcomeRow {
                indices,
                outcome: outcome(&indices, noise.next()),
            }
        })
        .collect()
}

/// Rows that another program can make.
fn by_formula() -> Vec<OutcomeRow> {
    let part = |i: usize, k: usize| (i * k % 41) as f64 / 40.0;
    (0..41)
        .map(|i| {
            let [a, b, c, d] = [part(i, 1), part(i, 7), part(i, 11), part(i, 19)];
            OutcomeRow {
                indices: four([a, b, c, d]),
                outcome: 2.0 + 3.0 * a - b + 0.5 * c + 0.2 * d + 2.0 * part(i, i),
            }
        })
        .collect()
}

#[test]
fn another_program_learns_the_same() {
    // By the Lawson–Hanson search of SciPy, fold by fold.
    let learned = LearnedWeights::learn(&by_formula(), 10).unwrap();
    let wanted = [
        0.761_597_982_600_740_9,
        0.0,
        0.157_740_545_301_180_7,
        0.080_661_472_098_078_4,
    ];
    for (found, wanted) in learned
        .weights()
        .shares()
        .into_array()
        .into_iter()
        .zip(wanted)
    {
        assert!((found - wanted).abs() < 1e-12);
    }
    assert_close!(learned.intercept(), 2.458_912_170_286_796, 1e-12);
    assert_close!(learned.slope(), 3.782_175_659_426_408, 1e-12);
    let (own, equal) = (
        learned.out_of_sample(),
        learned.equal_weights_out_of_sample(),
    );
    let default = learned.default_weights_out_of_sample();
    assert_close!(own.r_squared(), 0.543_623_350_783_409, 1e-11);
    assert_close!(own.rmse(), 0.770_229_081_747_955_8, 1e-11);
    assert_close!(equal.r_squared(), 0.206_411_450_601_612_7, 1e-11);
    assert_close!(equal.rmse(), 1.015_677_662_119_263_9, 1e-11);
    assert_close!(default.r_squared(), 0.331_134_722_093_133_7, 1e-11);
    assert_close!(default.rmse(), 0.932_454_244_991_358_6, 1e-11);
    assert_close!(learned.advantage().mean(), 0.438_348_274_957_754, 1e-11);
    assert_close!(learned.advantage().sd(), 0.152_290_152_591_698_6, 1e-11);
    assert!(learned.beats_equal());
    assert_eq!((learned.rows(), learned.folds()), (41, 10));
}

#[test]
fn planted_weights_are_recovered() {
    let truth = [0.5, 0.3, 0.0, 0.2];
    let value = |d: &ByDimension<f64>| d.iter().map(|(j, x)| truth[j.place()] * x).sum::<f64>();
    let exact = customers(1, 50, |d, _| 7.0 + 40.0 * value(d));
    let learned = LearnedWeights::learn(&exact, 5).unwrap();
    for (found, wanted) in learned
        .weights()
        .shares()
        .into_array()
        .into_iter()
        .zip(truth)
    {
        assert!((found - wanted).abs() < 1e-12);
    }
    let noisy = customers(2, 4000, |d, noise| {
        7.0 + 40.0 * (value(d) + 0.4 * (noise - 0.5))
    });
    let learned = LearnedWeights::learn(&noisy, 10).unwrap();
    for (found, wanted) in learned
        .weights()
        .shares()
        .into_array()
        .into_iter()
        .zip(truth)
    {
        assert!((found - wanted).abs() < 0.04, "{found} {wanted}");
    }
    assert!((learned.slope() - 40.0).abs() < 1.5 && learned.beats_equal());
    assert_eq!(learned.recommended(), learned.weights());
    let source = WeightSource::Learned {
        rows: 4000,
        folds: 10,
        beats_equal: true,
    };
    assert_eq!(learned.weights().source(), source);
}

#[test]
fn renewals_teach_weights_as_well() {
    // Renewed with a chance that grows with economic and, half as much, with trust.
    let renewed = |d: &ByDimension<f64>, noise: f64| {
        f64::from(u8::from(noise < 0.1 + 0.5 * d.economic + 0.25 * d.trust))
    };
    let learned = LearnedWeights::learn(&customers(3, 6000, renewed), 10).unwrap();
    let shares = learned.weights().shares();
    assert!((shares.economic - 2.0 / 3.0).abs() < 0.08, "{shares:?}");
    assert!((shares.trust - 1.0 / 3.0).abs() < 0.08, "{shares:?}");
    assert!(learned.beats_equal());
    let skill = learned.out_of_sample().r_squared();
    assert!((0.02..0.2).contains(&skill), "{skill}");
}

#[test]
fn noise_does_not_beat_equal_weights() {
    let (mut learned, mut beats) = (0, 0);
    for seed in 0..400 {
        let rows = customers(1000 + seed, 60, |_, noise| noise);
        match LearnedWeights::learn(&rows, 10) {
            Ok(fit) => {
                learned += 1;
                beats += u32::from(fit.beats_equal());
                if !fit.beats_equal() {
                    assert_eq!(fit.recommended(), Weights::equal());
                }
            }
            Err(RelationshipError::Undefined { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert!(learned > 300, "{learned}");
    // A chance of 5 % each if learned weights were as good as equal ones, and they are worse.
    assert!(beats <= 20, "{beats} of {learned}");
}

#[test]
fn where_equal_weights_are_the_truth_they_are_not_beaten() {
    let mut beats = 0;
    for seed in 0..200 {
        let even = |d: &ByDimension<f64>, noise: f64| d.into_array().iter().sum::<f64>() + noise;
        let fit = LearnedWeights::learn(&customers(5000 + seed, 80, even), 8).unwrap();
        beats += u32::from(fit.beats_equal());
    }
    assert!(beats <= 10, "{beats} of 200");
    // Without noise both are exact, and rounding is no advantage.
    let exact = customers(9, 40, |d, _| d.into_array().iter().sum());
    let fit = LearnedWeights::learn(&exact, 8).unwrap();
    assert!(!fit.beats_equal());
    assert!((fit.weights().get(Dimension::Trust) - 0.25).abs() < 1e-12);
}

/// The rivals may not turn their weights round either: where their composite goes with a worse
/// outcome, they forecast the mean.
#[test]
fn weights_that_point_the_wrong_way_are_no_better_than_the_mean() {
    let outcome =
        |d: &ByDimension<f64>, _| d.economic - 2.0 * (d.trust + d.emotional + d.information);
    let fit = LearnedWeights::learn(&customers(4, 100, outcome), 10).unwrap();
    assert!(fit.equal_weights_out_of_sample().r_squared().abs() < 1e-12);
    assert!(fit.default_weights_out_of_sample().r_squared().abs() < 1e-12);
}

#[test]
fn the_unit_of_the_outcome_does_not_matter_to_the_weights() {
    let of = |scale: f64, shift: f64| {
        let mut rows = by_formula();
        for row in &mut rows {
            row.outcome = shift + scale * row.outcome;
        }
        LearnedWeights::learn(&rows, 10).unwrap()
    };
    let one = of(1.0, 0.0);
    for (scale, shift) in [(1e-9, 0.0), (1e12, 0.0), (100.0, 1e6)] {
        let other = of(scale, shift);
        for j in Dimension::ALL {
            assert!((one.weights().get(j) - other.weights().get(j)).abs() < 1e-9);
        }
        assert_close!(other.slope(), scale * one.slope(), 1e-9);
        assert_close!(
            other.out_of_sample().rmse(),
            scale * one.out_of_sample().rmse(),
            1e-9
        );
        assert_eq!(one.beats_equal(), other.beats_equal());
    }
}

#[test]
fn what_cannot_be_learned_from_is_refused() {
    let rows = by_formula();
    says(
        LearnedWeights::learn(&rows[..19], 5),
        "learning weights needs at least 20 rows, got 19",
    );
    assert!(LearnedWeights::learn(&rows[..20], 20).is_ok());
    says(
        LearnedWeights::learn(&rows, 1),
        "folds must be from 2 to 41, the number of rows, got 1",
    );
    says(
        LearnedWeights::learn(&rows, 42),
        "folds must be from 2 to 41, the number of rows, got 42",
    );
    let with = |change: &dyn Fn(&mut OutcomeRow)| {
        let mut rows = rows.clone();
        rows.iter_mut().for_each(change);
        LearnedWeights::learn(&rows, 10)
    };
    says(
        with(&|r| r.indices.emotional *= 2.0),
        "emotional index in row 2, counted from 0, must be between 0 and 1, got 1.1",
    );
    says(
        with(&|r| r.outcome = f64::NAN),
        "outcome in row 0, counted from 0, must be a number from -1e18 to 1e18, got NaN",
    );
    says(
        with(&|r| r.outcome = 0.1),
        "learning weights has no value: the outcome is the same in every row",
    );
    says(
        with(&|r| r.outcome = -r.indices.into_array().iter().sum::<f64>()),
        "learning weights has no value: no dimension goes with a better outcome",
    );
    says(
        with(&|r| r.indices.trust = 0.1),
        "learning weights has no value: every index of the trust dimension is the same",
    );
    let refused = with(&|r| r.indices.trust = 1.0 - r.indices.economic).unwrap_err();
    assert!(
        matches!(refused, RelationshipError::NotIdentified { found, .. } if found.abs() < 1e-12)
    );
    assert!(refused.to_string().starts_with(
        "learning weights needs dimensions that can be told apart: the correlations of their indices \
         must have no eigenvalue below 1e-8, got "
    ));
}
