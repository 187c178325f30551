//! What is worth knowing of a profile, and how much the parts of knowledge count.

use std::sync::Arc;

use super::DimensionError;
use super::error::checked;
use crate::quantity::HalfLife;

/// A field of the profile that is worth knowing: how much, and how fast it goes out of date.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "FieldRow", into = "FieldRow"))]
pub struct FieldRule {
    pub(super) name: Arc<str>,
    pub(super) weight: f64,
    pub(super) half_life: HalfLife,
}

impl FieldRule {
    /// A field with its weight among the fields, and the time after which it is as likely to be
    /// out of date as not.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless the weight lies between 1e-6 and 1e6.
    pub fn new(
        name: impl AsRef<str>,
        weight: f64,
        half_life: HalfLife,
    ) -> Result<Self, DimensionError> {
        let range = "between 1e-6 and 1e6";
        Ok(Self {
            name: Arc::from(name.as_ref()),
            weight: checked("weight of a profile field", range, 1e-6..=1e6, weight)?,
            half_life,
        })
    }

    /// Which field.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// Its weight among the fields.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// How fast it goes out of date.
    #[must_use]
    pub fn half_life(&self) -> HalfLife {
        self.half_life
    }
}

/// How much profile, preferences and feedback weigh in the index; each at or above 0, together 1.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "WeightsRow", into = "WeightsRow"))]
pub struct KnowledgeWeights {
    pub(super) profile: f64,
    pub(super) preferences: f64,
    pub(super) feedback: f64,
}

impl Default for KnowledgeWeights {
    fn default() -> Self {
        Self {
            profile: 0.5,
            preferences: 0.3,
            feedback: 0.2,
        }
    }
}

impl KnowledgeWeights {
    /// The weights of profile, preferences and feedback.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless each lies between 0 and 1 and their sum is 1 to within
    /// 1e-9.
    pub fn new(profile: f64, preferences: f64, feedback: f64) -> Result<Self, DimensionError> {
        let quantity = "weight in the index of information";
        let share = |weight| checked(quantity, "between 0 and 1", 0.0..=1.0, weight);
        let (profile, preferences, feedback) =
            (share(profile)?, share(preferences)?, share(feedback)?);
        let sum = profile + preferences + feedback;
        let near = 1.0 - 1e-9..=1.0 + 1e-9;
        checked("sum of the weights of information", "1", near, sum)?;
        Ok(Self {
            profile,
            preferences,
            feedback,
        })
    }

    /// That of the profile.
    #[must_use]
    pub fn profile(self) -> f64 {
        self.profile
    }

    /// That of preferences.
    #[must_use]
    pub fn preferences(self) -> f64 {
        self.preferences
    }

    /// That of feedback.
    #[must_use]
    pub fn feedback(self) -> f64 {
        self.feedback
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "FieldRule")]
struct FieldRow {
    name: String,
    weight: f64,
    half_life: HalfLife,
}

#[cfg(feature = "serde")]
impl From<FieldRule> for FieldRow {
    fn from(rule: FieldRule) -> Self {
        Self {
            name: rule.name().to_owned(),
            weight: rule.weight,
            half_life: rule.half_life,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<FieldRow> for FieldRule {
    type Error = DimensionError;

    fn try_from(row: FieldRow) -> Result<Self, DimensionError> {
        Self::new(row.name, row.weight, row.half_life)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "KnowledgeWeights")]
struct WeightsRow {
    profile: f64,
    preferences: f64,
    feedback: f64,
}

#[cfg(feature = "serde")]
impl From<KnowledgeWeights> for WeightsRow {
    fn from(weights: KnowledgeWeights) -> Self {
        Self {
            profile: weights.profile,
            preferences: weights.preferences,
            feedback: weights.feedback,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<WeightsRow> for KnowledgeWeights {
    type Error = DimensionError;

    fn try_from(row: WeightsRow) -> Result<Self, DimensionError> {
        Self::new(row.profile, row.preferences, row.feedback)
    }
}
