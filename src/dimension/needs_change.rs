//! The alarm for a change of needs, which is told from chance by draws.

use chrono::{DateTime, Utc};

use super::DimensionError;
use super::error::checked;
use super::known::check_as_of;
use super::needs::divergence;
use crate::numeric::random::RandomStream;
use crate::quantity::{Fingerprint, PolicyId, Probability};
use crate::summary::PreferenceEvidence;

/// How a change of needs is told from chance.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct NeedsOptions {
    /// Quantile of what chance leads to, above which there is an alarm; 0.99 by default, our
    /// choice.
    pub level: Probability,
    /// How many samples tell what chance leads to, from 100 to 1,000,000; 2000 by default, of
    /// which 20 lie beyond the quantile.
    pub draws: u32,
    /// Seed; the same seed gives the same answer.
    pub seed: u64,
    /// The least recent evidence, in observations, that says anything; 1 by default, our
    /// choice. After a long silence there is none, however much was known before.
    pub least: f64,
}

impl NeedsOptions {
    /// The name these options have by their content, which every [answer](NeedsChange::options)
    /// keeps.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        Fingerprint::of("needs")
            .number(self.level.value())
            .whole(self.draws.into())
            .whole(self.seed)
            .number(self.least)
            .id()
    }
}

impl Default for NeedsOptions {
    fn default() -> Self {
        Self {
            level: Probability::NINETY_NINE_PERCENT,
            draws: 2000,
            seed: 1,
            least: 1.0,
        }
    }
}

/// How far what a customer wanted lately is from what the customer is like.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "ChangeRow", into = "ChangeRow"))]
pub struct NeedsChange {
    options: PolicyId,
    divergence_bits: f64,
    threshold_bits: f64,
    p_value: f64,
    observations: u64,
}

/// Two divergences this close are the same; they differ by rounding.
const SAME: f64 = 1e-12;

impl NeedsChange {
    /// The [options](NeedsOptions::id) by which it was told from chance.
    #[must_use]
    pub fn options(self) -> PolicyId {
        self.options
    }

    /// Jensen–Shannon divergence of the shares of categories under the fast half-life from
    /// those under the slow one, from 0 to 1 bit.
    #[must_use]
    pub fn divergence_bits(self) -> f64 {
        self.divergence_bits
    }

    /// The divergence that chance exceeds once in a hundred times (at the default level).
    #[must_use]
    pub fn threshold_bits(self) -> f64 {
        self.threshold_bits
    }

    /// Share of the samples whose divergence is at least as large, the observed one among them:
    /// never 0.
    #[must_use]
    pub fn p_value(self) -> f64 {
        self.p_value
    }

    /// How many observations the recent shares are as sure as, and each sample held.
    #[must_use]
    pub fn observations(self) -> u64 {
        self.observations
    }

    /// Whether needs are changing: the divergence is above the threshold.
    #[must_use]
    pub fn is_alarm(self) -> bool {
        self.divergence_bits > self.threshold_bits + SAME
    }
}

