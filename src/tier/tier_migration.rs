//! Migration between rungs (层级迁移): how long relationships last from each, and what they are worth.
//!
//! The chain is that of Pfeifer & Carraway (2000), [`Migration`](crate::model::Migration); a lost
//! customer stays lost.

use super::{ByTier, InvestmentError, Tier, TierCounts};
use crate::model::{Migration, MigrationCounts};
use crate::quantity::{DiscountRate, Horizon, Money};

#[cfg(feature = "simulate")]
use crate::{
    model::{Draws, RandomStream},
    numeric::spread::spread,
    quantity::{Estimate, Interval},
};

/// The name of the state that nobody leaves.
const LOST: &str = "lost";

/// How relationships move between rungs from period to period, and are lost.
///
/// Each row of the counts has the same prior weight in every cell (½ by default), so that a way
/// nobody took yet is not impossible; a rung that nobody was seen at has that prior alone.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::{Currency, DiscountRate, Money, TimeUnit};
/// use guanxi::tier::{ByTier, InvestmentPolicy, TierCounts};
///
/// let counts = TierCounts::from_table(TimeUnit::Year, [
///     [60, 20, 5, 0, 15],
///     [10, 70, 12, 1, 7],
///     [1, 8, 80, 6, 5],
///     [0, 1, 9, 88, 2],
/// ])?;
/// let migration = InvestmentPolicy::default().migration(&counts)?;
/// let years = migration.periods_before_loss()?;
/// assert!((years.alliance - 21.409666985).abs() < 1e-9);
///
/// let reward = |amount| Money::parse(amount, Currency::EUR);
/// let net = ByTier {
///     transaction: reward("8")?,
///     preferred: reward("20")?,
///     partnership: reward("25")?,
///     alliance: reward("-5")?,
/// };
/// let value = migration.value(net, DiscountRate::annual(0.1)?)?;
/// assert!((value.partnership - 127.078676).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "MigrationRow", into = "MigrationRow")
)]
pub struct TierMigration {
    counts: TierCounts,
    cell_prior: f64,
    weights: MigrationCounts,
    chain: Migration,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "TierMigration")]
struct MigrationRow {
    counts: TierCounts,
    cell_prior: f64,
}

