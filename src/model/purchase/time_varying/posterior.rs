//! What a model with time-varying covariates knows of one customer.

use crate::numeric::special::ln_rising;
use crate::numeric::special::{logistic, softplus};
use crate::numeric::stretch::Integrand;
use crate::quantity::{DiscountRate, Horizon, Span, TimeUnit};
use crate::summary::RfmSummary;

use super::super::{ModelError, gaps, in_unit};
use super::clock::{Clock, Law, Piece, Risen};
use super::{SteadyPosterior, TimeVaryingError};

/// What a model with time-varying covariates knows of one customer, and every answer about the future
/// that the customer's covariates tell.
///
/// A question beyond the covariates is an error, never answered with the last ones silently.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeVaryingPosterior {
    pub(super) unit: TimeUnit,
    ln_likelihood: f64,
    /// Log-odds of having dropped out; `−∞` right after a purchase.
    pub(super) ln_odds_dead: f64,
    /// Gamma posterior of the purchase rate if alive: shape, and rate in the first future piece.
    pub(super) shape: f64,
    pub(super) now: Clock,
    pub(super) b: f64,
    pub(super) s: f64,
    /// Mean purchase rate if dropped out, at the present speed of purchases.
    rate_if_dead: f64,
    /// From now on, the first from 0; the last may have no length.
    pub(super) future: Vec<Piece>,
    /// Age: where the covariates' own time 0 lies behind now.
    age: f64,
    /// When the customer may have dropped out.
    pub(super) silent: Vec<Silent>,
    n_eff: f64,
}

/// A piece of the time since the last purchase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Silent {
    /// Logarithm of the weight of a dropout in it.
    pub(super) ln: f64,
    pub(super) clock: Clock,
    pub(super) len: f64,
    pub(super) ln_purchase: f64,
    /// Mean of `1/(α + A)·A'` in it.
    mean_rate: f64,
}

/// A piece of the future, or what of it lies before the horizon.
pub(super) struct Leg {
    pub(super) from: f64,
    pub(super) len: f64,
    /// At its beginning.
    pub(super) clock: Clock,
    /// How far the clocks have risen since now.
    pub(super) risen: Risen,
    /// The gamma rate of purchases now, in the units of time of this piece.
    pub(super) rate: f64,
}

impl TimeVaryingPosterior {
    pub(super) fn new(law: &Law, pieces: &[Piece], customer: &RfmSummary, ln_factors: f64) -> Self {
        let x = f64::from(customer.frequency());
        let (recency, age) = (customer.recency(), customer.age());
        let shape = law.r + x;
        let mut clock = Clock {
            alpha: law.alpha,
            beta: law.beta,
        };
        let (mut before, mut since) = (Risen::default(), Risen::default());
        let mut silent: Vec<Silent> = Vec::new();
        let mut present = 0;
        for (i, piece) in pieces.iter().enumerate() {
            clock = match i.checked_sub(1) {
                None => Clock::first(law, piece),
                Some(last) => clock.turned(&pieces[last], piece),
            };
            present = i;
            let length = piece.to.min(recency) - piece.from;
            if length > 0.0 {
                before = before.and(clock.risen(law.b, length));
                clock = clock.after(law.b, length);
            }
            let length = piece.to.min(age) - piece.from.max(recency);
            if length > 0.0 {
                silent.push(Silent::new(law, shape, piece, clock, since, length));
                since = since.and(clock.risen(law.b, length));
                clock = clock.after(law.b, length);
            }
            if piece.to > age {
                break;
            }
        }
        let ln_gone = ln_sum(silent.iter().map(|piece| piece.ln));
        let ln_alive = -shape * since.ln_alpha - law.s * since.ln_beta;
        let ln_odds_dead = ln_gone - ln_alive;
        let until_recency =
            ln_rising(law.r, x) - law.r * before.ln_alpha - x * (law.alpha.ln() + before.ln_alpha)
                + ln_factors
                - law.s * before.ln_beta;
        let speed = pieces[present].ln_purchase;
        let rates = silent
            .iter()
            .map(|piece| (piece.ln - ln_gone + speed - piece.ln_purchase).exp() * piece.mean_rate);
        let rate_if_dead = if ln_gone > f64::NEG_INFINITY {
            shape * rates.sum::<f64>()
        } else {
            0.0
        };
        let future = pieces[present..].iter().map(|piece| Piece {
            from: (piece.from - age).max(0.0),
            to: (piece.to - age).max(0.0),
            ..*piece
        });
        Self {
            unit: customer.unit(),
            ln_likelihood: until_recency + ln_alive.max(ln_gone) + softplus(-ln_odds_dead.abs()),
            ln_odds_dead,
            shape,
            now: clock,
            b: law.b,
            s: law.s,
            rate_if_dead,
            future: future.collect(),
            age,
            silent,
            n_eff: gaps(customer),
        }
    }

    /// Unit of counts per time and of lifetimes: that of the model.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }

