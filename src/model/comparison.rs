//! Which of several models of the same data (模型比较): a test between two that are nested, and a
//! table of information criteria for any number.
//!
//! - The likelihood ratio and its law: Wilks (1938), "The large-sample distribution of the
//!   likelihood ratio for testing composite hypotheses", *Annals of Mathematical Statistics* 9(1),
//!   60–62, <https://doi.org/10.1214/aoms/1177732360>.
//! - At the edge of the parameter space: Self & Liang (1987), "Asymptotic properties of maximum
//!   likelihood estimators and likelihood ratio tests under nonstandard conditions", *Journal of
//!   the American Statistical Association* 82(398), 605–610,
//!   <https://doi.org/10.1080/01621459.1987.10478472>.
//! - Where a parameter means nothing under the simpler model: Davies (1977), "Hypothesis testing
//!   when a nuisance parameter is present only under the alternative", *Biometrika* 64(2), 247–254,
//!   <https://doi.org/10.1093/biomet/64.2.247>.
//! - Akaike weights: Burnham & Anderson (2002), *Model Selection and Multimodel Inference*, 2nd ed.

mod pairs;
mod table;

pub(super) use pairs::PAIRS;
pub use table::{ComparisonRow, ComparisonTable};

use std::fmt;

use crate::numeric::gamma::chi_square_upper;

use super::fit::Fitted;
use super::parameter::{ParameterKind, Parametric};
use super::report::{FitReport, Note};

/// Why fits cannot be compared.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ComparisonError {
    /// Fits to other customers.
    #[error("{model} was fitted to {found} customers, expected the {expected} of {other}")]
    Customers {
        /// The model that differs.
        model: String,
        /// The model it is compared with.
        other: String,
        /// Customers of that one.
        expected: f64,
        /// Customers of this one.
        found: f64,
    },
    /// Fits to as many customers with other histories.
    #[error("{model} was fitted to {found} distinct rows, expected the {expected} of {other}")]
    Rows {
        /// The model that differs.
        model: String,
        /// The model it is compared with.
        other: String,
        /// Distinct rows of that one.
        expected: usize,
        /// Distinct rows of this one.
        found: usize,
    },
    /// Fits in other units: the densities of one customer's purchases differ between them.
    #[error("{model} was fitted in {found:?}, expected {expected:?} as {other}")]
    Scale {
        /// The model that differs.
        model: String,
        /// The model it is compared with.
        other: String,
        /// Unit or currency of that one.
        expected: String,
        /// Unit or currency of this one.
        found: String,
    },
    /// A ridge pulled the estimates away from the maximum that a test is about.
    #[error("a likelihood-ratio test takes maxima of the likelihood, got {model} with a ridge")]
    Ridge {
        /// The model.
        model: String,
    },
    /// A likelihood without the density of the gaps between purchases, which were not known.
    #[error(
        "{model} was fitted without the gaps between purchases: its log-likelihood lacks their density"
    )]
    GapsUnknown {
        /// The model.
        model: String,
    },
    /// The richer model is below the simpler one, which it contains: one of the two did not find
    /// its maximum, or the data differ.
    #[error(
        "the log-likelihood of {richer} must be at least the {simpler_log_likelihood} of {simpler}, \
         got {richer_log_likelihood}"
    )]
    Order {
        /// The richer model.
        richer: String,
        /// The simpler model.
        simpler: String,
        /// Log-likelihood of the richer one.
        richer_log_likelihood: f64,
        /// Log-likelihood of the simpler one.
        simpler_log_likelihood: f64,
    },
    /// The richer fit has no more parameters than the simpler one.
    #[error(
        "the richer model must have more than the {simpler} parameters of the simpler, got {richer}"
    )]
    Parameters {
        /// Parameters of the richer one.
        richer: usize,
        /// Parameters of the simpler one.
        simpler: usize,
    },
    /// No fits to compare.
    #[error("a comparison needs at least one fit, got none")]
    Empty,
}

