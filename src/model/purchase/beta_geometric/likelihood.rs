//! The log-likelihood of the BG/NBD family over a whole sample, with gradient and Hessian in one pass.
//!
//! What depends on frequency or on a time alone is tabulated once an evaluation; rows of one frequency
//! then need one exponential and one logarithm each, and leave a dozen sums from which all fifteen
//! numbers follow.

use crate::numeric::chunks;
use crate::numeric::linear::Symmetric;
use crate::numeric::special::ln_one_plus;

use super::super::super::maximise::LogLikelihood;
use super::super::sample::{Distinct, DistinctRow, Rising, rising_table};

/// The log-likelihood of a sample with its working space.
pub(crate) struct Likelihood<'a> {
    sample: &'a Distinct,
    first: u32,
    /// At each distinct frequency.
    counts: Vec<Count>,
    r_rising: Vec<Rising>,
    b_rising: Vec<Rising>,
    ab_rising: Vec<Rising>,
    /// At each distinct time.
    times: Vec<Time>,
}

/// What the rows of one frequency share; slopes in `a` and `b` are those in their logarithms.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    /// Everything of the log-likelihood that depends on frequency alone, with its derivatives.
    ln: f64,
    by_r: f64,
    by_a: f64,
    by_b: f64,
    by_rr: f64,
    by_aa: f64,
    by_ab: f64,
    by_bb: f64,
    /// `r + x`.
    shape: f64,
    /// Log-odds against the last chance: `ln a − ln(b + chances − 1)`.
    odds: f64,
    by_odds_b: f64,
    /// Without a chance nobody can have dropped out.
    may_be_dead: bool,
}

/// What the rows share that refer to one time *t*.
#[derive(Debug, Clone, Copy)]
struct Time {
    /// `ln(1 + t/α)`.
    ln: f64,
    /// `α/(α + t)`.
    share: f64,
}

/// Value, gradient and the ten cells of the Hessian, row by row up to the diagonal.
const NUMBERS: usize = 15;

impl<'a> Likelihood<'a> {
    pub(crate) fn new(sample: &'a Distinct, first: u32) -> Self {
        Self {
            sample,
            first,
            counts: Vec::with_capacity(sample.frequencies.len()),
            r_rising: Vec::new(),
            b_rising: Vec::new(),
            ab_rising: Vec::new(),
            times: Vec::with_capacity(sample.times.len()),
        }
    }

    /// The same of another sample, in the same working space.
    pub(crate) fn on(&mut self, sample: &'a Distinct) -> &mut Self {
        self.sample = sample;
        self
    }

    /// Value, gradient and, if asked for, Hessian in the logarithms of the parameters.
    fn pass<const CURVED: bool>(&mut self, x: &[f64]) -> [f64; NUMBERS] {
        let (r, alpha, a, b) = (x[0].exp(), x[1].exp(), x[2].exp(), x[3].exp());
        self.tabulate(x[1], r, alpha, a, b);
        let mut sums = chunks::sums(&self.sample.rows, |rows| {
            let mut sums = [0.0; NUMBERS];
            for equal in rows.chunk_by(|a, b| a.frequency() == b.frequency()) {
                let count = &self.counts[equal[0].frequency()];
                let group = self.group::<CURVED>(count, equal);
                group.add_to::<CURVED>(count, r, &mut sums);
            }
            sums
        });
        if CURVED {
            sums[5] = r * (r * sums[5] + sums[1]);
            for cell in [6, 8, 11] {
                sums[cell] *= r;
            }
        }
        sums[1] *= r;
        sums
    }

    /// The sums over rows of one frequency.
    fn group<const CURVED: bool>(&self, count: &Count, rows: &[DistinctRow]) -> Group {
        let mut group = Group::default();
        for row in rows {
            let (age, weight) = (self.times[row.age()], row.weight);
            group.weight += weight;
            group.ln_age += weight * age.ln;
            group.age_share += weight * age.share;
            if CURVED {
                group.age_curve += weight * (age.share * (1.0 - age.share));
            }
            if !count.may_be_dead {
                continue;
            }
            let last = self.times[row.recency()];
            let since = age.ln - last.ln;
            let fall = last.share - age.share;
            let z = count.odds + count.shape * since;
            let e = (-z.abs()).exp();
            let minor = 1.0 / (1.0 + e);
            let dead = if z > 0.0 { minor } else { e * minor };
            group.odds += weight * (z.max(0.0) + ln_one_plus(e));
            let dead_weight = weight * dead;
            group.dead += dead_weight;
            group.dead_since += dead_weight * since;
            group.dead_fall += dead_weight * fall;
            if CURVED {
                let curve = age.share * (1.0 - age.share) - last.share * (1.0 - last.share);
                group.dead_curve += dead_weight * curve;
                let unsure = weight * (e * minor * minor);
                group.unsure += unsure;
                group.unsure_since += unsure * since;
                group.unsure_fall += unsure * fall;
                group.unsure_since_since += unsure * since * since;
                group.unsure_since_fall += unsure * since * fall;
                group.unsure_fall_fall += unsure * fall * fall;
            }
        }
        group
    }

