//! Feeling (情感): how the customer feels toward the firm, from evidence that ages.
//!
//! A conjugate normal model whose observations are discounted by age: power priors (Ibrahim & Chen
//! 2000, *Statistical Science* 15(1), 46–60, <https://doi.org/10.1214/ss/1009212673>) with
//! forgetting (West & Harrison 1997, <https://doi.org/10.1007/b98971>). The effective number of
//! observations is Kish's (1965, *Survey Sampling*). To use this model here is our choice.

use super::{Advocacy, DimensionError, EmotionalPolicy, LoyaltyPosition};
use crate::quantity::{Estimate, Interval, Probability};
use crate::summary::{AdvocacyEvidence, AffectEvidence, AffectItem, LastNps};

/// Below this weight nothing is left of the evidence: the prior weighs at least 1e-6.
const GONE: f64 = 1e-140;

/// What the four sums lead to.
pub(super) struct Posterior {
    pub(super) mean: f64,
    pub(super) variance: f64,
    n_eff: f64,
    precision: f64,
    dispersion: Option<f64>,
}

/// The conjugate normal model of `Σωd`, `Σωdy`, `Σωdy²` and `Σ(ωd)²`.
pub(super) fn posterior([s0, s1, s2, squared]: [f64; 4], policy: &EmotionalPolicy) -> Posterior {
    let prior = 1.0 / policy.prior_variance();
    let precision = prior + s0;
    // A mean of numbers from −1 to 1, but for its rounding.
    let mean = ((policy.prior_mean() * prior + s1) / precision).clamp(-1.0, 1.0);
    let n_eff = if s0 > GONE { s0 * (s0 / squared) } else { 0.0 };
    let dispersion = (n_eff > 0.0).then(|| {
        let scatter = s2 - 2.0 * mean * s1 + mean * mean * s0;
        scatter.max(0.0) / n_eff
    });
    let excess = match dispersion {
        Some(dispersion) if n_eff >= policy.dispersion_from() => dispersion.max(1.0),
        _ => 1.0,
    };
    Posterior {
        mean,
        variance: excess / precision,
        n_eff,
        precision,
        dispersion,
    }
}

/// How a customer feels toward the firm, on a scale from −1 to 1, with its uncertainty (情感).
///
/// It is the answer of the [`EmotionalDimension`](super::EmotionalDimension), and everything of the
/// dimension is read off it: the mean feeling ([`valence`](Self::valence)),
/// [peak and end](Self::peak_end), [`advocacy`](Self::advocacy) and [`loyalty`](Self::loyalty). How
/// single journeys felt, which are many, is in the summary:
/// [`Journeys`](crate::summary::Journeys).
///
/// From the sums of [`AffectEvidence`], with the prior `μ0`, `v0` of the policy:
///
/// ```text
/// Λ = 1/v0 + S0      m = (μ0/v0 + S1)/Λ      n_eff = S0²/SS
/// disp = (S2 − 2mS1 + m²S0)/n_eff      var = max(1, disp)/Λ if n_eff ≥ 3, else 1/Λ
/// ```
///
/// The variance of the prior is part of the answer, so a customer of whom nothing is known has the
/// prior's, and silence leads back to it. Readings that scatter more than their instruments should
/// widen the uncertainty; readings that agree better than they should do not narrow it.
///
/// # How far the interval can be believed
///
/// The model holds feeling for constant and old evidence for weak. Shares of simulated customers
/// whose feeling the 90 % interval held, by how often they were heard, for the half-life `h` of the
/// evidence and, where feeling drifts (an Ornstein–Uhlenbeck process), the half-life of that:
///
/// | a reading every | 7 days | 30 days | 90 days | 240 days |
/// |---|---|---|---|---|
/// | constant feeling, `h` 90 days | 98 % | 97 % | 94 % | 92 % |
/// | feeling drifts with 90 days, `h` 90 days | **49 %** | **72 %** | **81 %** | **86 %** |
/// | feeling drifts with 90 days, `h` 15 days | 90 % | 90 % | 89 % | |
/// | constant feeling, `h` 15 days | 96 % | 92 % | 91 % | |
///
/// So the half-life of evidence is not that of feeling. Where feeling drifts, an interval that is
/// to hold needs evidence that fades about six times as fast as feeling drifts, and forecasts of the
/// next answer are best at a quarter (dense evidence) to a half of it. The default of 90 days suits
/// feelings that keep for a year or more; for faster ones set
/// [`EvidencePolicy::with_affect`](crate::summary::EvidencePolicy::with_affect), or use
/// [`AffectFilter`](super::AffectFilter), the model of such a drift: it held 89 % to 91 %. Which of
/// them customers are like, no public data at hand could tell.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::dimension::{EmotionalPolicy, Feeling};
/// use guanxi::history::{CustomerId, Interaction, InteractionId, NpsSurvey};
/// use guanxi::summary::{AffectEvidence, EvidencePolicy};
///
/// let (id, who) = (InteractionId::new("s-1")?, CustomerId::new("c-1")?);
/// let answer = Interaction::new(id, who, DateTime::UNIX_EPOCH, NpsSurvey::new(9)?)?;
/// let later = DateTime::UNIX_EPOCH + Days::new(180);
/// let felt = AffectEvidence::from_interactions([&answer], later, &EvidencePolicy::default());
///
/// let feeling = Feeling::of(&felt, &EmotionalPolicy::default())?;
/// let expected = (0.1 / 0.16 + 2.5 * 0.6) / (1.0 / 0.16 + 2.5); // two half-lives later
/// assert!((feeling.valence().mean() - expected).abs() < 1e-12);
/// assert!(Feeling::prior(&EmotionalPolicy::default())?.valence().is_prior_only());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "FeelingRow", into = "FeelingRow"))]
pub struct Feeling {
    valence: Estimate,
    index: Estimate,
    precision: f64,
    dispersion: Option<f64>,
    peak_end: Option<f64>,
    rules: EmotionalPolicy,
    shown: Option<Shown>,
}

