//! Boxes of attribute values: what rules claim, and what they leave.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::quantity::Fingerprint;

/// A place between numbers: just before one, or just after it.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(super) struct Edge {
    pub(super) at: f64,
    pub(super) after: bool,
}

impl Edge {
    pub(super) const LOWEST: Self = Self {
        at: f64::MIN,
        after: false,
    };
    pub(super) const HIGHEST: Self = Self {
        at: f64::MAX,
        after: true,
    };

    pub(super) fn before(at: f64) -> Self {
        Self {
            at: at + 0.0,
            after: false,
        }
    }

    pub(super) fn after(at: f64) -> Self {
        Self {
            at: at + 0.0,
            after: true,
        }
    }

    fn max(self, other: Self) -> Self {
        if self < other { other } else { self }
    }

    fn min(self, other: Self) -> Self {
        if other < self { other } else { self }
    }
}

/// Values of one attribute: numbers of an interval, some levels, and perhaps that it is not known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Side {
    /// Nothing unless the first comes before the second.
    pub(super) numbers: Option<(Edge, Edge)>,
    pub(super) levels: BTreeSet<Arc<str>>,
    pub(super) missing: bool,
}

impl Side {
    pub(super) const NOTHING: Self = Self {
        numbers: None,
        levels: BTreeSet::new(),
        missing: false,
    };

    pub(super) fn is_empty(&self) -> bool {
        self.numbers.is_none() && self.levels.is_empty() && !self.missing
    }

    pub(super) fn between(from: Edge, to: Edge) -> Self {
        Self {
            numbers: (from < to).then_some((from, to)),
            ..Self::NOTHING
        }
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        let numbers = match (self.numbers, other.numbers) {
            (Some(ours), Some(theirs)) => {
                Self::between(ours.0.max(theirs.0), ours.1.min(theirs.1)).numbers
            }
            _ => None,
        };
        Self {
            numbers,
            levels: self.levels.intersection(&other.levels).cloned().collect(),
            missing: self.missing && other.missing,
        }
    }

    pub(super) fn fingerprint(&self, print: Fingerprint) -> Fingerprint {
        let print = match self.numbers {
            Some((from, to)) => [from, to].into_iter().fold(print, |print, edge| {
                print.number(edge.at).whole(u64::from(edge.after))
            }),
            None => print.text("no numbers"),
        };
        let print = print.whole(self.levels.len() as u64);
        let levels = self.levels.iter();
        let print = levels.fold(print, |print, level| print.text(level));
        print.whole(u64::from(self.missing))
    }

    /// What is here and not there, in pieces of one interval each.
    fn without(&self, other: &Self) -> Vec<Self> {
        let mut pieces = Vec::new();
        let rest = Self {
            numbers: None,
            levels: self.levels.difference(&other.levels).cloned().collect(),
            missing: self.missing && !other.missing,
        };
        pieces.push(rest);
        if let Some((from, to)) = self.numbers {
            match other.numbers {
                Some((low, high)) if low < to && from < high => {
                    pieces.push(Self::between(from, low.min(to)));
                    pieces.push(Self::between(high.max(from), to));
                }
                _ => pieces.push(Self::between(from, to)),
            }
        }
        pieces.retain(|piece| !piece.is_empty());
        pieces
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some((from, to)) = self.numbers {
            let start = match from {
                Edge { at, .. } if at <= f64::MIN => None,
                Edge { at, after: false } => Some(format!("at least {at}")),
                Edge { at, after: true } => Some(format!("above {at}")),
            };
            let end = match to {
                Edge { at, .. } if at >= f64::MAX => None,
                Edge { at, after: false } => Some(format!("below {at}")),
                Edge { at, after: true } => Some(format!("at most {at}")),
            };
            parts.push(match (start, end) {
                (Some(start), Some(end)) => format!("{start} and {end}"),
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => "any number".to_owned(),
            });
        }
        parts.extend(self.levels.iter().map(|level| format!("{level:?}")));
        if self.missing {
            parts.push("not known".to_owned());
        }
        f.write_str(&parts.join(" or "))
    }
}

/// Customers by the values of their attributes: a value of each, out of an interval or some levels.
///
/// It is written as those attributes that are restricted: `spend is at least 100 and below 500, member
/// is "yes"`.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    names: Arc<[Arc<str>]>,
    whole: Arc<[Side]>,
    sides: Vec<Side>,
}

impl Region {
    pub(super) fn new(names: Arc<[Arc<str>]>, whole: Arc<[Side]>) -> Self {
        let sides = whole.to_vec();
        Self {
            names,
            whole,
            sides,
        }
    }

    /// The values of one attribute alone.
    pub(super) fn of(name: &Arc<str>, values: &Side) -> Self {
        Self {
            names: Arc::from([Arc::clone(name)]),
            whole: Arc::from([Side::NOTHING]),
            sides: vec![values.clone()],
        }
    }

    /// The same region, of which one attribute is restricted.
    pub(super) fn restricted(mut self, place: usize, to: &Side) -> Self {
        if let Some(side) = self.sides.get_mut(place) {
            *side = side.and(to);
        }
        self
    }

    pub(super) fn side(&self, place: usize) -> Option<&Side> {
        self.sides.get(place)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sides.iter().any(Side::is_empty)
    }

    /// What is in both; `None` if nothing.
    pub(super) fn and(&self, other: &Self) -> Option<Self> {
        let sides = self.sides.iter().zip(&other.sides);
        let both = Self {
            sides: sides.map(|(ours, theirs)| ours.and(theirs)).collect(),
            ..self.clone()
        };
        (!both.is_empty()).then_some(both)
    }

    /// What is here and not there, in regions that do not overlap.
    pub(super) fn without(&self, other: &Self) -> Vec<Self> {
        if self.and(other).is_none() {
            return vec![self.clone()];
        }
        let mut rest = self.clone();
        let mut pieces = Vec::new();
        for (place, theirs) in other.sides.iter().enumerate() {
            let Some(ours) = rest.sides.get(place).cloned() else {
                continue;
            };
            for piece in ours.without(theirs) {
                let mut region = rest.clone();
                if let Some(side) = region.sides.get_mut(place) {
                    *side = piece;
                }
                pieces.push(region);
            }
            rest = rest.restricted(place, theirs);
        }
        pieces
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for ((name, side), whole) in self.names.iter().zip(&self.sides).zip(self.whole.iter()) {
            if side == whole {
                continue;
            }
            f.write_str(if first { "" } else { ", " })?;
            write!(f, "{name} is ")?;
            side.write(f)?;
            first = false;
        }
        if first {
            f.write_str("anything holds")?;
        }
        Ok(())
    }
}
