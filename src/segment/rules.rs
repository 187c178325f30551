//! Segments by rules of one's own (自定义规则分群), checked for overlap and coverage.

use std::collections::BTreeSet;
use std::sync::Arc;

#[cfg(feature = "serde")]
mod stored;

use super::SegmentError;
use super::error::{checked, named};
use super::region::{Edge, Region, Side};
use crate::quantity::{Fingerprint, PolicyId};

/// The most regions that are looked at for what rules leave uncovered.
const MOST_REGIONS: usize = 20_000;

/// What is known of one attribute of a customer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RuleValue {
    /// A number.
    Number(f64),
    /// One of some levels.
    Level(Arc<str>),
}

impl From<f64> for RuleValue {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for RuleValue {
    fn from(level: &str) -> Self {
        Self::Level(Arc::from(level))
    }
}

/// A named attribute of customers, and every value that it can have (属性).
///
/// The values matter: that rules cover everybody can only be told against what there can be.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleAttribute {
    name: Arc<str>,
    values: Side,
}

impl RuleAttribute {
    /// A number from `lowest` to `highest`, both included.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless both are finite and in this order.
    pub fn number(name: &str, lowest: f64, highest: f64) -> Result<Self, SegmentError> {
        let (what, range) = ("end of an attribute", "finite, and the lowest first");
        checked(what, range, f64::MIN..=f64::MAX, lowest)?;
        checked(what, range, lowest..=f64::MAX, highest)?;
        Ok(Self {
            name: Arc::from(name),
            values: Side::between(Edge::before(lowest), Edge::after(highest)),
        })
    }

    /// Any finite number.
    #[must_use]
    pub fn any_number(name: &str) -> Self {
        Self {
            name: Arc::from(name),
            values: Side::between(Edge::LOWEST, Edge::HIGHEST),
        }
    }

    /// One of some levels.
    ///
    /// # Errors
    ///
    /// [`SegmentError::NamedTwice`] for a level that comes twice; [`SegmentError::NotIdentified`]
    /// without any.
    pub fn levels<'a>(
        name: &str,
        levels: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, SegmentError> {
        let mut known = BTreeSet::new();
        for level in levels {
            if !known.insert(Arc::from(level)) {
                return Err(SegmentError::NamedTwice {
                    what: "a level of an attribute",
                    found: level.to_owned(),
                });
            }
        }
        if known.is_empty() {
            return Err(SegmentError::NotIdentified {
                what: "levels of an attribute",
                needed: 1,
                of: "level",
                found: 0,
            });
        }
        Ok(Self {
            name: Arc::from(name),
            values: Side {
                levels: known,
                ..Side::NOTHING
            },
        })
    }

    /// The same attribute, which is not known of everybody. A rule that restricts it does not hold of
    /// those, unless it asks [for them](Condition::not_known).
    #[must_use]
    pub fn or_not_known(mut self) -> Self {
        self.values.missing = true;
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// What a rule asks of one attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    attribute: Arc<str>,
    values: Side,
    /// A number that is none.
    fault: Option<f64>,
}

impl Condition {
    fn numbers(attribute: &str, from: Edge, to: Edge) -> Self {
        let fault = [from.at, to.at].into_iter().find(|at| !at.is_finite());
        Self {
            attribute: Arc::from(attribute),
            values: Side::between(from, to),
            fault,
        }
    }

    /// The attribute is `least` or more.
    #[must_use]
    pub fn at_least(attribute: &str, least: f64) -> Self {
        Self::numbers(attribute, Edge::before(least), Edge::HIGHEST)
    }

    /// The attribute is more than `limit`.
    #[must_use]
    pub fn above(attribute: &str, limit: f64) -> Self {
        Self::numbers(attribute, Edge::after(limit), Edge::HIGHEST)
    }

    /// The attribute is less than `limit`.
    #[must_use]
    pub fn below(attribute: &str, limit: f64) -> Self {
        Self::numbers(attribute, Edge::LOWEST, Edge::before(limit))
    }

    /// The attribute is `most` or less.
    #[must_use]
    pub fn at_most(attribute: &str, most: f64) -> Self {
        Self::numbers(attribute, Edge::LOWEST, Edge::after(most))
    }

    /// The attribute is `least` or more, and less than `limit`.
    #[must_use]
    pub fn between(attribute: &str, least: f64, limit: f64) -> Self {
        Self::numbers(attribute, Edge::before(least), Edge::before(limit))
    }

