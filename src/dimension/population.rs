//! What the indices of a population are like in one dimension.

use crate::quantity::{Estimate, Fingerprint};

#[cfg(feature = "serde")]
use crate::quantity::stored::{Exact, StoredError, finite, not_negative, share};

/// The most indices that are kept of a population.
const KNOTS: usize = 1025;

/// The indices of a population in one dimension: mean, sd, and enough of them in rising order to
/// tell where another one stands.
///
/// Up to 1025 indices are kept as they are; of more, every so many-th one from the lowest to the
/// highest, so that a share is off by at most 1/1024.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::dimension::{Dimension, DimensionRules, ReferenceFrame};
/// use guanxi::history::{CustomerId, Interaction, InteractionId, Promise, PromiseEvent};
/// use guanxi::summary::{CustomerBase, SummaryPolicy};
///
/// // Three promises: two were kept, to two customers, and one was not, to a third.
/// let mut base = CustomerBase::new(SummaryPolicy::default());
/// let now = DateTime::UNIX_EPOCH;
/// for (who, what) in [("a", PromiseEvent::Kept), ("b", PromiseEvent::Kept), ("c", PromiseEvent::Broken)] {
///     let (id, who) = (InteractionId::new(format!("p-{who}"))?, CustomerId::new(who)?);
///     base.observe(&Interaction::new(id, who, now, Promise::new(what))?)?;
/// }
/// let customers = base.summaries(now).collect::<Result<Vec<_>, _>>()?;
/// let rules = DimensionRules::default();
/// let frame = ReferenceFrame::without_value(rules, "shop", now, &customers)?;
/// let trust = frame.population(Dimension::Trust);
/// assert_eq!(trust.measured(), 3);
/// // Means of 2/3, 2/3 and 1/4.
/// assert!(trust.reference().is_some_and(|all| (all.mean() - 19.0 / 36.0).abs() < 1e-12));
/// assert!(trust.share_below(0.5).is_some_and(|share| (share - 1.0 / 3.0).abs() < 1e-12));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Row", into = "Row"))]
pub struct IndexPopulation {
    measured: u64,
    mean: f64,
    sd: f64,
    knots: Vec<f64>,
}

impl IndexPopulation {
    /// Of indices in any order.
    pub(super) fn of(mut indices: Vec<f64>) -> Self {
        if indices.is_empty() {
            return Self::default();
        }
        indices.sort_unstable_by(f64::total_cmp);
        let n = indices.len() as f64;
        let mean = indices.iter().sum::<f64>() / n;
        let squares: f64 = indices.iter().map(|d| (d - mean) * (d - mean)).sum();
        Self {
            measured: indices.len() as u64,
            mean,
            sd: (squares / n).sqrt(),
            knots: thinned(indices),
        }
    }

    /// How many customers were measured.
    #[must_use]
    pub fn measured(&self) -> u64 {
        self.measured
    }

    /// Their mean index and its spread over customers; `None` if nobody was measured. It is what is
    /// believed of a customer of whom nothing is known, so its `n_eff` is 0.
    #[must_use]
    pub fn reference(&self) -> Option<Estimate> {
        if self.measured == 0 {
            return None;
        }
        Estimate::new(self.mean, self.sd, 0.0).ok()
    }

    /// The share of customers below an index, half of those at it counted below; `None` if nobody
    /// was measured.
    #[must_use]
    pub fn share_below(&self, index: f64) -> Option<f64> {
        if self.knots.is_empty() {
            return None;
        }
        let below = self.knots.partition_point(|&knot| knot < index);
        let not_above = self.knots.partition_point(|&knot| knot <= index);
        Some((below + not_above) as f64 / 2.0 / self.knots.len() as f64)
    }

    pub(super) fn fingerprint(&self, print: Fingerprint) -> Fingerprint {
        let print = print.whole(self.measured).number(self.mean).number(self.sd);
        self.knots
            .iter()
            .fold(print, |print, &knot| print.number(knot))
    }
}

