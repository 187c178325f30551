//! Drivers of an outcome, the map of importance and performance, and paths: published values,
//! values of all orderings computed with 40 digits, laws, and synthetic truth.

mod support;

use guanxi::Error;
use guanxi::history::{
    AsOf, Consent, Construct, CsatSurvey, CustomerId, Initiator, Interaction, Kind, NpsSurvey,
    Purpose, QualitativeNote, Review, Scale, SurveyItem,
};
use guanxi::perceived::{
    AnswerSource, CorrelationMatrix, Cut, DriverError, DriverImportance, DriverSample,
    ImportancePerformance, MapQuadrant, PathDiagram, QuadrantCuts, SurveyAnswers,
};
use guanxi::quantity::Probability;
use guanxi::summary::{ConsentPolicy, ConsentRule};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use support::history::{day, id};
use support::{assert_close, assert_published};

const LEVEL: Probability = Probability::NINETY_FIVE_PERCENT;

/// Names of components, and "y" for the outcome, which comes last.
fn names(components: usize) -> Vec<String> {
    let components = (0..components).map(|k| format!("x{k}"));
    components.chain(["y".to_owned()]).collect()
}

/// Correlations of components and of each with the outcome.
fn matrix(between: impl Fn(usize, usize) -> f64, with: &[f64]) -> CorrelationMatrix {
    let p = with.len();
    let cell = |i: usize, j: usize| match (i, j) {
        (i, j) if i == j => 1.0,
        (i, j) if i == p => with[j],
        (i, j) if j == p => with[i],
        (i, j) => between(i, j),
    };
    let rows = (0..=p).map(|i| (0..=p).map(|j| cell(i, j)).collect::<Vec<f64>>());
    CorrelationMatrix::new(names(p), rows).unwrap()
}

fn importance(matrix: &CorrelationMatrix) -> DriverImportance {
    DriverImportance::of(matrix, "y").unwrap()
}

fn parts(drivers: &DriverImportance) -> Vec<f64> {
    drivers
        .drivers()
        .iter()
        .map(guanxi::perceived::Driver::importance)
        .collect()
}

/// Twelve respondents: value, satisfaction, loyalty, profit.
const RESPONDENTS: [[f64; 4]; 12] = [
    [6.0, 5.0, 4.0, 30.0],
    [7.0, 7.0, 6.0, 42.0],
    [8.0, 6.0, 7.0, 55.0],
    [5.0, 4.0, 3.0, 12.0],
    [9.0, 9.0, 8.0, 70.0],
    [4.0, 5.0, 5.0, 25.0],
    [6.0, 7.0, 5.0, 38.0],
    [7.0, 6.0, 6.0, 41.0],
    [3.0, 2.0, 4.0, 18.0],
    [8.0, 9.0, 9.0, 61.0],
    [5.0, 6.0, 4.0, 22.0],
    [9.0, 7.0, 8.0, 66.0],
];
const VARIABLES: [&str; 4] = ["value", "satisfaction", "loyalty", "profit"];

fn respondents() -> SurveyAnswers {
    SurveyAnswers::from_rows(VARIABLES, RESPONDENTS).unwrap()
}

#[test]
fn the_published_example_of_two_components_holds() {
    // TV 7c.
    let drivers = importance(&matrix(|_, _| 0.4, &[0.6, 0.5]));
    assert_published!(drivers.r_squared(), "0.440476190");
    assert_published!(parts(&drivers)[0], "0.275238095");
    assert_published!(parts(&drivers)[1], "0.165238095");
    // By hand: (.37)/.84, and half of what each adds first and last.
    assert_close!(drivers.r_squared(), 0.37 / 0.84, 1e-15);
    let first = &drivers.drivers()[0];
    assert_close!(first.first_in(), 0.36, 1e-15);
    assert_close!(first.last_in(), 0.37 / 0.84 - 0.25, 1e-14);
    assert_close!(first.coefficient(), 0.4 / 0.84, 1e-14);
    assert_close!(
        first.share_of_explained().unwrap(),
        0.275_238_095_238_095_2 / (0.37 / 0.84),
        1e-14
    );
    assert_eq!(drivers.adjusted_r_squared(), None);
    let known = matrix(|_, _| 0.4, &[0.6, 0.5]).with_respondents(103);
    assert_close!(
        importance(&known).adjusted_r_squared().unwrap(),
        1.0 - 0.47 / 0.84 * 1.02,
        1e-14
    );
}

/// Correlations, R², and of each component the mean over all orderings and its last-in share.
struct Row {
    name: &'static str,
    matrix: CorrelationMatrix,
    r_squared: f64,
    parts: &'static [f64],
    last: &'static [f64],
    within: f64,
}

