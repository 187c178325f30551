//! How much each component counts, for whom.

use std::collections::BTreeMap;

use super::error::checked;
use super::{ByComponent, Component, PerceivedError};
use crate::history::CustomerId;
use crate::quantity::Fingerprint;

/// Smallest and largest weight above 0.
const WEIGHTS: std::ops::RangeInclusive<f64> = 1e-12..=1e12;

/// How much each benefit and each sacrifice counts (权重).
///
/// The weights of the benefits and those of the sacrifices each have a sum above 0. Whether they
/// sum to 1 is for whoever states them: shares give a mean on the scale of the answers; a weight of
/// 1 for each ([`sums`](Self::sums)) adds up amounts of money. The ratio of benefit to sacrifice
/// means something only if both sides are weighed alike.
///
/// The default, one quarter each, is our choice: equal weights are hard to beat (Dawes 1979,
/// <https://doi.org/10.1037/0003-066X.34.7.571>). Validated against nothing.
///
/// # Examples
///
/// ```
/// use guanxi::perceived::{Benefit, ByComponent, ComponentWeights};
///
/// // Marks that somebody gave, made shares of each side.
/// let weights = ComponentWeights::of_importance(ByComponent {
///     product: 4.0, service: 3.0, personnel: 2.0, image: 1.0,
///     monetary: 5.0, time: 2.0, energy: 2.0, psychic: 1.0,
/// })?;
/// assert_eq!(weights.get(Benefit::Product.into()), 0.4);
/// assert!(ComponentWeights::new(ByComponent { product: 1.0, ..ByComponent::default() }).is_err());
/// # Ok::<(), guanxi::perceived::PerceivedError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "ByComponent<f64>", into = "ByComponent<f64>")
)]
pub struct ComponentWeights(ByComponent<f64>);

impl Default for ComponentWeights {
    /// One quarter each.
    fn default() -> Self {
        Self(ByComponent::from_fn(|_| 0.25))
    }
}

impl TryFrom<ByComponent<f64>> for ComponentWeights {
    type Error = PerceivedError;

    fn try_from(weights: ByComponent<f64>) -> Result<Self, PerceivedError> {
        Self::new(weights)
    }
}

impl From<ComponentWeights> for ByComponent<f64> {
    fn from(weights: ComponentWeights) -> Self {
        weights.0
    }
}

impl ComponentWeights {
    /// Weights as they are stated.
    ///
    /// # Errors
    ///
    /// - [`PerceivedError::Domain`] unless each is 0 or between 1e-12 and 1e12.
    /// - [`PerceivedError::NoWeight`] if those of the benefits, or of the sacrifices, are all 0.
    pub fn new(weights: ByComponent<f64>) -> Result<Self, PerceivedError> {
        let weights = ByComponent::try_from_fn(|component| match *weights.get(component) {
            0.0 => Ok(0.0),
            weight => checked("weight", "0 or between 1e-12 and 1e12", WEIGHTS, weight),
        })?;
        let weights = Self(weights);
        for (benefits, what) in [
            (true, "weights of the benefits"),
            (false, "weights of the sacrifices"),
        ] {
            let found = weights.sum(benefits);
            if found <= 0.0 {
                return Err(PerceivedError::NoWeight { what, found });
            }
        }
        Ok(weights)
    }

    /// Weights in proportion to importances on any scale, made shares of each side: those of the
    /// benefits sum to 1, and so do those of the sacrifices.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), of the importances and of the shares.
    pub fn of_importance(importances: ByComponent<f64>) -> Result<Self, PerceivedError> {
        let stated = Self::new(importances)?;
        let (benefits, sacrifices) = (stated.sum(true), stated.sum(false));
        Self::new(ByComponent::from_fn(|component| {
            let sum = if component.is_benefit() {
                benefits
            } else {
                sacrifices
            };
            stated.get(component) / sum
        }))
    }

    /// A weight of 1 for each: components in money are added up.
    #[must_use]
    pub fn sums() -> Self {
        Self(ByComponent::from_fn(|_| 1.0))
    }

    /// The weight of a component, at or above 0.
    #[must_use]
    pub const fn get(&self, component: Component) -> f64 {
        *self.0.get(component)
    }

    /// The sum of the weights of the benefits, or of the sacrifices.
    pub(super) fn sum(&self, benefits: bool) -> f64 {
        let side = self.0.iter().filter(|(c, _)| c.is_benefit() == benefits);
        side.map(|(_, weight)| weight).sum::<f64>() + 0.0
    }

    pub(super) fn fingerprint(&self, print: Fingerprint) -> Fingerprint {
        let weights = self.0.iter().map(|(_, weight)| *weight);
        weights.fold(print, Fingerprint::number)
    }
}

/// Whose weights a customer was judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum WeightsOf {
    /// Those of everybody.
    Everybody,
    /// Those of a segment, by its name.
    Segment(String),
    /// The customer's own.
    Customer,
}

/// How a customer comes to weights.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
enum Assigned {
    Segment(String),
    Own(ComponentWeights),
}