    /// Log-likelihood of what was seen of this customer, with every constant kept.
    #[doc(alias = "ll")]
    #[must_use]
    pub fn ln_likelihood(&self) -> f64 {
        self.ln_likelihood
    }

    /// Log-odds of being a customer still; `+∞` where the model is certain.
    #[must_use]
    pub fn ln_odds_alive(&self) -> f64 {
        -self.ln_odds_dead
    }

    /// Probability of being a customer still, P(alive), from 0 to 1.
    #[doc(alias = "p_alive")]
    #[must_use]
    pub fn probability_alive(&self) -> f64 {
        logistic(-self.ln_odds_dead)
    }

    /// Posterior mean of the purchase rate while a customer, per unit of the model and under the
    /// covariates of this very time, whether or not the customer still is one.
    #[doc(alias = "lambda")]
    #[must_use]
    pub fn mean_rate(&self) -> f64 {
        self.probability_alive() * (self.shape / self.now.alpha)
            + logistic(self.ln_odds_dead) * self.rate_if_dead
    }

    /// How many gaps between purchases this customer has shown, the last one unfinished.
    #[must_use]
    pub fn n_eff(&self) -> f64 {
        self.n_eff
    }

    /// How far from now the covariates are known, in the model's unit; infinite if they continue.
    #[must_use]
    pub fn known_future(&self) -> f64 {
        self.future.last().map_or(0.0, |piece| piece.to)
    }

    /// Probability of at least one purchase within `span` from now, P(active), from 0 to 1.
    ///
    /// # Errors
    ///
    /// [`TimeVaryingError::Uncovered`] if the covariates are not known that far.
    #[doc(alias = "p_active")]
    pub fn probability_active(&self, span: Span) -> Result<f64, TimeVaryingError> {
        let reach = self.reach(span.into())?;
        Ok(self.probability_alive() * self.active_if_alive(reach))
    }

    /// The next purchase comes before the dropout.
    pub(super) fn active_if_alive(&self, reach: f64) -> f64 {
        let mut sum = 0.0;
        self.walk(reach, |leg| {
            let first = Integrand {
                alpha: leg.clock.alpha,
                k: self.shape + 1.0,
                ..self.stay(leg, 0.0)
            };
            let ln = -self.shape * leg.risen.ln_alpha - self.s * leg.risen.ln_beta
                + (self.shape / leg.clock.alpha).ln()
                + first.ln_stretch(leg.len);
            sum += ln.exp();
        });
        // Rounding may lift a certain purchase above 1.
        f64::min(sum, 1.0)
    }

    /// Purchases expected within `span` from now; exactly 0 for a span of 0.
    ///
    /// # Errors
    ///
    /// [`TimeVaryingError::Uncovered`] if the covariates are not known that far.
    #[doc(alias = "cond_expected")]
    pub fn expected_purchases(&self, span: Span) -> Result<f64, TimeVaryingError> {
        let reach = self.reach(span.into())?;
        Ok(self.probability_alive() * self.shape * self.sums(0.0, reach).purchases)
    }

    /// The whole predictive distribution: `probabilities[n]` becomes the probability of exactly
    /// *n* purchases within `span` from now.
    ///
    /// # Errors
    ///
    /// [`TimeVaryingError::Uncovered`] if the covariates are not known that far.
    #[doc(alias = "pmf")]
    pub fn purchase_probabilities(
        &self,
        span: Span,
        probabilities: &mut [f64],
    ) -> Result<(), TimeVaryingError> {
        let reach = self.reach(span.into())?;
        self.counts(reach, probabilities);
        Ok(())
    }

