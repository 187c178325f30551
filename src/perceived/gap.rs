//! The gap between value that is delivered and value that is perceived.

use super::{ByComponent, PerceivedError, PerceivedValue};
use crate::quantity::{Estimate, Probability};

/// What a gap says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum GapReading {
    /// Value was created and is not felt: a matter of communication (未被感知的价值).
    NotFelt,
    /// More is felt than was created (光环效应).
    Halo,
    /// Neither.
    Even,
}

/// Delivered score less perceived score (价值差距), and what it says.
///
/// Only perceived value counts. A positive gap is value that was created and is not felt; a negative
/// one is halo.
///
/// # Examples
///
/// ```
/// use guanxi::perceived::{GapReading, PerceivedValue, ValueGap};
///
/// let delivered = PerceivedValue::certain(8.0, 4.0)?; // as the firm measures it
/// let perceived = PerceivedValue::certain(6.0, 4.0)?;
/// let gap = ValueGap::of_net(&delivered, &perceived)?;
/// assert_eq!((gap.estimate().mean(), gap.reading()), (2.0, GapReading::NotFelt));
/// # Ok::<(), guanxi::perceived::PerceivedError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct ValueGap(Estimate);

impl ValueGap {
    /// Delivered less perceived score, both on one scale on which more is better; their errors
    /// independent.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Quantity`] if the difference is too large to be a number.
    pub fn new(delivered: Estimate, perceived: Estimate) -> Result<Self, PerceivedError> {
        Ok(Self(Estimate::new(
            delivered.mean() - perceived.mean(),
            delivered.sd().hypot(perceived.sd()),
            perceived.n_eff(),
        )?))
    }

    /// The gap of the net values, in the unit of the scale.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Quantity`], which no valid values lead to.
    pub fn of_net(
        delivered: &PerceivedValue,
        perceived: &PerceivedValue,
    ) -> Result<Self, PerceivedError> {
        Self::new(delivered.net()?, perceived.net()?)
    }

    /// The gap of the shares, from −1 to 1; `None` where one has no share.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Quantity`], which no valid values lead to.
    pub fn of_share(
        delivered: &PerceivedValue,
        perceived: &PerceivedValue,
    ) -> Result<Option<Self>, PerceivedError> {
        match (delivered.share()?, perceived.share()?) {
            (Some(delivered), Some(perceived)) => Self::new(delivered, perceived).map(Some),
            _ => Ok(None),
        }
    }

    /// The gap of each component that both know, turned so that positive always is value not felt:
    /// a sacrifice that is felt to be larger than it is has a positive gap.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Quantity`] if a difference is too large to be a number.
    pub fn by_component(
        delivered: &ByComponent<Option<Estimate>>,
        perceived: &ByComponent<Option<Estimate>>,
    ) -> Result<ByComponent<Option<Self>>, PerceivedError> {
        ByComponent::try_from_fn(|component| {
            let (Some(given), Some(felt)) = (delivered.get(component), perceived.get(component))
            else {
                return Ok(None);
            };
            let sign = if component.is_benefit() { 1.0 } else { -1.0 };
            let gap = sign * (given.mean() - felt.mean()) + 0.0; // no −0
            let sd = given.sd().hypot(felt.sd());
            Ok(Some(Self(Estimate::new(gap, sd, felt.n_eff())?)))
        })
    }

    /// The gap, in the unit of the scores.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        self.0
    }

    /// What its sign says; whether the sign is sure is told by
    /// [`probability_not_felt`](Self::probability_not_felt).
    #[must_use]
    pub fn reading(&self) -> GapReading {
        if self.0.mean() > 0.0 {
            GapReading::NotFelt
        } else if self.0.mean() < 0.0 {
            GapReading::Halo
        } else {
            GapReading::Even
        }
    }

    /// The probability that the gap is positive, for normal errors.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Quantity`], which no gap leads to.
    pub fn probability_not_felt(&self) -> Result<Probability, PerceivedError> {
        probability_above(self.0, 0.0)
    }
}

/// The probability that a normal number is above another; one half where it is that number for
/// certain.
pub(super) fn probability_above(
    estimate: Estimate,
    level: f64,
) -> Result<Probability, PerceivedError> {
    let above = estimate.mean() - level;
    let probability = if estimate.sd() > 0.0 {
        0.5 * libm::erfc(-above / estimate.sd() / std::f64::consts::SQRT_2)
    } else if above > 0.0 {
        1.0
    } else if above < 0.0 {
        0.0
    } else {
        0.5
    };
    Ok(Probability::new(probability)?)
}
