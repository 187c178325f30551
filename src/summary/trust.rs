//! Evidence of trust: for each source, how much of it was kept and how much broken, fading with
//! time.
//!
//! Jøsang & Ismail (2002), "The Beta Reputation System", *15th Bled Electronic Commerce
//! Conference*, for evidence that is discounted by its age.

use chrono::{DateTime, Utc};

use super::decay::age_seconds;
use super::{EvidencePolicy, TrustDirection, TrustItem, TrustSource};
use crate::history::{Interaction, TrustFacet};

/// What one source says about trust in one direction, faded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrustTally {
    pub(super) key: Key,
    pub(super) kept: f64,
    pub(super) broken: f64,
}

/// What a tally is kept under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) direction: TrustDirection,
    pub(super) source: TrustSource,
    pub(super) facet: Option<TrustFacet>,
}

impl TrustTally {
    /// Whose trust it tells of.
    #[must_use]
    pub fn direction(&self) -> TrustDirection {
        self.key.direction
    }

    /// What tells of it.
    #[must_use]
    pub fn source(&self) -> TrustSource {
        self.key.source
    }

    /// The side of trust that was stated, if one was.
    #[must_use]
    pub fn facet(&self) -> Option<TrustFacet> {
        self.key.facet
    }

    /// What spoke for trust: events by their multipliers and outcomes, each faded by its age.
    #[must_use]
    pub fn kept(&self) -> f64 {
        self.kept
    }

    /// What spoke against it: the same for what is missing of each outcome to 1.
    #[must_use]
    pub fn broken(&self) -> f64 {
        self.broken
    }
}

/// A customer's evidence of trust in both directions (信任证据), as of an instant.
///
/// Of each source it keeps how much was kept and how much broken, and nothing that a policy may
/// judge otherwise: weights, the split over the sides of trust, the prior and how much more a
/// breach counts are in [`TrustPolicy`](crate::dimension::TrustPolicy). So other weights need no
/// replay. Old evidence counts less by the half-life of the [`EvidencePolicy`]; without new
/// evidence all of it fades, and trust returns to its prior.
///
/// Interactions may come in any order and in any sharding; the sums differ by rounding alone.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{CustomerId, Interaction, InteractionId, Promise, PromiseEvent};
/// use guanxi::summary::{EvidencePolicy, TrustDirection, TrustEvidence, TrustSource};
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let promise = |id, n, event| {
///     let id = InteractionId::new(id)?;
///     Interaction::new(id, CustomerId::new("c-17")?, day(n), Promise::new(event))
/// };
/// let log = [promise("p-1", 0, PromiseEvent::Kept)?, promise("p-2", 180, PromiseEvent::Broken)?];
///
/// // A half-life is 180 days.
/// let trust = TrustEvidence::from_interactions(&log, day(360), &EvidencePolicy::default());
/// let (kept, broken) = trust.counts(TrustDirection::CustomerInFirm, TrustSource::Promise);
/// assert!((kept - 0.25).abs() < 1e-15 && (broken - 0.5).abs() < 1e-15);
/// # Ok::<(), guanxi::history::HistoryError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "stored::Row", into = "stored::Row")
)]
pub struct TrustEvidence {
    /// The instant of all tallies; `None` without any.
    at: Option<DateTime<Utc>>,
    /// Sorted by key, each key once.
    tallies: Vec<TrustTally>,
}

impl TrustEvidence {
    /// No evidence; nothing is allocated.
    pub const EMPTY: Self = Self {
        at: None,
        tallies: Vec::new(),
    };

    /// Takes in what an interaction says about trust, which may be nothing.
    pub(super) fn observe(&mut self, interaction: &Interaction, policy: &EvidencePolicy) {
        for item in TrustItem::read(interaction, policy) {
            let amount = item.multiplier() * self.reach(interaction.occurred_at(), policy);
            self.add(TrustTally {
                key: Key {
                    direction: item.direction(),
                    source: item.source(),
                    facet: item.facet(),
                },
                kept: amount * item.outcome(),
                broken: amount * (1.0 - item.outcome()),
            });
        }
    }

    /// Takes in the evidence of another shard of the same customer.
    pub(super) fn merge(&mut self, other: &Self, policy: &EvidencePolicy) {
        let Some(at) = other.at else {
            return;
        };
        let left = self.reach(at, policy);
        for tally in &other.tallies {
            self.add(TrustTally {
                key: tally.key,
                kept: tally.kept * left,
                broken: tally.broken * left,
            });
        }
    }

    /// The same evidence as of an instant that is not before the latest event.
    pub(super) fn faded_to(&self, as_of: DateTime<Utc>, policy: &EvidencePolicy) -> Self {
        let mut faded = self.clone();
        faded.fade_to(as_of, policy);
        faded
    }

    /// Reads something of what it points to, so that it is at hand.
    pub(super) fn touch(&self) -> usize {
        self.tallies
            .iter()
            .step_by(3)
            .filter(|t| t.kept > 0.0)
            .count()
    }

    /// Moves the instant on if `at` is later, and says what an event of that instant counts.
    fn reach(&mut self, at: DateTime<Utc>, policy: &EvidencePolicy) -> f64 {
        match self.at {
            None => {
                self.at = Some(at);
                1.0
            }
            Some(latest) if at <= latest => policy.trust().fade(age_seconds(at, latest)),
            Some(_) => {
                self.fade_to(at, policy);
                1.0
            }
        }
    }

