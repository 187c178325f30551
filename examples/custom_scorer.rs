//! How can a rule of one's own stand beside the models?
//!
//! Anything that judges one customer is a `Scorer`: here, how overdue the next purchase is, once as
//! a rule of thumb and once from a model. Run with `cargo run --example custom_scorer`.

use guanxi::history::CustomerId;
use guanxi::model::{MbgNbd, MbgNbdParameters, PurchaseModel, PurchasePosterior};
use guanxi::quantity::{Span, TimeUnit};
use guanxi::scorer::{ScoreError, Scorer};
use guanxi::summary::{CustomerSummary, RfmSummary};

/// The silence so far in usual gaps between purchases: from 2 on, somebody should ask why.
/// `None` for a customer without a repeat purchase, who has shown no gap yet.
struct GapsSilent;

impl Scorer for GapsSilent {
    type Score = Option<f64>;

    fn score(&self, customer: &CustomerSummary) -> Result<Option<f64>, ScoreError> {
        Ok(customer
            .rfm()
            .filter(|rfm| rfm.frequency() > 0)
            .map(|rfm| rfm.silence() / (rfm.recency() / f64::from(rfm.frequency()))))
    }
}

/// The chance that the customer will not buy within a span: the same question put to a model,
/// which has an answer for everyone.
struct Lapse<P> {
    model: P,
    span: Span,
}

impl<P: PurchaseModel> Scorer for Lapse<P> {
    type Score = Option<f64>;

    fn score(&self, customer: &CustomerSummary) -> Result<Option<f64>, ScoreError> {
        let Some(rfm) = customer.rfm() else {
            return Ok(None);
        };
        let posterior = self.model.posterior(rfm)?;
        Ok(Some(1.0 - posterior.probability_active(self.span)))
    }
}

/// Any rule that answers with a number, or not at all.
type Rule = Box<dyn Scorer<Score = Option<f64>>>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let customers = [
        ("steady", 8, 36.0, 38.0),
        ("overdue", 8, 20.0, 38.0),
        ("new", 0, 0.0, 3.0),
    ]
    .into_iter()
    .map(|(name, frequency, recency, age)| {
        let rfm = RfmSummary::new(TimeUnit::Week, frequency, recency, age)?;
        Ok(CustomerSummary::from_rfm(CustomerId::new(name)?, rfm))
    })
    .collect::<Result<Vec<_>, Box<dyn std::error::Error>>>()?;

    let lapse = Lapse {
        model: MbgNbd::new(MbgNbdParameters {
            unit: TimeUnit::Week,
            r: 0.525,
            alpha: 6.183,
            a: 0.891,
            b: 1.614,
        })?,
        span: Span::weeks(13.0)?,
    };
    // Scorers with one kind of score fit in one list.
    let scorers: [(&str, Rule); 2] = [
        ("gaps silent", Box::new(GapsSilent)),
        ("lapse within 13 weeks", Box::new(lapse)),
    ];
    let mut table = Vec::new();
    for (name, scorer) in &scorers {
        for customer in &customers {
            let score = scorer.score(customer)?;
            let shown = score.map_or("no answer".to_owned(), |score| format!("{score:.2}"));
            println!("{name:<22} {:<8} {shown}", customer.customer());
            table.push(shown);
        }
    }
    assert_eq!(table, ["0.44", "7.20", "no answer", "0.22", "0.90", "0.78"]);
    Ok(())
}
