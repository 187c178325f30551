//! RFM summary: what the purchase models read of one customer.
//!
//! Recency, frequency and age are sufficient for the models that count a customer's purchases
//! until an unseen drop-out: Fader, Hardie & Lee (2005), "'Counting Your Customers' the Easy
//! Way", *Marketing Science* 24(2), 275–284, <https://doi.org/10.1287/mksc.1040.0098>.

use crate::quantity::TimeUnit;

use super::{SpendBasis, SpendSummary, SummaryError};

/// The shortest recency of a customer who came back, in seconds: it stays above 0 in every unit.
const SHORTEST_SECONDS: f64 = 1e-100;

/// The same in a unit.
fn shortest(unit: TimeUnit) -> f64 {
    SHORTEST_SECONDS / unit.seconds()
}

/// Frequency, recency, age and mean spend of one customer as of the end of observation (RFM 汇总).
///
/// Every value of this type is valid: 0 ≤ *tₓ* ≤ *T*, and *x* = 0 exactly when *tₓ* = 0. *T* is at
/// most 1e21 seconds, as a [`Span`](crate::quantity::Span) is, and a *tₓ* above 0 at least 1e-100
/// seconds.
///
/// Recency is the customer's **age at the last purchase**, as the models define it. What a
/// mailing list calls recency, the time since the last purchase, is [`silence`](Self::silence).
///
/// # Examples
///
/// ```
/// use guanxi::quantity::TimeUnit;
/// use guanxi::summary::RfmSummary;
///
/// // Came back twice, the last time in week 30.43, and has been known for 38.86 weeks.
/// let customer = RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?;
/// assert_eq!(customer.frequency(), 2);
/// assert!((customer.silence() - 8.43).abs() < 1e-12);
///
/// let same = customer.in_unit(TimeUnit::Day);
/// assert!((same.age() - 272.02).abs() < 1e-10);
/// # Ok::<(), guanxi::summary::SummaryError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RfmRow", into = "RfmRow"))]
pub struct RfmSummary {
    unit: TimeUnit,
    frequency: u32,
    recency: f64,
    age: f64,
    spend: Option<SpendSummary>,
    ln_gaps: Option<f64>,
}

impl RfmSummary {
    /// A summary from numbers that are known already, such as a published table.
    ///
    /// # Units
    ///
    /// - `frequency`: *repeat* transactions; a customer with one purchase has 0.
    /// - `recency`: `unit`s from the first transaction to the last, 0 without a repeat.
    /// - `age`: `unit`s from the first transaction to the end of observation, at most 1e21
    ///   seconds.
    ///
    /// # Errors
    ///
    /// - [`SummaryError::Domain`] unless `age` is a number from 0 to 1e21 seconds, and a recency
    ///   above 0 at least 1e-100 seconds, both in any unit.
    /// - [`SummaryError::RecencyOutsideAge`] unless 0 ≤ `recency` ≤ `age`.
    /// - [`SummaryError::RecencyContradictsFrequency`] unless both are 0 or neither.
    pub fn new(
        unit: TimeUnit,
        frequency: u32,
        recency: f64,
        age: f64,
    ) -> Result<Self, SummaryError> {
        // The ranges are written so that NaN fails them.
        if !(0.0..=unit.most()).contains(&age) {
            return Err(SummaryError::Domain {
                quantity: "age",
                expected: "a length of time from 0 to 1e21 seconds",
                found: age,
            });
        }
        if !(0.0..=age).contains(&recency) {
            return Err(SummaryError::RecencyOutsideAge {
                age,
                found: recency,
            });
        }
        let came_back = recency > 0.0;
        if came_back != (frequency > 0) {
            return Err(SummaryError::RecencyContradictsFrequency { frequency, recency });
        }
        if came_back && recency < shortest(unit) {
            return Err(SummaryError::Domain {
                quantity: "recency",
                expected: "0 or a length of time of at least 1e-100 seconds",
                found: recency,
            });
        }
        Ok(Self::of_valid(unit, frequency, recency, age))
    }

