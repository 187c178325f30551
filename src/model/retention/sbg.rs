//! sBG: one chance of leaving for each customer, the same at every renewal.
//!
//! Fader & Hardie (2007), "How to Project Customer Retention", *Journal of Interactive Marketing*
//! 21(1), 76–90, <https://doi.org/10.1002/dir.20074>; residual lifetimes of Fader & Hardie (2010),
//! "Customer-Base Valuation in a Contractual Setting: The Perils of Ignoring Heterogeneity",
//! *Marketing Science* 29(1), 85–93, <https://doi.org/10.1287/mksc.1080.0482>.
//!
//! The papers' ₂F₁ is the mean of a closed geometric sum over the customers here, so that a discount
//! next to nothing takes no longer than a large one.

use crate::numeric::beta_mean::{Mixed, beta_mean};
use crate::numeric::decline::{beta_decline, geometric_sum};
use crate::quantity::{DiscountRate, TimeUnit};

use super::super::fit::{Fit, FitError, FitOptions, Fitted};
use super::super::maximise::{Limit, Problem, Sought, maximise};
use super::super::parameter::{ParameterError, Parametric, exactly, parametric};
use super::super::purchase::ModelError;
use super::super::report::{Boundary, Note};
use super::geometric::{Average, check_history};
use super::sample::Period;
use super::{RetentionModel, RetentionPosterior, RetentionSample};

#[cfg(feature = "simulate")]
use super::draws::draw_renewals;
#[cfg(feature = "simulate")]
use crate::numeric::random::RandomStream;

/// Parameters of [`Sbg`]; each number from 1e-12 to 1e12.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct SbgParameters {
    /// How long one contract runs.
    pub unit: TimeUnit,
    /// First shape of the beta distribution of the chances of leaving θ.
    pub alpha: f64,
    /// Second shape of that distribution.
    pub beta: f64,
}

/// The shifted-beta-geometric model of renewals (sBG).
///
/// A customer leaves at each renewal with the same probability θ. Customers differ: θ ~ Beta(α, β).
/// Retention therefore rises with age, although nobody becomes more loyal.
///
/// Every value of this type is valid.
///
/// # Examples
///
/// ```
/// use guanxi::model::{RetentionModel, RetentionPosterior, Sbg, SbgParameters};
/// use guanxi::quantity::{DiscountRate, TimeUnit};
///
/// // Rounded estimates from the paper's high-end customers, years.
/// let model = Sbg::new(SbgParameters { unit: TimeUnit::Year, alpha: 0.668, beta: 3.806 })?;
/// assert!((model.survival(7) - 0.4889446208937).abs() < 1e-12);
/// assert!((model.retention_rate(1) - 0.8506928922664).abs() < 1e-12);
/// assert!((model.retention_rate(3) - 0.8968180413964).abs() < 1e-12);
/// let rate = DiscountRate::annual(0.1)?;
/// assert!((model.newcomer().discounted_lifetime(rate)? - 5.922596407613).abs() < 1e-11);
/// # Ok::<(), guanxi::Error>(())
/// ```
///
/// Fitted to the survivors of a cohort:
///
/// ```
/// use guanxi::model::{Fit, FitOptions, RetentionModel, RetentionSample, Sbg};
/// use guanxi::quantity::TimeUnit;
///
/// let mut sample = RetentionSample::new(TimeUnit::Year);
/// sample.add_cohort(&[1000.0, 631.0, 468.0, 382.0, 326.0, 289.0, 262.0, 241.0])?;
/// let fitted = Sbg::fit_sample(&sample, &FitOptions::default())?;
/// assert!((fitted.report().log_likelihood() + 1680.26519).abs() < 1e-5);
/// assert!((fitted.model().survival(12) - 0.17004).abs() < 1e-5); // 0.173 in truth
/// # Ok::<(), guanxi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "SbgParameters", into = "SbgParameters")
)]
pub struct Sbg(SbgParameters);

parametric!(Sbg(SbgParameters), "sBG", [unit], [alpha, beta]);

impl RetentionModel for Sbg {
    type Posterior = SbgPosterior;

    fn unit(&self) -> TimeUnit {
        self.0.unit
    }

    fn posterior(&self, renewals: u32) -> SbgPosterior {
        let SbgParameters { unit, alpha, beta } = self.0;
        SbgPosterior {
            unit,
            renewals,
            alpha,
            prior: beta,
            beta: beta + f64::from(renewals),
        }
    }
}

/// What an sBG model knows of one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SbgPosterior {
    unit: TimeUnit,
    renewals: u32,
    alpha: f64,
    /// β before any renewal.
    prior: f64,
    /// β after them.
    beta: f64,
}

impl SbgPosterior {
    /// Expected discounted payments from the next renewal on, `m` of them at most.
    fn payments(&self, rate: DiscountRate, m: f64) -> f64 {
        let (a, b) = (self.alpha, self.beta);
        let (d, delta) = (rate.discrete_per(self.unit), rate.per(self.unit));
        let of = |theta: f64| {
            let theta = theta.min(1.0); // not above it by rounding
            if m.is_infinite() {
                (1.0 + d) / (d + theta)
            } else {
                geometric_sum(delta - (-theta).ln_1p(), m)
            }
        };
        // The factor 1 − θ of every term is one more renewal in the prior.
        let mean = beta_mean(
            a,
            b + 1.0,
            Mixed {
                at_zero: if m.is_infinite() {
                    of(0.0)
                } else {
                    geometric_sum(delta, m)
                },
                at_one: 1.0,
                power: if m.is_infinite() { 1.0 } else { m },
                inside: of,
            },
        );
        b / (a + b) * mean
    }
}

