//! Sorted tallies by period: exact sums that do not depend on the order of events.

use std::borrow::Cow;

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

/// Tallies by key. An empty one has allocated nothing.
///
/// Equal sets of events lead to equal values, whatever their order and however they were merged.
#[derive(Debug, Clone)]
pub(super) enum Tallies<T = Tally> {
    /// Sorted by key, each key once.
    Sorted(Vec<T>),
    /// Many, among which events of earlier keys are still to be sorted in.
    Late(Box<Late<T>>),
}

/// Tallies so many that each late one would move too many others.
#[derive(Debug, Clone)]
pub(super) struct Late<T> {
    /// Sorted by key, each key once.
    sorted: Vec<T>,
    /// Single events in any order, of keys that are not among the sorted ones.
    late: Vec<T>,
}

/// Tallies up to so many are kept sorted; moving some of them takes no more time than a look at memory.
const KEPT_SORTED: usize = 1_024;

/// Of more tallies, one part in so many may be late before they are sorted in, which is then as fast as
/// if each came in order.
const LATE_PART: usize = 4;

impl<T> Default for Tallies<T> {
    fn default() -> Self {
        Self::Sorted(Vec::new())
    }
}

impl<T: Entry + PartialEq> PartialEq for Tallies<T> {
    fn eq(&self, other: &Self) -> bool {
        self.sorted() == other.sorted()
    }
}

impl<T: Entry + Eq> Eq for Tallies<T> {}

impl<T: Entry> Tallies<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.in_order().is_empty()
    }

    /// The tallies sorted by key, each key once. They are borrowed unless late ones must be sorted in,
    /// for a customer of more than a thousand.
    pub(super) fn sorted(&self) -> Cow<'_, [T]> {
        match self {
            Self::Sorted(sorted) => Cow::Borrowed(sorted),
            Self::Late(tallies) => Cow::Owned(tallies.together()),
        }
    }

    /// The tally of the last key.
    pub(super) fn last(&self) -> Option<&T> {
        self.in_order().last()
    }

    /// Those that are sorted, of which there is at least the last.
    fn in_order(&self) -> &Vec<T> {
        match self {
            Self::Sorted(sorted) => sorted,
            Self::Late(tallies) => &tallies.sorted,
        }
    }

    /// Adds what came of one event. Events in order take constant time and, within one key, no
    /// memory; a late one is sorted in, at once or together with others.
    pub(super) fn record(&mut self, event: T) -> Result<(), SummaryError> {
        let key = event.key();
        let sorted = match self {
            Self::Sorted(sorted) => sorted,
            Self::Late(tallies) => &mut tallies.sorted,
        };
        match sorted.last_mut() {
            Some(last) if last.key() == key => return last.add(&event),
            Some(last) if last.key() > key => {
                return match sorted.binary_search_by_key(&key, T::key) {
                    Ok(found) => sorted[found].add(&event),
                    Err(place) if sorted.len() <= KEPT_SORTED => {
                        sorted.insert(place, event);
                        Ok(())
                    }
                    Err(_) => {
                        self.put_aside(event);
                        Ok(())
                    }
                };
            }
            Some(_) => {}
            None => sorted.reserve_exact(T::ROOM),
        }
        sorted.push(event);
        Ok(())
    }

    /// Keeps an event of a key that is not among the sorted ones, until there are enough of such.
    fn put_aside(&mut self, event: T) {
        if let Self::Sorted(sorted) = self {
            *self = Self::Late(Box::new(Late {
                sorted: std::mem::take(sorted),
                late: Vec::new(),
            }));
        }
        if let Self::Late(tallies) = self {
            tallies.late.push(event);
            if tallies.late.len() > tallies.sorted.len() / LATE_PART {
                *self = Self::Sorted(tallies.together());
            }
        }
    }

    /// The tallies of both sets of events together.
    pub(super) fn merged(&self, other: &Self) -> Result<Self, SummaryError> {
        Ok(Self::Sorted(merged(&self.sorted(), &other.sorted())?))
    }
}

impl<T: Entry> Late<T> {
    fn together(&self) -> Vec<T> {
        let mut late = self.late.clone();
        late.sort_unstable_by_key(T::key);
        late.dedup_by(|next, kept| {
            // There are fewer single events than a count can hold.
            next.key() == kept.key() && kept.add(next).is_ok()
        });
        let mut all = Vec::with_capacity(self.sorted.len() + late.len());
        let mut late = late.into_iter().peekable();
        for &entry in &self.sorted {
            while let Some(before) = late.next_if(|late| late.key() < entry.key()) {
                all.push(before);
            }
            all.push(entry);
        }
        all // the last is in order
    }
}

