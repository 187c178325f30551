//! Concession for loyalty (让利换忠诚): how much margin may be given up for a higher retention.
//!
//! The multiple of a margin that lasts with retention *r* is that of Gupta & Lehmann (2003), *Journal
//! of Interactive Marketing* 17(1), 9–24, <https://doi.org/10.1002/dir.10045>, for a first margin that
//! comes now. That a concession pays up to the ratio of two multiples follows from it.

use super::{InvestmentError, chance};
use crate::quantity::{DiscountRate, Estimate, Fraction, Probability, TimeUnit};

/// What a preferred customer may be granted: a share of the margin, given up for good, for a retention
/// that rises from *r* to *r′* for good.
///
/// It pays iff the share is at most `1 − mult(r)/mult(r′) = (r′ − r)/(1 + d − r)`, with `mult(r) =
/// (1 + d)/(1 + d − r)`.
///
/// # Units
///
/// Retention and discount are by one period, the one it is made with.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::{DiscountRate, Fraction, Probability, TimeUnit};
/// use guanxi::tier::LoyaltyConcession;
///
/// let retention = Probability::new(0.70)?;
/// let discount = DiscountRate::annual(0.10)?;
/// let now = LoyaltyConcession::new(retention, discount, TimeUnit::Year)?;
/// let most = now.most(Probability::new(0.85)?)?;
/// assert!((most.value() - 0.375).abs() < 1e-12);
/// // A tenth of the margin must keep at least 74 % of customers.
/// let enough = now.break_even_retention(Fraction::new(0.10)?).ok_or("below 1")?;
/// assert!((enough.value() - 0.74).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "ConcessionRow", into = "ConcessionRow")
)]
pub struct LoyaltyConcession {
    retention: Probability,
    discount: DiscountRate,
    period: TimeUnit,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "LoyaltyConcession")]
struct ConcessionRow {
    retention: Probability,
    discount: DiscountRate,
    period: TimeUnit,
}

#[cfg(feature = "serde")]
impl From<LoyaltyConcession> for ConcessionRow {
    fn from(now: LoyaltyConcession) -> Self {
        Self {
            retention: now.retention,
            discount: now.discount,
            period: now.period,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<ConcessionRow> for LoyaltyConcession {
    type Error = InvestmentError;

    fn try_from(row: ConcessionRow) -> Result<Self, InvestmentError> {
        Self::new(row.retention, row.discount, row.period)
    }
}

/// How one concession fares at one retention that it might lead to.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ConcessionMargin {
    /// The retention it might lead to, by the period.
    pub raised: Probability,
    /// The most that may be given up for it, as a share of the margin.
    pub most: Fraction,
    /// What is left of that: below 0 the concession does not pay.
    pub margin: f64,
    /// What the customer's value then changes by, as a share of what it is without the concession.
    pub gain: f64,
}

impl LoyaltyConcession {
    /// The present retention and the discount, by one period.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Undefined`] for a retention of 1 without discount: the value is infinite
    /// already.
    pub fn new(
        retention: Probability,
        discount: DiscountRate,
        period: TimeUnit,
    ) -> Result<Self, InvestmentError> {
        let now = Self {
            retention,
            discount,
            period,
        };
        if now.wait() <= 0.0 {
            return Err(InvestmentError::Undefined {
                what: "a concession for loyalty",
                why: "a customer who never leaves is worth infinitely much without discount",
            });
        }
        Ok(now)
    }

    /// `1 + d − r`.
    fn wait(&self) -> f64 {
        self.retention.complement().value() + self.discount.discrete_per(self.period)
    }

    /// The present retention, by the period.
    #[must_use]
    #[doc(alias = "r")]
    pub fn retention(&self) -> Probability {
        self.retention
    }

    /// How many of its first margins a customer is worth at the present retention, `mult(r)`, the
    /// first one counted.
    #[must_use]
    #[doc(alias = "mult")]
    pub fn multiple(&self) -> f64 {
        (1.0 + self.discount.discrete_per(self.period)) / self.wait()
    }

    /// The largest share of the margin that may be given up for this retention, `φ`.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Order`] for a retention below the present one.
    #[doc(alias = "phi")]
    pub fn most(&self, raised: Probability) -> Result<Fraction, InvestmentError> {
        if raised < self.retention {
            return Err(InvestmentError::Order {
                upper: "raised retention",
                lower: "the present one",
                least: self.retention.value(),
                found: raised.value(),
            });
        }
        // At most 1 but for rounding.
        let most = (raised.value() - self.retention.value()) / self.wait();
        Ok(Fraction::new(most.min(1.0))?)
    }

    /// The retention that a concession must lead to at least; none if that is above 1, so that it
    /// never pays.
    #[must_use]
    pub fn break_even_retention(&self, concession: Fraction) -> Option<Probability> {
        Probability::new(self.needed(concession)).ok()
    }

    fn needed(&self, concession: Fraction) -> f64 {
        self.retention.value() + concession.value() * self.wait()
    }

    /// How a concession fares over the retentions it might lead to.
    ///
    /// # Errors
    ///
    /// - [`InvestmentError::Order`] for a retention below the present one.
    /// - [`InvestmentError::Undefined`] for a retention of 1 without discount.
    pub fn margins(
        &self,
        concession: Fraction,
        raised: impl IntoIterator<Item = Probability>,
    ) -> Result<Vec<ConcessionMargin>, InvestmentError> {
        raised
            .into_iter()
            .map(|raised| {
                let most = self.most(raised)?;
                let then = Self::new(raised, self.discount, self.period)?;
                // (1 − φ) mult(r′)/mult(r) − 1, of the difference that decides.
                let margin = most.value() - concession.value();
                Ok(ConcessionMargin {
                    raised,
                    most,
                    margin,
                    gain: margin * (self.wait() / then.wait()),
                })
            })
            .collect()
    }

    /// The probability that a concession pays, when the retention it leads to is not known for
    /// certain.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] unless the mean lies between 0 and 1.
    pub fn probability_it_pays(
        &self,
        concession: Fraction,
        raised: Estimate,
    ) -> Result<Probability, InvestmentError> {
        super::investment_error::share("raised retention", raised.mean())?;
        let p = chance::at_least(raised, self.needed(concession));
        Ok(Probability::new(p)?)
    }
}
