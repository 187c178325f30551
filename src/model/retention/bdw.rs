//! BdW: one chance of leaving for each customer at first, which then rises or falls with age.
//!
//! Fader, Hardie, Liu, Davin & Steenburgh (2018), "'How to Project Customer Retention' Revisited:
//! The Role of Duration Dependence", *Journal of Interactive Marketing* 43, 1–16,
//! <https://doi.org/10.1016/j.intmar.2018.01.002>.
//!
//! Lifetimes have no closed form here. Their sums are exact to 1e-10 relative for any valid
//! parameters: terms one by one while they change fast, an integral where they change slowly.

use crate::numeric::decline::ln_loss;
use crate::numeric::minimise::{Limits, minimise};
use crate::numeric::special::digamma_rising;
use crate::quantity::{DiscountRate, TimeUnit};

use super::super::fit::{Fit, FitError, FitOptions, Fitted};
use super::super::maximise::{Limit, Problem, Sought, maximise};
use super::super::parameter::{BOUND, ParameterError, Parametric, exactly, parametric};
use super::super::purchase::ModelError;
use super::super::report::Boundary;
#[cfg(feature = "simulate")]
use super::draws::draw_renewals;
use super::geometric::{Average, check_history};
use super::lifetime::Survivors;
use super::sample::Period;
use super::{RetentionModel, RetentionPosterior, RetentionSample, Sbg, SbgParameters, sbg};

#[cfg(feature = "simulate")]
use crate::numeric::random::RandomStream;

/// Parameters of [`BetaDiscreteWeibull`]; each number from 1e-12 to 1e12.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct BetaDiscreteWeibullParameters {
    /// How long one contract runs.
    pub unit: TimeUnit,
    /// First shape of the beta distribution of θ, the chance of leaving at the first renewal.
    pub alpha: f64,
    /// Second shape of that distribution.
    pub beta: f64,
    /// How a customer's own chance of leaving goes with age: above 1 it rises, below 1 it falls.
    pub c: f64,
}

/// The beta-discrete-Weibull model of renewals (BdW).
///
/// A customer is left after *t* renewals with probability (1 − θ)^(t^c), and customers differ: θ ~
/// Beta(α, β). With c = 1 it is the [`Sbg`](super::Sbg).
///
/// Every value of this type is valid.
///
/// # Examples
///
/// ```
/// use guanxi::model::{BetaDiscreteWeibull, Fit, FitOptions, RetentionModel, RetentionSample};
/// use guanxi::quantity::TimeUnit;
///
/// let mut sample = RetentionSample::new(TimeUnit::Year);
/// sample.add_cohort(&[1000.0, 869.0, 743.0, 653.0, 593.0, 551.0, 517.0, 491.0])?;
/// let fitted = BetaDiscreteWeibull::fit_sample(&sample, &FitOptions::default())?;
/// assert!((fitted.report().log_likelihood() + 1605.31421).abs() < 1e-5);
/// assert!((fitted.model().survival(12) - 0.40393).abs() < 1e-5); // 0.394 in truth
/// # Ok::<(), guanxi::Error>(())
/// ```
#[doc(alias = "BdW")]
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        try_from = "BetaDiscreteWeibullParameters",
        into = "BetaDiscreteWeibullParameters"
    )
)]
pub struct BetaDiscreteWeibull(BetaDiscreteWeibullParameters);

parametric!(
    BetaDiscreteWeibull(BetaDiscreteWeibullParameters),
    "BdW",
    [unit],
    [alpha, beta, c]
);

/// An sBG is a BdW in which nobody's own chance of leaving changes, `c = 1`. Answers agree to 1e-10.
impl From<Sbg> for BetaDiscreteWeibull {
    fn from(model: Sbg) -> Self {
        let SbgParameters { unit, alpha, beta } = model.parameters();
        Self(BetaDiscreteWeibullParameters {
            unit,
            alpha,
            beta,
            c: 1.0,
        })
    }
}

impl RetentionModel for BetaDiscreteWeibull {
    type Posterior = BetaDiscreteWeibullPosterior;

    fn unit(&self) -> TimeUnit {
        self.0.unit
    }

    fn posterior(&self, renewals: u32) -> BetaDiscreteWeibullPosterior {
        let BetaDiscreteWeibullParameters {
            unit,
            alpha,
            beta,
            c,
        } = self.0;
        let made = f64::from(renewals);
        BetaDiscreteWeibullPosterior {
            unit,
            renewals,
            survivors: Survivors {
                alpha,
                beta,
                c,
                made,
            },
        }
    }
}

