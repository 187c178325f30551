//! Weights learned from what came of it: a regression of an outcome on the indices with no
//! coefficient below 0, held against equal weights on customers it has not seen.
//!
//! Lawson & Hanson (1974), *Solving Least Squares Problems*, chapter 23,
//! <https://doi.org/10.1137/1.9781611971217>, for the problem and its Kuhn–Tucker conditions; Dawes
//! (1979), "The Robust Beauty of Improper Linear Models in Decision Making", *American Psychologist*
//! 34(7), 571–582, <https://doi.org/10.1037/0003-066X.34.7.571>, for the benchmark; Kohavi
//! (1995), "A Study of Cross-Validation and Bootstrap for Accuracy Estimation and Model Selection",
//! *IJCAI* 14, 1137–1143, for the number of folds.
//!
//! With four dimensions there is no need for an active-set search: the solution is the ordinary one
//! of the dimensions whose coefficients are above 0, and these are one of 15 subsets. All are
//! solved, and the best of those without a negative coefficient is taken. Nothing can cycle.

mod folds;
mod solve;
#[cfg(feature = "serde")]
mod stored;

use super::RelationshipError;
use super::entropy::check_row;
use super::weights::{WeightSource, Weights};
use crate::dimension::{ByDimension, Dimension};
use crate::quantity::Estimate;
use folds::held_out;
use solve::Moments;

const WHAT: &str = "learning weights";

/// Below this eigenvalue of the indices' correlations, weights cannot be told apart.
const COLLINEAR: f64 = 1e-8;

/// The largest outcome in size, as for amounts of money.
const LARGEST: f64 = 1e18;

/// The advantage must exceed so many standard errors: a chance of 5 % if there is none.
const BEYOND_CHANCE: f64 = 1.644_853_626_951_472_7;

/// And be above rounding, as a share of the outcome's variance.
const ABOVE_ROUNDING: f64 = 1e-9;

/// A customer's indices and what came of it later.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct OutcomeRow {
    /// The four indices, each from 0 to 1, as they stood *before* the outcome.
    pub indices: ByDimension<f64>,
    /// What came of it, the more the better: a margin in any unit, or 1 for a renewal and 0 for none.
    pub outcome: f64,
}

/// How well some weights forecast the outcome of customers they were not fitted to.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "stored::RawOutOfSample"))]
pub struct OutOfSample {
    r_squared: f64,
    rmse: f64,
}

impl OutOfSample {
    /// The share of the squared error of a forecast by the mean that is avoided: 1 is perfect, 0 no
    /// better than the mean, and less is worse. For outcomes of 0 and 1 this is the Brier skill.
    #[must_use]
    #[doc(alias = "R²")]
    pub const fn r_squared(&self) -> f64 {
        self.r_squared
    }

    /// The root of the mean squared error, in the unit of the outcome.
    #[must_use]
    pub const fn rmse(&self) -> f64 {
        self.rmse
    }
}

/// Weights learned from an outcome, and whether they are worth using (学得权重).
///
/// The outcome is regressed on the four indices by least squares, with an intercept and without
/// negative coefficients; the weights are the coefficients as shares of their sum. A dimension that
/// goes with a worse outcome, given the others, gets 0.
///
/// Outcomes of 0 and 1 are treated the same way (a linear probability model), which is our choice.
/// What is wanted are shares of a *sum*, on the scale on which the composite is used; a logistic
/// regression gives shares on another, its coefficients are infinite where the outcome is
/// separated, and it would take another loss than the one its rivals are judged by.
///
/// The rows are divided into parts by their position (row *i* is in part *i* mod *k*), each part is
/// forecast by what was learned from the others, and so is it with equal weights and with the
/// default ones, whose scale and intercept are fitted to the same rows. Nothing is drawn, so the
/// same rows in the same order give the same answer. Rows in order of time are mixed by this:
/// where the future differs from the past, the fit is flattering to all three.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::ByDimension;
/// use guanxi::relationship::{LearnedWeights, OutcomeRow};
///
/// // A margin of 100 + 300 × economic + 100 × trust, whatever the other two.
/// let spread = |i: usize, k: usize| (i * k % 41) as f64 / 40.0;
/// let rows: Vec<OutcomeRow> = (0..41)
///     .map(|i| {
///         let indices = ByDimension::from([spread(i, 1), spread(i, 7), spread(i, 11), spread(i, 19)]);
///         OutcomeRow { indices, outcome: 100.0 + 300.0 * indices.economic + 100.0 * indices.trust }
///     })
///     .collect();
/// let learned = LearnedWeights::learn(&rows, LearnedWeights::FOLDS)?;
/// assert!((learned.weights().shares().economic - 0.75).abs() < 1e-9);
/// assert!(learned.out_of_sample().r_squared() > 1.0 - 1e-9);
/// assert!(learned.beats_equal());
/// # Ok::<(), guanxi::relationship::RelationshipError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "stored::RawLearned", into = "stored::RawLearned")
)]
pub struct LearnedWeights {
    weights: Weights,
    intercept: f64,
    slope: f64,
    rows: usize,
    folds: usize,
    out_of_sample: OutOfSample,
    equal: OutOfSample,
    default: OutOfSample,
    advantage: Estimate,
}

impl LearnedWeights {
    /// The usual number of parts: *established* (Kohavi 1995).
    pub const FOLDS: usize = 10;

    /// The fewest rows, four for each of the five numbers that are learned: our choice. Weights
    /// learned from so few rarely beat equal ones.
    pub const FEWEST_ROWS: usize = 20;

