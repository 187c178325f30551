//! How long someone of known inclination stays.

use crate::numeric::random::RandomStream;

/// How many of the next `periods` renewals a customer makes who has made `made` of them and is left
/// after *t* with probability (1 − θ)^(t^c).
pub(super) fn draw_renewals(
    theta: f64,
    c: f64,
    made: f64,
    periods: u32,
    random: &mut RandomStream,
) -> u32 {
    // t^c − n^c is exponential with this rate; a θ that rounds to 1 makes none.
    let rise = random.exponential() / -(-theta).ln_1p();
    let more = if made == 0.0 {
        rise.powf(1.0 / c)
    } else {
        let ln_ratio = (rise / made.powf(c)).ln_1p() / c;
        made * ln_ratio.exp_m1()
    };
    // The last renewal made is the last whole number below.
    let made = (more.ceil() - 1.0).clamp(0.0, f64::from(periods));
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number from 0 to `periods`; NaN cannot come of positive numbers"
    )]
    let made = made as u32;
    made
}
