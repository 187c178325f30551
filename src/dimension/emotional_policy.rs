//! The rules by which feeling and advocacy are judged.

use super::DimensionError;
use crate::quantity::{Fingerprint, PolicyId, Probability};

/// How evidence of feeling and advocacy is judged (情感维度规则).
///
/// | rule | default | why |
/// |---|---|---|
/// | mean of feeling before any evidence | 0.1 | our choice; simulated customers only |
/// | its variance | 0.16 | our choice: a standard deviation of 0.4 on a scale from −1 to 1 |
/// | weight of peak and end in the index | 0 | our choice: a diagnostic beside the mean |
/// | level of intervals | 0.90 | our choice, for what is not observed |
/// | advocacy before any evidence | Beta(1, 9) | our choice: one customer in ten recommends |
/// | an attitude is high from an index of | 0.5 | our choice: the middle of the scale |
/// | behaviour is that of a regular from P(active) | 0.5 | our choice |
/// | a promoter answers from 0 to 10 at least | 9 | established (Reichheld 2003) |
/// | scatter is believed from so many effective observations on | 3 | our choice: a variance of fewer says little |
///
/// How fast feeling fades and how instruments are read is settled before, in an
/// [`EvidencePolicy`](crate::summary::EvidencePolicy). Where there is a population, take mean and
/// variance from it. No public data was at hand to choose by.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::EmotionalPolicy;
///
/// let blended = EmotionalPolicy::default().with_peak_end_weight(0.5)?;
/// assert_eq!(blended.prior_mean(), 0.1);
/// assert_ne!(blended.id(), EmotionalPolicy::default().id());
/// assert!(blended.with_prior_variance(0.0).is_err());
/// # Ok::<(), guanxi::dimension::DimensionError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "PolicyRow", into = "PolicyRow"))]
pub struct EmotionalPolicy {
    prior_mean: f64,
    prior_variance: f64,
    peak_end_weight: f64,
    level: Probability,
    advocacy_prior: [f64; 2],
    attitude_reference: f64,
    activity_reference: f64,
    promoter_from: i32,
    dispersion_from: f64,
}

impl Default for EmotionalPolicy {
    fn default() -> Self {
        Self {
            prior_mean: 0.1,
            prior_variance: 0.16,
            peak_end_weight: 0.0,
            level: Probability::NINETY_PERCENT,
            advocacy_prior: [1.0, 9.0],
            attitude_reference: 0.5,
            activity_reference: 0.5,
            promoter_from: 9,
            dispersion_from: 3.0,
        }
    }
}

fn check(
    quantity: &'static str,
    expected: &'static str,
    found: f64,
    holds: bool,
) -> Result<f64, DimensionError> {
    if holds {
        return Ok(found + 0.0); // −0 + 0 is +0
    }
    Err(DimensionError::Domain {
        quantity,
        expected,
        found,
    })
}

fn share(quantity: &'static str, found: f64) -> Result<f64, DimensionError> {
    let holds = (0.0..=1.0).contains(&found);
    check(quantity, "between 0 and 1", found, holds)
}

fn size(quantity: &'static str, found: f64) -> Result<f64, DimensionError> {
    let holds = (1e-6..=1e6).contains(&found);
    check(quantity, "between 1e-6 and 1e6", found, holds)
}

impl EmotionalPolicy {
    /// The same rules with another mean of feeling before any evidence.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless it lies between −1 and 1.
    pub fn with_prior_mean(mut self, mean: f64) -> Result<Self, DimensionError> {
        let holds = (-1.0..=1.0).contains(&mean);
        self.prior_mean = check("prior mean of feeling", "between -1 and 1", mean, holds)?;
        Ok(self)
    }

    /// The same rules with another variance of feeling before any evidence.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless it lies between 1e-6 and 1e6.
    pub fn with_prior_variance(mut self, variance: f64) -> Result<Self, DimensionError> {
        self.prior_variance = size("prior variance of feeling", variance)?;
        Ok(self)
    }

    /// The same rules with another weight of peak and end in the index: 0 takes the mean feeling
    /// alone, 1 peak and end alone.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless it lies between 0 and 1.
    pub fn with_peak_end_weight(mut self, weight: f64) -> Result<Self, DimensionError> {
        self.peak_end_weight = share("weight of peak and end", weight)?;
        Ok(self)
    }

    /// The same rules with intervals of another level.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] if it is 0 or 1.
    pub fn with_level(mut self, level: Probability) -> Result<Self, DimensionError> {
        let found = level.value();
        let holds = found > 0.0 && found < 1.0;
        check("level of intervals", "above 0 and below 1", found, holds)?;
        self.level = level;
        Ok(self)
    }

    /// The same rules with another belief in advocacy before any evidence: as if `referrals`
    /// purchases had come with a recommendation and `others` had not.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless both lie between 1e-6 and 1e6.
    pub fn with_advocacy_prior(
        mut self,
        referrals: f64,
        others: f64,
    ) -> Result<Self, DimensionError> {
        self.advocacy_prior = [
            size("prior number of referrals", referrals)?,
            size("prior number of purchases without referral", others)?,
        ];
        Ok(self)
    }

