//! Evidence of how a customer feels: sums that fade, and the peak and the end.
//!
//! The sums are those of a conjugate normal model whose observations are discounted by age: power
//! priors (Ibrahim & Chen 2000, *Statistical Science* 15(1), 46–60,
//! <https://doi.org/10.1214/ss/1009212673>) and forgetting (West & Harrison 1997, *Bayesian
//! Forecasting and Dynamic Models*, <https://doi.org/10.1007/b98971>).

use chrono::{DateTime, Utc};

#[cfg(feature = "serde")]
use super::SummaryError;
use super::decay::Decayed;
use super::peak_end::Moment;
use super::{AffectItem, EvidencePolicy, PeakEnd};
use crate::history::Interaction;

/// What was observed of a customer's feeling toward the firm (情感证据).
///
/// Holds four sums over the [readings](AffectItem) `y` with weights `ω = a/R`, each faded by its age,
/// `d = 2^(−Δ/h)`, and the [peak and the end](PeakEnd). It takes events in any order, in constant
/// time and memory, and merges; it says what was seen, and a policy what to make of it:
/// [`Feeling`](crate::dimension::Feeling).
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{CustomerId, Interaction, InteractionId, NpsSurvey};
/// use guanxi::summary::{AffectEvidence, EvidencePolicy};
///
/// let (id, who) = (InteractionId::new("s-1")?, CustomerId::new("c-1")?);
/// let answer = Interaction::new(id, who, DateTime::UNIX_EPOCH, NpsSurvey::new(9)?)?;
/// let later = DateTime::UNIX_EPOCH + Days::new(180);
/// let felt = AffectEvidence::from_interactions([&answer], later, &EvidencePolicy::default());
/// assert!((felt.weight() - 2.5).abs() < 1e-12); // 1/0.10, two half-lives old
/// # Ok::<(), guanxi::history::HistoryError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "AffectRow", into = "AffectRow"))]
pub struct AffectEvidence {
    /// Σωd, Σωdy, Σωdy², Σ(ωd)².
    sums: Decayed<4>,
    moments: PeakEnd,
}

/// What is left of each sum after some seconds: squares of weights fade twice as fast.
fn fade(policy: &EvidencePolicy) -> impl Fn(f64) -> [f64; 4] {
    let half_life = policy.affect();
    move |seconds| {
        let left = half_life.fade(seconds);
        [left, left, left, left * left]
    }
}

impl AffectEvidence {
    /// Nothing observed.
    pub const EMPTY: Self = Self {
        sums: Decayed::EMPTY,
        moments: PeakEnd::EMPTY,
    };

    pub(super) fn observe(&mut self, interaction: &Interaction, policy: &EvidencePolicy) {
        let Some(item) = AffectItem::of(interaction, policy) else {
            return;
        };
        let (y, weight) = (item.valence().value(), item.weight());
        let amounts = [weight, weight * y, weight * (y * y), weight * weight];
        self.sums
            .add(interaction.occurred_at(), amounts, fade(policy));
        self.moments
            .record(&Moment::of(interaction, &item), policy.affect());
    }

    /// Reads something of it, so that it is at hand.
    pub(super) fn touch(&self) -> usize {
        let (peak, end) = (self.moments.peak().is_none(), self.moments.end().is_none());
        usize::from(self.sums.is_empty()) + usize::from(peak) + usize::from(end)
    }

    pub(super) fn merge(&mut self, other: &Self, policy: &EvidencePolicy) {
        self.sums.merge(&other.sums, fade(policy));
        self.moments.merge(&other.moments, policy.affect());
    }

    pub(super) fn faded_to(&self, as_of: DateTime<Utc>, policy: &EvidencePolicy) -> Self {
        Self {
            sums: self.sums.faded_to(as_of, fade(policy)),
            moments: self.moments.clone(),
        }
    }

