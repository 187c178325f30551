//! How regularly customers buy, told from the gaps between their purchases alone.
//!
//! Wheat & Morrison (1990), "Estimating Purchase Regularity with Two Interpurchase Times", *Journal
//! of Marketing Research* 27(1), 87–93, <https://doi.org/10.1177/002224379002700108>, take two
//! successive gaps of every customer: if gaps are gamma with one shape *k*, the share of the first
//! in both is Beta(k, k) whatever the customer's rate, and *k* is read off its variance. Here all
//! gaps of a customer are taken: given how many there are and their sum, their shares are
//! Dirichlet(k, …, k), free of the rate again and of dropout and silence as well, which depend on
//! number and sum alone. *k* maximises that likelihood; with two gaps a customer it is theirs, by
//! likelihood instead of moments.

use crate::numeric::special::{digamma_rising, ln_gamma, ln_rising, trigamma_excess};
use crate::quantity::{Estimate, QuantityError};
use crate::summary::RfmSummary;

use super::PurchaseSample;
use super::erlang::Phases;

/// Why the regularity of gaps could not be estimated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RegularityError {
    /// One gap has nothing to be compared with.
    #[error("regularity needs customers with two repeat purchases, got none")]
    NoTwoGaps,
    /// A customer whose gaps are not known.
    #[error(
        "regularity needs the gaps of every customer with two repeat purchases, \
         got {customers} without"
    )]
    GapsUnknown {
        /// How many (by weight).
        customers: f64,
    },
    /// Every customer buys like clockwork: no *k* is large enough.
    #[error("regularity needs gaps that differ, got {gaps} gaps that are equal for each customer")]
    AllGapsEqual {
        /// How many gaps (by weight).
        gaps: f64,
    },
    /// Gaps that differ by more than any *k* allows for.
    #[error("regularity must be at least 1e-6, got gaps that are shorter without end")]
    NoRegularity,
    /// The estimate is no number of the crate.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

/// How regularly customers buy (购买规律性): the shape *k* of the gaps between their purchases, with
/// its standard error.
///
/// At 1 purchases come by chance; below they come in bursts, above at intervals that are ever more
/// even. No model of rates or of dropout is needed, and no random numbers: the same customers give
/// the same estimate. [`BgCnbd`](super::BgCnbd) and [`MbgCnbd`](super::MbgCnbd) take a whole number.
///
/// # Examples
///
/// Three customers who order every four weeks or so:
///
/// ```
/// use guanxi::model::Regularity;
/// use guanxi::quantity::TimeUnit;
/// use guanxi::summary::RfmSummary;
///
/// let gaps: [&[f64]; 3] = [&[3.0, 5.0, 4.0], &[6.0, 4.0], &[2.0, 2.5, 4.0, 3.0]];
/// let mut customers = Vec::new();
/// for gaps in gaps {
///     let (total, logs) = (gaps.iter().sum(), gaps.iter().map(|gap: &f64| gap.ln()).sum());
///     let seen = RfmSummary::new(TimeUnit::Week, gaps.len() as u32, total, 20.0)?;
///     customers.push(seen.with_ln_gaps(logs)?);
/// }
/// let regularity = Regularity::of(&customers)?;
/// assert!((regularity.k() - 12.9698).abs() < 1e-3);
/// assert!((regularity.standard_error() - 7.3644).abs() < 1e-3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawRegularity"))]
pub struct Regularity {
    k: f64,
    standard_error: f64,
    gain: f64,
    customers: f64,
    gaps: f64,
}

#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "Regularity")]
struct RawRegularity {
    k: f64,
    standard_error: f64,
    gain: f64,
    customers: f64,
    gaps: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<RawRegularity> for Regularity {
    type Error = crate::quantity::stored::StoredError;

    fn try_from(raw: RawRegularity) -> Result<Self, Self::Error> {
        use crate::quantity::stored::{not_negative, positive};

        positive("k", raw.k)?;
        positive("standard error", raw.standard_error)?;
        not_negative("gain", raw.gain)?;
        positive("customers", raw.customers)?;
        positive("gaps", raw.gaps)?;
        Ok(Self {
            k: raw.k,
            standard_error: raw.standard_error,
            gain: raw.gain,
            customers: raw.customers,
            gaps: raw.gaps,
        })
    }
}

/// What the likelihood reads of a customer: gaps, how much less even they are than equal ones,
/// `x·ln(tₓ/x) − Σ ln gap`, and a weight.
#[derive(Debug, Clone, Copy)]
struct Row {
    gaps: f64,
    uneven: f64,
    weight: f64,
}

/// The search ends here: ln 1e6.
const BOUND: f64 = 13.815_510_557_964_274;

impl Regularity {
    /// The regularity of customers, each counted once.
    ///
    /// # Errors
    ///
    /// [`RegularityError`], if nobody came back twice, gaps are not known, or they do not differ.
    pub fn of<'a>(
        customers: impl IntoIterator<Item = &'a RfmSummary>,
    ) -> Result<Self, RegularityError> {
        let rows = customers
            .into_iter()
            .map(|c| (c.frequency(), c.recency(), c.ln_gaps(), 1.0));
        Self::of_rows(rows)
    }