/// What a customer did and said for the firm: what advocacy is judged by.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
struct Shown {
    referrals: u64,
    purchases: u64,
    answer: Option<i32>,
}

impl Feeling {
    /// What evidence says by a policy, as of the instant to which the evidence was faded.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Quantity`], which no valid evidence and policy lead to.
    pub fn of(evidence: &AffectEvidence, policy: &EmotionalPolicy) -> Result<Self, DimensionError> {
        let sums = [
            evidence.weight(),
            evidence.weighted_valence(),
            evidence.weighted_square(),
            evidence.squared_weight(),
        ];
        let Posterior {
            mean,
            variance,
            n_eff,
            precision,
            dispersion,
        } = posterior(sums, policy);
        let sd = variance.sqrt();
        let valence = with_interval(Estimate::new(mean, sd, n_eff)?, policy.level(), -1.0)?;
        let peak_end = evidence.peak_end().value();
        // Peak and end have no standard deviation of their own, and go with the mean feeling: the
        // blend is held to be as uncertain as that is.
        let blended = peak_end.map_or(mean, |told| {
            let weight = policy.peak_end_weight();
            (1.0 - weight) * mean + weight * told
        });
        let index = Estimate::new(f64::midpoint(blended, 1.0), sd / 2.0, n_eff)?;
        Ok(Self {
            valence,
            index: with_interval(index, policy.level(), 0.0)?,
            precision,
            dispersion,
            peak_end,
            rules: *policy,
            shown: None,
        })
    }

    /// The same with what is known of the customer's advocacy: recommendations and answers, and the
    /// number of purchases that they are held against.
    #[must_use]
    pub fn with_advocacy(self, evidence: &AdvocacyEvidence, purchases: u64) -> Self {
        Self {
            shown: Some(Shown {
                referrals: evidence.referrals(),
                purchases,
                answer: evidence.last_nps().map(LastNps::score),
            }),
            ..self
        }
    }

    /// What a policy says of a customer without any evidence.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Quantity`], which no valid policy leads to.
    pub fn prior(policy: &EmotionalPolicy) -> Result<Self, DimensionError> {
        Self::of(&AffectEvidence::EMPTY, policy)
    }

