//! Value of information (信息的价值): what it is worth to know more before deciding.
//!
//! Raiffa & Schlaifer (1961), *Applied Statistical Decision Theory*, Harvard University Press,
//! chapters 4 and 5.

use super::DimensionError;
use super::error::checked;
use crate::numeric::special::incomplete_beta;
#[cfg(feature = "serde")]
use crate::quantity::stored::read_finite;

/// The largest payoff in size: sums and products of such payoffs are finite.
const LARGEST: f64 = 1e100;
const PAYOFF: &str = "a number of at most 1e100 in size";

/// Something to do whose payoff is linear in an unknown probability θ: `intercept + slope·θ`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct LinearAction {
    /// Payoff at θ = 0, of at most 1e100 in size.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_finite"))]
    pub intercept: f64,
    /// How much the payoff rises from θ = 0 to θ = 1, of at most 1e100 in size.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_finite"))]
    pub slope: f64,
}

impl LinearAction {
    /// Leaving it: a payoff of 0, whatever θ is.
    pub const NOTHING: Self = Self {
        intercept: 0.0,
        slope: 0.0,
    };

    fn at(self, theta: f64) -> f64 {
        self.intercept + self.slope * theta
    }

    fn less(self, other: Self) -> Self {
        Self {
            intercept: self.intercept - other.intercept,
            slope: self.slope - other.slope,
        }
    }
}

/// A choice between actions whose payoffs depend on an unknown probability θ, believed to be
/// Beta(α, β): whether to make an offer that will be accepted with probability θ.
///
/// # Examples
///
/// An offer that brings 6 if accepted and costs 4 if not. The two look even; one trial is worth 0.4,
/// and to know θ for certain 0.83:
///
/// ```
/// use guanxi::dimension::{BetaDecision, LinearAction};
///
/// let offer = LinearAction { intercept: -4.0, slope: 10.0 };
/// let decision = BetaDecision::new(2.0, 3.0, vec![LinearAction::NOTHING, offer])?;
/// assert!(decision.value().abs() < 1e-15);
/// assert!((decision.value_of_sample(1)? - 0.4).abs() < 1e-15);
/// assert!((decision.value_of_perfect_information() - 0.82944).abs() < 1e-14);
/// # Ok::<(), guanxi::dimension::DimensionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "BetaRow", into = "BetaRow"))]
pub struct BetaDecision {
    alpha: f64,
    beta: f64,
    actions: Vec<LinearAction>,
}

impl BetaDecision {
    /// A choice between actions, one of which must be taken: where it is possible to do nothing,
    /// [`LinearAction::NOTHING`] is one of them.
    ///
    /// # Errors
    ///
    /// - [`DimensionError::Domain`] unless α and β lie between 1e-3 and 1e6, and payoffs are of at
    ///   most 1e100 in size.
    /// - [`DimensionError::Empty`] without an action.
    pub fn new(alpha: f64, beta: f64, actions: Vec<LinearAction>) -> Result<Self, DimensionError> {
        let range = "between 1e-3 and 1e6";
        let alpha = checked("alpha of the belief", range, 1e-3..=1e6, alpha)?;
        let beta = checked("beta of the belief", range, 1e-3..=1e6, beta)?;
        for payoff in actions.iter().flat_map(|a| [a.intercept, a.slope]) {
            checked("payoff of an action", PAYOFF, -LARGEST..=LARGEST, payoff)?;
        }
        if actions.is_empty() {
            return Err(DimensionError::Empty {
                expected: "an action to choose",
            });
        }
        Ok(Self {
            alpha,
            beta,
            actions,
        })
    }

    fn mean(&self) -> f64 {
        self.alpha / (self.alpha + self.beta)
    }

    /// What to do if nothing more becomes known: the place of the best action, the first of equals.
    #[must_use]
    pub fn best(&self) -> usize {
        let mean = self.mean();
        first_best(self.actions.iter().map(|action| action.at(mean)))
    }

    /// What the best action is expected to bring if nothing more becomes known.
    #[must_use]
    pub fn value(&self) -> f64 {
        let mean = self.mean();
        self.actions
            .get(self.best())
            .map_or(0.0, |action| action.at(mean))
    }

