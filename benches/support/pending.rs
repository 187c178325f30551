//! Stands in for what other branches bring; to be deleted.

use guanxi::model::{PurchaseSample, Sample, SpendSample};
use guanxi::quantity::TimeUnit;
use guanxi::summary::{DistinctSummaries, RfmSummary, SpendColumns};

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
