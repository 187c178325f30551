//! What a customer relationship is worth (关系价值).
mod error;
pub mod history;
pub mod metric;
pub mod model;
mod numeric;
pub mod portfolio;
pub mod quantity;
pub mod scorer;
pub mod summary;

pub use error::Error;

pub use chrono;
pub use rust_decimal::{self, Decimal};
