//! Peak and end (峰终): the most intense moment and the last one, of which people judge the whole.
//!
//! Fredrickson & Kahneman (1993), "Duration Neglect in Retrospective Evaluations of Affective
//! Episodes", *Journal of Personality and Social Psychology* 65(1), 45–55,
//! <https://doi.org/10.1037/0022-3514.65.1.45>. Over many studies the mean of peak and end goes with
//! later judgements about as closely as the mean of all moments: Alaybek et al. (2022),
//! *Organizational Behavior and Human Decision Processes* 170, 104149,
//! <https://doi.org/10.1016/j.obhdp.2022.104149>.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};

use super::AffectItem;
#[cfg(feature = "serde")]
use super::SummaryError;
use crate::history::{Interaction, InteractionId};
use crate::quantity::{Fraction, HalfLife, TimeUnit, Valence};

/// A moment that was felt: when, in which interaction, how good or bad, and how strongly.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Moment {
    at: DateTime<Utc>,
    id: InteractionId,
    valence: Valence,
    arousal: Fraction,
}

impl Moment {
    pub(super) fn new(
        at: DateTime<Utc>,
        id: InteractionId,
        valence: Valence,
        arousal: Fraction,
    ) -> Self {
        Self {
            at,
            id,
            valence,
            arousal,
        }
    }

    pub(super) fn of(interaction: &Interaction, item: &AffectItem) -> Self {
        Self::new(
            interaction.occurred_at(),
            interaction.id().clone(),
            item.valence(),
            item.arousal(),
        )
    }

    /// When it was.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The interaction.
    #[must_use]
    pub fn id(&self) -> &InteractionId {
        &self.id
    }

    /// How it felt.
    #[must_use]
    pub fn valence(&self) -> Valence {
        self.valence
    }

    /// How strongly.
    #[must_use]
    pub fn arousal(&self) -> Fraction {
        self.arousal
    }

    /// Intensity `|y|·a`, from 0 (neutral) to 1.
    #[must_use]
    pub fn intensity(&self) -> f64 {
        self.valence.value().abs() * self.arousal.value()
    }

    /// The peak of any two moments with one half-life is the one with the larger `log2(|y|·a) +
    /// t/h`: its faded intensity is larger at every instant.
    fn key(&self, half_life: HalfLife) -> f64 {
        // A leap second comes before the next one, as its instant does.
        let nanos = self.at.timestamp_subsec_nanos().min(999_999_999);
        let seconds = self.at.timestamp() as f64 + f64::from(nanos) * 1e-9;
        let ageing = half_life
            .span()
            .map_or(0.0, |span| seconds / span.in_unit(TimeUnit::Second));
        self.intensity().log2() + ageing
    }

    /// What breaks ties: interactions stand by time, those of one instant by id.
    fn place(&self) -> (DateTime<Utc>, &InteractionId) {
        (self.at, &self.id)
    }

    /// Whether this is the peak of the two; neither is neutral.
    fn outdoes(&self, other: &Self, half_life: HalfLife) -> bool {
        // Most moments are told apart without their keys: by whoever is ahead in both that count.
        let order = self.place().cmp(&other.place());
        match self.intensity().partial_cmp(&other.intensity()) {
            Some(Ordering::Greater | Ordering::Equal) if order.is_gt() => return true,
            Some(Ordering::Less | Ordering::Equal) if order.is_lt() => return false,
            _ => {}
        }
        let (ours, theirs) = (self.key(half_life), other.key(half_life));
        ours > theirs || (ours >= theirs && self.place() > other.place())
    }
}

/// The most intense moment, faded by age, and the last one (峰终记录).
///
/// Moments with one half-life keep their order for ever, so one record each is enough, and records
/// of parts merge into that of the whole, exactly. A neutral moment is never the peak, but may be
/// the end.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{Contact, CustomerId, Direction, Interaction, InteractionId};
/// use guanxi::quantity::{Fraction, Valence};
/// use guanxi::summary::{AffectEvidence, EvidencePolicy};
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let mut calls = Vec::new();
/// for (n, valence, arousal) in [(0, 0.6, 0.5), (90, -0.5, 0.9), (170, 0.7, 0.3)] {
///     let call = Contact::new(Direction::Inbound);
///     let id = InteractionId::new(format!("call-{n}"))?;
///     let call = Interaction::new(id, CustomerId::new("c-1")?, day(n), call)?;
///     calls.push(call.with_valence(Valence::new(valence)?).with_arousal(Fraction::new(arousal)?));
/// }
/// let rules = EvidencePolicy::default(); // a half-life of 90 days
/// let felt = AffectEvidence::from_interactions(&calls, day(180), &rules);
/// let [peak, end] = [felt.peak_end().peak(), felt.peak_end().end()];
/// assert!(peak.is_some_and(|m| m.valence().value() == -0.5));
/// assert!(end.is_some_and(|m| m.valence().value() == 0.7));
/// assert!(felt.peak_end().value().is_some_and(|pe| (pe - 0.1).abs() < 1e-12));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "PeakEndRow", into = "PeakEndRow"))]
pub struct PeakEnd {
    peak: Option<Moment>,
    end: Option<Moment>,
}

