//! What the replications say together.

use std::fmt;

use crate::numeric::spread::spread;
use crate::quantity::{Interval, Probability};

use super::super::fit::{FitError, Fitted};
use super::super::parameter::Parametric;
use super::super::text::{Align, aligned, significant};
use super::{BootstrapError, Question, ReplicationError};

/// How one parameter or answer varies over the replications.
#[derive(Debug, Clone, PartialEq)]
pub struct BootstrapSummary {
    name: String,
    estimate: f64,
    mean: f64,
    sd: f64,
    interval: Option<Interval>,
    used: usize,
    missing: usize,
}

impl BootstrapSummary {
    /// Name of the parameter, or of the answer as it was asked for.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value under the fitted model.
    #[must_use]
    pub fn estimate(&self) -> f64 {
        self.estimate
    }

    /// Its mean over the replications.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Its standard deviation over them: the bootstrap's standard error.
    #[must_use]
    pub fn sd(&self) -> f64 {
        self.sd
    }

    /// How far the mean lies above the estimate: about as far as the estimate lies above the truth.
    #[must_use]
    pub fn bias(&self) -> f64 {
        self.mean - self.estimate
    }

    /// The quantiles that hold the level between them (percentile interval); `None` with fewer
    /// replications than leave one beyond each end.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        self.interval
    }

    /// Replications that these numbers are of.
    #[must_use]
    pub fn used(&self) -> usize {
        self.used
    }

    /// Replications that were fitted but under which the answer does not exist.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.missing
    }
}

/// What a bootstrap found.
///
/// Replications that could not be fitted are left out of the numbers and listed: where they are
/// many, the others are a selection. Those that ran to a boundary are in the numbers and counted:
/// parameters have no mean there that means anything, but quantiles and answers do.
#[derive(Debug, Clone, PartialEq)]
pub struct BootstrapReport {
    model: &'static str,
    parameters: Vec<BootstrapSummary>,
    answers: Vec<BootstrapSummary>,
    failures: Vec<(usize, ReplicationError)>,
    at_boundary: usize,
    done: usize,
    asked: usize,
}

impl BootstrapReport {
    /// Name of the model.
    #[must_use]
    pub fn model(&self) -> &'static str {
        self.model
    }

    /// The parameters, in the order of the model.
    #[must_use]
    pub fn parameters(&self) -> &[BootstrapSummary] {
        &self.parameters
    }

    /// The answers, in the order in which they were asked for.
    #[must_use]
    pub fn answers(&self) -> &[BootstrapSummary] {
        &self.answers
    }

    /// The replications that could not be fitted, by number from 0, and why.
    #[must_use]
    pub fn failures(&self) -> &[(usize, ReplicationError)] {
        &self.failures
    }

    /// Replications whose estimates ran to a boundary of the model.
    #[must_use]
    pub fn at_boundary(&self) -> usize {
        self.at_boundary
    }

    /// Replications made, those that failed included.
    #[must_use]
    pub fn done(&self) -> usize {
        self.done
    }

    /// Whether all replications asked for were made, not stopped before.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.done == self.asked
    }
}

