//! Geometric retention: one chance of leaving for all customers, whatever their age.

use std::borrow::Cow;

use crate::numeric::decline::geometric_sum;
use crate::quantity::{DiscountRate, TimeUnit};

use super::super::fit::{Fit, FitError, FitOptions, Fitted};
use super::super::maximise::{Problem, Sought, maximise};
use super::super::parameter::{ParameterError, ParameterKind, Parametric, check_one, exactly};
use super::super::purchase::ModelError;
use super::super::report::Note;
use super::sample::Period;
use super::{RetentionModel, RetentionPosterior, RetentionSample};

#[cfg(feature = "simulate")]
use super::draws::draw_renewals;
#[cfg(feature = "simulate")]
use crate::numeric::random::RandomStream;

/// Parameters of [`GeometricRetention`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct GeometricRetentionParameters {
    /// How long one contract runs.
    pub unit: TimeUnit,
    /// Probability of leaving at a renewal, from 1e-12 to 1 − 1e-12.
    pub churn: f64,
}

/// One chance of leaving for all customers and at every renewal: the limit of the sBG in which
/// customers do not differ.
///
/// It is what every formula assumes that values customers by one retention rate. Where retention
/// rises with age, it undervalues those who have stayed, and a fit says so.
///
/// Every value of this type is valid.
///
/// # Examples
///
/// ```
/// use guanxi::model::{Fit, FitOptions, GeometricRetention, RetentionModel, RetentionSample};
/// use guanxi::quantity::TimeUnit;
///
/// let mut sample = RetentionSample::new(TimeUnit::Year);
/// sample.add_cohort(&[1000.0, 631.0, 468.0, 382.0, 326.0, 289.0, 262.0, 241.0])?;
/// let fitted = GeometricRetention::fit_sample(&sample, &FitOptions::default())?;
/// assert!((fitted.model().parameters().churn - 759.0 / 3358.0).abs() < 1e-12);
/// assert!((fitted.model().survival(12) - 0.0462).abs() < 1e-4); // 0.173 in truth
/// assert_eq!(
///     fitted.report().notes()[0].to_string(),
///     "retention rises with age (z = 14.17): one average rate undervalues the customers"
/// );
/// # Ok::<(), guanxi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        try_from = "GeometricRetentionParameters",
        into = "GeometricRetentionParameters"
    )
)]
pub struct GeometricRetention(GeometricRetentionParameters);

impl GeometricRetention {
    /// A model with a known chance of leaving.
    ///
    /// # Errors
    ///
    /// [`ParameterError`] unless it is a number from 1e-12 to 1 − 1e-12.
    pub fn new(parameters: GeometricRetentionParameters) -> Result<Self, ParameterError> {
        let kind = ParameterKind::Probability;
        check_one(Self::MODEL, Self::NAMES[0], kind, parameters.churn)?;
        Ok(Self(parameters))
    }

    /// The parameters.
    #[must_use]
    pub fn parameters(&self) -> GeometricRetentionParameters {
        self.0
    }
}

impl TryFrom<GeometricRetentionParameters> for GeometricRetention {
    type Error = ParameterError;

    fn try_from(parameters: GeometricRetentionParameters) -> Result<Self, ParameterError> {
        Self::new(parameters)
    }
}

impl From<GeometricRetention> for GeometricRetentionParameters {
    fn from(model: GeometricRetention) -> Self {
        model.0
    }
}

impl Parametric for GeometricRetention {
    const MODEL: &'static str = "geometric retention";
    const NAMES: &'static [&'static str] = &["churn"];

    fn kinds(&self) -> Vec<ParameterKind> {
        vec![ParameterKind::Probability]
    }

    fn values(&self) -> Vec<f64> {
        vec![self.0.churn]
    }

    fn with_values(&self, values: &[f64]) -> Result<Self, ParameterError> {
        let [churn] = exactly(Self::MODEL, values)?;
        let unit = self.0.unit;
        Self::new(GeometricRetentionParameters { unit, churn })
    }
}

impl RetentionModel for GeometricRetention {
    type Posterior = GeometricRetentionPosterior;

    fn unit(&self) -> TimeUnit {
        self.0.unit
    }

    fn posterior(&self, renewals: u32) -> GeometricRetentionPosterior {
        GeometricRetentionPosterior {
            unit: self.0.unit,
            renewals,
            churn: self.0.churn,
        }
    }
}

/// What a model with one chance of leaving knows of a customer: nothing of the customer's own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GeometricRetentionPosterior {
    unit: TimeUnit,
    renewals: u32,
    churn: f64,
}

impl GeometricRetentionPosterior {
    /// Logarithm of the retention rate.
    fn ln_stay(&self) -> f64 {
        (-self.churn).ln_1p()
    }
}

impl RetentionPosterior for GeometricRetentionPosterior {
    fn unit(&self) -> TimeUnit {
        self.unit
    }

    fn renewals(&self) -> u32 {
        self.renewals
    }

    fn ln_likelihood(&self) -> f64 {
        f64::from(self.renewals) * self.ln_stay()
    }

