//! Published and independently computed values.

use guanxi::dimension::{Dimension, FrameId, Index};
use guanxi::quantity::{Estimate, Interval, Probability};
use guanxi::relationship::{
    Aggregation, Contributions, Correlation, PairwiseComparisons, Profile, WeightSource, Weights,
    entropy_weights,
};
use std::cmp::Ordering;

use crate::support::{assert_close, assert_published};
use crate::{INDICES, SDS, four, profile, weights};

fn thirds() -> PairwiseComparisons {
    PairwiseComparisons::new(vec![
        vec![1.0, 2.0, 3.0, 4.0],
        vec![1.0 / 2.0, 1.0, 2.0, 2.0],
        vec![1.0 / 3.0, 1.0 / 2.0, 1.0, 2.0],
        vec![1.0 / 4.0, 1.0 / 2.0, 1.0 / 2.0, 1.0],
    ])
    .unwrap()
}

#[test]
fn composites_and_their_sds_are_those_published() {
    let customer = profile(INDICES, SDS);
    let compose = |a: Aggregation, rho: f64| {
        let correlation = Correlation::equal(rho).unwrap();
        a.compose(&Weights::default(), &customer, &correlation)
    };
    let arithmetic = compose(Aggregation::Arithmetic, 0.0);
    assert_published!(arithmetic.value(), ".603", "TV 6.2a");
    assert_published!(arithmetic.sd(), ".0407584347", "TV 6.2a");
    assert_published!(arithmetic.geometric(), ".592442413261", "TV 6.2a");
    let geometric = compose(Aggregation::Geometric, 0.0);
    assert_published!(geometric.value(), ".592442413261", "TV 6.2a");
    assert_published!(geometric.sd(), ".0409505515", "TV 6.2a");
    assert_published!(geometric.arithmetic(), ".603", "TV 6.2a");
    let harmonic = compose(Aggregation::Harmonic, 0.0);
    assert_published!(harmonic.value(), ".580843044166", "TV 6.2a");
    assert_published!(
        compose(Aggregation::Arithmetic, 0.3).sd(),
        ".0527593594",
        "TV 6.2a"
    );
    assert_published!(
        compose(Aggregation::Geometric, 0.3).sd(),
        ".0536847945",
        "TV 6.2a"
    );
    for (aggregation, worst) in [
        (Aggregation::Arithmetic, ".0735"),
        (Aggregation::Geometric, ".0754584609"),
    ] {
        assert_published!(compose(aggregation, 1.0).sd(), worst, "TV 6.2a");
        let told = compose(aggregation, 0.0).sd_fully_correlated();
        assert_published!(told, worst, "TV 6.2a");
    }
}

#[test]
fn the_harmonic_and_weakest_sds_follow_from_their_slopes() {
    let customer = profile(INDICES, SDS);
    // In 40 digits.
    for (rho, sd) in [
        (0.0, 0.041_301_560_065_893_4),
        (0.3, 0.054_553_021_421_727_0),
        (1.0, 0.077_070_507_578_575_6),
    ] {
        let correlation = Correlation::equal(rho).unwrap();
        let compose = |a: Aggregation| a.compose(&Weights::default(), &customer, &correlation);
        assert_close!(compose(Aggregation::Harmonic).sd(), sd, 1e-13);
        assert_close!(compose(Aggregation::Weakest).sd(), 0.06, 1e-15);
    }
    let tied = profile([0.4, 0.7, 0.4, 0.4], [0.02, 0.3, 0.05, 0.01]);
    let of = |a: Aggregation| a.compose(&Weights::default(), &tied, &Correlation::default());
    assert_close!(of(Aggregation::Weakest).sd(), 0.05, 1e-15);
}

#[test]
fn a_dimension_below_the_floor_is_named_and_costs_no_more_than_the_floor() {
    let customer = profile([0.0, 0.74, 0.55, 0.40], SDS);
    let compose = |a: Aggregation, w: &Weights| a.compose(w, &customer, &Correlation::default());
    let whole = compose(Aggregation::Geometric, &Weights::default());
    assert_eq!(whole.floored().collect::<Vec<_>>(), [Dimension::Economic]);
    let raised = four([1e-3, 0.74, 0.55, 0.40]);
    let at_floor = Aggregation::Geometric.value(&Weights::default(), &raised);
    assert_close!(whole.value(), at_floor, 1e-15);
    assert!(compose(Aggregation::Harmonic, &Weights::default()).value() > 0.0);
    // Without a weight there is nothing to raise.
    let without = compose(Aggregation::Geometric, &weights([0.0, 1.0, 1.0, 1.0]));
    assert_eq!(without.floored().count(), 0);
    // All at 0: the gap of the two means is none, not less than none.
    let nothing = profile([0.0; 4], [0.0; 4]);
    let whole =
        Aggregation::Arithmetic.compose(&Weights::equal(), &nothing, &Correlation::default());
    assert!(whole.value().to_bits() == 0 && whole.imbalance() < 1e-15);
    assert_eq!(whole.floored().count(), 4);
}

