//! Customers as the likelihood sees them: equal rows merged, every distinct time looked up once.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::quantity::TimeUnit;
use crate::summary::{DistinctSummaries, RfmSummary};

use super::super::fit::{FitError, Sample, check_weight};
#[cfg(feature = "simulate")]
use super::super::resample::Resample;
use super::super::thinned::{first_part, thinned};

/// Customers for a purchase model: frequency, recency, age and a weight.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PurchaseSample {
    unit: Option<TimeUnit>,
    rows: Vec<Row>,
}

/// One customer, or several equal ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Row {
    pub(crate) frequency: u32,
    pub(crate) recency: f64,
    pub(crate) age: f64,
    pub(crate) weight: f64,
    /// Sum of the logarithms of the gaps; of equal rows, the mean.
    ln_gaps: Option<f64>,
}

#[cfg(feature = "simulate")]
impl Row {
    /// Sorts by value: bit patterns of numbers that are not negative are in their order.
    fn key(&self) -> (u32, u64, u64) {
        (self.frequency, self.recency.to_bits(), self.age.to_bits())
    }
}

impl PurchaseSample {
    /// The customers of columns whose equal rows are merged: the way for a large base.
    ///
    /// The regularity of purchases is not in columns: models that count it ([`BgCnbd`] and
    /// [`MbgCnbd`]) are fitted without it, and say so.
    ///
    /// [`BgCnbd`]: super::BgCnbd
    /// [`MbgCnbd`]: super::MbgCnbd
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::model::{FitOptions, Fit, MbgNbd, PurchaseSample, Sample};
    /// use guanxi::quantity::TimeUnit;
    /// use guanxi::summary::SummaryColumns;
    ///
    /// let frequency: Vec<u32> = (0..600).map(|i| i % 7 % 4 * (i % 3)).collect();
    /// let last = |(i, &x): (usize, &u32)| if x > 0 { 2.0 + (i % 31) as f64 } else { 0.0 };
    /// let recency: Vec<f64> = frequency.iter().enumerate().map(last).collect();
    /// let age = vec![36.0; 600];
    /// let columns = SummaryColumns::new(TimeUnit::Week, &frequency, &recency, &age)?;
    ///
    /// let sample = PurchaseSample::from_distinct(&columns.distinct());
    /// let fitted = MbgNbd::fit_sample(&sample, &FitOptions::default())?;
    /// assert_eq!(fitted.report().customers(), 600.0);
    ///
    /// // The same as from one customer after the other.
    /// let each: Vec<_> = columns.iter().collect();
    /// let slowly = MbgNbd::fit(&each, &FitOptions::default())?;
    /// assert_eq!(fitted.model(), slowly.model());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn from_distinct(customers: &DistinctSummaries) -> Self {
        let columns = customers.columns();
        let times = columns.recency().iter().zip(columns.age());
        let rows = columns.frequency().iter().zip(times);
        let rows = rows.zip(customers.weights());
        Self {
            unit: (!columns.is_empty()).then_some(columns.unit()),
            rows: rows
                .map(|((&frequency, (&recency, &age)), &weight)| Row {
                    frequency,
                    // −0 becomes 0.
                    recency: recency + 0.0,
                    age: age + 0.0,
                    weight,
                    ln_gaps: None,
                })
                .collect(),
        }
    }

    /// Number of rows added.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many customers (by weight) have each age, ascending.
    #[cfg(feature = "simulate")]
    pub(crate) fn ages(&self) -> Vec<(f64, f64)> {
        let mut ages: Vec<(f64, f64)> = self.rows.iter().map(|row| (row.age, row.weight)).collect();
        ages.sort_by(|a, b| a.0.total_cmp(&b.0));
        ages.dedup_by(|next, kept| {
            let equal = next.0.total_cmp(&kept.0).is_eq();
            if equal {
                kept.1 += next.1;
            }
            equal
        });
        ages
    }

    /// The unit of the customers, if there are any.
    pub(crate) fn unit(&self) -> Option<TimeUnit> {
        self.unit
    }

    /// Adds the customers of another sample.
    pub(crate) fn merge(&mut self, other: &Self) -> Result<(), FitError> {
        if let Some(found) = other.unit {
            let expected = *self.unit.get_or_insert(found);
            if expected != found {
                return Err(FitError::UnitMismatch { expected, found });
            }
            self.rows.extend_from_slice(&other.rows);
        }
        Ok(())
    }

    /// Frequency, recency, sum of the logarithms of the gaps, and weight of every row.
    pub(super) fn gaps(&self) -> impl Iterator<Item = (u32, f64, Option<f64>, f64)> {
        self.rows
            .iter()
            .map(|row| (row.frequency, row.recency, row.ln_gaps, row.weight))
    }

    /// The unit and the rows in ascending order with equal ones merged, or why there is nothing to
    /// fit.
    pub(crate) fn merged(&self, model: &'static str) -> Result<(TimeUnit, Vec<Row>), FitError> {
        let unit = self.check(model)?;
        let rows = self.ascending().rows.into_iter();
        Ok((unit, rows.map(|(row, _)| row).collect()))
    }

    /// The unit, or why there is nothing to fit.
    fn check(&self, model: &'static str) -> Result<TimeUnit, FitError> {
        let Some(unit) = self.unit else {
            return Err(FitError::TooFewCustomers {
                model,
                needed: 1.0,
                found: 0.0,
            });
        };
        check_rows(self.rows.len())?;
        if self.rows.iter().all(|row| row.frequency == 0) {
            return Err(FitError::NoRepeatPurchase { model });
        }
        Ok(unit)
    }

    /// The sample in the form that likelihoods of continuous time run over.
    pub(crate) fn distinct(&self, model: &'static str) -> Result<Distinct, FitError> {
        let unit = self.check(model)?;
        let longest = self.rows.iter().map(|row| row.age).fold(0.0, f64::max);
        // Only customers acquired at the very end: any scale will do.
        let scale = if longest > 0.0 { longest } else { 1.0 };
        Ok(Distinct::new(unit, &self.ascending(), scale))
    }

    /// The same for a part of a sample, with the scale of the whole; `None` without customers.
    pub(crate) fn part(&self, scale: f64) -> Option<Distinct> {
        Some(Distinct::new(self.unit?, &self.ascending(), scale))
    }

    /// Rows in ascending order with equal ones merged.
    fn ascending(&self) -> Ascending {
        let ranks = Ranks::of(&self.rows);
        let mut rows: Vec<(Row, [u32; 2])> = Vec::new();
        let mut last = None;
        for (key, (row, places)) in ranks.ascending(&self.rows) {
            match rows.last_mut() {
                Some((kept, _)) if last == Some(key) => {
                    let weight = kept.weight + row.weight;
                    kept.ln_gaps = match (kept.ln_gaps, row.ln_gaps) {
                        (Some(a), Some(b)) => Some(a + (b - a) * (row.weight / weight)),
                        _ => None,
                    };
                    kept.weight = weight;
                }
                _ => rows.push((row, places)),
            }
            last = Some(key);
        }
        Ascending {
            times: ranks.times,
            rows,
        }
    }
}

