//! The ladder itself: a state machine that moves one rung at a time, and not at once.

#[cfg(feature = "serde")]
use super::TierError;
use super::{MoveCause, Tier, TierPolicy};
use crate::quantity::Probability;

/// What the ladder is told at a month end.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Climb {
    /// What happened since the last month end that leads down at once.
    pub critical: Option<MoveCause>,
    /// The least probable gate of the next rung; `None` if there is no next rung or one of its gates
    /// is unknown, which bars it.
    pub up: Option<Probability>,
    /// The least probable known gate of this rung, with its threshold less the band; `None` if none
    /// is known, which is no reason to move down.
    pub down: Option<Probability>,
}

/// What the ladder did at a month end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
pub enum LadderStep {
    /// It stayed.
    Stayed,
    /// It moved to another rung.
    Moved {
        /// Where it was.
        from: Tier,
        /// Where it is.
        to: Tier,
        /// Why.
        cause: MoveCause,
    },
}

/// A position on the ladder (关系阶梯), and how long a move has been due.
///
/// ```text
/// critical event:  tier = max(1, tier − 1), up = down = 0
/// otherwise:       up_ok   = tier < 4 and min p(gates of tier + 1) ≥ .80      up   = up_ok ? up + 1 : 0
///                  down_ok = tier > 1 and min p(gates of tier, θ − .10) ≤ .20  down = down_ok ? down + 1 : 0
///                  down ≥ 3: tier − 1;  else up ≥ 2: tier + 1;  any move sets both back to 0
/// ```
///
/// A critical event leaves a relationship without a transaction where it is.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Probability;
/// use guanxi::tier::{Climb, Ladder, Tier, TierPolicy};
///
/// let policy = TierPolicy::default();
/// let mut ladder = Ladder::at(Tier::Preferred);
/// let mut moves = Vec::new();
/// for p in [0.15, 0.25, 0.18, 0.15, 0.10] {
///     let down = Some(Probability::new(p)?);
///     ladder.step(Climb { down, ..Climb::default() }, &policy);
///     moves.push(ladder.tier());
/// }
/// let [two, one] = [Tier::Preferred, Tier::Transaction];
/// assert_eq!(moves, [two, two, two, two, one]); // .25 began the count anew
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Row", into = "Row"))]
pub struct Ladder {
    tier: Tier,
    up: u32,
    down: u32,
}

/// How a position is written down.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "Ladder")]
struct Row {
    tier: Tier,
    up: u32,
    down: u32,
}

#[cfg(feature = "serde")]
impl From<Ladder> for Row {
    fn from(ladder: Ladder) -> Self {
        Self {
            tier: ladder.tier,
            up: ladder.up,
            down: ladder.down,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Row> for Ladder {
    type Error = TierError;

    fn try_from(row: Row) -> Result<Self, TierError> {
        Self::waiting(row.tier, row.up, row.down)
    }
}

impl Default for Ladder {
    /// Before any transaction.
    fn default() -> Self {
        Self::at(Tier::NoTransaction)
    }
}

impl Ladder {
    /// On a rung, with no move due.
    #[must_use]
    pub fn at(tier: Tier) -> Self {
        Self {
            tier,
            up: 0,
            down: 0,
        }
    }

    /// On a rung, with moves due; one can only be due to a rung that there is.
    #[cfg(feature = "serde")]
    pub(super) fn waiting(tier: Tier, up: u32, down: u32) -> Result<Self, TierError> {
        if (up > 0 && tier.above().is_none()) || (down > 0 && tier.below().is_none()) {
            return Err(TierError::Stored {
                expected: "a rung to wait for",
                found: tier.to_string(),
            });
        }
        Ok(Self { tier, up, down })
    }

    /// The rung.
    #[must_use]
    pub fn tier(self) -> Tier {
        self.tier
    }

    /// At how many month ends in a row a move up has been due.
    #[must_use]
    pub fn up(self) -> u32 {
        self.up
    }

    /// At how many month ends in a row a move down has been due.
    #[must_use]
    pub fn down(self) -> u32 {
        self.down
    }

    /// Takes in one month end.
    pub fn step(&mut self, climb: Climb, policy: &TierPolicy) -> LadderStep {
        if let Some(cause) = climb.critical {
            let to = self.tier.below().unwrap_or(self.tier);
            return self.go(to, cause);
        }
        let up_ok = self.tier.above().is_some()
            && climb.up.is_some_and(|p| p.value() >= policy.promote_at());
        let down_ok = self.tier.below().is_some()
            && climb.down.is_some_and(|p| p.value() <= policy.demote_at());
        self.up = if up_ok { self.up.saturating_add(1) } else { 0 };
        self.down = if down_ok {
            self.down.saturating_add(1)
        } else {
            0
        };
        match (self.tier.below(), self.tier.above()) {
            (Some(below), _) if self.down >= policy.demote_after() => {
                self.go(below, MoveCause::GateLost)
            }
            (_, Some(above)) if self.up >= policy.promote_after() => {
                self.go(above, MoveCause::GatesPassed)
            }
            _ => LadderStep::Stayed,
        }
    }

    fn go(&mut self, to: Tier, cause: MoveCause) -> LadderStep {
        let from = self.tier;
        *self = Self::at(to);
        if from == to {
            LadderStep::Stayed
        } else {
            LadderStep::Moved { from, to, cause }
        }
    }
}
