//! Rankings against their definitions by pairs, and their edges.

use super::*;

const PREDICTED: [f64; 10] = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4, 0.7, 0.05, 0.35, 0.9];
const ACTUAL: [f64; 10] = [0.0, 2.0, 1.0, 7.0, 2.0, 0.0, 1.0, 0.0, 3.0, 4.0];

fn close(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-14 * expected.abs().max(1e-2),
        "{found}, expected {expected}"
    );
}

/// `Σ` over pairs of the outcome of the one ranked higher less that of the other.
fn by_pairs(rank: &[f64], value: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..rank.len() {
        for j in 0..rank.len() {
            if rank[i] > rank[j] {
                sum += value[i] - value[j];
            }
        }
    }
    sum
}

fn shuffled<T: Copy>(column: &[T; 10]) -> [T; 10] {
    [7, 2, 9, 0, 5, 1, 8, 4, 3, 6].map(|i| column[i])
}

#[test]
fn the_normalised_gini_is_what_its_pairs_say() {
    let expected = by_pairs(&PREDICTED, &ACTUAL) / by_pairs(&ACTUAL, &ACTUAL);
    close(normalised_gini(&PREDICTED, &ACTUAL).unwrap(), expected);
    let reversed = PREDICTED.map(|p| -p);
    close(normalised_gini(&reversed, &ACTUAL).unwrap(), -expected);
    close(normalised_gini(&ACTUAL, &ACTUAL).unwrap(), 1.0);
    let huge = ACTUAL.map(|a| a * 2e307);
    close(normalised_gini(&PREDICTED, &huge).unwrap(), expected);
}

#[test]
fn the_gini_by_itself_is_that_of_concentration() {
    let n = ACTUAL.len() as f64;
    let gini = crate::metric::gini(&ACTUAL).unwrap();
    let total: f64 = ACTUAL.iter().sum();
    close(by_pairs(&ACTUAL, &ACTUAL) / (n * total), gini);
}

#[test]
fn the_area_under_the_curve_agrees_with_scikit_learn() {
    let happened = [0, 0, 1, 1, 1, 0, 1, 0, 0, 1].map(|h| h == 1);
    close(area_under_roc(&PREDICTED, &happened).unwrap(), 0.86);
    let shuffled = (shuffled(&PREDICTED), shuffled(&happened));
    close(area_under_roc(&shuffled.0, &shuffled.1).unwrap(), 0.86);
    close(area_under_roc(&[0.3; 10], &happened).unwrap(), 0.5);
}

#[test]
fn the_order_of_rows_changes_no_ranking() {
    let (predicted, actual) = (shuffled(&PREDICTED), shuffled(&ACTUAL));
    assert_eq!(
        normalised_gini(&PREDICTED, &ACTUAL),
        normalised_gini(&predicted, &actual)
    );
    for fraction in [0.0, 0.15, 0.5, 1.0] {
        assert_eq!(
            captured_share(&PREDICTED, &ACTUAL, fraction),
            captured_share(&predicted, &actual, fraction)
        );
    }
    for groups in 1..=10 {
        assert_eq!(
            ranked_groups(&PREDICTED, &ACTUAL, groups),
            ranked_groups(&predicted, &actual, groups)
        );
    }
}

#[test]
fn the_table_adds_up() {
    let table = ranked_groups(&PREDICTED, &ACTUAL, 4).unwrap();
    let sizes: Vec<u64> = table.iter().map(RankedGroup::customers).collect();
    assert_eq!(sizes, [2, 3, 2, 3]);
    close(table[0].predicted(), 1.7);
    close(table[0].actual(), 11.0);
    close(table[0].cumulative_share().unwrap(), 0.55);
    close(table[0].cumulative_customers(), 0.2);
    close(table[0].lift().unwrap(), 5.5 / 2.0);
    close(table[0].relative_error().unwrap(), 1.7 / 11.0 - 1.0);
    // 0.7, then two of the three at 0.4, who had 4 together.
    close(table[1].actual(), 1.0 + 8.0 / 3.0);
    close(table[3].cumulative_share().unwrap(), 1.0);
    close(table[3].cumulative_customers(), 1.0);
}

#[test]
fn the_captured_share_is_the_cumulative_one_of_the_table() {
    let table = ranked_groups(&PREDICTED, &ACTUAL, 7).unwrap();
    for group in table {
        let fraction = group.cumulative_customers();
        close(
            captured_share(&PREDICTED, &ACTUAL, fraction).unwrap(),
            group.cumulative_share().unwrap(),
        );
    }
}

#[test]
fn a_table_of_losses_has_sums_but_no_shares() {
    let table = ranked_groups(&[2.0, 1.0], &[-3.0, 1.0], 2).unwrap();
    assert_eq!(table[0].lift(), None);
    assert_eq!(table[0].cumulative_share(), None);
    assert_eq!(table[0].relative_error(), None);
    close(table[1].relative_error().unwrap(), 0.0);
    assert!(captured_share(&[2.0, 1.0], &[-3.0, 1.0], 0.5).is_err());
}

#[test]
fn zeros_of_either_sign_tie() {
    assert_eq!(area_under_roc(&[0.0, -0.0], &[true, false]), Ok(0.5));
    assert_eq!(area_under_roc(&[-0.0, 0.0], &[true, false]), Ok(0.5));
}

#[test]
fn where_there_is_no_order_to_find_there_is_no_answer() {
    assert_eq!(
        normalised_gini(&[1.0, 2.0], &[3.0, 3.0])
            .unwrap_err()
            .to_string(),
        "the normalised Gini coefficient needs outcomes that differ, got 3"
    );
    assert!(normalised_gini(&[1.0, 2.0], &[0.0, 0.0]).is_err());
    assert!(area_under_roc(&[1.0, 2.0], &[true, true]).is_err());
    assert!(area_under_roc(&[1.0, 2.0], &[false, false]).is_err());
}

#[test]
fn what_cannot_be_ranked_is_named() {
    assert_eq!(
        normalised_gini(&[1.0, 2.0], &[3.0, -1.0])
            .unwrap_err()
            .to_string(),
        "the normalised Gini coefficient needs actual to be at or above 0, got -1 in row 1, counted \
         from 0"
    );
    for bad in [f64::NAN, f64::INFINITY] {
        assert!(normalised_gini(&[bad, 1.0], &[1.0, 2.0]).is_err());
        assert!(area_under_roc(&[bad, 1.0], &[true, false]).is_err());
        assert!(ranked_groups(&[1.0], &[bad], 1).is_err());
        assert!(captured_share(&[1.0], &[bad], 0.5).is_err());
        assert!(captured_share(&[1.0], &[1.0], bad).is_err());
    }
    for groups in [0, 3] {
        assert!(matches!(
            ranked_groups(&[1.0, 2.0], &[1.0, 2.0], groups),
            Err(MetricError::Domain { .. })
        ));
    }
    assert!(ranked_groups(&[f64::MAX; 2], &[1.0, 2.0], 1).is_err());
    assert!(ranked_groups(&[1.0; 2], &[f64::MAX; 2], 2).is_err());
}
