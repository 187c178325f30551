//! Fits of the Erlang-k models: the log-likelihood of a sample with its gradient, and the choice of
//! *k*.

use crate::numeric::chunks;
use crate::numeric::minimise::{Limits, minimise};
use crate::numeric::product::LnProduct;
use crate::numeric::special::{digamma_rising, ln_gamma, ln_one_plus, ln_rising};
use crate::quantity::TimeUnit;

use super::super::super::fit::{FitError, FitOptions, Fitted};
use super::super::super::maximise::{Problem, Sought, maximise};
use super::super::super::parameter::Parametric;
use super::super::super::report::Note;
use super::super::beta_geometric::Parameters;
use super::super::nested::{LIMITS, nested};
use super::super::sample::{Distinct, DistinctRow, PurchaseSample, Rising};
use super::Phases;

/// The largest *k* that is tried where it is not given.
const TRIED: u32 = 12;

/// What the parameters refer to: `α` of one *k* is not that of another.
pub(crate) fn scale(unit: TimeUnit, k: Phases) -> String {
    format!("{unit}, k = {k}")
}

/// Fits every *k* from 1 to 12 and returns the likeliest.
pub(crate) fn choose<M: Parametric>(
    sample: &PurchaseSample,
    model: &'static str,
    fit: impl Fn(Phases) -> Result<Fitted<M>, FitError>,
) -> Result<Fitted<M>, FitError> {
    if sample.distinct(model)?.ln_gaps.is_none() {
        return Err(FitError::GapsUnknown { model });
    }
    let mut fits: Vec<(Phases, Fitted<M>)> = Vec::new();
    let mut refused = None;
    for k in 1..=TRIED {
        let k = Phases::new(k)?;
        match fit(k) {
            Ok(fitted) => fits.push((k, fitted)),
            Err(error) => {
                refused.get_or_insert(error);
            }
        }
    }
    let reached = |fitted: &Fitted<M>| fitted.report.log_likelihood;
    let profile: Vec<(Phases, f64)> = fits.iter().map(|(k, f)| (*k, reached(f))).collect();
    let best = fits.into_iter().reduce(|best, next| {
        if reached(&next.1) > reached(&best.1) {
            next
        } else {
            best
        }
    });
    let Some((k, mut fitted)) = best else {
        return Err(refused.unwrap_or(FitError::GapsUnknown { model }));
    };
    let highest = reached(&fitted);
    let others = profile.into_iter().filter(|(other, _)| *other != k);
    let behind = others.map(|(other, ll)| (other, highest - ll)).collect();
    fitted
        .report
        .notes
        .insert(0, Note::ChosenPhases { k, behind });
    Ok(fitted)
}

/// Fits a model with a known *k*; `first` is 1 if the first purchase is a chance to drop out, else
/// 0.
pub(crate) fn fit<M: Parametric>(
    sample: &Distinct,
    k: Phases,
    first: u32,
    options: &FitOptions,
    build: impl FnOnce(Parameters) -> Result<M, FitError>,
) -> Result<Fitted<M>, FitError> {
    let phases = f64::from(k.get());
    let mut likelihood = Likelihood::new(sample, k, first);
    // What no parameter changes: the shape of the gaps around their mean.
    let (known, unit, notes) = match sample.ln_gaps {
        Some(ln_gaps) => ((phases - 1.0) * ln_gaps, sample.offset(), Vec::new()),
        None if k == Phases::ONE => (0.0, sample.offset(), Vec::new()),
        None => (0.0, phases * sample.offset(), vec![Note::GapsUnknown { k }]),
    };
    let constant = known - sample.purchases * ln_gamma(phases);
    let base = likelihood.without_dropout();
    let starts = [(0.0, 0.8, 2.5), (0.7, 0.2, 1.0), (-0.4, 3.0, 12.0)];
    let report = maximise(
        Problem {
            model: M::MODEL,
            parameters: Sought::all_positive(M::NAMES, &[0.0, sample.scale.ln(), 0.0, 0.0]),
            scale: scale(sample.unit, k),
            customers: sample.customers,
            rows: sample.rows.len(),
            starts: starts
                .iter()
                .map(|&(more, a, b): &(f64, f64, f64)| {
                    vec![base.ln_r + more, base.ln_alpha + more, a.ln(), b.ln()]
                })
                .collect(),
            offset: unit + constant,
            nested: Some(base.log_likelihood),
            limits: LIMITS.to_vec(),
            notes,
            likelihood: &mut |x: &[f64], gradient: &mut [f64]| likelihood.evaluate(x, gradient),
            coarse: Vec::new(),
        },
        options,
    )?;
    let value = |i: usize| report.parameters()[i].value();
    let model = build(Parameters {
        r: value(0),
        alpha: value(1),
        a: value(2),
        b: value(3),
    })?;
    Ok(Fitted { model, report })
}

