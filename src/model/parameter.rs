//! Parameters: the numbers that make a model, checked once.

use std::borrow::Cow;

use crate::numeric::special::logistic;

/// Why numbers are not the parameters of a model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// A parameter lies outside the range in which every answer is exact.
    #[error("{model} parameter `{parameter}` must be {expected}, got {found:?}")]
    Domain {
        /// The model.
        model: &'static str,
        /// Name of the parameter, as in the paper.
        parameter: Cow<'static, str>,
        /// The range, in words.
        expected: &'static str,
        /// What was given.
        found: f64,
    },
    /// The wrong number of parameters for the model.
    #[error("{model} has {expected} parameters, got {found}")]
    Count {
        /// The model.
        model: &'static str,
        /// How many it has.
        expected: usize,
        /// How many were given.
        found: usize,
    },
}

/// What kind of number a parameter is: its range, and the scale on which it is searched for and its
/// interval is symmetric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ParameterKind {
    /// From 1e-12 to 1e12, searched for by its logarithm.
    #[default]
    Positive,
    /// The effect of a covariate, from −1000 to 1000, searched for as it is.
    Effect,
    /// A dependence from −1 to 1, searched for by its area tangent (Fisher's *z*).
    Dependence,
    /// A probability from 1e-12 to 1 − 1e-12, searched for by its log-odds.
    Probability,
}

/// The search ends here on its own scale: a factor of 1e8 either way.
pub(crate) const BOUND: f64 = 18.420_680_743_952_367;

impl ParameterKind {
    /// The range of values, in words.
    pub(crate) fn range(self) -> &'static str {
        match self {
            Self::Positive => "a number from 1e-12 to 1e12",
            Self::Effect => "a number from -1000 to 1000",
            Self::Dependence => "a number from -1 to 1",
            Self::Probability => "a number from 1e-12 to 1 - 1e-12",
        }
    }

    /// Whether a value lies in the range; NaN does not.
    pub(crate) fn contains(self, value: f64) -> bool {
        match self {
            Self::Positive => (1e-12..=1e12).contains(&value),
            Self::Effect => (-1e3..=1e3).contains(&value),
            Self::Dependence => (-1.0..=1.0).contains(&value),
            Self::Probability => (1e-12..=1.0 - 1e-12).contains(&value),
        }
    }

    /// A value on the scale of the search.
    pub(crate) fn to_search(self, value: f64) -> f64 {
        match self {
            Self::Positive => value.ln(),
            Self::Effect => value,
            Self::Dependence => value.atanh().clamp(-BOUND, BOUND),
            Self::Probability => value.ln() - (-value).ln_1p(),
        }
    }

    /// The value at a place on the scale of the search.
    pub(crate) fn value_at(self, x: f64) -> f64 {
        match self {
            Self::Positive => x.exp(),
            Self::Effect => x,
            Self::Dependence => x.tanh(),
            Self::Probability => logistic(x),
        }
    }

    /// How fast a value changes with its place on the scale of the search.
    pub(crate) fn slope(self, value: f64) -> f64 {
        match self {
            Self::Positive => value,
            Self::Effect => 1.0,
            Self::Dependence => (1.0 - value) * (1.0 + value),
            Self::Probability => value * (1.0 - value),
        }
    }
}

/// A model made of named numbers, so that fits, intervals and what-ifs can treat every model alike.
pub trait Parametric: Clone + Send + Sync {
    /// What the model is called, such as `"BG/NBD"`.
    const MODEL: &'static str;

