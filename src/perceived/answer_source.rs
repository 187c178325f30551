//! Answers read out of interactions: which question is told by what.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::answers::SurveyAnswers;
use super::driver_error::{DriverError, owned};
use crate::history::{
    AsOf, ConsentRecord, ConsentState, Construct, CustomerId, Initiator, Interaction,
    InteractionId, Kind, Purpose,
};
use crate::summary::ConsentPolicy;

/// What tells the answer of a question, so that surveys and interviews can be put side by side.
///
/// Answers are read as shares of their scale, from 0 (lowest) to 1 (highest), so that questions on
/// different scales can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum AnswerSource {
    /// A [`SurveyItem`](crate::history::SurveyItem) about the firm: one
    /// [about a rival](crate::history::SurveyItem::about) is another question. The answer is the
    /// customer's; what the firm or a third party
    /// [said itself](crate::history::Interaction::initiator) is none.
    Item {
        /// What it measures.
        construct: Construct,
        /// Which item it asks about; `None` for those that do not say.
        item: Option<String>,
    },
    /// The answer of an [`NpsSurvey`](crate::history::NpsSurvey): 0 to 10.
    Recommendation,
    /// That of a [`CsatSurvey`](crate::history::CsatSurvey): 1 to 5.
    Satisfaction,
    /// The ease in a [`CesSurvey`](crate::history::CesSurvey): 1 to 7.
    Ease,
    /// The stars of a [`Review`](crate::history::Review): 1 to 5.
    Stars,
    /// Whether a theme came up in a [`QualitativeNote`](crate::history::QualitativeNote): 1 if it
    /// did in any of the respondent's notes, 0 if there are notes without it, and no answer without
    /// a note.
    Theme(String),
}

/// When an answer was given, when it became known, and its name: the last one stands.
type Moment<'a> = (DateTime<Utc>, DateTime<Utc>, &'a InteractionId);

impl AnswerSource {
    /// An item about a benefit that the customer perceives.
    pub fn benefit(item: impl Into<String>) -> Self {
        Self::Item {
            construct: Construct::PerceivedBenefit,
            item: Some(item.into()),
        }
    }

    /// An item about a sacrifice that the customer perceives: 1 is the greatest, so that it goes
    /// with value the other way.
    pub fn sacrifice(item: impl Into<String>) -> Self {
        Self::Item {
            construct: Construct::PerceivedSacrifice,
            item: Some(item.into()),
        }
    }

    /// What an interaction answers, from 0 to 1, if it answers this.
    #[must_use]
    pub fn read(&self, interaction: &Interaction) -> Option<f64> {
        match (self, interaction.kind()) {
            (Self::Item { construct, item }, Kind::SurveyItem(answer)) => {
                let asks = answer.construct() == *construct
                    && answer.item() == item.as_deref()
                    && answer.about().is_none()
                    && !matches!(
                        interaction.initiator(),
                        Some(Initiator::Firm | Initiator::Third)
                    );
                asks.then(|| answer.share())
            }
            (Self::Recommendation, Kind::NpsSurvey(answer)) => {
                Some(f64::from(answer.score()) / 10.0)
            }
            (Self::Satisfaction, Kind::CsatSurvey(answer)) => {
                Some((f64::from(answer.score()) - 1.0) / 4.0)
            }
            (Self::Ease, Kind::CesSurvey(answer)) => Some((f64::from(answer.ease()) - 1.0) / 6.0),
            (Self::Stars, Kind::Review(review)) => review.stars().map(|s| (s - 1.0) / 4.0),
            (Self::Theme(theme), Kind::QualitativeNote(note)) => {
                Some(f64::from(u8::from(note.themes().contains(theme))))
            }
            _ => None,
        }
    }

    /// Which of two answers of one respondent stands: the last, or the theme that came up.
    fn standing<'a>(&self, one: (f64, Moment<'a>), other: (f64, Moment<'a>)) -> (f64, Moment<'a>) {
        let later = if one.1 < other.1 { other } else { one };
        if matches!(self, Self::Theme(_)) {
            return (one.0.max(other.0), later.1);
        }
        later
    }
}

/// What one customer answered, a place a question.
struct Respondent<'a> {
    answers: Vec<Option<(f64, Moment<'a>)>>,
    consent: ConsentRecord,
}

