//! How a frame is taken of a population.

use std::borrow::Borrow;

use chrono::{DateTime, Utc};

use crate::model::LifetimeValue;
use crate::quantity::{Currency, QuantityError};
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
    /// Every summary must be as of `taken_at`; one without an instant, such as a published
    /// [RFM summary](CustomerSummary::from_rfm), is taken at the caller's word.
    ///
    /// # Errors
    ///
    /// - [`FrameError::TakenAt`] for a summary as of another instant.
    /// - [`FrameError::Currency`] if values come in two currencies, or a customer's amounts are in
    ///   another currency than the model's.
    /// - [`FrameError::Score`] if a customer cannot be judged for another reason, such as evidence
    ///   made by other rules.
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::{DateTime, Days};
    /// use guanxi::dimension::{DimensionRules, FrameError, ReferenceFrame};
    /// use guanxi::history::{AsOf, CustomerId, Interaction, InteractionId, Promise, PromiseEvent};
    /// use guanxi::summary::{LiveBase, SummaryPolicy};
    ///
    /// let now = DateTime::UNIX_EPOCH;
    /// let (id, who) = (InteractionId::new("e-1")?, CustomerId::new("c-1")?);
    /// let mut base = LiveBase::new(SummaryPolicy::default());
    /// base.observe(Interaction::new(id, who, now, Promise::new(PromiseEvent::Kept))?)?;
    /// let all = base.summaries(AsOf::at(now)).collect::<Result<Vec<_>, _>>()?;
    /// let taken = |at| ReferenceFrame::without_value(DimensionRules::default(), "shop", at, &all);
    /// assert_eq!(taken(now)?.customers(), 1);
    /// assert!(matches!(taken(now + Days::new(1)), Err(FrameError::TakenAt { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    /// [`FrameError::TakenAt`] and [`FrameError::Score`] as for [`of`](Self::of).
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
            match customer.as_of() {
                Some(found) if found != taken_at => {
                    return Err(FrameError::TakenAt {
                        customer: customer.customer().clone(),
                        expected: taken_at,
                        found,
                    });
                }
                _ => {}
            }
            if let Some(found) = customer.evidence_rules() {
                let expected = *evidence.get_or_insert(found);
                if expected != found {
                    return Err(ScoreError::Rules { expected, found }.into());
                }
            }
            if let Some(value) = value(customer) {
                let valued = worth_of(customer, value)?;
                if let Some((amount, found)) = valued {
                    let expected = *currency.get_or_insert(found);
                    if expected != found {
                        let customer = customer.customer().clone();
                        return Err(FrameError::Currency {
                            customer,
                            expected,
                            found,
                        });
                    }
                    worth.push(amount);
                }
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

/// What a customer is worth, if that can be told.
fn worth_of(
    customer: &CustomerSummary,
    value: Result<LifetimeValue, ScoreError>,
) -> Result<Option<(f64, Currency)>, FrameError> {
    match value {
        Ok(value) => Ok(Some((value.value(), value.currency()))),
        Err(ScoreError::NoPurchase { .. } | ScoreError::Unreadable { .. }) => Ok(None),
        Err(ScoreError::Quantity(QuantityError::CurrencyMismatch { expected, found })) => {
            Err(FrameError::Currency {
                customer: customer.customer().clone(),
                expected,
                found,
            })
        }
        Err(error) => Err(error.into()),
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
