//! What a relationship is worth in the index view: four dimensions, and their composite where enough
//! is known.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::dimension::{
    Dimension, Feeling, FrameId, Index, Knowledge, LoyaltyPosition, TrustBelief,
};
use crate::history::CustomerId;
use crate::model::LifetimeValue;
use crate::quantity::{Interval, PolicyId, Probability};
use crate::summary::Withheld;

use super::{CompositeOutcome, Profile, Standing};

/// What one relationship is worth as of an instant (关系价值): each dimension in its own unit and as
/// an index, and the composite with its interval and coverage.
///
/// This is the index view. Money is in the economic dimension alone: trust and feeling have no
/// price here, for a renewal that they bring is in the lifetime value already.
///
/// # Examples
///
/// What a manager reads of two kept promises and an answer to a survey:
///
/// ```
/// use std::sync::Arc;
///
/// use chrono::DateTime;
/// use guanxi::dimension::{DimensionRules, ReferenceFrame};
/// use guanxi::history::{
///     AsOf, Consent, CustomerId, Interaction, InteractionId, Kind, NpsSurvey, Promise,
///     PromiseEvent, Purpose,
/// };
/// use guanxi::relationship::{CompositionPolicy, RelationshipScorer};
/// use guanxi::scorer::Scorer;
/// use guanxi::summary::{LiveBase, SummaryPolicy};
///
/// let now = DateTime::UNIX_EPOCH;
/// let mut base = LiveBase::new(SummaryPolicy::default());
/// let log: [(&str, Kind); 4] = [
///     ("e-1", Consent::Granted { purpose: Purpose::Analytics }.into()),
///     ("e-2", Promise::new(PromiseEvent::Kept).into()),
///     ("e-3", Promise::new(PromiseEvent::Kept).into()),
///     ("e-4", NpsSurvey::new(9)?.into()),
/// ];
/// for (id, kind) in log {
///     let who = CustomerId::new("c-17")?;
///     base.observe(Interaction::new(InteractionId::new(id)?, who, now, kind)?)?;
/// }
/// let frame = ReferenceFrame::stated(DimensionRules::default(), "shop", now, None)?;
/// let policy = CompositionPolicy::default().with_least_coverage(0.4)?;
/// let scorer = RelationshipScorer::without_value(Arc::new(frame), policy)?;
/// let customer = base.summary("c-17", AsOf::at(now))?.ok_or("known")?;
/// assert_eq!(
///     scorer.score(&customer)?.to_string(),
///     "c-17 as of 1970-01-01: composite 0.61 (90 %: 0.39 to 0.83), coverage 0.45\n\
///      \x20 economic: no model\n\
///      \x20 trust: 0.78, sd 0.18\n\
///      \x20 emotional: 0.69, sd 0.11\n\
///      \x20 information: no evidence\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::stored_value::ValueRow"))]
pub struct RelationshipValue {
    pub(super) customer: CustomerId,
    pub(super) as_of: Option<DateTime<Utc>>,
    pub(super) frame: FrameId,
    pub(super) policy: PolicyId,
    pub(super) economic: Standing<LifetimeValue>,
    pub(super) trust: Standing<TrustBelief>,
    pub(super) emotional: Standing<Feeling>,
    pub(super) information: Standing<Knowledge>,
    pub(super) profile: Profile,
    pub(super) coverage: f64,
    pub(super) composite: CompositeOutcome,
    pub(super) interval: Option<Interval>,
    pub(super) not_modelled: Option<Withheld>,
    pub(super) withheld: Vec<Withheld>,
}

impl RelationshipValue {
    /// Whose relationship it is.
    #[must_use]
    pub fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// The instant it was judged as of; `None` if the summary was not taken from events.
    #[must_use]
    pub fn as_of(&self) -> Option<DateTime<Utc>> {
        self.as_of
    }

    /// The frame that every index refers to.
    #[must_use]
    pub fn frame(&self) -> FrameId {
        self.frame
    }

    /// The rules of composition.
    #[must_use]
    pub fn policy(&self) -> PolicyId {
        self.policy
    }