/// What a BdW model knows of one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BetaDiscreteWeibullPosterior {
    unit: TimeUnit,
    renewals: u32,
    survivors: Survivors,
}

impl BetaDiscreteWeibullPosterior {
    /// The fall of the logarithm of the survivors over one renewal to come.
    fn step(&self, period: u32) -> f64 {
        let made = self.survivors.made + f64::from(period - 1);
        Survivors {
            made,
            ..self.survivors
        }
        .fall(1.0)
    }

    /// Second shape of the posterior of θ.
    fn beta(&self) -> f64 {
        let power = if self.renewals == 0 {
            0.0
        } else {
            self.survivors.made.powf(self.survivors.c)
        };
        self.survivors.beta + power.min(1e300)
    }
}

impl RetentionPosterior for BetaDiscreteWeibullPosterior {
    fn unit(&self) -> TimeUnit {
        self.unit
    }

    fn renewals(&self) -> u32 {
        self.renewals
    }

    fn ln_likelihood(&self) -> f64 {
        let newcomer = Survivors {
            made: 0.0,
            ..self.survivors
        };
        -newcomer.fall(self.survivors.made)
    }

    fn ln_survival(&self, periods: u32) -> f64 {
        -self.survivors.fall(periods.into())
    }

    fn ln_churn_rate(&self, period: u32) -> f64 {
        if period == 0 {
            f64::NEG_INFINITY
        } else {
            ln_loss(self.step(period))
        }
    }

    fn churn_rate(&self, period: u32) -> f64 {
        if period == 0 {
            0.0
        } else {
            -(-self.step(period)).exp_m1()
        }
    }

    fn retention_rate(&self, period: u32) -> f64 {
        if period == 0 {
            1.0
        } else {
            (-self.step(period)).exp()
        }
    }

    fn mean_theta(&self) -> f64 {
        let alpha = self.survivors.alpha;
        alpha / (alpha + self.beta())
    }

    fn residual_before_renewal(&self, rate: DiscountRate) -> Result<f64, ModelError> {
        let undefined = |condition, found| ModelError::Undefined {
            answer: "residual lifetimes",
            condition,
            found,
        };
        let power = self.survivors.alpha * self.survivors.c;
        if rate.is_zero() && power <= 1.0 {
            return Err(undefined(
                "alpha·c > 1, or with a discount rate or a horizon",
                power,
            ));
        }
        let delta = rate.per(self.unit);
        self.survivors
            .discounted_renewals(delta, f64::INFINITY)
            .ok_or_else(|| undefined("they are shorter than e^700 periods", f64::MAX))
    }

    fn residual_before_renewal_within(&self, rate: DiscountRate, payments: u32) -> f64 {
        let delta = rate.per(self.unit);
        let sum = self.survivors.discounted_renewals(delta, payments.into());
        // Never more than there are payments.
        sum.unwrap_or(payments.into())
    }

    #[cfg(feature = "simulate")]
    fn draw(&self, random: &mut RandomStream) -> f64 {
        random.beta(self.survivors.alpha, self.beta())
    }

    #[cfg(feature = "simulate")]
    fn draw_renewals(&self, theta: f64, periods: u32, random: &mut RandomStream) -> u32 {
        draw_renewals(
            theta,
            self.survivors.c,
            self.survivors.made,
            periods,
            random,
        )
    }
}

/// Limits in which customers do not differ, or differ in the extreme.
const LIMITS: &[Limit] = &[
    Limit {
        boundary: Boundary::PolarisedChurn,
        towards: &[0.0, 0.0, -1.0],
    },
    Limit {
        boundary: Boundary::HomogeneousChurn,
        towards: &[1.0, 1.0, 0.0],
    },
    Limit {
        boundary: Boundary::PolarisedChurn,
        towards: &[-1.0, -1.0, 0.0],
    },
    Limit {
        boundary: Boundary::PowerLawSurvival,
        towards: &[-1.0, -1.0, 1.0],
    },
];

/// The best sBG of the sample on the scale of the search, and its log-likelihood.
fn nested(periods: &[Period], average: &Average, customers: f64) -> (Vec<f64>, f64) {
    let limits = Limits {
        bound: BOUND,
        step: 3.0,
        gradient: 1e-8,
        iterations: 200,
    };
    let mut objective = |x: &[f64], gradient: &mut [f64]| {
        let value = sbg::evaluate(periods, x, gradient);
        for slope in gradient.iter_mut() {
            *slope /= -customers;
        }
        -value / customers
    };
    let mut best = (Vec::new(), f64::NEG_INFINITY);
    for start in sbg::starts(average) {
        let end = minimise(&mut objective, &start, limits, &[]).point;
        if -end.value * customers > best.1 {
            best = (end.x, -end.value * customers);
        }
    }
    best
}

