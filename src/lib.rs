//! What a customer relationship is worth (关系价值).
pub mod history;
pub mod model;
mod numeric;
pub mod quantity;
pub mod scorer;
pub mod summary;

pub use chrono;
pub use rust_decimal::{self, Decimal};
