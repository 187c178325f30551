//! A customer whose covariates stay from now on as they are, as any purchase model sees one.

use crate::quantity::{DiscountRate, Horizon, Span, TimeUnit};

use super::super::{ModelError, PurchasePosterior, in_unit};
use super::TimeVaryingPosterior;

#[cfg(feature = "simulate")]
use {
    super::super::{DrawnFuture, PosteriorDraw},
    super::posterior::Silent,
    crate::numeric::damped::{damped_power, damped_power_until, exponential_mean},
    crate::numeric::random::RandomStream,
    crate::numeric::stretch::Integrand,
};

/// What a model with time-varying covariates knows of a customer whose covariates stay for ever as
/// they now are, from [`TimeVaryingPosterior::steady`]: every answer of a purchase model.
#[derive(Debug, Clone, PartialEq)]
pub struct SteadyPosterior(TimeVaryingPosterior);

impl SteadyPosterior {
    pub(super) fn new(inner: TimeVaryingPosterior) -> Self {
        Self(inner)
    }

    /// The sum over the horizon, or the condition under which an infinite one exists.
    fn sums(
        &self,
        answer: &'static str,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<super::posterior::Sums, ModelError> {
        let inner = &self.0;
        let reach = in_unit(horizon, inner.unit);
        inner.check_summable(answer, rate, reach)?;
        Ok(inner.sums(rate.per(inner.unit), reach))
    }
}

impl PurchasePosterior for SteadyPosterior {
    fn unit(&self) -> TimeUnit {
        self.0.unit
    }

    fn ln_likelihood(&self) -> f64 {
        self.0.ln_likelihood()
    }

    fn ln_odds_alive(&self) -> f64 {
        self.0.ln_odds_alive()
    }

    fn probability_active(&self, span: Span) -> f64 {
        let reach = span.in_unit(self.0.unit);
        self.0.probability_alive() * self.0.active_if_alive(reach)
    }

    fn expected_purchases(&self, span: Span) -> f64 {
        let reach = span.in_unit(self.0.unit);
        self.0.probability_alive() * self.0.shape * self.0.sums(0.0, reach).purchases
    }

    fn purchase_probabilities(&self, span: Span, probabilities: &mut [f64]) {
        self.0.counts(span.in_unit(self.0.unit), probabilities);
    }

