//! What customers say when asked, and in public.

use guanxi::history::{
    CesSurvey, Channel, Construct, CsatSurvey, HistoryError, Kind, NpsSurvey, QualitativeNote,
    Review, Scale, SurveyItem, TrustFacet,
};
use guanxi::quantity::Valence;

use super::draws::{Draws, rounded};
use super::journal::Journal;
use super::truth::Truth;

/// Variances of what is answered around what is felt, by instrument.
///
/// An answer is beta on [−1, 1], with the feeling as its mean and this variance, or 0.8 of the
/// largest possible if that is less. It becomes a score at one of the two steps of the scale beside
/// it, by chance in proportion, so that the mean stays the feeling to the last digit; what that adds
/// to the variance is taken off before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnswerNoise;

impl AnswerNoise {
    /// Would you recommend us?
    pub(crate) const NPS: f64 = 0.10;
    /// How satisfied are you; also stars, and items on feeling.
    pub(crate) const CSAT: f64 = 0.12;
    /// How easy was it?
    pub(crate) const CES: f64 = 0.20;
    /// Sentiment of the text of a review.
    pub(crate) const SENTIMENT: f64 = 0.30;
    /// Valence of a coded note.
    pub(crate) const NOTE: f64 = 0.40;
    /// Stated valence of a contact.
    pub(crate) const BEHAVIOUR: f64 = 0.50;
}

/// A draw around a feeling on [−1, 1].
fn around(feeling: f64, variance: f64, draws: &mut Draws) -> f64 {
    let room = 1.0 - feeling * feeling;
    let strength = room / variance.min(0.8 * room) - 1.0;
    let p = 0.5 * (feeling + 1.0);
    2.0 * draws.beta(p * strength, (1.0 - p) * strength) - 1.0
}

/// A valence around a feeling, with two decimals.
pub(super) fn valence(
    feeling: f64,
    variance: f64,
    draws: &mut Draws,
) -> Result<Valence, HistoryError> {
    Ok(Valence::new(rounded(around(feeling, variance, draws), 2))?)
}

/// The step of a rising scale from −1 to 1 that is answered.
fn step(scale: &[f64], feeling: f64, variance: f64, draws: &mut Draws) -> usize {
    let beside = |y: f64| {
        let above = scale.iter().position(|&step| step > y);
        above.unwrap_or(scale.len() - 1).max(1)
    };
    let above = beside(feeling);
    let width = scale[above] - scale[above - 1];
    // A score at chance between two steps has a variance of a sixth of the square of their distance.
    let left = (variance - width * width / 6.0).max(0.3 * variance);
    let answer = around(feeling, left, draws);
    let above = beside(answer);
    let (low, high) = (scale[above - 1], scale[above]);
    if draws.chance((answer - low) / (high - low)) {
        above
    } else {
        above - 1
    }
}

/// The score that is answered on a scale: the crate's own map from scores to valence, inverted.
fn score<K: Into<Kind>>(
    scores: std::ops::RangeInclusive<i32>,
    question: impl Fn(i32) -> Result<K, HistoryError>,
    feeling: f64,
    variance: f64,
    draws: &mut Draws,
) -> Result<i32, HistoryError> {
    let lowest = *scores.start();
    let mut scale = Vec::new();
    for score in scores {
        let kind: Kind = question(score)?.into();
        scale.extend(kind.default_valence().map(Valence::value));
    }
    let step = step(&scale, feeling, variance, draws);
    Ok((lowest..).nth(step).unwrap_or(lowest))
}

/// An answer from 0 to 10.
fn nps(feeling: f64, draws: &mut Draws) -> Result<i32, HistoryError> {
    score(0..=10, NpsSurvey::new, feeling, AnswerNoise::NPS, draws)
}

/// An answer from 1 to 5.
fn csat(feeling: f64, draws: &mut Draws) -> Result<i32, HistoryError> {
    score(1..=5, CsatSurvey::new, feeling, AnswerNoise::CSAT, draws)
}

/// An answer from 1 to 7.
pub(super) fn ces(feeling: f64, draws: &mut Draws) -> Result<i32, HistoryError> {
    score(1..=7, CesSurvey::new, feeling, AnswerNoise::CES, draws)
}

