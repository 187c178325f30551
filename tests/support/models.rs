//! The models of the published values, and strategies for any other.

use guanxi::model::{
    BgNbd, BgNbdParameters, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters, ParetoNbd,
    ParetoNbdParameters,
};
use guanxi::quantity::{Currency, DiscountRate, Span, TimeUnit};
use guanxi::summary::RfmSummary;

pub fn bg_nbd([r, alpha, a, b]: [f64; 4]) -> BgNbd {
    let unit = TimeUnit::Week;
    BgNbd::new(BgNbdParameters {
        unit,
        r,
        alpha,
        a,
        b,
    })
    .expect("valid parameters")
}

pub fn mbg_nbd([r, alpha, a, b]: [f64; 4]) -> MbgNbd {
    let unit = TimeUnit::Week;
    MbgNbd::new(MbgNbdParameters {
        unit,
        r,
        alpha,
        a,
        b,
    })
    .expect("valid parameters")
}

pub fn pareto_nbd([r, alpha, s, beta]: [f64; 4]) -> ParetoNbd {
    let unit = TimeUnit::Week;
    ParetoNbd::new(ParetoNbdParameters {
        unit,
        r,
        alpha,
        s,
        beta,
    })
    .expect("valid parameters")
}

pub fn gamma_gamma([p, q, gamma]: [f64; 3]) -> GammaGamma {
    let currency = Currency::USD;
    GammaGamma::new(GammaGammaParameters {
        currency,
        p,
        q,
        gamma,
    })
    .expect("valid parameters")
}

/// The parameters of the published values, rounded estimates from CDNOW in weeks.
pub const BG: [f64; 4] = [0.243, 4.414, 0.793, 2.426];
pub const MBG: [f64; 4] = [0.525, 6.183, 0.891, 1.614];
pub const PARETO: [f64; 4] = [0.553, 10.578, 0.606, 11.669];
pub const SPEND: [f64; 3] = [6.25, 3.74, 15.44];

/// A customer in weeks.
pub fn customer(x: u32, t_x: f64, age: f64) -> RfmSummary {
    RfmSummary::new(TimeUnit::Week, x, t_x, age).expect("a valid customer")
}

pub fn weeks(length: f64) -> Span {
    Span::weeks(length).expect("a span")
}

/// δ per week.
pub fn force(delta: f64) -> DiscountRate {
    DiscountRate::continuous(delta, TimeUnit::Week).expect("a rate")
}

/// 15 % a year of 52 weeks, as the published values have it.
pub fn fifteen_percent() -> DiscountRate {
    force(1.15_f64.ln() / 52.0)
}
