//! Survival curves and scores of forecasts: plain values, laws for all input, and JSON that holds
//! nothing invalid.

use guanxi::metric::{
    Bins, CalibrationBin, ForecastScore, KaplanMeier, MetricError, Observed, ProbabilityScore,
    RankedGroup, SurvivalStep, area_under_roc, calibration_bins, normalised_gini, ranked_groups,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::fmt::Debug;

fn is_a_value<T: Debug + Clone + PartialEq + Send + Sync + Unpin + 'static>() {}
fn is_a_copied_value<T: Debug + Copy + PartialEq + Send + Sync + Unpin + 'static>() {}

#[test]
fn metrics_are_plain_values_that_threads_may_share() {
    is_a_copied_value::<Observed>();
    is_a_copied_value::<SurvivalStep>();
    is_a_copied_value::<ForecastScore>();
    is_a_copied_value::<ProbabilityScore>();
    is_a_copied_value::<Bins>();
    is_a_copied_value::<CalibrationBin>();
    is_a_copied_value::<RankedGroup>();
    is_a_value::<KaplanMeier>();
}

/// Whole times from 0 to 12, so that many tie, and late entries, few weights.
fn observed() -> impl Strategy<Value = Observed> {
    let weight = prop::sample::select(vec![1.0, 2.0, 0.3]);
    (0..12_u8, 0..12_u8, any::<bool>(), any::<bool>(), weight).prop_map(
        |(time, entry, event, is_late, weight)| {
            let row = if event {
                Observed::event_at(f64::from(time))
            } else {
                Observed::censored_at(f64::from(time))
            };
            let entry = if is_late && entry < time { entry } else { 0 };
            row.with_entry(f64::from(entry)).with_weight(weight)
        },
    )
}

/// The survival after a time as it is defined, every time asking every row.
fn by_definition(rows: &[Observed], until: f64) -> f64 {
    let mut times: Vec<f64> = rows.iter().filter(|r| r.event).map(|r| r.time).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let sum = |keep: &dyn Fn(&&Observed) -> bool| -> f64 {
        rows.iter().filter(keep).map(|r| r.weight).sum()
    };
    times
        .into_iter()
        .filter(|&t| t <= until)
        .map(|t| {
            let at_risk = sum(&|r| (r.entry < t || r.entry <= 0.0) && t <= r.time);
            let events = sum(&|r| r.event && (r.time - t).abs() <= 0.0);
            1.0 - events / at_risk
        })
        .product()
}

/// Whether for each stretch between the start and the end somebody was observed through it.
fn is_covered(rows: &[Observed]) -> bool {
    let start = rows.iter().map(|r| r.entry).fold(f64::MAX, f64::min);
    let end = rows.iter().map(|r| r.time).fold(0.0, f64::max);
    let mut middles = (0..12_u8).map(|t| f64::from(t) + 0.5);
    let no_gap = middles
        .clone()
        .filter(|&t| start < t && t < end)
        .all(|t| rows.iter().any(|r| r.entry < t && t < r.time));
    // And that not all of those observed until a time leave at it before the end.
    let no_wipe = middles.all(|t| {
        let last = t + 0.5;
        let until = || rows.iter().filter(|r| r.entry < last || r.entry <= 0.0);
        let mut at_risk = until().filter(|r| r.time >= last).peekable();
        at_risk.peek().is_none() || last >= end || at_risk.any(|r| r.time > last || !r.event)
    });
    // A late entry is above 0, so those seen at 0 must be seen past it.
    let mut at_zero = rows.iter().filter(|r| r.entry <= 0.0).peekable();
    let none_lost = at_zero.peek().is_none() || end <= 0.0 || at_zero.any(|r| r.time > 0.0);
    no_gap && no_wipe && none_lost
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_103),
        failure_persistence: None,
        cases: 2000,
        ..ProptestConfig::default()
    })]

    /// The fast curve is the one that the definition gives, or nobody was observed at some time.
    #[test]
    fn the_curve_is_the_product_of_its_definition(rows in prop::collection::vec(observed(), 1..15)) {
        match KaplanMeier::new(rows.iter().copied()) {
            Ok(curve) => {
                prop_assert!(is_covered(&rows));
                for step in curve.steps() {
                    let expected = by_definition(&rows, step.time());
                    prop_assert!((step.survival() - expected).abs() < 1e-12, "{step:?} {expected}");
                }
                let falls = curve.steps().windows(2).all(|w| w[0].survival() > w[1].survival());
                prop_assert!(falls);
            }
            Err(error) => {
                let is_gap = matches!(error, MetricError::Gap { .. });
                prop_assert!(is_gap && !is_covered(&rows), "{error}");
            }
        }
    }

    /// The mean absolute error lies between the error of the mean and the root mean square.
    #[test]
    fn errors_are_ordered(pairs in prop::collection::vec((-1e3..1e3, -1e3..1e3), 1..30)) {
        let (predicted, actual): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let score = ForecastScore::new(&predicted, &actual).unwrap();
        prop_assert!(score.mean_error().abs() <= score.mean_absolute_error() + 1e-9);
        prop_assert!(score.mean_absolute_error() <= score.root_mean_squared_error() * (1.0 + 1e-12));
    }

    /// For what happens or does not, the normalised Gini coefficient is twice the area less one.
    #[test]
    fn the_gini_of_yes_and_no_is_the_area(rows in prop::collection::vec((0..6_u8, any::<bool>()), 2..40)) {
        let predicted: Vec<f64> = rows.iter().map(|r| f64::from(r.0)).collect();
        let happened: Vec<bool> = rows.iter().map(|r| r.1).collect();
        let actual: Vec<f64> = happened.iter().map(|&h| f64::from(u8::from(h))).collect();
        match (area_under_roc(&predicted, &happened), normalised_gini(&predicted, &actual)) {
            (Ok(area), Ok(gini)) => prop_assert!((2.0 * area - 1.0 - gini).abs() < 1e-12),
            (area, gini) => prop_assert!(area.is_err() && gini.is_err()),
        }
    }

    /// However customers are grouped, the groups hold all of them and what they were worth.
    #[test]
    fn groups_add_up(rows in prop::collection::vec((0..9_u8, 0.0..50.0), 1..60), parts in 1..20_u16) {
        let predicted: Vec<f64> = rows.iter().map(|r| f64::from(r.0) / 8.0).collect();
        let actual: Vec<f64> = rows.iter().map(|r| r.1).collect();
        let happened: Vec<bool> = rows.iter().map(|r| r.1 > 25.0).collect();
        for how in [Bins::EqualWidth(parts), Bins::EqualCount(parts)] {
            let bins = calibration_bins(&predicted, &happened, how).unwrap();
            let customers: u64 = bins.iter().map(CalibrationBin::customers).sum();
            prop_assert_eq!(customers, rows.len() as u64);
            let mean = bins.iter().map(|b| b.predicted() * b.customers() as f64).sum::<f64>();
            prop_assert!((mean - predicted.iter().sum::<f64>()).abs() < 1e-9);
            prop_assert!(bins.windows(2).all(|w| w[0].upper() <= w[1].lower()));
        }
        if let Ok(table) = ranked_groups(&predicted, &actual, parts) {
            let total: f64 = table.iter().map(RankedGroup::actual).sum();
            prop_assert!((total - actual.iter().sum::<f64>()).abs() < 1e-9);
            let mean = |g: &RankedGroup| g.predicted() / g.customers() as f64;
            let falls = table.windows(2).all(|w| mean(&w[0]) >= mean(&w[1]) - 1e-12);
            prop_assert!(falls);
        }
    }
}