/// Where in the parameter space of a richer model a simpler one lies, which decides the law of the
/// likelihood ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Nesting {
    /// Amid the space: parameters have a value, such as an effect of 0, on both sides of which there
    /// are models.
    Inside,
    /// One parameter is at the end of its range and all others keep their meaning there.
    Edge,
    /// Parameters run off to a limit where others of the richer model mean nothing any more, as the
    /// heterogeneity of a dropout that does not happen.
    Limit,
}

/// That a model contains a simpler one, so that [`likelihood_ratio`] may test whether the data need
/// it. Implemented for the pairs of this crate; a model of your own takes one line.
///
/// # Examples
///
/// A test of models that are not nested does not compile:
///
/// ```compile_fail
/// use guanxi::model::{BgNbd, Fit, FitOptions, MbgNbd, likelihood_ratio};
///
/// let bg = BgNbd::fit(&[], &FitOptions::default()).unwrap();
/// let mbg = MbgNbd::fit(&[], &FitOptions::default()).unwrap();
/// likelihood_ratio(&mbg, &bg); // information criteria compare these: `ComparisonTable`
/// ```
pub trait Nests<S: Parametric>: Parametric {
    /// Where the simpler model lies.
    const NESTING: Nesting;
}

/// What is known of the law of the statistic if the simpler model is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum NullLaw {
    /// Chi-square with the degrees of freedom.
    ChiSquare,
    /// Half chi-square with the degrees of freedom and half with one fewer (Self & Liang 1987).
    HalfAndHalf,
    /// Not chi-square, but smaller where Davies's condition holds, that of a score which turns at
    /// most half a circle as the parameter lost at the limit moves: the p-value is then an upper
    /// bound, and the test conservative.
    AtMostChiSquare,
    /// A fit ran to a boundary of its own, where none of these laws is exact: the p-value, that of
    /// the chi-square, is a hint. A parametric bootstrap tells more.
    Indicative,
}

impl fmt::Display for NullLaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ChiSquare => "chi-square",
            Self::HalfAndHalf => "half chi-square, half with one degree of freedom fewer",
            Self::AtMostChiSquare => "at most chi-square, so the p-value is an upper bound",
            Self::Indicative => "not chi-square at a boundary, so the p-value is only indicative",
        })
    }
}

/// A likelihood-ratio test (似然比检验): do the data need the richer of two nested models?
///
/// Made by [`likelihood_ratio`].
#[derive(Debug, Clone, PartialEq)]
pub struct LikelihoodRatio {
    richer: String,
    simpler: String,
    statistic: f64,
    degrees_of_freedom: usize,
    law: NullLaw,
    p_value: f64,
}

impl LikelihoodRatio {
    /// Name of the richer model.
    #[must_use]
    pub fn richer(&self) -> &str {
        &self.richer
    }

    /// Name of the simpler model, true under the hypothesis that is tested.
    #[must_use]
    pub fn simpler(&self) -> &str {
        &self.simpler
    }

    /// Twice the difference of the log-likelihoods, at or above 0.
    #[must_use]
    pub fn statistic(&self) -> f64 {
        self.statistic
    }

    /// How many parameters the richer model has more.
    #[must_use]
    pub fn degrees_of_freedom(&self) -> usize {
        self.degrees_of_freedom
    }

    /// What is known of the law of the statistic if the simpler model is true.
    #[must_use]
    pub fn law(&self) -> NullLaw {
        self.law
    }

    /// Probability, from 0 to 1, of a statistic at least this large if the simpler model is true, in
    /// large samples; an upper bound or a hint where the [`law`](Self::law) says so.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        self.p_value
    }
}

impl fmt::Display for LikelihoodRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.law {
            NullLaw::AtMostChiSquare => "≤",
            NullLaw::Indicative => "≈",
            _ => "=",
        };
        write!(
            f,
            "{} against {}: 2 Δ ln L = {:.3} with {} degrees of freedom, p {sign} {:.3e} ({})",
            self.richer,
            self.simpler,
            self.statistic,
            self.degrees_of_freedom,
            self.p_value,
            self.law
        )
    }
}