/// At most so many of some numbers in order, evenly spread over their ranks.
fn thinned(sorted: Vec<f64>) -> Vec<f64> {
    if sorted.len() <= KNOTS {
        return sorted;
    }
    let last = sorted.len() - 1;
    (0..KNOTS)
        .filter_map(|i| sorted.get(i * last / (KNOTS - 1)).copied())
        .collect()
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "IndexPopulation")]
struct Row {
    measured: u64,
    mean: Exact,
    sd: Exact,
    knots: Vec<Exact>,
}

#[cfg(feature = "serde")]
impl From<IndexPopulation> for Row {
    fn from(population: IndexPopulation) -> Self {
        Self {
            measured: population.measured,
            mean: Exact(population.mean),
            sd: Exact(population.sd),
            knots: population.knots.into_iter().map(Exact).collect(),
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Row> for IndexPopulation {
    type Error = StoredError;

    fn try_from(row: Row) -> Result<Self, StoredError> {
        let mut knots = Vec::with_capacity(row.knots.len());
        for Exact(knot) in row.knots {
            knots.push(share("index of a population", knot)?);
        }
        let disagree = |what, expected, found| StoredError::Disagree {
            what,
            expected,
            found,
        };
        let expected = usize::try_from(row.measured).map_or(KNOTS, |n| n.min(KNOTS));
        if knots.len() != expected {
            let (expected, found) = (expected.to_string(), knots.len().to_string());
            return Err(disagree(
                "number of indices of a population",
                expected,
                found,
            ));
        }
        if let Some(pair) = knots.windows(2).find(|pair| pair[0] > pair[1]) {
            let (expected, found) = ("in rising order".to_owned(), format!("{pair:?}"));
            return Err(disagree("indices of a population", expected, found));
        }
        let mean = share("mean index of a population", finite("mean", row.mean.0)?)?;
        let sd = not_negative("sd of the indices of a population", row.sd.0)?;
        if knots.len() < KNOTS {
            // All of them are there, so mean and sd must be theirs.
            let whole = Self::of(knots.clone());
            for (what, stored, made) in [
                ("mean index of a population", mean, whole.mean),
                ("sd of the indices of a population", sd, whole.sd),
            ] {
                if (stored - made).abs() > 1e-9 {
                    return Err(disagree(what, format!("{made:?}"), format!("{stored:?}")));
                }
            }
        }
        Ok(Self {
            measured: row.measured,
            mean,
            sd,
            knots,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_population_is_kept_whole() {
        let population = IndexPopulation::of(vec![0.9, 0.1, 0.5, 0.5]);
        assert_eq!(population.knots, [0.1, 0.5, 0.5, 0.9]);
        let near = |found: Option<f64>, wanted: f64| (found.unwrap() - wanted).abs() < 1e-15;
        assert!(near(population.share_below(0.5), 0.5));
        assert!(near(population.share_below(0.05), 0.0));
        assert!(near(population.share_below(0.9), 0.875));
        let reference = population.reference().unwrap();
        assert!((reference.mean() - 0.5).abs() < 1e-15);
        assert!((reference.sd() - 0.08_f64.sqrt()).abs() < 1e-15);
        assert!(reference.is_prior_only());
    }

    #[test]
    fn a_large_population_keeps_its_ranks() {
        let population = IndexPopulation::of((0..100_000).map(|i| f64::from(i) / 1e5).collect());
        assert_eq!(population.knots.len(), KNOTS);
        for share in [0.01, 0.25, 0.5, 0.99] {
            let found = population.share_below(share).unwrap();
            assert!((found - share).abs() < 1e-3);
        }
    }

    #[test]
    fn an_empty_population_knows_nothing() {
        let nobody = IndexPopulation::of(Vec::new());
        assert_eq!((nobody.reference(), nobody.share_below(0.5)), (None, None));
    }
}
