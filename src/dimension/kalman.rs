//! Feeling as a process in time: the Ornstein–Uhlenbeck filter, the reference alternative.
//!
//! Kalman (1960), "A New Approach to Linear Filtering and Prediction Problems", *Journal of Basic
//! Engineering* 82(1), 35–45, <https://doi.org/10.1115/1.3662552>, for the process of Uhlenbeck &
//! Ornstein (1930), *Physical Review* 36(5), 823–841, <https://doi.org/10.1103/PhysRev.36.823>.

use chrono::{DateTime, Utc};

use super::{DimensionError, EmotionalPolicy};
use crate::history::{Interaction, InteractionId};
use crate::quantity::{Estimate, HalfLife, Span, TimeUnit};
use crate::summary::{AffectItem, EvidencePolicy};

/// A filter for a feeling that drifts and is drawn back to its mean (卡尔曼滤波).
///
/// Between observations `m ← μ0 + (m − μ0)d` and `P ← v0 + (P − v0)d²`, where `d = 2^(−Δ/h)`; an
/// observation `y` of noise variance `R/a` moves it by the gain `K = P/(P + R/a)`. Against
/// [`Feeling`](super::Feeling), which forgets by making old evidence weak, this ages the *knowledge*:
/// an old survey becomes uninformative, and however much was seen, the feeling can have moved since.
/// It is exact where feeling is such a process, and needs its events in the order of time: it
/// neither merges nor takes late events.
///
/// On simulated customers whose feeling drifts with the half-life of the evidence it forecasts the
/// next answer better than [`Feeling`](super::Feeling) does, and its 90 % interval holds 89 % to 91 %;
/// on those whose feeling is constant it forecasts worse, and holds 93 % to 98 %.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::dimension::{AffectFilter, EmotionalPolicy};
/// use guanxi::quantity::{HalfLife, Span};
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let half_life = HalfLife::new(Span::days(90.0)?)?;
/// let mut filter = AffectFilter::new(&EmotionalPolicy::default(), half_life);
/// filter.observe(day(0), 0.6, 0.1)?; // an NPS of 9
/// filter.observe(day(90), -0.5, 0.12)?; // a CSAT of 2
/// filter.observe(day(170), 0.7, 0.3)?; // a review
/// let now = filter.at(day(180))?;
/// assert!((now.mean() - 0.184_283_284_959).abs() < 1e-12);
/// assert!((now.sd() - 0.318_396_816_968).abs() < 1e-12);
/// assert!(filter.observe(day(179), 0.0, 0.1).is_ok() && filter.at(day(178)).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "FilterRow", into = "FilterRow"))]
pub struct AffectFilter {
    prior_mean: f64,
    prior_variance: f64,
    half_life: HalfLife,
    last: Option<DateTime<Utc>>,
    mean: f64,
    variance: f64,
    observations: f64,
}

/// Refuses a number for which a rule does not hold.
fn check(
    quantity: &'static str,
    expected: &'static str,
    found: f64,
    holds: bool,
) -> Result<(), DimensionError> {
    if holds {
        return Ok(());
    }
    Err(DimensionError::Domain {
        quantity,
        expected,
        found,
    })
}

impl AffectFilter {
    /// A filter before any observation: the policy's prior, which is also what the feeling is drawn
    /// back to, half of the way in a half-life.
    #[must_use]
    pub fn new(policy: &EmotionalPolicy, half_life: HalfLife) -> Self {
        Self {
            prior_mean: policy.prior_mean(),
            prior_variance: policy.prior_variance(),
            half_life,
            last: None,
            mean: policy.prior_mean(),
            variance: policy.prior_variance(),
            observations: 0.0,
        }
    }