impl PeakEnd {
    /// No moment at all.
    pub const EMPTY: Self = Self {
        peak: None,
        end: None,
    };

    /// Takes a moment in.
    pub(super) fn record(&mut self, moment: &Moment, half_life: HalfLife) {
        self.take_peak(moment, half_life);
        self.take_end(moment);
    }

    /// Takes in the records of other moments.
    pub(super) fn merge(&mut self, other: &Self, half_life: HalfLife) {
        if let Some(peak) = &other.peak {
            self.take_peak(peak, half_life);
        }
        if let Some(end) = &other.end {
            self.take_end(end);
        }
    }

    fn take_peak(&mut self, moment: &Moment, half_life: HalfLife) {
        let stands = self
            .peak
            .as_ref()
            .is_some_and(|peak| !moment.outdoes(peak, half_life));
        if moment.intensity() > 0.0 && !stands {
            self.peak = Some(moment.clone());
        }
    }

    fn take_end(&mut self, moment: &Moment) {
        let stands = self
            .end
            .as_ref()
            .is_some_and(|end| end.place() >= moment.place());
        if !stands {
            self.end = Some(moment.clone());
        }
    }

    /// The most intense moment, its intensity faded by age (the later of two equals, then the
    /// larger id); `None` while every moment was neutral.
    #[must_use]
    pub fn peak(&self) -> Option<&Moment> {
        self.peak.as_ref()
    }

    /// The last moment (of one instant the one with the larger id); `None` without any.
    #[must_use]
    pub fn end(&self) -> Option<&Moment> {
        self.end.as_ref()
    }

    /// The mean of the valences of peak and end, from −1 to 1; `None` without any moment.
    ///
    /// Where every moment was neutral it is 0, and where there was but one, that one's valence.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        let end = self.end.as_ref()?.valence.value();
        let peak = self.peak.as_ref().map_or(0.0, |peak| peak.valence.value());
        // Each half by itself, so that a single moment is met to the last bit.
        Some(0.5 * peak + 0.5 * end)
    }

    /// Whether no moment was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.end.is_none()
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "PeakEnd")]
struct PeakEndRow {
    peak: Option<Moment>,
    end: Option<Moment>,
}

