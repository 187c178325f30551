//! One way to fit every model: maximum likelihood, certified or refused.

use std::borrow::Cow;

use crate::quantity::{Currency, Estimate, Probability, QuantityError, TimeUnit};
use crate::summary::RfmSummary;

use super::covariates::CovariateError;
use super::parameter::{ParameterError, ParameterKind, Parametric};
use super::purchase::{ModelError, TimeVaryingError};
use super::report::FitReport;

/// Why a model could not be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// Too few customers to tell the parameters apart.
    #[error("fitting {model} needs {needed} customers, got {found}; a ridge lifts this limit")]
    TooFewCustomers {
        /// The model.
        model: &'static str,
        /// The fewest that the options accept.
        needed: f64,
        /// What the data held.
        found: f64,
    },
    /// Nobody came back, so nothing tells rates and dropout apart.
    #[error("fitting {model} needs customers with a repeat purchase, got none")]
    NoRepeatPurchase {
        /// The model.
        model: &'static str,
    },
    /// The regularity of gaps between purchases cannot be told without them.
    #[error(
        "choosing k of {model} needs the gaps of every customer with a repeat purchase; \
         give k, or summaries with the logarithms of the gaps"
    )]
    GapsUnknown {
        /// The model.
        model: &'static str,
    },
    /// The likelihood does not depend on some combination of the parameters.
    #[error(
        "the data do not identify the parameters of {model}: \
         curvature {curvature:e} at log-likelihood {log_likelihood}"
    )]
    NotIdentified {
        /// The model.
        model: &'static str,
        /// Smallest eigenvalue of the observed information per customer.
        curvature: f64,
        /// Log-likelihood reached.
        log_likelihood: f64,
        /// Parameters reached.
        parameters: Vec<f64>,
    },
    /// The search ended before the gradient vanished.
    #[error(
        "the search for {model} did not settle in {iterations} iterations: \
         gradient {gradient_norm:e} at log-likelihood {log_likelihood}"
    )]
    NotConverged {
        /// The model.
        model: &'static str,
        /// Steps spent.
        iterations: u32,
        /// Largest component of the gradient per customer, on the scale of the search.
        gradient_norm: f64,
        /// Log-likelihood reached.
        log_likelihood: f64,
        /// Parameters reached.
        parameters: Vec<f64>,
    },
    /// Nobody left, so nothing tells when anybody will.
    #[error("fitting {model} needs customers who left, got none")]
    NobodyLeft {
        /// The model.
        model: &'static str,
    },
    /// Nobody renewed even once, so nothing tells who would again.
    #[error("fitting {model} needs customers who renewed, got none")]
    NobodyRenewed {
        /// The model.
        model: &'static str,
    },
    /// Customers were not followed for long enough to tell the parameters apart.
    #[error(
        "fitting {model} needs customers at {needed} renewals, the longest history has {found}; \
         a ridge lifts this limit"
    )]
    TooFewPeriods {
        /// The model.
        model: &'static str,
        /// How many renewals must have come up, counted from the first.
        needed: u32,
        /// How many did.
        found: u32,
    },
    /// Survivors of a cohort that are not a falling series of numbers.
    #[error("survivors of a cohort must be {expected}, got {found:?} at place {index}")]
    Survivors {
        /// Place in the series, from 0.
        index: usize,
        /// What is accepted there.
        expected: &'static str,
        /// What was given.
        found: f64,
    },
    /// A period that cannot be one of a customer's.
    #[error("{quantity} must be {expected}, got {found}")]
    Periods {
        /// Which number.
        quantity: &'static str,
        /// What is accepted.
        expected: &'static str,
        /// What was given.
        found: u64,
    },
    /// A weight out of range.
    #[error("the weight of a row must be a number above 0 and at most 1e15, got {found}")]
    Weight {
        /// What was given.
        found: f64,
    },
    /// Options that cannot be followed.
    #[error("{option} must be {expected}, got {found}")]
    Option {
        /// Which option.
        option: &'static str,
        /// What is accepted.
        expected: &'static str,
        /// What was given.
        found: f64,
    },
    /// The centre of a ridge belongs to another model, unit or currency.
    #[error("the ridge is centred on a {found} model, expected {expected}")]
    RidgeCentre {
        /// What is fitted.
        expected: String,
        /// What the ridge was built from.
        found: String,
    },
    /// Customers in different units.
    #[error("a sample is in one unit of time, {expected}, got a customer in {found}")]
    UnitMismatch {
        /// Unit of the customers before.
        expected: TimeUnit,
        /// Unit of this one.
        found: TimeUnit,
    },
    /// Spend in different currencies.
    #[error("a sample is in one currency, {expected}, got a customer in {found}")]
    CurrencyMismatch {
        /// Currency of the customers before.
        expected: Currency,
        /// Currency of this one.
        found: Currency,
    },
    /// Mean spends over different transactions.
    #[error("a sample takes mean spends over {expected}, got a customer's over {found}")]
    SpendBasisMismatch {
        /// Basis of the customers before.
        expected: crate::summary::SpendBasis,
        /// Basis of this one.
        found: crate::summary::SpendBasis,
    },
    /// An amount of money that no transaction can have.
    #[error("an amount must be a number from 0 to 1e18, got {found}")]
    Amount {
        /// What was given.
        found: f64,
    },
    /// Covariates that do not fit the sample, the design or the model.
    #[error(transparent)]
    Covariate(#[from] CovariateError),
    /// Covariates over time that do not fit the sample, the design or the model.
    #[error(transparent)]
    TimeVarying(#[from] TimeVaryingError),
    /// An estimate left the domain of its parameter.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// An answer whose uncertainty was asked for does not exist.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A number of the report left its domain.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

/// A pull of the parameters towards known ones, for samples too small to speak for themselves.
///
/// Takes `strength · ‖ln θ − ln θ₀‖²` off the log-likelihood; the effect of a covariate counts as it
/// is instead of by its logarithm.
///
/// # Examples
///
/// A new shop with four customers borrows what a larger base has shown.
///
/// ```
/// use guanxi::model::{Fit, FitOptions, MbgNbd, MbgNbdParameters, Ridge};
/// use guanxi::quantity::TimeUnit;
/// use guanxi::summary::RfmSummary;
///
/// let group = MbgNbd::new(MbgNbdParameters {
///     unit: TimeUnit::Week,
///     r: 0.525,
///     alpha: 6.183,
///     a: 0.891,
///     b: 1.614,
/// })?;
/// let mut shop = Vec::new();
/// for (x, t_x, age) in [(0, 0.0, 20.0), (0, 0.0, 12.0), (1, 3.0, 15.0), (4, 9.0, 10.0)] {
///     shop.push(RfmSummary::new(TimeUnit::Week, x, t_x, age)?);
/// }
/// let options = FitOptions::default().with_ridge(Ridge::towards(&group, 1.0)?);
/// let fitted = MbgNbd::fit(&shop, &options)?;
/// assert!((fitted.model().parameters().r - 0.7011714).abs() < 1e-6); // 0.525 in the group
/// assert_eq!(
///     fitted.report().notes()[0].to_string(),
///     "a ridge of strength 1 took 0.164 off the log-likelihood: AIC and BIC are only indicative"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::stored::RawRidge"))]
pub struct Ridge {
    pub(super) strength: f64,
    pub(super) model: Cow<'static, str>,
    pub(super) scale: String,
    pub(super) centre: Vec<f64>,
    /// Kinds of the centre's parameters; none if all are positive.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub(super) kinds: Vec<ParameterKind>,
}

/// What a ridge on the effects of covariates alone is known by.
const EFFECTS: &str = "zero-effects";

impl Ridge {
    /// A ridge around the parameters of `model`, for example one fitted to a larger base.
    ///
    /// # Errors
    ///
    /// [`FitError::Option`] if `strength` is not positive and finite.
    pub fn towards<M: Fit>(model: &M, strength: f64) -> Result<Self, FitError> {
        Self::around(model, model.scale(), strength)
    }

    /// A ridge around the parameters of a model with this unit or currency.
    pub(super) fn around<M: Parametric>(
        model: &M,
        scale: String,
        strength: f64,
    ) -> Result<Self, FitError> {
        Self::check_strength(strength)?;
        let mut kinds = model.kinds();
        if kinds.iter().all(|&kind| kind == ParameterKind::Positive) {
            kinds.clear();
        }
        Ok(Self {
            strength,
            model: M::MODEL.into(),
            scale,
            centre: model.values(),
            kinds,
        })
    }

    /// A ridge that pulls the effects of covariates, and nothing else, towards 0: for more
    /// covariates than the customers can tell apart. Effects count as they are given, so that a
    /// ridge treats standardised covariates alike.
    ///
    /// A fit without covariates refuses it. The limit of 30 customers stays, for the other
    /// parameters are free.
    ///
    /// # Errors
    ///
    /// [`FitError::Option`] if `strength` is not positive and finite.
    pub fn on_effects(strength: f64) -> Result<Self, FitError> {
        Self::check_strength(strength)?;
        Ok(Self {
            strength,
            model: EFFECTS.into(),
            scale: "any unit".to_owned(),
            centre: Vec::new(),
            kinds: Vec::new(),
        })
    }

    /// Whether it is on the effects of covariates alone.
    pub(super) fn is_on_effects(&self) -> bool {
        self.model == EFFECTS
    }

    pub(super) fn check_strength(strength: f64) -> Result<(), FitError> {
        if strength > 0.0 && strength.is_finite() {
            Ok(())
        } else {
            Err(FitError::Option {
                option: "the strength of a ridge",
                expected: "positive and finite",
                found: strength,
            })
        }
    }

    pub(crate) fn strength(&self) -> f64 {
        self.strength
    }

    /// The centre, if the ridge was made for this model in this unit or currency.
    pub(crate) fn centre(&self, model: &'static str, scale: &str) -> Result<&[f64], FitError> {
        if self.model == model && self.scale == scale {
            Ok(&self.centre)
        } else {
            Err(FitError::RidgeCentre {
                expected: format!("{model} ({scale})"),
                found: format!("{} ({})", self.model, self.scale),
            })
        }
    }
}

/// How to fit. The default suits any sample of at least 30 customers.
///
/// # Examples
///
/// Fewer are refused, for their parameters would mean nothing; a [`Ridge`] says what else is known.
///
/// ```
/// use guanxi::model::{Fit, FitOptions, MbgNbd};
/// use guanxi::quantity::{Probability, TimeUnit};
/// use guanxi::summary::RfmSummary;
///
/// let options = FitOptions::default().with_level(Probability::NINETY_PERCENT);
/// let four = [RfmSummary::new(TimeUnit::Week, 2, 12.0, 30.0)?; 4];
/// let refused = MbgNbd::fit(&four, &options).map(|fitted| fitted.into_model());
/// assert_eq!(
///     refused.map_err(|error| error.to_string()),
///     Err("fitting MBG/NBD needs 30 customers, got 4; a ridge lifts this limit".to_owned())
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::stored::RawOptions"))]
pub struct FitOptions {
    pub(crate) level: Probability,
    pub(crate) iterations: u32,
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) minimum_customers: f64,
    pub(crate) ridge: Option<Ridge>,
    /// Parameters to search from instead of the model's own starts: the estimates from data that
    /// differ little. What ends the search is certified all the same.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) start: Option<Vec<f64>>,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self {
            level: Probability::NINETY_FIVE_PERCENT,
            iterations: 500,
            minimum_customers: 30.0,
            ridge: None,
            start: None,
        }
    }
}

