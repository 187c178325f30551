//! What customers say when asked, and in public: surveys, reviews, interviews.

use super::information::TrustFacet;
use super::payload::{Checks, payload};
use crate::history::error::HistoryError;
use crate::quantity::Valence;

/// A whole number on a scale.
fn score_on(
    kind: &'static str,
    (lowest, highest): (i32, i32),
    found: i32,
) -> Result<(), HistoryError> {
    if (lowest..=highest).contains(&found) {
        return Ok(());
    }
    Err(HistoryError::Score {
        kind,
        field: "score",
        lowest,
        highest,
        found,
    })
}

payload! {
    /// Would the customer recommend the firm? From 0 (not at all) to 10 (extremely likely).
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::history::NpsSurvey;
    ///
    /// assert_eq!(NpsSurvey::new(9)?.score(), 9);
    /// assert_eq!(
    ///     NpsSurvey::new(11).map_err(|e| e.to_string()),
    ///     Err("nps_survey: score must be a whole number from 0 to 10, got 11".to_owned()),
    /// );
    /// # Ok::<(), guanxi::history::HistoryError>(())
    /// ```
    NpsSurvey as "nps_survey";
    fallible new {
        /// The answer, from 0 to 10.
        checked score: i32,
    }
    rule NpsSurvey::on_scale;
}

impl NpsSurvey {
    fn on_scale(&self, _: &Checks) -> Result<(), HistoryError> {
        score_on("nps_survey", (0, 10), self.score)
    }

    /// Detractors (up to 6) lie at or below −0.2, promoters (9 and 10) at or above 0.6.
    pub(super) fn feeling(&self) -> f64 {
        let distance = f64::from(self.score) - 7.5;
        distance / if distance < 0.0 { 7.5 } else { 2.5 }
    }
}

payload! {
    /// How satisfied is the customer? From 1 (very dissatisfied) to 5 (very satisfied).
    CsatSurvey as "csat_survey";
    fallible new {
        /// The answer, from 1 to 5.
        checked score: i32,
    }
    rule CsatSurvey::on_scale;
}

impl CsatSurvey {
    fn on_scale(&self, _: &Checks) -> Result<(), HistoryError> {
        score_on("csat_survey", (1, 5), self.score)
    }

    pub(super) fn feeling(&self) -> f64 {
        (f64::from(self.score) - 3.0) / 2.0
    }
}

payload! {
    /// How easy was it for the customer? From 1 to 7, where 7 is very easy unless the scale was
    /// reversed.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::history::CesSurvey;
    ///
    /// assert_eq!(CesSurvey::new(6)?.ease(), 6);
    /// assert_eq!(CesSurvey::new(6)?.with_reversed(true).ease(), 2); // 6 of 7 in effort
    /// # Ok::<(), guanxi::history::HistoryError>(())
    /// ```
    CesSurvey as "ces_survey";
    fallible new {
        /// The answer as it was given, from 1 to 7.
        checked score: i32,
    }
    chosen {
        /// Whether the question was put the other way round, so that 7 is very hard.
        reversed / with_reversed: bool,
    }
    rule CesSurvey::on_scale;
}

impl CesSurvey {
    fn on_scale(&self, _: &Checks) -> Result<(), HistoryError> {
        score_on("ces_survey", (1, 7), self.score)
    }

    /// The answer on the scale on which 7 is very easy.
    #[must_use]
    pub fn ease(&self) -> i32 {
        if self.reversed {
            8 - self.score
        } else {
            self.score
        }
    }

    pub(super) fn feeling(&self) -> f64 {
        (f64::from(self.ease()) - 4.0) / 3.0
    }
}

/// What a survey item measures.
///
/// What each is read for: trust and feeling by their dimensions, the others by
/// [`ExchangeEvidence`](crate::summary::ExchangeEvidence). Importance, alternatives and switching cost
/// are the customer's, unless the firm [began](crate::history::Interaction::initiated_by) the
/// interaction: then they are the firm's own, and tell a
/// [tier](crate::summary::PartnershipEvidence) what the firm would miss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Construct {
    /// Trust in the firm (信任).
    Trust,
    /// Feeling toward the firm (情感).
    Affect,
    /// A benefit the customer perceives.
    PerceivedBenefit,
    /// A sacrifice the customer perceives.
    PerceivedSacrifice,
    /// The share of the customer's need that the firm serves.
    ShareOfWallet,
    /// How important something is to the customer.
    Importance,
    /// How good the customer's alternatives are.
    Alternatives,
    /// What it would cost the customer to leave.
    SwitchingCost,
}

/// The ends of a scale of answers; two finite numbers in rising order.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawScale"))]
pub struct Scale {
    lowest: f64,
    highest: f64,
}