/// A product of as many equal factors as the places lie apart.
fn falling(rho: f64) -> impl Fn(usize, usize) -> f64 {
    move |i, j| (0..i.abs_diff(j)).fold(1.0, |product, _| product * rho)
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn rows() -> Vec<Row> {
    let three = [[1.0, 0.3, -0.2], [0.3, 1.0, 0.5], [-0.2, 0.5, 1.0]];
    let five = [
        [1.0, 0.55, 0.4, 0.3, 0.25],
        [0.55, 1.0, 0.5, 0.35, 0.2],
        [0.4, 0.5, 1.0, 0.45, 0.15],
        [0.3, 0.35, 0.45, 1.0, 0.6],
        [0.25, 0.2, 0.15, 0.6, 1.0],
    ];
    let near = [[1.0, 0.999, 0.9], [0.999, 1.0, 0.9], [0.9, 0.9, 1.0]];
    let twelve: Vec<f64> = (1..=12).map(|i| f64::from(i) / 20.0).collect();
    vec![
        Row {
            name: "three",
            matrix: matrix(|i, j| three[i][j], &[0.5, 0.6, 0.1]),
            r_squared: 0.482_142_857_142_857_1,
            parts: &[
                0.171_968_864_468_864_47,
                0.287_802_197_802_197_8,
                0.022_371_794_871_794_87,
            ],
            last: &[
                0.068_809_523_809_523_82,
                0.190_476_190_476_190_45,
                0.009_615_384_615_384_61,
            ],
            within: 1e-13,
        },
        Row {
            name: "five",
            matrix: matrix(|i, j| five[i][j], &[0.62, 0.55, 0.5, 0.3, -0.1]),
            r_squared: 0.614_185_536_667_289_1,
            parts: &[
                0.237_374_764_424_840_93,
                0.135_018_028_309_460_77,
                0.103_119_386_332_847_59,
                0.055_584_198_045_752_648,
                0.083_089_159_554_387_23,
            ],
            last: &[
                0.149_272_557_188_546_38,
                0.025_055_482_811_835_336,
                0.012_685_825_022_674_813,
                0.044_427_993_777_644_84,
                0.128_323_120_720_7,
            ],
            within: 1e-13,
        },
        Row {
            name: "six, of which the first counts for nothing beside the others",
            matrix: matrix(falling(0.5), &[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]),
            r_squared: 0.46,
            parts: &[
                0.002_446_940_079_387_897_6,
                0.013_334_964_445_211_127,
                0.031_821_581_314_180_929,
                0.060_340_099_832_699_465,
                0.109_947_164_880_940_97,
                0.242_109_249_447_579_59,
            ],
            last: &[
                0.0,
                0.002_666_666_666_666_668_4,
                0.005_999_999_999_999_995,
                0.010_666_666_666_666_674,
                0.016_666_666_666_666_667,
                0.163_333_333_333_333_3,
            ],
            within: 1e-13,
        },
        Row {
            name: "two that are nearly one",
            matrix: matrix(|i, j| near[i][j], &[0.7, 0.69, 0.75]),
            r_squared: 0.614_610_817_941_952_5,
            parts: &[
                0.190_384_886_972_023_71,
                0.182_382_255_393_076_34,
                0.241_843_675_576_852_5,
            ],
            last: &[
                0.050_926_607_415_636_76,
                0.048_821_344_257_742_027,
                0.081_344_184_625_294_23,
            ],
            within: 1e-11,
        },
        Row {
            name: "twelve",
            matrix: matrix(falling(0.6), &twelve),
            r_squared: 0.567_968_75,
            parts: &[
                0.000_471_753_374_663_618_04,
                0.002_270_635_926_956_071,
                0.005_559_356_911_760_464_4,
                0.010_077_296_889_033_62,
                0.015_847_837_302_313_087,
                0.022_952_396_511_328_503,
                0.031_560_305_891_296_7,
                0.042_069_725_564_605_6,
                0.055_497_412_424_974_51,
                0.074_654_374_058_668_94,
                0.108_499_233_999_696_46,
                0.198_508_421_144_702_43,
            ],
            last: &[
                0.000_156_25,
                0.000_294_117_647_058_823_9,
                0.000_661_764_705_882_352,
                0.001_176_470_588_235_295_7,
                0.001_838_235_294_117_647_3,
                0.002_647_058_823_529_412,
                0.003_602_941_176_470_584,
                0.004_705_882_352_941_183,
                0.005_955_882_352_941_177,
                0.007_352_941_176_470_583,
                0.008_897_058_823_529_43,
                0.113_906_249_999_999_96,
            ],
            within: 1e-13,
        },
    ]
}

#[test]
fn parts_are_the_mean_over_all_orderings_computed_with_40_digits() {
    for row in rows() {
        let drivers = importance(&row.matrix);
        assert_close!(
            drivers.r_squared(),
            row.r_squared,
            row.within,
            "{}",
            row.name
        );
        assert_eq!(drivers.drivers().len(), row.parts.len());
        for (k, driver) in drivers.drivers().iter().enumerate() {
            // Absolute, as shares of a whole of 1.
            let gap = (driver.importance() - row.parts[k]).abs();
            assert!(gap <= row.within, "{} {k}: off by {gap:e}", row.name);
            let gap = (driver.last_in() - row.last[k]).abs();
            assert!(gap <= row.within, "{} {k} last: off by {gap:e}", row.name);
            assert_close!(driver.first_in(), driver.correlation().powi(2), 1e-14);
        }
    }
}

#[test]
fn paths_agree_with_regressions_computed_with_40_digits() {
    let diagram = PathDiagram::new([
        ("satisfaction", &VARIABLES[..1]),
        ("loyalty", &VARIABLES[..2]),
        ("profit", &VARIABLES[..3]),
    ]);
    let paths = diagram
        .unwrap()
        .associations(&respondents(), LEVEL)
        .unwrap();
    // R², degrees of freedom, and of each arrow: coefficient, s.e., t, p, lower and upper end.
    let expected: [(f64, usize, &[[f64; 6]]); 3] = [
        (
            0.681_094_655_250_825_6,
            10,
            &[[
                0.825_284_590_460_058,
                0.178_579_210_645_913_22,
                4.621_392_308_069_005,
                0.000_948_565_766_953_869,
                0.427_385_313_062_857_7,
                1.223_183_867_857_258_1,
            ]],
        ),
        (
            0.745_874_001_774_622_9,
            9,
            &[
                [
                    0.576_141_464_203_744_1,
                    0.297_558_523_537_953_89,
                    1.936_229_073_035_633_3,
                    0.084_820_935_452_908_92,
                    -0.096_982_681_169_296_72,
                    1.249_265_609_576_785,
                ],
                [
                    0.324_529_880_573_891_74,
                    0.297_558_523_537_953_89,
                    1.090_642_192_719_771_4,
                    0.303_767_350_713_369_45,
                    -0.348_594_264_799_149_09,
                    0.997_654_025_946_932_5,
                ],
            ],
        ),
        (
            0.967_183_874_065_327,
            8,
            &[
                [
                    0.452_914_772_940_647_88,
                    0.134_984_617_134_204_76,
                    3.355_306_571_639_565,
                    0.010_001_198_716_584_266,
                    0.141_639_687_640_220_5,
                    0.764_189_858_241_075_3,
                ],
                [
                    -0.024_644_799_551_404_204,
                    0.120_676_568_651_836_52,
                    -0.204_221_911_732_565_2,
                    0.843_279_760_137_497_8,
                    -0.302_925_465_884_788_73,
                    0.253_635_866_781_980_3,
                ],
                [
                    0.592_087_926_995_991_8,
                    0.127_049_837_099_493_65,
                    4.660_280_882_787_149,
                    0.001_622_857_546_301_475_8,
                    0.299_110_477_267_543_66,
                    0.885_065_376_724_439_9,
                ],
            ],
        ),
    ];
    assert_eq!(paths.equations().len(), 3);
    for (equation, (r_squared, degrees, arrows)) in paths.equations().iter().zip(expected) {
        assert_close!(equation.r_squared(), r_squared, 1e-12);
        assert_eq!(equation.degrees_of_freedom(), degrees);
        assert_eq!(equation.paths().len(), arrows.len());
        for (path, numbers) in equation.paths().iter().zip(arrows) {
            let ends = path.coefficient().stated_interval().unwrap();
            let found = [
                path.coefficient().mean(),
                path.coefficient().sd(),
                path.t().unwrap(),
                path.p_value().unwrap(),
                ends.lower(),
                ends.upper(),
            ];
            for (found, expected) in found.into_iter().zip(numbers) {
                assert_close!(found, *expected, 1e-11);
            }
        }
    }
}

#[test]
fn importance_from_answers_agrees_with_40_digits() {
    let sample = DriverSample::new(&respondents(), "profit", &VARIABLES[..3]);
    let sample = sample.unwrap();
    let drivers = sample.importance().unwrap();
    assert_close!(drivers.r_squared(), 0.967_183_874_065_327, 1e-12);
    let expected = [
        (
            0.347_907_138_446_462_9,
            0.046_180_830_364_961_1,
            0.869_147_534_703_355_3,
        ),
        (
            0.228_841_065_636_833_42,
            0.000_171_081_085_566_657_86,
            0.677_025_138_363_490_7,
        ),
        (
            0.390_435_669_982_030_69,
            0.089_088_471_736_929_26,
            0.911_296_956_402_522_6,
        ),
    ];
    for (driver, (part, last, first)) in drivers.drivers().iter().zip(expected) {
        assert_close!(driver.importance(), part, 1e-12);
        assert!((driver.last_in() - last).abs() < 1e-13);
        assert_close!(driver.first_in(), first, 1e-12);
    }
    assert_eq!(drivers.ranked()[0].component(), "loyalty");
    let means: Vec<(&str, f64)> = sample.performance().collect();
    assert_close!(means[0].1, 77.0 / 12.0, 1e-14);
    assert_eq!((means[2].0, sample.outcome()), ("loyalty", "profit"));
}

/// Predictors and an outcome that can have these correlations together: sums of shared parts.
fn any_matrix(most: usize) -> impl Strategy<Value = CorrelationMatrix> {
    (1..=most).prop_flat_map(|p| {
        let loadings = prop::collection::vec(prop::collection::vec(-1.0..1.0_f64, 3), p + 1);
        (loadings, prop::collection::vec(0.2..1.0_f64, p + 1)).prop_map(move |(loadings, own)| {
            let cov = |i: usize, j: usize| {
                let shared: f64 = loadings[i]
                    .iter()
                    .zip(&loadings[j])
                    .map(|(a, b)| a * b)
                    .sum();
                shared + if i == j { own[i] } else { 0.0 }
            };
            let r = |i: usize, j: usize| {
                if i == j {
                    return 1.0;
                }
                let (i, j) = (i.min(j), i.max(j));
                cov(i, j) / (cov(i, i) * cov(j, j)).sqrt()
            };
            let with: Vec<f64> = (0..p).map(|k| r(k, p)).collect();
            matrix(r, &with)
        })
    })
}

/// Answers of 30 respondents about three components and an outcome.
fn any_answers() -> impl Strategy<Value = Vec<[f64; 4]>> {
    let row = [0.0..10.0_f64, 0.0..10.0, 0.0..10.0, 0.0..10.0];
    prop::collection::vec(row, 30)
}

fn sample(rows: &[[f64; 4]]) -> DriverSample {
    let answers = SurveyAnswers::from_rows(["a", "b", "c", "y"], rows.iter().copied()).unwrap();
    DriverSample::new(&answers, "y", ["a", "b", "c"]).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_507),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Parts are at or above 0, sum to R², and lie between the smallest and the largest increment.
    #[test]
    fn parts_sum_to_r_squared(m in any_matrix(12)) {
        let drivers = importance(&m);
        let sum: f64 = parts(&drivers).iter().sum();
        prop_assert!((sum - drivers.r_squared()).abs() <= 1e-12);
        prop_assert!(parts(&drivers).iter().all(|&part| part >= 0.0));
        let shares = drivers.drivers().iter().filter_map(guanxi::perceived::Driver::share_of_explained);
        prop_assert!((shares.sum::<f64>() - 1.0).abs() <= 1e-12);
    }

    /// Of two components, each has the mean of its first-in and its last-in share.
    #[test]
    fn two_components_have_the_mean_of_first_and_last(r in -0.95..0.95_f64, a in -0.6..0.6_f64, b in -0.6..0.6_f64) {
        let det = 1.0 - r * r;
        prop_assume!((a * a + b * b - 2.0 * a * b * r) / det < 0.999);
        for driver in importance(&matrix(|_, _| r, &[a, b])).drivers() {
            let mean = 0.5 * (driver.first_in() + driver.last_in());
            prop_assert!((driver.importance() - mean).abs() <= 1e-13);
        }
    }

    /// Components that go alike with all others and the outcome have equal parts.
    #[test]
    fn equal_correlations_give_equal_parts(p in 1..=12_usize, between in 0.0..0.9_f64, with in 0.05..0.3_f64) {
        // R² = p·with²/(1 + (p − 1)·between).
        let whole = p as f64 * with * with / (1.0 + (p as f64 - 1.0) * between);
        prop_assume!(whole < 0.99);
        let drivers = importance(&matrix(|_, _| between, &vec![with; p]));
        prop_assert!((drivers.r_squared() - whole).abs() <= 1e-12);
        for part in parts(&drivers) {
            prop_assert!((part - whole / p as f64).abs() <= 1e-12);
        }
    }

    /// Components that are unrelated have their squared correlations, in whatever share.
    #[test]
    fn unrelated_components_have_their_squared_correlations(with in prop::collection::vec(-0.28..0.28_f64, 1..=12)) {
        let drivers = importance(&matrix(|_, _| 0.0, &with));
        for (driver, r) in drivers.drivers().iter().zip(with) {
            prop_assert!((driver.importance() - r * r).abs() <= 1e-12);
            prop_assert!((driver.last_in() - r * r).abs() <= 1e-12);
            prop_assert!((driver.coefficient() - r).abs() <= 1e-12);
        }
    }

    /// Which component comes first in the table changes nothing but the order of the answer.
    #[test]
    fn a_permutation_of_columns_permutes_the_parts(m in any_matrix(8), turn in 1..8_usize) {
        let columns = m.columns();
        let turned: Vec<&String> = columns.iter().cycle().skip(turn % columns.len()).take(columns.len()).collect();
        let row = |a: &&String| turned.iter().map(|b| m.between(a, b).unwrap()).collect::<Vec<f64>>();
        let other = CorrelationMatrix::new(turned.iter().map(|c| c.as_str()), turned.iter().map(row)).unwrap();
        let (one, other) = (importance(&m), importance(&other));
        for driver in one.drivers() {
            let same = other.driver(driver.component()).unwrap();
            prop_assert!((driver.importance() - same.importance()).abs() <= 1e-12);
            prop_assert!((driver.last_in() - same.last_in()).abs() <= 1e-12);
            prop_assert!((driver.coefficient() - same.coefficient()).abs() <= 1e-10);
        }
    }

    /// The unit of an answer and where its scale begins play no part; a scale that is turned around
    /// turns signs alone.
    #[test]
    fn an_affine_change_of_a_column_changes_nothing(
        rows in any_answers(), shift in -1e4..1e4_f64, scale in 1e-3..1e3_f64, turned: bool,
    ) {
        let scale = if turned { -scale } else { scale };
        let changed: Vec<[f64; 4]> = rows.iter().map(|&[a, b, c, y]| [a, shift + scale * b, c, y]).collect();
        let (one, other) = (sample(&rows).importance().unwrap(), sample(&changed).importance().unwrap());
        for (before, after) in one.drivers().iter().zip(other.drivers()) {
            prop_assert!((before.importance() - after.importance()).abs() <= 1e-8);
        }
        let sign = if turned { -1.0 } else { 1.0 };
        let (before, after) = (&one.drivers()[1], &other.drivers()[1]);
        prop_assert!((before.correlation() - sign * after.correlation()).abs() <= 1e-8);
        prop_assert!((before.coefficient() - sign * after.coefficient()).abs() <= 1e-8);
    }

    /// The order in which respondents come changes no bit.
    #[test]
    fn the_order_of_respondents_changes_no_bit(rows in any_answers(), turn in 0..30_usize) {
        let mut turned = rows.clone();
        turned.rotate_left(turn);
        prop_assert_eq!(sample(&rows), sample(&turned));
    }

    /// A chain of one arrow is a correlation.
    #[test]
    fn a_path_of_one_arrow_is_the_correlation(r in -0.99..0.99_f64, n in 3..10_000_usize) {
        let m = CorrelationMatrix::new(["a", "b"], [[1.0, r], [r, 1.0]]).unwrap().with_respondents(n);
        let paths = PathDiagram::chain(["a", "b"]).unwrap().associations_of(&m, LEVEL).unwrap();
        let path = paths.between("a", "b").unwrap();
        prop_assert!((path.coefficient().mean() - r).abs() <= 1e-15);
        prop_assert!((paths.equations()[0].r_squared() - r * r).abs() <= 1e-15);
        // The test of a correlation.
        let t = r * ((n as f64 - 2.0) / (1.0 - r * r)).sqrt();
        prop_assert!((path.t().unwrap() - t).abs() <= 1e-9 * t.abs().max(1.0));
    }
}

