//! How one dimension of one customer stands: measured, or why not.

use std::fmt;

use crate::dimension::{DimensionScore, Index};
use crate::scorer::ScoreError;
use crate::summary::Unreadable;

/// How one dimension of one customer stands (维度状态).
///
/// That a dimension was not measured is told apart by its reason, because each asks for something
/// else: to wait, to ask for consent, to look at a later instant, or to fit a model.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use chrono::DateTime;
/// use guanxi::dimension::{DimensionRules, ReferenceFrame};
/// use guanxi::history::CustomerId;
/// use guanxi::quantity::TimeUnit;
/// use guanxi::relationship::{CompositionPolicy, RelationshipScorer, Standing};
/// use guanxi::scorer::Scorer;
/// use guanxi::summary::{CustomerSummary, RfmSummary};
///
/// let now = DateTime::UNIX_EPOCH;
/// let frame = ReferenceFrame::stated(DimensionRules::default(), "shop", now, None)?;
/// let scorer = RelationshipScorer::without_value(Arc::new(frame), CompositionPolicy::default())?;
/// let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.0, 38.0)?;
/// let value = scorer.score(&CustomerSummary::from_rfm(CustomerId::new("c-1")?, rfm))?;
/// assert!(matches!(value.economic(), Standing::NoModel));
/// assert!(matches!(value.trust(), Standing::NoEvidence));
/// assert_eq!(value.economic().to_string(), "no model");
/// assert_eq!(value.coverage(), 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Standing<N> {
    /// There is evidence, and this is what it says.
    Measured(DimensionScore<N>),
    /// There is no evidence.
    NoEvidence,
    /// There is evidence that cannot be read.
    Unreadable(Unreadable),
    /// Nothing was given that could judge it.
    NoModel,
}

impl<N> Standing<N> {
    /// The score, if there is one.
    #[must_use]
    pub fn measured(&self) -> Option<&DimensionScore<N>> {
        match self {
            Self::Measured(score) => Some(score),
            _ => None,
        }
    }

    /// The value in the dimension's own unit, if there is one.
    #[must_use]
    pub fn native(&self) -> Option<&N> {
        self.measured().map(DimensionScore::native)
    }

    /// The index, if there is one.
    #[must_use]
    pub fn index(&self) -> Option<Index> {
        self.measured().map(DimensionScore::index)
    }

    /// What a scorer's answer means where only evidence is a measurement: a prior is none.
    pub(super) fn of(answer: Result<DimensionScore<N>, ScoreError>) -> Result<Self, ScoreError> {
        match Self::of_any(answer)? {
            Self::Measured(score) if score.index().estimate().is_prior_only() => {
                Ok(Self::NoEvidence)
            }
            standing => Ok(standing),
        }
    }

    /// What a scorer's answer means. A customer who has not bought has no evidence; other errors stay
    /// errors. Who bought once has shown no gap between purchases, so that the `n_eff` of the value
    /// is 0, and yet the silence since tells much.
    pub(super) fn of_any(
        answer: Result<DimensionScore<N>, ScoreError>,
    ) -> Result<Self, ScoreError> {
        match answer {
            Ok(score) => Ok(Self::Measured(score)),
            Err(ScoreError::NoPurchase { .. }) => Ok(Self::NoEvidence),
            Err(ScoreError::Unreadable { reason, .. }) => Ok(Self::Unreadable(reason)),
            Err(error) => Err(error),
        }
    }
}

impl<N> fmt::Display for Standing<N> {
    /// Writes, for example, `0.71, sd 0.20` of the index, or why there is none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Measured(score) => {
                let index = score.index().estimate();
                write!(f, "{:.2}, sd {:.2}", index.mean(), index.sd())
            }
            Self::NoEvidence => f.write_str("no evidence"),
            Self::Unreadable(reason) => write!(f, "{reason}"),
            Self::NoModel => f.write_str("no model"),
        }
    }
}
