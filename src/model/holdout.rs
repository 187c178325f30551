//! A model judged by what customers did after the calibration it learned from (留出检验).

use crate::history::CustomerId;
use crate::metric::{
    Bins, CalibrationBin, ForecastScore, MetricError, ProbabilityScore, RankedGroup,
    calibration_bins, normalised_gini, ranked_groups,
};
use crate::quantity::QuantityError;
use crate::summary::{CalibrationSplit, RfmSummary};

use super::purchase::{ModelError, PurchaseModel, PurchasePosterior};
use super::spend::{SpendModel, SpendPosterior};

/// Why a model could not be judged.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HoldoutError {
    /// Nobody to predict.
    #[error("a holdout needs a customer with a transaction in the calibration, got none")]
    Empty,
    /// No customer could be predicted.
    #[error("none of {customers} customers can be predicted; the first, {first}")]
    Unpredicted {
        /// How many there are.
        customers: usize,
        /// The first of them.
        first: CustomerId,
        /// Why not.
        #[source]
        error: ModelError,
    },
    /// A score has no value for these predictions.
    #[error(transparent)]
    Metric(#[from] MetricError),
}

/// What a purchase model said of the holdout, beside what happened in it.
///
/// Each customer of the calibration is predicted alone, from what the calibration shows of them; a
/// model fitted to anything later has seen what it is judged by.
///
/// # Examples
///
/// ```
/// use guanxi::model::{Holdout, MbgNbd, MbgNbdParameters};
/// use guanxi::quantity::{Currency, Money, TimeUnit};
/// use guanxi::summary::{CustomerBase, SummaryPolicy};
///
/// let noon = |day: &str| format!("{day}T12:00:00Z").parse::<chrono::DateTime<chrono::Utc>>();
/// let ten = Money::parse("10", Currency::USD)?;
/// let mut base = CustomerBase::new(SummaryPolicy::default());
/// for (customer, day) in [
///     ("a", "1997-01-01"), ("a", "1997-08-30"), ("a", "1997-12-01"), ("b", "1997-01-05"),
/// ] {
///     base.observe_purchase(customer, noon(day)?, ten)?;
/// }
/// let model = MbgNbd::new(MbgNbdParameters {
///     unit: TimeUnit::Week,
///     r: 0.525,
///     alpha: 6.183,
///     a: 0.891,
///     b: 1.614,
/// })?;
/// let holdout = Holdout::new(&model, &base.split(noon("1997-09-30")?, noon("1998-06-30")?)?)?;
/// assert_eq!(holdout.purchases().actual_total(), 1.0);
/// assert!((holdout.purchases().predicted_total() - 0.94648).abs() < 1e-5);
/// assert!(holdout.active().brier() < holdout.active().brier_of_base_rate());
/// assert!(holdout.unpredicted().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Holdout {
    purchases: ForecastScore,
    at_pace: ForecastScore,
    active: ProbabilityScore,
    calibration: Vec<CalibrationBin>,
    gini: Option<f64>,
    groups: Vec<RankedGroup>,
    unpredicted: Vec<(CustomerId, QuantityError)>,
}

/// Ten of each, as usual.
const TENTHS: u16 = 10;

impl Holdout {
    /// Judges a model, with P(active) in tenths and customers in deciles.
    ///
    /// # Errors
    ///
    /// - [`HoldoutError::Empty`] without a customer, and [`HoldoutError::Unpredicted`] if the model
    ///   can predict none, such as one in another unit.
    /// - [`HoldoutError::Metric`] if a score does not exist.
    pub fn new<M: PurchaseModel>(
        model: &M,
        split: &CalibrationSplit,
    ) -> Result<Self, HoldoutError> {
        Self::grouped(model, split, Bins::EqualWidth(TENTHS), TENTHS)
    }

    /// Judges a model with other bins of P(active), and customers in so many groups by expected
    /// purchases; fewer if there are not as many customers.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn grouped<M: PurchaseModel>(
        model: &M,
        split: &CalibrationSplit,
        bins: Bins,
        groups: u16,
    ) -> Result<Self, HoldoutError> {
        let span = split.holdout();
        let mut unpredicted = Vec::new();
        let (mut predicted, mut paced, mut actual) = (Vec::new(), Vec::new(), Vec::new());
        let (mut active, mut happened) = (Vec::new(), Vec::new());
        for customer in split.customers() {
            let posterior = match model.posterior(customer.calibration()) {
                Ok(posterior) => posterior,
                Err(error) => {
                    unpredicted.push((customer.customer().clone(), error));
                    continue;
                }
            };
            predicted.push(posterior.expected_purchases(span));
            active.push(posterior.probability_active(span));
            let ahead = span.in_unit(customer.calibration().unit());
            paced.push(pace(customer.calibration()) * ahead);
            actual.push(f64::from(customer.holdout_transactions()));
            happened.push(customer.holdout_transactions() > 0);
        }
        if predicted.is_empty() {
            return Err(none_predicted(unpredicted));
        }
        Ok(Self {
            purchases: ForecastScore::new(&predicted, &actual)?,
            at_pace: ForecastScore::new(&paced, &actual)?,
            active: ProbabilityScore::new(&active, &happened)?,
            calibration: calibration_bins(&active, &happened, bins)?,
            gini: gini(&predicted, &actual)?,
            groups: ranked(&predicted, &actual, groups)?,
            unpredicted,
        })
    }

    /// Expected purchases beside actual ones: totals and the errors of one customer.
    #[must_use]
    pub fn purchases(&self) -> &ForecastScore {
        &self.purchases
    }

    /// The same for customers who go on at the pace of the calibration, frequency over age: what a
    /// model is to beat.
    #[must_use]
    pub fn at_pace(&self) -> &ForecastScore {
        &self.at_pace
    }

    /// P(active), the chance of at least one purchase, beside what happened: Brier score, log score,
    /// and those of the share who were active, told to everybody with hindsight.
    #[must_use]
    pub fn active(&self) -> &ProbabilityScore {
        &self.active
    }

    /// Whether what was called likely happened: P(active) in bins with a customer, from low to
    /// high.
    #[must_use]
    pub fn calibration(&self) -> &[CalibrationBin] {
        &self.calibration
    }

    /// How well expected purchases rank the customers, the normalised Gini coefficient from −1 to 1;
    /// `None` if all bought equally often.
    #[must_use]
    pub fn gini(&self) -> Option<f64> {
        self.gini
    }

    /// Customers in groups by expected purchases, the highest first: the decile table.
    #[must_use]
    pub fn groups(&self) -> &[RankedGroup] {
        &self.groups
    }

    /// Customers the model could not predict, left out of all scores, and why.
    #[must_use]
    pub fn unpredicted(&self) -> &[(CustomerId, QuantityError)] {
        &self.unpredicted
    }
}

