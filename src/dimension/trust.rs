//! Trust: how far one side may rely on the other.
//!
//! Jøsang & Ismail (2002), "The Beta Reputation System", *15th Bled Electronic Commerce
//! Conference*; Mayer, Davis & Schoorman (1995), "An Integrative Model of Organizational Trust",
//! *Academy of Management Review* 20(3), 709–734, <https://doi.org/10.5465/amr.1995.9508080335>.

use super::error::checked;
use super::{DimensionError, Opinion, TrustPolicy};
use crate::history::TrustFacet;
use crate::numeric::beta::Beta;
use crate::quantity::{Estimate, Fraction, Interval, Money, Probability, QuantityError};
use crate::summary::{TrustDirection, TrustEvidence, TrustItem, TrustSource};

/// Trust above which a relationship is more reliable than a toss of a coin.
const EVEN: f64 = 0.5;

/// How far one side may rely on the other (信任), as a belief with its uncertainty.
///
/// ```text
/// r = Σ weight·kept    s = κ·Σ weight·broken
/// trust ~ Beta(r + W·a, s + W·(1 − a))    mean = (r + W·a)/(r + s + W)
/// ```
///
/// Evidence fades, so without news the belief returns to the base rate `a` and grows uncertain:
/// silence is neither trust nor distrust.
///
/// Pooled, it is the headline. Each side of trust has a belief of its own from the evidence that
/// falls on it and the same prior; those rest on less, and are for diagnosis.
///
/// That evidence is pooled in a beta distribution is established (Jøsang & Ismail 2002), and so are
/// the three sides (Mayer, Davis & Schoorman 1995); what evidence weighs is our choice, in
/// [`TrustPolicy`].
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::dimension::{TrustBelief, TrustPolicy};
/// use guanxi::history::{CustomerId, Interaction, InteractionId, Promise, PromiseEvent};
/// use guanxi::summary::{EvidencePolicy, TrustDirection, TrustEvidence};
///
/// let kept = |n: u32| {
///     let id = InteractionId::new(format!("p-{n}"))?;
///     let kept = Promise::new(PromiseEvent::Kept);
///     Interaction::new(id, CustomerId::new("c-17")?, DateTime::UNIX_EPOCH, kept)
/// };
/// let log = [kept(1)?, kept(2)?, kept(3)?];
/// let policy = TrustPolicy::default();
/// let at = |n| {
///     let day = DateTime::UNIX_EPOCH + Days::new(n);
///     let evidence = TrustEvidence::from_interactions(&log, day, &EvidencePolicy::default());
///     TrustBelief::of(&evidence, TrustDirection::CustomerInFirm, &policy)
/// };
///
/// let fresh = at(0);
/// assert!((fresh.mean() - 0.8).abs() < 1e-15); // (3 + 2·0.5)/(3 + 2)
/// assert!((fresh.opinion().uncertainty() - 0.4).abs() < 1e-15);
/// let older = at(360); // two half-lives later
/// assert!(older.mean() < fresh.mean() && older.sd() > fresh.sd());
/// # Ok::<(), guanxi::history::HistoryError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawBelief", into = "RawBelief"))]
pub struct TrustBelief {
    direction: TrustDirection,
    /// Evidence for and against ability, benevolence and integrity.
    positive: [f64; 3],
    negative: [f64; 3],
    prior_weight: f64,
    base_rate: f64,
    collapse_below: f64,
    collapse_certainty: f64,
    interval_level: f64,
}

/// The three sides, in the order of every split.
pub(super) const FACETS: [TrustFacet; 3] = [
    TrustFacet::Ability,
    TrustFacet::Benevolence,
    TrustFacet::Integrity,
];

fn place(facet: TrustFacet) -> usize {
    match facet {
        TrustFacet::Ability => 0,
        TrustFacet::Benevolence => 1,
        TrustFacet::Integrity => 2,
    }
}

