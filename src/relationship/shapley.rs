//! How much each dimension adds: exact Shapley values over the 16 subsets of four.
//!
//! Shapley (1953), "A Value for *n*-Person Games", *Contributions to the Theory of Games* II,
//! 307–317, <https://doi.org/10.1515/9781400881970-018>.

#[cfg(feature = "serde")]
use super::stored::holds;
use super::{Aggregation, Profile, RelationshipError, Weights};
use crate::dimension::{ByDimension, Dimension};
#[cfg(feature = "serde")]
use crate::quantity::stored::{StoredError, finite};

/// `|S|!(3 − |S|)!/4!` for a subset of 0, 1, 2 and 3 others.
const CHANCE: [f64; 4] = [1.0 / 4.0, 1.0 / 12.0, 1.0 / 12.0, 1.0 / 4.0];

/// How much each dimension moves a value away from that of a reference profile (贡献).
///
/// Each part is what the dimension changes when it goes from the reference to the customer,
/// averaged over all orders in which the four can do so. It is the only division in which the parts
/// sum to the whole, equal dimensions have equal parts, and one that changes nothing has none. For
/// the arithmetic mean a part is `wⱼ(dⱼ − ρⱼ)`.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::ByDimension;
/// use guanxi::relationship::{Aggregation, Contributions, Weights};
///
/// let customer = ByDimension { economic: 0.62, trust: 0.74, emotional: 0.55, information: 0.4 };
/// let average = ByDimension::from([0.5; 4]);
/// let value = |d: &ByDimension<f64>| Aggregation::Geometric.value(&Weights::default(), d);
/// let why = Contributions::of(value, &customer, &average)?;
/// assert!((why.parts().trust - 0.053415709172).abs() < 1e-12);
/// assert!((why.total() - 0.092442413261).abs() < 1e-12); // 0.592… rather than 0.5
/// # Ok::<(), guanxi::relationship::RelationshipError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "RawContributions", into = "RawContributions")
)]
pub struct Contributions {
    parts: ByDimension<f64>,
    value: f64,
    reference: f64,
}

impl Contributions {
    /// The parts of any value that depends on four indices: the function is asked for 16 mixtures of
    /// the customer and the reference.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::Value`] if the function gives something other than a finite number, or
    /// numbers so large that their differences are none.
    pub fn of(
        value: impl Fn(&ByDimension<f64>) -> f64,
        customer: &ByDimension<f64>,
        reference: &ByDimension<f64>,
    ) -> Result<Self, RelationshipError> {
        let mut values = [0.0; 16];
        for (subset, slot) in values.iter_mut().enumerate() {
            let of = |d: Dimension| {
                if subset & bit(d) > 0 {
                    customer[d]
                } else {
                    reference[d]
                }
            };
            let found = value(&ByDimension::from_fn(of));
            if !found.is_finite() {
                let of = match subset {
                    0 => "the reference",
                    15 => "the customer",
                    _ => "a mixture of the customer and the reference",
                };
                return Err(RelationshipError::Value { of, found });
            }
            *slot = found;
        }
        let why = Self::from_values(&values);
        let parts = why.parts.into_array();
        for found in parts.into_iter().chain([why.total()]) {
            if !found.is_finite() {
                let of = "a contribution";
                return Err(RelationshipError::Value { of, found });
            }
        }
        Ok(why)
    }

    /// The parts of a composite, against a reference profile such as the means of a base.
    #[must_use]
    pub fn of_composite(
        aggregation: Aggregation,
        weights: &Weights,
        customer: &Profile,
        reference: &Profile,
    ) -> Self {
        let (d, rho) = (customer.means(), reference.means());
        let values: [f64; 16] = std::array::from_fn(|subset| {
            let of = |j: Dimension| if subset & bit(j) > 0 { d[j] } else { rho[j] };
            aggregation.value(weights, &ByDimension::from_fn(of))
        });
        Self::from_values(&values)
    }

    /// The parts from the values of the subsets, dimension *j* in subset *S* if bit *j* is set.
    fn from_values(values: &[f64; 16]) -> Self {
        let part = |d: Dimension| {
            let without = (0_usize..16).filter(|subset| subset & bit(d) == 0);
            without
                .map(|subset| {
                    let others = subset.count_ones() as usize; // at most 3
                    CHANCE[others] * (values[subset | bit(d)] - values[subset])
                })
                .sum()
        };
        Self {
            parts: ByDimension::from_fn(part),
            value: values[15],
            reference: values[0],
        }
    }

    /// What each dimension adds, in the unit of the value; below 0 where it takes away.
    #[must_use]
    pub const fn parts(&self) -> ByDimension<f64> {
        self.parts
    }

    /// The customer's value.
    #[must_use]
    pub const fn value(&self) -> f64 {
        self.value
    }

    /// The value of the reference.
    #[must_use]
    pub const fn reference(&self) -> f64 {
        self.reference
    }

    /// How far the customer's value is above that of the reference: the sum of the parts.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.value - self.reference
    }

    /// The dimensions with their parts, those that matter most first; equal ones in the order of
    /// [`Dimension::ALL`].
    #[must_use]
    pub fn ranked(&self) -> [(Dimension, f64); 4] {
        let mut ranked = Dimension::ALL.map(|d| (d, self.parts[d]));
        ranked.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        ranked
    }
}

/// The bit of a dimension in the number of a subset.
const fn bit(dimension: Dimension) -> usize {
    1 << dimension.place()
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Contributions", deny_unknown_fields)]
struct RawContributions {
    parts: ByDimension<f64>,
    value: f64,
    reference: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<RawContributions> for Contributions {
    type Error = StoredError;

    fn try_from(raw: RawContributions) -> Result<Self, StoredError> {
        let value = finite("value", raw.value)?;
        let reference = finite("reference", raw.reference)?;
        for (_, part) in raw.parts.iter() {
            finite("part", *part)?;
        }
        let (parts, total) = (raw.parts.into_array(), finite("total", value - reference)?);
        let largest = parts
            .iter()
            .fold(value.abs().max(reference.abs()), |m, p| m.max(p.abs()));
        let gap = parts.iter().sum::<f64>() - total;
        let whole = gap.abs() <= 1e-9 * largest;
        holds(whole, "distance of the parts from the whole", "0", gap)?;
        Ok(Self {
            parts: raw.parts,
            value,
            reference,
        })
    }
}

#[cfg(feature = "serde")]
impl From<Contributions> for RawContributions {
    fn from(why: Contributions) -> Self {
        Self {
            parts: why.parts,
            value: why.value,
            reference: why.reference,
        }
    }
}
