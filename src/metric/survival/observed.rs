//! What is known of how long one customer stayed.

/// One customer's time with the firm, as far as it was observed.
///
/// A customer who is still there is censored (删失): the time is how long they have stayed so far.
/// One who came into view late, such as all who had joined before records began, has an `entry`
/// above 0: had they left before it, nobody would know of them.
///
/// # Units
///
/// `entry` and `time` are counted from the start of the relationship, in any one unit.
///
/// # Examples
///
/// ```
/// use guanxi::metric::Observed;
///
/// let left = Observed::event_at(14.0);
/// assert!(left.event && left.entry == 0.0 && left.weight == 1.0);
///
/// let joined_before_records_began = Observed::censored_at(40.0).with_entry(26.0);
/// assert_eq!(joined_before_records_began.entry, 26.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        try_from = "super::stored::RawObserved",
        into = "super::stored::RawObserved"
    )
)]
pub struct Observed {
    /// When observation began: at or above 0, and before `time` unless both are 0.
    pub entry: f64,
    /// When it ended, at or above 0.
    pub time: f64,
    /// Whether it ended because the customer left (流失); otherwise they were still there.
    pub event: bool,
    /// How many customers the row stands for, above 0.
    pub weight: f64,
}

impl Observed {
    /// A customer who left at this time.
    #[must_use]
    pub const fn event_at(time: f64) -> Self {
        Self {
            entry: 0.0,
            time,
            event: true,
            weight: 1.0,
        }
    }

    /// A customer who was still there at this time, when observation ended.
    #[must_use]
    pub const fn censored_at(time: f64) -> Self {
        Self {
            event: false,
            ..Self::event_at(time)
        }
    }

    /// The same customer, observed only from `entry` on (left truncation).
    #[must_use]
    pub const fn with_entry(self, entry: f64) -> Self {
        Self { entry, ..self }
    }

    /// As many such customers as `weight` says.
    #[must_use]
    pub const fn with_weight(self, weight: f64) -> Self {
        Self { weight, ..self }
    }

    /// The first field that is out of range, what it accepts, and what it holds.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str, f64)> {
        let range = 0.0..=f64::MAX;
        let not_negative = "finite and at or above 0";
        if !range.contains(&self.time) {
            Some(("time", not_negative, self.time))
        } else if !range.contains(&self.entry) {
            Some(("entry", not_negative, self.entry))
        } else if self.entry > 0.0 && self.entry >= self.time {
            Some(("entry", "before time", self.entry))
        } else if !(self.weight > 0.0 && self.weight.is_finite()) {
            Some(("weight", "finite and above 0", self.weight))
        } else {
            None
        }
    }
}
