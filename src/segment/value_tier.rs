//! Value tiers (价值层级): who makes up the first half of the value, and who the rest.
//!
//! Zeithaml, Rust & Lemon (2001), "The Customer Pyramid: Creating and Serving Profitable Customers",
//! *California Management Review* 43(4), 118–142, <https://doi.org/10.2307/41166104>.

use std::fmt;

use super::SegmentError;
use super::error::checked;
#[cfg(feature = "serde")]
use crate::quantity::stored::Exact;
use crate::quantity::{Fingerprint, PolicyId};

/// A tier of value (客户金字塔).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ValueTier {
    /// Worth less than nothing (亏损客户): in no share of the value.
    LossMaking,
    /// The rest of the value, and who is worth nothing (铅).
    Lead,
    /// The next 15 % (铁).
    Iron,
    /// The next 30 % (金).
    Gold,
    /// Those who make up the first half (铂金).
    Platinum,
}

impl ValueTier {
    /// Every tier, the lowest first.
    pub const ALL: [Self; 5] = [
        Self::LossMaking,
        Self::Lead,
        Self::Iron,
        Self::Gold,
        Self::Platinum,
    ];

    /// Its name, as it is written when serialised.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LossMaking => "loss_making",
            Self::Lead => "lead",
            Self::Iron => "iron",
            Self::Gold => "gold",
            Self::Platinum => "platinum",
        }
    }
}

impl fmt::Display for ValueTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// At which cumulative shares of the positive value tiers end: by default 0.50, 0.80 and 0.95 (our
/// choice; that customers are served by tiers is established, where they are cut is not).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "[f64; 3]", into = "[f64; 3]"))]
pub struct TierShares([f64; 3]);

impl Default for TierShares {
    fn default() -> Self {
        Self([0.50, 0.80, 0.95])
    }
}

impl TierShares {
    /// Other cumulative shares: where platinum, gold and iron end.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless they rise from above 0 to at most 1.
    pub fn new(cumulative: [f64; 3]) -> Result<Self, SegmentError> {
        let mut before = 0.0;
        for share in cumulative {
            // Written so that NaN fails it.
            if !(share > before && share <= 1.0) {
                return Err(SegmentError::Domain {
                    quantity: "cumulative share of value",
                    expected: "rising, above 0 and at most 1",
                    found: share,
                });
            }
            before = share;
        }
        Ok(Self(cumulative))
    }

    /// Where platinum, gold and iron end.
    #[must_use]
    pub fn cumulative(&self) -> [f64; 3] {
        self.0
    }
}

impl From<TierShares> for [f64; 3] {
    fn from(shares: TierShares) -> Self {
        shares.0
    }
}

impl TryFrom<[f64; 3]> for TierShares {
    type Error = SegmentError;

    fn try_from(cumulative: [f64; 3]) -> Result<Self, SegmentError> {
        Self::new(cumulative)
    }
}

/// From which value on a customer is of which tier, frozen (价值切点).
///
/// A customer is of the highest tier whose share is not yet made up by those who are worth more: the
/// one who crosses a border belongs above it, and equals share a tier. So the first tier is never
/// empty, and its share never below the one that was asked for.
///
/// # Examples
///
/// ```
/// use guanxi::segment::{TierShares, ValueCuts, ValueTier};
///
/// let cuts = ValueCuts::of(&[50.0, 30.0, 15.0, 5.0, 0.0, -8.0], TierShares::default())?;
/// assert_eq!(cuts.least(ValueTier::Gold), Some(30.0));
/// assert_eq!(cuts.tier(45.0)?, ValueTier::Gold); // a newcomer
/// assert_eq!(cuts.tier(0.0)?, ValueTier::Lead);
/// assert_eq!(cuts.tier(-0.01)?, ValueTier::LossMaking);
/// assert!(cuts.tier(f64::NAN).is_err());
/// # Ok::<(), guanxi::segment::SegmentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "CutsRow", into = "CutsRow"))]
pub struct ValueCuts {
    shares: TierShares,
    /// The least values of platinum, gold and iron.
    least: [f64; 3],
}

