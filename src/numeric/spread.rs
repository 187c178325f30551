//! Moments and quantiles of draws.

/// What a set of draws says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) mean: f64,
    pub(crate) sd: f64,
    pub(crate) lower: f64,
    pub(crate) median: f64,
    pub(crate) upper: f64,
}

/// Mean, standard deviation, median and the two quantiles that hold `level` between them; `None`
/// for fewer than two draws. Sorts the draws.
pub(crate) fn spread(draws: &mut [f64], level: f64) -> Option<Spread> {
    if draws.len() < 2 {
        return None;
    }
    let count = draws.len() as f64;
    let mean = draws.iter().sum::<f64>() / count;
    let variance = draws.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (count - 1.0);
    draws.sort_unstable_by(f64::total_cmp);
    let tail = 0.5 * (1.0 - level);
    Some(Spread {
        mean,
        sd: variance.sqrt(),
        lower: quantile(draws, tail),
        median: quantile(draws, 0.5),
        upper: quantile(draws, 1.0 - tail),
    })
}

/// The quantile of sorted values, at least one, linear between them, for `0 ≤ p ≤ 1`.
pub(crate) fn quantile(sorted: &[f64], p: f64) -> f64 {
    let last = sorted.len() - 1;
    let place = p * last as f64;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never negative; beyond the last place by rounding at most"
    )]
    let below = (place as usize).min(last);
    let above = (below + 1).min(last);
    let part = place - below as f64;
    let (low, high) = (sorted[below], sorted[above]);
    let distance = high - low;
    if distance.is_finite() {
        low + part * distance
    } else {
        low * (1.0 - part) + high * part // finite all the same
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_of_a_ladder_is_known() {
        let mut ladder: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        let spread = spread(&mut ladder, 0.9).unwrap();
        assert!((spread.mean - 50.0).abs() < 1e-12);
        assert!((spread.sd - 29.300_170_647_967_224).abs() < 1e-12);
        assert!((spread.lower - 5.0).abs() < 1e-12);
        assert!((spread.median - 50.0).abs() < 1e-12);
        assert!((spread.upper - 95.0).abs() < 1e-12);
    }

    #[test]
    fn quantiles_of_values_far_apart_are_finite_and_between_them() {
        let (low, high) = (-f64::MAX, f64::MAX);
        assert!(quantile(&[low, high], 0.5).abs() < f64::MIN_POSITIVE);
        assert!(quantile(&[low, high], 0.75).is_finite());
        for p in [0.0, 0.1, 0.3, 0.7, 0.9, 1.0] {
            for value in [0.1, 0.3, 1e-300, f64::MAX] {
                let found = quantile(&[value; 3], p);
                assert!(
                    found.to_bits() == value.to_bits(),
                    "{found} of {value} at {p}"
                );
            }
        }
    }

    #[test]
    fn one_draw_has_no_spread() {
        assert!(spread(&mut [1.0], 0.9).is_none());
    }
}
