//! How well feeling foretells what the customer says next.

use chrono::{DateTime, Utc};

use super::emotional::posterior;
use super::forecast::{Scored, in_order, seconds};
use super::{AffectFilter, DimensionError, EmotionalPolicy, ForecastChoice};
use crate::history::Interaction;
use crate::quantity::HalfLife;
use crate::summary::{AffectItem, EvidencePolicy, Instrument};

/// Which model of feeling foretells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum AffectModel {
    /// Evidence grows weaker: [`Feeling`](super::Feeling), which the emotional dimension is made of.
    Discounted,
    /// Feeling returns to its mean: [`AffectFilter`].
    Filtered,
}

/// A way to judge feeling: by which model, and how fast evidence fades or feeling returns to its
/// mean.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct AffectCandidate {
    /// The model.
    pub model: AffectModel,
    /// Its half-life.
    pub half_life: HalfLife,
}

impl AffectCandidate {
    /// Every half-life with every model.
    #[must_use]
    pub fn grid(half_lives: &[HalfLife], models: &[AffectModel]) -> Vec<Self> {
        let with = |&half_life: &HalfLife| {
            let of = move |&model: &AffectModel| Self { model, half_life };
            models.iter().map(of)
        };
        half_lives.iter().flat_map(with).collect()
    }
}

/// A reading of feeling.
struct Reading {
    at: DateTime<Utc>,
    valence: f64,
    weight: f64,
    foretold: bool,
}

/// The logarithm of the normal density of a reading, for a mean and a variance of feeling before it.
fn log_density(reading: &Reading, mean: f64, variance: f64) -> f64 {
    let variance = variance + 1.0 / reading.weight;
    let off = reading.valence - mean;
    -0.5 * ((std::f64::consts::TAU * variance).ln() + off * off / variance)
}

/// The score of one customer's readings by the model of fading evidence.
fn discounted(readings: &[Reading], half_life: HalfLife, policy: &EmotionalPolicy) -> f64 {
    let mut sums = [0.0; 4];
    let mut last = None;
    let mut score = 0.0;
    for reading in readings {
        let left = last.map_or(1.0, |last| half_life.fade(seconds(last, reading.at)));
        last = Some(reading.at);
        for (sum, left) in sums.iter_mut().zip([left, left, left, left * left]) {
            *sum *= left;
        }
        if reading.foretold {
            let felt = posterior(sums, policy);
            score += log_density(reading, felt.mean, felt.variance);
        }
        let (y, w) = (reading.valence, reading.weight);
        for (sum, more) in sums.iter_mut().zip([w, w * y, w * y * y, w * w]) {
            *sum += more;
        }
    }
    score
}

/// The score of one customer's readings by the filter.
fn filtered(
    readings: &[Reading],
    half_life: HalfLife,
    policy: &EmotionalPolicy,
) -> Result<f64, DimensionError> {
    let mut filter = AffectFilter::new(policy, half_life);
    let mut score = 0.0;
    for reading in readings {
        if reading.foretold {
            let felt = filter.at(reading.at)?;
            score += log_density(reading, felt.mean(), felt.sd() * felt.sd());
        }
        filter.observe(reading.at, reading.valence, 1.0 / reading.weight)?;
    }
    Ok(score)
}

impl ForecastChoice<AffectCandidate> {
    /// How well feeling foretold each reading: the score is the logarithm of the normal density with
    /// the mean and variance of the feeling just before, the reading's noise `R/a` added to the
    /// variance. Every reading counts alike.
    ///
    /// Every reading moves the feeling, and those are foretold in which the customer told something:
    /// an interaction whose valence is that of its kind tells of no one's feeling. Readings lie on a
    /// few steps from −1 to 1 and are no normal numbers; the score compares candidates, and its level
    /// means little. `evidence` and `policy` give everything that is not up for choice.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Empty`] without a candidate; [`DimensionError::NotIdentified`] if there is
    /// nothing to foretell of two customers.
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::{DateTime, Days};
    /// use guanxi::dimension::{AffectCandidate, AffectModel, EmotionalPolicy, ForecastChoice};
    /// use guanxi::history::{CustomerId, Interaction, InteractionId, NpsSurvey};
    /// use guanxi::quantity::{HalfLife, Span};
    /// use guanxi::summary::EvidencePolicy;
    ///
    /// // Two customers, who gave a 9 (0.6) and a quarter of a year later another.
    /// let answer = |who: &str, n| {
    ///     let (id, at) = (format!("s-{n}"), DateTime::UNIX_EPOCH + Days::new(n));
    ///     Interaction::new(InteractionId::new(id)?, CustomerId::new(who)?, at, NpsSurvey::new(9)?)
    /// };
    /// let histories = [[answer("a", 0)?, answer("a", 90)?], [answer("b", 0)?, answer("b", 90)?]];
    /// let quarter = HalfLife::new(Span::days(90.0)?)?;
    /// let choice = ForecastChoice::of_affect(
    ///     &histories,
    ///     &AffectCandidate::grid(&[quarter, HalfLife::NEVER], &[AffectModel::Discounted]),
    ///     &EvidencePolicy::default(),
    ///     &EmotionalPolicy::default(),
    /// )?;
    /// // Before the first: mean 0.1, variance 0.16. Before the second, of a weight of 10/2 left:
    /// let (mean, variance) = ((0.1 / 0.16 + 5.0 * 0.6) / (1.0 / 0.16 + 5.0), 1.0 / (1.0 / 0.16 + 5.0));
    /// let density = |mean: f64, variance: f64| {
    ///     -0.5 * ((std::f64::consts::TAU * variance).ln() + (0.6 - mean).powi(2) / variance)
    /// };
    /// let expected = (density(0.1, 0.16 + 0.1) + density(mean, variance + 0.1)) / 2.0;
    /// assert!((choice.rows()[0].log_score() - expected).abs() < 1e-12);
    /// assert_eq!(choice.best().candidate().half_life, HalfLife::NEVER);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_affect<'a, H>(
        histories: H,
        candidates: &[AffectCandidate],
        evidence: &EvidencePolicy,
        policy: &EmotionalPolicy,
    ) -> Result<Self, DimensionError>
    where
        H: IntoIterator,
        H::Item: IntoIterator<Item = &'a Interaction>,
    {
        let read = |event: &Interaction| {
            let item = AffectItem::of(event, evidence)?;
            let told = item.instrument() != Instrument::Behaviour;
            Some(Reading {
                at: event.occurred_at(),
                valence: item.valence().value(),
                weight: item.weight(),
                foretold: told || event.stated_valence().is_some(),
            })
        };
        let score = |history: H::Item| {
            let events = in_order(history);
            let readings: Vec<Reading> = events.into_iter().filter_map(read).collect();
            let foretold = readings.iter().filter(|reading| reading.foretold).count();
            let sum = |candidate: &AffectCandidate| match candidate.model {
                AffectModel::Discounted => Ok(discounted(&readings, candidate.half_life, policy)),
                AffectModel::Filtered => filtered(&readings, candidate.half_life, policy),
            };
            let sums: Result<Vec<f64>, DimensionError> = candidates.iter().map(sum).collect();
            Ok(Scored {
                weight: foretold as f64,
                forecasts: foretold,
                sums: sums?,
            })
        };
        let scored: Result<Vec<Scored>, DimensionError> =
            histories.into_iter().map(score).collect();
        Self::compare(candidates, &scored?)
    }
}
