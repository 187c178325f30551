//! The bootstrap (自助法): how estimates and answers vary from sample to sample, found by fitting
//! again to samples that might as well have come.
//!
//! Efron (1979), "Bootstrap Methods: Another Look at the Jackknife", *Annals of Statistics* 7(1),
//! 1–26, <https://doi.org/10.1214/aos/1176344552>; Davison & Hinkley (1997), *Bootstrap Methods and
//! their Application*, for the parametric kind.

mod ratio;
mod report;
mod resample;

pub use ratio::SimulatedRatio;
pub use report::{BootstrapReport, BootstrapSummary};

use std::fmt;
use std::ops::ControlFlow;

use crate::numeric::chunks::{Grain, map, threads};
use crate::numeric::random::RandomStream;
use crate::quantity::{QuantityError, Span, TimeUnit};

use super::comparison::ComparisonError;
use super::fit::{Fit, FitError, FitOptions, Fitted, Sample};
use super::parameter::Parametric;
use super::purchase::{PurchaseModel, PurchaseSample, SimulationError};
use super::resample::Resample;
use report::{Collected, Outcome};
use resample::{drawn_counts, whole};

/// Why there is no bootstrap.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BootstrapError {
    /// A row that stands for a part of a customer, of whom none can be drawn.
    #[error("a bootstrap draws whole customers, got a row of weight {found}")]
    FractionalWeight {
        /// The first such weight.
        found: f64,
    },
    /// More customers than can be counted exactly.
    #[error("a bootstrap draws at most {limit} customers, got {found}")]
    TooManyCustomers {
        /// The most.
        limit: f64,
        /// How many there are.
        found: f64,
    },
    /// A sample that the fit was not made of, or with other options.
    #[error(
        "the sample must be the one that {model} was fitted to, with the same options: expected a \
         log-likelihood of {expected}, got {found}"
    )]
    OtherSample {
        /// The model.
        model: &'static str,
        /// Log-likelihood of the fit.
        expected: f64,
        /// Log-likelihood of a fit to the sample.
        found: f64,
    },
    /// Too few replications could be fitted to say how they vary.
    #[error("a bootstrap needs {needed} replications that can be fitted, got {found} of {of}")]
    TooFewReplications {
        /// The fewest.
        needed: usize,
        /// Those that could be fitted.
        found: usize,
        /// Those that were made.
        of: usize,
        /// Why the first of the others could not.
        first: Option<ReplicationError>,
    },
    /// An answer that does not exist under the fitted model, or under nearly all replications.
    #[error("{answer} has no value under the model")]
    Answer {
        /// What was asked.
        answer: String,
        /// Why.
        #[source]
        error: FitError,
    },
    /// Two fits that cannot be tested against each other.
    #[error(transparent)]
    Comparison(#[from] ComparisonError),
    /// The sample cannot be fitted with these options.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// A number left its domain.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

/// Why one replication has no fit.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplicationError {
    /// The sample that was drawn cannot be fitted.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// A customer could not be simulated.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
    /// A customer's age is no span.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

/// How far a bootstrap has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Replications made so far, those that failed included.
    pub done: usize,
    /// Replications asked for.
    pub of: usize,
    /// Replications that could not be fitted.
    pub failed: usize,
}

