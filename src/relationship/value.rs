//! What a relationship is worth in the index view: four dimensions, and their composite where enough
//! is known.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::dimension::{
    ByDimension, Dimension, DimensionScore, EconomicDimension, EmotionalDimension, Feeling,
    FrameError, FrameId, Index, InformationDimension, Knowledge, LoyaltyPosition, ReferenceFrame,
    TrustBelief, TrustDimension,
};
use crate::history::{ConsentState, CustomerId};
use crate::model::LifetimeValue;
use crate::quantity::{Estimate, Interval, PolicyId, Probability, QuantityError};
use crate::scorer::{ScoreError, Scorer};
use crate::summary::{CustomerSummary, Unreadable, Withheld};

use super::{Composite, CompositionPolicy, Contributions, IndexScale, Profile, RelationshipError};

/// How one dimension of one customer stands (维度状态).
///
/// That a dimension was not measured is told apart by its reason, because each asks for something
/// else: to wait, to ask for consent, to look at a later instant, or to fit a model.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use chrono::DateTime;
/// use guanxi::dimension::{DimensionRules, ReferenceFrame};
/// use guanxi::history::CustomerId;
/// use guanxi::quantity::TimeUnit;
/// use guanxi::relationship::{CompositionPolicy, RelationshipScorer, Standing};
/// use guanxi::scorer::Scorer;
/// use guanxi::summary::{CustomerSummary, RfmSummary};
///
/// let now = DateTime::UNIX_EPOCH;
/// let frame = ReferenceFrame::stated(DimensionRules::default(), "shop", now, None)?;
/// let scorer = RelationshipScorer::without_value(Arc::new(frame), CompositionPolicy::default())?;
/// let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.0, 38.0)?;
/// let value = scorer.score(&CustomerSummary::from_rfm(CustomerId::new("c-1")?, rfm))?;
/// assert!(matches!(value.economic(), Standing::NoModel));
/// assert!(matches!(value.trust(), Standing::NoEvidence));
/// assert_eq!(value.coverage(), 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Standing<N> {
    /// There is evidence, and this is what it says.
    Measured(DimensionScore<N>),
    /// There is no evidence.
    NoEvidence,
    /// There is evidence that cannot be read.
    Unreadable(Unreadable),
    /// Nothing was given that could judge it.
    NoModel,
}

impl<N> Standing<N> {
    /// The score, if there is one.
    #[must_use]
    pub fn measured(&self) -> Option<&DimensionScore<N>> {
        match self {
            Self::Measured(score) => Some(score),
            _ => None,
        }
    }

    /// The value in the dimension's own unit, if there is one.
    #[must_use]
    pub fn native(&self) -> Option<&N> {
        self.measured().map(DimensionScore::native)
    }

    /// The index, if there is one.
    #[must_use]
    pub fn index(&self) -> Option<Index> {
        self.measured().map(DimensionScore::index)
    }

    /// What a scorer's answer means where only evidence is a measurement: a prior is none.
    fn of(answer: Result<DimensionScore<N>, ScoreError>) -> Result<Self, ScoreError> {
        match Self::of_any(answer)? {
            Self::Measured(score) if score.index().estimate().is_prior_only() => {
                Ok(Self::NoEvidence)
            }
            standing => Ok(standing),
        }
    }

    /// What a scorer's answer means. A customer who has not bought has no evidence; other errors stay
    /// errors. Who bought once has shown no gap between purchases, so that the `n_eff` of the value
    /// is 0, and yet the silence since tells much.
    fn of_any(answer: Result<DimensionScore<N>, ScoreError>) -> Result<Self, ScoreError> {
        match answer {
            Ok(score) => Ok(Self::Measured(score)),
            Err(ScoreError::NoPurchase { .. }) => Ok(Self::NoEvidence),
            Err(ScoreError::Unreadable { reason, .. }) => Ok(Self::Unreadable(reason)),
            Err(error) => Err(error),
        }
    }
}

