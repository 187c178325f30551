//! One question about many customers: answered row by row, or by what rows have in common.

use crate::numeric::chunks::{self, Grain};
use crate::numeric::elementary::logistic;
use crate::quantity::{DiscountRate, Horizon, QuantityError, Span, TimeUnit};
use crate::summary::{ColumnError, SummaryColumns};

use super::{ModelError, PurchaseModel, PurchasePosterior};

/// What can be asked about every customer of a base at once: the answers of a
/// [`PurchasePosterior`] that are one number.
///
/// # Examples
///
/// ```
/// use guanxi::model::{
///     ParetoNbd, ParetoNbdParameters, PurchaseModel, PurchasePosterior, PurchaseQuestion,
/// };
/// use guanxi::quantity::{Span, TimeUnit};
/// use guanxi::summary::RfmSummary;
///
/// let model = ParetoNbd::new(ParetoNbdParameters {
///     unit: TimeUnit::Week,
///     r: 0.553,
///     alpha: 10.578,
///     s: 0.606,
///     beta: 11.669,
/// })?;
/// let customer = model.posterior(&RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?)?;
/// let question = PurchaseQuestion::ExpectedPurchases(Span::weeks(39.0)?);
/// assert!((customer.answer(question)? - 1.4551231932576).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum PurchaseQuestion {
    /// [`PurchasePosterior::ln_likelihood`].
    LnLikelihood,
    /// [`PurchasePosterior::probability_alive`], from 0 to 1.
    ProbabilityAlive,
    /// [`PurchasePosterior::ln_odds_alive`], `+∞` where a model is certain.
    LnOddsAlive,
    /// [`PurchasePosterior::probability_active`] within this span from now, from 0 to 1.
    ProbabilityActive(Span),
    /// [`PurchasePosterior::expected_purchases`] within this span from now.
    ExpectedPurchases(Span),
    /// [`PurchasePosterior::discounted_purchases`] from now to the horizon.
    DiscountedPurchases(DiscountRate, Horizon),
    /// [`PurchasePosterior::discounted_lifetime`] from now to the horizon, in the model's unit.
    DiscountedLifetime(DiscountRate, Horizon),
    /// [`PurchasePosterior::mean_rate`], per unit of the model.
    MeanRate,
}

/// Why a question about many customers has no answer.
///
/// Rows count from 0, as slices do. The rows before one that has no answer are answered already;
/// what stands in the others is of no use.
///
/// # Examples
///
/// Without discount and horizon a Pareto/NBD customer with `s` below 1 buys without end:
///
/// ```
/// use guanxi::model::{ParetoNbd, ParetoNbdParameters, PurchaseModel, PurchaseQuestion};
/// use guanxi::quantity::{DiscountRate, Horizon, TimeUnit};
/// use guanxi::summary::SummaryColumns;
///
/// let model = ParetoNbd::new(ParetoNbdParameters {
///     unit: TimeUnit::Week,
///     r: 0.553,
///     alpha: 10.578,
///     s: 0.606,
///     beta: 11.669,
/// })?;
/// let columns = SummaryColumns::new(TimeUnit::Week, &[2], &[30.43], &[38.86])?;
/// let for_ever = PurchaseQuestion::DiscountedPurchases(DiscountRate::ZERO, Horizon::Infinite);
/// assert_eq!(
///     model.answers(&columns, for_ever, &mut [0.0]).map_err(|error| error.to_string()),
///     Err("row 0: residual transactions exist only if s > 1, or with a discount rate or a \
///          horizon, got 0.606".to_owned())
/// );
/// # Ok::<(), guanxi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswersError {
    /// Columns of different lengths.
    #[error(transparent)]
    Column(#[from] ColumnError),
    /// Columns in another unit or currency than the model.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// An answer that does not exist.
    #[error("row {row}: {reason}")]
    Row {
        /// The first such row.
        row: usize,
        /// Why.
        reason: ModelError,
    },
}

impl AnswersError {
    /// The same error of a part that comes after so many rows.
    pub(crate) fn after(self, start: usize) -> Self {
        match self {
            Self::Row { row, reason } => Self::Row {
                row: start + row,
                reason,
            },
            other => other,
        }
    }
}

/// Whether columns can be asked: in the model's unit, with as many places as rows.
pub(crate) fn check_columns(
    unit: TimeUnit,
    columns: &SummaryColumns<'_>,
    places: usize,
) -> Result<(), AnswersError> {
    ColumnError::check_length("out", columns.len(), places)?;
    if columns.unit() == unit {
        Ok(())
    } else {
        Err(AnswersError::Quantity(QuantityError::UnitMismatch {
            expected: unit,
            found: columns.unit(),
        }))
    }
}