    /// What is to come from the customer, in money.
    #[must_use]
    pub fn economic(&self) -> &Standing<LifetimeValue> {
        &self.economic
    }

    /// How far the customer trusts the firm.
    #[must_use]
    pub fn trust(&self) -> &Standing<TrustBelief> {
        &self.trust
    }

    /// How the customer feels toward the firm.
    #[must_use]
    pub fn emotional(&self) -> &Standing<Feeling> {
        &self.emotional
    }

    /// The class of loyalty (忠诚类型): how the customer feels against whether they are a customer
    /// still, which is the [P(alive)](LifetimeValue::probability_alive) of the lifetime value. `None`
    /// unless both the economic and the emotional dimension were measured.
    #[must_use]
    pub fn loyalty(&self) -> Option<LoyaltyPosition> {
        let active = Probability::new(self.economic.native()?.probability_alive()).ok()?;
        self.emotional.native()?.loyalty(active)
    }

    /// What the firm knows of the customer.
    #[must_use]
    pub fn information(&self) -> &Standing<Knowledge> {
        &self.information
    }

    /// The index of a dimension, if it was measured.
    #[must_use]
    pub fn index(&self, dimension: Dimension) -> Option<Index> {
        match dimension {
            Dimension::Economic => self.economic.index(),
            Dimension::Trust => self.trust.index(),
            Dimension::Emotional => self.emotional.index(),
            Dimension::Information => self.information.index(),
        }
    }

    /// The dimensions that were not measured: their place in the composite is taken by what the
    /// frame's customers are like.
    pub fn missing(&self) -> impl Iterator<Item = Dimension> {
        Dimension::ALL
            .into_iter()
            .filter(|&dimension| self.index(dimension).is_none())
    }

    /// Whether the customer is expected to cost more than they bring; `None` if that is not known.
    #[must_use]
    pub fn is_loss_making(&self) -> Option<bool> {
        self.economic.native().map(|value| value.value() < 0.0)
    }

    /// The four indices that went into the composite, on the policy's scale: of a missing dimension
    /// the frame's reference, with an `n_eff` of 0.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Weight of the dimensions that are known from at least one full observation, from 0 to 1.
    #[must_use]
    pub fn coverage(&self) -> f64 {
        self.coverage
    }

    /// The composite, or why there is none.
    #[must_use]
    pub fn composite(&self) -> &CompositeOutcome {
        &self.composite
    }

    /// The interval that holds the composite with the policy's level, if its error is normal; cut
    /// off at 0 and 1, beyond which no composite lies. `None` without a composite.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        self.interval
    }

    /// Why no composite may be made of the customer, whatever is known, if so: the consent that is
    /// missing.
    #[must_use]
    pub fn not_modelled(&self) -> Option<Withheld> {
        self.not_modelled
    }

    /// What there is of the customer that may not be read.
    #[must_use]
    pub fn withheld(&self) -> &[Withheld] {
        &self.withheld
    }
}

impl fmt::Display for RelationshipValue {
    /// Writes who and as of when, the composite with its interval and coverage or why there is none,
    /// and a line for each dimension.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.customer)?;
        if let Some(as_of) = self.as_of {
            write!(f, " as of {}", as_of.date_naive())?;
        }
        match (self.composite.composite(), self.interval) {
            (Some(composite), Some(range)) => {
                let (value, level) = (composite.value(), range.level().value() * 100.0);
                let (lower, upper) = (range.lower(), range.upper());
                write!(
                    f,
                    ": composite {value:.2} ({level:.0} %: {lower:.2} to {upper:.2})"
                )?;
                writeln!(f, ", coverage {:.2}", self.coverage)?;
            }
            _ => writeln!(f, ": {}", self.composite)?,
        }
        writeln!(f, "  {}: {}", Dimension::Economic, self.economic)?;
        writeln!(f, "  {}: {}", Dimension::Trust, self.trust)?;
        writeln!(f, "  {}: {}", Dimension::Emotional, self.emotional)?;
        writeln!(f, "  {}: {}", Dimension::Information, self.information)
    }
}