/// Whether there is a composite (综合价值), and why not.
///
/// A composite of little more than priors looks like a measurement and is none: below the policy's
/// least coverage (0.5, our choice, validated against nothing) there is none. Nor is there one of a
/// customer who did not permit it, or took the permission back.
///
/// # Examples
///
/// Promises and answers to a survey, with consent to their analysis: dimensions of .25 + .20 are
/// known.
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
/// use guanxi::relationship::{CompositeOutcome, CompositionPolicy, RelationshipScorer};
/// use guanxi::scorer::Scorer;
/// use guanxi::summary::{LiveBase, SummaryPolicy};
///
/// let now = DateTime::UNIX_EPOCH;
/// let mut base = LiveBase::new(SummaryPolicy::default());
/// let log: [(&str, Kind); 3] = [
///     ("e-1", Consent::Granted { purpose: Purpose::Analytics }.into()),
///     ("e-2", Promise::new(PromiseEvent::Kept).into()),
///     ("e-3", NpsSurvey::new(9)?.into()),
/// ];
/// for (id, kind) in log {
///     let who = CustomerId::new("c-17")?;
///     base.observe(Interaction::new(InteractionId::new(id)?, who, now, kind)?)?;
/// }
/// let frame = Arc::new(ReferenceFrame::stated(DimensionRules::default(), "shop", now, None)?);
/// let customer = base.summary("c-17", AsOf::at(now))?.ok_or("known")?;
/// let outcome = |policy| {
///     let scorer = RelationshipScorer::without_value(Arc::clone(&frame), policy)?;
///     Ok::<_, Box<dyn std::error::Error>>(*scorer.score(&customer)?.composite())
/// };
/// let strict = outcome(CompositionPolicy::default())?;
/// assert_eq!(strict, CompositeOutcome::TooLittle { coverage: 0.45, needed: 0.5 });
/// let lenient = outcome(CompositionPolicy::default().with_least_coverage(0.4)?)?;
/// // .40 and .15 of priors at .5; trust (1.5 + 1)/(1.5 + 2), for a consent is evidence of it too;
/// // feeling from the answer (0.6, weight 10) and from the kept promise (0.2, weight 1.4).
/// let felt = (0.1 / 0.16 + 10.0 * 0.6 + 1.4 * 0.2) / (1.0 / 0.16 + 10.0 + 1.4);
/// let expected = 0.55 * 0.5 + 0.25 * 2.5 / 3.5 + 0.2 * (felt + 1.0) / 2.0;
/// assert!(lenient.composite().is_some_and(|c| (c.value() - expected).abs() < 1e-12));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum CompositeOutcome {
    /// Enough is known.
    Composed(Composite),
    /// Too little is known: the dimensions known from at least one full observation have too little
    /// weight together.
    TooLittle {
        /// Their weight.
        coverage: f64,
        /// The least that the policy asks for.
        needed: f64,
    },
    /// The customer does not permit it. Who took a consent back is reported so whatever is known;
    /// who was never asked, only if enough is.
    NotModelled(Withheld),
}

impl CompositeOutcome {
    /// The composite, if there is one.
    #[must_use]
    pub fn composite(&self) -> Option<&Composite> {
        match self {
            Self::Composed(composite) => Some(composite),
            _ => None,
        }
    }
}

/// What one relationship is worth as of an instant (关系价值): each dimension in its own unit and as
/// an index, and the composite with its interval and coverage.
///
/// This is the index view. Money is in the economic dimension alone: trust and feeling have no
/// price here, for a renewal that they bring is in the lifetime value already.
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

/// A value that nobody gives: for relationships judged without a model of lifetime value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unvalued {}

impl Scorer for Unvalued {
    type Score = LifetimeValue;

    fn score(&self, _: &CustomerSummary) -> Result<LifetimeValue, ScoreError> {
        match *self {}
    }
}

