//! Numbers that are one, but for what writing and reading may do to their last bits.

use super::Estimate;

/// Whether two numbers are one, but for what writing and reading may do to their last bits.
pub(crate) fn near(x: f64, y: f64) -> bool {
    (x - y).abs() <= 1e-9 * x.abs().max(y.abs()).max(1.0)
}

/// Whether two estimates are one, but for their last bits.
pub(crate) fn near_estimates(x: Option<Estimate>, y: Option<Estimate>) -> bool {
    match (x, y) {
        (Some(x), Some(y)) => {
            near(x.mean(), y.mean()) && near(x.sd(), y.sd()) && near(x.n_eff(), y.n_eff())
        }
        (x, y) => x.is_none() && y.is_none(),
    }
}
