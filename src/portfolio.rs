//! Many relationships together (客户组合): what the base is worth, on whom that rests, who comes
//! first.
//!
//! Blattberg & Deighton (1996), "Manage Marketing by the Customer Equity Test", *Harvard Business
//! Review* 74(4), 136–144; Rust, Lemon & Zeithaml (2004), "Return on Marketing", *Journal of
//! Marketing* 68(1), 109–127.

use crate::history::CustomerId;
use crate::metric::{self, CurvePoint, MetricError};
use crate::model::{Clv, LifetimeValue, PurchaseModel, SpendModel};
use crate::numeric::spread::spread;
use crate::quantity::{Currency, Estimate, Interval, Money, QuantityError};
use crate::scorer::ScoreError;
use crate::summary::CustomerSummary;

/// A customer with the value the models give.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ValuedCustomer {
    customer: CustomerId,
    value: LifetimeValue,
}

impl ValuedCustomer {
    /// Who.
    #[must_use]
    pub fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// What the customer is worth.
    #[must_use]
    pub fn value(&self) -> &LifetimeValue {
        &self.value
    }
}

/// The customers of a base with their values, the most valuable first.
///
/// Customers who could not be valued are kept by name, with the reason.
///
/// # Examples
///
/// ```
/// use guanxi::history::CustomerId;
/// use guanxi::model::{
///     Clv, ClvTerms, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters,
/// };
/// use guanxi::portfolio::Portfolio;
/// use guanxi::quantity::{Currency, DiscountRate, TimeUnit};
/// use guanxi::summary::{CustomerSummary, RfmSummary};
///
/// let purchases = MbgNbd::new(MbgNbdParameters {
///     unit: TimeUnit::Week,
///     r: 0.525,
///     alpha: 6.183,
///     a: 0.891,
///     b: 1.614,
/// })?;
/// let spend = GammaGamma::new(GammaGammaParameters {
///     currency: Currency::EUR,
///     p: 6.25,
///     q: 3.74,
///     gamma: 15.44,
/// })?;
/// let clv = Clv::new(purchases, spend, ClvTerms::new(0.3, DiscountRate::annual(0.1)?)?)?;
///
/// let base = [("one-timer", 0, 0.0), ("regular", 9, 36.0)]
///     .into_iter()
///     .map(|(name, x, t_x)| {
///         let rfm = RfmSummary::new(TimeUnit::Week, x, t_x, 38.0)?;
///         Ok(CustomerSummary::from_rfm(CustomerId::new(name)?, rfm))
///     })
///     .collect::<Result<Vec<_>, Box<dyn std::error::Error>>>()?;
/// let portfolio = Portfolio::appraise(&clv, &base)?;
/// assert_eq!(portfolio.ranked()[0].customer().as_str(), "regular");
/// assert!(portfolio.top_share(0.5)? > 0.9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Portfolio {
    currency: Currency,
    ranked: Vec<ValuedCustomer>,
    unvalued: Vec<(CustomerId, ScoreError)>,
    equity: Equity,
}

/// What a base of customers is worth (顾客资产, customer equity): the sum of their residual lifetime
/// values.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Equity {
    currency: Currency,
    value: f64,
    estimate: Option<Estimate>,
}

impl Equity {
    /// The sum of the expected values, in major units.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The sum as money, rounded half to even to minor units.
    ///
    /// # Errors
    ///
    /// [`QuantityError`] if it is beyond what [`Money`] holds.
    pub fn money(&self) -> Result<Money, QuantityError> {
        Money::from_estimate(self.value, self.currency)
    }

    /// The sum of the expected values with the standard deviation and the interval of its draws, in
    /// which customers differ independently and share the parameters; `None` unless the lifetime
    /// values were drawn. `n_eff` is the number of customers.
    #[must_use]
    pub fn estimate(&self) -> Option<Estimate> {
        self.estimate
    }

    /// Currency of the amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }
}

