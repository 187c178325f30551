//! Calibration and holdout: what a model may learn from, and what it is then judged by.

#[cfg(feature = "serde")]
mod stored;

use chrono::{DateTime, Utc};

use crate::history::CustomerId;
use crate::quantity::{Currency, Money, Span};

use super::purchase::{add, count};
use super::{CustomerBase, CustomerState, RfmSummary, RuleReport, SummaryError};

/// A base split at an instant: summaries up to it, and what the same customers did afterwards
/// (校准期与留出期).
///
/// Nobody is lost: every customer is in exactly one of [`customers`](Self::customers),
/// [`late_joiners`](Self::late_joiners) and [`without_purchase`](Self::without_purchase), each in
/// order of id. Made by [`CustomerBase::split`].
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "stored::SplitRow", into = "stored::SplitRow")
)]
pub struct CalibrationSplit {
    calibration_end: DateTime<Utc>,
    holdout_end: DateTime<Utc>,
    holdout: Span,
    customers: Vec<SplitCustomer>,
    late_joiners: Vec<LateJoiner>,
    without_purchase: Vec<CustomerId>,
    calibration_report: RuleReport,
    holdout_report: RuleReport,
}

/// A customer with a transaction in the calibration, and what they did in the holdout.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "stored::CustomerRow", into = "stored::CustomerRow")
)]
pub struct SplitCustomer {
    customer: CustomerId,
    calibration: RfmSummary,
    holdout_transactions: u32,
    holdout_spend: Money,
}

/// A customer whose first transaction is in the holdout. No model knew of them.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "stored::JoinerRow", into = "stored::JoinerRow")
)]
pub struct LateJoiner {
    customer: CustomerId,
    transactions: u32,
    spend: Money,
}

impl SplitCustomer {
    /// Who it is.
    #[must_use]
    pub fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// The summary as of the end of the calibration.
    #[must_use]
    pub fn calibration(&self) -> &RfmSummary {
        &self.calibration
    }

    /// Transaction periods after the calibration's last period, up to and including the
    /// holdout's.
    #[must_use]
    pub fn holdout_transactions(&self) -> u32 {
        self.holdout_transactions
    }

    /// What was spent in them, after the returns that the policy deducts.
    #[must_use]
    pub fn holdout_spend(&self) -> Money {
        self.holdout_spend
    }
}

impl LateJoiner {
    /// Who it is.
    #[must_use]
    pub fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// Transaction periods in the holdout, the first one included.
    #[must_use]
    pub fn transactions(&self) -> u32 {
        self.transactions
    }

    /// What was spent in them, after the returns that the policy deducts.
    #[must_use]
    pub fn spend(&self) -> Money {
        self.spend
    }
}

impl CalibrationSplit {
    /// End of the calibration; its whole dedupe period belongs to the calibration.
    #[must_use]
    pub fn calibration_end(&self) -> DateTime<Utc> {
        self.calibration_end
    }

    /// End of the holdout; its whole dedupe period belongs to the holdout.
    #[must_use]
    pub fn holdout_end(&self) -> DateTime<Utc> {
        self.holdout_end
    }

    /// Length of the holdout in the policy's unit: the span to ask a model about.
    #[must_use]
    pub fn holdout(&self) -> Span {
        self.holdout
    }

    /// Customers with a transaction in the calibration.
    #[must_use]
    pub fn customers(&self) -> &[SplitCustomer] {
        &self.customers
    }

    /// The summaries a model is fitted to, in the order of [`customers`](Self::customers).
    #[must_use]
    pub fn calibrations(&self) -> impl ExactSizeIterator<Item = RfmSummary> {
        self.customers.iter().map(|customer| customer.calibration)
    }

    /// Holdout transactions of all [`customers`](Self::customers): what a model's predictions
    /// should add up to. Those of late joiners are not among them.
    #[must_use]
    pub fn holdout_transactions(&self) -> u64 {
        self.customers
            .iter()
            .map(|customer| u64::from(customer.holdout_transactions))
            .sum()
    }

    /// Customers whose first transaction is in the holdout.
    #[must_use]
    pub fn late_joiners(&self) -> &[LateJoiner] {
        &self.late_joiners
    }

    /// Customers without a counted transaction up to the end of the holdout: they only returned
    /// something, say, or will buy later still.
    #[must_use]
    pub fn without_purchase(&self) -> &[CustomerId] {
        &self.without_purchase
    }

    /// What the rules did up to the end of the calibration.
    #[must_use]
    pub fn calibration_report(&self) -> &RuleReport {
        &self.calibration_report
    }

