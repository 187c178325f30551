//! Sums that fade with time: the one way in which evidence ages.
//!
//! A sum is kept as of the latest event that went in. A later event fades it first, a late one
//! comes in faded: the order of events changes nothing but the last digits, and no weight is ever
//! above 1.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};

/// Seconds from one instant to another, at or above 0; 0 if the second is not later.
pub(super) fn age_seconds(from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    let seconds = to.timestamp() - from.timestamp(); // of instants in years that i32 counts
    let nanos = i64::from(to.timestamp_subsec_nanos()) - i64::from(from.timestamp_subsec_nanos());
    (seconds as f64 + nanos as f64 * 1e-9).max(0.0)
}

/// `N` sums as of the latest event that went in.
///
/// `fade` gives, for an age in seconds, what is left of each sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Decayed<const N: usize> {
    at: Option<DateTime<Utc>>,
    sums: [f64; N],
}

impl<const N: usize> Default for Decayed<N> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const N: usize> Decayed<N> {
    pub(super) const EMPTY: Self = Self {
        at: None,
        sums: [0.0; N],
    };

    /// Adds one event's amounts.
    pub(super) fn add(
        &mut self,
        at: DateTime<Utc>,
        amounts: [f64; N],
        fade: impl Fn(f64) -> [f64; N],
    ) {
        let Some(latest) = self.at else {
            *self = Self {
                at: Some(at),
                sums: amounts,
            };
            return;
        };
        match at.cmp(&latest) {
            Ordering::Equal => {
                for (sum, amount) in self.sums.iter_mut().zip(amounts) {
                    *sum += amount;
                }
            }
            Ordering::Greater => {
                let left = fade(age_seconds(latest, at));
                for ((sum, left), amount) in self.sums.iter_mut().zip(left).zip(amounts) {
                    *sum = *sum * left + amount;
                }
                self.at = Some(at);
            }
            Ordering::Less => {
                let left = fade(age_seconds(at, latest));
                for ((sum, left), amount) in self.sums.iter_mut().zip(left).zip(amounts) {
                    *sum += amount * left;
                }
            }
        }
    }

    /// Adds the sums of other events.
    pub(super) fn merge(&mut self, other: &Self, fade: impl Fn(f64) -> [f64; N]) {
        if let Some(at) = other.at {
            self.add(at, other.sums, fade);
        }
    }

    /// The sums as of an instant that is not before the latest event.
    pub(super) fn sums_at(&self, as_of: DateTime<Utc>, fade: impl Fn(f64) -> [f64; N]) -> [f64; N] {
        let Some(latest) = self.at else {
            return self.sums;
        };
        let mut sums = self.sums;
        for (sum, left) in sums.iter_mut().zip(fade(age_seconds(latest, as_of))) {
            *sum *= left;
        }
        sums
    }

    /// The same sums, faded to an instant that is not before the latest event.
    pub(super) fn faded_to(&self, as_of: DateTime<Utc>, fade: impl Fn(f64) -> [f64; N]) -> Self {
        Self {
            at: self.at.map(|latest| latest.max(as_of)),
            sums: self.sums_at(as_of, fade),
        }
    }

    /// The sums as they are kept: as of [`latest`](Self::latest).
    pub(super) fn sums(&self) -> [f64; N] {
        self.sums
    }

    /// The instant the sums are kept as of; `None` before the first event.
    pub(super) fn latest(&self) -> Option<DateTime<Utc>> {
        self.at
    }

    pub(super) fn is_empty(&self) -> bool {
        self.at.is_none()
    }

    /// Sums that were stored; the caller has doubted them.
    #[cfg(feature = "serde")]
    pub(super) fn from_stored(at: DateTime<Utc>, sums: [f64; N]) -> Self {
        Self { at: Some(at), sums }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn day(n: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(n)
    }

    /// Halves once a day; the second sum every half day.
    fn fade(seconds: f64) -> [f64; 2] {
        let half = (-seconds / 86_400.0).exp2();
        [half, half * half]
    }

    #[test]
    fn the_order_of_events_and_their_sharding_do_not_matter() {
        let events = [(3, 5.0), (1, 0.5), (3, 7.0), (2, 1.0), (0, 4.0)];
        let of = |events: &[(i64, f64)]| {
            let mut sums = Decayed::EMPTY;
            for &(n, amount) in events {
                sums.add(day(n), [amount, 1.0], fade);
            }
            sums
        };
        let expected = [12.0 + 0.5 + 0.125 + 0.5, 2.0 + 0.25 + 0.0625 + 0.015_625];
        let mut merged = of(&events[3..]);
        merged.merge(&of(&events[..3]), fade);
        let mut backward = events;
        backward.reverse();
        for sums in [of(&events), of(&backward), merged] {
            assert_eq!(sums.latest(), Some(day(3)));
            for (found, expected) in sums.sums().into_iter().zip(expected) {
                assert!((found - expected).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn fading_composes() {
        let mut sums = Decayed::EMPTY;
        sums.add(day(1), [8.0, 8.0], fade);
        let later = sums.faded_to(day(2), fade).sums_at(day(4), fade);
        for (found, expected) in later.into_iter().zip([1.0, 0.125]) {
            assert!((found - expected).abs() < 1e-15);
        }
        assert_eq!(sums.faded_to(day(2), fade).latest(), Some(day(2)));
    }

    #[test]
    fn an_empty_sum_stays_empty() {
        let mut sums: Decayed<2> = Decayed::EMPTY;
        sums.merge(&Decayed::EMPTY, fade);
        assert!(sums.is_empty());
        assert_eq!(sums.faded_to(day(9), fade), Decayed::EMPTY);
    }

    #[test]
    fn ages_keep_their_nanoseconds() {
        let later = day(3) + TimeDelta::nanoseconds(5);
        assert!((age_seconds(day(3), later) - 5e-9).abs() < 1e-24);
        assert_eq!(age_seconds(later, day(3)).to_bits(), 0.0_f64.to_bits());
        let all = age_seconds(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        assert!(all > 1e13 && all.is_finite());
    }
}