/// A richer model may be below the simpler one by this share of the log-likelihood: the rounding
/// that a certified fit may have.
const ROUNDING: f64 = 1e-6;

/// Tests a model against a simpler one that it contains, both fitted to the same customers.
///
/// With [`Nesting::Inside`] twice the difference of the log-likelihoods is chi-square in large
/// samples. With [`Nesting::Edge`] half of all samples would put the parameter beyond its end, and
/// the law is half that with one degree of freedom fewer. With [`Nesting::Limit`] the statistic is
/// the square of the largest of many correlated normal scores, one for each value of the parameters
/// that the simpler model does not have; Davies's bound puts its tail below that of the chi-square
/// wherever these scores turn by no more than a half circle, so the p-value is stated as an upper
/// bound.
///
/// # Examples
///
/// Do these customers drop out at all?
///
/// ```
/// use guanxi::model::{
///     Fit, FitOptions, Nbd, NullLaw, ParetoNbd, PurchaseSample, Sample, likelihood_ratio,
/// };
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
/// let pareto = ParetoNbd::fit_sample(&sample, &FitOptions::default())?;
/// let nbd = Nbd::fit_sample(&sample, &FitOptions::default())?;
/// let test = likelihood_ratio(&pareto, &nbd)?;
/// assert_eq!((test.degrees_of_freedom(), test.law()), (2, NullLaw::AtMostChiSquare));
/// assert!((test.p_value() - 1.122e-4).abs() < 1e-6); // at most: they do
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Reports know how many customers and distinct rows a fit rests on, not who they are: that both
/// fits are of the same ones beyond these counts is for the caller to see to.
///
/// # Errors
///
/// - [`ComparisonError::Customers`], [`ComparisonError::Rows`] or [`ComparisonError::Scale`] for
///   fits to different data.
/// - [`ComparisonError::GapsUnknown`] if a likelihood lacks the density of gaps that are not known.
/// - [`ComparisonError::Ridge`] if a ridge pulled one of them.
/// - [`ComparisonError::Order`] if the richer one is below the simpler one beyond rounding, and
///   [`ComparisonError::Parameters`] unless it has more parameters.
pub fn likelihood_ratio<R: Nests<S>, S: Parametric>(
    richer: &Fitted<R>,
    simpler: &Fitted<S>,
) -> Result<LikelihoodRatio, ComparisonError> {
    test(R::NESTING, richer.report(), simpler.report())
}

/// The test of two reports whose models are nested like this.
pub(super) fn test(
    nesting: Nesting,
    richer: &FitReport,
    simpler: &FitReport,
) -> Result<LikelihoodRatio, ComparisonError> {
    check_same_data(simpler, richer)?;
    if let Some(report) = [richer, simpler].into_iter().find(|r| r.has_ridge()) {
        return Err(ComparisonError::Ridge {
            model: report.model().to_owned(),
        });
    }
    let counts = [richer, simpler].map(|report| report.parameters().len());
    let degrees_of_freedom = match counts {
        [rich, simple] if rich > simple => rich - simple,
        [richer, simpler] => return Err(ComparisonError::Parameters { richer, simpler }),
    };
    let (high, low) = (richer.log_likelihood(), simpler.log_likelihood());
    if high - low < -ROUNDING * low.abs().max(1.0) {
        return Err(ComparisonError::Order {
            richer: richer.model().to_owned(),
            simpler: simpler.model().to_owned(),
            richer_log_likelihood: high,
            simpler_log_likelihood: low,
        });
    }
    let statistic = (2.0 * (high - low)).max(0.0);
    let law = law(nesting, statistic, richer, simpler);
    Ok(LikelihoodRatio {
        richer: richer.model().to_owned(),
        simpler: simpler.model().to_owned(),
        statistic,
        degrees_of_freedom,
        law,
        p_value: p_value(law, degrees_of_freedom, statistic),
    })
}

