//! Gamma–Gamma: what a customer spends on a purchase, shrunk towards the population by how little
//! is known.
//!
//! Fader, Hardie & Lee (2005), "RFM and CLV: Using Iso-Value Curves for Customer Base Analysis",
//! *Journal of Marketing Research* 42(4), 415–430, <https://doi.org/10.1509/jmkr.2005.42.4.415>;
//! Fader & Hardie (2013), "The Gamma-Gamma model of monetary value".
//!
//! Expected spend is exact to 1e-12 relative for any valid parameters and customer; so is the
//! log-likelihood for `p` and `q` up to a million, and beyond that to about `p` or `q` times 1e-16.

use crate::numeric::special::{digamma_rising, ln_beta, ln_one_plus};
use crate::quantity::{Currency, QuantityError};
use crate::summary::{SpendBasis, SpendSummary};

use super::super::fit::{Fit, FitError, FitOptions, Fitted};
use super::super::maximise::{Limit, Problem, Sought, maximise};
use super::super::parameter::{ParameterError, Parametric, parametric};
use super::super::report::{Boundary, Note};
use super::sample::SpendRow;
use super::{ModelError, SpendModel, SpendPosterior, SpendSample};

#[cfg(feature = "simulate")]
use {crate::numeric::random::RandomStream, crate::summary::SummaryError};

/// Parameters of [`GammaGamma`]; each number from 1e-12 to 1e12.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct GammaGammaParameters {
    /// Currency of `gamma` and of every amount the model is asked about.
    pub currency: Currency,
    /// Shape of the gamma distribution of one customer's transactions.
    pub p: f64,
    /// Shape of the gamma distribution of the customers' rates ν.
    pub q: f64,
    /// Rate of that distribution, in major units of the currency.
    pub gamma: f64,
}

/// The Gamma–Gamma model of spend per transaction.
///
/// A customer's transactions vary as Gamma(p, ν), and customers as ν ~ Gamma(q, γ). It takes what
/// customers spend as independent of how often they buy; a fit reports the correlation.
///
/// Every value of this type is valid.
///
/// # Examples
///
/// ```
/// use guanxi::model::{GammaGamma, GammaGammaParameters, SpendModel, SpendPosterior};
/// use guanxi::quantity::Currency;
/// use guanxi::summary::SpendSummary;
///
/// let model = GammaGamma::new(GammaGammaParameters {
///     currency: Currency::USD,
///     p: 6.25,
///     q: 3.74,
///     gamma: 15.44,
/// })?;
/// // Two repeat purchases of 22.35 on average, in a population that spends 35.22.
/// let spend = SpendSummary::of_repeat_transactions(2, 22.35, Currency::USD)?;
/// let expected = model.posterior(Some(&spend))?.expected_spend();
/// assert!((expected - 24.6637139107612).abs() < 1e-12);
/// assert!((model.posterior(None)?.expected_spend() - 35.2189781022).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A fit says whom it could not use, and how far its assumption holds that frequency and spend have
/// nothing to do with each other:
///
/// ```
/// use guanxi::model::{Fit, FitOptions, GammaGamma};
/// use guanxi::quantity::{Currency, TimeUnit};
/// use guanxi::summary::{RfmSummary, SpendSummary};
///
/// let mut customers = vec![RfmSummary::new(TimeUnit::Week, 0, 0.0, 39.0)?; 40];
/// for (n, means) in [(1, [10.0, 18.0, 30.0, 52.0]), (3, [21.0, 31.0, 40.0, 68.0])] {
///     for mean in means.into_iter().cycle().take(40) {
///         let rfm = RfmSummary::new(TimeUnit::Week, n, 20.0, 39.0)?;
///         let spend = SpendSummary::of_repeat_transactions(n, mean, Currency::EUR)?;
///         customers.push(rfm.with_spend(spend)?);
///     }
/// }
/// let fitted = GammaGamma::fit(&customers, &FitOptions::default())?;
/// let notes: Vec<String> = fitted.report().notes().iter().map(ToString::to_string).collect();
/// assert_eq!(
///     notes,
///     [
///         "correlation of frequency and mean spend is 0.351: \
///          the model takes them as independent and will be biased",
///         "40 customers have no mean spend of their own to fit",
///     ]
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "GammaGammaParameters", into = "GammaGammaParameters")
)]
pub struct GammaGamma(GammaGammaParameters);

