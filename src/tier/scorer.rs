//! The tier as a [`Scorer`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Attributes, TierAdvisor, TierOutcome, TierPolicy, TierReport, TierStanding};
use crate::history::CustomerId;
use crate::scorer::{ScoreError, Scorer};
use crate::summary::CustomerSummary;

/// Reports on the tier of a relationship (层级评分).
///
/// A rung depends on the way that led to it, which no summary shows. So the scorer holds the
/// [standings](TierStanding) that [trackers](super::TierTracker) found, and looks up the customer's;
/// it stays pure, and one scorer serves a whole base. Without a standing it still says which rung
/// the evidence [supports](TierReport::supported), and what is missing for the next one. A standing
/// holds from its month end until before the next: an older or newer summary is refused rather than
/// judged by the rung of another month.
///
/// # Examples
///
/// ```
/// use guanxi::history::CustomerId;
/// use guanxi::quantity::TimeUnit;
/// use guanxi::scorer::Scorer;
/// use guanxi::summary::{CustomerSummary, RfmSummary};
/// use guanxi::tier::{Tier, TierPolicy, TierScorer};
///
/// let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.0, 39.0)?;
/// let customer = CustomerSummary::from_rfm(CustomerId::new("c-17")?, rfm);
/// let outcome = TierScorer::new(TierPolicy::default()).score(&customer)?;
/// let report = outcome.report().ok_or("a summary made by hand carries no consent")?;
/// assert_eq!(report.supported(), Tier::Transaction);
/// assert_eq!(report.blocking_gates().count(), 3);
/// assert!(report.to_string().contains(
///     "preferred is blocked: no evidence of contact level, 0.50 is needed: contacts with the ranks \
///      of both sides would tell"
/// ));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TierScorer {
    policy: Arc<TierPolicy>,
    advisor: Arc<TierAdvisor>,
    standings: BTreeMap<CustomerId, TierStanding>,
}

impl TierScorer {
    /// A scorer by some rules, which many trackers can share.
    #[must_use]
    pub fn new(policy: impl Into<Arc<TierPolicy>>) -> Self {
        Self {
            policy: policy.into(),
            advisor: Arc::default(),
            standings: BTreeMap::new(),
        }
    }

    /// The same scorer with where customers stand; a later standing of a customer takes the place
    /// of an earlier one.
    #[must_use]
    pub fn with_standings(
        mut self,
        standings: impl IntoIterator<Item = (CustomerId, TierStanding)>,
    ) -> Self {
        self.standings.extend(standings);
        self
    }

    /// The same scorer with what a rung is advised by; by default, what was observed and nothing
    /// else.
    #[must_use]
    pub fn with_advisor(mut self, advisor: impl Into<Arc<TierAdvisor>>) -> Self {
        self.advisor = advisor.into();
        self
    }

    /// What a rung is advised by.
    #[must_use]
    pub fn advisor(&self) -> &TierAdvisor {
        &self.advisor
    }

    /// The rules.
    #[must_use]
    pub fn policy(&self) -> &TierPolicy {
        &self.policy
    }

    /// Where a customer stands, if it was tracked.
    #[must_use]
    pub fn standing(&self, customer: &CustomerId) -> Option<&TierStanding> {
        self.standings.get(customer)
    }
}

/// The report on a customer who stands somewhere.
pub(super) fn judge(
    customer: &CustomerSummary,
    standing: Option<TierStanding>,
    policy: &TierPolicy,
    advisor: &TierAdvisor,
) -> Result<TierOutcome, ScoreError> {
    if let Err(withheld) = customer.modelled() {
        return Ok(TierOutcome::NotModelled {
            customer: customer.customer().clone(),
            withheld,
        });
    }
    if let (Some(standing), Some(found)) = (standing, customer.as_of()) {
        if let (Some(from), Some(until)) = (standing.as_of(), standing.until()) {
            if found < from || found >= until {
                return Err(ScoreError::Standing {
                    customer: customer.customer().clone(),
                    from,
                    until,
                    found,
                });
            }
        }
    }
    let attributes = Attributes::of(customer, policy)?;
    let report = TierReport::of(customer, attributes, standing, policy, advisor)
        .map_err(|error| error.of(customer.customer()))?;
    Ok(TierOutcome::Modelled(Box::new(report)))
}

impl Scorer for TierScorer {
    type Score = TierOutcome;

    /// Reports on one relationship.
    ///
    /// # Errors
    ///
    /// - [`ScoreError::Standing`] if the customer's standing is of another month than the summary.
    /// - [`ScoreError::Quantity`] if the advisor's amounts are in another currency than the customer's.
    /// - [`ScoreError::Attribute`] if the customer alone contributes more than all together are stated
    ///   to.
    /// - As [`Attributes::of`].
    fn score(&self, customer: &CustomerSummary) -> Result<TierOutcome, ScoreError> {
        let standing = self.standings.get(customer.customer()).copied();
        judge(customer, standing, &self.policy, &self.advisor)
    }
}
