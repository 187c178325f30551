//! Things that happened once, kept one by one in the order of their instants and ids.

use std::cmp::Ordering;

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

fn by_place<T: Dated>(a: &T, b: &T) -> Ordering {
    (a.at(), a.id()).cmp(&(b.at(), b.id()))
}

/// How many items are moved aside at most to sort a late one in at once.
const NEAR: usize = 64;

/// Items sorted by instant and id, each once.
///
/// An item that comes in order is put at the end. One that comes a little late is sorted in. Those
/// that come far too late wait at the end until there are an eighth as many as items in all, and are
/// then sorted in together: so an item costs constant time in the long run, and the logarithm of
/// their number where all come backwards. What is read must be [settled](Self::settled) first.
#[derive(Debug, Clone)]
pub(super) struct DatedList<T> {
    items: Vec<T>,
    /// How many at the end are not sorted in yet.
    late: usize,
}

impl<T> DatedList<T> {
    /// Nothing; nothing allocated.
    pub(super) const EMPTY: Self = Self {
        items: Vec::new(),
        late: 0,
    };

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items, in order if they are settled.
    pub(super) fn as_slice(&self) -> &[T] {
        &self.items
    }
}

impl<T: Dated> DatedList<T> {
    /// Takes an item in, once.
    pub(super) fn insert(&mut self, item: T) {
        let items = &mut self.items;
        let place = match items.last() {
            _ if self.late > 0 => None,
            Some(last) if by_place(last, &item).is_ge() => {
                Some(items.binary_search_by(|other| by_place(other, &item)))
            }
            _ => Some(Err(items.len())),
        };
        match place {
            Some(Ok(place)) => {
                if let Some(there) = items.get_mut(place) {
                    if item.outranks(there) {
                        *there = item;
                    }
                }
            }
            Some(Err(place)) if items.len() - place <= NEAR => items.insert(place, item),
            _ => {
                items.push(item);
                self.late += 1;
                if self.late > NEAR.max(items.len() / 8) {
                    self.settle();
                }
            }
        }
    }

    /// Sorts in what waits.
    fn settle(&mut self) {
        if self.late == 0 {
            return;
        }
        // What is in order already is one run to the sort.
        self.items.sort_by(by_place);
        self.items.dedup_by(|next, kept| {
            let same = by_place(next, kept).is_eq();
            if same && next.outranks(kept) {
                std::mem::swap(next, kept);
            }
            same
        });
        self.late = 0;
    }

    /// The same with every item in its place.
    pub(super) fn settled(mut self) -> Self {
        self.settle();
        self
    }

    /// Keeps some of the items.
    pub(super) fn retain(&mut self, keeps: impl FnMut(&T) -> bool) {
        self.settle();
        self.items.retain(keeps);
    }

    /// The instant of the last item.
    pub(super) fn latest(&self) -> Option<DateTime<Utc>> {
        let sorted = self.items.len() - self.late;
        let last = sorted.checked_sub(1).and_then(|last| self.items.get(last));
        let waiting = self.items.get(sorted..).unwrap_or_default();
        last.into_iter().chain(waiting).map(Dated::at).max()
    }
}

impl<T: Dated + Clone> DatedList<T> {
    /// Takes in other items.
    pub(super) fn merge(&mut self, others: &Self) {
        self.items.reserve(others.items.len());
        for item in &others.items {
            self.insert(item.clone());
        }
    }
}

#[cfg(feature = "serde")]
impl<T: Dated> DatedList<T> {
    /// Items that were stored; `None` unless each comes after the one before.
    pub(super) fn from_stored(items: Vec<T>) -> Option<Self> {
        let sorted = items.is_sorted_by(|a, b| by_place(a, b).is_lt());
        sorted.then_some(Self { items, late: 0 })
    }

    /// The items in order.
    pub(super) fn into_sorted(self) -> Vec<T> {
        self.settled().items
    }
}

impl<T> Default for DatedList<T> {
    fn default() -> Self {
        Self::EMPTY
    }
}

/// Equal if the same items are, whichever of them still wait.
impl<T: Dated + Clone + PartialEq> PartialEq for DatedList<T> {
    fn eq(&self, other: &Self) -> bool {
        if self.late == 0 && other.late == 0 {
            return self.items == other.items;
        }
        self.clone().settled().items == other.clone().settled().items
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[derive(Debug, Clone, PartialEq)]
    struct Item {
        at: DateTime<Utc>,
        id: InteractionId,
        content: u32,
    }

    impl Dated for Item {
        fn at(&self) -> DateTime<Utc> {
            self.at
        }

        fn id(&self) -> &InteractionId {
            &self.id
        }

        fn outranks(&self, other: &Self) -> bool {
            self.content > other.content
        }
    }

    fn item(n: u32, content: u32) -> Item {
        Item {
            at: DateTime::UNIX_EPOCH + TimeDelta::seconds((n / 2).into()),
            id: InteractionId::new(format!("i-{n:06}")).unwrap(),
            content,
        }
    }

    fn list(items: impl IntoIterator<Item = Item>) -> DatedList<Item> {
        let mut list = DatedList::EMPTY;
        for item in items {
            list.insert(item);
            assert!(list.late <= NEAR.max(list.items.len() / 8));
        }
        list
    }

    #[test]
    fn items_end_in_one_order_however_they_came() {
        for count in [0_u32, 1, 5, 64, 65, 66, 200, 3_000] {
            let sorted: Vec<_> = (0..count).map(|n| item(n, 1)).collect();
            let forwards = list(sorted.clone());
            assert_eq!((forwards.late, &forwards.items), (0, &sorted));
            // Backwards, from the middle out, and by a step that visits all but in no order.
            let orders: [Box<dyn Fn(u32) -> u32>; 3] = [
                Box::new(move |n| count - 1 - n),
                Box::new(move |n| (n + count / 2) % count),
                Box::new(move |n| (n * 1_009) % count),
            ];
            for order in orders {
                let shuffled = list((0..count).map(|n| item(order(n), 1)));
                assert_eq!(shuffled, forwards);
                assert_eq!(shuffled.latest(), forwards.latest());
                assert_eq!(shuffled.settled().items, sorted);
            }
        }
    }

    #[test]
    fn of_one_place_the_same_content_stands_whichever_came_first() {
        let contents = |n: u32| [item(n, 1 + n % 3), item(n, 3), item(n, 2)];
        let expected: Vec<_> = (0..1_000).map(|n| item(n, 3)).collect();
        let forwards = list((0..1_000).flat_map(contents));
        let backwards = list((0..1_000).rev().flat_map(contents));
        assert_eq!(forwards.settled().items, expected);
        assert_eq!(backwards.settled().items, expected);
        let (mut even, odd) = (list([]), list((0..1_000).rev().map(|n| item(n, 1))));
        even.merge(&list((0..1_000).rev().map(|n| item(n, 3))));
        even.merge(&odd);
        assert_eq!(even.settled().items, expected);
    }
}