    /// The attribute is one of these levels.
    #[must_use]
    pub fn one_of<'a>(attribute: &str, levels: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            attribute: Arc::from(attribute),
            values: Side {
                levels: levels.into_iter().map(Arc::from).collect(),
                ..Side::NOTHING
            },
            fault: None,
        }
    }

    /// The attribute is not known.
    #[must_use]
    pub fn not_known(attribute: &str) -> Self {
        Self {
            attribute: Arc::from(attribute),
            values: Side {
                missing: true,
                ..Side::NOTHING
            },
            fault: None,
        }
    }
}

/// A segment and what it asks: every condition must hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    segment: Arc<str>,
    conditions: Vec<Condition>,
}

impl Rule {
    /// A rule that holds of everybody, until something is asked.
    #[must_use]
    pub fn new(segment: &str) -> Self {
        Self {
            segment: Arc::from(segment),
            conditions: Vec::new(),
        }
    }

    /// The same rule, which asks this as well.
    #[must_use]
    pub fn with(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// The segment.
    #[must_use]
    pub fn segment(&self) -> &str {
        &self.segment
    }
}

/// Two rules that both hold somewhere.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RuleOverlap {
    /// The first rule.
    pub first: Arc<str>,
    /// The second.
    pub second: Arc<str>,
    /// Where both hold.
    pub region: Region,
}

/// Everything that is wrong with a set of rules: what to change before they can be used.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RuleCheck {
    /// Each pair of rules that overlap, with where.
    pub overlaps: Vec<RuleOverlap>,
    /// Where no rule holds, in regions that do not overlap.
    pub uncovered: Vec<Region>,
}

impl RuleCheck {
    /// Whether every customer is claimed by exactly one rule.
    #[must_use]
    pub fn is_partition(&self) -> bool {
        self.overlaps.is_empty() && self.uncovered.is_empty()
    }
}

/// Rules of which exactly one holds of every customer (规则集).
///
/// That is checked when they are made, for all values the attributes can have and not only for the
/// customers there are: overlaps and gaps are found before a customer falls into one. The check is
/// exact; intervals may be open or closed at either end.
///
/// # Examples
///
/// ```
/// use guanxi::segment::{RuleAttribute, RuleValue, Condition, Rule, RuleSet};
///
/// let attributes = [
///     RuleAttribute::number("orders", 0.0, 1e6)?,
///     RuleAttribute::levels("member", ["yes", "no"])?,
/// ];
/// let regulars = Rule::new("regulars").with(Condition::at_least("orders", 10.0));
/// let members = Rule::new("members").with(Condition::one_of("member", ["yes"]));
/// let refused = RuleSet::new(&attributes, [regulars.clone(), members.clone()]).unwrap_err();
/// assert_eq!(
///     refused.to_string(),
///     "rules must not overlap: \"regulars\" and \"members\" both hold where orders is at least 10 \
///      and at most 1000000, member is \"yes\""
/// );
/// let members = members.with(Condition::below("orders", 10.0));
/// let refused = RuleSet::new(&attributes, [regulars.clone(), members.clone()]).unwrap_err();
/// assert_eq!(
///     refused.to_string(),
///     "rules must cover everybody: none holds where orders is at least 0 and below 10, member is \
///      \"no\""
/// );
/// let rules = RuleSet::with_rest(&attributes, [regulars, members], "others")?;
/// let guest = |name: &str| match name {
///     "orders" => Some(RuleValue::from(3.0)),
///     _ => Some(RuleValue::from("no")),
/// };
/// assert_eq!(&**rules.segment(guest)?, "others");
/// # Ok::<(), guanxi::segment::SegmentError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "stored::SetRow", into = "stored::SetRow")
)]
pub struct RuleSet {
    attributes: Vec<RuleAttribute>,
    rules: Vec<(Arc<str>, Region)>,
    rest: Option<Arc<str>>,
}

