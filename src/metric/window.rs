//! Which part of a log a measure looks at (时间窗).

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use chrono::{DateTime, Months, TimeDelta, Utc};

use super::{Measure, MetricError};
use crate::history::{AsOf, CustomerId, Interaction, InteractionId};
use crate::quantity::{Span, TimeUnit};

/// The half-open window `(start, end]` of a log, as known at an instant.
///
/// An interaction at the start is before the window, one at the end is in it, so that windows that
/// follow each other share nothing. What was recorded later than the [`AsOf`] knows is not there.
///
/// Every measure of a log takes each interaction once, and the version that stands: what
/// [`TimelineView::iter`](crate::history::TimelineView::iter) gives.
///
/// # Consent (同意)
///
/// Measures of summaries look at those they may and count the others ([`OfSummaries`](super::OfSummaries)).
/// Measures of a log look at all of it: whom they may look at is decided before, by leaving out the
/// interactions of customers who do not allow it, as known at the end of the window.
///
/// ```
/// use std::collections::BTreeMap;
/// # use chrono::{DateTime, Days};
/// use guanxi::history::{Consent, ConsentRecord, Interaction, Kind, NpsSurvey, Purpose};
/// # use guanxi::history::{AsOf, CustomerId, InteractionId};
/// use guanxi::metric::{Answers, Nps, Window};
///
/// # let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// # let on = |id: &str, who: &str, n, kind: Kind| {
/// #     Interaction::new(InteractionId::new(id)?, CustomerId::new(who)?, day(n), kind)
/// # };
/// # let agreed = || Consent::Granted { purpose: Purpose::Analytics }.into();
/// # let log = [
/// #     on("1", "a", 1, agreed())?, on("2", "a", 2, NpsSurvey::new(9)?.into())?,
/// #     on("3", "b", 1, NpsSurvey::new(0)?.into())?,
/// # ];
/// let window = Window::new(day(0), AsOf::at(day(31)))?;
/// let mut consents: BTreeMap<&CustomerId, ConsentRecord> = BTreeMap::new();
/// for interaction in &log {
///     consents.entry(interaction.customer()).or_default().observe(interaction);
/// }
/// consents.retain(|_, record| record.permits(Purpose::Analytics, window.as_of()));
/// let permitted = log.iter().filter(|i| consents.contains_key(i.customer()));
/// let nps = Nps::from_interactions(permitted, &window, Answers::default())?;
/// assert_eq!(nps.respondents(), 1); // b was asked, and never agreed
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Other rules than consent are those of a [`ConsentPolicy`](crate::summary::ConsentPolicy).
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::AsOf;
/// use guanxi::metric::Window;
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let january = Window::new(day(0), AsOf::at(day(31)))?;
/// assert!(january.contains(day(31)) && !january.contains(day(0)));
/// assert!(Window::new(day(31), AsOf::at(day(31))).is_err());
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawWindow", into = "RawWindow"))]
pub struct Window {
    start: DateTime<Utc>,
    as_of: AsOf,
}

impl Window {
    /// The window after `start`, up to and including the instant of `as_of`.
    ///
    /// # Errors
    ///
    /// [`MetricError::Window`] unless the start is before the end.
    pub fn new(start: DateTime<Utc>, as_of: AsOf) -> Result<Self, MetricError> {
        if start < as_of.instant() {
            Ok(Self { start, as_of })
        } else {
            Err(MetricError::Window {
                start,
                end: as_of.instant(),
            })
        }
    }

    /// The instant before the window.
    #[must_use]
    pub fn start(&self) -> DateTime<Utc> {
        self.start
    }

    /// The last instant of the window.
    #[must_use]
    pub fn end(&self) -> DateTime<Utc> {
        self.as_of.instant()
    }

    /// The end, and what was known.
    #[must_use]
    pub fn as_of(&self) -> AsOf {
        self.as_of
    }