#[test]
fn respondents_with_gaps_are_left_out_and_counted() {
    let mut answers = respondents();
    answers
        .add([None, Some(5.0), Some(5.0), Some(20.0)])
        .unwrap();
    answers.add([None, None, Some(5.0), Some(20.0)]).unwrap();
    answers
        .add([Some(4.0), Some(5.0), Some(5.0), None])
        .unwrap();
    let sample = DriverSample::new(&answers, "profit", ["value", "satisfaction"]).unwrap();
    assert_eq!((sample.respondents(), sample.left_out()), (12, 3));
    let missing = [
        ("value".to_owned(), 2),
        ("satisfaction".to_owned(), 1),
        ("profit".to_owned(), 1),
    ];
    assert_eq!(sample.missing(), missing);
    let whole = DriverSample::new(&respondents(), "profit", ["value", "satisfaction"]).unwrap();
    let (gaps, whole) = (sample.importance().unwrap(), whole.importance().unwrap());
    assert_eq!(parts(&gaps), parts(&whole));
    assert_eq!((gaps.left_out(), gaps.respondents()), (3, Some(12)));
    // One who answered what is asked is in, whatever else is missing.
    let matrix = CorrelationMatrix::of(&answers, ["satisfaction", "loyalty"]).unwrap();
    assert_eq!((matrix.respondents(), matrix.left_out()), (Some(14), 1));
    // Paths of a diagram are all of the same respondents.
    let chain = PathDiagram::chain(VARIABLES).unwrap();
    let paths = chain.associations(&answers, LEVEL).unwrap();
    assert!(
        paths
            .to_string()
            .starts_with("associations among 12 respondents (3 left out), not causes")
    );
}