/// The region that each rule claims.
fn regions(attributes: &[RuleAttribute], rules: &[Rule]) -> Result<Vec<Region>, SegmentError> {
    let names: Arc<[Arc<str>]> = attributes.iter().map(|a| Arc::clone(&a.name)).collect();
    let whole: Arc<[Side]> = attributes.iter().map(|a| a.values.clone()).collect();
    let mut seen = BTreeSet::new();
    for name in names.iter() {
        named("an attribute", name)?;
        if !seen.insert(name) {
            return Err(SegmentError::NamedTwice {
                what: "an attribute",
                found: name.to_string(),
            });
        }
    }
    let mut all = Vec::with_capacity(rules.len());
    for rule in rules {
        let mut region = Region::new(Arc::clone(&names), Arc::clone(&whole));
        for condition in &rule.conditions {
            let refused = |expected: &str, found: String| SegmentError::Condition {
                rule: rule.segment.to_string(),
                attribute: condition.attribute.to_string(),
                expected: expected.to_owned(),
                found,
            };
            let place = names.iter().position(|name| *name == condition.attribute);
            let Some((place, values)) = place.and_then(|place| Some((place, whole.get(place)?)))
            else {
                return Err(refused("declared", "a name that is not".to_owned()));
            };
            if let Some(number) = condition.fault {
                return Err(refused("compared with finite numbers", number.to_string()));
            }
            let strange = condition.values.levels.difference(&values.levels).next();
            if let (Some(strange), true) = (strange, values.levels.is_empty()) {
                return Err(refused("compared with numbers", format!("{strange:?}")));
            }
            if let Some(strange) = strange {
                return Err(refused("one of its levels", format!("{strange:?}")));
            }
            region = region.restricted(place, &condition.values);
            if region.side(place).is_none_or(Side::is_empty) {
                let found = "a condition under which it never does".to_owned();
                return Err(refused("such that the rule can hold", found));
            }
        }
        all.push(region);
    }
    Ok(all)
}

impl RuleSet {
    /// Everything that is wrong with some rules, for whoever is writing them.
    ///
    /// # Errors
    ///
    /// [`SegmentError::NotNamed`] for a blank name of an attribute or a segment;
    /// [`SegmentError::NamedTwice`] for one that comes twice;
    /// [`SegmentError::Condition`] for a condition on what is not declared, or under which its rule
    /// never holds; [`SegmentError::TooFine`] if more than 20 000 regions are left to look at.
    pub fn check(attributes: &[RuleAttribute], rules: &[Rule]) -> Result<RuleCheck, SegmentError> {
        Self::examine(attributes, rules).map(|(check, _)| check)
    }

    /// What is wrong with some rules, and the region that each claims.
    fn examine(
        attributes: &[RuleAttribute],
        rules: &[Rule],
    ) -> Result<(RuleCheck, Vec<Region>), SegmentError> {
        let claimed = regions(attributes, rules)?;
        let mut seen = BTreeSet::new();
        for rule in rules {
            named("a segment", &rule.segment)?;
            if !seen.insert(&rule.segment) {
                return Err(SegmentError::NamedTwice {
                    what: "a segment",
                    found: rule.segment.to_string(),
                });
            }
        }
        let mut overlaps = Vec::new();
        for (place, (rule, region)) in rules.iter().zip(&claimed).enumerate() {
            for (other, theirs) in rules.iter().zip(&claimed).skip(place + 1) {
                if let Some(region) = region.and(theirs) {
                    overlaps.push(RuleOverlap {
                        first: Arc::clone(&rule.segment),
                        second: Arc::clone(&other.segment),
                        region,
                    });
                }
            }
        }
        let names = attributes.iter().map(|a| Arc::clone(&a.name)).collect();
        let whole = attributes.iter().map(|a| a.values.clone()).collect();
        let mut uncovered = vec![Region::new(names, whole)];
        for (rule, region) in rules.iter().zip(&claimed) {
            let mut left = Vec::new();
            for piece in &uncovered {
                left.extend(piece.without(region));
                if left.len() > MOST_REGIONS {
                    return Err(SegmentError::TooFine {
                        limit: MOST_REGIONS,
                        rule: rule.segment.to_string(),
                    });
                }
            }
            uncovered = left;
        }
        let check = RuleCheck {
            overlaps,
            uncovered,
        };
        Ok((check, claimed))
    }

    /// Rules of which exactly one holds of everybody.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Overlap`] for the first two that both hold somewhere, saying where;
    /// [`SegmentError::Uncovered`] with a region where none holds; and those of
    /// [`check`](Self::check), which tells all of them.
    pub fn new(
        attributes: &[RuleAttribute],
        rules: impl IntoIterator<Item = Rule>,
    ) -> Result<Self, SegmentError> {
        Self::made(attributes, rules.into_iter().collect(), None)
    }