/// Weights per customer, per segment, and for everybody else (权重表).
///
/// A customer's own weights come before those of the segment, and these before those of everybody.
///
/// # Examples
///
/// ```
/// use guanxi::history::CustomerId;
/// use guanxi::perceived::{ByComponent, ComponentWeights, WeightTable, WeightsOf};
///
/// let thrifty = ComponentWeights::of_importance(ByComponent {
///     product: 1.0, service: 1.0, personnel: 1.0, image: 1.0,
///     monetary: 7.0, time: 1.0, energy: 1.0, psychic: 1.0,
/// })?;
/// let student = CustomerId::new("c-7")?;
/// let table = WeightTable::default()
///     .with_segment("students", thrifty)?
///     .with_member(student.clone(), "students")?;
/// assert_eq!(table.of(&student), (&thrifty, WeightsOf::Segment("students".to_owned())));
/// assert_eq!(table.of(&CustomerId::new("c-8")?).1, WeightsOf::Everybody);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "TableRow", into = "TableRow"))]
pub struct WeightTable {
    everybody: ComponentWeights,
    segments: BTreeMap<String, ComponentWeights>,
    customers: BTreeMap<CustomerId, Assigned>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename = "WeightTable")]
struct TableRow {
    everybody: ComponentWeights,
    segments: BTreeMap<String, ComponentWeights>,
    customers: BTreeMap<CustomerId, Assigned>,
}

#[cfg(feature = "serde")]
impl From<WeightTable> for TableRow {
    fn from(table: WeightTable) -> Self {
        Self {
            everybody: table.everybody,
            segments: table.segments,
            customers: table.customers,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<TableRow> for WeightTable {
    type Error = PerceivedError;

    fn try_from(row: TableRow) -> Result<Self, PerceivedError> {
        for name in row.segments.keys() {
            super::error::named("a name of a segment", name)?;
        }
        let table = Self {
            everybody: row.everybody,
            segments: row.segments,
            customers: BTreeMap::new(),
        };
        let customers = row.customers.into_iter();
        customers
            .into_iter()
            .try_fold(table, |table, (who, assigned)| match assigned {
                Assigned::Segment(name) => table.with_member(who, &name),
                Assigned::Own(weights) => table.with_customer(who, weights),
            })
    }
}

impl WeightTable {
    /// The same weights for everybody.
    #[must_use]
    pub fn new(everybody: ComponentWeights) -> Self {
        Self {
            everybody,
            ..Self::default()
        }
    }

    /// The same table with the weights of a segment.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::StatedTwice`] if it has some; [`PerceivedError::Empty`] for a blank name.
    pub fn with_segment(
        mut self,
        name: &str,
        weights: ComponentWeights,
    ) -> Result<Self, PerceivedError> {
        super::error::named("a name of a segment", name)?;
        if self.segments.insert(name.to_owned(), weights).is_some() {
            return Err(PerceivedError::StatedTwice {
                what: "the weights of a segment",
                found: name.to_owned(),
            });
        }
        Ok(self)
    }

    /// The same table with a customer in a segment.
    ///
    /// # Errors
    ///
    /// - [`PerceivedError::Unknown`] if the segment has no weights.
    /// - [`PerceivedError::StatedTwice`] if the customer has weights or a segment.
    pub fn with_member(self, customer: CustomerId, segment: &str) -> Result<Self, PerceivedError> {
        if !self.segments.contains_key(segment) {
            return Err(PerceivedError::Unknown {
                what: "the segment of a customer",
                found: segment.to_owned(),
            });
        }
        self.assign(customer, Assigned::Segment(segment.to_owned()))
    }

    /// The same table with a customer's own weights.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::StatedTwice`] if the customer has weights or a segment.
    pub fn with_customer(
        self,
        customer: CustomerId,
        weights: ComponentWeights,
    ) -> Result<Self, PerceivedError> {
        self.assign(customer, Assigned::Own(weights))
    }

    fn assign(mut self, customer: CustomerId, to: Assigned) -> Result<Self, PerceivedError> {
        if self.customers.contains_key(&customer) {
            return Err(PerceivedError::StatedTwice {
                what: "the weights of a customer",
                found: customer.to_string(),
            });
        }
        self.customers.insert(customer, to);
        Ok(self)
    }

    /// The weights of a customer, and whose they are.
    #[must_use]
    pub fn of(&self, customer: &CustomerId) -> (&ComponentWeights, WeightsOf) {
        match self.customers.get(customer) {
            Some(Assigned::Own(weights)) => (weights, WeightsOf::Customer),
            Some(Assigned::Segment(name)) => match self.segments.get(name) {
                Some(weights) => (weights, WeightsOf::Segment(name.clone())),
                None => (&self.everybody, WeightsOf::Everybody), // the constructor saw it
            },
            None => (&self.everybody, WeightsOf::Everybody),
        }
    }

    pub(super) fn fingerprint(&self, print: Fingerprint) -> Fingerprint {
        let mut print = self.everybody.fingerprint(print);
        print = print.whole(self.segments.len() as u64);
        for (name, weights) in &self.segments {
            print = weights.fingerprint(print.text(name));
        }
        for (customer, assigned) in &self.customers {
            print = print.text(customer.as_str());
            print = match assigned {
                Assigned::Segment(name) => print.text("segment").text(name),
                Assigned::Own(weights) => weights.fingerprint(print.text("own")),
            };
        }
        print
    }
}
