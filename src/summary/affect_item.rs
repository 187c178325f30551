//! What one interaction tells of how the customer feels.

#[cfg(feature = "serde")]
use super::SummaryError;
use super::{EvidencePolicy, Instrument};
use crate::history::{Construct, Interaction, Kind};
use crate::quantity::{Fraction, Valence};

/// A weight below this is none: its square would be lost.
const SMALLEST: f64 = 1e-100;

/// One reading of how the customer feels (情感读数): a valence, and how much it weighs.
///
/// | interaction | instrument | valence | arousal |
/// |---|---|---|---|
/// | NPS, CSAT, CES | by name | the answer | 1 |
/// | survey item about feeling | item | the answer | 1 |
/// | review with stars | stars | the stars | 1 |
/// | review without stars | sentiment | its sentiment, else as stated | 1 |
/// | qualitative note | note | the coder's, else as stated | as stated, else 0.5 |
/// | purchase, quote, contact, offer, shared information, profile field, preference, influence, cost, payment, consent, other survey item | behaviour | only as stated | as stated, else the kind's, else [as the rules say](EvidencePolicy::unstated_arousal) |
/// | every other kind | behaviour | as stated, else the kind's | as stated, else the kind's |
/// | a kind this version does not know | none | | |
///
/// An answer counts in full, so its arousal is 1 and a valence stated beside it is not read: what
/// the customer said stands. A plain purchase is read only under
/// [`EvidencePolicy::with_purchase_feeling`]. The valence is
/// [calibrated](super::Calibration::read), and the weight is the arousal over the instrument's noise
/// variance, `ω = a/R`. An interaction whose weight is 0 (below 1e-100) tells nothing.
///
/// The table is our choice.
///
/// # Examples
///
/// ```
/// use chrono::DateTime;
/// use guanxi::history::{CustomerId, Interaction, InteractionId, NpsSurvey};
/// use guanxi::summary::{AffectItem, EvidencePolicy, Instrument};
///
/// let (id, who) = (InteractionId::new("s-1")?, CustomerId::new("c-1")?);
/// let answer = Interaction::new(id, who, DateTime::UNIX_EPOCH, NpsSurvey::new(9)?)?;
/// let item = AffectItem::of(&answer, &EvidencePolicy::default());
/// assert!(item.is_some_and(|item| {
///     item.instrument() == Instrument::Nps
///         && (item.valence().value() - 0.6).abs() < 1e-12 // (9 − 7.5)/2.5
///         && (item.weight() - 10.0).abs() < 1e-12 // 1/0.10
/// }));
/// # Ok::<(), guanxi::history::HistoryError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "ItemRow", into = "ItemRow"))]
pub struct AffectItem {
    instrument: Instrument,
    valence: Valence,
    arousal: Fraction,
    weight: f64,
}

impl AffectItem {
    /// What an interaction tells, by these rules; `None` where it tells nothing of feeling.
    #[must_use]
    pub fn of(interaction: &Interaction, policy: &EvidencePolicy) -> Option<Self> {
        let (instrument, valence) = read(interaction, policy)?;
        let arousal = if instrument.is_answer() {
            1.0
        } else {
            let arousal = interaction.arousal().map(Fraction::value);
            arousal.unwrap_or(policy.unstated_arousal())
        };
        let calibration = policy.instruments().get(instrument);
        let weight = arousal / calibration.noise_variance();
        (weight >= SMALLEST).then_some(())?;
        Some(Self {
            instrument,
            valence: Valence::new(calibration.read(valence.value())).ok()?,
            arousal: Fraction::new(arousal).ok()?,
            weight,
        })
    }

    /// What told it.
    #[must_use]
    pub fn instrument(&self) -> Instrument {
        self.instrument
    }

    /// How the customer felt, calibrated.
    #[must_use]
    #[doc(alias = "y")]
    pub fn valence(&self) -> Valence {
        self.valence
    }

    /// How strongly; 1 for an answer.
    #[must_use]
    pub fn arousal(&self) -> Fraction {
        self.arousal
    }

    /// Weight `ω = a/R` when new, above 0: the precision of the reading.
    #[must_use]
    #[doc(alias = "omega")]
    pub fn weight(&self) -> f64 {
        self.weight
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "AffectItem")]
struct ItemRow {
    instrument: Instrument,
    valence: Valence,
    arousal: Fraction,
    weight: f64,
}

#[cfg(feature = "serde")]
impl From<AffectItem> for ItemRow {
    fn from(item: AffectItem) -> Self {
        Self {
            instrument: item.instrument,
            valence: item.valence,
            arousal: item.arousal,
            weight: item.weight,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<ItemRow> for AffectItem {
    type Error = SummaryError;

    fn try_from(row: ItemRow) -> Result<Self, SummaryError> {
        // An arousal of 1 at the smallest noise there can be.
        if !(SMALLEST..=1e6 * (1.0 + 1e-12)).contains(&row.weight) {
            return Err(SummaryError::Domain {
                quantity: "weight of a reading",
                expected: "between 1e-100 and 1e6",
                found: row.weight,
            });
        }
        Ok(Self {
            instrument: row.instrument,
            valence: row.valence,
            arousal: row.arousal,
            weight: row.weight,
        })
    }
}

/// The instrument that an interaction is, and what it shows before calibration.
fn read(interaction: &Interaction, policy: &EvidencePolicy) -> Option<(Instrument, Valence)> {
    let kind = interaction.kind();
    let stated = interaction.stated_valence();
    let answer = || kind.default_valence();
    let (instrument, valence) = match kind {
        Kind::NpsSurvey(_) => (Instrument::Nps, answer()),
        Kind::CsatSurvey(_) => (Instrument::Csat, answer()),
        Kind::CesSurvey(_) => (Instrument::Ces, answer()),
        Kind::SurveyItem(item) if item.construct() == Construct::Affect => {
            (Instrument::AffectItem, answer())
        }
        Kind::Review(review) if review.stars().is_some() => (Instrument::Stars, answer()),
        Kind::Review(_) => (Instrument::Sentiment, answer().or(stated)),
        Kind::QualitativeNote(_) => (Instrument::Note, answer().or(stated)),
        Kind::Purchase(_) if policy.purchase_feeling() => {
            (Instrument::Behaviour, interaction.valence())
        }
        Kind::Purchase(_)
        | Kind::Quote(_)
        | Kind::Contact(_)
        | Kind::SurveyItem(_)
        | Kind::InfluenceAttributed(_)
        | Kind::ProfileAttribute(_)
        | Kind::PreferenceObserved(_)
        | Kind::InfoShared(_)
        | Kind::CostToServe(_)
        | Kind::Payment(_)
        | Kind::Consent(_)
        | Kind::Offer(_) => (Instrument::Behaviour, stated),
        Kind::Return(_)
        | Kind::ServiceRequest(_)
        | Kind::ComplaintOpened(_)
        | Kind::ComplaintResolved(_)
        | Kind::ReferralMade(_)
        | Kind::ReferralConverted(_)
        | Kind::Loyalty(_)
        | Kind::Feedback(_)
        | Kind::Contract(_)
        | Kind::Concession(_)
        | Kind::Investment(_)
        | Kind::Promise(_)
        | Kind::Delivery(_)
        | Kind::ExecutiveContact(_)
        | Kind::Partnership(_)
        | Kind::Community(_)
        | Kind::Relationship(_) => (Instrument::Behaviour, interaction.valence()),
        Kind::Other(_) => return None,
    };
    Some((instrument, valence?))
}
