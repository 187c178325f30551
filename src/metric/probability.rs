//! How good forecasts of a chance were (概率评分).
//!
//! Brier (1950), "Verification of Forecasts Expressed in Terms of Probability", *Monthly Weather
//! Review* 78(1), 1–3; Good (1952), "Rational Decisions", *Journal of the Royal Statistical Society
//! B* 14(1), 107–114, for the log score.

use super::MetricError;
use super::paired::{check_lengths, check_probabilities};
#[cfg(feature = "serde")]
use crate::quantity::stored::{StoredError, not_negative, share};

/// Forecasts of whether something happens, judged together by whether it did.
///
/// Both scores reward honest forecasts: nobody does better on average by stating another chance
/// than the one they believe in. 0 is best.
///
/// # Examples
///
/// ```
/// use guanxi::metric::ProbabilityScore;
///
/// let predicted = [0.9, 0.8, 0.3, 0.1];
/// let score = ProbabilityScore::new(&predicted, &[true, true, false, false])?;
/// assert!((score.brier() - 0.0375).abs() < 1e-15);
/// assert_eq!(score.brier_of_base_rate(), 0.25); // half of them bought
/// assert!((score.brier_skill().unwrap_or(0.0) - 0.85).abs() < 1e-15);
/// assert!((score.log_score()? - 0.197_634_882).abs() < 1e-9);
///
/// let sure = ProbabilityScore::new(&[1.0, 0.0], &[true, true])?;
/// assert!(sure.log_score().is_err()); // 0 was wrong, and infinitely so
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawScore", into = "RawScore"))]
pub struct ProbabilityScore {
    customers: u64,
    happened: u64,
    predicted: f64,
    brier: f64,
    /// Of the forecasts that are not infinitely wrong.
    log: f64,
    certain_but_wrong: u64,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "ProbabilityScore", deny_unknown_fields)]
struct RawScore {
    customers: u64,
    happened: u64,
    predicted: f64,
    brier: f64,
    log: f64,
    certain_but_wrong: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<RawScore> for ProbabilityScore {
    type Error = StoredError;

    fn try_from(raw: RawScore) -> Result<Self, Self::Error> {
        let disagree = |what, expected: &str, found: u64| StoredError::Disagree {
            what,
            expected: expected.to_owned(),
            found: found.to_string(),
        };
        if raw.customers == 0 {
            return Err(disagree("customers", "at least 1", 0));
        }
        for (what, count) in [
            ("happened", raw.happened),
            ("certain_but_wrong", raw.certain_but_wrong),
        ] {
            if count > raw.customers {
                return Err(disagree(what, "at most all customers", count));
            }
        }
        Ok(Self {
            customers: raw.customers,
            happened: raw.happened,
            predicted: share("predicted", raw.predicted)?,
            brier: share("brier", raw.brier)?,
            log: not_negative("log", raw.log)?,
            certain_but_wrong: raw.certain_but_wrong,
        })
    }
}

#[cfg(feature = "serde")]
impl From<ProbabilityScore> for RawScore {
    fn from(score: ProbabilityScore) -> Self {
        Self {
            customers: score.customers,
            happened: score.happened,
            predicted: score.predicted,
            brier: score.brier,
            log: score.log,
            certain_but_wrong: score.certain_but_wrong,
        }
    }
}

impl ProbabilityScore {
    /// Compares forecast chances, each from 0 to 1, with whether it happened.
    ///
    /// # Errors
    ///
    /// - [`MetricError::Length`] if there are not as many outcomes as forecasts.
    /// - [`MetricError::Empty`] without a customer.
    /// - [`MetricError::Row`] for the first forecast that is not between 0 and 1.
    pub fn new(predicted: &[f64], happened: &[bool]) -> Result<Self, MetricError> {
        let metric = "the probability score";
        check_lengths(metric, predicted, happened)?;
        check_probabilities(metric, predicted)?;
        let n = predicted.len() as f64;
        let (mut brier, mut log, mut certain_but_wrong) = (0.0, 0.0, 0);
        for (&p, &happened) in predicted.iter().zip(happened) {
            let (miss, is_impossible) = if happened {
                (1.0 - p, p <= 0.0)
            } else {
                (p, p >= 1.0)
            };
            brier += miss * miss;
            if is_impossible {
                certain_but_wrong += 1;
            } else {
                log -= if happened { p.ln() } else { (-p).ln_1p() };
            }
        }
        Ok(Self {
            customers: predicted.len() as u64,
            happened: happened.iter().filter(|&&happened| happened).count() as u64,
            predicted: (predicted.iter().sum::<f64>() / n).min(1.0), // rounding of all ones only
            brier: (brier / n).min(1.0),
            log: log.max(0.0) / n, // −0 is 0
            certain_but_wrong,
        })
    }

    /// How many customers were forecast.
    #[must_use]
    pub const fn customers(&self) -> u64 {
        self.customers
    }

    /// The mean forecast, from 0 to 1.
    #[must_use]
    pub const fn predicted(&self) -> f64 {
        self.predicted
    }

    /// The share of customers to whom it happened, from 0 to 1.
    #[must_use]
    pub fn base_rate(&self) -> f64 {
        self.happened as f64 / self.customers as f64
    }

    /// The mean squared distance of the forecast from what happened, from 0 to 1.
    #[must_use]
    pub const fn brier(&self) -> f64 {
        self.brier
    }

    /// The Brier score of telling everybody the base rate, which is known only afterwards.
    #[must_use]
    pub fn brier_of_base_rate(&self) -> f64 {
        self.base_rate() * (1.0 - self.base_rate())
    }

    /// By which share the Brier score is below that of the base rate: 1 is perfect, below 0 is
    /// worse than the base rate; `None` if it happened to all or to none.
    #[must_use]
    pub fn brier_skill(&self) -> Option<f64> {
        let base = self.brier_of_base_rate();
        (base > 0.0).then(|| 1.0 - self.brier / base)
    }

    /// The mean of −ln of the chance given to what happened, in nats, at or above 0.
    ///
    /// # Errors
    ///
    /// [`MetricError::CertainButWrong`] if a forecast was 0 or 1 and wrong: the score is infinite.
    pub fn log_score(&self) -> Result<f64, MetricError> {
        match self.certain_but_wrong {
            0 => Ok(self.log),
            wrong => Err(MetricError::CertainButWrong {
                metric: "the log score",
                wrong,
            }),
        }
    }

    /// How many forecasts were 0 or 1 and wrong.
    #[must_use]
    pub const fn certain_but_wrong(&self) -> u64 {
        self.certain_but_wrong
    }

    /// The log score of telling everybody the base rate, which is known only afterwards.
    #[must_use]
    pub fn log_score_of_base_rate(&self) -> f64 {
        let share = self.base_rate();
        if self.happened == 0 || self.happened == self.customers {
            return 0.0;
        }
        -share * share.ln() - (1.0 - share) * (-share).ln_1p()
    }
}

#[cfg(test)]
mod tests;
