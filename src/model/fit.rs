//! One way to fit every model: maximum likelihood, certified or refused.

mod error;
mod options;

pub use error::FitError;
pub use options::{FitOptions, Ridge};

use crate::quantity::Estimate;
use crate::summary::RfmSummary;

#[cfg(feature = "simulate")]
use super::parameter::ParameterError;
use super::parameter::{ParameterKind, Parametric};
use super::report::FitReport;

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
/// # When a search ends
///
/// The search is over the parameters on a scale without bounds: logarithms of positive ones. It goes
/// on until no component of the gradient of the mean log-likelihood of a customer exceeds 1e-7, or,
/// for the models with a Hessian of their own (BG/NBD, MBG/NBD, NBD, Pareto/NBD, Gamma–Gamma), as soon
/// as less than 0.001 of a standard error is left in any direction and no component exceeds 1e-6. Newton
/// steps then take the end to where rounding hides the slope. A fit is returned only if no component
/// exceeds 1e-6; otherwise it is [`NotConverged`](FitError::NotConverged).
///
/// These models, except the NBD and a Gamma–Gamma of single amounts, and the correlated Pareto/NBD first
/// try all starts on a part of the customers: a 32nd of the distinct rows, at least 256. The purchase
/// models go on to an eighth of them if there are 10,000 or more. On a part the search ends at a tenth of a
/// standard error of that part, or at a component of 1e-4; the search of the whole begins there, or at the
/// start itself if it went further than a factor e³ from it. The answer is that of the whole alone.
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
