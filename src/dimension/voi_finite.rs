//! Value of information where there are finitely many states: which question is worth asking?
//!
//! Raiffa & Schlaifer (1961), *Applied Statistical Decision Theory*, Harvard University Press.

use super::DimensionError;
use super::error::checked;
use crate::quantity::Fraction;

/// A choice between actions whose payoffs depend on which of some states is the case.
///
/// # Examples
///
/// A third of all customers want tea. Whom to send the tea catalogue, which costs 1 and brings 2.5
/// from those who do?
///
/// ```
/// use guanxi::dimension::FiniteDecision;
/// use guanxi::quantity::Fraction;
///
/// let send = vec![1.5, -1.0]; // to one who wants tea, to one who does not
/// let decision = FiniteDecision::new(&[1.0 / 3.0, 2.0 / 3.0], vec![send, vec![0.0, 0.0]])?;
/// assert_eq!((decision.best(), decision.value()), (1, 0.0)); // unasked, send nobody one
///
/// let asked = decision.value_of_asking(Fraction::new(0.9)?, 0.2)?;
/// assert!((asked.value() - (0.45 - 0.2 / 3.0)).abs() < 1e-15); // one answer in ten is wrong
/// assert!(asked.is_worth_asking()); // 0.38 against the 0.2 that asking costs
/// # Ok::<(), guanxi::dimension::DimensionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "FiniteRow", into = "FiniteRow"))]
pub struct FiniteDecision {
    prior: Vec<f64>,
    /// One row an action, one number a state.
    payoffs: Vec<Vec<f64>>,
}

/// Numbers that are each between 0 and 1 and together 1.
fn distribution(what: &'static str, shares: &[f64]) -> Result<Vec<f64>, DimensionError> {
    let mut sum = 0.0;
    for &share in shares {
        sum += checked(what, "between 0 and 1", 0.0..=1.0, share)?;
    }
    checked("sum of probabilities", "1", 1.0 - 1e-9..=1.0 + 1e-9, sum)?;
    // What has been divided once stays as it is.
    let scale = if (sum - 1.0).abs() > 1e-12 { sum } else { 1.0 };
    Ok(shares.iter().map(|share| share / scale).collect())
}

fn of_length(what: &'static str, expected: usize, row: &[f64]) -> Result<(), DimensionError> {
    if row.len() == expected {
        return Ok(());
    }
    Err(DimensionError::Shape {
        what,
        expected,
        found: row.len(),
    })
}

impl FiniteDecision {
    /// A choice between actions, of each of which `payoffs` holds a row: what it brings in each
    /// state. One of them must be taken.
    ///
    /// # Errors
    ///
    /// - [`DimensionError::Domain`] unless the probabilities of the states lie between 0 and 1 and
    ///   sum to 1 to within 1e-9, and payoffs are of at most 1e100 in size.
    /// - [`DimensionError::Shape`] for a row of another length.
    /// - [`DimensionError::Empty`] without an action.
    pub fn new(prior: &[f64], payoffs: Vec<Vec<f64>>) -> Result<Self, DimensionError> {
        let prior = distribution("probability of a state", prior)?;
        if payoffs.is_empty() {
            return Err(DimensionError::Empty {
                expected: "an action to choose",
            });
        }
        for row in &payoffs {
            of_length("a row of payoffs", prior.len(), row)?;
            for &payoff in row {
                let range = "a number of at most 1e100 in size";
                checked("payoff of an action", range, -1e100..=1e100, payoff)?;
            }
        }
        Ok(Self { prior, payoffs })
    }

    fn expected(&self, payoffs: &[f64]) -> f64 {
        self.prior.iter().zip(payoffs).map(|(p, u)| p * u).sum()
    }

    /// What to do if nothing more becomes known: the place of the best action, the first of equals.
    #[must_use]
    pub fn best(&self) -> usize {
        let mut best = (0, f64::NEG_INFINITY);
        for (place, row) in self.payoffs.iter().enumerate() {
            let value = self.expected(row);
            if value > best.1 {
                best = (place, value);
            }
        }
        best.0
    }