    /// Expected discounted purchases from now to the horizon: without one, the discounted expected
    /// residual transactions, DERT.
    ///
    /// # Errors
    ///
    /// - [`TimeVaryingError::Uncovered`] if the covariates are not known that far; those of an
    ///   infinite horizon [continue](super::Coverage::Continuing).
    /// - [`TimeVaryingError::Model`] without discount and horizon, if the mean is infinite.
    #[doc(alias = "DERT")]
    pub fn discounted_purchases(
        &self,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64, TimeVaryingError> {
        let reach = self.summable("residual transactions", rate, horizon)?;
        let sums = self.sums(rate.per(self.unit), reach);
        Ok(self.probability_alive() * self.shape * sums.purchases)
    }

    /// Expected discounted time as a customer from now to the horizon, in the model's unit: without
    /// one, the discounted expected lifetime, DELT.
    ///
    /// # Errors
    ///
    /// As for [`discounted_purchases`](Self::discounted_purchases).
    #[doc(alias = "DELT")]
    pub fn discounted_lifetime(
        &self,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64, TimeVaryingError> {
        let reach = self.summable("residual lifetimes", rate, horizon)?;
        let sums = self.sums(rate.per(self.unit), reach);
        Ok(self.probability_alive() * sums.lifetime)
    }

    /// The customer as any purchase model sees one, if the covariates that act stay from now on for
    /// ever as they are: what lifetime values and comparisons are computed from.
    #[must_use]
    pub fn steady(&self) -> Option<SteadyPosterior> {
        (self.future.len() == 1 && self.known_future().is_infinite())
            .then(|| SteadyPosterior::new(self.clone()))
    }

    /// A horizon in the model's unit, if the covariates are known that far.
    fn reach(&self, horizon: Horizon) -> Result<f64, TimeVaryingError> {
        let reach = in_unit(horizon, self.unit);
        let known = self.known_future();
        if reach <= known {
            Ok(reach)
        } else {
            Err(TimeVaryingError::Uncovered {
                row: None,
                unit: self.unit,
                needed: self.age + reach,
                from: 0.0,
                until: self.age + known,
            })
        }
    }

    /// The same, if a sum over it is finite.
    fn summable(
        &self,
        answer: &'static str,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64, TimeVaryingError> {
        let reach = self.reach(horizon)?;
        self.check_summable(answer, rate, reach)?;
        Ok(reach)
    }

    /// Refuses an infinite sum that does not exist.
    pub(super) fn check_summable(
        &self,
        answer: &'static str,
        rate: DiscountRate,
        reach: f64,
    ) -> Result<(), ModelError> {
        let delta = rate.per(self.unit);
        if reach.is_finite() || delta > 0.0 {
            return Ok(());
        }
        let (condition, found) = if self.now.beta.is_infinite() {
            ("the discount rate is above 0, or with a horizon", delta)
        } else if self.b == 0.0 && self.s <= 1.0 {
            ("s > 1, or with a discount rate or a horizon", self.s)
        } else {
            return Ok(());
        };
        Err(ModelError::Undefined {
            answer,
            condition,
            found,
        })
    }

    /// What is integrated over a leg for the chance to stay, with discount.
    fn stay(&self, leg: &Leg, delta: f64) -> Integrand {
        Integrand {
            alpha: f64::INFINITY,
            k: 0.0,
            beta: leg.clock.beta,
            c: if leg.clock.beta.is_finite() {
                self.s
            } else {
                0.0
            },
            b: self.b,
            delta,
            grow: false,
        }
    }

    /// Discounted time as a customer if alive, and the same in units of the gamma rate of purchases.
    pub(super) fn sums(&self, delta: f64, reach: f64) -> Sums {
        let mut sums = Sums::default();
        self.walk(reach, |leg| {
            let ln = self.stay(leg, delta).ln_stretch(leg.len)
                - self.s * leg.risen.ln_beta
                - delta * leg.from;
            sums.lifetime += ln.exp();
            sums.purchases += (ln - leg.rate.ln()).exp();
        });
        sums
    }

    /// Visits the pieces of the future up to a horizon.
    pub(super) fn walk(&self, reach: f64, mut visit: impl FnMut(&Leg)) {
        let mut clock = self.now;
        let mut risen = Risen::default();
        let mut before: Option<&Piece> = None;
        for piece in &self.future {
            if let Some(before) = before {
                clock = clock.turned(before, piece);
            }
            let len = piece.to.min(reach) - piece.from;
            if len > 0.0 {
                let turns = self.future[0].ln_purchase - piece.ln_purchase;
                visit(&Leg {
                    from: piece.from,
                    len,
                    clock,
                    risen,
                    rate: self.now.alpha * turns.exp(),
                });
                if len.is_infinite() {
                    break;
                }
                risen = risen.and(clock.risen(self.b, len));
                clock = clock.after(self.b, len);
            }
            before = Some(piece);
        }
    }
}

/// Sums over a future.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) lifetime: f64,
    pub(super) purchases: f64,
}

impl Silent {
    fn new(law: &Law, shape: f64, piece: &Piece, clock: Clock, since: Risen, len: f64) -> Self {
        let (ln, mean_rate) = if clock.beta.is_finite() {
            let gone = dropout(law, shape, clock).stretch(len);
            let ln = -shape * since.ln_alpha - law.s * since.ln_beta
                + (law.s / clock.beta).ln()
                + gone.ln;
            (ln, gone.alpha_share / clock.alpha)
        } else {
            (f64::NEG_INFINITY, 0.0)
        };
        Self {
            ln,
            clock,
            len,
            ln_purchase: piece.ln_purchase,
            mean_rate,
        }
    }
}

/// What is integrated over a silent piece for a dropout in it.
pub(super) fn dropout(law: &Law, shape: f64, clock: Clock) -> Integrand {
    Integrand {
        alpha: clock.alpha,
        k: shape,
        beta: clock.beta,
        c: law.s + 1.0,
        b: law.b,
        delta: 0.0,
        grow: true,
    }
}

/// Logarithm of a sum of exponentials.
pub(super) fn ln_sum(terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let highest = terms.clone().fold(f64::NEG_INFINITY, f64::max);
    if highest.is_finite() {
        highest + terms.map(|term| (term - highest).exp()).sum::<f64>().ln()
    } else {
        highest
    }
}
