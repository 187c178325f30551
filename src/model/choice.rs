//! Which model (模型选择): fits every model that the setting admits and says why one is chosen and
//! the others are not.
//!
//! The settings are those of Fader & Hardie (2009), "Probability Models for Customer-Base
//! Analysis", *Journal of Interactive Marketing* 23(1), 61–69,
//! <https://doi.org/10.1016/j.intmar.2008.11.003>.

mod candidates;

pub use candidates::{Evidence, FittedModel};

use std::fmt;

use chrono::{DateTime, Utc};

use crate::summary::{CustomerBase, SummaryError};

use super::comparison::{ComparisonError, ComparisonTable, LikelihoodRatio, PAIRS, test};
use super::fit::{FitError, FitOptions, Sample};
use super::purchase::PurchaseSample;
use super::report::{Boundary, FitReport};
use super::text::{Align, aligned};
use candidates::{CANDIDATES, Kind, Offer};

/// Whether a customer who leaves says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Contract {
    /// They do not: a shop never knows who will come again (非契约).
    NonContractual,
    /// They do, by ending a contract or not renewing it (契约).
    Contractual,
}

/// When a customer can buy, renew or leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Opportunities {
    /// At any time.
    Continuous,
    /// At given times only, such as once a year.
    Discrete,
}

/// The kind of business, which decides what models are admissible (业务情境).
///
/// # Examples
///
/// ```
/// use guanxi::model::Setting;
///
/// assert_eq!(Setting::SHOP.to_string(), "non-contractual, continuous opportunities");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Setting {
    /// Whether a customer who leaves says so.
    pub contract: Contract,
    /// When customers can act.
    pub opportunities: Opportunities,
}

impl Setting {
    /// Purchases at any time and dropout that nobody sees: shops, hotels.
    pub const SHOP: Self = Self {
        contract: Contract::NonContractual,
        opportunities: Opportunities::Continuous,
    };
    /// Purchases or not at given times, and dropout that nobody sees: yearly donations, conferences.
    pub const OCCASIONS: Self = Self {
        contract: Contract::NonContractual,
        opportunities: Opportunities::Discrete,
    };
    /// Contracts that end at any time: credit cards, telephony by use.
    pub const ACCOUNT: Self = Self {
        contract: Contract::Contractual,
        opportunities: Opportunities::Continuous,
    };
    /// Contracts that are renewed or not at given times: subscriptions, insurance.
    pub const SUBSCRIPTION: Self = Self {
        contract: Contract::Contractual,
        opportunities: Opportunities::Discrete,
    };
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let contract = match self.contract {
            Contract::NonContractual => "non-contractual",
            Contract::Contractual => "contractual",
        };
        let opportunities = match self.opportunities {
            Opportunities::Continuous => "continuous",
            Opportunities::Discrete => "discrete",
        };
        write!(f, "{contract}, {opportunities} opportunities")
    }
}

/// Why a base could not be made a sample to choose from.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChoiceError {
    /// A customer who cannot be summarised.
    #[error(transparent)]
    Summary(#[from] SummaryError),
    /// A customer who does not fit in with those before.
    #[error(transparent)]
    Sample(#[from] FitError),
}

/// Why a model is recommended, or is not.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// The lowest AIC of the models that were fitted; of equal ones, the fewest parameters.
    Recommended {
        /// By how much the AIC of the next model is higher; `None` without another.
        lead: Option<f64>,
    },
    /// A higher AIC than the recommended model.
    HigherAic {
        /// By how much.
        by: f64,
    },
    /// A model with fewer parameters, or a simpler one with as many, describes the data as well.
    NoBetter {
        /// That model.
        simpler: &'static str,
        /// The boundary of the richer model that led there, if it ran to one.
        boundary: Option<Boundary>,
    },
    /// The fit was refused.
    Refused(FitError),
    /// The model is for another setting.
    Inadmissible {
        /// The setting it is for.
        needs: Setting,
    },
    /// The model is of this setting but reads data of another kind.
    OtherData {
        /// What it is fitted to, in words.
        needs: &'static str,
    },
    /// There are no parameters to fit and so no AIC.
    Nonparametric {
        /// What to use.
        instead: &'static str,
    },
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recommended { lead: None } => {
                f.write_str("recommended: no other model of the setting describes them otherwise")
            }
            Self::Recommended { lead: Some(lead) } => {
                write!(f, "recommended: lowest AIC, {lead:.2} below the next")
            }
            Self::HigherAic { by } => write!(f, "AIC higher by {by:.2}"),
            Self::NoBetter {
                simpler,
                boundary: Some(boundary),
            } => write!(
                f,
                "at a boundary ({boundary}): {simpler} describes the data as well"
            ),
            Self::NoBetter {
                simpler,
                boundary: None,
            } => write!(f, "{simpler}, which is simpler, describes the data as well"),
            Self::Refused(error) => write!(f, "not fitted: {error}"),
            Self::Inadmissible { needs } => write!(f, "for another setting: {needs}"),
            Self::OtherData { needs } => write!(f, "not fitted: needs {needs}"),
            Self::Nonparametric { instead } => write!(f, "no parameters to fit: use {instead}"),
        }
    }
}

