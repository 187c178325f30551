//! Information (信息价值): what the firm has learned about a customer, and from the customer.
//!
//! Preferences: Lindley (1956), "On a Measure of the Information Provided by an Experiment",
//! *Annals of Mathematical Statistics* 27(4), 986–1005,
//! <https://doi.org/10.1214/aoms/1177728069>; Itti & Baldi (2009), "Bayesian Surprise Attracts Human
//! Attention", *Vision Research* 49(10), <https://doi.org/10.1016/j.visres.2008.09.007>. That the
//! three parts go into one index, and how, is a choice of this crate.

use std::f64::consts::LN_2;

use chrono::{DateTime, Utc};

use super::known::{categories, check_as_of, fields};
use super::{
    CategoryKnowledge, CategoryPrior, DimensionError, FieldKnowledge, InformationPolicy,
    KnowledgeWeights,
};
use crate::quantity::Estimate;
use crate::summary::{FeedbackEvidence, PreferenceEvidence, ProfileEvidence};

/// What the index is made of, from which everything else follows.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, rename = "Knowledge"))]
pub(super) struct Parts {
    pub(super) as_of: DateTime<Utc>,
    pub(super) fields: Vec<FieldKnowledge>,
    unlisted_fields: usize,
    pub(super) categories: Vec<CategoryKnowledge>,
    unlisted_preferences: f64,
    prior_strength: f64,
    feedback: f64,
    feedback_items: f64,
    feedback_half: f64,
    pub(super) weights: KnowledgeWeights,
}

/// What the firm knows of one customer, in native units and as an index (客户知识).
///
/// | part | native unit | in the index |
/// |---|---|---|
/// | [profile](Self::profile) | share `K` of what is worth knowing that is known and right today | `K` |
/// | [preferences](Self::gain_bits) | bits by which the customer differs from everybody | `1 − 2^(−bits)` |
/// | [feedback](Self::feedback) | fading count of feedback × quality, *n* | `n/(n + 3)` |
///
/// The index is their weighted mean, by default with 0.5, 0.3 and 0.2. Its standard deviation is
/// that of the profile: the others are taken as known. It never falls when one more field becomes
/// known. Whether the index is worth anything is not established; the native values are.
///
/// `n_eff` of the index is the number of fields that are right today (the sum of the validities)
/// plus the faded observations of preferences and the faded items of feedback. It is 0 exactly if
/// nothing that counts is known; then the index is 0 for certain, because that nothing is known is
/// known.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::dimension::{CategoryPrior, InformationPolicy, Knowledge};
/// use guanxi::history::{CustomerId, Interaction, InteractionId, Purchase};
/// use guanxi::quantity::{Currency, Money};
/// use guanxi::summary::{EvidencePolicy, PreferenceEvidence};
///
/// let today = DateTime::UNIX_EPOCH + Days::new(100);
/// let order = |n: u8| {
///     let coffee = Purchase::new(Money::parse("9.50", Currency::EUR)?)?.with_category("coffee");
///     let id = InteractionId::new(format!("o-{n}"))?;
///     Ok::<_, guanxi::Error>(Interaction::new(id, CustomerId::new("c-1")?, today, coffee)?)
/// };
/// let log = (0..4).map(order).collect::<Result<Vec<_>, _>>()?;
/// let liked = PreferenceEvidence::from_interactions(&log, today, &EvidencePolicy::default());
///
/// let prior = CategoryPrior::new([("coffee", 0.25), ("tea", 0.7)], 0.05)?;
/// let policy = InformationPolicy::default();
/// let known = Knowledge::of(None, Some(&liked), None, today, &prior, &policy)?;
/// // Four orders beside a prior of strength 4: the share of coffee goes from 0.25 to 0.625.
/// assert!((known.gain_bits() - 0.4512050594).abs() < 1e-9);
/// assert!((known.index().mean() - 0.3 * (1.0 - 0.5_f64.powf(known.gain_bits()))).abs() < 1e-15);
/// assert_eq!(known.index().n_eff(), 4.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Parts", into = "Parts"))]
pub struct Knowledge {
    pub(super) parts: Parts,
    profile: Estimate,
    gain_bits: f64,
    entropy_change_bits: f64,
    /// What each category adds to the gain, in nats, at or above 0.
    pub(super) gains: Vec<f64>,
    index: Estimate,
    /// What profile, preferences and feedback add to the index.
    pub(super) shares: [f64; 3],
}

/// `(1 + δ)·ln(1 + δ) − δ`, for `δ > −1`: at or above 0, and 0 only for `δ = 0`.
fn excess(delta: f64) -> f64 {
    if delta.abs() > 0.05 {
        let ratio = 1.0 + delta;
        return (ratio * ratio.ln() - delta).max(0.0);
    }
    // Its series Σ (−δ)^k/(k(k − 1)) from k = 2, where the difference above would lose its digits.
    let sum = (2..=14_i32).rev().fold(0.0, |sum, k| {
        let k = f64::from(k);
        1.0 / (k * (k - 1.0)) - delta * sum
    });
    delta * delta * sum
}