/// The best model without dropout, in scaled time.
struct Base {
    ln_r: f64,
    ln_alpha: f64,
    log_likelihood: f64,
}

/// The log-likelihood of a sample with its working space, less what no parameter changes.
pub(super) struct Likelihood<'a> {
    sample: &'a Distinct,
    k: u32,
    first: u32,
    /// At each distinct frequency.
    counts: Vec<Count>,
    r_rising: Vec<Rising>,
    b_rising: Vec<Rising>,
    ab_rising: Vec<Rising>,
    /// `ln(1 + t/α)` and `α/(α + t)` at each distinct time.
    times: Vec<(f64, f64)>,
}

/// What the rows of one frequency share.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    /// Everything of the log-likelihood that depends on frequency alone.
    ln: f64,
    by_r: f64,
    by_a: f64,
    by_b: f64,
    /// `r + kx`.
    shape: f64,
    /// Log-odds against the last chance: `ln a − ln(b + chances − 1)`.
    odds: f64,
    by_odds_b: f64,
    /// Without a chance nobody can have dropped out.
    may_be_dead: bool,
}

/// The sum over the phases of an open gap: its logarithm, and the slopes of that in the shape and in
/// the logarithm of the share of the silence.
struct OpenGap {
    ln: f64,
    by_shape: f64,
    by_share: f64,
}

fn open_gap(k: u32, shape: f64, share: f64) -> OpenGap {
    /// Far from the largest number, with room for a factor of 1e12.
    const FULL: f64 = 1e250;
    let (mut term, mut rise) = (1.0, 0.0);
    let (mut sum, mut by_shape, mut by_share) = (1.0, 0.0, 0.0);
    let mut ln_scale = 0.0;
    for j in 0..k - 1 {
        let j = f64::from(j);
        term *= (shape + j) / (j + 1.0) * share;
        rise += 1.0 / (shape + j);
        sum += term;
        by_shape += term * rise;
        by_share += term * (j + 1.0);
        if term > FULL {
            for value in [&mut term, &mut sum, &mut by_shape, &mut by_share] {
                *value /= FULL;
            }
            ln_scale += FULL.ln();
        }
    }
    OpenGap {
        ln: sum.ln() + ln_scale,
        by_shape: by_shape / sum,
        by_share: by_share / sum,
    }
}

impl<'a> Likelihood<'a> {
    pub(super) fn new(sample: &'a Distinct, k: Phases, first: u32) -> Self {
        Self {
            sample,
            k: k.get(),
            first,
            counts: Vec::with_capacity(sample.frequencies.len()),
            r_rising: Vec::new(),
            b_rising: Vec::new(),
            ab_rising: Vec::new(),
            times: Vec::with_capacity(sample.times.len()),
        }
    }