    fn ln_survival(&self, periods: u32) -> f64 {
        f64::from(periods) * self.ln_stay()
    }

    fn churn_rate(&self, period: u32) -> f64 {
        if period == 0 { 0.0 } else { self.churn }
    }

    fn ln_churn_rate(&self, period: u32) -> f64 {
        self.churn_rate(period).ln()
    }

    fn mean_theta(&self) -> f64 {
        self.churn
    }

    fn residual_before_renewal(&self, rate: DiscountRate) -> Result<f64, ModelError> {
        let d = rate.discrete_per(self.unit);
        Ok((1.0 - self.churn) * ((1.0 + d) / (d + self.churn)))
    }

    fn residual_before_renewal_within(&self, rate: DiscountRate, payments: u32) -> f64 {
        let loss = rate.per(self.unit) - self.ln_stay();
        (1.0 - self.churn) * geometric_sum(loss, payments.into())
    }

    #[cfg(feature = "simulate")]
    fn draw(&self, _random: &mut RandomStream) -> f64 {
        self.churn
    }

    #[cfg(feature = "simulate")]
    fn draw_renewals(&self, theta: f64, periods: u32, random: &mut RandomStream) -> u32 {
        draw_renewals(theta, 1.0, self.renewals.into(), periods, random)
    }
}

/// Renewals made and not made, over all customers and ages: nested in every retention model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Average {
    kept: f64,
    lost: f64,
}

impl Average {
    pub(super) fn new(periods: &[Period]) -> Self {
        Self {
            kept: periods.iter().map(|period| period.kept).sum(),
            lost: periods.iter().map(|period| period.lost).sum(),
        }
    }

    /// The share that was not made: the estimate of a chance of leaving that is the same for all.
    pub(super) fn churn(&self) -> f64 {
        self.lost / (self.kept + self.lost)
    }

    /// Log-likelihood at that estimate; a sum without parts is nothing.
    pub(super) fn ln_likelihood(&self) -> f64 {
        let part = |count: f64, other: f64| {
            if count > 0.0 {
                -count * (other / count).ln_1p()
            } else {
                0.0
            }
        };
        part(self.lost, self.kept) + part(self.kept, self.lost)
    }
}

/// What became of each renewal, or why that does not suffice for a model that needs `needed` of
/// them. A ridge knows what the sample does not.
pub(super) fn check_history(
    model: &'static str,
    sample: &RetentionSample,
    needed: u32,
    options: &FitOptions,
) -> Result<Vec<Period>, FitError> {
    let customers = sample.customers();
    if sample.is_empty() {
        return Err(FitError::TooFewCustomers {
            model,
            needed: 1.0,
            found: customers,
        });
    }
    let periods = sample.periods();
    if options.ridge.is_some() {
        return Ok(periods);
    }
    if customers < options.minimum_customers {
        return Err(FitError::TooFewCustomers {
            model,
            needed: options.minimum_customers,
            found: customers,
        });
    }
    let average = Average::new(&periods);
    if average.lost == 0.0 {
        return Err(FitError::NobodyLeft { model });
    }
    if average.kept == 0.0 {
        return Err(FitError::NobodyRenewed { model });
    }
    let found = u32::try_from(periods.len()).unwrap_or(u32::MAX);
    if found < needed {
        return Err(FitError::TooFewPeriods {
            model,
            needed,
            found,
        });
    }
    Ok(periods)
}

impl Fit for GeometricRetention {
    type Sample = RetentionSample;

    fn scale(&self) -> String {
        self.0.unit.to_string()
    }

    fn fit_sample(
        sample: &RetentionSample,
        options: &FitOptions,
    ) -> Result<Fitted<Self>, FitError> {
        let periods = check_history(Self::MODEL, sample, 1, options)?;
        let average = Average::new(&periods);
        let kind = ParameterKind::Probability;
        let start = kind.to_search(average.churn().clamp(1e-8, 1.0 - 1e-8));
        let unit = sample.unit();
        let mut report = maximise(
            Problem {
                model: Self::MODEL,
                parameters: vec![Sought {
                    name: Cow::Borrowed(Self::NAMES[0]),
                    kind,
                    shift: 0.0,
                }],
                scale: unit.to_string(),
                customers: sample.customers(),
                rows: sample.len(),
                starts: vec![vec![start]],
                offset: 0.0,
                nested: None,
                limits: Vec::new(),
                notes: Vec::new(),
                likelihood: &mut |x: &[f64], gradient: &mut [f64]| {
                    let churn = kind.value_at(x[0]);
                    gradient[0] = average.lost * (1.0 - churn) - average.kept * churn;
                    -average.lost * (-x[0]).exp().ln_1p() - average.kept * x[0].exp().ln_1p()
                },
                coarse: Vec::new(),
            },
            options,
        )?;
        if let Some(rise) = sample.retention_rises() {
            report.notes.push(Note::RetentionRises { z: rise.z });
        }
        let [churn] = exactly(Self::MODEL, &report.values())?;
        let model = Self::new(GeometricRetentionParameters { unit, churn })?;
        Ok(Fitted { model, report })
    }
}