#[test]
fn comparisons_in_pairs_give_the_published_weights() {
    let priorities = thirds().priorities().unwrap();
    let published = [".4716652791", ".2561530662", ".1644255482", ".1077561064"];
    for (found, text) in priorities.weights().iter().zip(published) {
        assert_published!(*found, text, "TV 6.3a");
    }
    assert_published!(
        priorities.consistency().lambda_max(),
        "4.0458192845",
        "TV 6.3a"
    );
    assert_published!(priorities.consistency().ratio(), ".0169701054", "TV 6.3a");
    let weights = thirds().weights().unwrap();
    assert_published!(weights.get(Dimension::Economic), ".4716652791", "TV 6.3a");
    let WeightSource::Ahp { consistency_ratio } = weights.source() else {
        panic!("{:?}", weights.source());
    };
    assert_published!(consistency_ratio, ".0169701054", "TV 6.3a");
}

#[test]
fn eight_things_compared_have_the_eigenvector_of_their_matrix() {
    let upper = [
        2.0,
        3.0,
        1.0,
        5.0,
        4.0,
        7.0,
        9.0,
        1.0,
        0.5,
        3.0,
        2.0,
        4.0,
        5.0,
        1.0 / 3.0,
        2.0,
        1.0,
        3.0,
        4.0,
        5.0,
        4.0,
        6.0,
        8.0,
        1.0,
        2.0,
        2.0,
        2.0,
        3.0,
        1.0,
    ];
    let priorities = PairwiseComparisons::from_upper(8, &upper)
        .unwrap()
        .priorities()
        .unwrap();
    // In 40 digits, by another method (QR).
    let wanted = [
        0.280_683_020_920_730_8,
        0.141_520_615_619_205_3,
        0.105_351_201_895_755_8,
        0.272_575_686_373_758_4,
        0.058_925_236_523_963_38,
        0.075_474_991_886_785_94,
        0.035_750_133_013_794_61,
        0.029_719_113_766_005_74,
    ];
    for (found, wanted) in priorities.weights().iter().zip(wanted) {
        assert_close!(*found, wanted, 1e-13);
    }
    let consistency = priorities.consistency();
    assert_close!(consistency.lambda_max(), 8.075_310_868_261_837, 1e-13);
    assert_close!(consistency.ratio(), 0.007_630_280_472_323_952, 1e-11);
}

#[test]
fn entropy_weights_are_those_published() {
    let rows = [
        [0.62, 0.74, 0.55, 0.40],
        [0.20, 0.70, 0.50, 0.35],
        [0.90, 0.60, 0.45, 0.10],
        [0.35, 0.80, 0.60, 0.55],
        [0.50, 0.65, 0.52, 0.20],
    ];
    let weights = entropy_weights(&rows.map(four)).unwrap();
    let published = [".441185856", ".0198063869", ".0182708681", ".520736890"];
    for (found, text) in weights.shares().into_array().into_iter().zip(published) {
        assert_published!(found, text, "TV 6.3b");
    }
    assert_eq!(weights.source(), WeightSource::Entropy { rows: 5 });
}

#[test]
fn contributions_are_those_published() {
    let (customer, half) = (profile(INDICES, SDS), profile([0.5; 4], [0.0; 4]));
    let of = |a| Contributions::of_composite(a, &Weights::default(), &customer, &half);
    let geometric = of(Aggregation::Geometric);
    let published = [
        ".046902184973",
        ".053415709172",
        ".010400394480",
        "-.018275875364",
    ];
    for (part, text) in geometric.parts().into_array().into_iter().zip(published) {
        assert_published!(part, text, "TV 6.4a");
    }
    assert_published!(geometric.total(), ".092442413261", "TV 6.4a");
    let order = geometric.ranked().map(|(d, _)| d.place());
    assert_eq!(order, [1, 0, 3, 2]);
    let published = [".048", ".06", ".01", "-.015"];
    let parts = of(Aggregation::Arithmetic).parts().into_array();
    for (part, text) in parts.into_iter().zip(published) {
        assert_published!(part, text, "TV 6.4a");
    }
}

#[test]
fn harmonic_and_weakest_contributions_agree_with_40_digits() {
    let (customer, base) = (
        profile(INDICES, SDS),
        profile([0.45, 0.6, 0.5, 0.3], [0.0; 4]),
    );
    let of = |a| Contributions::of_composite(a, &Weights::default(), &customer, &base).parts();
    let harmonic = [
        0.063_890_882_294_891_42,
        0.020_880_292_633_986_23,
        0.009_658_178_520_739_098,
        0.033_013_186_938_352_72,
    ];
    for (part, wanted) in of(Aggregation::Harmonic)
        .into_array()
        .into_iter()
        .zip(harmonic)
    {
        assert_close!(part, wanted, 1e-13);
    }
    // The weakest is information before and after, so all that is gained is its own.
    for (part, wanted) in of(Aggregation::Weakest)
        .into_array()
        .into_iter()
        .zip([0.0, 0.0, 0.0, 0.1])
    {
        assert!((part - wanted).abs() < 1e-15);
    }
}

