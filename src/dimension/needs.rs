//! Change of needs (需求变化): does a customer want other things than before, or nothing at all?
//!
//! Lin (1991), "Divergence Measures Based on the Shannon Entropy", *IEEE Transactions on
//! Information Theory* 37(1), 145–151, <https://doi.org/10.1109/18.61115>. The two half-lives and
//! the resampling are choices of this crate.

use super::DimensionError;
use super::error::checked;
use crate::model::{PurchaseModel, PurchasePosterior};
use crate::quantity::Probability;
use crate::summary::RfmSummary;

/// `[(1 + e)·ln(1 + e) + (1 − e)·ln(1 − e)]/2` for `−1 ≤ e ≤ 1`, at or above 0.
fn tilt(e: f64) -> f64 {
    let e = e.abs();
    if e >= 1.0 {
        return std::f64::consts::LN_2;
    }
    if e > 0.05 {
        return 0.5 * ((1.0 + e) * e.ln_1p() + (1.0 - e) * (-e).ln_1p());
    }
    // Its series Σ e^(2k)/(2k(2k − 1)), where the sum above would lose its digits.
    let square = e * e;
    let sum = (1..=7_i32).rev().fold(0.0, |sum, k| {
        let k = f64::from(k);
        1.0 / (2.0 * k * (2.0 * k - 1.0)) + square * sum
    });
    square * sum
}

/// The divergence of two distributions that each sum to 1.
pub(super) fn divergence(
    p: impl IntoIterator<Item = f64>,
    q: impl IntoIterator<Item = f64>,
) -> f64 {
    let nats: f64 = (p.into_iter().zip(q))
        .map(|(p, q)| {
            let both = p + q;
            if both > 0.0 {
                0.5 * both * tilt((p - q) / both)
            } else {
                0.0
            }
        })
        .sum();
    (nats / std::f64::consts::LN_2).min(1.0) // beyond it by rounding at most
}

/// The Jensen–Shannon divergence of two distributions, in bits: 0 if they are the same, 1 if they
/// have nothing in common.
///
/// Each may be given as shares or as counts, which are divided by their sum.
///
/// # Errors
///
/// - [`DimensionError::Shape`] if they have not the same length.
/// - [`DimensionError::Domain`] unless every number lies between 0 and 1e100 and both sums are
///   above 0.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::jensen_shannon;
///
/// let bits = jensen_shannon(&[0.6, 0.3, 0.1], &[0.2, 0.3, 0.5])?;
/// assert!((bits - 0.180482024).abs() < 1e-9);
/// # Ok::<(), guanxi::dimension::DimensionError>(())
/// ```
pub fn jensen_shannon(p: &[f64], q: &[f64]) -> Result<f64, DimensionError> {
    if p.len() != q.len() {
        return Err(DimensionError::Shape {
            what: "the second distribution",
            expected: p.len(),
            found: q.len(),
        });
    }
    let sum = |numbers: &[f64]| {
        let mut sum = 0.0;
        for &number in numbers {
            let range = "between 0 and 1e100";
            sum += checked("share of a distribution", range, 0.0..=1e100, number)?;
        }
        let range = f64::from_bits(1)..=f64::MAX;
        checked("sum of a distribution", "above 0", range, sum)
    };
    let (of_p, of_q) = (sum(p)?, sum(q)?);
    Ok(divergence(
        p.iter().map(|p| p / of_p),
        q.iter().map(|q| q / of_q),
    ))
}

/// How surprising a customer's present silence is.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Silence {
    probability: Probability,
}

impl Silence {
    /// Probability of a silence at least as long as the present one, seen from the last purchase.
    #[must_use]
    pub fn probability(self) -> Probability {
        self.probability
    }

    /// The chance below which a silence is [unusual](Self::is_unusual): one in twenty. Our choice.
    pub const LIMIT: f64 = 0.05;

    /// Whether the customer is unusually quiet: less than one silence in twenty is as long
    /// ([`LIMIT`](Self::LIMIT)).
    #[must_use]
    pub fn is_unusual(self) -> bool {
        self.probability.value() < Self::LIMIT
    }

    /// The same for another limit than [`LIMIT`](Self::LIMIT).
    #[must_use]
    pub fn is_rarer_than(self, limit: Probability) -> bool {
        self.probability < limit
    }
}

/// How surprising a customer's present silence is under a purchase model (异常沉默):
/// `exp(ll(x, tₓ, T) − ll(x, tₓ, tₓ))`.
///
/// # Errors
///
/// [`DimensionError::Quantity`] if the customer is in another unit than the model.
///
/// # Examples
///
/// A customer who bought twelve times in 30 weeks, and a silence of ten more:
///
/// ```
/// use guanxi::dimension::silence;
/// use guanxi::model::{ParetoNbd, ParetoNbdParameters};
/// use guanxi::quantity::{Probability, TimeUnit};
/// use guanxi::summary::RfmSummary;
///
/// let model = ParetoNbd::new(ParetoNbdParameters {
///     unit: TimeUnit::Week,
///     r: 0.553,
///     alpha: 10.578,
///     s: 0.606,
///     beta: 11.669,
/// })?;
/// let quiet = silence(&model, &RfmSummary::new(TimeUnit::Week, 12, 30.0, 40.0)?)?;
/// assert!(!quiet.is_unusual()); // one in ten of such silences is as long
/// assert!(quiet.is_rarer_than(Probability::new(0.1)?));
/// assert!((quiet.probability().value() - 0.0977455158).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn silence<M: PurchaseModel>(
    model: &M,
    customer: &RfmSummary,
) -> Result<Silence, DimensionError> {
    let mut then = RfmSummary::new(
        customer.unit(),
        customer.frequency(),
        customer.recency(),
        customer.recency(),
    )?;
    if let Some(ln_gaps) = customer.ln_gaps() {
        then = then.with_ln_gaps(ln_gaps)?;
    }
    let now = model.posterior(customer)?.ln_likelihood();
    let before = model.posterior(&then)?.ln_likelihood();
    // Above 1 by rounding at most: watching longer makes a history no likelier.
    let probability = (now - before).exp().min(1.0);
    Ok(Silence {
        probability: Probability::new(probability)?,
    })
}
