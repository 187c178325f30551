//! How often intervals hold what they should, in samples drawn with fixed seeds.

use guanxi::metric::{
    MetricError, Nps, NpsMethod, Percentiles, SampleMean, Share, gini_estimate,
    herfindahl_estimate, top_share_estimate,
};
use guanxi::quantity::{Estimate, Interval, Probability};

const LEVEL: Probability = Probability::NINETY_FIVE_PERCENT;
const TIMES: u32 = 4_000;

/// The generator of Steele, Lea & Flood (2014), enough to draw samples.
struct SplitMix(u64);

impl SplitMix {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 * (0.5_f64).powi(53)
    }

    fn exponential(&mut self) -> f64 {
        -(-self.uniform()).ln_1p()
    }

    /// Of which the logarithm is standard normal; by Box & Muller (1958).
    fn lognormal(&mut self) -> f64 {
        let radius = (2.0 * self.exponential()).sqrt();
        (radius * (std::f64::consts::TAU * self.uniform()).cos()).exp()
    }

    fn count(&mut self, n: u64, p: f64) -> u64 {
        (0..n).filter(|_| self.uniform() < p).count() as u64
    }
}

/// The share of samples whose interval holds the truth.
fn coverage(seed: u64, truth: f64, mut draw: impl FnMut(&mut SplitMix) -> Interval) -> f64 {
    let mut random = SplitMix(seed);
    let held = (0..TIMES)
        .filter(|_| draw(&mut random).contains(truth))
        .count();
    held as f64 / f64::from(TIMES)
}

fn score(seed: u64, n: u64, [p, d]: [f64; 2], method: NpsMethod) -> f64 {
    coverage(seed, 100.0 * (p - d), |random| {
        let mut nps = [0; 3];
        for _ in 0..n {
            let u = random.uniform();
            nps[if u < p { 0 } else { 1 + usize::from(u < p + d) }] += 1;
        }
        let nps = Nps::new(nps[0], nps[1], nps[2]);
        let estimate = nps.estimate(method, LEVEL).unwrap().unwrap();
        estimate.stated_interval().unwrap()
    })
}

#[test]
fn the_adjusted_interval_of_the_score_holds_where_the_plain_one_does_not() {
    for (n, shares) in [(15, [0.9, 0.03]), (20, [0.5, 0.2]), (200, [0.4, 0.3])] {
        let adjusted = score(1, n, shares, NpsMethod::AdjustedWald);
        assert!(adjusted > 0.935, "{n} {shares:?}: {adjusted}");
    }
    let plain = score(1, 15, [0.9, 0.03], NpsMethod::Wald);
    assert!(plain < 0.85, "{plain}");
}

#[test]
fn order_statistics_hold_the_percentile_of_a_skewed_distribution() {
    let p = Probability::new(0.9).unwrap();
    let held = coverage(2, 10.0_f64.ln(), |random| {
        let waits: Vec<f64> = (0..80).map(|_| random.exponential()).collect();
        let found = Percentiles::new(&waits).unwrap().percentile(p, LEVEL);
        found.unwrap().unwrap().interval().unwrap()
    });
    assert!((0.945..0.99).contains(&held), "{held}");
}

#[test]
fn the_jackknife_interval_of_the_gini_coefficient_nearly_holds() {
    // Of an exponential distribution it is one half.
    let held = coverage(3, 0.5, |random| {
        let values: Vec<f64> = (0..60).map(|_| random.exponential()).collect();
        gini_estimate(&values, LEVEL)
            .unwrap()
            .stated_interval()
            .unwrap()
    });
    assert!((0.92..0.97).contains(&held), "{held}");
}

/// The coverage that the documentation of the three estimates states.
#[test]
fn the_intervals_of_concentration_hold_as_often_as_they_say() {
    type Of = fn(&[f64]) -> Result<Estimate, MetricError>;
    type Draw = fn(&mut SplitMix) -> f64;
    let gini: Of = |v| gini_estimate(v, LEVEL);
    let herfindahl: Of = |v| herfindahl_estimate(v, LEVEL);
    let top: Of = |v| top_share_estimate(v, 0.2, LEVEL);
    let (exponential, lognormal): (Draw, Draw) = (SplitMix::exponential, SplitMix::lognormal);
    // The truth, of a base of n for the Herfindahl index: (1 + cv²)/n.
    let cases = [
        ("gini", gini, exponential, 60, 0.5, 0.94),
        ("gini", gini, exponential, 500, 0.5, 0.95),
        ("gini", gini, lognormal, 60, 0.520_499_877_8, 0.89),
        ("gini", gini, lognormal, 500, 0.520_499_877_8, 0.93),
        ("herfindahl", herfindahl, exponential, 60, 2.0 / 60.0, 0.86),
        (
            "herfindahl",
            herfindahl,
            exponential,
            500,
            2.0 / 500.0,
            0.92,
        ),
        (
            "herfindahl",
            herfindahl,
            lognormal,
            60,
            std::f64::consts::E / 60.0,
            0.58,
        ),
        (
            "herfindahl",
            herfindahl,
            lognormal,
            500,
            std::f64::consts::E / 500.0,
            0.75,
        ),
        ("top", top, exponential, 60, 0.521_887_582_5, 0.93),
        ("top", top, exponential, 500, 0.521_887_582_5, 0.95),
        ("top", top, lognormal, 60, 0.562_921_143_7, 0.88),
        ("top", top, lognormal, 500, 0.562_921_143_7, 0.93),
    ];
    for (what, of, draw, n, truth, stated) in cases {
        let held = coverage(6, truth, |random| {
            let values: Vec<f64> = (0..n).map(|_| draw(random)).collect();
            of(&values).unwrap().stated_interval().unwrap()
        });
        assert!((held - stated).abs() < 0.015, "{what} of {n}: {held}");
    }
}

#[test]
fn newcombes_interval_holds_the_difference_of_small_shares() {
    let held = coverage(4, 0.1, |random| {
        let before = Share::new(random.count(40, 0.1), 40).unwrap();
        let after = Share::new(random.count(40, 0.2), 40).unwrap();
        before.change(after, LEVEL).unwrap().unwrap().interval()
    });
    assert!((0.94..0.98).contains(&held), "{held}");
}

#[test]
fn welchs_interval_holds_the_difference_of_means_that_scatter_apart() {
    let held = coverage(5, 1.0, |random| {
        let mut sample = |n, from: f64, width: f64| {
            let values: Vec<f64> = (0..n).map(|_| from + width * random.uniform()).collect();
            SampleMean::of(&values).unwrap()
        };
        let (before, after) = (sample(8, 0.0, 1.0), sample(20, -0.5, 4.0));
        before.change(&after, LEVEL).unwrap().unwrap().interval()
    });
    assert!((0.935..0.965).contains(&held), "{held}");
}
