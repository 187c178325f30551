//! Answers about many customers take no memory but the buffers they are given.
//!
//! One test alone, since memory is counted for the whole process. The harness has a thread of its own,
//! which takes some once, at an instant that nobody knows: so work is done again, and the least counts.

mod support;

use guanxi::model::{Clv, ClvTerms, PurchaseModel, PurchaseQuestion, SpendModel};
use guanxi::quantity::{DiscountRate, Horizon, TimeUnit};
use guanxi::summary::{DistinctSummaries, SpendBasis, SpendColumns, SummaryColumns};
use peak_alloc::PeakAlloc;
use support::models::{BG, SPEND, bg_nbd, gamma_gamma, mbg_nbd, pareto_nbd, weeks};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Bytes that were taken at most, at any instant of some work, on top of those taken before: the least
/// of five times. The work builds its model itself, so that what a model would keep counts each time.
fn taken(mut work: impl FnMut()) -> usize {
    let once = |_| {
        MEMORY.reset_peak_usage();
        let before = MEMORY.current_usage();
        work();
        MEMORY.peak_usage() - before
    };
    (0..5).map(once).min().unwrap()
}

fn every_question() -> Vec<PurchaseQuestion> {
    use PurchaseQuestion as Ask;
    let rate = DiscountRate::annual(0.15).unwrap();
    let hardly = DiscountRate::continuous(1e-6, TimeUnit::Week).unwrap();
    let (soon, ever) = (Horizon::Finite(weeks(39.0)), Horizon::Infinite);
    vec![
        Ask::LnLikelihood,
        Ask::ProbabilityAlive,
        Ask::LnOddsAlive,
        Ask::ProbabilityActive(weeks(39.0)),
        Ask::ExpectedPurchases(weeks(39.0)),
        Ask::DiscountedPurchases(rate, soon),
        Ask::DiscountedPurchases(rate, ever),
        Ask::DiscountedLifetime(rate, soon),
        Ask::DiscountedLifetime(rate, ever),
        Ask::DiscountedPurchases(hardly, ever),
        Ask::DiscountedLifetime(hardly, ever),
        Ask::MeanRate,
    ]
}

fn none_taken<M: PurchaseModel>(
    model: impl Fn() -> M,
    columns: &SummaryColumns<'_>,
    distinct: &DistinctSummaries,
) {
    let mut by_row = vec![0.0; distinct.len()];
    let mut out = vec![0.0; columns.len()];
    for question in every_question() {
        let bytes = taken(|| {
            let model = model();
            model.answers(columns, question, &mut out).unwrap();
            let rows = distinct.columns();
            model.answers(&rows, question, &mut by_row).unwrap();
            distinct.gather(&by_row, &mut out).unwrap();
        });
        assert_eq!(bytes, 0, "{question:?}");
    }
}

#[test]
fn answers_take_no_memory() {
    assert!(taken(|| drop(vec![0_u8; 100])) >= 100, "memory is counted");

    // Every third never came back: enough for a BG/NBD model to ask the others alone.
    let frequency: Vec<u32> = (0..3_000).map(|i| i % 3 * (i % 35)).collect();
    let recency: Vec<f64> = frequency.iter().map(|&x| f64::from(x) / 2.0).collect();
    let age: Vec<f64> = (0..3_000).map(|i| 36.0 + f64::from(i % 84) / 7.0).collect();
    let columns = SummaryColumns::new(TimeUnit::Week, &frequency, &recency, &age).unwrap();
    let distinct = columns.distinct();
    none_taken(|| bg_nbd(BG), &columns, &distinct);
    none_taken(|| mbg_nbd(BG), &columns, &distinct);
    for p in [[0.553, 10.578, 0.606, 11.669], [0.553, 1.0, 0.606, 90.0]] {
        none_taken(|| pareto_nbd(p), &columns, &distinct);
    }

    let mean: Vec<f64> = frequency
        .iter()
        .map(|&x| if x > 0 { 12.5 } else { 0.0 })
        .collect();
    let currency = gamma_gamma(SPEND).currency();
    let spend = SpendColumns::new(currency, SpendBasis::RepeatTransactions, &frequency, &mean);
    let spend = spend.unwrap();
    let mut out = vec![0.0; frequency.len()];
    let bytes = taken(|| gamma_gamma(SPEND).answers(&spend, &mut out).unwrap());
    assert_eq!(bytes, 0, "spend");

    let terms = ClvTerms::new(0.3, DiscountRate::annual(0.1).unwrap()).unwrap();
    let terms = terms.until(weeks(52.0));
    for spend in [Some(&spend), None] {
        let bytes = taken(|| {
            let clv = Clv::new(bg_nbd(BG), gamma_gamma(SPEND), terms).unwrap();
            clv.answers(&columns, spend, &mut out).unwrap();
        });
        assert_eq!(bytes, 0, "value, spend known: {}", spend.is_some());
    }
}
