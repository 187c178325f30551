//! Migration (客户迁移): customers move between states from period to period, and each visit to a
//! state is worth something.
//!
//! Pfeifer & Carraway (2000), "Modeling Customer Relationships as Markov Chains", *Journal of
//! Interactive Marketing* 14(2), 43–55,
//! <https://doi.org/10.1002/(SICI)1520-6653(200021)14:2%3C43::AID-DIR4%3E3.0.CO;2-H>.
//!
//! Values solve a system of linear equations; no matrix is inverted. The elimination, after Grassmann,
//! Taksar & Heyman (1985, *Operations Research* 33(5)), subtracts no transition from another, so that
//! a value keeps 1e-12 of the rewards it is made of however close the discount is to none.

mod counts;
mod error;

pub use counts::MigrationCounts;
pub use error::MigrationError;

use std::borrow::Cow;

use crate::quantity::{Currency, DiscountRate, Horizon, Money, QuantityError, TimeUnit};

/// A Markov chain of customers over named states, one step a period.
///
/// # Examples
///
/// The recency of the last order as the state, with the chances to order again of Pfeifer & Carraway's
/// kind; an order earns 40, a mailing to everyone who is not yet given up costs 4:
///
/// ```
/// use guanxi::model::Migration;
/// use guanxi::quantity::{Currency, DiscountRate, Horizon, Money, TimeUnit};
///
/// let chain = Migration::by_recency(TimeUnit::Year, &[0.30, 0.20, 0.15, 0.05])?;
/// let reward = |amount| Money::parse(amount, Currency::USD);
/// let (order, mailing) = (reward("36")?, reward("-4")?);
/// let rewards = [order, mailing, mailing, mailing, reward("0")?];
/// let discount = DiscountRate::annual(0.2)?;
///
/// let value = chain.value(&rewards, discount, Horizon::Infinite)?;
/// assert!((value.all()[0] - 52.31960944).abs() < 1e-8);
/// // After four years without an order a mailing brings in less than it costs.
/// assert_eq!(value.money()?[3].to_string(), "-1.82 USD");
/// let best = chain.best_contact(&rewards, discount)?;
/// assert_eq!(best.contact(), [true, true, true, false, false]);
/// assert!((best.value().all()[0] - 53.14942529).abs() < 1e-8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "RawMigration", into = "RawMigration")
)]
pub struct Migration {
    period: TimeUnit,
    states: Vec<String>,
    /// Row by row.
    chances: Vec<f64>,
}

/// How a migration is written down.
#[cfg(feature = "serde")]
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "Migration")]
struct RawMigration {
    period: TimeUnit,
    states: Vec<String>,
    transitions: Vec<Vec<f64>>,
}

#[cfg(feature = "serde")]
impl TryFrom<RawMigration> for Migration {
    type Error = MigrationError;

    fn try_from(raw: RawMigration) -> Result<Self, MigrationError> {
        Self::new(raw.period, raw.states, &raw.transitions)
    }
}

#[cfg(feature = "serde")]
impl From<Migration> for RawMigration {
    fn from(chain: Migration) -> Self {
        Self {
            period: chain.period,
            transitions: chain.rows().map(<[f64]>::to_vec).collect(),
            states: chain.states,
        }
    }
}

/// Names that are all different, and a table with one row and one column a state.
fn check_table(states: &[String], rows: &[Vec<f64>]) -> Result<(), MigrationError> {
    let n = states.len();
    if n == 0 {
        return Err(MigrationError::Empty);
    }
    for (i, name) in states.iter().enumerate() {
        if states[..i].contains(name) {
            return Err(MigrationError::Name { name: name.clone() });
        }
    }
    let length = |list: Cow<'static, str>, found: usize| {
        if found == n {
            Ok(())
        } else {
            Err(MigrationError::Length {
                list,
                expected: n,
                found,
            })
        }
    };
    length("the table of transitions".into(), rows.len())?;
    for (state, row) in states.iter().zip(rows) {
        length(format!("the transitions from {state:?}").into(), row.len())?;
    }
    Ok(())
}

