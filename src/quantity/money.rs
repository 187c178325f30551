//! Exact amounts of money (金额), and the only bridge between them and `f64`.

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Currency, QuantityError};

/// Decimal places an amount may have: enough for a price by the unit of energy or data.
const MAX_DECIMALS: u32 = 9;
/// Size of the largest amount.
const MAX_AMOUNT: i128 = 1_000_000_000_000_000_000;

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
#[serde(rename = "Money", deny_unknown_fields)]
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

/// Two factors whose product is a tenth of the product of these, if there are such integers.
fn without_a_ten(a: i128, b: i128) -> Option<(i128, i128)> {
    if a % 10 == 0 {
        Some((a / 10, b))
    } else if b % 10 == 0 {
        Some((a, b / 10))
    } else if a % 2 == 0 && b % 5 == 0 {
        Some((a / 2, b / 5))
    } else if a % 5 == 0 && b % 2 == 0 {
        Some((a / 5, b / 2))
    } else {
        None
    }
}

/// The integer nearest to `x × 10^decimals`, a tie going to the even one, for the decimal number
/// that `x` prints as. Needs |x| at most 10¹⁸ and at most 9 decimals; `None` if `x` is no number.
fn round_scaled(x: f64, decimals: u32) -> Option<i128> {
    // |x| = digits × 10^(exponent − length of the fraction), at most 17 digits
    let text = format!("{:e}", x.abs());
    let (digits, exponent) = text.split_once('e')?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let exponent: i64 = exponent.parse().ok()?;
    let shift = exponent + i64::from(decimals) - i64::try_from(fraction.len()).ok()?;
    let power = 10_i128.checked_pow(u32::try_from(shift.unsigned_abs()).ok()?);
    let size = match power {
        Some(power) if shift >= 0 => digits.checked_mul(power)?,
        Some(power) => {
            let (whole, rest) = (digits / power, digits % power);
            let half = power / 2; // exact, since a power of ten above 1 is even
            let up = rest > half || (rest == half && whole % 2 == 1);
            whole + i128::from(up)
        }
        None if shift < 0 => 0, // smaller than 10⁻²¹
        None => return None,
    };
    Some(if x < 0.0 { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    const KWD: &str = "KWD";
    /// Billionths of a currency unit in one unit.
    const NANO: i128 = 1_000_000_000;

    fn currency(code: &str) -> Currency {
        Currency::new(code).unwrap()
    }

    fn eur(text: &str) -> Money {
        Money::parse(text, Currency::EUR).unwrap()
    }

    #[test]
    fn estimates_round_half_to_even_in_the_minor_units() {
        let shown =
            |x: f64, code: &str| Money::from_estimate(x, currency(code)).unwrap().to_string();
        assert_eq!(shown(41.005, "EUR"), "41.00 EUR");
        assert_eq!(shown(0.125, "EUR"), "0.12 EUR"); // exact ties
        assert_eq!(shown(0.375, "EUR"), "0.38 EUR");
        assert_eq!(shown(-0.125, "EUR"), "-0.12 EUR");
        assert_eq!(shown(41.015, "EUR"), "41.02 EUR"); // ties as they are written
        assert_eq!(shown(2.675, "EUR"), "2.68 EUR");
        assert_eq!(shown(2.665, "EUR"), "2.66 EUR");
        assert_eq!(shown(2.5, "JPY"), "2 JPY");
        assert_eq!(shown(3.5, "JPY"), "4 JPY");
        assert_eq!(shown(0.0625, KWD), "0.062 KWD");
        assert_eq!(shown(1.0 / 3.0, "XAU"), "0.333333333 XAU");
        assert_eq!(shown(2.0, "XAU"), "2 XAU");
        assert_eq!(shown(-0.0, "EUR"), "0.00 EUR");
        assert_eq!(shown(-0.001, "EUR"), "0.00 EUR");
        assert_eq!(shown(f64::from_bits(1), "XAU"), "0 XAU");
        assert_eq!(shown(1e18, "EUR"), "1000000000000000000.00 EUR");
        assert_eq!(shown(-1e18, "XAU"), "-1000000000000000000 XAU");
    }

    #[test]
    fn estimates_that_are_no_amount_are_refused() {
        for bad in [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            1e18_f64.next_up(),
            -1e300,
        ] {
            assert!(matches!(
                Money::from_estimate(bad, Currency::EUR),
                Err(QuantityError::Domain { .. })
            ));
        }
    }

    #[test]
    fn the_limits_are_inclusive() {
        assert!(Money::parse("1000000000000000000.000000000", Currency::EUR).is_ok());
        assert!(Money::parse("-1000000000000000000", Currency::EUR).is_ok());
        assert!(Money::parse("0.000000001", Currency::EUR).is_ok());
        for bad in [
            "1000000000000000000.000000001",
            "-1000000000000000001",
            "0.0000000001",
            "79228162514264337593543950335",
        ] {
            assert!(
                matches!(
                    Money::parse(bad, Currency::EUR),
                    Err(QuantityError::Amount { .. })
                ),
                "{bad}"
            );
        }
    }

    #[test]
    fn only_plain_decimal_digits_are_read() {
        for bad in [
            "",
            "-",
            "+",
            ".",
            "1.",
            ".5",
            "1e3",
            "1_000",
            "1,5",
            " 1",
            "1 ",
            "--1",
            "1-",
            "1.2.3",
            "NaN",
            "inf",
            "٣",
            "0.00000000000000000000000000000000000001",
            "100000000000000000000000000000000000000",
        ] {
            assert_eq!(
                Money::parse(bad, Currency::EUR),
                Err(QuantityError::AmountText {
                    found: bad.to_owned()
                }),
            );
        }
        assert_eq!(eur("+1.50"), eur("1.5"));
        assert_eq!(eur("007"), eur("7"));
    }

    #[test]
    fn equal_amounts_are_equal_in_hash_and_text() {
        let set: HashSet<Money> = ["41", "41.0", "41.000000000000"].map(eur).into();
        assert_eq!(set.len(), 1);
        let zeros: HashSet<Money> = [eur("0"), eur("-0.00"), eur("0").negate()].into();
        assert_eq!(zeros.len(), 1);
        assert!(!eur("-0").is_negative());
        assert_eq!(eur("-0").to_string(), "0.00 EUR");
        assert_eq!(eur("1").checked_sub(eur("1")), Ok(eur("0")));
        assert_eq!(
            eur("1").checked_sub(eur("1.0")).unwrap().to_string(),
            "0.00 EUR"
        );
    }

    #[test]
    fn display_has_at_least_the_minor_units_and_loses_nothing() {
        assert_eq!(eur("41").to_string(), "41.00 EUR");
        assert_eq!(eur("41.123456789").to_string(), "41.123456789 EUR");
        assert_eq!(
            Money::parse("1.5", currency(KWD)).unwrap().to_string(),
            "1.500 KWD"
        );
        assert_eq!(
            Money::parse("1.5", Currency::JPY).unwrap().to_string(),
            "1.5 JPY"
        );
        assert_eq!(format!("{:>12}", eur("41")), "   41.00 EUR");
        assert_eq!(format!("{:.1}", eur("41")), "41.00 EUR");
    }

    #[test]
    fn two_currencies_never_meet() {
        let (left, right) = (eur("1"), Money::zero(Currency::USD));
        let error = QuantityError::CurrencyMismatch {
            expected: Currency::EUR,
            found: Currency::USD,
        };
        assert_eq!(left.checked_add(right), Err(error.clone()));
        assert_eq!(left.checked_sub(right), Err(error.clone()));
        assert_eq!(left.checked_cmp(right), Err(error));
    }

    #[test]
    fn sums_past_the_limit_are_an_error() {
        let most = eur("1000000000000000000");
        let grain = eur("0.000000001");
        assert!(matches!(
            most.checked_add(grain),
            Err(QuantityError::Overflow { .. })
        ));
        assert!(matches!(
            most.negate().checked_sub(grain),
            Err(QuantityError::Overflow { .. })
        ));
        assert_eq!(
            most.checked_sub(grain).unwrap().to_string(),
            "999999999999999999.999999999 EUR"
        );
    }

    #[test]
    fn products_are_exact_or_an_error() {
        let product = |a: &str, b: &str| eur(a).checked_mul(Decimal::from_str_exact(b).unwrap());
        assert_eq!(product("19.99", "3"), Ok(eur("59.97")));
        assert_eq!(product("19.99", "-1"), Ok(eur("-19.99")));
        assert_eq!(product("0", "-1"), Ok(eur("0")));
        assert_eq!(
            product("0.5", "0.0000000002"),
            Err(QuantityError::Amount {
                expected: "a product with at most 9 decimal places",
                found: Decimal::new(1, 10),
            })
        );
        assert_eq!(product("5", "0.0000000002"), Ok(eur("0.000000001")));
        // 5^20 × 2^20 / 10^20 = 1, although neither factor alone is short.
        assert_eq!(product("95367.431640625", "0.00001048576"), Ok(eur("1")));
        assert!(matches!(
            product("1000000000000000000", "1.000000001"),
            Err(QuantityError::Overflow { .. })
        ));
        assert!(matches!(
            product(
                "999999999999999999.999999999",
                "79228162514264337593543950335"
            ),
            Err(QuantityError::Overflow { .. })
        ));
        assert!(product("0.000000001", "0.0000000000000000000000000001").is_err());
        assert_eq!(
            product(
                "999999999999999999.999999999",
                "1.0000000000000000000000000000"
            ),
            Ok(eur("999999999999999999.999999999"))
        );
    }

    #[test]
    fn rounding_to_minor_units_goes_half_to_even() {
        let rounded = |text: &str, code: &str| {
            Money::parse(text, currency(code))
                .unwrap()
                .round_to_minor_units()
                .to_string()
        };
        assert_eq!(rounded("41.005", "EUR"), "41.00 EUR");
        assert_eq!(rounded("41.015", "EUR"), "41.02 EUR");
        assert_eq!(rounded("-41.005", "EUR"), "-41.00 EUR");
        assert_eq!(rounded("-0.005", "EUR"), "0.00 EUR");
        assert_eq!(rounded("0.5", "JPY"), "0 JPY");
        assert_eq!(rounded("1.5", "JPY"), "2 JPY");
        assert_eq!(rounded("1.0005", KWD), "1.000 KWD");
        assert_eq!(rounded("1.000000001", "XAU"), "1.000000001 XAU");
        assert_eq!(rounded("1.23456", "QQQ"), "1.23456 QQQ");
    }

    #[test]
    fn signs_are_told_apart() {
        assert!(eur("0").is_zero() && !eur("0").is_positive() && !eur("0").is_negative());
        assert!(eur("0.01").is_positive() && !eur("0.01").is_negative());
        assert!(eur("-0.01").is_negative() && !eur("-0.01").is_positive());
        assert_eq!(eur("1").checked_cmp(eur("-2")), Ok(Ordering::Greater));
        assert_eq!(eur("3").negate(), eur("-3"));
    }

    #[test]
    fn billionths_beyond_the_limit_are_an_error() {
        let limit = MAX_AMOUNT * NANO;
        assert!(Money::from_nano_units(limit, Currency::EUR).is_ok());
        assert!(Money::from_nano_units(-limit, Currency::EUR).is_ok());
        for bad in [limit + 1, -limit - 1, i128::MAX, i128::MIN] {
            assert!(matches!(
                Money::from_nano_units(bad, Currency::EUR),
                Err(QuantityError::Overflow { .. })
            ));
        }
    }

    /// Any amount, by its billionths.
    fn money() -> impl Strategy<Value = Money> {
        let limit = MAX_AMOUNT * NANO;
        (-limit..=limit, 0_u32..28)
            .prop_map(|(n, d)| Money::from_nano_units(n / 10_i128.pow(d), Currency::EUR).unwrap())
    }

    proptest! {
        #[test]
        fn billionths_and_text_round_trip(m in money()) {
            prop_assert_eq!(Money::from_nano_units(m.nano_units(), m.currency()), Ok(m));
            prop_assert_eq!(Money::parse(&m.amount_text(), m.currency()), Ok(m));
        }

        #[test]
        fn sums_equal_sums_of_billionths(a in money(), b in money()) {
            let sum = Money::from_nano_units(a.nano_units() + b.nano_units(), a.currency());
            prop_assert_eq!(a.checked_add(b), sum.clone());
            prop_assert_eq!(b.checked_add(a), sum);
            prop_assert_eq!(a.checked_add(b.negate()).ok(), a.checked_sub(b).ok());
        }

        #[test]
        fn an_estimate_is_rounded_as_the_decimal_it_prints(
            x in -1e18..1e18_f64,
            shrink in 0_i32..24,
            code in prop::sample::select(vec!["EUR", "JPY", KWD, "CLF", "XAU"]),
        ) {
            let x = x / 10_f64.powi(shrink);
            let currency = currency(code);
            let decimals = currency.minor_units().unwrap_or(9);
            let printed = Decimal::from_str_exact(&x.to_string());
            prop_assume!(printed.is_ok()); // the test's own parser holds 28 digits
            let rounded = printed?
                .round_dp_with_strategy(decimals, RoundingStrategy::MidpointNearestEven);
            prop_assert_eq!(
                Money::from_estimate(x, currency),
                Money::new(rounded, currency)
            );
        }

        #[test]
        fn cents_survive_the_way_through_f64(cents in -999_999_999_999_999_i64..=999_999_999_999_999) {
            let amount = Money::new(Decimal::new(cents, 2), Currency::USD)?;
            prop_assert_eq!(Money::from_estimate(amount.to_f64(), Currency::USD), Ok(amount));
            let text: f64 = amount.amount().to_string().parse()?;
            prop_assert_eq!(amount.to_f64().to_bits(), (text + 0.0).to_bits());
        }
    }
}