/// What the likelihood needs at one time *t*.
struct Time {
    ln: f64,
    /// `t^c`, up to 1e100.
    power: f64,
    /// `ψ(α + β + t^c) − ψ(β + t^c)`, and the same by `t^c·ln t`.
    by_beta: f64,
    by_c: f64,
}

/// The log-likelihood and its gradient in the logarithms of the parameters.
fn evaluate(periods: &[Period], x: &[f64], gradient: &mut [f64]) -> f64 {
    const FAR: f64 = 1e100;
    let (alpha, beta, c) = (x[0].exp(), x[1].exp(), x[2].exp());
    gradient.fill(0.0);
    let mut value = 0.0;
    let mut before = Time {
        ln: 0.0,
        power: 0.0,
        by_beta: digamma_rising(beta, alpha),
        by_c: 0.0,
    };
    for (made, period) in periods.iter().enumerate() {
        let made = made as f64;
        let ln = (made + 1.0).ln();
        let power = (c * ln).exp();
        let at = if power < FAR {
            let by_beta = digamma_rising(beta + power, alpha);
            Time {
                ln,
                power,
                by_beta,
                by_c: by_beta * power * ln,
            }
        } else {
            Time {
                ln,
                power: FAR,
                by_beta: 0.0,
                by_c: alpha * ln,
            }
        };
        let survivors = Survivors {
            alpha,
            beta,
            c,
            made,
        };
        let step = survivors.fall(1.0);
        let by_alpha = if before.power >= FAR {
            c * (at.ln - before.ln)
        } else {
            let rise = if made == 0.0 {
                at.power
            } else {
                before.power * (c * (1.0 / made).ln_1p()).exp_m1()
            };
            let beyond = if power < FAR { 0.0 } else { c * ln - FAR.ln() };
            digamma_rising(alpha + beta + before.power, rise.min(FAR)) + beyond
        };
        value += period.lost * ln_loss(step) - period.kept * step;
        // A loss grows more likely with the step, and a renewal less.
        let by_step = if period.lost > 0.0 {
            period.lost / step.exp_m1() - period.kept
        } else {
            -period.kept
        };
        gradient[0] += by_step * alpha * by_alpha;
        gradient[1] += by_step * beta * (at.by_beta - before.by_beta);
        gradient[2] += by_step * c * (at.by_c - before.by_c);
        before = at;
    }
    value
}

impl Fit for BetaDiscreteWeibull {
    type Sample = RetentionSample;

    fn scale(&self) -> String {
        self.0.unit.to_string()
    }

    fn fit_sample(
        sample: &RetentionSample,
        options: &FitOptions,
    ) -> Result<Fitted<Self>, FitError> {
        let periods = check_history(Self::MODEL, sample, 3, options)?;
        let customers = sample.customers();
        let (base, log_likelihood) = nested(&periods, &Average::new(&periods), customers);
        let unit = sample.unit();
        // From the sBG, and from customers whose own chance of leaving rises or falls.
        let starts = [(0.0, 0.0), (-0.7, 0.4), (0.7, -0.3)].map(|(all, c)| match base[..] {
            [alpha, beta] => [alpha + all, beta + all, c]
                .map(|x: f64| x.clamp(-BOUND, BOUND))
                .to_vec(),
            _ => vec![0.0, 0.0, c],
        });
        let mut report = maximise(
            Problem {
                model: Self::MODEL,
                parameters: Sought::all_positive(Self::NAMES, &[0.0, 0.0, 0.0]),
                scale: unit.to_string(),
                customers,
                rows: sample.len(),
                starts: starts.to_vec(),
                offset: 0.0,
                nested: Some(log_likelihood),
                limits: LIMITS.to_vec(),
                notes: Vec::new(),
                likelihood: &mut |x: &[f64], gradient: &mut [f64]| evaluate(&periods, x, gradient),
                coarse: Vec::new(),
            },
            options,
        )?;
        let [alpha, beta, c] = exactly(Self::MODEL, &report.values())?;
        sbg::name_limits(&mut report.notes, alpha + beta < 1.0 || c < 1e-2);
        let model = Self::new(BetaDiscreteWeibullParameters {
            unit,
            alpha,
            beta,
            c,
        })?;
        Ok(Fitted { model, report })
    }
}