    /// The same rules with another index from which an attitude is high.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless it lies between 0 and 1.
    pub fn with_attitude_reference(mut self, index: f64) -> Result<Self, DimensionError> {
        self.attitude_reference = share("reference of attitude", index)?;
        Ok(self)
    }

    /// The same rules with another P(active) from which behaviour is that of a regular.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless it lies between 0 and 1.
    pub fn with_activity_reference(mut self, probability: f64) -> Result<Self, DimensionError> {
        self.activity_reference = share("reference of activity", probability)?;
        Ok(self)
    }

    /// The same rules with another lowest answer of a promoter.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless it lies between 0 and 10.
    pub fn with_promoter_from(mut self, answer: i32) -> Result<Self, DimensionError> {
        let holds = (0..=10).contains(&answer);
        let found = f64::from(answer);
        check(
            "lowest answer of a promoter",
            "between 0 and 10",
            found,
            holds,
        )?;
        self.promoter_from = answer;
        Ok(self)
    }

    /// The same rules with another number of effective observations from which their scatter, where
    /// it is larger than the instruments say, widens the uncertainty.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless it lies between 1 and 1e6.
    pub fn with_dispersion_from(mut self, n_eff: f64) -> Result<Self, DimensionError> {
        let holds = (1.0..=1e6).contains(&n_eff);
        let quantity = "observations whose scatter is believed";
        self.dispersion_from = check(quantity, "between 1 and 1e6", n_eff, holds)?;
        Ok(self)
    }

    /// Mean `μ0` of feeling before any evidence, from −1 to 1.
    #[must_use]
    #[doc(alias = "mu0")]
    pub fn prior_mean(&self) -> f64 {
        self.prior_mean
    }

    /// Variance `v0` of feeling before any evidence.
    #[must_use]
    #[doc(alias = "v0")]
    pub fn prior_variance(&self) -> f64 {
        self.prior_variance
    }

    /// Weight of peak and end in the index, from 0 to 1.
    #[must_use]
    pub fn peak_end_weight(&self) -> f64 {
        self.peak_end_weight
    }

    /// Level of intervals.
    #[must_use]
    pub fn level(&self) -> Probability {
        self.level
    }

    /// Belief in advocacy before any evidence, the two parameters of a beta distribution: purchases
    /// with a recommendation and without.
    #[must_use]
    pub fn advocacy_prior(&self) -> (f64, f64) {
        let [referrals, others] = self.advocacy_prior;
        (referrals, others)
    }

    /// The index from which an attitude is high.
    #[must_use]
    pub fn attitude_reference(&self) -> f64 {
        self.attitude_reference
    }

    /// The P(active) from which behaviour is that of a regular.
    #[must_use]
    pub fn activity_reference(&self) -> f64 {
        self.activity_reference
    }

    /// The lowest answer of a promoter, from 0 to 10.
    #[must_use]
    pub fn promoter_from(&self) -> i32 {
        self.promoter_from
    }

    /// From how many effective observations on their scatter is believed.
    #[must_use]
    pub fn dispersion_from(&self) -> f64 {
        self.dispersion_from
    }

    /// The name these rules have by their content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        let [referrals, others] = self.advocacy_prior;
        let numbers = [
            self.prior_mean,
            self.prior_variance,
            self.peak_end_weight,
            self.level.value(),
            referrals,
            others,
            self.attitude_reference,
            self.activity_reference,
            f64::from(self.promoter_from),
            self.dispersion_from,
        ];
        let print = Fingerprint::of("emotional");
        numbers.into_iter().fold(print, Fingerprint::number).id()
    }
}

/// A policy as it is written; what is left out is as in the default.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename = "EmotionalPolicy")]
struct PolicyRow {
    prior_mean: f64,
    prior_variance: f64,
    peak_end_weight: f64,
    level: Probability,
    advocacy_prior: [f64; 2],
    attitude_reference: f64,
    activity_reference: f64,
    promoter_from: i32,
    dispersion_from: f64,
}

#[cfg(feature = "serde")]
impl Default for PolicyRow {
    fn default() -> Self {
        EmotionalPolicy::default().into()
    }
}

#[cfg(feature = "serde")]
impl From<EmotionalPolicy> for PolicyRow {
    fn from(policy: EmotionalPolicy) -> Self {
        Self {
            prior_mean: policy.prior_mean,
            prior_variance: policy.prior_variance,
            peak_end_weight: policy.peak_end_weight,
            level: policy.level,
            advocacy_prior: policy.advocacy_prior,
            attitude_reference: policy.attitude_reference,
            activity_reference: policy.activity_reference,
            promoter_from: policy.promoter_from,
            dispersion_from: policy.dispersion_from,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<PolicyRow> for EmotionalPolicy {
    type Error = DimensionError;

    fn try_from(row: PolicyRow) -> Result<Self, DimensionError> {
        let [referrals, others] = row.advocacy_prior;
        Self::default()
            .with_prior_mean(row.prior_mean)?
            .with_prior_variance(row.prior_variance)?
            .with_peak_end_weight(row.peak_end_weight)?
            .with_level(row.level)?
            .with_advocacy_prior(referrals, others)?
            .with_attitude_reference(row.attitude_reference)?
            .with_activity_reference(row.activity_reference)?
            .with_promoter_from(row.promoter_from)?
            .with_dispersion_from(row.dispersion_from)
    }
}
