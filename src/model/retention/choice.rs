//! Which retention model to keep: the BdW only where the data ask for it.

use std::fmt;

use super::super::fit::{Fit, FitError, FitOptions, Fitted};
use super::{BetaDiscreteWeibull, RetentionSample, Sbg};

/// Which of the two models was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum KeptRetention {
    /// The sBG.
    Sbg,
    /// The BdW.
    BetaDiscreteWeibull,
}

/// Why a retention model was kept.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RetentionReason {
    /// The AIC of the BdW is lower than that of the sBG.
    BdwHasLowerAic {
        /// By how much.
        by: f64,
    },
    /// The AIC of the BdW is not lower than that of the sBG: its third parameter does not pay.
    BdwHasNoLowerAic {
        /// By how much it is higher.
        by: f64,
    },
    /// The BdW could not be fitted.
    BdwNotFitted(FitError),
}

impl fmt::Display for RetentionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BdwHasLowerAic { by } => {
                write!(f, "the AIC of the BdW is {by:.2} below that of the sBG")
            }
            Self::BdwHasNoLowerAic { by } => write!(
                f,
                "the AIC of the BdW is {by:.2} above that of the sBG: its third parameter does not pay"
            ),
            Self::BdwNotFitted(error) => write!(f, "the BdW could not be fitted: {error}"),
        }
    }
}

/// Both retention models of a sample, and which to keep.
#[derive(Debug, Clone, PartialEq)]
pub struct RetentionChoice {
    sbg: Fitted<Sbg>,
    bdw: Option<Fitted<BetaDiscreteWeibull>>,
    kept: KeptRetention,
    reason: RetentionReason,
}

impl RetentionChoice {
    /// The sBG with its report.
    #[must_use]
    pub fn sbg(&self) -> &Fitted<Sbg> {
        &self.sbg
    }

    /// The BdW with its report, if it could be fitted.
    #[must_use]
    pub fn bdw(&self) -> Option<&Fitted<BetaDiscreteWeibull>> {
        self.bdw.as_ref()
    }

    /// Which model to keep.
    #[must_use]
    pub fn kept(&self) -> KeptRetention {
        self.kept
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> &RetentionReason {
        &self.reason
    }

    /// The model to keep, whichever it is, as a BdW: an sBG is one with `c = 1`.
    #[must_use]
    pub fn model(&self) -> BetaDiscreteWeibull {
        match (self.kept, &self.bdw) {
            (KeptRetention::BetaDiscreteWeibull, Some(fitted)) => *fitted.model(),
            (KeptRetention::Sbg, _) | (_, None) => (*self.sbg.model()).into(),
        }
    }
}

/// Fits the sBG and the BdW and keeps the BdW only if its AIC is lower.
///
/// On both survivor curves of Fader & Hardie (2007) the model so kept is the better forecast.
///
/// # Errors
///
/// Any [`FitError`] of the sBG. Where only the BdW cannot be fitted, the sBG is kept and the reason
/// says so.
///
/// # Examples
///
/// ```
/// use guanxi::model::{FitOptions, KeptRetention, RetentionModel, RetentionSample, choose_retention};
/// use guanxi::quantity::TimeUnit;
///
/// let mut sample = RetentionSample::new(TimeUnit::Year);
/// sample.add_cohort(&[1000.0, 869.0, 743.0, 653.0, 593.0, 551.0, 517.0, 491.0])?;
/// let choice = choose_retention(&sample, &FitOptions::default())?;
/// assert_eq!(choice.kept(), KeptRetention::BetaDiscreteWeibull);
/// assert_eq!(
///     choice.reason().to_string(),
///     "the AIC of the BdW is 9.69 below that of the sBG"
/// );
/// assert!((choice.model().survival(12) - 0.40393).abs() < 1e-5);
/// # Ok::<(), guanxi::Error>(())
/// ```
pub fn choose_retention(
    sample: &RetentionSample,
    options: &FitOptions,
) -> Result<RetentionChoice, FitError> {
    let sbg = Sbg::fit_sample(sample, options)?;
    let (bdw, kept, reason) = match BetaDiscreteWeibull::fit_sample(sample, options) {
        Ok(bdw) => {
            let by = bdw.report().aic() - sbg.report().aic();
            let (kept, reason) = if by < 0.0 {
                (
                    KeptRetention::BetaDiscreteWeibull,
                    RetentionReason::BdwHasLowerAic { by: -by },
                )
            } else {
                (KeptRetention::Sbg, RetentionReason::BdwHasNoLowerAic { by })
            };
            (Some(bdw), kept, reason)
        }
        Err(error) => (
            None,
            KeptRetention::Sbg,
            RetentionReason::BdwNotFitted(error),
        ),
    };
    Ok(RetentionChoice {
        sbg,
        bdw,
        kept,
        reason,
    })
}