    /// Fills the tables.
    fn tabulate(&mut self, ln_alpha: f64, r: f64, alpha: f64, a: f64, b: f64) {
        let sample = self.sample;
        rising_table(r, 0, &sample.frequencies, &mut self.r_rising);
        rising_table(b, self.first, &sample.frequencies, &mut self.b_rising);
        rising_table(a + b, self.first, &sample.frequencies, &mut self.ab_rising);
        self.counts.clear();
        for (i, &frequency) in sample.frequencies.iter().enumerate() {
            let n = f64::from(frequency);
            let chances = f64::from(frequency) + f64::from(self.first);
            let (rise, stay, all) = (self.r_rising[i], self.b_rising[i], self.ab_rising[i]);
            let last = b + (chances - 1.0);
            let may_be_dead = chances > 0.0;
            let by_a = -a * all.slope;
            let by_b = b * (stay.slope - all.slope);
            self.counts.push(Count {
                ln: rise.ln - n * ln_alpha + stay.ln - all.ln,
                by_r: rise.slope,
                by_a,
                by_b,
                by_rr: rise.curve,
                by_aa: by_a - a * a * all.curve,
                by_ab: -a * b * all.curve,
                by_bb: by_b + b * b * (stay.curve - all.curve),
                shape: r + n,
                odds: if may_be_dead { a.ln() - last.ln() } else { 0.0 },
                by_odds_b: if may_be_dead { b / last } else { 0.0 },
                may_be_dead,
            });
        }
        self.times.clear();
        self.times.extend(sample.times.iter().map(|time| {
            let ratio = time / alpha;
            Time {
                ln: ln_one_plus(ratio),
                share: 1.0 / (1.0 + ratio),
            }
        }));
    }
}

/// Sums over rows of one frequency. `dead` is the chance to have dropped out, `unsure` its product with
/// the chance of the contrary; `since` is `ln((α + T)/(α + tₓ))`, and `fall` how far it falls with `ln α`.
#[derive(Debug, Clone, Copy, Default)]
struct Group {
    weight: f64,
    ln_age: f64,
    age_share: f64,
    age_curve: f64,
    odds: f64,
    dead: f64,
    dead_since: f64,
    dead_fall: f64,
    dead_curve: f64,
    unsure: f64,
    unsure_since: f64,
    unsure_fall: f64,
    unsure_since_since: f64,
    unsure_since_fall: f64,
    unsure_fall_fall: f64,
}

impl Group {
    /// Adds what the group says of the log-likelihood; derivatives in `r` are not yet those in its
    /// logarithm.
    fn add_to<const CURVED: bool>(&self, count: &Count, r: f64, sums: &mut [f64; NUMBERS]) {
        let (weight, shape, by_odds_b) = (self.weight, count.shape, count.by_odds_b);
        sums[0] += weight * count.ln - shape * self.ln_age + self.odds;
        sums[1] += weight * count.by_r - self.ln_age + self.dead_since;
        sums[2] += weight * r - shape * (self.age_share + self.dead_fall);
        sums[3] += weight * count.by_a + self.dead;
        sums[4] += weight * count.by_b - by_odds_b * self.dead;
        if CURVED {
            sums[5] += weight * count.by_rr + self.unsure_since_since;
            sums[6] += weight - self.age_share - self.dead_fall - shape * self.unsure_since_fall;
            sums[7] += shape * (self.dead_curve - self.age_curve + shape * self.unsure_fall_fall);
            sums[8] += self.unsure_since;
            sums[9] -= shape * self.unsure_fall;
            sums[10] += weight * count.by_aa + self.unsure;
            sums[11] -= by_odds_b * self.unsure_since;
            sums[12] += by_odds_b * shape * self.unsure_fall;
            sums[13] += weight * count.by_ab - by_odds_b * self.unsure;
            sums[14] += weight * count.by_bb
                + by_odds_b * (by_odds_b * self.unsure - (1.0 - by_odds_b) * self.dead);
        }
    }
}

impl LogLikelihood for Likelihood<'_> {
    fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        let sums = self.pass::<false>(x);
        gradient.copy_from_slice(&sums[1..5]);
        sums[0]
    }

    fn is_curved(&self) -> bool {
        true
    }

    fn curved(&mut self, x: &[f64], gradient: &mut [f64], hessian: &mut Symmetric) -> f64 {
        let sums = self.pass::<true>(x);
        gradient.copy_from_slice(&sums[1..5]);
        hessian.fill(&sums[5..]);
        sums[0]
    }
}
