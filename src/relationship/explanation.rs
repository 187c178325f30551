//! Why a relationship is worth what it is: the answer.

use std::fmt;

use crate::dimension::{ByDimension, Dimension};

use super::recorded::{TOLD, signed};
use super::{Contributions, EventRef, RelationshipValue};

/// How far one event moved one dimension, and with it the composite.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct EventContribution {
    /// The event.
    pub event: EventRef,
    /// The dimension it moved.
    pub dimension: Dimension,
    /// By how much it moved the index of that dimension, in the units of that index.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "crate::quantity::stored::read_finite")
    )]
    pub index: f64,
    /// By how much it moved the composite, through that dimension; `None` where the customer does
    /// not permit a composite.
    pub composite: Option<f64>,
}

/// Why one dimension stands where it does.
///
/// `index = start + rest + Σ events`, and `part = composite_of_rest + Σ events.composite`, to
/// rounding.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::stored_value::WhyRow"))]
pub struct DimensionExplanation {
    pub(super) reference: f64,
    pub(super) index: f64,
    pub(super) part: Option<f64>,
    pub(super) start: f64,
    pub(super) rest: f64,
    pub(super) events: Vec<EventContribution>,
}

impl DimensionExplanation {
    /// The mean index of the frame's customers, from 0 to 1; the prior if nobody was measured.
    #[must_use]
    pub fn reference(&self) -> f64 {
        self.reference
    }

    /// The customer's index, from 0 to 1.
    #[must_use]
    pub fn index(&self) -> f64 {
        self.index
    }

    /// What the dimension adds to the composite, against the frame's customers; `None` where the
    /// customer does not permit a composite.
    #[must_use]
    pub fn part(&self) -> Option<f64> {
        self.part
    }

    /// Where the index would stand without any evidence: the base rate of trust, the prior of
    /// feeling, 0 for value and knowledge.
    #[must_use]
    pub fn start(&self) -> f64 {
        self.start
    }

    /// What no single event tells: of knowledge, what a customer has never bought; of feeling, what
    /// peak and end take from the prior; of value, what the model makes of anything but purchases and
    /// returns.
    #[must_use]
    pub fn rest(&self) -> f64 {
        self.rest
    }

    /// Every event that moved the index, the largest move first, whichever way.
    #[must_use]
    pub fn events(&self) -> &[EventContribution] {
        &self.events
    }

    /// What the start and the rest add to the composite, against the frame's customers; with the
    /// events' shares it sums to [`part`](Self::part).
    #[must_use]
    pub fn composite_of_rest(&self) -> Option<f64> {
        let events: Option<f64> = self.events.iter().map(|event| event.composite).sum();
        Some(self.part? - events?)
    }
}

