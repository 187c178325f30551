//! Judges a relationship in four dimensions, and composes them.

use std::sync::Arc;

use crate::dimension::{
    ByDimension, Dimension, EconomicDimension, EmotionalDimension, FrameError, Index,
    InformationDimension, ReferenceFrame, TrustDimension,
};
use crate::history::ConsentState;
use crate::model::LifetimeValue;
use crate::quantity::{Estimate, Interval, PolicyId, Probability, QuantityError};
use crate::scorer::{ScoreError, Scorer};
use crate::summary::{CustomerSummary, Withheld};

use super::{
    Composite, CompositeOutcome, CompositionPolicy, Contributions, IndexScale, Profile,
    RelationshipError, RelationshipValue, Standing,
};

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
                CompositeOutcome::TooLittle {
                    coverage,
                    needed,
                    short: weights.shortfalls(&profile),
                }
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