/// A model of the catalogue and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    model: &'static str,
    fitted: Option<FittedModel>,
    verdict: Verdict,
}

impl Candidate {
    /// Name of the model.
    #[must_use]
    pub fn model(&self) -> &'static str {
        self.model
    }

    /// The fit, if there is one.
    #[must_use]
    pub fn fitted(&self) -> Option<&FittedModel> {
        self.fitted.as_ref()
    }

    /// Why it is recommended, or is not.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    fn report(&self) -> Option<&FitReport> {
        self.fitted.as_ref().map(FittedModel::report)
    }
}

/// The models of a setting fitted to one set of data, with a verdict on every model of the catalogue
/// (模型选择).
///
/// AIC chooses: the model that is expected to forecast best. It does not say that any of them is
/// right; judge the winner on a [`Holdout`](super::Holdout), and take a lead below 2 for a tie that
/// other considerations may break.
///
/// # Examples
///
/// ```
/// use guanxi::model::{Choice, FitOptions, PurchaseSample, Sample, Setting, Verdict};
/// use guanxi::quantity::TimeUnit;
/// use guanxi::summary::RfmSummary;
///
/// # let rows = [
/// #     (0, 0.0, 38.0, 700.0), (0, 0.0, 27.0, 711.0), (1, 5.0, 38.0, 120.0), (1, 30.0, 38.0, 80.0),
/// #     (2, 12.0, 30.0, 60.0), (2, 25.0, 30.0, 70.0), (3, 18.0, 38.0, 40.0), (3, 36.0, 38.0, 60.0),
/// #     (6, 20.0, 33.0, 25.0), (6, 31.0, 33.0, 60.0), (12, 26.0, 38.0, 6.0), (12, 37.0, 38.0, 20.0),
/// # ];
/// # let mut sample = PurchaseSample::default();
/// # for (x, t_x, age, weight) in rows {
/// #     sample.add(&RfmSummary::new(TimeUnit::Week, x, t_x, age)?, weight)?;
/// # }
/// let choice = Choice::new(&sample, Setting::SHOP, &FitOptions::default());
/// let best = choice.recommended().ok_or("a model fits")?;
/// assert_eq!(best.report().model(), "MBG/NBD");
/// let nbd = &choice.candidates()[0];
/// assert_eq!(nbd.model(), "NBD");
/// assert!(matches!(nbd.verdict(), Verdict::HigherAic { by } if (by - 19.81).abs() < 0.01));
/// println!("{choice}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    setting: Setting,
    candidates: Vec<Candidate>,
    best: Option<usize>,
}

/// Two log-likelihoods this close, or two AIC, are of models that describe the data equally well.
const AS_GOOD: f64 = 1e-2;
const TIE: f64 = 1e-6;

