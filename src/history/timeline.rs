//! One customer's interactions, in whatever order they arrive, as of any instant.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::as_of::AsOf;
use super::error::HistoryError;
use super::id::{CustomerId, InteractionId};
use super::interaction::Interaction;

/// What [`Timeline::record`] did with an interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Recorded {
    /// It was not known before.
    New,
    /// It was known already; nothing changed.
    Duplicate,
}

/// The interactions of one customer.
///
/// Order of arrival never matters: any permutation and any partition that is merged again gives
/// the same timeline. Recording an interaction twice changes nothing; merging is associative and
/// commutative, and a timeline merged with itself stays as it is.
///
/// # Corrections
///
/// An interaction that [corrects](Interaction::correcting) another takes its place, and may itself
/// be corrected. It may arrive first: it stands, and what it corrects is set aside on arrival.
/// Where two corrections of one interaction were not corrected themselves, the one recorded last
/// stands (the larger id, if both were recorded at one instant). A view at an earlier
/// [knowledge](AsOf::known_at) shows the version known then.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{AsOf, CustomerId, Interaction, InteractionId, NpsSurvey, Timeline};
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let customer = CustomerId::new("c-17")?;
/// let answer = |id, score| {
///     let id = InteractionId::new(id)?;
///     Interaction::new(id, customer.clone(), day(1), NpsSurvey::new(score)?)
/// };
/// let mistyped = answer("s-1", 1)?;
/// let correct = answer("s-1b", 10)?.recorded(day(5)).correcting(mistyped.id().clone());
///
/// let mut timeline = Timeline::new(customer.clone());
/// timeline.record(correct.clone())?;
/// timeline.record(mistyped.clone())?;
///
/// let now = timeline.as_of(AsOf::at(day(9)));
/// assert_eq!(now.iter().collect::<Vec<_>>(), [&correct]);
/// let then = timeline.as_of(AsOf::at(day(9)).known_at(day(4)));
/// assert_eq!(then.iter().collect::<Vec<_>>(), [&mistyped]);
/// # Ok::<(), guanxi::history::HistoryError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Record", into = "Record"))]
pub struct Timeline {
    customer: CustomerId,
    interactions: BTreeMap<InteractionId, Interaction>,
    /// The ones that others correct, come or yet to come.
    corrected: BTreeSet<InteractionId>,
}

impl Timeline {
    /// A customer about whom nothing is known yet.
    #[must_use]
    pub fn new(customer: CustomerId) -> Self {
        Self {
            customer,
            interactions: BTreeMap::new(),
            corrected: BTreeSet::new(),
        }
    }

    /// Whose timeline it is.
    #[must_use]
    pub fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// How many interactions are recorded, corrected ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.interactions.len()
    }

    /// Whether nothing is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.interactions.is_empty()
    }

    /// An interaction as it was recorded, corrected or not.
    #[must_use]
    pub fn get(&self, id: &InteractionId) -> Option<&Interaction> {
        self.interactions.get(id)
    }

    /// Records an interaction; one recorded before changes nothing.
    ///
    /// # Errors
    ///
    /// The timeline is unchanged by an error.
    ///
    /// - [`HistoryError::OtherCustomer`] if it belongs to another customer.
    /// - [`HistoryError::Conflict`] if its id is recorded with other content.
    /// - [`HistoryError::CorrectionCycle`] if it corrects itself, directly or through others.
    pub fn record(&mut self, interaction: Interaction) -> Result<Recorded, HistoryError> {
        if interaction.customer() != &self.customer {
            return Err(HistoryError::OtherCustomer {
                id: interaction.id().clone(),
                expected: self.customer.clone(),
                found: interaction.customer().clone(),
            });
        }
        check_corrections(&interaction, self.len(), |id| self.interactions.get(id))?;
        match self.interactions.entry(interaction.id().clone()) {
            Entry::Vacant(place) => {
                self.corrected.extend(interaction.corrects().cloned());
                place.insert(interaction);
                Ok(Recorded::New)
            }
            Entry::Occupied(known) if *known.get() == interaction => Ok(Recorded::Duplicate),
            Entry::Occupied(known) => Err(HistoryError::Conflict {
                id: known.key().clone(),
            }),
        }
    }

    /// Takes an interaction out again that was recorded a moment ago.
    pub(crate) fn take_back(&mut self, id: &InteractionId) {
        self.interactions.remove(id);
        self.corrected = targets(&self.interactions);
    }

    /// Every recorded interaction, in order of id.
    pub(crate) fn interactions(&self) -> impl Iterator<Item = &Interaction> {
        self.interactions.values()
    }

    /// Whether a recorded interaction corrects this one, which need not have come yet.
    pub(crate) fn is_corrected(&self, id: &InteractionId) -> bool {
        self.corrected.contains(id)
    }

    /// Takes over every interaction of another timeline of the same customer.
    ///
    /// # Errors
    ///
    /// The timeline is unchanged by an error.
    ///
    /// - [`HistoryError::OtherTimeline`] if the other belongs to another customer.
    /// - [`HistoryError::Conflict`] if both hold one id with different content.
    /// - [`HistoryError::CorrectionCycle`] if the corrections of both together lead back to
    ///   themselves.
    pub fn merge(&mut self, other: Self) -> Result<(), HistoryError> {
        if other.customer != self.customer {
            return Err(HistoryError::OtherTimeline {
                expected: self.customer.clone(),
                found: other.customer,
            });
        }
        let together = self.len() + other.len();
        for (id, interaction) in &other.interactions {
            if self.interactions.get(id).is_some_and(|i| i != interaction) {
                return Err(HistoryError::Conflict { id: id.clone() });
            }
            check_corrections(interaction, together, |id| {
                self.interactions.get(id).or(other.interactions.get(id))
            })?;
        }
        self.interactions.extend(other.interactions);
        self.corrected.extend(other.corrected);
        Ok(())
    }

    /// What had happened, as known: the versions that stand, in order of their instants.
    #[must_use]
    pub fn as_of(&self, as_of: AsOf) -> TimelineView<'_> {
        let recorded = || self.interactions.values();
        let known = |i: &&Interaction| as_of.knows(i.recorded_at());
        let not_yet_known = recorded().filter(|i| !known(i)).count();
        let superseded = self.superseded(as_of);
        let mut interactions: Vec<&Interaction> = recorded()
            .filter(known)
            .filter(|i| !superseded.contains(i.id()))
            .collect();
        let standing = interactions.len();
        interactions.retain(|i| i.occurred_at() <= as_of.instant());
        interactions.sort_by_key(|i| (i.occurred_at(), i.id()));
        TimelineView {
            customer: &self.customer,
            as_of,
            waiting: standing - interactions.len(),
            not_yet_known,
            superseded: superseded.len(),
            interactions,
        }
    }

    /// The known interactions in whose place another known one stands.
    fn superseded(&self, as_of: AsOf) -> BTreeSet<&InteractionId> {
        let known = |id: &InteractionId| {
            let found = self.interactions.get(id);
            found.filter(|i| as_of.knows(i.recorded_at()))
        };
        let corrections = || {
            let all = self.interactions.values();
            all.filter_map(|i| i.corrects().map(|target| (i, target)))
                .filter(|(i, _)| as_of.knows(i.recorded_at()))
        };
        let mut superseded: BTreeSet<&InteractionId> = corrections()
            .filter_map(|(_, target)| known(target).map(Interaction::id))
            .collect();

        // Several uncorrected versions of one interaction: the one recorded last stands.
        let mut standing: BTreeMap<&InteractionId, &Interaction> = BTreeMap::new();
        for (version, target) in corrections() {
            if superseded.contains(version.id()) {
                continue;
            }
            let mut original = target;
            while let Some(next) = known(original).and_then(Interaction::corrects) {
                original = next;
            }
            let rival = standing.entry(original).or_insert(version);
            let (first, last) = if order(rival) <= order(version) {
                (*rival, version)
            } else {
                (version, *rival)
            };
            if first.id() != last.id() {
                superseded.insert(first.id());
            }
            *rival = last;
        }
        superseded
    }
}

