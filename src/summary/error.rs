//! Why a summary could not be built, asked or joined.

use chrono::{DateTime, Utc};

use crate::quantity::{Currency, Money, PolicyId, QuantityError};

use crate::history::{CustomerId, HistoryError};

use super::DedupeUnit;

/// Why a summary could not be built, asked or joined with another.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::TimeUnit;
/// use guanxi::summary::RfmSummary;
///
/// let refused = RfmSummary::new(TimeUnit::Week, 2, 40.0, 38.86).unwrap_err();
/// assert_eq!(
///     refused.to_string(),
///     "recency must be a number from 0 to the age of 38.86, got 40.0"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SummaryError {
    /// A number lies outside its range.
    #[error("{quantity} must be {expected}, got {found:?}")]
    Domain {
        /// What the number stands for.
        quantity: &'static str,
        /// The range it must lie in.
        expected: &'static str,
        /// What came.
        found: f64,
    },
    /// The last purchase lies after the end of observation, or before the first purchase.
    #[error("recency must be a number from 0 to the age of {age:?}, got {found:?}")]
    RecencyOutsideAge {
        /// The age of the customer, the most that recency can be.
        age: f64,
        /// The recency that came.
        found: f64,
    },
    /// Frequency and recency contradict each other: one of them says that the customer came back,
    /// the other that the first purchase was the only one.
    #[error(
        "recency must be 0 exactly when frequency is 0, got recency {recency:?} with frequency {frequency}"
    )]
    RecencyContradictsFrequency {
        /// Repeat transactions.
        frequency: u32,
        /// The recency that came with them.
        recency: f64,
    },
    /// A mean spend over more transactions than the customer has made.
    #[error("mean spend must cover at most {at_most} transactions, got {found}")]
    SpendCoverage {
        /// Transactions the frequency leaves room for.
        at_most: u32,
        /// Transactions the mean was taken over.
        found: u32,
    },
    /// An amount below 0. Amounts have no sign; the kind of event says which way they went.
    #[error("amount of the {field} must be at or above 0, got {found}")]
    NegativeAmount {
        /// The amount that was refused.
        field: &'static str,
        /// What came.
        found: Money,
    },
    /// A count has no room for one more.
    #[error("{quantity} must stay at or below {limit}, got one more")]
    Overflow {
        /// What is counted.
        quantity: &'static str,
        /// The most that can be counted.
        limit: u64,
    },
    /// Two states round time to periods of different lengths.
    #[error("dedupe unit must be {expected}, got {found}")]
    DedupeMismatch {
        /// The unit of what was there first.
        expected: DedupeUnit,
        /// The unit of what came.
        found: DedupeUnit,
    },
    /// Two states begin their days at different offsets from UTC.
    #[error("offset from UTC must be {expected} seconds, got {found} seconds")]
    UtcOffsetMismatch {
        /// The offset of what was there first.
        expected: i32,
        /// The offset of what came.
        found: i32,
    },
    /// Two policies have different rules.
    #[error("{rule} rule must be {expected:?}, got {found:?}")]
    RuleMismatch {
        /// The rule in which they differ.
        rule: &'static str,
        /// The rule of what was there first.
        expected: &'static str,
        /// The rule of what came.
        found: &'static str,
    },
    /// Two states make evidence of interactions by different rules.
    #[error("rules of evidence must be those with the id {expected}, got {found}")]
    EvidenceRules {
        /// The rules of what was there first.
        expected: PolicyId,
        /// The rules of what came.
        found: PolicyId,
    },
    /// A stored state is not one that any log leads to.
    #[error("a stored state needs {expected}, got {found}")]
    StoredState {
        /// What every state has.
        expected: &'static str,
        /// What was read instead.
        found: String,
    },
    /// Two currencies meet where one is needed.
    #[error("currency of the {field} must be {expected}, got {found}")]
    CurrencyMismatch {
        /// The amount that is in another currency.
        field: &'static str,
        /// The currency of what was there first.
        expected: Currency,
        /// The currency of what came.
        found: Currency,
    },
    /// A sum or a rate of nothing at all.
    #[error("needed {expected}, got none")]
    Empty {
        /// What there must be.
        expected: &'static str,
    },
    /// A holdout that does not lie after its calibration.
    #[error(
        "holdout must end in a later {period} than calibration, which ends at {calibration_end}, got {found}"
    )]
    HoldoutOrder {
        /// The dedupe period, the least by which it must end later.
        period: DedupeUnit,
        /// End of the calibration.
        calibration_end: DateTime<Utc>,
        /// End of the holdout that came.
        found: DateTime<Utc>,
    },
    /// Something is wrong with one customer of many.
    #[error("customer {customer}: {reason}")]
    Customer {
        /// Whose event or state it was.
        customer: CustomerId,
        /// What was wrong with it.
        reason: Box<SummaryError>,
    },
    /// An identity cannot be joined to a customer.
    #[error("identity {identity} must be of another customer, got one of {customer} already")]
    Joined {
        /// The identity.
        identity: CustomerId,
        /// The customer it is one of.
        customer: CustomerId,
    },
    /// A customer's state stored twice.
    #[error("customer {customer} must be stored once, got a second state")]
    StoredTwice {
        /// Who is stored twice.
        customer: CustomerId,
    },
    /// A name was refused.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// A checked quantity refused a number.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

impl SummaryError {
    /// The same error, naming the customer; a name that is there already stays.
    pub(super) fn of_customer(self, customer: &CustomerId) -> Self {
        match self {
            named @ Self::Customer { .. } => named,
            reason => Self::Customer {
                customer: customer.clone(),
                reason: Box::new(reason),
            },
        }
    }
}
