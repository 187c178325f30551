//! What is written is read back the same, and nothing invalid comes in that way.

use guanxi::dimension::{ByDimension, Dimension, FrameId, Index};
use guanxi::quantity::Estimate;
use guanxi::relationship::{
    Aggregation, Composite, Contributions, Correlation, LearnedWeights, OutcomeRow,
    PairwiseComparisons, Priorities, Profile, Weights, entropy_weights,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::Debug;

use crate::{INDICES, SDS, four, profile, says, weights};

fn round_trips<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> Value {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), *value, "{text}");
    let tree = serde_json::to_value(value).unwrap();
    assert_eq!(serde_json::from_value::<T>(tree.clone()).unwrap(), *value);
    tree
}

/// Asserts that a change of one field makes a stored value unreadable.
fn refuses<T: DeserializeOwned + Debug>(stored: &Value, path: &str, to: Value) {
    let mut changed = stored.clone();
    *changed.pointer_mut(path).unwrap() = to;
    if let Ok(read) = serde_json::from_value::<T>(changed.clone()) {
        panic!("{changed} was read as {read:?}");
    }
}

/// Asserts that a stored value with a field that nobody knows is unreadable.
fn refuses_more<T: DeserializeOwned + Debug>(stored: &Value) {
    let mut changed = stored.clone();
    changed
        .as_object_mut()
        .unwrap()
        .insert("more".into(), json!(1));
    assert!(serde_json::from_value::<T>(changed).is_err());
}

fn learned() -> LearnedWeights {
    let part = |i: usize, k: usize| (i * k % 41) as f64 / 40.0;
    let rows: Vec<OutcomeRow> = (0..41)
        .map(|i| {
            let [a, b, c, d] = [part(i, 1), part(i, 7), part(i, 11), part(i, 19)];
            OutcomeRow {
                indices: four([a, b, c, d]),
                outcome: a + 0.1 * b + part(i, i),
            }
        })
        .collect();
    round_trips(&rows);
    LearnedWeights::learn(&rows, 5).unwrap()
}

#[test]
fn dimensions_and_indices_are_written_plainly() {
    assert_eq!(
        round_trips(&Dimension::ALL),
        json!(["economic", "trust", "emotional", "information"])
    );
    assert_eq!(
        round_trips(&FrameId::from_bits(0xAB)),
        json!("00000000000000ab")
    );
    assert_eq!(
        round_trips(&Aggregation::ALL),
        json!(["arithmetic", "geometric", "harmonic", "weakest"])
    );
    let index = Index::new(
        Estimate::new(0.62, 0.08, 4.0).unwrap(),
        FrameId::from_bits(1),
    )
    .unwrap();
    let stored = round_trips(&index);
    assert_eq!(
        stored,
        json!({"estimate": {"mean": 0.62, "sd": 0.08, "n_eff": 4.0}, "frame": "0000000000000001"})
    );
    refuses::<Index>(&stored, "/estimate/mean", json!(1.1));
    refuses::<Index>(&stored, "/frame", json!(1));
    refuses::<Index>(&stored, "/frame", json!("000000000000000A"));
    refuses_more::<Index>(&stored);
    says(
        serde_json::from_str::<FrameId>("\"x\""),
        "frame id must be 16 hexadecimal digits in lower case, got \"x\" at line 1 column 3",
    );
    let four_of = round_trips(&four(INDICES));
    assert_eq!(four_of["emotional"], json!(0.55));
    refuses_more::<ByDimension<f64>>(&four_of);
}

#[test]
fn profiles_and_correlations_are_checked_again() {
    let stored = round_trips(&profile(INDICES, SDS));
    refuses::<Profile>(&stored, "/trust/mean", json!(-0.1));
    refuses::<Profile>(&stored, "/trust/sd", json!(1e7));
    refuses::<Profile>(&stored, "/information", json!(null));
    refuses_more::<Profile>(&stored);
    let stored = round_trips(&Correlation::equal(0.3).unwrap());
    refuses::<Correlation>(&stored, "/0/1", json!(0.4));
    refuses::<Correlation>(&stored, "/2/2", json!(0.9));
    refuses::<Correlation>(&json!([stored]), "/0", json!([1.0]));
}