/// What these interactions correct.
fn targets(interactions: &BTreeMap<InteractionId, Interaction>) -> BTreeSet<InteractionId> {
    let corrected = interactions.values().filter_map(Interaction::corrects);
    corrected.cloned().collect()
}

/// Among rival versions the greatest of these stands.
fn order(version: &Interaction) -> (DateTime<Utc>, &InteractionId) {
    (version.recorded_at(), version.id())
}

/// Follows the corrections from one interaction on; they must end.
fn check_corrections<'a>(
    interaction: &'a Interaction,
    recorded: usize,
    find: impl Fn(&InteractionId) -> Option<&'a Interaction>,
) -> Result<(), HistoryError> {
    let mut target = interaction.corrects();
    // A path without a loop meets every recorded interaction, and one that is not, once at most.
    for _ in 0..=recorded + 1 {
        match target {
            None => return Ok(()),
            Some(id) if id == interaction.id() => break,
            Some(id) => target = find(id).and_then(Interaction::corrects),
        }
    }
    Err(HistoryError::CorrectionCycle {
        id: interaction.id().clone(),
    })
}

/// A timeline as of two instants, and what it set aside.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineView<'a> {
    customer: &'a CustomerId,
    as_of: AsOf,
    interactions: Vec<&'a Interaction>,
    waiting: usize,
    not_yet_known: usize,
    superseded: usize,
}

impl<'a> TimelineView<'a> {
    /// Whose it is.
    #[must_use]
    pub fn customer(&self) -> &'a CustomerId {
        self.customer
    }

    /// The instants it was asked for.
    #[must_use]
    pub fn as_of(&self) -> AsOf {
        self.as_of
    }

    /// The interactions that count, in order of their instants, and of their ids where those are
    /// equal.
    pub fn iter(&self) -> impl Iterator<Item = &'a Interaction> {
        self.interactions.iter().copied()
    }

    /// How many count.
    #[must_use]
    pub fn len(&self) -> usize {
        self.interactions.len()
    }

    /// Whether none counts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.interactions.is_empty()
    }

    /// How many known ones are set aside because they occur only later.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// How many are set aside because they were recorded only later.
    #[must_use]
    pub fn not_yet_known(&self) -> usize {
        self.not_yet_known
    }

    /// How many known ones are set aside because a correction stands in their place.
    #[must_use]
    pub fn superseded(&self) -> usize {
        self.superseded
    }
}

impl<'v, 'a> IntoIterator for &'v TimelineView<'a> {
    type Item = &'a Interaction;
    type IntoIter = std::iter::Copied<std::slice::Iter<'v, &'a Interaction>>;

    fn into_iter(self) -> Self::IntoIter {
        self.interactions.iter().copied()
    }
}

/// The form a timeline is written in.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a timeline")]
struct Record {
    customer: CustomerId,
    interactions: Vec<Interaction>,
}

#[cfg(feature = "serde")]
impl From<Timeline> for Record {
    fn from(timeline: Timeline) -> Self {
        Self {
            customer: timeline.customer,
            interactions: timeline.interactions.into_values().collect(),
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Record> for Timeline {
    type Error = HistoryError;

    fn try_from(record: Record) -> Result<Self, HistoryError> {
        let mut timeline = Self::new(record.customer);
        for interaction in record.interactions {
            timeline.record(interaction)?;
        }
        Ok(timeline)
    }
}
