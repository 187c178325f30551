//! The certificate of a fit: what was estimated, how well, and what the data could not tell.

use std::borrow::Cow;
use std::fmt;

use crate::numeric::linear::Symmetric;
#[cfg(feature = "serde")]
use crate::quantity::stored::{read_finite, read_not_negative};
use crate::quantity::{Interval, Probability};
use crate::summary::SpendBasis;

use super::parameter::ParameterKind;
use super::purchase::Phases;
use super::text::{Align, aligned, significant};

/// One estimated parameter with its uncertainty.
///
/// # Examples
///
/// Whether a parameter is worth quoting is said by its interval; one that ran to a limit has none.
///
/// ```
/// use guanxi::model::{BgNbd, Fit, FitOptions, PurchaseSample, Sample};
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
/// let fitted = BgNbd::fit_sample(&sample, &FitOptions::default())?;
/// let [r, _, a, _] = fitted.report().parameters() else {
///     unreachable!("BG/NBD has four parameters");
/// };
/// assert_eq!(r.name(), "r");
/// assert!((r.value() - 0.2015169).abs() < 1e-6);
/// let interval = r.interval().ok_or("r has an interval")?;
/// assert!((interval.lower() - 0.1758385).abs() < 1e-6);
/// assert!((interval.upper() - 0.2309453).abs() < 1e-6);
/// assert_eq!(a.standard_error(), None); // one chance of dropout for all
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::stored::RawEstimate"))]
pub struct ParameterEstimate {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: ParameterKind,
    pub(crate) value: f64,
    pub(crate) standard_error: Option<f64>,
    pub(crate) interval: Option<Interval>,
}

impl ParameterEstimate {
    /// Name, as in the paper.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What kind of number it is.
    #[must_use]
    pub fn kind(&self) -> ParameterKind {
        self.kind
    }

    /// The estimate that maximises the likelihood.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Standard error from the observed information, by the delta method from the scale of the search (the
    /// logarithm of a positive parameter);
    /// `None` where the parameter ran to a [`Boundary`] and has none.
    #[must_use]
    pub fn standard_error(&self) -> Option<f64> {
        self.standard_error
    }

    /// Wald interval on the scale of the search, at the level of the fit's options; `None` where there is no
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
    /// Some drop out at the first chance, the others never.
    PolarisedDropout,
    /// Everybody buys at the same rate.
    HomogeneousRates,
    /// Purchase and dropout rates go together as far as the family of the model allows.
    StrongestDependence,
    /// Nobody's dropout grows more likely with time: the Pareto/NBD model, with its β at `β/b`.
    ParetoNbd,
    /// Everybody has the same mean spend.
    HomogeneousSpend,
    /// A customer's orders do not differ in value.
    ConstantSpend,
    /// A covariate whose effect the data do not bound: nobody with it drops out, say, or nobody at
    /// all.
    UnboundedEffect,
    /// Everybody has the same chance of not renewing.
    HomogeneousChurn,
    /// Some never renew, the others always do.
    PolarisedChurn,
    /// After the first renewal, the share of survivors falls as a power of time.
    PowerLawSurvival,
}

impl fmt::Display for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoDropout => "no dropout",
            Self::HomogeneousDropout => "one chance of dropout for all",
            Self::PolarisedDropout => "some drop out at once and the others never",
            Self::StrongestDependence => "the strongest dependence that the family allows",
            Self::HomogeneousRates => "one purchase rate for all",
            Self::ParetoNbd => "dropout at a steady rate: the Pareto/NBD model",
            Self::HomogeneousSpend => "one mean spend for all",
            Self::ConstantSpend => "orders of one customer of equal value",
            Self::UnboundedEffect => "an effect of a covariate without bound",
            Self::HomogeneousChurn => "one chance of leaving for all",
            Self::PolarisedChurn => "some leave at once and the others never",
            Self::PowerLawSurvival => "survival that falls as a power of time",
        })
    }
}