    /// What the rules did up to the end of the holdout, the calibration included.
    #[must_use]
    pub fn holdout_report(&self) -> &RuleReport {
        &self.holdout_report
    }
}

impl CustomerBase {
    /// Splits the customers at the end of a calibration, for a model to be fitted to what came
    /// before and judged by what came after.
    ///
    /// Windows are half-open: a transaction belongs to the holdout if its dedupe period lies
    /// after the one of `calibration_end`, up to and including the one of `holdout_end`. Both
    /// windows have the same rules; a return in the holdout leaves the calibration as it was
    /// known at its end.
    ///
    /// # Errors
    ///
    /// [`SummaryError::HoldoutOrder`] unless the holdout ends in a later period than the
    /// calibration; [`SummaryError::Customer`] around what
    /// [`PurchaseState::summarise`](super::PurchaseState::summarise) refuses.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::quantity::{Currency, Money};
    /// use guanxi::summary::{CustomerBase, SummaryPolicy};
    ///
    /// let noon = |day: &str| format!("{day}T12:00:00Z").parse::<chrono::DateTime<chrono::Utc>>();
    /// let ten = Money::parse("10", Currency::USD)?;
    /// let mut base = CustomerBase::new(SummaryPolicy::default());
    /// base.observe_purchase("early", noon("1997-02-01")?, ten)?;
    /// base.observe_purchase("early", noon("1997-11-02")?, ten)?;
    /// base.observe_purchase("late", noon("1997-12-24")?, ten)?;
    /// base.observe_return("never", noon("1997-03-01")?, ten)?;
    ///
    /// let split = base.split(noon("1997-09-30")?, noon("1998-06-30")?)?;
    /// assert_eq!(split.holdout().length(), 39.0); // weeks
    /// assert_eq!(split.holdout_transactions(), 1);
    /// assert_eq!(split.customers()[0].customer().as_str(), "early");
    /// assert_eq!(split.late_joiners()[0].customer().as_str(), "late");
    /// assert_eq!(split.without_purchase()[0].as_str(), "never");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn split(
        &self,
        calibration_end: DateTime<Utc>,
        holdout_end: DateTime<Utc>,
    ) -> Result<CalibrationSplit, SummaryError> {
        let grid = self.policy().grid();
        let (from, to) = (grid.index(calibration_end), grid.index(holdout_end));
        if from >= to {
            return Err(SummaryError::HoldoutOrder {
                period: grid.unit(),
                calibration_end,
                found: holdout_end,
            });
        }
        let unit = self.policy().unit();
        let mut split = CalibrationSplit {
            calibration_end,
            holdout_end,
            holdout: Span::new(grid.span(from, to, unit), unit)?,
            customers: Vec::new(),
            late_joiners: Vec::new(),
            without_purchase: Vec::new(),
            calibration_report: RuleReport::default(),
            holdout_report: RuleReport::default(),
        };
        for (id, state) in self.iter() {
            split
                .place(id, state, from, to)
                .map_err(|error| error.of_customer(id))?;
        }
        Ok(split)
    }
}

impl CalibrationSplit {
    /// Puts one customer into the list they belong to.
    fn place(
        &mut self,
        id: &CustomerId,
        state: &CustomerState,
        from: i64,
        to: i64,
    ) -> Result<(), SummaryError> {
        let (calibration, _) = state
            .purchases()
            .summarise(self.calibration_end, state.policy())?;
        self.calibration_report
            .merge(&state.report_to(from, |_, _| Ok(()))?)?;
        let (mut transactions, mut spent) = (0_u64, 0_i128);
        self.holdout_report
            .merge(&state.report_to(to, |period, spend| {
                if period > from {
                    transactions += 1;
                    spent = add(spent, spend)?;
                }
                Ok(())
            })?)?;

        let customer = id.clone();
        let transactions = count(transactions)?;
        let spend = |currency: Option<Currency>| match currency {
            Some(currency) => Ok(Money::from_nano_units(spent, currency)?),
            None => Err(SummaryError::Empty {
                expected: "a currency for every purchase", // each brings its own
            }),
        };
        match calibration {
            Some(calibration) => self.customers.push(SplitCustomer {
                customer,
                calibration,
                holdout_transactions: transactions,
                holdout_spend: spend(state.currency())?,
            }),
            None if transactions > 0 => self.late_joiners.push(LateJoiner {
                customer,
                transactions,
                spend: spend(state.currency())?,
            }),
            None => self.without_purchase.push(customer),
        }
        Ok(())
    }
}