    /// Rules of which at most one holds of everybody, and a segment for all others.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), but for what is not covered.
    pub fn with_rest(
        attributes: &[RuleAttribute],
        rules: impl IntoIterator<Item = Rule>,
        rest: &str,
    ) -> Result<Self, SegmentError> {
        Self::made(
            attributes,
            rules.into_iter().collect(),
            Some(Arc::from(rest)),
        )
    }

    fn made(
        attributes: &[RuleAttribute],
        rules: Vec<Rule>,
        rest: Option<Arc<str>>,
    ) -> Result<Self, SegmentError> {
        if let Some(rest) = &rest {
            named("a segment", rest)?;
        }
        let (checked, claimed) = Self::examine(attributes, &rules)?;
        if let Some(overlap) = checked.overlaps.into_iter().next() {
            return Err(SegmentError::Overlap {
                first: overlap.first.to_string(),
                second: overlap.second.to_string(),
                region: overlap.region,
            });
        }
        match (&rest, checked.uncovered.into_iter().next()) {
            (None, Some(region)) => return Err(SegmentError::Uncovered { region }),
            (Some(rest), _) if rules.iter().any(|rule| rule.segment == *rest) => {
                return Err(SegmentError::NamedTwice {
                    what: "a segment",
                    found: rest.to_string(),
                });
            }
            _ => {}
        }
        let segments = rules.into_iter().map(|rule| rule.segment);
        Ok(Self {
            attributes: attributes.to_vec(),
            rules: segments.zip(claimed).collect(),
            rest,
        })
    }

    /// The name these rules have by their content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        let print = Fingerprint::of("rules").whole(self.attributes.len() as u64);
        let print = self.attributes.iter().fold(print, |print, attribute| {
            attribute.values.fingerprint(print.text(&attribute.name))
        });
        let print = print.whole(self.rules.len() as u64);
        let print = self.rules.iter().fold(print, |print, (segment, region)| {
            let sides = (0..self.attributes.len()).filter_map(|place| region.side(place));
            sides.fold(print.text(segment), |print, side| side.fingerprint(print))
        });
        match &self.rest {
            Some(rest) => print.text("rest").text(rest).id(),
            None => print.text("no rest").id(),
        }
    }

    /// The attributes.
    #[must_use]
    pub fn attributes(&self) -> &[RuleAttribute] {
        &self.attributes
    }

    /// The segments, that of the rest last.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        let ruled = self.rules.iter().map(|(segment, _)| segment);
        ruled.chain(&self.rest).map(|segment| &**segment)
    }

    /// The segment of a customer whose attributes these are.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Value`] for a value that its attribute cannot have: outside its range, of
    /// another kind, or not known where it is declared to be.
    pub fn segment(
        &self,
        value_of: impl Fn(&str) -> Option<RuleValue>,
    ) -> Result<&Arc<str>, SegmentError> {
        let mut points = Vec::with_capacity(self.attributes.len());
        for attribute in &self.attributes {
            let value = value_of(&attribute.name);
            let point = match &value {
                Some(RuleValue::Number(number)) => {
                    Side::between(Edge::before(*number), Edge::after(*number))
                }
                Some(RuleValue::Level(level)) => Side {
                    levels: BTreeSet::from([Arc::clone(level)]),
                    ..Side::NOTHING
                },
                None => Side {
                    missing: true,
                    ..Side::NOTHING
                },
            };
            if attribute.values.and(&point).is_empty() {
                return Err(SegmentError::Value {
                    attribute: attribute.name.to_string(),
                    expected: Region::of(&attribute.name, &attribute.values),
                    found: match value {
                        Some(RuleValue::Number(number)) => number.to_string(),
                        Some(RuleValue::Level(level)) => format!("{level:?}"),
                        None => "one that is not known".to_owned(),
                    },
                });
            }
            points.push(point);
        }
        let holds = |region: &Region| {
            let mut sides = points.iter().enumerate();
            sides.all(|(place, point)| {
                region
                    .side(place)
                    .is_some_and(|side| !side.and(point).is_empty())
            })
        };
        let found = self.rules.iter().find(|(_, region)| holds(region));
        found
            .map(|(segment, _)| segment)
            .or(self.rest.as_ref())
            .ok_or(SegmentError::NotIdentified {
                what: "rules", // which cover everybody
                needed: 1,
                of: "rule that holds",
                found: 0,
            })
    }
}
