//! How far customers come on a way of several steps (转化漏斗).

use super::MetricError;
use super::infer::Level;
use super::share::{Share, proportion};
use crate::quantity::{Estimate, Probability};
use crate::summary::{Journey, JourneyStep};

const METRIC: &str = "the funnel of journeys";

/// One step of a way: how many journeys came so far.
#[derive(Debug, Clone, PartialEq)]
pub struct FunnelStep {
    name: String,
    reached: u64,
    retention: Option<Estimate>,
}

impl FunnelStep {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many journeys completed it and all steps before it, in order.
    #[must_use]
    pub fn reached(&self) -> u64 {
        self.reached
    }

    /// The share of the journeys that completed the step before (for the first, of all journeys)
    /// that completed this one too (步骤留存率), with Wilson's interval. `None` where none came so far.
    #[must_use]
    pub fn retention(&self) -> Option<Estimate> {
        self.retention
    }

    /// The share that dropped off (流失率) before this step: 1 less the retention.
    #[must_use]
    pub fn drop_off(&self) -> Option<f64> {
        self.retention.map(|kept| 1.0 - kept.mean())
    }
}

/// How many journeys completed each step of a way, in order, and where they dropped off.
///
/// # Examples
///
/// ```
/// use chrono::DateTime;
/// use guanxi::history::{
///     CustomerId, EpisodeId, Interaction, InteractionId, Kind, Purchase, Quote, QuoteEvent,
/// };
/// use guanxi::metric::JourneyFunnel;
/// use guanxi::quantity::{Currency, Money, Probability};
/// use guanxi::summary::{EvidencePolicy, Journeys};
///
/// let at = DateTime::UNIX_EPOCH;
/// let mut log = Vec::new();
/// for deal in ["a", "b", "c"] {
///     let mut steps = vec![Kind::from(Quote::new(QuoteEvent::Requested))];
///     if deal == "b" {
///         steps.push(Purchase::new(Money::parse("9.90", Currency::EUR)?)?.into());
///     }
///     for (n, kind) in steps.into_iter().enumerate() {
///         let id = InteractionId::new(format!("{deal}-{n}"))?;
///         let step = Interaction::new(id, CustomerId::new("c-1")?, at, kind)?;
///         log.push(step.in_episode(EpisodeId::new(deal)?));
///     }
/// }
/// let journeys = Journeys::from_interactions(&log, at, &EvidencePolicy::default());
/// let way = ["quote", "purchase"];
/// let all = journeys.iter().map(|(_, journey)| journey);
/// let funnel = JourneyFunnel::of(&way, all, Probability::NINETY_FIVE_PERCENT)?;
/// assert_eq!(funnel.steps()[1].reached(), 1); // of three
/// assert!(funnel.steps()[1].drop_off().is_some_and(|lost| (lost - 2.0 / 3.0).abs() < 1e-15));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "FunnelRow", into = "FunnelRow"))]
pub struct JourneyFunnel {
    level: Probability,
    journeys: u64,
    steps: Vec<FunnelStep>,
}

impl JourneyFunnel {
    /// The funnel of journeys along steps that are named by their [kind](JourneyStep::kind).
    ///
    /// # Errors
    ///
    /// As [`of_named`](Self::of_named).
    pub fn of<'a, S: AsRef<str>>(
        expected: &[S],
        journeys: impl IntoIterator<Item = &'a Journey>,
        level: Probability,
    ) -> Result<Self, MetricError> {
        Self::of_named(expected, journeys, |step| Some(step.kind()), level)
    }

    /// The funnel of journeys along steps of your own: `name` says which of them a step of a journey
    /// is, if any. A journey [completes](Journey::completed) a step after all those before it.
    ///
    /// # Errors
    ///
    /// [`MetricError::Empty`] without steps, and [`MetricError::Domain`] if the level is 0 or 1.
    pub fn of_named<'a, S: AsRef<str>>(
        expected: &[S],
        journeys: impl IntoIterator<Item = &'a Journey>,
        name: impl Fn(&'a JourneyStep) -> Option<&'a str>,
        level: Probability,
    ) -> Result<Self, MetricError> {
        let mut all = 0_u64;
        let mut reached = vec![0_u64; expected.len()];
        for journey in journeys {
            all += 1;
            let completed = journey.completed(expected, &name);
            for count in reached.iter_mut().take(completed) {
                *count += 1;
            }
        }
        let names = expected.iter().map(|step| step.as_ref().to_owned());
        Self::from_counts(level, all, names.zip(reached))
    }

    /// The funnel of so many journeys, of which so many completed each step.
    fn from_counts(
        level: Probability,
        journeys: u64,
        counts: impl IntoIterator<Item = (String, u64)>,
    ) -> Result<Self, MetricError> {
        Level::new(METRIC, level)?; // a level is refused even where nobody came
        let (mut steps, mut before) = (Vec::new(), journeys);
        for (name, reached) in counts {
            let retention = retention(reached, before, level)?;
            steps.push(FunnelStep {
                name,
                reached,
                retention,
            });
            before = reached;
        }
        if steps.is_empty() {
            return Err(MetricError::Empty { metric: METRIC });
        }
        Ok(Self {
            level,
            journeys,
            steps,
        })
    }

    /// How many journeys there are.
    #[must_use]
    pub fn journeys(&self) -> u64 {
        self.journeys
    }

    /// The steps, in the order of the way; never empty.
    #[must_use]
    pub fn steps(&self) -> &[FunnelStep] {
        &self.steps
    }

    /// The step before which the largest share dropped off; the first of several.
    #[must_use]
    pub fn worst_step(&self) -> Option<&FunnelStep> {
        let mut worst: Option<(&FunnelStep, f64)> = None;
        for step in &self.steps {
            if let Some(lost) = step.drop_off() {
                if worst.is_none_or(|(_, most)| lost > most) {
                    worst = Some((step, lost));
                }
            }
        }
        worst.map(|(step, _)| step)
    }
}

fn retention(
    reached: u64,
    before: u64,
    level: Probability,
) -> Result<Option<Estimate>, MetricError> {
    let share = Share::new(reached, before).map_err(|_| MetricError::Domain {
        metric: METRIC,
        expected: "at most as many journeys at a step as at the one before",
        found: reached as f64,
    })?;
    proportion(METRIC, share, level)
}

/// A funnel as it is written: shares and intervals follow from the counts.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "JourneyFunnel")]
struct FunnelRow {
    level: Probability,
    journeys: u64,
    steps: Vec<StepRow>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "FunnelStep")]
struct StepRow {
    name: String,
    reached: u64,
}

#[cfg(feature = "serde")]
impl From<JourneyFunnel> for FunnelRow {
    fn from(funnel: JourneyFunnel) -> Self {
        let steps = funnel.steps.into_iter().map(|step| StepRow {
            name: step.name,
            reached: step.reached,
        });
        Self {
            level: funnel.level,
            journeys: funnel.journeys,
            steps: steps.collect(),
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<FunnelRow> for JourneyFunnel {
    type Error = MetricError;

    fn try_from(row: FunnelRow) -> Result<Self, MetricError> {
        let counts = row.steps.into_iter().map(|step| (step.name, step.reached));
        Self::from_counts(row.level, row.journeys, counts)
    }
}