/// Whether a customer's needs are changing (需求变化): do recent observations differ from the
/// long-run shares of categories by more than chance would lead to?
///
/// Chance is told by samples from the long-run shares, each of as many observations as the
/// recent shares are [as sure as](PreferenceEvidence::fast_sample_size). `None` if there is too
/// little recent evidence. The evidence must be as of `as_of`, as that of a summary is.
///
/// Of simulated customers whose needs did not change, 3 in 1000 or fewer raised an alarm: fewer
/// than one in a hundred, because the recent observations are among the long-run ones. Two months
/// after most of their wants had changed, 98 % of those observed every other day did, 35 % of those
/// observed every fifth, and 1 % of those observed every fortnight, of whom too little is seen.
///
/// # Errors
///
/// - [`DimensionError::AsOf`] for evidence as of another instant.
/// - [`DimensionError::Domain`] for options out of their range.
///
/// # Examples
///
/// Weekly tea for a year and a half, then weekly coffee:
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::dimension::{NeedsOptions, needs_change};
/// use guanxi::history::{CustomerId, Interaction, InteractionId, PreferenceObserved};
/// use guanxi::summary::{EvidencePolicy, PreferenceEvidence};
///
/// let week = |n: u64| DateTime::UNIX_EPOCH + Days::new(7 * n);
/// let log: Vec<Interaction> = (0..86).map(|n| {
///     let seen = PreferenceObserved::new(if n < 80 { "tea".into() } else { "coffee".into() });
///     let id = InteractionId::new(format!("p-{n}"))?;
///     Ok(Interaction::new(id, CustomerId::new("c-1")?, week(n), seen)?)
/// }).collect::<Result<_, guanxi::Error>>()?;
/// let liked = |n| {
///     PreferenceEvidence::from_interactions(&log, week(n), &EvidencePolicy::default())
/// };
/// let before = needs_change(&liked(79), week(79), &NeedsOptions::default())?;
/// let after = needs_change(&liked(85), week(85), &NeedsOptions::default())?;
/// assert_eq!(before.map(|change| change.is_alarm()), Some(false));
/// assert_eq!(after.map(|change| change.is_alarm()), Some(true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn needs_change(
    preferences: &PreferenceEvidence,
    as_of: DateTime<Utc>,
    options: &NeedsOptions,
) -> Result<Option<NeedsChange>, DimensionError> {
    let NeedsOptions {
        level, draws, seed, ..
    } = *options;
    let (what, range) = ("number of draws", "between 100 and 1000000");
    checked(what, range, 100.0..=1e6, f64::from(draws))?;
    let (what, range) = ("level of the alarm", "between 0.5 and 0.9999");
    let level = checked(what, range, 0.5..=0.9999, level.value())?;
    let (what, range) = ("least recent evidence", "between 0 and 1e12");
    let least = checked(what, range, 0.0..=1e12, options.least)?;
    check_as_of(preferences, as_of)?;
    let (slow, fast) = (preferences.slow_total(), preferences.fast_total());
    let size = match preferences.fast_sample_size() {
        Some(size) if fast >= least && slow > 0.0 => size,
        _ => return Ok(None),
    };
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at least 1, and beyond 2^53 the cast stops at the largest"
    )]
    let observations = size.round().min(9e15) as u64;
    let long_run: Vec<f64> = preferences.counts().map(|c| c.slow / slow).collect();
    let recent = preferences.counts().map(|c| c.fast / fast);
    let observed = divergence(recent, long_run.iter().copied());
    let mut random = RandomStream::new(seed, 0);
    let mut sample = vec![0.0; long_run.len()];
    let mut by_chance: Vec<f64> = (0..draws)
        .map(|_| {
            draw_shares(&mut random, &long_run, observations, &mut sample);
            divergence(sample.iter().copied(), long_run.iter().copied())
        })
        .collect();
    by_chance.sort_unstable_by(f64::total_cmp);
    let above = by_chance.iter().filter(|&&d| d >= observed - SAME).count();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place among the draws"
    )]
    let place = (level * f64::from(draws)).ceil() as usize;
    let threshold = by_chance.get(place.saturating_sub(1)).copied();
    Ok(Some(NeedsChange {
        options: options.id(),
        divergence_bits: observed,
        threshold_bits: threshold.unwrap_or(1.0),
        p_value: (above as f64 + 1.0) / (f64::from(draws) + 1.0),
        observations,
    }))
}

/// Shares of one multinomial sample, category by category.
fn draw_shares(random: &mut RandomStream, shares: &[f64], size: u64, sample: &mut [f64]) {
    let (mut left, mut share_left) = (size, shares.iter().sum::<f64>());
    for (share, drawn) in shares.iter().zip(sample) {
        // What is left after the last category is lost to rounding: one sample in 10^15.
        let p = if *share < share_left {
            share / share_left
        } else {
            1.0
        };
        let count = random.binomial(left, p);
        *drawn = count as f64 / size as f64;
        left -= count;
        share_left -= share;
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "NeedsChange")]
struct ChangeRow {
    options: PolicyId,
    divergence_bits: f64,
    threshold_bits: f64,
    p_value: f64,
    observations: u64,
}

#[cfg(feature = "serde")]
impl From<NeedsChange> for ChangeRow {
    fn from(change: NeedsChange) -> Self {
        Self {
            options: change.options,
            divergence_bits: change.divergence_bits,
            threshold_bits: change.threshold_bits,
            p_value: change.p_value,
            observations: change.observations,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<ChangeRow> for NeedsChange {
    type Error = DimensionError;

    fn try_from(row: ChangeRow) -> Result<Self, DimensionError> {
        let range = "between 0 and 1";
        let share = |what, found| checked(what, range, 0.0..=1.0, found);
        Ok(Self {
            options: row.options,
            divergence_bits: share("divergence of needs", row.divergence_bits)?,
            threshold_bits: share("threshold of the divergence", row.threshold_bits)?,
            p_value: share("p-value of the divergence", row.p_value)?,
            observations: row.observations,
        })
    }
}
