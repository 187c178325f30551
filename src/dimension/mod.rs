//! The four dimensions (四维度) of what a relationship is worth, from evidence to a judgement.
//!
//! | type | what it judges |
//! |---|---|
//! | [`Feeling`], [`EmotionalPolicy`] | how the customer feels toward the firm (情感维度) |
//! | [`AffectFilter`] | the same as a process in time: the reference alternative |
//! | [`Advocacy`], [`LoyaltyPosition`] | whether the customer recommends the firm, and how loyal that is |
//! | [`InstrumentFit`] | how an instrument reads, fitted to customers who answered twice |

mod advocacy;
mod calibration;
mod emotional;
mod emotional_policy;
mod error;
mod kalman;

pub use advocacy::{Advocacy, LoyaltyClass, LoyaltyPosition};
pub use calibration::{CalibrationError, InstrumentFit, PairedAnswer};
pub use emotional::Feeling;
#[allow(
    unused_imports,
    reason = "what the explanation of a relationship adds up"
)]
pub(crate) use emotional::contribution;
pub use emotional_policy::EmotionalPolicy;
pub use error::DimensionError;
pub use kalman::AffectFilter;
