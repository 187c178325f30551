//! The NBD as the start of every purchase model's search and the floor under its likelihood, for it
//! is nested in all of them.

use crate::numeric::minimise::{Limits, minimise};
use crate::numeric::special::ln_one_plus;

use super::super::maximise::Limit;
use super::super::report::Boundary;
use super::sample::{Distinct, Rising, rising_table};

/// Limits of the models that add to gamma rates a dropout with two parameters of its own, of which a
/// small first or a large second means little dropout, and both large the same for all.
pub(crate) const LIMITS: &[Limit] = &[
    Limit {
        boundary: Boundary::NoDropout,
        towards: &[0.0, 0.0, -1.0, 0.0],
    },
    Limit {
        boundary: Boundary::NoDropout,
        towards: &[0.0, 0.0, 0.0, 1.0],
    },
    Limit {
        boundary: Boundary::HomogeneousDropout,
        towards: &[0.0, 0.0, 1.0, 1.0],
    },
    Limit {
        boundary: Boundary::HomogeneousRates,
        towards: &[1.0, 1.0, 0.0, 0.0],
    },
];

/// The log-likelihood of the NBD for a sample, with its working space. Only frequency and age count:
/// rows are merged over recency.
pub(crate) struct Likelihood<'a> {
    sample: &'a Distinct,
    /// Frequency and age by their places, and the weight.
    rows: Vec<(usize, usize, f64)>,
    rising: Vec<Rising>,
    logs: Vec<f64>,
}

impl<'a> Likelihood<'a> {
    pub(crate) fn new(sample: &'a Distinct) -> Self {
        let mut rows: Vec<(usize, usize, f64)> = sample
            .rows
            .iter()
            .map(|row| (row.frequency, row.age, row.weight))
            .collect();
        rows.sort_unstable_by_key(|&(frequency, age, _)| (frequency, age));
        rows.dedup_by(|next, kept| {
            let equal = (next.0, next.1) == (kept.0, kept.1);
            if equal {
                kept.2 += next.2;
            }
            equal
        });
        Self {
            sample,
            rows,
            rising: Vec::new(),
            logs: vec![0.0; sample.times.len()],
        }
    }

    /// A start with the right mean.
    pub(crate) fn start(&self) -> [f64; 2] {
        let rate = self.sample.purchases / self.sample.exposure.max(f64::MIN_POSITIVE);
        [0.5_f64.ln(), (0.5 / rate).clamp(1e-6, 1e6).ln()]
    }

    /// The log-likelihood and its gradient in `ln r` and `ln α`.
    pub(crate) fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        let sample = self.sample;
        let (r, alpha) = (x[0].exp(), x[1].exp());
        rising_table(r, 0, &sample.frequencies, &mut self.rising);
        for (log, time) in self.logs.iter_mut().zip(&sample.times) {
            *log = ln_one_plus(time / alpha);
        }
        let (mut value, mut by_r, mut by_alpha) = (0.0, 0.0, 0.0);
        for &(frequency, age, weight) in &self.rows {
            let n = f64::from(sample.frequencies[frequency]);
            let (log, rise) = (self.logs[age], self.rising[frequency]);
            let share = 1.0 / (1.0 + sample.times[age] / alpha);
            value += weight * (rise.ln - n * x[1] - (r + n) * log);
            by_r += weight * (rise.slope - log);
            by_alpha += weight * (r - (r + n) * share);
        }
        gradient[0] = r * by_r;
        gradient[1] = by_alpha;
        value
    }
}

/// The best NBD model of a sample, in scaled time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Nested {
    pub(crate) ln_r: f64,
    pub(crate) ln_alpha: f64,
    /// Scaled log-likelihood.
    pub(crate) log_likelihood: f64,
}

/// Fits the NBD to a sample; a start, so a coarse search is enough.
pub(crate) fn nested(sample: &Distinct) -> Nested {
    let mut likelihood = Likelihood::new(sample);
    let start = likelihood.start();
    let mut objective = |x: &[f64], gradient: &mut [f64]| {
        let value = likelihood.evaluate(x, gradient);
        for g in gradient.iter_mut() {
            *g = -*g / sample.customers;
        }
        -value / sample.customers
    };
    let end = minimise(
        &mut objective,
        &start,
        Limits {
            bound: 15.0,
            step: 3.0,
            gradient: 1e-5,
            iterations: 100,
        },
        &[],
    )
    .point;
    Nested {
        ln_r: end.x[0],
        ln_alpha: end.x[1],
        log_likelihood: -end.value * sample.customers,
    }
}
