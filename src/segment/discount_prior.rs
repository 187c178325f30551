//! The share of purchases at a discount: a beta prior of the population, and a customer's posterior.
//!
//! Kleinman (1973), "Proportions with Extraneous Variance: Single and Independent Samples", *Journal
//! of the American Statistical Association* 68(341), 46–54,
//! <https://doi.org/10.1080/01621459.1973.10481332>.

use super::SegmentError;
use super::error::checked;
use crate::numeric::beta::Beta;
#[cfg(feature = "serde")]
use crate::quantity::stored::Exact;
use crate::quantity::{Estimate, Fraction, Interval, Probability, QuantityError};

/// The range of a correlation within customers: outside, a prior would be a single share, or none at
/// all.
const CORRELATION: (f64, f64) = (1e-4, 0.99);

/// The least shape that the beta distribution is computed for.
const LEAST_SHAPE: f64 = 1e-6;

/// How many purchases were at a discount, of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct DiscountCount {
    /// At a discount, `k`.
    pub discounted: u64,
    /// All of which it is known, `n`.
    pub purchases: u64,
}

/// What the shares of purchases at a discount are like in a population: a beta distribution.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Fraction;
/// use guanxi::segment::DiscountPrior;
///
/// let prior = DiscountPrior::new(2.0, 6.0)?;
/// let share = prior.posterior(7.0, 8.0)?; // 7 of 8 at a discount
/// assert_eq!(share.mean(), 0.5625);
/// let on_offer = Fraction::new(0.3)?;
/// assert!((share.probability_above(on_offer) - 0.984_757_474).abs() < 1e-9);
/// assert!((share.lift(on_offer).ok_or("finite")? - 3.0_f64.ln()).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "PriorRow", into = "PriorRow"))]
pub struct DiscountPrior {
    a: f64,
    b: f64,
}

/// A prior by moments, and what it was found from.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct DiscountMoments {
    /// The prior.
    pub prior: DiscountPrior,
    /// Share of all purchases at a discount, `p̂`.
    pub share: f64,
    /// Correlation of two purchases of one customer, `ρ`, as it was found. The prior has the nearest
    /// one from 1e-4 to 0.99 with which neither of its shapes is below 1e-6: where discounts are so
    /// rare that the shape would be, it is a smaller one.
    pub correlation: f64,
    /// Customers with a purchase of known price.
    pub customers: u64,
}

impl DiscountPrior {
    /// A prior with known shapes.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless both lie between 1e-6 and 1e9.
    pub fn new(a: f64, b: f64) -> Result<Self, SegmentError> {
        let (what, range) = ("shape of a discount prior", "between 1e-6 and 1e9");
        Ok(Self {
            a: checked(what, range, LEAST_SHAPE..=1e9, a)?,
            b: checked(what, range, LEAST_SHAPE..=1e9, b)?,
        })
    }

    /// The prior that a population shows, by the method of moments with weights `n` (Kleinman 1973,
    /// established). Customers without a purchase say nothing. The ends of the range of the
    /// [correlation](DiscountMoments::correlation) are our choice; its mean is that of the population
    /// in any case.
    ///
    /// # Errors
    ///
    /// [`SegmentError::NotIdentified`] with fewer than two customers, or if none bought twice (or one
    /// bought nearly all there is); [`SegmentError::Domain`] if nobody ever bought at a discount, or nobody without one, or a
    /// count has more discounts than purchases.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::segment::{DiscountCount, DiscountPrior};
    ///
    /// let base = [(1, 10), (7, 8), (3, 12), (0, 5), (5, 10), (2, 20), (9, 10), (4, 9)];
    /// let counts = base.map(|(discounted, purchases)| DiscountCount { discounted, purchases });
    /// let found = DiscountPrior::by_moments(&counts)?;
    /// assert!((found.correlation - 0.428_762_755).abs() < 1e-9);
    /// assert!((found.prior.a() - 0.491_679_240).abs() < 1e-9);
    /// # Ok::<(), guanxi::segment::SegmentError>(())
    /// ```
    pub fn by_moments(counts: &[DiscountCount]) -> Result<DiscountMoments, SegmentError> {
        let (mut customers, mut twice) = (0_usize, 0_usize);
        let (mut discounted, mut purchases) = (0.0, 0.0);
        let mut squares = 0.0;
        for count in counts.iter().filter(|count| count.purchases > 0) {
            let (k, n) = (count.discounted as f64, count.purchases as f64);
            checked("purchases at a discount", "at most all of them", 0.0..=n, k)?;
            customers += 1;
            twice += usize::from(count.purchases > 1);
            discounted += k;
            purchases += n;
            squares += n * n;
        }
        let others = customers as f64 - 1.0;
        // How many purchases there are beyond the first of each customer, so to speak.
        let repeats = purchases - squares / purchases - others;
        let too_few = |of, needed, found| SegmentError::NotIdentified {
            what: "moments of discounts",
            needed,
            of,
            found,
        };
        if customers < 2 {
            return Err(too_few("customers who bought", 2, customers));
        }
        if repeats.is_nan() || repeats <= 1e-9 * purchases {
            return Err(too_few("customers who bought twice", twice + 1, twice));
        }
        let share = discounted / purchases;
        if !(share > 0.0 && share < 1.0) {
            return Err(SegmentError::Domain {
                quantity: "share of purchases at a discount",
                expected: "above 0 and below 1",
                found: share,
            });
        }
        let apart = |count: &DiscountCount| {
            let (k, n) = (count.discounted as f64, count.purchases as f64);
            n * (k / n - share).powi(2)
        };
        let known = counts.iter().filter(|count| count.purchases > 0);
        let scatter = known.map(apart).sum::<f64>() / (share * (1.0 - share));
        let correlation = (scatter - others) / repeats;
        let (least, most) = CORRELATION;
        let strength = 1.0 / correlation.clamp(least, most) - 1.0;
        let strength = strength.max(LEAST_SHAPE * (1.0 + 1e-9) / share.min(1.0 - share));
        Ok(DiscountMoments {
            prior: Self::new(share * strength, (1.0 - share) * strength)?,
            share,
            correlation,
            customers: customers as u64,
        })
    }

