//! The rungs of the ladder.

use std::fmt;

/// A rung of the ladder of relationships (关系层级).
///
/// The rungs are not ranked from bad to good: a closer relationship costs more, and whether it is
/// worth that is a question of its own. The ladder is in the tradition of Dwyer, Schurr & Oh (1987),
/// "Developing Buyer–Seller Relationships", *Journal of Marketing* 51(2), 11–27,
/// <https://doi.org/10.1177/002224298705100202>, and Webster (1992), "The Changing Role of
/// Marketing in the Corporation", *Journal of Marketing* 56(4), 1–17,
/// <https://doi.org/10.1177/002224299205600402>; that there are four rungs is our choice.
///
/// # Examples
///
/// ```
/// use guanxi::tier::Tier;
///
/// assert_eq!(Tier::Preferred.rung(), 2);
/// assert_eq!(Tier::Preferred.above(), Some(Tier::Partnership));
/// assert!(Tier::Alliance.above().is_none() && Tier::Alliance > Tier::Preferred);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Tier {
    /// No transaction yet.
    #[default]
    NoTransaction,
    /// They buy and sell, and that is all (买卖中介).
    Transaction,
    /// The customer prefers the firm where a rival is as good, or slightly better (优先选择).
    Preferred,
    /// Both sides plan and create value together (合作伙伴).
    Partnership,
    /// Both sides are tied by equity or agreement, near- and long-term (战略联盟).
    Alliance,
}

impl Tier {
    /// Every rung, the lowest first.
    pub const ALL: [Self; 5] = [
        Self::NoTransaction,
        Self::Transaction,
        Self::Preferred,
        Self::Partnership,
        Self::Alliance,
    ];

    /// Its number, from 0 without a transaction to 4 for an alliance.
    #[must_use]
    pub fn rung(self) -> u8 {
        match self {
            Self::NoTransaction => 0,
            Self::Transaction => 1,
            Self::Preferred => 2,
            Self::Partnership => 3,
            Self::Alliance => 4,
        }
    }

    /// The next rung up; none above an alliance.
    #[must_use]
    pub fn above(self) -> Option<Self> {
        match self {
            Self::NoTransaction => Some(Self::Transaction),
            Self::Transaction => Some(Self::Preferred),
            Self::Preferred => Some(Self::Partnership),
            Self::Partnership => Some(Self::Alliance),
            Self::Alliance => None,
        }
    }

    /// The next rung down; none below the transaction, for what was bought stays bought.
    #[must_use]
    pub fn below(self) -> Option<Self> {
        match self {
            Self::NoTransaction | Self::Transaction => None,
            Self::Preferred => Some(Self::Transaction),
            Self::Partnership => Some(Self::Preferred),
            Self::Alliance => Some(Self::Partnership),
        }
    }

    /// It in a word or two.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NoTransaction => "no transaction",
            Self::Transaction => "transaction",
            Self::Preferred => "preferred",
            Self::Partnership => "partnership",
            Self::Alliance => "alliance",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
