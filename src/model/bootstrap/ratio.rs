//! The likelihood-ratio test by simulation: its law where no theory has one.

use std::ops::ControlFlow;

use crate::numeric::chunks::{Grain, map};
use crate::numeric::random::RandomStream;

use super::super::comparison::{LikelihoodRatio, Nests, likelihood_ratio};
use super::super::fit::{Fit, Fitted};
use super::super::purchase::{PurchaseModel, PurchaseSample};
use super::{Bootstrap, BootstrapError, Progress, ReplicationError, ages, at_once, simulated};

/// A likelihood-ratio test whose law was simulated under the simpler model.
///
/// Made by [`Bootstrap::likelihood_ratio`].
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedRatio {
    test: LikelihoodRatio,
    above: usize,
    failures: Vec<(usize, ReplicationError)>,
    done: usize,
    asked: usize,
}

impl SimulatedRatio {
    /// The test, with the p-value that theory gives.
    #[must_use]
    pub fn test(&self) -> &LikelihoodRatio {
        &self.test
    }

    /// The simulated p-value: the share of statistics at or above the one found, itself counted
    /// among them, so that it is never 0. Its standard error is about `√(p(1−p)/n)`.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        let fitted = self.done - self.failures.len();
        (self.above + 1) as f64 / (fitted + 1) as f64
    }

    /// The replications that could not be fitted, by number from 0, and why; they are left out of the
    /// p-value.
    #[must_use]
    pub fn failures(&self) -> &[(usize, ReplicationError)] {
        &self.failures
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

impl Bootstrap {
    /// Tests two nested models by samples that are simulated under the simpler one and fitted with
    /// both: what to ask where the [`NullLaw`](super::super::NullLaw) is a bound or a hint.
    ///
    /// # Errors
    ///
    /// - [`BootstrapError::Comparison`] as [`likelihood_ratio`].
    /// - [`BootstrapError::FractionalWeight`] or [`BootstrapError::Quantity`] as
    ///   [`of_model`](Self::of_model).
    /// - [`BootstrapError::TooFewReplications`] if none could be fitted.
    pub fn likelihood_ratio<R, S>(
        &self,
        richer: &Fitted<R>,
        simpler: &Fitted<S>,
        sample: &PurchaseSample,
        mut progress: impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<SimulatedRatio, BootstrapError>
    where
        R: Fit<Sample = PurchaseSample> + Nests<S>,
        S: Fit<Sample = PurchaseSample> + PurchaseModel,
    {
        let ages = ages(sample, simpler.model().unit())?;
        Self::check(simpler, || S::fit_sample(sample, &self.options))?;
        let mut found = SimulatedRatio {
            test: likelihood_ratio(richer, simpler)?,
            above: 0,
            failures: Vec::new(),
            done: 0,
            asked: self.replications,
        };
        let statistic = |number: usize| -> Result<f64, ReplicationError> {
            let mut random = RandomStream::new(self.seed, number as u64);
            let sample = simulated(simpler.model(), &ages, &mut random)?;
            let low = S::fit_sample(&sample, &self.options)?;
            let high = R::fit_sample(&sample, &self.options)?;
            Ok(2.0 * (high.report().log_likelihood() - low.report().log_likelihood()))
        };
        'all: while found.done < self.replications {
            let first = found.done;
            let count = at_once().min(self.replications - first);
            for replication in map(count, Grain::EACH, |i| statistic(first + i)) {
                match replication {
                    Ok(statistic) => {
                        found.above += usize::from(statistic.max(0.0) >= found.test.statistic());
                    }
                    Err(error) => found.failures.push((found.done, error)),
                }
                found.done += 1;
                let flow = progress(Progress {
                    done: found.done,
                    of: self.replications,
                    failed: found.failures.len(),
                });
                if flow.is_break() {
                    break 'all;
                }
            }
        }
        if found.failures.len() == found.done {
            return Err(BootstrapError::TooFewReplications {
                needed: 1,
                found: 0,
                of: found.done,
                first: found.failures.into_iter().next().map(|(_, error)| error),
            });
        }
        Ok(found)
    }
}