/// The weight of a source, as it falls on the three sides.
fn weights(policy: &TrustPolicy, source: TrustSource, facet: Option<TrustFacet>) -> [f64; 3] {
    let rule = policy.rule(source);
    match facet {
        Some(facet) => {
            let mut split = [0.0; 3];
            split[place(facet)] = rule.weight;
            split
        }
        None => rule.split.map(|part| part * rule.weight),
    }
}

/// The distribution function of the standard normal distribution.
fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

impl TrustBelief {
    /// What is believed before anything is known: the base rate, with an `n_eff` of 0.
    #[must_use]
    pub fn prior(direction: TrustDirection, policy: &TrustPolicy) -> Self {
        Self {
            direction,
            positive: [0.0; 3],
            negative: [0.0; 3],
            prior_weight: policy.prior_weight(),
            base_rate: policy.base_rate(),
            collapse_below: policy.collapse_below(),
            collapse_certainty: policy.collapse_certainty(),
            interval_level: policy.interval_level(),
        }
    }

    /// What evidence leads to, as of its own instant; the prior where there is none.
    #[must_use]
    pub fn of(evidence: &TrustEvidence, direction: TrustDirection, policy: &TrustPolicy) -> Self {
        let mut belief = Self::prior(direction, policy);
        for tally in evidence.tallies() {
            if tally.direction() != direction {
                continue;
            }
            let weights = weights(policy, tally.source(), tally.facet());
            let against = policy.negativity() * tally.broken();
            for (facet, weight) in weights.into_iter().enumerate() {
                belief.positive[facet] += weight * tally.kept();
                belief.negative[facet] += weight * against;
            }
        }
        belief
    }

    /// Whose trust it is.
    #[must_use]
    pub fn direction(&self) -> TrustDirection {
        self.direction
    }

    /// The evidence for and against trust, `r` and `s`.
    #[must_use]
    pub fn evidence(&self) -> (f64, f64) {
        (self.positive.iter().sum(), self.negative.iter().sum())
    }

    /// The evidence for and against one side of trust.
    #[must_use]
    pub fn facet_evidence(&self, facet: TrustFacet) -> (f64, f64) {
        (self.positive[place(facet)], self.negative[place(facet)])
    }

    fn parameters(&self, (r, s): (f64, f64)) -> (f64, f64) {
        (
            r + self.prior_weight * self.base_rate,
            s + self.prior_weight * (1.0 - self.base_rate),
        )
    }

