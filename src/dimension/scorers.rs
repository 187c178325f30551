//! The scorers of trust, feeling and knowledge: evidence in, native value and index out.

use std::sync::Arc;

use crate::quantity::{Estimate, QuantityError};
use crate::scorer::{ScoreError, Scorer};
use crate::summary::{AdvocacyEvidence, CustomerSummary, TrustDirection, Unreadable};

use super::{
    DimensionError, DimensionRules, DimensionScore, Feeling, Index, Knowledge, ReferenceFrame,
    TrustBelief,
};

/// What is believed of the customer's trust in the firm; the prior without evidence.
pub(super) fn belief(
    customer: &CustomerSummary,
    rules: &DimensionRules,
) -> Result<TrustBelief, ScoreError> {
    let (direction, policy) = (TrustDirection::CustomerInFirm, rules.trust());
    Ok(match read(customer, customer.trust())? {
        Some(evidence) => TrustBelief::of(evidence, direction, policy),
        None => TrustBelief::prior(direction, policy),
    })
}

/// What is believed of the customer's feeling; the prior without evidence.
pub(super) fn feeling(
    customer: &CustomerSummary,
    rules: &DimensionRules,
) -> Result<Feeling, ScoreError> {
    let policy = rules.emotional();
    match read(customer, customer.affect())? {
        Some(evidence) => Feeling::of(evidence, policy),
        None => Feeling::prior(policy),
    }
    .map_err(|error| inconsistent(customer, error))
}

/// The same with advocacy: what the customer did and said, held against purchases. Where one of the
/// two may not be read, or there is neither, nothing is said of it.
fn feeling_and_advocacy(
    customer: &CustomerSummary,
    rules: &DimensionRules,
) -> Result<Feeling, ScoreError> {
    let feeling = feeling(customer, rules)?;
    let (Ok(()), Ok(shown)) = (customer.economic(), customer.advocacy()) else {
        return Ok(feeling);
    };
    let recorded = customer.money().orders();
    // Without a money account only transactions are known: the first and its repeats.
    let purchases = match customer.rfm() {
        Some(rfm) if recorded == 0 => u64::from(rfm.frequency()) + 1,
        _ => recorded,
    };
    Ok(match shown {
        Some(shown) => feeling.with_advocacy(shown, purchases),
        None if purchases > 0 => feeling.with_advocacy(&AdvocacyEvidence::EMPTY, purchases),
        None => feeling,
    })
}

/// What is known of the customer.
pub(super) fn knowledge(
    customer: &CustomerSummary,
    rules: &DimensionRules,
) -> Result<Knowledge, ScoreError> {
    Knowledge::of(
        read(customer, customer.profile())?,
        read(customer, customer.preferences())?,
        read(customer, customer.feedback())?,
        customer.as_of().unwrap_or_default(), // without an instant there is no evidence
        rules.categories(),
        rules.information(),
    )
    .map_err(|error| inconsistent(customer, error))
}

/// Evidence that fades at another pace is on another scale.
fn same_rules(customer: &CustomerSummary, frame: &ReferenceFrame) -> Result<(), ScoreError> {
    match (frame.evidence_rules(), customer.evidence_rules()) {
        (Some(expected), Some(found)) if expected != found => {
            Err(ScoreError::Rules { expected, found })
        }
        _ => Ok(()),
    }
}

fn read<T>(customer: &CustomerSummary, state: Result<T, Unreadable>) -> Result<T, ScoreError> {
    state.map_err(|reason| ScoreError::Unreadable {
        customer: customer.customer().clone(),
        reason,
    })
}

/// The states of a summary are all as of its instant and policies are valid: only a summary that was
/// stored and changed by hand leads here.
fn inconsistent(customer: &CustomerSummary, error: DimensionError) -> ScoreError {
    match error {
        DimensionError::Quantity(error) => error.into(),
        _ => ScoreError::Inconsistent {
            customer: customer.customer().clone(),
        },
    }
}

