//! What peers leave at a rung: means by value tier, shrunk to the mean of the rung.
//!
//! Within a rung the means of the value tiers are taken as normal about the rung's own mean, and
//! customers as normal about the mean of their value tier: the model of Efron & Morris (1975, *JASA*
//! 70, 311–319, <https://doi.org/10.1080/01621459.1975.10479864>), with the spread between value tiers
//! by moments (DerSimonian & Laird 1986, <https://doi.org/10.1016/0197-2456(86)90046-2>) and the
//! uncertainty of Prasad & Rao (1990, *JASA* 85, 163–171,
//! <https://doi.org/10.1080/01621459.1990.10475320>).

use std::collections::BTreeMap;

use super::investment_error::checked;
use super::{ByTier, InvestmentError, NetValue, NetValueBasis, Tier};
use crate::quantity::{Currency, Estimate};

/// One peer: a customer whose net value was observed at a rung.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peer {
    /// The rung the customer was kept at.
    pub tier: Tier,
    /// The class of customer value it belongs to, by any numbering; only equal or not matters.
    pub value_tier: u8,
    /// Value created less the cost to keep the relationship, by the year and in major units.
    pub net_value: f64,
}

/// Count, mean and sum of squares about it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Cell {
    peers: u64,
    mean: f64,
    squares: f64,
}

impl Cell {
    fn add(&mut self, net: f64) {
        self.peers += 1;
        let off = net - self.mean;
        self.mean += off / self.peers as f64;
        self.squares += off * (net - self.mean);
    }

    fn degrees(self) -> u64 {
        self.peers.saturating_sub(1)
    }
}

/// What was worked out of a rung.
#[derive(Debug, Clone, PartialEq, Default)]
struct Rung {
    /// Variance from customer to customer within a value tier.
    within: f64,
    /// Variance of the value tiers' means; none with only one of them.
    between: Option<f64>,
    /// Mean and its variance for a value tier without peers.
    fresh: Option<(f64, f64)>,
    /// Shrunk mean, its variance and the number of peers.
    cells: BTreeMap<u8, (f64, f64, u64)>,
}

/// What peers leave a year at each rung, by class of customer value (同类客户净价值).
///
/// | | |
/// |---|---|
/// | mean of a value tier at a rung | shrunk to the mean of the rung, the more the fewer its peers |
/// | a value tier without peers | the mean of the rung, with `n_eff` 0; none if only one value tier has peers, as nothing then tells how value tiers differ |
/// | variance within | pooled over the value tiers of a rung; over all rungs where a rung has fewer than 5 degrees of freedom (our choice) |
///
/// With the uncertainty of the two variances in it, an interval of a shrunk mean is about as wide as
/// that of the peers' own mean when there are four value tiers, and wider with fewer: that is what so
/// few classes can tell.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Currency;
/// use guanxi::tier::{Peer, PeerNetValues, Tier};
///
/// let peer = |value_tier, net_value| Peer { tier: Tier::Preferred, value_tier, net_value };
/// let peers = [
///     peer(1, 30.0), peer(1, 34.0), peer(1, 26.0), peer(1, 30.0),
///     peer(2, 10.0), peer(2, 14.0), peer(2, 6.0), peer(2, 10.0),
///     peer(3, 60.0), // alone
/// ];
/// let fitted = PeerNetValues::fit(Currency::EUR, peers)?;
/// let lone = fitted.mean_of_peers(Tier::Preferred, 3)?.ok_or("one peer")?;
/// assert!((lone.estimate().mean() - 59.3238).abs() < 1e-4); // a little to the others
/// assert!(fitted.mean_of_peers(Tier::Alliance, 1)?.is_none()); // nobody there
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "PeersRow", into = "PeersRow"))]
pub struct PeerNetValues {
    currency: Currency,
    cells: BTreeMap<(Tier, u8), Cell>,
    rungs: ByTier<Rung>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "PeerNetValues")]