    /// The feeling `m` from −1 (as bad as can be) to 1, with its standard deviation and the number
    /// of observations it rests on. That number says how many readings share the weight that is
    /// left, however little it is, so it does not fall in silence; mean and standard deviation do
    /// go back to the prior.
    ///
    /// Its stated interval, at the level of the policy, is the normal one where that lies on the
    /// scale, and ends at the end of the scale where it would reach beyond
    /// ([`reaches_beyond_scale`](Self::reaches_beyond_scale) says whether it does). The whole normal
    /// interval is [`Estimate::normal_interval`].
    #[must_use]
    #[doc(alias = "m")]
    pub fn valence(&self) -> Estimate {
        self.valence
    }

    /// The index `A = (m + 1)/2` from 0 to 1, with an interval on that scale.
    ///
    /// Where the policy gives peak and end a weight `ω`, it is that of the valence `(1 − ω)m + ω·PE`,
    /// with the standard deviation of `m`.
    #[must_use]
    #[doc(alias = "A")]
    pub fn index(&self) -> Estimate {
        self.index
    }

    /// Whether the normal interval reaches beyond the scale, so that the stated one was cut.
    #[must_use]
    pub fn reaches_beyond_scale(&self) -> bool {
        let stated = self.valence.stated_interval();
        stated.is_some_and(|range| {
            let whole = self.valence.normal_interval(range.level());
            whole.is_ok_and(|whole| whole.lower() < range.lower() || whole.upper() > range.upper())
        })
    }

    /// `Λ`: the weight of prior and evidence together, above 0.
    #[must_use]
    #[doc(alias = "lambda")]
    pub fn precision(&self) -> f64 {
        self.precision
    }

    /// How much more the readings scatter than their instruments should, at or above 0: 1 is as
    /// expected. `None` without evidence.
    #[must_use]
    pub fn dispersion(&self) -> Option<f64> {
        self.dispersion
    }

    /// The mean of the [peak and the end](crate::summary::PeakEnd) (峰终), from −1 to 1: a second
    /// view of the same evidence. `None` without evidence.
    #[must_use]
    pub fn peak_end(&self) -> Option<f64> {
        self.peak_end
    }

    /// How readily the customer recommends the firm (口碑), and whether they are a promoter or a brand
    /// ambassador. `None` where there is neither a purchase nor any evidence, or where one of the two
    /// may not be read.
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::DateTime;
    /// use guanxi::dimension::{EmotionalPolicy, Feeling, LoyaltyClass};
    /// use guanxi::history::{CustomerId, Interaction, InteractionId, NpsSurvey, ReferralMade};
    /// use guanxi::quantity::Probability;
    /// use guanxi::summary::{AdvocacyEvidence, AffectEvidence, EvidencePolicy};
    ///
    /// let (who, at) = (CustomerId::new("c-1")?, DateTime::UNIX_EPOCH);
    /// let told = Interaction::new(InteractionId::new("r")?, who.clone(), at, ReferralMade::new())?;
    /// let said = Interaction::new(InteractionId::new("s")?, who, at, NpsSurvey::new(9)?)?;
    /// let rules = EvidencePolicy::default();
    /// let felt = AffectEvidence::from_interactions([&told, &said], at, &rules);
    /// let shown = AdvocacyEvidence::from_interactions([&told, &said], at, &rules);
    ///
    /// let feeling = Feeling::of(&felt, &EmotionalPolicy::default())?.with_advocacy(&shown, 6);
    /// let advocacy = feeling.advocacy().ok_or("a referral was made")?;
    /// assert_eq!(advocacy.rate().mean(), 0.125); // (1 + 1)/(1 + 1 + 9 + 5)
    /// assert!(advocacy.is_brand_ambassador());
    /// let stands = feeling.loyalty(Probability::new(0.8)?).ok_or("an answer was given")?;
    /// assert_eq!(stands.class(), LoyaltyClass::Loyal);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn advocacy(&self) -> Option<Advocacy> {
        let Shown {
            referrals,
            purchases,
            answer,
        } = self.shown?;
        Advocacy::of_counts(referrals, answer, purchases, &self.rules).ok()
    }

    /// The class of loyalty (忠诚类型) of a customer who feels like this and is active with some
    /// probability, and how sure it is; `None` without evidence of the feeling, for the prior is no
    /// attitude of this customer.
    ///
    /// `active` is any measure of behaviour between 0 and 1 that the policy's reference is meant for:
    /// [P(active)](crate::model::PurchasePosterior::probability_active) over a span, or as
    /// [`RelationshipValue::loyalty`](crate::relationship::RelationshipValue::loyalty) takes it, the
    /// probability of being a customer still.
    #[must_use]
    pub fn loyalty(&self, active: Probability) -> Option<LoyaltyPosition> {
        LoyaltyPosition::of(self.index, active, &self.rules).ok()
    }

    /// The rules that it was judged by.
    #[must_use]
    pub fn rules(&self) -> &EmotionalPolicy {
        &self.rules
    }
}

