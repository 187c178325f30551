//! The NBD as the start of every purchase model's search and the floor under its likelihood, for it
//! is nested in all of them.

use crate::numeric::chunks;
use crate::numeric::linear::Symmetric;
use crate::numeric::minimise::Limits;
use crate::numeric::newton::descend;
use crate::numeric::special::ln_one_plus;

use super::super::maximise::{Limit, LogLikelihood};
use super::super::report::Boundary;
use super::sample::{Distinct, Rising, rising_table};

/// Limits of the models that add to gamma rates a dropout with two parameters of its own, of which a
/// small first or a large second means little dropout, both large the same for all, and both small all
/// at once or never.
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
        boundary: Boundary::PolarisedDropout,
        towards: &[0.0, 0.0, -1.0, -1.0],
    },
    Limit {
        boundary: Boundary::HomogeneousRates,
        towards: &[1.0, 1.0, 0.0, 0.0],
    },
];

/// The log-likelihood of the NBD for a sample, with its working space. Only frequency and age count:
/// rows, which ascend in frequency and age, are merged over
/// recency.
pub(crate) struct Likelihood<'a> {
    sample: &'a Distinct,
    /// Frequency and age by their places, and the weight.
    rows: Vec<(usize, usize, f64)>,
    rising: Vec<Rising>,
    /// `ln(1 + t/α)` and `α/(α + t)` at each distinct time.
    times: Vec<(f64, f64)>,
}

impl<'a> Likelihood<'a> {
    pub(crate) fn new(sample: &'a Distinct) -> Self {
        let mut rows: Vec<(usize, usize, f64)> = sample
            .rows
            .iter()
            .map(|row| (row.frequency(), row.age(), row.weight))
            .collect();
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
            times: Vec::with_capacity(sample.times.len()),
        }
    }

    /// A start with the right mean.
    pub(crate) fn start(&self) -> [f64; 2] {
        let rate = self.sample.purchases / self.sample.exposure.max(f64::MIN_POSITIVE);
        [0.5_f64.ln(), (0.5 / rate).clamp(1e-6, 1e6).ln()]
    }

    /// Value, slopes in `r` and `ln α`, and the Hessian in the same, row by row up to the diagonal.
    fn sums(&mut self, x: &[f64]) -> [f64; 6] {
        let sample = self.sample;
        let (r, alpha) = (x[0].exp(), x[1].exp());
        rising_table(r, 0, &sample.frequencies, &mut self.rising);
        self.times.clear();
        self.times.extend(sample.times.iter().map(|time| {
            let ratio = time / alpha;
            (ln_one_plus(ratio), 1.0 / (1.0 + ratio))
        }));
        let (rising, times) = (&self.rising, &self.times);
        chunks::sums(&self.rows, |rows| {
            let mut sums = [0.0; 6];
            for &(frequency, age, weight) in rows {
                let n = f64::from(sample.frequencies[frequency]);
                let rise = rising[frequency];
                let (log, share) = times[age];
                let shape = r + n;
                sums[0] += weight * (rise.ln - n * x[1] - shape * log);
                sums[1] += weight * (rise.slope - log);
                sums[2] += weight * (r - shape * share);
                sums[3] += weight * rise.curve;
                sums[4] += weight * (1.0 - share);
                sums[5] -= weight * (shape * (share * (1.0 - share)));
            }
            sums
        })
    }
}

impl LogLikelihood for Likelihood<'_> {
    fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        let sums = self.sums(x);
        gradient[0] = x[0].exp() * sums[1];
        gradient[1] = sums[2];
        sums[0]
    }

    fn is_curved(&self) -> bool {
        true
    }

    fn curved(&mut self, x: &[f64], gradient: &mut [f64], hessian: &mut Symmetric) -> f64 {
        let r = x[0].exp();
        let sums = self.sums(x);
        gradient[0] = r * sums[1];
        gradient[1] = sums[2];
        hessian.fill(&[r * (r * sums[3] + sums[1]), r * sums[4], sums[5]]);
        sums[0]
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
    let mut objective = |x: &[f64], gradient: &mut [f64], hessian: &mut Symmetric| {
        let value = likelihood.curved(x, gradient, hessian);
        for g in gradient.iter_mut() {
            *g = -*g / sample.customers;
        }
        hessian.scale(-1.0 / sample.customers);
        -value / sample.customers
    };
    let limits = Limits {
        bound: 15.0,
        step: 3.0,
        gradient: 1e-5,
        iterations: 100,
    };
    let (end, _) = descend(&mut objective, &start, limits, 0.0, &[]);
    Nested {
        ln_r: end.point.x[0],
        ln_alpha: end.point.x[1],
        log_likelihood: -end.point.value * sample.customers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fit::Sample;
    use crate::model::maximise::hessian_agrees;
    use crate::model::purchase::PurchaseSample;
    use crate::quantity::TimeUnit;
    use crate::summary::RfmSummary;

    #[test]
    fn the_hessian_is_the_slope_of_the_gradient() {
        let mut sample = PurchaseSample::default();
        for (x, t_x, age) in [
            (0, 0.0, 3.0),
            (2, 30.0, 38.0),
            (2, 3.0, 38.0),
            (40, 20.0, 39.0),
        ] {
            let customer = RfmSummary::new(TimeUnit::Week, x, t_x, age).unwrap();
            sample.add(&customer, 1.0).unwrap();
        }
        let sample = sample.distinct("").unwrap();
        for parameters in [[0.4_f64, 0.3], [20.0, 7.0]] {
            hessian_agrees(&mut Likelihood::new(&sample), &parameters.map(f64::ln));
        }
    }
}
