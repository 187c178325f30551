//! The curve against exact fractions, its edges and its refusals.

use super::*;

fn close(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-14 * expected.abs(),
        "{found}, expected {expected}"
    );
}

fn textbook() -> Vec<Observed> {
    let left = [1.0, 2.0, 3.0, 5.0].map(Observed::event_at);
    let there = [2.0, 4.0, 6.0, 6.0].map(Observed::censored_at);
    left.into_iter().chain(there).collect()
}

/// Late entries and weights; entries and ends coincide at 3, 4 and 5.
fn late() -> Vec<Observed> {
    vec![
        Observed::event_at(3.0),
        Observed::censored_at(5.0),
        Observed::event_at(4.0).with_entry(1.0).with_weight(2.0),
        Observed::event_at(6.0).with_entry(2.0),
        Observed::censored_at(4.0).with_entry(2.0).with_weight(1.5),
        Observed::event_at(7.0).with_entry(3.0),
        Observed::censored_at(9.0).with_entry(4.0),
        Observed::event_at(8.0).with_weight(0.5),
        Observed::event_at(8.0).with_entry(5.0),
    ]
}

fn curve_of(rows: &[Observed]) -> KaplanMeier {
    KaplanMeier::new(rows.iter().copied()).unwrap()
}

fn refusal(rows: &[Observed]) -> MetricError {
    KaplanMeier::new(rows.iter().copied()).unwrap_err()
}

#[test]
fn test_value_8c_is_reached() {
    let curve = curve_of(&textbook());
    let expected = [
        (1.0, 8.0, 0.875, 0.116_926_793_336_685_67),
        (2.0, 7.0, 0.75, 0.153_093_108_923_948_63),
        (3.0, 5.0, 0.6, 0.181_659_021_245_849_5),
        (5.0, 3.0, 0.4, 0.203_306_009_093_025_42),
    ];
    assert_eq!(curve.steps().len(), expected.len());
    for (step, (time, at_risk, survival, error)) in curve.steps().iter().zip(expected) {
        close(step.time(), time);
        close(step.at_risk(), at_risk);
        close(step.survival(), survival);
        close(step.standard_error().unwrap(), error);
    }
    let level = Probability::NINETY_FIVE_PERCENT;
    let range = curve.steps()[3].interval(level).unwrap().unwrap();
    close(range.lower(), 0.066_029_774_327_536_08);
    close(range.upper(), 0.734_225_344_991_782_6);
    let mean = curve.restricted_mean(6.0).unwrap();
    close(mean.mean(), 4.225);
    close(mean.sd(), 0.686_935_374_204_395_9);
    close(mean.n_eff(), 8.0);
    let shorter = curve.restricted_mean(4.5).unwrap();
    close(shorter.mean(), 3.525);
    close(shorter.sd(), 0.468_157_959_453_857_84);
}

#[test]
fn late_entries_and_weights_agree_with_exact_fractions() {
    let curve = curve_of(&late());
    let expected = [
        (3.0, 7.0, 6.0 / 7.0, 0.132_260_014_253_221_64),
        (4.0, 7.0, 30.0 / 49.0, 0.174_196_725_904_252_55),
        (6.0, 4.5, 10.0 / 21.0, 0.180_980_226_206_212_38),
        (7.0, 3.5, 50.0 / 147.0, 0.173_011_988_250_425_44),
        (8.0, 2.5, 20.0 / 147.0, 0.126_078_495_796_185_89),
    ];
    assert_eq!(curve.steps().len(), expected.len());
    for (step, (time, at_risk, survival, error)) in curve.steps().iter().zip(expected) {
        close(step.time(), time);
        close(step.at_risk(), at_risk);
        close(step.survival(), survival);
        close(step.standard_error().unwrap(), error);
    }
    let mean = curve.restricted_mean(8.0).unwrap();
    close(mean.mean(), 289.0 / 49.0);
    close(mean.sd(), 0.702_484_773_856_239);
}

#[test]
fn a_weight_is_that_many_rows_in_any_order() {
    let mut rows = textbook();
    rows.extend(textbook());
    rows.reverse();
    let twice = textbook().into_iter().map(|row| row.with_weight(2.0));
    assert_eq!(KaplanMeier::new(twice).unwrap(), curve_of(&rows));
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let mut rows = late();
    let curve = curve_of(&rows);
    for _ in 0..rows.len() {
        rows.rotate_left(3);
        rows.swap(0, 5);
        assert_eq!(curve_of(&rows), curve);
    }
}

