//! The rules by which four dimensions become one number, and when they do not.

use crate::quantity::{Fingerprint, PolicyId, Probability};

use super::{Aggregation, Correlation, RelationshipError, Weights};
use crate::dimension::Dimension;

/// How the four indices are made comparable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum IndexScale {
    /// As each dimension's scorer gives them: a change of the native value always moves them.
    #[default]
    Native,
    /// As the share of the frame's customers below them: every dimension has the same spread.
    Percentile,
}

impl IndexScale {
    /// The name, such as `"native"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Percentile => "percentile",
        }
    }
}

/// Weights, aggregation and what must be known before there is a composite (合成规则).
///
/// | rule | default | provenance |
/// |---|---|---|
/// | weights | .40 .25 .20 .15 | our choice; validated against nothing |
/// | aggregation | arithmetic | the definition: relationship value is a sum |
/// | correlation of errors | none | our choice; the worst case is reported too |
/// | scale | native | our choice |
/// | least coverage | 0.5 | our choice |
/// | level of intervals | 0.90 | convention for what is inferred of one customer |
///
/// # Examples
///
/// ```
/// use guanxi::relationship::{Aggregation, CompositionPolicy, Weights};
///
/// let ours = CompositionPolicy::default()
///     .with_weights(Weights::equal())
///     .with_aggregation(Aggregation::Geometric)
///     .with_least_coverage(0.75)?;
/// assert_eq!(ours.least_coverage(), 0.75);
/// assert_ne!(ours.id(), CompositionPolicy::default().id());
/// # Ok::<(), guanxi::relationship::RelationshipError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "PolicyRow", into = "PolicyRow"))]
pub struct CompositionPolicy {
    weights: Weights,
    aggregation: Aggregation,
    correlation: Correlation,
    scale: IndexScale,
    least_coverage: f64,
    level: Probability,
}

impl Default for CompositionPolicy {
    fn default() -> Self {
        Self {
            weights: Weights::default(),
            aggregation: Aggregation::default(),
            correlation: Correlation::default(),
            scale: IndexScale::default(),
            least_coverage: 0.5,
            level: Probability::NINETY_PERCENT,
        }
    }
}

impl CompositionPolicy {
    /// The same rules with other weights.
    #[must_use]
    pub fn with_weights(self, weights: Weights) -> Self {
        Self { weights, ..self }
    }

    /// The same rules with another aggregation.
    #[must_use]
    pub fn with_aggregation(self, aggregation: Aggregation) -> Self {
        Self {
            aggregation,
            ..self
        }
    }

    /// The same rules with other correlations of the indices' errors.
    #[must_use]
    pub fn with_correlation(self, correlation: Correlation) -> Self {
        Self {
            correlation,
            ..self
        }
    }

    /// The same rules on another scale.
    #[must_use]
    pub fn with_scale(self, scale: IndexScale) -> Self {
        Self { scale, ..self }
    }

    /// The same rules with another least coverage: the sum of the weights of dimensions that are
    /// known from at least one full observation, below which there is no composite.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::Coverage`] unless it lies between 0 and 1.
    pub fn with_least_coverage(self, least: f64) -> Result<Self, RelationshipError> {
        if (0.0..=1.0).contains(&least) {
            return Ok(Self {
                least_coverage: least,
                ..self
            });
        }
        Err(RelationshipError::Coverage { found: least })
    }

    /// The same rules with intervals of another level.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::Level`] if the level is 0 or 1.
    pub fn with_level(self, level: Probability) -> Result<Self, RelationshipError> {
        if level.value() > 0.0 && level.value() < 1.0 {
            return Ok(Self { level, ..self });
        }
        Err(RelationshipError::Level {
            found: level.value(),
        })
    }

    /// How much each dimension counts.
    #[must_use]
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// How the dimensions are brought together.
    #[must_use]
    pub fn aggregation(&self) -> Aggregation {
        self.aggregation
    }

    /// How the errors of the indices go together.
    #[must_use]
    pub fn correlation(&self) -> &Correlation {
        &self.correlation
    }

    /// On which scale they are brought together.
    #[must_use]
    pub fn scale(&self) -> IndexScale {
        self.scale
    }

    /// The least coverage of a composite, from 0 to 1.
    #[must_use]
    pub fn least_coverage(&self) -> f64 {
        self.least_coverage
    }

    /// Level of the composite's interval.
    #[must_use]
    pub fn level(&self) -> Probability {
        self.level
    }

    /// The name these rules have by their content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        let mut print = Fingerprint::of("composition")
            .text(self.weights.source().name())
            .text(self.aggregation.name())
            .text(self.scale.name())
            .number(self.least_coverage)
            .number(self.level.value());
        for one in Dimension::ALL {
            print = print.number(self.weights.get(one));
            for other in Dimension::ALL {
                print = print.number(self.correlation.between(one, other));
            }
        }
        print.id()
    }
}

/// How a policy is written down; what is left out has its default.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename = "CompositionPolicy")]
struct PolicyRow {
    weights: Weights,
    aggregation: Aggregation,
    correlation: Correlation,
    scale: IndexScale,
    least_coverage: f64,
    level: Probability,
}

#[cfg(feature = "serde")]
impl Default for PolicyRow {
    fn default() -> Self {
        Self::from(CompositionPolicy::default())
    }
}

#[cfg(feature = "serde")]
impl From<CompositionPolicy> for PolicyRow {
    fn from(policy: CompositionPolicy) -> Self {
        Self {
            weights: policy.weights,
            aggregation: policy.aggregation,
            correlation: policy.correlation,
            scale: policy.scale,
            least_coverage: policy.least_coverage,
            level: policy.level,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<PolicyRow> for CompositionPolicy {
    type Error = RelationshipError;

    fn try_from(row: PolicyRow) -> Result<Self, RelationshipError> {
        Self {
            weights: row.weights,
            aggregation: row.aggregation,
            correlation: row.correlation,
            scale: row.scale,
            ..Self::default()
        }
        .with_least_coverage(row.least_coverage)?
        .with_level(row.level)
    }
}