impl fmt::Display for BootstrapReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} of {} replications",
            self.model, self.done, self.asked
        )?;
        if !self.failures.is_empty() {
            write!(f, ", {} not fitted", self.failures.len())?;
        }
        if self.at_boundary > 0 {
            write!(f, ", {} at a boundary", self.at_boundary)?;
        }
        let heading = ["", "estimate", "mean", "s.d.", "bias", "interval"];
        let mut rows = vec![heading.map(str::to_owned).to_vec()];
        for summary in self.parameters.iter().chain(&self.answers) {
            rows.push(vec![
                summary.name.clone(),
                significant(summary.estimate, 6),
                significant(summary.mean, 6),
                significant(summary.sd, 4),
                significant(summary.bias(), 3),
                summary.interval.map_or_else(
                    || "none".to_owned(),
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
        let mut columns = [Align::Right; 6];
        columns[0] = Align::Left;
        write!(f, "\n{}", aligned(&rows, &columns).trim_end())
    }
}

/// The values of one parameter or answer so far.
#[derive(Debug)]
struct Series {
    name: String,
    estimate: f64,
    values: Vec<f64>,
    missing: usize,
    error: Option<FitError>,
}

impl Series {
    fn new(name: String, estimate: f64) -> Self {
        Self {
            name,
            estimate,
            values: Vec::new(),
            missing: 0,
            error: None,
        }
    }

    fn summary(mut self, level: Probability) -> Result<BootstrapSummary, BootstrapError> {
        let used = self.values.len();
        let Some(spread) = spread(&mut self.values, level.value()) else {
            // The replications were fitted, so that answers were refused.
            let error = self.error.unwrap_or(FitError::Option {
                option: "the number of replications",
                expected: "2 or more",
                found: used as f64,
            });
            return Err(BootstrapError::Answer {
                answer: self.name,
                error,
            });
        };
        let has_tails = 0.5 * level.complement().value() * used as f64 >= 1.0;
        let interval = has_tails
            .then(|| Interval::new(spread.lower, spread.upper, level))
            .transpose()?;
        Ok(BootstrapSummary {
            name: self.name,
            estimate: self.estimate,
            mean: spread.mean,
            sd: spread.sd,
            interval,
            used,
            missing: self.missing,
        })
    }
}

/// What is kept of one replication.
#[derive(Debug)]
pub(super) struct Outcome {
    values: Vec<f64>,
    answers: Vec<Result<f64, FitError>>,
    is_at_boundary: bool,
}

impl Outcome {
    pub(super) fn of<M: Parametric>(
        replication: Result<Fitted<M>, ReplicationError>,
        questions: &[(String, Question<'_, M>)],
    ) -> Result<Self, ReplicationError> {
        let fitted = replication?;
        let model = fitted.model();
        Ok(Self {
            values: model.values(),
            answers: questions.iter().map(|(_, ask)| ask(model)).collect(),
            is_at_boundary: fitted.report().boundary().is_some(),
        })
    }
}

/// What is kept of the replications so far.
#[derive(Debug)]
pub(super) struct Collected {
    model: &'static str,
    parameters: Vec<Series>,
    answers: Vec<Series>,
    failures: Vec<(usize, ReplicationError)>,
    at_boundary: usize,
    done: usize,
}

impl Collected {
    pub(super) fn new<M: Parametric>(
        fitted: &Fitted<M>,
        questions: &[(String, Question<'_, M>)],
    ) -> Result<Self, BootstrapError> {
        let model = fitted.model();
        let named = model.names().into_iter().zip(model.values());
        let answer = |(name, question): &(String, Question<'_, M>)| match question(model) {
            Ok(estimate) => Ok(Series::new(name.clone(), estimate)),
            Err(error) => Err(BootstrapError::Answer {
                answer: name.clone(),
                error,
            }),
        };
        Ok(Self {
            model: M::MODEL,
            parameters: named
                .map(|(name, value)| Series::new(name.into_owned(), value))
                .collect(),
            answers: questions.iter().map(answer).collect::<Result<_, _>>()?,
            failures: Vec::new(),
            at_boundary: 0,
            done: 0,
        })
    }

    pub(super) fn done(&self) -> usize {
        self.done
    }

    pub(super) fn failed(&self) -> usize {
        self.failures.len()
    }

    /// Takes in one replication.
    pub(super) fn add(&mut self, number: usize, outcome: Result<Outcome, ReplicationError>) {
        self.done += 1;
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => {
                self.failures.push((number, error));
                return;
            }
        };
        self.at_boundary += usize::from(outcome.is_at_boundary);
        for (series, value) in self.parameters.iter_mut().zip(outcome.values) {
            series.values.push(value);
        }
        for (series, answer) in self.answers.iter_mut().zip(outcome.answers) {
            match answer {
                Ok(value) => series.values.push(value),
                Err(error) => {
                    series.missing += 1;
                    series.error.get_or_insert(error);
                }
            }
        }
    }

    pub(super) fn report(
        self,
        asked: usize,
        level: Probability,
    ) -> Result<BootstrapReport, BootstrapError> {
        let fitted = self.done - self.failures.len();
        if fitted < 2 {
            return Err(BootstrapError::TooFewReplications {
                needed: 2,
                found: fitted,
                of: self.done,
                first: self.failures.into_iter().next().map(|(_, error)| error),
            });
        }
        let summaries = |all: Vec<Series>| -> Result<Vec<_>, BootstrapError> {
            all.into_iter()
                .map(|series| series.summary(level))
                .collect()
        };
        Ok(BootstrapReport {
            model: self.model,
            parameters: summaries(self.parameters)?,
            answers: summaries(self.answers)?,
            failures: self.failures,
            at_boundary: self.at_boundary,
            done: self.done,
            asked,
        })
    }
}
