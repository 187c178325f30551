//! A model judged by what customers did after the period it learned from.

use guanxi::model::{ModelError, PurchaseModel, PurchasePosterior, SpendModel, SpendPosterior};
use guanxi::summary::{CalibrationSplit, SplitCustomer};

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
    fn add(&mut self, predicted: f64, actual: f64) {
        self.predicted += predicted;
        self.actual += actual;
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
    /// The empty bin from this many tenths on.
    fn starting_at(tenths: u8) -> Self {
        Self {
            lower: f64::from(tenths) / 10.0,
            ..Self::default()
        }
    }

    /// Standard deviation that the observed share would have if the prediction were right.
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
    ) -> Result<Self, ModelError> {
        let mut check = Self {
            purchases: Compared::default(),
            value: Compared::default(),
            error: 0.0,
            naive: (Compared::default(), 0.0),
            bins: (0..10).map(Bin::starting_at).collect(),
            brier: 0.0,
            base_rate_brier: 0.0,
            without_spend: 0,
        };
        let span = split.holdout();
        let mut active = 0.0;
        for customer in split.customers() {
            let posterior = purchases.posterior(customer.calibration())?;
            let predicted = posterior.expected_purchases(span);
            let actual = f64::from(customer.holdout_transactions());
            check.purchases.add(predicted, actual);
            check.error += (predicted - actual).abs();
            let naive = pace(customer) * span.in_unit(purchases.unit());
            check.naive.0.add(naive, actual);
            check.naive.1 += (naive - actual).abs();
            match spend.posterior(customer.calibration().spend()) {
                Ok(spend) => check.value.add(
                    predicted * spend.expected_spend(),
                    customer.holdout_spend().to_f64(),
                ),
                Err(ModelError::Undefined { .. }) => check.without_spend += 1,
                Err(error) => return Err(error),
            }
            let happened = if actual > 0.0 { 1.0 } else { 0.0 };
            active += happened;
            check.tell(posterior.probability_active(span), happened);
        }
        let n = split.customers().len() as f64;
        check.error /= n;
        check.naive.1 /= n;
        check.brier /= n;
        check.base_rate_brier = active / n * (1.0 - active / n);
        check.bins.retain(|bin| bin.customers > 0.0);
        for bin in &mut check.bins {
            bin.predicted /= bin.customers;
            bin.observed /= bin.customers;
        }
        Ok(check)
    }

    /// Takes in one P(active) and what happened.
    fn tell(&mut self, probability: f64, happened: f64) {
        self.brier += (probability - happened) * (probability - happened);
        let bin = (1..10)
            .filter(|&i| probability >= f64::from(i) / 10.0)
            .count();
        let bin = &mut self.bins[bin];
        bin.customers += 1.0;
        bin.predicted += probability;
        bin.observed += happened;
    }
}

/// Repeat purchases per unit of time so far.
fn pace(customer: &SplitCustomer) -> f64 {
    let rfm = customer.calibration();
    if rfm.age() > 0.0 {
        f64::from(rfm.frequency()) / rfm.age()
    } else {
        0.0
    }
}
