//! Segments by needs (按需求分群): customers who buy alike.

#[cfg(feature = "simulate")]
mod fit;
#[cfg(feature = "simulate")]
mod policy;

use smol_str::SmolStr;

#[cfg(any(feature = "serde", feature = "simulate"))]
use super::SegmentError;
use super::Segmented;
#[cfg(feature = "serde")]
use super::error::checked;
use super::needs_shares::{Roots, distance, roots};
use super::outcome::{if_modelled, unreadable};
use crate::quantity::{Fingerprint, PolicyId};
use crate::scorer::{ScoreError, Scorer};
use crate::summary::{CustomerSummary, PreferenceEvidence};

#[cfg(feature = "simulate")]
pub use policy::NeedsClusterPolicy;

/// One segment of customers who buy alike.
#[derive(Debug, Clone, PartialEq)]
pub struct NeedsSegment {
    medoid: Roots,
    customers: u64,
    silhouette: Option<f64>,
}

impl NeedsSegment {
    /// How many customers of the population are in it.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// How much closer its customers are to each other than to the next segment, from −1 to 1;
    /// `None` of the only segment.
    #[must_use]
    pub fn silhouette(&self) -> Option<f64> {
        self.silhouette
    }
}

/// Segments of customers who buy alike, frozen: each is what one customer of the population bought,
/// the medoid, in shares of categories (需求细分).
///
/// The segments are found by k-medoids with the [Hellinger distance](super::hellinger_distance)
/// (`fit`, with the feature `simulate`, since large populations are drawn from). Whoever comes later
/// belongs to the nearest medoid. A category that nobody in the population bought is as far from all
/// of them.
///
/// Shares are of the slow counts of [`PreferenceEvidence`]: purchases and what the customer looked
/// for. Customers of whom nothing of this is known are in no segment.
///
/// # Examples
///
#[cfg_attr(feature = "simulate", doc = "```")]
#[cfg_attr(not(feature = "simulate"), doc = "```ignore")]
/// use chrono::DateTime;
/// use guanxi::history::{
///     Consent, CustomerId, Interaction, InteractionId, Kind, PreferenceObserved, Purpose,
/// };
/// use guanxi::scorer::Scorer;
/// use guanxi::segment::{NeedsClusterPolicy, NeedsClusters};
/// use guanxi::summary::{CustomerBase, SummaryPolicy};
///
/// let mut base = CustomerBase::new(SummaryPolicy::default());
/// for n in 0..30 {
///     let likes = if n < 18 { "coffee" } else { "tea" };
///     let log: [Kind; 2] = [
///         Consent::Granted { purpose: Purpose::Analytics }.into(),
///         PreferenceObserved::new(likes.into()).into(),
///     ];
///     for (place, kind) in log.into_iter().enumerate() {
///         let id = InteractionId::new(format!("{n}-{place}"))?;
///         let who = CustomerId::new(format!("c-{n}"))?;
///         base.observe(&Interaction::new(id, who, DateTime::UNIX_EPOCH, kind)?)?;
///     }
/// }
/// let base: Vec<_> = base.summaries(DateTime::UNIX_EPOCH).collect::<Result<_, _>>()?;
/// let policy = NeedsClusterPolicy::default().with_segments(2)?;
/// let clusters = NeedsClusters::fit(&base, &policy)?;
/// assert_eq!(clusters.segments()[0].customers(), 18);
/// assert_eq!(clusters.shares(0).collect::<Vec<_>>(), [("coffee", 1.0)]);
/// assert_eq!(clusters.silhouette(), Some(1.0)); // nobody likes both
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "ClustersRow", into = "ClustersRow")
)]
pub struct NeedsClusters {
    /// Sorted.
    categories: Vec<SmolStr>,
    /// The largest first.
    segments: Vec<NeedsSegment>,
    silhouette: Option<f64>,
    unknown: u64,
    not_modelled: u64,
    dissolved: u64,
}

/// To which segment a customer belongs, and how clearly.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct NeedsAssignment {
    /// Place of the segment in the list, from 0; the largest comes first.
    pub segment: usize,
    /// Distance to its medoid, from 0 to 1.
    pub distance: f64,
    /// By what share of the distance to the next medoid this one is closer: from 0, between two, to
    /// 1, at the medoid; `None` of the only segment.
    pub clarity: Option<f64>,
    /// How many observations of the customer's own are left behind it.
    pub n_eff: f64,
}

