//! Gamma–Gamma: what a customer spends on a purchase, shrunk towards the population by how little
//! is known.
//!
//! Fader, Hardie & Lee (2005), "RFM and CLV: Using Iso-Value Curves for Customer Base Analysis",
//! *Journal of Marketing Research* 42(4), 415–430, <https://doi.org/10.1509/jmkr.2005.42.4.415>;
//! Fader & Hardie (2013), "The Gamma-Gamma model of monetary value".
//!
//! Expected spend is exact to 1e-12 relative for any valid parameters and customer; so is the
//! log-likelihood for `p` and `q` up to a million, and beyond that to about `p` or `q` times 1e-16.

use crate::numeric::special::ln_beta;
use crate::quantity::{Currency, QuantityError};
use crate::summary::{SpendBasis, SpendColumns, SpendSummary};

use super::super::covariates::rows::{Block, Measure, Rows};
use super::super::covariates::{CovariateModel, CovariateRole, DropoutLink};
use super::super::fit::{Fit, FitError, FitOptions, Fitted};
use super::super::maximise::{Coarse, Limit, Problem, Sought, maximise};
use super::super::parameter::{ParameterError, Parametric, exactly, parametric};
use super::super::purchase::AnswersError;
use super::super::report::{Boundary, Note};
use super::likelihood::{Likelihood, Spends, mean_spend};
use super::sample::SpendRow;
use super::{
    ModelError, SpendModel, SpendPosterior, SpendSample, TransactionSpendSample, check, in_chunks,
};

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

impl CovariateModel for GammaGamma {
    const WITH_COVARIATES: &'static str = "Gamma–Gamma with covariates";

    fn slopes(role: CovariateRole, _: DropoutLink) -> Option<Vec<f64>> {
        (role == CovariateRole::Spend).then(|| vec![0.0, 0.0, 1.0])
    }

    fn note(&self) -> Option<Note> {
        self.without_mean()
    }
}

/// Single amounts or means, for customers with covariates.
impl<S: Spends> Rows<GammaGamma> for S {
    type Block = Likelihood;

    fn merge(&mut self, other: &Self) -> Result<(), FitError> {
        Spends::merge(self, other)
    }

    fn fit_plain(&self, options: &FitOptions) -> Result<Fitted<GammaGamma>, FitError> {
        fit(self, options)
    }

    fn measure(&self) -> Result<Measure, FitError> {
        let currency = self.known_currency()?;
        let rows = self.means().distinct();
        let scale = mean_spend(&rows);
        Ok(Measure {
            unit: currency.to_string(),
            kind: self.kind(currency),
            scale,
            shifts: vec![0.0, 0.0, scale.ln()],
            offset: self.offset(&rows),
            limits: LIMITS,
        })
    }

    fn model(&self, values: &[f64]) -> Result<GammaGamma, FitError> {
        let currency = self.known_currency()?;
        let [p, q, gamma] = exactly(GammaGamma::MODEL, values)?;
        Ok(GammaGamma::new(GammaGammaParameters {
            currency,
            p,
            q,
            gamma,
        })?)
    }

    fn block(&self, measure: &Measure) -> Option<Block<Likelihood>> {
        let rows = self.means().distinct();
        (!rows.is_empty()).then(|| {
            let unevenness = self.ln_sums().map(|(unevenness, _)| unevenness);
            let likelihood = Likelihood::new(&rows, unevenness, measure.scale);
            Block {
                customers: likelihood.customers(),
                rows: rows.len(),
                data: likelihood,
            }
        })
    }

    fn likelihood<'a>(_: &'a Likelihood) -> impl FnMut(&'a Likelihood, &[f64], &mut [f64]) -> f64 {
        Likelihood::of
    }
}

parametric!(
    GammaGamma(GammaGammaParameters),
    "Gamma–Gamma",
    [currency],
    [p, q, gamma]
);

