//! Why something could not enter a history.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::id::{CustomerId, InteractionId};
use crate::quantity::{Currency, Money, QuantityError};

/// Why a fact could not enter a history: what was expected, and what came instead.
///
/// `kind` is the [name](super::Kind::name) of the interaction's kind and `field` the name of the
/// field in its payload, as they are written when serialised.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// Text that cannot name anything.
    #[error(
        "{what} must be 1 to {longest} bytes of text without control characters or surrounding \
         white space, got {found:?}"
    )]
    Identifier {
        /// What the text was to name.
        what: &'static str,
        /// The most bytes it may have.
        longest: usize,
        /// The text that came.
        found: String,
    },
    /// An amount of money below zero; the direction of money comes from the kind.
    #[error("{kind}: {field} must be an amount at or above 0, got {found}")]
    NegativeAmount {
        /// Kind of the interaction.
        kind: &'static str,
        /// Field of its payload.
        field: &'static str,
        /// The amount that came.
        found: Money,
    },
    /// A count or quantity below zero.
    #[error("{kind}: {field} must be at or above 0, got {found}")]
    NegativeQuantity {
        /// Kind of the interaction.
        kind: &'static str,
        /// Field of its payload.
        field: &'static str,
        /// The quantity that came.
        found: Decimal,
    },
    /// A score that its scale does not have.
    #[error("{kind}: {field} must be a whole number from {lowest} to {highest}, got {found}")]
    Score {
        /// Kind of the interaction.
        kind: &'static str,
        /// Field of its payload.
        field: &'static str,
        /// Lowest score of the scale.
        lowest: i32,
        /// Highest score of the scale.
        highest: i32,
        /// The score that came.
        found: i32,
    },
    /// A number outside its range.
    #[error("{kind}: {field} must be {expected}, got {found:?}")]
    Domain {
        /// Kind of the interaction.
        kind: &'static str,
        /// Field of its payload.
        field: &'static str,
        /// The range, in words.
        expected: &'static str,
        /// The number that came.
        found: f64,
    },
    /// A survey answer outside the scale stated with it.
    #[error("{kind}: {field} must be from {lowest:?} to {highest:?}, got {found:?}")]
    OffScale {
        /// Kind of the interaction.
        kind: &'static str,
        /// Field of its payload.
        field: &'static str,
        /// Lowest answer of the scale.
        lowest: f64,
        /// Highest answer of the scale.
        highest: f64,
        /// The answer that came.
        found: f64,
    },
    /// A scale whose ends are not two finite numbers in rising order.
    #[error("a scale must rise between two finite numbers, got {lowest:?} to {highest:?}")]
    Scale {
        /// Low end that came.
        lowest: f64,
        /// High end that came.
        highest: f64,
    },
    /// Two currencies within one payload.
    #[error("{kind}: {field} must be in {expected} like the other amounts, got {found}")]
    Currencies {
        /// Kind of the interaction.
        kind: &'static str,
        /// The first field in another currency.
        field: &'static str,
        /// Currency of the fields before it.
        expected: Currency,
        /// Currency that came.
        found: Currency,
    },
    /// An impossible order of two instants of one payload, such as delivered before ordered.
    #[error("{kind}: {field} must not be before {earlier} at {limit}, got {found}")]
    TimeOrder {
        /// Kind of the interaction.
        kind: &'static str,
        /// Field that must come later.
        field: &'static str,
        /// Field that must come first.
        earlier: &'static str,
        /// Instant of the field that must come first.
        limit: DateTime<Utc>,
        /// Instant that came.
        found: DateTime<Utc>,
    },
    /// A payload that tells of an instant after the interaction itself.
    #[error(
        "interaction {id}: {field} of {kind} must not be after it occurred at {limit}, got {found}"
    )]
    AfterOccurrence {
        /// The interaction.
        id: InteractionId,
        /// Its kind.
        kind: &'static str,
        /// Field of its payload.
        field: &'static str,
        /// When the interaction occurred.
        limit: DateTime<Utc>,
        /// Instant that came.
        found: DateTime<Utc>,
    },
    /// A customer who is said to have brought themself.
    #[error("interaction {id}: a newcomer must be another customer than {customer}, got the same")]
    OwnNewcomer {
        /// The interaction.
        id: InteractionId,
        /// The customer.
        customer: CustomerId,
    },
    /// A field that only another event of the same kind has.
    #[error("{kind}: {field} belongs to the event {expected} alone, got the event {found}")]
    Misplaced {
        /// Kind of the interaction.
        kind: &'static str,
        /// Field of its payload.
        field: &'static str,
        /// The event that has the field.
        expected: &'static str,
        /// The event that came with it.
        found: &'static str,
    },
    /// An unknown kind under the name of a known one.
    #[error("a kind of your own needs a name of its own, got the known kind {name}")]
    KnownKind {
        /// The name that is taken.
        name: &'static str,
    },
    /// A number that no format can write down.
    #[error("a number kept verbatim must be finite, got {found:?}")]
    NotFinite {
        /// The number that came.
        found: f64,
    },
    /// A contact person inside a natural person.
    #[error(
        "customer {customer}: only an organisation has contact persons, got the person {key:?}"
    )]
    ContactOfPerson {
        /// The customer, a natural person.
        customer: CustomerId,
        /// Key of the contact person that came.
        key: String,
    },
    /// One id for two different interactions.
    #[error("interaction {id} is already recorded with other content")]
    Conflict {
        /// The id that is taken.
        id: InteractionId,
    },
    /// An interaction recorded in the timeline of another customer.
    #[error("interaction {id} belongs to customer {expected} here, got one of customer {found}")]
    OtherCustomer {
        /// The interaction.
        id: InteractionId,
        /// Whose timeline it is.
        expected: CustomerId,
        /// Whose interaction came.
        found: CustomerId,
    },
    /// Two timelines of different customers merged.
    #[error("a timeline of customer {expected} takes no other, got one of customer {found}")]
    OtherTimeline {
        /// Whose timeline it is.
        expected: CustomerId,
        /// Whose timeline came.
        found: CustomerId,
    },
    /// A correction that leads back to itself.
    #[error("interaction {id} corrects itself, directly or through other corrections")]
    CorrectionCycle {
        /// The correction.
        id: InteractionId,
    },
    /// A quantity outside its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}