impl RetentionPosterior for SbgPosterior {
    fn unit(&self) -> TimeUnit {
        self.unit
    }

    fn renewals(&self) -> u32 {
        self.renewals
    }

    fn ln_likelihood(&self) -> f64 {
        -beta_decline(self.alpha, self.prior, self.renewals.into())
    }

    fn ln_survival(&self, periods: u32) -> f64 {
        -beta_decline(self.alpha, self.beta, periods.into())
    }

    fn churn_rate(&self, period: u32) -> f64 {
        if period == 0 {
            0.0
        } else {
            self.alpha / (self.alpha + (self.beta + f64::from(period - 1)))
        }
    }

    fn ln_churn_rate(&self, period: u32) -> f64 {
        if period == 0 {
            f64::NEG_INFINITY
        } else {
            -((self.beta + f64::from(period - 1)) / self.alpha).ln_1p()
        }
    }

    fn retention_rate(&self, period: u32) -> f64 {
        if period == 0 {
            1.0
        } else {
            let beta = self.beta + f64::from(period - 1);
            beta / (self.alpha + beta)
        }
    }

    fn mean_theta(&self) -> f64 {
        self.alpha / (self.alpha + self.beta)
    }

    fn residual_before_renewal(&self, rate: DiscountRate) -> Result<f64, ModelError> {
        if !rate.is_zero() {
            return Ok(self.payments(rate, f64::INFINITY));
        }
        if self.alpha <= 1.0 {
            return Err(ModelError::Undefined {
                answer: "residual lifetimes",
                condition: "alpha > 1, or with a discount rate or a horizon",
                found: self.alpha,
            });
        }
        Ok(self.beta / (self.alpha - 1.0))
    }

    fn residual_before_renewal_within(&self, rate: DiscountRate, payments: u32) -> f64 {
        if payments == 0 {
            0.0
        } else {
            self.payments(rate, payments.into())
        }
    }

    #[cfg(feature = "simulate")]
    fn draw(&self, random: &mut RandomStream) -> f64 {
        random.beta(self.alpha, self.beta)
    }

    #[cfg(feature = "simulate")]
    fn draw_renewals(&self, theta: f64, periods: u32, random: &mut RandomStream) -> u32 {
        draw_renewals(theta, 1.0, self.renewals.into(), periods, random)
    }
}

/// Limits in which customers do not differ, or differ in the extreme.
pub(super) const LIMITS: &[Limit] = &[
    Limit {
        boundary: Boundary::HomogeneousChurn,
        towards: &[1.0, 1.0],
    },
    Limit {
        boundary: Boundary::PolarisedChurn,
        towards: &[-1.0, -1.0],
    },
];

/// Gives the limit that was reached its name. Far out the likelihood is flat both ways, so that the
/// first of two opposite limits is found; the side on which the estimates lie tells which it is.
pub(super) fn name_limits(notes: &mut Vec<Note>, is_polarised: bool) {
    let (right, wrong) = if is_polarised {
        (Boundary::PolarisedChurn, Boundary::HomogeneousChurn)
    } else {
        (Boundary::HomogeneousChurn, Boundary::PolarisedChurn)
    };
    for note in notes.iter_mut() {
        if *note == Note::AtBoundary(wrong) {
            *note = Note::AtBoundary(right);
        }
    }
    notes.dedup();
}

/// Starts around the average rate of leaving, from customers who differ much to such who hardly do.
pub(super) fn starts(average: &Average) -> Vec<Vec<f64>> {
    let theta = average.churn().clamp(1e-6, 1.0 - 1e-6);
    [1.0, 10.0, 0.1]
        .iter()
        .map(|all: &f64| vec![(all * theta).ln(), (all * (1.0 - theta)).ln()])
        .collect()
}

/// The log-likelihood and its gradient in the logarithms of α and β.
pub(super) fn evaluate(periods: &[Period], x: &[f64], gradient: &mut [f64]) -> f64 {
    let (alpha, beta) = (x[0].exp(), x[1].exp());
    gradient.fill(0.0);
    let mut value = 0.0;
    for (made, period) in periods.iter().enumerate() {
        let b = beta + made as f64;
        let (churn, stay) = (alpha / (alpha + b), b / (alpha + b));
        value -= period.kept * (alpha / b).ln_1p() + period.lost * (b / alpha).ln_1p();
        let excess = period.lost * stay - period.kept * churn;
        gradient[0] += excess;
        gradient[1] -= excess * (beta / b);
    }
    value
}

impl Fit for Sbg {
    type Sample = RetentionSample;

    fn scale(&self) -> String {
        self.0.unit.to_string()
    }

    fn fit_sample(
        sample: &RetentionSample,
        options: &FitOptions,
    ) -> Result<Fitted<Self>, FitError> {
        let periods = check_history(Self::MODEL, sample, 2, options)?;
        let average = Average::new(&periods);
        let unit = sample.unit();
        let mut report = maximise(
            Problem {
                model: Self::MODEL,
                parameters: Sought::all_positive(Self::NAMES, &[0.0, 0.0]),
                scale: unit.to_string(),
                customers: sample.customers(),
                rows: sample.len(),
                starts: starts(&average),
                offset: 0.0,
                nested: Some(average.ln_likelihood()),
                limits: LIMITS.to_vec(),
                notes: Vec::new(),
                likelihood: &mut |x: &[f64], gradient: &mut [f64]| evaluate(&periods, x, gradient),
                coarse: Vec::new(),
            },
            options,
        )?;
        let [alpha, beta] = exactly(Self::MODEL, &report.values())?;
        name_limits(&mut report.notes, alpha + beta < 1.0);
        let model = Self::new(SbgParameters { unit, alpha, beta })?;
        Ok(Fitted { model, report })
    }
}
