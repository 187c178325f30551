//! The four ways in which a firm can be good to deal with, and what each is measured by.

use super::{Benefit, Component, PerceivedError, PerceivedValueScore, Sacrifice};
use crate::dimension::{Feeling, TrustBelief};
use crate::history::TrustFacet;
use crate::quantity::Estimate;

/// What a customer looks for in a firm to deal with (商业关系的四种关怀).
///
/// That there are these four is from the source texts of the field; what each is measured by is our
/// choice, validated against nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum CareAttribute {
    /// It knows its trade (专业).
    Professional,
    /// It solves the whole problem, from one hand (完整).
    Complete,
    /// It is worth its price, and can show so (值得).
    Worthwhile,
    /// Its attention is felt (贴心).
    Considerate,
}

/// What a [`CareAttribute`] is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum CareMeasure {
    /// One side of the customer's trust, from 0 to 1.
    Trust(TrustFacet),
    /// A component of delivered value, in points from 0 to 10.
    Component(Component),
    /// Benefit over sacrifice. One that is [unbounded](super::MonroeRatio::Unbounded) or
    /// [undefined](super::MonroeRatio::Undefined) is no number, and so no evidence either.
    Ratio,
    /// How the customer feels, from −1 to 1.
    Affect,
    /// What was invested in the customer and is to be recovered, in money.
    Investment,
}

impl CareAttribute {
    /// All four.
    pub const ALL: [Self; 4] = [
        Self::Professional,
        Self::Complete,
        Self::Worthwhile,
        Self::Considerate,
    ];

    /// What it is measured by.
    ///
    /// | attribute | measures |
    /// |---|---|
    /// | professional | trust in ability; personnel value |
    /// | complete | product and service value; time cost |
    /// | worthwhile | ratio of benefit to sacrifice |
    /// | considerate | trust in benevolence; affect; investment |
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::perceived::{CareAttribute, CareMeasure};
    ///
    /// assert_eq!(CareAttribute::Worthwhile.measures(), [CareMeasure::Ratio]);
    /// ```
    #[must_use]
    pub const fn measures(self) -> &'static [CareMeasure] {
        match self {
            Self::Professional => &[
                CareMeasure::Trust(TrustFacet::Ability),
                CareMeasure::Component(Component::Benefit(Benefit::Personnel)),
            ],
            Self::Complete => &[
                CareMeasure::Component(Component::Benefit(Benefit::Product)),
                CareMeasure::Component(Component::Benefit(Benefit::Service)),
                CareMeasure::Component(Component::Sacrifice(Sacrifice::Time)),
            ],
            Self::Worthwhile => &[CareMeasure::Ratio],
            Self::Considerate => &[
                CareMeasure::Trust(TrustFacet::Benevolence),
                CareMeasure::Affect,
                CareMeasure::Investment,
            ],
        }
    }
}

/// One measure of one attribute.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct CareReading {
    /// The attribute.
    pub attribute: CareAttribute,
    /// The measure.
    pub measure: CareMeasure,
    /// What it shows, in the unit of the measure; `None` means no evidence.
    pub reading: Option<Estimate>,
}

/// What care can be read from; `None` means no evidence.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CareEvidence<'a> {
    /// Perceived value.
    pub value: Option<&'a PerceivedValueScore>,
    /// The customer's trust in the firm.
    pub trust: Option<&'a TrustBelief>,
    /// How the customer feels.
    pub feeling: Option<&'a Feeling>,
    /// What was invested in the customer and not recovered yet, in major units of money.
    pub invested: Option<Estimate>,
}

impl CareEvidence<'_> {
    /// Every measure of the four attributes. Measures have units of their own, so they make no one
    /// number.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Quantity`], which no evidence leads to.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::dimension::{TrustBelief, TrustPolicy};
    /// use guanxi::perceived::CareEvidence;
    /// use guanxi::summary::TrustDirection;
    ///
    /// // Of a customer of whom nothing is known, the prior of trust is no evidence either.
    /// let belief = TrustBelief::prior(TrustDirection::CustomerInFirm, &TrustPolicy::default());
    /// let care = CareEvidence { trust: Some(&belief), ..CareEvidence::default() };
    /// assert!(care.readings()?.iter().all(|measure| measure.reading.is_none()));
    /// # Ok::<(), guanxi::perceived::PerceivedError>(())
    /// ```
    pub fn readings(&self) -> Result<Vec<CareReading>, PerceivedError> {
        let mut readings = Vec::new();
        for attribute in CareAttribute::ALL {
            for &measure in attribute.measures() {
                let reading = self.read(measure)?;
                readings.push(CareReading {
                    attribute,
                    measure,
                    reading: reading.filter(|reading| !reading.is_prior_only()),
                });
            }
        }
        Ok(readings)
    }

    fn read(&self, measure: CareMeasure) -> Result<Option<Estimate>, PerceivedError> {
        Ok(match measure {
            CareMeasure::Trust(facet) => match self.trust {
                Some(belief) => Some(belief.facet(facet)?),
                None => None,
            },
            CareMeasure::Component(component) => self
                .value
                .and_then(|score| *score.components().get(component)),
            CareMeasure::Ratio => {
                let value = self.value.and_then(PerceivedValueScore::value);
                let known = value.and_then(|v| Some((v.ratio().finite()?, v)));
                match known {
                    Some((ratio, value)) => {
                        let sd = match value.sd_ln_ratio() {
                            Some(sd) => ratio * sd,
                            // A benefit of 0: the delta method of the ratio itself.
                            None => value.benefit().sd() / value.sacrifice().mean(),
                        };
                        Some(Estimate::new(ratio, sd, value.n_eff())?)
                    }
                    None => None,
                }
            }
            CareMeasure::Affect => self.feeling.map(Feeling::valence),
            CareMeasure::Investment => self.invested,
        })
    }
}