impl Migration {
    /// A chain from the probabilities to go from one state (row) to another (column) in one period.
    ///
    /// # Errors
    ///
    /// [`MigrationError`] unless names differ, the table is square, every probability is from 0 to 1
    /// and each row sums to 1 within 1e-9.
    pub fn new(
        period: TimeUnit,
        states: impl IntoIterator<Item = impl Into<String>>,
        transitions: &[Vec<f64>],
    ) -> Result<Self, MigrationError> {
        let states: Vec<String> = states.into_iter().map(Into::into).collect();
        check_table(&states, transitions)?;
        for (from, row) in states.iter().zip(transitions) {
            for (to, &found) in states.iter().zip(row) {
                // Written so that NaN fails it.
                if !(0.0..=1.0).contains(&found) {
                    return Err(MigrationError::Cell {
                        what: "the probability to go",
                        from: from.clone(),
                        to: to.clone(),
                        expected: "from 0 to 1",
                        found,
                    });
                }
            }
            let found: f64 = row.iter().sum();
            if (found - 1.0).abs() > 1e-9 {
                return Err(MigrationError::Sum {
                    from: from.clone(),
                    found,
                });
            }
        }
        Ok(Self {
            period,
            states,
            chances: transitions.concat(),
        })
    }

    /// The chain of recency: a customer who ordered *i* periods ago orders again with the *i*-th
    /// chance and else is one period older; past the last chance the customer is gone.
    ///
    /// # Errors
    ///
    /// [`MigrationError`] without a chance, or with one outside 0 to 1.
    pub fn by_recency(period: TimeUnit, chances: &[f64]) -> Result<Self, MigrationError> {
        if chances.is_empty() {
            return Err(MigrationError::Empty);
        }
        let n = chances.len() + 1;
        let mut states: Vec<String> = (1..n).map(|i| format!("recency {i}")).collect();
        states.push("gone".to_owned());
        let mut rows = vec![vec![0.0; n]; n];
        for (i, &chance) in chances.iter().enumerate() {
            rows[i][0] = chance;
            rows[i][i + 1] = 1.0 - chance;
        }
        rows[n - 1][n - 1] = 1.0;
        Self::new(period, states, &rows)
    }

    /// Time from one visit to the next.
    #[must_use]
    pub fn period(&self) -> TimeUnit {
        self.period
    }

    /// Names of the states.
    #[must_use]
    pub fn states(&self) -> &[String] {
        &self.states
    }

