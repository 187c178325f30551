//! Is this one customer still with us, and what is the relationship worth?
//!
//! A summary typed in → MBG/NBD and Gamma–Gamma with known parameters → lifetime value. Run with
//! `cargo run --example score_one_customer`.

use guanxi::model::{
    Clv, ClvTerms, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters, PurchaseModel,
    PurchasePosterior,
};
use guanxi::quantity::{Currency, DiscountRate, Span, TimeUnit};
use guanxi::summary::{RfmSummary, SpendSummary};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Known for 38.86 weeks, back twice, the last time in week 30.43, for 22.35 USD on average.
    let customer = RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?.with_spend(
        SpendSummary::of_repeat_transactions(2, 22.35, Currency::USD)?,
    )?;

    let purchases = MbgNbd::new(MbgNbdParameters {
        unit: TimeUnit::Week,
        r: 0.525,
        alpha: 6.183,
        a: 0.891,
        b: 1.614,
    })?;
    let spend = GammaGamma::new(GammaGammaParameters {
        currency: Currency::USD,
        p: 6.25,
        q: 3.74,
        gamma: 15.44,
    })?;
    let posterior = purchases.posterior(&customer)?;
    let alive = posterior.probability_alive();
    let expected = posterior.expected_purchases(Span::weeks(39.0)?);
    println!("P(alive) {alive:.3}, {expected:.2} purchases expected in 39 weeks");
    assert!((alive - 0.706_202_265_118_487).abs() < 1e-12);
    assert!((expected - 1.262_960_623_267_37).abs() < 1e-12);

    // A margin of 30 % of spend, and 10 % discount a year.
    let terms = ClvTerms::new(0.30, DiscountRate::annual(0.10)?)?;
    let value = Clv::new(purchases, spend, terms)?.value(&customer)?;
    println!("residual lifetime value {}", value.money()?);
    assert_eq!(value.money()?.to_string(), "44.19 USD");
    Ok(())
}