    /// Whether an instant lies in the window.
    #[must_use]
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.start < at && at <= self.end()
    }

    /// Whether an interaction lies in the window, as known.
    #[must_use]
    pub fn includes(&self, interaction: &Interaction) -> bool {
        self.contains(interaction.occurred_at()) && self.as_of.knows(interaction.recorded_at())
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Window", deny_unknown_fields)]
struct RawWindow {
    start: DateTime<Utc>,
    as_of: AsOf,
}

#[cfg(feature = "serde")]
impl From<Window> for RawWindow {
    fn from(Window { start, as_of }: Window) -> Self {
        Self { start, as_of }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<RawWindow> for Window {
    type Error = MetricError;

    fn try_from(raw: RawWindow) -> Result<Self, MetricError> {
        Self::new(raw.start, raw.as_of)
    }
}

/// The most periods a window is divided into.
const MOST_PERIODS: usize = 100_000;

/// A window divided into periods (周期) that are over: half-open, one after the other.
///
/// What is left at the end, where a period has begun and is not over, is in none of them.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::AsOf;
/// use guanxi::metric::{Periods, Window};
/// use guanxi::quantity::Span;
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n); // from 1 January 1970 on
/// let window = Window::new(day(0), AsOf::at(day(100)))?;
/// let months = Periods::monthly(&window)?;
/// assert_eq!(months.count(), 3); // April is not over
/// assert_eq!(months.edges()[2], day(31 + 28));
/// assert_eq!(months.index(day(31)), Some(0)); // the end belongs to the period
///
/// assert_eq!(Periods::every(&window, Span::weeks(1.0)?)?.count(), 14);
/// let quarters = Periods::every_months(&window, 3.try_into()?)?;
/// assert_eq!(quarters.edges()[1], day(31 + 28 + 31));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// They are not serialised: a window and a length lead to them again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Periods {
    edges: Vec<DateTime<Utc>>,
    as_of: AsOf,
}

impl Periods {
    /// Periods of equal length from the start of the window on.
    ///
    /// # Errors
    ///
    /// [`MetricError::Periods`] unless at least one period is over by the end of the window, and at
    /// most 100 000 are.
    pub fn every(window: &Window, length: Span) -> Result<Self, MetricError> {
        Self::stepped(window, |n| {
            let seconds = length.in_unit(TimeUnit::Second) * f64::from(n);
            after(window.start, seconds)
        })
    }

    /// Calendar months from the start of the window on; one that starts on the 31st ends with the
    /// last day of shorter months, and one that starts with the last nanosecond of a month has
    /// calendar months.
    ///
    /// # Errors
    ///
    /// As for [`every`](Self::every).
    pub fn monthly(window: &Window) -> Result<Self, MetricError> {
        Self::every_months(window, NonZeroU32::MIN)
    }

    /// Periods of so many calendar months, such as 3 for quarters, as [`monthly`](Self::monthly).
    ///
    /// # Errors
    ///
    /// As for [`every`](Self::every).
    pub fn every_months(window: &Window, months: NonZeroU32) -> Result<Self, MetricError> {
        // From the first instant in it, so that a window after the end of a month has whole months.
        let instant = TimeDelta::nanoseconds(1);
        Self::stepped(window, |n| {
            let months = Months::new(months.get().checked_mul(n)?);
            let first = window.start.checked_add_signed(instant)?;
            first
                .checked_add_months(months)?
                .checked_sub_signed(instant)
        })
    }

    fn stepped(
        window: &Window,
        edge: impl Fn(u32) -> Option<DateTime<Utc>>,
    ) -> Result<Self, MetricError> {
        let mut edges = vec![window.start];
        for n in 1..u32::MAX {
            let next = edge(n).filter(|next| *next <= window.end());
            let (Some(next), Some(last)) = (next, edges.last()) else {
                break;
            };
            if next <= *last || edges.len() > MOST_PERIODS {
                return Err(MetricError::Periods {
                    found: edges.len() - 1,
                });
            }
            edges.push(next);
        }
        if edges.len() < 2 {
            return Err(MetricError::Periods { found: 0 });
        }
        Ok(Self {
            edges,
            as_of: window.as_of,
        })
    }

    /// How many periods there are, at least 1.
    #[must_use]
    pub fn count(&self) -> usize {
        self.edges.len() - 1
    }

    /// The instants between which they lie, one more than periods; the first is in none.
    #[must_use]
    pub fn edges(&self) -> &[DateTime<Utc>] {
        &self.edges
    }

    /// The period that an instant lies in, from 0.
    #[must_use]
    pub fn index(&self, at: DateTime<Utc>) -> Option<usize> {
        let before = self.edges.partition_point(|edge| *edge < at);
        (1..self.edges.len()).contains(&before).then(|| before - 1)
    }

    /// What is known.
    pub(super) fn as_of(&self) -> AsOf {
        self.as_of
    }

    /// Whether an interaction took place up to the end of the last period, as known.
    pub(super) fn know(&self, interaction: &Interaction) -> bool {
        let at = interaction.occurred_at();
        self.edges.last().is_some_and(|end| at <= *end)
            && self.as_of.knows(interaction.recorded_at())
    }
}

/// The instant so many seconds later.
pub(super) fn after(start: DateTime<Utc>, seconds: f64) -> Option<DateTime<Utc>> {
    // Longer than any calendar.
    if !(0.0..=1e13).contains(&seconds) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "within the range above")]
    let whole = seconds.floor() as i64;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a fraction of a second, from 0"
    )]
    let nanos = ((seconds - seconds.floor()) * 1e9) as u32;
    start.checked_add_signed(TimeDelta::new(whole, nanos.min(999_999_999))?)
}

