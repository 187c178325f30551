//! Checked numbers with their units: money, time, discounting, probabilities and estimates.
//!
//! Every type here is checked once, when it is made or deserialised, and is valid ever after:
//! no `NaN`, no infinity, nothing outside its range. So the code that computes with them can
//! only fail for what one number cannot show, such as two currencies in one sum.
//!
//! | Type | What it is | Range |
//! |---|---|---|
//! | [`Money`], [`Currency`] | an exact amount (金额) of one currency | at most 10¹⁸ in size, 9 decimal places |
//! | [`TimeUnit`], [`Span`], [`Horizon`] | a length of time in a stated unit | 0 to 10²¹ seconds |
//! | [`DiscountRate`] | the price of waiting (折现率) | 0, or from 10⁻¹⁵ a year |
//! | [`HalfLife`] | how fast evidence fades (半衰期) | above 0, or never |
//! | [`Probability`], [`Fraction`] | a chance (概率), a share | 0 to 1 |
//! | [`Valence`] | how good or bad an experience was (效价) | −1 to 1 |
//! | [`PolicyId`] | the name that a set of rules has by its content | |
//! | [`Estimate`], [`Interval`] | an inferred number with its uncertainty | finite |
//!
//! Negative zero is stored as zero, so that equal values print and serialise alike.

mod currency;
mod discount;
mod error;
mod estimate;
mod exact;
mod fraction;
mod half_life;
mod money;
pub(crate) mod near;
mod policy_id;
mod probability;
#[cfg(feature = "serde")]
pub(crate) mod stored;
mod time;
mod valence;

pub use currency::Currency;
pub use discount::DiscountRate;
pub use error::QuantityError;
pub use estimate::{Estimate, Interval};
pub use fraction::Fraction;
pub use half_life::HalfLife;
pub use money::Money;
pub(crate) use policy_id::Fingerprint;
pub use policy_id::PolicyId;
pub use probability::Probability;
pub use time::{Horizon, Span, TimeUnit};
pub use valence::Valence;