/// The same estimate with its normal interval, cut to a scale that begins at `lowest` and ends at
/// 1.
fn with_interval(
    estimate: Estimate,
    level: Probability,
    lowest: f64,
) -> Result<Estimate, DimensionError> {
    let whole = estimate.normal_interval(level)?;
    let on_scale = Interval::new(whole.lower().max(lowest), whole.upper().min(1.0), level)?;
    Ok(estimate.with_interval(on_scale))
}

impl Feeling {
    /// How far one reading moved the feeling from the prior, when a share `left` of it is left:
    /// `ωd(y − μ0)/Λ`. Over all readings these add up to `m − μ0`.
    ///
    /// `policy` must be the one that this was judged by.
    #[must_use]
    pub fn contribution(&self, item: &AffectItem, left: f64, policy: &EmotionalPolicy) -> f64 {
        item.weight() * left * (item.valence().value() - policy.prior_mean()) / self.precision
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "Feeling")]
struct FeelingRow {
    valence: Estimate,
    index: Estimate,
    precision: f64,
    dispersion: Option<f64>,
    peak_end: Option<f64>,
    rules: EmotionalPolicy,
    shown: Option<Shown>,
}

#[cfg(feature = "serde")]
impl From<Feeling> for FeelingRow {
    fn from(feeling: Feeling) -> Self {
        Self {
            valence: feeling.valence,
            index: feeling.index,
            precision: feeling.precision,
            dispersion: feeling.dispersion,
            peak_end: feeling.peak_end,
            rules: feeling.rules,
            shown: feeling.shown,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<FeelingRow> for Feeling {
    type Error = DimensionError;

    fn try_from(row: FeelingRow) -> Result<Self, DimensionError> {
        let on_scale = "between -1 and 1";
        let scale = -1.0..=1.0;
        let index = row.index.mean();
        let precision = row.precision;
        let scatter = row.dispersion.unwrap_or(0.0);
        let told = row.peak_end.unwrap_or(0.0);
        let checks = [
            (
                "valence of a feeling",
                on_scale,
                row.valence.mean(),
                scale.contains(&row.valence.mean()),
            ),
            (
                "index of a feeling",
                "between 0 and 1",
                index,
                (0.0..=1.0).contains(&index),
            ),
            (
                "precision of a feeling",
                "a finite number above 0",
                precision,
                precision > 0.0 && precision.is_finite(),
            ),
            (
                "dispersion of readings",
                "a finite number at or above 0",
                scatter,
                (0.0..=f64::MAX).contains(&scatter),
            ),
            (
                "mean of peak and end",
                on_scale,
                told,
                scale.contains(&told),
            ),
        ];
        for (quantity, expected, found, holds) in checks {
            if !holds {
                return Err(DimensionError::Domain {
                    quantity,
                    expected,
                    found,
                });
            }
        }
        if let Some(answer) = row.shown.and_then(|shown| shown.answer) {
            let answers = 0..=10;
            if !answers.contains(&answer) {
                return Err(DimensionError::Domain {
                    quantity: "answer of a customer",
                    expected: "between 0 and 10",
                    found: f64::from(answer),
                });
            }
        }
        Ok(Self {
            valence: row.valence,
            index: row.index,
            precision,
            dispersion: row.dispersion,
            peak_end: row.peak_end,
            rules: row.rules,
            shown: row.shown,
        })
    }
}