impl SurveyAnswers {
    /// The answers of customers as of an instant, a column a question, each the last that the
    /// customer gave; a respondent is a customer who answered any. Order and repeats change nothing.
    ///
    /// The interactions may be of any number of customers; other kinds are passed over. Give it
    /// [`TimelineView`](crate::history::TimelineView)s to have corrections applied, and only the
    /// interactions of the period that is studied, since an old answer counts as a new one. Consents
    /// are read from the same interactions: answers are used for [`Purpose::Analytics`], and customers
    /// whose are not permitted (by default: who have not agreed) are counted as
    /// [`withheld`](Self::withheld). A consent that was taken back after the instant counts, as far as
    /// it is known: what may not be read now is not read of the past either. So leave later
    /// interactions in.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::DateTime;
    /// use guanxi::history::{
    ///     AsOf, Construct, CsatSurvey, CustomerId, Interaction, InteractionId, Kind, Purpose, Scale,
    ///     SurveyItem,
    /// };
    /// use guanxi::perceived::{AnswerSource, SurveyAnswers};
    /// use guanxi::summary::{ConsentPolicy, ConsentRule};
    ///
    /// let now = DateTime::UNIX_EPOCH;
    /// let mut log = Vec::new();
    /// for (who, speed, satisfied) in [("a", 2.0, 3), ("b", 4.0, 5)] {
    ///     let item = SurveyItem::new(Construct::PerceivedBenefit, speed, Scale::new(0.0, 4.0)?)?;
    ///     let answers = [Kind::from(item.with_item("speed".to_owned())), CsatSurvey::new(satisfied)?.into()];
    ///     for (n, kind) in answers.into_iter().enumerate() {
    ///         let id = InteractionId::new(format!("{who}-{n}"))?;
    ///         log.push(Interaction::new(id, CustomerId::new(who)?, now, kind)?);
    ///     }
    /// }
    /// let questions = [
    ///     ("speed", AnswerSource::benefit("speed")),
    ///     ("satisfaction", AnswerSource::Satisfaction),
    /// ];
    /// let panel = ConsentPolicy::default().with(Purpose::Analytics, ConsentRule::UnlessWithdrawn);
    /// let answers = SurveyAnswers::from_interactions(questions, &log, AsOf::at(now), &panel)?;
    /// assert_eq!((answers.len(), answers.given("speed")?, answers.withheld()), (2, 2, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_interactions<'a, C: AsRef<str>>(
        questions: impl IntoIterator<Item = (C, AnswerSource)>,
        interactions: impl IntoIterator<Item = &'a Interaction>,
        as_of: AsOf,
        consent: &ConsentPolicy,
    ) -> Result<Self, DriverError> {
        let (columns, sources): (Vec<String>, Vec<AnswerSource>) = questions
            .into_iter()
            .map(|(column, source)| (owned(column), source))
            .unzip();
        let mut answers = Self::new(columns)?;
        let mut respondents: BTreeMap<&CustomerId, Respondent<'_>> = BTreeMap::new();
        for interaction in interactions {
            let (at, known) = (interaction.occurred_at(), interaction.recorded_at());
            if !as_of.knows(known) {
                continue;
            }
            let entry = respondents.entry(interaction.customer());
            let respondent = entry.or_insert_with(|| Respondent {
                answers: vec![None; sources.len()],
                consent: ConsentRecord::default(),
            });
            respondent.consent.observe(interaction); // of a later instant too
            if !as_of.includes(at, known) {
                continue;
            }
            for (source, slot) in sources.iter().zip(&mut respondent.answers) {
                if let Some(answer) = source.read(interaction) {
                    let new = (answer, (at, known, interaction.id()));
                    *slot = Some(slot.map_or(new, |old| source.standing(old, new)));
                }
            }
        }
        let mut withheld = 0;
        for respondent in respondents.into_values() {
            if respondent.answers.iter().all(Option::is_none) {
                continue;
            }
            // What may not be read now is not read of the past either.
            let now = AsOf::at(DateTime::<Utc>::MAX_UTC);
            let now = as_of.knowledge().map_or(now, |known| now.known_at(known));
            let state = match respondent.consent.state(Purpose::Analytics, now) {
                revoked @ ConsentState::Withdrawn { .. } => revoked,
                _ => respondent.consent.state(Purpose::Analytics, as_of),
            };
            if consent.permits(Purpose::Analytics, state, false) {
                answers.add(
                    respondent
                        .answers
                        .iter()
                        .map(|a| a.map(|(answer, _)| answer)),
                )?;
            } else {
                withheld += 1;
            }
        }
        Ok(answers.withholding(withheld))
    }
}