#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a scale")]
struct RawScale {
    lowest: f64,
    highest: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<RawScale> for Scale {
    type Error = HistoryError;

    fn try_from(raw: RawScale) -> Result<Self, HistoryError> {
        Self::new(raw.lowest, raw.highest)
    }
}

impl Scale {
    /// A scale from `lowest` to `highest`.
    ///
    /// # Errors
    ///
    /// [`HistoryError::Scale`] unless both and their distance are finite and the scale rises.
    pub fn new(lowest: f64, highest: f64) -> Result<Self, HistoryError> {
        if lowest < highest && (highest - lowest).is_finite() {
            Ok(Self { lowest, highest })
        } else {
            Err(HistoryError::Scale { lowest, highest })
        }
    }

    /// The lowest answer.
    #[must_use]
    pub fn lowest(self) -> f64 {
        self.lowest
    }

    /// The highest answer.
    #[must_use]
    pub fn highest(self) -> f64 {
        self.highest
    }
}

payload! {
    /// One item of a survey, on a scale of its own.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::history::{Construct, Scale, SurveyItem};
    ///
    /// let answer = SurveyItem::new(Construct::Trust, 4.0, Scale::new(1.0, 5.0)?)?;
    /// assert_eq!(answer.share(), 0.75);
    /// assert!(SurveyItem::new(Construct::Trust, 6.0, Scale::new(1.0, 5.0)?).is_err());
    /// # Ok::<(), guanxi::history::HistoryError>(())
    /// ```
    SurveyItem as "survey_item";
    fallible new {
        /// What it measures.
        copy construct: Construct,
        /// The answer, on its scale.
        checked value: f64,
        /// The scale.
        copy scale: Scale,
    }
    optional {
        /// Which item: the benefit, sacrifice or matter it asks about.
        text item / with_item: String,
        /// Which side of trust an item on trust asks about.
        copy facet / with_facet: TrustFacet,
        /// Whom it is about if not the firm: a rival, by name. What is said of a rival is neither
        /// trust in the firm nor a feeling toward it.
        text about / with_about: String,
    }
    rule SurveyItem::on_scale;
}

impl SurveyItem {
    fn on_scale(&self, _: &Checks) -> Result<(), HistoryError> {
        let Scale { lowest, highest } = self.scale;
        if (lowest..=highest).contains(&self.value) {
            return Ok(());
        }
        Err(HistoryError::OffScale {
            kind: "survey_item",
            field: "value",
            lowest,
            highest,
            found: self.value,
        })
    }

    /// Where the answer lies on its scale, from 0 (lowest) to 1 (highest).
    #[must_use]
    pub fn share(&self) -> f64 {
        let Scale { lowest, highest } = self.scale;
        (self.value - lowest) / (highest - lowest)
    }

    /// Only an item about feeling, toward the firm, says how the customer feels.
    pub(super) fn feeling(&self) -> Option<f64> {
        (self.construct == Construct::Affect && self.about.is_none())
            .then(|| 2.0 * self.share() - 1.0)
    }
}

payload! {
    /// The customer judged the firm or its goods in public (评价).
    #[derive(Default)]
    Review as "review";
    plain new {}
    optional {
        /// Stars, from 1 to 5; halves and averages are allowed.
        checked stars / with_stars: f64,
        /// How the text sounds, as another program judged it.
        copy sentiment / with_sentiment: Valence,
        /// How many people saw it.
        copy reach / with_reach: u64,
    }
    rule Review::stars_on_scale;
}

impl Review {
    fn stars_on_scale(&self, _: &Checks) -> Result<(), HistoryError> {
        match self.stars {
            Some(found) if !(1.0..=5.0).contains(&found) => Err(HistoryError::OffScale {
                kind: "review",
                field: "stars",
                lowest: 1.0,
                highest: 5.0,
                found,
            }),
            _ => Ok(()),
        }
    }

    /// The stars, which are the less noisy of the two, or else the text.
    pub(super) fn feeling(&self) -> Option<f64> {
        let stars = self.stars.map(|stars| (stars - 3.0) / 2.0);
        stars.or(self.sentiment.map(Valence::value))
    }
}

payload! {
    /// A note coded from an interview or a focus group (访谈).
    QualitativeNote as "qualitative_note";
    plain new {
        /// What it is about, by the code book.
        item themes: Vec<String>,
    }
    optional {
        /// How the customer felt, as the coder judged it.
        copy valence / with_valence: Valence,
        /// Who coded it.
        text coder / with_coder: String,
    }
}

impl QualitativeNote {
    pub(super) fn feeling(&self) -> Option<f64> {
        self.valence.map(Valence::value)
    }
}