/// Judges what a relationship is worth in all four dimensions, and composes them.
///
/// # Examples
///
/// A promise kept and one survey, without a model of lifetime value. What is known weighs less than
/// half, so there is no composite:
///
/// ```
/// use std::sync::Arc;
///
/// use chrono::{DateTime, Days};
/// use guanxi::dimension::{Dimension, DimensionRules, ReferenceFrame};
/// use guanxi::history::{
///     Consent, CustomerId, Interaction, InteractionId, Kind, NpsSurvey, Promise, PromiseEvent,
///     Purpose,
/// };
/// use guanxi::relationship::{CompositeOutcome, CompositionPolicy, RelationshipScorer};
/// use guanxi::scorer::Scorer;
/// use guanxi::summary::{CustomerBase, SummaryPolicy};
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let mut base = CustomerBase::new(SummaryPolicy::default());
/// let log: [(&str, u64, Kind); 3] = [
///     ("e-1", 0, Consent::Granted { purpose: Purpose::Analytics }.into()),
///     ("e-2", 1, Promise::new(PromiseEvent::Kept).into()),
///     ("e-3", 2, NpsSurvey::new(9)?.into()),
/// ];
/// for (id, n, kind) in log {
///     let who = CustomerId::new("c-17")?;
///     base.observe(&Interaction::new(InteractionId::new(id)?, who, day(n), kind)?)?;
/// }
/// let rules = DimensionRules::default();
/// let frame = Arc::new(ReferenceFrame::stated(rules, "shop", day(2), None)?);
/// let scorer = RelationshipScorer::without_value(frame, CompositionPolicy::default())?;
/// for customer in base.summaries(day(2)) {
///     let value = scorer.score(&customer?)?;
///     let missing: Vec<_> = value.missing().collect();
///     assert_eq!(missing, [Dimension::Economic, Dimension::Information]);
///     let trust = value.trust().native().ok_or("a promise was kept")?;
///     assert!(trust.mean() > 0.6);
///     assert!(matches!(value.composite(), CompositeOutcome::TooLittle { .. }));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RelationshipScorer<V> {
    economic: Option<EconomicDimension<V>>,
    trust: TrustDimension,
    emotional: EmotionalDimension,
    information: InformationDimension,
    policy: CompositionPolicy,
    policy_id: PolicyId,
    reference: Profile,
    frame: Arc<ReferenceFrame>,
}

impl RelationshipScorer<Unvalued> {
    /// A scorer without a model of lifetime value: the economic dimension is missing.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn without_value(
        frame: Arc<ReferenceFrame>,
        policy: CompositionPolicy,
    ) -> Result<Self, RelationshipError> {
        Self::of(None, frame, policy)
    }
}

impl<V: Scorer<Score = LifetimeValue>> RelationshipScorer<V> {
    /// A scorer with a model of lifetime value, which must make draws.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::Frame`] if the frame has no median value; or if the policy asks for
    /// percentiles and nobody in the frame was measured in one of the dimensions.
    pub fn new(
        value: V,
        frame: Arc<ReferenceFrame>,
        policy: CompositionPolicy,
    ) -> Result<Self, RelationshipError> {
        let economic = EconomicDimension::new(value, Arc::clone(&frame))?;
        Self::of(Some(economic), frame, policy)
    }

    fn of(
        economic: Option<EconomicDimension<V>>,
        frame: Arc<ReferenceFrame>,
        policy: CompositionPolicy,
    ) -> Result<Self, RelationshipError> {
        let reference = match policy.scale() {
            IndexScale::Native => ByDimension::from_fn(|d| frame.reference(d)),
            IndexScale::Percentile => {
                let asked = Dimension::ALL
                    .into_iter()
                    .skip(usize::from(economic.is_none()));
                for dimension in asked {
                    if frame.population(dimension).measured() == 0 {
                        return Err(FrameError::Nobody { dimension }.into());
                    }
                }
                ByDimension::from_fn(|_| Estimate::ANYTHING_FROM_0_TO_1)
            }
        };
        Ok(Self {
            economic,
            trust: TrustDimension::new(Arc::clone(&frame)),
            emotional: EmotionalDimension::new(Arc::clone(&frame)),
            information: InformationDimension::new(Arc::clone(&frame)),
            policy,
            policy_id: policy.id(),
            reference: Profile::new(reference)?,
            frame,
        })
    }

    /// The economic dimension, if there is a model of lifetime value.
    pub fn economic(&self) -> Option<&EconomicDimension<V>> {
        self.economic.as_ref()
    }

    /// The rules of composition.
    pub fn policy(&self) -> &CompositionPolicy {
        &self.policy
    }

    /// The frame that indices refer to.
    pub fn frame(&self) -> &Arc<ReferenceFrame> {
        &self.frame
    }

