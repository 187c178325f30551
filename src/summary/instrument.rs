//! Instruments (测量工具): what tells how a customer feels, and how noisy each of them is.

use super::SummaryError;

/// What told how a customer feels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Instrument {
    /// Would the customer recommend the firm? Asked on a scale from 0 to 10.
    Nps,
    /// How satisfied is the customer? Asked on a scale from 1 to 5.
    Csat,
    /// How easy was it? Asked on a scale from 1 to 7.
    Ces,
    /// Another survey item about feeling, on a scale of its own.
    AffectItem,
    /// The stars of a review.
    Stars,
    /// The text of a review, as another program judged it.
    Sentiment,
    /// A note coded from an interview.
    Note,
    /// What happened, and how that usually feels or is said to have felt.
    Behaviour,
}

impl Instrument {
    /// Every instrument.
    pub const ALL: [Self; 8] = [
        Self::Nps,
        Self::Csat,
        Self::Ces,
        Self::AffectItem,
        Self::Stars,
        Self::Sentiment,
        Self::Note,
        Self::Behaviour,
    ];

    /// Its name, as it is written when serialised.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nps => "nps",
            Self::Csat => "csat",
            Self::Ces => "ces",
            Self::AffectItem => "affect_item",
            Self::Stars => "stars",
            Self::Sentiment => "sentiment",
            Self::Note => "note",
            Self::Behaviour => "behaviour",
        }
    }

    /// Whether the customer was asked, or spoke up: such an answer counts in full, however much it
    /// moved the customer.
    #[must_use]
    pub fn is_answer(self) -> bool {
        !matches!(self, Self::Note | Self::Behaviour)
    }
}

/// How an instrument's valence is read: `y* = intercept + slope·y`, with a noise variance.
///
/// The maps from answers to valence, such as `(score − 3)/2` for satisfaction, are part of each
/// kind ([`Kind::default_valence`](crate::history::Kind::default_valence)); a calibration corrects
/// them where data show an instrument to be too kind or too harsh.
///
/// # Examples
///
/// ```
/// use guanxi::summary::Calibration;
///
/// // Answers of a shop whose customers are polite: half the swing, and higher than felt.
/// let polite = Calibration::new(-0.1, 0.5, 0.12)?;
/// assert_eq!(polite.read(1.0), 0.4);
/// assert!(Calibration::new(0.6, 0.5, 0.12).is_err()); // would read 1 as 1.1
/// # Ok::<(), guanxi::summary::SummaryError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "CalibrationRow", into = "CalibrationRow")
)]
pub struct Calibration {
    intercept: f64,
    slope: f64,
    noise_variance: f64,
}

impl Calibration {
    /// A reading of an instrument.
    ///
    /// # Errors
    ///
    /// [`SummaryError::Domain`] unless the slope is at or above 0 (a happier answer never means a
    /// sadder customer), every valence from −1 to 1 is read as one from −1 to 1, and the noise
    /// variance lies between 1e-6 and 1e6.
    pub fn new(intercept: f64, slope: f64, noise_variance: f64) -> Result<Self, SummaryError> {
        let checks = [
            (
                "slope of a calibration",
                "a number at or above 0",
                slope,
                slope >= 0.0,
            ),
            (
                "valence that a calibration leads to",
                "between -1 and 1",
                intercept.abs() + slope,
                intercept.abs() + slope <= 1.0 + 1e-12,
            ),
            (
                "noise variance of an instrument",
                "between 1e-6 and 1e6",
                noise_variance,
                (1e-6..=1e6).contains(&noise_variance),
            ),
        ];
        for (quantity, expected, found, holds) in checks {
            if !holds {
                return Err(SummaryError::Domain {
                    quantity,
                    expected,
                    found,
                });
            }
        }
        Ok(Self {
            intercept,
            slope,
            noise_variance,
        })
    }

    /// An instrument read as it is, with a noise variance.
    const fn plain(noise_variance: f64) -> Self {
        Self {
            intercept: 0.0,
            slope: 1.0,
            noise_variance,
        }
    }

    /// The valence that an instrument's valence stands for.
    #[must_use]
    pub fn read(self, valence: f64) -> f64 {
        // The constructor allows for one rounding beyond the ends.
        (self.intercept + self.slope * valence).clamp(-1.0, 1.0)
    }

    /// What is added.
    #[must_use]
    pub fn intercept(self) -> f64 {
        self.intercept
    }

    /// What the instrument's valence is multiplied by.
    #[must_use]
    pub fn slope(self) -> f64 {
        self.slope
    }

