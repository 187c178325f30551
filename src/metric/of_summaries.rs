//! A measure of a base of summaries, and of how many of them it could not look at.

/// A measure of customers by their summaries, beside how many it may not look at for lack of
/// consent: they are counted, and are in no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct OfSummaries<T> {
    measure: T,
    withheld: u64,
}

impl<T> OfSummaries<T> {
    pub(super) fn new(measure: T, withheld: u64) -> Self {
        Self { measure, withheld }
    }

    /// The measure of those it may look at.
    #[must_use]
    pub fn measure(&self) -> &T {
        &self.measure
    }

    /// How many customers it may not look at.
    #[must_use]
    pub fn withheld(&self) -> u64 {
        self.withheld
    }
}
