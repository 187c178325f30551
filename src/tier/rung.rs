//! The rungs of the ladder of relationships (关系层级).

use std::fmt;

/// How close a relationship is: a rung of the ladder (关系层级).
///
/// The rungs are not ranked from bad to good: each asks for its own effort, and the fitting one is that
/// at which the effort pays. The ladder is after Dwyer, Schurr & Oh (1987), *Journal of Marketing*
/// 51(2), 11–27, <https://doi.org/10.1177/002224298705100202>, and Webster (1992), *Journal of
/// Marketing* 56(4), 1–17, <https://doi.org/10.1177/002224299205600402>. The list is closed.
///
/// # Examples
///
/// ```
/// use guanxi::tier::Tier;
///
/// assert_eq!(Tier::RUNGS.map(Tier::term), ["买卖中介", "优先选择", "合作伙伴", "战略联盟"]);
/// assert_eq!(Tier::Preferred.above(), Some(Tier::Partnership));
/// assert_eq!(Tier::Transaction.below(), None); // whoever has bought is never a stranger again
/// assert!(Tier::Partnership < Tier::Alliance);
/// assert_eq!(Tier::Alliance.number(), 4);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Tier {
    /// No transaction yet (尚无交易): below the first rung.
    None = 0,
    /// Single deals at the going terms (买卖中介).
    Transaction = 1,
    /// The first choice, even where a rival is slightly better (优先选择).
    Preferred = 2,
    /// Value is made together, and both sides depend on it (合作伙伴).
    Partnership = 3,
    /// Goals are one in the long term, often tied by equity or by an agreement (战略联盟).
    Alliance = 4,
}

impl Tier {
    /// All rungs from the lowest to the highest, without [`None`](Self::None), which is no rung.
    pub const RUNGS: [Self; 4] = [
        Self::Transaction,
        Self::Preferred,
        Self::Partnership,
        Self::Alliance,
    ];

    /// The name, such as `"partnership"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Transaction => "transaction",
            Self::Preferred => "preferred",
            Self::Partnership => "partnership",
            Self::Alliance => "alliance",
        }
    }

    /// The Chinese term, such as `"合作伙伴"`.
    #[must_use]
    pub const fn term(self) -> &'static str {
        match self {
            Self::None => "尚无交易",
            Self::Transaction => "买卖中介",
            Self::Preferred => "优先选择",
            Self::Partnership => "合作伙伴",
            Self::Alliance => "战略联盟",
        }
    }

    /// The number of the rung, from 1 to 4; 0 without a transaction.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The next rung up; none above the highest.
    #[must_use]
    pub const fn above(self) -> Option<Self> {
        match self {
            Self::None => Some(Self::Transaction),
            Self::Transaction => Some(Self::Preferred),
            Self::Preferred => Some(Self::Partnership),
            Self::Partnership => Some(Self::Alliance),
            Self::Alliance => None,
        }
    }

    /// The next rung down; none below the lowest, as a transaction is never undone.
    #[must_use]
    pub const fn below(self) -> Option<Self> {
        match self {
            Self::None | Self::Transaction => None,
            Self::Preferred => Some(Self::Transaction),
            Self::Partnership => Some(Self::Preferred),
            Self::Alliance => Some(Self::Partnership),
        }
    }

    /// Its place in [`RUNGS`](Self::RUNGS); none for what is no rung.
    #[must_use]
    pub const fn place(self) -> Option<usize> {
        match self {
            Self::None => None,
            Self::Transaction => Some(0),
            Self::Preferred => Some(1),
            Self::Partnership => Some(2),
            Self::Alliance => Some(3),
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
