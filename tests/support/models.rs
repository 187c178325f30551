//! The models of the published values, and strategies for any other.

use guanxi::model::{
    BgNbd, BgNbdParameters, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters, ParetoNbd,
    ParetoNbdParameters, PurchaseModel, PurchasePosterior,
};
use guanxi::quantity::{Currency, DiscountRate, Span, TimeUnit};
use guanxi::summary::RfmSummary;
use proptest::prelude::*;

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

/// A positive number of any size between two, each order of magnitude as likely as the next.
pub fn log_uniform(low: f64, high: f64) -> impl Strategy<Value = f64> {
    (low.ln()..high.ln()).prop_map(f64::exp)
}

/// Four parameters such as data give, over two or three orders of magnitude.
pub fn plausible() -> impl Strategy<Value = [f64; 4]> {
    [
        log_uniform(0.1, 10.0),
        log_uniform(1.0, 100.0),
        log_uniform(0.1, 10.0),
        log_uniform(0.3, 30.0),
    ]
}

/// Four parameters from 1e-6 to 1e6.
pub fn extreme() -> impl Strategy<Value = [f64; 4]> {
    std::array::from_fn::<_, 4, _>(|_| log_uniform(1e-12, 1e12))
}

/// A customer in weeks, one in four without a repeat purchase and some just seen.
pub fn any_customer() -> impl Strategy<Value = RfmSummary> {
    (0_u32..40, 0.0..1.0_f64, 0.1..200.0_f64, 0..4_u8)
        .prop_map(|(x, share, age, kind)| build(x, share, age, kind))
}

/// A customer with up to 5000 purchases, of any age from a second to ten thousand weeks.
pub fn extreme_customer() -> impl Strategy<Value = RfmSummary> {
    (
        0.0..5001_f64.ln(),
        0.0..1.0_f64,
        log_uniform(1e-6, 1e4),
        0..4_u8,
    )
        .prop_map(|(x, share, age, kind)| build(rounded(x.exp()), share, age, kind))
}

fn rounded(x: f64) -> u32 {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 1 to 5001"
    )]
    {
        x as u32
    }
}

fn build(x: u32, share: f64, age: f64, kind: u8) -> RfmSummary {
    match (kind, x) {
        (0, _) | (_, 0) => customer(0, 0.0, age),
        (1, _) => customer(x, age, age),
        _ => customer(x, age * share.max(1e-9), age),
    }
}

/// The three purchase models with the same four numbers.
pub fn each_model(parameters: [f64; 4]) -> [Box<dyn Ask>; 3] {
    [
        Box::new(bg_nbd(parameters)),
        Box::new(mbg_nbd(parameters)),
        Box::new(pareto_nbd(parameters)),
    ]
}

/// A purchase model behind a pointer.
pub trait Ask: std::fmt::Debug {
    fn about(&self, customer: &RfmSummary) -> Box<dyn PurchasePosterior>;
    fn about_newcomer(&self) -> Box<dyn PurchasePosterior>;
}

impl<M> Ask for M
where
    M: PurchaseModel + std::fmt::Debug,
    M::Posterior: 'static,
{
    fn about(&self, customer: &RfmSummary) -> Box<dyn PurchasePosterior> {
        Box::new(PurchaseModel::posterior(self, customer).expect("the same unit"))
    }

    fn about_newcomer(&self) -> Box<dyn PurchasePosterior> {
        Box::new(PurchaseModel::newcomer(self))
    }
}
