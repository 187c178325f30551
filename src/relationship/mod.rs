//! What a whole relationship is worth.

mod engagement_terms;
mod engagement_value;
mod referral;

pub use engagement_terms::{Attribution, EngagementTerms};
pub use engagement_value::{EngagementInputs, EngagementItem, EngagementPart, EngagementValue};
pub use referral::{ReferralFlow, ReferredCustomer, referral_value, word_of_mouth_multiplier};
