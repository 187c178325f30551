//! Journeys (客户旅程): what the interactions of one episode were like for the customer, step by step.

#[cfg(feature = "serde")]
mod stored;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::dated::DatedList;
use super::journey_step::{ComplaintStep, JourneyStep};
use super::peak_end::Moment;
use super::{EvidencePolicy, PeakEnd};
use crate::history::{Channel, EpisodeId, Interaction};
#[cfg(feature = "serde")]
use crate::quantity::stored::read_not_negative;
use crate::quantity::{HalfLife, QuantityError, Span, TimeUnit};

/// What a journey cost the customer (客户费力).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct JourneyEffort {
    /// Sum over the steps whose ease was stated of `(7 − ease)/6`: 0 for a step that was very easy,
    /// 1 for one that was very hard.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_not_negative"))]
    pub rated: f64,
    /// How many steps that are; without any the sum is 0 and says nothing.
    pub ratings: u64,
    /// Minutes of the steps that stated them.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_not_negative"))]
    pub minutes: f64,
    /// How often the customer was handed to someone else.
    pub hand_overs: u64,
    /// How many different channels were used.
    pub channels: u64,
}

/// One journey: the steps of an episode in order of time.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use guanxi::history::{
///     ComplaintOpened, ComplaintResolved, CustomerId, EpisodeId, Interaction, InteractionId, Kind,
/// };
/// use guanxi::quantity::{Fraction, HalfLife, TimeUnit};
/// use guanxi::summary::{EvidencePolicy, Journeys};
///
/// let broken = ComplaintOpened::new().with_severity(Fraction::new(0.8)?); // −0.7
/// let settled = ComplaintResolved::new().with_quality(Fraction::new(1.0)?); // 0.6
/// let mut steps = Vec::new();
/// for (hour, kind) in [(0, Kind::from(broken)), (36, Kind::from(settled))] {
///     let id = InteractionId::new(format!("step-{hour}"))?;
///     let at = DateTime::UNIX_EPOCH + TimeDelta::hours(hour);
///     let step = Interaction::new(id, CustomerId::new("c-1")?, at, kind)?;
///     steps.push(step.in_episode(EpisodeId::new("claim-7")?));
/// }
/// let as_of = DateTime::UNIX_EPOCH + TimeDelta::days(9);
/// let journeys = Journeys::from_interactions(&steps, as_of, &EvidencePolicy::default());
/// let claim = journeys.get("claim-7").ok_or("no such journey")?;
///
/// let took = claim.time_to_resolution()?.ok_or("unresolved")?;
/// assert_eq!(took.in_unit(TimeUnit::Hour), 36.0);
/// assert!(claim.mean_valence().is_some_and(|mean| (mean + 0.05).abs() < 1e-12));
/// let told = claim.peak_end(HalfLife::NEVER).value();
/// assert!(told.is_some_and(|pe| (pe + 0.05).abs() < 1e-12)); // (−0.7 + 0.6)/2
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Journey(DatedList<JourneyStep>);

impl Journey {
    /// The steps, by time and then by id; never empty.
    #[must_use]
    pub fn steps(&self) -> &[JourneyStep] {
        self.0.as_slice()
    }

    /// When it began and when it was last continued.
    #[must_use]
    pub fn period(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        Some((self.steps().first()?.at, self.steps().last()?.at))
    }

    /// The most intense moment of the journey and its last one.
    ///
    /// Over the days of one journey intensity hardly fades; [`HalfLife::NEVER`] compares it as it
    /// was felt.
    #[must_use]
    pub fn peak_end(&self, half_life: HalfLife) -> PeakEnd {
        let mut record = PeakEnd::EMPTY;
        for step in self.steps() {
            if let Some((valence, arousal)) = step.feeling {
                let moment = Moment::new(step.at, step.id.clone(), valence, arousal);
                record.record(&moment, half_life);
            }
        }
        record
    }

    /// The mean valence of the steps that tell how they felt, from −1 to 1, each counting the same;
    /// `None` where none does.
    #[must_use]
    pub fn mean_valence(&self) -> Option<f64> {
        let (count, sum) = self
            .steps()
            .iter()
            .filter_map(JourneyStep::valence)
            .fold((0.0, 0.0), |(n, sum), y| (n + 1.0, sum + y.value()));
        (count > 0.0).then(|| (sum / count).clamp(-1.0, 1.0))
    }

    /// What it cost the customer in all.
    #[must_use]
    pub fn effort(&self) -> JourneyEffort {
        let mut effort = JourneyEffort {
            rated: 0.0,
            ratings: 0,
            minutes: 0.0,
            hand_overs: 0,
            channels: 0,
        };
        let mut channels: Vec<Channel> = Vec::new();
        let mut sixths = 0_u64;
        for step in self.steps() {
            if let Some(ease) = step.ease {
                sixths += u64::from(7_u8.saturating_sub(ease));
                effort.ratings += 1;
            }
            effort.minutes += step.minutes.unwrap_or(0.0);
            effort.hand_overs += u64::from(step.hand_overs);
            channels.extend(step.channel);
        }
        channels.sort_unstable();
        channels.dedup();
        effort.channels = channels.len() as u64;
        effort.rated = sixths as f64 / 6.0;
        effort
    }

