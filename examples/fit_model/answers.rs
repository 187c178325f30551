//! A fit in words and as JSON, whatever the model.

use guanxi::model::{FitReport, Phases};
use guanxi::quantity::TimeUnit;
use guanxi::summary::CalibrationSplit;
use serde_json::Value;

use crate::Question;
use crate::support::{Family, fit_json, fit_text, number, object, rounded};

/// What the holdout shows, if there is one.
pub(crate) struct Holdout {
    /// By the model.
    pub(crate) predicted: f64,
    /// In truth.
    pub(crate) actual: f64,
}

/// A holdout in words.
pub(crate) struct Checked;

impl Checked {
    /// Purchases predicted beside those made.
    pub(crate) fn purchases(
        (split, holdout): (&CalibrationSplit, &Holdout),
        unit: TimeUnit,
    ) -> String {
        format!(
            "\nHoldout: {} {unit}s to {}\n  purchases predicted {}, actual {}\n",
            rounded(split.holdout().length(), 2),
            split.holdout_end().date_naive(),
            rounded(holdout.predicted, 1),
            rounded(holdout.actual, 0)
        )
    }
}

/// What every answer begins with.
pub(crate) struct Printed<'a> {
    /// What was asked for.
    pub(crate) question: &'a Question,
    /// The certificate.
    pub(crate) report: &'a FitReport,
    /// Phases of a gap, if the model has them.
    pub(crate) k: Option<Phases>,
    /// Covariates by name, mean and standard deviation, if effects are by the latter.
    pub(crate) covariates: &'a [(String, f64, f64)],
    /// Seconds to read, to summarise and to fit.
    pub(crate) times: [f64; 3],
}

impl Printed<'_> {
    /// The certificate in words.
    pub(crate) fn heading(&self) -> String {
        let [read, summarise, fit] = self.times.map(|seconds| seconds * 1e3);
        let title = match self.k {
            Some(k) => format!("{} with k = {k}", self.question.model.title()),
            None => self.report.model().to_owned(),
        };
        let measure = match self.question.model.family() {
            Family::Spend => "the currency of the amounts".to_owned(),
            _ => format!("{}s", self.question.unit),
        };
        format!(
            "{title} in {measure}\n{}  read {read:.1} ms, summarise {summarise:.1} ms, fit {fit:.1} ms\n",
            fit_text(self.report)
        )
    }

    /// The answer as one JSON object.
    pub(crate) fn json(&self, holdout: Option<&Holdout>) -> String {
        let mut pairs = vec![
            ("model", Value::from(self.question.model.name())),
            ("unit", Value::from(self.question.unit.to_string())),
        ];
        if let Some(k) = self.k {
            pairs.push(("k", Value::from(k.get())));
        }
        pairs.extend(fit_json(self.report));
        if !self.covariates.is_empty() {
            let standard = self.covariates.iter().map(|(name, mean, deviation)| {
                let pair = [
                    ("mean", Value::from(*mean)),
                    ("deviation", Value::from(*deviation)),
                ];
                (name.as_str(), object(pair))
            });
            pairs.push(("covariates", object(standard)));
        }
        let [read, summarise, fit] = self.times;
        let seconds = [("read", read), ("summarise", summarise), ("fit", fit)];
        let seconds = seconds.map(|(name, value)| (name, Value::from(value)));
        pairs.push(("seconds", object(seconds)));
        if let Some(Holdout { predicted, actual }) = holdout {
            let pair = [
                ("predicted", Value::from(*predicted)),
                ("actual", number(*actual)),
            ];
            pairs.push(("holdout", object(pair)));
        }
        format!("{:#}\n", object(pairs))
    }
}