#[test]
fn what_cannot_be_analysed_names_the_column() {
    let columns = ["a", "b", "c", "y"];
    let of = |row: fn(f64) -> [f64; 4]| {
        let wave = |n: u32| (f64::from(n) * 1.7).sin();
        let answers = SurveyAnswers::from_rows(columns, (0..20).map(|n| row(wave(n)))).unwrap();
        DriverSample::new(&answers, "y", ["a", "b", "c"])
    };
    let constant = of(|x| [x, 0.1 + 0.2, x * x, x + x.exp()]);
    assert!(
        matches!(&constant, Err(DriverError::Constant { column, respondents: 20, .. }) if column == "b"),
        "{constant:?}"
    );
    let flat = of(|x| [x, x * x, x.exp(), 4.0]);
    assert!(
        matches!(&flat, Err(DriverError::Constant { column, .. }) if column == "y"),
        "{flat:?}"
    );
    let collinear = of(|x| [x, x * x, 3.0 - 2.0 * x + x * x, x.exp()]);
    match &collinear {
        Err(DriverError::Collinear { column, with, .. }) => {
            assert_eq!(
                (column.as_str(), with.as_slice()),
                ("c", &["a".to_owned(), "b".to_owned()][..])
            );
        }
        other => panic!("{other:?}"),
    }
    // Only those that play a part are named.
    let twin = of(|x| [x, x * x, 5.0 - x * x, x.exp()]);
    assert!(
        matches!(&twin, Err(DriverError::Collinear { column, with, .. }) if column == "c" && with == &["b"]),
        "{twin:?}"
    );
    assert_eq!(
        twin.map_err(|e| e.to_string().split(": ").next().map(str::to_owned))
            .unwrap_err()
            .unwrap(),
        "\"c\" must not be a combination of [\"b\"]"
    );
    // An outcome that components determine is no error: it is explained.
    let explained = of(|x| [x, x * x, x.exp(), 2.0 * x - x * x])
        .unwrap()
        .importance()
        .unwrap();
    assert!((explained.r_squared() - 1.0).abs() < 1e-9 && explained.r_squared() <= 1.0);
}

