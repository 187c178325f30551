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

mod care;
mod component;
mod delivered;
mod error;
mod exchange;
mod gap;
mod policy;
mod ratio;
mod score;
mod scorer;
mod taxonomy;
mod weights;

pub use care::{CareAttribute, CareEvidence, CareMeasure, CareReading};
pub use component::{Benefit, ByComponent, Component, Sacrifice};
pub use delivered::PerceivedValue;
pub use error::PerceivedError;
pub use exchange::{Quadrant, SocialExchange};
pub use gap::{GapReading, ValueGap};
pub use policy::PerceivedValuePolicy;
pub use ratio::{IntervalRule, MonroeRatio, RatioInterval};
pub use score::{Alternative, ExchangeStanding, PerceivedValueScore, SideEvidence, ValuePart};
pub use scorer::PerceivedValueScorer;
pub use taxonomy::{ItemTable, Taxonomy, ValueFacet, ValueKind};
pub use weights::{ComponentWeights, WeightTable, WeightsOf};
