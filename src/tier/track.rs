//! A customer followed along the ladder, one month end after another.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::calendar::{month_end, next_end};
use super::report::{chance_to_stay, chance_up};
use super::scorer::judge;
use super::{
    Attributes, Climb, LadderStep, MoveCause, Tier, TierAdvisor, TierError, TierMove, TierOutcome,
    TierPolicy, TierStanding,
};
use crate::history::{CustomerId, Interaction, InteractionId, TimelineView};
use crate::summary::{
    CustomerState, CustomerSummary, EvidencePolicy, PartnershipEvent, PartnershipEvidence,
    SummaryPolicy,
};

/// Follows one customer along the ladder (层级追踪): takes in events in their order, and judges the
/// relationship at every month end on the way.
///
/// Months end on a fixed grid, at the [offset from UTC](SummaryPolicy::utc_offset_seconds) of the
/// rules on summaries; so the rung does not depend on when it is asked for. The first month end is
/// that of the month of the first event.
///
/// Events must come in the order of their instants, and of their ids where those are equal, and
/// after every month that was judged: what was judged stays judged. A late event or a correction is
/// refused with an error; the [`Timeline`](crate::history::Timeline) that holds it can be
/// [replayed](Self::replay), which leads to the same standing, to the last bit, as a stream of the
/// same events. An event that is refused for what it says leaves the evidence as it was, but the
/// months before it are judged.
///
/// A customer who does not [consent](CustomerSummary::modelled) to be modelled at a month end is not
/// judged at it and stands where it stood; what is critical counts at the next judgement.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Utc};
/// use guanxi::history::{Consent, CustomerId, Interaction, InteractionId, Kind, Purchase, Purpose};
/// use guanxi::quantity::{Currency, Money};
/// use guanxi::summary::SummaryPolicy;
/// use guanxi::tier::{Tier, TierPolicy, TierTracker};
///
/// let who = CustomerId::new("c-17")?;
/// let at = |text: &str| text.parse::<DateTime<Utc>>();
/// let agreed = Kind::from(Consent::Granted { purpose: Purpose::Analytics });
/// let bought = Kind::from(Purchase::new(Money::parse("410", Currency::EUR)?)?);
/// let mut ladder = TierTracker::new(who.clone(), TierPolicy::default(), SummaryPolicy::default());
/// for (id, when, kind) in [("1", "2026-01-05T09:00:00Z", agreed), ("2", "2026-01-05T10:00:00Z", bought)] {
///     ladder.observe(&Interaction::new(InteractionId::new(id)?, who.clone(), at(when)?, kind)?)?;
/// }
/// ladder.advance_to(at("2026-02-28T12:00:00Z")?)?; // one month end
/// assert_eq!(ladder.standing().tier(), Tier::NoTransaction);
/// ladder.advance_to(at("2026-03-01T00:00:00Z")?)?; // two in a row
/// assert_eq!(ladder.standing().tier(), Tier::Transaction);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        try_from = "super::stored::TrackerRow",
        into = "super::stored::TrackerRow"
    )
)]
pub struct TierTracker {
    pub(super) customer: CustomerId,
    pub(super) policy: Arc<TierPolicy>,
    pub(super) state: CustomerState,
    pub(super) last: Option<(DateTime<Utc>, InteractionId)>,
    pub(super) start: Tier,
    pub(super) standing: TierStanding,
    pub(super) moves: Vec<TierMove>,
}

impl TierTracker {
    /// A customer of whom nothing is known, without a transaction, under the default rules on
    /// evidence.
    #[must_use]
    pub fn new(
        customer: CustomerId,
        policy: impl Into<Arc<TierPolicy>>,
        summaries: SummaryPolicy,
    ) -> Self {
        Self::with_rules(customer, policy, summaries, Arc::default())
    }