#[test]
fn more_than_twelve_components_are_refused_and_told_why() {
    let m = matrix(|_, _| 0.0, &[0.1; 13]);
    let refused = DriverImportance::of(&m, "y");
    assert_eq!(
        refused,
        Err(DriverError::TooManyComponents {
            limit: 12,
            found: 13
        })
    );
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("each further one doubles the work")
    );
    let answers = SurveyAnswers::new(names(13)).unwrap();
    let components = names(13).into_iter().take(13);
    assert!(matches!(
        DriverSample::new(&answers, "y", components),
        Err(DriverError::TooManyComponents { .. })
    ));
    assert!(DriverImportance::of(&matrix(|_, _| 0.0, &[0.1; 12]), "y").is_ok());
}

#[test]
fn names_lengths_and_numbers_are_checked() {
    let empty: [&str; 0] = [];
    assert!(matches!(
        SurveyAnswers::new(empty),
        Err(DriverError::Empty { .. })
    ));
    assert!(matches!(
        SurveyAnswers::new(["a", " "]),
        Err(DriverError::Empty { .. })
    ));
    assert!(matches!(
        SurveyAnswers::new(["a", "a"]),
        Err(DriverError::Repeated { .. })
    ));
    let mut answers = SurveyAnswers::new(["a", "y"]).unwrap();
    assert!(matches!(
        answers.add([1.0]),
        Err(DriverError::Length {
            row: 0,
            expected: 2,
            found: 1
        })
    ));
    for bad in [f64::NAN, f64::INFINITY] {
        let refused = answers.add([1.0, bad]);
        assert!(matches!(&refused, Err(DriverError::NotFinite { column, .. }) if column == "y"));
    }
    assert!(answers.is_empty());
    assert!(matches!(
        DriverSample::new(&answers, "y", empty),
        Err(DriverError::Empty { .. })
    ));
    assert!(matches!(
        DriverSample::new(&answers, "z", ["a"]),
        Err(DriverError::Unknown { .. })
    ));
    assert!(matches!(
        DriverSample::new(&answers, "y", ["y"]),
        Err(DriverError::Repeated { .. })
    ));
    answers.add([1.0, 2.0]).unwrap();
    answers.add([2.0, 1.0]).unwrap();
    answers.add([None, Some(1.0)]).unwrap();
    let few = DriverSample::new(&answers, "y", ["a"]);
    let what = "a regression on these components";
    assert_eq!(
        few,
        Err(DriverError::TooFew {
            what,
            needed: 3,
            found: 2,
            left_out: 1
        })
    );
    let few = CorrelationMatrix::of(&SurveyAnswers::new(["a", "b"]).unwrap(), ["a", "b"]);
    assert!(matches!(few, Err(DriverError::TooFew { found: 0, .. })));
    assert!(matches!(Error::from(few.unwrap_err()), Error::Driver(_)));
}

#[test]
fn a_matrix_that_is_none_is_refused() {
    let of = |rows: [[f64; 3]; 3]| CorrelationMatrix::new(["a", "b", "y"], rows);
    let cell = |i: usize, j: usize, r: f64| {
        let mut rows = [[1.0, 0.2, 0.3], [0.2, 1.0, 0.4], [0.3, 0.4, 1.0]];
        rows[i][j] = r;
        of(rows)
    };
    assert!(cell(0, 1, 0.2).is_ok());
    for (i, j, r) in [(0, 0, 0.99), (1, 0, 0.21), (2, 0, f64::NAN), (1, 2, 1.1)] {
        assert!(
            matches!(cell(i, j, r), Err(DriverError::Correlation { .. })),
            "{i} {j} {r}"
        );
    }
    let opposed = of([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]]);
    assert!(
        matches!(opposed, Err(DriverError::Indefinite { found }) if (found + 0.8).abs() < 1e-12)
    );
    let short = CorrelationMatrix::new(["a", "b"], [[1.0, 0.2]]);
    assert!(matches!(
        short,
        Err(DriverError::Length {
            row: 1,
            expected: 2,
            found: 0
        })
    ));
    let long = CorrelationMatrix::new(["a"], [[1.0], [1.0]]);
    assert!(matches!(long, Err(DriverError::Length { row: 1, .. })));
}