    /// What these interactions lead to, in any order: they are sorted by time and id, and those
    /// after `as_of` are left out. The filter stands at the last one that tells of feeling.
    ///
    /// # Errors
    ///
    /// [`DimensionError`], which no valid interactions and policies lead to.
    pub fn from_interactions<'a>(
        interactions: impl IntoIterator<Item = &'a Interaction>,
        as_of: DateTime<Utc>,
        evidence: &EvidencePolicy,
        policy: &EmotionalPolicy,
    ) -> Result<Self, DimensionError> {
        let mut items: Vec<(DateTime<Utc>, &InteractionId, AffectItem)> = interactions
            .into_iter()
            .filter(|interaction| interaction.occurred_at() <= as_of)
            .filter_map(|interaction| {
                let item = AffectItem::of(interaction, evidence)?;
                Some((interaction.occurred_at(), interaction.id(), item))
            })
            .collect();
        items.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        let mut filter = Self::new(policy, evidence.affect());
        for (at, _, item) in items {
            filter.observe(at, item.valence().value(), 1.0 / item.weight())?;
        }
        Ok(filter)
    }

    /// Takes in a reading of valence `y` from −1 to 1 and noise variance `R/a`.
    ///
    /// # Errors
    ///
    /// [`DimensionError::OutOfOrder`] if it is from before the last one, and
    /// [`DimensionError::Domain`] if the valence lies off its scale or the variance is not positive
    /// and finite.
    pub fn observe(
        &mut self,
        at: DateTime<Utc>,
        valence: f64,
        noise_variance: f64,
    ) -> Result<(), DimensionError> {
        let on_scale = (-1.0..=1.0).contains(&valence);
        check("valence", "between -1 and 1", valence, on_scale)?;
        check(
            "noise variance of a reading",
            "a finite number above 0",
            noise_variance,
            noise_variance > 0.0 && noise_variance.is_finite(),
        )?;
        let (mean, variance, observations) = self.predict(at)?;
        let gain = variance / (variance + noise_variance);
        self.mean = mean + gain * (valence - mean);
        // P(1 − K) without the difference, which would cancel where the reading is exact.
        self.variance = variance * (noise_variance / (variance + noise_variance));
        self.observations = observations + 1.0;
        self.last = Some(at);
        Ok(())
    }

    /// The feeling at an instant that is not before the last reading; `n_eff` counts the readings,
    /// each half after a half-life.
    ///
    /// # Errors
    ///
    /// [`DimensionError::OutOfOrder`] if the instant is earlier.
    pub fn at(&self, as_of: DateTime<Utc>) -> Result<Estimate, DimensionError> {
        let (mean, variance, observations) = self.predict(as_of)?;
        Ok(Estimate::new(mean, variance.sqrt(), observations)?)
    }

    /// The instant of the last reading; `None` before the first.
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.last
    }

    /// Mean, variance and number of readings at an instant, before any reading then.
    fn predict(&self, at: DateTime<Utc>) -> Result<(f64, f64, f64), DimensionError> {
        let Some(last) = self.last else {
            return Ok((self.mean, self.variance, 0.0));
        };
        if at < last {
            return Err(DimensionError::OutOfOrder { last, found: at });
        }
        let left = self
            .half_life
            .decay(Span::between(last, at, TimeUnit::Second)?);
        Ok((
            self.prior_mean + (self.mean - self.prior_mean) * left,
            self.prior_variance + (self.variance - self.prior_variance) * (left * left),
            self.observations * left,
        ))
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "AffectFilter")]
struct FilterRow {
    prior_mean: f64,
    prior_variance: f64,
    half_life: HalfLife,
    last: Option<DateTime<Utc>>,
    mean: f64,
    variance: f64,
    observations: f64,
}

#[cfg(feature = "serde")]
impl From<AffectFilter> for FilterRow {
    fn from(filter: AffectFilter) -> Self {
        Self {
            prior_mean: filter.prior_mean,
            prior_variance: filter.prior_variance,
            half_life: filter.half_life,
            last: filter.last,
            mean: filter.mean,
            variance: filter.variance,
            observations: filter.observations,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<FilterRow> for AffectFilter {
    type Error = DimensionError;

    fn try_from(row: FilterRow) -> Result<Self, DimensionError> {
        let policy = EmotionalPolicy::default()
            .with_prior_mean(row.prior_mean)?
            .with_prior_variance(row.prior_variance)?;
        let fresh = Self::new(&policy, row.half_life);
        let Some(last) = row.last else {
            check(
                "valence without a reading",
                "the prior mean",
                row.mean,
                row.mean.to_bits() == fresh.mean.to_bits(),
            )?;
            check(
                "variance without a reading",
                "the prior variance",
                row.variance,
                row.variance.to_bits() == fresh.variance.to_bits(),
            )?;
            check(
                "number of readings without any",
                "0",
                row.observations,
                row.observations.to_bits() == 0,
            )?;
            return Ok(fresh);
        };
        let on_scale = (-1.0..=1.0).contains(&row.mean);
        check("valence", "between -1 and 1", row.mean, on_scale)?;
        let most = fresh.variance * (1.0 + 1e-9);
        check(
            "variance of a feeling",
            "above 0 and at most that of the prior",
            row.variance,
            row.variance > 0.0 && row.variance <= most,
        )?;
        check(
            "number of readings",
            "a finite number at or above 1",
            row.observations,
            (1.0..=f64::MAX).contains(&row.observations),
        )?;
        Ok(Self {
            last: Some(last),
            mean: row.mean,
            variance: row.variance,
            observations: row.observations,
            ..fresh
        })
    }
}
