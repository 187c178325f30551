//! Who are the best of these customers, and how much of the whole rests on them?
//!
//! Transactions → `CustomerBase` → `ParetoNbd` and `GammaGamma` with known parameters → `Clv` →
//! `Portfolio`. The data is typed in, so the output never changes. Run with
//! `cargo run --example rank_portfolio`.

use guanxi::chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use guanxi::model::{
    Clv, ClvTerms, GammaGamma, GammaGammaParameters, ParetoNbd, ParetoNbdParameters,
};
use guanxi::portfolio::Portfolio;
use guanxi::quantity::{Currency, DiscountRate, Money, Span, TimeUnit};
use guanxi::summary::{CustomerBase, SummaryPolicy};

/// Who bought when, for how much; an amount below zero came back.
const LOG: [(&str, &str, &str); 12] = [
    ("Blum", "2024-01-08", "40.00"),
    ("Blum", "2024-03-04", "35.50"),
    ("Blum", "2024-05-13", "42.00"),
    ("Blum", "2024-09-23", "38.00"),
    ("Chen", "2024-02-05", "20.00"),
    ("Chen", "2024-02-12", "22.00"),
    ("Chen", "2024-02-19", "19.00"),
    ("Chen", "2024-02-26", "21.00"),
    ("Díaz", "2024-08-01", "95.00"),
    ("Díaz", "2024-10-01", "120.00"),
    ("Díaz", "2024-10-05", "-20.00"),
    ("Eze", "2024-04-02", "15.00"),
];

fn midnight(day: &str) -> Result<DateTime<Utc>, Box<dyn std::error::Error>> {
    let day: NaiveDate = day.parse()?;
    Ok(day.and_time(NaiveTime::MIN).and_utc())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut base = CustomerBase::new(SummaryPolicy::default());
    for (customer, day, amount) in LOG {
        let amount = Money::parse(amount, Currency::EUR)?;
        if amount.is_negative() {
            base.observe_return(customer, midnight(day)?, amount.negate())?;
        } else {
            base.observe_purchase(customer, midnight(day)?, amount)?;
        }
    }
    let summaries = base
        .summaries(midnight("2024-10-14")?)
        .collect::<Result<Vec<_>, _>>()?;

    let purchases = ParetoNbd::new(ParetoNbdParameters {
        unit: TimeUnit::Week,
        r: 0.553,
        alpha: 10.578,
        s: 0.606,
        beta: 11.669,
    })?;
    let spend = GammaGamma::new(GammaGammaParameters {
        currency: Currency::EUR,
        p: 6.25,
        q: 3.74,
        gamma: 15.44,
    })?;
    // What the coming year brings, at a margin of 30 %.
    let terms = ClvTerms::new(0.30, DiscountRate::annual(0.10)?)?.until(Span::years(1.0)?);
    let portfolio = Portfolio::appraise(&Clv::new(purchases, spend, terms)?, &summaries)?;

    for valued in portfolio.ranked() {
        let value = valued.value();
        println!(
            "{:<5} {:>10}   P(alive) {:.2}, {:.2} a purchase",
            valued.customer(),
            value.money()?.to_string(),
            value.probability_alive(),
            value.expected_spend()
        );
    }
    println!("all   {:>10}", portfolio.equity().money()?.to_string());
    let half = portfolio.top_share(0.5)?;
    println!("the better half holds {:.0} %", half * 100.0);

    // Chen bought as often as Blum, but in one month, and then no more.
    let order: Vec<&str> = portfolio
        .ranked()
        .iter()
        .map(|valued| valued.customer().as_str())
        .collect();
    assert_eq!(order, ["Díaz", "Blum", "Eze", "Chen"]);
    assert_eq!(portfolio.equity().money()?.to_string(), "88.77 EUR");
    assert!(half > 0.9);
    Ok(())
}
