//! Drivers found again where the truth is known, and how often intervals hold it.
#![cfg(feature = "simulate")]

mod support;

use guanxi::model::RandomStream;
use guanxi::perceived::{
    CorrelationMatrix, DriverBootstrap, DriverError, DriverImportance, DriverSample, PathDiagram,
    SurveyAnswers,
};
use guanxi::quantity::Probability;

const LEVEL: Probability = Probability::NINETY_FIVE_PERCENT;

/// Answers about components that share a halo, and an outcome that goes with them by `weights`.
struct Survey<'a> {
    weights: &'a [f64],
    /// How much of each answer is the halo, as a correlation between any two components.
    halo: f64,
    noise: f64,
    /// Answers on a scale of 1 to 7, as they would be given, rather than any number.
    rounded: bool,
}

impl Survey<'_> {
    fn names(&self) -> Vec<String> {
        let components = (0..self.weights.len()).map(|k| format!("x{k}"));
        components.chain(["y".to_owned()]).collect()
    }

    fn answers(&self, respondents: usize, seed: u64) -> SurveyAnswers {
        let mut random = RandomStream::new(seed, 1);
        let mut answers = SurveyAnswers::new(self.names()).unwrap();
        for _ in 0..respondents {
            let shared = random.normal();
            let mut row: Vec<f64> = self
                .weights
                .iter()
                .map(|_| self.halo.sqrt() * shared + (1.0 - self.halo).sqrt() * random.normal())
                .collect();
            let known: f64 = row.iter().zip(self.weights).map(|(x, w)| x * w).sum();
            row.push(known + self.noise * random.normal());
            if self.rounded {
                for x in &mut row {
                    *x = (4.5 + 1.2 * *x).round().clamp(1.0, 7.0);
                }
            }
            answers.add(row).unwrap();
        }
        answers
    }

    fn sample(&self, respondents: usize, seed: u64) -> DriverSample {
        let components = self.names().into_iter().take(self.weights.len());
        DriverSample::new(&self.answers(respondents, seed), "y", components).unwrap()
    }

    /// The correlations among all there might be, before rounding.
    fn truth(&self) -> CorrelationMatrix {
        let p = self.weights.len();
        let between = |i: usize, j: usize| if i == j { 1.0 } else { self.halo };
        let with = |i: usize| -> f64 { (0..p).map(|j| between(i, j) * self.weights[j]).sum() };
        let explained: f64 = (0..p).map(|i| with(i) * self.weights[i]).sum();
        let sd = (explained + self.noise * self.noise).sqrt();
        let cell = |i: usize, j: usize| match (i == p, j == p) {
            (true, true) => 1.0,
            (true, false) => with(j) / sd,
            (false, true) => with(i) / sd,
            (false, false) => between(i, j),
        };
        let rows = (0..=p).map(|i| (0..=p).map(|j| cell(i, j)).collect::<Vec<_>>());
        CorrelationMatrix::new(self.names(), rows).unwrap()
    }
}

#[test]
fn planted_drivers_are_ranked_first() {
    // Eight components, of which the sixth matters most and the third comes next.
    let weights = [0.1, 0.0, 0.45, 0.1, 0.0, 0.7, 0.05, 0.0];
    for rounded in [false, true] {
        let survey = Survey {
            weights: &weights,
            halo: 0.4,
            noise: 1.0,
            rounded,
        };
        let seeds = 400;
        let (mut first, mut both) = (0, 0);
        for seed in 0..seeds {
            let drivers = survey.sample(300, seed).importance().unwrap();
            let ranked: Vec<&str> = drivers.ranked().iter().map(|d| d.component()).collect();
            first += u64::from(ranked[0] == "x5");
            both += u64::from(ranked[..2] == ["x5", "x2"]);
        }
        assert!(first * 100 >= seeds * 95, "first in {first} of {seeds}");
        assert!(both * 100 >= seeds * 95, "both in {both} of {seeds}");
    }
}

#[test]
fn intervals_hold_the_truth_about_as_often_as_they_say() {
    let survey = Survey {
        weights: &[0.6, 0.4, 0.3],
        halo: 0.3,
        noise: 1.0,
        rounded: false,
    };
    let truth = DriverImportance::of(&survey.truth(), "y").unwrap();
    let trials = 300;
    let mut held = [0; 4];
    for seed in 0..trials {
        let report = DriverBootstrap::new(seed)
            .with_replications(400)
            .unwrap()
            .run(&survey.sample(200, 10_000 + seed))
            .unwrap();
        let parts = report
            .drivers()
            .iter()
            .map(guanxi::perceived::DriverSpread::importance);
        let expected = truth
            .drivers()
            .iter()
            .map(guanxi::perceived::Driver::importance)
            .chain([truth.r_squared()]);
        for ((found, expected), held) in parts
            .chain([report.r_squared()])
            .zip(expected)
            .zip(&mut held)
        {
            *held += u64::from(found.stated_interval().unwrap().contains(expected));
        }
        assert_eq!(report.failed(), 0);
    }
    // Of 300, 285 are expected; five times the spread of 3.8 below, and four above it.
    for held in held {
        assert!((266..=299).contains(&held), "{held} of {trials}");
    }
}

#[test]
fn t_intervals_of_paths_hold_the_truth_about_as_often_as_they_say() {
    // loyalty = .3·value + .3·satisfaction + noise, of variance 1.
    let diagram = PathDiagram::new([("y", ["x0", "x1"])]).unwrap();
    let noise = (1.0_f64 - 0.18 - 0.18 * 0.4).sqrt();
    let survey = Survey {
        weights: &[0.3, 0.3],
        halo: 0.4,
        noise,
        rounded: false,
    };
    let trials = 1000;
    let mut held = 0;
    for seed in 0..trials {
        let paths = diagram
            .associations(&survey.answers(120, seed), LEVEL)
            .unwrap();
        let path = paths.between("x0", "y").unwrap();
        held += u64::from(path.coefficient().stated_interval().unwrap().contains(0.3));
    }
    assert!((925..=975).contains(&held), "{held} of {trials}");
}

