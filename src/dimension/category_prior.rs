//! What customers like before anything is known of them: shares of categories.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::DimensionError;
use super::error::checked;
use crate::quantity::{Fingerprint, PolicyId};
use crate::summary::PreferenceEvidence;

/// The smallest share of a category: below it one purchase would outweigh everything else known.
const LEAST: f64 = 1e-12;

/// How likely a customer of whom nothing is known wants each category, π₀ (品类先验).
///
/// What is learned of a customer is measured against it: an order of what everybody orders tells
/// little. A category that the prior does not list counts to one cell of all *others*, whose share
/// is stated; so what is learned stays finite whatever is bought. With a share of 0 the list is
/// closed: what is not on it does not count, and the [`Knowledge`](super::Knowledge) says how much
/// that was.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::CategoryPrior;
///
/// let prior = CategoryPrior::new([("tea", 0.6), ("coffee", 0.3)], 0.1)?;
/// assert_eq!((prior.share("tea"), prior.share("bread"), prior.other()), (Some(0.6), None, 0.1));
///
/// // From a base in which tea was bought 6 times and coffee 3 times:
/// let counted = CategoryPrior::from_counts([("tea", 6.0), ("coffee", 3.0)], 0.5)?;
/// assert_eq!(counted.share("tea"), Some(6.5 / 10.5));
/// assert_eq!(counted.other(), 0.5 / 10.5);
/// # Ok::<(), guanxi::dimension::DimensionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "PriorRow", into = "PriorRow"))]
pub struct CategoryPrior {
    /// Sorted by name.
    shares: Vec<(Arc<str>, f64)>,
    other: f64,
}

/// Nothing is known of what customers like, so nothing can be learned that is special.
impl Default for CategoryPrior {
    fn default() -> Self {
        Self {
            shares: Vec::new(),
            other: 1.0,
        }
    }
}

impl CategoryPrior {
    /// The shares of categories, and of all others together.
    ///
    /// They are divided by their sum if that is off by rounding.
    ///
    /// # Errors
    ///
    /// - [`DimensionError::Domain`] unless every share lies between 1e-12 and 1, that of the
    ///   others between 1e-12 and 1 or at 0, and their sum is 1 to within 1e-9.
    /// - [`DimensionError::StatedTwice`] for a category that comes twice.
    pub fn new<N: AsRef<str>>(
        shares: impl IntoIterator<Item = (N, f64)>,
        other: f64,
    ) -> Result<Self, DimensionError> {
        let mut sorted: BTreeMap<Arc<str>, f64> = BTreeMap::new();
        for (name, share) in shares {
            let range = "between 1e-12 and 1";
            let share = checked("share of a category", range, LEAST..=1.0, share)?;
            if sorted.insert(Arc::from(name.as_ref()), share).is_some() {
                return Err(DimensionError::StatedTwice {
                    what: "a category",
                    found: name.as_ref().to_owned(),
                });
            }
        }
        if other != 0.0 {
            let range = "0 or between 1e-12 and 1";
            checked("share of all other categories", range, LEAST..=1.0, other)?;
        }
        let sum = sorted.values().sum::<f64>() + other;
        let near = 1.0 - 1e-9..=1.0 + 1e-9;
        checked("sum of the shares of categories", "1", near, sum)?;
        // What has been divided once stays as it is.
        let scale = if (sum - 1.0).abs() > 1e-12 { sum } else { 1.0 };
        Ok(Self {
            shares: sorted
                .into_iter()
                .map(|(name, share)| (name, share / scale))
                .collect(),
            other: other / scale + 0.0,
        })
    }

    /// The shares seen in a base, `(nₖ + s)/(Σn + s·(K + 1))`, with a smoothing *s* for each of the
    /// *K* categories and for all others together.
    ///
    /// Lidstone's law of succession; *s* = ½ is that of Jeffreys (1946) and of Krichevsky &
    /// Trofimov (1981), <https://doi.org/10.1109/TIT.1981.1056331>, and a good start.
    ///
    /// # Errors
    ///
    /// - [`DimensionError::Domain`] unless every count lies between 0 and 1e100, the smoothing
    ///   between 1e-6 and 1e6, and no share is below 1e-12.
    /// - [`DimensionError::StatedTwice`] for a category that comes twice.
    pub fn from_counts<N: AsRef<str>>(
        counts: impl IntoIterator<Item = (N, f64)>,
        smoothing: f64,
    ) -> Result<Self, DimensionError> {
        let range = "between 1e-6 and 1e6";
        let smoothing = checked(
            "smoothing of a category prior",
            range,
            1e-6..=1e6,
            smoothing,
        )?;
        let counts: Vec<(N, f64)> = counts.into_iter().collect();
        let mut total = smoothing * (counts.len() as f64 + 1.0);
        for (_, count) in &counts {
            let range = "between 0 and 1e100";
            total += checked("count of a category", range, 0.0..=1e100, *count)?;
        }
        let shares = counts
            .into_iter()
            .map(|(name, count)| (name, (count + smoothing) / total));
        Self::new(shares, smoothing / total)
    }

    /// The shares of the [slow counts](crate::summary::CategoryCount::slow) of many customers.
    ///
    /// # Errors
    ///
    /// As [`from_counts`](Self::from_counts).
    pub fn from_customers<'a>(
        customers: impl IntoIterator<Item = &'a PreferenceEvidence>,
        smoothing: f64,
    ) -> Result<Self, DimensionError> {
        let mut counts: BTreeMap<&str, f64> = BTreeMap::new();
        for customer in customers {
            for count in customer.counts() {
                *counts.entry(count.category).or_default() += count.slow;
            }
        }
        Self::from_counts(counts, smoothing)
    }

    /// The share of a category that is listed.
    #[must_use]
    pub fn share(&self, category: &str) -> Option<f64> {
        let place = self.place(category)?;
        self.shares.get(place).map(|(_, share)| *share)
    }

    pub(super) fn place(&self, category: &str) -> Option<usize> {
        self.shares
            .binary_search_by(|(name, _)| (**name).cmp(category))
            .ok()
    }

    /// The categories that are listed, in the order of their names, with their shares.
    #[must_use]
    pub fn shares(&self) -> impl ExactSizeIterator<Item = (&str, f64)> {
        self.shares.iter().map(|(name, share)| (&**name, *share))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = (&Arc<str>, f64)> {
        self.shares.iter().map(|(name, share)| (name, *share))
    }

    /// The share of all others together; 0 if the list is closed.
    #[must_use]
    pub fn other(&self) -> f64 {
        self.other
    }

    /// The name it has by its content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        let print = Fingerprint::of("category prior").number(self.other);
        self.shares()
            .fold(print, |print, (name, share)| print.text(name).number(share))
            .id()
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "CategoryPrior")]
struct PriorRow {
    shares: Vec<(String, f64)>,
    other: f64,
}

#[cfg(feature = "serde")]
impl From<CategoryPrior> for PriorRow {
    fn from(prior: CategoryPrior) -> Self {
        Self {
            shares: prior
                .shares()
                .map(|(name, share)| (name.to_owned(), share))
                .collect(),
            other: prior.other,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<PriorRow> for CategoryPrior {
    type Error = DimensionError;

    fn try_from(row: PriorRow) -> Result<Self, DimensionError> {
        Self::new(row.shares, row.other)
    }
}
