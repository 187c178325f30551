//! The likelihood of the Gamma–Gamma, for means and for single amounts.
//!
//! A customer's amounts are their mean and how they divide it. The mean has the likelihood of Fader,
//! Hardie & Lee (2005); the division depends on `p` alone, through `lnΓ(pn) − n·lnΓ(p) − pn·ln n +
//! p·Σ ln(z/m̄)`, so that single amounts cost no more than means.

use crate::numeric::chunks;
use crate::numeric::linear::Symmetric;
use crate::numeric::special::{
    digamma_rising, ln_beta, ln_gamma_of_parts, ln_one_plus, trigamma_excess, trigamma_rising,
};
use crate::quantity::Currency;

use super::super::fit::FitError;
use super::super::maximise::LogLikelihood;
use super::super::parameter::Parametric;
use super::super::thinned::{first_part, thinned};
use super::sample::SpendRow;
use super::{GammaGamma, SpendSample, TransactionSpendSample};

/// What customers spent, by their means or by every amount.
pub(crate) trait Spends: Clone {
    /// The means of the customers.
    fn means(&self) -> &SpendSample;

    /// `Σ ln(z/m̄)` and `Σ ln z` over single amounts, if they are known.
    fn ln_sums(&self) -> Option<(f64, f64)>;

    /// Amounts of 0 that were left out.
    fn free(&self) -> f64;

    /// Adds the customers of another sample.
    fn merge(&mut self, other: &Self) -> Result<(), FitError>;

    /// The currency, or why there is nothing to fit.
    fn known_currency(&self) -> Result<Currency, FitError> {
        let means = self.means();
        let currency = means.currency().filter(|_| !means.is_empty());
        let model = GammaGamma::MODEL;
        currency.ok_or(FitError::NoRepeatPurchase { model })
    }

    /// What the likelihood is a density of, in words: fits to means and to single amounts cannot be
    /// compared.
    fn kind(&self, currency: Currency) -> String {
        match self.ln_sums() {
            Some(_) => format!("single amounts in {currency}"),
            None => currency.to_string(),
        }
    }

    /// The part of the log-likelihood of merged rows that no parameter changes.
    fn offset(&self, rows: &[SpendRow]) -> f64 {
        if let Some((_, ln_amounts)) = self.ln_sums() {
            return -ln_amounts;
        }
        let logs = rows.iter().map(|row| row.weight * row.mean.ln());
        -logs.sum::<f64>()
    }
}

impl Spends for SpendSample {
    fn means(&self) -> &SpendSample {
        self
    }

    fn ln_sums(&self) -> Option<(f64, f64)> {
        None
    }

    fn free(&self) -> f64 {
        0.0
    }

    fn merge(&mut self, other: &Self) -> Result<(), FitError> {
        self.merge(other)
    }
}

impl Spends for TransactionSpendSample {
    fn means(&self) -> &SpendSample {
        self.means()
    }

    fn ln_sums(&self) -> Option<(f64, f64)> {
        Some(self.ln_sums())
    }

    fn free(&self) -> f64 {
        self.free_transactions()
    }

    fn merge(&mut self, other: &Self) -> Result<(), FitError> {
        self.merge(other)
    }
}

/// The mean spend of merged rows, of which there are some.
pub(crate) fn mean_spend(rows: &[SpendRow]) -> f64 {
    let customers: f64 = rows.iter().map(|row| row.weight).sum();
    rows.iter().map(|row| row.weight * row.mean).sum::<f64>() / customers
}

/// The log-likelihood of a sample, less the part that no parameter changes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Likelihood {
    rows: Vec<Row>,
    customers: f64,
    /// How customers divide their means, if single amounts are known.
    divisions: Option<Divisions>,
}

/// Customers of one number of transactions and one mean.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Row {
    transactions: u32,
    weight: f64,
    /// Scaled total spend, and its logarithm.
    total: f64,
    ln_total: f64,
}

/// How many customers made how many transactions, and `Σ ln(z/m̄)`.
#[derive(Debug, Clone, PartialEq)]
struct Divisions {
    counts: Vec<(f64, f64)>,
    unevenness: f64,
}

impl Likelihood {
    /// Of merged rows, which ascend in the number of transactions, and of `Σ ln(z/m̄)` if single amounts
    /// are known.
    pub(crate) fn new(rows: &[SpendRow], unevenness: Option<f64>, scale: f64) -> Self {
        let row = |row: &SpendRow| {
            let total = f64::from(row.transactions) * (row.mean / scale);
            Row {
                transactions: row.transactions,
                weight: row.weight,
                total,
                ln_total: total.ln(),
            }
        };
        let divisions = unevenness.map(|unevenness| {
            let counts = rows.chunk_by(|a, b| a.transactions == b.transactions);
            let counts = counts.map(|equal| {
                let weight = equal.iter().map(|row| row.weight).sum();
                (f64::from(equal[0].transactions), weight)
            });
            Divisions {
                counts: counts.collect(),
                unevenness,
            }
        });
        Self {
            rows: rows.iter().map(row).collect(),
            customers: rows.iter().map(|row| row.weight).sum(),
            divisions,
        }
    }