/// A bootstrap to be made: its seed, how many replications, and how each is fitted.
///
/// Where the standard errors of a [`FitReport`](super::FitReport) trust the likelihood to be
/// quadratic and the model to be right, a bootstrap of customers trusts neither: it asks only that
/// the customers are a sample of those there might have been. One by simulation trusts the model but
/// not the approximation.
///
/// The same seed gives the same replications on every platform, in whatever order the customers
/// were added. Each replication has its own stream, so that the first hundred are the same whether
/// or not more follow. With the feature `parallel` the threads of the rayon pool that the caller runs
/// in share them, and the report is the same to the last bit.
///
/// # Examples
///
/// ```
/// use std::ops::ControlFlow;
///
/// use guanxi::model::{
///     Bootstrap, FitError, Fit, FitOptions, MbgNbd, PurchaseModel, PurchasePosterior, PurchaseSample,
///     Sample,
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
/// let fitted = MbgNbd::fit_sample(&sample, &FitOptions::default())?;
/// let year = Span::weeks(52.0)?;
/// let report = Bootstrap::new(1, 100)
///     .of_customers(&fitted, &sample)?
///     .asking("purchases of a new customer in a year", |model| {
///         Ok::<_, FitError>(model.newcomer().expected_purchases(year))
///     })
///     .summarise(|progress| {
///         assert!(progress.done <= progress.of); // show it, or `Break` to stop
///         ControlFlow::Continue(())
///     })?;
/// assert_eq!((report.done(), report.failures().len()), (100, 0));
/// let purchases = &report.answers()[0];
/// let by_delta = fitted.answer(|m| Ok::<_, FitError>(m.newcomer().expected_purchases(year)))?;
/// assert!((purchases.sd() / by_delta.sd() - 1.0).abs() < 0.2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Bootstrap {
    seed: u64,
    replications: usize,
    options: FitOptions,
}

impl Bootstrap {
    /// So many replications under this seed. A standard error takes some 200, an interval at 95 %
    /// some 2000.
    #[must_use]
    pub fn new(seed: u64, replications: usize) -> Self {
        Self {
            seed,
            replications,
            options: FitOptions::default(),
        }
    }

    /// The options of every fit, which are to be those of the original one; their level is that of
    /// the intervals.
    #[must_use]
    pub fn with_options(mut self, options: FitOptions) -> Self {
        self.options = options;
        self
    }