#[test]
fn the_same_seed_gives_the_same_bits_in_any_order_of_respondents() {
    let survey = Survey {
        weights: &[0.6, 0.4, 0.0],
        halo: 0.3,
        noise: 1.0,
        rounded: true,
    };
    let rows: Vec<[f64; 4]> = {
        let mut random = RandomStream::new(3, 3);
        (0..80)
            .map(|_| std::array::from_fn(|_| (random.normal() * 2.0).round()))
            .collect()
    };
    let of = |rows: &[[f64; 4]]| {
        let answers = SurveyAnswers::from_rows(survey.names(), rows.iter().copied()).unwrap();
        DriverSample::new(&answers, "y", ["x0", "x1", "x2"]).unwrap()
    };
    let bootstrap = DriverBootstrap::new(42).with_replications(200).unwrap();
    let report = bootstrap.run(&of(&rows)).unwrap();
    let mut turned = rows.clone();
    turned.reverse();
    turned.swap(3, 40);
    assert_eq!(bootstrap.run(&of(&turned)).unwrap(), report);
    assert_ne!(
        DriverBootstrap::new(43)
            .with_replications(200)
            .unwrap()
            .run(&of(&rows))
            .unwrap(),
        report
    );
    assert_eq!(report.bootstrap(), bootstrap);
    // One of them is first in each sample.
    let firsts: f64 = report
        .drivers()
        .iter()
        .map(guanxi::perceived::DriverSpread::ranked_first)
        .sum();
    assert!((firsts - 1.0).abs() < 1e-12);
}

#[test]
fn the_bits_of_a_seed_are_known() {
    let survey = Survey {
        weights: &[0.6, 0.4],
        halo: 0.3,
        noise: 1.0,
        rounded: true,
    };
    let report = DriverBootstrap::new(1)
        .with_replications(100)
        .unwrap()
        .run(&survey.sample(50, 1))
        .unwrap();
    let interval = report.drivers()[0].importance().stated_interval().unwrap();
    // Nothing but sums, products, quotients and roots: the same on every platform.
    assert_eq!(
        interval.lower().to_bits(),
        0.052_650_950_851_828_56_f64.to_bits()
    );
    assert_eq!(
        interval.upper().to_bits(),
        0.393_578_204_057_937_03_f64.to_bits()
    );
}

#[test]
fn more_samples_begin_with_the_same() {
    let survey = Survey {
        weights: &[0.6, 0.4],
        halo: 0.3,
        noise: 1.0,
        rounded: false,
    };
    let sample = survey.sample(60, 5);
    let run = |n| {
        DriverBootstrap::new(9)
            .with_replications(n)
            .unwrap()
            .run(&sample)
            .unwrap()
    };
    let (few, many) = (run(40), run(4000));
    let sd = |report: &guanxi::perceived::DriverIntervals| report.drivers()[0].importance().sd();
    // The point does not depend on the samples, and the spread settles.
    assert_eq!(
        few.drivers()[0].importance().mean().to_bits(),
        many.drivers()[0].importance().mean().to_bits()
    );
    assert!((sd(&few) / sd(&many) - 1.0).abs() < 0.4);
}

#[test]
fn too_few_samples_for_the_level_are_refused() {
    let survey = Survey {
        weights: &[0.6, 0.4],
        halo: 0.3,
        noise: 1.0,
        rounded: false,
    };
    let sample = survey.sample(60, 5);
    let run = |n, level| {
        let level = Probability::new(level).unwrap();
        DriverBootstrap::new(9)
            .with_replications(n)?
            .with_level(level)?
            .run(&sample)
    };
    assert!(run(40, 0.95).is_ok());
    assert!(matches!(
        run(39, 0.95),
        Err(DriverError::TooFewReplications {
            needed: 40,
            found: 39,
            of: 39,
            ..
        })
    ));
    for (samples, level) in [(0, 0.5), (1, 0.5), (1_000_001, 0.5), (100, 0.0), (100, 1.0)] {
        let refused = run(samples, level);
        assert!(
            matches!(refused, Err(DriverError::Domain { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn samples_in_which_a_component_does_not_vary_are_counted() {
    // One respondent in eight named the theme: at times nobody who did is drawn.
    let rows = (0..8_u32).map(|n| {
        let theme = f64::from(u8::from(n == 3));
        let quality = f64::from(n % 4);
        [
            theme,
            quality,
            quality + 2.0 * theme + 0.3 * f64::from(n % 3),
        ]
    });
    let answers = SurveyAnswers::from_rows(["theme", "quality", "y"], rows).unwrap();
    let sample = DriverSample::new(&answers, "y", ["theme", "quality"]).unwrap();
    let report = DriverBootstrap::new(1).run(&sample).unwrap();
    // (7/8)^8 = .34 of 1000 samples, and the rare ones that are collinear.
    assert!((300..420).contains(&report.failed()), "{}", report.failed());
}

#[test]
fn a_component_that_matters_little_is_estimated_too_high() {
    // As the documentation says: a share cannot be below 0.
    let survey = Survey {
        weights: &[0.6, 0.0],
        halo: 0.0,
        noise: 1.0,
        rounded: false,
    };
    let mean: f64 = (0..200)
        .map(|seed| survey.sample(100, seed).importance().unwrap().drivers()[1].importance())
        .sum::<f64>()
        / 200.0;
    // About the share of the variance left, .735, over the respondents.
    assert!((0.004..0.012).contains(&mean), "{mean}");
}