    /// The log-likelihood and its gradient in the logarithms of the parameters.
    pub(super) fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        let (a, b) = (x[2].exp(), x[3].exp());
        self.tabulate(x[0].exp(), x[1], Some((a, b)));
        self.sum(x[0].exp(), x[1].exp(), gradient)
    }

    /// The best model in which nobody drops out; a start and a floor, so a coarse search is enough.
    fn without_dropout(&mut self) -> Base {
        let start = nested(self.sample);
        let customers = self.sample.customers;
        let phases = f64::from(self.k);
        let mut objective = |x: &[f64], gradient: &mut [f64]| {
            self.tabulate(x[0].exp(), x[1], None);
            let mut slopes = [0.0; 4];
            let value = self.sum(x[0].exp(), x[1].exp(), &mut slopes);
            gradient[0] = -slopes[0] / customers;
            gradient[1] = -slopes[1] / customers;
            -value / customers
        };
        let limits = Limits {
            bound: 15.0,
            step: 3.0,
            gradient: 1e-5,
            iterations: 100,
        };
        // As many purchases take k times as many phases.
        let start = [start.ln_r, start.ln_alpha - phases.ln()];
        let end = minimise(&mut objective, &start, limits, &[]).point;
        Base {
            ln_r: end.x[0],
            ln_alpha: end.x[1],
            log_likelihood: -end.value * customers,
        }
    }

    /// Sums the rows over the tables.
    fn sum(&self, r: f64, alpha: f64, gradient: &mut [f64]) -> f64 {
        let [value, by_r, by_alpha, by_a, by_b] =
            chunks::sums(&self.sample.rows, |rows| self.part(r, alpha, rows));
        gradient[0] = r * by_r;
        gradient[1] = by_alpha;
        gradient[2] = by_a;
        gradient[3] = by_b;
        value
    }

    /// What some rows add to the log-likelihood and to its slopes, the one in `r` itself.
    fn part(&self, r: f64, alpha: f64, rows: &[DistinctRow]) -> [f64; 5] {
        let (mut value, mut by_r, mut by_alpha, mut by_a, mut by_b) = (0.0, 0.0, 0.0, 0.0, 0.0);
        let mut odds = LnProduct::ONE;
        let times = &self.sample.times;
        for row in rows {
            let count = &self.counts[row.frequency()];
            let (ln_age, age_share) = self.times[row.age()];
            let (ln_recency, recency_share) = self.times[row.recency()];
            let silence = times[row.age()] - times[row.recency()];
            let gap = open_gap(self.k, count.shape, silence / alpha * age_share);
            let mut ln = count.ln - count.shape * ln_age + gap.ln;
            let mut row_r = count.by_r - ln_age;
            let mut left = age_share;
            let (mut row_a, mut row_b) = (count.by_a, count.by_b);
            let mut alive = 1.0;
            if count.may_be_dead {
                let since = ln_age - ln_recency;
                let z = count.odds + count.shape * since - gap.ln;
                let e = (-z.abs()).exp();
                let minor = e / (1.0 + e);
                let dead = if z > 0.0 { 1.0 - minor } else { minor };
                alive = if z > 0.0 { minor } else { 1.0 - minor };
                ln += z.max(0.0);
                odds.multiply(1.0 + e, row.weight);
                row_r += dead * since;
                left += dead * (recency_share - age_share);
                row_a += dead;
                row_b -= dead * count.by_odds_b;
            }
            value += row.weight * ln;
            by_r += row.weight * (row_r + alive * gap.by_shape);
            by_alpha += row.weight * (r - count.shape * left - alive * age_share * gap.by_share);
            by_a += row.weight * row_a;
            by_b += row.weight * row_b;
        }
        [value + odds.ln(), by_r, by_alpha, by_a, by_b]
    }

    /// Fills the tables, without chances to drop out if there are none; slopes in `a` and `b` are
    /// those in their logarithms.
    fn tabulate(&mut self, r: f64, ln_alpha: f64, dropout: Option<(f64, f64)>) {
        let sample = self.sample;
        let k = f64::from(self.k);
        rising_table(r, |n| k * n, &sample.frequencies, &mut self.r_rising);
        let first = f64::from(self.first);
        if let Some((a, b)) = dropout {
            let chances = |n: f64| n + first;
            rising_table(b, chances, &sample.frequencies, &mut self.b_rising);
            rising_table(a + b, chances, &sample.frequencies, &mut self.ab_rising);
        }
        self.counts.clear();
        for (i, &frequency) in sample.frequencies.iter().enumerate() {
            let n = f64::from(frequency);
            let events = k * n;
            let rise = self.r_rising[i];
            let mut count = Count {
                ln: rise.ln - events * ln_alpha,
                by_r: rise.slope,
                shape: r + events,
                ..Count::default()
            };
            if let Some((a, b)) = dropout {
                let (stay, all) = (self.b_rising[i], self.ab_rising[i]);
                count.ln += stay.ln - all.ln;
                count.by_a = -a * all.slope;
                count.by_b = b * (stay.slope - all.slope);
                if n + first > 0.0 {
                    let last = b + (n + first - 1.0);
                    count.odds = a.ln() - last.ln();
                    count.by_odds_b = b / last;
                    count.may_be_dead = true;
                }
            }
            self.counts.push(count);
        }
        let alpha = ln_alpha.exp();
        self.times.clear();
        for time in &sample.times {
            let ratio = time / alpha;
            self.times.push((ln_one_plus(ratio), 1.0 / (1.0 + ratio)));
        }
    }
}

/// Fills `table` with [`Rising`] of `a` at as many steps as `steps` makes of each frequency, for
/// frequencies in ascending order.
fn rising_table(a: f64, steps: impl Fn(f64) -> f64, frequencies: &[u32], table: &mut Vec<Rising>) {
    table.clear();
    let mut at = 0.0;
    let mut sum = Rising::default();
    for &frequency in frequencies {
        let n = steps(f64::from(frequency));
        sum.ln += ln_rising(a + at, n - at);
        sum.slope += digamma_rising(a + at, n - at);
        at = n;
        table.push(sum);
    }
}

#[cfg(test)]
mod tests;