    /// The probabilities to go from each state in one period.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.chances.chunks_exact(self.states.len())
    }

    /// Where customers of one state are after this many periods: the probability of each state, or
    /// none if there is no such state.
    #[must_use]
    pub fn after(&self, state: usize, periods: u32) -> Option<Vec<f64>> {
        let n = self.states.len();
        let mut now = vec![0.0; n];
        *now.get_mut(state)? = 1.0;
        let mut power = self.chances.clone();
        let mut left = periods;
        while left > 0 {
            if left % 2 == 1 {
                let mut next = vec![0.0; n];
                for (share, row) in now.iter().zip(power.chunks_exact(n)) {
                    for (next, chance) in next.iter_mut().zip(row) {
                        *next += share * chance;
                    }
                }
                now = next;
            }
            left /= 2;
            if left > 0 {
                power = product(&power, &power, n);
            }
        }
        Some(now)
    }

    /// What a customer of each state is worth: the rewards of this visit and of all later ones up to
    /// and including the one at the horizon, discounted.
    ///
    /// # Errors
    ///
    /// - [`MigrationError::Length`] without one reward a state.
    /// - [`MigrationError::Quantity`] for rewards in two currencies.
    /// - [`MigrationError::Undefined`] without discount and horizon, if the sum is infinite.
    pub fn value(
        &self,
        rewards: &[Money],
        discount: DiscountRate,
        horizon: Horizon,
    ) -> Result<MigrationValue, MigrationError> {
        let (currency, rewards) = self.amounts(rewards)?;
        let values = match horizon {
            Horizon::Infinite => {
                let everyone = vec![true; rewards.len()];
                self.solve(&rewards, discount, &everyone)?
            }
            Horizon::Finite(span) => {
                let length = span.in_unit(self.period);
                let later = (length + 1e-9 * length.max(1.0)).floor();
                self.within(&rewards, (-discount.per(self.period)).exp(), later)
            }
        };
        Ok(MigrationValue { currency, values })
    }

    /// The policy of contact under which every state is worth most: a customer of a state whose
    /// contact brings in less than goes out is given up, and worth nothing from then on: nobody comes
    /// back unasked.
    ///
    /// Howard's policy iteration; every step is a solution, and the last one is optimal.
    ///
    /// # Errors
    ///
    /// As [`value`](Self::value).
    pub fn best_contact(
        &self,
        rewards: &[Money],
        discount: DiscountRate,
    ) -> Result<ContactPolicy, MigrationError> {
        let (currency, rewards) = self.amounts(rewards)?;
        let worth = (-discount.per(self.period)).exp();
        let mut contact = vec![true; rewards.len()];
        loop {
            let values = self.solve(&rewards, discount, &contact)?;
            let ahead = self.ahead(&rewards, worth, &values);
            let size = rewards.iter().fold(0.0, |size: f64, r| size.max(r.abs()));
            // A tie within rounding stays as it is, so that the search ends.
            let next: Vec<bool> = contact
                .iter()
                .zip(&ahead)
                .map(|(&now, &value)| {
                    if now {
                        value >= -1e-12 * size
                    } else {
                        value > 1e-12 * size
                    }
                })
                .collect();
            if next == contact {
                // Whoever is worth nothing either way is not contacted.
                let contact = values.iter().map(|&value| value > 0.0).collect();
                let value = MigrationValue { currency, values };
                return Ok(ContactPolicy { contact, value });
            }
            contact = next;
        }
    }

    /// Expected discounted visits to each state (column) from each state (row), the present one
    /// counted; with a discount of nothing, those before customers stay in a state for good.
    ///
    /// # Errors
    ///
    /// [`MigrationError::Undefined`], naming the state whose visits never end, without discount and
    /// among states that customers never leave for good; a state that nothing leaves, such as
    /// "lost", is left out of the count instead.
    pub fn visits(&self, discount: DiscountRate) -> Result<Vec<Vec<f64>>, MigrationError> {
        let n = self.states.len();
        let stays = |i: usize| self.rows().nth(i).is_some_and(|row| row[i] >= 1.0);
        let leaves: Vec<bool> = (0..n).map(|i| !(discount.is_zero() && stays(i))).collect();
        let mut visits = vec![vec![0.0; n]; n];
        for to in 0..n {
            let mut reward = vec![0.0; n];
            reward[to] = 1.0;
            let column = self.solve(&reward, discount, &leaves)?;
            for (row, value) in visits.iter_mut().zip(column) {
                row[to] = value;
            }
        }
        Ok(visits)
    }

    /// The rewards in major units of their one currency.
    fn amounts(&self, rewards: &[Money]) -> Result<(Currency, Vec<f64>), MigrationError> {
        let expected = self.states.len();
        let (Some(first), true) = (rewards.first(), rewards.len() == expected) else {
            return Err(MigrationError::Length {
                list: "the rewards".into(),
                expected,
                found: rewards.len(),
            });
        };
        let currency = first.currency();
        for reward in rewards {
            if reward.currency() != currency {
                return Err(MigrationError::Quantity(QuantityError::CurrencyMismatch {
                    expected: currency,
                    found: reward.currency(),
                }));
            }
        }
        Ok((currency, rewards.iter().map(|r| r.to_f64()).collect()))
    }

    /// The rewards of this visit and of as many `later` ones, in a number of steps that grows with
    /// the logarithm of theirs.
    fn within(&self, rewards: &[f64], worth: f64, later: f64) -> Vec<f64> {
        let n = rewards.len();
        // The sum over a block of visits, and what carries a value across the block.
        let mut block = rewards.to_vec();
        let mut across: Vec<f64> = self.chances.iter().map(|chance| worth * chance).collect();
        let mut sum = vec![0.0; n];
        let mut left = later + 1.0;
        while left >= 1.0 {
            if left % 2.0 >= 1.0 {
                sum = sums(&block, &across, &sum);
            }
            left = (left / 2.0).floor();
            if left >= 1.0 {
                block = sums(&block, &across, &block);
                across = product(&across, &across, n);
            }
        }
        sum
    }

    /// The reward of this visit and the discounted values of the next.
    fn ahead(&self, rewards: &[f64], worth: f64, values: &[f64]) -> Vec<f64> {
        let rows = rewards.iter().zip(self.rows());
        rows.map(|(reward, row)| {
            let next: f64 = row.iter().zip(values).map(|(p, v)| p * v).sum();
            reward + worth * next
        })
        .collect()
    }

    /// Solves `V = R + P V/(1 + d)` over the states that are kept; the others are worth nothing.
    fn solve(
        &self,
        rewards: &[f64],
        discount: DiscountRate,
        kept: &[bool],
    ) -> Result<Vec<f64>, MigrationError> {
        let n = rewards.len();
        let delta = discount.per(self.period);
        let worth = (-delta).exp();
        // Row i says: (loss + Σ flow) V_i = R_i + Σ flow V_j. What leaves the kept states is lost.
        let mut flow: Vec<f64> = self.chances.iter().map(|chance| worth * chance).collect();
        let mut loss: Vec<f64> = (0..n)
            .map(|i| {
                let row = &flow[i * n..(i + 1) * n];
                let given_up = row.iter().zip(kept).filter(|(_, kept)| !**kept);
                -(-delta).exp_m1() + given_up.map(|(flow, _)| flow).sum::<f64>()
            })
            .collect();
        let mut rewards = rewards.to_vec();
        let states: Vec<usize> = (0..n).filter(|&i| kept[i]).collect();
        let mut totals = vec![0.0; n];
        for (place, &k) in states.iter().enumerate() {
            let later = &states[place + 1..];
            let total = loss[k] + later.iter().map(|&j| flow[k * n + j]).sum::<f64>();
            totals[k] = total;
            if total <= 0.0 {
                // Nothing leaves: worth nothing for ever, or infinitely much.
                if rewards[k] != 0.0 {
                    return Err(MigrationError::Undefined {
                        state: self.states[k].clone(),
                    });
                }
                totals[k] = 1.0;
                continue;
            }
            for &i in later {
                let share = flow[i * n + k] / total;
                if share > 0.0 {
                    loss[i] += share * loss[k];
                    rewards[i] += share * rewards[k];
                    for &j in later {
                        flow[i * n + j] += share * flow[k * n + j];
                    }
                }
            }
        }
        let mut values = vec![0.0; n];
        for (place, &k) in states.iter().enumerate().rev() {
            let later = &states[place + 1..];
            let next: f64 = later.iter().map(|&j| flow[k * n + j] * values[j]).sum();
            values[k] = (rewards[k] + next) / totals[k];
        }
        Ok(values)
    }
}

