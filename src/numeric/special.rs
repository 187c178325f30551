//! Special functions.
/// Quantile of the standard normal distribution.
#[allow(dead_code, reason = "its callers follow")]
pub(crate) fn normal_quantile(p: f64) -> f64 {
    let _ = p;
    f64::NAN
}