    /// What the best action is expected to bring if nothing more becomes known.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.expected(self.best_row())
    }

    fn best_row(&self) -> &[f64] {
        self.payoffs.get(self.best()).map_or(&[], Vec::as_slice)
    }

    /// The most that any action brings more than the best one, over states of these weights.
    fn gain(&self, weight: impl Fn(usize) -> f64) -> f64 {
        let best = self.best_row();
        let gains = self.payoffs.iter().map(|row| {
            let pairs = row.iter().zip(best).enumerate();
            let gains = pairs.map(|(state, (u, b))| weight(state) * (u - b));
            gains.sum::<f64>()
        });
        gains.fold(0.0, f64::max)
    }

    /// What it would be worth to know the state for certain before choosing, EVPI; at or above 0.
    #[must_use]
    #[doc(alias = "EVPI")]
    pub fn value_of_perfect_information(&self) -> f64 {
        let alone = |(state, p): (usize, &f64)| self.gain(|s| if s == state { *p } else { 0.0 });
        self.prior.iter().enumerate().map(alone).sum()
    }

    /// What it is worth to see a signal before choosing, EVSI: at or above 0 and at most
    /// [EVPI](Self::value_of_perfect_information). `likelihood` holds a row for each state: the
    /// probability of each signal in it.
    ///
    /// # Errors
    ///
    /// - [`DimensionError::Shape`] unless there is a row for each state, and all are equally long.
    /// - [`DimensionError::Domain`] unless each is of probabilities that sum to 1 to within 1e-9.
    #[doc(alias = "EVSI")]
    pub fn value_of_signal(&self, likelihood: &[Vec<f64>]) -> Result<f64, DimensionError> {
        if likelihood.len() != self.prior.len() {
            return Err(DimensionError::Shape {
                what: "the table of signals",
                expected: self.prior.len(),
                found: likelihood.len(),
            });
        }
        let signals = likelihood.first().map_or(0, Vec::len);
        let mut joint = Vec::with_capacity(likelihood.len());
        for (row, prior) in likelihood.iter().zip(&self.prior) {
            of_length("a row of signals", signals, row)?;
            let row = distribution("probability of a signal", row)?;
            joint.push(row.into_iter().map(|p| p * prior).collect::<Vec<f64>>());
        }
        let of_signal = |signal: usize| {
            let joint = |state: usize| joint.get(state).and_then(|row| row.get(signal));
            self.gain(|state| joint(state).copied().unwrap_or(0.0))
        };
        Ok((0..signals).map(of_signal).sum())
    }

    /// What it is worth to ask which state is the case, if the answer is right with probability
    /// `reliability` and else any of the others alike, and asking costs `cost`, in the unit of the
    /// payoffs.
    ///
    /// This tells which field of a profile is worth asking for: its states are what it may say, with
    /// the shares they have among customers, and the actions are what the firm would do.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless the cost lies between 0 and 1e100.
    pub fn value_of_asking(
        &self,
        reliability: Fraction,
        cost: f64,
    ) -> Result<ValueOfAsking, DimensionError> {
        let range = "between 0 and 1e100";
        let cost = checked("cost of asking", range, 0.0..=1e100, cost)?;
        let states = self.prior.len();
        let right = if states > 1 { reliability.value() } else { 1.0 };
        let wrong = (1.0 - right) / (states.max(2) - 1) as f64;
        let answers: Vec<Vec<f64>> = (0..states)
            .map(|state| {
                let answer = |said| if said == state { right } else { wrong };
                (0..states).map(answer).collect()
            })
            .collect();
        Ok(ValueOfAsking {
            value: self.value_of_signal(&answers)?,
            perfect: self.value_of_perfect_information(),
            cost,
        })
    }
}

/// What it is worth to ask a question before deciding, in the unit of the payoffs.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "AskingRow", into = "AskingRow"))]
pub struct ValueOfAsking {
    value: f64,
    perfect: f64,
    cost: f64,
}

impl ValueOfAsking {
    /// What the answer is worth, at or above 0 and before the cost.
    #[must_use]
    pub fn value(self) -> f64 {
        self.value
    }

    /// What an answer that is never wrong would be worth.
    #[must_use]
    pub fn perfect(self) -> f64 {
        self.perfect
    }

    /// What asking costs.
    #[must_use]
    pub fn cost(self) -> f64 {
        self.cost
    }

    /// What is left of the value after the cost; below 0 for a question better not asked.
    #[must_use]
    pub fn net(self) -> f64 {
        self.value - self.cost
    }

    /// Whether the answer is worth more than asking costs.
    #[must_use]
    pub fn is_worth_asking(self) -> bool {
        self.value > self.cost
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "FiniteDecision")]
struct FiniteRow {
    prior: Vec<f64>,
    payoffs: Vec<Vec<f64>>,
}

#[cfg(feature = "serde")]
impl From<FiniteDecision> for FiniteRow {
    fn from(decision: FiniteDecision) -> Self {
        Self {
            prior: decision.prior,
            payoffs: decision.payoffs,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<FiniteRow> for FiniteDecision {
    type Error = DimensionError;

    fn try_from(row: FiniteRow) -> Result<Self, DimensionError> {
        Self::new(&row.prior, row.payoffs)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "ValueOfAsking")]
struct AskingRow {
    value: f64,
    perfect: f64,
    cost: f64,
}

#[cfg(feature = "serde")]
impl From<ValueOfAsking> for AskingRow {
    fn from(asking: ValueOfAsking) -> Self {
        Self {
            value: asking.value,
            perfect: asking.perfect,
            cost: asking.cost,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<AskingRow> for ValueOfAsking {
    type Error = DimensionError;

    fn try_from(row: AskingRow) -> Result<Self, DimensionError> {
        let range = "between 0 and 1e101";
        let perfect = checked("value of a perfect answer", range, 0.0..=1e101, row.perfect)?;
        let most = perfect * (1.0 + 1e-9);
        let range = "between 0 and that of a perfect one";
        Ok(Self {
            value: checked("value of an answer", range, 0.0..=most, row.value)?,
            perfect,
            cost: checked(
                "cost of asking",
                "between 0 and 1e100",
                0.0..=1e100,
                row.cost,
            )?,
        })
    }
}