#[cfg(feature = "serde")]
impl From<PeakEnd> for PeakEndRow {
    fn from(record: PeakEnd) -> Self {
        let PeakEnd { peak, end } = record;
        Self { peak, end }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<PeakEndRow> for PeakEnd {
    type Error = SummaryError;

    fn try_from(row: PeakEndRow) -> Result<Self, SummaryError> {
        let refuse = |expected, found: &dyn std::fmt::Debug| {
            Err(SummaryError::StoredState {
                expected,
                found: format!("{found:?}"),
            })
        };
        let PeakEndRow { peak, end } = row;
        match (&peak, &end) {
            (Some(peak), None) => return refuse("an end where there is a peak", peak),
            (Some(peak), Some(_)) if peak.intensity() <= 0.0 => {
                return refuse("a peak that is not neutral", peak);
            }
            (Some(peak), Some(end)) if peak.place() > end.place() => {
                return refuse("a peak that is not later than the end", peak);
            }
            (None, Some(end)) if end.intensity() > 0.0 => {
                return refuse("a peak where the end is not neutral", end);
            }
            _ => {}
        }
        Ok(Self { peak, end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Span;
    use chrono::TimeDelta;

    fn moment(day: i64, id: &str, valence: f64, arousal: f64) -> Moment {
        Moment::new(
            DateTime::UNIX_EPOCH + TimeDelta::days(day),
            InteractionId::new(id).unwrap(),
            Valence::new(valence).unwrap(),
            Fraction::new(arousal).unwrap(),
        )
    }

    fn quarter() -> HalfLife {
        HalfLife::new(Span::days(90.0).unwrap()).unwrap()
    }

    fn of(moments: &[Moment], half_life: HalfLife) -> PeakEnd {
        let mut record = PeakEnd::EMPTY;
        for moment in moments {
            record.record(moment, half_life);
        }
        record
    }

    #[test]
    fn the_keys_of_the_worked_example_are_reached() {
        // TV 4.5b.
        let moments = [
            moment(0, "a", 0.6, 0.5),
            moment(90, "b", -0.5, 0.9),
            moment(170, "c", 0.7, 0.3),
        ];
        for (moment, key) in moments.iter().zip([-1.736_97, -0.152_00, -0.362_65]) {
            assert!((moment.key(quarter()) - key).abs() < 1e-5);
        }
        let record = of(&moments, quarter());
        assert_eq!(record.peak(), Some(&moments[1]));
        assert_eq!(record.end(), Some(&moments[2]));
        assert!((record.value().unwrap() - 0.1).abs() < 1e-12);
    }

    #[test]
    fn without_forgetting_the_most_intense_moment_is_the_peak_however_old() {
        let moments = [moment(0, "a", 0.6, 0.5), moment(9_000, "b", 0.5, 0.5)];
        assert_eq!(of(&moments, HalfLife::NEVER).peak(), Some(&moments[0]));
        assert_eq!(of(&moments, quarter()).peak(), Some(&moments[1]));
    }

    #[test]
    fn of_equals_the_later_one_counts_and_then_the_larger_id() {
        let moments = [
            moment(1, "b", 0.5, 0.5),
            moment(2, "a", 0.5, 0.5),
            moment(2, "b", -0.5, 0.5),
            moment(0, "z", 0.5, 0.5),
        ];
        for half_life in [HalfLife::NEVER, quarter()] {
            let record = of(&moments, half_life);
            assert_eq!(record.peak(), Some(&moments[2]));
            assert_eq!(record.end(), Some(&moments[2]));
        }
    }

    #[test]
    fn a_neutral_moment_is_never_the_peak() {
        let neutral = [moment(0, "a", 0.0, 1.0), moment(5, "b", 0.9, 0.0)];
        let record = of(&neutral[..1], quarter());
        assert_eq!((record.peak(), record.value()), (None, Some(0.0)));
        let record = of(&neutral, quarter());
        assert_eq!((record.peak(), record.end()), (None, Some(&neutral[1])));
        let felt = moment(-900, "c", 0.01, 0.01);
        let record = of(&[neutral[0].clone(), felt.clone()], quarter());
        assert_eq!(record.peak(), Some(&felt));
        assert_eq!(PeakEnd::EMPTY.value(), None);
    }

    #[test]
    fn a_single_moment_is_both() {
        let only = moment(3, "a", -0.7, 0.3);
        let record = of(std::slice::from_ref(&only), quarter());
        assert_eq!(record.peak(), record.end());
        assert_eq!(record.value(), Some(-0.7));
    }

    #[test]
    fn a_leap_second_does_not_let_the_order_of_events_matter() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let moment = |time, id, valence| {
            let (id, arousal) = (InteractionId::new(id).unwrap(), Fraction::new(0.5).unwrap());
            Moment::new(at(time), id, Valence::new(valence).unwrap(), arousal)
        };
        let moments = [
            moment("2016-12-31T23:59:59.5Z", "a", 0.9),
            moment("2016-12-31T23:59:60.9Z", "b", 0.5),
            moment("2017-01-01T00:00:00Z", "c", 0.6),
        ];
        let second = HalfLife::new(Span::days(1.0 / 86_400.0).unwrap()).unwrap();
        let peaks = [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ]
        .map(|order| {
            let moments = order.map(|n| moments[n].clone());
            of(&moments, second).peak().unwrap().id().clone()
        });
        assert!(peaks.iter().all(|peak| *peak == peaks[0]), "{peaks:?}");
    }

    #[test]
    fn the_shortest_half_life_leaves_the_last_moment() {
        let shortest = HalfLife::new(Span::days(f64::from_bits(1)).unwrap()).unwrap();
        let moments = [
            moment(-4, "a", 1.0, 1.0),
            moment(0, "b", 1.0, 1.0),
            moment(4, "c", 0.1, 0.1),
        ];
        assert_eq!(of(&moments, shortest).peak(), Some(&moments[2]));
    }
}
