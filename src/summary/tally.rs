//! Sorted tallies by period: exact sums that do not depend on the order of events.

use super::SummaryError;

/// The largest amount one event can carry, in billionths: [`Money`](crate::quantity::Money) holds
/// at most 10¹⁸ units.
#[cfg(any(test, feature = "serde"))]
const LARGEST_AMOUNT: i128 = 1_000_000_000_000_000_000_000_000_000;

/// What happened under one key, usually one dedupe period. 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    /// What the tally is kept under.
    pub(super) key: i64,
    /// Events, at least 1.
    pub(super) events: u32,
    /// Of these, the ones with an amount of 0.
    pub(super) of_nothing: u32,
    /// Sum of their amounts in billionths of a currency unit, at or above 0.
    pub(super) amount: i128,
}

/// What is kept under a key and can be added up.
pub(super) trait Entry: Copy {
    /// How many to set aside room for when the first comes.
    const ROOM: usize;

    fn key(&self) -> i64;

    /// Adds another entry of the same key.
    fn add(&mut self, other: &Self) -> Result<(), SummaryError>;
}

fn added(ours: u32, theirs: u32) -> Result<u32, SummaryError> {
    ours.checked_add(theirs).ok_or(SummaryError::Overflow {
        quantity: "events of one kind and customer in one period",
        limit: u64::from(u32::MAX),
    })
}

impl Entry for Tally {
    const ROOM: usize = 1; // most customers come once

    fn key(&self) -> i64 {
        self.key
    }

    fn add(&mut self, other: &Self) -> Result<(), SummaryError> {
        *self = Self {
            key: self.key,
            events: added(self.events, other.events)?,
            // At most `events`, which fits; and 2³² amounts of at most 10²⁷ fit 128 bits.
            of_nothing: self.of_nothing + other.of_nothing,
            amount: self.amount + other.amount,
        };
        Ok(())
    }
}

/// How many events without an amount there were under one key. 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) key: i64,
    /// At least 1.
    pub(super) events: u32,
}

impl Entry for Count {
    const ROOM: usize = 4;

    fn key(&self) -> i64 {
        self.key
    }

    fn add(&mut self, other: &Self) -> Result<(), SummaryError> {
        self.events = added(self.events, other.events)?;
        Ok(())
    }
}

impl Tally {
    pub(super) fn one(key: i64, amount: i128) -> Self {
        Self {
            key,
            events: 1,
            of_nothing: u32::from(amount == 0),
            amount,
        }
    }

    /// The rule a tally broke that did not come from events, if it broke one.
    #[cfg(feature = "serde")]
    fn fault(&self) -> Option<&'static str> {
        let priced = i128::from(self.events) - i128::from(self.of_nothing);
        if self.events == 0 {
            Some("at least 1 event in every period")
        } else if priced < 0 {
            Some("at most as many events of nothing as events")
        } else if !(priced..=priced * LARGEST_AMOUNT).contains(&self.amount) {
            Some("a sum that its events can make up")
        } else {
            None
        }
    }
}

/// Tallies sorted by key, each key once. An empty one has allocated nothing.
///
/// Equal sets of events lead to equal values, whatever their order and however they were merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tallies<T = Tally>(Vec<T>);

impl<T> Default for Tallies<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Entry> Tallies<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn as_slice(&self) -> &[T] {
        &self.0
    }

    /// The tallies with keys up to and including `last`, and those after it.
    pub(super) fn split_after(&self, last: i64) -> (&[T], &[T]) {
        self.0
            .split_at(self.0.partition_point(|entry| entry.key() <= last))
    }

    /// Adds what came of one event. Events in order take constant time and, within one key, no
    /// memory; a late one is sorted in.
    pub(super) fn record(&mut self, event: T) -> Result<(), SummaryError> {
        let key = event.key();
        match self.0.last_mut() {
            Some(last) if last.key() == key => return last.add(&event),
            Some(last) if last.key() > key => {
                return match self.0.binary_search_by_key(&key, T::key) {
                    Ok(found) => self.0[found].add(&event),
                    Err(place) => {
                        self.0.insert(place, event);
                        Ok(())
                    }
                };
            }
            Some(_) => {}
            None => self.0.reserve_exact(T::ROOM),
        }
        self.0.push(event);
        Ok(())
    }

    /// The tallies of both sets of events together.
    pub(super) fn merged(&self, other: &Self) -> Result<Self, SummaryError> {
        let mut all = Vec::with_capacity(self.0.len() + other.0.len());
        let (mut ours, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(left), Some(right)) = (ours.peek(), theirs.peek()) {
            let mut next = if left.key() <= right.key() {
                **left
            } else {
                **right
            };
            if left.key() == right.key() {
                next.add(right)?;
            }
            ours.next_if(|entry| entry.key() == next.key());
            theirs.next_if(|entry| entry.key() == next.key());
            all.push(next);
        }
        all.extend(ours);
        all.extend(theirs);
        Ok(Self(all))
    }
}

