//! Whether a measure has changed between two samples (变化检验).

#[cfg(feature = "serde")]
use crate::quantity::stored::{StoredError, finite, share};
use crate::quantity::{Estimate, Interval};

/// How a measure changed from an earlier sample to a later one of other respondents, with the
/// interval of the difference.
///
/// The samples count as independent. Where the same customers are in both, as in two surveys of a
/// panel, the interval is too wide if their answers go together; it errs on the side of "no clear
/// change".
///
/// # Examples
///
/// ```
/// use guanxi::metric::Share;
/// use guanxi::quantity::Probability;
///
/// let before = Share::new(95, 1000)?;
/// let after = Share::new(120, 1000)?;
/// let change = before.change(after, Probability::NINETY_FIVE_PERCENT)?.expect("both have rows");
/// assert!((change.difference().mean() - 0.025).abs() < 1e-15);
/// assert!((change.interval().lower() + 0.002_202_124).abs() < 1e-9);
/// assert!(!change.is_clear()); // 0 lies within
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawChange", into = "RawChange"))]
pub struct Change {
    difference: Estimate,
    interval: Interval,
    test: Option<(f64, f64)>,
}

impl Change {
    pub(super) fn new(difference: Estimate, interval: Interval, test: Option<(f64, f64)>) -> Self {
        Self {
            difference: difference.with_interval(interval),
            interval,
            test,
        }
    }

    /// Later less earlier, in the unit of the measure, with its standard error and its interval.
    #[must_use]
    pub fn difference(&self) -> Estimate {
        self.difference
    }

    /// The interval of the difference.
    #[must_use]
    pub fn interval(&self) -> Interval {
        self.interval
    }

    /// Whether the interval leaves out 0: at its level, the measure has changed.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        !self.interval.contains(0.0)
    }

    /// The difference over its standard error: *z* for scores and diversity, Welch's *t* for means;
    /// `None` for shares, whose test is the interval.
    #[must_use]
    #[doc(alias = "z")]
    pub fn statistic(&self) -> Option<f64> {
        self.test.map(|(statistic, _)| statistic)
    }

    /// How likely a difference at least as large would be if nothing had changed, from 0 to 1;
    /// `None` where there is no [`statistic`](Self::statistic).
    #[must_use]
    pub fn p_value(&self) -> Option<f64> {
        self.test.map(|(_, p)| p)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Change", deny_unknown_fields)]
struct RawChange {
    difference: Estimate,
    statistic: Option<f64>,
    p_value: Option<f64>,
}

#[cfg(feature = "serde")]
impl From<Change> for RawChange {
    fn from(change: Change) -> Self {
        Self {
            difference: change.difference,
            statistic: change.statistic(),
            p_value: change.p_value(),
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<RawChange> for Change {
    type Error = StoredError;

    fn try_from(raw: RawChange) -> Result<Self, StoredError> {
        let disagree = |what, expected: &str, found: String| StoredError::Disagree {
            what,
            expected: expected.to_owned(),
            found,
        };
        let Some(interval) = raw.difference.stated_interval() else {
            let missing = disagree("difference", "one with an interval", "none".to_owned());
            return Err(missing);
        };
        let test = match (raw.statistic, raw.p_value) {
            (Some(statistic), Some(p)) => {
                Some((finite("statistic", statistic)?, share("p_value", p)?))
            }
            (None, None) => None,
            found => {
                let expected = "both a statistic and a p_value, or neither";
                return Err(disagree("test", expected, format!("{found:?}")));
            }
        };
        Ok(Self::new(raw.difference, interval, test))
    }
}
