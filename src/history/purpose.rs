//! What data may be used for.

/// What data may be used for (使用目的).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Purpose {
    /// Contract, payment and complaints.
    Service,
    /// Profile, preferences, feeling, composite measures and segments.
    Analytics,
    /// Offers, allocation and prompts.
    Marketing,
    /// Networks of referral and influence, and partners.
    Sharing,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 4] = [
        Self::Service,
        Self::Analytics,
        Self::Marketing,
        Self::Sharing,
    ];

    /// Its name, as it is written when serialised.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Analytics => "analytics",
            Self::Marketing => "marketing",
            Self::Sharing => "sharing",
        }
    }
}
