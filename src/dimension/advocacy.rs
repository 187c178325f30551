//! Advocacy (口碑) and loyalty (忠诚度): what customers do for the firm, and whether they mean it.
//!
//! The classes of loyalty: Dick & Basu (1994), "Customer Loyalty: Toward an Integrated Conceptual
//! Framework", *Journal of the Academy of Marketing Science* 22(2), 99–113,
//! <https://doi.org/10.1177/0092070394222001>. Promoters: Reichheld (2003), "The One Number You Need
//! to Grow", *Harvard Business Review* 81(12), 46–54.

use super::{DimensionError, EmotionalPolicy};
use crate::numeric::beta::Beta;
use crate::quantity::{Estimate, Interval, Probability};
use crate::summary::{AdvocacyEvidence, LastNps};

/// How readily a customer recommends the firm (口碑).
///
/// The rate is that of recommendations to purchases, with a beta distribution: of the default prior
/// Beta(1, 9) and each recommendation counted against a purchase, `Beta(1 + referrals, 9 + purchases
/// without a referral)`. It is a measure of this crate, checked against nothing; referrals and
/// answers are as recorded.
///
/// # Examples
///
/// ```
/// use chrono::DateTime;
/// use guanxi::dimension::{Advocacy, EmotionalPolicy};
/// use guanxi::history::{CustomerId, Interaction, InteractionId, NpsSurvey, ReferralMade};
/// use guanxi::summary::{AdvocacyEvidence, EvidencePolicy};
///
/// let (who, at) = (CustomerId::new("c-1")?, DateTime::UNIX_EPOCH);
/// let told = Interaction::new(InteractionId::new("r")?, who.clone(), at, ReferralMade::new())?;
/// let said = Interaction::new(InteractionId::new("s")?, who, at, NpsSurvey::new(9)?)?;
/// let seen = AdvocacyEvidence::from_interactions([&told, &said], at, &EvidencePolicy::default());
///
/// let advocacy = Advocacy::of(&seen, 6, &EmotionalPolicy::default())?;
/// assert_eq!(advocacy.rate().mean(), 0.125); // (1 + 1)/(1 + 1 + 9 + 5)
/// assert!(advocacy.is_brand_ambassador());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "AdvocacyRow", into = "AdvocacyRow")
)]
pub struct Advocacy {
    rate: Estimate,
    referrals: u64,
    promoter: Option<bool>,
}

impl Advocacy {
    /// What evidence says of a customer with so many purchases. Of a customer who was scored, ask
    /// the [feeling](super::Feeling::advocacy).
    ///
    /// Purchases without a referral are those beyond the number of referrals, or none.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Quantity`], which no valid evidence and policy lead to.
    pub fn of(
        evidence: &AdvocacyEvidence,
        purchases: u64,
        policy: &EmotionalPolicy,
    ) -> Result<Self, DimensionError> {
        let answer = evidence.last_nps().map(LastNps::score);
        Self::of_counts(evidence.referrals(), answer, purchases, policy)
    }

    /// What so many recommendations beside so many purchases say, and the last answer.
    pub(super) fn of_counts(
        referrals: u64,
        answer: Option<i32>,
        purchases: u64,
        policy: &EmotionalPolicy,
    ) -> Result<Self, DimensionError> {
        let (alpha, beta) = policy.advocacy_prior();
        let made = referrals as f64;
        let others = purchases.saturating_sub(referrals) as f64;
        let (alpha, beta) = (alpha + made, beta + others);
        let total = alpha + beta;
        let sd = (alpha / total * (beta / total) / (total + 1.0)).sqrt();
        let tail = policy.level().complement().value() / 2.0;
        let rates = Beta::new(alpha, beta);
        let range = Interval::new(
            rates.quantile(tail).0,
            rates.upper_quantile(tail).0,
            policy.level(),
        )?;
        Ok(Self {
            rate: Estimate::new(alpha / total, sd, made + others)?.with_interval(range),
            referrals,
            promoter: answer.map(|answer| answer >= policy.promoter_from()),
        })
    }

    /// Recommendations a purchase, between 0 and 1, with the interval between the tails of the beta
    /// distribution.
    #[must_use]
    pub fn rate(&self) -> Estimate {
        self.rate
    }

    /// How often the customer recommended the firm.
    #[must_use]
    pub fn referrals(&self) -> u64 {
        self.referrals
    }

    /// Whether the customer is a promoter (推荐者): answered 9 or 10 when last asked, by default. `None` if
    /// never asked.
    #[must_use]
    pub fn is_promoter(&self) -> Option<bool> {
        self.promoter
    }

    /// Whether the customer is a brand ambassador (品牌大使): a promoter who has recommended the
    /// firm. One who was never asked is not known to be.
    #[must_use]
    pub fn is_brand_ambassador(&self) -> bool {
        self.promoter == Some(true) && self.referrals > 0
    }
}

/// A class of loyalty (忠诚类型): attitude against behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum LoyaltyClass {
    /// Means it and buys (忠诚).
    Loyal,
    /// Means it and does not buy: something stands in the way (潜在忠诚).
    Latent,
    /// Buys without meaning it, from habit or for want of anything else (虚假忠诚).
    Spurious,
    /// Neither (不忠诚).
    NoLoyalty,
}

impl LoyaltyClass {
    /// Every class.
    pub const ALL: [Self; 4] = [Self::Loyal, Self::Latent, Self::Spurious, Self::NoLoyalty];