impl ValueCuts {
    /// The cuts of a population's values, in any order and any one unit.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] for a value that is not finite, or if their sum is not;
    /// [`SegmentError::NotIdentified`] if none is above 0.
    pub fn of(values: &[f64], shares: TierShares) -> Result<Self, SegmentError> {
        let (range, finite) = ("a finite number", f64::MIN..=f64::MAX);
        for &value in values {
            checked("value of a customer", range, finite.clone(), value)?;
        }
        let mut positive: Vec<f64> = values.iter().copied().filter(|&v| v > 0.0).collect();
        positive.sort_unstable_by(|a, b| b.total_cmp(a));
        let (Some(&first), Some(&last)) = (positive.first(), positive.last()) else {
            return Err(SegmentError::NotIdentified {
                what: "value tiers",
                needed: 1,
                of: "customer of a positive value",
                found: 0,
            });
        };
        let total = checked("sum of values", range, finite, positive.iter().sum())?;
        let mut least = [first; 3];
        let mut more = 0.0; // what those who are worth more make up
        for run in positive.chunk_by(|a, b| a.total_cmp(b).is_eq()) {
            let value = run.first().copied().unwrap_or(last);
            for (least, share) in least.iter_mut().zip(shares.cumulative()) {
                // At the border but for the rounding of the sums is at the border; the whole has
                // none, for before the last there is always something left.
                let border = if share < 1.0 {
                    share * total * (1.0 - 1e-12)
                } else {
                    f64::INFINITY
                };
                if more < border {
                    *least = value;
                }
            }
            more += value * run.len() as f64;
        }
        Ok(Self { shares, least })
    }

    /// The tier of a value.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] for a value that is not finite, which is in no tier.
    pub fn tier(&self, value: f64) -> Result<ValueTier, SegmentError> {
        let (range, finite) = ("a finite number", f64::MIN..=f64::MAX);
        let value = checked("value of a customer", range, finite, value)?;
        Ok(self.tier_of(value))
    }

    /// The tier of a value that is known to be finite.
    pub(super) fn tier_of(&self, value: f64) -> ValueTier {
        let [platinum, gold, iron] = self.least;
        if value >= platinum {
            ValueTier::Platinum
        } else if value >= gold {
            ValueTier::Gold
        } else if value >= iron {
            ValueTier::Iron
        } else if value >= 0.0 {
            ValueTier::Lead
        } else {
            ValueTier::LossMaking
        }
    }

    /// The shares they were taken at.
    #[must_use]
    pub fn shares(&self) -> TierShares {
        self.shares
    }

    /// The least value of a tier; `None` of those who lose money, who have none.
    #[must_use]
    pub fn least(&self, tier: ValueTier) -> Option<f64> {
        let [platinum, gold, iron] = self.least;
        match tier {
            ValueTier::Platinum => Some(platinum),
            ValueTier::Gold => Some(gold),
            ValueTier::Iron => Some(iron),
            ValueTier::Lead => Some(0.0),
            ValueTier::LossMaking => None,
        }
    }

    /// The name they have by their content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        let numbers = self.shares.cumulative().into_iter().chain(self.least);
        let print = Fingerprint::of("value cuts");
        numbers.fold(print, Fingerprint::number).id()
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "ValueCuts")]
struct CutsRow {
    shares: TierShares,
    least: [Exact; 3],
}

#[cfg(feature = "serde")]
impl From<ValueCuts> for CutsRow {
    fn from(cuts: ValueCuts) -> Self {
        Self {
            shares: cuts.shares,
            least: cuts.least.map(Exact),
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<CutsRow> for ValueCuts {
    type Error = SegmentError;

    fn try_from(row: CutsRow) -> Result<Self, SegmentError> {
        let mut most = f64::MAX;
        let cuts = row.least.map(|Exact(least)| least);
        for least in cuts {
            let (what, range) = ("least value of a tier", "above 0, and falling");
            most = checked(what, range, f64::from_bits(1)..=most, least)?;
        }
        Ok(Self {
            shares: row.shares,
            least: cuts,
        })
    }
}