    /// The actions by what they bring more than the best one, as far as they are best for some θ
    /// in [0, 1]: each with the θ from which on it is.
    fn envelope(&self) -> Vec<(f64, LinearAction)> {
        let Some(&best) = self.actions.get(self.best()) else {
            return Vec::new(); // there is an action
        };
        let lines: Vec<LinearAction> = self.actions.iter().map(|a| a.less(best)).collect();
        let start = lines
            .iter()
            .copied()
            .max_by(|a, b| (a.intercept.total_cmp(&b.intercept)).then(a.slope.total_cmp(&b.slope)));
        let mut envelope: Vec<(f64, LinearAction)> = Vec::new();
        let mut next = start.map(|line| (0.0, line));
        while let Some((from, line)) = next {
            envelope.push((from, line));
            next = (lines.iter())
                .filter(|other| other.slope > line.slope)
                .map(|&other| {
                    let crossing = (line.intercept - other.intercept) / (other.slope - line.slope);
                    (crossing.max(from), other)
                })
                .filter(|(crossing, _)| *crossing < 1.0)
                .min_by(|a, b| a.0.total_cmp(&b.0).then(b.1.slope.total_cmp(&a.1.slope)));
        }
        envelope
    }

    /// What it would be worth to know θ for certain before choosing, EVPI: the most that any
    /// amount of trials can be worth. At or above 0.
    #[must_use]
    #[doc(alias = "EVPI")]
    pub fn value_of_perfect_information(&self) -> f64 {
        let (alpha, beta) = (self.alpha, self.beta);
        let envelope = self.envelope();
        let ends = envelope.iter().skip(1).map(|(from, _)| *from).chain([1.0]);
        let mut value = 0.0;
        for ((from, line), to) in envelope.iter().zip(ends) {
            if line.intercept == 0.0 && line.slope == 0.0 {
                continue; // here the best action is best
            }
            // ∫ (a + bθ) dF, where ∫ θ dF is the mean times a belief that has seen one more.
            let mass = beta_mass(alpha, beta, *from, to);
            let first = self.mean() * beta_mass(alpha + 1.0, beta, *from, to);
            value += f64::max(line.intercept * mass + line.slope * first, 0.0);
        }
        value
    }

    /// What it is worth to see the outcome of `trials` before choosing, EVSI: at or above 0, at
    /// most [EVPI](Self::value_of_perfect_information), and the more the more trials. The time
    /// grows with the number of trials.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] beyond a million trials.
    #[doc(alias = "EVSI")]
    pub fn value_of_sample(&self, trials: u32) -> Result<f64, DimensionError> {
        let n = f64::from(trials);
        checked("number of trials", "at most 1000000", 0.0..=1e6, n)?;
        let (alpha, beta) = (self.alpha, self.beta);
        let envelope = self.envelope();
        // Gain over the best action after k successes.
        let gain = |k: f64| {
            let mean = (alpha + k) / (alpha + beta + n);
            let line = envelope.iter().rev().find(|(from, _)| *from <= mean);
            line.map_or(0.0, |(_, line)| line.at(mean).max(0.0))
        };
        // The beta-binomial probabilities of k by their ratios, from the middle outwards, over the
        // probability of the middle.
        let middle = (n * self.mean()).floor();
        let (mut weights, mut value) = (1.0, gain(middle));
        let (mut k, mut weight) = (middle, 1.0);
        while k < n {
            weight *= (n - k) / (k + 1.0) * ((alpha + k) / (beta + n - k - 1.0));
            k += 1.0;
            weights += weight;
            value += weight * gain(k);
        }
        (k, weight) = (middle, 1.0);
        while k > 0.0 {
            weight *= k / (n - k + 1.0) * ((beta + n - k) / (alpha + k - 1.0));
            k -= 1.0;
            weights += weight;
            value += weight * gain(k);
        }
        Ok(value / weights)
    }
}

/// Probability that θ lies between two bounds, from the tail that has more digits.
fn beta_mass(a: f64, b: f64, from: f64, to: f64) -> f64 {
    let (below_from, above_from) = incomplete_beta(a, b, from, 1.0 - from);
    let (below_to, above_to) = incomplete_beta(a, b, to, 1.0 - to);
    if below_to < above_from {
        below_to - below_from
    } else {
        above_from - above_to
    }
}

fn first_best(values: impl IntoIterator<Item = f64>) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (place, value) in values.into_iter().enumerate() {
        if value > best.1 {
            best = (place, value);
        }
    }
    best.0
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "BetaDecision")]
struct BetaRow {
    alpha: f64,
    beta: f64,
    actions: Vec<LinearAction>,
}

#[cfg(feature = "serde")]
impl From<BetaDecision> for BetaRow {
    fn from(decision: BetaDecision) -> Self {
        Self {
            alpha: decision.alpha,
            beta: decision.beta,
            actions: decision.actions,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<BetaRow> for BetaDecision {
    type Error = DimensionError;

    fn try_from(row: BetaRow) -> Result<Self, DimensionError> {
        Self::new(row.alpha, row.beta, row.actions)
    }
}
