//! The report on one relationship: its rung, what keeps it from the next, what it may lose.

use std::fmt;

use chrono::{DateTime, Utc};

use super::{
    Appropriateness, Attribute, Attributes, FittingCeiling, GateCheck, InvestmentAdvice,
    InvestmentError, NetValues, Power, PowerBalance, Tier, TierAdvisor, TierPolicy, TierStanding,
};
use crate::history::CustomerId;
use crate::quantity::{PolicyId, Probability};
use crate::summary::{CustomerSummary, Withheld};

/// Whether a relationship was placed on the ladder.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
pub enum TierOutcome {
    /// It was.
    Modelled(Box<TierReport>),
    /// It was not: the customer does not consent to that.
    NotModelled {
        /// Who.
        customer: CustomerId,
        /// How the consent stands.
        withheld: Withheld,
    },
}

impl TierOutcome {
    /// The report; `None` if the customer was not modelled.
    #[must_use]
    pub fn report(&self) -> Option<&TierReport> {
        match self {
            Self::Modelled(report) => Some(report),
            Self::NotModelled { .. } => None,
        }
    }
}

impl fmt::Display for TierOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Modelled(report) => report.fmt(f),
            Self::NotModelled { customer, withheld } => {
                write!(f, "customer {customer} is not modelled: {withheld}")
            }
        }
    }
}

/// Where a relationship stands, what keeps it from the next rung, up to which rung a closer one fits,
/// and which rung pays (关系层级报告).
///
/// The rung is that of the last month end, as it was tracked, so it does not depend on when it is
/// asked for; how the gates stand is as of the summary. What was never observed is
/// [named](Self::unknown), and leaves the ceiling a range: from what is shown to fit to what is
/// [possible](FittingCeiling::possible).
///
/// Printed, it is a line for each thing that matters: what may be lost, a sentence for each gate that
/// blocks and what would open it, the ceiling and why, who holds the power, the net value of each
/// rung, the recommendation, and whether the present effort fits.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Utc};
/// use guanxi::history::{
///     Consent, Construct, CustomerId, Interaction, InteractionId, Kind, Purchase, Purpose, Scale,
///     SurveyItem,
/// };
/// use guanxi::quantity::{Currency, Money};
/// use guanxi::scorer::Scorer;
/// use guanxi::summary::{CustomerState, SummaryPolicy};
/// use guanxi::tier::{Attribute, FittingGate, Tier, TierAdvisor, TierPolicy, TierScorer};
///
/// let who = CustomerId::new("c-17")?;
/// let eur = |amount| Money::parse(amount, Currency::EUR);
/// let log = [
///     Kind::from(Consent::Granted { purpose: Purpose::Analytics }),
///     Purchase::new(eur("400")?)?.with_cost(eur("240")?)?.into(),
///     SurveyItem::new(Construct::Importance, 0.7, Scale::new(0.0, 1.0)?)?.into(),
/// ];
/// let at = "2026-01-05T09:00:00Z".parse::<DateTime<Utc>>()?;
/// let mut state = CustomerState::new(SummaryPolicy::default());
/// for (n, kind) in log.into_iter().enumerate() {
///     let id = InteractionId::new(n.to_string())?;
///     state.observe(&Interaction::new(id, who.clone(), at, kind)?)?;
/// }
///
/// let advisor = TierAdvisor::default().with_contribution(eur("2000")?)?;
/// let scorer = TierScorer::new(TierPolicy::default()).with_advisor(advisor);
/// let outcome = scorer.score(&state.summary(who, at)?)?;
/// let report = outcome.report().ok_or("the customer consents")?;
/// assert_eq!((report.rung(), report.blocking_gates().count()), (Tier::Transaction, 3));
/// // Both sides matter to each other: 160 of 2000 EUR a year, and an answer of 0.7.
/// let matters = report.fitting().check(FittingGate::MutualImportance);
/// let p = matters.and_then(|gate| gate.probability()).ok_or("both are known")?;
/// assert!((p.value() - 0.996_38).abs() < 1e-5);
/// // How well either could be replaced nobody said: so no more than a range is known.
/// assert_eq!(report.power(), None);
/// assert!(report.unknown().contains(&Attribute::AlternativesOfFirm));
/// assert_eq!(report.fitting_ceiling(), Tier::Preferred);
/// assert_eq!(report.fitting().possible(), Tier::Alliance);
/// // One purchase is little to go by: 160 ± 226 EUR a year.
/// let net = report.advice().net_value(Tier::Transaction).ok_or("observed")?.estimate();
/// assert!((net.sd() - 226.274_17).abs() < 1e-5);
/// assert_eq!((net.mean(), report.recommended()), (160.0, Some(Tier::Transaction)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        try_from = "super::stored::ReportRow",
        into = "super::stored::ReportRow"
    )
)]
pub struct TierReport {
    pub(super) customer: CustomerId,
    pub(super) as_of: Option<DateTime<Utc>>,
    pub(super) standing: Option<TierStanding>,
    pub(super) supported: Tier,
    pub(super) next: Vec<GateCheck>,
    pub(super) held: Vec<GateCheck>,
    pub(super) fitting: FittingCeiling,
    pub(super) advice: InvestmentAdvice,
    pub(super) attributes: Attributes,
    pub(super) demote_at: f64,
    pub(super) policy: PolicyId,
}