    /// The class of an attitude and a behaviour.
    #[must_use]
    pub fn of(high_attitude: bool, regular: bool) -> Self {
        match (high_attitude, regular) {
            (true, true) => Self::Loyal,
            (true, false) => Self::Latent,
            (false, true) => Self::Spurious,
            (false, false) => Self::NoLoyalty,
        }
    }

    /// Whether the attitude is high.
    #[must_use]
    pub fn is_meant(self) -> bool {
        matches!(self, Self::Loyal | Self::Latent)
    }

    /// Whether the behaviour is that of a regular.
    #[must_use]
    pub fn is_regular(self) -> bool {
        matches!(self, Self::Loyal | Self::Spurious)
    }
}

/// Where a customer stands between attitude and behaviour, and how sure that is.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::{EmotionalPolicy, LoyaltyClass, LoyaltyPosition};
/// use guanxi::quantity::{Estimate, Probability};
///
/// let attitude = Estimate::new(0.57, 0.125, 2.9)?; // an index of feeling
/// let active = Probability::new(0.2)?;
/// let stands = LoyaltyPosition::of(attitude, active, &EmotionalPolicy::default())?;
/// assert_eq!(stands.class(), LoyaltyClass::Latent);
/// // Φ((0.57 − 0.5)/0.125) = Φ(0.56)
/// assert!((stands.probability_of_high_attitude().value() - 0.712_260_281).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "PositionRow", into = "PositionRow")
)]
pub struct LoyaltyPosition {
    class: LoyaltyClass,
    high_attitude: Probability,
}

impl LoyaltyPosition {
    /// Compares the attitude (the [index](super::Feeling::index) of feeling) and the probability of
    /// being active with the references of a policy; on the reference counts as high. Of a customer
    /// who was scored, ask the [feeling](super::Feeling::loyalty).
    ///
    /// # Errors
    ///
    /// [`DimensionError::Empty`] for an attitude that nothing was observed of: the prior is no
    /// attitude of this customer.
    pub fn of(
        attitude: Estimate,
        active: Probability,
        policy: &EmotionalPolicy,
    ) -> Result<Self, DimensionError> {
        if attitude.is_prior_only() {
            return Err(DimensionError::Empty {
                expected: "an attitude of which something was observed",
            });
        }
        let above = attitude.mean() - policy.attitude_reference();
        let high_attitude = if attitude.sd() > 0.0 {
            // Φ(z), from the tail in which it keeps its digits.
            0.5 * libm::erfc(-above / attitude.sd() / std::f64::consts::SQRT_2)
        } else {
            f64::from(u8::from(above >= 0.0))
        };
        let regular = active.value() >= policy.activity_reference();
        let high_attitude = Probability::new(high_attitude)?;
        Ok(Self {
            class: LoyaltyClass::of(above >= 0.0, regular),
            high_attitude,
        })
    }

    /// The class by the means.
    #[must_use]
    pub fn class(&self) -> LoyaltyClass {
        self.class
    }

    /// Probability that the attitude lies at or above its reference, if belief in it is normal.
    #[must_use]
    pub fn probability_of_high_attitude(&self) -> Probability {
        self.high_attitude
    }

    /// Probability of a class, from 0 to 1, where the attitude is as uncertain as its estimate says. The
    /// probability of being active is taken as it is, so two of the classes have probability 0.
    #[must_use]
    pub fn probability(&self, class: LoyaltyClass) -> f64 {
        let high = self.high_attitude.value();
        if class.is_regular() != self.class.is_regular() {
            0.0
        } else if class.is_meant() {
            high
        } else {
            1.0 - high
        }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "Advocacy")]
struct AdvocacyRow {
    rate: Estimate,
    referrals: u64,
    promoter: Option<bool>,
}

#[cfg(feature = "serde")]
impl From<Advocacy> for AdvocacyRow {
    fn from(advocacy: Advocacy) -> Self {
        Self {
            rate: advocacy.rate,
            referrals: advocacy.referrals,
            promoter: advocacy.promoter,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<AdvocacyRow> for Advocacy {
    type Error = DimensionError;

    fn try_from(row: AdvocacyRow) -> Result<Self, DimensionError> {
        Probability::new(row.rate.mean())?;
        Ok(Self {
            rate: row.rate,
            referrals: row.referrals,
            promoter: row.promoter,
        })
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "LoyaltyPosition")]
struct PositionRow {
    class: LoyaltyClass,
    high_attitude: Probability,
}

#[cfg(feature = "serde")]
impl From<LoyaltyPosition> for PositionRow {
    fn from(position: LoyaltyPosition) -> Self {
        Self {
            class: position.class,
            high_attitude: position.high_attitude,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<PositionRow> for LoyaltyPosition {
    type Error = DimensionError;

    fn try_from(row: PositionRow) -> Result<Self, DimensionError> {
        let found = row.high_attitude.value();
        let (expected, holds) = if row.class.is_meant() {
            ("at or above 0.5 in a class of high attitude", found >= 0.5)
        } else {
            ("at or below 0.5 in a class of low attitude", found <= 0.5)
        };
        if !holds {
            return Err(DimensionError::Domain {
                quantity: "probability of a high attitude",
                expected,
                found,
            });
        }
        Ok(Self {
            class: row.class,
            high_attitude: row.high_attitude,
        })
    }
}
