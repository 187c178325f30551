//! Strategies, comparisons and data that the tests share, one file a module of the crate.
#![allow(
    dead_code,
    unreachable_pub,
    unused_macros,
    unused_imports,
    reason = "every test program uses a part of what is here"
)]
#![allow(clippy::disallowed_methods, reason = "reads the log of the examples")]

#[cfg(feature = "serde")]
pub mod alike;
pub mod cdnow;
pub mod history;
pub mod kinds;
pub mod log;
pub mod models;
pub mod reference;
pub mod reference_bg_bb;
pub mod reference_dimensions;
pub mod reference_ggompertz;
pub mod reference_retention;
pub mod reference_sarmanov;
#[cfg(feature = "serde")]
pub mod stored;

/// Asserts that a number agrees with its reference, relative to the reference.
macro_rules! assert_close {
    ($found:expr, $expected:expr, $relative:expr) => {
        assert_close!($found, $expected, $relative, "")
    };
    ($found:expr, $expected:expr, $relative:expr, $($case:tt)+) => {{
        let (found, expected, relative): (f64, f64, f64) = ($found, $expected, $relative);
        let error = (found - expected).abs();
        // Written so that NaN fails it; infinities agree if they are the same one.
        assert!(
            error <= relative * expected.abs() || (found.is_infinite() && found.total_cmp(&expected).is_eq()),
            "found {found:?}, expected {expected:?}: off by {:.2e} relative, more than {relative:e} {}",
            error / expected.abs(),
            format_args!($($case)+)
        );
    }};
}

/// Asserts that a number agrees with a published text, to 1e-9 relative or the digits printed,
/// whichever is coarser.
macro_rules! assert_published {
    ($found:expr, $text:expr) => {
        assert_published!($found, $text, "")
    };
    ($found:expr, $text:expr, $($case:tt)+) => {{
        let (found, text): (f64, &str) = ($found, $text);
        let (expected, half) = $crate::support::printed(text);
        let allowed = half.max(1e-9 * expected.abs());
        // Written so that NaN fails it.
        assert!(
            (found - expected).abs() <= allowed,
            "found {found:?}, published {text} {}",
            format_args!($($case)+)
        );
    }};
}

pub(crate) use {assert_close, assert_published};

/// A printed number and half a unit of its last digit.
pub fn printed(text: &str) -> (f64, f64) {
    let value: f64 = text.parse().expect("a number");
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let decimals = digits.split_once('.').map_or(0, |(_, d)| d.len());
    let exponent: i32 = exponent.parse().expect("an exponent");
    let unit = 10_f64.powi(exponent - i32::try_from(decimals).expect("few digits"));
    // A little more than half: the value of a printed tie lies beyond it by rounding.
    (value, 0.5001 * unit)
}
