//! Names that a set of rules has by its content.

use std::fmt;

use super::{HalfLife, TimeUnit};

/// Names a policy by what it says: equal rules have equal ids, and no rule can be changed under an
/// old name.
///
/// A report that carries it tells by which rules its numbers were made. It is a 64-bit fingerprint
/// (FNV-1a), written as 16 hexadecimal digits; it is the same on every platform, and no protection
/// against someone who looks for a second policy of the same id.
///
/// # Examples
///
/// ```
/// use guanxi::summary::EvidencePolicy;
///
/// let rules = EvidencePolicy::default();
/// assert_eq!(rules.id(), EvidencePolicy::default().id());
/// assert_ne!(rules.id(), rules.clone().with_purchase_feeling(true).id());
/// assert_eq!(rules.id().to_string().len(), 16);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct PolicyId(u64);

impl fmt::Display for PolicyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl From<PolicyId> for String {
    fn from(id: PolicyId) -> Self {
        id.to_string()
    }
}

/// Why a text is no id.
#[cfg(feature = "serde")]
#[derive(Debug, thiserror::Error)]
#[error("the id of a policy must be 16 lower-case hexadecimal digits, got {0:?}")]
pub struct NoPolicyId(String);

#[cfg(feature = "serde")]
impl TryFrom<String> for PolicyId {
    type Error = NoPolicyId;

    fn try_from(text: String) -> Result<Self, NoPolicyId> {
        match u64::from_str_radix(&text, 16) {
            Ok(id) if Self(id).to_string() == text => Ok(Self(id)),
            _ => Err(NoPolicyId(text)),
        }
    }
}

/// Takes a fingerprint of one thing after another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    /// Begins with the kind of policy, so that policies of two kinds never share an id.
    pub(crate) fn of(kind: &str) -> Self {
        Self(0xcbf2_9ce4_8422_2325).text(kind)
    }

    fn byte(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    /// A text, with its length so that two texts cannot run into each other.
    pub(crate) fn text(self, text: &str) -> Self {
        text.bytes().fold(self.whole(text.len() as u64), Self::byte)
    }

    pub(crate) fn whole(self, number: u64) -> Self {
        number.to_le_bytes().into_iter().fold(self, Self::byte)
    }

    /// A finite number, bit by bit; both zeros are one.
    pub(crate) fn number(self, number: f64) -> Self {
        self.whole((number + 0.0).to_bits())
    }

    pub(crate) fn half_life(self, half_life: HalfLife) -> Self {
        match half_life.span() {
            Some(span) => self.number(span.in_unit(TimeUnit::Second)),
            None => self.text("never"),
        }
    }

    pub(crate) fn bits(self) -> u64 {
        self.0
    }

    pub(crate) fn id(self) -> PolicyId {
        PolicyId(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_is_fnv_1a() {
        // Of the bytes "foobar", from the published test vectors.
        let foobar = "foobar"
            .bytes()
            .fold(Fingerprint(0xcbf2_9ce4_8422_2325), Fingerprint::byte);
        assert_eq!(foobar.id().to_string(), "85944171f73967e8");
    }

    #[test]
    fn texts_do_not_run_into_each_other() {
        let one = Fingerprint::of("p").text("ab").text("c");
        let other = Fingerprint::of("p").text("a").text("bc");
        assert_ne!(one.id(), other.id());
        assert_eq!(
            Fingerprint::of("p").number(0.0).id(),
            Fingerprint::of("p").number(-0.0).id()
        );
    }
}
