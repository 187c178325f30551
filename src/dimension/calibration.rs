//! Calibrating an instrument: how it reads, and how noisy it is, from customers who answered twice.

use crate::quantity::{Estimate, Fraction, QuantityError, Valence};
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
    /// A checked quantity refused a number.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// A line that leaves the scale of valence, or a noise variance out of range.
    #[error(transparent)]
    Calibration(#[from] SummaryError),
}

/// A customer's answer to an instrument and to the reference, both as valences.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct PairedAnswer {
    /// What the instrument read.
    pub instrument: Valence,
    /// What the reference read.
    pub reference: Valence,
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
/// use guanxi::quantity::Valence;
///
/// // Of customers who feel from −0.9 to 1, an instrument reads half the swing and 0.2 more; the
/// // reference is a quarter of the feeling.
/// let mut pairs = Vec::new();
/// for n in 0..20 {
///     let feels = f64::from(n) / 10.0 - 0.9;
///     let [instrument, reference] = [Valence::new(0.2 + 0.5 * feels)?, Valence::new(feels / 4.0)?];
///     pairs.push(PairedAnswer { instrument, reference });
/// }
/// // Twelve customers were asked twice, and answered 0.1 and 0.3.
/// let repeats = [[Valence::new(0.1)?, Valence::new(0.3)?]; 12];
/// let fit = InstrumentFit::of(&pairs, &repeats)?;
/// assert!((fit.slope().mean() - 0.5).abs() < 1e-12);
/// assert!((fit.intercept().mean() + 0.1).abs() < 1e-12);
/// assert!((fit.calibration().noise_variance() - 0.25 * 0.02).abs() < 1e-12);
/// # Ok::<(), guanxi::dimension::CalibrationError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "FitRow", into = "FitRow"))]
pub struct InstrumentFit {
    calibration: Calibration,
    intercept: Estimate,
    slope: Estimate,
    noise_variance: Estimate,
    reliability: Fraction,
    pairs: usize,
    repeats: usize,
}

const PAIRS: &str = "customers who answered both instruments";
const REPEATS: &str = "repeated answers beyond the first of each customer";

fn enough(what: &'static str, needed: usize, found: usize) -> Result<(), CalibrationError> {
    if found >= needed {
        return Ok(());
    }
    Err(CalibrationError::NotIdentified {
        what,
        needed,
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
    enough(PAIRS, FEWEST_PAIRS, pairs.len())?;
    let n = pairs.len() as f64;
    let mean = |of: fn(&PairedAnswer) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (x, y) = (
        mean(|p| p.instrument.value()),
        mean(|p| p.reference.value()),
    );
    let (mut xx, mut xy) = (0.0, 0.0);
    for pair in pairs {
        let from_mean = pair.instrument.value() - x;
        xx += from_mean * from_mean;
        xy += from_mean * (pair.reference.value() - y);
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
        .map(|pair| pair.reference.value() - intercept - slope * pair.instrument.value());
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
fn within<C: AsRef<[Valence]>>(customers: &[C]) -> Result<(f64, usize), CalibrationError> {
    let (mut squares, mut repeats) = (0.0, 0_usize);
    for answers in customers {
        let answers = answers.as_ref();
        let ys = || answers.iter().map(|answer| answer.value());
        let mean = ys().sum::<f64>() / answers.len().max(1) as f64;
        squares += ys().map(|y| (y - mean) * (y - mean)).sum::<f64>();
        repeats += answers.len().saturating_sub(1);
    }
    enough(REPEATS, FEWEST_REPEATS, repeats)?;
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
    /// answers are the same, the reference falls where the instrument rises, the line reads a
    /// valence as one off the scale, or repeats do not differ at all.
    pub fn of<C: AsRef<[Valence]>>(
        pairs: &[PairedAnswer],
        repeats: &[C],
    ) -> Result<Self, CalibrationError> {
        let line = line(pairs)?;
        let (variance, repeated) = within(repeats)?;
        let noise = line.slope * line.slope * variance;
        let n = pairs.len() as f64;
        Ok(Self {
            calibration: Calibration::new(line.intercept, line.slope, noise)?,
            intercept: Estimate::new(line.intercept, line.intercept_variance.sqrt(), n)?,
            slope: Estimate::new(line.slope, line.slope_variance.sqrt(), n)?,
            // That of a sample variance of normal numbers.
            noise_variance: Estimate::new(
                noise,
                noise * (2.0 / repeated as f64).sqrt(),
                repeated as f64,
            )?,
            reliability: Fraction::new((1.0 - variance / line.spread).max(0.0))?,
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
        self.reliability.value()
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

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "InstrumentFit")]
struct FitRow {
    intercept: Estimate,
    slope: Estimate,
    noise_variance: Estimate,
    reliability: Fraction,
    pairs: usize,
    repeats: usize,
}

#[cfg(feature = "serde")]
impl From<InstrumentFit> for FitRow {
    fn from(fit: InstrumentFit) -> Self {
        Self {
            intercept: fit.intercept,
            slope: fit.slope,
            noise_variance: fit.noise_variance,
            reliability: fit.reliability,
            pairs: fit.pairs,
            repeats: fit.repeats,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<FitRow> for InstrumentFit {
    type Error = CalibrationError;

    fn try_from(row: FitRow) -> Result<Self, CalibrationError> {
        enough(PAIRS, FEWEST_PAIRS, row.pairs)?;
        enough(REPEATS, FEWEST_REPEATS, row.repeats)?;
        let (intercept, slope) = (row.intercept.mean(), row.slope.mean());
        Ok(Self {
            calibration: Calibration::new(intercept, slope, row.noise_variance.mean())?,
            intercept: row.intercept,
            slope: row.slope,
            noise_variance: row.noise_variance,
            reliability: row.reliability,
            pairs: row.pairs,
            repeats: row.repeats,
        })
    }
}
