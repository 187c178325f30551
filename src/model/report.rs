//! The certificate of a fit: what was estimated, how well, and what the data could not tell.

use std::fmt;

use crate::numeric::linear::Symmetric;
use crate::quantity::{Interval, Probability};
use crate::summary::SpendBasis;

/// One estimated parameter with its uncertainty.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ParameterEstimate {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
    pub(crate) standard_error: Option<f64>,
    pub(crate) interval: Option<Interval>,
}

impl ParameterEstimate {
    /// Name, as in the paper.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The estimate that maximises the likelihood.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Standard error from the observed information, by the delta method from the log scale;
    /// `None` where the parameter ran to a [`Boundary`] and has none.
    #[must_use]
    pub fn standard_error(&self) -> Option<f64> {
        self.standard_error
    }

    /// Wald interval on the log scale, at the level of the fit's options; `None` where there is no
    /// standard error.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        self.interval
    }
}

/// A limit of the model to which the data pushed the estimates. The model at the limit is simpler
/// and describes the data as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Boundary {
    /// Nobody drops out: the NBD model.
    NoDropout,
    /// Everybody has the same chance of dropping out.
    HomogeneousDropout,
    /// Everybody buys at the same rate.
    HomogeneousRates,
    /// Everybody has the same mean spend.
    HomogeneousSpend,
    /// A customer's orders do not differ in value.
    ConstantSpend,
}

impl fmt::Display for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoDropout => "no dropout",
            Self::HomogeneousDropout => "one chance of dropout for all",
            Self::HomogeneousRates => "one purchase rate for all",
            Self::HomogeneousSpend => "one mean spend for all",
            Self::ConstantSpend => "orders of one customer of equal value",
        })
    }
}

/// Something about a fit that its user should know.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Note {
    /// The estimates ran to a limit of the model.
    AtBoundary(Boundary),
    /// Another start ended at a lower optimum, this much below the reported one.
    LowerOptimum {
        /// Log-likelihood given up there.
        below: f64,
    },
    /// A ridge pulled the estimates; AIC and BIC are then only indicative.
    Ridge {
        /// Its strength.
        strength: f64,
        /// What it took off the log-likelihood at the estimates.
        penalty: f64,
    },
    /// Customers without a repeat purchase of known value, who say nothing about spend.
    WithoutSpend {
        /// How many (by weight).
        customers: f64,
    },
    /// Customers whose mean spend is not above zero and so cannot come from the model.
    NonPositiveSpend {
        /// How many (by weight).
        customers: f64,
    },
    /// Mean spends were taken over transactions other than the repeat ones, the usual basis: what
    /// the model says of spend is about these.
    SpendBasis(SpendBasis),
    /// Correlation between the number of transactions and their mean value, which the model takes
    /// to be nil.
    SpendCorrelation {
        /// Pearson's correlation.
        correlation: f64,
    },
    /// The mean spend of a customer without history is infinite, because `q` is at most 1.
    NoPopulationMean {
        /// The estimate of `q`.
        q: f64,
    },
}

/// From here on the correlation of frequency and spend is worth a warning.
pub(crate) const STRONG_CORRELATION: f64 = 0.2;

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtBoundary(boundary) => write!(f, "the estimates ran to a boundary: {boundary}"),
            Self::LowerOptimum { below } => {
                write!(
                    f,
                    "another start ended {below:.3} below this log-likelihood"
                )
            }
            Self::Ridge { strength, penalty } => write!(
                f,
                "a ridge of strength {strength} took {penalty:.3} off the log-likelihood: \
                 AIC and BIC are only indicative"
            ),
            Self::WithoutSpend { customers } => {
                write!(
                    f,
                    "{customers} customers have no repeat purchase of known value"
                )
            }
            Self::NonPositiveSpend { customers } => {
                write!(
                    f,
                    "{customers} repeat customers have no positive mean spend"
                )
            }
            Self::SpendBasis(basis) => write!(f, "mean spends are over {basis}"),
            Self::SpendCorrelation { correlation } => {
                let strong = correlation.abs() > STRONG_CORRELATION;
                write!(
                    f,
                    "correlation of frequency and mean spend is {correlation:.3}{}",
                    if strong {
                        ": the model takes them as independent and will be biased"
                    } else {
                        ""
                    }
                )
            }
            Self::NoPopulationMean { q } => write!(
                f,
                "q = {q:.3} is at most 1: the mean spend of a new customer does not exist"
            ),
        }
    }
}