/// The two nearest of some medoids: place and distance of the first, distance of the second.
fn nearest<'a>(
    roots: &[(u32, f64)],
    medoids: impl Iterator<Item = &'a Roots>,
) -> Option<(usize, f64, Option<f64>)> {
    let mut found: Option<(usize, f64, Option<f64>)> = None;
    for (place, medoid) in medoids.enumerate() {
        let apart = distance(roots, medoid);
        found = Some(match found {
            None => (place, apart, None),
            Some((_, first, _)) if apart < first => (place, apart, Some(first)),
            Some((best, first, second)) => (
                best,
                first,
                Some(second.map_or(apart, |second| second.min(apart))),
            ),
        });
    }
    found
}

impl NeedsClusters {
    /// The segments, the largest first.
    #[must_use]
    pub fn segments(&self) -> &[NeedsSegment] {
        &self.segments
    }

    /// What a segment's medoid buys: categories with their shares, which sum to 1; empty for a place
    /// that no segment has.
    pub fn shares(&self, segment: usize) -> impl Iterator<Item = (&str, f64)> {
        let medoid = self.segments.get(segment).map(|segment| &segment.medoid);
        medoid.into_iter().flatten().filter_map(|(category, root)| {
            let name = self.categories.get(*category as usize)?;
            Some((name.as_str(), root * root))
        })
    }

    /// The mean silhouette of the population (of a sample of it, if it is large), from −1 to 1: above
    /// .5 the segments are distinct, below .25 there is little structure (Kaufman & Rousseeuw 1990).
    /// `None` of a single segment.
    #[must_use]
    pub fn silhouette(&self) -> Option<f64> {
        self.silhouette
    }

    /// How many customers of the population were of no known needs.
    #[must_use]
    pub fn unknown(&self) -> u64 {
        self.unknown
    }

    /// How many were left out because they do not permit to be put into segments.
    #[must_use]
    pub fn not_modelled(&self) -> u64 {
        self.not_modelled
    }

    /// How many segments were too small to stand, and were dissolved into their neighbours.
    #[must_use]
    pub fn dissolved(&self) -> u64 {
        self.dissolved
    }

    /// The name they have by their content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        let print = Fingerprint::of("needs").whole(self.segments.len() as u64);
        let medoids = (0..self.segments.len()).map(|place| self.shares(place));
        medoids
            .fold(print, |print, shares| {
                shares.fold(print.text("segment"), |print, (category, share)| {
                    print.text(category).number(share)
                })
            })
            .id()
    }

    fn assign(&self, likes: &PreferenceEvidence) -> Option<NeedsAssignment> {
        // Categories of which the population knows nothing come after all others.
        let strange = u32::try_from(self.categories.len()).unwrap_or(u32::MAX);
        let amounts = likes.counts().map(|count| {
            let place = self
                .categories
                .binary_search_by(|known| known.as_str().cmp(count.category));
            let place = place.ok().and_then(|place| u32::try_from(place).ok());
            (place.unwrap_or(strange), count.slow)
        });
        let mut amounts: Vec<(u32, f64)> = amounts.collect();
        amounts.sort_by_key(|(place, _)| *place);
        let roots = roots(amounts.into_iter())?;
        let medoids = self.segments.iter().map(|segment| &segment.medoid);
        let (segment, distance, second) = nearest(&roots, medoids)?;
        let clear = |second: f64| {
            let share = (second - distance) / second;
            if second > 0.0 { share } else { 0.0 }
        };
        Some(NeedsAssignment {
            segment,
            distance,
            clarity: second.map(clear),
            n_eff: likes.slow_total(),
        })
    }
}

impl Scorer for NeedsClusters {
    /// `None` of a customer whose needs are not known.
    type Score = Segmented<Option<NeedsAssignment>>;