/// Why a relationship is worth what it is (价值解释): from the composite to the dimensions, and from
/// each dimension to the events.
///
/// The dimensions' parts are exact Shapley values against the frame's customers. Below them, trust,
/// feeling and knowledge are split by what each event adds to the evidence: exact, because an index
/// is linear in the evidence given its total (knowledge: in proportion). The economic index is not,
/// so its events are added one after another in the order in which they occurred, each at what the
/// index rises or falls through it.
///
/// An event's share of the composite is what it moves the index by, times how far the dimension's
/// part goes for its distance from the reference: for the arithmetic mean that is the weight. On the
/// [percentile scale](super::IndexScale::Percentile) the distance is one of shares of customers, and an
/// index is translated at the mean slope over all that the events moved it through; the curve beyond
/// that is in [`composite_of_rest`](DimensionExplanation::composite_of_rest).
///
/// The Shapley values are *established*, and that the evidence splits by events is an identity; to
/// add purchases in their order, and to pass a part on in proportion, is our choice.
///
/// What a sum is split into is a matter of arithmetic and says nothing of causes: that a complaint
/// lowers the index by 0.1 does not say what would be the case had there been none.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use chrono::{DateTime, Days};
/// use guanxi::dimension::{Dimension, DimensionRules, ReferenceFrame};
/// use guanxi::history::{
///     AsOf, Consent, CustomerId, Interaction, InteractionId, Kind, Promise, PromiseEvent, Purpose,
/// };
/// use guanxi::relationship::{CompositionPolicy, RelationshipScorer};
/// use guanxi::summary::{LiveBase, SummaryPolicy};
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let mut base = LiveBase::new(SummaryPolicy::default());
/// let log: [(&str, u64, Kind); 3] = [
///     ("e-1", 0, Consent::Granted { purpose: Purpose::Analytics }.into()),
///     ("e-2", 0, Promise::new(PromiseEvent::Kept).into()),
///     ("e-3", 180, Promise::new(PromiseEvent::Broken).into()),
/// ];
/// for (id, n, kind) in log {
///     let who = CustomerId::new("c-17")?;
///     base.observe(Interaction::new(InteractionId::new(id)?, who, day(n), kind)?)?;
/// }
/// let frame = ReferenceFrame::stated(DimensionRules::default(), "shop", day(180), None)?;
/// let scorer = RelationshipScorer::without_value(Arc::new(frame), CompositionPolicy::default())?;
/// let why = scorer.explain(&base, "c-17", AsOf::at(day(180)))?;
///
/// // r = (1 + .5)/2 of what is half a year old, s = 2: a mean of 1.75/4.75.
/// let trust = why.dimension(Dimension::Trust).ok_or("promises were made")?;
/// assert!((trust.index() - 1.75 / 4.75).abs() < 1e-12);
/// assert_eq!((trust.start(), trust.rest()), (0.5, 0.0));
/// let broken = trust.events().first().ok_or("the largest move")?;
/// assert_eq!(broken.event.kind, "promise");
/// assert!((broken.index - -1.0 / 4.75).abs() < 1e-12); // −.5·2/(2 + .75 + 2)
/// assert!(broken.composite.is_some_and(|moved| (moved - 0.25 * -1.0 / 4.75).abs() < 1e-12));
/// let sum: f64 = trust.events().iter().map(|event| event.index).sum();
/// assert!((trust.start() + sum - trust.index()).abs() < 1e-12);
///
/// // Promises are felt as well. There is no composite, so the moves are those of the indices.
/// let text = why.to_string();
/// let told = text.split_once("moved most by:\n").ok_or("three events")?.1;
/// assert_eq!(
///     told,
///     "    -0.211 of trust: promise e-3 on 1970-06-30\n\
///      \x20   -0.070 of emotional: promise e-3 on 1970-06-30\n\
///      \x20   +0.053 of trust: promise e-2 on 1970-01-01\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "super::stored_value::ExplanationRow")
)]
pub struct Explanation {
    pub(super) value: RelationshipValue,
    pub(super) contributions: Option<Contributions>,
    pub(super) dimensions: ByDimension<Option<DimensionExplanation>>,
}

impl Explanation {
    /// What is explained.
    #[must_use]
    pub fn value(&self) -> &RelationshipValue {
        &self.value
    }

    /// What each dimension adds to the composite, against the frame's customers; `None` where the
    /// customer does not permit a composite. Where there is none because too little is known, it is
    /// that of the [profile](RelationshipValue::profile) all the same.
    #[must_use]
    pub fn contributions(&self) -> Option<&Contributions> {
        self.contributions.as_ref()
    }

    /// Why a dimension stands where it does; `None` where it was not measured.
    #[must_use]
    pub fn dimension(&self, dimension: Dimension) -> Option<&DimensionExplanation> {
        self.dimensions.get(dimension).as_ref()
    }

    /// The contributions that moved the composite most, over all dimensions, the largest first,
    /// whichever way; where there is no composite, those that moved an index most.
    /// Equal ones stand in the order of [`Dimension::ALL`], and then of time.
    #[must_use]
    pub fn largest(&self, count: usize) -> Vec<&EventContribution> {
        let measured = self.dimensions.iter().filter_map(|(_, d)| d.as_ref());
        let mut events: Vec<&EventContribution> =
            measured.flat_map(DimensionExplanation::events).collect();
        let composed = self.value.composite().composite().is_some();
        let size = |event: &EventContribution| {
            let of_composite = event.composite.filter(|_| composed);
            of_composite.unwrap_or(event.index).abs()
        };
        events.sort_by(|a, b| size(b).total_cmp(&size(a)));
        events.truncate(count);
        events
    }
}

impl fmt::Display for Explanation {
    /// Writes the [value](RelationshipValue), and the three events that moved it most: by how much
    /// they moved the composite where there is one, and else an index.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.value)?;
        let largest = self.largest(TOLD);
        if largest.is_empty() {
            return Ok(());
        }
        let composed = self.value.composite().composite().is_some();
        writeln!(f, "  moved most by:")?;
        for moved in largest {
            let (event, dimension) = (&moved.event, moved.dimension);
            match moved.composite.filter(|_| composed) {
                Some(share) => writeln!(f, "    {} through {dimension}: {event}", signed(share))?,
                None => writeln!(f, "    {} of {dimension}: {event}", signed(moved.index))?,
            }
        }
        Ok(())
    }
}
