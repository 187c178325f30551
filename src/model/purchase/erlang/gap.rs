//! The open gap of a customer whose rate is known, and how many phases pass before a horizon.

use crate::numeric::negative_binomial::poisson_mass;
use crate::numeric::special::ln_gamma;

/// The open gap of a customer whose rate is known: its rate, and how likely each phase is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gap {
    k: u32,
    pub(super) lambda: f64,
    pub(super) phases: Vec<f64>,
}

impl Gap {
    pub(super) fn new(k: u32) -> Self {
        Self {
            k,
            lambda: 0.0,
            phases: vec![0.0; k as usize],
        }
    }

    /// Sets the rate, after a silence in which `passed` phases would be expected; the logarithm of
    /// `Σ_{j<k} passed^j/j!`.
    pub(super) fn open(&mut self, lambda: f64, passed: f64) -> f64 {
        self.lambda = lambda;
        let last = self.k - 1;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "never negative; a count beyond the last phase is cut to it"
        )]
        let likeliest = (passed.min(f64::from(last)) as u32).min(last);
        let at = likeliest as usize;
        let mut sum = 1.0;
        let mut weight = 1.0;
        self.phases[at] = 1.0;
        for (j, phase) in (1_u32..).zip(&mut self.phases).skip(at + 1) {
            weight *= passed / f64::from(j - 1);
            *phase = weight;
            sum += weight;
        }
        weight = 1.0;
        for j in (0..likeliest).rev() {
            weight *= f64::from(j + 1) / passed;
            self.phases[j as usize] = weight;
            sum += weight;
        }
        for phase in &mut self.phases {
            *phase /= sum;
        }
        let top = f64::from(likeliest);
        let ln_top = if likeliest > 0 {
            top * passed.ln() - ln_gamma(top + 1.0)
        } else {
            0.0
        };
        ln_top + sum.ln()
    }
}

/// The chances that a Poisson count reaches 1, 2, …, for one mean after another.
#[derive(Debug, Default)]
pub(super) struct Reached(Vec<f64>);

impl Reached {
    pub(super) fn fill(&mut self, mu: f64, least: f64) {
        let most = mu.max(least);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and counts are only summed up to MANY phases"
        )]
        let (last, start) = ((most + 10.0 * most.sqrt() + 50.0) as usize, mu as usize);
        self.0.clear();
        self.0.resize(last + 1, 0.0);
        let top = poisson_mass(start as f64, mu);
        let mut term = top;
        for n in start..=last {
            self.0[n] = term;
            term *= mu / (n as f64 + 1.0);
        }
        term = top;
        for n in (0..start).rev() {
            term *= (n as f64 + 1.0) / mu;
            self.0[n] = term;
        }
        let mut sum = 0.0;
        for chance in self.0.iter_mut().rev() {
            sum += *chance;
            *chance = sum.min(1.0);
        }
    }

    /// The chance of at least `n`, from 1 upwards.
    pub(super) fn at_least(&self) -> &[f64] {
        &self.0[1..]
    }
}
