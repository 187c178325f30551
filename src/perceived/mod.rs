//! What the customer gets: perceived value and the exchange it is part of.
//!
//! A relationship has two sides. The [dimensions](crate::dimension) tell what it is worth to the
//! firm; here is what it is worth to the customer, by the customer's own word: benefits over
//! sacrifices ([`MonroeRatio`]), benefits less sacrifices ([`PerceivedValue::net`]), the share of
//! both that is benefit ([`PerceivedValue::share`], the index), each with its uncertainty; and where
//! that leaves the customer, against what was usual and against what rivals offer
//! ([`SocialExchange`]).
//!
//! ```text
//! survey items ─► ExchangeEvidence ─► PerceivedValueScorer ─► PerceivedValueScore
//!                 (summary)           PerceivedValuePolicy    components, net, ratio, share,
//!                                                             taxonomies, exchange
//! ```
//!
//! What was never asked is no evidence, and is not 0.
//!
//! # Drivers
//!
//! [`SurveyAnswers`] of respondents, from rows or from interactions, lead to [`DriverImportance`]: how much
//! of the variance of an outcome (overall value, satisfaction, loyalty) goes with each component,
//! with intervals by [`DriverBootstrap`]. [`ImportancePerformance`] sets it against how well each
//! component is done. [`PathDiagram`] is for outcomes that follow each other: value → satisfaction →
//! loyalty → profit. All of it is association among respondents, not cause.

mod answer_source;
mod answers;
mod care;
mod component;
mod correlation_matrix;
mod delivered;
#[cfg(feature = "simulate")]
mod driver_bootstrap;
mod driver_error;
mod driver_importance;
mod driver_sample;
mod error;
mod exchange;
mod gap;
mod importance_performance;
mod lmg;
mod moments;
mod path_associations;
mod path_diagram;
mod policy;
mod ratio;
mod score;
mod scorer;
mod taxonomy;
mod weights;

pub use answer_source::AnswerSource;
pub use answers::SurveyAnswers;
pub use care::{CareAttribute, CareEvidence, CareMeasure, CareReading};
pub use component::{Benefit, ByComponent, Component, Sacrifice};
pub use correlation_matrix::CorrelationMatrix;
pub use delivered::PerceivedValue;
#[cfg(feature = "simulate")]
pub use driver_bootstrap::{DriverBootstrap, DriverIntervals, DriverSpread};
pub use driver_error::DriverError;
pub use driver_importance::{Driver, DriverImportance};
pub use driver_sample::DriverSample;
pub use error::PerceivedError;
pub use exchange::{ExchangeQuadrant, SocialExchange};
pub use gap::{GapReading, ValueGap};
pub use importance_performance::{Cut, ImportancePerformance, MapPoint, MapQuadrant, QuadrantCuts};
pub use path_associations::{PathAssociation, PathAssociations, PathEquation};
pub use path_diagram::PathDiagram;
pub use policy::PerceivedValuePolicy;
pub use ratio::{IntervalRule, MonroeRatio, RatioInterval};
pub use score::{Alternative, ExchangeStanding, PerceivedValueScore, SideEvidence, ValuePart};
pub use scorer::PerceivedValueScorer;
pub use taxonomy::{ItemTable, Taxonomy, ValueFacet, ValueKind};
pub use weights::{ComponentWeights, WeightTable, WeightsOf};