impl FitOptions {
    /// Level of the parameters' intervals; 0.95 unless set.
    #[must_use]
    pub fn with_level(mut self, level: Probability) -> Self {
        self.level = level;
        self
    }

    /// Steps that each search may take; 500 unless set.
    #[must_use]
    pub fn with_iterations(mut self, iterations: u32) -> Self {
        self.iterations = iterations;
        self
    }

    /// A ridge, which also lifts the limit of 30 customers.
    #[must_use]
    pub fn with_ridge(mut self, ridge: Ridge) -> Self {
        self.ridge = Some(ridge);
        self
    }

    /// Whether intervals can have this level.
    pub(super) fn check_level(&self) -> Result<(), FitError> {
        let found = self.level.value();
        if found > 0.0 && found < 1.0 {
            Ok(())
        } else {
            Err(FitError::Option {
                option: "the level of intervals",
                expected: "between 0 and 1, both excluded",
                found,
            })
        }
    }
}

/// A model with the certificate of its fit.
///
/// # Examples
///
/// A model is fitted once a month and customers are scored every day: with the feature `serde` a fit
/// is kept with all that its answers rest on, and comes back only if model and report agree. Write
/// numbers so that they come back to the last bit (`serde_json` has the feature `float_roundtrip`).
///
/// ```
/// use guanxi::model::{BgNbd, Fit, FitOptions, Fitted, PurchaseSample, Sample};
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
/// # #[cfg(feature = "serde")]
/// # {
/// let stored = serde_json::to_string(&fitted)?; // once a month
/// let read: Fitted<BgNbd> = serde_json::from_str(&stored)?; // every day
/// assert_eq!(read, fitted);
/// let other = stored.replace("BG/NBD", "Pareto/NBD");
/// assert_eq!(
///     serde_json::from_str::<Fitted<BgNbd>>(&other).map_err(|error| error.to_string()),
///     Err(r#"model of a report must be "BG/NBD", got "Pareto/NBD""#.to_owned())
/// );
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        try_from = "super::stored::RawFitted<M>",
        bound(deserialize = "M: Parametric + serde::Deserialize<'de>")
    )
)]
pub struct Fitted<M> {
    pub(crate) model: M,
    pub(crate) report: FitReport,
}

