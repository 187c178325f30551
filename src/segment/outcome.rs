//! Whether a customer has a segment at all, and how many are in each.

use std::collections::BTreeMap;

use crate::metric::{ReportedTable, SmallGroups};
use crate::scorer::ScoreError;
use crate::summary::{CustomerSummary, Withheld};

/// A customer's segment, or why there is none (分群结果).
///
/// Segments need consent to analytics. Who did not give it, or took it back, is not modelled: not
/// put into any segment, no part of any population, and counted.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Segmented<T> {
    /// What the customer was found to be.
    Modelled(T),
    /// The customer does not permit it (未建模).
    NotModelled(Withheld),
}

impl<T> Segmented<T> {
    /// What the customer was found to be; `None` if not modelled.
    #[must_use]
    pub fn modelled(self) -> Option<T> {
        match self {
            Self::Modelled(segment) => Some(segment),
            Self::NotModelled(_) => None,
        }
    }

    /// The same, of what is borrowed.
    #[must_use]
    pub fn as_ref(&self) -> Segmented<&T> {
        match self {
            Self::Modelled(segment) => Segmented::Modelled(segment),
            Self::NotModelled(withheld) => Segmented::NotModelled(*withheld),
        }
    }

    /// Why the customer is not modelled, if so.
    #[must_use]
    pub fn withheld(&self) -> Option<&Withheld> {
        match self {
            Self::Modelled(_) => None,
            Self::NotModelled(withheld) => Some(withheld),
        }
    }
}

/// Judges a customer who permits it.
pub(super) fn if_modelled<T>(
    customer: &CustomerSummary,
    judge: impl FnOnce() -> Result<T, ScoreError>,
) -> Result<Segmented<T>, ScoreError> {
    match customer.modelled() {
        Ok(()) => judge().map(Segmented::Modelled),
        Err(withheld) => Ok(Segmented::NotModelled(withheld)),
    }
}

/// Evidence that cannot be read is an error that names the customer.
pub(super) fn unreadable(
    customer: &CustomerSummary,
    reason: impl Into<crate::summary::Unreadable>,
) -> ScoreError {
    ScoreError::Unreadable {
        customer: customer.customer().clone(),
        reason: reason.into(),
    }
}

/// How many customers are in each segment, and how many are in none, and why.
///
/// # Examples
///
/// ```
/// use guanxi::scorer::ScoreError;
/// use guanxi::segment::{SegmentCounts, Segmented};
///
/// let scores = ["often", "seldom", "often"].map(|name| Ok::<_, ScoreError>(Segmented::Modelled(name)));
/// let counts = SegmentCounts::of(scores, |name| Some(*name));
/// assert_eq!(counts.in_segment(&"often"), 2);
/// assert_eq!((counts.total(), counts.not_modelled()), (3, 0));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentCounts<K: Ord> {
    segments: BTreeMap<K, u64>,
    undecided: u64,
    not_modelled: u64,
    failed: u64,
}

impl<K: Ord> SegmentCounts<K> {
    /// Counts what a scorer said of many customers; `segment` names the segment that an answer
    /// means, or none where it does not decide.
    pub fn of<T>(
        scores: impl IntoIterator<Item = Result<Segmented<T>, ScoreError>>,
        segment: impl Fn(&T) -> Option<K>,
    ) -> Self {
        let mut counts = Self {
            segments: BTreeMap::new(),
            undecided: 0,
            not_modelled: 0,
            failed: 0,
        };
        for score in scores {
            match score {
                Ok(Segmented::Modelled(answer)) => match segment(&answer) {
                    Some(name) => *counts.segments.entry(name).or_default() += 1,
                    None => counts.undecided += 1,
                },
                Ok(Segmented::NotModelled(_)) => counts.not_modelled += 1,
                Err(_) => counts.failed += 1,
            }
        }
        counts
    }

    /// The segments as they may be shown: with none of fewer customers than the rule allows, nor one
    /// from which such a one could be told. All other numbers here are exact, and not for publication.
    #[must_use]
    pub fn reported(&self, rule: SmallGroups) -> ReportedTable<(&K, u64)> {
        let segments = self.segments();
        rule.table(segments.map(|(name, count)| (count, (name, count))))
    }

    /// The segments that anybody is in, in their order, with how many are.
    pub fn segments(&self) -> impl Iterator<Item = (&K, u64)> {
        self.segments.iter().map(|(name, count)| (name, *count))
    }

    /// How many are in a segment.
    #[must_use]
    pub fn in_segment(&self, name: &K) -> u64 {
        self.segments.get(name).copied().unwrap_or(0)
    }

    /// How many are in none, for too little is known of them.
    #[must_use]
    pub fn undecided(&self) -> u64 {
        self.undecided
    }

    /// How many do not permit to be put into segments.
    #[must_use]
    pub fn not_modelled(&self) -> u64 {
        self.not_modelled
    }

    /// How many could not be judged; the answers say why.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.segments.values().sum::<u64>() + self.undecided + self.not_modelled + self.failed
    }
}
