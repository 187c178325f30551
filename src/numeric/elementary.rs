//! Exponentials and logarithms without branches and tables: a loop over an array of them becomes
//! vector instructions, on any machine and without a line that knows about it.
//!
//! Accuracy, against the standard library in the tests: 1e-15 relative.
//!
//! Seen in the code of rustc 1.95 for x86-64 without further flags, which has two numbers to a vector
//! (`objdump -d` of a release build, arithmetic instructions on vectors and on single numbers): 899 and
//! 165 in the integral behind P(alive) of the Pareto/NBD, 971 and 275 in the loop of its fit, 466 and 32
//! in answers about a base by the BG/NBD. The steps of a polynomial run in pairs (Estrin), since a chain
//! of them waits for each other. What stays single: sums that must keep their order, the gathering of
//! what belongs to a frequency, and the library's logarithm where it is a table; the Gamma–Gamma and the
//! GGompertz/NBD likelihoods are of that kind, and so is the loop of the BG/NBD's fit (29 and 61, with one
//! exponential and one logarithm of the library a row). Merging and sorting rows move and compare: there is
//! no arithmetic to pair. With wider vectors switched on for the whole build
//! (`-C target-cpu`) the bits stay the same, as nothing is fused.

use std::f64::consts::LOG2_E;

/// Adding it rounds a number below 2⁵¹ to an integer, which then stands in the lowest bits.
const ROUNDING: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²
/// The bits of 2⁵²: with a small integer in the lowest bits, the number that many above it.
const TWO_TO_52: u64 = 0x4330_0000_0000_0000;
/// The bits of √½.
const ROOT_OF_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
/// ln 2 in two parts, the first with so few digits that a small multiple of it is exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Where the exponential is as good as 0, and far from the largest number.
const LEAST: f64 = -700.0;
const MOST: f64 = 700.0;

// Coefficients of least error (interpolation at Chebyshev's nodes, 60 digits), lowest power first.

/// `(e^x − 1)/x` for `|x| ≤ ½ ln 2`, to 2e-17.
const OF_EXP: [f64; 11] = [
    1.0,
    0.500_000_000_000_000_6,
    0.166_666_666_666_666_7,
    0.041_666_666_666_573_066,
    0.008_333_333_333_326_136,
    0.001_388_888_893_251_478,
    0.000_198_412_698_748_206_27,
    2.480_150_431_378_554e-05,
    2.755_725_540_020_642_2e-06,
    2.762_637_106_569_635_4e-07,
    2.510_521_700_472_074_5e-08,
];
/// `(ln((1 + s)/(1 − s)) − 2s)/s³` in `s²`, for `|s| ≤ (√2 − 1)/(√2 + 1)`; the logarithm to 5e-18.
const OF_LN: [f64; 7] = [
    0.666_666_666_666_667,
    0.399_999_999_998_994_44,
    0.285_714_286_260_032_7,
    0.222_222_111_302_598_75,
    0.181_828_894_556_751_05,
    0.153_317_106_182_064_2,
    0.146_165_854_249_341_23,
];
/// `sinh x/x` in `x²` for `|x| ≤ ¾`, to 4e-18.
const OF_SINH: [f64; 7] = [
    1.0,
    0.166_666_666_666_666_38,
    0.008_333_333_333_341_677,
    0.000_198_412_698_323_812_94,
    2.755_732_373_258_375_3e-06,
    2.505_093_479_004_932_8e-08,
    1.621_041_269_579_188_7e-10,
];
/// `(cosh x − 1)/x²` in `x²` for `|x| ≤ ¾`, to 3e-18.
const OF_COSH: [f64; 7] = [
    0.5,
    0.041_666_666_666_666_65,
    0.001_388_888_888_889_41,
    2.480_158_729_603_621_7e-05,
    2.755_732_203_981_919_4e-07,
    2.087_602_396_607_7e-09,
    1.156_530_486_802_367_5e-11,
];

/// A polynomial of seven coefficients: in pairs, so that no step waits for all before it.
#[inline]
fn seven(c: &[f64; 7], x: f64) -> f64 {
    let square = x * x;
    let low = (c[0] + c[1] * x) + (c[2] + c[3] * x) * square;
    let high = (c[4] + c[5] * x) + c[6] * square;
    low + high * (square * square)
}

/// The same of eleven.
#[inline]
fn eleven(c: &[f64; 11], x: f64) -> f64 {
    let square = x * x;
    let fourth = square * square;
    let low = (c[0] + c[1] * x) + (c[2] + c[3] * x) * square;
    let middle = (c[4] + c[5] * x) + (c[6] + c[7] * x) * square;
    let high = (c[8] + c[9] * x) + c[10] * square;
    low + (middle + high * fourth) * fourth
}

/// `e^x` for `x` up to 700, 1e-304 for all below −700.
#[inline]
pub(crate) fn exp(x: f64) -> f64 {
    let x = x.clamp(LEAST, MOST);
    let shifted = x * LOG2_E + ROUNDING;
    let n = shifted - ROUNDING;
    // |rest| is at most half of ln 2.
    let rest = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let power = f64::from_bits((shifted.to_bits() << 52).wrapping_add(1.0_f64.to_bits()));
    power + power * (rest * eleven(&OF_EXP, rest))
}

