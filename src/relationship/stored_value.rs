//! What of a relationship is written down, and the doubts about it when it is read.

use chrono::{DateTime, Utc};

use super::change::Step;
use super::stored::holds;
use super::{
    CompositeOutcome, Contributions, DimensionExplanation, EventChange, EventContribution,
    Explanation, Profile, RelationshipChange, RelationshipValue, Shortfall, Standing, Weights,
};
use crate::dimension::{
    ByDimension, Dimension, DimensionScore, Feeling, FrameId, Knowledge, TrustBelief,
};
use crate::history::{ConsentState, CustomerId};
use crate::model::LifetimeValue;
use crate::quantity::stored::{StoredError, agree, finite, share};
use crate::quantity::{Interval, PolicyId};
use crate::summary::Withheld;

/// How far sums of rounded numbers may be off.
const ROUNDING: f64 = 1e-9;

/// Refuses two numbers that should be one.
fn same(what: &'static str, expected: f64, found: f64) -> Result<(), StoredError> {
    let is_so = (expected - found).abs() <= ROUNDING;
    holds(is_so, what, &format!("{expected:?}"), found)
}

#[derive(serde::Deserialize)]
#[serde(rename = "RelationshipValue", deny_unknown_fields)]
pub(super) struct ValueRow {
    customer: CustomerId,
    as_of: Option<DateTime<Utc>>,
    frame: FrameId,
    policy: PolicyId,
    economic: Standing<LifetimeValue>,
    trust: Standing<TrustBelief>,
    emotional: Standing<Feeling>,
    information: Standing<Knowledge>,
    profile: Profile,
    coverage: f64,
    composite: CompositeOutcome,
    interval: Option<Interval>,
    not_modelled: Option<Withheld>,
    withheld: Vec<Withheld>,
}

/// Refuses an index that its native value does not lead to.
fn follows<N>(
    standing: &Standing<N>,
    what: &'static str,
    index: impl Fn(&N) -> f64,
) -> Result<(), StoredError> {
    match standing.measured() {
        Some(score) => same(what, index(score.native()), score.index().mean()),
        None => Ok(()),
    }
}

impl ValueRow {
    fn check_standings(&self) -> Result<(), StoredError> {
        let loses = |score: &DimensionScore<LifetimeValue>| score.native().value() <= 0.0;
        if let Some(score) = self.economic.measured() {
            let is_zero = score.index().mean() <= 0.0;
            agree("an economic index of 0", &loses(score), &is_zero)?;
        }
        follows(&self.trust, "index of trust", TrustBelief::mean)?;
        let felt = |feeling: &Feeling| feeling.index().mean();
        follows(&self.emotional, "index of feeling", felt)?;
        let known = |knowledge: &Knowledge| knowledge.index().mean();
        follows(&self.information, "index of information", known)?;
        let indices = ByDimension {
            economic: self.economic.index(),
            trust: self.trust.index(),
            emotional: self.emotional.index(),
            information: self.information.index(),
        };
        for (dimension, index) in indices.iter() {
            let composed = self.profile.get(dimension).n_eff();
            let Some(index) = index else {
                same("n_eff of what was not measured", 0.0, composed)?;
                continue;
            };
            agree("frame of an index", &self.frame, &index.frame())?;
            let own = index.estimate().n_eff();
            if dimension != Dimension::Economic {
                holds(own > 0.0, "n_eff of what was measured", "above 0", own)?;
            }
            let matches = (own - composed).abs() <= ROUNDING * own;
            let what = "n_eff in the profile";
            holds(matches, what, &format!("{own:?}"), composed)?;
        }
        Ok(())
    }

    fn check_composite(&self) -> Result<(), StoredError> {
        let coverage = share("coverage", self.coverage)?;
        let (what, composed) = ("an interval of the composite", self.interval.is_some());
        match self.composite {
            CompositeOutcome::Composed(composite) => {
                agree(what, &true, &composed)?;
                agree("a missing consent", &None, &self.not_modelled)?;
                let value = composite.value();
                let inside = |range: Interval| {
                    range.lower() >= 0.0 && range.upper() <= 1.0 && range.contains(value)
                };
                let around = self.interval.is_some_and(inside);
                holds(around, what, "within 0 and 1 and around it", value)
            }
            CompositeOutcome::TooLittle {
                coverage: found,
                needed,
                short,
            } => {
                agree(what, &false, &composed)?;
                same("coverage", coverage, found)?;
                let too_little = found < share("least coverage", needed)?;
                holds(too_little, "coverage", "below the least", found)?;
                self.check_short(&short)
            }
            CompositeOutcome::NotModelled(withheld) => {
                agree(what, &false, &composed)?;
                agree("the missing consent", &Some(withheld), &self.not_modelled)?;
                let granted = matches!(withheld.consent, ConsentState::Granted { .. });
                holds(!granted, "the consent", "missing", "given")
            }
        }
    }
}

impl ValueRow {
    /// Refuses shortfalls that the profile does not show, or that leave a part of the weight out.
    fn check_short(&self, short: &ByDimension<Option<Shortfall>>) -> Result<(), StoredError> {
        let mut uncovered = 0.0;
        for (dimension, shortfall) in short.iter() {
            let Some(shortfall) = shortfall else {
                continue;
            };
            let what = "observations of what fell short";
            same(what, self.profile.get(dimension).n_eff(), shortfall.found)?;
            same(what, Weights::OBSERVED, shortfall.needed)?;
            let is_short = shortfall.found < shortfall.needed;
            holds(is_short, what, "below those needed", shortfall.found)?;
            uncovered += share("weight of what fell short", shortfall.weight)?;
        }
        same(
            "coverage and what fell short",
            1.0,
            self.coverage + uncovered,
        )
    }
}

