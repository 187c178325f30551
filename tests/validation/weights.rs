//! Weights of the composite, learned from renewals.

use std::sync::Arc;

use guanxi::chrono::TimeDelta;
use guanxi::dimension::{DimensionRules, ReferenceFrame};
use guanxi::history::AsOf;
use guanxi::model::{
    Clv, ClvTerms, Draws, Fit, FitOptions, GammaGamma, GammaGammaParameters, MbgNbd,
};
use guanxi::quantity::{Currency, DiscountRate};
use guanxi::relationship::{CompositionPolicy, LearnedWeights, OutcomeRow, RelationshipScorer};
use guanxi::scorer::Scorer;
use guanxi::summary::{CustomerSummary, LiveBase, SummaryPolicy};

use super::synthetic::{end_of, instant};
use super::{Sample, within};

/// The four indices just before each renewal fell due, and whether it came.
fn renewals() -> Vec<OutcomeRow> {
    let log = &Sample::get().log;
    let mut base = LiveBase::new(SummaryPolicy::default());
    for event in &log.interactions {
        base.observe(event.clone()).unwrap();
    }
    let middle = end_of(2);
    let customers: Vec<CustomerSummary> = base
        .summaries(AsOf::at(middle))
        .collect::<Result<_, _>>()
        .unwrap();
    let bought: Vec<_> = customers.iter().filter_map(|c| c.rfm().copied()).collect();
    let purchases = MbgNbd::fit(&bought, &FitOptions::default()).unwrap();
    // Amounts as the generator draws them.
    let spend = GammaGamma::new(GammaGammaParameters {
        currency: Currency::EUR,
        p: 6.0,
        q: 4.0,
        gamma: 1_250.0,
    });
    let terms = ClvTerms::new(0.3, DiscountRate::annual(0.1).unwrap()).unwrap();
    let draws = Draws {
        count: 50,
        ..Draws::default()
    };
    let clv = Clv::new(*purchases.model(), spend.unwrap(), terms)
        .and_then(|clv| clv.with_draws(draws))
        .unwrap();
    let rules = DimensionRules::default();
    let frame = ReferenceFrame::of(rules, "half of the log", middle, &clv, &customers).unwrap();
    let scorer =
        RelationshipScorer::new(clv, Arc::new(frame), CompositionPolicy::default()).unwrap();
    let mut rows = Vec::new();
    for truth in &log.truths {
        for renewal in &truth.renewals {
            let before = AsOf::at(instant(renewal.day) - TimeDelta::minutes(10));
            let customer = base.summary(truth.customer.as_str(), before).unwrap();
            // Nothing is left of who asked to be forgotten.
            let Some(customer) = customer else { continue };
            rows.push(OutcomeRow {
                indices: scorer.score(&customer).unwrap().profile().means(),
                outcome: f64::from(u8::from(renewal.renewed)),
            });
        }
    }
    rows
}

#[test]
fn weights_learned_from_renewals_beat_equal_ones_and_equal_ones_the_default() {
    let rows = renewals();
    assert!(rows.len() > 3_000, "{}", rows.len());
    let learned = LearnedWeights::learn(&rows, LearnedWeights::FOLDS).unwrap();
    let shares = learned.weights().shares();
    // Renewals were drawn from trust and feeling (and a price that no index knows of).
    within("learned weight of trust", shares.trust, 0.35..=0.65);
    within("learned weight of feeling", shares.emotional, 0.30..=0.60);
    within("learned weight of value", shares.economic, 0.0..=0.10);
    within(
        "learned weight of information",
        shares.information,
        0.0..=0.10,
    );
    let own = learned.out_of_sample().r_squared();
    let equal = learned.equal_weights_out_of_sample().r_squared();
    let default = learned.default_weights_out_of_sample().r_squared();
    within("Brier skill of learned weights", own, 0.04..=0.10);
    within("Brier skill of equal weights", equal, 0.03..=0.08);
    within("Brier skill of the default weights", default, 0.01..=0.06);
    assert!(learned.beats_equal(), "{:?}", learned.advantage());
    assert!(equal > default);
}
