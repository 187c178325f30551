//! The log-likelihood of a sample with its gradient.

use crate::numeric::chunks::{ALONE, Grain};

use even::Even;
use racing::Racing;

use super::design::Places;

/// A distinct path, its times scaled and its covariates those that act, standardised.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Track {
    /// Where each step begins, and past the last one infinity.
    pub(super) from: Vec<f64>,
    /// Covariates of purchase, step after step.
    pub(super) purchase: Vec<f64>,
    /// Covariates of dropout.
    pub(super) dropout: Vec<f64>,
}

/// Customers who are alike.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) track: usize,
    /// Place in the table of frequencies.
    pub(super) frequency: usize,
    pub(super) recency: f64,
    pub(super) age: f64,
    /// Sums of the covariates of purchase over the purchases.
    pub(super) sums: Vec<f64>,
    pub(super) weight: f64,
}

/// What the likelihood runs over.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Data {
    pub(super) places: Places,
    /// Parameters of the base.
    pub(super) own: usize,
    /// Effects on purchase and on dropout.
    pub(super) effects: (usize, usize),
    /// Distinct frequencies, ascending.
    pub(super) frequencies: Vec<u32>,
    pub(super) tracks: Vec<Track>,
    pub(super) rows: Vec<Row>,
}

impl Data {
    /// How customers, or paths, are shared out, if a step of a path takes as long as so many rows of ten
    /// nanoseconds.
    fn grain(&self, step: usize) -> Grain {
        /// Customers whose sums are added up before they join the others.
        const CHUNK: usize = 64;
        let steps: usize = self.tracks.iter().map(|track| track.from.len() - 1).sum();
        let tracks = ALONE.saturating_mul(self.tracks.len());
        Grain {
            chunk: CHUNK,
            alone: tracks.div_ceil(steps.saturating_mul(step).max(1)),
        }
    }
}

impl Track {
    /// The step that a time belongs to.
    fn place(&self, time: f64) -> usize {
        let steps = &self.from[..self.from.len() - 1];
        steps
            .partition_point(|&from| from <= time)
            .saturating_sub(1)
    }
}

/// The log-likelihood with its working space.
pub(super) enum Likelihood<'a> {
    /// Both clocks run evenly.
    Even(Even<'a>),
    /// That of dropout gains speed.
    Racing(Racing<'a>),
}

impl<'a> Likelihood<'a> {
    pub(super) fn new(data: &'a Data) -> Self {
        if data.places.b.is_some() {
            Self::Racing(Racing::new(data))
        } else {
            Self::Even(Even::new(data))
        }
    }

    /// The log-likelihood and its gradient, in the logarithms of the parameters of the base and in
    /// the effects as they are; `−∞` where a predictor is beyond reason.
    pub(super) fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        match self {
            Self::Even(even) => even.evaluate(x, gradient),
            Self::Racing(racing) => racing.evaluate(x, gradient),
        }
    }
}

#[cfg(test)]
impl<'a> Likelihood<'a> {
    /// The one for racing clocks, which covers even ones too.
    pub(super) fn racing(data: &'a Data) -> Self {
        Self::Racing(Racing::new(data))
    }
}

mod even;
mod racing;
mod rule;

#[cfg(test)]
pub(super) use rule::gone;
