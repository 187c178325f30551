//! What a report may show of small groups (小群体抑制).
//!
//! Hundepool et al. (2012), *Statistical Disclosure Control*, chapter 4, for primary and secondary
//! suppression of cells.

use super::MetricError;

/// The rule that a group of fewer than `k` customers is not shown (k-匿名).
///
/// # What is done
///
/// - A group smaller than `k` is suppressed, an empty one as well: that nobody is in it may tell as
///   much. Leave groups that cannot have members out of the table.
/// - In a table whose [total is shown](Self::table), other groups are suppressed too, the smallest
///   first, until the suppressed ones are at least two and hold at least `k` customers together: the
///   total less what is shown then tells of no small group. The answer does not say which were
///   suppressed for which reason.
///
/// # What is not
///
/// Rates *within* a group that is large enough are shown, also where they rest on few, such as one
/// who left of fifty. Tables that share groups are not set against each other, nor the same table at
/// two times: whoever publishes several must see to what they tell together. The rule `k` = 10 is
/// our choice, after the thresholds of official statistics, which run from 3 to 30.
///
/// # Examples
///
/// ```
/// use guanxi::metric::{Reported, SmallGroups};
///
/// let rule = SmallGroups::default(); // fewer than 10
/// assert_eq!(rule.report(12, 0.5), Reported::Shown(0.5));
/// assert_eq!(rule.report(9, 0.5), Reported::Suppressed { fewer_than: 10 });
///
/// // The total less the other two would give the third group away.
/// let table = rule.table([(40, "north"), (4, "east"), (25, "south")]);
/// assert_eq!(table.total().shown(), Some(&69));
/// assert_eq!(table.groups()[0].shown(), Some(&"north"));
/// assert!(table.groups()[1].shown().is_none() && table.groups()[2].shown().is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "u64", into = "u64"))]
#[doc(alias = "k-anonymity")]
pub struct SmallGroups {
    k: u64,
}

impl SmallGroups {
    /// Suppresses groups of fewer than `k`.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if `k` is below 2, which would hide nobody.
    pub fn fewer_than(k: u64) -> Result<Self, MetricError> {
        if k >= 2 {
            Ok(Self { k })
        } else {
            Err(MetricError::Domain {
                metric: "the suppression of small groups",
                expected: "a smallest size of at least 2",
                found: k as f64,
            })
        }
    }

    /// The smallest size that is shown.
    #[must_use]
    pub const fn smallest(self) -> u64 {
        self.k
    }

    /// What may be shown of one group of so many customers, on its own.
    #[must_use]
    pub fn report<T>(self, customers: u64, value: T) -> Reported<T> {
        if customers < self.k {
            self.suppressed()
        } else {
            Reported::Shown(value)
        }
    }

    /// What may be shown of groups that share no customer, each with how many it holds, beside the
    /// total of their customers.
    #[must_use]
    pub fn table<T>(self, groups: impl IntoIterator<Item = (u64, T)>) -> ReportedTable<T> {
        let groups: Vec<(u64, T)> = groups.into_iter().collect();
        let sizes = groups.iter().map(|group| group.0);
        let total = sizes.clone().fold(0, u64::saturating_add);
        let mut hidden: Vec<bool> = sizes.map(|size| size < self.k).collect();
        // The shown groups, the smallest last; equals in the order of the table.
        let mut shown: Vec<usize> = (0..groups.len()).filter(|&place| !hidden[place]).collect();
        shown.sort_by_key(|&place| std::cmp::Reverse((groups[place].0, place)));
        loop {
            let within: Vec<u64> = groups
                .iter()
                .zip(&hidden)
                .filter(|(_, hidden)| **hidden)
                .map(|(group, _)| group.0)
                .collect();
            let together = within.iter().copied().fold(0, u64::saturating_add);
            let is_safe = within.is_empty() || (within.len() >= 2 && together >= self.k);
            match shown.pop() {
                Some(next) if !is_safe => hidden[next] = true,
                _ => break,
            }
        }
        ReportedTable {
            total: self.report(total, total),
            groups: groups
                .into_iter()
                .zip(hidden)
                .map(|((_, value), hidden)| {
                    if hidden {
                        self.suppressed()
                    } else {
                        Reported::Shown(value)
                    }
                })
                .collect(),
        }
    }

    fn suppressed<T>(self) -> Reported<T> {
        Reported::Suppressed { fewer_than: self.k }
    }
}

impl Default for SmallGroups {
    /// Fewer than 10.
    fn default() -> Self {
        Self { k: 10 }
    }
}

impl TryFrom<u64> for SmallGroups {
    type Error = MetricError;

    fn try_from(k: u64) -> Result<Self, MetricError> {
        Self::fewer_than(k)
    }
}

impl From<SmallGroups> for u64 {
    fn from(rule: SmallGroups) -> Self {
        rule.k
    }
}

/// A value as a report may show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
pub enum Reported<T> {
    /// It may be shown.
    Shown(T),
    /// It may not: the group is small, or would give a small one away.
    Suppressed {
        /// The smallest size that is shown.
        fewer_than: u64,
    },
}

impl<T> Reported<T> {
    /// The value, if it may be shown.
    #[must_use]
    pub fn shown(&self) -> Option<&T> {
        match self {
            Self::Shown(value) => Some(value),
            Self::Suppressed { .. } => None,
        }
    }

    /// The value as another.
    #[must_use]
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Reported<U> {
        match self {
            Self::Shown(value) => Reported::Shown(f(value)),
            Self::Suppressed { fewer_than } => Reported::Suppressed { fewer_than },
        }
    }
}

/// Groups and their total as a report may show them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ReportedTable<T> {
    total: Reported<u64>,
    groups: Vec<Reported<T>>,
}

impl<T> ReportedTable<T> {
    /// How many customers there are in all groups.
    #[must_use]
    pub fn total(&self) -> &Reported<u64> {
        &self.total
    }

    /// The groups, in the order they came.
    #[must_use]
    pub fn groups(&self) -> &[Reported<T>] {
        &self.groups
    }
}