parametric!(
    GammaGamma(GammaGammaParameters),
    "Gamma–Gamma",
    [currency],
    [p, q, gamma]
);

impl GammaGamma {
    /// The mean spend of this many transactions of a simulated customer.
    ///
    /// `customer` numbers the stream, so that the same seed and number give the same customer.
    ///
    /// # Errors
    ///
    /// [`SummaryError::Domain`] if `transactions` is 0, of which there is no mean, or if the draw is
    /// above 1e18, too large to be an amount.
    #[cfg(feature = "simulate")]
    pub fn simulate(
        &self,
        seed: u64,
        customer: u64,
        transactions: u32,
    ) -> Result<SpendSummary, SummaryError> {
        let GammaGammaParameters {
            currency,
            p,
            q,
            gamma,
        } = self.0;
        let mut random = RandomStream::new(seed, customer);
        let rate = random.gamma(q, gamma);
        // The sum of n gammas of one rate is a gamma of n times the shape.
        let n = f64::from(transactions.max(1));
        let mean = random.gamma(p * n, rate) / n;
        SpendSummary::of_repeat_transactions(transactions, mean, currency)
    }
}

impl SpendModel for GammaGamma {
    type Posterior = GammaGammaPosterior;

    fn currency(&self) -> Currency {
        self.0.currency
    }

    fn posterior(&self, spend: Option<&SpendSummary>) -> Result<GammaGammaPosterior, ModelError> {
        let GammaGammaParameters {
            currency,
            p,
            q,
            gamma,
        } = self.0;
        let (n, mean) = match spend {
            Some(spend) if spend.currency() != currency => {
                return Err(ModelError::Quantity(QuantityError::CurrencyMismatch {
                    expected: currency,
                    found: spend.currency(),
                }));
            }
            Some(spend) => (f64::from(spend.transactions()), spend.mean()),
            None => (0.0, 0.0),
        };
        let excess = p * n + (q - 1.0);
        if excess <= 0.0 {
            return Err(ModelError::Undefined {
                answer: "mean amounts to spend",
                condition: "p·n + q > 1 after n transactions",
                found: p * n + q,
            });
        }
        let total = n * mean;
        let ln_likelihood = if n == 0.0 {
            0.0
        } else if mean == 0.0 {
            f64::NEG_INFINITY
        } else {
            let ratio = total / gamma;
            -ln_beta(p * n, q) - q * ratio.ln_1p() - p * n * (1.0 / ratio).ln_1p() - mean.ln()
        };
        Ok(GammaGammaPosterior {
            ln_likelihood,
            p,
            excess,
            rate: gamma + total,
            n_eff: n,
        })
    }
}

/// What a Gamma–Gamma model knows of one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GammaGammaPosterior {
    ln_likelihood: f64,
    p: f64,
    /// Shape of the gamma posterior of ν, less 1.
    excess: f64,
    rate: f64,
    n_eff: f64,
}

impl SpendPosterior for GammaGammaPosterior {
    fn ln_likelihood(&self) -> f64 {
        self.ln_likelihood
    }

    fn expected_spend(&self) -> f64 {
        self.p * (self.rate / self.excess)
    }

    fn n_eff(&self) -> f64 {
        self.n_eff
    }

    #[cfg(feature = "simulate")]
    fn draw(&self, random: &mut RandomStream) -> f64 {
        self.p / random.gamma(self.excess + 1.0, self.rate)
    }
}

const LIMITS: &[Limit] = &[
    Limit {
        boundary: Boundary::HomogeneousSpend,
        towards: &[0.0, 1.0, 1.0],
    },
    Limit {
        boundary: Boundary::ConstantSpend,
        towards: &[1.0, 0.0, -1.0],
    },
];

impl Fit for GammaGamma {
    type Sample = SpendSample;

    fn scale(&self) -> String {
        self.0.currency.to_string()
    }

