//! How a frame is taken of a population.

use std::borrow::Borrow;

use chrono::{DateTime, Utc};

use crate::model::LifetimeValue;
use crate::scorer::{ScoreError, Scorer};
use crate::summary::CustomerSummary;

use super::frame::{Median, economic_index};
use super::scorers::{belief, feeling, knowledge};
use super::{ByDimension, Dimension, DimensionRules, FrameError, IndexPopulation, ReferenceFrame};

impl ReferenceFrame {
    /// The frame of a population: judges every customer by the rules, and keeps what they are like
    /// as a whole, in whatever order they come. Nothing of a single customer is in it but the order
    /// of at most 1025 indices of each dimension.
    ///
    /// `values` gives lifetime values; draws are of no use here. A customer who has not bought, of
    /// whom there is no evidence, or whose evidence cannot be read, is none of the measured of that
    /// dimension.
    ///
    /// # Errors
    ///
    /// [`FrameError::Score`] if a customer cannot be judged for another reason, such as an amount in
    /// another currency; [`FrameError::Currency`] if values come in two currencies.
    pub fn of<V, C>(
        rules: DimensionRules,
        label: impl Into<String>,
        taken_at: DateTime<Utc>,
        values: &V,
        customers: impl IntoIterator<Item = C>,
    ) -> Result<Self, FrameError>
    where
        V: Scorer<Score = LifetimeValue>,
        C: Borrow<CustomerSummary>,
    {
        let value = |customer: &CustomerSummary| Some(values.score(customer));
        Self::of_customers(rules, label.into(), taken_at, value, customers)
    }

    /// The same without a model of lifetime value: there is no median, and no economic index can be
    /// made.
    ///
    /// # Errors
    ///
    /// [`FrameError::Score`] as for [`of`](Self::of).
    pub fn without_value<C: Borrow<CustomerSummary>>(
        rules: DimensionRules,
        label: impl Into<String>,
        taken_at: DateTime<Utc>,
        customers: impl IntoIterator<Item = C>,
    ) -> Result<Self, FrameError> {
        Self::of_customers(rules, label.into(), taken_at, |_| None, customers)
    }

    fn of_customers<C: Borrow<CustomerSummary>>(
        rules: DimensionRules,
        label: String,
        taken_at: DateTime<Utc>,
        value: impl Fn(&CustomerSummary) -> Option<Result<LifetimeValue, ScoreError>>,
        customers: impl IntoIterator<Item = C>,
    ) -> Result<Self, FrameError> {
        let mut count = 0;
        let mut evidence = None;
        let mut currency = None;
        let mut worth = Vec::new();
        let mut measured = ByDimension::<Vec<f64>>::default();
        for customer in customers {
            let customer = customer.borrow();
            count += 1;
            if let Some(found) = customer.evidence_rules() {
                let expected = *evidence.get_or_insert(found);
                if expected != found {
                    return Err(ScoreError::Rules { expected, found }.into());
                }
            }
            match value(customer) {
                Some(Ok(value)) => {
                    let found = value.currency();
                    let expected = *currency.get_or_insert(found);
                    if expected != found {
                        return Err(FrameError::Currency { expected, found });
                    }
                    worth.push(value.value());
                }
                Some(Err(ScoreError::NoPurchase { .. } | ScoreError::Unreadable { .. })) | None => {
                }
                Some(Err(error)) => return Err(error.into()),
            }
            let trust = belief(customer, &rules).and_then(|belief| Ok(belief.estimate()?));
            let emotional = feeling(customer, &rules).map(|feeling| feeling.index());
            let information = knowledge(customer, &rules).map(|knowledge| knowledge.index());
            for (dimension, index) in [
                (Dimension::Trust, trust),
                (Dimension::Emotional, emotional),
                (Dimension::Information, information),
            ] {
                match index {
                    Ok(index) if index.is_prior_only() => {}
                    Ok(index) => measured.get_mut(dimension).push(index.mean()),
                    Err(ScoreError::Unreadable { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        let positive = worth.iter().copied().filter(|&v| v > 0.0).collect();
        let median = currency
            .zip(median_of(positive))
            .map(|(currency, value)| Median { value, currency });
        if let Some(Median { value, .. }) = median {
            measured.economic = worth.iter().map(|&v| economic_index(v, value)).collect();
        }
        let indices = measured.map(IndexPopulation::of);
        Self::of_parts(label, taken_at, rules, evidence, count, median, indices)
    }
}

/// The median of numbers in any order; the mean of the middle two if they are even in number.
fn median_of(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_unstable_by(f64::total_cmp);
    let upper = *numbers.get(numbers.len() / 2)?;
    if numbers.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *numbers.get(numbers.len() / 2 - 1)?;
    Some(lower + (upper - lower) / 2.0)
}
