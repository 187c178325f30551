//! The whole distribution of the number of purchases under covariates to come.

use crate::numeric::gauss::LONG;
use crate::numeric::special::logistic;
use crate::numeric::stretch::Integrand;

use super::clock::Clock;
use super::posterior::{Leg, TimeVaryingPosterior};

/// The change of the logarithm of the density of dropout that one panel may span.
const STEEPEST: f64 = 8.0;
/// The furthest a panel may reach, relative to the nearest singularity.
const WIDEST: f64 = 1.1;
/// Where survival is this far below 1 (in logarithm), no answer can show the rest.
const NOTHING: f64 = 760.0;

impl TimeVaryingPosterior {
    /// `probabilities[n]` becomes the chance of *n* purchases up to a covered time.
    pub(super) fn counts(&self, reach: f64, probabilities: &mut [f64]) {
        let Some(first) = probabilities.first_mut() else {
            return;
        };
        if reach == 0.0 {
            *first = 1.0;
            probabilities[1..].fill(0.0);
            return;
        }
        probabilities.fill(0.0);
        if probabilities.len() > 1 {
            self.made(reach, probabilities);
        }
        let alive = self.probability_alive();
        for probability in probabilities.iter_mut() {
            *probability = (*probability * alive).min(1.0);
        }
        // No purchase: dead already, or alive and not active.
        let idle = alive * self.idle_if_alive(reach);
        probabilities[0] = (logistic(self.ln_odds_dead) + idle).min(1.0);
    }

    /// Neither a purchase nor, or not before, a dropout: the chance of no purchase.
    fn idle_if_alive(&self, reach: f64) -> f64 {
        let mut sum = 0.0;
        let mut ln_silent = 0.0;
        self.walk(reach, |leg| {
            let Leg { clock, len, .. } = *leg;
            let so_far = -self.shape * leg.risen.ln_alpha - self.s * leg.risen.ln_beta;
            if clock.beta.is_finite() {
                let gone = Integrand {
                    alpha: clock.alpha,
                    k: self.shape,
                    beta: clock.beta,
                    c: self.s + 1.0,
                    b: self.b,
                    delta: 0.0,
                    grow: true,
                };
                sum += (so_far + (self.s / clock.beta).ln() + gone.ln_stretch(len)).exp();
            }
            let risen = clock.risen(self.b, len);
            ln_silent = so_far - self.shape * risen.ln_alpha - self.s * risen.ln_beta;
        });
        sum + ln_silent.exp()
    }

    /// The chances of a customer who is alive, for *n* above 0: each way to have made them, alive
    /// throughout or dropped out on the way.
    fn made(&self, reach: f64, probabilities: &mut [f64]) {
        // ln Γ(r′ + n)/(Γ(r′) n!).
        let mut ln_ways = vec![0.0; probabilities.len()];
        let mut ln_way = 0.0;
        for (n, way) in ln_ways.iter_mut().enumerate() {
            *way = ln_way;
            ln_way += ((self.shape + n as f64) / (n as f64 + 1.0)).ln();
        }
        let count = ln_ways.len();
        // `risen` is A(τ) in units of the gamma rate.
        let mut add = |risen: f64, ln_weight: f64| {
            let ln_none = ln_weight - self.shape * risen.ln_1p();
            let ln_share = -(1.0 / risen).ln_1p();
            for (n, (sum, way)) in probabilities.iter_mut().zip(&ln_ways).enumerate().skip(1) {
                *sum += (way + ln_none + n as f64 * ln_share).exp();
            }
        };
        let mut risen = 0.0;
        let mut ln_stay = 0.0;
        let growth = (4.0 / (count as f64).sqrt()).min(1.0);
        self.walk(reach, |leg| {
            if leg.clock.beta.is_finite() && self.s * leg.risen.ln_beta < NOTHING {
                self.dropped(leg, risen, growth, &mut add);
            }
            ln_stay = -self.s * (leg.risen.ln_beta + leg.clock.risen(self.b, leg.len).ln_beta);
            risen += leg.len / leg.rate;
        });
        add(risen, ln_stay);
    }

    /// Adds a dropout within a leg, before which `begun` purchases' worth of time has passed.
    fn dropped(&self, leg: &Leg, begun: f64, growth: f64, add: &mut impl FnMut(f64, f64)) {
        let (b, s) = (self.b, self.s);
        let mut from = 0.0;
        let mut ln_left = 0.0;
        while from < leg.len && s * (leg.risen.ln_beta + ln_left) < NOTHING {
            let clock = leg.clock.after(b, from);
            let begun = begun + from / leg.rate;
            // Where dropout's clock has settled to its pace, the density is exponential.
            let settled = b > 0.0 && (b * clock.beta - 1.0).abs() < 1e-14;
            let nearest = if settled {
                clock.alpha
            } else {
                clock.alpha.min(clock.beta)
            };
            // A term in n peaks within a relative width of 1/√n, so panels grow with what has
            // passed.
            let mut panel = if begun > 0.0 {
                (growth * begun.ln_1p() * clock.alpha).min(WIDEST * nearest)
            } else {
                nearest / (self.shape + s + 2.0)
            };
            if b > 0.0 && !settled {
                panel = panel.min(1.0 / b);
            }
            let slope = |clock: Clock| (b - (s + 1.0) / clock.beta).abs();
            while slope(clock).max(slope(clock.after(b, panel))) * panel > STEEPEST {
                panel *= 0.5;
            }
            // Always ahead, whatever the rounding.
            let to = (from + panel).max(from.next_up()).min(leg.len);
            LONG.visit(0.0, to - from, |time, weight| {
                let ln_beta = clock.risen(b, time).ln_beta;
                let ln_density = (s / clock.beta).ln() + b * time
                    - ln_beta
                    - s * (leg.risen.ln_beta + ln_left + ln_beta);
                add(begun + time / leg.rate, ln_density + weight.ln());
            });
            ln_left += clock.risen(b, to - from).ln_beta;
            from = to;
        }
    }
}
