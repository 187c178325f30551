//! One thing for each dimension.

use super::Dimension;

/// One thing for each dimension: four weights, four indices, four contributions.
///
/// Four numbers in a row are easy to swap; four named fields are not.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::{ByDimension, Dimension};
///
/// let indices = ByDimension { economic: 0.62_f64, trust: 0.74, emotional: 0.55, information: 0.4 };
/// assert_eq!(indices[Dimension::Trust], 0.74);
/// let (weakest, index) = indices.iter().min_by(|a, b| a.1.total_cmp(b.1)).ok_or("four")?;
/// assert_eq!((weakest, *index), (Dimension::Information, 0.4));
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ByDimension<T> {
    /// That of [`Dimension::Economic`].
    pub economic: T,
    /// That of [`Dimension::Trust`].
    pub trust: T,
    /// That of [`Dimension::Emotional`].
    pub emotional: T,
    /// That of [`Dimension::Information`].
    pub information: T,
}

impl<T> ByDimension<T> {
    /// What a function says of each dimension, asked in the order of [`Dimension::ALL`].
    pub fn from_fn(mut of: impl FnMut(Dimension) -> T) -> Self {
        Self {
            economic: of(Dimension::Economic),
            trust: of(Dimension::Trust),
            emotional: of(Dimension::Emotional),
            information: of(Dimension::Information),
        }
    }

    /// The thing that belongs to a dimension.
    #[must_use]
    pub const fn get(&self, dimension: Dimension) -> &T {
        match dimension {
            Dimension::Economic => &self.economic,
            Dimension::Trust => &self.trust,
            Dimension::Emotional => &self.emotional,
            Dimension::Information => &self.information,
        }
    }

    /// The thing that belongs to a dimension, to be changed.
    #[must_use]
    pub const fn get_mut(&mut self, dimension: Dimension) -> &mut T {
        match dimension {
            Dimension::Economic => &mut self.economic,
            Dimension::Trust => &mut self.trust,
            Dimension::Emotional => &mut self.emotional,
            Dimension::Information => &mut self.information,
        }
    }

    /// Each dimension with its thing, in the order of [`Dimension::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Dimension, &T)> {
        Dimension::ALL.into_iter().map(|d| (d, self.get(d)))
    }

    /// The same for what a function makes of each thing.
    #[must_use]
    pub fn map<U>(self, mut to: impl FnMut(T) -> U) -> ByDimension<U> {
        ByDimension {
            economic: to(self.economic),
            trust: to(self.trust),
            emotional: to(self.emotional),
            information: to(self.information),
        }
    }

    /// The four in the order of [`Dimension::ALL`].
    #[must_use]
    pub fn into_array(self) -> [T; 4] {
        [self.economic, self.trust, self.emotional, self.information]
    }
}

impl<T> From<[T; 4]> for ByDimension<T> {
    fn from([economic, trust, emotional, information]: [T; 4]) -> Self {
        Self {
            economic,
            trust,
            emotional,
            information,
        }
    }
}

impl<T> From<ByDimension<T>> for [T; 4] {
    fn from(four: ByDimension<T>) -> Self {
        four.into_array()
    }
}

impl<T> std::ops::Index<Dimension> for ByDimension<T> {
    type Output = T;

    fn index(&self, dimension: Dimension) -> &T {
        self.get(dimension)
    }
}