    /// Fits again to as many customers, drawn with replacement from the sample (客户自助法).
    ///
    /// A row of weight *n* is *n* equal customers. The sample is fitted once more on the way, to see
    /// that it is the one behind the fit.
    ///
    /// # Errors
    ///
    /// - [`BootstrapError::FractionalWeight`] if a weight is not a whole number, and
    ///   [`BootstrapError::TooManyCustomers`] beyond 2⁵³ customers.
    /// - [`BootstrapError::OtherSample`] if the fit is not one of this sample, and
    ///   [`BootstrapError::Fit`] if the sample cannot be fitted.
    pub fn of_customers<'a, M>(
        &self,
        fitted: &'a Fitted<M>,
        sample: &M::Sample,
    ) -> Result<Replications<'a, M>, BootstrapError>
    where
        M: Fit,
        M::Sample: Resample + 'a,
    {
        let warm = self.warm(fitted);
        self.of_customers_by(fitted, sample, move |sample, cold| {
            refit(sample, &warm, cold)
        })
    }

    /// The same where a fit takes more than a sample and options: the design of covariates, say, or
    /// a regularity *k* that is given.
    ///
    /// `fit` is to fit the model just as `fitted` was.
    ///
    /// # Errors
    ///
    /// As [`of_customers`](Self::of_customers).
    pub fn of_customers_by<'a, M: Parametric, S: Resample + 'a>(
        &self,
        fitted: &'a Fitted<M>,
        sample: &S,
        fit: impl Fn(&S, &FitOptions) -> Result<Fitted<M>, FitError> + Sync + 'a,
    ) -> Result<Replications<'a, M>, BootstrapError> {
        let rows = sample.sorted();
        let weights = whole(&rows.weights())?;
        let options = self.options.clone();
        Self::check(fitted, || fit(sample, &options))?;
        Ok(self.of(fitted, move |random| {
            let counts = drawn_counts(&weights, random);
            Ok(fit(&rows.reweighted(&counts), &options)?)
        }))
    }

    /// Fits again to customers of the same ages, simulated under the fitted model (参数自助法).
    ///
    /// # Errors
    ///
    /// As [`of_customers`](Self::of_customers); [`BootstrapError::Quantity`] for an age that is no
    /// [`Span`].
    pub fn of_model<'a, M>(
        &self,
        fitted: &'a Fitted<M>,
        sample: &PurchaseSample,
    ) -> Result<Replications<'a, M>, BootstrapError>
    where
        M: Fit<Sample = PurchaseSample> + PurchaseModel,
    {
        let ages = ages(sample, fitted.model().unit())?;
        let (warm, cold) = (self.warm(fitted), self.options.clone());
        Self::check(fitted, || refit(sample, &warm, &cold))?;
        Ok(self.of(fitted, move |random| {
            let sample = simulated(fitted.model(), &ages, random)?;
            Ok(refit(&sample, &warm, &cold)?)
        }))
    }

    /// Replications of any other kind: `replicate` draws a sample, all of it from the stream that it
    /// is given, and fits the model to it.
    pub fn of<'a, M: Parametric>(
        &self,
        fitted: &'a Fitted<M>,
        replicate: impl Fn(&mut RandomStream) -> Result<Fitted<M>, ReplicationError> + Sync + 'a,
    ) -> Replications<'a, M> {
        Replications {
            bootstrap: self.clone(),
            fitted,
            replicate: Box::new(replicate),
            questions: Vec::new(),
            next: 0,
        }
    }

    /// Whether the fit is one of this sample; `fit` makes another.
    fn check<M: Parametric>(
        fitted: &Fitted<M>,
        fit: impl FnOnce() -> Result<Fitted<M>, FitError>,
    ) -> Result<(), BootstrapError> {
        let expected = fitted.report().log_likelihood();
        let found = fit()?.report().log_likelihood();
        if (expected - found).abs() <= 1e-6 * expected.abs().max(1.0) {
            Ok(())
        } else {
            Err(BootstrapError::OtherSample {
                model: M::MODEL,
                expected,
                found,
            })
        }
    }

    /// Options that start from the estimates, where these are a place to start from.
    fn warm<M: Parametric>(&self, fitted: &Fitted<M>) -> FitOptions {
        let mut options = self.options.clone();
        // A search that begins at a limit, where the likelihood is flat, stays there.
        if fitted.report().boundary().is_none() {
            options.start = Some(fitted.model().values());
        }
        options
    }
}

/// A fit from where the last one ended; from the model's own starts, where that fails.
fn refit<M: Fit>(
    sample: &M::Sample,
    warm: &FitOptions,
    cold: &FitOptions,
) -> Result<Fitted<M>, FitError> {
    match M::fit_sample(sample, warm) {
        Err(_) if warm.start.is_some() => M::fit_sample(sample, cold),
        outcome => outcome,
    }
}

/// How many customers of a sample have each age.
fn ages(sample: &PurchaseSample, unit: TimeUnit) -> Result<Vec<(Span, u64)>, BootstrapError> {
    let (ages, weights): (Vec<f64>, Vec<f64>) = sample.ages().into_iter().unzip();
    let ages: Result<Vec<Span>, QuantityError> =
        ages.into_iter().map(|age| Span::new(age, unit)).collect();
    Ok(ages?.into_iter().zip(whole(&weights)?).collect())
}

/// Customers of these ages under the model.
fn simulated<M: PurchaseModel>(
    model: &M,
    ages: &[(Span, u64)],
    random: &mut RandomStream,
) -> Result<PurchaseSample, ReplicationError> {
    let seed = random.seed();
    let mut sample = PurchaseSample::default();
    let mut number = 0;
    for &(age, customers) in ages {
        for _ in 0..customers {
            sample.add(&model.simulate(seed, number, age)?.summary, 1.0)?;
            number += 1;
        }
    }
    Ok(sample)
}

/// How many replications are made between two reports of progress. Those that come after a stop are
/// thrown away, so that this reaches no answer.
fn at_once() -> usize {
    match threads() {
        1 => 1,
        threads => 8 * threads,
    }
}

