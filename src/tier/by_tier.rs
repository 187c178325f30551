//! One thing for each rung.

use super::Tier;

/// One thing for each rung of the ladder: four net values, four times before loss.
///
/// Four numbers in a row are easy to swap; four named fields are not.
///
/// # Examples
///
/// ```
/// use guanxi::tier::{ByTier, Tier};
///
/// let net = ByTier { transaction: 8.0_f64, preferred: 20.0, partnership: 25.0, alliance: -5.0 };
/// assert_eq!(net.get(Tier::Partnership), Some(&25.0));
/// assert_eq!(net.get(Tier::NoTransaction), None); // no rung
/// let (best, _) = net.iter().max_by(|a, b| a.1.total_cmp(b.1)).ok_or("four")?;
/// assert_eq!(best, Tier::Partnership);
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ByTier<T> {
    /// That of [`Tier::Transaction`].
    pub transaction: T,
    /// That of [`Tier::Preferred`].
    pub preferred: T,
    /// That of [`Tier::Partnership`].
    pub partnership: T,
    /// That of [`Tier::Alliance`].
    pub alliance: T,
}

impl<T> ByTier<T> {
    /// What a function says of each rung, asked in the order of [`Tier::RUNGS`].
    pub fn from_fn(mut of: impl FnMut(Tier) -> T) -> Self {
        Self {
            transaction: of(Tier::Transaction),
            preferred: of(Tier::Preferred),
            partnership: of(Tier::Partnership),
            alliance: of(Tier::Alliance),
        }
    }

    /// The same, where a function may fail.
    pub(super) fn try_from_fn<E>(mut of: impl FnMut(Tier) -> Result<T, E>) -> Result<Self, E> {
        Ok(Self {
            transaction: of(Tier::Transaction)?,
            preferred: of(Tier::Preferred)?,
            partnership: of(Tier::Partnership)?,
            alliance: of(Tier::Alliance)?,
        })
    }

    /// The thing that belongs to a rung; none for [`Tier::NoTransaction`], which is no rung.
    #[must_use]
    pub const fn get(&self, tier: Tier) -> Option<&T> {
        match tier {
            Tier::NoTransaction => None,
            Tier::Transaction => Some(&self.transaction),
            Tier::Preferred => Some(&self.preferred),
            Tier::Partnership => Some(&self.partnership),
            Tier::Alliance => Some(&self.alliance),
        }
    }

    /// The thing that belongs to a rung, to be changed; none for [`Tier::NoTransaction`].
    #[must_use]
    pub const fn get_mut(&mut self, tier: Tier) -> Option<&mut T> {
        match tier {
            Tier::NoTransaction => None,
            Tier::Transaction => Some(&mut self.transaction),
            Tier::Preferred => Some(&mut self.preferred),
            Tier::Partnership => Some(&mut self.partnership),
            Tier::Alliance => Some(&mut self.alliance),
        }
    }

    /// Each rung with its thing, from the lowest to the highest.
    pub fn iter(&self) -> impl Iterator<Item = (Tier, &T)> {
        Tier::RUNGS
            .into_iter()
            .filter_map(|tier| self.get(tier).map(|thing| (tier, thing)))
    }

    /// The same for what a function makes of each thing.
    #[must_use]
    pub fn map<U>(self, mut to: impl FnMut(T) -> U) -> ByTier<U> {
        ByTier {
            transaction: to(self.transaction),
            preferred: to(self.preferred),
            partnership: to(self.partnership),
            alliance: to(self.alliance),
        }
    }
}
