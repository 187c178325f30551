//! Which customers fall into which bin, and what it says of them.

use super::*;

fn bins(predicted: &[f64], bins: Bins) -> Vec<CalibrationBin> {
    let happened: Vec<bool> = predicted.iter().map(|&p| p > 0.5).collect();
    calibration_bins(predicted, &happened, bins).unwrap()
}

fn sizes(bins: &[CalibrationBin]) -> Vec<u64> {
    bins.iter().map(CalibrationBin::customers).collect()
}

#[test]
fn a_border_belongs_to_the_bin_above_and_one_to_the_last() {
    let tenths: Vec<f64> = (0..=10_u8).map(|i| f64::from(i) / 10.0).collect();
    let found = bins(&tenths, Bins::EqualWidth(10));
    assert_eq!(sizes(&found), [1, 1, 1, 1, 1, 1, 1, 1, 1, 2]);
    for (bin, lower) in found.iter().zip(&tenths) {
        assert_eq!(bin.lower().to_bits(), lower.to_bits());
    }
    let below: Vec<f64> = tenths[1..].iter().map(|p| p.next_down()).collect();
    assert_eq!(sizes(&bins(&below, Bins::EqualWidth(10))), [1; 10]);
}

#[test]
fn bins_of_equal_count_differ_by_one_at_most() {
    let predicted: Vec<f64> = (0..23_u8).rev().map(|i| f64::from(i) / 23.0).collect();
    let found = bins(&predicted, Bins::EqualCount(5));
    assert_eq!(sizes(&found), [4, 5, 4, 5, 5]);
    assert_eq!(found[1].lower().to_bits(), (4.0_f64 / 23.0).to_bits());
    assert_eq!(found[1].upper().to_bits(), (8.0_f64 / 23.0).to_bits());
}

#[test]
fn equal_forecasts_stay_in_one_bin() {
    let mut predicted = vec![0.2; 6];
    predicted.extend([0.3, 0.4, 0.5, 0.6]);
    assert_eq!(sizes(&bins(&predicted, Bins::EqualCount(5))), [6, 2, 2]);
    assert_eq!(sizes(&bins(&[0.2; 7], Bins::EqualCount(3))), [7]);
    assert_eq!(sizes(&bins(&[0.2, 0.4], Bins::EqualCount(9))), [1, 1]);
}

#[test]
fn every_customer_is_in_a_bin_whatever_their_order() {
    let mut predicted: Vec<f64> = (0..100_u16)
        .map(|i| f64::from(i * 37 % 100) / 99.0)
        .collect();
    for how in [Bins::EqualWidth(7), Bins::EqualCount(7)] {
        let found = bins(&predicted, how);
        assert_eq!(sizes(&found).iter().sum::<u64>(), 100);
        predicted.reverse();
        assert_eq!(bins(&predicted, how), found);
    }
}

#[test]
fn a_bin_says_what_chance_allows() {
    let predicted = [0.25, 0.35, 0.25, 0.35];
    let found =
        calibration_bins(&predicted, &[true, false, false, true], Bins::EqualWidth(1)).unwrap();
    let bin = found[0];
    assert!((bin.predicted() - 0.3).abs() < 1e-15);
    assert!((bin.observed() - 0.5).abs() < 1e-15);
    let variance: f64 = 2.0 * (0.25 * 0.75 + 0.35 * 0.65);
    assert!((bin.chance_sd() - variance.sqrt() / 4.0).abs() < 1e-15);
    let level = Probability::NINETY_FIVE_PERCENT;
    let range = bin.observed_interval(level).unwrap();
    // Wilson's interval of 2 of 4.
    assert!((range.lower() - 0.150_038_989_152_149_5).abs() < 1e-12);
    assert!((range.upper() - 0.849_961_010_847_850_5).abs() < 1e-12);
}

#[test]
fn no_bins_are_refused() {
    for how in [Bins::EqualWidth(0), Bins::EqualCount(0)] {
        let error = calibration_bins(&[0.5], &[true], how).unwrap_err();
        assert_eq!(
            error.to_string(),
            "calibration needs at least one bin, got 0"
        );
    }
}