#[cfg(feature = "serde")]
impl Tallies {
    /// The tally of a key.
    pub(super) fn get(&self, key: i64) -> Option<&Tally> {
        let place = self.0.binary_search_by_key(&key, |tally| tally.key).ok()?;
        self.0.get(place)
    }

    /// Tallies that were stored, doubted until they are found to be what events lead to.
    pub(super) fn from_stored(tallies: Vec<Tally>) -> Result<Self, SummaryError> {
        let refused = |expected, found| SummaryError::StoredState { expected, found };
        for (place, tally) in tallies.iter().enumerate() {
            if let Some(expected) = tally.fault() {
                let Tally {
                    events, of_nothing, ..
                } = tally;
                return Err(refused(
                    expected,
                    format!("one of {events} events, {of_nothing} of nothing"),
                ));
            }
            if place > 0 && tallies[place - 1].key >= tally.key {
                return Err(refused(
                    "periods in ascending order, each once",
                    format!("entry {} out of order", place + 1),
                ));
            }
        }
        Ok(Self(tallies))
    }

    /// Those that are only counts, apart from the others.
    pub(super) fn part(self, counts: impl Fn(i64) -> bool) -> (Self, Tallies<Count>) {
        let (counted, others) = self
            .0
            .into_iter()
            .partition(|tally: &Tally| counts(tally.key));
        let counted: Vec<Tally> = counted;
        let counted = counted
            .iter()
            .map(|&Tally { key, events, .. }| Count { key, events });
        (Self(others), Tallies(counted.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_takes_32_bytes_and_an_empty_list_none() {
        assert_eq!((size_of::<Tally>(), size_of::<Count>()), (32, 16));
        assert_eq!(Tallies::<Tally>::default().0.capacity(), 0);
    }

    #[test]
    fn order_and_sharding_do_not_matter() {
        let events = [(3, 5), (1, 0), (3, 7), (2, 1), (1, 4)];
        let mut forward = Tallies::default();
        let mut backward = Tallies::default();
        let (mut odd, mut even) = (Tallies::default(), Tallies::default());
        for (place, (key, amount)) in events.into_iter().enumerate() {
            assert!(forward.record(Tally::one(key, amount)).is_ok());
            let half = if place % 2 == 0 { &mut even } else { &mut odd };
            assert!(half.record(Tally::one(key, amount)).is_ok());
        }
        for (key, amount) in events.into_iter().rev() {
            assert!(backward.record(Tally::one(key, amount)).is_ok());
        }
        assert_eq!(forward, backward);
        assert_eq!(odd.merged(&even).as_ref(), Ok(&forward));
        assert_eq!(even.merged(&odd).as_ref(), Ok(&forward));
        let expected = [(1, 2, 1, 4), (2, 1, 0, 1), (3, 2, 0, 12)];
        let found: Vec<_> = forward
            .as_slice()
            .iter()
            .map(|t| (t.key, t.events, t.of_nothing, t.amount))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_full_count_refuses_one_more_and_stays() {
        let full = Tally {
            key: 0,
            events: u32::MAX,
            of_nothing: 0,
            amount: i128::from(u32::MAX) * LARGEST_AMOUNT,
        };
        let mut tallies = Tallies(vec![full]);
        assert_eq!(
            tallies
                .record(Tally::one(0, 1))
                .map_err(|error| error.to_string()),
            Err(String::from(
                "events of one kind and customer in one period must stay at or below 4294967295, got one more"
            ))
        );
        assert_eq!(tallies.0, [full]);
        assert!(tallies.merged(&tallies).is_err());
    }
}