    /// First parameter of the beta distribution.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.parameters(self.evidence()).0
    }

    /// Second parameter of the beta distribution.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.parameters(self.evidence()).1
    }

    /// The expected trust, from 0 to 1.
    #[must_use]
    pub fn mean(&self) -> f64 {
        let (alpha, beta) = self.parameters(self.evidence());
        alpha / (alpha + beta)
    }

    /// The standard deviation of the belief.
    #[must_use]
    pub fn sd(&self) -> f64 {
        sd(self.parameters(self.evidence()))
    }

    /// How much evidence it rests on: `r + s`; 0 means the prior alone.
    #[must_use]
    pub fn n_eff(&self) -> f64 {
        let (r, s) = self.evidence();
        r + s
    }

    fn distribution(&self) -> Beta {
        let (alpha, beta) = self.parameters(self.evidence());
        Beta::new(alpha, beta)
    }

    /// Mean, standard deviation and evidence, with the [interval](Self::interval).
    ///
    /// # Errors
    ///
    /// [`QuantityError`], which no belief leads to.
    pub fn estimate(&self) -> Result<Estimate, QuantityError> {
        let estimate = Estimate::new(self.mean(), self.sd(), self.n_eff())?;
        Ok(estimate.with_interval(self.interval()?))
    }

    /// The interval of the policy's level, from quantiles of the beta distribution.
    ///
    /// # Errors
    ///
    /// [`QuantityError`], which no belief leads to.
    pub fn interval(&self) -> Result<Interval, QuantityError> {
        self.interval_at(Probability::new(self.interval_level)?)
    }

    /// The interval of another level, with as much chance below as above it.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] if the level is 0 or 1.
    pub fn interval_at(&self, level: Probability) -> Result<Interval, QuantityError> {
        let tail = level.complement().value() / 2.0;
        let distribution = self.distribution();
        let lower = distribution.quantile(tail).0;
        let upper = distribution.upper_quantile(tail).0;
        Interval::new(lower, upper, level)
    }

    /// The belief as an opinion of subjective logic.
    #[must_use]
    pub fn opinion(&self) -> Opinion {
        let (r, s) = self.evidence();
        Opinion::of_evidence(r, s, self.prior_weight, self.base_rate)
    }

    /// What is believed of one side of trust alone, from the evidence that falls on it.
    ///
    /// # Errors
    ///
    /// [`QuantityError`], which no belief leads to.
    pub fn facet(&self, facet: TrustFacet) -> Result<Estimate, QuantityError> {
        let (r, s) = self.facet_evidence(facet);
        let (alpha, beta) = self.parameters((r, s));
        Estimate::new(alpha / (alpha + beta), sd((alpha, beta)), r + s)
    }

    /// The side that is trusted least, of those there is evidence on.
    #[must_use]
    pub fn weakest_facet(&self) -> Option<TrustFacet> {
        let mean = |facet: &TrustFacet| {
            let (alpha, beta) = self.parameters(self.facet_evidence(*facet));
            alpha / (alpha + beta)
        };
        let known = |facet: &TrustFacet| {
            let (r, s) = self.facet_evidence(*facet);
            r + s > 0.0
        };
        let facets = FACETS.into_iter().filter(known);
        facets.min_by(|one, other| mean(one).total_cmp(&mean(other)))
    }

    /// The probability that trust is at or below a level from 0 to 1.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless the level lies in [0, 1].
    pub fn probability_below(&self, level: f64) -> Result<Probability, DimensionError> {
        Ok(Probability::new(self.tails(level)?.0)?)
    }

    /// The probability that trust is above a level from 0 to 1.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless the level lies in [0, 1].
    pub fn probability_above(&self, level: f64) -> Result<Probability, DimensionError> {
        Ok(Probability::new(self.tails(level)?.1)?)
    }

    fn tails(&self, level: f64) -> Result<(f64, f64), DimensionError> {
        let level = checked("level of trust", "between 0 and 1", 0.0..=1.0, level)?;
        Ok(self.distribution().tails(level, 1.0 - level))
    }

    /// Whether trust has collapsed (信任崩塌): it is below the policy's level, 0.4, with the policy's
    /// certainty, 0.8. A relationship that rests on trust cannot rest on this.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        let below = self.collapse_below;
        let distribution = self.distribution();
        distribution.tails(below, 1.0 - below).0 >= self.collapse_certainty
    }

    /// What a stake is at risk by lack of trust: `(1 − P(trust > ½))·stake` (感知风险).
    ///
    /// An aid for ranking, not a forecast of a loss.
    ///
    /// # Errors
    ///
    /// [`QuantityError`], which no stake leads to.
    pub fn perceived_risk(&self, stake: Money) -> Result<Money, QuantityError> {
        let doubt = self.distribution().tails(EVEN, 1.0 - EVEN).0;
        Money::from_estimate(doubt * stake.to_f64(), stake.currency())
    }

    /// The probability that trust is lower than it was, from the difference of the two means with
    /// both standard deviations, as if it were normal.
    ///
    /// The older belief is taken as it was then, and the two as independent; they share what has
    /// not faded, so a change is more certain than this says.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Directions`] if the two are of different directions.
    pub fn probability_declined_since(&self, older: &Self) -> Result<Probability, DimensionError> {
        if self.direction != older.direction {
            return Err(DimensionError::Directions {
                expected: self.direction,
                found: older.direction,
            });
        }
        let z = (older.mean() - self.mean()) / older.sd().hypot(self.sd());
        Ok(Probability::new(normal_cdf(z))?)
    }

    /// By how much one piece of evidence moved the mean away from the base rate: `left` is what its
    /// age left of it.
    ///
    /// `left·m·w·[(1 − a)·o − a·κ·(1 − o)]/(W + r + s)`: over all pieces of evidence these sum to
    /// the mean less the base rate. One of the other direction moved nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::DateTime;
    /// use guanxi::dimension::{TrustBelief, TrustPolicy};
    /// use guanxi::history::{CustomerId, Interaction, InteractionId, ReferralMade};
    /// use guanxi::quantity::Fraction;
    /// use guanxi::summary::{EvidencePolicy, TrustDirection, TrustEvidence, TrustItem};
    ///
    /// let (id, customer) = (InteractionId::new("r-1")?, CustomerId::new("c-17")?);
    /// let now = DateTime::UNIX_EPOCH;
    /// let log = [Interaction::new(id, customer, now, ReferralMade::new())?];
    /// let (rules, policy) = (EvidencePolicy::default(), TrustPolicy::default());
    /// let evidence = TrustEvidence::from_interactions(&log, now, &rules);
    /// let trust = TrustBelief::of(&evidence, TrustDirection::CustomerInFirm, &policy);
    ///
    /// let item = TrustItem::read(&log[0], &rules).next().ok_or("a referral shows trust")?;
    /// let moved = trust.contribution(&item, Fraction::new(1.0)?, &policy);
    /// assert!((moved - 0.1).abs() < 1e-15); // 0.5·(1 − 0.5)/(2 + 0.5)
    /// assert!((trust.mean() - (0.5 + moved)).abs() < 1e-15);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn contribution(&self, item: &TrustItem, left: Fraction, policy: &TrustPolicy) -> f64 {
        if item.direction() != self.direction {
            return 0.0;
        }
        let outcome = item.outcome();
        let weight = left.value() * item.multiplier() * policy.weight(item.source());
        let moved = (1.0 - self.base_rate) * outcome
            - self.base_rate * policy.negativity() * (1.0 - outcome);
        weight * moved / (self.prior_weight + self.n_eff())
    }
}

