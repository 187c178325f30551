//! How certificates, options and values are read back, and the doubts they are read with.
//!
//! What was stored is taken for a fit only if a fit can have written it: finite numbers, intervals
//! around their estimates, a covariance that is one, and parameters that are those of the model.

use std::borrow::Cow;

use serde::Deserialize;

use crate::numeric::linear::Symmetric;
use crate::quantity::stored::{StoredError, agree, finite, not_negative, positive, share};
use crate::quantity::{
    Currency, DiscountRate, Estimate, Horizon, Interval, Money, Probability, QuantityError,
    TimeUnit,
};

use super::clv::{ClvTerms, Draws};
use super::fit::{FitError, FitOptions, Fitted, Ridge};
use super::maximise::SETTLED;
use super::parameter::{ParameterKind, Parametric};
use super::report::{FitReport, Note, ParameterEstimate};
use super::value::{LifetimeValue, UncertaintySource, ValueUncertainty};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "ParameterEstimate")]
pub(super) struct RawEstimate {
    name: String,
    #[serde(default)]
    kind: ParameterKind,
    value: f64,
    standard_error: Option<f64>,
    interval: Option<Interval>,
}

impl TryFrom<RawEstimate> for ParameterEstimate {
    type Error = StoredError;

    fn try_from(raw: RawEstimate) -> Result<Self, StoredError> {
        match raw.kind {
            ParameterKind::Positive => {
                positive("estimate of a parameter", raw.value)?;
            }
            kind if kind.contains(raw.value) => {}
            kind => {
                return Err(StoredError::Quantity(QuantityError::Domain {
                    quantity: "estimate of a parameter",
                    expected: kind.range(),
                    found: raw.value,
                }));
            }
        }
        if let Some(error) = raw.standard_error {
            not_negative("standard error", error)?;
        }
        let has_interval = raw.interval.is_some();
        agree(
            "presence of an interval",
            &raw.standard_error.is_some(),
            &has_interval,
        )?;
        match raw.interval {
            Some(interval) if !interval.contains(raw.value) => Err(StoredError::Disagree {
                what: "interval of a parameter",
                expected: format!("around its estimate, {}", raw.value),
                found: format!("{} to {}", interval.lower(), interval.upper()),
            }),
            _ => Ok(Self {
                name: Cow::Owned(raw.name),
                kind: raw.kind,
                value: raw.value,
                standard_error: raw.standard_error,
                interval: raw.interval,
            }),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "FitReport")]
pub(super) struct RawReport {
    model: String,
    #[serde(default)]
    scale: String,
    parameters: Vec<ParameterEstimate>,
    log_likelihood: f64,
    nested_log_likelihood: Option<f64>,
    customers: f64,
    rows: usize,
    gradient_norm: f64,
    curvature: f64,
    iterations: u32,
    evaluations: u32,
    level: Probability,
    notes: Vec<Note>,
    covariance: Symmetric,
}

impl TryFrom<RawReport> for FitReport {
    type Error = StoredError;

    fn try_from(raw: RawReport) -> Result<Self, StoredError> {
        finite("log_likelihood", raw.log_likelihood)?;
        finite(
            "nested_log_likelihood",
            raw.nested_log_likelihood.unwrap_or(0.0),
        )?;
        positive("customers", raw.customers)?;
        not_negative("curvature", raw.curvature)?;
        // Written so that NaN fails it.
        if !(0.0..=SETTLED).contains(&raw.gradient_norm) {
            return Err(StoredError::Quantity(QuantityError::Domain {
                quantity: "gradient_norm",
                expected: "from 0 to 1e-6, where a search has settled",
                found: raw.gradient_norm,
            }));
        }
        check_covariance(&raw)?;
        let report = Self {
            model: Cow::Owned(raw.model),
            scale: raw.scale,
            parameters: raw.parameters,
            log_likelihood: raw.log_likelihood,
            nested_log_likelihood: raw.nested_log_likelihood,
            customers: raw.customers,
            rows: raw.rows,
            gradient_norm: raw.gradient_norm,
            curvature: raw.curvature,
            iterations: raw.iterations,
            evaluations: raw.evaluations,
            level: raw.level,
            notes: raw.notes,
            covariance: raw.covariance,
        };
        let mut parameters = report.parameters.iter();
        agree(
            "presence of a parameter without standard error",
            &report.boundary().is_some(),
            &parameters.any(|p| p.standard_error.is_none()),
        )?;
        Ok(report)
    }
}

/// Whether the covariance has the size of the parameters, and their standard errors and intervals
/// are those that it gives.
fn check_covariance(raw: &RawReport) -> Result<(), StoredError> {
    let n = raw.parameters.len();
    agree("size of covariance", &n, &raw.covariance.size())?;
    for (i, parameter) in raw.parameters.iter().enumerate() {
        if let Some(interval) = parameter.interval {
            let (level, found) = (raw.level.value(), interval.level().value());
            agree("level of an interval", &level, &found)?;
        }
        let Some(found) = parameter.standard_error else {
            continue;
        };
        let slope = parameter.kind.slope(parameter.value).abs();
        let expected = slope * raw.covariance.at(i, i).sqrt();
        // The rounding of another program is no contradiction.
        if (found - expected).abs() > 1e-9 * expected {
            return Err(StoredError::Disagree {
                what: "standard error",
                expected: format!("{expected}, as covariance has it"),
                found: found.to_string(),
            });
        }
    }
    Ok(())
}

/// How a covariance matrix is written: its rows.
impl From<Symmetric> for Vec<Vec<f64>> {
    fn from(matrix: Symmetric) -> Self {
        let n = matrix.size();
        let row = |i| (0..n).map(|j| matrix.at(i, j)).collect();
        (0..n).map(row).collect()
    }
}

impl TryFrom<Vec<Vec<f64>>> for Symmetric {
    type Error = StoredError;