impl TryFrom<ValueRow> for RelationshipValue {
    type Error = StoredError;

    fn try_from(row: ValueRow) -> Result<Self, StoredError> {
        row.check_standings()?;
        row.check_composite()?;
        Ok(Self {
            customer: row.customer,
            as_of: row.as_of,
            frame: row.frame,
            policy: row.policy,
            economic: row.economic,
            trust: row.trust,
            emotional: row.emotional,
            information: row.information,
            profile: row.profile,
            coverage: row.coverage,
            composite: row.composite,
            interval: row.interval,
            not_modelled: row.not_modelled,
            withheld: row.withheld,
        })
    }
}

#[derive(serde::Deserialize)]
#[serde(rename = "DimensionExplanation", deny_unknown_fields)]
pub(super) struct WhyRow {
    reference: f64,
    index: f64,
    part: Option<f64>,
    start: f64,
    rest: f64,
    events: Vec<EventContribution>,
}

impl TryFrom<WhyRow> for DimensionExplanation {
    type Error = StoredError;

    fn try_from(row: WhyRow) -> Result<Self, StoredError> {
        let index = share("index", row.index)?;
        share("reference", row.reference)?;
        share("start of an index", row.start)?;
        finite("rest of an index", row.rest)?;
        finite("part of the composite", row.part.unwrap_or(0.0))?;
        let sum: f64 = row.events.iter().map(|event| event.index).sum();
        same(
            "sum of what moved an index",
            index,
            row.start + row.rest + sum,
        )?;
        for event in &row.events {
            finite("share of the composite", event.composite.unwrap_or(0.0))?;
            let told = event.composite.is_some();
            agree("a share of the composite", &row.part.is_some(), &told)?;
        }
        Ok(Self {
            reference: row.reference,
            index,
            part: row.part,
            start: row.start,
            rest: row.rest,
            events: row.events,
        })
    }
}

#[derive(serde::Deserialize)]
#[serde(rename = "Explanation", deny_unknown_fields)]
pub(super) struct ExplanationRow {
    value: RelationshipValue,
    contributions: Option<Contributions>,
    dimensions: ByDimension<Option<DimensionExplanation>>,
}

impl TryFrom<ExplanationRow> for Explanation {
    type Error = StoredError;

    fn try_from(row: ExplanationRow) -> Result<Self, StoredError> {
        let permitted = row.value.not_modelled().is_none();
        let told = row.contributions.is_some();
        agree("contributions to the composite", &permitted, &told)?;
        for (dimension, why) in row.dimensions.iter() {
            let index = row.value.index(dimension);
            agree("an explanation", &index.is_some(), &why.is_some())?;
            let (Some(index), Some(why)) = (index, why) else {
                continue;
            };
            same("explained index", index.mean(), why.index)?;
            let part = row.contributions.map(|all| all.parts()[dimension]);
            agree(
                "a part of the composite",
                &part.is_some(),
                &why.part.is_some(),
            )?;
            if let (Some(part), Some(found)) = (part, why.part) {
                same("part of the composite", part, found)?;
            }
            for event in &why.events {
                agree("dimension of an event", &dimension, &event.dimension)?;
            }
        }
        Ok(Self {
            value: row.value,
            contributions: row.contributions,
            dimensions: row.dimensions,
        })
    }
}

#[derive(serde::Deserialize)]
#[serde(rename = "RelationshipChange", deny_unknown_fields)]
pub(super) struct ChangeRow {
    before: RelationshipValue,
    after: RelationshipValue,
    start: Step,
    end: Step,
    time: Step,
    events: Vec<EventChange>,
}

impl ChangeRow {
    /// The steps from the start to the end, one after another.
    fn steps(&self) -> impl Iterator<Item = &Step> {
        let events = self.events.iter().map(|event| &event.step);
        [&self.time].into_iter().chain(events)
    }

    /// Refuses steps that do not lead from the start to the end.
    fn check_steps(&self) -> Result<(), StoredError> {
        let permitted = [&self.before, &self.after]
            .into_iter()
            .all(|value| value.not_modelled().is_none());
        for step in [&self.start, &self.end].into_iter().chain(self.steps()) {
            agree("a composite", &permitted, &step.composite.is_some())?;
            finite("composite", step.composite.unwrap_or(0.0))?;
        }
        let what = "sum of the steps of a change";
        for dimension in Dimension::ALL {
            let of = |step: &Step| step.indices[dimension];
            same(
                "index",
                self.before.profile().means()[dimension],
                of(&self.start),
            )?;
            same(
                "index",
                self.after.profile().means()[dimension],
                of(&self.end),
            )?;
            let sum: f64 = self.steps().map(of).sum();
            same(what, of(&self.end), of(&self.start) + sum)?;
        }
        let composite = |step: &Step| step.composite.unwrap_or(0.0);
        let sum: f64 = self.steps().map(composite).sum();
        same(what, composite(&self.end), composite(&self.start) + sum)
    }
}

impl TryFrom<ChangeRow> for RelationshipChange {
    type Error = StoredError;

    fn try_from(row: ChangeRow) -> Result<Self, StoredError> {
        let (before, after) = (&row.before, &row.after);
        agree("customer", before.customer(), after.customer())?;
        agree("frame", &before.frame(), &after.frame())?;
        agree("rules of composition", &before.policy(), &after.policy())?;
        let forward = before.as_of() <= after.as_of();
        let (then, now) = (format!("{:?} or later", before.as_of()), after.as_of());
        holds(forward, "end of a change", &then, format!("{now:?}"))?;
        row.check_steps()?;
        Ok(Self {
            before: row.before,
            after: row.after,
            start: row.start,
            end: row.end,
            time: row.time,
            events: row.events,
        })
    }
}