    /// The first shape, `a₀`.
    #[must_use]
    pub fn a(&self) -> f64 {
        self.a
    }

    /// The second shape, `b₀`.
    #[must_use]
    pub fn b(&self) -> f64 {
        self.b
    }

    /// What is known of a customer who bought so often at a discount; counts may have faded.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless `0 ≤ discounted ≤ purchases ≤ 1e9`.
    pub fn posterior(
        &self,
        discounted: f64,
        purchases: f64,
    ) -> Result<DiscountShare, SegmentError> {
        let (what, range) = ("purchases", "between 0 and 1e9");
        let n = checked(what, range, 0.0..=1e9, purchases)?;
        // A sum of faded weights and a part of it may round differently.
        let most = n * (1.0 + 1e-9);
        let k = checked(
            "purchases at a discount",
            "at most all of them",
            0.0..=most,
            discounted,
        )?;
        Ok(DiscountShare {
            a: self.a + k,
            b: self.b + (n - k).max(0.0),
            n,
        })
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "DiscountPrior")]
struct PriorRow {
    a: Exact,
    b: Exact,
}

#[cfg(feature = "serde")]
impl From<DiscountPrior> for PriorRow {
    fn from(prior: DiscountPrior) -> Self {
        Self {
            a: Exact(prior.a),
            b: Exact(prior.b),
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<PriorRow> for DiscountPrior {
    type Error = SegmentError;

    fn try_from(row: PriorRow) -> Result<Self, SegmentError> {
        Self::new(row.a.0, row.b.0)
    }
}

/// What is known of the share `θ` of a customer's purchases at a discount: a beta distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DiscountShare {
    a: f64,
    b: f64,
    n: f64,
}

impl DiscountShare {
    /// Its mean, from 0 to 1.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.a / (self.a + self.b)
    }

    /// Its standard deviation.
    #[must_use]
    pub fn sd(&self) -> f64 {
        let all = self.a + self.b;
        (self.a / all * (self.b / all) / (all + 1.0)).sqrt()
    }

    /// Purchases of the customer's own behind it; 0 if only the population speaks.
    #[must_use]
    pub fn n_eff(&self) -> f64 {
        self.n
    }

    /// Mean, sd and purchases, with an interval that leaves as much on each side.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] unless the level lies strictly between 0 and 1.
    pub fn estimate(&self, level: Probability) -> Result<Estimate, QuantityError> {
        let tail = level.complement().value() / 2.0;
        let beta = Beta::new(self.a, self.b);
        let (lower, upper) = (beta.quantile(tail).0, beta.upper_quantile(tail).0);
        let interval = Interval::new(lower, upper, level)?;
        Ok(Estimate::new(self.mean(), self.sd(), self.n)?.with_interval(interval))
    }

    /// `P(θ > π)`: the probability that the customer buys at a discount more often than one is on
    /// offer.
    #[must_use]
    pub fn probability_above(&self, available: Fraction) -> f64 {
        let x = available.value();
        Beta::new(self.a, self.b).tails(x, 1.0 - x).1
    }

    /// How far the mean share is above what is on offer, in log-odds: `logit θ̂ − logit π`; `None`
    /// where a discount is always or never on offer, against which no odds can be set.
    #[must_use]
    pub fn lift(&self, available: Fraction) -> Option<f64> {
        let x = available.value();
        let lift = (self.a / self.b).ln() - (x / (1.0 - x)).ln();
        lift.is_finite().then_some(lift)
    }
}