    /// A part that stands for the whole, for a coarse search. `None` of single amounts, whose
    /// unevenness is known for all together.
    pub(crate) fn coarse(&self) -> Option<Self> {
        if self.divisions.is_some() {
            return None;
        }
        let wanted = first_part(self.rows.len());
        let rows: Vec<Row> = thinned(&self.rows, self.customers, wanted, |row| row.weight)
            .map(|(&row, weight)| Row { weight, ..row })
            .collect();
        Some(Self {
            customers: rows.iter().map(|row| row.weight).sum(),
            rows,
            divisions: None,
        })
    }

    pub(crate) fn customers(&self) -> f64 {
        self.customers
    }

    /// The log-likelihood and its gradient in the logarithms of the parameters.
    pub(crate) fn of(&self, x: &[f64], gradient: &mut [f64]) -> f64 {
        let sums = self.pass(x);
        gradient[0] = x[0].exp() * sums[1];
        gradient[1] = x[1].exp() * sums[2];
        gradient[2] = sums[3];
        sums[0]
    }

    /// Value, slopes and Hessian, row by row up to the diagonal: in `p`, `q` and `ln γ`.
    fn pass(&self, x: &[f64]) -> [f64; NUMBERS] {
        let (p, q, gamma) = (x[0].exp(), x[1].exp(), x[2].exp());
        let mut sums = chunks::sums(&self.rows, |rows| {
            let mut sums = [0.0; NUMBERS];
            for equal in rows.chunk_by(|a, b| a.transactions == b.transactions) {
                let group = Group::of(equal, x[2], gamma);
                group.add_to(p, q, f64::from(equal[0].transactions), &mut sums);
            }
            sums
        });
        if let Some(divisions) = &self.divisions {
            for &(n, weight) in &divisions.counts {
                let (ln, slope, curve) = ln_gamma_of_parts(p, n);
                sums[0] += weight * ln;
                sums[1] += weight * slope;
                sums[4] += weight * curve;
            }
            sums[0] += p * divisions.unevenness;
            sums[1] += divisions.unevenness;
        }
        sums
    }
}

/// Value, gradient and the six cells of the Hessian, row by row up to the diagonal.
const NUMBERS: usize = 10;

/// Sums over customers of one number of transactions.
struct Group {
    weight: f64,
    /// `ln(1 + u)` and `ln(1 + 1/u)` at `u = total/γ`.
    ln_more: f64,
    ln_less: f64,
    /// `1/(1 + u)`, `u/(1 + u)` and their product.
    less: f64,
    more: f64,
    curve: f64,
}

impl Group {
    fn of(rows: &[Row], ln_gamma: f64, gamma: f64) -> Self {
        let mut sums = Self {
            weight: 0.0,
            ln_more: 0.0,
            ln_less: 0.0,
            less: 0.0,
            more: 0.0,
            curve: 0.0,
        };
        let by_gamma = 1.0 / gamma;
        for row in rows {
            // The small one of the two logarithms first, because p or q, which multiplies it, may be as
            // large as it is small.
            let ratio = row.total * by_gamma;
            let ln_ratio = row.ln_total - ln_gamma;
            let is_more = ratio > 1.0;
            let small = if is_more { 1.0 / ratio } else { ratio };
            let ln_small = ln_one_plus(small);
            let ln_large = ln_small + ln_ratio.abs();
            let (ln_more, ln_less) = if is_more {
                (ln_large, ln_small)
            } else {
                (ln_small, ln_large)
            };
            let of_large = 1.0 / (1.0 + small);
            let of_small = small * of_large;
            let (less, more) = if is_more {
                (of_small, of_large)
            } else {
                (of_large, of_small)
            };
            sums.weight += row.weight;
            sums.ln_more += row.weight * ln_more;
            sums.ln_less += row.weight * ln_less;
            sums.less += row.weight * less;
            sums.more += row.weight * more;
            sums.curve += row.weight * (less * more);
        }
        sums
    }

    fn add_to(&self, p: f64, q: f64, n: f64, sums: &mut [f64; NUMBERS]) {
        let (weight, pn) = (self.weight, p * n);
        sums[0] += -weight * ln_beta(pn, q) - q * self.ln_more - pn * self.ln_less;
        sums[1] += n * (weight * digamma_rising(pn, q) - self.ln_less);
        sums[2] += weight * digamma_rising(q, pn) - self.ln_more;
        sums[3] += q * self.more - pn * self.less;
        let beyond = pn + q;
        sums[4] += weight * n * n * trigamma_rising(pn, q);
        sums[5] += weight * n * (1.0 + trigamma_excess(beyond)) / beyond;
        sums[6] += weight * trigamma_rising(q, pn);
        sums[7] -= n * self.less;
        sums[8] += self.more;
        sums[9] -= beyond * self.curve;
    }
}

impl LogLikelihood for Likelihood {
    fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        self.of(x, gradient)
    }

    fn is_curved(&self) -> bool {
        true
    }

    fn curved(&mut self, x: &[f64], gradient: &mut [f64], hessian: &mut Symmetric) -> f64 {
        let sums = self.pass(x);
        let units = [x[0].exp(), x[1].exp(), 1.0];
        hessian.fill(&sums[4..]);
        for (i, unit) in units.iter().enumerate() {
            gradient[i] = unit * sums[1 + i];
            for (j, other) in units.iter().enumerate().take(i + 1) {
                hessian.set(i, j, unit * other * hessian.at(i, j));
            }
        }
        // In the logarithm of p and of q.
        for i in [0, 1] {
            hessian.set(i, i, hessian.at(i, i) + gradient[i]);
        }
        sums[0]
    }
}
