//! How four indices become one number, and how sure that number is.
//!
//! OECD & JRC (2008), *Handbook on Constructing Composite Indicators*, step 6,
//! <https://doi.org/10.1787/9789264043466-en>.

use super::{Correlation, Profile, Weights};
use crate::dimension::{ByDimension, Dimension};
#[cfg(feature = "serde")]
use crate::quantity::stored::{StoredError, agree, not_negative, share};

/// How far a low dimension can be made up for by a high one.
///
/// With weights *w* and indices *d*, and indices below [`FLOOR`](Self::FLOOR) counted as that in
/// the geometric and the harmonic mean:
///
/// | | value | a low dimension |
/// |---|---|---|
/// | `Arithmetic` | `Σ wⱼ dⱼ` | is made up for in full |
/// | `Geometric` | `Π dⱼ^wⱼ` | is made up for in part |
/// | `Harmonic` | `1 / Σ wⱼ/dⱼ` | is hardly made up for |
/// | `Weakest` | `min dⱼ` where `wⱼ > 0` | is all that counts |
///
/// Each is at or above the one below it, but for the floor.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::ByDimension;
/// use guanxi::relationship::{Aggregation, Weights};
///
/// let indices = ByDimension { economic: 0.62, trust: 0.74, emotional: 0.55, information: 0.4 };
/// let values = Aggregation::ALL.map(|a| a.value(&Weights::default(), &indices));
/// let wanted = [0.603, 0.592442413261, 0.580843044166, 0.4];
/// assert!(values.iter().zip(wanted).all(|(v, w)| (v - w).abs() < 1e-12));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Aggregation {
    /// The weighted sum (算术平均). The default: relationship value is defined as a sum.
    #[default]
    Arithmetic,
    /// The weighted product (几何平均).
    Geometric,
    /// The weighted harmonic mean (调和平均).
    Harmonic,
    /// The weakest of the dimensions that have a weight at all (短板).
    Weakest,
}

impl Aggregation {
    /// All of them, from the most forgiving to the least.
    pub const ALL: [Self; 4] = [
        Self::Arithmetic,
        Self::Geometric,
        Self::Harmonic,
        Self::Weakest,
    ];

    /// An index below this counts as this in the geometric and harmonic mean, which a single 0
    /// would make 0 whatever the rest. Our choice; a [`Composite`] says where it was applied.
    pub const FLOOR: f64 = 1e-3;

    /// The name, such as `"arithmetic"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arithmetic => "arithmetic",
            Self::Geometric => "geometric",
            Self::Harmonic => "harmonic",
            Self::Weakest => "weakest",
        }
    }

    /// The value for four indices, each from 0 to 1; it lies between 0 and 1 as well.
    ///
    /// For numbers from elsewhere make a [`Profile`], which checks them: of a number that is no
    /// index this makes what the formula makes of it.
    #[must_use]
    pub fn value(self, weights: &Weights, indices: &ByDimension<f64>) -> f64 {
        self.of(&weights.shares().into_array(), &indices.into_array())
    }

    /// The value and how sure it is, with the arithmetic and geometric value beside it.
    #[must_use]
    pub fn compose(
        self,
        weights: &Weights,
        profile: &Profile,
        correlation: &Correlation,
    ) -> Composite {
        let w = weights.shares().into_array();
        let d = profile.means().into_array();
        let sds = profile.sds().into_array();
        let slopes = self.slopes(&w, &d, &sds);
        let u: [f64; 4] = std::array::from_fn(|j| slopes[j] * sds[j]);
        let geometric = Self::Geometric.of(&w, &d);
        // Both at the floor, so that the gap is never below 0.
        let imbalance = Self::Arithmetic.of(&w, &d.map(floored)) - geometric;
        Composite {
            aggregation: self,
            value: self.of(&w, &d),
            sd: correlation.sd_of_sum(u),
            sd_fully_correlated: u.iter().sum(),
            arithmetic: Self::Arithmetic.of(&w, &d),
            geometric,
            imbalance: imbalance.max(0.0), // below by rounding alone
            floored: ByDimension::from_fn(|j| weights.get(j) > 0.0 && d[j.place()] < Self::FLOOR),
        }
    }

    /// The value of bare numbers.
    pub(super) fn of(self, w: &[f64; 4], d: &[f64; 4]) -> f64 {
        let pairs = w.iter().zip(d);
        let value: f64 = match self {
            Self::Arithmetic => pairs.map(|(w, d)| w * d).sum(),
            Self::Geometric => pairs.map(|(w, &d)| w * floored(d).ln()).sum::<f64>().exp(),
            Self::Harmonic => 1.0 / pairs.map(|(w, &d)| w / floored(d)).sum::<f64>(),
            Self::Weakest => pairs
                .filter(|(w, _)| **w > 0.0)
                .map(|(_, &d)| d)
                .fold(1.0, f64::min),
        };
        value.min(1.0) // above by rounding alone
    }

    /// By how much the value moves with each index. At equal weakest indices, only the least certain
    /// of them moves it.
    fn slopes(self, w: &[f64; 4], d: &[f64; 4], sds: &[f64; 4]) -> [f64; 4] {
        let value = self.of(w, d);
        match self {
            Self::Arithmetic => *w,
            Self::Geometric => std::array::from_fn(|j| value * w[j] / floored(d[j])),
            Self::Harmonic => std::array::from_fn(|j| {
                let share = value / floored(d[j]);
                share * share * w[j]
            }),
            Self::Weakest => {
                let order = |i: &usize, j: &usize| {
                    d[*i].total_cmp(&d[*j]).then(sds[*j].total_cmp(&sds[*i]))
                };
                let weakest = (0..4).filter(|j| w[*j] > 0.0).min_by(order);
                std::array::from_fn(|j| if Some(j) == weakest { 1.0 } else { 0.0 })
            }
        }
    }
}

