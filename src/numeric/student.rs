//! Student's *t* distribution, by the beta distribution it is.

use super::beta::Beta;

/// The `t` that Student's distribution with `df > 0` degrees of freedom leaves between `−t` and `t`
/// with probability `1 − outside`, for `0 < outside < 1`.
///
/// `df/(df + t²)` has the distribution Beta(df/2, ½).
pub(crate) fn two_sided_quantile(df: f64, outside: f64) -> f64 {
    let (x, y) = Beta::new(0.5 * df, 0.5).quantile(outside);
    (df * (y / x)).sqrt()
}

/// The probability that Student's *t* with `df > 0` degrees of freedom is at least `|t|` away from
/// 0.
pub(crate) fn two_sided_tail(df: f64, t: f64) -> f64 {
    // Each share from the ratio that does not overflow.
    let (x, y) = if t.abs() > df.sqrt() {
        let ratio = df / t / t;
        (ratio / (1.0 + ratio), 1.0 / (1.0 + ratio))
    } else {
        let ratio = t / df * t;
        (1.0 / (1.0 + ratio), ratio / (1.0 + ratio))
    };
    Beta::new(0.5 * df, 0.5).tails(x, y).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::testing::{agrees, relative};

    /// Degrees of freedom, the probability outside, and the quantile by 40-digit arithmetic.
    const QUANTILES: [(f64, f64, f64); 12] = [
        (1.0, 0.05, 12.706_204_736_174_705),
        (2.0, 0.05, 4.302_652_729_749_464),
        (7.0, 0.05, 2.364_624_251_592_785_3),
        (7.0, 0.01, 3.499_483_297_350_494),
        (30.0, 0.1, 1.697_260_886_593_957_8),
        (99.0, 0.05, 1.984_216_951_586_417_5),
        (3.7, 0.05, 2.867_520_707_191_19),
        (1e4, 0.05, 1.960_201_239_890_626_3),
        (1e7, 0.001, 3.290_527_704_465_222_4),
        (1.0, 1e-6, 636_619.772_367_057_7),
        (5.0, 0.5, 0.726_686_843_800_422_6),
        (12.5, 1e-9, 16.088_008_299_606_28),
    ];

    #[test]
    fn quantiles_and_tails_agree_with_40_digits() {
        let quantile = |(df, p, t)| ([df, p], two_sided_quantile(df, p), t);
        agrees(QUANTILES.map(quantile), relative(1e-12));
        let tail = |(df, p, t)| ([df, t], two_sided_tail(df, t), p);
        agrees(QUANTILES.map(tail), relative(1e-10));
    }

    #[test]
    fn everything_is_at_least_0_away_from_0_and_nothing_infinitely_far() {
        for df in [0.5, 1.0, 30.0, 1e9] {
            assert!((two_sided_tail(df, 0.0) - 1.0).abs() < 1e-15);
            assert!(two_sided_tail(df, 1e300) < 1e-100);
        }
    }
}