#[test]
fn weights_keep_their_source_and_every_bit() {
    let rows: Vec<ByDimension<f64>> = [INDICES, [0.2, 0.7, 0.5, 0.35], [0.9, 0.6, 0.45, 0.1]]
        .map(four)
        .into();
    let by_pairs = PairwiseComparisons::from_upper(4, &[2.0, 3.0, 4.0, 2.0, 2.0, 2.0]).unwrap();
    let all = [
        Weights::default(),
        Weights::equal(),
        weights([1.0, 3.0, 7.0, 0.3]),
        by_pairs.weights().unwrap(),
        entropy_weights(&rows).unwrap(),
        learned().weights(),
    ];
    for w in all {
        let stored = round_trips(&w);
        refuses::<Weights>(&stored, "/shares/trust", json!(0.9));
        refuses::<Weights>(&stored, "/source", json!("somebody"));
        refuses_more::<Weights>(&stored);
    }
    let stored = round_trips(&weights([1.0, 3.0, 7.0, 0.3]));
    assert_eq!(stored["source"], json!("stated"));
    refuses::<Weights>(&stored, "/source", json!("default"));
    refuses::<Weights>(&stored, "/source", json!("equal"));
    refuses::<Weights>(
        &stored,
        "/source",
        json!({"ahp": {"consistency_ratio": 0.11}}),
    );
    refuses::<Weights>(
        &stored,
        "/source",
        json!({"ahp": {"consistency_ratio": 0.01, "n": 4}}),
    );
    refuses::<Weights>(&stored, "/source", json!({"entropy": {"rows": 1}}));
    for (rows, folds) in [(19, 5), (40, 1), (40, 41)] {
        let source = json!({"learned": {"rows": rows, "folds": folds, "beats_equal": true}});
        refuses::<Weights>(&stored, "/source", source);
    }
    for i in 0..500_u32 {
        let numbers = [7, 11, 13, 17].map(|k| f64::from(i * k % 101) + 0.1);
        round_trips(&weights(numbers));
    }
}

#[test]
fn comparisons_and_priorities_are_checked_again() {
    let comparisons = PairwiseComparisons::from_upper(4, &[2.0, 3.0, 4.0, 2.0, 2.0, 2.0]).unwrap();
    let stored = round_trips(&comparisons);
    refuses::<PairwiseComparisons>(&stored, "/0/1", json!(3.0));
    let stored = round_trips(&comparisons.priorities().unwrap());
    refuses::<Priorities>(&stored, "/weights/0", json!(0.9));
    refuses::<Priorities>(&stored, "/weights", json!([0.5, 0.5]));
    refuses::<Priorities>(&stored, "/consistency/lambda_max", json!(3.9));
    refuses::<Priorities>(&stored, "/consistency/lambda_max", json!(4.5));
    refuses::<Priorities>(&stored, "/consistency/size", json!(9));
    refuses::<Priorities>(&stored, "/consistency/worst/rows", json!([2, 1, 3]));
    refuses::<Priorities>(
        &stored,
        "/consistency/worst/comparisons",
        json!([0.0, 1.0, 1.0]),
    );
    refuses_more::<Priorities>(&stored);
}

#[test]
fn composites_and_contributions_are_checked_again() {
    let customer = profile(INDICES, SDS);
    for aggregation in Aggregation::ALL {
        let whole = aggregation.compose(&Weights::default(), &customer, &Correlation::default());
        let stored = round_trips(&whole);
        refuses::<Composite>(&stored, "/value", json!(1.5));
        refuses::<Composite>(&stored, "/sd", json!(-0.1));
        refuses::<Composite>(&stored, "/imbalance", json!(-0.1));
        refuses_more::<Composite>(&stored);
        let base = profile([0.5; 4], [0.0; 4]);
        let why = Contributions::of_composite(aggregation, &Weights::default(), &customer, &base);
        let stored = round_trips(&why);
        refuses::<Contributions>(&stored, "/parts/trust", json!(0.3));
        refuses::<Contributions>(&stored, "/value", json!(0.1));
        refuses_more::<Contributions>(&stored);
    }
    let whole =
        Aggregation::Geometric.compose(&Weights::default(), &customer, &Correlation::default());
    refuses::<Composite>(&round_trips(&whole), "/value", json!(0.5)); // is the geometric one
}

#[test]
fn what_was_learned_is_checked_again() {
    let stored = round_trips(&learned());
    refuses::<LearnedWeights>(&stored, "/slope", json!(-1.0));
    refuses::<LearnedWeights>(&stored, "/out_of_sample/r_squared", json!(1.1));
    refuses::<LearnedWeights>(&stored, "/out_of_sample/rmse", json!(-1.0));
    refuses::<LearnedWeights>(&stored, "/weights/source", json!("stated"));
    let beats = stored["weights"]["source"]["learned"]["beats_equal"]
        .as_bool()
        .unwrap();
    refuses::<LearnedWeights>(
        &stored,
        "/weights/source/learned/beats_equal",
        json!(!beats),
    );
    refuses_more::<LearnedWeights>(&stored);
}

#[cfg(feature = "simulate")]
#[test]
fn options_of_ranks_are_checked_again() {
    use guanxi::relationship::RankOptions;
    let stored = round_trips(&RankOptions::new(7));
    assert_eq!(
        stored,
        json!({"seed": 7, "draws": 1000, "concentration": 50.0})
    );
    refuses::<RankOptions>(&stored, "/draws", json!(0));
    refuses::<RankOptions>(&stored, "/concentration", json!(0.0));
    refuses_more::<RankOptions>(&stored);
}
