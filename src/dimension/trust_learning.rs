//! Learning what evidence of trust weighs from what customers did later.

use super::error::checked;
use super::logistic_ridge::LogisticRidge;
use super::{
    DimensionError, LearnedSource, LearnedTrustWeights, SourceVerdict, TrustBelief, TrustPolicy,
};
use crate::numeric::special::softplus;
use crate::quantity::Estimate;
use crate::summary::{TrustDirection, TrustEvidence, TrustSource};

/// How weights of trust are learned from outcomes (信任权重学习), such as whether each customer renewed.
///
/// A logistic regression of the outcome on the net evidence of each source, `kept − κ·broken`, gives
/// each a coefficient; those that agree with the table, more evidence and more renewals, become the
/// new weights in proportion. They are scaled so that the sources that were learned keep the mean
/// weight the table gives them, because outcomes tell how sources compare and not how fast a prior
/// should give way. A source whose coefficient has the wrong sign keeps the weight of the table and
/// is reported; so is one that too few customers have evidence from.
///
/// Weights that were learned are worth using if they forecast better than the table and than the
/// base rate, out of sample: see [`LearnedTrustWeights::is_better`].
///
/// A ridge, of 1 for columns scaled to a standard deviation of 1, keeps coefficients finite where
/// evidence separates the outcomes. It is our choice, and so are five folds.
///
/// What is learned is what goes along with the outcome, not what causes it.
///
/// It has no id of its own: it scores nobody. What it leads to is a [`TrustPolicy`], whose
/// [id](TrustPolicy::id) covers the learned weights and is kept with every score that is made by it.
///
/// # Examples
///
/// ```
/// use chrono::DateTime;
/// use guanxi::dimension::{SourceVerdict, TrustLearning, TrustPolicy};
/// use guanxi::history::{CustomerId, Interaction, InteractionId, Promise, PromiseEvent};
/// use guanxi::summary::{EvidencePolicy, TrustEvidence};
///
/// // Of 200 customers half saw a promise broken. 3 of 4 of the others renewed, and 1 of 4 of them.
/// let now = DateTime::UNIX_EPOCH;
/// let mut customers = Vec::new();
/// for n in 0..200 {
///     let is_kept = n % 2 == 0;
///     let event = if is_kept { PromiseEvent::Kept } else { PromiseEvent::Broken };
///     let (id, customer) = (InteractionId::new(format!("p-{n}"))?, CustomerId::new(format!("c-{n}"))?);
///     let log = [Interaction::new(id, customer, now, Promise::new(event))?];
///     let evidence = TrustEvidence::from_interactions(&log, now, &EvidencePolicy::default());
///     customers.push((evidence, (n / 2 % 4 == 0) != is_kept));
/// }
/// let learning = TrustLearning::new(TrustPolicy::default());
/// let learned = learning.learn(customers.iter().map(|(evidence, renewed)| (evidence, *renewed)))?;
///
/// let promise = &learned.sources()[0];
/// assert_eq!((promise.verdict(), promise.customers()), (SourceVerdict::Learned, 200));
/// // A kept promise is 3 above a broken one: ln(3·3) apart, less what the ridge takes.
/// assert!(promise.coefficient().is_some_and(|c| (0.68..9_f64.ln() / 3.0).contains(&c)));
/// assert!(learned.log_score() < learned.log_score_of_base_rate());
/// // With one source alone there is nothing to gain over the table.
/// assert_eq!(promise.weight(), promise.table_weight());
/// assert!(!learned.is_better());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TrustLearning {
    table: TrustPolicy,
    direction: TrustDirection,
    ridge: f64,
    fewest: usize,
    folds: usize,
}

/// One customer: evidence, net evidence of each source in question, outcome.
struct Row<'a> {
    evidence: &'a TrustEvidence,
    net: Vec<f64>,
    happened: bool,
}

/// What one regression says of each source in question: coefficient and standard error.
type Coefficients = Vec<(f64, f64)>;

impl TrustLearning {
    /// Learns weights of the customer's trust in the firm, against those of a table.
    #[must_use]
    pub fn new(table: TrustPolicy) -> Self {
        Self {
            table,
            direction: TrustDirection::CustomerInFirm,
            ridge: 1.0,
            fewest: 20,
            folds: 5,
        }
    }

    /// The same for a direction: the firm's trust in the customer is learned from debts that were
    /// paid.
    #[must_use]
    pub fn of_direction(mut self, direction: TrustDirection) -> Self {
        self.direction = direction;
        self
    }

    /// The same with another ridge.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless it lies between 1e-6 and 1e6.
    pub fn with_ridge(mut self, ridge: f64) -> Result<Self, DimensionError> {
        let range = 1e-6..=1e6;
        self.ridge = checked("ridge", "between 1e-6 and 1e6", range, ridge)?;
        Ok(self)
    }