impl<M: Parametric> Fitted<M> {
    /// The model.
    #[must_use]
    pub fn model(&self) -> &M {
        &self.model
    }

    /// The certificate.
    #[must_use]
    pub fn report(&self) -> &FitReport {
        &self.report
    }

    /// The model without its certificate.
    #[must_use]
    pub fn into_model(self) -> M {
        self.model
    }

    /// Any answer of the model with the standard error that the parameters' uncertainty gives it,
    /// by the delta method; `n_eff` is the number of customers fitted.
    ///
    /// # Errors
    ///
    /// Whatever `answer` returns, at the estimates or a small step beside them;
    /// [`FitError::Quantity`] if the answer is not finite.
    ///
    /// # Examples
    ///
    /// How far the data pin down what a new customer buys in a year:
    ///
    /// ```
    /// use guanxi::model::{
    ///     BgNbd, Fit, FitError, FitOptions, PurchaseModel, PurchasePosterior, PurchaseSample, Sample,
    /// };
    /// use guanxi::quantity::{Span, TimeUnit};
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
    /// let year = Span::weeks(52.0)?;
    /// let forecast = fitted.answer(|model| {
    ///     Ok::<_, FitError>(model.newcomer().expected_purchases(year))
    /// })?;
    /// assert!((forecast.mean() - 1.15985).abs() < 1e-4);
    /// assert!((forecast.sd() - 0.06657).abs() < 1e-4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn answer<E: Into<FitError>>(
        &self,
        answer: impl Fn(&M) -> Result<f64, E>,
    ) -> Result<Estimate, FitError> {
        /// Step on the scale of the search for the central differences.
        const STEP: f64 = 1e-4;
        let (values, kinds) = (self.model.values(), self.model.kinds());
        let mean = answer(&self.model).map_err(Into::into)?;
        let mut slopes = vec![0.0; values.len()];
        for (i, slope) in slopes.iter_mut().enumerate() {
            let beside = |step: f64| -> Result<f64, FitError> {
                let mut moved = values.clone();
                moved[i] = moved_by(kinds[i], moved[i], step);
                answer(&self.model.with_values(&moved)?).map_err(Into::into)
            };
            *slope = (beside(STEP)? - beside(-STEP)?) / (2.0 * STEP);
        }
        let variance = self.report.covariance.quadratic_form(&slopes);
        Ok(Estimate::new(
            mean,
            variance.max(0.0).sqrt(),
            self.report.customers,
        )?)
    }

    /// Models with parameters drawn from the normal approximation on the scale of the search, for
    /// uncertainty that is not small: the same seed gives the same models.
    ///
    /// A draw beyond the range of a parameter is drawn again, at most 100 times in a row.
    ///
    /// # Errors
    ///
    /// [`ParameterError`] if the draws keep leaving the range.
    ///
    /// # Examples
    ///
    /// The same answer under each of 400 models gives quantiles, where two standard errors would take
    /// the answer for symmetric:
    ///
    /// ```
    /// use guanxi::model::{
    ///     BgNbd, Fit, FitOptions, PurchaseModel, PurchasePosterior, PurchaseSample, Sample,
    /// };
    /// use guanxi::quantity::{Span, TimeUnit};
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
    /// let year = Span::weeks(52.0)?;
    /// let mut answers: Vec<f64> = fitted
    ///     .parameter_draws(1, 400)?
    ///     .iter()
    ///     .map(|model| model.newcomer().expected_purchases(year))
    ///     .collect();
    /// answers.sort_by(f64::total_cmp);
    /// assert!((answers[20] - 1.0538).abs() < 1e-3); // 5 %
    /// assert!((answers[379] - 1.2702).abs() < 1e-3); // 95 %
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "simulate")]
    pub fn parameter_draws(&self, seed: u64, count: usize) -> Result<Vec<M>, ParameterError> {
        use crate::numeric::random::RandomStream;

        let root = self.report.covariance.root();
        let mut random = RandomStream::new(seed, u64::MAX);
        let (values, kinds) = (self.model.values(), self.model.kinds());
        let mut draw = || {
            let normals: Vec<f64> = values.iter().map(|_| random.normal()).collect();
            let shifts = root.times(&normals);
            let moved = values.iter().zip(&kinds).zip(&shifts);
            let moved = moved.map(|((&value, &kind), &shift)| moved_by(kind, value, shift));
            self.model.with_values(&moved.collect::<Vec<_>>())
        };
        (0..count)
            .map(|_| {
                let mut drawn = draw();
                for _ in 0..100 {
                    if drawn.is_ok() {
                        break;
                    }
                    drawn = draw();
                }
                drawn
            })
            .collect()
    }
}