/// Their times, two of each, are numbered with 32 bits.
const MOST: usize = 1 << 31;

fn check_rows(found: usize) -> Result<(), FitError> {
    if found > MOST {
        return Err(FitError::TooManyRows { most: MOST, found });
    }
    Ok(())
}

/// Distinct rows in the order of frequency, age and recency.
struct Ascending {
    /// Distinct times, ascending.
    times: Vec<f64>,
    /// Each row with the places of its recency and its age among the times.
    rows: Vec<(Row, [u32; 2])>,
}

/// The distinct times of a sample in ascending order, and the places in them of each row's two.
struct Ranks {
    times: Vec<f64>,
    /// Of recency and age.
    places: Vec<[u32; 2]>,
}

impl Ranks {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "there are no more rows than MOST, with two times each"
    )]
    fn of(rows: &[Row]) -> Self {
        let mut places = vec![[0; 2]; rows.len()];
        // Whole days are few: what was seen before is found by its hash.
        let mut seen: HashTable<(u64, u32)> = HashTable::new();
        let mut times: Vec<(u64, u32)> = Vec::new();
        for (row, place) in rows.iter().zip(&mut places) {
            for (time, place) in [row.recency, row.age].into_iter().zip(place) {
                let bits = time.to_bits();
                let entry = seen.entry(spread(bits), |&(b, _)| b == bits, |&(b, _)| spread(b));
                *place = match entry {
                    Entry::Occupied(known) => known.get().1,
                    Entry::Vacant(free) => {
                        let place = times.len() as u32;
                        times.push((bits, place));
                        free.insert((bits, place));
                        place
                    }
                };
            }
        }
        // Bit patterns of numbers that are not negative are in the order of the numbers.
        times.sort_unstable();
        let mut ranks = vec![0; times.len()];
        for (rank, &(_, place)) in (0..).zip(&times) {
            ranks[place as usize] = rank;
        }
        for place in places.iter_mut().flatten() {
            *place = ranks[*place as usize];
        }
        Self {
            times: times
                .iter()
                .map(|&(bits, _)| f64::from_bits(bits))
                .collect(),
            places,
        }
    }

    /// The rows in the order of frequency, age and recency, each with what says whether the next one
    /// is equal.
    fn ascending(&self, rows: &[Row]) -> impl Iterator<Item = (u128, (Row, [u32; 2]))> {
        let keys = rows.iter().zip(&self.places).zip(0_u32..);
        let mut keys: Vec<u128> = keys
            .map(|((row, &[recency, age]), place)| {
                let times = (u128::from(age) << 64) | (u128::from(recency) << 32);
                (u128::from(row.frequency) << 96) | times | u128::from(place)
            })
            .collect();
        keys.sort_unstable();
        keys.into_iter().map(|key| {
            let place = (key & 0xffff_ffff) as usize;
            (key >> 32, (rows[place], self.places[place]))
        })
    }
}

