//! Who comes back, by when they joined (同期群).

use std::collections::{BTreeMap, BTreeSet};

use super::window::known;
use super::{Measure, MetricError, Periods, ReportedTable, Share, SmallGroups};
use crate::history::{CustomerId, Interaction, Kind};

const METRIC: &str = "the cohort triangle";

/// The most periods of a log, of which there are two million cells.
const MOST_PERIODS: usize = 2_000;

/// The cohort triangle (同期群分析): a row for each period in which customers joined, a column for
/// each age in periods, and in each cell how many of the row were active at that age.
///
/// A cell that could not be observed yet is `None`: it is never 0, and never filled by what older
/// cohorts did.
///
/// # Examples
///
/// ```
/// use guanxi::metric::CohortTriangle;
///
/// // Three periods: ten who joined in the first, eight in the second, five in the last.
/// let triangle = CohortTriangle::new(vec![vec![10, 6, 5], vec![8, 4], vec![5]])?;
/// assert_eq!(triangle.cell(0, 2).and_then(|cell| cell.value()), Some(0.5));
/// assert_eq!(triangle.cell(1, 2), None); // not observable yet
/// let second = triangle.pooled(1).and_then(|share| share.value());
/// assert_eq!(second, Some(10.0 / 18.0)); // without the row of whom it is not known
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "RawTriangle", into = "RawTriangle")
)]
pub struct CohortTriangle {
    rows: Vec<Vec<u64>>,
    joined_before: u64,
}

impl CohortTriangle {
    /// A triangle from its rows, the oldest cohort first: how many joined, and how many of them were
    /// active one period later, two periods later and so on. Each row is one shorter than the row
    /// before; the last holds who joined alone.
    ///
    /// # Errors
    ///
    /// [`MetricError::Empty`] without a row, [`MetricError::Shape`] if one is not as long as its
    /// age, [`MetricError::Row`] if more are active than joined.
    pub fn new(rows: Vec<Vec<u64>>) -> Result<Self, MetricError> {
        if rows.is_empty() {
            return Err(MetricError::Empty { metric: METRIC });
        }
        for (row, (cells, expected)) in rows.iter().zip((1..=rows.len()).rev()).enumerate() {
            if cells.len() != expected {
                return Err(MetricError::Shape {
                    metric: METRIC,
                    row,
                    expected,
                    found: cells.len(),
                });
            }
            let joined = cells.first().copied().unwrap_or_default();
            if let Some(&found) = cells.iter().find(|&&active| active > joined) {
                return Err(MetricError::Row {
                    metric: METRIC,
                    row,
                    field: "active",
                    expected: "at most as many as joined",
                    found: found as f64,
                });
            }
        }
        Ok(Self {
            rows,
            joined_before: 0,
        })
    }