impl GammaGamma {
    /// Fits the model to every amount that customers spent instead of their means.
    ///
    /// The same customers give the same model in expectation, and more of it: how uneven a
    /// customer's own orders are is evidence about `p`, which means keep only in part. Means hold
    /// all there is to know if every customer made a single order.
    ///
    /// # Errors
    ///
    /// Any [`FitError`]; [`FitError::NotIdentified`] or [`FitError::NotConverged`] if no customer's
    /// amounts differ, which no `p` is too large for.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "simulate")]
    /// # {
    /// use guanxi::model::{FitOptions, GammaGamma, GammaGammaParameters, TransactionSpendSample};
    /// use guanxi::quantity::Currency;
    /// use guanxi::summary::SpendBasis;
    ///
    /// let truth = GammaGamma::new(GammaGammaParameters {
    ///     currency: Currency::EUR,
    ///     p: 6.25,
    ///     q: 3.74,
    ///     gamma: 15.44,
    /// })?;
    /// let mut sample = TransactionSpendSample::new(Currency::EUR, SpendBasis::RepeatTransactions);
    /// for customer in 0..500 {
    ///     sample.add(&truth.simulate_amounts(1, customer, 3)?, 1.0)?;
    /// }
    /// let fitted = GammaGamma::fit_transactions(&sample, &FitOptions::default())?;
    /// let p = &fitted.report().parameters()[0];
    /// assert!(p.interval().is_some_and(|interval| interval.contains(6.25)));
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fit_transactions(
        sample: &TransactionSpendSample,
        options: &FitOptions,
    ) -> Result<Fitted<Self>, FitError> {
        fit(sample, options)
    }

    /// What is known after `n` transactions of this mean, but for their likelihood.
    #[inline]
    fn after(&self, n: f64, mean: f64) -> Result<GammaGammaPosterior, ModelError> {
        let GammaGammaParameters { p, q, gamma, .. } = self.0;
        let excess = p * n + (q - 1.0);
        if excess <= 0.0 {
            return Err(ModelError::Undefined {
                answer: "mean amounts to spend",
                condition: "p·n + q > 1 after n transactions",
                found: p * n + q,
            });
        }
        Ok(GammaGammaPosterior {
            ln_likelihood: 0.0,
            p,
            excess,
            rate: gamma + n * mean,
            n_eff: n,
        })
    }

    /// Says so where the mean spend of a new customer is infinite.
    fn without_mean(&self) -> Option<Note> {
        let q = self.0.q;
        (q <= 1.0).then_some(Note::NoPopulationMean { q })
    }