/// Something about a fit that its user should know.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum Note {
    /// The estimates ran to a limit of the model.
    AtBoundary(Boundary),
    /// Another start ended at a lower optimum, this much below the reported one.
    LowerOptimum {
        /// Log-likelihood given up there.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "read_not_negative"))]
        below: f64,
    },
    /// A ridge pulled the estimates; AIC and BIC are then only indicative.
    Ridge {
        /// Its strength.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "read_not_negative"))]
        strength: f64,
        /// What it took off the log-likelihood at the estimates.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "read_not_negative"))]
        penalty: f64,
    },
    /// The regularity *k* was chosen by likelihood; it does not count as a parameter in AIC and BIC.
    ChosenPhases {
        /// The likeliest.
        k: Phases,
        /// The others that were fitted, and how much log-likelihood each gives up.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "read_behind"))]
        behind: Vec<(Phases, f64)>,
    },
    /// Some gaps between purchases are not known, so that their share in the density, in which there
    /// is no parameter, is left out of the log-likelihood: it cannot be compared with that of another
    /// *k*.
    GapsUnknown {
        /// The regularity that was given.
        k: Phases,
    },
    /// Customers without a transaction of known value that counts, who say nothing about spend.
    WithoutSpend {
        /// How many (by weight).
        #[cfg_attr(feature = "serde", serde(deserialize_with = "read_not_negative"))]
        customers: f64,
    },
    /// Customers whose mean spend is not above zero and so cannot come from the model.
    NonPositiveSpend {
        /// How many (by weight).
        #[cfg_attr(feature = "serde", serde(deserialize_with = "read_not_negative"))]
        customers: f64,
    },
    /// Transactions of no value, which cannot come from the model and were left out.
    FreeTransactions {
        /// How many (by weight).
        #[cfg_attr(feature = "serde", serde(deserialize_with = "read_not_negative"))]
        transactions: f64,
    },
    /// The model of customers with certain covariates, out of a fit to customers with any: AIC and
    /// BIC belong to that fit, which has more parameters.
    AtCovariates {
        /// How many parameters it has.
        parameters: usize,
    },
    /// Effects are per this much of each covariate, because it was standardised: its name and its
    /// standard deviation.
    Standardised(Vec<(String, f64)>),
    /// Mean spends were taken over transactions other than the repeat ones, the usual basis: what
    /// the model says of spend is about these.
    SpendBasis(SpendBasis),
    /// Correlation between the number of transactions and their mean value, which the model takes
    /// to be nil.
    SpendCorrelation {
        /// Pearson's correlation.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "read_finite"))]
        correlation: f64,
    },
    /// The mean spend of a customer without history is infinite, because `q` is at most 1.
    NoPopulationMean {
        /// The estimate of `q`.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "read_not_negative"))]
        q: f64,
    },
    /// Retention rises with the age of a customer, so that no one rate describes it: valued at their
    /// average rate, customers are worth more than it says.
    RetentionRises {
        /// Trend of leaving against age, in standard errors (Cochran–Armitage), with the sign
        /// turned so that above 0 retention rises.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "read_finite"))]
        z: f64,
    },
}