    /// The regularity of the customers of a sample, by their weights.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    pub fn of_sample(sample: &PurchaseSample) -> Result<Self, RegularityError> {
        Self::of_rows(sample.gaps())
    }

    fn of_rows(
        customers: impl Iterator<Item = (u32, f64, Option<f64>, f64)>,
    ) -> Result<Self, RegularityError> {
        let mut rows = Vec::new();
        let (mut unknown, mut count, mut gaps) = (0.0, 0.0, 0.0);
        for (frequency, recency, ln_gaps, weight) in customers {
            if frequency < 2 {
                continue;
            }
            let Some(ln_gaps) = ln_gaps else {
                unknown += weight;
                continue;
            };
            let x = f64::from(frequency);
            count += weight;
            gaps += weight * x;
            // The rounding of the logarithms may take a little more than there is.
            let uneven = (x * (recency / x).ln() - ln_gaps).max(0.0);
            rows.push(Row {
                gaps: x,
                uneven,
                weight,
            });
        }
        if unknown > 0.0 {
            return Err(RegularityError::GapsUnknown { customers: unknown });
        }
        if rows.is_empty() {
            return Err(RegularityError::NoTwoGaps);
        }
        let ln_k = root(|ln_k| score(&rows, ln_k.exp()), gaps)?;
        let k = ln_k.exp();
        Ok(Self {
            k,
            standard_error: 1.0 / information(&rows, k).sqrt(),
            gain: (log_likelihood(&rows, k) - log_likelihood(&rows, 1.0)).max(0.0),
            customers: count,
            gaps,
        })
    }

    /// The shape of the gaps: 1 for purchases by chance.
    #[must_use]
    pub fn k(&self) -> f64 {
        self.k
    }

    /// Standard error of [`k`](Self::k), from the observed information.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        self.standard_error
    }

    /// [`k`](Self::k) with its standard error; `n_eff` is the number of customers who told it.
    ///
    /// # Errors
    ///
    /// [`RegularityError::Quantity`] if the numbers are too large to be an estimate.
    pub fn estimate(&self) -> Result<Estimate, RegularityError> {
        Ok(Estimate::new(self.k, self.standard_error, self.customers)?)
    }

    /// The whole number of phases nearest to [`k`](Self::k), from 1 to 100.
    #[must_use]
    pub fn phases(&self) -> Phases {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 1 to 100"
        )]
        let nearest = self.k.round().clamp(1.0, 100.0) as u32;
        Phases::new(nearest).unwrap_or(Phases::ONE)
    }

    /// How much log-likelihood [`k`](Self::k) has above purchases by chance, `k` = 1. Twice this is
    /// χ² with one degree of freedom if they come by chance.
    #[must_use]
    pub fn gain(&self) -> f64 {
        self.gain
    }

    /// Customers with two gaps or more (the sum of their weights).
    #[must_use]
    pub fn customers(&self) -> f64 {
        self.customers
    }

    /// Their gaps.
    #[must_use]
    pub fn gaps(&self) -> f64 {
        self.gaps
    }
}

/// The log-likelihood of the shares of the gaps in their sum.
fn log_likelihood(rows: &[Row], k: f64) -> f64 {
    let of = |row: &Row| {
        let x = row.gaps;
        // Γ(xk)/Γ(k) rises over (x − 1)k; the other Γ(k) remain.
        let shares = ln_rising(k, (x - 1.0) * k) - (x - 1.0) * ln_gamma(k);
        row.weight * (shares - (k - 1.0) * (row.uneven + x * x.ln()))
    };
    rows.iter().map(of).sum()
}

/// Its slope in `k`: `x(ψ(xk) − ψ(k) − ln x)` less how uneven the gaps are.
fn score(rows: &[Row], k: f64) -> f64 {
    let of = |row: &Row| {
        let x = row.gaps;
        row.weight * (x * digamma_rising_over(k, x) - row.uneven)
    };
    rows.iter().map(of).sum()
}

/// `ψ(xk) − ψ(k) − ln x`, which falls to nothing as `k` grows.
fn digamma_rising_over(k: f64, x: f64) -> f64 {
    if k < 100.0 {
        return digamma_rising(k, (x - 1.0) * k) - x.ln();
    }
    // ψ(z) = ln z − 1/2z − 1/12z² + 1/120z⁴ − …
    let tail = |z: f64| {
        let w = 1.0 / (z * z);
        0.5 / z + w * (1.0 / 12.0 - w * (1.0 / 120.0 - w / 252.0))
    };
    tail(k) - tail(x * k)
}

/// Less the second derivative: `x ψ′(k) − x² ψ′(xk)`.
fn information(rows: &[Row], k: f64) -> f64 {
    let of = |row: &Row| {
        let x = row.gaps;
        row.weight * (x / k) * (trigamma_excess(k) - trigamma_excess(x * k))
    };
    rows.iter().map(of).sum()
}

/// Where a falling score is nothing, on the scale of `ln k`: by halving, which nothing can mislead.
fn root(score: impl Fn(f64) -> f64, gaps: f64) -> Result<f64, RegularityError> {
    let (mut low, mut high) = (-BOUND, BOUND);
    if score(high) >= 0.0 {
        return Err(RegularityError::AllGapsEqual { gaps });
    }
    if score(low) <= 0.0 {
        return Err(RegularityError::NoRegularity);
    }
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return Ok(middle);
        }
        if score(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
}
