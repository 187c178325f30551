//! The rules by which customers are scored by recency, frequency and money.

use super::SegmentError;
use super::error::checked;
use crate::quantity::{Fingerprint, PolicyId};

/// Whom a customer's frequency and money are ranked against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum RfmNesting {
    /// Each of the three against the whole population: the three scores can be read one by one.
    #[default]
    Independent,
    /// Frequency against those of the same recency score, money against those who share both
    /// (嵌套): the cells are of about equal size.
    Nested,
}

/// What the money score ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum MonetaryMeasure {
    /// Purchases less returns up to now.
    #[default]
    NetRevenue,
    /// The mean spend of the RFM summary, of which a customer who bought once has none under the
    /// default [basis](crate::summary::SpendBasis).
    MeanSpend,
}

/// How customers are scored by recency, frequency and money (RFM评分规则).
///
/// | rule | default | why |
/// |---|---|---|
/// | scores | 1 to 5 | established (Hughes 1994) |
/// | nesting | independent | our choice; Hughes' cells are nested |
/// | money | net revenue | established: the money of RFM is what was spent in all |
///
/// What the scores are worth was validated here against nothing. They are for campaigns: of two
/// customers of one age, the more frequent and equally recent one scores higher, though a longer
/// silence than usual says that they left. For worth use a lifetime value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "PolicyRow", into = "PolicyRow"))]
pub struct RfmPolicy {
    nesting: RfmNesting,
    money: MonetaryMeasure,
    scores: u8,
}

impl Default for RfmPolicy {
    fn default() -> Self {
        Self {
            nesting: RfmNesting::default(),
            money: MonetaryMeasure::default(),
            scores: 5,
        }
    }
}

impl RfmPolicy {
    /// The same rules with another nesting.
    #[must_use]
    pub fn with_nesting(self, nesting: RfmNesting) -> Self {
        Self { nesting, ..self }
    }

    /// The same rules with another measure of money.
    #[must_use]
    pub fn with_money(self, money: MonetaryMeasure) -> Self {
        Self { money, ..self }
    }

    /// The same rules with another number of scores.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless there are 2 to 10.
    pub fn with_scores(self, scores: u8) -> Result<Self, SegmentError> {
        let range = "between 2 and 10";
        checked("number of scores", range, 2.0..=10.0, f64::from(scores))?;
        Ok(Self { scores, ..self })
    }

    /// Whom frequency and money are ranked against.
    #[must_use]
    pub fn nesting(&self) -> RfmNesting {
        self.nesting
    }

    /// What the money score ranks.
    #[must_use]
    pub fn money(&self) -> MonetaryMeasure {
        self.money
    }

    /// How many scores there are.
    #[must_use]
    pub fn scores(&self) -> u8 {
        self.scores
    }

    /// The name these rules have by their content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        let nested = u64::from(self.nesting == RfmNesting::Nested);
        let mean = u64::from(self.money == MonetaryMeasure::MeanSpend);
        let print = Fingerprint::of("rfm").whole(nested).whole(mean);
        print.whole(u64::from(self.scores)).id()
    }
}

/// What is not stated is as in the default policy.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename = "RfmPolicy")]
struct PolicyRow {
    nesting: RfmNesting,
    money: MonetaryMeasure,
    scores: u8,
}

#[cfg(feature = "serde")]
impl Default for PolicyRow {
    fn default() -> Self {
        RfmPolicy::default().into()
    }
}

#[cfg(feature = "serde")]
impl From<RfmPolicy> for PolicyRow {
    fn from(policy: RfmPolicy) -> Self {
        let RfmPolicy {
            nesting,
            money,
            scores,
        } = policy;
        Self {
            nesting,
            money,
            scores,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<PolicyRow> for RfmPolicy {
    type Error = SegmentError;

    fn try_from(row: PolicyRow) -> Result<Self, SegmentError> {
        let policy = Self::default()
            .with_nesting(row.nesting)
            .with_money(row.money);
        policy.with_scores(row.scores)
    }
}
