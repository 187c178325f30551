//! The one trait behind every judgement of worth.

use chrono::{DateTime, Utc};

use crate::history::CustomerId;
use crate::numeric::chunks::{Grain, map};
use crate::quantity::{PolicyId, QuantityError};
use crate::summary::{CustomerSummary, Unreadable};

/// A score takes some microseconds.
const SCORES: Grain = Grain {
    chunk: 64,
    alone: 4_096,
};

/// Why a customer could not be judged.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScoreError {
    /// A customer who has not bought yet: a model of repeat purchases begins with the first one.
    #[error("customer {customer} has no purchase yet, and the model starts with the first")]
    NoPurchase {
        /// Who.
        customer: CustomerId,
    },
    /// What the score needs cannot be read of this customer.
    #[error("customer {customer}: {reason}")]
    Unreadable {
        /// Who.
        customer: CustomerId,
        /// What it is, and why.
        reason: Unreadable,
    },
    /// Evidence was made of events by other rules than those of the customers it is compared with.
    #[error("evidence must be made by the rules with the id {expected}, got those of {found}")]
    Rules {
        /// The rules of the reference frame.
        expected: PolicyId,
        /// The rules of the customer.
        found: PolicyId,
    },
    /// The parts of a summary do not fit each other; none that was taken from events is like that.
    #[error("the evidence of customer {customer} must all be of one instant, got several")]
    Inconsistent {
        /// Who.
        customer: CustomerId,
    },
    /// What was tracked of the customer holds for other instants than that of the summary.
    #[error(
        "customer {customer} must be scored from {from} on and before {until}, for which its standing was tracked, got {found}"
    )]
    Standing {
        /// Who.
        customer: CustomerId,
        /// The first instant it holds for.
        from: DateTime<Utc>,
        /// The first later one that it does not hold for.
        until: DateTime<Utc>,
        /// The instant of the summary.
        found: DateTime<Utc>,
    },
    /// A value came without its uncertainty, which the score rests on.
    #[error("customer {customer} needs a value with its uncertainty, got one without draws")]
    NoUncertainty {
        /// Who.
        customer: CustomerId,
    },
    /// The score is infinite, or means nothing, for this customer.
    #[error("{answer} exist only if {condition}, got {found}")]
    Undefined {
        /// What was asked for.
        answer: &'static str,
        /// When it exists.
        condition: &'static str,
        /// What is the case instead.
        found: f64,
    },
    /// The customer's covariates lead to no model.
    #[error("{what} must be {expected}, got {found}")]
    Covariates {
        /// What is wrong: a covariate, or a parameter that covariates move.
        what: String,
        /// What is accepted.
        expected: String,
        /// What came.
        found: String,
    },
    /// An attribute of the customer's has a value that it cannot have.
    #[error("customer {customer}: {expected}, got {found} of attribute {attribute:?}")]
    Attribute {
        /// Who.
        customer: CustomerId,
        /// The attribute.
        attribute: String,
        /// What it can be.
        expected: String,
        /// What came.
        found: String,
    },
    /// The summary is in another unit or currency, or an answer left its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

/// Judges one customer relationship (客户关系评分): lifetime value, perceived value, a dimension, a
/// tier, or a rule of your own.
///
/// Pure: the same customer always gets the same score, and no other customer changes it. Scorers
/// with the same `Score` fit in one `Vec<Box<dyn Scorer<Score = S>>>`.
///
/// # Examples
///
/// A rule of one's own:
///
/// ```
/// use guanxi::history::CustomerId;
/// use guanxi::quantity::TimeUnit;
/// use guanxi::scorer::{ScoreError, Scorer};
/// use guanxi::summary::{CustomerSummary, RfmSummary};
///
/// /// Repeat purchases per week since the first purchase.
/// struct Pace;
///
/// impl Scorer for Pace {
///     type Score = Option<f64>;
///
///     fn score(&self, customer: &CustomerSummary) -> Result<Option<f64>, ScoreError> {
///         Ok(customer
///             .rfm()
///             .filter(|rfm| rfm.age() > 0.0)
///             .map(|rfm| f64::from(rfm.frequency()) / rfm.in_unit(TimeUnit::Week).age()))
///     }
/// }
///
/// let rfm = RfmSummary::new(TimeUnit::Day, 6, 70.0, 84.0)?;
/// let customer = CustomerSummary::from_rfm(CustomerId::new("c-1")?, rfm);
/// assert_eq!(Pace.score(&customer)?, Some(0.5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Scorer {
    /// What the judgement is, such as a [`LifetimeValue`](crate::model::LifetimeValue).
    type Score;

    /// Scores one customer as of the instant the summary was taken.
    ///
    /// Without evidence the answer is the prior, with an `n_eff` of 0, never a plain zero; or, where
    /// there is no prior to give, an error, as for lifetime value before the first purchase.
    ///
    /// # Units
    ///
    /// - `customer`: spans in the scorer's unit of time, amounts in its currency.
    ///
    /// # Errors
    ///
    /// [`ScoreError`] if the summary is in another unit or currency, or the scorer has no answer
    /// for such a customer.
    fn score(&self, customer: &CustomerSummary) -> Result<Self::Score, ScoreError>;

    /// Scores many: item *i* belongs to customer *i*, and one customer's error does not stop the
    /// others. Lazy, so a million customers need no million scores in memory.
    fn scores<'a>(
        &'a self,
        customers: impl IntoIterator<Item = &'a CustomerSummary>,
    ) -> impl Iterator<Item = Result<Self::Score, ScoreError>>
    where
        Self: Sized,
    {
        customers.into_iter().map(|customer| self.score(customer))
    }

    /// Scores many and keeps the scores: item *i* belongs to customer *i*, and one customer's error
    /// does not stop the others.
    ///
    /// With the feature `parallel`, thousands of customers are shared among the threads of the rayon
    /// pool that the caller runs in; the scores are the same to the last bit.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::history::CustomerId;
    /// use guanxi::quantity::TimeUnit;
    /// use guanxi::scorer::{ScoreError, Scorer};
    /// use guanxi::summary::{CustomerSummary, RfmSummary};
    ///
    /// struct Repeats;
    ///
    /// impl Scorer for Repeats {
    ///     type Score = Option<u32>;
    ///
    ///     fn score(&self, customer: &CustomerSummary) -> Result<Option<u32>, ScoreError> {
    ///         Ok(customer.rfm().map(RfmSummary::frequency))
    ///     }
    /// }
    ///
    /// let customer = |n: u32| -> Result<CustomerSummary, Box<dyn std::error::Error>> {
    ///     let rfm = RfmSummary::new(TimeUnit::Day, n, 70.0, 84.0)?;
    ///     Ok(CustomerSummary::from_rfm(CustomerId::new(format!("c-{n}"))?, rfm))
    /// };
    /// let customers = (1..=3).map(customer).collect::<Result<Vec<_>, _>>()?;
    /// let scores = Repeats.score_all(&customers);
    /// assert_eq!(scores, [Ok(Some(1)), Ok(Some(2)), Ok(Some(3))]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn score_all(&self, customers: &[CustomerSummary]) -> Vec<Result<Self::Score, ScoreError>>
    where
        Self: Sized + Sync,
        Self::Score: Send,
    {
        let score = |row: usize| self.score(&customers[row]);
        map(customers.len(), SCORES, score)
    }
}
