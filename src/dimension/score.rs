//! What a dimension's scorer answers.

use super::{FrameId, Index};

/// A dimension's value in its own unit, and on the scale of a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct DimensionScore<N> {
    native: N,
    index: Index,
}

impl<N> DimensionScore<N> {
    pub(super) fn new(native: N, index: Index) -> Self {
        Self { native, index }
    }

    /// The value in the dimension's own unit.
    #[must_use]
    pub fn native(&self) -> &N {
        &self.native
    }

    /// The value on a scale from 0 to 1, with its uncertainty.
    #[must_use]
    pub fn index(&self) -> Index {
        self.index
    }

    /// The frame that the scale was made of.
    #[must_use]
    pub fn frame(&self) -> FrameId {
        self.index.frame()
    }
}