    /// The same with another fewest number of customers: of each outcome, and with evidence from a
    /// source, without whom nothing is learned. By default 20, our choice.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless there are at least 2.
    pub fn with_fewest(mut self, customers: usize) -> Result<Self, DimensionError> {
        let (what, found) = ("fewest customers to learn from", customers as f64);
        checked(what, "2 or more", 2.0..=f64::MAX, found)?;
        self.fewest = customers;
        Ok(self)
    }

    /// The same with another number of parts into which customers are divided, to score each with
    /// what the others taught. By default 5, our choice.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless there are from 2 to 100.
    pub fn with_folds(mut self, folds: usize) -> Result<Self, DimensionError> {
        let range = 2.0..=100.0;
        checked("folds", "from 2 to 100", range, folds as f64)?;
        self.folds = folds;
        Ok(self)
    }

    /// Learns from customers: the evidence there was of each before the outcome, as of one time
    /// before it, and whether it happened.
    ///
    /// # Errors
    ///
    /// - [`DimensionError::NotIdentified`] with fewer than [20](Self::with_fewest) customers of
    ///   either outcome, or without any source that as many have evidence from.
    /// - [`DimensionError::NotSettled`] if the search for the coefficients found no end.
    /// - [`DimensionError::Domain`] if a learned weight is above what a policy accepts.
    pub fn learn<'a>(
        &self,
        customers: impl IntoIterator<Item = (&'a TrustEvidence, bool)>,
    ) -> Result<LearnedTrustWeights, DimensionError> {
        let customers: Vec<(&TrustEvidence, bool)> = customers.into_iter().collect();
        let happened = customers.iter().filter(|(_, happened)| *happened).count();
        let needs = |what, needed, found| {
            if found < needed {
                return Err(DimensionError::NotIdentified {
                    what,
                    needed,
                    found,
                });
            }
            Ok(())
        };
        needs("customers for whom it happened", self.fewest, happened)?;
        let others = customers.len() - happened;
        needs("customers for whom it did not happen", self.fewest, others)?;

        let candidates: Vec<(TrustSource, usize)> = TrustSource::ALL
            .into_iter()
            .filter(|source| {
                source.directions().contains(&self.direction) && self.table.weight(*source) > 0.0
            })
            .map(|source| {
                let has = |(evidence, _): &&(&TrustEvidence, bool)| {
                    self.net(evidence, source).is_some_and(|net| net != 0.0)
                };
                (source, customers.iter().filter(has).count())
            })
            .collect();
        let asked: Vec<TrustSource> = candidates
            .iter()
            .filter(|(_, found)| *found >= self.fewest)
            .map(|(source, _)| *source)
            .collect();
        let most = candidates.iter().map(|(_, found)| *found).max();
        needs(
            "customers with evidence from one source",
            self.fewest,
            most.unwrap_or(0),
        )?;
        let rows: Vec<Row<'_>> = customers
            .iter()
            .map(|&(evidence, happened)| Row {
                evidence,
                net: asked
                    .iter()
                    .map(|source| self.net(evidence, *source).unwrap_or(0.0))
                    .collect(),
                happened,
            })
            .collect();

        let all: Vec<&Row<'_>> = rows.iter().collect();
        let coefficients = self.regress(&all)?;
        let policy = self.policy_of(&asked, &coefficients)?;
        let sources = candidates
            .iter()
            .map(|&(source, customers)| {
                let place = asked.iter().position(|asked| *asked == source);
                let found = place.and_then(|place| coefficients.get(place).copied());
                LearnedSource {
                    source,
                    verdict: verdict(found),
                    customers,
                    coefficient: found.filter(|(_, error)| error.is_finite()),
                    table_weight: self.table.weight(source),
                    weight: policy.weight(source),
                }
            })
            .collect();
        let scores = self.out_of_sample(&rows, &asked)?;
        let mean =
            |score: fn(&[f64; 3]) -> f64| Ok::<f64, DimensionError>(gain(&scores, score)?.mean());
        Ok(LearnedTrustWeights {
            policy,
            sources,
            customers: rows.len(),
            happened,
            log_score: mean(|s| s[0])?,
            log_score_of_table: mean(|s| s[1])?,
            log_score_of_base_rate: mean(|s| s[2])?,
            gain_over_table: gain(&scores, |s| s[1] - s[0])?,
            gain_over_base_rate: gain(&scores, |s| s[2] - s[0])?,
        })
    }

    /// What a source says on balance; `None` if it says nothing.
    fn net(&self, evidence: &TrustEvidence, source: TrustSource) -> Option<f64> {
        let (kept, broken) = evidence.counts(self.direction, source);
        (kept + broken > 0.0).then(|| kept - self.table.negativity() * broken)
    }

