//! How high people stand in an organisation.

/// How high a contact person stands in an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Rank {
    /// No say.
    None,
    /// Does the daily work.
    Operational,
    /// Prepares or takes the decision (关键人物).
    KeyPerson,
    /// Directs a part of the organisation.
    Director,
    /// Leads the organisation (高层).
    TopExecutive,
}

impl Rank {
    /// Every rank, the lowest first.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::Operational,
        Self::KeyPerson,
        Self::Director,
        Self::TopExecutive,
    ];

    /// The rank as a number in [0, 1]: 0, 0.25, 0.5, 0.75 or 1. A convention of this crate.
    #[must_use]
    pub fn level(self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Operational => 0.25,
            Self::KeyPerson => 0.5,
            Self::Director => 0.75,
            Self::TopExecutive => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_rise_from_none_to_the_top() {
        for (rank, quarters) in Rank::ALL.into_iter().zip(0..) {
            assert!((rank.level() - 0.25 * f64::from(quarters)).abs() < 1e-12);
        }
        assert!(Rank::ALL.is_sorted());
    }
}