#[test]
fn nothing_is_said_past_the_last_observation() {
    let curve = curve_of(&textbook());
    assert_eq!(curve.survival(6.0), Some(0.4));
    assert_eq!(curve.survival(6.0_f64.next_up()), None);
    assert_eq!(curve.survival(-1.0), None);
    assert_eq!(curve.survival(f64::NAN), None);
    assert_eq!(curve.retention(5.0, 7.0), None);
    assert_eq!(curve.retention(5.0, 4.0), None);
    assert_eq!(curve.time_until(Probability::new(0.3).unwrap()), None);
    assert_eq!(
        curve.restricted_mean(7.0).unwrap_err().to_string(),
        "the restricted mean needs a time from 0 to 6, got 7"
    );
    assert!(curve.restricted_mean(f64::NAN).is_err());
}

#[test]
fn a_curve_that_has_reached_zero_stays_there() {
    let curve = curve_of(&[2.0, 4.0, 7.0].map(Observed::event_at));
    let last = curve.steps()[2];
    assert_eq!((last.survival(), last.standard_error()), (0.0, None));
    let level = Probability::NINETY_PERCENT;
    assert_eq!(last.interval(level), Ok(None));
    assert_eq!(curve.survival(100.0), Some(0.0));
    assert_eq!(curve.retention(4.0, 100.0), Some(0.0));
    assert_eq!(curve.retention(7.0, 100.0), None);
    let mean = curve.restricted_mean(100.0).unwrap();
    close(mean.mean(), 13.0 / 3.0);
    close(mean.sd(), 1.186_342_028_003_479);
    assert!(curve.restricted_mean(f64::INFINITY).is_err());
}

#[test]
fn the_median_is_the_first_time_at_which_at_most_half_remain() {
    // 9/10 · 8/9 · … reaches one half exactly, whatever each factor rounds to.
    let ten = (1..=10_u8).map(|t| Observed::event_at(f64::from(t)));
    assert_eq!(KaplanMeier::new(ten).unwrap().median(), Some(5.0));
    assert_eq!(curve_of(&[Observed::censored_at(3.0)]).median(), None);
    let curve = curve_of(&textbook());
    let until = |share| curve.time_until(Probability::new(share).unwrap());
    assert_eq!(until(0.75), Some(2.0));
    assert_eq!(until(1.0), Some(0.0));
    assert_eq!(curve.median(), until(0.5));
}

#[test]
fn a_curve_without_a_departure_is_flat() {
    let curve = curve_of(&[Observed::censored_at(3.0), Observed::censored_at(0.0)]);
    assert!(curve.steps().is_empty());
    assert_eq!(curve.survival(3.0), Some(1.0));
    let mean = curve.restricted_mean(3.0).unwrap();
    assert_eq!((mean.mean(), mean.sd()), (3.0, 0.0));
}

#[test]
fn customers_who_never_began_leave_at_time_zero() {
    let curve = curve_of(&[Observed::event_at(-0.0), Observed::censored_at(2.0)]);
    assert_eq!(curve.survival(0.0), Some(0.5));
    assert!(curve.steps()[0].time().is_sign_positive());
}

#[test]
fn a_curve_of_late_entries_speaks_of_those_who_got_that_far() {
    let curve = curve_of(&[
        Observed::event_at(5.0).with_entry(2.0),
        Observed::censored_at(6.0).with_entry(3.0),
    ]);
    close(curve.start(), 2.0);
    assert_eq!(curve.survival(1.0), None);
    assert_eq!(curve.survival(2.0), Some(1.0));
    close(curve.restricted_mean(6.0).unwrap().mean(), 3.5);
}

#[test]
fn a_time_that_nobody_was_observed_through_is_refused() {
    let gap = |rows: &[Observed]| refusal(rows);
    let unseen = MetricError::Gap {
        metric: METRIC,
        time: 2.0,
    };
    // All have left, and others come.
    let later = Observed::censored_at(5.0).with_entry(2.0);
    assert_eq!(gap(&[Observed::event_at(2.0), later]), unseen);
    // All are out of sight, and others come into it after a while.
    let after = Observed::censored_at(5.0).with_entry(3.0);
    assert_eq!(gap(&[Observed::censored_at(2.0), after]), unseen);
    // At once is soon enough.
    assert!(KaplanMeier::new([Observed::censored_at(2.0), later]).is_ok());
}

