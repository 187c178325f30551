//! How satisfied are they? (满意度)

use super::window::answers;
use super::{Answers, Change, Measure, MetricError, SampleMean, Share, Window};
use crate::history::{Interaction, Kind};
use crate::quantity::{Estimate, Probability};

const METRIC: &str = "the satisfaction score";

/// Satisfaction (满意度): the share of answers in the top two boxes, 4 and 5 of 5.
///
/// The two top boxes are the usual reading, *established* in practice; the interval is
/// [Wilson's](Share::estimate), the change test [Newcombe's](Share::change).
///
/// # Examples
///
/// ```
/// use guanxi::metric::Csat;
///
/// let answers = Csat::from_scores([5, 4, 4, 2, 5, 3, 1, 5])?;
/// assert_eq!(answers.share().value(), Some(0.625));
/// assert_eq!(answers.mean()?.value(), Some(3.625));
/// assert!(Csat::from_scores([6]).is_err());
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[doc(alias = "CSAT")]
pub struct Csat {
    counts: [u32; 5],
}

impl Csat {
    /// How often each answer from 1 to 5 was given.
    #[must_use]
    pub const fn new(counts: [u32; 5]) -> Self {
        Self { counts }
    }

    /// The answers, from 1 (very dissatisfied) to 5 (very satisfied).
    ///
    /// # Errors
    ///
    /// [`MetricError::Row`] for the first that is not from 1 to 5; [`MetricError::TooMany`] beyond
    /// 4 294 967 295 answers alike.
    pub fn from_scores(scores: impl IntoIterator<Item = i32>) -> Result<Self, MetricError> {
        tally(METRIC, "a whole number from 1 to 5", scores).map(Self::new)
    }

    /// The answers in a window of a log; without one in the window they are nobody's.
    ///
    /// # Errors
    ///
    /// [`MetricError::NotInLog`] if nobody was ever asked.
    pub fn from_interactions<'a>(
        log: impl IntoIterator<Item = &'a Interaction>,
        window: &Window,
        which: Answers,
    ) -> Result<Self, MetricError> {
        let score = |i: &Interaction| match i.kind() {
            Kind::CsatSurvey(survey) => Some(survey.score()),
            _ => None,
        };
        let scores = answers(log, window, which, Measure::Satisfaction, score)?;
        Self::from_scores(scores)
    }

    /// How often each answer from 1 to 5 was given.
    #[must_use]
    pub const fn counts(&self) -> [u32; 5] {
        self.counts
    }

    /// The share of answers in the top two boxes.
    #[must_use]
    pub fn share(&self) -> Share {
        let [low, second, middle, fourth, top] = self.counts.map(u64::from);
        let satisfied = fourth + top;
        // At most as many as there are.
        Share::new(satisfied, low + second + middle + satisfied).unwrap_or(Share::NOBODY)
    }

    /// The share with its standard error and Wilson's interval, as [`Share::estimate`]; `None` if
    /// nobody answered.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1.
    pub fn estimate(&self, level: Probability) -> Result<Option<Estimate>, MetricError> {
        self.share().estimate(level)
    }

    /// The change of the share to that of later answers of others, with Newcombe's interval, as
    /// [`Share::change`]; `None` if nobody answered before or after.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1.
    pub fn change(&self, later: &Self, level: Probability) -> Result<Option<Change>, MetricError> {
        self.share().change(later.share(), level)
    }

    /// The mean answer, from 1 to 5: what the share leaves out.
    ///
    /// # Errors
    ///
    /// [`MetricError`], which no counts lead to.
    pub fn mean(&self) -> Result<SampleMean, MetricError> {
        mean(&self.counts)
    }
}

/// The effort score (费力度): how easy it was for the customer, as the mean of answers from 1 (very
/// hard) to 7 (very easy), with Student's interval cut at the ends of the scale.
///
/// # Examples
///
/// ```
/// use guanxi::metric::Ces;
/// use guanxi::quantity::Probability;
///
/// let answers = Ces::from_scores([7, 6, 5, 7, 4, 6, 7, 3])?;
/// let ease = answers.estimate(Probability::NINETY_FIVE_PERCENT)?.expect("two differ");
/// assert_eq!(ease.mean(), 5.625);
/// let range = ease.stated_interval().expect("stated");
/// assert!((range.upper() - 6.883_997_863).abs() < 1e-9);
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[doc(alias = "CES")]
pub struct Ces {
    counts: [u32; 7],
}