    /// The triangle of the purchases of a log: customers join with their first purchase, and are
    /// active in a period in which they buy.
    ///
    /// The log must reach back to first purchases: whoever bought before the first period is in no
    /// cohort, and is [counted](Self::joined_before).
    ///
    /// # Errors
    ///
    /// [`MetricError::NotInLog`] if the log holds no purchase up to the end of the last period;
    /// [`MetricError::TooMany`] for more than 2000 periods, of which no table can be read.
    pub fn from_interactions<'a>(
        log: impl IntoIterator<Item = &'a Interaction>,
        periods: &Periods,
    ) -> Result<Self, MetricError> {
        let count = periods.count();
        if count > MOST_PERIODS {
            return Err(MetricError::TooMany {
                metric: METRIC,
                what: "periods",
                limit: MOST_PERIODS as u64,
                found: count as u64,
            });
        }
        // The periods in which each customer bought; `None` before the first.
        let mut bought: BTreeMap<&CustomerId, BTreeSet<Option<usize>>> = BTreeMap::new();
        for interaction in known(log, periods.as_of()) {
            if matches!(interaction.kind(), Kind::Purchase(_)) && periods.know(interaction) {
                let period = periods.index(interaction.occurred_at());
                let of_customer = bought.entry(interaction.customer()).or_default();
                of_customer.insert(period);
            }
        }
        if bought.is_empty() {
            return Err(Measure::Cohorts.not_in_log());
        }
        let mut rows: Vec<Vec<u64>> = (0..count).map(|row| vec![0; count - row]).collect();
        let mut joined_before = 0_u64;
        for periods in bought.into_values() {
            let Some(Some(joined)) = periods.first().copied() else {
                joined_before += 1;
                continue;
            };
            for period in periods.into_iter().flatten() {
                let cell = rows
                    .get_mut(joined)
                    .and_then(|row| row.get_mut(period - joined));
                if let Some(cell) = cell {
                    *cell += 1;
                }
            }
        }
        Ok(Self {
            rows,
            joined_before,
        })
    }

    /// Takes in the triangle of other customers over the same periods, so that a long log can be read
    /// a part at a time, all of a customer in one part.
    ///
    /// # Errors
    ///
    /// [`MetricError::Shape`] if it has more or fewer periods; nothing is taken in then.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::metric::CohortTriangle;
    ///
    /// let mut all = CohortTriangle::new(vec![vec![10, 6], vec![8]])?;
    /// all.merge(&CohortTriangle::new(vec![vec![2, 2], vec![0]])?)?;
    /// assert_eq!(all, CohortTriangle::new(vec![vec![12, 8], vec![8]])?);
    /// # Ok::<(), guanxi::metric::MetricError>(())
    /// ```
    pub fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        if other.periods() != self.periods() {
            return Err(MetricError::Shape {
                metric: METRIC,
                row: 0,
                expected: self.periods(),
                found: other.periods(),
            });
        }
        let cells = self.rows.iter_mut().flatten();
        for (cell, more) in cells.zip(other.rows.iter().flatten()) {
            *cell = cell.saturating_add(*more);
        }
        self.joined_before = self.joined_before.saturating_add(other.joined_before);
        Ok(())
    }

    /// How many periods there are, which is how many rows.
    #[must_use]
    pub fn periods(&self) -> usize {
        self.rows.len()
    }

    /// How many joined before the first period and are in no row.
    #[must_use]
    pub fn joined_before(&self) -> u64 {
        self.joined_before
    }

    /// How many customers joined in a period; `None` past the last.
    #[must_use]
    pub fn joined(&self, row: usize) -> Option<u64> {
        self.rows.get(row)?.first().copied()
    }

    /// How many of those who joined in a period were active so many periods later; `None` where that
    /// is not over yet, or there is no such row.
    #[must_use]
    pub fn cell(&self, row: usize, age: usize) -> Option<Share> {
        let cells = self.rows.get(row)?;
        Share::new(*cells.get(age)?, *cells.first()?).ok()
    }

    /// How many customers were active at an age, of those of whom it can be observed; `None` if it
    /// can be of none, or they are more than a whole number holds.
    ///
    /// Different ages pool different cohorts: a column may rise because the younger ones, who are
    /// worse, are not old enough to be in it.
    #[must_use]
    pub fn pooled(&self, age: usize) -> Option<Share> {
        let mut cells = (0..self.rows.len()).filter_map(|row| self.cell(row, age));
        let together = |a: Share, b: Share| {
            let of = a.of().checked_add(b.of())?;
            Share::new(a.count().checked_add(b.count())?, of).ok()
        };
        let first = cells.next()?;
        cells.try_fold(first, together)
    }

    /// The rows as a report may show them: for each, its cells by age, the one of age 0 first, beside
    /// how many joined; rows of few customers are suppressed, with others where the total would give
    /// them away. What was [pooled](Self::pooled) over suppressed rows is not theirs to tell.
    #[must_use]
    pub fn reported(&self, rule: SmallGroups) -> ReportedTable<Vec<Share>> {
        let row = |cells: &Vec<u64>| {
            let joined = cells.first().copied().unwrap_or_default();
            let shares = cells
                .iter()
                .filter_map(|&active| Share::new(active, joined).ok());
            (joined, shares.collect())
        };
        rule.table(self.rows.iter().map(row))
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "CohortTriangle", deny_unknown_fields)]
struct RawTriangle {
    rows: Vec<Vec<u64>>,
    joined_before: u64,
}

#[cfg(feature = "serde")]
impl From<CohortTriangle> for RawTriangle {
    fn from(triangle: CohortTriangle) -> Self {
        Self {
            rows: triangle.rows,
            joined_before: triangle.joined_before,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<RawTriangle> for CohortTriangle {
    type Error = MetricError;

    fn try_from(raw: RawTriangle) -> Result<Self, MetricError> {
        Ok(Self {
            joined_before: raw.joined_before,
            ..Self::new(raw.rows)?
        })
    }
}
