//! A model judged by what customers did after the period it learned from: what the examples print of
//! the library's judgement.

use guanxi::metric::ForecastScore;
use guanxi::model::{Holdout, HoldoutError, HoldoutValue, ModelError, PurchaseModel, SpendModel};
use guanxi::summary::CalibrationSplit;

/// Predictions for the holdout beside what happened in it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HoldoutCheck {
    /// Purchases of the calibrated customers.
    pub(crate) purchases: Compared,
    /// Value of these purchases, in major units.
    pub(crate) value: Compared,
    /// Mean absolute error of one customer's predicted purchases.
    pub(crate) error: f64,
    /// The same for a customer who would go on at the rate seen so far, with its total.
    pub(crate) naive: (Compared, f64),
    /// P(active) in tenths; those without a customer are left out.
    pub(crate) bins: Vec<Bin>,
    /// Mean squared error of P(active).
    pub(crate) brier: f64,
    /// The same for the share of all who were active, told to everyone with hindsight.
    pub(crate) base_rate_brier: f64,
    /// Customers without an expected spend, left out of the value.
    pub(crate) without_spend: usize,
}

/// A prediction and the truth.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Compared {
    pub(crate) predicted: f64,
    pub(crate) actual: f64,
}

impl Compared {
    fn of(score: &ForecastScore) -> Self {
        Self {
            predicted: score.predicted_total(),
            actual: score.actual_total(),
        }
    }

    /// By which share of the truth the prediction is off; none without a truth.
    pub(crate) fn relative_error(self) -> Option<f64> {
        (self.actual != 0.0).then(|| self.predicted / self.actual - 1.0)
    }
}

/// Customers with P(active) in one tenth.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Bin {
    /// Lower end of the tenth.
    pub(crate) lower: f64,
    /// How many there are.
    pub(crate) customers: f64,
    /// Their mean P(active).
    pub(crate) predicted: f64,
    /// The share who were active.
    pub(crate) observed: f64,
}

impl Bin {
    /// Standard deviation that the observed share would have if everyone had the mean prediction;
    /// at most a little more than with each their own.
    pub(crate) fn chance(&self) -> f64 {
        (self.predicted * (1.0 - self.predicted) / self.customers).sqrt()
    }
}

impl HoldoutCheck {
    /// Asks models fitted to the calibration about the holdout.
    pub(crate) fn new<P: PurchaseModel, S: SpendModel>(
        split: &CalibrationSplit,
        purchases: &P,
        spend: &S,
    ) -> Result<Self, HoldoutError> {
        let holdout = Holdout::new(purchases, split)?;
        let (value, without_spend) = value(split, purchases, spend)?;
        let (paced, active) = (holdout.at_pace(), holdout.active());
        let bins = holdout.calibration().iter().map(|bin| Bin {
            lower: bin.lower(),
            customers: bin.customers() as f64,
            predicted: bin.predicted(),
            observed: bin.observed(),
        });
        Ok(Self {
            purchases: Compared::of(holdout.purchases()),
            value,
            error: holdout.purchases().mean_absolute_error(),
            naive: (Compared::of(paced), paced.mean_absolute_error()),
            bins: bins.collect(),
            brier: active.brier(),
            base_rate_brier: active.brier_of_base_rate(),
            without_spend,
        })
    }
}

/// The value of the purchases, and how many customers it leaves out because they have no expected
/// spend; nothing else may keep one from being predicted.
fn value<P: PurchaseModel, S: SpendModel>(
    split: &CalibrationSplit,
    purchases: &P,
    spend: &S,
) -> Result<(Compared, usize), HoldoutError> {
    let value = match HoldoutValue::new(purchases, spend, split) {
        Err(HoldoutError::Unpredicted {
            customers,
            error: ModelError::Undefined { .. },
            ..
        }) => return Ok((Compared::default(), customers)),
        outcome => outcome?,
    };
    let mut others = value.unpredicted().iter();
    match others.find(|(_, error)| !matches!(error, ModelError::Undefined { .. })) {
        Some((customer, error)) => Err(HoldoutError::Unpredicted {
            customers: value.unpredicted().len(),
            first: customer.clone(),
            error: error.clone(),
        }),
        None => Ok((Compared::of(value.value()), value.unpredicted().len())),
    }
}
