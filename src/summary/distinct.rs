//! Customers merged by what is known of them: as many rows as there are distinct histories.

use crate::quantity::TimeUnit;

use super::{ColumnError, SummaryColumns};

/// The distinct rows of [`SummaryColumns`], how many customers each stands for, and which row each
/// customer's is.
///
/// Rows ascend by frequency, then age, then recency, so that neighbours share all that does not
/// depend on recency. A model is asked about the rows, and [`gather`](Self::gather) hands each
/// customer the answer of its row:
///
/// # Examples
///
/// ```
/// use guanxi::quantity::TimeUnit;
/// use guanxi::summary::SummaryColumns;
///
/// let columns = SummaryColumns::new(
///     TimeUnit::Day,
///     &[1, 0, 1, 0],
///     &[9.0, 0.0, 9.0, 0.0],
///     &[40.0, 40.0, 40.0, 50.0],
/// )?;
/// let distinct = columns.distinct();
/// assert_eq!(distinct.columns().frequency(), [0, 0, 1]);
/// assert_eq!(distinct.columns().age(), [40.0, 50.0, 40.0]);
/// assert_eq!(distinct.weights(), [1.0, 1.0, 2.0]);
///
/// let silence: Vec<f64> = distinct.columns().iter().map(|row| row.silence()).collect();
/// let mut of_customers = [0.0; 4];
/// distinct.gather(&silence, &mut of_customers)?;
/// assert_eq!(of_customers, [31.0, 40.0, 31.0, 50.0]);
/// # Ok::<(), guanxi::summary::ColumnError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DistinctSummaries {
    unit: TimeUnit,
    frequency: Vec<u32>,
    recency: Vec<f64>,
    age: Vec<f64>,
    weights: Vec<f64>,
    /// The distinct row of each customer.
    row_of: Vec<u32>,
}

impl DistinctSummaries {
    /// Merges the rows of valid columns.
    pub(super) fn of(columns: &SummaryColumns<'_>) -> Self {
        // Bit patterns of numbers that are not negative are in their order; −0 becomes 0.
        let keys: Vec<(u32, u64, u64)> = columns
            .rows()
            .map(|(x, t_x, t)| (x, (t + 0.0).to_bits(), (t_x + 0.0).to_bits()))
            .collect();
        let mut distinct = keys.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let mut weights = vec![0.0; distinct.len()];
        let row_of = keys
            .iter()
            .map(|key| {
                let row = distinct.partition_point(|other| other < key);
                weights[row] += 1.0;
                #[allow(clippy::cast_possible_truncation, reason = "columns have fewer rows")]
                let row = row as u32;
                row
            })
            .collect();
        Self {
            unit: columns.unit(),
            frequency: distinct.iter().map(|key| key.0).collect(),
            recency: distinct.iter().map(|key| f64::from_bits(key.2)).collect(),
            age: distinct.iter().map(|key| f64::from_bits(key.1)).collect(),
            weights,
            row_of,
        }
    }

    /// Number of distinct rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.frequency.len()
    }

    /// Whether there is no row, and so no customer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frequency.is_empty()
    }

    /// Number of customers that were merged.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.row_of.len()
    }

    /// The distinct rows, in ascending order of frequency, then age, then recency.
    #[must_use]
    pub fn columns(&self) -> SummaryColumns<'_> {
        SummaryColumns::of_valid(self.unit, &self.frequency, &self.recency, &self.age)
    }

    /// How many customers each row stands for; together they are
    /// [`customers`](Self::customers).
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The row that each customer was merged into, in the order of the columns.
    #[must_use]
    pub fn row_of(&self) -> &[u32] {
        &self.row_of
    }

    /// Writes each customer's answer to `out`, in the order of the columns, from the answers
    /// `by_row` of the distinct rows. It allocates nothing.
    ///
    /// # Errors
    ///
    /// [`ColumnError::Length`] unless `by_row` has as many numbers as there are
    /// [rows](Self::len), and `out` as there are [`customers`](Self::customers).
    pub fn gather(&self, by_row: &[f64], out: &mut [f64]) -> Result<(), ColumnError> {
        ColumnError::check_length("by_row", self.len(), by_row.len())?;
        ColumnError::check_length("out", self.customers(), out.len())?;
        for (answer, &row) in out.iter_mut().zip(&self.row_of) {
            *answer = by_row[row as usize];
        }
        Ok(())
    }
}
