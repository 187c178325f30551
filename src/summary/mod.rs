//! A history reduced to sufficient statistics that merge.

mod error;
mod periods;
mod policy;
mod purchase;
mod report;
mod rfm;
mod spend;
mod tally;

pub use error::SummaryError;
pub use periods::DedupeUnit;
pub use policy::{ReturnRule, SummaryPolicy, ZeroValueRule};
pub use purchase::PurchaseState;
pub use report::RuleReport;
pub use rfm::RfmSummary;
pub use spend::{SpendBasis, SpendSummary};
