//! What happened between the firm and a customer, as recorded.
//!
//! A history is a set of [`Interaction`]s (互动). Each has an id that is unique, the instant it
//! occurred, the instant it became known, and a [`Kind`] with the facts of that kind. A
//! [`Timeline`] keeps those of one [`Customer`] (客户) in any order of arrival and answers what was
//! known, and when: every question names its [`AsOf`], and nothing here reads a clock.
//!
//! Values are checked where they enter, in constructors and when deserialised, and never repaired:
//! an amount below zero or a score outside its scale is a [`HistoryError`].
//!
//! # Examples
//!
//! ```
//! use guanxi::history::{AsOf, CustomerId, Interaction, InteractionId, Purchase, Recorded, Timeline};
//! use guanxi::quantity::{Currency, Money};
//! use chrono::DateTime;
//!
//! let shop = CustomerId::new("c-17")?;
//! let order = Interaction::new(
//!     InteractionId::new("order-1")?,
//!     shop.clone(),
//!     DateTime::UNIX_EPOCH,
//!     Purchase::new(Money::parse("41.00", Currency::EUR)?)?,
//! )?;
//!
//! let mut timeline = Timeline::new(shop);
//! assert_eq!(timeline.record(order.clone())?, Recorded::New);
//! assert_eq!(timeline.record(order)?, Recorded::Duplicate); // delivered twice, counted once
//! assert_eq!(timeline.as_of(AsOf::at(DateTime::UNIX_EPOCH)).len(), 1);
//! # Ok::<(), guanxi::history::HistoryError>(())
//! ```

mod as_of;
mod channel;
mod consent;
mod customer;
mod error;
mod id;
#[cfg(feature = "serde")]
mod instant;
mod interaction;
mod kind;
mod purpose;
mod rank;
mod timeline;
mod value;

pub use as_of::AsOf;
pub use channel::{Channel, Initiator};
pub use consent::{ConsentChange, ConsentRecord, ConsentState, ConsentStatus};
pub use customer::{Alias, ContactPerson, Customer, PartyKind, Role, Tag};
pub use error::HistoryError;
pub use id::{CustomerId, EpisodeId, InteractionId};
pub use interaction::Interaction;
pub use kind::{
    AgreementForm, CesSurvey, Community, CommunityEvent, ComplaintOpened, ComplaintResolved,
    Concession, Consent, Construct, Contact, Contract, ContractEvent, CostToServe, CsatSurvey,
    Delivery, Direction, ExecutiveContact, Feedback, GoalHorizon, GoalReview, InfluenceAttributed,
    InfoDepth, InfoFlow, InfoShared, Investment, InvestmentPurpose, JointProject, Kind, Loyalty,
    LoyaltyEvent, Minutes, NpsSurvey, Offer, OfferEvent, OtherKind, Partnership, Payment,
    PaymentEvent, PreferenceObserved, ProfileAttribute, Promise, PromiseEvent, Promiser, Purchase,
    QualitativeNote, Quote, QuoteEvent, ReferralConverted, ReferralMade, RelationshipChange,
    RelationshipEvent, Return, ReturnOutcome, ReturnReason, Review, Scale, ServiceRequest,
    SurveyItem, TrustFacet,
};
pub use purpose::Purpose;
pub use rank::Rank;
pub use timeline::{Recorded, Timeline, TimelineView};
pub use value::{FiniteNumber, Value};