/// What a purchase model and a spend model said the holdout's purchases would be worth, beside what
/// they were.
///
/// # Units
///
/// Values are in major units of the spend model's currency.
#[derive(Debug, Clone, PartialEq)]
pub struct HoldoutValue {
    value: ForecastScore,
    gini: Option<f64>,
    groups: Vec<RankedGroup>,
    unpredicted: Vec<(CustomerId, ModelError)>,
}

impl HoldoutValue {
    /// Judges expected purchases times expected spend in one purchase.
    ///
    /// # Errors
    ///
    /// As [`Holdout::new`]. A customer of another currency, or one without a spend of their own
    /// where the model has no population mean, is [left out](Self::unpredicted) and named.
    pub fn new<P: PurchaseModel, S: SpendModel>(
        purchases: &P,
        spend: &S,
        split: &CalibrationSplit,
    ) -> Result<Self, HoldoutError> {
        let span = split.holdout();
        let mut unpredicted = Vec::new();
        let (mut predicted, mut actual) = (Vec::new(), Vec::new());
        for customer in split.customers() {
            let worth = || -> Result<f64, ModelError> {
                let (expected, found) = (spend.currency(), customer.holdout_spend().currency());
                if expected != found {
                    return Err(QuantityError::CurrencyMismatch { expected, found }.into());
                }
                let each = spend.posterior(customer.calibration().spend())?;
                let posterior = purchases.posterior(customer.calibration())?;
                Ok(posterior.expected_purchases(span) * each.expected_spend())
            };
            match worth() {
                Ok(worth) => {
                    predicted.push(worth);
                    actual.push(customer.holdout_spend().to_f64());
                }
                Err(error) => unpredicted.push((customer.customer().clone(), error)),
            }
        }
        if predicted.is_empty() {
            return Err(none_predicted(unpredicted));
        }
        Ok(Self {
            value: ForecastScore::new(&predicted, &actual)?,
            gini: gini(&predicted, &actual)?,
            groups: ranked(&predicted, &actual, TENTHS)?,
            unpredicted,
        })
    }

    /// Expected value beside actual value: totals and the errors of one customer.
    #[must_use]
    pub fn value(&self) -> &ForecastScore {
        &self.value
    }

    /// How well expected value ranks the customers, the normalised Gini coefficient from −1 to 1;
    /// `None` if all spent the same.
    #[must_use]
    pub fn gini(&self) -> Option<f64> {
        self.gini
    }

    /// Customers in deciles by expected value, the highest first; fewer groups if there are fewer
    /// customers.
    #[must_use]
    pub fn groups(&self) -> &[RankedGroup] {
        &self.groups
    }

    /// Customers the models could not predict, left out of all scores, and why.
    #[must_use]
    pub fn unpredicted(&self) -> &[(CustomerId, ModelError)] {
        &self.unpredicted
    }
}

/// Why there are no predictions.
fn none_predicted<E: Into<ModelError>>(unpredicted: Vec<(CustomerId, E)>) -> HoldoutError {
    let customers = unpredicted.len();
    match unpredicted.into_iter().next() {
        Some((first, error)) => HoldoutError::Unpredicted {
            customers,
            first,
            error: error.into(),
        },
        None => HoldoutError::Empty,
    }
}

/// Repeat purchases per unit of time so far.
fn pace(customer: &RfmSummary) -> f64 {
    if customer.age() > 0.0 {
        f64::from(customer.frequency()) / customer.age()
    } else {
        0.0
    }
}

/// None where there is no order to find.
fn gini(predicted: &[f64], actual: &[f64]) -> Result<Option<f64>, MetricError> {
    if actual
        .windows(2)
        .all(|pair| pair[0].total_cmp(&pair[1]).is_eq())
    {
        return Ok(None);
    }
    normalised_gini(predicted, actual).map(Some)
}

fn ranked(predicted: &[f64], actual: &[f64], groups: u16) -> Result<Vec<RankedGroup>, MetricError> {
    let most = u16::try_from(predicted.len()).unwrap_or(u16::MAX);
    ranked_groups(predicted, actual, groups.min(most))
}
