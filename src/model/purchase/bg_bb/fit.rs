//! The fit of the BG/BB.

use crate::numeric::minimise::{Limits, minimise};
use crate::numeric::special::{digamma_rising, ln_rising};
use crate::quantity::{QuantityError, TimeUnit};

use super::super::super::fit::{Fit, FitError, FitOptions, Fitted};
use super::super::super::maximise::{Problem, Sought, maximise};
use super::super::super::parameter::{Parametric, exactly};
use super::super::PurchaseSample;
use super::super::nested::LIMITS;
use super::super::sample::Row;
use super::{BgBb, BgBbParameters, Seen, silent_for, whole};

/// What the likelihood refers to: probabilities at opportunities cannot be compared with densities of
/// times in the same unit.
fn scale(unit: TimeUnit) -> String {
    format!("opportunity every {unit}")
}

impl Fit for BgBb {
    type Sample = PurchaseSample;

    fn scale(&self) -> String {
        scale(self.0.unit)
    }

    fn fit_sample(sample: &PurchaseSample, options: &FitOptions) -> Result<Fitted<Self>, FitError> {
        let (unit, rows) = sample.merged(Self::MODEL)?;
        let rows = rows
            .iter()
            .map(|row| Ok((Seen::of(row)?, row.weight)))
            .collect::<Result<Vec<_>, QuantityError>>()?;
        let customers = rows.iter().map(|(_, weight)| weight).sum();
        let base = without_dropout(&rows, customers);
        let starts = [(0.5_f64, 3.0_f64), (0.1, 1.0), (2.0, 20.0)];
        let report = maximise(
            Problem {
                model: Self::MODEL,
                parameters: Sought::all_positive(Self::NAMES, &[0.0; 4]),
                scale: scale(unit),
                customers,
                rows: rows.len(),
                starts: starts
                    .iter()
                    .map(|&(gamma, delta)| vec![base.x[0], base.x[1], gamma.ln(), delta.ln()])
                    .collect(),
                offset: 0.0,
                nested: Some(base.log_likelihood),
                limits: LIMITS.to_vec(),
                notes: Vec::new(),
                likelihood: &mut |x: &[f64], gradient: &mut [f64]| likelihood(&rows, x, gradient),
                coarse: Vec::new(),
            },
            options,
        )?;
        let [alpha, beta, gamma, delta] = exactly(Self::MODEL, &report.values())?;
        let model = Self::new(BgBbParameters {
            unit,
            alpha,
            beta,
            gamma,
            delta,
        })?;
        Ok(Fitted { model, report })
    }
}

impl Seen {
    fn of(row: &Row) -> Result<Self, QuantityError> {
        Self::new(row.frequency, row.recency, row.age)
    }
}

/// The beta-binomial model of customers who never drop out: what the BG/BB must not fall below.
struct WithoutDropout {
    x: Vec<f64>,
    log_likelihood: f64,
}

fn without_dropout(rows: &[(Seen, f64)], customers: f64) -> WithoutDropout {
    let mut objective = |x: &[f64], gradient: &mut [f64]| {
        let (alpha, beta) = (x[0].exp(), x[1].exp());
        let (mut value, mut by_alpha, mut by_beta) = (0.0, 0.0, 0.0);
        for &(Seen { x, n, .. }, weight) in rows {
            let all = digamma_rising(alpha + beta, n);
            value += weight
                * (ln_rising(alpha, x) + ln_rising(beta, n - x) - ln_rising(alpha + beta, n));
            by_alpha += weight * (digamma_rising(alpha, x) - all);
            by_beta += weight * (digamma_rising(beta, n - x) - all);
        }
        gradient[0] = -alpha * by_alpha / customers;
        gradient[1] = -beta * by_beta / customers;
        -value / customers
    };
    let limits = Limits {
        bound: 15.0,
        step: 3.0,
        gradient: 1e-5,
        iterations: 100,
    };
    let end = minimise(&mut objective, &[0.0, 0.0], limits, &[]).point;
    WithoutDropout {
        log_likelihood: -end.value * customers,
        x: end.x,
    }
}

/// The log-likelihood and its gradient in the logarithms of the parameters.
fn likelihood(rows: &[(Seen, f64)], x: &[f64], gradient: &mut [f64]) -> f64 {
    let p = BgBbParameters {
        unit: TimeUnit::Second, // of no consequence
        alpha: x[0].exp(),
        beta: x[1].exp(),
        gamma: x[2].exp(),
        delta: x[3].exp(),
    };
    let mut value = 0.0;
    gradient.fill(0.0);
    for &(seen, weight) in rows {
        let (ln, slopes) = row_likelihood(&p, seen);
        value += weight * ln;
        for (g, slope) in gradient.iter_mut().zip(slopes) {
            *g += weight * slope;
        }
    }
    for (g, parameter) in gradient.iter_mut().zip([p.alpha, p.beta, p.gamma, p.delta]) {
        *g *= parameter;
    }
    value
}

/// The log-likelihood of one customer and its gradient in the parameters.
pub(super) fn row_likelihood(p: &BgBbParameters, seen: Seen) -> (f64, [f64; 4]) {
    let Seen { x, recency, n } = seen;
    let (either, all) = (p.alpha + p.beta, p.gamma + p.delta);
    let ln = ln_rising(p.alpha, x) + ln_rising(p.beta, recency - x) - ln_rising(either, recency)
        + ln_rising(p.delta, recency)
        - ln_rising(all, recency);
    let (any, stay) = (
        digamma_rising(either, recency),
        digamma_rising(all, recency),
    );
    let mut slopes = [
        digamma_rising(p.alpha, x) - any,
        digamma_rising(p.beta, recency - x) - any,
        -stay - 1.0 / (all + recency),
        digamma_rising(p.delta, recency) - stay - 1.0 / (all + recency),
    ];
    // The chances of each time of dropout with the slopes of their logarithms.
    let (mut u, mut by) = (1.0, [0.0; 4]);
    let (mut sum, mut sums) = (0.0, [0.0; 4]);
    for l in 0..whole(seen.silence()) {
        let m = recency + f64::from(l);
        sum += u;
        for (sum, by) in sums.iter_mut().zip(by) {
            *sum += u * by;
        }
        u *= silent_for(p, seen, f64::from(l));
        by[0] -= 1.0 / (either + m);
        by[1] += 1.0 / (p.beta + (m - x)) - 1.0 / (either + m);
        by[2] -= 1.0 / (all + 1.0 + m);
        by[3] += 1.0 / (p.delta + m) - 1.0 / (all + 1.0 + m);
    }
    let (dead, alive) = (p.gamma * sum, u * (all + n));
    let weight = dead + alive;
    for ((slope, sum), by) in slopes.iter_mut().zip(sums).zip(by) {
        *slope += (p.gamma * sum + alive * by) / weight;
    }
    slopes[2] += (sum + u) / weight;
    slopes[3] += u / weight;
    (ln + (weight / (all + recency)).ln(), slopes)
}
