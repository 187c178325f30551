//! The likelihood of the correlated Pareto/NBD with its gradient, in the weight of the Sarmanov factor.

use crate::numeric::chunks;
use crate::numeric::special::{ln_one_plus, logistic, softplus};
use crate::numeric::stretch::Integrand;

use super::super::super::sample::{Distinct, Rising, rising_table};
use super::Place;

/// A factor is no further below 0 than this by rounding alone.
const ROUNDING: f64 = 1e-12;

/// The log-likelihood of a sample with its working space. It has values beyond the bound of the family as
/// well, as long as the mean of the factor over what each customer may be like is positive.
pub(super) struct Likelihood<'a> {
    sample: &'a Distinct,
    rising: Vec<Rising>,
}

/// The parameters, in scaled time, in which the kernel counts over a shorter span.
struct Values {
    r: f64,
    alpha: f64,
    s: f64,
    beta: f64,
    weight: f64,
    /// One unit of the model.
    one: f64,
}

/// The Sarmanov factor at some rates, and its slopes in r, α, s, β and the weight.
struct Factor {
    value: f64,
    by: [f64; 5],
}

impl Values {
    /// The mean over Gamma(shape, α + τ) and Gamma(`s_now`, β + τ).
    fn factor(&self, shape: f64, s_now: f64, tau: f64) -> Factor {
        let one = self.one;
        let part = |now: f64, start: f64, from: f64| {
            let (then, at) = (ln_one_plus(one / from), ln_one_plus(one / (from + tau)));
            let later = from + tau;
            let y = start * then - now * at;
            let by_rate = now * one / (later * (later + one)) - start * one / (from * (from + one));
            (y.exp_m1(), then - at, by_rate)
        };
        let (d1, by_r, by_alpha) = part(shape, self.r, self.alpha);
        let (d2, by_s, by_beta) = part(s_now, self.s, self.beta);
        let (of_purchases, of_dropout) =
            (self.weight * d2 * (1.0 + d1), self.weight * d1 * (1.0 + d2));
        let mut value = 1.0 + self.weight * d1 * d2;
        if value > -ROUNDING {
            value = value.max(f64::MIN_POSITIVE);
        }
        Factor {
            value,
            by: [
                of_purchases * by_r,
                of_purchases * by_alpha,
                of_dropout * by_s,
                of_dropout * by_beta,
                d1 * d2,
            ],
        }
    }

    /// One customer's log-likelihood, and its slopes in r, α, s, β and the weight. NaN where the weight
    /// leaves no likelihood.
    fn row(&self, n: f64, rise: Rising, recency: f64, age: f64) -> (f64, [f64; 5]) {
        let Self {
            r, alpha, s, beta, ..
        } = *self;
        let shape = r + n;
        let ln_both = rise.ln - n * alpha.ln();
        let (age_alpha, age_beta) = (ln_one_plus(age / alpha), ln_one_plus(age / beta));
        let now = self.factor(shape, s, age);
        let alive = -shape * age_alpha - s * age_beta + now.value.ln();
        let mut by_alive = now.by.map(|by| by / now.value);
        by_alive[0] -= age_alpha;
        by_alive[1] += shape / alpha * (age / (alpha + age));
        by_alive[2] -= age_beta;
        by_alive[3] += s / beta * (age / (beta + age));

        let (from_alpha, from_beta) = (ln_one_plus(recency / alpha), ln_one_plus(recency / beta));
        let integrand = Integrand {
            alpha: alpha + recency,
            k: shape,
            beta: beta + recency,
            c: s + 1.0,
            b: 0.0,
            delta: 0.0,
            grow: false,
        };
        let (mut sum, mut sums) = (0.0, [0.0; 5]);
        let ln_unit = integrand.visit(age - recency, |node| {
            let tau = recency + node.time;
            let factor = self.factor(shape, s + 1.0, tau);
            let part = node.part * factor.value;
            sum += part;
            sums[0] += node.part * factor.by[0] - part * node.ln_alpha;
            sums[1] += node.part * factor.by[1] + part * (shape / alpha) * (tau / (alpha + tau));
            sums[2] += node.part * factor.by[2] - part * node.ln_beta;
            sums[3] += node.part * factor.by[3] + part * ((s + 1.0) / beta) * (tau / (beta + tau));
            sums[4] += node.part * factor.by[4];
        });
        let (mut ln, mut slopes) = (alive, by_alive);
        if sum < 0.0 {
            ln = f64::NAN;
        } else if sum > 0.0 {
            let dead =
                (s / beta).ln() - shape * from_alpha - (s + 1.0) * from_beta + ln_unit + sum.ln();
            let mut by_dead = sums.map(|by| by / sum);
            by_dead[0] -= from_alpha;
            by_dead[2] += 1.0 / s - from_beta;
            by_dead[3] -= 1.0 / beta;
            let share = logistic(dead - alive);
            ln = alive + softplus(dead - alive);
            for ((slope, alive), dead) in slopes.iter_mut().zip(by_alive).zip(by_dead) {
                *slope = alive + share * (dead - alive);
            }
        }
        slopes[0] += rise.slope;
        slopes[1] -= n / alpha;
        (ln_both + ln, slopes)
    }
}

impl<'a> Likelihood<'a> {
    pub(super) fn new(sample: &'a Distinct) -> Self {
        Self {
            sample,
            rising: Vec::with_capacity(sample.frequencies.len()),
        }
    }

    /// The log-likelihood and its gradient at a place.
    pub(super) fn evaluate(&mut self, place: &Place) -> (f64, [f64; 5]) {
        let sample = self.sample;
        let values = Values {
            r: place[0].exp(),
            alpha: place[1].exp(),
            s: place[2].exp(),
            beta: place[3].exp(),
            weight: place[4],
            one: 1.0 / sample.scale,
        };
        rising_table(values.r, 0, &sample.frequencies, &mut self.rising);
        let rising = &self.rising;
        let [value, mut gradient @ ..] = chunks::sums_of_integrals(&sample.rows, |rows| {
            let mut sums = [0.0; 6];
            for row in rows {
                let (ln, [r, alpha, s, beta, weight]) = values.row(
                    f64::from(sample.frequencies[row.frequency()]),
                    rising[row.frequency()],
                    sample.times[row.recency()],
                    sample.times[row.age()],
                );
                for (sum, of_row) in sums.iter_mut().zip([ln, r, alpha, s, beta, weight]) {
                    *sum += row.weight * of_row;
                }
            }
            sums
        });
        let units = [values.r, values.alpha, values.s, values.beta, 1.0];
        for (g, unit) in gradient.iter_mut().zip(units) {
            *g *= unit;
        }
        (value, gradient)
    }
}

#[cfg(test)]
mod tests;