impl Portfolio {
    /// Values every customer of a base.
    ///
    /// # Errors
    ///
    /// [`QuantityError`] if the sum of the values leaves the range of numbers; a customer who cannot
    /// be valued is no error but in [`unvalued`](Self::unvalued).
    pub fn appraise<'a, P: PurchaseModel, S: SpendModel>(
        clv: &Clv<P, S>,
        customers: impl IntoIterator<Item = &'a CustomerSummary>,
    ) -> Result<Self, QuantityError> {
        let mut ranked = Vec::new();
        let mut unvalued = Vec::new();
        // The sum over customers, draw by draw.
        let (mut drawn, mut sums) = (Vec::new(), Vec::new());
        for customer in customers {
            match clv.score_drawn(customer, &mut drawn) {
                Ok(value) => {
                    sums.resize(drawn.len(), 0.0);
                    for (sum, draw) in sums.iter_mut().zip(&drawn) {
                        *sum += draw;
                    }
                    ranked.push(ValuedCustomer {
                        customer: customer.customer().clone(),
                        value,
                    });
                }
                Err(error) => unvalued.push((customer.customer().clone(), error)),
            }
        }
        // In the order of names, so that the sum does not depend on the order of the customers.
        ranked.sort_unstable_by(|a, b| a.customer.cmp(&b.customer));
        let value: f64 = ranked.iter().map(|c| c.value.value()).sum();
        ranked.sort_by(|a, b| b.value.value().total_cmp(&a.value.value()));
        if !value.is_finite() {
            return Err(QuantityError::Overflow {
                operation: "the sum of lifetime values",
            });
        }
        let currency = clv.spend().currency();
        let level = clv.draws().unwrap_or_default().level;
        let estimate =
            match spread(&mut sums, level.value()) {
                Some(spread) => Some(
                    Estimate::new(value, spread.sd, ranked.len() as f64)?
                        .with_interval(Interval::new(spread.lower, spread.upper, level)?),
                ),
                None => None,
            };
        Ok(Self {
            currency,
            ranked,
            unvalued,
            equity: Equity {
                currency,
                value,
                estimate,
            },
        })
    }

    /// The customers, the most valuable first; equals in the order of their names.
    #[must_use]
    pub fn ranked(&self) -> &[ValuedCustomer] {
        &self.ranked
    }

    /// Customers who could not be valued, and why.
    #[must_use]
    pub fn unvalued(&self) -> &[(CustomerId, ScoreError)] {
        &self.unvalued
    }

    /// What the base is worth.
    #[must_use]
    pub fn equity(&self) -> &Equity {
        &self.equity
    }

    /// Currency of every amount.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The values, the highest first, in major units.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        self.ranked.iter().map(|c| c.value.value()).collect()
    }

    /// The Gini coefficient of the values.
    ///
    /// # Errors
    ///
    /// [`MetricError`] without customers, or with one who is worth less than nothing.
    pub fn gini(&self) -> Result<f64, MetricError> {
        metric::gini(&self.values())
    }

    /// The Herfindahl–Hirschman index of the values.
    ///
    /// # Errors
    ///
    /// [`MetricError`] without customers, or with one who is worth less than nothing.
    pub fn herfindahl(&self) -> Result<f64, MetricError> {
        metric::herfindahl(&self.values())
    }

    /// The share of the equity that the most valuable `fraction` of the customers hold.
    ///
    /// # Errors
    ///
    /// [`MetricError`] without customers, if the equity is not above 0, or the fraction is not
    /// between 0 and 1.
    pub fn top_share(&self, fraction: f64) -> Result<f64, MetricError> {
        metric::top_share(&self.values(), fraction)
    }

    /// The cumulative value curve.
    ///
    /// # Errors
    ///
    /// [`MetricError`] without customers, or if the equity is not above 0.
    pub fn whale_curve(&self) -> Result<Vec<CurvePoint>, MetricError> {
        metric::whale_curve(&self.values())
    }
}
