//! Why a number was refused.

use rust_decimal::Decimal;

use super::{Currency, TimeUnit};

/// Why a quantity could not be made or combined.
///
/// The message says what was wanted and what came instead.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::DiscountRate;
///
/// let message = match DiscountRate::annual(-0.1) {
///     Ok(_) => String::new(),
///     Err(error) => error.to_string(),
/// };
/// assert_eq!(
///     message,
///     "discount rate must be 0 or a finite number at or above 1e-15, got -0.1"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum QuantityError {
    /// A number is outside the range of its quantity, or not a number at all.
    #[error("{quantity} must be {expected}, got {found:?}")]
    Domain {
        /// The quantity that was asked for.
        quantity: &'static str,
        /// The range it accepts.
        expected: &'static str,
        /// The number that came.
        found: f64,
    },
    /// An amount of money is too large or too finely divided.
    #[error("amount must be {expected}, got {found}")]
    Amount {
        /// What an amount may be.
        expected: &'static str,
        /// The amount that came; a product that needs more than 28 digits is shown rounded.
        found: Decimal,
    },
    /// A text is not an exact decimal number.
    #[error("amount must be plain decimal digits such as 41.05, at most 28 of them, got {found:?}")]
    AmountText {
        /// The text that came.
        found: String,
    },
    /// A text is not a currency code.
    #[error("currency code must be three upper-case ASCII letters, got {found:?}")]
    CurrencyCode {
        /// The text that came.
        found: String,
    },
    /// A text is not the name of a time unit.
    #[error("time unit must be one of second, minute, hour, day, week, month, year, got {found:?}")]
    UnitName {
        /// The text that came.
        found: String,
    },
    /// Two currencies met in one operation; no exchange rate was stated.
    #[error("amounts must be in one currency: expected {expected}, got {found}")]
    CurrencyMismatch {
        /// The currency of the left-hand side.
        expected: Currency,
        /// The currency that came.
        found: Currency,
    },
    /// A length of time came in a unit other than the model's.
    #[error("times must be in one unit: expected {expected}, got {found}")]
    UnitMismatch {
        /// The unit of the left-hand side.
        expected: TimeUnit,
        /// The unit that came.
        found: TimeUnit,
    },
    /// A result is larger than its quantity can hold.
    #[error("{operation} left the range of amounts, at most 10^18 in size")]
    Overflow {
        /// The operation that overflowed.
        operation: &'static str,
    },
}

/// The number itself if it lies in the range, with negative zero made zero; `NaN` never does.
pub(super) fn checked(
    quantity: &'static str,
    expected: &'static str,
    range: impl std::ops::RangeBounds<f64>,
    found: f64,
) -> Result<f64, QuantityError> {
    if range.contains(&found) {
        Ok(found + 0.0) // −0 + 0 is +0; every other number stays
    } else {
        Err(QuantityError::Domain {
            quantity,
            expected,
            found,
        })
    }
}

/// Every finite number at or above zero, for [`checked`].
pub(super) const NON_NEGATIVE: std::ops::RangeInclusive<f64> = 0.0..=f64::MAX;

/// Every finite number, for [`checked`].
pub(super) const FINITE: std::ops::RangeInclusive<f64> = f64::MIN..=f64::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_refuses_everything_that_is_not_finite() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(checked("x", "finite", FINITE, bad).is_err());
            assert!(checked("x", "finite", NON_NEGATIVE, bad).is_err());
        }
    }

    #[test]
    fn a_check_turns_negative_zero_into_zero() {
        let zero = checked("x", "at or above 0", NON_NEGATIVE, -0.0);
        assert!(zero.is_ok_and(f64::is_sign_positive));
    }

    #[test]
    fn messages_state_the_limit_and_what_came() {
        let domain = QuantityError::Domain {
            quantity: "probability",
            expected: "between 0 and 1",
            found: 1e300,
        };
        assert_eq!(
            domain.to_string(),
            "probability must be between 0 and 1, got 1e300"
        );
        let mismatch = QuantityError::CurrencyMismatch {
            expected: Currency::EUR,
            found: Currency::USD,
        };
        assert_eq!(
            mismatch.to_string(),
            "amounts must be in one currency: expected EUR, got USD"
        );
        let unit = QuantityError::UnitMismatch {
            expected: TimeUnit::Week,
            found: TimeUnit::Day,
        };
        assert_eq!(
            unit.to_string(),
            "times must be in one unit: expected week, got day"
        );
    }
}