/// Defines a scorer that needs nothing but evidence and the rules of a frame.
macro_rules! evidence_scorer {
    ($( $(#[$doc:meta])* $name:ident($native:ty) = $judge:ident, $index:expr; )*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq)]
            pub struct $name {
                frame: Arc<ReferenceFrame>,
            }

            impl $name {
                /// By the rules of a frame, and relative to it.
                #[must_use]
                pub fn new(frame: Arc<ReferenceFrame>) -> Self {
                    Self { frame }
                }

                /// The frame.
                #[must_use]
                pub fn frame(&self) -> &Arc<ReferenceFrame> {
                    &self.frame
                }
            }

            impl Scorer for $name {
                type Score = DimensionScore<$native>;

                fn score(&self, customer: &CustomerSummary) -> Result<Self::Score, ScoreError> {
                    same_rules(customer, &self.frame)?;
                    let native = $judge(customer, self.frame.rules())?;
                    let index: fn(&$native) -> Result<Estimate, QuantityError> = $index;
                    let index = Index::new(index(&native)?, self.frame.id())?;
                    Ok(DimensionScore::new(native, index))
                }
            }
        )*
    };
}

evidence_scorer! {
    /// The trust dimension (信任维度): how far the customer trusts the firm.
    ///
    /// The index is the mean of the [`TrustBelief`]. Without evidence it is the prior, with an
    /// `n_eff` of 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use chrono::{DateTime, Days};
    /// use guanxi::dimension::{DimensionRules, ReferenceFrame, TrustDimension};
    /// use guanxi::history::{CustomerId, Interaction, InteractionId, Promise, PromiseEvent};
    /// use guanxi::scorer::Scorer;
    /// use guanxi::summary::{CustomerBase, SummaryPolicy};
    ///
    /// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
    /// let mut base = CustomerBase::new(SummaryPolicy::default());
    /// for (id, n, what) in [("p-1", 0, PromiseEvent::Kept), ("p-2", 180, PromiseEvent::Broken)] {
    ///     let who = CustomerId::new("c-17")?;
    ///     base.observe(&Interaction::new(InteractionId::new(id)?, who, day(n), Promise::new(what))?)?;
    /// }
    /// let rules = DimensionRules::default();
    /// let frame = Arc::new(ReferenceFrame::stated(rules, "shop", day(180), None)?);
    /// for customer in base.summaries(day(180)) {
    ///     let trust = TrustDimension::new(Arc::clone(&frame)).score(&customer?)?;
    ///     // α = 0.5 + 1, β = 2 + 1: a broken promise counts twice, and the kept one is old.
    ///     assert!((trust.index().mean() - 1.5 / 4.5).abs() < 1e-12);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    TrustDimension(TrustBelief) = belief, TrustBelief::estimate;

    /// The emotional dimension (情感维度): how the customer feels toward the firm.
    ///
    /// The index is `(m + 1)/2` for a [`Feeling`] `m` from −1 to 1. Without evidence it is the
    /// prior, with an `n_eff` of 0. Advocacy and loyalty are read off the same answer:
    /// [`Feeling::advocacy`] and [`Feeling::loyalty`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use chrono::DateTime;
    /// use guanxi::dimension::{DimensionRules, EmotionalDimension, ReferenceFrame};
    /// use guanxi::history::{
    ///     Consent, CustomerId, Interaction, InteractionId, Kind, NpsSurvey, Purpose,
    /// };
    /// use guanxi::scorer::Scorer;
    /// use guanxi::summary::{CustomerBase, SummaryPolicy};
    ///
    /// let now = DateTime::UNIX_EPOCH;
    /// let event = |id, kind| {
    ///     Interaction::new(InteractionId::new(id)?, CustomerId::new("c-17")?, now, kind)
    /// };
    /// let mut base = CustomerBase::new(SummaryPolicy::default());
    /// let allowed = Consent::Granted { purpose: Purpose::Analytics };
    /// base.observe(&event("e-1", Kind::from(allowed))?)?;
    /// base.observe(&event("e-2", NpsSurvey::new(9)?.into())?)?;
    /// let frame = ReferenceFrame::stated(DimensionRules::default(), "shop", now, None)?;
    /// let emotional = EmotionalDimension::new(Arc::new(frame));
    /// for customer in base.summaries(now) {
    ///     let score = emotional.score(&customer?)?;
    ///     let index = score.index();
    ///     // m = (0.1/0.16 + 10·0.6)/(1/0.16 + 10)
    ///     assert!((index.mean() - (6.625 / 16.25 + 1.0) / 2.0).abs() < 1e-12);
    ///     let advocacy = score.native().advocacy().ok_or("an answer was given")?;
    ///     assert_eq!(advocacy.is_promoter(), Some(true));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    EmotionalDimension(Feeling) = feeling_and_advocacy, |feeling| Ok(feeling.index());

    /// The information dimension (信息维度): what the firm has learned from the customer and about
    /// them.
    ///
    /// Where nothing is known the index is 0 with an `n_eff` of 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use chrono::DateTime;
    /// use guanxi::dimension::{DimensionRules, InformationDimension, ReferenceFrame};
    /// use guanxi::history::{
    ///     Consent, CustomerId, Feedback, Interaction, InteractionId, Kind, Purpose,
    /// };
    /// use guanxi::quantity::Fraction;
    /// use guanxi::scorer::Scorer;
    /// use guanxi::summary::{CustomerBase, SummaryPolicy};
    ///
    /// let now = DateTime::UNIX_EPOCH;
    /// let event = |id, kind| {
    ///     Interaction::new(InteractionId::new(id)?, CustomerId::new("c-17")?, now, kind)
    /// };
    /// let mut base = CustomerBase::new(SummaryPolicy::default());
    /// let allowed = Consent::Granted { purpose: Purpose::Analytics };
    /// base.observe(&event("e-1", Kind::from(allowed))?)?;
    /// let idea = Feedback::new().with_quality(Fraction::new(1.0)?);
    /// base.observe(&event("e-2", Kind::from(idea))?)?;
    /// let frame = ReferenceFrame::stated(DimensionRules::default(), "shop", now, None)?;
    /// let information = InformationDimension::new(Arc::new(frame));
    /// for customer in base.summaries(now) {
    ///     let index = information.score(&customer?)?.index();
    ///     assert!((index.mean() - 0.2 * 1.0 / (1.0 + 3.0)).abs() < 1e-12); // feedback alone
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    InformationDimension(Knowledge) = knowledge, |knowledge| Ok(knowledge.index());
}