impl Knowledge {
    /// What is known of a customer. `None` stands for evidence that there is not, or that may not
    /// be read: it adds nothing.
    ///
    /// The counts of preferences and feedback must be as of `as_of`, as those of a summary are;
    /// nothing of the profile may be later.
    ///
    /// # Errors
    ///
    /// [`DimensionError::AsOf`] for evidence as of another instant.
    pub fn of(
        profile: Option<&ProfileEvidence>,
        preferences: Option<&PreferenceEvidence>,
        feedback: Option<&FeedbackEvidence>,
        as_of: DateTime<Utc>,
        prior: &CategoryPrior,
        policy: &InformationPolicy,
    ) -> Result<Self, DimensionError> {
        let mismatch = |what, found| DimensionError::AsOf {
            what,
            expected: as_of,
            found,
        };
        if let Some(found) = profile.and_then(ProfileEvidence::latest) {
            if found > as_of {
                return Err(mismatch("the profile", found));
            }
        }
        if let Some(liked) = preferences {
            check_as_of(liked, as_of)?;
        }
        match feedback.and_then(FeedbackEvidence::latest) {
            Some(found) if found != as_of => return Err(mismatch("feedback", found)),
            _ => {}
        }
        let known = profile.map_or(&[][..], ProfileEvidence::fields);
        let unlisted = known
            .iter()
            .filter(|field| policy.field(&field.name).is_none());
        let (categories, unlisted_preferences) = categories(preferences, prior);
        let (quality, items) = feedback.map_or((0.0, 0.0), |told| {
            let assumed = policy.default_feedback_quality() * told.unrated();
            (told.quality() + assumed, told.rated() + told.unrated())
        });
        Self::assemble(Parts {
            as_of,
            fields: fields(profile, as_of, policy)?,
            unlisted_fields: unlisted.count(),
            categories,
            unlisted_preferences,
            prior_strength: policy.prior_strength(),
            feedback: quality,
            feedback_items: items,
            feedback_half: policy.feedback_half(),
            weights: policy.weights(),
        })
    }

    /// Everything that follows from valid parts.
    fn assemble(parts: Parts) -> Result<Self, DimensionError> {
        let of_all: f64 = parts.fields.iter().map(|field| field.weight).sum();
        let (mut share, mut variance, mut valid) = (0.0, 0.0, 0.0);
        for field in &parts.fields {
            let (w, v) = (field.weight / of_all, field.validity);
            share += w * v;
            variance += w * w * v * (1.0 - v);
            valid += v;
        }
        let profile = Estimate::new(f64::min(share, 1.0), variance.sqrt(), valid)?;

        let observed: f64 = parts.categories.iter().map(|cell| cell.count).sum();
        let whole = parts.prior_strength + observed;
        let mut gains = Vec::with_capacity(parts.categories.len());
        let mut entropy_change = 0.0;
        for cell in &parts.categories {
            // π/π₀ − 1, which is exactly 0 where nothing was observed.
            let delta = (cell.count - observed * cell.prior) / (whole * cell.prior);
            gains.push(cell.prior * excess(delta));
            let posterior = (parts.prior_strength * cell.prior + cell.count) / whole;
            if observed > 0.0 {
                entropy_change += posterior * posterior.ln() - cell.prior * cell.prior.ln();
            }
        }
        // Σ π·ln(π/π₀), since Σ (π − π₀) is 0; each term is at or above 0.
        let gain: f64 = gains.iter().sum();

        // Where all categories are one, what a customer prefers cannot tell anything.
        let told = if parts.categories.len() > 1 {
            observed
        } else {
            0.0
        };
        let weights = parts.weights;
        let shares = [
            weights.profile() * profile.mean(),
            weights.preferences() * -(-gain).exp_m1(),
            weights.feedback() * (parts.feedback / (parts.feedback + parts.feedback_half)),
        ];
        let index = Estimate::new(
            shares.iter().sum::<f64>().min(1.0),
            weights.profile() * profile.sd(),
            valid + told + parts.feedback_items,
        )?;
        Ok(Self {
            parts,
            profile,
            gain_bits: gain / LN_2,
            entropy_change_bits: entropy_change / LN_2,
            gains,
            index,
            shares,
        })
    }

    /// The instant it is as of.
    #[must_use]
    pub fn as_of(&self) -> DateTime<Utc> {
        self.parts.as_of
    }

    /// The share of what is worth knowing of the profile that is known and right today, *K*, from
    /// 0 to 1; `n_eff` is the number of fields that are right today.
    #[must_use]
    pub fn profile(&self) -> Estimate {
        self.profile
    }

    /// Every field that is worth knowing, known or missing, in the order of their names.
    #[must_use]
    pub fn fields(&self) -> &[FieldKnowledge] {
        &self.parts.fields
    }

