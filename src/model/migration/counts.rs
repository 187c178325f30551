//! Transitions that were counted: the evidence for a chain.

use crate::quantity::{QuantityError, TimeUnit};

use super::{Migration, MigrationError, check_table};

#[cfg(feature = "simulate")]
use crate::numeric::random::RandomStream;

/// How many customers went from each state to each other in a period: the evidence for a
/// [`Migration`].
///
/// Each row is given the same prior weight in every cell (a Dirichlet prior), ½ by Jeffreys' rule, so
/// that a way nobody took yet is not impossible. A state that nothing was seen to leave and that is
/// named as absorbing keeps its customers for good.
///
/// # Examples
///
/// ```
/// use guanxi::model::MigrationCounts;
/// use guanxi::quantity::{DiscountRate, TimeUnit};
///
/// let counts = [
///     vec![60.0, 20.0, 5.0, 0.0, 15.0],
///     vec![10.0, 70.0, 12.0, 1.0, 7.0],
///     vec![1.0, 8.0, 80.0, 6.0, 5.0],
///     vec![0.0, 1.0, 9.0, 88.0, 2.0],
///     vec![0.0; 5],
/// ];
/// let tiers = ["transaction", "preferred", "partnership", "alliance", "lost"];
/// let chain = MigrationCounts::new(TimeUnit::Month, tiers, &counts)?
///     .with_absorbing("lost")?
///     .migration()?;
/// // Months before a customer of the first tier is lost.
/// let months: f64 = chain.visits(DiscountRate::ZERO)?[0].iter().sum();
/// assert!((months - 12.434840941).abs() < 1e-9);
/// # Ok::<(), guanxi::model::MigrationError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MigrationCounts {
    period: TimeUnit,
    states: Vec<String>,
    counts: Vec<Vec<f64>>,
    prior: f64,
    absorbing: Vec<bool>,
}

impl MigrationCounts {
    /// Counts from each state (row) to each state (column), with a prior of ½ a cell.
    ///
    /// # Errors
    ///
    /// [`MigrationError`] unless names differ, the table is square and every count is a number from
    /// 0 to 1e15.
    pub fn new(
        period: TimeUnit,
        states: impl IntoIterator<Item = impl Into<String>>,
        counts: &[Vec<f64>],
    ) -> Result<Self, MigrationError> {
        let states: Vec<String> = states.into_iter().map(Into::into).collect();
        check_table(&states, counts)?;
        for (from, row) in states.iter().zip(counts) {
            for (to, &found) in states.iter().zip(row) {
                // Written so that NaN fails it.
                if !(0.0..=1e15).contains(&found) {
                    return Err(MigrationError::Cell {
                        what: "the count",
                        from: from.clone(),
                        to: to.clone(),
                        expected: "a number from 0 to 1e15",
                        found,
                    });
                }
            }
        }
        let absorbing = vec![false; states.len()];
        Ok(Self {
            period,
            states,
            counts: counts.to_vec(),
            prior: 0.5,
            absorbing,
        })
    }

    /// The same with another prior weight a cell.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] unless it is from 1e-9 to 1e9.
    pub fn with_prior(self, prior: f64) -> Result<Self, MigrationError> {
        if (1e-9..=1e9).contains(&prior) {
            Ok(Self { prior, ..self })
        } else {
            Err(MigrationError::Quantity(QuantityError::Domain {
                quantity: "prior weight of a cell",
                expected: "a number from 1e-9 to 1e9",
                found: prior,
            }))
        }
    }

    /// The same with a state that nobody leaves.
    ///
    /// # Errors
    ///
    /// [`MigrationError::UnknownState`] if there is no such state, [`MigrationError::Cell`] if somebody
    /// was seen to leave it.
    pub fn with_absorbing(mut self, state: &str) -> Result<Self, MigrationError> {
        let Some(place) = self.states.iter().position(|name| name == state) else {
            return Err(MigrationError::UnknownState {
                name: state.to_owned(),
            });
        };
        let row = self.counts[place].iter().enumerate();
        let left: f64 = row.filter(|&(to, _)| to != place).map(|(_, n)| n).sum();
        if left > 0.0 {
            return Err(MigrationError::Cell {
                what: "the count",
                from: state.to_owned(),
                to: "other states".to_owned(),
                expected: "0 for an absorbing state",
                found: left,
            });
        }
        self.absorbing[place] = true;
        Ok(self)
    }

    /// The chain of the posterior means.
    ///
    /// # Errors
    ///
    /// None that the counts were not checked for.
    pub fn migration(&self) -> Result<Migration, MigrationError> {
        self.normalised(|row| {
            let sum: f64 = row.iter().sum();
            row.iter().map(|weight| weight / sum).collect()
        })
    }

    /// A chain drawn from the posterior: each row from its Dirichlet distribution.
    ///
    /// # Errors
    ///
    /// None that the counts were not checked for.
    #[cfg(feature = "simulate")]
    pub fn draw(&self, random: &mut RandomStream) -> Result<Migration, MigrationError> {
        self.normalised(|row| {
            // In logarithms: draws of small weights are below all numbers, but one is the largest.
            let drawn: Vec<f64> = row
                .iter()
                .map(|&weight| random.ln_gamma_variate(weight, 1.0))
                .collect();
            let largest = drawn.iter().copied().fold(f64::MIN, f64::max);
            let shares: Vec<f64> = drawn.iter().map(|ln| (ln - largest).exp()).collect();
            let sum: f64 = shares.iter().sum();
            shares.iter().map(|share| share / sum).collect()
        })
    }

    /// The chain of the rows that a function makes of the weights, counts and prior together.
    fn normalised(
        &self,
        mut shares: impl FnMut(&[f64]) -> Vec<f64>,
    ) -> Result<Migration, MigrationError> {
        let rows: Vec<Vec<f64>> = self
            .counts
            .iter()
            .enumerate()
            .map(|(i, row)| {
                if self.absorbing[i] {
                    return (0..row.len())
                        .map(|j| if i == j { 1.0 } else { 0.0 })
                        .collect();
                }
                let weights: Vec<f64> = row.iter().map(|count| count + self.prior).collect();
                shares(&weights)
            })
            .collect();
        Migration::new(self.period, self.states.iter().cloned(), &rows)
    }
}