/// Whether a rung is barred because trust is broken.
fn barred(tier: Tier, attributes: &Attributes) -> bool {
    attributes.trust_broken() && tier >= Tier::Partnership
}

/// The gates into a rung, each as it stands.
fn checks(
    tier: Tier,
    attributes: &Attributes,
    policy: &TierPolicy,
) -> impl Iterator<Item = GateCheck> {
    policy
        .gates(tier)
        .filter_map(move |gate| gate.check(attributes, policy, 0.0))
}

fn least(checks: impl Iterator<Item = Option<Probability>>) -> Option<Probability> {
    let known = checks.flatten();
    known.min_by(|a, b| a.value().total_cmp(&b.value()))
}

/// The least probable gate of the rung above; nothing if one is unknown or barred.
pub(super) fn chance_up(
    tier: Tier,
    attributes: &Attributes,
    policy: &TierPolicy,
) -> Option<Probability> {
    let above = tier.above().filter(|&above| !barred(above, attributes))?;
    let open = || checks(above, attributes, policy).map(|check| check.probability());
    if open().any(|p| p.is_none()) {
        return None;
    }
    least(open())
}

/// The least probable known gate of a rung, less the band.
pub(super) fn chance_to_stay(
    tier: Tier,
    attributes: &Attributes,
    policy: &TierPolicy,
) -> Option<Probability> {
    least(own(tier, attributes, policy).map(|check| check.probability()))
}

/// The gates of a rung that it can lose, less the band. Tenure never falls: where a record began
/// later than the relationship it is too short, and no reason to move down.
fn own(
    tier: Tier,
    attributes: &Attributes,
    policy: &TierPolicy,
) -> impl Iterator<Item = GateCheck> {
    policy
        .gates(tier)
        .filter(|gate| gate.attribute() != Attribute::Tenure)
        .filter_map(move |gate| gate.check_to_hold(attributes, policy))
}

/// The highest rung all of whose gates, and those below, are passed.
fn supported(attributes: &Attributes, policy: &TierPolicy) -> Tier {
    let mut tier = Tier::NoTransaction;
    while let Some(above) = tier.above() {
        let open = checks(above, attributes, policy).all(|check| check.passes());
        if !open || barred(above, attributes) {
            break;
        }
        tier = above;
    }
    tier
}

impl TierReport {
    pub(super) fn of(
        customer: &CustomerSummary,
        attributes: Attributes,
        standing: Option<TierStanding>,
        policy: &TierPolicy,
        advisor: &TierAdvisor,
    ) -> Result<Self, InvestmentError> {
        let supported = supported(&attributes, policy);
        let tier = standing.map_or(supported, |standing| standing.tier());
        let next = tier.above().map_or_else(Vec::new, |above| {
            checks(above, &attributes, policy).collect()
        });
        let fitting = advisor.ceiling(&attributes)?;
        let advice = advisor.advise(customer.customer(), tier, &attributes, &fitting)?;
        Ok(Self {
            customer: customer.customer().clone(),
            as_of: customer.as_of(),
            standing,
            supported,
            next,
            held: own(tier, &attributes, policy).collect(),
            fitting,
            advice,
            attributes,
            demote_at: policy.demote_at(),
            policy: policy.id(),
        })
    }

    /// Whose relationship it is.
    #[must_use]
    pub fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// The instant as of which the gates stand as they do; `None` for a summary made by hand.
    #[must_use]
    pub fn as_of(&self) -> Option<DateTime<Utc>> {
        self.as_of
    }

    /// The rung, as of the last month end; `None` if the customer was not tracked.
    #[must_use]
    pub fn current(&self) -> Option<Tier> {
        self.standing.map(|standing| standing.tier())
    }