/// The law of the statistic, given what the fits ran to.
fn law(nesting: Nesting, statistic: f64, richer: &FitReport, simpler: &FitReport) -> NullLaw {
    /// No more than what a fit gives up where it is named to be at a boundary.
    const MET: f64 = 2e-2;
    let ran = richer.boundary().is_some();
    let is_irregular = simpler.boundary().is_some()
        || match nesting {
            Nesting::Inside => ran,
            // The boundary where the two models meet is what the law is about.
            Nesting::Edge => ran && statistic > MET,
            Nesting::Limit => false,
        };
    match nesting {
        _ if is_irregular => NullLaw::Indicative,
        Nesting::Inside => NullLaw::ChiSquare,
        Nesting::Edge => NullLaw::HalfAndHalf,
        // The bound is for one parameter that is lost at the limit.
        Nesting::Limit if richer.parameters().len() > simpler.parameters().len() + 2 => {
            NullLaw::Indicative
        }
        Nesting::Limit => NullLaw::AtMostChiSquare,
    }
}

/// Probability of a statistic at or above this one.
fn p_value(law: NullLaw, degrees_of_freedom: usize, statistic: f64) -> f64 {
    let upper = |df: usize| match (df, statistic > 0.0) {
        (_, false) => 1.0,
        (0, true) => 0.0, // all of it is at 0
        (df, true) => chi_square_upper(df as f64, statistic),
    };
    match law {
        NullLaw::HalfAndHalf => {
            0.5 * (upper(degrees_of_freedom) + upper(degrees_of_freedom.saturating_sub(1)))
        }
        _ => upper(degrees_of_freedom),
    }
}

/// Whether two fits can be of the same customers in the same unit.
pub(super) fn check_same_data(
    other: &FitReport,
    report: &FitReport,
) -> Result<(), ComparisonError> {
    let names = || (report.model().to_owned(), other.model().to_owned());
    for one in [other, report] {
        check_complete(one)?;
    }
    if unit(other) != unit(report) {
        let (model, other_model) = names();
        return Err(ComparisonError::Scale {
            model,
            other: other_model,
            expected: unit(other).to_owned(),
            found: unit(report).to_owned(),
        });
    }
    let (expected, found) = (other.customers(), report.customers());
    if (expected - found).abs() > 1e-9 * expected {
        let (model, other) = names();
        return Err(ComparisonError::Customers {
            model,
            other,
            expected,
            found,
        });
    }
    let (expected, found) = (other.rows(), report.rows());
    let agree = match (has_effects(other), has_effects(report)) {
        (false, false) => expected == found,
        // Covariates tell customers apart whose histories are equal.
        (true, false) => expected >= found,
        (false, true) => expected <= found,
        (true, true) => true,
    };
    if agree {
        Ok(())
    } else {
        let (model, other) = names();
        Err(ComparisonError::Rows {
            model,
            other,
            expected,
            found,
        })
    }
}

/// The unit of a report, without what is fixed in the model, such as `k`, after a comma.
fn unit(report: &FitReport) -> &str {
    report.scale().split(',').next().unwrap_or_default()
}

/// Whether the likelihood is the whole density of the data.
pub(super) fn check_complete(report: &FitReport) -> Result<(), ComparisonError> {
    let mut notes = report.notes().iter();
    if notes.any(|note| matches!(note, Note::GapsUnknown { .. })) {
        return Err(ComparisonError::GapsUnknown {
            model: report.model().to_owned(),
        });
    }
    Ok(())
}

/// Whether the model has effects of covariates.
fn has_effects(report: &FitReport) -> bool {
    let mut parameters = report.parameters().iter();
    parameters.any(|parameter| parameter.kind() == ParameterKind::Effect)
}

#[cfg(test)]
mod tests;
