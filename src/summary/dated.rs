//! Things that happened once, kept one by one in the order of their instants and ids.

use chrono::{DateTime, Utc};

use crate::history::InteractionId;

/// Something that an interaction told, with the interaction's instant and id.
pub(super) trait Dated {
    /// When it happened.
    fn at(&self) -> DateTime<Utc>;

    /// The interaction that told it.
    fn id(&self) -> &InteractionId;

    /// Whether this stays where both have the same instant and id but different content: any
    /// order will do that does not depend on which came first.
    fn outranks(&self, other: &Self) -> bool;
}

/// Where an item is, or belongs. New items mostly come last, so the end is looked at first.
fn place<T: Dated>(items: &[T], item: &T) -> Result<usize, usize> {
    let key = (item.at(), item.id());
    match items.last() {
        Some(last) if (last.at(), last.id()) < key => Err(items.len()),
        _ => items.binary_search_by(|other| (other.at(), other.id()).cmp(&key)),
    }
}

/// Puts an item in its place, once.
pub(super) fn insert<T: Dated>(items: &mut Vec<T>, item: T) {
    match place(items, &item) {
        Err(place) => items.insert(place, item),
        Ok(place) => {
            if let Some(there) = items.get_mut(place) {
                if item.outranks(there) {
                    *there = item;
                }
            }
        }
    }
}

/// Takes in other items.
pub(super) fn merge<T: Dated + Clone>(items: &mut Vec<T>, others: &[T]) {
    items.reserve(others.len());
    for item in others {
        insert(items, item.clone());
    }
}

/// Whether every item comes after the one before.
#[cfg(feature = "serde")]
pub(super) fn is_sorted<T: Dated>(items: &[T]) -> bool {
    items.is_sorted_by(|a, b| (a.at(), a.id()) < (b.at(), b.id()))
}
