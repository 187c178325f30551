//! Rules of one's own as a scorer.

use std::sync::Arc;

use super::outcome::if_modelled;
use super::{RuleSet, RuleValue, SegmentError, Segmented};
use crate::scorer::{ScoreError, Scorer};
use crate::summary::CustomerSummary;

/// Puts customers into segments by rules of one's own (规则分群).
///
/// `A` tells a customer's attributes by name, from the summary or from elsewhere; `None` is what is
/// not known.
///
/// # Examples
///
/// ```
/// use guanxi::history::CustomerId;
/// use guanxi::quantity::TimeUnit;
/// use guanxi::scorer::{ScoreError, Scorer};
/// use guanxi::segment::{RuleAttribute, RuleValue, Condition, Rule, RuleScorer, RuleSet};
/// use guanxi::summary::{CustomerSummary, RfmSummary};
///
/// let attributes = [RuleAttribute::number("repeats", 0.0, 1e9)?];
/// let rules = RuleSet::new(&attributes, [
///     Rule::new("once").with(Condition::below("repeats", 1.0)),
///     Rule::new("again").with(Condition::at_least("repeats", 1.0)),
/// ])?;
/// let scorer = RuleScorer::new(rules, |customer: &CustomerSummary, _: &str| {
///     let repeats = customer.rfm().map(|rfm| f64::from(rfm.frequency()));
///     Ok::<_, ScoreError>(repeats.map(RuleValue::from))
/// });
/// let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.0, 38.0)?;
/// let customer = CustomerSummary::from_rfm(CustomerId::new("c-1")?, rfm);
/// assert_eq!(scorer.score(&customer)?.modelled().as_deref(), Some("again"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RuleScorer<A> {
    rules: RuleSet,
    attributes: A,
}

impl<A> std::fmt::Debug for RuleScorer<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut this = f.debug_struct("RuleScorer");
        this.field("rules", &self.rules).finish_non_exhaustive()
    }
}

impl<A> RuleScorer<A>
where
    A: Fn(&CustomerSummary, &str) -> Result<Option<RuleValue>, ScoreError>,
{
    /// A scorer by these rules, of attributes that are told so.
    pub fn new(rules: RuleSet, attributes: A) -> Self {
        Self { rules, attributes }
    }

    /// The rules.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }
}

impl<A> Scorer for RuleScorer<A>
where
    A: Fn(&CustomerSummary, &str) -> Result<Option<RuleValue>, ScoreError>,
{
    type Score = Segmented<Arc<str>>;

    /// # Errors
    ///
    /// [`ScoreError::Attribute`] for a value that its attribute cannot have, and those of the
    /// attributes.
    fn score(&self, customer: &CustomerSummary) -> Result<Self::Score, ScoreError> {
        if_modelled(customer, || {
            let mut values = Vec::with_capacity(self.rules.attributes().len());
            for attribute in self.rules.attributes() {
                values.push((
                    attribute.name(),
                    (self.attributes)(customer, attribute.name())?,
                ));
            }
            let value_of = |name: &str| {
                let known = values.iter().find(|(known, _)| *known == name);
                known.and_then(|(_, value)| value.clone())
            };
            match self.rules.segment(value_of) {
                Ok(segment) => Ok(Arc::clone(segment)),
                Err(SegmentError::Value {
                    attribute,
                    expected,
                    found,
                }) => Err(ScoreError::Attribute {
                    customer: customer.customer().clone(),
                    attribute,
                    expected: expected.to_string(),
                    found,
                }),
                // Rules that cover everybody.
                Err(_) => Err(ScoreError::Inconsistent {
                    customer: customer.customer().clone(),
                }),
            }
        })
    }
}
