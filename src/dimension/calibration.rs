//! Calibrating an instrument: how it reads, and how noisy it is, from customers who answered twice.

use super::DimensionError;
use crate::quantity::Estimate;
use crate::summary::{Calibration, SummaryError};

/// The fewest pairs that a line is fitted to: below them its errors mean nothing.
const FEWEST_PAIRS: usize = 10;

/// The fewest repeats beyond the first of each customer.
const FEWEST_REPEATS: usize = 10;

/// Why an instrument could not be calibrated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrationError {
    /// Too few answers.
    #[error("a calibration needs at least {needed} {what}, got {found}")]
    NotIdentified {
        /// Of what there are too few.
        what: &'static str,
        /// The fewest that are enough.
        needed: usize,
        /// How many there are.
        found: usize,
    },
    /// All customers answered alike, so that nothing tells how the instrument follows feeling.
    #[error("a calibration needs answers that differ between customers, got {found:?} from all")]
    Constant {
        /// What all answered.
        found: f64,
    },
    /// The reference says the opposite of the instrument: a scale is reversed, or they measure
    /// different things.
    #[error("slope of a calibration must be at or above 0, got {found:?}")]
    Reversed {
        /// The slope that was fitted.
        found: f64,
    },
    /// A valence off its scale.
    #[error(transparent)]
    Domain(#[from] DimensionError),
    /// A line that leaves the scale of valence, or a noise variance out of range.
    #[error(transparent)]
    Calibration(#[from] SummaryError),
}

/// A customer's answer to an instrument and to the reference, both as valences from −1 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedAnswer {
    /// What the instrument read.
    pub instrument: f64,
    /// What the reference read.
    pub reference: f64,
}

/// A calibration that was fitted to answers (测量校准).
///
/// The line `y* = c0 + c1·y` is that of least squares against a reference instrument, over customers
/// who answered both. The noise variance `R` is the variance of answers of one customer around their
/// mean, pooled over customers who answered repeatedly while they felt the same (choose repeats that
/// are close in time), in units of `y*`: `c1²` times that of `y`.
///
/// Least squares reads `y` as the *best guess* of the reference, so the noise of the instrument
/// itself flattens the line, by the [reliability](Self::reliability). That guess then lies closer to
/// the mean than the customer feels; a slope divided by the reliability does not, and is more
/// scattered (Fuller 1987, *Measurement Error Models*, <https://doi.org/10.1002/9780470316665>).
///
/// # Examples
///
/// ```
/// use guanxi::dimension::{InstrumentFit, PairedAnswer};
///
/// // A polite instrument: it reads half as bad as the reference, and 0.2 higher.
/// let pairs: Vec<_> = (0..20)
///     .map(|n| f64::from(n) / 10.0 - 0.9)
///     .map(|reference| PairedAnswer { instrument: 0.2 + 0.5 * reference, reference })
///     .collect();
/// let repeats = vec![vec![0.1, 0.3]; 12]; // twelve customers, each asked twice
/// let refused = InstrumentFit::of(&pairs, &repeats).map_err(|error| error.to_string());
/// // Twice as far, it would read the best answer as 1.6.
/// assert!(refused.is_err_and(|message| message.starts_with("valence that a calibration leads to")));
///
/// let calmer: Vec<_> = pairs.iter().map(|p| PairedAnswer { reference: p.reference / 4.0, ..*p }).collect();
/// let fit = InstrumentFit::of(&calmer, &repeats)?;
/// assert!((fit.slope().mean() - 0.5).abs() < 1e-12);
/// assert!((fit.intercept().mean() + 0.1).abs() < 1e-12);
/// assert!((fit.calibration().noise_variance() - 0.25 * 0.02).abs() < 1e-12);
/// # Ok::<(), guanxi::dimension::CalibrationError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InstrumentFit {
    calibration: Calibration,
    intercept: Estimate,
    slope: Estimate,
    noise_variance: Estimate,
    reliability: f64,
    pairs: usize,
    repeats: usize,
}

fn on_scale(quantity: &'static str, found: f64) -> Result<f64, DimensionError> {
    if (-1.0..=1.0).contains(&found) {
        return Ok(found);
    }
    Err(DimensionError::Domain {
        quantity,
        expected: "between -1 and 1",
        found,
    })
}

/// The least-squares line: intercept and slope with their variances.
struct Line {
    intercept: f64,
    slope: f64,
    intercept_variance: f64,
    slope_variance: f64,
    /// Variance of the instrument's answers between customers.
    spread: f64,
}