    /// Names of the parameters that every model of the type has, as in the paper and in the order
    /// of [`values`](Self::values).
    const NAMES: &'static [&'static str];

    /// Names of all parameters, in the order of [`values`](Self::values): those of
    /// [`NAMES`](Self::NAMES), and after them the effects of covariates where a model has such.
    fn names(&self) -> Vec<Cow<'static, str>> {
        Self::NAMES.iter().copied().map(Cow::Borrowed).collect()
    }

    /// What kind of number each parameter is: positive, unless the model says otherwise.
    fn kinds(&self) -> Vec<ParameterKind> {
        vec![ParameterKind::Positive; Self::NAMES.len()]
    }

    /// The parameters.
    fn values(&self) -> Vec<f64>;

    /// The same model, in the same unit or currency, with other parameters.
    ///
    /// # Errors
    ///
    /// [`ParameterError`] if the number of values is not that of [`names`](Self::names), or one of
    /// them is not a valid parameter.
    ///
    /// # Examples
    ///
    /// What if half as many customers left after a purchase?
    ///
    /// ```
    /// use guanxi::model::{MbgNbd, MbgNbdParameters, Parametric, PurchaseModel, PurchasePosterior};
    /// use guanxi::quantity::{Span, TimeUnit};
    ///
    /// let model = MbgNbd::new(MbgNbdParameters {
    ///     unit: TimeUnit::Week,
    ///     r: 0.525,
    ///     alpha: 6.183,
    ///     a: 0.891,
    ///     b: 1.614,
    /// })?;
    /// assert_eq!(MbgNbd::NAMES, ["r", "alpha", "a", "b"]);
    /// let mut values = model.values();
    /// values[2] /= 2.0;
    /// let loyal = model.with_values(&values)?;
    /// let year = Span::years(1.0)?;
    /// assert!((model.newcomer().expected_purchases(year) - 1.42273).abs() < 1e-5);
    /// assert!((loyal.newcomer().expected_purchases(year) - 2.30812).abs() < 1e-5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn with_values(&self, values: &[f64]) -> Result<Self, ParameterError>;
}

/// Checks that each positive parameter lies where the numerics are exact.
pub(crate) fn check(
    model: &'static str,
    names: &[&'static str],
    values: &[f64],
) -> Result<(), ParameterError> {
    for (&parameter, &found) in names.iter().zip(values) {
        check_one(model, parameter, ParameterKind::Positive, found)?;
    }
    Ok(())
}

/// Checks that a parameter lies in the range of its kind.
pub(crate) fn check_one(
    model: &'static str,
    parameter: impl Into<Cow<'static, str>>,
    kind: ParameterKind,
    found: f64,
) -> Result<(), ParameterError> {
    if kind.contains(found) {
        Ok(())
    } else {
        Err(ParameterError::Domain {
            model,
            parameter: parameter.into(),
            expected: kind.range(),
            found,
        })
    }
}

/// The values as an array of the length that the model has.
pub(crate) fn exactly<const N: usize>(
    model: &'static str,
    values: &[f64],
) -> Result<[f64; N], ParameterError> {
    values.try_into().map_err(|_| ParameterError::Count {
        model,
        expected: N,
        found: values.len(),
    })
}

/// What every model shares that is made of a unit or currency and positive numbers: construction
/// from its parameters, and access to them by name.
macro_rules! parametric {
    ($model:ident($parameters:ident), $name:literal, [$($context:ident),+], [$($parameter:ident),+]) => {
        impl $model {
            /// A model with known parameters, from a paper or an earlier fit.
            ///
            /// # Errors
            ///
            /// [`ParameterError`], naming the first parameter that is not a number from 1e-12 to
            /// 1e12.
            pub fn new(parameters: $parameters) -> Result<Self, ParameterError> {
                let values = [$(parameters.$parameter),+];
                $crate::model::parameter::check(Self::MODEL, Self::NAMES, &values)?;
                Ok(Self(parameters))
            }

            /// The parameters.
            #[must_use]
            pub fn parameters(&self) -> $parameters {
                self.0
            }
        }

        impl TryFrom<$parameters> for $model {
            type Error = ParameterError;

            fn try_from(parameters: $parameters) -> Result<Self, ParameterError> {
                Self::new(parameters)
            }
        }

        impl From<$model> for $parameters {
            fn from(model: $model) -> Self {
                model.0
            }
        }

        impl Parametric for $model {
            const MODEL: &'static str = $name;
            const NAMES: &'static [&'static str] = &[$(stringify!($parameter)),+];

            fn values(&self) -> Vec<f64> {
                vec![$(self.0.$parameter),+]
            }

            fn with_values(&self, values: &[f64]) -> Result<Self, ParameterError> {
                let [$($parameter),+] = $crate::model::parameter::exactly(Self::MODEL, values)?;
                let $parameters { $($context),+, .. } = self.0;
                Self::new($parameters { $($context),+, $($parameter),+ })
            }
        }
    };
}
pub(crate) use parametric;
