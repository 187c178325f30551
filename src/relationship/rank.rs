//! How far the order of customers rests on the weights: the order under many weights near the
//! stated ones.
//!
//! Saisana, Saltelli & Tarantola (2005), "Uncertainty and Sensitivity Analysis Techniques as Tools
//! for the Quality Assessment of Composite Indicators", *Journal of the Royal Statistical Society*
//! A 168(2), 307–323, <https://doi.org/10.1111/j.1467-985X.2005.00350.x>.

mod options;

pub use options::RankOptions;

use super::{Aggregation, Profile, RelationshipError, Weights};
use crate::numeric::random::RandomStream;
use crate::quantity::{Probability, QuantityError};

/// The most values that are held at once: customers times draws.
const MOST_VALUES: usize = 100_000_000;

/// A drawn share of the largest below this is as good as this.
const SMALLEST: f64 = 1e-200;

/// The ranks that one customer has under many weights; 1 is the best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankInterval {
    best: usize,
    worst: usize,
    mean: f64,
    stated: usize,
    level: Probability,
}

impl RankInterval {
    /// The best rank of the interval, from 1.
    #[must_use]
    pub const fn best(&self) -> usize {
        self.best
    }

    /// The worst rank of the interval.
    #[must_use]
    pub const fn worst(&self) -> usize {
        self.worst
    }

    /// The mean rank over all draws.
    #[must_use]
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// The rank under the stated weights.
    #[must_use]
    pub const fn stated(&self) -> usize {
        self.stated
    }

    /// The share of the draws that the interval holds at least.
    #[must_use]
    pub const fn level(&self) -> Probability {
        self.level
    }
}

/// The composites of some customers under many weights near the stated ones (排名稳健性).
///
/// The weights are drawn from a Dirichlet distribution around the stated ones; the indices stay at
/// their means, so what is shown is how far the order rests on the weights alone. A weight of 0
/// stays 0. Draw *k* has a stream of its own: it is the same whether or not more follow, and
/// whichever customers are compared.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::ByDimension;
/// use guanxi::relationship::{Aggregation, Profile, RankOptions, RankStability, Weights};
///
/// let of = |d: [f64; 4]| Profile::stated(ByDimension::from(d), ByDimension::default());
/// let customers = [of([0.9, 0.3, 0.5, 0.5])?, of([0.3, 0.9, 0.5, 0.5])?, of([0.2, 0.2, 0.4, 0.4])?];
/// let ranks = RankStability::draw(
///     &customers, &Weights::equal(), Aggregation::Arithmetic, &RankOptions::new(1),
/// )?;
/// // The first two change places with the weights; both are above the third in every dimension.
/// assert!((0.4..0.6).contains(&ranks.outranks(0, 1).ok_or("a customer")?));
/// assert_eq!(ranks.outranks(0, 2), Some(1.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RankStability {
    customers: usize,
    stated: Vec<f64>,
    /// One row a draw, one number a customer.
    values: Vec<f64>,
}

impl RankStability {
    /// Draws weights and values the customers under each.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::Empty`] without a customer; [`RelationshipError::TooMany`] if
    /// customers times draws are above 10⁸, which would take a gigabyte.
    pub fn draw(
        customers: &[Profile],
        weights: &Weights,
        aggregation: Aggregation,
        options: &RankOptions,
    ) -> Result<Self, RelationshipError> {
        if customers.is_empty() {
            return Err(RelationshipError::Empty {
                what: "rank stability",
                of: "customer",
            });
        }
        let found = customers.len().saturating_mul(options.draws);
        if found > MOST_VALUES {
            return Err(RelationshipError::TooMany {
                what: "customers times draws",
                limit: MOST_VALUES,
                found,
            });
        }
        let indices: Vec<[f64; 4]> = customers.iter().map(|p| p.means().into_array()).collect();
        let shares = weights.shares().into_array();
        let mut values = Vec::with_capacity(found);
        for number in 0..options.draws {
            let drawn = dirichlet(&shares, options, number as u64);
            values.extend(indices.iter().map(|d| aggregation.of(&drawn, d)));
        }
        Ok(Self {
            customers: customers.len(),
            stated: indices.iter().map(|d| aggregation.of(&shares, d)).collect(),
            values,
        })
    }

    /// How many customers are compared.
    #[must_use]
    pub const fn customers(&self) -> usize {
        self.customers
    }

    /// How many weights were drawn.
    #[must_use]
    pub fn draws(&self) -> usize {
        self.values.len() / self.customers
    }

