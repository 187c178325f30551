//! Where each customer is in the table of a base.

use crate::history::CustomerId;
use crate::summary::{CustomerState, SummaryError};

/// Where a customer is in the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) row: u32,
    /// Half of the hash: another customer hardly ever has the same.
    pub(super) tag: u32,
}

impl Place {
    pub(super) fn is_of(self, table: &[(CustomerId, CustomerState)], customer: &str) -> bool {
        let row = table.get(self.row as usize);
        row.is_some_and(|(id, _)| id.as_str() == customer)
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "a part of the hash is meant"
)]
pub(super) fn tag(hash: u64) -> u32 {
    (hash >> 25) as u32 // the table itself goes by the first bits and the last
}

/// A number of customers that there can be.
pub(super) fn count_of(customers: usize) -> Result<u32, SummaryError> {
    u32::try_from(customers).map_err(|_| SummaryError::Overflow {
        quantity: "customers in one base",
        limit: u64::from(u32::MAX),
    })
}