/// A hash of the bits of a number.
fn spread(bits: u64) -> u64 {
    // Fibonacci hashing; the table looks at both ends of the hash.
    let product = bits.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ (product >> 32)
}

impl Sample for PurchaseSample {
    fn add(&mut self, customer: &RfmSummary, weight: f64) -> Result<(), FitError> {
        check_weight(weight)?;
        let expected = *self.unit.get_or_insert(customer.unit());
        if expected != customer.unit() {
            return Err(FitError::UnitMismatch {
                expected,
                found: customer.unit(),
            });
        }
        self.rows.push(Row {
            frequency: customer.frequency(),
            recency: customer.recency(),
            age: customer.age(),
            weight,
            ln_gaps: customer.ln_gaps(),
        });
        Ok(())
    }
}

#[cfg(feature = "simulate")]
impl Resample for PurchaseSample {
    fn sorted(&self) -> Self {
        // Unlike in a likelihood, rows with other gaps are other customers.
        let key = |row: &Row| (row.key(), row.ln_gaps.map(f64::to_bits));
        let mut rows = self.rows.clone();
        rows.sort_unstable_by_key(key);
        rows.dedup_by(|next, kept| {
            let equal = key(next) == key(kept);
            if equal {
                kept.weight += next.weight;
            }
            equal
        });
        Self {
            unit: self.unit,
            rows,
        }
    }

    fn weights(&self) -> Vec<f64> {
        self.rows.iter().map(|row| row.weight).collect()
    }

    fn reweighted(&self, weights: &[f64]) -> Self {
        let rows = self.rows.iter().zip(weights);
        let rows = rows.filter(|&(_, &weight)| weight > 0.0);
        Self {
            unit: self.unit,
            rows: rows.map(|(&row, &weight)| Row { weight, ..row }).collect(),
        }
    }
}

/// Distinct rows that refer to tables of the distinct frequencies and times.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Distinct {
    pub(crate) unit: TimeUnit,
    /// The longest age: times are divided by it, so that the search never sees the unit.
    pub(crate) scale: f64,
    /// Distinct times, scaled, ascending.
    pub(crate) times: Vec<f64>,
    /// Distinct frequencies, ascending.
    pub(crate) frequencies: Vec<u32>,
    pub(crate) rows: Vec<DistinctRow>,
    pub(crate) customers: f64,
    /// Repeat purchases of all customers.
    pub(crate) purchases: f64,
    /// Ages of all customers, scaled.
    pub(crate) exposure: f64,
    /// Sum of the logarithms of all gaps, scaled; none if some gaps are not known.
    pub(crate) ln_gaps: Option<f64>,
}

/// A row by its places in the tables.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct DistinctRow {
    frequency: u32,
    recency: u32,
    age: u32,
    pub(crate) weight: f64,
}

impl DistinctRow {
    /// Place of its frequency.
    pub(crate) fn frequency(&self) -> usize {
        self.frequency as usize
    }

    /// Place of its recency among the times.
    pub(crate) fn recency(&self) -> usize {
        self.recency as usize
    }

    /// Place of its age among the times.
    pub(crate) fn age(&self) -> usize {
        self.age as usize
    }
}