    /// The profile that stands in for what is missing, and that contributions are measured from.
    pub fn reference(&self) -> &Profile {
        &self.reference
    }

    /// How much each dimension moves the composite away from that of the frame's customers; of the
    /// indices in the profile, even where too little is known for a composite.
    ///
    /// `None` where the customer does not permit it: contributions are a composite in parts.
    pub fn contributions(&self, value: &RelationshipValue) -> Option<Contributions> {
        if value.not_modelled.is_some() {
            return None;
        }
        let (weights, aggregation) = (self.policy.weights(), self.policy.aggregation());
        let profile = value.profile();
        let parts = Contributions::of_composite(aggregation, weights, profile, &self.reference);
        Some(parts)
    }

    /// The index that goes into the composite.
    fn scaled(&self, dimension: Dimension, index: Option<Index>) -> Result<Estimate, ScoreError> {
        let Some(index) = index else {
            return Ok(self.reference.get(dimension));
        };
        match self.policy.scale() {
            IndexScale::Native => Ok(index.estimate()),
            IndexScale::Percentile => match self.frame.percentile(dimension, &index) {
                Ok(index) => Ok(index.estimate()),
                Err(FrameError::Quantity(error)) => Err(error.into()),
                // The index is of this frame, and the constructor saw a population.
                Err(_) => Ok(self.reference.get(dimension)),
            },
        }
    }
}

/// A normal interval of a composite, cut off where no composite lies.
fn interval(composite: &Composite, level: Probability) -> Result<Interval, QuantityError> {
    let estimate = Estimate::new(composite.value(), composite.sd(), 0.0)?;
    let whole = estimate.normal_interval(level)?;
    Interval::new(whole.lower().max(0.0), whole.upper().min(1.0), level)
}

impl<V: Scorer<Score = LifetimeValue>> Scorer for RelationshipScorer<V> {
    type Score = RelationshipValue;

    fn score(&self, customer: &CustomerSummary) -> Result<RelationshipValue, ScoreError> {
        let economic = match &self.economic {
            Some(economic) => Standing::of_any(economic.score(customer))?,
            None => Standing::NoModel,
        };
        let trust = Standing::of(self.trust.score(customer))?;
        let emotional = Standing::of(self.emotional.score(customer))?;
        let information = Standing::of(self.information.score(customer))?;
        let indices = ByDimension {
            economic: self.scaled(Dimension::Economic, economic.index())?,
            trust: self.scaled(Dimension::Trust, trust.index())?,
            emotional: self.scaled(Dimension::Emotional, emotional.index())?,
            information: self.scaled(Dimension::Information, information.index())?,
        };
        let profile = Profile::new(indices).map_err(|_| ScoreError::Undefined {
            answer: "composites",
            condition: "every sd of an index is at most 1e6",
            found: indices.iter().map(|(_, d)| d.sd()).fold(0.0, f64::max),
        })?;
        let weights = self.policy.weights();
        let coverage = weights.coverage(&profile);
        let needed = self.policy.least_coverage();
        let not_modelled = customer.modelled().err();
        let composite = match not_modelled {
            // Who was never asked, and of whom little is known, did not refuse anything.
            Some(Withheld {
                consent: ConsentState::NeverGiven,
                ..
            })
            | None
                if coverage < needed =>
            {
                CompositeOutcome::TooLittle { coverage, needed }
            }
            Some(withheld) => CompositeOutcome::NotModelled(withheld),
            None => {
                let (aggregation, errors) = (self.policy.aggregation(), self.policy.correlation());
                CompositeOutcome::Composed(aggregation.compose(weights, &profile, errors))
            }
        };
        let interval = match composite.composite() {
            Some(composite) => Some(interval(composite, self.policy.level())?),
            None => None,
        };
        Ok(RelationshipValue {
            customer: customer.customer().clone(),
            as_of: customer.as_of(),
            frame: self.frame.id(),
            policy: self.policy_id,
            economic,
            trust,
            emotional,
            information,
            profile,
            coverage,
            composite,
            interval,
            not_modelled,
            withheld: customer.withheld().to_vec(),
        })
    }
}
