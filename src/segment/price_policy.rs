//! The rules by which price sensitivity is judged.

use super::SegmentError;
use super::error::checked;
use crate::quantity::{Fingerprint, PolicyId, Probability};

/// How price sensitivity is judged (价格敏感度规则).
///
/// | rule | default | why |
/// |---|---|---|
/// | probability from which a customer is price-sensitive | 0.90 | our choice |
/// | least number of purchases | 3 | our choice |
/// | level of the credible interval | 0.90 | our choice |
/// | occasions that the population's availability counts for | 10 | our choice |
/// | purchases fade | no | our choice |
/// | ridge of the elasticity | 0.25 | our choice: quantities that scatter by half, and elasticities of about 1 |
///
/// Validated on synthetic customers only: with discounts on offer on three occasions of ten, hunters
/// who take nine purchases of ten at one are told from those who do not care with an area under the
/// ROC curve above .9. That a rule of this kind foretells who answers to coupons was validated
/// against no data.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::{Fraction, Probability};
/// use guanxi::segment::{DiscountPrior, PriceClass, PriceFrame, PricePolicy};
///
/// let (prior, on_offer) = (DiscountPrior::new(2.0, 6.0)?, Some(Fraction::new(0.3)?));
/// let class = |policy| {
///     PriceFrame::stated(policy, prior, on_offer).judge_counts(7.0, 8.0).map(|found| found.class)
/// };
/// // P(θ > 0.3) = 0.985 after 7 of 8.
/// assert_eq!(class(PricePolicy::default())?, Some(PriceClass::Sensitive));
/// let strict = PricePolicy::default().with_threshold(Probability::new(0.99)?);
/// assert_eq!(class(strict)?, Some(PriceClass::NotShown));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "PolicyRow", into = "PolicyRow"))]
pub struct PricePolicy {
    threshold: Probability,
    least_purchases: f64,
    level: Probability,
    prior_occasions: f64,
    fading: bool,
    ridge: f64,
}

impl Default for PricePolicy {
    fn default() -> Self {
        Self {
            threshold: Probability::NINETY_PERCENT,
            least_purchases: 3.0,
            level: Probability::NINETY_PERCENT,
            prior_occasions: 10.0,
            fading: false,
            ridge: 0.25,
        }
    }
}

impl PricePolicy {
    /// The same rules with another probability from which a customer is price-sensitive.
    #[must_use]
    pub fn with_threshold(self, threshold: Probability) -> Self {
        Self { threshold, ..self }
    }

    /// The same rules with another least number of purchases, which may be faded ones.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless it lies between 0 and 1e9.
    pub fn with_least_purchases(self, purchases: f64) -> Result<Self, SegmentError> {
        let (what, range) = ("least number of purchases", "between 0 and 1e9");
        Ok(Self {
            least_purchases: checked(what, range, 0.0..=1e9, purchases)?,
            ..self
        })
    }

    /// The same rules with another level of the credible interval.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless it lies between 0.001 and 0.999.
    pub fn with_level(self, level: Probability) -> Result<Self, SegmentError> {
        let (what, range) = ("level of an interval", "between 0.001 and 0.999");
        checked(what, range, 0.001..=0.999, level.value())?;
        Ok(Self { level, ..self })
    }

    /// The same rules with another number of occasions that the population's availability counts
    /// for.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless it lies between 1e-6 and 1e9.
    pub fn with_prior_occasions(self, occasions: f64) -> Result<Self, SegmentError> {
        let (what, range) = (
            "occasions that the population counts for",
            "between 1e-6 and 1e9",
        );
        Ok(Self {
            prior_occasions: checked(what, range, 1e-6..=1e9, occasions)?,
            ..self
        })
    }

    /// The same rules, where purchases and occasions fade by the half-life of the evidence, or all
    /// count alike.
    #[must_use]
    pub fn with_fading(self, fading: bool) -> Self {
        Self { fading, ..self }
    }

    /// The same rules with another ridge of the elasticity.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless it lies between 1e-9 and 1e9.
    pub fn with_ridge(self, ridge: f64) -> Result<Self, SegmentError> {
        let (what, range) = ("ridge of an elasticity", "between 1e-9 and 1e9");
        Ok(Self {
            ridge: checked(what, range, 1e-9..=1e9, ridge)?,
            ..self
        })
    }

    /// The probability from which a customer is price-sensitive.
    #[must_use]
    pub fn threshold(&self) -> Probability {
        self.threshold
    }

    /// How many purchases it takes to tell.
    #[must_use]
    pub fn least_purchases(&self) -> f64 {
        self.least_purchases
    }

    /// Level of the credible interval.
    #[must_use]
    pub fn level(&self) -> Probability {
        self.level
    }

    /// How many occasions the population's availability counts for.
    #[must_use]
    pub fn prior_occasions(&self) -> f64 {
        self.prior_occasions
    }

    /// Whether purchases and occasions fade.
    #[must_use]
    pub fn fading(&self) -> bool {
        self.fading
    }

    /// The ridge of the elasticity.
    #[must_use]
    pub fn ridge(&self) -> f64 {
        self.ridge
    }

    /// The name these rules have by their content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        let numbers = [
            self.threshold.value(),
            self.least_purchases,
            self.level.value(),
            self.prior_occasions,
            self.ridge,
        ];
        let print = Fingerprint::of("price sensitivity");
        let print = numbers.into_iter().fold(print, Fingerprint::number);
        print.whole(u64::from(self.fading)).id()
    }
}

/// What is not stated is as in the default policy.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename = "PricePolicy")]
struct PolicyRow {
    threshold: Probability,
    least_purchases: f64,
    level: Probability,
    prior_occasions: f64,
    fading: bool,
    ridge: f64,
}

#[cfg(feature = "serde")]
impl Default for PolicyRow {
    fn default() -> Self {
        PricePolicy::default().into()
    }
}

#[cfg(feature = "serde")]
impl From<PricePolicy> for PolicyRow {
    fn from(policy: PricePolicy) -> Self {
        Self {
            threshold: policy.threshold,
            least_purchases: policy.least_purchases,
            level: policy.level,
            prior_occasions: policy.prior_occasions,
            fading: policy.fading,
            ridge: policy.ridge,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<PolicyRow> for PricePolicy {
    type Error = SegmentError;

    fn try_from(row: PolicyRow) -> Result<Self, SegmentError> {
        Self::default()
            .with_threshold(row.threshold)
            .with_fading(row.fading)
            .with_least_purchases(row.least_purchases)?
            .with_level(row.level)?
            .with_prior_occasions(row.prior_occasions)?
            .with_ridge(row.ridge)
    }
}
