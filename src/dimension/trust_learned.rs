//! What was learned of what evidence of trust weighs.

use super::TrustPolicy;
use crate::quantity::Estimate;
use crate::summary::TrustSource;

/// Whether a weight was learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum SourceVerdict {
    /// The data agree with the table on the sign; the weight is theirs.
    Learned,
    /// The data contradict the table on the sign; the weight is the table's.
    Contradicts,
    /// Too few customers (20 by default) have evidence from it, or all have the same; the weight is the
    /// table's.
    TooLittle,
}

/// What was learned about one source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LearnedSource {
    pub(super) source: TrustSource,
    pub(super) verdict: SourceVerdict,
    pub(super) customers: usize,
    pub(super) coefficient: Option<(f64, f64)>,
    pub(super) table_weight: f64,
    pub(super) weight: f64,
}

impl LearnedSource {
    /// Which source.
    #[must_use]
    pub fn source(&self) -> TrustSource {
        self.source
    }

    /// Whether its weight was learned.
    #[must_use]
    pub fn verdict(&self) -> SourceVerdict {
        self.verdict
    }

    /// How many customers have evidence from it.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.customers
    }

    /// By how much one unit of its net evidence raises the logit of the outcome; `None` if there
    /// was too little evidence.
    #[must_use]
    pub fn coefficient(&self) -> Option<f64> {
        self.coefficient.map(|(coefficient, _)| coefficient)
    }

    /// The standard error of the coefficient, from the curvature of the penalised likelihood.
    #[must_use]
    pub fn standard_error(&self) -> Option<f64> {
        self.coefficient.map(|(_, error)| error)
    }

    /// The weight in the table.
    #[must_use]
    pub fn table_weight(&self) -> f64 {
        self.table_weight
    }

    /// The weight in the learned policy.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.weight
    }
}

/// Weights that were learned, and how well they forecast customers they were not learned from.
///
/// A log score is the mean of `−ln` of the chance that was given to what happened, in nats; 0 is
/// best. Trust under each set of weights is turned into a chance by a logistic regression of the
/// outcome on the log-odds of trust, so that the two are compared at their best.
#[derive(Debug, Clone, PartialEq)]
pub struct LearnedTrustWeights {
    pub(super) policy: TrustPolicy,
    pub(super) sources: Vec<LearnedSource>,
    pub(super) customers: usize,
    pub(super) happened: usize,
    pub(super) log_score: f64,
    pub(super) log_score_of_table: f64,
    pub(super) log_score_of_base_rate: f64,
    pub(super) gain_over_table: Estimate,
    pub(super) gain_over_base_rate: Estimate,
}

impl LearnedTrustWeights {
    /// The table's policy with the learned weights.
    #[must_use]
    pub fn policy(&self) -> &TrustPolicy {
        &self.policy
    }

    /// What was learned about each source of the direction that the table does not leave out.
    #[must_use]
    pub fn sources(&self) -> &[LearnedSource] {
        &self.sources
    }

    /// How many customers it was learned from.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.customers
    }

    /// For how many of them the outcome happened.
    #[must_use]
    pub fn happened(&self) -> usize {
        self.happened
    }

    /// Log score of the learned weights, out of sample.
    #[must_use]
    pub fn log_score(&self) -> f64 {
        self.log_score
    }

    /// Log score of the table's weights, out of sample.
    #[must_use]
    pub fn log_score_of_table(&self) -> f64 {
        self.log_score_of_table
    }

    /// Log score of the share of customers for whom it happened, out of sample.
    #[must_use]
    pub fn log_score_of_base_rate(&self) -> f64 {
        self.log_score_of_base_rate
    }

    /// By how much the log score is below that of the table; the sd is the standard error over
    /// customers.
    #[must_use]
    pub fn gain_over_table(&self) -> Estimate {
        self.gain_over_table
    }

    /// By how much the log score is below that of the base rate; the sd is the standard error over
    /// customers.
    #[must_use]
    pub fn gain_over_base_rate(&self) -> Estimate {
        self.gain_over_base_rate
    }

    /// Whether both gains exceed two standard errors. If not, keep the table.
    #[must_use]
    pub fn is_better(&self) -> bool {
        let is_clear = |gain: Estimate| gain.mean() > 2.0 * gain.sd();
        is_clear(self.gain_over_table) && is_clear(self.gain_over_base_rate)
    }
}
