//! What the customer gets (感知价值), and what goes with it.
//!
//! # Drivers
//!
//! [`Answers`] of respondents, from rows or from interactions, lead to [`DriverImportance`]: how much
//! of the variance of an outcome (overall value, satisfaction, loyalty) goes with each component,
//! with intervals by [`DriverBootstrap`]. [`ImportancePerformance`] sets it against how well each
//! component is done. [`PathDiagram`] is for outcomes that follow each other: value → satisfaction →
//! loyalty → profit. All of it is association among respondents, not cause.

mod answer_source;
mod answers;
mod correlation_matrix;
#[cfg(feature = "simulate")]
mod driver_bootstrap;
mod driver_error;
mod driver_importance;
mod driver_sample;
mod importance_performance;
mod lmg;
mod moments;
mod path_associations;
mod path_diagram;

pub use answer_source::AnswerSource;
pub use answers::Answers;
pub use correlation_matrix::CorrelationMatrix;
#[cfg(feature = "simulate")]
pub use driver_bootstrap::{DriverBootstrap, DriverIntervals, DriverSpread};
pub use driver_error::DriverError;
pub use driver_importance::{Driver, DriverImportance};
pub use driver_sample::DriverSample;
pub use importance_performance::{Cut, ImportancePerformance, MapPoint, Quadrant, QuadrantCuts};
pub use path_associations::{PathAssociation, PathAssociations, PathEquation};
pub use path_diagram::PathDiagram;
