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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
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
    /// [`PurchasePosterior::expected_purchases`] within this span from now, at or above 0.
    ExpectedPurchases(Span),
    /// [`PurchasePosterior::discounted_purchases`] from now to the horizon.
    DiscountedPurchases(DiscountRate, Horizon),
    /// [`PurchasePosterior::discounted_lifetime`] from now to the horizon, in the model's unit.
    DiscountedLifetime(DiscountRate, Horizon),
    /// [`PurchasePosterior::mean_rate`], per unit of the model, at or above 0.
    MeanRate,
}

/// Why a question about the purchases, the spend or the value of many customers has no answer.
///
/// Rows count from 0, as slices do. What stands in the places for the answers is of no use then.
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
    /// A column or a buffer of the wrong length.
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
    /// What customers of one recency and age have in common.
    type Times: Copy + Default;
    /// What customers of one frequency and age will do if alive.
    type IfAlive: IfAlive;
    /// Whether customers who never came back are certain to be alive.
    const SURE_OF_FIRST: bool = false;

    fn count(&self, frequency: u32) -> Self::Count;

    fn if_alive(&self, count: &Self::Count, age: f64) -> Self::IfAlive;

    fn times(&self, recency: f64, age: f64) -> Self::Times;

    fn ln_odds_dead(&self, count: &Self::Count, times: &Self::Times) -> f64;
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
    check_columns(model.unit(), columns, out.len())?;
    in_chunks(columns, out, |columns, out| {
        let mut counts = Counts::new(model);
        let mut neighbours = Neighbours::new(model, &if_alive);
        for (start, rows, places) in blocks(columns, out) {
            let ln_odds = counts.ln_odds_alive(model, &rows);
            let known = neighbours.of(start, &rows, &counts)?;
            put(places, |i| logistic(ln_odds[i]) * known[i]);
        }
        Ok(())
    })
}

/// Where fewer than one customer in so many never came back, bringing the others together costs more than
/// it saves.
const FEW: usize = 4;

/// An answer made of the log-odds of being alive alone.
fn odds<M: Separable>(
    model: &M,
    columns: &SummaryColumns<'_>,
    out: &mut [f64],
    answer: impl Fn(f64) -> f64 + Sync,
) -> Result<(), AnswersError> {
    check_columns(model.unit(), columns, out.len())?;
    in_chunks(columns, out, |columns, out| {
        let mut counts = Counts::new(model);
        let never_back = || columns.frequency().iter().filter(|&&x| x == 0).count();
        if M::SURE_OF_FIRST && never_back() > columns.len() / FEW {
            odds_of_repeaters(model, columns, out, &answer, &mut counts);
            return Ok(());
        }
        for (_, rows, places) in blocks(columns, out) {
            let ln_odds = counts.ln_odds_alive(model, &rows);
            put(places, |i| answer(ln_odds[i]));
        }
        Ok(())
    })
}

/// The same where only those who came back need to be asked: they are brought together.
fn odds_of_repeaters<M: Separable>(
    model: &M,
    columns: &SummaryColumns<'_>,
    out: &mut [f64],
    answer: impl Fn(f64) -> f64,
    counts: &mut Counts<M>,
) {
    out.fill(answer(f64::INFINITY));
    let mut rows = Block {
        frequency: [0; BLOCK],
        recency: [0.0; BLOCK],
        age: [0.0; BLOCK],
        length: 0,
    };
    let mut places = [0; BLOCK];
    let mut ask = |rows: &Block, places: &[usize]| {
        let ln_odds = counts.ln_odds_alive(model, rows);
        let mut answers = [0.0; BLOCK];
        put(&mut answers, |i| answer(ln_odds[i]));
        for (&place, answer) in places.iter().zip(answers) {
            out[place] = answer;
        }
    };
    let times = columns.recency().iter().zip(columns.age());
    for (row, (&frequency, (&recency, &age))) in columns.frequency().iter().zip(times).enumerate() {
        // Whoever never came back is overwritten by the next: no branch.
        let next = rows.length % BLOCK;
        rows.frequency[next] = frequency;
        // As in `blocks`, a negative zero becomes a plain one.
        rows.recency[next] = recency + 0.0;
        rows.age[next] = age + 0.0;
        places[next] = row;
        rows.length = next + usize::from(frequency > 0);
        if rows.length == BLOCK {
            ask(&rows, &places);
        }
    }
    let rest = rows.length % BLOCK;
    ask(&rows, &places[..rest]);
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
///
/// A loop over a block, without a branch inside, becomes vector instructions; several short loops
/// one after the other leave a processor more to do at once than a long one.
const BLOCK: usize = 64;

/// Rows to be worked on at once; where there are fewer, other customers fill it up.
struct Block {
    frequency: [u32; BLOCK],
    recency: [f64; BLOCK],
    age: [f64; BLOCK],
    length: usize,
}

/// The rows in blocks, where each begins, and the places for their answers.
fn blocks<'a>(
    columns: &SummaryColumns<'a>,
    out: &'a mut [f64],
) -> impl Iterator<Item = (usize, Block, &'a mut [f64])> {
    let frequencies = columns.frequency().chunks(BLOCK);
    let times = columns.recency().chunks(BLOCK);
    let times = times.zip(columns.age().chunks(BLOCK));
    let rows = frequencies.zip(times).zip(out.chunks_mut(BLOCK));
    rows.enumerate().map(|(number, ((x, (t_x, t)), places))| {
        let block = Block {
            frequency: filled(x),
            // A negative zero becomes a plain one.
            recency: filled(t_x).map(|time| time + 0.0),
            age: filled(t).map(|time| time + 0.0),
            length: x.len(),
        };
        (number * BLOCK, block, places)
    })
}

