//! Survival curves as they are written, and their check on the way in.

use super::{KaplanMeier, METRIC, Observed, RiskSet, SurvivalStep, curve};
use crate::quantity::QuantityError;
use crate::quantity::stored::{StoredError, not_negative, positive, share};

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Observed", deny_unknown_fields)]
pub(super) struct RawObserved {
    #[serde(default)]
    entry: f64,
    time: f64,
    event: bool,
    #[serde(default = "one")]
    weight: f64,
}

const fn one() -> f64 {
    1.0
}

impl TryFrom<RawObserved> for Observed {
    type Error = QuantityError;

    fn try_from(raw: RawObserved) -> Result<Self, Self::Error> {
        let observed = Self {
            entry: raw.entry,
            time: raw.time,
            event: raw.event,
            weight: raw.weight,
        };
        match observed.fault() {
            None => Ok(observed),
            Some((quantity, expected, found)) => Err(QuantityError::Domain {
                quantity,
                expected,
                found,
            }),
        }
    }
}

impl From<Observed> for RawObserved {
    fn from(observed: Observed) -> Self {
        Self {
            entry: observed.entry,
            time: observed.time,
            event: observed.event,
            weight: observed.weight,
        }
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "SurvivalStep", deny_unknown_fields)]
pub(super) struct RawStep {
    time: f64,
    remaining: f64,
    events: f64,
    survival: f64,
    standard_error: Option<f64>,
}

impl TryFrom<RawStep> for SurvivalStep {
    type Error = StoredError;

    fn try_from(raw: RawStep) -> Result<Self, Self::Error> {
        let step = Self {
            time: not_negative("time", raw.time)?,
            remaining: not_negative("remaining", raw.remaining)?,
            events: positive("events", raw.events)?,
            survival: share("survival", raw.survival)?,
            standard_error: raw
                .standard_error
                .map(|error| not_negative("standard_error", error))
                .transpose()?,
        };
        positive("at_risk", step.at_risk())?;
        if step.standard_error.is_some() == (step.remaining > 0.0) {
            Ok(step)
        } else {
            Err(disagree(
                "standard_error",
                "a number while customers remain, and none after",
                format!("{:?}", step.standard_error),
            ))
        }
    }
}

impl From<SurvivalStep> for RawStep {
    fn from(step: SurvivalStep) -> Self {
        Self {
            time: step.time,
            remaining: step.remaining,
            events: step.events,
            survival: step.survival,
            standard_error: step.standard_error,
        }
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "KaplanMeier", deny_unknown_fields)]
pub(super) struct RawCurve {
    start: f64,
    end: f64,
    customers: f64,
    steps: Vec<SurvivalStep>,
}

impl TryFrom<RawCurve> for KaplanMeier {
    type Error = StoredError;

    fn try_from(raw: RawCurve) -> Result<Self, Self::Error> {
        let found = Self {
            start: not_negative("start", raw.start)?,
            end: not_negative("end", raw.end)?,
            customers: positive("customers", raw.customers)?,
            steps: raw.steps,
        };
        found.check_order()?;
        let sets = found.steps.iter().map(|step| RiskSet {
            time: step.time,
            remaining: step.remaining,
            events: step.events,
        });
        let steps = curve(sets.collect())
            .map_err(|error| disagree(METRIC, "a finite variance", error.to_string()))?;
        for (stored, step) in found.steps.iter().zip(&steps) {
            if !agree(stored, step) {
                return Err(disagree(
                    "survival and standard_error",
                    "what remaining and events lead to",
                    format!("{stored:?}"),
                ));
            }
        }
        Ok(found)
    }
}

impl KaplanMeier {
    /// Times rise from the start to the end, and nobody is there after all have left.
    fn check_order(&self) -> Result<(), StoredError> {
        let starts_before = |time: f64| self.start < time || (self.start <= 0.0 && time >= 0.0);
        if !starts_before(self.end) {
            return Err(disagree("end", "after start", self.end.to_string()));
        }
        let mut previous = None;
        for step in &self.steps {
            let follows = previous.map_or(starts_before(step.time), |time| time < step.time);
            if !follows || step.time > self.end {
                return Err(disagree(
                    "time",
                    "rising from the start to the end",
                    step.time.to_string(),
                ));
            }
            // A sum of weights may round either way.
            if step.at_risk() > self.customers * (1.0 + 1e-9) {
                return Err(disagree(
                    "at_risk",
                    "at most all customers",
                    step.at_risk().to_string(),
                ));
            }
            if step.remaining <= 0.0 && step.time < self.end {
                return Err(disagree(
                    "remaining",
                    "above 0 before the end",
                    step.remaining.to_string(),
                ));
            }
            previous = Some(step.time);
        }
        Ok(())
    }
}

impl From<KaplanMeier> for RawCurve {
    fn from(curve: KaplanMeier) -> Self {
        Self {
            start: curve.start,
            end: curve.end,
            customers: curve.customers,
            steps: curve.steps,
        }
    }
}

/// Whether the numbers that follow from the others are what is stored.
fn agree(a: &SurvivalStep, b: &SurvivalStep) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs();
    near(a.survival, b.survival)
        && match (a.standard_error, b.standard_error) {
            (Some(a), Some(b)) => near(a, b),
            (a, b) => a == b,
        }
}

fn disagree(what: &'static str, expected: &str, found: String) -> StoredError {
    StoredError::Disagree {
        what,
        expected: expected.to_owned(),
        found,
    }
}