    /// The chance that the customer in place `one` is valued above the one in place `other`, both
    /// counted from 0, with half of the draws in which they are equal; `None` if there is no such
    /// customer. The chances of the two directions sum to 1.
    #[must_use]
    pub fn outranks(&self, one: usize, other: usize) -> Option<f64> {
        let mut twice = 0_u64;
        for row in self.values.chunks_exact(self.customers) {
            let (a, b) = (row.get(one)?, row.get(other)?);
            twice += match a.total_cmp(b) {
                std::cmp::Ordering::Greater => 2,
                std::cmp::Ordering::Equal => 1,
                std::cmp::Ordering::Less => 0,
            };
        }
        Some(twice as f64 / (2.0 * self.draws() as f64))
    }

    /// The chance that each customer outranks each other; row *i*, column *j* is that of *i* over
    /// *j*, and the diagonal one half. It takes time and memory in the square of the customers.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::TooMany`] above a thousand customers; ask for the pairs that matter with
    /// [`outranks`](Self::outranks).
    pub fn outranking(&self) -> Result<Vec<Vec<f64>>, RelationshipError> {
        const MOST: usize = 1000;
        if self.customers > MOST {
            return Err(RelationshipError::TooMany {
                what: "customers compared each with each",
                limit: MOST,
                found: self.customers,
            });
        }
        let all = 0..self.customers;
        let row = |i| all.clone().filter_map(|j| self.outranks(i, j)).collect();
        Ok(all.clone().map(row).collect())
    }

    /// The ranks that hold at least the share `level` of the draws of each customer, cut off alike
    /// at both ends. Equal values share the best of their ranks.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::Quantity`] if the level is 0 or 1.
    pub fn rank_intervals(
        &self,
        level: Probability,
    ) -> Result<Vec<RankInterval>, RelationshipError> {
        if level.value() <= 0.0 || level.value() >= 1.0 {
            return Err(RelationshipError::Quantity(QuantityError::Domain {
                quantity: "level of a rank interval",
                expected: "above 0 and below 1",
                found: level.value(),
            }));
        }
        let draws = self.draws();
        let mut ranks = vec![Vec::with_capacity(draws); self.customers];
        let mut order = Vec::new();
        for row in self.values.chunks_exact(self.customers) {
            for (rank, customer) in ranked(row, &mut order).zip(&mut ranks) {
                customer.push(rank);
            }
        }
        let stated = ranked(&self.stated, &mut order).collect::<Vec<_>>();
        // As many draws as fit into half of what may be left out, at either end.
        let out = fitting(level.complement().value() / 2.0 * draws as f64, draws);
        let interval = |(mut ranks, stated): (Vec<u32>, u32)| {
            ranks.sort_unstable();
            let at = |place: usize| ranks.get(place).map_or(0, |r| *r as usize);
            RankInterval {
                best: at(out),
                worst: at(draws - 1 - out),
                mean: ranks.iter().map(|r| f64::from(*r)).sum::<f64>() / draws as f64,
                stated: stated as usize,
                level,
            }
        };
        Ok(ranks.into_iter().zip(stated).map(interval).collect())
    }
}

/// How many whole draws fit into `room`, fewer than half of them.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 0 to half a million"
)]
fn fitting(room: f64, draws: usize) -> usize {
    ((room + 1e-9).floor() as usize).min((draws - 1) / 2)
}

/// The rank of each value, 1 for the highest; equal ones share the best.
fn ranked<'a>(values: &[f64], order: &'a mut Vec<(usize, u32)>) -> impl Iterator<Item = u32> + 'a {
    order.clear();
    order.extend((0..values.len()).map(|place| (place, 0)));
    order.sort_unstable_by(|a, b| values[b.0].total_cmp(&values[a.0]));
    let mut last = (f64::NAN, 0);
    for (position, (place, rank)) in (1_u32..).zip(order.iter_mut()) {
        let value = values[*place];
        if value.total_cmp(&last.0).is_ne() {
            last = (value, position);
        }
        *rank = last.1;
    }
    order.sort_unstable_by_key(|(place, _)| *place);
    order.iter().map(|(_, rank)| *rank)
}

/// Weights from the Dirichlet distribution around the shares.
fn dirichlet(shares: &[f64; 4], options: &RankOptions, number: u64) -> [f64; 4] {
    let mut stream = RandomStream::new(options.seed, number);
    let logs = shares.map(|share| {
        let shape = options.concentration * share;
        if shape > 0.0 {
            stream.ln_gamma_variate(shape, 1.0)
        } else {
            f64::NEG_INFINITY // a weight of 0 stays 0
        }
    });
    // As shares of the largest, which keeps the smallest shapes within the range of f64. One below it
    // stays above 0: a dimension with a weight does not lose it.
    let largest = logs.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let part = |(log, share): (f64, f64)| {
        let part = (log - largest).exp();
        if share > 0.0 { part.max(SMALLEST) } else { 0.0 }
    };
    let parts: [f64; 4] = std::array::from_fn(|j| part((logs[j], shares[j])));
    let total: f64 = parts.iter().sum();
    parts.map(|part| part / total)
}