/// What a fit found and how far it can be trusted.
///
/// A report exists only for a search that ended where the gradient vanishes and the likelihood is
/// curved downwards, or ran to a named [`Boundary`].
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct FitReport {
    pub(crate) model: &'static str,
    pub(crate) parameters: Vec<ParameterEstimate>,
    pub(crate) log_likelihood: f64,
    pub(crate) nested_log_likelihood: Option<f64>,
    pub(crate) customers: f64,
    pub(crate) rows: usize,
    pub(crate) gradient_norm: f64,
    pub(crate) curvature: f64,
    pub(crate) iterations: u32,
    pub(crate) evaluations: u32,
    pub(crate) level: Probability,
    pub(crate) notes: Vec<Note>,
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) ln_covariance: Symmetric,
}

impl FitReport {
    /// Name of the model.
    #[must_use]
    pub fn model(&self) -> &'static str {
        self.model
    }

    /// The estimates, in the order of the model's parameters.
    #[must_use]
    pub fn parameters(&self) -> &[ParameterEstimate] {
        &self.parameters
    }

    /// Log-likelihood at the estimates, without any ridge.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// Log-likelihood of the model that is nested in this one, the NBD without dropout for a
    /// purchase model; never above [`log_likelihood`](Self::log_likelihood) but by rounding. `None`
    /// where no nested model was fitted.
    #[must_use]
    pub fn nested_log_likelihood(&self) -> Option<f64> {
        self.nested_log_likelihood
    }

    /// Customers that the likelihood is made of (the sum of the weights).
    #[must_use]
    pub fn customers(&self) -> f64 {
        self.customers
    }

    /// Distinct rows that they were merged into.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Akaike's information criterion, `2k − 2·ln L`; lower is better.
    #[must_use]
    pub fn aic(&self) -> f64 {
        2.0 * self.parameters.len() as f64 - 2.0 * self.log_likelihood
    }

    /// Schwarz's information criterion, `k·ln n − 2·ln L` with *n* customers; lower is better.
    #[must_use]
    pub fn bic(&self) -> f64 {
        self.parameters.len() as f64 * self.customers.ln() - 2.0 * self.log_likelihood
    }

    /// Largest component of the gradient at the estimates: log-likelihood per customer and unit of
    /// the parameters' logarithms.
    #[must_use]
    pub fn gradient_norm(&self) -> f64 {
        self.gradient_norm
    }

    /// Smallest eigenvalue of the observed information, per customer and on the log scale: near
    /// zero, the data hardly tell some combination of the parameters.
    #[must_use]
    pub fn curvature(&self) -> f64 {
        self.curvature
    }

    /// Steps of the search that won.
    #[must_use]
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Evaluations of the likelihood in all, over all starts.
    #[must_use]
    pub fn evaluations(&self) -> u32 {
        self.evaluations
    }

    /// Level of the parameters' intervals.
    #[must_use]
    pub fn level(&self) -> Probability {
        self.level
    }

    /// What the user should know.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The boundary that the estimates ran to, if they did.
    #[must_use]
    pub fn boundary(&self) -> Option<Boundary> {
        self.notes.iter().find_map(|note| match note {
            Note::AtBoundary(boundary) => Some(*boundary),
            _ => None,
        })
    }

    /// Covariance of the logarithms of parameters `i` and `j`, from the observed information. At a
    /// boundary it is that across the limit: what stays identified there keeps its variance.
    /// `None` if there is no such parameter.
    #[must_use]
    pub fn ln_covariance(&self, i: usize, j: usize) -> Option<f64> {
        let n = self.parameters.len();
        (i < n && j < n).then(|| self.ln_covariance.at(i, j))
    }
}
