//! Customers as the likelihood sees them: equal rows merged, every distinct time looked up once.

use crate::quantity::TimeUnit;
use crate::summary::RfmSummary;

use super::super::fit::{FitError, Sample, check_weight};
#[cfg(feature = "simulate")]
use super::super::resample::Resample;

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

impl Row {
    /// Sorts by value: bit patterns of numbers that are not negative are in their order.
    fn key(&self) -> (u32, u64, u64) {
        (self.frequency, self.recency.to_bits(), self.age.to_bits())
    }
}

impl PurchaseSample {
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
        let rows = self.ascending();
        let Some(unit) = self.unit else {
            return Err(FitError::TooFewCustomers {
                model,
                needed: 1.0,
                found: 0.0,
            });
        };
        if rows.iter().all(|row| row.frequency == 0) {
            return Err(FitError::NoRepeatPurchase { model });
        }
        Ok((unit, rows))
    }

    /// The sample in the form that likelihoods of continuous time run over.
    pub(crate) fn distinct(&self, model: &'static str) -> Result<Distinct, FitError> {
        let (unit, rows) = self.merged(model)?;
        let longest = rows.iter().map(|row| row.age).fold(0.0, f64::max);
        // Only customers acquired at the very end: any scale will do.
        let scale = if longest > 0.0 { longest } else { 1.0 };
        Ok(Distinct::new(unit, &rows, scale))
    }

    /// The same for a part of a sample, with the scale of the whole; `None` without customers.
    pub(crate) fn part(&self, scale: f64) -> Option<Distinct> {
        Some(Distinct::new(self.unit?, &self.ascending(), scale))
    }

    /// Rows in ascending order with equal ones merged.
    fn ascending(&self) -> Vec<Row> {
        let mut rows = self.rows.clone();
        rows.sort_unstable_by_key(Row::key);
        rows.dedup_by(|next, kept| {
            let equal = next.key() == kept.key();
            if equal {
                let weight = kept.weight + next.weight;
                kept.ln_gaps = match (kept.ln_gaps, next.ln_gaps) {
                    (Some(a), Some(b)) => Some(a + (b - a) * (next.weight / weight)),
                    _ => None,
                };
                kept.weight = weight;
            }
            equal
        });
        rows
    }
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
    pub(crate) frequency: usize,
    pub(crate) recency: usize,
    pub(crate) age: usize,
    pub(crate) weight: f64,
}

impl Distinct {
    fn new(unit: TimeUnit, rows: &[Row], scale: f64) -> Self {
        let mut times: Vec<u64> = rows
            .iter()
            .flat_map(|row| [row.recency.to_bits(), row.age.to_bits()])
            .collect();
        times.sort_unstable();
        times.dedup();
        let place = |time: f64| match times.binary_search(&time.to_bits()) {
            Ok(place) | Err(place) => place,
        };
        let mut frequencies: Vec<u32> = Vec::new();
        let mut distinct = Vec::with_capacity(rows.len());
        let (mut customers, mut purchases, mut exposure) = (0.0, 0.0, 0.0);
        let mut ln_gaps = Some(0.0);
        for row in rows {
            if frequencies.last() != Some(&row.frequency) {
                frequencies.push(row.frequency);
            }
            customers += row.weight;
            purchases += row.weight * f64::from(row.frequency);
            exposure += row.weight * row.age / scale;
            ln_gaps = ln_gaps.zip(row.ln_gaps).map(|(sum, gaps)| {
                sum + row.weight * (gaps - f64::from(row.frequency) * scale.ln())
            });
            distinct.push(DistinctRow {
                frequency: frequencies.len() - 1,
                recency: place(row.recency),
                age: place(row.age),
                weight: row.weight,
            });
        }
        Self {
            unit,
            scale,
            times: times
                .iter()
                .map(|&bits| f64::from_bits(bits) / scale)
                .collect(),
            frequencies,
            rows: distinct,
            customers,
            purchases,
            exposure,
            ln_gaps,
        }
    }

    /// A sample of about every *n*th row, `rows` at most, for a coarse search.
    pub(crate) fn thinned(&self, rows: usize) -> Self {
        let step = self.rows.len().div_ceil(rows).max(1);
        let mut part = self.clone();
        part.rows = self.rows.iter().step_by(step).copied().collect();
        let weights = |of: &dyn Fn(&DistinctRow) -> f64| -> f64 {
            part.rows.iter().map(|row| row.weight * of(row)).sum()
        };
        part.customers = weights(&|_| 1.0);
        part.purchases = weights(&|row| f64::from(self.frequencies[row.frequency]));
        part.exposure = weights(&|row| self.times[row.age]);
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
}

/// Fills `table` with [`Rising`] of `a` at `frequency + more`, for frequencies in ascending order.
pub(crate) fn rising_table(a: f64, more: u32, frequencies: &[u32], table: &mut Vec<Rising>) {
    use crate::numeric::special::{digamma_rising, ln_rising};

    table.clear();
    let mut at = 0.0;
    let mut sum = Rising::default();
    for &frequency in frequencies {
        let n = f64::from(frequency) + f64::from(more);
        sum.ln += ln_rising(a + at, n - at);
        sum.slope += digamma_rising(a + at, n - at);
        at = n;
        table.push(sum);
    }
}
