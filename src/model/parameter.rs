//! Parameters: the numbers that make a model, checked once.

/// Why numbers are not the parameters of a model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// A parameter lies outside the range in which every answer is exact.
    #[error("{model} parameter `{parameter}` must be a number from 1e-12 to 1e12, got {found:?}")]
    Domain {
        /// The model.
        model: &'static str,
        /// Name of the parameter, as in the paper.
        parameter: &'static str,
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

/// A model made of named positive numbers, so that fits, intervals and what-ifs can treat every
/// model alike.
pub trait Parametric: Clone {
    /// What the model is called, such as `"BG/NBD"`.
    const MODEL: &'static str;

    /// Names of the parameters, as in the paper and in the order of [`values`](Self::values).
    const NAMES: &'static [&'static str];

    /// The parameters.
    fn values(&self) -> Vec<f64>;

    /// The same model, in the same unit or currency, with other parameters.
    ///
    /// # Errors
    ///
    /// [`ParameterError`] if the number of values is not that of [`NAMES`](Self::NAMES), or one of
    /// them is not a valid parameter.
    fn with_values(&self, values: &[f64]) -> Result<Self, ParameterError>;
}

/// Checks that each parameter lies where the numerics are exact.
pub(crate) fn check(
    model: &'static str,
    names: &[&'static str],
    values: &[f64],
) -> Result<(), ParameterError> {
    for (&parameter, &found) in names.iter().zip(values) {
        // Written so that NaN fails it.
        if !(1e-12..=1e12).contains(&found) {
            return Err(ParameterError::Domain {
                model,
                parameter,
                found,
            });
        }
    }
    Ok(())
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