    /// Learns weights from customers whose outcome is known, in `folds` parts.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::TooFewRows`] below [`FEWEST_ROWS`](Self::FEWEST_ROWS);
    /// [`RelationshipError::Folds`] unless there are from 2 parts to as many as rows;
    /// [`RelationshipError::Row`] for an index outside [0, 1] or an outcome above 10¹⁸ in size;
    /// [`RelationshipError::Undefined`] if the outcome never differs, or no dimension goes with a
    /// better one; [`RelationshipError::Uninformative`] if an index never differs;
    /// [`RelationshipError::NotIdentified`] if the indices move together.
    pub fn learn(rows: &[OutcomeRow], folds: usize) -> Result<Self, RelationshipError> {
        check(rows, folds)?;
        let moments = Moments::of(rows.iter());
        identified(&moments)?;
        let undefined = |why| RelationshipError::Undefined { what: WHAT, why };
        if !moments.outcome_varies() {
            return Err(undefined("the outcome is the same in every row"));
        }
        let coefficients = moments.non_negative();
        let slope: f64 = coefficients.iter().sum();
        if slope <= 0.0 {
            return Err(undefined("no dimension goes with a better outcome"));
        }
        let errors = held_out(rows, folds);
        let advantage = errors.advantage()?;
        let (learned, equal) = (errors.of_learned(), errors.of_equal());
        let source = WeightSource::Learned {
            rows: rows.len(),
            folds,
            beats_equal: beats(advantage, learned, equal),
        };
        let shares = coefficients.map(|c| c / slope);
        Ok(Self {
            weights: Weights::in_proportion(ByDimension::from(shares), source)?,
            intercept: moments.intercept(&coefficients),
            slope,
            rows: rows.len(),
            folds,
            out_of_sample: learned,
            equal,
            default: errors.of_default(),
            advantage,
        })
    }

    /// The weights learned from all rows.
    #[must_use]
    pub const fn weights(&self) -> Weights {
        self.weights
    }

    /// The outcome expected at an arithmetic composite of 0.
    #[must_use]
    pub const fn intercept(&self) -> f64 {
        self.intercept
    }

    /// How much the expected outcome rises from a composite of 0 to one of 1; above 0.
    #[must_use]
    pub const fn slope(&self) -> f64 {
        self.slope
    }

    /// How many customers they were learned from.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// In how many parts the customers were judged.
    #[must_use]
    pub const fn folds(&self) -> usize {
        self.folds
    }

    /// How well learned weights forecast customers they were not learned from.
    #[must_use]
    pub const fn out_of_sample(&self) -> OutOfSample {
        self.out_of_sample
    }

    /// How well equal weights do on the same customers.
    #[must_use]
    pub const fn equal_weights_out_of_sample(&self) -> OutOfSample {
        self.equal
    }

    /// How well the default weights do on the same customers.
    #[must_use]
    pub const fn default_weights_out_of_sample(&self) -> OutOfSample {
        self.default
    }

    /// By how much learned weights have the lower squared error than equal ones, averaged over the
    /// customers, in the squared unit of the outcome. The sd is its standard error as if the
    /// customers' errors were independent, which the shared fits make them not quite.
    #[must_use]
    pub const fn advantage(&self) -> Estimate {
        self.advantage
    }

    /// Whether the [advantage](Self::advantage) over equal weights is above 0 beyond chance: by more
    /// than 1.645 standard errors (5 %, one-sided; our choice).
    #[must_use]
    pub fn beats_equal(&self) -> bool {
        beats(self.advantage, self.out_of_sample, self.equal)
    }

    /// The weights to use: the learned ones if they [beat equal weights](Self::beats_equal), else
    /// equal ones.
    #[must_use]
    pub fn recommended(&self) -> Weights {
        if self.beats_equal() {
            self.weights
        } else {
            Weights::equal()
        }
    }
}

/// Whether an advantage is more than chance and rounding.
fn beats(advantage: Estimate, learned: OutOfSample, equal: OutOfSample) -> bool {
    advantage.mean() > BEYOND_CHANCE * advantage.sd()
        && learned.r_squared - equal.r_squared > ABOVE_ROUNDING
}

/// Refuses what no weights can be learned from.
fn check(rows: &[OutcomeRow], folds: usize) -> Result<(), RelationshipError> {
    if rows.len() < LearnedWeights::FEWEST_ROWS {
        return Err(RelationshipError::TooFewRows {
            what: WHAT,
            needed: LearnedWeights::FEWEST_ROWS,
            found: rows.len(),
        });
    }
    if !(2..=rows.len()).contains(&folds) {
        return Err(RelationshipError::Folds {
            rows: rows.len(),
            found: folds,
        });
    }
    for (row, OutcomeRow { indices, outcome }) in rows.iter().enumerate() {
        check_row(row, indices)?;
        if !(-LARGEST..=LARGEST).contains(outcome) {
            return Err(RelationshipError::Row {
                quantity: "outcome",
                row,
                expected: "a number from -1e18 to 1e18",
                found: *outcome,
            });
        }
    }
    Ok(())
}

/// Refuses dimensions that do not differ, or that cannot be told apart.
fn identified(moments: &Moments) -> Result<(), RelationshipError> {
    for dimension in Dimension::ALL {
        if !moments.varies(dimension) {
            return Err(RelationshipError::Uninformative {
                what: WHAT,
                is: "the same",
                dimension,
            });
        }
    }
    let found = moments.smallest_eigenvalue();
    if found < COLLINEAR {
        return Err(RelationshipError::NotIdentified {
            what: WHAT,
            limit: COLLINEAR,
            found,
        });
    }
    Ok(())
}
