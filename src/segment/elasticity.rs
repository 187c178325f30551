//! Elasticity of demand (价格弹性): by how many per cent the quantity changes for one of the price.

use super::SegmentError;
use crate::quantity::Estimate;
use crate::summary::PriceVariation;

/// Below this sum of squares of log prices, a price did not vary but for its rounding.
const NO_VARIATION: f64 = 1e-9;

/// The slope of the logarithm of the quantity on that of the unit price, within categories of goods,
/// drawn to 0 by a ridge.
///
/// `β̂ = Σxy/(Σxx + λ)` around the means of each category, with the sd of a posterior whose prior is
/// normal around 0 with a variance of `σ²/λ`: `σ/√(Σxx + λ)`, `σ²` from the residuals and the degrees
/// of freedom that are left, `n − categories − Σxx/(Σxx + λ)`. A ridge is established (Hoerl &
/// Kennard 1970); its strength is our choice.
///
/// It is of the quantity in a purchase that was made; who does not come at a high price is not in it.
/// And it is an association: prices that follow demand bias it.
///
/// # Examples
///
/// ```
/// use guanxi::segment::Elasticity;
/// use guanxi::summary::PriceVariation;
///
/// // Seven purchases of two categories: sums of squares and products around their means.
/// let mut prices = PriceVariation::default();
/// prices.purchases = 7;
/// prices.categories = 2;
/// (prices.price_squares, prices.products, prices.quantity_squares) = (0.25, -0.6, 1.74);
/// let found = Elasticity::of(&prices, 0.25)?.ok_or("prices varied")?.estimate();
/// assert_eq!((found.mean(), found.n_eff()), (-1.2, 5.0)); // −0.6/(0.25 + 0.25)
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Elasticity(Estimate);

impl Elasticity {
    /// The elasticity that some purchases show; `None` where prices did not vary, or fewer than two
    /// purchases are left beyond one a category.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless `ridge` lies between 1e-9 and 1e9; [`SegmentError::Quantity`]
    /// if the sums are of no purchases that there can be.
    pub fn of(prices: &PriceVariation, ridge: f64) -> Result<Option<Self>, SegmentError> {
        let (what, range) = ("ridge of an elasticity", "between 1e-9 and 1e9");
        let ridge = super::error::checked(what, range, 1e-9..=1e9, ridge)?;
        let purchases = prices.purchases as f64;
        let left = purchases - prices.categories as f64;
        if left < 2.0 || prices.price_squares <= NO_VARIATION {
            return Ok(None);
        }
        let (xx, xy, yy) = (
            prices.price_squares,
            prices.products,
            prices.quantity_squares,
        );
        let slope = xy / (xx + ridge);
        let residual = (yy - slope * (2.0 * xy - slope * xx)).max(0.0);
        let variance = residual / (left - xx / (xx + ridge));
        let sd = (variance / (xx + ridge)).sqrt();
        Ok(Some(Self(Estimate::new(slope, sd, left)?)))
    }

    /// The elasticity; below 0 where less is bought at higher prices. `n_eff` is the number of
    /// purchases beyond one a category.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        self.0
    }
}
