//! The rules of all dimensions, as a frame holds them.

use crate::quantity::{Estimate, Fingerprint, PolicyId};

use crate::summary::TrustDirection;

use super::{
    CategoryPrior, Dimension, DimensionError, EmotionalPolicy, Feeling, InformationPolicy,
    TrustBelief, TrustPolicy,
};

/// How trust, feeling and knowledge are judged: the policies that a
/// [`ReferenceFrame`](super::ReferenceFrame) freezes together with its population.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::{DimensionRules, EmotionalPolicy};
///
/// let ours = DimensionRules::default();
/// let gloomy = ours.clone().with_emotional(EmotionalPolicy::default().with_prior_mean(-0.2)?);
/// assert_ne!(ours.id(), gloomy.id());
/// # Ok::<(), guanxi::dimension::DimensionError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct DimensionRules {
    trust: TrustPolicy,
    emotional: EmotionalPolicy,
    information: InformationPolicy,
    categories: CategoryPrior,
}

impl DimensionRules {
    /// The same rules but for trust.
    #[must_use]
    pub fn with_trust(mut self, trust: TrustPolicy) -> Self {
        self.trust = trust;
        self
    }

    /// The same rules but for feeling.
    #[must_use]
    pub fn with_emotional(mut self, emotional: EmotionalPolicy) -> Self {
        self.emotional = emotional;
        self
    }

    /// The same rules but for knowledge.
    #[must_use]
    pub fn with_information(mut self, information: InformationPolicy) -> Self {
        self.information = information;
        self
    }

    /// The same rules with what customers in general like.
    #[must_use]
    pub fn with_categories(mut self, categories: CategoryPrior) -> Self {
        self.categories = categories;
        self
    }

    /// How trust is judged.
    #[must_use]
    pub fn trust(&self) -> &TrustPolicy {
        &self.trust
    }

    /// How feeling is judged.
    #[must_use]
    pub fn emotional(&self) -> &EmotionalPolicy {
        &self.emotional
    }

    /// How knowledge is judged.
    #[must_use]
    pub fn information(&self) -> &InformationPolicy {
        &self.information
    }

    /// What customers in general like, against which a customer's preferences tell something.
    #[must_use]
    pub fn categories(&self) -> &CategoryPrior {
        &self.categories
    }

    /// The name these rules have by their content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        let print = Fingerprint::of("dimensions")
            .text(&self.trust.id().to_string())
            .text(&self.emotional.id().to_string())
            .text(&self.information.id().to_string());
        print.text(&self.categories.id().to_string()).id()
    }

    /// What an index is believed to be before anything is known: for trust and feeling their priors;
    /// for the others anything from 0 to 1.
    pub(super) fn prior(&self, dimension: Dimension) -> Result<Estimate, DimensionError> {
        Ok(match dimension {
            Dimension::Trust => {
                TrustBelief::prior(TrustDirection::CustomerInFirm, &self.trust).estimate()?
            }
            Dimension::Emotional => Feeling::prior(&self.emotional)?.index(),
            Dimension::Economic | Dimension::Information => Estimate::ANYTHING_FROM_0_TO_1,
        })
    }
}