/// A value moved by a step on the scale of the search.
fn moved_by(kind: ParameterKind, value: f64, step: f64) -> f64 {
    match kind {
        ParameterKind::Positive => value * step.exp(),
        ParameterKind::Effect | ParameterKind::Dependence | ParameterKind::Probability => {
            kind.value_at(kind.to_search(value) + step)
        }
    }
}

/// Checks a number of customers: sums of a million of the largest stay far from the largest number.
pub(crate) fn check_weight(weight: f64) -> Result<(), FitError> {
    // Written so that NaN fails it.
    if weight > 0.0 && weight <= 1e15 {
        Ok(())
    } else {
        Err(FitError::Weight { found: weight })
    }
}

/// The rows that a likelihood is made of: equal customers merged into one row with a weight.
pub trait Sample: Default {
    /// Adds `weight` customers with this summary.
    ///
    /// # Errors
    ///
    /// - [`FitError::Weight`] unless the weight is above 0 and at most 1e15.
    /// - [`FitError::UnitMismatch`], [`FitError::CurrencyMismatch`] or
    ///   [`FitError::SpendBasisMismatch`] if the customer is measured otherwise than those before.
    fn add(&mut self, customer: &RfmSummary, weight: f64) -> Result<(), FitError>;
}

/// A model that can be fitted to customers by maximum likelihood.
///
/// What it is fitted to differs: code that fits any model to summaries asks for
/// `M: Fit<Sample: Sample>`.
///
/// # Examples
///
/// ```
/// use guanxi::model::{BgNbd, Boundary, Fit, FitOptions, PurchaseSample, Sample};
/// use guanxi::quantity::TimeUnit;
/// use guanxi::summary::RfmSummary;
///
/// // Frequency, recency and age in weeks, and how many customers share the row.
/// let rows = [
///     (0, 0.0, 38.0, 700.0), (0, 0.0, 27.0, 711.0), (1, 5.0, 38.0, 120.0), (1, 30.0, 38.0, 80.0),
///     (2, 12.0, 30.0, 60.0), (2, 25.0, 30.0, 70.0), (3, 18.0, 38.0, 40.0), (3, 36.0, 38.0, 60.0),
///     (6, 20.0, 33.0, 25.0), (6, 31.0, 33.0, 60.0), (12, 26.0, 38.0, 6.0), (12, 37.0, 38.0, 20.0),
/// ];
/// let mut sample = PurchaseSample::default();
/// for (x, t_x, age, weight) in rows {
///     sample.add(&RfmSummary::new(TimeUnit::Week, x, t_x, age)?, weight)?;
/// }
/// let fitted = BgNbd::fit_sample(&sample, &FitOptions::default())?;
/// assert_eq!(fitted.report().customers(), 1952.0);
/// // In a table this coarse nothing tells the customers' chances of dropout apart.
/// assert_eq!(fitted.report().boundary(), Some(Boundary::HomogeneousDropout));
/// assert!(fitted.report().gradient_norm() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Fit: Parametric {
    /// What the likelihood is made of: a [`Sample`], if it is made of customers' summaries.
    type Sample;

    /// The unit or currency that the parameters refer to, in words.
    fn scale(&self) -> String;

    /// Fits the model to merged rows.
    ///
    /// # Errors
    ///
    /// Any [`FitError`]; a search that did not settle says what it reached.
    fn fit_sample(sample: &Self::Sample, options: &FitOptions) -> Result<Fitted<Self>, FitError>;

    /// Fits the model to customers.
    ///
    /// # Errors
    ///
    /// Any [`FitError`]; a search that did not settle says what it reached.
    fn fit<'a>(
        customers: impl IntoIterator<Item = &'a RfmSummary>,
        options: &FitOptions,
    ) -> Result<Fitted<Self>, FitError>
    where
        Self::Sample: Sample,
    {
        let mut sample = Self::Sample::default();
        for customer in customers {
            sample.add(customer, 1.0)?;
        }
        Self::fit_sample(&sample, options)
    }
}
