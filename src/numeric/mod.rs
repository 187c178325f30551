//! Private mathematics; it knows no customers.
pub(crate) mod special;
