//! Choosing rules by how well they foretell: what came next, given what was seen before.
//!
//! Dawid (1984), "Statistical Theory: The Prequential Approach", *Journal of the Royal Statistical
//! Society A* 147(2), 278–292, <https://doi.org/10.2307/2981683>; Gneiting & Raftery (2007),
//! "Strictly Proper Scoring Rules, Prediction, and Estimation", *Journal of the American Statistical
//! Association* 102(477), 359–378, <https://doi.org/10.1198/016214506000001437>, for the logarithmic
//! score.

use chrono::{DateTime, Utc};

use super::DimensionError;
use crate::history::{Interaction, InteractionId};
use crate::quantity::{Estimate, HalfLife, QuantityError, Span, TimeUnit};

/// The fewest customers: a spread over one cannot be told.
const FEWEST: usize = 2;

/// One set of rules, and how well it foretold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ForecastRow<C> {
    candidate: C,
    log_score: f64,
    behind: Estimate,
}

impl<C> ForecastRow<C> {
    /// The rules.
    #[must_use]
    pub fn candidate(&self) -> &C {
        &self.candidate
    }

    /// The mean logarithmic score of a forecast, in nats; the higher the better.
    #[must_use]
    pub fn log_score(&self) -> f64 {
        self.log_score
    }

    /// How far it is behind the best of the candidates, in nats a forecast and at or above 0, with
    /// its standard error over customers; `n_eff` is their number. Of the best itself, 0 for certain.
    #[must_use]
    pub fn behind(&self) -> Estimate {
        self.behind
    }
}

/// How well several sets of rules foretold the same evidence, and which did best (半衰期选择).
///
/// Half-lives, and how many times a breach counts, are choices. Where there are enough histories they
/// can be made by data: every piece of evidence is foretold from those before it, and the rules are
/// judged by the logarithm of the probability they gave to what came (*established*: Dawid 1984). No
/// part of a history is held out and none is used twice, and never forgetting is a candidate as any
/// other.
///
/// Differences are compared over customers, whose histories are independent where single pieces of
/// evidence are not: the standard error is that of a ratio of sums over customers.
///
/// | kind of evidence | made by |
/// |---|---|
/// | trust | [`ForecastChoice::of_trust`] |
/// | feeling | [`ForecastChoice::of_affect`] |
///
/// # What a choice means
///
/// The best of the candidates foretold *these* customers best. Histories that are shorter than a
/// half-life cannot tell it from never: look at [`rivals`](Self::rivals), and keep the default if it
/// is among them.
#[derive(Debug, Clone, PartialEq)]
pub struct ForecastChoice<C> {
    rows: Vec<ForecastRow<C>>,
    best: usize,
    customers: usize,
    forecasts: usize,
}

/// What the forecasts of one customer came to, of every candidate.
pub(super) struct Scored {
    /// Weight of all forecasts.
    pub(super) weight: f64,
    /// How many there were.
    pub(super) forecasts: usize,
    /// Weighted sum of the scores, by candidate.
    pub(super) sums: Vec<f64>,
}

impl<C: Clone> ForecastChoice<C> {
    /// The comparison of candidates over customers.
    pub(super) fn compare(candidates: &[C], scored: &[Scored]) -> Result<Self, DimensionError> {
        let scored: Vec<&Scored> = scored.iter().filter(|one| one.weight > 0.0).collect();
        if scored.len() < FEWEST {
            return Err(DimensionError::NotIdentified {
                what: "customers with evidence to foretell",
                needed: FEWEST,
                found: scored.len(),
            });
        }
        let weight: f64 = scored.iter().map(|one| one.weight).sum();
        let sum_of = |place: usize, one: &Scored| one.sums.get(place).copied().unwrap_or(0.0);
        let totals: Vec<f64> = (0..candidates.len())
            .map(|place| scored.iter().map(|one| sum_of(place, one)).sum())
            .collect();
        let best =
            (0..totals.len()).max_by(|&a, &b| totals[a].total_cmp(&totals[b]).then(b.cmp(&a)));
        let best = best.ok_or(DimensionError::Empty {
            expected: "a candidate",
        })?;
        let customers = scored.len() as f64;
        let row = |(place, candidate): (usize, &C)| {
            let behind = (totals[best] - totals[place]) / weight;
            let squares: f64 = scored
                .iter()
                .map(|one| {
                    let own = sum_of(best, one) - sum_of(place, one) - behind * one.weight;
                    own * own
                })
                .sum();
            let error = (squares * customers / (customers - 1.0)).sqrt() / weight;
            Ok(ForecastRow {
                candidate: candidate.clone(),
                log_score: totals[place] / weight,
                behind: Estimate::new(behind, error, customers)?,
            })
        };
        let rows = candidates.iter().enumerate().map(row);
        Ok(Self {
            rows: rows.collect::<Result<_, QuantityError>>()?,
            best,
            customers: scored.len(),
            forecasts: scored.iter().map(|one| one.forecasts).sum(),
        })
    }
}

impl<C> ForecastChoice<C> {
    /// Every candidate, in the order in which they were given.
    #[must_use]
    pub fn rows(&self) -> &[ForecastRow<C>] {
        &self.rows
    }

    /// The candidate that foretold best; of equal ones the first.
    #[must_use]
    pub fn best(&self) -> &ForecastRow<C> {
        &self.rows[self.best]
    }

    /// The candidates that may be as good as the best, itself among them: those that are behind by
    /// less than so many standard errors. With 1.645, of a candidate that is as good this holds
    /// nineteen times in twenty.
    pub fn rivals(&self, standard_errors: f64) -> impl Iterator<Item = &ForecastRow<C>> {
        self.rows
            .iter()
            .filter(move |row| row.behind.mean() <= standard_errors * row.behind.sd())
    }

    /// How many customers there was evidence of.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.customers
    }

    /// How many pieces of evidence were foretold.
    #[must_use]
    pub fn forecasts(&self) -> usize {
        self.forecasts
    }
}

/// Half-lives to choose from: one, its double, and so on, `count` of them, and never forgetting.
///
/// A choice among doublings is as fine as histories of a few years can tell apart; our choice.
///
/// # Errors
///
/// [`QuantityError`] if a half-life gets longer than there are.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::half_lives;
/// use guanxi::quantity::{HalfLife, Span};
///
/// let grid = half_lives(Span::days(45.0)?, 4)?;
/// let days: Vec<_> = grid.iter().filter_map(|h| h.span()).map(Span::length).collect();
/// assert_eq!(days, [45.0, 90.0, 180.0, 360.0]);
/// assert_eq!(grid.last(), Some(&HalfLife::NEVER));
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
pub fn half_lives(shortest: Span, count: u32) -> Result<Vec<HalfLife>, QuantityError> {
    let mut length = shortest.length();
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(HalfLife::new(Span::new(length, shortest.unit())?)?);
        length *= 2.0;
    }
    all.push(HalfLife::NEVER);
    Ok(all)
}

/// One customer's interactions in the order in which they occurred.
pub(super) fn in_order<'a>(
    interactions: impl IntoIterator<Item = &'a Interaction>,
) -> Vec<&'a Interaction> {
    let mut events: Vec<&Interaction> = interactions.into_iter().collect();
    events.sort_by_key(|event| -> (DateTime<Utc>, &'a InteractionId) {
        (event.occurred_at(), event.id())
    });
    events
}

/// Seconds from one instant to another that is not earlier.
pub(super) fn seconds(from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    Span::between(from, to, TimeUnit::Second).map_or(0.0, Span::length)
}
