//! The rules by which an investment in a relationship is called fitting.

use super::investment_error::{InvestmentError, certainty, checked};
use super::{InvestmentAdvice, NetValues, Tier, TierCounts, TierMigration};
use crate::quantity::{Fingerprint, PolicyId};

/// When the effort put into a relationship is extravagant, and what the migration between rungs is
/// smoothed by (投入规则).
///
/// | rule | default | standing |
/// |---|---|---|
/// | probability from which an investment is extravagant | 0.8 | our choice |
/// | probability from which it is watched | 0.5 | our choice |
/// | prior weight of a cell of the migration table | ½ | established: Jeffreys' rule; that it suits ladders is our choice |
///
/// None was checked against customers: there were no public data on ladders of relationships at hand.
/// Only `examples/brokerage.rs` holds what they lead to against simulated ones; tests hold the test of
/// stationarity against simulated moves.
///
/// # Examples
///
/// ```
/// use guanxi::tier::InvestmentPolicy;
///
/// let careful = InvestmentPolicy::default().with_certainties(0.4, 0.7)?;
/// assert_eq!((careful.watch(), careful.extravagant()), (0.4, 0.7));
/// assert!(careful.with_certainties(0.9, 0.7).is_err());
/// # Ok::<(), guanxi::tier::InvestmentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "PolicyRow", into = "PolicyRow"))]
pub struct InvestmentPolicy {
    watch: f64,
    extravagant: f64,
    cell_prior: f64,
}

impl Default for InvestmentPolicy {
    fn default() -> Self {
        Self {
            watch: 0.5,
            extravagant: 0.8,
            cell_prior: 0.5,
        }
    }
}

impl InvestmentPolicy {
    /// The same rules with other probabilities from which an investment is watched and extravagant.
    ///
    /// # Errors
    ///
    /// - [`InvestmentError::Domain`] unless both are above 0 and at most 1.
    /// - [`InvestmentError::Order`] if the second is below the first.
    pub fn with_certainties(
        mut self,
        watch: f64,
        extravagant: f64,
    ) -> Result<Self, InvestmentError> {
        let watch = certainty("probability to watch an investment", watch)?;
        let extravagant = certainty("probability to call it extravagant", extravagant)?;
        if extravagant < watch {
            return Err(InvestmentError::Order {
                upper: "probability to call it extravagant",
                lower: "that to watch it",
                least: watch,
                found: extravagant,
            });
        }
        self.watch = watch;
        self.extravagant = extravagant;
        Ok(self)
    }

    /// The same rules with another prior weight of a cell of the migration table.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::Domain`] unless it lies between 1e-9 and 1e9.
    pub fn with_cell_prior(mut self, weight: f64) -> Result<Self, InvestmentError> {
        let quantity = "prior weight of a cell";
        self.cell_prior = checked(quantity, "between 1e-9 and 1e9", 1e-9..=1e9, weight)?;
        Ok(self)
    }

    /// The probability of a loss, or of a better lower rung, from which an investment is watched.
    #[must_use]
    pub fn watch(&self) -> f64 {
        self.watch
    }

    /// The probability from which it is extravagant.
    #[must_use]
    pub fn extravagant(&self) -> f64 {
        self.extravagant
    }

    /// The prior weight of a cell of the migration table.
    #[must_use]
    pub fn cell_prior(&self) -> f64 {
        self.cell_prior
    }

    /// The rung that leaves most among those that fit, the next step to it, and whether what goes in
    /// at the current rung is fitting.
    ///
    /// # Errors
    ///
    /// [`InvestmentError::NoRung`] for a ceiling of [`Tier::NoTransaction`].
    pub fn advise(
        &self,
        current: Tier,
        ceiling: Tier,
        net_values: &NetValues,
    ) -> Result<InvestmentAdvice, InvestmentError> {
        InvestmentAdvice::of(current, ceiling, Some(net_values), *self)
    }

    /// The migration between rungs that these counts tell.
    ///
    /// # Errors
    ///
    /// None for what was checked when it came in.
    pub fn migration(&self, counts: &TierCounts) -> Result<TierMigration, InvestmentError> {
        TierMigration::new(counts, self.cell_prior)
    }

    /// The name these rules have by their content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        Fingerprint::of("investment")
            .number(self.watch)
            .number(self.extravagant)
            .number(self.cell_prior)
            .id()
    }
}

/// How the rules are written down; what is left out is the default, and what is stated is checked.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename = "InvestmentPolicy")]
struct PolicyRow {
    watch: f64,
    extravagant: f64,
    cell_prior: f64,
}

#[cfg(feature = "serde")]
impl Default for PolicyRow {
    fn default() -> Self {
        Self::from(InvestmentPolicy::default())
    }
}

#[cfg(feature = "serde")]
impl From<InvestmentPolicy> for PolicyRow {
    fn from(policy: InvestmentPolicy) -> Self {
        Self {
            watch: policy.watch,
            extravagant: policy.extravagant,
            cell_prior: policy.cell_prior,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<PolicyRow> for InvestmentPolicy {
    type Error = InvestmentError;

    fn try_from(row: PolicyRow) -> Result<Self, InvestmentError> {
        Self::default()
            .with_certainties(row.watch, row.extravagant)?
            .with_cell_prior(row.cell_prior)
    }
}
