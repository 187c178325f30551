//! Where a customer stands on the ladder.

use std::fmt;

use chrono::{DateTime, Utc};

#[cfg(feature = "serde")]
use super::TierError;
#[cfg(feature = "serde")]
use super::calendar::month_end;
use super::calendar::{local_date, next_end};
use super::{Ladder, Tier};

/// Why a relationship moved to another rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum MoveCause {
    /// Every gate of the next rung was probable for long enough.
    GatesPassed,
    /// A gate of its rung was improbable for long enough.
    GateLost,
    /// The customer cancelled a contract.
    ContractCancelled,
    /// An equity tie was dissolved.
    TieDissolved,
    /// Trust collapsed.
    TrustBroken,
}

impl MoveCause {
    /// It in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GatesPassed => "every gate of the next rung was passed",
            Self::GateLost => "a gate of the rung was lost",
            Self::ContractCancelled => "a contract was cancelled",
            Self::TieDissolved => "an equity tie was dissolved",
            Self::TrustBroken => "trust collapsed",
        }
    }
}

/// A move from one rung to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct TierMove {
    /// The month end at which it was made.
    pub at: DateTime<Utc>,
    /// From where.
    pub from: Tier,
    /// To where.
    pub to: Tier,
    /// Why.
    pub cause: MoveCause,
}

/// Where a customer stands on the ladder as of a month end (层级状态), which the
/// [tracker](super::TierTracker) found by judging one month end after another.
///
/// It is what a [`TierScorer`](super::TierScorer) cannot see in a summary: the rung depends on the
/// way that led to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Row", into = "Row"))]
pub struct TierStanding {
    pub(super) ladder: Ladder,
    pub(super) since: Option<DateTime<Utc>>,
    /// The last month end that went by.
    pub(super) as_of: Option<DateTime<Utc>>,
    /// The last one at which the customer was judged.
    pub(super) judged: Option<DateTime<Utc>>,
    /// How many there were.
    pub(super) months: u32,
    pub(super) trust_broken: bool,
    /// Where months begin, in seconds east of UTC.
    pub(super) utc_offset_seconds: i32,
}

impl TierStanding {
    /// On a rung that is known from elsewhere, before any month end.
    pub(super) fn starting(tier: Tier, utc_offset_seconds: i32) -> Self {
        Self {
            ladder: Ladder::at(tier),
            utc_offset_seconds,
            ..Self::default()
        }
    }

    /// The rung. On its own it does not tell a customer who was judged to stand there from one who
    /// never was: before the first judgement it is where the tracker began, [`Tier::NoTransaction`]
    /// unless stated, and without consent it stays where it was last judged to be. See
    /// [`judged`](Self::judged).
    #[must_use]
    pub fn tier(&self) -> Tier {
        self.ladder.tier()
    }

    /// The rung, and how long a move has been due.
    #[must_use]
    pub fn ladder(&self) -> Ladder {
        self.ladder
    }

    /// The month end since which the customer stands there; `None` if it never moved.
    #[must_use]
    pub fn since(&self) -> Option<DateTime<Utc>> {
        self.since
    }

    /// The last month end that went by; `None` before the first.
    #[must_use]
    pub fn as_of(&self) -> Option<DateTime<Utc>> {
        self.as_of
    }

    /// The month end until which the standing holds: at that instant it is judged anew; `None` before
    /// the first month end, and outside the calendar.
    #[must_use]
    pub fn until(&self) -> Option<DateTime<Utc>> {
        next_end(self.as_of?, self.utc_offset_seconds).ok()
    }

    /// The last month end at which the customer was judged; `None` before the first. It is earlier than
    /// [`as_of`](Self::as_of) while it does not consent to that, and stands where it stood.
    #[must_use]
    pub fn judged(&self) -> Option<DateTime<Utc>> {
        self.judged
    }

    /// At how many month ends it was judged.
    #[must_use]
    pub fn months(&self) -> u32 {
        self.months
    }

    /// Whether trust was broken when it was judged last.
    #[must_use]
    pub fn trust_broken(&self) -> bool {
        self.trust_broken
    }
}

/// The rung and since when, and whether it was judged at all.
impl fmt::Display for TierStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = |at| local_date(at, self.utc_offset_seconds);
        write!(f, "{}", self.tier())?;
        if let Some(since) = self.since {
            write!(f, " since {}", date(since))?;
        }
        match self.judged {
            None => write!(f, ", not judged yet"),
            Some(judged) if self.judged < self.as_of => {
                write!(f, ", not judged since {}", date(judged))
            }
            Some(_) => Ok(()),
        }
    }
}

/// How a standing is written down.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "TierStanding")]
struct Row {
    tier: Tier,
    up: u32,
    down: u32,
    since: Option<DateTime<Utc>>,
    as_of: Option<DateTime<Utc>>,
    judged: Option<DateTime<Utc>>,
    months: u32,
    trust_broken: bool,
    utc_offset_seconds: i32,
}

#[cfg(feature = "serde")]
impl From<TierStanding> for Row {
    fn from(standing: TierStanding) -> Self {
        Self {
            tier: standing.tier(),
            up: standing.ladder.up(),
            down: standing.ladder.down(),
            since: standing.since,
            as_of: standing.as_of,
            judged: standing.judged,
            months: standing.months,
            trust_broken: standing.trust_broken,
            utc_offset_seconds: standing.utc_offset_seconds,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Row> for TierStanding {
    type Error = TierError;

    fn try_from(row: Row) -> Result<Self, TierError> {
        let refused = |expected, found: &dyn ToString| {
            Err(TierError::Stored {
                expected,
                found: found.to_string(),
            })
        };
        if row.judged.is_some() != (row.months > 0) {
            return refused(
                "an instant of judgement exactly where there was one",
                &row.months,
            );
        }
        if !(-86_399..=86_399).contains(&row.utc_offset_seconds) {
            return refused(
                "months that begin less than a day from UTC",
                &row.utc_offset_seconds,
            );
        }
        if let Some(at) = row.as_of {
            if month_end(at, row.utc_offset_seconds) != Ok(at) {
                return refused("a month end", &at);
            }
        }
        if row.judged > row.as_of || row.since > row.judged {
            return refused("instants in their order", &"others");
        }
        if row.up.max(row.down) > row.months {
            return refused(
                "no more months of waiting than there were",
                &row.up.max(row.down),
            );
        }
        if row.months == 0 && row.trust_broken {
            return refused("a judgement before trust is broken", &row.months);
        }
        Ok(Self {
            ladder: Ladder::waiting(row.tier, row.up, row.down)?,
            since: row.since,
            as_of: row.as_of,
            judged: row.judged,
            months: row.months,
            trust_broken: row.trust_broken,
            utc_offset_seconds: row.utc_offset_seconds,
        })
    }
}
