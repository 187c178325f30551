//! A history reduced to sufficient statistics that merge.
//!
//! The purchase and spend models read four numbers of a customer, an [`RfmSummary`], and past
//! contribution is a [`MoneyAccount`]. Both are made from a state that keeps integers by period:
//! [`PurchaseState`] for purchases and returns, [`CustomerState`] with costs as well, and
//! [`CustomerBase`] for all customers. A state takes events one at a time and in any order, and
//! shards merge into what the whole log leads to: all that comes of purchases, money and counts to the
//! last bit, and sums that fade with time but for rounding.
//!
//! A log of orders that is in memory comes to the same summaries without a state for each customer,
//! through [`OrderColumns`].
//!
//! What makes a transaction is declared in a [`SummaryPolicy`]: how orders of one day are merged,
//! what a return does, whether a free order counts, and which transactions a mean spend covers. A
//! [`RuleReport`] counts what each rule did.
//!
//! ```text
//! Interaction ─► CustomerState ─► CustomerSummary: RfmSummary with SpendSummary, MoneyAccount
//!                └─ CustomerBase ─► summaries, RuleReport, CalibrationSplit
//! ```

mod activity;
mod advocacy;
mod affect;
mod affect_item;
#[cfg(feature = "serde")]
mod amount;
mod base;
mod by_name;
mod column_error;
mod columns;
mod consent_policy;
mod customer;
mod customer_summary;
mod dated;
mod decay;
mod distinct;
mod edges;
#[cfg(test)]
mod emotion_laws;
mod engagement;
mod error;
mod evidence;
mod evidence_policy;
mod evidence_summary;
mod exchange;
mod feedback;
mod instrument;
mod journey;
mod journey_step;
mod ledger;
mod live;
mod money;
mod network;
mod offer;
mod orders;
mod partnership;
mod peak_end;
mod periods;
mod policy;
mod preference;
mod profile;
mod purchase;
mod report;
mod rfm;
mod spend;
mod spend_columns;
mod split;
#[cfg(feature = "serde")]
mod stored;
mod table;
mod tally;
mod trust;
mod trust_item;
mod unknown;

pub use activity::Activity;
pub use advocacy::{AdvocacyEvidence, LastNps};
pub use affect::AffectEvidence;
pub use affect_item::AffectItem;
pub use base::CustomerBase;
pub use column_error::ColumnError;
pub use columns::SummaryColumns;
pub use consent_policy::{
    ConsentPolicy, ConsentRule, EvidenceKind, LaterEvidence, Unreadable, Withheld,
};
pub use customer::CustomerState;
pub use customer_summary::CustomerSummary;
pub use distinct::DistinctSummaries;
pub use engagement::{ByDirection, ContractStep, EngagementEvidence, RelationshipTurn};
pub use error::SummaryError;
pub use evidence_policy::EvidencePolicy;
pub use exchange::{ExchangeAnswer, ExchangeEvidence, ExchangeItem, PastAnswers};
pub use feedback::{AcceptedIdea, FeedbackEvidence, FeedbackItem};
pub use instrument::{Calibration, Instrument, Instruments};
pub use journey::{Journey, JourneyEffort, Journeys};
pub use journey_step::{ComplaintStep, JourneyStep};
pub use live::{LiveBase, Observed};
pub use money::MoneyAccount;
pub use network::{Conversion, Influence, NetworkEvidence, NetworkItem};
pub use offer::{ByPromotion, OfferEvidence, PriceVariation};
pub use orders::{OrderColumns, OrderSummaries, TimestampUnit};
pub use partnership::{
    FadedScore, PartnershipEvent, PartnershipEvidence, PartnershipMeasure, PartnershipStep,
};
pub use peak_end::{Moment, PeakEnd};
pub use periods::DedupeUnit;
pub use policy::{ReturnRule, SummaryPolicy, ZeroValueRule};
pub use preference::{CategoryCount, PreferenceEvidence, PreferenceItem};
pub use profile::{ProfileEvidence, ProfileField};
pub use purchase::PurchaseState;
pub use report::RuleReport;
pub use rfm::RfmSummary;
pub use spend::{SpendBasis, SpendSummary};
pub use spend_columns::SpendColumns;
pub use split::{CalibrationSplit, LateJoiner, SplitCustomer};
pub use table::SummaryTable;
pub use trust::{TrustEvidence, TrustTally};
pub use trust_item::{TrustDirection, TrustItem, TrustSource};
