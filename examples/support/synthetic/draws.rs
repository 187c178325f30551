//! Draws from named distributions, one stream a customer and topic.

use guanxi::model::RandomStream;

/// What a stream is for. Each topic of each customer has a stream of its own, so that a change to
/// one kind of event moves no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    Latent,
    Feeling,
    Orders,
    Quotes,
    Renewals,
    Promises,
    Contacts,
    Surveys,
    Opinions,
    Consents,
    Ideas,
    Bonds,
    Programme,
    Endings,
    Referrals,
}

/// A seeded source of draws.
#[derive(Debug)]
pub(super) struct Draws(RandomStream);

impl Draws {
    /// The stream of a customer and a topic under a seed.
    pub(super) fn new(seed: u64, number: usize, topic: Topic) -> Self {
        Self(RandomStream::new(seed, number as u64 * 16 + topic as u64))
    }

    /// A number from `low` to `high`.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.uniform()
    }

    /// Whether something of probability `p` happens.
    pub(super) fn chance(&mut self, p: f64) -> bool {
        self.0.uniform() < p
    }

    /// How many of `trials` succeed with probability `p`.
    pub(super) fn successes(&mut self, trials: u32, p: f64) -> u32 {
        (0..trials).map(|_| u32::from(self.chance(p))).sum()
    }

    /// A draw from the normal distribution.
    pub(super) fn normal(&mut self, mean: f64, variance: f64) -> f64 {
        mean + variance.sqrt() * self.0.normal()
    }

    /// A draw from the exponential distribution.
    pub(super) fn exponential(&mut self, mean: f64) -> f64 {
        mean * self.0.exponential()
    }

    /// A draw from the gamma distribution of mean `shape / rate`: Marsaglia & Tsang (2000), "A Simple
    /// Method for Generating Gamma Variables", <https://doi.org/10.1145/358407.358414>.
    pub(super) fn gamma(&mut self, shape: f64, rate: f64) -> f64 {
        if shape < 1.0 {
            let lift = (1.0 - self.0.uniform()).powf(1.0 / shape);
            return lift * self.gamma(shape + 1.0, rate);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.0.normal();
            let root = 1.0 + c * x;
            let v = root * root * root;
            let u = 1.0 - self.0.uniform();
            if v > 0.0 && u.ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v / rate;
            }
        }
    }

    /// A draw from the beta distribution.
    pub(super) fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (yes, no) = (self.gamma(a, 1.0), self.gamma(b, 1.0));
        // Both vanish only for shapes far smaller than any in use.
        if yes + no > 0.0 {
            yes / (yes + no)
        } else {
            0.5
        }
    }

    /// The days on which something happens that happens so many times a year, from `from` to `to`.
    pub(super) fn arrivals(&mut self, per_year: f64, from: f64, to: f64) -> Vec<f64> {
        let mut days = Vec::new();
        if per_year <= 0.0 {
            return days;
        }
        let gap = super::DAYS_PER_YEAR / per_year;
        let mut day = from + self.exponential(gap);
        while day < to {
            days.push(day);
            day += self.exponential(gap);
        }
        days
    }

    /// The place of one of several weights, with probability proportional to it.
    pub(super) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.0.uniform() * weights.iter().sum::<f64>();
        for (place, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return place;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// One of several, each as likely as the other.
    pub(super) fn pick<T: Copy>(&mut self, first: T, others: &[T]) -> T {
        let place = whole(self.between(0.0, others.len() as f64 + 1.0));
        let place = usize::try_from(place).unwrap_or(0);
        match place.checked_sub(1) {
            None => first,
            Some(other) => others.get(other).copied().unwrap_or(first),
        }
    }
}

/// A number rounded to so many decimals.
pub(super) fn rounded(number: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    // Adding 0 makes a rounded −0 a 0.
    (number * scale).round() / scale + 0.0
}

/// The whole part of a number.
#[allow(
    clippy::cast_possible_truncation,
    reason = "days and steps of a log are far below 2^53"
)]
pub(super) fn whole(number: f64) -> i64 {
    number as i64
}