    /// From the first complaint to the last resolution, once as many were resolved since as were
    /// opened; `None` while one is open, and for a journey without a complaint.
    ///
    /// A request for service has no such time: no interaction says that it is done.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] if the two lie more than 1e21 seconds apart, which no instants do.
    pub fn time_to_resolution(&self) -> Result<Option<Span>, QuantityError> {
        let of = |what| move |step: &&JourneyStep| step.complaint == Some(what);
        let Some(first) = self.steps().iter().find(of(ComplaintStep::Opens)) else {
            return Ok(None);
        };
        let opened = self.steps().iter().filter(of(ComplaintStep::Opens)).count();
        // By time alone: of one instant, the ids do not say what came first.
        let resolved = || {
            let since = self.steps().iter().filter(|step| step.at >= first.at);
            since.filter(of(ComplaintStep::Resolves))
        };
        match resolved().next_back() {
            Some(last) if resolved().count() >= opened => {
                Span::between(first.at, last.at, TimeUnit::Minute).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// How many of the expected steps were completed in order: the first, after it the second, and
    /// so on; `name` says which step of the way one is, if any.
    ///
    /// Steps that were not expected, or come out of order, are passed over.
    ///
    /// # Examples
    ///
    /// ```
    /// # use guanxi::summary::{EvidencePolicy, JourneyStep, Journeys};
    /// # use guanxi::history::{CustomerId, EpisodeId, Interaction, InteractionId, Quote, QuoteEvent};
    /// # let (id, who) = (InteractionId::new("q")?, CustomerId::new("c")?);
    /// # let at = chrono::DateTime::UNIX_EPOCH;
    /// # let asked = Interaction::new(id, who, at, Quote::new(QuoteEvent::Requested))?
    /// #     .in_episode(EpisodeId::new("deal")?);
    /// # let journeys = Journeys::from_interactions([&asked], at, &EvidencePolicy::default());
    /// # let journey = journeys.get("deal").ok_or("no such journey")?;
    /// // A customer asked for a price, and has not bought yet.
    /// let way = ["quote", "purchase", "delivery"];
    /// assert_eq!(journey.completed(&way, |step: &JourneyStep| Some(step.kind())), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn completed<'a, S: AsRef<str>>(
        &'a self,
        expected: &[S],
        name: impl Fn(&'a JourneyStep) -> Option<&'a str>,
    ) -> usize {
        let mut awaited = expected.iter().peekable();
        let mut completed = 0;
        for step in self.steps() {
            let Some(next) = awaited.peek() else { break };
            if name(step) == Some(next.as_ref()) {
                awaited.next();
                completed += 1;
            }
        }
        completed
    }

    /// The last step of the journey.
    #[must_use]
    pub fn last_step(&self) -> Option<&JourneyStep> {
        self.steps().last()
    }
}

/// The journeys of a customer, by episode.
///
/// Holds every step of every episode, so it grows with them; interactions without an episode are
/// passed over. Order and sharding change nothing: equal sets of interactions lead to equal values,
/// to the last bit, and a step told twice counts once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Journeys(BTreeMap<EpisodeId, Journey>);

impl Journeys {
    /// No journey.
    pub const EMPTY: Self = Self(BTreeMap::new());

    pub(super) fn observe(&mut self, interaction: &Interaction, policy: &EvidencePolicy) {
        if let Some(episode) = interaction.episode() {
            let step = JourneyStep::of(interaction, policy);
            if let Some(journey) = self.0.get_mut(episode) {
                journey.0.insert(step);
            } else {
                let mut steps = DatedList::EMPTY;
                steps.insert(step);
                self.0.insert(episode.clone(), Journey(steps));
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self, _: &EvidencePolicy) {
        for (episode, theirs) in &other.0 {
            let ours = self.0.entry(episode.clone());
            let ours = ours.or_insert_with(|| Journey(DatedList::EMPTY));
            ours.0.merge(&theirs.0);
        }
    }

    /// Journeys do not fade.
    pub(super) fn faded_to(&self, _: DateTime<Utc>, _: &EvidencePolicy) -> Self {
        let journeys = self.iter();
        let settled = |journey: &Journey| Journey(journey.0.clone().settled());
        Self(
            journeys
                .map(|(id, journey)| (id.clone(), settled(journey)))
                .collect(),
        )
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// When the last step of any journey was; `None` without any.
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.0
            .values()
            .filter_map(|journey| journey.0.latest())
            .max()
    }

    /// The journey of an episode.
    #[must_use]
    pub fn get(&self, episode: &str) -> Option<&Journey> {
        self.0.get(episode)
    }

    /// Every journey, by the name of its episode.
    pub fn iter(&self) -> impl Iterator<Item = (&EpisodeId, &Journey)> {
        self.0.iter()
    }
}
