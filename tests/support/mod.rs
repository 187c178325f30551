//! Strategies and helpers the tests share, one file a module of the crate.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "every test program uses a part of what is here"
)]

pub mod history;
pub mod kinds;
