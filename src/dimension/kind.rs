//! The names of the four dimensions.

use std::fmt;

/// A dimension of relationship value (关系价值维度).
///
/// There are four, by the definition of relationship value as the sum of what is economic and what
/// is not. A fifth would change the weight of every other one, so this list is closed: a `match` on
/// it needs no last arm.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::Dimension;
///
/// assert_eq!(Dimension::ALL.map(Dimension::term), ["经济", "信任", "情感", "信息"]);
/// assert_eq!(Dimension::Emotional.to_string(), "emotional");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Dimension {
    /// What the customer is worth in money (经济).
    Economic,
    /// How far each side may rely on the other (信任).
    Trust,
    /// How the customer feels about the firm (情感).
    Emotional,
    /// What is known of the customer and learned from them (信息).
    Information,
}

impl Dimension {
    /// All four, in the order in which they are shown and stored.
    pub const ALL: [Self; 4] = [
        Self::Economic,
        Self::Trust,
        Self::Emotional,
        Self::Information,
    ];

    /// The dimension's name, such as `"economic"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Economic => "economic",
            Self::Trust => "trust",
            Self::Emotional => "emotional",
            Self::Information => "information",
        }
    }

    /// The Chinese term, such as `"经济"`.
    #[must_use]
    pub const fn term(self) -> &'static str {
        match self {
            Self::Economic => "经济",
            Self::Trust => "信任",
            Self::Emotional => "情感",
            Self::Information => "信息",
        }
    }

    /// Its place in [`ALL`](Self::ALL), from 0 to 3.
    #[must_use]
    pub const fn place(self) -> usize {
        match self {
            Self::Economic => 0,
            Self::Trust => 1,
            Self::Emotional => 2,
            Self::Information => 3,
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
