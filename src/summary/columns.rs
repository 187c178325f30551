//! Many customers as columns: what the purchase models read, one customer a row, borrowed from
//! wherever the numbers are.

use crate::quantity::TimeUnit;

use super::{ColumnError, DistinctSummaries, RfmSummary};

/// The most rows that can be numbered with 32 bits.
const MOST_ROWS: usize = u32::MAX as usize;

/// Frequency, recency and age of many customers, one a row (客户群的列式数据): what an
/// [`RfmSummary`] is for one, without its spend.
///
/// The slices are checked once and read in place, wherever they come from: a data frame, an Arrow
/// array, a [`SummaryTable`](super::SummaryTable). A model then answers a question of all rows at
/// once with [`PurchaseModel::answers`](crate::model::PurchaseModel::answers). Every value of this
/// type is valid, row by row as an [`RfmSummary`] is.
///
/// # Cost
///
/// Checking takes about 2 ns a row, and no memory.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::TimeUnit;
/// use guanxi::summary::SummaryColumns;
///
/// let columns = SummaryColumns::new(
///     TimeUnit::Week,
///     &[2, 0, 2],
///     &[30.43, 0.0, 30.43],
///     &[38.86, 38.86, 38.86],
/// )?;
/// assert_eq!(columns.len(), 3);
/// assert_eq!(columns.get(0).map(|customer| customer.frequency()), Some(2));
///
/// // Two of the three are alike: a model has to be asked about two.
/// let distinct = columns.distinct();
/// assert_eq!(distinct.weights(), [1.0, 2.0]);
/// # Ok::<(), guanxi::summary::ColumnError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SummaryColumns<'a> {
    unit: TimeUnit,
    frequency: &'a [u32],
    recency: &'a [f64],
    age: &'a [f64],
}

impl<'a> SummaryColumns<'a> {
    /// Columns of equal length, one customer a row; none at all is a base without customers.
    ///
    /// # Units
    ///
    /// As [`RfmSummary::new`]: `frequency` counts *repeat* transactions, `recency` and `age` are
    /// `unit`s since the first one, up to the last one and to the end of observation.
    ///
    /// # Errors
    ///
    /// - [`ColumnError::Length`] if `recency` or `age` has not as many rows as `frequency`.
    /// - [`ColumnError::Row`] with the first row that [`RfmSummary::new`] refuses.
    /// - [`ColumnError::TooManyRows`] beyond 4,294,967,295.
    pub fn new(
        unit: TimeUnit,
        frequency: &'a [u32],
        recency: &'a [f64],
        age: &'a [f64],
    ) -> Result<Self, ColumnError> {
        let rows = frequency.len();
        ColumnError::check_length("recency", rows, recency.len())?;
        ColumnError::check_length("age", rows, age.len())?;
        Self::check_rows(rows)?;
        let columns = Self::of_valid(unit, frequency, recency, age);
        // Without an early end the rows are checked several at a time.
        let valid = RfmSummary::validity(unit);
        if !columns
            .rows()
            .fold(true, |all, (x, t_x, t)| all & valid(x, t_x, t))
        {
            for (row, (x, t_x, t)) in columns.rows().enumerate() {
                RfmSummary::new(unit, x, t_x, t)
                    .map_err(|reason| ColumnError::of_row(row, reason))?;
            }
        }
        Ok(columns)
    }

    /// Columns of equal length that were checked.
    pub(super) fn of_valid(
        unit: TimeUnit,
        frequency: &'a [u32],
        recency: &'a [f64],
        age: &'a [f64],
    ) -> Self {
        Self {
            unit,
            frequency,
            recency,
            age,
        }
    }

    /// Whether so many rows can be numbered.
    pub(super) fn check_rows(found: usize) -> Result<(), ColumnError> {
        if found > MOST_ROWS {
            return Err(ColumnError::TooManyRows {
                limit: MOST_ROWS,
                found,
            });
        }
        Ok(())
    }

    /// Number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.frequency.len()
    }

    /// Whether there is no customer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frequency.is_empty()
    }

    /// Unit of [`recency`](Self::recency) and [`age`](Self::age).
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }

    /// Repeat transactions of each customer, *x*.
    #[must_use]
    pub fn frequency(&self) -> &'a [u32] {
        self.frequency
    }

    /// Time from the first to the last transaction of each customer, *tₓ*, in
    /// [`unit`](Self::unit)s.
    #[must_use]
    pub fn recency(&self) -> &'a [f64] {
        self.recency
    }

    /// Time from the first transaction of each customer to the end of observation, *T*, in
    /// [`unit`](Self::unit)s.
    #[must_use]
    pub fn age(&self) -> &'a [f64] {
        self.age
    }

    /// The customer of a row, counted from 0, if there is such a row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<RfmSummary> {
        let (x, t_x, t) = (
            *self.frequency.get(row)?,
            *self.recency.get(row)?,
            *self.age.get(row)?,
        );
        Some(RfmSummary::of_valid(self.unit, x, t_x, t))
    }

    /// The customers, row by row.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = RfmSummary> + use<'a> {
        let unit = self.unit;
        self.rows()
            .map(move |(x, t_x, t)| RfmSummary::of_valid(unit, x, t_x, t))
    }

    /// Equal rows merged, with where each row went.
    ///
    /// Whatever is asked of a customer depends on these numbers alone, so that it need be worked out
    /// once for all customers who share them. Ages that are whole days leave a tenth of the rows of
    /// a large base; ages that are instants leave nearly all.
    ///
    /// # Cost
    ///
    /// The result takes 4 bytes a row and 28 to 48 bytes a distinct one. Making it takes up to 80 bytes a
    /// distinct row more; some 20 in a large base of which hardly two rows are equal.
    #[must_use]
    pub fn distinct(&self) -> DistinctSummaries {
        DistinctSummaries::of(self)
    }

    /// So many rows from one on, all of which there are.
    pub(crate) fn part(&self, start: usize, length: usize) -> Self {
        let rows = start..start + length;
        Self {
            unit: self.unit,
            frequency: &self.frequency[rows.clone()],
            recency: &self.recency[rows.clone()],
            age: &self.age[rows],
        }
    }

    /// Frequency, recency and age, row by row, as they were given.
    pub(crate) fn rows(&self) -> impl ExactSizeIterator<Item = (u32, f64, f64)> + use<'a> {
        let times = self.recency.iter().zip(self.age);
        self.frequency
            .iter()
            .zip(times)
            .map(|(&x, (&t_x, &t))| (x, t_x, t))
    }
}
