//! Kinds of interactions that this version does not know, by name.

use std::collections::BTreeMap;

#[cfg(feature = "serde")]
use super::SummaryError;
use super::{CustomerBase, CustomerState, LiveBase};
#[cfg(feature = "serde")]
use crate::history::Kind;

/// How often each unknown kind came. Nothing allocated before the first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "BTreeMap<String, u64>", into = "BTreeMap<String, u64>")
)]
pub(super) struct UnknownKinds(BTreeMap<String, u64>);

impl UnknownKinds {
    pub(super) fn count(&mut self, name: &str) {
        match self.0.get_mut(name) {
            Some(count) => *count = count.saturating_add(1),
            None => {
                self.0.insert(name.to_owned(), 1);
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (name, more) in &other.0 {
            let count = self.0.entry(name.clone()).or_default();
            *count = count.saturating_add(*more);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, count)| (name.as_str(), *count))
    }
}

#[cfg(feature = "serde")]
impl From<UnknownKinds> for BTreeMap<String, u64> {
    fn from(kinds: UnknownKinds) -> Self {
        kinds.0
    }
}

#[cfg(feature = "serde")]
impl TryFrom<BTreeMap<String, u64>> for UnknownKinds {
    type Error = SummaryError;

    fn try_from(kinds: BTreeMap<String, u64>) -> Result<Self, SummaryError> {
        let doubtful = |(name, count): &(&String, &u64)| {
            **count == 0 || Kind::ALL_NAMES.contains(&name.as_str())
        };
        match kinds.iter().find(doubtful) {
            Some((name, count)) => Err(SummaryError::StoredState {
                expected: "unknown kinds that came at least once",
                found: format!("{count} of {name:?}"),
            }),
            None => Ok(Self(kinds)),
        }
    }
}

/// Adds up what some states counted.
fn total<'a>(states: impl Iterator<Item = &'a CustomerState>) -> BTreeMap<&'a str, u64> {
    let mut kinds = BTreeMap::new();
    for (name, more) in states.flat_map(CustomerState::unknown_kinds) {
        let count: &mut u64 = kinds.entry(name).or_default();
        *count = count.saturating_add(more);
    }
    kinds
}

impl CustomerState {
    /// The names of the kinds that this version does not know, in their order, and how often each
    /// came, at whatever instant.
    ///
    /// Unknown kinds feed nothing; they are also in the count of
    /// [`other_events`](super::RuleReport::other_events).
    pub fn unknown_kinds(&self) -> impl Iterator<Item = (&str, u64)> {
        let kinds = self.unknown().into_iter();
        kinds.flat_map(UnknownKinds::iter)
    }
}

impl CustomerBase {
    /// The names of the kinds that this version does not know, and how often each came, over all
    /// customers: a misspelt name shows here.
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::DateTime;
    /// use guanxi::history::{CustomerId, Interaction, InteractionId, OtherKind, Value};
    /// use guanxi::summary::{CustomerBase, SummaryPolicy};
    ///
    /// let misspelt = OtherKind::new("purchas", Value::Null)?;
    /// let (id, who) = (InteractionId::new("i-1")?, CustomerId::new("c-1")?);
    /// let mut base = CustomerBase::new(SummaryPolicy::default());
    /// base.observe(&Interaction::new(id, who, DateTime::UNIX_EPOCH, misspelt)?)?;
    /// assert!(base.unknown_kinds().into_iter().eq([("purchas", 1)]));
    /// # Ok::<(), guanxi::Error>(())
    /// ```
    #[must_use]
    pub fn unknown_kinds(&self) -> BTreeMap<&str, u64> {
        total(self.states())
    }
}

impl LiveBase {
    /// The names of the kinds that this version does not know, and how often each was recorded and
    /// not corrected, over all customers: a misspelt name shows here.
    #[must_use]
    pub fn unknown_kinds(&self) -> BTreeMap<&str, u64> {
        total(self.states())
    }
}