    fn discounted_purchases(
        &self,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64, ModelError> {
        let sums = self.sums("residual transactions", rate, horizon)?;
        Ok(self.0.probability_alive() * self.0.shape * sums.purchases)
    }

    fn discounted_lifetime(&self, rate: DiscountRate, horizon: Horizon) -> Result<f64, ModelError> {
        let sums = self.sums("residual lifetimes", rate, horizon)?;
        Ok(self.0.probability_alive() * sums.lifetime)
    }

    fn mean_rate(&self) -> f64 {
        self.0.mean_rate()
    }

    fn n_eff(&self) -> f64 {
        self.0.n_eff()
    }

    /// Rates are those under the present covariates.
    #[cfg(feature = "simulate")]
    fn draw_alive(&self, random: &mut RandomStream) -> PosteriorDraw {
        let inner = &self.0;
        PosteriorDraw {
            alive: true,
            rate: random.gamma(inner.shape, inner.now.alpha),
            dropout_rate: if inner.now.beta.is_finite() {
                random.gamma(inner.s, inner.now.beta)
            } else {
                0.0
            },
        }
    }

    /// The purchase rate is that under the present covariates, the dropout rate that at the end of
    /// the lifetime.
    #[cfg(feature = "simulate")]
    fn draw_gone(&self, random: &mut RandomStream) -> PosteriorDraw {
        let inner = &self.0;
        let Some(piece) = self.piece_of_dropout(random.uniform()) else {
            // Nobody drops out: one with the rates of a customer who stays.
            return PosteriorDraw {
                alive: false,
                ..self.draw_alive(random)
            };
        };
        let time = self.time_to_dropout(piece, 1.0 - random.uniform());
        let clock = piece.clock.after(inner.b, time);
        let speed = inner.future.first().map_or(0.0, |now| now.ln_purchase);
        PosteriorDraw {
            alive: false,
            rate: random.gamma(inner.shape, clock.alpha) * (speed - piece.ln_purchase).exp(),
            dropout_rate: random.gamma(inner.s + 1.0, clock.beta),
        }
    }

    /// For the Gompertz the rate of dropout grows by `e^(bt)`.
    #[cfg(feature = "simulate")]
    fn drawn_future(
        &self,
        draw: &PosteriorDraw,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> DrawnFuture {
        if !draw.alive {
            return DrawnFuture::default();
        }
        let (b, delta) = (self.0.b, rate.per(self.0.unit));
        let horizon = in_unit(horizon, self.0.unit);
        let lifetime = if b == 0.0 {
            let loss = draw.dropout_rate + delta;
            if horizon.is_infinite() {
                1.0 / loss
            } else {
                exponential_mean(loss, horizon)
            }
        } else {
            // In s = e^(bt) − 1.
            let (nu, z) = (1.0 + delta / b, draw.dropout_rate / b);
            let scaled = if horizon.is_infinite() {
                damped_power(nu, z)
            } else {
                damped_power_until(nu, z, b * horizon)
            };
            scaled / b
        };
        DrawnFuture {
            purchases: draw.rate * lifetime,
            lifetime,
        }
    }
}

#[cfg(feature = "simulate")]
impl SteadyPosterior {
    /// The silent piece in which a customer who dropped out did so, by its share of the weight.
    fn piece_of_dropout(&self, share: f64) -> Option<&Silent> {
        let silent = &self.0.silent;
        let highest = silent.iter().fold(f64::NEG_INFINITY, |h, p| h.max(p.ln));
        if highest == f64::NEG_INFINITY {
            return None;
        }
        let weight = |piece: &Silent| (piece.ln - highest).exp();
        let mut left = share * silent.iter().map(weight).sum::<f64>();
        let mut chosen = None;
        for piece in silent.iter().filter(|piece| weight(piece) > 0.0) {
            chosen = Some(piece);
            left -= weight(piece);
            if left <= 0.0 {
                break;
            }
        }
        chosen
    }

    /// The time within the piece to the dropout: its quantile at `share`, above 0 and at most 1.
    ///
    /// Newton's method on the logarithm of the distribution against the logarithm of the time,
    /// halving the bracket where it would leave it.
    fn time_to_dropout(&self, piece: &Silent, share: f64) -> f64 {
        let Silent { clock, len, .. } = *piece;
        let law = Integrand {
            alpha: clock.alpha,
            k: self.0.shape,
            beta: clock.beta,
            c: self.0.s + 1.0,
            b: self.0.b,
            delta: 0.0,
            grow: true,
        };
        let target = law.ln_stretch(len) + share.ln();
        // 1e-300 of the piece is no time.
        let (mut below, mut above) = (len.ln() - 700.0, len.ln());
        let mut ln_time = (above + share.ln()).max(0.5 * (below + above));
        for _ in 0..200 {
            let time = ln_time.exp();
            let ln = law.ln_stretch(time);
            if ln < target {
                below = ln_time;
            } else {
                above = ln_time;
            }
            let risen = clock.risen(law.b, time);
            let ln_density = law.b * time - law.c * risen.ln_beta - law.k * risen.ln_alpha;
            let newton = ln_time - (ln - target) / (ln_density + ln_time - ln).exp();
            let next = if newton > below && newton < above {
                newton
            } else {
                0.5 * (below + above)
            };
            let step = (next - ln_time).abs();
            ln_time = next;
            if step < 1e-12 {
                break;
            }
        }
        ln_time.exp().min(len)
    }
}
