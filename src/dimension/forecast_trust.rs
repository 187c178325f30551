//! How well trust foretells what comes next.

use chrono::{DateTime, Utc};

use super::forecast::{Scored, in_order, seconds};
use super::{DimensionError, ForecastChoice, TrustPolicy};
use crate::history::Interaction;
use crate::quantity::HalfLife;
use crate::summary::{EvidencePolicy, TrustDirection, TrustItem};

/// A way to judge trust: how fast evidence fades, and how many times a breach counts.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct TrustCandidate {
    /// Half-life of evidence.
    pub half_life: HalfLife,
    /// How many times a breach counts, κ, from 1 to 1000.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_negativity"))]
    pub negativity: f64,
}

#[cfg(feature = "serde")]
fn read_negativity<'de, D: serde::Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    use serde::{Deserialize, de::Error};

    let policy = TrustPolicy::default().with_negativity(f64::deserialize(d)?);
    Ok(policy.map_err(D::Error::custom)?.negativity())
}

impl TrustCandidate {
    /// Every half-life with every κ.
    #[must_use]
    pub fn grid(half_lives: &[HalfLife], negativities: &[f64]) -> Vec<Self> {
        let with = |half_life| {
            negativities.iter().map(move |&negativity| Self {
                half_life,
                negativity,
            })
        };
        half_lives.iter().copied().flat_map(with).collect()
    }
}

/// A piece of evidence of trust.
struct Piece {
    at: DateTime<Utc>,
    weight: f64,
    outcome: f64,
    foretold: bool,
}

/// All that an interaction shows of trust.
fn pieces(
    event: &Interaction,
    direction: TrustDirection,
    evidence: &EvidencePolicy,
    policy: &TrustPolicy,
) -> impl Iterator<Item = Piece> {
    let at = event.occurred_at();
    TrustItem::read(event, evidence)
        .filter(move |item| item.direction() == direction)
        .map(move |item| Piece {
            at,
            weight: item.multiplier() * policy.weight(item.source()),
            outcome: item.outcome(),
            foretold: item.source().can_build() && item.source().can_break(),
        })
        .filter(|piece| piece.weight > 0.0)
}

/// The weighted sum of the scores of one customer's outcomes.
fn score(pieces: &[Vec<Piece>], candidate: TrustCandidate, policy: &TrustPolicy) -> f64 {
    let (mut for_it, mut against) = (0.0, 0.0);
    let mut last: Option<DateTime<Utc>> = None;
    let mut sum = 0.0;
    for event in pieces {
        let Some(Piece { at, .. }) = event.first() else {
            continue;
        };
        let left = last.map_or(1.0, |last| candidate.half_life.fade(seconds(last, *at)));
        last = Some(*at);
        for_it *= left;
        against *= left;
        let alpha = for_it + policy.prior_weight() * policy.base_rate();
        let beta = against + policy.prior_weight() * (1.0 - policy.base_rate());
        let (good, bad) = (alpha / (alpha + beta), beta / (alpha + beta));
        for piece in event {
            if piece.foretold {
                let log = piece.outcome * good.ln() + (1.0 - piece.outcome) * bad.ln();
                sum += piece.weight * log;
            }
            for_it += piece.weight * piece.outcome;
            against += candidate.negativity * piece.weight * (1.0 - piece.outcome);
        }
    }
    sum
}

impl ForecastChoice<TrustCandidate> {
    /// How well the belief in trust foretold each outcome `o` from 0 to 1: the score is `o·ln p +
    /// (1 − o)·ln(1 − p)` for a mean `p` just before, weighted as the policy weighs the evidence.
    ///
    /// Every piece of evidence moves the belief, and those that can speak both for trust and against
    /// it are foretold. A complaint or a recommendation is not: when it occurs, its outcome is
    /// settled. `evidence` and `policy` give everything that is not up for choice.
    ///
    /// With κ above 1 the mean is below the share of outcomes that were good on purpose, so this score
    /// favours κ = 1 wherever outcomes are fair draws: it judges a forecast, not a loss.
    ///
    /// Interactions that were corrected should not be among these: give
    /// [views](crate::history::TimelineView).
    ///
    /// # Errors
    ///
    /// [`DimensionError::Empty`] without a candidate; [`DimensionError::Domain`] for a κ outside its
    /// range; [`DimensionError::NotIdentified`] if there is nothing to foretell of two customers.
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::{DateTime, Days};
    /// use guanxi::dimension::{ForecastChoice, TrustCandidate, TrustPolicy};
    /// use guanxi::history::{CustomerId, Interaction, InteractionId, Promise, PromiseEvent};
    /// use guanxi::quantity::{HalfLife, Span};
    /// use guanxi::summary::{EvidencePolicy, TrustDirection};
    ///
    /// // Two customers, to each of whom a promise was kept and half a year later another.
    /// let promise = |who: &str, n| {
    ///     let (id, at) = (format!("p-{n}"), DateTime::UNIX_EPOCH + Days::new(n));
    ///     let kept = Promise::new(PromiseEvent::Kept);
    ///     Interaction::new(InteractionId::new(id)?, CustomerId::new(who)?, at, kept)
    /// };
    /// let histories = [
    ///     [promise("a", 0)?, promise("a", 180)?],
    ///     [promise("b", 0)?, promise("b", 180)?],
    /// ];
    /// let half_year = HalfLife::new(Span::days(180.0)?)?;
    /// let choice = ForecastChoice::of_trust(
    ///     &histories,
    ///     TrustDirection::CustomerInFirm,
    ///     &TrustCandidate::grid(&[half_year, HalfLife::NEVER], &[1.0]),
    ///     &EvidencePolicy::default(),
    ///     &TrustPolicy::default(),
    /// )?;
    /// // The first is foretold with 1/2; the second with 1.5/2.5, or with 2/3 if nothing fades.
    /// let scores: Vec<f64> = choice.rows().iter().map(|row| row.log_score()).collect();
    /// assert!((scores[0] - (0.5_f64.ln() + 0.6_f64.ln()) / 2.0).abs() < 1e-12);
    /// assert!((scores[1] - (0.5_f64.ln() + (2.0_f64 / 3.0).ln()) / 2.0).abs() < 1e-12);
    /// assert_eq!(choice.best().candidate().half_life, HalfLife::NEVER);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_trust<'a, H>(
        histories: H,
        direction: TrustDirection,
        candidates: &[TrustCandidate],
        evidence: &EvidencePolicy,
        policy: &TrustPolicy,
    ) -> Result<Self, DimensionError>
    where
        H: IntoIterator,
        H::Item: IntoIterator<Item = &'a Interaction>,
    {
        for candidate in candidates {
            policy.clone().with_negativity(candidate.negativity)?;
        }
        let score = |history: H::Item| {
            let events = in_order(history);
            let read = |event: &&Interaction| {
                pieces(event, direction, evidence, policy).collect::<Vec<_>>()
            };
            let events: Vec<Vec<Piece>> = events.iter().map(read).collect();
            let foretold = || events.iter().flatten().filter(|piece| piece.foretold);
            Scored {
                weight: foretold().map(|piece| piece.weight).sum(),
                forecasts: foretold().count(),
                sums: (candidates.iter())
                    .map(|&candidate| score(&events, candidate, policy))
                    .collect(),
            }
        };
        let scored: Vec<Scored> = histories.into_iter().map(score).collect();
        Self::compare(candidates, &scored)
    }
}
