//! How much dearer we may be (溢价).
//!
//! Aaker (1996), "Measuring Brand Equity Across Products and Markets", *California Management
//! Review* 38(3), 102–120, holds that the price premium may be the best single measure of brand equity.

use super::paired::check_range;
use super::window::answers;
use super::{Answers, Measure, MetricError, Percentiles, SampleMean, Share, Window};
use crate::history::{Interaction, Kind, QuoteEvent};

const METRIC: &str = "the price premium";

/// The price premium that customers tolerate (溢价): by what fraction of the rival's price ours was
/// higher in quotes that were won, and in quotes that were lost.
///
/// What was won tells of those who bought: the premium they paid, not the most they would have paid.
/// [`won_at_or_above`](Self::won_at_or_above) sets it against what was lost. The reading of quotes
/// as premiums is our choice.
///
/// # Examples
///
/// ```
/// use guanxi::metric::PricePremium;
///
/// let premium = PricePremium::new(vec![0.05, 0.10, -0.02, 0.03], vec![0.10, 0.20])?;
/// assert!((premium.paid()?.value().unwrap_or(0.0) - 0.04).abs() < 1e-15);
/// assert_eq!(premium.won_at_or_above(0.10)?.value(), Some(1.0 / 3.0));
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawPremium", into = "RawPremium"))]
pub struct PricePremium {
    won: Vec<f64>,
    lost: Vec<f64>,
}

impl PricePremium {
    /// The premiums of quotes won and of quotes lost, as fractions of the rival's price, at or above
    /// −1 and below 0 where ours was lower.
    ///
    /// # Errors
    ///
    /// [`MetricError::Row`] for the first that is not finite and at or above −1.
    pub fn new(won: Vec<f64>, lost: Vec<f64>) -> Result<Self, MetricError> {
        for (field, column) in [("won", &won), ("lost", &lost)] {
            let expected = "a finite fraction at or above -1";
            check_range(METRIC, field, expected, -1.0..=f64::MAX, column)?;
        }
        Ok(Self { won, lost })
    }

    /// The price gaps of the quotes that were won or lost in a window of a log.
    ///
    /// # Errors
    ///
    /// [`MetricError::NotInLog`] if no such quote states one.
    pub fn from_interactions<'a>(
        log: impl IntoIterator<Item = &'a Interaction>,
        window: &Window,
    ) -> Result<Self, MetricError> {
        let outcome = |i: &Interaction| match i.kind() {
            Kind::Quote(quote) => match quote.event() {
                QuoteEvent::Won => Some((true, quote.price_gap()?)),
                QuoteEvent::Lost => Some((false, quote.price_gap()?)),
                QuoteEvent::Requested | QuoteEvent::Issued => None,
            },
            _ => None,
        };
        let quotes = answers(log, window, Answers::Every, Measure::PricePremium, outcome)?;
        let of = |wanted: bool| {
            let some = quotes.iter().filter(|(won, _)| *won == wanted);
            some.map(|&(_, gap)| gap).collect()
        };
        Self::new(of(true), of(false))
    }

    /// The premium paid, over quotes that were won: a fraction, with Student's interval when asked.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the sum is not finite.
    pub fn paid(&self) -> Result<SampleMean, MetricError> {
        SampleMean::of(&self.won)
    }

    /// The percentiles of the premium paid, whose interval needs no distribution.
    ///
    /// # Errors
    ///
    /// [`MetricError`], which no value of this type leads to.
    pub fn percentiles(&self) -> Result<Percentiles, MetricError> {
        Percentiles::new(&self.won)
    }

    /// Of the quotes at this premium or a higher one, those that were won; of none there is nothing
    /// to say.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the premium is not a number.
    pub fn won_at_or_above(&self, premium: f64) -> Result<Share, MetricError> {
        if premium.is_nan() {
            return Err(MetricError::Domain {
                metric: METRIC,
                expected: "a premium that is a number",
                found: premium,
            });
        }
        let count = |column: &[f64]| column.iter().filter(|gap| **gap >= premium).count() as u64;
        let won = count(&self.won);
        Share::new(won, won + count(&self.lost))
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "PricePremium", deny_unknown_fields)]
struct RawPremium {
    won: Vec<f64>,
    lost: Vec<f64>,
}

#[cfg(feature = "serde")]
impl From<PricePremium> for RawPremium {
    fn from(PricePremium { won, lost }: PricePremium) -> Self {
        Self { won, lost }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<RawPremium> for PricePremium {
    type Error = MetricError;

    fn try_from(raw: RawPremium) -> Result<Self, MetricError> {
        Self::new(raw.won, raw.lost)
    }
}