impl Choice {
    /// Fits the admissible models, nested ones first, and chooses among them.
    ///
    /// Whatever keeps a model from being fitted is its [`Verdict`], so there is always a choice;
    /// [`recommended`](Self::recommended) is `None` if no model could be fitted.
    #[must_use]
    pub fn new<'a>(
        evidence: impl Into<Evidence<'a>>,
        setting: Setting,
        options: &FitOptions,
    ) -> Self {
        let evidence = evidence.into();
        let one = |offer: &Offer| candidate(offer, evidence, setting, options);
        let mut choice = Self {
            setting,
            candidates: CANDIDATES.iter().map(one).collect(),
            best: None,
        };
        choice.judge();
        choice
    }

    /// The same for the customers of a base as of an instant.
    ///
    /// # Errors
    ///
    /// [`ChoiceError`] if a customer cannot be summarised or does not fit in with the others.
    pub fn of_base(
        base: &CustomerBase,
        as_of: DateTime<Utc>,
        setting: Setting,
        options: &FitOptions,
    ) -> Result<Self, ChoiceError> {
        let mut sample = PurchaseSample::default();
        for customer in base.rfm_summaries(as_of) {
            sample.add(&customer?, 1.0)?;
        }
        Ok(Self::new(&sample, setting, options))
    }

    /// The setting that the models were chosen for.
    #[must_use]
    pub fn setting(&self) -> Setting {
        self.setting
    }

    /// Every model of the catalogue, simpler ones first.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// The recommended model, if any could be fitted.
    #[must_use]
    pub fn recommended(&self) -> Option<&FittedModel> {
        self.candidates.get(self.best?)?.fitted()
    }

    /// The recommended model alone.
    #[must_use]
    pub fn into_recommended(mut self) -> Option<FittedModel> {
        let best = self.best?;
        self.candidates.swap_remove(best).fitted
    }

    /// The fitted models by their information criteria.
    ///
    /// # Errors
    ///
    /// [`ComparisonError::Empty`] if no model could be fitted.
    pub fn table(&self) -> Result<ComparisonTable, ComparisonError> {
        ComparisonTable::new(self.candidates.iter().filter_map(Candidate::report))
    }

    /// The likelihood-ratio tests between those fitted models of which one contains the other, each
    /// with the error where there is none, such as a ridge.
    pub fn tests(&self) -> impl Iterator<Item = Result<LikelihoodRatio, ComparisonError>> {
        let fit = |model: &str| {
            let mut candidates = self.candidates.iter();
            candidates.find(|c| c.model == model)?.report()
        };
        PAIRS.iter().filter_map(move |&(richer, simpler, nesting)| {
            Some(test(nesting, fit(richer)?, fit(simpler)?))
        })
    }

    /// Decides between the fitted models.
    fn judge(&mut self) {
        let fits: Vec<(usize, usize, f64, f64)> = self
            .candidates
            .iter()
            .enumerate()
            .filter_map(|(place, candidate)| {
                let report = candidate.report()?;
                let parameters = report.degrees_of_freedom();
                Some((place, parameters, report.aic(), report.log_likelihood()))
            })
            .collect();
        let lowest = fits.iter().map(|fit| fit.2).fold(f64::INFINITY, f64::min);
        let ties = fits.iter().filter(|fit| fit.2 <= lowest + TIE);
        // Of equals the first comes first.
        let Some(&(best, _, aic, _)) = ties.min_by_key(|fit| fit.1) else {
            return;
        };
        self.best = Some(best);
        for &(place, parameters, other, log_likelihood) in &fits {
            let candidate = &self.candidates[place];
            let boundary = candidate.report().and_then(FitReport::boundary);
            // The catalogue has simpler models first.
            let mut simpler = fits
                .iter()
                .filter(|fit| fit.0 < place && fit.1 <= parameters);
            let simpler = simpler.find(|fit| (fit.3 - log_likelihood).abs() <= AS_GOOD);
            self.candidates[place].verdict = match simpler {
                _ if place == best => {
                    // The same likelihood again is no other model.
                    let others = fits
                        .iter()
                        .filter(|fit| fit.0 != best && (fit.3 - log_likelihood).abs() > AS_GOOD);
                    let next = others.map(|fit| fit.2 - aic).reduce(f64::min);
                    Verdict::Recommended {
                        lead: next.map(|lead| lead.max(0.0)),
                    }
                }
                Some(&(simpler, ..)) => Verdict::NoBetter {
                    simpler: self.candidates[simpler].model,
                    boundary,
                },
                None => Verdict::HigherAic {
                    by: (other - aic).max(0.0),
                },
            };
        }
    }
}

/// Fits one model of the catalogue, or says why it is not fitted. The verdict on a fit is still to
/// come.
fn candidate(
    offer: &Offer,
    evidence: Evidence<'_>,
    setting: Setting,
    options: &FitOptions,
) -> Candidate {
    let (fitted, verdict) = if offer.setting == setting {
        match offer.kind {
            Kind::Curve { instead } => (None, Verdict::Nonparametric { instead }),
            Kind::Model { fit, needs } => match fit(evidence, options) {
                None => (None, Verdict::OtherData { needs }),
                Some(Err(error)) => (None, Verdict::Refused(error)),
                Some(Ok(fitted)) => (Some(fitted), Verdict::Recommended { lead: None }),
            },
        }
    } else {
        let needs = offer.setting;
        (None, Verdict::Inadmissible { needs })
    };
    Candidate {
        model: offer.model,
        fitted,
        verdict,
    }
}

/// A line for each model of the setting, then the others.
impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.setting)?;
        let heading = ["model", "parameters", "ln L", "AIC", "verdict"];
        let mut rows = vec![heading.map(str::to_owned).to_vec()];
        let is_other = |c: &Candidate| matches!(c.verdict, Verdict::Inadmissible { .. });
        let (others, own): (Vec<_>, Vec<_>) = self.candidates.iter().partition(|c| is_other(c));
        for candidate in own.into_iter().chain(others) {
            let report = candidate.report();
            let number = |of: fn(&FitReport) -> String| report.map_or_else(String::new, of);
            rows.push(vec![
                candidate.model.to_owned(),
                number(|report| report.degrees_of_freedom().to_string()),
                number(|report| format!("{:.3}", report.log_likelihood())),
                number(|report| format!("{:.2}", report.aic())),
                candidate.verdict.to_string(),
            ]);
        }
        let mut columns = [Align::Right; 5];
        (columns[0], columns[4]) = (Align::Left, Align::Left);
        f.write_str(aligned(&rows, &columns).trim_end())
    }
}
