//! Simulated customers whose covariates change with time: both processes run at a steady pace on
//! their own clocks.

use crate::numeric::random::RandomStream;
use crate::quantity::Span;

use super::super::{SimulationError, observed};
use super::clock::{Law, Piece};
use super::{CovariatePath, TimeVarying, TimeVaryingError, TimeVaryingModel, TimedCustomer};

/// The most purchases that one customer may make.
const LIMIT: usize = 10_000_000;

/// A customer made by a model with time-varying covariates, with the truth that no data show.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedTimedCustomer {
    /// What observation would report.
    pub customer: TimedCustomer,
    /// Times of the repeat purchases since the first, ascending, in the model's unit.
    pub purchases: Vec<f64>,
    /// Whether still a customer at the end of observation.
    pub alive: bool,
    /// Purchase rate where the covariates are 0, per unit of the model.
    pub rate: f64,
}

impl<M: TimeVaryingModel> TimeVarying<M> {
    /// A simulated customer with these covariates, observed for `age` after the first purchase.
    ///
    /// The same seed and number give the same customer whoever else is simulated.
    ///
    /// # Errors
    ///
    /// - [`TimeVaryingError::Uncovered`], or whatever [`posterior`](Self::posterior) says of the
    ///   path.
    /// - [`TimeVaryingError::Simulation`] if the customer makes more than ten million purchases.
    pub fn simulate(
        &self,
        seed: u64,
        customer: u64,
        path: &CovariatePath,
        age: Span,
    ) -> Result<SimulatedTimedCustomer, TimeVaryingError> {
        let pieces = self.acting(path)?.pieces()?;
        let end = age.in_unit(self.unit());
        path.check_covers(end)?;
        let law = M::PLACES.law(&self.base().values());
        let mut random = RandomStream::new(seed, customer);
        let rate = random.gamma(law.r, law.alpha);
        let lifetime = if law.beta.is_finite() {
            // On the clock ∫ e^(η'w)·e^(bu) du.
            let dropout_rate = random.gamma(law.s, law.beta);
            lifetime(&law, &pieces, random.exponential() / dropout_rate)
        } else {
            f64::INFINITY
        };
        let last = end.min(lifetime);
        let mut purchases: Vec<f64> = Vec::new();
        let mut passed = 0.0;
        let (mut place, mut begun) = (0, 0.0);
        loop {
            passed += random.exponential() / rate;
            // The piece in which the clock shows as much.
            let time = loop {
                let piece = &pieces[place];
                let speed = piece.ln_purchase.exp();
                let whole = (piece.to - piece.from) * speed;
                if passed - begun <= whole || place + 1 == pieces.len() {
                    break piece.from + (passed - begun) / speed;
                }
                begun += whole;
                place += 1;
            };
            // Written so that a rate that rounds to 0 ends it.
            if !(time <= last) {
                break;
            }
            if time > 0.0 {
                purchases.push(time);
            }
            if purchases.len() >= LIMIT {
                return Err(SimulationError::TooManyPurchases { limit: LIMIT, rate }.into());
            }
        }
        let summary = observed(self.unit(), &purchases, end)?;
        Ok(SimulatedTimedCustomer {
            customer: TimedCustomer::new(summary, &purchases, path.clone())?,
            purchases,
            alive: lifetime > end,
            rate,
        })
    }
}

/// When dropout's clock shows `target`; infinite if not in covered time.
fn lifetime(law: &Law, pieces: &[Piece], target: f64) -> f64 {
    let mut left = target;
    for piece in pieces {
        let len = piece.to - piece.from;
        if law.b == 0.0 {
            let speed = piece.ln_dropout.exp();
            if left <= len * speed {
                return piece.from + left / speed;
            }
            left -= len * speed;
        } else {
            // e^(η'w + bu)·(e^(bv) − 1)/b.
            let ln_speed = piece.ln_dropout + law.b * piece.from;
            let time = (left * (-ln_speed).exp() * law.b).ln_1p() / law.b;
            if time <= len {
                return piece.from + time;
            }
            left -= ln_speed.exp() * (law.b * len).exp_m1() / law.b;
        }
    }
    f64::INFINITY
}