/// Asks the posterior of each row.
pub(super) fn by_row<M: PurchaseModel + ?Sized>(
    model: &M,
    columns: &SummaryColumns<'_>,
    question: PurchaseQuestion,
    out: &mut [f64],
) -> Result<(), AnswersError> {
    check_columns(model.unit(), columns, out.len())?;
    in_chunks(columns, out, |columns, out| {
        for (row, (customer, answer)) in columns.iter().zip(out).enumerate() {
            *answer = model
                .posterior(&customer)?
                .answer(question)
                .map_err(|reason| AnswersError::Row { row, reason })?;
        }
        Ok(())
    })
}

/// A model whose forecasts are P(alive) times what a customer will do if alive, which does not
/// depend on recency.
///
/// Its posterior is made of the same parts, so that an answer is the same by either way.
pub(super) trait Separable: PurchaseModel {
    /// What customers of one frequency have in common.
    type Count: Copy;
    /// What customers of one frequency and age will do if alive.
    type IfAlive: IfAlive;

    fn count(&self, frequency: u32) -> Self::Count;

    fn if_alive(&self, count: &Self::Count, age: f64) -> Self::IfAlive;

    fn ln_odds_dead(&self, count: &Self::Count, recency: f64, age: f64) -> f64;
}

/// What a customer will do if alive: every answer is to be multiplied by P(alive).
pub(super) trait IfAlive: Copy {
    fn probability_active(&self, span: Span) -> f64;
    fn expected_purchases(&self, span: Span) -> f64;
    fn discounted_purchases(&self, rate: DiscountRate, horizon: Horizon)
    -> Result<f64, ModelError>;
    fn discounted_lifetime(&self, rate: DiscountRate, horizon: Horizon) -> Result<f64, ModelError>;
}

/// Works out what rows have in common once for all neighbours that have it in common.
pub(super) fn by_parts<M: Separable>(
    model: &M,
    columns: &SummaryColumns<'_>,
    question: PurchaseQuestion,
    out: &mut [f64],
) -> Result<(), AnswersError> {
    use PurchaseQuestion as Ask;
    match question {
        Ask::LnOddsAlive => odds(model, columns, out, |ln_odds| ln_odds),
        Ask::ProbabilityAlive => odds(model, columns, out, logistic),
        Ask::ProbabilityActive(span) => forecast(model, columns, out, |customer| {
            Ok(customer.probability_active(span))
        }),
        Ask::ExpectedPurchases(span) => forecast(model, columns, out, |customer| {
            Ok(customer.expected_purchases(span))
        }),
        Ask::DiscountedPurchases(rate, horizon) => forecast(model, columns, out, |customer| {
            customer.discounted_purchases(rate, horizon)
        }),
        Ask::DiscountedLifetime(rate, horizon) => forecast(model, columns, out, |customer| {
            customer.discounted_lifetime(rate, horizon)
        }),
        Ask::LnLikelihood | Ask::MeanRate => by_row(model, columns, question, out),
    }
}

/// P(alive) times what the customer will do if alive.
fn forecast<M: Separable>(
    model: &M,
    columns: &SummaryColumns<'_>,
    out: &mut [f64],
    if_alive: impl Fn(&M::IfAlive) -> Result<f64, ModelError> + Sync,
) -> Result<(), AnswersError> {
    let multiply = |ln_odds: f64, if_alive: f64| logistic(ln_odds) * if_alive;
    each(model, columns, out, if_alive, multiply)
}

/// An answer made of the log-odds of being alive and of something that does not depend on recency.
fn each<M: Separable, T: Copy>(
    model: &M,
    columns: &SummaryColumns<'_>,
    out: &mut [f64],
    shared: impl Fn(&M::IfAlive) -> Result<T, ModelError> + Sync,
    answer: impl Fn(f64, T) -> f64 + Sync,
) -> Result<(), AnswersError> {
    check_columns(model.unit(), columns, out.len())?;
    in_chunks(columns, out, |columns, out| {
        let mut neighbours = Neighbours::new(model, &shared);
        let mut rows = columns.rows().enumerate();
        for places in out.chunks_mut(BLOCK) {
            let Some(block) = neighbours.block(&mut rows, places.len())? else {
                return Ok(());
            };
            // Loops without a branch inside become vector instructions, if the model has none.
            let mut ln_odds = [0.0; BLOCK];
            for (i, ln_odds) in ln_odds.iter_mut().enumerate() {
                let count = &block.counts[i];
                *ln_odds = -model.ln_odds_dead(count, block.recency[i], block.age[i]);
            }
            let mut answers = [0.0; BLOCK];
            for (i, place) in answers.iter_mut().enumerate() {
                *place = answer(ln_odds[i], block.known[i]);
            }
            places.copy_from_slice(&answers[..places.len()]);
        }
        Ok(())
    })
}

