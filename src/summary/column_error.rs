//! Why columns were refused.

use crate::quantity::Currency;

use super::SummaryError;

/// Why columns of customers could not be read, filled or joined.
///
/// Rows count from 0, as slices do.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::TimeUnit;
/// use guanxi::summary::SummaryColumns;
///
/// let columns = |recency| {
///     SummaryColumns::new(TimeUnit::Week, &[0, 2], recency, &[38.0, 38.86])
///         .map_err(|error| error.to_string())
/// };
/// assert_eq!(
///     columns(&[0.0, 40.0]),
///     Err("recency of row 1: recency must be a number from 0 to the age of 38.86, got 40.0".into())
/// );
/// assert_eq!(columns(&[0.0]), Err("column recency must have 2 rows, got 1".into()));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ColumnError {
    /// A column is longer or shorter than it has to be.
    #[error("column {column} must have {expected} rows, got {found}")]
    Length {
        /// The column.
        column: &'static str,
        /// The rows it must have.
        expected: usize,
        /// The rows it has.
        found: usize,
    },
    /// A row that no customer can have.
    #[error("{column} of row {row}: {reason}")]
    Row {
        /// The first such row.
        row: usize,
        /// The column that is at fault.
        column: &'static str,
        /// What is wrong with it.
        reason: SummaryError,
    },
    /// More rows than can be numbered.
    #[error("columns may have {limit} rows, got {found}")]
    TooManyRows {
        /// The most there may be.
        limit: usize,
        /// The rows that came.
        found: usize,
    },
    /// Amounts in minor units of a currency that has none, or none that is known.
    #[error("amounts in minor units must be of a currency that has them, got {currency}")]
    NoMinorUnits {
        /// The currency.
        currency: Currency,
    },
    /// Stored columns are not such as any customers lead to.
    #[error("stored columns need {expected}, got {found}")]
    Stored {
        /// What all such columns have.
        expected: &'static str,
        /// What was read instead.
        found: String,
    },
    /// Nothing to tell the unit of time from.
    #[error("a table without a unit needs at least one customer, got none")]
    Empty,
}

impl ColumnError {
    /// Whether a column has this many rows.
    pub(crate) fn check_length(
        column: &'static str,
        expected: usize,
        found: usize,
    ) -> Result<(), Self> {
        if found == expected {
            Ok(())
        } else {
            Err(Self::Length {
                column,
                expected,
                found,
            })
        }
    }

    /// What is wrong with a row, and in which column.
    pub(super) fn of_row(row: usize, reason: SummaryError) -> Self {
        let column = match &reason {
            SummaryError::Domain {
                quantity: "age", ..
            } => "age",
            SummaryError::Domain {
                quantity: "recency",
                ..
            }
            | SummaryError::RecencyOutsideAge { .. }
            | SummaryError::RecencyContradictsFrequency { .. } => "recency",
            SummaryError::SpendCoverage { .. } => "transactions",
            SummaryError::CurrencyMismatch { .. } => "currency",
            SummaryError::RuleMismatch { .. } => "basis",
            SummaryError::Quantity(_) => "unit",
            _ => "mean",
        };
        Self::Row {
            row,
            column,
            reason,
        }
    }
}