#[cfg(feature = "serde")]
mod json {
    use super::*;
    use serde::Serialize;
    use serde::de::DeserializeOwned;

    fn round_trips<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> String {
        let text = serde_json::to_string(value).unwrap();
        assert_eq!(serde_json::from_str::<T>(&text).unwrap(), *value);
        text
    }

    /// Asserts that the JSON is read, and that with `from` replaced by `to` it is refused.
    fn refuses<T: DeserializeOwned + Debug>(json: &str, cases: &[(&str, &str, &str)]) {
        serde_json::from_str::<T>(json).unwrap();
        for (from, to, why) in cases {
            assert!(json.contains(from), "{from} in {json}");
            let error = serde_json::from_str::<T>(&json.replacen(from, to, 1)).unwrap_err();
            assert!(error.to_string().contains(why), "{to}: {error}");
        }
    }

    fn curve() -> KaplanMeier {
        let left = [1.0, 2.0].map(Observed::event_at);
        KaplanMeier::new(left.into_iter().chain([Observed::censored_at(3.0)])).unwrap()
    }

    #[test]
    fn metrics_come_back_the_same() {
        let thirds = (1..=9_u8).map(|t| Observed::event_at(f64::from(t)).with_weight(1.0 / 3.0));
        round_trips(&KaplanMeier::new(thirds).unwrap());
        round_trips(&curve().steps()[0]);
        round_trips(&Observed::censored_at(3.0).with_entry(1.0));
        let (predicted, actual) = ([0.1, 0.7, 0.3], [0.0, 1.0, 1.0]);
        let happened = actual.map(|a| a > 0.5);
        round_trips(&ForecastScore::new(&predicted, &actual).unwrap());
        round_trips(&ProbabilityScore::new(&predicted, &happened).unwrap());
        round_trips(&calibration_bins(&predicted, &happened, Bins::EqualCount(2)).unwrap());
        round_trips(&ranked_groups(&predicted, &actual, 2).unwrap());
        assert_eq!(round_trips(&Bins::EqualWidth(10)), r#"{"equal_width":10}"#);
    }

    #[test]
    fn a_row_without_entry_and_weight_is_one_customer_from_the_start() {
        let row: Observed = serde_json::from_str(r#"{"time":3.0,"event":true}"#).unwrap();
        assert_eq!(row, Observed::event_at(3.0));
        refuses::<Observed>(
            r#"{"entry":1.0,"time":3.0,"event":true,"weight":1.0}"#,
            &[
                (
                    "3.0",
                    "-3.0",
                    "time must be finite and at or above 0, got -3.0",
                ),
                ("3.0", "1.0", "entry must be before time, got 1.0"),
                (
                    r#""weight":1.0"#,
                    r#""weight":0.0"#,
                    "weight must be finite and above 0",
                ),
                (r#""weight""#, r#""count""#, "unknown field"),
            ],
        );
    }

    #[test]
    fn a_curve_that_does_not_follow_from_its_counts_is_refused() {
        let json = serde_json::to_string(&curve()).unwrap();
        refuses::<KaplanMeier>(
            &json,
            &[
                (r#""end":3.0"#, r#""end":0.0"#, "time must be rising"),
                (
                    r#""end":3.0"#,
                    r#""end":1.5"#,
                    "time must be rising from the start",
                ),
                (
                    r#""customers":3.0"#,
                    r#""customers":2.0"#,
                    "at most all customers",
                ),
                (r#""time":2.0"#, r#""time":1.0"#, "time must be rising"),
                (
                    r#""remaining":1.0"#,
                    r#""remaining":1.5"#,
                    "what remaining and events lead to",
                ),
                (
                    r#""survival":0.3"#,
                    r#""survival":0.2"#,
                    "what remaining and events lead to",
                ),
                (
                    r#""events":1.0"#,
                    r#""events":0.0"#,
                    "events must be a finite number above 0",
                ),
            ],
        );
    }

    #[test]
    fn scores_that_contradict_themselves_are_refused() {
        refuses::<ForecastScore>(
            r#"{"customers":4,"predicted_total":8.0,"actual_total":10.0,"mean_absolute_error":1.0,"root_mean_squared_error":1.2,"correlation":0.9}"#,
            &[
                ("4", "0", "customers must be at least 1"),
                (
                    "8.0",
                    "-8.0",
                    "mean_absolute_error must be at least the mean error",
                ),
                ("1.2", "0.9", "root_mean_squared_error must be at least"),
                ("0.9", "1.9", "correlation must be between -1 and 1"),
            ],
        );
        refuses::<ProbabilityScore>(
            r#"{"customers":4,"happened":2,"predicted":0.5,"brier":0.1,"log":0.3,"certain_but_wrong":0}"#,
            &[
                ("2", "5", "happened must be at most all customers"),
                ("0.1", "1.1", "brier must be between 0 and 1"),
                ("0.3", "-0.3", "log must be a finite number at or above 0"),
            ],
        );
        refuses::<CalibrationBin>(
            r#"{"lower":0.1,"upper":0.2,"customers":4,"happened":1,"predicted":0.15,"chance_sd":0.1}"#,
            &[
                ("0.15", "0.25", "predicted must be between lower and upper"),
                (
                    "\"happened\":1",
                    "\"happened\":7",
                    "happened must be at most all customers",
                ),
            ],
        );
        refuses::<RankedGroup>(
            r#"{"customers":4,"predicted":3.0,"actual":2.0,"cumulative_customers":0.5,"cumulative_share":0.9,"lift":1.8}"#,
            &[
                ("4", "0", "customers must be at least 1"),
                ("0.5", "1.5", "between 0 and 1"),
            ],
        );
    }
}
