//! One seeded generator, the same stream on every platform.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Binomial, Distribution, Exp1, Gamma, StandardNormal};

/// Below this a draw of a rate is as good as 0.
const SMALLEST: f64 = 1e-200;

/// A reproducible stream of random numbers: the same seed and stream number give the same numbers
/// on every platform, and different stream numbers give independent ones.
///
/// A customer or a chain takes a stream of its own, so that one answer never depends on which
/// others were asked for. Every draw is a finite number.
#[derive(Debug, Clone, PartialEq)]
pub struct RandomStream(ChaCha8Rng);

impl RandomStream {
    /// The stream with this number under this seed.
    #[must_use]
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self(generator)
    }

    /// A number in `[0, 1)`.
    pub fn uniform(&mut self) -> f64 {
        self.0.random()
    }

    /// A seed for streams of their own.
    pub(crate) fn seed(&mut self) -> u64 {
        self.0.random()
    }

    /// How many of `trials` succeed, each with probability `p` from 0 to 1.
    pub(crate) fn binomial(&mut self, trials: u64, p: f64) -> u64 {
        // Only another `p` would have no distribution.
        Binomial::new(trials, p).map_or(0, |binomial| binomial.sample(&mut self.0))
    }

    /// A draw from the standard normal distribution.
    pub fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }

    /// A draw from the exponential distribution with mean 1.
    pub fn exponential(&mut self) -> f64 {
        Exp1.sample(&mut self.0)
    }

    /// A draw from the gamma distribution with this shape and rate, both positive and finite.
    ///
    /// The logarithm is returned because a small shape gives values below the smallest `f64`.
    pub(crate) fn ln_gamma_variate(&mut self, shape: f64, rate: f64) -> f64 {
        // Γ(shape) = Γ(shape + 1) · U^(1/shape) keeps precision for shapes near zero.
        let (lifted, boost) = if shape < 1.0 {
            let u: f64 = 1.0 - self.uniform();
            (shape + 1.0, u.ln() / shape)
        } else {
            (shape, 0.0)
        };
        // A finite shape of at least 1 is always accepted; the mean stands in otherwise.
        let value = Gamma::new(lifted, 1.0).map_or(lifted, |g| g.sample(&mut self.0));
        value.ln() + boost - rate.ln()
    }

    /// A draw from the gamma distribution with this shape and rate, both positive and finite. One
    /// below 1e-200 is returned as 1e-200, so that ratios of draws stay finite.
    pub(crate) fn gamma(&mut self, shape: f64, rate: f64) -> f64 {
        self.ln_gamma_variate(shape, rate).exp().max(SMALLEST)
    }

    /// A draw from the beta distribution, both parameters positive and finite. One below 1e-100 is returned as 1e-100.
    pub(crate) fn beta(&mut self, a: f64, b: f64) -> f64 {
        let difference = self.ln_gamma_variate(a, 1.0) - self.ln_gamma_variate(b, 1.0);
        crate::numeric::special::logistic(difference).max(SMALLEST.sqrt())
    }
}
