//! Forecasts of rows by what was learned from the others.

use super::solve::Moments;
use super::{Estimate, OutOfSample, OutcomeRow, Weights};
use crate::quantity::QuantityError;

/// Squared errors over all rows, each forecast by the parts it is not in.
#[derive(Debug, Clone, Default)]
pub(super) struct HeldOut {
    mean: f64,
    learned: f64,
    equal: f64,
    default: f64,
    /// By how much the squared error of each row is lower with learned than with equal weights.
    gains: Vec<f64>,
}

/// Forecasts every row by the other parts; row `i` is in part `i mod folds`.
pub(super) fn held_out(rows: &[OutcomeRow], folds: usize) -> HeldOut {
    let mut errors = HeldOut::default();
    for part in 0..folds {
        let numbered = rows.iter().enumerate();
        let (inside, others) = (
            numbered.clone().filter(|(i, _)| i % folds == part),
            numbered.filter(|(i, _)| i % folds != part),
        );
        let moments = Moments::of(others.map(|(_, row)| row));
        let learned = moments.non_negative();
        let equal = moments.in_proportion(Weights::equal().shares().into_array());
        let default = moments.in_proportion(Weights::default().shares().into_array());
        for (_, row) in inside {
            let square = |b| (row.outcome - moments.forecast(b, row)).powi(2);
            errors.mean += square(&[0.0; 4]);
            errors.learned += square(&learned);
            errors.equal += square(&equal);
            errors.default += square(&default);
            errors.gains.push(square(&equal) - square(&learned));
        }
    }
    errors
}

impl HeldOut {
    pub(super) fn of_learned(&self) -> OutOfSample {
        self.judged(self.learned)
    }

    pub(super) fn of_equal(&self) -> OutOfSample {
        self.judged(self.equal)
    }

    pub(super) fn of_default(&self) -> OutOfSample {
        self.judged(self.default)
    }

    fn judged(&self, squares: f64) -> OutOfSample {
        OutOfSample {
            // The outcome varies, so the mean is wrong somewhere.
            r_squared: 1.0 - squares / self.mean.max(f64::MIN_POSITIVE),
            rmse: (squares / self.gains.len() as f64).sqrt(),
        }
    }

    /// The mean gain over equal weights, with its standard error.
    pub(super) fn advantage(&self) -> Result<Estimate, QuantityError> {
        let n = self.gains.len() as f64;
        let mean = self.gains.iter().sum::<f64>() / n;
        let squares: f64 = self.gains.iter().map(|g| (g - mean).powi(2)).sum();
        Estimate::new(mean, (squares / (n - 1.0) / n).sqrt(), n)
    }
}