#[cfg(feature = "serde")]
impl From<TierMigration> for MigrationRow {
    fn from(migration: TierMigration) -> Self {
        Self {
            counts: migration.counts,
            cell_prior: migration.cell_prior,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<MigrationRow> for TierMigration {
    type Error = InvestmentError;

    fn try_from(row: MigrationRow) -> Result<Self, InvestmentError> {
        Self::new(&row.counts, row.cell_prior)
    }
}

impl TierMigration {
    pub(super) fn new(counts: &TierCounts, cell_prior: f64) -> Result<Self, InvestmentError> {
        let names = Tier::RUNGS.map(Tier::name).into_iter().chain([LOST]);
        let mut rows: Vec<Vec<f64>> = counts
            .table()
            .iter()
            .map(|row| row.iter().map(|&count| count as f64).collect())
            .collect();
        rows.push(vec![0.0; 5]);
        let weights = MigrationCounts::new(counts.period(), names, &rows)?
            .with_prior(cell_prior)?
            .with_absorbing(LOST)?;
        Ok(Self {
            counts: *counts,
            cell_prior,
            chain: weights.migration()?,
            weights,
        })
    }

    /// What was counted.
    #[must_use]
    pub fn counts(&self) -> &TierCounts {
        &self.counts
    }

    /// The chain over the four rungs and the lost, which answers everything else.
    #[must_use]
    pub fn chain(&self) -> &Migration {
        &self.chain
    }

    /// How many periods a relationship of each rung lasts before it is lost, the present one counted.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Migration`] where the chance of a loss is lost to rounding beside the counts.
    pub fn periods_before_loss(&self) -> Result<ByTier<f64>, InvestmentError> {
        periods(&self.chain)
    }

    /// What a relationship of each rung is worth: the net values of this period and of all later ones
    /// until it is lost, discounted; in major units.
    ///
    /// # Errors
    ///
    /// - [`InvestmentError::Migration`] for net values in two currencies.
    /// - The same where the value is infinite, as of
    ///   [`periods_before_loss`](Self::periods_before_loss).
    pub fn value(
        &self,
        net_values: ByTier<Money>,
        discount: DiscountRate,
    ) -> Result<ByTier<f64>, InvestmentError> {
        worth(&self.chain, net_values, discount)
    }

    /// What is not known of times and values, from draws of the chains that the counts leave possible
    /// (Dirichlet, row by row). Net values are taken as known.
    ///
    /// # Errors
    ///
    /// - [`InvestmentError::Quantity`] for fewer than 10 or more than a million draws, or a level of 0
    ///   or 1.
    /// - [`InvestmentError::Undefined`] if so little was counted that the spread is beyond all numbers.
    /// - As [`value`](Self::value).
    #[cfg(feature = "simulate")]
    pub fn uncertainty(
        &self,
        net_values: ByTier<Money>,
        discount: DiscountRate,
        draws: Draws,
    ) -> Result<MigrationUncertainty, InvestmentError> {
        draws.check()?;
        let mut random = RandomStream::new(draws.seed, 0);
        let mut times = ByTier::from_fn(|_| Vec::with_capacity(draws.count));
        let mut values = times.clone();
        for _ in 0..draws.count {
            let chain = self.weights.draw(&mut random)?;
            let drawn = [periods(&chain)?, worth(&chain, net_values, discount)?];
            for (kept, drawn) in [&mut times, &mut values].into_iter().zip(drawn) {
                for (tier, number) in drawn.iter() {
                    if let Some(kept) = kept.get_mut(tier) {
                        kept.push(*number);
                    }
                }
            }
        }
        let estimates = |at: ByTier<f64>, mut drawn: ByTier<Vec<f64>>| {
            ByTier::try_from_fn(|tier| {
                let (at, drawn) = (at.get(tier).copied(), drawn.get_mut(tier));
                let n_eff = self.counts.seen(tier) as f64;
                estimate(at.unwrap_or_default(), drawn, n_eff, draws)
            })
        };
        Ok(MigrationUncertainty {
            periods_before_loss: estimates(self.periods_before_loss()?, times)?,
            value: estimates(self.value(net_values, discount)?, values)?,
        })
    }
}

/// What is not known about how long relationships last and what they are worth.
///
/// Means are those of the chain itself; standard deviations and intervals are of the draws, and
/// `n_eff` counts the moves seen from the rung, 0 where its row is the prior alone. Where losses are
/// rare the draws are skewed: trust the interval, not the deviation.
#[cfg(feature = "simulate")]
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct MigrationUncertainty {
    /// How many periods a relationship of each rung lasts.
    pub periods_before_loss: ByTier<Estimate>,
    /// What a relationship of each rung is worth, in major units.
    pub value: ByTier<Estimate>,
}

/// An estimate with the spread of its draws.
#[cfg(feature = "simulate")]
fn estimate(
    mean: f64,
    drawn: Option<&mut Vec<f64>>,
    n_eff: f64,
    draws: Draws,
) -> Result<Estimate, InvestmentError> {
    let drawn = drawn.and_then(|drawn| spread(drawn, draws.level.value()));
    match drawn {
        Some(drawn) if drawn.sd.is_finite() => {
            let interval = Interval::new(drawn.lower, drawn.upper, draws.level)?;
            Ok(Estimate::new(mean, drawn.sd, n_eff)?.with_interval(interval))
        }
        _ => Err(InvestmentError::Undefined {
            what: "the uncertainty of a migration",
            why: "too little was counted beside so small a prior weight",
        }),
    }
}

fn periods(chain: &Migration) -> Result<ByTier<f64>, InvestmentError> {
    let visits = chain.visits(DiscountRate::ZERO)?;
    Ok(ByTier::from_fn(|tier| {
        let row = tier.place().and_then(|place| visits.get(place));
        // The last column is of the lost.
        row.map_or(0.0, |row| row.iter().take(4).sum())
    }))
}

fn worth(
    chain: &Migration,
    net_values: ByTier<Money>,
    discount: DiscountRate,
) -> Result<ByTier<f64>, InvestmentError> {
    let mut rewards: Vec<Money> = net_values.iter().map(|(_, net)| *net).collect();
    rewards.push(Money::zero(net_values.transaction.currency()));
    let value = chain.value(&rewards, discount, Horizon::Infinite)?;
    Ok(ByTier::from_fn(|tier| {
        let of = tier.place().and_then(|place| value.all().get(place));
        of.copied().unwrap_or_default()
    }))
}