#[test]
fn the_map_cuts_at_means_medians_or_a_number() {
    let points = [
        ("a", 0.6, 5.0),
        ("b", 0.1, 9.0),
        ("c", 0.3, 6.0),
        ("d", 0.2, 4.0),
        ("e", 0.05, 6.5),
    ];
    let map = |cuts| ImportancePerformance::new(points, cuts).unwrap();
    let means = map(QuadrantCuts::default());
    assert_close!(means.importance_cut(), 0.25, 1e-15);
    assert_close!(means.performance_cut(), 6.1, 1e-15);
    let quadrants = |map: &ImportancePerformance| {
        map.points()
            .iter()
            .map(guanxi::perceived::MapPoint::quadrant)
            .collect::<Vec<_>>()
    };
    let (here, keep, low, over) = (
        MapQuadrant::ConcentrateHere,
        MapQuadrant::KeepUpTheGoodWork,
        MapQuadrant::LowPriority,
        MapQuadrant::PossibleOverkill,
    );
    assert_eq!(quadrants(&means), [here, over, here, low, over]);
    let medians = map(QuadrantCuts::both(Cut::Median));
    assert_eq!(
        (medians.importance_cut(), medians.performance_cut()),
        (0.2, 6.0)
    );
    // At a cut is above it.
    assert_eq!(quadrants(&medians), [here, over, keep, here, over]);
    let stated = map(QuadrantCuts {
        importance: Cut::At(0.5),
        performance: Cut::At(5.0),
    });
    assert_eq!(quadrants(&stated), [keep, over, over, low, over]);
    let first: Vec<&str> = means
        .within(here)
        .map(guanxi::perceived::MapPoint::component)
        .collect();
    assert_eq!(first, ["a", "c"]);
    let even =
        ImportancePerformance::new(points[..4].iter().copied(), QuadrantCuts::both(Cut::Median))
            .unwrap();
    assert_eq!((even.importance_cut(), even.performance_cut()), (0.25, 5.5));
    let nothing =
        ImportancePerformance::new(Vec::<(&str, f64, f64)>::new(), QuadrantCuts::default());
    assert!(matches!(nothing, Err(DriverError::Empty { .. })));
    let bad = ImportancePerformance::new([("a", f64::NAN, 1.0)], QuadrantCuts::default());
    assert!(matches!(bad, Err(DriverError::Domain { .. })));
    let nowhere = QuadrantCuts::both(Cut::At(f64::INFINITY));
    assert!(ImportancePerformance::new(points, nowhere).is_err());
}

#[test]
fn components_of_equal_standing_are_all_at_the_cut() {
    let points = [("a", 0.1, 0.7), ("b", 0.1, 0.7), ("c", 0.1, 0.7)];
    for cut in [Cut::Mean, Cut::Median] {
        let map = ImportancePerformance::new(points, QuadrantCuts::both(cut)).unwrap();
        assert!(
            map.points()
                .iter()
                .all(|p| p.quadrant() == MapQuadrant::KeepUpTheGoodWork)
        );
    }
}

#[test]
fn a_sample_makes_its_own_map() {
    let sample = DriverSample::new(&respondents(), "profit", &VARIABLES[..3]).unwrap();
    let map = sample
        .importance_performance(QuadrantCuts::default())
        .unwrap();
    let quadrant = |k: usize| (map.points()[k].component(), map.points()[k].quadrant());
    // Loyalty goes most with profit, and has the lowest mean.
    assert_eq!(quadrant(2), ("loyalty", MapQuadrant::ConcentrateHere));
    assert_eq!(quadrant(0), ("value", MapQuadrant::KeepUpTheGoodWork));
}

#[test]
fn a_diagram_that_leads_back_is_refused() {
    let circle = PathDiagram::new([
        ("b", ["a"]),
        ("c", ["b"]),
        ("d", ["c"]),
        ("b2", ["d"]),
        ("a", ["c"]),
    ]);
    match circle {
        Err(DriverError::Circle { through }) => assert_eq!(through, ["b", "c", "a"]),
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        PathDiagram::new([("a", ["a"])]),
        Err(DriverError::Circle { .. })
    ));
    assert!(matches!(
        PathDiagram::chain(["a", "b", "a"]),
        Err(DriverError::Circle { .. })
    ));
    assert!(matches!(
        PathDiagram::chain(["a"]),
        Err(DriverError::Empty { .. })
    ));
    assert!(matches!(
        PathDiagram::new([("b", ["a"]), ("b", ["c"])]),
        Err(DriverError::Repeated { .. })
    ));
    assert!(matches!(
        PathDiagram::new([("b", ["a", "a"])]),
        Err(DriverError::Repeated { .. })
    ));
    let none: [&str; 0] = [];
    assert!(matches!(
        PathDiagram::new([("b", none)]),
        Err(DriverError::Empty { .. })
    ));
    let chain = PathDiagram::chain(VARIABLES).unwrap();
    assert_eq!(chain.variables(), VARIABLES);
    assert_eq!(chain.arrows().last(), Some(("loyalty", "profit")));
}