    /// Variance `R` of one answer around what the customer feels, at an arousal of 1.
    #[must_use]
    #[doc(alias = "R")]
    pub fn noise_variance(self) -> f64 {
        self.noise_variance
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "Calibration")]
struct CalibrationRow {
    intercept: f64,
    slope: f64,
    noise_variance: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<CalibrationRow> for Calibration {
    type Error = SummaryError;

    fn try_from(row: CalibrationRow) -> Result<Self, SummaryError> {
        Self::new(row.intercept, row.slope, row.noise_variance)
    }
}

#[cfg(feature = "serde")]
impl From<Calibration> for CalibrationRow {
    fn from(calibration: Calibration) -> Self {
        Self {
            intercept: calibration.intercept,
            slope: calibration.slope,
            noise_variance: calibration.noise_variance,
        }
    }
}

/// The calibration of every instrument.
///
/// The noise variances are choices of this crate, in the order in which surveys are usually found
/// to be reliable; they were checked against nothing but simulated customers. Fit your own where
/// customers answered twice.
///
/// | instrument | valence | noise variance |
/// |---|---|---|
/// | NPS 0 to 10 | (s − 7.5)/7.5 below 7.5, (s − 7.5)/2.5 above | 0.10 |
/// | CSAT 1 to 5, stars 1 to 5 | (s − 3)/2 | 0.12 |
/// | item about feeling | 2u − 1, where u is the place on its scale | 0.12 |
/// | CES 1 to 7, 7 very easy | (s − 4)/3 | 0.20 |
/// | sentiment of a review | as given | 0.30 |
/// | coded note | as given | 0.40 |
/// | behaviour | as given, or the kind's default | 0.50 |
///
/// # Examples
///
/// ```
/// use guanxi::summary::{Calibration, Instrument, Instruments};
///
/// let ours = Instruments::default().with(Instrument::Nps, Calibration::new(0.0, 0.8, 0.2)?);
/// assert_eq!(ours.get(Instrument::Nps).slope(), 0.8);
/// assert_eq!(ours.get(Instrument::Csat).noise_variance(), 0.12);
/// # Ok::<(), guanxi::summary::SummaryError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Instruments {
    nps: Calibration,
    csat: Calibration,
    ces: Calibration,
    affect_item: Calibration,
    stars: Calibration,
    sentiment: Calibration,
    note: Calibration,
    behaviour: Calibration,
}

impl Default for Instruments {
    fn default() -> Self {
        Self {
            nps: Calibration::plain(0.10),
            csat: Calibration::plain(0.12),
            ces: Calibration::plain(0.20),
            affect_item: Calibration::plain(0.12),
            stars: Calibration::plain(0.12),
            sentiment: Calibration::plain(0.30),
            note: Calibration::plain(0.40),
            behaviour: Calibration::plain(0.50),
        }
    }
}

impl Instruments {
    /// How an instrument is read.
    #[must_use]
    pub fn get(&self, instrument: Instrument) -> Calibration {
        match instrument {
            Instrument::Nps => self.nps,
            Instrument::Csat => self.csat,
            Instrument::Ces => self.ces,
            Instrument::AffectItem => self.affect_item,
            Instrument::Stars => self.stars,
            Instrument::Sentiment => self.sentiment,
            Instrument::Note => self.note,
            Instrument::Behaviour => self.behaviour,
        }
    }

    /// The same but for one instrument.
    #[must_use]
    pub fn with(mut self, instrument: Instrument, calibration: Calibration) -> Self {
        let place = match instrument {
            Instrument::Nps => &mut self.nps,
            Instrument::Csat => &mut self.csat,
            Instrument::Ces => &mut self.ces,
            Instrument::AffectItem => &mut self.affect_item,
            Instrument::Stars => &mut self.stars,
            Instrument::Sentiment => &mut self.sentiment,
            Instrument::Note => &mut self.note,
            Instrument::Behaviour => &mut self.behaviour,
        };
        *place = calibration;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calibration_that_leaves_the_range_or_turns_it_round_is_refused() {
        for (intercept, slope, noise) in [
            (0.0, -0.1, 0.1),
            (0.5, 0.6, 0.1),
            (-0.5, 0.6, 0.1),
            (0.0, f64::NAN, 0.1),
            (f64::NAN, 0.5, 0.1),
            (0.0, 1.0, 0.0),
            (0.0, 1.0, f64::INFINITY),
        ] {
            let refused = Calibration::new(intercept, slope, noise);
            assert!(matches!(refused, Err(SummaryError::Domain { .. })));
        }
        assert!(Calibration::new(0.5, 0.5, 0.1).is_ok_and(|c| c.read(1.0) <= 1.0));
    }

    #[test]
    fn each_instrument_has_a_place_of_its_own() {
        for changed in Instrument::ALL {
            let with = Instruments::default().with(changed, Calibration::plain(9.0));
            for instrument in Instrument::ALL {
                let is_changed = with.get(instrument) != Instruments::default().get(instrument);
                assert_eq!(is_changed, instrument == changed);
            }
        }
    }
}