    /// Whether nothing was observed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sums.is_empty()
    }

    /// The instant the sums stand at: that of the last reading, or the later one they were faded
    /// to. `None` without any reading.
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.sums.latest()
    }

    /// `S0 = Σωd`: what the readings weigh together, at or above 0.
    #[must_use]
    #[doc(alias = "S0")]
    pub fn weight(&self) -> f64 {
        let [weight, ..] = self.sums.sums();
        weight
    }

    /// `S1 = Σωdy`, at most as large as the weight.
    #[must_use]
    #[doc(alias = "S1")]
    pub fn weighted_valence(&self) -> f64 {
        let [_, valence, ..] = self.sums.sums();
        valence
    }

    /// `S2 = Σωdy²`, from 0 to the weight.
    #[must_use]
    #[doc(alias = "S2")]
    pub fn weighted_square(&self) -> f64 {
        let [_, _, square, _] = self.sums.sums();
        square
    }

    /// `SS = Σ(ωd)²`, at most the square of the weight.
    #[must_use]
    #[doc(alias = "SS")]
    pub fn squared_weight(&self) -> f64 {
        let [.., squared] = self.sums.sums();
        squared
    }

    /// The most intense moment and the last one.
    #[must_use]
    pub fn peak_end(&self) -> &PeakEnd {
        &self.moments
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "AffectEvidence")]
struct AffectRow {
    at: Option<DateTime<Utc>>,
    weight: f64,
    weighted_valence: f64,
    weighted_square: f64,
    squared_weight: f64,
    moments: PeakEnd,
}

#[cfg(feature = "serde")]
impl From<AffectEvidence> for AffectRow {
    fn from(evidence: AffectEvidence) -> Self {
        let [weight, weighted_valence, weighted_square, squared_weight] = evidence.sums.sums();
        Self {
            at: evidence.latest(),
            weight,
            weighted_valence,
            weighted_square,
            squared_weight,
            moments: evidence.moments,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<AffectRow> for AffectEvidence {
    type Error = SummaryError;

    fn try_from(row: AffectRow) -> Result<Self, SummaryError> {
        let sums = [
            row.weight,
            row.weighted_valence,
            row.weighted_square,
            row.squared_weight,
        ];
        let refuse = |expected| {
            Err(SummaryError::StoredState {
                expected,
                found: format!("{:?} as of {:?} with {:?}", sums, row.at, row.moments),
            })
        };
        let Some(at) = row.at else {
            if sums.iter().all(|sum| sum.to_bits() == 0) && row.moments.is_empty() {
                return Ok(Self::EMPTY);
            }
            return refuse("no sums and no moments where no feeling was read");
        };
        let [s0, s1, s2, squared] = sums;
        // Sums are rounded as they fade, and the smallest ones not only in their last digit.
        let within = |part: f64, whole: f64| part <= whole * (1.0 + 1e-9) + 1e-300;
        if !(sums.iter().all(|sum| sum.is_finite()) && s0 >= 0.0 && s2 >= 0.0 && squared >= 0.0) {
            return refuse("finite sums of feeling, of weights and of squares at or above 0");
        }
        // No log is as long, and no noise as small, as to lead beyond these.
        let counts = s0 < 1e-140 || squared >= s0 * s0 * 1e-20;
        if !(s0 <= 1e30 && counts) {
            return refuse("weights of at most 1e20 readings of at most 1e30 in all");
        }
        if !(within(s1.abs(), s0) && within(s2, s0) && within(squared, s0 * s0)) {
            return refuse("sums of feeling that valences from -1 to 1 can make up");
        }
        if !within(s1.abs() * (s1.abs() / s0.max(f64::MIN_POSITIVE)), s2) {
            return refuse("a sum of squares at or above the square of the sum over the weight");
        }
        match row.moments.end() {
            Some(end) if end.at() <= at => Ok(Self {
                sums: Decayed::from_stored(at, sums),
                moments: row.moments,
            }),
            _ => refuse("a last moment, not after the instant of the sums"),
        }
    }
}