    /// # Errors
    ///
    /// [`ScoreError::Unreadable`] if the preferences are of a later instant.
    fn score(&self, customer: &CustomerSummary) -> Result<Self::Score, ScoreError> {
        if_modelled(customer, || {
            let likes = customer.preferences();
            let likes = likes.map_err(|why| unreadable(customer, why))?;
            Ok(likes.and_then(|likes| self.assign(likes)))
        })
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SegmentRow {
    roots: std::collections::BTreeMap<String, f64>,
    customers: u64,
    silhouette: Option<f64>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "NeedsClusters")]
struct ClustersRow {
    categories: Vec<String>,
    segments: Vec<SegmentRow>,
    silhouette: Option<f64>,
    unknown: u64,
    not_modelled: u64,
    dissolved: u64,
}

#[cfg(feature = "serde")]
impl From<NeedsClusters> for ClustersRow {
    fn from(clusters: NeedsClusters) -> Self {
        // Roots are written: their squares would not lead back to the last bit.
        let name = |(place, root): &(u32, f64)| {
            let name = clusters.categories.get(*place as usize)?;
            Some((name.to_string(), *root))
        };
        let row = |segment: &NeedsSegment| SegmentRow {
            roots: segment.medoid.iter().filter_map(name).collect(),
            customers: segment.customers,
            silhouette: segment.silhouette,
        };
        Self {
            segments: clusters.segments.iter().map(row).collect(),
            categories: clusters
                .categories
                .iter()
                .map(ToString::to_string)
                .collect(),
            silhouette: clusters.silhouette,
            unknown: clusters.unknown,
            not_modelled: clusters.not_modelled,
            dissolved: clusters.dissolved,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<ClustersRow> for NeedsClusters {
    type Error = SegmentError;

    fn try_from(row: ClustersRow) -> Result<Self, SegmentError> {
        let (what, many) = ("number of segments", "between 1 and 1000");
        checked(what, many, 1.0..=1000.0, row.segments.len() as f64)?;
        let named_twice = || SegmentError::NamedTwice {
            what: "a category, in the order of names,",
            found: row.categories.join(", "),
        };
        if !row.categories.is_sorted_by(|a, b| a < b) {
            return Err(named_twice());
        }
        let share = |what, number: Option<f64>| match number {
            Some(number) => checked(what, "between -1 and 1", -1.0..=1.0, number).map(Some),
            None => Ok(None),
        };
        let several = row.segments.len() > 1;
        let mut most = u64::MAX;
        let mut segments = Vec::with_capacity(row.segments.len());
        for segment in &row.segments {
            if !(1..=most).contains(&segment.customers) {
                return Err(SegmentError::Domain {
                    quantity: "number of customers of a segment",
                    expected: "at least 1, and the largest first",
                    found: segment.customers as f64,
                });
            }
            most = segment.customers;
            if segment.silhouette.is_some() != several || row.silhouette.is_some() != several {
                return Err(SegmentError::Domain {
                    quantity: "number of silhouettes",
                    expected: "one a segment and one of all, and none of a single segment",
                    found: row.segments.iter().filter_map(|s| s.silhouette).count() as f64,
                });
            }
            let mut medoid = Roots::with_capacity(segment.roots.len());
            let mut squares = 0.0;
            for (category, root) in &segment.roots {
                let place = row.categories.binary_search(category);
                let place = place.ok().and_then(|place| u32::try_from(place).ok());
                let Some(place) = place else {
                    return Err(SegmentError::NotNamed {
                        what: "a category of a segment",
                        found: category.clone(),
                    });
                };
                let (what, range) = ("root of a share", "above 0 and at most 1");
                medoid.push((
                    place,
                    checked(what, range, f64::from_bits(1)..=1.0 + 1e-9, *root)?,
                ));
                squares += root * root;
            }
            let (what, range) = ("sum of the shares of a medoid", "1");
            checked(what, range, 1.0 - 1e-9..=1.0 + 1e-9, squares)?;
            segments.push(NeedsSegment {
                medoid,
                customers: segment.customers,
                silhouette: share("silhouette of a segment", segment.silhouette)?,
            });
        }
        Ok(Self {
            categories: row.categories.iter().map(SmolStr::from).collect(),
            segments,
            silhouette: share("silhouette", row.silhouette)?,
            unknown: row.unknown,
            not_modelled: row.not_modelled,
            dissolved: row.dissolved,
        })
    }
}
