//! What a customer under contract is worth: a margin a period for as long as the contract is
//! renewed.
//!
//! Fader & Hardie (2010), "Customer-Base Valuation in a Contractual Setting: The Perils of Ignoring
//! Heterogeneity", *Marketing Science* 29(1), 85–93, <https://doi.org/10.1287/mksc.1080.0482>.

use crate::quantity::{Currency, DiscountRate, Money, QuantityError};

use super::super::purchase::ModelError;
use super::{RetentionModel, RetentionPosterior};

/// When the margin of a period comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum PaymentTime {
    /// As the contract begins and at each renewal, for the period to come.
    #[default]
    StartOfPeriod,
    /// At the end of each period that was begun, whether or not the contract is then renewed.
    EndOfPeriod,
}

/// On what terms a customer is under contract: margin, discount, time of payment and horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ContractTerms {
    margin: Money,
    discount: DiscountRate,
    payment: PaymentTime,
    payments: Option<u32>,
}

impl ContractTerms {
    /// A margin for each period of the model, and a discount rate; payment at the start of each
    /// period, for ever.
    ///
    /// A margin may be negative: then every period loses money.
    #[must_use]
    pub const fn new(margin: Money, discount: DiscountRate) -> Self {
        Self {
            margin,
            discount,
            payment: PaymentTime::StartOfPeriod,
            payments: None,
        }
    }

    /// When the margin of a period comes.
    #[must_use]
    pub const fn paid(self, payment: PaymentTime) -> Self {
        Self { payment, ..self }
    }

    /// The next `payments` payments only.
    #[must_use]
    pub const fn within(self, payments: u32) -> Self {
        Self {
            payments: Some(payments),
            ..self
        }
    }

    /// Margin of one period.
    #[must_use]
    pub const fn margin(&self) -> Money {
        self.margin
    }

    /// Discount rate.
    #[must_use]
    pub const fn discount(&self) -> DiscountRate {
        self.discount
    }

    /// When the margin of a period comes.
    #[must_use]
    pub const fn payment(&self) -> PaymentTime {
        self.payment
    }

    /// How many payments count; `None` for all.
    #[must_use]
    pub const fn payments(&self) -> Option<u32> {
        self.payments
    }
}

/// Customer lifetime value under contract (合约客户终身价值): a retention model on given terms.
///
/// What a customer is worth depends on the moment, and each method names its own. Acquisition cost
/// and what was paid before are in none of them.
///
/// # Examples
///
/// Two customers of one firm, the second a customer for four years, both about to be asked to renew
/// at 100 EUR a year:
///
/// ```
/// use guanxi::model::{ContractClv, ContractTerms, Sbg, SbgParameters};
/// use guanxi::quantity::{Currency, DiscountRate, Money, TimeUnit};
///
/// let model = Sbg::new(SbgParameters { unit: TimeUnit::Year, alpha: 0.668, beta: 3.806 })?;
/// let margin = Money::parse("100.00", Currency::EUR)?;
/// let clv = ContractClv::new(model, ContractTerms::new(margin, DiscountRate::annual(0.1)?));
/// assert_eq!(clv.newcomer()?.money()?.to_string(), "592.26 EUR");
/// assert_eq!(clv.before_renewal(0)?.money()?.to_string(), "541.49 EUR");
/// assert_eq!(clv.before_renewal(4)?.money()?.to_string(), "689.71 EUR");
/// assert_eq!(clv.after_renewal(4)?.money()?.to_string(), "627.01 EUR");
/// # Ok::<(), guanxi::Error>(())
/// ```
///
/// How far a fit pins such a value down:
///
/// ```
/// use guanxi::model::{ContractClv, ContractTerms, Fit, FitOptions, RetentionSample, Sbg};
/// use guanxi::quantity::{Currency, DiscountRate, Money, Probability, TimeUnit};
///
/// let mut sample = RetentionSample::new(TimeUnit::Year);
/// sample.add_cohort(&[1000.0, 631.0, 468.0, 382.0, 326.0, 289.0, 262.0, 241.0])?;
/// let fitted = Sbg::fit_sample(&sample, &FitOptions::default())?;
/// let margin = Money::parse("100.00", Currency::EUR)?;
/// let terms = ContractTerms::new(margin, DiscountRate::annual(0.1)?);
/// let value = fitted.answer(|model| {
///     ContractClv::new(*model, terms).before_renewal(4).map(|value| value.value())
/// })?;
/// assert!((value.mean() - 589.41).abs() < 1e-2);
/// assert!((value.sd() - 23.94).abs() < 1e-2);
/// # Ok::<(), guanxi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ContractClv<M> {
    model: M,
    terms: ContractTerms,
}