    fn regress(&self, rows: &[&Row<'_>]) -> Result<Coefficients, DimensionError> {
        let net: Vec<&[f64]> = rows.iter().map(|row| &row.net[..]).collect();
        let fit = LogisticRidge::fit(&net, &outcomes(rows), self.ridge)?;
        let errors = fit.standard_errors.into_iter();
        Ok(fit.coefficients.into_iter().zip(errors).collect())
    }

    /// The table with weights in proportion to the coefficients that agree with it.
    fn policy_of(
        &self,
        asked: &[TrustSource],
        coefficients: &[(f64, f64)],
    ) -> Result<TrustPolicy, DimensionError> {
        let learned = || {
            let pairs = asked.iter().zip(coefficients);
            pairs.filter(|(_, found)| verdict(Some(**found)) == SourceVerdict::Learned)
        };
        let in_table: f64 = learned()
            .map(|(source, _)| self.table.weight(*source))
            .sum();
        let in_data: f64 = learned().map(|(_, (coefficient, _))| coefficient).sum();
        let mut policy = self.table.clone();
        for (source, (coefficient, _)) in learned() {
            policy = policy.with_weight(*source, coefficient / in_data * in_table)?;
        }
        Ok(policy)
    }

    /// Of each customer the loss under weights learned from the others, under the table and under
    /// the base rate of the others.
    fn out_of_sample(
        &self,
        rows: &[Row<'_>],
        asked: &[TrustSource],
    ) -> Result<Vec<[f64; 3]>, DimensionError> {
        // Each outcome is dealt out in turn, so that every fold has both.
        let mut dealt = [0_usize; 2];
        let folds: Vec<usize> = rows
            .iter()
            .map(|row| {
                let count = &mut dealt[usize::from(row.happened)];
                *count += 1;
                *count % self.folds
            })
            .collect();
        let mut losses = Vec::with_capacity(rows.len());
        for fold in 0..self.folds {
            let part = |is_inside: bool| -> Vec<&Row<'_>> {
                let pairs = rows.iter().zip(&folds);
                let pairs = pairs.filter(|(_, of)| (**of == fold) == is_inside);
                pairs.map(|(row, _)| row).collect()
            };
            let (taught, asked_of) = (part(false), part(true));
            let policy = self.policy_of(asked, &self.regress(&taught)?)?;
            let by_learned = self.losses(&policy, &taught, &asked_of)?;
            let by_table = self.losses(&self.table, &taught, &asked_of)?;
            let yes = taught.iter().filter(|row| row.happened).count() as f64;
            let no = taught.len() as f64 - yes;
            for ((row, learned), table) in asked_of.iter().zip(by_learned).zip(by_table) {
                let base = loss((yes / no).ln(), row.happened);
                losses.push([learned, table, base]);
            }
        }
        Ok(losses)
    }

    /// The losses of some customers when trust under a policy forecasts the outcome, as it went
    /// with it among others.
    fn losses(
        &self,
        policy: &TrustPolicy,
        taught: &[&Row<'_>],
        asked_of: &[&Row<'_>],
    ) -> Result<Vec<f64>, DimensionError> {
        let log_odds = |row: &&Row<'_>| {
            let trust = TrustBelief::of(row.evidence, self.direction, policy);
            [(trust.alpha() / trust.beta()).ln()]
        };
        let known: Vec<[f64; 1]> = taught.iter().map(log_odds).collect();
        let known: Vec<&[f64]> = known.iter().map(|row| &row[..]).collect();
        let fit = LogisticRidge::fit(&known, &outcomes(taught), self.ridge)?;
        let chances = asked_of.iter().map(|row| fit.logit(&log_odds(row)));
        Ok(chances
            .zip(asked_of)
            .map(|(logit, row)| loss(logit, row.happened))
            .collect())
    }
}

fn outcomes(rows: &[&Row<'_>]) -> Vec<bool> {
    rows.iter().map(|row| row.happened).collect()
}

/// A source is learned if more of its evidence goes with the outcome.
fn verdict(found: Option<(f64, f64)>) -> SourceVerdict {
    match found {
        Some((coefficient, error)) if error.is_finite() => {
            if coefficient > 0.0 {
                SourceVerdict::Learned
            } else {
                SourceVerdict::Contradicts
            }
        }
        _ => SourceVerdict::TooLittle,
    }
}

/// `−ln` of the chance that was given to what happened.
fn loss(logit: f64, happened: bool) -> f64 {
    softplus(if happened { -logit } else { logit })
}

/// The mean over customers with its standard error.
fn gain(losses: &[[f64; 3]], of: impl Fn(&[f64; 3]) -> f64) -> Result<Estimate, DimensionError> {
    let n = losses.len() as f64;
    let mean = losses.iter().map(&of).sum::<f64>() / n;
    let squares: f64 = losses.iter().map(|l| (of(l) - mean).powi(2)).sum();
    Ok(Estimate::new(mean, (squares / (n - 1.0) / n).sqrt(), n)?)
}