#[test]
fn paths_need_respondents_columns_and_arrows() {
    let chain = PathDiagram::chain(["a", "b", "y"]).unwrap();
    let m = CorrelationMatrix::new(
        ["a", "b", "y"],
        [[1.0, 0.6, 0.3], [0.6, 1.0, 0.5], [0.3, 0.5, 1.0]],
    )
    .unwrap();
    assert!(matches!(
        chain.associations_of(&m, LEVEL),
        Err(DriverError::NoRespondents { .. })
    ));
    let few = chain.associations_of(&m.clone().with_respondents(2), LEVEL);
    assert!(matches!(
        few,
        Err(DriverError::TooFew {
            needed: 3,
            found: 2,
            ..
        })
    ));
    let m = m.with_respondents(50);
    assert!(
        chain
            .associations_of(&m, Probability::new(1.0).unwrap())
            .is_err()
    );
    let other = PathDiagram::chain(["a", "z"]).unwrap();
    assert!(matches!(
        other.associations_of(&m, LEVEL),
        Err(DriverError::Unknown { .. })
    ));
    let paths = chain.associations_of(&m, LEVEL).unwrap();
    assert!(matches!(
        paths.between("a", "y"),
        Err(DriverError::NoArrow { .. })
    ));
    assert!(matches!(
        paths.along(&["a", "y"]),
        Err(DriverError::NoArrow { .. })
    ));
    assert!(matches!(
        paths.along(&["a"]),
        Err(DriverError::Empty { .. })
    ));
    let along = paths.along(&["a", "b", "y"]).unwrap();
    assert_close!(along.mean(), 0.3, 1e-15);
    // Sobel: b²·s_a² + a²·s_b².
    let (sa, sb) = (0.64_f64 / 48.0, 0.75_f64 / 48.0);
    assert_close!(along.sd(), (0.25 * sa + 0.36 * sb).sqrt(), 1e-13);
    assert!(
        paths
            .between("a", "b")
            .unwrap()
            .to_string()
            .ends_with("(association)")
    );
    // A perfect fit has no standard error to divide by.
    let exact = CorrelationMatrix::new(["a", "b"], [[1.0, 1.0], [1.0, 1.0]])
        .unwrap()
        .with_respondents(9);
    let paths = PathDiagram::chain(["a", "b"])
        .unwrap()
        .associations_of(&exact, LEVEL)
        .unwrap();
    let path = paths.between("a", "b").unwrap();
    assert_eq!(
        (path.t(), path.p_value(), path.coefficient().mean()),
        (None, None, 1.0)
    );
}

fn said(name: &str, who: &str, on: i64, kind: impl Into<Kind>) -> Interaction {
    Interaction::new(id(name), CustomerId::new(who).unwrap(), day(on), kind).unwrap()
}

fn item(about: &str, value: f64) -> SurveyItem {
    let scale = Scale::new(1.0, 7.0).unwrap();
    let item = SurveyItem::new(Construct::PerceivedBenefit, value, scale).unwrap();
    item.with_item(about.to_owned())
}

#[test]
fn answers_come_from_interactions_as_of_an_instant() {
    let agree = || Consent::Granted {
        purpose: Purpose::Analytics,
    };
    let note = |theme: &str| QualitativeNote::new(vec![theme.to_owned()]);
    let mut log = vec![
        said("a0", "a", 1, agree()),
        said("a1", "a", 2, item("speed", 1.0)),
        said("a2", "a", 9, item("speed", 7.0)), // changed their mind
        said("a3", "a", 99, item("speed", 2.0)), // later than asked
        said("a4", "a", 3, item("design", 4.0)),
        said("a5", "a", 4, NpsSurvey::new(9).unwrap()),
        said("b0", "b", 1, agree()),
        said("b1", "b", 2, CsatSurvey::new(2).unwrap()),
        said("b2", "b", 3, note("queue")),
        said("b3", "b", 4, note("price")), // the queue came up all the same
        said("c1", "c", 2, item("speed", 3.0)), // never agreed
        said("d0", "d", 1, agree()),       // was not asked
        said("e0", "e", 1, agree()),
        said("e1", "e", 2, note("price")),
        said("e2", "e", 2, Review::new().with_stars(3.0).unwrap()),
    ];
    let questions = || {
        [
            ("speed", AnswerSource::benefit("speed")),
            ("nps", AnswerSource::Recommendation),
            ("csat", AnswerSource::Satisfaction),
            ("queue", AnswerSource::Theme("queue".to_owned())),
            ("stars", AnswerSource::Stars),
        ]
    };
    let read = |log: &[Interaction]| {
        SurveyAnswers::from_interactions(
            questions(),
            log,
            AsOf::at(day(30)),
            &ConsentPolicy::default(),
        )
        .unwrap()
    };
    let answers = read(&log);
    let expected = [
        [Some(1.0), Some(0.9), None, None, None],
        [None, None, Some(0.25), Some(1.0), None],
        [None, None, None, Some(0.0), Some(0.5)],
    ];
    let columns = questions().map(|(column, _)| column);
    let given: Vec<usize> = columns.iter().map(|c| answers.given(c).unwrap()).collect();
    assert_eq!(
        (answers.len(), answers.withheld(), given),
        (3, 1, vec![1, 1, 1, 2, 1])
    );
    let written = SurveyAnswers::from_rows(columns, expected).unwrap();
    let all =
        |answers: &SurveyAnswers| format!("{answers:?}").replace("withheld: 1", "withheld: 0");
    assert_eq!(all(&answers), all(&written));
    // Order and repeats change nothing.
    log.extend(log.clone());
    log.reverse();
    assert_eq!(read(&log), answers);
    // Before the second answer the first stands.
    let early = SurveyAnswers::from_interactions(
        questions(),
        &log,
        AsOf::at(day(5)),
        &ConsentPolicy::default(),
    );
    assert!(format!("{:?}", early.unwrap()).contains("[Some(0.0), Some(0.9)"));
}

#[test]
fn what_is_said_of_a_rival_or_by_others_answers_no_question_about_the_firm() {
    let source = AnswerSource::benefit("speed");
    let ours = said("a1", "a", 2, item("speed", 4.0));
    assert_eq!(source.read(&ours), Some(0.5));
    let rival = said("a2", "a", 3, item("speed", 7.0).with_about("north"));
    assert_eq!(source.read(&rival), None);
    for by in [Initiator::Firm, Initiator::Third] {
        assert_eq!(source.read(&ours.clone().initiated_by(by)), None);
    }
    assert_eq!(
        source.read(&ours.initiated_by(Initiator::Customer)),
        Some(0.5)
    );
}