/// Which answers of a customer count (多次回答).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Answers {
    /// The last of each customer in the window (of one instant that with the larger id): one
    /// respondent, one answer, as the intervals assume. The default; our choice.
    #[default]
    LastOfEachCustomer,
    /// Every answer, as for surveys after each contact. The intervals take answers of one customer
    /// as independent, and are too narrow if they are not.
    Every,
}

/// What a log answers in a window, in order of instant and id.
///
/// An error if nothing in the log, up to the end of the window, is an answer at all.
pub(super) fn answers<'a, T>(
    log: impl IntoIterator<Item = &'a Interaction>,
    window: &Window,
    which: Answers,
    measure: Measure,
    answer: impl Fn(&Interaction) -> Option<T>,
) -> Result<Vec<T>, MetricError> {
    let mut is_in_log = false;
    let mut all: Vec<(&Interaction, T)> = Vec::new();
    for interaction in known(log, window.as_of) {
        if let Some(value) = answer(interaction) {
            is_in_log = true;
            if window.includes(interaction) {
                all.push((interaction, value));
            }
        }
    }
    if !is_in_log {
        return Err(measure.not_in_log());
    }
    all.sort_by_key(|&(i, _)| order(i));
    if which == Answers::Every {
        return Ok(all.into_iter().map(|(_, value)| value).collect());
    }
    let mut last: BTreeMap<&CustomerId, usize> = BTreeMap::new();
    for (place, (interaction, _)) in all.iter().enumerate() {
        last.insert(interaction.customer(), place);
    }
    let stays = |(place, (i, value)): (usize, (&Interaction, T))| {
        (last.get(i.customer()) == Some(&place)).then_some(value)
    };
    Ok(all.into_iter().enumerate().filter_map(stays).collect())
}

/// The interactions up to an instant, as known.
pub(super) fn known<'a>(
    log: impl IntoIterator<Item = &'a Interaction>,
    as_of: AsOf,
) -> impl Iterator<Item = &'a Interaction> {
    log.into_iter()
        .filter(move |i| as_of.includes(i.occurred_at(), i.recorded_at()))
}

/// Where an interaction stands among others.
pub(super) fn order(interaction: &Interaction) -> (DateTime<Utc>, &InteractionId) {
    (interaction.occurred_at(), interaction.id())
}
