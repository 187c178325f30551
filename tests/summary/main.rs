//! Summaries: published figures, rules, laws for all input, and refusals.

mod laws;
mod published;
mod refusals;
mod rules;
mod support;