    /// The same, with rules by which interactions become evidence.
    #[must_use]
    pub fn with_rules(
        customer: CustomerId,
        policy: impl Into<Arc<TierPolicy>>,
        summaries: SummaryPolicy,
        rules: Arc<EvidencePolicy>,
    ) -> Self {
        let start = Tier::NoTransaction;
        Self {
            customer,
            policy: policy.into(),
            state: CustomerState::with_rules(summaries, rules),
            last: None,
            start,
            standing: TierStanding::starting(start, summaries.utc_offset_seconds()),
            moves: Vec::new(),
        }
    }

    /// The same customer, who stood on a rung when the record began.
    ///
    /// # Errors
    ///
    /// [`TierError::Begun`] if an event was taken in.
    pub fn starting_at(mut self, tier: Tier) -> Result<Self, TierError> {
        if let Some((last, _)) = self.last {
            return Err(TierError::Begun { tier, last });
        }
        self.start = tier;
        self.standing = TierStanding::starting(tier, self.standing.utc_offset_seconds);
        Ok(self)
    }

    /// This tracker with every interaction of a view, judged at every month end up to its instant.
    ///
    /// # Errors
    ///
    /// As [`observe`](Self::observe); of corrections, the view holds what stands.
    pub fn replay(mut self, view: &TimelineView<'_>) -> Result<Self, TierError> {
        for interaction in view.iter() {
            self.take(interaction)?;
        }
        self.advance_to(view.as_of().instant())?;
        Ok(self)
    }

    /// Takes in one interaction, after the months before it were judged.
    ///
    /// # Errors
    ///
    /// - [`TierError::Late`] if it does not come after the last one, or lies in a month that was
    ///   judged; [`TierError::Correction`] if it corrects another. Replay the timeline.
    /// - [`TierError::OtherCustomer`] if it is of another customer.
    /// - [`TierError::Summary`] as [`CustomerState::observe`].
    /// - As [`advance_to`](Self::advance_to).
    pub fn observe(&mut self, interaction: &Interaction) -> Result<(), TierError> {
        if let Some(corrects) = interaction.corrects() {
            return Err(TierError::Correction {
                id: interaction.id().clone(),
                corrects: corrects.clone(),
            });
        }
        self.take(interaction)
    }

    fn take(&mut self, interaction: &Interaction) -> Result<(), TierError> {
        let (at, id) = (interaction.occurred_at(), interaction.id());
        if interaction.customer() != &self.customer {
            return Err(TierError::OtherCustomer {
                id: id.clone(),
                expected: self.customer.clone(),
                found: interaction.customer().clone(),
            });
        }
        let late = |after| TierError::Late {
            id: id.clone(),
            at,
            after,
        };
        if let Some((last, last_id)) = &self.last {
            if (at, id) <= (*last, last_id) {
                return Err(late(*last));
            }
        }
        if let Some(judged) = self.standing.as_of.filter(|&judged| at <= judged) {
            return Err(late(judged));
        }
        while let Some(end) = self.next_end()?.filter(|&end| end < at) {
            self.pass(end)?;
        }
        self.state.observe(interaction)?;
        self.last = Some((at, id.clone()));
        Ok(())
    }

    /// Judges the customer at every month end up to an instant that has not been judged.
    ///
    /// # Errors
    ///
    /// - [`TierError::Backwards`] if a later month end was judged already.
    /// - [`TierError::Summary`] or [`TierError::Score`] if the evidence cannot be read, as
    ///   [`Attributes::of`]; [`TierError::Calendar`] if a month ends outside the calendar.
    pub fn advance_to(&mut self, as_of: DateTime<Utc>) -> Result<&TierStanding, TierError> {
        if let Some(judged) = self.standing.as_of.filter(|&judged| as_of < judged) {
            return Err(TierError::Backwards {
                judged,
                found: as_of,
            });
        }
        while let Some(end) = self.next_end()?.filter(|&end| end <= as_of) {
            self.pass(end)?;
        }
        Ok(&self.standing)
    }