/// An index as the geometric and harmonic mean see it.
fn floored(index: f64) -> f64 {
    index.max(Aggregation::FLOOR)
}

/// Four indices as one number (综合价值), how sure it is, and how balanced they are.
///
/// The sd is `sqrt(uᵀCu)` with the correlations *C* of the errors and `uⱼ` the slope of the value in
/// `dⱼ` times its sd: *established* for the sum, where it is exact, and carried over to first order
/// for the others. The slopes are `wⱼ`; `R wⱼ/dⱼ` for the geometric mean `R`; and, our choice, `H²
/// wⱼ/dⱼ²` for the harmonic mean `H`, and 1 for the weakest dimension alone (the larger sd, if two
/// are equally weak). The first order fails for indices whose sd is not small beside them: near 0
/// the sd of the geometric and harmonic value says little, and a minimum of uncertain numbers is
/// lower on average than that of their means.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::ByDimension;
/// use guanxi::relationship::{Aggregation, Correlation, Profile, Weights};
///
/// let profile = Profile::stated(
///     ByDimension { economic: 0.62, trust: 0.74, emotional: 0.55, information: 0.40 },
///     ByDimension { economic: 0.08, trust: 0.05, emotional: 0.10, information: 0.06 },
/// )?;
/// let whole = Aggregation::default().compose(&Weights::default(), &profile, &Correlation::default());
/// assert!((whole.value() - 0.603).abs() < 1e-12);
/// assert!((whole.sd() - 0.0407584347).abs() < 1e-10);
/// assert!((whole.sd_fully_correlated() - 0.0735).abs() < 1e-12);
/// assert!((whole.imbalance() - 0.010557586739).abs() < 1e-12);
/// # Ok::<(), guanxi::relationship::RelationshipError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "RawComposite", into = "RawComposite")
)]
pub struct Composite {
    aggregation: Aggregation,
    value: f64,
    sd: f64,
    sd_fully_correlated: f64,
    arithmetic: f64,
    geometric: f64,
    imbalance: f64,
    floored: ByDimension<bool>,
}

impl Composite {
    /// How the dimensions were brought together.
    #[must_use]
    pub const fn aggregation(&self) -> Aggregation {
        self.aggregation
    }

    /// The composite, from 0 to 1.
    #[must_use]
    pub const fn value(&self) -> f64 {
        self.value
    }

    /// Its standard deviation under the stated correlations.
    #[must_use]
    pub const fn sd(&self) -> f64 {
        self.sd
    }

    /// Its standard deviation if all errors went the same way: the worst case.
    #[must_use]
    pub const fn sd_fully_correlated(&self) -> f64 {
        self.sd_fully_correlated
    }

    /// The arithmetic value, whichever was asked for.
    #[must_use]
    pub const fn arithmetic(&self) -> f64 {
        self.arithmetic
    }

    /// The geometric value, whichever was asked for.
    #[must_use]
    pub const fn geometric(&self) -> f64 {
        self.geometric
    }

    /// By how much the arithmetic value exceeds the geometric one (失衡): 0 if all dimensions are
    /// equally high, and the larger the more some make up for others. Where the
    /// [floor](Aggregation::FLOOR) was applied, it is in both.
    #[must_use]
    pub const fn imbalance(&self) -> f64 {
        self.imbalance
    }

    /// The dimensions with a weight whose index is below the [floor](Aggregation::FLOOR), so that
    /// the geometric and harmonic value rest on that.
    pub fn floored(&self) -> impl Iterator<Item = Dimension> {
        let floored = self.floored;
        Dimension::ALL.into_iter().filter(move |d| floored[*d])
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Composite", deny_unknown_fields)]
struct RawComposite {
    aggregation: Aggregation,
    value: f64,
    sd: f64,
    sd_fully_correlated: f64,
    arithmetic: f64,
    geometric: f64,
    imbalance: f64,
    floored: ByDimension<bool>,
}

#[cfg(feature = "serde")]
impl TryFrom<RawComposite> for Composite {
    type Error = StoredError;

    fn try_from(raw: RawComposite) -> Result<Self, StoredError> {
        let (arithmetic, geometric) = (
            share("arithmetic value", raw.arithmetic)?,
            share("geometric value", raw.geometric)?,
        );
        let value = share("composite", raw.value)?;
        let own = match raw.aggregation {
            Aggregation::Arithmetic => arithmetic,
            Aggregation::Geometric => geometric,
            Aggregation::Harmonic | Aggregation::Weakest => value,
        };
        agree("composite", &own, &value)?;
        Ok(Self {
            aggregation: raw.aggregation,
            value,
            sd: not_negative("sd of a composite", raw.sd)?,
            sd_fully_correlated: not_negative("sd of a composite", raw.sd_fully_correlated)?,
            arithmetic,
            geometric,
            imbalance: share("imbalance", raw.imbalance)?,
            floored: raw.floored,
        })
    }
}

#[cfg(feature = "serde")]
impl From<Composite> for RawComposite {
    fn from(composite: Composite) -> Self {
        Self {
            aggregation: composite.aggregation,
            value: composite.value,
            sd: composite.sd,
            sd_fully_correlated: composite.sd_fully_correlated,
            arithmetic: composite.arithmetic,
            geometric: composite.geometric,
            imbalance: composite.imbalance,
            floored: composite.floored,
        }
    }
}