#[test]
fn the_defaults_are_those_declared() {
    assert_eq!(Weights::default().shares(), four([0.40, 0.25, 0.20, 0.15]));
    assert_eq!(Weights::equal().shares(), four([0.25; 4]));
    assert_eq!(Aggregation::default(), Aggregation::Arithmetic);
    assert_eq!(Correlation::default(), Correlation::equal(0.0).unwrap());
    for dimension in Dimension::ALL {
        assert_eq!(Dimension::ALL[dimension.place()], dimension);
        assert_eq!(dimension.to_string(), dimension.name());
    }
}

#[test]
fn a_source_says_what_stands_behind_the_weights() {
    let ahp = thirds().weights().unwrap().source();
    assert_eq!(
        ahp.to_string(),
        "comparisons in pairs, consistency ratio 0.017"
    );
    assert_eq!(
        WeightSource::Entropy { rows: 9 }.to_string(),
        "entropy of 9 customers"
    );
    let learned = |beats_equal| WeightSource::Learned {
        rows: 60,
        folds: 10,
        beats_equal,
    };
    let words = "learned from 60 customers in 10 folds, no better than equal weights";
    assert_eq!(learned(false).to_string(), words);
    let words = "learned from 60 customers in 10 folds, better than equal weights";
    assert_eq!(learned(true).to_string(), words);
    for plain in [
        WeightSource::Default,
        WeightSource::Equal,
        WeightSource::Stated,
    ] {
        assert_eq!(plain.to_string(), plain.name());
    }
}

#[test]
fn what_is_composed_is_plain_values_that_threads_may_share() {
    fn is_a_value<T: std::fmt::Debug + Clone + PartialEq + Send + Sync + 'static>() {}
    fn is_copied<T: Copy>() {}
    fn is_an_error<T: std::error::Error + Clone + PartialEq + Send + Sync + 'static>() {}
    is_a_value::<PairwiseComparisons>();
    is_a_value::<guanxi::relationship::Priorities>();
    is_copied::<Index>();
    is_copied::<Weights>();
    is_copied::<Profile>();
    is_copied::<Correlation>();
    is_copied::<guanxi::relationship::Composite>();
    is_copied::<Contributions>();
    is_copied::<guanxi::relationship::LearnedWeights>();
    is_an_error::<guanxi::relationship::RelationshipError>();
    is_an_error::<guanxi::dimension::FrameError>();
    #[cfg(feature = "simulate")]
    is_a_value::<guanxi::relationship::RankStability>();
}

#[test]
fn weights_may_miss_one_by_what_was_not_written_down() {
    let shares = [0.333_333_333_3, 0.333_333_333_3, 0.333_333_333_3, 0.0];
    let weights = Weights::new(four(shares)).unwrap();
    let sum: f64 = weights.shares().into_array().iter().sum();
    assert!((sum - 1.0).abs() < 1e-15);
    let pairs = Dimension::ALL
        .into_iter()
        .rev()
        .zip([0.15, 0.20, 0.25, 0.40]);
    let stated = Weights::from_pairs(pairs).unwrap();
    assert_eq!(stated.shares(), Weights::default().shares());
    assert_eq!(stated.source(), WeightSource::Stated);
}

#[test]
fn only_what_was_observed_is_covered() {
    let seen = |n_eff: f64| Estimate::new(0.5, 0.1, n_eff).unwrap();
    let profile = Profile::new([seen(3.0), seen(1.0), seen(0.999), seen(0.0)].into()).unwrap();
    assert!((Weights::default().coverage(&profile) - 0.65).abs() < 1e-15);
    let all = Profile::new([seen(1.0); 4].into()).unwrap();
    assert!((Weights::default().coverage(&all) - 1.0).abs() < 1e-15);
    let none = Profile::new([seen(0.0); 4].into()).unwrap();
    assert_eq!(Weights::default().coverage(&none).to_bits(), 0);
}

#[test]
fn indices_of_one_frame_have_an_order_and_a_difference() {
    let of = |mean, sd, n| {
        Index::new(Estimate::new(mean, sd, n).unwrap(), FrameId::from_bits(7)).unwrap()
    };
    let (low, high) = (of(0.4, 0.03, 2.0), of(0.6, 0.04, 5.0));
    assert_eq!(low.compare(&high).unwrap(), Ordering::Less);
    assert_eq!(low.compare(&low).unwrap(), Ordering::Equal);
    let gap = high.difference(&low).unwrap();
    assert_close!(gap.mean(), 0.2, 1e-15);
    assert_close!(gap.sd(), 0.05, 1e-15);
    assert_close!(gap.n_eff(), 2.0, 0.0);
    let profile = Profile::of_indices([low, high, low, high].into()).unwrap();
    assert_eq!(profile.means(), four([0.4, 0.6, 0.4, 0.6]));
    let range = Interval::new(0.3, 0.5, Probability::new(0.9).unwrap()).unwrap();
    let with = Estimate::new(0.4, 0.05, 2.0).unwrap().with_interval(range);
    let index = Index::new(with, FrameId::from_bits(7)).unwrap();
    assert_eq!(index.estimate().stated_interval(), Some(range));
}
