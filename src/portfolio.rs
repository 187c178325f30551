//! Many relationships together (客户组合): what the base is worth, on whom that rests, who comes
//! first.
//!
//! Blattberg & Deighton (1996), "Manage Marketing by the Customer Equity Test", *Harvard Business
//! Review* 74(4), 136–144; Rust, Lemon & Zeithaml (2004), "Return on Marketing", *Journal of
//! Marketing* 68(1), 109–127.

use crate::history::CustomerId;
use crate::metric::{self, CurvePoint, MetricError};
use crate::model::{
    Clv, CovariateClv, CustomerModel, Draws, LifetimeValue, PurchaseModel, SpendModel,
};
use crate::numeric::spread::spread;
#[cfg(feature = "serde")]
use crate::quantity::stored::{StoredError, agree, finite};
use crate::quantity::{Currency, Estimate, Interval, Money, QuantityError};
use crate::scorer::ScoreError;
use crate::summary::CustomerSummary;

mod future;

pub use future::{CustomerEquity, FutureCohort, FutureEquity};

/// A customer with the value the models give.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
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
/// Customers who could not be valued are kept by name, with the reason. A portfolio is not
/// serialised, nor are samples and posteriors: they are computed again from what is stored, and the
/// rows and the [`Equity`] of a portfolio can be kept each by itself.
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
/// values. Customers who are yet to come are a line of their own: see [`CustomerEquity`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawEquity"))]
pub struct Equity {
    currency: Currency,
    value: f64,
    estimate: Option<Estimate>,
}

#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(rename = "Equity", deny_unknown_fields)]
struct RawEquity {
    currency: Currency,
    value: f64,
    estimate: Option<Estimate>,
}

#[cfg(feature = "serde")]
impl TryFrom<RawEquity> for Equity {
    type Error = StoredError;

    fn try_from(raw: RawEquity) -> Result<Self, StoredError> {
        finite("value", raw.value)?;
        if let Some(estimate) = raw.estimate {
            agree("mean of an uncertain equity", &raw.value, &estimate.mean())?;
        }
        Ok(Self {
            currency: raw.currency,
            value: raw.value,
            estimate: raw.estimate,
        })
    }
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

/// Customers as they are valued.
#[derive(Default)]
struct Values {
    ranked: Vec<ValuedCustomer>,
    unvalued: Vec<(CustomerId, ScoreError)>,
    /// The draws of one customer, and their sum over customers, draw by draw.
    drawn: Vec<f64>,
    sums: Vec<f64>,
}

impl Values {
    /// Adds a customer with the value and its draws.
    fn add(&mut self, customer: &CustomerSummary, value: Result<LifetimeValue, ScoreError>) {
        match value {
            Ok(value) => {
                self.sums.resize(self.drawn.len(), 0.0);
                for (sum, draw) in self.sums.iter_mut().zip(&self.drawn) {
                    *sum += draw;
                }
                self.ranked.push(ValuedCustomer {
                    customer: customer.customer().clone(),
                    value,
                });
            }
            Err(error) => self.unvalued.push((customer.customer().clone(), error)),
        }
    }

    fn portfolio(
        self,
        currency: Currency,
        draws: Option<Draws>,
    ) -> Result<Portfolio, QuantityError> {
        let Self {
            mut ranked,
            unvalued,
            mut sums,
            ..
        } = self;
        // In the order of names, so that the sum does not depend on the order of the customers.
        ranked.sort_unstable_by(|a, b| a.customer.cmp(&b.customer));
        let value: f64 = ranked.iter().map(|c| c.value.value()).sum();
        ranked.sort_by(|a, b| b.value.value().total_cmp(&a.value.value()));
        if !value.is_finite() {
            return Err(QuantityError::Overflow {
                operation: "the sum of lifetime values",
            });
        }
        let level = draws.unwrap_or_default().level;
        let estimate =
            match spread(&mut sums, level.value()) {
                Some(spread) => Some(
                    Estimate::new(value, spread.sd, ranked.len() as f64)?
                        .with_interval(Interval::new(spread.lower, spread.upper, level)?),
                ),
                None => None,
            };
        Ok(Portfolio {
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
        let (currency, draws) = (clv.spend().currency(), clv.draws());
        let mut values = Values::default();
        for customer in customers {
            let value = clv.score_drawn(customer, &mut values.drawn);
            values.add(customer, value);
        }
        values.portfolio(currency, draws)
    }

    /// Values every customer of a base by covariates of the customer's own (协变量): each with the
    /// values of the covariates, in the order of the model.
    ///
    /// # Errors
    ///
    /// [`QuantityError`] if the sum of the values leaves the range of numbers; a customer who cannot
    /// be valued is no error but in [`unvalued`](Self::unvalued).
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::history::CustomerId;
    /// use guanxi::model::{
    ///     ClvTerms, Covariate, CovariateClv, CovariateEffect, CovariateParameters, CovariateRole,
    ///     DropoutLink, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters, WithCovariates,
    /// };
    /// use guanxi::portfolio::Portfolio;
    /// use guanxi::quantity::{Currency, DiscountRate, TimeUnit};
    /// use guanxi::summary::{CustomerSummary, RfmSummary};
    ///
    /// let purchases = WithCovariates::new(CovariateParameters {
    ///     base: MbgNbd::new(MbgNbdParameters {
    ///         unit: TimeUnit::Week,
    ///         r: 0.525,
    ///         alpha: 6.183,
    ///         a: 0.891,
    ///         b: 1.614,
    ///     })?,
    ///     covariates: vec![Covariate::new("member")?],
    ///     effects: vec![CovariateEffect::new(CovariateRole::Dropout, "member", -0.5)],
    ///     dropout_link: DropoutLink::MeanDropout,
    /// })?;
    /// let spend = GammaGamma::new(GammaGammaParameters {
    ///     currency: Currency::EUR,
    ///     p: 6.25,
    ///     q: 3.74,
    ///     gamma: 15.44,
    /// })?;
    /// let terms = ClvTerms::new(0.3, DiscountRate::annual(0.1)?)?;
    /// let clv = CovariateClv::new(purchases, spend, terms);
    /// let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.0, 38.0)?;
    /// let [guest, member] = ["guest", "member"]
    ///     .map(|name| Ok::<_, guanxi::Error>(CustomerSummary::from_rfm(CustomerId::new(name)?, rfm)));
    /// let (guest, member) = (guest?, member?);
    /// let base = [(&guest, &[0.0][..]), (&member, &[1.0])];
    /// let portfolio = Portfolio::appraise_with_covariates(&clv, Currency::EUR, base)?;
    /// assert_eq!(portfolio.ranked()[0].customer().as_str(), "member");
    /// assert_eq!(portfolio.equity().money()?.to_string(), "173.51 EUR");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn appraise_with_covariates<'a, P: CustomerModel, S: CustomerModel>(
        clv: &CovariateClv<P, S>,
        currency: Currency,
        customers: impl IntoIterator<Item = (&'a CustomerSummary, &'a [f64])>,
    ) -> Result<Self, QuantityError>
    where
        P::Plain: PurchaseModel,
        S::Plain: SpendModel,
    {
        let mut values = Values::default();
        for (customer, z) in customers {
            let value = clv.of(z).and_then(|clv| {
                let found = clv.spend().currency();
                if found != currency {
                    return Err(QuantityError::CurrencyMismatch {
                        expected: currency,
                        found,
                    }
                    .into());
                }
                clv.score_drawn(customer, &mut values.drawn)
            });
            values.add(customer, value);
        }
        values.portfolio(currency, clv.draws())
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
