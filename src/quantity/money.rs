//! Exact amounts of money (金额), and the only bridge between them and `f64`.

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};

use super::exact::{round_scaled, without_a_ten};
use super::{Currency, QuantityError};

/// Decimal places an amount may have: enough for a price by the unit of energy or data.
const MAX_DECIMALS: u32 = 9;
/// Size of the largest amount.
const MAX_AMOUNT: i128 = Money::LARGEST as i128;

const TOO_LARGE: &str = "at most 10^18 in size";

/// An exact amount of one currency.
///
/// Sums do not depend on the order of their terms, and two amounts are equal when they are worth
/// the same: `41.0 EUR` is `41.00 EUR`. There is no `+`: two currencies cannot be added, and an
/// operator has no way to say so. For the same reason amounts are compared by
/// [`checked_cmp`](Self::checked_cmp).
///
/// # Units
///
/// Major units of the currency (euros, not cents), with at most 9 decimal places and at most 10¹⁸
/// in size, positive or negative. So every amount is a whole number of billionths that fits 128
/// bits, and sums of amounts are exact.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::{Currency, Money};
///
/// let basket = Money::parse("19.90", Currency::EUR)?;
/// let both = basket.checked_add(Money::parse("0.1", Currency::EUR)?)?;
/// assert_eq!(both.to_string(), "20.00 EUR");
///
/// let estimate = Money::from_estimate(41.005, Currency::EUR)?; // half to even
/// assert_eq!(estimate.to_string(), "41.00 EUR");
/// assert!(estimate.checked_add(Money::zero(Currency::USD)).is_err());
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
///
/// With the feature `serde` an amount is written as text, `{"amount":"41.00","currency":"EUR"}`,
/// and a number in its place is refused: most readers would take it for a binary fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "MoneyText", into = "MoneyText"))]
pub struct Money {
    /// Without trailing zeros and never −0, so that equal amounts are equal in every bit.
    amount: Decimal,
    currency: Currency,
}

/// How an amount is written. The amount is text here rather than a `Decimal`, whose format other
/// crates in a build can switch to numbers, and whose parser rounds beyond 28 digits.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(
    rename = "Money",
    deny_unknown_fields,
    expecting = "an amount with its currency"
)]
struct MoneyText {
    amount: String,
    currency: Currency,
}

#[cfg(feature = "serde")]
impl TryFrom<MoneyText> for Money {
    type Error = QuantityError;

    fn try_from(text: MoneyText) -> Result<Self, Self::Error> {
        Self::parse(&text.amount, text.currency)
    }
}

#[cfg(feature = "serde")]
impl From<Money> for MoneyText {
    fn from(money: Money) -> Self {
        Self {
            amount: money.amount_text(),
            currency: money.currency,
        }
    }
}

impl Money {
    /// The largest amount, in major units.
    pub(crate) const LARGEST: i64 = 1_000_000_000_000_000_000;

    /// An exact amount.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Amount`] if it has more than 9 decimal places (trailing zeros aside) or is
    /// larger than 10¹⁸ in size.
    pub fn new(amount: Decimal, currency: Currency) -> Result<Self, QuantityError> {
        let refused = |expected| QuantityError::Amount {
            expected,
            found: amount,
        };
        let normal = amount.normalize();
        if normal.scale() > MAX_DECIMALS {
            return Err(refused("a number with at most 9 decimal places"));
        }
        Self::within_range(normal, currency).ok_or_else(|| refused(TOO_LARGE))
    }

    /// An exact amount, read from plain decimal digits: a sign, digits and a point, no separators
    /// of thousands and no exponent. Nothing is rounded.
    ///
    /// # Errors
    ///
    /// [`QuantityError::AmountText`] if the text is not such a number, or has more digits than can
    /// be held; [`QuantityError::Amount`] as for [`new`](Self::new).
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::quantity::{Currency, Money};
    ///
    /// assert_eq!(Money::parse("-7", Currency::USD)?.to_string(), "-7.00 USD");
    /// assert!(Money::parse("1,000.00", Currency::USD).is_err());
    /// # Ok::<(), guanxi::quantity::QuantityError>(())
    /// ```
    pub fn parse(text: &str, currency: Currency) -> Result<Self, QuantityError> {
        let refused = || QuantityError::AmountText {
            found: text.to_owned(),
        };
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.ends_with(|c: char| c.is_ascii_digit());
        if !plain {
            return Err(refused());
        }
        let amount = Decimal::from_str_exact(text).map_err(|_| refused())?;
        Self::new(amount, currency)
    }

