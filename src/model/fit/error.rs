//! Why a fit was refused.

use crate::quantity::{Currency, QuantityError, TimeUnit};

use super::super::covariates::CovariateError;
use super::super::parameter::ParameterError;
use super::super::purchase::{ModelError, TimeVaryingError};

/// Why a model could not be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// Too few customers to tell the parameters apart.
    #[error("fitting {model} needs {needed} customers, got {found}; a ridge lifts this limit")]
    TooFewCustomers {
        /// The model.
        model: &'static str,
        /// The fewest that the options accept.
        needed: f64,
        /// What the data held.
        found: f64,
    },
    /// Nobody came back, so nothing tells rates and dropout apart.
    #[error("fitting {model} needs customers with a repeat purchase, got none")]
    NoRepeatPurchase {
        /// The model.
        model: &'static str,
    },
    /// The regularity of gaps between purchases cannot be told without them.
    #[error(
        "choosing k of {model} needs the gaps of every customer with a repeat purchase; \
         give k, or summaries with the logarithms of the gaps"
    )]
    GapsUnknown {
        /// The model.
        model: &'static str,
    },
    /// The likelihood does not depend on some combination of the parameters.
    #[error(
        "the data do not identify the parameters of {model}: \
         curvature {curvature:e} at log-likelihood {log_likelihood}"
    )]
    NotIdentified {
        /// The model.
        model: &'static str,
        /// Smallest eigenvalue of the observed information per customer.
        curvature: f64,
        /// Log-likelihood reached.
        log_likelihood: f64,
        /// Parameters reached.
        parameters: Vec<f64>,
    },
    /// The search ended before the gradient vanished.
    #[error(
        "the search for {model} did not settle in {iterations} iterations: \
         gradient {gradient_norm:e} at log-likelihood {log_likelihood}"
    )]
    NotConverged {
        /// The model.
        model: &'static str,
        /// Steps spent.
        iterations: u32,
        /// Largest component of the gradient per customer, on the scale of the search.
        gradient_norm: f64,
        /// Log-likelihood reached.
        log_likelihood: f64,
        /// Parameters reached.
        parameters: Vec<f64>,
    },
    /// Nobody left, so nothing tells when anybody will.
    #[error("fitting {model} needs customers who left, got none")]
    NobodyLeft {
        /// The model.
        model: &'static str,
    },
    /// Nobody renewed even once, so nothing tells who would again.
    #[error("fitting {model} needs customers who renewed, got none")]
    NobodyRenewed {
        /// The model.
        model: &'static str,
    },
    /// Customers were not followed for long enough to tell the parameters apart.
    #[error(
        "fitting {model} needs customers at {needed} renewals, the longest history has {found}; \
         a ridge lifts this limit"
    )]
    TooFewPeriods {
        /// The model.
        model: &'static str,
        /// How many renewals must have come up, counted from the first.
        needed: u32,
        /// How many did.
        found: u32,
    },
    /// Survivors of a cohort that are not a falling series of numbers.
    #[error("survivors of a cohort must be {expected}, got {found:?} at place {index}")]
    Survivors {
        /// Place in the series, from 0.
        index: usize,
        /// What is accepted there.
        expected: &'static str,
        /// What was given.
        found: f64,
    },
    /// A period that cannot be one of a customer's.
    #[error("{quantity} must be {expected}, got {found}")]
    Periods {
        /// Which number.
        quantity: &'static str,
        /// What is accepted.
        expected: &'static str,
        /// What was given.
        found: u64,
    },
    /// A weight out of range.
    #[error("the weight of a row must be a number above 0 and at most 1e15, got {found}")]
    Weight {
        /// What was given.
        found: f64,
    },
    /// More rows than can be numbered: merge equal ones first.
    #[error("a sample may have {most} rows, got {found}")]
    TooManyRows {
        /// The most there may be.
        most: usize,
        /// What was given.
        found: usize,
    },
    /// Options that cannot be followed.
    #[error("{option} must be {expected}, got {found}")]
    Option {
        /// Which option.
        option: &'static str,
        /// What is accepted.
        expected: &'static str,
        /// What was given.
        found: f64,
    },
    /// The centre of a ridge belongs to another model, unit or currency.
    #[error("the ridge is centred on a {found} model, expected {expected}")]
    RidgeCentre {
        /// What is fitted.
        expected: String,
        /// What the ridge was built from.
        found: String,
    },
    /// Customers in different units.
    #[error("a sample is in one unit of time, {expected}, got a customer in {found}")]
    UnitMismatch {
        /// Unit of the customers before.
        expected: TimeUnit,
        /// Unit of this one.
        found: TimeUnit,
    },
    /// Spend in different currencies.
    #[error("a sample is in one currency, {expected}, got a customer in {found}")]
    CurrencyMismatch {
        /// Currency of the customers before.
        expected: Currency,
        /// Currency of this one.
        found: Currency,
    },
    /// Mean spends over different transactions.
    #[error("a sample takes mean spends over {expected}, got a customer's over {found}")]
    SpendBasisMismatch {
        /// Basis of the customers before.
        expected: crate::summary::SpendBasis,
        /// Basis of this one.
        found: crate::summary::SpendBasis,
    },
    /// An amount of money that no transaction can have.
    #[error("an amount must be a number from 0 to 1e18, got {found}")]
    Amount {
        /// What was given.
        found: f64,
    },
    /// Covariates that do not fit the sample, the design or the model.
    #[error(transparent)]
    Covariate(#[from] CovariateError),
    /// Covariates over time that do not fit the sample, the design or the model.
    #[error(transparent)]
    TimeVarying(#[from] TimeVaryingError),
    /// An estimate left the domain of its parameter.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// An answer whose uncertainty was asked for does not exist.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A number of the report left its domain.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}