#[test]
fn a_bad_row_is_named() {
    let row = |row: Observed| refusal(&[Observed::event_at(1.0), row]).to_string();
    let metric = "the Kaplan–Meier curve needs";
    let place = "in row 1, counted from 0";
    assert_eq!(
        row(Observed::event_at(f64::NAN)),
        format!("{metric} time to be finite and at or above 0, got NaN {place}")
    );
    assert_eq!(
        row(Observed::event_at(3.0).with_entry(-1.0)),
        format!("{metric} entry to be finite and at or above 0, got -1 {place}")
    );
    assert_eq!(
        row(Observed::event_at(3.0).with_entry(3.0)),
        format!("{metric} entry to be before time, got 3 {place}")
    );
    assert_eq!(
        row(Observed::event_at(3.0).with_weight(0.0)),
        format!("{metric} weight to be finite and above 0, got 0 {place}")
    );
    assert_eq!(refusal(&[]), MetricError::Empty { metric: METRIC });
}

#[test]
fn extreme_weights_and_times_give_finite_numbers_or_an_error() {
    let heavy = Observed::event_at(1.0).with_weight(f64::MAX);
    assert!(matches!(refusal(&[heavy; 2]), MetricError::Domain { .. }));
    let light = |row: Observed| row.with_weight(f64::from_bits(1));
    let rows = [Observed::event_at(1.0), Observed::censored_at(2.0)].map(light);
    assert!(matches!(refusal(&rows), MetricError::Domain { .. }));
    let far = [Observed::event_at(1e300), Observed::censored_at(1.5e300)];
    assert!(matches!(
        curve_of(&far).restricted_mean(1.5e300),
        Err(MetricError::Domain { .. })
    ));
    // A light customer after a heavy one keeps its share.
    let apart = [
        Observed::event_at(1.0).with_weight(1e12),
        Observed::event_at(2.0).with_weight(0.5e-12),
        Observed::censored_at(3.0).with_weight(0.5e-12),
    ];
    let curve = curve_of(&apart);
    close(curve.survival(1.0).unwrap(), 1e-24);
    close(curve.survival(2.0).unwrap(), 0.5e-24);
}

#[test]
fn fractional_weights_of_those_who_have_gone_leave_nothing_behind() {
    let rows: Vec<Observed> = (1..=1000_u16)
        .map(|i| {
            let time = f64::from(i);
            Observed::event_at(time)
                .with_entry((time - 7.5).max(0.0))
                .with_weight(0.1 + 1.0 / time)
        })
        .collect();
    let curve = curve_of(&rows);
    assert_eq!(curve.survival(1000.0), Some(0.0));
    for (place, step) in curve.steps().iter().enumerate() {
        close(step.events(), rows[place].weight);
        let rest = &rows[place + 1..rows.len().min(place + 8)];
        close(step.remaining(), rest.iter().map(|row| row.weight).sum());
    }
}

#[test]
fn an_interval_needs_a_level_that_is_not_certain() {
    let step = curve_of(&textbook()).steps()[0];
    for level in [0.0, 1.0] {
        let level = Probability::new(level).unwrap();
        assert!(matches!(
            step.interval(level),
            Err(MetricError::Domain { .. })
        ));
    }
}

#[test]
fn a_million_customers_are_counted_without_loss() {
    let rows = (0..1_000_000_u32).rev().map(|i| {
        let time = f64::from(i) + 1.0;
        Observed::event_at(time)
    });
    let curve = KaplanMeier::new(rows).unwrap();
    assert_eq!(curve.survival(250_000.0), Some(0.75));
    assert_eq!(curve.survival(999_999.0), Some(1e-6));
    close(curve.restricted_mean(1e6).unwrap().mean(), 500_000.5);
    // Without censoring Greenwood's variance is that of a share.
    let error = curve.last_step(250_000.0).unwrap().standard_error();
    close(error.unwrap(), (0.75_f64 * 0.25 / 1e6).sqrt());
}
