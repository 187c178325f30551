//! The scores against another package's, and their edges.

use super::*;

const PREDICTED: [f64; 10] = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4, 0.7, 0.05, 0.35, 0.9];
const HAPPENED: [u8; 10] = [0, 0, 1, 1, 1, 0, 1, 0, 0, 1];

fn score() -> ProbabilityScore {
    ProbabilityScore::new(&PREDICTED, &HAPPENED.map(|h| h == 1)).unwrap()
}

fn close(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-14 * expected.abs(),
        "{found}, expected {expected}"
    );
}

#[test]
fn both_scores_agree_with_scikit_learn() {
    close(score().brier(), 0.13775);
    close(score().log_score().unwrap(), 0.426_037_984_095_341_3);
    close(score().predicted(), 0.445);
    close(score().base_rate(), 0.5);
    close(score().brier_skill().unwrap(), 1.0 - 0.13775 / 0.25);
    close(score().log_score_of_base_rate(), 2_f64.ln());
}

#[test]
fn the_base_rate_told_to_everybody_has_the_score_of_the_base_rate() {
    let happened: Vec<bool> = (0..10).map(|i| i < 3).collect();
    let score = ProbabilityScore::new(&[0.3; 10], &happened).unwrap();
    close(score.brier(), score.brier_of_base_rate());
    close(score.log_score().unwrap(), score.log_score_of_base_rate());
    assert!(score.brier_skill().unwrap().abs() < 1e-15);
}

#[test]
fn certain_forecasts_that_are_wrong_are_counted_and_never_infinite() {
    let predicted = [0.0, 1.0, 0.0, 1.0, 0.5];
    let happened = [true, false, false, true, true];
    let score = ProbabilityScore::new(&predicted, &happened).unwrap();
    assert_eq!(score.certain_but_wrong(), 2);
    close(score.brier(), 2.25 / 5.0);
    assert_eq!(
        score.log_score().unwrap_err().to_string(),
        "the log score needs forecasts of 0 and 1 to come true, got 2 that did not"
    );
}

#[test]
fn forecasts_next_to_certain_have_large_scores_that_are_finite() {
    let least = f64::from_bits(1);
    let score = ProbabilityScore::new(&[least], &[true]).unwrap();
    close(score.log_score().unwrap(), -least.ln());
    let almost = 1.0_f64.next_down();
    let score = ProbabilityScore::new(&[almost], &[false]).unwrap();
    close(score.log_score().unwrap(), 53.0 * 2_f64.ln());
}

#[test]
fn certain_forecasts_that_are_right_score_zero() {
    let score = ProbabilityScore::new(&[0.0, 1.0], &[false, true]).unwrap();
    assert_eq!(score.log_score(), Ok(0.0));
    assert!(score.log_score().is_ok_and(f64::is_sign_positive));
    assert!(score.brier() <= 0.0);
    assert_eq!(score.brier_skill(), Some(1.0));
}

#[test]
fn where_it_happened_to_all_or_none_there_is_no_skill() {
    for happened in [true, false] {
        let score = ProbabilityScore::new(&[0.4, 0.6], &[happened; 2]).unwrap();
        assert_eq!(score.brier_skill(), None);
        assert!(score.log_score_of_base_rate() <= 0.0);
    }
}

#[test]
fn a_forecast_that_is_no_chance_is_named() {
    for bad in [f64::NAN, -0.1, 1.0_f64.next_up()] {
        let error = ProbabilityScore::new(&[0.5, 0.5, bad], &[true; 3]).unwrap_err();
        assert!(matches!(
            error,
            MetricError::Row {
                row: 2,
                field: "predicted",
                ..
            }
        ));
    }
    assert!(matches!(
        ProbabilityScore::new(&[0.5], &[]),
        Err(MetricError::Length {
            expected: 1,
            found: 0,
            ..
        })
    ));
    assert!(matches!(
        ProbabilityScore::new(&[], &[]),
        Err(MetricError::Empty { .. })
    ));
}
