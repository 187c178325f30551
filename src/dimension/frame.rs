//! The frozen population that indices refer to.

use chrono::{DateTime, Utc};

#[cfg(feature = "serde")]
use crate::quantity::stored::Exact;
use crate::quantity::{Currency, Estimate, Fingerprint, Money, PolicyId};

use super::{ByDimension, Dimension, DimensionRules, FrameError, FrameId, Index, IndexPopulation};

/// What every index refers to (参照系): the rules by which dimensions are judged, and a population
/// of customers at an instant. It never changes.
///
/// "Worth 0.7" means nothing by itself. An economic index says how a value compares with the median
/// of those in the frame; a missing dimension is stood in for by what the frame's customers are
/// like; a contribution is measured from their mean. If all of this moved with the population, a
/// customer's index would change while the customer did not. So a frame is taken once, kept
/// (serialised), and taken anew on purpose: the new one has another [id](Self::id), and indices of
/// the two cannot be compared by mistake.
///
/// It holds the median of the positive lifetime values, by which the economic index is made; of each
/// dimension the indices of the customers who were measured ([`IndexPopulation`]); and the rules,
/// with all priors. It says nothing of who is in it, and does not depend on the order in which they
/// came. After a customer was [erased](crate::summary::LiveBase#erasure) it has still learned from
/// them: take it anew.
///
/// That an index should be made relative to a population that is held still is established (OECD &
/// JRC 2008, *Handbook on Constructing Composite Indicators*, step 5,
/// <https://doi.org/10.1787/9789264043466-en>); what is kept of that population is our choice.
///
/// # Examples
///
/// A frame that is stated: the median is known, and nothing else.
///
/// ```
/// use chrono::DateTime;
/// use guanxi::dimension::{Dimension, DimensionRules, ReferenceFrame};
/// use guanxi::quantity::{Currency, Estimate, Money};
///
/// let median = Money::parse("20.00", Currency::EUR)?;
/// let rules = DimensionRules::default();
/// let frame = ReferenceFrame::stated(rules, "shop", DateTime::UNIX_EPOCH, Some(median))?;
/// let index = frame.economic_index(Estimate::new(41.811_853_58, 8.0, 2.0)?)?;
/// assert!((index.mean() - 0.676_437_465_6).abs() < 1e-10); // V/(V + 20)
/// assert!((index.estimate().sd() - 20.0 / 61.811_853_58_f64.powi(2) * 8.0).abs() < 1e-15);
/// assert_eq!(frame.reference(Dimension::Trust).mean(), 0.5); // the prior, for nobody was measured
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "FrameRow", into = "FrameRow"))]
pub struct ReferenceFrame {
    id: FrameId,
    label: String,
    taken_at: DateTime<Utc>,
    rules: DimensionRules,
    evidence: Option<PolicyId>,
    customers: u64,
    median: Option<Median>,
    indices: ByDimension<IndexPopulation>,
    reference: ByDimension<Estimate>,
}

/// The median of the positive lifetime values of a population.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Median {
    pub(super) value: f64,
    pub(super) currency: Currency,
}

impl ReferenceFrame {
    /// A frame of which only the median lifetime value is known, if that: the reference of every
    /// dimension is its prior, and there are no percentiles.
    ///
    /// # Errors
    ///
    /// [`FrameError::Median`] unless the median is above 0.
    pub fn stated(
        rules: DimensionRules,
        label: impl Into<String>,
        taken_at: DateTime<Utc>,
        median: Option<Money>,
    ) -> Result<Self, FrameError> {
        let median = median.map(|money| Median {
            value: money.to_f64(),
            currency: money.currency(),
        });
        Self::of_parts(
            label.into(),
            taken_at,
            rules,
            None,
            0,
            median,
            ByDimension::default(),
        )
    }

    pub(super) fn of_parts(
        label: String,
        taken_at: DateTime<Utc>,
        rules: DimensionRules,
        evidence: Option<PolicyId>,
        customers: u64,
        median: Option<Median>,
        indices: ByDimension<IndexPopulation>,
    ) -> Result<Self, FrameError> {
        let mut print = Fingerprint::of("frame")
            .text(&label)
            .text(&taken_at.to_rfc3339())
            .text(&rules.id().to_string())
            .text(&evidence.map_or_else(String::new, |id| id.to_string()))
            .whole(customers);
        print = match median {
            Some(Median { value, .. }) if !(value > 0.0 && value.is_finite()) => {
                return Err(FrameError::Median { found: value });
            }
            Some(Median { value, currency }) => print.number(value).text(currency.code()),
            None => print.text("no median"),
        };
        for (_, index) in indices.iter() {
            print = index.fingerprint(print);
        }
        let reference = |dimension| match indices.get(dimension).reference() {
            Some(reference) => Ok(reference),
            None => rules.prior(dimension),
        };
        let reference = ByDimension {
            economic: reference(Dimension::Economic)?,
            trust: reference(Dimension::Trust)?,
            emotional: reference(Dimension::Emotional)?,
            information: reference(Dimension::Information)?,
        };
        Ok(Self {
            id: FrameId::from_bits(print.bits()),
            label,
            taken_at,
            rules,
            evidence,
            customers,
            median,
            indices,
            reference,
        })
    }

    /// The name it has by its content.
    #[must_use]
    pub fn id(&self) -> FrameId {
        self.id
    }

    /// What its maker called it.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The instant its population was taken as of.
    #[must_use]
    pub fn taken_at(&self) -> DateTime<Utc> {
        self.taken_at
    }