    /// The month end since which the customer stands there; `None` if it never moved, or was not
    /// tracked.
    #[must_use]
    pub fn since(&self) -> Option<DateTime<Utc>> {
        self.standing.and_then(|standing| standing.since())
    }

    /// Where the customer stands, as it was tracked.
    #[must_use]
    pub fn standing(&self) -> Option<&TierStanding> {
        self.standing.as_ref()
    }

    /// The highest rung that the evidence alone supports: all of its gates, and those below, are
    /// passed as of the summary. A rung is reached more slowly, and lost more slowly.
    #[must_use]
    pub fn supported(&self) -> Tier {
        self.supported
    }

    /// How the gates of the next rung stand: the one above the current rung, or above the supported
    /// one if the customer was not tracked.
    #[must_use]
    pub fn next_gates(&self) -> &[GateCheck] {
        &self.next
    }

    /// The gates that keep the relationship from the next rung (阻碍); unknown ones among them.
    pub fn blocking_gates(&self) -> impl Iterator<Item = &GateCheck> {
        self.next.iter().filter(|check| !check.passes())
    }

    /// How the gates of the current rung stand that it can lose, with their thresholds less the band.
    /// Tenure is not among them, for it never falls.
    #[must_use]
    pub fn own_gates(&self) -> &[GateCheck] {
        &self.held
    }

    /// The gates of the current rung that are improbable enough to lead down, if they stay so; none
    /// where no rung is below.
    pub fn failing_gates(&self) -> impl Iterator<Item = &GateCheck> {
        let can_fall = self.rung().below().is_some();
        let held = self.held.iter();
        held.filter(move |check| can_fall && !check.passes())
    }

    /// The rung that the report is about: the current one, or the supported one if the customer was
    /// not tracked.
    #[must_use]
    pub fn rung(&self) -> Tier {
        self.current().unwrap_or(self.supported)
    }

    /// Whether collapsed trust bars the next rung, whatever its gates say.
    #[must_use]
    pub fn is_barred(&self) -> bool {
        let above = self.rung().above();
        above.is_some_and(|above| barred(above, &self.attributes))
    }

    /// The highest rung that is shown to fit (适宜层级上限).
    #[must_use]
    pub fn fitting_ceiling(&self) -> Tier {
        self.fitting.ceiling()
    }

    /// Up to which rung a closer relationship fits, with every gate, and how far it may fit by what is
    /// not known.
    #[must_use]
    pub fn fitting(&self) -> &FittingCeiling {
        &self.fitting
    }

    /// Who holds the power (力量对比); none unless importance and alternatives of both sides are known.
    #[must_use]
    pub fn power(&self) -> Option<PowerBalance> {
        self.fitting.power().map(Power::balance)
    }

    /// The rung that leaves most of those that fit and whose net value is known (建议层级); none where
    /// too few are. Where only one is known it is that one, held against nothing. A relationship goes
    /// there one [rung](InvestmentAdvice::next) at a time.
    #[must_use]
    pub fn recommended(&self) -> Option<Tier> {
        self.advice.target()
    }

    /// Whether what goes in at this rung is fitting (适度与否); none where its net value is not known.
    #[must_use]
    pub fn appropriateness(&self) -> Option<Appropriateness> {
        self.advice.appropriateness()
    }

    /// The net value a year at each rung; none where nothing is known of any.
    #[must_use]
    pub fn net_values(&self) -> Option<&NetValues> {
        self.advice.net_values()
    }

    /// The advice on the rung, with its probabilities.
    #[must_use]
    pub fn advice(&self) -> &InvestmentAdvice {
        &self.advice
    }

    /// What was never observed and would tell more, of the next rung or of the one that fits (未知).
    #[must_use]
    pub fn unknown(&self) -> Vec<Attribute> {
        let gates = self.next.iter().filter(|check| check.value().is_none());
        let of_gates: Vec<Attribute> = gates.map(GateCheck::attribute).collect();
        let of_fitting = self.fitting.unknown();
        let mut all = Attribute::ALL.to_vec();
        all.retain(|unknown| of_gates.contains(unknown) || of_fitting.contains(unknown));
        all
    }

    /// Whether trust has collapsed, which bars partnership and alliance.
    #[must_use]
    pub fn trust_broken(&self) -> bool {
        self.attributes.trust_broken()
    }

    /// Everything the gates were judged by.
    #[must_use]
    pub fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// The name of the rules it was judged by.
    #[must_use]
    pub fn policy(&self) -> PolicyId {
        self.policy
    }
}