impl Distinct {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "there are no more frequencies than rows"
    )]
    fn new(unit: TimeUnit, ascending: &Ascending, scale: f64) -> Self {
        let Ascending { times, rows } = ascending;
        let mut frequencies: Vec<u32> = Vec::new();
        let mut distinct = Vec::with_capacity(rows.len());
        let (mut customers, mut purchases, mut exposure) = (0.0, 0.0, 0.0);
        let mut ln_gaps = Some(0.0);
        let ln_scale = scale.ln();
        let mut place = 0;
        for (row, [recency, age]) in rows {
            if frequencies.last() != Some(&row.frequency) {
                place = frequencies.len() as u32;
                frequencies.push(row.frequency);
            }
            customers += row.weight;
            purchases += row.weight * f64::from(row.frequency);
            exposure += row.weight * row.age / scale;
            ln_gaps = ln_gaps
                .zip(row.ln_gaps)
                .map(|(sum, gaps)| sum + row.weight * (gaps - f64::from(row.frequency) * ln_scale));
            distinct.push(DistinctRow {
                frequency: place,
                recency: *recency,
                age: *age,
                weight: row.weight,
            });
        }
        Self {
            unit,
            scale,
            times: times.iter().map(|time| time / scale).collect(),
            frequencies,
            rows: distinct,
            customers,
            purchases,
            exposure,
            ln_gaps,
        }
    }

    /// The parts on which the starts of a search are tried, before it is taken to the whole: a first
    /// one large enough to be in the right valley, so small that it hardly counts; of a large sample a
    /// second one, after which the whole is a step or two away.
    pub(crate) fn coarse(&self) -> Vec<Self> {
        /// From so many rows on there is a second part, of this share.
        const LARGE: usize = 10_000;
        const SECOND: usize = 8;
        let rows = self.rows.len();
        let first = self.thinned(first_part(rows));
        let second = (rows >= LARGE).then(|| self.thinned(rows / SECOND));
        [Some(first), second].into_iter().flatten().collect()
    }

    /// A part that stands for the whole, `rows` at most, for a coarse search.
    pub(crate) fn thinned(&self, rows: usize) -> Self {
        let mut part = self.clone();
        part.rows.clear();
        let kept = thinned(&self.rows, self.customers, rows, |row| row.weight);
        part.rows
            .extend(kept.map(|(&row, weight)| DistinctRow { weight, ..row }));
        let weights = |of: &dyn Fn(&DistinctRow) -> f64| -> f64 {
            part.rows.iter().map(|row| row.weight * of(row)).sum()
        };
        part.customers = weights(&|_| 1.0);
        part.purchases = weights(&|row| f64::from(self.frequencies[row.frequency()]));
        part.exposure = weights(&|row| self.times[row.age()]);
        part.ln_gaps = None;
        part
    }

    /// The mean age, scaled: the natural length of time for a start.
    pub(crate) fn mean_age(&self) -> f64 {
        self.exposure / self.customers
    }

    /// What the log-likelihood gains when times are measured in the customers' unit again.
    pub(crate) fn offset(&self) -> f64 {
        -self.purchases * self.scale.ln()
    }
}

/// Sums that every model with gamma rates needs at each distinct frequency.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Rising {
    /// `ln Γ(a + n) − ln Γ(a)`.
    pub(crate) ln: f64,
    /// Its derivative in `a`.
    pub(crate) slope: f64,
    /// Its second derivative in `a`.
    pub(crate) curve: f64,
}

/// Fills `table` with [`Rising`] of `a` at `frequency + more`, for frequencies in ascending order.
pub(crate) fn rising_table(a: f64, more: u32, frequencies: &[u32], table: &mut Vec<Rising>) {
    use crate::numeric::special::{digamma_rising, ln_rising, trigamma_rising};

    table.clear();
    let mut at = 0.0;
    let mut sum = Rising::default();
    for &frequency in frequencies {
        let n = f64::from(frequency) + f64::from(more);
        sum.ln += ln_rising(a + at, n - at);
        sum.slope += digamma_rising(a + at, n - at);
        sum.curve += trigamma_rising(a + at, n - at);
        at = n;
        table.push(sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_rows_than_can_be_numbered_are_refused() {
        assert_eq!(check_rows(MOST), Ok(()));
        let refused = check_rows(MOST + 1).map_err(|error| error.to_string());
        let expected = "a sample may have 2147483648 rows, got 2147483649";
        assert_eq!(refused, Err(expected.to_owned()));
    }
}
