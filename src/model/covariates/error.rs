//! What can be wrong with covariates.

use super::super::parameter::ParameterError;
use super::CovariateRole;

/// Why covariates do not fit a sample, a design or a model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CovariateError {
    /// A covariate without a name.
    #[error("a covariate needs a name, got an empty one")]
    EmptyName,
    /// Two covariates of one name.
    #[error("the names of covariates must differ, got `{covariate}` twice")]
    DuplicateName {
        /// The name.
        covariate: String,
    },
    /// A design that names a covariate nobody has.
    #[error(
        "there is no covariate `{covariate}`: customers have {}",
        listed(known)
    )]
    Unknown {
        /// What was named.
        covariate: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A design that lets a covariate act on what the model does not have.
    #[error("covariates cannot act on {} in {model}", role.on())]
    Role {
        /// The model.
        model: &'static str,
        /// What the covariate was to act on.
        role: CovariateRole,
    },
    /// A covariate that acts twice on the same.
    #[error("covariate `{covariate}` may act once on {}, got two effects", role.on())]
    DuplicateEffect {
        /// The covariate.
        covariate: String,
        /// What it acts on.
        role: CovariateRole,
    },
    /// Too few or too many values for a customer.
    #[error("a customer has {} covariates, {}, got {found} values", expected.len(), listed(expected))]
    Count {
        /// Names of the covariates, in their order.
        expected: Vec<String>,
        /// How many values were given.
        found: usize,
    },
    /// A value that is no number. A missing value is not a zero: leave the customer out, or say what
    /// stands in for it.
    #[error(
        "covariate `{covariate}`{} must be a number from -1e300 to 1e300, got {found}",
        row.map(|row| format!(" in row {row}")).unwrap_or_default()
    )]
    Value {
        /// The covariate.
        covariate: String,
        /// Which row of the sample, counted from 1.
        row: Option<u64>,
        /// What was given.
        found: f64,
    },
    /// A covariate that is the same for all customers has no effect that could be told.
    #[error("covariate `{covariate}` must differ between customers, got one value for all")]
    Constant {
        /// The covariate.
        covariate: String,
    },
    /// An effect that others have already: the covariate is a sum of others, but for their weights.
    #[error(
        "effect `{effect}` must not follow from the effects before it, got a covariate that \
             does"
    )]
    Collinear {
        /// Name of the effect, such as `purchase.channel`.
        effect: String,
    },
    /// Constants of standardisation that are none.
    #[error("the {constant} of covariate `{covariate}` must be {expected}, got {found}")]
    Standard {
        /// The covariate.
        covariate: String,
        /// Which of the two.
        constant: &'static str,
        /// What is accepted.
        expected: &'static str,
        /// What was given.
        found: f64,
    },
    /// Constants of standardisation for other covariates than the sample has.
    #[error(
        "constants are for covariates {}, got a sample with {}",
        listed(expected),
        listed(found)
    )]
    Names {
        /// Names of the constants.
        expected: Vec<String>,
        /// Names of the sample.
        found: Vec<String>,
    },
    /// The parameters that the covariates lead to are none.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
}

/// Names in words.
fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
