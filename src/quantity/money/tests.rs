//! The edges of amounts, and the laws of their arithmetic.

use super::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
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
    let shown = |x: f64, code: &str| Money::from_estimate(x, currency(code)).unwrap().to_string();
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
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_101),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

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