    fn fit_sample(sample: &SpendSample, options: &FitOptions) -> Result<Fitted<Self>, FitError> {
        let rows = sample.distinct();
        let (Some(currency), false) = (sample.currency(), rows.is_empty()) else {
            return Err(FitError::NoRepeatPurchase { model: Self::MODEL });
        };
        let customers: f64 = rows.iter().map(|row| row.weight).sum();
        let scale = rows.iter().map(|row| row.weight * row.mean).sum::<f64>() / customers;
        let mut likelihood = Likelihood::new(&rows, scale);
        let mut report = maximise(
            Problem {
                model: Self::MODEL,
                parameters: Sought::all_positive(Self::NAMES, &[0.0, 0.0, scale.ln()]),
                scale: currency.to_string(),
                customers,
                rows: rows.len(),
                starts: [[6.0_f64, 4.0, 0.5], [1.0, 3.0, 2.0], [20.0, 2.0, 0.05]]
                    .map(|start| start.map(f64::ln).to_vec())
                    .to_vec(),
                offset: -rows
                    .iter()
                    .map(|row| row.weight * row.mean.ln())
                    .sum::<f64>(),
                nested: None,
                limits: LIMITS.to_vec(),
                notes: Vec::new(),
                likelihood: &mut |x, gradient| likelihood.evaluate(x, gradient),
            },
            options,
        )?;
        if let Some(correlation) = correlation(&rows, customers) {
            report.notes.push(Note::SpendCorrelation { correlation });
        }
        if let Some(basis @ SpendBasis::AllTransactions) = sample.basis() {
            report.notes.push(Note::SpendBasis(basis));
        }
        if sample.without_spend() > 0.0 {
            report.notes.push(Note::WithoutSpend {
                customers: sample.without_spend(),
            });
        }
        if sample.non_positive() > 0.0 {
            report.notes.push(Note::NonPositiveSpend {
                customers: sample.non_positive(),
            });
        }
        let value = |i: usize| report.parameters[i].value;
        let model = Self::new(GammaGammaParameters {
            currency,
            p: value(0),
            q: value(1),
            gamma: value(2),
        })?;
        let q = model.0.q;
        if q <= 1.0 {
            report.notes.push(Note::NoPopulationMean { q });
        }
        Ok(Fitted { model, report })
    }
}

/// Pearson's correlation of transactions and mean; `None` if one of them does not vary.
fn correlation(rows: &[SpendRow], customers: f64) -> Option<f64> {
    let mean = |of: &dyn Fn(&SpendRow) -> f64| {
        rows.iter().map(|row| row.weight * of(row)).sum::<f64>() / customers
    };
    let n = |row: &SpendRow| f64::from(row.transactions);
    let (mean_n, mean_m) = (mean(&n), mean(&|row| row.mean));
    let product = |a: &dyn Fn(&SpendRow) -> f64, b: &dyn Fn(&SpendRow) -> f64| {
        rows.iter()
            .map(|row| row.weight * a(row) * b(row))
            .sum::<f64>()
    };
    let (from_n, from_m) = (
        |row: &SpendRow| n(row) - mean_n,
        |row: &SpendRow| row.mean - mean_m,
    );
    let spread = (product(&from_n, &from_n) * product(&from_m, &from_m)).sqrt();
    (spread > 0.0).then(|| product(&from_n, &from_m) / spread)
}

/// The log-likelihood of a sample, less the part that no parameter changes, with its working space.
struct Likelihood<'a> {
    rows: &'a [SpendRow],
    /// Scaled total spend of each row, and its logarithm.
    totals: Vec<(f64, f64)>,
}

impl<'a> Likelihood<'a> {
    fn new(rows: &'a [SpendRow], scale: f64) -> Self {
        let totals = rows
            .iter()
            .map(|row| {
                let total = f64::from(row.transactions) * (row.mean / scale);
                (total, total.ln())
            })
            .collect();
        Self { rows, totals }
    }

    /// The log-likelihood and its gradient in the logarithms of the parameters.
    fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
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
        gradient[0] = p * by_p;
        gradient[1] = q * by_q;
        gradient[2] = by_gamma;
        value
    }
}

#[cfg(test)]
mod tests;
