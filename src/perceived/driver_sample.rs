//! Respondents who answered everything about some components and an outcome.

use super::answers::SurveyAnswers;
use super::correlation_matrix::{CorrelationMatrix, scores};
use super::driver_error::{DriverError, owned};
use super::driver_importance::{DriverImportance, check_count, check_respondents};
use super::importance_performance::{ImportancePerformance, QuadrantCuts};
use super::moments::Standardised;

/// The answers of respondents about components and an outcome (overall value, satisfaction,
/// loyalty), checked and complete, for [`DriverImportance`] and its bootstrap.
///
/// Who left out any of these answers is left out as a whole and counted.
///
/// # Examples
///
/// ```
/// use guanxi::perceived::{SurveyAnswers, DriverSample};
///
/// let mut answers = SurveyAnswers::new(["product", "service", "value"])?;
/// for row in [[1.0, 1.0, 1.0], [1.0, 2.0, 2.0], [2.0, 1.0, 4.0], [2.0, 2.0, 5.0]] {
///     answers.add(row)?;
/// }
/// answers.add([Some(3.0), None, Some(4.0)])?;
/// let sample = DriverSample::new(&answers, "value", ["product", "service"])?;
/// assert_eq!((sample.respondents(), sample.left_out()), (4, 1));
/// // value = 3·product + service − 3, and the two are unrelated.
/// let drivers = sample.importance()?;
/// assert!((drivers.driver("product")?.importance() - 0.9).abs() < 1e-12);
/// assert!((drivers.driver("service")?.importance() - 0.1).abs() < 1e-12);
/// # Ok::<(), guanxi::perceived::DriverError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DriverSample {
    outcome: String,
    missing: Vec<(String, usize)>,
    means: Vec<f64>,
    /// Standardised, column by column: the components, then the outcome.
    #[cfg_attr(not(feature = "simulate"), allow(dead_code, reason = "drawn from"))]
    pub(super) scores: Vec<Vec<f64>>,
    correlations: CorrelationMatrix,
}

impl DriverSample {
    /// The respondents who gave all of these answers.
    ///
    /// # Errors
    ///
    /// - [`DriverError::Unknown`] or [`DriverError::Repeated`] for names, the outcome's included.
    /// - [`DriverError::Empty`] without a component, [`DriverError::TooManyComponents`] with more
    ///   than 12.
    /// - [`DriverError::TooFew`] with fewer respondents than two more than the components.
    /// - [`DriverError::Constant`], naming the column, if all of them answered the same.
    /// - [`DriverError::Collinear`], naming the component and those that determine it, if less than
    ///   1e-6 of its variance is its own.
    pub fn new<C: AsRef<str>>(
        answers: &SurveyAnswers,
        outcome: &str,
        components: impl IntoIterator<Item = C>,
    ) -> Result<Self, DriverError> {
        let mut columns: Vec<String> = components.into_iter().map(owned).collect();
        let components = columns.len();
        check_count(components)?;
        columns.push(outcome.to_owned());
        let complete = answers.complete(&columns)?;
        let respondents = complete.rows.len();
        check_respondents(components, respondents, complete.left_out)?;
        let standard = scores(&columns, &complete.rows, complete.left_out)?;
        let correlations = CorrelationMatrix::of_scores(
            columns.clone(),
            &standard,
            respondents,
            complete.left_out,
        );
        let places: Vec<usize> = (0..components).collect();
        correlations.factor(&places)?;
        Ok(Self {
            outcome: outcome.to_owned(),
            missing: columns.into_iter().zip(complete.missing).collect(),
            means: standard.iter().map(|column| column.mean).collect(),
            scores: standard
                .into_iter()
                .map(Standardised::into_scores)
                .collect(),
            correlations,
        })
    }

    /// What the components are held against.
    #[must_use]
    pub fn outcome(&self) -> &str {
        &self.outcome
    }

    /// The names of the components.
    #[must_use]
    pub fn components(&self) -> &[String] {
        let columns = self.correlations.columns();
        columns
            .split_last()
            .map_or(&[], |(_, components)| components)
    }

    /// How many respondents answered everything.
    #[must_use]
    pub fn respondents(&self) -> usize {
        self.correlations.respondents().unwrap_or_default()
    }

    /// How many respondents were left out because they did not answer everything.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.correlations.left_out()
    }

    /// How many left out each question, the components first and the outcome last: where answers
    /// were lost.
    #[must_use]
    pub fn missing(&self) -> &[(String, usize)] {
        &self.missing
    }

    /// The mean answer about each component, in its own unit: its performance.
    pub fn performance(&self) -> impl Iterator<Item = (&str, f64)> {
        let means = self.means.iter().copied();
        self.components().iter().map(String::as_str).zip(means)
    }

    /// The correlations of components and outcome, in this order.
    #[must_use]
    pub fn correlations(&self) -> &CorrelationMatrix {
        &self.correlations
    }

    /// How much of the outcome's variance goes with each component.
    ///
    /// # Errors
    ///
    /// As [`DriverImportance::of`]; the sample was checked for all of them.
    pub fn importance(&self) -> Result<DriverImportance, DriverError> {
        DriverImportance::of(&self.correlations, &self.outcome)
    }

    /// The importance of each component against its mean answer. All components must be asked about
    /// on one scale, on which more is better.
    ///
    /// # Errors
    ///
    /// As [`importance`](Self::importance) and [`ImportancePerformance::new`].
    pub fn importance_performance(
        &self,
        cuts: QuadrantCuts,
    ) -> Result<ImportancePerformance, DriverError> {
        let importance = self.importance()?;
        let rows = importance.drivers().iter().zip(self.performance());
        ImportancePerformance::new(
            rows.map(|(driver, (name, performance))| (name, driver.importance(), performance)),
            cuts,
        )
    }
}