fn sd((alpha, beta): (f64, f64)) -> f64 {
    let n = alpha + beta;
    (alpha / n * (beta / n) / (n + 1.0)).sqrt()
}

/// How a belief is written down.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "TrustBelief", deny_unknown_fields)]
struct RawBelief {
    direction: TrustDirection,
    positive: [f64; 3],
    negative: [f64; 3],
    prior_weight: f64,
    base_rate: f64,
    collapse_below: f64,
    collapse_certainty: Probability,
    interval_level: Probability,
}

#[cfg(feature = "serde")]
impl TryFrom<RawBelief> for TrustBelief {
    type Error = DimensionError;

    fn try_from(raw: RawBelief) -> Result<Self, DimensionError> {
        // Its rules are doubted as those of any policy.
        let policy = TrustPolicy::default()
            .with_prior_weight(raw.prior_weight)?
            .with_base_rate(raw.base_rate)?
            .with_collapse(raw.collapse_below, raw.collapse_certainty)?
            .with_interval_level(raw.interval_level)?;
        let sum = |found| {
            let range = 0.0..=1e24;
            checked("evidence of trust", "between 0 and 1e24", range, found)
        };
        let mut belief = Self::prior(raw.direction, &policy);
        for facet in 0..FACETS.len() {
            belief.positive[facet] = sum(raw.positive[facet])?;
            belief.negative[facet] = sum(raw.negative[facet])?;
        }
        Ok(belief)
    }
}

#[cfg(feature = "serde")]
impl From<TrustBelief> for RawBelief {
    fn from(belief: TrustBelief) -> Self {
        // Both came from a policy, which checked them.
        let chance = |p| Probability::new(p).unwrap_or(Probability::NINETY_PERCENT);
        Self {
            direction: belief.direction,
            positive: belief.positive,
            negative: belief.negative,
            prior_weight: belief.prior_weight,
            base_rate: belief.base_rate,
            collapse_below: belief.collapse_below,
            collapse_certainty: chance(belief.collapse_certainty),
            interval_level: chance(belief.interval_level),
        }
    }
}