    /// The amounts of this many transactions of a simulated customer, none of them 0 but by
    /// rounding, which takes a `p` far below 1.
    ///
    /// `customer` numbers the stream, so that the same seed and number give the same customer.
    ///
    /// # Errors
    ///
    /// [`SummaryError::Domain`] if a draw is above 1e18, too large to be an amount.
    #[cfg(feature = "simulate")]
    pub fn simulate_amounts(
        &self,
        seed: u64,
        customer: u64,
        transactions: u32,
    ) -> Result<Vec<f64>, SummaryError> {
        let GammaGammaParameters { p, q, gamma, .. } = self.0;
        let mut random = RandomStream::new(seed, customer);
        let rate = random.gamma(q, gamma);
        (0..transactions)
            .map(|_| {
                let found = random.gamma(p, rate);
                // Written so that NaN fails it.
                if (0.0..=1e18).contains(&found) {
                    Ok(found)
                } else {
                    Err(SummaryError::Domain {
                        quantity: "simulated amount",
                        expected: "a number from 0 to 1e18",
                        found,
                    })
                }
            })
            .collect()
    }

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
        let known = self.after(n, mean)?;
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
            ..known
        })
    }

    fn answers(&self, columns: &SpendColumns<'_>, out: &mut [f64]) -> Result<(), AnswersError> {
        check(self.0.currency, columns, out.len())?;
        in_chunks(columns, out, |columns, out| {
            let rows = columns.transactions().iter().zip(columns.mean());
            for (row, ((&n, &mean), answer)) in rows.zip(out).enumerate() {
                let customer = self
                    .after(f64::from(n), mean + 0.0)
                    .map_err(|reason| AnswersError::Row { row, reason })?;
                *answer = customer.expected_spend();
            }
            Ok(())
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

const LIMITS: &[Limit<'_>] = &[
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
        fit(sample, options)
    }
}

/// Fits the model to means or to single amounts.
fn fit(sample: &impl Spends, options: &FitOptions) -> Result<Fitted<GammaGamma>, FitError> {
    let currency = sample.known_currency()?;
    let rows = sample.means().distinct();
    let scale = mean_spend(&rows);
    let unevenness = sample.ln_sums().map(|(unevenness, _)| unevenness);
    let mut likelihood = Likelihood::new(&rows, unevenness, scale);
    let coarse = likelihood.coarse().map(|part| {
        let customers = part.customers();
        (part, customers)
    });
    let mut coarse: Vec<_> = coarse.into_iter().collect();
    let customers = likelihood.customers();
    let mut report = maximise(
        Problem {
            model: GammaGamma::MODEL,
            parameters: Sought::all_positive(GammaGamma::NAMES, &[0.0, 0.0, scale.ln()]),
            scale: currency.to_string(),
            customers,
            rows: rows.len(),
            starts: [[6.0_f64, 4.0, 0.5], [1.0, 3.0, 2.0], [20.0, 2.0, 0.05]]
                .map(|start| start.map(f64::ln).to_vec())
                .to_vec(),
            offset: sample.offset(&rows),
            nested: None,
            limits: LIMITS.to_vec(),
            notes: Vec::new(),
            likelihood: &mut likelihood,
            coarse: coarse.iter_mut().map(Coarse::of).collect(),
        },
        options,
    )?;
    report.scale = sample.kind(currency);
    report.notes.extend(notes(sample, &rows, customers));
    let [p, q, gamma] = exactly(GammaGamma::MODEL, &report.values())?;
    let model = GammaGamma::new(GammaGammaParameters {
        currency,
        p,
        q,
        gamma,
    })?;
    report.notes.extend(model.without_mean());
    Ok(Fitted { model, report })
}

/// What a sample says of itself.
fn notes(sample: &impl Spends, rows: &[SpendRow], customers: f64) -> Vec<Note> {
    let means = sample.means();
    let (without, non_positive) = (means.without_spend(), means.non_positive());
    let correlation = correlation(rows, customers);
    let correlation = correlation.map(|correlation| Note::SpendCorrelation { correlation });
    let basis = means
        .basis()
        .filter(|&basis| basis == SpendBasis::AllTransactions);
    let free = sample.free();
    [
        correlation,
        basis.map(Note::SpendBasis),
        (without > 0.0).then_some(Note::WithoutSpend { customers: without }),
        (non_positive > 0.0).then_some(Note::NonPositiveSpend {
            customers: non_positive,
        }),
        (free > 0.0).then_some(Note::FreeTransactions { transactions: free }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Pearson's correlation of transactions and mean; `None` if one of them does not vary.
fn correlation(rows: &[SpendRow], customers: f64) -> Option<f64> {
    let (mut mean_n, mut mean_m) = (0.0, 0.0);
    for row in rows {
        mean_n += row.weight * f64::from(row.transactions);
        mean_m += row.weight * row.mean;
    }
    mean_n /= customers;
    mean_m /= customers;
    let (mut nn, mut mm, mut nm) = (0.0, 0.0, 0.0);
    for row in rows {
        let (n, m) = (f64::from(row.transactions) - mean_n, row.mean - mean_m);
        nn += row.weight * n * n;
        mm += row.weight * m * m;
        nm += row.weight * n * m;
    }
    let spread = (nn * mm).sqrt();
    (spread > 0.0).then(|| nm / spread)
}

#[cfg(test)]
mod tests;
