//! Exact decimal arithmetic in 128-bit integers, where a `Decimal` would round.

/// Two factors whose product is a tenth of the product of these, if there are such integers.
pub(super) fn without_a_ten(a: i128, b: i128) -> Option<(i128, i128)> {
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
pub(super) fn round_scaled(x: f64, decimals: u32) -> Option<i128> {
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

    #[test]
    fn tens_are_found_across_both_factors() {
        assert_eq!(without_a_ten(20, 3), Some((2, 3)));
        assert_eq!(without_a_ten(3, 20), Some((3, 2)));
        assert_eq!(without_a_ten(4, 15), Some((2, 3)));
        assert_eq!(without_a_ten(15, -4), Some((3, -2)));
        assert_eq!(without_a_ten(6, 7), None);
    }

    #[test]
    fn rounding_is_exact_from_the_smallest_number_to_the_largest() {
        assert_eq!(round_scaled(f64::from_bits(1), 9), Some(0));
        assert_eq!(round_scaled(5e-10, 9), Some(0)); // ties
        assert_eq!(round_scaled(1.5e-9, 9), Some(2));
        assert_eq!(round_scaled(-1.5e-9, 9), Some(-2));
        assert_eq!(round_scaled(5.000_000_000_000_001e-10, 9), Some(1));
        assert_eq!(round_scaled(1e18, 9), Some(10_i128.pow(27)));
        assert_eq!(round_scaled(-0.0, 2), Some(0));
        assert_eq!(round_scaled(41.005, 2), Some(4100));
        assert_eq!(round_scaled(f64::NAN, 2), None);
        assert_eq!(round_scaled(f64::INFINITY, 2), None);
    }
}
