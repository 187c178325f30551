//! Indices: a dimension on a scale from 0 to 1, bound to the population that the scale was made of.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::FrameError;
use crate::quantity::{Estimate, QuantityError};

/// Names a reference frame by a fingerprint of its content, shown as 16 hexadecimal digits.
///
/// Two frames of the same content have the same id wherever they were built, and a frame whose
/// content changed cannot keep its id.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::FrameId;
///
/// let id = FrameId::from_bits(0xC0FFEE);
/// assert_eq!(id.to_string(), "0000000000c0ffee");
/// assert_eq!("0000000000c0ffee".parse::<FrameId>()?, id);
/// # Ok::<(), guanxi::dimension::FrameError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FrameId(u64);

impl FrameId {
    /// The id that is this fingerprint.
    #[must_use]
    pub const fn from_bits(fingerprint: u64) -> Self {
        Self(fingerprint)
    }

    /// The fingerprint.
    #[must_use]
    pub const fn to_bits(self) -> u64 {
        self.0
    }
}

impl fmt::Display for FrameId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for FrameId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FrameId({self})")
    }
}

impl FromStr for FrameId {
    type Err = FrameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || FrameError::Id {
            found: text.to_owned(),
        };
        let is_digit = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 16 || !text.bytes().all(is_digit) {
            return Err(refused());
        }
        u64::from_str_radix(text, 16)
            .map(Self)
            .map_err(|_| refused())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for FrameId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for FrameId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Text;

        impl serde::de::Visitor<'_> for Text {
            type Value = FrameId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the 16 hexadecimal digits of a frame id")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<FrameId, E> {
                text.parse().map_err(E::custom)
            }
        }

        d.deserialize_str(Text)
    }
}

/// A dimension's value on a scale from 0 to 1 (指数), with its uncertainty, bound to the frame that
/// the scale was made of.
///
/// An index of 0.6 says nothing without its population: in another one, the same customer may be at
/// 0.4. So an index carries the id of its [frame](FrameId), there is no `<`, and
/// [`compare`](Self::compare) refuses indices of different frames.
///
/// # Examples
///
/// ```
/// use std::cmp::Ordering;
///
/// use guanxi::dimension::{FrameId, Index};
/// use guanxi::quantity::Estimate;
///
/// let (spring, autumn) = (FrameId::from_bits(1), FrameId::from_bits(2));
/// let ours = Index::new(Estimate::new(0.62, 0.08, 4.0)?, spring)?;
/// let theirs = Index::new(Estimate::new(0.55, 0.06, 9.0)?, spring)?;
/// assert_eq!(ours.compare(&theirs)?, Ordering::Greater);
/// assert!((ours.difference(&theirs)?.sd() - 0.1).abs() < 1e-15);
///
/// let later = Index::new(Estimate::new(0.55, 0.06, 9.0)?, autumn)?;
/// assert!(ours.compare(&later).is_err());
/// # Ok::<(), guanxi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawIndex", into = "RawIndex"))]
pub struct Index {
    estimate: Estimate,
    frame: FrameId,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Index", deny_unknown_fields)]
struct RawIndex {
    estimate: Estimate,
    frame: FrameId,
}

#[cfg(feature = "serde")]
impl TryFrom<RawIndex> for Index {
    type Error = QuantityError;

    fn try_from(raw: RawIndex) -> Result<Self, Self::Error> {
        Self::new(raw.estimate, raw.frame)
    }
}

#[cfg(feature = "serde")]
impl From<Index> for RawIndex {
    fn from(index: Index) -> Self {
        Self {
            estimate: index.estimate,
            frame: index.frame,
        }
    }
}

impl Index {
    /// An index of a frame.
    ///
    /// The sd may be any: one that was carried over from a very uncertain native value can exceed
    /// what a number within [0, 1] can have, and is kept as a sign of that.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] if the mean, or an end of a stated interval, is not within [0, 1].
    pub fn new(estimate: Estimate, frame: FrameId) -> Result<Self, QuantityError> {
        let within = |quantity, found| {
            if (0.0..=1.0).contains(&found) {
                return Ok(());
            }
            Err(QuantityError::Domain {
                quantity,
                expected: "between 0 and 1",
                found,
            })
        };
        within("index", estimate.mean())?;
        if let Some(interval) = estimate.stated_interval() {
            within("lower end of the interval of an index", interval.lower())?;
            within("upper end of the interval of an index", interval.upper())?;
        }
        Ok(Self { estimate, frame })
    }

    /// The index with its uncertainty; a mean from 0 to 1.
    #[must_use]
    pub const fn estimate(self) -> Estimate {
        self.estimate
    }

    /// Its mean, from 0 to 1: the higher, the more the dimension adds to the relationship.
    #[must_use]
    pub const fn mean(self) -> f64 {
        self.estimate.mean()
    }

    /// The frame that the scale was made of.
    #[must_use]
    pub const fn frame(self) -> FrameId {
        self.frame
    }

    fn same_frame(&self, other: &Self) -> Result<(), FrameError> {
        if self.frame == other.frame {
            return Ok(());
        }
        Err(FrameError::Mismatch {
            expected: self.frame,
            found: other.frame,
        })
    }

    /// Whether the mean is below, at or above that of another index of the same frame.
    ///
    /// # Errors
    ///
    /// [`FrameError::Mismatch`] if the other refers to another frame.
    pub fn compare(&self, other: &Self) -> Result<Ordering, FrameError> {
        self.same_frame(other)?;
        Ok(self.mean().total_cmp(&other.mean()))
    }

    /// How far this index is above another of the same frame, from −1 to 1.
    ///
    /// The sd is that of the difference of two independent numbers. It is too large for two
    /// readings of one customer, which share most of their evidence. The evidence is that of the
    /// lesser known of the two.
    ///
    /// # Errors
    ///
    /// [`FrameError::Mismatch`] if the other refers to another frame;
    /// [`FrameError::Quantity`] if the two sds are so large that theirs is not finite.
    pub fn difference(&self, other: &Self) -> Result<Estimate, FrameError> {
        self.same_frame(other)?;
        let (left, right) = (self.estimate, other.estimate);
        Ok(Estimate::new(
            left.mean() - right.mean(),
            left.sd().hypot(right.sd()),
            left.n_eff().min(right.n_eff()),
        )?)
    }
}