/// What is asked of every replication.
type Question<'a, M> = Box<dyn Fn(&M) -> Result<f64, FitError> + Sync + 'a>;

/// One replication: a sample drawn and fitted.
type Replicate<'a, M> =
    Box<dyn Fn(&mut RandomStream) -> Result<Fitted<M>, ReplicationError> + Sync + 'a>;

/// The replications of a [`Bootstrap`], made one at a time as they are asked for: an iterator of
/// fits, none of which is kept, or of why there is none.
///
/// [`summarise`](Self::summarise) says how they vary.
pub struct Replications<'a, M> {
    bootstrap: Bootstrap,
    fitted: &'a Fitted<M>,
    replicate: Replicate<'a, M>,
    questions: Vec<(String, Question<'a, M>)>,
    next: usize,
}

impl<M: fmt::Debug> fmt::Debug for Replications<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let questions: Vec<&str> = self
            .questions
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        f.debug_struct("Replications")
            .field("bootstrap", &self.bootstrap)
            .field("fitted", &self.fitted)
            .field("questions", &questions)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl<'a, M: Parametric> Replications<'a, M> {
    /// Has an answer of the model summarised beside its parameters.
    #[must_use]
    pub fn asking<E: Into<FitError>>(
        mut self,
        name: impl Into<String>,
        answer: impl Fn(&M) -> Result<f64, E> + Sync + 'a,
    ) -> Self {
        let answer = move |model: &M| {
            let value = answer(model).map_err(Into::into)?;
            if value.is_finite() {
                Ok(value)
            } else {
                Err(FitError::Quantity(QuantityError::Domain {
                    quantity: "answer of a model",
                    expected: "a finite number",
                    found: value,
                }))
            }
        };
        self.questions.push((name.into(), Box::new(answer)));
        self
    }

    /// Makes the remaining replications and says how parameters and answers vary over them.
    ///
    /// `progress` is told after each one how far it has come, and may stop it; the report is then of
    /// those made so far and says so. Of a replication only these numbers are kept, in memory
    /// until the quantiles are taken.
    ///
    /// # Errors
    ///
    /// - [`BootstrapError::Answer`] if an answer does not exist under the fitted model itself, or
    ///   under all replications but one.
    /// - [`BootstrapError::TooFewReplications`] with fewer than two that could be fitted.
    pub fn summarise(
        mut self,
        mut progress: impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<BootstrapReport, BootstrapError> {
        let questions = std::mem::take(&mut self.questions);
        let mut collected = Collected::new(self.fitted, &questions)?;
        let asked = self.bootstrap.replications;
        'all: while self.next < asked {
            let first = self.next;
            self.next = asked.min(first + at_once());
            let one = |i: usize| Outcome::of(self.replication(first + i), &questions);
            for (i, outcome) in map(self.next - first, Grain::EACH, one)
                .into_iter()
                .enumerate()
            {
                collected.add(first + i, outcome);
                let flow = progress(Progress {
                    done: collected.done(),
                    of: asked,
                    failed: collected.failed(),
                });
                if flow.is_break() {
                    break 'all;
                }
            }
        }
        collected.report(asked, self.bootstrap.options.level)
    }

    fn replication(&self, number: usize) -> Result<Fitted<M>, ReplicationError> {
        let mut random = RandomStream::new(self.bootstrap.seed, number as u64);
        (self.replicate)(&mut random)
    }
}

impl<M: Parametric> Iterator for Replications<'_, M> {
    type Item = Result<Fitted<M>, ReplicationError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.bootstrap.replications {
            return None;
        }
        self.next += 1;
        Some(self.replication(self.next - 1))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.bootstrap.replications - self.next;
        (left, Some(left))
    }
}

impl<M: Parametric> ExactSizeIterator for Replications<'_, M> {}

#[cfg(test)]
mod tests;
