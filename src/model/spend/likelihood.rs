//! The likelihood of the Gamma–Gamma, for means and for single amounts.
//!
//! A customer's amounts are their mean and how they divide it. The mean has the likelihood of Fader,
//! Hardie & Lee (2005); the division depends on `p` alone, through `lnΓ(pn) − n·lnΓ(p) − pn·ln n +
//! p·Σ ln(z/m̄)`, so that single amounts cost no more than means.

use crate::numeric::special::{digamma_rising, ln_beta, ln_gamma_of_parts, ln_one_plus};
use crate::quantity::Currency;

use super::super::fit::FitError;
use super::super::parameter::Parametric;
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

    /// The currency and the mean spend, or why there is nothing to fit.
    fn money(&self) -> Result<(Currency, f64), FitError> {
        let rows = self.means().distinct();
        let (Some(currency), false) = (self.means().currency(), rows.is_empty()) else {
            let model = GammaGamma::MODEL;
            return Err(FitError::NoRepeatPurchase { model });
        };
        let customers: f64 = rows.iter().map(|row| row.weight).sum();
        let scale = rows.iter().map(|row| row.weight * row.mean).sum::<f64>() / customers;
        Ok((currency, scale))
    }

    /// What the likelihood is a density of, in words: fits to means and to single amounts cannot be
    /// compared.
    fn kind(&self, currency: Currency) -> String {
        match self.ln_sums() {
            Some(_) => format!("single amounts in {currency}"),
            None => currency.to_string(),
        }
    }

    /// The part of the log-likelihood that no parameter changes.
    fn offset(&self) -> f64 {
        if let Some((_, ln_amounts)) = self.ln_sums() {
            return -ln_amounts;
        }
        let rows = self.means().distinct();
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

/// The log-likelihood of a sample, less the part that no parameter changes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Likelihood {
    rows: Vec<SpendRow>,
    /// Scaled total spend of each row, and its logarithm.
    totals: Vec<(f64, f64)>,
    /// How customers divide their means, if single amounts are known.
    divisions: Option<Divisions>,
}

/// How many customers made how many transactions, and `Σ ln(z/m̄)`.
#[derive(Debug, Clone, PartialEq)]
struct Divisions {
    counts: Vec<(f64, f64)>,
    unevenness: f64,
}

impl Likelihood {
    pub(crate) fn new(sample: &impl Spends, scale: f64) -> Self {
        let rows = sample.means().distinct();
        let total = |row: &SpendRow| {
            let total = f64::from(row.transactions) * (row.mean / scale);
            (total, total.ln())
        };
        let divisions = sample.ln_sums().map(|(unevenness, _)| {
            // Rows ascend in the number of transactions.
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
            totals: rows.iter().map(total).collect(),
            rows,
            divisions,
        }
    }

    pub(crate) fn rows(&self) -> &[SpendRow] {
        &self.rows
    }

    pub(crate) fn customers(&self) -> f64 {
        self.rows.iter().map(|row| row.weight).sum()
    }

    /// The log-likelihood and its gradient in the logarithms of the parameters.
    pub(crate) fn evaluate(&self, x: &[f64], gradient: &mut [f64]) -> f64 {
        let (p, q, gamma) = (x[0].exp(), x[1].exp(), x[2].exp());
        let (mut value, mut by_p, mut by_q, mut by_gamma) = (0.0, 0.0, 0.0, 0.0);
        // Rows ascend in the number of transactions: what depends on it alone is computed once.
        let mut current = 0;
        let (mut ln_shared, mut slope_p, mut slope_q) = (0.0, 0.0, 0.0);
        for (row, &(total, ln_total)) in self.rows.iter().zip(&self.totals) {
            let n = f64::from(row.transactions);
            if row.transactions != current {
                current = row.transactions;
                ln_shared = -ln_beta(p * n, q);
                slope_p = digamma_rising(p * n, q);
                slope_q = digamma_rising(q, p * n);
            }
            // ln(1 + u) and ln(1 + 1/u) at u = total/γ: the small one first, because p or q, which
            // multiplies it, may be as large as it is small.
            let ratio = total / gamma;
            let ln_ratio = ln_total - x[2];
            let (ln_more, ln_less) = if ratio > 1.0 {
                let ln_less = ln_one_plus(1.0 / ratio);
                (ln_ratio + ln_less, ln_less)
            } else {
                let ln_more = ln_one_plus(ratio);
                (ln_more, ln_more - ln_ratio)
            };
            value += row.weight * (ln_shared - q * ln_more - p * n * ln_less);
            by_p += row.weight * n * (slope_p - ln_less);
            by_q += row.weight * (slope_q - ln_more);
            by_gamma += row.weight * (q * ratio - p * n) / (1.0 + ratio);
        }
        if let Some(divisions) = &self.divisions {
            for &(n, weight) in &divisions.counts {
                let (ln, slope) = ln_gamma_of_parts(p, n);
                value += weight * ln;
                by_p += weight * slope;
            }
            value += p * divisions.unevenness;
            by_p += divisions.unevenness;
        }
        gradient[0] = p * by_p;
        gradient[1] = q * by_q;
        gradient[2] = by_gamma;
        value
    }
}
