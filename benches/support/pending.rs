//! Stands in for what other branches bring; to be deleted.

use guanxi::model::{PurchaseSample, Sample, SpendSample};
use guanxi::quantity::{Currency, TimeUnit};
use guanxi::summary::{DistinctSummaries, RfmSummary, SpendBasis, SpendColumns, SummaryTable};

use super::{LAST_DAY, Log, midnight};

pub(crate) fn summarise(log: &Log) -> SummaryTable {
    let n = log.customer.iter().max().map_or(0, |last| last + 1) as usize;
    let end = midnight(LAST_DAY).timestamp();
    let mut first = vec![i64::MIN; n];
    let mut last = vec![0; n];
    let mut cents = vec![0; n];
    let mut frequency = vec![0; n];
    let (mut recency, mut age, mut mean) = (vec![], vec![], vec![]);
    for ((&customer, &at), &amount) in log.customer.iter().zip(&log.at).zip(&log.cents) {
        let i = customer as usize;
        if first[i] == i64::MIN {
            first[i] = at;
        } else {
            frequency[i] += 1;
            cents[i] += amount;
        }
        last[i] = at;
    }
    let weeks = |seconds: i64| seconds as f64 / 604_800.0;
    for i in 0..n {
        recency.push(weeks(last[i] - first[i]));
        age.push(weeks(end - first[i]));
        let x = frequency[i];
        mean.push(if x == 0 {
            0.0
        } else {
            cents[i] as f64 / 100.0 / f64::from(x)
        });
    }
    let transactions = frequency.clone();
    SummaryTable::new(TimeUnit::Week, frequency, recency, age)
        .unwrap()
        .with_spend(
            Currency::USD,
            SpendBasis::RepeatTransactions,
            transactions,
            mean,
        )
        .unwrap()
}

pub(crate) trait FromDistinct {
    fn from_distinct(distinct: &DistinctSummaries) -> Self;
}

impl FromDistinct for PurchaseSample {
    fn from_distinct(distinct: &DistinctSummaries) -> Self {
        let mut sample = Self::default();
        for (row, weight) in distinct.columns().iter().zip(distinct.weights()) {
            sample.add(&row, *weight).unwrap();
        }
        sample
    }
}

pub(crate) trait FromColumns {
    fn from_columns(columns: &SpendColumns<'_>) -> Self;
}

impl FromColumns for SpendSample {
    fn from_columns(columns: &SpendColumns<'_>) -> Self {
        let mut sample = Self::default();
        for spend in columns.iter().flatten() {
            let row = RfmSummary::new(TimeUnit::Week, spend.transactions(), 1.0, 1.0).unwrap();
            sample.add(&row.with_spend(spend).unwrap(), 1.0).unwrap();
        }
        sample
    }
}
