//! The four dimensions (四维度) of what a relationship is worth, each judged on a scale from 0 to 1.
//!
//! A dimension has a value in its own unit (money, trust, feeling, bits) and an [`Index`] in [0, 1]
//! that refers to a frozen population. Indices of different populations are numbers on different
//! scales: they have no order, and comparing them is an error.

mod by_dimension;
mod economic;
mod error;
mod frame;
mod index;
mod kind;
mod population;
mod rules;
mod score;
mod scorers;

pub use by_dimension::ByDimension;
pub use economic::EconomicDimension;
pub use error::FrameError;
pub use frame::ReferenceFrame;
pub use index::{FrameId, Index};
pub use kind::Dimension;
pub use population::IndexPopulation;
pub use rules::DimensionRules;
pub use score::DimensionScore;
pub use scorers::{EmotionalDimension, InformationDimension, TrustDimension};