/// The moments at which a customer under contract is valued.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Moment {
    /// The contract begins; its first payment is still to come.
    Start,
    /// The next renewal is due now; what the last period owed has been paid.
    BeforeRenewal,
    /// The last renewal was just made and, if due at once, paid.
    AfterRenewal,
}

impl<M: RetentionModel> ContractClv<M> {
    /// Values under a model whose parameters are taken as known, on these terms.
    #[must_use]
    pub const fn new(model: M, terms: ContractTerms) -> Self {
        Self { model, terms }
    }

    /// The retention model.
    #[must_use]
    pub const fn model(&self) -> &M {
        &self.model
    }

    /// The terms.
    #[must_use]
    pub const fn terms(&self) -> &ContractTerms {
        &self.terms
    }

    /// Value of a new customer as the contract begins, before the first payment.
    ///
    /// # Errors
    ///
    /// [`ModelError::Undefined`] without discount and horizon, if the model's mean lifetime is
    /// infinite.
    pub fn newcomer(&self) -> Result<ContractValue, ModelError> {
        self.value(0, Moment::Start)
    }

    /// Value of a customer who has made this many renewals just before the next, when it is not
    /// known yet whether the customer will make it. Before the *n*-th renewal, *n* − 1 are made.
    ///
    /// # Errors
    ///
    /// As for [`newcomer`](Self::newcomer).
    #[doc(alias = "DERL")]
    pub fn before_renewal(&self, renewals: u32) -> Result<ContractValue, ModelError> {
        self.value(renewals, Moment::BeforeRenewal)
    }

    /// Value of a customer who has just made the last of this many renewals: what is paid at its
    /// start is no longer in it.
    ///
    /// # Errors
    ///
    /// As for [`newcomer`](Self::newcomer).
    pub fn after_renewal(&self, renewals: u32) -> Result<ContractValue, ModelError> {
        self.value(renewals, Moment::AfterRenewal)
    }

    fn value(&self, renewals: u32, moment: Moment) -> Result<ContractValue, ModelError> {
        let customer = self.model.posterior(renewals);
        let rate = self.terms.discount;
        let wait = 1.0 + rate.discrete_per(customer.unit());
        // Periods that a payment is for: from the current one on, or from the next.
        let from_current = || match self.terms.payments {
            None => customer.discounted_lifetime(rate),
            Some(count) => Ok(customer.discounted_lifetime_within(rate, count)),
        };
        let from_next = || match self.terms.payments {
            None => customer.residual_before_renewal(rate),
            Some(count) => Ok(customer.residual_before_renewal_within(rate, count)),
        };
        let payments = match (self.terms.payment, moment) {
            (PaymentTime::StartOfPeriod, Moment::Start) => from_current()?,
            (PaymentTime::StartOfPeriod, Moment::BeforeRenewal) => from_next()?,
            (PaymentTime::StartOfPeriod, Moment::AfterRenewal)
            | (PaymentTime::EndOfPeriod, Moment::BeforeRenewal) => from_next()? / wait,
            (PaymentTime::EndOfPeriod, Moment::Start | Moment::AfterRenewal) => {
                from_current()? / wait
            }
        };
        Ok(ContractValue::new(self.terms.margin, payments))
    }
}

/// What a customer under contract is expected to bring from a moment on.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ContractValue {
    margin: Money,
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "crate::quantity::stored::read_not_negative")
    )]
    payments: f64,
}

impl ContractValue {
    pub(super) const fn new(margin: Money, payments: f64) -> Self {
        Self { margin, payments }
    }

    /// Margin of one period.
    #[must_use]
    pub const fn margin(&self) -> Money {
        self.margin
    }

    /// Expected payments, each discounted to the moment.
    #[must_use]
    pub const fn payments(&self) -> f64 {
        self.payments
    }

    /// Currency of the value.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.margin.currency()
    }

    /// Expected value in major units, the margin times the payments.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.margin.to_f64() * self.payments
    }

    /// The value as money, rounded half to even to minor units.
    ///
    /// # Errors
    ///
    /// [`QuantityError`] if it is beyond what [`Money`] holds.
    pub fn money(&self) -> Result<Money, QuantityError> {
        Money::from_estimate(self.value(), self.currency())
    }
}
