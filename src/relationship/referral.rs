//! Referrals by the period (推荐价值), and how far word of mouth carries.
//!
//! Kumar, Petersen & Leone (2007), "How Valuable Is Word of Mouth?", *Harvard Business Review*
//! 85(10), 139–146; Kumar, Petersen & Leone (2010), "Driving Profitability by Encouraging Customer
//! Referrals: Who, When, and How", *Journal of Marketing* 74(5), 1–17,
//! <https://doi.org/10.1509/jmkg.74.5.1>.

use crate::quantity::{DiscountRate, Fraction, Probability, QuantityError, TimeUnit};

#[cfg(feature = "serde")]
use crate::quantity::stored::read_finite;

/// What a referred customer brings and costs in one period, in major units of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct ReferralFlow {
    /// Which period, counted from now; 1 is the first, whose end is one period away.
    pub period: u32,
    /// Margin, *A*.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_finite"))]
    pub margin: f64,
    /// Cost of the referral, *a*: the reward.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_finite"))]
    pub referral_cost: f64,
    /// Cost of marketing, *M*.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_finite"))]
    pub marketing_cost: f64,
    /// Saved on winning a customer who would not have come otherwise, *ACQ1*.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_finite"))]
    pub acquisition_saving: f64,
    /// Saved on winning a customer who would have come anyway, *ACQ2*.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_finite"))]
    pub acquisition_saving_anyway: f64,
}

/// A customer who was, or will be, brought by a referral.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ReferredCustomer {
    /// Probability that the customer would have come anyway: 0 or 1 where it is known.
    pub probability_anyway: Probability,
    /// What the customer brings and costs, in any order of periods.
    pub flows: Vec<ReferralFlow>,
}

/// Customer referral value (客户推荐价值): what the customers brought by one customer are worth,
/// period by period, in major units.
///
/// ```text
/// Σ (1 − p)·(A − a − M + ACQ1)/(1 + d)^t + p·ACQ2/(1 + d)^t
/// ```
///
/// with *p* the probability that the newcomer would have come anyway. The two sums are those of
/// Kumar, Petersen & Leone; the mixture of them is an identity. As in their formula, what is spent
/// on a newcomer who would have come anyway is not charged to the referral.
///
/// Margins of newcomers are also in the newcomers' own lifetime values: the two must not be added.
///
/// # Errors
///
/// [`QuantityError::Domain`] unless every number is finite, and the sum is.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::{DiscountRate, Probability, TimeUnit};
/// use guanxi::relationship::{ReferralFlow, ReferredCustomer, referral_value};
///
/// let nothing = ReferralFlow::default();
/// let won = ReferredCustomer {
///     probability_anyway: Probability::new(0.0)?,
///     flows: vec![
///         ReferralFlow {
///             period: 1, margin: 60.0, referral_cost: 10.0, marketing_cost: 5.0,
///             acquisition_saving: 25.0, ..nothing
///         },
///         ReferralFlow { period: 2, margin: 60.0, marketing_cost: 5.0, ..nothing },
///     ],
/// };
/// let would_have_come = ReferredCustomer {
///     probability_anyway: Probability::new(1.0)?,
///     flows: vec![ReferralFlow { period: 1, acquisition_saving_anyway: 25.0, ..nothing }],
/// };
/// let brought = [won.clone(), won, would_have_come];
/// let value = referral_value(&brought, DiscountRate::annual(0.1)?, TimeUnit::Year)?;
/// assert!((value - 240.909090909).abs() < 1e-9);
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
pub fn referral_value(
    referred: &[ReferredCustomer],
    rate: DiscountRate,
    period: TimeUnit,
) -> Result<f64, QuantityError> {
    let force = rate.per(period);
    let mut value = 0.0;
    for customer in referred {
        let anyway = customer.probability_anyway.value();
        for flow in &customer.flows {
            let won =
                flow.margin - flow.referral_cost - flow.marketing_cost + flow.acquisition_saving;
            let mixed = (1.0 - anyway) * won + anyway * flow.acquisition_saving_anyway;
            value += mixed * (-force * f64::from(flow.period)).exp();
        }
    }
    finite("referral value", value)
}

/// A sum of amounts, as far as it is a number.
pub(super) fn finite(quantity: &'static str, found: f64) -> Result<f64, QuantityError> {
    if found.is_finite() {
        return Ok(found);
    }
    Err(QuantityError::Domain {
        quantity,
        expected: "a finite number",
        found,
    })
}

/// How many customers one customer is in the end, by word of mouth (口碑乘数): `1/(1 − k)`, where
/// *k* is invitations times the share of them that converts.
///
/// # Errors
///
/// [`QuantityError::Domain`] unless the invitations are finite and at or above 0 and *k* is below 1:
/// from there on everybody would become a customer, which no base does for long.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Fraction;
/// use guanxi::relationship::word_of_mouth_multiplier;
///
/// assert!((word_of_mouth_multiplier(0.8, Fraction::new(0.25)?)? - 1.25).abs() < 1e-15);
/// assert!(word_of_mouth_multiplier(5.0, Fraction::new(0.2)?).is_err());
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
pub fn word_of_mouth_multiplier(
    invitations: f64,
    conversion: Fraction,
) -> Result<f64, QuantityError> {
    if !(0.0..=f64::MAX).contains(&invitations) {
        return Err(QuantityError::Domain {
            quantity: "invitations by one customer",
            expected: "a finite number at or above 0",
            found: invitations,
        });
    }
    let brought = invitations * conversion.value();
    if brought < 1.0 {
        return Ok(1.0 / (1.0 - brought));
    }
    Err(QuantityError::Domain {
        quantity: "customers that one customer brings",
        expected: "below 1",
        found: brought,
    })
}