fn line(pairs: &[PairedAnswer]) -> Result<Line, CalibrationError> {
    if pairs.len() < FEWEST_PAIRS {
        return Err(CalibrationError::NotIdentified {
            what: "customers who answered both instruments",
            needed: FEWEST_PAIRS,
            found: pairs.len(),
        });
    }
    for pair in pairs {
        on_scale("answer to the instrument", pair.instrument)?;
        on_scale("answer to the reference", pair.reference)?;
    }
    let n = pairs.len() as f64;
    let mean = |of: fn(&PairedAnswer) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.instrument), mean(|p| p.reference));
    let (mut xx, mut xy) = (0.0, 0.0);
    for pair in pairs {
        let from_mean = pair.instrument - x;
        xx += from_mean * from_mean;
        xy += from_mean * (pair.reference - y);
    }
    // Equal answers leave no more than the rounding of their mean.
    if xx <= n * 1e-24 {
        return Err(CalibrationError::Constant { found: x });
    }
    let slope = xy / xx;
    if slope < 0.0 {
        return Err(CalibrationError::Reversed { found: slope });
    }
    let intercept = y - slope * x;
    let left = pairs
        .iter()
        .map(|pair| pair.reference - intercept - slope * pair.instrument);
    let noise = left.map(|r| r * r).sum::<f64>() / (n - 2.0);
    Ok(Line {
        intercept,
        slope,
        intercept_variance: noise * (1.0 / n + x * x / xx),
        slope_variance: noise / xx,
        spread: xx / (n - 1.0),
    })
}

/// Variance of answers of one customer around their mean, pooled, and the repeats behind it.
fn within<C: AsRef<[f64]>>(customers: &[C]) -> Result<(f64, usize), CalibrationError> {
    let (mut squares, mut repeats) = (0.0, 0_usize);
    for answers in customers {
        let answers = answers.as_ref();
        for answer in answers {
            on_scale("repeated answer to the instrument", *answer)?;
        }
        let mean = answers.iter().sum::<f64>() / (answers.len().max(1)) as f64;
        squares += answers.iter().map(|y| (y - mean) * (y - mean)).sum::<f64>();
        repeats += answers.len().saturating_sub(1);
    }
    if repeats < FEWEST_REPEATS {
        return Err(CalibrationError::NotIdentified {
            what: "repeated answers beyond the first of each customer",
            needed: FEWEST_REPEATS,
            found: repeats,
        });
    }
    Ok((squares / repeats as f64, repeats))
}

impl InstrumentFit {
    /// Fits a calibration: the line to `pairs`, one a customer, and the noise to `repeats`, the
    /// instrument's answers of each customer who was asked more than once. Valences are those
    /// before any calibration ([`Kind::default_valence`](crate::history::Kind::default_valence)).
    ///
    /// # Errors
    ///
    /// [`CalibrationError`] if there are fewer than ten pairs or ten repeats (our choice), all
    /// answers are the same, the reference falls where the instrument rises, a valence is off its
    /// scale, the line reads a valence as one off the scale, or repeats do not differ at all.
    pub fn of<C: AsRef<[f64]>>(
        pairs: &[PairedAnswer],
        repeats: &[C],
    ) -> Result<Self, CalibrationError> {
        let line = line(pairs)?;
        let (variance, repeated) = within(repeats)?;
        let noise = line.slope * line.slope * variance;
        let n = pairs.len() as f64;
        let of =
            |mean: f64, sd: f64, n: f64| Estimate::new(mean, sd, n).map_err(DimensionError::from);
        Ok(Self {
            calibration: Calibration::new(line.intercept, line.slope, noise)?,
            intercept: of(line.intercept, line.intercept_variance.sqrt(), n)?,
            slope: of(line.slope, line.slope_variance.sqrt(), n)?,
            // That of a sample variance of normal numbers.
            noise_variance: of(
                noise,
                noise * (2.0 / repeated as f64).sqrt(),
                repeated as f64,
            )?,
            reliability: (1.0 - variance / line.spread).max(0.0),
            pairs: pairs.len(),
            repeats: repeated,
        })
    }

    /// The calibration, to be given to [`Instruments::with`](crate::summary::Instruments::with).
    #[must_use]
    pub fn calibration(&self) -> Calibration {
        self.calibration
    }

    /// The intercept `c0` with its standard error.
    #[must_use]
    pub fn intercept(&self) -> Estimate {
        self.intercept
    }

    /// The slope `c1` with its standard error.
    #[must_use]
    pub fn slope(&self) -> Estimate {
        self.slope
    }

    /// The noise variance `R` of a calibrated answer with its standard error, as if answers were
    /// normal and the slope known.
    #[must_use]
    pub fn noise_variance(&self) -> Estimate {
        self.noise_variance
    }

    /// The share of the variance of answers that is not noise, from 0 to 1; 0 also where repeats
    /// of one customer scatter more than the answers of different ones.
    #[must_use]
    pub fn reliability(&self) -> f64 {
        self.reliability
    }

    /// Customers who answered both instruments.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.pairs
    }

    /// Repeated answers beyond the first of each customer: the degrees of freedom of the noise.
    #[must_use]
    pub fn repeats(&self) -> usize {
        self.repeats
    }
}
