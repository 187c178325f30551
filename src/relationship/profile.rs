//! Where one customer stands on all four dimensions.

use super::RelationshipError;
use super::error::checked;
use crate::dimension::{ByDimension, Dimension, FrameError, Index};
use crate::quantity::Estimate;

/// An sd above this is as good as any other: the index is not known at all.
const WIDEST: f64 = 1e6;

/// The four indices of one customer with their uncertainty (四维画像).
///
/// It holds four [`Estimate`]s and not eight numbers, because the evidence of each decides how
/// much of the composite is covered: a dimension of which nothing is known is the prior with an
/// `n_eff` of 0, never a missing number or a 0.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::{ByDimension, Dimension};
/// use guanxi::quantity::Estimate;
/// use guanxi::relationship::{Profile, Weights};
///
/// let known = |mean, sd| Estimate::new(mean, sd, 12.0);
/// let profile = Profile::new(ByDimension {
///     economic: known(0.62, 0.08)?,
///     trust: known(0.74, 0.05)?,
///     emotional: Estimate::new(0.55, 0.2, 0.0)?, // nothing was observed
///     information: known(0.40, 0.06)?,
/// })?;
/// assert_eq!(profile.means().trust, 0.74);
/// assert!((Weights::default().coverage(&profile) - 0.8).abs() < 1e-15);
/// # Ok::<(), guanxi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "ByDimension<Estimate>", into = "ByDimension<Estimate>")
)]
pub struct Profile(ByDimension<Estimate>);

impl TryFrom<ByDimension<Estimate>> for Profile {
    type Error = RelationshipError;

    fn try_from(indices: ByDimension<Estimate>) -> Result<Self, Self::Error> {
        Self::new(indices)
    }
}

impl From<Profile> for ByDimension<Estimate> {
    fn from(profile: Profile) -> Self {
        profile.0
    }
}

impl Profile {
    /// A profile of four indices.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::Domain`] if a mean is not within [0, 1] or an sd is above 10⁶.
    pub fn new(indices: ByDimension<Estimate>) -> Result<Self, RelationshipError> {
        for (dimension, index) in indices.iter() {
            let unit = "between 0 and 1";
            checked("index", dimension, unit, 0.0..=1.0, index.mean())?;
            let (what, spread) = ("sd of the index", "from 0 to 1e6");
            checked(what, dimension, spread, 0.0..=WIDEST, index.sd())?;
        }
        Ok(Self(indices))
    }

    /// A profile whose indices are stated with their sd, each with the evidence of one observation.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`RelationshipError::Quantity`] if a number is not finite or an
    /// sd is negative.
    pub fn stated(
        means: ByDimension<f64>,
        sds: ByDimension<f64>,
    ) -> Result<Self, RelationshipError> {
        let of = |d| Estimate::new(means[d], sds[d], 1.0);
        Self::new(ByDimension {
            economic: of(Dimension::Economic)?,
            trust: of(Dimension::Trust)?,
            emotional: of(Dimension::Emotional)?,
            information: of(Dimension::Information)?,
        })
    }

    /// The profile of four indices of one frame.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::Frame`] if one refers to another frame than the economic one;
    /// [`RelationshipError::Domain`] if an sd is above 10⁶.
    pub fn of_indices(indices: ByDimension<Index>) -> Result<Self, RelationshipError> {
        let expected = indices.economic.frame();
        for (_, index) in indices.iter() {
            let found = index.frame();
            if found != expected {
                return Err(FrameError::Mismatch { expected, found }.into());
            }
        }
        Self::new(indices.map(Index::estimate))
    }

    /// The index of a dimension.
    #[must_use]
    pub const fn get(&self, dimension: Dimension) -> Estimate {
        *self.0.get(dimension)
    }

    /// Each dimension with its index.
    pub fn iter(&self) -> impl Iterator<Item = (Dimension, Estimate)> {
        self.0.iter().map(|(d, index)| (d, *index))
    }

    /// The means of the indices, each from 0 to 1.
    #[must_use]
    pub fn means(&self) -> ByDimension<f64> {
        self.0.map(Estimate::mean)
    }

    /// The sds of the indices, each at or above 0.
    #[must_use]
    pub fn sds(&self) -> ByDimension<f64> {
        self.0.map(Estimate::sd)
    }
}
