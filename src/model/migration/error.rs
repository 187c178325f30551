//! Why numbers are no migration.

use std::borrow::Cow;

use crate::quantity::QuantityError;

/// Why numbers are no migration of customers, or have no value.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MigrationError {
    /// There is no state.
    #[error("a migration needs at least one state, got none")]
    Empty,
    /// Two states have one name.
    #[error("the states of a migration must have different names, got {name:?} twice")]
    Name {
        /// The name.
        name: String,
    },
    /// A name that no state has.
    #[error("there is no state {name:?}")]
    UnknownState {
        /// The name.
        name: String,
    },
    /// A list that does not fit the states.
    #[error("{list} must have one entry a state, {expected}, got {found}")]
    Length {
        /// Which list.
        list: Cow<'static, str>,
        /// Number of states.
        expected: usize,
        /// Entries given.
        found: usize,
    },
    /// A number outside its range.
    #[error("{what} from {from:?} to {to:?} must be {expected}, got {found:?}")]
    Cell {
        /// Which number.
        what: &'static str,
        /// The state that is left.
        from: String,
        /// The state that is reached.
        to: String,
        /// The range.
        expected: &'static str,
        /// What was given.
        found: f64,
    },
    /// Probabilities that leave something open.
    #[error("the probabilities to leave {from:?} must sum to 1, got {found}")]
    Sum {
        /// The state that is left.
        from: String,
        /// Their sum.
        found: f64,
    },
    /// The sum over all time is infinite.
    #[error(
        "without discount the value of {state:?} is infinite: customers stay for ever in states with \
         rewards; give a discount rate or a horizon"
    )]
    Undefined {
        /// The state.
        state: String,
    },
    /// An amount in another currency or beyond what amounts hold.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}