/// The tallies with keys up to and including `last`, and those after it.
pub(super) fn split_after<T: Entry>(sorted: &[T], last: i64) -> (&[T], &[T]) {
    sorted.split_at(sorted.partition_point(|entry| entry.key() <= last))
}

/// Sorted tallies of two sets of events.
fn merged<T: Entry>(ours: &[T], theirs: &[T]) -> Result<Vec<T>, SummaryError> {
    let mut all = Vec::with_capacity(ours.len() + theirs.len());
    let (mut ours, mut theirs) = (ours.iter().peekable(), theirs.iter().peekable());
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
    Ok(all)
}

#[cfg(feature = "serde")]
impl Tallies {
    /// The tally of a key.
    pub(super) fn get(&self, key: i64) -> Option<Tally> {
        let sorted = self.sorted();
        let place = sorted.binary_search_by_key(&key, |tally| tally.key).ok()?;
        sorted.get(place).copied()
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
        Ok(Self::Sorted(tallies))
    }

    /// Those that are only counts, apart from the others.
    pub(super) fn part(self, counts: impl Fn(i64) -> bool) -> (Self, Tallies<Count>) {
        let all = self.sorted().into_owned();
        let (counted, others): (Vec<Tally>, _) =
            all.into_iter().partition(|tally| counts(tally.key));
        let counted = counted
            .iter()
            .map(|&Tally { key, events, .. }| Count { key, events });
        (Self::Sorted(others), Tallies::Sorted(counted.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_takes_32_bytes_and_an_empty_list_none() {
        assert_eq!((size_of::<Tally>(), size_of::<Count>()), (32, 16));
        assert_eq!(Tallies::<Tally>::default().in_order().capacity(), 0);
        assert_eq!(size_of::<Tallies>(), size_of::<Vec<Tally>>());
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
            .sorted()
            .iter()
            .map(|t| (t.key, t.events, t.of_nothing, t.amount))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn many_late_events_lead_to_what_they_lead_to_in_order() {
        let keys = 9_000;
        let amount = |n: i64| i128::from(n % 7);
        let mut in_order: Tallies = Tallies::default();
        for n in 0..keys {
            for _ in 0..=n % 3 {
                assert!(in_order.record(Tally::one(n / 2, amount(n))).is_ok());
            }
        }
        // 7,919 has no divisor in common with their number: each comes once.
        let mut scattered: Tallies = Tallies::default();
        let mut was_late = 0;
        for n in (0..keys).map(|n| n * 7_919 % keys) {
            for _ in 0..=n % 3 {
                assert!(scattered.record(Tally::one(n / 2, amount(n))).is_ok());
            }
            was_late += usize::from(matches!(scattered, Tallies::Late(_)));
        }
        assert!(was_late > 1_000);
        assert_eq!(scattered, in_order);
        assert_eq!(scattered.sorted().len(), 4_500);
        assert_eq!(scattered.last(), in_order.last());
        let none = Tallies::default();
        assert_eq!(scattered.merged(&none).as_ref(), Ok(&in_order));

        // While some are still to be sorted in.
        let mut late = in_order.clone();
        assert!(late.record(Tally::one(-5, 1)).is_ok());
        assert!(late.record(Tally::one(-5, 0)).is_ok());
        assert!(matches!(late, Tallies::Late(_)));
        assert_ne!(late, in_order);
        let first = Tally {
            key: -5,
            events: 2,
            of_nothing: 1,
            amount: 1,
        };
        assert_eq!(late.sorted().first(), Some(&first));
        assert_eq!(late.sorted().len(), 4_501);
    }

    #[test]
    fn a_full_count_refuses_one_more_and_stays() {
        let full = Tally {
            key: 0,
            events: u32::MAX,
            of_nothing: 0,
            amount: i128::from(u32::MAX) * LARGEST_AMOUNT,
        };
        let mut tallies = Tallies::Sorted(vec![full]);
        assert_eq!(
            tallies
                .record(Tally::one(0, 1))
                .map_err(|error| error.to_string()),
            Err(String::from(
                "events of one kind and customer in one period must stay at or below 4294967295, got one more"
            ))
        );
        assert_eq!(tallies.sorted(), [full].as_slice());
        assert!(tallies.merged(&tallies).is_err());
    }
}