/// An answer made of the log-odds of being alive alone.
fn odds<M: Separable>(
    model: &M,
    columns: &SummaryColumns<'_>,
    out: &mut [f64],
    answer: impl Fn(f64) -> f64 + Sync,
) -> Result<(), AnswersError> {
    check_columns(model.unit(), columns, out.len())?;
    in_chunks(columns, out, |columns, out| {
        let mut counts = Counts::new();
        let none = model.count(0);
        let frequencies = columns.frequency().chunks(BLOCK);
        let times = columns
            .recency()
            .chunks(BLOCK)
            .zip(columns.age().chunks(BLOCK));
        for ((places, x), (t_x, t)) in out.chunks_mut(BLOCK).zip(frequencies).zip(times) {
            let mut had = [none; BLOCK];
            let (mut recency, mut age) = ([0.0; BLOCK], [0.0; BLOCK]);
            for (had, &frequency) in had.iter_mut().zip(x) {
                *had = counts.of(model, frequency);
            }
            for (to, from) in [(&mut recency, t_x), (&mut age, t)] {
                for (to, from) in to.iter_mut().zip(from) {
                    *to = from + 0.0; // a negative zero becomes a plain one
                }
            }
            // A loop without a branch inside becomes vector instructions, if the model has none.
            let mut answers = [0.0; BLOCK];
            for (i, place) in answers.iter_mut().enumerate() {
                *place = answer(-model.ln_odds_dead(&had[i], recency[i], age[i]));
            }
            places.copy_from_slice(&answers[..places.len()]);
        }
        Ok(())
    })
}

/// Answers large columns in parts that threads may share.
fn in_chunks(
    columns: &SummaryColumns<'_>,
    out: &mut [f64],
    work: impl Fn(&SummaryColumns<'_>, &mut [f64]) -> Result<(), AnswersError> + Sync,
) -> Result<(), AnswersError> {
    chunks::for_each_mut(out, Grain::rows(8_192), |start, out| {
        let part = columns.part(start, out.len());
        work(&part, out).map_err(|error| error.after(start))
    })
}

/// How many rows are worked on at once.
const BLOCK: usize = 64;
/// Frequencies below this are worked out once.
const COMMON: usize = 64;

/// What customers of one frequency have in common, worked out once where it is common.
struct Counts<M: Separable>([Option<M::Count>; COMMON]);

impl<M: Separable> Counts<M> {
    fn new() -> Self {
        Self([None; COMMON])
    }

    fn of(&mut self, model: &M, frequency: u32) -> M::Count {
        match self.0.get_mut(frequency as usize) {
            Some(place) => *place.get_or_insert_with(|| model.count(frequency)),
            None => model.count(frequency),
        }
    }
}

/// What rows may share with those before.
struct Neighbours<'a, M: Separable, T, F> {
    model: &'a M,
    shared: &'a F,
    counts: Counts<M>,
    last: Option<(u32, f64, T)>,
}

/// A block of rows; where there are fewer, the first fills it up.
struct Block<M: Separable, T> {
    counts: [M::Count; BLOCK],
    known: [T; BLOCK],
    recency: [f64; BLOCK],
    age: [f64; BLOCK],
}

impl<'a, M, T, F> Neighbours<'a, M, T, F>
where
    M: Separable,
    T: Copy,
    F: Fn(&M::IfAlive) -> Result<T, ModelError>,
{
    fn new(model: &'a M, shared: &'a F) -> Self {
        Self {
            model,
            shared,
            counts: Counts::new(),
            last: None,
        }
    }

    /// The next rows, as many of them.
    fn block(
        &mut self,
        rows: &mut impl Iterator<Item = (usize, (u32, f64, f64))>,
        count: usize,
    ) -> Result<Option<Block<M, T>>, AnswersError> {
        let Some((row, first)) = rows.next() else {
            return Ok(None);
        };
        let (count_of, known) = self.of(row, first)?;
        let mut block = Block {
            counts: [count_of; BLOCK],
            known: [known; BLOCK],
            recency: [first.1 + 0.0; BLOCK], // a negative zero becomes a plain one
            age: [first.2 + 0.0; BLOCK],
        };
        for (i, (row, values)) in (1..count).zip(rows) {
            (block.counts[i], block.known[i]) = self.of(row, values)?;
            block.recency[i] = values.1 + 0.0;
            block.age[i] = values.2 + 0.0;
        }
        Ok(Some(block))
    }

    /// What a row shares with others, worked out if it is new.
    fn of(
        &mut self,
        row: usize,
        (frequency, _, age): (u32, f64, f64),
    ) -> Result<(M::Count, T), AnswersError> {
        let count = self.counts.of(self.model, frequency);
        let age = age + 0.0;
        match self.last {
            Some((of, at, known)) if of == frequency && at.to_bits() == age.to_bits() => {
                Ok((count, known))
            }
            _ => {
                let known = (self.shared)(&self.model.if_alive(&count, age));
                let known = known.map_err(|reason| AnswersError::Row { row, reason })?;
                self.last = Some((frequency, age, known));
                Ok((count, known))
            }
        }
    }
}
