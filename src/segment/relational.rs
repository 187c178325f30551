//! Relational, selective and transactional customers (关系型、选择型、交易型): how much there is to be
//! had, and how likely it is to be had here.

use std::fmt;

use super::SegmentError;
use super::error::checked;
use crate::quantity::Estimate;
#[cfg(feature = "serde")]
use crate::quantity::stored::Exact;

/// `Φ(z)`.
fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// What a customer's class is made of: how much, and how loyal.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct RelationInputs {
    /// Volume of demand `q`, in the unit of the cut.
    pub volume: Estimate,
    /// Potential loyalty `ℓ`.
    pub loyalty: Estimate,
}

/// From where on volume and loyalty are high.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "CutsRow", into = "CutsRow"))]
pub struct RelationCuts {
    volume: f64,
    loyalty: f64,
}

impl RelationCuts {
    /// The cuts `θ_q`, in the unit of the volume, and `θ_ℓ`.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless both are finite.
    pub fn new(volume: f64, loyalty: f64) -> Result<Self, SegmentError> {
        let (range, finite) = ("a finite number", f64::MIN..=f64::MAX);
        Ok(Self {
            volume: checked("cut of volume", range, finite.clone(), volume)?,
            loyalty: checked("cut of loyalty", range, finite, loyalty)?,
        })
    }

    /// From which volume on it is high.
    #[must_use]
    pub fn volume(&self) -> f64 {
        self.volume
    }

    /// From which loyalty on it is high.
    #[must_use]
    pub fn loyalty(&self) -> f64 {
        self.loyalty
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "RelationCuts")]
struct CutsRow {
    volume: Exact,
    loyalty: Exact,
}

#[cfg(feature = "serde")]
impl From<RelationCuts> for CutsRow {
    fn from(cuts: RelationCuts) -> Self {
        Self {
            volume: Exact(cuts.volume),
            loyalty: Exact(cuts.loyalty),
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<CutsRow> for RelationCuts {
    type Error = SegmentError;

    fn try_from(row: CutsRow) -> Result<Self, SegmentError> {
        Self::new(row.volume.0, row.loyalty.0)
    }
}

/// What to do with a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum RelationClass {
    /// Much demand and likely loyal (关系型): keep, with service after the sale and technical support.
    Relational,
    /// One of the two (选择型): to be won over.
    Selective,
    /// Neither (交易型): serve each transaction for its own sake.
    Transactional,
}

impl RelationClass {
    /// Its name, as it is written when serialised.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Relational => "relational",
            Self::Selective => "selective",
            Self::Transactional => "transactional",
        }
    }
}

impl fmt::Display for RelationClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// With which probability a customer is of each class (隶属概率).
///
/// A customer just above a cut whose volume is known to a tenth is not "relational" but probably so.
/// With independent normal errors, `P_q = Φ((q − θ_q)/sd_q)` and `P_ℓ` alike, both are high with
/// `P_q·P_ℓ`, neither with `(1 − P_q)(1 − P_ℓ)`. That the errors are normal and independent is our
/// choice. Without an error a volume at the cut is high.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Estimate;
/// use guanxi::segment::{RelationClass, RelationCuts, RelationInputs, RelationMembership};
///
/// let inputs = RelationInputs {
///     volume: Estimate::new(0.70, 0.10, 5.0)?,
///     loyalty: Estimate::new(0.55, 0.08, 5.0)?,
/// };
/// let member = RelationMembership::of(&inputs, &RelationCuts::new(0.60, 0.60)?);
/// assert_eq!(member.class(), RelationClass::Selective);
/// assert!((member.probability(member.class()) - 0.659_759_220).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "MembershipRow", into = "MembershipRow")
)]
pub struct RelationMembership {
    inputs: RelationInputs,
    cuts: RelationCuts,
}

/// `P(X ≥ cut)`, and the probability of the contrary.
fn above(estimate: Estimate, cut: f64) -> (f64, f64) {
    let distance = estimate.mean() - cut;
    let z = distance / estimate.sd();
    if estimate.sd() > 0.0 && !z.is_nan() {
        (normal_cdf(z), normal_cdf(-z))
    } else if distance >= 0.0 {
        (1.0, 0.0)
    } else {
        (0.0, 1.0)
    }
}

impl RelationMembership {
    /// How a customer stands to the cuts.
    #[must_use]
    pub fn of(inputs: &RelationInputs, cuts: &RelationCuts) -> Self {
        Self {
            inputs: *inputs,
            cuts: *cuts,
        }
    }

    /// What it is made of.
    #[must_use]
    pub fn inputs(&self) -> &RelationInputs {
        &self.inputs
    }

    /// The cuts.
    #[must_use]
    pub fn cuts(&self) -> &RelationCuts {
        &self.cuts
    }

    /// Probability that the volume is high, `P_q`.
    #[must_use]
    pub fn high_volume(&self) -> f64 {
        above(self.inputs.volume, self.cuts.volume).0
    }

    /// Probability that the loyalty is high, `P_ℓ`.
    #[must_use]
    pub fn high_loyalty(&self) -> f64 {
        above(self.inputs.loyalty, self.cuts.loyalty).0
    }

    fn odds(&self) -> ((f64, f64), (f64, f64)) {
        let volume = above(self.inputs.volume, self.cuts.volume);
        (volume, above(self.inputs.loyalty, self.cuts.loyalty))
    }

    /// Probability of being relational.
    #[must_use]
    pub fn relational(&self) -> f64 {
        let (volume, loyalty) = self.odds();
        volume.0 * loyalty.0
    }

    /// Probability of being selective.
    #[must_use]
    pub fn selective(&self) -> f64 {
        let (volume, loyalty) = self.odds();
        volume.0 * loyalty.1 + volume.1 * loyalty.0
    }

    /// Probability of being transactional.
    #[must_use]
    pub fn transactional(&self) -> f64 {
        let (volume, loyalty) = self.odds();
        volume.1 * loyalty.1
    }

    /// Probability of a class.
    #[must_use]
    pub fn probability(&self, class: RelationClass) -> f64 {
        match class {
            RelationClass::Relational => self.relational(),
            RelationClass::Selective => self.selective(),
            RelationClass::Transactional => self.transactional(),
        }
    }

    /// The class with the highest probability; of two that are equal, the closer relationship.
    #[must_use]
    pub fn class(&self) -> RelationClass {
        let (relational, selective) = (self.relational(), self.selective());
        let transactional = self.transactional();
        if relational >= selective && relational >= transactional {
            RelationClass::Relational
        } else if selective >= transactional {
            RelationClass::Selective
        } else {
            RelationClass::Transactional
        }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "RelationMembership")]
struct MembershipRow {
    inputs: RelationInputs,
    cuts: RelationCuts,
}

#[cfg(feature = "serde")]
impl From<RelationMembership> for MembershipRow {
    fn from(member: RelationMembership) -> Self {
        let RelationMembership { inputs, cuts } = member;
        Self { inputs, cuts }
    }
}

#[cfg(feature = "serde")]
impl From<MembershipRow> for RelationMembership {
    fn from(row: MembershipRow) -> Self {
        Self::of(&row.inputs, &row.cuts)
    }
}
