//! What a customer relationship is worth (关系价值).
pub mod history;
mod numeric;
pub mod quantity;
pub mod summary;