struct PeersRow {
    currency: Currency,
    cells: Vec<CellRow>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CellRow {
    tier: Tier,
    value_tier: u8,
    peers: u64,
    mean: f64,
    squares: f64,
}

#[cfg(feature = "serde")]
impl From<PeerNetValues> for PeersRow {
    fn from(all: PeerNetValues) -> Self {
        let cells = all.cells.into_iter();
        Self {
            currency: all.currency,
            cells: cells
                .map(|((tier, value_tier), cell)| CellRow {
                    tier,
                    value_tier,
                    peers: cell.peers,
                    mean: cell.mean,
                    squares: cell.squares,
                })
                .collect(),
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<PeersRow> for PeerNetValues {
    type Error = InvestmentError;

    fn try_from(row: PeersRow) -> Result<Self, InvestmentError> {
        let mut cells = BTreeMap::new();
        for stored in row.cells {
            is_rung(stored.tier)?;
            if stored.peers > MOST_PEERS {
                return Err(InvestmentError::TooMany {
                    what: "peers of a value tier",
                    limit: MOST_PEERS,
                    found: stored.peers,
                });
            }
            let mean = net_value(stored.mean)?;
            let squares = checked(
                "sum of squares of net values",
                "between 0 and 1e54",
                0.0..=1e54,
                stored.squares,
            )?;
            let cell = Cell {
                peers: stored.peers,
                mean,
                squares,
            };
            let alone = stored.peers == 1 && squares > 0.0;
            let again = cells.insert((stored.tier, stored.value_tier), cell);
            if stored.peers == 0 || alone || again.is_some() {
                return Err(InvestmentError::Disagrees {
                    what: "peers of a value tier",
                });
            }
        }
        Self::of_cells(row.currency, cells)
    }
}

/// The most peers of one value tier, which sums of them count to the last one.
#[cfg(feature = "serde")]
const MOST_PEERS: u64 = 1_000_000_000_000_000;

fn net_value(net: f64) -> Result<f64, InvestmentError> {
    let expected = "a number at most 1e18 in size";
    checked("net value of a peer", expected, -1e18..=1e18, net)
}

fn is_rung(tier: Tier) -> Result<(), InvestmentError> {
    if tier == Tier::NoTransaction {
        return Err(InvestmentError::NoRung {
            what: "the net value of a peer",
            found: tier,
        });
    }
    Ok(())
}

impl PeerNetValues {
    /// Works out what peers leave. The customer who is to be judged should not be among them.
    ///
    /// # Errors
    ///
    /// - [`InvestmentError::Domain`] for a net value that is no number up to 1e18.
    /// - [`InvestmentError::NoRung`] for a peer at [`Tier::NoTransaction`].
    /// - [`InvestmentError::NotIdentified`] unless somewhere two peers share rung and value tier: how
    ///   customers differ is then not known.
    pub fn fit(
        currency: Currency,
        peers: impl IntoIterator<Item = Peer>,
    ) -> Result<Self, InvestmentError> {
        let mut cells: BTreeMap<(Tier, u8), Cell> = BTreeMap::new();
        for peer in peers {
            is_rung(peer.tier)?;
            let net = net_value(peer.net_value)?;
            cells
                .entry((peer.tier, peer.value_tier))
                .or_default()
                .add(net);
        }
        Self::of_cells(currency, cells)
    }

    fn of_cells(
        currency: Currency,
        cells: BTreeMap<(Tier, u8), Cell>,
    ) -> Result<Self, InvestmentError> {
        let pool = |tier: Option<Tier>| {
            let of = cells
                .iter()
                .filter(|(key, _)| tier.is_none_or(|t| t == key.0));
            of.fold((0.0, 0_u64), |(squares, degrees), (_, cell)| {
                (
                    squares + cell.squares,
                    degrees.saturating_add(cell.degrees()),
                )
            })
        };
        let (squares, degrees) = pool(None);
        if degrees == 0 {
            return Err(InvestmentError::NotIdentified {
                what: "the spread of net values from customer to customer",
                needed: "two peers of one rung and value tier",
                found: cells.values().map(|cell| cell.peers).max().unwrap_or(0),
            });
        }
        let everywhere = squares / degrees as f64;
        let rungs = ByTier::from_fn(|tier| {
            let (squares, degrees) = pool(Some(tier));
            let within = if degrees >= LEAST_DEGREES {
                squares / degrees as f64
            } else {
                everywhere
            };
            let of_rung = cells.iter().filter(|(key, _)| key.0 == tier);
            shrink(
                &of_rung
                    .map(|(key, cell)| (key.1, *cell))
                    .collect::<Vec<_>>(),
                within,
            )
        });
        Ok(Self {
            currency,
            cells,
            rungs,
        })
    }

    /// Currency of every amount.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Standard deviation from customer to customer within a value tier of a rung.
    #[must_use]
    pub fn spread_within(&self, tier: Tier) -> Option<f64> {
        self.rungs
            .get(tier)
            .filter(|rung| !rung.cells.is_empty())
            .map(|rung| rung.within.sqrt())
    }

    /// Standard deviation of the means of value tiers at a rung; none with fewer than two of them.
    #[must_use]
    pub fn spread_between(&self, tier: Tier) -> Option<f64> {
        let rung = self.rungs.get(tier)?;
        rung.between.map(f64::sqrt)
    }

    /// The mean net value of customers of this value tier at this rung; none where nothing is known.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] if its uncertainty is beyond 1e18.
    pub fn mean_of_peers(
        &self,
        tier: Tier,
        value_tier: u8,
    ) -> Result<Option<NetValue>, InvestmentError> {
        self.net_value(tier, value_tier, false)
    }

    /// The net value of one customer of this value tier at this rung: with the same mean, and an
    /// uncertainty that holds the spread from customer to customer.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] if its uncertainty is beyond 1e18.
    pub fn one_customer(
        &self,
        tier: Tier,
        value_tier: u8,
    ) -> Result<Option<NetValue>, InvestmentError> {
        self.net_value(tier, value_tier, true)
    }

    fn net_value(
        &self,
        tier: Tier,
        value_tier: u8,
        of_one: bool,
    ) -> Result<Option<NetValue>, InvestmentError> {
        let Some(rung) = self.rungs.get(tier) else {
            return Ok(None);
        };
        let (mean, variance, peers, basis) = match (rung.cells.get(&value_tier), rung.fresh) {
            (Some(&(mean, variance, peers)), _) => (mean, variance, peers, NetValueBasis::Peers),
            (None, Some((mean, variance))) => (mean, variance, 0, NetValueBasis::OtherPeers),
            (None, None) => return Ok(None),
        };
        let more = if of_one { rung.within } else { 0.0 };
        let estimate = Estimate::new(mean, (variance + more).sqrt(), peers as f64)?;
        NetValue::with_basis(estimate, basis).map(Some)
    }
}

/// From how many degrees of freedom on a rung has a spread of its own.
const LEAST_DEGREES: u64 = 5;

/// Shrinks the means of a rung's value tiers to one another.
fn shrink(cells: &[(u8, Cell)], within: f64) -> Rung {
    let mut rung = Rung {
        within,
        ..Rung::default()
    };
    let error = |cell: &Cell| within / cell.peers as f64;
    if let [(value_tier, cell)] = cells {
        let own = (cell.mean, error(cell), cell.peers);
        rung.cells.insert(*value_tier, own);
    }
    if cells.len() < 2 {
        return rung;
    }
    let between = between(cells, within);
    // The rung's mean, by how well each value tier tells it.
    let alike = between + within <= 0.0;
    let weight = |cell: &Cell| {
        if alike {
            1.0
        } else {
            1.0 / (between + error(cell))
        }
    };
    let total: f64 = cells.iter().map(|(_, cell)| weight(cell)).sum();
    let weighted = cells
        .iter()
        .map(|(_, cell)| weight(cell) / total * cell.mean);
    let centre: f64 = weighted.sum();
    let of_centre = if alike { 0.0 } else { 1.0 / total };
    // Variance of the spread between value tiers, itself estimated.
    let information: f64 = cells.iter().map(|(_, cell)| weight(cell).powi(2)).sum();
    for (value_tier, cell) in cells {
        let error = error(cell);
        let all = between + error;
        let (mut mean, mut variance) = (cell.mean, 0.0);
        if all > 0.0 {
            let pull = error / all;
            mean = centre + (1.0 - pull) * (cell.mean - centre);
            let known = (1.0 - pull) * error + pull * pull * of_centre;
            let spread = pull * pull / all * (2.0 / information);
            variance = known + 2.0 * spread;
        }
        rung.cells.insert(*value_tier, (mean, variance, cell.peers));
    }
    rung.between = Some(between);
    rung.fresh = Some((centre, between + of_centre));
    rung
}

/// Variance of the value tiers' means, by moments; at or above 0.
fn between(cells: &[(u8, Cell)], within: f64) -> f64 {
    let peers = |cell: &Cell| cell.peers as f64;
    let total: f64 = cells.iter().map(|(_, cell)| peers(cell)).sum();
    let weighted = cells.iter().map(|(_, c)| peers(c) / total * c.mean);
    let mean: f64 = weighted.sum();
    let squares = cells
        .iter()
        .map(|(_, c)| peers(c) * (c.mean - mean).powi(2));
    let by_chance = within * (cells.len() as f64 - 1.0);
    let sizes: f64 = cells.iter().map(|(_, c)| peers(c) / total * peers(c)).sum();
    ((squares.sum::<f64>() - by_chance) / (total - sizes)).max(0.0)
}