fn filled<T: Copy + Default>(values: &[T]) -> [T; BLOCK] {
    values.try_into().unwrap_or_else(|_| {
        let mut block = [T::default(); BLOCK];
        block[..values.len()].copy_from_slice(values);
        block
    })
}

/// Fills in a block's answers.
#[inline]
fn put(places: &mut [f64], answer: impl Fn(usize) -> f64) {
    let mut answers = [0.0; BLOCK];
    for (i, place) in answers.iter_mut().enumerate() {
        *place = answer(i);
    }
    places.copy_from_slice(&answers[..places.len()]);
}

/// What customers of one frequency have in common: worked out once for those below [`BLOCK`], and
/// for the others of a block whenever it comes.
struct Counts<M: Separable> {
    /// First of the frequencies in turn, then of the rows of a block.
    known: [M::Count; 2 * BLOCK],
    /// One bit for each frequency that is worked out.
    done: u64,
    /// Where that of each row of a block is.
    places: [u8; BLOCK],
}

impl<M: Separable> Counts<M> {
    fn new(model: &M) -> Self {
        Self {
            known: [model.count(0); 2 * BLOCK],
            done: 1,
            places: [0; BLOCK],
        }
    }

    fn of(&self, row: usize) -> &M::Count {
        &self.known[usize::from(self.places[row])]
    }

    /// The log-odds of being alive of each row, after finding what it shares.
    #[inline]
    fn ln_odds_alive(&mut self, model: &M, rows: &Block) -> [f64; BLOCK] {
        self.find(model, &rows.frequency);
        let mut times = [M::Times::default(); BLOCK];
        for (i, times) in times.iter_mut().enumerate() {
            *times = model.times(rows.recency[i], rows.age[i]);
        }
        let mut ln_odds = [0.0; BLOCK];
        for (i, ln_odds) in ln_odds.iter_mut().enumerate() {
            *ln_odds = -model.ln_odds_dead(self.of(i), &times[i]);
        }
        ln_odds
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "places below twice a block"
    )]
    fn find(&mut self, model: &M, frequencies: &[u32; BLOCK]) {
        let mut asked = 0_u64;
        let mut most = 0;
        for (&frequency, place) in frequencies.iter().zip(&mut self.places) {
            *place = frequency as u8; // of a rare one, until it has another
            asked |= 1 << (frequency & 63);
            most = most.max(frequency);
        }
        if most < BLOCK as u32 {
            let mut missing = asked & !self.done;
            while missing != 0 {
                let frequency = missing.trailing_zeros();
                self.known[frequency as usize] = model.count(frequency);
                missing &= missing - 1;
            }
            self.done |= asked;
            return;
        }
        for (row, (&frequency, place)) in frequencies.iter().zip(&mut self.places).enumerate() {
            let is_common = frequency < BLOCK as u32;
            let at = if is_common {
                frequency as usize
            } else {
                BLOCK + row
            };
            *place = at as u8;
            let is_done = is_common && self.done >> frequency & 1 == 1;
            if !is_done {
                self.known[at] = model.count(frequency);
                self.done |= u64::from(is_common) << (frequency & 63);
            }
        }
    }
}

/// What rows share with those before.
struct Neighbours<'a, M: Separable, F> {
    model: &'a M,
    shared: &'a F,
    last: Option<(u32, f64, f64)>,
}

impl<'a, M, F> Neighbours<'a, M, F>
where
    M: Separable,
    F: Fn(&M::IfAlive) -> Result<f64, ModelError>,
{
    fn new(model: &'a M, shared: &'a F) -> Self {
        Self {
            model,
            shared,
            last: None,
        }
    }

    /// What does not depend on recency, worked out where it is new.
    fn of(
        &mut self,
        start: usize,
        rows: &Block,
        counts: &Counts<M>,
    ) -> Result<[f64; BLOCK], AnswersError> {
        let mut known = [0.0; BLOCK];
        for (i, place) in known.iter_mut().enumerate().take(rows.length) {
            let (frequency, age) = (rows.frequency[i], rows.age[i]);
            *place = match self.last {
                Some((of, at, known)) if of == frequency && at.to_bits() == age.to_bits() => known,
                _ => {
                    let known = (self.shared)(&self.model.if_alive(counts.of(i), age));
                    let row = start + i;
                    known.map_err(|reason| AnswersError::Row { row, reason })?
                }
            };
            self.last = Some((frequency, age, *place));
        }
        Ok(known)
    }
}
