//! The two instants of a question about the past.

use chrono::{DateTime, Utc};

/// What a question may look at: what had occurred by one instant, as known by another.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::AsOf;
///
/// let monday = DateTime::UNIX_EPOCH;
/// let tuesday = monday + Days::new(1);
/// let now = AsOf::at(monday);
/// assert!(now.includes(monday, tuesday)); // reported late, and known by now
/// assert!(!now.known_at(monday).includes(monday, tuesday)); // not known on Monday
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct AsOf {
    at: DateTime<Utc>,
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    known_at: Option<DateTime<Utc>>,
}

impl AsOf {
    /// Everything that occurred at or before `at`, with all that is known of it today.
    #[must_use]
    pub fn at(at: DateTime<Utc>) -> Self {
        Self { at, known_at: None }
    }

    /// The same, as it was known at `known_at`: later records are left out.
    #[must_use]
    pub fn known_at(self, known_at: DateTime<Utc>) -> Self {
        Self {
            known_at: Some(known_at),
            ..self
        }
    }

    /// The last instant of occurrence that counts.
    #[must_use]
    pub fn instant(&self) -> DateTime<Utc> {
        self.at
    }

    /// The last instant of recording that counts; `None` where every record does.
    #[must_use]
    pub fn knowledge(&self) -> Option<DateTime<Utc>> {
        self.known_at
    }

    /// Whether a fact recorded at `recorded_at` is known.
    #[must_use]
    pub fn knows(&self, recorded_at: DateTime<Utc>) -> bool {
        self.known_at.is_none_or(|known_at| recorded_at <= known_at)
    }

    /// Whether a fact counts: occurred by the one instant and recorded by the other.
    #[must_use]
    pub fn includes(&self, occurred_at: DateTime<Utc>, recorded_at: DateTime<Utc>) -> bool {
        occurred_at <= self.at && self.knows(recorded_at)
    }
}

/// Everything that occurred at or before an instant, with all that is known of it today.
impl From<DateTime<Utc>> for AsOf {
    fn from(at: DateTime<Utc>) -> Self {
        Self::at(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;

    #[test]
    fn both_instants_are_included() {
        let t = DateTime::UNIX_EPOCH;
        let later = t + Days::new(1);
        let both = AsOf::at(t).known_at(t);
        assert!(both.includes(t, t));
        assert!(!both.includes(later, t));
        assert!(!both.includes(t, later));
        assert!(AsOf::at(t).includes(t, later));
        assert_eq!(AsOf::from(t), AsOf::at(t));
        assert_eq!((both.instant(), both.knowledge()), (t, Some(t)));
    }
}
