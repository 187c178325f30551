//! How the tests of the mathematics compare numbers.

/// How far a number may lie from its reference.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tolerance {
    within: f64,
    /// Magnitudes below this are compared absolutely.
    floor: f64,
}

/// Relative throughout; an exact 0 must be hit.
pub(crate) fn relative(within: f64) -> Tolerance {
    Tolerance { within, floor: 0.0 }
}

/// Relative, but absolute below 1: for logarithms and others that pass through zero.
pub(crate) fn absolute_or_relative(within: f64) -> Tolerance {
    Tolerance { within, floor: 1.0 }
}

/// Asserts that in each case, given as (arguments, found, expected), the numbers agree, or shows
/// every case in which they do not.
#[track_caller]
pub(crate) fn agrees<const N: usize>(
    cases: impl IntoIterator<Item = ([f64; N], f64, f64)>,
    tolerance: Tolerance,
) {
    let mut wrong = Vec::new();
    let mut count = 0_usize;
    for (arguments, found, expected) in cases {
        count += 1;
        let error = (found - expected).abs();
        let size = expected.abs().max(tolerance.floor);
        if error.is_nan() || error > tolerance.within * size {
            wrong.push(format!(
                "at {arguments:?}: {found:?}, expected {expected:?} (off by {:.1e})",
                error / size
            ));
        }
    }
    assert!(count > 0, "no cases");
    assert!(
        wrong.is_empty(),
        "{} of {count} cases beyond {tolerance:?}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
