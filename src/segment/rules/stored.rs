//! How a set of rules is written down: attributes with the values they can have, and of each rule
//! the values that it asks for. What is read is checked as if it were made anew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Condition, Rule, RuleAttribute, RuleSet};
use crate::segment::SegmentError;
use crate::segment::error::checked;
use crate::segment::region::{Edge, Side};

/// An end of an interval: just before a number, or just after it.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct EdgeRow {
    at: crate::quantity::stored::Exact,
    after: bool,
}

impl From<Edge> for EdgeRow {
    fn from(edge: Edge) -> Self {
        Self {
            at: crate::quantity::stored::Exact(edge.at),
            after: edge.after,
        }
    }
}

impl TryFrom<EdgeRow> for Edge {
    type Error = SegmentError;

    fn try_from(row: EdgeRow) -> Result<Self, SegmentError> {
        let (what, range) = ("end of an interval", "a finite number");
        Ok(Self {
            at: checked(what, range, f64::MIN..=f64::MAX, row.at.0)?,
            after: row.after,
        })
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SideRow {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    numbers: Option<(EdgeRow, EdgeRow)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    levels: Vec<String>,
    #[serde(default)]
    not_known: bool,
}

impl From<&Side> for SideRow {
    fn from(side: &Side) -> Self {
        let ends = |(from, to): (Edge, Edge)| (from.into(), to.into());
        Self {
            numbers: side.numbers.map(ends),
            levels: side.levels.iter().map(ToString::to_string).collect(),
            not_known: side.missing,
        }
    }
}

impl TryFrom<SideRow> for Side {
    type Error = SegmentError;

    fn try_from(row: SideRow) -> Result<Self, SegmentError> {
        let numbers = match row.numbers {
            Some((from, to)) => Self::between(from.try_into()?, to.try_into()?).numbers,
            None => None,
        };
        let mut levels = BTreeSet::new();
        for level in row.levels {
            if !levels.insert(Arc::from(level.as_str())) {
                return Err(SegmentError::NamedTwice {
                    what: "a level of an attribute",
                    found: level,
                });
            }
        }
        let side = Self {
            numbers,
            levels,
            missing: row.not_known,
        };
        let kinds = u8::from(side.numbers.is_some()) + u8::from(!side.levels.is_empty());
        if side.is_empty() || kinds > 1 {
            return Err(SegmentError::Domain {
                quantity: "kinds of values of an attribute",
                expected: "numbers or levels, or that it is not known",
                found: f64::from(kinds),
            });
        }
        Ok(side)
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct AttributeRow {
    name: String,
    values: SideRow,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleRow {
    segment: String,
    asks: BTreeMap<String, SideRow>,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "RuleSet")]
pub(super) struct SetRow {
    attributes: Vec<AttributeRow>,
    rules: Vec<RuleRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rest: Option<String>,
}

impl From<RuleSet> for SetRow {
    fn from(set: RuleSet) -> Self {
        let attributes = set.attributes.iter().map(|attribute| AttributeRow {
            name: attribute.name.to_string(),
            values: (&attribute.values).into(),
        });
        let rules = set.rules.iter().map(|(segment, region)| {
            let sides = set.attributes.iter().enumerate();
            let asks = sides.filter_map(|(place, attribute)| {
                let side = region.side(place)?;
                let asks = *side != attribute.values;
                asks.then(|| (attribute.name.to_string(), side.into()))
            });
            RuleRow {
                segment: segment.to_string(),
                asks: asks.collect(),
            }
        });
        Self {
            attributes: attributes.collect(),
            rules: rules.collect(),
            rest: set.rest.as_ref().map(ToString::to_string),
        }
    }
}

impl TryFrom<SetRow> for RuleSet {
    type Error = SegmentError;

    fn try_from(row: SetRow) -> Result<Self, SegmentError> {
        let mut attributes = Vec::with_capacity(row.attributes.len());
        for attribute in row.attributes {
            attributes.push(RuleAttribute {
                name: Arc::from(attribute.name),
                values: attribute.values.try_into()?,
            });
        }
        let mut rules = Vec::with_capacity(row.rules.len());
        for rule in row.rules {
            let mut made = Rule::new(&rule.segment);
            for (attribute, values) in rule.asks {
                made = made.with(Condition {
                    attribute: Arc::from(attribute),
                    values: values.try_into()?,
                    fault: None,
                });
            }
            rules.push(made);
        }
        Self::made(&attributes, rules, row.rest.map(Arc::from))
    }
}
