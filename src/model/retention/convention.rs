//! The value of a customer by one retention rate, in each of the three conventions that go by the
//! same name.
//!
//! Gupta & Lehmann (2003), "Customers as Assets", *Journal of Interactive Marketing* 17(1), 9–24,
//! <https://doi.org/10.1002/dir.10045>; Berger & Nasr (1998), "Customer Lifetime Value: Marketing
//! Models and Applications", *Journal of Interactive Marketing* 12(1), 17–30,
//! <https://doi.org/10.1002/(SICI)1520-6653(199824)12:1%3C17::AID-DIR3%3E3.0.CO;2-K>.

use crate::numeric::decline::geometric_sum;
use crate::quantity::{DiscountRate, Money, Probability, TimeUnit};

use super::super::purchase::ModelError;
use super::ContractValue;

/// When the margins come that a formula of lifetime value adds up.
///
/// With margin *m*, retention rate *r* and discount rate *d* per period, formulas in use differ by a
/// margin or by a year's interest, and few say which they mean:
///
/// ```text
/// FirstMarginNow           Σ_{t≥0} m r^t/(1+d)^t         m (1+d)/(1+d−r)
/// AfterFirstRenewal        Σ_{t≥1} m r^t/(1+d)^t         m r/(1+d−r)
/// EndOfPeriod              Σ_{t≥0} m r^t/(1+d)^(t+1)     m/(1+d−r)
/// ```
///
/// # Examples
///
/// The same customer is worth a third more or less:
///
/// ```
/// use guanxi::model::{LtvConvention, ltv_formula};
/// use guanxi::quantity::{Currency, DiscountRate, Money, Probability, TimeUnit};
///
/// let margin = Money::parse("100.00", Currency::EUR)?;
/// let (r, d) = (Probability::new(0.8)?, DiscountRate::annual(0.1)?);
/// for (convention, value) in [
///     (LtvConvention::FirstMarginNow, "366.67 EUR"),
///     (LtvConvention::AfterFirstRenewal, "266.67 EUR"),
///     (LtvConvention::EndOfPeriod, "333.33 EUR"),
/// ] {
///     let found = ltv_formula(margin, r, d, TimeUnit::Year, convention)?;
///     assert_eq!(found.money()?.to_string(), value);
/// }
/// let five = LtvConvention::FirstMarginNow.payments_within(r, d, TimeUnit::Year, 5);
/// assert!((five - 2.920633836).abs() < 1e-9);
/// # Ok::<(), guanxi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum LtvConvention {
    /// The first margin comes at once, and each renewal brings the next.
    FirstMarginNow,
    /// The first margin comes with the first renewal; what the customer brings today is not in it.
    AfterFirstRenewal,
    /// The first margin is certain and comes at the end of the period, as do all others.
    EndOfPeriod,
}

impl LtvConvention {
    /// The discounted margins that a customer is expected to bring, of one unit each: what to
    /// multiply a margin by.
    ///
    /// `unit` is the period of the retention rate and of the margin.
    ///
    /// # Errors
    ///
    /// [`ModelError::Undefined`] if everybody stays for ever and nothing is discounted.
    pub fn payments(
        self,
        retention: Probability,
        discount: DiscountRate,
        unit: TimeUnit,
    ) -> Result<f64, ModelError> {
        let d = discount.discrete_per(unit);
        let loss = d + retention.complement().value();
        if loss == 0.0 {
            return Err(ModelError::Undefined {
                answer: "lifetime values",
                condition: "retention is below 1, or with a discount rate",
                found: retention.value(),
            });
        }
        Ok(match self {
            Self::FirstMarginNow => (1.0 + d) / loss,
            Self::AfterFirstRenewal => retention.value() / loss,
            Self::EndOfPeriod => 1.0 / loss,
        })
    }

    /// [`payments`](Self::payments), the first `count` only.
    #[must_use]
    pub fn payments_within(
        self,
        retention: Probability,
        discount: DiscountRate,
        unit: TimeUnit,
        count: u32,
    ) -> f64 {
        let (delta, r) = (discount.per(unit), retention.value());
        let sum = if r > 0.0 {
            // The logarithm of the smaller of r and 1 − r has all its digits.
            let ln = if r > 0.5 {
                (-retention.complement().value()).ln_1p()
            } else {
                r.ln()
            };
            geometric_sum(delta - ln, count.into())
        } else {
            f64::from(count.min(1))
        };
        let wait = 1.0 + discount.discrete_per(unit);
        match self {
            Self::FirstMarginNow => sum,
            Self::AfterFirstRenewal => sum * r / wait,
            Self::EndOfPeriod => sum / wait,
        }
    }
}

/// What a customer is worth by one retention rate, who brings `margin` in each period of one `unit`.
///
/// Customers differ, so that their retention rises with age and the formula undervalues them: where
/// data show who left when, [`ContractClv`](super::ContractClv) over a fitted model says more.
///
/// # Errors
///
/// As for [`LtvConvention::payments`].
pub fn ltv_formula(
    margin: Money,
    retention: Probability,
    discount: DiscountRate,
    unit: TimeUnit,
    convention: LtvConvention,
) -> Result<ContractValue, ModelError> {
    let payments = convention.payments(retention, discount, unit)?;
    Ok(ContractValue::new(margin, payments))
}