    fn try_from(rows: Vec<Vec<f64>>) -> Result<Self, StoredError> {
        let n = rows.len();
        for row in &rows {
            agree("length of a row of covariance", &n, &row.len())?;
        }
        let mut matrix = Self::zeros(n);
        for (i, row) in rows.iter().enumerate() {
            not_negative("variance in covariance", row[i])?;
            for (j, &cell) in row.iter().enumerate().take(i) {
                finite("cell of covariance", cell)?;
                if cell.to_bits() != rows[j][i].to_bits() {
                    return Err(StoredError::Disagree {
                        what: "covariance",
                        expected: format!("symmetric, {} below the diagonal", rows[j][i]),
                        found: cell.to_string(),
                    });
                }
                // Beyond the rounding of two parameters that are as good as one.
                let most = row[i].sqrt() * rows[j][j].sqrt() * (1.0 + 1e-6);
                if cell.abs() > most {
                    return Err(StoredError::Disagree {
                        what: "covariance of two parameters",
                        expected: format!("at most {most} in size, as their variances have it"),
                        found: cell.to_string(),
                    });
                }
                matrix.set(i, j, cell);
            }
            matrix.set(i, i, row[i]);
        }
        Ok(matrix)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "Fitted")]
pub(super) struct RawFitted<M> {
    model: M,
    report: FitReport,
}

impl<M: Parametric> TryFrom<RawFitted<M>> for Fitted<M> {
    type Error = StoredError;

    fn try_from(raw: RawFitted<M>) -> Result<Self, StoredError> {
        let RawFitted { model, mut report } = raw;
        agree("model of a report", &M::MODEL, &report.model())?;
        let names: Vec<&str> = report
            .parameters
            .iter()
            .map(ParameterEstimate::name)
            .collect();
        let expected = model.names();
        let expected: Vec<&str> = expected.iter().map(AsRef::as_ref).collect();
        agree("parameters of a report", &expected, &names)?;
        let kinds: Vec<ParameterKind> = report.parameters.iter().map(|p| p.kind).collect();
        agree("kinds of parameters", &model.kinds(), &kinds)?;
        for (value, parameter) in model.values().iter().zip(&report.parameters) {
            // Equal to the last bit, as it was written.
            agree("parameter of a report", value, &parameter.value)?;
        }
        report.model = Cow::Borrowed(M::MODEL);
        for (parameter, name) in report.parameters.iter_mut().zip(model.names()) {
            parameter.name = name;
        }
        Ok(Self { model, report })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "Ridge")]
pub(super) struct RawRidge {
    strength: f64,
    model: String,
    scale: String,
    centre: Vec<f64>,
    #[serde(default)]
    kinds: Vec<ParameterKind>,
}

impl TryFrom<RawRidge> for Ridge {
    type Error = FitError;

    fn try_from(raw: RawRidge) -> Result<Self, FitError> {
        Ridge::check_strength(raw.strength)?;
        for (i, &found) in raw.centre.iter().enumerate() {
            // The model is known by name only; a fit compares it and the number of parameters.
            let kind = raw.kinds.get(i).copied().unwrap_or_default();
            if !kind.contains(found) {
                return Err(FitError::Option {
                    option: "the centre of a ridge",
                    expected: match kind {
                        ParameterKind::Positive => "numbers from 1e-12 to 1e12",
                        kind => kind.range(),
                    },
                    found,
                });
            }
        }
        Ok(Self {
            strength: raw.strength,
            model: Cow::Owned(raw.model),
            scale: raw.scale,
            centre: raw.centre,
            kinds: raw.kinds,
        })
    }
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields, rename = "FitOptions")]
pub(super) struct RawOptions {
    level: Probability,
    iterations: u32,
    ridge: Option<Ridge>,
}

