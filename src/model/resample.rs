//! Samples that customers can be drawn from again.

/// A sample from which customers can be drawn with replacement: rows that can be given other
/// weights.
pub trait Resample: Sized + Sync {
    /// The same sample with equal rows merged, in an order that does not depend on the one in which
    /// customers were added.
    #[must_use]
    fn sorted(&self) -> Self;

    /// How many customers each row stands for, those included that the likelihood leaves out.
    fn weights(&self) -> Vec<f64>;

    /// The same rows, each standing for as many customers as given, in the order of
    /// [`weights`](Self::weights); a row that stands for none is left out.
    #[must_use]
    fn reweighted(&self, weights: &[f64]) -> Self;
}