/// `first + M·then`, for a matrix row by row.
fn sums(first: &[f64], matrix: &[f64], then: &[f64]) -> Vec<f64> {
    let rows = first.iter().zip(matrix.chunks_exact(then.len()));
    rows.map(|(first, row)| first + row.iter().zip(then).map(|(m, v)| m * v).sum::<f64>())
        .collect()
}

/// The product of two square matrices, row by row.
fn product(left: &[f64], right: &[f64], n: usize) -> Vec<f64> {
    let mut product = vec![0.0; n * n];
    for (row, sums) in left.chunks_exact(n).zip(product.chunks_exact_mut(n)) {
        for (l, other) in row.iter().zip(right.chunks_exact(n)) {
            for (sum, r) in sums.iter_mut().zip(other) {
                *sum += l * r;
            }
        }
    }
    product
}

/// What customers of each state are worth.
#[derive(Debug, Clone, PartialEq)]
pub struct MigrationValue {
    currency: Currency,
    values: Vec<f64>,
}

impl MigrationValue {
    /// Currency of the values.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// All values in the order of the states, in major units.
    #[must_use]
    pub fn all(&self) -> &[f64] {
        &self.values
    }

    /// All values as money, rounded half to even to minor units.
    ///
    /// # Errors
    ///
    /// [`QuantityError`] if one is beyond what [`Money`] holds.
    pub fn money(&self) -> Result<Vec<Money>, QuantityError> {
        let values = self.values.iter();
        values
            .map(|&value| Money::from_estimate(value, self.currency))
            .collect()
    }
}

/// Whom to contact, and what customers are then worth.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactPolicy {
    contact: Vec<bool>,
    value: MigrationValue,
}

impl ContactPolicy {
    /// Whether to go on with customers of each state: only if that is worth something.
    #[must_use]
    pub fn contact(&self) -> &[bool] {
        &self.contact
    }

    /// What customers of each state are worth under the policy.
    #[must_use]
    pub fn value(&self) -> &MigrationValue {
        &self.value
    }
}