/// `e^x` for `x ≤ 0`, through the smallest numbers down to 0.
#[inline]
pub(crate) fn exp_of_negative(x: f64) -> f64 {
    /// Beyond it there is nothing but 0.
    const NOTHING: f64 = -800.0;
    let x = if x < NOTHING { NOTHING } else { x };
    let n = (x * LOG2_E + ROUNDING) - ROUNDING;
    let rest = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let value = 1.0 + rest * eleven(&OF_EXP, rest);
    // In two steps, because 2ⁿ may be less than the least number.
    let half = (0.5 * n + ROUNDING) - ROUNDING;
    let power = |n: f64| {
        let bits = (n + ROUNDING).to_bits() << 52;
        f64::from_bits(bits.wrapping_add(1.0_f64.to_bits()))
    };
    (value * power(half)) * power(n - half)
}

/// The logistic function `1/(1 + e^−z)`, exact in both tails.
#[inline]
pub(crate) fn logistic(z: f64) -> f64 {
    let e = exp_of_negative(-z.abs());
    (if z >= 0.0 { 1.0 } else { e }) / (1.0 + e)
}

/// `e^−x − 1` and `e^x − 1` for `0 ≤ x ≤ ¾`.
#[inline]
pub(crate) fn exp_m1_both(x: f64) -> (f64, f64) {
    let square = x * x;
    let odd = x * seven(&OF_SINH, square);
    let even = square * seven(&OF_COSH, square);
    (even - odd, even + odd)
}

/// `ln x` for finite `x` from 1 on.
#[inline]
pub(crate) fn ln_from_one(x: f64) -> f64 {
    // x = 2ⁿ m with m between √½ and √2, and s = (m − 1)/(m + 1): ln m = 2·artanh s.
    let bits = x.to_bits();
    let n = bits.wrapping_sub(ROOT_OF_HALF) >> 52;
    let m = f64::from_bits(bits.wrapping_sub(n << 52));
    let n = f64::from_bits(n | TWO_TO_52) - f64::from_bits(TWO_TO_52);
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    n * LN_2_HIGH + (2.0 * s + (s * z * seven(&OF_LN, z) + n * LN_2_LOW))
}

/// `ln(1 + x)` for finite `x ≥ 0`.
#[inline]
pub(crate) fn ln_one_plus(x: f64) -> f64 {
    let sum = 1.0 + x;
    // The last term is what rounding took from the sum.
    ln_from_one(sum) + (x - (sum - 1.0)) / sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::testing::{agrees, relative};

    /// Numbers in geometric steps that hit no round ones.
    fn ladder(from: f64, to: f64) -> impl Iterator<Item = f64> {
        let steps = (0_u32..).map(move |i| from.ln() + f64::from(i) * 0.013_7);
        steps.take_while(move |&ln| ln <= to.ln()).map(f64::exp)
    }

    #[test]
    fn the_exponential_is_that_of_the_standard_library() {
        let both = ladder(1e-20, 699.0).flat_map(|x| [x, -x]);
        agrees(both.map(|x| ([x], exp(x), x.exp())), relative(1e-15));
        assert_eq!(exp(0.0).to_bits(), 1.0_f64.to_bits());
        let negative = ladder(1e-20, 708.0);
        agrees(
            negative.map(|x| ([x], exp_of_negative(-x), (-x).exp())),
            relative(1e-15),
        );
        for x in [-720.0, -740.0, -745.0] {
            // Numbers of few digits.
            let (found, exact) = (exp_of_negative(x), x.exp());
            assert!(
                (found - exact).abs() <= f64::from_bits(1) && exact > 0.0,
                "{x}"
            );
        }
        let exactly = |found: f64, exact: f64| assert_eq!(found.to_bits(), exact.to_bits());
        exactly(exp_of_negative(-746.0), 0.0);
        exactly(exp_of_negative(f64::NEG_INFINITY), 0.0);
        exactly(exp_of_negative(0.0), 1.0);
        exactly(logistic(f64::INFINITY), 1.0);
        exactly(logistic(f64::NEG_INFINITY), 0.0);
        assert!(exp(-1e300) < 1e-303 && exp(f64::NEG_INFINITY) > 0.0);
    }

    #[test]
    fn what_growth_adds_is_that_of_the_standard_library() {
        let both = ladder(1e-20, 0.75).flat_map(|x| {
            let (behind, ahead) = exp_m1_both(x);
            [([-x], behind, (-x).exp_m1()), ([x], ahead, x.exp_m1())]
        });
        agrees(both, relative(1e-15));
        assert_eq!(exp_m1_both(0.0), (0.0, 0.0));
    }

    #[test]
    fn the_logarithms_are_those_of_the_standard_library() {
        let from_one = ladder(1.0 + 1e-9, 1e299);
        agrees(
            from_one.map(|x| ([x], ln_from_one(x), x.ln())),
            relative(1e-15),
        );
        let all = ladder(1e-300, 1e299);
        agrees(
            all.map(|x| ([x], ln_one_plus(x), x.ln_1p())),
            relative(1e-15),
        );
        assert_eq!(ln_one_plus(0.0).to_bits(), 0.0_f64.to_bits());
    }
}
