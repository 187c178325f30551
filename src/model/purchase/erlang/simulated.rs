//! Simulated customers whose gaps are sums of exponential phases.

use crate::numeric::random::RandomStream;
use crate::quantity::{Span, TimeUnit};

use super::super::beta_geometric::Parameters;
use super::super::{SimulatedCustomer, SimulationError, observed, purchases_by_gaps};
use super::Phases;

/// A customer of the family, observed until `age`; `first` if the first purchase counts as a
/// chance to drop out.
pub(crate) fn simulate(
    p: Parameters,
    (k, unit): (Phases, TimeUnit),
    first: bool,
    (seed, customer): (u64, u64),
    age: Span,
) -> Result<SimulatedCustomer, SimulationError> {
    let mut random = RandomStream::new(seed, customer);
    let phases = random.gamma(p.r, p.alpha);
    let rate = phases / f64::from(k.get());
    let chance = random.beta(p.a, p.b);
    let end = age.in_unit(unit);
    let (purchases, gone) = if first && random.uniform() < chance {
        (Vec::new(), true)
    } else {
        let gap = |random: &mut RandomStream| {
            let time: f64 = (0..k.get()).map(|_| random.exponential()).sum();
            time / phases
        };
        purchases_by_gaps(rate, gap, end, &mut random, |random| {
            random.uniform() < chance
        })?
    };
    Ok(SimulatedCustomer {
        summary: observed(unit, &purchases, end)?,
        purchases,
        alive: !gone,
        rate,
        dropout_rate: rate * chance,
    })
}