    /// Nothing, in a currency.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        Self {
            amount: Decimal::ZERO,
            currency,
        }
    }

    /// A model's number as money, rounded to the currency's minor units, or to 9 decimal places
    /// where it has none.
    ///
    /// The decimal number that the `f64` prints as is rounded, a tie to the even neighbour: 41.005
    /// becomes 41.00 and 41.015 becomes 41.02, although neither is exactly a binary fraction.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] if the number is not finite or is larger than 10¹⁸ in size.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::quantity::{Currency, Money};
    ///
    /// assert_eq!(Money::from_estimate(0.125, Currency::USD)?.to_string(), "0.12 USD");
    /// assert_eq!(Money::from_estimate(1234.5, Currency::JPY)?.to_string(), "1234 JPY");
    /// # Ok::<(), guanxi::quantity::QuantityError>(())
    /// ```
    pub fn from_estimate(estimate: f64, currency: Currency) -> Result<Self, QuantityError> {
        let decimals = currency.minor_units().unwrap_or(MAX_DECIMALS);
        let refused = || QuantityError::Domain {
            quantity: "estimated amount",
            expected: "a finite number of at most 1e18 in size",
            found: estimate,
        };
        if estimate.is_nan() || estimate.abs() > 1e18 {
            return Err(refused());
        }
        let amount = round_scaled(estimate, decimals)
            .and_then(|units| Decimal::try_from_i128_with_scale(units, decimals).ok())
            .ok_or_else(refused)?;
        Self::new(amount, currency)
    }

    /// The amount as a number for a model; the only way out of exact arithmetic.
    ///
    /// The nearest `f64` if the amount has at most 15 digits, else within one unit in the last
    /// place.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        // Both numbers are exact up to 2^53, and division rounds once.
        self.amount.mantissa() as f64 / 10_u64.pow(self.amount.scale()) as f64
    }

    /// The amount in major units, without trailing zeros.
    #[must_use]
    pub fn amount(self) -> Decimal {
        self.amount
    }

    /// The currency.
    #[must_use]
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// Whether the amount is nothing.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.amount.is_zero()
    }

    /// Whether the amount is below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.amount.is_sign_negative() // zero is never stored with a sign
    }

    /// Whether the amount is above zero.
    #[must_use]
    pub fn is_positive(self) -> bool {
        !self.is_zero() && !self.is_negative()
    }

    /// The exact sum of two amounts.
    ///
    /// # Errors
    ///
    /// [`QuantityError::CurrencyMismatch`] for two currencies; [`QuantityError::Overflow`] if the
    /// sum is larger than 10¹⁸ in size.
    pub fn checked_add(self, other: Self) -> Result<Self, QuantityError> {
        self.same_currency(other)?;
        self.amount
            .checked_add(other.amount)
            .and_then(|sum| Self::within_range(sum.normalize(), self.currency))
            .ok_or(QuantityError::Overflow { operation: "a sum" })
    }

    /// The exact difference of two amounts.
    ///
    /// # Errors
    ///
    /// As for [`checked_add`](Self::checked_add).
    pub fn checked_sub(self, other: Self) -> Result<Self, QuantityError> {
        self.same_currency(other)?;
        self.amount
            .checked_sub(other.amount)
            .and_then(|difference| Self::within_range(difference.normalize(), self.currency))
            .ok_or(QuantityError::Overflow {
                operation: "a difference",
            })
    }

    /// The exact product of an amount and a factor, such as a quantity or a margin.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Amount`] if the product has more than 9 decimal places: it is not rounded
    /// behind your back. [`QuantityError::Overflow`] if it is larger than 10¹⁸ in size.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::quantity::{Currency, Money};
    /// use rust_decimal::Decimal;
    ///
    /// let price = Money::parse("19.99", Currency::EUR)?;
    /// let margin = price.checked_mul(Decimal::new(125, 3))?; // 12.5 %
    /// assert_eq!(margin.to_string(), "2.49875 EUR");
    /// assert_eq!(margin.round_to_minor_units().to_string(), "2.50 EUR");
    /// # Ok::<(), guanxi::quantity::QuantityError>(())
    /// ```
    pub fn checked_mul(self, factor: Decimal) -> Result<Self, QuantityError> {
        const OVERFLOW: QuantityError = QuantityError::Overflow {
            operation: "a product",
        };
        let mut left = self.amount.mantissa();
        let mut right = factor.mantissa();
        if left == 0 || right == 0 {
            return Ok(Self::zero(self.currency));
        }
        // The product is left × right / 10^scale. Taking every ten out of the numerator leaves the
        // fewest decimal places and the smallest numbers, so only a result out of range overflows.
        let mut scale = self.amount.scale() + factor.scale();
        while scale > 0 {
            if let Some((a, b)) = without_a_ten(left, right) {
                (left, right) = (a, b);
                scale -= 1;
            } else {
                break;
            }
        }
        if scale > MAX_DECIMALS {
            return Err(self.amount.checked_mul(factor).map_or(OVERFLOW, |found| {
                QuantityError::Amount {
                    expected: "a product with at most 9 decimal places",
                    found,
                }
            }));
        }
        left.checked_mul(right)
            .and_then(|units| Decimal::try_from_i128_with_scale(units, scale).ok())
            .and_then(|product| Self::within_range(product.normalize(), self.currency))
            .ok_or(OVERFLOW)
    }

    /// The same amount with the other sign.
    #[must_use]
    pub fn negate(self) -> Self {
        Self {
            amount: (-self.amount).normalize(),
            currency: self.currency,
        }
    }

    /// Which of two amounts is larger.
    ///
    /// # Errors
    ///
    /// [`QuantityError::CurrencyMismatch`] for two currencies.
    pub fn checked_cmp(self, other: Self) -> Result<Ordering, QuantityError> {
        self.same_currency(other)?;
        Ok(self.amount.cmp(&other.amount))
    }

    /// The nearest amount that can be paid, a tie going to the even neighbour; unchanged if the
    /// currency has no minor units.
    #[must_use]
    pub fn round_to_minor_units(self) -> Self {
        let Some(decimals) = self.currency.minor_units() else {
            return self;
        };
        let rounded = self
            .amount
            .round_dp_with_strategy(decimals, RoundingStrategy::MidpointNearestEven);
        Self {
            amount: rounded.normalize(),
            currency: self.currency,
        }
    }

    /// The amount in billionths, exact: for sums that must not depend on their order.
    pub(crate) fn nano_units(self) -> i128 {
        self.amount.mantissa() * 10_i128.pow(MAX_DECIMALS - self.amount.scale())
    }

    /// The amount of so many billionths.
    pub(crate) fn from_nano_units(units: i128, currency: Currency) -> Result<Self, QuantityError> {
        Decimal::try_from_i128_with_scale(units, MAX_DECIMALS)
            .ok()
            .and_then(|amount| Self::within_range(amount.normalize(), currency))
            .ok_or(QuantityError::Overflow { operation: "a sum" })
    }

    fn within_range(amount: Decimal, currency: Currency) -> Option<Self> {
        // Compared as integers: the whole part, and no fraction beyond the limit.
        let size = amount.mantissa().unsigned_abs();
        let limit = (MAX_AMOUNT * 10_i128.checked_pow(amount.scale())?).unsigned_abs();
        (size <= limit).then_some(Self { amount, currency })
    }

    fn same_currency(self, other: Self) -> Result<(), QuantityError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(QuantityError::CurrencyMismatch {
                expected: self.currency,
                found: other.currency,
            })
        }
    }

    /// The digits with at least the decimals of the minor units.
    fn amount_text(self) -> String {
        let least = self.currency.minor_units().unwrap_or(0);
        let decimals = usize::try_from(self.amount.scale().max(least)).unwrap_or(usize::MAX);
        format!("{:.decimals$}", self.amount)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{} {}", self.amount_text(), self.currency);
        if f.precision().is_some() {
            f.write_str(&text) // `pad` would cut the text there, not the decimals
        } else {
            f.pad(&text)
        }
    }
}

#[cfg(test)]
mod tests;