/// The regular surveys: would you recommend us three times a year, are you satisfied now and then, and
/// once a year a longer one.
pub(super) fn surveys(
    truth: &Truth,
    days: f64,
    draws: &mut Draws,
    journal: &mut Journal,
) -> Result<(), HistoryError> {
    let mut day = truth.joined + 45.0;
    while day < days {
        let score = nps(truth.feeling.at(day), draws)?;
        let answers = draws.chance(0.8) && truth.is_active(day) && truth.buys();
        let mistyped = draws.chance(0.03);
        if answers {
            let written = if mistyped { 10 - score } else { score };
            journal
                .add(day, NpsSurvey::new(written)?)
                .through(Channel::Email);
            if mistyped && written != score {
                let place = journal.last();
                let correct = journal.add(day, NpsSurvey::new(score)?);
                correct
                    .through(Channel::Email)
                    .correcting(place)
                    .known_after(3.0);
            }
        }
        day += draws.between(110.0, 135.0);
    }
    for day in draws.arrivals(1.5, truth.joined, days) {
        let score = csat(truth.feeling.at(day), draws)?;
        if truth.is_active(day) && truth.buys() {
            let channel = draws.pick(Channel::Web, &[Channel::Phone]);
            journal.add(day, CsatSurvey::new(score)?).through(channel);
        }
    }
    let mut day = truth.joined + draws.between(90.0, 200.0);
    while day < days {
        if truth.is_active(day) && truth.buys() {
            yearly(truth, day, draws, journal)?;
        }
        day += super::DAYS_PER_YEAR;
    }
    Ok(())
}

/// The yearly survey: trust in each facet, feeling, and two of the other constructs.
fn yearly(
    truth: &Truth,
    day: f64,
    draws: &mut Draws,
    journal: &mut Journal,
) -> Result<(), HistoryError> {
    let seven = Scale::new(1.0, 7.0)?;
    for facet in [
        TrustFacet::Ability,
        TrustFacet::Benevolence,
        TrustFacet::Integrity,
    ] {
        let steps = draws.successes(6, truth.trust_at(day).of(facet));
        let value = 1.0 + f64::from(steps);
        let item = SurveyItem::new(Construct::Trust, value, seven)?.with_facet(facet);
        journal.add(day, item);
    }
    let scale: Vec<f64> = (0..7).map(|step| f64::from(step) / 3.0 - 1.0).collect();
    let felt = step(&scale, truth.feeling.at(day), AnswerNoise::CSAT, draws);
    let affect = SurveyItem::new(Construct::Affect, 1.0 + felt as f64, seven)?;
    journal.add(day, affect);
    let others = [
        (Construct::PerceivedBenefit, "uptime"),
        (Construct::PerceivedSacrifice, "price"),
        (Construct::Importance, "delivery time"),
        (Construct::Alternatives, "other suppliers"),
        (Construct::SwitchingCost, "refitting"),
    ];
    let first = draws.weighted(&[1.0; 5]);
    for (construct, item) in others.iter().cycle().skip(first).take(2) {
        let value = 1.0 + f64::from(draws.successes(6, 0.6));
        journal.add(
            day,
            SurveyItem::new(*construct, value, seven)?.with_item(*item),
        );
    }
    let wallet = rounded(draws.beta(3.0, 3.0), 2);
    let wallet = SurveyItem::new(Construct::ShareOfWallet, wallet, Scale::new(0.0, 1.0)?)?;
    journal.add(day, wallet);
    Ok(())
}

/// Reviews in public, and notes from interviews.
pub(super) fn opinions(
    truth: &Truth,
    days: f64,
    draws: &mut Draws,
    journal: &mut Journal,
) -> Result<(), HistoryError> {
    for day in draws.arrivals(0.5, truth.joined, days) {
        let feeling = truth.feeling.at(day);
        let stars = f64::from(csat(feeling, draws)?);
        let sentiment = valence(feeling, AnswerNoise::SENTIMENT, draws)?;
        let reach = 10 * u64::from(1 + draws.successes(60, 0.4));
        let review = match draws.weighted(&[0.4, 0.4, 0.2]) {
            0 => Review::new().with_stars(stars)?,
            1 => Review::new().with_sentiment(sentiment),
            _ => Review::new().with_stars(stars)?.with_sentiment(sentiment),
        };
        if truth.is_active(day) && truth.buys() {
            journal
                .add(day, review.with_reach(reach))
                .through(Channel::Social);
        }
    }
    for day in draws.arrivals(0.5, truth.joined, days) {
        let valence = valence(truth.feeling.at(day), AnswerNoise::NOTE, draws)?;
        let theme = draws.pick("quality", &["price", "people", "delivery"]);
        let late = draws.between(3.0, 20.0);
        if truth.is_active(day) {
            let note = QualitativeNote::new(vec![theme.to_owned()]).with_valence(valence);
            let draft = journal.add(day, note.with_coder("coder-1"));
            draft.through(Channel::InPerson).known_after(late);
        }
    }
    Ok(())
}