    /// The rules by which dimensions are judged.
    #[must_use]
    pub fn rules(&self) -> &DimensionRules {
        &self.rules
    }

    /// The rules by which the evidence about its population was made of events: customers whose
    /// evidence was made by others cannot be judged relative to it. `None` where the population has
    /// none, or the frame was stated.
    #[must_use]
    pub fn evidence_rules(&self) -> Option<PolicyId> {
        self.evidence
    }

    /// How many customers its population has; 0 if it was stated.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Median of the positive lifetime values, in major units (`V50`), with its currency.
    #[must_use]
    #[doc(alias = "V50")]
    pub fn median_value(&self) -> Option<(f64, Currency)> {
        self.median.map(|median| (median.value, median.currency))
    }

    /// The population's indices of a dimension.
    #[must_use]
    pub fn population(&self, dimension: Dimension) -> &IndexPopulation {
        self.indices.get(dimension)
    }

    /// What an index of a dimension is for a customer of whom nothing is known: mean and sd of the
    /// population, or where nobody was measured the dimension's prior. `n_eff` is 0.
    #[must_use]
    pub fn reference(&self, dimension: Dimension) -> Estimate {
        *self.reference.get(dimension)
    }

    /// The economic index of a lifetime value `V` in major units of the median's currency:
    /// `V⁺/(V⁺ + V50)`, with an sd of `V50/(V⁺ + V50)²` times that of the value, to first order; but
    /// no more than half the distance between the indices one sd above the value and one below it,
    /// our choice: a value far below 0 is surely at an index of 0, and no sd leaves the scale.
    ///
    /// # Errors
    ///
    /// [`FrameError::NoMedian`] without a median; [`FrameError::Quantity`] if the sd is not finite.
    pub fn economic_index(&self, value: Estimate) -> Result<Index, FrameError> {
        let Some(Median { value: median, .. }) = self.median else {
            return Err(FrameError::NoMedian { frame: self.id });
        };
        let above = median_share(value.mean(), median);
        let first_order = above * (above / median) * value.sd();
        let index = economic_index(value.mean(), median);
        let highest = economic_index(value.mean() + value.sd(), median);
        let lowest = economic_index(value.mean() - value.sd(), median);
        let sd = first_order.min((highest - lowest) / 2.0);
        let index = Estimate::new(index, sd, value.n_eff())?;
        Ok(Index::new(index, self.id)?)
    }

    /// An index as the share of the population below it (百分位), half of those equal to it counted
    /// below: the other way to make dimensions comparable. The sd is half the distance between the
    /// shares below the index plus and minus its sd, our choice.
    ///
    /// # Errors
    ///
    /// [`FrameError::Mismatch`] if the index refers to another frame; [`FrameError::Nobody`] if
    /// nobody was measured in that dimension.
    pub fn percentile(&self, dimension: Dimension, index: &Index) -> Result<Index, FrameError> {
        if index.frame() != self.id {
            return Err(FrameError::Mismatch {
                expected: self.id,
                found: index.frame(),
            });
        }
        let population = self.indices.get(dimension);
        let (mean, sd) = (index.mean(), index.estimate().sd());
        let below = |index| population.share_below(index);
        match (below(mean), below(mean - sd), below(mean + sd)) {
            (Some(share), Some(low), Some(high)) => {
                let n_eff = index.estimate().n_eff();
                let share = Estimate::new(share, (high - low) / 2.0, n_eff)?;
                Ok(Index::new(share, self.id)?)
            }
            _ => Err(FrameError::Nobody { dimension }),
        }
    }
}

/// `V⁺/(V⁺ + V50)`, without a sum that could leave the range of numbers.
pub(super) fn economic_index(value: f64, median: f64) -> f64 {
    if value > 0.0 {
        1.0 / (1.0 + median / value)
    } else {
        0.0
    }
}

/// `V50/(V⁺ + V50)`.
fn median_share(value: f64, median: f64) -> f64 {
    1.0 / (1.0 + value.max(0.0) / median)
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "Median")]
struct MedianRow {
    value: Exact,
    currency: Currency,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "ReferenceFrame")]
struct FrameRow {
    id: FrameId,
    label: String,
    taken_at: DateTime<Utc>,
    rules: DimensionRules,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    evidence: Option<PolicyId>,
    customers: u64,
    median: Option<MedianRow>,
    indices: ByDimension<IndexPopulation>,
}

#[cfg(feature = "serde")]
impl From<ReferenceFrame> for FrameRow {
    fn from(frame: ReferenceFrame) -> Self {
        Self {
            id: frame.id,
            label: frame.label,
            taken_at: frame.taken_at,
            rules: frame.rules,
            evidence: frame.evidence,
            customers: frame.customers,
            median: frame.median.map(|median| MedianRow {
                value: Exact(median.value),
                currency: median.currency,
            }),
            indices: frame.indices,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<FrameRow> for ReferenceFrame {
    type Error = FrameError;

    /// A frame whose content is not what its id says was changed on the way.
    fn try_from(row: FrameRow) -> Result<Self, FrameError> {
        let frame = Self::of_parts(
            row.label,
            row.taken_at,
            row.rules,
            row.evidence,
            row.customers,
            row.median.map(|median| Median {
                value: median.value.0,
                currency: median.currency,
            }),
            row.indices,
        )?;
        if frame.id == row.id {
            return Ok(frame);
        }
        Err(FrameError::Content {
            expected: row.id,
            found: frame.id,
        })
    }
}