impl Default for RawOptions {
    fn default() -> Self {
        let FitOptions {
            level,
            iterations,
            ridge,
            ..
        } = FitOptions::default();
        Self {
            level,
            iterations,
            ridge,
        }
    }
}

impl TryFrom<RawOptions> for FitOptions {
    type Error = FitError;

    fn try_from(raw: RawOptions) -> Result<Self, FitError> {
        let options = Self {
            level: raw.level,
            iterations: raw.iterations,
            ridge: raw.ridge,
            ..Self::default()
        };
        options.check_level()?;
        Ok(options)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "ClvTerms")]
pub(super) struct RawTerms {
    margin: f64,
    cost_to_serve: Option<(Money, TimeUnit)>,
    discount: DiscountRate,
    horizon: Horizon,
}

impl TryFrom<RawTerms> for ClvTerms {
    type Error = QuantityError;

    fn try_from(raw: RawTerms) -> Result<Self, QuantityError> {
        let terms = Self::new(raw.margin, raw.discount)?.until(raw.horizon);
        match raw.cost_to_serve {
            Some((cost, unit)) => terms.with_cost_to_serve(cost, unit),
            None => Ok(terms),
        }
    }
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields, rename = "Draws")]
pub(super) struct RawDraws {
    count: usize,
    seed: u64,
    level: Probability,
}

impl Default for RawDraws {
    fn default() -> Self {
        let Draws { count, seed, level } = Draws::default();
        Self { count, seed, level }
    }
}

impl TryFrom<RawDraws> for Draws {
    type Error = QuantityError;

    fn try_from(RawDraws { count, seed, level }: RawDraws) -> Result<Self, QuantityError> {
        let draws = Self { count, seed, level };
        draws.check()?;
        Ok(draws)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "LifetimeValue")]
pub(super) struct RawValue {
    currency: Currency,
    probability_alive: f64,
    discounted_purchases: f64,
    discounted_lifetime: Option<f64>,
    expected_spend: f64,
    gross: f64,
    service_cost: f64,
    n_eff: f64,
    uncertainty: Option<ValueUncertainty>,
}

impl TryFrom<RawValue> for LifetimeValue {
    type Error = StoredError;

    fn try_from(raw: RawValue) -> Result<Self, StoredError> {
        share("probability_alive", raw.probability_alive)?;
        not_negative("discounted_purchases", raw.discounted_purchases)?;
        not_negative("expected_spend", raw.expected_spend)?;
        finite("gross", raw.gross)?;
        not_negative("service_cost", raw.service_cost)?;
        not_negative("n_eff", raw.n_eff)?;
        not_negative(
            "discounted_lifetime",
            raw.discounted_lifetime.unwrap_or(0.0),
        )?;
        if raw.discounted_lifetime.is_none() {
            agree("service_cost without a lifetime", &0.0, &raw.service_cost)?;
        }
        let value = Self {
            currency: raw.currency,
            probability_alive: raw.probability_alive,
            discounted_purchases: raw.discounted_purchases,
            discounted_lifetime: raw.discounted_lifetime,
            expected_spend: raw.expected_spend,
            gross: raw.gross,
            service_cost: raw.service_cost,
            n_eff: raw.n_eff,
            uncertainty: raw.uncertainty,
        };
        finite("value", value.value())?;
        if let Some(uncertainty) = &value.uncertainty {
            let mean = uncertainty.estimate.mean();
            agree("mean of an uncertain value", &value.value(), &mean)?;
        }
        Ok(value)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "ValueUncertainty")]
pub(super) struct RawUncertainty {
    estimate: Estimate,
    median: f64,
    mean_of_draws: f64,
    probability_of_loss: f64,
    draws: usize,
    source: UncertaintySource,
}

impl TryFrom<RawUncertainty> for ValueUncertainty {
    type Error = StoredError;

    fn try_from(raw: RawUncertainty) -> Result<Self, StoredError> {
        let interval = raw.estimate.stated_interval();
        let interval = interval.ok_or_else(|| StoredError::Disagree {
            what: "estimate of a drawn value",
            expected: "with the interval of its draws".to_owned(),
            found: "none".to_owned(),
        })?;
        let draws = Draws {
            count: raw.draws,
            level: interval.level(),
            ..Draws::default()
        };
        draws.check()?;
        finite("median", raw.median)?;
        finite("mean_of_draws", raw.mean_of_draws)?;
        share("probability_of_loss", raw.probability_of_loss)?;
        Ok(Self {
            estimate: raw.estimate,
            median: raw.median,
            mean_of_draws: raw.mean_of_draws,
            probability_of_loss: raw.probability_of_loss,
            draws: raw.draws,
            source: raw.source,
        })
    }
}