/// Reads how far others are behind: never ahead.
#[cfg(feature = "serde")]
fn read_behind<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Vec<(Phases, f64)>, D::Error> {
    use crate::quantity::stored::not_negative;
    use serde::{Deserialize, de::Error};

    let behind = Vec::<(Phases, f64)>::deserialize(d)?;
    for (_, by) in &behind {
        not_negative("log-likelihood given up", *by).map_err(D::Error::custom)?;
    }
    Ok(behind)
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
            Self::ChosenPhases { k, behind } => {
                write!(f, "k = {k} is the likeliest of {}", behind.len() + 1)?;
                let next = behind.iter().min_by(|a, b| a.1.total_cmp(&b.1));
                let one = behind.iter().find(|other| other.0 == Phases::ONE);
                for (other, by) in one
                    .iter()
                    .copied()
                    .chain(next.filter(|next| one != Some(*next)))
                {
                    write!(f, ", {by:.3} above k = {other}")?;
                }
                Ok(())
            }
            Self::GapsUnknown { k } => write!(
                f,
                "not all gaps are known: the log-likelihood cannot be compared with that of \
                 another k than {k}"
            ),
            Self::WithoutSpend { customers } => {
                write!(
                    f,
                    "{customers} customers have no mean spend of their own to fit"
                )
            }
            Self::NonPositiveSpend { customers } => {
                write!(
                    f,
                    "{customers} repeat customers have no positive mean spend"
                )
            }
            Self::FreeTransactions { transactions } => {
                write!(f, "{transactions} transactions of no value were left out")
            }
            Self::AtCovariates { parameters } => write!(
                f,
                "one customer's model out of a fit of {parameters} parameters, to which AIC and BIC \
                 belong"
            ),
            Self::Standardised(covariates) => {
                f.write_str("effects are per standard deviation")?;
                for (i, (name, deviation)) in covariates.iter().enumerate() {
                    let before = if i == 0 { ": " } else { ", " };
                    write!(f, "{before}{name} {}", significant(*deviation, 3))?;
                }
                Ok(())
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
            Self::RetentionRises { z } => write!(
                f,
                "retention rises with age (z = {z:.2}): one average rate undervalues the customers"
            ),
        }
    }
}

/// What a fit found and how far it can be trusted.
///
/// A report exists only for a search that ended where the gradient vanishes and the likelihood is
/// curved downwards, or ran to a named [`Boundary`].
///
/// With the feature `serde` it is written under the names of its accessors, the covariance
/// as rows, and read back only if a fit can have written it.
///
/// # Examples
///
/// Two models of the same customers are compared by their information criteria; a log keeps the
/// notes.
///
/// ```
/// use guanxi::model::{BgNbd, Fit, FitOptions, MbgNbd, PurchaseSample, Sample};
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
/// let bg = BgNbd::fit_sample(&sample, &FitOptions::default())?;
/// let mbg = MbgNbd::fit_sample(&sample, &FitOptions::default())?;
/// assert!((bg.report().aic() - 12841.5794).abs() < 1e-3);
/// assert!((mbg.report().aic() - 12825.7565).abs() < 1e-3);
/// assert_eq!(
///     bg.report().notes()[0].to_string(),
///     "the estimates ran to a boundary: one chance of dropout for all"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::stored::RawReport"))]
pub struct FitReport {
    pub(crate) model: Cow<'static, str>,
    pub(crate) scale: String,
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
    pub(crate) covariance: Symmetric,
}