    /// The next month end; none before the first event.
    fn next_end(&self) -> Result<Option<DateTime<Utc>>, TierError> {
        let offset = self.standing.utc_offset_seconds;
        match (self.standing.as_of, &self.last) {
            (Some(end), _) => next_end(end, offset).map(Some),
            (None, Some((first_month, _))) => month_end(*first_month, offset).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// Judges the customer at a month end.
    fn pass(&mut self, end: DateTime<Utc>) -> Result<(), TierError> {
        let summary = self.state.summary(self.customer.clone(), end)?;
        if summary.modelled().is_err() {
            self.standing.as_of = Some(end);
            return Ok(());
        }
        let attributes = Attributes::of(&summary, &self.policy)?;
        let tier = self.standing.tier();
        let step = self.standing.ladder.step(
            Climb {
                critical: self.critical(&summary, &attributes),
                up: chance_up(tier, &attributes, &self.policy),
                down: chance_to_stay(tier, &attributes, &self.policy),
            },
            &self.policy,
        );
        if let LadderStep::Moved { from, to, cause } = step {
            self.standing.since = Some(end);
            self.moves.push(TierMove {
                at: end,
                from,
                to,
                cause,
            });
        }
        self.standing.as_of = Some(end);
        self.standing.judged = Some(end);
        self.standing.months = self.standing.months.saturating_add(1);
        self.standing.trust_broken = attributes.trust_broken();
        Ok(())
    }

    /// What happened since the last judgement that leads down at once.
    fn critical(&self, summary: &CustomerSummary, attributes: &Attributes) -> Option<MoveCause> {
        let since = self.standing.judged;
        let steps = match summary.partnership() {
            Ok(Some(close)) => since_then(close, since),
            _ => None,
        };
        let broken = attributes.trust_broken() && !self.standing.trust_broken;
        steps.or(broken.then_some(MoveCause::TrustBroken))
    }

    /// The report as of an instant that is not before the last event: the rung of the last month
    /// end, the gates as they stand, and what the advisor makes of it.
    ///
    /// # Errors
    ///
    /// As [`advance_to`](Self::advance_to), and [`TierScorer`](super::TierScorer).
    pub fn report(
        &mut self,
        as_of: DateTime<Utc>,
        advisor: &TierAdvisor,
    ) -> Result<TierOutcome, TierError> {
        self.advance_to(as_of)?;
        let summary = self.state.summary(self.customer.clone(), as_of)?;
        Ok(judge(&summary, Some(self.standing), &self.policy, advisor)?)
    }

    /// Who it is.
    #[must_use]
    pub fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// The rules of the ladder.
    #[must_use]
    pub fn policy(&self) -> &TierPolicy {
        &self.policy
    }

    /// The evidence so far.
    #[must_use]
    pub fn state(&self) -> &CustomerState {
        &self.state
    }

    /// Where the customer stands as of the last month end.
    #[must_use]
    pub fn standing(&self) -> &TierStanding {
        &self.standing
    }

    /// Every move from one rung to another, the earliest first.
    #[must_use]
    pub fn moves(&self) -> &[TierMove] {
        &self.moves
    }

    /// The rung as of an instant: that after the last month end at or before it.
    #[must_use]
    pub fn tier_at(&self, instant: DateTime<Utc>) -> Tier {
        let known = self.moves.iter().rev().find(|made| made.at <= instant);
        known.map_or(self.start, |made| made.to)
    }
}

/// The first critical step after an instant.
fn since_then(close: &PartnershipEvidence, since: Option<DateTime<Utc>>) -> Option<MoveCause> {
    let mut tied = false;
    let mut found = None;
    for step in close.steps() {
        let cause = match step.event() {
            PartnershipEvent::ContractCancelled => Some(MoveCause::ContractCancelled),
            PartnershipEvent::EquityTie { fraction } => {
                let (was, is) = (tied, fraction.value() > 0.0);
                tied = is;
                (was && !is).then_some(MoveCause::TieDissolved)
            }
            _ => None,
        };
        if since.is_none_or(|since| step.at() > since) {
            found = found.or(cause);
        }
    }
    found
}
