//! How a split is written down, and the doubts it is read with.

use super::{
    CalibrationSplit, CustomerId, DateTime, LateJoiner, Money, RfmSummary, RuleReport, Span,
    SplitCustomer, SummaryError, Utc,
};

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "CalibrationSplit")]
pub(super) struct SplitRow {
    calibration_end: DateTime<Utc>,
    holdout_end: DateTime<Utc>,
    holdout: Span,
    customers: Vec<SplitCustomer>,
    late_joiners: Vec<LateJoiner>,
    without_purchase: Vec<CustomerId>,
    calibration_report: RuleReport,
    holdout_report: RuleReport,
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "SplitCustomer")]
pub(super) struct CustomerRow {
    customer: CustomerId,
    calibration: RfmSummary,
    holdout_transactions: u32,
    holdout_spend: Money,
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "LateJoiner")]
pub(super) struct JoinerRow {
    customer: CustomerId,
    transactions: u32,
    spend: Money,
}

/// What was spent in some transactions: nothing in none, and never less than nothing.
fn check_spend(transactions: u32, spend: Money) -> Result<(), SummaryError> {
    if spend.is_negative() || (transactions == 0 && !spend.is_zero()) {
        return Err(SummaryError::StoredState {
            expected: "a spend that its transactions can make up",
            found: format!("{spend} in {transactions}"),
        });
    }
    Ok(())
}

/// Names in ascending order, so that nobody is in a list twice.
fn check_order<'a>(
    names: impl Iterator<Item = &'a CustomerId> + Clone,
) -> Result<(), SummaryError> {
    let unsorted = names.clone().zip(names.skip(1)).find(|(a, b)| a >= b);
    match unsorted {
        Some((_, customer)) => Err(SummaryError::StoredState {
            expected: "customers in ascending order, each once",
            found: customer.to_string(),
        }),
        None => Ok(()),
    }
}

impl From<SplitCustomer> for CustomerRow {
    fn from(c: SplitCustomer) -> Self {
        Self {
            customer: c.customer,
            calibration: c.calibration,
            holdout_transactions: c.holdout_transactions,
            holdout_spend: c.holdout_spend,
        }
    }
}

impl TryFrom<CustomerRow> for SplitCustomer {
    type Error = SummaryError;

    fn try_from(row: CustomerRow) -> Result<Self, SummaryError> {
        check_spend(row.holdout_transactions, row.holdout_spend)
            .map_err(|error| error.of_customer(&row.customer))?;
        Ok(Self {
            customer: row.customer,
            calibration: row.calibration,
            holdout_transactions: row.holdout_transactions,
            holdout_spend: row.holdout_spend,
        })
    }
}

impl From<LateJoiner> for JoinerRow {
    fn from(c: LateJoiner) -> Self {
        Self {
            customer: c.customer,
            transactions: c.transactions,
            spend: c.spend,
        }
    }
}

impl TryFrom<JoinerRow> for LateJoiner {
    type Error = SummaryError;

    fn try_from(row: JoinerRow) -> Result<Self, SummaryError> {
        let joined = if row.transactions == 0 {
            Err(SummaryError::StoredState {
                expected: "a late joiner with a transaction",
                found: String::from("0"),
            })
        } else {
            check_spend(row.transactions, row.spend)
        };
        joined.map_err(|error| error.of_customer(&row.customer))?;
        Ok(Self {
            customer: row.customer,
            transactions: row.transactions,
            spend: row.spend,
        })
    }
}

impl From<CalibrationSplit> for SplitRow {
    fn from(split: CalibrationSplit) -> Self {
        Self {
            calibration_end: split.calibration_end,
            holdout_end: split.holdout_end,
            holdout: split.holdout,
            customers: split.customers,
            late_joiners: split.late_joiners,
            without_purchase: split.without_purchase,
            calibration_report: split.calibration_report,
            holdout_report: split.holdout_report,
        }
    }
}

impl TryFrom<SplitRow> for CalibrationSplit {
    type Error = SummaryError;

    fn try_from(row: SplitRow) -> Result<Self, SummaryError> {
        if row.calibration_end >= row.holdout_end || row.holdout.length() <= 0.0 {
            return Err(SummaryError::StoredState {
                expected: "a holdout that ends after its calibration",
                found: format!("{} after {}", row.holdout_end, row.calibration_end),
            });
        }
        check_order(row.customers.iter().map(|c| &c.customer))?;
        check_order(row.late_joiners.iter().map(|c| &c.customer))?;
        check_order(row.without_purchase.iter())?;
        let mut everyone: Vec<&CustomerId> = row
            .customers
            .iter()
            .map(|c| &c.customer)
            .chain(row.late_joiners.iter().map(|c| &c.customer))
            .chain(&row.without_purchase)
            .collect();
        everyone.sort_unstable();
        check_order(everyone.iter().copied())?;
        Ok(Self {
            calibration_end: row.calibration_end,
            holdout_end: row.holdout_end,
            holdout: row.holdout,
            customers: row.customers,
            late_joiners: row.late_joiners,
            without_purchase: row.without_purchase,
            calibration_report: row.calibration_report,
            holdout_report: row.holdout_report,
        })
    }
}