    fn fade_to(&mut self, as_of: DateTime<Utc>, policy: &EvidencePolicy) {
        let Some(latest) = self.at.filter(|latest| *latest < as_of) else {
            return;
        };
        let left = policy.trust().fade(age_seconds(latest, as_of));
        for tally in &mut self.tallies {
            tally.kept *= left;
            tally.broken *= left;
        }
        self.at = Some(as_of);
    }

    fn add(&mut self, new: TrustTally) {
        match self.tallies.binary_search_by_key(&new.key, |t| t.key) {
            Ok(place) => {
                if let Some(tally) = self.tallies.get_mut(place) {
                    tally.kept += new.kept;
                    tally.broken += new.broken;
                }
            }
            Err(place) => self.tallies.insert(place, new),
        }
    }

    /// Whether there is no evidence in either direction.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.at.is_none()
    }

    /// The instant the evidence is as of: that of its latest event, or a later one it was asked
    /// for; `None` without evidence.
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.at
    }

    /// What each source says, by direction, source and stated side of trust.
    #[must_use]
    pub fn tallies(&self) -> &[TrustTally] {
        &self.tallies
    }

    /// How much of one source was kept and how much broken, over all sides of trust; zeros if it
    /// said nothing.
    #[must_use]
    pub fn counts(&self, direction: TrustDirection, source: TrustSource) -> (f64, f64) {
        self.tallies
            .iter()
            .filter(|t| t.direction() == direction && t.source() == source)
            .fold((0.0, 0.0), |(kept, broken), t| {
                (kept + t.kept, broken + t.broken)
            })
    }
}

/// How evidence is written down, and the doubts it is read with.
#[cfg(feature = "serde")]
mod stored {
    use super::{
        DateTime, Key, TrustDirection, TrustEvidence, TrustFacet, TrustSource, TrustTally, Utc,
    };
    use crate::summary::SummaryError;

    /// No log holds more events.
    const MOST: f64 = 9_007_199_254_740_992.0;

    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(deny_unknown_fields, rename = "TrustEvidence")]
    pub(super) struct Row {
        as_of: Option<DateTime<Utc>>,
        tallies: Vec<TallyRow>,
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(deny_unknown_fields, rename = "TrustTally")]
    struct TallyRow {
        direction: TrustDirection,
        source: TrustSource,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        facet: Option<TrustFacet>,
        kept: f64,
        broken: f64,
    }

    impl From<TrustEvidence> for Row {
        fn from(evidence: TrustEvidence) -> Self {
            let tallies = evidence.tallies.iter();
            Self {
                as_of: evidence.at,
                tallies: tallies
                    .map(|tally| TallyRow {
                        direction: tally.key.direction,
                        source: tally.key.source,
                        facet: tally.key.facet,
                        kept: tally.kept,
                        broken: tally.broken,
                    })
                    .collect(),
            }
        }
    }

    impl TallyRow {
        /// The rule it broke, if it broke one.
        fn fault(&self) -> Option<&'static str> {
            let source = self.source;
            let is_sum = |sum: f64| (0.0..=MOST).contains(&sum);
            if !(is_sum(self.kept) && is_sum(self.broken)) {
                Some("sums of trust from 0 to 2^53")
            } else if !source.directions().contains(&self.direction) {
                Some("sources of trust in a direction they tell of")
            } else if self.facet.is_some() && !source.states_facet() {
                Some("a side of trust only where one can be stated")
            } else if (self.kept > 0.0 && !source.can_build())
                || (self.broken > 0.0 && !source.can_break())
            {
                Some("only what a source can say about trust")
            } else {
                None
            }
        }
    }

    impl TryFrom<Row> for TrustEvidence {
        type Error = SummaryError;

        fn try_from(row: Row) -> Result<Self, SummaryError> {
            let refused = |expected, found| SummaryError::StoredState { expected, found };
            if row.as_of.is_some() == row.tallies.is_empty() {
                return Err(refused(
                    "an instant exactly where there is evidence of trust",
                    format!("{:?} with {} tallies", row.as_of, row.tallies.len()),
                ));
            }
            let mut tallies: Vec<TrustTally> = Vec::with_capacity(row.tallies.len());
            for stored in row.tallies {
                let name = stored.source.name();
                if let Some(expected) = stored.fault() {
                    let TallyRow { kept, broken, .. } = stored;
                    let found = format!("{name}, kept {kept:?}, broken {broken:?}");
                    return Err(refused(expected, found));
                }
                let key = Key {
                    direction: stored.direction,
                    source: stored.source,
                    facet: stored.facet,
                };
                if tallies.last().is_some_and(|last| last.key >= key) {
                    return Err(refused(
                        "sources of trust in ascending order, each once",
                        format!("{name} out of order"),
                    ));
                }
                tallies.push(TrustTally {
                    key,
                    kept: stored.kept + 0.0, // −0 + 0 is +0
                    broken: stored.broken + 0.0,
                });
            }
            Ok(Self {
                at: row.as_of,
                tallies,
            })
        }
    }
}

#[cfg(test)]
mod tests;
