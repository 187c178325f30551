//! Student's t distribution: both tails together, and how far they begin.

use super::beta::Beta;

/// `P(|T| > t)` for `t ≥ 0` and `degrees > 0` degrees of freedom.
pub(crate) fn beyond(t: f64, degrees: f64) -> f64 {
    // degrees/(degrees + t²) has a beta distribution; t² may be beyond the numbers.
    let s = t / degrees.sqrt();
    let of = 1.0 / s.hypot(1.0);
    let (x, y) = (of * of, (s * of) * (s * of));
    Beta::new(0.5 * degrees, 0.5).tails(x, y).0
}

/// The `t` with `P(|T| > t) = tails`, for `0 < tails < 1`.
pub(crate) fn two_sided(tails: f64, degrees: f64) -> f64 {
    let (x, y) = Beta::new(0.5 * degrees, 0.5).quantile(tails);
    (degrees * y / x).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::testing::{agrees, relative};

    /// Independent values of 50 digits: the incomplete beta function and its inverse.
    const REFERENCE: [[f64; 3]; 9] = [
        [0.05, 1.0, 12.706_204_736_174_705],
        [0.05, 2.0, 4.302_652_729_749_464],
        [0.05, 7.0, 2.364_624_251_592_785_3],
        [0.05, 98.0, 1.984_467_454_508_481_7],
        [0.01, 5.0, 4.032_142_983_555_228],
        [0.1, 3.0, 2.353_363_434_801_823_8],
        [0.5, 4.0, 0.740_697_084_112_682_6],
        [0.32, 1000.0, 0.994_952_609_790_753_6],
        [1e-6, 30.0, 6.119_075_620_384_216_5],
    ];

    #[test]
    fn quantiles_agree_with_50_digits() {
        agrees(
            REFERENCE.map(|[tails, degrees, t]| ([tails, degrees], two_sided(tails, degrees), t)),
            relative(1e-12),
        );
    }

    #[test]
    fn tails_agree_with_50_digits() {
        agrees(
            REFERENCE.map(|[tails, degrees, t]| ([t, degrees], beyond(t, degrees), tails)),
            relative(1e-11),
        );
    }
}