    /// Whether [`new`](Self::new) accepts numbers in this unit; without a branch, for many rows.
    #[allow(
        clippy::needless_bitwise_bool,
        reason = "without a branch several rows are checked at a time"
    )]
    pub(super) fn validity(unit: TimeUnit) -> impl Fn(u32, f64, f64) -> bool {
        let (shortest, most) = (shortest(unit), unit.most());
        move |frequency, recency, age| {
            let in_range = (recency >= 0.0) & (recency <= age) & (age <= most);
            let came_back = (recency >= shortest) & (frequency > 0);
            let never = (recency == 0.0) & (frequency == 0);
            in_range & (came_back | never)
        }
    }

    /// A summary of numbers that [`new`](Self::new) has accepted.
    pub(super) fn of_valid(unit: TimeUnit, frequency: u32, recency: f64, age: f64) -> Self {
        Self {
            unit,
            frequency,
            recency: recency + 0.0, // a negative zero becomes a plain one
            age: age + 0.0,
            spend: None,
            ln_gaps: None,
        }
    }

    /// A customer who has just made the first purchase, about whom nothing else is known.
    #[must_use]
    pub fn newcomer(unit: TimeUnit) -> Self {
        Self {
            unit,
            frequency: 0,
            recency: 0.0,
            age: 0.0,
            spend: None,
            ln_gaps: None,
        }
    }

    /// The same customer with a mean spend.
    ///
    /// The mean may cover fewer transactions than there are, for example only those with a price.
    ///
    /// # Errors
    ///
    /// [`SummaryError::SpendCoverage`] if the mean covers more transactions than the customer
    /// made: [`frequency`](Self::frequency) repeat ones, or one more with the first.
    pub fn with_spend(self, spend: SpendSummary) -> Result<Self, SummaryError> {
        let made = match spend.basis() {
            SpendBasis::RepeatTransactions => self.frequency,
            SpendBasis::AllTransactions => self.frequency.saturating_add(1), // a limit, not a count
        };
        if spend.transactions() > made {
            return Err(SummaryError::SpendCoverage {
                at_most: made,
                found: spend.transactions(),
            });
        }
        Ok(Self {
            spend: Some(spend),
            ..self
        })
    }

    /// The same customer with the sum of the logarithms of the gaps between transactions, in
    /// [`unit`](Self::unit)s: what tells how regular a customer is, beside frequency and recency.
    ///
    /// Each of the [`frequency`](Self::frequency) repeat transactions ends a gap; their sum is the
    /// recency.
    ///
    /// # Errors
    ///
    /// [`SummaryError::Domain`] unless the sum lies between −746·x and that of as many equal gaps,
    /// `x·ln(tₓ/x)`, beyond which no gaps lie; for a customer without a repeat it is 0. With one
    /// repeat the gap is the recency.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::quantity::TimeUnit;
    /// use guanxi::summary::RfmSummary;
    ///
    /// // Orders in weeks 0, 4 and 10: gaps of 4 and 6 weeks.
    /// let ln_gaps = 4.0_f64.ln() + 6.0_f64.ln();
    /// let customer = RfmSummary::new(TimeUnit::Week, 2, 10.0, 12.0)?.with_ln_gaps(ln_gaps)?;
    /// assert_eq!(customer.ln_gaps(), Some(ln_gaps));
    /// let unknown = RfmSummary::new(TimeUnit::Week, 2, 10.0, 12.0)?;
    /// assert_eq!(unknown.ln_gaps(), None);
    /// # Ok::<(), guanxi::summary::SummaryError>(())
    /// ```
    pub fn with_ln_gaps(self, ln_gaps: f64) -> Result<Self, SummaryError> {
        let most = if self.frequency == 0 {
            0.0
        } else {
            let x = f64::from(self.frequency);
            let equal = x * (self.recency / x).ln();
            equal + 1e-9 * (x + equal.abs()) // the rounding of a sum of logarithms
        };
        // No gap is below the smallest number.
        let least = -746.0 * f64::from(self.frequency);
        // Written so that NaN fails it.
        if !(least..=most).contains(&ln_gaps) {
            return Err(SummaryError::Domain {
                quantity: "sum of the logarithms of the gaps",
                expected: "a number from -746 x to x ln(t_x/x), and 0 without a repeat",
                found: ln_gaps,
            });
        }
        Ok(Self {
            // Fewer gaps are known from the recency.
            ln_gaps: (self.frequency > 1).then_some(ln_gaps),
            ..self
        })
    }

    /// Unit of [`recency`](Self::recency) and [`age`](Self::age).
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }

    /// Repeat transactions, *x*: distinct transaction periods less the first.
    #[doc(alias = "x")]
    #[must_use]
    pub fn frequency(&self) -> u32 {
        self.frequency
    }

    /// Time from the first to the last transaction, *tₓ*, in [`unit`](Self::unit)s; 0 without a
    /// repeat.
    #[doc(alias = "t_x")]
    #[must_use]
    pub fn recency(&self) -> f64 {
        self.recency
    }

    /// Time from the first transaction to the end of observation, *T*, in
    /// [`unit`](Self::unit)s.
    #[doc(alias = "T")]
    #[must_use]
    pub fn age(&self) -> f64 {
        self.age
    }

    /// Time since the last transaction, *T* − *tₓ*, in [`unit`](Self::unit)s.
    #[must_use]
    pub fn silence(&self) -> f64 {
        self.age - self.recency
    }

    /// Mean spend, if it is known.
    ///
    /// `None` is not a spend of nothing: it is a customer without a repeat transaction to take a
    /// mean over, or one whose amounts were not given.
    #[must_use]
    pub fn spend(&self) -> Option<&SpendSummary> {
        self.spend.as_ref()
    }

    /// Sum of the logarithms of the gaps between transactions, each in [`unit`](Self::unit)s, if the
    /// gaps are known; 0 without a repeat, and with one that of the recency, which is the gap.
    #[doc(alias = "litt")]
    #[must_use]
    pub fn ln_gaps(&self) -> Option<f64> {
        match self.frequency {
            0 => Some(0.0),
            1 => Some(self.recency.ln()),
            _ => self.ln_gaps,
        }
    }

    /// The same customer with spans in another unit (a month is 30.436875 days, a year 365.25).
    ///
    /// In its own unit the summary stays as it is to the last bit.
    #[must_use]
    pub fn in_unit(&self, unit: TimeUnit) -> Self {
        if unit == self.unit {
            return *self;
        }
        let (from, to) = (self.unit.seconds(), unit.seconds());
        // Of the two factors take the one at or above 1, so that days and weeks convert by 7.
        let convert = |span: f64| {
            if from >= to {
                span * (from / to)
            } else {
                span / (to / from)
            }
        };
        // A length at the very edge of the range may be rounded across it; its nearest neighbour
        // inside is as close.
        let recency = if self.frequency > 0 {
            convert(self.recency).clamp(shortest(unit), unit.most())
        } else {
            0.0
        };
        Self {
            unit,
            recency,
            age: convert(self.age).clamp(recency, unit.most()),
            ln_gaps: self
                .ln_gaps
                .map(|sum| sum + f64::from(self.frequency) * (from / to).ln()),
            ..*self
        }
    }
}

/// How an RFM summary is written down.
#[cfg(feature = "serde")]
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "RfmSummary")]
struct RfmRow {
    unit: TimeUnit,
    frequency: u32,
    recency: f64,
    age: f64,
    #[serde(default)]
    spend: Option<SpendSummary>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ln_gaps: Option<f64>,
}

#[cfg(feature = "serde")]
impl TryFrom<RfmRow> for RfmSummary {
    type Error = SummaryError;

    fn try_from(row: RfmRow) -> Result<Self, SummaryError> {
        let mut rfm = Self::new(row.unit, row.frequency, row.recency, row.age)?;
        if let Some(ln_gaps) = row.ln_gaps {
            rfm = rfm.with_ln_gaps(ln_gaps)?;
        }
        match row.spend {
            Some(spend) => rfm.with_spend(spend),
            None => Ok(rfm),
        }
    }
}

#[cfg(feature = "serde")]
impl From<RfmSummary> for RfmRow {
    fn from(rfm: RfmSummary) -> Self {
        Self {
            unit: rfm.unit,
            frequency: rfm.frequency,
            recency: rfm.recency,
            age: rfm.age,
            spend: rfm.spend,
            ln_gaps: rfm.ln_gaps,
        }
    }
}