    /// How many fields are known that the policy does not list, and that therefore do not count.
    #[must_use]
    pub fn unlisted_fields(&self) -> usize {
        self.parts.unlisted_fields
    }

    /// What is known of preferences, `KL(π‖π₀)` in bits, at or above 0: how much shorter a message
    /// becomes that tells what the customer wants, if it is written for this customer.
    #[must_use]
    #[doc(alias = "kullback_leibler")]
    pub fn gain_bits(&self) -> f64 {
        self.gain_bits
    }

    /// `H(π₀) − H(π)` in bits: below 0 for a customer who is harder to foretell than most, of whom
    /// more may be known all the same.
    #[must_use]
    pub fn entropy_change_bits(&self) -> f64 {
        self.entropy_change_bits
    }

    /// The categories of the prior with what was observed of each.
    #[must_use]
    pub fn categories(&self) -> &[CategoryKnowledge] {
        &self.parts.categories
    }

    /// What was observed of categories that a closed prior does not list, and that therefore does
    /// not count; always 0 if the prior leaves a share to others.
    #[must_use]
    pub fn unlisted_preferences(&self) -> f64 {
        self.parts.unlisted_preferences
    }

    /// The customer's shares of categories, π, in the order of [`categories`](Self::categories).
    pub fn posterior(&self) -> impl Iterator<Item = f64> {
        let Parts {
            categories,
            prior_strength: c,
            ..
        } = &self.parts;
        let whole = c + categories.iter().map(|cell| cell.count).sum::<f64>();
        categories
            .iter()
            .map(move |cell| (c * cell.prior + cell.count) / whole)
    }

    /// Fading count of feedback × quality.
    #[must_use]
    pub fn feedback(&self) -> f64 {
        self.parts.feedback
    }

    /// The index, from 0 to 1.
    #[must_use]
    pub fn index(&self) -> Estimate {
        self.index
    }

    /// What the profile, the preferences and the feedback add to the index.
    #[must_use]
    pub fn shares(&self) -> [f64; 3] {
        self.shares
    }
}

#[cfg(feature = "serde")]
impl From<Knowledge> for Parts {
    fn from(knowledge: Knowledge) -> Self {
        knowledge.parts
    }
}

/// Parts that were stored; everything else is worked out anew.
#[cfg(feature = "serde")]
impl TryFrom<Parts> for Knowledge {
    type Error = DimensionError;

    fn try_from(parts: Parts) -> Result<Self, DimensionError> {
        use super::FieldRule;
        use super::error::checked;
        use crate::quantity::HalfLife;

        let mut rules = Vec::with_capacity(parts.fields.len());
        for field in &parts.fields {
            let most = if field.event.is_some() { 1.0 } else { 0.0 };
            let range = "between 0 and 1, and 0 for a missing field";
            checked("validity of a field", range, 0.0..=most, field.validity)?;
            rules.push(FieldRule::new(&field.name, field.weight, HalfLife::NEVER)?);
        }
        InformationPolicy::default()
            .with_fields(rules)?
            .with_prior_strength(parts.prior_strength)?
            .with_feedback_half(parts.feedback_half)?;
        let listed = parts.categories.iter();
        let listed = listed.filter_map(|cell| Some((cell.name.as_deref()?, cell.prior)));
        let others: Vec<f64> = (parts.categories.iter())
            .filter(|cell| cell.name.is_none())
            .map(|cell| cell.prior)
            .collect();
        if others.len() > 1 {
            return Err(DimensionError::StatedTwice {
                what: "a category",
                found: "all others".to_owned(),
            });
        }
        CategoryPrior::new(listed, others.into_iter().sum())?;
        let counts = parts.categories.iter().map(|cell| cell.count);
        for count in counts.chain([parts.unlisted_preferences, parts.feedback_items]) {
            checked("count", "between 0 and 1e100", 0.0..=1e100, count)?;
        }
        // Every quality is at most 1; the two sums round differently.
        let most = parts.feedback_items * (1.0 + 1e-9);
        let range = "between 0 and the number of items";
        checked("feedback", range, 0.0..=most, parts.feedback)?;
        Self::assemble(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::excess;

    #[test]
    fn the_excess_keeps_its_digits_near_0_and_at_the_seam() {
        for (delta, expected) in [
            (0.0, 0.0),
            (1e-8, 4.999_999_983_333_333e-17),
            (-1e-3, 5.001_667_500_500_333e-7),
            (1.0, 2.0 * 2.0_f64.ln() - 1.0),
            (-0.5, 0.5 - 0.5 * 2.0_f64.ln()),
        ] {
            let found = excess(delta);
            assert!(
                (found - expected).abs() <= 4e-15 * expected,
                "{delta}: {found:e}"
            );
        }
        for seam in [0.05_f64, -0.05] {
            let (inside, outside) = (excess(seam), excess(seam * (1.0 + 1e-15)));
            assert!((inside / outside - 1.0).abs() < 1e-13);
        }
    }
}