impl Ces {
    /// How often each answer from 1 (very hard) to 7 (very easy) was given.
    #[must_use]
    pub const fn new(counts: [u32; 7]) -> Self {
        Self { counts }
    }

    /// The answers, from 1 (very hard) to 7 (very easy).
    ///
    /// # Errors
    ///
    /// [`MetricError::Row`] for the first that is not from 1 to 7; [`MetricError::TooMany`] beyond
    /// 4 294 967 295 answers alike.
    pub fn from_scores(scores: impl IntoIterator<Item = i32>) -> Result<Self, MetricError> {
        tally(EFFORT, "a whole number from 1 to 7", scores).map(Self::new)
    }

    /// The answers in a window of a log, those of a reversed scale turned; without one in the window
    /// they are nobody's.
    ///
    /// # Errors
    ///
    /// [`MetricError::NotInLog`] if nobody was ever asked.
    pub fn from_interactions<'a>(
        log: impl IntoIterator<Item = &'a Interaction>,
        window: &Window,
        which: Answers,
    ) -> Result<Self, MetricError> {
        let score = |i: &Interaction| match i.kind() {
            Kind::CesSurvey(survey) => Some(survey.ease()),
            _ => None,
        };
        let scores = answers(log, window, which, Measure::Effort, score)?;
        Self::from_scores(scores)
    }

    /// How often each answer from 1 to 7 was given.
    #[must_use]
    pub const fn counts(&self) -> [u32; 7] {
        self.counts
    }

    /// The answers as a sample; its own interval is not cut at the ends of the scale.
    ///
    /// # Errors
    ///
    /// [`MetricError`], which no counts lead to.
    pub fn mean(&self) -> Result<SampleMean, MetricError> {
        mean(&self.counts)
    }

    /// The mean answer with its standard error and Student's interval, cut at 1 and 7; `None` below
    /// two answers. The `n_eff` is how many there are. Of answers of one mind the interval has no
    /// width: it says nothing of those who were not asked.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1.
    pub fn estimate(&self, level: Probability) -> Result<Option<Estimate>, MetricError> {
        self.mean()?.within(EFFORT, level, (1.0, 7.0))
    }

    /// The change from these answers to later ones of others, by Welch's *t*; `None` if either has
    /// fewer than two answers, or nobody differs from the others.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1.
    pub fn change(&self, later: &Self, level: Probability) -> Result<Option<Change>, MetricError> {
        self.mean()?.change(&later.mean()?, level)
    }
}

const EFFORT: &str = "the effort score";

/// How often each answer from 1 on was given.
fn tally<const N: usize>(
    metric: &'static str,
    expected: &'static str,
    scores: impl IntoIterator<Item = i32>,
) -> Result<[u32; N], MetricError> {
    let mut counts = [0_u32; N];
    for (row, score) in scores.into_iter().enumerate() {
        let place = usize::try_from(i64::from(score) - 1).ok();
        match place.and_then(|place| counts.get_mut(place)) {
            Some(count) => {
                *count = count.checked_add(1).ok_or(MetricError::TooMany {
                    metric,
                    what: "answers alike",
                    limit: u64::from(u32::MAX),
                    found: u64::from(u32::MAX) + 1,
                })?;
            }
            None => {
                return Err(MetricError::Row {
                    metric,
                    row,
                    field: "score",
                    expected,
                    found: f64::from(score),
                });
            }
        }
    }
    Ok(counts)
}

/// The mean of answers that were given so often, from 1 on.
fn mean(counts: &[u32]) -> Result<SampleMean, MetricError> {
    SampleMean::weighted(
        counts
            .iter()
            .zip(1_u32..)
            .map(|(&count, answer)| (f64::from(answer), u64::from(count))),
    )
}