#[test]
fn what_may_not_be_read_now_is_not_read_of_the_past_either() {
    let purpose = Purpose::Analytics;
    let mut log = vec![
        said("a0", "a", 1, Consent::Granted { purpose }),
        said("a1", "a", 2, item("speed", 4.0)),
    ];
    let read = |log: &[Interaction], as_of: AsOf, rule: ConsentRule| {
        let questions = [("speed", AnswerSource::benefit("speed"))];
        let consent = ConsentPolicy::default().with(purpose, rule);
        let answers = SurveyAnswers::from_interactions(questions, log, as_of, &consent).unwrap();
        (answers.len(), answers.withheld())
    };
    let then = AsOf::at(day(5));
    assert_eq!(read(&log, then, ConsentRule::Granted), (1, 0));
    log.push(said("a2", "a", 9, Consent::Withdrawn { purpose }).recorded(day(10)));
    assert_eq!(read(&log, then, ConsentRule::Granted), (0, 1));
    assert_eq!(read(&log, then, ConsentRule::UnlessWithdrawn), (0, 1));
    assert_eq!(read(&log, then, ConsentRule::Duty), (1, 0));
    // As it was known before, nothing was taken back.
    assert_eq!(
        read(&log, then.known_at(day(9)), ConsentRule::Granted),
        (1, 0)
    );
    // Given again, it is given; what it covers is what was covered at the instant.
    log.push(said("a3", "a", 11, Consent::Granted { purpose }));
    assert_eq!(read(&log, then, ConsentRule::Granted), (1, 0));
    // A later consent does not reach back.
    assert_eq!(
        read(&log[1..], AsOf::at(day(5)), ConsentRule::Granted),
        (0, 1)
    );
}

#[cfg(feature = "serde")]
mod stored {
    use super::*;
    use serde::Serialize;
    use serde::de::DeserializeOwned;

    /// What is written is read back to the last bit; with one text in place of another it is
    /// refused, with this in the message.
    fn check<T>(value: &T, changes: &[(&str, &str, &str)])
    where
        T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
    {
        let text = serde_json::to_string(value).unwrap();
        assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value);
        for (from, to, message) in changes {
            assert!(text.contains(from), "{from} is not in {text}");
            let refused = serde_json::from_str::<T>(&text.replacen(from, to, 1));
            let error = refused.map(|_| "read").unwrap_err().to_string();
            assert!(error.contains(message), "{from} -> {to}: {error}");
        }
    }

    #[test]
    fn a_bootstrap_and_a_cut_are_read_as_they_can_be_made() {
        let bootstrap = guanxi::perceived::DriverBootstrap::new(7);
        check(
            &bootstrap,
            &[
                ("\"level\":0.95", "\"level\":1.0", "above 0 and below 1"),
                ("\"level\":0.95", "\"level\":0.0", "above 0 and below 1"),
                ("1000", "1", "between 2 and 1000000"),
                ("1000", "1000001", "between 2 and 1000000"),
            ],
        );
        check(&Cut::At(0.5), &[("0.5", "null", "null")]);
        check(&Cut::Mean, &[("mean", "mode", "mode")]);
    }

    #[test]
    fn components_that_explain_nothing_have_no_share_of_it() {
        let drivers = importance(&matrix(|_, _| 0.3, &[0.0, 0.0]));
        assert!(drivers.r_squared().abs() <= 0.0);
        for driver in drivers.drivers() {
            assert_eq!(driver.share_of_explained(), None);
        }
        check(&drivers, &[]);
    }

    #[test]
    fn what_is_stored_is_read_back_or_refused() {
        let mut answers = respondents();
        answers
            .add([None, Some(1.0), Some(2.0), Some(3.0)])
            .unwrap();
        check(
            &answers,
            &[
                ("[6.0,", "[6.0,1.0,", "expected 4, got 5"),
                ("\"value\"", "\"loyalty\"", "twice"),
                ("\"columns\"", "\"other\"", "unknown field"),
            ],
        );
        let matrix = CorrelationMatrix::of(&answers, VARIABLES).unwrap();
        check(
            &matrix,
            &[
                ("1.0", "0.9", "must be 1"),
                ("\"left_out\":1", "\"left_out\":-1", "-1"),
            ],
        );
        let sample = DriverSample::new(&answers, "profit", &VARIABLES[..3]).unwrap();
        let drivers = sample.importance().unwrap();
        check(
            &drivers,
            &[
                (
                    "\"importance\":0.3",
                    "\"importance\":0.4",
                    "distance of the share",
                ),
                ("\"r_squared\":0.9", "\"r_squared\":1.9", "between 0 and 1"),
                (
                    "\"correlation\":0.9",
                    "\"correlation\":0.8",
                    "the square of its correlation",
                ),
                (
                    "\"respondents\":12",
                    "\"respondents\":4",
                    "needs 5 respondents",
                ),
            ],
        );
        let map = sample
            .importance_performance(QuadrantCuts::default())
            .unwrap();
        check(
            &map,
            &[(
                "concentrate_here",
                "low_priority",
                "the quadrant of a component",
            )],
        );
        let chain = PathDiagram::chain(VARIABLES).unwrap();
        check(
            &chain,
            &[("\"from\":[\"value\"]", "\"from\":[\"profit\"]", "circle")],
        );
        let paths = chain.associations(&answers, LEVEL).unwrap();
        check(
            &paths,
            &[
                ("\"mean\":0.8", "\"mean\":0.7", "what the correlations give"),
                (
                    "\"degrees_of_freedom\":10",
                    "\"degrees_of_freedom\":11",
                    "what the correlations give",
                ),
            ],
        );
        check(&AnswerSource::benefit("speed"), &[]);
    }

    #[cfg(feature = "simulate")]
    #[test]
    fn a_stored_bootstrap_is_read_back_or_refused() {
        let sample = DriverSample::new(&respondents(), "profit", &VARIABLES[..2]).unwrap();
        let report = guanxi::perceived::DriverBootstrap::new(1)
            .run(&sample)
            .unwrap();
        check(
            &report,
            &[
                (
                    "\"ranked_first\":0",
                    "\"ranked_first\":1",
                    "between 0 and 1",
                ),
                ("\"level\":0.95", "\"level\":0.9", "that of the bootstrap"),
                (
                    "\"failed\":",
                    "\"failed\":90000",
                    "at most the samples drawn",
                ),
            ],
        );
    }
}