impl FitReport {
    /// Name of the model.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Unit of time or currency that the data and the parameters are in, in words such as `"week"`:
    /// likelihoods in different ones cannot be compared. Empty if the report was stored before this
    /// was kept.
    #[must_use]
    pub fn scale(&self) -> &str {
        &self.scale
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
    /// purchase model, the Pareto/NBD for the GGompertz/NBD, one rate of retention for the sBG, the
    /// sBG for the BdW, the plain model for one with covariates; never above
    /// [`log_likelihood`](Self::log_likelihood) but by rounding. `None`
    /// purchase model, the Pareto/NBD for the GGompertz/NBD, one rate of retention for the sBG, the sBG
    /// for the BdW; never above [`log_likelihood`](Self::log_likelihood) but by rounding. `None`
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

    /// How many numbers the data chose: the parameters, and the *k* of a regular model if it was
    /// not given.
    #[must_use]
    pub fn degrees_of_freedom(&self) -> usize {
        let chosen = |note: &&Note| matches!(note, Note::ChosenPhases { .. });
        self.parameters.len() + self.notes.iter().filter(chosen).count()
    }

    /// Akaike's information criterion, `2k − 2·ln L` with *k*
    /// [`degrees_of_freedom`](Self::degrees_of_freedom); lower is better.
    #[must_use]
    pub fn aic(&self) -> f64 {
        2.0 * self.degrees_of_freedom() as f64 - 2.0 * self.log_likelihood
    }

    /// Schwarz's information criterion, `k·ln n − 2·ln L` with *n* customers; lower is better.
    #[must_use]
    pub fn bic(&self) -> f64 {
        self.degrees_of_freedom() as f64 * self.customers.ln() - 2.0 * self.log_likelihood
    }

    /// Largest component of the gradient at the estimates: log-likelihood per customer and unit of
    /// the scale of the search (the logarithm of a positive parameter).
    #[must_use]
    pub fn gradient_norm(&self) -> f64 {
        self.gradient_norm
    }

    /// Smallest eigenvalue of the observed information, per customer and on the scale of the search: near
    /// zero, the data hardly tell some combination of the parameters.
    #[must_use]
    pub fn curvature(&self) -> f64 {
        self.curvature
    }

    /// Steps of the search that won, those on a part of a large sample not counted.
    #[must_use]
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Evaluations of the likelihood in all, over all starts; one on a part of a large sample counts
    /// like one on the whole.
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

    /// Covariance of parameters `i` and `j` on the scale of the search, from the observed
    /// information: of the logarithms of positive parameters, of effects as they are. At a boundary
    /// it is that across the limit: what stays identified there keeps its variance. `None` if there
    /// is no such parameter.
    #[must_use]
    pub fn covariance(&self, i: usize, j: usize) -> Option<f64> {
        let n = self.parameters.len();
        (i < n && j < n).then(|| self.covariance.at(i, j))
    }

    /// Whether a ridge pulled the estimates, so that AIC and BIC are only indicative.
    #[must_use]
    pub fn has_ridge(&self) -> bool {
        let mut notes = self.notes.iter();
        notes.any(|note| matches!(note, Note::Ridge { .. }))
    }

    /// The estimates alone.
    pub(crate) fn values(&self) -> Vec<f64> {
        self.parameters.iter().map(|p| p.value).collect()
    }
}

/// The certificate for a reader: estimates with their errors, what certifies them, and the notes.
impl fmt::Display for FitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.scale.as_str() {
            "" => String::new(),
            scale => format!(" ({scale})"),
        };
        writeln!(
            f,
            "{}{unit}: {} customers in {} distinct rows",
            self.model, self.customers, self.rows
        )?;
        let level = significant(self.level.value() * 100.0, 4);
        let mut rows = vec![
            ["parameter", "estimate", "s.e."]
                .map(str::to_owned)
                .to_vec(),
        ];
        rows[0].push(format!("{level} % interval"));
        for parameter in &self.parameters {
            rows.push(vec![
                parameter.name.to_string(),
                significant(parameter.value, 7),
                parameter
                    .standard_error
                    .map_or_else(|| "none".to_owned(), |error| significant(error, 4)),
                parameter.interval.map_or_else(
                    || "at a boundary".to_owned(),
                    |i| {
                        format!(
                            "{} to {}",
                            significant(i.lower(), 4),
                            significant(i.upper(), 4)
                        )
                    },
                ),
            ]);
        }
        let columns = [Align::Left, Align::Right, Align::Right, Align::Right];
        f.write_str(&aligned(&rows, &columns))?;
        writeln!(
            f,
            "  log-likelihood {:.4}, AIC {:.2}, BIC {:.2}",
            self.log_likelihood,
            self.aic(),
            self.bic()
        )?;
        write!(
            f,
            "  gradient per customer {:.1e} (0 at an optimum), smallest curvature {:.2e} (above 0)",
            self.gradient_norm, self.curvature
        )?;
        self.notes
            .iter()
            .try_for_each(|note| write!(f, "\n  note: {note}"))
    }
}
